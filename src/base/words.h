/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of words (arrays of texts that end with NULL), and what to say when a word is not among them. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/err.h"

#include <stddef.h>

/* The index of a word; -1 when it is not there. */
int words_find(const char *const *words, const char *word);

/* "one, two, three", as much as fits, then "...". Returns buffer. */
const char *words_text(const char *const *words, char *buffer, size_t size);

/*
 * Adds 'unknown WHAT "WORD"WHERE; did you mean "NEAREST"?', or all of the words where none is near. `where` is "" or
 * begins with a blank (" in a claim"); `place` may be NULL. Always false.
 */
bool words_unknown(struct err *err, enum err_kind kind, const struct place *place, const char *what, const char *word,
		   const char *where, const char *const *words);

#endif
