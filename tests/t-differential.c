/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small random networks, replayed twice: by the parts of src/model, and by a slow simulator of its own, which knows of
 * them no more than what their headers say. Clients call servers over links; before each server stands a limiter; a
 * server is a pool or a node; calls time out, are tried again, hedged, held back by budgets and breakers; faults that
 * overlap pause servers, slow them, and cut links. Both note who did what when, and the notes must be equal to the
 * nanosecond. Random numbers come from the same streams, by the same keys.
 *
 * The slow one has no events of a job in service: it lets work go on from one instant to the next at which anything
 * may happen, and looks through everything each time.
 *
 * DIFFERENTIAL=N tries N networks, beginning with number DIFFERENTIAL_FROM.
 */
#include "model/call.h"
#include "model/limiter.h"
#include "model/link.h"
#include "model/node.h"
#include "run/breakage.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

enum { REQUESTS = 250, SERVERS = 3, FAULTS = 8, SENDS = 24, NOTES = REQUESTS * SENDS * 4, NETWORKS = 250, SOME = 20 };

/* ---- a network, and what is noted of it ---- */

enum { PAUSE, SLOW, CUT, KINDS };
static const struct fault_kind kinds[] = {
	[PAUSE] = {.name = "pause", .target = "server"},
	[SLOW] = {.name = "slow", .target = "server", .factor = true},
	[CUT] = {.name = "cut", .target = "server"},
	{.name = NULL}
};

struct server_plan {
	bool is_node;
	int64_t servers, places;    /* of a pool */
	struct node_config node;
	bool collects;
	double headroom, phase;
	double eden, young_phase;   /* 0: one generation */
	int64_t pause;              /* of a collection */
	int limiter;                /* 0 off, 1 fixed, 2 adaptive */
	double limit, share[2];
	int64_t one_way, interval;
	struct dist jitter;
};

struct plan {
	uint64_t seed;
	int servers;
	struct server_plan server[SERVERS];
	struct call_config call;
	int backoff;                /* its number in the list of kinds */
	struct { int64_t at; int server, class; } request[REQUESTS];
	struct fault fault[FAULTS];
	int faults;
};

enum what { SENT, ARRIVED, REFUSED, SERVED, ENDED };
struct note {
	int64_t when;
	int request, what, detail;
};

struct notes {
	struct note note[NOTES];
	int count;
};

static void note(struct notes *notes, int64_t when, int request, int what, int detail)
{
	CHECK(notes->count < NOTES);
	notes->note[notes->count++] = (struct note){when, request, what, detail};
}

static int by_time(const void *left, const void *right)
{
	const struct note *a = left, *b = right;
	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;
	if (a->request != b->request)
		return a->request < b->request ? -1 : 1;
	return a->what != b->what ? a->what - b->what : a->detail - b->detail;
}

/* What an attempt takes: keyed by its request and number. */
struct needs {
	int64_t cpu, disk, back;
	double garbage;
};

static struct needs needs_of(const struct plan *plan, int request, int number)
{
	struct rng rng = rng_of(rng_stream(plan->seed, 0, "needs"), (uint64_t)request * SENDS + (uint64_t)number);
	struct needs needs = {.cpu = 1 + (int64_t)rng_below(&rng, 8000000)};
	needs.disk = rng_below(&rng, 2) ? 1 + (int64_t)rng_below(&rng, 6000000) : 0;
	needs.back = 1 + (int64_t)rng_below(&rng, 900000);
	needs.garbage = (double)rng_below(&rng, 1000);
	return needs;
}

static struct rng patience_of(const struct plan *plan, int request)
{
	return rng_of(rng_stream(plan->seed, 0, "patience"), (uint64_t)request);
}

/* One of the numbers. */
#define ONE_OF(rng, ...) \
	(((const int64_t[]){__VA_ARGS__})[rng_below(rng, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))])
static const int64_t ms = 1000000;
static const double surviving = 0.75; /* of what a young generation holds */

static struct server_plan random_server(struct rng *rng)
{
	struct server_plan plan = {.is_node = rng_below(rng, 2), .servers = ONE_OF(rng, 1, 2, 5),
				   .places = ONE_OF(rng, -1, 0, 3, 20)};
	plan.node = (struct node_config){.cores = ONE_OF(rng, 1, 2, 4), .sharded = rng_below(rng, 2),
					 .disk_depth = ONE_OF(rng, 1, 2, 8)};
	plan.node.concurrency = plan.node.cores * ONE_OF(rng, 1, 3, 8);
	plan.collects = rng_below(rng, 2);
	plan.headroom = (double)ONE_OF(rng, 3000, 20000);
	plan.phase = rng_unit(rng);
	plan.pause = ONE_OF(rng, 3, 17, 60) * ms + 1;
	plan.limiter = (int)rng_below(rng, 3);
	plan.limit = (double)ONE_OF(rng, 2, 6, 15);
	plan.share[0] = 1;
	plan.share[1] = (double)ONE_OF(rng, 5, 8, 10) / 10;
	plan.one_way = ONE_OF(rng, 0, 1, 7) * ms + 13;
	plan.interval = ONE_OF(rng, 0, 0, 2000003);
	plan.jitter = dist_const((double)ONE_OF(rng, 0, 700001));
	plan.eden = (double)ONE_OF(rng, 0, 2000, 7000);
	plan.young_phase = rng_unit(rng);
	if (rng_below(rng, 2)) {
		struct err err;
		err_init(&err);
		dist_parse(&plan.jitter, QUANTITY_TIME, "exp(2 ms)", NULL, NULL, NULL, &err);
	}
	return plan;
}

