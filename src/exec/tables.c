/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For each variant at each point, values are collected by their place in the record, and histograms are merged by
 * window and metric: a percentile is that of the merged histogram, and its interval comes from taking each replication
 * out of that. Rates and levels of replications that last equally long are averaged.
 */
#include "exec/tables.h"
#include "io/csv.h"
#include "io/output.h"
#include "io/results.h"
#include "stats/unfinished.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { TERMS_MAX = 1 << 22 };
static const double confidence = 0.95;

struct term_values {
	const char *window, *metric, *statistic;
	double *value; /* of each replication that is finished */
	int64_t *replication;
	int values;
};

/* What one replication added to a merged histogram. */
struct part {
	struct record_hist packed;
	struct part *next;
};

struct pooled {
	const char *window, *metric;
	struct hist hist, part; /* `part`: of one replication, to take out and put back */
	struct part *parts;     /* in any order */
	struct pooled *next;
};

struct gathering {
	const struct setup *setup;
	struct arena arena;
	struct term_values *term;
	int terms, room, reps;
	struct pooled *pooled;
	bool good; /* what was read is what a sweep writes */
};

static void gather_value(void *context, const struct store_row *row)
{
	struct gathering *gathering = context;
	if (row->number < 0 || row->number >= TERMS_MAX) {
		gathering->good = false;
		return;
	}
	while (row->number >= gathering->room) {
		int room = gathering->room ? 2 * gathering->room : 64;
		struct term_values *grown = ARENA_ARRAY(&gathering->arena, (size_t)room, struct term_values);
		if (gathering->terms)
			memcpy(grown, gathering->term, (size_t)gathering->terms * sizeof *grown);
		gathering->term = grown;
		gathering->room = room;
	}
	struct term_values *term = &gathering->term[row->number];
	if (!term->value) {
		term->window = arena_text(&gathering->arena, row->value.window);
		term->metric = arena_text(&gathering->arena, row->value.metric);
		term->statistic = arena_text(&gathering->arena, row->value.statistic);
		term->value = ARENA_ARRAY(&gathering->arena, (size_t)gathering->reps, double);
		term->replication = ARENA_ARRAY(&gathering->arena, (size_t)gathering->reps, int64_t);
	}
	gathering->terms = row->number >= gathering->terms ? row->number + 1 : gathering->terms;
	if (term->values == gathering->reps) {
		gathering->good = false;
		return;
	}
	term->replication[term->values] = row->replication;
	term->value[term->values++] = row->value.value;
}

static struct pooled *pooled_of(const struct gathering *gathering, const char *window, const char *metric)
{
	struct pooled *pooled = gathering->pooled;
	while (pooled && (strcmp(pooled->window, window) != 0 || strcmp(pooled->metric, metric) != 0))
		pooled = pooled->next;
	return pooled;
}

static void gather_hist(void *context, const struct store_row *row)
{
	struct gathering *gathering = context;
	struct pooled *pooled = pooled_of(gathering, row->hist.window, row->hist.metric);
	if (!pooled) {
		pooled = ARENA_NEW(&gathering->arena, struct pooled);
		pooled->window = arena_text(&gathering->arena, row->hist.window);
		pooled->metric = arena_text(&gathering->arena, row->hist.metric);
		hist_init(&pooled->hist, &gathering->arena, HIST_BITS);
		hist_init(&pooled->part, &gathering->arena, HIST_BITS);
		pooled->next = gathering->pooled;
		gathering->pooled = pooled;
	}
	gathering->good = record_unpack(&row->hist, &pooled->hist) && gathering->good;
	struct part *part = ARENA_NEW(&gathering->arena, struct part);
	unsigned char *bins = arena_get(&gathering->arena, row->hist.length + 1);
	memcpy(bins, row->hist.bins, row->hist.length);
	*part = (struct part){row->hist, pooled->parts};
	part->packed.bins = bins;
	pooled->parts = part;
}

/* Of all replications together. */
static double whole_value(const struct gathering *gathering, struct meters *meters, const struct term_values *term,
			  double mean)
{
	int m = metric_find(gathering->setup->metrics, term->metric);
	if (m < 0 || strcmp(term->statistic, "count") == 0 || strcmp(term->statistic, "rate") == 0)
		return mean;
	if (!metric_is_distribution(&meters->metric[m])) {
		double most = NAN;
		for (int i = 0; i < term->values; i++)
			most = isnan(most) || term->value[i] > most ? term->value[i] : most;
		return strcmp(term->statistic, "max") == 0 ? most : mean;
	}
	const struct pooled *pooled = pooled_of(gathering, term->window, term->metric);
	if (!pooled)
		return NAN;
	struct term asked = outcome_term(term->statistic, term->metric);
	meters->meter[m].whole = pooled->hist;
	return replay_term(gathering->setup, meters, &asked);
}

