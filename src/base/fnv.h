/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Digests by FNV-1a over what tells one thing from another, value by value: numbers as their eight bytes from the
 * lowest, texts with their length before them, so that no two sequences of values give the same bytes.
 */
#ifndef BASE_FNV_H
#define BASE_FNV_H

#include <stdint.h>
#include <string.h>

/* What a digest begins with. */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv_byte(uint64_t digest, unsigned char byte)
{
	return (digest ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t fnv_integer(uint64_t digest, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		digest = fnv_byte(digest, (unsigned char)(value >> 8 * i));
	return digest;
}

static inline uint64_t fnv_real(uint64_t digest, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return fnv_integer(digest, bits);
}

/* `count` numbers; NULL is told from none. */
static inline uint64_t fnv_reals(uint64_t digest, const double *values, size_t count)
{
	digest = fnv_integer(digest, values ? count : UINT64_MAX);
	for (size_t i = 0; values && i < count; i++)
		digest = fnv_real(digest, values[i]);
	return digest;
}

/* NULL is told from an empty text. */
static inline uint64_t fnv_text(uint64_t digest, const char *text)
{
	digest = fnv_integer(digest, text ? strlen(text) : UINT64_MAX);
	for (; text && *text; text++)
		digest = fnv_byte(digest, (unsigned char)*text);
	return digest;
}

#endif
