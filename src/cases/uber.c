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
#include "model/geoindex.h"
#include "model/market.h"
#include "model/places.h"
#include "model/pricing.h"
#include "model/reports.h"
#include "model/store.h"

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
	int64_t cell_shift;
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
	PARAM_REAL(struct params, cell_skew, "3.1", "0", "5",
		   "how drivers and destinations are spread over the cells of a city: the k-th has a share ~ "
		   "(k + cell_shift)^-cell_skew"),
	PARAM_COUNT(struct params, cell_shift, "40", "0", "1k", "the larger, the less the busiest cells differ"),
	PARAM_REAL(struct params, city_skew, "1", "0", "5",
		   "how drivers are spread over cities: the k-th has a share ~ k^-city_skew"),
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
	PARAM_BOOL(struct params, digest, "on",
		   "drivers' phones keep the state of their trip, once they have been told, and bring it along"),
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
static const struct column_use uses[] = {
	{"east", "place_from", "metres"}, {"north", "place_from", "metres"}, {NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(DISPATCH, dispatch, TIME, NULL, "from a request for a ride until the index has found drivers") \
	METRIC(MATCHED, matched, TIME, NULL, "from a request for a ride until a driver is chosen") \
	METRIC(OFFER, offer, TIME, NULL, "from the choice of a driver until the phone knows") \
	METRIC(PICKUP, pickup, TIME, NULL, "the driver's way to the rider") \
	METRIC(WAIT, wait, TIME, NULL, "from a request for a ride until the rider is picked up") \
	METRIC(REQUESTED, requested, COUNT, NULL, "riders who wanted a ride") \
	METRIC(DECLINED, declined, COUNT, NULL, "riders for whom the price was too high") \
	METRIC(ABANDONED, abandoned, COUNT, NULL, "riders who waited in vain") \
	METRIC(COMPLETED, completed, COUNT, NULL, "rides that reached their end, at that time") \
	METRIC(BUSY, busy, LEVEL, "drivers", "drivers with a rider or on the way to one") \
	METRIC(ONLINE, online, LEVEL, "drivers", "drivers online") \
	METRIC(WAITING, waiting, LEVEL, "riders", "riders without a driver") \
	METRIC(PINGS, pings, COUNT, NULL, "position reports of drivers") \
	METRIC(READS, reads, COUNT, NULL, "reads of the index by open apps") \
	METRIC(HOTTEST, hottest, LEVEL, NULL, "share of all reports that the busiest worker has", .scale = 1e-6) \
	METRIC(BATCHED, batched, AMOUNT, "riders", "riders in a batch") \
	METRIC(GATEWAY, gateway, COUNT, NULL, "requests of phones to the gateway, polls among them") \
	METRIC(PUSHED, pushed, COUNT, NULL, "messages pushed to phones") \
	METRIC(PRICE, price, LEVEL, "%", "multiplier in the watched cell, as riders see it") \
	METRIC(DEMAND, demand, LEVEL, "riders", \
	       "requests in ten minutes around the watched cell, at the rate of the last window") \
	METRIC(PRICE_AGE, price_age, TIME, NULL, "how long ago the window began that a rider's price comes from") \
	METRIC(LAG, lag, TIME, NULL, "from the end of a surge window until its prices are computed") \
	METRIC(STEP, step, AMOUNT, "%", "changes of the watched cell's price, up or down") \
	METRIC(REVERSALS, reversals, COUNT, NULL, "turns of the watched cell's price, from rising to falling or back") \
	METRIC(LOST, lost, COUNT, NULL, "trips that nobody knows of after the loss of a data centre") \
	METRIC(ROLLED, rolled, COUNT, NULL, "trips of which the last change is forgotten") \
	METRIC(RECOVERED, recovered, TIME, NULL, \
	       "from the change of data centres until a trip is known there from its phone") \
	METRIC(APP, app, TIME, NULL, "an app's look at the map") \
	METRIC(APPS_ASKED, looks, COUNT, NULL, "looks of apps at the map") \
	METRIC(BACKEND, backend, COUNT, NULL, "looks that the cache could not answer") \
	METRIC(STORE, store, TIME, NULL, "a query to the store of market data")
METRIC_TABLE(metrics, METRICS);

enum { KILL, LOSE, STALL, LATE, OUTAGE };
static const struct fault_kind faults[] = {
	[KILL] = {.name = "kill", .target = "worker",
		  .help = "a worker of the location index dies with its positions"},
	[LOSE] = {.name = "lose", .help = "the data centre is lost; at the end the other one takes over"},
	[STALL] = {.name = "stall", .help = "the surge pipeline publishes nothing, prices stay as they are"},
	[LATE] = {.name = "late", .factor = true, .help = "drivers' phones report more rarely by the factor"},
	[OUTAGE] = {.name = "outage", .help = "surge prices are out: all are 1"},
	{.name = NULL}
};

struct uber;

struct rider {
	struct market_rider in; /* first: a rider in the market is a rider */
	struct uber *uber;
	int city, cell;
};

/* An app that looks at the map, or somebody who asks the store of market data. */
struct asker {
	struct request request; /* first: a request is its asker's */
	struct uber *uber;
};

struct uber {
	const struct params *p;
	struct sim *sim;
	struct meters *meters;
	struct hexgrid grid;
	struct places places;
	struct geoindex_config index_config;
	struct geoindex index;
	struct reports reports;
	struct market_config market_config;
	struct market market;
	struct pricing_config pricing_config;
	struct pricing pricing;
	struct requests rides, looks, queries;
	struct rng_stream points;
	struct pool recovery, backend;
	struct store store;
	int64_t *fresh_until; /* ns: by cell, what the cache holds */
};

/* ---- the life of a ride ---- */

static sim_event_fn ask_index, answered;

static void ride_arrives(struct uber *uber, const struct row *row)
{
	const struct params *p = uber->p;
	struct sim *sim = uber->sim;
	if (p->pings_per_ride > 0)
		reports_follow(&uber->reports, row->window, (double)p->pings_per_ride);
	meter_count(uber->meters, REQUESTED, sim->now, 1);
	struct rider *rider = request_open(&uber->rides, row->id, row->window, "ride");
	rider->uber = uber;
	rider->city = (int)(row->value[CITY] % p->cities);
	if (p->place_from == FROM_METRES) {
		rider->in.at = (struct hex_point){(double)(row->value[EAST] - p->middle_east),
						  (double)(row->value[NORTH] - p->middle_north)};
		rider->cell = hexgrid_at(&uber->grid, rider->in.at);
	} else {
		struct rng point = rng_of(uber->points, row->id);
		rider->cell = (int)(row->value[PLACE] % uber->grid.cells);
		rider->in.at = places_point(&uber->places, rider->cell, &point);
	}
	if (!pricing_accepted(&uber->pricing, rider->cell, rng_unit(&rider->in.request.rng))) {
		meter_count(uber->meters, DECLINED, sim->now, 1);
		request_close(&rider->in.request, sim->now);
		return;
	}
	if (sim->now < uber->market.closed_until)
		sim_at(sim, uber->market.closed_until, ask_index, rider, 0);
	else
		ask_index(sim, rider, 0);
}

static void ask_index(struct sim *sim, void *subject, uint64_t unused)
{
	struct rider *rider = subject;
	(void)sim;
	(void)unused;
	geoindex_look(&rider->uber->index, rider->in.request.id, rider->city, rider->cell, answered, rider, 0,
		      &rider->in.request.journey);
}

static void ride_ends(void *owner, struct market_rider *rider);

/* The index has found drivers. */
static void answered(struct sim *sim, void *subject, uint64_t unused)
{
	struct rider *rider = subject;
	struct uber *uber = rider->uber;
	int64_t arrival = rider->in.request.arrival;
	(void)unused;
	meter_record(uber->meters, DISPATCH, arrival, sim->now - arrival);
	if (uber->p->market)
		market_enter(&uber->market, &rider->in);
	else
		ride_ends(uber, &rider->in);
}

/* The rider's app has been open all the time. */
static void ride_ends(void *owner, struct market_rider *rider)
{
	struct uber *uber = owner;
	const struct params *p = uber->p;
	int64_t arrival = rider->request.arrival;
	double open = (double)(uber->sim->now - arrival);
	uint64_t polls = p->gateway == POLL ? (uint64_t)(open / (double)p->poll) : 0;
	meter_count(uber->meters, GATEWAY, arrival, (uint64_t)(open / (double)p->call_every) + polls);
	if (p->gateway == PUSH)
		meter_count(uber->meters, PUSHED, arrival, (uint64_t)(open / (double)p->push_every));
	request_close(&rider->request, uber->sim->now);
}

/* ---- drivers, as the index and the gateway see them ---- */

/* Whether the index has lost what a driver in `where` reported, with a worker, and not heard from it since. */
static bool hidden(void *owner, struct hex_point where, int64_t reported)
{
	struct uber *uber = owner;
	if (uber->index.last_move < 0 || uber->sim->now - uber->index.last_move > uber->market.fleet.report)
		return false;
	return reported <= geoindex_blind(&uber->index, 0, hexgrid_at(&uber->grid, where));
}

static void online_changed(void *owner)
{
	struct uber *uber = owner;
	if (uber->p->pings_per_ride == 0)
		reports_online(&uber->reports, uber->market.online);
}

/* The apps of drivers are open all the time. */
static void gateway_tick(struct sim *sim, void *subject, uint64_t unused)
{
	struct uber *uber = subject;
	const struct params *p = uber->p;
	const double minute = 60e9;
	(void)unused;
	double calls = minute / (double)p->call_every + (p->gateway == POLL ? minute / (double)p->poll : 0);
	int online = uber->market.online;
	meter_count(uber->meters, GATEWAY, sim->now, (uint64_t)(calls * online));
	if (p->gateway == PUSH)
		meter_count(uber->meters, PUSHED, sim->now, (uint64_t)(minute / (double)p->push_every * online));
	sim_after(sim, (int64_t)minute, gateway_tick, uber, 0);
}

/* ---- what apps show, and the store of market data ---- */

static void ask_ends(struct asker *asker, int metric)
{
	struct uber *uber = asker->uber;
	meter_record(uber->meters, metric, asker->request.arrival, uber->sim->now - asker->request.arrival);
	request_close(&asker->request, uber->sim->now);
}

static void shown(struct sim *sim, void *subject, uint64_t cell)
{
	struct asker *asker = subject;
	struct uber *uber = asker->uber;
	if (uber->fresh_until[cell] < sim->now) /* it came from behind the cache, just now */
		uber->fresh_until[cell] = sim->now + uber->p->freshness;
	ask_ends(asker, APP);
}

static void look_arrives(struct uber *uber, const struct row *row)
{
	struct asker *asker = request_open(&uber->looks, row->id, row->window, "look");
	uint64_t cell = (uint64_t)row->value[PLACE] % (uint64_t)uber->grid.cells;
	asker->uber = uber;
	meter_count(uber->meters, APPS_ASKED, uber->sim->now, 1);
	if (uber->sim->now < uber->fresh_until[cell]) {
		sim_after(uber->sim, dist_draw_time(&uber->p->network, &asker->request.rng), shown, asker, cell);
		return;
	}
	meter_count(uber->meters, BACKEND, uber->sim->now, 1);
	pool_enter(&uber->backend, dist_draw_time(&uber->p->backend, &asker->request.rng), shown, asker, cell,
		   &asker->request.journey);
}

static void scanned(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	ask_ends(subject, STORE);
}

static void query_arrives(struct uber *uber, const struct row *row)
{
	struct asker *asker = request_open(&uber->queries, row->id, row->window, "query");
	asker->uber = uber;
	store_ask(&uber->store, &asker->request.rng, scanned, asker, 0, &asker->request.journey);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	static void (*const of[])(struct uber *, const struct row *) = {
		[RIDE] = ride_arrives, [LOOK] = look_arrives, [QUERY] = query_arrives};
	(void)sim;
	of[row->value[OP]](self, row);
}

/* ---- the loss of a data centre ---- */

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

static void lose_centre(struct uber *uber, int64_t back)
{
	const struct params *p = uber->p;
	struct market *market = &uber->market;
	int64_t now = uber->sim->now;
	market->closed_until = back;
	for (int i = 0; i < market->drivers; i++) {
		struct market_driver *driver = &market->driver[i];
		if (!driver->rider)
			continue;
		if (p->digest && driver->state != MARKET_OFFERED) { /* the phone has been told */
			int64_t report = p->ping - (back + driver->car.phase) % p->ping;
			sim_at(uber->sim, back + report, reconnects, uber, (uint64_t)back);
		} else if (now - driver->rider->began < p->replica_lag) {
			meter_count(uber->meters, LOST, now, 1);
			market_forget(market, driver);
		} else if (now - driver->rider->changed < p->replica_lag) {
			meter_count(uber->meters, ROLLED, now, 1);
		}
	}
}

/* Dispatch without batches goes on with whom it finds waiting. */
static void centre_back(struct uber *uber)
{
	uber->market.closed_until = 0;
	if (uber->p->batch == 0)
		market_match_waiting(&uber->market);
}

/* ---- faults ---- */

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct uber *uber = self;
	switch (kind) {
	case KILL:
		(state->active ? geoindex_kill : geoindex_revive)(&uber->index, (int)target);
		break;
	case LOSE:
		if (state->active)
			lose_centre(uber, state->until);
		else
			centre_back(uber);
		break;
	case STALL:
		surge_stall(&uber->pricing.surge, state->until - sim->now);
		break;
	case LATE:
		reports_late(&uber->reports, state->factor);
		uber->market.fleet.report = (int64_t)((double)uber->p->ping * uber->reports.lateness);
		online_changed(uber);
		break;
	case OUTAGE:
		surge_outage(&uber->pricing.surge, state->active);
		break;
	}
}

static const char *idle(const void *values, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = values;
	(void)target;
	(void)arena;
	return (kind == STALL || kind == OUTAGE) && !p->surge ? "prices do not follow demand (surge)" : NULL;
}

static struct fault_targets targets(const void *values, int64_t slice, int kind, struct arena *arena)
{
	const struct params *p = values;
	(void)slice;
	(void)kind;
	(void)arena;
	return (struct fault_targets){.count = p->workers};
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
						      .cell_shift = p->cell_shift,
						      .visit_cost = p->look_cpu,
						      .report_cost = p->ping_cpu,
						      .read_cost = p->read_cpu,
						      .rings = (int)p->look_rings,
						      .network = &p->network,
						      .detect = p->detect};
	geoindex_init(&uber->index, uber->sim, &uber->index_config, &uber->grid);
	reports_init(&uber->reports, uber->sim, &uber->index, p->ping, p->apps, p->poll);
	uber->reports.reported = (struct booking){uber->meters, PINGS};
	uber->reports.read = (struct booking){uber->meters, READS};
	meter_level(uber->meters, HOTTEST, 0, (int64_t)(geoindex_hottest(&uber->index) * 1e6 + 0.5));
}

