/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Merges are of two sorted arrays at a time, from the oldest to the newest: where both have a key, the newer entry
 * stays. Arrays come in powers of two and are used again.
 */
#include "model/lsm.h"
#include "base/check.h"
#include "engine/rng.h"

#include <string.h>

static uint64_t first_key(const struct lsm_table *table)
{
	return lsm_key(table->entry[0]);
}

static uint64_t last_key(const struct lsm_table *table)
{
	return lsm_key(table->entry[table->count - 1]);
}

static bool overlap(const struct lsm_table *one, const struct lsm_table *other)
{
	return first_key(one) <= last_key(other) && first_key(other) <= last_key(one);
}

/* ---- tables and levels ---- */

static uint64_t *get_entries(struct lsm *lsm, int64_t count, int *size_class)
{
	*size_class = 3;
	while ((INT64_C(1) << *size_class) < count)
		++*size_class;
	CHECK(*size_class < LSM_CLASSES);
	return freelist_get(&lsm->entries[*size_class], lsm->arena, sizeof(uint64_t) << *size_class);
}

static struct lsm_table *new_table(struct lsm *lsm, const uint64_t *entry, int64_t count)
{
	struct lsm_table *table = FREELIST_TAKE(&lsm->table, lsm->arena, struct lsm_table);
	*table = (struct lsm_table){.count = count, .number = lsm->tables++};
	table->entry = get_entries(lsm, count, &table->size_class);
	memcpy(table->entry, entry, (size_t)count * sizeof(*entry));
	lsm->live += count;
	return table;
}

static void free_table(struct lsm *lsm, struct lsm_table *table)
{
	lsm->live -= table->count;
	freelist_give(&lsm->entries[table->size_class], table->entry);
	freelist_give(&lsm->table, table);
}

static void insert_table(struct lsm *lsm, int number, int at, struct lsm_table *table)
{
	struct lsm_level *level = &lsm->level[number];
	if (level->count == level->room) {
		struct lsm_table **old = level->table;
		level->room = level->room ? 2 * level->room : 16;
		level->table = ARENA_ARRAY(lsm->arena, (size_t)level->room, struct lsm_table *);
		if (old)
			memcpy(level->table, old, (size_t)level->count * sizeof(struct lsm_table *));
	}
	memmove(&level->table[at + 1], &level->table[at], (size_t)(level->count - at) * sizeof(struct lsm_table *));
	level->table[at] = table;
	level->count++;
	level->entries += table->count;
}

/* Where it was; -1: it is not in that level. */
static int remove_table(struct lsm_level *level, const struct lsm_table *table)
{
	int at = 0;
	while (at < level->count && level->table[at] != table)
		at++;
	if (at == level->count)
		return -1;
	level->entries -= table->count;
	level->count--;
	memmove(&level->table[at], &level->table[at + 1], (size_t)(level->count - at) * sizeof(struct lsm_table *));
	return at;
}

void lsm_init(struct lsm *lsm, struct arena *arena, const struct lsm_config *config)
{
	CHECK(config->memtable >= 1 && config->level1 >= 1 && config->file >= 1 && config->ratio >= 2);
	*lsm = (struct lsm){.config = *config, .arena = arena};
}

static void look_at_peak(struct lsm *lsm)
{
	lsm->peak = lsm->live > lsm->peak ? lsm->live : lsm->peak;
}

void lsm_flush(struct lsm *lsm, const uint64_t *entry, int64_t count)
{
	CHECK(count >= 1);
	insert_table(lsm, 0, 0, new_table(lsm, entry, count));
	lsm->flushed += count;
	look_at_peak(lsm);
}

/* ---- policies ---- */

static void begin(struct lsm_job *job, int from, int to)
{
	job->from = from;
	job->to = to;
	job->drop = job->move = false;
	job->inputs = 0;
	job->entries = 0;
}

static bool add(struct lsm_job *job, struct lsm_table *table)
{
	if (table->busy || job->inputs == LSM_INPUTS)
		return false;
	job->input[job->inputs++] = table;
	job->entries += table->count;
	return true;
}

static bool add_all(struct lsm_job *job, const struct lsm_level *level)
{
	for (int i = 0; i < level->count; i++)
		if (!add(job, level->table[i]))
			return false;
	return true;
}

