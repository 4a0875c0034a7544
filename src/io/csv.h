/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Comma-separated values, read strictly (by libcsv, and lines without quotes in one pass) and one record at a time,
 * with the place of every complaint.
 *
 *   - the first record is the header, unless it is told that there is none; a byte order mark before it is passed over.
 *     A column without a name is called by its number, from 1; names may come twice
 *   - every record has as many fields as the header; records without any character are passed over, as are lines that
 *     begin with the character of comments, if there is one
 *   - lines end with LF or CR LF, the last one need not; quoted fields may hold delimiters, quotes ("") and line ends
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

/* How a file differs from the usual. All zero: it does not. */
struct csv_form {
	char delimiter;           /* 0: a comma */
	char comment;             /* 0: no comments */
	bool no_header;           /* the first record is a row */
	const char *const *names; /* of the columns, the first ones; ends with NULL; NULL: those of the header */
};

/* Reads the header. The stream is closed with the reader, or at once on a mistake: NULL and a message. */
struct csv_reader *csv_open(struct stream *stream, struct err *err);
struct csv_reader *csv_open_as(struct stream *stream, const struct csv_form *form, struct err *err);
void csv_close(struct csv_reader *reader);

/* From now on every record goes through libcsv: for those who compare the two ways. */
void csv_by_libcsv(struct csv_reader *reader);

/* How many columns, their names in order, and the index of a name (the first) or -1. They live as long as the reader.
 */
int csv_columns(const struct csv_reader *reader);
const char *const *csv_names(const struct csv_reader *reader); /* ends with NULL */
int csv_column(const struct csv_reader *reader, const char *name);

/* What is wanted of a column, from the next record on; of a header that has just been read it is CSV_TEXT. */
void csv_want(struct csv_reader *reader, int column, enum csv_want want);

/* The next record; its fields stay until the next call. */
enum csv_status csv_next(struct csv_reader *reader, const struct csv_field **fields, struct err *err);

/* What is not there: an empty field, and \\N. */
static inline bool csv_is_missing(const char *text, size_t length)
{
	return length == 0 || (length == 2 && text[0] == '\\' && text[1] == 'N');
}

/* The number that nothing but digits say; -1 of any other text, and of what is 2^63 or more. `text` has 8 readable
 * bytes before its end, or is as long. */
int64_t csv_number(const char *text, size_t length);

/* Where a field of the record just read begins, or with a negative index the record; and the record's first line. */
struct place csv_place(const struct csv_reader *reader, int field);
int csv_line(const struct csv_reader *reader);

/* Writes a field, quoted where it must be. */
void csv_put(FILE *file, const char *text);

#endif