static void build_market(struct uber *uber)
{
	const struct params *p = uber->p;
	struct meters *meters = uber->meters;
	struct market *market = &uber->market;
	uber->market_config = (struct market_config){
		.drivers = p->market ? p->drivers : 0,
		.reserve = p->reserve,
		.speed = p->speed,
		.detour = p->detour,
		.radius = p->radius,
		.report = p->ping,
		.batch = p->batch,
		.relocate = p->relocate,
		.poll = p->gateway == POLL ? p->poll : 0,
		.join_delay = p->join_delay,
		.network = &p->network,
		.trip = &p->trip,
		.patience = &p->patience,
		.price = p->surge ? uber->pricing.surge.price : NULL,
		.price_cap = p->surge_cap
	};
	market_init(market, uber->sim, &uber->market_config, &uber->places);
	market->owner = uber;
	market->hidden = hidden;
	market->changed = online_changed;
	market->left = ride_ends;
	market->matched = (struct booking){meters, MATCHED};
	market->offered = (struct booking){meters, OFFER};
	market->picked_up = (struct booking){meters, PICKUP};
	market->waited = (struct booking){meters, WAIT};
	market->abandoned = (struct booking){meters, ABANDONED};
	market->completed = (struct booking){meters, COMPLETED};
	market->batched = (struct booking){meters, BATCHED};
	market->busy = (struct booking){meters, BUSY};
	market->in_all = (struct booking){meters, ONLINE};
	market->waiting = (struct booking){meters, WAITING};
}

