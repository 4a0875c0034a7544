/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paying once over a network that loses messages (Stripe, API Reference, Idempotent requests; M. Brooker, Exponential
 * Backoff and Jitter, AWS, 2015). A row of the trace is a payment. Its client sends it; when nothing is heard within a
 * timeout it waits, and sends it again. What it cannot tell is whether the payment was lost or only the answer.
 *
 *   client --request--> servers --key?--> store of keys
 *          <--reply---     \------charge-----> the processor, which moves the money
 *
 * A server may crash: before the charge, after it and before the record of it, after both. What it makes of the key,
 * and in which order it charges and records, is model/once.h.
 *
 * Or the payment is guarded by optimistic concurrency: clients read the account's version, and their writes are refused
 * when it has changed. Then retries are no remedy but the load, and the waits between them decide when all are done.
 *
 * How often the money was moved is seen by an observer in true time (model/effects.h), which nobody can ask.
 */
#include "cases/case.h"
#include "model/call.h"
#include "model/effects.h"
#include "model/kvstore.h"
#include "model/network.h"
#include "model/once.h"
#include "model/pool.h"
#include "model/request.h"

enum { BY_PAYMENT, BY_ATTEMPT, BY_CONTENT };
static const char *const scopes[] = {"payment", "attempt", "content", NULL};
enum { CLOSED, OPEN };
static const char *const failures[] = {"closed", "open", NULL};

struct params {
	int64_t attempts, timeout;
	int backoff;
	int64_t backoff_base, backoff_most;
	double request_loss, reply_loss;
	struct dist one_way;
	double copies;
	struct dist copy_after;
	int64_t servers;
	struct dist work, charge;
	double declines, crash;
	int crash_at, keys, scope;
	bool saves_failures;
	int64_t lifetime, claim_for;
	struct dist store_way, store_work;
	int64_t store_timeout;
	int fails;
	bool optimistic;
	int64_t clients;
};

static const struct param params[] = {
	PARAM_COUNT(struct params, attempts, "3", "1", "100 k", "times a client sends a payment at most"),
	PARAM_TIME(struct params, timeout, "2 s", "0 s", "1 h", "how long it waits for an answer; 0: for ever"),
	PARAM_CHOICE(struct params, backoff, backoff_names, "full", "how it waits before it sends again"),
	PARAM_TIME(struct params, backoff_base, "100 ms", "1 us", "1 h", "first wait, before jitter"),
	PARAM_TIME(struct params, backoff_most, "10 s", "1 us", "30 d", "longest wait"),
	PARAM_RATIO(struct params, request_loss, "1 %", "0 %", "90 %", "requests that are lost"),
	PARAM_RATIO(struct params, reply_loss, "1 %", "0 %", "90 %", "replies that are lost"),
	PARAM_DIST(struct params, one_way, TIME, "exp(20 ms)", "0 s", "1 h",
		     "network between client and servers, each way"),
	PARAM_RATIO(struct params, copies, "0 %", "0 %", "100 %",
		     "payments of which a copy is sent, with the same key"),
	PARAM_DIST(struct params, copy_after, TIME, "exp(1 s)", "0 s", "365 d", "how much later the copy is sent"),
	PARAM_COUNT(struct params, servers, "16", "1", "100 k", "equal servers, with one queue"),
	PARAM_DIST(struct params, work, TIME, "exp(20 ms)", "0 s", "1 h", "work of a server for an attempt"),
	PARAM_DIST(struct params, charge, TIME, "lognormal(median=100 ms, p99=1 s)", "0 s", "1 h",
		     "time that a charge takes"),
	PARAM_RATIO(struct params, declines, "0 %", "0 %", "90 %",
		     "charges that the processor fails to make, by chance"),
	PARAM_RATIO(struct params, crash, "0 %", "0 %", "50 %", "attempts during which the server process crashes"),
	PARAM_CHOICE(struct params, crash_at, once_points, "before-record", "where it does"),
	PARAM_CHOICE(struct params, keys, once_kinds, "none", "what is made of the idempotency key"),
	PARAM_CHOICE(struct params, scope, scopes, "payment",
		     "what makes a key: the payment, each attempt anew, or who pays how much"),
	PARAM_BOOL(struct params, saves_failures, "off", "the result is kept when the charge has failed, too"),
	PARAM_TIME(struct params, lifetime, "24 h", "0 s", "365 d", "how long a key is kept; 0: for ever"),
	PARAM_TIME(struct params, claim_for, "0 s", "0 s", "30 d",
		   "insert: when another attempt may take over what has begun and has no result; 0: never"),
	PARAM_DIST(struct params, store_way, TIME, "0.5 ms", "0 s", "10 s",
		     "between servers and the store of keys, each way"),
	PARAM_DIST(struct params, store_work, TIME, "10 us", "0 s", "10 s", "the store, for one question"),
	PARAM_TIME(struct params, store_timeout, "500 ms", "1 us", "1 h", "how long a server waits for the store"),
	PARAM_CHOICE(struct params, fails, failures, "closed",
		     "when the store does not answer: refuse the attempt, or charge"),
	PARAM_BOOL(struct params, optimistic, "off",
		     "a payment is a read and a write that holds if nothing has changed"),
	PARAM_COUNT(struct params, clients, "1", "1", "1000", "clients that pay from one account at the same time"),
	PARAM_END};

