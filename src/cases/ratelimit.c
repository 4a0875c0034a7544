/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Limiting the rate of clients at several gateways (J. Desgats, How we built rate limiting capable of scaling to
 * millions of domains, Cloudflare, 2017; the pattern of INCR in the documentation of Redis).
 *
 * A row of the trace is a request of a client. It comes to a gateway, which decides whether it is admitted, by a
 * limiter of one of several kinds. What the gateways know of each other is the question:
 *
 *   alone    nothing: each admits as much as the whole limit
 *   split    nothing, and each has its part of the limit
 *   shared   all: they ask a store, and wait for its answer; by one script, or reading first and then counting
 *   synced   what was told to a store some time ago: each counts by itself and tells it once in a period
 *
 * Beside it, in true time and seeing everything at once, two observers decide on the same requests, each on its own
 * admissions: a sliding log, which is exact, and a limiter of the same kind that is whole (or of another kind). They
 * never act. What was admitted is watched as well: how much in any window of the length of the rule.
 */
#include "cases/case.h"
#include "model/flood.h"
#include "model/kvstore.h"
#include "model/machine.h"
#include "model/ratelimit.h"
#include "model/request.h"

enum { GATEWAYS = 256 };

enum { ALONE, SPLIT, SHARED, SYNCED };
static const char *const states[] = {"alone", "split", "shared", "synced", NULL};
enum { AT_RANDOM, BY_CLIENT };
static const char *const routes[] = {"random", "client", NULL};
enum { CLOSED, OPEN, BY_ITSELF };
static const char *const failures[] = {"closed", "open", "alone", NULL};

#define RATELIMIT(name, word) word,
static const char *const besides[] = {"same",
#include "model/ratelimit.def"
				      NULL};
#undef RATELIMIT

struct params {
	int limiter;
	int64_t limit, window, burst;
	bool counts_refused;
	int64_t gateways;
	int route, state;
	bool atomic;
	struct dist one_way, store_work;
	int64_t timeout;
	int fails;
	int64_t expire, sync;
	bool aligned;
	int64_t skew;
	bool store_clock;
	int beside;
	int64_t watch;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, limiter, ratelimit_names, "token-bucket", "kind of limiter"),
	PARAM_COUNT(struct params, limit, "100", "1", "10 M", "units a window that a client may have"),
	PARAM_TIME(struct params, window, "60 s", "1 ms", "30 d", "the window"),
	PARAM_COUNT(struct params, burst, "100", "1", "10 M", "units that a bucket holds, or a GCRA may be ahead"),
	PARAM_BOOL(struct params, counts_refused, "off", "what is refused counts as well"),
	PARAM_COUNT(struct params, gateways, "1", "1", "256", "gateways"),
	PARAM_CHOICE(struct params, route, routes, "random",
		     "whether a request comes to any gateway, or to that of its client"),
	PARAM_CHOICE(struct params, state, states, "alone", "what gateways know of each other"),
	PARAM_BOOL(struct params, atomic, "on", "shared: one script decides and counts; off: read first, count later"),
	PARAM_DIST(struct params, one_way, TIME, "0.25 ms", "0 ns", "10 s", "from a gateway to the store, and back"),
	PARAM_DIST(struct params, store_work, TIME, "10 us", "0 ns", "1 s", "the store's only thread, for one script"),
	PARAM_TIME(struct params, timeout, "50 ms", "1 us", "60 s", "how long a gateway waits for the store"),
	PARAM_CHOICE(struct params, fails, failures, "open",
		     "when the store does not answer: refuse, admit, or decide by its own part of the limit"),
	PARAM_TIME(struct params, expire, "0 s", "0 s", "365 d", "lifetime of the store's records; 0: for ever"),
	PARAM_TIME(struct params, sync, "1 s", "1 ms", "1 h", "synced: how often a gateway tells what it has admitted"),
	PARAM_BOOL(struct params, aligned, "off", "synced: all at the same instants, multiples of the period"),
	PARAM_TIME(struct params, skew, "0 s", "0 s", "1 h", "how far a gateway's clock may be off, either way"),
	PARAM_BOOL(struct params, store_clock, "off", "shared: the store's clock counts, not the gateway's"),
	PARAM_CHOICE(struct params, beside, besides, "same", "kind of the second observer"),
	PARAM_COUNT(struct params, watch, "0", "0", "1 G", "the client whose admissions are drawn over time"),
	PARAM_END};

