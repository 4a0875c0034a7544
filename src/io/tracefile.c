/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A record becomes an item: the instant that the file says and the values of the columns that come from the file. Items
 * are made one by one (a plain replay), or held in an array that all replications share (sort, superpose). What is
 * drawn is added when an item is given out as a row, because it depends on the replication.
 *
 * Sums are taken in 128 bits over the largest power of ten of their terms, and rounded once.
 *
 * Superposed copies are rotations of the same array; a binary heap of copies, ordered by the time of their next row and
 * then by their number, merges them.
 */
#include "io/tracefile.h"
#include "base/check.h"
#include "base/quantity.h"
#include "io/ahead.h"
#include "io/batch.h"
#include "io/columnmap.h"
#include "io/decimal.h"
#include "io/instant.h"
#include "io/memory.h"
#include "io/records.h"
#include "io/spread.h"
#include "io/stream.h"
#include "trace/date.h"
#include "trace/maker.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t time_max = INT64_MAX / 2;

struct item {
	int64_t instant; /* as the file says */
	int64_t time;    /* of the trace */
	int64_t window;
	int64_t value[ROW_VALUES];
};

struct trace_file {
	struct arena arena;
	struct stream_file *stream;
	struct columnmap map;
	struct batch_rule rule[BATCH_RULES]; /* the map, for packed traces: time, window, columns */

	pthread_mutex_t lock; /* around what follows, which is made once */
	bool loaded;
	struct item *item;
	int64_t items, span;
	struct row_records records; /* when loaded */
	bool scanned;
	struct trace_window *stretch;
	int64_t *window_rows; /* of each stretch */
	int stretches;
	int64_t displaced; /* rows at the instant at which the next stretch begins, which count there */
};

/* A reader of records. */
struct cursor {
	const struct trace_file *file;
	struct records records;
	struct batch *batch; /* NULL: rows come one by one */
	const struct csv_field *fields; /* of the row given last, unless it was of `many` */
	bool windows_only;              /* of columns only time and windows are looked at */
	bool left_out, ended; /* the row in hand is not of the stretch of time that is wanted; it is after it */
	bool any;             /* there was a row, at `base` */
	int64_t base;
	bool window_date;               /* the window of the row given last was written as a date */
	const int64_t *many[BATCH_RULES];
	int many_at, many_count; /* those of `many` that are still to be given */
	bool of_many;            /* the row given last was of `many` */
	int64_t *even;           /* times of `many` that are numbers of rows */
	int even_room;
	int64_t rows, skipped, left_out_rows;
	int64_t last; /* instant of the row before, at line last_line; how it was written, for messages */
	int last_line, last_digits;
	int64_t last_number; /* of last_digits digits, or -1 and the text */
	char last_text[COLUMNMAP_SHOWN];
	struct err bad;
};

struct copy {
	int64_t time, next, left; /* of its next row, that row's index, rows left after it */
	int64_t number, shift;
};

struct trace_rows {
	struct row_source source;
	struct row_source stamped; /* of `spread`: rows with the times of the file */
	struct spread *spread;     /* NULL: times stay */
	struct trace_file *file;
	double share;
	struct rng_stream sharing, streams[ROW_VALUES];
	struct trace_counts counts;
	bool given_end;            /* the source has given 0 */
	struct err err;
	struct cursor *cursor;     /* of a plain replay; it and what follows up to `ahead` is the reading thread's */
	struct row_source reading; /* its rows, which `source` gives from `ahead` */
	int64_t next_id;
	struct row_records records;
	bool ended;
	struct ahead *ahead;       /* NULL: not begun, or no thread: read as they are asked for */
	bool begun;
	struct copy *heap; /* otherwise */
	int64_t heap_size;
	int stretch; /* of superposed copies: the one that the time has reached */
};

static void take_messages(struct err *into, const struct err *from)
{
	for (int i = 0; i < from->count; i++) {
		const struct err_message *m = &from->message[i < ERR_MAX ? i : ERR_MAX - 1];
		struct place place = {m->file, m->line, m->column};
		err_add(into, from->kind, &place, "%s", m->text);
	}
}

/* ---- reading records ---- */

static struct cursor *cursor_open(const struct trace_file *file, struct err *err)
{
	struct stream *stream = stream_open(file->stream, err);
	struct records records;
	if (!stream || !records_open(&records, stream, &file->map.format, err))
		return NULL;
	struct cursor *cursor = memory_zeroed(1, sizeof *cursor);
	cursor->file = file;
	cursor->records = records;
	err_init(&cursor->bad);
	return cursor;
}

static void want_number(void *of, int source)
{
	if (source >= 0)
		records_want(of, source, CSV_NUMBER);
}

/* Once it is known which columns of the file are for what, the others need not be looked at. */
static void cursor_want(const struct columnmap *map, struct records *records, bool windows_only)
{
	const int sources[] = {map->window_source, map->start_source, map->lasts_source, map->time_minus.source,
			       map->time_source};
	for (int i = 0; i < records_columns(records); i++)
		records_want(records, i, CSV_NOTHING);
	for (int i = 0; i < map->column_count && !windows_only; i++) {
		const struct columnmap_entry *entry = &map->entry[i];
		if (entry->kind == COLUMNMAP_COLUMN) {
			want_number(records, entry->source);
			want_number(records, entry->minus.source);
		}
		for (int k = 0; entry->kind == COLUMNMAP_SUM && k < entry->terms; k++)
			want_number(records, entry->term[k].source);
	}
	if (map->where)
		condition_sources(map->where, want_number, records);
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		want_number(records, sources[i]);
}

static void cursor_close(struct cursor *cursor)
{
	if (!cursor)
		return;
	batch_close(cursor->batch);
	records_close(&cursor->records);
	free(cursor->even);
	free(cursor);
}

static bool bad_field(struct cursor *cursor, int source, const char *text, const char *why)
{
	struct place place = records_place(&cursor->records, source);
	char name[COLUMNMAP_SHOWN], value[COLUMNMAP_SHOWN];
	return err_add(&cursor->bad, ERR_TRACE, &place, "%s: \"%s\" %s",
		       columnmap_shown(cursor->file->map.names[source], name), columnmap_shown(text, value), why);
}

/* The field * unit, where it is nothing but digits and that fits: what most fields are. */
static inline bool read_digits(const struct csv_field *field, int64_t unit, int64_t *value)
{
	return field->number >= 0 && !__builtin_mul_overflow(field->number, unit, value);
}

static inline bool field_decimal(const struct csv_field *field, struct decimal *decimal, const char **why)
{
	if (field->number < 0)
		return decimal_parse(field->text, decimal, why);
	*decimal = (struct decimal){field->number, 0};
	return true;
}

