/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/words.h"
#include "cli/command.h"
#include "cli/grid.h"
#include "cli/load.h"
#include "io/results.h"
#include "param/param_walk.h"
#include "run/explore.h"
#include "run/faults.h"
#include "run/names.h"
#include "trace/date.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct show_options {
	struct study_options study;
	bool json;
};

static const struct option options[] = {OPTION_JSON(struct show_options, json),
					STUDY_OPTIONS(struct show_options, study), OPTION_END};

struct showing {
	const struct study *study;
	struct setup **setup; /* of the variants shown */
	int setups;
	struct arena *arena;
	FILE *into;
};

/* A field of one of the setups; `row` NULL: that setup has no such row. */
struct shown {
	const struct param *row;
	const void *in;
	const char *value;
};

static struct shown field_of(const struct showing *showing, const char *path, const struct setup *setup)
{
	struct param_walk found;
	struct shown shown = {0};
	if (!param_walk_find(&found, setup->of->params, setup->params, path))
		return shown;
	char *buffer = arena_get(showing->arena, PARAM_TEXT);
	return (struct shown){found.row, found.in, param_print(found.row, found.in, buffer, PARAM_TEXT)};
}

/* Calls `each` for every field that a shown setup has: in the order of the first, then what only others have. */
static void each_field(const struct showing *showing,
		       void (*each)(void *context, const char *path, const struct param *row), void *context)
{
	struct param_walk walk, found;
	for (int i = 0; i < showing->setups; i++) {
		const struct setup *setup = showing->setup[i];
		for (param_walk_begin(&walk, setup->of->params, setup->params); param_walk_next(&walk);) {
			bool known = i > 0 && !strchr(walk.path, '.');
			for (int k = 0; k < i && !known; k++)
				known = param_walk_find(&found, setup->of->params, showing->setup[k]->params,
							walk.path);
			if (!known)
				each(context, walk.path, walk.row);
		}
	}
}

/* What the model says there; NULL: it is the default. */
static const struct tree *said_of(const struct param *row, const char *path, const struct setup *setup,
				  struct arena *arena)
{
	const struct tree *at = setup->model;
	for (size_t length; at && *path; path += length + (path[length] == '.')) {
		length = strcspn(path, ".");
		at = tree_get(at, arena_text_of(arena, path, length));
	}
	return at && at->kind == TREE_MAP && !param_is_table(row) ? tree_get(at, row->name) : at;
}

static const char *place_text(const struct showing *showing, const struct place *place)
{
	if (!place)
		return "default";
	return place->line ? arena_format(showing->arena, "%s:%d", place->file, place->line) : place->file;
}

/* Where the value was said, and the cell of a table when it is one. */
static const char *origin_text(const struct showing *showing, const struct param *row, const char *path,
			       const struct setup *setup)
{
	const struct tree *entry = said_of(row, path, setup, showing->arena);
	const char *place = place_text(showing, entry ? &entry->place : NULL);
	if (!entry || entry->kind != TREE_SCALAR || !param_is_cell(entry->text) || !entry->place.line)
		return place;
	return arena_format(showing->arena, "%s, %s", place, entry->text);
}

static const char *window_text(const struct trace_window *window, char *buffer)
{
	if (window->by_date)
		return date_print(window->window, buffer);
	snprintf(buffer, DATE_TEXT, "%" PRId64, window->window);
	return buffer;
}

static const char *claim_operand(const struct claim *claim)
{
	return claim->without ? "without" : "no_ablation";
}

/* ---- as text ---- */

/* What a distribution comes to: "mean 8 ms, median 5.55 ms, p99 36.8 ms, cv 1". */
static void print_dist(const struct showing *showing, const struct shown *shown)
{
	char described[256];
	const struct dist *dist = param_dist(shown->row, shown->in);
	if (dist && dist->kind != DIST_CONST)
		options_help_text(8, dist_describe(dist, shown->row->unit, described, sizeof described), showing->into);
}

static void print_declared(const struct showing *showing, const struct param *row, int indent)
{
	char type[PARAM_TEXT], range[PARAM_TEXT];
	const char *fallback = param_fallback_text(row);
	options_help_text(indent, row->help, showing->into);
	param_range_text(row, range, sizeof range);
	options_help_text(indent,
			  arena_format(showing->arena, "%s%s%s; %s%s", param_type_text(row, type, sizeof type),
				       *range ? ", " : "", range, fallback ? "default: " : "",
				       fallback ? fallback : "must be given"),
			  showing->into);
}

