/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep: the variants of a study at many points (exec/points.h), and the database that its results go to. A run is
 * one replication of one variant at one point; all points meet the same random numbers. Runs are numbered from 0, point
 * by point, within one variant by variant, within that by replication.
 *
 * Memory: 16 bytes a point and a bit a run.
 */
#ifndef EXEC_SWEEP_H
#define EXEC_SWEEP_H

#include "exec/points.h"
#include "exec/world.h"
#include "io/store.h"

#include <jansson.h>

struct sweep {
	const struct study *study;
	struct points points;
	int64_t runs;
	uint64_t *digest; /* of each point's setups, and its trace files */
	double weight;    /* of all runs: rows, or 1 a run where rows are not known */
	int variants, runs_a_point;
	const char **variant;     /* ends with NULL */
	int *reps;                /* of each variant */
	struct setup **base;      /* each variant as the model has it */
	struct trace_file **file; /* of each variant, while no key is below `trace.`; NULL: its recipe */
	struct arena *arena;
};

/*
 * Understands a sweep and tries every setup of every point. NULL and messages on mistakes; those in a point name it.
 * Lives in the study's arena; sweep_close closes its trace files.
 */
struct sweep *sweep_load(const struct study *study, const struct points_texts *texts, struct err *err);
void sweep_close(struct sweep *sweep);

/* Which point, variant and replication a run is. */
struct sweep_place {
	int64_t point, replication;
	int variant;
};
struct sweep_place sweep_place(const struct sweep *sweep, int64_t run);

/* The first run of a variant at a point. */
int64_t sweep_run_number(const struct sweep *sweep, int64_t point, int variant);

/* All that decides about results, as a JSON object: two sweeps with equal definitions give equal results. */
json_t *sweep_definition(const struct sweep *sweep, const char *version);

/*
 * Makes the database ready: begins the study in an empty one. One that holds this study already needs `resume`; one of
 * another study, or of this one with another model, trace or program, is a mistake that says what differs. Marks the
 * finished runs in `done`, a bit a run.
 */
bool sweep_prepare(const struct sweep *sweep, struct store *store, bool resume, const char *version,
		   const char *command, unsigned char *done, int64_t *finished, struct err *err);
size_t sweep_done_bytes(const struct sweep *sweep);

/*
 * The world of a point, ready for sweep_replay: NULL and a message when a file that it is made from has changed since
 * sweep_load. Free it by world_free.
 */
struct world *sweep_world(const struct sweep *sweep, int64_t point, struct err *err);

/* Replays a run of the world's point and makes its record. Returns as world_replay. */
bool sweep_replay(const struct sweep *sweep, const struct world *world, int64_t run,
		  const struct sim_progress *progress, struct record *record, struct err *err);

#endif
