/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"
#include "cli/grid.h"
#include "cli/message.h"
#include "exec/measure.h"
#include "stats/groups.h"
#include "stats/shown.h"
#include "run/names.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BAR = 40, NARROW_BAR = 100, PART_WIDTH = 28, PARTS_BESIDE = 5, BESIDE_WIDTH = 16, WIDE_COLUMNS = 146, HANG = 4 };
static const char *const shown[] = {"mean", "p50", "p90", "p99", "p999", "max", NULL};

static int want(struct outcome *outcome, const char *statistic, const char *metric)
{
	struct term term = outcome_term(statistic, metric);
	term.windowed = measure_last_window(outcome->setup, &term.window);
	if (outcome->reps == 0)
		return outcome_want(outcome, &term);
	for (int i = 0; i < outcome->terms; i++)
		if (outcome_same_term(&outcome->term[i], &term))
			return i;
	return -1;
}

static void want_term(void *outcome, struct term *term)
{
	want(outcome, term->statistic, term->metric);
}

/* Of an expression that the case has written, without variant and window. NULL and messages. */
static struct expression *want_expression(const struct study *study, struct outcome *outcome, const char *text,
					  struct err *err)
{
	struct expression *expression = expression_parse(study->arena, text, NULL, err);
	if (expression)
		expression_terms(expression, want_term, outcome);
	return expression;
}

/* How much a second was answered of what a metric holds the times of. */
static const char *served(const struct study *study, const char *metric)
{
	const struct case_served *row = study->of->served;
	while (row && row->metric && strcmp(row->metric, metric) != 0)
		row++;
	return row && row->metric ? row->rate : arena_format(study->arena, "rate(%s)", metric);
}

/* Whether an entry of `table` is an expression; else it is the name of a metric. */
static bool is_expression(const char *entry)
{
	return strchr(entry, '(') != NULL;
}

void report_want(const struct study *study, struct outcome *outcome, struct err *err)
{
	for (const char *const *entry = study->table; *entry; entry++) {
		if (is_expression(*entry)) {
			want_expression(study, outcome, *entry, err);
			continue;
		}
		for (const char *const *statistic = shown; *statistic; statistic++)
			want(outcome, *statistic, *entry);
		want_expression(study, outcome, served(study, *entry), err);
	}
	for (const struct metric *metric = study->of->metrics; metric->name; metric++)
		if (metric->kind == METRIC_TIME) { /* by which put_groups tells how runs end */
			want(outcome, "mean", metric->name);
			break;
		}
	want(outcome, "offered", "");
	if (study->of->failures) {
		struct term failures = outcome_term("count", study->of->failures);
		outcome_want(outcome, &failures);
	}
	if (study->of->utilisation)
		want_expression(study, outcome, study->of->utilisation, err);
}

static double value_in(void *context, const struct term *term, enum pooled_part part, int rep)
{
	struct outcome *outcome = context;
	int index = want(outcome, term->statistic, term->metric);
	return index < 0 ? NAN : outcome_value(outcome, index, part, rep);
}

/* The estimate of an expression of the case; NaN where it has none. */
static struct estimate estimate_of(const struct study *study, struct outcome *outcome, const char *text)
{
	struct estimate unknown = {NAN, NAN, NAN, false, false};
	struct err ignored;
	err_init(&ignored);
	struct expression *expression =
		text && outcome->reps > 0 ? expression_parse(study->arena, text, NULL, &ignored) : NULL;
	const struct term *alone = expression ? expression_term(expression) : NULL;
	if (!expression)
		return unknown;
	if (alone)
		return outcome_estimate(outcome, want(outcome, alone->statistic, alone->metric));
	const struct pooled_values values = {value_in, outcome, outcome->reps};
	struct interval interval = pooled_interval(expression, &values);
	return (struct estimate){interval.mean, interval.low, interval.high, false, false};
}

