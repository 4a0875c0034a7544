/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transactions on one table, under one of seven kinds of isolation (model/isolation.h). A row of the trace is somebody
 * who wants a transaction, or so many clients who stay for a time and run one after the other (a closed loop).
 *
 * A transaction is a chain of operations, each of which reads a row and may write it: it waits for a lock where its
 * isolation wants one, for a disk and a processor, and lets its client think. It may have to abort; then it may try
 * again. Old versions stay until vacuum takes them away (model/vacuum.h), which the oldest snapshot prevents. Whether
 * all that have committed could have come one after the other is judged by an observer (model/serial.h).
 *
 * R. Agrawal, M. Carey, M. Livny, Concurrency control performance modeling, ACM TODS 12(4), 1987; J. Gray et al., The
 * dangers of replication and a solution, SIGMOD 1996; D. Ports, K. Grittner, PVLDB 5(12), 2012.
 */
#include "cases/case.h"
#include "model/isolation.h"
#include "model/pool.h"
#include "model/request.h"
#include "model/terminals.h"
#include "model/vacuum.h"

enum { OPERATIONS = 64 }; /* of a transaction that is no scan, at most */

static const char *const computes[] = {"client", "statement", NULL};
enum { BY_CLIENT, BY_STATEMENT };
static const char *const restarts[] = {"same", "new", NULL};
enum { RESTART_SAME, RESTART_NEW };
static const char *const copy_orders[] = {"same", "own", NULL};
enum { SAME_ORDER, OWN_FIRST };

struct params {
	int isolation;
	int64_t rows;
	struct dist operations;
	double writes, readers, hot;
	int64_t hot_rows;
	int compute;
	bool upgrade;
	struct dist length;
	int64_t cpu, io, processors, disks, connections, idle_timeout;
	struct dist think;
	int victim;
	int64_t retries;
	struct dist backoff;
	int restart;
	int64_t nodes;
	int copy_order;
	bool vacuum, vacuum_each;
	int64_t vacuum_base, vacuum_nap, vacuum_takes;
	double vacuum_scale;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, isolation, isolation_names, "snapshot", "how transactions are kept apart"),
	PARAM_COUNT(struct params, rows, "1000", "2", "10 M", "rows of the table"),
	PARAM_DIST(struct params, operations, COUNT, "5", "1", "64", "rows that a transaction works on, 64 at most"),
	PARAM_RATIO(struct params, writes, "100 %", "0 %", "100 %", "operations that write their row"),
	PARAM_RATIO(struct params, readers, "0 %", "0 %", "100 %", "transactions that write nothing"),
	PARAM_RATIO(struct params, hot, "0 %", "0 %", "100 %", "operations that go to the hot rows"),
	PARAM_COUNT(struct params, hot_rows, "1", "1", "10 M", "hot rows, the last ones of the table"),
	PARAM_CHOICE(struct params, compute, computes, "client",
		     "who computes what is written: the client from what it has read, or a statement under the lock"),
	PARAM_BOOL(struct params, upgrade, "off",
		   "row-locks: rows are locked shared, and exclusively once they are written"),
	PARAM_DIST(struct params, length, TIME, "100 ms", "0 s", "1 d",
		   "what clients take for a transaction in all, evenly after its operations"),
	PARAM_TIME(struct params, cpu, "0 s", "0 s", "1 min", "a processor, for an operation"),
	PARAM_TIME(struct params, io, "0 s", "0 s", "1 min", "a disk, for an operation"),
	PARAM_COUNT(struct params, processors, "1", "1", "1 M", "processors"),
	PARAM_COUNT(struct params, disks, "1", "1", "1 M", "disks"),
	PARAM_COUNT(struct params, connections, "1 M", "1", "1 M", "transactions at a time; others wait"),
	PARAM_TIME(struct params, idle_timeout, "0 s", "0 s", "30 d",
		   "after which idle transactions are aborted; 0: they are not"),
	PARAM_DIST(struct params, think, TIME, "0 s", "0 s", "1 d", "between transactions of clients who stay"),
	PARAM_CHOICE(struct params, victim, locktable_victim_names, "youngest", "who aborts in a deadlock"),
	PARAM_COUNT(struct params, retries, "0", "0", "1 M", "how often a transaction that aborts tries again"),
	PARAM_DIST(struct params, backoff, TIME, "0 s", "0 s", "1 d", "before it does"),
	PARAM_CHOICE(struct params, restart, restarts, "same", "with the same rows, or with new ones"),
	PARAM_COUNT(struct params, nodes, "1", "1", "32",
		    "row-locks: nodes with a copy of each row; an operation writes them in turn, as long each"),
	PARAM_CHOICE(struct params, copy_order, copy_orders, "same",
		     "nodes: all write copies in the same order, or their own first"),
	PARAM_BOOL(struct params, vacuum, "on", "dead versions are taken away"),
	PARAM_COUNT(struct params, vacuum_base, "50", "0", "1 G", "dead versions that are left alone, and besides"),
	PARAM_RATIO(struct params, vacuum_scale, "20 %", "0 %", "1000 %", "of the rows"),
	PARAM_TIME(struct params, vacuum_nap, "1 min", "1 ms", "30 d", "between looks at how many are dead"),
	PARAM_TIME(struct params, vacuum_takes, "0 s", "0 s", "30 d", "how long a vacuum takes"),
	PARAM_BOOL(struct params, vacuum_each, "off", "it looks at each version, not at the oldest snapshot only"),
	PARAM_END};

