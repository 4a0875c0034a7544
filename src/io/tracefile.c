/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A record becomes an item: the instant that the file says and the values of the columns that come from the file. Items
 * are made one by one (a plain replay), or held in an array that all replications share (sort, superpose). What is
 * drawn is added when an item is given out as a row, because it depends on the replication.
 *
 * Numbers never pass through a double: a decimal is digits and a power of ten, sums are taken in 128 bits over the
 * largest of their powers and rounded once.
 *
 * Superposed copies are rotations of the same array; a binary heap of copies, ordered by the time of their next row and
 * then by their number, merges them.
 */
#include "io/tracefile.h"
#include "base/check.h"
#include "base/quantity.h"
#include "io/ahead.h"
#include "io/batch.h"
#include "io/records.h"
#include "io/stream.h"
#include "trace/date.h"
#include "trace/maker.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__extension__ typedef __int128 wide;

enum { TERMS = 16, LIST = 300, SHOWN = 64, TEXT = 1024 };
static const int64_t time_max = INT64_MAX / 2;

/* ---- decimals ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Reads a number at the start of a text; returns what follows it, or NULL. */
static const char *decimal_scan(const char *text, struct trace_decimal *decimal, const char **why)
{
	const char *at = text;
	bool negative = false, point = false, any = false;
	int64_t digits = 0;
	int places = 0;
	if (*at == '-' || *at == '+')
		negative = *at++ == '-';
	for (; is_digit(*at) && digits < INT64_C(100000000000000000); at++) { /* too few to overflow */
		digits = digits * 10 + (*at - '0');
		any = true;
	}
	for (; is_digit(*at) || (*at == '.' && !point); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		any = true;
		if (*at == '0' && point) { /* zeros at the end of a fraction take no place */
			const char *zeros = at;
			while (*zeros == '0')
				zeros++;
			if (!is_digit(*zeros)) {
				at = zeros - 1;
				continue;
			}
		}
		if (__builtin_mul_overflow(digits, 10, &digits) || __builtin_add_overflow(digits, *at - '0', &digits)) {
			*why = "has too many digits; at most 18 are read";
			return NULL;
		}
		places += point;
	}
	if (!any) {
		*why = "is not a number";
		return NULL;
	}
	if (*at == 'e' || *at == 'E') {
		bool down = at[1] == '-';
		const char *power = at + 1 + (at[1] == '-' || at[1] == '+');
		int exponent = 0;
		if (is_digit(*power)) {
			for (; is_digit(*power); power++)
				if (exponent < 1000)
					exponent = exponent * 10 + (*power - '0');
			places += down ? exponent : -exponent;
			at = power;
		}
	}
	*decimal = (struct trace_decimal){negative ? -digits : digits, digits ? places : 0};
	return at;
}

bool trace_decimal(const char *text, struct trace_decimal *decimal, const char **why)
{
	const char *end = decimal_scan(text, decimal, why);
	if (end && *end) {
		*why = "is not a number";
		return false;
	}
	return end != NULL;
}

static bool times(wide *value, wide factor)
{
	return !__builtin_mul_overflow(*value, factor, value);
}

/* Multiplies by 10^power; false when it does not fit. */
static bool shift_up(wide *value, int power)
{
	for (; power > 0 && *value; power--)
		if (!times(value, 10))
			return false;
	return true;
}

/* value / 10^places, rounded half away from zero. */
static bool shift_down(wide value, int places, int64_t *result)
{
	const wide most = (wide)1000000000000000000 * 1000000000000000000; /* the divisor stays below 10^38 */
	wide divisor = 1, size = value < 0 ? -value : value;
	if ((places < 0 && !shift_up(&size, -places)) || size > most)
		return false;
	for (; places > 0 && divisor <= size; places--)
		divisor *= 10;
	/* places left: less than a tenth of one */
	size = places > 0 ? 0 : size / divisor + (size % divisor >= divisor - size % divisor);
	if (size > INT64_MAX)
		return false;
	*result = value < 0 ? -(int64_t)size : (int64_t)size;
	return true;
}

bool trace_decimal_times(struct trace_decimal decimal, int64_t unit, int64_t *value)
{
	for (; decimal.places > 0 && unit % 10 == 0 && unit > 0; decimal.places--)
		unit /= 10;
	if (decimal.places == 0 && !__builtin_mul_overflow(decimal.digits, unit, value) && *value != INT64_MIN)
		return true;
	return shift_down((wide)decimal.digits * unit, decimal.places, value);
}

/* Whether it comes out even. */
static bool is_whole(struct trace_decimal decimal)
{
	int64_t divisor = 1;
	if (decimal.places > 18)
		return decimal.digits == 0;
	for (int i = 0; i < decimal.places; i++)
		divisor *= 10;
	return decimal.digits % divisor == 0;
}

/* ---- units of time ---- */

static const struct {
	const char *name;
	int64_t ns;
} time_units[] = {
	{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"min", 60000000000}, {"h", 3600000000000},
	{NULL, 0},
};

int64_t trace_unit_ns(const char *unit)
{
	for (int i = 0; time_units[i].name; i++)
		if (strcmp(time_units[i].name, unit) == 0)
			return time_units[i].ns;
	return 0;
}

const char *trace_time_unit(const char *name)
{
	static const char *const stems[] = {"time", "t", "t_unix", "timestamp", "ts", NULL};
	for (int i = 0; stems[i]; i++) {
		size_t length = strlen(stems[i]);
		if (strncmp(name, stems[i], length) == 0 && name[length] == '_' && trace_unit_ns(name + length + 1))
			return name + length + 1;
	}
	return NULL;
}

/* ---- what a trace section says ---- */

enum map_kind { MAP_COLUMN, MAP_SUM, MAP_MADE };

/* coefficient / 10^places * the source column (1 without one) */
struct term {
	wide coefficient;
	int places, source; /* -1: none */
};

struct word {
	const char *from;
	size_t length;
	int64_t to;
};

struct map {
	enum map_kind kind;
	int source;
	int64_t unit; /* of numbers: what 1 is worth */
	bool whole;   /* no unit was said: numbers must be whole */
	bool dates;
	bool number; /* of a column: nothing but digits is a number of units */
	const struct word *words; /* of a CHOICE: those that were given, then its own */
	int word_count;
	bool may_miss;
	int64_t missing;
	struct term term[TERMS];
	int terms;
	struct maker *maker;
};

enum origin { ORIGIN_FIRST, ORIGIN_AT };

struct item {
	int64_t instant; /* as the file says */
	int64_t time;    /* of the trace */
	int64_t window;
	int64_t value[ROW_VALUES];
};

struct trace_file {
	struct arena arena;
	struct stream_file *stream;
	const struct column *columns;
	int column_count;
	const char *const *names;       /* the header */
	const char *listed;             /* the header as a text */
	int time_source, window_source; /* window: -1 for none */
	int64_t time_unit;
	bool time_dates;
	enum origin origin_kind;
	int64_t origin;
	struct trace_decimal scale; /* time_scale */
	int64_t copies, skip;
	bool sort;
	bool draws, by_word; /* some columns are drawn; some by the word in another */
	struct map map[ROW_VALUES];
	struct batch_rule rule[BATCH_RULES]; /* the map, for packed traces: time, window, columns */
	char describe[TEXT];

