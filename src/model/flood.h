/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests that no row of the trace stands for: somebody sends evenly, at a rate, for a while. The first comes at once,
 * the last before the while is over.
 */
#ifndef MODEL_FLOOD_H
#define MODEL_FLOOD_H

#include "engine/sim.h"

/* Ids from here on are those of such requests; rows of a trace stay below. */
#define FLOOD_IDS (UINT64_C(1) << 62)

/* Those of one world: set to zero, but for what its owner gives. */
struct floods {
	struct sim *sim;
	uint64_t count; /* of requests so far */
	void *owner;
	/* A request comes now. `who` is what flood_begin was told. */
	void (*come)(void *owner, uint64_t id, uint64_t who);
};

/* `rate` > 0 per second, `lasts` ns; intervals are rounded to whole ns, at least one. */
void flood_begin(struct floods *floods, uint64_t who, double rate, int64_t lasts);

#endif
