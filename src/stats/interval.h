/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Confidence intervals of a mean, from independent replications.
 */
#ifndef STATS_INTERVAL_H
#define STATS_INTERVAL_H

#include <stdint.h>

/* With fewer than two values low and high are NaN; without any, mean is too. */
struct interval {
	double mean, low, high;
	int count;
};

/*
 * Student's t-interval at `confidence` (0.95) from values that are independent and alike, one a replication. Values
 * that are NaN make everything NaN: what could not be measured once is not known.
 */
struct interval interval_of(const double *values, int count, double confidence);

/*
 * The same, reaching as far again as the skewness of the values asks for: each end is the farther one of Student's and
 * of P. Hall's (On the removal of skewness by transformation, J. R. Statist. Soc. B 54, 1992), and at most twice as far
 * as Student's: the skewness of a few values is hardly known.
 */
struct interval interval_skewed(const double *values, int count, double confidence);

/* Half the width of an interval, over the size of its mean: 0 when the width is 0, infinite when it is not known. */
double interval_precision(const struct interval *interval);

/*
 * About how many values in all would make half the width of an interval of `confidence` no more than `half`, when they
 * spread as these do. At least 2; INT64_MAX when that is not known.
 */
int64_t interval_needed(const struct interval *interval, double half, double confidence);

#endif