	pthread_mutex_t lock; /* around what follows, which is made once */
	bool loaded;
	struct item *item;
	int64_t items, loaded_skipped, span;
};

/* A reader of records. */
struct cursor {
	const struct trace_file *file;
	struct records records;
	struct batch *batch; /* NULL: rows come one by one */
	const int64_t *many[BATCH_RULES];
	int many_at, many_count; /* those of `many` that are still to be given */
	bool of_many;            /* the row given last was of `many` */
	int64_t rows, skipped;
	int64_t last; /* instant of the row before, at line last_line; how it was written, for messages */
	int last_line, last_digits;
	int64_t last_number; /* of last_digits digits, or -1 and the text */
	char last_text[SHOWN];
	struct err bad;
};

struct copy {
	int64_t time, next, left; /* of its next row, that row's index, rows left after it */
	int64_t number, shift;
};

struct trace_rows {
	struct row_source source;
	struct trace_file *file;
	double share;
	struct rng_stream sharing, streams[ROW_VALUES];
	struct trace_counts counts;
	bool given_end;            /* the source has given 0 */
	struct err err;
	struct cursor *cursor;     /* of a plain replay; it and what follows up to `ahead` is the reading thread's */
	struct row_source reading; /* its rows, which `source` gives from `ahead` */
	int64_t next_id, skipped;
	bool ended;
	struct ahead *ahead;       /* NULL: not begun, or no thread: read as they are asked for */
	bool begun;
	struct copy *heap; /* otherwise */
	int64_t heap_size;
};

static void *reallocate(void *memory, size_t count, size_t size)
{
	memory = count <= SIZE_MAX / size ? realloc(memory, count * size) : NULL;
	if (!memory)
		check_out_of_memory(count * size);
	return memory;
}

static void *allocate(size_t bytes)
{
	return memset(reallocate(NULL, 1, bytes), 0, bytes);
}

/* A value of the file for a message: short, and without what a terminal would obey. */
static const char *shown(const char *text, char *buffer)
{
	size_t length = 0;
	for (; text[length] && length < SHOWN - 4; length++)
		buffer[length] = (unsigned char)text[length] < ' ' || text[length] == 0x7f ? '?' : text[length];
	strcpy(buffer + length, text[length] ? "..." : "");
	return buffer;
}

static void take_messages(struct err *into, const struct err *from)
{
	for (int i = 0; i < from->count; i++) {
		const struct err_message *m = &from->message[i < ERR_MAX ? i : ERR_MAX - 1];
		struct place place = {m->file, m->line, m->column};
		err_add(into, from->kind, &place, "%s", m->text);
	}
}

/* ---- loading the section ---- */

struct loading {
	struct trace_file *file;
	const struct tree *trace;
	struct param_reader reader;
	struct err *err;
};

static int source_find(const struct trace_file *file, const char *name)
{
	for (int i = 0; file->names[i]; i++)
		if (strcmp(file->names[i], name) == 0)
			return i;
	return -1;
}

static const char *list_names(struct arena *arena, const char *const *names)
{
	char text[LIST];
	size_t length = 0;
	text[0] = '\0';
	for (int i = 0; names[i]; i++) {
		char name[SHOWN];
		shown(names[i], name);
		if (length + strlen(name) + 8 > sizeof text) {
			strcpy(text + length, ", ...");
			break;
		}
		length += (size_t)sprintf(text + length, "%s%s", i ? ", " : "", name);
	}
	return arena_text(arena, text);
}

/* A source column that a map names. */
static int source_named(struct loading *load, const struct tree *tree, const char *name)
{
	const struct trace_file *file = load->file;
	int source = source_find(file, name);
	if (source < 0) {
		const char *near = tree_near(name, file->names);
		err_add(load->err, ERR_TRACE, &tree->place, "%s has no column \"%.60s\"%s%.60s%s (its columns: %s)",
			stream_file_name(file->stream), name, near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "", file->listed);
	}
	return source;
}

/* Whether a map has only these keys. */
static bool only_keys(struct loading *load, const struct tree *map, const char *what, const char *const *keys)
{
	bool good = true;
	for (const struct tree *entry = map->child; entry; entry = entry->next) {
		int i = 0;
		while (keys[i] && strcmp(keys[i], entry->key) != 0)
			i++;
		if (keys[i] || strncmp(entry->key, "x-", 2) == 0)
			continue;
		const char *near = tree_near(entry->key, keys);
		good = err_add(load->err, ERR_MODEL, &entry->key_place,
			       "unknown key \"%.60s\" in %s%s%s%s; allowed: %s", entry->key, what,
			       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "",
			       list_names(&load->file->arena, keys));
	}
	return good;
}

static bool scalar(struct loading *load, const struct tree *tree, const char *what)
{
	return tree->kind == TREE_SCALAR ||
	       err_add(load->err, ERR_MODEL, &tree->place, "%s must be a value, not %s", what, tree_kind_name(tree));
}

static enum quantity_kind kind_of(const struct column *column)
{
	return column->type == COLUMN_TIME    ? QUANTITY_TIME
	       : column->type == COLUMN_BYTES ? QUANTITY_BYTES
					      : QUANTITY_COUNT;
}

/* ---- time ---- */

/* An ISO date, or date and time with a fraction, to ns since 1970-01-01. */
static bool parse_date(const char *text, int64_t *ns)
{
	char whole[40];
	const char *point = strchr(text, '.');
	size_t length = point ? (size_t)(point - text) : strlen(text);
	if (length >= sizeof whole)
		return false;
	memcpy(whole, text, length);
	whole[length] = '\0';
	if (!date_parse_instant(whole, ns))
		return false;
	if (!point)
		return true;
	int64_t part = 0, unit = 1000000000;
	const char *at = point + 1;
	for (; is_digit(*at); at++)
		if (unit > 1) {
			unit /= 10;
			part += (*at - '0') * unit;
		}
	*ns += part;
	return at > point + 1 && length == 19 && (*at == '\0' || strcmp(at, "Z") == 0);
}

bool trace_time_parse(const char *text, int64_t unit, int64_t *ns, const char **why)
{
	struct trace_decimal decimal;
	if (unit == 0) {
		*why = "is not a date and time, e.g. 2014-04-07 18:30:05";
		return parse_date(text, ns);
	}
	if (!trace_decimal(text, &decimal, why))
		return false;
	*why = decimal.digits < 0 ? "is a negative time" : "is too large a time";
	return decimal.digits >= 0 && trace_decimal_times(decimal, unit, ns);
}

static bool parse_time(const struct trace_file *file, const char *text, int64_t *ns, const char **why)
{
	return trace_time_parse(text, file->time_dates ? 0 : file->time_unit, ns, why);
}

static bool load_origin(struct loading *load, const struct tree *origin)
{
	struct trace_file *file = load->file;
	const char *why;
	if (!scalar(load, origin, "origin"))
		return false;
	file->origin_kind = strcmp(origin->text, "first") == 0 ? ORIGIN_FIRST : ORIGIN_AT;
	if (file->origin_kind == ORIGIN_AT && strcmp(origin->text, "0") != 0 &&
	    !parse_time(file, origin->text, &file->origin, &why))
		return err_add(load->err, ERR_MODEL, &origin->place,
			       "origin: \"%.40s\" %s; allowed: first, 0, or a time as in the file", origin->text, why);
	return true;
}

