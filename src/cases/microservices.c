/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anybody's architecture: services that call one another, as a model file declares them. Requests are of classes, each
 * of which comes in at a service; they are rows of a trace (an open loop) or sent by clients who wait for each answer
 * (a closed one). What a service is and what a call is is told in model/graph.h, on which the numbers hang.
 *
 * (J. Dean, L. Barroso, "The Tail at Scale", CACM 56(2), 2013; M. Nygard, "Release It!", 2007; L. Huang et al.,
 * "Metastable Failures in the Wild", OSDI 2022.)
 */
#include "base/holder.h"
#include "cases/calls.h"
#include "cases/case.h"
#include "model/graph.h"
#include "model/request.h"
#include "model/terminals.h"
#include "trace/maker.h"

#include <string.h>

/* ---- what a model file says ---- */

struct call_row {
	struct param_ref to, when, pool;
	double chance;
	CALL_FIELDS;
};
static const struct param call_rows[] = {
	PARAM_REF(struct call_row, to, "services", PARAM_OWN_NAME, "the service that is called"),
	PARAM_REF(struct call_row, when, "classes", PARAM_NONE, "only for requests of this class"),
	PARAM_RATIO(struct call_row, chance, "100 %", "0", "1", "share of the times at which it is made"),
	PARAM_REF(struct call_row, pool, "pools", PARAM_NONE, "the pool of which it takes a place"),
	CALL_ROWS(struct call_row),
	PARAM_END};

#define CALL_METRICS(METRIC) \
	METRIC(CALLED_RESPONSE, response, TIME, NULL, "from a call to its end, retries included") \
	METRIC(CALLED_FAILED, failed, COUNT, NULL, "calls that failed") \
	METRIC(CALLED_FELL_BACK, fell_back, COUNT, NULL, "calls that failed and had a fallback") \
	METRIC(CALLED_TIMED_OUT, timed_out, COUNT, NULL, "attempts that were given up") \
	METRIC(CALLED_RETRIED, retried, COUNT, NULL, "attempts after the first") \
	METRIC(CALLED_HEDGED, hedged, COUNT, NULL, "second copies of attempts") \
	METRIC(CALLED_BROKEN, broken, COUNT, NULL, "attempts that the breaker did not let out")
METRIC_TABLE(call_metrics, CALL_METRICS);

struct pool_row {
	int64_t places;
};
static const struct param pool_rows[] = {
	PARAM_COUNT(struct pool_row, places, NULL, "1", "1 M", "attempts that are under way at a time"), PARAM_END};

enum { CACHE_OFF, CACHE_RATIO, CACHE_KINDS };
static const char *const caches[] = {"off", "ratio",
#define CACHE(name, word) word,
#include "model/cache.def"
#undef CACHE
				     NULL};

enum { BY_ARRIVAL, BY_PRIORITY };
static const char *const orders[] = {"arrival", "priority", NULL};

struct service_row {
	int64_t instances, threads, queue, choices, detect, scale_most, scale_period, scale_delay;
	int64_t cache_entries, cache_lifetime, pool_queue;
	bool async;
	int balance, order, limiter, cache;
	double limit, lower, scale, cache_hits, errors;
	struct dist work, cache_work;
	struct param_ref measured;
	struct param_rows pools, calls;
	struct param_texts steps;
};
static const struct param service_rows[] = {
	PARAM_COUNT(struct service_row, instances, "1", "1", "10 k", "equal instances behind a balancer"),
	PARAM_COUNT(struct service_row, threads, "1", "1", "1 M", "requests that an instance works on at a time"),
	PARAM_BOOL(struct service_row, async, "off", "threads are not held while others are called"),
	PARAM_DIST(struct service_row, work, TIME, "exp(1 ms)", "0 s", "1 d", "what a thread does for a request"),
	PARAM_REF(struct service_row, measured, "columns", PARAM_NONE, "the column of the trace that says so instead"),
	PARAM_RATIO(struct service_row, errors, "0 %", "0", "1",
		    "share of requests that it answers with an error when it has worked on them"),
	PARAM_COUNT(struct service_row, queue, "1 G", "0", "1 G",
		    "requests that may wait for a thread of an instance; others are refused"),
	PARAM_CHOICE(struct service_row, order, orders, "arrival",
		     "who of those that wait is next: who came first, or who came first of the highest priority"),
	PARAM_CHOICE(struct service_row, balance, balance_names, "random", "which instance gets a request"),
	PARAM_COUNT(struct service_row, choices, "2", "1", "100", "with balance choices: how many are drawn"),
	PARAM_TIME(struct service_row, detect, "1 s", "0 s", "1 h",
		   "until the balancer knows that an instance has crashed, or is back"),
	PARAM_CHOICE(struct service_row, limiter, limiter_names, "off",
		     "how many requests an instance has in progress at most: " LIMITER_KINDS),
	PARAM_REAL(struct service_row, limit, "2", "0.01", "10000",
		   "the limit for each thread (adaptive: at the start; at most ten times that)"),
	PARAM_RATIO(struct service_row, lower, "80 %", "0", "1",
		    "a class of lower priority is admitted up to this share of what the one above may fill"),
	PARAM_RATIO(struct service_row, scale, "0 %", "0", "1",
		    "use of threads for which instances come and go; 0 %: they stay"),
	PARAM_COUNT(struct service_row, scale_most, "0", "0", "10 k",
		    "instances at most; 0: four times those at the start"),
	PARAM_TIME(struct service_row, scale_period, "10 s", "1 ms", "1 d", "how often the use is looked at"),
	PARAM_TIME(struct service_row, scale_delay, "1 min", "0 s", "1 d",
		   "until an instance that was ordered is there"),
	PARAM_CHOICE(struct service_row, cache, caches, "off",
		     "a cache of each instance, by the key of the request, or a share of requests that hit"),
	PARAM_COUNT(struct service_row, cache_entries, "1 k", "1", "100 M", "entries of the cache of an instance"),
	PARAM_TIME(struct service_row, cache_lifetime, "0 s", "0 s", "365 d", "until an entry expires; 0 s: never"),
	PARAM_RATIO(struct service_row, cache_hits, "90 %", "0", "1", "with cache ratio: share of requests that hit"),
	PARAM_DIST(struct service_row, cache_work, TIME, "const(100 us)", "0 s", "1 d", "what a thread does for a hit"),
	PARAM_TABLE(struct service_row, pools, struct pool_row, pool_rows, NULL, "places of an instance for its calls"),
	PARAM_COUNT(struct service_row, pool_queue, "1 G", "0", "1 G",
		    "attempts that may wait for a place of a pool; others fail at once"),
	PARAM_TEXTS(struct service_row, steps, "[]",
		    "whom it calls when its work is done, one after the other; `a and b`: at once; `2 of a, b, c`; "
		    "`first of a, b`; `100 a`; `a 100 times`; `each a`; `later a`"),
	PARAM_TABLE(struct service_row, calls, struct call_row, call_rows, call_metrics, "how it calls others"),
	PARAM_END};