static int64_t capacity(const struct lsm *lsm, int level)
{
	int64_t entries = lsm->config.memtable * lsm->config.level1;
	while (--level > 0 && entries < INT64_MAX / lsm->config.ratio) /* what is more is never full */
		entries *= lsm->config.ratio;
	return entries;
}

/* The deepest level that things go down from. */
static int deepest(const struct lsm *lsm)
{
	return lsm->config.last > 0 && lsm->config.last < LSM_LEVELS ? lsm->config.last - 1 : LSM_LEVELS - 2;
}

/* Whether less than half of what comes next would fit: keys that come twice must not make room for one more. */
static bool is_full(const struct lsm *lsm, int level)
{
	int64_t room = capacity(lsm, level), next = room / lsm->config.ratio;
	return lsm->level[level].entries + next / 2 >= room;
}

/* Whole levels, the deepest that is full first. */
static bool pick_leveled(const struct lsm *lsm, struct lsm_job *job)
{
	for (int level = deepest(lsm); level >= 0; level--) {
		const struct lsm_level *from = &lsm->level[level];
		bool full = level == 0 ? from->count >= lsm->config.flushes : is_full(lsm, level);
		begin(job, level, level + 1);
		if (full && add_all(job, from) && add_all(job, &lsm->level[level + 1]))
			return true;
	}
	return false;
}

static bool add_overlapping(struct lsm_job *job, const struct lsm_level *level)
{
	int above = job->inputs;
	for (int i = 0; i < level->count; i++)
		for (int j = 0; j < above; j++)
			if (overlap(level->table[i], job->input[j])) {
				if (!add(job, level->table[i]))
					return false;
				break;
			}
	return true;
}

static struct lsm_table *next_in_turn(const struct lsm_level *level)
{
	for (int i = 0; i < level->count; i++)
		if (first_key(level->table[i]) > level->after)
			return level->table[i];
	return level->table[0];
}

static bool pick_files(const struct lsm *lsm, struct lsm_job *job)
{
	for (int level = deepest(lsm); level >= 1; level--) {
		const struct lsm_level *from = &lsm->level[level];
		begin(job, level, level + 1);
		if (from->entries > capacity(lsm, level) && add(job, next_in_turn(from)) &&
		    add_overlapping(job, &lsm->level[level + 1])) {
			job->move = lsm->config.moves && job->inputs == 1;
			return true;
		}
	}
	begin(job, 0, 1);
	if (lsm->level[0].count < lsm->config.flushes || !add_all(job, &lsm->level[0]) ||
	    !add_overlapping(job, &lsm->level[1]))
		return false;
	job->move = lsm->config.moves && job->inputs == 1;
	return true;
}

static bool pick_tiered(const struct lsm *lsm, struct lsm_job *job)
{
	for (int level = deepest(lsm); level >= 0; level--) {
		begin(job, level, level + 1);
		if (lsm->level[level].count >= lsm->config.ratio && add_all(job, &lsm->level[level]))
			return true;
	}
	return false;
}

/* The last level takes in what comes, until it would be too large: then it is the last but one. */
static bool pick_lazy(const struct lsm *lsm, struct lsm_job *job)
{
	int last = lsm_last(lsm);
	for (int level = LSM_LEVELS - 2; level >= 0; level--) {
		const struct lsm_level *from = &lsm->level[level];
		bool full = level == last && level > 0 ? from->entries >= capacity(lsm, level + 1)
						       : from->count >= lsm->config.ratio;
		begin(job, level, level + 1);
		if (full && add_all(job, from) && (level + 1 != last || add_all(job, &lsm->level[last])))
			return true;
	}
	return false;
}

enum { UNIVERSAL_AMPLIFICATION = 200, UNIVERSAL_RATIO = 1, UNIVERSAL_LEAST = 2 }; /* percent, percent, runs */

