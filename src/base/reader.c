/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/reader.h"
#include "base/words.h"

#include <stdio.h>
#include <string.h>

bool reader_is_note(const struct tree *entry)
{
	return strncmp(entry->key, "x-", 2) == 0;
}

bool reader_must_be(struct err *err, const struct tree *tree, enum tree_kind kind, const char *what)
{
	static const char *const names[] = {[TREE_SCALAR] = "one value", [TREE_MAP] = "a map", [TREE_LIST] = "a list"};
	return tree->kind == kind ||
	       err_add(err, ERR_MODEL, &tree->place, "%s must be %s, not %s", what, names[kind], tree_kind_name(tree));
}

bool reader_keys(const struct tree *map, const char *what, const char *const *keys, struct err *err)
{
	char where[80];
	snprintf(where, sizeof where, " in %.60s", what);
	if (!reader_must_be(err, map, TREE_MAP, what))
		return false;
	bool good = true;
	for (const struct tree *entry = map->child; entry; entry = entry->next)
		if (!reader_is_note(entry) && words_find(WORDS(keys), entry->key) < 0)
			good = words_unknown(err, ERR_MODEL, &entry->key_place, "key", entry->key, where,
					     WORDS(keys));
	return good;
}

const char *reader_text(const struct tree *map, const char *key, struct err *err)
{
	const struct tree *entry = tree_get(map, key);
	return entry && reader_must_be(err, entry, TREE_SCALAR, key) ? entry->text : NULL;
}

const char **reader_texts(struct arena *arena, const struct tree *list, const char *what, struct err *err)
{
	if (!list)
		return ARENA_NEW(arena, const char *);
	int count = list->kind == TREE_SCALAR ? 1 : tree_count(list), filled = 0;
	const char **words = ARENA_ARRAY(arena, (size_t)count + 1, const char *);
	if (list->kind == TREE_SCALAR) {
		words[0] = list->text;
		return words;
	}
	if (!reader_must_be(err, list, TREE_LIST, what))
		return words;
	for (const struct tree *entry = list->child; entry; entry = entry->next)
		if (reader_must_be(err, entry, TREE_SCALAR, what))
			words[filled++] = entry->text;
	return words;
}
