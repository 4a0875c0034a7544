/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transactions over several databases: all of it or nothing, in spite of crashes. A row of the trace is a transaction
 * that changes rows on several nodes, or a reader of one row. It locks what it touches (model/locktable.h), works, and
 * hands itself to a coordinator, who sees to it that all nodes commit or none does (model/commit.h). Locks are held
 * until the outcome is known; so a coordinator that dies at the wrong moment leaves rows locked until it is back, and
 * those who wait for them hold rows that others wait for.
 *
 * A saga (model/saga.h) commits each step on its own and undoes steps when a later one fails: locks are short, and what
 * is not finished is there to be read.
 *
 *   trace, terminals -> locks, row by row -> coordinator -> participants, their logs -> locks are released
 *
 * Whether a transaction was committed by one and aborted by another is seen by an observer (model/atomicity.h).
 *
 * J. Gray, Notes on data base operating systems, 1978; P. Bailis et al., Coordination avoidance in database systems,
 * PVLDB 8(3), 2014; H. Garcia-Molina, K. Salem, Sagas, SIGMOD 1987.
 */
#include "cases/case.h"
#include "model/commit.h"
#include "model/request.h"
#include "model/rowset.h"
#include "model/saga.h"
#include "model/terminals.h"

static const char *const protocols[] = {"2pc", "presumed-abort", "presumed-commit", "3pc", "paxos", "saga", NULL};
static const struct commit_kind *const kinds[] = {&commit_presumed_nothing, &commit_presumed_abort,
						  &commit_presumed_commit,  &commit_three_phase,
						  &commit_paxos,            &commit_presumed_nothing};
enum { PAXOS = 4, SAGA };
static const char *const places[] = {"remote", "first", NULL};
enum { REMOTE, FIRST };
static const char *const manners[] = {"keep", "give-back", NULL};
enum { KEEP, GIVE_BACK };

struct params {
	int protocol, coordinator, in_doubt, waiting, crash_point;
	int64_t coordinators, nodes, participants, rows, keys;
	double reads, refuses, step_fails, loss, hot;
	bool read_only, grouped, visits, crashes;
	struct dist one_way, way_back, work, force, begin, think, crash_every, crash_for;
	int64_t timeout, clients;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, protocol, protocols, "2pc", "how several nodes agree on an outcome"),
	PARAM_COUNT(struct params, coordinators, "1", "1", "7", "machines that coordinate, or accept votes (paxos)"),
	PARAM_CHOICE(struct params, coordinator, places, "remote", "who coordinates: one of them, or the first node"),
	PARAM_COUNT(struct params, nodes, "2", "1", "200", "databases"),
	PARAM_COUNT(struct params, participants, "2", "1", "200", "of them that a transaction changes"),
	PARAM_COUNT(struct params, rows, "2", "1", "200", "rows that it changes, in turn on each of these"),
	PARAM_COUNT(struct params, keys, "10 k", "1", "10 M", "rows on all nodes together"),
	PARAM_RATIO(struct params, hot, "0 %", "0 %", "100 %", "clients' transactions that begin with row 0"),
	PARAM_RATIO(struct params, reads, "0 %", "0 %", "100 %", "participants that only read"),
	PARAM_BOOL(struct params, read_only, "on", "who has only read votes so, and is done"),
	PARAM_RATIO(struct params, refuses, "0 %", "0 %", "100 %", "participants that vote no"),
	PARAM_CHOICE(struct params, in_doubt, commit_doubt_names, "wait", "what a yes-voter does that hears nothing"),
	PARAM_TIME(struct params, timeout, "100 ms", "10 us", "1 d", "how long it waits, and coordinators for votes"),
	PARAM_DIST(struct params, one_way, TIME, "500 us", "0 s", "1 h", "network, to participants"),
	PARAM_DIST(struct params, way_back, TIME, "500 us", "0 s", "1 h", "network, back from them"),
	PARAM_RATIO(struct params, loss, "0 %", "0 %", "50 %", "messages that are lost"),
	PARAM_DIST(struct params, force, TIME, "0 s", "0 s", "10 s", "forcing a log to disk"),
	PARAM_BOOL(struct params, grouped, "off", "those who wait for the same disk share a force"),
	PARAM_BOOL(struct params, visits, "off", "the client goes to a row and back before the next (sagas always)"),
	PARAM_DIST(struct params, work, TIME, "0 s", "0 s", "1 h", "at a row, once it is locked"),
	PARAM_CHOICE(struct params, waiting, manners, "keep", "the others, of who waits for a row"),
	PARAM_RATIO(struct params, step_fails, "0 %", "0 %", "100 %", "steps of a saga that fail"),
	PARAM_COUNT(struct params, clients, "0", "0", "100 k", "that send, wait, think, and send again"),
	PARAM_DIST(struct params, begin, TIME, "0 s", "0 s", "1 d", "when a client sends for the first time"),
	PARAM_DIST(struct params, think, TIME, "exp(90 ms)", "0 s", "1 d", "until a client sends again"),
	PARAM_BOOL(struct params, crashes, "off", "the first coordinator crashes now and then"),
	PARAM_DIST(struct params, crash_every, TIME, "1 s", "1 ms", "3650 d", "from its return to its next crash"),
	PARAM_DIST(struct params, crash_for, TIME, "200 ms", "1 us", "30 d", "from its crash to its return"),
	PARAM_CHOICE(struct params, crash_point, commit_point_names, "now", "when it crashes then, in a transaction"),
	PARAM_END};

