/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A PNG is a signature and chunks: length, type, data, and a check over type and data; the first chunk is its header.
 */
#include "plot/png.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum { SIGNATURE = 8, AROUND = 12, HEADER = SIGNATURE + AROUND + 13 };

static const char signature[] = "\x89PNG\r\n\x1a\n", keyword[] = "tEXtcasebook";

static void put_number(FILE *file, uint32_t number)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		fputc((int)(number >> shift & 0xff), file);
}

static uint32_t number_at(const char *at)
{
	const unsigned char *byte = (const unsigned char *)at;
	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

static bool is_png(const char *png, size_t length)
{
	return length >= HEADER && memcmp(png, signature, SIGNATURE) == 0 &&
	       memcmp(png + SIGNATURE + 4, "IHDR", 4) == 0;
}

bool png_finish(FILE *file, const char *png, size_t length, const char *text)
{
	if (!is_png(png, length))
		return false;
	fwrite(png, 1, HEADER, file);
	/* The keyword's NUL divides it from the text. */
	put_number(file, (uint32_t)(sizeof keyword - 4 + strlen(text)));
	fwrite(keyword, 1, sizeof keyword, file);
	fputs(text, file);
	unsigned long check = crc32(0, (const unsigned char *)keyword, sizeof keyword);
	put_number(file, (uint32_t)crc32(check, (const unsigned char *)text, (unsigned)strlen(text)));
	fwrite(png + HEADER, 1, length - HEADER, file);
	return true;
}

char *png_text(struct arena *arena, const char *png, size_t length)
{
	if (!is_png(png, length))
		return NULL;
	for (size_t at = SIGNATURE; length - at >= AROUND;) {
		size_t holds = number_at(png + at);
		if (holds > length - at - AROUND)
			return NULL;
		if (holds >= sizeof keyword - 4 && memcmp(png + at + 4, keyword, sizeof keyword) == 0)
			return arena_text_of(arena, png + at + 4 + sizeof keyword, holds - (sizeof keyword - 4));
		at += holds + AROUND;
	}
	return NULL;
}