enum kind { MIXED, SCAN, IDLE, PAIR };
static const char *const kinds[] = {"mixed", "scan", "idle", "pair", NULL};
enum { KIND, LONG, LENGTH, CLIENTS, STAY };
static const struct column columns[] = {
	{"kind", COLUMN_CHOICE, kinds, "mixed",
	 "mixed; scan: reads all rows in turn; idle: reads one and waits for its client; pair: reads two rows, and "
	 "puts its own to 0 if both are 1"},
	{"operations", COLUMN_COUNT, NULL, "0", "of a mixed one; 0: as the model says"},
	{"length", COLUMN_TIME, NULL, "0 ns", "what clients take for it; 0: as the model says"},
	{"clients", COLUMN_COUNT, NULL, "1", "clients who begin together; with stay, that there are from now on"},
	{"stay", COLUMN_TIME, NULL, "0 ns",
	 "how long they go on, one transaction after the other, unless a later row says so again; 0: one each"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(ARRIVED, arrived, COUNT, NULL, "transactions that were wanted") \
	METRIC(COMMITTED, committed, COUNT, NULL, "transactions that committed") \
	METRIC(GAVE_UP, gave_up, COUNT, NULL, "transactions that did not, and were not tried again") \
	METRIC(ABORTED, aborted, COUNT, NULL, "attempts that aborted, of all that follows") \
	METRIC(CONFLICT, conflicts, COUNT, NULL, "since another one had written their row: the first updater wins") \
	METRIC(DEADLOCK, deadlocks, COUNT, NULL, "as the victim of a deadlock") \
	METRIC(DANGEROUS, dangerous, COUNT, NULL, "as part of a dangerous structure: serializable") \
	METRIC(INVALID, invalid, COUNT, NULL, "as what they had read was written over: optimistic") \
	METRIC(TIMED_OUT, timed_out, COUNT, NULL, "as they had been idle for too long") \
	METRIC(RESPONSE, response, TIME, NULL, "from wanting a transaction to its commit; not of scans and idle ones") \
	METRIC(SCANNED, scanned, TIME, NULL, "the same of scans") \
	METRIC(WAITED, waited, TIME, NULL, "each wait for a lock") \
	METRIC(WAITING, waiting, LEVEL, "transactions", "that wait for a lock") \
	METRIC(ACTIVE, active, LEVEL, "transactions", "that have begun and not ended") \
	METRIC(SIZE, size, AMOUNT, "operations", "of a transaction") \
	METRIC(CROWD, crowd, AMOUNT, "clients", "who stay, as rows of the trace say") \
	METRIC(PASSED, passed, AMOUNT, "versions", "newer ones that a read looked at before it found its own") \
	METRIC(VERSIONS, versions, LEVEL, "versions", "in the table, dead ones included") \
	METRIC(DEAD, dead, LEVEL, "versions", "dead ones in the table") \
	METRIC(EXTENT, extent, LEVEL, "versions", "that the table's file has room for") \
	METRIC(VACUUMS, vacuums, COUNT, NULL, "vacuums that have ended") \
	METRIC(REMOVED, removed, COUNT, NULL, "dead versions that they took away") \
	METRIC(DIRTY, dirty, COUNT, NULL, "commits that had read what was not committed, or never was") \
	METRIC(LOST, lost, COUNT, NULL, "commits that wrote over a version they had not read: lost updates") \
	METRIC(READ_SKEW, read_skew, COUNT, NULL, "commits that saw a part of what another one did") \
	METRIC(WRITE_SKEW, write_skew, COUNT, NULL, "commits that read what others wrote over, and vice versa") \
	METRIC(PAIRS, pairs, COUNT, NULL, "pairs that began together") \
	METRIC(BROKEN, broken, COUNT, NULL, "pairs of which both rows are 0")
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "idle", .help = "somebody leaves a transaction open"},
	{.name = "scan", .help = "somebody reads the whole table, in as much time as this lasts"},
	{.name = "stop-vacuum", .help = "no vacuum begins"},
	{.name = "slow", .factor = true, .help = "operations take longer of a processor by the factor"},
	{.name = "slow-disk", .factor = true, .help = "operations take longer of a disk by the factor"},
	{.name = "pause", .help = "processors and disks do nothing"},
	{.name = NULL}
};
enum { FAULT_IDLE, FAULT_SCAN, FAULT_STOP_VACUUM, FAULT_SLOW, FAULT_SLOW_DISK, FAULT_PAUSE };

