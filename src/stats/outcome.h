/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all replications of one setup measured: their meters merged, and the value of every wanted term in each of them.
 * A percentile of an outcome is that of the merged histogram, its interval comes from the percentiles of the
 * replications.
 */
#ifndef STATS_OUTCOME_H
#define STATS_OUTCOME_H

#include "run/replay.h"
#include "stats/interval.h"
#include "stats/warmup.h"

/* One replication. */
struct outcome_rep {
	int64_t replication;
	uint64_t digest, rows, events;
	int64_t end, unfinished;
	uint64_t skipped; /* bad rows of a trace file that were passed over */
};

struct outcome {
	const struct setup *setup; /* its own copy */
	struct warmup warmup;
	struct arena arena;
	struct meters pooled;
	int reps, room;
	struct outcome_rep *rep;
	struct term *term;
	int terms, term_room;
	int *slot, slots;     /* a table of terms by what they say: index + 1, or 0; slots: a power of 2 */
	double **value;       /* [term][rep] */
	int slowest;          /* journeys wanted */
	struct journey *journey;
	int journeys;         /* of all replications, the slowest first */
};

/* A term's estimate: the value of all replications together, and the interval of their mean. */
struct estimate {
	double value, low, high;
};

/*
 * The outcome and what it holds, a copy of the setup too, live in its own arena; `room` replications may be added. What
 * the setup points to must outlive it.
 */
struct outcome *outcome_new(const struct setup *setup, int room, int slowest);
void outcome_free(struct outcome *outcome);

/* A warm-up that was found: its setup is from now on the one with that warm-up. Before the first replication. */
void outcome_cut(struct outcome *outcome, const struct warmup *warmup);

/* No more replications will be added: its setup is from now on the one with as many as it has. */
void outcome_settle(struct outcome *outcome);

/* Interval of a term over the replications. */
struct interval outcome_interval(const struct outcome *outcome, int term);

/* Whether two terms are the same measurement, their variants aside. */
bool outcome_same_term(const struct term *a, const struct term *b);

/* The index of a term that was asked for, or -1. */
int outcome_find(const struct outcome *outcome, const struct term *term);

/* Asks for a term before the first replication is added; the same term again gives the same index. */
int outcome_want(struct outcome *outcome, const struct term *term);

/* Adds a replication; it can be freed afterwards. Replications are added in order, so that results do not hang on
 * threads. */
void outcome_add(struct outcome *outcome, const struct replay *replay, int64_t replication, uint64_t skipped);

struct estimate outcome_estimate(const struct outcome *outcome, int term);

/* A digest of all replications. */
uint64_t outcome_digest(const struct outcome *outcome);

/* A term without window or variant, for tables. `statistic` as in claims. */
struct term outcome_term(const char *statistic, const char *metric);

#endif
