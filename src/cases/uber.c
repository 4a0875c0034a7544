/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ride service in one city or many: where drivers are, who picks up whom, at which price. (Ranney, "How Uber Scales
 * Their Real-time Market Platform", 2015; Uber's posts on its push platform 2020, Gairos 2021, and streaming features
 * 2021; Chen, Mislove, Wilson, "Peeking Beneath the Hood of Uber", IMC 2015.)
 *
 * A row of the trace is one of three requests. `ride`: somebody asks for a car. The location index (model/geoindex.h)
 * is asked for drivers around; its workers are busy with position reports and reads of open apps, hundreds for each
 * ride. Then the rider waits to be matched: at once with the nearest driver known to be free (who finds none asks again
 * as reports come in), or in batches that are paired at the least sum of distances (model/fleet.h). The offer reaches
 * the driver's phone by push or at its next poll; the driver comes, the trip takes its time, and the driver is free
 * where it ended. Who waits too long goes away. With surge pricing (model/surge.h) some do not ask at the price they
 * see, and drivers go where it is high. `look`: an app reads what a cell of the map shows, through a cache. `query`:
 * somebody asks the store of market data, which is sharded.
 *
 * Trips in progress are state in one data centre, replicated with a lag to another, and, if so chosen, in the phones.
 *
 * Drivers stand or drive along straight lines; the index knows where they were at their last report. Position reports
 * and app reads are background load of the workers: they cost time there, but no events here.
 */
#include "cases/case.h"
#include "engine/dmath.h"
#include "model/fleet.h"
#include "model/geoindex.h"
#include "model/store.h"
#include "model/surge.h"

#include <math.h>

enum { BY_CITY, BY_CELL };
enum { FROM_PLACE, FROM_METRES };
enum { POLL, PUSH };
static const char *const shards[] = {"city", "cell", NULL};
static const char *const place_sources[] = {"place", "metres", NULL};
static const char *const gateways[] = {"poll", "push", NULL};

struct params {
	/* the map */
	int64_t city_radius, cities, middle_east, middle_north;
	double cell_area, cell_skew, city_skew;
	int place_from;
	/* the location index */
	int shard;
	int64_t workers, points, ping, ping_cpu, read_cpu, look_cpu, look_rings, detect, pings_per_ride;
	double apps;
	struct dist network;
	/* the market */
	bool market;
	int64_t drivers, radius, batch, relocate;
	double speed, detour;
	struct dist trip, patience;
	/* the gateway */
	int gateway;
	int64_t poll, call_every, push_every;
	/* surge */
	bool surge, dedup;
	int64_t surge_window, surge_clock, surge_rings, surge_update, surge_tasks, watch, reserve, join_delay;
	double surge_balance, surge_gain, surge_cap, demand_elasticity, supply_elasticity;
	/* data centres */
	int64_t replica_lag;
	bool digest;
	double reconnects;
	/* what apps show, and the store of market data */
	int64_t freshness, backends, store_shards;
	struct dist backend, scan;
	double store_spread, store_routed;
};

