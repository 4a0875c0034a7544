/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/farcache.h"

/* An entry on its way to another region. */
struct farcache_put {
	struct farcache_way *way;
	uint64_t key;
};

static void news_arrived(struct sim *sim, void *subject, uint64_t key)
{
	struct farcache_way *way = subject;
	(void)sim;
	cache_drop(&way->of->cache[way->to], key);
}

static void put_arrived(struct sim *sim, void *subject, uint64_t when)
{
	struct farcache_put *put = subject;
	struct farcache *farcache = put->way->of;
	cache_put(&farcache->cache[put->way->to], put->key, sim->now);
	freelist_give(&farcache->puts, put);
	booking_count(farcache->replicated, sim->now, 1);
	booking_record(farcache->replication, (int64_t)when, sim->now - (int64_t)when);
}

static void handed_over(void *owner, uint64_t key, int64_t sent)
{
	struct farcache_way *way = owner;
	struct farcache_put *put = FREELIST_TAKE(&way->of->puts, &way->of->sim->arena, struct farcache_put);
	*put = (struct farcache_put){.way = way, .key = key};
	link_send(&way->link, put_arrived, put, (uint64_t)sent);
}

static void invalidate(struct farcache_way *way, uint64_t key, bool written)
{
	if (written)
		link_send(&way->link, news_arrived, way, key);
}

static void replicate(struct farcache_way *way, uint64_t key, bool written)
{
	(void)written;
	relay_send(&way->relay, key);
}

/* Of each: its name, whether there are relays, what is told. */
#define FARCACHES(_) _(off, false, NULL) _(invalidate, false, invalidate) _(replicate, true, replicate)

#define KIND(name, relays, tell) static const struct farcache_kind kind_##name = {#name, relays, tell};
FARCACHES(KIND)

#define LISTED(name, relays, tell) &kind_##name,
const struct farcache_kind *const farcache_kinds[] = {FARCACHES(LISTED) NULL};

#define NAME(name, relays, tell) #name,
const char *const farcache_names[] = {FARCACHES(NAME) NULL};

void farcache_init(struct farcache *farcache, struct sim *sim, const struct farcache_config *config)
{
	struct rng_stream links = sim_stream(sim, "farcache"), relays = sim_stream(sim, "relays");
	CHECK(config->regions >= 1 && config->regions <= FARCACHE_REGIONS);
	*farcache = (struct farcache){.sim = sim, .config = config};
	for (int r = 0; r < config->regions; r++) {
		cache_init(&farcache->cache[r], &sim->arena, config->entries, config->lifetime);
		for (int q = 0; q < config->regions; q++) {
			struct farcache_way *way = &farcache->way[r][q];
			uint64_t number = (uint64_t)(r * FARCACHE_REGIONS + q);
			way->of = farcache;
			way->to = q;
			link_init(&way->link, sim, config->one_way[r][q], config->jitter, 0, links, number);
			if (r == q || !config->kind->relays)
				continue;
			relay_init(&way->relay, sim, config->partitions, config->batch, config->work,
				   (struct rng_stream){rng_mix(relays.key + number)});
			way->relay.owner = way;
			way->relay.hand_over = handed_over;
		}
	}
}

bool farcache_get(struct farcache *farcache, int region, uint64_t key)
{
	return farcache->config->kind->tell && cache_get(&farcache->cache[region], key, farcache->sim->now);
}

void farcache_put(struct farcache *farcache, int region, uint64_t key, bool written)
{
	const struct farcache_kind *kind = farcache->config->kind;
	if (!kind->tell)
		return;
	cache_put(&farcache->cache[region], key, farcache->sim->now);
	for (int r = 0; r < farcache->config->regions; r++)
		if (r != region)
			kind->tell(&farcache->way[region][r], key, written);
}

void farcache_cut(struct farcache *farcache, int from, int to, bool cut)
{
	(cut ? link_cut : link_mend)(&farcache->way[from][to].link);
}

void farcache_slow(struct farcache *farcache, int partition, double slowness)
{
	for (int r = 0; r < farcache->config->regions; r++)
		for (int q = 0; q < farcache->config->regions; q++)
			if (r != q && farcache->config->kind->relays)
				farcache->way[r][q].relay.partition[partition].slowness = slowness;
}
