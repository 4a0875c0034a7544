/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A chained hash table. Every use stamps its entry; only when there is no room for one more for the first time are the
 * entries put on a list, in the order of their stamps, and from then on kept on it in the order of use: a cache that
 * never fills up does not pay for the neighbours in a list, which lie anywhere in memory.
 */
#include "model/cache.h"
#include "base/check.h"
#include "engine/rng.h"

#include <stdlib.h>

struct cache_entry {
	uint64_t key;
	int64_t expires;
	struct cache_entry *chain; /* next in its bucket */
	uint64_t used;             /* a number that grows from use to use; until they are on the list */
	struct cache_entry *newer, *older;
};

void cache_init(struct cache *cache, struct arena *arena, int64_t capacity, int64_t lifetime)
{
	CHECK(capacity >= 1 && lifetime >= 0);
	uint64_t buckets = 16;
	while (buckets < (uint64_t)capacity && buckets < UINT64_C(1) << 20)
		buckets *= 2;
	*cache = (struct cache){.arena = arena, .mask = buckets - 1, .capacity = capacity, .lifetime = lifetime};
	cache->bucket = ARENA_ARRAY(arena, buckets, struct cache_entry *);
}

static struct cache_entry **bucket_of(struct cache *cache, uint64_t key)
{
	return &cache->bucket[rng_mix(key) & cache->mask];
}

/* The pointer to the key's entry, or to the NULL at the end of its chain. */
static struct cache_entry **find(struct cache_entry **at, uint64_t key)
{
	while (*at && (*at)->key != key)
		at = &(*at)->chain;
	return at;
}

static void unlink_entry(struct cache *cache, struct cache_entry *entry)
{
	*(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct cache *cache, struct cache_entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
	cache->newest = entry;
}

static int by_use(const void *a, const void *b)
{
	const struct cache_entry *one = *(struct cache_entry *const *)a, *other = *(struct cache_entry *const *)b;
	return one->used < other->used ? -1 : one->used > other->used; /* no two are equal */
}

static void make_list(struct cache *cache)
{
	struct cache_entry **entry = ARENA_ARRAY(cache->arena, (size_t)cache->count, struct cache_entry *);
	int64_t count = 0;
	for (uint64_t i = 0; i <= cache->mask; i++)
		for (struct cache_entry *at = cache->bucket[i]; at; at = at->chain)
			entry[count++] = at;
	qsort(entry, (size_t)count, sizeof(*entry), by_use);
	for (int64_t i = 0; i < count; i++)
		link_newest(cache, entry[i]);
	cache->listed = true;
}

/* An entry of before is the newest now. */
static void use(struct cache *cache, struct cache_entry *entry)
{
	if (cache->listed) {
		unlink_entry(cache, entry);
		link_newest(cache, entry);
	} else {
		entry->used = cache->uses++;
	}
}

static void take_out(struct cache *cache, struct cache_entry **at)
{
	struct cache_entry *entry = *at;
	*at = entry->chain;
	if (cache->listed)
		unlink_entry(cache, entry);
	entry->chain = cache->free;
	cache->free = entry;
	cache->count--;
}

static struct cache_entry *make_room(struct cache *cache)
{
	if (cache->count == cache->capacity) {
		if (!cache->listed)
			make_list(cache);
		uint64_t key = cache->oldest->key;
		take_out(cache, find(bucket_of(cache, key), key));
	}
	struct cache_entry *entry = cache->free;
	if (entry)
		cache->free = entry->chain;
	else
		entry = ARENA_NEW(cache->arena, struct cache_entry);
	cache->count++;
	return entry;
}

bool cache_get(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_entry **at = find(bucket_of(cache, key), key), *entry = *at;
	if (!entry)
		return false;
	if (now >= entry->expires) {
		take_out(cache, at);
		return false;
	}
	use(cache, entry);
	return true;
}

void cache_put(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_entry **bucket = bucket_of(cache, key), *entry = *find(bucket, key);
	if (entry) {
		use(cache, entry);
	} else {
		entry = make_room(cache);
		entry->key = key;
		entry->chain = *bucket;
		*bucket = entry;
		if (cache->listed)
			link_newest(cache, entry);
		else
			entry->used = cache->uses++;
	}
	entry->expires = cache->lifetime > 0 ? now + cache->lifetime : INT64_MAX;
}

void cache_drop(struct cache *cache, uint64_t key)
{
	struct cache_entry **at = find(bucket_of(cache, key), key);
	if (*at)
		take_out(cache, at);
}