/* Takes what a map subtracts from a value. */
static bool subtract(struct cursor *cursor, const struct columnmap_minus *minus, const struct csv_field *fields,
		     int64_t *value)
{
	const struct csv_field *field = &fields[minus->source];
	const char *why = "is missing, but it is subtracted";
	int64_t other;
	if (field->missing || !instant_parse(field->text, minus->dates ? 0 : minus->unit, &other, &why))
		return bad_field(cursor, minus->source, field->text, why);
	*value -= other;
	return *value >= 0 || bad_field(cursor, minus->source, field->text, "is more than what it is subtracted from");
}

static bool read_number(struct cursor *cursor, const struct columnmap_entry *map, const struct csv_field *field,
			int64_t *value)
{
	struct decimal decimal;
	const char *text = field->text, *why = "is not a date and time, e.g. 2014-04-07 18:30:05";
	if (map->dates)
		return instant_parse_date(text, value) || bad_field(cursor, map->source, text, why);
	if (!field_decimal(field, &decimal, &why))
		return bad_field(cursor, map->source, text, why);
	if (decimal.digits < 0)
		return bad_field(cursor, map->source, text, "is negative");
	if (map->whole && !decimal_is_whole(decimal))
		return bad_field(
			cursor, map->source, text,
			"is not whole; say the unit of the column, e.g. {from: NAME, unit: s}, and it is rounded");
	if (!decimal_times(decimal, map->unit, value) || *value > INT64_MAX / 4)
		return bad_field(cursor, map->source, text, "is too large");
	return true;
}

static bool read_word(struct cursor *cursor, const struct columnmap_entry *map, const struct column *column,
		      const struct csv_field *field, int64_t *value)
{
	char why[512];
	for (int i = 0; i < map->word_count; i++) {
		const struct columnmap_word *word = &map->words[i];
		if (word->length == field->length && memcmp(word->from, field->text, word->length) == 0) {
			*value = word->to;
			return true;
		}
	}
	return maker_constant(column, field->text, value, why, sizeof why) ||
	       bad_field(cursor, map->source, field->text, why);
}

static bool read_sum(struct cursor *cursor, const struct columnmap_entry *map, const struct csv_field *fields,
		     int64_t *value)
{
	decimal_wide part[COLUMNMAP_TERMS], sum = 0;
	int places[COLUMNMAP_TERMS], most = 0, source = 0;
	bool fits = true;
	for (int i = 0; i < map->terms; i++) {
		const struct columnmap_term *term = &map->term[i];
		struct decimal decimal = {1, 0};
		const char *why;
		if (term->source >= 0) {
			source = term->source;
			if (fields[source].missing)
				return bad_field(cursor, source, fields[source].text,
						 "is missing, but a number is computed from it");
			if (!field_decimal(&fields[source], &decimal, &why))
				return bad_field(cursor, source, fields[source].text, why);
		}
		part[i] = term->coefficient;
		places[i] = term->places + decimal.places;
		fits = fits && decimal_multiply(&part[i], decimal.digits);
		for (; places[i] > 0 && part[i] % 10 == 0; places[i]--)
			part[i] /= 10;
		if (part[i] == 0)
			places[i] = 0;
		most = places[i] > most ? places[i] : most;
	}
	for (int i = 0; i < map->terms && fits; i++)
		fits = decimal_shift_up(&part[i], most - places[i]) && !__builtin_add_overflow(sum, part[i], &sum);
	if (fits && sum < 0)
		return bad_field(cursor, source, fields[source].text, "makes a computed value negative");
	if (!fits || !decimal_shift_down(sum, most, value) || *value > INT64_MAX / 4)
		return bad_field(cursor, source, fields[source].text, "makes a computed value too large");
	return true;
}

static bool is_missing(struct cursor *cursor, int source, const char *text)
{
	char why[512];
	const char *name = cursor->file->map.names[source];
	snprintf(why, sizeof why,
		 "is missing; say what that means, {from: %.60s, missing: VALUE}, or leave such rows out, "
		 "where: %.60s != \"\"",
		 name, name);
	return bad_field(cursor, source, text, why);
}

static bool read_value(struct cursor *cursor, int index, const struct csv_field *fields, int64_t *value)
{
	const struct columnmap_entry *map = &cursor->file->map.entry[index];
	const struct column *column = &cursor->file->map.columns[index];
	if (map->kind == COLUMNMAP_SUM)
		return read_sum(cursor, map, fields, value);
	const struct csv_field *field = &fields[map->source];
	if (map->lookup && !field->missing) {
		const char *text = field->text;
		char why[256];
		field = lookup_find(map->lookup, text, field->length);
		if (!field && map->said_missing) {
			*value = map->missing;
			return map->may_miss;
		}
		snprintf(why, sizeof why, "is not in %.100s; `missing:` says what such values mean", map->lookup_name);
		if (!field)
			return bad_field(cursor, map->source, text, why);
	}
	if (field->missing) {
		*value = map->missing;
		return map->may_miss || is_missing(cursor, map->source, field->text);
	}
	if (column->type == COLUMN_KEY) {
		bool number = field->number >= 0 && (field->text[0] != '0' || field->length == 1);
		*value = number ? field->number : maker_key(field->text, field->length);
		return true;
	}
	if (column->type == COLUMN_CHOICE)
		return read_word(cursor, map, column, field, value);
	return read_number(cursor, map, field, value) &&
	       (map->minus.source < 0 || subtract(cursor, &map->minus, fields, value));
}

static inline bool read_window(struct cursor *cursor, const struct csv_field *fields, int64_t *window)
{
	const struct columnmap *map = &cursor->file->map;
	int source = map->window_source;
	struct decimal decimal;
	const char *why;
	*window = 0;
	if (source < 0)
		return true;
	const struct csv_field *field = &fields[source];
	if (!map->window_dates && read_digits(field, 1, window))
		return true;
	if (field->missing)
		return bad_field(cursor, source, field->text, "is missing; every row needs a window");
	cursor->window_date = date_parse(field->text, window);
	if (cursor->window_date && (map->window_dates || cursor->rows == 0))
		return true;
	if (cursor->window_date || map->window_dates)
		return bad_field(cursor, source, field->text,
				 map->window_dates ? "is not a date, as those of the rows before it are"
						   : "is a date, and those of the rows before it are numbers");
	if (!decimal_parse(field->text, &decimal, &why))
		return bad_field(cursor, source, field->text, "is neither a whole number nor a date");
	if (!decimal_is_whole(decimal) || decimal.digits < 0 || !decimal_times(decimal, 1, window))
		return bad_field(cursor, source, field->text, "is not a whole number, 0 or more");
	return true;
}

/* Of row number `row`; later than any trace may last, when it is beyond all integers. */
static inline int64_t even_time(const struct trace_file *file, int64_t row)
{
	int64_t instant;
	return __builtin_mul_overflow(file->map.time_every, row, &instant) ? INT64_MAX : instant;
}

