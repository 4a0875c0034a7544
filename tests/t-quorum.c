/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quorum replicas by enumeration: every set of nodes that a writer reaches, and every set that a reader reaches, for
 * all N, R and W; what repairs, stand-ins, comparisons and a primary do, step by step; and values that go unseen.
 */
#include "model/quorum.h"
#include "passing.h"
#include "tap.h"

enum { KEYS = 4 };
static const int64_t ms = 1000000;

struct world {
	struct sim *sim;
	struct dist way[QUORUM_MESSAGES];
	struct network_kind kind[QUORUM_MESSAGES + 1];
	struct network network;
	struct quorum_config config;
	struct quorum quorum;
	uint64_t ids;
	bool ended, answered;
	struct quorum_value value;
	int conflicts;
};

static void ended(void *owner, struct quorum_op *op, bool answered)
{
	struct world *world = owner;
	world->ended = true;
	world->answered = answered;
	world->value = op->value;
}

static void conflict(void *owner, int64_t key, const struct quorum_value *stays, const struct quorum_value *goes)
{
	struct world *world = owner;
	CHECK(key >= 0 && stays->stamp > goes->stamp);
	world->conflicts++;
}

static const struct quorum_config plain = {.nodes = 3, .replicas = 3, .read = 2, .write = 2, .keys = KEYS,
					   .timeout = 100 * 1000000, .suspect = 1000 * INT64_C(1000000),
					   .hand_over = 50 * 1000000};

static void begin(struct world *world, struct quorum_config config, const int64_t *offset)
{
	static const char *const names[QUORUM_MESSAGES] = {"write", "ack", "read", "response", "forward", "reply",
							   "repair", "taken", "compare"};
	*world = (struct world){.sim = sim_new(1, 0), .config = config};
	for (int i = 0; i < QUORUM_MESSAGES; i++) {
		world->way[i] = dist_const(1e6);
		world->kind[i] = (struct network_kind){names[i], &world->way[i], 0, 0};
	}
	network_init(&world->network, world->sim, config.nodes, world->kind);
	quorum_init(&world->quorum, world->sim, &world->config, &world->network, offset);
	world->quorum.owner = world;
	world->quorum.ended = ended;
	world->quorum.conflict = conflict;
}

static void run(struct world *world, int64_t length)
{
	pass_until(world->sim, world->sim->now + length);
}

static bool does(struct world *world, int node, int64_t key, bool write)
{
	world->ended = false;
	quorum_begin(&world->quorum, world->ids++, key, write, node, world, NULL);
	run(world, 101 * ms);
	CHECK(world->ended);
	return world->answered;
}

static uint64_t stamp_at(const struct world *world, int node, int64_t key)
{
	return world->quorum.node[node].value[key].stamp;
}

static int holders(const struct world *world, int64_t key, uint64_t stamp)
{
	int count = 0;
	for (int i = 0; i < world->config.nodes; i++)
		count += stamp_at(world, i, key) == stamp;
	return count;
}

/* Node `from` reaches, and is reached by, those in the set only; itself may be left out too. */
static void reach(struct world *world, int from, unsigned set, bool cut)
{
	for (int i = 0; i < world->config.nodes; i++)
		if (!(set >> i & 1)) {
			(cut ? network_cut : network_mend)(&world->network, from, i);
			if (i != from)
				(cut ? network_cut : network_mend)(&world->network, i, from);
		}
}

static int bits(unsigned set)
{
	int count = 0;
	for (; set; set &= set - 1)
		count++;
	return count;
}

/* ---- all quorums ---- */

/* A write that reaches one set, then a read that reaches another; whether all came out as it must. */
static bool as_it_must(int replicas, int read, int write, unsigned writes, unsigned reads, bool *stale)
{
	struct world world;
	struct quorum_config config = plain;
	config.nodes = config.replicas = replicas;
	config.read = read;
	config.write = write;
	begin(&world, config, NULL);
	does(&world, 0, 1, true);
	uint64_t first = world.value.stamp;
	bool fine = world.answered && holders(&world, 1, first) == replicas;
	reach(&world, 0, writes, true);
	bool written = does(&world, 0, 1, true);
	uint64_t second = world.value.stamp;
	reach(&world, 0, writes, false);
	fine = fine && second > first && written == (bits(writes) >= write) &&
	       holders(&world, 1, second) == bits(writes);
	reach(&world, 1, reads, true);
	bool answered = does(&world, 1, 1, false);
	fine = fine && answered == (bits(reads) >= read);
	if (answered && bits(reads) == read)
		fine = fine && world.value.stamp == (writes & reads ? second : first);
	*stale = written && answered && world.value.stamp != second;
	sim_free(world.sim);
	return fine;
}

