/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows on several nodes, which transactions lock one after the other, on top of a lock table (model/locktable.h) that
 * sees the waits of all nodes. Row r is on node r mod nodes. A transaction has parts, one on each node that it goes to,
 * and its rows in turn on each of these; a part may release its rows before the others do.
 *
 * Who has to wait for a row keeps those it has (two-phase locking), or gives them back, waits for this one first, and
 * takes the others again afterwards.
 */
#ifndef MODEL_ROWSET_H
#define MODEL_ROWSET_H

#include "model/locktable.h"

struct rowset_owner;

struct rowset_row {
	struct rowset_owner *holder;  /* who locked it for a change, and has not released it; NULL: nobody */
	int unfinished;               /* changes that have been released and are not final */
};

struct rowset {
	struct sim *sim;
	struct locktable table;
	struct rowset_row *row;
	uint64_t rows, nodes;
	bool gives_back;
	uint64_t owners;
	int64_t locked, unfinished;
	/*
	 * Given by the owner: TIME that a row was locked for a change, booked at the owner's `since`; LEVELs of such
	 * rows, and of changes that are not final.
	 */
	struct booking held, locked_now, unfinished_now;
};

/* A row that is or will be locked. */
struct rowset_lock {
	uint64_t key;
	int part;
	bool held, shared;
	int64_t since;                /* ns: when it was locked */
};

/* A transaction. Whoever has one embeds it, zeroed, and sets room for its locks, and when it began. */
struct rowset_owner {
	struct rowset *rows;
	struct locktable_owner owner;
	struct rowset_lock *lock;
	int locks, at;                /* at: which one it has asked for last */
	int64_t since;
	sim_event_fn *granted, *refused;
	void *subject;
};

/* So many rows, of which `nodes` have as many each; what is left over belongs to none. */
void rowset_init(struct rowset *rows, struct sim *sim, int64_t keys, int64_t nodes, bool gives_back);

/* The row that a number stands for; its node. */
static inline uint64_t rowset_key(const struct rowset *rows, uint64_t number)
{
	return number % rows->rows;
}
static inline int rowset_node(const struct rowset *rows, uint64_t key)
{
	return (int)(key % rows->nodes);
}

/*
 * A transaction with so many rows on so many parts, none twice. The first row is `first`; part p is on the p-th node
 * after that of the first, and its rows are anywhere there. No part has more rows than its node.
 */
void rowset_begin(struct rowset *rows, struct rowset_owner *owner, uint64_t first, int parts, int locks,
		  struct rng *rng, struct journey *const *journey);

/*
 * Asks for lock[i], shared when it says so. granted(sim, subject, 0) at once, or when it can be had; owner->at tells
 * which one that is, since it is another one when the owner gives back what it has: lock[0], and none else is held. As
 * a victim of a deadlock the owner hears refused(sim, subject, 0). True: it waits.
 */
bool rowset_take(struct rowset_owner *owner, int i, sim_event_fn *granted, sim_event_fn *refused, void *subject);

/* Who has locked the row that it has asked for last, for a change; NULL: nobody. */
static inline const struct rowset_owner *rowset_holder(const struct rowset_owner *owner)
{
	return owner->rows->row[owner->lock[owner->at].key].holder;
}

/* Releases lock[i]; all of a part. What is not held is left alone. */
void rowset_release(struct rowset_owner *owner, int i);
void rowset_release_part(struct rowset_owner *owner, int part);

/* A change that is not final is made, or becomes final or is undone: by = 1, -1. */
void rowset_change(struct rowset *rows, uint64_t key, int by);

/* Releases all, and is a transaction no longer. */
void rowset_end(struct rowset_owner *owner);

#endif
