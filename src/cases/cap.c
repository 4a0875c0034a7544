/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a replicated register gives up: freshness or answers when nodes cannot reach each other, freshness or latency
 * when they can. A key has copies on several nodes; a client works with the node that it is near, which coordinates, or
 * with a primary. How many answers a write and a read need, who repairs what, and what stands in for a node that does
 * not answer is the design's affair (see model/quorum.h).
 *
 * A row of the trace is a write, a read, or a pair: a write, and a read of the same key by some client a given time
 * after the write was answered. Observers that see everything judge what is answered: what a read missed
 * (model/versions.h), and whether the history of a key can be explained at all (model/history.h).
 *
 * P. Bailis et al., Probabilistically Bounded Staleness for Practical Partial Quorums, PVLDB 5, 2012; S. Gilbert,
 * N. Lynch, Brewer's conjecture, SIGACT News 33, 2002; D. Abadi, Consistency tradeoffs in modern distributed database
 * system design, IEEE Computer 45, 2012.
 */
#include "cases/case.h"
#include "model/history.h"
#include "model/quorum.h"
#include "model/request.h"
#include "model/versions.h"

static const char *const designs[] = {"leaderless", "primary", NULL};
static const char *const asked[] = {"everybody", "read-quorum", "quorum", NULL};
static const char *const repairs[] = {"none", "after", "before", NULL}; /* as enum quorum_repair */
static const char *const numbers[] = {"clock", "quorum", NULL};
static const char *const readers[] = {"any", "same", NULL};
static const char *const places[] = {"quorum", "own", NULL};
static const char *const operations[] = {"write", "read", "pair", NULL};
enum { LEADERLESS, PRIMARY };
enum { EVERYBODY, SOME_READ, SOME };
enum { BY_CLOCK, BY_QUORUM };
enum { ANY, SAME };
enum { BY_READ_QUORUM, OWN };
enum { WRITE_ROW, READ_ROW, PAIR_ROW };

struct params {
	int design, ask, repair, number, reader, read_from;
	int64_t nodes, replicas, read_quorum, write_quorum, keys, datacentres, judged;
	struct dist write_way, ack_way, read_way, response_way;
	int64_t between, timeout, suspect, hand_over, anti_entropy, skew;
	double loss;
	bool sloppy;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, design, designs, "leaderless", "who coordinates: the client's node, or node 0"),
	PARAM_COUNT(struct params, nodes, "3", "1", "9", "nodes, each with clients of its own"),
	PARAM_COUNT(struct params, replicas, "3", "1", "9", "copies of each key (N)"),
	PARAM_COUNT(struct params, read_quorum, "1", "1", "9", "answers that a read waits for (R)"),
	PARAM_COUNT(struct params, write_quorum, "1", "1", "9", "acknowledgements that a write waits for (W)"),
	PARAM_COUNT(struct params, keys, "10 k", "1", "1 M", "keys, each a register"),
	PARAM_CHOICE(struct params, ask, asked, "everybody", "who is asked: all replicas, or as many as needed"),
	PARAM_CHOICE(struct params, read_from, places, "quorum", "primary: what is read, its answer or the own copy"),
	PARAM_CHOICE(struct params, reader, readers, "any", "pair: at which node it is read, any or the writer's"),
	PARAM_DIST(struct params, write_way, TIME, "exp(1 ms)", "0 s", "1 h", "a write, to a replica (W)"),
	PARAM_DIST(struct params, ack_way, TIME, "exp(1 ms)", "0 s", "1 h", "its acknowledgement (A)"),
	PARAM_DIST(struct params, read_way, TIME, "exp(1 ms)", "0 s", "1 h", "a read, to a replica (R)"),
	PARAM_DIST(struct params, response_way, TIME, "exp(1 ms)", "0 s", "1 h", "its response (S)"),
	PARAM_COUNT(struct params, datacentres, "1", "1", "9", "data centres; nodes are dealt out to them in turn"),
	PARAM_TIME(struct params, between, "0 s", "0 s", "10 s", "added to each way between data centres"),
	PARAM_RATIO(struct params, loss, "0 %", "0 %", "90 %", "messages that are lost"),
	PARAM_CHOICE(struct params, repair, repairs, "none", "when a read repairs old copies it met"),
	PARAM_CHOICE(struct params, number, numbers, "clock", "what numbers writes: the clock, or a read quorum"),
	PARAM_TIME(struct params, skew, "0 s", "0 s", "1 h", "how far clocks are off, either way"),
	PARAM_BOOL(struct params, sloppy, "off", "other nodes stand in for replicas that do not answer"),
	PARAM_TIME(struct params, suspect, "5 s", "0 s", "1 d", "how long who has not answered is not asked"),
	PARAM_TIME(struct params, hand_over, "1 s", "1 ms", "1 d", "time between attempts to hand over hints"),
	PARAM_TIME(struct params, anti_entropy, "0 s", "0 s", "1 d", "time between a node's comparisons; 0: none"),
	PARAM_TIME(struct params, timeout, "1 s", "1 us", "1 d", "a client gives up after that"),
	PARAM_COUNT(struct params, judged, "0", "0", "1 M", "operations whose history is judged, the first ones"),
	PARAM_END};

