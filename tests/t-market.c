/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The market of rides and what stands around it: waiting and giving up against a birth and death process, batches and
 * offers to the nanosecond, the reserve, prices and who follows them, places, and reports that are counted and no
 * events.
 */
#include "engine/dmath.h"
#include "model/market.h"
#include "model/pricing.h"
#include "tap.h"

static const int64_t second = 1000000000, minute = INT64_C(60000000000);

/* ---- a town: one cell, so small that no way takes time ---- */

enum { RIDERS, MATCHED, OFFERED, WAITED, ABANDONED, COMPLETED, BATCHED, BUSY, ONLINE, LEVEL, REPORTED, READ, METRICS };

static const struct metric metrics[] = {
	[RIDERS] = {.name = "riders", .kind = METRIC_COUNT}, [MATCHED] = {.name = "matched", .kind = METRIC_TIME},
	[OFFERED] = {.name = "offered", .kind = METRIC_TIME}, [WAITED] = {.name = "waited", .kind = METRIC_TIME},
	[ABANDONED] = {.name = "abandoned", .kind = METRIC_COUNT},
	[COMPLETED] = {.name = "completed", .kind = METRIC_COUNT},
	[BATCHED] = {.name = "batched", .kind = METRIC_AMOUNT}, [BUSY] = {.name = "busy", .kind = METRIC_LEVEL},
	[ONLINE] = {.name = "online", .kind = METRIC_LEVEL}, [LEVEL] = {.name = "level", .kind = METRIC_LEVEL},
	[REPORTED] = {.name = "reported", .kind = METRIC_COUNT}, [READ] = {.name = "read", .kind = METRIC_COUNT},
	[METRICS] = {.name = NULL}
};

struct town {
	struct sim *sim;
	struct meters meters;
	struct hexgrid grid;
	struct places places;
	struct market_config config;
	struct market market;
	struct requests requests;
	struct dist network, trip, patience;
	struct rng gaps;
	double gap; /* ns, mean; 0: riders come as the test says */
	int64_t ends;
	uint64_t riders;
	int left;
};

static void left(void *owner, struct market_rider *rider)
{
	struct town *town = owner;
	town->left++;
	request_close(&rider->request, town->sim->now);
}

static void changed(void *owner)
{
	(void)owner;
}

static struct market_config usual(void)
{
	return (struct market_config){.drivers = 5, .speed = 1e6, .detour = 1, .report = 4 * second};
}

static struct booking booked(struct town *town, int metric)
{
	return (struct booking){&town->meters, metric};
}

static struct dist law(enum dist_kind kind, double scale)
{
	return (struct dist){.kind = kind, .scale = scale};
}

/* The town is made; its market is to be opened. */
static void found(struct town *town, struct market_config config)
{
	struct market *market = &town->market;
	town->sim = sim_new(23, 0);
	town->gaps = rng_seed(8);
	meters_init(&town->meters, &town->sim->arena, metrics, 0, 60 * minute);
	meters_window(&town->meters, 0, 0);
	hexgrid_init(&town->grid, 0, 1);
	places_init(&town->places, &town->sim->arena, &town->grid, 1, 0);
	requests_init(&town->requests, town->sim, NULL, "riders", sizeof(struct market_rider));
	town->config = config;
	town->config.network = &town->network;
	town->config.trip = &town->trip;
	town->config.patience = &town->patience;
	market_init(market, town->sim, &town->config, &town->places);
	market->owner = town;
	market->changed = changed;
	market->left = left;
	market->matched = booked(town, MATCHED);
	market->offered = booked(town, OFFERED);
	market->waited = booked(town, WAITED);
	market->abandoned = booked(town, ABANDONED);
	market->completed = booked(town, COMPLETED);
	market->batched = booked(town, BATCHED);
	market->busy = booked(town, BUSY);
	market->in_all = booked(town, ONLINE);
}

