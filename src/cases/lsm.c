/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store that writes in sorted runs and merges them later, beside one that changes pages in place: an LSM tree, or a
 * B+-tree with a buffer pool, on the same disk and the same trace.
 *
 * A row of the trace is a put, a deletion or a get of a key. The LSM tree writes into a memtable; a full one is written
 * out as a table, and tables are merged by a policy (model/lsm.h), some jobs at a time, chunk by chunk, in the same
 * queue of the disk as reads. When there are too many tables at level 0, or memtables wait to be written, puts wait: a
 * stall. A get looks into what is in memory, and then, newest first, into each table whose filter lets it.
 *
 * An observer knows what was put last, and counts gets that are answered otherwise.
 */
#include "cases/case.h"
#include "model/bloom.h"
#include "model/cache.h"
#include "model/keymap.h"
#include "model/lsm.h"
#include "model/pager.h"
#include "model/request.h"
#include "model/treeindex.h"

#include <stdlib.h>

enum { LSM, BTREE };
static const char *const engines[] = {"lsm", "btree", NULL};
enum { UNIFORM, OPTIMAL };
static const char *const shares[] = {"uniform", "optimal", NULL};

struct params {
	int engine, policy;
	int64_t ratio, memtable, level1, flushes, last, most_runs, most;
	double bits;
	int filters;
	int64_t entries_per_page, cached, threads, chunk, waiting, stop;
	int64_t rows, frames;
	int64_t sequential, random, lookup;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, engine, engines, "lsm", "sorted runs that are merged, or pages that are changed"),
	PARAM_CHOICE(struct params, policy, lsm_names, "leveled", "lsm: what is merged when"),
	PARAM_COUNT(struct params, ratio, "10", "2", "100", "lsm: of the sizes of levels; tiered: runs of a level"),
	PARAM_COUNT(struct params, memtable, "1k", "1", "10M", "lsm: entries of a memtable, and of a file"),
	PARAM_COUNT(struct params, level1, "10", "1", "1000", "lsm: memtables that level 1 holds"),
	PARAM_COUNT(struct params, flushes, "1", "1", "100", "lsm: tables of level 0 that are merged together"),
	PARAM_COUNT(struct params, last, "0", "0", "11", "lsm: the greatest level; 0: as many as are needed"),
	PARAM_COUNT(struct params, most_runs, "8", "2", "1000", "lsm, universal: so many runs are too many"),
	PARAM_COUNT(struct params, most, "1M", "1", "100M", "lsm, fifo: entries that are kept"),
	PARAM_REAL(struct params, bits, "10", "0", "64", "lsm: of a filter, for each entry"),
	PARAM_CHOICE(struct params, filters, shares, "uniform", "lsm: how these are shared out among levels"),
	PARAM_COUNT(struct params, entries_per_page, "50", "3", "1000", "entries of a page of the disk"),
	PARAM_COUNT(struct params, cached, "1k", "1", "10M", "lsm: pages of tables that are kept in memory"),
	PARAM_COUNT(struct params, threads, "1", "1", "64", "lsm: merges at a time"),
	PARAM_COUNT(struct params, chunk, "32", "1", "10k", "lsm: pages that a merge reads or writes at a time"),
	PARAM_COUNT(struct params, waiting, "2", "1", "100", "lsm: memtables that may wait to be written"),
	PARAM_COUNT(struct params, stop, "20", "1", "10k", "lsm: tables of level 0 at which puts wait"),
	PARAM_COUNT(struct params, rows, "100k", "1", "10M", "btree: keys at the start"),
	PARAM_COUNT(struct params, frames, "1k", "8", "10M", "btree: pages of the buffer pool"),
	PARAM_TIME(struct params, sequential, "10 us", "100 ns", "10 ms", "the disk, for a page in sequence"),
	PARAM_TIME(struct params, random, "100 us", "100 ns", "100 ms", "the disk, for a page at random"),
	PARAM_TIME(struct params, lookup, "100 ns", "0 s", "1 ms", "to find something in memory"),
	PARAM_END};

