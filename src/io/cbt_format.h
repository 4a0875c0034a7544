/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of a packed trace, .cbt, as docs/cbt.md describes them: what its reader and its writer both know.
 */
#ifndef IO_CBT_FORMAT_H
#define IO_CBT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define CBT_MAGIC "\x89" "cbt\0\0\r\n"

enum {
	CBT_VERSION = 1,
	CBT_MAGIC_LENGTH = 8,
	CBT_START = 12,           /* the magic and the version */
	CBT_PART = 8,             /* before what a part holds: its kind, its length */
	CBT_SEAL = 8,             /* behind it */
	CBT_COLUMN = 12,          /* before the bytes of a column */
	CBT_INTEGERS = 24,        /* before the bytes of integers */
	CBT_ROWS_MAX = 65536,     /* of a block */
	CBT_PART_MAX = 1 << 26,   /* bytes of a part */
	CBT_BLOCK_MAX = 1 << 26,  /* bytes of the columns of a block, unpacked */
	CBT_PLACES_MAX = 18,      /* of a number */
	CBT_FRACTION_MAX = 9,     /* digits of a second */
	CBT_COLUMNS_MAX = 1000
};

#define CBT_HEAD UINT32_C(0x64616568) /* "head" */
#define CBT_ROWS UINT32_C(0x73776f72) /* "rows" */
#define CBT_TAIL UINT32_C(0x6c696174) /* "tail" */

enum cbt_kind { CBT_NUMBER = 1, CBT_DATE = 2, CBT_TEXT = 3 };

/* Flags of a NUMBER. */
enum { CBT_WRITTEN = 1 /* how many places each was written with is told */ };

/* Flags of a DATE. */
enum { CBT_TIME = 1, CBT_T = 2, CBT_SECONDS = 4, CBT_Z = 8 };

/* How integers are laid down. */
enum { CBT_PLAIN, CBT_STEPS };

/* XXH64 of Collet. */
uint64_t cbt_hash(const void *bytes, size_t length, uint64_t seed);

/* The check over a part, from its kind to its last byte; `before` is that of the part before it, 0 of the first. */
static inline uint64_t cbt_seal(const unsigned char *part, size_t length, uint64_t before)
{
	return cbt_hash(part, length, before);
}

static inline uint64_t cbt_get(const unsigned char *at, int bytes)
{
	uint64_t value = 0;
	for (int i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

static inline uint32_t cbt_get4(const unsigned char *at)
{
	return (uint32_t)cbt_get(at, 4);
}

static inline void cbt_set(unsigned char *at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

#endif
