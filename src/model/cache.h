/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A cache of bounded size: which keys are in it. An entry expires a fixed time after it was put; when there is no room
 * one goes, and kinds differ in which:
 *
 *   lru      the one that was used least recently
 *   fifo     the one that was put first
 *   clock    the one that was put first, unless it was used since: then it comes last again (second chance)
 *   sieve    the same, but those that were used stay where they are, and a hand passes over them
 *            (Zhang et al., NSDI 2024)
 *   s3-fifo  newcomers wait in a small queue, and only those that are used meanwhile come into the main one
 *            (Yang et al., SOSP 2023)
 *
 * To add a kind: one file that defines `const struct cache_kind cache_NAME`, one line in cache.def, one in Makefile.am.
 * tests/t-cache.c loops over the list.
 */
#ifndef MODEL_CACHE_H
#define MODEL_CACHE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct cache;

/* The functions are those below, for a cache whose `count` they keep. */
struct cache_kind {
	const char *name, *about;
	size_t size;                       /* of the state */
	void (*begin)(struct cache *cache); /* the state is zeros */
	bool (*get)(struct cache *cache, uint64_t key, int64_t now);
	void (*put)(struct cache *cache, uint64_t key, int64_t now);
	void (*drop)(struct cache *cache, uint64_t key);
};

struct cache {
	const struct cache_kind *kind;
	struct arena *arena;
	void *state;
	int64_t capacity, count, lifetime; /* entries, entries, ns (0: for ever) */
};

#define CACHE(name, word) extern const struct cache_kind cache_##name;
#include "model/cache.def"
#undef CACHE

/* All kinds, and their names, in the order of cache.def; both end with NULL. */
extern const struct cache_kind *const cache_kinds[];
extern const char *const cache_names[];

/* capacity >= 1. The first is for a cache that drops what was used least recently. */
void cache_init(struct cache *cache, struct arena *arena, int64_t capacity, int64_t lifetime);
void cache_init_of(struct cache *cache, struct arena *arena, const struct cache_kind *kind, int64_t capacity,
		   int64_t lifetime);

/* Whether the key is there, which is a use of it. An entry that has expired is not there, and goes. */
static inline bool cache_get(struct cache *cache, uint64_t key, int64_t now)
{
	return cache->kind->get(cache, key, now);
}

/* Puts the key, or puts it anew: then its lifetime begins again, and it is used. now >= 0. */
static inline void cache_put(struct cache *cache, uint64_t key, int64_t now)
{
	cache->kind->put(cache, key, now);
}

/* Takes the key out, if it is in. */
static inline void cache_drop(struct cache *cache, uint64_t key)
{
	cache->kind->drop(cache, key);
}

/* When what is put now expires. For kinds. */
static inline int64_t cache_expires(const struct cache *cache, int64_t now)
{
	return cache->lifetime > 0 ? now + cache->lifetime : INT64_MAX;
}

#endif
