/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/packed.h"
#include "base/check.h"
#include "io/memory.h"

#include <lzma.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

/* Packed by LZMA; the caller frees. Programs do not care at which multiple of a number a byte stands. */
static unsigned char *squeezed(const void *bytes, size_t length, size_t *packed)
{
	enum { ROOM = 4096, DICTIONARY = 1 << 20, LONGEST = 273 };
	lzma_options_lzma options;
	lzma_stream stream = LZMA_STREAM_INIT;
	size_t room = length + length / 8 + ROOM;
	unsigned char *into = memory_sized(NULL, room, 1);
	CHECK(!lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT | LZMA_PRESET_EXTREME));
	options.dict_size = DICTIONARY;
	options.nice_len = LONGEST;
	options.pb = 0;
	CHECK(lzma_alone_encoder(&stream, &options) == LZMA_OK);
	stream.next_in = bytes;
	stream.avail_in = length;
	stream.next_out = into;
	stream.avail_out = room;
	CHECK(lzma_code(&stream, LZMA_FINISH) == LZMA_STREAM_END);
	*packed = (size_t)stream.total_out;
	lzma_end(&stream);
	return into;
}

/* Gzipped; the caller frees. The header names no file and no time. */
static unsigned char *gzipped(const void *bytes, size_t length, size_t *packed)
{
	enum { WINDOW = 15, GZIP = 16, MEMORY = 9 };
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length};
	CHECK(length < UINT32_MAX / 2);
	CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW + GZIP, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK);
	size_t room = deflateBound(&stream, (uLong)length);
	unsigned char *into = memory_sized(NULL, room, 1);
	stream.next_out = into;
	stream.avail_out = (uInt)room;
	CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
	*packed = stream.total_out;
	deflateEnd(&stream);
	return into;
}

void packed_base64(const void *bytes, size_t length, struct text *into)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t packed;
	unsigned char *byte = squeezed(bytes, length, &packed);
	for (size_t i = 0; i < packed; i += 3) {
		size_t left = packed - i;
		unsigned group = (unsigned)byte[i] << 16 | (left > 1 ? (unsigned)byte[i + 1] << 8 : 0) |
				 (left > 2 ? byte[i + 2] : 0);
		char four[4] = {digit[group >> 18], digit[group >> 12 & 63], left > 1 ? digit[group >> 6 & 63] : '=',
				left > 2 ? digit[group & 63] : '='};
		text_bytes(into, four, sizeof four);
	}
	free(byte);
}

size_t packed_length(const void *bytes, size_t length)
{
	size_t packed;
	free(gzipped(bytes, length, &packed));
	return packed;
}
