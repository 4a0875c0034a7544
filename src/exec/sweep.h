/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep: the variants of a study at many points. A point gives each swept key one value; the points are the product
 * of the axes (a grid axis is one key; an axis of `zip` is several keys in lockstep), less those that `where` does not
 * want. A run is one replication of one variant at one point; all points meet the same random numbers.
 *
 * Keys are parameters of the model, `slice`, and keys below `trace.`. Values are lists, or LOW:HIGH:N of N equal steps,
 * or LOW:HIGH:N:log of equal ratios (rounded to six digits; whole numbers where the key has whole numbers).
 *
 * Points and runs are numbered from 0, point by point, within one variant by variant, within that by replication.
 * Memory: 16 bytes a point and a bit a run.
 */
#ifndef EXEC_SWEEP_H
#define EXEC_SWEEP_H

#include "io/record.h"
#include "io/store.h"
#include "io/tracefile.h"

#include <jansson.h>
#include <signal.h>

enum { SWEEP_POINTS_MAX = 10000000, SWEEP_KEYS_MAX = 64 };

struct sweep_axis {
	int keys, values;
	const char **key;
	const char ***value; /* [key][value]: as one would write it */
	struct place *place; /* of each key's values */
};

struct sweep {
	const struct study *study;
	struct sweep_axis *axis;
	int axes;
	const char **key; /* all of them; ends with NULL */
	int keys;
	const char *where; /* NULL: all are wanted */
	int64_t points, runs;
	int64_t *index;   /* of each point, in the product of the axes */
	uint64_t *digest; /* of each point's setups, and its trace files */
	double weight;    /* of all runs: rows, or 1 a run where rows are not known */
	int variants, runs_a_point;
	const char **variant;
	int *reps;                /* of each variant */
	struct setup **base;      /* each variant as the model has it */
	struct trace_file **file; /* of each variant, while no key is below `trace.`; NULL: its recipe */
	bool own_files;           /* a key is below `trace.`: each point opens its own */
	struct arena *arena;
};

/* What the command line says: "key=a,b,c" each; all of `zip` is one axis. It replaces what the model file says. */
struct sweep_texts {
	const char **grid, **zip;
	int grids, zips;
	const char *where;
};

/*
 * Understands a sweep and tries every setup of every point. NULL and messages on mistakes; those in a point name it.
 * Lives in the study's arena; sweep_close closes its trace files.
 */
struct sweep *sweep_load(const struct study *study, const struct sweep_texts *texts, struct err *err);
void sweep_close(struct sweep *sweep);

/* The values of all keys at a point, in the order of sweep->key. Texts belong to the sweep. */
void sweep_values(const struct sweep *sweep, int64_t point, const char **value);

/* "servers=2, service=8 ms", in `arena`. */
const char *sweep_point_text(const struct sweep *sweep, int64_t point, struct arena *arena);

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

/* The setups of one point. */
struct sweep_world;
struct sweep_world *sweep_world_new(const struct sweep *sweep, int64_t point, struct err *err);
void sweep_world_free(struct sweep_world *world);
int64_t sweep_world_point(const struct sweep_world *world);
uint64_t sweep_world_digest(const struct sweep_world *world);

/* The same, ready for sweep_replay: a mistake when a file that it is made from has changed since sweep_load. */
struct sweep_world *sweep_world_again(const struct sweep *sweep, int64_t point, struct err *err);

/* Rows that a run of this variant is expected to replay; 1 where that is not known. */
double sweep_world_weight(const struct sweep_world *world, int variant);

/*
 * Replays a run of the world's point and makes its record. False when it was stopped by progress, or with a message
 * when the trace cannot be read.
 */
bool sweep_replay(const struct sweep_world *world, int64_t run, const struct sim_progress *progress,
		  struct record *record, struct err *err);

/* How far it is. */
struct sweep_progress {
	double part;        /* of the work that was left at the start, 0..1 */
	int64_t done, runs; /* of all, those found finished included */
	int64_t point;      /* one that is being run; -1: none */
	double seconds;
};

/* A digest of what is in a file. */
uint64_t sweep_file_digest(const char *path);

enum sweep_end { SWEEP_DONE, SWEEP_INTERRUPTED, SWEEP_FAILED };

/*
 * Runs what is not marked in `done`, on threads; each finished run is stored at once. Ends early when *stop becomes
 * nonzero, or with a message when a trace cannot be read or a run cannot be stored.
 */
enum sweep_end sweep_run(const struct sweep *sweep, struct store *store, unsigned char *done, int threads,
			 void (*progress)(void *host, const struct sweep_progress *progress), void *host,
			 const volatile sig_atomic_t *stop, struct err *err);

/* What running all that is not marked would take. */
struct sweep_cost {
	double seconds; /* of one thread; NaN: not known */
	double bytes;   /* of the database */
};

/* Judged from one run at the first point that is not done, which is given up after a second or two. */
struct sweep_cost sweep_cost(const struct sweep *sweep, const unsigned char *done, struct err *err);

#endif
