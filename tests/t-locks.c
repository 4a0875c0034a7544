/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lock services: every design through the same battery; Redlock with all sets of grants and all sets of servers that
 * forget; and the case against closed forms: lapses, clocks, crashes, fencing.
 */
#include "flow.h"
#include "model/lockservice.h"
#include "run/replay.h"
#include "stats/interval.h"
#include "passing.h"
#include "tap.h"

static struct arena arena;
static struct err err;

/* ---- the service ---- */

enum { CLIENTS = 3, ASKING = 0, ANSWERING, CONFIRMING };

struct world {
	struct sim *sim;
	struct dist one_way;
	struct network_kind kind[4];
	struct network network;
	struct lockservice_config config;
	struct lockservice service;
	struct machine client[CLIENTS];
	struct lockservice_ask ask[CLIENTS];
	int answers, granted;
};

static const struct lockservice_kind *const kinds[] = {&lockservice_single, &lockservice_replica, &lockservice_redlock,
						       &lockservice_consensus};
static const int64_t second = 1000000000, ms = 1000000;

static void answered(void *owner, struct lockservice_ask *ask, bool granted)
{
	struct world *world = owner;
	(void)ask;
	world->answers++;
	world->granted += granted;
}

static void begin(struct world *world, const struct lockservice_kind *kind, int servers, bool durable)
{
	*world = (struct world){.sim = sim_new(1, 0), .one_way = dist_const(1e6)};
	static const char *const names[] = {"ask", "answer", "confirm"};
	for (int i = 0; i < 3; i++)
		world->kind[i] = (struct network_kind){names[i], &world->one_way, 0, 0};
	network_init(&world->network, world->sim, servers + CLIENTS, world->kind);
	world->config = (struct lockservice_config){
		.kind = kind, .servers = servers, .locks = 2, .durable = durable, .timeout = 50 * ms,
		.detect = 100 * ms, .lag = 20 * ms, .ask = ASKING, .answer = ANSWERING, .confirm = CONFIRMING};
	lockservice_init(&world->service, world->sim, &world->config, &world->network, NULL);
	for (int i = 0; i < CLIENTS; i++) {
		machine_init(&world->client[i], world->sim, i, 0, 0);
		world->ask[i] = (struct lockservice_ask){.service = &world->service, .client = &world->client[i],
							 .site = servers + i, .lock = 1, .id = (uint64_t)i,
							 .answered = answered, .owner = world};
	}
}

static void run(struct world *world, int64_t length)
{
	pass_until(world->sim, world->sim->now + length);
}

/* Asks for ten seconds; whether it was granted. */
static bool gets(struct world *world, int client)
{
	int before = world->answers, granted = world->granted;
	lockservice_acquire(&world->ask[client], 10 * second);
	run(world, 60 * ms);
	CHECK(world->answers == before + 1);
	return world->granted > granted;
}

static bool holds(const struct world *world, int client)
{
	return lockservice_holds(&world->service, 1, world->ask[client].holder);
}

static void test_battery(const struct lockservice_kind *kind)
{
	struct world world;
	int servers = kind->least;
	begin(&world, kind, servers, true);
	ok(gets(&world, 0) && holds(&world, 0), "%s: the first gets the lock", kind->name);
	ok(!gets(&world, 1) && holds(&world, 0), "%s: the second does not", kind->name);
	uint64_t token = world.ask[0].token;
	lockservice_release(&world.ask[0]);
	run(&world, 10 * ms);
	ok(!holds(&world, 0) && gets(&world, 1), "%s: given back, it can be had", kind->name);
	ok(!kind->orders || world.ask[1].token > token, "%s: with a greater token", kind->name);
	run(&world, 9 * second);
	lockservice_renew(&world.ask[1], 10 * second);
	run(&world, 8 * second);
	ok(holds(&world, 1) && !gets(&world, 2), "%s: renewed, it lasts", kind->name);
	run(&world, 2 * second);
	ok(!holds(&world, 1) && gets(&world, 2), "%s: and ends", kind->name);
	lockservice_renew(&world.ask[1], 10 * second);
	int granted = world.granted;
	run(&world, 60 * ms);
	ok(world.granted == granted && holds(&world, 2), "%s: what is over cannot be renewed", kind->name);

	/* Nobody hears the client's answer: it gives back what it may have got. */
	lockservice_release(&world.ask[2]);
	run(&world, 10 * ms);
	for (int i = 0; i < servers; i++)
		network_cut(&world.network, i, servers);
	ok(!gets(&world, 0), "%s: who hears nothing has nothing", kind->name);
	run(&world, 10 * ms);
	ok(gets(&world, 1), "%s: and blocks nobody", kind->name);

	/* Failures: once what has been granted is everywhere. */
	run(&world, 100 * ms);
	machine_crash(&world.service.server[0].machine);
	run(&world, second);
	bool stands = kind != &lockservice_single;
	granted = world.granted;
	lockservice_renew(&world.ask[1], 10 * second);
	run(&world, 60 * ms);
	ok((world.granted > granted) == stands, "%s: one server dies, and the service %s", kind->name,
	   stands ? "goes on" : "is gone");
	machine_restart(&world.service.server[0].machine);
	run(&world, second);
	ok(!gets(&world, 2) && holds(&world, 1), "%s: nothing was forgotten", kind->name);
	sim_free(world.sim);
}

