/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Machines and the network between them. Clocks: what "the first instant" says, tried on both sides of it. Pauses: all
 * schedules of two pauses and a piece of work, beside a machine that is stepped ns by ns. Laws: their closed forms.
 */
#include "model/machine.h"
#include "model/network.h"
#include "passing.h"
#include "tap.h"

enum { LOG_MAX = 64 };
static struct {
	int count;
	int64_t at[LOG_MAX];
	uint64_t what[LOG_MAX];
} seen;

static void see(struct sim *sim, void *subject, uint64_t detail)
{
	(void)subject;
	CHECK(seen.count < LOG_MAX);
	seen.at[seen.count] = sim->now;
	seen.what[seen.count++] = detail;
}

static void ignore(struct sim *sim, void *subject, uint64_t detail)
{
	(void)sim;
	(void)subject;
	(void)detail;
}

static void test_clock(void)
{
	struct sim *sim = sim_new(1, 0);
	struct rng rng = rng_start(sim_stream(sim, "clocks"));
	int wrong = 0, early = 0;
	for (int i = 0; i < 20000; i++) {
		struct machine machine;
		sim->now = (int64_t)rng_below(&rng, 1000000000000);
		int64_t drift = (int64_t)rng_below(&rng, 2 * MACHINE_DRIFT_MAX + 1) - MACHINE_DRIFT_MAX;
		if (i % 2)
			drift /= 100000;
		machine_init(&machine, sim, 0, (int64_t)rng_below(&rng, 2000000) - 1000000, drift);
		int64_t local = machine.set_to + 1 + (int64_t)rng_below(&rng, i % 3 ? 100 : 10000000000);
		sim->now = machine_true(&machine, local);
		wrong += machine_local(&machine) < local;
		sim->now--;
		wrong += machine_local(&machine) >= local;
		sim->now -= sim->now > machine.set_at;
		early += machine_local(&machine) >= local - 1;
	}
	is_int(wrong, 0, "an instant of a clock is the first at which it reads so much, at any rate");
	ok(early > 0, "canary: an ns more or less of the clock is noticed");

	struct machine machine;
	sim->now = 0;
	machine_init(&machine, sim, 0, 5000, -10000000);
	is_int(machine_true(&machine, 5000 + 10000000000), 10101010102, "one that loses 1 %% shows 10 s in 10.101 s");
	sim->now = 1000000000;
	is_int(machine_local(&machine), 5000 + 990000000, "and .99 s after one second");
	machine_clock_step(&machine, 10);
	is_int(machine_local(&machine), 5010 + 990000000, "it is put forward");
	machine_clock_drift(&machine, 0);
	sim->now += 7;
	is_int(machine_local(&machine), 5017 + 990000000, "and goes right from then on");
	sim_free(sim);
}

/* When work of `length` that begins at `begin` is done, by steps of 1 ns; pauses add up when `sum` (which is wrong). */
static int64_t stepped(const int64_t from[2], const int64_t lasts[2], int64_t begin, int64_t length, bool sum)
{
	int64_t until = 0;
	for (int64_t now = 0;; now++) {
		for (int i = 0; i < 2; i++)
			if (from[i] == now) {
				int64_t base = sum && until > now ? until : now;
				if (base + lasts[i] > until)
					until = base + lasts[i];
			}
		if (now >= begin && until <= now && length-- == 0)
			return now;
	}
}

static void pause_for(struct sim *sim, void *subject, uint64_t length)
{
	(void)sim;
	machine_pause(subject, (int64_t)length);
}

static void work_for(struct sim *sim, void *subject, uint64_t length)
{
	(void)sim;
	machine_work(subject, (int64_t)length, see, NULL, 0);
}

static void begin_work(struct sim *sim, void *subject, uint64_t length)
{
	(void)sim;
	machine_do(subject, work_for, subject, length);
}

static void test_pauses(void)
{
	int wrong = 0, told_apart = 0, tried = 0;
	for (int code = 0; code < 4 * 4 * 6 * 6 * 6 * 3; code++) {
		int64_t from[2] = {code % 4, code / 4 % 4 + 1}, lasts[2] = {code / 16 % 6, code / 96 % 6};
		int64_t begin = code / 576 % 6, length = code / 3456 + 1;
		struct sim *sim = sim_new(1, 0);
		struct machine machine;
		machine_init(&machine, sim, 0, 0, 0);
		for (int i = 0; i < 2; i++)
			sim_at(sim, from[i], pause_for, &machine, (uint64_t)lasts[i]);
		sim_at(sim, begin, begin_work, &machine, (uint64_t)length);
		seen.count = 0;
		pass_until(sim, 100);
		int64_t want = stepped(from, lasts, begin, length, false);
		wrong += seen.count != 1 || seen.at[0] != want;
		told_apart += want != stepped(from, lasts, begin, length, true);
		tried++;
		sim_free(sim);
	}
	is_int(wrong, 0, "work around two pauses ends when a machine that is stepped ends it, in %d schedules", tried);
	ok(told_apart > 100, "canary: pauses that add up would be noticed in %d of them", told_apart);
}