/*
 * "±4.1%", or "": half the width of the interval, as a part of the value. ">4.1%": it should be wider. Nothing where
 * nothing random was drawn.
 */
static const char *half_width(const struct estimate *estimate, struct arena *arena)
{
	double part = estimate->high == estimate->low ? 0
						       : (estimate->high - estimate->low) / 2 / fabs(estimate->value);
	if (!isfinite(part))
		return "";
	return arena_format(arena, part == 0 || part >= 0.0995 ? "%s%.0f%%" : "%s%.1f%%", estimate->narrow ? ">" : "±",
			    100 * part);
}

/* What the table's signs have been used for. */
struct signs {
	bool narrow, at_least;
};

/* A table that is made, for its outcomes one after the other. */
struct making {
	const struct study *study;
	struct grid grid;
	struct signs signs;
	const char *name, *under; /* for the next row */
};

static struct grid_cell cell_of(struct making *making, const struct estimate *estimate, enum quantity_kind kind)
{
	char text[SHOWN_VALUE];
	struct arena *arena = making->grid.arena;
	const char *least = !estimate->at_least ? "" : making->grid.form == GRID_NARROW ? "≥" : ">=";
	making->signs.narrow |= estimate->narrow;
	making->signs.at_least |= estimate->at_least;
	return (struct grid_cell){arena_format(arena, "%s%s", least, shown_value(estimate->value, kind, text)),
				  half_width(estimate, arena)};
}

static struct grid_row *add_row(struct making *making)
{
	struct grid_row *row = grid_add(&making->grid);
	row->name = making->name;
	row->under = making->under;
	making->name = making->under = "";
	return row;
}

static void add_text(struct making *making, const char *text)
{
	add_row(making)->text = text;
}

/* A line of its own: what an expression comes to. */
static void add_expression(struct making *making, struct outcome *outcome, const char *text)
{
	struct err ignored;
	err_init(&ignored);
	struct expression *expression = expression_parse(making->study->arena, text, NULL, &ignored);
	struct estimate value = estimate_of(making->study, outcome, text);
	if (!expression || !isfinite(value.value))
		return;
	struct grid_cell cell = cell_of(making, &value, expression_kind(expression, names_term_kind, making->study));
	add_text(making,
		 arena_format(making->grid.arena, "%s  %s%s%s", text, cell.value, *cell.half ? " " : "", cell.half));
}

/* `used` NULL: it is told elsewhere. */
static void add_metric(struct making *making, struct outcome *outcome, const struct metric *metric,
		       const struct estimate *used)
{
	const struct study *study = making->study;
	struct grid_row *row = add_row(making);
	struct term mean = outcome_term("mean", metric->name);
	enum quantity_kind kind = names_term_kind(study, &mean);
	int c = 0;
	row->label = metric->name;
	for (const char *const *statistic = shown; *statistic; statistic++) {
		struct estimate value = outcome_estimate(outcome, want(outcome, *statistic, metric->name));
		row->cell[c++] = cell_of(making, &value, kind);
	}
	struct estimate rate = estimate_of(study, outcome, served(study, metric->name));
	row->cell[c++] = cell_of(making, &rate, QUANTITY_RATE);
	if (used && isfinite(used->value))
		row->cell[c] = (struct grid_cell){arena_format(making->grid.arena, "%.1f %%", used->value * 100),
						  half_width(used, making->grid.arena)};
}

/* How many requests were not served in the whole run, of how many; false where the case does not say. */
static bool failures_of(const struct study *study, const struct outcome *outcome, double *failed, double *rows)
{
	*failed = *rows = 0;
	if (!study->of->failures)
		return false;
	*failed = (double)meter_total(&outcome->pooled, metric_find(study->of->metrics, study->of->failures), -1);
	int arrived = metric_find(study->of->metrics, "arrived");
	if (arrived < 0)
		arrived = metric_find(study->of->metrics, "requests");
	for (int r = 0; r < outcome->reps; r++)
		*rows += (double)outcome->rep[r].rows;
	if (arrived >= 0) /* there may be clients beside the trace */
		*rows = (double)meter_total(&outcome->pooled, arrived, -1);
	return *failed > 0 && *rows > 0;
}

