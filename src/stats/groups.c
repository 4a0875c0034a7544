/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/groups.h"
#include "base/arena.h"
#include "engine/dmath.h"

#include <math.h>
#include <stdlib.h>

/*
 * What the ratio of squares is beyond in 2 of 1,000 samples of so many normal values, found by simulating 200,000
 * samples (40,000 from 100 on); between them the next smaller number counts.
 */
static const struct {
	int count;
	double ratio;
} points[] = {{6, 76.12}, {7, 40.24}, {8, 26.23}, {10, 15.73}, {12, 10.98}, {15, 8.28},
	      {20, 6.09}, {30, 4.59}, {50, 3.55}, {100, 2.80}, {200, 2.41}, {500, 2.14}};

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

struct groups groups_find(const double *values, int count)
{
	struct groups one = {.low = count};
	double mean = 0, all = 0, sum = 0, best = 0, limit = points[0].ratio;
	struct arena arena;
	for (int i = 0; i < count; i++)
		if (!(values[i] > 0) || isinf(values[i]))
			return one;
	if (count < GROUPS_LEAST)
		return one;
	arena_init(&arena);
	double *sorted = ARENA_ARRAY(&arena, (size_t)count, double);
	for (int i = 0; i < count; i++) {
		sorted[i] = dm_log(values[i]);
		mean += sorted[i] / count;
	}
	qsort(sorted, (size_t)count, sizeof *sorted, ascending);
	for (int i = 0; i < count; i++)
		all += (sorted[i] - mean) * (sorted[i] - mean);
	struct groups found = one;
	for (int cut = 1; cut < count; cut++) {
		sum += sorted[cut - 1] - mean;
		double between = sum * sum * count / ((double)cut * (count - cut)), within = all - between;
		double ratio = within > 1e-12 * all ? between / within : between > 0 ? 1e12 : 0;
		if (ratio > best) {
			best = ratio;
			found = (struct groups){false, cut, count - cut, mean + sum / cut, mean - sum / (count - cut)};
		}
	}
	arena_free(&arena);
	for (size_t i = 0; i < sizeof points / sizeof *points && points[i].count <= count; i++)
		limit = points[i].ratio;
	found.two = best > limit && found.high_mean - found.low_mean > dm_log(2);
	found.low_mean = dm_exp(found.low_mean);
	found.high_mean = dm_exp(found.high_mean);
	return found.two ? found : one;
}
