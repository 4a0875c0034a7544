/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table whose rows are kept in versions, so that who reads need not wait for who writes (D. Reed, 1978; P. Bernstein,
 * N. Goodman, Multiversion concurrency control, ACM TODS 8(4), 1983): a write puts a new version on top of its row, and
 * who has an older snapshot goes on reading the one below.
 *
 * Commits are numbered 1, 2, 3. A snapshot sees all that were made before it was taken, and nothing else: of each row
 * the newest version whose commit it sees, or the reader's own. What was there at first counts as commit 0.
 *
 * A version is dead when a newer one of its row has been committed, or its writer has aborted. Dead ones stay until
 * they are vacuumed, and that may take away only what no snapshot sees any more: everything that was replaced before
 * the oldest snapshot (as PostgreSQL does), or every single version that no snapshot falls into the life of (as HANA
 * does: J. Lee et al., Hybrid garbage collection for multi-version concurrency control in SAP HANA, SIGMOD 2016).
 */
#ifndef MODEL_ROWSTORE_H
#define MODEL_ROWSTORE_H

#include "base/freelist.h"
#include "engine/meter.h"

#include <stdbool.h>
#include <stdint.h>

struct rowstore_version;

/* Embedded by who reads; zeroed before it is taken for the first time. */
struct rowstore_snapshot {
	struct rowstore_snapshot *older, *newer;
	uint64_t sees; /* the last commit that it sees */
	bool taken;
};

/* The versions that a transaction has made. Zeroed but for `writer`, which is not 0 and is nobody else's who lives. */
struct rowstore_writes {
	uint64_t writer;
	int64_t rows;
	struct rowstore_version *first, *last;
};

/* What a read finds. */
struct rowstore_found {
	uint64_t writer;    /* who wrote it; 0: it was there at first */
	uint64_t committed; /* by which commit; ROWSTORE_PENDING: it has not been */
	int64_t value;
	int64_t passed;     /* newer versions that were looked at before */
};

#define ROWSTORE_PENDING (UINT64_MAX - 1)

struct rowstore {
	struct arena *arena;
	struct rowstore_version **newest; /* by row; NULL: only what was there at first */
	int64_t rows, initial;
	uint64_t commits;                 /* so far */
	struct rowstore_snapshot *oldest, *latest;
	struct rowstore_version *first_replaced, *last_replaced, *aborted; /* dead; by the commit that replaced them */
	int64_t versions, dead, most;     /* that are there, rows included; of these, dead; the most there were */
	struct freelist gone;
	/* Given by the owner: LEVEL of versions and of dead ones. */
	struct booking versions_booking, dead_booking;
};

/* Rows 0 ... rows - 1, each with the value `initial`. */
void rowstore_init(struct rowstore *store, struct arena *arena, int64_t rows, int64_t initial);

/* A snapshot of now; one that was taken before is given up for it. */
void rowstore_take(struct rowstore *store, struct rowstore_snapshot *snapshot);

/* No effect when it was not taken. */
void rowstore_drop(struct rowstore *store, struct rowstore_snapshot *snapshot);

/* What the oldest snapshot sees; without one, all commits. What was replaced by then, nobody sees. */
uint64_t rowstore_horizon(const struct rowstore *store);

/* The row as of commit `sees` (store->commits: as it is now), or as `reader` has written it itself. */
struct rowstore_found rowstore_read(const struct rowstore *store, uint64_t row, uint64_t sees, uint64_t reader);

/* The newest version, whether or not it is committed. */
struct rowstore_found rowstore_top(const struct rowstore *store, uint64_t row);

/*
 * A new version on top, not committed; one of its own is written over. Nobody else has one there that is not committed
 * either: the caller sees to that.
 */
void rowstore_write(struct rowstore *store, struct rowstore_writes *writes, uint64_t row, int64_t value, int64_t now);

/* The transaction ends; `writes` is empty then. Commit returns its number, which is 0 when it has written nothing. */
uint64_t rowstore_commit(struct rowstore *store, struct rowstore_writes *writes, int64_t now);
void rowstore_abort(struct rowstore *store, struct rowstore_writes *writes, int64_t now);

/*
 * Takes away dead versions: those of writers that aborted, and those replaced up to commit `horizon`, which is at most
 * rowstore_horizon. Returns how many.
 */
int64_t rowstore_vacuum(struct rowstore *store, uint64_t horizon, int64_t now);

/* The same, and also all others that were replaced up to commit `until` and that no snapshot sees. */
int64_t rowstore_vacuum_each(struct rowstore *store, uint64_t until, int64_t now);

#endif