/*
 * The interval of a term of a distribution: without each replication once; and whether it is too narrow, as
 * outcome_estimate tells it.
 */
static struct interval interval_without(const struct gathering *gathering, struct meters *meters,
					const struct term_values *term, double whole, bool *narrow)
{
	struct interval unknown = {whole, NAN, NAN, term->values};
	struct pooled *pooled = pooled_of(gathering, term->window, term->metric);
	int m = metric_find(gathering->setup->metrics, term->metric), count = 0;
	struct term asked = outcome_term(term->statistic, term->metric);
	if (!pooled || term->values < 2 || strcmp(term->statistic, "max") == 0 || isnan(whole))
		return unknown;
	struct arena arena;
	arena_init(&arena);
	double *each = ARENA_ARRAY(&arena, (size_t)gathering->reps + 1, double);
	struct pooled_excursions excursions = {.reps = term->values};
	int64_t beyond = asked.p >= 0 ? hist_percentile(&pooled->hist, asked.p) : 0;
	for (const struct part *part = pooled->parts; part && count < gathering->reps; part = part->next) {
		hist_clear(&pooled->part);
		record_unpack(&part->packed, &pooled->part);
		pooled_excursions_add(&excursions, hist_above(&pooled->part, beyond));
		hist_take(&pooled->hist, &pooled->part);
		meters->meter[m].whole = pooled->hist;
		each[count++] = replay_term_between(gathering->setup, meters, &asked);
		hist_merge(&pooled->hist, &pooled->part);
	}
	/* A replication in which nothing was measured is without a histogram: it leaves the others as they are. */
	while (count < term->values)
		each[count++] = whole;
	pooled_move(whole, each, count);
	struct interval interval = interval_skewed(each, count, confidence);
	arena_free(&arena);
	interval.mean = whole;
	*narrow = asked.p >= 0 && interval.low < interval.high &&
		  pooled_excursions_count(&excursions) < POOLED_EXCURSIONS;
	return interval;
}

/* Whether it hangs on requests that had not ended; then the value is what it is at least. */
static bool hangs_on_unfinished(const struct gathering *gathering, const struct term_values *term,
				struct tables_estimate *estimate)
{
	const struct pooled *ages = pooled_of(gathering, term->window, RECORD_UNFINISHED);
	const struct pooled *ended = pooled_of(gathering, term->window, term->metric);
	int m = metric_find(gathering->setup->metrics, term->metric);
	if (!ages || !ended || m < 0 || gathering->setup->metrics[m].kind != METRIC_TIME)
		return false;
	struct term asked = outcome_term(term->statistic, term->metric);
	bool matter = unfinished_matter(&ended->hist, &ages->hist, &asked,
					isnan(estimate->high) ? estimate->value : estimate->high, &estimate->value);
	if (estimate->low > estimate->value)
		estimate->low = estimate->value;
	return matter;
}

struct writing {
	const struct sweep *sweep;
	FILE *points, *samples;
	const char **key_value;
	int64_t point;
	int variant;
	void (*each)(void *context, const struct tables_estimate *estimate);
	void *context;
};

static void put_number(FILE *file, double value)
{
	if (isfinite(value))
		fprintf(file, ",%.12g", value);
	else
		fputc(',', file);
}

/* The columns that both files begin with. */
static void put_place(const struct writing *writing, FILE *file)
{
	fprintf(file, "%" PRId64, writing->point);
	for (int k = 0; k < writing->sweep->points.keys; k++) {
		fputc(',', file);
		csv_put(file, writing->key_value[k]);
	}
	fputc(',', file);
	csv_put(file, writing->sweep->variant[writing->variant]);
}