static void build_pricing(struct uber *uber)
{
	const struct params *p = uber->p;
	struct meters *meters = uber->meters;
	struct pricing *pricing = &uber->pricing;
	uber->pricing_config = (struct pricing_config){
		.on = p->surge,
		.surge = {.window = p->surge_window,
			  .clock = p->surge_clock,
			  .dedup = p->dedup,
			  .rings = (int)p->surge_rings,
			  .balance = p->surge_balance,
			  .gain = p->surge_gain,
			  .cap = p->surge_cap,
			  .update_cost = p->surge_update,
			  .parallelism = (int)p->surge_tasks},
		.demand_elasticity = p->demand_elasticity,
		.supply_elasticity = p->supply_elasticity,
		.report = p->ping,
		.look = p->poll,
		.watched = (int)(p->watch % uber->grid.cells)
	};
	pricing_init(pricing, uber->sim, &uber->pricing_config, &uber->grid, &uber->market, &uber->reports);
	pricing->age = (struct booking){meters, PRICE_AGE};
	pricing->lag = (struct booking){meters, LAG};
	pricing->level = (struct booking){meters, PRICE};
	pricing->demand = (struct booking){meters, DEMAND};
	pricing->step = (struct booking){meters, STEP};
	pricing->reversals = (struct booking){meters, REVERSALS};
}

