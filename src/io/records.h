/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The records of a trace, one by one: of a CSV (io/csv.h), or of a packed trace (io/cbt.h), whichever it is. Everything
 * is as io/csv.h says.
 */
#ifndef IO_RECORDS_H
#define IO_RECORDS_H

#include "io/cbt.h"
#include "io/csv.h"

struct records {
	struct csv_reader *csv; /* one of them is NULL */
	struct cbt_reader *cbt;
};

/* False and a message on a mistake; the stream is closed then. */
static inline bool records_open(struct records *records, struct stream *stream, struct err *err)
{
	bool packed = cbt_is(stream);
	*records = (struct records){packed ? NULL : csv_open(stream, err), packed ? cbt_open(stream, err) : NULL};
	return records->csv || records->cbt;
}

static inline void records_close(struct records *records)
{
	csv_close(records->csv);
	cbt_close(records->cbt);
}

static inline int records_columns(const struct records *records)
{
	return records->csv ? csv_columns(records->csv) : cbt_columns(records->cbt);
}

static inline const char *const *records_names(const struct records *records)
{
	return records->csv ? csv_names(records->csv) : cbt_names(records->cbt);
}

static inline int records_column(const struct records *records, const char *name)
{
	return records->csv ? csv_column(records->csv, name) : cbt_column(records->cbt, name);
}

static inline enum csv_status records_next(struct records *records, const struct csv_field **fields, struct err *err)
{
	return records->csv ? csv_next(records->csv, fields, err) : cbt_next(records->cbt, fields, err);
}

static inline struct place records_place(const struct records *records, int field)
{
	return records->csv ? csv_place(records->csv, field) : cbt_place(records->cbt);
}

static inline int records_line(const struct records *records)
{
	return records->csv ? csv_line(records->csv) : cbt_line(records->cbt);
}

#endif
