/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bayer and McCreight's tree (Acta Informatica 1, 1972) with all entries in linked leaves. An inner page keeps one key
 * a child: the first stands for "less than all", the others are the least that the child may hold.
 */
#include "model/btree.h"
#include "base/check.h"

#include <string.h>

struct btree_page {
	int32_t count;
	uint32_t next;   /* leaf: to the right; BTREE_NONE */
	uint32_t *child; /* NULL: a leaf */
	uint64_t key[];
};

static uint32_t new_page(struct btree *tree, bool leaf)
{
	int room = leaf ? tree->leaf : tree->fanout;
	struct btree_page *page = arena_get(tree->arena, sizeof(*page) + (size_t)room * sizeof(uint64_t));
	page->next = BTREE_NONE;
	if (!leaf)
		page->child = ARENA_ARRAY(tree->arena, (size_t)room, uint32_t);
	tree->leaves += leaf;
	if (tree->pages == tree->room) {
		struct btree_page **old = tree->page;
		tree->room = tree->room ? 2 * tree->room : 64;
		tree->page = ARENA_ARRAY(tree->arena, tree->room, struct btree_page *);
		if (old)
			memcpy(tree->page, old, tree->pages * sizeof(*old));
	}
	CHECK(tree->pages < BTREE_NONE);
	tree->page[tree->pages] = page;
	return tree->pages++;
}

void btree_init(struct btree *tree, struct arena *arena, int leaf, int fanout, enum btree_split split)
{
	CHECK(leaf >= BTREE_LEAST && fanout >= BTREE_LEAST);
	*tree = (struct btree){.arena = arena, .leaf = leaf, .fanout = fanout, .split = split, .levels = 1};
	tree->root = new_page(tree, true);
}

/* How many keys of the page are less than `key`; the bounds are halved without branches. */
static int below(const struct btree_page *page, uint64_t key)
{
	const uint64_t *from = page->key;
	int left = page->count;
	while (left > 1) {
		int half = left / 2;
		from += from[half - 1] < key ? half : 0;
		left -= half;
	}
	return (int)(from - page->key) + (left == 1 && *from < key);
}

/* Which child has the key: the last one whose least key is not above it. */
static int child_of(const struct btree_page *page, uint64_t key)
{
	if (key == UINT64_MAX)
		return page->count - 1;
	int at = below(page, key + 1) - 1;
	return at < 0 ? 0 : at;
}

static struct btree_page *descend(const struct btree *tree, uint64_t key, struct btree_path *path, int *slot)
{
	uint32_t number = tree->root;
	path->levels = tree->levels;
	path->made = 0;
	for (int level = 0;; level++) {
		struct btree_page *page = tree->page[number];
		path->page[level] = number;
		if (!page->child)
			return page;
		slot[level] = child_of(page, key);
		number = page->child[slot[level]];
	}
}

bool btree_find(const struct btree *tree, uint64_t key, struct btree_path *path)
{
	int slot[BTREE_LEVELS];
	const struct btree_page *leaf = descend(tree, key, path, slot);
	int at = below(leaf, key);
	return at < leaf->count && leaf->key[at] == key;
}

static void put(struct btree_page *page, int at, uint64_t key, uint32_t child)
{
	size_t behind = (size_t)(page->count - at);
	memmove(&page->key[at + 1], &page->key[at], behind * sizeof(uint64_t));
	page->key[at] = key;
	if (page->child) {
		memmove(&page->child[at + 1], &page->child[at], behind * sizeof(uint32_t));
		page->child[at] = child;
	}
	page->count++;
}

/*
 * Splits a full page so that an entry can be put at `at`; `last` tells whether that comes after all of the level. The
 * new page is to the right; its least key is *least.
 */
