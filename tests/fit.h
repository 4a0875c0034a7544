/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well draws fit a distribution: Kolmogorov-Smirnov distance and chi-square, each with its threshold. */
#ifndef TESTS_FIT_H
#define TESTS_FIT_H

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* The chance that one comparison of right draws fails. */
#define FIT_LEVEL 1e-5

static inline int fit_ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The largest distance between the draws' distribution and `cdf`; sorts `x`. */
static inline double fit_distance(double *x, size_t count, double (*cdf)(double x, const double *with),
				  const double *with)
{
	double worst = 0;
	qsort(x, count, sizeof *x, fit_ascending);
	for (size_t i = 0; i < count; i++) {
		double p = cdf(x[i], with), below = (double)i / (double)count, above = (double)(i + 1) / (double)count;
		worst = fmax(worst, fmax(p - below, above - p));
	}
	return worst;
}

/* The distance that right draws exceed with probability FIT_LEVEL (Kolmogorov's limit law, first term). */
static inline double fit_distance_limit(size_t count)
{
	return sqrt(-0.5 * log(FIT_LEVEL / 2) / (double)count);
}

/*
 * Chi-square of counts against probabilities, over its threshold at FIT_LEVEL: right draws stay below 1. Neighbouring
 * bins are joined until 10 draws are expected in each.
 */
static inline double fit_chi_square(const double *seen, const double *probability, size_t bins, double draws)
{
	double statistic = 0, have = 0, want = 0, last_have = 0, last_want = 0;
	int degrees = -1;
	for (size_t i = 0; i < bins; i++) {
		have += seen[i];
		want += draws * probability[i];
		if (want < 10)
			continue;
		statistic += (have - want) * (have - want) / want;
		degrees++;
		last_have = have;
		last_want = want;
		have = want = 0;
	}
	/* What is left over joins the last bin. */
	statistic -= (last_have - last_want) * (last_have - last_want) / last_want;
	last_have += have;
	last_want += want;
	statistic += (last_have - last_want) * (last_have - last_want) / last_want;
	return degrees > 0 ? statistic / gsl_cdf_chisq_Qinv(FIT_LEVEL, degrees) : have == 0 ? 0 : INFINITY;
}

#endif