static bool load_time(struct loading *load, const struct tree *time)
{
	static const char *const keys[] = {"from", "unit", "origin", "resolution", NULL};
	struct trace_file *file = load->file;
	bool as_map = time->kind == TREE_MAP;
	const struct tree *from = as_map ? tree_get(time, "from") : time;
	if (as_map && !only_keys(load, time, "time", keys))
		return false;
	if (!from || from->kind != TREE_SCALAR)
		return err_add(load->err, ERR_MODEL, &time->place,
			       "time needs the column it is from, e.g. {from: t_unix_s, unit: s}");
	const struct tree *unit = tree_get(time, "unit"), *origin = tree_get(time, "origin"),
			  *resolution = tree_get(time, "resolution");
	file->time_source = source_named(load, from, from->text);
	if (file->time_source < 0 || (unit && !scalar(load, unit, "unit")))
		return false;
	const char *name = unit ? unit->text : trace_time_unit(from->text);
	file->time_dates = unit && strcmp(unit->text, "date") == 0;
	file->time_unit = name ? trace_unit_ns(name) : 0;
	if (!file->time_dates && !file->time_unit)
		return err_add(load->err, ERR_MODEL, unit ? &unit->place : &time->place,
			       "time needs a unit: ns us ms s min h, or date; e.g. {from: %.60s, unit: s}", from->text);
	if (origin && !load_origin(load, origin))
		return false;
	size_t length = strlen(file->describe);
	snprintf(file->describe + length, TEXT - length, ", time from %.60s%s%s", from->text,
		 file->time_dates ? " as dates" : " in ", file->time_dates ? "" : name);
	if (resolution) {
		struct quantity value;
		char why[QUANTITY_WHY];
		if (!scalar(load, resolution, "resolution"))
			return false;
		if (!quantity_parse(QUANTITY_TIME, resolution->text, &value, why))
			return err_add(load->err, ERR_MODEL, &resolution->place, "resolution: \"%.40s\" %s",
				       resolution->text, why);
		length = strlen(file->describe);
		snprintf(file->describe + length, TEXT - length, " (resolution %.30s)", resolution->text);
	}
	return true;
}

static bool find_time(struct loading *load)
{
	struct trace_file *file = load->file;
	struct place place = {stream_file_name(file->stream), 1, 0};
	for (int i = 0; file->names[i]; i++) {
		const char *unit = trace_time_unit(file->names[i]);
		if (!unit)
			continue;
		file->time_source = i;
		file->time_unit = trace_unit_ns(unit);
		if (strcmp(file->names[i], "time_ns") == 0)
			file->origin_kind = ORIGIN_AT; /* ours: the time of the trace */
		size_t length = strlen(file->describe);
		snprintf(file->describe + length, TEXT - length, ", time from %.60s in %s", file->names[i], unit);
		return true;
	}
	return err_add(load->err, ERR_TRACE, &place,
		       "no column is known to be the time; say which, e.g. columns: {time: {from: NAME, unit: s}}; its "
		       "columns: %s",
		       file->listed);
}

/* ---- the case's columns ---- */

static bool load_missing(struct loading *load, struct map *map, const struct column *column, const struct tree *missing)
{
	char why[512];
	const char *text = missing ? missing->text : column->missing;
	if (missing && !scalar(load, missing, "missing"))
		return false;
	if (!text)
		return true;
	if (maker_constant(column, text, &map->missing, why, sizeof why)) {
		map->may_miss = true;
		return true;
	}
	return !missing ||
	       err_add(load->err, ERR_MODEL, &missing->place, "%s: missing: \"%.40s\" %s", column->name, text, why);
}

static bool load_words(struct loading *load, struct map *map, const struct column *column, const struct tree *words)
{
	char why[512];
	bool good = true;
	if (column->type != COLUMN_CHOICE || words->kind != TREE_MAP)
		return err_add(load->err, ERR_MODEL, &words->place,
			       "%s: words is a map from words of the file to those of a column "
			       "that holds words, e.g. {GET: read}",
			       column->name);
	struct word *into = ARENA_ARRAY(&load->file->arena, (size_t)tree_count(words), struct word);
	for (const struct tree *entry = words->child; entry; entry = entry->next) {
		struct word *word = &into[map->word_count];
		*word = (struct word){entry->key, strlen(entry->key), 0};
		if (entry->kind != TREE_SCALAR || !maker_constant(column, entry->text, &word->to, why, sizeof why))
			good = err_add(load->err, ERR_MODEL, &entry->place, "%s: \"%.40s\" %s", column->name,
				       entry->kind == TREE_SCALAR ? entry->text : tree_kind_name(entry),
				       entry->kind == TREE_SCALAR ? why : "is not a word");
		else
			map->word_count++;
	}
	map->words = into;
	return good;
}

/* Appends the words of the column itself. */
static void add_own_words(struct arena *arena, struct map *map, const struct column *column)
{
	int own = 0;
	while (column->choices[own])
		own++;
	struct word *all = ARENA_ARRAY(arena, (size_t)(map->word_count + own), struct word);
	if (map->word_count)
		memcpy(all, map->words, (size_t)map->word_count * sizeof *all);
	for (int i = 0; i < own; i++)
		all[map->word_count++] = (struct word){column->choices[i], strlen(column->choices[i]), i};
	map->words = all;
}

static bool load_unit(struct loading *load, struct map *map, const struct column *column, const struct tree *unit)
{
	char text[SHOWN], why[QUANTITY_WHY];
	struct quantity one;
	bool number = column->type != COLUMN_KEY && column->type != COLUMN_CHOICE;
	map->unit = 1;
	map->whole = !unit;
	if (!unit)
		return true;
	if (!scalar(load, unit, "unit"))
		return false;
	if (!number)
		return err_add(load->err, ERR_MODEL, &unit->place, "%s: this column holds no numbers and has no unit",
			       column->name);
	if (column->type == COLUMN_TIME && strcmp(unit->text, "date") == 0) {
		map->dates = true;
		return true;
	}
	snprintf(text, sizeof text, "1 %.40s", unit->text);
	if (!quantity_parse(kind_of(column), text, &one, why))
		return err_add(load->err, ERR_MODEL, &unit->place, "%s: unit: %s", column->name, why);
	map->unit = one.integer;
	return true;
}

static bool load_from(struct loading *load, struct map *map, const struct column *column, const struct tree *tree)
{
	static const char *const keys[] = {"from", "unit", "missing", "words", NULL};
	const struct tree *from = tree_get(tree, "from"), *words = tree_get(tree, "words");
	map->kind = MAP_COLUMN;
	if (!only_keys(load, tree, column->name, keys) || !scalar(load, from, "from"))
		return false;
	map->source = source_named(load, from, from->text);
	bool good = load_unit(load, map, column, tree_get(tree, "unit"));
	good = load_missing(load, map, column, tree_get(tree, "missing")) && good;
	if (words)
		good = load_words(load, map, column, words) && good;
	return good && map->source >= 0;
}

