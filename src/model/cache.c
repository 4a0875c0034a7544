/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of kinds. Everything else is in a file of each.
 */
#include "model/cache.h"
#include "base/check.h"

#define CACHE(name, word) &cache_##name,
const struct cache_kind *const cache_kinds[] = {
#include "model/cache.def"
	NULL};
#undef CACHE

#define CACHE(name, word) word,
const char *const cache_names[] = {
#include "model/cache.def"
	NULL};
#undef CACHE

void cache_init_of(struct cache *cache, struct arena *arena, const struct cache_kind *kind, int64_t capacity,
		   int64_t lifetime)
{
	CHECK(capacity >= 1 && lifetime >= 0);
	*cache = (struct cache){.kind = kind, .arena = arena, .capacity = capacity, .lifetime = lifetime};
	cache->state = arena_get(arena, kind->size);
	kind->begin(cache);
}

void cache_init(struct cache *cache, struct arena *arena, int64_t capacity, int64_t lifetime)
{
	cache_init_of(cache, arena, &cache_lru, capacity, lifetime);
}