/* Whether a row is of the stretch of time that is wanted. */
static bool is_within(struct cursor *cursor, int64_t instant)
{
	const struct columnmap *map = &cursor->file->map;
	if (!cursor->any)
		cursor->base = instant;
	cursor->any = true;
	int64_t from = map->from.ns, to = map->to.ns;
	if (map->from.after_first && __builtin_add_overflow(from, cursor->base, &from))
		from = INT64_MAX;
	if (map->to.after_first && __builtin_add_overflow(to, cursor->base, &to))
		to = INT64_MAX;
	cursor->ended = map->to.said && instant >= to && !map->sort;
	return (!map->from.said || instant >= from) && (!map->to.said || instant < to);
}

static inline bool read_instant(struct cursor *cursor, const struct csv_field *time, int64_t *instant)
{
	const struct trace_file *file = cursor->file;
	const char *why;
	if (file->map.time_every) {
		*instant = even_time(file, cursor->rows);
		return true;
	}
	if (!file->map.time_dates && read_digits(time, file->map.time_unit, instant))
		return true;
	if (time->missing)
		return bad_field(cursor, file->map.time_source, time->text, "is missing; every row needs a time");
	return instant_parse(time->text, file->map.time_dates ? 0 : file->map.time_unit, instant, &why) ||
	       bad_field(cursor, file->map.time_source, time->text, why);
}

/* Sets what of the item is read from the file. */
static bool read_fields(struct cursor *cursor, const struct csv_field *fields, struct item *item)
{
	const struct trace_file *file = cursor->file;
	if (!read_instant(cursor, &fields[file->map.time_source], &item->instant) ||
	    (file->map.time_minus.source >= 0 && !subtract(cursor, &file->map.time_minus, fields, &item->instant)))
		return false;
	if ((file->map.from.said || file->map.to.said) && !is_within(cursor, item->instant))
		return cursor->left_out = true;
	bool good = read_window(cursor, fields, &item->window);
	for (int i = 0; i < file->map.column_count && !cursor->windows_only; i++) {
		const struct columnmap_entry *map = &file->map.entry[i];
		int64_t *value = &item->value[i];
		if (map->number && read_digits(&fields[map->source], map->unit, value) &&
		    *value <= INT64_MAX / 4)
			continue;
		good = (map->kind == COLUMNMAP_MADE || read_value(cursor, i, fields, value)) && good;
	}
	return good;
}

static bool goes_back(struct cursor *cursor, const struct csv_field *time, struct err *err)
{
	struct place place = records_place(&cursor->records, cursor->file->map.time_source);
	char now[COLUMNMAP_SHOWN], last[COLUMNMAP_SHOWN];
	if (cursor->last_number >= 0)
		snprintf(cursor->last_text, COLUMNMAP_SHOWN, "%0*lld", cursor->last_digits,
			 (long long)cursor->last_number);
	return err_add(
		err, ERR_TRACE, &place,
		"time goes backwards: %s, after %s in line %d; sort the file, or accept it with --sort (sort: true)",
		columnmap_shown(time->text, now), columnmap_shown(cursor->last_text, last), cursor->last_line);
}

static bool in_order(struct cursor *cursor, const struct item *item, const struct csv_field *time, struct err *err)
{
	if (cursor->rows && item->instant < cursor->last && !cursor->file->map.sort)
		return goes_back(cursor, time, err);
	cursor->last = item->instant;
	cursor->last_line = records_line(&cursor->records);
	cursor->last_number = time->number;
	cursor->last_digits = (int)time->length;
	if (time->number < 0) {
		/* enough of it for a message */
		size_t length = time->length < COLUMNMAP_SHOWN ? time->length : COLUMNMAP_SHOWN - 1;
		memcpy(cursor->last_text, time->text, length);
		cursor->last_text[length] = '\0';
	}
	return true;
}

static struct row_records records_of(const struct cursor *cursor)
{
	return (struct row_records){cursor->rows, cursor->left_out_rows, cursor->skipped};
}

enum read_status { READ_ITEM, READ_END, READ_FAILED };

/* Whether a malformed record may be passed over. */
static bool pass_over(struct cursor *cursor, enum csv_status status, struct err *err)
{
	if (status == CSV_BROKEN || cursor->skipped == cursor->file->map.skip) {
		take_messages(err, &cursor->bad);
		if (status != CSV_BROKEN && cursor->file->map.skip) {
			struct place place = {stream_file_name(cursor->file->stream), 0, 0};
			err_add(err, ERR_TRACE, &place, "more than %lld malformed rows (skip_bad)",
				(long long)cursor->file->map.skip);
		}
		return false;
	}
	cursor->skipped++;
	err_init(&cursor->bad);
	return true;
}

/* Whether a record is as `where` says. False with a message in cursor->bad: that cannot be told. */
static bool is_wanted(struct cursor *cursor, const struct csv_field *fields)
{
	const char *why = "";
	int bad;
	bool holds = condition_holds(cursor->file->map.where, fields, &bad, &why);
	return bad >= 0 ? bad_field(cursor, bad, fields[bad].text, why) : holds;
}

/* The next row of the file that is wanted, past malformed ones as far as that is allowed. */
static inline enum read_status cursor_next(struct cursor *cursor, struct item *item, struct err *err)
{
	const struct csv_field *fields;
	for (;;) {
		enum csv_status status = records_next(&cursor->records, &fields, &cursor->bad);
		bool wanted = status != CSV_ROW || !cursor->file->map.where || is_wanted(cursor, fields);
		cursor->left_out = !wanted && !err_any(&cursor->bad);
		if (status == CSV_ROW && wanted && read_fields(cursor, fields, item) && !cursor->left_out) {
			if (!in_order(cursor, item, &fields[cursor->file->map.time_source], err))
				return READ_FAILED;
			cursor->rows++;
			cursor->fields = fields;
			return READ_ITEM;
		}
		if (status == CSV_END || (cursor->left_out && cursor->ended))
			return READ_END;
		if (cursor->left_out) {
			cursor->left_out_rows++;
			continue;
		}
		if (!pass_over(cursor, status, err))
			return READ_FAILED;
	}
}

/* ---- many rows of a packed trace at once ---- */

enum { RULE_TIME, RULE_WINDOW, RULE_COLUMNS };

static struct batch_rule number_rule(bool dates, int source, int64_t unit, bool whole, int64_t most)
{
	return (struct batch_rule){.how = dates ? BATCH_DATE : BATCH_NUMBER, .source = source, .unit = unit,
				   .whole = whole, .most = most};
}

static struct batch_rule sum_rule(const struct columnmap_entry *map)
{
	struct batch_rule rule = {.how = BATCH_SUM, .most = INT64_MAX / 4, .terms = map->terms};
	for (int i = 0; i < map->terms; i++) {
		rule.term[i].coefficient = map->term[i].coefficient;
		rule.term[i].places = map->term[i].places;
		rule.term[i].source = map->term[i].source;
	}
	return rule;
}

