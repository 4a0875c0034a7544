/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open addressing with linear probing; what is dropped leaves no gap: those that probed past it move up (Knuth, TAOCP
 * 3, 6.4, algorithm R). A place is a head and the record behind it, so that a look costs one access to memory.
 */
#include "model/keymap.h"
#include "base/check.h"
#include "engine/rng.h"

#include <string.h>

enum { FIRST_ROOM = 16, ALIGNED = 16 }; /* bytes: any record is at home at a multiple of that */

struct head {
	uint64_t key;
	uint64_t full;
};

static struct head *head_at(const struct keymap *map, uint64_t at)
{
	return (struct head *)(void *)(map->place + at * map->stride);
}

static uint64_t home_of(const struct keymap *map, uint64_t key)
{
	return rng_mix(key + UINT64_C(0x9e3779b97f4a7c15)) & map->mask;
}

void keymap_init(struct keymap *map, struct arena *arena, size_t size)
{
	size_t stride = sizeof(struct head) + (size + ALIGNED - 1) / ALIGNED * ALIGNED;
	*map = (struct keymap){.arena = arena, .stride = stride, .mask = FIRST_ROOM - 1};
	map->place = arena_array(arena, FIRST_ROOM, stride);
}

/* Where the key is, or the empty place where it belongs. */
static uint64_t place_of(const struct keymap *map, uint64_t key)
{
	uint64_t at = home_of(map, key);
	for (const struct head *head; (head = head_at(map, at))->full && head->key != key;)
		at = (at + 1) & map->mask;
	return at;
}

void *keymap_find(const struct keymap *map, uint64_t key)
{
	struct head *head = head_at(map, place_of(map, key));
	return head->full ? head + 1 : NULL;
}

static void grow(struct keymap *map)
{
	struct keymap old = *map;
	map->mask = 2 * old.mask + 1;
	map->place = arena_array(map->arena, map->mask + 1, map->stride);
	for (uint64_t at = 0; at <= old.mask; at++) {
		struct head *head = head_at(&old, at);
		if (head->full)
			memcpy(head_at(map, place_of(map, head->key)), head, map->stride);
	}
}

void *keymap_put(struct keymap *map, uint64_t key, bool *fresh)
{
	struct head *head = head_at(map, place_of(map, key));
	if (fresh)
		*fresh = !head->full;
	if (!head->full) {
		if (3 * map->count > 2 * map->mask) {
			grow(map);
			head = head_at(map, place_of(map, key));
		}
		*head = (struct head){key, 1};
		memset(head + 1, 0, map->stride - sizeof *head);
		map->count++;
	}
	return head + 1;
}

bool keymap_drop(struct keymap *map, uint64_t key)
{
	uint64_t gap = place_of(map, key);
	if (!head_at(map, gap)->full)
		return false;
	for (uint64_t at = (gap + 1) & map->mask; head_at(map, at)->full; at = (at + 1) & map->mask) {
		uint64_t home = home_of(map, head_at(map, at)->key);
		if (((at - home) & map->mask) < ((at - gap) & map->mask))
			continue; /* its probes begin behind the gap */
		memcpy(head_at(map, gap), head_at(map, at), map->stride);
		gap = at;
	}
	head_at(map, gap)->full = 0;
	map->count--;
	return true;
}

void *keymap_next(const struct keymap *map, uint64_t *cursor, uint64_t *key)
{
	while (*cursor <= map->mask) {
		struct head *head = head_at(map, (*cursor)++);
		if (!head->full)
			continue;
		if (key)
			*key = head->key;
		return head + 1;
	}
	return NULL;
}
