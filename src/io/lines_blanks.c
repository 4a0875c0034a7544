/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/lines_inside.h"

#include <stdio.h>
#include <string.h>

/* The next field of a line, whose length is set; NULL at its end. */
static char *next_field(char **at, size_t *length)
{
	char *start = *at + strspn(*at, " \t");
	*length = strcspn(start, " \t");
	*at = start + *length;
	return *length ? start : NULL;
}

static bool blanks_split(struct lines_reader *reader, char *line, size_t length, struct err *err)
{
	char *at = line, *start;
	int count = 0;
	for (; (start = next_field(&at, &length)); count++) {
		if (count == reader->columns) {
			struct place place = lines_at(reader, start);
			return err_add(err, ERR_TRACE, &place, "more fields than the %d of the first row",
				       reader->columns);
		}
		if (*at)
			*at++ = '\0';
		reader->field[count] = (struct csv_field){
			.text = start, .length = length, .number = -1, .missing = csv_is_missing(start, length)};
		if (reader->want[count] == CSV_NUMBER)
			reader->field[count].number = csv_number(start, length);
	}
	struct place place = lines_at(reader, NULL);
	return count == reader->columns || err_add(err, ERR_TRACE, &place, "%d field%s, but the first row has %d",
						   count, count == 1 ? "" : "s", reader->columns);
}

/* As many columns as the first row has fields. */
static bool blanks_begin(struct lines_reader *reader, struct err *err)
{
	struct place place = {stream_name(reader->stream), 0, 0};
	const char *const *names = reader->form.names;
	const char *line = reader->next;
	while (line < reader->end) {
		const char *end = memchr(line, '\n', (size_t)(reader->end - line));
		end = end ? end : reader->end;
		bool comment = reader->form.comment && *line == reader->form.comment;
		for (const char *at = line; at < end && !comment;) {
			at += strspn(at, " \t\r");
			size_t length = strcspn(at, " \t\r\n");
			char number[16];
			if (at >= end || length == 0)
				break;
			snprintf(number, sizeof number, "%d", reader->columns + 1);
			const char *name = names && *names ? *names++ : number;
			if (!lines_add_column(reader, name, strlen(name)))
				return err_add(err, ERR_TRACE, &place, "more than %d columns", CSV_FIELDS);
			at += length;
		}
		if (reader->columns)
			return true;
		line = end + (end < reader->end);
	}
	return err_add(err, ERR_TRACE, &place, "is empty; rows were expected");
}

const struct lines_way lines_blanks = {blanks_begin, blanks_split, NULL};
