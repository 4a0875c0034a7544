/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A case of its own, for tests of what a model file can bring: services with servers and a queue each, that call one
 * another; classes of requests, and columns of measured times. It is the only case of programs that are linked with it.
 *
 * A request of a class comes in at a service. Each service serves it, then goes through its steps, one after the other:
 * a step is the name of a service or of a call, or several with "and" between them, which are called at once. No server
 * is held while others are called. A request ends when the service it came in at has gone through its steps.
 */
#include "base/check.h"
#include "base/words.h"
#include "cases/case.h"
#include "model/pool.h"

#include <string.h>

enum { TOGETHER = 4, DEPTH = 20 };

struct call {
	struct param_ref to;
	int64_t latency;
	bool lost;
};
static const struct param call_table[] = {
	PARAM_REF(struct call, to, "services", PARAM_OWN_NAME, "the service that is called"),
	PARAM_TIME(struct call, latency, "0 s", "0 s", "1 h", "before it gets there"),
	PARAM_BOOL(struct call, lost, "off", "nothing is waited for"),
	PARAM_END};

struct service {
	int64_t servers;
	struct dist work;
	struct param_ref measured;
	struct param_texts steps;
	struct param_rows calls;
};
static const struct metric call_metrics[] = {
	{.name = "response", .kind = METRIC_TIME, .help = "from the call to its answer"}, {.name = NULL}};
enum { CALL_RESPONSE };
static const struct metric service_metrics[] = {
	{.name = "response", .kind = METRIC_TIME, .help = "from arrival to the end of its steps"},
	{.name = "busy", .kind = METRIC_LEVEL, .unit = "servers", .help = "servers at work"},
	{.name = NULL}};
enum { SERVICE_RESPONSE, SERVICE_BUSY };
static const struct param service_table[] = {
	PARAM_COUNT(struct service, servers, "1", "1", "1 M", "equal servers"),
	PARAM_DIST(struct service, work, TIME, "exp(1 ms)", "1 ns", "1 h", "what one request takes"),
	PARAM_REF(struct service, measured, "columns", PARAM_NONE, "the column that says so instead"),
	PARAM_TEXTS(struct service, steps, "[]", "whom it calls then, one after the other; `and`: at once"),
	PARAM_TABLE(struct service, calls, struct call, call_table, call_metrics, "how it calls them"),
	PARAM_END};

struct class {
	struct param_ref enter;
	double priority;
};
static const struct param class_table[] = {
	PARAM_REF(struct class, enter, "services", NULL, "where they come in"),
	PARAM_REAL(struct class, priority, "1", "0", "10", "a number that changes nothing"),
	PARAM_END};

struct column_row {
	double share;
};
static const struct param column_table[] = {
	PARAM_RATIO(struct column_row, share, "100 %", "0", "1", "how much of the measured time counts"), PARAM_END};

struct params {
	int64_t seats;
	struct param_rows services, classes, columns;
};
static const struct param params[] = {
	PARAM_COUNT(struct params, seats, "7", "1", "1k", "a number that changes nothing"),
	PARAM_TABLE(struct params, services, struct service, service_table, service_metrics, "what there is"),
	PARAM_TABLE(struct params, classes, struct class, class_table, NULL, "what comes in"),
	PARAM_TABLE(struct params, columns, struct column_row, column_table, NULL, "times that a trace has"),
	PARAM_END};

enum { CLASS, MEASURED };
static const char *const words_from[] = {"classes", NULL}, *const times_from[] = {"columns", NULL};
static const struct column columns[] = {
	{"class", COLUMN_ROW, words_from, "", "the class of the request"},
	{"column", COLUMN_TIMES, times_from, "0 s", "a time that was measured"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}};

#define METRICS(METRIC) \
	METRIC(RESPONSE, response, TIME, NULL, "from arrival to the end") \
	METRIC(ARRIVED, arrived, COUNT, NULL, "requests")
METRIC_TABLE(metrics, METRICS);

/* ---- steps ---- */

struct step {
	int count;
	int call[TOGETHER], to[TOGETHER]; /* the index of a call, or -1; of the service */
};

