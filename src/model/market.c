/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In the order of a ride's life. A driver's own draws (where to go, where to stand) come from the driver's generator,
 * those of an offer and of a trip from streams keyed by the request.
 */
#include "model/market.h"
#include "base/holder.h"

static struct market_rider *rider_of(struct fleet_party *party)
{
	return HOLDER(party, struct market_rider, party);
}

static void book_levels(struct market *market)
{
	int64_t now = market->sim->now;
	booking_level(market->busy, now, market->online - market->fleet.free_cars);
	booking_level(market->in_all, now, market->online);
	booking_level(market->waiting, now, market->fleet.parties);
}

static bool closed(const struct market *market)
{
	return market->sim->now < market->closed_until;
}

static bool at_once(const struct market *market)
{
	return market->config->batch == 0 && !closed(market);
}

/* ---- a rider waits ---- */

static void match(struct market *market, struct market_rider *rider, struct market_driver *driver);

static void find_driver(struct market *market, struct market_rider *rider)
{
	struct fleet_car *car = fleet_nearest_car(&market->fleet, &rider->party);
	if (car)
		match(market, rider, (struct market_driver *)car);
}

static void stop_waiting(struct market *market, struct market_rider *rider)
{
	fleet_leave(&market->fleet, &rider->party);
	sim_cancel(market->sim, rider->patience);
}

static void gives_up(struct sim *sim, void *subject, uint64_t unused)
{
	struct market_rider *rider = subject;
	struct market *market = rider->market;
	(void)sim;
	(void)unused;
	stop_waiting(market, rider);
	booking_count(market->abandoned, rider->request.arrival, 1);
	market->left(market->owner, rider);
	book_levels(market);
}

void market_enter(struct market *market, struct market_rider *rider)
{
	struct sim *sim = market->sim;
	rider->market = market;
	rider->party = (struct fleet_party){rider->at, -1};
	fleet_wait(&market->fleet, &rider->party);
	int64_t ends = rider->request.arrival + dist_draw_time(market->config->patience, &rider->request.rng);
	rider->patience = sim_at(sim, ends > sim->now ? ends : sim->now, gives_up, rider, 0);
	if (at_once(market))
		find_driver(market, rider);
	book_levels(market);
}

/* ---- who gets whom ---- */

/* Who waits may find drivers that were too far away, or unknown. */
void market_match_waiting(struct market *market)
{
	for (int i = market->fleet.parties - 1; i >= 0 && market->fleet.free_cars > 0; i--)
		find_driver(market, rider_of(market->fleet.waiting[i]));
}

/* Drivers have reported since: who waits asks again. */
static void ask_again(struct sim *sim, void *subject, uint64_t unused)
{
	struct market *market = subject;
	(void)unused;
	if (!closed(market))
		market_match_waiting(market);
	sim_after(sim, market->config->report, ask_again, market, 0);
}

static void paired(void *owner, struct fleet_party *party, struct fleet_car *car)
{
	match(owner, rider_of(party), (struct market_driver *)car);
}

static void batch(struct sim *sim, void *subject, uint64_t unused)
{
	struct market *market = subject;
	(void)unused;
	if (!closed(market)) {
		if (market->fleet.parties > 0)
			booking_record(market->batched, sim->now, market->fleet.parties);
		fleet_pair(&market->fleet, paired);
	}
	sim_after(sim, market->config->batch, batch, market, 0);
}

static void leave_free(struct market *market, struct market_driver *driver)
{
	fleet_take(&market->fleet, &driver->car);
	sim_cancel(market->sim, driver->move);
}

static sim_event_fn accepted, picked_up, arrived, moves_on;

