/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows as CSV: time_ns, window, and the case's columns under their names, each as what io/tracefile.h reads back
 * without a map: words as words, keys as numbers, everything else in ns, bytes or 1.
 */
#ifndef IO_TRACEWRITE_H
#define IO_TRACEWRITE_H

#include "engine/row.h"
#include "trace/column.h"

#include <stdio.h>

/* Mistakes of writing show in ferror. */
void trace_write_header(FILE *file, const struct column *columns);
void trace_write_rows(FILE *file, const struct column *columns, const struct row *rows, size_t count);

#endif
