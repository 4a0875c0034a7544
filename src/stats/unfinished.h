/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests that had not ended when the replay did took at least as long as they are old. What they would have added to
 * which times is not known: a statistic of times is told as what it is at least, if they could move it out of its
 * interval.
 */
#ifndef STATS_UNFINISHED_H
#define STATS_UNFINISHED_H

#include "engine/hist.h"
#include "run/claim.h"

/*
 * Whether requests of these ages could move the statistic of what `ended`, a distribution of times, beyond `high`
 * seconds: a percentile, if all of them took longer than it; a mean or a standard deviation, if they are more than one
 * in a thousand, or if their ages are enough; the greatest value always. Other statistics hang on none. If so, and
 * if they are young enough for that, *value (seconds) becomes less: as if each had taken just as long as it is old.
 */
bool unfinished_matter(const struct hist *ended, const struct hist *ages, const struct term *term, double high,
		       double *value);

#endif
