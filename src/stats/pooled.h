/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one estimator that everything uses. A value is that of all replications together; how far it may be off is told
 * by what it becomes when one replication is left out (the delete-one jackknife: Quenouille 1956, Tukey 1958). So a
 * value and its interval belong together, for a percentile, a ratio of levels or a whole expression over several
 * variants, whose replications are left out together because they met the same random numbers.
 */
#ifndef STATS_POOLED_H
#define STATS_POOLED_H

#include "run/claim.h"
#include "stats/interval.h"

/* Of which replications a term's value is: of all together, of all but one, or of one alone. */
enum pooled_part { POOLED_ALL, POOLED_BUT_ONE, POOLED_ONE };

/* Who knows the values of terms. `rep` is the replication left out, or the one alone. */
struct pooled_values {
	double (*value)(void *context, const struct term *term, enum pooled_part part, int rep);
	void *context;
	int reps;
};

/* The value of an expression. */
double pooled_value(const struct expression *expression, const struct pooled_values *values, enum pooled_part part,
		    int rep);

/*
 * Fills `into` with one number for each replication, alike and nearly independent, whose mean is the value of all
 * together (the jackknife's pseudo-values, moved there) and whose interval is that value's; so they may be subtracted
 * from those of another expression. NaN where something was not measured.
 */
void pooled_each(const struct expression *expression, const struct pooled_values *values, double *into);

/* The same of a value and what it is when each of `count` replications is left out; in place. */
void pooled_move(double all, double *left_out, int count);

/* So many independent excursions beyond a percentile make its interval what it says; docs/statistics.md. */
enum { POOLED_EXCURSIONS = 8 };

/*
 * How many independent excursions beyond a percentile there were: as many as would make the number of samples beyond it
 * vary between replications as it does. Samples that come in clusters count once a cluster. For each of `reps`
 * replications, one that is not added has none; infinity when nothing is beyond it in any.
 */
struct pooled_excursions {
	int reps;
	double sum, squares;
};
void pooled_excursions_add(struct pooled_excursions *excursions, uint64_t above);
double pooled_excursions_count(const struct pooled_excursions *excursions);

/*
 * Whether an expression hangs on the least or the greatest of what was measured (min, max): that is no estimate of
 * anything, and has no interval; more replications make it more extreme. NULL has none.
 */
bool pooled_extreme(const struct expression *expression);

/* Value and interval at 95 %; no interval of an extreme. */
struct interval pooled_interval(const struct expression *expression, const struct pooled_values *values);

#endif
