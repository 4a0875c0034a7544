/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a sweep on the threads of this machine (exec/ranks.h on many), and tells beforehand what that would take. */
#ifndef EXEC_SWEEP_RUN_H
#define EXEC_SWEEP_RUN_H

#include "exec/sweep.h"

#include <signal.h>

/* How far it is. */
struct sweep_progress {
	double part;        /* of the work that was left at the start, 0..1 */
	int64_t done, runs; /* of all, those found finished included */
	int64_t point;      /* one that is being run; -1: none */
	double seconds;
};

enum sweep_end { SWEEP_DONE, SWEEP_INTERRUPTED, SWEEP_FAILED };

/*
 * Runs what is not marked in `done`, on threads; each finished run is stored at once. Ends early when *stop becomes
 * nonzero, or with a message when a trace cannot be read or a run cannot be stored.
 */
enum sweep_end sweep_run(const struct sweep *sweep, struct store *store, unsigned char *done, int threads,
			 void (*progress)(void *host, const struct sweep_progress *progress), void *host,
			 const volatile sig_atomic_t *stop, struct err *err);

/* What running all that is not marked would take. */
struct sweep_cost {
	double seconds; /* of one thread; NaN: not known */
	double bytes;   /* of the database */
};

/* Judged from one run at the first point that is not done, which is given up after a second or two. */
struct sweep_cost sweep_cost(const struct sweep *sweep, const unsigned char *done, struct err *err);

#endif