/* ---- a transaction ---- */

struct operation {
	uint64_t row;
	bool write;
};

/* What a row of the trace asks for. */
struct wish {
	enum kind kind;
	int64_t operations, length, window;
};

struct transaction {
	struct request request; /* first */
	struct database *of;
	struct terminal *client; /* NULL: it does not stay */
	enum kind kind;
	int64_t operations, at, copy; /* at, copy: the present ones */
	int64_t length, attempts;
	int64_t sum;            /* of the rows that it has read */
	int64_t since;          /* when the present operation began */
	struct isolation_transaction isolated;
	struct operation operation[OPERATIONS];
};

enum { SPANS = 16 };
enum { READS, WRITES, ABORTS };
static const char *const span_classes[] = {"reads", "writes and commits", "aborts", NULL};

struct database {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct requests transactions;
	struct terminals terminals;
	struct wish wish;        /* of those who stay */
	struct pool processors, disks, connections;
	struct vacuum_config vacuum_config;
	struct vacuum vacuum;
	struct isolation isolation;
	uint64_t wanted, opened;
	int spans;
	struct case_span span[SPANS]; /* what the first pair did */
	int64_t active, waiting, extent;
};

static sim_event_fn begin, operate, has_read, disk_done, processor_done, thought;

static void count(struct transaction *t, int metric)
{
	meter_count(t->of->meters, metric, t->request.arrival, 1);
}

static void note(struct transaction *t, const char *part, int64_t number, const char *what, int64_t value)
{
	journey_note(&t->request.journey, t->of->sim->now, part, number, what, value);
}

/* What one of the first pair has done since its operation began. */
static void remember(struct transaction *t, int class)
{
	static const char *const what[2][3] = {{"1 looks at itself", "1 looks at the other", "1 goes off call"},
					       {"2 looks at itself", "2 looks at the other", "2 goes off call"}};
	struct database *db = t->of;
	if (t->kind == PAIR && t->isolated.age <= 2 && db->spans < SPANS)
		db->span[db->spans++] = (struct case_span){what[t->isolated.age - 1][t->at < 2 ? t->at : 2], class,
							   t->since, db->sim->now};
}

static bool writes_row(const struct transaction *t)
{
	return t->kind != SCAN && t->operation[t->at].write;
}

