/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One pass over the records; two when they turn out not to be in order of time, because times are kept only when they
 * must be sorted. Of a column of numbers the numbers are kept, for exact percentiles, which are selected and not
 * sorted; of another one a table of its values with their counts. A column that turns out to hold other things after it
 * had begun with numbers is counted in a second pass.
 */
#include "io/traceinfo.h"
#include "base/quantity.h"
#include "base/tree.h"
#include "base/words.h"
#include "io/decimal.h"
#include "io/memory.h"
#include "io/traceguess.h"
#include "io/zipf.h"
#include "trace/date.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- values and their counts ---- */

struct slot {
	const char *text; /* NULL: free */
	uint64_t hash;
	int64_t count;
};

struct table {
	struct slot *slot;
	size_t slots, used; /* slots: a power of 2 */
	bool full;          /* too many values: no longer counted */
	struct arena arena;
};

static struct slot *slot_find(struct slot *slot, size_t slots, uint64_t hash, const char *text)
{
	size_t at = hash & (slots - 1);
	while (slot[at].text && (slot[at].hash != hash || strcmp(slot[at].text, text) != 0))
		at = (at + 1) & (slots - 1);
	return &slot[at];
}

static void table_free(struct table *table)
{
	free(table->slot);
	arena_free(&table->arena);
	*table = (struct table){.full = table->full};
}

static void table_grow(struct table *table)
{
	size_t slots = table->slots ? 2 * table->slots : 1024;
	struct slot *slot = memory_zeroed(slots, sizeof *slot);
	for (size_t i = 0; i < table->slots; i++)
		if (table->slot[i].text)
			*slot_find(slot, slots, table->slot[i].hash, table->slot[i].text) = table->slot[i];
	free(table->slot);
	table->slot = slot;
	table->slots = slots;
}

