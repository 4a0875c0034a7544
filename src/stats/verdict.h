/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether an expectation holds. Both sides are estimates of stats/pooled.h, and replications are left out of all
 * variants at once, because these met the same random numbers. Holds: the whole 95 % interval satisfies the comparison.
 * Does not hold: none of it does. Otherwise the replications do not settle it. What hangs on a least or greatest value
 * has no interval: it holds when it does in every replication, and does not when it does in none.
 */
#ifndef STATS_VERDICT_H
#define STATS_VERDICT_H

#include "base/check.h"
#include "run/claim.h"
#include "stats/pooled.h"

enum verdict { VERDICT_YES, VERDICT_NO, VERDICT_INCONCLUSIVE };

/* "yes", "no", "inconclusive". */
extern const char *const verdict_names[];

struct verdict_of_one {
	enum verdict verdict;
	const char *why;        /* it is inconclusive, where it is not the interval: "it was not measured"; else NULL */
	bool narrow, at_least;  /* something that it hangs on is, see struct estimate */
	struct interval left;   /* of the left side */
	double low, high;       /* means of the right side, or of the band's ends; high is NaN without a band */
};

/*
 * Judges. What was not measured, in all or without some replication, is inconclusive, and so is everything without any
 * replication. One replication has no interval: it decides when there is nothing random in it (`exact`), and is
 * inconclusive otherwise.
 */
struct verdict_of_one verdict_of(const struct expectation *expectation, const struct pooled_values *values, bool exact);

/*
 * Whether two sides are equivalent, from their numbers of pooled_each: two one-sided tests at 5 % each (Schuirmann,
 * 1987). Yes: they are clearly less than `margin` apart, in their unit or, `relative`, as a part of the right side's
 * size; no: they are clearly farther apart.
 */
enum verdict verdict_within(const double *left, const double *right, int count, double margin, bool relative);

/* The verdict on all of several: no when one does not hold, yes when all do. */
enum verdict verdict_all(const struct verdict_of_one *one, int count);

#endif