static void test_failover(void)
{
	struct world world;
	begin(&world, &lockservice_replica, 2, true);
	ok(gets(&world, 0), "a replica that is behind:");
	run(&world, 100 * ms);
	machine_crash(&world.service.server[0].machine);
	run(&world, 200 * ms);
	ok(world.service.leader == 1 && holds(&world, 0), "what it was told of, it knows");
	machine_restart(&world.service.server[0].machine);
	lockservice_release(&world.ask[0]);
	run(&world, 100 * ms);
	lockservice_acquire(&world.ask[1], 10 * second);
	run(&world, 3 * ms);
	ok(holds(&world, 1), "the next grant is told to the client");
	uint64_t token = world.ask[1].token;
	machine_crash(&world.service.server[1].machine);
	run(&world, 200 * ms);
	ok(!holds(&world, 1) && gets(&world, 2), "canary: and forgotten when the leader dies within the lag");
	ok(world.ask[2].token == token, "the next holder has the very token of the one that was forgotten");
	sim_free(world.sim);

	begin(&world, &lockservice_single, 1, false);
	gets(&world, 0);
	machine_crash(&world.service.server[0].machine);
	machine_restart(&world.service.server[0].machine);
	ok(gets(&world, 1), "canary: one server without a disk forgets all");
	sim_free(world.sim);
}

static int bits(unsigned set)
{
	int count = 0;
	for (; set; set &= set - 1)
		count++;
	return count;
}

/* Client 0 is granted the lock by the set `grants`, the set `forget` restarts; does client 1 get it? */
static bool second_gets(int servers, unsigned grants, unsigned forget, bool durable)
{
	struct world world;
	begin(&world, &lockservice_redlock, servers, durable);
	for (int i = 0; i < servers; i++)
		if (!(grants & 1u << i))
			network_cut(&world.network, servers, i);
	CHECK(gets(&world, 0) == (bits(grants) > servers / 2));
	for (int i = 0; i < servers; i++)
		if (forget & 1u << i) {
			machine_crash(&world.service.server[i].machine);
			machine_restart(&world.service.server[i].machine);
		}
	bool got = gets(&world, 1);
	sim_free(world.sim);
	return got;
}

static void test_redlock(void)
{
	for (int servers = 3; servers <= 5; servers += 2) {
		int wrong = 0, broken = 0, durable = 0, tried = 0;
		for (unsigned grants = 0; grants < 1u << servers; grants++) {
			if (bits(grants) <= servers / 2)
				continue;
			for (unsigned forget = 0; forget < 1u << servers; forget++, tried++) {
				unsigned free = ~grants & ((1u << servers) - 1);
				bool want = bits(free | forget) > servers / 2;
				wrong += second_gets(servers, grants, forget, false) != want;
				broken += want;
				durable += second_gets(servers, grants, forget, true);
			}
		}
		is_int(wrong, 0, "%d servers: who else gets the lock, in all %d cases of grants and forgetting",
		       servers, tried);
		ok(broken > 0, "canary: two holders in %d of them", broken);
		is_int(durable, 0, "in none when servers find their locks on disk");
	}
	ok(second_gets(5, 7, 1, false), "three of five: one server that forgets is enough");
	ok(!second_gets(5, 31, 3, false) && second_gets(5, 31, 7, false), "all five: it takes three");
}

/* ---- the case ---- */

enum { REPS = 8 };

static struct setup *setup_of(const char *windows, const char *model)
{
	static const struct study_files files = {NULL, NULL, NULL, NULL};
	char text[2048];
	snprintf(text, sizeof text,
		 "{case: locks, trace: {windows: %s, columns: {lock: {zipf: {keys: 100, exponent: 0}}}}, "
		 "model: {locks: 100, clients: 200, waiters: 2, %s}, run: {warmup: 20 s, series: 1 h, drain: 1 d}}",
		 windows, model);
	err_init(&err);
	struct study *study = study_load(&arena, "test", flow(&arena, text), NULL, &files, &err);
	return study && !err_any(&err) ? setup_resolve(study, "locks", NULL, &err) : NULL;
}

static double count_of(const struct replay *replay, const char *name)
{
	return (double)replay->meters.meter[metric_find(replay->meters.metric, name)].all.total;
}

static double mean_of(const struct replay *replay, const char *name)
{
	return hist_mean(&replay->meters.meter[metric_find(replay->meters.metric, name)].whole);
}

