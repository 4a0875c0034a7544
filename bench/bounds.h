/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bounds of a hold (take the earliest event, schedule one an exponential time later): a radix heap over integer
 * times, with 16 bytes an entry and nothing that an event needs besides its time, and a 4-ary heap of such entries.
 * Which is faster depends on how many events are pending.
 */
#ifndef BENCH_BOUNDS_H
#define BENCH_BOUNDS_H

#include "bench.h"

#include "engine/sim.h"

enum { HOLDS = 500000, MEAN = 1000000 };

static inline int64_t later(struct rng *rng)
{
	return 1 + (int64_t)(rng_exp(rng) * MEAN);
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

/* Both, with the same pending events. */
struct bounds {
	struct radix radix;
	struct heap heap;
};

static struct bounds *bounds_new(size_t pending)
{
	struct bounds *bounds = calloc(1, sizeof *bounds);
	struct rng first = rng_seed(1);
	size_t bytes = (pending + 64) * sizeof(queue_key) / 64 * 64 + 64;
	CHECK(bounds);
	struct heap *heap = &bounds->heap;
	*heap = (struct heap){.count = pending, .rng = rng_seed(2), .number = pending, .key = aligned_alloc(64, bytes)};
	CHECK(heap->key);
	memset(heap->key, 0xff, bytes);
	bounds->radix.rng = rng_seed(2);
	for (size_t i = 0; i < pending; i++) {
		int64_t time = later(&first);
		radix_push(&bounds->radix, (struct entry){time, i});
		size_t at = i + 3;
		for (size_t up; at > 3 && (heap->key[up = at / 4 + 2] >> 64) > (queue_key)time; at = up)
			heap->key[at] = heap->key[up];
		heap->key[at] = (queue_key)(uint64_t)time << 64 | i;
	}
	return bounds;
}

static void bounds_free(struct bounds *bounds)
{
	for (int b = 0; b < 65; b++)
		free(bounds->radix.bucket[b].entry);
	free(bounds->heap.key);
	free(bounds);
}

#endif