/* The value that most variants have stands first, then each other value with the variants that have it. */
static void print_values(const struct showing *showing, const char *path, bool declared)
{
	struct arena *arena = showing->arena;
	struct shown *shown = ARENA_ARRAY(arena, (size_t)showing->setups, struct shown);
	int usual = 0, most = 0;
	for (int i = 0; i < showing->setups; i++)
		shown[i] = field_of(showing, path, showing->setup[i]);
	for (int i = 0; i < showing->setups; i++) {
		int equal = 0;
		for (int k = 0; k < showing->setups; k++)
			equal += shown[i].row && shown[k].row && strcmp(shown[i].value, shown[k].value) == 0;
		if (equal > most) {
			most = equal;
			usual = i;
		}
	}
	const struct param *row = shown[usual].row;
	fprintf(showing->into, "  %s = %s   (%s)\n", path, shown[usual].value,
		origin_text(showing, row, path, showing->setup[usual]));
	print_dist(showing, &shown[usual]);
	if (declared)
		print_declared(showing, row, 6);
	for (int i = 0; i < showing->setups; i++) {
		const char *names = showing->setup[i]->name;
		bool told = !shown[i].row || strcmp(shown[i].value, shown[usual].value) == 0;
		for (int k = 0; k < i && !told; k++)
			told = shown[k].row && strcmp(shown[i].value, shown[k].value) == 0;
		if (told)
			continue;
		for (int k = i + 1; k < showing->setups; k++)
			if (shown[k].row && strcmp(shown[i].value, shown[k].value) == 0)
				names = arena_format(arena, "%s, %s", names, showing->setup[k]->name);
		options_help_text(6,
				  arena_format(arena, "in %s: %s   (%s)", names, shown[i].value,
					       origin_text(showing, row, path, showing->setup[i])),
				  showing->into);
		print_dist(showing, &shown[i]);
	}
	const char *evidence = study_evidence(showing->study, path);
	if (evidence)
		options_help_text(6, arena_format(arena, "evidence: %s", evidence), showing->into);
	const char *lies = study_range(showing->study, path);
	if (lies)
		options_help_text(6, arena_format(arena, "plausible range: %s", lies), showing->into);
}

/* The fields of the rows of a table, told once for all of them. */
static void print_fields(const struct showing *showing, const struct param *table, const char *path)
{
	for (const struct param *row = table->rows; row->name; row++) {
		const char *name = param_only(table->rows) ? arena_format(showing->arena, "%s.*", path)
							   : arena_format(showing->arena, "%s.*.%s", path, row->name);
		fprintf(showing->into, "    %s\n", name);
		print_declared(showing, row, 8);
		if (param_is_table(row))
			print_fields(showing, row, name);
	}
}

struct printing {
	const struct showing *showing;
	char const *const *only;
};

/* Of a table's rows only what the model says of them; what else there is, and could be, its declaration tells. */
static void print_field(void *context, const char *path, const struct param *row)
{
	struct printing *printing = context;
	const struct showing *showing = printing->showing;
	bool wanted = !*printing->only, said = !strchr(path, '.');
	for (int i = 0; printing->only[i]; i++)
		wanted = wanted || param_walk_covers(printing->only[i], path) > 0;
	for (int i = 0; i < showing->setups && !said; i++)
		said = said_of(row, path, showing->setup[i], showing->arena) && !param_is_table(row);
	if (!wanted || (!*printing->only && !said))
		return;
	print_values(showing, path, *printing->only || !strchr(path, '.'));
	if (!*printing->only && param_is_table(row))
		print_fields(showing, row, path);
}

static void print_params(const struct showing *showing, char const *const *only)
{
	struct printing printing = {showing, only};
	if (!*only)
		fputs("\nParameters (change one with --set NAME=VALUE, or in the model file under `model:`)\n",
		      showing->into);
	each_field(showing, print_field, &printing);
}

/* "1970", "19.7 k": a rate to three or four digits. */
static const char *rate_text(double rate, char *buffer)
{
	if (rate >= 1e7)
		snprintf(buffer, QUANTITY_TEXT, "%.3g M", rate / 1e6);
	else if (rate >= 1e4)
		snprintf(buffer, QUANTITY_TEXT, "%.3g k", rate / 1e3);
	else
		snprintf(buffer, QUANTITY_TEXT, "%.4g ", rate);
	return buffer;
}