static const struct param params[] = {
	PARAM_COUNT(struct params, city_radius, "20", "1", "100", "rings of cells around the middle of a city"),
	PARAM_COUNT(struct params, cities, "1", "1", "1k", "cities; with a market there is one"),
	PARAM_COUNT(struct params, middle_east, "0", "0", "1 G",
		    "metres: where the middle of the city lies in the trace's `east`"),
	PARAM_COUNT(struct params, middle_north, "0", "0", "1 G", "metres: the same for `north`"),
	PARAM_REAL(struct params, cell_area, "0.737", "0.01", "100", "square kilometres of a hexagon"),
	PARAM_REAL(struct params, cell_skew, "1.14", "0", "5",
		   "how drivers and destinations are spread over the cells of a city: the k-th has a share ~ k^-skew"),
	PARAM_REAL(struct params, city_skew, "1", "0", "5", "the same for drivers over cities"),
	PARAM_CHOICE(struct params, place_from, place_sources, "place",
		     "where riders are: at a random point of the trace's cell `place`, or at its `east` and `north`"),
	PARAM_CHOICE(struct params, shard, shards, "cell", "what a worker of the location index owns: cities or cells"),
	PARAM_COUNT(struct params, workers, "32", "1", "4k", "single-threaded workers of the location index"),
	PARAM_COUNT(struct params, points, "64", "1", "1k", "points of a worker on the hash ring"),
	PARAM_TIME(struct params, ping, "4 s", "100 ms", "10 min", "between two position reports of a driver"),
	PARAM_TIME(struct params, ping_cpu, "100 us", "1 ns", "1 s", "time of a worker for a position report"),
	PARAM_TIME(struct params, read_cpu, "50 us", "1 ns", "1 s", "time of a worker for the read of an open app"),
	PARAM_TIME(struct params, look_cpu, "500 us", "1 ns", "1 s", "time of a worker to find drivers for a ride"),
	PARAM_COUNT(struct params, look_rings, "1", "0", "20",
		    "rings of cells around a rider in which drivers are looked for"),
	PARAM_TIME(struct params, detect, "5 s", "0 s", "10 min", "until a dead worker is noticed"),
	PARAM_COUNT(struct params, pings_per_ride, "0", "0", "100k",
		    "position reports for each ride asked for, at any load; 0: the reports are those of `drivers`"),
	PARAM_REAL(struct params, apps, "2", "0", "100",
		   "open rider apps for each driver online; each reads once per `poll`"),
	PARAM_DIST(struct params, network, TIME, "lognormal(median=0.2 ms, p99=0.6 ms)", "0 s", "10 s",
		   "one way between two machines"),
	PARAM_BOOL(struct params, market, "on",
		   "riders are matched with drivers; off: a ride ends when drivers are found"),
	PARAM_COUNT(struct params, drivers, "400", "1", "100k", "drivers online"),
	PARAM_COUNT(struct params, radius, "0", "0", "1 M", "metres within which a driver may be matched; 0: no limit"),
	PARAM_TIME(struct params, batch, "0 s", "0 s", "1 h",
		   "riders and drivers are gathered so long and paired together; 0 s: at once, nearest first"),
	PARAM_TIME(struct params, relocate, "10 min", "0 s", "30 d",
		   "mean time until a free driver drives elsewhere, towards demand and price; 0 s: never"),
	PARAM_REAL(struct params, speed, "6", "0.1", "100", "metres per second of a car"),
	PARAM_REAL(struct params, detour, "1.3", "1", "10", "length of the way over the straight distance"),
	PARAM_DIST(struct params, trip, TIME, "lognormal(median=10 min, p99=40 min)", "1 s", "1 d",
		   "a trip with the rider"),
	PARAM_DIST(struct params, patience, TIME, "exp(5 min)", "0 s", "30 d", "how long a rider waits to be matched"),
	PARAM_CHOICE(struct params, gateway, gateways, "push", "how phones hear of what is new"),
	PARAM_TIME(struct params, poll, "5 s", "100 ms", "1 h", "between two polls of an app"),
	PARAM_TIME(struct params, call_every, "20 s", "100 ms", "1 d", "between two other calls of an app"),
	PARAM_TIME(struct params, push_every, "8.6 s", "100 ms", "1 d", "between two messages pushed to an app"),
	PARAM_BOOL(struct params, surge, "off", "prices follow demand"),
	PARAM_BOOL(struct params, dedup, "on",
		   "a window's events are gathered first, each driver and rider counts once"),
	PARAM_TIME(struct params, surge_window, "1 min", "1 s", "1 h",
		   "window in which requests and free drivers are counted"),
	PARAM_TIME(struct params, surge_clock, "1 min", "1 s", "1 h", "prices are published at multiples of this"),
	PARAM_COUNT(struct params, surge_rings, "3", "0", "50", "rings of cells over which counts are smoothed"),
	PARAM_TIME(struct params, surge_update, "200 ns", "1 ns", "1 s",
		   "time of a task to update one cell for one event"),
	PARAM_COUNT(struct params, surge_tasks, "4", "1", "10k", "parallel tasks of the smoothing operator"),
	PARAM_COUNT(struct params, watch, "0", "0", "100k", "cell whose price and demand are shown over time"),
	PARAM_COUNT(struct params, reserve, "0", "0", "100k", "drivers at home who come when prices are high"),
	PARAM_TIME(struct params, join_delay, "10 min", "0 s", "1 d", "until such a driver is online"),
	PARAM_REAL(struct params, surge_balance, "0.2", "0", "1000",
		   "requests a minute for each free driver at which prices begin to rise"),
	PARAM_REAL(struct params, surge_gain, "1", "0", "1000", "how much the multiplier rises for each request more"),
	PARAM_REAL(struct params, surge_cap, "4", "1", "100", "the multiplier at most"),
	PARAM_REAL(struct params, demand_elasticity, "1", "0", "10",
		   "share of riders who ask at a multiplier m: m^-elasticity"),
	PARAM_REAL(struct params, supply_elasticity, "1", "0", "10",
		   "share of the reserve that is online at a mean multiplier m: elasticity * (m - 1)"),
	PARAM_TIME(struct params, replica_lag, "10 s", "0 s", "1 h",
		   "until a change of a trip is in the other data centre"),
	PARAM_BOOL(struct params, digest, "on", "drivers' phones keep the state of their trip and bring it along"),
	PARAM_RATE(struct params, reconnects, "1 k/s", "1/s", "10 M/s",
		   "phones that a data centre can take over per second"),
	PARAM_TIME(struct params, freshness, "30 s", "0 s", "1 d",
		   "how old what an app is shown may be; 0 s: not kept"),
	PARAM_COUNT(struct params, backends, "4", "1", "10k", "servers behind the cache"),
	PARAM_DIST(struct params, backend, TIME, "exp(10 ms)", "1 ns", "1 h",
		   "time of a server to answer what is not cached"),
	PARAM_COUNT(struct params, store_shards, "16", "1", "1k", "shards of the store of market data"),
	PARAM_DIST(struct params, scan, TIME, "lognormal(median=8 ms, p99=20 ms)", "1 ns", "1 h",
		   "time of a query on a shard of mean size; larger ones take longer in proportion"),
	PARAM_REAL(struct params, store_spread, "1", "1", "1000",
		   "size of the largest shard over that of the smallest"),
	PARAM_RATIO(struct params, store_routed, "0", "0", "1", "queries that one shard can answer; others ask all"),
	PARAM_END};

enum { RIDE, LOOK, QUERY };
static const char *const operations[] = {"ride", "look", "query", NULL};

enum { OP, PLACE, CITY, EAST, NORTH };
static const struct column columns[] = {
	[OP] = {"op", COLUMN_CHOICE, operations, "ride",
		"a ride is asked for, an app shows the map, market data are asked for"},
	[PLACE] = {"place", COLUMN_KEY, NULL, "0", "cell of the city, 0 in the middle, then ring by ring"},
	[CITY] = {"city", COLUMN_KEY, NULL, "0", "the city"},
	[EAST] = {"east", COLUMN_COUNT, NULL, "0", "metres to the east, with place_from: metres"},
	[NORTH] = {"north", COLUMN_COUNT, NULL, "0", "metres to the north, with place_from: metres"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}};

