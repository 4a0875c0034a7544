/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"
#include "cli/message.h"
#include "exec/measure.h"
#include "stats/groups.h"
#include "stats/shown.h"
#include "run/names.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SHOWN_METRICS = 2, BAR = 40, PART_WIDTH = 28, PARTS_BESIDE = 5, BESIDE_WIDTH = 16 };
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

void report_want(const struct study *study, struct outcome *outcome, struct err *err)
{
	int left = SHOWN_METRICS;
	for (const struct metric *metric = study->of->metrics; metric->name && left > 0; metric++) {
		if (metric->kind != METRIC_TIME)
			continue;
		for (const char *const *statistic = shown; *statistic; statistic++)
			want(outcome, *statistic, metric->name);
		want_expression(study, outcome, served(study, metric->name), err);
		left--;
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
 * " ±4.1%", or "": half the width of the interval, as a part of the value. " >4.1%": it should be wider. Nothing where
 * nothing random was drawn.
 */
static const char *half_width(const struct estimate *estimate, char *buffer)
{
	double part = estimate->high == estimate->low ? 0
						       : (estimate->high - estimate->low) / 2 / fabs(estimate->value);
	*buffer = '\0';
	if (isfinite(part))
		snprintf(buffer, SHOWN_VALUE, part == 0 || part >= 0.0995 ? " %s%.0f%%" : " %s%.1f%%",
			 estimate->narrow ? ">" : "±", 100 * part);
	return buffer;
}

enum { NAME_WIDTH = 18, VALUE_WIDTH = 8, HALF_WIDTH = 6 };

/* The spaces that should follow; ± has two bytes. */
static int put_estimate(const struct estimate *estimate, const char *text, FILE *into)
{
	char half[SHOWN_VALUE];
	half_width(estimate, half);
	char at_least[SHOWN_VALUE + 2];
	snprintf(at_least, sizeof at_least, "%s%s", estimate->at_least ? ">=" : "", text);
	fprintf(into, " %*s%s", VALUE_WIDTH, at_least, half);
	return HALF_WIDTH - (int)strlen(half) + (strstr(half, "±") ? 1 : 0);
}

/* What the table's signs have been used for. */
struct signs {
	bool narrow, at_least;
};

static void put_row(const struct study *study, struct outcome *outcome, const char *metric, const char *name,
		    const struct estimate *used, struct signs *signs, FILE *into)
{
	char text[SHOWN_VALUE];
	int spaces = 0;
	if (strlen(name) > NAME_WIDTH) {
		fprintf(into, "%s\n", name);
		name = "";
	}
	fprintf(into, "%-*s %-10.10s", NAME_WIDTH, name, metric);
	for (const char *const *statistic = shown; *statistic; statistic++) {
		struct estimate value = outcome_estimate(outcome, want(outcome, *statistic, metric));
		signs->narrow |= value.narrow;
		signs->at_least |= value.at_least;
		fprintf(into, "%*s", spaces, "");
		spaces = put_estimate(&value, shown_value(value.value, QUANTITY_TIME, text), into);
	}
	struct estimate rate = estimate_of(study, outcome, served(study, metric));
	fprintf(into, "%*s", spaces, "");
	spaces = put_estimate(&rate, shown_value(rate.value, QUANTITY_RATE, text), into);
	if (used && isfinite(used->value)) {
		snprintf(text, sizeof text, "%.1f %%", used->value * 100);
		fprintf(into, "%*s", spaces, "");
		put_estimate(used, text, into);
	}
	fputc('\n', into);
}

/* How many requests were not served in the whole run, of how many; false where the case does not say. */
static bool failures_of(const struct study *study, const struct outcome *outcome, double *failed, double *rows)
{
	*failed = *rows = 0;
	if (!study->of->failures)
		return false;
	*failed = (double)meter_total(&outcome->pooled, metric_find(study->of->metrics, study->of->failures), -1);
	int arrived = metric_find(study->of->metrics, "arrived");
	for (int r = 0; r < outcome->reps; r++)
		*rows += (double)outcome->rep[r].rows;
	if (arrived >= 0) /* there may be clients beside the trace */
		*rows = (double)meter_total(&outcome->pooled, arrived, -1);
	return *failed > 0 && *rows > 0;
}

/* In the whole run, which is said where the table shows the last window. */
static void put_failures(const struct study *study, struct outcome *outcome, FILE *into)
{
	char text[SHOWN_VALUE], all[SHOWN_VALUE];
	double failed, rows;
	int64_t label;
	if (failures_of(study, outcome, &failed, &rows))
		fprintf(into, "%-18s %-10s %s of %s%s, %.3g %%\n", "", study->of->failures,
			shown_value(failed / outcome->reps, QUANTITY_COUNT, text),
			shown_value(rows / outcome->reps, QUANTITY_COUNT, all),
			measure_last_window(outcome->setup, &label) ? " in the whole run" : "", failed / rows * 100);
}

/* Before anything else: latency of what fails is no latency. */
static void put_broken(const struct results *results, FILE *into)
{
	for (int i = 0; i < results->outcomes; i++) {
		double failed, rows;
		if (failures_of(results->study, results->outcome[i], &failed, &rows) && failed > rows / 2)
			fprintf(into, "%s: most of its requests were not served (%s: %.3g for each 100 that came)\n",
				results->outcome[i]->setup->name, results->study->of->failures, 100 * failed / rows);
	}
}

static void warn(struct outcome *outcome, double used)
{
	int64_t unfinished = 0;
	for (int r = 0; r < outcome->reps; r++)
		unfinished += outcome->rep[r].unfinished;
	if (used >= 0.98)
		message_warning("%s is saturated (%.0f %% in use): its latency grows as long as the load lasts; there "
				"is no steady "
				"state",
				outcome->setup->name, used * 100);
	if (unfinished > 0)
		message_warning("%s: %" PRId64 " requests had not ended when the run did; see run: drain",
				outcome->setup->name, unfinished);
}

/* Replications that end in two ways: the values of the table are those of neither. */
static void put_groups(const struct study *study, struct outcome *outcome, FILE *into)
{
	char low[SHOWN_VALUE], high[SHOWN_VALUE];
	for (const struct metric *metric = study->of->metrics; metric->name; metric++) {
		if (metric->kind != METRIC_TIME)
			continue;
		int mean = want(outcome, "mean", metric->name);
		struct groups groups = {.two = false};
		if (mean >= 0)
			groups = groups_find(outcome->value[mean], outcome->reps);
		if (groups.two)
			fprintf(into,
				"%-18s ends in two ways: in %d of %d replications %s takes some %s, in %d some %s\n",
				"", groups.high, outcome->reps, metric->name,
				shown_value(groups.high_mean, QUANTITY_TIME, high), groups.low,
				shown_value(groups.low_mean, QUANTITY_TIME, low));
		return;
	}
}

void report_table(const struct results *results, FILE *into)
{
	const struct study *study = results->study;
	char window[RESULTS_WINDOW];
	static const char *const heads[] = {"mean", "p50", "p90", "p99", "p99.9", "max", "served", "in use", NULL};
	int reps = 0;
	struct signs signs = {false, false};
	put_broken(results, into);
	fprintf(into, "%-29s", study->of->name);
	for (const char *const *head = heads; *head; head++)
		fprintf(into, " %*s%-*s", VALUE_WIDTH, *head, head[1] ? HALF_WIDTH : 0, "");
	fputc('\n', into);
	for (int i = 0; i < results->outcomes; i++) {
		struct outcome *outcome = results->outcome[i];
		int64_t label;
		struct estimate used = estimate_of(study, outcome, study->of->utilisation);
		const char *name = outcome->setup->name;
		if (outcome->reps == 0)
			continue;
		int left = SHOWN_METRICS, rows = 0;
		bool windows = measure_last_window(outcome->setup, &label);
		for (const struct metric *metric = study->of->metrics; metric->name && left > 0; metric++) {
			if (metric->kind != METRIC_TIME)
				continue;
			bool second = left-- < SHOWN_METRICS;
			if (meter_hist(&outcome->pooled, (int)(metric - study->of->metrics), -1)->count == 0)
				continue;
			if (second && windows)
				name = arena_format(study->arena, "  at %s",
						    results_window(outcome->setup, label, window));
			else if (second)
				name = "";
			put_row(study, outcome, metric->name, name, second ? NULL : &used, &signs, into);
			rows++;
		}
		if (rows == 1 && windows)
			fprintf(into, "  at %s\n", results_window(outcome->setup, label, window));
		put_failures(study, outcome, into);
		put_groups(study, outcome, into);
		warn(outcome, used.value);
		reps = outcome->reps > reps ? outcome->reps : reps;
	}
	if (reps > 1)
		fputs("± is half of the 95 % interval over replications\n", into);
	if (signs.narrow)
		fputs("> instead: it is wider than that; too few independent excursions lie beyond the percentile\n",
		      into);
	if (signs.at_least)
		fputs(">= before a value: requests had not ended, and took at least their age\n", into);
}

void report_each(const struct study *study, const struct outcome *outcome,
		 void (*each)(void *context, const struct outcome *outcome, int term), void *context)
{
	int left = SHOWN_METRICS;
	for (const struct metric *metric = study->of->metrics; metric->name && left > 0; metric++) {
		if (metric->kind != METRIC_TIME)
			continue;
		left--;
		if (meter_hist(&outcome->pooled, (int)(metric - study->of->metrics), -1)->count == 0)
			continue;
		for (const char *const *statistic = shown; *statistic; statistic++) {
			struct term term = outcome_term(*statistic, metric->name);
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
			fprintf(into, "warm-up of %s: %s of %s, %.0f %%, are not counted\n", outcome[i]->setup->name,
				quantity_print_time(warmup->cut, cut), quantity_print_time(warmup->of, of),
				100 * (double)warmup->cut / (double)warmup->of);
		else
			message_warning("%s: there is no steady state: more than half of the trace would be warm-up; "
					"all of it is counted",
					outcome[i]->setup->name);
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

static double of_part(const struct outcome *outcome, const char *statistic, const char *part, const char *metric,
		      struct arena *arena)
{
	struct term term = outcome_term(statistic, part ? arena_format(arena, "%s.%s", part, metric) : metric);
	double value = replay_term(outcome->setup, &outcome->pooled, &term);
	return isnan(value) ? 0 : value;
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
	double threads = of_part(outcome, "mean", part->name, "size", arena) * part->places;
	double busy = of_part(outcome, "mean", part->name, "busy", arena);
	snprintf(text, SHOWN_VALUE, "%.1f %%", threads > 0 ? 100 * busy / threads : 0.);
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
		fprintf(into, "  %*.*s", BESIDE_WIDTH, BESIDE_WIDTH, outcome[v]->setup->name);
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
	for (int i = 0; i < count; i++) {
		struct outcome *beside[PARTS_BESIDE];
		int many = 0;
		for (int k = i; k < count && !told[i] && many < PARTS_BESIDE; k++)
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
	double lasts = (double)(whole->end - whole->begin);
	int from = lasts > 0 ? (int)((double)(begin - whole->begin) / lasts * BAR) : 0;
	int to = lasts > 0 ? (int)((double)(end - whole->begin) / lasts * BAR) : 0;
	for (int c = 0; c < BAR; c++)
		bar[c] = c >= from && (c < to || c == from) ? '#' : ' ';
	bar[BAR] = '\0';
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
		fprintf(into, "\n%s: %s %" PRIu64 " took %s, from %s on\n", outcome->setup->name, journey->kind,
			journey->id, shown_value(whole * 1e-9, QUANTITY_TIME, length),
			shown_value((double)journey->begin * 1e-9, QUANTITY_TIME, begin));
		put_journey(journey, journey, 0, into);
		if (journey->missing > 0)
			fprintf(into, "%10s  and %d spans after the first %d\n", "", journey->missing, JOURNEY_SPANS);
	}
}

void report_claims(struct judgement *const *judgement, int count, FILE *into)
{
	int holds = 0;
	for (int i = 0; i < count; i++)
		holds += judgement[i]->holds == VERDICT_YES;
	if (count == 0)
		return;
	fprintf(into, "claims: %d of the %d that this run shows hold", holds, count);
	for (int i = 0; i < count; i++)
		fprintf(into, "%s %s %s", i ? "," : ":", judgement[i]->claim->id, verdict_names[judgement[i]->holds]);
	fputc('\n', into);
}
