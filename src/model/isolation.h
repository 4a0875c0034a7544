/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transactions on one table of rows, kept apart in one of several ways. What each of them does:
 *
 *   read-uncommitted  reads the newest version, committed or not; writes lock their row
 *   read-committed    reads the newest version that is committed when the statement begins; writes lock their row
 *   snapshot          reads what was committed when the transaction began; of two that write the same row at the same
 *                     time the first one wins, and the other aborts (H. Berenson et al., SIGMOD 1995)
 *   serializable      the same, and what is read is tracked (model/ssi.h)
 *   row-locks         locks what it reads shared, what it writes exclusively, and keeps them to its end
 *   table-locks       the same with the table, which it locks when it begins
 *   optimistic        reads what is committed, keeps its writes to itself, and aborts at its end when somebody has
 *                     written what it read since it began (H. Kung, J. Robinson, ACM TODS 6(2), 1981)
 *
 * Each transaction is told to an observer (model/serial.h), whose verdict a commit returns. Who fails is told why, and
 * is expected to call isolation_abort.
 */
#ifndef MODEL_ISOLATION_H
#define MODEL_ISOLATION_H

#include "model/locktable.h"
#include "model/rowstore.h"
#include "model/serial.h"
#include "model/ssi.h"

/* A kind of isolation. To add one, write its line in isolation.def. */
struct isolation_level {
	const char *name;
	bool uncommitted; /* reads see what is not committed */
	bool statement;   /* a snapshot for each read */
	bool once;        /* one for all of them */
	bool tracks;      /* serializable snapshot isolation */
	bool shared;      /* reads are locked too */
	bool table;       /* and everything else */
	bool validates;   /* at the end; writes come then */
};

enum isolation_kind {
#define LEVEL(CONSTANT, ...) ISOLATION_##CONSTANT,
#include "model/isolation.def"
#undef LEVEL
	ISOLATIONS
};

extern const struct isolation_level isolation_levels[];
extern const char *const isolation_names[]; /* ends with NULL */

enum isolation_failure {
	ISOLATION_CONFLICT,  /* its row was written since its snapshot */
	ISOLATION_DEADLOCK,  /* it was chosen as the victim */
	ISOLATION_DANGEROUS, /* it might be part of a circle: serializable */
	ISOLATION_INVALID    /* what it has read was written: optimistic */
};

struct isolation {
	struct sim *sim;
	const struct isolation_level *level;
	bool upgrade; /* row-locks: a row that will be written is locked shared first */
	bool early;   /* without shared locks: it is locked before it is read */
	struct rowstore store;
	struct locktable locks;
	struct serial serial;
	struct ssi ssi;
	uint64_t begun;
	struct freelist notes;
};

struct isolation_note; /* a row that it has read, or will write: optimistic */

/* Embedded by its owner, who gives what is said; the rest is zero before the first begin. */
struct isolation_transaction {
	struct isolation *of;
	uint64_t age;              /* smaller: older, no two that live share one */
	bool read_only;
	struct journey *const *journey;
	void *subject;
	void (*fails)(void *subject, enum isolation_failure why);
	/* What it has read last. */
	struct rowstore_found found;
	/* Parts of the inside. */
	struct locktable_owner owner;
	struct rowstore_snapshot snapshot;
	struct rowstore_writes writes;
	struct serial_transaction watched;
	struct ssi_transaction *tracked;
	uint64_t began;
	struct isolation_note *notes;
	uint64_t row;
	int64_t value;
	sim_event_fn *done;
};

/* Rows 0 ... rows - 1, each of value 1. `upgrade`, `early`: as above. */
void isolation_init(struct isolation *isolation, struct sim *sim, enum isolation_kind kind, int64_t rows,
		    const struct locktable_victim *victim, bool upgrade, bool early);

/*
 * The transaction begins, again if it has aborted; reads a row, which it will write afterwards or not; writes a row.
 * done(sim, subject, 0) is called at once, before returning, or when there has been a wait; or `fails` is. One at a
 * time.
 */
void isolation_begin(struct isolation_transaction *transaction, sim_event_fn *done);
void isolation_read(struct isolation_transaction *transaction, uint64_t row, bool will_write, sim_event_fn *done);
void isolation_write(struct isolation_transaction *transaction, uint64_t row, int64_t value, sim_event_fn *done);

/* The statement has ended, and its client thinks. */
void isolation_pause(struct isolation_transaction *transaction);

/* It commits now, and has ended: true, and what the observer says. False: `fails` has been called instead. */
bool isolation_commit(struct isolation_transaction *transaction, enum serial_verdict *verdict);

/* It gives up what it has done, and has ended. */
void isolation_abort(struct isolation_transaction *transaction);

#endif
