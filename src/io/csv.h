/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Comma-separated values, read strictly (by libcsv, and lines without quotes in one pass) and one record at a time,
 * with the place of every complaint.
 *
 *   - the first record is the header: names, none empty, none twice; a byte order mark before it is passed over
 *   - every record has as many fields as the header; records without any character are passed over
 *   - lines end with LF or CR LF, the last one need not; quoted fields may hold commas, quotes ("") and line ends
 *   - blanks around an unquoted field do not belong to it
 *   - an empty field, and \N, is a missing value
 *   - bytes are not looked at, except that a NUL byte is a mistake; a record has at most CSV_RECORD bytes
 *
 * Columns in messages count bytes from 1.
 */
#ifndef IO_CSV_H
#define IO_CSV_H

#include "base/err.h"
#include "io/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CSV_RECORD = 1 << 20, CSV_FIELDS = 1000 };

struct csv_field {
	const char *text; /* ends with a NUL, "" for a missing one */
	size_t length;
	int64_t number; /* of CSV_NUMBER: what the text says if that was easily told, else -1 */
	bool missing;
};

/* What is wanted of the fields of a column. */
enum csv_want {
	CSV_TEXT,
	CSV_NUMBER, /* the text, and the number if it is nothing but digits and below 2^63 */
	CSV_NOTHING /* then a record may tell nothing of the field */
};

struct csv_reader;

enum csv_status {
	CSV_END,
	CSV_ROW,
	CSV_BAD,   /* a record is malformed; a message says how; the next one can be asked for */
	CSV_BROKEN /* nothing more can be read: a message says why */
};

/* Reads the header. The stream is closed with the reader, or at once on a mistake: NULL and a message. */
struct csv_reader *csv_open(struct stream *stream, struct err *err);
void csv_close(struct csv_reader *reader);

/* From now on every record goes through libcsv: for those who compare the two ways. */
void csv_by_libcsv(struct csv_reader *reader);

/* How many columns, their names in order, and the index of a name or -1. They live as long as the reader. */
int csv_columns(const struct csv_reader *reader);
const char *const *csv_names(const struct csv_reader *reader); /* ends with NULL */
int csv_column(const struct csv_reader *reader, const char *name);

/* What is wanted of a column, from the next record on; of a header that has just been read it is CSV_TEXT. */
void csv_want(struct csv_reader *reader, int column, enum csv_want want);

/* The next record; its fields stay until the next call. */
enum csv_status csv_next(struct csv_reader *reader, const struct csv_field **fields, struct err *err);

/* Where a field of the record just read begins, or with a negative index the record; and the record's first line. */
struct place csv_place(const struct csv_reader *reader, int field);
int csv_line(const struct csv_reader *reader);

/* Writes a field, quoted where it must be. */
void csv_put(FILE *file, const char *text);

#endif
