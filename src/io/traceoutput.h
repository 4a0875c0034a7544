/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trace that is written: packed (io/cbt_write.h) when the name of the file ends in .cbt, otherwise CSV, plain or
 * compressed as io/stream.h says. As io/output.h, nothing is there under the name before the commit.
 */
#ifndef IO_TRACEOUTPUT_H
#define IO_TRACEOUTPUT_H

#include "base/err.h"
#include "engine/row.h"
#include "io/csv.h"
#include "trace/column.h"
#include "trace/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace_output;

/* NULL and a message (ERR_OUTPUT) when it cannot be. */
struct trace_output *trace_output_open(const char *path, struct err *err);

/* The header: names of columns, how many, which is the time and its unit in ns (0: dates). Once, before all else. */
void trace_output_header(struct trace_output *output, const char *const *names, int columns, int time, int64_t unit);

/* A record, and its time in ns. */
void trace_output_record(struct trace_output *output, const struct csv_field *fields, int64_t time);

/*
 * Or the header and rows of a case, as io/tracewrite.h has them. `stretch` are the windows of the trace in order of
 * time, and must outlive the output; none when they are not known.
 */
void trace_output_case(struct trace_output *output, const struct column *columns, const struct trace_window *stretch,
		       int stretches);
void trace_output_rows(struct trace_output *output, const struct row *rows, size_t count);

/* Whether a write has failed; the commit says why. */
bool trace_output_failed(const struct trace_output *output);

/* Finishes the file, and frees the output. False, a message and no file when any write has failed. */
bool trace_output_commit(struct trace_output *output, struct err *err);

/* Drops it. NULL is allowed. */
void trace_output_abort(struct trace_output *output);

#endif
