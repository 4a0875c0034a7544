/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hold model: take the earliest event, schedule one an exponential time later; ns a hold at several numbers of
 * pending events. The bound is a radix heap over integer times, with 16 bytes an entry and nothing that an event
 * needs besides its time, and at few events a 4-ary heap of such entries, whichever is faster there. Both draw the same
 * numbers.
 *
 * Then timeouts: every event also schedules one far ahead, of which 99 % are cancelled before they fire, against the
 * same without them.
 */
#include "bench.h"

#include "bounds.h"

/* ---- the engine ---- */

struct hold {
	struct sim *sim;
	struct rng rng;
	uint64_t left;
};

static void hold(struct sim *sim, void *self, uint64_t detail)
{
	struct hold *world = self;
	(void)detail;
	if (--world->left == 0)
		sim->open = 0;
	sim_after(sim, later(&world->rng), hold, world, 0);
}

static uint64_t by_engine(void *with)
{
	struct hold *world = with;
	world->left = HOLDS;
	world->sim->open = 1;
	sim_replay(world->sim, NULL, NULL, NULL, INT64_MAX / 2, NULL);
	bench_sink += (uint64_t)world->sim->now;
	return HOLDS;
}

/* The three with the same pending events. All have come to the same time after a round, or one of them is wrong. */
static void compare(size_t pending, const char *name, double target)
{
	struct hold world = {.sim = sim_new(1, 0), .rng = rng_seed(2)};
	struct bounds *bounds = bounds_new(pending);
	struct rng first = rng_seed(1);
	for (size_t i = 0; i < pending; i++)
		sim_at(world.sim, later(&first), hold, &world, 0);
	uint64_t reached[3];
	uint64_t (*const fn[])(void *) = {by_engine, by_radix, by_heap};
	void *const with[] = {&world, &bounds->radix, &bounds->heap};
	double ns[3][BENCH_ROUNDS], ratio[BENCH_ROUNDS];
	for (int round = -1; round < BENCH_ROUNDS; round++) {
		for (int i = 0; i < 3; i++) {
			uint64_t before = bench_sink;
			double once = bench_once(fn[i], with[i]);
			reached[i] = bench_sink - before;
			if (round >= 0)
				ns[i][round] = once;
		}
		CHECK(reached[1] <= reached[0] && world.sim->now >= 0);
		if (round >= 0)
			ratio[round] = ns[0][round] / (ns[1][round] < ns[2][round] ? ns[1][round] : ns[2][round]);
	}
	char text[100];
	double engine = bench_median(ns[0], BENCH_ROUNDS), by[2] = {bench_median(ns[1], BENCH_ROUNDS),
								   bench_median(ns[2], BENCH_ROUNDS)};
	snprintf(text, sizeof text, "hold, %s pending: sim_after and sim_replay", name);
	bench_tell(text, engine, by[0] < by[1] ? by[0] : by[1], bench_median(ratio, BENCH_ROUNDS), target);
	bounds_free(bounds);
	sim_free(world.sim);
}

/* ---- timeouts ---- */

enum { CLIENTS = 1000 };

struct client {
	queue_handle timeout;
};

struct clients {
	struct sim *sim;
	struct rng rng;
	uint64_t left;
	bool timeouts;
	struct client client[CLIENTS];
};

static void times_out(struct sim *sim, void *self, uint64_t number)
{
	struct clients *world = self;
	(void)sim;
	world->client[number].timeout = 0;
}

static void answers(struct sim *sim, void *self, uint64_t number)
{
	struct clients *world = self;
	if (--world->left == 0)
		sim->open = 0;
	if (world->timeouts) {
		if (world->client[number].timeout)
			sim_cancel(sim, world->client[number].timeout);
		world->client[number].timeout = sim_after(sim, (int64_t)(4.6 * MEAN), times_out, world, number);
	}
	sim_after(sim, later(&world->rng), answers, world, number);
}

static uint64_t by_clients(void *with)
{
	struct clients *world = with;
	world->left = HOLDS;
	world->sim->open = 1;
	sim_replay(world->sim, NULL, NULL, NULL, INT64_MAX / 2, NULL);
	bench_sink += (uint64_t)world->sim->now;
	return HOLDS;
}

static void timeouts(void)
{
	struct clients *world[2];
	size_t bytes = 0;
	for (int i = 0; i < 2; i++) {
		world[i] = calloc(1, sizeof **world);
		CHECK(world[i]);
		world[i]->sim = sim_new(1, 0);
		world[i]->rng = rng_seed(3);
		world[i]->timeouts = i;
		for (uint64_t c = 0; c < CLIENTS; c++)
			sim_at(world[i]->sim, later(&world[i]->rng), answers, world[i], c);
		for (int n = 0; n < BENCH_ROUNDS; n++)
			by_clients(world[i]);
		bytes = world[i]->sim->arena.bytes;
	}
	bench_compare("timeouts, 99 % of them cancelled: against none", by_clients, world[1], by_clients, world[0], 2);
	/* each replay takes a block for rows; the queue itself must not have grown */
	size_t grown = world[1]->sim->arena.bytes - bytes, blocks = (BENCH_ROUNDS + 1) * ROW_BLOCK * sizeof(struct row);
	bench_tell("timeouts: memory after twice as many over that before", 0, 0,
		   (double)(bytes + grown - (grown < blocks ? grown : blocks)) / (double)bytes, 1.01);
	for (int i = 0; i < 2; i++) {
		sim_free(world[i]->sim);
		free(world[i]);
	}
}

int main(void)
{
	compare(16, "16", 1.25);
	compare(1000, "1k", 1.25);
	compare(100000, "100k", 1.25);
	compare(1000000, "1M", 1.25);
	timeouts();
	return 0;
}