/* The row that the present operation is at: a copy of it, of which what is only read has one on its own node. */
static uint64_t row_of(const struct transaction *t)
{
	const struct params *p = t->of->params;
	uint64_t nodes = (uint64_t)p->nodes, home = t->request.id % nodes;
	uint64_t row = t->kind == SCAN ? (uint64_t)t->at : t->operation[t->at].row;
	uint64_t node = !writes_row(t) ? home : (uint64_t)t->copy + (p->copy_order == OWN_FIRST ? home : 0);
	return row * nodes + node % nodes;
}

static void book_levels(struct database *db)
{
	const struct isolation *isolation = &db->isolation;
	if (db->waiting != isolation->locks.waiting)
		meter_level(db->meters, WAITING, db->sim->now, db->waiting = isolation->locks.waiting);
	if (db->extent != isolation->store.most)
		meter_level(db->meters, EXTENT, db->sim->now, db->extent = isolation->store.most);
}

/* ---- the end ---- */

static void leave(struct transaction *t, bool committed)
{
	struct database *db = t->of;
	struct terminal *client = t->client;
	meter_level(db->meters, ACTIVE, db->sim->now, --db->active);
	pool_return(&db->connections);
	request_answer(&t->request, db->sim->now, committed);
	if (client)
		terminal_answered(client, 0, committed);
}

static void end_attempt(struct transaction *t, int cause, const char *why)
{
	struct database *db = t->of;
	remember(t, ABORTS);
	isolation_abort(&t->isolated);
	book_levels(db);
	count(t, ABORTED);
	count(t, cause);
	note(t, "transaction", -1, why, -1);
	if (t->attempts <= db->params->retries && t->kind != IDLE) {
		sim_after(db->sim, dist_draw_time(&db->params->backoff, &t->request.rng), begin, t, 0);
	} else {
		count(t, GAVE_UP);
		leave(t, false);
	}
}

static void fails(void *subject, enum isolation_failure why)
{
	static const struct {
		int metric;
		const char *text;
	} causes[] = {[ISOLATION_CONFLICT] = {CONFLICT, "aborts: its row was written since its snapshot"},
		      [ISOLATION_DEADLOCK] = {DEADLOCK, "aborts: it is the victim of a deadlock"},
		      [ISOLATION_DANGEROUS] = {DANGEROUS, "aborts: it may be part of a circle"},
		      [ISOLATION_INVALID] = {INVALID, "aborts: what it has read was written since"}};
	end_attempt(subject, causes[why].metric, causes[why].text);
}

static bool is_broken(const struct transaction *t)
{
	const struct rowstore *store = &t->of->isolation.store;
	return t->kind == PAIR && rowstore_read(store, t->operation[0].row, store->commits, 0).value == 0 &&
	       rowstore_read(store, t->operation[1].row, store->commits, 0).value == 0;
}

static void commit(struct transaction *t)
{
	struct database *db = t->of;
	static const int found[] = {[SERIAL_IMPOSSIBLE] = DIRTY, [SERIAL_DIRTY_READ] = DIRTY,
				    [SERIAL_LOST_UPDATE] = LOST, [SERIAL_READ_SKEW] = READ_SKEW,
				    [SERIAL_WRITE_SKEW] = WRITE_SKEW};
	int64_t arrival = t->request.arrival;
	enum serial_verdict verdict;
	if (!isolation_commit(&t->isolated, &verdict))
		return;
	book_levels(db);
	count(t, COMMITTED);
	if (verdict != SERIAL_FINE)
		count(t, found[verdict]);
	if (is_broken(t))
		count(t, BROKEN);
	if (t->kind != IDLE)
		meter_record(db->meters, t->kind == SCAN ? SCANNED : RESPONSE, arrival, db->sim->now - arrival);
	note(t, "transaction", -1, verdict == SERIAL_FINE ? "commits" : "commits, though it fits into no order", -1);
	leave(t, true);
}

/* ---- an operation ---- */

