/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serializable snapshot isolation: who must abort so that transactions that read from snapshots behave as if they came
 * one after the other (M. Cahill, U. Roehm, A. Fekete, SIGMOD 2008; D. Ports, K. Grittner, Serializable Snapshot
 * Isolation in PostgreSQL, PVLDB 5(12), 2012).
 *
 * When a transaction reads a row of which a concurrent one writes a newer version, it has to come before that one: a
 * conflict, reader -> writer. Each history that cannot be put in order holds two of them in a row, A -> B -> C, where C
 * is the first of the three to commit (and, when A only reads, commits before A's snapshot). So what was read is
 * remembered as long as somebody concurrent lives, and whoever would complete such a pair aborts, or makes B abort.
 * Some that abort would have done no harm: circles are not looked for.
 *
 * First updater wins is not its business: two concurrent transactions that write the same row are kept apart before.
 */
#ifndef MODEL_SSI_H
#define MODEL_SSI_H

#include "base/check.h"
#include "base/freelist.h"

#include <stdbool.h>
#include <stdint.h>

struct ssi_use;
struct ssi_conflict;

/* A transaction, from its snapshot until nobody concurrent with it lives. Its owner reads `doomed` only. */
struct ssi_transaction {
	bool doomed;                     /* it must abort, whatever it does next */
	bool read_only;
	uint64_t sees, committed;        /* commits are numbered; committed 0: it has not */
	uint64_t first_out;              /* the first commit of those it conflicts with as a reader; 0: none has */
	struct ssi_use *uses;
	struct ssi_conflict *out, *in;   /* as the reader, as the writer */
	int64_t outs, ins;
	struct ssi_transaction *older, *newer; /* of those that are active, or, by commit, of those remembered */
};

struct ssi_row {
	struct ssi_use *readers, *writers;
};

struct ssi {
	struct arena *arena;
	struct ssi_row *row;
	uint64_t rows, commits;
	struct ssi_transaction *oldest, *latest;       /* active */
	struct ssi_transaction *first, *last;          /* committed and remembered */
	struct freelist transactions, uses, conflicts;
	int64_t remembered;                            /* uses of rows by all of them */
};

void ssi_init(struct ssi *ssi, struct arena *arena, int64_t rows);

/* A transaction takes its snapshot now; `read_only`: it will not write. Valid until ssi_commit or ssi_abort. */
struct ssi_transaction *ssi_begin(struct ssi *ssi, bool read_only);

/* It reads a row as its snapshot shows it, or writes a new version of it. False: it must abort. */
bool ssi_read(struct ssi *ssi, struct ssi_transaction *transaction, uint64_t row);
bool ssi_write(struct ssi *ssi, struct ssi_transaction *transaction, uint64_t row);

/* It commits now. False: it has not, and must abort. */
bool ssi_commit(struct ssi *ssi, struct ssi_transaction *transaction);
void ssi_abort(struct ssi *ssi, struct ssi_transaction *transaction);

#endif