static void rider_comes(struct sim *sim, void *subject, uint64_t unused)
{
	struct town *town = subject;
	(void)unused;
	struct market_rider *rider = request_open(&town->requests, town->riders++, 0, "ride");
	meter_count(&town->meters, RIDERS, sim->now, 1);
	market_enter(&town->market, rider);
	int64_t next = sim->now + (int64_t)(rng_exp(&town->gaps) * town->gap);
	if (town->gap > 0 && next < town->ends)
		sim_at(sim, next, rider_comes, town, 0);
}

/* Until the last rider has left, but not before `until`. */
static void wake(struct sim *sim, void *subject, uint64_t unused)
{
	(void)subject;
	(void)unused;
	sim_close(sim);
}

static void run(struct town *town, int64_t until)
{
	sim_open(town->sim);
	sim_at(town->sim, until, wake, NULL, 0);
	sim_replay(town->sim, NULL, NULL, NULL, INT64_MAX, NULL);
	meters_end(&town->meters, town->sim->now);
}

static double total(const struct town *town, int metric)
{
	return (double)meter_total(&town->meters, metric, -1);
}

/* ---- waiting and giving up ---- */

/* Share of the arrivals that give up in M/M/c with patience, rates a minute: births and deaths, summed. */
static double giving_up(double arrivals, int servers, double service, double patience)
{
	double term = 1, all = 0, waiting = 0;
	for (int n = 0; n < 400; n++) {
		all += term;
		waiting += n > servers ? term * (n - servers) : 0;
		int next = n + 1, busy = next < servers ? next : servers;
		term *= arrivals / (busy * service + (next - busy) * patience);
	}
	return waiting / all * patience / arrivals;
}

static void check_patience(void)
{
	static struct town town;
	town.trip = law(DIST_EXP, 10e9 * 60);
	town.patience = law(DIST_EXP, 5e9 * 60);
	found(&town, usual());
	town.gap = 60e9 / 0.6;
	town.ends = 100000 * minute;
	sim_at(town.sim, 0, rider_comes, &town, 0);
	market_open(&town.market);
	run(&town, town.ends);
	double want = giving_up(0.6, 5, 0.1, 0.2);
	near_to(total(&town, ABANDONED) / total(&town, RIDERS), want, 0.006,
		"five drivers for six: the share that gives up is that of births and deaths, %.3f", want);
	near_to(total(&town, COMPLETED) / 100000 / 0.1, 0.6 * (1 - want) / 0.1, 0.06, "and the rest has its rides");
	is_int(town.left, (long long)town.riders, "everybody leaves once");
	is_int(town.market.fleet.free_cars, 5, "in the end all drivers are free");
	sim_free(town.sim);
}

/* ---- batches, offers, a market that is closed ---- */

static void check_times(void)
{
	static struct town town;
	struct market_config config = usual();
	config.batch = 10 * second;
	town.trip = law(DIST_CONST, 60e9);
	town.patience = law(DIST_CONST, 600e9);
	town.network = law(DIST_CONST, 2e9);
	found(&town, config);
	for (int i = 0; i < 3; i++)
		sim_at(town.sim, 12 * second + i * second, rider_comes, &town, 0);
	market_open(&town.market);
	run(&town, 15 * second);
	const struct hist *matched = meter_hist(&town.meters, MATCHED, -1);
	const struct hist *waited = meter_hist(&town.meters, WAITED, -1);
	is_int(matched->greatest / second, 8, "who comes at 12 s is matched with the batch of 20 s");
	is_int(matched->least / second, 6, "as is who comes at 14 s");
	is_int(waited->greatest / second, 10, "and is picked up when the driver has heard of it");
	is_int((long long)meter_hist(&town.meters, BATCHED, -1)->count, 1, "in one batch");
	is_int(town.sim->now / second, 82, "and is there after the trip");
	sim_free(town.sim);

	found(&town, usual());
	town.market.closed_until = 40 * second;
	town.riders = town.left = 0;
	sim_at(town.sim, 5 * second, rider_comes, &town, 0);
	market_open(&town.market);
	run(&town, 6 * second);
	is_int(meter_hist(&town.meters, MATCHED, -1)->greatest / second, 35,
	       "while the market is closed nobody is matched");
	sim_free(town.sim);

	/* Phones poll every 5 s, each at its own phase: an offer is heard 0 .. 5 s after its hop. */
	config = usual();
	config.drivers = 400;
	config.poll = 5 * second;
	found(&town, config);
	town.riders = town.left = 0;
	for (int i = 0; i < 400; i++)
		sim_at(town.sim, second, rider_comes, &town, 0);
	market_open(&town.market);
	run(&town, 6 * second);
	const struct hist *offered = meter_hist(&town.meters, OFFERED, -1);
	ok(offered->least >= 2 * second && offered->greatest <= 7 * second && offered->greatest > 6 * second,
	   "an offer is heard at the next poll: %.2f to %.2f s", (double)offered->least / 1e9,
	   (double)offered->greatest / 1e9);
	near_to(hist_mean(offered) / 1e9, 4.5, 0.25, "in the mean after half of one");
	sim_free(town.sim);
}

