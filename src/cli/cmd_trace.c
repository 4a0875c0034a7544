/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/printable.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/report.h"
#include "io/fitfile.h"
#include "io/instant.h"
#include "io/memory.h"
#include "io/output.h"
#include "io/readers.h"
#include "io/tracefile.h"
#include "io/traceinfo.h"
#include "io/traceoutput.h"
#include "io/yaml.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GUESSED " (guessed; --time COLUMN:UNIT says it)"

/* ---- rows of a case, from its recipe or through its map ---- */

struct case_rows {
	struct setup *setup;
	const struct column *columns;
	const struct recipe *recipe; /* or a file */
	struct trace_file *file;
	uint64_t seed, replication;
	double share;
	const struct trace_window *stretch;
	int stretches;
	struct row_source *source;
	struct trace_rows *rows; /* NULL with a recipe */
};

static void case_rows_close(struct case_rows *from)
{
	trace_rows_close(from->rows);
	trace_file_close(from->file);
}

/* (Again) from the first row on. False and messages on mistakes. */
static bool case_rows_begin(struct case_rows *from, struct command_line *line)
{
	if (from->recipe) {
		from->source = recipe_rows(line->arena, from->recipe, from->seed, from->replication, from->share);
		return true;
	}
	trace_rows_close(from->rows);
	from->rows = NULL;
	if (from->file)
		from->rows = trace_rows_open(from->file, from->seed, from->replication, from->share, line->err);
	from->source = from->rows ? trace_rows_source(from->rows) : NULL;
	return from->rows != NULL;
}

/* False and messages on mistakes. */
static bool case_rows_open(struct case_rows *from, struct command_line *line, const char *argument,
			   const struct study_options *options, int64_t replication, double share)
{
	*from = (struct case_rows){.replication = (uint64_t)replication, .share = share};
	struct study *study = load_study(line->arena, argument, options, line->err);
	if (!study)
		return false;
	const char *variant = options->variant.count ? options->variant.text[0] : study->shown[0];
	from->setup = setup_resolve(study, variant, NULL, line->err);
	if (!from->setup)
		return false;
	from->columns = from->setup->columns;
	const struct setup_trace *trace = &from->setup->trace;
	from->seed = (uint64_t)from->setup->run.seed;
	from->recipe = trace->recipe;
	if (!from->recipe)
		from->file = trace_file_open(trace->tree, study->path, from->columns,
					     readers_of(line->arena, study->path)->values, line->err);
	if ((from->file && !trace_file_tell(from->file, from->setup, line->arena, line->err)) ||
	    !case_rows_begin(from, line)) {
		case_rows_close(from);
		return false;
	}
	from->stretch = trace->stretch;
	from->stretches = trace->stretches;
	return true;
}

struct told {
	int64_t rows, first, last;
};

/* Reads up to `most` rows and writes them to `output` unless it is NULL. False when they or the file are broken. */
static bool copy_rows(struct case_rows *from, int64_t most, struct trace_output *output, struct told *told,
		      struct err *err)
{
	struct row *block = memory_zeroed(ROW_BLOCK, sizeof *block);
	*told = (struct told){0, 0, 0};
	if (output)
		trace_output_case(output, from->columns, from->stretch, from->stretches);
	while (told->rows < most) {
		size_t want = most - told->rows < ROW_BLOCK ? (size_t)(most - told->rows) : ROW_BLOCK;
		size_t got = from->source->fill(from->source, block, want);
		if (got == 0)
			break;
		if (told->rows == 0)
			told->first = block[0].time;
		told->last = block[got - 1].time;
		told->rows += (int64_t)got;
		if (!output)
			continue;
		trace_output_rows(output, block, got);
		if (trace_output_failed(output))
			break;
	}
	free(block);
	return !from->rows || !trace_rows_failed(from->rows, err);
}

