/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why was this one slow? While somebody wants to know, a request carries a journey: what happened to it, when, and
 * where. Parts note into it. Only the journeys of the slowest requests are kept. Off (a NULL journey), a note costs one
 * test.
 */
#ifndef MODEL_JOURNEY_H
#define MODEL_JOURNEY_H

#include "base/freelist.h"

#include <stdbool.h>
#include <stdint.h>

enum { JOURNEY_STEPS = 24 };

struct journey_step {
	int64_t time;
	const char *part;  /* "node", "disk"; a constant */
	const char *what;  /* "waits behind", "served"; a constant */
	int64_t number;    /* of the part, or -1 */
	int64_t value;     /* what the words ask for (how many ahead, ns of a pause), or -1 */
};

struct journey {
	uint64_t id;
	int64_t begin, end;
	const char *kind;  /* "read" */
	int steps, dropped; /* kept; those that were not worth it */
	struct journey_step step[JOURNEY_STEPS];
};

struct journeys {
	int wanted, kept;
	struct journey **slowest; /* kept ones, a heap with the fastest of them on top */
	struct freelist ended; /* not kept */
	struct arena *arena;
};

void journeys_init(struct journeys *journeys, struct arena *arena, int wanted);

/* A journey for a request that begins now; NULL when `journeys` is NULL. */
struct journey *journey_begin(struct journeys *journeys, uint64_t id, int64_t now, const char *kind);

/* Adds a step. Of more than JOURNEY_STEPS those are kept that took longest. */
void journey_step(struct journey *journey, int64_t now, const char *part, int64_t number, const char *what,
		  int64_t value);

/*
 * The same for a request. `carried` is where it keeps its journey: work that goes on after its request has ended finds
 * NULL there and notes nothing. `carried` itself may be NULL.
 */
static inline void journey_note(struct journey *const *carried, int64_t now, const char *part, int64_t number,
				const char *what, int64_t value)
{
	if (__builtin_expect(carried && *carried, 0))
		journey_step(*carried, now, part, number, what, value);
}

/* The request has ended: its journey is kept if it is among the slowest, and recycled otherwise. */
void journey_end(struct journeys *journeys, struct journey *journey, int64_t now);

/* Sorts the kept ones: slowest first, ties by id. */
void journeys_sort(struct journeys *journeys);

#endif
