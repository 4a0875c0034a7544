/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ring on which a node is full when it has ceil(slack * load of all / nodes), the load that is being placed included:
 * then the owner of the next point is asked, and so on. Since slack > 1 somebody has room.
 */
#include "base/check.h"
#include "model/placement.h"
#include "model/placement_ring.h"

#include <math.h>

static void build(struct placement *placement)
{
	CHECK(placement->config->slack > 1);
	placement_ring_build(placement, placement->state);
}

static int owner(const struct placement *placement, uint64_t hash, int64_t *looks)
{
	const struct ring *ring = placement->state;
	double mean = (double)(placement->total + 1) / placement->members;
	int64_t most = (int64_t)ceil(placement->config->slack * mean);
	uint32_t at = ring_at(ring, hash);
	while (placement->load[ring->owners[at]] >= most) {
		at = at + 1 == (uint32_t)ring->count ? 0 : at + 1;
		++*looks;
	}
	++*looks;
	return ring->owners[at];
}

const struct placement_kind placement_bounded = {
	.name = "bounded",
	.about = "a ring on which a full node sends on to the next",
	.weighted = false,
	.size = sizeof(struct ring),
	.build = build,
	.owner = owner,
};
