/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store that writes in sorted runs and merges them later, beside one that changes pages in place: an LSM tree, or a
 * B+-tree with a buffer pool, on the same disk and the same trace (O'Neil et al., Acta Informatica 33, 1996).
 *
 * A row of the trace is a put, a deletion, a get, or a scan of so many keys. The LSM tree (model/lsmstore.h) writes
 * into a memtable that becomes a table, and merges tables by a policy, in the queue of the disk that gets stand in too;
 * puts wait when it cannot follow. The B-tree (model/treeindex.h, model/pager.h) reads a leaf, changes it, and writes
 * it when its place in the pool is wanted. Both may have a log, on a device of its own, that is forced before a put is
 * answered: for each put, for all that wait together, or never.
 *
 * An observer knows what was answered last of each key, and judges every get; after a crash it looks for every key that
 * it knows.
 */
#include "cases/case.h"
#include "model/log.h"
#include "model/lsmstore.h"
#include "model/pager.h"
#include "model/request.h"
#include "model/treeindex.h"

enum { LSM, BTREE };
static const char *const engines[] = {"lsm", "btree", NULL};
enum { UNIFORM, OPTIMAL };
static const char *const shares[] = {"uniform", "optimal", NULL};
enum { FORCED_NEVER, FORCED_GROUPED, FORCED_EACH };
static const char *const forces[] = {"never", "grouped", "each", NULL};
enum { AS_ASKED, ASCENDING };
static const char *const orders[] = {"as-asked", "ascending", NULL};
enum op { PUT, DELETE, GET, SCAN, MIXED };
static const char *const ops[] = {"put", "delete", "get", "scan", "mixed", NULL};
static const char *const read_kinds[] = {"get", "scan", NULL};

struct params {
	int engine, policy;
	int64_t ratio, memtable, level1, flushes;
	bool moves;
	int64_t last, most_runs, most;
	double bits;
	int filters;
	int64_t entries_per_page, cached, threads, chunk, waiting, slow, pace, stop;
	int log;
	struct dist force;
	int64_t rows, fanout, frames;
	double fill;
	int order, read_kind;
	double reads;
	int64_t sequential, random, lookup;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, engine, engines, "lsm", "sorted runs that are merged, or pages that are changed"),
	PARAM_CHOICE(struct params, policy, lsm_names, "leveled", "lsm: what is merged when"),
	PARAM_COUNT(struct params, ratio, "10", "2", "100", "lsm: of the sizes of levels; tiered: runs of a level"),
	PARAM_COUNT(struct params, memtable, "1k", "1", "10M", "lsm: entries of a memtable, and of a file"),
	PARAM_COUNT(struct params, level1, "10", "1", "1000", "lsm: memtables that level 1 holds"),
	PARAM_COUNT(struct params, flushes, "1", "1", "100", "lsm: tables of level 0 that are merged together"),
	PARAM_BOOL(struct params, moves, "off", "lsm, files: one that overlaps nothing goes down as it is"),
	PARAM_COUNT(struct params, last, "0", "0", "11", "lsm: the greatest level; 0: as many as are needed"),
	PARAM_COUNT(struct params, most_runs, "8", "2", "1000", "lsm, universal: so many runs are too many"),
	PARAM_COUNT(struct params, most, "1M", "1", "100M", "lsm, fifo: entries that are kept"),
	PARAM_REAL(struct params, bits, "10", "0", "64", "lsm: of a filter, for each entry"),
	PARAM_CHOICE(struct params, filters, shares, "uniform",
		     "lsm: the same for each entry, or shared out among runs so that they let least through"),
	PARAM_COUNT(struct params, entries_per_page, "50", "3", "1000", "entries of a full page of the disk"),
	PARAM_COUNT(struct params, cached, "1k", "1", "10M", "lsm: pages of tables that are kept in memory"),
	PARAM_COUNT(struct params, threads, "1", "1", "64", "lsm: merges at a time"),
	PARAM_COUNT(struct params, chunk, "32", "1", "10k", "lsm: pages that a merge reads or writes at a time"),
	PARAM_COUNT(struct params, waiting, "2", "1", "100", "lsm: memtables that may wait to be written"),
	PARAM_COUNT(struct params, slow, "20", "1", "10k", "lsm: tables of level 0 at which puts are slowed"),
	PARAM_TIME(struct params, pace, "0 s", "0 s", "1 s", "lsm: between puts that are slowed; 0: they are not"),
	PARAM_COUNT(struct params, stop, "36", "1", "10k", "lsm: tables of level 0 at which puts wait"),
	PARAM_CHOICE(struct params, log, forces, "never",
		     "when it is forced before a put is answered: not at all, with those that wait too, for each"),
	PARAM_DIST(struct params, force, TIME, "const(1.75 ms)", "1 us", "1 s", "to force the log"),
	PARAM_COUNT(struct params, rows, "100k", "1", "10M", "btree: keys at the start, 0, 1, 2, ..."),
	PARAM_COUNT(struct params, fanout, "300", "3", "10k", "btree: children of a full inner page"),
	PARAM_COUNT(struct params, frames, "1k", "8", "10M", "btree: pages of the buffer pool"),
	PARAM_RATIO(struct params, fill, "69 %", "50 %", "100 %", "btree: how full pages are at the start"),
	PARAM_CHOICE(struct params, order, orders, "as-asked", "keys of puts: of the trace, or one after the other"),
	PARAM_RATIO(struct params, reads, "0 %", "0 %", "100 %", "of what the trace calls mixed; the others are puts"),
	PARAM_CHOICE(struct params, read_kind, read_kinds, "get", "what these reads are"),
	PARAM_TIME(struct params, sequential, "10 us", "100 ns", "10 ms", "the disk, for a page in sequence"),
	PARAM_TIME(struct params, random, "100 us", "100 ns", "100 ms", "the disk, for a page at random"),
	PARAM_TIME(struct params, lookup, "100 ns", "0 s", "1 ms", "to find something in memory"),
	PARAM_END};