/* In the whole run, which is said where the table shows the last window. */
static void add_failures(struct making *making, const struct outcome *outcome)
{
	char text[SHOWN_VALUE], all[SHOWN_VALUE];
	double failed, rows;
	int64_t label;
	if (failures_of(making->study, outcome, &failed, &rows))
		add_text(making,
			 arena_format(making->grid.arena, "%-10s %s of %s%s, %.3g %%", making->study->of->failures,
				      shown_value(failed / outcome->reps, QUANTITY_COUNT, text),
				      shown_value(rows / outcome->reps, QUANTITY_COUNT, all),
				      measure_last_window(outcome->setup, &label) ? " in the whole run" : "",
				      failed / rows * 100));
}

/* Before anything else: latency of what fails is no latency. */
static void put_broken(const struct results *results, FILE *into)
{
	for (int i = 0; i < results->outcomes; i++) {
		double failed, rows;
		if (failures_of(results->study, results->outcome[i], &failed, &rows) && failed > rows / 2)
			fprintf(into, "%s: most of its requests were not served (%s: %.3g for each 100 that came)\n",
				results->outcome[i]->setup->label, results->study->of->failures, 100 * failed / rows);
	}
}

static void warn(struct outcome *outcome, double used)
{
	int64_t unfinished = 0;
	for (int r = 0; r < outcome->reps; r++)
		unfinished += outcome->rep[r].unfinished;
	if (round(used * 100) >= 100)
		message_warning("%s is saturated (%.0f %% in use): its latency grows as long as the load lasts; there "
				"is no steady "
				"state",
				outcome->setup->label, used * 100);
	else if (used >= 0.98)
		message_warning("%s is nearly full (%.0f %% in use): its latency takes long to settle, if it does",
				outcome->setup->label, used * 100);
	if (unfinished > 0)
		message_warning("%s: %" PRId64 " requests had not ended when the run did; see run: drain",
				outcome->setup->label, unfinished);
}

/* Replications that end in two ways: the values of the table are those of neither. */
static void add_groups(struct making *making, struct outcome *outcome)
{
	char low[SHOWN_VALUE], high[SHOWN_VALUE];
	for (const struct metric *metric = making->study->of->metrics; metric->name; metric++) {
		if (metric->kind != METRIC_TIME)
			continue;
		int mean = want(outcome, "mean", metric->name);
		struct groups groups = {.two = false};
		if (mean >= 0)
			groups = groups_find(outcome->value[mean], outcome->reps);
		if (groups.two)
			add_text(making,
				 arena_format(making->grid.arena,
					      "ends in two ways: in %d of %d replications %s takes some %s, in %d "
					      "some %s",
					      groups.high, outcome->reps, metric->name,
					      shown_value(groups.high_mean, QUANTITY_TIME, high), groups.low,
					      shown_value(groups.low_mean, QUANTITY_TIME, low)));
		return;
	}
}

/* Of the whole run. `part` NULL: of all. */
static double of_part(const struct outcome *outcome, const char *statistic, const char *part, const char *metric,
		      struct arena *arena)
{
	struct term term = outcome_term(statistic, part ? arena_format(arena, "%s.%s", part, metric) : metric);
	double value = replay_term(outcome->setup, &outcome->pooled, &term);
	return isnan(value) ? 0 : value;
}

/* The part of its threads that is taken: in the whole run, or in the last window. */
static double part_used(const struct outcome *outcome, const struct case_part *part, bool last, struct arena *arena)
{
	struct term busy = outcome_term("mean", arena_format(arena, "%s.busy", part->name));
	struct term size = outcome_term("mean", arena_format(arena, "%s.size", part->name));
	busy.windowed = size.windowed = last && measure_last_window(outcome->setup, &busy.window);
	size.window = busy.window;
	double taken = replay_term(outcome->setup, &outcome->pooled, &busy);
	double threads = replay_term(outcome->setup, &outcome->pooled, &size) * part->places;
	return threads > 0 && taken > 0 ? taken / threads : 0;
}

