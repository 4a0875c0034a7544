/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A slip is found by the optimal string alignment distance, in which neighbours that changed places count once. */
#include "base/words.h"

#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 64, NOT_NEAR = 1 << 20 };

/* Where a walk over all words is. */
struct walk {
	struct words words;
	size_t at;
};

/* The next word; NULL after the last. */
static const char *next(struct walk *walk)
{
	for (;;) {
		const char *name = NULL;
		const void *row = walk->words.row;
		if (row)
			row = (const char *)row + walk->at * walk->words.stride;
		if (row && walk->words.pointers)
			memcpy(&row, row, sizeof row);
		if (row)
			memcpy(&name, row, sizeof name);
		walk->at++;
		if (name || !walk->words.more)
			return name;
		*walk = (struct walk){*walk->words.more, 0};
	}
}

int words_find(struct words words, const char *word)
{
	struct walk walk = {words, 0};
	const char *name;
	for (int i = 0; (name = next(&walk)); i++)
		if (strcmp(name, word) == 0)
			return i;
	return -1;
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Insert, delete, replace, swap neighbours. Row by row, three rows kept. */
static int distance(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);
	if (m >= WORD_MAX || n >= WORD_MAX)
		return NOT_NEAR;
	int rows[3][WORD_MAX];
	for (size_t j = 0; j <= n; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= m; i++) {
		int *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
		row[0] = (int)i;
		for (size_t j = 1; j <= n; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);
			int best = above[j - 1] + !same;
			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) && two_above[j - 2] + 1 < best)
				best = two_above[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[m % 3][n];
}

const char *words_near(struct words words, const char *word)
{
	struct walk walk = {words, 0};
	const char *nearest = NULL, *name;
	int best = 2 + (int)(strlen(word) / 4);
	while ((name = next(&walk))) {
		int d = distance(word, name);
		if (d < best) {
			best = d;
			nearest = name;
		}
	}
	return nearest;
}

const char *words_text(struct words words, char *buffer, size_t size)
{
	struct walk walk = {words, 0};
	const char *name;
	size_t length = 0;
	buffer[0] = '\0';
	while ((name = next(&walk))) {
		const char *comma = length > 0 ? ", " : "";
		if (length + strlen(name) + sizeof ", , ..." > size) {
			snprintf(buffer + length, size - length, "%s...", comma);
			break;
		}
		length += (size_t)snprintf(buffer + length, size - length, "%s%s", comma, name);
	}
	return buffer;
}

const char *words_guess(struct words words, const char *word, char *buffer)
{
	const char *near = words_near(words, word);
	buffer[0] = '\0';
	if (near)
		snprintf(buffer, WORDS_HINT, "; did you mean \"%.200s\"?", near);
	return buffer;
}

const char *words_hint(struct words words, const char *word, char *buffer)
{
	static const char known[] = "; known: ";
	words_guess(words, word, buffer);
	if (*buffer)
		return buffer;
	strcpy(buffer, known);
	words_text(words, buffer + sizeof known - 1, WORDS_HINT - sizeof known + 1);
	if (!buffer[sizeof known - 1])
		strcpy(buffer, "; there are none");
	return buffer;
}

bool words_unknown(struct err *err, enum err_kind kind, const struct place *place, const char *what, const char *word,
		   const char *where, struct words words)
{
	char hint[WORDS_HINT];
	return err_add(err, kind, place, "unknown %s \"%.60s\"%s%s", what, word, where,
		       words_hint(words, word, hint));
}
