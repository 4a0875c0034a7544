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

/* One replication. */
struct outcome_rep {
	int64_t replication;
	uint64_t digest, rows, events;
	int64_t end, unfinished;
	uint64_t skipped; /* bad rows of a trace file that were passed over */
};

struct outcome {
	const struct setup *setup;
	struct arena arena;
	struct meters pooled;
	int reps, room;
	struct outcome_rep *rep;
	struct term *term;
	int terms, term_room;
	double **value;       /* [term][rep] */
	int slowest;          /* journeys wanted */
	struct journey *journey;
	int journeys;         /* of all replications, the slowest first */
};

/* A term's estimate: the value of all replications together, and the interval of their mean. */
struct estimate {
	double value, low, high;
};

/* The outcome and what it holds live in its own arena; `room` replications will be added. */
struct outcome *outcome_new(const struct setup *setup, int room, int slowest);
void outcome_free(struct outcome *outcome);

/* Whether two terms are the same measurement, their variants aside. */
bool outcome_same_term(const struct term *a, const struct term *b);

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