static void plan_network(struct plan *plan, uint64_t seed)
{
	struct rng all = rng_start(rng_stream(seed, 0, "networks")), *rng = &all;
	*plan = (struct plan){.seed = seed, .servers = 1 + (int)rng_below(rng, SERVERS)};
	for (int s = 0; s < plan->servers; s++)
		plan->server[s] = random_server(rng);
	plan->backoff = (int)rng_below(rng, 5);
	plan->call = (struct call_config){
		.timeout = ONE_OF(rng, 0, 15, 40, 150) * ms, .attempts = ONE_OF(rng, 1, 2, 4),
		.backoff = {backoff_kinds[plan->backoff], 3 * ms + 1, 20 * ms}, .hedge = ONE_OF(rng, 0, 0, 9) * ms,
		.budget = -1, .budget_most = ONE_OF(rng, 1, 5), .breaker_of = ONE_OF(rng, 4, 20),
		.breaker_for = 50 * ms,
		.fallback = ONE_OF(rng, -1, 0, 1000003)};
	if (rng_below(rng, 2))
		plan->call.budget = 0.1 * (double)ONE_OF(rng, 1, 5);
	plan->call.budget_saved = ONE_OF(rng, 0, 1);
	if (rng_below(rng, 3) == 0)
		plan->call.breaker = 0.5;
	int64_t now = 0, between = ONE_OF(rng, 500, 2000, 6000) * 1000;
	for (int i = 0; i < REQUESTS; i++) {
		now += 1 + (int64_t)rng_below(rng, (uint64_t)between);
		plan->request[i].at = now;
		plan->request[i].server = (int)rng_below(rng, (uint64_t)plan->servers);
		plan->request[i].class = (int)rng_below(rng, 2);
	}
	plan->faults = (int)rng_below(rng, FAULTS + 1);
	for (int i = 0; i < plan->faults; i++)
		plan->fault[i] = (struct fault){.kind = (int)rng_below(rng, KINDS),
						.at = (int64_t)rng_below(rng, (uint64_t)now),
						.lasts = 1 + (int64_t)rng_below(rng, (uint64_t)now / 4),
						.target = (int64_t)rng_below(rng, (uint64_t)plan->servers),
						.factor = 1};
	for (int i = 0; i < plan->faults; i++)
		if (plan->fault[i].kind == SLOW)
			plan->fault[i].factor = (double)ONE_OF(rng, 1, 4, 10) / 2;
}

/* ---- by the parts ---- */

struct parts_server {
	const struct server_plan *plan;
	struct link link;
	struct limiter limiter;
	struct pool pool;
	struct node node;
};

struct parts {
	const struct plan *plan;
	struct notes *notes;
	struct sim *sim;
	struct parts_server server[SERVERS];
	struct caller caller;
	struct { struct call call; struct rng rng; } request[REQUESTS];
};

struct parts_attempt {
	struct call_attempt attempt; /* first */
	int request;
	int64_t entered;
	struct needs needs;
};

static int request_of(struct parts *parts, const struct call *call)
{
	for (int i = 0; i < REQUESTS; i++)
		if (&parts->request[i].call == call)
			return i;
	CHECK(false);
}

static void parts_served(struct sim *sim, void *subject, uint64_t unused)
{
	struct parts_attempt *attempt = subject;
	struct parts *parts = attempt->attempt.caller->owner;
	struct parts_server *server = &parts->server[parts->plan->request[attempt->request].server];
	(void)unused;
	note(parts->notes, sim->now, attempt->request, SERVED, attempt->attempt.number);
	limiter_leave(&server->limiter, sim->now - attempt->entered);
	call_answer(&attempt->attempt, attempt->needs.back);
}

static void parts_arrived(struct sim *sim, void *subject, uint64_t unused)
{
	struct parts_attempt *attempt = subject;
	struct parts *parts = attempt->attempt.caller->owner;
	int request = attempt->request, number = attempt->attempt.number;
	struct parts_server *server = &parts->server[parts->plan->request[request].server];
	const struct needs *needs = &attempt->needs;
	(void)unused;
	note(parts->notes, sim->now, request, ARRIVED, number);
	attempt->entered = sim->now;
	bool admitted = limiter_enter(&server->limiter, server->plan->share[parts->plan->request[request].class]);
	if (admitted && server->plan->is_node) {
		node_serve(&server->node, (uint64_t)request, needs->cpu, needs->disk, needs->garbage, parts_served,
			   attempt, 0, NULL);
		return;
	}
	if (admitted && pool_enter(&server->pool, needs->cpu, parts_served, attempt, 0, NULL))
		return;
	if (admitted)
		limiter_leave(&server->limiter, -1);
	note(parts->notes, sim->now, request, REFUSED, number);
	call_refuse(&attempt->attempt, needs->back);
}

