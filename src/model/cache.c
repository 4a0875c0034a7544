/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A chained hash table whose entries are also on a list in order of use.
 */
#include "model/cache.h"
#include "base/check.h"
#include "engine/rng.h"

struct cache_entry {
	uint64_t key;
	int64_t expires;
	struct cache_entry *chain;         /* next in its bucket */
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

/* The pointer to the key's entry, or to the NULL at the end of its chain. */
static struct cache_entry **find(struct cache *cache, uint64_t key)
{
	struct cache_entry **at = &cache->bucket[rng_mix(key) & cache->mask];
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

static void take_out(struct cache *cache, struct cache_entry **at)
{
	struct cache_entry *entry = *at;
	*at = entry->chain;
	unlink_entry(cache, entry);
	entry->chain = cache->free;
	cache->free = entry;
	cache->count--;
}

bool cache_get(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_entry **at = find(cache, key), *entry = *at;
	if (!entry)
		return false;
	if (now >= entry->expires) {
		take_out(cache, at);
		return false;
	}
	unlink_entry(cache, entry);
	link_newest(cache, entry);
	return true;
}

void cache_put(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_entry *entry = *find(cache, key);
	if (entry) {
		unlink_entry(cache, entry);
	} else {
		if (cache->count == cache->capacity)
			take_out(cache, find(cache, cache->oldest->key));
		entry = cache->free;
		if (entry)
			cache->free = entry->chain;
		else
			entry = ARENA_NEW(cache->arena, struct cache_entry);
		struct cache_entry **bucket = &cache->bucket[rng_mix(key) & cache->mask];
		entry->key = key;
		entry->chain = *bucket;
		*bucket = entry;
		cache->count++;
	}
	entry->expires = cache->lifetime > 0 ? now + cache->lifetime : INT64_MAX;
	link_newest(cache, entry);
}

void cache_drop(struct cache *cache, uint64_t key)
{
	struct cache_entry **at = find(cache, key);
	if (*at)
		take_out(cache, at);
}
