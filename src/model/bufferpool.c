/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A frame for each page in memory, and for each file an array that tells the frame of a page: a look-up is one access.
 * LRU is a list of frames in the order of their last use; clock is a bit a frame, and a hand.
 */
#include "model/bufferpool.h"
#include "base/check.h"
#include "model/disk.h"

#include <string.h>

/* ---- lru ---- */

static void lru_enter(struct bufferpool *pool, int32_t number)
{
	struct bufferpool_frame *frame = &pool->frame[number];
	frame->newer = -1;
	frame->older = pool->newest;
	if (pool->newest >= 0)
		pool->frame[pool->newest].newer = number;
	else
		pool->oldest = number;
	pool->newest = number;
}

static void lru_leave(struct bufferpool *pool, int32_t number)
{
	struct bufferpool_frame *frame = &pool->frame[number];
	if (frame->newer >= 0)
		pool->frame[frame->newer].older = frame->older;
	else
		pool->newest = frame->older;
	if (frame->older >= 0)
		pool->frame[frame->older].newer = frame->newer;
	else
		pool->oldest = frame->newer;
}

static void lru_use(struct bufferpool *pool, int32_t number)
{
	if (pool->newest == number)
		return;
	lru_leave(pool, number);
	lru_enter(pool, number);
}

static int32_t lru_victim(struct bufferpool *pool)
{
	int32_t number = pool->oldest;
	lru_leave(pool, number);
	return number;
}

/* ---- clock ---- */

static void clock_enter(struct bufferpool *pool, int32_t number)
{
	pool->frame[number].used = false;
}

static void clock_use(struct bufferpool *pool, int32_t number)
{
	pool->frame[number].used = true;
}

static int32_t clock_victim(struct bufferpool *pool)
{
	for (;;) {
		int32_t number = pool->hand;
		pool->hand = (number + 1) % (int32_t)pool->frames;
		if (!pool->frame[number].used)
			return number;
		pool->frame[number].used = false;
	}
}

static const struct bufferpool_kind lru = {"lru", "the page that was used least recently goes", lru_enter, lru_use,
					   lru_victim};
static const struct bufferpool_kind second_chance = {"clock", "the first page that the hand finds unused goes",
						     clock_enter, clock_use, clock_victim};
const struct bufferpool_kind *const bufferpool_kinds[] = {&lru, &second_chance, NULL};
const char *const bufferpool_names[] = {"lru", "clock", NULL};

/* ---- all kinds ---- */

void bufferpool_init(struct bufferpool *pool, struct arena *arena, const struct bufferpool_kind *kind, int64_t frames)
{
	CHECK(frames >= 1 && frames < INT32_MAX);
	*pool = (struct bufferpool){.kind = kind, .arena = arena, .frames = frames, .newest = -1, .oldest = -1};
	pool->frame = ARENA_ARRAY(arena, (size_t)frames, struct bufferpool_frame);
}

static uint64_t number_of(uint64_t page)
{
	return page & ((UINT64_C(1) << DISK_FILE_BITS) - 1);
}

static struct bufferpool_file *file_of(struct bufferpool *pool, uint64_t page)
{
	CHECK(page >> DISK_FILE_BITS < BUFFERPOOL_FILES);
	return &pool->file[page >> DISK_FILE_BITS];
}

static int32_t frame_of(const struct bufferpool *pool, uint64_t page)
{
	const struct bufferpool_file *file = file_of((struct bufferpool *)pool, page);
	uint64_t number = number_of(page);
	return number < file->room ? file->frame[number] - 1 : -1;
}

static void set_frame(struct bufferpool *pool, uint64_t page, int32_t frame)
{
	struct bufferpool_file *file = file_of(pool, page);
	uint64_t number = number_of(page);
	if (number >= file->room) {
		uint64_t room = file->room ? file->room : 64;
		while (room <= number)
			room *= 2;
		int32_t *more = ARENA_ARRAY(pool->arena, room, int32_t);
		if (file->room)
			memcpy(more, file->frame, file->room * sizeof(*more));
		file->frame = more;
		file->room = room;
	}
	file->frame[number] = frame + 1;
}

bool bufferpool_has(const struct bufferpool *pool, uint64_t page)
{
	return frame_of(pool, page) >= 0;
}

static void mark(struct bufferpool *pool, int32_t number)
{
	pool->dirty += !pool->frame[number].dirty;
	pool->frame[number].dirty = true;
}

bool bufferpool_use(struct bufferpool *pool, uint64_t page, bool dirty, uint64_t *evicted)
{
	int32_t number = frame_of(pool, page);
	*evicted = BUFFERPOOL_NONE;
	if (number >= 0) {
		pool->kind->use(pool, number);
		if (dirty)
			mark(pool, number);
		return true;
	}
	if (pool->count < pool->frames) {
		number = (int32_t)pool->count++;
	} else {
		number = pool->kind->victim(pool);
		set_frame(pool, pool->frame[number].page, -1);
		if (pool->frame[number].dirty) {
			*evicted = pool->frame[number].page;
			pool->dirty--;
		}
	}
	pool->frame[number] = (struct bufferpool_frame){.page = page};
	set_frame(pool, page, number);
	pool->kind->enter(pool, number);
	if (dirty)
		mark(pool, number);
	return false;
}

uint64_t bufferpool_clean(struct bufferpool *pool, int64_t *cursor)
{
	for (; *cursor < pool->count && pool->dirty > 0; ++*cursor) {
		struct bufferpool_frame *frame = &pool->frame[*cursor];
		if (frame->dirty) {
			frame->dirty = false;
			pool->dirty--;
			++*cursor;
			return frame->page;
		}
	}
	return BUFFERPOOL_NONE;
}

void bufferpool_empty(struct bufferpool *pool)
{
	for (int64_t i = 0; i < pool->count; i++)
		set_frame(pool, pool->frame[i].page, -1);
	pool->count = pool->dirty = 0;
	pool->newest = pool->oldest = -1;
	pool->hand = 0;
}
