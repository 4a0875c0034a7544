/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table of values, each with half of its interval, in one of three forms: wide, with the half beside its value;
 * narrow, 80 columns, with the halves on a line below; or Markdown. Rows of one name follow one another.
 */
#ifndef CLI_GRID_H
#define CLI_GRID_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdio.h>

enum grid_form { GRID_WIDE, GRID_NARROW, GRID_MARKDOWN };

enum { GRID_CELLS = 8 };

struct grid_cell {
	const char *value; /* NULL: an empty cell */
	const char *half;  /* "±4.1%", ">4.1%", "" */
};

struct grid_row {
	const char *name;  /* of what the row is; "" as above */
	const char *under; /* what is told of it below its name: its window; "" */
	const char *label; /* of the row: a metric; NULL: a line of text, `text` */
	struct grid_cell cell[GRID_CELLS];
	const char *text;
};

struct grid {
	enum grid_form form;
	const char *title;
	const char *head[GRID_CELLS + 1]; /* ends with NULL */
	struct grid_row *row;
	int rows, room;
	struct arena *arena;
};

/* How wide standard output is when it is a terminal, in columns; 0 when it is none, or does not tell. */
int grid_columns(void);

/* The form for standard output: Markdown when it is asked for, narrow on a terminal that is not wide enough. */
enum grid_form grid_form(bool markdown, int columns_wanted);

/*
 * Lines; on a terminal those that are too long are broken at blanks and go on below, at column `hang`, or as far to the
 * right as they begin.
 */
void grid_lines(const char *lines, int hang, FILE *into);

/* A new row with nothing in it. */
struct grid_row *grid_add(struct grid *grid);

void grid_print(const struct grid *grid, FILE *into);

#endif
