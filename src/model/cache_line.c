/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Doubly linked lists by number, so that the memory of all entries can grow.
 */
#include "model/cache_line.h"
#include "base/check.h"

#include <string.h>

enum { FIRST_ROOM = 16 };

void cache_lines_init(struct cache_lines *lines, struct arena *arena)
{
	*lines = (struct cache_lines){.arena = arena, .room = FIRST_ROOM};
	lines->entry = ARENA_ARRAY(arena, FIRST_ROOM, struct cache_entry);
	keymap_init(&lines->number, arena, sizeof(uint32_t));
}

uint32_t cache_lines_find(const struct cache_lines *lines, uint64_t key)
{
	const uint32_t *number = keymap_find(&lines->number, key);
	return number ? *number : 0;
}

static void enter(struct cache_lines *lines, uint32_t number, int line)
{
	struct cache_line *into = &lines->line[line];
	struct cache_entry *entry = &lines->entry[number];
	entry->line = (uint8_t)line;
	entry->older = into->newest;
	entry->newer = 0;
	if (into->newest)
		lines->entry[into->newest].newer = number;
	else
		into->oldest = number;
	into->newest = number;
	into->count++;
}

static void leave(struct cache_lines *lines, uint32_t number)
{
	const struct cache_entry *entry = &lines->entry[number];
	struct cache_line *from = &lines->line[entry->line];
	if (entry->older)
		lines->entry[entry->older].newer = entry->newer;
	else
		from->oldest = entry->newer;
	if (entry->newer)
		lines->entry[entry->newer].older = entry->older;
	else
		from->newest = entry->older;
	from->count--;
}

static uint32_t new_number(struct cache_lines *lines)
{
	uint32_t number = lines->free;
	if (number) {
		lines->free = lines->entry[number].newer;
		return number;
	}
	if (lines->used + 1 == lines->room) {
		CHECK(lines->room <= UINT32_MAX / 2);
		struct cache_entry *old = lines->entry;
		lines->entry = ARENA_ARRAY(lines->arena, 2 * (size_t)lines->room, struct cache_entry);
		memcpy(lines->entry, old, lines->room * sizeof *old);
		lines->room *= 2;
	}
	return ++lines->used;
}

uint32_t cache_lines_add(struct cache_lines *lines, uint64_t key, int64_t expires, int line)
{
	bool fresh;
	uint32_t *place = keymap_put(&lines->number, key, &fresh);
	CHECK(fresh);
	uint32_t number = *place = new_number(lines);
	lines->entry[number] = (struct cache_entry){.key = key, .expires = expires};
	enter(lines, number, line);
	return number;
}

void cache_lines_move(struct cache_lines *lines, uint32_t number, int line)
{
	leave(lines, number);
	enter(lines, number, line);
}

void cache_lines_remove(struct cache_lines *lines, uint32_t number)
{
	leave(lines, number);
	keymap_drop(&lines->number, lines->entry[number].key);
	lines->entry[number].newer = lines->free;
	lines->free = number;
}

void cache_lines_let_go(struct cache *cache, struct cache_lines *lines, uint32_t number)
{
	cache_lines_remove(lines, number);
	cache->count--;
}

void cache_lines_drop(struct cache *cache, struct cache_lines *lines, uint64_t key)
{
	uint32_t number = cache_lines_find(lines, key);
	if (number)
		cache_lines_let_go(cache, lines, number);
}

static void use(struct cache_entry *entry, int most)
{
	if (entry->mark < most)
		entry->mark++;
}

bool cache_lines_get(struct cache *cache, struct cache_lines *lines, uint64_t key, int64_t now, int most)
{
	uint32_t number = cache_lines_find(lines, key);
	if (!number)
		return false;
	if (now >= lines->entry[number].expires) {
		cache->kind->drop(cache, key);
		return false;
	}
	use(&lines->entry[number], most);
	return true;
}

bool cache_lines_put_anew(struct cache *cache, struct cache_lines *lines, uint64_t key, int64_t now, int most)
{
	uint32_t number = cache_lines_find(lines, key);
	if (!number)
		return false;
	use(&lines->entry[number], most);
	lines->entry[number].expires = cache_expires(cache, now);
	return true;
}