enum { OP, ROW };
enum { CHANGE, READ };
static const char *const operations[] = {"change", "read", NULL};
static const struct column columns[] = {
	{"op", COLUMN_CHOICE, operations, "change", "what the client does"},
	{"row", COLUMN_KEY, NULL, NULL, "the first row that it changes, or the one it reads"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(ARRIVED, arrived, COUNT, NULL, "transactions that arrived") \
	METRIC(COMMITTED, committed, COUNT, NULL, "whose clients were told that they were committed") \
	METRIC(ABORTED, aborted, COUNT, NULL, "whose clients were told that they were aborted") \
	METRIC(UNKNOWN, unknown, COUNT, NULL, "whose coordinator crashed: clients were told nothing") \
	METRIC(REFUSED, refused, COUNT, NULL, "that met a node, or all coordinators, dead") \
	METRIC(RESPONSE, response, TIME, NULL, "from the arrival of a transaction to its client's answer") \
	METRIC(COMMIT, commit, TIME, NULL, "from handing it to the coordinator to the client's answer") \
	METRIC(COMPLETE, complete, TIME, NULL, "from handing it over until nobody remembers it") \
	METRIC(ROUND, round, TIME, NULL, "from a coordinator's question to a participant's vote") \
	METRIC(SENT, messages, COUNT, NULL, "messages of the commit protocol") \
	METRIC(FORCED, forced, COUNT, NULL, "records that must be on disk before it goes on") \
	METRIC(FORCES, forces, COUNT, NULL, "times that a disk was forced") \
	METRIC(WAITED, waited, TIME, NULL, "waits for rows that others had locked") \
	METRIC(DEADLOCKS, deadlocks, COUNT, NULL, "transactions that waited for each other") \
	METRIC(HELD, held, TIME, NULL, "how long a row was locked by a transaction") \
	METRIC(DOUBT, doubt, TIME, NULL, "from a participant's yes until it knows the outcome") \
	METRIC(STUCK, stuck, TIME, NULL, "the same, when it was in doubt as its coordinator came back") \
	METRIC(LEFT, left, AMOUNT, "transactions", "in doubt when a coordinator came back, at each return") \
	METRIC(LATE, late, COUNT, NULL, "transactions that arrived while the first coordinator was down") \
	METRIC(BLOCKED, blocked, COUNT, NULL, "of these that met a row of a transaction whose coordinator was down") \
	METRIC(ALONE, alone, COUNT, NULL, "participants in doubt that decided without their coordinator") \
	METRIC(HALF, half, COUNT, NULL, "transactions that were committed in part and aborted in part") \
	METRIC(COMPENSATIONS, compensations, AMOUNT, "steps", "steps that a saga undid") \
	METRIC(READS, reads, COUNT, NULL, "rows that readers saw") \
	METRIC(DIRTY, dirty, COUNT, NULL, "of these that showed a transaction that was not finished") \
	METRIC(READ_WAIT, read_wait, TIME, NULL, "how long a reader waited for its row") \
	METRIC(LOCKED, locked, LEVEL, "rows", "rows that are locked for a change") \
	METRIC(WAITING, waiting, LEVEL, "transactions", "transactions and readers that wait for a row") \
	METRIC(IN_DOUBT, doubtful, LEVEL, "participants", "participants in doubt, of all transactions") \
	METRIC(EXPOSED, exposed, LEVEL, "rows", "rows changed by a saga that is not finished")
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "kill", .target = "coordinator", .help = "a coordinator crashes, when `crash_point` says"},
	{.name = "crash", .target = "node", .help = "a database is down"},
	{.name = "isolate", .target = "node", .help = "a database is cut off from all, both ways"},
	{.name = "slow", .factor = true, .help = "all messages take longer by the factor"},
	{.name = NULL}
};
enum { FAULT_KILL, FAULT_CRASH, FAULT_ISOLATE, FAULT_SLOW };