enum { ACCOUNT, PRICE, LOSS, CLIENTS };
static const struct column columns[] = {
	{"account", COLUMN_KEY, NULL, "0", "who pays"},
	{"price", COLUMN_COUNT, NULL, "1", "how much, in cents"},
	{"loss", COLUMN_COUNT, NULL, "0", "of a million replies to it, how many are lost; 0: as the model says"},
	{"clients", COLUMN_COUNT, NULL, "0", "clients that pay at the same time; 0: as the model says"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(PAYMENTS, payments, COUNT, NULL, "payments that arrived") \
	METRIC(CALLS, calls, COUNT, NULL, "attempts that reached the servers; under optimistic, writes") \
	METRIC(CHARGES, charges, COUNT, NULL, "times that money was moved") \
	METRIC(DOUBLE, doubled, COUNT, NULL, "payments that were charged twice or more") \
	METRIC(FAILED, failed, COUNT, NULL, "payments whose client was told, or concluded, that they failed") \
	METRIC(UNCERTAIN, uncertain, COUNT, NULL, "of these, charged all the same") \
	METRIC(SWALLOWED, swallowed, COUNT, NULL, "payments whose client was told that they were made, never charged") \
	METRIC(LATE, late, COUNT, NULL, "charges more than a minute after all had given up: in none of the above") \
	METRIC(RETRIED, retried, COUNT, NULL, "attempts after the first") \
	METRIC(TIMED_OUT, timed_out, COUNT, NULL, "attempts whose client stopped waiting") \
	METRIC(REPLAYED, replayed, COUNT, NULL, "attempts answered with the result of another one") \
	METRIC(BUSY, busy, COUNT, NULL, "attempts refused because another one had begun") \
	METRIC(CONFLICTS, conflicts, COUNT, NULL, "writes refused because the account had changed") \
	METRIC(DECLINED, declined, COUNT, NULL, "charges that the processor failed to make") \
	METRIC(CRASHED, crashed, COUNT, NULL, "attempts that ended with a crash of their server") \
	METRIC(UNANSWERED, unanswered, COUNT, NULL, "questions that the store of keys did not answer in time") \
	METRIC(COMPLETION, completion, TIME, NULL, "from a payment's arrival until its client knows, or gives up") \
	METRIC(CONTEST, contest, TIME, NULL, "until the last of those who began together knows, or gives up") \
	METRIC(SERVED, served, TIME, NULL, "from an attempt's arrival at the servers to its answer") \
	METRIC(LOST, lost, AMOUNT, NULL, "of a million replies to a payment, how many are lost") \
	METRIC(CROWD, crowd, AMOUNT, "clients", "clients that began together") \
	METRIC(WAITING, waiting, LEVEL, "clients", "clients that wait for an answer or for the next attempt") \
	METRIC(INSIDE, inside, LEVEL, "attempts", "attempts at the servers") \
	METRIC(MOVED, moved, LEVEL, "charges", "charges so far") \
	METRIC(RECORDS, records, LEVEL, "keys", "keys in the store")
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "crash", .help = "the servers are down, and forget what they were at"},
	{.name = "cut-replies", .help = "requests come through, and replies do not"},
	{.name = "cut", .help = "nothing comes through between clients and servers"},
	{.name = "slow", .factor = true, .help = "servers take longer by the factor"},
	{.name = "slow-processor", .factor = true, .help = "charges take longer by the factor"},
	{.name = "cut-store", .help = "the servers do not reach the store of keys"},
	{.name = "deaf-store", .help = "the store of keys hears the servers, they do not hear it"},
	{.name = "slow-store", .factor = true, .help = "the store of keys takes longer by the factor"},
	{.name = "restart-store", .help = "the store loses its keys, and answers nothing meanwhile"},
	{.name = NULL}
};
enum { FAULT_CRASH, FAULT_CUT_REPLIES, FAULT_CUT, FAULT_SLOW, FAULT_SLOW_PROCESSOR, FAULT_CUT_STORE, FAULT_DEAF_STORE,
       FAULT_SLOW_STORE, FAULT_RESTART_STORE };

