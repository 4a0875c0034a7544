/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hash table with open addressing and linear probing (Knuth, TAOCP 3, 6.4): an entry is found with one access to
 * memory, which is what counts in a table of some megabytes. Who is taken out leaves no gap: those that probed past
 * move up (ibid., algorithm R).
 *
 * Every use stamps its entry with a number that grows. When there is no room, the entries are written down in the order
 * of their stamps and go in that order, but for those that have been used since. When that list is at its end, each of
 * them has been taken out or used, and it is made anew: so an operation costs O(log entries) at most, on average.
 */
#include "model/cache.h"
#include "base/check.h"
#include "engine/rng.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

struct cache_entry {
	uint64_t key, used;
	int64_t expires; /* 0: the place is empty */
};

struct cache_use {
	uint64_t key, used;
};

void cache_init(struct cache *cache, struct arena *arena, int64_t capacity, int64_t lifetime)
{
	CHECK(capacity >= 1 && lifetime >= 0);
	*cache = (struct cache){.arena = arena, .mask = FIRST_ROOM - 1, .capacity = capacity, .lifetime = lifetime};
	cache->entry = ARENA_ARRAY(arena, FIRST_ROOM, struct cache_entry);
}

static uint64_t home_of(const struct cache *cache, uint64_t key)
{
	return rng_mix(key) & cache->mask;
}

/* The key's entry, or the empty place where it belongs. */
static struct cache_entry *find(const struct cache *cache, uint64_t key)
{
	uint64_t at = home_of(cache, key);
	while (cache->entry[at].expires && cache->entry[at].key != key)
		at = (at + 1) & cache->mask;
	return &cache->entry[at];
}

static void take_out(struct cache *cache, struct cache_entry *entry)
{
	uint64_t gap = (uint64_t)(entry - cache->entry);
	for (uint64_t at = (gap + 1) & cache->mask; cache->entry[at].expires; at = (at + 1) & cache->mask) {
		uint64_t home = home_of(cache, cache->entry[at].key);
		if (((at - home) & cache->mask) < ((at - gap) & cache->mask))
			continue; /* its probes begin behind the gap */
		cache->entry[gap] = cache->entry[at];
		gap = at;
	}
	cache->entry[gap].expires = 0;
	cache->count--;
}

static void grow(struct cache *cache)
{
	struct cache_entry *old = cache->entry;
	uint64_t room = cache->mask + 1;
	cache->mask = 2 * room - 1;
	cache->entry = ARENA_ARRAY(cache->arena, 2 * room, struct cache_entry);
	for (uint64_t i = 0; i < room; i++)
		if (old[i].expires)
			*find(cache, old[i].key) = old[i];
}

static int by_use(const void *a, const void *b)
{
	const struct cache_use *one = a, *other = b;
	return one->used < other->used ? -1 : one->used > other->used; /* no two are equal */
}

static void write_down_uses(struct cache *cache)
{
	if (!cache->use)
		cache->use = ARENA_ARRAY(cache->arena, (size_t)cache->capacity, struct cache_use);
	cache->next_use = cache->use_count = 0;
	for (uint64_t i = 0; i <= cache->mask; i++)
		if (cache->entry[i].expires)
			cache->use[cache->use_count++] = (struct cache_use){cache->entry[i].key, cache->entry[i].used};
	qsort(cache->use, (size_t)cache->use_count, sizeof(*cache->use), by_use);
}

static void take_out_oldest(struct cache *cache)
{
	for (;;) {
		if (cache->next_use == cache->use_count)
			write_down_uses(cache);
		const struct cache_use *use = &cache->use[cache->next_use++];
		struct cache_entry *entry = find(cache, use->key);
		if (entry->expires && entry->used == use->used) {
			take_out(cache, entry);
			return;
		}
	}
}

bool cache_get(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_entry *entry = find(cache, key);
	if (!entry->expires)
		return false;
	if (now >= entry->expires) {
		take_out(cache, entry);
		return false;
	}
	entry->used = cache->uses++;
	return true;
}

void cache_put(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_entry *entry = find(cache, key);
	CHECK(now >= 0);
	if (!entry->expires) {
		if (cache->count == cache->capacity)
			take_out_oldest(cache);
		if (3 * (uint64_t)cache->count > 2 * cache->mask)
			grow(cache);
		entry = find(cache, key); /* the others may have moved */
		entry->key = key;
		cache->count++;
	}
	entry->used = cache->uses++;
	entry->expires = cache->lifetime > 0 ? now + cache->lifetime : INT64_MAX;
}

void cache_drop(struct cache *cache, uint64_t key)
{
	struct cache_entry *entry = find(cache, key);
	if (entry->expires)
		take_out(cache, entry);
}
