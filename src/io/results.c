/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/results.h"
#include "base/check.h"
#include "base/printable.h"
#include "io/csv.h"
#include "io/memory.h"
#include "io/output.h"
#include "param/param_walk.h"
#include "stats/groups.h"
#include "trace/date.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void want(struct outcome *outcome, const struct metric *metric, const int64_t *window)
{
	for (const char *const *statistic = outcome_statistics(metric); *statistic; statistic++) {
		struct term term = outcome_term(*statistic, metric->name);
		if (window) {
			term.windowed = true;
			term.window = *window;
		}
		outcome_want(outcome, &term);
	}
}

int results_metrics(const struct setup *setup, int *kept)
{
	int metrics = 0;
	for (*kept = 0; setup->metrics[metrics].name; metrics++)
		*kept += !setup->metrics[metrics].aside;
	return metrics;
}

void results_want(struct outcome *outcome)
{
	int windows = outcome->setup->trace.windows;
	const struct trace_window *window = outcome->setup->trace.window;
	for (const struct metric *metric = outcome->setup->metrics; metric->name; metric++) {
		if (metric->aside)
			continue;
		want(outcome, metric, NULL);
		for (int w = 0; windows > 1 && w < windows; w++)
			want(outcome, metric, &window[w].window);
	}
}

const char *results_window(const struct setup *setup, int64_t window, char *buffer)
{
	/* Windows are all named by dates, or none. */
	if (setup->trace.windows > 0 && setup->trace.window[0].by_date)
		date_print(window, buffer);
	else
		snprintf(buffer, RESULTS_WINDOW, "%" PRId64, window);
	return buffer;
}

const char *results_unit(const struct metric *metric, const char *statistic)
{
	bool rate = strcmp(statistic, "rate") == 0;
	if (metric->kind == METRIC_WORK)
		return rate ? "1" : "s"; /* seconds per second */
	if (rate || strcmp(statistic, "count") == 0)
		return rate ? "1/s" : "1";
	return metric->kind == METRIC_TIME ? "s" : metric->unit ? metric->unit : "1";
}

const char *results_digest(uint64_t digest, char *buffer)
{
	snprintf(buffer, RESULTS_DIGEST, "%016" PRIx64, digest);
	return buffer;
}

/* ---- summary.json ---- */

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *estimate(const struct estimate *estimate)
{
	json_t *told = json_pack("{s:o, s:o, s:o}", "value", number(estimate->value), "low", number(estimate->low),
				 "high", number(estimate->high));
	if (estimate->narrow)
		json_object_set_new(told, "interval", json_string("too narrow"));
	if (estimate->at_least)
		json_object_set_new(told, "at_least", json_true());
	return told;
}

static void add_estimate(json_t *all, struct outcome *outcome, int i)
{
	const struct term *term = &outcome->term[i];
	int row = metric_find(outcome->setup->metrics, term->metric);
	if (row < 0)
		return;
	json_t *metric = json_object_get(all, term->metric);
	if (!metric) {
		const struct metric *known = &outcome->setup->metrics[row];
		metric = json_pack("{s:s}", "unit", results_unit(known, "mean"));
		json_object_set_new(all, term->metric, metric);
	}
	struct estimate known = outcome_estimate(outcome, i);
	json_object_set_new(metric, term->statistic, estimate(&known));
}

/* Of the whole. */
static json_t *metrics(struct outcome *outcome)
{
	json_t *all = json_object();
	for (int i = 0; i < outcome->terms; i++)
		if (!outcome->term[i].windowed)
			add_estimate(all, outcome, i);
	return all;
}

/* The index of a window, sought from `guess` on: terms mostly come in the order of windows. -1: there is none. */
static int window_index(const struct setup *setup, int64_t window, int guess)
{
	int windows = setup->trace.windows;
	for (int i = 0; i < windows; i++) {
		int at = guess + i < windows ? guess + i : guess + i - windows;
		if (setup->trace.window[at].window == window)
			return at;
	}
	return -1;
}