/* One metric over another in each replication; its 99.9 % interval. */
static struct interval share(const char *model, const char *metric, const char *of)
{
	double value[REPS];
	struct setup *setup = setup_of("{rate: 40 /s, for: 1520 s}", model);
	if (!setup)
		bail("%s: %s", model, err.message[0].text);
	for (int rep = 0; rep < REPS; rep++) {
		struct replay *replay = replay_run(setup, NULL, rep, 0, NULL);
		value[rep] = of ? count_of(replay, metric) / count_of(replay, of) : mean_of(replay, metric) * 1e-9;
		replay_free(replay);
	}
	return interval_of(value, REPS, 0.999);
}

/* P(a Poisson(rate) number of exponentials with mean 1 adds up to more than x). */
static double compound_tail(double rate, double x)
{
	double tail = 0, poisson = exp(-rate), less = 0, term = exp(-x);
	for (int n = 1; n < 60; n++) {
		poisson *= rate / n;
		less += term; /* P(Gamma(n) > x) = sum of the first n terms of a Poisson(x) */
		term *= x / n;
		tail += poisson * less;
	}
	return tail;
}

static bool covers(struct interval interval, double value)
{
	return interval.low <= value && value <= interval.high;
}

static void test_lapses(void)
{
	near_to(compound_tail(5. / 60, 2.5), .0073, .00005, "the closed form gives .73 %% for 10 s and 5 s");
	const struct {
		const char *model;
		double rate, x;
	} tries[] = {{"lease: 10 s, hold: 5 s", 5. / 60, 2.5},
		     {"lease: 8 s, hold: 4 s, pause_every: exp(30 s), pause: exp(1 s)", 4. / 30, 4},
		     {"lease: 6 s, hold: 3 s, pause_every: exp(20 s), pause: exp(1 s)", 3. / 20, 3}};
	for (int i = 0; i < 3; i++) {
		struct interval seen = share(tries[i].model, "lapsed", "holds");
		double want = compound_tail(tries[i].rate, tries[i].x);
		ok(covers(seen, want), "%s: %.3f %% lapse, %.3f..%.3f %% are seen", tries[i].model, 100 * want,
		   100 * seen.low, 100 * seen.high);
		ok(!covers(seen, 1.3 * want), "canary: and not %.3f %%", 130 * want);
	}
}

static void test_oracle(void)
{
	struct interval none = share("pauses: off", "violations", "holds");
	ok(none.low == 0 && none.high == 0, "without pauses nobody meets another holder");
	struct interval planted = share("pauses: off, lease: 4 s", "violations", "holds");
	ok(planted.low > .9, "canary: with leases shorter than the work all but a few do");
	struct interval gap = share("pauses: off, crashes: on, lease: 9 s, renew: 4 s, hold: exp(10 min), "
				    "guard: clock, waiters: 3", "gap", NULL);
	ok(covers(gap, 7) && !covers(gap, 9), "the lock of the dead is free after lease - renew / 2: %.3f..%.3f s",
	   gap.low, gap.high);
	struct interval fence = share("fencing: on, announce: on", "unsafe", "holds");
	struct interval refused = share("fencing: on, announce: on", "spurned", "holds");
	ok(fence.high < 2e-4 && refused.high == 0, "a fence that is told in time obeys the rightful, and nobody else");
	struct interval redlock =
		share("design: redlock, servers: 3, pauses: off, retry: exp(2 s)", "violations", "holds");
	ok(redlock.high == 0, "nor do holders meet with Redlock while nothing breaks");
}

static void test_memory(void)
{
	size_t bytes[2];
	for (int i = 0; i < 2; i++) {
		struct setup *setup = setup_of(i ? "{rate: 40 /s, for: 5000 s}" : "{rate: 40 /s, for: 500 s}",
					       "crashes: on, fencing: on");
		struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
		bytes[i] = replay->sim->arena.bytes;
		replay_free(replay);
	}
	ok((double)bytes[1] < 1.25 * (double)bytes[0], "ten times the jobs take %.2f times the memory",
	   (double)bytes[1] / (double)bytes[0]);
}

static void refuses(const char *model, const char *why)
{
	bool refused = !setup_of("{rate: 1 /s, for: 10 s}", model) && err_any(&err);
	ok(refused && strstr(err.message[0].text, why), "%s: %s", model, refused ? err.message[0].text : "is taken");
}

int main(void)
{
	arena_init(&arena);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		test_battery(kinds[i]);
	test_failover();
	test_redlock();
	test_lapses();
	test_oracle();
	test_memory();
	refuses("design: redlock", "needs 3 to 9 servers, not 1");
	refuses("design: replica, servers: 3", "needs 2 servers, not 3");
	refuses("lease: 5 s, renew: 5 s", "shorter than the time to its renewal");
	refuses("design: redlock, servers: 5, fencing: on", "no tokens that grow");
	refuses("announce: on", "does not look at tokens");
	arena_free(&arena);
	return done_testing();
}