static bool use_column(struct loading *load, struct map *map, const struct column *column, int source)
{
	map->kind = MAP_COLUMN;
	map->source = source;
	map->unit = 1;
	map->whole = true;
	return load_missing(load, map, column, NULL);
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || (c & 0x80);
}

struct sum {
	struct loading *load;
	const struct tree *tree;
	const struct column *column;
	const char *at;
};

static void sum_blanks(struct sum *sum)
{
	while (is_blank(*sum->at))
		sum->at++;
}

/* A quantity: multiplies the term by it. */
static bool sum_quantity(struct sum *sum, struct term *term, bool *dimension)
{
	struct err *err = sum->load->err;
	const struct place *place = &sum->tree->place;
	struct trace_decimal decimal;
	const char *reason, *end = decimal_scan(sum->at, &decimal, &reason), *start = sum->at;
	char unit[SHOWN], text[SHOWN + 8], why[QUANTITY_WHY];
	struct quantity one = {1, 1};
	size_t length = 0;
	if (!end)
		return err_add(err, ERR_MODEL, place, "%s: \"%.20s\" %s", sum->column->name, start, reason);
	sum->at = end;
	sum_blanks(sum);
	while (name_char(sum->at[length]) || sum->at[length] == '/' || sum->at[length] == '%')
		length++;
	if (length >= sizeof unit)
		return err_add(err, ERR_MODEL, place, "%s: \"%.20s\" is not a unit", sum->column->name, sum->at);
	memcpy(unit, sum->at, length);
	unit[length] = '\0';
	sum->at += length;
	snprintf(text, sizeof text, "1 %s", unit);
	if (length && !quantity_parse(kind_of(sum->column), text, &one, why))
		return err_add(err, ERR_MODEL, place, "%s: \"%.40s\": %s", sum->column->name, start, why);
	if (length || sum->column->type == COLUMN_COUNT) {
		if (*dimension && length)
			return err_add(err, ERR_MODEL, place, "%s: a product has only one quantity with a unit",
				       sum->column->name);
		*dimension = true;
	}
	term->places += decimal.places;
	if (!times(&term->coefficient, decimal.digits) || !times(&term->coefficient, one.integer))
		return err_add(err, ERR_MODEL, place, "%s: \"%.40s\" is too large", sum->column->name, start);
	return true;
}

static bool sum_factor(struct sum *sum, struct term *term, bool *dimension)
{
	sum_blanks(sum);
	if (is_digit(*sum->at) || *sum->at == '.')
		return sum_quantity(sum, term, dimension);
	size_t length = 0;
	while (name_char(sum->at[length]))
		length++;
	if (length == 0)
		return err_add(
			sum->load->err, ERR_MODEL, &sum->tree->place,
			"%s: needs a quantity or a column of the file before \"%.20s\"; e.g. 100 ms + 20 us * tokens",
			sum->column->name, sum->at);
	char *name = arena_text_of(&sum->load->file->arena, sum->at, length);
	sum->at += length;
	if (term->source >= 0)
		return err_add(sum->load->err, ERR_MODEL, &sum->tree->place,
			       "%s: a product of two columns is not linear", sum->column->name);
	term->source = source_named(sum->load, sum->tree, name);
	return term->source >= 0;
}

static bool sum_term(struct sum *sum, struct term *term, int sign)
{
	const char *start = sum->at;
	bool dimension = sum->column->type == COLUMN_COUNT;
	*term = (struct term){sign, 0, -1};
	for (;;) {
		if (!sum_factor(sum, term, &dimension))
			return false;
		sum_blanks(sum);
		if (*sum->at != '*')
			break;
		sum->at++;
	}
	if (!dimension)
		return err_add(sum->load->err, ERR_MODEL, &sum->tree->place, "%s: \"%.*s\" needs a unit (%s)",
			       sum->column->name, (int)(sum->at - start), start, quantity_units(kind_of(sum->column)));
	for (; term->places > 0 && term->coefficient % 10 == 0; term->places--)
		term->coefficient /= 10;
	if (term->places < 0) {
		if (!shift_up(&term->coefficient, -term->places))
			return err_add(sum->load->err, ERR_MODEL, &sum->tree->place, "%s: a coefficient is too large",
				       sum->column->name);
		term->places = 0;
	}
	return true;
}

static bool load_sum(struct loading *load, struct map *map, const struct column *column, const struct tree *tree)
{
	struct sum sum = {load, tree, column, tree->text};
	int sign = 1;
	map->kind = MAP_SUM;
	for (;;) {
		if (map->terms == TERMS)
			return err_add(load->err, ERR_MODEL, &tree->place, "%s: a sum of more than %d terms",
				       column->name, TERMS);
		if (!sum_term(&sum, &map->term[map->terms++], sign))
			return false;
		if (*sum.at == '\0')
			return true;
		if (*sum.at != '+' && *sum.at != '-')
			return err_add(load->err, ERR_MODEL, &tree->place, "%s: needs + - or * before \"%.20s\"",
				       column->name, sum.at);
		sign = *sum.at++ == '-' ? -1 : 1;
	}
}

static bool load_maker(struct loading *load, struct map *map, int index, const struct tree *tree)
{
	map->kind = MAP_MADE;
	map->maker = maker_load(load->file->columns, index, tree, &load->reader, load->err);
	if (map->maker && maker_needs_stored(map->maker))
		return err_add(load->err, ERR_MODEL, &tree->place,
			       "%s: what is stored is known in a recipe only; give a column of the file, or a number",
			       load->file->columns[index].name);
	return map->maker != NULL;
}

static bool load_text(struct loading *load, struct map *map, int index, const struct tree *tree)
{
	const struct trace_file *file = load->file;
	const struct column *column = &file->columns[index];
	const char *text = tree->text;
	char why[512];
	int64_t value;
	int source = source_find(file, text);
	if (source >= 0)
		return use_column(load, map, column, source);
	if (strchr(text, '('))
		return load_maker(load, map, index, tree);
	if (column->type == COLUMN_CHOICE) {
		if (maker_constant(column, text, &value, why, sizeof why))
			return load_maker(load, map, index, tree);
		return err_add(load->err, ERR_TRACE, &tree->place, "%s: \"%.40s\" %s, nor a column of the file: %s",
			       column->name, text, why, file->listed);
	}
	if (column->type != COLUMN_KEY && (strpbrk(text, "*+") || strstr(text, " - ")))
		return load_sum(load, map, column, tree);
	bool word = *text && !is_digit(*text) && *text != '-' && *text != '.';
	if (word && strcmp(text, "calendar") != 0 && strcmp(text, "stored") != 0) {
		source_named(load, tree, text);
		return false;
	}
	return load_maker(load, map, index, tree);
}

static bool load_column(struct loading *load, struct map *map, int index, const struct tree *tree)
{
	if (tree->kind == TREE_SCALAR)
		return load_text(load, map, index, tree);
	const struct tree *constant = tree_get(tree, "constant");
	if (tree_get(tree, "from"))
		return load_from(load, map, &load->file->columns[index], tree);
	if (constant && !constant->next && tree->child == constant && scalar(load, constant, "constant"))
		return load_maker(load, map, index, constant);
	return load_maker(load, map, index, tree);
}

