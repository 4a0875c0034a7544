/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/traceguess.h"
#include "io/instant.h"
#include "io/memory.h"
#include "io/records.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 500 };

/* What the values of a column have in common. */
struct seen {
	int64_t values;
	bool dates, numbers, in_order;
	double least, greatest, last;
	int64_t last_date;
	char first[32];
};

static void look(struct seen *seen, const struct csv_field *field)
{
	char *end;
	int64_t date = 0;
	if (field->missing)
		return;
	double number = strtod(field->text, &end);
	bool is_number = *field->text && *end == '\0', is_date = !is_number && instant_parse_date(field->text, &date);
	is_date = is_date || instant_slashed_day(field->text); /* day/month/year: reading it says why it is none */
	if (seen->values++ == 0) {
		*seen = (struct seen){1, is_date, is_number, true, number, number, number, is_date ? date : 0, ""};
		strncat(seen->first, field->text, sizeof seen->first - 1);
		return;
	}
	seen->dates = seen->dates && is_date;
	seen->numbers = seen->numbers && is_number;
	if (seen->numbers) {
		seen->in_order = seen->in_order && number >= seen->last;
		seen->least = number < seen->least ? number : seen->least;
		seen->greatest = number > seen->greatest ? number : seen->greatest;
		seen->last = number;
	}
	if (seen->dates) {
		seen->in_order = seen->in_order && date >= seen->last_date;
		seen->last_date = date;
	}
}

/* The unit in which numbers are an instant between 1995 and 2100; NULL: in none. */
static const char *unit_of_epoch(const struct seen *seen)
{
	static const struct {
		const char *unit;
		double from, to;
	} ranges[] = {{"s", 7.9e8, 4.2e9},    {"ms", 7.9e11, 4.2e12},      {"us", 7.9e14, 4.2e15},
		      {"ns", 7.9e17, 4.2e18}, {"100ns", 1.24e17, 1.58e17}, {"100ns", 6.29e17, 6.63e17}};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges && seen->numbers; i++)
		if (seen->least >= ranges[i].from && seen->greatest <= ranges[i].to)
			return ranges[i].unit;
	return NULL;
}

/* Such names are of nothing else. */
static bool is_only_time(const char *name)
{
	static const char *const whole[] = {"t", "ts", "msec", "epoch", "when", "time", "timestamp"};
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (strcasecmp(name, whole[i]) == 0)
			return true;
	return false;
}

static bool is_called_time(const char *name)
{
	static const char *const part[] = {"time", "date", "stamp", "start", "arriv", "submit", "created"};
	if (is_only_time(name))
		return true;
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		if (strcasestr(name, part[i]))
			return true;
	return false;
}

/* How much a column looks like the time of its row; 0: it does not. */
static int likeness(const struct seen *seen, const char *name)
{
	bool called = is_called_time(name);
	if (seen->values == 0)
		return 0;
	int rest = 20 * called + 5 * seen->in_order;
	if (instant_unit_named(name) && seen->numbers)
		return 200 + rest;
	if (seen->dates)
		return 100 + rest;
	if (unit_of_epoch(seen))
		return 80 + rest;
	if (!seen->numbers || !called || seen->least < 0)
		return 0;
	return seen->in_order ? 30 : is_only_time(name) ? 10 : 0;
}

static void choose(struct trace_guess *guess, const struct seen *seen, const char *const *names)
{
	int best = 0, most = 0;
	for (int i = 0; names[i]; i++) {
		int like = likeness(&seen[i], names[i]);
		if (like > most && strlen(names[i]) < TRACE_GUESS_NAME && records_find(names, names[i]) == i) {
			most = like;
			best = i;
		}
	}
	if (most == 0)
		return;
	const char *named = instant_unit_of_time(names[best]), *epoch = unit_of_epoch(&seen[best]);
	strcpy(guess->time, names[best]);
	strcpy(guess->unit, seen[best].dates ? "date" : named ? named : epoch ? epoch : "s");
	guess->certain = seen[best].dates || named || epoch;
	guess->in_order = seen[best].in_order;
}

static bool has(const char *const *names, const char *name)
{
	return records_find(names, name) >= 0;
}

static void know(struct trace_guess *guess, const char *writer, const char *model, const char *time, const char *unit,
		 bool in_order)
{
	*guess = (struct trace_guess){.certain = true, .in_order = in_order, .writer = writer, .model = model};
	strcpy(guess->time, time);
	strcpy(guess->unit, unit);
}

/* Files of tools that are known by their columns. */
static void recognise(struct trace_guess *guess, const struct format *format, const struct seen *seen,
		      const char *const *names, int columns)
{
	bool bare = format->kind == FORMAT_CSV && format->header == FORMAT_HEADER_NONE && !format->names;
	if (has(names, "metric_name") && has(names, "timestamp") && has(names, "metric_value"))
		know(guess, "k6", "station-k6", "timestamp", "s", guess->in_order);
	else if (has(names, "timeStamp") && has(names, "elapsed"))
		know(guess, "JMeter", "station-jmeter", "timeStamp", "ms",
		     seen[records_find(names, "timeStamp")].in_order);
	else if (bare && columns == 7 && seen[0].numbers && seen[0].least > 1e17 &&
		 (strcmp(seen[3].first, "Read") == 0 || strcmp(seen[3].first, "Write") == 0))
		know(guess, "Microsoft Research Cambridge (block requests)", "station-msr", "1", "100ns",
		     seen[0].in_order);
	else if (bare && columns >= 4 && strcmp(guess->unit, "ns") == 0 && strcmp(guess->time, "1") == 0 &&
		 seen[1].numbers && seen[1].greatest < 600 && seen[2].numbers)
		know(guess, "vegeta", "station-vegeta", "1", "ns", seen[0].in_order);
	else if (format->kind == FORMAT_BLANKS && format->comment == ';' && columns >= 4)
		know(guess, "the Standard Workload Format", NULL, "2", "s", seen[1].in_order);
	else if (format->kind == FORMAT_LOG && *guess->time) {
		guess->writer = "a web server";
		guess->model = strstr(format->pattern, "\" $request_time") ? "station-nginx" : NULL;
	}
}

bool trace_guess(struct stream_file *file, const struct format *format, struct trace_guess *guess, struct err *err)
{
	struct records records;
	struct stream *stream = stream_open(file, err);
	struct err ignored;
	const struct csv_field *fields;
	enum csv_status status = CSV_ROW;
	*guess = (struct trace_guess){.in_order = true};
	err_init(&ignored);
	if (!stream || !records_open(&records, stream, format, err))
		return false;
	int columns = records_columns(&records);
	struct seen *seen = memory_zeroed((size_t)columns + 1, sizeof *seen);
	for (int i = 0; i < SAMPLE && (status == CSV_ROW || status == CSV_BAD); i++) {
		status = records_next(&records, &fields, &ignored);
		for (int k = 0; k < columns && status == CSV_ROW; k++)
			look(&seen[k], &fields[k]);
	}
	choose(guess, seen, records_names(&records));
	recognise(guess, format, seen, records_names(&records), columns);
	free(seen);
	records_close(&records);
	return true;
}
