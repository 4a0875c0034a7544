/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * First in, first out: a use changes nothing, so a hit needs no lock. What is popular goes as soon as what is not.
 */
#include "model/cache_line.h"

static void begin(struct cache *cache)
{
	cache_lines_init(cache->state, cache->arena);
}

static bool get(struct cache *cache, uint64_t key, int64_t now)
{
	return cache_lines_get(cache, cache->state, key, now, 0);
}

static void put(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_lines *lines = cache->state;
	if (cache_lines_put_anew(cache, lines, key, now, 0))
		return;
	if (cache->count == cache->capacity)
		cache_lines_let_go(cache, lines, lines->line[0].oldest);
	cache_lines_add(lines, key, cache_expires(cache, now), 0);
	cache->count++;
}

static void drop(struct cache *cache, uint64_t key)
{
	cache_lines_drop(cache, cache->state, key);
}

const struct cache_kind cache_fifo = {
	.name = "fifo",
	.about = "the entry that was put first goes",
	.size = sizeof(struct cache_lines),
	.begin = begin,
	.get = get,
	.put = put,
	.drop = drop,
};
