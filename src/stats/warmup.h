/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much of the start of a trace is warm-up: MSER-5 (White, 1997). The series is averaged in batches of five; what is
 * cut is what makes the standard error of the mean of the rest least.
 */
#ifndef STATS_WARMUP_H
#define STATS_WARMUP_H

#include "engine/meter.h"

struct warmup {
	bool automatic; /* found, not written in the model */
	bool steady;    /* false: more than half would have to go; then nothing is cut */
	int64_t cut;    /* ns */
	int64_t of;     /* ns of the series that was looked at */
};

/*
 * How many values at the start of a series belong to the warm-up, a multiple of 5. *steady is false when these are more
 * than half of them: the series does not settle. The last five batches are never cut, because so few values are alike
 * by chance. 0 with fewer than 50 values.
 */
int warmup_mser5(const double *value, int count, bool *steady);

/*
 * The warm-up of the merged replications `pilots`: the longest that the series of the first two times of the case ask
 * for, by the mean of what began in each bin. *bins becomes the number of bins that could be used; with fewer than 50
 * steady is false.
 */
struct warmup warmup_find(const struct meters *pilots, int *bins);

#endif
