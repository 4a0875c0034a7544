/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Request coalescing: what is already being fetched is not fetched again. The first who asks for a key leads and
 * fetches; those who ask while the fetch is under way follow and are handed the same answer.
 */
#ifndef MODEL_FLIGHT_H
#define MODEL_FLIGHT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whoever waits embeds one. */
struct flight_follower {
	struct flight_follower *next;
};

struct flight_entry {
	uint64_t key;
	bool used;
	struct flight_follower *first, *last;
};

struct flight {
	struct flight_entry *entry; /* open addressing, linear probing */
	size_t capacity, count;     /* capacity is a power of two */
	struct arena *arena;
};

void flight_init(struct flight *flight, struct arena *arena);

/* True: nobody is fetching `key`, the caller leads and must call flight_land. False: the follower has been queued. */
bool flight_join(struct flight *flight, uint64_t key, struct flight_follower *follower);

/* The fetch has ended: returns the followers in order of joining, linked by next; NULL when there were none. */
struct flight_follower *flight_land(struct flight *flight, uint64_t key);

#endif
