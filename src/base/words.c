/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/words.h"
#include "base/tree.h"

#include <stdio.h>
#include <string.h>

const char *words_text(const char *const *words, char *buffer, size_t size)
{
	buffer[0] = '\0';
	for (int i = 0; words[i]; i++) {
		size_t length = strlen(buffer);
		if (length + strlen(words[i]) + 8 > size) {
			snprintf(buffer + length, size - length, ", ...");
			break;
		}
		snprintf(buffer + length, size - length, "%s%s", i ? ", " : "", words[i]);
	}
	return buffer;
}

bool words_unknown(struct err *err, enum err_kind kind, const struct place *place, const char *what, const char *word,
		   const char *where, const char *const *words)
{
	char list[ERR_TEXT / 2];
	const char *near = tree_near(word, words);
	if (near)
		return err_add(err, kind, place, "unknown %s \"%.60s\"%s; did you mean \"%s\"?", what, word, where,
			       near);
	return err_add(err, kind, place, "unknown %s \"%.60s\"%s; known: %s", what, word, where,
		       words_text(words, list, sizeof list));
}

int words_find(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}