enum op { PUT, DELETE, GET };
static const char *const ops[] = {"put", "delete", "get", NULL};
enum { OP, KEY };
static const struct column columns[] = {
	{"op", COLUMN_CHOICE, ops, "put", "put, delete or get"},
	{"key", COLUMN_KEY, NULL, NULL, "of what"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC)                                                                                                \
	METRIC(WRITE, write, TIME, NULL, "time from arrival to the end of a put or a deletion")                        \
	METRIC(READ, read, TIME, NULL, "time from arrival to the end of a get")                                        \
	METRIC(PUTS, puts, COUNT, NULL, "puts and deletions")                                                          \
	METRIC(GETS, gets, COUNT, NULL, "gets")                                                                        \
	METRIC(ABSENT, absent, COUNT, NULL, "gets of what is not there")                                               \
	METRIC(WRONG, wrong, COUNT, NULL, "gets that were not answered with what was put last")                        \
	METRIC(STALLED, stalled, COUNT, NULL, "puts and deletions that had to wait for merges")                        \
	METRIC(FLUSHED, flushed, COUNT, NULL, "entries that were written from memtables")                              \
	METRIC(MERGED, merged, COUNT, NULL, "entries that were written by merges")                                     \
	METRIC(RUNS_LOOKED, runs_looked, COUNT, NULL, "runs that hold keys about the one wanted, of all gets")         \
	METRIC(PROBES, probes, COUNT, NULL, "runs that were looked into, after their filter")                          \
	METRIC(PROBES_ABSENT, probes_absent, COUNT, NULL, "the same, of gets of what is not there")                    \
	METRIC(RUNS_ABSENT, runs_absent, COUNT, NULL, "runs about the key, of gets of what is not there")              \
	METRIC(READS, reads, COUNT, NULL, "pages that gets and changes read")                                          \
	METRIC(HITS, hits, COUNT, NULL, "pages that they found in memory")                                             \
	METRIC(WRITES, writes, COUNT, NULL, "pages that changes wrote, of a B-tree")                                   \
	METRIC(DISK, disk, WORK, NULL, "time that the disk works")                                                     \
	METRIC(RUNS, runs, LEVEL, "runs", "that there are")                                                            \
	METRIC(WAITING, waiting, LEVEL, "puts", "that wait for merges")                                                \
	METRIC(SPACE, space, AMOUNT, NULL, "entries on the disk for each key that there is, after each job",           \
	       .scale = 1e-6)
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "slow-disk", .factor = true, .help = "the disk takes longer by the factor"},
	{.name = "no-merges", .help = "no merge begins"},
	{.name = NULL}
};
enum { FAULT_SLOW_DISK, FAULT_NO_MERGES };

/* A flush or a merge under way. */
struct job {
	struct store *store;
	bool flush;
	struct lsm_job merge;
	uint64_t *entry; /* of a flush */
	int64_t count, pages, done; /* entries; pages to be read and written, and those that have been */
	struct job *next;           /* flush: the memtable that filled after it */
};

struct asked {
	struct request request; /* first */
	struct store *of;
	struct pager_walk walk;
	enum op op;
	uint64_t key;
	bool reads;
	struct lsm_read found;
	int probe;
	struct treeindex_cursor cursor;
	struct asked *next;     /* waits */
};

/* What the observer knows of a key. */
struct truth {
	bool there;
	uint64_t memtable; /* that it was put into last */
};

struct store {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct disk disk;
	struct lsm lsm;
	struct cache cache;
	struct keymap truth;
	int64_t keys;              /* that are there */
	uint64_t memtable, flushed; /* number of the present one; those below have been written */
	uint64_t *entry;           /* of the present memtable, in the order in which they came */
	int64_t count;
	int flushing, merging;
	struct job *flush, **flush_last; /* under way, and those that wait behind it: tables come in order */
	bool held;
	double rate[LSM_LEVELS];
	struct asked *first, **last; /* puts that wait */
	int64_t waiting;
	struct freelist jobs, buffers;
	uint64_t tail;             /* where the next chunk is written */
	struct requests requests;
	struct pager pager;
	struct treeindex tree;
};

static void book_state(struct store *store)
{
	meter_level(store->meters, RUNS, store->sim->now, lsm_runs(&store->lsm));
	if (store->keys > 0 && store->lsm.live > 0)
		meter_record(store->meters, SPACE, store->sim->now,
			     (int64_t)((double)store->lsm.live / (double)store->keys / metrics[SPACE].scale));
}

