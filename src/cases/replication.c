/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A primary that takes all writes, and replicas that apply its log. A write is committed when the primary's log is on
 * disk, shipped to every replica over a stream of its own, and answered when as many replicas as the mode asks for have
 * it: none (asynchronous), one (semi-synchronous, until a timeout), most, or all. Replicas apply the log serially or in
 * parallel where writes touch different keys. Reads go where the routing says, and see what that node has applied.
 *
 * When the primary dies, a replica is promoted after a while: what it has not got is lost, and so is what it has got
 * and not applied, unless it applies its log first. The others begin again from where it stands.
 *
 * An observer knows all writes that were answered (model/versions.h) and judges each read: what it missed, whether a
 * client sees its own write, and whether a second look shows something older than the first.
 *
 * A row of the trace is a write, which its client reads twice afterwards, or two reads, some time apart.
 */
#include "cases/case.h"
#include "model/answers.h"
#include "model/applier.h"
#include "model/link.h"
#include "model/log.h"
#include "model/request.h"
#include "model/versions.h"

#include <string.h>

enum { NODES = 10 }; /* the primary and its replicas, at most */

struct db;
struct node;
struct routing;

/* How many replicas must have a write before it is answered: so many, and so many halves of all, rounded up. */
struct mode {
	const char *name;
	int64_t replicas, halves;
};

static const struct mode modes[] = {{"async", 0, 0}, {"semi-sync", 1, 0}, {"quorum", 0, 1}, {"all", 0, 2}};
static const char *const mode_names[] = {"async", "semi-sync", "quorum", "all", NULL};
static const char *const moments[] = {"received", "applied", NULL};
static const char *const route_names[] = {"random", "primary", "sticky", "wait", "lag-cap", NULL};
static const char *const promotions[] = {"most", "least", NULL};
static const char *const operations[] = {"write", "read", NULL};
enum { RECEIVED, APPLIED };
enum { MOST, LEAST };
enum { WRITE_ROW, READ_ROW };

struct params {
	int64_t replicas, keys, workers, looks;
	int mode, answer_at, routing, promote;
	bool in_order, grouped, apply_first, failures;
	struct dist fsync, apply, think, failure_every;
	int64_t one_way, timeout, stick, cap, detect, late;
};

static const struct param params[] = {
	PARAM_COUNT(struct params, replicas, "3", "1", "9", "copies beside the primary"),
	PARAM_COUNT(struct params, keys, "1 k", "1", "1 M", "records that are written and read"),
	PARAM_CHOICE(struct params, mode, mode_names, "async", "who must have a write before it is answered"),
	PARAM_CHOICE(struct params, answer_at, moments, "received", "when a replica has it: on disk, or applied"),
	PARAM_TIME(struct params, timeout, "10 s", "1 us", "1 d", "after that a write is answered without replicas"),
	PARAM_DIST(struct params, fsync, TIME, "0 s", "0 s", "10 s", "forcing a log to disk"),
	PARAM_BOOL(struct params, grouped, "on", "writes that wait for the disk share a force"),
	PARAM_TIME(struct params, one_way, "2 ms", "0 s", "10 s", "from the primary to a replica, and back"),
	PARAM_DIST(struct params, apply, TIME, "exp(1 ms)", "0 s", "60 s", "applying one write on a replica"),
	PARAM_COUNT(struct params, workers, "1", "1", "1 k", "that apply; one applies serially"),
	PARAM_BOOL(struct params, in_order, "off", "what is applied is seen in the order of the log only"),
	PARAM_CHOICE(struct params, routing, route_names, "random", "where reads go"),
	PARAM_TIME(struct params, stick, "1 s", "0 s", "1 d", "sticky: after its write a client reads the primary"),
	PARAM_TIME(struct params, cap, "100 ms", "0 s", "1 d", "lag-cap: who seems to be farther behind gets no reads"),
	PARAM_COUNT(struct params, looks, "2", "0", "2", "how often a client looks at what it wrote, or reads"),
	PARAM_DIST(struct params, think, TIME, "exp(50 ms)", "0 s", "1 d", "until a client looks, and looks again"),
	PARAM_BOOL(struct params, failures, "off", "the primary dies now and then"),
	PARAM_DIST(struct params, failure_every, TIME, "exp(2 s)", "1 ms", "3650 d", "time between its deaths"),
	PARAM_TIME(struct params, detect, "30 ms", "0 s", "1 d", "until another one is promoted"),
	PARAM_CHOICE(struct params, promote, promotions, "most", "which one: with the most of the log, or the least"),
	PARAM_BOOL(struct params, apply_first, "on", "who is promoted applies what it has received before it serves"),
	PARAM_TIME(struct params, late, "10 ms", "0 s", "1 d", "a write that is applied later than this is counted"),
	PARAM_END};