static void make_rules(struct trace_file *file)
{
	if (!file->map.time_every)
		file->rule[RULE_TIME] = number_rule(file->map.time_dates, file->map.time_source, file->map.time_unit,
						    false, INT64_MAX);
	if (file->map.window_source >= 0)
		file->rule[RULE_WINDOW] = number_rule(false, file->map.window_source, 1, true, INT64_MAX);
	for (int i = 0; i < file->map.column_count; i++) {
		const struct columnmap_entry *map = &file->map.entry[i];
		struct batch_rule *rule = &file->rule[RULE_COLUMNS + i];
		enum column_type type = file->map.columns[i].type;
		if (map->kind == COLUMNMAP_SUM)
			*rule = sum_rule(map);
		else if (map->kind == COLUMNMAP_COLUMN && (type == COLUMN_KEY || type == COLUMN_CHOICE || map->lookup))
			*rule = (struct batch_rule){.how = type == COLUMN_KEY && !map->lookup ? BATCH_KEY : BATCH_TEXT,
						    .source = map->source};
		else if (map->kind == COLUMNMAP_COLUMN)
			*rule = number_rule(map->dates, map->source, map->unit, map->whole, INT64_MAX / 4);
	}
}

/* What one record says by a rule: a batch_fn. */
static bool read_by_rule(void *of, int rule, const struct csv_field *fields, int64_t *value)
{
	struct cursor *cursor = of;
	if (rule == RULE_TIME)
		return read_instant(cursor, &fields[cursor->file->map.time_source], value);
	return rule == RULE_WINDOW ? read_window(cursor, fields, value)
				   : read_value(cursor, rule - RULE_COLUMNS, fields, value);
}

/* Once the map is known: before the first of all rows. */
static void cursor_begin(struct cursor *cursor, bool windows_only)
{
	const struct trace_file *file = cursor->file;
	int columns = windows_only ? 0 : file->map.column_count;
	cursor->windows_only = windows_only;
	if (!cursor->records.cbt)
		cursor_want(&file->map, &cursor->records, windows_only);
	else if (!file->map.one_by_one)
		cursor->batch =
			batch_open(cursor->records.cbt, file->rule, RULE_COLUMNS + columns, read_by_rule, cursor);
}

/* Times of rows that have none. False: no memory, and they are had one by one. */
static bool number_many(struct cursor *cursor, int count)
{
	if (count > cursor->even_room) {
		int64_t *even = realloc(cursor->even, (size_t)count * sizeof *even);
		if (!even)
			return false;
		cursor->even = even;
		cursor->even_room = count;
	}
	for (int i = 0; i < count; i++)
		cursor->even[i] = even_time(cursor->file, cursor->rows + i);
	cursor->many[RULE_TIME] = cursor->even;
	return true;
}

/* Takes those of `many` when they are in order. */
static bool take_many(struct cursor *cursor, int count, struct err *err)
{
	if (cursor->file->map.time_every && !number_many(cursor, count))
		return false;
	const int64_t *instant = cursor->many[RULE_TIME];
	struct cbt_reader *cbt = cursor->records.cbt;
	struct csv_field time;
	char buffer[CBT_TEXT_PRINT];
	bool back = cursor->rows > 0 && instant[0] < cursor->last;
	for (int i = 1; i < count; i++)
		back |= instant[i] < instant[i - 1];
	if ((back && !cursor->file->map.sort) ||
	    !cbt_field(cbt, cursor->file->map.time_source, count - 1, &time, buffer, err))
		return false;
	cursor->last = instant[count - 1];
	cursor->last_line = cbt_slice_line(cbt, count - 1);
	snprintf(cursor->last_text, COLUMNMAP_SHOWN, "%s", time.text);
	cursor->last_number = -1;
	cursor->many_at = 0;
	cursor->many_count = count;
	cursor->rows += count;
	cbt_take(cbt);
	return true;
}

/* How many rows are to be had at once, from many_at on. 0: the next one by cursor_next. -1: it failed. */
static int cursor_many(struct cursor *cursor, struct err *err)
{
	if (cursor->many_at < cursor->many_count)
		return cursor->many_count - cursor->many_at;
	int before = err->count, count = batch_next(cursor->batch, cursor->many, err);
	if (err_any(&cursor->bad)) /* why it was refused; cursor_next says it, at its place */
		err_init(&cursor->bad);
	if (count > 0 && !take_many(cursor, count, err))
		return err->count > before ? -1 : 0;
	return count;
}

static void item_of_many(struct cursor *cursor, struct item *item)
{
	int at = cursor->many_at++;
	const int64_t **many = cursor->many;
	*item = (struct item){.instant = many[RULE_TIME][at], .window = many[RULE_WINDOW] ? many[RULE_WINDOW][at] : 0};
	for (int i = 0; i < cursor->file->map.column_count; i++)
		if (many[RULE_COLUMNS + i])
			item->value[i] = many[RULE_COLUMNS + i][at];
}

/* Of the row given last. */
static int cursor_line(const struct cursor *cursor)
{
	return cursor->of_many ? cbt_slice_line(cursor->records.cbt, cursor->many_at - 1)
			       : records_line(&cursor->records);
}

/* The next row, whichever way. */
static inline enum read_status cursor_any(struct cursor *cursor, struct item *item, struct err *err)
{
	if (!cursor->batch)
		return cursor_next(cursor, item, err);
	int many = cursor_many(cursor, err);
	cursor->of_many = many > 0;
	if (many == 0)
		return cursor_next(cursor, item, err);
	if (many > 0)
		item_of_many(cursor, item);
	return many > 0 ? READ_ITEM : READ_FAILED;
}

/* A time after the origin as the trace has it, whose time may run faster; false when there is none. */
static inline bool scale_time(const struct columnmap *map, int64_t offset, int64_t *time)
{
	if (map->scale.digits == 1 && map->scale.places == 0) {
		*time = offset;
		return offset <= time_max;
	}
	decimal_wide scaled = offset;
	for (int i = 0; i < map->scale.places; i++)
		scaled *= 10;
	scaled = (2 * scaled + map->scale.digits) / (2 * (decimal_wide)map->scale.digits);
	*time = (int64_t)scaled;
	return scaled <= time_max;
}

/* From the file's instant to the time of the trace; false when there is none. */
static inline bool set_time(const struct trace_file *file, struct item *item)
{
	int64_t offset;
	return !__builtin_sub_overflow(item->instant, file->map.origin, &offset) && offset >= 0 &&
	       scale_time(&file->map, offset, &item->time);
}

/* Says why set_time was false. */
static bool no_time(const struct trace_file *file, const struct item *item, const struct place *place, struct err *err)
{
	if (item->instant < file->map.origin)
		return err_add(err, ERR_TRACE, place, "a time before the origin");
	return err_add(err, ERR_TRACE, place, "the trace lasts longer than 146 years%s",
		       file->map.time_unit > 1 ? "; is the unit of time right?" : "");
}

/* ---- held rows ---- */

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	if (x->instant != y->instant)
		return x->instant < y->instant ? -1 : 1;
	return x->time < y->time ? -1 : x->time > y->time; /* the number in the file, for now: no two are equal */
}