enum { OP, KEY, LENGTH };
static const struct column columns[] = {
	{"op", COLUMN_CHOICE, ops, "put", "put, delete, get, scan, or mixed: a put, or a read in the share of `reads`"},
	{"key", COLUMN_KEY, NULL, NULL, "of what; where a scan begins"},
	{"length", COLUMN_COUNT, NULL, "50", "keys of a scan"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

/*
 * What the amplifications are made of: write, (flushed + merged + entries_per_page * writes) / puts, and with a log 1
 * more; read, probes / gets, after the filter; space, as it stands here.
 */
#define METRICS(METRIC)                                                                                                \
	METRIC(WRITE, write, TIME, NULL, "time from arrival to the answer of a put or a deletion")                     \
	METRIC(READ, read, TIME, NULL, "time from arrival to the end of a get or a scan")                              \
	METRIC(PUTS, puts, COUNT, NULL, "puts and deletions that arrived")                                             \
	METRIC(TAKEN, taken, COUNT, NULL, "puts and deletions that the store took in, when it did")                    \
	METRIC(GETS, gets, COUNT, NULL, "gets that arrived")                                                           \
	METRIC(SCANS, scans, COUNT, NULL, "scans that arrived")                                                        \
	METRIC(ASKED, asked, COUNT, NULL, "requests that the trace calls mixed")                                       \
	METRIC(FAILED, failed, COUNT, NULL, "requests without an answer: the store was down, or went down")            \
	METRIC(ABSENT, absent, COUNT, NULL, "gets of what is not there")                                               \
	METRIC(WRONG, wrong, COUNT, NULL, "gets that were answered with less than had been put and answered")          \
	METRIC(LOST, lost, COUNT, NULL, "keys of which a crash has left less than had been put and answered")          \
	METRIC(STALLED, stalled, COUNT, NULL, "puts and deletions that had to wait for flushes or merges")             \
	METRIC(SLOWED, slowed, COUNT, NULL, "puts and deletions that were slowed, or stood behind such")               \
	METRIC(FLUSHED, flushed, COUNT, NULL,                                                                          \
	       "entries written from memtables: write amplification of merges is merged / flushed, 1 more with "       \
	       "these, and 1 more with a log") \
	METRIC(MERGED, merged, COUNT, NULL, "entries written by merges")                                               \
	METRIC(WRITES, writes, COUNT, NULL,                                                                            \
	       "pages that a B-tree wrote: its write amplification is this times the entries of a page, over puts")    \
	METRIC(RUNS_LOOKED, runs_looked, COUNT, NULL, "runs with keys about the one wanted, of all gets")              \
	METRIC(PROBES, probes, COUNT, NULL,                                                                            \
	       "of these, runs that were looked into, after their filter (a B-tree is one): read amplification is "    \
	       "probes / gets, whether or not the page was in memory")                                                 \
	METRIC(PROBES_ABSENT, probes_absent, COUNT, NULL, "the same, of gets of what was never put")                   \
	METRIC(RUNS_ABSENT, runs_absent, COUNT, NULL, "runs about the key, of gets of what was never put")             \
	METRIC(SCANNED, scanned, COUNT, NULL, "parts of tables, or leaves, that scans went through")                   \
	METRIC(ROWS_READ, rows_read, COUNT, NULL, "keys that scans found")                                             \
	METRIC(MISSES, misses, COUNT, NULL, "pages that were read from the disk, merges left aside")                   \
	METRIC(HITS, hits, COUNT, NULL, "pages that were found in memory")                                             \
	METRIC(DISK, disk, WORK, NULL, "time that the disk works")                                                     \
	METRIC(FORCES, forces, COUNT, NULL, "times that the log was forced")                                           \
	METRIC(RUNS, runs, LEVEL, "runs", "that there are")                                                            \
	METRIC(WAITING, waiting, LEVEL, "puts", "that wait for flushes or merges")                                     \
	METRIC(SPACE, space, AMOUNT, NULL,                                                                             \
	       "space amplification: entries for which there is room on the disk, for each key that there is; after "  \
	       "each job, or of a B-tree for each hundredth of its keys that was put", \
	       .scale = 1e-6)
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "slow-disk", .factor = true, .help = "the disk takes longer by the factor"},
	{.name = "no-merges", .help = "no merge begins"},
	{.name = "crash", .moment = true, .help = "memory is lost; the store comes back when it has read its log"},
	{.name = NULL}
};
enum { FAULT_SLOW_DISK, FAULT_NO_MERGES, FAULT_CRASH };