/* ---- the reserve ---- */

static void call(struct sim *sim, void *subject, uint64_t wanted)
{
	(void)sim;
	market_call(&((struct town *)subject)->market, (int)wanted);
}

static void look(struct sim *sim, void *subject, uint64_t unused)
{
	struct town *town = subject;
	(void)sim;
	(void)unused;
	town->riders = (uint64_t)town->market.online;
}

static void check_reserve(void)
{
	static struct town town;
	struct market_config config = usual();
	config.reserve = 20;
	config.join_delay = 3 * minute;
	found(&town, config);
	sim_at(town.sim, minute, call, &town, 12);
	sim_at(town.sim, 4 * minute - 1, look, &town, 0);
	market_open(&town.market);
	run(&town, 4 * minute - 1);
	is_int((long long)town.riders, 5, "who is called takes time to come");
	sim_free(town.sim);
	found(&town, config);
	sim_at(town.sim, minute, call, &town, 12);
	sim_at(town.sim, 2 * minute, call, &town, 12);
	sim_at(town.sim, 5 * minute, look, &town, 0);
	sim_at(town.sim, 6 * minute, call, &town, 4);
	market_open(&town.market);
	run(&town, 6 * minute);
	is_int((long long)town.riders, 17, "then as many are online as were wanted, and not twice as many");
	is_int(town.market.online, 9, "and who is not wanted any more goes home");
	sim_free(town.sim);
}

/* ---- prices ---- */

static void check_prices(void)
{
	static struct town town;
	struct geoindex index = {0};
	struct reports reports;
	struct pricing pricing;
	struct market_config config = usual();
	config.reserve = 40;
	found(&town, config);
	/* 31 requests a minute and 5 free drivers: 1 + 0.5 * (31 / 5 - 0.2) = 4 */
	const struct pricing_config law_of = {
		.on = true, .demand_elasticity = 0.5, .supply_elasticity = 0.25, .report = 4 * second,
		.look = 5 * second,
		.surge = {.window = minute, .clock = minute, .balance = 0.2, .gain = 0.5, .cap = 10, .update_cost = 1,
			  .parallelism = 1}
	};
	reports_init(&reports, town.sim, &index, 4 * second, 2, 5 * second);
	pricing_init(&pricing, town.sim, &law_of, &town.grid, &town.market, &reports);
	pricing.level = booked(&town, LEVEL);
	pricing_open(&pricing);
	market_open(&town.market);
	int first = 0;
	for (int i = 0; i < 31; i++)
		first += pricing_accepted(&pricing, 0, 0.99);
	is_int(first, 31, "before there are prices all ask");
	run(&town, minute + second);
	near_to(pricing.surge.price[0], 4, 1e-9, "the price follows from requests and free drivers");
	is_int(town.market.called + town.market.online, 5 + 30, "and calls 0.25 * (4 - 1) of the reserve");
	int accepted = 0;
	for (int i = 0; i < 1000; i++)
		accepted += pricing_accepted(&pricing, 0, (i + 0.5) / 1000);
	is_int(accepted, 500, "of the riders a share of 4^-0.5 still asks");
	sim_free(town.sim);
}

