/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quantiles of the normal distribution and of Student's t, with the same bits everywhere. Checked against GSL over
 * their whole range by tests/t-stats.c: the tail beyond a quantile is within 1e-12 of what was asked for.
 */
#ifndef STATS_QUANTILE_H
#define STATS_QUANTILE_H

#include <stdint.h>

/*
 * The value that a standard normal is below with probability p; -infinity at 0, infinity at 1, NaN elsewhere outside of
 * (0, 1). M. J. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 37
 * (1988), the version of 16 digits.
 */
double quantile_normal(double p);

/* The same of Student's t with `degrees` >= 1 of freedom. */
double quantile_student(double p, int64_t degrees);

#endif