#define SERVICE_METRICS(METRIC) \
	METRIC(SERVICE_RESPONSE, response, TIME, NULL, "from arrival to answer, with the calls below") \
	METRIC(SERVICE_WAIT, wait, TIME, NULL, "until a thread is there") \
	METRIC(SERVICE_WORK, work, WORK, NULL, "work of its threads") \
	METRIC(SERVICE_WASTED, wasted, WORK, NULL, "that of it which was for callers who had given up") \
	METRIC(SERVICE_REFUSED, refused, COUNT, NULL, "requests that it refused") \
	METRIC(SERVICE_FAILED, failed, COUNT, NULL, "requests that it answered with an error") \
	METRIC(SERVICE_HITS, hits, COUNT, NULL, "requests that its cache answered") \
	METRIC(SERVICE_MISSES, misses, COUNT, NULL, "requests that its cache did not answer") \
	METRIC(SERVICE_QUEUE, queue, LEVEL, "requests", "requests that wait for a thread") \
	METRIC(SERVICE_BUSY, busy, LEVEL, "threads", "threads that are taken") \
	METRIC(SERVICE_SIZE, size, LEVEL, "instances", "instances")
METRIC_TABLE(service_metrics, SERVICE_METRICS);

enum { PRIORITIES = SERVICE_CLASSES };
struct class_row {
	struct param_ref enter;
	int64_t priority, clients;
	struct dist think;
	CALL_FIELDS;
};
static const struct param class_rows[] = {
	PARAM_REF(struct class_row, enter, "services", NULL, "the service where its requests come in"),
	PARAM_COUNT(struct class_row, priority, "1", "1", "4",
		    "1: the highest; a limiter sheds the lowest first, a queue may serve the highest first"),
	PARAM_COUNT(struct class_row, clients, "0", "0", "1 M",
		    "a closed loop beside the trace: clients who send a request, wait for its end, and think"),
	PARAM_DIST(struct class_row, think, TIME, "exp(1 s)", "0 s", "1 d", "how long these think"),
	CALL_ROWS(struct class_row),
	PARAM_END};

#define CLASS_METRICS(METRIC) \
	METRIC(CLASS_RESPONSE, response, TIME, NULL, "from a request to its end, as its client sees it") \
	METRIC(CLASS_ARRIVED, arrived, COUNT, NULL, "requests") \
	METRIC(CLASS_OK, ok, COUNT, NULL, "requests that were answered") \
	METRIC(CLASS_FAILED, failed, COUNT, NULL, "requests that failed, or that their client gave up") \
	METRIC(CLASS_TIMED_OUT, timed_out, COUNT, NULL, "attempts of clients that were given up") \
	METRIC(CLASS_RETRIED, retried, COUNT, NULL, "attempts of clients after the first") \
	METRIC(CLASS_HEDGED, hedged, COUNT, NULL, "second copies of attempts of clients") \
	METRIC(CLASS_BROKEN, broken, COUNT, NULL, "attempts that the clients' breaker did not let out")
METRIC_TABLE(class_metrics, CLASS_METRICS);

struct column_row {
	double share;
};
static const struct param column_rows[] = {
	PARAM_RATIO(struct column_row, share, "100 %", "0", "100", "how much of the measured time is work"), PARAM_END};

enum { LEAVE, CANCEL };
static const char *const abandons[] = {"leave", "cancel", NULL};

struct params {
	struct param_rows services, classes, columns;
	struct dist network;
	int abandon;
	int64_t depth;
};
static const struct param params[] = {
	PARAM_TABLE(struct params, classes, struct class_row, class_rows, class_metrics, "what comes in, and where"),
	PARAM_TABLE(struct params, services, struct service_row, service_rows, service_metrics, "what there is"),
	PARAM_TABLE(struct params, columns, struct column_row, column_rows, NULL,
		    "times that the trace has for each request"),
	PARAM_DIST(struct params, network, TIME, "const(0 ns)", "0 s", "1 h", "what a message takes, one way"),
	PARAM_CHOICE(struct params, abandon, abandons, "leave",
		     "what becomes of work whose caller has given up: it goes on, or what has not begun is dropped"),
	PARAM_COUNT(struct params, depth, "0", "0", "1 k",
		    "how deep services may be in one another before they call no further; 0: circles are mistakes"),
	PARAM_END};

