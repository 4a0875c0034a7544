/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/pricing.h"
#include "engine/dmath.h"

#include <math.h>

static void published(void *owner);

void pricing_init(struct pricing *pricing, struct sim *sim, const struct pricing_config *config,
		  const struct hexgrid *grid, struct market *market, struct reports *reports)
{
	CHECK(config->watched >= 0 && config->watched < grid->cells);
	*pricing = (struct pricing){.sim = sim, .config = config, .grid = grid, .market = market, .reports = reports,
				    .price = 1};
	surge_init(&pricing->surge, sim, &config->surge, grid);
	pricing->surge.published = published;
	pricing->surge.owner = pricing;
}

static void window_ends(struct sim *sim, void *subject, uint64_t unused);

void pricing_open(struct pricing *pricing)
{
	booking_level(pricing->level, pricing->sim->now, 100);
	if (pricing->config->on)
		sim_after(pricing->sim, pricing->config->surge.window, window_ends, pricing, 0);
}

bool pricing_accepted(struct pricing *pricing, int cell, double mood)
{
	int64_t now = pricing->sim->now;
	pricing->rides++;
	if (!pricing->config->on)
		return true;
	heat_add(&pricing->surge.demand, cell, 1);
	if (pricing->surge.from >= 0)
		booking_record(pricing->age, now, now - pricing->surge.from);
	return mood < dm_pow(pricing->surge.price[cell], -pricing->config->demand_elasticity);
}

/* In a window each driver reports many times, and each of the riders' apps looks at the map. */
static void window_ends(struct sim *sim, void *subject, uint64_t unused)
{
	struct pricing *pricing = subject;
	const struct pricing_config *config = pricing->config;
	const struct fleet *fleet = &pricing->market->fleet;
	double window = (double)config->surge.window;
	(void)unused;
	double reports = reports_take(pricing->reports);
	for (int i = 0; i < fleet->free_cars; i++) {
		struct hex_point where = fleet_believed(fleet, fleet->free[i]);
		heat_add(&pricing->surge.supply, hexgrid_at(pricing->grid, where), 1);
	}
	double drivers = reports * (double)config->report / window;
	double looks = pricing->rides * window / (double)config->look;
	double distinct = (drivers < reports ? drivers : reports) + pricing->rides;
	int64_t lag = surge_window(&pricing->surge, sim->now - config->surge.window, reports + looks, distinct);
	booking_record(pricing->lag, sim->now, lag);
	double around = pricing->surge.smooth_demand[config->watched] / (window / 60e9);
	booking_level(pricing->demand, sim->now, (int64_t)(10 * around + 0.5));
	pricing->rides = 0;
	sim_after(sim, config->surge.window, window_ends, pricing, 0);
}

static void book_price(struct pricing *pricing)
{
	int64_t now = pricing->sim->now;
	double price = pricing->surge.price[pricing->config->watched], step = price - pricing->price;
	if (step != 0) {
		booking_record(pricing->step, now, (int64_t)(fabs(step) * 100 + 0.5));
		if (step * pricing->trend < 0)
			booking_count(pricing->reversals, now, 1);
		pricing->trend = step;
		pricing->price = price;
	}
	booking_level(pricing->level, now, (int64_t)(price * 100 + 0.5));
}

static void published(void *owner)
{
	struct pricing *pricing = owner;
	struct market *market = pricing->market;
	double mean = places_mean(market->places, pricing->surge.price);
	double share = pricing->config->supply_elasticity * (mean - 1);
	book_price(pricing);
	market_call(market, (int)((share > 1 ? 1 : share) * (double)market->config->reserve + 0.5));
}
