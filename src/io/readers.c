/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/readers.h"
#include "base/words.h"
#include "io/csv.h"
#include "io/instant.h"
#include "io/paths.h"
#include "io/stream.h"
#include "io/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 10000000 };

struct readers {
	struct study_files files;
	struct dist_reader values;
	struct param_cells cells;
	const char *path;
};

/* ---- values of empirical distributions ---- */

struct values {
	double *value, *weight;
	size_t count, room;
	bool weighted;
	struct arena *arena;
};

static bool add_value(struct values *values, double value, double weight, const struct place *place, struct err *err)
{
	if (!(value >= 0 && value <= 9e18))
		return err_add(err, ERR_MODEL, place, "a value must be 0 or more, and less than 9e18");
	if (!(weight >= 0 && weight <= 1e18))
		return err_add(err, ERR_MODEL, place, "a weight must be 0 or more");
	if (values->count == VALUES_MAX)
		return err_add(err, ERR_MODEL, place, "more than %d values", VALUES_MAX);
	if (values->count == values->room) {
		size_t room = values->room ? 2 * values->room : 1024;
		double *value_more = ARENA_ARRAY(values->arena, room, double);
		double *weight_more = ARENA_ARRAY(values->arena, room, double);
		if (values->count) {
			memcpy(value_more, values->value, values->count * sizeof *value_more);
			memcpy(weight_more, values->weight, values->count * sizeof *weight_more);
		}
		values->value = value_more;
		values->weight = weight_more;
		values->room = room;
	}
	values->value[values->count] = value;
	values->weight[values->count++] = weight;
	return true;
}

static bool is_number(const char *text)
{
	char *end;
	return *text && strchr("0123456789.-+", *text) && strtod(text, &end) >= -HUGE_VAL && *end == '\0' &&
	       !strpbrk(text, "xXnN");
}

/* A value with its unit, or a number in the unit that the column's name tells. */
static bool read_value(const char *text, enum quantity_kind unit, const char *column, double *value,
		       const struct place *place, struct err *err)
{
	char why[QUANTITY_WHY];
	struct quantity quantity;
	if (!is_number(text) || unit == QUANTITY_COUNT || unit == QUANTITY_REAL || unit == QUANTITY_RATIO) {
		if (!quantity_parse(unit, text, &quantity, why))
			return err_add(err, ERR_MODEL, place, "\"%.60s\" %s", text, why);
		*value = quantity.real;
		return true;
	}
	const char *named = column ? strrchr(column, '_') : NULL;
	int64_t ns = named ? instant_unit(named + 1) : 0;
	*value = strtod(text, NULL);
	if (unit == QUANTITY_TIME && ns == 0)
		return err_add(err, ERR_MODEL, place,
			       "a time without a unit; write \"%.40s ms\", or call the column by its unit (service_ms)",
			       text);
	if (unit == QUANTITY_TIME)
		*value *= (double)ns;
	return true;
}

static bool read_record(struct values *values, const char *const *text, int fields, enum quantity_kind unit,
			const char *column, const struct place *place, struct err *err)
{
	double value = 0, weight = 1;
	if (!read_value(text[0], unit, column, &value, place, err))
		return false;
	if (fields > 1) {
		if (!is_number(text[1]))
			return err_add(err, ERR_MODEL, place,
				       "the second column holds weights, and \"%.40s\" is not one", text[1]);
		weight = strtod(text[1], NULL);
		values->weighted = true;
	}
	return add_value(values, value, weight, place, err);
}

static bool read_csv(struct values *values, struct stream *stream, enum quantity_kind unit, struct err *err)
{
	struct csv_reader *reader = csv_open(stream, err);
	if (!reader)
		return false;
	const char *const *names = csv_names(reader);
	int columns = csv_columns(reader) > 1 ? 2 : 1, before = err->count;
	/* A first line that holds a number is no header. */
	bool headless = *names[0] && strchr("0123456789.", *names[0]);
	struct place first = {stream_name(stream), 1, 1};
	const char *column = headless ? NULL : names[0];
	if (headless)
		read_record(values, names, columns, unit, NULL, &first, err);
	const struct csv_field *fields;
	enum csv_status status = CSV_END;
	while (err->count == before && (status = csv_next(reader, &fields, err)) == CSV_ROW) {
		struct place place = csv_place(reader, 0);
		const char *text[2] = {fields[0].text, columns > 1 ? fields[1].text : ""};
		if (fields[0].missing)
			continue;
		read_record(values, text, columns, unit, column, &place, err);
	}
	csv_close(reader);
	return err->count == before;
}

