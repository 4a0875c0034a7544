/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/warmup.h"

#include <math.h>

enum { BATCH = 5, LEAST = 50, SPARED = 5, LOOKED_AT = 2 };

/* From the end to the start, so that each batch is added to the sums once. */
int warmup_mser5(const double *value, int count, bool *steady)
{
	int batches = count / BATCH, best = 0;
	double sum = 0, squares = 0, least = INFINITY;
	*steady = true;
	if (count < LEAST)
		return 0;
	/* Squares of large numbers that differ little would cancel: all are told from the one in the middle. */
	double middle = value[count / 2];
	for (int batch = batches - 1; batch >= 0; batch--) {
		double mean = 0;
		for (int i = 0; i < BATCH; i++)
			mean += (value[batch * BATCH + i] - middle) / BATCH;
		sum += mean;
		squares += mean * mean;
		double left = batches - batch;
		double error = (squares - sum * sum / left) / (left * left);
		/* Of equals the shortest: a constant series has no warm-up. */
		if (left >= SPARED && error <= least) {
			least = error;
			best = batch;
		}
	}
	*steady = 2 * best <= batches;
	return best * BATCH;
}

/* Means of a time's bins, but for the last one, which the end of the trace may cut short; how many there are. */
static int series_of(const struct meters *pilots, int metric, double *value)
{
	int last = pilots->bins - 1, first = 0;
	while (last >= 0 && meter_bin_hist(pilots, metric, last)->count == 0)
		last--;
	while (first < last && meter_bin_hist(pilots, metric, first)->count == 0)
		first++;
	/* Nothing began in an empty bin: as before. */
	for (int b = 0; b < last; b++) {
		const struct hist *bin = meter_bin_hist(pilots, metric, b > first ? b : first);
		value[b] = bin->count > 0 ? hist_mean(bin) : value[b - 1];
	}
	return last;
}

struct warmup warmup_find(const struct meters *pilots, int *bins)
{
	struct warmup warmup = {.automatic = true, .steady = true};
	double value[METER_BINS];
	int looked_at = 0;
	*bins = 0;
	for (int m = 0; m < pilots->metrics && looked_at < LOOKED_AT; m++) {
		if (pilots->metric[m].kind != METRIC_TIME)
			continue;
		looked_at++;
		int count = series_of(pilots, m, value);
		if (count < LEAST)
			continue;
		bool steady;
		int64_t cut = warmup_mser5(value, count, &steady) * pilots->bin_width;
		warmup.cut = cut > warmup.cut ? cut : warmup.cut;
		warmup.steady = warmup.steady && steady;
		*bins = count > *bins ? count : *bins;
	}
	warmup.steady = warmup.steady && *bins >= LEAST;
	if (!warmup.steady)
		warmup.cut = 0;
	warmup.of = *bins * pilots->bin_width;
	return warmup;
}
