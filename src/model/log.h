/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A log on a disk: entries are appended in memory and count as durable when they have been forced. The disk does one
 * force at a time. Each who asks has a force of his own, or those who ask while one is under way share the next
 * (group commit), which makes all durable that had been appended when it began.
 *
 * Positions count from 1. Shipping a log is a model/link.h; applying it is model/applier.h.
 */
#ifndef MODEL_LOG_H
#define MODEL_LOG_H

#include "base/freelist.h"
#include "engine/dist.h"
#include "engine/meter.h"
#include "engine/sim.h"

struct log_waiter;

struct log {
	struct sim *sim;
	const struct dist *takes;   /* a force, ns */
	bool grouped;
	int64_t appended, forced;   /* the last position that is in memory; on disk */
	int64_t forcing;            /* what the force under way makes durable; 0: none is */
	uint64_t forces;            /* begun so far */
	uint64_t crashes;
	struct rng rng;
	struct log_waiter *first, *last;
	struct freelist waiters;
	bool at_once;               /* forces that take no time are no events; set by the owner, or not */
	struct booking begun;       /* COUNT of forces, when they begin; set by the owner, or not */
};

/* `stream` and `number` key how long forces take. */
void log_init(struct log *log, struct sim *sim, const struct dist *takes, bool grouped, struct rng_stream stream,
	      uint64_t number);

/* Appends an entry; its position. */
int64_t log_append(struct log *log);

/*
 * Asks for a force: durable(sim, subject, detail) when the entry at `position`, which has been appended, and all before
 * it are on disk: at once when they are and forces are grouped, or when forces take no time and `at_once` is set; never
 * when the machine crashes before.
 */
void log_force(struct log *log, int64_t position, sim_event_fn *durable, void *subject, uint64_t detail);

/* What is not on disk is gone, and so is the force under way. Returns how many entries. */
int64_t log_crash(struct log *log);

#endif