enum { OP, KEY };
static const struct column columns[] = {
	{"op", COLUMN_CHOICE, operations, "write", "what the client does"},
	{"key", COLUMN_KEY, NULL, NULL, "with what"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(WRITE, write, TIME, NULL, "from the arrival of a write to its answer") \
	METRIC(READ, read, TIME, NULL, "how long a read waited for its node to have what it asked for") \
	METRIC(WRITES, writes, COUNT, NULL, "writes that arrived") \
	METRIC(REFUSED, refused, COUNT, NULL, "writes and reads for a primary that was dead") \
	METRIC(LAG, lag, TIME, NULL, "from the commit on the primary until a replica shows the write") \
	METRIC(LATE, late, COUNT, NULL, "writes that a replica showed later than `late`") \
	METRIC(BACKLOG, backlog, LEVEL, "writes", "committed, and not shown by the first replica") \
	METRIC(BEHIND, behind, LEVEL, "seconds", "how far behind the first replica seems to be, by what it applies", \
	       .scale = 1e-9) \
	METRIC(READS, reads, COUNT, NULL, "reads") \
	METRIC(STALE, stale, COUNT, NULL, "reads that missed a write that had been answered") \
	METRIC(STALENESS, staleness, TIME, NULL, "for how long the oldest write that a read missed had been answered") \
	METRIC(OWN, own, COUNT, NULL, "first looks of a client at what it wrote") \
	METRIC(OWN_MISSED, own_missed, COUNT, NULL, "of these that did not show its write") \
	METRIC(AGAIN, again, COUNT, NULL, "second looks") \
	METRIC(BACK, back, COUNT, NULL, "of these that showed something older than the first look") \
	METRIC(FELL_BACK, fell_back, COUNT, NULL, "writes that were answered at the timeout, without replicas") \
	METRIC(FAILOVERS, failovers, COUNT, NULL, "promotions") \
	METRIC(LOST, lost, COUNT, NULL, "writes that had been answered and were gone after a promotion") \
	METRIC(LOSS, loss, AMOUNT, "writes", "answered writes gone, at each promotion") \
	METRIC(DROPPED, dropped, COUNT, NULL, "writes that had not been answered and were gone")
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "kill", .moment = true, .help = "the primary dies, and a replica is promoted; it stays dead"},
	{.name = "cut", .target = "replica", .help = "a replica's stream is cut; what it misses follows later"},
	{.name = "lock", .target = "replica", .help = "a replica applies nothing: a lock, a table that is rebuilt"},
	{.name = NULL}
};
enum { FAULT_KILL, FAULT_CUT, FAULT_LOCK };

struct node {
	struct db *db;
	int number;               /* 0: the primary's place, whoever that is */
	uint64_t *shows;          /* per key: the version it shows */
	struct log log;
	struct link link;         /* from the primary */
	struct applier *applier;
	int64_t applying;         /* when the write that was applied last was committed */
};

/* A client: a row, from its write or first look to its second look. */
struct client {
	struct request request;
	uint64_t serial;          /* 0: gone */
	struct db *db;
	int64_t key, position, asked, wrote; /* asked: when the present look began; wrote: when it was answered */
	uint64_t version, seen;   /* its own write; what it saw last */
	uint64_t epoch;
	int64_t has;              /* replicas that have the write */
	bool answered;
	int looks;
	struct node *node;
};

/* A write on its way to a replica. */
struct delivery {
	struct node *to;
	struct client *client;
	uint64_t serial, version, epoch;
	int64_t key, committed, position;
};

struct db {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct requests clients;
	const struct routing *routing;
	int nodes;
	int64_t needed;              /* replicas, before a write is answered */
	struct node node[NODES];
	struct versions versions;
	uint64_t version, epoch;     /* the newest one; promotions and deaths so far */
	bool alive;                  /* the primary */
	struct answers answers;      /* the log of this epoch */
	struct node *promoted;       /* while the primary is dead */
	struct rng_stream services;
	struct rng failures;
	struct freelist deliveries;
};

static void count(struct db *db, int metric, uint64_t times)
{
	meter_count(db->meters, metric, db->sim->now, times);
}

static bool is_live(const struct client *client, uint64_t serial)
{
	return client->serial == serial;
}

static void end(struct client *client)
{
	client->serial = 0;
	request_close(&client->request, client->db->sim->now);
}

/* ---- where reads go ---- */

struct routing {
	const char *name;
	struct node *(*pick)(struct db *db, struct client *client);
	bool waits; /* until the node has the client's own write */
};

