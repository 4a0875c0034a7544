/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/vacuum.h"

static sim_event_fn look;

static void end(struct sim *sim, void *subject, uint64_t unused)
{
	struct vacuum *vacuum = subject;
	int64_t removed = vacuum->config->each ? rowstore_vacuum_each(vacuum->store, vacuum->until, sim->now)
					       : rowstore_vacuum(vacuum->store, vacuum->until, sim->now);
	booking_count(vacuum->vacuums, sim->now, 1);
	booking_count(vacuum->removed, sim->now, (uint64_t)removed);
	sim_after(sim, vacuum->config->nap, look, vacuum, unused);
}

static void look(struct sim *sim, void *subject, uint64_t unused)
{
	struct vacuum *vacuum = subject;
	const struct vacuum_config *config = vacuum->config;
	const struct rowstore *store = vacuum->store;
	if (vacuum->stopped || (double)store->dead <= (double)config->base + config->scale * (double)store->rows) {
		sim_after(sim, config->nap, look, vacuum, unused);
		return;
	}
	vacuum->until = config->each ? store->commits : rowstore_horizon(store);
	sim_after(sim, config->takes, end, vacuum, unused);
}

void vacuum_begin(struct vacuum *vacuum, struct sim *sim, const struct vacuum_config *config, struct rowstore *store)
{
	CHECK(config->nap > 0);
	*vacuum = (struct vacuum){.sim = sim, .config = config, .store = store};
	sim_after(sim, config->nap, look, vacuum, 0);
}