static const char *span_text(const struct told *told, char *buffer)
{
	static const struct {
		double ns;
		const char *name;
	} units[] = {{86400e9, "d"}, {3600e9, "h"}, {60e9, "min"}, {1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
	double span = (double)(told->last - told->first);
	int i = 0;
	while (i < 6 && span < units[i].ns)
		i++;
	snprintf(buffer, QUANTITY_TEXT, "%.4g %s", span / units[i].ns, units[i].name);
	return buffer;
}

/* ---- gen ---- */

struct gen_options {
	struct study_options study;
	const char *output, *share, *recipe;
	int64_t rows, replication;
};

static const struct option gen_options[] = {
	OPTION_TEXT(
		struct gen_options, output, "output", 'o', "FILE",
		"where to: .csv, compressed .csv.gz .csv.zst .csv.xz, or packed .cbt; default: standard output (-)"),
	OPTION_COUNT(struct gen_options, rows, "rows", 0, "N", INT64_MAX, 1, INT64_MAX, "stop after so many rows"),
	OPTION_COUNT(struct gen_options, study.seed, "seed", 0, "N", -1, 0, INT64_MAX,
		     "seed of everything random; default: the model's, or 1"),
	OPTION_COUNT(struct gen_options, replication, "rep", 0, "N", 0, 0, SETUP_REPS_MAX,
		     "rows of this replication; default: 0"),
	OPTION_TEXTS(struct gen_options, study.variant, "variant", 0, "VARIANT",
		     "the trace of this variant; default: the first"),
	OPTION_TEXT(struct gen_options, share, "share", 0, "SHARE", "a part of the rate, e.g. 1 %"),
	OPTION_TEXT(struct gen_options, recipe, "recipe", 0, "FILE",
		    "this recipe alone, for the columns of CASE; no model is read"),
	OPTION_TEXT(struct gen_options, study.trace, "trace", 0, "FILE",
		    "in the model, another recipe (.yaml), or a file to be read through its map"),
	OPTION_TEXTS(struct gen_options, study.set, "set", 0, "KEY=VALUE",
		     "set a key of the model file, e.g. trace.gap=0s"),
	OPTION_END};

static bool read_share(const char *text, double *share, struct err *err)
{
	static const struct place place = {"--share", 0, 0};
	struct quantity value;
	char why[QUANTITY_WHY];
	*share = 1;
	if (!text)
		return true;
	if (!quantity_parse(QUANTITY_RATIO, text, &value, why))
		return err_add(err, ERR_USAGE, &place, "\"%.40s\" %s", text, why);
	if (!(value.real > 0 && value.real <= 1))
		return err_add(err, ERR_USAGE, &place, "%.40s is out of range; allowed: above 0 %%, up to 100 %%",
			       text);
	*share = value.real;
	return true;
}

/* A recipe without a model. */
static bool recipe_rows_open(struct case_rows *from, struct command_line *line, const struct gen_options *given,
			     double share)
{
	const char *name = line->operand[0];
	const struct case_study *of = case_find(name);
	const struct study_options *study = &given->study;
	*from = (struct case_rows){.replication = (uint64_t)given->replication, .share = share,
				   .seed = study->seed < 0 ? 1 : (uint64_t)study->seed};
	if (study->trace || study->set.count || study->variant.count)
		return err_add(line->err, ERR_USAGE, NULL,
			       "--recipe cannot be combined with --trace, --set or --variant");
	if (!of) {
		char hint[WORDS_HINT];
		return err_add(line->err, ERR_USAGE, NULL,
			       "--recipe needs a case, which has columns; unknown case \"%.60s\"%s", name,
			       words_hint(WORDS_OF_POINTERS(case_studies), name, hint));
	}
	const struct study_files *files = readers_of(line->arena, given->recipe);
	struct param_reader reader = {line->arena, files->values, files->cells};
	void *params = arena_get(line->arena, of->params_size);
	param_defaults(of->params, params, &reader);
	/* Words that a model brings are not there. */
	from->columns = column_resolve(of->columns, of->params, params, line->arena, line->err);
	struct tree *tree = yaml_read(line->arena, given->recipe, line->err);
	struct recipe *recipe = tree ? recipe_load(line->arena, tree, from->columns, &reader, line->err) : NULL;
	if (!recipe)
		return false;
	from->recipe = recipe;
	from->stretch = recipe_windows(recipe, &from->stretches);
	return case_rows_begin(from, line);
}

/* Windows end where rows are cut off: rows are gone through once more than they are written. */
static bool cut_windows(struct case_rows *from, struct command_line *line, int64_t most)
{
	struct told told;
	if (!copy_rows(from, most, NULL, &told, line->err))
		return false;
	struct row next;
	bool more = told.rows == most && from->source->fill(from->source, &next, 1) == 1;
	struct trace_window *cut = ARENA_ARRAY(line->arena, (size_t)from->stretches + 1, struct trace_window);
	for (int i = 0; i < from->stretches && (i == 0 || !more || from->stretch[i].start <= told.last); i++) {
		cut[i] = from->stretch[i];
		if (more && told.last - cut[i].start < cut[i].lasts)
			cut[i].lasts = told.last - cut[i].start;
		if (i == from->stretches - 1 || (more && from->stretch[i + 1].start > told.last))
			from->stretches = i + 1;
	}
	from->stretch = cut;
	return case_rows_begin(from, line);
}

static int write_rows(struct command_line *line, struct case_rows *from, const char *path, int64_t most)
{
	struct told told;
	char span[QUANTITY_TEXT];
	if (most < INT64_MAX && from->stretches > 0 && !cut_windows(from, line, most))
		return 0;
	struct trace_output *output = trace_output_open(path, line->err);
	if (!output)
		return 0;
	if (!copy_rows(from, most, output, &told, line->err)) {
		trace_output_abort(output);
		return 0;
	}
	if (!trace_output_commit(output, line->err))
		return 0;
	if (strcmp(path, "-") != 0)
		message_note("%s: %lld rows over %s", path, (long long)told.rows, span_text(&told, span));
	if (from->rows && trace_rows_counts(from->rows).records.skipped)
		message_warning("%lld malformed rows were skipped",
				(long long)trace_rows_counts(from->rows).records.skipped);
	return 0;
}

static int gen(struct command_line *line)
{
	const struct gen_options *given = line->options;
	struct study_options study = given->study;
	struct case_rows from;
	double share;
	study.reps = study.slice = -1;
	if (!read_share(given->share, &share, line->err))
		return 0;
	if (given->recipe ? !recipe_rows_open(&from, line, given, share)
			  : !case_rows_open(&from, line, line->operand[0], &study, given->replication, share))
		return 0;
	int code = write_rows(line, &from, given->output ? given->output : "-", given->rows);
	case_rows_close(&from);
	return code;
}

static const struct command trace_gen = {
	.name = "gen",
	.operands = "CASE|FILE",
	.operands_least = 1,
	.operands_most = 1,
	.about = "make rows from a recipe",
	.options = gen_options,
	.options_size = sizeof(struct gen_options),
	.detail = "The columns are time_ns, window and those of the case: `casebook run CASE --trace FILE` replays it "
		  "without a map.\n"
		  "Same recipe, seed and replication: same rows.\n",
	.run = gen,
};

/* ---- what info, check and convert have in common ---- */

struct file_options {
	const char *time, *map, *format, *delimiter, *header;
	bool sort;
	int64_t skip_bad;
};

#define FILE_OPTIONS(type, field)                                                                                      \
	OPTION_TEXT(type, field.time, "time", 0, "COLUMN:UNIT",                                                        \
		    "the column of the time (or its number), and its unit: " INSTANT_UNITS),                           \
		OPTION_TEXT(                                                                                           \
			type, field.format, "format", 0, "FORMAT",                                                     \
			"csv, json (an object a line), blanks, common, combined, or a log's format line; guessed"),    \
		OPTION_TEXT(type, field.delimiter, "delimiter", 0, "C", "of a CSV: one character, or tab; guessed"),   \
		OPTION_TEXT(type, field.header, "header", 0, "WHICH",                                                  \
			    "of a CSV: first (row), or none: columns have numbers; guessed"),                          \
		OPTION_FLAG(type, field.sort, "sort", 0, "accept rows in any order of time"),                          \
		OPTION_COUNT(type, field.skip_bad, "skip-bad", 0, "N", 0, 0, TRACE_FILE_SKIP,                          \
			     "skip at most N malformed rows, and count them")
#define MAP_OPTION(type, field)                                                                                        \
	OPTION_TEXT(type, field.map, "map", 0, "CASE|FILE", "read it as this model does, through its map of columns")

/* False and messages on mistakes. */
static bool timed_options(const struct file_options *given, struct timed_options *options, struct err *err)
{
	struct format *format = &options->format;
	const char *why;
	bool none = given->header && strcmp(given->header, "none") == 0;
	*options = (struct timed_options){.time = given->time, .any_order = given->sort, .skip_bad = given->skip_bad};
	if (given->format && !format_read(format, given->format, &why))
		return err_add(err, ERR_USAGE, NULL, "--format: \"%.60s\" %s", given->format, why);
	if (given->delimiter && !format_delimiter(format, given->delimiter, &why))
		return err_add(err, ERR_USAGE, NULL, "--delimiter: \"%.60s\" %s", given->delimiter, why);
	if (given->header && !none && strcmp(given->header, "first") != 0)
		return err_add(err, ERR_USAGE, NULL, "--header: \"%.60s\" is not first or none", given->header);
	if (given->header)
		format->header = none ? FORMAT_HEADER_NONE : FORMAT_HEADER_FIRST;
	return true;
}

/* Opens FILE through the map of a model. */
static bool mapped_open(struct case_rows *from, struct command_line *line, const struct file_options *given)
{
	const char *set[3] = {NULL};
	struct study_options study = {.trace = line->operand[0], .seed = -1, .reps = -1, .slice = -1};
	study.set.text = set;
	if (given->time || given->format || given->delimiter || given->header)
		return err_add(
			line->err, ERR_USAGE, NULL,
			"--time, --format, --delimiter and --header cannot be combined with --map, which says them");
	if (given->sort)
		set[study.set.count++] = "trace.sort=true";
	if (given->skip_bad)
		set[study.set.count++] = arena_format(line->arena, "trace.skip_bad=%lld", (long long)given->skip_bad);
	return case_rows_open(from, line, given->map, &study, 0, 1);
}

/* ---- info ---- */

struct info_options {
	struct file_options file;
	struct option_texts keys;
	const char *partition;
	bool json;
};

static const struct option info_options[] = {FILE_OPTIONS(struct info_options, file),
					     OPTION_TEXTS(struct info_options, keys, "key", 0, "COLUMN",
							  "count the values of this column although they are numbers"),
					     OPTION_TEXT(struct info_options, partition, "partition", 0, "COLUMN,TIME",
							 "also count rows by value and stretch of time, e.g. room,10d"),
					     OPTION_JSON(struct info_options, json),
	OPTION_END
};

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* A text of the file; bytes that are no UTF-8 are told as ?. */
static json_t *text_json(const char *text)
{
	json_t *value = json_string(text);
	if (value)
		return value;
	size_t size = strlen(text) + 1;
	char *clean = memory_sized(NULL, size, 1);
	value = json_string(printable_copy(clean, size, text));
	free(clean);
	return value;
}

static json_t *column_json(const struct trace_info_column *column)
{
	json_t *to = json_pack("{s:o, s:b, s:I, s:I}", "name", text_json(column->name), "numeric",
			       column->numeric, "values", (json_int_t)column->values, "missing",
			       (json_int_t)column->missing);
	if (column->numeric) {
		json_object_set_new(to, "mean", real_or_null(column->mean));
		json_object_set_new(to, "min", real_or_null(column->least));
		json_object_set_new(to, "p50", real_or_null(column->p50));
		json_object_set_new(to, "p90", real_or_null(column->p90));
		json_object_set_new(to, "p99", real_or_null(column->p99));
		json_object_set_new(to, "max", real_or_null(column->greatest));
		return to;
	}
	json_t *top = json_array();
	for (int i = 0; i < column->tops; i++) {
		json_array_append_new(top, json_pack("{s:o, s:I}", "value", text_json(column->top[i].text), "count",
						     (json_int_t)column->top[i].count));
	}
	json_object_set_new(to, "distinct", json_integer(column->distinct));
	json_object_set_new(to, "once", json_integer(column->once));
	json_object_set_new(to, "top", top);
	json_object_set_new(to, "top_percent_share", real_or_null(column->top_percent));
	json_object_set_new(to, "zipf", real_or_null(column->zipf));
	json_object_set_new(to, "zipf_estimator", json_string("maximum likelihood over observed ranks"));
	return to;
}

static int print_json(const struct trace_info *info)
{
	json_t *to = json_pack("{s:i, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:I}", "schema", 1, "file",
			       text_json(info->file), "time", text_json(info->time), "unit", info->unit, "rows",
			       (json_int_t)info->rows, "skipped",
			       (json_int_t)info->skipped, "first_ns", (json_int_t)info->first, "last_ns",
			       (json_int_t)info->last, "ties", (json_int_t)info->ties);
	json_t *bins = json_array(), *columns = json_array();
	if (!to)
		return ERR_BUG;
	json_object_set_new(to, "rate_per_second", real_or_null(info->rate));
	json_object_set_new(to, "gap_cv", real_or_null(info->gap_cv));
	for (int i = 0; i < TRACE_INFO_WIDTHS; i++)
		if (info->width[i].bins >= 2)
			json_array_append_new(bins,
					      json_pack("{s:I, s:I, s:f, s:I, s:f, s:f}", "width_ns",
							(json_int_t)info->width[i].width, "bins",
							(json_int_t)info->width[i].bins, "mean", info->width[i].mean,
							"peak", (json_int_t)info->width[i].peak, "peak_to_mean",
							(double)info->width[i].peak / info->width[i].mean, "dispersion",
							info->width[i].dispersion));
	for (int i = 0; i < info->columns; i++)
		json_array_append_new(columns, column_json(&info->column[i]));
	json_object_set_new(to, "unit_guessed", json_boolean(info->guessed));
	json_object_set_new(to, "unsorted", json_boolean(info->unsorted));
	json_object_set_new(to, "writer", info->writer ? json_string(info->writer) : json_null());
	json_object_set_new(to, "model", info->model ? json_string(info->model) : json_null());
	json_object_set_new(to, "map", text_json(info->map));
	json_object_set_new(to, "bins", bins);
	json_object_set_new(to, "columns", columns);
	if (info->partition)
		json_object_set_new(to, "partitions",
				    json_pack("{s:o, s:I, s:I, s:I, s:I}", "by", text_json(info->partition), "width_ns",
					      (json_int_t)info->partition_width, "count", (json_int_t)info->partitions,
					      "largest", (json_int_t)info->partition_largest, "median",
					      (json_int_t)info->partition_median));
	json_dumpf(to, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(to);
	return 0;
}

static const char *percent(double part, double of, char *buffer)
{
	snprintf(buffer, QUANTITY_TEXT, "%.3g %%", of > 0 ? 100 * part / of : 0);
	return buffer;
}

/* Text of the file, without what a terminal would obey. */
static void print_text(const char *text)
{
	char clean[41];
	fputs(printable_copy(clean, sizeof clean, text), stdout);
}

static void print_column(const struct trace_info *info, const struct trace_info_column *column)
{
	char text[QUANTITY_TEXT];
	putchar('\n');
	print_text(column->name);
	if (column->missing)
		printf(" (missing in %s of the rows)", percent((double)column->missing, (double)info->rows, text));
	putchar('\n');
	if (column->numeric) {
		printf("  mean %.6g, min %.6g, p50 %.6g, p90 %.6g, p99 %.6g, max %.6g\n", column->mean, column->least,
		       column->p50, column->p90, column->p99, column->greatest);
		return;
	}
	if (column->distinct == TRACE_INFO_DISTINCT) {
		printf("  %d different values or more\n", TRACE_INFO_DISTINCT);
		return;
	}
	printf("  %lld different", (long long)column->distinct);
	if (column->distinct > 0)
		printf(", %s of them once", percent((double)column->once, (double)column->distinct, text));
	if (column->distinct >= 100)
		printf("; the top 1 %% have %s of the rows", percent(column->top_percent, 1, text));
	if (isfinite(column->zipf) && column->distinct >= 10)
		printf("; Zipf exponent %.2f (maximum likelihood over observed ranks)", column->zipf);
	fputs(column->tops ? "\n  most frequent:" : "", stdout);
	for (int i = 0; i < column->tops; i++) {
		printf("%s ", i ? "," : "");
		print_text(column->top[i].text);
		printf(" %s", percent((double)column->top[i].count, (double)column->values, text));
	}
	putchar('\n');
}

static void print_info(const struct trace_info *info)
{
	char text[QUANTITY_TEXT], note[QUANTITY_TEXT];
	struct told told = {info->rows, info->first, info->last};
	print_text(info->file);
	printf(": %lld rows, time from ", (long long)info->rows);
	print_text(info->time);
	printf(" in %s%s%s\n", info->unit, info->date_order, info->guessed ? GUESSED : "");
	if (info->writer)
		printf("written by %s%s%s%s\n", info->writer, info->model ? ": casebook run " : "",
		       info->model ? info->model : "", info->model ? " --trace FILE" : "");
	if (info->unsorted)
		puts("rows are not in order of time, or need not be");
	if (info->skipped)
		printf("%lld malformed rows skipped\n", (long long)info->skipped);
	printf("span %s", span_text(&told, text));
	if (info->rate > 0)
		printf(", rate %.4g /s", info->rate);
	if (isfinite(info->gap_cv))
		printf(", time between rows has cv %.3g", info->gap_cv);
	printf(", %s of the rows at the instant of the row before\n",
	       percent((double)info->ties, (double)info->rows, note));
	bool any = false;
	for (int i = 0; i < TRACE_INFO_WIDTHS; i++) {
		const struct trace_info_width *width = &info->width[i];
		if (width->bins < 2)
			continue;
		if (!any)
			printf("\n%8s %10s %12s %10s %11s %12s\n", "per", "bins", "mean", "peak", "peak/mean",
			       "dispersion");
		any = true;
		printf("%8s %10lld %12.5g %10lld %11.3g %12.3g\n", quantity_print_time(width->width, text),
		       (long long)width->bins, width->mean, (long long)width->peak, (double)width->peak / width->mean,
		       width->dispersion);
	}
	if (any)
		puts("(dispersion: variance / mean of the counts, 1 for a Poisson process)");
	for (int i = 0; i < info->columns; i++)
		print_column(info, &info->column[i]);
	if (info->partition)
		printf("\npartitions by %s: %lld, largest %lld rows, median %lld\n", info->partition,
		       (long long)info->partitions, (long long)info->partition_largest,
		       (long long)info->partition_median);
	printf("\nin a model file:\n%s", info->map);
}

static int info(struct command_line *line)
{
	const struct info_options *given = line->options;
	const char **keys = ARENA_ARRAY(line->arena, (size_t)given->keys.count + 1, const char *);
	for (int i = 0; i < given->keys.count; i++)
		keys[i] = given->keys.text[i];
	struct trace_info_options options = {.keys = keys, .partition = given->partition};
	if (!timed_options(&given->file, &options.timed, line->err))
		return 0;
	options.timed.guess_unit = true;
	struct trace_info *found = trace_info_read(line->arena, line->operand[0], &options, line->err);
	if (!found)
		return 0;
	if (given->json)
		return print_json(found);
	print_info(found);
	return 0;
}

static const struct command trace_info_command = {
	.name = "info",
	.operands = "FILE",
	.operands_least = 1,
	.operands_most = 1,
	.about = "describe a trace: rate, burstiness, frequent values, sizes",
	.options = info_options,
	.options_size = sizeof(struct info_options),
	.detail =
		"FILE is any CSV with a column of times, plain or compressed, or a packed .cbt; - is standard input.\n",
	.run = info,
};

/* ---- check ---- */

struct check_options {
	struct file_options file;
};

static const struct option check_options[] = {FILE_OPTIONS(struct check_options, file),
					      MAP_OPTION(struct check_options, file),
	OPTION_END
};

static int check_mapped(struct command_line *line, const struct file_options *given)
{
	struct case_rows from;
	struct told told;
	struct row_records records = {0};
	char span[QUANTITY_TEXT];
	if (!mapped_open(&from, line, given))
		return 0;
	if (copy_rows(&from, INT64_MAX, NULL, &told, line->err)) {
		records = from.rows ? trace_rows_counts(from.rows).records : records;
		printf("%s: %lld rows over %s, %lld skipped%s%s, good for %s\n",
		       from.file ? trace_file_describe(from.file) : line->operand[0], (long long)told.rows,
		       span_text(&told, span), (long long)records.skipped, records.left_out ? ", " : "",
		       records.left_out ? report_left_out(&records, line->arena) : "", from.setup->of->name);
	}
	case_rows_close(&from);
	return 0;
}

static int check(struct command_line *line)
{
	const struct check_options *given = line->options;
	struct timed_options options;
	const struct csv_field *fields;
	struct told told = {0, 0, 0};
	char span[QUANTITY_TEXT];
	int64_t time;
	enum csv_status status;
	if (given->file.map)
		return check_mapped(line, &given->file);
	if (!timed_options(&given->file, &options, line->err))
		return 0;
	options.guess_unit = true;
	struct timed *timed = timed_open(line->operand[0], &options, line->err);
	if (!timed)
		return 0;
	while ((status = timed_next(timed, &fields, &time, line->err)) == CSV_ROW) {
		told.first = timed_rows(timed) == 1 || time < told.first ? time : told.first;
		told.last = timed_rows(timed) == 1 || time > told.last ? time : told.last;
	}
	if (status == CSV_END)
		printf("%s: %lld rows over %s, time from %s in %s%s%s, %lld skipped\n", timed_name(timed),
		       (long long)timed_rows(timed), span_text(&told, span), timed_names(timed)[timed_source(timed)],
		       timed_unit(timed), timed_date_order(timed), timed_unit_guessed(timed) ? GUESSED : "",
		       (long long)timed_skipped(timed));
	timed_close(timed);
	return 0;
}

static const struct command trace_check = {
	.name = "check",
	.operands = "FILE",
	.operands_least = 1,
	.operands_most = 1,
	.about = "read a trace to its end, and tell what is wrong with it",
	.options = check_options,
	.options_size = sizeof(struct check_options),
	.detail = "Without --map, records and times are checked; with it also every column that the model reads.\n"
		  "Exit status 4 when something is wrong.\n",
	.run = check,
};

/* ---- convert ---- */

struct convert_options {
	struct file_options file;
	const char *output;
};

static const struct option convert_options[] = {OPTION_TEXT(struct convert_options, output, "output", 'o', "FILE",
							    "where to, instead of OUTPUT"),
						FILE_OPTIONS(struct convert_options, file),
						MAP_OPTION(struct convert_options, file),
	OPTION_END
};

/* A record that waits to be sorted: its texts, each with a NUL. */
struct waiting {
	int64_t time, number;
	char *texts;
};

static int compare_waiting(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static char *copy_texts(const struct csv_field *fields, int count)
{
	size_t length = 0;
	for (int i = 0; i < count; i++)
		length += fields[i].length + 1;
	char *texts = memory_sized(NULL, length, 1), *at = texts;
	for (int i = 0; i < count; at += fields[i++].length + 1)
		memcpy(at, fields[i].text, fields[i].length + 1);
	return texts;
}

static void put_waiting(struct trace_output *output, const struct waiting *one, struct csv_field *fields, int count)
{
	const char *at = one->texts;
	for (int i = 0; i < count; at += fields[i++].length + 1)
		fields[i] = (struct csv_field){.text = at, .length = strlen(at), .number = -1};
	trace_output_record(output, fields, one->time);
}

static bool convert_sorted(struct timed *timed, struct trace_output *output, struct err *err)
{
	struct waiting *all = NULL;
	size_t count = 0, room = 0;
	int columns = timed_columns(timed);
	const struct csv_field *fields;
	int64_t time;
	enum csv_status status;
	while ((status = timed_next(timed, &fields, &time, err)) == CSV_ROW) {
		if (count == room) {
			room = room ? 2 * room : 1024;
			all = memory_sized(all, room, sizeof *all);
		}
		all[count] = (struct waiting){time, (int64_t)count, copy_texts(fields, columns)};
		count++;
	}
	if (count)
		qsort(all, count, sizeof *all, compare_waiting);
	struct csv_field *field = memory_zeroed((size_t)columns, sizeof *field);
	for (size_t i = 0; i < count; i++) {
		if (status == CSV_END)
			put_waiting(output, &all[i], field, columns);
		free(all[i].texts);
	}
	free(field);
	free(all);
	return status == CSV_END;
}

static bool convert_rows(struct timed *timed, struct trace_output *output, bool sort, struct err *err)
{
	const struct csv_field *fields;
	int64_t time;
	enum csv_status status;
	trace_output_header(output, timed_names(timed), timed_columns(timed), timed_source(timed),
			    timed_unit_ns(timed));
	if (sort)
		return convert_sorted(timed, output, err);
	while ((status = timed_next(timed, &fields, &time, err)) == CSV_ROW && !trace_output_failed(output))
		trace_output_record(output, fields, time);
	return status != CSV_BROKEN;
}

static int convert_mapped(struct command_line *line, const struct convert_options *given, const char *into)
{
	struct case_rows from;
	if (!mapped_open(&from, line, &given->file))
		return 0;
	int code = write_rows(line, &from, into, INT64_MAX);
	case_rows_close(&from);
	return code;
}

static int convert(struct command_line *line)
{
	const struct convert_options *given = line->options;
	struct timed_options options;
	const char *second = line->operands > 1 ? line->operand[1] : NULL,
		   *into = given->output ? given->output : second;
	if (!into || (given->output && second)) {
		err_add(line->err, ERR_USAGE, NULL, into ? "trace convert: OUTPUT and -o FILE cannot be combined"
							 : "trace convert needs -o FILE (- is standard output)");
		return 0;
	}
	if (given->file.map)
		return convert_mapped(line, given, into);
	if (!timed_options(&given->file, &options, line->err))
		return 0;
	struct timed *timed = timed_open(line->operand[0], &options, line->err);
	struct trace_output *output = timed ? trace_output_open(into, line->err) : NULL;
	if (output && !convert_rows(timed, output, given->file.sort, line->err))
		trace_output_abort(output);
	else if (output && trace_output_commit(output, line->err) && strcmp(into, "-") != 0)
		message_note("%s: %lld rows, %lld skipped", into, (long long)timed_rows(timed),
			     (long long)timed_skipped(timed));
	timed_close(timed);
	return 0;
}

static const struct command trace_convert = {
	.name = "convert",
	.operands = "FILE [OUTPUT]",
	.operands_least = 1,
	.operands_most = 2,
	.about = "write a trace anew: sorted, compressed, packed, or through a model's map",
	.options = convert_options,
	.options_size = sizeof(struct convert_options),
	.detail = "OUTPUT is compressed when it ends in .gz .zst .xz, and packed when it ends in .cbt, which is the "
		  "fastest\n"
		  "to replay and reads back as the same records; otherwise it is plain CSV.\n"
		  "Without --map the columns stay as they are. With it they become time_ns, window and those of the "
		  "case, which\n"
		  "`casebook run` replays without a map.\n",
	.run = convert,
};

/* ---- fit ---- */

struct fit_options {
	struct file_options file;
	struct option_texts keys;
	const char *output;
};

static const struct option fit_options[] = {
	OPTION_TEXT(struct fit_options, output, "output", 'o', "FILE",
		    "where the recipe goes; default: standard output (-)"),
	FILE_OPTIONS(struct fit_options, file), MAP_OPTION(struct fit_options, file),
	OPTION_TEXTS(struct fit_options, keys, "key", 0, "COLUMN",
		     "without --map: the values of this column are keys, though they are numbers"),
	OPTION_END};

static enum trace_fit_kind fit_kind(const struct column *column)
{
	static const enum trace_fit_kind kinds[] = {[COLUMN_CHOICE] = TRACE_FIT_WORD,
						    [COLUMN_KEY] = TRACE_FIT_KEY,
						    [COLUMN_COUNT] = TRACE_FIT_COUNT,
						    [COLUMN_TIME] = TRACE_FIT_TIME,
						    [COLUMN_BYTES] = TRACE_FIT_BYTES};
	return kinds[column->type];
}

/* A recipe from the rows that a model reads of the file. */
static bool fit_mapped(struct command_line *line, const struct fit_options *given, FILE *file)
{
	struct case_rows from;
	struct trace_fit_column column[ROW_VALUES];
	struct row row;
	if (!mapped_open(&from, line, &given->file))
		return false;
	int count = column_count(from.columns);
	for (int i = 0; i < count; i++)
		column[i] = (struct trace_fit_column){from.columns[i].name, fit_kind(&from.columns[i]),
						      from.columns[i].choices};
	struct trace_fit *fit = trace_fit_open(column, count);
	int64_t origin = from.file ? trace_file_origin(from.file) : 0;
	while (from.source->fill(from.source, &row, 1) == 1)
		trace_fit_row(fit, origin + row.time, row.value);
	bool good = !from.rows || !trace_rows_failed(from.rows, line->err);
	good = good && trace_fit_write(fit, line->operand[0], file, line->err);
	trace_fit_close(fit);
	case_rows_close(&from);
	return good;
}

static bool fit_plain(struct command_line *line, const struct fit_options *given, FILE *file)
{
	const char **keys = ARENA_ARRAY(line->arena, (size_t)given->keys.count + 1, const char *);
	struct trace_info_options options = {.keys = keys};
	for (int i = 0; i < given->keys.count; i++)
		keys[i] = given->keys.text[i];
	return timed_options(&given->file, &options.timed, line->err) &&
	       fit_file(line->arena, line->operand[0], &options, file, line->err);
}

static int fit(struct command_line *line)
{
	const struct fit_options *given = line->options;
	struct output *output = output_open(given->output ? given->output : "-", line->err);
	if (!output)
		return 0;
	if (given->file.map ? fit_mapped(line, given, output_file(output))
			    : fit_plain(line, given, output_file(output)))
		output_commit(output, line->err);
	else
		output_abort(output);
	return 0;
}

static const struct command trace_fit_command = {
	.name = "fit",
	.operands = "FILE",
	.operands_least = 1,
	.operands_most = 1,
	.about = "write a recipe whose rows are like those of a trace",
	.options = fit_options,
	.options_size = sizeof(struct fit_options),
	.detail = "The recipe tells the rate through day and week, how bursty it is from a second to a day, how skewed "
		  "keys\n"
		  "are, and distributions of numbers, each with how near it is; it holds no record of the trace. With "
		  "--map\n"
		  "the columns are those of the case, and `casebook trace gen CASE --recipe FILE` makes such rows.\n",
	.run = fit,
};

static const struct command *const trace_commands[] = {&trace_gen,     &trace_info_command, &trace_check,
						       &trace_convert, &trace_fit_command,  NULL};

const struct command command_trace = {
	.name = "trace",
	.operands = "",
	.about = "make, describe, check, re-encode and imitate traces",
	.commands = trace_commands,
};