/* Of each window. */
static json_t *windows_summary(struct outcome *outcome)
{
	const struct setup *setup = outcome->setup;
	char name[RESULTS_WINDOW];
	json_t *all = json_object(), **of = ARENA_ARRAY(&outcome->arena, (size_t)setup->trace.windows, json_t *);
	for (int w = 0; w < setup->trace.windows; w++) {
		of[w] = json_object();
		json_object_set_new(all, results_window(setup, setup->trace.window[w].window, name), of[w]);
	}
	for (int i = 0, w = 0; i < outcome->terms; i++) {
		int at = outcome->term[i].windowed ? window_index(setup, outcome->term[i].window, w) : -1;
		if (at < 0)
			continue;
		add_estimate(of[at], outcome, i);
		w = at;
	}
	return all;
}

/* Times are from the beginning of the request. */
static json_t *steps_of(const struct journey *journey, int64_t begin)
{
	json_t *steps = json_array();
	for (int i = 0; i < journey->steps; i++) {
		const struct journey_step *step = &journey->step[i];
		json_t *one = json_pack("{s:f, s:s, s:s}", "t", (double)(step->time - begin) * 1e-9, "part",
					step->part, "what", step->what);
		if (step->number >= 0)
			json_object_set_new(one, "number", json_integer(step->number));
		if (step->lasts)
			json_object_set_new(one, "seconds", json_real((double)step->value * 1e-9));
		else if (step->value >= 0)
			json_object_set_new(one, "value", json_integer(step->value));
		json_array_append_new(steps, one);
	}
	return steps;
}

static json_t *spans_of(const struct journey *journey, int64_t begin)
{
	json_t *spans = json_array();
	for (const struct journey *span = journey->child; span; span = span->next) {
		bool ended = span->end >= 0;
		json_t *one = json_pack("{s:s, s:f, s:o, s:i, s:o}", "kind", span->kind, "t",
					(double)(span->begin - begin) * 1e-9, "latency",
					ended ? json_real((double)(span->end - span->begin) * 1e-9) : json_null(),
					"dropped", span->dropped, "steps", steps_of(span, begin));
		if (span->child)
			json_object_set_new(one, "spans", spans_of(span, begin));
		json_array_append_new(spans, one);
	}
	return spans;
}

static json_t *journey(const struct journey *journey)
{
	json_t *one = json_pack("{s:I, s:s, s:f, s:f, s:i, s:o}", "id", (json_int_t)journey->id, "kind", journey->kind,
				"begin", (double)journey->begin * 1e-9, "latency",
				(double)(journey->end - journey->begin) * 1e-9, "dropped", journey->dropped, "steps",
				steps_of(journey, journey->begin));
	if (journey->child) {
		json_object_set_new(one, "spans", spans_of(journey, journey->begin));
		json_object_set_new(one, "spans_dropped", json_integer(journey->missing));
	}
	return one;
}

/* Replications that end in two ways, by the mean of the first time; null where they do not. */
static json_t *two_ways(const struct outcome *outcome)
{
	for (int i = 0; i < outcome->terms; i++) {
		const struct term *term = &outcome->term[i];
		int row = metric_find(outcome->setup->metrics, term->metric);
		if (row < 0 || term->windowed || strcmp(term->statistic, "mean") != 0 ||
		    outcome->setup->metrics[row].kind != METRIC_TIME)
			continue;
		struct groups groups = groups_find(outcome->value[i], outcome->reps);
		return groups.two ? json_pack("{s:s, s:s, s:{s:i, s:f}, s:{s:i, s:f}}", "metric", term->metric, "test",
					      "Engelman and Hartigan", "low", "replications", groups.low, "mean",
					      groups.low_mean, "high", "replications", groups.high, "mean",
					      groups.high_mean)
				  : json_null();
	}
	return json_null();
}