enum { OP, KEY, AFTER, VERSIONS };
static const struct column columns[] = {
	{"op", COLUMN_CHOICE, operations, "pair", "what the client does"},
	{"key", COLUMN_KEY, NULL, NULL, "with what"},
	{"after", COLUMN_TIME, NULL, "0 ns", "pair: how long after the write's answer the read begins"},
	{"versions", COLUMN_COUNT, NULL, "1", "a read that missed so many writes counts as old"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(WRITE, write, TIME, NULL, "from a write's arrival to its answer") \
	METRIC(READ, read, TIME, NULL, "from a read's arrival to its answer") \
	METRIC(OPERATIONS, operations, COUNT, NULL, "reads and writes that arrived") \
	METRIC(WRITES, writes, COUNT, NULL, "writes that arrived") \
	METRIC(REFUSED, refused, COUNT, NULL, "reads and writes without an answer in time") \
	METRIC(REFUSED_WRITES, refused_writes, COUNT, NULL, "of these, writes") \
	METRIC(RIGHT, right, COUNT, NULL, "writes answered, and reads that missed nothing") \
	METRIC(READS, reads, COUNT, NULL, "reads that were answered") \
	METRIC(STALE, stale, COUNT, NULL, "of these, those that missed a write answered before they began") \
	METRIC(OLD, old, COUNT, NULL, "of these, those that missed `versions` of them at least") \
	METRIC(STALENESS, staleness, TIME, NULL, "for how long the oldest write that a read missed had been answered") \
	METRIC(SINCE, since, TIME, NULL, "pair: from the write's answer to the read") \
	METRIC(GHOSTS, ghosts, COUNT, NULL, "reads that returned a write which had been refused") \
	METRIC(CONFLICTS, conflicts, COUNT, NULL, "keys with a write that went, unseen by the one that stayed") \
	METRIC(REPAIRED, repaired, COUNT, NULL, "values sent to nodes that had older ones") \
	METRIC(HINTED, hinted, COUNT, NULL, "hints kept for nodes that did not answer") \
	METRIC(HANDED, handed, COUNT, NULL, "hints handed over") \
	METRIC(SENT, messages, COUNT, NULL, "messages sent, of all kinds") \
	METRIC(JUDGED, judged, COUNT, NULL, "keys whose history was judged") \
	METRIC(WRONG, wrong, COUNT, NULL, "of these, those that are not linearizable")
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "split", .target = "after", .help = "nodes up to this one, and those after it, are cut off"},
	{.name = "stretch", .target = "after", .factor = true,
	 .help = "messages between these two parts take longer by the factor"},
	{.name = "isolate", .target = "node", .help = "a node is cut off, both ways"},
	{.name = "mute", .target = "node", .help = "a node hears all, and is not heard"},
	{.name = "deaf", .target = "node", .help = "a node hears nobody, and is heard"},
	{.name = "kill", .target = "node", .help = "a node is down; what it has is on disk"},
	{.name = NULL}
};
enum { FAULT_SPLIT, FAULT_STRETCH, FAULT_ISOLATE, FAULT_MUTE, FAULT_DEAF, FAULT_KILL };

struct cap;

/* A client, from the arrival of its row to the answer of its read, or of its write when it only writes. */
struct client {
	struct request request;
	struct cap *cap;
	int64_t key, after, allowed; /* allowed: a read that missed so many versions is old */
	int op, node;
};

struct cap {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct requests clients;
	struct network_kind message[QUORUM_MESSAGES + 1];
	struct network network;
	struct quorum_config config;
	struct quorum quorum;
	struct versions versions;
	struct history history;
	struct history_verdict verdict; /* of it, at the end */
	uint64_t *refused;           /* by key: the latest write that was refused */
	uint64_t *conflicted, split; /* by key: after which split, counted from 1, it had a conflict last */
	double stretch[QUORUM_NODES];
};

