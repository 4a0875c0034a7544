/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store that is cut into shards of unequal size. A query is answered by one shard, when it is known which one, or
 * asks all of them and waits for the last. Work grows with the size of a shard.
 */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include "base/freelist.h"
#include "engine/dist.h"
#include "model/pool.h"

struct store {
	struct sim *sim;
	int shards;
	struct pool *shard;
	double *size;            /* mean 1 */
	const struct dist *scan; /* ns of a query on a shard of size 1 */
	double routed;           /* share of the queries that one shard can answer */
	struct freelist queries; /* answered ones */
};

/* Sizes rise evenly from shard to shard, the last being `spread` times as large as the first. `scan` outlives it. */
void store_init(struct store *store, struct sim *sim, int shards, double spread, const struct dist *scan,
		double routed);

/* done(sim, subject, detail) fires when all that were asked have answered. `journey` as for pools. */
void store_ask(struct store *store, struct rng *rng, sim_event_fn *done, void *subject, uint64_t detail,
	       struct journey *const *journey);

#endif
