/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the records of a trace are written: what was said of it, and what is guessed from its beginning where nothing
 * was.
 *
 *   format: csv            records of a CSV (io/csv.h)
 *     delimiter: ";"       one character, or `tab`; guessed from , ; tab | when it is not said
 *     header: first        the first record names the columns; `none`: there is no header, and columns are called 1, 2,
 *                          3; [a, b]: there is none, and these are their names. Guessed when it is not said: a first
 *                          record with numbers or dates where the second has them too is no header
 *     comment: "#"         lines that begin with it are passed over; guessed: none but the ; of the Standard Workload
 * Format format: json           JSON lines (io/lines.h) format: blanks         fields with blanks between them; header
 * and comment as above format: combined       a web server's log: common, combined, or its format line as nginx or
 * Apache have it
 */
#ifndef IO_FORMAT_H
#define IO_FORMAT_H

#include "base/err.h"
#include "io/stream.h"

#include <stdbool.h>

enum format_kind { FORMAT_GUESS, FORMAT_CSV, FORMAT_JSON, FORMAT_BLANKS, FORMAT_LOG, FORMAT_PACKED };
enum format_header { FORMAT_HEADER_GUESS, FORMAT_HEADER_FIRST, FORMAT_HEADER_NONE };

enum { FORMAT_TEXT = 1100 };

struct format {
	enum format_kind kind;
	char delimiter, comment; /* 0: not said */
	enum format_header header;
	const char *const *names; /* of the columns, ends with NULL; or NULL */
	const char *pattern;      /* of FORMAT_LOG */
};

/* What the texts of `format` and `delimiter` say. False, and what is wrong in *why (a constant text). */
bool format_read(struct format *format, const char *text, const char **why);
bool format_delimiter(struct format *format, const char *text, const char **why);

/*
 * Guesses what was not said. False and a message when the file cannot be read, or is of a form that casebook does not
 * read: then the message tells which it is, and what makes a CSV of it.
 */
bool format_settle(struct format *format, struct stream_file *file, struct err *err);

/* What of a settled form is out of the ordinary, as keys of a model file: "format: json"; "" of a CSV as usual. */
const char *format_text(const struct format *format, char buffer[FORMAT_TEXT]);

#endif
