/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries that stand in lines: what the kinds of caches that are made of queues share. An entry is found by its key,
 * stands in one line, between an older and a newer one, and bears a mark of its kind. Entries are numbers from 1 on,
 * which stay the same while the entry lives; 0 is none.
 */
#ifndef MODEL_CACHE_LINE_H
#define MODEL_CACHE_LINE_H

#include "model/cache.h"
#include "model/keymap.h"

struct cache_entry {
	uint64_t key;
	int64_t expires;
	uint32_t older, newer;
	uint8_t line, mark;
};

struct cache_line {
	uint32_t oldest, newest;
	int64_t count;
};

enum { CACHE_LINES = 3 };

struct cache_lines {
	struct arena *arena;
	struct keymap number; /* of the entry with a key */
	struct cache_entry *entry;
	uint32_t room, used, free; /* entries there is memory for; had so far; given back, linked by newer */
	struct cache_line line[CACHE_LINES];
};

void cache_lines_init(struct cache_lines *lines, struct arena *arena);

/* The entry of a key, or 0. */
uint32_t cache_lines_find(const struct cache_lines *lines, uint64_t key);

/* A new entry of the key, the newest of a line; its mark is 0. The key has none yet. */
uint32_t cache_lines_add(struct cache_lines *lines, uint64_t key, int64_t expires, int line);

/* An entry becomes the newest of a line. */
void cache_lines_move(struct cache_lines *lines, uint32_t number, int line);

/* An entry goes. */
void cache_lines_remove(struct cache_lines *lines, uint32_t number);

/* An entry of a cache goes, and is counted off; and whatever entry the key has, if it has one. */
void cache_lines_let_go(struct cache *cache, struct cache_lines *lines, uint32_t number);
void cache_lines_drop(struct cache *cache, struct cache_lines *lines, uint64_t key);

/*
 * What cache_get is for a line in which a use only raises a mark, up to `most`; one that has expired is taken out by
 * cache->kind->drop. And what cache_put begins with: true when the key was there.
 */
bool cache_lines_get(struct cache *cache, struct cache_lines *lines, uint64_t key, int64_t now, int most);
bool cache_lines_put_anew(struct cache *cache, struct cache_lines *lines, uint64_t key, int64_t now, int most);

#endif