static bool pick_universal(const struct lsm *lsm, struct lsm_job *job)
{
	const struct lsm_level *runs = &lsm->level[0];
	if (runs->count < lsm->config.most_runs)
		return false;
	int64_t last = runs->table[runs->count - 1]->count, before = 0;
	int take = runs->count;
	if ((runs->entries - last) * 100 < UNIVERSAL_AMPLIFICATION * last)
		for (int i = 0; i + 1 < runs->count; i++) {
			before += runs->table[i]->count;
			if (i + 1 >= UNIVERSAL_LEAST &&
			    runs->table[i + 1]->count * 100 > (100 + UNIVERSAL_RATIO) * before) {
				take = i + 1;
				break;
			}
		}
	begin(job, 0, 0);
	for (int i = 0; i < take; i++)
		if (!add(job, runs->table[i]))
			return false;
	return true;
}

static bool pick_fifo(const struct lsm *lsm, struct lsm_job *job)
{
	const struct lsm_level *runs = &lsm->level[0];
	begin(job, 0, 0);
	job->drop = true;
	return runs->count > 1 && runs->entries > lsm->config.most && add(job, runs->table[runs->count - 1]);
}

static const struct lsm_policy leveled = {"leveled", "a full level is merged with the next as a whole", true,
					  pick_leveled};
static const struct lsm_policy files = {"files", "file by file of a level is merged with the next", true, pick_files};
static const struct lsm_policy tiered = {"tiered", "runs of a level are merged into one of the next", false,
					 pick_tiered};
static const struct lsm_policy lazy = {"lazy", "tiered, but for the last level", false, pick_lazy};
static const struct lsm_policy universal = {"universal", "the newest runs of like size are merged", false,
					    pick_universal};
static const struct lsm_policy fifo = {"fifo", "the oldest goes", false, pick_fifo};
const struct lsm_policy *const lsm_policies[] = {&leveled, &files, &tiered, &lazy, &universal, &fifo, NULL};
const char *const lsm_names[] = {"leveled", "files", "tiered", "lazy", "universal", "fifo", NULL};

bool lsm_pick(struct lsm *lsm, struct lsm_job *job)
{
	if (!lsm->config.policy->pick(lsm, job))
		return false;
	for (int i = 0; i < job->inputs; i++)
		job->input[i]->busy = true;
	return true;
}

/* ---- merging ---- */

static int64_t merge(const uint64_t *newer, int64_t count, const uint64_t *older, int64_t older_count, uint64_t *into)
{
	int64_t i = 0, j = 0, n = 0;
	while (i < count && j < older_count) {
		uint64_t one = lsm_key(newer[i]), other = lsm_key(older[j]);
		into[n++] = one <= other ? newer[i] : older[j];
		i += one <= other;
		j += other <= one;
	}
	memcpy(&into[n], &newer[i], (size_t)(count - i) * sizeof(*into));
	n += count - i;
	memcpy(&into[n], &older[j], (size_t)(older_count - j) * sizeof(*into));
	return n + older_count - j;
}

/* Whether nothing older than the inputs can be left: what they delete need not be told any more. */
static bool is_last(const struct lsm *lsm, const struct lsm_job *job)
{
	int64_t older = 0, within = 0;
	for (int level = job->to; level < LSM_LEVELS; level++)
		older += lsm->level[level].entries;
	for (int i = 0; i < job->inputs; i++)
		for (int at = 0; at < lsm->level[job->to].count; at++)
			within += lsm->level[job->to].table[at] == job->input[i] ? job->input[i]->count : 0;
	if (older == within)
		return true;
	if (!lsm->config.policy->one_run)
		return false;
	for (int level = job->to + 1; level < LSM_LEVELS; level++)
		if (lsm->level[level].count > 0)
			return false;
	return true;
}

static int place_by_key(const struct lsm_level *level, uint64_t key)
{
	int at = 0;
	while (at < level->count && first_key(level->table[at]) < key)
		at++;
	return at;
}

static void put_output(struct lsm *lsm, const struct lsm_job *job, const uint64_t *entry, int64_t count, int at)
{
	/* Files are of equal size, as near to what they should be as can be: no crumbs are left. */
	int64_t pieces = lsm->config.policy == &files ? (count + lsm->config.file / 2) / lsm->config.file : 1;
	pieces = pieces < 1 ? 1 : pieces;
	for (int64_t piece = 0; piece < pieces && count > 0; piece++) {
		int64_t from = count * piece / pieces;
		struct lsm_table *table = new_table(lsm, &entry[from], count * (piece + 1) / pieces - from);
		int place = lsm->config.policy->one_run ? place_by_key(&lsm->level[job->to], first_key(table)) : at;
		insert_table(lsm, job->to, place, table);
	}
}

