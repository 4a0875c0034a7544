/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mean and spread of a sample.
 */
#ifndef STATS_SAMPLE_H
#define STATS_SAMPLE_H

/* NaN when count is 0. The sum's rounding is taken back by a second pass. */
double sample_mean(const double *values, int count);

/* With count - 1 below; NaN when count < 2. */
double sample_variance(const double *values, int count);
double sample_sd(const double *values, int count);

/* The third central moment over the third power of sd, without bias of the moments; NaN when count < 3 or sd is 0. */
double sample_skewness(const double *values, int count);

#endif
