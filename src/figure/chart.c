/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All but percentiles and timelines are the same thing: an expression against another, evaluated in each window. What
 * has an interval is evaluated in each replication too.
 */
#include "figure/chart.h"
#include "figure/axis.h"
#include "figure/diagram.h"
#include "figure/text.h"
#include "base/text.h"
#include "engine/dmath.h"
#include "run/figures.h"
#include "run/names.h"
#include "trace/date.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERIES_MAX = 16, DECADE_STEPS = 16 };
static const double ln10 = 2.30258509299404568402;

/* Journeys that are kept for a diagram. */
enum { DIAGRAM_AMONG = 200 };

struct chart {
	const struct chart_outcomes *outcomes;
	const struct study_figure *wanted;
	struct arena *arena;
	struct err *err;
	const struct axis *y; /* of the figure, beside which texts stand; NULL: none, or not yet */
};

/* An expression for one outcome and window: terms that name a variant keep theirs. */
struct asking {
	const struct chart *chart;
	struct outcome *outcome; /* of terms without a variant; NULL: none */
	bool windowed;           /* terms without a window are of this one */
	int64_t window;
	bool found;
	chart_hole_fn *each; /* of holes that are told to the caller */
	void *context;
};

static const char *text_of(const struct study_figure *wanted, const char *key)
{
	const struct tree *entry = tree_get(wanted->tree, key);
	return entry && entry->kind == TREE_SCALAR ? entry->text : NULL;
}

static struct outcome *outcome_of(const struct chart_outcomes *outcomes, const char *variant)
{
	for (int i = 0; i < outcomes->outcomes; i++)
		if (strcmp(outcomes->outcome[i]->setup->name, variant) == 0)
			return outcomes->outcome[i];
	return NULL;
}

/* The names of a key's list, or the one text; ends with NULL. NULL when there is no such key. */
static const char **names_of(const struct chart *chart, const char *key)
{
	const struct tree *list = tree_get(chart->wanted->tree, key);
	if (!list)
		return NULL;
	const char **name = ARENA_ARRAY(chart->arena, (size_t)tree_count(list) + 2, const char *);
	int count = 0;
	if (list->kind == TREE_SCALAR)
		name[count++] = list->text;
	for (const struct tree *entry = list->child; list->kind == TREE_LIST && entry; entry = entry->next)
		if (entry->kind == TREE_SCALAR)
			name[count++] = entry->text;
	return name;
}

/* The outcomes that are drawn; ends with NULL. */
static struct outcome **drawn(const struct chart *chart)
{
	const char **variant = names_of(chart, "variants");
	struct outcome **all = ARENA_ARRAY(chart->arena, SERIES_MAX + 1, struct outcome *);
	int count = 0;
	for (int i = 0; !variant && i < chart->outcomes->outcomes && count < SERIES_MAX; i++)
		all[count++] = chart->outcomes->outcome[i];
	for (; variant && *variant && count < SERIES_MAX; variant++) {
		struct outcome *outcome = outcome_of(chart->outcomes, *variant);
		if (outcome)
			all[count++] = outcome;
	}
	return all;
}

static const char **metrics_of(const struct chart *chart)
{
	const char **names = names_of(chart, "metrics");
	if (!names)
		names = names_of(chart, "metric");
	if (!names)
		names = names_of(chart, "y");
	if (!names) {
		names = ARENA_ARRAY(chart->arena, 2, const char *);
		names[0] = chart->outcomes->study->of->metrics[0].name;
	}
	return names;
}

static const char *statistic_of(const struct chart *chart)
{
	const char *statistic = text_of(chart->wanted, "statistic");
	return statistic ? statistic : "p99";
}

/* A metric's name becomes its statistic; other texts are expressions already. */
static struct expression *expression_of(const struct chart *chart, const char *text, const char *key)
{
	const struct tree *entry = tree_get(chart->wanted->tree, key);
	if (names_metric(chart->outcomes->study, text))
		text = arena_format(chart->arena, "%s(%s)", statistic_of(chart), text);
	return expression_parse(chart->arena, text, entry ? &entry->place : &chart->wanted->tree->place, chart->err);
}

/* Where a term's values are: its outcome, and its index there; -1 when it was not asked for. */
static int asked(const struct asking *asking, const struct term *term, struct outcome **outcome)
{
	struct term full = *term;
	*outcome = term->variant ? outcome_of(asking->chart->outcomes, term->variant) : asking->outcome;
	if (!*outcome)
		return -1;
	if (!term->windowed && asking->windowed) {
		full.windowed = true;
		full.window = asking->window;
	}
	for (int i = 0; i < (*outcome)->terms; i++)
		if (outcome_same_term(&(*outcome)->term[i], &full))
			return i;
	if ((*outcome)->reps == 0)
		return outcome_want(*outcome, &full);
	return -1;
}

static void ask_term(void *context, struct term *term)
{
	struct asking *asking = context;
	struct outcome *outcome;
	if (asked(asking, term, &outcome) < 0)
		asking->found = false;
}

static double value_of_term(void *context, const struct term *term, enum pooled_part part, int rep)
{
	struct asking *asking = context;
	struct outcome *outcome;
	int index = asked(asking, term, &outcome);
	if (index < 0 || (part != POOLED_ALL && rep >= outcome->reps))
		return NAN;
	return outcome_value(outcome, index, part, rep);
}

