/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A consistent hash ring: which nodes own a key. Every node places `points` points on a circle of 2^64; a key belongs
 * to the owner of the first point at or after its hash, and its further replicas to the next owners met on the way that
 * are different nodes. (Karger et al., STOC 1997.)
 */
#ifndef MODEL_RING_H
#define MODEL_RING_H

#include "base/arena.h"

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

/*
 * nodes <= 65535, 1 <= replicas <= min(nodes, RING_REPLICAS). Equal arguments give equal rings. `points` 0: each node
 * has one point, and the points lie evenly in the order of the nodes (so do tokens that are assigned by hand).
 */
void ring_init(struct ring *ring, struct arena *arena, int nodes, int points, int replicas);

/* The replicas of a key, the first owner first: ring->replicas different nodes. The key is hashed here. */
const uint16_t *ring_owners(const struct ring *ring, uint64_t key);

#endif