enum { CLIENT_SITE, SERVER_SITE, SITES };
enum { REQUEST, REPLY, MESSAGES };

/* Those who began together, from one account. */
struct contest {
	int64_t arrival, clients; /* clients: that have not ended */
};

struct payment {
	struct request request; /* first */
	struct shop *shop;
	struct contest *contest;
	struct call call;
	uint64_t account, content;
	double reply_loss;
	int64_t known;          /* when its client knows, ns */
	bool told;              /* that it was made */
	int64_t ties;           /* the client and attempts that are not over */
	uint64_t sent, attempts;
};

/* An attempt of a payment, from when it is sent until nothing more can come of it. */
struct attempt {
	struct payment *payment;
	struct call_attempt *asked; /* NULL: a copy, which nobody waits for */
	struct rng rng;
	struct once_attempt once;
	int64_t arrived, version, epoch;
	bool inside, crashes;
};

struct shop {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct call_config call_config;
	struct caller caller;
	struct network_kind message[MESSAGES + 1];
	struct network network;
	struct pool servers;
	struct kvstore_config store_config;
	struct kvstore store;
	struct once_config once_config;
	struct once once;
	struct effects effects;
	struct keymap versions;   /* of accounts */
	struct requests payments;
	struct freelist attempts, contests;
	struct rng_stream stream; /* of attempts */
	double slowness;          /* of the processor */
	int64_t epoch, waiting, inside, moved;
	bool down;
};

/* How long the oracle keeps the books of a payment open after the store did not answer: it may still do as asked. */
static const int64_t keep_open = INT64_C(60000000000);

static void count(struct payment *payment, int metric)
{
	meter_count(payment->shop->meters, metric, payment->request.arrival, 1);
}

static void note(struct payment *payment, const char *part, const char *what)
{
	journey_note(&payment->request.journey, payment->shop->sim->now, part, -1, what, -1);
}

/* ---- the end ---- */

/* Nothing more can come of a payment: what the client believes, beside what has happened. */
static void settle(struct payment *payment)
{
	struct shop *shop = payment->shop;
	int64_t now = shop->sim->now, charges = effects_end(&shop->effects, payment->request.id);
	if (!payment->told)
		count(payment, FAILED);
	if (!payment->told && charges > 0)
		count(payment, UNCERTAIN);
	if (payment->told && charges == 0)
		count(payment, SWALLOWED);
	request_close(&payment->request, now > payment->known ? now : payment->known);
}

static void untie(struct payment *payment)
{
	if (--payment->ties == 0)
		settle(payment);
}

static void untie_later(struct sim *sim, void *subject, uint64_t detail)
{
	(void)sim;
	(void)detail;
	untie(subject);
}