/* The expression of all replications together, and its interval. */
static struct estimate evaluate(struct asking *asking, const struct expression *expression)
{
	const struct pooled_values values = {value_of_term, asking, asking->outcome ? asking->outcome->reps : 0};
	struct interval interval = pooled_interval(expression, &values);
	if (values.reps == 0)
		interval.mean = pooled_value(expression, &values, POOLED_ALL, 0);
	return (struct estimate){interval.mean, interval.low, interval.high, false, false};
}

static enum quantity_kind kind_of(const struct chart *chart, const struct expression *expression)
{
	return expression_kind(expression, names_term_kind, chart->outcomes->study);
}

/* ---- texts with values in them ---- */

const char *chart_say(struct arena *arena, double value, enum quantity_kind kind)
{
	if (isnan(value))
		return "?";
	if (kind == QUANTITY_TIME) {
		char *text = arena_get(arena, QUANTITY_TEXT);
		double ns = value * 1e9, step = 1;
		while (ns / step >= 999.5)
			step *= 10; /* three digits */
		return quantity_print_time((int64_t)(floor(ns / step + 0.5) * step), text);
	}
	double step = 1;
	while (fabs(value) / step >= 999.5)
		step *= 10;
	if (step == 1 || !(fabs(value) < 1e15))
		return arena_format(arena, "%.3g", value);
	return text_grouped(arena, floor(value / step + 0.5) * step);
}

typedef void hole_fn(struct asking *asking, const char *text, const struct expression *expression, struct text *into);

/* Of terms that say of which variant they are, and of those that do not where only one is drawn. */
static struct asking asking_of(const struct chart *chart)
{
	struct outcome **all = drawn(chart);
	return (struct asking){.chart = chart, .outcome = all[0] && !all[1] ? all[0] : NULL, .found = true};
}

/* The text of an entry with every {EXPRESSION} handed to `hole`. */
static char *fill(const struct chart *chart, const struct tree *entry, hole_fn *hole, struct asking *asking)
{
	if (!entry || entry->kind != TREE_SCALAR)
		return NULL;
	struct text into;
	text_begin(&into, chart->arena);
	for (const char *at = entry->text; *at;) {
		const char *open = strchr(at, '{'), *close = open ? strchr(open, '}') : NULL;
		if (!close) {
			text_bytes(&into, at, strlen(at));
			break;
		}
		text_bytes(&into, at, (size_t)(open - at));
		const char *inside = arena_text_of(chart->arena, open + 1, (size_t)(close - open - 1));
		struct expression *expression = expression_parse(chart->arena, inside, &entry->place, chart->err);
		if (expression)
			hole(asking, inside, expression, &into);
		at = close + 1;
	}
	return into.bytes;
}

static void ask_hole(struct asking *asking, const char *text, const struct expression *expression, struct text *into)
{
	(void)text;
	(void)into;
	expression_terms(expression, ask_term, asking);
}

static void print_hole(struct asking *asking, const char *text, const struct expression *expression,
		       struct text *into)
{
	(void)text;
	const struct chart *chart = asking->chart;
	const struct pooled_values values = {value_of_term, asking, 0};
	double value = pooled_value(expression, &values, POOLED_ALL, 0);
	enum quantity_kind kind = kind_of(chart, expression);
	const char *said = chart->y && kind == QUANTITY_TIME ? axis_say_on(chart->arena, chart->y, value * 1e9) : NULL;
	text_add(into, "%s", said ? said : chart_say(chart->arena, value, kind));
}

/* Words that hang on what is measured say so: {if: EXPECTATION or a list of them, then: TEXT, else: TEXT}. */
static const struct tree *first_condition(const struct tree *words)
{
	const struct tree *condition = words && words->kind == TREE_MAP ? tree_get(words, "if") : NULL;
	return condition && condition->kind == TREE_LIST ? condition->child : condition;
}

static const struct tree *next_condition(const struct tree *words, const struct tree *condition)
{
	return tree_get(words, "if") == condition ? NULL : condition->next;
}

/* Asks for what words need; false when they are of variants that are not there. */
static bool ask_words(const struct chart *chart, const struct tree *words)
{
	const struct tree *one = first_condition(words);
	struct asking asking = asking_of(chart);
	struct expectation condition;
	if (!one) {
		fill(chart, words, ask_hole, &asking);
		return asking.found;
	}
	for (; one; one = next_condition(words, one)) {
		if (!expectation_parse(chart->arena, one->text, &one->place, &condition, chart->err))
			continue;
		const struct expression *const side[] = {condition.left, condition.low, condition.high};
		for (int i = 0; i < 3; i++)
			if (side[i])
				expression_terms(side[i], ask_term, &asking);
	}
	fill(chart, tree_get(words, "then"), ask_hole, &asking);
	fill(chart, tree_get(words, "else"), ask_hole, &asking);
	return asking.found;
}

/* What was not measured does not hold. */
static bool holds(const struct chart *chart, const struct tree *text)
{
	struct asking asking = asking_of(chart);
	const struct pooled_values values = {value_of_term, &asking, 0};
	struct expectation condition;
	if (!expectation_parse(chart->arena, text->text, &text->place, &condition, chart->err))
		return false;
	return expectation_holds(&condition, pooled_value(condition.left, &values, POOLED_ALL, 0),
				 pooled_value(condition.low, &values, POOLED_ALL, 0),
				 condition.high ? pooled_value(condition.high, &values, POOLED_ALL, 0) : NAN);
}

