/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trees as compact text, with all their places: what a program that reads YAML hands to one that does not (a page). A
 * text is a sequence of numbers, each followed by a blank, of texts, each with its length before it, and of trees:
 *
 *   TREE   KIND PLACE, then of a scalar its text, of a list how many trees and these, of a map how many members and
 *          for each the place of its key, its key, its tree. KIND is s, q (a scalar in quotes), l or m
 *   PLACE  lines after the last text or place; the column, in the same line counted from where that text ended; and the
 *          number of its file; a number that is new is followed by the file's name
 */
#ifndef BASE_TREETEXT_H
#define BASE_TREETEXT_H

#include "base/text.h"
#include "base/tree.h"

#include <stdint.h>

enum { TREETEXT_DEPTH = 64, TREETEXT_FILES = 64 };

/* Where what was written last ends in its file: what comes next is mostly near. */
struct treetext_end {
	int64_t line, column;
};

struct treetext_writer {
	struct text *into;
	const char *file[TREETEXT_FILES];
	int files;
	struct treetext_end last;
	const char *const *below; /* directories whose files are called without them; ends with NULL; NULL: none */
};

/* What a file is called in the text. */
const char *treetext_file(const struct treetext_writer *writer, const char *file);

/* Files beyond the limit are told as the last one. Trees may be at most TREETEXT_DEPTH deep. */
void treetext_put_number(struct treetext_writer *writer, int64_t number);
void treetext_put_text(struct treetext_writer *writer, const char *text);
void treetext_put(struct treetext_writer *writer, const struct tree *tree);

/*
 * Reads what was written, from bytes that nobody vouches for: what is not as it must be makes `good` false for good,
 * and all that is read after that is 0, "" or NULL. Never reads beyond `end`, and takes no more memory than a fixed
 * multiple of the bytes.
 */
struct treetext_reader {
	struct arena *arena;
	const char *at, *end;
	bool good;
	const char *file[TREETEXT_FILES];
	int files, depth;
	struct treetext_end last;
};

int64_t treetext_number(struct treetext_reader *reader);
const char *treetext_text(struct treetext_reader *reader);
struct tree *treetext_tree(struct treetext_reader *reader);

#endif
