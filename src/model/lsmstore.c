/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A memtable keeps its puts in the order in which they came, for the log, until it is in a table. A job that a crash
 * ends is found dead when the disk comes back to it.
 */
#include "model/lsmstore.h"
#include "model/bloom.h"
#include "base/check.h"
#include "engine/rng.h"

#include <stdlib.h>
#include <string.h>

enum { LOG_FILE, JOB_FILE, TABLE_FILE, TABLE_BITS = 24 };

struct lsmstore_memtable {
	struct lsmstore_memtable *next; /* newer */
	int64_t first, count;           /* number of its first put; puts */
	uint64_t *put;                  /* entries, in the order in which they came */
	uint64_t *entry;                /* of a full one: each key once, in order */
	int64_t entries;
};

/* A get or a scan that goes through its pages. */
struct read {
	struct lsm_read found;
	struct lsmstore *store;
	int probe; /* next */
	sim_event_fn *done;
	void *subject;
	struct journey *const *journey;
};

/* What was put last of a key that is in a memtable. */
struct recent {
	int64_t number;
	uint64_t entry;
};

/* A flush (of the oldest full memtable) or a merge under way. */
struct lsmstore_job {
	struct lsmstore *store;
	struct lsmstore_job *next;
	bool flush;
	uint64_t crashes;
	struct lsm_job merge;
	int64_t pages, done; /* to be read and written; those that have been */
};

static sim_event_fn next_chunk, wake;

/* ---- memtables ---- */

static struct lsmstore_memtable *new_memtable(struct lsmstore *store)
{
	struct lsmstore_memtable *memtable =
		FREELIST_TAKE(&store->memtables, &store->sim->arena, struct lsmstore_memtable);
	size_t room = (size_t)store->config.tree.memtable;
	if (!memtable->put) {
		memtable->put = ARENA_ARRAY(&store->sim->arena, room, uint64_t);
		memtable->entry = ARENA_ARRAY(&store->sim->arena, room, uint64_t);
	}
	memtable->next = NULL;
	memtable->first = store->taken + 1;
	memtable->count = 0;
	return memtable;
}

static bool is_full(const struct lsmstore *store)
{
	return store->present->count == store->config.tree.memtable;
}

static int by_entry(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;
	return *one < *other ? -1 : *one > *other; /* equal ones are the same */
}

/* Each key once, as it was put last. */
static void sort(struct lsmstore *store, struct lsmstore_memtable *memtable)
{
	memtable->entries = 0;
	for (int64_t i = 0; i < memtable->count; i++) {
		const struct recent *recent = keymap_find(&store->recent, lsm_key(memtable->put[i]));
		if (recent->number == memtable->first + i)
			memtable->entry[memtable->entries++] = memtable->put[i];
	}
	qsort(memtable->entry, (size_t)memtable->entries, sizeof(*memtable->entry), by_entry);
}

static void remember(struct lsmstore *store, uint64_t entry)
{
	struct recent *recent = keymap_put(&store->recent, lsm_key(entry), NULL);
	*recent = (struct recent){++store->taken, entry};
	store->present->put[store->present->count++] = entry;
}

/* ---- jobs ---- */

static void start(struct lsmstore *store, struct lsmstore_job *job, int64_t entries)
{
	int64_t page = store->config.entries_per_page;
	job->store = store;
	job->next = store->jobs;
	store->jobs = job;
	job->crashes = store->crashes;
	job->pages = (entries + page - 1) / page;
	job->done = 0;
	next_chunk(store->sim, job, 0);
}

static struct lsmstore_job *new_job(struct lsmstore *store)
{
	return FREELIST_TAKE(&store->jobs_free, &store->sim->arena, struct lsmstore_job);
}

static void begin_flush(struct lsmstore *store)
{
	struct lsmstore_job *job = new_job(store);
	job->flush = true;
	start(store, job, store->oldest->entries);
}

