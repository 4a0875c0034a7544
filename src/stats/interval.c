/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/interval.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

struct interval interval_of(const double *values, int count, double confidence)
{
	struct interval interval = {.mean = NAN, .low = NAN, .high = NAN, .count = count};
	if (count == 0)
		return interval;
	interval.mean = gsl_stats_mean(values, 1, (size_t)count);
	if (count < 2)
		return interval;
	double error = gsl_stats_sd_m(values, 1, (size_t)count, interval.mean) / sqrt(count);
	double reach = gsl_cdf_tdist_Pinv(0.5 + confidence / 2, count - 1) * error;
	interval.low = interval.mean - reach;
	interval.high = interval.mean + reach;
	return interval;
}
