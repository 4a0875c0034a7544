/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/timed.h"
#include "base/tree.h"
#include "base/words.h"
#include "io/instant.h"
#include "io/memory.h"
#include "io/records.h"
#include "io/traceguess.h"

#include <stdlib.h>
#include <string.h>

enum { NAME = 128 };

struct timed {
	struct stream_file *file;
	struct records records;
	bool open; /* the records */
	bool guessed; /* the unit */
	int slashed_day; /* of dates as month/day/year, the greatest; else 0 */
	struct timed_options options;
	char name[NAME], unit_name[NAME];
	int source;
	int64_t unit; /* ns; 0: dates */
	int64_t rows, skipped, last;
	int64_t least, greatest; /* times */
	int last_line;
	bool went_back; /* the row in hand is before the one before it */
	struct err bad;
};

/* Splits "NAME:UNIT". */
static bool take_option(struct timed *timed, const char *text, struct err *err)
{
	static const struct place place = {"--time", 0, 0};
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	const char *unit = colon ? colon + 1 : NULL;
	if (length == 0 || length >= NAME)
		return err_add(err, ERR_USAGE, &place, "needs a column and its unit, e.g. t_unix_s:s");
	memcpy(timed->name, text, length);
	timed->name[length] = '\0';
	if (!unit)
		unit = instant_unit_of_time(timed->name);
	if (!unit || (strcmp(unit, "date") != 0 && instant_unit(unit) == 0))
		return err_add(err, ERR_USAGE, &place, "\"%.60s\" needs a unit: " INSTANT_UNITS "; e.g. %.60s:s", text,
			       timed->name);
	strcpy(timed->unit_name, unit);
	return true;
}

/* As the name of a column tells, or the values of all. */
static bool guess_time(struct timed *timed, struct err *err)
{
	struct place place = {stream_file_name(timed->file), 1, 0};
	struct trace_guess guess;
	const char *const *names = records_names(&timed->records);
	for (timed->source = 0; names[timed->source]; timed->source++)
		if (instant_unit_named(names[timed->source])) {
			strcpy(timed->unit_name, instant_unit_named(names[timed->source]));
			return true;
		}
	if (!trace_guess(timed->file, &timed->options.format, &guess, err))
		return false;
	if (!*guess.time)
		return err_add(err, ERR_TRACE, &place,
			       "no column is known to be the time; say which, and its unit, e.g. --time %.60s:s",
			       names[0]);
	if (!guess.certain && !timed->options.guess_unit)
		return err_add(
			err, ERR_TRACE, &place,
			"no column is known to be the time; it may be %.60s; say so, and its unit, e.g. --time %.60s:s",
			guess.time, guess.time);
	timed->source = records_find(names, guess.time);
	strcpy(timed->unit_name, guess.unit);
	timed->guessed = !guess.certain;
	return timed->source >= 0;
}

static bool find_time(struct timed *timed, struct err *err)
{
	const char *const *names = records_names(&timed->records);
	struct place place = {stream_file_name(timed->file), 1, 0};
	if (*timed->name) {
		timed->source = records_find(names, timed->name);
		if (timed->source < 0)
			return records_unfound(names, timed->name, stream_file_name(timed->file), ERR_TRACE, &place,
					       err);
	} else if (timed->records.cbt) {
		int64_t unit;
		timed->source = cbt_time(timed->records.cbt, &unit);
		if (!instant_unit_name(unit))
			return err_add(err, ERR_TRACE, &place,
				       "packed trace, header: a unit of time that is not known");
		strcpy(timed->unit_name, instant_unit_name(unit));
	} else if (!guess_time(timed, err)) {
		return false;
	}
	timed->unit = strcmp(timed->unit_name, "date") == 0 ? 0 : instant_unit(timed->unit_name);
	return true;
}

struct timed *timed_open(const char *path, const struct timed_options *options, struct err *err)
{
	struct timed *timed = memory_zeroed(1, sizeof *timed);
	timed->options = *options;
	bool good = !options->time || take_option(timed, options->time, err);
	timed->file = good ? stream_file_open(path, ERR_TRACE, err) : NULL;
	good = timed->file && format_settle(&timed->options.format, timed->file, err);
	struct stream *stream = good ? stream_open(timed->file, err) : NULL;
	timed->open = stream && records_open(&timed->records, stream, &timed->options.format, err);
	if (!timed->open || !find_time(timed, err)) {
		timed_close(timed);
		return NULL;
	}
	return timed;
}

void timed_close(struct timed *timed)
{
	if (!timed)
		return;
	if (timed->open)
		records_close(&timed->records);
	stream_file_close(timed->file);
	free(timed);
}