static void begin_merges(struct lsmstore *store)
{
	while (!store->held && store->merging < store->config.threads) {
		struct lsmstore_job *job = new_job(store);
		if (!lsm_pick(&store->lsm, &job->merge)) {
			freelist_give(&store->jobs_free, job);
			return;
		}
		job->flush = false;
		store->merging++;
		start(store, job, job->merge.drop || job->merge.move ? 0 : 2 * job->merge.entries);
	}
}

/* The memtable is full: it is written out, behind those that were full before it. */
static void seal(struct lsmstore *store)
{
	struct lsmstore_memtable *memtable = store->present;
	sort(store, memtable);
	store->present = new_memtable(store);
	*store->newest = memtable;
	store->newest = &memtable->next;
	if (store->flushing++ == 0)
		begin_flush(store);
}

static void share_bits(struct lsmstore *store)
{
	enum { RUNS = 1024 };
	int64_t keys[RUNS];
	double bits[RUNS], mine = store->config.bits;
	int first[LSM_LEVELS], runs = 0;
	for (int number = 0; number < LSM_LEVELS; number++) {
		const struct lsm_level *level = &store->lsm.level[number];
		int of = number > 0 && store->config.tree.policy->one_run ? level->count > 0 : level->count;
		first[number] = runs;
		for (int i = 0; i < of && runs < RUNS; i++)
			keys[runs++] = level->entries / of;
	}
	if (store->config.optimal)
		bloom_share(runs, keys, mine, bits);
	for (int number = 0; number < LSM_LEVELS; number++) {
		bool own = store->config.optimal && store->lsm.level[number].count > 0 && first[number] < RUNS;
		store->rate[number] = bloom_rate(own ? bits[first[number]] : mine);
	}
}

/* ---- puts ---- */

static bool stalls(const struct lsmstore *store)
{
	return store->lsm.level[0].count >= store->config.stop ||
	       (is_full(store) && store->flushing >= store->config.waiting);
}

static bool slows(const struct lsmstore *store)
{
	return store->lsm.level[0].count >= store->config.slow && store->sim->now < store->next;
}

static void take(struct lsmstore *store, struct lsmstore_put *put)
{
	if (is_full(store))
		seal(store);
	remember(store, lsm_entry(put->key, put->value, put->deleted));
	put->number = store->taken;
	if (store->lsm.level[0].count >= store->config.slow)
		store->next = store->sim->now + store->config.pace;
	if (is_full(store) && store->flushing < store->config.waiting)
		seal(store);
	store->takes(put);
}

static void let_go(struct lsmstore *store)
{
	while (store->first && !stalls(store)) {
		if (slows(store)) {
			if (!store->woken)
				sim_after(store->sim, store->next - store->sim->now, wake, store, 0);
			store->woken = true;
			return;
		}
		struct lsmstore_put *put = store->first;
		store->first = put->next;
		if (!store->first)
			store->last = &store->first;
		booking_level(store->queue, store->sim->now, --store->waiting);
		take(store, put);
	}
}

static void wake(struct sim *sim, void *self, uint64_t unused)
{
	struct lsmstore *store = self;
	(void)sim;
	(void)unused;
	store->woken = false;
	let_go(store);
}

void lsmstore_put(struct lsmstore *store, struct lsmstore_put *put)
{
	bool stalled = stalls(store);
	if (!store->first && !stalled && !slows(store)) {
		take(store, put);
		return;
	}
	booking_count(stalled ? store->stalled : store->slowed, store->sim->now, 1);
	journey_note(put->journey, store->sim->now, "store", -1, "tables of level 0:", store->lsm.level[0].count);
	journey_note(put->journey, store->sim->now, "store", -1,
		     stalled ? "lets nothing in; puts before this one:" : "lets puts in one by one; before this one:",
		     store->waiting);
	put->next = NULL;
	*store->last = put;
	store->last = &put->next;
	booking_level(store->queue, store->sim->now, ++store->waiting);
	let_go(store);
}

/* ---- the life of a job ---- */

static void forget(struct lsmstore *store, struct lsmstore_job *job)
{
	struct lsmstore_job **link = &store->jobs;
	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	freelist_give(&store->jobs_free, job);
}

