/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests that no row of the trace stands for: somebody sends at a rate, evenly or at random, for a while. The first
 * comes at once.
 */
#ifndef MODEL_FLOOD_H
#define MODEL_FLOOD_H

#include "engine/sim.h"

/* Where ids of such requests may begin; rows of a trace stay below. */
#define FLOOD_IDS (UINT64_C(1) << 62)

struct floods;

struct flood {
	struct flood *next;
	struct floods *of;
	uint64_t who;
	uint64_t mark;         /* the owner's */
	double rate;           /* per second; 0: nothing is sent */
	int64_t last;          /* ns: when the last one was */
	struct rng rng;
	queue_handle event;
};

/* Those of one world: set to zero, but for what its owner gives. */
struct floods {
	struct sim *sim;
	const struct rng_stream *random; /* keyed by who sends, of exponential gaps; NULL: gaps are even */
	uint64_t *id;                    /* of the next request; counts up */
	void *owner;
	/* A request of `who` comes now. */
	void (*come)(void *owner, uint64_t id, uint64_t who);

	struct flood *first;             /* all that there ever was, the newest first */
	int flowing;
};

/* What `who` sends: nothing, at first. */
struct flood *flood_of(struct floods *floods, uint64_t who);

/*
 * From now on so many a second, 0: nothing any more. Gaps are whole ns; even ones are at least one, and when the rate
 * changes the next comes a gap after the last.
 */
void flood_set(struct flood *flood, double rate);

#endif