static void parts_send(void *owner, struct call_attempt *sent)
{
	struct parts *parts = owner;
	struct parts_attempt *attempt = (struct parts_attempt *)sent;
	attempt->request = request_of(parts, sent->call);
	attempt->needs = needs_of(parts->plan, attempt->request, sent->number);
	note(parts->notes, parts->sim->now, attempt->request, SENT, sent->number);
	link_send(&parts->server[parts->plan->request[attempt->request].server].link, parts_arrived, attempt, 0);
}

static void parts_ended(void *owner, struct call *call, enum call_end how, int64_t in,
			const struct call_attempt *attempt)
{
	struct parts *parts = owner;
	(void)attempt;
	note(parts->notes, parts->sim->now + in, request_of(parts, call), ENDED, (int)how);
}

static void parts_request(struct sim *sim, void *subject, uint64_t number)
{
	struct parts *parts = subject;
	(void)sim;
	parts->request[number].rng = patience_of(parts->plan, (int)number);
	call_begin(&parts->caller, &parts->request[number].call, &parts->request[number].rng, NULL);
}

static void parts_fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct parts_server *server = &((struct parts *)self)->server[target];
	if (kind == CUT) {
		(state->active ? link_cut : link_mend)(&server->link);
	} else if (server->plan->is_node) {
		if (kind == PAUSE)
			node_pause(&server->node, state->until - sim->now);
		else
			node_slow(&server->node, state->factor);
	} else if (kind == PAUSE) {
		pool_pause(&server->pool, state->until - sim->now);
	} else {
		server->pool.slowness = state->factor;
	}
}

static const struct case_study parts_case = {.name = "parts", .faults = kinds, .fault = parts_fault};

static void run_parts(const struct plan *plan, struct notes *notes)
{
	struct sim *sim = sim_new(plan->seed, 0);
	struct parts *parts = ARENA_NEW(&sim->arena, struct parts);
	struct breakage breakage;
	*parts = (struct parts){.plan = plan, .notes = notes, .sim = sim};
	notes->count = 0;
	for (int s = 0; s < plan->servers; s++) {
		const struct server_plan *of = &plan->server[s];
		struct parts_server *server = &parts->server[s];
		*server = (struct parts_server){.plan = of};
		link_init(&server->link, sim, of->one_way, &of->jitter, of->interval ? 1e9 / (double)of->interval : 0,
			  rng_stream(plan->seed, 0, "links"), (uint64_t)s);
		server->link.interval = of->interval;
		limiter_init(&server->limiter, &sim->arena, limiter_kinds[of->limiter], of->limit, of->limit * 10);
		pool_init(&server->pool, sim, "pool", s, of->servers, of->places);
		node_init(&server->node, sim, s, &of->node);
		/* What is alive is traced in no time: the pause is its floor. */
		const struct collector_config heap = {
			.on = of->collects, .heap = 1e12, .eden = of->eden, .survivors = surviving,
			.headroom = of->headroom, .rate = 1e15, .floor = of->pause
		};
		collector_init(&server->node.collector, &heap, of->phase, of->young_phase);
	}
	caller_init(&parts->caller, sim, &plan->call, "clients", sizeof(struct parts_attempt));
	parts->caller.owner = parts;
	parts->caller.send = parts_send;
	parts->caller.ended = parts_ended;
	breakage_init(&breakage, sim, &parts_case, parts, plan->fault, plan->faults, INT64_MAX);
	for (int i = 0; i < REQUESTS; i++)
		sim_at(sim, plan->request[i].at, parts_request, parts, (uint64_t)i);
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	sim_free(sim);
}

/* ---- by hand: no more than lists that are looked through ---- */

/* Where an attempt is at its server. */
enum spot { AWAY, WAITS_STAGE, WAITS_CPU, ON_CPU, WAITS_DISK, ON_DISK, WAITS_END };

struct slow_attempt {
	int request, number;
	int64_t sent, deadline, left, entered; /* left: work to do where it is */
	bool given_up;
	enum spot place;
	uint64_t turn; /* in the order of coming to where it waits */
	int shard;
	struct needs needs;
};

enum slow_kind { NOTHING, BEGIN, REACH, HEAR_ANSWER, HEAR_ERROR, TIME_OUT, HEDGE, RETRY, WAKE };

struct slow_event {
	int64_t when;
	uint64_t order;
	enum slow_kind kind;
	int subject;             /* a request, or an attempt */
	int64_t round, departed; /* of the request; of a message */
};

struct slow_request {
	struct rng rng;
	int flying[2], copies, tries, sends;
	int64_t deadline, waited, round; /* round: timers of an earlier one are void */
	bool ended;
};

struct slow_server {
	int64_t collected_until, free_at;
	double used, young, limit, best, sum;
	int samples, inside;
	struct rng jitter;
	int kept[REQUESTS * SENDS], keeps; /* attempts that a cut link has not delivered */
};

