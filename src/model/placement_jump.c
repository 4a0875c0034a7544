/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key jumps from bucket to bucket as their number grows: from bucket b it leaves for the bucket at which the number
 * has grown by a random factor, and where it is at n buckets is its place. The random numbers are those of a linear
 * congruential generator with the key as its seed. No memory, perfectly even; but a bucket has no name: when one in the
 * middle leaves, all behind it move up.
 */
#include "model/placement.h"

static void build(struct placement *placement)
{
	(void)placement;
}

static int owner(const struct placement *placement, uint64_t hash, int64_t *looks)
{
	const uint64_t multiplier = UINT64_C(2862933555777941757);
	uint64_t bucket = 0, next = 0;
	while (next < (uint64_t)placement->members) {
		bucket = next;
		hash = hash * multiplier + 1;
		next = ((bucket + 1) << 31) / ((hash >> 33) + 1);
		++*looks;
	}
	return placement->member[bucket];
}

const struct placement_kind placement_jump = {
	.name = "jump",
	.about = "jumps from bucket to bucket as their number grows",
	.joins = true,
	.build = build,
	.owner = owner,
};