/* NULL where there are no words, and where they are of variants that have not run. */
static char *print_words(const struct chart *chart, const struct tree *words)
{
	const struct tree *one = first_condition(words);
	struct asking asking = asking_of(chart);
	bool all = true;
	if (!ask_words(chart, words))
		return NULL;
	for (const struct tree *each = one; each; each = next_condition(words, each))
		all = all && holds(chart, each);
	char *told = fill(chart, one ? tree_get(words, all ? "then" : "else") : words, print_hole, &asking);
	return told ? text_with_micro(chart->arena, told) : NULL;
}

static char *print_key(const struct chart *chart, const char *key)
{
	return print_words(chart, tree_get(chart->wanted->tree, key));
}

/* ---- asking ---- */

static enum figure_kind kind_of_figure(const struct study_figure *wanted)
{
	return (enum figure_kind)(wanted->kind - figures_rows);
}

static int last_window(const struct setup *setup, int64_t *label)
{
	int count = setup->trace.windows;
	const struct trace_window *window = setup->trace.window;
	*label = count > 0 ? window[count - 1].window : 0;
	return count;
}

static void ask_windows(const struct chart *chart, struct outcome *outcome, const struct expression *expression)
{
	int count = outcome->setup->trace.windows;
	const struct trace_window *window = outcome->setup->trace.window;
	for (int w = 0; w < count; w++) {
		struct asking asking = {.chart = chart,
					.outcome = outcome,
					.windowed = true,
					.window = window[w].window,
					.found = true};
		expression_terms(expression, ask_term, &asking);
	}
}

/* Asks for the terms as they stand: of the whole run. */
static void ask_whole(const struct chart *chart, struct outcome *outcome, const struct expression *expression)
{
	struct asking asking = {.chart = chart, .outcome = outcome, .found = true};
	expression_terms(expression, ask_term, &asking);
}

static bool is_whole(const struct chart *chart)
{
	const char *across = text_of(chart->wanted, "across");
	return across && strcmp(across, "whole") == 0;
}

/* Of a heat map: what stands in a cell, or NULL where none is. */
static struct expression *cell_of(const struct chart *chart, const struct tree *cell)
{
	if (cell->kind != TREE_SCALAR || !*cell->text)
		return NULL;
	return expression_parse(chart->arena, cell->text, &cell->place, chart->err);
}

static void ask_cells(const struct chart *chart)
{
	const struct tree *cells = tree_get(chart->wanted->tree, "cells");
	struct asking asking = {.chart = chart, .outcome = drawn(chart)[0], .found = true};
	for (const struct tree *row = cells ? cells->child : NULL; row; row = row->next)
		for (const struct tree *cell = row->child; cell; cell = cell->next) {
			struct expression *expression = cell_of(chart, cell);
			if (expression)
				expression_terms(expression, ask_term, &asking);
		}
}

static const char *x_text(const struct chart *chart)
{
	const char *x = text_of(chart->wanted, "x");
	return x ? x : "offered()";
}

bool chart_want(const struct chart_outcomes *outcomes, const struct study_figure *wanted, const char **missing,
		struct err *err)
{
	struct chart chart = {outcomes, wanted, outcomes->study->arena, err, NULL};
	const char **variant = names_of(&chart, "variants");
	*missing = NULL;
	for (; variant && *variant && !*missing; variant++)
		if (!outcome_of(outcomes, *variant))
			*missing = *variant;
	if (*missing)
		return false;
	ask_words(&chart, tree_get(wanted->tree, "title"));
	ask_words(&chart, tree_get(wanted->tree, "subtitle"));
	ask_words(&chart, tree_get(wanted->tree, "description"));
	if (kind_of_figure(wanted) == FIGURE_DIAGRAM && drawn(&chart)[0])
		outcome_want_journeys(drawn(&chart)[0], DIAGRAM_AMONG);
	if (kind_of_figure(wanted) == FIGURE_HEAT)
		ask_cells(&chart);
	struct outcome **all = drawn(&chart);
	for (; wanted->kind->metrics == FIGURES_EXPRESSIONS && *all; all++) {
		struct expression *x = expression_of(&chart, x_text(&chart), "x");
		if (x)
			(is_whole(&chart) ? ask_whole : ask_windows)(&chart, *all, x);
		for (const char **metric = metrics_of(&chart); *metric; metric++) {
			struct expression *y = expression_of(&chart, *metric, "metric");
			if (y)
				(is_whole(&chart) ? ask_whole : ask_windows)(&chart, *all, y);
			if (kind_of_figure(wanted) == FIGURE_LOAD &&
			    names_metric(outcomes->study, *metric)) {
				struct term knee = outcome_term("knee", *metric);
				outcome_want(*all, &knee);
			}
		}
	}
	return !err_any(err);
}

/* ---- drawing ---- */

static const char *metric_label(const struct chart *chart, const char *metric)
{
	const char **label = names_of(chart, "labels");
	for (const char **one = metrics_of(chart); label && *label && *one; one++, label++)
		if (strcmp(*one, metric) == 0)
			return *label;
	return metric;
}

static const char *label_of(const struct chart *chart, const struct outcome *outcome, const char *metric)
{
	bool many_metrics = metrics_of(chart)[1] != NULL, many_outcomes = drawn(chart)[1] != NULL;
	if (many_metrics && many_outcomes)
		return arena_format(chart->arena, "%s, %s", metric_label(chart, metric), outcome->setup->label);
	return many_metrics ? metric_label(chart, metric) : outcome->setup->label;
}