/* Canaries: what the slow one does wrong on purpose. The first ones do not know a kind of fault. */
enum planted { NO_PAUSE = PAUSE, NO_SLOW = SLOW, NO_CUT = CUT, LAST_FIRST, NO_LIMIT, NO_BUDGET, NO_BREAKER, RIGHT };
static const char *const planted_names[] = {
	[NO_PAUSE] = "pauses do not count", [NO_SLOW] = "nothing is slow", [NO_CUT] = "nothing is cut",
	[LAST_FIRST] = "who came last is served first", [NO_LIMIT] = "limits do not hold",
	[NO_BUDGET] = "budgets do not hold", [NO_BREAKER] = "breakers do not open"};

struct slow {
	const struct plan *plan;
	struct notes *notes;
	int64_t now;
	uint64_t order;
	struct slow_event event[4096];
	int events;
	struct slow_attempt attempt[REQUESTS * SENDS];
	int attempts;
	struct slow_request request[REQUESTS];
	struct slow_server server[SERVERS];
	int64_t tokens; /* millionths */
	int breaker;    /* 0 closed, 1 open, 2 half open */
	int64_t since;
	enum planted planted;
	bool outcome[REQUESTS * SENDS]; /* failures, since the breaker closed */
	int outcomes;
	long kept, collections, both, opened; /* how often that happened, for the test of the test */
};

static void later(struct slow *slow, int64_t when, enum slow_kind kind, int subject, int64_t round, int64_t departed)
{
	CHECK(slow->events < (int)(sizeof slow->event / sizeof *slow->event));
	slow->event[slow->events++] = (struct slow_event){when, slow->order++, kind, subject, round, departed};
}

/* Of the faults of a kind at a server: whether one is under way at an instant, and the product of their factors. */
static bool broken(const struct slow *slow, int kind, int server, int64_t when, double *factor)
{
	bool any = false;
	for (int i = 0; i < slow->plan->faults && (int)slow->planted != kind; i++) {
		const struct fault *fault = &slow->plan->fault[i];
		if (fault->kind != kind || fault->target != server || when < fault->at ||
		    when >= fault->at + fault->lasts)
			continue;
		any = true;
		if (factor)
			*factor *= fault->factor;
	}
	return any;
}

static bool stands_still(const struct slow *slow, int server)
{
	return slow->now < slow->server[server].collected_until || broken(slow, PAUSE, server, slow->now, NULL);
}

/* Whether the way was whole from one instant to another; cut at neither end, nor between. */
static bool was_whole(const struct slow *slow, int server, int64_t from, int64_t to)
{
	for (int i = 0; i < slow->plan->faults && slow->planted != NO_CUT; i++) {
		const struct fault *fault = &slow->plan->fault[i];
		if (fault->kind == CUT && fault->target == server && fault->at <= to && fault->at + fault->lasts > from)
			return false;
	}
	return true;
}

static int server_of(const struct slow *slow, const struct slow_attempt *attempt)
{
	return slow->plan->request[attempt->request].server;
}

/* ---- the way ---- */

static void depart(struct slow *slow, int number)
{
	struct slow_attempt *attempt = &slow->attempt[number];
	struct slow_server *server = &slow->server[server_of(slow, attempt)];
	const struct server_plan *plan = &slow->plan->server[server_of(slow, attempt)];
	int64_t leaves = server->free_at > slow->now ? server->free_at : slow->now;
	server->free_at = leaves + plan->interval;
	later(slow, leaves + plan->interval + plan->one_way + dist_draw_time(&plan->jitter, &server->jitter), REACH,
	      number, 0, slow->now);
}

static void post(struct slow *slow, int number)
{
	struct slow_server *server = &slow->server[server_of(slow, &slow->attempt[number])];
	if (!broken(slow, CUT, server_of(slow, &slow->attempt[number]), slow->now, NULL)) {
		depart(slow, number);
		return;
	}
	server->kept[server->keeps++] = number;
	slow->kept++;
}

/* ---- calls ---- */

static void end_call(struct slow *slow, int request, int how, int64_t in)
{
	slow->request[request].ended = true;
	slow->request[request].round++;
	note(slow->notes, slow->now + in, request, ENDED, how);
}

static void fail_call(struct slow *slow, int request)
{
	int64_t fallback = slow->plan->call.fallback;
	end_call(slow, request, fallback < 0 ? CALL_FAILED : CALL_FELL_BACK, fallback < 0 ? 0 : fallback);
}

static bool may_ask(struct slow *slow)
{
	if (slow->breaker == 0)
		return true;
	if (slow->now < slow->since + slow->plan->call.breaker_for)
		return false;
	slow->breaker = 2;
	slow->since = slow->now;
	return true;
}

static void set_breaker(struct slow *slow, int state)
{
	slow->breaker = state;
	slow->since = slow->now;
	slow->outcomes = 0;
	slow->opened += state == 1;
}