#define OWN_KEY "own"
enum { CLASS, KEY, ITEMS, MEASURED };
_Static_assert(GRAPH_TIMES >= ROW_VALUES - MEASURED, "a request carries all measured times of a row");
static const char *const words_from[] = {"classes", NULL}, *const times_from[] = {"columns", NULL};
static const struct column columns[] = {
	[CLASS] = {"class", COLUMN_ROW, words_from, "", "the class of the request"},
	[KEY] = {"key", COLUMN_KEY, NULL, OWN_KEY,
		 "what it is about, for caches and balancers; own: something of its own"},
	[ITEMS] = {"items", COLUMN_COUNT, NULL, "1", "how many items it has, for steps with `each`"},
	[MEASURED] = {"column", COLUMN_TIMES, times_from, "0 s", "a time that was measured"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}};

#define METRICS(METRIC) \
	METRIC(RESPONSE, response, TIME, NULL, "from a request to its end, as its client sees it") \
	METRIC(ARRIVED, arrived, COUNT, NULL, "requests") \
	METRIC(OK, ok, COUNT, NULL, "requests that were answered") \
	METRIC(FAILED, failed, COUNT, NULL, "requests that failed, or that their client gave up")
METRIC_TABLE(metrics, METRICS);

enum { KILL, CRASH, SLOW, PAUSE, CUT, SLOW_LINK, SLOW_INSTANCE, PAUSE_INSTANCE };
static const struct fault_kind faults[] = {
	[KILL] = {.name = "kill", .target = "service", .help = "all instances of a service crash"},
	[CRASH] = {.name = "crash", .target = "instance", .help = "an instance crashes, and comes back"},
	[SLOW] = {.name = "slow", .target = "service", .factor = true,
		  .help = "work that a service begins takes longer by the factor"},
	[PAUSE] = {.name = "pause", .target = "service", .help = "a service stands still"},
	[CUT] = {.name = "cut", .target = "link", .help = "messages between a service and one that it calls are lost"},
	[SLOW_LINK] = {.name = "slow-link", .target = "link", .factor = true,
		       .help = "messages between a service and one that it calls take longer by the factor"},
	[SLOW_INSTANCE] = {.name = "slow-instance", .target = "instance", .factor = true,
			   .help = "work that an instance begins takes longer by the factor"},
	[PAUSE_INSTANCE] = {.name = "pause-instance", .target = "instance", .help = "an instance stands still"},
	{.name = NULL}
};

static const struct service_row *service_of(const struct params *p, int service)
{
	return (const struct service_row *)p->services.row + service;
}

static const struct class_row *class_of(const struct params *p, int class)
{
	return (const struct class_row *)p->classes.row + class;
}

static const struct dist *unless_none(const struct dist *dist)
{
	return dist_mean(dist) > 0 ? dist : NULL;
}

/* ---- calls that are only named in a step are rows as well ---- */

/* Who is named in the steps of a service and has no row in its calls. */
struct naming {
	const struct params *p;
	const struct param_rows *calls;
	const char **name;
	struct place *place;
	int count;
	struct place at;  /* of the step that is read */
};

static int name_call(void *of, const char *name)
{
	struct naming *naming = of;
	int call = param_row(naming->calls, name), to = param_row(&naming->p->services, name);
	if (call >= 0 || to < 0)
		return call;
	for (int i = 0; i < naming->count; i++)
		if (naming->name[i] == naming->p->services.name[to])
			return 0;
	naming->name[naming->count] = naming->p->services.name[to];
	naming->place[naming->count++] = naming->at;
	return 0;
}

static void imply_calls(const struct params *p, struct service_row *row, const struct param_reader *reader)
{
	struct arena arena;
	arena_init(&arena);
	size_t most = (size_t)p->services.count;
	struct naming naming = {.p = p, .calls = &row->calls, .name = ARENA_ARRAY(&arena, most, const char *),
				.place = ARENA_ARRAY(&arena, most, struct place)};
	const struct step_names names = {name_call, &naming, WORDS(p->services.name)};
	struct step step;
	struct err err;
	err_init(&err); /* what is wrong is told when the steps are read to be kept */
	for (int i = 0; i < row->steps.count; i++) {
		naming.at = row->steps.place[i];
		step_read(row->steps.text[i], &row->steps.place[i], &names, &arena, &step, &err);
	}
	int first = row->calls.count;
	param_rows_imply(param_find(service_rows, "calls"), &row->calls, naming.count, naming.name, naming.place,
			 reader);
	for (int i = 0; i < naming.count; i++)
		((struct call_row *)row->calls.row)[first + i].to =
			(struct param_ref){param_row(&p->services, naming.name[i]), naming.name[i], naming.place[i]};
	arena_free(&arena);
}

static void imply(void *of, const struct param_reader *reader)
{
	struct params *p = of;
	for (int i = 0; i < p->services.count; i++)
		imply_calls(p, (struct service_row *)p->services.row + i, reader);
}

/* ---- the graph that it comes to ---- */

static int find_call(void *calls, const char *name)
{
	return param_row(calls, name);
}

static struct graph_call_config *compile_calls(const struct params *p, struct meters *to, const struct param_rows *rows,
					       struct arena *arena)
{
	struct graph_call_config *call = ARENA_ARRAY(arena, (size_t)rows->count, struct graph_call_config);
	for (int i = 0; i < rows->count; i++) {
		const struct call_row *row = (const struct call_row *)rows->row + i;
		int first = to ? rows->metric[i] : 0;
		call[i] = (struct graph_call_config){
			.name = rows->name[i], .to = row->to.row, .call = CALL_CONFIG(row, p->abandon == CANCEL),
			.distance = unless_none(&row->distance), .near = row->near, .pool = row->pool.row,
			.chance = row->chance, .when = row->when.row, .tied = row->tied,
			.response = {to, first + CALLED_RESPONSE},
			.failed = {to, first + CALLED_FAILED}, .fell_back = {to, first + CALLED_FELL_BACK},
			.timed_out = {to, first + CALLED_TIMED_OUT}, .retried = {to, first + CALLED_RETRIED},
			.hedged = {to, first + CALLED_HEDGED}, .broken = {to, first + CALLED_BROKEN}};
	}
	return call;
}

