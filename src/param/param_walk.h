/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every field that a model has, tables of rows included, by its path: "servers", "services.cart.servers",
 * "services.gateway.calls.auth.timeout". Where the rows of a table have one field only, the path ends with the row's
 * name ("pools.bank").
 *
 *   struct param_walk walk;
 *   for (param_walk_begin(&walk, table, params); param_walk_next(&walk);)
 *           printf("%s = %s\n", walk.path, param_print(walk.row, walk.in, buffer, sizeof buffer));
 */
#ifndef PARAM_PARAM_WALK_H
#define PARAM_PARAM_WALK_H

#include "param/param.h"

struct param_walk {
	const struct param *row; /* what declares the field; a TABLE comes before its rows */
	const void *in;          /* the struct it lies in: what param_print and the others take */
	char path[PARAM_PATH];
	/* Parts of the inside. */
	int depth;
	struct param_walk_level {
		const struct param *table, *at;
		const void *in;
		const struct param_rows *rows; /* whose row number `index` this is; NULL of the outermost */
		size_t row_size;
		int index;
		size_t length;                 /* of the path before the row's name */
	} level[PARAM_DEPTH + 1];
};

/* `params` must outlive the walk. */
void param_walk_begin(struct param_walk *walk, const struct param *table, const void *params);
bool param_walk_next(struct param_walk *walk);

/*
 * The field of that path: fills walk->row, in and path (as the walk would, not as asked), and nothing else. False when
 * there is none.
 */
bool param_walk_find(struct param_walk *walk, const struct param *table, const void *params, const char *path);

/* The path that is nearest to one that does not exist; NULL when none is near. */
const char *param_walk_near(const struct param *table, const void *params, const char *path, struct arena *arena);

/*
 * How many names of a path a pattern covers, from the first on; 0 when they differ. A pattern is a path, or the
 * beginning of one, in which "*" stands for any name of a row: "services" covers one of services.cart.servers,
 * "services.*.servers" all three.
 */
int param_walk_covers(const char *pattern, const char *path);

/* How many names a path has. */
int param_walk_names(const char *path);

/*
 * What declares the fields that a pattern covers to their end: the field, or a TABLE where the pattern ends with one or
 * with a row of several fields. Rows that it names are there, or may be there because the names of their table are
 * references. NULL when there is nothing of that name.
 */
const struct param *param_walk_declared(const struct param *table, const void *params, const char *pattern);

#endif