enum { GROWTH = 100 }; /* a B-tree is looked at when so many puts have come as one in so many of its keys */

struct asked {
	struct request request; /* first */
	struct store *of;
	struct lsmstore_put put;
	struct pager_walk walk; /* of a B-tree */
	struct treeindex_cursor cursor;
	enum op op;
	uint64_t key;
	unsigned value;         /* that it puts */
	int64_t wanted;         /* keys that a scan still wants */
	uint64_t crashes;       /* before it came */
	struct asked *next;     /* its put waits for the log */
};

/* What the observer knows of a key: what was answered last, and the latest that was put. */
struct truth {
	bool there, lost; /* lost: a crash has left less of it, and nothing was answered since */
	unsigned answered, latest; /* the first is 1 */
};

struct store {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct disk disk;
	struct log log;
	uint64_t forces;             /* of it that have been booked */
	struct asked *first, **last; /* that wait for it */
	int64_t before;              /* number of the put before the log's first entry */
	struct lsmstore lsm;
	struct pager pager;
	struct treeindex tree;
	uint64_t changes;            /* of the tree since the last look */
	struct keymap truth;
	int64_t keys;                /* that are there */
	uint64_t ascending;          /* puts so far, when they come in order */
	bool down;
	uint64_t crashes;
	struct rng_stream mixed;
	struct requests requests;
};

/* ---- what the observer sees ---- */

static struct truth *truth_of(struct store *store, uint64_t key)
{
	bool fresh;
	struct truth *truth = keymap_put(&store->truth, key, &fresh);
	if (fresh)
		truth->there = store->params->engine == BTREE && key < (uint64_t)store->params->rows;
	return truth;
}

