/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two setups compared replication by replication. When both meet the same random numbers (common random numbers), what
 * they share drops out of the differences, and far fewer replications tell them apart.
 */
#ifndef STATS_PAIRED_H
#define STATS_PAIRED_H

#include "stats/interval.h"

#include <stdbool.h>

struct paired {
	struct interval a, b;
	struct interval difference; /* b - a */
	struct interval relative;   /* mean of b over mean of a, less 1; NaN where the mean of a is 0 */
	double gain;                /* (var a + var b) / var(b - a): how many times more replications would be needed
				     * if the sides met random numbers of their own; NaN where that is not known */
	bool a_at_least, b_at_least; /* said by the caller: requests had not ended, the value may be larger */
};

/*
 * Compares `count` pairs. The interval of the difference is that of interval_skewed; that of the ratio is the ratio
 * estimator's, with the spread of b - ratio * a. A value that is NaN makes everything NaN that it touches.
 */
struct paired paired_of(const double *a, const double *b, int count, double confidence);

/* Of two sides of which nothing was drawn at random: what differs, differs exactly, and every interval is its value. */
struct paired paired_exact(double a, double b);

enum paired_verdict {
	PAIRED_UNKNOWN, /* not measured in all replications, or there is one only */
	PAIRED_EQUAL,   /* in every replication */
	PAIRED_LOWER,   /* b is, and both intervals lie below 0 */
	PAIRED_HIGHER,
	PAIRED_UNCLEAR,
	PAIRED_UNFINISHED /* a value that may be larger could change it */
};
enum paired_verdict paired_judge(const struct paired *paired);

/* "unknown", "equal", "lower", "higher", "unclear", "unfinished". */
extern const char *const paired_names[];

/*
 * About how many replications more would tell the two apart, if the difference is as large as it looks; INT64_MAX when
 * that is not known.
 */
int64_t paired_more(const struct paired *paired, double confidence);

#endif