static void learn(struct slow *slow, int64_t asked, bool failed)
{
	int of = (int)slow->plan->call.breaker_of, failures = 0;
	if (slow->plan->call.breaker <= 0 || slow->planted == NO_BREAKER || slow->breaker == 1 || asked < slow->since)
		return;
	if (slow->breaker == 2) {
		set_breaker(slow, failed ? 1 : 0);
		return;
	}
	slow->outcome[slow->outcomes++] = failed;
	for (int i = slow->outcomes - of; i < slow->outcomes; i++)
		failures += i >= 0 && slow->outcome[i];
	if (slow->outcomes >= of && failures >= slow->plan->call.breaker * of)
		set_breaker(slow, 1);
}

static bool pay(struct slow *slow)
{
	if (slow->plan->call.budget < 0 || slow->planted == NO_BUDGET)
		return true;
	if (slow->tokens < 1000000)
		return false;
	slow->tokens -= 1000000;
	return true;
}

static void send_copy(struct slow *slow, int number)
{
	struct slow_request *request = &slow->request[number];
	struct slow_attempt *attempt = &slow->attempt[slow->attempts];
	CHECK(request->sends < SENDS);
	*attempt = (struct slow_attempt){.request = number, .number = request->sends++, .sent = slow->now,
					 .deadline = request->deadline};
	attempt->needs = needs_of(slow->plan, number, attempt->number);
	request->flying[request->copies++] = slow->attempts;
	note(slow->notes, slow->now, number, SENT, attempt->number);
	post(slow, slow->attempts++);
}

static void try_call(struct slow *slow, int number)
{
	struct slow_request *request = &slow->request[number];
	const struct call_config *call = &slow->plan->call;
	if (!may_ask(slow)) {
		fail_call(slow, number);
		return;
	}
	request->tries++;
	request->round++;
	request->deadline = call->timeout ? slow->now + call->timeout : INT64_MAX;
	if (call->timeout)
		later(slow, request->deadline, TIME_OUT, number, request->round, 0);
	if (call->hedge)
		later(slow, slow->now + call->hedge, HEDGE, number, request->round, 0);
	send_copy(slow, number);
}

/* As model/backoff.h has it, by the number of the kind: none, exponential, equal, full, decorrelated. */
static int64_t backoff(const struct plan *plan, struct slow_request *request)
{
	int64_t base = plan->call.backoff.base, most = plan->call.backoff.most, sleep = base, last = request->waited;
	for (int i = 1; i < request->tries; i++)
		sleep = 2 * sleep < most ? 2 * sleep : most;
	if (request->tries == 1)
		last = base;
	double range = plan->backoff == 2 ? (double)(sleep / 2) : plan->backoff == 3 ? (double)sleep
								   : (double)(3 * last - base);
	int64_t drawn = plan->backoff < 2 ? 0 : (int64_t)(rng_unit(&request->rng) * (range > 0 ? range : 0));
	if (plan->backoff == 4)
		return base + drawn < most ? base + drawn : most;
	return plan->backoff == 0 ? 0 : plan->backoff == 1 ? sleep : plan->backoff == 2 ? sleep / 2 + drawn : drawn;
}

static void give_up(struct slow *slow, struct slow_request *request)
{
	while (request->copies > 0)
		slow->attempt[request->flying[--request->copies]].given_up = true;
	request->round++;
}

static void failed_once(struct slow *slow, int number)
{
	struct slow_request *request = &slow->request[number];
	give_up(slow, request);
	if (request->tries >= slow->plan->call.attempts || !pay(slow)) {
		fail_call(slow, number);
		return;
	}
	request->waited = backoff(slow->plan, request);
	later(slow, slow->now + request->waited, RETRY, number, request->round, 0);
}

/* What a server says is heard unless by then nobody waits for it. */
static void reply(struct slow *slow, int number, enum slow_kind kind)
{
	const struct slow_attempt *attempt = &slow->attempt[number];
	int64_t heard = slow->now + attempt->needs.back;
	if (!attempt->given_up && heard < attempt->deadline)
		later(slow, heard, kind, number, 0, 0);
}

static void hear(struct slow *slow, int number, bool failed)
{
	struct slow_attempt *attempt = &slow->attempt[number];
	struct slow_request *request = &slow->request[attempt->request];
	learn(slow, attempt->sent, failed);
	if (attempt->given_up)
		return;
	if (!failed) {
		give_up(slow, request);
		end_call(slow, attempt->request, CALL_ANSWERED, 0);
		return;
	}
	attempt->given_up = true;
	if (request->flying[0] == number)
		request->flying[0] = request->flying[1];
	if (--request->copies == 0)
		failed_once(slow, attempt->request);
}

/* ---- servers ---- */

static int64_t at_place(const struct slow *slow, int server, enum spot place, int shard)
{
	int64_t count = 0;
	for (int i = 0; i < slow->attempts; i++)
		count += slow->attempt[i].place == place && server_of(slow, &slow->attempt[i]) == server &&
			 (shard < 0 || slow->attempt[i].shard == shard);
	return count;
}

static void go_to(struct slow *slow, struct slow_attempt *attempt, enum spot place)
{
	attempt->place = place;
	attempt->turn = slow->order++;
}

