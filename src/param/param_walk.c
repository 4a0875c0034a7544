/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "param/param_walk.h"
#include "base/check.h"
#include "base/words.h"

#include <stdio.h>
#include <string.h>

static const struct param_rows *rows_of(const struct param *row, const void *in)
{
	return (const struct param_rows *)(const void *)((const char *)in + row->offset);
}

static int written(const struct param_rows *rows)
{
	return rows->count - rows->implied;
}

static const void *row_in(const struct param *table, const struct param_rows *rows, int index)
{
	return (const char *)rows->row + (size_t)index * table->row_size;
}

/* ---- all of them ---- */

void param_walk_begin(struct param_walk *walk, const struct param *table, const void *params)
{
	walk->row = NULL;
	walk->in = params;
	walk->path[0] = '\0';
	walk->depth = 0;
	walk->level[0] = (struct param_walk_level){.table = table, .at = table, .in = params};
}

/* Whether the table returned last has rows; the first of them is begun. */
static bool enter(struct param_walk *walk)
{
	const struct param *table = walk->row;
	if (!table || !param_is_table(table) || written(rows_of(table, walk->in)) == 0)
		return false;
	CHECK(walk->depth < PARAM_DEPTH);
	const struct param_rows *rows = rows_of(table, walk->in);
	walk->level[++walk->depth] = (struct param_walk_level){.table = table->rows,
							       .at = table->rows,
							       .in = row_in(table, rows, 0),
							       .rows = rows,
							       .row_size = table->row_size,
							       .length = strlen(walk->path)};
	return true;
}

static void write_path(struct param_walk *walk)
{
	const struct param_walk_level *level = &walk->level[walk->depth];
	char *end = walk->path + level->length;
	size_t room = sizeof walk->path - level->length;
	int length;
	if (!level->rows)
		length = snprintf(end, room, "%s", level->at->name);
	else if (param_only(level->table))
		length = snprintf(end, room, ".%s", level->rows->name[level->index]);
	else
		length = snprintf(end, room, ".%s.%s", level->rows->name[level->index], level->at->name);
	CHECK(length >= 0 && (size_t)length < room);
}

bool param_walk_next(struct param_walk *walk)
{
	struct param_walk_level *level = &walk->level[walk->depth];
	if (enter(walk))
		level = &walk->level[walk->depth];
	else if (walk->row)
		level->at++;
	while (!level->at->name) {
		if (!level->rows)
			return false;
		if (++level->index < written(level->rows)) {
			level->at = level->table;
			level->in = (const char *)level->in + level->row_size;
		} else {
			level = &walk->level[--walk->depth];
			level->at++;
		}
	}
	walk->row = level->at;
	walk->in = level->in;
	write_path(walk);
	return true;
}

/* ---- one of them ---- */

/* Where a path leads. */
struct step {
	const struct param *table, *row; /* the fields there are, and the one named; row NULL: none of that name */
	const void *in;
	const struct param_rows *rows;   /* of `row`, when the path goes on in it */
	int index;                       /* of the row named there; -1: none of that name; -2: it does not go on */
	const char *at, *rest;           /* the name that was looked up last, and what comes after it */
};

static const struct param *find_part(const struct param *table, const char *at, size_t length)
{
	for (; table->name; table++)
		if (strlen(table->name) == length && memcmp(table->name, at, length) == 0)
			return table;
	return NULL;
}

static int find_row(const struct param_rows *rows, const char *at, size_t length)
{
	for (int i = 0; i < rows->count; i++)
		if (strlen(rows->name[i]) == length && memcmp(rows->name[i], at, length) == 0)
			return i;
	return -1;
}