/* The next one, or the end. */
static void operate(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *t = subject;
	struct database *db = t->of;
	(void)unused;
	t->since = sim->now;
	if (t->at == t->operations || (t->kind == PAIR && t->at == 2 && t->sum < 2))
		commit(t);
	else
		isolation_read(&t->isolated, row_of(t), writes_row(t), has_read);
	book_levels(db); /* the transaction may be over */
}

static void has_read(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *t = subject;
	struct database *db = t->of;
	const struct rowstore_found *found = &t->isolated.found;
	t->sum += found->value;
	meter_record(db->meters, PASSED, t->request.arrival, found->passed);
	note(t, "row", (int64_t)row_of(t), "is read; newer versions passed:", found->passed);
	if (db->params->io > 0)
		pool_enter(&db->disks, db->params->io, disk_done, t, 0, &t->request.journey);
	else
		disk_done(sim, t, unused);
}

static void disk_done(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *t = subject;
	struct database *db = t->of;
	if (db->params->cpu > 0)
		pool_enter(&db->processors, db->params->cpu, processor_done, t, 0, &t->request.journey);
	else
		processor_done(sim, t, unused);
}

static void times_out(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	end_attempt(subject, TIMED_OUT, "is aborted: it was idle for too long");
}

/* The statement has ended; its client thinks. */
static void processor_done(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *t = subject;
	struct database *db = t->of;
	int64_t pause = t->length / t->operations, timeout = db->params->idle_timeout;
	bool goes_on = t->kind != IDLE || timeout == 0 || pause < timeout;
	isolation_pause(&t->isolated);
	sim_after(sim, goes_on ? pause : timeout, goes_on ? thought : times_out, t, unused);
}

/* It has written its row, or has none to write. */
static void next(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *t = subject;
	bool writes = writes_row(t);
	if (writes)
		note(t, "row", (int64_t)row_of(t), "is written", -1);
	remember(t, writes ? WRITES : READS);
	bool again = writes && ++t->copy < t->of->params->nodes;
	t->at += !again;
	t->copy = again ? t->copy : 0;
	operate(sim, t, unused);
}

static void thought(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *t = subject;
	struct database *db = t->of;
	if (writes_row(t))
		isolation_write(&t->isolated, row_of(t), t->kind != PAIR, next);
	else
		next(sim, t, unused);
	book_levels(db);
}

/* ---- the beginning ---- */

/* A row that it does not have yet, unless there are hardly any others. */
static uint64_t draw_row(struct transaction *t, int64_t before)
{
	enum { TRIES = 20 };
	const struct params *p = t->of->params;
	struct rng *rng = &t->request.rng;
	uint64_t row = 0;
	for (int try = 0; try < TRIES; try++) {
		bool hot = p->hot > 0 && rng_unit(rng) < p->hot;
		row = (uint64_t)p->rows - 1 - rng_below(rng, (uint64_t)(hot ? p->hot_rows : p->rows));
		int64_t i = 0;
		while (i < before && t->operation[i].row != row)
			i++;
		if (i == before)
			break;
	}
	return row;
}

static void draw(struct transaction *t)
{
	const struct params *p = t->of->params;
	struct rng *rng = &t->request.rng;
	bool reads = t->kind == SCAN || t->kind == IDLE || (t->kind == MIXED && rng_unit(rng) < p->readers);
	t->isolated.read_only = reads;
	for (int64_t i = 0; t->kind != SCAN && i < t->operations; i++) {
		t->operation[i].row = draw_row(t, i);
		t->operation[i].write = !reads && rng_unit(rng) < p->writes;
	}
}

/* Each of the two reads its own row, the other's, and writes its own. */
static void draw_pair(struct transaction *t)
{
	uint64_t pairs = (uint64_t)t->of->params->rows / 2, member = t->request.id % 2;
	uint64_t first = 2 * (t->request.id / 2 % pairs);
	for (int i = 0; i < 3; i++)
		t->operation[i] = (struct operation){first + (i == 1 ? 1 - member : member), i == 2};
}

