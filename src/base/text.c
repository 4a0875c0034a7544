/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room doubles; what was outgrown stays in the arena, at most as much again. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ROOM_FIRST = 256 };

static void grow(struct text *text, size_t more)
{
	if (text->length + more < text->room)
		return;
	while (text->length + more >= text->room)
		text->room *= 2;
	char *bytes = arena_get(text->arena, text->room);
	memcpy(bytes, text->bytes, text->length + 1);
	text->bytes = bytes;
}

void text_begin(struct text *text, struct arena *arena)
{
	*text = (struct text){.arena = arena, .bytes = arena_get(arena, ROOM_FIRST), .room = ROOM_FIRST};
	text->bytes[0] = '\0';
}

void text_bytes(struct text *text, const char *bytes, size_t length)
{
	grow(text, length);
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	size_t length = (size_t)vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	grow(text, length);
	vsnprintf(text->bytes + text->length, length + 1, format, again);
	va_end(again);
	text->length += length;
}

void text_escaped(struct text *into, const char *text)
{
	static const char special[] = "&<>\"'";
	static const char *const entity[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	for (size_t plain; *text; text += plain + 1) {
		plain = strcspn(text, special);
		text_bytes(into, text, plain);
		if (!text[plain])
			return;
		text_add(into, "%s", entity[strchr(special, text[plain]) - special]);
	}
}
