/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads what trees hold: maps with known keys, texts, lists of texts. Whatever is not as it must be is an error with
 * its place, of the kind ERR_MODEL.
 */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/tree.h"

/* Whether an entry of a map is a note: its key begins with "x-". */
bool reader_is_note(const struct tree *entry);

/* Whether a tree is of that kind; adds to err when not, with `what` as its name ("a claim", "moments"). */
bool reader_must_be(struct err *err, const struct tree *tree, enum tree_kind kind, const char *what);

/* Whether `map` is a map with no other keys than these and notes. Every other key is told. */
bool reader_keys(const struct tree *map, const char *what, const char *const *keys, struct err *err);

/* The text under a key of a map; NULL when it is missing or (with a message) not one value. */
const char *reader_text(const struct tree *map, const char *key, struct err *err);

/* A list of texts (or one text) as an array that ends with NULL. `list` may be NULL: none. What is no text is told. */
const char **reader_texts(struct arena *arena, const struct tree *list, const char *what, struct err *err);

#endif