void lsm_abandon(struct lsm_job *job)
{
	for (int i = 0; i < job->inputs; i++)
		job->input[i]->busy = false;
}

static int64_t move(struct lsm *lsm, const struct lsm_job *job)
{
	struct lsm_table *table = job->input[0];
	table->busy = false;
	remove_table(&lsm->level[job->from], table);
	insert_table(lsm, job->to, place_by_key(&lsm->level[job->to], first_key(table)), table);
	return 0;
}

int64_t lsm_apply(struct lsm *lsm, struct lsm_job *job)
{
	if (job->from > 0 && job->inputs > 0)
		lsm->level[job->from].after = last_key(job->input[0]);
	if (job->move)
		return move(lsm, job);
	int class_one, class_other;
	uint64_t *one = get_entries(lsm, job->entries, &class_one),
		 *other = get_entries(lsm, job->entries, &class_other);
	int64_t count = 0, inputs = 0;
	bool last = !job->drop && is_last(lsm, job);
	for (int i = job->inputs - 1; i >= 0 && !job->drop; i--) {
		count = merge(job->input[i]->entry, job->input[i]->count, one, count, other);
		uint64_t *swap = one;
		one = other;
		other = swap;
	}
	if (last) {
		int64_t kept = 0;
		for (int64_t i = 0; i < count; i++)
			if (!lsm_deleted(one[i]))
				one[kept++] = one[i];
		count = kept;
	}
	if (lsm->live + count > lsm->peak)
		lsm->peak = lsm->live + count; /* inputs are held until the output is whole */
	int at = 0;
	for (int i = 0; i < job->inputs; i++) {
		int where = remove_table(&lsm->level[job->from], job->input[i]);
		if (where < 0)
			where = remove_table(&lsm->level[job->to], job->input[i]);
		at = i == 0 && job->from == job->to ? where : at;
		inputs += job->input[i]->count;
		free_table(lsm, job->input[i]);
	}
	CHECK(inputs == job->entries);
	put_output(lsm, job, one, count, at);
	lsm->written += count;
	freelist_give(&lsm->entries[class_one], one);
	freelist_give(&lsm->entries[class_one], other);
	CHECK(class_one == class_other);
	return count;
}

void lsm_settle(struct lsm *lsm)
{
	struct lsm_job job;
	while (lsm_pick(lsm, &job))
		lsm_apply(lsm, &job);
}

/* ---- reading ---- */