static bool load_unmapped(struct loading *load, struct map *map, int index)
{
	const struct trace_file *file = load->file;
	const struct column *column = &file->columns[index];
	const char *const one[] = {column->name, NULL};
	struct place place = {stream_file_name(file->stream), 1, 0};
	int source = source_find(file, column->name);
	if (source >= 0)
		return use_column(load, map, column, source);
	if (column->missing) {
		map->kind = MAP_MADE;
		map->maker = maker_missing(file->columns, index, &load->reader);
		return true;
	}
	const char *near = NULL;
	for (int i = 0; file->names[i] && !near; i++)
		if (tree_near(file->names[i], one))
			near = file->names[i];
	return err_add(load->err, ERR_TRACE, &place,
		       "no column \"%s\" (%s)%s%.60s%s; say where it comes from, e.g. columns: {%s: NAME}; the file's "
		       "columns: %s",
		       column->name, column->help, near ? "; is it \"" : "", near ? near : "", near ? "\"" : "",
		       column->name, file->listed);
}

static bool load_window(struct loading *load, const struct tree *window)
{
	struct trace_file *file = load->file;
	file->window_source = -1;
	if (window) {
		const struct tree *from = window->kind == TREE_MAP ? tree_get(window, "from") : window;
		if (!from || from->kind != TREE_SCALAR)
			return err_add(load->err, ERR_MODEL, &window->place,
				       "window must be the name of a column of the file");
		file->window_source = source_named(load, from, from->text);
		return file->window_source >= 0;
	}
	if (column_find(file->columns, "window") < 0 && strcmp(file->names[file->time_source], "time_ns") == 0)
		file->window_source = source_find(file, "window");
	return true;
}

static bool load_columns(struct loading *load, const struct tree *columns)
{
	struct trace_file *file = load->file;
	const char *names[ROW_VALUES + 3] = {"time", "window"};
	const struct tree *time = tree_get(columns, "time");
	bool good = true;
	if (columns && columns->kind != TREE_MAP)
		return err_add(load->err, ERR_MODEL, &columns->place, "columns must be a map, not %s",
			       tree_kind_name(columns));
	for (int i = 0; i < file->column_count; i++)
		names[i + 2] = file->columns[i].name;
	if (columns)
		good = only_keys(load, columns, "columns", names);
	if (!(time ? load_time(load, time) : find_time(load)) || !load_window(load, tree_get(columns, "window")))
		good = false;
	for (int i = 0; i < file->column_count; i++) {
		const struct tree *entry = tree_get(columns, file->columns[i].name);
		good = (entry ? load_column(load, &file->map[i], i, entry) : load_unmapped(load, &file->map[i], i)) &&
		       good;
	}
	for (int i = 0; good && i < file->column_count; i++) {
		struct map *map = &file->map[i];
		const struct maker *maker = map->maker;
		enum column_type type = file->columns[i].type;
		map->number = map->kind == MAP_COLUMN && type != COLUMN_KEY && type != COLUMN_CHOICE && !map->dates;
		if (map->kind == MAP_COLUMN && type == COLUMN_CHOICE)
			add_own_words(&file->arena, map, &file->columns[i]);
		int by = maker ? maker_by(maker) : -1;
		file->draws |= maker != NULL;
		file->by_word |= by >= 0;
		if (by >= 0 && file->map[by].maker && maker_by(file->map[by].maker) >= 0)
			good = err_add(load->err, ERR_MODEL, &load->trace->place,
				       "columns: %s goes by %s, which must not go by another", file->columns[i].name,
				       file->columns[by].name);
	}
	return good;
}

/* ---- the rest of the section ---- */

static bool load_count(struct loading *load, const char *key, int64_t least, int64_t greatest, int64_t *into)
{
	const struct tree *entry = tree_get(load->trace, key);
	struct quantity value;
	char why[QUANTITY_WHY];
	if (!entry)
		return true;
	if (!scalar(load, entry, key))
		return false;
	if (!quantity_parse(QUANTITY_COUNT, entry->text, &value, why))
		return err_add(load->err, ERR_MODEL, &entry->place, "%s: \"%.40s\" %s", key, entry->text, why);
	if (value.integer < least || value.integer > greatest)
		return err_add(load->err, ERR_MODEL, &entry->place, "%s: %.40s is out of range; allowed: %lld .. %lld",
			       key, entry->text, (long long)least, (long long)greatest);
	*into = value.integer;
	return true;
}

static bool load_options(struct loading *load)
{
	/* keys of a recipe may lie below those of a file that replaces it */
	static const char *const keys[] = {"file",     "columns",     "time_scale", "superpose", "sort",
					   "skip_bad", "about",       "recipe",     "growth",    "stored",
					   "daily",    "weekly",      "windows",    "gap",       "bursts",
					   "sources",  "per_message", "clustering", NULL};
	struct trace_file *file = load->file;
	const struct tree *scale = tree_get(load->trace, "time_scale"), *sort = tree_get(load->trace, "sort");
	bool good = only_keys(load, load->trace, "trace", keys);
	file->scale = (struct trace_decimal){1, 0};
	file->copies = 1;
	if (scale) {
		const char *why = "is not a number";
		struct trace_decimal *f = &file->scale;
		if (!scalar(load, scale, "time_scale"))
			good = false;
		else if (!trace_decimal(scale->text, f, &why))
			good = err_add(load->err, ERR_MODEL, &scale->place, "time_scale: \"%.40s\" %s", scale->text,
				       why);
		else if (f->digits <= 0 || f->digits > 1000000000 || f->places < -9 || f->places > 9)
			good = err_add(load->err, ERR_MODEL, &scale->place,
				       "time_scale: %.40s is out of range; allowed: 0.000000001 .. 1000000000, with at "
				       "most 9 digits",
				       scale->text);
		for (; good && f->places < 0; f->places++)
			f->digits *= 10;
	}
	if (sort) {
		const char *text = sort->kind == TREE_SCALAR ? sort->text : "";
		file->sort = strcmp(text, "true") == 0 || strcmp(text, "on") == 0 || strcmp(text, "yes") == 0;
		if (!file->sort && strcmp(text, "false") != 0 && strcmp(text, "off") != 0 && strcmp(text, "no") != 0)
			good = err_add(load->err, ERR_MODEL, &sort->place, "sort: must be true or false");
	}
	good = load_count(load, "superpose", 1, TRACE_FILE_COPIES, &file->copies) && good;
	return load_count(load, "skip_bad", 0, TRACE_FILE_SKIP, &file->skip) && good;
}

/* ---- reading records ---- */

static struct cursor *cursor_open(const struct trace_file *file, struct err *err)
{
	struct stream *stream = stream_open(file->stream, err);
	struct records records;
	if (!stream || !records_open(&records, stream, err))
		return NULL;
	struct cursor *cursor = allocate(sizeof *cursor);
	cursor->file = file;
	cursor->records = records;
	err_init(&cursor->bad);
	return cursor;
}

