/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An observer of transactions: sees, in true time, which version of a row each of them read and which rows it wrote,
 * and judges at each commit whether all that have committed could have come one after the other. It watches only, and
 * takes nobody's word: versions of a row follow one another in the order in which their writers committed.
 *
 * The history is serializable exactly when the graph of dependencies has no circle (A. Adya, Weak consistency, MIT
 * 1999): who reads a version comes after its writer (wr), who writes the next one after the writer of the one before
 * (ww), and who has read a version before the writer of the next one (rw). Each new circle goes through the transaction
 * that commits; what it finds is told, and that transaction is then left out of the graph, so that one anomaly is not
 * counted again at each that follows.
 *
 * A transaction is forgotten when nothing can come before it any more: everybody who was active when it committed has
 * ended, and all that come before it are forgotten. So memory grows with what is concurrent, not with the history.
 */
#ifndef MODEL_SERIAL_H
#define MODEL_SERIAL_H

#include "base/check.h"
#include "base/freelist.h"

#include <stdbool.h>
#include <stdint.h>

struct serial_node;
struct serial_version;

/* Something that a transaction did: it read what `writer` wrote, 0: what was there at first; or it wrote. */
struct serial_step {
	struct serial_step *next;
	uint64_t row, writer;
	bool write, dirty;
};

/* A transaction that is active. Embedded by its owner, and zeroed before it begins for the first time. */
struct serial_transaction {
	struct serial_transaction *older, *newer;
	struct serial_step *first, *last;
	uint64_t id;    /* not 0, and no two share one */
	uint64_t began; /* commits before it began */
};

/* What is wrong with a transaction that has committed. */
enum serial_verdict {
	SERIAL_FINE,
	SERIAL_IMPOSSIBLE,   /* it read a version that was never there, or was replaced before it began */
	SERIAL_DIRTY_READ,   /* it read what was not committed then */
	SERIAL_LOST_UPDATE,  /* it wrote over a version that it had not read, of a row that it had read */
	SERIAL_READ_SKEW,    /* a circle with one rw at most: it saw part of what another one did */
	SERIAL_WRITE_SKEW    /* a circle with several rw: each read what another one wrote over */
};

struct serial {
	struct arena *arena;
	struct serial_version **newest; /* by row */
	uint64_t rows, commits, searches;
	struct serial_transaction *oldest, *latest;
	struct serial_node *first, *last; /* not settled: somebody who was active at their commit still is */
	int64_t remembered;               /* transactions in the graph */
	struct freelist steps, nodes, versions, reads;
};

void serial_init(struct serial *serial, struct arena *arena, int64_t rows);

void serial_begin(struct serial *serial, struct serial_transaction *transaction, uint64_t id);

/* It reads a version that `writer` made, which had been committed by then or not. Its own versions are not told. */
void serial_read(struct serial *serial, struct serial_transaction *transaction, uint64_t row, uint64_t writer,
		 bool committed);
void serial_write(struct serial *serial, struct serial_transaction *transaction, uint64_t row);

/* It has ended. The first in the order of enum serial_verdict of what is wrong. */
enum serial_verdict serial_commit(struct serial *serial, struct serial_transaction *transaction);
void serial_abort(struct serial *serial, struct serial_transaction *transaction);

#endif