static void leave_server(struct slow *slow, int number)
{
	struct slow_attempt *attempt = &slow->attempt[number];
	struct slow_server *server = &slow->server[server_of(slow, attempt)];
	const struct server_plan *plan = &slow->plan->server[server_of(slow, attempt)];
	attempt->place = AWAY;
	server->inside--;
	note(slow->notes, slow->now, attempt->request, SERVED, attempt->number);
	server->sum += (double)(slow->now - attempt->entered);
	if (plan->limiter == 2 && ++server->samples == 100) {
		double mean = server->sum / 100;
		server->best = server->best > 0 && server->best < mean ? server->best : mean;
		double gradient = server->best / mean < 0.5 ? 0.5 : server->best / mean;
		server->limit += 0.2 * (server->limit * gradient + sqrt(server->limit) - server->limit);
		server->limit = fmin(fmax(server->limit, 1), plan->limit * 10);
		server->samples = 0;
		server->sum = 0;
	}
	reply(slow, number, HEAR_ANSWER);
}

static void reach(struct slow *slow, int number, int64_t departed)
{
	struct slow_attempt *attempt = &slow->attempt[number];
	int at = server_of(slow, attempt);
	struct slow_server *server = &slow->server[at];
	const struct server_plan *plan = &slow->plan->server[at];
	if (!was_whole(slow, at, departed, slow->now)) {
		post(slow, number);
		return;
	}
	note(slow->notes, slow->now, attempt->request, ARRIVED, attempt->number);
	attempt->entered = slow->now;
	double share = plan->share[slow->plan->request[attempt->request].class];
	bool full = plan->limiter > 0 && slow->planted != NO_LIMIT && server->inside + 1 > server->limit * share;
	if (!full && !plan->is_node && plan->places >= 0)
		full = at_place(slow, at, ON_CPU, -1) >= plan->servers &&
		       at_place(slow, at, WAITS_CPU, -1) >= plan->places;
	if (full) {
		note(slow->notes, slow->now, attempt->request, REFUSED, attempt->number);
		reply(slow, number, HEAR_ERROR);
		return;
	}
	server->inside++;
	if (plan->is_node && plan->node.sharded && plan->node.cores > 1)
		attempt->shard = (int)(rng_mix((uint64_t)attempt->request) % (uint64_t)plan->node.cores);
	go_to(slow, attempt, plan->is_node ? WAITS_STAGE : WAITS_CPU);
}

/* Whoever waits for `place` has waited longest moves on to `next`, as long as there is room. */
static bool move_up(struct slow *slow, int at, enum spot place, enum spot next, int64_t room, int shard)
{
	int first = -1;
	for (int i = 0; i < slow->attempts; i++) {
		const struct slow_attempt *attempt = &slow->attempt[i];
		if (attempt->place != place || server_of(slow, attempt) != at ||
		    (shard >= 0 && attempt->shard != shard))
			continue;
		bool before = first < 0 || attempt->turn < slow->attempt[first].turn;
		if (slow->planted == LAST_FIRST)
			before = first < 0 || attempt->turn > slow->attempt[first].turn;
		first = before ? i : first;
	}
	if (first < 0 || room <= 0)
		return false;
	struct slow_attempt *attempt = &slow->attempt[first];
	double factor = 1;
	go_to(slow, attempt, next);
	attempt->left = next == ON_CPU ? attempt->needs.cpu : attempt->needs.disk;
	if (next == ON_CPU && broken(slow, SLOW, at, slow->now, &factor))
		attempt->left = (int64_t)((double)attempt->left * factor);
	return true;
}

/* Lets those who wait take what is free, of a server as a whole or of one of its shards. */
static bool fill_free(struct slow *slow, int at, int shard, int shards)
{
	const struct server_plan *plan = &slow->plan->server[at];
	bool moved = false;
	int64_t cpus = plan->servers;
	if (plan->is_node) {
		cpus = plan->node.sharded ? 1 : plan->node.cores;
		int64_t inside = 0, places = plan->node.concurrency / shards;
		for (enum spot place = WAITS_CPU; place <= WAITS_END; place++)
			inside += at_place(slow, at, place, shard);
		moved = move_up(slow, at, WAITS_STAGE, WAITS_CPU, (places > 0 ? places : 1) - inside, shard);
	}
	return move_up(slow, at, WAITS_CPU, ON_CPU, cpus - at_place(slow, at, ON_CPU, shard), shard) || moved;
}

/* How many collections this garbage sets off, one after the other: what outlives a young one is garbage of the old. */
static int collections_of(struct slow_server *server, const struct server_plan *plan, double garbage)
{
	int young = 0;
	if (plan->eden > 0) {
		server->young += garbage;
		if (server->young < plan->eden)
			return 0;
		server->young = 0;
		garbage = plan->eden * surviving;
		young = 1;
	}
	server->used += garbage;
	if (server->used < plan->headroom)
		return young;
	server->used -= server->used < 2 * plan->headroom ? plan->headroom : server->used;
	return young + 1;
}

