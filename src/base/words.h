/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words that are known somewhere (keys of a map, names of a table's rows), and what to say when another is written.
 * A list of words is any array whose elements begin with a name and which ends with one whose name is NULL: an array of
 * texts, a table of parameters, of metrics, of options.
 *
 *   static const char *const keys[] = {"grid", "zip", NULL};
 *   if (words_find(WORDS(keys), key) < 0)
 *       return words_unknown(err, ERR_MODEL, &place, "key", key, " in sweep", WORDS(keys));
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/err.h"

#include <stddef.h>

struct words {
	const void *row;          /* the first; NULL: none */
	size_t stride;            /* bytes from one to the next */
	bool pointers;            /* they are pointers to what begins with a name; ends with NULL */
	const struct words *more; /* words that follow these; may be NULL */
};

#define WORDS(table) ((struct words){(table), sizeof *(table), false, NULL})
#define WORDS_AND(table, others) ((struct words){(table), sizeof *(table), false, (others)})
#define WORDS_OF_POINTERS(table) ((struct words){(table), sizeof *(table), true, NULL})

enum { WORDS_HINT = ERR_TEXT / 2 }; /* size of a buffer for words_text, words_guess and words_hint */

/* The index of a word; -1 when it is not there. */
int words_find(struct words words, const char *word);

/*
 * The word nearest to `word` when it is near enough to be a slip (edit distance at most 1 + length / 4,
 * case-insensitive), else NULL. Among equally near ones the first.
 */
const char *words_near(struct words words, const char *word);

/* "one, two, three", as much as fits, then "...". Returns buffer, which holds `size` bytes. */
const char *words_text(struct words words, char *buffer, size_t size);

/* '; did you mean "NEAREST"?', or "" where none is near. Returns buffer, which holds WORDS_HINT bytes. */
const char *words_guess(struct words words, const char *word, char *buffer);

/* The same, but '; known: one, two, three' where none is near, and "; there are none" where there is none. */
const char *words_hint(struct words words, const char *word, char *buffer);

/*
 * Adds 'unknown WHAT "WORD"WHERE' and the hint. `where` is "" or begins with a blank (" in a claim"); `place` may be
 * NULL. Always false.
 */
bool words_unknown(struct err *err, enum err_kind kind, const struct place *place, const char *what, const char *word,
		   const char *where, struct words words);

#endif
