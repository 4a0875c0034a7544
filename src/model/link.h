/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One direction of a long link: what is sent waits for its turn when the link sends only so many messages a second,
 * then travels for the one-way time and a jitter of its own, so that messages may overtake each other on the way.
 *
 * A link that is cut delivers nothing. What was on the way is lost and, like what is sent meanwhile, kept by the sender
 * and sent when the link is whole again, in the order in which it was missed.
 */
#ifndef MODEL_LINK_H
#define MODEL_LINK_H

#include "base/freelist.h"
#include "engine/dist.h"
#include "engine/sim.h"

struct link_message;

struct link {
	struct sim *sim;
	int64_t one_way;           /* ns */
	const struct dist *jitter; /* added to it, ns; NULL: none */
	int64_t interval;          /* ns between two departures; 0: without limit */
	int64_t free_at;           /* when the next message may depart, less the interval */
	int cut;                   /* reasons for which it is now; 0: it is whole */
	uint32_t cuts;             /* times that it was cut so far: what left before the latest is lost */
	int64_t flying, kept;      /* messages under way or waiting for their turn; kept while it is cut */
	struct rng rng;
	struct link_message *first, *last; /* kept ones */
	struct freelist messages; /* arrived ones */
};

/* `rate` in messages per second, at least 10^-6, or 0 without limit. `stream` and `number` key its jitter. */
void link_init(struct link *link, struct sim *sim, int64_t one_way, const struct dist *jitter, double rate,
	       struct rng_stream stream, uint64_t number);

/* arrived(sim, subject, detail) fires at the other end, exactly once, unless the link stays cut. */
void link_send(struct link *link, sim_event_fn *arrived, void *subject, uint64_t detail);

/* A reason why it is cut has come, or gone; it is whole when there is none left. */
void link_cut(struct link *link);
void link_mend(struct link *link);

#endif