static void print_trace(const struct showing *showing, const struct setup *setup)
{
	char window_name[DATE_TEXT], lasts[QUANTITY_TEXT], rate[QUANTITY_TEXT];
	int count = setup->trace.windows;
	if (setup->trace.file) {
		options_help_line("    trace", setup->trace.file, showing->into);
		return;
	}
	const struct trace_window *window = setup->trace.window;
	const char *text = "";
	for (int i = 0; i < count && i < 24; i++)
		text = arena_format(showing->arena, "%s%s%s (%s at %s/s)", text, i ? ", " : "",
				    window_text(&window[i], window_name), quantity_print_time(window[i].lasts, lasts),
				    rate_text(window[i].rate, rate));
	options_help_line("    trace", setup->trace.recipe_path, showing->into);
	options_help_line(count > 1 ? "    windows" : "    window",
			  arena_format(showing->arena, "%s%s", text, count > 24 ? ", ..." : ""), showing->into);
}

static void print_variants(const struct showing *showing)
{
	fputs("\nVariants\n", showing->into);
	for (int i = 0; i < showing->setups; i++) {
		const struct setup *setup = showing->setup[i];
		bool labelled = strcmp(setup->label, setup->name) != 0;
		fprintf(showing->into, "  %s%s%s%s%s%s\n", setup->name, labelled ? " (" : "",
			labelled ? setup->label : "", labelled ? ")" : "", *setup->about ? " - " : "", setup->about);
		print_trace(showing, setup);
		if (setup->slice > 1)
			options_help_line("    simulated",
					  arena_format(showing->arena,
						       "1/%" PRId64 " of the fleet, with %.4g %% of its load",
						       setup->slice, 100 * setup->share),
					  showing->into);
		for (int k = 0; k < setup->fault_count; k++) {
			char at[QUANTITY_TEXT], lasts[QUANTITY_TEXT];
			const struct fault *fault = &setup->faults[k];
			options_help_line("    fault",
					  arena_format(showing->arena, "%s, at %s%s%s", fault->label,
						       quantity_print_time(fault->at, at), fault->lasts ? " for " : "",
						       fault->lasts ? quantity_print_time(fault->lasts, lasts) : ""),
					  showing->into);
		}
	}
}

/* The metrics that each row of a table has. */
static void print_row_metrics(const struct showing *showing, const struct param *table, const char *before)
{
	for (const struct param *row = table; row->name; row++) {
		if (!param_is_table(row))
			continue;
		const char *name = arena_format(showing->arena, "%s*.", before);
		for (const struct metric *metric = row->metrics; metric && metric->name; metric++)
			options_help_line(arena_format(showing->arena, "%s%s", name, metric->name),
					  arena_format(showing->arena, "%s; of each of the %s", metric->help,
						       row->name),
					  showing->into);
		print_row_metrics(showing, row->rows, name);
	}
}

/* The names of what a kind of fault can hit, in the variant that has most of it. */
static const char *const *targets_of(const struct showing *showing, int kind)
{
	const char *const *most = NULL;
	int greatest = -1;
	for (int i = 0; i < showing->setups; i++) {
		const char *const *names = faults_names(showing->setup[i], kind);
		int count = 0;
		while (names && names[count])
			count++;
		if (names && count > greatest) {
			most = names;
			greatest = count;
		}
	}
	return most;
}

static void print_tables(const struct showing *showing)
{
	const struct case_study *of = showing->study->of;
	const struct column *columns = showing->setup[0]->columns;
	fputs("\nMetrics (p50 p99 p99.9 mean sd max ... of times and amounts; count and rate; sum and rate of work; "
	      "mean, sd and max of levels)\n",
	      showing->into);
	for (const struct metric *metric = of->metrics; metric->name; metric++)
		options_help_line(metric->name, metric->help, showing->into);
	print_row_metrics(showing, of->params, "");
	fputs("\nColumns of a trace\n", showing->into);
	for (const struct column *column = columns; column->name; column++)
		options_help_line(column->name, column->help, showing->into);
	if (of->faults && of->faults[0].name)
		fputs("\nWhat can break (--fault '120 s for 30 s KIND TARGET')\n", showing->into);
	for (const struct fault_kind *kind = of->faults; kind && kind->name; kind++) {
		char name[128], list[512];
		const char *const *names = targets_of(showing, (int)(kind - of->faults));
		snprintf(name, sizeof name, "%s%s%s%s%s", kind->name, kind->target ? " " : "",
			 kind->target ? kind->target : "", kind->target && !names ? " N" : "",
			 kind->factor ? " by FACTOR"
			 : kind->rate ? " at RATE"
				      : "");
		options_help_line(name,
				  names && *names
					? arena_format(showing->arena, "%s: %s", kind->help,
						       words_text(WORDS(names), list, sizeof list))
					: kind->help,
				  showing->into);
	}
}