enum { CLIENT, COST, SENT };
static const struct column columns[] = {
	{"client", COLUMN_KEY, NULL, "0", "who asks"},
	{"cost", COLUMN_COUNT, NULL, "1", "units that the request takes"},
	{"sent", COLUMN_TIME, NULL, "0 ns", "time since 1970, by which windows begin; 0: since the start of the trace"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(DECISION, decision, TIME, NULL, "time from arrival until it is decided") \
	METRIC(REQUESTS, requests, COUNT, NULL, "requests that arrived") \
	METRIC(ADMITTED, admitted, COUNT, NULL, "requests that were admitted") \
	METRIC(REFUSED, refused, COUNT, NULL, "requests that were refused") \
	METRIC(TOO_MANY, too_many, COUNT, NULL, "admitted, though an exact log of its own would have refused") \
	METRIC(TOO_FEW, too_few, COUNT, NULL, "refused, though an exact log of its own would have admitted") \
	METRIC(DENIED, denied, COUNT, NULL, "refused, though the second observer would have admitted") \
	METRIC(DIFFERENT, different, COUNT, NULL, "not decided as the second observer would have") \
	METRIC(UNANSWERED, unanswered, COUNT, NULL, "decided without an answer of the store") \
	METRIC(IN_WINDOW, in_window, AMOUNT, "units", "admitted of a client in a window of the clock") \
	METRIC(TRAILING, trailing, AMOUNT, "units", "admitted of a client in the window that a request ends") \
	METRIC(MEMORY, memory, AMOUNT, "bytes", "state of a client at a gateway that decides by itself") \
	METRIC(LOG_MEMORY, log_memory, AMOUNT, "bytes", "what an exact log of the client takes") \
	METRIC(WATCHED, watched, LEVEL, "units", "admitted of the watched client in the window up to now") \
	METRIC(RECORDS, records, LEVEL, "records", "records in the store")
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "flood", .target = "client", .rate = true, .help = "a client sends evenly, on top of the trace"},
	{.name = "cut", .help = "no gateway reaches the store"},
	{.name = "cut-back", .help = "the store hears the gateways, they do not hear it"},
	{.name = "slow-store", .factor = true, .help = "the store takes longer by the factor"},
	{.name = "restart-store", .help = "the store loses its records, and answers nothing meanwhile"},
	{.name = "set-back", .target = "gateway", .help = "a gateway's clock is behind by as long as this lasts"},
	{.name = NULL}
};
enum { FAULT_FLOOD, FAULT_CUT, FAULT_CUT_BACK, FAULT_SLOW_STORE, FAULT_RESTART_STORE, FAULT_SET_BACK };

struct asked {
	struct request request; /* first */
	uint64_t client;
	int64_t cost, clock;    /* by the gateway's clock when it came */
	struct gateway *gateway;
	bool exact, beside;     /* what the observers said */
};

/* What a gateway that is synced knows of a client's present window. */
struct tally {
	int64_t window, own, told, others;
};

struct gateway {
	struct gates *of;
	int number;
	struct machine machine;
	int64_t behind;           /* ns that a fault has set its clock back */
	struct ratelimit limiter; /* its own */
	struct keymap tallies;
};

/* What it has told the store, until it hears what all have admitted. */
struct telling {
	struct gateway *gateway;
	uint64_t client;
	int64_t window, told;
};

struct in_window {
	int64_t window, units;
};

struct gates {
	const struct params *params;
	struct sim *sim;
	struct arena *arena;
	struct meters *meters;
	const struct ratelimit_kind *kind;
	struct ratelimit_rule whole, part, endless;
	struct ratelimit exact, beside, seen; /* observers; seen keeps what was admitted, without a limit */
	struct keymap in_window;
	struct gateway gateway[GATEWAYS];
	struct kvstore_config store_config;
	struct kvstore store;
	struct requests requests;
	struct freelist tellings;
	struct rng_stream route_stream;
	int64_t epoch;            /* of the trace's clock at the start, ns since 1970 */
	bool dated;
	int64_t window;           /* of the trace, as its last row says */
	uint64_t asks;            /* of the store, so far */
	struct floods floods;
	uint64_t flood_id;
};