static void end_flush(struct lsmstore *store)
{
	struct lsmstore_memtable *memtable = store->oldest;
	lsm_flush(&store->lsm, memtable->entry, memtable->entries);
	booking_count(store->flushed, store->sim->now, (uint64_t)memtable->entries);
	store->written = memtable->first + memtable->count - 1;
	for (int64_t i = 0; i < memtable->entries; i++) {
		uint64_t key = lsm_key(memtable->entry[i]);
		const struct recent *recent = keymap_find(&store->recent, key);
		if (recent->number <= store->written)
			keymap_drop(&store->recent, key);
	}
	store->oldest = memtable->next;
	if (!store->oldest)
		store->newest = &store->oldest;
	freelist_give(&store->memtables, memtable);
	if (--store->flushing > 0)
		begin_flush(store);
}

static void end_job(struct lsmstore_job *job)
{
	struct lsmstore *store = job->store;
	bool flush = job->flush;
	if (!flush) {
		store->merging--;
		booking_count(store->merged, store->sim->now, (uint64_t)lsm_apply(&store->lsm, &job->merge));
	}
	forget(store, job);
	if (flush)
		end_flush(store);
	share_bits(store);
	if (store->changed)
		store->changed(store);
	begin_merges(store);
	let_go(store);
}

static void next_chunk(struct sim *sim, void *self, uint64_t unused)
{
	struct lsmstore_job *job = self;
	struct lsmstore *store = job->store;
	int64_t left = job->pages - job->done, chunk = left < store->config.chunk ? left : store->config.chunk;
	(void)sim;
	(void)unused;
	if (job->crashes != store->crashes) {
		freelist_give(&store->jobs_free, job);
		return;
	}
	if (left <= 0) {
		end_job(job);
		return;
	}
	job->done += chunk;
	disk_access(store->disk, disk_address(JOB_FILE, store->tail), chunk, next_chunk, job, 0, NULL);
	store->tail += (uint64_t)(2 * chunk); /* somewhere else next time */
}

/* ---- reads ---- */

/* The pages of a probe that are not in the cache, which are read now; 0: all are. */
static int64_t missing(struct lsmstore *store, const struct lsm_probe *probe, uint64_t *address)
{
	int64_t each = store->config.entries_per_page, pages = 0;
	for (int64_t page = probe->at / each; page <= probe->last / each; page++) {
		uint64_t key = probe->table << TABLE_BITS | (uint64_t)page;
		bool hit = cache_get(&store->cache, key, store->sim->now);
		booking_count(hit ? store->hits : store->misses, store->sim->now, 1);
		if (hit)
			continue;
		cache_put(&store->cache, key, store->sim->now);
		*address = pages++ == 0 ? disk_address(TABLE_FILE, rng_mix(key) >> 28) : *address;
	}
	return pages;
}

static void next_probe(struct sim *sim, void *self, uint64_t unused)
{
	struct read *read = self;
	struct lsmstore *store = read->store;
	(void)unused;
	while (read->probe < read->found.probes && read->probe < LSM_PROBES) {
		uint64_t address;
		int64_t pages = missing(store, &read->found.probe[read->probe++], &address);
		if (pages == 0)
			continue;
		if (store->merging > 0)
			journey_note(read->journey, sim->now, "store", -1, "merges under way:", store->merging);
		disk_access(store->disk, address, pages, next_probe, read, 0, read->journey);
		return;
	}
	sim_after(sim, store->config.lookup, read->done, read->subject, 0);
	freelist_give(&store->reads, read);
}

static struct lsmstore_answer answer_of(bool found, uint64_t entry, bool in_memory)
{
	return (struct lsmstore_answer){.known = found, .there = found && !lsm_deleted(entry),
					.value = found ? lsm_value(entry) : 0, .in_memory = in_memory};
}