static void print_claims(const struct showing *showing)
{
	const struct study *study = showing->study;
	if (study->claims)
		fputs("\nClaims (casebook verify checks them)\n", showing->into);
	for (int i = 0; i < study->claims; i++) {
		const struct claim *claim = &study->claim[i];
		options_help_line(claim->id, claim->says, showing->into);
		for (int k = 0; k < claim->expects; k++)
			options_help_line("    expects", claim->expect[k].text, showing->into);
		options_help_line(claim->without ? "    ablation" : "    no ablation",
				  claim->without ? tree_text(showing->arena, claim->without) : claim->no_ablation,
				  showing->into);
		if (claim->fails)
			options_help_line("    fails at", tree_text(showing->arena, claim->fails), showing->into);
		if (claim->caveat)
			options_help_line("    but", claim->caveat, showing->into);
		if (claim->mechanism)
			options_help_line("    mechanism", claim->mechanism, showing->into);
		options_help_line("    evidence",
				  arena_format(showing->arena, "%s; %s%s%s%s", claim_kinds[claim->kind],
					       claim->evidence, claim->source ? " [" : "",
					       claim->source ? claim->source : "", claim->source ? "]" : ""),
				  showing->into);
	}
}

static const char *range_text(const struct explore_slider *slider, struct arena *arena)
{
	char from[QUANTITY_TEXT], to[QUANTITY_TEXT], step[QUANTITY_TEXT];
	const char *text = "";
	if (slider->scale == EXPLORE_CHOICE) {
		for (int i = 0; i < slider->choices; i++)
			text = arena_format(arena, "%s%s%s", text, i ? ", " : "", slider->choice[i]);
		return text;
	}
	text = arena_format(arena, "%s to %s",
			    quantity_print(slider->kind, (struct quantity){(int64_t)slider->from, slider->from}, from),
			    quantity_print(slider->kind, (struct quantity){(int64_t)slider->to, slider->to}, to));
	if (slider->step > 0)
		return arena_format(
			arena, "%s in steps of %s", text,
			quantity_print(slider->kind, (struct quantity){(int64_t)slider->step, slider->step}, step));
	return slider->scale == EXPLORE_LOG ? arena_format(arena, "%s, logarithmic", text) : text;
}

static void print_explore(const struct showing *showing)
{
	const struct explore *explore = showing->study->explore;
	struct arena *arena = showing->arena;
	char drag[QUANTITY_TEXT], settle[QUANTITY_TEXT];
	if (!explore)
		return;
	fputs("\nExplore (what readers of the page may change; casebook verify --explore judges what it claims)\n",
	      showing->into);
	options_help_text(2, explore->sentence, showing->into);
	for (const char **variant = explore->variant; *variant; variant++)
		options_help_line("    runs", *variant, showing->into);
	const struct study *small = explore->study;
	if (small->laid)
		options_help_line("    small setup", tree_text(arena, small->laid), showing->into);
	for (int i = 0; i < explore->sliders; i++)
		options_help_line(
			"    slider",
			arena_format(arena, "%s: %s", explore->slider[i].key, range_text(&explore->slider[i], arena)),
			showing->into);
	for (int i = 0; i < explore->presets; i++)
		options_help_line("    preset",
				  arena_format(arena, "%s: %s", explore->preset[i].name,
					       tree_text(arena, explore->preset[i].set)),
				  showing->into);
	for (int i = 0; i < small->figures; i++)
		options_help_line("    figure", small->figure[i].name, showing->into);
	for (int c = 0; c < small->claims; c++)
		for (int k = 0; k < small->claim[c].expects; k++)
			options_help_line(
				"    claim",
				arena_format(arena, "%s: %s", small->claim[c].id, small->claim[c].expect[k].text),
				showing->into);
	options_help_line(
		"    requests",
		arena_format(
			arena, "%s while a slider moves, %s once it stands still",
			quantity_print(QUANTITY_COUNT, (struct quantity){explore->drag, (double)explore->drag}, drag),
			quantity_print(QUANTITY_COUNT, (struct quantity){explore->settle, (double)explore->settle},
				       settle)),
		showing->into);
}

