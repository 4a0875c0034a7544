/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An LSM tree (model/lsm.h) on a disk, as a store runs it.
 *
 * What is put goes into a memtable; one that is full becomes a table of level 0, and tables are merged, some jobs at a
 * time. Jobs read and write chunk by chunk, in the same queue of the disk as everybody else. Puts wait when memtables
 * wait to be written, or level 0 has `stop` tables (a stall); when it has `slow` of them they are let in one by one,
 * `pace` apart. They keep their order.
 *
 * A get looks into memory, and then, newest first, into each table whose filter lets it, a page each; a range reads its
 * part of every run. Pages of tables are kept in a cache; those of a table that has been merged are never asked for
 * again. Filters and the first key of each page are in memory.
 *
 * A crash leaves tables, and of what was put after them what the log has (model/log.h, which is the owner's). Puts are
 * numbered from 1, as the log's entries are.
 */
#ifndef MODEL_LSMSTORE_H
#define MODEL_LSMSTORE_H

#include "model/cache.h"
#include "model/disk.h"
#include "model/keymap.h"
#include "model/lsm.h"

struct lsmstore_config {
	struct lsm_config tree;
	int64_t entries_per_page, cached; /* pages of tables that are kept in memory, >= 1 */
	int64_t threads, chunk;    /* merges at a time; pages that a job reads or writes at a time */
	int64_t waiting;           /* memtables that may wait to be written, >= 1 */
	int64_t slow, stop, pace;  /* tables of level 0, tables of level 0, ns */
	double bits;               /* of filters, for each entry */
	bool optimal;              /* shared out among runs (model/bloom.h); else each entry has as many */
	int64_t lookup;            /* ns to find something in memory */
};

/* Whoever puts embeds one, until it is taken or gone. */
struct lsmstore_put {
	struct lsmstore_put *next;
	uint64_t key;
	unsigned value;            /* see lsm_entry */
	bool deleted;
	int64_t number;            /* once it is taken */
	struct journey *const *journey; /* as for pools */
};

/* What the store has. */
struct lsmstore_answer {
	bool known, there;    /* something was put, or deleted; and it is there */
	unsigned value;       /* of what was put; see lsm_entry */
	bool in_memory;       /* a memtable told */
	int runs, probes;     /* tables about what is wanted; those that were looked into, after their filter */
	int64_t rows;         /* of a scan: keys that are there */
};

struct lsmstore_job;
struct lsmstore_memtable;

struct lsmstore {
	struct lsmstore_config config;
	struct sim *sim;
	struct disk *disk;
	struct lsm lsm;
	struct cache cache;
	struct keymap recent;      /* of keys in memtables: the latest put */
	struct lsmstore_memtable *present, *oldest, **newest; /* oldest, newest: full ones */
	int flushing, merging;     /* memtables that are not yet written; jobs */
	struct lsmstore_job *jobs; /* under way */
	int64_t taken, written;    /* puts so far; those up to here are in tables */
	bool held;                 /* no merge begins */
	double rate[LSM_LEVELS];   /* what filters of a level let through */
	struct lsmstore_put *first, **last; /* that wait */
	int64_t waiting;
	int64_t next;              /* ns: no slowed put before */
	bool woken;                /* somebody will look at them then */
	uint64_t crashes, tail;    /* tail: where the next chunk is written */
	struct freelist jobs_free, memtables, reads;
	/* Of the owner. */
	void (*takes)(struct lsmstore_put *put); /* it is in the memtable */
	void (*changed)(struct lsmstore *store); /* a job has ended; may be NULL */
	void *owner;
	struct booking flushed, merged; /* COUNT, of entries that were written */
	struct booking stalled, slowed; /* COUNT, of puts that had to wait */
	struct booking queue;           /* LEVEL, of puts that wait */
	struct booking hits, misses;    /* COUNT, of pages */
};

/* Bookings, `changed` and `owner` are given afterwards. */
void lsmstore_init(struct lsmstore *store, struct sim *sim, struct disk *disk, const struct lsmstore_config *config,
		   void (*takes)(struct lsmstore_put *put));

/* Something is put, or deleted; takes(put) now or later. */
void lsmstore_put(struct lsmstore *store, struct lsmstore_put *put);

/* What the store has for the key. No page is read for it. */
struct lsmstore_answer lsmstore_look(const struct lsmstore *store, uint64_t key);

/*
 * A get, or a scan of the `wanted` > 0 next keys that are there, which goes through tables only. What is there is known
 * at once; done(sim, subject, 0) fires when all pages have been read. `journey` as for pools.
 */
struct lsmstore_answer lsmstore_get(struct lsmstore *store, uint64_t key, sim_event_fn *done, void *subject,
				    struct journey *const *journey);
struct lsmstore_answer lsmstore_scan(struct lsmstore *store, uint64_t key, int64_t wanted, sim_event_fn *done,
				     void *subject, struct journey *const *journey);

/* No merge begins, or again. */
void lsmstore_hold(struct lsmstore *store, bool held);

/*
 * Memory is lost, jobs under way come to nothing, puts that wait are never taken. What the log has, puts up to number
 * `durable`, is put anew under the same numbers; the next put is the one after these and after what is in tables.
 * Returns how many pages of the log that took.
 */
int64_t lsmstore_crash(struct lsmstore *store, int64_t durable);

#endif
