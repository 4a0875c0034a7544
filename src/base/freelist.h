/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Things of one type that are given back to be used again, since an arena takes nothing back. What is given back keeps
 * its bytes, but for the first ones, where the pointer to the next one stands: no type needs a field for it. A list
 * that is all zero is empty.
 */
#ifndef BASE_FREELIST_H
#define BASE_FREELIST_H

#include "base/arena.h"

#include <string.h>

struct freelist {
	void *first;
};

/* `bytes` that were given back last, the first sizeof(void *) of them undefined; otherwise zeroed ones of the arena. */
static inline void *freelist_get(struct freelist *list, struct arena *arena, size_t bytes)
{
	void *item = list->first;
	if (__builtin_expect(!item, 0))
		return arena_get(arena, bytes);
	memcpy(&list->first, item, sizeof(list->first)); /* by bytes: what it is next may be of any type */
	return item;
}

/* `item` came from this list, or is of the size of those that did, and at least as large as a pointer. */
static inline void freelist_give(struct freelist *list, void *item)
{
	memcpy(item, &list->first, sizeof(list->first));
	list->first = item;
}

#define FREELIST_TAKE(list, arena, type) ((type *)freelist_get((list), (arena), sizeof(type)))

#endif
