/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A consistent hash ring: which nodes own a key. Every node places `points` points on a circle of 2^64; a key belongs
 * to the owner of the first point at or after its hash, and its further replicas to the next owners met on the way that
 * are different nodes. (Karger et al., STOC 1997.)
 */
#ifndef MODEL_RING_H
#define MODEL_RING_H

#include "base/arena.h"
#include "engine/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum { RING_REPLICAS = 7 };

struct ring {
	int nodes, replicas;
	int count;           /* of points */
	uint64_t *point;     /* sorted */
	uint16_t *owners;    /* replicas for each point, `replicas` a point */
	uint32_t *start;     /* for the top bits of a hash, the first point that can follow it */
	int start_bits;
};

/* What a ring is made of; zeros mean: nothing special. */
struct ring_config {
	int nodes;            /* 1 ... 65535 */
	int points;           /* of each; 0: one each, which lie evenly in the order of the nodes (as tokens do that are
	                         assigned by hand) */
	const int *points_of; /* by node, instead: 0 for one that is not on the ring; at least one is */
	int replicas;         /* 1 ... min(nodes on the ring, RING_REPLICAS) */
	int racks;            /* > 1: node i stands in rack i % racks, replicas in different ones: replicas <= racks */
	uint64_t seed;        /* of the points' places; equal seeds, equal rings */
	bool weak_hash;       /* a point's place is the FNV-1a hash of "node-NODE-NUMBER", as many a library has it */
};

void ring_build(struct ring *ring, struct arena *arena, const struct ring_config *config);

/* The same for nodes that are alike. */
void ring_init(struct ring *ring, struct arena *arena, int nodes, int points, int replicas);

/* Where a key is on the circle. */
static inline uint64_t ring_hash(uint64_t key)
{
	return rng_mix(key + UINT64_C(0x9e3779b97f4a7c15));
}

/* The first point at or after a place on the circle: its number; its owners begin at owners[number * replicas]. */
static inline uint32_t ring_at(const struct ring *ring, uint64_t hash)
{
	uint32_t at = ring->start[hash >> (64 - ring->start_bits)];
	while (at < (uint32_t)ring->count && ring->point[at] < hash)
		at++;
	return at == (uint32_t)ring->count ? 0 : at;
}

/* The replicas of a key, the first owner first: ring->replicas different nodes. The key is hashed here. */
const uint16_t *ring_owners(const struct ring *ring, uint64_t key);

#endif