static double on_axis(double value, enum quantity_kind kind)
{
	return kind == QUANTITY_TIME ? value * 1e9 : value;
}

static void set_axis(const struct chart *chart, struct figure_axis *axis, const char *text, const char *key,
		     enum quantity_kind kind)
{
	const char *label = text_of(chart->wanted, key);
	axis->label = label ? label : text;
	axis->values = kind == QUANTITY_TIME ? FIGURE_DURATION : FIGURE_NUMBER;
	axis->unit = kind == QUANTITY_RATE ? "/s" : kind == QUANTITY_BYTES ? "B" : "";
}

/* A quantity of the model file on an axis of this kind; NaN when there is none. */
static double published_value(const struct tree *entry, const char *key, enum quantity_kind kind)
{
	const struct tree *text = tree_get(entry, key);
	struct quantity value;
	char why[QUANTITY_WHY];
	if (!text || text->kind != TREE_SCALAR)
		return NAN;
	if (quantity_parse(kind, text->text, &value, why) || quantity_parse(QUANTITY_REAL, text->text, &value, why))
		return value.real;
	return NAN;
}

static double published_x(const struct tree *entry, enum figure_values values)
{
	const struct tree *date = tree_get(entry, "date");
	int64_t days;
	if (date && date->kind == TREE_SCALAR && date_parse(date->text, &days))
		return (double)days;
	return published_value(entry, "x", values == FIGURE_PERCENTILE ? QUANTITY_RATIO
					   : values == FIGURE_DURATION ? QUANTITY_TIME : QUANTITY_REAL);
}

static void add_published(const struct chart *chart, struct figure *figure, enum quantity_kind kind)
{
	const struct tree *list = tree_get(chart->wanted->tree, "published");
	for (const struct tree *entry = list ? list->child : NULL; entry; entry = entry->next) {
		const struct tree *name = tree_get(entry, "label");
		const char *label = name && name->kind == TREE_SCALAR ? name->text : "published";
		double x = published_x(entry, figure->x.values), y = published_value(entry, "y", kind);
		double low = published_value(entry, "low", kind), high = published_value(entry, "high", kind);
		if (!isnan(y)) {
			figure_interval(figure_add_series(figure, label, FIGURE_PUBLISHED, FIGURE_POINTS), x, y, low,
					high);
			continue;
		}
		double x0 = NAN, x1 = NAN;
		if (!isnan(x) && figure->x.values == FIGURE_PERCENTILE) {
			x0 = 1 - (1 - x) * 1.25;
			x1 = 1 - (1 - x) / 1.25;
		} else if (!isnan(x)) {
			double reach = figure->x.values == FIGURE_DATE ? 60 : 0.05 * fabs(x);
			x0 = x - reach;
			x1 = x + reach;
		}
		figure_add_range(figure, low, high, x0, x1, label);
	}
}

/* The line that a variant is a part of, with others; NULL: it is one of its own. */
static const char *line_of(const struct chart *chart, const struct outcome *outcome)
{
	const struct tree *joined = tree_get(chart->wanted->tree, "joined");
	if (!joined || joined->kind == TREE_SCALAR)
		return joined ? joined->text : NULL;
	for (const struct tree *line = joined->child; line; line = line->next)
		for (const struct tree *variant = line->child; variant; variant = variant->next)
			if (strcmp(variant->text, outcome->setup->name) == 0)
				return line->key;
	return NULL;
}

static void draw_windows(const struct chart *chart, struct figure *figure, struct outcome *outcome, const char *metric,
			 bool by_date)
{
	struct expression *y = expression_of(chart, metric, "metric"), *x = expression_of(chart, x_text(chart), "x");
	if (!x || !y)
		return;
	enum quantity_kind kind = kind_of(chart, y), x_kind = kind_of(chart, x);
	set_axis(chart, &figure->y, names_metric(chart->outcomes->study, metric) ?
		 arena_format(chart->arena, "%s of %s", statistic_of(chart), metric) : metric, "y_label", kind);
	if (!by_date)
		set_axis(chart, &figure->x, strcmp(x_text(chart), "offered()") == 0 ? "offered load" : x_text(chart),
			 "x_label", x_kind);
	const char *joined = line_of(chart, outcome);
	struct figure_series *series = joined ? figure->series : NULL;
	while (series && strcmp(series->label, joined) != 0)
		series = series->next;
	if (!series)
		series = figure_add_series(figure, joined ? joined : label_of(chart, outcome, metric), FIGURE_NORMAL,
					   FIGURE_LINE);
	for (int w = 0; w < outcome->pooled.windows; w++) {
		struct asking asking = {.chart = chart,
					.outcome = outcome,
					.windowed = true,
					.found = true,
					.window = outcome->pooled.window[w].label};
		struct estimate value = evaluate(&asking, y);
		double at = by_date ? (double)asking.window : on_axis(evaluate(&asking, x).value, x_kind);
		if (!isnan(value.value) && !isnan(at))
			figure_interval(series, at, on_axis(value.value, kind), on_axis(value.low, kind),
					on_axis(value.high, kind));
	}
}

