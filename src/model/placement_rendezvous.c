/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every node draws a number from the key and its own name, and the highest wins. Who leaves takes only his own keys
 * along, and they spread over all others. With weights, node i draws -weight / ln(u): it wins in proportion to its
 * weight.
 */
#include "engine/dmath.h"
#include "engine/rng.h"
#include "model/placement.h"

static void build(struct placement *placement)
{
	uint64_t *name = *(uint64_t **)placement->state;
	if (!name)
		name = ARENA_ARRAY(placement->arena, (size_t)placement->config->nodes, uint64_t);
	for (int node = 0; node < placement->config->nodes; node++)
		name[node] = placement_node_hash(placement, node, 0);
	*(uint64_t **)placement->state = name;
}

static int owner(const struct placement *placement, uint64_t hash, int64_t *looks)
{
	const uint64_t *name = *(uint64_t *const *)placement->state;
	const double *weight = placement->config->weight;
	int best = -1;
	uint64_t highest = 0;
	double most = 0;
	for (int i = 0; i < placement->members; i++) {
		int node = placement->member[i];
		uint64_t draw = rng_mix(hash ^ name[node]);
		double score = weight ? -weight[node] / dm_log(((double)(draw >> 12) + 0.5) * 0x1p-52) : 0;
		if (best < 0 || (weight ? score > most : draw > highest)) {
			best = node;
			highest = draw;
			most = score;
		}
	}
	*looks += placement->members;
	return best;
}

const struct placement_kind placement_rendezvous = {
	.name = "rendezvous",
	.about = "the node whose hash with the key is highest",
	.weighted = true,
	.joins = true,
	.leaves = true,
	.size = sizeof(uint64_t *),
	.build = build,
	.owner = owner,
};