static bool compile_steps(const struct params *p, const struct service_row *row, struct arena *arena,
			  struct graph_service_config *into, struct err *err)
{
	int written = row->calls.count - row->calls.implied;
	const char **calls = ARENA_ARRAY(arena, (size_t)written + 1, const char *);
	for (int i = 0; i < written; i++)
		calls[i] = row->calls.name[i];
	const char *const *services = p->services.name;
	struct words others = WORDS(services), words = WORDS_AND(calls, &others);
	const struct step_names names = {find_call, (void *)&row->calls, words};
	struct step *step = ARENA_ARRAY(arena, (size_t)row->steps.count, struct step);
	bool good = true;
	for (int i = 0; i < row->steps.count; i++)
		good = step_read(row->steps.text[i], &row->steps.place[i], &names, arena, &step[i], err) && good;
	into->steps = row->steps.count;
	into->step = step;
	return good;
}

static struct service_config threads_of(const struct params *p, int number)
{
	const struct service_row *row = service_of(p, number);
	struct service_config config = {
		.name = p->services.name[number], .queue = row->queue, .by_class = row->order == BY_PRIORITY,
		.limiter = limiter_kinds[row->limiter],
		.limit = row->limit, .target = row->scale > 0 ? row->scale : 1, .scale_delay = row->scale_delay,
		.held = !row->async && row->steps.count > 0, .begins = graph_visit_begins};
	double share = 1;
	for (int i = 0; i < PRIORITIES; i++, share *= row->lower)
		config.share[i] = share;
	return config;
}

static struct tier_config tier_of(const struct params *p, int number)
{
	const struct service_row *row = service_of(p, number);
	int64_t most = row->scale_most > 0 ? row->scale_most : 4 * row->instances;
	return (struct tier_config){
		.service = threads_of(p, number), .instances = row->instances, .threads = row->threads,
		.most = row->scale > 0 && most > row->instances ? most : row->instances,
		.balance = balance_kinds[row->balance], .choices = row->choices, .detect = row->detect,
		.cache = row->cache >= CACHE_KINDS ? cache_kinds[row->cache - CACHE_KINDS] : NULL,
		.entries = row->cache_entries, .lifetime = row->cache_lifetime, .scales = row->scale > 0,
		.period = row->scale_period};
}

static const char *const *pool_names(const struct param_rows *pools, struct arena *arena)
{
	const char **name = ARENA_ARRAY(arena, (size_t)pools->count, const char *);
	for (int i = 0; i < pools->count; i++)
		name[i] = arena_format(arena, "pool %s", pools->name[i]);
	return name;
}

static bool compile_service(const struct params *p, struct meters *meters, struct arena *arena, int number,
			    struct graph_service_config *into, struct err *err)
{
	const struct service_row *row = service_of(p, number);
	int first = meters ? p->services.metric[number] : 0;
	*into = (struct graph_service_config){
		.tier = tier_of(p, number), .work = &row->work, .measured = row->measured.row,
		.hits = row->cache == CACHE_RATIO ? row->cache_hits : 0,
		.hit_work = &row->cache_work, .errors = row->errors,
		.calls = row->calls.count, .call = compile_calls(p, meters, &row->calls, arena),
		.pools = row->pools.count, .pool = row->pools.row, .pool_name = pool_names(&row->pools, arena),
		.pool_queue = row->pool_queue,
		.response = {meters, first + SERVICE_RESPONSE}, .wait = {meters, first + SERVICE_WAIT},
		.worked = {meters, first + SERVICE_WORK}, .wasted = {meters, first + SERVICE_WASTED},
		.refused = {meters, first + SERVICE_REFUSED}, .failed = {meters, first + SERVICE_FAILED},
		.hit = {meters, first + SERVICE_HITS}, .missed = {meters, first + SERVICE_MISSES},
		.queue = {meters, first + SERVICE_QUEUE}, .busy = {meters, first + SERVICE_BUSY},
		.size = {meters, first + SERVICE_SIZE}};
	return compile_steps(p, row, arena, into, err);
}

/* `meters` and `err` may be NULL: nothing is booked; it is known to be right. */
static struct graph_config *compile(const struct params *p, struct meters *meters, struct arena *arena, struct err *err)
{
	struct graph_config *graph = ARENA_NEW(arena, struct graph_config);
	struct graph_service_config *service = ARENA_ARRAY(arena, (size_t)p->services.count,
							   struct graph_service_config);
	bool good = true;
	for (int i = 0; i < p->services.count; i++)
		good = compile_service(p, meters, arena, i, &service[i], err) && good;
	*graph = (struct graph_config){.services = p->services.count, .service = service,
				       .network = unless_none(&p->network), .depth = (int)p->depth,
				       .cancel = p->abandon == CANCEL};
	return good ? graph : NULL;
}

static void compile_class(const struct params *p, struct meters *meters, int number, struct graph_call_config *into)
{
	const struct class_row *row = class_of(p, number);
	int first = p->classes.metric[number];
	*into = (struct graph_call_config){
		.name = row->enter.name, .to = row->enter.row, .call = CALL_CONFIG(row, p->abandon == CANCEL),
		.distance = unless_none(&row->distance), .near = row->near, .pool = -1, .chance = 1, .when = -1,
		.tied = row->tied,
		.timed_out = {meters, first + CLASS_TIMED_OUT}, .retried = {meters, first + CLASS_RETRIED},
		.hedged = {meters, first + CLASS_HEDGED}, .broken = {meters, first + CLASS_BROKEN}};
}

