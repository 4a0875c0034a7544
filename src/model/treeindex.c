/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The path is known when the cursor enters; it is told page by page, as pages come from the disk.
 */
#include "model/treeindex.h"
#include "model/disk.h"

static int64_t part_of(int64_t room, double fill, int64_t least)
{
	int64_t count = (int64_t)((double)room * fill + 0.5);
	return count < least ? least : count;
}

void treeindex_init(struct treeindex *index, struct arena *arena, const struct treeindex_config *config)
{
	*index = (struct treeindex){.file = config->file, .real = config->real};
	if (index->real) {
		btree_init(&index->btree, arena, (int)config->entries, (int)config->fanout, config->split);
		btree_load(&index->btree, (uint64_t)config->rows, TREEINDEX_STRIDE, config->fill);
	} else {
		index->shape = btree_shape_of(config->rows, part_of(config->entries, config->fill, 1),
					      part_of(config->fanout, config->fill, 2));
	}
}

bool treeindex_enter(struct treeindex_cursor *cursor, struct treeindex *index, enum treeindex_touch touch,
		     uint64_t key)
{
	cursor->index = index;
	cursor->depth = 0;
	if (!index->real) {
		int64_t rank = (int64_t)(key / TREEINDEX_STRIDE) % index->shape.keys;
		btree_shape_path(&index->shape, rank, &cursor->path);
		cursor->leaf = cursor->path.page[cursor->path.levels - 1];
		cursor->left = index->shape.leaf - rank % index->shape.leaf;
		return true;
	}
	struct btree *tree = &index->btree;
	bool there = touch == TREEINDEX_FIND  ? btree_find(tree, key, &cursor->path)
		     : touch == TREEINDEX_PUT ? !btree_insert(tree, key, &cursor->path)
					      : btree_remove(tree, key, &cursor->path);
	cursor->leaf = cursor->path.page[cursor->path.levels - 1];
	cursor->left = btree_from(tree, cursor->leaf, key);
	return there;
}

bool treeindex_down(struct treeindex_cursor *cursor, uint64_t *page, bool *leaf)
{
	if (cursor->depth == cursor->path.levels)
		return false;
	*page = disk_address(cursor->index->file, cursor->path.page[cursor->depth++]);
	*leaf = cursor->depth == cursor->path.levels;
	return true;
}

bool treeindex_on(struct treeindex_cursor *cursor, uint64_t *page)
{
	const struct treeindex *index = cursor->index;
	if (index->real) {
		uint32_t next = btree_next(&index->btree, cursor->leaf);
		if (next == BTREE_NONE)
			return false;
		cursor->leaf = next;
		cursor->left = btree_from(&index->btree, next, 0);
	} else {
		if (cursor->leaf + 1 >= index->shape.pages[0])
			return false;
		cursor->leaf++;
		cursor->left = index->shape.leaf;
	}
	*page = disk_address(index->file, cursor->leaf);
	return true;
}

int treeindex_levels(const struct treeindex *index)
{
	return index->real ? index->btree.levels : index->shape.levels;
}
