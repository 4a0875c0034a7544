/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/buckets.h"
#include "engine/rng.h"

#include <math.h>

static const double year = 365 * 86400e9; /* ns */

struct buckets_walk buckets_walk(const struct buckets *buckets, double rate, int64_t at, bool emptied)
{
	double length = (double)buckets->length, most = (double)buckets->walk_limit;
	if (buckets->length == 0) {
		double age = (double)(at - buckets->launch) / year;
		return (struct buckets_walk){1, rate * (age > 0 ? age : 0)};
	}
	double full = rate * (length / year), newest = full * ((double)(at % buckets->length) / length);
	if (buckets->skip_empty && full < 1)
		full = 1; /* what is read then holds at least one */
	double more = ceil(((double)buckets->page - newest) / full);
	if (emptied)
		more = buckets->skip_empty ? 0 : most;
	int steps = 1;
	if (more > 0)
		steps = more < most - 1 ? 1 + (int)more : (int)most;
	return (struct buckets_walk){steps, newest};
}

uint64_t buckets_key(const struct buckets *buckets, uint64_t channel, int64_t at, int step)
{
	int64_t bucket = buckets->length ? at / buckets->length - step : 0;
	return rng_mix(channel) + (uint64_t)bucket;
}
