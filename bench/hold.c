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

#include "engine/sim.h"

enum { HOLDS = 500000, MEAN = 1000000 };

static int64_t later(struct rng *rng)
{
	return 1 + (int64_t)(rng_exp(rng) * MEAN);
}

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

/* ---- a radix heap (Ahuja, Mehlhorn, Orlin & Tarjan, JACM 37, 1990) ---- */

struct entry {
	int64_t time;
	uint64_t what;
};

struct radix {
	struct {
		struct entry *entry;
		size_t count, room, taken;
	} bucket[65];
	uint64_t last;
	struct rng rng;
};

static void radix_push(struct radix *radix, struct entry entry)
{
	uint64_t differs = (uint64_t)entry.time ^ radix->last;
	int b = differs ? 64 - __builtin_clzll(differs) : 0;
	if (radix->bucket[b].count == radix->bucket[b].room) {
		radix->bucket[b].room = radix->bucket[b].room * 2 + 16;
		radix->bucket[b].entry = realloc(radix->bucket[b].entry,
						 radix->bucket[b].room * sizeof(struct entry));
		CHECK(radix->bucket[b].entry);
	}
	radix->bucket[b].entry[radix->bucket[b].count++] = entry;
}

static struct entry radix_pop(struct radix *radix)
{
	if (radix->bucket[0].taken == radix->bucket[0].count) {
		int b = 1;
		radix->bucket[0].taken = radix->bucket[0].count = 0;
		while (radix->bucket[b].count == 0)
			b++;
		struct entry *entry = radix->bucket[b].entry;
		size_t count = radix->bucket[b].count;
		int64_t least = entry[0].time;
		for (size_t i = 1; i < count; i++)
			least = entry[i].time < least ? entry[i].time : least;
		radix->last = (uint64_t)least;
		radix->bucket[b].count = 0;
		for (size_t i = 0; i < count; i++)
			radix_push(radix, entry[i]);
	}
	return radix->bucket[0].entry[radix->bucket[0].taken++];
}

static uint64_t by_radix(void *with)
{
	struct radix *radix = with;
	for (int i = 0; i < HOLDS; i++) {
		struct entry entry = radix_pop(radix);
		entry.time += later(&radix->rng);
		radix_push(radix, entry);
	}
	bench_sink += radix->last;
	return HOLDS;
}

/* ---- a 4-ary heap whose root is replaced ---- */

struct heap {
	queue_key *key; /* time, number */
	size_t count;
	uint64_t number;
	struct rng rng;
};

static uint64_t by_heap(void *with)
{
	struct heap *heap = with;
	queue_key *key = heap->key;
	for (int n = 0; n < HOLDS; n++) {
		int64_t time = (int64_t)(uint64_t)(key[3] >> 64) + later(&heap->rng);
		queue_key moved = (queue_key)(uint64_t)time << 64 | heap->number++;
		size_t i = 3, child, end = heap->count + 3;
		while ((child = 4 * i - 8) < end) { /* what is beyond the end is greater than any */
			size_t a = child + (key[child + 1] < key[child]);
			size_t b = child + 2 + (key[child + 3] < key[child + 2]);
			child = key[b] < key[a] ? b : a;
			if (moved < key[child])
				break;
			key[i] = key[child];
			i = child;
		}
		key[i] = moved;
	}
	bench_sink += (uint64_t)(key[3] >> 64);
	return HOLDS;
}

/* The three with the same pending events. All have come to the same time after a round, or one of them is wrong. */
static void compare(size_t pending, const char *name, double target)
{
	struct hold world = {.sim = sim_new(1, 0), .rng = rng_seed(2)};
	struct radix *radix = calloc(1, sizeof *radix);
	struct heap heap = {.count = pending, .rng = rng_seed(2), .number = pending};
	struct rng first = rng_seed(1);
	heap.key = aligned_alloc(64, (pending + 64) * 16 / 64 * 64 + 64);
	CHECK(radix && heap.key);
	memset(heap.key, 0xff, (pending + 64) * 16 / 64 * 64 + 64);
	radix->rng = rng_seed(2);
	for (size_t i = 0; i < pending; i++) {
		int64_t time = later(&first);
		sim_at(world.sim, time, hold, &world, 0);
		radix_push(radix, (struct entry){time, i});
		size_t at = i + 3;
		for (size_t up; at > 3 && (heap.key[up = at / 4 + 2] >> 64) > (queue_key)time; at = up)
			heap.key[at] = heap.key[up];
		heap.key[at] = (queue_key)(uint64_t)time << 64 | i;
	}
	uint64_t reached[3];
	uint64_t (*const fn[])(void *) = {by_engine, by_radix, by_heap};
	void *const with[] = {&world, radix, &heap};
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
	for (int b = 0; b < 65; b++)
		free(radix->bucket[b].entry);
	free(radix);
	free(heap.key);
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