/* ---- mistakes that no single row can know ---- */

struct following {
	const struct params *p;
	const struct graph_config *graph;
	struct err *err;
	char *state;    /* of each service: 0 not seen, 1 on the way, 2 done */
	int *way, length;
};

#define WRONG(err, place, ...) err_add(err, ERR_MODEL, place, __VA_ARGS__)

/* Whoever holds its threads while it waits for itself, and never stops waiting, waits for ever once all are taken. */
static bool check_circle(struct following *following, int again)
{
	const struct params *p = following->p;
	char text[ERR_TEXT / 2] = "";
	int from = 0, holding = -1;
	const char *held = NULL; /* the pool of which it holds a place; NULL: threads */
	bool endless = true;
	while (following->way[from] != again)
		from++;
	for (int i = from; i < following->length; i++) {
		int service = following->way[i], next = i + 1 < following->length ? following->way[i + 1] : again;
		const struct graph_service_config *config = &following->graph->service[service];
		if (config->tier.service.held) {
			holding = service;
			held = NULL;
		}
		bool waits = false;
		for (int s = 0; s < config->steps; s++)
			for (int k = 0; k < config->step[s].parts; k++) {
				const struct graph_call_config *call = &config->call[config->step[s].part[k].call];
				if (call->to != next || config->step[s].later || call->call.timeout > 0)
					continue;
				waits = true;
				if (holding < 0 && call->pool >= 0) {
					holding = service;
					held = config->pool_name[call->pool];
				}
			}
		endless = endless && waits;
		if (strlen(text) + 2 * PARAM_NAME < sizeof text)
			strcat(strcat(text, p->services.name[service]), " -> ");
	}
	strcat(text, p->services.name[again]);
	const struct place *place = &p->services.place[again];
	if (p->depth == 0)
		return WRONG(following->err, place,
			     "services call one another in a circle (%s); it has an end only with "
			     "depth, e.g. depth: 10",
			     text);
	if (endless && holding >= 0 && held)
		return WRONG(following->err, place, "%s holds a place of its %s while it waits for itself (%s): once "
			     "all are taken none is given back; give a call a timeout, or take it out of the pool",
			     p->services.name[holding], held, text);
	if (endless && holding >= 0)
		return WRONG(following->err, place, "%s holds its threads while it waits for itself (%s): once all are "
			     "taken none is given back; give a call a timeout, or make it async",
			     p->services.name[holding], text);
	return true;
}

static bool follow(struct following *following, int service)
{
	const struct graph_service_config *config = &following->graph->service[service];
	if (following->state[service] == 1)
		return check_circle(following, service);
	if (following->state[service] == 2)
		return true;
	following->state[service] = 1;
	following->way[following->length++] = service;
	bool good = true;
	for (int s = 0; s < config->steps && good; s++)
		for (int k = 0; k < config->step[s].parts && good; k++)
			good = follow(following, config->call[config->step[s].part[k].call].to);
	following->state[service] = 2;
	following->length--;
	return good;
}

/* What is written and never asked for: calls that are in no step, and pools when no call takes a place of any. */
static bool check_used(const struct params *p, const struct graph_config *graph, int service, struct err *err)
{
	const struct service_row *row = service_of(p, service);
	const struct graph_service_config *config = &graph->service[service];
	bool good = true;
	for (int c = 0; c < row->calls.count; c++) {
		bool made = false;
		for (int s = 0; s < config->steps && !made; s++)
			for (int k = 0; k < config->step[s].parts; k++)
				made = made || config->step[s].part[k].call == c;
		if (!made)
			good = WRONG(err, &row->calls.place[c],
				     "%s is in no step of %s: name it in one, or write `%s: off`", row->calls.name[c],
				     p->services.name[service], row->calls.name[c]);
	}
	bool taken = row->pools.count == 0;
	for (int c = 0; c < row->calls.count; c++)
		taken = taken || config->call[c].pool >= 0;
	if (!taken)
		good = WRONG(err, &row->pools.place[0],
			     "no call of %s takes a place of a pool: name %s as the pool of one, or write `%s: off`",
			     p->services.name[service], row->pools.name[0], row->pools.name[0]);
	return good;
}

static bool check_graph(const struct params *p, struct arena *arena, struct err *err)
{
	const struct graph_config *graph = compile(p, NULL, arena, err);
	size_t count = (size_t)p->services.count;
	if (!graph)
		return false;
	struct following following = {p, graph, err, ARENA_ARRAY(arena, count, char), ARENA_ARRAY(arena, count, int),
				      0};
	bool good = true;
	for (int i = 0; i < p->classes.count; i++)
		good = follow(&following, class_of(p, i)->enter.row) && good;
	for (size_t i = 0; i < count && good; i++)
		if (!following.state[i])
			WRONG(err, &p->services.place[i],
			      "%s is called by nobody: name it in a step, let a class enter it, "
			      "or write `%s: off`",
			      p->services.name[i], p->services.name[i]);
	for (size_t i = 0; i < count; i++)
		good = check_used(p, graph, (int)i, err) && good;
	return good && !err_any(err);
}