static int64_t clock_of(const struct gateway *gateway)
{
	return machine_local(&gateway->machine) + gateway->of->epoch;
}

/* ---- what is watched ---- */

static int64_t seen_of(struct gates *gates, uint64_t client, int64_t at)
{
	return gates->endless.limit - ratelimit_left(&gates->seen, client, at);
}

static void watch(struct sim *sim, void *self, uint64_t detail)
{
	struct gates *gates = self;
	(void)detail;
	int64_t seen = seen_of(gates, (uint64_t)gates->params->watch, sim->now + gates->epoch);
	meter_level(gates->meters, WATCHED, sim->now, seen);
}

static void see(struct gates *gates, const struct asked *asked)
{
	int64_t at = asked->request.arrival + gates->epoch, window = ratelimit_floor(at, gates->whole.window);
	struct in_window *in = keymap_put(&gates->in_window, asked->client, NULL);
	if (window > in->window && in->units > 0)
		meter_record(gates->meters, IN_WINDOW, asked->request.arrival, in->units);
	if (window > in->window)
		*in = (struct in_window){window, 0};
	in->units += asked->cost;
	ratelimit_charge(&gates->seen, asked->client, at, asked->cost);
	meter_record(gates->meters, TRAILING, asked->request.arrival, seen_of(gates, asked->client, at));
	if (asked->client == (uint64_t)gates->params->watch) {
		watch(gates->sim, gates, 0);
		sim_after(gates->sim, gates->whole.window, watch, gates, 0);
	}
}

static void decided(struct asked *asked, bool admitted)
{
	struct gates *gates = asked->gateway->of;
	int64_t arrival = asked->request.arrival, now = gates->sim->now;
	meter_record(gates->meters, DECISION, arrival, now - arrival);
	meter_count(gates->meters, admitted ? ADMITTED : REFUSED, arrival, 1);
	if (admitted && !asked->exact)
		meter_count(gates->meters, TOO_MANY, arrival, 1);
	if (!admitted && asked->exact)
		meter_count(gates->meters, TOO_FEW, arrival, 1);
	if (!admitted && asked->beside)
		meter_count(gates->meters, DENIED, arrival, 1);
	if (admitted != asked->beside)
		meter_count(gates->meters, DIFFERENT, arrival, 1);
	if (admitted)
		see(gates, asked);
	meter_record(gates->meters, LOG_MEMORY, arrival, (int64_t)ratelimit_bytes(&gates->exact, asked->client));
	journey_note(&asked->request.journey, now, "gateway", asked->gateway->number,
		     admitted ? "admits it" : "refuses it", -1);
	request_close(&asked->request, now);
}

/* ---- a gateway that decides by itself ---- */

static void decide_alone(struct asked *asked)
{
	struct gates *gates = asked->gateway->of;
	struct ratelimit *limiter = &asked->gateway->limiter;
	bool admitted = ratelimit_take(limiter, asked->client, asked->clock, asked->cost);
	if (!admitted && gates->params->counts_refused)
		ratelimit_charge(limiter, asked->client, asked->clock, asked->cost);
	meter_record(gates->meters, MEMORY, asked->request.arrival, (int64_t)ratelimit_bytes(limiter, asked->client));
	decided(asked, admitted);
}

/* ---- a store that all of them ask ---- */

/* `argument` is the gateway's clock, `more` what the request costs. Tells how much was left. */
static enum kvstore_effect look(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	const struct gates *gates = ask->context;
	(void)found;
	if (gates->params->store_clock)
		ask->argument = now + gates->epoch;
	gates->kind->advance(&gates->whole, record, ask->argument);
	ask->value = gates->kind->left(&gates->whole, record, ask->argument);
	return KVSTORE_KEEP;
}