static json_t *variant_summary(struct outcome *outcome)
{
	const struct setup *setup = outcome->setup;
	char digest[RESULTS_DIGEST];
	json_int_t rows = 0, skipped = 0, left_out = 0, unfinished = 0, events = 0;
	for (int r = 0; r < outcome->reps; r++) {
		rows += (json_int_t)outcome->rep[r].rows;
		events += (json_int_t)outcome->rep[r].events;
		skipped += (json_int_t)outcome->rep[r].records.skipped;
		left_out += (json_int_t)outcome->rep[r].records.left_out;
		unfinished += outcome->rep[r].unfinished;
	}
	json_t *variant =
		json_pack("{s:i, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:o}", "replications", outcome->reps, "share",
			  setup->share, "slice", (json_int_t)setup->slice, "rows", rows, "events", events,
			  "skipped_rows", skipped, "left_out_rows", left_out, "unfinished", unfinished, "digest",
			  results_digest(outcome_digest(outcome), digest), "metrics", metrics(outcome));
	json_object_set_new(variant, "two_ways", two_ways(outcome));
	if (setup->about)
		json_object_set_new(variant, "about", json_string(setup->about));
	if (setup->trace.windows > 1)
		json_object_set_new(variant, "windows", windows_summary(outcome));
	if (outcome->journeys > 0 && outcome->slowest > 0) {
		json_t *slowest = json_array();
		for (int i = 0; i < outcome->journeys && i < outcome->slowest; i++)
			json_array_append_new(slowest, journey(&outcome->journey[i]));
		json_object_set_new(variant, "slowest", slowest);
	}
	return variant;
}

json_t *results_summary(const struct results *results)
{
	json_t *variants = json_object();
	for (int i = 0; i < results->outcomes; i++)
		json_object_set_new(variants, results->outcome[i]->setup->name, variant_summary(results->outcome[i]));
	return json_pack("{s:i, s:s, s:b, s:s, s:o}", "schema", 1, "case", results->study->of->name, "interrupted",
			 results->interrupted, "times", "seconds", "variants", variants);
}

/* ---- run.json ---- */

json_t *results_text(const char *text)
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

json_t *results_tree(const struct tree *tree)
{
	if (!tree)
		return json_null();
	if (tree->kind == TREE_SCALAR)
		return results_text(tree->text);
	json_t *value = tree->kind == TREE_MAP ? json_object() : json_array();
	for (const struct tree *child = tree->child; child; child = child->next)
		if (tree->kind == TREE_MAP)
			json_object_set_new(value, child->key, results_tree(child));
		else
			json_array_append_new(value, results_tree(child));
	return value;
}

static json_t *faults_of(const struct setup *setup)
{
	json_t *all = json_array();
	for (int f = 0; f < setup->fault_count; f++) {
		const struct fault *fault = &setup->faults[f];
		json_array_append_new(all, json_pack("{s:f, s:f, s:s}", "at", (double)fault->at * 1e-9, "for",
						     (double)fault->lasts * 1e-9, "what", fault->label));
	}
	return all;
}

/* Every field by its path, in order; of a table the names of its rows. */
static json_t *params_of(const struct setup *setup)
{
	char text[PARAM_TEXT];
	json_t *params = json_object();
	struct param_walk walk;
	for (param_walk_begin(&walk, setup->of->params, setup->params); param_walk_next(&walk);)
		json_object_set_new(params, walk.path,
				    json_string(param_print(walk.row, walk.in, text, sizeof(text))));
	return params;
}

json_t *results_setup(const struct setup *setup)
{
	char digest[RESULTS_DIGEST];
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:f, s:f, s:f, s:s}", "model", params_of(setup), "trace",
			 results_tree(setup->trace.tree), "faults", faults_of(setup), "slice", (json_int_t)setup->slice,
			 "seed", (json_int_t)setup->run.seed, "reps", (json_int_t)setup->run.reps, "warmup",
			 (double)setup->run.warmup * 1e-9, "series", (double)setup->run.series * 1e-9, "drain",
			 (double)setup->run.drain * 1e-9, "digest", results_digest(setup->digest, digest));
}