static bool check_call(const char *who, const struct place *place, const struct call_config *call, bool tied,
		       struct err *err)
{
	if (call->hedge > 0 && call->timeout > 0 && call->hedge >= call->timeout)
		return WRONG(err, place, "%s: a second copy is never sent when the timeout comes before hedge", who);
	if (tied && call->hedge == 0)
		return WRONG(err, place, "%s: tied is about second copies, and without hedge there are none", who);
	if (call->attempts > 1 && call->backoff.base > call->backoff.most)
		return WRONG(err, place, "%s: wait is longer than wait_most", who);
	if (call->budget_saved > call->budget_most)
		return WRONG(err, place, "%s: budget_saved is more than budget_most", who);
	return true;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	struct arena arena;
	bool good = true;
	if (p->services.count == 0)
		return WRONG(err, NULL, "there are no services; e.g. services: {web: {work: exp(1 ms)}}");
	if (p->classes.count == 0)
		return WRONG(err, NULL, "there are no classes of requests; e.g. classes: {all: {enter: %s}}",
			     p->services.name[0]);
	for (int i = 0; i < p->classes.count; i++) {
		const struct class_row *row = class_of(p, i);
		const struct call_config call = CALL_CONFIG(row, p->abandon == CANCEL);
		good = check_call(p->classes.name[i], &p->classes.place[i], &call, row->tied, err) && good;
	}
	for (int i = 0; i < p->services.count; i++)
		for (int k = 0; k < service_of(p, i)->calls.count; k++) {
			const struct param_rows *calls = &service_of(p, i)->calls;
			const struct call_row *row = (const struct call_row *)calls->row + k;
			const struct call_config call = CALL_CONFIG(row, p->abandon == CANCEL);
			good = check_call(calls->name[k], &calls->place[k], &call, row->tied, err) && good;
		}
	for (int i = 0; i < p->columns.count; i++) {
		bool measured = false;
		for (int k = 0; k < p->services.count; k++)
			measured = measured || service_of(p, k)->measured.row == i;
		if (!measured)
			good = WRONG(err, &p->columns.place[i],
				     "no service takes its work from the column %s: name it in `measured` of one, or "
				     "write `%s: off`", p->columns.name[i], p->columns.name[i]);
	}
	arena_init(&arena);
	good = check_graph(p, &arena, err) && good;
	arena_free(&arena);
	return good;
}

/* ---- the life of a request ---- */

struct microservices {
	const struct params *p;
	struct sim *sim;
	struct meters *meters;
	struct requests requests;
	struct graph graph;
	struct graph_link *client;        /* of each class */
	struct terminals *terminals;      /* of each class */
	int64_t own_key;                  /* what stands for a key of its own */
};

struct client {
	struct request request;           /* first: a request is its client's */
	struct graph_call call;
	struct terminal *terminal;        /* NULL: it is of the trace */
	int class;
};

static void ask(struct microservices *all, struct client *client, uint64_t id, const struct graph_load *load)
{
	int64_t now = all->sim->now;
	client->class = load->class;
	meter_count(all->meters, ARRIVED, now, 1);
	meter_count(all->meters, all->p->classes.metric[load->class] + CLASS_ARRIVED, now, 1);
	graph_ask(&all->client[load->class], &client->call, id, load, client->request.journey);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct microservices *all = self;
	const struct params *p = all->p;
	int class = (int)row->value[CLASS];
	struct client *client = request_open(&all->requests, row->id, row->window, p->classes.name[class]);
	bool own = row->value[KEY] == all->own_key;
	struct graph_load load = {.key = own ? rng_mix(row->id) : (uint64_t)row->value[KEY],
				  .items = row->value[ITEMS], .class = class,
				  .priority = (int)class_of(p, class)->priority - 1};
	(void)sim;
	for (int i = 0; i < p->columns.count; i++)
		load.time[i] = (int64_t)((double)row->value[MEASURED + i] *
					 ((const struct column_row *)p->columns.row)[i].share);
	ask(all, client, row->id, &load);
}

/* Terminals go on for ever: the replay does not wait for their requests. */
static void terminal_sends(void *owner, struct terminal *terminal)
{
	struct microservices *all = owner;
	int class = (int)(terminal->of - all->terminals);
	uint64_t id = rng_mix(terminal->id ^ rng_mix((uint64_t)class + 1));
	struct client *client = request_open(&all->requests, terminal->id, 0, all->p->classes.name[class]);
	struct graph_load load = {.key = rng_mix(id), .items = 1, .class = class,
				  .priority = (int)class_of(all->p, class)->priority - 1};
	sim_close(all->sim);
	client->terminal = terminal;
	ask(all, client, id, &load);
}

static void ended(void *owner, struct graph_call *call, bool answered, int64_t when)
{
	struct microservices *all = owner;
	struct client *client = HOLDER(call, struct client, call);
	struct terminal *terminal = client->terminal;
	int64_t arrival = client->request.arrival;
	int first = all->p->classes.metric[client->class];
	meter_record(all->meters, RESPONSE, arrival, when - arrival);
	meter_record(all->meters, first + CLASS_RESPONSE, arrival, when - arrival);
	meter_count(all->meters, answered ? OK : FAILED, arrival, 1);
	meter_count(all->meters, first + (answered ? CLASS_OK : CLASS_FAILED), arrival, 1);
	if (terminal)
		sim_open(all->sim);
	request_answer(&client->request, when, answered);
	if (terminal)
		terminal_answered(terminal, when - all->sim->now, answered);
}

/* ---- faults ---- */

/* The service, or the caller, that has the target of this number, of those that each has `count` of; *rest of its. */
static int owner_of(const struct params *p, int64_t target, int64_t (*count)(const struct params *p, int i),
		    int64_t *rest)
{
	int i = 0;
	for (*rest = target; *rest >= count(p, i); i++)
		*rest -= count(p, i);
	return i;
}

static int64_t instances_of(const struct params *p, int service)
{
	return tier_of(p, service).most;
}