/*
 * HdrHistogram's percentile output: value, percentile, count up to here, 1 / (1 - percentile). Times are in ms unless a
 * line "# unit: us" says otherwise.
 */
static bool read_hgrm(struct values *values, const char *path, enum quantity_kind unit, struct err *err)
{
	FILE *file = fopen(path, "r");
	struct place place = {path, 0, 1};
	if (!file) {
		place.column = 0;
		return err_add(err, ERR_MODEL, &place, "cannot be read: %s", strerror(errno));
	}
	double factor = unit == QUANTITY_TIME ? 1e6 : 1, before = 0;
	char line[512], name[8];
	bool good = true;
	values->weighted = true;
	while (good && fgets(line, sizeof line, file)) {
		double value, percentile, total;
		place.line++;
		if (sscanf(line, " # unit: %7s", name) == 1) {
			if (unit == QUANTITY_TIME && instant_unit(name) == 0)
				good = err_add(err, ERR_MODEL, &place, "\"%s\" is not a unit of time", name);
			else if (unit == QUANTITY_TIME)
				factor = (double)instant_unit(name);
			continue;
		}
		if (line[strspn(line, " \t\r\n")] == '\0' || line[0] == '#' || strstr(line, "Value"))
			continue;
		if (sscanf(line, "%lf %lf %lf", &value, &percentile, &total) != 3)
			good = err_add(err, ERR_MODEL, &place,
				       "is not \"value percentile count\", as HdrHistogram writes it");
		else if (total < before)
			good = err_add(err, ERR_MODEL, &place, "counts must not go down");
		else if (total > before)
			good = add_value(values, value * factor, total - before, &place, err);
		before = good ? total : before;
	}
	fclose(file);
	return good;
}

static bool read_values(void *of, const char *path, enum quantity_kind unit, struct arena *arena, double **value,
			double **weight, size_t *count, struct err *err)
{
	struct readers *readers = of;
	struct values values = {.arena = arena};
	const char *found = paths_named_in(arena, readers->path, path);
	if (!found)
		found = paths_named_in(arena, NULL, path);
	if (!found)
		return false; /* the caller knows the place where it is named, and says so */
	size_t length = strlen(path);
	bool good;
	if (length > 5 && strcmp(path + length - 5, ".hgrm") == 0) {
		good = read_hgrm(&values, found, unit, err);
	} else {
		struct stream_file *file = stream_file_open(found, ERR_MODEL, err);
		struct stream *stream = file ? stream_open(file, err) : NULL;
		good = stream && read_csv(&values, stream, unit, err);
		if (file)
			stream_file_close(file);
	}
	if (!good)
		return false;
	struct place place = {found, 0, 0};
	if (values.count == 0)
		return err_add(err, ERR_MODEL, &place, "holds no values");
	*value = values.value;
	*weight = values.weighted ? values.weight : NULL;
	*count = values.count;
	return true;
}

/* ---- cells of tables ---- */

enum { CANDIDATES = 1000 };

/* The search for one row of a table. */
struct search {
	const struct param_cell *cell;
	const char *path, *text;
	const struct place *named;
	int key[PARAM_KEYS], column, depth; /* depth: how many keys a row has met, in their order */
	const char **candidate;             /* of the first key that no row has met */
	int candidates, rows;
	struct place at;
	bool missing;
	struct arena *arena;
	struct err *err;
};

static int find_column(struct search *search, const struct csv_reader *reader, const char *name)
{
	int index = csv_column(reader, name);
	char hint[WORDS_HINT];
	if (index < 0)
		err_add(search->err, ERR_MODEL, search->named, "%.160s has no column \"%.60s\"%s", search->path, name,
			words_hint(WORDS(csv_names(reader)), name, hint));
	return index;
}

static void add_candidate(struct search *search, const char *text)
{
	for (int i = 0; i < search->candidates; i++)
		if (strcmp(search->candidate[i], text) == 0)
			return;
	if (search->candidates < CANDIDATES)
		search->candidate[search->candidates++] = arena_text(search->arena, text);
}

