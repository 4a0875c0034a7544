/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shared store: how long an ask takes, what is atomic and what is not, what a cut way does, how long records live.
 */
#include "engine/sim.h"
#include "model/kvstore.h"
#include "passing.h"
#include "tap.h"

#define MS INT64_C(1000000)

struct counter {
	int64_t value;
};

/* Who asks, and what he heard. */
struct caller {
	struct kvstore *store;
	uint64_t id;
	int64_t at, value; /* when he last heard, and what; -1: nothing yet */
	int calls, failures;
	bool found;
};

static enum kvstore_effect add(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	struct counter *counter = record;
	(void)found;
	(void)now;
	ask->value = counter->value += ask->argument;
	return KVSTORE_KEEP;
}

static enum kvstore_effect renew(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	add(ask, record, found, now);
	return KVSTORE_RENEW;
}

static enum kvstore_effect look(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	const struct counter *counter = record;
	(void)now;
	ask->value = counter->value;
	return found ? KVSTORE_KEEP : KVSTORE_DROP;
}

static void heard(struct sim *sim, void *subject, const struct kvstore_ask *ask)
{
	struct caller *caller = subject;
	caller->at = sim->now;
	caller->calls++;
	caller->failures += !ask->reached;
	caller->value = ask->reached ? ask->value : -1;
	caller->found = ask->reached && ask->found;
}

static void ask(struct caller *caller, uint64_t key, kvstore_script_fn *script, int64_t argument)
{
	const struct kvstore_ask what = {
		.key = key, .script = script, .argument = argument, .answered = heard, .subject = caller};
	kvstore_ask(caller->store, caller->id++, &what);
}

static const struct dist way = {.kind = DIST_CONST, .scale = 0.4e6}, work = {.kind = DIST_CONST, .scale = 0.1e6};

static struct kvstore_config config_of(int64_t timeout, int64_t lifetime)
{
	return (struct kvstore_config){sizeof(struct counter), 1, &way, &work, timeout, lifetime};
}

static void check_time(void)
{
	struct sim *sim = sim_new(1, 0);
	struct kvstore store;
	struct kvstore_config config = config_of(0, 0);
	kvstore_init(&store, sim, "store", &config);
	struct caller one = {.store = &store, .id = 0}, two = {.store = &store, .id = 1000};
	ask(&one, 7, add, 1);
	ask(&two, 7, add, 1);
	pass_until(sim, 10 * MS);
	is_int(one.at, MS * 9 / 10, "there, served, back");
	is_int(two.at, MS, "the second waits for the first to be served");
	is_int(one.value * 10 + two.value, 12, "and finds what the first has done");
	is_int(((const struct counter *)kvstore_peek(&store, 7))->value, 2, "nothing is lost in an atomic ask");
	ok(!kvstore_peek(&store, 8), "a record that nobody made is not there");
	ask(&one, 8, look, 0);
	pass_until(sim, 20 * MS);
	ok(!one.found && !kvstore_peek(&store, 8) && store.record.count == 1, "looking makes none");
	sim_free(sim);
}

/* Reads; writes what it read plus one, by setting it. */
static enum kvstore_effect set(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	struct counter *counter = record;
	(void)found;
	(void)now;
	counter->value = ask->argument;
	return KVSTORE_KEEP;
}

static void then_set(struct sim *sim, void *subject, const struct kvstore_ask *ask_read)
{
	struct caller *caller = subject;
	(void)sim;
	ask(caller, ask_read->key, set, ask_read->value + 1);
}

static void check_race(void)
{
	struct sim *sim = sim_new(1, 0);
	struct kvstore store;
	struct kvstore_config config = config_of(0, 0);
	kvstore_init(&store, sim, "store", &config);
	enum { CALLERS = 20 };
	struct caller caller[CALLERS];
	for (int i = 0; i < CALLERS; i++) {
		caller[i] = (struct caller){.store = &store, .id = (uint64_t)i * 1000};
		const struct kvstore_ask what = {.key = 1, .script = look, .answered = then_set, .subject = &caller[i]};
		kvstore_ask(&store, caller[i].id++, &what);
	}
	pass_until(sim, 100 * MS);
	/* The first write comes 0.8 ms after its read was served, when the other reads are already in line. */
	is_int(((const struct counter *)kvstore_peek(&store, 1))->value, 1, "who reads and then writes loses updates");
	sim_free(sim);
}