static void *build(const struct case_world *world)
{
	struct uber *uber = ARENA_NEW(&world->sim->arena, struct uber);
	const struct params *p = world->params;
	struct sim *sim = world->sim;
	*uber = (struct uber){.p = p, .sim = sim, .meters = world->meters, .points = sim_stream(sim, "places")};
	requests_init(&uber->rides, sim, world->journeys, "decisions", sizeof(struct rider));
	requests_init(&uber->looks, sim, world->journeys, "looks", sizeof(struct asker));
	requests_init(&uber->queries, sim, world->journeys, "scans", sizeof(struct asker));
	hexgrid_init(&uber->grid, (int)p->city_radius, p->cell_area * 1e6);
	places_init(&uber->places, &sim->arena, &uber->grid, p->cell_skew, p->cell_shift);
	build_index(uber);
	build_pricing(uber);
	build_market(uber);
	pool_init(&uber->recovery, sim, "take-over", -1, 1, -1);
	pool_init(&uber->backend, sim, "backend", -1, p->backends, -1);
	uber->fresh_until = ARENA_ARRAY(&sim->arena, (size_t)uber->grid.cells, int64_t);
	store_init(&uber->store, sim, (int)p->store_shards, p->store_spread, &p->scan, p->store_routed);
	pricing_open(&uber->pricing);
	market_open(&uber->market);
	if (p->market)
		sim_after(sim, INT64_C(60000000000), gateway_tick, uber, 0);
	return uber;
}

