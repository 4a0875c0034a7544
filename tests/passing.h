/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that passes in a simulation that no replay drives, for tests of parts. */
#ifndef TESTS_PASSING_H
#define TESTS_PASSING_H

#include "engine/sim.h"

/* All that happens until then, and at that moment; then it is that time. */
static inline void pass_until(struct sim *sim, int64_t time)
{
	while (queue_peek(&sim->queue) <= time) {
		sim->now = queue_peek(&sim->queue);
		struct queue_event event = queue_take(&sim->queue);
		event.fn(sim, event.subject, event.detail);
	}
	sim->now = time;
}

#endif