/* How far behind a replica seems to be: by the write that it applied last, while it has others to apply. */
static int64_t seems_behind(const struct node *node)
{
	const struct applier *applier = node->applier;
	return applier->applied < applier->received ? node->db->sim->now - node->applying : 0;
}

static struct node *pick_random(struct db *db, struct client *client)
{
	return &db->node[rng_below(&client->request.rng, (uint64_t)db->nodes)];
}

static struct node *pick_primary(struct db *db, struct client *client)
{
	(void)client;
	return &db->node[0];
}

static struct node *pick_sticky(struct db *db, struct client *client)
{
	bool own = client->version && db->sim->now - client->wrote < db->params->stick;
	return own ? &db->node[0] : pick_random(db, client);
}

static struct node *pick_capped(struct db *db, struct client *client)
{
	struct node *near[NODES];
	uint64_t found = 0;
	for (int i = 1; i < db->nodes; i++)
		if (seems_behind(&db->node[i]) <= db->params->cap)
			near[found++] = &db->node[i];
	return found ? near[rng_below(&client->request.rng, found)] : &db->node[0];
}

static const struct routing routings[] = {{"random", pick_random, false}, {"primary", pick_primary, false},
					  {"sticky", pick_sticky, false}, {"wait", pick_random, true},
					  {"lag-cap", pick_capped, false}};

/* ---- looking ---- */

static void look(struct sim *sim, void *subject, uint64_t serial);

/* The client looks again after a while, or has seen enough. */
static void go_on(struct client *client)
{
	struct db *db = client->db;
	if (client->looks == db->params->looks) {
		end(client);
		return;
	}
	int64_t think = dist_draw_time(&db->params->think, &client->request.rng);
	sim_after(db->sim, think, look, client, client->serial);
}

static void looked(struct sim *sim, void *subject, uint64_t serial)
{
	struct client *client = subject;
	struct db *db = client->db;
	if (!is_live(client, serial))
		return;
	uint64_t shown = client->node->shows[client->key];
	struct versions_missed missed = versions_read(&db->versions, client->key, shown, client->asked);
	meter_record(db->meters, READ, client->asked, sim->now - client->asked);
	count(db, READS, 1);
	if (missed.versions > 0) {
		count(db, STALE, 1);
		meter_record(db->meters, STALENESS, client->asked, missed.time);
	}
	journey_note(&client->request.journey, sim->now, "node", client->node->number,
		     missed.versions > 0 ? "shows something old" : "shows the newest", -1);
	if (client->looks == 1 && client->version) {
		count(db, OWN, 1);
		count(db, OWN_MISSED, shown < client->version);
	}
	if (client->looks == 2) {
		count(db, AGAIN, 1);
		count(db, BACK, shown < client->seen);
	}
	client->seen = shown;
	go_on(client);
}

static void look(struct sim *sim, void *subject, uint64_t serial)
{
	struct client *client = subject;
	struct db *db = client->db;
	client->looks++;
	client->asked = sim->now;
	client->node = db->routing->pick(db, client);
	if (client->node->number == 0 && !db->alive) {
		count(db, REFUSED, 1);
		end(client);
		return;
	}
	bool waits = db->routing->waits && client->node->number > 0 && client->epoch == db->epoch;
	if (waits && client->version)
		applier_wait(client->node->applier, client->position, looked, client, serial);
	else
		looked(sim, client, serial);
}

/* ---- writing ---- */

static void answer(struct client *client)
{
	struct db *db = client->db;
	int64_t now = db->sim->now;
	client->answered = true;
	client->wrote = now;
	answers_give(&db->answers, client->position);
	versions_committed(&db->versions, client->key, client->version, now);
	meter_record(db->meters, WRITE, client->request.arrival, now - client->request.arrival);
	journey_note(&client->request.journey, now, "primary", -1, "answers", -1);
	go_on(client);
}

/* Whether a write can still be answered; if its primary has died meanwhile, its client hears nothing. */
static bool can_answer(struct client *client, uint64_t serial)
{
	if (!is_live(client, serial) || client->answered)
		return false;
	if (client->epoch == client->db->epoch)
		return true;
	end(client);
	return false;
}

static void fall_back(struct sim *sim, void *subject, uint64_t serial)
{
	struct client *client = subject;
	(void)sim;
	if (!can_answer(client, serial))
		return;
	count(client->db, FELL_BACK, 1);
	answer(client);
}

static void has_it(struct sim *sim, void *subject, uint64_t serial)
{
	struct client *client = subject;
	struct db *db = client->db;
	(void)sim;
	if (can_answer(client, serial) && ++client->has == db->needed)
		answer(client);
}

