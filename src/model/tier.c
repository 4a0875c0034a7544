/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/tier.h"

/* ---- how the balancer chooses ---- */

static const struct instance *listed(const struct tier *tier, int i)
{
	return &tier->instance[tier->listed[i]];
}

static int pick_random(struct tier *tier, uint64_t id, uint64_t key)
{
	struct rng rng = rng_of(tier->stream, id);
	(void)key;
	return (int)rng_below(&rng, (uint64_t)tier->listed_count);
}

static int pick_next(struct tier *tier, uint64_t id, uint64_t key)
{
	(void)id;
	(void)key;
	tier->turn = tier->turn + 1 < tier->listed_count ? tier->turn + 1 : 0;
	return tier->turn;
}

static int pick_least(struct tier *tier, uint64_t id, uint64_t key)
{
	int least = pick_next(tier, id, key), from = least;
	for (int k = 1; k < tier->listed_count && listed(tier, least)->inside > 0; k++) {
		int i = from + k < tier->listed_count ? from + k : from + k - tier->listed_count;
		if (listed(tier, i)->inside < listed(tier, least)->inside)
			least = i;
	}
	return least;
}

static int pick_choices(struct tier *tier, uint64_t id, uint64_t key)
{
	struct rng rng = rng_of(tier->stream, id);
	uint64_t count = (uint64_t)tier->listed_count;
	int least = (int)rng_below(&rng, count);
	(void)key;
	for (int64_t k = 1; k < tier->config->choices; k++) {
		int i = (int)rng_below(&rng, count);
		if (listed(tier, i)->inside < listed(tier, least)->inside)
			least = i;
	}
	return least;
}

static int pick_hash(struct tier *tier, uint64_t id, uint64_t key)
{
	(void)id;
	return tier->instance[placement_owner(&tier->placement, key)].at;
}

static const struct balance_kind kind_random = {"random", pick_random, false};
static const struct balance_kind kind_round_robin = {"round-robin", pick_next, false};
static const struct balance_kind kind_least = {"least", pick_least, false};
static const struct balance_kind kind_choices = {"choices", pick_choices, false};
static const struct balance_kind kind_hash = {"hash", pick_hash, true};

#define BALANCES(_) _(random, "random") _(round_robin, "round-robin") _(least, "least") _(choices, "choices") \
	_(hash, "hash")
#define LISTED(kind, word) &kind_##kind,
const struct balance_kind *const balance_kinds[] = {BALANCES(LISTED) NULL};
#define NAME(kind, word) word,
const char *const balance_names[] = {BALANCES(NAME) NULL};

/* ---- who is there ---- */

static bool belongs(const struct tier *tier, const struct instance *instance)
{
	return instance->number < tier->active && !instance->known_down;
}

/* The ring is never left without anybody: when all are gone, those that went last stay on it, and nobody asks it. */
static void place(struct tier *tier)
{
	for (int i = 0; i < tier->config->most; i++)
		if (tier->instance[i].at >= 0)
			placement_join(&tier->placement, i);
	for (int i = 0; i < tier->config->most && tier->listed_count > 0; i++)
		if (tier->instance[i].at < 0)
			placement_leave(&tier->placement, i);
}

/* Makes the list anew, in the order of numbers. */
static void list(struct tier *tier)
{
	tier->listed_count = 0;
	for (int i = 0; i < tier->config->most; i++) {
		bool there = belongs(tier, &tier->instance[i]);
		tier->instance[i].at = there ? tier->listed_count : -1;
		if (there)
			tier->listed[tier->listed_count++] = i;
	}
	if (tier->turn >= tier->listed_count)
		tier->turn = 0;
	if (tier->config->balance->by_key)
		place(tier);
}

static void empty_cache(struct instance *instance)
{
	const struct tier_config *config = instance->tier->config;
	if (config->cache)
		cache_init_of(&instance->cache, &instance->tier->sim->arena, config->cache, config->entries,
			      config->lifetime);
}

static void make(struct tier *tier, int number)
{
	struct instance *instance = &tier->instance[number];
	*instance = (struct instance){.tier = tier, .number = number, .at = -1, .slowness = 1};
	service_init(&instance->service, tier->sim, &tier->config->service, tier->config->most > 1 ? number : -1,
		     tier->config->threads, tier->config->threads);
	empty_cache(instance);
}