struct lsmstore_answer lsmstore_look(const struct lsmstore *store, uint64_t key)
{
	const struct recent *recent = keymap_find(&store->recent, key);
	if (recent)
		return answer_of(true, recent->entry, true);
	struct lsm_read found = lsm_find(&store->lsm, key, store->rate);
	return answer_of(found.found, found.entry, false);
}

static struct read *new_read(struct lsmstore *store, sim_event_fn *done, void *subject, struct journey *const *journey)
{
	struct read *read = FREELIST_TAKE(&store->reads, &store->sim->arena, struct read);
	read->store = store;
	read->probe = 0;
	read->done = done;
	read->subject = subject;
	read->journey = journey;
	return read;
}

static struct lsmstore_answer begin_read(struct read *read)
{
	struct lsm_read *found = &read->found;
	struct lsmstore_answer answer = answer_of(found->found, found->entry, false);
	answer.runs = found->runs;
	answer.probes = found->probes;
	answer.rows = found->rows;
	next_probe(read->store->sim, read, 0);
	return answer;
}

struct lsmstore_answer lsmstore_get(struct lsmstore *store, uint64_t key, sim_event_fn *done, void *subject,
				    struct journey *const *journey)
{
	const struct recent *recent = keymap_find(&store->recent, key);
	if (recent) {
		sim_after(store->sim, store->config.lookup, done, subject, 0);
		return answer_of(true, recent->entry, true);
	}
	struct read *read = new_read(store, done, subject, journey);
	read->found = lsm_find(&store->lsm, key, store->rate);
	return begin_read(read);
}

struct lsmstore_answer lsmstore_scan(struct lsmstore *store, uint64_t key, int64_t wanted, sim_event_fn *done,
				     void *subject, struct journey *const *journey)
{
	struct read *read = new_read(store, done, subject, journey);
	read->found = lsm_scan(&store->lsm, key, wanted);
	return begin_read(read);
}

/* ---- faults ---- */

void lsmstore_hold(struct lsmstore *store, bool held)
{
	store->held = held;
	begin_merges(store);
}

int64_t lsmstore_crash(struct lsmstore *store, int64_t durable)
{
	int64_t again = 0, page = store->config.entries_per_page;
	*store->newest = store->present;
	struct lsmstore_memtable *lost = store->oldest;
	store->crashes++;
	for (; store->jobs; store->jobs = store->jobs->next) /* whom the disk comes back to */
		if (!store->jobs->flush)
			lsm_abandon(&store->jobs->merge);
	store->flushing = store->merging = 0;
	store->oldest = NULL;
	store->newest = &store->oldest;
	store->first = NULL;
	store->last = &store->first;
	store->waiting = 0;
	booking_level(store->queue, store->sim->now, 0);
	keymap_init(&store->recent, &store->sim->arena, sizeof(struct recent));
	cache_init(&store->cache, &store->sim->arena, store->config.cached, 0);
	store->taken = store->written;
	store->present = new_memtable(store);
	while (lost) {
		struct lsmstore_memtable *next = lost->next;
		for (int64_t i = 0; i < lost->count && lost->first + i <= durable; i++, again++) {
			if (is_full(store))
				seal(store);
			remember(store, lost->put[i]);
		}
		freelist_give(&store->memtables, lost);
		lost = next;
	}
	begin_merges(store);
	return (again + page - 1) / page;
}

void lsmstore_init(struct lsmstore *store, struct sim *sim, struct disk *disk, const struct lsmstore_config *config,
		   void (*takes)(struct lsmstore_put *put))
{
	CHECK(config->threads >= 1 && config->chunk >= 1 && config->waiting >= 1 && config->entries_per_page >= 1);
	*store = (struct lsmstore){.config = *config, .sim = sim, .disk = disk, .takes = takes};
	lsm_init(&store->lsm, &sim->arena, &config->tree);
	cache_init(&store->cache, &sim->arena, config->cached, 0);
	keymap_init(&store->recent, &sim->arena, sizeof(struct recent));
	store->present = new_memtable(store);
	store->last = &store->first;
	store->newest = &store->oldest;
	share_bits(store);
}
