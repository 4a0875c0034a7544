/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The columns of a trace, declared by the case that replays it. Column i of the table is row.value[i]. Every trace
 * also has a time, and may have a window (see engine/row.h).
 *
 *   CHOICE  the index of one of the words
 *   KEY     who or what: a decimal integer >= 0 stands for itself, any other text for the 63-bit hash of its bytes
 *   COUNT TIME BYTES   integers in the units of base/quantity.h (ns for TIME)
 */
#ifndef TRACE_COLUMN_H
#define TRACE_COLUMN_H

#include "engine/row.h"

enum column_type { COLUMN_CHOICE, COLUMN_KEY, COLUMN_COUNT, COLUMN_TIME, COLUMN_BYTES };

struct column {
	const char *name;
	enum column_type type;
	const char *const *choices; /* of a CHOICE; ends with NULL */
	const char *missing;        /* what a trace without this column means, as text; NULL: it must be there */
	const char *help;
};

/* The row of a table (which ends with a NULL name) or -1. */
int column_find(const struct column *table, const char *name);
int column_count(const struct column *table);

#endif