static void print_sources(const struct showing *showing)
{
	const struct tree *sources = tree_get(showing->study->tree, "sources");
	if (sources && sources->child)
		fputs("\nSources\n", showing->into);
	for (const struct tree *entry = sources ? sources->child : NULL; entry; entry = entry->next)
		options_help_line(entry->key, study_source(showing->study, entry->key), showing->into);
	for (int part = 0; part < 2; part++) {
		const char **text = part ? showing->study->leaves_out : showing->study->models;
		if (text[0])
			fputs(part ? "\nLeft out\n" : "\nModelled\n", showing->into);
		for (; *text; text++)
			options_help_text(2, *text, showing->into);
	}
}

/* ---- as JSON ---- */

static json_t *name_json(const char *name)
{
	return name ? results_text(name) : NULL;
}

static json_t *place_json(const struct place *place)
{
	if (!place)
		return json_null();
	return json_pack("{s:o?, s:i, s:i}", "file", name_json(place->file), "line", place->line, "column",
			 place->column);
}

struct listing {
	const struct showing *showing;
	json_t *list;
};

static void list_field(void *context, const char *path, const struct param *row)
{
	const struct listing *listing = context;
	const struct showing *showing = listing->showing;
	char type[PARAM_TEXT], described[256];
	json_t *values = json_object();
	for (int i = 0; i < showing->setups; i++) {
		const struct setup *setup = showing->setup[i];
		struct shown shown = field_of(showing, path, setup);
		if (!shown.row)
			continue;
		const struct dist *dist = param_dist(row, shown.in);
		const struct tree *said = said_of(row, path, setup, showing->arena);
		json_t *value = json_pack("{s:s, s:o}", "value", shown.value, "from",
					  place_json(said ? &said->place : NULL));
		if (dist)
			json_object_set_new(value, "describe",
					    json_string(dist_describe(dist, row->unit, described, sizeof described)));
		json_object_set_new(values, setup->name, value);
	}
	json_array_append_new(
		listing->list,
		json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s, s:s?, s:o}", "name", path, "type",
			  param_type_text(row, type, sizeof type), "default", param_fallback_text(row), "least",
			  row->least, "greatest", row->greatest, "declared", study_range(showing->study, path), "help",
			  row->help, "evidence", study_evidence(showing->study, path), "variants", values));
}

static json_t *params_json(const struct showing *showing)
{
	struct listing listing = {showing, json_array()};
	each_field(showing, list_field, &listing);
	return listing.list;
}

/* Those of the first variant, then what only others have. */
static json_t *metrics_json(const struct showing *showing)
{
	json_t *list = json_array();
	for (int i = 0; i < showing->setups; i++)
		for (const struct metric *metric = showing->setup[i]->metrics; metric->name; metric++) {
			bool known = false;
			for (int k = 0; k < i && !known; k++)
				known = showing->setup[k]->metrics == showing->setup[i]->metrics ||
					metric_find(showing->setup[k]->metrics, metric->name) >= 0;
			if (!known)
				json_array_append_new(
					list, json_pack("{s:s, s:s, s:s?, s:f, s:s}", "name", metric->name, "kind",
							metric_kinds[metric->kind], "unit", metric->unit, "scale",
							metric_scale(metric), "help", metric->help));
		}
	return list;
}

