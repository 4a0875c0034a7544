/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes of what `make bench BENCH_FLAGS=--json` printed the table of docs/performance.md, on stdout, and its figures,
 * by the code that draws those of runs.
 *
 *   report RESULTS.json DIR PLOTS FOOTER     figures go to DIR, which exists; PLOTS is the directory of the *.gp
 */
#include "bench.h"

#include "plot/figure_files.h"

#include <jansson.h>
#include <math.h>

static const char vs[] = "M/M/1, a customer: against ";

static const char *name_of(const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "name"));
	CHECK(name);
	return name;
}

/* NaN where there is none: the line was skipped. */
static double number(const json_t *line, const char *key)
{
	const json_t *value = json_object_get(line, key);
	return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The first line whose name starts so; it must be there. */
static const json_t *line_of(const json_t *results, const char *start)
{
	size_t i;
	json_t *line;
	json_array_foreach(results, i, line)
		if (starts(name_of(line), start))
			return line;
	fprintf(stderr, "bench/report: no line \"%s...\" in the results\n", start);
	exit(1);
}

/* ---- the table ---- */

static void print_number(const char *form, double value)
{
	if (isnan(value))
		printf(" - |");
	else
		printf(form, value);
}

static void table(const json_t *results)
{
	size_t i;
	json_t *line;
	printf("| what | ns | bound, ns | ratio | at most | met |\n|---|---|---|---|---|---|\n");
	json_array_foreach(results, i, line) {
		const char *why = json_string_value(json_object_get(line, "why"));
		if (json_object_get(line, "requests"))
			continue;
		printf("| %s |", name_of(line));
		print_number(" %.2f |", number(line, "ns"));
		print_number(" %.2f |", number(line, "bound_ns"));
		print_number(" %.3g |", number(line, "ratio"));
		print_number(" %.3g |", number(line, "target"));
		const json_t *met = json_object_get(line, "met");
		printf(" %s |\n", why ? why : json_is_true(met) ? "yes" : json_is_false(met) ? "no" : "-");
	}
	printf("\n| what | requests | events a request | requests a second | seconds | all of it, seconds |\n"
	       "|---|---|---|---|---|---|\n");
	json_array_foreach(results, i, line)
		if (json_object_get(line, "requests"))
			printf("| %s | %.0f | %.2f | %.0f | %.2f | %.2f |\n", name_of(line), number(line, "requests"),
			       number(line, "events_per_request"), number(line, "requests_per_second"),
			       number(line, "seconds"), number(line, "whole_seconds"));
}

/* ---- the figures ---- */

static const char *duration(struct arena *arena, double ns)
{
	return ns < 1000 ? arena_format(arena, "%.3g ns", ns) : arena_format(arena, "%.3g µs", ns / 1000);
}

struct rival {
	const char *name;
	double ns;
};

/* "... against SimPy 3.0.11, processes" -> "SimPy 3.0.11" */
static const char *short_name(struct arena *arena, const json_t *line)
{
	const char *name = name_of(line) + strlen(vs);
	return arena_text_of(arena, name, strcspn(name, ","));
}

static int slower_first(const void *a, const void *b)
{
	const struct rival *x = a, *y = b;
	return (x->ns < y->ns) - (x->ns > y->ns);
}

/* A bar for each simulator, from the bound to what a customer costs by it. */
static struct figure *customers(struct arena *arena, const json_t *results)
{
	enum { MOST = 32 };
	struct rival rival[MOST];
	const json_t *parts = line_of(results, "M/M/1, a customer: parts");
	double own = number(parts, "ns"), bound = number(parts, "bound_ns");
	int count = 1;
	size_t i;
	json_t *line;
	rival[0] = (struct rival){"casebook", own};
	json_array_foreach(results, i, line)
		if (starts(name_of(line), vs) && !strstr(name_of(line), "bound") && number(line, "bound_ns") > 0 &&
		    count < MOST)
			rival[count++] = (struct rival){short_name(arena, line), number(line, "bound_ns")};
	if (count < 2) {
		fprintf(stderr, "bench/report: no other simulator was measured, so there is no figure of them\n");
		return NULL;
	}
	qsort(rival, (size_t)count, sizeof *rival, slower_first);
	const struct rival *fastest = &rival[count - 1], *next = &rival[count - 2];
	struct figure *figure =
		figure_new(arena, FIGURE_TORNADO, "performance-customer",
			   arena_format(arena, "A customer of M/M/1 costs %s by %s, %s by %s",
					duration(arena, fastest->ns), fastest->name, duration(arena, next->ns),
					next->name));
	figure->subtitle = "Processor time at load 0.9. Bars begin at the bound: a program for this one model";
	figure->x.label = "a customer";
	figure->x.log = true;
	figure->y.category = ARENA_ARRAY(arena, (size_t)count, const char *);
	figure->y.categories = count;
	struct figure_series *bars = figure_add_series(figure, "", FIGURE_NORMAL, FIGURE_LINE);
	const char *description = arena_format(arena, "Bars, on a logarithmic axis. Bound by hand: %s a customer.",
					       duration(arena, bound));
	for (int r = 0; r < count; r++) {
		const char *text = duration(arena, rival[r].ns);
		figure->y.category[r] = arena_format(arena, "%s: %s", rival[r].name, text);
		description = arena_format(arena, "%s\n%s: %s, %.3g times the bound, %.3g times casebook.", description,
					   rival[r].name, text, rival[r].ns / bound, rival[r].ns / own);
		figure_point(bars, rival[r].ns, r);
	}
	figure->description = description;
	figure_mark_x(figure, bound, arena_format(arena, "bound: %s", duration(arena, bound)));
	return figure;
}

/* ns a hold over the number of pending events. */
static struct figure *holds(struct arena *arena, const json_t *results)
{
	static const struct {
		const char *name;
		double pending;
	} size[] = {{"16", 16}, {"1k", 1e3}, {"100k", 1e5}, {"1M", 1e6}};
	struct figure *figure = figure_new(arena, FIGURE_LINES, "performance-hold",
					   "What it costs to take an event and schedule another");
	figure->subtitle = "Hold model: the earliest event schedules one an exponential time later";
	figure->x.label = "pending events";
	figure->x.log = figure->y.log = true;
	figure->y.label = "a hold";
	struct figure_series *own = figure_add_series(figure, "casebook", FIGURE_NORMAL, FIGURE_LINE);
	struct figure_series *bound = figure_add_series(figure, "bound: a queue of times and nothing else",
							FIGURE_FORMULA, FIGURE_LINE);
	struct figure_series *theirs = figure_add_series(figure, "ns-3", FIGURE_BASELINE, FIGURE_LINE);
	for (size_t s = 0; s < sizeof size / sizeof *size; s++) {
		const json_t *line = line_of(
			results, arena_format(arena, "hold, %s pending: sim_after", size[s].name));
		figure_point(own, size[s].pending, number(line, "ns"));
		figure_point(bound, size[s].pending, number(line, "bound_ns"));
		line = line_of(results, arena_format(arena, "hold, %s pending: against ns-3", size[s].name));
		figure_point(theirs, size[s].pending, number(line, "bound_ns"));
	}
	return figure;
}

int main(int count, char **word)
{
	static struct err err;
	struct arena arena;
	json_error_t error;
	struct figure *figure[2];
	int figures = 0;
	if (count != 5) {
		fprintf(stderr, "usage: report RESULTS.json DIR PLOTS FOOTER\n");
		return 2;
	}
	arena_init(&arena);
	err_init(&err);
	json_t *results = json_load_file(word[1], 0, &error);
	if (!results) {
		fprintf(stderr, "bench/report: %s:%d: %s\n", word[1], error.line, error.text);
		return 1;
	}
	table(results);
	figure[figures] = customers(&arena, results);
	figures += figure[figures] != NULL;
	figure[figures++] = holds(&arena, results);
	for (int f = 0; f < figures; f++)
		figure[f]->footer = word[4];
	bool fine = figure_write_all(figure, figures, word[2], FIGURE_SVG, word[3], &err);
	for (int i = 0; i < err.count && i < ERR_MAX; i++)
		fprintf(stderr, "bench/report: %s\n", err.message[i].text);
	json_decref(results);
	arena_free(&arena);
	return !fine;
}
