/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The replicas of every point are worked out once. A lookup goes through a table over the top bits of the hash to the
 * first candidate and walks from there: about one step, whatever the size of the ring.
 */
#include "model/ring.h"
#include "base/check.h"

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

/* FNV-1a: what is said last changes few of the bits that say where on the circle a point is. */
static uint64_t label_hash(uint64_t seed, int node, int number)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ seed;
	char label[40];
	int length = 0;
	for (const char *c = "node-"; *c; c++)
		label[length++] = *c;
	for (int value = node, part = 0; part < 2; value = number, part++) {
		int digits = 1;
		for (int rest = value / 10; rest > 0; rest /= 10)
			digits++;
		for (int i = digits - 1; i >= 0; i--, value /= 10)
			label[length + i] = (char)('0' + value % 10);
		length += digits;
		if (part == 0)
			label[length++] = '-';
	}
	for (int i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)label[i]) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t place_of(const struct ring_config *config, int node, int number)
{
	if (config->points == 0 && !config->points_of)
		return UINT64_MAX / (uint64_t)config->nodes * (uint64_t)node;
	if (config->weak_hash)
		return label_hash(config->seed, node, number);
	return rng_mix(rng_mix((uint64_t)node + 1 + config->seed) + (uint64_t)number);
}

/* The owners of the point `from`: the next nodes that are different, and in different racks. */
static void find_owners(const struct ring_config *config, const struct place_on_ring *places, int count, int from,
			uint16_t *owners)
{
	int found = 0;
	for (int step = 0; found < config->replicas && step < count; step++) {
		uint16_t node = places[(from + step) % count].node;
		bool known = false;
		for (int k = 0; k < found; k++)
			known = known || owners[k] == node ||
				(config->racks > 1 && owners[k] % config->racks == node % config->racks);
		if (!known)
			owners[found++] = node;
	}
	CHECK(found == config->replicas);
}

void ring_build(struct ring *ring, struct arena *arena, const struct ring_config *config)
{
	int nodes = config->nodes, points = config->points + (config->points == 0), count = 0, next = 0;
	CHECK(nodes > 0 && nodes <= UINT16_MAX && points > 0);
	CHECK(config->replicas > 0 && config->replicas <= nodes && config->replicas <= RING_REPLICAS);
	for (int node = 0; node < nodes; node++)
		count += config->points_of ? config->points_of[node] : points;
	struct place_on_ring *places = ARENA_ARRAY(arena, (size_t)count, struct place_on_ring);
	struct place_on_ring *spare = ARENA_ARRAY(arena, (size_t)count, struct place_on_ring);
	for (int node = 0; node < nodes; node++)
		for (int i = 0; i < (config->points_of ? config->points_of[node] : points); i++)
			places[next++] = (struct place_on_ring){place_of(config, node, i), (uint16_t)node};
	sort_points(places, spare, count);

	*ring = (struct ring){.nodes = nodes, .replicas = config->replicas, .count = count};
	ring->point = ARENA_ARRAY(arena, (size_t)count, uint64_t);
	ring->owners = ARENA_ARRAY(arena, (size_t)count * (size_t)config->replicas, uint16_t);
	for (int i = 0; i < count; i++) {
		ring->point[i] = places[i].hash;
		find_owners(config, places, count, i, &ring->owners[i * config->replicas]);
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

void ring_init(struct ring *ring, struct arena *arena, int nodes, int points, int replicas)
{
	ring_build(ring, arena, &(struct ring_config){.nodes = nodes, .points = points, .replicas = replicas});
}

const uint16_t *ring_owners(const struct ring *ring, uint64_t key)
{
	return &ring->owners[ring_at(ring, ring_hash(key)) * (uint32_t)ring->replicas];
}