static enum kvstore_effect count(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	const struct gates *gates = ask->context;
	enum kvstore_effect effect = look(ask, record, found, now);
	gates->kind->charge(&gates->whole, record, ask->argument, ask->more, gates->arena);
	return effect;
}

static enum kvstore_effect look_and_count(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	const struct gates *gates = ask->context;
	enum kvstore_effect effect = look(ask, record, found, now);
	if (ask->value >= ask->more || gates->params->counts_refused)
		gates->kind->charge(&gates->whole, record, ask->argument, ask->more, gates->arena);
	return effect;
}

static void ask_store(struct asked *asked, kvstore_script_fn *script, kvstore_answered_fn *answered)
{
	struct gates *gates = asked->gateway->of;
	const struct kvstore_ask ask = {
		.key = asked->client, .script = script, .context = gates, .argument = asked->clock, .more = asked->cost,
		.answered = answered, .subject = asked, .journey = asked->request.journey};
	kvstore_ask(&gates->store, gates->asks++, &ask);
}

static void without_store(struct asked *asked)
{
	struct gates *gates = asked->gateway->of;
	meter_count(gates->meters, UNANSWERED, asked->request.arrival, 1);
	if (gates->params->fails == BY_ITSELF)
		decide_alone(asked);
	else
		decided(asked, gates->params->fails == OPEN);
}

static void counted(struct sim *sim, void *subject, const struct kvstore_ask *ask)
{
	(void)sim;
	(void)ask; /* what was read before has decided */
	decided(subject, true);
}

static void looked(struct sim *sim, void *subject, const struct kvstore_ask *ask)
{
	struct asked *asked = subject;
	const struct params *p = asked->gateway->of->params;
	(void)sim;
	if (!ask->reached)
		without_store(asked);
	else if (p->atomic || ask->value < asked->cost)
		decided(asked, ask->value >= asked->cost);
	else
		ask_store(asked, count, counted);
}

/* ---- gateways that tell a store from time to time ---- */

static enum kvstore_effect add_up(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	int64_t *units = record;
	(void)found;
	(void)now;
	ask->value = *units += ask->more;
	return KVSTORE_KEEP;
}

/* The key of a client's window. */
static uint64_t window_key(uint64_t client, int64_t window)
{
	return rng_mix(client ^ rng_mix((uint64_t)window));
}

static void told(struct sim *sim, void *subject, const struct kvstore_ask *ask)
{
	struct telling *telling = subject;
	struct gateway *gateway = telling->gateway;
	struct tally *tally = keymap_find(&gateway->tallies, telling->client);
	(void)sim;
	if (tally->window == telling->window && ask->reached)
		tally->others = ask->value - telling->told;
	else if (tally->window == telling->window)
		tally->told -= ask->more; /* to be told again */
	freelist_give(&gateway->of->tellings, telling);
}

static void tell(struct gateway *gateway, uint64_t client, struct tally *tally)
{
	struct gates *gates = gateway->of;
	struct telling *telling = FREELIST_TAKE(&gates->tellings, gates->arena, struct telling);
	*telling = (struct telling){gateway, client, tally->window, tally->own};
	const struct kvstore_ask ask = {
		.key = window_key(client, tally->window), .script = add_up, .more = tally->own - tally->told,
		.answered = told, .subject = telling};
	tally->told = tally->own;
	kvstore_ask(&gates->store, gates->asks++, &ask);
}

static void tell_all(struct sim *sim, void *self, uint64_t detail)
{
	struct gateway *gateway = self;
	struct gates *gates = gateway->of;
	int64_t window = ratelimit_floor(clock_of(gateway), gates->whole.window);
	uint64_t cursor = 0, client;
	for (struct tally *tally; (tally = keymap_next(&gateway->tallies, &cursor, &client));)
		if (tally->window == window)
			tell(gateway, client, tally);
	sim_after(sim, gates->params->sync, tell_all, gateway, detail);
}

static void decide_by_tally(struct asked *asked)
{
	struct gates *gates = asked->gateway->of;
	struct tally *tally = keymap_put(&asked->gateway->tallies, asked->client, NULL);
	int64_t window = ratelimit_floor(asked->clock, gates->whole.window);
	if (window > tally->window)
		*tally = (struct tally){.window = window};
	bool admitted = tally->own + tally->others + asked->cost <= gates->whole.limit;
	if (admitted)
		tally->own += asked->cost;
	decided(asked, admitted);
}

