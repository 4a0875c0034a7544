/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A garbage-collected heap that stops the world. What is allocated fills a generation; when its room is used up,
 * everything on the node stands still while what is alive is traced. How often it happens follows from the allocation
 * rate, how long it takes from what is alive:
 *
 *   pause = floor + alive / rate
 *
 * With one generation, all is allocated in it, room is its headroom, and `live` and `held` bytes are alive. With two,
 * all is allocated in the young one, whose room is its eden; the survivors, a part of the eden, are alive, are moved to
 * the old one, and fill that: its collection, with a pause of its own, follows at once when they use up the headroom.
 * So young collections are frequent and short, old ones rare and long.
 *
 * `held` is memory that requests in progress hang on to (a scan that keeps its cells, a partition being compacted): it
 * lengthens every pause of the old generation until it is let go, and, where the heap gets full, shrinks the headroom.
 * Of what is kept until the next collection of that generation (the partitions that are being merged) only the largest
 * counts.
 */
#ifndef MODEL_COLLECTOR_H
#define MODEL_COLLECTOR_H

#include "engine/sim.h"

struct collector_config {
	bool on;
	double heap;      /* bytes in all */
	double eden;      /* bytes allocated between two young collections; 0: there is one generation */
	double survivors; /* the part of the eden that is alive then, in [0, 1] */
	double headroom;  /* bytes allocated in the old generation, or moved there, between two collections */
	double live;      /* bytes always alive there */
	double rate;      /* bytes traced per second */
	int64_t floor;    /* ns */
};

struct collector {
	struct collector_config config;
	double young, used, held; /* used: of the headroom */
	double kept;              /* of what is held: until the next collection */
	uint64_t pauses;          /* collections; of both generations, if there are two */
};

/*
 * The first collection of each generation is due at a random point of its cycle, so that nodes do not pause in step:
 * `phase` and `young_phase` in [0, 1).
 */
void collector_init(struct collector *collector, const struct collector_config *config, double phase,
		    double young_phase);

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
