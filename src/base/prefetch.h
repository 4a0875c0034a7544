/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_PREFETCH_H
#define BASE_PREFETCH_H

#include <stdint.h>

/*
 * What begins there will be needed soon: its first two lines of the cache are fetched. NULL will do. Always inlined:
 * gcc takes a function that only prefetches for one that does nothing, and may leave out its calls.
 */
static inline __attribute__((always_inline)) void prefetch_ahead(const void *at)
{
	__builtin_prefetch(at);
	__builtin_prefetch((const void *)((uintptr_t)at + 64));
}

#endif