/* Whom a name in the steps of a service means. */
static bool find(const struct params *p, const struct service *service, const char *name, int *call, int *to)
{
	*call = param_row(&service->calls, name);
	*to = *call >= 0 ? ((const struct call *)service->calls.row)[*call].to.row : param_row(&p->services, name);
	return *to >= 0;
}

/* Reads one step; `err` may be NULL when it is known to be right. */
static bool read_step(const struct params *p, const struct service *service, int index, struct step *step,
		      struct err *err)
{
	const char *at = service->steps.text[index];
	step->count = 0;
	while (*at) {
		char name[PARAM_NAME + 1];
		size_t length = strcspn(at, " ");
		const char *const *names = p->services.name;
		memcpy(name, at, length < PARAM_NAME ? length : PARAM_NAME);
		name[length < PARAM_NAME ? length : PARAM_NAME] = '\0';
		at += length + strspn(at + length, " ");
		if (step->count == TOGETHER)
			return err_add(err, ERR_MODEL, &service->steps.place[index], "more than %d at once", TOGETHER);
		if (!find(p, service, name, &step->call[step->count], &step->to[step->count]))
			return words_unknown(err, ERR_MODEL, &service->steps.place[index], "service", name, "",
					     WORDS(names));
		step->count++;
		if (strncmp(at, "and ", 4) == 0)
			at += 4;
		else if (*at)
			return err_add(err, ERR_MODEL, &service->steps.place[index],
				       "\"and\" or the end is needed, not \"%.40s\"", at);
	}
	return true;
}

static bool follow(const struct params *p, int service, int depth, struct err *err)
{
	const struct service *of = (const struct service *)p->services.row + service;
	bool good = true;
	if (depth == DEPTH)
		return err_add(err, ERR_MODEL, &p->services.place[service], "%s calls itself, or too deep",
			       p->services.name[service]);
	for (int i = 0; i < of->steps.count && good; i++) {
		struct step step;
		good = read_step(p, of, i, &step, err);
		for (int k = 0; good && k < step.count; k++)
			good = follow(p, step.to[k], depth + 1, err);
	}
	return good;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	bool good = true;
	for (int i = 0; i < p->services.count && good; i++)
		good = follow(p, i, 0, err);
	return good;
}

/* ---- the life of a request ---- */

struct visit {
	struct toy *toy;
	struct visit *from; /* NULL: it came from outside */
	int service, call, step, waiting;
	uint64_t key;
	int64_t arrival, began;
	const int64_t *value;
	struct journey *journey;
	int64_t measured[ROW_VALUES];
};

struct toy {
	const struct params *params;
	const struct service *service;
	struct sim *sim;
	struct meters *meters;
	struct journeys *journeys;
	struct pool *pool;
	struct rng_stream *work;
	struct step **step;
	struct freelist visits;
};

static void *build(const struct case_world *world)
{
	struct arena *arena = &world->sim->arena;
	struct toy *toy = ARENA_NEW(arena, struct toy);
	const struct params *p = world->params;
	size_t count = (size_t)p->services.count;
	*toy = (struct toy){.params = p, .service = p->services.row, .sim = world->sim, .meters = world->meters,
			    .journeys = world->journeys};
	toy->pool = ARENA_ARRAY(arena, count, struct pool);
	toy->work = ARENA_ARRAY(arena, count, struct rng_stream);
	toy->step = ARENA_ARRAY(arena, count, struct step *);
	for (size_t i = 0; i < count; i++) {
		const struct service *service = &toy->service[i];
		const char *name = p->services.name[i];
		pool_init(&toy->pool[i], world->sim, name, -1, service->servers, -1);
		toy->work[i] = sim_stream(world->sim, arena_format(arena, "work.%s", name));
		toy->step[i] = ARENA_ARRAY(arena, (size_t)service->steps.count + 1, struct step);
		for (int k = 0; k < service->steps.count; k++)
			CHECK(read_step(p, service, k, &toy->step[i][k], NULL));
	}
	return toy;
}

static void book_busy(struct toy *toy, int service)
{
	meter_level(toy->meters, toy->params->services.metric[service] + SERVICE_BUSY, toy->sim->now,
		    toy->pool[service].busy);
}