static void match(struct market *market, struct market_rider *rider, struct market_driver *driver)
{
	const struct market_config *config = market->config;
	struct sim *sim = market->sim;
	int64_t arrival = rider->request.arrival;
	stop_waiting(market, rider);
	leave_free(market, driver);
	driver->state = MARKET_OFFERED;
	driver->rider = rider;
	rider->driver = driver;
	rider->began = rider->changed = sim->now;
	struct rng rng = rng_of(market->offers, rider->request.id);
	int64_t hop = dist_draw_time(config->network, &rng), delay = hop;
	if (config->poll > 0)
		delay += config->poll - (sim->now + hop + driver->polls) % config->poll;
	booking_record(market->matched, arrival, sim->now - arrival);
	booking_record(market->offered, arrival, delay);
	journey_note_time(&rider->request.journey, sim->now, "driver", driver - market->driver,
		     "is chosen and hears of it after", delay);
	rider->next = sim_after(sim, delay, accepted, rider, 0);
	book_levels(market);
}

/* ---- a ride ---- */

static void accepted(struct sim *sim, void *subject, uint64_t unused)
{
	struct market_rider *rider = subject;
	struct market_driver *driver = rider->driver;
	(void)unused;
	driver->state = MARKET_COMING;
	rider->changed = sim->now;
	int64_t way = fleet_drive(&rider->market->fleet, &driver->car, rider->at, -1);
	rider->next = sim_after(sim, way, picked_up, rider, 0);
}

static void picked_up(struct sim *sim, void *subject, uint64_t unused)
{
	struct market_rider *rider = subject;
	struct market *market = rider->market;
	struct market_driver *driver = rider->driver;
	int64_t arrival = rider->request.arrival;
	(void)unused;
	struct rng rng = rng_of(market->trips, rider->request.id);
	int64_t lasts = dist_draw_time(market->config->trip, &rng);
	int cell = places_cell(market->places, &rng);
	struct hex_point to = places_point(market->places, cell, &rng);
	booking_record(market->picked_up, arrival, sim->now - driver->car.begin);
	booking_record(market->waited, arrival, sim->now - arrival);
	journey_note(&rider->request.journey, sim->now, "driver", driver - market->driver, "picks up the rider", -1);
	driver->state = MARKET_RIDING;
	rider->changed = sim->now;
	rider->next = sim_after(sim, fleet_drive(&market->fleet, &driver->car, to, lasts), arrived, rider, 0);
}

static void become_free(struct market *market, struct market_driver *driver);

static void arrived(struct sim *sim, void *subject, uint64_t unused)
{
	struct market_rider *rider = subject;
	struct market *market = rider->market;
	struct market_driver *driver = rider->driver;
	(void)unused;
	booking_count(market->completed, sim->now, 1);
	journey_note(&rider->request.journey, sim->now, "trip", -1, "ends", -1);
	market->left(market->owner, rider);
	become_free(market, driver);
}

void market_forget(struct market *market, struct market_driver *driver)
{
	struct market_rider *rider = driver->rider;
	CHECK(rider);
	journey_note(&rider->request.journey, market->sim->now, "trip", -1, "is forgotten", -1);
	sim_cancel(market->sim, rider->next);
	market->left(market->owner, rider);
	fleet_drive(&market->fleet, &driver->car, fleet_where(&driver->car, market->sim->now), 0);
	become_free(market, driver);
}

/* ---- free drivers ---- */

static void plan_move(struct market *market, struct market_driver *driver, int64_t from)
{
	double mean = (double)market->config->relocate;
	if (mean > 0)
		driver->move = sim_at(market->sim, from + (int64_t)(rng_exp(&driver->rng) * mean), moves_on, driver, 0);
}

static void become_free(struct market *market, struct market_driver *driver)
{
	driver->state = MARKET_FREE;
	driver->rider = NULL;
	fleet_free(&market->fleet, &driver->car);
	plan_move(market, driver, market->sim->now);
	if (at_once(market)) {
		struct fleet_party *party = fleet_nearest_party(&market->fleet, &driver->car);
		if (party)
			match(market, rider_of(party), driver);
	}
	book_levels(market);
}

