/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/manual.h"
#include "cases/case.h"
#include "cli/reference.h"
#include "run/figures.h"

#include <string.h>

/* ---- commands ---- */

static void options_items(struct page *page, const struct option *options)
{
	char name[OPTIONS_NAME];
	for (; options && options->name; options++)
		page_item(page, options_name(options, name), NULL, options->help);
}

static void see_also(struct page *page, const struct manual_page *of, struct arena *arena)
{
	const char *text = "";
	page_heading(page, 1, "See also");
	for (const struct manual_page *each = manual_pages(arena); each->name; each++)
		if (strcmp(each->name, of->name) != 0 || each->section != of->section)
			text = arena_format(arena, "%s%s`%s`(%d)", text, *text ? ", " : "", each->name, each->section);
	page_paragraph(page, text);
}

static void exit_section(struct page *page, struct arena *arena)
{
	page_heading(page, 1, "Exit status");
	for (const struct exit_status *each = exit_statuses; each->means; each++)
		page_item(page, arena_format(arena, "%d", each->status), NULL, each->means);
}

static const char *synopsis(const struct command *command, const struct command *above, struct arena *arena)
{
	return arena_format(arena, "casebook %s%s%s%s%s%s", above ? above->name : "", above ? " " : "", command->name,
			    command->options ? " [OPTION...]" : "", command->operands && *command->operands ? " " : "",
			    command->operands ? command->operands : "");
}

static void print_command(struct page *page, const struct manual_page *of, struct arena *arena)
{
	const struct command *command = of->command;
	const char *lines = "";
	for (const struct command *const *each = command->commands; each && *each; each++)
		lines = arena_format(arena, "%s%s\n", lines, synopsis(*each, command, arena));
	page_heading(page, 1, "Synopsis");
	page_lines(page, "", command->commands ? lines : synopsis(command, NULL, arena));
	if (command->detail) {
		page_heading(page, 1, "Description");
		page_detail(page, command->detail);
	}
	for (const struct command *const *each = command->commands; each && *each; each++) {
		page_heading(page, 1, arena_format(arena, "%s %s", command->name, (*each)->name));
		page_paragraph(page, (*each)->about);
		if ((*each)->detail)
			page_detail(page, (*each)->detail);
		options_items(page, (*each)->options);
	}
	page_heading(page, 1, "Options");
	options_items(page, command->options);
	options_items(page, options_of_all);
	exit_section(page, arena);
}

static void print_program(struct page *page, const struct manual_page *of, struct arena *arena)
{
	(void)of;
	page_heading(page, 1, "Synopsis");
	page_lines(page, "", "casebook COMMAND [OPTION...] [OPERAND...]");
	page_heading(page, 1, "Description");
	page_paragraph(
		page,
		"casebook replays a trace of timed requests through a parameterised model of an architecture, in "
		"simulated time, and shows latency and throughput as numbers and figures, and whether what people "
		"say about the architecture follows from its mechanism. What is replayed is a model file: one of "
		"the cases that come with casebook, or one of your own.");
	page_heading(page, 1, "Commands");
	for (const struct command *const *each = commands; *each; each++)
		page_item(page, (*each)->name, NULL, (*each)->about);
	page_heading(page, 1, "Options of every command");
	options_items(page, options_of_all);
	page_paragraph(page,
		       "Options and operands may be mixed; `--` ends the options. Data are printed on standard output, "
		       "all else on standard error. Model parameters never come from the environment or from a file "
		       "that is not named.");
	page_heading(page, 1, "Examples");
	page_item(page, "casebook list", NULL, "the cases");
	page_item(page, "casebook run station", NULL,
		  "replays the smallest; numbers and figures go to casebook-station/");
	page_item(page, "casebook run discord --variant cassandra-2017 --set nodes=48 --slowest 1", NULL,
		  "one variant, with another fleet, and why its slowest request took so long");
	page_item(page, "casebook verify station", NULL, "judges its claims, and again without what causes them");
	page_item(page, "casebook init station my", NULL, "a copy of the model in my/, to change");
	exit_section(page, arena);
	page_heading(page, 1, "Environment");
	page_item(page, "NO_COLOR", NULL, "no colours on a terminal, unless --color says otherwise");
	page_item(page, "TMPDIR", NULL, "where temporary files go");
	page_heading(page, 1, "Files");
	page_item(page, "models/, traces/, plots/", NULL,
		  "models, recipes and scripts for figures that come with casebook: beside the program, or in its data "
		  "directory");
}

/* ---- files ---- */

static void print_key(struct page *page, const struct reference_section *all, int count,
		      const struct reference_key *key, struct arena *arena)
{
	const char *type = reference_type(all, count, key->type, arena);
	const char *fallback = !key->fallback   ? "; must be given"
			       : *key->fallback ? arena_format(arena, "; default: %s", key->fallback)
						: "";
	page_item(page, key->name, arena_format(arena, "%s%s", type, fallback), key->help);
}