enum {
	DISPATCH,
	MATCHED,
	OFFER,
	PICKUP,
	WAIT,
	REQUESTED,
	DECLINED,
	ABANDONED,
	COMPLETED,
	BUSY,
	ONLINE,
	WAITING,
	PINGS,
	READS,
	HOTTEST,
	BLIND,
	BATCHED,
	GATEWAY,
	PUSHED,
	PRICE,
	DEMAND,
	PRICE_AGE,
	LAG,
	STEP,
	REVERSALS,
	LOST,
	ROLLED,
	RECOVERED,
	APP,
	APPS_ASKED,
	BACKEND,
	STORE
};
static const struct metric metrics[] = {
	[DISPATCH] = {"dispatch", METRIC_TIME, NULL, "from a request for a ride until the index has found drivers"},
	[MATCHED] = {"matched", METRIC_TIME, NULL, "from a request for a ride until a driver is chosen"},
	[OFFER] = {"offer", METRIC_TIME, NULL, "from the choice of a driver until the phone knows"},
	[PICKUP] = {"pickup", METRIC_TIME, NULL, "the driver's way to the rider"},
	[WAIT] = {"wait", METRIC_TIME, NULL, "from a request for a ride until the rider is picked up"},
	[REQUESTED] = {"requested", METRIC_COUNT, NULL, "riders who wanted a ride"},
	[DECLINED] = {"declined", METRIC_COUNT, NULL, "riders for whom the price was too high"},
	[ABANDONED] = {"abandoned", METRIC_COUNT, NULL, "riders who waited in vain"},
	[COMPLETED] = {"completed", METRIC_COUNT, NULL, "rides that reached their end, at that time"},
	[BUSY] = {"busy", METRIC_LEVEL, "drivers", "drivers with a rider or on the way to one"},
	[ONLINE] = {"online", METRIC_LEVEL, "drivers", "drivers online"},
	[WAITING] = {"waiting", METRIC_LEVEL, "riders", "riders without a driver"},
	[PINGS] = {"pings", METRIC_COUNT, NULL, "position reports of drivers"},
	[READS] = {"reads", METRIC_COUNT, NULL, "reads of the index by open apps"},
	[HOTTEST] = {"hottest", METRIC_LEVEL, "ppm", "share of all reports that the busiest worker has, in millionths"},
	[BLIND] = {"blind", METRIC_TIME, NULL,
		   "rides in cells whose new owner has not heard of all drivers yet: time since it took them over"},
	[BATCHED] = {"batched", METRIC_AMOUNT, "riders", "riders in a batch"},
	[GATEWAY] = {"gateway", METRIC_COUNT, NULL, "requests of phones to the gateway, polls among them"},
	[PUSHED] = {"pushed", METRIC_COUNT, NULL, "messages pushed to phones"},
	[PRICE] = {"price", METRIC_LEVEL, "%", "multiplier in the watched cell, as riders see it"},
	[DEMAND] = {"demand", METRIC_LEVEL, "riders",
		    "requests in ten minutes around the watched cell, at the rate of the last window"},
	[PRICE_AGE] = {"price_age", METRIC_TIME, NULL, "how long ago the window began that a rider's price comes from"},
	[LAG] = {"lag", METRIC_TIME, NULL, "from the end of a surge window until its prices are computed"},
	[STEP] = {"step", METRIC_AMOUNT, "%", "changes of the watched cell's price, up or down"},
	[REVERSALS] = {"reversals", METRIC_COUNT, NULL,
		       "turns of the watched cell's price, from rising to falling or back"},
	[LOST] = {"lost", METRIC_COUNT, NULL, "trips that nobody knows of after the loss of a data centre"},
	[ROLLED] = {"rolled", METRIC_COUNT, NULL, "trips of which the last change is forgotten"},
	[RECOVERED] = {"recovered", METRIC_TIME, NULL,
		       "from the change of data centres until a trip is known there from its phone"},
	[APP] = {"app", METRIC_TIME, NULL, "an app's look at the map"},
	[APPS_ASKED] = {"looks", METRIC_COUNT, NULL, "looks of apps at the map"},
	[BACKEND] = {"backend", METRIC_COUNT, NULL, "looks that the cache could not answer"},
	[STORE] = {"store", METRIC_TIME, NULL, "a query to the store of market data"},
	{NULL, METRIC_COUNT, NULL, NULL}};

enum { KILL, LOSE, STALL, LATE };
static const struct fault_kind faults[] = {
	[KILL] = {"kill", "worker", false, false, "a worker of the location index dies with its positions"},
	[LOSE] = {"lose", NULL, false, false, "the data centre is lost; at the end the other one takes over"},
	[STALL] = {"stall", NULL, false, false, "the surge pipeline publishes nothing"},
	[LATE] = {"late", NULL, true, false, "drivers' phones report more rarely by the factor"},
	{NULL, NULL, false, false, NULL}};

static const int64_t rate_memory = INT64_C(3000000000); /* ns: the load of the last seconds is the load */

struct driver;

struct rider {
	struct fleet_party party; /* first: a party is its rider */
	struct rider *next_free;
	struct uber *uber;
	uint64_t id;
	int64_t arrival, began, changed; /* began: the trip's record, by a match; changed: its last change */
	int city, cell;
	struct driver *driver;
	queue_handle patience, next;
	struct journey *journey;
};

enum driver_state { OFFLINE, JOINING, FREE, OFFERED, COMING, RIDING };

struct driver {
	struct fleet_car car; /* first: a car is its driver */
	struct uber *uber;
	enum driver_state state;
	struct rider *rider;
	queue_handle move;
	struct rng rng;
};

struct query {
	struct query *next_free;
	struct uber *uber;
	int64_t arrival;
	struct journey *journey;
};

struct uber {
	const struct params *p;
	struct sim *sim;
	struct meters *meters;
	struct journeys *journeys;
	struct hexgrid grid;
	struct geoindex_config index_config;
	struct geoindex index;
	struct surge_config surge_config;
	struct surge surge;
	struct fleet fleet;
	struct rng_stream trips, decisions, places, offers, looks, scans;
	double *law; /* of places: cumulative shares of the cells */
	struct driver *driver;
	int drivers, online, joining; /* drivers: the reserve included */
	double lateness;
	int64_t outage_ends;
	struct pool recovery, backend;
	struct store store;
	int64_t *fresh_until;
	/* the load of the last seconds, when reports follow it; counts not booked yet */
	double recent, pings, reads;
	int64_t recent_row, recent_since, window, accounted;
	double window_pings, window_rides;
	double watched, trend;
	struct rider *free_rider;
	struct query *free_query;
};

/* ---- where things are ---- */