static uint32_t split(struct btree *tree, uint32_t number, int at, bool last, uint64_t key, uint32_t child,
		      uint64_t *least)
{
	struct btree_page *left = tree->page[number];
	uint32_t fresh = new_page(tree, !left->child);
	struct btree_page *right = tree->page[fresh];
	int half = (left->count + 1) / 2; /* of all, the one that comes included */
	bool right_only = last && tree->split == BTREE_RIGHT, goes_right = right_only || at >= half;
	int keep = right_only ? left->count : goes_right ? half : half - 1;
	int move = left->count - keep;
	memcpy(right->key, &left->key[keep], (size_t)move * sizeof(uint64_t));
	if (left->child)
		memcpy(right->child, &left->child[keep], (size_t)move * sizeof(uint32_t));
	right->count = move;
	left->count = keep;
	right->next = left->next;
	left->next = fresh;
	if (goes_right)
		put(right, at - keep, key, child);
	else
		put(left, at, key, child);
	*least = right->key[0];
	tree->splits++;
	return fresh;
}

/* The page at `level` of the path has been split: its right half becomes a child of the page above. */
static void add_child(struct btree *tree, struct btree_path *path, const int *slot, int level, bool last, uint64_t key,
		      uint32_t child)
{
	while (level-- > 0) {
		struct btree_page *page = tree->page[path->page[level]];
		int at = slot[level] + 1;
		bool after_all = last && at == page->count;
		if (page->count < tree->fanout) {
			put(page, at, key, child);
			return;
		}
		child = split(tree, path->page[level], at, after_all, key, child, &key);
		path->made_page[path->made++] = child;
		last = after_all;
	}
	uint32_t old = tree->root;
	CHECK(tree->levels < BTREE_LEVELS - 1);
	tree->root = new_page(tree, false);
	tree->levels++;
	put(tree->page[tree->root], 0, 0, old);
	put(tree->page[tree->root], 1, key, child);
	path->made_page[path->made++] = tree->root;
}

bool btree_insert(struct btree *tree, uint64_t key, struct btree_path *path)
{
	int slot[BTREE_LEVELS];
	struct btree_page *leaf = descend(tree, key, path, slot);
	int at = below(leaf, key);
	if (at < leaf->count && leaf->key[at] == key)
		return false;
	tree->keys++;
	if (leaf->count < tree->leaf) {
		put(leaf, at, key, 0);
		return true;
	}
	bool last = at == leaf->count && leaf->next == BTREE_NONE;
	uint64_t least;
	uint32_t fresh = split(tree, path->page[path->levels - 1], at, last, key, 0, &least);
	path->made_page[path->made++] = fresh;
	add_child(tree, path, slot, path->levels - 1, last, least, fresh);
	return true;
}

bool btree_remove(struct btree *tree, uint64_t key, struct btree_path *path)
{
	int slot[BTREE_LEVELS];
	struct btree_page *leaf = descend(tree, key, path, slot);
	int at = below(leaf, key);
	if (at == leaf->count || leaf->key[at] != key)
		return false;
	leaf->count--;
	memmove(&leaf->key[at], &leaf->key[at + 1], (size_t)(leaf->count - at) * sizeof(uint64_t));
	tree->keys--;
	return true;
}

int btree_from(const struct btree *tree, uint32_t leaf, uint64_t key)
{
	const struct btree_page *page = tree->page[leaf];
	return page->count - below(page, key);
}

uint32_t btree_next(const struct btree *tree, uint32_t leaf)
{
	return tree->page[leaf]->next;
}

double btree_fill(const struct btree *tree)
{
	return (double)tree->keys / ((double)tree->leaves * tree->leaf);
}

/* ---- loading: leaves from left to right, then a level of inner pages over them, until one page is left ---- */

static int filled(int room, double fill)
{
	int count = (int)(room * fill + 0.5);
	return count < 2 ? 2 : count > room ? room : count;
}

