/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all replications of one setup measured: their meters merged, what each of them added to these, and the value of
 * every wanted term in each of them alone. Estimates are those of stats/pooled.h.
 */
#ifndef STATS_OUTCOME_H
#define STATS_OUTCOME_H

#include "engine/imprint.h"
#include "run/replay.h"
#include "stats/pooled.h"
#include "stats/warmup.h"

/* One replication. */
struct outcome_rep {
	int64_t replication;
	uint64_t digest, rows, events;
	int64_t end, unfinished;
	bool drew;        /* a random number */
	struct row_records records; /* of a trace file */
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
	double **value;       /* [term][rep]: in that replication alone */
	struct imprint **imprint;  /* of each replication */
	struct outcome_left *left; /* what is left when each is taken out, as far as it has been asked for */
	int slowest, kept;    /* journeys to be told of; and kept, at most */
	struct journey *journey;
	int journeys;         /* of all replications, the slowest first; for tables the first `slowest` of them */
};

/*
 * A term's estimate: the value of all replications together, and its interval at 95 %. NaN where there is none: of one
 * replication that drew random numbers, and of min and max. Where nothing random was drawn all three are the same.
 */
struct estimate {
	double value, low, high;
	bool narrow;   /* too few independent excursions lie beyond the percentile: the interval is too narrow */
	bool at_least; /* requests had not ended, which took at least their age: the true value may be larger */
};

/*
 * The outcome and what it holds, a copy of the setup too, live in its own arena; `room` replications may be added. What
 * the setup points to must outlive it.
 */
struct outcome *outcome_new(const struct setup *setup, int room, int slowest);
void outcome_free(struct outcome *outcome);

/* Before any replication: the journeys of so many of the slowest requests are kept, at least. */
void outcome_want_journeys(struct outcome *outcome, int slowest);

/* A warm-up that was found: its setup is from now on the one with that warm-up. Before the first replication. */
void outcome_cut(struct outcome *outcome, const struct warmup *warmup);

/* No more replications will be added: its setup is from now on the one with as many as it has. */
void outcome_settle(struct outcome *outcome);

/* A term's value in some of the replications. `rep` is ignored for POOLED_ALL. */
double outcome_value(const struct outcome *outcome, int term, enum pooled_part part, int rep);

/* Whether no replication drew a random number: then one is as good as many. */
bool outcome_exact(const struct outcome *outcome);

/* Whether two terms are the same measurement, their variants aside. */
bool outcome_same_term(const struct term *a, const struct term *b);

/* The index of a term that was asked for, or -1. */
int outcome_find(const struct outcome *outcome, const struct term *term);

/* Asks for a term before the first replication is added; the same term again gives the same index. */
int outcome_want(struct outcome *outcome, const struct term *term);

/* Adds a replication; it can be freed afterwards. Replications are added in order, so that results do not hang on
 * threads. `records` is NULL without a trace file. */
void outcome_add(struct outcome *outcome, const struct replay *replay, int64_t replication,
		 const struct row_records *records);

struct estimate outcome_estimate(const struct outcome *outcome, int term);

/* A digest of all replications; and of several outcomes, in this order: what a run is told by. */
uint64_t outcome_digest(const struct outcome *outcome);
uint64_t outcome_digest_all(struct outcome *const *outcome, int count);

/* The statistics of a metric that results are written with; ends with NULL. */
const char *const *outcome_statistics(const struct metric *metric);

/* A term without window or variant, for tables. `statistic` as in claims. */
struct term outcome_term(const char *statistic, const char *metric);

#endif