static bool read_time(struct timed *timed, const struct csv_field *field, int64_t *time)
{
	const char *why = "is missing; every row needs a time";
	if (!field->missing && instant_parse(field->text, timed->unit, time, &why))
		return true;
	struct place place = records_place(&timed->records, timed->source);
	return err_add(&timed->bad, ERR_TRACE, &place, "%.60s: \"%.60s\" %s",
		       records_names(&timed->records)[timed->source], field->text, why);
}

static enum csv_status give_up(const struct timed *timed, bool broken, struct err *err)
{
	const struct err_message *m = &timed->bad.message[0];
	struct place place = {m->file, m->line, m->column};
	err_add(err, timed->bad.kind, &place, "%s", m->text);
	if (!broken && timed->options.skip_bad) {
		place = (struct place){stream_file_name(timed->file), 0, 0};
		err_add(err, ERR_TRACE, &place, "more than %lld malformed rows (--skip-bad)",
			(long long)timed->options.skip_bad);
	}
	return CSV_BROKEN;
}

enum csv_status timed_next(struct timed *timed, const struct csv_field **fields, int64_t *time, struct err *err)
{
	struct place place = {stream_file_name(timed->file), 0, 0};
	for (;;) {
		err_init(&timed->bad);
		enum csv_status status = records_next(&timed->records, fields, &timed->bad);
		if (status == CSV_END && timed->rows == 0) {
			err_add(err, ERR_TRACE, &place, "has a header but no rows%s",
				timed->skipped ? " that are well formed" : "");
			return CSV_BROKEN;
		}
		if (status == CSV_END)
			return CSV_END;
		if (status == CSV_ROW && read_time(timed, &(*fields)[timed->source], time))
			break;
		if (status == CSV_BROKEN || timed->skipped == timed->options.skip_bad)
			return give_up(timed, status == CSV_BROKEN, err);
		timed->skipped++;
	}
	timed->went_back = timed->rows && *time < timed->last;
	if (timed->went_back && !timed->options.any_order) {
		place = records_place(&timed->records, timed->source);
		err_add(err, ERR_TRACE, &place,
			"time goes backwards: %.60s, before line %d; sort the file, or accept it with --sort",
			(*fields)[timed->source].text, timed->last_line);
		return CSV_BROKEN;
	}
	timed->least = timed->rows && timed->least < *time ? timed->least : *time;
	timed->greatest = timed->rows && timed->greatest > *time ? timed->greatest : *time;
	if (timed->greatest - timed->least > INT64_MAX / 2) { /* no time is negative */
		place = records_place(&timed->records, timed->source);
		err_add(err, ERR_TRACE, &place, "the trace lasts longer than 146 years%s",
			timed->unit > 1 ? "; is the unit of time right?" : "");
		return CSV_BROKEN;
	}
	if (timed->unit == 0) {
		int day = instant_slashed_day((*fields)[timed->source].text);
		timed->slashed_day = day > timed->slashed_day ? day : timed->slashed_day;
	}
	timed->last = *time;
	timed->last_line = records_line(&timed->records);
	timed->rows++;
	return CSV_ROW;
}

int64_t timed_rows(const struct timed *timed)
{
	return timed->rows;
}

int64_t timed_skipped(const struct timed *timed)
{
	return timed->skipped;
}

const char *const *timed_names(const struct timed *timed)
{
	return records_names(&timed->records);
}

int timed_columns(const struct timed *timed)
{
	return records_columns(&timed->records);
}

int timed_source(const struct timed *timed)
{
	return timed->source;
}

const char *timed_unit(const struct timed *timed)
{
	return timed->unit_name;
}

bool timed_unit_guessed(const struct timed *timed)
{
	return timed->guessed;
}

const char *timed_date_order(const struct timed *timed)
{
	if (timed->slashed_day == 0)
		return "";
	return timed->slashed_day > 12
		       ? ", month/day/year"
		       : ", month/day/year (no day is above 12: if they are day/month/year, rewrite them)";
}

int64_t timed_unit_ns(const struct timed *timed)
{
	return timed->unit;
}

const char *timed_name(const struct timed *timed)
{
	return stream_file_name(timed->file);
}

const struct format *timed_format(const struct timed *timed)
{
	return &timed->options.format;
}

struct stream_file *timed_file(const struct timed *timed)
{
	return timed->file;
}

void timed_want(struct timed *timed, int column, enum csv_want want)
{
	records_want(&timed->records, column, want);
}

bool timed_went_back(const struct timed *timed)
{
	return timed->went_back;
}