/* Counted where the operation began. */
static void count(const struct quorum_op *op, int metric, uint64_t times)
{
	struct client *client = op->subject;
	meter_count(client->cap->meters, metric, op->called, times);
}

/* ---- what clients do ---- */

static void begin(struct client *client, bool write)
{
	struct cap *cap = client->cap;
	const struct quorum_op *op =
		quorum_begin(&cap->quorum, client->request.id << 1 | !write, client->key, write, client->node, client,
			     client->request.journey);
	count(op, OPERATIONS, 1);
	count(op, WRITES, write);
}

static int any_node(struct client *client)
{
	return (int)rng_below(&client->request.rng, (uint64_t)client->cap->params->nodes);
}

static void look(struct sim *sim, void *subject, uint64_t unused)
{
	struct client *client = subject;
	(void)sim;
	(void)unused;
	if (client->cap->params->reader == ANY)
		client->node = any_node(client);
	begin(client, false);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct cap *cap = self;
	int op = (int)row->value[OP];
	struct client *client = request_open(&cap->clients, row->id, row->window, operations[op]);
	(void)sim;
	client->cap = cap;
	client->op = op;
	client->key = (int64_t)((uint64_t)row->value[KEY] % (uint64_t)cap->params->keys);
	client->after = row->value[AFTER];
	client->allowed = row->value[VERSIONS];
	client->node = any_node(client);
	begin(client, op != READ_ROW);
}

/* ---- what comes of it ---- */

static void record(struct cap *cap, const struct quorum_op *op, bool answered)
{
	bool counts = answered || (op->write && op->value.stamp > 0);
	if (counts && (int64_t)cap->history.count < cap->params->judged)
		history_add(&cap->history, &(struct history_operation){
			op->write, (uint64_t)op->key, op->value.stamp, op->called,
			answered ? cap->sim->now : HISTORY_PENDING, (uint64_t)op->origin});
}

static void wrote(struct client *client, const struct quorum_op *op, bool answered)
{
	struct cap *cap = client->cap;
	int64_t now = cap->sim->now;
	if (answered) {
		versions_committed(&cap->versions, op->key, op->value.stamp, now);
		meter_record(cap->meters, WRITE, op->called, now - op->called);
		count(op, RIGHT, 1);
	} else {
		cap->refused[op->key] = op->value.stamp;
		count(op, REFUSED_WRITES, 1);
	}
	if (answered && client->op == PAIR_ROW)
		sim_after(cap->sim, client->after, look, client, 0);
	else
		request_answer(&client->request, now, answered);
}

static void has_read(struct client *client, const struct quorum_op *op, bool answered)
{
	struct cap *cap = client->cap;
	int64_t now = cap->sim->now;
	if (answered) {
		struct versions_missed missed = versions_read(&cap->versions, op->key, op->value.stamp, op->called);
		bool stale = missed.versions > 0;
		meter_record(cap->meters, READ, op->called, now - op->called);
		count(op, READS, 1);
		count(op, stale ? STALE : RIGHT, 1);
		count(op, OLD, missed.versions >= client->allowed);
		count(op, GHOSTS, op->value.stamp > 0 && op->value.stamp == cap->refused[op->key]);
		if (stale)
			meter_record(cap->meters, STALENESS, op->called, missed.time);
		if (client->op == PAIR_ROW)
			meter_record(cap->meters, SINCE, op->called, client->after);
		const char *what = stale ? "reads something old" : "reads the newest";
		journey_note(&client->request.journey, now, "client", -1, what, -1);
	}
	request_answer(&client->request, now, answered);
}

static void ended(void *owner, struct quorum_op *op, bool answered)
{
	struct cap *cap = owner;
	record(cap, op, answered);
	count(op, REFUSED, !answered);
	(op->write ? wrote : has_read)(op->subject, op, answered);
}

static void conflict(void *owner, int64_t key, const struct quorum_value *stays, const struct quorum_value *goes)
{
	struct cap *cap = owner;
	(void)stays;
	(void)goes;
	meter_count(cap->meters, CONFLICTS, cap->sim->now, cap->conflicted[key] < cap->split);
	cap->conflicted[key] = cap->split;
}

/* ---- what cannot be explained ---- */

