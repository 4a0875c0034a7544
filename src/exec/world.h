/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world of one point of a sweep: the setups of its variants, and what they are made from, in an arena of its own.
 */
#ifndef EXEC_WORLD_H
#define EXEC_WORLD_H

#include "exec/points.h"
#include "io/record.h"
#include "io/tracefile.h"

struct world;

/*
 * Makes the setups of `variant` (names, ends with NULL) at a point. `shared` are the trace files of each variant (NULL
 * in it: its recipe); when it is NULL, the world opens those that it needs. What is handed over outlives the world.
 * NULL and messages on mistakes.
 */
struct world *world_new(const struct points *points, const char *const *variant, struct trace_file *const *shared,
			int64_t point, struct err *err);
void world_free(struct world *world);

int64_t world_point(const struct world *world);

/* Of all setups, and of the trace files that are its own. */
uint64_t world_digest(const struct world *world);

const struct setup *world_setup(const struct world *world, int variant);

/* Rows that a run of this variant is expected to replay; 1 where that is not known. */
double world_weight(const struct world *world, int variant);

/* Gets ready for world_replay. */
void world_ready(struct world *world);

/*
 * Replays a variant and makes the record of that run. False when it was stopped by progress, or with a message when the
 * trace cannot be read.
 */
bool world_replay(const struct world *world, int variant, int64_t replication, int64_t run,
		  const struct sim_progress *progress, struct record *record, struct err *err);

/* A digest of what is in a file. */
uint64_t world_file_digest(const char *path);

#endif