/* The first entry that is not before the key. */
static int64_t look(const struct lsm_table *table, uint64_t key)
{
	int64_t low = 0, high = table->count;
	while (low < high) {
		int64_t middle = (low + high) / 2;
		if (lsm_key(table->entry[middle]) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Its probes are not touched: they are many. */
static void open_read(struct lsm_read *read)
{
	read->found = false;
	read->entry = 0;
	read->runs = read->probes = 0;
	read->rows = 0;
}

static void add_probe(struct lsm_read *read, const struct lsm_table *table, int64_t at, int64_t last)
{
	if (read->probes < LSM_PROBES)
		read->probe[read->probes] = (struct lsm_probe){table->number, at, last};
	read->probes++;
}

struct lsm_read lsm_find(const struct lsm *lsm, uint64_t key, const double *rate)
{
	struct lsm_read read;
	open_read(&read);
	for (int level = 0; level < LSM_LEVELS; level++)
		for (int i = 0; i < lsm->level[level].count; i++) {
			const struct lsm_table *table = lsm->level[level].table[i];
			if (key < first_key(table) || key > last_key(table))
				continue;
			read.runs++;
			struct rng rng = rng_seed(rng_mix(key) ^ rng_mix(table->number + 1));
			int64_t at = look(table, key);
			read.found = lsm_key(table->entry[at]) == key;
			if (!read.found && rng_unit(&rng) >= rate[level])
				continue;
			add_probe(&read, table, at, at);
			if (read.found) {
				read.entry = table->entry[at];
				return read;
			}
		}
	return read;
}

/* Where a scan is in a run: in which of its tables, and there at which entry. */
struct cursor {
	const struct lsm_level *level;
	int table, last; /* present; the last of the run */
	int64_t begin, at;
};

static bool is_over(const struct cursor *cursor)
{
	return cursor->table > cursor->last;
}

static uint64_t entry_at(const struct cursor *cursor)
{
	return cursor->level->table[cursor->table]->entry[cursor->at];
}

static void step(struct cursor *cursor, struct lsm_read *read)
{
	const struct lsm_table *table = cursor->level->table[cursor->table];
	if (++cursor->at < table->count)
		return;
	add_probe(read, table, cursor->begin, table->count - 1);
	cursor->table++;
	cursor->begin = cursor->at = 0;
}

/* A run whose tables are those from `table` to `last`; false: all of it lies before the key. */
static bool enter(struct cursor *cursor, const struct lsm_level *level, int table, int last, uint64_t key)
{
	while (table <= last && last_key(level->table[table]) < key)
		table++;
	*cursor = (struct cursor){.level = level, .table = table, .last = last};
	if (table <= last)
		cursor->begin = cursor->at = look(level->table[table], key);
	return table <= last;
}

struct lsm_read lsm_scan(const struct lsm *lsm, uint64_t key, int64_t wanted)
{
	struct lsm_read read;
	struct cursor cursor[LSM_INPUTS];
	int cursors = 0;
	open_read(&read);
	for (int number = 0; number < LSM_LEVELS; number++) {
		const struct lsm_level *level = &lsm->level[number];
		int each = number > 0 && lsm->config.policy->one_run ? level->count : 1; /* tables of a run */
		for (int i = 0; i < level->count && cursors < LSM_INPUTS; i += each)
			cursors += enter(&cursor[cursors], level, i, i + each - 1, key);
	}
	read.runs = cursors;
	while (read.rows < wanted) {
		const struct cursor *least = NULL; /* of equal ones the newest, which comes first */
		for (int i = 0; i < cursors; i++)
			if (!is_over(&cursor[i]) &&
			    (!least || lsm_key(entry_at(&cursor[i])) < lsm_key(entry_at(least))))
				least = &cursor[i];
		if (!least)
			break;
		uint64_t entry = entry_at(least);
		read.rows += !lsm_deleted(entry);
		for (int i = 0; i < cursors; i++)
			if (!is_over(&cursor[i]) && lsm_key(entry_at(&cursor[i])) == lsm_key(entry))
				step(&cursor[i], &read);
	}
	/* It has to see of each run that nothing of it comes sooner. */
	for (int i = 0; i < cursors; i++)
		if (!is_over(&cursor[i]))
			add_probe(&read, cursor[i].level->table[cursor[i].table], cursor[i].begin, cursor[i].at);
	return read;
}

int lsm_runs(const struct lsm *lsm)
{
	int runs = lsm->level[0].count;
	for (int level = 1; level < LSM_LEVELS; level++)
		runs += lsm->config.policy->one_run ? lsm->level[level].count > 0 : lsm->level[level].count;
	return runs;
}

int lsm_last(const struct lsm *lsm)
{
	int last = LSM_LEVELS - 1;
	while (last > 0 && lsm->level[last].count == 0)
		last--;
	return last;
}

bool lsm_sound(const struct lsm *lsm)
{
	int64_t live = 0;
	for (int number = 0; number < LSM_LEVELS; number++) {
		const struct lsm_level *level = &lsm->level[number];
		int64_t entries = 0;
		for (int i = 0; i < level->count; i++) {
			const struct lsm_table *table = level->table[i];
			entries += table->count;
			for (int64_t k = 1; k < table->count; k++)
				if (lsm_key(table->entry[k - 1]) >= lsm_key(table->entry[k]))
					return false;
			if (number > 0 && i > 0 && lsm->config.policy->one_run &&
			    last_key(level->table[i - 1]) >= first_key(table))
				return false;
		}
		live += entries;
		if (entries != level->entries)
			return false;
	}
	return live == lsm->live;
}
