/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/unfinished.h"

#include <math.h>
#include <string.h>

/* As if those that had not ended had taken just as long as they are old. */
static double percentile_at_least(const struct hist *ended, const struct hist *ages, double p)
{
	struct arena arena;
	struct hist both;
	arena_init(&arena);
	hist_init(&both, &arena, HIST_BITS);
	hist_merge(&both, ended);
	hist_merge(&both, ages);
	double value = (double)hist_percentile(&both, p) * 1e-9;
	arena_free(&arena);
	return value;
}

static double mean_at_least(const struct hist *ended, const struct hist *ages)
{
	return ((double)ended->sum + (double)ages->sum) * 1e-9 / (double)(ended->count + ages->count);
}

bool unfinished_matter(const struct hist *ended, const struct hist *ages, const struct term *term, double high,
		       double *value)
{
	const char *statistic = term->statistic;
	double least = *value;
	if (ages->count == 0)
		return false;
	if (term->p >= 0) {
		uint64_t rank = hist_rank(ended->count + ages->count, term->p);
		if (rank <= ended->count && (double)hist_at_rank(ended, rank) * 1e-9 <= high)
			return false;
		least = ended->bits == HIST_BITS ? percentile_at_least(ended, ages, term->p) : least;
	} else if (strcmp(statistic, "mean") == 0) {
		least = mean_at_least(ended, ages);
		if (ages->count * 1000 <= ended->count && least <= high)
			return false;
	} else if (strcmp(statistic, "sd") == 0) {
		return ages->count * 1000 > ended->count;
	} else {
		return strcmp(statistic, "max") == 0;
	}
	if (least < *value)
		*value = least;
	return true;
}
