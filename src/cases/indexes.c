/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table in pages, B+-trees over it, a buffer pool, and a disk: what an index costs, and when it is worth that.
 *
 * A row of the trace is a query: a point, a range of so many rows, or a change. Keys of the trace are spread over the
 * table, so that what is popular does not lie side by side. It is a chain of page accesses. What is
 * in memory costs a look-up; what is not waits for the disk, which reads in sequence faster than at random. A range is
 * read by one of four plans, the one that is asked for or the one that the formulas of PostgreSQL find cheapest
 * (model/planner.h). What they expect is booked beside what was measured.
 *
 * Trees are real (keys in pages that are split) or counted (pages without keys, for tables of billions of rows, which
 * do not grow). A table is a heap, with rows wherever they were put, or clustered: in the leaves of a tree of its own.
 */
#include "cases/case.h"
#include "model/rangeread.h"
#include "model/request.h"

enum { GROWTH = 100 }; /* a tree is looked at when it has grown by one in so many */

enum { HEAP, CLUSTERED };
enum { COUNTED, REAL };
enum { RANDOM, ASCENDING };
static const char *const layouts[] = {"heap", "clustered", NULL};
static const char *const tree_kinds[] = {"counted", "real", NULL};
static const char *const splits[] = {"half", "right", NULL};
static const char *const orders[] = {"random", "ascending", NULL};
enum { BY_PLANNER = PLANS };
static const char *const plans[] = {"sequential", "index", "bitmap", "index-only", "planner", NULL};

struct params {
	int layout, trees;
	int64_t rows, rows_per_page;
	double correlation;
	int64_t indexes, entries, fanout;
	double fill;
	int split, order, further_order;
	int64_t changed;
	int plan;
	double random_page_cost;
	int64_t frames;
	int replacement;
	bool cold, doublewrite;
	int64_t checkpoint;
	int64_t sequential, random, ways, read_ahead;
	int64_t lookup, tuple, index_tuple, operator;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, layout, layouts, "heap", "where rows are: in a heap, or in a tree by their key"),
	PARAM_CHOICE(struct params, trees, tree_kinds, "counted",
		     "trees of real pages, or counted ones that do not grow"),
	PARAM_COUNT(struct params, rows, "1M", "1", "10G", "rows at the start"),
	PARAM_COUNT(struct params, rows_per_page, "100", "3", "1000", "rows of a full page of the table"),
	PARAM_RATIO(struct params, correlation, "0 %", "0 %", "100 %",
		    "heap: how well the order of rows follows the key of the first index"),
	PARAM_COUNT(struct params, indexes, "1", "0", "20", "beside the table; the first is that on the key"),
	PARAM_COUNT(struct params, entries, "367", "3", "10k", "entries of a full leaf"),
	PARAM_COUNT(struct params, fanout, "367", "3", "10k", "children of a full inner page"),
	PARAM_RATIO(struct params, fill, "100 %", "50 %", "100 %", "how full the pages of trees are at the start"),
	PARAM_CHOICE(struct params, split, splits, "right",
		     "what becomes of a full page: halves, or a new one at the end"),
	PARAM_CHOICE(struct params, order, orders, "random", "keys of rows that are inserted"),
	PARAM_CHOICE(struct params, further_order, orders, "random", "their keys in all indexes but the first"),
	PARAM_COUNT(struct params, changed, "0", "0", "20", "indexes that an update changes"),
	PARAM_CHOICE(struct params, plan, plans, "planner", "how ranges are read"),
	PARAM_REAL(struct params, random_page_cost, "4", "1", "1000",
		   "what the planner thinks of a page at random, in pages in sequence"),
	PARAM_COUNT(struct params, frames, "100k", "8", "100M", "pages of the buffer pool"),
	PARAM_CHOICE(struct params, replacement, bufferpool_names, "lru", "which page goes"),
	PARAM_BOOL(struct params, cold, "off", "the buffer pool is emptied before each query"),
	PARAM_BOOL(struct params, doublewrite, "off", "pages are written twice, lest a crash tear them"),
	PARAM_TIME(struct params, checkpoint, "0 s", "0 s", "1 d", "between checkpoints; 0: there are none"),
	PARAM_TIME(struct params, sequential, "10 us", "100 ns", "10 ms", "the disk, for a page in sequence"),
	PARAM_TIME(struct params, random, "40 us", "100 ns", "100 ms", "the disk, for a page at random"),
	PARAM_COUNT(struct params, ways, "1", "1", "1000", "accesses of the disk at a time"),
	PARAM_COUNT(struct params, read_ahead, "32", "1", "10k", "pages that a scan reads at once"),
	PARAM_TIME(struct params, lookup, "100 ns", "0 s", "1 ms", "to find a page in memory"),
	PARAM_TIME(struct params, tuple, "100 ns", "0 s", "1 ms", "to look at a row"),
	PARAM_TIME(struct params, index_tuple, "50 ns", "0 s", "1 ms", "to look at an entry of an index"),
	PARAM_TIME(struct params, operator, "25 ns", "0 s", "1 ms", "to compare"),
	PARAM_END};

