/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A circle with one point a node. A key looks at several places on it and takes the one that is nearest before a point:
 * so long arcs do not win more often than short ones, and no node needs many points. With k probes the fullest node has
 * about 1 + 1 / (k - 1) times the mean.
 */
#include "base/check.h"
#include "engine/rng.h"
#include "model/placement.h"
#include "model/placement_ring.h"

static void build(struct placement *placement)
{
	const struct placement_config *config = placement->config;
	CHECK(config->probes >= 1);
	int *points = ARENA_ARRAY(placement->arena, (size_t)config->nodes, int);
	for (int i = 0; i < placement->members; i++)
		points[placement->member[i]] = 1;
	ring_build(placement->state, placement->arena, &(struct ring_config){
		.nodes = config->nodes, .points_of = points, .replicas = 1, .seed = config->seed});
}

static int owner(const struct placement *placement, uint64_t hash, int64_t *looks)
{
	const struct ring *ring = placement->state;
	uint64_t nearest = UINT64_MAX;
	int best = -1;
	for (int probe = 0; probe < placement->config->probes; probe++) {
		uint64_t place = rng_mix(hash + (uint64_t)probe);
		uint32_t at = ring_at(ring, place);
		uint64_t distance = ring->point[at] - place;
		if (best < 0 || distance < nearest) {
			nearest = distance;
			best = ring->owners[at];
		}
	}
	*looks += placement->config->probes;
	return best;
}

const struct placement_kind placement_probe = {
	.name = "multi-probe",
	.about = "one point a node, several hashes of the key",
	.joins = true,
	.leaves = true,
	.size = sizeof(struct ring),
	.build = build,
	.owner = owner,
};