static void look(struct sim *sim, void *subject, uint64_t unused)
{
	struct tier *tier = subject;
	const struct tier_config *config = tier->config;
	uint64_t served = 0;
	(void)unused;
	for (int i = 0; i < config->most; i++)
		served += tier->instance[i].service.pool.served_ns;
	double busy = (double)(served - tier->served) / (double)config->period / (double)config->threads;
	tier->served = served;
	int active = (int)autoscaler_step(&tier->scaler, sim->now, busy);
	if (active != tier->active) {
		tier->active = active;
		list(tier);
		booking_level(tier->size, sim->now, active);
	}
	sim_after(sim, config->period, look, tier, 0);
}

void tier_init(struct tier *tier, struct sim *sim, const struct tier_config *config)
{
	CHECK(config->instances >= 1 && config->most >= config->instances && config->threads >= 1);
	CHECK(config->choices >= 1 && config->detect >= 0);
	*tier = (struct tier){.sim = sim, .config = config, .slowness = 1, .active = (int)config->instances,
			      .stream = sim_stream(sim, "balance"),
			      .ring = {.nodes = (int)config->most, .points = 100}};
	tier->instance = ARENA_ARRAY(&sim->arena, (size_t)config->most, struct instance);
	tier->listed = ARENA_ARRAY(&sim->arena, (size_t)config->most, int);
	for (int i = 0; i < config->most; i++)
		make(tier, i);
	if (config->balance->by_key)
		placement_init(&tier->placement, &sim->arena, &placement_ring, &tier->ring, tier->active);
	list(tier);
	if (!config->scales)
		return;
	CHECK(config->period > 0);
	autoscaler_init(&tier->scaler, config->instances, 1, config->most, config->service.target,
			config->service.scale_delay, 0.1);
	sim_after(sim, config->period, look, tier, 0);
}

/* ---- who comes and goes ---- */

void tier_book(struct instance *instance)
{
	struct tier *tier = instance->tier;
	const struct pool *pool = &instance->service.pool;
	if (pool->waiting != instance->waiting) {
		tier->waiting += pool->waiting - instance->waiting;
		instance->waiting = pool->waiting;
		booking_level(tier->queue, tier->sim->now, tier->waiting);
	}
	if (pool->busy != instance->busy) {
		tier->busy += pool->busy - instance->busy;
		instance->busy = pool->busy;
		booking_level(tier->threads, tier->sim->now, tier->busy);
	}
}

/* ---- faults ---- */

static void learn(struct sim *sim, void *subject, uint64_t unused)
{
	struct instance *instance = subject;
	(void)sim;
	(void)unused;
	instance->known_down = instance->service.down > 0;
	list(instance->tier);
}

void tier_crash(struct tier *tier, int64_t number, bool begins)
{
	struct instance *instance = &tier->instance[number];
	instance->service.down += begins ? 1 : -1;
	if (begins && instance->service.down == 1)
		for (struct tier_visit *visit = instance->first, *next; visit; visit = next) {
			next = visit->next;
			service_drop(&visit->visit);
			tier->crashed(tier->owner, visit);
		}
	if (!begins && instance->service.down == 0)
		empty_cache(instance);
	sim_after(tier->sim, tier->config->detect, learn, instance, 0);
}

void tier_slow(struct tier *tier, double factor)
{
	tier->slowness = factor;
	for (int i = 0; i < tier->config->most; i++)
		service_slow(&tier->instance[i].service, factor * tier->instance[i].slowness);
}

void tier_slow_one(struct tier *tier, int64_t number, double factor)
{
	struct instance *instance = &tier->instance[number];
	instance->slowness = factor;
	service_slow(&instance->service, factor * tier->slowness);
}

void tier_pause(struct tier *tier, int64_t length)
{
	for (int i = 0; i < tier->config->most; i++)
		tier_pause_one(tier, i, length);
}

void tier_pause_one(struct tier *tier, int64_t number, int64_t length)
{
	service_pause(&tier->instance[number].service, length);
}