enum op { POINT, RANGE, INSERT, UPDATE, DELETE };
static const char *const ops[] = {"point", "range", "insert", "update", "delete", NULL};
enum { OP, KEY, SELECTED };
static const struct column columns[] = {
	{"op", COLUMN_CHOICE, ops, "range", "point, range, insert, update or delete"},
	{"key", COLUMN_KEY, NULL, "0",
	 "the row that a point or an update is about; where a range begins. Rows are deleted at random"},
	{"selected", COLUMN_COUNT, NULL, "1", "rows of a range"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(RESPONSE, response, TIME, NULL, "time from arrival to the end of a query") \
	METRIC(ESTIMATE, estimate, TIME, NULL, \
	       "what the planner thinks that a range will take, at a page in sequence a unit") \
	METRIC(QUERIES, queries, COUNT, NULL, "queries that arrived") \
	METRIC(CHANGED, changed, COUNT, NULL, "rows that were inserted, updated or deleted") \
	METRIC(ABSENT, absent, COUNT, NULL, "points of real trees that did not find their key") \
	METRIC(BY_SCAN, by_scan, COUNT, NULL, "ranges read by a sequential scan") \
	METRIC(BY_INDEX, by_index, COUNT, NULL, "ranges read by the index") \
	METRIC(BY_BITMAP, by_bitmap, COUNT, NULL, "ranges read by a bitmap of pages") \
	METRIC(ROWS_READ, rows_read, COUNT, NULL, "rows that ranges returned") \
	METRIC(HITS, hits, COUNT, NULL, "pages found in memory") \
	METRIC(READS, reads, COUNT, NULL, "pages read from the disk") \
	METRIC(WRITES, writes, COUNT, NULL, "pages written to the disk") \
	METRIC(DISK, disk, WORK, NULL, "time that the disk works") \
	METRIC(HEAP_PAGES, heap_pages, AMOUNT, "pages", \
	       "of the heap that a query visits; the one just visited not again") \
	METRIC(INDEX_PAGES, index_pages, AMOUNT, "pages", "of trees that a query visits") \
	METRIC(EXPECTED_PAGES, expected_pages, AMOUNT, "pages", \
	       "of the heap that the planner thinks a range by index fetches") \
	METRIC(LEVELS, levels, LEVEL, "levels", "of the tree by which rows are found") \
	METRIC(KEYS, keys, AMOUNT, "keys", "of that tree, at each hundredth that it has grown") \
	METRIC(FILL, fill, AMOUNT, NULL, "how full its leaves are then", .scale = 1e-6) \
	METRIC(CROSS_INDEX, cross_index, AMOUNT, NULL, \
	       "share of the rows up to which the planner prefers the index to a scan", .scale = 1e-6) \
	METRIC(CROSS_BITMAP, cross_bitmap, AMOUNT, NULL, "the same for a bitmap", .scale = 1e-6) \
	METRIC(SHARE, share, AMOUNT, NULL, "share of the rows that a range selects", .scale = 1e-9)
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "slow-disk", .factor = true, .help = "the disk takes longer by the factor"},
	{.name = "restart", .moment = true, .help = "the buffer pool is lost"},
	{.name = "stale", .factor = true, .help = "statistics are old: the planner expects fewer rows by the factor"},
	{.name = "checkpoint", .moment = true, .help = "all changed pages are written"},
	{.name = NULL}
};
enum { FAULT_SLOW_DISK, FAULT_RESTART, FAULT_STALE, FAULT_CHECKPOINT };

