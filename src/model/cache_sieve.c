/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SIEVE (Zhang, Yang, Yue, Vigfusson & Rashmi, NSDI 2024). Entries stand in the order in which they were put, and stay
 * there. A hand moves from the oldest to the newest and then begins again; it unmarks those that were used since it
 * last passed, and the first one without a mark goes. So newcomers that nobody uses go soon, and old favourites stay.
 */
#include "model/cache_line.h"

enum { MOST = 1 };

struct sieve {
	struct cache_lines lines; /* first, so that it is the state of the lines too */
	uint32_t hand;            /* the next one to look at; 0: the oldest */
};

static void begin(struct cache *cache)
{
	struct sieve *sieve = cache->state;
	cache_lines_init(&sieve->lines, cache->arena);
}

static bool get(struct cache *cache, uint64_t key, int64_t now)
{
	struct sieve *sieve = cache->state;
	return cache_lines_get(cache, &sieve->lines, key, now, MOST);
}

static void remove_entry(struct cache *cache, uint32_t number)
{
	struct sieve *sieve = cache->state;
	if (sieve->hand == number)
		sieve->hand = sieve->lines.entry[number].newer;
	cache_lines_remove(&sieve->lines, number);
	cache->count--;
}

static void evict(struct cache *cache)
{
	struct sieve *sieve = cache->state;
	for (;;) {
		if (!sieve->hand)
			sieve->hand = sieve->lines.line[0].oldest;
		struct cache_entry *entry = &sieve->lines.entry[sieve->hand];
		if (!entry->mark) {
			remove_entry(cache, sieve->hand);
			return;
		}
		entry->mark = 0;
		sieve->hand = entry->newer;
	}
}

static void put(struct cache *cache, uint64_t key, int64_t now)
{
	struct sieve *sieve = cache->state;
	if (cache_lines_put_anew(cache, &sieve->lines, key, now, MOST))
		return;
	if (cache->count == cache->capacity)
		evict(cache);
	cache_lines_add(&sieve->lines, key, cache_expires(cache, now), 0);
	cache->count++;
}

static void drop(struct cache *cache, uint64_t key)
{
	struct sieve *sieve = cache->state;
	uint32_t number = cache_lines_find(&sieve->lines, key);
	if (number)
		remove_entry(cache, number);
}

const struct cache_kind cache_sieve = {
	.name = "sieve",
	.about = "a hand passes over the entries and takes the first that was not used",
	.size = sizeof(struct sieve),
	.begin = begin,
	.get = get,
	.put = put,
	.drop = drop,
};