/* One line of points that are variants: in window number `window` of their trace, or, < 0, in the whole run. */
static void draw_across(const struct chart *chart, struct figure *figure, const char *metric, int window,
			const char *label)
{
	struct expression *y = expression_of(chart, metric, "metric"), *x = expression_of(chart, x_text(chart), "x");
	if (!x || !y)
		return;
	enum quantity_kind kind = kind_of(chart, y), x_kind = kind_of(chart, x);
	set_axis(chart, &figure->y, metric, "y_label", kind);
	set_axis(chart, &figure->x, x_text(chart), "x_label", x_kind);
	struct figure_series *series = figure_add_series(figure, label, FIGURE_NORMAL, FIGURE_LINE);
	for (struct outcome **all = drawn(chart); *all; all++) {
		if (window >= (*all)->pooled.windows)
			continue;
		struct asking asking = {.chart = chart,
					.outcome = *all,
					.windowed = window >= 0,
					.found = true,
					.window = window >= 0 ? (*all)->pooled.window[window].label : 0};
		struct estimate value = evaluate(&asking, y);
		double at = on_axis(evaluate(&asking, x).value, x_kind);
		if (!isnan(value.value) && !isnan(at))
			figure_interval(series, at, on_axis(value.value, kind), on_axis(value.low, kind),
					on_axis(value.high, kind));
	}
}

static void draw_all_across(const struct chart *chart, struct figure *figure)
{
	const char **labels = names_of(chart, "labels");
	struct outcome *first = drawn(chart)[0];
	for (const char **metric = metrics_of(chart); first && *metric; metric++) {
		if (is_whole(chart)) {
			draw_across(chart, figure, *metric, -1, labels && *labels ? *labels++ : *metric);
			continue;
		}
		for (int w = 0; w < first->pooled.windows; w++) {
			long long label = (long long)first->pooled.window[w].label;
			draw_across(chart, figure, *metric, w,
				    labels && *labels ? *labels++ : arena_format(chart->arena, "window %lld", label));
		}
	}
}

static void mark_knee(const struct chart *chart, struct figure *figure, struct outcome *outcome, const char *metric)
{
	struct term knee = outcome_term("knee", metric);
	if (metric_find(outcome->setup->metrics, metric) < 0)
		return;
	struct asking asking = {.chart = chart, .outcome = outcome};
	double value = value_of_term(&asking, &knee, POOLED_ALL, 0);
	const struct meters *pooled = &outcome->pooled;
	struct term offered = {.statistic = "offered", .metric = "", .p = -1, .windowed = true,
			       .window = pooled->window[pooled->windows - 1].label};
	/* A curve that never leaves its floor has no knee to mark. */
	if (value > 0 && value < replay_term(outcome->setup, pooled, &offered) * 0.999)
		figure_mark_x(figure, value, arena_format(chart->arena, "%s: p99 tripled", outcome->setup->label));
}

static void draw_all_windows(const struct chart *chart, struct figure *figure)
{
	bool by_date = figure->kind == FIGURE_YEARS, load = figure->kind == FIGURE_LOAD;
	for (struct outcome **all = drawn(chart); *all; all++)
		for (const char **metric = metrics_of(chart); *metric; metric++) {
			draw_windows(chart, figure, *all, *metric, by_date);
			if (load)
				mark_knee(chart, figure, *all, *metric);
		}
}

static const struct hist *hist_of(const struct chart *chart, const struct outcome *outcome, int metric)
{
	const struct hist *whole = meter_hist(&outcome->pooled, metric, -1);
	const char *window = text_of(chart->wanted, "window");
	int64_t label;
	if (last_window(outcome->setup, &label) < 2)
		return whole;
	if (window && !date_parse(window, &label))
		label = strtoll(window, NULL, 10);
	for (int w = 0; w < outcome->pooled.windows; w++)
		if (outcome->pooled.window[w].label == label)
			return meter_hist(&outcome->pooled, metric, w);
	return whole;
}

static void draw_percentiles(const struct chart *chart, struct figure *figure)
{
	const char *label = text_of(chart->wanted, "y_label"), **metrics = metrics_of(chart);
	figure->y.label = label ? label : metrics[0] && !metrics[1] ? metrics[0] : "latency";
	for (const char **metric = metrics_of(chart); *metric; metric++)
		for (struct outcome **all = drawn(chart); *all; all++) {
			int row = metric_find((*all)->setup->metrics, *metric);
			if (row < 0 || (*all)->setup->metrics[row].kind != METRIC_TIME)
				continue;
			const struct hist *hist = hist_of(chart, *all, row);
			struct figure_series *series =
				figure_add_series(figure, label_of(chart, *all, *metric), FIGURE_NORMAL, FIGURE_LINE);
			for (int step = 0; hist->count > 0; step++) {
				double beyond = dm_exp(-ln10 * (double)step / DECADE_STEPS), p = 1 - beyond;
				if ((double)hist->count * beyond < 10 && step > 0)
					break;
				figure_point(series, p, (double)hist_percentile(hist, p));
			}
		}
}

