/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why was this one slow? While somebody wants to know, a request carries a journey: what happened to it, when, and
 * where. Parts note into it. Only the journeys of the slowest requests are kept. Off (a NULL journey), a note costs one
 * test.
 *
 * A request that is served by several, one within another or at the same time, has spans in its journey: each a journey
 * itself, from its begin to its end, that parts note into and that may have spans.
 */
#ifndef MODEL_JOURNEY_H
#define MODEL_JOURNEY_H

#include "base/freelist.h"

#include <stdbool.h>
#include <stdint.h>

/* Limits: steps of a journey or a span, of which the longest are kept; spans of a request, of which the first are. */
enum { JOURNEY_STEPS = 24, JOURNEY_SPANS = 1000 };

struct journey_step {
	int64_t time;
	const char *part;  /* "node", "disk"; a constant */
	const char *what;  /* "waits behind", "served"; a constant */
	int64_t number;    /* of the part, or -1 */
	int64_t value;     /* what the words ask for (how many ahead, how long), or -1 */
	bool lasts;        /* value is ns */
};

struct journey {
	uint64_t id;
	int64_t begin, end; /* end -1: it has not ended */
	const char *kind;  /* "read", or of a span who serves: "auth" */
	int steps, dropped; /* kept; those that were not worth it */
	struct journey_step *step;
	struct journey *child, *next; /* its spans, in the order of their beginning; the next of those it is one of */
	int spans, missing; /* of a request: all within it; those for which there was no room */
	/* Parts of the inside. */
	struct journeys *of;
	struct journey *whole, *last_child; /* of the request */
	int room, open;                     /* steps that fit; of a request: it, and spans, that have not ended */
	bool discarded;                     /* of a request: not kept, and used again when nothing is open any more */
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
void journey_step(struct journey *journey, const struct journey_step *step);

/*
 * The same for a request. `carried` is where it keeps its journey: work that goes on after its request has ended finds
 * NULL there and notes nothing. `carried` itself may be NULL.
 */
static inline void journey_note(struct journey *const *carried, int64_t now, const char *part, int64_t number,
				const char *what, int64_t value)
{
	if (__builtin_expect(carried && *carried, 0))
		journey_step(*carried, &(struct journey_step){now, part, what, number, value, false});
}

/* The same, of something that lasts `ns`: "paused for". */
static inline void journey_note_time(struct journey *const *carried, int64_t now, const char *part, int64_t number,
				     const char *what, int64_t ns)
{
	if (__builtin_expect(carried && *carried, 0))
		journey_step(*carried, &(struct journey_step){now, part, what, number, ns, true});
}

/*
 * A span begins within a journey or a span that has not ended; `kind` outlives the results (a constant, or a name of
 * the model). NULL when `within` is NULL, and when the request has JOURNEY_SPANS. It may end later than what it is in.
 */
struct journey *journey_span(struct journey *within, int64_t now, const char *kind);

/* A span has ended, and is not touched any more. `span` may be NULL. */
void journey_span_end(struct journey *span, int64_t now);

/* The request has ended: its journey is kept if it is among the slowest, and recycled otherwise. */
void journey_end(struct journeys *journeys, struct journey *journey, int64_t now);

/* Sorts the kept ones: slowest first, ties by id. */
void journeys_sort(struct journeys *journeys);

/* Makes a copy its own: steps and spans are copied to the arena. */
void journey_own(struct journey *copy, struct arena *arena);

#endif