/* ---- a query ---- */

struct query {
	struct request request; /* first */
	struct database *of;
	struct pager_walk walk;
	enum op op;
	int64_t rank;            /* of the row that it is about */
	int64_t heap_pages, index_pages;
	int step;                /* of a point or a change */
	bool ranges;             /* it is a range, or a point that has to scan */
	bool changes;            /* the leaf that its cursor goes to */
	struct rangeread range;
	struct treeindex_cursor cursor;
};

struct database {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct disk disk;
	struct pager pager;
	struct heaptable heap;
	struct rangeread_table reading;
	struct planner planner;
	int64_t appended;        /* rows of the heap */
	struct treeindex table, *index; /* table: when clustered */
	struct treeindex *finds; /* by which rows are found; NULL: none does */
	uint64_t ascending;      /* keys so far that came in order */
	uint64_t looked;         /* keys of the tree by which rows are found, at the last look */
	double stale;            /* by how much the planner expects too little */
	struct requests queries;
	bool begun;
};

static void look_at_tree(struct database *db)
{
	const struct btree *tree = &db->finds->btree;
	if (db->finds->real && tree->keys - db->looked >= 1 + db->looked / GROWTH) {
		db->looked = tree->keys;
		meter_level(db->meters, LEVELS, db->sim->now, tree->levels);
		meter_record(db->meters, KEYS, db->sim->now, (int64_t)tree->keys);
		meter_record(db->meters, FILL, db->sim->now, (int64_t)(btree_fill(tree) / metrics[FILL].scale));
	}
}

/* ---- ranges ---- */

static enum plan choose(const struct database *db, double expected)
{
	if (!db->finds)
		return PLAN_SEQUENTIAL;
	return db->params->plan == BY_PLANNER ? planner_choose(&db->planner, expected) : (enum plan)db->params->plan;
}

static void begin_range(struct query *query, int64_t selected)
{
	struct database *db = query->of;
	int64_t rows = db->params->rows, arrival = query->request.arrival;
	static const int booked[] = {[PLAN_SEQUENTIAL] = BY_SCAN, [PLAN_INDEX] = BY_INDEX, [PLAN_BITMAP] = BY_BITMAP,
				     [PLAN_INDEX_ONLY] = BY_INDEX};
	selected = selected < rows ? selected : rows;
	query->rank = query->rank + selected > rows ? rows - selected : query->rank;
	query->ranges = true;
	double expected = (double)selected / db->stale;
	enum plan plan = choose(db, expected);
	journey_note(&query->request.journey, db->sim->now, "planner", -1, plan_names[plan], -1);
	meter_record(db->meters, ESTIMATE, arrival,
		     (int64_t)(planner_cost(&db->planner, plan, expected) * (double)db->params->sequential));
	meter_record(db->meters, EXPECTED_PAGES, arrival, (int64_t)planner_pages_fetched(&db->planner, expected));
	meter_record(db->meters, SHARE, arrival,
		     (int64_t)((double)selected / (double)rows / metrics[SHARE].scale + 0.5));
	meter_count(db->meters, booked[plan], arrival, 1);
	meter_count(db->meters, ROWS_READ, arrival, (uint64_t)selected);
	bool all = db->params->layout == CLUSTERED && plan == PLAN_SEQUENTIAL;
	rangeread_begin(&query->range, &db->reading, db->finds, plan, all ? 0 : query->rank, all ? rows : selected);
}

/* ---- points and changes ---- */