static void on_disk(struct sim *sim, void *subject, uint64_t unused)
{
	struct delivery *delivery = subject;
	struct db *db = delivery->to->db;
	(void)unused;
	sim_after(sim, db->params->one_way, has_it, delivery->client, delivery->serial);
	freelist_give(&db->deliveries, delivery);
}

static void book_levels(struct node *node)
{
	struct db *db = node->db;
	if (node->number != 1)
		return;
	meter_level(db->meters, BACKLOG, db->sim->now, db->answers.last - node->applier->applied);
	meter_level(db->meters, BEHIND, db->sim->now, seems_behind(node));
}

static void applied(struct sim *sim, void *subject, uint64_t unused)
{
	struct delivery *delivery = subject;
	struct node *node = delivery->to;
	struct db *db = node->db;
	bool current = delivery->epoch == db->epoch;
	bool catches_up = db->params->apply_first && db->promoted == node && delivery->epoch + 1 == db->epoch;
	(void)unused;
	if ((current || catches_up) && delivery->version > node->shows[delivery->key])
		node->shows[delivery->key] = delivery->version;
	if (current) {
		int64_t lag = sim->now - delivery->committed;
		node->applying = delivery->committed;
		meter_record(db->meters, LAG, delivery->committed, lag);
		count(db, LATE, lag > db->params->late);
		book_levels(node);
		if (db->params->answer_at == APPLIED)
			sim_after(sim, db->params->one_way, has_it, delivery->client, delivery->serial);
	}
	freelist_give(&db->deliveries, delivery);
}

static void receive(struct sim *sim, void *subject, uint64_t unused)
{
	struct delivery *delivery = subject;
	struct node *node = delivery->to;
	struct db *db = node->db;
	const struct params *p = db->params;
	(void)sim;
	(void)unused;
	if (delivery->epoch != db->epoch) {
		freelist_give(&db->deliveries, delivery);
		return;
	}
	struct rng rng = rng_of(db->services, delivery->version * NODES + (uint64_t)node->number);
	if (db->needed > 0 && p->answer_at == RECEIVED) {
		struct delivery *forced = FREELIST_TAKE(&db->deliveries, &db->sim->arena, struct delivery);
		*forced = *delivery;
		log_force(&node->log, log_append(&node->log), on_disk, forced, 0);
	}
	applier_receive(node->applier, (uint64_t)delivery->key, dist_draw_time(&p->apply, &rng), applied, delivery, 0);
	book_levels(node);
}

/* The position that every replica shows. */
static int64_t shown_by_all(const struct db *db)
{
	int64_t least = db->node[1].applier->applied;
	for (int i = 2; i < db->nodes; i++)
		if (db->node[i].applier->applied < least)
			least = db->node[i].applier->applied;
	return least;
}

static void durable(struct sim *sim, void *subject, uint64_t serial)
{
	struct client *client = subject;
	struct db *db = client->db;
	if (!can_answer(client, serial))
		return;
	client->position = answers_append(&db->answers, shown_by_all(db));
	db->node[0].shows[client->key] = client->version;
	for (int i = 1; i < db->nodes; i++) {
		struct delivery *delivery = FREELIST_TAKE(&db->deliveries, &sim->arena, struct delivery);
		*delivery = (struct delivery){&db->node[i], client, serial, client->version, client->epoch,
					      client->key, sim->now, client->position};
		link_send(&db->node[i].link, receive, delivery, 0);
	}
	book_levels(&db->node[1]);
	if (db->needed == 0)
		answer(client);
	else
		sim_after(sim, db->params->timeout, fall_back, client, serial);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct db *db = self;
	bool writes = row->value[OP] == WRITE_ROW;
	count(db, WRITES, writes);
	if (writes && !db->alive) {
		count(db, REFUSED, 1);
		return;
	}
	struct client *client = request_open(&db->clients, row->id, row->window, operations[row->value[OP]]);
	client->serial = row->id + 1;
	client->db = db;
	client->key = (int64_t)((uint64_t)row->value[KEY] % (uint64_t)db->params->keys);
	client->epoch = db->epoch;
	if (!writes) {
		look(sim, client, client->serial);
		return;
	}
	client->version = ++db->version;
	log_force(&db->node[0].log, log_append(&db->node[0].log), durable, client, client->serial);
}

/* ---- failover ---- */

static void next_failure(struct db *db);

