/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that lives as long as a world. A part asks and never gives back; the whole is freed at once.
 * When the machine has no more, arena_get does not return (check_out_of_memory).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *block; /* newest first */
	char *next, *end;
	size_t bytes;              /* handed out so far, padding included */
};

void arena_init(struct arena *arena);
void arena_free(struct arena *arena);

/* `bytes` of zeroed memory, aligned for any type (64 bytes when bytes >= 64). */
void *arena_get(struct arena *arena, size_t bytes);

/* A zeroed array of `count` elements of `size` bytes; an overflow of the product is out of memory. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Copies of a text; the second takes `length` bytes and adds the NUL. */
char *arena_text(struct arena *arena, const char *text);
char *arena_text_of(struct arena *arena, const char *text, size_t length);

/* A text made as by printf. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(arena, type)          ((type *)arena_get((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
