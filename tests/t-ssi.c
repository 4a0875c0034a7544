/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serializable snapshot isolation: transactions that read from snapshots, in every interleaving of some programs and in
 * random ones, judged by the observer of histories. Without the tracking there are anomalies, with it none; and what it
 * aborts without need is counted.
 */
#include "engine/rng.h"
#include "model/rowstore.h"
#include "model/serial.h"
#include "model/ssi.h"
#include "tap.h"

enum { ROWS = 6, MOST = 6, STEPS = 6 };

struct step {
	bool write;
	int row;
};

struct one {
	struct step step[STEPS];
	int steps, at;
	bool read_only, begun, ended, committed;
	struct rowstore_snapshot snapshot;
	struct rowstore_writes writes;
	struct serial_transaction watched;
	struct ssi_transaction *tracked;
};

struct world {
	struct arena arena;
	struct rowstore store;
	struct serial serial;
	struct ssi ssi;
	bool tracks;
	struct one one[MOST];
	int count, anomalies, commits, aborts;
};

static void open_world(struct world *world, bool tracks)
{
	*world = (struct world){.tracks = tracks};
	arena_init(&world->arena);
	rowstore_init(&world->store, &world->arena, ROWS, 1);
	serial_init(&world->serial, &world->arena, ROWS);
	ssi_init(&world->ssi, &world->arena, ROWS);
}

static void abort_one(struct world *world, struct one *one)
{
	rowstore_abort(&world->store, &one->writes, 0);
	rowstore_drop(&world->store, &one->snapshot);
	serial_abort(&world->serial, &one->watched);
	ssi_abort(&world->ssi, one->tracked);
	one->ended = true;
	world->aborts++;
}

static void commit_one(struct world *world, struct one *one)
{
	if (world->tracks && !ssi_commit(&world->ssi, one->tracked)) {
		abort_one(world, one);
		return;
	}
	if (!world->tracks)
		ssi_abort(&world->ssi, one->tracked);
	rowstore_commit(&world->store, &one->writes, 0);
	rowstore_drop(&world->store, &one->snapshot);
	world->anomalies += serial_commit(&world->serial, &one->watched) != SERIAL_FINE;
	one->ended = one->committed = true;
	world->commits++;
}

/* Its next step; its begin, the first time, its end after the last. Who is not the first updater aborts. */
static void advance(struct world *world, struct one *one)
{
	bool goes_on = true;
	if (!one->begun) {
		one->begun = true;
		one->writes.writer = (uint64_t)(one - world->one) + 1;
		rowstore_take(&world->store, &one->snapshot);
		serial_begin(&world->serial, &one->watched, one->writes.writer);
		one->tracked = ssi_begin(&world->ssi, one->read_only);
		return;
	}
	if (one->at == one->steps) {
		commit_one(world, one);
		return;
	}
	struct step step = one->step[one->at++];
	uint64_t row = (uint64_t)step.row;
	if (step.write) {
		struct rowstore_found top = rowstore_top(&world->store, row);
		if (top.writer != one->writes.writer && top.committed > one->snapshot.sees) {
			abort_one(world, one);
			return;
		}
		rowstore_write(&world->store, &one->writes, row, 0, 0);
		serial_write(&world->serial, &one->watched, row);
		goes_on = !world->tracks || ssi_write(&world->ssi, one->tracked, row);
	} else {
		struct rowstore_found found =
			rowstore_read(&world->store, row, one->snapshot.sees, one->writes.writer);
		if (found.writer != one->writes.writer)
			serial_read(&world->serial, &one->watched, row, found.writer, true);
		goes_on = !world->tracks || ssi_read(&world->ssi, one->tracked, row);
	}
	if (!goes_on)
		abort_one(world, one);
}

/* ---- all interleavings of a few programs ---- */

struct program {
	const char *name;
	int count, skewed; /* skewed: interleavings that are wrong without tracking */
	const char *steps[MOST];
};

static void load(struct world *world, const struct program *program)
{
	world->count = program->count;
	for (int i = 0; i < program->count; i++) {
		struct one *one = &world->one[i];
		one->read_only = !strchr(program->steps[i], 'w');
		for (const char *at = program->steps[i]; *at; at += 2)
			one->step[one->steps++] = (struct step){at[0] == 'w', at[1] - 'a'};
	}
}

struct tally {
	int all, anomalies, needless, aborts;
};