static json_t *variants_json(const struct showing *showing)
{
	json_t *list = json_array();
	for (int i = 0; i < showing->setups; i++) {
		const struct setup *setup = showing->setup[i];
		json_t *windows = json_array(), *faults = json_array();
		char name[DATE_TEXT], digest[20];
		int count = setup->trace.windows;
		const struct trace_window *window = setup->trace.window;
		for (int k = 0; k < count; k++)
			json_array_append_new(windows,
					      json_pack("{s:s, s:f, s:f}", "window", window_text(&window[k], name),
							"lasts_s", (double)window[k].lasts / 1e9, "rate_per_s",
							window[k].rate));
		for (int k = 0; k < setup->fault_count; k++)
			json_array_append_new(faults, json_pack("{s:s, s:f, s:f}", "label", setup->faults[k].label,
								"at_s", (double)setup->faults[k].at / 1e9, "for_s",
								(double)setup->faults[k].lasts / 1e9));
		snprintf(digest, sizeof digest, "%016" PRIx64, setup->digest);
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:o?, s:o?, s:o, s:o, s:{s:I, s:I, s:f, s:f, s:f}}",
				  "name", setup->name, "label", setup->label, "about", setup->about, "digest", digest,
				  "slice", (json_int_t)setup->slice, "share", setup->share, "trace_file",
				  name_json(setup->trace.file), "recipe", name_json(setup->trace.recipe_path),
				  "windows", windows, "faults", faults, "run", "reps", (json_int_t)setup->run.reps,
				  "seed", (json_int_t)setup->run.seed, "warmup_s", (double)setup->run.warmup / 1e9,
				  "series_s", (double)setup->run.series / 1e9, "drain_s",
				  (double)setup->run.drain / 1e9));
	}
	return list;
}

static json_t *claims_json(const struct showing *showing, const struct claim *claims, int count)
{
	json_t *list = json_array();
	for (int i = 0; i < count; i++) {
		const struct claim *claim = &claims[i];
		json_t *expect = json_array();
		for (int k = 0; k < claim->expects; k++)
			json_array_append_new(expect, json_string(claim->expect[k].text));
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:o, s:s, s:s?, s:s, s:s?, s:o, s:s?, s:s?}", "id", claim->id,
				  "says", claim->says, "kind", claim_kinds[claim->kind], "expect", expect,
				  claim_operand(claim),
				  claim->without ? tree_text(showing->arena, claim->without) : claim->no_ablation,
				  "mechanism", claim->mechanism, "evidence", claim->evidence, "source", claim->source,
				  "from", place_json(&claim->place), "fails",
				  claim->fails ? tree_text(showing->arena, claim->fails) : NULL, "caveat",
				  claim->caveat));
	}
	return list;
}

static json_t *texts_json(const char *const *text)
{
	json_t *list = json_array();
	for (; text && *text; text++)
		json_array_append_new(list, json_string(*text));
	return list;
}

