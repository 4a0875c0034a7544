/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A B+-tree of real pages: entries are keys of 64 bits in leaves, inner pages hold the least keys of their children. A
 * page that is full when an entry comes is split:
 *
 *   half   into two of the same size, wherever the entry goes
 *   right  the same, but what comes after all others begins a page of its own, and the old one stays full
 *
 * Entries that go leave room behind; pages are never merged. Every operation tells which pages it went through, from
 * the root down, so that its caller can pay for them.
 *
 * Beside it a tree that is counted only, for tables too large to be held: all pages are equally full, and what its
 * pages are called can be computed (struct btree_shape).
 */
#ifndef MODEL_BTREE_H
#define MODEL_BTREE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { BTREE_LEVELS = 24, BTREE_LEAST = 3 };
enum btree_split { BTREE_HALF, BTREE_RIGHT };
#define BTREE_NONE UINT32_MAX

struct btree_page;

struct btree {
	struct arena *arena;
	int leaf, fanout;       /* entries that a leaf holds; children of an inner page */
	enum btree_split split;
	struct btree_page **page; /* by number */
	uint32_t pages, room;
	uint32_t root;
	int levels;
	uint64_t keys, leaves, splits; /* splits so far, of inner pages too */
};

/* The pages of one operation: page[0] is the root, page[levels - 1] the leaf; and those that it made. */
struct btree_path {
	int levels, made;
	uint32_t page[BTREE_LEVELS];
	uint32_t made_page[BTREE_LEVELS];
};

/* One empty leaf. Both sizes are at least BTREE_LEAST. */
void btree_init(struct btree *tree, struct arena *arena, int leaf, int fanout, enum btree_split split);

/* Fills an empty tree with the keys 0, stride, 2 stride, ...; each page but the last of a level is `fill` full. */
void btree_load(struct btree *tree, uint64_t count, uint64_t stride, double fill);

/* Whether it is there. The path leads to the leaf where it is, or would be. */
bool btree_find(const struct btree *tree, uint64_t key, struct btree_path *path);

/* False: it is there already. The path is that before splits. */
bool btree_insert(struct btree *tree, uint64_t key, struct btree_path *path);

/* False: it is not there. */
bool btree_remove(struct btree *tree, uint64_t key, struct btree_path *path);

/* Entries of a leaf that are not below `key`; the leaf that follows it in order of keys, or BTREE_NONE. */
int btree_from(const struct btree *tree, uint32_t leaf, uint64_t key);
uint32_t btree_next(const struct btree *tree, uint32_t leaf);

/* Entries over the room that leaves have. */
double btree_fill(const struct btree *tree);

/* Whether keys are in order, counts and links right, and all leaves equally deep. For tests. */
bool btree_sound(const struct btree *tree);

struct btree_shape {
	int64_t keys, leaf;  /* entries; entries of a leaf, > 0 */
	int levels;          /* 1 + ceil(log_fanout(keys / leaf)) */
	int64_t fanout;
	int64_t first[BTREE_LEVELS], pages[BTREE_LEVELS]; /* of each level, leaves first: numbers of its pages */
};

/* `keys` >= 1 in leaves of `leaf`, under inner pages with `fanout` >= 2 children. */
struct btree_shape btree_shape_of(int64_t keys, int64_t leaf, int64_t fanout);

/* The pages down to the entry that has `rank` others before it, 0 <= rank < keys. */
void btree_shape_path(const struct btree_shape *shape, int64_t rank, struct btree_path *path);

#endif
