/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a model file says, before anybody knows what it means: scalars, maps and lists, each with the place where it was
 * written. The YAML reader makes trees; everything that interprets them lives in libcore and never sees YAML.
 * Trees are built in an arena and never freed one by one. Order of a map is the order of writing.
 */
#ifndef BASE_TREE_H
#define BASE_TREE_H

#include "base/arena.h"
#include "base/err.h"

enum tree_kind { TREE_SCALAR, TREE_MAP, TREE_LIST };

struct tree {
	enum tree_kind kind;
	struct place place;       /* of the value */
	const char *key;          /* in a map; NULL in a list or at the root */
	struct place key_place;
	const char *text;         /* of a scalar; never NULL there; "" for an empty one */
	bool quoted;              /* the scalar was quoted */
	struct tree *child, *last_child, *next;
	const struct tree *under; /* what tree_merge laid it over; NULL: nothing */
};

struct tree *tree_scalar(struct arena *arena, const char *text, struct place place);
struct tree *tree_map(struct arena *arena, struct place place);
struct tree *tree_list(struct arena *arena, struct place place);

/* Appends to a list, or to a map under `key` (not checked for duplicates). */
void tree_append(struct tree *parent, const char *key, struct place key_place, struct tree *child);

/* The member of a map called `key`; NULL when there is none or `map` is NULL or not a map. */
struct tree *tree_get(const struct tree *map, const char *key);

/* Number of children. */
int tree_count(const struct tree *tree);

/*
 * A new tree: `base` with `over` laid on top. Maps merge key by key, deeply; lists and scalars of `over` replace.
 * Keys keep the order of `base`, new ones follow. Either may be NULL. Neither is changed; parts may be shared. What was
 * there before is told by `under`.
 */
struct tree *tree_merge(struct arena *arena, const struct tree *base, const struct tree *over);

/* The keys of a map as an array that ends with NULL; of what is no map (or NULL), none. */
const char *const *tree_keys(struct arena *arena, const struct tree *map);

/* A copy of a map, deep, without one key. */
struct tree *tree_without(struct arena *arena, const struct tree *map, const char *key);

/*
 * A tree that holds only `value` under a dotted path ("model.nodes" gives {model: {nodes: value}}), for merging.
 */
struct tree *tree_path(struct arena *arena, const char *path, struct tree *value, struct place place);

/* Whether two trees say the same, wherever it was written. Maps are compared in their order. */
bool tree_same(const struct tree *a, const struct tree *b);

/* In one line, as in a file: "{gc: off}"; nothing of NULL. For messages, not to be read again. */
const char *tree_text(struct arena *arena, const struct tree *tree);

/* "a map", "a list", "a value": for messages. */
const char *tree_kind_name(const struct tree *tree);

#endif