static struct graph_edge *edge_of(struct microservices *all, int64_t target)
{
	for (int i = 0; i < all->p->services.count; i++) {
		int calls = all->graph.node[i].config->calls;
		if (target < calls)
			return &all->graph.node[i].edge[target];
		target -= calls;
	}
	return all->client[target].edge;
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct microservices *all = self;
	struct graph *graph = &all->graph;
	bool begins = state->active;
	int64_t number;
	int service;
	switch (kind) {
	case KILL:
		for (int64_t i = 0; i < instances_of(all->p, (int)target); i++)
			graph_crash(graph, (int)target, i, begins);
		break;
	case CRASH:
		service = owner_of(all->p, target, instances_of, &number);
		graph_crash(graph, service, number, begins);
		break;
	case SLOW_INSTANCE:
		service = owner_of(all->p, target, instances_of, &number);
		tier_slow_one(&graph->node[service].tier, number, state->factor);
		break;
	case PAUSE_INSTANCE:
		service = owner_of(all->p, target, instances_of, &number);
		tier_pause_one(&graph->node[service].tier, number, state->until - sim->now);
		break;
	case SLOW:
		tier_slow(&graph->node[target].tier, state->factor);
		break;
	case PAUSE:
		tier_pause(&graph->node[target].tier, state->until - sim->now);
		break;
	case CUT:
		edge_of(all, target)->cuts += begins ? 1 : -1;
		break;
	case SLOW_LINK:
		edge_of(all, target)->slowness = state->factor;
		break;
	}
}

static int64_t count_instances(const struct params *p)
{
	int64_t count = 0;
	for (int i = 0; i < p->services.count; i++)
		count += instances_of(p, i);
	return count;
}

static void mark_reached(const struct graph_config *graph, int service, bool *reached)
{
	if (reached[service])
		return;
	reached[service] = true;
	for (int i = 0; i < graph->service[service].calls; i++)
		if (graph->service[service].call[i].chance > 0)
			mark_reached(graph, graph->service[service].call[i].to, reached);
}

static bool is_of_instance(int kind)
{
	return kind == CRASH || kind == SLOW_INSTANCE || kind == PAUSE_INSTANCE;
}

/* Whose link it is, a service or -1 for a class; and whether its messages take time. */
static int caller_of(const struct params *p, const struct graph_config *graph, int64_t link, bool *takes_time)
{
	for (int i = 0; i < graph->services; link -= graph->service[i++].calls)
		if (link < graph->service[i].calls) {
			const struct graph_call_config *call = &graph->service[i].call[link];
			*takes_time = call->distance || (graph->network && !call->near);
			return i;
		}
	const struct class_row *row = class_of(p, (int)link);
	*takes_time = unless_none(&row->distance) || (graph->network && !row->near);
	return -1;
}

static bool takes_no_time(const struct service_row *row, const struct graph_service_config *config)
{
	bool hits_take_none = row->cache == 0 || dist_mean(&row->cache_work) == 0;
	return config->measured < 0 && dist_mean(&row->work) == 0 && hits_take_none;
}

static const char *idle(const void *of, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = of;
	bool takes_time = false;
	struct err err;
	int64_t rest;
	err_init(&err);
	const struct graph_config *graph = compile(p, NULL, arena, &err);
	if (!graph)
		return NULL;
	bool *reached = ARENA_ARRAY(arena, (size_t)graph->services, bool), link = kind == CUT || kind == SLOW_LINK;
	for (int i = 0; i < p->classes.count; i++)
		mark_reached(graph, class_of(p, i)->enter.row, reached);
	int service = link		     ? caller_of(p, graph, target, &takes_time)
		      : is_of_instance(kind) ? owner_of(p, target, instances_of, &rest)
					     : (int)target;
	if (service >= 0 && !reached[service])
		return arena_format(arena, "nobody calls %s", p->services.name[service]);
	if (kind == SLOW_LINK && !takes_time)
		return "its messages take no time (network, distance)";
	bool slow = kind == SLOW || kind == SLOW_INSTANCE;
	return slow && takes_no_time(service_of(p, service), &graph->service[service])
		       ? "its work takes no time (work)"
		       : NULL;
}

static struct fault_targets targets(const void *of, int64_t slice, int kind, struct arena *arena)
{
	const struct params *p = of;
	(void)slice;
	if (kind == KILL || kind == SLOW || kind == PAUSE)
		return (struct fault_targets){.count = p->services.count, .name = p->services.name};
	int64_t count = 0;
	if (is_of_instance(kind)) {
		const char **name = ARENA_ARRAY(arena, (size_t)count_instances(p), const char *);
		for (int i = 0; i < p->services.count; i++)
			for (int64_t k = 0; k < instances_of(p, i); k++)
				name[count++] = arena_format(arena, "%s %lld", p->services.name[i], (long long)k);
		return (struct fault_targets){.count = count, .name = name};
	}
	struct err err;
	err_init(&err);
	const struct graph_config *graph = compile(p, NULL, arena, &err);
	if (!graph)
		return (struct fault_targets){.count = 0};
	for (int i = 0; i < graph->services; i++)
		count += graph->service[i].calls;
	const char **name = ARENA_ARRAY(arena, (size_t)(count + p->classes.count), const char *);
	count = 0;
	for (int i = 0; i < graph->services; i++)
		for (int k = 0; k < graph->service[i].calls; k++)
			name[count++] =
				arena_format(arena, "%s - %s", p->services.name[i], graph->service[i].call[k].name);
	for (int i = 0; i < p->classes.count; i++)
		name[count++] = arena_format(arena, "%s - %s", p->classes.name[i], class_of(p, i)->enter.name);
	return (struct fault_targets){.count = count, .name = name};
}

/* ---- where the time goes ---- */

