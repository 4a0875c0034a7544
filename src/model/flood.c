/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/flood.h"

static void pour(struct sim *sim, void *self, uint64_t detail);

/* Exponential gaps do not know how long it has been since the last one. */
static void pour_later(struct flood *flood)
{
	struct sim *sim = flood->of->sim;
	if (flood->of->random) {
		int64_t gap = (int64_t)(rng_exp(&flood->rng) * 1e9 / flood->rate + 0.5);
		flood->event = sim_after(sim, gap, pour, flood, 0);
		return;
	}
	int64_t gap = (int64_t)(1e9 / flood->rate + 0.5), next = flood->last + (gap > 0 ? gap : 1);
	flood->event = sim_at(sim, next > sim->now ? next : sim->now, pour, flood, 0);
}

static void pour(struct sim *sim, void *self, uint64_t detail)
{
	struct flood *flood = self;
	struct floods *floods = flood->of;
	(void)detail;
	flood->last = sim->now;
	floods->come(floods->owner, (*floods->id)++, flood->who);
	pour_later(flood);
}

struct flood *flood_of(struct floods *floods, uint64_t who)
{
	struct flood *flood = floods->first;
	while (flood && flood->who != who)
		flood = flood->next;
	if (!flood) {
		flood = ARENA_NEW(&floods->sim->arena, struct flood);
		*flood = (struct flood){.next = floods->first, .of = floods, .who = who};
		floods->first = flood;
	}
	return flood;
}

void flood_set(struct flood *flood, double rate)
{
	struct floods *floods = flood->of;
	bool flowed = flood->rate > 0, flows = rate > 0;
	CHECK(rate >= 0);
	if (flowed)
		sim_cancel(floods->sim, flood->event);
	flood->rate = rate;
	floods->flowing += flows - flowed;
	if (flows && !flowed) {
		if (floods->random)
			flood->rng = rng_of(*floods->random, flood->who);
		pour(floods->sim, flood, 0);
	} else if (flows) {
		pour_later(flood);
	}
}