static double bin_value(const struct chart *chart, const struct outcome *outcome, int row, int bin)
{
	const struct meters *pooled = &outcome->pooled;
	const struct metric *metric = &pooled->metric[row];
	double width = (double)pooled->bin_width * outcome->reps, unit = metric_scale(metric), percentile;
	const char *statistic = statistic_of(chart);
	if (!metric_is_distribution(metric)) {
		double total = (double)meter_bin_total(pooled, row, bin) * unit;
		return metric->kind == METRIC_LEVEL ? total / width : total / (width * 1e-9) / outcome->setup->share;
	}
	const struct hist *hist = meter_bin_hist(pooled, row, bin);
	if (metric->kind == METRIC_TIME)
		unit = 1; /* the axis is in ns */
	if (hist->count == 0)
		return NAN;
	if (claim_percentile(statistic, &percentile))
		return (double)hist->count * (1 - percentile) < 1 ? NAN
								  : (double)hist_percentile(hist, percentile) * unit;
	return unit * (strcmp(statistic, "max") == 0  ? (double)hist->greatest
		       : strcmp(statistic, "sd") == 0 ? hist_deviation(hist)
						      : hist_mean(hist));
}

static double time_or(const struct chart *chart, const char *key, double otherwise)
{
	const struct tree *entry = tree_get(chart->wanted->tree, key);
	struct quantity value;
	char why[QUANTITY_WHY];
	if (entry && entry->kind == TREE_SCALAR && quantity_parse(QUANTITY_TIME, entry->text, &value, why))
		return (double)value.integer;
	return otherwise;
}

/* A stretch of time as far as it is drawn. */
static void add_band(struct figure *figure, double from, double to, int64_t begin, int64_t end, const char *label)
{
	if ((double)end >= from && (double)begin <= to)
		figure_add_band(figure, (double)begin > from ? (double)begin : from,
				(double)end < to ? (double)end : to, label);
}

static void draw_timeline(const struct chart *chart, struct figure *figure)
{
	double from = time_or(chart, "from", 0), to = time_or(chart, "to", INFINITY);
	const char *shaded = text_of(chart->wanted, "shade");
	const struct setup *first = NULL;
	for (struct outcome **all = drawn(chart); *all; all++)
		for (const char **metric = metrics_of(chart); *metric; metric++) {
			const struct meters *pooled = &(*all)->pooled;
			int row = metric_find(pooled->metric, *metric);
			if (row < 0)
				continue;
			int shade = shaded ? metric_find(pooled->metric, shaded) : -1;
			first = first ? first : (*all)->setup;
			bool time = pooled->metric[row].kind == METRIC_TIME;
			set_axis(chart, &figure->y,
				 arena_format(chart->arena, "%s of %s", statistic_of(chart), *metric), "y_label",
				 time ? QUANTITY_TIME : QUANTITY_COUNT);
			struct figure_series *series =
				figure_add_series(figure, label_of(chart, *all, *metric), FIGURE_NORMAL, FIGURE_LINE);
			for (int bin = 0; bin < pooled->bins; bin++) {
				double middle = ((double)bin + 0.5) * (double)pooled->bin_width;
				if (middle < from || middle > to || middle > (double)pooled->end)
					continue;
				double value = bin_value(chart, *all, row, bin);
				if (shade >= 0)
					figure_interval(series, middle, value, value,
							value + bin_value(chart, *all, shade, bin));
				else
					figure_point(series, middle, value);
			}
		}
	figure->x.label = "simulated time";
	if (shaded)
		figure->y.min = 0; /* an area is read from there */
	if (!first)
		return;
	if (from < (double)first->run.warmup)
		figure_add_band(figure, from, (double)first->run.warmup, "warm-up");
	const char *bursts = text_of(chart->wanted, "bursts");
	int64_t begin, end;
	for (int i = 0; bursts && first->trace.recipe && recipe_burst(first->trace.recipe, i, &begin, &end); i++)
		add_band(figure, from, to, begin, end, bursts);
	for (int f = 0; f < first->fault_count; f++)
		add_band(figure, from, to, first->faults[f].at, first->faults[f].at + first->faults[f].lasts,
			 first->faults[f].label);
}

static void draw_bars(const struct chart *chart, struct figure *figure)
{
	struct outcome **all = drawn(chart);
	int count = 0;
	while (all[count])
		count++;
	figure->x.category = ARENA_ARRAY(chart->arena, (size_t)count + 1, const char *);
	figure->x.categories = count;
	figure->x.label = "";
	for (int i = 0; i < count; i++)
		figure->x.category[i] = all[i]->setup->label;
	for (const char **metric = metrics_of(chart); *metric; metric++) {
		struct expression *y = expression_of(chart, *metric, "metric");
		if (!y)
			continue;
		enum quantity_kind kind = kind_of(chart, y);
		set_axis(chart, &figure->y, statistic_of(chart), "y_label", kind);
		struct figure_series *series = figure_add_series(figure, metric_label(chart, *metric), FIGURE_NORMAL,
								  FIGURE_LINE);
		for (int i = 0; i < count; i++) {
			struct asking asking = {.chart = chart, .outcome = all[i], .found = true};
			asking.windowed = last_window(all[i]->setup, &asking.window) > 0;
			struct estimate value = evaluate(&asking, y);
			figure_interval(series, i, on_axis(value.value, kind), on_axis(value.low, kind),
					on_axis(value.high, kind));
		}
	}
}

/* ---- maps ---- */

enum { MAPS = 6 };

/* The areas of one class in all pictures, side by side: each is a unit wide, with some room between them. */
static void draw_areas(struct figure_series *series, const struct replay_looks *looks, int class, int *count)
{
	for (int m = 0; m < looks->count; m++) {
		const struct case_picture *picture = &looks->picture[m];
		double unit = 2.1 * picture->reach;
		for (int i = 0; i < picture->areas; i++) {
			const struct case_area *area = &picture->area[i];
			if (area->class != class)
				continue;
			for (int k = 0; k < area->corners; k++)
				figure_point(series, m + area->corner[k].x / unit, area->corner[k].y / unit);
			figure_point(series, m + area->corner[0].x / unit, NAN);
			count[m]++;
		}
	}
}

