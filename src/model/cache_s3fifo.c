/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * S3-FIFO (Yang, Zhang, Qiu, Yue & Rashmi, SOSP 2023): three queues. Newcomers enter a small one, a tenth of the cache.
 * Who comes to its front and has been used more than once moves to the main one; who has not leaves, and is remembered
 * by name in a third, as long as the main one. Who is asked for again while remembered enters the main one at once. In
 * the main one every use, up to three, is worth another round.
 */
#include "model/cache_line.h"

enum { SMALL, MAIN, GONE };
enum { MOST = 3, SMALL_SHARE = 10 };

static void begin(struct cache *cache)
{
	cache_lines_init(cache->state, cache->arena);
}

static bool is_gone(const struct cache_lines *lines, uint32_t number)
{
	return number && lines->entry[number].line == GONE;
}

static bool get(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_lines *lines = cache->state;
	return !is_gone(lines, cache_lines_find(lines, key)) && cache_lines_get(cache, lines, key, now, MOST);
}

static int64_t small_room(const struct cache *cache)
{
	int64_t room = cache->capacity / SMALL_SHARE;
	return room > 0 ? room : 1;
}

/* Its name is remembered; of too many names the oldest is forgotten. */
static void let_go(struct cache *cache, uint32_t number)
{
	struct cache_lines *lines = cache->state;
	cache->count--;
	cache_lines_move(lines, number, GONE);
	if (lines->line[GONE].count > cache->capacity - small_room(cache))
		cache_lines_remove(lines, lines->line[GONE].oldest);
}

static void evict_main(struct cache *cache)
{
	struct cache_lines *lines = cache->state;
	uint32_t oldest;
	while ((oldest = lines->line[MAIN].oldest) && lines->entry[oldest].mark) {
		lines->entry[oldest].mark--;
		cache_lines_move(lines, oldest, MAIN);
	}
	if (oldest) {
		cache_lines_remove(lines, oldest);
		cache->count--;
	}
}

/* Makes room for one. */
static void evict(struct cache *cache)
{
	struct cache_lines *lines = cache->state;
	if (lines->line[SMALL].count < small_room(cache)) {
		evict_main(cache);
		return;
	}
	while (cache->count == cache->capacity && lines->line[SMALL].count > 0) {
		uint32_t oldest = lines->line[SMALL].oldest;
		if (lines->entry[oldest].mark <= 1) {
			let_go(cache, oldest);
			return;
		}
		lines->entry[oldest].mark = 0;
		cache_lines_move(lines, oldest, MAIN);
		if (lines->line[MAIN].count > cache->capacity - small_room(cache))
			evict_main(cache);
	}
	if (cache->count == cache->capacity)
		evict_main(cache);
}

static void put(struct cache *cache, uint64_t key, int64_t now)
{
	struct cache_lines *lines = cache->state;
	uint32_t number = cache_lines_find(lines, key);
	bool known = is_gone(lines, number);
	if (!known && cache_lines_put_anew(cache, lines, key, now, MOST))
		return;
	if (known)
		cache_lines_remove(lines, number);
	if (cache->count == cache->capacity)
		evict(cache);
	cache_lines_add(lines, key, cache_expires(cache, now), known ? MAIN : SMALL);
	cache->count++;
}

static void drop(struct cache *cache, uint64_t key)
{
	struct cache_lines *lines = cache->state;
	uint32_t number = cache_lines_find(lines, key);
	if (!number)
		return;
	if (!is_gone(lines, number))
		cache->count--;
	cache_lines_remove(lines, number);
}

const struct cache_kind cache_s3fifo = {
	.name = "s3-fifo",
	.about = "newcomers wait in a small queue; those that are used come into the main one",
	.size = sizeof(struct cache_lines),
	.begin = begin,
	.get = get,
	.put = put,
	.drop = drop,
};
