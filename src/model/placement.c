/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of kinds, who is in, and loads. Whatever a kind works out beforehand is worked out anew when a node comes or
 * leaves, which is rare.
 */
#include "model/placement.h"
#include "base/check.h"
#include "model/ring.h"

#define PLACEMENT(name, word) &placement_##name,
const struct placement_kind *const placement_kinds[] = {
#include "model/placement.def"
	NULL};
#undef PLACEMENT

#define PLACEMENT(name, word) word,
const char *const placement_names[] = {
#include "model/placement.def"
	NULL};
#undef PLACEMENT

static void rebuild(struct placement *placement)
{
	placement->members = 0;
	for (int node = 0; node < placement->config->nodes; node++)
		if (placement->in[node])
			placement->member[placement->members++] = node;
	CHECK(placement->members > 0);
	placement->kind->build(placement);
}

void placement_init(struct placement *placement, struct arena *arena, const struct placement_kind *kind,
		    const struct placement_config *config, int members)
{
	CHECK(config->nodes >= 1 && config->nodes <= UINT16_MAX && members >= 1 && members <= config->nodes);
	CHECK(!config->weight || kind->weighted);
	size_t nodes = (size_t)config->nodes;
	*placement = (struct placement){.kind = kind, .config = config, .arena = arena};
	placement->state = arena_get(arena, kind->size);
	placement->in = ARENA_ARRAY(arena, nodes, bool);
	placement->member = ARENA_ARRAY(arena, nodes, int);
	placement->load = ARENA_ARRAY(arena, nodes, int64_t);
	for (int node = 0; node < members; node++)
		placement->in[node] = true;
	rebuild(placement);
}

static void set(struct placement *placement, int node, bool in)
{
	CHECK(node >= 0 && node < placement->config->nodes);
	if (placement->in[node] == in)
		return;
	placement->in[node] = in;
	rebuild(placement);
}

void placement_join(struct placement *placement, int node)
{
	set(placement, node, true);
}

void placement_leave(struct placement *placement, int node)
{
	set(placement, node, false);
}

int placement_owner(const struct placement *placement, uint64_t key)
{
	int64_t looks = 0;
	return placement->kind->owner(placement, ring_hash(key), &looks);
}

int placement_take_at(struct placement *placement, uint64_t hash)
{
	int node = placement->kind->owner(placement, hash, &placement->looks);
	placement->load[node]++;
	placement->total++;
	return node;
}

int placement_take(struct placement *placement, uint64_t key)
{
	return placement_take_at(placement, ring_hash(key));
}

void placement_give(struct placement *placement, int node)
{
	CHECK(placement->load[node] > 0);
	placement->load[node]--;
	placement->total--;
}

bool placement_prime(int64_t number)
{
	if (number < 2)
		return false;
	for (int64_t by = 2; by * by <= number; by++)
		if (number % by == 0)
			return false;
	return true;
}

uint64_t placement_node_hash(const struct placement *placement, int node, uint64_t purpose)
{
	return rng_mix(rng_mix((uint64_t)node + 1 + placement->config->seed) + purpose);
}