static void table_count(struct table *table, const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	if (table->full)
		return;
	for (const char *at = text; *at; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	hash ^= hash >> 29;
	if (2 * table->used >= table->slots)
		table_grow(table);
	struct slot *slot = slot_find(table->slot, table->slots, hash, text);
	if (!slot->text) {
		if (table->used == TRACE_INFO_DISTINCT) {
			table->full = true;
			table_free(table);
			return;
		}
		*slot = (struct slot){arena_text(&table->arena, text), hash, 0};
		table->used++;
	}
	slot->count++;
}

/* Most frequent first, then by text. */
static int compare_slots(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* Brings the used slots to the front, in order. */
static void table_sort(struct table *table)
{
	size_t used = 0;
	for (size_t i = 0; i < table->slots; i++)
		if (table->slot[i].text)
			table->slot[used++] = table->slot[i];
	if (used)
		qsort(table->slot, used, sizeof *table->slot, compare_slots);
}

/* ---- rows in time ---- */

struct bins {
	int64_t at, count; /* the bin in progress */
	double squares, sum;
	int64_t peak;
};

struct times {
	int64_t first, last, rows, ties;
	double gap_squares;
	int tick; /* the index of the coarsest of `ticks` that all times are multiples of */
	struct bins bins[TRACE_INFO_WIDTHS];
};

static const int64_t ticks[] = {DATE_DAY, 3600000000000, 60000000000, 1000000000, 1000000, 1000, 1};

static const int64_t widths[TRACE_INFO_WIDTHS] = {1000000000, 10000000000, 60000000000, 3600000000000, 86400000000000};

static void bin_ends(struct bins *bins)
{
	bins->sum += (double)bins->count;
	bins->squares += (double)bins->count * (double)bins->count;
	bins->peak = bins->count > bins->peak ? bins->count : bins->peak;
	bins->count = 0;
}

static void times_add(struct times *times, int64_t time)
{
	if (times->rows++ == 0) {
		times->first = times->last = time;
	} else {
		double gap = (double)(time - times->last) * 1e-9;
		times->ties += time == times->last;
		times->gap_squares += gap * gap;
	}
	for (int i = 0; i < TRACE_INFO_WIDTHS; i++) {
		int64_t at = (time - times->first) / widths[i];
		if (at != times->bins[i].at)
			bin_ends(&times->bins[i]);
		times->bins[i].at = at;
		times->bins[i].count++;
	}
	while (time % ticks[times->tick])
		times->tick++;
	times->last = time;
}

static void times_end(struct times *times, struct trace_info *info)
{
	double span = (double)(times->last - times->first) * 1e-9, gaps = (double)(times->rows - 1);
	info->first = times->first;
	info->last = times->last;
	info->ties = times->ties;
	info->tick = ticks[times->tick];
	info->rate = span > 0 ? gaps / span : 0;
	double mean = gaps > 0 ? span / gaps : 0, variance = gaps > 0 ? times->gap_squares / gaps - mean * mean : 0;
	info->gap_cv = mean > 0 ? sqrt(variance > 0 ? variance : 0) / mean : NAN;
	for (int i = 0; i < TRACE_INFO_WIDTHS; i++) {
		const struct bins *bins = &times->bins[i];
		struct trace_info_width *width = &info->width[i];
		*width =
			(struct trace_info_width){.width = widths[i], .bins = (times->last - times->first) / widths[i]};
		if (width->bins < 2)
			continue;
		/* the bin in progress is the one that is not whole: it has not been added */
		width->peak = bins->count > bins->peak ? bins->count : bins->peak; /* the last one may not be full */
		width->mean = bins->sum / (double)width->bins;
		variance = (bins->squares - bins->sum * width->mean) / (double)(width->bins - 1);
		width->dispersion = variance / width->mean;
	}
}

/* ---- columns ---- */

struct gathered {
	bool key, numeric;
	bool fractions;
	bool late; /* not numeric after all, and its values have not been counted */
	int64_t missing, values;
	double *number, sum, least, greatest;
	size_t room;
	struct table table;
};

/* The double nearest to a decimal, which `text` is. */
static double real_of(struct decimal decimal, const char *text)
{
	static const double powers[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
					1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	bool exact = decimal.digits > -(INT64_C(1) << 53) && decimal.digits < INT64_C(1) << 53;
	if (exact && decimal.places >= 0 && decimal.places <= 22) /* both are exact, so one division rounds once */
		return (double)decimal.digits / powers[decimal.places];
	return strtod(text, NULL);
}

static void gather(struct gathered *column, const struct csv_field *field)
{
	struct decimal decimal;
	const char *why;
	if (field->missing) {
		column->missing++;
		return;
	}
	bool number = column->numeric && decimal_parse(field->text, &decimal, &why);
	if (column->numeric && !number) {
		column->numeric = false;
		column->late = column->values > 0;
		free(column->number);
		column->number = NULL;
	}
	if (number) {
		if ((size_t)column->values == column->room) {
			column->room = column->room ? 2 * column->room : 1024;
			column->number = memory_sized(column->number, column->room, sizeof *column->number);
		}
		double value = real_of(decimal, field->text);
		column->number[column->values] = value;
		column->sum += value;
		column->fractions = column->fractions || (decimal.places > 0 && !decimal_is_whole(decimal));
		column->least = column->values && column->least < value ? column->least : value;
		column->greatest = column->values && column->greatest > value ? column->greatest : value;
	} else if (!column->late) {
		table_count(&column->table, field->text);
	}
	column->values++;
}

/* The least value with rank >= p n. Numbers change their places. */
static double percentile(double *number, int64_t count, double p)
{
	int64_t rank = (int64_t)ceil(p * (double)count);
	return gsl_stats_select(number, 1, (size_t)count, (size_t)(rank > 0 ? rank - 1 : 0));
}

static void describe_counts(struct table *table, struct trace_info_column *column, struct arena *arena)
{
	column->distinct = table->full ? TRACE_INFO_DISTINCT : (int64_t)table->used;
	column->zipf = NAN;
	if (table->full || table->used == 0)
		return;
	table_sort(table);
	size_t hundredth = (table->used + 99) / 100;
	int64_t *counts = memory_zeroed(table->used, sizeof *counts);
	double in_top = 0;
	for (size_t i = 0; i < table->used; i++) {
		const struct slot *slot = &table->slot[i];
		counts[i] = slot->count;
		if (i < TRACE_INFO_TOP)
			column->top[column->tops++] =
				(struct trace_info_value){arena_text(arena, slot->text), slot->count};
		in_top += i < hundredth ? (double)slot->count : 0;
		column->once += slot->count == 1;
	}
	column->top_percent = in_top / (double)column->values;
	column->zipf = zipf_exponent(counts, table->used);
	free(counts);
}

static void describe_numbers(const struct gathered *from, struct trace_info_column *column)
{
	column->mean = from->sum / (double)from->values;
	column->least = from->least;
	column->p50 = percentile(from->number, from->values, 0.5);
	column->p90 = percentile(from->number, from->values, 0.9);
	column->p99 = percentile(from->number, from->values, 0.99);
	column->greatest = from->greatest;
}

/* ---- partitions ---- */

struct partition {
	int source; /* -1: not asked for */
	int64_t width;
	struct table table;
	char *key;
};

static bool partition_open(struct partition *partition, const char *text, const struct timed *timed, struct err *err)
{
	static const struct place place = {"--partition", 0, 0};
	const char *comma = text ? strrchr(text, ',') : NULL;
	struct quantity width;
	char why[QUANTITY_WHY], name[128];
	partition->source = -1;
	if (!text)
		return true;
	if (!comma || (size_t)(comma - text) >= sizeof name)
		return err_add(err, ERR_USAGE, &place, "needs a column and a time, e.g. room,10d");
	memcpy(name, text, (size_t)(comma - text));
	name[comma - text] = '\0';
	if (!quantity_parse(QUANTITY_TIME, comma + 1, &width, why))
		return err_add(err, ERR_USAGE, &place, "\"%.40s\" %s", comma + 1, why);
	if (width.integer <= 0)
		return err_add(err, ERR_USAGE, &place, "needs a time above 0");
	partition->width = width.integer;
	const char *const *names = timed_names(timed);
	while (names[++partition->source])
		if (strcmp(names[partition->source], name) == 0)
			return true;
	char hint[WORDS_HINT];
	return err_add(err, ERR_USAGE, &place, "no column \"%.60s\"%s", name, words_hint(WORDS(names), name, hint));
}

static void partition_count(struct partition *partition, const struct csv_field *field, int64_t time)
{
	if (partition->source < 0)
		return;
	partition->key = memory_sized(partition->key, field->length + 32, 1);
	snprintf(partition->key, field->length + 32, "%lld %s", (long long)(time / partition->width), field->text);
	table_count(&partition->table, partition->key);
}

static void partition_end(struct partition *partition, const char *text, struct trace_info *info, bool good)
{
	if (good && partition->source >= 0 && !partition->table.full) {
		table_sort(&partition->table);
		size_t used = partition->table.used;
		info->partition = text;
		info->partition_width = partition->width;
		info->partitions = (int64_t)used;
		info->partition_largest = partition->table.slot[0].count;
		info->partition_median = partition->table.slot[used - 1 - used / 2].count;
	}
	table_free(&partition->table);
	free(partition->key);
}

/* ---- all of it ---- */

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

struct held {
	int64_t *time;
	size_t count, room;
};

static void hold(struct held *held, int64_t time)
{
	if (held->count == held->room) {
		held->room = held->room ? 2 * held->room : 1024;
		held->time = memory_sized(held->time, held->room, sizeof *held->time);
	}
	held->time[held->count++] = time;
}

static bool is_key(const char *name, const char *const *keys)
{
	for (; keys && *keys; keys++)
		if (strcmp(*keys, name) == 0)
			return true;
	return false;
}

static void describe_columns(struct arena *arena, struct trace_info *info, struct gathered *gathered,
			     const struct timed *timed)
{
	info->column = ARENA_ARRAY(arena, (size_t)timed_columns(timed), struct trace_info_column);
	for (int i = 0; i < timed_columns(timed); i++) {
		struct gathered *from = &gathered[i];
		if (i == timed_source(timed))
			continue;
		struct trace_info_column *column = &info->column[info->columns++];
		column->name = arena_text(arena, timed_names(timed)[i]);
		column->missing = from->missing;
		column->values = from->values;
		column->numeric = from->numeric && !from->key && from->values > 0;
		column->whole = column->numeric && !from->fractions;
		if (column->numeric)
			describe_numbers(from, column);
		else
			describe_counts(&from->table, column, arena);
	}
}

/* The second pass, over columns that need it. */
static bool count_late(const char *path, const struct trace_info_options *options, struct gathered *gathered,
		       struct err *err)
{
	const struct csv_field *fields;
	int64_t time;
	enum csv_status status = CSV_END;
	struct timed *timed = timed_open(path, &options->timed, err);
	bool any = false;
	for (int i = 0; timed && i < timed_columns(timed); i++)
		any = any || gathered[i].late;
	while (any && (status = timed_next(timed, &fields, &time, err)) == CSV_ROW)
		for (int i = 0; i < timed_columns(timed); i++)
			if (gathered[i].late && !fields[i].missing)
				table_count(&gathered[i].table, fields[i].text);
	bool good = timed && status == CSV_END;
	timed_close(timed);
	return good;
}

static bool read_all(struct arena *arena, const char *path, struct timed *timed,
		     const struct trace_info_options *options, struct partition *partition, struct trace_info *info,
		     struct err *err)
{
	int columns = timed_columns(timed);
	struct gathered *gathered = memory_zeroed((size_t)columns, sizeof *gathered);
	struct times times = {0};
	struct held held = {0};
	const struct csv_field *fields;
	int64_t time;
	enum csv_status status;
	for (int i = 0; i < columns; i++) {
		gathered[i].key = is_key(timed_names(timed)[i], options->keys);
		gathered[i].numeric = !gathered[i].key;
	}
	while ((status = timed_next(timed, &fields, &time, err)) == CSV_ROW) {
		for (int i = 0; i < columns; i++)
			if (i != timed_source(timed))
				gather(&gathered[i], &fields[i]);
		partition_count(partition, partition->source < 0 ? NULL : &fields[partition->source], time);
		if (options->timed.any_order)
			hold(&held, time);
		else
			times_add(&times, time);
	}
	bool good = status == CSV_END && count_late(path, options, gathered, err);
	if (good) {
		if (held.count)
			qsort(held.time, held.count, sizeof *held.time, compare_times);
		for (size_t i = 0; i < held.count; i++)
			times_add(&times, held.time[i]);
		times_end(&times, info);
		describe_columns(arena, info, gathered, timed);
	}
	for (int i = 0; i < columns; i++) {
		table_free(&gathered[i].table);
		free(gathered[i].number);
	}
	free(gathered);
	free(held.time);
	return good;
}

/* What a model file says of a file like this. */
static const char *map_text(struct arena *arena, const struct trace_info *info,
			    const struct trace_info_options *options, const struct timed *timed)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
	bool quoted = strspn(info->time, plain) != strlen(info->time);
	const char *quote = strpbrk(info->file, " :#'\"{}[],&*!|>%@`") ? "'" : "";
	bool coarse = timed_unit_ns(timed) <= info->tick && info->tick >= 1000000000 && info->ties * 10 > info->rows;
	char resolution[QUANTITY_TEXT] = "", text[QUANTITY_TEXT], written[FORMAT_TEXT], keys[FORMAT_TEXT + 8];
	char *comma = keys;
	if (coarse)
		snprintf(resolution, sizeof resolution, ", resolution: %s", quantity_print_time(info->tick, text));
	snprintf(keys, sizeof keys, "%s", format_text(timed_format(timed), written));
	if (timed_format(timed)->kind != FORMAT_LOG)
		while ((comma = strstr(comma, ", "))) /* a line each */
			memcpy(comma, "\n ", 2);
	return arena_format(arena, "trace:\n  file: %s%s%s\n%s%s%s%s  columns:\n    time: {from: %s%s%s, unit: %s%s}\n",
			    quote, info->file, quote, *keys ? "  " : "", keys, *keys ? "\n" : "",
			    options->timed.any_order ? "  sort: true\n" : "", quoted ? "'" : "", info->time,
			    quoted ? "'" : "", info->unit, resolution);
}

static struct trace_info *read_once(struct arena *arena, const char *path, const struct trace_info_options *options,
				    bool *went_back, struct err *err)
{
	struct timed *timed = timed_open(path, &options->timed, err);
	struct partition partition = {.source = -1};
	struct trace_guess guess;
	*went_back = false;
	if (!timed)
		return NULL;
	struct trace_info *info = ARENA_NEW(arena, struct trace_info);
	info->file = arena_text(arena, timed_name(timed));
	info->time = arena_text(arena, timed_names(timed)[timed_source(timed)]);
	info->unit = arena_text(arena, timed_unit(timed));
	info->unsorted = options->timed.any_order;
	bool good = partition_open(&partition, options->partition, timed, err) &&
		    trace_guess(timed_file(timed), timed_format(timed), &guess, err) &&
		    read_all(arena, path, timed, options, &partition, info, err);
	*went_back = timed_went_back(timed);
	if (good) {
		info->guessed = timed_unit_guessed(timed);
		info->date_order = timed_date_order(timed);
		info->writer = guess.writer;
		info->model = guess.model;
		info->rows = timed_rows(timed);
		info->skipped = timed_skipped(timed);
		info->map = map_text(arena, info, options, timed);
	}
	partition_end(&partition, options->partition, info, good);
	timed_close(timed);
	return good ? info : NULL;
}

struct trace_info *trace_info_read(struct arena *arena, const char *path, const struct trace_info_options *options,
				   struct err *err)
{
	struct trace_info_options again = *options;
	bool went_back;
	struct err first;
	err_init(&first);
	struct trace_info *info = read_once(arena, path, options, &went_back, &first);
	if (went_back) {
		again.timed.any_order = true;
		return read_once(arena, path, &again, &went_back, err);
	}
	err_absorb(err, &first);
	return info;
}