static void print_section(struct page *page, const struct reference_section *all, int count,
			  const struct reference_section *section, struct arena *arena)
{
	page_heading(page, 2, section->where);
	page_paragraph(page, section->about);
	if (strcmp(section->id, "drawn") == 0)
		for (const struct figures_row *row = figures_rows; row->name; row++) {
			const char *keys = "";
			for (const char *const *name = row->keys; *name; name++)
				keys = arena_format(arena, "%s%s%s", keys, *keys ? ", " : "", *name);
			page_item(page, arena_format(arena, "kind: %s", row->name), NULL,
				  arena_format(arena, "takes %s", keys));
		}
	for (int k = 0; k < section->keys; k++)
		print_key(page, all, count, &section->key[k], arena);
	if (section->example)
		page_lines(page, "yaml", section->example);
}

static void print_sections(struct page *page, bool of_traces, struct arena *arena)
{
	int count;
	const struct reference_section *all = reference_sections(arena, &count);
	for (int i = 0; i < count; i++)
		if ((strncmp(all[i].where, "trace:", 6) == 0) == of_traces)
			print_section(page, all, count, &all[i], arena);
}

static void print_values(struct page *page, struct arena *arena)
{
	char ways[DIST_WAYS];
	page_heading(page, 1, "Values");
	page_paragraph(page, "Whatever has a dimension has a unit. Units are case-sensitive.");
	for (enum quantity_kind kind = QUANTITY_COUNT; kind <= QUANTITY_RATE; kind++)
		page_item(page, quantity_name(kind), NULL, arena_format(arena, "%s", quantity_units(kind)));
	page_paragraph(page,
		       "A distribution is written by what is known of it; a quantity alone is a constant. In a map or "
		       "list in braces or brackets one that holds a comma must be quoted.");
	for (enum dist_kind kind = 0; kind < DIST_KINDS; kind++)
		page_item(page, dist_ways(kind, ways), NULL,
			  kind == DIST_EMPIRICAL ? "one of the values in a file; also written hist"
			  : kind == DIST_MIX     ? "one of several, by their weights"
			  : kind == DIST_ZIPF ? "ranks 1 ... n times step, rank k in proportion to k to the power of -s"
			  : kind == DIST_NORMAL ? "before it is cut off at 0; the mean that remains is larger"
						: "");
}

static void print_expressions(struct page *page)
{
	page_heading(page, 1, "Expressions");
	page_paragraph(page,
		       "Claims, figures and sentences name what is measured as `STATISTIC(METRIC)[VARIANT @ WINDOW]`. "
		       "With one variant its name may be left out; without a window it is of the whole run.");
	page_item(page, "of a time or an amount", NULL,
		  "p50 p90 p99 p99.9 (any percentile), mean, sd, min, max, count, rate, sum");
	page_item(page, "of a count", NULL, "count, rate");
	page_item(page, "of work", NULL, "sum (seconds), rate (seconds per second)");
	page_item(page, "of a level", NULL, "mean and sd (over time), max");
	page_item(page, "knee(METRIC)", NULL,
		  "the offered load up to which p99 of a time stays within 3 times its value in the "
		  "first window");
	page_item(page, "offered()", NULL, "rows per second of the whole fleet");
	page_item(page, "param(KEY)", NULL, "a parameter; of a distribution its mean");
	page_paragraph(
		page,
		"They are joined by + - * / and parentheses, log(x), min(a, b), max(a, b) and abs(x), and compared "
		"by < <= > >=, `in LOW..HIGH`, and `= VALUE within 1 %`. Times are seconds, sizes bytes, rates per "
		"second; numbers in them carry units.");
}

static void print_model(struct page *page, const struct manual_page *of, struct arena *arena)
{
	(void)of;
	page_heading(page, 1, "Description");
	page_paragraph(
		page,
		"A model file is YAML. It names a case, and says what is replayed, through which designs, what is "
		"expected, and what is drawn. An unknown key is an error with its place and a suggestion; keys "
		"that begin with `x-` are notes. Examples below lie over this one, base.yaml, unless they name a "
		"case of their own:");
	page_lines(page, "yaml", reference_base);
	print_values(page, arena);
	print_expressions(page);
	page_heading(page, 1, "Sections");
	print_sections(page, false, arena);
}

static void print_trace(struct page *page, const struct manual_page *of, struct arena *arena)
{
	(void)of;
	page_heading(page, 1, "Description");
	page_paragraph(
		page,
		"A trace is a file of rows, one a request, in the order of their time: CSV, JSON lines, a web server's "
		"log, or fields with blanks between them, plain or compressed (.gz, .zst, .xz, .bz2, .lz4), or packed "
		"(.cbt, `casebook trace convert`). What `casebook trace gen` writes has the columns time_ns, window, "
		"window_start_ns, window_lasts_ns and "
		"those of the case, and needs no map. Any other file is read through the map that the section "
		"`trace:` of a model file holds. Where there is no file, rows are made by a recipe.");
	page_paragraph(
		page,
		"A window is a part of the trace for which results are told: a date, or the number of a step. Rows "
		"of one window that follow one another are one stretch of time.");
	page_heading(page, 1, "Sections");
	print_sections(page, true, arena);
}

