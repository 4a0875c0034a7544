/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libcore asks of its host, in a browser: a mistake of our own leaves word of itself (web_failure of web/web.h)
 * and traps. Debian's builtins were compiled with the stack protector, which its wasi-libc does not support.
 *
 * The blocks of arenas are few and large, so memory is kept in a list of free pieces, in the order of their addresses,
 * instead of by the C library's allocator, which weighs 4 KB in a page.
 */
#include "base/check.h"
#include "web/web.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

static char failure[400];

__attribute__((export_name("web_failure"))) const char *web_failure(void);
const char *web_failure(void)
{
	return failure;
}

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	snprintf(failure, sizeof failure, "%s:%d: %s", file, line, what);
	__builtin_trap();
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	snprintf(failure, sizeof failure, "no memory for %lu bytes", (unsigned long)bytes);
	__builtin_trap();
}

/* ---- memory ---- */

enum { PIECE = 64, PAGE = 65536 };

/* What is free, or, of one in use, its size only. */
struct piece {
	size_t size; /* with this head; a multiple of PIECE */
	struct piece *next;
};

static struct piece *free_pieces;

/* A head takes the 16 bytes before what it is the head of. */
static void *inside(struct piece *piece)
{
	return (char *)piece + 16;
}

static bool touch(const struct piece *piece, const struct piece *next)
{
	return next && (const char *)piece + piece->size == (const char *)next;
}

static void give_back(struct piece *piece)
{
	struct piece *before = NULL, **from = &free_pieces;
	while (*from && *from < piece) {
		before = *from;
		from = &before->next;
	}
	piece->next = *from;
	*from = piece;
	if (touch(piece, piece->next)) {
		piece->size += piece->next->size;
		piece->next = piece->next->next;
	}
	if (before && touch(before, piece)) {
		before->size += piece->size;
		before->next = piece->next;
	}
}

/* The first that is large enough, without what is left of it; NULL: there is none. */
static struct piece *take(size_t size)
{
	for (struct piece **from = &free_pieces; *from; from = &(*from)->next) {
		struct piece *piece = *from;
		if (piece->size < size)
			continue;
		*from = piece->next;
		if (piece->size > size) {
			struct piece *rest = (struct piece *)((char *)piece + size);
			rest->size = piece->size - size;
			piece->size = size;
			give_back(rest);
		}
		return piece;
	}
	return NULL;
}

void *calloc(size_t count, size_t bytes)
{
	if (count && bytes > (SIZE_MAX / 2 - PAGE) / count)
		return NULL;
	size_t size = (count * bytes + 16 + PIECE - 1) / PIECE * PIECE;
	struct piece *piece = take(size);
	if (!piece) {
		size_t pages = (size + PAGE - 1) / PAGE, at = __builtin_wasm_memory_grow(0, pages);
		if (at == SIZE_MAX)
			return NULL;
		piece = (struct piece *)(at * PAGE);
		piece->size = pages * PAGE;
		give_back(piece);
		piece = take(size);
	}
	return memset(inside(piece), 0, size - 16);
}

void free(void *block)
{
	if (block)
		give_back((struct piece *)((char *)block - 16));
}

unsigned long __stack_chk_guard = 0x3d0cb3a7;
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
	check_failed("the stack", 0, "is whole");
}

/* The C library's buffers would end here, and nothing of libcore writes to any: so a module imports nothing. */
__wasi_errno_t __wasi_fd_write(__wasi_fd_t file, const __wasi_ciovec_t *parts, size_t count, __wasi_size_t *written)
{
	(void)file;
	(void)parts;
	(void)count;
	(void)written;
	return __WASI_ERRNO_BADF;
}

__wasi_errno_t __wasi_fd_seek(__wasi_fd_t file, __wasi_filedelta_t by, __wasi_whence_t from, __wasi_filesize_t *at)
{
	(void)file;
	(void)by;
	(void)from;
	(void)at;
	return __WASI_ERRNO_BADF;
}

__wasi_errno_t __wasi_fd_close(__wasi_fd_t file)
{
	(void)file;
	return __WASI_ERRNO_BADF;
}