void btree_load(struct btree *tree, uint64_t count, uint64_t stride, double fill)
{
	CHECK(tree->keys == 0 && tree->pages == 1 && stride > 0);
	int each = filled(tree->leaf, fill);
	uint32_t first = tree->root, last = first;
	for (uint64_t i = 0; i < count; i++) {
		if (tree->page[last]->count == each) {
			uint32_t fresh = new_page(tree, true);
			tree->page[last]->next = fresh;
			last = fresh;
		}
		struct btree_page *leaf = tree->page[last];
		leaf->key[leaf->count++] = i * stride;
	}
	tree->keys = count;
	each = filled(tree->fanout, fill);
	while (last > first) { /* pages of a level have numbers in turn */
		uint32_t below_first = first, below_last = last, left = last - first + 1;
		first = tree->pages;
		for (uint32_t child = below_first; child <= below_last; child++, left--) {
			bool fits = tree->pages > first && tree->page[tree->pages - 1]->count < each;
			bool lonely = tree->pages > first && left == 1; /* an inner page of one child is none */
			if (!fits && !(lonely && tree->page[tree->pages - 1]->count < tree->fanout))
				new_page(tree, false);
			struct btree_page *page = tree->page[tree->pages - 1];
			put(page, page->count, tree->page[child]->key[0], child);
		}
		last = tree->pages - 1;
		tree->root = last;
		tree->levels++;
	}
}

/* ---- soundness ---- */

struct walk {
	const struct btree *tree;
	uint64_t keys, leaves, least_next; /* so far; the least that the next key may be */
	uint32_t next_leaf;
	bool sound, begun;
};

static void walk(struct walk *w, uint32_t number, int level)
{
	const struct btree_page *page = w->tree->page[number];
	if (!page->child) {
		w->sound &= level == w->tree->levels && page->count <= w->tree->leaf;
		w->sound &= !w->begun || w->next_leaf == number;
		w->begun = true;
		w->next_leaf = page->next;
		w->leaves++;
		for (int i = 0; i < page->count; i++) {
			w->sound &= page->key[i] >= w->least_next;
			w->least_next = page->key[i] + 1;
		}
		w->keys += (uint64_t)page->count;
		return;
	}
	w->sound &= page->count >= 1 && page->count <= w->tree->fanout && level < w->tree->levels;
	for (int i = 0; i < page->count && w->sound; i++) {
		w->sound &= i == 0 || page->key[i] >= w->least_next;
		if (i > 0)
			w->least_next = page->key[i];
		walk(w, page->child[i], level + 1);
		w->sound &= i + 1 >= page->count || w->least_next <= page->key[i + 1];
	}
}

bool btree_sound(const struct btree *tree)
{
	struct walk w = {.tree = tree, .sound = true};
	walk(&w, tree->root, 1);
	return w.sound && w.next_leaf == BTREE_NONE && w.keys == tree->keys && w.leaves == tree->leaves;
}

/* ---- counted ---- */

struct btree_shape btree_shape_of(int64_t keys, int64_t leaf, int64_t fanout)
{
	CHECK(keys >= 1 && leaf >= 1 && fanout >= 2);
	struct btree_shape shape = {.keys = keys, .leaf = leaf, .fanout = fanout};
	int64_t pages = (keys - 1) / leaf + 1, first = 0;
	for (;; pages = (pages - 1) / fanout + 1) {
		CHECK(shape.levels < BTREE_LEVELS && first + pages < BTREE_NONE);
		shape.first[shape.levels] = first;
		shape.pages[shape.levels++] = pages;
		first += pages;
		if (pages == 1)
			return shape;
	}
}

void btree_shape_path(const struct btree_shape *shape, int64_t rank, struct btree_path *path)
{
	int64_t at = rank / shape->leaf;
	path->levels = shape->levels;
	path->made = 0;
	for (int level = 0; level < shape->levels; level++) {
		path->page[shape->levels - 1 - level] = (uint32_t)(shape->first[level] + at);
		at /= shape->fanout;
	}
}
