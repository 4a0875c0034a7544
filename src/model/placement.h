/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of several nodes has a key, when nodes come and go. A kind is a way to work that out from the key and the nodes
 * that are in, without a table of keys:
 *
 *   modulo       hash mod n: even, and nearly everything moves when n changes
 *   ring         points on a circle (Karger et al., STOC 1997)
 *   jump         jump consistent hash (Lamping & Veach, 2014): even, and only the last node can leave well
 *   rendezvous   the node whose hash with the key is highest (Thaler & Ravishankar, 1998)
 *   multi-probe  one point a node, several hashes of the key (Appleton & O'Reilly, 2015)
 *   maglev       a table that all nodes fill in turn (Eisenbud et al., NSDI 2016)
 *   bounded      a ring on which nobody gets more than `slack` times the mean load: the next one does
 *                (Mirrokni, Thorup & Zadimoghaddam, SODA 2018)
 *
 * To add a kind: one file that defines `const struct placement_kind placement_NAME`, one line in placement.def, one in
 * Makefile.am. tests/t-placement.c loops over the list.
 */
#ifndef MODEL_PLACEMENT_H
#define MODEL_PLACEMENT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct placement_config {
	int nodes;            /* numbers 0 ... nodes - 1, at most 65535, of which some are in */
	int points;           /* ring and bounded: points of a node of weight 1 */
	bool weak_hash;       /* of these points: see model/ring.h */
	int probes;           /* multi-probe: hashes of a key, >= 1 */
	int slots;            /* maglev: of the table; a prime, at least as many as nodes */
	double slack;         /* bounded: > 1 */
	const double *weight; /* by node, > 0; NULL: all are alike. Only where the kind is weighted. */
	uint64_t seed;        /* of the hashes of nodes */
};

struct placement;

struct placement_kind {
	const char *name, *about;
	bool weighted;        /* takes weights */
	bool joins, leaves;   /* when a node with the highest number comes, when any node leaves, no other keys move */
	size_t size;          /* of the state */
	void (*build)(struct placement *placement); /* other nodes are in than before */

	/* Who has the key with this hash; *looks (not NULL) is increased by the nodes that were asked for. */
	int (*owner)(const struct placement *placement, uint64_t hash, int64_t *looks);
};

struct placement {
	const struct placement_kind *kind;
	const struct placement_config *config;
	struct arena *arena;
	void *state;
	bool *in;
	int *member, members;  /* those in, ascending */
	int64_t *load, total;  /* what placement_take has given to each, and to all */
	int64_t looks;         /* of placement_take so far */
};

#define PLACEMENT(name, word) extern const struct placement_kind placement_##name;
#include "model/placement.def"
#undef PLACEMENT

/* All kinds, and their names, in the order of placement.def; both end with NULL. */
extern const struct placement_kind *const placement_kinds[];
extern const char *const placement_names[];

/* Nodes 0 ... `members` - 1 are in, at least one. config outlives it. */
void placement_init(struct placement *placement, struct arena *arena, const struct placement_kind *kind,
		    const struct placement_config *config, int members);

/* A node comes or leaves; one is always left. Nothing happens when it has been so already. */
void placement_join(struct placement *placement, int node);
void placement_leave(struct placement *placement, int node);

/* Who has the key. With bounded loads that depends on the loads. */
int placement_owner(const struct placement *placement, uint64_t key);

/* The same, and puts a unit of load (a key, a request in progress) there; and takes it off again. */
int placement_take(struct placement *placement, uint64_t key);
int placement_take_at(struct placement *placement, uint64_t hash); /* of a key that is hashed already */
void placement_give(struct placement *placement, int node);

/* Whether a number is a prime: Maglev's tables must have that many slots. */
bool placement_prime(int64_t number);

/* A hash of a node's number, different for each `purpose`. For kinds. */
uint64_t placement_node_hash(const struct placement *placement, int node, uint64_t purpose);

#endif