/* Goes down a tree, to find, put or remove a key; its leaf is changed or not. */
static void enter(struct query *query, struct treeindex *index, enum treeindex_touch touch, uint64_t key, bool changes)
{
	struct database *db = query->of;
	query->changes = changes;
	bool there = treeindex_enter(&query->cursor, index, touch, key);
	if (!there && query->op == POINT)
		meter_count(db->meters, ABSENT, query->request.arrival, 1);
	for (int i = 0; i < query->cursor.path.made; i++)
		pager_make(&db->pager, disk_address(index->file, query->cursor.path.made_page[i]));
	if (index == db->finds)
		look_at_tree(db);
}

static uint64_t new_key(struct query *query, int order)
{
	struct database *db = query->of;
	uint64_t keys = (uint64_t)db->params->rows * TREEINDEX_STRIDE;
	return order == ASCENDING ? keys + db->ascending++ : rng_below(&query->request.rng, keys) | 1;
}

/* The row's own page. The one that a new row begins need not be read. */
static bool visit_heap(struct query *query, struct pager_access *access)
{
	struct database *db = query->of;
	bool comes = query->op == INSERT;
	int64_t place = comes ? db->appended++ : heaptable_place(&db->heap, query->rank);
	*access = (struct pager_access){disk_address(0, (uint64_t)(place / db->heap.per_page)), 1, query->op != POINT,
					true};
	if (comes && place % db->heap.per_page == 0)
		pager_make(&db->pager, access->page);
	return true;
}

/* The trees that a point or a change goes to in turn: first what finds the row, then what has to follow. */
static bool next_tree(struct query *query)
{
	struct database *db = query->of;
	const struct params *p = db->params;
	bool clustered = p->layout == CLUSTERED;
	int step = query->step++ - 2, first = p->layout == HEAP; /* indexes that follow begin here */
	uint64_t key = (uint64_t)query->rank * TREEINDEX_STRIDE;
	if (step == -2) {
		bool put = query->op == INSERT, takes = query->op == DELETE;
		if (!db->finds || (put && !clustered))
			return true; /* it needs not be found */
		enter(query, db->finds, put ? TREEINDEX_PUT : takes ? TREEINDEX_REMOVE : TREEINDEX_FIND,
		      put ? new_key(query, p->order) : key, takes || (clustered && query->op != POINT));
		return true;
	}
	if (query->op == INSERT && step < p->indexes)
		enter(query, &db->index[step], TREEINDEX_PUT,
		      new_key(query, step == 0 && !clustered ? p->order : p->further_order), true);
	else if (query->op == UPDATE && step < 2 * p->changed) /* the old entry, and the new one */
		enter(query, &db->index[step / 2], step % 2 ? TREEINDEX_PUT : TREEINDEX_REMOVE, new_key(query, RANDOM),
		      true);
	else if (query->op == DELETE && step + first < p->indexes)
		enter(query, &db->index[step + first], TREEINDEX_REMOVE, new_key(query, RANDOM), true);
	else
		return false;
	return true;
}

static bool point_or_change(struct query *query, struct pager_access *access, int64_t *cpu)
{
	const struct params *p = query->of->params;
	bool leaf;
	for (;;) {
		if (treeindex_down(&query->cursor, &access->page, &leaf)) {
			*cpu += p->operator;
			*access = (struct pager_access){access->page, 1, leaf && query->changes, true};
			return true;
		}
		if (query->step == 1 && p->layout == HEAP && !(query->op == POINT && p->plan == PLAN_INDEX_ONLY)) {
			query->step++;
			*cpu += p->tuple;
			return visit_heap(query, access);
		}
		query->step += query->step == 1;
		if (!next_tree(query))
			return false;
	}
}

static bool next(struct pager_walk *walk, struct pager_access *access, int64_t *cpu)
{
	struct query *query = (struct query *)(void *)((char *)walk - offsetof(struct query, walk));
	if (query->ranges ? !rangeread_next(&query->range, access, cpu) : !point_or_change(query, access, cpu))
		return false;
	bool heap = query->of->params->layout == HEAP && access->page >> DISK_FILE_BITS == 0;
	*(heap ? &query->heap_pages : &query->index_pages) += access->pages;
	return true;
}