static void draw_map(const struct chart *chart, struct figure *figure)
{
	const struct tree *moments = tree_get(chart->wanted->tree, "moments");
	struct outcome *outcome = drawn(chart)[0];
	const struct case_view *view =
		case_view_find(chart->outcomes->study->of, text_of(chart->wanted, "shows"));
	struct case_picture picture[MAPS];
	int64_t at[MAPS];
	struct replay_looks looks = {.view = view, .at = at, .picture = picture, .arena = chart->arena};
	figure->y.label = "";
	figure->y.values = FIGURE_NUMBER;
	figure->x.category = ARENA_ARRAY(chart->arena, MAPS, const char *);
	for (const struct tree *each = moments ? moments->child : NULL; each && looks.count < MAPS; each = each->next) {
		struct quantity value;
		char why[QUANTITY_WHY];
		if (each->kind != TREE_SCALAR || !quantity_parse(QUANTITY_TIME, each->text, &value, why))
			continue;
		at[looks.count] = value.integer;
		figure->x.category[looks.count++] = arena_format(chart->arena, "after %s", each->text);
	}
	figure->x.categories = looks.count;
	if (!outcome || !view || !replay_look(outcome->setup, 0, &looks))
		return;
	const char *counted[MAPS] = {"", "", "", "", "", ""};
	for (int class = 0; view->classes[class]; class++) {
		int count[MAPS] = {0};
		draw_areas(figure_add_series(figure, view->classes[class], FIGURE_NORMAL, FIGURE_LINE), &looks, class,
			   count);
		for (int m = 0; m < looks.count; m++)
			counted[m] = arena_format(chart->arena, "%s %d %s %s%s", counted[m], count[m], view->unit,
						  view->classes[class], view->classes[class + 1] ? "," : ".");
	}
	if (view->mark) {
		int marks[MAPS] = {0}, class = 0;
		while (view->classes[class])
			class++;
		draw_areas(figure_add_series(figure, view->mark, FIGURE_PUBLISHED, FIGURE_LINE), &looks, class, marks);
	}
	const char *description = figure->description ? figure->description : view->help;
	for (int m = 0; m < looks.count; m++)
		description = arena_format(chart->arena, "%s\n%s:%s", description, figure->x.category[m], counted[m]);
	figure->description = description;
}

/* What the case tells of the first replication of the first variant: a row for each span, times since the first. */
static void draw_history(const struct chart *chart, struct figure *figure)
{
	struct outcome *outcome = drawn(chart)[0];
	struct case_story story;
	if (!outcome || !replay_tell(outcome->setup, 0, chart->arena, &story) || story.spans == 0)
		return;
	int64_t first = story.span[0].begin;
	for (int i = 1; i < story.spans; i++)
		first = story.span[i].begin < first ? story.span[i].begin : first;
	const char *label = text_of(chart->wanted, "x_label");
	figure->x.label = label ? label : "time since the first began";
	figure->y.category = ARENA_ARRAY(chart->arena, (size_t)story.spans, const char *);
	figure->y.categories = story.spans;
	const char *told = figure->description ? figure->description : "What happened, in rows from the top.";
	for (int i = 0; i < story.spans; i++) {
		const struct case_span *span = &story.span[i];
		figure->y.category[story.spans - 1 - i] = span->name;
		told = arena_format(chart->arena, "%s\n%s (%s), from %s to %s.", told, span->name,
				    story.classes[span->class],
				    axis_say(chart->arena, &figure->x, (double)(span->begin - first)),
				    axis_say(chart->arena, &figure->x, (double)(span->end - first)));
	}
	figure->description = told;
	for (int class = 0; story.classes[class]; class++) {
		struct figure_series *series =
			figure_add_series(figure, story.classes[class], FIGURE_NORMAL, FIGURE_LINE);
		for (int i = 0; i < story.spans; i++) {
			const struct case_span *span = &story.span[i];
			double begin = (double)(span->begin - first), end = (double)(span->end - first);
			if (span->class == class)
				figure_interval(series, end, story.spans - 1 - i, begin, end);
		}
	}
}

/* The slowest of those that began between from and to, in the order of their beginning. */
static void draw_diagram(const struct chart *chart, struct figure *figure)
{
	const struct outcome *outcome = drawn(chart)[0];
	const struct journey *journey[DIAGRAM_JOURNEYS];
	const char *lanes = text_of(chart->wanted, "lanes"), *count = text_of(chart->wanted, "count");
	double from = time_or(chart, "from", 0), to = time_or(chart, "to", INFINITY);
	int wanted = count ? atoi(count) : 1, found = 0;
	for (int i = 0; outcome && i < outcome->journeys && found < wanted; i++) {
		const struct journey *one = &outcome->journey[i];
		int at = found;
		if ((double)one->begin < from || (double)one->begin > to)
			continue;
		for (found++; at > 0 && journey[at - 1]->begin > one->begin; at--)
			journey[at] = journey[at - 1];
		journey[at] = one;
	}
	diagram_draw(figure, journey, found, lanes && strcmp(lanes, "requests") == 0);
}

