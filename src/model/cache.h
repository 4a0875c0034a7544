/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A cache of bounded size: which keys are in it. An entry expires a fixed time after it was put; when there is no room
 * the one that was used least recently goes.
 */
#ifndef MODEL_CACHE_H
#define MODEL_CACHE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct cache_entry;
struct cache_use;

struct cache {
	struct arena *arena;
	struct cache_entry *entry; /* the table */
	uint64_t mask, uses;
	int64_t capacity, count, lifetime; /* entries, entries, ns (0: for ever) */
	struct cache_use *use;             /* in order, as of some time ago */
	int64_t next_use, use_count;
};

/* capacity >= 1. */
void cache_init(struct cache *cache, struct arena *arena, int64_t capacity, int64_t lifetime);

/* Whether the key is there; using it makes it the newest. An entry that has expired is not there. */
bool cache_get(struct cache *cache, uint64_t key, int64_t now);

/* Puts the key, or puts it anew. */
void cache_put(struct cache *cache, uint64_t key, int64_t now);

/* Takes the key out, if it is in. */
void cache_drop(struct cache *cache, uint64_t key);

#endif
