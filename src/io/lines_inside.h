/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kind of lines (io/lines.h) has to do, and what the reader of lines does for it. */
#ifndef IO_LINES_INSIDE_H
#define IO_LINES_INSIDE_H

#include "io/lines.h"

struct lines_way {
	/* Names the columns, from the lines in the buffer, which stay as they are. False and a message: it cannot. */
	bool (*begin)(struct lines_reader *reader, struct err *err);
	/* Sets reader->field; may write into the line, behind which there are 8 bytes. False and a message: a bad one.
	 */
	bool (*split)(struct lines_reader *reader, char *line, size_t length, struct err *err);
	void (*end)(struct lines_reader *reader); /* may be NULL */
};

extern const struct lines_way lines_json, lines_log, lines_blanks;

struct lines_reader {
	struct stream *stream;
	struct lines_form form;
	const struct lines_way *way;
	void *own;                 /* of the way */
	char *buffer, *next, *end; /* next: what has not been read of the buffer */
	size_t room;
	bool ended;
	int64_t line;      /* of the record read last */
	const char *start; /* its first byte */
	struct csv_field *field;
	unsigned char *want;
	char **names;
	int columns;
};

/* Another column. False: there are CSV_FIELDS. */
bool lines_add_column(struct lines_reader *reader, const char *name, size_t length);

/* The place of a byte of the line in hand; or of the line, with NULL. */
struct place lines_at(const struct lines_reader *reader, const char *at);

#endif
