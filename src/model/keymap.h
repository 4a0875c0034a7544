/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table from 64-bit keys to records of one size: what a store, a gateway, a cache knows of each of its clients.
 *
 * Records move when others are put or dropped: a pointer to one holds until the next call that changes the table.
 */
#ifndef MODEL_KEYMAP_H
#define MODEL_KEYMAP_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct keymap {
	struct arena *arena;
	size_t stride;       /* bytes from one place to the next */
	char *place;
	uint64_t mask, count; /* places - 1; records */
};

/* `size` bytes a record. */
void keymap_init(struct keymap *map, struct arena *arena, size_t size);

/* The key's record, or NULL. */
void *keymap_find(const struct keymap *map, uint64_t key);

/* The key's record; a new one holds zeros. `fresh` (may be NULL) tells whether it is new. */
void *keymap_put(struct keymap *map, uint64_t key, bool *fresh);

/* Forgets the key. False: it was not there. */
bool keymap_drop(struct keymap *map, uint64_t key);

/*
 * Walks the records in an order that depends on keys and history only; start with *cursor = 0. NULL at the end. `key`
 * may be NULL.
 */
void *keymap_next(const struct keymap *map, uint64_t *cursor, uint64_t *key);

#endif