struct world;

struct transaction {
	struct request request;
	struct world *world;
	struct terminal *terminal;  /* NULL: it came with the trace, or its client has been answered */
	struct rowset_owner rows;
	int locked;                 /* rows that it has by now */
	struct commit_transaction commit;
	struct saga saga;
	int home;                   /* the coordinator that is asked first */
	uint32_t ways;
	bool reader, fails;         /* fails: its present step */
	bool late;                  /* it arrived while the first coordinator was down, and has not been held up yet */
};

struct world {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct requests requests;
	struct terminals terminals;
	struct commit_config config;
	struct commit commit;
	struct rowset rows;
};

static void count(struct world *world, int metric)
{
	meter_count(world->meters, metric, world->sim->now, 1);
}

static void note(struct transaction *transaction, const char *part, int number, const char *what)
{
	journey_note(&transaction->request.journey, transaction->world->sim->now, part, number, what, -1);
}

/* ---- the end of a transaction ---- */

static void close(struct transaction *transaction)
{
	struct world *world = transaction->world;
	rowset_end(&transaction->rows);
	if (transaction->request.id >> 39) /* a client's: see send() */
		sim_open(world->sim);
	request_close(&transaction->request, world->sim->now);
}

static void tell_client(struct transaction *transaction, int metric)
{
	struct world *world = transaction->world;
	count(world, metric);
	if (metric == COMMITTED || metric == ABORTED)
		meter_record(world->meters, RESPONSE, transaction->rows.since,
			     world->sim->now - transaction->rows.since);
	if (transaction->terminal)
		terminal_answered(transaction->terminal, 0, metric == COMMITTED);
	transaction->terminal = NULL;
}

/* Before anybody has voted. */
static void give_up(struct transaction *transaction, int metric)
{
	tell_client(transaction, metric);
	close(transaction);
}

/* ---- the commit protocol ---- */

static struct transaction *of_commit(struct commit_transaction *commit)
{
	return (struct transaction *)((char *)commit - offsetof(struct transaction, commit));
}

static void answered(void *owner, struct commit_transaction *commit, enum atomicity_outcome outcome)
{
	struct world *world = owner;
	struct transaction *transaction = of_commit(commit);
	static const int metric[] = {UNKNOWN, COMMITTED, ABORTED};
	static const char *const what[] = {"crashes", "tells that it is committed", "tells that it is aborted"};
	note(transaction, "coordinator", commit->leader, what[outcome]);
	if (outcome != ATOMICITY_OPEN)
		meter_record(world->meters, COMMIT, commit->began, world->sim->now - commit->began);
	tell_client(transaction, metric[outcome]);
}