/* Goes along a path, as far as its names are known. */
static struct step follow(const struct param *table, const void *in, const char *path)
{
	struct step step = {.table = table, .in = in};
	for (;;) {
		size_t length = strcspn(path, ".");
		step.at = path;
		step.rest = path + length;
		step.row = find_part(step.table, path, length);
		step.index = -2;
		if (!step.row || !*step.rest || !param_is_table(step.row))
			return step;
		step.rows = rows_of(step.row, step.in);
		path = step.at = step.rest + 1;
		length = strcspn(path, ".");
		step.rest = path + length;
		step.index = find_row(step.rows, path, length);
		if (step.index < 0 || !*step.rest)
			return step;
		step.in = row_in(step.row, step.rows, step.index);
		step.table = step.row->rows;
		path = step.rest + 1;
	}
}

bool param_walk_find(struct param_walk *walk, const struct param *table, const void *params, const char *path)
{
	struct step step = follow(table, params, path);
	if (!step.row || *step.rest || step.index == -1)
		return false;
	size_t length = (size_t)(step.rest - path);
	walk->row = step.row;
	walk->in = step.in;
	if (step.index >= 0) {
		walk->row = param_only(step.row->rows);
		walk->in = row_in(step.row, step.rows, step.index);
	} else if (step.table != table && param_only(step.table)) {
		length -= strlen(step.row->name) + 1;
	}
	if (!walk->row || length >= sizeof walk->path)
		return false;
	memcpy(walk->path, path, length);
	walk->path[length] = '\0';
	return true;
}

const char *param_walk_near(const struct param *table, const void *params, const char *path, struct arena *arena)
{
	struct step step = follow(table, params, path);
	size_t length = strcspn(step.at, ".");
	const char *word = arena_text_of(arena, step.at, length), *near = NULL;
	if (step.row && step.index == -2 && *step.rest)
		return NULL; /* it goes on where there is no table */
	if (step.index == -1 && step.rows->count > 0)
		near = words_near(WORDS(step.rows->name), word);
	if (!step.row)
		near = words_near(WORDS(step.table), word);
	if (near)
		return arena_format(arena, "%.*s%s%s", (int)(step.at - path), path, near, step.at + length);
	/* "cart.servers" is the end of a path. */
	struct param_walk walk;
	size_t whole = strlen(path);
	for (param_walk_begin(&walk, table, params); strchr(path, '.') && param_walk_next(&walk);) {
		size_t other = strlen(walk.path);
		if (other > whole + 1 && walk.path[other - whole - 1] == '.' &&
		    strcmp(walk.path + other - whole, path) == 0)
			return arena_text(arena, walk.path);
	}
	return NULL;
}

/* ---- patterns ---- */

int param_walk_covers(const char *pattern, const char *path)
{
	int names = 0;
	for (;;) {
		size_t length = strcspn(pattern, "."), other = strcspn(path, ".");
		bool any = length == 1 && *pattern == '*';
		if (!any && (length != other || memcmp(pattern, path, length) != 0))
			return 0;
		names++;
		pattern += length;
		path += other;
		if (!*pattern)
			return names;
		if (!*path)
			return 0;
		pattern++;
		path++;
	}
}

int param_walk_names(const char *path)
{
	int names = 1;
	for (; *path; path++)
		names += *path == '.';
	return names;
}

const struct param *param_walk_declared(const struct param *table, const void *params, const char *pattern)
{
	const void *in = params; /* NULL: of any row */
	for (;;) {
		size_t length = strcspn(pattern, ".");
		const struct param *row = find_part(table, pattern, length);
		if (!row || !pattern[length])
			return row;
		if (!param_is_table(row))
			return NULL;
		pattern += length + 1;
		length = strcspn(pattern, ".");
		bool any = length == 1 && *pattern == '*';
		int index = in && !any ? find_row(rows_of(row, in), pattern, length) : -1;
		if (length == 0 || (in && !any && index < 0 && !param_names_refer(row)))
			return NULL;
		in = index >= 0 ? row_in(row, rows_of(row, in), index) : NULL;
		if (!pattern[length])
			return param_only(row->rows) ? param_only(row->rows) : row;
		table = row->rows;
		pattern += length + 1;
	}
}
