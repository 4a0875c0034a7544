/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figure/text.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* Advance widths of ' ' to '~' in DejaVu Sans, in hundredths of the font size. */
static const unsigned char advance[] = {
	32, 40, 46, 84, 64, 95, 78, 27, 39,  39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
	60, 79, 69, 63, 61, 73, 68, 99, 69,  61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
	63, 28, 28, 58, 28, 97, 63, 61, 63,  63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
};

enum { ADVANCE_OTHER = 64, ADVANCE_WIDE = 100, BOLD_PERCENT = 117 };

/* The length of the well-formed UTF-8 character at `text`, which XML may hold; 0 when there is none. */
static size_t character(const char *text, uint32_t *code)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t length = byte[0] < 0x80   ? 1
			: byte[0] < 0xc2 ? 0
			: byte[0] < 0xe0 ? 2
			: byte[0] < 0xf0 ? 3
			: byte[0] < 0xf5 ? 4
					 : 0;
	if (length == 0)
		return 0;
	*code = length == 1 ? byte[0] : byte[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (byte[i] & 0x3fu);
	}
	bool overlong = (length == 3 && *code < 0x800) || (length == 4 && *code < 0x10000);
	bool surrogate = *code >= 0xd800 && *code < 0xe000;
	if (overlong || surrogate || *code > 0x10ffff || (*code & 0xfffe) == 0xfffe)
		return 0;
	return length;
}

static char *clean_copy(struct arena *arena, const char *text, bool lines)
{
	char *clean = arena_text(arena, text ? text : "");
	uint32_t code;
	size_t length;
	for (char *at = clean; *at; at += length) {
		length = character(at, &code);
		if (length == 0)
			*at = '?', length = 1;
		else if ((code < 0x20 && !(lines && code == '\n')) || code == 0x7f)
			*at = ' ';
		else if (code >= 0x80 && code < 0xa0)
			at[0] = at[1] = ' ';
	}
	return clean;
}

char *text_clean(struct arena *arena, const char *text)
{
	return clean_copy(arena, text, false);
}

char *text_clean_lines(struct arena *arena, const char *text)
{
	return clean_copy(arena, text, true);
}

char *text_grouped(struct arena *arena, double value)
{
	char *plain = arena_format(arena, "%.0f", value), *text = arena_get(arena, 2 * strlen(plain) + 1), *end = text;
	for (size_t left = strlen(plain); left > 0; left--, plain++) {
		*end++ = *plain;
		if (*plain != '-' && left > 1 && left % 3 == 1)
			*end++ = ',';
	}
	*end = '\0';
	return text;
}

char *text_with_micro(struct arena *arena, const char *text)
{
	static const char unit[] = " us";
	struct text made;
	text_begin(&made, arena);
	for (const char *at = text; *at; at++) {
		bool micro = at > text && text_is_digit(at[-1]) && strncmp(at, unit, strlen(unit)) == 0 &&
			     !text_is_digit(at[strlen(unit)]) && !text_is_letter(at[strlen(unit)]);
		if (micro) {
			text_add(&made, " µs");
			at += strlen(unit) - 1;
		} else {
			text_bytes(&made, at, 1);
		}
	}
	return made.bytes;
}

double text_width(const char *text, double size, bool bold)
{
	long sum = 0;
	uint32_t code;
	for (size_t length; *text; text += length) {
		length = character(text, &code);
		if (length == 0)
			length = 1, code = '?';
		if (code >= ' ' && code <= '~')
			sum += advance[code - ' '];
		else
			sum += code >= 0x1100 ? code >= 0x2000 && code < 0x2070 ? ADVANCE_OTHER : ADVANCE_WIDE
					      : ADVANCE_OTHER;
	}
	return (double)sum * size * (bold ? BOLD_PERCENT : 100) / 1e4;
}

/* As much of the start of `text` as fits with an ellipsis. */
static char *shortened(struct arena *arena, const char *text, double size, bool bold, double width)
{
	size_t length = strlen(text);
	for (;;) {
		char *line = arena_format(arena, "%.*s…", (int)length, text);
		if (length == 0 || text_width(line, size, bold) <= width)
			return line;
		do
			length--;
		while (length > 0 && ((text[length] & 0xc0) == 0x80 || text[length - 1] == ' '));
	}
}

/* Where the word, or the part of it with its hyphen, ends. */
static const char *breakable(const char *word)
{
	size_t length = strcspn(word, " -");
	while (word[length] == '-' && (length == 0 || strchr(" -", word[length + 1])))
		length += 1 + strcspn(word + length + 1, " -");
	return word + length + (word[length] == '-');
}

int text_wrap(struct arena *arena, const char *text, double size, bool bold, double width, int lines, char **line,
	      bool *cut)
{
	int made = 0;
	bool left_out = false;
	while (*text == ' ')
		text++;
	while (*text) {
		const char *end = text, *next = text;
		while (*next) {
			next = breakable(next + strspn(next, " "));
			char *upto = arena_text_of(arena, text, (size_t)(next - text));
			if (text_width(upto, size, bold) > width)
				break;
			end = next;
		}
		bool last = made == lines - 1, rest = end[strspn(end, " ")] != '\0';
		if (end == text || (last && rest)) {
			const char *whole = last ? text : arena_text_of(arena, text, (size_t)(breakable(text) - text));
			end = last ? text + strlen(text) : text + strlen(whole);
			line[made++] = shortened(arena, whole, size, bold, width);
			left_out = true;
		} else {
			line[made++] = arena_text_of(arena, text, (size_t)(end - text));
		}
		text = end + strspn(end, " ");
		if (made == lines)
			break;
	}
	if (cut)
		*cut = left_out;
	return made;
}