static json_t *variant_run(const struct results *results, int number)
{
	const struct outcome *outcome = results->outcome[number];
	const struct setup *setup = outcome->setup;
	char digest[RESULTS_DIGEST];
	json_t *reps = json_array();
	for (int r = 0; r < outcome->reps; r++)
		json_array_append_new(reps, json_string(results_digest(outcome->rep[r].digest, digest)));
	json_t *variant = json_pack("{s:o, s:o, s:o, s:I, s:I, s:I}", "parameters", params_of(setup), "trace",
				    results_tree(setup->trace.tree), "faults", faults_of(setup), "slice",
				    (json_int_t)setup->slice, "seed", (json_int_t)setup->run.seed, "replications",
				    (json_int_t)outcome->reps);
	if (results->trace[number])
		json_object_set_new(variant, "trace_file", results_text(results->trace[number]));
	if (results->contents[number])
		json_object_set_new(variant, "trace_contents", json_string(results->contents[number]));
	json_object_set_new(variant, "warmup", json_real((double)setup->run.warmup * 1e-9));
	if (outcome->warmup.automatic)
		json_object_set_new(variant, "warmup_found",
				    json_pack("{s:f, s:b}", "of", (double)outcome->warmup.of * 1e-9, "steady",
					      outcome->warmup.steady));
	json_object_set_new(variant, "drain", json_real((double)setup->run.drain * 1e-9));
	json_object_set_new(variant, "setup_digest", json_string(results_digest(setup->digest, digest)));
	json_object_set_new(variant, "replication_digests", reps);
	json_object_set_new(variant, "digest", json_string(results_digest(outcome_digest(outcome), digest)));
	return variant;
}

static json_t *arguments_of(const struct results *results)
{
	json_t *list = json_array();
	for (char *const *at = results->arguments; at && *at; at++)
		json_array_append_new(list, results_text(*at));
	return list;
}

static json_t *names_of(const char *const *names)
{
	json_t *list = json_array();
	for (; names && *names; names++)
		json_array_append_new(list, json_string(*names));
	return list;
}

/* Whether percentiles of a metric are a file. */
static bool has_percentiles(const struct outcome *outcome, int metric)
{
	const struct metric *of = &outcome->setup->metrics[metric];
	return of->kind == METRIC_TIME && !of->aside && meter_hist(&outcome->pooled, metric, -1)->count > 0;
}

static json_t *percentiles_of(const struct results *results)
{
	json_t *list = json_array();
	for (int i = 0; i < results->outcomes; i++) {
		const struct setup *setup = results->outcome[i]->setup;
		for (int m = 0; setup->metrics[m].name; m++)
			if (has_percentiles(results->outcome[i], m))
				json_array_append_new(list, json_sprintf("percentiles-%s-%s", setup->name,
									 setup->metrics[m].name));
	}
	return list;
}

json_t *results_run(const struct results *results)
{
	char digest[RESULTS_DIGEST];
	uint64_t all = outcome_digest_all(results->outcome, results->outcomes);
	json_t *variants = json_object();
	for (int i = 0; i < results->outcomes; i++)
		json_object_set_new(variants, results->outcome[i]->setup->name, variant_run(results, i));
	json_t *run = json_pack("{s:i, s:s, s:s, s:o, s:s, s:o, s:b, s:s}", "schema", 1, "casebook", results->version,
				"commit", results->commit, "command", results_text(results->command), "case",
				results->study->of->name, "model_file", results_text(results->study->path),
				"interrupted", results->interrupted, "digest", results_digest(all, digest));
	json_object_set_new(run, "arguments", arguments_of(results));
	json_object_set_new(run, "figures", names_of(results->figures));
	json_object_set_new(run, "percentiles", percentiles_of(results));
	json_object_set_new(run, "variants", variants);
	return run;
}

/* ---- files ---- */

/* All files appear together or not at all. */
struct batch {
	const char *dir;
	struct output **output;
	int count, room;
	struct arena arena;
	struct err *err;
};

static FILE *batch_file(struct batch *batch, const char *name)
{
	CHECK(batch->count < batch->room);
	struct output *output = output_replace(arena_format(&batch->arena, "%s/%s", batch->dir, name), batch->err);
	if (!output)
		return NULL;
	batch->output[batch->count++] = output;
	return output_file(output);
}

/* The file begun last is complete. */
static bool batch_settle(struct batch *batch)
{
	return output_settle(batch->output[batch->count - 1], batch->err);
}

static bool batch_end(struct batch *batch, bool good)
{
	for (int i = 0; i < batch->count; i++)
		if (good)
			good = output_commit(batch->output[i], batch->err);
		else
			output_abort(batch->output[i]);
	arena_free(&batch->arena);
	return good;
}