static void leave(struct pager_walk *walk)
{
	struct query *query = (struct query *)(void *)((char *)walk - offsetof(struct query, walk));
	struct database *db = query->of;
	int64_t arrival = query->request.arrival;
	meter_record(db->meters, RESPONSE, arrival, db->sim->now - arrival);
	meter_record(db->meters, HEAP_PAGES, arrival, query->heap_pages);
	meter_record(db->meters, INDEX_PAGES, arrival, query->index_pages);
	request_close(&query->request, db->sim->now);
}

static void checkpoint(struct sim *sim, void *self, uint64_t unused)
{
	struct database *db = self;
	pager_checkpoint(&db->pager);
	sim_after(sim, db->params->checkpoint, checkpoint, db, unused);
}

static void begin(struct database *db)
{
	int64_t now = db->sim->now;
	db->begun = true;
	if (db->params->checkpoint > 0)
		sim_after(db->sim, db->params->checkpoint, checkpoint, db, 0);
	if (db->finds)
		meter_level(db->meters, LEVELS, now, treeindex_levels(db->finds));
	if (db->params->layout == CLUSTERED)
		return;
	meter_record(db->meters, CROSS_INDEX, now,
		     (int64_t)(planner_crossover(&db->planner, PLAN_INDEX) / metrics[CROSS_INDEX].scale + 0.5));
	meter_record(db->meters, CROSS_BITMAP, now,
		     (int64_t)(planner_crossover(&db->planner, PLAN_BITMAP) / metrics[CROSS_BITMAP].scale + 0.5));
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct database *db = self;
	const struct params *p = db->params;
	struct query *query = request_open(&db->queries, row->id, row->window, ops[row->value[OP]]);
	query->of = db;
	query->op = (enum op)row->value[OP];
	query->rank = (int64_t)(rng_mix((uint64_t)row->value[KEY]) % (uint64_t)p->rows);
	if (query->op == DELETE)
		query->rank = (int64_t)rng_below(&query->request.rng, (uint64_t)p->rows);
	query->walk = (struct pager_walk){&db->pager, p->lookup, &query->request.journey, next, leave, 0, {0, 0, 0, 0}};
	if (!db->begun)
		begin(db);
	if (p->cold)
		bufferpool_empty(&db->pager.pool);
	meter_count(db->meters, QUERIES, sim->now, 1);
	if (query->op >= INSERT)
		meter_count(db->meters, CHANGED, sim->now, 1);
	if (query->op == RANGE || (query->op == POINT && !db->finds))
		begin_range(query, query->op == POINT || row->value[SELECTED] < 1 ? 1 : row->value[SELECTED]);
	pager_walk_begin(&query->walk);
}

static const char *idle(const void *of, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = of;
	(void)target;
	(void)arena;
	return kind == FAULT_RESTART && p->cold ? "the buffer pool is emptied before each query anyway (cold)" : NULL;
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct database *db = self;
	(void)sim;
	(void)target;
	switch (kind) {
	case FAULT_SLOW_DISK:
		db->disk.queue.slowness = state->factor;
		break;
	case FAULT_RESTART:
		bufferpool_empty(&db->pager.pool);
		break;
	case FAULT_STALE:
		db->stale = state->factor;
		break;
	case FAULT_CHECKPOINT:
		pager_checkpoint(&db->pager);
	}
}

/* ---- the world ---- */

static struct treeindex_config tree_of(const struct params *p, uint64_t file, int64_t entries)
{
	return (struct treeindex_config){.file = file, .real = p->trees == REAL, .rows = p->rows, .entries = entries,
					 .fanout = p->fanout, .fill = p->fill, .split = (enum btree_split)p->split};
}