static struct payment *payment_of(struct call *call)
{
	return (struct payment *)((char *)call - offsetof(struct payment, call));
}

static void ended(void *owner, struct call *call, enum call_end how, int64_t in, const struct call_attempt *answer)
{
	struct payment *payment = payment_of(call);
	struct shop *shop = owner;
	struct contest *contest = payment->contest;
	(void)answer;
	payment->known = shop->sim->now + in;
	payment->told = how == CALL_ANSWERED;
	meter_record(shop->meters, COMPLETION, payment->request.arrival, payment->known - payment->request.arrival);
	meter_level(shop->meters, WAITING, shop->sim->now, --shop->waiting);
	if (--contest->clients == 0) {
		meter_record(shop->meters, CONTEST, contest->arrival, payment->known - contest->arrival);
		freelist_give(&shop->contests, contest);
	}
	note(payment, "client", payment->told ? "knows that it has paid" : "believes that it has failed");
	untie(payment);
}

static void leave(struct attempt *attempt)
{
	struct shop *shop = attempt->payment->shop;
	if (attempt->inside)
		meter_level(shop->meters, INSIDE, shop->sim->now, --shop->inside);
	attempt->inside = false;
}

/* It is over. Where somebody asked and has not been answered, nobody will be. */
static void lose(struct attempt *attempt)
{
	struct payment *payment = attempt->payment;
	struct call_attempt *asked = attempt->asked;
	leave(attempt);
	freelist_give(&payment->shop->attempts, attempt);
	if (asked)
		call_lost(asked);
	untie(payment);
}

/* ---- messages ---- */

/* How long a message takes, ns; -1: it is lost. */
static int64_t takes(struct attempt *attempt, int kind)
{
	struct payment *payment = attempt->payment;
	bool back = kind == REPLY;
	int64_t takes = network_takes(&payment->shop->network, kind, back ? SERVER_SITE : CLIENT_SITE,
				      back ? CLIENT_SITE : SERVER_SITE, payment->request.id << 18 | payment->sent++);
	if (takes >= 0 && back && rng_unit(&attempt->rng) < payment->reply_loss)
		takes = -1;
	if (takes < 0)
		note(payment, "network", back ? "loses the reply" : "loses the request");
	return takes;
}

static void reply(struct attempt *attempt, bool paid)
{
	struct payment *payment = attempt->payment;
	struct shop *shop = payment->shop;
	struct call_attempt *asked = attempt->asked;
	int64_t way = takes(attempt, REPLY);
	meter_record(shop->meters, SERVED, payment->request.arrival, shop->sim->now - attempt->arrived);
	if (way >= 0 && asked) {
		attempt->asked = NULL;
		(paid ? call_answer : call_refuse)(asked, way);
	}
	lose(attempt);
}

static struct attempt *attempt_of(struct once_attempt *once)
{
	return (struct attempt *)((char *)once - offsetof(struct attempt, once));
}

static void done(void *owner, struct once_attempt *once, bool paid)
{
	(void)owner;
	reply(attempt_of(once), paid);
}

/* Whether the server has crashed when it comes to this point: nothing more is done. */
static bool dies(void *owner, struct once_attempt *once, enum once_point point)
{
	struct attempt *attempt = attempt_of(once);
	const struct shop *shop = owner;
	if (attempt->epoch == shop->epoch && !(attempt->crashes && (int)point == shop->params->crash_at))
		return false;
	note(attempt->payment, "server", "crashes");
	count(attempt->payment, CRASHED);
	lose(attempt);
	return true;
}

/* ---- the processor moves the money ---- */

static void move_money(void *owner, uint64_t id)
{
	struct shop *shop = owner;
	const struct effects_thing *thing = effects_happen(&shop->effects, id);
	int64_t when = thing ? thing->since : shop->sim->now;
	meter_count(shop->meters, thing ? CHARGES : LATE, when, 1);
	if (!thing)
		return;
	meter_level(shop->meters, MOVED, shop->sim->now, ++shop->moved);
	if (thing->times == 2)
		meter_count(shop->meters, DOUBLE, when, 1);
}