static void play(const struct program *program, const int *order, int length, bool tracks, struct world *world)
{
	open_world(world, tracks);
	load(world, program);
	for (int i = 0; i < length; i++)
		if (!world->one[order[i]].ended)
			advance(world, &world->one[order[i]]);
}

static void interleave(const struct program *program, int *left, int *order, int length, struct tally *tally)
{
	bool more = false;
	for (int i = 0; i < program->count; i++) {
		if (left[i] == 0)
			continue;
		more = true;
		left[i]--;
		order[length] = i;
		interleave(program, left, order, length + 1, tally);
		left[i]++;
	}
	if (more)
		return;
	struct world world;
	play(program, order, length, false, &world);
	int without = world.anomalies, aborts = world.aborts;
	arena_free(&world.arena);
	play(program, order, length, true, &world);
	tally->all++;
	tally->anomalies += without > 0;
	tally->aborts += world.aborts > aborts;
	tally->needless += without == 0 && world.aborts > aborts;
	if (world.anomalies)
		tally->anomalies = -1000000;
	CHECK(world.ssi.remembered == 0 && !world.ssi.first);
	arena_free(&world.arena);
}

static void test_programs(void)
{
	static const struct program programs[] = {
		{"two doctors", 2, 0, {"rarbwa", "rarbwb"}},
		{"a report between two", 3, 0, {"rarbwa", "rbwb", "rarb"}},
		{"three in a ring", 3, 0, {"rawb", "rbwc", "rcwa"}},
		{"nothing in common", 3, 0, {"rawa", "rbwb", "rcwc"}},
	};
	for (size_t p = 0; p < sizeof programs / sizeof *programs; p++) {
		struct tally tally = {0, 0, 0, 0};
		int left[MOST], order[32];
		for (int i = 0; i < programs[p].count; i++)
			left[i] = (int)strlen(programs[p].steps[i]) / 2 + 2;
		interleave(&programs[p], left, order, 0, &tally);
		bool apart = p == 3;
		ok(tally.anomalies >= 0, "%s: none of %d interleavings is wrong", programs[p].name, tally.all);
		ok((tally.anomalies > 0) != apart, "canary: without tracking %d are", tally.anomalies);
		ok(tally.aborts >= tally.anomalies && (tally.aborts > 0) != apart, "%d abort somebody, %d without need",
		   tally.aborts, tally.needless);
	}
}

/* ---- at random ---- */

static void random_world(uint64_t seed, bool tracks, int *anomalies, int *commits, int *aborts)
{
	struct world world;
	struct rng rng = rng_seed(seed);
	open_world(&world, tracks);
	world.count = MOST;
	for (int i = 0; i < MOST; i++) {
		struct one *one = &world.one[i];
		bool reads = rng_below(&rng, 4) == 0;
		one->read_only = reads && rng_below(&rng, 2) == 0;
		one->steps = 1 + (int)rng_below(&rng, STEPS);
		for (int s = 0; s < one->steps; s++)
			one->step[s] = (struct step){!reads && rng_below(&rng, 2) == 0, (int)rng_below(&rng, ROWS)};
	}
	for (int left = MOST; left > 0;) {
		struct one *one = &world.one[rng_below(&rng, MOST)];
		if (one->ended)
			continue;
		advance(&world, one);
		left -= one->ended;
	}
	*anomalies += world.anomalies;
	*commits += world.commits;
	*aborts += world.aborts;
	CHECK(world.ssi.remembered == 0);
	arena_free(&world.arena);
}

static void test_random(void)
{
	enum { WORLDS = 30000 };
	int anomalies[2] = {0, 0}, commits[2] = {0, 0}, aborts[2] = {0, 0};
	for (int i = 0; i < WORLDS; i++)
		for (int tracks = 0; tracks < 2; tracks++)
			random_world((uint64_t)i, tracks, &anomalies[tracks], &commits[tracks], &aborts[tracks]);
	is_int(anomalies[1], 0, "%d random commits: none is wrong", commits[1]);
	ok(anomalies[0] > WORLDS / 20, "canary: without tracking %d of %d are", anomalies[0], commits[0]);
	ok(commits[1] > commits[0] * 3 / 4, "%d more abort", aborts[1] - aborts[0]);
}

int main(void)
{
	test_programs();
	test_random();
	return done_testing();
}
