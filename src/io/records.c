/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/records.h"
#include "base/words.h"

#include <stdlib.h>
#include <string.h>

enum { LISTED = 300 };

bool records_open(struct records *records, struct stream *stream, const struct format *format, struct err *err)
{
	struct csv_form csv = {format->delimiter, format->comment, format->header == FORMAT_HEADER_NONE, format->names};
	struct lines_form lines = {LINES_JSON, format->pattern, format->comment, format->names};
	*records = (struct records){0};
	switch (format->kind == FORMAT_GUESS && cbt_is(stream) ? FORMAT_PACKED : format->kind) {
	case FORMAT_PACKED:
		records->cbt = cbt_open(stream, err);
		break;
	case FORMAT_GUESS:
	case FORMAT_CSV:
		records->csv = csv_open_as(stream, &csv, err);
		break;
	case FORMAT_JSON:
	case FORMAT_BLANKS:
	case FORMAT_LOG:
		lines.kind = format->kind == FORMAT_LOG      ? LINES_LOG
			     : format->kind == FORMAT_BLANKS ? LINES_BLANKS
							     : LINES_JSON;
		records->lines = lines_open(stream, &lines, err);
		break;
	}
	return records->csv || records->lines || records->cbt;
}

void records_close(struct records *records)
{
	csv_close(records->csv);
	lines_close(records->lines);
	cbt_close(records->cbt);
}

int records_columns(const struct records *records)
{
	return records->csv     ? csv_columns(records->csv)
	       : records->lines ? lines_columns(records->lines)
				: cbt_columns(records->cbt);
}

const char *const *records_names(const struct records *records)
{
	return records->csv     ? csv_names(records->csv)
	       : records->lines ? lines_names(records->lines)
				: cbt_names(records->cbt);
}

void records_want(struct records *records, int column, enum csv_want want)
{
	if (records->csv)
		csv_want(records->csv, column, want);
	else if (records->lines)
		lines_want(records->lines, column, want);
}

int records_find(const char *const *names, const char *text)
{
	int found = -1, count = 0;
	for (; names[count]; count++)
		if (strcmp(names[count], text) == 0)
			found = found == -1 ? count : -2;
	if (found != -1 || strspn(text, "0123456789") != strlen(text) || strlen(text) > 5)
		return found;
	int number = (int)strtol(text, NULL, 10);
	return number >= 1 && number <= count ? number - 1 : -1;
}

bool records_unfound(const char *const *names, const char *text, const char *file, enum err_kind kind,
		     const struct place *place, struct err *err)
{
	char hint[WORDS_HINT], listed[LISTED];
	if (records_find(names, text) == -2)
		return err_add(err, kind, place, "%s has two columns called \"%.60s\"; say which by its number", file,
			       text);
	return err_add(err, kind, place, "%s has no column \"%.60s\"%s (its columns: %s)", file, text,
		       words_guess(WORDS(names), text, hint), words_text(WORDS(names), listed, sizeof listed));
}
