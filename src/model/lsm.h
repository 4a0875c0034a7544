/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A log-structured merge tree (O'Neil et al., Acta Informatica 33, 1996): sorted tables of real keys in levels, and the
 * policy that says which of them are merged next. What is newer hides what is older; a deletion is an entry too, until
 * it reaches the last level.
 *
 *   leveled    a level is one run, and is merged as a whole with the next when it is full
 *   files      a level is one run of files; one of them at a time, in turn, is merged with those of the next level that
 *              it overlaps, when there are too many
 *   tiered     a level is as many runs as the size ratio, which are then merged into one of the next level
 *   lazy       tiered, but the last level is one run
 *   universal  all runs are in one level; when they are too many, the newest few that are of like size are merged
 *   fifo       nothing is merged; when there is too much the oldest goes
 *
 * The owner pays: lsm_pick gives a job, its entries are read and written, and lsm_apply makes it so. Jobs whose inputs
 * differ may be under way together. What a level can hold is counted in entries: level 1 `level1` memtables, each
 * further one the size ratio times as much. Reads count what they look into after the filter; of a range no filter
 * knows anything.
 *
 * To add a policy: a struct lsm_policy and its place in lsm_policies; tests/t-lsmtree.c loops over these.
 */
#ifndef MODEL_LSM_H
#define MODEL_LSM_H

#include "base/arena.h"
#include "base/freelist.h"

#include <stdbool.h>
#include <stdint.h>

enum { LSM_LEVELS = 12, LSM_CLASSES = 48, LSM_PROBES = 64, LSM_INPUTS = 1024, LSM_VALUES = 128 };

/*
 * An entry: its key, < 2^56; what was put there, of which a tree keeps the number modulo LSM_VALUES; and whether that
 * is that the key was deleted.
 */
static inline uint64_t lsm_entry(uint64_t key, unsigned value, bool deleted)
{
	return key << 8 | (value % LSM_VALUES) << 1 | deleted;
}

static inline uint64_t lsm_key(uint64_t entry)
{
	return entry >> 8;
}

static inline unsigned lsm_value(uint64_t entry)
{
	return entry >> 1 & (LSM_VALUES - 1);
}

static inline bool lsm_deleted(uint64_t entry)
{
	return entry & 1;
}

struct lsm_table {
	int64_t count;
	uint64_t *entry;   /* in order of keys, each once */
	uint64_t number;   /* of all tables there have been */
	int size_class;
	bool busy;         /* an input of a job that is under way */
};

struct lsm_level {
	struct lsm_table **table; /* newest first; of one run: in order of keys */
	int count, room;
	int64_t entries;
	uint64_t after;    /* files: the key after which the next in turn begins */
};

struct lsm;
struct lsm_job;

struct lsm_policy {
	const char *name, *about;
	bool one_run;      /* levels from 1 on are a run of tables in order of keys */
	bool (*pick)(const struct lsm *lsm, struct lsm_job *job);
};

struct lsm_config {
	const struct lsm_policy *policy;
	int64_t memtable, level1, file; /* entries; memtables that level 1 holds; entries of a file */
	int ratio;         /* of sizes of levels; >= 2 */
	int flushes;       /* leveled, files: flushes that are merged into level 1 together; >= 1 */
	bool moves;        /* files: one that overlaps nothing of the next level goes there as it is */
	int last; /* the greatest level, which may hold any number of entries; 0: there are as many as are needed */
	int most_runs;     /* universal: so many runs are too many; >= 2 */
	int64_t most;      /* fifo: entries that are kept */
};

struct lsm {
	struct lsm_config config;
	struct arena *arena;
	struct lsm_level level[LSM_LEVELS];
	struct freelist table, entries[LSM_CLASSES];
	uint64_t tables;
	int64_t flushed, written; /* entries so far: by flushes, by merges */
	int64_t live, peak; /* entries in tables; the most of them, inputs of a merge beside its output included */
};

/* Tables from `from` are merged into level `to`. In order: what is newer comes first. */
struct lsm_job {
	int from, to;
	bool drop;         /* fifo: the inputs go */
	bool move;         /* its one input goes down as it is: nothing is read or written */
	int inputs;
	struct lsm_table *input[LSM_INPUTS];
	int64_t entries;   /* of all inputs */
};

struct lsm_read {
	bool found;
	uint64_t entry;    /* when found; it may say that the key was deleted */
	int runs;          /* tables whose keys are about what is wanted */
	int probes;        /* of these, tables that were looked into: their filter said "perhaps" */
	int64_t rows;      /* of a range: keys that are there */
	/* Where the first LSM_PROBES of them looked: the table's number, and the first and last entry that are read. */
	struct lsm_probe {
		uint64_t table;
		int64_t at, last;
	} probe[LSM_PROBES];
};

/* All policies, and their names; both end with NULL. */
extern const struct lsm_policy *const lsm_policies[];
extern const char *const lsm_names[];

void lsm_init(struct lsm *lsm, struct arena *arena, const struct lsm_config *config);

/* A memtable becomes the newest table of level 0: `count` entries in order of keys, each key once. They are copied. */
void lsm_flush(struct lsm *lsm, const uint64_t *entry, int64_t count);

/* The next merge that is due, whose inputs are busy from now on. False: none is, or it waits for one under way. */
bool lsm_pick(struct lsm *lsm, struct lsm_job *job);

/* The job is done. Returns how many entries were written. */
int64_t lsm_apply(struct lsm *lsm, struct lsm_job *job);

/* The job will never be done: its inputs stay, and are not busy any more. */
void lsm_abandon(struct lsm_job *job);

/* All merges that are due, at once. */
void lsm_settle(struct lsm *lsm);

/*
 * Looks for a key in all tables, newest first. `rate[level]` is the share of absent keys that filters of a level let
 * through; whether this key passes that of this table is drawn from both, and so is the same each time.
 */
struct lsm_read lsm_find(const struct lsm *lsm, uint64_t key, const double *rate);

/*
 * Reads the first `wanted` >= 1 keys from `key` on that are there. In each run it looks at all entries up to the last
 * of these: what is hidden or deleted is read too.
 */
struct lsm_read lsm_scan(const struct lsm *lsm, uint64_t key, int64_t wanted);

/* Runs that there are: tables of level 0, and of each further level its tables, or one where these are one run. */
int lsm_runs(const struct lsm *lsm);

/* The greatest level that has entries. */
int lsm_last(const struct lsm *lsm);

/* Whether tables are in order, and levels of one run without overlaps. For tests. */
bool lsm_sound(const struct lsm *lsm);

#endif
