/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows as CSV: time_ns, window, and the case's columns under their names, each as what io/tracefile.h reads back
 * without a map: words as words, keys as numbers, everything else in ns, bytes or 1.
 *
 * Where windows are known, the first row of each tells when it begins and how long it lasts, in the columns
 * window_start_ns and window_lasts_ns, which are empty in the other rows. A window without rows is not told.
 */
#ifndef IO_TRACEWRITE_H
#define IO_TRACEWRITE_H

#include "engine/row.h"
#include "trace/column.h"
#include "trace/date.h"
#include "trace/window.h"

#include <stdio.h>

enum { TRACE_WRITE_COLUMNS = ROW_VALUES + 4 };

/* What is written, and how far it is. */
struct trace_write {
	const struct column *columns;
	const struct trace_window *stretch; /* of the trace, in order of time; must outlive it */
	int stretches;
	int at;        /* the stretch that rows are in */
	bool any;      /* there was a row */
	int64_t label; /* of its window, and as it is written */
	char text[DATE_TEXT];
};

/* The names of all columns; returns how many. */
int trace_write_names(const struct trace_write *write, const char *names[TRACE_WRITE_COLUMNS]);

/* The stretch that begins with a row, or NULL; write->text is its window. Every row once, in order. */
const struct trace_window *trace_write_window(struct trace_write *write, const struct row *row);

/* Mistakes of writing show in ferror. */
void trace_write_header(FILE *file, const struct trace_write *write);
void trace_write_rows(FILE *file, struct trace_write *write, const struct row *rows, size_t count);

#endif
