/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A single station: c equal servers, one queue, first come first served. The elementary queueing model (M/M/c, M/G/1,
 * and with no waiting places Erlang's loss system), and the case to copy when writing another.
 *
 * A row of the trace is a customer. It goes to a free server, or waits, or, when all waiting places are taken, is
 * turned away. Its service time is drawn from a distribution, or is what the trace says. A departure at the same
 * instant frees its server before the arrival is looked at.
 */
#include "cases/case.h"
#include "model/pool.h"
#include "model/request.h"

enum { FROM_MODEL, FROM_TRACE };
static const char *const sources[] = {"model", "trace", NULL};

struct params {
	int64_t servers;
	bool limited;
	int64_t places;
	int service_from;
	struct dist service;
};

static const struct param params[] = {
	PARAM_COUNT(struct params, servers, "1", "1", "1 M", "equal servers"),
	PARAM_BOOL(struct params, limited, "off", "the waiting places are limited to `places`"),
	PARAM_COUNT(struct params, places, "0", "0", "1 G", "waiting places when limited; 0 makes a loss system"),
	PARAM_CHOICE(struct params, service_from, sources, "model", "where service times come from"),
	PARAM_DIST(struct params, service, TIME, "exp(8 ms)", "1 ns", "30 d",
		   "service time when it comes from the model"),
	PARAM_END};

enum { SERVICE };
static const struct column columns[] = {
	{"service", COLUMN_TIME, NULL, "0 ns", "service time of this customer, used with service_from: trace"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};
static const struct column_use uses[] = {{"service", "service_from", "trace"}, {NULL, NULL, NULL}};

#define METRICS(METRIC) \
	METRIC(WAIT, wait, TIME, NULL, "time from arrival to the start of service") \
	METRIC(RESPONSE, response, TIME, NULL, "time from arrival to departure") \
	METRIC(ARRIVED, arrived, COUNT, NULL, "customers that arrived") \
	METRIC(BLOCKED, blocked, COUNT, NULL, "customers turned away") \
	METRIC(QUEUE, queue, LEVEL, "customers", "customers waiting") \
	METRIC(BUSY, busy, LEVEL, "servers", "servers at work")
METRIC_TABLE(metrics, METRICS);

enum { FAULT_PAUSE, FAULT_SLOW };
static const struct fault_kind faults[] = {
	[FAULT_PAUSE] = {.name = "pause", .help = "nothing is served"},
	[FAULT_SLOW] = {.name = "slow", .factor = true, .help = "services that start take longer by the factor"},
	{.name = NULL}
};

struct station;

struct customer {
	struct request request; /* first: a request is its customer's */
	struct station *station;
};

struct station {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct requests customers;
	struct rng_stream services;
	struct pool pool;
};

static void book_levels(struct station *station)
{
	meter_level(station->meters, QUEUE, station->sim->now, station->pool.waiting);
	meter_level(station->meters, BUSY, station->sim->now, station->pool.busy);
}

static sim_event_fn leave;

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct station *station = self;
	struct customer *customer = request_open(&station->customers, row->id, row->window, "customer");
	int64_t service;
	customer->station = station;
	if (station->params->service_from == FROM_TRACE)
		service = row->value[SERVICE];
	else
		service = dist_draw_time_of(&station->params->service, station->services, row->id);
	meter_count(station->meters, ARRIVED, sim->now, 1);
	if (!pool_enter(&station->pool, service, leave, customer, 0, &customer->request.journey)) {
		meter_count(station->meters, BLOCKED, sim->now, 1);
		request_close(&customer->request, sim->now);
	}
	book_levels(station);
}

static void leave(struct sim *sim, void *subject, uint64_t unused)
{
	struct customer *customer = subject;
	struct station *station = customer->station;
	int64_t arrival = customer->request.arrival;
	(void)unused;
	meter_record(station->meters, WAIT, arrival, pool_began(&station->pool) - arrival);
	meter_record(station->meters, RESPONSE, arrival, sim->now - arrival);
	book_levels(station);
	request_close(&customer->request, sim->now);
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct station *station = self;
	(void)target;
	if (kind == FAULT_PAUSE)
		pool_pause(&station->pool, state->until - sim->now);
	else
		station->pool.slowness = state->factor;
}

static void *build(const struct case_world *world)
{
	struct station *station = ARENA_NEW(&world->sim->arena, struct station);
	const struct params *p = world->params;
	*station = (struct station){.params = p, .sim = world->sim, .meters = world->meters};
	requests_init(&station->customers, world->sim, world->journeys, NULL, sizeof(struct customer));
	if (p->service_from == FROM_MODEL && p->service.kind != DIST_CONST)
		station->services = sim_stream(world->sim, "service");
	pool_init(&station->pool, world->sim, "station", -1, p->servers, p->limited ? p->places : -1);
	return station;
}

const struct case_study case_station = {
	.name = "station",
	.about = "one station with c servers: the elementary queue, and the case to copy",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.uses = uses,
	.metrics = metrics,
	.faults = faults,
	.failures = "blocked",
	.utilisation = "mean(busy) / param(servers)",
	.used = "servers",
	.build = build,
	.arrive = arrive,
	.fault = fault,
};
