/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/store.h"

struct store_query {
	struct store *store;
	sim_event_fn *done;
	void *subject;
	uint64_t detail;
	int waits;
};

void store_init(struct store *store, struct sim *sim, int shards, double spread, const struct dist *scan, double routed)
{
	CHECK(shards > 0 && spread >= 1);
	*store = (struct store){.sim = sim, .shards = shards, .scan = scan, .routed = routed};
	store->shard = ARENA_ARRAY(&sim->arena, (size_t)shards, struct pool);
	store->size = ARENA_ARRAY(&sim->arena, (size_t)shards, double);
	for (int i = 0; i < shards; i++) {
		double part = shards > 1 ? (double)i / (double)(shards - 1) : 0.5;
		pool_init(&store->shard[i], sim, "shard", i, 1, -1);
		store->size[i] = 2 * (1 + part * (spread - 1)) / (1 + spread);
	}
}

static void answered(struct sim *sim, void *subject, uint64_t unused)
{
	struct store_query *query = subject;
	(void)unused;
	if (--query->waits > 0)
		return;
	struct store_query ended = *query;
	freelist_give(&ended.store->queries, query);
	ended.done(sim, ended.subject, ended.detail);
}

void store_ask(struct store *store, struct rng *rng, sim_event_fn *done, void *subject, uint64_t detail,
	       struct journey *const *journey)
{
	struct store_query *query = FREELIST_TAKE(&store->queries, &store->sim->arena, struct store_query);
	int first = 0, asked = store->shards;
	if (rng_unit(rng) < store->routed) {
		/* What it asks for lies on a shard with a chance as large as the shard. */
		double u = rng_unit(rng) * (double)store->shards;
		while (first < store->shards - 1 && u >= store->size[first])
			u -= store->size[first++];
		asked = 1;
	}
	*query = (struct store_query){
		.store = store, .done = done, .subject = subject, .detail = detail, .waits = asked};
	for (int i = first; i < first + asked; i++)
		pool_enter(&store->shard[i], (int64_t)(dist_draw(store->scan, rng) * store->size[i] + 0.5), answered,
			   query, 0, journey);
}