static void share_bits(struct store *store)
{
	int64_t keys[LSM_LEVELS];
	double bits[LSM_LEVELS];
	for (int level = 0; level < LSM_LEVELS; level++) {
		keys[level] = store->lsm.level[level].entries;
		bits[level] = store->params->bits;
	}
	if (store->params->filters == OPTIMAL)
		bloom_share(LSM_LEVELS, keys, store->params->bits, bits);
	for (int level = 0; level < LSM_LEVELS; level++)
		store->rate[level] = bloom_rate(bits[level]);
}

/* ---- jobs ---- */

static sim_event_fn next_chunk;
static void put(struct asked *asked);

static void start(struct store *store, struct job *job, int64_t entries)
{
	int64_t page = store->params->entries_per_page;
	job->store = store;
	job->pages = (entries + page - 1) / page;
	job->done = 0;
	next_chunk(store->sim, job, 0);
}

static void begin_merges(struct store *store)
{
	while (!store->held && store->merging < store->params->threads) {
		struct job *job = FREELIST_TAKE(&store->jobs, &store->sim->arena, struct job);
		if (!lsm_pick(&store->lsm, &job->merge)) {
			freelist_give(&store->jobs, job);
			return;
		}
		job->flush = false;
		store->merging++;
		start(store, job, job->merge.drop ? 0 : 2 * job->merge.entries); /* read, and written */
	}
}

static bool stalls(const struct store *store)
{
	return store->lsm.level[0].count >= store->params->stop ||
	       (store->count == store->params->memtable && store->flushing >= store->params->waiting);
}

static void let_go(struct store *store)
{
	while (store->first && !stalls(store)) {
		struct asked *asked = store->first;
		store->first = asked->next;
		if (!store->first)
			store->last = &store->first;
		meter_level(store->meters, WAITING, store->sim->now, --store->waiting);
		put(asked);
	}
}

static void end_job(struct job *job)
{
	struct store *store = job->store;
	int64_t now = store->sim->now;
	if (job->flush) {
		lsm_flush(&store->lsm, job->entry, job->count);
		freelist_give(&store->buffers, job->entry);
		store->flushing--;
		store->flush = job->next;
		if (!store->flush)
			store->flush_last = &store->flush;
		store->flushed++;
		meter_count(store->meters, FLUSHED, now, (uint64_t)job->count);
	} else {
		store->merging--;
		meter_count(store->meters, MERGED, now, (uint64_t)lsm_apply(&store->lsm, &job->merge));
	}
	bool next = job->flush && store->flush;
	freelist_give(&store->jobs, job);
	if (next)
		start(store, store->flush, store->flush->count);
	book_state(store);
	share_bits(store);
	begin_merges(store);
	let_go(store);
}

static void next_chunk(struct sim *sim, void *self, uint64_t unused)
{
	struct job *job = self;
	struct store *store = job->store;
	int64_t left = job->pages - job->done, chunk = left < store->params->chunk ? left : store->params->chunk;
	(void)sim;
	(void)unused;
	if (left <= 0) {
		end_job(job);
		return;
	}
	job->done += chunk;
	disk_access(&store->disk, disk_address(1, store->tail), chunk, next_chunk, job, 0, NULL);
	store->tail += (uint64_t)(2 * chunk); /* somewhere else next time */
}

static int by_key(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;
	return *one < *other ? -1 : *one > *other; /* equal ones are the same key and state */
}

/* The memtable is full: what each of its keys is now is written out. */
static void flush(struct store *store)
{
	struct job *job = FREELIST_TAKE(&store->jobs, &store->sim->arena, struct job);
	int64_t kept = 0;
	qsort(store->entry, (size_t)store->count, sizeof(*store->entry), by_key);
	for (int64_t i = 0; i < store->count; i++) {
		uint64_t key = store->entry[i];
		if (i > 0 && key == store->entry[i - 1])
			continue;
		job->count = ++kept;
		store->entry[kept - 1] = key;
	}
	for (int64_t i = 0; i < kept; i++) {
		const struct truth *truth = keymap_find(&store->truth, store->entry[i]);
		store->entry[i] = lsm_entry(store->entry[i], !truth->there);
	}
	job->flush = true;
	job->entry = store->entry;
	store->flushing++;
	store->memtable++;
	store->count = 0;
	store->entry = freelist_get(&store->buffers, &store->sim->arena,
				    (size_t)(store->params->memtable + 1) * sizeof(*store->entry));
	job->next = NULL;
	*store->flush_last = job;
	store->flush_last = &job->next;
	if (store->flush == job)
		start(store, job, kept);
}