/* ---- a server works on an attempt (model/once.h) ---- */

static int64_t charge(void *owner, struct once_attempt *once, bool *fails)
{
	struct attempt *attempt = attempt_of(once);
	struct shop *shop = owner;
	int64_t length = dist_draw_time(&shop->params->charge, &attempt->rng);
	*fails = rng_unit(&attempt->rng) < shop->params->declines;
	if (*fails)
		count(attempt->payment, DECLINED);
	return (int64_t)((double)length * shop->slowness);
}

static void unanswered(void *owner, struct once_attempt *once)
{
	struct payment *payment = attempt_of(once)->payment;
	struct shop *shop = owner;
	count(payment, UNANSWERED);
	payment->ties++;
	sim_after(shop->sim, keep_open, untie_later, payment, 0);
}

static void worked(struct sim *sim, void *subject, uint64_t detail)
{
	struct attempt *attempt = subject;
	(void)sim;
	(void)detail;
	once_begin(&attempt->payment->shop->once, &attempt->once);
}

/* ---- optimistic concurrency: read, then write if nothing has changed ---- */

static int64_t *version_of(struct attempt *attempt)
{
	return keymap_put(&attempt->payment->shop->versions, attempt->payment->account, NULL);
}

static void write_arrives(struct sim *sim, void *subject, uint64_t detail)
{
	struct attempt *attempt = subject;
	struct payment *payment = attempt->payment;
	int64_t *version = version_of(attempt);
	bool holds = *version == attempt->version;
	(void)sim;
	(void)detail;
	count(payment, CALLS);
	*version += holds;
	if (holds)
		move_money(payment->shop, payment->request.id);
	else
		count(payment, CONFLICTS);
	note(payment, "account", holds ? "is as it was read" : "has changed");
	reply(attempt, holds);
}

static void read_version(struct attempt *attempt)
{
	attempt->version = *version_of(attempt);
	int64_t back = takes(attempt, REPLY), again = back < 0 ? -1 : takes(attempt, REQUEST);
	if (again < 0)
		lose(attempt);
	else
		sim_after(attempt->payment->shop->sim, back + again, write_arrives, attempt, 0);
}

/* ---- a payment ---- */

static void arrives(struct sim *sim, void *subject, uint64_t detail)
{
	struct attempt *attempt = subject;
	struct payment *payment = attempt->payment;
	struct shop *shop = payment->shop;
	(void)detail;
	if (shop->down) {
		note(payment, "server", "is down");
		lose(attempt);
		return;
	}
	attempt->arrived = sim->now;
	attempt->epoch = shop->epoch;
	attempt->inside = true;
	meter_level(shop->meters, INSIDE, sim->now, ++shop->inside);
	if (shop->params->optimistic) {
		read_version(attempt);
		return;
	}
	count(payment, CALLS);
	int64_t work = dist_draw_time(&shop->params->work, &attempt->rng);
	pool_enter(&shop->servers, work, worked, attempt, 0, &payment->request.journey);
}

static void set_out(struct payment *payment, struct call_attempt *asked)
{
	struct shop *shop = payment->shop;
	const struct params *p = shop->params;
	struct attempt *attempt = FREELIST_TAKE(&shop->attempts, &shop->sim->arena, struct attempt);
	*attempt = (struct attempt){.payment = payment, .asked = asked};
	attempt->once = (struct once_attempt){.key = payment->request.id, .id = payment->request.id,
					      .since = payment->request.arrival, .journey = &payment->request.journey};
	attempt->rng = rng_of(shop->stream, payment->request.id << 18 | payment->attempts++);
	attempt->crashes = rng_unit(&attempt->rng) < p->crash;
	if (p->scope == BY_CONTENT)
		attempt->once.key = payment->content;
	else if (p->scope == BY_ATTEMPT && asked)
		attempt->once.key = rng_mix(payment->request.id ^ rng_mix((uint64_t)asked->number));
	payment->ties++;
	int64_t way = takes(attempt, REQUEST);
	if (way < 0)
		lose(attempt);
	else
		sim_after(shop->sim, way, arrives, attempt, 0);
}