static bool load_items(struct trace_file *file, struct err *err)
{
	struct cursor *cursor = cursor_open(file, err);
	struct place place = {stream_file_name(file->stream), 0, 0};
	enum read_status status = READ_FAILED;
	struct item item = {0};
	int64_t room = 0;
	if (!cursor)
		return false;
	cursor_begin(cursor, false);
	file->items = 0;
	while ((status = cursor_any(cursor, &item, err)) == READ_ITEM) {
		if (file->items == room) {
			room = room ? 2 * room : 1024;
			file->item = memory_sized(file->item, (size_t)room, sizeof *file->item);
		}
		struct item timed = item;
		if (file->map.origin_kind == COLUMNMAP_ORIGIN_AT && !set_time(file, &timed)) {
			place.line = cursor_line(cursor);
			no_time(file, &timed, &place, err);
			status = READ_FAILED;
			break;
		}
		item.time = file->items;
		file->item[file->items++] = item;
	}
	file->records = records_of(cursor);
	cursor_close(cursor);
	if (status == READ_FAILED)
		return false;
	CHECK(file->items > 0); /* there was a first row when it was opened */
	if (file->map.sort)
		qsort(file->item, (size_t)file->items, sizeof *file->item, compare_items);
	if (file->map.origin_kind == COLUMNMAP_ORIGIN_FIRST)
		file->map.origin = file->item[0].instant;
	for (int64_t i = 0; i < file->items; i++)
		if (!set_time(file, &file->item[i]))
			return no_time(file, &file->item[i], &place, err);
	int64_t first = file->item[0].time, length = file->item[file->items - 1].time - first, gaps = file->items - 1;
	int64_t gap = gaps ? (length + gaps / 2) / gaps : 0;
	file->span = length + (gap ? gap : 1);
	return true;
}

static bool ensure_items(struct trace_file *file, struct err *err)
{
	pthread_mutex_lock(&file->lock);
	if (!file->loaded)
		file->loaded = load_items(file, err);
	bool good = file->loaded;
	pthread_mutex_unlock(&file->lock);
	return good;
}

/* ---- windows ---- */

/* The stretches of a trace, as its rows are gone through. */
struct scan {
	struct trace_file *file;
	struct cursor *cursor; /* NULL: of held rows */
	int room, line;
	bool declared; /* the present stretch says where it begins and how long it lasts */
	int64_t first, last, ties; /* times of its first and last row; rows at the last instant */
};

static bool scan_fails(const struct scan *scan, const char *what, struct err *err)
{
	struct place place = {scan->file->map.file, scan->line, 0};
	return err_add(err, ERR_TRACE, &place, "%s", what);
}

/* A time of the file's own clock under `source`, for the row given last; false when there is none. */
static bool scan_time(struct scan *scan, int source, int64_t *ns, struct err *err)
{
	struct cursor *cursor = scan->cursor;
	struct csv_field field;
	char buffer[CBT_TEXT_PRINT];
	const char *why;
	if (source < 0)
		return false;
	if (!cursor->of_many)
		field = cursor->fields[source];
	else if (!cbt_field(cursor->records.cbt, source, cursor->many_at - 1, &field, buffer, err))
		return false;
	return !field.missing && instant_parse(field.text, 1, ns, &why);
}

static bool scan_begins(struct scan *scan, const struct item *item, struct err *err)
{
	struct trace_file *file = scan->file;
	const struct columnmap *map = &file->map;
	if (file->stretches == TRACE_WINDOWS)
		return scan_fails(scan, "the windows change more than 4096 times; so many can be told", err);
	if (file->stretches == scan->room) {
		scan->room = scan->room ? 2 * scan->room : 16;
		file->stretch = memory_sized(file->stretch, (size_t)scan->room, sizeof *file->stretch);
		file->window_rows = memory_sized(file->window_rows, (size_t)scan->room, sizeof *file->window_rows);
	}
	struct trace_window *stretch = &file->stretch[file->stretches];
	*stretch = (struct trace_window){.window = item->window, .by_date = map->window_dates, .start = item->time};
	file->window_rows[file->stretches++] = 0;
	scan->declared = false;
	scan->first = item->time;
	scan->ties = 0;
	struct item start = {0}, end = {0};
	int64_t lasts;
	int before = err->count;
	if (scan->cursor && scan_time(scan, map->start_source, &start.instant, err) &&
	    scan_time(scan, map->lasts_source, &lasts, err)) {
		if (start.instant < map->origin) {
			lasts -= map->origin - start.instant;
			start.instant = map->origin;
		}
		bool good = lasts >= 0 && !__builtin_add_overflow(start.instant, lasts, &end.instant) &&
			    set_time(file, &start) && set_time(file, &end) && start.time <= item->time;
		if (!good)
			return scan_fails(scan, "window_start_ns: the row is not in its window", err);
		stretch->start = start.time;
		stretch->lasts = end.time - start.time;
		scan->declared = true;
	}
	const struct trace_window *last = file->stretches > 1 ? stretch - 1 : NULL;
	if (last && stretch->start < last->start + last->lasts)
		return scan_fails(scan, "window_start_ns: the window begins before the one before it has ended", err);
	return err->count == before;
}

static bool scan_ends(struct scan *scan, struct err *err)
{
	struct trace_file *file = scan->file;
	struct trace_window *stretch = &file->stretch[file->stretches - 1];
	int64_t rows = file->window_rows[file->stretches - 1];
	if (scan->declared && scan->last > stretch->start + stretch->lasts)
		return scan_fails(scan, "window_lasts_ns: a row of the window comes after its end", err);
	if (file->stretches == 1) { /* time begins at 0 */
		stretch->lasts += scan->declared ? stretch->start : 0;
		stretch->start = 0;
	}
	if (!scan->declared)
		stretch->lasts = scan->last - stretch->start;
	stretch->rate = stretch->lasts > 0 ? (double)rows / ((double)stretch->lasts * 1e-9) : 0;
	stretch->calendar = stretch->by_date ? stretch->window * DATE_DAY : 0;
	return true;
}

static bool scan_item(struct scan *scan, const struct item *item, struct err *err)
{
	struct trace_file *file = scan->file;
	bool any = file->stretches > 0;
	if (!any || item->window != file->stretch[file->stretches - 1].window) {
		if (any && !scan_ends(scan, err))
			return false;
		if (any && item->time == scan->last)
			file->displaced += scan->ties;
		if (!scan_begins(scan, item, err))
			return false;
	}
	scan->ties = item->time == scan->last ? scan->ties + 1 : 1;
	scan->last = item->time;
	file->window_rows[file->stretches - 1]++;
	return true;
}

static bool scan_file(struct scan *scan, struct err *err)
{
	struct trace_file *file = scan->file;
	struct cursor *cursor = scan->cursor = cursor_open(file, err);
	struct item item = {0};
	enum read_status status;
	bool good = true;
	if (!cursor)
		return false;
	cursor_begin(cursor, file->map.skip == 0); /* which rows are malformed, all columns tell */
	while (good && (status = cursor_any(cursor, &item, err)) == READ_ITEM) {
		struct place place = {file->map.file, cursor_line(cursor), file->map.time_source};
		scan->line = place.line;
		good = set_time(file, &item) ? scan_item(scan, &item, err) : no_time(file, &item, &place, err);
	}
	cursor_close(cursor);
	return good && status == READ_END && scan_ends(scan, err);
}