static void voted(void *owner, struct commit_transaction *commit, struct commit_branch *branch)
{
	struct world *world = owner;
	note(of_commit(commit), "node", branch->site - world->config.coordinators, "votes yes");
}

static void finished(void *owner, struct commit_transaction *commit, struct commit_branch *branch)
{
	struct world *world = owner;
	struct transaction *transaction = of_commit(commit);
	static const char *const what[] = {"has only read", "commits, in doubt for", "aborts, in doubt for"};
	int node = branch->site - world->config.coordinators;
	int64_t now = world->sim->now;
	if (branch->since)
		journey_note_time(&transaction->request.journey, now, "node", node, what[branch->outcome],
				  now - branch->since);
	else
		note(transaction, "node", node, branch->outcome ? "aborts" : what[0]);
	rowset_release_part(&transaction->rows, (int)(branch - commit->branch));
}

static void ended(void *owner, struct commit_transaction *commit)
{
	struct world *world = owner;
	meter_record(world->meters, COMPLETE, commit->began, world->sim->now - commit->began);
	close(of_commit(commit));
}

/* All rows are locked, and the work is done. */
static void hand_over(struct transaction *transaction)
{
	struct world *world = transaction->world;
	const struct params *p = world->params;
	struct commit_transaction *commit = &transaction->commit;
	int leader = p->coordinator == FIRST ? commit->branch[0].site : transaction->home;
	for (int i = 0; i < p->coordinators && p->coordinator == REMOTE && !commit_is_up(&world->commit, leader); i++)
		leader = (leader + 1) % (int)p->coordinators;
	if (!commit_is_up(&world->commit, leader)) {
		give_up(transaction, REFUSED);
		return;
	}
	note(transaction, "coordinator", leader, "is asked to commit");
	commit_begin(&world->commit, commit, leader);
}

/* ---- row by row ---- */

static sim_event_fn lock, locked, refused, worked, leave, come_back;

static bool is_saga(const struct transaction *transaction)
{
	return transaction->world->params->protocol == SAGA && !transaction->reader;
}

/* The row that it is at, or wants next. */
static struct rowset_lock *present(struct transaction *transaction)
{
	return &transaction->rows.lock[is_saga(transaction) ? saga_at(&transaction->saga) : transaction->locked];
}

/* A message to a row's node, or back; again, when it does not arrive. The program of a saga is at its coordinator. */
static void travel(struct transaction *transaction, bool there, sim_event_fn *arrives, sim_event_fn *again)
{
	struct world *world = transaction->world;
	int node = transaction->commit.branch[present(transaction)->part].site, home = transaction->home;
	uint64_t key = transaction->request.id << 16 | (transaction->ways++ & 0xffff);
	int64_t takes = commit_way(&world->commit, there ? home : node, there ? node : home, key);
	bool up = commit_is_up(&world->commit, node) &&
		  (!is_saga(transaction) || commit_is_up(&world->commit, home));
	if (takes >= 0 && up)
		sim_after(world->sim, takes, arrives, transaction, 0);
	else
		sim_after(world->sim, world->params->timeout, again, transaction, 0);
}

static void go(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *transaction = subject;
	bool visits = transaction->world->params->visits && transaction->locked < transaction->rows.locks;
	if (is_saga(transaction) || (visits && !transaction->reader))
		travel(transaction, true, lock, go);
	else if (transaction->locked < transaction->rows.locks)
		lock(sim, transaction, unused);
	else
		hand_over(transaction);
}

static void lock(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *transaction = subject;
	struct world *world = transaction->world;
	struct rowset_lock *row = present(transaction);
	bool up = commit_is_up(&world->commit, transaction->commit.branch[row->part].site);
	if (!up && is_saga(transaction)) {
		go(sim, transaction, unused);
		return;
	}
	if (!up) {
		give_up(transaction, REFUSED);
		return;
	}
	if (!rowset_take(&transaction->rows, (int)(row - transaction->rows.lock), locked, refused, transaction))
		return;
	transaction->locked = world->params->waiting == KEEP ? transaction->locked : 0;
	const struct rowset_owner *holder = rowset_holder(&transaction->rows);
	const struct transaction *other = holder ? holder->subject : NULL;
	if (transaction->late && other && other->commit.serial && !commit_is_up(&world->commit, other->commit.leader)) {
		count(world, BLOCKED);
		transaction->late = false;
	}
}