/* To a place drawn as riders' are, the more likely the higher its price. */
static void moves_on(struct sim *sim, void *subject, uint64_t unused)
{
	struct market_driver *driver = subject;
	struct market *market = driver->market;
	const struct market_config *config = market->config;
	(void)sim;
	(void)unused;
	int cell = places_cell(market->places, &driver->rng);
	for (int tries = 0; config->price && tries < 8; tries++) {
		if (rng_unit(&driver->rng) * config->price_cap < config->price[cell])
			break;
		cell = places_cell(market->places, &driver->rng);
	}
	fleet_drive(&market->fleet, &driver->car, places_point(market->places, cell, &driver->rng), -1);
	plan_move(market, driver, driver->car.end);
}

/* ---- the reserve ---- */

static void joins(struct sim *sim, void *subject, uint64_t unused)
{
	struct market_driver *driver = subject;
	struct market *market = driver->market;
	(void)sim;
	(void)unused;
	market->called--;
	market->online++;
	become_free(market, driver);
	market->changed(market->owner);
	book_levels(market);
}

void market_call(struct market *market, int wanted)
{
	int first = (int)market->config->drivers, here = market->online + market->called - first;
	for (int i = first; i < market->drivers; i++) {
		struct market_driver *driver = &market->driver[i];
		if (driver->state == MARKET_AT_HOME && here < wanted) {
			driver->state = MARKET_CALLED;
			market->called++;
			here++;
			sim_after(market->sim, market->config->join_delay, joins, driver, 0);
		} else if (driver->state == MARKET_FREE && here > wanted) {
			leave_free(market, driver);
			driver->state = MARKET_AT_HOME;
			market->online--;
			here--;
		}
	}
	market->changed(market->owner);
	book_levels(market);
}

/* ---- the market ---- */

static bool hidden(void *owner, struct hex_point where, int64_t reported)
{
	const struct market *market = owner;
	return market->hidden && market->hidden(market->owner, where, reported);
}

void market_init(struct market *market, struct sim *sim, const struct market_config *config,
		 const struct places *places)
{
	*market = (struct market){.sim = sim, .config = config, .places = places,
				  .drivers = (int)(config->drivers + config->reserve)};
	market->trips = sim_stream(sim, "trips");
	market->offers = sim_stream(sim, "offers");
	market->driver = ARENA_ARRAY(&sim->arena, (size_t)market->drivers, struct market_driver);
	fleet_init(&market->fleet, sim, market->drivers);
	market->fleet.speed = config->speed;
	market->fleet.detour = config->detour;
	market->fleet.report = config->report;
	market->fleet.radius = config->radius;
	market->fleet.hidden = hidden;
	market->fleet.owner = market;
	struct rng_stream stream = sim_stream(sim, "drivers");
	for (int i = 0; i < market->drivers; i++) {
		struct market_driver *driver = &market->driver[i];
		*driver = (struct market_driver){.market = market, .rng = rng_of(stream, (uint64_t)i)};
		int cell = places_cell(places, &driver->rng);
		struct hex_point at = places_point(places, cell, &driver->rng);
		double phase = rng_unit(&driver->rng);
		driver->polls = (int64_t)(phase * (double)config->poll);
		driver->car = (struct fleet_car){.from = at, .to = at, .slot = -1};
		driver->car.phase = 1000 * config->report + (int64_t)(phase * (double)config->report);
	}
}

void market_open(struct market *market)
{
	const struct market_config *config = market->config;
	for (int i = 0; i < config->drivers; i++) {
		market->online++;
		become_free(market, &market->driver[i]);
	}
	if (config->drivers > 0 && config->batch > 0)
		sim_after(market->sim, config->batch, batch, market, 0);
	else if (config->drivers > 0)
		sim_after(market->sim, config->report, ask_again, market, 0);
	market->changed(market->owner);
	book_levels(market);
}
