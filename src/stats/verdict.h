/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether an expectation holds, judged from independent replications: in each, both sides are evaluated on the same
 * replication of all variants (they met the same random numbers), and the interval of the left side, or of the
 * difference of the sides, decides. Holds: the whole 95 % interval satisfies the comparison. Does not hold: none of it
 * does. Otherwise the replications do not settle it.
 */
#ifndef STATS_VERDICT_H
#define STATS_VERDICT_H

#include "base/check.h"
#include "run/claim.h"
#include "stats/interval.h"

enum verdict { VERDICT_YES, VERDICT_NO, VERDICT_INCONCLUSIVE };

/* "yes", "no", "inconclusive". */
extern const char *const verdict_names[];

struct verdict_of_one {
	enum verdict verdict;
	struct interval left;   /* of the left side */
	double low, high;       /* means of the right side, or of the band's ends; high is NaN without a band */
};

/*
 * Judges; `value` gives a term's value in replication `rep` of its variant. What could be measured in no replication
 * does not hold; what could be measured in some, and without any replication everything, is inconclusive. One
 * replication has no interval: it decides when there is nothing random in it (`exact`), and is inconclusive otherwise.
 */
struct verdict_of_one verdict_of(const struct expectation *expectation, int reps, bool exact,
				 double (*value)(void *context, const struct term *term, int rep), void *context);

/* The verdict on all of several: no when one does not hold, yes when all do. */
enum verdict verdict_all(const struct verdict_of_one *one, int count);

#endif