static void refused(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	give_up(subject, ABORTED);
}

static void locked(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *transaction = subject;
	struct world *world = transaction->world;
	(void)unused;
	if (transaction->reader) {
		meter_record(world->meters, READ_WAIT, transaction->rows.since, sim->now - transaction->rows.since);
		count(world, READS);
		if (world->rows.row[transaction->rows.lock->key].unfinished > 0)
			count(world, DIRTY);
		close(transaction);
		return;
	}
	int64_t work = dist_draw_time(&world->params->work, &transaction->request.rng);
	if (is_saga(transaction)) { /* each step is a transaction of its own, and ends on disk */
		count(world, FORCED);
		work += dist_draw_time(&world->params->force, &transaction->request.rng);
	}
	if (work > 0)
		sim_after(sim, work, worked, transaction, 0);
	else
		worked(sim, transaction, 0);
}

static void worked(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *transaction = subject;
	if (is_saga(transaction)) {
		bool succeeds = transaction->saga.back ||
				rng_unit(&transaction->request.rng) >= transaction->world->params->step_fails;
		struct rowset_lock *row = present(transaction);
		note(transaction, "step", row->part,
		     !succeeds ? "fails" : transaction->saga.back ? "is undone" : "is done");
		if (succeeds)
			rowset_change(&transaction->world->rows, row->key, transaction->saga.back ? -1 : 1);
		rowset_release(&transaction->rows, (int)(row - transaction->rows.lock));
		transaction->fails = !succeeds;
	}
	if (is_saga(transaction) || transaction->world->params->visits)
		leave(sim, transaction, unused);
	else
		come_back(sim, transaction, unused);
}

static void leave(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	travel(subject, false, come_back, leave);
}

static void come_back(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *transaction = subject;
	struct world *world = transaction->world;
	enum saga_next next = SAGA_GOES_ON;
	if (is_saga(transaction))
		next = saga_tried(&transaction->saga, !transaction->fails);
	else
		transaction->locked++;
	if (next == SAGA_GOES_ON) {
		go(sim, transaction, unused);
		return;
	}
	for (int i = 0; i < transaction->saga.done; i++)
		rowset_change(&world->rows, transaction->rows.lock[i].key, -1);
	meter_record(world->meters, COMPENSATIONS, transaction->rows.since, transaction->saga.undone);
	tell_client(transaction, next == SAGA_COMPLETED ? COMMITTED : ABORTED);
	close(transaction);
}

/* ---- the beginning ---- */

static struct transaction *open_transaction(struct world *world, uint64_t id, int64_t window, const char *kind)
{
	struct transaction *transaction = request_open(&world->requests, id, window, kind);
	transaction->world = world;
	transaction->commit.id = id;
	transaction->commit.branch = (struct commit_branch *)(transaction + 1);
	transaction->rows.lock = (struct rowset_lock *)(transaction->commit.branch + world->params->participants);
	transaction->rows.since = world->sim->now;
	return transaction;
}