/* ---- requests ---- */

static void come(struct gates *gates, uint64_t id, int64_t window, uint64_t client, int64_t cost)
{
	const struct params *p = gates->params;
	struct asked *asked = request_open(&gates->requests, id, window, "request");
	struct rng rng = rng_of(gates->route_stream, p->route == BY_CLIENT ? client : id);
	int64_t now = gates->sim->now + gates->epoch;
	asked->client = client;
	asked->cost = cost;
	asked->gateway = &gates->gateway[rng_below(&rng, (uint64_t)p->gateways)];
	asked->clock = clock_of(asked->gateway);
	asked->exact = ratelimit_take(&gates->exact, client, now, cost);
	asked->beside = ratelimit_take(&gates->beside, client, now, cost);
	meter_count(gates->meters, REQUESTS, gates->sim->now, 1);
	if (p->state == SHARED)
		ask_store(asked, p->atomic ? look_and_count : look, looked);
	else if (p->state == SYNCED)
		decide_by_tally(asked);
	else
		decide_alone(asked);
}

static void come_in_flood(void *self, uint64_t id, uint64_t client)
{
	struct gates *gates = self;
	come(gates, id, gates->window, client, 1);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct gates *gates = self;
	if (!gates->dated && row->value[SENT] > 0)
		gates->epoch = row->value[SENT] - sim->now;
	gates->dated = true;
	gates->window = row->window;
	come(gates, row->id, row->window, (uint64_t)row->value[CLIENT], row->value[COST]);
}

/* ---- faults ---- */

/* How far a gateway's clock is behind is as long as faults set it back without a break. */
static void set_back(struct gateway *gateway, int64_t behind)
{
	machine_clock_step(&gateway->machine, gateway->behind - behind);
	gateway->behind = behind;
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct gates *gates = self;
	int reason = state->active ? 1 : -1;
	(void)sim;
	switch (kind) {
	case FAULT_FLOOD:
		flood_set(flood_of(&gates->floods, (uint64_t)target), state->rate);
		break;
	case FAULT_RESTART_STORE:
		if (state->active)
			kvstore_clear(&gates->store);
		gates->store.cut_to += reason;
		break;
	case FAULT_CUT:
		gates->store.cut_to += reason;
		break;
	case FAULT_CUT_BACK:
		gates->store.cut_back += reason;
		break;
	case FAULT_SLOW_STORE:
		gates->store.server.slowness = state->factor;
		break;
	case FAULT_SET_BACK:
		set_back(&gates->gateway[target], state->until - state->since);
	}
}

static const char *idle(const void *of, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = of;
	(void)target;
	(void)arena;
	bool asks = p->state == SHARED || p->state == SYNCED;
	if (kind == FAULT_SET_BACK && p->state == SHARED && p->store_clock)
		return "the store's clock counts (store_clock)";
	if (kind == FAULT_SLOW_STORE && asks && dist_mean(&p->store_work) == 0)
		return "the store takes no time (store_work)";
	return asks || kind == FAULT_FLOOD || kind == FAULT_SET_BACK ? NULL : "gateways ask no store (state)";
}

static struct fault_targets targets(const void *of, int64_t slice, int kind, struct arena *arena)
{
	const struct params *p = of;
	(void)slice;
	(void)arena;
	return (struct fault_targets){.count = kind == FAULT_SET_BACK ? p->gateways : INT64_MAX};
}

/* ---- the world ---- */

static void make_gateway(struct gates *gates, int number)
{
	const struct params *p = gates->params;
	struct gateway *gateway = &gates->gateway[number];
	struct rng rng = rng_of(sim_stream(gates->sim, "gateway"), (uint64_t)number);
	int64_t offset = (int64_t)rng_below(&rng, 2 * (uint64_t)p->skew + 1) - p->skew;
	int64_t phase = p->aligned ? p->sync : 1 + (int64_t)rng_below(&rng, (uint64_t)p->sync);
	gateway->of = gates;
	gateway->number = number;
	machine_init(&gateway->machine, gates->sim, number, offset, 0);
	ratelimit_init(&gateway->limiter, gates->arena, gates->kind,
		       p->state == ALONE ? &gates->whole : &gates->part);
	keymap_init(&gateway->tallies, gates->arena, sizeof(struct tally));
	if (p->state == SYNCED)
		sim_after(gates->sim, phase, tell_all, gateway, 0);
}

