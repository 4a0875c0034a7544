/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The columns of a trace, declared by the case that replays it. Column i of the table is row.value[i]. Every trace
 * also has a time, and may have a window (see engine/row.h).
 *
 *   CHOICE  the index of one of the words
 *   ROW     the index of a row of the table of the model that choices[0] names: a CHOICE whose words a file brings
 *   KEY     who or what: a decimal integer >= 0 stands for itself, any other text for the 63-bit hash of its bytes
 *   COUNT TIME BYTES   integers in the units of base/quantity.h (ns for TIME)
 *   TIMES   a TIME for each row of the table of the model that choices[0] names, called as the row; the last column,
 *           so that row.value[i + r] is that of row r
 *
 * ROW and TIMES are in the tables of cases only: column_resolve makes CHOICE and TIME of them.
 */
#ifndef TRACE_COLUMN_H
#define TRACE_COLUMN_H

#include "engine/row.h"
#include "param/param.h"

enum column_type { COLUMN_CHOICE, COLUMN_KEY, COLUMN_COUNT, COLUMN_TIME, COLUMN_BYTES, COLUMN_ROW, COLUMN_TIMES };

/* "choice", "key", ...; ends with NULL. */
extern const char *const column_types[];

struct column {
	const char *name;
	enum column_type type;
	const char *const *choices; /* of a CHOICE; ends with NULL. Of ROW and TIMES: the table's name */
	const char *missing;        /* what a trace without this column means, as text; NULL: it must be there */
	const char *help;
};

/* A column that is read only when the CHOICE parameter `with` is `is`. */
struct column_use {
	const char *column, *with, *is;
};

/* The row of a table (which ends with a NULL name) or -1. */
int column_find(const struct column *table, const char *name);
int column_count(const struct column *table);

/* What a column is read with, or NULL: it is always read. `uses` ends with a NULL column, and may be NULL. */
const struct column_use *column_use_find(const struct column_use *uses, const char *column);

/* Whether a model with these parameters reads it. */
bool column_is_read(const struct column_use *use, const struct param *table, const void *params);

/*
 * The columns that a case has with these parameters: `columns` itself when they do not hang on the model, else a table
 * in the arena. A ROW that has no `missing` must be there; "" means the first row. What is too much for ROW_VALUES, or
 * has the name of another, is told and left out.
 */
const struct column *column_resolve(const struct column *columns, const struct param *table, const void *params,
				    struct arena *arena, struct err *err);

#endif