/* ---- requests ---- */

static void leave(struct sim *sim, void *self, uint64_t unused)
{
	struct asked *asked = self;
	struct store *store = asked->of;
	(void)unused;
	meter_record(store->meters, asked->reads ? READ : WRITE, asked->request.arrival,
		     sim->now - asked->request.arrival);
	request_close(&asked->request, sim->now);
}

static void now_true(struct asked *asked)
{
	struct store *store = asked->of;
	struct truth *truth = keymap_put(&store->truth, asked->key, NULL);
	store->keys += (asked->op == PUT) - truth->there;
	truth->there = asked->op == PUT;
	truth->memtable = store->memtable;
}

static void put(struct asked *asked)
{
	struct store *store = asked->of;
	if (store->count == store->params->memtable)
		flush(store);
	now_true(asked);
	store->entry[store->count++] = asked->key;
	if (store->count == store->params->memtable && store->flushing < store->params->waiting)
		flush(store);
	sim_after(store->sim, store->params->lookup, leave, asked, 0);
}

static void begin_put(struct asked *asked)
{
	struct store *store = asked->of;
	if (!store->first && !stalls(store)) {
		put(asked);
		return;
	}
	meter_count(store->meters, STALLED, asked->request.arrival, 1);
	journey_note(&asked->request.journey, store->sim->now, "store", -1, "stalls, level 0 has",
		     store->lsm.level[0].count);
	asked->next = NULL;
	*store->last = asked;
	store->last = &asked->next;
	meter_level(store->meters, WAITING, store->sim->now, ++store->waiting);
}

static void next_probe(struct sim *sim, void *self, uint64_t unused)
{
	struct asked *asked = self;
	struct store *store = asked->of;
	while (asked->probe < asked->found.probes && asked->probe < LSM_PROBES) {
		const struct lsm_probe *probe = &asked->found.probe[asked->probe++];
		uint64_t page = probe->table << 24 | (uint64_t)(probe->at / store->params->entries_per_page);
		bool hit = cache_get(&store->cache, page, sim->now);
		meter_count(store->meters, hit ? HITS : READS, asked->request.arrival, 1);
		if (hit)
			continue;
		cache_put(&store->cache, page, sim->now);
		disk_access(&store->disk, disk_address(2, rng_mix(page) >> 28), 1, next_probe, asked, 0,
			    &asked->request.journey);
		return;
	}
	sim_after(sim, store->params->lookup, leave, asked, unused);
}

static void begin_get(struct asked *asked)
{
	struct store *store = asked->of;
	const struct truth *truth = keymap_find(&store->truth, asked->key);
	int64_t arrival = asked->request.arrival;
	bool there = truth && truth->there;
	meter_count(store->meters, ABSENT, arrival, !there);
	if (truth && truth->memtable >= store->flushed) { /* in a memtable */
		leave(store->sim, asked, 0);
		return;
	}
	struct lsm_read *found = &asked->found;
	*found = lsm_find(&store->lsm, asked->key, store->rate);
	meter_count(store->meters, WRONG, arrival, (found->found && !found->deleted) != there);
	meter_count(store->meters, RUNS_LOOKED, arrival, (uint64_t)found->runs);
	meter_count(store->meters, PROBES, arrival, (uint64_t)found->probes);
	if (!truth) {
		meter_count(store->meters, PROBES_ABSENT, arrival, (uint64_t)found->probes);
		meter_count(store->meters, RUNS_ABSENT, arrival, (uint64_t)found->runs);
	}
	next_probe(store->sim, asked, 0);
}

/* ---- the B-tree ---- */

static struct asked *asked_of(struct pager_walk *walk)
{
	return (struct asked *)(void *)((char *)walk - offsetof(struct asked, walk));
}

static bool next_page(struct pager_walk *walk, struct pager_access *access, int64_t *cpu)
{
	struct asked *asked = asked_of(walk);
	bool leaf;
	(void)cpu;
	if (!treeindex_down(&asked->cursor, &access->page, &leaf))
		return false;
	*access = (struct pager_access){access->page, 1, leaf && !asked->reads, true};
	return true;
}

static void walked(struct pager_walk *walk)
{
	struct asked *asked = asked_of(walk);
	leave(asked->of->sim, asked, 0);
}

