/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ring of model/ring.h, of those who are in, with points in proportion to their weights.
 */
#include "model/placement.h"
#include "model/placement_ring.h"

#include <math.h>

void placement_ring_build(struct placement *placement, struct ring *ring)
{
	const struct placement_config *config = placement->config;
	int *points = ARENA_ARRAY(placement->arena, (size_t)config->nodes, int);
	for (int i = 0; i < placement->members; i++) {
		int node = placement->member[i];
		double weight = config->weight ? config->weight[node] : 1;
		points[node] = (int)floor((double)config->points * weight + 0.5);
		points[node] += points[node] == 0;
	}
	ring_build(ring, placement->arena, &(struct ring_config){
		.nodes = config->nodes, .points_of = points, .replicas = 1, .seed = config->seed,
		.weak_hash = config->weak_hash});
}

static void build(struct placement *placement)
{
	placement_ring_build(placement, placement->state);
}

static int owner(const struct placement *placement, uint64_t hash, int64_t *looks)
{
	const struct ring *ring = placement->state;
	++*looks;
	return ring->owners[ring_at(ring, hash)];
}

const struct placement_kind placement_ring = {
	.name = "ring",
	.about = "points on a circle",
	.weighted = true,
	.joins = true,
	.leaves = true,
	.size = sizeof(struct ring),
	.build = build,
	.owner = owner,
};
