/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text that grows, in an arena. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct text {
	struct arena *arena;
	char *bytes; /* ends with a NUL that is not counted */
	size_t length, room;
};

/* An empty text. */
void text_begin(struct text *text, struct arena *arena);

/* Adds bytes, or what printf would write. */
void text_bytes(struct text *text, const char *bytes, size_t length);
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Of ASCII, whatever the locale. */
static inline bool text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool text_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Adds a text so that it can stand in an element of HTML, or in an attribute with quotes. */
void text_escaped(struct text *into, const char *text);

#endif