static void lead(struct sim *sim, void *subject, uint64_t unused)
{
	struct db *db = subject;
	(void)unused;
	for (int i = 0; i < db->nodes; i++) {
		struct node *node = &db->node[i];
		if (node != db->promoted)
			memcpy(node->shows, db->promoted->shows, (size_t)db->params->keys * sizeof(uint64_t));
		node->applier = ARENA_NEW(&sim->arena, struct applier);
		applier_init(node->applier, sim, db->params->workers, db->params->in_order, 0);
	}
	answers_clear(&db->answers);
	db->promoted = NULL;
	db->alive = true;
	book_levels(&db->node[1]);
	count(db, FAILOVERS, 1);
	next_failure(db);
}

static void promote(struct sim *sim, void *subject, uint64_t unused)
{
	struct db *db = subject;
	(void)unused;
	if (db->params->apply_first)
		applier_wait(db->promoted->applier, db->promoted->applier->received, lead, db, 0);
	else
		lead(sim, db, 0);
}

static void kill(struct sim *sim, void *subject, uint64_t unused)
{
	struct db *db = subject;
	const struct params *p = db->params;
	(void)unused;
	if (!db->alive)
		return;
	struct node *chosen = &db->node[1];
	for (int i = 2; i < db->nodes; i++) {
		int64_t more = db->node[i].applier->received - chosen->applier->received;
		if (p->promote == MOST ? more > 0 : more < 0)
			chosen = &db->node[i];
	}
	int64_t kept = p->apply_first ? chosen->applier->received : chosen->applier->applied;
	int64_t lost = answers_beyond(&db->answers, kept);
	count(db, LOST, (uint64_t)lost);
	count(db, DROPPED, (uint64_t)(db->answers.last - kept - lost));
	meter_record(db->meters, LOSS, sim->now, lost);
	db->alive = false;
	db->epoch++;
	db->promoted = chosen;
	sim_after(sim, p->detect, promote, db, 0);
}

static void next_failure(struct db *db)
{
	const struct params *p = db->params;
	if (p->failures)
		sim_after(db->sim, dist_draw_time(&p->failure_every, &db->failures), kill, db, 0);
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct db *db = self;
	struct node *node = &db->node[kind == FAULT_KILL ? 0 : target + 1];
	if (kind == FAULT_KILL)
		kill(sim, db, 0);
	else if (kind == FAULT_CUT)
		(state->active ? link_cut : link_mend)(&node->link);
	else if (kind == FAULT_LOCK)
		applier_pause(node->applier, state->until - sim->now);
}

static struct fault_targets targets(const void *values, int64_t slice, int kind, struct arena *arena)
{
	const struct params *p = values;
	(void)slice;
	(void)kind;
	(void)arena;
	return (struct fault_targets){.count = p->replicas};
}

/* ---- the world ---- */

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct arena *arena = &sim->arena;
	struct db *db = ARENA_NEW(arena, struct db);
	const struct params *p = world->params;
	*db = (struct db){.params = p, .sim = sim, .meters = world->meters,
			  .needed = modes[p->mode].replicas + (modes[p->mode].halves * p->replicas + 1) / 2,
			  .routing = &routings[p->routing], .nodes = (int)p->replicas + 1, .alive = true};
	answers_init(&db->answers, arena);
	db->services = sim_stream(sim, "apply");
	db->failures = rng_start(sim_stream(sim, "failures"));
	requests_init(&db->clients, sim, world->journeys, "client", sizeof(struct client));
	versions_init(&db->versions, arena, p->keys);
	for (int i = 0; i < db->nodes; i++) {
		struct node *node = &db->node[i];
		*node = (struct node){.db = db, .number = i};
		node->shows = ARENA_ARRAY(arena, (size_t)p->keys, uint64_t);
		log_init(&node->log, sim, &p->fsync, p->grouped, sim_stream(sim, "fsync"), (uint64_t)i);
		node->log.at_once = true;
		link_init(&node->link, sim, p->one_way, NULL, 0, sim_stream(sim, "link"), (uint64_t)i);
		node->applier = ARENA_NEW(arena, struct applier);
		applier_init(node->applier, sim, p->workers, p->in_order, 0);
	}
	next_failure(db);
	return db;
}

static bool check(const void *values, struct err *err)
{
	const struct params *p = values;
	if (p->failures && routings[p->routing].waits)
		return err_add(err, ERR_MODEL, NULL, "routing wait: a position in the log of a primary that has died "
			       "means nothing; not together with failures");
	return true;
}

static const char *const table[] = {"write", "read", "lag", "staleness", "count(stale) / count(reads)",
					    "count(lost)", NULL};

const struct case_study case_replication = {
	.name = "replication",
	.about = "a primary and its replicas - lag, stale reads, and what a failover loses",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.table = table,
	.faults = faults,
	.failures = "refused",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.targets = targets,
};
