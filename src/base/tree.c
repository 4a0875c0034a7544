/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tree.h"
#include "base/check.h"

#include <string.h>

static struct tree *tree_new(struct arena *arena, enum tree_kind kind, struct place place)
{
	struct tree *tree = ARENA_NEW(arena, struct tree);
	tree->kind = kind;
	tree->place = place;
	return tree;
}

struct tree *tree_scalar(struct arena *arena, const char *text, struct place place)
{
	struct tree *tree = tree_new(arena, TREE_SCALAR, place);
	tree->text = text;
	return tree;
}

struct tree *tree_map(struct arena *arena, struct place place)
{
	return tree_new(arena, TREE_MAP, place);
}

struct tree *tree_list(struct arena *arena, struct place place)
{
	return tree_new(arena, TREE_LIST, place);
}

void tree_append(struct tree *parent, const char *key, struct place key_place, struct tree *child)
{
	CHECK(parent->kind != TREE_SCALAR && !child->next);
	child->key = key;
	child->key_place = key_place;
	if (parent->last_child)
		parent->last_child->next = child;
	else
		parent->child = child;
	parent->last_child = child;
}

struct tree *tree_get(const struct tree *map, const char *key)
{
	if (!map || map->kind != TREE_MAP)
		return NULL;
	for (struct tree *child = map->child; child; child = child->next)
		if (strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

int tree_count(const struct tree *tree)
{
	int count = 0;
	for (const struct tree *child = tree->child; child; child = child->next)
		count++;
	return count;
}

/* A copy of one node that can be linked into another parent; its children are shared. */
static struct tree *tree_share(struct arena *arena, const struct tree *from)
{
	struct tree *copy = ARENA_NEW(arena, struct tree);
	*copy = *from;
	copy->next = NULL;
	return copy;
}

struct tree *tree_merge(struct arena *arena, const struct tree *base, const struct tree *over)
{
	if (!base || !over)
		return base || over ? tree_share(arena, base ? base : over) : NULL;
	struct tree *merged;
	if (base->kind != TREE_MAP || over->kind != TREE_MAP) {
		merged = tree_share(arena, over);
		merged->under = base;
		return merged;
	}
	merged = tree_map(arena, over->place);
	merged->under = base;
	for (const struct tree *child = base->child; child; child = child->next) {
		const struct tree *other = tree_get(over, child->key);
		const struct tree *written = other ? other : child;
		tree_append(merged, child->key, written->key_place, tree_merge(arena, child, other));
	}
	for (const struct tree *child = over->child; child; child = child->next)
		if (!tree_get(base, child->key))
			tree_append(merged, child->key, child->key_place, tree_share(arena, child));
	return merged;
}

struct tree *tree_path(struct arena *arena, const char *path, struct tree *value, struct place place)
{
	const char *dot = strrchr(path, '.');
	struct tree *map = tree_map(arena, place);
	tree_append(map, dot ? dot + 1 : path, place, value);
	if (!dot)
		return map;
	return tree_path(arena, arena_text_of(arena, path, (size_t)(dot - path)), map, place);
}

const char *const *tree_keys(struct arena *arena, const struct tree *map)
{
	bool any = map && map->kind == TREE_MAP;
	const char **keys = ARENA_ARRAY(arena, (size_t)(any ? tree_count(map) : 0) + 1, const char *);
	int count = 0;
	for (const struct tree *entry = any ? map->child : NULL; entry; entry = entry->next)
		keys[count++] = entry->key;
	return keys;
}

struct tree *tree_without(struct arena *arena, const struct tree *map, const char *key)
{
	struct tree *copy = tree_map(arena, map->place);
	for (const struct tree *entry = map->child; entry; entry = entry->next)
		if (strcmp(entry->key, key) != 0)
			tree_append(copy, entry->key, entry->key_place, tree_merge(arena, entry, NULL));
	return copy;
}

bool tree_same(const struct tree *a, const struct tree *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->kind != b->kind)
		return false;
	if (a->kind == TREE_SCALAR)
		return strcmp(a->text, b->text) == 0;
	for (a = a->child, b = b->child; a && b; a = a->next, b = b->next)
		if ((a->key && strcmp(a->key, b->key) != 0) || !tree_same(a, b))
			return false;
	return !a && !b;
}

const char *tree_kind_name(const struct tree *tree)
{
	return tree->kind == TREE_MAP ? "a map" : tree->kind == TREE_LIST ? "a list" : "a value";
}

const char *tree_text(struct arena *arena, const struct tree *tree)
{
	if (!tree)
		return "";
	if (tree->kind == TREE_SCALAR)
		return tree->text;
	const char *text = "";
	for (const struct tree *entry = tree->child; entry; entry = entry->next)
		text = arena_format(arena, "%s%s%s%s%s", text, *text ? ", " : "", entry->key ? entry->key : "",
				    entry->key ? ": " : "", tree_text(arena, entry));
	return arena_format(arena, tree->kind == TREE_MAP ? "{%s}" : "[%s]", text);
}
