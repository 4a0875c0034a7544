/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The records of a trace, one by one, however they are written (io/format.h): of a CSV (io/csv.h), lines (io/lines.h),
 * a packed trace (io/cbt.h). Everything is as io/csv.h says.
 */
#ifndef IO_RECORDS_H
#define IO_RECORDS_H

#include "io/cbt.h"
#include "io/csv.h"
#include "io/format.h"
#include "io/lines.h"

struct records {
	struct csv_reader *csv; /* two of them are NULL */
	struct lines_reader *lines;
	struct cbt_reader *cbt;
};

/* `format` is settled; else it is a packed trace, or a CSV as usual. False and a message on a mistake; the stream is
 * closed then. */
bool records_open(struct records *records, struct stream *stream, const struct format *format, struct err *err);
void records_close(struct records *records);

int records_columns(const struct records *records);
const char *const *records_names(const struct records *records);
void records_want(struct records *records, int column, enum csv_want want); /* of a packed trace: nothing */

/*
 * The column that a text names, or whose number it is where none has that name. -1: there is none; -2: several have
 * that name.
 */
int records_find(const char *const *names, const char *text);

/* Adds what is wrong with a text that records_find has not found in the header of `file`. Always false. */
bool records_unfound(const char *const *names, const char *text, const char *file, enum err_kind kind,
		     const struct place *place, struct err *err);

static inline enum csv_status records_next(struct records *records, const struct csv_field **fields, struct err *err)
{
	return records->csv     ? csv_next(records->csv, fields, err)
	       : records->lines ? lines_next(records->lines, fields, err)
				: cbt_next(records->cbt, fields, err);
}

static inline struct place records_place(const struct records *records, int field)
{
	return records->csv     ? csv_place(records->csv, field)
	       : records->lines ? lines_place(records->lines, field)
				: cbt_place(records->cbt);
}

static inline int records_line(const struct records *records)
{
	return records->csv     ? csv_line(records->csv)
	       : records->lines ? lines_line(records->lines)
				: cbt_line(records->cbt);
}

#endif