/* Once it is known which columns of the file are for what, the others need not be looked at. */
static void cursor_want(const struct trace_file *file, struct csv_reader *csv)
{
	for (int i = 0; i < csv_columns(csv); i++)
		csv_want(csv, i, CSV_NOTHING);
	for (int i = 0; i < file->column_count; i++) {
		const struct map *map = &file->map[i];
		if (map->kind == MAP_COLUMN)
			csv_want(csv, map->source, CSV_NUMBER);
		for (int k = 0; map->kind == MAP_SUM && k < map->terms; k++)
			if (map->term[k].source >= 0)
				csv_want(csv, map->term[k].source, CSV_NUMBER);
	}
	if (file->window_source >= 0)
		csv_want(csv, file->window_source, CSV_NUMBER);
	csv_want(csv, file->time_source, CSV_NUMBER);
}

static void cursor_close(struct cursor *cursor)
{
	if (!cursor)
		return;
	batch_close(cursor->batch);
	records_close(&cursor->records);
	free(cursor);
}

static bool bad_field(struct cursor *cursor, int source, const char *text, const char *why)
{
	struct place place = records_place(&cursor->records, source);
	char name[SHOWN], value[SHOWN];
	return err_add(&cursor->bad, ERR_TRACE, &place, "%s: \"%s\" %s", shown(cursor->file->names[source], name),
		       shown(text, value), why);
}

/* The field * unit, where it is nothing but digits and that fits: what most fields are. */
static inline bool read_digits(const struct csv_field *field, int64_t unit, int64_t *value)
{
	return field->number >= 0 && !__builtin_mul_overflow(field->number, unit, value);
}

static inline bool field_decimal(const struct csv_field *field, struct trace_decimal *decimal, const char **why)
{
	if (field->number < 0)
		return trace_decimal(field->text, decimal, why);
	*decimal = (struct trace_decimal){field->number, 0};
	return true;
}

static bool read_number(struct cursor *cursor, const struct map *map, const struct csv_field *field, int64_t *value)
{
	struct trace_decimal decimal;
	const char *text = field->text, *why = "is not a date and time, e.g. 2014-04-07 18:30:05";
	if (map->dates)
		return parse_date(text, value) || bad_field(cursor, map->source, text, why);
	if (!field_decimal(field, &decimal, &why))
		return bad_field(cursor, map->source, text, why);
	if (decimal.digits < 0)
		return bad_field(cursor, map->source, text, "is negative");
	if (map->whole && !is_whole(decimal))
		return bad_field(
			cursor, map->source, text,
			"is not whole; say the unit of the column, e.g. {from: NAME, unit: s}, and it is rounded");
	if (!trace_decimal_times(decimal, map->unit, value) || *value > INT64_MAX / 4)
		return bad_field(cursor, map->source, text, "is too large");
	return true;
}

static bool read_word(struct cursor *cursor, const struct map *map, const struct column *column,
		      const struct csv_field *field, int64_t *value)
{
	char why[512];
	for (int i = 0; i < map->word_count; i++) {
		const struct word *word = &map->words[i];
		if (word->length == field->length && memcmp(word->from, field->text, word->length) == 0) {
			*value = word->to;
			return true;
		}
	}
	return maker_constant(column, field->text, value, why, sizeof why) ||
	       bad_field(cursor, map->source, field->text, why);
}

static bool read_sum(struct cursor *cursor, const struct map *map, const struct csv_field *fields, int64_t *value)
{
	wide part[TERMS], sum = 0;
	int places[TERMS], most = 0, source = 0;
	bool fits = true;
	for (int i = 0; i < map->terms; i++) {
		const struct term *term = &map->term[i];
		struct trace_decimal decimal = {1, 0};
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
		fits = fits && times(&part[i], decimal.digits);
		for (; places[i] > 0 && part[i] % 10 == 0; places[i]--)
			part[i] /= 10;
		if (part[i] == 0)
			places[i] = 0;
		most = places[i] > most ? places[i] : most;
	}
	for (int i = 0; i < map->terms && fits; i++)
		fits = shift_up(&part[i], most - places[i]) && !__builtin_add_overflow(sum, part[i], &sum);
	if (fits && sum < 0)
		return bad_field(cursor, source, fields[source].text, "makes a computed value negative");
	if (!fits || !shift_down(sum, most, value) || *value > INT64_MAX / 4)
		return bad_field(cursor, source, fields[source].text, "makes a computed value too large");
	return true;
}

static bool read_value(struct cursor *cursor, int index, const struct csv_field *fields, int64_t *value)
{
	const struct map *map = &cursor->file->map[index];
	const struct column *column = &cursor->file->columns[index];
	if (map->kind == MAP_SUM)
		return read_sum(cursor, map, fields, value);
	const struct csv_field *field = &fields[map->source];
	if (field->missing) {
		*value = map->missing;
		return map->may_miss || bad_field(cursor, map->source, field->text,
						  "is missing; say what that means, e.g. {from: NAME, missing: VALUE}");
	}
	if (column->type == COLUMN_KEY) {
		bool number = field->number >= 0 && (field->text[0] != '0' || field->length == 1);
		*value = number ? field->number : maker_key(field->text, field->length);
		return true;
	}
	if (column->type == COLUMN_CHOICE)
		return read_word(cursor, map, column, field, value);
	return read_number(cursor, map, field, value);
}

static inline bool read_window(struct cursor *cursor, const struct csv_field *fields, int64_t *window)
{
	int source = cursor->file->window_source;
	struct trace_decimal decimal;
	const char *why;
	*window = 0;
	if (source < 0 || fields[source].missing || read_digits(&fields[source], 1, window))
		return true;
	if (date_parse(fields[source].text, window))
		return true;
	if (!trace_decimal(fields[source].text, &decimal, &why))
		return bad_field(cursor, source, fields[source].text, "is neither a whole number nor a date");
	if (!is_whole(decimal) || decimal.digits < 0 || !trace_decimal_times(decimal, 1, window))
		return bad_field(cursor, source, fields[source].text, "is not a whole number, 0 or more");
	return true;
}

static inline bool read_instant(struct cursor *cursor, const struct csv_field *time, int64_t *instant)
{
	const struct trace_file *file = cursor->file;
	const char *why;
	if (!file->time_dates && read_digits(time, file->time_unit, instant))
		return true;
	if (time->missing)
		return bad_field(cursor, file->time_source, time->text, "is missing; every row needs a time");
	return parse_time(file, time->text, instant, &why) || bad_field(cursor, file->time_source, time->text, why);
}

/* Sets what of the item is read from the file. */
static bool read_fields(struct cursor *cursor, const struct csv_field *fields, struct item *item)
{
	const struct trace_file *file = cursor->file;
	if (!read_instant(cursor, &fields[file->time_source], &item->instant))
		return false;
	bool good = read_window(cursor, fields, &item->window);
	for (int i = 0; i < file->column_count; i++) {
		const struct map *map = &file->map[i];
		int64_t *value = &item->value[i];
		if (map->number && read_digits(&fields[map->source], map->unit, value) &&
		    *value <= INT64_MAX / 4)
			continue;
		good = (map->kind == MAP_MADE || read_value(cursor, i, fields, value)) && good;
	}
	return good;
}

static bool goes_back(struct cursor *cursor, const struct csv_field *time, struct err *err)
{
	struct place place = records_place(&cursor->records, cursor->file->time_source);
	char now[SHOWN], last[SHOWN];
	if (cursor->last_number >= 0)
		snprintf(cursor->last_text, SHOWN, "%0*lld", cursor->last_digits, (long long)cursor->last_number);
	return err_add(err, ERR_TRACE, &place,
		       "time goes back: %s, after %s in line %d; sort the file, or accept it with --sort (sort: true)",
		       shown(time->text, now), shown(cursor->last_text, last), cursor->last_line);
}

