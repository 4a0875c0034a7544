/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Second chance (F. J. Corbato, 1968): first in, first out, but an entry that has been used since it came to the front
 * of the line goes to its end instead.
 */
#include "model/cache_line.h"

enum { MOST = 1 }; /* uses that are remembered */

static void begin(struct cache *cache)
{
	cache_lines_init(cache->state, cache->arena);
}

static bool get(struct cache *cache, uint64_t key, int64_t now)
{
	return cache_lines_get(cache, cache->state, key, now, MOST);
}

static void evict(struct cache *cache)
{
	struct cache_lines *lines = cache->state;
	for (;;) {
		uint32_t oldest = lines->line[0].oldest;
		if (!lines->entry[oldest].mark) {
			cache_lines_let_go(cache, lines, oldest);
			return;
		}
		lines->entry[oldest].mark--;
		cache_lines_move(lines, oldest, 0);
	}
}

static void put(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_lines *lines = cache->state;
	if (cache_lines_put_anew(cache, lines, key, now, MOST))
		return;
	if (cache->count == cache->capacity)
		evict(cache);
	cache_lines_add(lines, key, cache_expires(cache, now), 0);
	cache->count++;
}

static void drop(struct cache *cache, uint64_t key)
{
	cache_lines_drop(cache, cache->state, key);
}

const struct cache_kind cache_clock = {
	.name = "clock",
	.about = "the entry that was put first goes, unless it was used since",
	.size = sizeof(struct cache_lines),
	.begin = begin,
	.get = get,
	.put = put,
	.drop = drop,
};