/* Rows are given from the top, and drawn from below. */
static void draw_heat(const struct chart *chart, struct figure *figure)
{
	const struct tree *cells = tree_get(chart->wanted->tree, "cells");
	const char **column = names_of(chart, "columns"), **name = names_of(chart, "rows");
	int rows = cells ? tree_count(cells) : 0, at = 0;
	const struct tree **row = ARENA_ARRAY(chart->arena, (size_t)rows + 1, const struct tree *);
	for (const struct tree *each = cells ? cells->child : NULL; each; each = each->next)
		row[at++] = each;
	figure->x.category = column;
	figure->x.label = "";
	for (figure->x.categories = 0; column && column[figure->x.categories];)
		figure->x.categories++;
	for (at = rows - 1; at >= 0; at--) {
		struct figure_series *series = figure_add_series(figure, name[at], FIGURE_NORMAL, FIGURE_LINE);
		int x = 0;
		for (const struct tree *cell = row[at]->child; cell; cell = cell->next, x++) {
			struct expression *expression = cell_of(chart, cell);
			struct asking asking = {.chart = chart, .outcome = drawn(chart)[0], .found = true};
			if (!expression)
				continue;
			enum quantity_kind kind = kind_of(chart, expression);
			set_axis(chart, &figure->y, "", "y_label", kind);
			figure_point(series, x, on_axis(evaluate(&asking, expression).value, kind));
		}
	}
}

static const char *footer_of(const struct chart *chart, const char *footer)
{
	const struct setup *setup = drawn(chart)[0] ? drawn(chart)[0]->setup : NULL;
	if (!setup)
		return footer;
	return arena_format(chart->arena, "%s · seed %lld · %d replication%s · %s", chart->outcomes->study->of->name,
			    (long long)setup->run.seed, drawn(chart)[0]->reps, drawn(chart)[0]->reps == 1 ? "" : "s",
			    footer);
}

struct figure *chart_figure(struct arena *arena, const struct chart_outcomes *outcomes,
			    const struct study_figure *wanted, const char *footer, struct err *err)
{
	struct chart chart = {outcomes, wanted, arena, err, NULL};
	enum figure_kind kind = kind_of_figure(wanted);
	struct figure *figure = figure_new(arena, kind, wanted->name, "");
	figure->description = print_key(&chart, "description");
	figure->footer = footer_of(&chart, footer);
	const char *log = text_of(wanted, "log");
	enum quantity_kind y_kind = QUANTITY_TIME;
	switch (kind) {
	case FIGURE_PERCENTILES:
		draw_percentiles(&chart, figure);
		break;
	case FIGURE_TIMELINE:
		draw_timeline(&chart, figure);
		break;
	case FIGURE_HEAT:
		draw_heat(&chart, figure);
		break;
	case FIGURE_DIAGRAM:
		draw_diagram(&chart, figure);
		break;
	case FIGURE_BARS:
		draw_bars(&chart, figure);
		break;
	case FIGURE_MAP:
		draw_map(&chart, figure);
		break;
	case FIGURE_HISTORY:
		draw_history(&chart, figure);
		break;
	default: {
		if (text_of(wanted, "across"))
			draw_all_across(&chart, figure);
		else
			draw_all_windows(&chart, figure);
		struct expression *y = expression_of(&chart, metrics_of(&chart)[0], "metric");
		y_kind = y ? kind_of(&chart, y) : QUANTITY_TIME;
	}
	}
	if (log) {
		figure->x.log = figure->x.log || strchr(log, 'x');
		figure->y.log = strchr(log, 'y') != NULL;
	}
	add_published(&chart, figure, y_kind);
	const struct axis y = axis_of(arena, figure, true);
	chart.y = &y;
	const char *title = print_key(&chart, "title"), *subtitle = print_key(&chart, "subtitle");
	figure->title = title ? title : wanted->name;
	figure->subtitle = subtitle ? subtitle : "";
	return figure;
}

/* ---- words of others ---- */

static const struct study_figure no_figure;

bool chart_want_words(const struct chart_outcomes *outcomes, const struct tree *words, struct err *err)
{
	const struct chart chart = {outcomes, &no_figure, outcomes->study->arena, err, NULL};
	return ask_words(&chart, words);
}

const char *chart_words(struct arena *arena, const struct chart_outcomes *outcomes, const struct tree *words,
			struct err *err)
{
	const struct chart chart = {outcomes, &no_figure, arena, err, NULL};
	return print_words(&chart, words);
}

static void tell_hole(struct asking *asking, const char *text, const struct expression *expression, struct text *into)
{
	(void)into;
	asking->each(asking->context, text, expression);
}

void chart_holes(struct arena *arena, const struct chart_outcomes *outcomes, const struct tree *words,
		 chart_hole_fn *each, void *context, struct err *err)
{
	const struct chart chart = {outcomes, &no_figure, arena, err, NULL};
	struct asking asking = asking_of(&chart);
	asking.each = each;
	asking.context = context;
	fill(&chart, words, tell_hole, &asking);
}

struct pooled_values chart_values(struct arena *arena, const struct chart_outcomes *outcomes)
{
	struct chart *chart = ARENA_NEW(arena, struct chart);
	struct asking *asking = ARENA_NEW(arena, struct asking);
	*chart = (struct chart){outcomes, &no_figure, arena, NULL, NULL};
	*asking = asking_of(chart);
	return (struct pooled_values){value_of_term, asking, outcomes->outcomes ? outcomes->outcome[0]->reps : 0};
}