/* Of parts that a model has named, the busiest, and how much of its threads is taken. NULL: there are none. */
static const char *busiest(const struct outcome *outcome, double *most, struct arena *arena)
{
	const struct case_study *of = outcome->setup->of;
	struct case_parts parts = {0, NULL};
	if (of->parts)
		parts = of->parts(outcome->setup->params, arena);
	const char *name = NULL;
	*most = 0;
	for (int i = 0; i < parts.count; i++) {
		double used = part_used(outcome, &parts.part[i], true, arena);
		if (used > *most) {
			*most = used;
			name = parts.part[i].name;
		}
	}
	return name;
}

/* "70.9 % (cart)"; where there is no room for the name, a line of its own tells it. */
static struct grid_cell used_cell(struct making *making, const char *part, double used)
{
	struct arena *arena = making->grid.arena;
	const char *value = arena_format(arena, "%.1f %%", 100 * used);
	if (making->grid.form != GRID_NARROW)
		return (struct grid_cell){value, arena_format(arena, "(%s)", part)};
	add_text(making, arena_format(arena, "busiest    %s", part));
	return (struct grid_cell){value, ""};
}

static void add_outcome(struct making *making, struct outcome *outcome)
{
	const struct study *study = making->study;
	struct estimate used = estimate_of(study, outcome, study->of->utilisation);
	const struct estimate *told = &used;
	char window[RESULTS_WINDOW];
	int64_t label;
	int first = making->grid.rows;
	double most;
	const char *part = busiest(outcome, &most, making->grid.arena);
	making->name = outcome->setup->label;
	making->under = "";
	if (measure_last_window(outcome->setup, &label))
		making->under =
			arena_format(making->grid.arena, "at %s", results_window(outcome->setup, label, window));
	for (const char *const *entry = study->table; *entry; entry++) {
		int index = is_expression(*entry) ? -1 : metric_find(outcome->setup->metrics, *entry);
		if (is_expression(*entry)) {
			add_expression(making, outcome, *entry);
		} else if (index >= 0 && meter_hist(&outcome->pooled, index, -1)->count > 0) {
			add_metric(making, outcome, &outcome->setup->metrics[index], told);
			told = NULL;
		}
	}
	add_failures(making, outcome);
	add_groups(making, outcome);
	if (part && first < making->grid.rows && making->grid.row[first].label)
		making->grid.row[first].cell[GRID_CELLS - 1] = used_cell(making, part, most);
	warn(outcome, used.value);
}

void report_table(const struct results *results, bool markdown, FILE *into)
{
	const struct study *study = results->study;
	struct making making = {.study = study,
				.grid = {.form = grid_form(markdown, WIDE_COLUMNS), .title = study->of->name,
					 .head = {"mean", "p50", "p90", "p99", "p99.9", "max", "served"},
					 .arena = study->arena}};
	int reps = 0;
	if (study->of->utilisation || study->of->parts)
		making.grid.head[GRID_CELLS - 1] = "in use";
	if (study->of->used && making.grid.form != GRID_NARROW)
		making.grid.head[GRID_CELLS - 1] = arena_format(study->arena, "in use (%s)", study->of->used);
	put_broken(results, into);
	for (int i = 0; i < results->outcomes; i++) {
		if (results->outcome[i]->reps == 0)
			continue;
		add_outcome(&making, results->outcome[i]);
		reps = results->outcome[i]->reps > reps ? results->outcome[i]->reps : reps;
	}
	grid_print(&making.grid, into);
	if (study->of->used && making.grid.form == GRID_NARROW)
		fprintf(into, "in use: %s\n", study->of->used);
	if (reps > 1)
		fputs("± is half of the 95 % interval over replications\n", into);
	if (making.signs.narrow)
		grid_lines("> instead: it is wider than that; too few independent excursions lie beyond the percentile",
			   HANG, into);
	if (making.signs.at_least)
		fprintf(into, "%s before a value: requests had not ended, and took at least their age\n",
			making.grid.form == GRID_NARROW ? "≥" : ">=");
}