static bool in_order(struct cursor *cursor, const struct item *item, const struct csv_field *time, struct err *err)
{
	if (cursor->rows && item->instant < cursor->last && !cursor->file->sort)
		return goes_back(cursor, time, err);
	cursor->last = item->instant;
	cursor->last_line = records_line(&cursor->records);
	cursor->last_number = time->number;
	cursor->last_digits = (int)time->length;
	if (time->number < 0) {
		size_t length = time->length < SHOWN ? time->length : SHOWN - 1; /* enough of it for a message */
		memcpy(cursor->last_text, time->text, length);
		cursor->last_text[length] = '\0';
	}
	return true;
}

enum read_status { READ_ITEM, READ_END, READ_FAILED };

/* Whether a malformed record may be passed over. */
static bool pass_over(struct cursor *cursor, enum csv_status status, struct err *err)
{
	if (status == CSV_BROKEN || cursor->skipped == cursor->file->skip) {
		take_messages(err, &cursor->bad);
		if (status != CSV_BROKEN && cursor->file->skip) {
			struct place place = {stream_file_name(cursor->file->stream), 0, 0};
			err_add(err, ERR_TRACE, &place, "more than %lld malformed rows (skip_bad)",
				(long long)cursor->file->skip);
		}
		return false;
	}
	cursor->skipped++;
	err_init(&cursor->bad);
	return true;
}

