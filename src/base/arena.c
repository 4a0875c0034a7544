/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bump allocator over blocks that double up to 1 MiB. A request larger than a block gets one of its own, so that the
 * rest of the current block is not wasted.
 */
#include "base/arena.h"
#include "base/check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20, LINE = 64 };

struct arena_block {
	struct arena_block *older;
	size_t size;
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

void arena_free(struct arena *arena)
{
	struct arena_block *block = arena->block;
	while (block) {
		struct arena_block *older = block->older;
		free(block);
		block = older;
	}
	arena_init(arena);
}

static char *align(char *pointer, size_t to)
{
	return pointer + (-(uintptr_t)pointer & (to - 1));
}

static struct arena_block *block_new(struct arena *arena, size_t payload)
{
	size_t size = sizeof(struct arena_block) + LINE + payload;
	struct arena_block *block = size > payload ? calloc(1, size) : NULL;
	if (!block)
		check_out_of_memory(payload);
	block->size = size;
	block->older = arena->block;
	arena->block = block;
	return block;
}

void *arena_get(struct arena *arena, size_t bytes)
{
	size_t to = bytes >= LINE ? LINE : 16;
	char *at = arena->next ? align(arena->next, to) : NULL;
	if (at && bytes <= (size_t)(arena->end - arena->next) && at + bytes <= arena->end) {
		arena->next = at + bytes;
		arena->bytes += bytes;
		return at;
	}
	size_t usual = arena->block ? arena->block->size * 2 : BLOCK_MIN;
	if (usual > BLOCK_MAX)
		usual = BLOCK_MAX;
	if (bytes > usual / 2) {
		char *own = (char *)(block_new(arena, bytes) + 1);
		arena->bytes += bytes;
		return align(own, LINE);
	}
	struct arena_block *block = block_new(arena, usual);
	at = align((char *)(block + 1), LINE);
	arena->next = at + bytes;
	arena->end = (char *)block + block->size;
	arena->bytes += bytes;
	return at;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / 2 / size)
		check_out_of_memory(SIZE_MAX);
	return arena_get(arena, count * size);
}

char *arena_text(struct arena *arena, const char *text)
{
	return arena_text_of(arena, text, strlen(text));
}

char *arena_text_of(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_get(arena, length + 1);
	memcpy(copy, text, length);
	return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	CHECK(length >= 0);
	char *text = arena_get(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}