void report_each(const struct study *study, const struct outcome *outcome,
		 void (*each)(void *context, const struct outcome *outcome, int term), void *context)
{
	for (const char *const *entry = study->table; *entry; entry++) {
		int index = is_expression(*entry) ? -1 : metric_find(outcome->setup->metrics, *entry);
		if (index < 0 || meter_hist(&outcome->pooled, index, -1)->count == 0)
			continue;
		for (const char *const *statistic = shown; *statistic; statistic++) {
			struct term term = outcome_term(*statistic, *entry);
			term.windowed = measure_last_window(outcome->setup, &term.window);
			for (int i = 0; i < outcome->terms && strcmp(*statistic, "max") != 0; i++)
				if (outcome_same_term(&outcome->term[i], &term) &&
				    isfinite(outcome_estimate(outcome, i).value))
					each(context, outcome, i);
		}
	}
}

void report_warmup(struct outcome *const *outcome, int count, FILE *into)
{
	char cut[QUANTITY_TEXT], of[QUANTITY_TEXT];
	for (int i = 0; i < count; i++) {
		const struct warmup *warmup = &outcome[i]->warmup;
		if (!warmup->automatic)
			continue;
		if (warmup->steady)
			fprintf(into, "warm-up of %s: %s of %s, %.0f %%, are not counted\n", outcome[i]->setup->label,
				quantity_print_time(warmup->cut, cut), quantity_print_time(warmup->of, of),
				100 * (double)warmup->cut / (double)warmup->of);
		else
			message_warning("%s: there is no steady state: more than half of the trace would be warm-up; "
					"all of it is counted",
					outcome[i]->setup->label);
	}
}

const char *report_term(const struct outcome *outcome, int number, struct arena *arena)
{
	char window[RESULTS_WINDOW];
	const struct term *term = &outcome->term[number];
	const char *at = term->windowed ? results_window(outcome->setup, term->window, window) : "";
	return arena_format(arena, "%s(%s)[%s%s%s]", term->statistic, term->metric, outcome->setup->name,
			    *at ? " @ " : "", at);
}

/* The name of a part, below who calls it. */
static void put_part(const struct case_part *part, FILE *into)
{
	int indent = 2 * (part->depth < 8 ? part->depth : 8);
	fprintf(into, "%*s%-*.*s", indent, "", PART_WIDTH - indent, PART_WIDTH - indent, part->name);
}

/* How many of its threads are taken. */
static const char *part_in_use(const struct outcome *outcome, const struct case_part *part, char text[SHOWN_VALUE],
			       struct arena *arena)
{
	snprintf(text, SHOWN_VALUE, "%.1f %%", 100 * part_used(outcome, part, false, arena));
	return text;
}

static void put_parts(const struct outcome *outcome, struct case_parts parts, struct arena *arena, FILE *into)
{
	double requests = of_part(outcome, "count", NULL, "arrived", arena);
	fprintf(into, "\n%-*s %6s %8s %8s %8s %8s %7s\n", PART_WIDTH, "where the time goes", "visits", "takes", "waits",
		"works", "calls", "in use");
	for (int i = 0; i < parts.count && requests > 0; i++) {
		const char *name = parts.part[i].name;
		double visits = of_part(outcome, "count", name, "response", arena);
		double takes = of_part(outcome, "mean", name, "response", arena);
		double waits = of_part(outcome, "mean", name, "wait", arena);
		double works = visits > 0 ? of_part(outcome, "sum", name, "work", arena) / visits : 0;
		double calls = takes - waits - works > 1e-9 ? takes - waits - works : 0;
		const double value[] = {takes, waits, works, calls};
		char text[SHOWN_VALUE];
		put_part(&parts.part[i], into);
		fprintf(into, " %6.3g", visits / requests);
		for (size_t k = 0; k < sizeof value / sizeof *value; k++)
			fprintf(into, " %8s", visits > 0 ? shown_value(value[k], QUANTITY_TIME, text) : "-");
		fprintf(into, " %7s\n", part_in_use(outcome, &parts.part[i], text, arena));
	}
}

