/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/flood.h"

struct flood {
	struct floods *of;
	uint64_t who;
	int64_t interval, until;
};

static void pour(struct sim *sim, void *self, uint64_t detail)
{
	const struct flood *flood = self;
	struct floods *floods = flood->of;
	if (sim->now >= flood->until)
		return;
	floods->come(floods->owner, FLOOD_IDS + floods->count++, flood->who);
	sim_after(sim, flood->interval, pour, self, detail);
}

void flood_begin(struct floods *floods, uint64_t who, double rate, int64_t lasts)
{
	CHECK(rate > 0 && lasts >= 0);
	struct flood *flood = ARENA_NEW(&floods->sim->arena, struct flood);
	int64_t interval = (int64_t)(1e9 / rate + 0.5);
	*flood = (struct flood){floods, who, interval > 0 ? interval : 1, floods->sim->now + lasts};
	pour(floods->sim, flood, 0);
}
