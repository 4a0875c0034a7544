/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two passes each: what rounding did to the first is what the second finds.
 */
#include "stats/sample.h"

#include <math.h>

double sample_mean(const double *values, int count)
{
	double sum = 0, left = 0;
	if (count == 0)
		return NAN;
	for (int i = 0; i < count; i++)
		sum += values[i];
	double mean = sum / count;
	for (int i = 0; i < count; i++)
		left += values[i] - mean;
	return isfinite(left) ? mean + left / count : mean;
}

double sample_variance(const double *values, int count)
{
	double mean = sample_mean(values, count), squares = 0;
	if (count < 2)
		return NAN;
	for (int i = 0; i < count; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	return squares / (count - 1);
}

double sample_sd(const double *values, int count)
{
	return sqrt(sample_variance(values, count));
}

double sample_skewness(const double *values, int count)
{
	double mean = sample_mean(values, count), sd = sample_sd(values, count), cubes = 0;
	if (count < 3 || !(sd > 0))
		return NAN;
	for (int i = 0; i < count; i++) {
		double apart = (values[i] - mean) / sd;
		cubes += apart * apart * apart;
	}
	return cubes * count / ((double)(count - 1) * (count - 2));
}
