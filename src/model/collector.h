/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A garbage-collected heap that stops the world. Work makes garbage; when the headroom is used up, everything on the
 * node stands still while what is alive is traced. How often it happens follows from the allocation rate, how long it
 * takes from what is alive:
 *
 *   pause = floor + (live + held) / rate
 *
 * `held` is memory that requests in progress hang on to (a scan that keeps its cells, a partition being compacted): it
 * lengthens every pause until it is let go, and, where the heap gets full, shrinks the headroom. Of what is kept until
 * the next collection (the partitions that are being merged) only the largest counts.
 */
#ifndef MODEL_COLLECTOR_H
#define MODEL_COLLECTOR_H

#include "engine/sim.h"

struct collector {
	bool on;
	double heap;      /* bytes in all */
	double headroom;  /* bytes that may be allocated between two collections, if they fit */
	double live;      /* bytes always alive */
	double rate;      /* bytes traced per second */
	int64_t floor;    /* ns */
	double used, held;
	double kept;      /* of what is held: until the next collection */
	uint64_t pauses;
};

/* The first collection is due at a random point of its cycle, so that nodes do not pause in step: `phase` in [0, 1). */
void collector_init(struct collector *collector, bool on, double heap, double headroom, double live, double rate,
		    int64_t floor, double phase);

/* Allocates; returns the length of the pause that this sets off, ns, or 0. */
int64_t collector_allocate(struct collector *collector, double bytes);

/* Memory that stays alive until it is let go again (a negative number of bytes). */
static inline void collector_hold(struct collector *collector, double bytes)
{
	collector->held += bytes;
}

/* The largest of what this is told of stays alive until the next collection is over. */
static inline void collector_keep(struct collector *collector, double bytes)
{
	if (bytes > collector->kept) {
		collector_hold(collector, bytes - collector->kept);
		collector->kept = bytes;
	}
}

#endif