/* ---- places ---- */

static void check_places(void)
{
	enum { DRAWS = 400000 };
	struct arena arena;
	struct hexgrid grid;
	struct places places;
	static int count[19];
	static double rank[19];
	struct rng rng = rng_seed(31);
	arena_init(&arena);
	hexgrid_init(&grid, 2, 1e6);
	places_init(&places, &arena, &grid, 1.2, 0);
	double sum = 0, far = 0;
	for (int i = 0; i < 19; i++)
		sum += dm_pow(i + 1, -1.2);
	int elsewhere = 0;
	for (int i = 0; i < DRAWS; i++) {
		int cell = places_cell(&places, &rng);
		count[cell]++;
		elsewhere += hexgrid_at(&grid, places_point(&places, cell, &rng)) != cell;
	}
	for (int i = 0; i < 19; i++) {
		double want = dm_pow(i + 1, -1.2) / sum, got = (double)count[i] / DRAWS;
		far = fmax(far, fabs(got - want) / sqrt(want * (1 - want) / DRAWS));
		rank[i] = i;
	}
	ok(far < 4, "cells are drawn by their shares: at most %.1f standard errors off", far);
	ok(elsewhere < DRAWS / 1000, "points lie in their cell");
	double mean = 0;
	for (int i = 0; i < 19; i++)
		mean += i * dm_pow(i + 1, -1.2) / sum;
	near_to(places_mean(&places, rank), mean, 1e-9, "a mean is weighted by shares");
	arena_free(&arena);
}

/* ---- reports ---- */

static void check_reports(void)
{
	static struct town town;
	struct geoindex index;
	struct reports reports;
	struct dist network = law(DIST_CONST, 1e6);
	const struct geoindex_config one = {.workers = 1, .points = 1, .cities = 1, .visit_cost = 1000,
					    .report_cost = 1, .read_cost = 1, .network = &network};
	found(&town, usual());
	geoindex_init(&index, town.sim, &one, &town.grid);
	reports_init(&reports, town.sim, &index, 4 * second, 2, 5 * second);
	reports.reported = booked(&town, REPORTED);
	reports.read = booked(&town, READ);
	reports_online(&reports, 100);
	town.sim->now = 10 * minute;
	reports_account(&reports);
	meters_end(&town.meters, town.sim->now);
	reports.reported = reports.read = (struct booking){0};
	near_to(total(&town, REPORTED), 100 * 600 / 4.0, 1, "a hundred drivers report every four seconds");
	near_to(total(&town, READ), 200 * 600 / 5.0, 1, "and two apps each read every five");
	near_to(reports_take(&reports), 15000, 1e-6, "they can be taken, to the fraction");
	near_to(reports_take(&reports), 0, 0, "once");
	reports_late(&reports, 2);
	reports_online(&reports, 100);
	town.sim->now = 20 * minute;
	near_to(reports_take(&reports), 7500, 1e-6, "who reports half as often makes half of them");
	/* Rides at 10/s stand for 200 reports each. */
	struct rng rng = rng_seed(3);
	reports_late(&reports, 1);
	double sum = 0;
	for (int i = 0; i < 20000; i++) {
		town.sim->now += (int64_t)(rng_exp(&rng) * 1e8);
		reports_follow(&reports, 1, 200);
		sum += i >= 1000 ? index.reports * 1e9 : 0;
	}
	near_to(sum / 19000, 2000, 40, "reports follow the rides of the last seconds");
	sim_free(town.sim);
}

int main(void)
{
	check_patience();
	check_times();
	check_reserve();
	check_prices();
	check_places();
	check_reports();
	return done_testing();
}
