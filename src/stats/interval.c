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

double interval_precision(const struct interval *interval)
{
	double half = (interval->high - interval->low) / 2;
	if (isnan(half))
		return INFINITY;
	return half == 0 ? 0 : half / fabs(interval->mean);
}

/* The t-quantile depends on the number that is sought, which is therefore tried: it is between n and n + 4. */
int64_t interval_needed(const struct interval *interval, double half, double confidence)
{
	double now = (interval->high - interval->low) / 2, quantile = 0.5 + confidence / 2;
	if (now == 0)
		return 2;
	if (!(now > 0) || !(half > 0))
		return INT64_MAX;
	double sd = now * sqrt(interval->count) / gsl_cdf_tdist_Pinv(quantile, interval->count - 1);
	double count = ceil(pow(gsl_cdf_ugaussian_Pinv(quantile) * sd / half, 2));
	if (!(count < 1e15))
		return INT64_MAX;
	count = count < 2 ? 2 : count;
	while (gsl_cdf_tdist_Pinv(quantile, count - 1) * sd / sqrt(count) > half && count < 1e15)
		count++;
	return (int64_t)count;
}