static bool write_json(struct batch *batch, json_t *value, const char *name)
{
	FILE *file = batch_file(batch, name);
	if (file) {
		json_dumpf(value, file, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
		fputc('\n', file);
	}
	json_decref(value);
	return file && batch_settle(batch);
}

static void put_samples(FILE *file, const struct outcome *outcome)
{
	const struct setup *setup = outcome->setup;
	char name[RESULTS_WINDOW];
	int window_at = 0;
	for (int i = 0; i < outcome->terms; i++) {
		const struct term *term = &outcome->term[i];
		int row = metric_find(setup->metrics, term->metric);
		if (row < 0)
			continue;
		int64_t start = 0;
		int at = term->windowed ? window_index(setup, term->window, window_at) : -1;
		if (at >= 0) {
			window_at = at;
			start = outcome->pooled.window[at].start;
		}
		const char *window = term->windowed ? results_window(setup, term->window, name) : "";
		for (int r = 0; r < outcome->reps; r++) {
			double value = outcome->value[i][r];
			if (isnan(value))
				continue;
			csv_put(file, setup->name);
			fprintf(file, ",%" PRId64 ",%s,%s,%s,%.9g,%.12g,%s\n", outcome->rep[r].replication, window,
				term->metric, term->statistic, (double)start * 1e-9, value,
				results_unit(&setup->metrics[row], term->statistic));
		}
	}
}

static bool write_samples(struct batch *batch, const struct results *results)
{
	FILE *file = batch_file(batch, "samples.csv");
	if (!file)
		return false;
	fputs("variant,rep,window,metric,statistic,t,value,unit\n", file);
	for (int i = 0; i < results->outcomes; i++)
		put_samples(file, results->outcome[i]);
	return batch_settle(batch);
}

/* Four columns, a line for each bin that holds something. */
static bool write_percentiles(struct batch *batch, const struct hist *hist, const char *name)
{
	FILE *file = batch_file(batch, name);
	if (!file)
		return false;
	uint32_t cursor = 0;
	int64_t low, high;
	uint64_t count, below = 0;
	fprintf(file, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
	while (hist_next(hist, &cursor, &low, &high, &count)) {
		below += count;
		/* The greatest value of the bin, as HdrHistogram tells it: so the last row is the greatest of all. */
		double value = (double)(high > hist->greatest ? hist->greatest : high),
		       left = (double)(hist->count - below);
		fprintf(file, "%12.6f %14.12f %10" PRIu64, value * 1e-6, (double)below / (double)hist->count, below);
		if (left > 0)
			fprintf(file, " %14.2f\n", (double)hist->count / left);
		else
			fprintf(file, "\n");
	}
	fprintf(file, "#[Mean    = %12.6f, StdDeviation   = %12.6f]\n", hist_mean(hist) * 1e-6,
		hist_deviation(hist) * 1e-6);
	fprintf(file, "#[Max     = %12.6f, Total count    = %12" PRIu64 "]\n", (double)hist->greatest * 1e-6,
		hist->count);
	return batch_settle(batch);
}

bool results_write(const struct results *results, const char *dir, struct err *err)
{
	struct batch batch = {.dir = dir, .err = err, .room = 3};
	int kept;
	arena_init(&batch.arena);
	for (int i = 0; i < results->outcomes; i++) {
		results_metrics(results->outcome[i]->setup, &kept);
		batch.room += kept;
	}
	batch.output = ARENA_ARRAY(&batch.arena, (size_t)batch.room, struct output *);
	bool good = write_json(&batch, results_run(results), "run.json") &&
		    write_json(&batch, results_summary(results), "summary.json") && write_samples(&batch, results);
	for (int i = 0; i < results->outcomes; i++) {
		const struct outcome *outcome = results->outcome[i];
		const struct metric *metric = outcome->setup->metrics;
		for (int m = 0; good && metric[m].name; m++) {
			if (has_percentiles(outcome, m))
				good = write_percentiles(&batch, meter_hist(&outcome->pooled, m, -1),
							 arena_format(&batch.arena, "percentiles-%s-%s.hgrm",
								      outcome->setup->name, metric[m].name));
		}
	}
	return batch_end(&batch, good);
}