static void send(void *owner, struct call_attempt *asked)
{
	(void)owner;
	set_out(payment_of(asked->call), asked);
}

static void send_copy(struct sim *sim, void *subject, uint64_t detail)
{
	struct payment *payment = subject;
	(void)sim;
	(void)detail;
	note(payment, "client", "sends a copy");
	set_out(payment, NULL);
	untie(payment);
}

static void pay(struct shop *shop, const struct row *row, uint64_t number, struct contest *contest)
{
	const struct params *p = shop->params;
	uint64_t id = row->id | number << 36, account = (uint64_t)row->value[ACCOUNT];
	struct payment *payment = request_open(&shop->payments, id, row->window, "payment");
	payment->shop = shop;
	payment->contest = contest;
	payment->account = p->optimistic ? row->id : account;
	payment->content = rng_mix(account ^ rng_mix((uint64_t)row->value[PRICE]));
	payment->reply_loss = row->value[LOSS] > 0 ? (double)row->value[LOSS] * 1e-6 : p->reply_loss;
	payment->ties = 1;
	count(payment, PAYMENTS);
	meter_record(shop->meters, LOST, shop->sim->now, (int64_t)(payment->reply_loss * 1e6 + 0.5));
	effects_begin(&shop->effects, id, shop->sim->now);
	meter_level(shop->meters, WAITING, shop->sim->now, ++shop->waiting);
	if (p->copies > 0 && rng_unit(&payment->request.rng) < p->copies) {
		payment->ties++;
		sim_after(shop->sim, dist_draw_time(&p->copy_after, &payment->request.rng), send_copy, payment, 0);
	}
	call_begin(&shop->caller, &payment->call, &payment->request.rng, payment->request.journey);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct shop *shop = self;
	int64_t clients = row->value[CLIENTS] > 0 ? row->value[CLIENTS] : shop->params->clients;
	struct contest *contest = FREELIST_TAKE(&shop->contests, &sim->arena, struct contest);
	*contest = (struct contest){sim->now, clients};
	meter_record(shop->meters, CROWD, sim->now, clients);
	for (int64_t i = 0; i < clients; i++)
		pay(shop, row, (uint64_t)i, contest);
}

/* ---- faults ---- */

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct shop *shop = self;
	void (*cut)(struct network *, int, int) = state->active ? network_cut : network_mend;
	int reason = state->active ? 1 : -1;
	(void)sim;
	(void)target;
	if (kind == FAULT_CRASH) {
		shop->epoch += state->active > 0;
		shop->down = state->active;
	} else if (kind == FAULT_SLOW) {
		shop->servers.slowness = state->factor;
	} else if (kind == FAULT_SLOW_PROCESSOR) {
		shop->slowness = state->factor;
	} else if (kind == FAULT_SLOW_STORE) {
		shop->store.server.slowness = state->factor;
	} else if (kind == FAULT_DEAF_STORE) {
		shop->store.cut_back += reason;
	} else if (kind == FAULT_CUT_STORE || kind == FAULT_RESTART_STORE) {
		shop->store.cut_to += reason;
	} else {
		cut(&shop->network, SERVER_SITE, CLIENT_SITE);
	}
	if (kind == FAULT_CUT)
		cut(&shop->network, CLIENT_SITE, SERVER_SITE);
	if (kind == FAULT_RESTART_STORE && state->active)
		kvstore_clear(&shop->store);
}

static const char *idle(const void *of, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = of;
	(void)target;
	(void)arena;
	if (kind >= FAULT_CUT_STORE && p->keys == ONCE_NONE)
		return "with keys: none there is no store of keys";
	if ((kind == FAULT_SLOW || kind == FAULT_SLOW_PROCESSOR) && p->optimistic)
		return "with optimistic neither servers nor the processor take time";
	if (kind == FAULT_SLOW && dist_mean(&p->work) == 0)
		return "servers take no time (work)";
	if (kind == FAULT_SLOW_PROCESSOR && dist_mean(&p->charge) == 0)
		return "the processor takes no time (charge)";
	if (kind == FAULT_SLOW_STORE && dist_mean(&p->store_work) == 0)
		return "the store takes no time (store_work)";
	return NULL;
}

