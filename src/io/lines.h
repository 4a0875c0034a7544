/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traces of which every record is a line, read as io/csv.h reads a CSV:
 *
 *   LINES_JSON    an object a line. Columns are called by their paths, `data.tags.url`; they are those of the objects
 * at the start of the file (LINES_SAMPLE lines, or what is read at once), and other members are passed over. null and
 * what is not there are missing; lists are texts. A number with a fraction is the shortest decimal that means the same
 * double LINES_LOG     a web server's log, of which `pattern` is the format line: of nginx ($remote_addr -
 * [$time_local]), or of Apache (%h %l %u %t \"%r\" %>s %b), or the words `common` and `combined`. Columns are called as
 *                 nginx calls them, also those of Apache (%h is remote_addr); other directives of Apache as they are
 *                 written. `request` is told in parts too: request_method, request_uri, server_protocol. - is missing
 *   LINES_BLANKS  fields with blanks or tabs between them, as many as in the first line, called by their numbers
 */
#ifndef IO_LINES_H
#define IO_LINES_H

#include "io/csv.h"

enum { LINES_SAMPLE = 1000 };

enum lines_kind { LINES_JSON, LINES_LOG, LINES_BLANKS };

struct lines_form {
	enum lines_kind kind;
	const char *pattern;      /* of LINES_LOG */
	char comment;             /* lines that begin with it are passed over; 0: none */
	const char *const *names; /* of LINES_BLANKS, the first ones; ends with NULL; may be NULL */
};

struct lines_reader;

/* As csv_open_as. A pattern that is none is told as a mistake of the kind ERR_USAGE. */
struct lines_reader *lines_open(struct stream *stream, const struct lines_form *form, struct err *err);
void lines_close(struct lines_reader *reader);

/* Whether a pattern fits a line, with no blanks in fields that are not in quotes or brackets. */
bool lines_fits(const char *pattern, const char *line);

/* As csv_columns, csv_names, csv_want, csv_next, csv_place, csv_line. */
int lines_columns(const struct lines_reader *reader);
const char *const *lines_names(const struct lines_reader *reader);
void lines_want(struct lines_reader *reader, int column, enum csv_want want);
enum csv_status lines_next(struct lines_reader *reader, const struct csv_field **fields, struct err *err);
struct place lines_place(const struct lines_reader *reader, int field);
int lines_line(const struct lines_reader *reader);

#endif