static void begin(struct transaction *transaction, uint64_t number, int parts, int rows)
{
	struct world *world = transaction->world;
	const struct params *p = world->params;
	struct rng *rng = &transaction->request.rng;
	uint64_t first = rowset_key(&world->rows, number);
	rowset_begin(&world->rows, &transaction->rows, first, parts, rows, rng, &transaction->request.journey);
	transaction->commit.branches = parts;
	for (int i = 0; i < parts; i++) {
		struct commit_branch *branch = &transaction->commit.branch[i];
		branch->site = (int)p->coordinators + (rowset_node(&world->rows, first) + i) % (int)p->nodes;
		branch->crashes = world->commit.site[branch->site].machine.crashes;
		branch->reads = rng_unit(rng) < p->reads;
		branch->refuses = rng_unit(rng) < p->refuses;
	}
	for (int i = 0; i < rows; i++)
		transaction->rows.lock[i].shared = transaction->reader ||
						   transaction->commit.branch[transaction->rows.lock[i].part].reads;
	transaction->saga = saga_of(rows);
	transaction->late = !transaction->reader && !commit_is_up(&world->commit, 0);
	if (transaction->late)
		count(world, LATE);
	go(world->sim, transaction, 0);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct world *world = self;
	const struct params *p = world->params;
	struct transaction *transaction =
		open_transaction(world, row->id, row->window, operations[row->value[OP]]);
	(void)sim;
	transaction->reader = row->value[OP] == READ;
	if (!transaction->reader)
		count(world, ARRIVED);
	begin(transaction, (uint64_t)row->value[ROW], transaction->reader ? 1 : (int)p->participants,
	      transaction->reader ? 1 : (int)p->rows);
}

/* A client's transaction does not keep the replay going: it ends with the trace. */
static void send(void *owner, struct terminal *terminal)
{
	struct world *world = owner;
	const struct params *p = world->params;
	struct transaction *transaction = open_transaction(world, UINT64_C(1) << 39 | terminal->id, -1, "change");
	struct rng *rng = &transaction->request.rng;
	sim_close(world->sim);
	count(world, ARRIVED);
	transaction->terminal = terminal;
	transaction->home = (int)p->coordinators - 1;
	begin(transaction, rng_unit(rng) < p->hot ? 0 : rng_below(rng, (uint64_t)p->keys), (int)p->participants,
	      (int)p->rows);
}

static void client_begins(struct sim *sim, void *self, uint64_t unused)
{
	struct world *world = self;
	(void)sim;
	(void)unused;
	terminals_begin(&world->terminals, 1, sizeof(struct terminal));
}

/* ---- what breaks ---- */

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct world *world = self;
	struct commit *commit = &world->commit;
	int site = kind == FAULT_KILL ? (int)target : world->config.coordinators + (int)target;
	bool begins = state->active;
	(void)sim;
	if (kind == FAULT_SLOW)
		network_slow(&commit->network, state->factor);
	else if (kind == FAULT_ISOLATE)
		(begins ? network_isolate : network_rejoin)(&commit->network, site);
	else if (!begins)
		commit_restart(commit, site);
	else
		commit_crash(commit, site,
			     kind == FAULT_KILL ? (enum commit_point)world->params->crash_point : COMMIT_NOW);
}

static struct fault_targets targets(const void *values, int64_t slice, int kind, struct arena *arena)
{
	const struct params *p = values;
	(void)slice;
	(void)arena;
	return (struct fault_targets){.count = kind == FAULT_KILL ? p->coordinators : p->nodes};
}

static const char *idle(const void *values, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = values;
	(void)target;
	(void)arena;
	if (kind == FAULT_SLOW && dist_mean(&p->one_way) == 0 && dist_mean(&p->way_back) == 0)
		return "messages take no time (one_way, way_back)";
	if (kind == FAULT_KILL && p->coordinator == FIRST)
		return "a transaction's first node coordinates it";
	return NULL;
}

/* ---- the world ---- */