/* ---- what maps show ---- */

static const double class_end[] = {1, 1.5, 2, 3, INFINITY}; /* of multipliers; values up to these are one class each */
static const char *const price_classes[] = {"1", "up to 1.5", "up to 2", "up to 3", "more", NULL};

/* A hexagon that stands on a corner. */
static struct case_area hexagon(struct arena *arena, struct hex_point middle, double edge, int class)
{
	static const double corner[6][2] = {{0, 1},  {-0.8660254037844386, 0.5},  {-0.8660254037844386, -0.5},
					    {0, -1}, {0.8660254037844386, -0.5}, {0.8660254037844386, 0.5}};
	struct case_area area = {class, 6, ARENA_ARRAY(arena, 6, struct case_corner)};
	for (int i = 0; i < 6; i++)
		area.corner[i] = (struct case_corner){middle.x + edge * corner[i][0], middle.y + edge * corner[i][1]};
	return area;
}

static const double most_people = 0.98; /* live in the rings of cells that are shown */

/* Prices as riders see them; edges show between cells. */
static void look_at_prices(const void *self, struct arena *arena, struct case_picture *picture)
{
	const struct uber *uber = self;
	double edge = uber->grid.spacing / sqrt(3);
	picture->reach = edge;
	int rings = 1, watched = uber->pricing.config->watched;
	while (rings < uber->p->city_radius &&
	       (uber->places.law[hexgrid_cells(rings) - 1] < most_people || hexgrid_cells(rings) <= watched))
		rings++;
	picture->areas = hexgrid_cells(rings) + 1;
	picture->area = ARENA_ARRAY(arena, (size_t)picture->areas, struct case_area);
	for (int i = 0; i < hexgrid_cells(rings); i++) {
		struct hex_point middle = hexgrid_middle(&uber->grid, i);
		int class = 0;
		while (uber->pricing.surge.price[i] > class_end[class])
			class++;
		picture->area[i] = hexagon(arena, middle, 0.92 * edge, class);
		double far = fabs(middle.x) > fabs(middle.y) ? fabs(middle.x) : fabs(middle.y);
		picture->reach = far + edge > picture->reach ? far + edge : picture->reach;
	}
	picture->area[picture->areas - 1] = hexagon(arena, hexgrid_middle(&uber->grid, watched), 0.4 * edge,
						    (int)(sizeof class_end / sizeof *class_end));
}

static const struct case_view views[] = {
	{.name = "prices", .help = "Maps of hexagons, of those around the middle that 98 % of the people live in.",
	 .classes = price_classes, .unit = "cells", .mark = "the watched cell", .look = look_at_prices},
	{.name = NULL}
};

static void finish(struct sim *sim, void *self)
{
	struct uber *uber = self;
	(void)sim;
	if (uber->p->pings_per_ride == 0) /* what follows rides has ended with them */
		reports_account(&uber->reports);
}

const struct case_study case_uber = {
	.name = "uber",
	.about = "rides: a sharded location index, matching in batches, surge prices, data centres",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.uses = uses,
	.metrics = metrics,
	.faults = faults,
	.utilisation = "mean(busy) / param(drivers)",
	.used = "cars",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
	.targets = targets,
	.views = views,
	.finish = finish};
