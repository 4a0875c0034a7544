/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A replica's applier: what arrives of a log, in its order, is applied by workers. An entry waits for those before it
 * that touch the same key, and for a free worker; one worker applies the log serially. What is applied can be seen at
 * once, or in the order of the log only: then an entry that is done waits, without a worker, for all before it.
 *
 * Reads that must not be older than a position wait for it here.
 */
#ifndef MODEL_APPLIER_H
#define MODEL_APPLIER_H

#include "base/freelist.h"
#include "model/pool.h"

struct applier_entry;
struct applier_wait;
struct applier_key;

struct applier {
	struct sim *sim;
	struct pool workers;
	bool in_order;
	int64_t received, applied;    /* the last position; the last up to which all can be seen */
	struct applier_entry **entry; /* ring: [position % room], NULL when it can be seen or has not been received */
	struct applier_wait **wait;   /* ring: who waits for the position */
	int64_t room;                 /* of the rings, a power of two */
	struct applier_key *key;      /* of entries that can not be seen yet; open addressing */
	size_t keys, key_room;
	struct freelist entries, waits;
};

/* Positions begin after `position`. */
void applier_init(struct applier *applier, struct sim *sim, int64_t workers, bool in_order, int64_t position);

/*
 * The next entry of the log arrives; applying it takes `service` ns of a worker. applied(sim, subject, detail), may be
 * NULL, when it can be seen. Returns its position.
 */
int64_t applier_receive(struct applier *applier, uint64_t key, int64_t service, sim_event_fn *applied, void *subject,
			uint64_t detail);

/* fn(sim, subject, detail) as soon as everything up to `position` can be seen: before returning, or later. */
void applier_wait(struct applier *applier, int64_t position, sim_event_fn *fn, void *subject, uint64_t detail);

/* Nothing is begun for `length` ns, and what is worked on takes so much longer: a lock, a table that is rebuilt. */
void applier_pause(struct applier *applier, int64_t length);

#endif