static bool scan_items(struct scan *scan, struct err *err)
{
	for (int64_t i = 0; i < scan->file->items; i++)
		if (!scan_item(scan, &scan->file->item[i], err))
			return false;
	return scan_ends(scan, err);
}

static bool is_held(const struct trace_file *file)
{
	return file->map.sort || file->map.copies > 1;
}

bool trace_file_windows(struct trace_file *file, const struct trace_window **stretch, int *count, struct err *err)
{
	bool sorted = file->map.sort;
	*count = 0;
	*stretch = NULL;
	if (file->map.window_source < 0)
		return true;
	if (sorted && !ensure_items(file, err))
		return false;
	pthread_mutex_lock(&file->lock);
	if (!file->scanned) {
		struct scan scan = {.file = file};
		file->stretches = 0;
		file->displaced = 0;
		file->scanned = sorted ? scan_items(&scan, err) : scan_file(&scan, err);
		for (int i = 0; i < file->stretches; i++)
			file->stretch[i].rate *= (double)file->map.copies;
		size_t length = strlen(file->map.describe);
		if (file->scanned && file->displaced)
			snprintf(file->map.describe + length, COLUMNMAP_TEXT - length,
				 ", %lld row%s at the instant at which the next window begins count%s there",
				 (long long)file->displaced, file->displaced == 1 ? "" : "s",
				 file->displaced == 1 ? "s" : "");
	}
	bool good = file->scanned;
	pthread_mutex_unlock(&file->lock);
	*stretch = file->stretch;
	*count = file->stretches;
	return good;
}

/*
 * What the model was told to read must be there, in every row; what the file brings and the model does not read is
 * said.
 */
static bool match_columns(struct trace_file *file, const struct setup *setup, struct err *err)
{
	struct columnmap *map = &file->map;
	struct place place = {map->file, 1, 0};
	bool good = true;
	for (int i = 0; i < map->column_count; i++) {
		const struct column *column = &map->columns[i];
		struct columnmap_entry *entry = &map->entry[i];
		const struct column_use *use = column_use_find(setup->of->uses, column->name);
		if (!use)
			continue;
		if (!column_is_read(use, setup->of->params, setup->params)) {
			bool brought = entry->kind != COLUMNMAP_MADE;
			size_t length = strlen(map->describe);
			if (brought && !entry->told)
				snprintf(map->describe + length, COLUMNMAP_TEXT - length,
					 ", column %s not used without %s: %s", column->name, use->with, use->is);
			entry->told = entry->told || brought;
			continue;
		}
		entry->may_miss = entry->may_miss && entry->said_missing;
		if (entry->by_default)
			good = err_add(err, ERR_TRACE, &place,
				       "no column \"%s\", which %s: %s reads; say where it comes from, e.g. columns: "
				       "{%s: NAME}; the file's columns: %s",
				       column->name, use->with, use->is, column->name, map->listed);
	}
	return good;
}

bool trace_file_tell(struct trace_file *file, struct setup *setup, struct arena *arena, struct err *err)
{
	const struct trace_window *stretch;
	int stretches;
	return match_columns(file, setup, err) && trace_file_windows(file, &stretch, &stretches, err) &&
	       setup_trace_opened(setup, stretch, stretches, arena, err);
}

/* ---- opening ---- */

static const char *find_path(struct arena *arena, const char *path, const char *model_path)
{
	const char *slash = model_path ? strrchr(model_path, '/') : NULL;
	if (*path == '/' || strcmp(path, "-") == 0 || access(path, F_OK) == 0 || !slash)
		return path;
	const char *beside = arena_format(arena, "%.*s/%s", (int)(slash - model_path), model_path, path);
	return access(beside, F_OK) == 0 ? beside : path;
}

/* Copies the header, which a cursor owns. */
static void keep_names(struct trace_file *file, const struct records *records)
{
	int count = records_columns(records);
	const char **names = ARENA_ARRAY(&file->arena, (size_t)count + 1, const char *);
	for (int i = 0; i < count; i++)
		names[i] = arena_text(&file->arena, records_names(records)[i]);
	file->map.names = names;
}

/* Reads the first row, which an origin may be taken from. */
static bool read_first(struct trace_file *file, struct cursor *cursor, struct err *err)
{
	struct item item = {0};
	struct place place = {stream_file_name(file->stream), 0, 0};
	enum read_status status = cursor_next(cursor, &item, err);
	if (status == READ_END)
		return err_add(err, ERR_TRACE, &place, "has a header but no rows%s%s",
			       cursor->skipped ? " that are well formed" : "",
			       file->map.where || cursor->any ? " that are wanted (where, from, to)" : "");
	if (status == READ_FAILED)
		return false;
	if (file->map.time_dates && instant_slashed_day(cursor->fields[file->map.time_source].text)) {
		size_t length = strlen(file->map.describe);
		snprintf(file->map.describe + length, COLUMNMAP_TEXT - length, ", dates are month/day/year");
	}
	file->map.window_dates = cursor->window_date;
	if (file->map.origin_kind == COLUMNMAP_ORIGIN_FIRST)
		file->map.origin = item.instant;
	place = records_place(&cursor->records, file->map.time_source);
	return file->map.sort || set_time(file, &item) || no_time(file, &item, &place, err);
}

static bool open_and_load(struct trace_file *file, const struct tree *trace, const struct param_reader *reader,
			  const char *model_path, struct err *err)
{
	const struct tree *path = tree_get(trace, "file");
	if (!path || path->kind != TREE_SCALAR || !*path->text)
		return err_add(err, ERR_MODEL, &trace->place, "trace needs a file, e.g. {file: x.csv}");
	const char *found = find_path(&file->arena, path->text, model_path);
	bool asked_for = path->place.file && strncmp(path->place.file, "--", 2) == 0;
	if (!asked_for && strcmp(found, "-") != 0 && access(found, F_OK) != 0)
		err_add(err, ERR_TRACE, &path->place,
			"the trace %.120s is neither here nor beside the model (%s); --trace PATH says where it is",
			path->text, strerror(errno));
	else
		file->stream = stream_file_open(found, ERR_TRACE, err);
	bool good = columnmap_options(&file->map, trace, reader, err);
	if (!file->stream)
		return false;
	file->map.file = stream_file_name(file->stream);
	file->map.model_path = model_path;
	char written[FORMAT_TEXT];
	struct cursor *cursor = format_settle(&file->map.format, file->stream, err) ? cursor_open(file, err) : NULL;
	if (!cursor)
		return false;
	format_text(&file->map.format, written);
	snprintf(file->map.describe, COLUMNMAP_TEXT, "%.200s%s%s", file->map.file, *written ? ", " : "", written);
	keep_names(file, &cursor->records);
	good = columnmap_columns(&file->map, trace, reader, err) && good;
	make_rules(file);
	good = good && read_first(file, cursor, err);
	cursor_close(cursor);
	return good;
}