static void begin_walk(struct asked *asked)
{
	struct store *store = asked->of;
	bool there = treeindex_enter(&asked->cursor, &store->tree,
				     asked->op == GET   ? TREEINDEX_FIND
				     : asked->op == PUT ? TREEINDEX_PUT
							: TREEINDEX_REMOVE,
				     asked->key * TREEINDEX_STRIDE);
	meter_count(store->meters, ABSENT, asked->request.arrival, asked->reads && !there);
	for (int i = 0; i < asked->cursor.path.made; i++)
		pager_make(&store->pager, disk_address(0, asked->cursor.path.made_page[i]));
	asked->walk = (struct pager_walk){.pager = &store->pager, .lookup = store->params->lookup,
					  .journey = &asked->request.journey, .next = next_page, .ended = walked};
	pager_walk_begin(&asked->walk);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct store *store = self;
	struct asked *asked = request_open(&store->requests, row->id, row->window, ops[row->value[OP]]);
	asked->of = store;
	asked->op = (enum op)row->value[OP];
	asked->key = (uint64_t)row->value[KEY] & (UINT64_MAX >> 21);
	asked->reads = asked->op == GET;
	meter_count(store->meters, asked->reads ? GETS : PUTS, sim->now, 1);
	if (store->params->engine == BTREE)
		begin_walk(asked);
	else if (asked->reads)
		begin_get(asked);
	else
		begin_put(asked);
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct store *store = self;
	(void)sim;
	(void)target;
	if (kind == FAULT_SLOW_DISK)
		store->disk.queue.slowness = state->factor;
	if (kind == FAULT_NO_MERGES && store->params->engine == LSM) {
		store->held = state->active > 0;
		begin_merges(store);
	}
}

static const char *idle(const void *of, int kind)
{
	const struct params *p = of;
	return kind == FAULT_NO_MERGES && p->engine == BTREE ? "a B-tree merges nothing" : NULL;
}

/* ---- the world ---- */

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct store *store = ARENA_NEW(&sim->arena, struct store);
	const struct params *p = world->params;
	*store = (struct store){.params = p, .sim = sim, .meters = world->meters};
	store->last = &store->first;
	store->flush_last = &store->flush;
	disk_init(&store->disk, sim, "disk", 1, p->sequential, p->random);
	store->disk.work = (struct booking){store->meters, DISK};
	requests_init(&store->requests, sim, world->journeys, NULL, sizeof(struct asked));
	if (p->engine == BTREE) {
		struct treeindex_config config = {.real = true, .rows = p->rows, .entries = p->entries_per_page,
						  .fanout = 300, .fill = 0.69, .split = BTREE_RIGHT};
		treeindex_init(&store->tree, &sim->arena, &config);
		pager_init(&store->pager, sim, &store->disk, bufferpool_kinds[0], p->frames, false);
		store->pager.hits = (struct booking){store->meters, HITS};
		store->pager.reads = (struct booking){store->meters, READS};
		store->pager.writes = (struct booking){store->meters, WRITES};
		return store;
	}
	struct lsm_config config = {.policy = lsm_policies[p->policy], .memtable = p->memtable, .level1 = p->level1,
				    .file = p->memtable, .ratio = (int)p->ratio, .flushes = (int)p->flushes,
				    .last = (int)p->last, .most_runs = (int)p->most_runs, .most = p->most};
	lsm_init(&store->lsm, &sim->arena, &config);
	cache_init(&store->cache, &sim->arena, p->cached, 0);
	keymap_init(&store->truth, &sim->arena, sizeof(struct truth));
	store->entry = ARENA_ARRAY(&sim->arena, (size_t)p->memtable + 1, uint64_t);
	share_bits(store);
	return store;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	if (p->random < p->sequential)
		return err_add(err, ERR_MODEL, NULL, "random is less than sequential: no disk reads faster at random");
	if (p->engine == LSM && p->stop <= p->flushes)
		return err_add(err, ERR_MODEL, NULL,
			       "stop is %lld: puts would wait before %lld tables are there to merge",
			       (long long)p->stop, (long long)p->flushes);
	return true;
}

const struct case_study case_lsm = {
	.name = "lsm",
	.about = "an LSM tree beside a B-tree: write, read and space amplification, filters, stalls",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.faults = faults,
	.utilisation = "rate(disk)",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
};
