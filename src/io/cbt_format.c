/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cbt_format.h"

/* Compiled in here: other libraries have a copy of their own under the same names, and the linker takes any of them. */
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t cbt_hash(const void *bytes, size_t length, uint64_t seed)
{
	return XXH64(bytes, length, seed);
}