/* ---- the world ---- */

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct shop *shop = ARENA_NEW(&sim->arena, struct shop);
	const struct params *p = world->params;
	*shop = (struct shop){.params = p, .sim = sim, .meters = world->meters, .slowness = 1};
	shop->call_config = (struct call_config){
		.timeout = p->timeout, .attempts = p->attempts, .budget = -1, .fallback = -1,
		.backoff = {backoff_kinds[p->backoff], p->backoff_base, p->backoff_most}};
	caller_init(&shop->caller, sim, &shop->call_config, "client", sizeof(struct call_attempt));
	shop->caller.owner = shop;
	shop->caller.send = send;
	shop->caller.ended = ended;
	shop->caller.timed_out = (struct booking){world->meters, TIMED_OUT};
	shop->caller.retried = (struct booking){world->meters, RETRIED};
	shop->message[REQUEST] = (struct network_kind){"request", &p->one_way, p->request_loss, 0};
	shop->message[REPLY] = (struct network_kind){"reply", &p->one_way, 0, 0}; /* each payment's is its own */
	network_init(&shop->network, sim, SITES, shop->message);
	pool_init(&shop->servers, sim, "servers", -1, p->servers, -1);
	shop->store_config = (struct kvstore_config){
		once_record, 1, &p->store_way, &p->store_work, p->store_timeout, p->lifetime};
	kvstore_init(&shop->store, sim, "keys", &shop->store_config);
	shop->store.records = (struct booking){world->meters, RECORDS};
	shop->once_config = (struct once_config){(enum once_kind)p->keys, p->saves_failures, p->claim_for,
						 p->fails == OPEN};
	once_init(&shop->once, sim, &shop->once_config, &shop->store);
	shop->once.owner = shop;
	shop->once.act = charge;
	shop->once.effect = move_money;
	shop->once.dies = dies;
	shop->once.unanswered = unanswered;
	shop->once.done = done;
	shop->once.replayed = (struct booking){world->meters, REPLAYED};
	shop->once.busy = (struct booking){world->meters, BUSY};
	effects_init(&shop->effects, &sim->arena);
	keymap_init(&shop->versions, &sim->arena, sizeof(int64_t));
	requests_init(&shop->payments, sim, world->journeys, "payment", sizeof(struct payment));
	shop->stream = sim_stream(sim, "attempt");
	return shop;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	bool loses = p->request_loss > 0 || p->reply_loss > 0 || p->crash > 0;
	if (p->timeout == 0 && loses)
		err_add(err, ERR_MODEL, NULL, "timeout: who waits for ever never notices what is lost; set "
					      "request_loss, reply_loss and crash to 0, or give a timeout");
	if (p->backoff_most < p->backoff_base)
		err_add(err, ERR_MODEL, NULL, "backoff_most is below backoff_base: no wait could be that short");
	if (p->optimistic && p->keys != ONCE_NONE)
		err_add(err, ERR_MODEL, NULL, "optimistic: the version of the account guards the write; it needs "
					      "keys: none");
	if (p->claim_for > 0 && p->keys != ONCE_INSERT)
		err_add(err, ERR_MODEL, NULL, "claim_for: only keys: insert knows payments that have begun");
	if (p->scope != BY_PAYMENT && p->keys == ONCE_NONE)
		err_add(err, ERR_MODEL, NULL, "scope: nothing is made of a key with keys: none");
	return !err_any(err);
}

static const char *const table[] = {"completion", "contest", "count(calls) / count(payments)", "count(doubled)",
					    "count(uncertain)", NULL};

const struct case_study case_idempotency = {
	.name = "idempotency",
	.about = "paying once over a network that loses messages - retries, keys, crashes, back-off",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.table = table,
	.faults = faults,
	.served = (const struct case_served[]){{"completion", "rate(completion) - rate(failed)"}, {NULL, NULL}},
	.failures = "failed",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
};