static void test_order(void)
{
	struct sim *sim = sim_new(1, 0);
	struct machine machine;
	struct machine_timer timer = {0}, stopped = {0}, later = {0};
	machine_init(&machine, sim, 0, 0, 0);
	seen.count = 0;
	ok(machine_do(&machine, see, NULL, 1) && seen.count == 1, "what comes to a machine that runs is done at once");
	machine_pause(&machine, 100);
	machine_do(&machine, see, NULL, 2);
	machine_timer_set(&machine, &timer, 10, see, NULL, 3);
	machine_timer_set(&machine, &stopped, 11, see, NULL, 99);
	machine_timer_set(&machine, &later, 150, see, NULL, 5);
	pass_until(sim, 50);
	machine_do(&machine, see, NULL, 4);
	machine_timer_stop(&stopped);
	pass_until(sim, 200);
	ok(seen.count == 5 && seen.what[1] == 2 && seen.what[2] == 3 && seen.what[3] == 4 && seen.at[1] == 100 &&
		   seen.at[3] == 100 && seen.what[4] == 5 && seen.at[4] == 150,
	   "what came while it stood still is done in order when it runs again; a timer that was stopped is not");
	ok(!timer.machine && !stopped.machine && !machine.timers, "a timer that has rung can be set again");

	seen.count = 0;
	machine_timer_set(&machine, &timer, 1000, see, NULL, 6);
	machine_clock_step(&machine, 300);
	pass_until(sim, 699);
	is_int(seen.count, 0, "a timer follows a clock that is put forward: not before");
	pass_until(sim, 700);
	is_int(seen.count, 1, "but when the clock shows its time");
	machine_timer_set(&machine, &timer, 1100, see, NULL, 7);
	machine_clock_drift(&machine, -500000000);
	pass_until(sim, 899);
	is_int(seen.count, 1, "at half the rate it takes twice as long");
	pass_until(sim, 900);
	is_int(seen.count, 2, "and no longer");

	seen.count = 0;
	machine_pause(&machine, 10);
	machine_do(&machine, see, NULL, 8);
	machine_work(&machine, 20, see, NULL, 9);
	machine_timer_set(&machine, &timer, 0, see, NULL, 10);
	machine_timer_set(&machine, &later, 5000, see, NULL, 11);
	pass_until(sim, 905);
	machine_crash(&machine);
	ok(!machine_do(&machine, see, NULL, 12) && !machine_work(&machine, 1, see, NULL, 13),
	   "a machine that is down does nothing");
	machine_restart(&machine);
	machine_do(&machine, see, NULL, 14);
	pass_until(sim, 20000);
	ok(seen.count == 1 && seen.what[0] == 14 && seen.at[0] == 905, "a crash forgets what waited, work and timers");
	sim_free(sim);
}

static void test_laws(void)
{
	struct sim *sim = sim_new(2, 0);
	struct machine machine[2];
	struct dist between = dist_const(0), length = dist_const(0);
	struct err err;
	err_init(&err);
	CHECK(dist_parse(&between, QUANTITY_TIME, "exp(60 s)", &sim->arena, NULL, NULL, &err));
	CHECK(dist_parse(&length, QUANTITY_TIME, "exp(2 s)", &sim->arena, NULL, NULL, &err));
	for (int i = 0; i < 2; i++)
		machine_init(&machine[i], sim, i, 0, 0);
	machine_stalls(&machine[0], &between, &length, sim_stream(sim, "pauses"));
	machine_fails(&machine[1], &between, &length, sim_stream(sim, "crashes"));
	const int64_t hour = INT64_C(3600000000000), step = INT64_C(1000000000);
	int64_t up = 0, looks = 0;
	for (int64_t now = 0; now < 1000 * hour; now += step) {
		pass_until(sim, now);
		up += machine[1].up;
		looks++;
	}
	/* Cycles of 62 s, 58,000 of them: sd of the share that stands still is (2/62) sqrt(2 / 58,000) (60/62). */
	near_to(1 - (double)machine_ran(&machine[0]) / (double)sim->now, 2. / 62, 4 * 1.84e-4,
		"a machine stands still for its share of the time");
	near_to((double)(looks - up) / (double)looks, 2. / 62, 4 * 1.84e-4, "and is down for its share");
	near_to((double)machine[1].crashes, 1000. * 3600 / 62, 4 * 241, "crashes are counted");
	sim_free(sim);
}

