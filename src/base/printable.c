/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/printable.h"

#include <string.h>

size_t printable_character(const char *text, size_t length, uint32_t *code)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned char c = length ? at[0] : 0xff;
	size_t bytes = c < 0x80                ? 1
		       : c >= 0xc2 && c < 0xe0 ? 2
		       : (c & 0xf0) == 0xe0    ? 3
		       : c >= 0xf0 && c < 0xf5 ? 4
					       : 0;
	if (bytes == 0 || bytes > length)
		return 0;
	*code = bytes == 1 ? c : c & (0x7fu >> bytes);
	for (size_t i = 1; i < bytes; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (at[i] & 0x3f);
	}
	bool longer = (bytes == 3 && *code < 0x800) || (bytes == 4 && *code < 0x10000);
	bool surrogate = *code >= 0xd800 && *code < 0xe000;
	return longer || surrogate || *code > 0x10ffff ? 0 : bytes;
}

bool printable_is(uint32_t code)
{
	bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
	bool direction = code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
			 (code >= 0x2066 && code <= 0x2069);
	bool line = code == 0x2028 || code == 0x2029;
	return !control && !direction && !line;
}

const char *printable_not(const char *text)
{
	uint32_t code;
	for (size_t bytes, left = strlen(text); left > 0; text += bytes, left -= bytes) {
		bytes = printable_character(text, left, &code);
		if (bytes == 0 || (!printable_is(code) && code != '\t' && code != '\n' && code != '\r'))
			return text;
	}
	return NULL;
}

char *printable_copy(char *to, size_t size, const char *from)
{
	size_t left = strlen(from), length = 0;
	uint32_t code;
	while (left > 0) {
		size_t bytes = printable_character(from, left, &code);
		bool fit = bytes > 0 && printable_is(code);
		size_t take = bytes ? bytes : 1, put = fit ? bytes : 1;
		if (length + put >= size)
			break;
		memcpy(to + length, fit ? from : "?", put);
		length += put;
		from += take;
		left -= take;
	}
	to[length] = '\0';
	return to;
}
