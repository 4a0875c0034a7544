/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The points of a sweep. A point gives each swept key one value; the points are the product of the axes (a grid axis is
 * one key; an axis of `zip` is several keys in lockstep), less those that `where` does not want. They are numbered from
 * 0, the last axis turning fastest.
 *
 * Keys are parameters of the model, `slice`, and keys below `trace.`. Values are lists, or LOW:HIGH:N of N equal steps,
 * or LOW:HIGH:N:log of equal ratios (rounded to six digits; whole numbers where the key has whole numbers).
 *
 * Memory: 8 bytes a point.
 */
#ifndef EXEC_POINTS_H
#define EXEC_POINTS_H

#include "run/study.h"

enum { POINTS_MAX = 10000000, POINTS_KEYS_MAX = 64 };

struct points_axis {
	int keys, values;
	const char **key;
	const char ***value; /* [key][value]: as one would write it */
	struct place *place; /* of each key's values */
};

struct points {
	const struct study *study;
	struct points_axis *axis;
	int axes;
	const char **key; /* all of them; ends with NULL */
	int keys;
	bool of_trace;     /* a key is below `trace.` */
	const char *where; /* NULL: all are wanted */
	int64_t count;
	int64_t *index; /* of each point, in the product of the axes */
	struct arena *arena;
};

/* What the command line says: "key=a,b,c" each; all of `zip` is one axis. It replaces what the model file says. */
struct points_texts {
	const char **grid, **zip;
	int grids, zips;
	const char *where;
};

/* A mistake at a place of the command line ("--grid ...") is one of usage, others are of the model. */
enum err_kind points_err_kind(const struct place *place);

/*
 * Understands what is swept: the texts, or else the section `sweep` of the model file. Values are not tried. Lives in
 * the study's arena. False and messages on mistakes.
 */
bool points_load(struct points *points, const struct study *study, const struct points_texts *texts, struct err *err);

/* The values of all keys at a point, in the order of points->key. Texts belong to the points. */
void points_values(const struct points *points, int64_t point, const char **value);

/* "servers=2, service=8 ms", in `arena`. */
const char *points_text(const struct points *points, int64_t point, struct arena *arena);

/* What is laid over a variant at a point, the way an ablation is; in `arena`. */
struct tree *points_layer(const struct points *points, int64_t point, struct arena *arena);

#endif