static void test_all(void)
{
	for (int replicas = 2; replicas <= 4; replicas++) {
		int wrong = 0, tried = 0, stale_strict = 0, stale_partial = 0;
		for (int read = 1; read <= replicas; read++)
			for (int write = 1; write <= replicas; write++)
				for (unsigned writes = 0; writes < 1u << replicas; writes++)
					for (unsigned reads = 0; reads < 1u << replicas; reads++, tried++) {
						bool stale;
						wrong += !as_it_must(replicas, read, write, writes, reads, &stale);
						if (read + write > replicas)
							stale_strict += stale;
						else
							stale_partial += stale;
					}
		is_int(wrong, 0, "%d replicas: what is answered and read, in all %d cases", replicas, tried);
		is_int(stale_strict, 0, "quorums that meet: never stale");
		ok(stale_partial > 0, "canary: others are, %d times", stale_partial);
	}
}

/* ---- repair ---- */

/* Two of three nodes miss a write that one has. */
static void one_has_it(struct world *world, struct quorum_config config)
{
	begin(world, config, NULL);
	reach(world, 0, 1, true);
	does(world, 0, 1, true);
	reach(world, 0, 1, false);
}

static void test_repair(void)
{
	struct world world;
	struct quorum_config config = plain;
	config.write = 1;
	config.read = 3;
	one_has_it(&world, config);
	ok(does(&world, 1, 1, false) && holders(&world, 1, world.value.stamp) == 1, "a read repairs nothing");
	sim_free(world.sim);
	config.repair = QUORUM_REPAIRS_AFTER;
	one_has_it(&world, config);
	int64_t before = world.sim->now;
	world.ended = false;
	quorum_begin(&world.quorum, 99, 1, false, 1, &world, NULL);
	run(&world, 2 * ms);
	ok(world.ended && holders(&world, 1, world.value.stamp) == 1, "after the answer: it has answered");
	run(&world, ms);
	ok(holders(&world, 1, world.value.stamp) == 3, "and then the others have it too");
	sim_free(world.sim);
	config.repair = QUORUM_REPAIRS_BEFORE;
	config.write = 2;
	config.read = 2;
	one_has_it(&world, config);
	uint64_t stamp = world.value.stamp;
	ok(!world.answered, "a write that one of three has is refused");
	reach(&world, 2, 1u << 0 | 1u << 2, true);
	world.ended = false;
	before = world.sim->now;
	quorum_begin(&world.quorum, 99, 1, false, 2, &world, NULL);
	run(&world, 3 * ms);
	ok(!world.ended, "before the answer: there is none after a round trip");
	run(&world, ms);
	ok(world.ended && world.answered && world.value.stamp == stamp && holders(&world, 1, stamp) == 2,
	   "and after two, %lld ms, two have the write that was refused", (long long)((world.sim->now - before) / ms));
	sim_free(world.sim);
}

static void test_numbers(void)
{
	static const int64_t offset[] = {1000000000, 0, 0};
	struct world world;
	struct quorum_config config = plain;
	begin(&world, config, offset);
	does(&world, 0, 1, true);
	uint64_t first = world.value.stamp;
	does(&world, 1, 1, true);
	ok(world.value.stamp < first && holders(&world, 1, first) == 3,
	   "by clocks: the second write, of a slower clock, goes under the first");
	does(&world, 1, 1, false);
	ok(world.value.stamp == first, "and nobody ever reads it");
	ok(world.conflicts > 0, "but who watches hears that it went, unseen by the one that stays");
	sim_free(world.sim);
	config.asks_first = true;
	begin(&world, config, offset);
	does(&world, 0, 1, true);
	first = world.value.stamp;
	does(&world, 1, 1, true);
	ok(world.value.stamp > first && holders(&world, 1, world.value.stamp) == 3, "by asking first it does not");
	network_isolate(&world.network, 2);
	ok(!does(&world, 2, 1, true) && world.value.stamp == 0, "who cannot ask has nothing to write");
	sim_free(world.sim);
}

/* ---- what goes unseen ---- */