/* Who reads and writes the two values that two operations cannot both have been right about. */
static void tell(const void *self, struct arena *arena, struct case_story *story)
{
	enum { SHOWN = 9 };
	static const char *const classes[] = {"the new value", "the old value", NULL};
	const struct cap *cap = self;
	struct history_operation shown[SHOWN];
	story->classes = classes;
	if (!cap->verdict.why)
		return;
	int64_t last = 0;
	story->spans = history_witness(&cap->history, &cap->verdict, SHOWN, shown);
	story->span = ARENA_ARRAY(arena, (size_t)story->spans, struct case_span);
	for (int i = 0; i < story->spans; i++)
		if (shown[i].returned != HISTORY_PENDING && shown[i].returned > last)
			last = shown[i].returned;
	for (int i = 0; i < story->spans; i++) {
		const struct history_operation *operation = &shown[i];
		bool old = operation->value != cap->verdict.other.value;
		story->span[i] = (struct case_span){
			.name = arena_format(arena, "node %d %s %s", (int)operation->who,
					     operation->write ? "writes" : "reads", old ? "old" : "new"),
			.class = old, .begin = operation->called,
			.end = operation->returned == HISTORY_PENDING ? last : operation->returned};
	}
}

/* ---- what breaks ---- */

static void divide(struct cap *cap, int after, bool begins)
{
	int side[QUORUM_NODES];
	for (int i = 0; i < cap->network.sites; i++)
		side[i] = i > after;
	cap->split += begins;
	(begins ? network_part : network_join)(&cap->network, side);
}

static void stretch(struct cap *cap, int after, double factor)
{
	struct network *network = &cap->network;
	cap->stretch[after] = factor;
	for (int from = 0; from < network->sites; from++)
		for (int to = 0; to < network->sites; to++) {
			double slowness = 1;
			for (int i = from < to ? from : to; i < (from < to ? to : from); i++)
				slowness *= cap->stretch[i];
			network_link(network, from, to)->slowness = slowness;
		}
}

static void silence(struct cap *cap, int node, bool mute, bool begins)
{
	for (int other = 0; other < cap->network.sites; other++)
		if (other != node)
			(begins ? network_cut : network_mend)(&cap->network, mute ? node : other, mute ? other : node);
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct cap *cap = self;
	int at = (int)target;
	bool begins = state->active;
	(void)sim;
	if (kind == FAULT_SPLIT)
		divide(cap, at, begins);
	else if (kind == FAULT_STRETCH)
		stretch(cap, at, state->factor);
	else if (kind == FAULT_ISOLATE)
		(begins ? network_isolate : network_rejoin)(&cap->network, at);
	else if (kind == FAULT_KILL)
		(begins ? machine_crash : machine_restart)(&cap->quorum.node[at].machine);
	else
		silence(cap, at, kind == FAULT_MUTE, begins);
}

static const char *idle(const void *values, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = values;
	(void)target;
	(void)arena;
	return p->nodes == 1 && kind != FAULT_KILL ? "there is one node only" : NULL;
}

static struct fault_targets targets(const void *values, int64_t slice, int kind, struct arena *arena)
{
	const struct params *p = values;
	(void)slice;
	(void)arena;
	return (struct fault_targets){.count = kind <= FAULT_STRETCH && p->nodes > 1 ? p->nodes - 1 : p->nodes};
}

/* ---- the world ---- */

