/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table of slots. Each node has an order of its own in which it would like them (offset, offset + skip, ...), and the
 * nodes take turns: so they have equally many, to one. When a node leaves, a few more slots change hands than it had.
 */
#include "base/check.h"
#include "model/placement.h"

struct maglev {
	uint16_t *owner;   /* by slot */
	int64_t *place;    /* by node: the slot that it would like next */
	bool *taken;       /* by slot */
};

static void build(struct placement *placement)
{
	struct maglev *maglev = placement->state;
	int64_t slots = placement->config->slots, left = slots;
	CHECK(placement_prime(slots) && slots >= placement->config->nodes);
	if (!maglev->owner) {
		maglev->owner = ARENA_ARRAY(placement->arena, (size_t)slots, uint16_t);
		maglev->taken = ARENA_ARRAY(placement->arena, (size_t)slots, bool);
		maglev->place = ARENA_ARRAY(placement->arena, (size_t)placement->config->nodes, int64_t);
	}
	for (int64_t slot = 0; slot < slots; slot++)
		maglev->taken[slot] = false;
	for (int i = 0; i < placement->members; i++) {
		int node = placement->member[i];
		maglev->place[node] = (int64_t)(placement_node_hash(placement, node, 0) % (uint64_t)slots);
	}
	for (int turn = 0; left > 0; turn = (turn + 1) % placement->members, left--) {
		int node = placement->member[turn];
		int64_t skip = 1 + (int64_t)(placement_node_hash(placement, node, 1) % (uint64_t)(slots - 1));
		int64_t slot = maglev->place[node];
		while (maglev->taken[slot])
			slot = (slot + skip) % slots;
		maglev->taken[slot] = true;
		maglev->owner[slot] = (uint16_t)node;
		maglev->place[node] = slot;
	}
}

static int owner(const struct placement *placement, uint64_t hash, int64_t *looks)
{
	const struct maglev *maglev = placement->state;
	++*looks;
	return maglev->owner[hash % (uint64_t)placement->config->slots];
}

const struct placement_kind placement_maglev = {
	.name = "maglev",
	.about = "a table that all nodes fill in turn",
	.size = sizeof(struct maglev),
	.build = build,
	.owner = owner,
};
