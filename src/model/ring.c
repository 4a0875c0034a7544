/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The replicas of every point are worked out once. A lookup goes through a table over the top bits of the hash to the
 * first candidate and walks from there: about one step, whatever the size of the ring.
 */
#include "model/ring.h"
#include "base/check.h"
#include "engine/rng.h"

#include <stdbool.h>

struct place_on_ring {
	uint64_t hash;
	uint16_t node;
};

/* Merge sort, because it is stable and needs no comparison function: two points on one spot keep the order of their
 * nodes. */
static void sort_points(struct place_on_ring *points, struct place_on_ring *spare, int count)
{
	if (count < 2)
		return;
	int half = count / 2;
	sort_points(points, spare, half);
	sort_points(points + half, spare, count - half);
	for (int i = 0; i < count; i++)
		spare[i] = points[i];
	for (int i = 0, a = 0, b = half; i < count; i++)
		points[i] = b == count || (a < half && spare[a].hash <= spare[b].hash) ? spare[a++] : spare[b++];
}

void ring_init(struct ring *ring, struct arena *arena, int nodes, int points, int replicas)
{
	bool even = points == 0;
	points += even;
	CHECK(nodes > 0 && nodes <= UINT16_MAX && points > 0);
	CHECK(replicas > 0 && replicas <= nodes && replicas <= RING_REPLICAS);
	int count = nodes * points;
	struct place_on_ring *places = ARENA_ARRAY(arena, (size_t)count, struct place_on_ring);
	struct place_on_ring *spare = ARENA_ARRAY(arena, (size_t)count, struct place_on_ring);
	for (int node = 0; node < nodes; node++)
		for (int i = 0; i < points; i++)
			places[node * points + i] = (struct place_on_ring){
				even ? UINT64_MAX / (uint64_t)nodes * (uint64_t)node :
				       rng_mix(rng_mix((uint64_t)node + 1) + (uint64_t)i), (uint16_t)node};
	sort_points(places, spare, count);

	*ring = (struct ring){.nodes = nodes, .replicas = replicas, .count = count};
	ring->point = ARENA_ARRAY(arena, (size_t)count, uint64_t);
	ring->owners = ARENA_ARRAY(arena, (size_t)(count * replicas), uint16_t);
	for (int i = 0; i < count; i++) {
		ring->point[i] = places[i].hash;
		uint16_t *owners = &ring->owners[i * replicas];
		int found = 0;
		for (int step = 0; found < replicas && step < count; step++) {
			uint16_t node = places[(i + step) % count].node;
			bool known = false;
			for (int k = 0; k < found; k++)
				known = known || owners[k] == node;
			if (!known)
				owners[found++] = node;
		}
		CHECK(found == replicas);
	}
	while (1 << ring->start_bits < count)
		ring->start_bits++;
	if (ring->start_bits == 0)
		ring->start_bits = 1;
	ring->start = ARENA_ARRAY(arena, (size_t)1 << ring->start_bits, uint32_t);
	uint32_t at = 0;
	for (uint64_t top = 0; top < 1ull << ring->start_bits; top++) {
		while (at < (uint32_t)count && ring->point[at] < top << (64 - ring->start_bits))
			at++;
		ring->start[top] = at;
	}
}

const uint16_t *ring_owners(const struct ring *ring, uint64_t key)
{
	uint64_t hash = rng_mix(key + 0x9e3779b97f4a7c15u);
	uint32_t at = ring->start[hash >> (64 - ring->start_bits)];
	while (at < (uint32_t)ring->count && ring->point[at] < hash)
		at++;
	if (at == (uint32_t)ring->count)
		at = 0;
	return &ring->owners[at * (uint32_t)ring->replicas];
}