/* Whether it is older than what was answered. Numbers of values go round; a deletion may be forgotten. */
static bool is_old(const struct truth *truth, const struct lsmstore_answer *answer)
{
	if (!answer->known)
		return truth->there;
	return (answer->value - truth->answered) % LSM_VALUES > LSM_VALUES / 2;
}

/* What was put and answered is there after a crash, or is not. */
static void look_for_all(struct store *store)
{
	uint64_t cursor = 0, key;
	struct truth *truth;
	while ((truth = keymap_next(&store->truth, &cursor, &key))) {
		struct lsmstore_answer answer = lsmstore_look(&store->lsm, key);
		bool lost = is_old(truth, &answer);
		meter_count(store->meters, LOST, store->sim->now, lost && !truth->lost);
		truth->lost = lost;
	}
}

static void book_space(struct store *store, int64_t entries, int64_t keys)
{
	if (entries > 0 && keys > 0)
		meter_record(store->meters, SPACE, store->sim->now,
			     (int64_t)((double)entries / (double)keys / metrics[SPACE].scale));
}

static void book_tables(struct lsmstore *lsm)
{
	struct store *store = lsm->owner;
	meter_level(store->meters, RUNS, store->sim->now, lsm_runs(&lsm->lsm));
	book_space(store, lsm->lsm.live, store->keys);
}

static void book_tree(struct store *store)
{
	const struct btree *tree = &store->tree.btree;
	if (++store->changes <= tree->keys / GROWTH)
		return;
	store->changes = 0;
	meter_level(store->meters, RUNS, store->sim->now, 1);
	book_space(store, (int64_t)tree->leaves * store->params->entries_per_page, (int64_t)tree->keys);
}

/* ---- requests end ---- */

static bool is_read(const struct asked *asked)
{
	return asked->op == GET || asked->op == SCAN;
}

static void fail(struct asked *asked)
{
	struct store *store = asked->of;
	meter_count(store->meters, FAILED, asked->request.arrival, 1);
	request_answer(&asked->request, store->sim->now, false);
}

static void answer(struct sim *sim, void *self, uint64_t unused)
{
	struct asked *asked = self;
	struct store *store = asked->of;
	(void)unused;
	if (asked->crashes != store->crashes) {
		fail(asked);
		return;
	}
	if (!is_read(asked)) {
		struct truth *truth = truth_of(store, asked->key);
		store->keys += (asked->op == PUT) - truth->there;
		truth->there = asked->op == PUT;
		truth->lost = false;
		truth->answered = asked->value;
	}
	meter_record(store->meters, is_read(asked) ? READ : WRITE, asked->request.arrival,
		     sim->now - asked->request.arrival);
	request_close(&asked->request, sim->now);
}

static void book_forces(struct store *store)
{
	meter_count(store->meters, FORCES, store->sim->now, store->log.forces - store->forces);
	store->forces = store->log.forces;
}

/* Puts become durable in their order. */
static void durable(struct sim *sim, void *self, uint64_t unused)
{
	struct asked *asked = self;
	struct store *store = asked->of;
	book_forces(store);
	CHECK(store->first == asked);
	store->first = asked->next;
	if (!store->first)
		store->last = &store->first;
	answer(sim, asked, unused);
}

/* The change is in memory: what is left is the log. */
static void changed(struct asked *asked)
{
	struct store *store = asked->of;
	meter_count(store->meters, TAKEN, store->sim->now, 1);
	int64_t position = log_append(&store->log);
	if (store->params->log == FORCED_NEVER) {
		sim_after(store->sim, store->params->lookup, answer, asked, 0);
		return;
	}
	asked->next = NULL;
	*store->last = asked;
	store->last = &asked->next;
	journey_note(&asked->request.journey, store->sim->now, "log", -1, "waits to be forced; puts before this one:",
		     position - store->log.forced - 1);
	log_force(&store->log, position, durable, asked, 0);
	book_forces(store);
}

/* ---- the LSM tree ---- */

static void takes(struct lsmstore_put *put)
{
	changed((struct asked *)(void *)((char *)put - offsetof(struct asked, put)));
}

