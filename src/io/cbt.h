/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads packed traces (.cbt; docs/cbt.md says byte by byte what they are): the records of a CSV by columns, in blocks,
 * compressed and with checks. A record is what io/csv.h would give: named fields, each a text, and empty or \N a
 * missing one. They can be had one by one as texts (cbt_next), or many at once as integers (cbt_slice, cbt_view).
 *
 * What the file does not do, and every bit of it that has changed, is a mistake of the kind ERR_TRACE. Lines in
 * messages about records are those of the CSV that it would be: the header is line 1.
 */
#ifndef IO_CBT_H
#define IO_CBT_H

#include "base/err.h"
#include "io/cbt_format.h"
#include "io/cbt_text.h"
#include "io/csv.h"
#include "io/stream.h"

#include <stddef.h>
#include <stdint.h>

enum { CBT_SLICE = 1024 }; /* rows that are given at once, at most */

struct cbt_reader;

/* Whether a stream, at its start, is of this form. Nothing is read away. */
bool cbt_is(struct stream *stream);

/* As csv_open. */
struct cbt_reader *cbt_open(struct stream *stream, struct err *err);
void cbt_close(struct cbt_reader *reader);

/* As csv_columns, csv_names, csv_column. */
int cbt_columns(const struct cbt_reader *reader);
const char *const *cbt_names(const struct cbt_reader *reader);
int cbt_column(const struct cbt_reader *reader, const char *name);

/* The column that is the time, and its unit in ns, 0 for dates. */
int cbt_time(const struct cbt_reader *reader, int64_t *unit);

/* As csv_next; never CSV_BAD. */
enum csv_status cbt_next(struct cbt_reader *reader, const struct csv_field **fields, struct err *err);

/* Of the record that cbt_next has given last. */
struct place cbt_place(const struct cbt_reader *reader);
int cbt_line(const struct cbt_reader *reader);

/* ---- many at once ---- */

/*
 * How many records cbt_next would give until it has to go on to other ones, CBT_SLICE at most; when there are none, it
 * goes on. 0 at the end, -1 with a message when the file is broken.
 */
int cbt_slice(struct cbt_reader *reader, struct err *err);

/* Whether nothing of the slice has been given. */
bool cbt_fresh(const struct cbt_reader *reader);

/* One column of the slice, whole: also the records of it that have been given. */
struct cbt_view {
	int64_t block; /* that the slice is of, from 1: texts of a TEXT stay the same within a block */
	int count;     /* of records */
	enum cbt_kind kind;
	const int64_t *value;
	int64_t least, greatest; /* no value is outside of these; they may be wider by 65535 */
	int places;              /* NUMBER: the text is that of value / 10^places */
	int64_t resolution;      /* DATE: value * resolution ns since 1970-01-01 */
	/* TEXT: value is an index of these. Others: these stand for a value each that is no such number or date. */
	const struct csv_field *text;
	int texts;
	const int *row; /* of NUMBER and DATE: where, within the slice, in order */
};

/* False and a message when the file is broken. The view holds until the slice changes. */
bool cbt_view(struct cbt_reader *reader, int column, struct cbt_view *view, struct err *err);

/* The text of one value of a column of the slice; `buffer` has CBT_TEXT_PRINT bytes. False and a message: broken. */
bool cbt_field(struct cbt_reader *reader, int column, int row, struct csv_field *field, char *buffer, struct err *err);

/* All of the slice has been given. */
void cbt_take(struct cbt_reader *reader);

/* The line of a record of the slice. */
int cbt_slice_line(const struct cbt_reader *reader, int row);

#endif