static void check_cuts(void)
{
	struct sim *sim = sim_new(1, 0);
	struct kvstore store;
	struct kvstore_config config = config_of(5 * MS, 0);
	kvstore_init(&store, sim, "store", &config);
	struct caller caller = {.store = &store};
	store.cut_to = true;
	ask(&caller, 1, add, 1);
	pass_until(sim, 20 * MS);
	is_int(caller.at, 5 * MS, "who hears nothing gives up after the timeout");
	ok(caller.failures == 1 && !kvstore_peek(&store, 1), "what did not arrive was not done");
	store.cut_to = false;
	store.cut_back = true;
	ask(&caller, 1, add, 1);
	pass_until(sim, 40 * MS);
	ok(caller.failures == 2 && kvstore_peek(&store, 1), "what was not answered was done all the same");
	store.cut_back = false;
	ask(&caller, 1, add, 1);
	pass_until(sim, 41 * MS);
	ok(caller.calls == 3 && caller.value == 2, "a way that is whole again carries");

	pool_pause(&store.server, 10 * MS);
	ask(&caller, 1, add, 1);
	pass_until(sim, 80 * MS);
	ok(caller.calls == 4 && caller.failures == 3, "an answer after the timeout is not heard");
	is_int(((const struct counter *)kvstore_peek(&store, 1))->value, 3, "but what was asked is done");
	sim_free(sim);

	/* A way that is cut while the ask is on it. */
	sim = sim_new(1, 0);
	kvstore_init(&store, sim, "store", &config);
	caller = (struct caller){.store = &store};
	ask(&caller, 1, add, 1);
	pass_until(sim, MS / 5);
	store.cut_to = true;
	pass_until(sim, 20 * MS);
	ok(caller.failures == 1 && !kvstore_peek(&store, 1), "what is under way when it is cut is lost");
	kvstore_clear(&store);
	is_int((long long)store.record.count, 0, "a store that was cleared is empty");
	sim_free(sim);
}

/* Against an array of when each record ends. */
static void check_lifetimes(void)
{
	enum { KEYS = 40, STEPS = 4000 };
	const int64_t lifetime = 50 * MS;
	struct sim *sim = sim_new(1, 0);
	struct kvstore store;
	struct kvstore_config config = config_of(0, lifetime);
	kvstore_init(&store, sim, "store", &config);
	struct rng rng = rng_seed(9);
	int64_t ends[KEYS] = {0}, value[KEYS] = {0}, now = 0;
	struct caller caller = {.store = &store};
	bool same = true;
	for (int i = 0; i < STEPS; i++) {
		now += MS + (int64_t)rng_below(&rng, (uint64_t)(4 * MS));
		pass_until(sim, now);
		uint64_t key = rng_below(&rng, KEYS);
		int what = (int)rng_below(&rng, 3);
		ask(&caller, key, what == 0 ? add : what == 1 ? renew : look, 1);
		int64_t then = now + MS / 2; /* when it is served */
		bool there = ends[key] > then;
		if (!there)
			value[key] = 0;
		if (what < 2) {
			value[key]++;
			ends[key] = there && what == 0 ? ends[key] : then + lifetime;
		}
		pass_until(sim, now + MS - 1);
		same = same && caller.found == there && caller.value == value[key];
		uint64_t alive = 0;
		for (int k = 0; k < KEYS; k++)
			alive += ends[k] > then;
		same = same && store.record.count == alive;
	}
	ok(same, "records live as long as they should, and are forgotten then");
	sim_free(sim);
}

int main(void)
{
	check_time();
	check_race();
	check_cuts();
	check_lifetimes();
	return done_testing();
}