static void begin(struct sim *sim, void *subject, uint64_t unused)
{
	struct transaction *t = subject;
	struct database *db = t->of;
	(void)sim;
	(void)unused;
	if (t->attempts++ > 0 && db->params->restart == RESTART_NEW && t->kind != PAIR)
		draw(t);
	t->at = t->copy = t->sum = 0;
	isolation_begin(&t->isolated, operate);
	book_levels(db);
}

static void want(struct database *db, uint64_t id, const struct wish *wish, struct terminal *client)
{
	const struct params *p = db->params;
	struct transaction *t = request_open(&db->transactions, id, wish->window, kinds[wish->kind]);
	struct rng *rng = &t->request.rng;
	t->of = db;
	t->client = client;
	t->kind = wish->kind;
	t->isolated = (struct isolation_transaction){.of = &db->isolation, .age = ++db->wanted, .subject = t,
						     .journey = &t->request.journey, .fails = fails};
	count(t, ARRIVED);
	meter_level(db->meters, ACTIVE, db->sim->now, ++db->active);
	int64_t operations = wish->operations > 0 ? wish->operations : (int64_t)(dist_draw(&p->operations, rng) + .5);
	t->length = wish->length > 0 ? wish->length : dist_draw_time(&p->length, rng);
	t->operations = t->kind == SCAN ? p->rows : t->kind == IDLE ? 1 : t->kind == PAIR ? 3
			: operations < 1 ? 1 : operations > OPERATIONS ? OPERATIONS : operations;
	if (t->kind == PAIR)
		draw_pair(t);
	else
		draw(t);
	meter_record(db->meters, SIZE, db->sim->now, t->operations);
	pool_take(&db->connections, begin, t, 0, &t->request.journey);
}

static void send(void *owner, struct terminal *terminal)
{
	struct database *db = owner;
	want(db, terminal->id | UINT64_C(1) << 62, &db->wish, terminal);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct database *db = self;
	const struct wish wish = {(enum kind)row->value[KIND], row->value[LONG], row->value[LENGTH], row->window};
	int64_t clients = row->value[CLIENTS] > 0 ? row->value[CLIENTS] : 1, stay = row->value[STAY];
	if (db->wanted == 0) {
		book_levels(db);
		meter_level(db->meters, VERSIONS, sim->now, db->isolation.store.versions);
	}
	if (wish.kind == PAIR)
		meter_count(db->meters, PAIRS, sim->now, 1);
	if (stay > 0) {
		meter_record(db->meters, CROWD, sim->now, clients);
		db->wish = wish;
		terminals_keep(&db->terminals, clients, sim->now + stay, sizeof(struct terminal));
		return;
	}
	for (int64_t i = 0; i < clients; i++)
		want(db, row->id * (uint64_t)clients + (uint64_t)i, &wish, NULL);
}

/* ---- faults ---- */

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct database *db = self;
	(void)target;
	switch (kind) {
	case FAULT_IDLE:
	case FAULT_SCAN:
		if (state->active) {
			const struct wish wish = {kind == FAULT_SCAN ? SCAN : IDLE, 0, state->until - sim->now, 0};
			want(db, ++db->opened | UINT64_C(1) << 61, &wish, NULL);
		}
		break;
	case FAULT_STOP_VACUUM:
		db->vacuum.stopped = state->active;
		break;
	case FAULT_SLOW:
		db->processors.slowness = state->factor;
		break;
	case FAULT_SLOW_DISK:
		db->disks.slowness = state->factor;
		break;
	default:
		pool_pause(&db->processors, state->until - sim->now);
		pool_pause(&db->disks, state->until - sim->now);
	}
}

static const char *idle(const void *of, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = of;
	(void)target;
	(void)arena;
	if (kind == FAULT_IDLE &&
	    (p->isolation == ISOLATION_READ_UNCOMMITTED || p->isolation == ISOLATION_READ_COMMITTED ||
	     p->isolation == ISOLATION_OPTIMISTIC))
		return "this isolation keeps neither a snapshot nor locks of rows that were only read";
	if (kind == FAULT_IDLE && p->isolation == ISOLATION_ROW_LOCKS && p->writes == 0)
		return "nobody writes, and shared locks are in nobody's way";
	if (kind == FAULT_STOP_VACUUM && !p->vacuum)
		return "vacuum is off";
	if (kind == FAULT_SLOW && p->cpu == 0)
		return "operations take no time of a processor (cpu: 0 s)";
	if (kind == FAULT_SLOW_DISK && p->io == 0)
		return "operations take no time of a disk (io: 0 s)";
	if (kind == FAULT_PAUSE && p->cpu == 0 && p->io == 0)
		return "operations take no time of a processor or a disk";
	return NULL;
}