/* Histograms are looked at in `meters`. */
static void put_term(const struct writing *writing, const struct gathering *gathering, struct meters *meters,
		     const struct term_values *term)
{
	int m = metric_find(gathering->setup->metrics, term->metric);
	const char *unit = m < 0 ? "" : results_unit(&gathering->setup->metrics[m], term->statistic);
	struct interval interval = interval_skewed(term->value, term->values, confidence);
	double value = whole_value(gathering, meters, term, interval.mean);
	bool distribution = m >= 0 && metric_is_distribution(&gathering->setup->metrics[m]);
	bool counted = strcmp(term->statistic, "count") == 0 || strcmp(term->statistic, "rate") == 0;
	bool narrow = false;
	if (distribution && !counted)
		interval = interval_without(gathering, meters, term, value, &narrow);
	else if (strcmp(term->statistic, "max") == 0)
		interval.low = interval.high = NAN;
	struct tables_estimate estimate = {.point = writing->point,
					   .variant = writing->variant,
					   .replications = term->values,
					   .window = term->window,
					   .metric = term->metric,
					   .statistic = term->statistic,
					   .value = value,
					   .low = interval.low < 0 ? 0 : interval.low,
					   .high = interval.high,
					   .narrow = narrow};
	estimate.at_least = hangs_on_unfinished(gathering, term, &estimate);
	put_place(writing, writing->points);
	fprintf(writing->points, ",%s,%s,%s", term->window, term->metric, term->statistic);
	put_number(writing->points, estimate.value);
	put_number(writing->points, estimate.low);
	put_number(writing->points, estimate.high);
	fprintf(writing->points, ",%s,%d,%s,%s\n", unit, term->values, narrow ? "too narrow" : "",
		estimate.at_least ? "at least" : "");
	for (int i = 0; i < term->values; i++) {
		put_place(writing, writing->samples);
		fprintf(writing->samples, ",%" PRId64 ",%s,%s,%s", term->replication[i], term->window, term->metric,
			term->statistic);
		put_number(writing->samples, term->value[i]);
		fprintf(writing->samples, ",%s\n", unit);
	}
	if (writing->each)
		writing->each(writing->context, &estimate);
}

static bool put_variant(const struct writing *writing, struct store *store, struct err *err)
{
	const struct sweep *sweep = writing->sweep;
	int v = writing->variant;
	int64_t from = sweep_run_number(sweep, writing->point, v), to = from + sweep->reps[v];
	struct gathering gathering = {.setup = sweep->base[v], .reps = sweep->reps[v], .good = true};
	struct meters meters;
	arena_init(&gathering.arena);
	meters_init(&meters, &gathering.arena, gathering.setup->metrics, 0, INT64_C(1000000000));
	bool good = store_values(store, from, to, gather_value, &gathering, err) &&
		    store_hists(store, from, to, gather_hist, &gathering, err);
	if (good && !gathering.good) {
		struct place place = {store_path(store), 0, 0};
		good = err_add(err, ERR_OUTPUT, &place, "is damaged: it holds what no sweep has written");
	}
	for (int i = 0; good && i < gathering.terms; i++)
		if (gathering.term[i].value)
			put_term(writing, &gathering, &meters, &gathering.term[i]);
	arena_free(&gathering.arena);
	return good;
}

static void put_head(const struct sweep *sweep, FILE *file, const char *rest)
{
	fputs("point", file);
	for (int k = 0; k < sweep->points.keys; k++) {
		fputc(',', file);
		csv_put(file, sweep->points.key[k]);
	}
	fputs(rest, file);
}

bool tables_write(const struct sweep *sweep, struct store *store, const char *dir,
		  void (*each)(void *context, const struct tables_estimate *estimate), void *context, struct err *err)
{
	const char *key_value[POINTS_KEYS_MAX];
	struct arena scratch;
	arena_init(&scratch);
	struct output *points = output_replace(arena_format(&scratch, "%s/points.csv", dir), err);
	struct output *samples = points ? output_replace(arena_format(&scratch, "%s/samples.csv", dir), err) : NULL;
	if (!samples) {
		arena_free(&scratch);
		output_abort(points);
		return false;
	}
	struct writing writing = {sweep,  output_file(points), output_file(samples), key_value, 0, 0, each, context};
	put_head(sweep, writing.points, ",variant,window,metric,statistic,value,low,high,unit,replications,"
				        "interval,bound\n");
	put_head(sweep, writing.samples, ",variant,rep,window,metric,statistic,value,unit\n");
	bool good = true;
	for (writing.point = 0; good && writing.point < sweep->points.count; writing.point++) {
		points_values(&sweep->points, writing.point, key_value);
		for (writing.variant = 0; good && writing.variant < sweep->variants; writing.variant++)
			good = put_variant(&writing, store, err);
	}
	arena_free(&scratch);
	good = good && output_settle(points, err) && output_settle(samples, err);
	if (!good) {
		output_abort(points);
		output_abort(samples);
		return false;
	}
	good = output_commit(points, err);
	return output_commit(samples, err) && good;
}