/* Several variants with the same parts, so many side by side. */
static void put_parts_beside(struct outcome *const *outcome, int count, struct case_parts parts, struct arena *arena,
			     FILE *into)
{
	char text[SHOWN_VALUE];
	fprintf(into, "\n%-*s", PART_WIDTH, "where the time goes");
	for (int v = 0; v < count; v++)
		fprintf(into, "  %*.*s", BESIDE_WIDTH, BESIDE_WIDTH, outcome[v]->setup->label);
	fprintf(into, "\n%-*s", PART_WIDTH, "");
	for (int v = 0; v < count; v++)
		fprintf(into, "  %8s %7s", "takes", "in use");
	fputc('\n', into);
	for (int i = 0; i < parts.count; i++) {
		const struct case_part *part = &parts.part[i];
		put_part(part, into);
		for (int v = 0; v < count; v++) {
			bool visited = of_part(outcome[v], "count", part->name, "response", arena) > 0;
			double takes = of_part(outcome[v], "mean", part->name, "response", arena);
			fprintf(into, "  %8s", visited ? shown_value(takes, QUANTITY_TIME, text) : "-");
			fprintf(into, " %7s", part_in_use(outcome[v], part, text, arena));
		}
		fputc('\n', into);
	}
}

static bool same_parts(struct case_parts a, struct case_parts b)
{
	bool same = a.count == b.count;
	for (int i = 0; i < a.count && same; i++)
		same = a.part[i].depth == b.part[i].depth && strcmp(a.part[i].name, b.part[i].name) == 0;
	return same;
}

void report_parts(struct outcome *const *outcome, int count, struct arena *arena, FILE *into)
{
	if (!outcome[0]->setup->of->parts)
		return;
	struct case_parts *parts = ARENA_ARRAY(arena, (size_t)count, struct case_parts);
	bool *told = ARENA_ARRAY(arena, (size_t)count, bool);
	for (int i = 0; i < count; i++) {
		told[i] = outcome[i]->reps == 0;
		parts[i] = outcome[i]->setup->of->parts(outcome[i]->setup->params, arena);
	}
	int columns = grid_columns(), most = PARTS_BESIDE;
	if (columns > 0 && (columns - PART_WIDTH) / (BESIDE_WIDTH + 2) < most)
		most = columns < PART_WIDTH + BESIDE_WIDTH + 2 ? 1 : (columns - PART_WIDTH) / (BESIDE_WIDTH + 2);
	for (int i = 0; i < count; i++) {
		struct outcome *beside[PARTS_BESIDE];
		int many = 0;
		for (int k = i; k < count && !told[i] && many < most; k++)
			if (!told[k] && same_parts(parts[i], parts[k]))
				beside[many++] = outcome[k];
		for (int k = i, left = many; left > 0; k++)
			if (outcome[k] == beside[many - left]) {
				told[k] = true;
				left--;
			}
		if (many == 1 && count == 1)
			put_parts(outcome[i], parts[i], arena, into);
		else if (many > 0)
			put_parts_beside(beside, many, parts[i], arena, into);
	}
}