struct outline {
	const struct params *p;
	const struct graph_config *graph;
	struct case_parts parts;
	int *number;     /* of the part that a service is; -1: not yet */
};

static void add_part(struct outline *outline, int service, int depth)
{
	const struct graph_service_config *config = &outline->graph->service[service];
	if (outline->number[service] >= 0)
		return;
	outline->number[service] = outline->parts.count;
	outline->parts.part[outline->parts.count++] = (struct case_part){
		.name = outline->p->services.name[service], .depth = depth, .places = (double)config->tier.threads,
		.most = (double)(config->tier.threads * config->tier.most)};
	for (int s = 0; s < config->steps; s++)
		for (int k = 0; k < config->step[s].parts; k++)
			add_part(outline, config->call[config->step[s].part[k].call].to, depth + 1);
}

static struct outline outline_of(const struct params *p, struct arena *arena)
{
	struct err err;
	err_init(&err);
	size_t count = (size_t)p->services.count;
	struct outline outline = {.p = p, .graph = compile(p, NULL, arena, &err)};
	CHECK(outline.graph);
	outline.parts.part = ARENA_ARRAY(arena, count, struct case_part);
	outline.number = ARENA_ARRAY(arena, count, int);
	for (size_t i = 0; i < count; i++)
		outline.number[i] = -1;
	for (int i = 0; i < p->classes.count; i++)
		add_part(&outline, class_of(p, i)->enter.row, 0);
	return outline;
}

static struct case_parts parts(const void *of, struct arena *arena)
{
	return outline_of(of, arena).parts;
}

static bool needs(const void *of, const struct row *rows, size_t count, struct arena *arena, double *seconds)
{
	const struct params *p = of;
	struct outline outline = outline_of(p, arena);
	size_t services = (size_t)p->services.count;
	double *own = ARENA_ARRAY(arena, services, double), *visits = ARENA_ARRAY(arena, services, double);
	for (size_t r = 0; r < count; r++) {
		int class = (int)rows[r].value[CLASS];
		int64_t budget = 100000;
		graph_needs(outline.graph, class_of(p, class)->enter.row, class, (double)rows[r].value[ITEMS], own,
			    visits, &budget);
		if (budget < 0)
			return false;
	}
	for (size_t i = 0; i < services; i++)
		seconds[outline.number[i]] = own[i] / (double)count;
	return count > 0;
}

/* ---- the world ---- */

static void *build(const struct case_world *world)
{
	struct arena *arena = &world->sim->arena;
	struct microservices *all = ARENA_NEW(arena, struct microservices);
	const struct params *p = world->params;
	size_t classes = (size_t)p->classes.count;
	struct err err;
	err_init(&err);
	*all = (struct microservices){.p = p, .sim = world->sim, .meters = world->meters,
				      .own_key = maker_key(OWN_KEY, strlen(OWN_KEY))};
	struct graph_config *graph = compile(p, world->meters, arena, &err);
	CHECK(graph);
	requests_init(&all->requests, world->sim, world->journeys, NULL, sizeof(struct client));
	graph_init(&all->graph, world->sim, graph);
	all->graph.owner = all;
	all->graph.ended = ended;
	all->client = ARENA_ARRAY(arena, classes, struct graph_link);
	all->terminals = ARENA_ARRAY(arena, classes, struct terminals);
	struct graph_call_config *config = ARENA_ARRAY(arena, classes, struct graph_call_config);
	for (int i = 0; i < p->classes.count; i++) {
		const struct class_row *row = class_of(p, i);
		compile_class(p, world->meters, i, &config[i]);
		graph_client_init(&all->client[i], &all->graph, &config[i], ARENA_NEW(arena, struct graph_edge));
		terminals_init(&all->terminals[i], world->sim, unless_none(&row->think),
			       arena_format(arena, "think.%s", p->classes.name[i]));
		all->terminals[i].owner = all;
		all->terminals[i].send = terminal_sends;
		terminals_begin(&all->terminals[i], row->clients, sizeof(struct terminal));
	}
	return all;
}

#define CALL_NEEDS(before) \
	{before "backoff", "attempts", NULL, 1}, {before "wait", "attempts", NULL, 1}, \
	{before "wait_most", "attempts", NULL, 1}, {before "budget_most", "budget", NULL, 0}, \
	{before "budget_saved", "budget", NULL, 0}, {before "breaker_of", "breaker", NULL, 0}, \
	{before "breaker_for", "breaker", NULL, 0}
static const struct case_need needless[] = {
	{"services.*.choices", "balance", "choices", 0},
	{"services.*.limit", "limiter", NULL, 0},
	{"services.*.lower", "limiter", NULL, 0},
	{"services.*.scale_most", "scale", NULL, 0},
	{"services.*.scale_period", "scale", NULL, 0},
	{"services.*.scale_delay", "scale", NULL, 0},
	{"services.*.cache_entries", "cache", NULL, CACHE_RATIO},
	{"services.*.cache_lifetime", "cache", NULL, CACHE_RATIO},
	{"services.*.cache_hits", "cache", "ratio", 0},
	{"services.*.cache_work", "cache", NULL, 0},
	{"services.*.pool_queue", "pools", NULL, 0},
	CALL_NEEDS("services.*.calls.*."),
	CALL_NEEDS("classes.*."),
	{NULL, NULL, NULL, 0}};

const struct case_study case_microservices = {
	.name = "microservices",
	.about = "anybody's architecture: services that call one another, as the model file declares them",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.faults = faults,
	.served = (const struct case_served[]){{"response", "rate(ok)"}, {NULL, NULL}},
	.failures = "failed",
	.imply = imply,
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.targets = targets,
	.idle = idle,
	.used = "threads",
	.needless = needless,
	.parts = parts,
	.needs = needs
};