static json_t *sliders_json(const struct showing *showing)
{
	const struct explore *explore = showing->study->explore;
	json_t *list = json_array();
	for (int i = 0; i < explore->sliders; i++) {
		const struct explore_slider *slider = &explore->slider[i];
		const char *from, *to;
		explore_set(explore, i, 0, showing->arena, &from);
		explore_set(explore, i, 1, showing->arena, &to);
		json_t *one = json_pack("{s:s, s:s, s:s, s:s?, s:o}", "key", slider->key, "label", slider->label,
					"scale", explore_scales[slider->scale], "default", slider->fallback, "at",
					place_json(&slider->place));
		if (slider->scale == EXPLORE_CHOICE)
			json_object_set_new(one, "choices", texts_json(slider->choice));
		else
			json_object_update_new(one, json_pack("{s:s, s:s, s:f, s:f, s:f, s:s, s:b}", "first", from,
							      "last", to, "from", slider->from, "to", slider->to,
							      "step", slider->step, "unit", quantity_name(slider->kind),
							      "mean", slider->dist != NULL));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *explore_json(const struct showing *showing)
{
	const struct explore *explore = showing->study->explore;
	if (!explore)
		return json_null();
	json_t *presets = json_array(), *figures = json_array(), *setups = json_object();
	for (int i = 0; i < explore->presets; i++)
		json_array_append_new(presets,
				      json_pack("{s:s, s:s?, s:o, s:o}", "name", explore->preset[i].name, "says",
						explore->preset[i].says, "set", results_tree(explore->preset[i].set),
						"at", place_json(&explore->preset[i].place)));
	for (int i = 0; i < explore->study->figures; i++)
		json_array_append_new(figures, json_string(explore->study->figure[i].name));
	for (int i = 0; i < explore->variants; i++)
		json_object_set_new(setups, explore->variant[i], results_setup(explore->setup[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:I, s:I}}", "sentence", explore->sentence,
			 "variants", texts_json(explore->variant), "setup", results_tree(explore->study->laid),
			 "setups", setups, "sliders", sliders_json(showing), "presets", presets, "figures", figures,
			 "claims", claims_json(showing, explore->study->claim, explore->study->claims), "budget",
			 "drag", (json_int_t)explore->drag, "settle", (json_int_t)explore->settle);
}

static void print_json(const struct showing *showing)
{
	const struct study *study = showing->study;
	const struct case_study *of = study->of;
	json_t *columns = json_array(), *faults = json_array(), *sources = json_object();
	for (const struct column *column = showing->setup[0]->columns; column->name; column++)
		json_array_append_new(columns,
				      json_pack("{s:s, s:s, s:o, s:s?, s:s}", "name", column->name, "type",
						column_types[column->type], "choices", texts_json(column->choices),
						"missing", column->missing, "help", column->help));
	for (const struct fault_kind *kind = of->faults; kind && kind->name; kind++)
		json_array_append_new(faults,
				      json_pack("{s:s, s:s?, s:o, s:b, s:b, s:s}", "kind", kind->name, "target",
						kind->target, "targets",
						texts_json(targets_of(showing, (int)(kind - of->faults))), "factor",
						kind->factor, "rate", kind->rate, "help", kind->help));
	const struct tree *list = tree_get(study->tree, "sources");
	for (const struct tree *entry = list ? list->child : NULL; entry; entry = entry->next)
		json_object_set_new(sources, entry->key, json_string(study_source(study, entry->key)));
	json_t *all =
		json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o}}", "case", of->name, "about",
			  study->about, "file", results_text(study->path), "parameters", params_json(showing),
			  "variants", variants_json(showing), "metrics", metrics_json(showing), "columns", columns,
			  "faults", faults, "claims", claims_json(showing, study->claim, study->claims), "sources",
			  sources,
			  "scope", "models",
			  texts_json(study->models), "leaves_out", texts_json(study->leaves_out));
	json_object_set_new(all, "explore", explore_json(showing));
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static void print_all(const struct showing *showing)
{
	static const char *const none[] = {NULL};
	const struct study *study = showing->study;
	fprintf(showing->into, "%s - %s\n%s\n", study->of->name, study->about, study->path);
	print_variants(showing);
	print_params(showing, none);
	print_tables(showing);
	print_claims(showing);
	print_explore(showing);
	print_sources(showing);
}

/* What is wider than the terminal goes on below. */
static void print_text(struct showing *showing, const char *const *only)
{
	enum { HANG = 4 };
	char *text = NULL;
	size_t length;
	showing->into = grid_columns() > 0 ? open_memstream(&text, &length) : stdout;
	if (!showing->into)
		showing->into = stdout;
	if (*only)
		print_params(showing, only);
	else
		print_all(showing);
	if (showing->into != stdout && fclose(showing->into) == 0)
		grid_lines(text, HANG, stdout);
	free(text);
}

static int run(struct command_line *line)
{
	const struct show_options *given = line->options;
	const struct study *study = load_study(line->arena, line->operand[0], &given->study, line->err);
	if (!study)
		return 0;
	const char **names = given->study.variant.count ? study->shown : study->variant;
	struct showing showing = {.study = study, .arena = line->arena};
	showing.setup = ARENA_ARRAY(line->arena, (size_t)study->variants + 1, struct setup *);
	for (; names[showing.setups]; showing.setups++)
		showing.setup[showing.setups] = setup_resolve(study, names[showing.setups], NULL, line->err);
	const char *const *only = line->operand + 1;
	for (int i = 0; only[i]; i++)
		if (names_declared(study, &(struct tree){.key = only[i]}, study->of->name, line->err) == NULL)
			line->err->kind = ERR_USAGE;
	if (err_any(line->err))
		return 0;
	if (given->json) {
		print_json(&showing);
		return 0;
	}
	print_text(&showing, only);
	return 0;
}

const struct command command_show = {
	.name = "show",
	.operands = "CASE|FILE [PARAM...]",
	.operands_least = 1,
	.operands_most = -1,
	.about = "explain a model: variants, parameters and where each value comes from, metrics, faults, claims, "
		 "sources",
	.options = options,
	.options_size = sizeof(struct show_options),
	.run = run,
};