static void off_cpu(struct slow *slow, int number)
{
	struct slow_attempt *attempt = &slow->attempt[number];
	int at = server_of(slow, attempt);
	struct slow_server *server = &slow->server[at];
	const struct server_plan *plan = &slow->plan->server[at];
	if (!plan->is_node) {
		leave_server(slow, number);
		return;
	}
	/* Its core is taken by the next before the collection that it sets off. */
	go_to(slow, attempt, attempt->needs.disk > 0 ? WAITS_DISK : WAITS_END);
	int collections = plan->collects ? collections_of(server, plan, attempt->needs.garbage) : 0;
	if (collections > 0) {
		if (slow->now + collections * plan->pause > server->collected_until)
			server->collected_until = slow->now + collections * plan->pause;
		later(slow, server->collected_until, WAKE, 0, 0, 0);
		slow->collections++;
		slow->both += collections == 2;
	}
	if (attempt->place == WAITS_END)
		leave_server(slow, number);
}

/* All that follows at this instant. */
static void settle(struct slow *slow)
{
	for (bool any = true; any;) {
		any = false;
		for (int i = 0; i < slow->attempts; i++) {
			struct slow_attempt *attempt = &slow->attempt[i];
			int at = server_of(slow, attempt);
			if (attempt->place == ON_CPU && attempt->left == 0 && !stands_still(slow, at)) {
				off_cpu(slow, i);
				any = true;
			} else if (attempt->place == ON_DISK && attempt->left == 0) {
				attempt->place = WAITS_END;
				any = true;
			} else if (attempt->place == WAITS_END && !stands_still(slow, at)) {
				leave_server(slow, i);
				any = true;
			}
		}
		for (int s = 0; s < slow->plan->servers; s++) {
			const struct server_plan *plan = &slow->plan->server[s];
			int shards = plan->is_node && plan->node.sharded ? (int)plan->node.cores : 1;
			for (int shard = 0; shard < shards; shard++)
				any = fill_free(slow, s, shard, shards) || any;
			any = move_up(slow, s, WAITS_DISK, ON_DISK, plan->node.disk_depth -
				      at_place(slow, s, ON_DISK, -1), -1) || any;
			bool cut = broken(slow, CUT, s, slow->now, NULL);
			struct slow_server *server = &slow->server[s];
			int keeps = server->keeps;
			if (cut || keeps == 0)
				continue;
			server->keeps = 0;
			for (int i = 0; i < keeps; i++)
				depart(slow, server->kept[i]);
		}
	}
}

static void happen(struct slow *slow, const struct slow_event *event)
{
	struct slow_request *request = event->kind == BEGIN || event->kind >= TIME_OUT ? &slow->request[event->subject]
										       : NULL;
	if (event->kind >= TIME_OUT && event->kind <= RETRY && request->round != event->round)
		return;
	switch (event->kind) {
	case BEGIN:
		request->rng = patience_of(slow->plan, event->subject);
		if (slow->plan->call.budget >= 0)
			slow->tokens += (int64_t)(slow->plan->call.budget * 1e6 + 0.5);
		if (slow->tokens > slow->plan->call.budget_most * 1000000)
			slow->tokens = slow->plan->call.budget_most * 1000000;
		try_call(slow, event->subject);
		break;
	case REACH:
		reach(slow, event->subject, event->departed);
		break;
	case HEAR_ANSWER:
	case HEAR_ERROR:
		hear(slow, event->subject, event->kind == HEAR_ERROR);
		break;
	case TIME_OUT:
		for (int i = 0; i < request->copies; i++)
			learn(slow, slow->attempt[request->flying[i]].sent, true);
		failed_once(slow, event->subject);
		break;
	case HEDGE:
		if (may_ask(slow) && pay(slow))
			send_copy(slow, event->subject);
		break;
	case RETRY:
		try_call(slow, event->subject);
		break;
	default:
		break;
	}
}

/* The next instant at which something may happen; INT64_MAX: nothing will. */
static int64_t next_instant(const struct slow *slow)
{
	int64_t next = INT64_MAX;
	for (int i = 0; i < slow->events; i++)
		next = slow->event[i].when < next ? slow->event[i].when : next;
	for (int i = 0; i < slow->plan->faults; i++) {
		int64_t at = slow->plan->fault[i].at, ends = at + slow->plan->fault[i].lasts;
		next = at > slow->now && at < next ? at : next;
		next = ends > slow->now && ends < next ? ends : next;
	}
	for (int i = 0; i < slow->attempts; i++) {
		const struct slow_attempt *attempt = &slow->attempt[i];
		bool goes_on = attempt->place == ON_DISK ||
			       (attempt->place == ON_CPU && !stands_still(slow, server_of(slow, attempt)));
		if (goes_on && slow->now + attempt->left < next)
			next = slow->now + attempt->left;
	}
	return next;
}

static void pass(struct slow *slow, int64_t until)
{
	for (int i = 0; i < slow->attempts; i++) {
		struct slow_attempt *attempt = &slow->attempt[i];
		if (attempt->place == ON_DISK ||
		    (attempt->place == ON_CPU && !stands_still(slow, server_of(slow, attempt))))
			attempt->left -= until - slow->now;
	}
	slow->now = until;
}

