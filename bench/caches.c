/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request to each kind of cache (model/cache.h), and an owner by each kind of placement, ns. A million requests of
 * keys whose popularity falls as 1 / rank, of a million keys; a cache holds a tenth of them. Told beside 200 ns,
 * which is what libCacheSim's FIFO and LRU were found to take for a request (170 to 230): a number, not a bound
 * measured here.
 */
#include "bench.h"

#include "engine/dist.h"
#include "model/cache.h"
#include "model/placement.h"

enum { REQUESTS = 1000000, KEYS = 1000000, CAPACITY = 100000, NODES = 100 };
static const double others = 200; /* ns */

static uint64_t key[REQUESTS];

static uint64_t of_cache(void *with)
{
	struct arena arena;
	struct cache cache;
	arena_init(&arena);
	cache_init_of(&cache, &arena, with, CAPACITY, 0);
	for (int i = 0; i < REQUESTS; i++)
		if (!cache_get(&cache, key[i], i))
			cache_put(&cache, key[i], i);
		else
			bench_sink++;
	arena_free(&arena);
	return REQUESTS;
}

static uint64_t of_placement(void *with)
{
	const struct placement *placement = with;
	uint64_t sum = 0;
	for (int i = 0; i < REQUESTS; i++)
		sum += (uint64_t)placement_owner(placement, key[i]);
	bench_sink += sum;
	return REQUESTS;
}

static double median_of(bench_fn *fn, void *with)
{
	double ns[BENCH_ROUNDS];
	for (int i = 0; i < BENCH_ROUNDS; i++)
		ns[i] = bench_once(fn, with);
	return bench_median(ns, BENCH_ROUNDS);
}

int main(void)
{
	const struct place nowhere = {"bench", 0, 0};
	const struct placement_config config = {
		.nodes = NODES, .points = 100, .probes = 21, .slots = 65537, .slack = 1.25};
	struct arena arena;
	struct dist zipf;
	struct err err;
	struct rng rng = rng_seed(1);
	char text[100];
	arena_init(&arena);
	err_init(&err);
	snprintf(text, sizeof text, "zipf(%d, 1)", KEYS);
	CHECK(dist_parse(&zipf, QUANTITY_COUNT, text, &arena, NULL, &nowhere, &err));
	for (int i = 0; i < REQUESTS; i++)
		key[i] = (uint64_t)dist_draw_time(&zipf, &rng);
	for (int i = 0; cache_kinds[i]; i++) {
		double ns = median_of(of_cache, (void *)(uintptr_t)cache_kinds[i]);
		snprintf(text, sizeof text, "cache %s, a request, beside libCacheSim's", cache_kinds[i]->name);
		bench_tell(text, ns, others, ns / others, 0);
	}
	for (int i = 0; placement_kinds[i]; i++) {
		struct placement placement;
		placement_init(&placement, &arena, placement_kinds[i], &config, NODES);
		snprintf(text, sizeof text, "placement %s, an owner of %d", placement_kinds[i]->name, NODES);
		printf("%s\t%.2f\t-\t-\t0\t-\n", text, median_of(of_placement, &placement));
		fflush(stdout);
	}
	arena_free(&arena);
	return 0;
}