static struct planner planner_of(const struct database *db)
{
	const struct params *p = db->params;
	double unit = (double)p->sequential;
	return (struct planner){
		.pages = (double)db->heap.pages, .rows = (double)db->heap.rows, .entries = (double)p->entries,
		.cached = (double)p->frames, .correlation = p->layout == HEAP ? p->correlation : 1,
		.random_page = p->random_page_cost, .cpu_tuple = (double)p->tuple / unit,
		.cpu_index_tuple = (double)p->index_tuple / unit, .cpu_operator = (double)p->operator / unit};
}

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct database *db = ARENA_NEW(&sim->arena, struct database);
	const struct params *p = world->params;
	struct rng rng = rng_start(sim_stream(sim, "places"));
	*db = (struct database){.params = p, .sim = sim, .meters = world->meters, .appended = p->rows, .stale = 1};
	disk_init(&db->disk, sim, "disk", p->ways, p->sequential, p->random);
	db->disk.work = (struct booking){db->meters, DISK};
	pager_init(&db->pager, sim, &db->disk, bufferpool_kinds[p->replacement], p->frames, p->doublewrite);
	db->pager.hits = (struct booking){db->meters, HITS};
	db->pager.reads = (struct booking){db->meters, READS};
	db->pager.writes = (struct booking){db->meters, WRITES};
	db->heap = heaptable_of(p->rows, p->rows_per_page, p->correlation, rng_next(&rng));
	struct treeindex_config config = tree_of(p, 0, p->rows_per_page);
	if (p->layout == CLUSTERED)
		treeindex_init(&db->table, &sim->arena, &config);
	db->index = ARENA_ARRAY(&sim->arena, (size_t)p->indexes + 1, struct treeindex);
	for (int64_t i = 0; i < p->indexes; i++) {
		config = tree_of(p, (uint64_t)i + 1, p->entries);
		treeindex_init(&db->index[i], &sim->arena, &config);
	}
	db->planner = planner_of(db);
	db->reading = (struct rangeread_table){
		.heap = p->layout == HEAP ? &db->heap : NULL,
		.tuple = p->tuple,
		.index_tuple = p->index_tuple,
		.operator = p->operator,
		.read_ahead = p->read_ahead,
		.arena = &sim->arena,
		.keep = 4 * db->heap.pages <= p->frames}; /* PostgreSQL's scans of more go through a ring */
	db->finds = p->layout == CLUSTERED ? &db->table : p->indexes > 0 ? &db->index[0] : NULL;
	requests_init(&db->queries, sim, world->journeys, "query", sizeof(struct query));
	return db;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	if (p->random < p->sequential)
		return err_add(err, ERR_MODEL, NULL, "random is less than sequential: no disk reads faster at random");
	if (p->trees == REAL && p->rows > 20000000)
		return err_add(err, ERR_MODEL, NULL, "trees: real holds every key; %lld rows need trees: counted",
			       (long long)p->rows);
	if (p->indexes == 0 && p->layout == HEAP && p->plan != PLAN_SEQUENTIAL && p->plan != BY_PLANNER)
		return err_add(err, ERR_MODEL, NULL, "plan: %s needs an index, and indexes is 0", plan_names[p->plan]);
	if (p->layout == CLUSTERED && p->plan == PLAN_BITMAP)
		return err_add(err, ERR_MODEL, NULL, "plan: bitmap is of a heap; the layout is clustered");
	if (p->layout == CLUSTERED && p->correlation > 0)
		return err_add(err, ERR_MODEL, NULL, "correlation is of a heap; a clustered table is in order");
	if (p->changed > p->indexes)
		return err_add(err, ERR_MODEL, NULL, "changed is %lld, and there are %lld indexes",
			       (long long)p->changed, (long long)p->indexes);
	if ((p->rows - 1) / (p->rows_per_page < p->entries ? p->rows_per_page : p->entries) > 1000000000)
		return err_add(err, ERR_MODEL, NULL, "%lld rows are more than a billion pages", (long long)p->rows);
	return true;
}

static const char *const table[] = {"response", "count(reads) / count(queries)",
					    "count(hits) / (count(hits) + count(reads))", NULL};

const struct case_study case_indexes = {
	.name = "indexes",
	.about = "database indexes: pages, B+-trees, a buffer pool, a planner, and when an index is slower",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.table = table,
	.faults = faults,
	.utilisation = "rate(disk) / param(ways)",
	.used = "the disk",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
};