static void go_on(struct sim *sim, struct visit *visit);

static void leave(struct sim *sim, struct visit *visit)
{
	struct toy *toy = visit->toy;
	struct visit *from = visit->from;
	meter_record(toy->meters, toy->params->services.metric[visit->service] + SERVICE_RESPONSE, visit->began,
		     sim->now - visit->began);
	if (!from) {
		meter_record(toy->meters, RESPONSE, visit->arrival, sim->now - visit->arrival);
		journey_end(toy->journeys, visit->journey, sim->now);
		sim_close(sim);
	} else {
		const struct service *caller = &toy->service[from->service];
		journey_span_end(visit->journey, sim->now);
		if (visit->call >= 0)
			meter_record(toy->meters, caller->calls.metric[visit->call] + CALL_RESPONSE, visit->arrival,
				     sim->now - visit->arrival);
		if (--from->waiting == 0)
			go_on(sim, from);
	}
	freelist_give(&toy->visits, visit);
}

static void served(struct sim *sim, void *self, uint64_t detail)
{
	struct visit *visit = self;
	(void)detail;
	book_busy(visit->toy, visit->service);
	go_on(sim, visit);
}

static void enter(struct sim *sim, void *self, uint64_t detail)
{
	struct visit *visit = self;
	struct toy *toy = visit->toy;
	const struct service *service = &toy->service[visit->service];
	struct rng rng = rng_of(toy->work[visit->service], visit->key);
	int64_t work = dist_draw_time(&service->work, &rng);
	(void)detail;
	if (service->measured.row >= 0) {
		const struct column_row *column = (const struct column_row *)toy->params->columns.row +
						  service->measured.row;
		work = (int64_t)((double)visit->measured[MEASURED + service->measured.row] * column->share);
	}
	visit->began = sim->now;
	pool_enter(&toy->pool[visit->service], work, served, visit, 0, &visit->journey);
	book_busy(toy, visit->service);
}

static struct visit *begin(struct toy *toy, struct visit *from, int service, uint64_t key)
{
	struct visit *visit = FREELIST_TAKE(&toy->visits, &toy->sim->arena, struct visit);
	*visit = (struct visit){.toy = toy, .from = from, .service = service, .call = -1, .key = key,
				.arrival = toy->sim->now};
	return visit;
}

/* The next step, or the end. */
static void go_on(struct sim *sim, struct visit *visit)
{
	struct toy *toy = visit->toy;
	const struct service *service = &toy->service[visit->service];
	const struct call *calls = service->calls.row;
	if (visit->step == service->steps.count) {
		leave(sim, visit);
		return;
	}
	const struct step *step = &toy->step[visit->service][visit->step++];
	visit->waiting = step->count;
	for (int k = 0; k < step->count; k++) {
		uint64_t key = rng_mix(visit->key + (uint64_t)(visit->step * TOGETHER + k));
		struct visit *next = begin(toy, visit, step->to[k], key);
		next->call = step->call[k];
		memcpy(next->measured, visit->measured, sizeof next->measured);
		next->journey = journey_span(visit->journey, sim->now,
					     next->call < 0 ? toy->params->services.name[next->service]
							    : service->calls.name[next->call]);
		sim_after(sim, next->call < 0 ? 0 : calls[next->call].latency, enter, next, 0);
	}
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct toy *toy = self;
	const struct class *class = (const struct class *)toy->params->classes.row + row->value[CLASS];
	struct visit *visit = begin(toy, NULL, class->enter.row, row->id);
	meter_count(toy->meters, ARRIVED, sim->now, 1);
	memcpy(visit->measured, row->value, sizeof visit->measured);
	visit->journey = journey_begin(toy->journeys, row->id, sim->now, toy->params->classes.name[row->value[CLASS]]);
	sim_open(sim);
	enter(sim, visit, 0);
}

static const struct case_study case_toy = {
	.name = "toy",
	.about = "services that call one another, as a model file says",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.check = check,
	.build = build,
	.arrive = arrive,
};

const struct case_study *const case_studies[] = {&case_toy, NULL};