static void begin_get(struct asked *asked)
{
	struct store *store = asked->of;
	const struct truth *truth = truth_of(store, asked->key);
	int64_t arrival = asked->request.arrival;
	struct lsmstore_answer answered =
		lsmstore_get(&store->lsm, asked->key, answer, asked, &asked->request.journey);
	meter_count(store->meters, ABSENT, arrival, !answered.there);
	meter_count(store->meters, WRONG, arrival, is_old(truth, &answered));
	meter_count(store->meters, RUNS_LOOKED, arrival, (uint64_t)answered.runs);
	meter_count(store->meters, PROBES, arrival, (uint64_t)answered.probes);
	if (truth->latest == 0) {
		meter_count(store->meters, PROBES_ABSENT, arrival, (uint64_t)answered.probes);
		meter_count(store->meters, RUNS_ABSENT, arrival, (uint64_t)answered.runs);
	}
}

static void begin_in_runs(struct asked *asked)
{
	struct store *store = asked->of;
	if (asked->op == GET) {
		begin_get(asked);
	} else if (asked->op == SCAN) {
		struct lsmstore_answer found = lsmstore_scan(&store->lsm, asked->key, asked->wanted, answer, asked,
							     &asked->request.journey);
		meter_count(store->meters, SCANNED, asked->request.arrival, (uint64_t)found.probes);
		meter_count(store->meters, ROWS_READ, asked->request.arrival, (uint64_t)found.rows);
	} else {
		asked->put = (struct lsmstore_put){.key = asked->key, .value = asked->value,
						   .deleted = asked->op == DELETE,
						   .journey = &asked->request.journey};
		lsmstore_put(&store->lsm, &asked->put);
	}
}

/* ---- the B-tree ---- */

static struct asked *asked_of(struct pager_walk *walk)
{
	return (struct asked *)(void *)((char *)walk - offsetof(struct asked, walk));
}

static bool next_page(struct pager_walk *walk, struct pager_access *access, int64_t *cpu)
{
	struct asked *asked = asked_of(walk);
	struct store *store = asked->of;
	bool leaf = false;
	(void)cpu;
	if (!treeindex_down(&asked->cursor, &access->page, &leaf)) {
		int64_t found = asked->cursor.left < asked->wanted ? asked->cursor.left : asked->wanted;
		asked->wanted -= found;
		meter_count(store->meters, ROWS_READ, asked->request.arrival, (uint64_t)found);
		if (asked->op != SCAN || asked->wanted == 0 || !treeindex_on(&asked->cursor, &access->page))
			return false;
		leaf = true;
	}
	meter_count(store->meters, asked->op == SCAN ? SCANNED : PROBES, asked->request.arrival,
		    leaf && is_read(asked));
	*access = (struct pager_access){access->page, 1, leaf && !is_read(asked), true};
	return true;
}

static void walked(struct pager_walk *walk)
{
	struct asked *asked = asked_of(walk);
	if (is_read(asked))
		answer(asked->of->sim, asked, 0);
	else
		changed(asked);
}

