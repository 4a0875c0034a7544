/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Least recently used: the entry whose last use is longest ago goes.
 *
 * A hash table with open addressing and linear probing (Knuth, TAOCP 3, 6.4): an entry is found with one access to
 * memory, which is what counts in a table of some megabytes. Who is taken out leaves no gap: those that probed past
 * move up (ibid., algorithm R).
 *
 * Every use stamps its entry with a number that grows. When there is no room, the entries are written down in the order
 * of their stamps and go in that order, but for those that have been used since. When that list is at its end, each of
 * them has been taken out or used, and it is made anew: so an operation costs O(log entries) at most, on average.
 */
#include "model/cache.h"
#include "engine/rng.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

struct entry {
	uint64_t key, used;
	int64_t expires; /* 0: the place is empty */
};

struct use {
	uint64_t key, used;
};

struct lru {
	struct entry *entry; /* the table */
	uint64_t mask, uses;
	struct use *use;     /* in order, as of some time ago */
	int64_t next_use, use_count;
};

static void begin(struct cache *cache)
{
	struct lru *lru = cache->state;
	*lru = (struct lru){.mask = FIRST_ROOM - 1};
	lru->entry = ARENA_ARRAY(cache->arena, FIRST_ROOM, struct entry);
}

static uint64_t home_of(const struct lru *lru, uint64_t key)
{
	return rng_mix(key) & lru->mask;
}

/* The key's entry, or the empty place where it belongs. */
static struct entry *find(const struct lru *lru, uint64_t key)
{
	uint64_t at = home_of(lru, key);
	while (lru->entry[at].expires && lru->entry[at].key != key)
		at = (at + 1) & lru->mask;
	return &lru->entry[at];
}

static void take_out(struct cache *cache, struct entry *entry)
{
	struct lru *lru = cache->state;
	uint64_t gap = (uint64_t)(entry - lru->entry);
	for (uint64_t at = (gap + 1) & lru->mask; lru->entry[at].expires; at = (at + 1) & lru->mask) {
		uint64_t home = home_of(lru, lru->entry[at].key);
		if (((at - home) & lru->mask) < ((at - gap) & lru->mask))
			continue; /* its probes begin behind the gap */
		lru->entry[gap] = lru->entry[at];
		gap = at;
	}
	lru->entry[gap].expires = 0;
	cache->count--;
}

static void grow(struct lru *lru, struct arena *arena)
{
	struct entry *old = lru->entry;
	uint64_t room = lru->mask + 1;
	lru->mask = 2 * room - 1;
	lru->entry = ARENA_ARRAY(arena, 2 * room, struct entry);
	for (uint64_t i = 0; i < room; i++)
		if (old[i].expires)
			*find(lru, old[i].key) = old[i];
}

static int by_use(const void *a, const void *b)
{
	const struct use *one = a, *other = b;
	return one->used < other->used ? -1 : one->used > other->used; /* no two are equal */
}

static void write_down_uses(struct cache *cache)
{
	struct lru *lru = cache->state;
	if (!lru->use)
		lru->use = ARENA_ARRAY(cache->arena, (size_t)cache->capacity, struct use);
	lru->next_use = lru->use_count = 0;
	for (uint64_t i = 0; i <= lru->mask; i++)
		if (lru->entry[i].expires)
			lru->use[lru->use_count++] = (struct use){lru->entry[i].key, lru->entry[i].used};
	qsort(lru->use, (size_t)lru->use_count, sizeof(*lru->use), by_use);
}

static void take_out_oldest(struct cache *cache)
{
	struct lru *lru = cache->state;
	for (;;) {
		if (lru->next_use == lru->use_count)
			write_down_uses(cache);
		const struct use *use = &lru->use[lru->next_use++];
		struct entry *entry = find(lru, use->key);
		if (entry->expires && entry->used == use->used) {
			take_out(cache, entry);
			return;
		}
	}
}

static bool get(struct cache *cache, uint64_t key, int64_t now)
{
	struct lru *lru = cache->state;
	struct entry *entry = find(lru, key);
	if (!entry->expires)
		return false;
	if (now >= entry->expires) {
		take_out(cache, entry);
		return false;
	}
	entry->used = lru->uses++;
	return true;
}

static void put(struct cache *cache, uint64_t key, int64_t now)
{
	struct lru *lru = cache->state;
	struct entry *entry = find(lru, key);
	if (!entry->expires) {
		if (cache->count == cache->capacity)
			take_out_oldest(cache);
		if (3 * (uint64_t)cache->count > 2 * lru->mask)
			grow(lru, cache->arena);
		entry = find(lru, key); /* the others may have moved */
		entry->key = key;
		cache->count++;
	}
	entry->used = lru->uses++;
	entry->expires = cache_expires(cache, now);
}

static void drop(struct cache *cache, uint64_t key)
{
	struct entry *entry = find(cache->state, key);
	if (entry->expires)
		take_out(cache, entry);
}

const struct cache_kind cache_lru = {
	.name = "lru",
	.about = "the entry whose last use is longest ago goes",
	.size = sizeof(struct lru),
	.begin = begin,
	.get = get,
	.put = put,
	.drop = drop,
};