static struct slow *run_slow(const struct plan *plan, struct notes *notes, enum planted planted)
{
	static struct slow world;
	struct slow *slow = &world;
	memset(slow, 0, sizeof *slow);
	slow->plan = plan;
	slow->notes = notes;
	slow->planted = planted;
	slow->tokens = plan->call.budget_saved * 1000000;
	slow->since = INT64_MIN;
	notes->count = 0;
	for (int s = 0; s < plan->servers; s++) {
		slow->server[s].limit = plan->server[s].limit;
		slow->server[s].used = plan->server[s].phase * plan->server[s].headroom;
		slow->server[s].young = plan->server[s].young_phase * plan->server[s].eden;
		slow->server[s].jitter = rng_of(rng_stream(plan->seed, 0, "links"), (uint64_t)s);
	}
	for (int i = 0; i < REQUESTS; i++)
		later(slow, plan->request[i].at, BEGIN, i, 0, 0);
	for (int64_t next; (next = next_instant(slow)) < INT64_MAX;) {
		pass(slow, next);
		settle(slow);
		for (;;) { /* in the order in which they were put down */
			int first = -1;
			for (int i = 0; i < slow->events; i++)
				if (slow->event[i].when == slow->now &&
				    (first < 0 || slow->event[i].order < slow->event[first].order))
					first = i;
			if (first < 0)
				break;
			struct slow_event event = slow->event[first];
			slow->event[first] = slow->event[--slow->events];
			happen(slow, &event);
			settle(slow);
		}
	}
	return slow;
}

/* ---- both ---- */

static const char *words(const struct note *note)
{
	static const char *const what[] = {"sent", "arrived", "refused", "served", "ended"};
	static char text[2][100];
	static int turn;
	turn = !turn;
	snprintf(text[turn], sizeof text[turn], "%lld request %d %s %d", (long long)note->when, note->request,
		 what[note->what], note->detail);
	return text[turn];
}

/* What there was in all networks. */
struct seen {
	long noted[ENDED + 1], again, hedged, kept, collections, both, opened;
};

static void look_at(struct seen *seen, const struct notes *notes, const struct slow *slow)
{
	for (int i = 0; i < notes->count; i++)
		seen->noted[notes->note[i].what]++;
	for (int i = 0; i < REQUESTS; i++) {
		seen->again += slow->request[i].tries > 1;
		seen->hedged += slow->request[i].sends > slow->request[i].tries;
	}
	seen->kept += slow->kept;
	seen->collections += slow->collections;
	seen->both += slow->both;
	seen->opened += slow->opened;
}

/* Whether both note the same; says where they part unless that is wanted. `seen` may be NULL. */
static bool agree(const struct plan *plan, enum planted planted, struct seen *seen)
{
	static struct notes parts, slow;
	run_parts(plan, &parts);
	const struct slow *world = run_slow(plan, &slow, planted);
	if (seen)
		look_at(seen, &slow, world);
	qsort(parts.note, (size_t)parts.count, sizeof *parts.note, by_time);
	qsort(slow.note, (size_t)slow.count, sizeof *slow.note, by_time);
	for (int i = 0; i < parts.count || i < slow.count; i++) {
		if (i < parts.count && i < slow.count && by_time(&parts.note[i], &slow.note[i]) == 0)
			continue;
		if (planted == RIGHT)
			diag("network %llu: the parts: %s, by hand: %s", (unsigned long long)plan->seed,
			     i < parts.count ? words(&parts.note[i]) : "nothing",
			     i < slow.count ? words(&slow.note[i]) : "nothing");
		return false;
	}
	return true;
}

int main(void)
{
	static struct plan plan;
	const char *wanted = getenv("DIFFERENTIAL"), *from = getenv("DIFFERENTIAL_FROM");
	int networks = wanted ? atoi(wanted) : NETWORKS, different = 0, caught[RIGHT] = {0};
	struct seen seen = {{0}, 0, 0, 0, 0, 0, 0};
	uint64_t first = from ? strtoull(from, NULL, 10) : 1;
	for (int n = 0; n < networks; n++) {
		plan_network(&plan, first + (uint64_t)n);
		different += !agree(&plan, RIGHT, &seen);
		for (int wrong = 0; wrong < RIGHT && n < SOME; wrong++)
			caught[wrong] += !agree(&plan, (enum planted)wrong, NULL);
	}
	is_int(different, 0, "%d random networks: the parts and a simulator by hand note the same", networks);
	for (int wrong = 0; wrong < RIGHT; wrong++)
		ok(caught[wrong] > 0, "canary: that %s is caught (%d of %d)", planted_names[wrong], caught[wrong],
		   networks < SOME ? networks : SOME);
	diag("attempts %ld, refused %ld, served %ld; calls tried again %ld, hedged %ld; messages kept %ld, collections "
	     "%ld, of both generations %ld, breakers opened %ld", seen.noted[SENT],
	     seen.noted[REFUSED], seen.noted[SERVED], seen.again,
	     seen.hedged, seen.kept, seen.collections, seen.both, seen.opened);
	is_int(seen.noted[ENDED], (long long)networks * REQUESTS, "every call ends");
	ok(seen.noted[REFUSED] > networks && seen.again > networks && seen.hedged > networks && seen.kept > networks &&
	   seen.collections > networks && seen.both > networks / 4 &&
	   seen.opened > networks / 4, "and much has happened to them");
	return done_testing();
}