static void print_params(struct page *page, const struct param *table, const char *before, struct arena *arena)
{
	for (const struct param *row = table; row->name; row++) {
		char type[PARAM_TEXT], range[PARAM_TEXT];
		const char *name = arena_format(arena, "%s%s", before, row->name);
		const char *fallback = param_fallback_text(row);
		param_type_text(row, type, sizeof type);
		param_range_text(row, range, sizeof range);
		page_item(page, name,
			  arena_format(arena, "%s%s%s; %s%s", type, *range ? ", " : "", range,
				       fallback ? "default: " : "must be given", fallback ? fallback : ""),
			  row->help);
		if (param_is_table(row))
			print_params(page, row->rows, arena_format(arena, "%s.NAME.", name), arena);
	}
}

static void print_row_metrics(struct page *page, const struct param *table, const char *before, struct arena *arena)
{
	for (const struct param *row = table; row->name; row++) {
		if (!param_is_table(row))
			continue;
		const char *name = arena_format(arena, "%sNAME.", before);
		for (const struct metric *metric = row->metrics; metric && metric->name; metric++)
			page_item(page, arena_format(arena, "%s%s", name, metric->name), metric_kinds[metric->kind],
				  arena_format(arena, "%s; of each of the %s", metric->help, row->name));
		print_row_metrics(page, row->rows, name, arena);
	}
}

static void print_case(struct page *page, const struct case_study *of, struct arena *arena)
{
	page_heading(page, 1, of->name);
	page_paragraph(page, of->about);
	page_heading(page, 2, "parameters");
	print_params(page, of->params, "", arena);
	page_heading(page, 2, "columns of a trace");
	for (const struct column *column = of->columns; column->name; column++)
		page_item(page, column->name,
			  column->missing ? arena_format(arena, "%s; without it: %s", column_types[column->type],
							 *column->missing ? column->missing : "the first")
					  : column_types[column->type],
			  column->help);
	page_heading(page, 2, "metrics");
	for (const struct metric *metric = of->metrics; metric->name; metric++)
		page_item(page, metric->name, metric_kinds[metric->kind], metric->help);
	print_row_metrics(page, of->params, "", arena);
	if (of->faults && of->faults[0].name)
		page_heading(page, 2, "faults");
	for (const struct fault_kind *kind = of->faults; kind && kind->name; kind++)
		page_item(page,
			  arena_format(arena, "%s%s%s%s", kind->name, kind->target ? " " : "",
				       kind->target ? kind->target : "",
				       kind->factor ? " by FACTOR"
				       : kind->rate ? " at RATE"
						    : ""),
			  NULL, kind->help);
}

static void print_cases(struct page *page, const struct manual_page *of, struct arena *arena)
{
	(void)of;
	page_heading(page, 1, "Description");
	page_paragraph(
		page, "What can be said under `model:` of each case, the columns that its trace has, what it measures, "
		      "and what can break. `casebook show CASE` tells the values of its variants, and where each comes "
		      "from.");
	for (const struct case_study *const *each = case_studies; *each; each++)
		print_case(page, *each, arena);
}

/* ---- all of them ---- */

const struct manual_page *manual_pages(struct arena *arena)
{
	static const struct manual_page files[] = {
		{"casebook-model", 5, NULL, print_model, "model", "what a model file of casebook may say"},
		{"casebook-trace", 5, NULL, print_trace, "trace-file",
		 "traces and recipes of casebook, and maps of columns"},
		{"casebook-cases", 7, NULL, print_cases, "cases",
		 "parameters, columns, metrics and faults of each case"}};
	int count = 0, at = 0;
	while (commands[count])
		count++;
	struct manual_page *pages = ARENA_ARRAY(arena, (size_t)count + 5, struct manual_page);
	pages[at++] = (struct manual_page){
		"casebook",    1,          NULL,
		print_program, "casebook", "replays traces of timed requests through models of real architectures"};
	for (int i = 0; i < count; i++)
		pages[at++] = (struct manual_page){arena_format(arena, "casebook-%s", commands[i]->name),
						   1,
						   commands[i],
						   print_command,
						   commands[i]->name,
						   commands[i]->about};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		pages[at++] = files[i];
	return pages;
}

void manual_print(const struct manual_page *of, struct page *page, struct arena *arena)
{
	page_title(page, of->name, of->section, of->about);
	of->body(page, of, arena);
	see_also(page, of, arena);
}

void manual_models(FILE *into, struct arena *arena)
{
	struct page page = {.into = into, .form = PAGE_MARKDOWN};
	fputs("# Model files and traces\n\nEverything that a model file may say, and every parameter of every case. "
	      "`casebook help model`, `casebook help trace-file` and\n`casebook help cases` print the same. Made by "
	      "`make "
	      "docs` from the tables by which casebook reads these files.\n",
	      into);
	print_model(&page, NULL, arena);
	fputs("\n# Traces\n", into);
	print_trace(&page, NULL, arena);
	fputs("\n# Cases\n", into);
	print_cases(&page, NULL, arena);
}
