/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/host.h"
#include "base/words.h"
#include "cli/message.h"
#include "io/csv.h"
#include "io/instant.h"
#include "io/paths.h"
#include "io/stream.h"
#include "io/tracefile.h"
#include "io/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 10000000 };

struct host {
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
			return err_add(err, ERR_MODEL, place, "the second column holds weights, and \"%.40s\" is none",
				       text[1]);
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
				good = err_add(err, ERR_MODEL, &place, "\"%s\" is no unit of time", name);
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
	struct host *host = of;
	struct values values = {.arena = arena};
	const char *found = paths_named_in(arena, host->path, path);
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
			       "two rows of %.160s are meant, lines %d and %d; name more columns", search->path,
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
	struct host *host = of;
	const char *found = paths_named_in(arena, place ? place->file : NULL, cell->file);
	if (!found)
		found = paths_named_in(arena, host->path, cell->file);
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

const struct study_files *host_files(struct arena *arena, const char *path)
{
	struct host *host = ARENA_NEW(arena, struct host);
	host->path = arena_text(arena, path);
	host->values.read = read_values;
	host->values.host = host;
	host->files.read = read_named;
	host->files.values = &host->values;
	host->cells.read = read_cell;
	host->cells.host = host;
	host->files.cells = &host->cells;
	host->files.host = host;
	return &host->files;
}

/* ---- what the command line lays over a model ---- */

static struct tree *lay(struct arena *arena, struct tree *over, const char *path, struct tree *value,
			struct place place)
{
	return tree_merge(arena, over, tree_path(arena, path, value, place));
}

static struct tree *lay_set(struct arena *arena, struct tree *over, const char *text, struct err *err)
{
	struct place place = {arena_format(arena, "--set %s", text), 0, 0};
	const char *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : 0;
	const char *key = arena_text_of(arena, text, length);
	if (length == 0 || key[0] == '.' || key[length - 1] == '.' || strstr(key, "..") || strchr(key, ' ')) {
		err_add(err, ERR_USAGE, NULL, "--set %.80s: write KEY=VALUE, e.g. --set nodes=48", text);
		return over;
	}
	int dots = 0;
	for (const char *c = key; *c; c++)
		dots += *c == '.';
	if (dots >= YAML_DEPTH_MAX / 2) {
		err_add(err, ERR_USAGE, NULL, "--set %.80s: the key is too deep", text);
		return over;
	}
	const char *value = equals + 1;
	struct tree *tree = *value == '[' || *value == '{' ? yaml_parse(arena, place.file, value, strlen(value), err)
							   : tree_scalar(arena, value, place);
	if (!tree)
		return over;
	const char *first = arena_text_of(arena, key, strcspn(key, "."));
	bool section = strcmp(key, "slice") == 0 || (dots && words_find(WORDS(study_keys), first) >= 0);
	const char *path = section ? key : arena_format(arena, "model.%s", key);
	return lay(arena, over, path, tree, place);
}

static struct tree *lay_list(struct arena *arena, struct tree *over, const char *path, const char *option,
			     const struct option_texts *texts)
{
	if (texts->count == 0)
		return over;
	struct tree *list = tree_list(arena, (struct place){option, 0, 0});
	for (int i = 0; i < texts->count; i++) {
		struct place place = {arena_format(arena, "%s %s", option, texts->text[i]), 0, 0};
		tree_append(list, NULL, place, tree_scalar(arena, texts->text[i], place));
	}
	return lay(arena, over, path, list, list->place);
}

static struct tree *lay_number(struct arena *arena, struct tree *over, const char *path, const char *option,
			       int64_t number)
{
	if (number < 0)
		return over;
	const char *text = arena_format(arena, "%lld", (long long)number);
	struct place place = {arena_format(arena, "%s %s", option, text), 0, 0};
	return lay(arena, over, path, tree_scalar(arena, text, place), place);
}

static struct tree *lay_options(struct arena *arena, const struct study_options *options, struct err *err)
{
	struct tree *over = NULL;
	for (int i = 0; i < options->set.count; i++)
		over = lay_set(arena, over, options->set.text[i], err);
	if (options->trace) {
		const char *text = options->trace;
		size_t length = strlen(text);
		bool recipe = (length > 5 && strcmp(text + length - 5, ".yaml") == 0) ||
			      (length > 4 && strcmp(text + length - 4, ".yml") == 0);
		struct place place = {arena_format(arena, "--trace %s", text), 0, 0};
		over = lay(arena, over, recipe ? "trace.recipe" : "trace.file", tree_scalar(arena, text, place), place);
	}
	over = lay_list(arena, over, "run.variants", "--variant", &options->variant);
	over = lay_list(arena, over, "faults", "--fault", &options->fault);
	over = lay_number(arena, over, "run.seed", "--seed", options->seed);
	over = lay_number(arena, over, "run.reps", "--reps", options->reps);
	return lay_number(arena, over, "slice", "--slice", options->slice);
}

static void unknown_model(struct arena *arena, const char *argument, struct err *err)
{
	const char **names = paths_models(arena);
	if (!paths_data(arena))
		err_add(err, ERR_USAGE, NULL,
			"casebook's models are not where the program is, nor where it was to be installed");
	else if (words_near(WORDS(names), argument))
		words_unknown(err, ERR_USAGE, NULL, "case", argument, "", WORDS(names));
	else
		words_unknown(err, ERR_USAGE, NULL, "case", argument,
			      " (a file has a / in its name, or ends in .yaml)", WORDS(names));
}

static struct study *study_of(struct arena *arena, const char *path, const struct tree *over, struct err *err)
{
	struct tree *tree = yaml_read(arena, path, err);
	return tree ? study_load(arena, path, tree, over, host_files(arena, path), err) : NULL;
}

/* Whether the study replays this file without a mistake in the map of its columns. */
static bool reads_its_file(const struct study *study)
{
	struct err ignored;
	err_init(&ignored);
	const struct setup *setup = setup_resolve(study, study->shown[0], NULL, &ignored);
	if (!setup || !setup->trace.file)
		return false;
	struct trace_file *file = trace_file_open(setup->trace.tree, study->path, setup->columns,
						  study->files->values, &ignored);
	if (!file)
		return false;
	trace_file_close(file);
	return true;
}

/*
 * Maps of public traces ship as models that are called CASE-...: when a case is asked to replay a file that its own
 * model does not understand, and one of these does, that one is used. The standard input is not tried, it can be read
 * only once.
 */
static struct study *shipped_map(struct arena *arena, const char *name, const struct tree *over)
{
	size_t length = strlen(name);
	for (const char **model = paths_models(arena); *model; model++) {
		if (strncmp(*model, name, length) != 0 || (*model)[length] != '-')
			continue;
		struct err ignored;
		err_init(&ignored);
		struct study *study = study_of(arena, paths_model(arena, *model), over, &ignored);
		if (study && reads_its_file(study)) {
			message_note("the trace is read through models/%s.yaml", *model);
			return study;
		}
	}
	return NULL;
}

struct study *host_study(struct arena *arena, const char *argument, const struct study_options *options,
			 struct err *err)
{
	int before = err->count;
	const char *path = paths_model(arena, argument);
	if (!path) {
		unknown_model(arena, argument, err);
		return NULL;
	}
	struct tree *over = options ? lay_options(arena, options, err) : NULL;
	if (err->count > before)
		return NULL;
	struct study *study = study_of(arena, path, over, err);
	/* A mistake on the command line is one of usage, although the model's tables found it. */
	if (!study && before == 0 && strncmp(err->message[0].file, "--", 2) == 0)
		err->kind = ERR_USAGE;
	if (!study || !options || !options->trace || strcmp(options->trace, "-") == 0 || paths_is_file(argument) ||
	    reads_its_file(study))
		return study;
	struct study *mapped = shipped_map(arena, argument, over);
	return mapped ? mapped : study;
}

const char *host_results(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	size_t length = dot && dot > name ? (size_t)(dot - name) : strlen(name);
	return arena_format(arena, "casebook-%s", length == 0 || strcmp(name, "-") == 0 ? "run" :
			    arena_text_of(arena, name, length));
}
