/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a sweep found, read from its database: estimates as a run tells them, and tables.
 *
 *   points.csv   point, a column for each swept key, variant, window, metric, statistic, value, low, high, unit,
 *                replications, interval, bound; low and high bound the 95 % interval, an empty field is not known;
 *                interval "too narrow" and bound "at least" as struct estimate has them (stats/outcome.h)
 *   samples.csv  the same of each replication: point, keys, variant, rep, window, metric, statistic, value, unit
 */
#ifndef EXEC_TABLES_H
#define EXEC_TABLES_H

#include "exec/sweep.h"

/* A statistic of all finished replications of a variant at a point. */
struct tables_estimate {
	int64_t point;
	int variant, replications;
	const char *window, *metric, *statistic;
	double value, low, high; /* NaN: not known */
	bool narrow, at_least;   /* see struct estimate */
};

/*
 * Writes both files into `dir`, and calls `each` (may be NULL) for every estimate on the way, point by point. Memory
 * does not grow with the number of points. False and messages when that cannot be done; no file has changed then.
 */
bool tables_write(const struct sweep *sweep, struct store *store, const char *dir,
		  void (*each)(void *context, const struct tables_estimate *estimate), void *context, struct err *err);

#endif