static void test_conflicts(void)
{
	static const int sides[] = {0, 0, 1};
	struct world world;
	struct quorum_config config = plain;
	config.write = config.read = 1;
	config.anti_entropy = 40 * ms;
	begin(&world, config, NULL);
	for (int i = 0; i < 6; i++)
		does(&world, i % 3, 1, true);
	is_int(world.conflicts, 0, "writes one after another: each has seen the one before");
	network_part(&world.network, sides);
	does(&world, 0, 1, true);
	does(&world, 1, 2, true);
	does(&world, 2, 1, true);
	uint64_t later = world.value.stamp;
	is_int(world.conflicts, 0, "in parts of a network nobody notices");
	network_join(&world.network, sides);
	run(&world, 1000 * ms);
	ok(world.conflicts > 0, "canary: a key written in both is noticed when they meet");
	ok(holders(&world, 1, later) == 3 && holders(&world, 2, stamp_at(&world, 0, 2)) == 3,
	   "and the later one stays, everywhere");
	int conflicts = world.conflicts;
	does(&world, 1, 1, true);
	run(&world, 1000 * ms);
	is_int(world.conflicts, conflicts, "what is written after that has seen both");
	sim_free(world.sim);
}

/* ---- stand-ins ---- */

static void test_sloppy(void)
{
	struct world world;
	struct quorum_config config = plain;
	config.nodes = 5;
	begin(&world, config, NULL);
	int homes = 0;
	for (int64_t key = 0; key < KEYS; key++)
		for (int i = 0; i < 5; i++)
			homes += quorum_is_home(&config, key, i);
	is_int(homes, 3 * KEYS, "each key has three nodes");
	does(&world, 4, 1, true);
	ok(holders(&world, 1, world.value.stamp) == 3 && stamp_at(&world, 1, 1) && stamp_at(&world, 3, 1),
	   "key 1 has nodes 1 to 3, whoever writes");
	network_isolate(&world.network, 1);
	network_isolate(&world.network, 2);
	ok(!does(&world, 4, 1, true) && !does(&world, 4, 1, true), "two of them gone: refused, again and again");
	sim_free(world.sim);

	config.sloppy = true;
	begin(&world, config, NULL);
	network_isolate(&world.network, 1);
	network_isolate(&world.network, 2);
	ok(!does(&world, 4, 1, true), "sloppy: the first one finds out");
	ok(does(&world, 4, 1, true), "then others stand in");
	uint64_t stamp = world.value.stamp;
	ok(stamp_at(&world, 4, 1) == stamp && stamp_at(&world, 0, 1) == stamp && holders(&world, 1, stamp) == 3,
	   "nodes 4 and 0, for 1 and 2");
	ok(does(&world, 4, 1, false) && world.value.stamp == stamp, "and it can be read there");
	ok(!does(&world, 1, 1, false), "not on the other side, where nobody is suspected yet");
	network_rejoin(&world.network, 1);
	network_rejoin(&world.network, 2);
	run(&world, 200 * ms);
	ok(stamp_at(&world, 1, 1) == stamp && stamp_at(&world, 2, 1) == stamp,
	   "whole again, the hints are handed over");
	ok(!world.quorum.node[4].hint && !world.quorum.node[0].hint, "and forgotten");
	sim_free(world.sim);
}

static void test_primary(void)
{
	struct world world;
	struct quorum_config config = plain;
	config.primary = config.own_reads = true;
	config.write = 1;
	begin(&world, config, NULL);
	int64_t before = world.sim->now;
	world.ended = false;
	quorum_begin(&world.quorum, 7, 1, true, 2, &world, NULL);
	run(&world, 3 * ms);
	ok(!world.ended, "a primary: a write goes there, to the copies, and back");
	run(&world, ms);
	ok(world.ended && world.answered, "in %lld ms", (long long)((world.sim->now - before) / ms));
	uint64_t stamp = world.value.stamp;
	network_isolate(&world.network, 2);
	ok(does(&world, 1, 1, true) && world.value.stamp > stamp, "who reaches it writes");
	ok(!does(&world, 2, 1, true), "who does not is refused");
	ok(does(&world, 2, 1, false) && world.value.stamp == stamp, "and reads what its own node has");
	network_rejoin(&world.network, 2);
	machine_crash(&world.quorum.node[0].machine);
	ok(!does(&world, 1, 1, true), "without the primary nobody writes");
	machine_restart(&world.quorum.node[0].machine);
	ok(does(&world, 1, 1, true), "and it is back with what it had");
	sim_free(world.sim);
}

static void test_one_way(void)
{
	struct world world;
	begin(&world, plain, NULL);
	for (int i = 1; i < 3; i++)
		network_cut(&world.network, i, 0); /* 0 hears nobody */
	ok(!does(&world, 0, 1, true), "who hears nobody is refused");
	uint64_t stamp = world.value.stamp;
	ok(holders(&world, 1, stamp) == 3, "and has written everywhere");
	ok(does(&world, 1, 1, false) && world.value.stamp == stamp, "which others read");
	sim_free(world.sim);
}

int main(void)
{
	test_all();
	test_repair();
	test_numbers();
	test_conflicts();
	test_sloppy();
	test_primary();
	test_one_way();
	return done_testing();
}