static void tell(const void *self, struct arena *arena, struct case_story *story)
{
	const struct database *db = self;
	*story = (struct case_story){db->spans, ARENA_ARRAY(arena, SPANS, struct case_span), span_classes};
	memcpy(story->span, db->span, sizeof(db->span));
}

/* ---- the world ---- */

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct database *db = ARENA_NEW(&sim->arena, struct database);
	const struct params *p = world->params;
	*db = (struct database){.params = p, .sim = sim, .meters = world->meters};
	requests_init(&db->transactions, sim, world->journeys, "transaction", sizeof(struct transaction));
	terminals_init(&db->terminals, sim, &p->think, "thinking");
	db->terminals.owner = db;
	db->terminals.send = send;
	pool_init(&db->connections, sim, "connection", -1, p->connections, -1);
	pool_init(&db->processors, sim, "processor", -1, p->processors, -1);
	pool_init(&db->disks, sim, "disk", -1, p->disks, -1);
	isolation_init(&db->isolation, sim, (enum isolation_kind)p->isolation, p->rows * p->nodes,
		       locktable_victims[p->victim], p->upgrade, p->compute == BY_STATEMENT);
	db->isolation.store.versions_booking = (struct booking){db->meters, VERSIONS};
	db->isolation.store.dead_booking = (struct booking){db->meters, DEAD};
	db->isolation.locks.waited = (struct booking){db->meters, WAITED};
	db->vacuum_config = (struct vacuum_config){.base = p->vacuum_base, .scale = p->vacuum_scale,
						   .nap = p->vacuum_nap, .takes = p->vacuum_takes,
						   .each = p->vacuum_each};
	if (p->vacuum) {
		vacuum_begin(&db->vacuum, sim, &db->vacuum_config, &db->isolation.store);
		db->vacuum.vacuums = (struct booking){db->meters, VACUUMS};
		db->vacuum.removed = (struct booking){db->meters, REMOVED};
	}
	return db;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	if (p->nodes > 1 && p->isolation != ISOLATION_ROW_LOCKS)
		err_add(err, ERR_MODEL, NULL, "nodes: copies on several nodes are written under row-locks, not %s",
			isolation_names[p->isolation]);
	if (p->copy_order == OWN_FIRST && p->nodes == 1)
		err_add(err, ERR_MODEL, NULL, "copy_order: own is an order of several nodes, and nodes is 1");
	if (p->upgrade && p->isolation != ISOLATION_ROW_LOCKS)
		err_add(err, ERR_MODEL, NULL, "upgrade: %s takes no shared locks of rows",
			isolation_names[p->isolation]);
	if (p->rows * p->nodes > 10000000)
		err_add(err, ERR_MODEL, NULL, "%lld rows on %lld nodes are more than ten million", (long long)p->rows,
			(long long)p->nodes);
	if (p->hot > 0 && p->hot_rows > p->rows)
		err_add(err, ERR_MODEL, NULL, "hot_rows is %lld, and the table has %lld rows", (long long)p->hot_rows,
			(long long)p->rows);
	if (p->vacuum_each && !p->vacuum)
		err_add(err, ERR_MODEL, NULL, "vacuum_each says how vacuum works, and vacuum is off");
	return !err_any(err);
}

static const char *const table[] = {"response", "waited", "count(aborted) / count(arrived)", "count(lost)",
					    "count(write_skew)", NULL};

const struct case_study case_mvcc = {
	.name = "mvcc",
	.about = "transactions side by side: versions, snapshots, locks, vacuum, and what goes wrong where",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.table = table,
	.faults = faults,
	.failures = "gave_up",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
	.tell = tell,
};