static void *build(const struct case_world *it)
{
	struct sim *sim = it->sim;
	struct world *world = ARENA_NEW(&sim->arena, struct world);
	const struct params *p = it->params;
	struct meters *meters = it->meters;
	*world = (struct world){.params = p, .sim = sim, .meters = meters};
	world->config = (struct commit_config){
		.kind = kinds[p->protocol], .coordinators = (int)p->coordinators, .nodes = (int)p->nodes,
		.doubt = (enum commit_doubt)p->in_doubt, .read_only = p->read_only, .timeout = p->timeout,
		.there = &p->one_way, .back = &p->way_back, .force = &p->force, .loss = p->loss,
		.grouped = p->grouped};
	struct commit *commit = &world->commit;
	commit_init(commit, sim, &world->config);
	commit->owner = world;
	commit->answered = answered;
	commit->voted = voted;
	commit->finished = finished;
	commit->ended = ended;
	commit->messages_sent = (struct booking){meters, SENT};
	commit->records = (struct booking){meters, FORCED};
	commit->round = (struct booking){meters, ROUND};
	commit->doubt = (struct booking){meters, DOUBT};
	commit->stuck = (struct booking){meters, STUCK};
	commit->left = (struct booking){meters, LEFT};
	commit->alone = (struct booking){meters, ALONE};
	commit->in_doubt = (struct booking){meters, IN_DOUBT};
	commit->atomicity.booking = (struct booking){meters, HALF};
	for (int i = 0; i < p->coordinators + p->nodes; i++)
		commit->site[i].log.begun = (struct booking){meters, FORCES};
	struct rowset *rows = &world->rows;
	rowset_init(rows, sim, p->keys, p->nodes, p->waiting == GIVE_BACK);
	rows->table.waited = (struct booking){meters, WAITED};
	rows->table.deadlocks = (struct booking){meters, DEADLOCKS};
	rows->table.waiting_now = (struct booking){meters, WAITING};
	rows->held = (struct booking){meters, HELD};
	rows->locked_now = (struct booking){meters, LOCKED};
	rows->unfinished_now = (struct booking){meters, EXPOSED};
	requests_init(&world->requests, sim, it->journeys, "transaction",
		      sizeof(struct transaction) + (size_t)p->participants * sizeof(struct commit_branch) +
			      (size_t)p->rows * sizeof(struct rowset_lock));
	if (p->crashes)
		commit_fails(commit, p->coordinator == FIRST ? world->config.coordinators : 0,
			     (enum commit_point)p->crash_point, &p->crash_every, &p->crash_for,
			     sim_stream(sim, "crashes"));
	terminals_init(&world->terminals, sim, &p->think, "think");
	world->terminals.owner = world;
	world->terminals.send = send;
	struct rng begins = rng_start(sim_stream(sim, "begin"));
	for (int64_t i = 0; i < p->clients; i++)
		sim_after(sim, dist_draw_time(&p->begin, &begins), client_begins, world, 0);
	return world;
}

static bool check(const void *values, struct err *err)
{
	const struct params *p = values;
	bool saga = p->protocol == SAGA;
	if (p->participants > p->nodes)
		err_add(err, ERR_MODEL, NULL, "participants: %lld of %lld nodes cannot take part",
			(long long)p->participants, (long long)p->nodes);
	if (p->rows < p->participants)
		err_add(err, ERR_MODEL, NULL, "rows: each of %lld participants needs one, there are %lld",
			(long long)p->participants, (long long)p->rows);
	if (p->keys / p->nodes < (p->rows + p->participants - 1) / p->participants)
		err_add(err, ERR_MODEL, NULL, "keys: a node has %lld rows, a transaction changes %lld of them",
			(long long)(p->keys / p->nodes),
			(long long)((p->rows + p->participants - 1) / p->participants));
	if (p->protocol == PAXOS && p->coordinators % 2 == 0)
		err_add(err, ERR_MODEL, NULL, "protocol paxos: the acceptors are the coordinators, whose number "
			"must be odd, so that most of them can be had; not %lld", (long long)p->coordinators);
	if (p->protocol == PAXOS && p->coordinator == FIRST)
		err_add(err, ERR_MODEL, NULL, "coordinator first: with paxos one of the acceptors leads");
	if (p->step_fails > 0 && !saga)
		err_add(err, ERR_MODEL, NULL, "step_fails: only a saga has steps; participants refuse with `refuses`");
	if ((p->reads > 0 || p->refuses > 0) && saga)
		err_add(err, ERR_MODEL, NULL, "reads, refuses: a saga has no votes; its steps fail with `step_fails`");
	return !err_any(err);
}

static const char *const table[] = {"response", "doubt", "held", "count(aborted) / count(arrived)",
					    "count(blocked)", NULL};

const struct case_study case_twophase = {
	.name = "twophase",
	.about = "transactions over several databases - two-phase commit, its locks, its crashes, and sagas",
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
};
