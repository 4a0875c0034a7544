/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/interval.h"
#include "engine/dmath.h"
#include "stats/quantile.h"
#include "stats/sample.h"

#include <math.h>

struct interval interval_of(const double *values, int count, double confidence)
{
	struct interval interval = {.mean = NAN, .low = NAN, .high = NAN, .count = count};
	if (count == 0)
		return interval;
	interval.mean = sample_mean(values, count);
	if (count < 2)
		return interval;
	double error = sample_sd(values, count) / sqrt(count);
	double reach = quantile_student(0.5 + confidence / 2, count - 1) * error;
	interval.low = interval.mean - reach;
	interval.high = interval.mean + reach;
	return interval;
}

enum { SKEWED_LEAST = 8 };

/*
 * With T = (mean - truth) / error and a = skewness / sqrt(count), Hall's ((1 + a T / 3)^3 - 1) / a + a / 6 is nearly
 * normal; this is the T at which it is y.
 */
static double hall(double y, double a)
{
	double cube = 1 + a * (y - a / 6), root = cube == 0 ? 0 : dm_exp(dm_log(fabs(cube)) / 3);
	return 3 / a * ((cube < 0 ? -root : root) - 1);
}

struct interval interval_skewed(const double *values, int count, double confidence)
{
	struct interval interval = interval_of(values, count, confidence);
	double skewness = sample_skewness(values, count), a = skewness / sqrt(count);
	if (count < SKEWED_LEAST || isnan(skewness) || fabs(a) < 1e-6 || isnan(interval.low))
		return interval;
	double t = quantile_student(0.5 + confidence / 2, count - 1);
	double error = (interval.high - interval.mean) / t;
	double low = interval.mean - error * hall(t, a), high = interval.mean - error * hall(-t, a);
	double twice = 2 * (interval.high - interval.mean), mean = interval.mean;
	if (low < interval.low)
		interval.low = low < mean - twice ? mean - twice : low;
	if (high > interval.high)
		interval.high = high > mean + twice ? mean + twice : high;
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
	double sd = now * sqrt(interval->count) / quantile_student(quantile, interval->count - 1);
	double root = quantile_normal(quantile) * sd / half, least = ceil(root * root);
	if (!(least < 1e15))
		return INT64_MAX;
	int64_t count = least < 2 ? 2 : (int64_t)least;
	while (quantile_student(quantile, count - 1) * sd / sqrt((double)count) > half)
		count++;
	return count;
}