static void begin_in_tree(struct asked *asked)
{
	struct store *store = asked->of;
	enum treeindex_touch touch = is_read(asked) ? TREEINDEX_FIND : asked->op == PUT ? TREEINDEX_PUT
											: TREEINDEX_REMOVE;
	const struct truth *truth = truth_of(store, asked->key);
	bool there = treeindex_enter(&asked->cursor, &store->tree, touch, asked->key * TREEINDEX_STRIDE);
	meter_count(store->meters, ABSENT, asked->request.arrival, asked->op == GET && !there);
	meter_count(store->meters, WRONG, asked->request.arrival,
		    asked->op == GET && there != truth->there && truth->answered == truth->latest);
	for (int i = 0; i < asked->cursor.path.made; i++)
		pager_make(&store->pager, disk_address(0, asked->cursor.path.made_page[i]));
	if (!is_read(asked))
		book_tree(store);
	asked->walk = (struct pager_walk){.pager = &store->pager, .lookup = store->params->lookup,
					  .journey = &asked->request.journey, .next = next_page, .ended = walked};
	pager_walk_begin(&asked->walk);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct store *store = self;
	const struct params *p = store->params;
	enum op op = (enum op)row->value[OP];
	if (op == MIXED) {
		struct rng rng = rng_of(store->mixed, row->id);
		meter_count(store->meters, ASKED, sim->now, 1);
		op = rng_unit(&rng) >= p->reads ? PUT : p->read_kind == 0 ? GET : SCAN;
	}
	struct asked *asked = request_open(&store->requests, row->id, row->window, ops[op]);
	asked->of = store;
	asked->op = op;
	asked->key = (uint64_t)row->value[KEY] & (UINT64_MAX >> 21);
	asked->wanted = op == SCAN ? row->value[LENGTH] + (row->value[LENGTH] < 1) : 0;
	asked->crashes = store->crashes;
	meter_count(store->meters, op == GET ? GETS : op == SCAN ? SCANS : PUTS, sim->now, 1);
	if (store->down) {
		fail(asked);
		return;
	}
	if (!is_read(asked)) {
		asked->key = p->order == ASCENDING ? store->ascending++ : asked->key;
		asked->value = ++truth_of(store, asked->key)->latest;
	}
	if (p->engine == BTREE)
		begin_in_tree(asked);
	else
		begin_in_runs(asked);
}

/* ---- faults ---- */

static void up(struct sim *sim, void *self, uint64_t unused)
{
	struct store *store = self;
	(void)sim;
	(void)unused;
	store->down = false;
}

static void crash(struct store *store)
{
	struct asked *waiting = store->first;
	store->down = true;
	store->crashes++;
	for (struct lsmstore_put *put = store->lsm.first, *next; put; put = next) {
		next = put->next;
		fail((struct asked *)(void *)((char *)put - offsetof(struct asked, put)));
	}
	for (struct asked *next; waiting; waiting = next) {
		next = waiting->next;
		fail(waiting);
	}
	store->first = NULL;
	store->last = &store->first;
	log_crash(&store->log);
	int64_t pages = lsmstore_crash(&store->lsm, store->before + store->log.forced);
	store->before = store->lsm.taken - store->log.forced;
	look_for_all(store);
	disk_access(&store->disk, disk_address(0, 0), pages + 1, up, store, 0, NULL);
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct store *store = self;
	(void)sim;
	(void)target;
	if (kind == FAULT_SLOW_DISK)
		store->disk.queue.slowness = state->factor;
	else if (store->params->engine == BTREE)
		return;
	else if (kind == FAULT_NO_MERGES)
		lsmstore_hold(&store->lsm, state->active > 0);
	else if (!store->down)
		crash(store);
}

static const char *idle(const void *of, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = of;
	(void)target;
	(void)arena;
	if (p->engine == LSM || kind == FAULT_SLOW_DISK)
		return NULL;
	return kind == FAULT_NO_MERGES ? "a B-tree merges nothing"
				       : "what a crash does to the pages of a B-tree is left out";
}

/* ---- the world ---- */

static void build_tree(struct store *store)
{
	const struct params *p = store->params;
	struct treeindex_config config = {.real = true, .rows = p->rows, .entries = p->entries_per_page,
					  .fanout = p->fanout, .fill = p->fill, .split = BTREE_RIGHT};
	treeindex_init(&store->tree, &store->sim->arena, &config);
	pager_init(&store->pager, store->sim, &store->disk, bufferpool_kinds[0], p->frames, false);
	store->pager.hits = (struct booking){store->meters, HITS};
	store->pager.reads = (struct booking){store->meters, MISSES};
	store->pager.writes = (struct booking){store->meters, WRITES};
}

