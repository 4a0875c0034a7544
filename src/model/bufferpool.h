/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A buffer pool: which pages of a disk are in memory, and which of these have been changed and not yet written. When
 * there is no room a page goes, by kind:
 *
 *   lru    the one that was used least recently
 *   clock  a hand goes round, and takes the first page that was not used since it last came by (second chance)
 *
 * The pool decides; reading and writing is for its owner (model/pager.h). Pages are disk addresses (model/disk.h), and
 * files are dense: memory is taken for the numbers below the greatest.
 *
 * To add a kind: a struct bufferpool_kind and its place in bufferpool_kinds; tests/t-bufferpool.c loops over these.
 */
#ifndef MODEL_BUFFERPOOL_H
#define MODEL_BUFFERPOOL_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { BUFFERPOOL_FILES = 64 };
#define BUFFERPOOL_NONE UINT64_MAX

struct bufferpool;

struct bufferpool_frame {
	uint64_t page;
	int32_t newer, older; /* lru: towards the most and the least recently used; -1: none */
	bool dirty, used;     /* used: clock, since the hand came by */
};

struct bufferpool_kind {
	const char *name, *about;
	void (*enter)(struct bufferpool *pool, int32_t frame);
	void (*use)(struct bufferpool *pool, int32_t frame);
	int32_t (*victim)(struct bufferpool *pool); /* its frame, taken out of the order; the pool is full */
};

struct bufferpool {
	const struct bufferpool_kind *kind;
	struct arena *arena;
	int64_t frames, count, dirty; /* that there are; that hold a page; that hold a changed one */
	struct bufferpool_frame *frame;
	int32_t newest, oldest, hand;
	struct bufferpool_file {
		int32_t *frame; /* of each page, + 1; 0: not in memory */
		uint64_t room;
	} file[BUFFERPOOL_FILES];
};

/* All kinds, and their names; both end with NULL. */
extern const struct bufferpool_kind *const bufferpool_kinds[];
extern const char *const bufferpool_names[];

/* Empty; 1 <= frames < 2^31. */
void bufferpool_init(struct bufferpool *pool, struct arena *arena, const struct bufferpool_kind *kind, int64_t frames);

/* Whether the page is in memory; not a use. */
bool bufferpool_has(const struct bufferpool *pool, uint64_t page);

/*
 * The page is used, and changed if `dirty`. True: it was in memory. Else it takes the place of another, or a free one;
 * *evicted is the page that goes if it has been changed and must be written, BUFFERPOOL_NONE otherwise.
 */
bool bufferpool_use(struct bufferpool *pool, uint64_t page, bool dirty, uint64_t *evicted);

/* A changed page, which counts as written from now on, or BUFFERPOOL_NONE. Start with *cursor = 0. */
uint64_t bufferpool_clean(struct bufferpool *pool, int64_t *cursor);

/* Forgets all pages, changed ones too. */
void bufferpool_empty(struct bufferpool *pool);

#endif