static void describe_rest(struct trace_file *file, const struct tree *trace)
{
	const struct tree *scale = tree_get(trace, "time_scale");
	char *at = file->map.describe;
	size_t length = strlen(at);
	if (scale && !(file->map.scale.digits == 1 && file->map.scale.places == 0))
		snprintf(at + length, COLUMNMAP_TEXT - length, ", time_scale %.30s", scale->text);
	length = strlen(at);
	if (file->map.copies > 1)
		snprintf(at + length, COLUMNMAP_TEXT - length, ", superpose %lld", (long long)file->map.copies);
	length = strlen(at);
	if (file->map.sort)
		snprintf(at + length, COLUMNMAP_TEXT - length, ", sorted");
}

struct trace_file *trace_file_open(const struct tree *trace, const char *model_path, const struct column *columns,
				   const struct dist_reader *values, struct err *err)
{
	struct trace_file *file = memory_zeroed(1, sizeof *file);
	struct param_reader reader = {&file->arena, values, NULL};
	arena_init(&file->arena);
	pthread_mutex_init(&file->lock, NULL);
	file->map.columns = columns;
	file->map.column_count = column_count(columns);
	file->map.window_source = -1;
	CHECK(file->map.column_count <= ROW_VALUES);
	if (!open_and_load(file, trace, &reader, model_path, err)) {
		trace_file_close(file);
		return NULL;
	}
	describe_rest(file, trace);
	return file;
}

void trace_file_close(struct trace_file *file)
{
	if (!file)
		return;
	stream_file_close(file->stream);
	pthread_mutex_destroy(&file->lock);
	arena_free(&file->arena);
	free(file->item);
	free(file->stretch);
	free(file->window_rows);
	free(file);
}

int64_t trace_file_origin(const struct trace_file *file)
{
	return file->map.origin;
}

const char *trace_file_name(const struct trace_file *file)
{
	return stream_file_name(file->stream);
}

const char *trace_file_describe(const struct trace_file *file)
{
	return file->map.describe;
}

/* ---- giving rows ---- */

/* Draws what is not from the file, and makes the keys of a copy others. */
static void draw_values(const struct trace_rows *rows, const struct item *item, int64_t copy, struct row *row)
{
	const struct trace_file *file = rows->file;
	struct maker_moment moment = {item->instant, 0};
	for (int pass = 0; pass < (file->map.by_word ? 2 : 1); pass++)
		for (int i = 0; i < file->map.column_count; i++) {
			const struct columnmap_entry *map = &file->map.entry[i];
			if (map->kind == COLUMNMAP_MADE && (maker_by(map->maker) >= 0) == pass)
				row->value[i] = maker_value(map->maker, rows->streams[i], row, &moment);
			else if (copy > 0 && pass == 0 && map->kind == COLUMNMAP_COLUMN &&
				 file->map.columns[i].type == COLUMN_KEY)
				row->value[i] = (int64_t)(rng_mix((uint64_t)row->value[i] +
								  (uint64_t)copy * UINT64_C(0x9e3779b97f4a7c15)) >>
							  1);
		}
}

/* Whether the row is in the share; if so, it is made from the item. */
static inline bool make_row(const struct trace_rows *rows, const struct item *item, int64_t time, uint64_t id,
			    int64_t copy, struct row *row)
{
	if (rows->share < 1) {
		struct rng rng = rng_of(rows->sharing, id);
		if (rng_unit(&rng) >= rows->share)
			return false;
	}
	row->time = time;
	row->id = id;
	row->window = item->window;
	memcpy(row->value, item->value, sizeof row->value);
	if (copy > 0 || rows->file->map.draws)
		draw_values(rows, item, copy, row);
	return true;
}

/* Rows that have been made are given out. */
static size_t give(struct trace_rows *rows, const struct row *row, size_t count)
{
	if (count == 0) {
		rows->given_end = true;
		return 0;
	}
	rows->counts.first = rows->counts.rows ? rows->counts.first : row[0].time;
	rows->counts.last = row[count - 1].time;
	rows->counts.rows += (int64_t)count;
	return count;
}

/* Whether rows of `many` become rows by nothing but copying: all are wanted, at a time that the trace has. */
static bool are_simple(const struct trace_rows *rows, const int64_t *instant, size_t count)
{
	const struct trace_file *file = rows->file;
	int64_t last;
	const struct columnmap *map = &file->map;
	return rows->share >= 1 && map->scale.digits == 1 && map->scale.places == 0 && instant[0] >= map->origin &&
	       !__builtin_sub_overflow(instant[count - 1], file->map.origin, &last) && last <= time_max;
}

/* Up to `capacity` rows at once from those of `many`; 0: one by one. */
static size_t copy_many(struct trace_rows *rows, struct row *into, size_t capacity)
{
	const struct trace_file *file = rows->file;
	struct cursor *cursor = rows->cursor;
	int left = cursor_many(cursor, &rows->err), used = 0;
	size_t count = left > 0 && (size_t)left < capacity ? (size_t)left : capacity, at = (size_t)cursor->many_at;
	const int64_t *instant = cursor->many[RULE_TIME], *window = cursor->many[RULE_WINDOW], *value[ROW_VALUES];
	int column[ROW_VALUES];
	int64_t origin = file->map.origin, id = rows->next_id;
	if (left <= 0 || !are_simple(rows, instant + at, count))
		return 0;
	for (int i = 0; i < file->map.column_count; i++)
		if (cursor->many[RULE_COLUMNS + i]) {
			column[used] = i;
			value[used++] = cursor->many[RULE_COLUMNS + i] + at;
		}
	for (size_t k = 0; k < count; k++) {
		struct row *row = &into[k];
		*row = (struct row){.time = instant[at + k] - origin, .id = (uint64_t)id++,
				    .window = window ? window[at + k] : 0};
		for (int i = 0; i < used; i++)
			row->value[column[i]] = value[i][k];
	}
	for (size_t k = 0; k < count && file->map.draws; k++)
		draw_values(rows, &(struct item){.instant = instant[at + k]}, 0, &into[k]);
	rows->next_id = id;
	cursor->many_at += (int)count;
	return count;
}

static size_t read_rows(struct row_source *of, struct row *into, size_t capacity)
{
	struct trace_rows *rows = (struct trace_rows *)((char *)of - offsetof(struct trace_rows, reading));
	struct cursor *cursor = rows->cursor;
	size_t count = 0;
	struct item item = {0};
	while (count < capacity && !rows->ended) {
		size_t copied = cursor->batch ? copy_many(rows, into + count, capacity - count) : 0;
		count += copied;
		if (copied > 0)
			continue;
		if (cursor_any(cursor, &item, &rows->err) != READ_ITEM) {
			rows->ended = true;
		} else if (!set_time(rows->file, &item)) {
			struct place place = {stream_file_name(rows->file->stream), cursor_line(cursor), 0};
			no_time(rows->file, &item, &place, &rows->err);
			rows->ended = true;
		} else {
			count += make_row(rows, &item, item.time, (uint64_t)rows->next_id++, 0, &into[count]);
		}
	}
	rows->records = records_of(cursor);
	return count;
}