static void build_network(struct cap *cap)
{
	const struct params *p = cap->params;
	const struct dist *way[QUORUM_MESSAGES] = {
		[QUORUM_WRITE] = &p->write_way, [QUORUM_ACK] = &p->ack_way, [QUORUM_READ] = &p->read_way,
		[QUORUM_RESPONSE] = &p->response_way, [QUORUM_FORWARD] = &p->read_way,
		[QUORUM_REPLY] = &p->response_way, [QUORUM_REPAIR] = &p->write_way, [QUORUM_TAKEN] = &p->ack_way,
		[QUORUM_COMPARE] = &p->read_way};
	static const char *const names[QUORUM_MESSAGES] = {"write", "ack", "read", "response", "forward", "reply",
							   "repair", "taken", "compare"};
	for (int i = 0; i < QUORUM_MESSAGES; i++)
		cap->message[i] = (struct network_kind){names[i], way[i], p->loss, 0};
	network_init(&cap->network, cap->sim, (int)p->nodes, cap->message);
	cap->network.sent = (struct booking){cap->meters, SENT};
	for (int from = 0; from < cap->network.sites; from++)
		for (int to = 0; to < cap->network.sites; to++)
			if (from % p->datacentres != to % p->datacentres)
				network_link(&cap->network, from, to)->extra = p->between;
}

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct cap *cap = ARENA_NEW(&sim->arena, struct cap);
	const struct params *p = world->params;
	int64_t offset[QUORUM_NODES];
	*cap = (struct cap){.params = p, .sim = sim, .meters = world->meters, .split = 1};
	requests_init(&cap->clients, sim, world->journeys, "client", sizeof(struct client));
	build_network(cap);
	cap->config = (struct quorum_config){
		.nodes = (int)p->nodes, .replicas = (int)p->replicas, .read = (int)p->read_quorum,
		.write = (int)p->write_quorum, .keys = p->keys, .some_read = p->ask != EVERYBODY,
		.some_write = p->ask == SOME,
		.asks_first = p->number == BY_QUORUM, .sloppy = p->sloppy, .primary = p->design == PRIMARY,
		.own_reads = p->read_from == OWN, .repair = (enum quorum_repair)p->repair, .timeout = p->timeout,
		.suspect = p->suspect, .hand_over = p->hand_over, .anti_entropy = p->anti_entropy};
	struct rng_stream clocks = sim_stream(sim, "clocks");
	for (int i = 0; i < QUORUM_NODES; i++) {
		struct rng rng = rng_of(clocks, (uint64_t)i);
		offset[i] = (int64_t)((2 * rng_unit(&rng) - 1) * (double)p->skew);
		cap->stretch[i] = 1;
	}
	quorum_init(&cap->quorum, sim, &cap->config, &cap->network, offset);
	cap->quorum.owner = cap;
	cap->quorum.ended = ended;
	cap->quorum.conflict = conflict;
	cap->quorum.repaired = (struct booking){world->meters, REPAIRED};
	cap->quorum.hinted = (struct booking){world->meters, HINTED};
	cap->quorum.handed = (struct booking){world->meters, HANDED};
	versions_init(&cap->versions, &sim->arena, p->keys);
	history_init(&cap->history, &sim->arena);
	cap->refused = ARENA_ARRAY(&sim->arena, (size_t)p->keys, uint64_t);
	cap->conflicted = ARENA_ARRAY(&sim->arena, (size_t)p->keys, uint64_t);
	return cap;
}

static void finish(struct sim *sim, void *self)
{
	struct cap *cap = self;
	if (cap->history.count == 0)
		return;
	cap->verdict = history_judge(&cap->history);
	meter_count(cap->meters, JUDGED, sim->now, cap->verdict.keys);
	meter_count(cap->meters, WRONG, sim->now, cap->verdict.wrong);
}

static bool check(const void *values, struct err *err)
{
	const struct params *p = values;
	if (p->replicas > p->nodes)
		err_add(err, ERR_MODEL, NULL, "replicas: %lld copies need as many nodes, there are %lld",
			(long long)p->replicas, (long long)p->nodes);
	if (p->read_quorum > p->replicas || p->write_quorum > p->replicas)
		err_add(err, ERR_MODEL, NULL, "%s: a quorum of %lld is larger than the %lld replicas",
			p->read_quorum > p->replicas ? "read_quorum" : "write_quorum",
			(long long)(p->read_quorum > p->replicas ? p->read_quorum : p->write_quorum),
			(long long)p->replicas);
	if (p->datacentres > p->nodes)
		err_add(err, ERR_MODEL, NULL, "datacentres: %lld, and %lld nodes", (long long)p->datacentres,
			(long long)p->nodes);
	if (p->sloppy && (p->nodes == p->replicas || p->ask != EVERYBODY || p->design == PRIMARY))
		err_add(err, ERR_MODEL, NULL, "sloppy: needs design leaderless, ask everybody, and nodes that are no "
			"replicas of a key, to stand in for those that are");
	if (p->read_from == OWN && p->design != PRIMARY)
		err_add(err, ERR_MODEL, NULL, "read_from own: only with design primary; read_quorum 1 is alike");
	if (p->ask != EVERYBODY && (p->repair == QUORUM_REPAIRS_BEFORE || p->number == BY_QUORUM))
		err_add(err, ERR_MODEL, NULL, "ask %s: a second round needs everybody to be asked",
			asked[p->ask]);
	if (p->number == BY_QUORUM && p->read_quorum + p->write_quorum <= p->replicas)
		err_add(err, ERR_MODEL, NULL,
			"number quorum: a read quorum must meet every write quorum, %lld and %lld of %lld need not",
			(long long)p->read_quorum, (long long)p->write_quorum,
			(long long)p->replicas);
	return !err_any(err);
}

static const char *const table[] = {"write", "read", "staleness", "count(stale) / count(reads)", NULL};

const struct case_study case_cap = {
	.name = "cap",
	.about = "copies of a register, quorums, partitions - what is fresh, what is answered, and when",
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
	.idle = idle,
	.targets = targets,
	.finish = finish,
	.tell = tell,
};
