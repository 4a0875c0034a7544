/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An index of a table: a B+-tree, of real pages or counted only (model/btree.h), that lies in a file of its own; and a
 * cursor that goes down it to a key and from leaf to leaf, and tells each page to whoever pays for it.
 *
 * The keys that there are at first are TREEINDEX_STRIDE apart, so that others fit between them: the key of the row that
 * has `rank` others before it is rank * TREEINDEX_STRIDE. A counted tree does not change.
 */
#ifndef MODEL_TREEINDEX_H
#define MODEL_TREEINDEX_H

#include "model/btree.h"

#define TREEINDEX_STRIDE (UINT64_C(1) << 20)

struct treeindex {
	uint64_t file;  /* of model/disk.h */
	bool real;
	struct btree btree;
	struct btree_shape shape;
};

struct treeindex_config {
	uint64_t file;
	bool real;
	int64_t rows, entries, fanout; /* rows at the start; of a full leaf, a full inner page */
	double fill;                   /* of pages at the start */
	enum btree_split split;
};

struct treeindex_cursor {
	struct treeindex *index;
	struct btree_path path;
	int depth;       /* pages of the path that have been told */
	uint32_t leaf;
	int64_t left;    /* entries of the leaf that lie ahead */
};

enum treeindex_touch { TREEINDEX_FIND, TREEINDEX_PUT, TREEINDEX_REMOVE };

void treeindex_init(struct treeindex *index, struct arena *arena, const struct treeindex_config *config);

/*
 * The cursor is at the root, on its way to `key`, which is looked for, put or removed at once. Whether it was there (in
 * a counted tree all are). Pages that were made are those of cursor->path.
 */
bool treeindex_enter(struct treeindex_cursor *cursor, struct treeindex *index, enum treeindex_touch touch,
		     uint64_t key);

/* The next page on the way down, as an address, and whether it is the leaf; false: the cursor is in the leaf. */
bool treeindex_down(struct treeindex_cursor *cursor, uint64_t *page, bool *leaf);

/* On to the next leaf; false: there is none. */
bool treeindex_on(struct treeindex_cursor *cursor, uint64_t *page);

int treeindex_levels(const struct treeindex *index);

#endif