/* The next row of the file, past malformed ones as far as that is allowed. */
static inline enum read_status cursor_next(struct cursor *cursor, struct item *item, struct err *err)
{
	const struct csv_field *fields;
	for (;;) {
		enum csv_status status = records_next(&cursor->records, &fields, &cursor->bad);
		if (status == CSV_ROW && read_fields(cursor, fields, item)) {
			if (!in_order(cursor, item, &fields[cursor->file->time_source], err))
				return READ_FAILED;
			cursor->rows++;
			return READ_ITEM;
		}
		if (status == CSV_END)
			return READ_END;
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

static struct batch_rule sum_rule(const struct map *map)
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
	file->rule[RULE_TIME] =
		number_rule(file->time_dates, file->time_source, file->time_unit, false, INT64_MAX);
	if (file->window_source >= 0)
		file->rule[RULE_WINDOW] = number_rule(false, file->window_source, 1, true, INT64_MAX);
	for (int i = 0; i < file->column_count; i++) {
		const struct map *map = &file->map[i];
		struct batch_rule *rule = &file->rule[RULE_COLUMNS + i];
		enum column_type type = file->columns[i].type;
		if (map->kind == MAP_SUM)
			*rule = sum_rule(map);
		else if (map->kind == MAP_COLUMN && (type == COLUMN_KEY || type == COLUMN_CHOICE))
			*rule = (struct batch_rule){.how = type == COLUMN_KEY ? BATCH_KEY : BATCH_TEXT,
						    .source = map->source};
		else if (map->kind == MAP_COLUMN)
			*rule = number_rule(map->dates, map->source, map->unit, map->whole, INT64_MAX / 4);
	}
}

/* What one record says by a rule: a batch_fn. */
static bool read_by_rule(void *of, int rule, const struct csv_field *fields, int64_t *value)
{
	struct cursor *cursor = of;
	if (rule == RULE_TIME)
		return read_instant(cursor, &fields[cursor->file->time_source], value);
	return rule == RULE_WINDOW ? read_window(cursor, fields, value)
				   : read_value(cursor, rule - RULE_COLUMNS, fields, value);
}

/* Once the map is known: before the first of all rows. */
static void cursor_begin(struct cursor *cursor)
{
	const struct trace_file *file = cursor->file;
	if (cursor->records.csv)
		cursor_want(file, cursor->records.csv);
	else
		cursor->batch = batch_open(cursor->records.cbt, file->rule, RULE_COLUMNS + file->column_count,
					   read_by_rule, cursor);
}

/* Takes those of `many` when they are in order. */
static bool take_many(struct cursor *cursor, int count, struct err *err)
{
	const int64_t *instant = cursor->many[RULE_TIME];
	struct cbt_reader *cbt = cursor->records.cbt;
	struct csv_field time;
	char buffer[CBT_TEXT_PRINT];
	bool back = cursor->rows > 0 && instant[0] < cursor->last;
	for (int i = 1; i < count; i++)
		back |= instant[i] < instant[i - 1];
	if ((back && !cursor->file->sort) ||
	    !cbt_field(cbt, cursor->file->time_source, count - 1, &time, buffer, err))
		return false;
	cursor->last = instant[count - 1];
	cursor->last_line = cbt_slice_line(cbt, count - 1);
	snprintf(cursor->last_text, SHOWN, "%s", time.text);
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
	for (int i = 0; i < cursor->file->column_count; i++)
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

/* From the file's instant to the time of the trace; false when there is none. */
static inline bool set_time(const struct trace_file *file, struct item *item)
{
	int64_t offset;
	if (__builtin_sub_overflow(item->instant, file->origin, &offset) || offset < 0)
		return false;
	if (file->scale.digits == 1 && file->scale.places == 0) {
		item->time = offset;
		return offset <= time_max;
	}
	wide scaled = offset;
	for (int i = 0; i < file->scale.places; i++)
		scaled *= 10;
	scaled = (2 * scaled + file->scale.digits) / (2 * (wide)file->scale.digits);
	item->time = (int64_t)scaled;
	return scaled <= time_max;
}

/* Says why set_time was false. */
static bool no_time(const struct trace_file *file, const struct item *item, const struct place *place, struct err *err)
{
	if (item->instant < file->origin)
		return err_add(err, ERR_TRACE, place, "a time before the origin");
	return err_add(err, ERR_TRACE, place, "the trace lasts longer than 146 years%s",
		       file->time_unit > 1 ? "; is the unit of time right?" : "");
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
	cursor_begin(cursor);
	file->items = 0;
	while ((status = cursor_any(cursor, &item, err)) == READ_ITEM) {
		if (file->items == room) {
			room = room ? 2 * room : 1024;
			file->item = reallocate(file->item, (size_t)room, sizeof *file->item);
		}
		item.time = file->items;
		file->item[file->items++] = item;
	}
	file->loaded_skipped = cursor->skipped;
	cursor_close(cursor);
	if (status == READ_FAILED)
		return false;
	CHECK(file->items > 0); /* there was a first row when it was opened */
	if (file->sort)
		qsort(file->item, (size_t)file->items, sizeof *file->item, compare_items);
	if (file->origin_kind == ORIGIN_FIRST)
		file->origin = file->item[0].instant;
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
	file->names = names;
	file->listed = list_names(&file->arena, names);
}

/* Reads the first row, which an origin may be taken from. */
static bool read_first(struct trace_file *file, struct cursor *cursor, struct err *err)
{
	struct item item = {0};
	struct place place = {stream_file_name(file->stream), 0, 0};
	enum read_status status = cursor_next(cursor, &item, err);
	if (status == READ_END)
		return err_add(err, ERR_TRACE, &place, "has a header but no rows%s",
			       cursor->skipped ? " that are well formed" : "");
	if (status == READ_FAILED)
		return false;
	if (file->origin_kind == ORIGIN_FIRST)
		file->origin = item.instant;
	place = records_place(&cursor->records, file->time_source);
	return file->sort || set_time(file, &item) || no_time(file, &item, &place, err);
}

static bool open_and_load(struct trace_file *file, struct loading *load, const char *model_path)
{
	const struct tree *path = tree_get(load->trace, "file");
	if (!path || path->kind != TREE_SCALAR || !*path->text)
		return err_add(load->err, ERR_MODEL, &load->trace->place, "trace needs a file, e.g. {file: x.csv}");
	const char *found = find_path(&file->arena, path->text, model_path);
	bool asked_for = path->place.file && strncmp(path->place.file, "--", 2) == 0;
	if (!asked_for && strcmp(found, "-") != 0 && access(found, F_OK) != 0)
		err_add(load->err, ERR_TRACE, &path->place,
			"the trace %.120s is neither here nor beside the model (%s); --trace PATH says where it is",
			path->text, strerror(errno));
	else
		file->stream = stream_file_open(found, ERR_TRACE, load->err);
	bool good = load_options(load);
	if (!file->stream)
		return false;
	snprintf(file->describe, TEXT, "%.200s", stream_file_name(file->stream));
	struct cursor *cursor = cursor_open(file, load->err);
	if (!cursor)
		return false;
	keep_names(file, &cursor->records);
	good = load_columns(load, tree_get(load->trace, "columns")) && good;
	make_rules(file);
	good = good && read_first(file, cursor, load->err);
	cursor_close(cursor);
	return good;
}

static void describe_rest(struct trace_file *file, const struct tree *trace)
{
	const struct tree *scale = tree_get(trace, "time_scale");
	char *at = file->describe;
	size_t length = strlen(at);
	if (scale)
		snprintf(at + length, TEXT - length, ", time_scale %.30s", scale->text);
	length = strlen(at);
	if (file->copies > 1)
		snprintf(at + length, TEXT - length, ", superpose %lld", (long long)file->copies);
	length = strlen(at);
	if (file->sort)
		snprintf(at + length, TEXT - length, ", sorted");
}

struct trace_file *trace_file_open(const struct tree *trace, const char *model_path, const struct column *columns,
				   const struct dist_reader *values, struct err *err)
{
	struct trace_file *file = allocate(sizeof *file);
	struct loading load = {file, trace, {&file->arena, values, NULL}, err};
	arena_init(&file->arena);
	pthread_mutex_init(&file->lock, NULL);
	file->columns = columns;
	file->column_count = column_count(columns);
	file->window_source = -1;
	CHECK(file->column_count <= ROW_VALUES);
	if (!open_and_load(file, &load, model_path)) {
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
	free(file);
}

const char *trace_file_name(const struct trace_file *file)
{
	return stream_file_name(file->stream);
}

const char *trace_file_describe(const struct trace_file *file)
{
	return file->describe;
}

/* ---- giving rows ---- */

/* Draws what is not from the file, and makes the keys of a copy others. */
static void draw_values(const struct trace_rows *rows, const struct item *item, int64_t copy, struct row *row)
{
	const struct trace_file *file = rows->file;
	struct maker_moment moment = {item->instant, 0};
	for (int pass = 0; pass < (file->by_word ? 2 : 1); pass++)
		for (int i = 0; i < file->column_count; i++) {
			const struct map *map = &file->map[i];
			if (map->kind == MAP_MADE && (maker_by(map->maker) >= 0) == pass)
				row->value[i] = maker_value(map->maker, rows->streams[i], row, &moment);
			else if (copy > 0 && pass == 0 && map->kind == MAP_COLUMN &&
				 file->columns[i].type == COLUMN_KEY)
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
	if (copy > 0 || rows->file->draws)
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
	return rows->share >= 1 && file->scale.digits == 1 && file->scale.places == 0 && instant[0] >= file->origin &&
	       !__builtin_sub_overflow(instant[count - 1], file->origin, &last) && last <= time_max;
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
	int64_t origin = file->origin, id = rows->next_id;
	if (left <= 0 || !are_simple(rows, instant + at, count))
		return 0;
	for (int i = 0; i < file->column_count; i++)
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
	for (size_t k = 0; k < count && file->draws; k++)
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
	rows->skipped = cursor->skipped;
	return count;
}

static size_t fill_plain(struct row_source *of, struct row *into, size_t capacity)
{
	struct trace_rows *rows = (struct trace_rows *)of;
	if (!rows->begun)
		rows->ahead = ahead_start(&rows->reading, &rows->skipped);
	rows->begun = true;
	if (rows->ahead)
		return give(rows, into, ahead_fill(rows->ahead, into, capacity, &rows->counts.skipped));
	size_t count = read_rows(&rows->reading, into, capacity);
	rows->counts.skipped = rows->skipped;
	return give(rows, into, count);
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

static size_t fill_held(struct row_source *of, struct row *into, size_t capacity)
{
	struct trace_rows *rows = (struct trace_rows *)of;
	const struct trace_file *file = rows->file;
	size_t count = 0;
	while (count < capacity && rows->heap_size > 0) {
		struct copy *copy = &rows->heap[0];
		uint64_t id = (uint64_t)(copy->next + copy->number * file->items);
		count += make_row(rows, &file->item[copy->next], copy->time, id, copy->number, &into[count]);
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
	return give(rows, into, count);
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
	rows->heap = allocate((size_t)file->copies * sizeof *rows->heap);
	rows->heap_size = file->copies;
	for (int64_t i = 0; i < file->copies; i++) {
		struct copy *copy = &rows->heap[i];
		struct rng rng = rng_of(stream, (uint64_t)i);
		copy->number = i;
		copy->shift = i ? (int64_t)rng_below(&rng, (uint64_t)file->span) : 0;
		copy->next = rotated(file, copy->shift);
		copy->left = file->items - 1;
		copy->time = copy_time(file, copy);
	}
	for (int64_t i = file->copies / 2; i-- > 0;)
		sift_down(rows, i);
}

struct trace_rows *trace_rows_open(struct trace_file *file, uint64_t seed, uint64_t replication, double share,
				   struct err *err)
{
	CHECK(share > 0);
	bool held = file->sort || file->copies > 1;
	struct cursor *cursor = NULL;
	if (held ? !ensure_items(file, err) : !(cursor = cursor_open(file, err)))
		return NULL;
	if (cursor)
		cursor_begin(cursor);
	struct trace_rows *rows = allocate(sizeof *rows);
	rows->source.fill = held ? fill_held : fill_plain;
	rows->reading.fill = read_rows;
	rows->file = file;
	rows->share = share;
	rows->cursor = cursor;
	rows->sharing = rng_stream(seed, replication, "trace.share");
	for (int i = 0; i < file->column_count; i++)
		rows->streams[i] = maker_stream(&file->columns[i], seed, replication);
	err_init(&rows->err);
	if (held) {
		rows->counts.skipped = file->loaded_skipped;
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
	cursor_close(rows->cursor);
	free(rows->heap);
	free(rows);
}
