/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines are cut where they lie in a buffer, which is filled again from its start when the last one in it is not whole.
 */
#include "io/lines_inside.h"
#include "base/check.h"
#include "io/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 18, BEHIND = 8 };

struct place lines_at(const struct lines_reader *reader, const char *at)
{
	return (struct place){stream_name(reader->stream), lines_line(reader), at ? (int)(at - reader->start) + 1 : 1};
}

int lines_line(const struct lines_reader *reader)
{
	return reader->line < INT_MAX ? (int)reader->line : INT_MAX;
}

/* Moves what is left to the start, and appends what comes. 1; 0 at the end; -1 broken. */
static int refill(struct lines_reader *reader, struct err *err)
{
	size_t left = (size_t)(reader->end - reader->next);
	if (reader->ended)
		return 0;
	if (left)
		memmove(reader->buffer, reader->next, left);
	if (left == reader->room) {
		reader->room *= 2;
		reader->buffer = memory_sized(reader->buffer, reader->room + BEHIND, 1);
	}
	long got = stream_read(reader->stream, reader->buffer + left, reader->room - left, err);
	reader->next = reader->buffer;
	reader->end = reader->buffer + left + (got > 0 ? got : 0);
	memset(reader->end, '\0', BEHIND);
	reader->ended = got <= 0;
	return got > 0 ? 1 : (int)got;
}

/* A line that is too long is passed over to its end. */
static enum csv_status too_long(struct lines_reader *reader, struct err *err)
{
	struct place place = {stream_name(reader->stream), lines_line(reader), 0};
	for (int more = 1; more > 0;) {
		char *end = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));
		reader->next = end ? end + 1 : reader->end;
		if (end)
			break;
		more = refill(reader, err);
		if (more < 0)
			return CSV_BROKEN;
	}
	err_add(err, ERR_TRACE, &place, "a line longer than %d bytes", CSV_RECORD);
	return CSV_BAD;
}

/* The next line, without its end, which is a NUL now. */
static enum csv_status next_line(struct lines_reader *reader, size_t *length, struct err *err)
{
	char *end;
	size_t seen = 0;
	reader->line++;
	while (!(end = memchr(reader->next + seen, '\n', (size_t)(reader->end - reader->next) - seen))) {
		seen = (size_t)(reader->end - reader->next);
		if (seen > CSV_RECORD)
			return too_long(reader, err);
		int more = refill(reader, err);
		if (more < 0)
			return CSV_BROKEN;
		if (more == 0 && seen == 0)
			return CSV_END;
		if (more == 0)
			break;
	}
	end = end ? end : reader->end;
	reader->start = reader->next;
	*length = (size_t)(end - reader->next);
	reader->next = end < reader->end ? end + 1 : end;
	if (*length && end[-1] == '\r')
		(*length)--;
	((char *)reader->start)[*length] = '\0';
	const char *nul = memchr(reader->start, '\0', *length);
	if (!nul)
		return CSV_ROW;
	struct place place = lines_at(reader, nul);
	err_add(err, ERR_TRACE, &place, "a NUL byte; is this a text file in UTF-8?");
	return CSV_BAD;
}

static bool is_empty(const char *line)
{
	return line[strspn(line, " \t")] == '\0';
}

enum csv_status lines_next(struct lines_reader *reader, const struct csv_field **fields, struct err *err)
{
	size_t length;
	for (;;) {
		enum csv_status status = next_line(reader, &length, err);
		if (status != CSV_ROW)
			return status;
		char *line = (char *)reader->start;
		if ((reader->form.comment && *line == reader->form.comment) || is_empty(line))
			continue;
		*fields = reader->field;
		return reader->way->split(reader, line, length, err) ? CSV_ROW : CSV_BAD;
	}
}

/* ---- columns ---- */

bool lines_add_column(struct lines_reader *reader, const char *name, size_t length)
{
	if (reader->columns == CSV_FIELDS)
		return false;
	char *copy = memory_sized(NULL, length + 1, 1);
	memcpy(copy, name, length);
	copy[length] = '\0';
	reader->names[reader->columns] = copy;
	reader->want[reader->columns++] = CSV_TEXT;
	return true;
}

int lines_columns(const struct lines_reader *reader)
{
	return reader->columns;
}

const char *const *lines_names(const struct lines_reader *reader)
{
	return (const char *const *)reader->names;
}

void lines_want(struct lines_reader *reader, int column, enum csv_want want)
{
	CHECK(column >= 0 && column < reader->columns);
	reader->want[column] = (unsigned char)want;
}

struct place lines_place(const struct lines_reader *reader, int field)
{
	const char *at = field >= 0 ? reader->field[field].text : NULL;
	bool inside = at && at >= reader->buffer && at < reader->end;
	return lines_at(reader, inside ? at : NULL);
}

/* ---- opening ---- */

struct lines_reader *lines_open(struct stream *stream, const struct lines_form *form, struct err *err)
{
	static const struct lines_way *const ways[] = {&lines_json, &lines_log, &lines_blanks};
	struct lines_reader *reader = memory_sized(NULL, 1, sizeof *reader);
	struct place place = {stream_name(stream), 0, 0};
	*reader = (struct lines_reader){.stream = stream, .form = *form, .way = ways[form->kind], .room = BUFFER};
	reader->buffer = reader->next = reader->end = memory_sized(NULL, BUFFER + BEHIND, 1);
	reader->field = memory_sized(NULL, CSV_FIELDS, sizeof *reader->field);
	memset(reader->field, 0, CSV_FIELDS * sizeof *reader->field);
	reader->names = memory_sized(NULL, CSV_FIELDS + 1, sizeof *reader->names);
	memset(reader->names, 0, (CSV_FIELDS + 1) * sizeof *reader->names);
	reader->want = memory_sized(NULL, CSV_FIELDS, 1);
	int more = 1;
	while (more > 0 && reader->end - reader->next < BUFFER)
		more = refill(reader, err);
	if (more >= 0 && reader->end - reader->next >= 3 && memcmp(reader->next, "\xef\xbb\xbf", 3) == 0)
		reader->next += 3;
	bool good = more >= 0 &&
		    (reader->next < reader->end || err_add(err, ERR_TRACE, &place, "is empty; rows were expected"));
	if (!good || !reader->way->begin(reader, err)) {
		lines_close(reader);
		return NULL;
	}
	return reader;
}

void lines_close(struct lines_reader *reader)
{
	if (!reader)
		return;
	if (reader->way->end)
		reader->way->end(reader);
	for (int i = 0; i < reader->columns; i++)
		free(reader->names[i]);
	free(reader->names);
	free(reader->want);
	free(reader->field);
	free(reader->buffer);
	stream_close(reader->stream);
	free(reader);
}