static void build_runs(struct store *store)
{
	const struct params *p = store->params;
	struct lsmstore_config config = {
		.tree = {.policy = lsm_policies[p->policy], .memtable = p->memtable, .level1 = p->level1,
			 .file = p->memtable, .ratio = (int)p->ratio, .flushes = (int)p->flushes, .moves = p->moves,
			 .last = (int)p->last, .most_runs = (int)p->most_runs, .most = p->most},
		.entries_per_page = p->entries_per_page, .cached = p->cached, .threads = p->threads,
		.chunk = p->chunk, .waiting = p->waiting, .slow = p->pace > 0 ? p->slow : INT64_MAX, .stop = p->stop,
		.pace = p->pace, .bits = p->bits, .optimal = p->filters == OPTIMAL, .lookup = p->lookup};
	lsmstore_init(&store->lsm, store->sim, &store->disk, &config, takes);
	store->lsm.owner = store;
	store->lsm.changed = book_tables;
	store->lsm.flushed = (struct booking){store->meters, FLUSHED};
	store->lsm.merged = (struct booking){store->meters, MERGED};
	store->lsm.stalled = (struct booking){store->meters, STALLED};
	store->lsm.slowed = (struct booking){store->meters, SLOWED};
	store->lsm.queue = (struct booking){store->meters, WAITING};
	store->lsm.hits = (struct booking){store->meters, HITS};
	store->lsm.misses = (struct booking){store->meters, MISSES};
}

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct store *store = ARENA_NEW(&sim->arena, struct store);
	const struct params *p = world->params;
	*store = (struct store){.params = p, .sim = sim, .meters = world->meters};
	store->last = &store->first;
	store->mixed = sim_stream(sim, "mixed");
	disk_init(&store->disk, sim, "disk", 1, p->sequential, p->random);
	store->disk.work = (struct booking){store->meters, DISK};
	log_init(&store->log, sim, &p->force, p->log == FORCED_GROUPED, sim_stream(sim, "force"), 0);
	keymap_init(&store->truth, &sim->arena, sizeof(struct truth));
	requests_init(&store->requests, sim, world->journeys, NULL, sizeof(struct asked));
	if (p->engine == BTREE)
		build_tree(store);
	else
		build_runs(store);
	return store;
}

/* Tables of level 0 that a policy lets come together before it does something about them. */
static int64_t tables_at_once(const struct params *p)
{
	const char *policy = lsm_names[p->policy];
	if (strcmp(policy, "universal") == 0)
		return p->most_runs;
	if (strcmp(policy, "fifo") == 0)
		return p->most / p->memtable + 1;
	return strcmp(policy, "tiered") == 0 || strcmp(policy, "lazy") == 0 ? p->ratio : p->flushes;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	const char *policy = lsm_names[p->policy];
	if (p->random < p->sequential)
		return err_add(err, ERR_MODEL, NULL, "random is less than sequential: no disk reads faster at random");
	if (p->engine == BTREE)
		return true;
	if (p->stop < tables_at_once(p))
		return err_add(err, ERR_MODEL, NULL,
			       "stop is %lld: puts would wait for good before policy %s has the %lld tables of level 0 "
			       "that it waits for",
			       (long long)p->stop, policy, (long long)tables_at_once(p));
	if (p->moves && strcmp(policy, "files") != 0)
		return err_add(err, ERR_MODEL, NULL, "moves are of policy files; the policy is %s", policy);
	if (p->filters == OPTIMAL && (strcmp(policy, "universal") == 0 || strcmp(policy, "fifo") == 0))
		return err_add(err, ERR_MODEL, NULL,
			       "filters: optimal shares bits out among levels; policy %s has one", policy);
	if (p->pace > 0 && p->slow >= p->stop)
		return err_add(err, ERR_MODEL, NULL, "slow is %lld and stop is %lld: puts would never be slowed",
			       (long long)p->slow, (long long)p->stop);
	return true;
}

static const char *const table[] = {"write", "read", "(count(flushed) + count(merged)) / count(puts)",
					    "count(probes) / count(gets)", "mean(space)", "count(stalled)",
					    NULL};

const struct case_study case_lsm = {
	.name = "lsm",
	.about = "an LSM tree beside a B-tree: write, read and space amplification, filters, stalls",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.table = table,
	.faults = faults,
	.utilisation = "rate(disk)",
	.used = "the disk",
	.failures = "failed",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
};