static int64_t part_of(int64_t whole, int64_t parts)
{
	return whole / parts > 0 ? whole / parts : 1;
}

static void *build(const struct case_world *world)
{
	struct gates *gates = ARENA_NEW(&world->sim->arena, struct gates);
	const struct params *p = world->params;
	*gates = (struct gates){.params = p, .sim = world->sim, .arena = &world->sim->arena, .meters = world->meters};
	gates->kind = ratelimit_kinds[p->limiter];
	gates->whole = (struct ratelimit_rule){p->limit, p->window, p->burst};
	gates->part = (struct ratelimit_rule){
		part_of(p->limit, p->gateways), p->window, part_of(p->burst, p->gateways)};
	gates->endless = (struct ratelimit_rule){(INT64_C(1) << 62) / p->window - 1, p->window, 1};
	const struct ratelimit_kind *log = &ratelimit_sliding_log;
	ratelimit_init(&gates->exact, gates->arena, log, &gates->whole);
	ratelimit_init(&gates->beside, gates->arena, p->beside ? ratelimit_kinds[p->beside - 1] : gates->kind,
		       &gates->whole);
	ratelimit_init(&gates->seen, gates->arena, log, &gates->endless);
	keymap_init(&gates->in_window, gates->arena, sizeof(struct in_window));
	size_t record = p->state == SYNCED ? sizeof(int64_t) : gates->kind->size;
	gates->store_config = (struct kvstore_config){record, 1, &p->one_way, &p->store_work, p->timeout, p->expire};
	kvstore_init(&gates->store, world->sim, "store", &gates->store_config);
	gates->store.records = (struct booking){world->meters, RECORDS};
	requests_init(&gates->requests, world->sim, world->journeys, NULL, sizeof(struct asked));
	gates->floods = (struct floods){.sim = world->sim, .id = &gates->flood_id, .owner = gates,
					  .come = come_in_flood};
	gates->flood_id = FLOOD_IDS;
	gates->route_stream = sim_stream(world->sim, "route");
	for (int number = 0; number < p->gateways; number++)
		make_gateway(gates, number);
	return gates;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	const struct ratelimit_rule whole = {p->limit, p->window, p->burst};
	if (!ratelimit_rule_fits(&whole))
		return err_add(err, ERR_MODEL, NULL, "limit and burst are too large for windows that long: either of "
						     "them times the window in ns must stay below 2^62");
	if (p->state == SPLIT && (p->limit % p->gateways != 0 || p->burst % p->gateways != 0))
		return err_add(err, ERR_MODEL, NULL, "state: split needs a limit and a burst that are multiples of the "
						     "number of gateways (%lld)", (long long)p->gateways);
	if (p->state == SYNCED && ratelimit_kinds[p->limiter] != &ratelimit_fixed_window)
		return err_add(err, ERR_MODEL, NULL, "state: synced adds up counts of fixed windows: it needs "
						     "limiter: fixed-window");
	if (p->state == SYNCED && p->sync > p->window)
		return err_add(err, ERR_MODEL, NULL, "sync is longer than the window: what a gateway is told would "
						     "always be about a window that has ended");
	return true;
}

static const char *const table[] = {"decision", "count(refused) / count(requests)",
					    "count(too_many) / count(requests)",
					    "count(too_few) / count(requests)", NULL};

const struct case_study case_ratelimit = {
	.name = "ratelimit",
	.about = "rate limits at one and at many gateways: windows, logs, buckets, shared and stale counters",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.table = table,
	.faults = faults,
	.served = (const struct case_served[]){{"decision", "rate(admitted)"}, {NULL, NULL}},
	.failures = "refused",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
	.targets = targets,
};
