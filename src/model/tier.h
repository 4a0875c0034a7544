/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tier: equal instances of a service behind a balancer, which grow and shrink with what they do, have a cache each,
 * and crash one by one.
 *
 * The balancer knows how many requests each instance has in progress. That an instance has crashed, and that it is
 * back, it learns after a while: until then it sends requests there, and they are refused. How it chooses:
 *
 *   random       any
 *   round-robin  one after the other
 *   least        the one with the fewest requests in progress; of several, the next one
 *   choices      so many are drawn, and of these the one with the fewest (Mitzenmacher, IEEE TPDS 12(10), 2001)
 *   hash         always the same one for a key, on a ring (model/placement.h)
 */
#ifndef MODEL_TIER_H
#define MODEL_TIER_H

#include "engine/meter.h"
#include "model/cache.h"
#include "model/placement.h"
#include "model/service.h"

struct tier;

/* A way to choose; to add one, write its function and its line in BALANCES of tier.c. */
struct balance_kind {
	const char *name;
	/* The index in tier->listed of the one that gets a request; `id` keys what is drawn. At least one is listed. */
	int (*pick)(struct tier *tier, uint64_t id, uint64_t key);
	bool by_key;
};

/* All of them, and their names, in the order of the table above; both end with NULL. */
extern const struct balance_kind *const balance_kinds[];
extern const char *const balance_names[];

struct tier_config {
	struct service_config service;    /* of each instance */
	int64_t instances, most, threads; /* at the start, at most, of each */
	const struct balance_kind *balance;
	int64_t choices;                  /* balance choices: how many are drawn, >= 1 */
	int64_t detect;                   /* ns until the balancer knows that an instance has crashed, or is back */
	const struct cache_kind *cache;   /* of each; NULL: none */
	int64_t entries, lifetime;
	bool scales;
	int64_t period;                   /* ns: how often the autoscaler looks */
};

struct instance;

/* Who is in a tier embeds one. */
struct tier_visit {
	struct service_visit visit;
	struct instance *instance;
	struct tier_visit *next, *previous; /* of those in the same instance */
};

struct instance {
	struct tier *tier;
	struct tier_visit *first; /* of those in it */
	int64_t inside;           /* requests */
	int64_t waiting, busy;    /* as booked last */
	int number, at;           /* at: its index among those that are listed; -1: it is not */
	double slowness;          /* its own */
	bool known_down;          /* to the balancer */
	struct service service;
	struct cache cache;
};

struct tier {
	struct sim *sim;
	const struct tier_config *config;
	struct instance *instance;        /* as many as there may be */
	int *listed, listed_count, turn;  /* those that the balancer sends to */
	int64_t waiting, busy;            /* requests that wait for a thread; threads that are taken */
	struct booking queue, threads, size; /* LEVEL; given by the owner, who may leave them out */
	struct rng_stream stream;
	double slowness;                  /* of all instances */
	int active;                       /* the first so many are meant to be there */
	uint64_t served;
	struct placement placement;
	struct placement_config ring;
	struct autoscaler scaler;
	void *owner;
	void (*crashed)(void *owner, struct tier_visit *visit); /* it was in an instance that has crashed */
};

/* config outlives it. What the owner gives is set by it afterwards. */
void tier_init(struct tier *tier, struct sim *sim, const struct tier_config *config);

/* Who gets the request with this id and key; NULL: nobody is there. */
static inline struct instance *tier_pick(struct tier *tier, uint64_t id, uint64_t key)
{
	if (tier->listed_count == 0)
		return NULL;
	bool any = tier->listed_count > 1;
	return &tier->instance[tier->listed[any ? tier->config->balance->pick(tier, id, key) : 0]];
}

/* Part of the inside: how many wait and work in all of them, from what has changed in one. */
void tier_book(struct instance *instance);

/*
 * A request enters an instance: as service_enter. False: it is refused, or the instance is down, and nothing fires.
 * tier_worked is to be called first thing when it has been worked on; tier_leave when it leaves, which gives back the
 * server that is held. What was in an instance when that crashed leaves when its turn comes, and works no more.
 */
static inline bool tier_enter(struct instance *instance, struct tier_visit *visit, int class, int64_t work,
			      sim_event_fn *done, void *subject, struct journey *const *journey)
{
	if (instance->service.down ||
	    !service_enter(&instance->service, &visit->visit, class, work, done, subject, journey))
		return false;
	visit->instance = instance;
	visit->previous = NULL;
	visit->next = instance->first;
	if (visit->next)
		visit->next->previous = visit;
	instance->first = visit;
	instance->inside++;
	tier_book(instance);
	return true;
}

static inline void tier_worked(struct tier_visit *visit)
{
	if (!visit->instance->service.config->held)
		tier_book(visit->instance);
}

static inline void tier_leave(struct tier_visit *visit)
{
	struct instance *instance = visit->instance;
	*(visit->previous ? &visit->previous->next : &instance->first) = visit->next;
	if (visit->next)
		visit->next->previous = visit->previous;
	instance->inside--;
	if (instance->service.config->held) {
		service_release(&visit->visit);
		tier_book(instance);
	}
}

/*
 * An instance crashes, or is back, with an empty cache. All of them, or one, are slower by the factor, or do nothing
 * for `length` ns. Crashes of an instance add up; one that is slow is so on top of what all are.
 */
void tier_crash(struct tier *tier, int64_t number, bool begins);
void tier_slow(struct tier *tier, double factor);
void tier_slow_one(struct tier *tier, int64_t number, double factor);
void tier_pause(struct tier *tier, int64_t length);
void tier_pause_one(struct tier *tier, int64_t number, int64_t length);

#endif
