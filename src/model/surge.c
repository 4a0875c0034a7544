/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The operator is fluid: it is given the work of a whole window, spread evenly over it, and is behind by what it could
 * not do meanwhile. Prices are computed as of the window's end and held back until the operator is through.
 */
#include "model/surge.h"

struct surge_pending {
	struct surge *surge;
	int64_t from;
	double *price;
};

void surge_init(struct surge *surge, struct sim *sim, const struct surge_config *config, const struct hexgrid *grid)
{
	size_t cells = (size_t)grid->cells;
	*surge = (struct surge){.sim = sim, .config = config, .grid = grid, .from = -1, .next_from = -1};
	heat_init(&surge->demand, &sim->arena, grid, config->rings);
	heat_init(&surge->supply, &sim->arena, grid, config->rings);
	surge->smooth_demand = ARENA_ARRAY(&sim->arena, cells, double);
	surge->smooth_supply = ARENA_ARRAY(&sim->arena, cells, double);
	surge->price = ARENA_ARRAY(&sim->arena, cells, double);
	surge->next = ARENA_ARRAY(&sim->arena, cells, double);
	for (size_t i = 0; i < cells; i++)
		surge->price[i] = surge->next[i] = 1;
}

/* From now on riders see these prices, of a window that began at `from`; NULL: 1 everywhere. */
static void show(struct surge *surge, const double *price, int64_t from)
{
	for (int i = 0; i < surge->grid->cells; i++)
		surge->price[i] = price ? price[i] : 1;
	surge->from = from;
	if (surge->published)
		surge->published(surge->owner);
}

static void publish(struct sim *sim, void *subject, uint64_t unused)
{
	struct surge *surge = subject;
	(void)unused;
	if (sim->now < surge->stalled_until) {
		sim_at(sim, surge->stalled_until, publish, surge, 0);
		return;
	}
	surge->due = false;
	show(surge, surge->out ? NULL : surge->next, surge->out ? -1 : surge->next_from);
}

static void finished(struct sim *sim, void *subject, uint64_t unused)
{
	struct surge_pending *window = subject;
	struct surge *surge = window->surge;
	int64_t clock = surge->config->clock;
	(void)unused;
	double *spare = surge->next;
	surge->next = window->price;
	window->price = spare;
	surge->next_from = window->from;
	if (!surge->due) {
		surge->due = true;
		sim_at(sim, (sim->now + clock - 1) / clock * clock, publish, surge, 0);
	}
	freelist_give(&surge->windows, window);
}

static void compute(struct surge *surge, double *price)
{
	const struct surge_config *config = surge->config;
	double minutes = (double)config->window / 60e9;
	heat_smooth(&surge->demand, surge->smooth_demand);
	heat_smooth(&surge->supply, surge->smooth_supply);
	for (int i = 0; i < surge->grid->cells; i++) {
		double demand = surge->smooth_demand[i] / minutes, supply = surge->smooth_supply[i];
		double multiplier = 1 + config->gain * (demand / (supply > 1 ? supply : 1) - config->balance);
		price[i] = multiplier < 1 ? 1 : multiplier > config->cap ? config->cap : multiplier;
	}
	heat_clear(&surge->demand);
	heat_clear(&surge->supply);
}

int64_t surge_window(struct surge *surge, int64_t from, double events, double distinct)
{
	const struct surge_config *config = surge->config;
	struct sim *sim = surge->sim;
	struct surge_pending *window = FREELIST_TAKE(&surge->windows, &sim->arena, struct surge_pending);
	if (!window->price)
		window->price = ARENA_ARRAY(&sim->arena, (size_t)surge->grid->cells, double);
	window->surge = surge;
	window->from = from;
	compute(surge, window->price);
	double updates = (config->dedup ? distinct : events) * hexgrid_cells(config->rings);
	int64_t work = (int64_t)(updates * (double)config->update_cost / config->parallelism);
	/* Without deduplication events were worked on as they came, since the window began; with it, from now on. */
	int64_t begin = config->dedup ? sim->now : from;
	begin = begin > surge->stalled_until ? begin : surge->stalled_until;
	surge->through = (surge->through > begin ? surge->through : begin) + work;
	int64_t ends = config->dedup ? sim->now + config->window : sim->now;
	ends = ends > surge->through ? ends : surge->through;
	sim_at(sim, ends, finished, window, 0);
	return ends - sim->now;
}

void surge_stall(struct surge *surge, int64_t length)
{
	surge->stalled_until = surge->sim->now + length;
}

void surge_outage(struct surge *surge, bool out)
{
	surge->out = out;
	if (out)
		show(surge, NULL, -1);
}