static const char *cells(const struct network *network)
{
	static char text[64];
	int length = 0;
	for (int i = 0; i < network->sites * network->sites; i++)
		length += snprintf(text + length, sizeof text - (size_t)length, "%u", network->link[i].cuts);
	return text;
}

static void test_network(void)
{
	struct sim *sim = sim_new(3, 0);
	struct dist fixed = dist_const(1000), random;
	struct err err;
	err_init(&err);
	CHECK(dist_parse(&random, QUANTITY_TIME, "exp(1 ms)", &sim->arena, NULL, NULL, &err));
	const struct network_kind kinds[] = {
		{"fixed", &fixed, 0, 0}, {"lossy", &fixed, .1, .2}, {"random", &random, 0, 0}, {NULL, NULL, 0, 0}};
	enum { FIXED, LOSSY, RANDOM };
	struct network network;
	network_init(&network, sim, 3, kinds);

	seen.count = 0;
	network_link(&network, 0, 1)->extra = 500;
	network_send(&network, FIXED, 0, 1, 1, see, NULL, 1);
	network_link(&network, 0, 1)->slowness = 3;
	network_send(&network, FIXED, 0, 1, 2, see, NULL, 2);
	network_cut(&network, 0, 1);
	is_int(network_send(&network, FIXED, 0, 1, 3, see, NULL, 3), 0, "a link that is cut lets nothing through");
	is_int(network_send(&network, FIXED, 1, 0, 4, see, NULL, 4), 1, "the other way is another link");
	network_mend(&network, 0, 1);
	pass_until(sim, 10000);
	ok(seen.count == 3 && seen.what[0] == 4 && seen.at[0] == 1000 && seen.at[1] == 1500 && seen.at[2] == 4500,
	   "a message takes what its kind says and its link adds; what is on its way when a link is cut arrives");
	ok(network.count[FIXED].sent == 4 && network.count[FIXED].cut == 1, "messages are counted");

	int copies[3] = {0};
	for (uint64_t key = 0; key < 20000; key++)
		copies[network_send(&network, LOSSY, 0, 2, key, ignore, NULL, 0)]++;
	near_to(copies[0] / 20000., .1, 4 * .0022, "a tenth is lost");
	near_to(copies[2] / 18000., .2, 4 * .003, "of the others a fifth arrives twice");
	ok(network.count[LOSSY].lost == (uint64_t)copies[0] && network.count[LOSSY].twice == (uint64_t)copies[2],
	   "and both are counted");
	sim_free(sim);

	sim = sim_new(4, 0);
	network_init(&network, sim, 3, kinds);
	int overtaken = 0;
	for (uint64_t key = 0; key < 20000; key += 2) {
		seen.count = 0;
		network_send(&network, RANDOM, 0, 1, key, see, NULL, 1);
		pass_until(sim, sim->now + 500000);
		network_send(&network, RANDOM, 0, 1, key + 1, see, NULL, 2);
		pass_until(sim, sim->now + 100000000);
		overtaken += seen.what[0] == 2;
	}
	near_to(overtaken / 10000., exp(-.5) / 2, 4 * .0046, "half a mean later it overtakes with chance e^-.5 / 2");
	seen.count = 0;
	int64_t sent = sim->now;
	network_send(&network, RANDOM, 0, 1, 12345, see, NULL, 1);
	network_send(&network, RANDOM, 1, 2, 12345, see, NULL, 2);
	pass_until(sim, sim->now + 100000000);
	ok(seen.at[0] == seen.at[1] && seen.at[0] > sent, "a message's delay hangs on its key and on nothing else");

	int wrong = 0;
	for (int code = 0; code < 27; code++) {
		int side[3] = {code % 3 - 1, code / 3 % 3 - 1, code / 9 - 1};
		network_part(&network, side);
		for (int from = 0; from < 3; from++)
			for (int to = 0; to < 3; to++) {
				bool apart = side[from] >= 0 && side[to] >= 0 && side[from] != side[to];
				wrong += (network_link(&network, from, to)->cuts > 0) != apart;
			}
		network_join(&network, side);
		wrong += strcmp(cells(&network), "000000000") != 0;
	}
	is_int(wrong, 0, "all partitions of three sites cut what lies in different parts, and are mended");
	network_part(&network, (int[]){0, 1, -1});
	is_text(cells(&network), "010100000", "canary: a cut is seen");
	sim_free(sim);
}

int main(void)
{
	test_clock();
	test_pauses();
	test_order();
	test_laws();
	test_network();
	return done_testing();
}
