/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Confidence intervals of a mean, from independent replications.
 */
#ifndef STATS_INTERVAL_H
#define STATS_INTERVAL_H

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

#endif