static int draw_cell(const struct uber *uber, struct rng *rng)
{
	double u = rng_unit(rng);
	int low = 0, high = uber->grid.cells - 1;
	while (low < high) {
		int middle = (low + high) / 2;
		if (uber->law[middle] > u)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static struct hex_point draw_point(const struct uber *uber, int cell, struct rng *rng)
{
	double u = rng_unit(rng), v = rng_unit(rng);
	return hexgrid_point(&uber->grid, cell, u, v);
}

/* Whether the index has lost what a driver in `where` reported, with a worker, and not heard from it since. */
static bool hidden(void *owner, struct hex_point where, int64_t reported)
{
	struct uber *uber = owner;
	if (uber->index.last_move < 0 || uber->sim->now - uber->index.last_move > uber->fleet.report)
		return false;
	return reported <= geoindex_blind(&uber->index, 0, hexgrid_at(&uber->grid, where));
}

/* ---- levels and rates ---- */

static void book_levels(struct uber *uber)
{
	int64_t now = uber->sim->now;
	meter_level(uber->meters, BUSY, now, uber->online - uber->fleet.free_cars);
	meter_level(uber->meters, ONLINE, now, uber->online);
	meter_level(uber->meters, WAITING, now, uber->fleet.parties);
}

static void book_whole(struct uber *uber, int metric, double *amount)
{
	double whole = floor(*amount);
	if (whole >= 1) {
		meter_count(uber->meters, metric, uber->sim->now, (uint64_t)whole);
		*amount -= whole;
	}
}

/* Counts the background up to now. */
static void account(struct uber *uber)
{
	double passed = (double)(uber->sim->now - uber->accounted);
	uber->accounted = uber->sim->now;
	uber->pings += uber->index.reports * passed;
	uber->reads += uber->index.reads * passed;
	uber->window_pings += uber->index.reports * passed;
	book_whole(uber, PINGS, &uber->pings);
	book_whole(uber, READS, &uber->reads);
}

static void set_load(struct uber *uber, double reports)
{
	const struct params *p = uber->p;
	account(uber);
	geoindex_load(&uber->index, reports / uber->lateness, reports * (double)p->ping * p->apps / (double)p->poll);
}

static void online_changed(struct uber *uber)
{
	if (uber->p->pings_per_ride == 0)
		set_load(uber, (double)uber->online / (double)uber->p->ping);
	book_levels(uber);
}

/* Reports that follow the rides: the rate of the last seconds, of this window of the trace only. */
static void follow_rides(struct uber *uber, int64_t window)
{
	int64_t now = uber->sim->now;
	if (uber->p->pings_per_ride == 0)
		return;
	if (window != uber->window || uber->recent_row < 0) {
		uber->window = window;
		uber->recent = 0;
		uber->recent_since = uber->accounted = now;
		geoindex_idle(&uber->index); /* between two windows of the trace nothing goes on */
	} else {
		double memory = (double)rate_memory, decay = dm_exp(-(double)(now - uber->recent_row) / memory);
		uber->recent *= decay; /* without this row: who arrives sees the mean */
		double seen = 1 - dm_exp(-(double)(now - uber->recent_since) / memory);
		if (seen > 0.1)
			set_load(uber, (double)uber->p->pings_per_ride * uber->recent / memory / seen);
		uber->recent++;
	}
	uber->recent_row = now;
}

/* ---- matching ---- */

static void match(struct uber *uber, struct rider *rider, struct driver *driver);

static void find_driver(struct uber *uber, struct rider *rider)
{
	struct fleet_car *car = fleet_nearest_car(&uber->fleet, &rider->party);
	if (car)
		match(uber, rider, (struct driver *)car);
}

static void find_rider(struct uber *uber, struct driver *driver)
{
	struct fleet_party *party = fleet_nearest_party(&uber->fleet, &driver->car);
	if (party)
		match(uber, (struct rider *)party, driver);
}

/* Who waits may find drivers that were too far away, or unknown. */
static void match_waiting(struct uber *uber)
{
	for (int i = uber->fleet.parties - 1; i >= 0 && uber->fleet.free_cars > 0; i--)
		find_driver(uber, (struct rider *)uber->fleet.waiting[i]);
}

/* Drivers have reported since: who waits asks again. */
static void ask_again(struct sim *sim, void *subject, uint64_t unused)
{
	struct uber *uber = subject;
	(void)unused;
	if (sim->now >= uber->outage_ends)
		match_waiting(uber);
	sim_after(sim, uber->p->ping, ask_again, uber, 0);
}

static void paired(void *owner, struct fleet_party *party, struct fleet_car *car)
{
	match(owner, (struct rider *)party, (struct driver *)car);
}

static void batch(struct sim *sim, void *subject, uint64_t unused)
{
	struct uber *uber = subject;
	(void)unused;
	if (sim->now >= uber->outage_ends) {
		if (uber->fleet.parties > 0)
			meter_record(uber->meters, BATCHED, sim->now, uber->fleet.parties);
		fleet_pair(&uber->fleet, paired);
	}
	sim_after(sim, uber->p->batch, batch, uber, 0);
}

/* ---- drivers ---- */

static void move_on(struct sim *sim, void *subject, uint64_t unused);

static void plan_move(struct uber *uber, struct driver *driver, int64_t from)
{
	if (uber->p->relocate > 0)
		driver->move = sim_at(uber->sim, from + (int64_t)(rng_exp(&driver->rng) * (double)uber->p->relocate),
				      move_on, driver, 0);
}

/* To a place drawn as riders' are, the more likely the higher its price. */
static void move_on(struct sim *sim, void *subject, uint64_t unused)
{
	struct driver *driver = subject;
	struct uber *uber = driver->uber;
	(void)sim;
	(void)unused;
	int cell = draw_cell(uber, &driver->rng);
	for (int tries = 0; uber->p->surge && tries < 8; tries++) {
		if (rng_unit(&driver->rng) * uber->p->surge_cap < uber->surge.price[cell])
			break;
		cell = draw_cell(uber, &driver->rng);
	}
	fleet_drive(&uber->fleet, &driver->car, draw_point(uber, cell, &driver->rng), -1);
	plan_move(uber, driver, driver->car.end);
}

static void leave_free(struct uber *uber, struct driver *driver)
{
	fleet_take(&uber->fleet, &driver->car);
	sim_cancel(uber->sim, driver->move);
}

static void become_free(struct uber *uber, struct driver *driver)
{
	driver->state = FREE;
	driver->rider = NULL;
	fleet_free(&uber->fleet, &driver->car);
	plan_move(uber, driver, uber->sim->now);
	if (uber->p->batch == 0 && uber->sim->now >= uber->outage_ends)
		find_rider(uber, driver);
	book_levels(uber);
}

static void join(struct sim *sim, void *subject, uint64_t unused)
{
	struct driver *driver = subject;
	struct uber *uber = driver->uber;
	(void)sim;
	(void)unused;
	uber->joining--;
	uber->online++;
	become_free(uber, driver);
	online_changed(uber);
}

/* The reserve answers to the mean price, weighted by where riders usually are. */
static void call_reserve(void *owner)
{
	struct uber *uber = owner;
	const struct params *p = uber->p;
	double mean = 0;
	for (int i = 0; i < uber->grid.cells; i++)
		mean += (uber->law[i] - (i > 0 ? uber->law[i - 1] : 0)) * uber->surge.price[i];
	double share = p->supply_elasticity * (mean - 1);
	int wanted = (int)((share > 1 ? 1 : share) * (double)p->reserve + 0.5);
	int here = uber->online + uber->joining - (int)p->drivers;
	for (int i = (int)p->drivers; i < uber->drivers; i++) {
		struct driver *driver = &uber->driver[i];
		if (driver->state == OFFLINE && here < wanted) {
			driver->state = JOINING;
			uber->joining++;
			here++;
			sim_after(uber->sim, p->join_delay, join, driver, 0);
		} else if (driver->state == FREE && here > wanted) {
			leave_free(uber, driver);
			driver->state = OFFLINE;
			uber->online--;
			here--;
		}
	}
	double price = uber->surge.price[p->watch % uber->grid.cells], step = price - uber->watched;
	if (step != 0) {
		meter_record(uber->meters, STEP, uber->sim->now, (int64_t)(fabs(step) * 100 + 0.5));
		if (step * uber->trend < 0)
			meter_count(uber->meters, REVERSALS, uber->sim->now, 1);
		uber->trend = step;
		uber->watched = price;
	}
	meter_level(uber->meters, PRICE, uber->sim->now, (int64_t)(price * 100 + 0.5));
	online_changed(uber);
}

/* ---- the life of a ride ---- */

static void end_ride(struct uber *uber, struct rider *rider)
{
	const struct params *p = uber->p;
	double open = (double)(uber->sim->now - rider->arrival);
	meter_count(uber->meters, GATEWAY, rider->arrival,
		    (uint64_t)(open / (double)p->call_every) +
			    (p->gateway == POLL ? (uint64_t)(open / (double)p->poll) : 0));
	if (p->gateway == PUSH)
		meter_count(uber->meters, PUSHED, rider->arrival, (uint64_t)(open / (double)p->push_every));
	journey_end(uber->journeys, rider->journey, uber->sim->now);
	rider->next_free = uber->free_rider;
	uber->free_rider = rider;
	sim_close(uber->sim);
}

static void dropped(struct sim *sim, void *subject, uint64_t unused)
{
	struct rider *rider = subject;
	struct uber *uber = rider->uber;
	struct driver *driver = rider->driver;
	(void)unused;
	meter_count(uber->meters, COMPLETED, sim->now, 1);
	journey_note(&rider->journey, sim->now, "trip", -1, "ends", -1);
	end_ride(uber, rider);
	become_free(uber, driver);
}

static void picked_up(struct sim *sim, void *subject, uint64_t unused)
{
	struct rider *rider = subject;
	struct uber *uber = rider->uber;
	struct driver *driver = rider->driver;
	(void)unused;
	struct rng rng = rng_of(uber->trips, rider->id);
	int64_t lasts = dist_draw_time(&uber->p->trip, &rng);
	int cell = draw_cell(uber, &rng);
	struct hex_point to = draw_point(uber, cell, &rng);
	meter_record(uber->meters, PICKUP, rider->arrival, sim->now - driver->car.begin);
	meter_record(uber->meters, WAIT, rider->arrival, sim->now - rider->arrival);
	journey_note(&rider->journey, sim->now, "driver", driver - uber->driver, "picks up the rider", -1);
	driver->state = RIDING;
	rider->changed = sim->now;
	rider->next = sim_after(sim, fleet_drive(&uber->fleet, &driver->car, to, lasts), dropped, rider, 0);
}

static void accepted(struct sim *sim, void *subject, uint64_t unused)
{
	struct rider *rider = subject;
	struct driver *driver = rider->driver;
	(void)unused;
	driver->state = COMING;
	rider->changed = sim->now;
	rider->next = sim_after(sim, fleet_drive(&rider->uber->fleet, &driver->car, rider->party.at, -1), picked_up,
				rider, 0);
}

static void stop_waiting(struct uber *uber, struct rider *rider)
{
	fleet_leave(&uber->fleet, &rider->party);
	sim_cancel(uber->sim, rider->patience);
}

static void match(struct uber *uber, struct rider *rider, struct driver *driver)
{
	const struct params *p = uber->p;
	struct sim *sim = uber->sim;
	stop_waiting(uber, rider);
	leave_free(uber, driver);
	driver->state = OFFERED;
	driver->rider = rider;
	rider->driver = driver;
	rider->began = rider->changed = sim->now;
	struct rng rng = rng_of(uber->offers, rider->id);
	int64_t hop = dist_draw_time(&p->network, &rng), delay = hop;
	if (p->gateway == POLL)
		delay += p->poll - (sim->now + hop + driver->car.phase) % p->poll;
	meter_record(uber->meters, MATCHED, rider->arrival, sim->now - rider->arrival);
	meter_record(uber->meters, OFFER, rider->arrival, delay);
	journey_note(&rider->journey, sim->now, "driver", driver - uber->driver, "is chosen and hears of it after",
		     delay);
	rider->next = sim_after(sim, delay, accepted, rider, 0);
	book_levels(uber);
}

static void give_up(struct sim *sim, void *subject, uint64_t unused)
{
	struct rider *rider = subject;
	struct uber *uber = rider->uber;
	(void)sim;
	(void)unused;
	stop_waiting(uber, rider);
	meter_count(uber->meters, ABANDONED, rider->arrival, 1);
	end_ride(uber, rider);
	book_levels(uber);
}

static void wait_in_line(struct uber *uber, struct rider *rider)
{
	fleet_wait(&uber->fleet, &rider->party);
	struct rng rng = rng_of(uber->decisions, rider->id);
	rng_next(&rng); /* the first draw decides on the price */
	int64_t ends = rider->arrival + dist_draw_time(&uber->p->patience, &rng);
	rider->patience = sim_at(uber->sim, ends > uber->sim->now ? ends : uber->sim->now, give_up, rider, 0);
	if (uber->p->batch == 0 && uber->sim->now >= uber->outage_ends)
		find_driver(uber, rider);
	book_levels(uber);
}

static void answered(struct sim *sim, void *subject, uint64_t unused)
{
	struct rider *rider = subject;
	struct uber *uber = rider->uber;
	(void)unused;
	meter_record(uber->meters, DISPATCH, rider->arrival, sim->now - rider->arrival);
	int64_t blind = geoindex_blind(&uber->index, rider->city, rider->cell);
	if (blind >= 0 && sim->now - blind < uber->fleet.report)
		meter_record(uber->meters, BLIND, rider->arrival, sim->now - blind);
	if (uber->p->market)
		wait_in_line(uber, rider);
	else
		end_ride(uber, rider);
}

static void ask_index(struct sim *sim, void *subject, uint64_t unused)
{
	struct rider *rider = subject;
	(void)sim;
	(void)unused;
	geoindex_look(&rider->uber->index, rider->id, rider->city, rider->cell, answered, rider, 0, &rider->journey);
}

/* Whether the rider still asks at the price that is shown. */
static bool agrees(struct uber *uber, const struct row *row, int cell)
{
	int64_t now = uber->sim->now;
	if (!uber->p->surge)
		return true;
	heat_add(&uber->surge.demand, cell, 1);
	if (uber->surge.from >= 0)
		meter_record(uber->meters, PRICE_AGE, now, now - uber->surge.from);
	struct rng rng = rng_of(uber->decisions, row->id);
	return rng_unit(&rng) < dm_pow(uber->surge.price[cell], -uber->p->demand_elasticity);
}

static void ride_arrives(struct uber *uber, const struct row *row)
{
	const struct params *p = uber->p;
	struct sim *sim = uber->sim;
	follow_rides(uber, row->window);
	meter_count(uber->meters, REQUESTED, sim->now, 1);
	uber->window_rides++;
	struct hex_point at;
	int cell;
	if (p->place_from == FROM_METRES) {
		at = (struct hex_point){(double)(row->value[EAST] - p->middle_east),
					(double)(row->value[NORTH] - p->middle_north)};
		cell = hexgrid_at(&uber->grid, at);
	} else {
		cell = (int)(row->value[PLACE] % uber->grid.cells);
		struct rng point = rng_of(uber->places, row->id);
		at = draw_point(uber, cell, &point);
	}
	if (!agrees(uber, row, cell)) {
		meter_count(uber->meters, DECLINED, sim->now, 1);
		return;
	}
	struct rider *rider = uber->free_rider;
	if (rider)
		uber->free_rider = rider->next_free;
	else
		rider = ARENA_NEW(&sim->arena, struct rider);
	*rider = (struct rider){.uber = uber,
				.id = row->id,
				.arrival = sim->now,
				.party = {at, -1},
				.cell = cell,
				.city = (int)(row->value[CITY] % p->cities)};
	rider->journey = journey_begin(uber->journeys, row->id, sim->now, "ride");
	sim_open(sim);
	if (sim->now < uber->outage_ends)
		sim_at(sim, uber->outage_ends, ask_index, rider, 0);
	else
		ask_index(sim, rider, 0);
}

/* ---- what apps show, and the store of market data ---- */

static struct query *query_new(struct uber *uber, const struct row *row, const char *kind)
{
	struct query *query = uber->free_query;
	if (query)
		uber->free_query = query->next_free;
	else
		query = ARENA_NEW(&uber->sim->arena, struct query);
	*query = (struct query){.uber = uber, .arrival = uber->sim->now};
	query->journey = journey_begin(uber->journeys, row->id, uber->sim->now, kind);
	sim_open(uber->sim);
	return query;
}

static void query_end(struct uber *uber, struct query *query, int metric)
{
	meter_record(uber->meters, metric, query->arrival, uber->sim->now - query->arrival);
	journey_end(uber->journeys, query->journey, uber->sim->now);
	query->next_free = uber->free_query;
	uber->free_query = query;
	sim_close(uber->sim);
}

static void shown(struct sim *sim, void *subject, uint64_t cell)
{
	struct query *query = subject;
	struct uber *uber = query->uber;
	if (uber->fresh_until[cell] < sim->now) /* it came from behind the cache, just now */
		uber->fresh_until[cell] = sim->now + uber->p->freshness;
	query_end(uber, query, APP);
}

static void look_arrives(struct uber *uber, const struct row *row)
{
	struct query *query = query_new(uber, row, "look");
	uint64_t cell = (uint64_t)row->value[PLACE] % (uint64_t)uber->grid.cells;
	struct rng rng = rng_of(uber->looks, row->id);
	meter_count(uber->meters, APPS_ASKED, uber->sim->now, 1);
	if (uber->sim->now < uber->fresh_until[cell]) {
		sim_after(uber->sim, dist_draw_time(&uber->p->network, &rng), shown, query, cell);
		return;
	}
	meter_count(uber->meters, BACKEND, uber->sim->now, 1);
	pool_enter(&uber->backend, dist_draw_time(&uber->p->backend, &rng), shown, query, cell, &query->journey);
}

static void scanned(struct sim *sim, void *subject, uint64_t unused)
{
	struct query *query = subject;
	(void)sim;
	(void)unused;
	query_end(query->uber, query, STORE);
}

static void query_arrives(struct uber *uber, const struct row *row)
{
	struct query *query = query_new(uber, row, "query");
	struct rng rng = rng_of(uber->scans, row->id);
	store_ask(&uber->store, &rng, scanned, query, 0, &query->journey);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	static void (*const of[])(struct uber *, const struct row *) = {
		[RIDE] = ride_arrives, [LOOK] = look_arrives, [QUERY] = query_arrives};
	(void)sim;
	of[row->value[OP]](self, row);
}

/* ---- surge ---- */

static void surge_tick(struct sim *sim, void *subject, uint64_t unused)
{
	struct uber *uber = subject;
	const struct params *p = uber->p;
	(void)unused;
	account(uber);
	for (int i = 0; i < uber->fleet.free_cars; i++) {
		struct hex_point where = fleet_believed(&uber->fleet, uber->fleet.free[i]);
		heat_add(&uber->surge.supply, hexgrid_at(&uber->grid, where), 1);
	}
	/* In a window each driver reports many times, and each of the riders' apps looks at the map. */
	double minutes = (double)p->surge_window / 60e9,
	       drivers = uber->window_pings * (double)p->ping / (double)p->surge_window;
	double looks = uber->window_rides * (double)p->surge_window / (double)p->poll;
	double distinct = (drivers < uber->window_pings ? drivers : uber->window_pings) + uber->window_rides;
	int64_t from = sim->now - p->surge_window;
	int64_t lag = surge_window(&uber->surge, from, uber->window_pings + looks, distinct);
	meter_record(uber->meters, LAG, sim->now, lag);
	double around = uber->surge.smooth_demand[p->watch % uber->grid.cells] / minutes;
	meter_level(uber->meters, DEMAND, sim->now, (int64_t)(10 * around + 0.5));
	uber->window_pings = uber->window_rides = 0;
	sim_after(sim, p->surge_window, surge_tick, uber, 0);
}

/* The apps of drivers are open all the time. */
static void gateway_tick(struct sim *sim, void *subject, uint64_t unused)
{
	struct uber *uber = subject;
	const struct params *p = uber->p;
	const double minute = 60e9;
	(void)unused;
	double calls = minute / (double)p->call_every + (p->gateway == POLL ? minute / (double)p->poll : 0);
	meter_count(uber->meters, GATEWAY, sim->now, (uint64_t)(calls * uber->online));
	if (p->gateway == PUSH)
		meter_count(uber->meters, PUSHED, sim->now, (uint64_t)(minute / (double)p->push_every * uber->online));
	sim_after(sim, (int64_t)minute, gateway_tick, uber, 0);
}

/* ---- faults ---- */

static void known_again(struct sim *sim, void *subject, uint64_t changed)
{
	struct uber *uber = subject;
	meter_record(uber->meters, RECOVERED, sim->now, sim->now - (int64_t)changed);
}

static void reconnects(struct sim *sim, void *subject, uint64_t changed)
{
	struct uber *uber = subject;
	(void)sim;
	pool_enter(&uber->recovery, (int64_t)(1e9 / uber->p->reconnects), known_again, uber, changed, NULL);
}

static void lose_trip(struct uber *uber, struct driver *driver)
{
	struct rider *rider = driver->rider;
	meter_count(uber->meters, LOST, uber->sim->now, 1);
	journey_note(&rider->journey, uber->sim->now, "trip", -1, "is forgotten", -1);
	sim_cancel(uber->sim, rider->next);
	end_ride(uber, rider);
	fleet_drive(&uber->fleet, &driver->car, fleet_where(&driver->car, uber->sim->now), 0);
	become_free(uber, driver);
}

static void lose_centre(struct uber *uber, const struct fault *fault)
{
	const struct params *p = uber->p;
	int64_t now = uber->sim->now;
	uber->outage_ends = now + fault->lasts;
	for (int i = 0; i < uber->drivers; i++) {
		struct driver *driver = &uber->driver[i];
		if (!driver->rider)
			continue;
		if (p->digest) {
			int64_t report = p->ping - (uber->outage_ends + driver->car.phase) % p->ping;
			sim_at(uber->sim, uber->outage_ends + report, reconnects, uber, (uint64_t)uber->outage_ends);
		} else if (now - driver->rider->began < p->replica_lag) {
			lose_trip(uber, driver);
		} else if (now - driver->rider->changed < p->replica_lag) {
			meter_count(uber->meters, ROLLED, now, 1);
		}
	}
}

/* Dispatch without batches goes on with whom it finds waiting. */
static void centre_back(struct uber *uber)
{
	uber->outage_ends = 0;
	if (uber->p->batch == 0)
		match_waiting(uber);
}

static void fault(struct sim *sim, void *self, const struct fault *fault, bool begins)
{
	struct uber *uber = self;
	(void)sim;
	switch (fault->kind) {
	case KILL:
		(begins ? geoindex_kill : geoindex_revive)(&uber->index, (int)fault->target);
		break;
	case LOSE:
		if (begins)
			lose_centre(uber, fault);
		else
			centre_back(uber);
		break;
	case STALL:
		if (begins)
			surge_stall(&uber->surge, fault->lasts);
		break;
	case LATE:
		account(uber);
		uber->lateness = begins ? fault->factor : 1;
		uber->fleet.report = (int64_t)((double)uber->p->ping * uber->lateness);
		online_changed(uber);
		break;
	}
}

static bool target_exists(const void *values, int64_t slice, const struct fault *fault)
{
	const struct params *p = values;
	(void)slice;
	return fault->kind != KILL || (fault->target >= 0 && fault->target < p->workers);
}

/* ---- the world ---- */

static bool check(const void *values, struct err *err)
{
	const struct params *p = values;
	if (p->market && p->cities > 1)
		return err_add(err, ERR_MODEL, NULL, "with a market there is one city, not %lld", (long long)p->cities);
	if (p->market && p->pings_per_ride > 0)
		return err_add(err, ERR_MODEL, NULL,
			       "with a market the position reports are those of its drivers: "
			       "pings_per_ride must be 0");
	if (p->surge && p->surge_rings > p->city_radius)
		return err_add(err, ERR_MODEL, NULL, "surge_rings %lld is more than the city's city_radius %lld",
			       (long long)p->surge_rings, (long long)p->city_radius);
	return true;
}

static void build_index(struct uber *uber)
{
	const struct params *p = uber->p;
	uber->index_config = (struct geoindex_config){.by_city = p->shard == BY_CITY,
						      .workers = (int)p->workers,
						      .points = (int)p->points,
						      .cities = (int)p->cities,
						      .city_skew = p->city_skew,
						      .cell_skew = p->cell_skew,
						      .visit_cost = p->look_cpu,
						      .report_cost = p->ping_cpu,
						      .read_cost = p->read_cpu,
						      .rings = (int)p->look_rings,
						      .network = &p->network,
						      .detect = p->detect};
	geoindex_init(&uber->index, uber->sim, &uber->index_config, &uber->grid);
	meter_level(uber->meters, HOTTEST, 0, (int64_t)(geoindex_hottest(&uber->index) * 1e6 + 0.5));
}

static void build_market(struct uber *uber)
{
	const struct params *p = uber->p;
	uber->drivers = (int)(p->drivers + p->reserve);
	uber->driver = ARENA_ARRAY(&uber->sim->arena, (size_t)uber->drivers, struct driver);
	fleet_init(&uber->fleet, uber->sim, uber->drivers);
	uber->fleet.speed = p->speed;
	uber->fleet.detour = p->detour;
	uber->fleet.report = p->ping;
	uber->fleet.radius = p->radius;
	uber->fleet.hidden = hidden;
	uber->fleet.owner = uber;
	struct rng_stream stream = sim_stream(uber->sim, "drivers");
	for (int i = 0; i < uber->drivers; i++) {
		struct driver *driver = &uber->driver[i];
		*driver = (struct driver){.uber = uber, .rng = rng_of(stream, (uint64_t)i)};
		int cell = draw_cell(uber, &driver->rng);
		struct hex_point at = draw_point(uber, cell, &driver->rng);
		int64_t phase = 1000 * p->ping + (int64_t)(rng_unit(&driver->rng) * (double)p->ping);
		driver->car = (struct fleet_car){.from = at, .to = at, .phase = phase, .slot = -1};
		if (p->market && i < p->drivers) {
			uber->online++;
			become_free(uber, driver);
		}
	}
	if (p->market && p->batch > 0)
		sim_after(uber->sim, p->batch, batch, uber, 0);
	else if (p->market)
		sim_after(uber->sim, p->ping, ask_again, uber, 0);
}

static void build_surge(struct uber *uber)
{
	const struct params *p = uber->p;
	uber->surge_config = (struct surge_config){.window = p->surge_window,
						   .clock = p->surge_clock,
						   .dedup = p->dedup,
						   .rings = (int)p->surge_rings,
						   .balance = p->surge_balance,
						   .gain = p->surge_gain,
						   .cap = p->surge_cap,
						   .update_cost = p->surge_update,
						   .parallelism = (int)p->surge_tasks};
	surge_init(&uber->surge, uber->sim, &uber->surge_config, &uber->grid);
	uber->surge.published = call_reserve;
	uber->surge.owner = uber;
	uber->watched = 1;
	meter_level(uber->meters, PRICE, 0, 100);
	if (p->surge)
		sim_after(uber->sim, p->surge_window, surge_tick, uber, 0);
}

static void build_stores(struct uber *uber)
{
	const struct params *p = uber->p;
	pool_init(&uber->recovery, uber->sim, "take-over", -1, 1, -1);
	pool_init(&uber->backend, uber->sim, "backend", -1, p->backends, -1);
	uber->fresh_until = ARENA_ARRAY(&uber->sim->arena, (size_t)uber->grid.cells, int64_t);
	store_init(&uber->store, uber->sim, (int)p->store_shards, p->store_spread, &p->scan, p->store_routed);
}

static void *build(const struct case_world *world)
{
	struct uber *uber = ARENA_NEW(&world->sim->arena, struct uber);
	const struct params *p = world->params;
	struct sim *sim = world->sim;
	*uber = (struct uber){.p = p,
			      .sim = sim,
			      .meters = world->meters,
			      .journeys = world->journeys,
			      .lateness = 1,
			      .recent_row = -1};
	uber->trips = sim_stream(sim, "trips");
	uber->decisions = sim_stream(sim, "decisions");
	uber->places = sim_stream(sim, "places");
	uber->offers = sim_stream(sim, "offers");
	uber->looks = sim_stream(sim, "looks");
	uber->scans = sim_stream(sim, "scans");
	hexgrid_init(&uber->grid, (int)p->city_radius, p->cell_area * 1e6);
	uber->law = ARENA_ARRAY(&sim->arena, (size_t)uber->grid.cells, double);
	geoindex_shares(uber->law, uber->grid.cells, p->cell_skew);
	for (int i = 1; i < uber->grid.cells; i++)
		uber->law[i] += uber->law[i - 1];
	build_index(uber);
	build_surge(uber);
	build_market(uber);
	build_stores(uber);
	online_changed(uber);
	if (p->market)
		sim_after(sim, INT64_C(60000000000), gateway_tick, uber, 0);
	return uber;
}

/* Prices as riders see them. */
static void map(const void *self, struct arena *arena, struct case_map *map)
{
	const struct uber *uber = self;
	map->cells = uber->grid.cells;
	map->edge = uber->grid.spacing / sqrt(3);
	map->cell = ARENA_ARRAY(arena, (size_t)map->cells, struct case_cell);
	for (int i = 0; i < map->cells; i++) {
		struct hex_point middle = hexgrid_middle(&uber->grid, i);
		map->cell[i] = (struct case_cell){middle.x, middle.y, uber->surge.price[i]};
	}
}

static void finish(struct sim *sim, void *self)
{
	struct uber *uber = self;
	(void)sim;
	if (uber->p->pings_per_ride == 0) /* what follows rides has ended with them */
		account(uber);
}

const struct case_study case_uber = {
	.name = "uber",
	.about = "rides: a sharded location index, matching in batches, surge prices, data centres",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.faults = faults,
	.utilisation = "mean(busy) / param(drivers)",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.target_exists = target_exists,
	.map = map,
	.finish = finish};
