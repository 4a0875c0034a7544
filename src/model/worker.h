/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A single-threaded process: a few visits that somebody waits for, among a great many background jobs (position
 * reports, reads of open apps) that nobody does. First come, first served.
 *
 * The background arrives as a Poisson process and costs no events: when a visit comes, the line that it finds is drawn,
 * given that which the last one left. Its distribution is that of all jobs served one after the other: no probability
 * is further from that than 1e-6, and that only of lines that have had time to forget how they began.
 */
#ifndef MODEL_WORKER_H
#define MODEL_WORKER_H

#include "engine/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum { WORKER_KINDS = 2 };

/* Kinds of background jobs: arrivals per ns, and ns of the thread that one takes. */
struct worker_background {
	double rate[WORKER_KINDS];
	int64_t cost[WORKER_KINDS];
};

struct worker {
	struct rng rng;
	int64_t seen;  /* ns: background jobs up to here have been drawn */
	int64_t ready; /* ns: when the thread is through with all that has been drawn */
	bool alive;
};

void worker_init(struct worker *worker, struct rng rng);

/* A visit at `now`, which never goes back, of `cost` ns; the background has been `background` since the visit before.
 * Returns when the visit is served. */
int64_t worker_visit(struct worker *worker, int64_t now, int64_t cost, const struct worker_background *background);

/* Loses what is in line: begins anew at `now`. */
void worker_restart(struct worker *worker, int64_t now);

/* The share of its time that the background takes; 1 and more: it does not keep up. */
double worker_load(const struct worker_background *background);

#endif