/* The beginning of a line: when, and a bar over the time of the whole request. */
static void put_bar(const struct journey *whole, int64_t begin, int64_t end, int depth, FILE *into)
{
	char text[SHOWN_VALUE], bar[BAR + 1];
	int columns = grid_columns(), cells = columns > 0 && columns < NARROW_BAR ? BAR / 2 : BAR;
	double lasts = (double)(whole->end - whole->begin);
	int from = lasts > 0 ? (int)((double)(begin - whole->begin) / lasts * cells) : 0;
	int to = lasts > 0 ? (int)((double)(end - whole->begin) / lasts * cells) : 0;
	for (int c = 0; c < cells; c++)
		bar[c] = c >= from && (c < to || c == from) ? '#' : ' ';
	bar[cells] = '\0';
	fprintf(into, "%10s |%s| %*s", shown_value((double)(begin - whole->begin) * 1e-9, QUANTITY_TIME, text), bar,
		2 * depth, "");
}

static void put_step(const struct journey_step *step, FILE *into)
{
	struct arena arena;
	arena_init(&arena);
	fputs(step->part, into);
	if (step->number >= 0)
		fprintf(into, " %" PRId64, step->number);
	fprintf(into, " %s\n", shown_step(step, &arena));
	arena_free(&arena);
}

/* The steps of a request or a span and the spans within it, in the order of time. */
static void put_journey(const struct journey *whole, const struct journey *journey, int depth, FILE *into)
{
	char length[SHOWN_VALUE];
	int64_t end = journey->end < 0 ? whole->end : journey->end;
	const struct journey *span = journey->child;
	for (int s = 0; s < journey->steps || span;) {
		const struct journey_step *step = s < journey->steps ? &journey->step[s] : NULL;
		if (span && (!step || span->begin < step->time)) {
			double took = (double)(span->end - span->begin) * 1e-9;
			put_bar(whole, span->begin, span->end < 0 ? whole->end : span->end, depth, into);
			fprintf(into, "%s, %s\n", span->kind,
				span->end < 0 ? "not ended" : shown_value(took, QUANTITY_TIME, length));
			put_journey(whole, span, depth + 1, into);
			span = span->next;
			continue;
		}
		s++;
		put_bar(whole, step->time, s < journey->steps ? journey->step[s].time : end, depth, into);
		put_step(step, into);
	}
	if (journey->dropped > 0)
		fprintf(into, "%10s  and %d steps that took less\n", "", journey->dropped);
}

void report_slowest(const struct outcome *outcome, FILE *into)
{
	char length[SHOWN_VALUE], begin[SHOWN_VALUE];
	for (int i = 0; i < outcome->journeys && i < outcome->slowest; i++) {
		const struct journey *journey = &outcome->journey[i];
		double whole = (double)(journey->end - journey->begin);
		fprintf(into, "\n%s: %s %" PRIu64 " took %s, from %s on\n", outcome->setup->label, journey->kind,
			journey->id, shown_value(whole * 1e-9, QUANTITY_TIME, length),
			shown_value((double)journey->begin * 1e-9, QUANTITY_TIME, begin));
		put_journey(journey, journey, 0, into);
		if (journey->missing > 0)
			fprintf(into, "%10s  and %d spans after the first %d\n", "", journey->missing, JOURNEY_SPANS);
	}
}

const char *report_left_out(const struct row_records *records, struct arena *arena)
{
	long long read = records->taken + records->left_out + records->skipped;
	return arena_format(arena, "%lld of %lld rows left out (where, from, to)", (long long)records->left_out, read);
}

void report_claims(struct judgement *const *judgement, int count, struct arena *arena, FILE *into)
{
	const char *text;
	int holds = 0;
	for (int i = 0; i < count; i++)
		holds += judgement[i]->holds == VERDICT_YES;
	if (count == 0)
		return;
	text = arena_format(arena, "claims: %d of the %d that this run shows hold", holds, count);
	for (int i = 0; i < count; i++)
		text = arena_format(arena, "%s%s %s %s", text, i ? "," : ":", judgement[i]->claim->id,
				    verdict_names[judgement[i]->holds]);
	grid_lines(text, HANG, into);
}
