/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lock table: which transaction holds which key, who waits for it, and who gives way when they wait in a circle.
 * It is the lock manager of Gray & Reuter, "Transaction Processing" (1993), chapters 7 and 8, with the modes shared and
 * exclusive only and without a hierarchy of keys:
 *
 *   - Locks are held to the end of the transaction, which releases all of them (strict two-phase locking).
 *   - A request is granted when it is compatible with all that others hold, and nobody waits before it: first come,
 *     first served. A reader does not pass a writer that waits.
 *   - Who holds a key shared and asks for it exclusively waits for the other holders only: an upgrade stands in the
 *     queue before those who hold nothing, and behind the upgrades that came before it. (Two of them are a deadlock.)
 *   - A transaction waits for the others that hold the key in a mode that is incompatible with what it asks for, and
 *     for the waiters ahead of it that ask for one. When it begins to wait, the circles it closes are looked for; the
 *     wait of one member of each ends with a refusal, until there is none.
 *
 * What is granted to one that waited, and each refusal, is told by an event of the same instant, in the order in which
 * they were decided: inside a call that releases or asks, nobody is called but the one who asks.
 */
#ifndef MODEL_LOCKTABLE_H
#define MODEL_LOCKTABLE_H

#include "base/freelist.h"
#include "engine/meter.h"
#include "engine/sim.h"
#include "model/journey.h"
#include "model/keymap.h"

enum locktable_mode { LOCKTABLE_NONE, LOCKTABLE_SHARED, LOCKTABLE_EXCLUSIVE };

struct locktable_lock;
struct locktable_hold;

/* A transaction. Its owner embeds one, which stays where it is, and reads `order` and `locks` only. */
struct locktable_owner {
	uint64_t order;                        /* smaller: older */
	int64_t locks;                         /* keys it holds */
	struct locktable_hold *first, *last;   /* what it holds, in the order of the grants */
	/* Its request, when it waits or is to be told. */
	struct locktable_lock *lock;           /* it waits for this one; NULL: it does not wait */
	struct locktable_hold *upgrades;       /* what the request makes exclusive; NULL: it holds nothing there */
	struct locktable_owner *ahead, *behind; /* in the lock's queue */
	enum locktable_mode mode;
	int64_t since;                         /* ns: when it began to wait */
	sim_event_fn *granted, *refused;
	void *subject;
	uint64_t detail;
	bool to_be_told;
	queue_handle told;                     /* the event that tells it */
	/* Of a search for a circle. */
	uint64_t searched;
	struct locktable_owner *reached_from, *next_reached;
	struct journey *const *journey;
};

/* Who gives way. To add a policy, write its function and its line in VICTIMS of locktable.c. */
struct locktable_victim {
	const char *name;
	/* Whether `other` gives way rather than `chosen`: asked along the circle, which begins with the requester. */
	bool (*rather)(const struct locktable_owner *other, const struct locktable_owner *chosen);
};

/*
 * youngest, oldest: by `order`; fewest-locks: the one that holds the fewest, of these the youngest; requester: the one
 * whose wait closed the circle. And their names; both end with NULL.
 */
extern const struct locktable_victim *const locktable_victims[];
extern const char *const locktable_victim_names[];

struct locktable {
	struct sim *sim;
	const struct locktable_victim *victim;
	struct keymap locks;                /* of pointers to those that are held */
	struct freelist free_locks, free_holds;
	uint64_t searches;
	int64_t waiting;                    /* transactions */
	/*
	 * Given by the owner: TIME of each wait, from when it began, however it ended; COUNT of circles, when found;
	 * LEVEL of transactions that wait.
	 */
	struct booking waited, deadlocks, waiting_now;
};

/* Empty; nothing is booked until the owner sets what is its to set. */
void locktable_init(struct locktable *table, struct sim *sim, const struct locktable_victim *victim);

/*
 * A transaction begins. `order` is smaller the older it is, and no two that live at the same time share one; who tries
 * again may keep it, and so does not remain the youngest. `journey`: as for pool_enter; may be NULL.
 */
void locktable_begin(struct locktable_owner *owner, uint64_t order, struct journey *const *journey);

/*
 * Asks for a key, SHARED or EXCLUSIVE; what is held already in this mode or a stronger one is granted again. Then
 * granted(sim, subject, detail) is called at once, before returning, or when the wait ends; or refused(sim, subject,
 * detail) is: the owner was chosen as a victim. It still holds what it held, and is expected to end. One request at a
 * time: the next one comes after one of the two was called.
 */
void locktable_acquire(struct locktable *table, struct locktable_owner *owner, uint64_t key, enum locktable_mode mode,
		       sim_event_fn *granted, sim_event_fn *refused, void *subject, uint64_t detail);

/*
 * A transaction ends, by commit or abort: it releases all its locks, in the order in which it got them, and takes back
 * its request if there is one, of which nothing will be told any more. It may begin again.
 */
void locktable_end(struct locktable *table, struct locktable_owner *owner);

/*
 * Gives back one key, which it holds and does not wait to upgrade, before its end: a transaction of which a part ends
 * earlier than the rest, or one that gives back what it has while it waits for something else.
 */
void locktable_release(struct locktable *table, struct locktable_owner *owner, uint64_t key);

/* What a transaction holds of a key. */
enum locktable_mode locktable_holds(const struct locktable *table, const struct locktable_owner *owner, uint64_t key);

/* Whether `owner` waits for `other`: an edge of the wait-for graph. */
bool locktable_waits_for(const struct locktable_owner *owner, const struct locktable_owner *other);

#endif