static size_t fill_plain(struct trace_rows *rows, struct row *into, size_t capacity)
{
	if (!rows->begun)
		rows->ahead = ahead_start(&rows->reading, &rows->records);
	rows->begun = true;
	if (rows->ahead)
		return ahead_fill(rows->ahead, into, capacity, &rows->counts.records);
	size_t count = read_rows(&rows->reading, into, capacity);
	rows->counts.records = rows->records;
	return count;
}

static bool earlier(const struct copy *a, const struct copy *b)
{
	return a->time != b->time ? a->time < b->time : a->number < b->number;
}

static void sift_down(struct trace_rows *rows, int64_t at)
{
	struct copy *heap = rows->heap, moved = heap[at];
	for (int64_t child; (child = 2 * at + 1) < rows->heap_size; at = child) {
		if (child + 1 < rows->heap_size && earlier(&heap[child + 1], &heap[child]))
			child++;
		if (!earlier(&heap[child], &moved))
			break;
		heap[at] = heap[child];
	}
	heap[at] = moved;
}

static int64_t copy_time(const struct trace_file *file, const struct copy *copy)
{
	int64_t first = file->item[0].time, at = file->item[copy->next].time - first + copy->shift;
	return first + (at >= file->span ? at - file->span : at);
}

/* Copies are shifted against the windows of the file: of theirs, it is the time of a row that tells which it is in. */
static int64_t window_at(struct trace_rows *rows, int64_t time)
{
	const struct trace_file *file = rows->file;
	while (rows->stretch + 1 < file->stretches && file->stretch[rows->stretch + 1].start <= time)
		rows->stretch++;
	return file->stretch[rows->stretch].window;
}

static size_t fill_held(struct trace_rows *rows, struct row *into, size_t capacity)
{
	const struct trace_file *file = rows->file;
	size_t count = 0;
	while (count < capacity && rows->heap_size > 0) {
		struct copy *copy = &rows->heap[0];
		uint64_t id = (uint64_t)(copy->next + copy->number * file->items);
		bool wanted = make_row(rows, &file->item[copy->next], copy->time, id, copy->number, &into[count]);
		if (wanted && file->stretches > 0 && file->map.copies > 1)
			into[count].window = window_at(rows, copy->time);
		count += wanted;
		if (copy->left == 0) {
			*copy = rows->heap[--rows->heap_size];
		} else {
			copy->left--;
			copy->next = copy->next + 1 < file->items ? copy->next + 1 : 0;
			copy->time = copy_time(file, copy);
		}
		if (rows->heap_size > 0)
			sift_down(rows, 0);
	}
	return count;
}

static size_t fill_stamped(struct row_source *of, struct row *into, size_t capacity)
{
	struct trace_rows *rows = (struct trace_rows *)((char *)of - offsetof(struct trace_rows, stamped));
	return is_held(rows->file) ? fill_held(rows, into, capacity) : fill_plain(rows, into, capacity);
}

static size_t fill(struct row_source *of, struct row *into, size_t capacity)
{
	struct trace_rows *rows = (struct trace_rows *)of;
	return give(rows, into,
		    rows->spread ? spread_fill(rows->spread, into, capacity)
				 : fill_stamped(&rows->stamped, into, capacity));
}

/* The first row that a shift carries over the end of the span; it comes first. */
static int64_t rotated(const struct trace_file *file, int64_t shift)
{
	int64_t low = 0, high = file->items;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		if (file->item[middle].time - file->item[0].time + shift >= file->span)
			high = middle;
		else
			low = middle + 1;
	}
	return low < file->items ? low : 0;
}

static void start_copies(struct trace_rows *rows, uint64_t seed, uint64_t replication)
{
	const struct trace_file *file = rows->file;
	struct rng_stream stream = rng_stream(seed, replication, "trace.superpose");
	rows->heap = memory_zeroed((size_t)file->map.copies, sizeof *rows->heap);
	rows->heap_size = file->map.copies;
	for (int64_t i = 0; i < file->map.copies; i++) {
		struct copy *copy = &rows->heap[i];
		struct rng rng = rng_of(stream, (uint64_t)i);
		copy->number = i;
		copy->shift = i ? (int64_t)rng_below(&rng, (uint64_t)file->span) : 0;
		copy->next = rotated(file, copy->shift);
		copy->left = file->items - 1;
		copy->time = copy_time(file, copy);
	}
	for (int64_t i = file->map.copies / 2; i-- > 0;)
		sift_down(rows, i);
}

struct trace_rows *trace_rows_open(struct trace_file *file, uint64_t seed, uint64_t replication, double share,
				   struct err *err)
{
	CHECK(share > 0);
	bool held = is_held(file);
	struct cursor *cursor = NULL;
	const struct trace_window *stretch;
	int stretches;
	if (held ? !ensure_items(file, err) || !trace_file_windows(file, &stretch, &stretches, err)
		 : !(cursor = cursor_open(file, err)))
		return NULL;
	if (cursor)
		cursor_begin(cursor, false);
	struct trace_rows *rows = memory_zeroed(1, sizeof *rows);
	rows->source.fill = fill;
	rows->stamped.fill = fill_stamped;
	rows->source.random =
		share < 1 || file->map.copies > 1 || file->map.random || (file->map.resolution && !file->map.evenly);
	int64_t tick;
	if (file->map.resolution && scale_time(&file->map, file->map.resolution, &tick) && tick > 0)
		rows->spread = spread_open(&rows->stamped, tick, file->map.evenly,
					   rng_stream(seed, replication, "trace.resolution"));
	rows->reading.fill = read_rows;
	rows->file = file;
	rows->share = share;
	rows->cursor = cursor;
	rows->sharing = rng_stream(seed, replication, "trace.share");
	for (int i = 0; i < file->map.column_count; i++)
		rows->streams[i] = maker_stream(&file->map.columns[i], seed, replication);
	err_init(&rows->err);
	if (held) {
		rows->counts.records = file->records;
		start_copies(rows, seed, replication);
	}
	return rows;
}

struct row_source *trace_rows_source(struct trace_rows *rows)
{
	return &rows->source;
}

bool trace_rows_failed(const struct trace_rows *rows, struct err *err)
{
	if (!rows->given_end)
		return false;
	take_messages(err, &rows->err);
	return err_any(&rows->err);
}

struct trace_counts trace_rows_counts(const struct trace_rows *rows)
{
	return rows->counts;
}

void trace_rows_close(struct trace_rows *rows)
{
	if (!rows)
		return;
	ahead_stop(rows->ahead);
	spread_close(rows->spread);
	cursor_close(rows->cursor);
	free(rows->heap);
	free(rows);
}