static bool search_row(struct search *search, const struct csv_reader *reader, const struct csv_field *fields)
{
	const struct param_cell *cell = search->cell;
	int met = 0;
	while (met < cell->keys && strcmp(fields[search->key[met]].text, cell->value[met]) == 0)
		met++;
	if (met < search->depth)
		return true;
	if (met > search->depth)
		search->candidates = 0;
	search->depth = met;
	if (met < cell->keys) {
		add_candidate(search, fields[search->key[met]].text);
		return true;
	}
	struct place place = csv_place(reader, search->column);
	if (search->rows++ > 0)
		return err_add(search->err, ERR_MODEL, search->named,
			       "two rows of %.160s match, on lines %d and %d; name more columns", search->path,
			       search->at.line, place.line);
	search->at = (struct place){search->path, place.line, place.column};
	search->missing = fields[search->column].missing;
	search->text = arena_text(search->arena, fields[search->column].text);
	return true;
}

static bool search_table(struct search *search, struct csv_reader *reader)
{
	const struct param_cell *cell = search->cell;
	for (int i = 0; i < cell->keys; i++)
		if ((search->key[i] = find_column(search, reader, cell->key[i])) < 0)
			return false;
	if ((search->column = find_column(search, reader, cell->column)) < 0)
		return false;
	const struct csv_field *fields;
	enum csv_status status;
	while ((status = csv_next(reader, &fields, search->err)) == CSV_ROW)
		if (!search_row(search, reader, fields))
			return false;
	if (status != CSV_END)
		return false;
	search->candidate[search->candidates] = NULL;
	if (search->rows == 0) {
		const char *value = cell->value[search->depth], *keys = "";
		char guess[WORDS_HINT];
		for (int i = 0; i < search->depth; i++)
			keys = arena_format(search->arena, "%s%.40s \"%.40s\" and ", keys, cell->key[i],
					    cell->value[i]);
		return err_add(search->err, ERR_MODEL, search->named,
			       "%.160s has no row with %.120s%.40s \"%.60s\"%s", search->path, keys,
			       cell->key[search->depth], value, words_guess(WORDS(search->candidate), value, guess));
	}
	if (search->missing)
		return err_add(search->err, ERR_MODEL, &search->at, "the cell is empty");
	return true;
}

static bool read_cell(void *of, const struct param_cell *cell, enum quantity_kind unit, struct arena *arena,
		      const struct place *place, const char **text, struct place *at, struct err *err)
{
	struct readers *readers = of;
	const char *found = paths_named_in(arena, place ? place->file : NULL, cell->file);
	if (!found)
		found = paths_named_in(arena, readers->path, cell->file);
	if (!found)
		return err_add(err, ERR_MODEL, place, "there is no file %.160s", cell->file);
	struct search search = {.cell = cell, .path = found, .named = place, .arena = arena, .err = err,
				.candidate = ARENA_ARRAY(arena, CANDIDATES + 1, const char *)};
	struct stream_file *file = stream_file_open(found, ERR_MODEL, err);
	struct stream *stream = file ? stream_open(file, err) : NULL;
	struct csv_reader *reader = stream ? csv_open(stream, err) : NULL;
	bool good = reader && search_table(&search, reader);
	if (reader)
		csv_close(reader);
	if (file)
		stream_file_close(file);
	if (!good)
		return false;
	const char *named = strrchr(cell->column, '_');
	*at = search.at;
	*text = search.text;
	if (unit == QUANTITY_TIME && is_number(search.text) && named && instant_unit(named + 1) > 0)
		*text = arena_format(arena, "%s %s", search.text, named + 1);
	return true;
}

/* ---- other model files ---- */

static struct tree *read_named(void *host, struct arena *arena, const char *from, const struct place *place,
			       const char *path, struct err *err)
{
	const char *found = paths_named_in(arena, from, path);
	(void)host;
	if (found)
		return yaml_read(arena, found, err);
	const char *data = paths_data(arena);
	bool looked = from && strncmp(from, "--", 2) != 0 && *path != '/';
	err_add(err, ERR_MODEL, place, "there is no file %.120s%s%.120s%s%.120s", path, looked ? " beside " : "",
		looked ? from : "", looked && data ? " or in " : "", looked && data ? data : "");
	return NULL;
}

const struct study_files *readers_of(struct arena *arena, const char *path)
{
	struct readers *readers = ARENA_NEW(arena, struct readers);
	readers->path = arena_text(arena, path);
	readers->values.read = read_values;
	readers->values.host = readers;
	readers->files.read = read_named;
	readers->files.values = &readers->values;
	readers->cells.read = read_cell;
	readers->cells.host = readers;
	readers->files.cells = &readers->cells;
	readers->files.host = readers;
	return &readers->files;
}
