/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows from a file of any form that io/records.h reads: the `trace:` section of a model file that names a file.
 *
 *   file: x.csv.zst        looked for from the current directory, then beside the model file; "-" is the standard
 *                          input
 *   format: json           how it is written, with delimiter, header, comment: io/format.h; else it is guessed
 *   where: status >= 500   only these records (io/condition.h); the others need not be in order, nor have values
 *   from: 2014-04-07       only rows from this time on, to: those before that one: a date, a time as the file has it
 *   to: 10 min             (in its unit), or one after the first row. What follows `to` is not read, unless `sort`
 *   columns:               how time and each of the case's columns come from the file. A column that the file calls
 *                          by the same name needs no entry; one that is in neither is what column.missing says, or
 *                          is a mistake
 *     time: {from: t_unix_s, unit: s, origin: first}
 *                          unit: ns 100ns us ms s min h d, or `date` (io/instant.h). origin:
 *                          what becomes 0: `first` (the first row; with `sort` the earliest), or a number of units
 *                          or a date. Without an entry: a column called time, t, t_unix, timestamp or ts with _ns
 *                          _us _ms _s behind; and for `time_ns`, which is what `trace gen` writes, the origin is 0
 *     time: {from: ended, unit: s, minus: took}          `minus`: a column in the same unit that is subtracted, or
 *                          {from: took, unit: ms}
 *     time: {from: t_s, unit: s, resolution: 1 s}        the clock ticks so coarsely: rows of a tick are spread over it
 *                          (io/spread.h), at random and anew in each replication, or with `spread: evenly`
 *     time: 1 ms * row     rows that have no time come evenly: the number of the row (0 first), times this
 *     channel: room        the source column of that name
 *     channel: {from: room, missing: 17}                 `missing`: what an empty field means
 *     sent: {from: t_unix_s, unit: s}                    numbers in a unit of the column's kind; without: ns, B, 1
 *     service: {from: ended, unit: date, minus: started}  the difference of two times
 *     service: {from: url, lookup: times.csv, unit: ms}  what a second file says of it (io/lookup.h): the value
 *                          in its first column, what it stands for in the second; {file: times.csv, key: u, value: ms,
 *                          by: prefix} names them, and takes the longest key that the value begins with
 *     op: {from: method, words: {GET: read, POST: write}, missing: read}  words of a CHOICE under other names
 *     service: 100 ms + 20 us * context_tokens + 12 ms * generated_tokens  a sum of quantities and of products of a
 *                          quantity and a source column (names with blanks or hyphens as they are, others in quotes);
 *                          exact, rounded once (half away from zero)
 *     op: read   bytes: lognormal(median=54 B, p99=575 B)   op: {mix: {...}}   sent: calendar
 *                          anything of trace/maker.h. The calendar is the time as the file has it, before `origin`
 *     op: {constant: read} a constant that is also the name of a source column
 *   time_scale: 10         time runs ten times faster: a row at offset t from the origin comes at t / 10, rounded to
 *                          the nearest ns (half up); other columns stay as they are
 *   superpose: 4           four copies, merged: the rate is fourfold over the same span. Copy 0 is the file; copy j
 *                          > 0 is shifted by a random part of the span and wraps around it, its KEYs that come from
 *                          the file become others, and what is drawn is drawn anew; its TIME columns keep their
 *                          values. The span is that from the first to the last row and one mean gap more. Rows at
 *                          one instant: lower copies first, then file order. A row's id is its number in the file +
 *                          copy * rows of the file
 *   sort: true             rows may be in any order of time; those at one instant keep the order of the file
 *   skip_bad: 10           up to ten malformed records are passed over and counted
 *
 * Plain replays are read as they go, in flat memory and a few blocks ahead by a thread (io/ahead.h); `sort` and
 * `superpose` hold the rows. Mistakes of the map are ERR_MODEL with the place in the model file; everything the file
 * does not do is ERR_TRACE with file:line:column.
 *
 * The window of a row is that of the column `window` where the time is `time_ns`, or of the column that a map's entry
 * `window: NAME` says: all numbers, or all dates. Rows of one window that follow one another are a stretch of time. It
 * lasts from its first row (the first stretch: from time 0) to its last; or, where the columns `window_start_ns` and
 * `window_lasts_ns` of its first row are filled, as `trace gen` does, from there and so long. A row at the instant at
 * which the next stretch begins counts there.
 */
#ifndef IO_TRACEFILE_H
#define IO_TRACEFILE_H

#include "base/err.h"
#include "base/tree.h"
#include "engine/row.h"
#include "io/columnmap.h"
#include "param/param.h"
#include "run/setup_trace.h"
#include "trace/column.h"
#include "trace/window.h"

#include <stdint.h>

enum { TRACE_FILE_SKIP = COLUMNMAP_SKIP };

struct trace_file;
struct trace_rows; /* a row source: trace_rows_source */

/*
 * Understands a trace section, opens its file, checks the map against the header and reads as far as the first row.
 * `model_path` (may be NULL) is the file that the section is in; `columns` are the case's; `values` reads empirical
 * distributions and may be NULL. NULL and messages in err on mistakes. `tree` and `columns` must outlive the result.
 */
struct trace_file *trace_file_open(const struct tree *trace, const char *model_path, const struct column *columns,
				   const struct dist_reader *values, struct err *err);
void trace_file_close(struct trace_file *file);

/* The instant at which its time is 0, ns, as the file has times. */
int64_t trace_file_origin(const struct trace_file *file);

/* Its name in messages. */
const char *trace_file_name(const struct trace_file *file);

/*
 * What was done to the trace, for a line beside its results: "x.csv, time from t_unix_s in s, time_scale 10,
 * superpose 4". Lives as long as the file.
 */
const char *trace_file_describe(const struct trace_file *file);

/*
 * The stretches of the trace that its windows make, in order of time; none where rows have no windows. The first call
 * reads the file to its end. They live as long as the file. False and messages when the file is broken.
 */
bool trace_file_windows(struct trace_file *file, const struct trace_window **stretch, int *count, struct err *err);

/* The same told to a setup whose trace it is (run/setup_trace.h); they are copied into `arena`. */
bool trace_file_tell(struct trace_file *file, struct setup *setup, struct arena *arena, struct err *err);

/*
 * The rows, for one replication: what is drawn depends on seed and replication. `share` (above 0, up to 1) keeps
 * each row with this probability, by a draw that is keyed by the row's id. Several may be in use at once, each by
 * one thread; the file must outlive them. NULL and a message when the file cannot be read.
 */
struct trace_rows *trace_rows_open(struct trace_file *file, uint64_t seed, uint64_t replication, double share,
				   struct err *err);
struct row_source *trace_rows_source(struct trace_rows *rows);

/* After the source has given 0: whether that was a mistake in the file; its messages are added to err. Else false. */
bool trace_rows_failed(const struct trace_rows *rows, struct err *err);

struct trace_counts {
	int64_t rows;        /* given so far */
	struct row_records records; /* read so far; none after the stretch of time that is wanted is read */
	int64_t first, last; /* time of the first and the last row, ns; 0 without any */
};
struct trace_counts trace_rows_counts(const struct trace_rows *rows);

void trace_rows_close(struct trace_rows *rows);

#endif
