/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which parameters matter: how it is asked for, and told in a table, a sentence, JSON and a tornado. */
#include "cli/command.h"
#include "base/reader.h"
#include "cli/drawing.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/version.h"
#include "exec/sensitivity.h"
#include "io/readers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWN = 12, MORRIS_MAX = 1000 };

struct sensitivity_options {
	struct study_options study;
	struct option_texts param;
	const char *by, *variant;
	struct drawing_options drawing;
	int64_t jobs, morris;
	bool json;
};

static const struct option options[] = {
	OPTION_TEXT(struct sensitivity_options, variant, "variant", 0, "VARIANT",
		    "of this variant; default: the first"),
	OPTION_TEXT(struct sensitivity_options, by, "by", 0, "PART",
		    "how much lower and higher each parameter is made; default: 20%; `declared`: over the ranges of "
		    "the model file"),
	OPTION_TEXTS(struct sensitivity_options, param, "param", 0, "PARAM[=LOW..HIGH]",
		     "only this parameter, in this range; may be repeated; default: all"),
	OPTION_COUNT(struct sensitivity_options, morris, "morris", 0, "N", 0, 2, MORRIS_MAX,
		     "Morris screening from N points of the ranges, instead of one at a time"),
	STUDY_OPTIONS_OF_ALL(struct sensitivity_options, study),
	OPTION_JOBS(struct sensitivity_options, jobs),
	DRAWING_OPTIONS(struct sensitivity_options, drawing,
			"where the figure goes; default: casebook-NAME of the model", "of the figure"),
	OPTION_JSON(struct sensitivity_options, json),
	OPTION_END};

struct sensing {
	struct command_line *line;
	const struct sensitivity_options *given;
	struct sensitivity all;
	double part;
	bool declared; /* ranges are those of the model file */
	int threads;
	const volatile sig_atomic_t *stop;
};

/* ---- the parameters ---- */

static bool has_room(struct sensing *sensing)
{
	return sensing->all.factors < SENSITIVITY_FACTORS_MAX ||
	       err_add(sensing->line->err, ERR_USAGE, NULL, "more than %d parameters; choose some with --param NAME",
		       SENSITIVITY_FACTORS_MAX);
}

/* One of the parameters that "NAME" or "NAME=LOW..HIGH" means. */
static bool add_one(struct sensing *sensing, const char *name, const char *range, const char *text)
{
	struct sensitivity *all = &sensing->all;
	struct err *err = sensing->line->err;
	struct param_walk found;
	struct knob knob;
	if (!has_room(sensing))
		return false;
	if (param_walk_find(&found, all->setup->of->params, all->setup->params, name) && param_words(found.row)) {
		if (range)
			return err_add(err, ERR_USAGE, NULL,
				       "--param %.60s: %s is not a number, and has no range; write --param %s", text,
				       name, name);
		sensitivity_add_choices(all, &found);
		return true;
	}
	if (range)
		return sensitivity_add_range(all, name, range, "--param", err);
	if (!knob_find(&knob, all->setup, name, NULL, "--param", err))
		return false;
	if (sensing->declared) {
		const char *declared = study_range(all->study, name);
		return declared ? sensitivity_add_range(all, name, declared, "ranges:", err)
				: err_add(err, ERR_USAGE, NULL, "--param %.60s: the model file declares no range of it",
					  text);
	}
	const struct sensitivity_factor *factor = sensitivity_add_number(all, name, sensing->part);
	return !factor->left_out || err_add(err, ERR_USAGE, NULL, "--param %.60s: %s", text, factor->left_out);
}

/* A range of the file, unless another one says more of this parameter. */
static bool add_ranged(struct sensing *sensing, const char *name, const char *range, const char *text)
{
	(void)text;
	if (study_range(sensing->all.study, name) != range)
		return true;
	return has_room(sensing) && sensitivity_add_range(&sensing->all, name, range, "ranges:", sensing->line->err);
}

/* Adds each parameter that a pattern covers to its end, or the one of that path. */
static bool add_covered(struct sensing *sensing, const char *pattern, const char *range, const char *text,
			bool (*add)(struct sensing *sensing, const char *name, const char *range, const char *text))
{
	const struct setup *setup = sensing->all.setup;
	struct param_walk walk;
	int before = sensing->all.factors;
	if (!strchr(pattern, '*'))
		return add(sensing, pattern, range, text);
	for (param_walk_begin(&walk, setup->of->params, setup->params); param_walk_next(&walk);)
		if (param_walk_covers(pattern, walk.path) == param_walk_names(walk.path) &&
		    !add(sensing, arena_text(sensing->line->arena, walk.path), range, text))
			return false;
	return sensing->all.factors > before ||
	       err_add(sensing->line->err, ERR_USAGE, NULL, "--param %.60s: there is no such parameter", text);
}

/* "NAME" or "NAME=LOW..HIGH" */
static bool add_given(struct sensing *sensing, const char *text)
{
	size_t length = strcspn(text, "=");
	const char *name = arena_text_of(sensing->line->arena, text, length);
	return add_covered(sensing, name, text[length] ? text + length + 1 : NULL, text, add_one);
}

static bool add_all(struct sensing *sensing)
{
	struct sensitivity *all = &sensing->all;
	struct param_walk walk;
	for (param_walk_begin(&walk, all->setup->of->params, all->setup->params); param_walk_next(&walk);) {
		bool number = param_is_number(walk.row), words = param_words(walk.row) && !sensing->given->morris;
		if ((number || words) && !has_room(sensing))
			return false;
		if (number)
			sensitivity_add_number(all, arena_text(sensing->line->arena, walk.path), sensing->part);
		else if (words)
			sensitivity_add_choices(all, &walk);
	}
	return true;
}

static bool add_declared(struct sensing *sensing)
{
	struct sensitivity *all = &sensing->all;
	const struct tree *ranges = tree_get(all->study->tree, "ranges");
	if (!ranges)
		return err_add(sensing->line->err, ERR_USAGE, NULL,
			       "--by declared: the model file declares none; write e.g. ranges: {%s: LOW..HIGH}",
			       all->study->of->params[0].name);
	for (const struct tree *entry = ranges->child; entry; entry = entry->next)
		if (!reader_is_note(entry) && !add_covered(sensing, entry->key, entry->text, entry->key, add_ranged)) {
			sensing->line->err->kind = ERR_MODEL;
			return false;
		}
	return true;
}

static enum exec_end run_campaign(void *self, struct campaign *campaign, struct err *err)
{
	const struct sensing *sensing = self;
	enum exec_end end = progress_campaign(campaign, sensing->threads, sensing->stop, err);
	return end;
}

/* ---- output ---- */

static const char *say(const struct sensitivity *all, double value)
{
	return shown_value(value, all->measure.kind, arena_get(all->study->arena, SHOWN_VALUE));
}

static const char *end_text(const struct sensitivity *all, const struct sensitivity_end *end)
{
	struct arena *arena = all->study->arena;
	if (!end->any)
		return "";
	const struct paired *paired = &end->paired;
	const char *change = isnan(paired->relative.mean) ? say(all, paired->difference.mean)
			     : paired->relative.mean > 2  ? arena_format(arena, "x %.3g", 1 + paired->relative.mean)
							 : arena_format(arena, "%+.3g %%", 100 * paired->relative.mean);
	return arena_format(arena, "%s: %s (%s%s)", end->text, say(all, paired->b.mean), change,
			    sensitivity_is_clear(end) || paired_judge(paired) == PAIRED_EQUAL ? "" : ", not clear");
}

static const char *sentence(const struct sensitivity *all)
{
	struct arena *arena = all->study->arena;
	const struct sensitivity_factor *factor = &all->factor[0];
	const char *of = all->measure.text;
	if (all->factors == 0 || !sensitivity_matters(factor))
		return arena_format(arena, "no parameter makes a clear difference to %s", of);
	if (factor->effect)
		return arena_format(arena, "%s matters most to %s: over its range it moves it by %s on average",
				    factor->name, of, say(all, factor->screened.size.mean));
	const struct sensitivity_end *low = &factor->end[SENSITIVITY_LOW], *high = &factor->end[SENSITIVITY_HIGH],
				     *far = sensitivity_farthest(factor);
	if (factor->is_number && low->any && high->any)
		return arena_format(arena, "%s matters most to %s: %s at %s, %s at %s", factor->name, of,
				    say(all, low->paired.b.mean), low->text, say(all, high->paired.b.mean), high->text);
	return arena_format(arena, "%s matters most to %s: %s at %s, %s as it is", factor->name, of,
			    say(all, far->paired.b.mean), far->text, say(all, all->value.mean));
}

/* The ends of a number have their columns; those of a switch or a choice go into the second, one a line. */
static void print_ends(const struct sensitivity *all, const struct sensitivity_factor *factor, FILE *into)
{
	const char *name = factor->name;
	if (factor->is_number) {
		fprintf(into, "%-22s %-36s %-36s\n", name, end_text(all, &factor->end[SENSITIVITY_LOW]),
			end_text(all, &factor->end[SENSITIVITY_HIGH]));
		return;
	}
	for (int i = 0; i < factor->ends; i++) {
		if (!factor->end[i].any)
			continue;
		fprintf(into, "%-22s %-36s %-36s\n", name, "", end_text(all, &factor->end[i]));
		name = "";
	}
}

static void print_text(const struct sensitivity *all, FILE *into)
{
	struct arena *arena = all->study->arena;
	const char *rest = "", *left_out = "";
	if (all->points)
		fprintf(into, "%-22s %-24s %12s %12s %12s  from %d points\n", "parameter", "range", "mean effect",
			"mean size", "spread", all->points);
	else
		fprintf(into, "%s of %s: %s\n\n", all->measure.text, all->setup->name,
			shown_value(all->value.mean, all->measure.kind, arena_get(arena, SHOWN_VALUE)));
	for (int i = 0; i < all->factors; i++) {
		const struct sensitivity_factor *factor = &all->factor[i];
		if (factor->left_out)
			left_out = arena_format(arena, "%s  %-22s %s\n", left_out, factor->name, factor->left_out);
		for (int e = 0; e < factor->ends && !factor->left_out; e++)
			if (factor->end[e].why)
				left_out = arena_format(arena, "%s  %-22s %s: %s\n", left_out, factor->name,
							factor->end[e].text, factor->end[e].why);
		if (factor->left_out)
			continue;
		if (!sensitivity_matters(factor))
			rest = arena_format(arena, "%s%s%s", rest, *rest ? ", " : "", factor->name);
		else if (factor->effect)
			fprintf(into, "%-22s %-24s %12s %12s %12s\n", factor->name,
				arena_format(arena, "%s .. %s", factor->end[SENSITIVITY_LOW].text,
					     factor->end[SENSITIVITY_HIGH].text),
				say(all, factor->screened.mean), say(all, factor->screened.size.mean),
				say(all, factor->screened.spread));
		else
			print_ends(all, factor, into);
	}
	fprintf(into, "\n%s.\n", sentence(all));
	if (*rest) {
		fputs("No clear difference: ", into);
		fprintf(into, "%s.\n", rest);
	}
	if (*left_out)
		fprintf(into, "Left out:\n%s", left_out);
	fprintf(into, "seed %lld, %d replications, common random numbers\n", (long long)all->setup->run.seed,
		all->reps);
}

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *interval_json(const struct interval *interval)
{
	return json_pack("{s:o, s:o, s:o}", "value", number(interval->mean), "low", number(interval->low), "high",
			 number(interval->high));
}

static json_t *end_json(const struct sensitivity_end *end)
{
	if (!end->any)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:s}", "set", end->text, "metric", interval_json(&end->paired.b),
			 "difference", interval_json(&end->paired.difference), "verdict",
			 paired_names[paired_judge(&end->paired)]);
}

static void print_json(const struct sensitivity *all, FILE *into)
{
	json_t *parameters = json_array();
	for (int i = 0; i < all->factors; i++) {
		const struct sensitivity_factor *factor = &all->factor[i];
		json_t *one = json_pack("{s:s}", "parameter", factor->name);
		if (factor->left_out) {
			json_object_set_new(one, "left_out", json_string(factor->left_out));
		} else if (factor->effect) {
			json_object_set_new(one, "low", json_string(factor->end[SENSITIVITY_LOW].text));
			json_object_set_new(one, "high", json_string(factor->end[SENSITIVITY_HIGH].text));
			json_object_set_new(one, "mean_effect", number(factor->screened.mean));
			json_object_set_new(one, "mean_size", interval_json(&factor->screened.size));
			json_object_set_new(one, "spread", number(factor->screened.spread));
		} else if (factor->is_number) {
			json_object_set_new(one, "lower", end_json(&factor->end[SENSITIVITY_LOW]));
			json_object_set_new(one, "higher", end_json(&factor->end[SENSITIVITY_HIGH]));
		} else {
			json_t *choices = json_array();
			for (int e = 0; e < factor->ends; e++)
				json_array_append_new(choices, end_json(&factor->end[e]));
			json_object_set_new(one, "choices", choices);
		}
		json_array_append_new(parameters, one);
	}
	json_t *value = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:i, s:o, s:s, s:o}", "schema", 1, "case",
				  all->study->of->name, "variant", all->setup->name, "metric", all->measure.text,
				  "method", all->points ? "morris" : "one at a time", "seed",
				  (json_int_t)all->setup->run.seed, "replications", all->reps, "value",
				  interval_json(&all->value), "text", sentence(all), "parameters", parameters);
	json_dumpf(value, into, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', into);
	json_decref(value);
}

/* "service: 6.4 ms .. 9.6 ms" */
static const char *category(const struct sensitivity *all, const struct sensitivity_factor *factor)
{
	struct arena *arena = all->study->arena;
	const char *text = factor->name, *before = ": ";
	for (int e = 0; e < factor->ends; e++) {
		if (!factor->end[e].any && !factor->effect)
			continue;
		text = arena_format(arena, "%s%s%s", text, before, factor->end[e].text);
		before = factor->is_number ? " .. " : ", ";
	}
	return text;
}

/* The greatest, from the top down. */
static struct figure *draw(const struct sensitivity *all)
{
	struct arena *arena = all->study->arena;
	bool morris = all->points > 0;
	double unit = all->measure.kind == QUANTITY_TIME ? 1e9 : 1;
	int rows = 0;
	while (rows < all->factors && rows < DRAWN && sensitivity_matters(&all->factor[rows]))
		rows++;
	if (rows == 0)
		return NULL;
	struct figure *figure = figure_new(arena, FIGURE_TORNADO, morris ? "morris" : "tornado", sentence(all));
	figure->subtitle =
		morris ? arena_format(arena,
				      "Mean size of the effect of going through each parameter's range, from %d "
				      "points",
				      all->points)
		       : "One parameter at a time; all else as in the model. Whiskers: 95 % intervals";
	figure->footer = arena_format(arena, "%s, %s · seed %lld · %d replications · casebook %s", all->study->of->name,
				      all->setup->name, (long long)all->setup->run.seed, all->reps, version_number());
	figure->x.label = all->measure.text;
	figure->x.values = all->measure.kind == QUANTITY_TIME ? FIGURE_DURATION : FIGURE_NUMBER;
	figure->x.unit = all->measure.kind == QUANTITY_RATE ? "/s" : all->measure.kind == QUANTITY_BYTES ? "B" : "";
	figure->y.category = ARENA_ARRAY(arena, (size_t)rows, const char *);
	figure->y.categories = rows;
	struct figure_series *lower =
		figure_add_series(figure, morris ? "mean size of the effect" : "lower", FIGURE_NORMAL, FIGURE_LINE);
	struct figure_series *higher =
		morris ? NULL : figure_add_series(figure, "higher, or switched", FIGURE_NORMAL, FIGURE_LINE);
	const char *description = sentence(all);
	for (int i = rows - 1; i >= 0; i--) {
		const struct sensitivity_factor *factor = &all->factor[i];
		double y = rows - 1 - i;
		figure->y.category[rows - 1 - i] = category(all, factor);
		if (morris)
			figure_interval(lower, factor->screened.size.mean * unit, y,
					fmax(factor->screened.size.low, 0) * unit, factor->screened.size.high * unit);
		for (int e = 0; e < factor->ends && !morris; e++) {
			const struct sensitivity_end *end = &factor->end[e];
			/* Of the difference: what both share does not count. */
			if (end->any && !isnan(end->paired.b.mean))
				figure_interval(factor->is_number && e == SENSITIVITY_LOW ? lower : higher,
						end->paired.b.mean * unit, y,
						fmax(all->value.mean + end->paired.difference.low, 0) * unit,
						(all->value.mean + end->paired.difference.high) * unit);
		}
	}
	for (int i = 0; i < rows; i++) {
		const struct sensitivity_factor *factor = &all->factor[i];
		description = arena_format(arena, "%s\n%s: ", description, factor->name);
		if (morris)
			description = arena_format(arena, "%s%s.", description, say(all, factor->screened.size.mean));
		for (int e = 0; e < factor->ends && !morris; e++)
			description = arena_format(arena, "%s%s%s", description, end_text(all, &factor->end[e]),
						   e + 1 < factor->ends && factor->end[e].any ? "; " : "");
	}
	figure->description = description;
	if (!morris)
		figure_mark_x(figure, all->value.mean * unit,
			      arena_format(arena, "as it is: %s", say(all, all->value.mean)));
	return figure;
}

static bool prepare(struct sensing *sensing)
{
	const struct sensitivity_options *given = sensing->given;
	struct sensitivity *all = &sensing->all;
	struct err *err = sensing->line->err;
	struct quantity part;
	char why[QUANTITY_WHY];
	sensing->part = 0.2;
	sensing->declared = given->by && strcmp(given->by, "declared") == 0;
	if (given->by && !sensing->declared &&
	    (!quantity_parse(QUANTITY_RATIO, given->by, &part, why) || !(part.real > 0 && part.real < 1)))
		return err_add(err, ERR_USAGE, NULL, "--by %.40s: a part between 0 and 100 %%, e.g. 20%%, or declared",
			       given->by);
	if (given->by && !sensing->declared)
		sensing->part = part.real;
	if (!(all->study = load_study(sensing->line->arena, sensing->line->operand[0], &given->study, err)))
		return false;
	all->values = readers_of(sensing->line->arena, all->study->path)->values;
	all->run = run_campaign;
	all->host = sensing;
	all->setup = setup_resolve(all->study, given->variant ? given->variant : all->study->shown[0], NULL, err);
	if (!all->setup || !measure_parse(&all->measure, all->setup, sensing->line->operand[1], "", err)) {
		err->kind = ERR_USAGE;
		return false;
	}
	struct campaign campaign;
	campaign_init(&campaign, 0, all->values);
	bool known = campaign_open(&campaign, all->setup, err);
	campaign_free(&campaign);
	if (!known)
		return false;
	all->measure.windowed = measure_last_window(all->setup, &all->measure.window);
	for (int i = 0; i < given->param.count; i++)
		if (!add_given(sensing, given->param.text[i]))
			return false;
	if (given->param.count == 0 && sensing->declared && !add_declared(sensing))
		return false;
	if (given->param.count == 0 && !sensing->declared && !add_all(sensing))
		return false;
	for (int i = 0; given->morris && i < all->factors; i++)
		if (!all->factor[i].is_number)
			return err_add(err, ERR_USAGE, NULL, "--morris: %s is not a number", all->factor[i].name);
	/* Dimensions of the design are those that vary. */
	int kept = 0;
	for (int i = 0; given->morris && i < all->factors; i++)
		if (!all->factor[i].left_out)
			all->factor[kept++] = all->factor[i];
	if (given->morris)
		all->factors = kept;
	return all->factors > 0 || err_add(err, ERR_USAGE, NULL, "there is no parameter that could be varied");
}

static int finish(struct sensing *sensing)
{
	struct command_line *line = sensing->line;
	struct sensitivity *all = &sensing->all;
	const struct drawing_options *drawing = &sensing->given->drawing;
	const char *dir = drawing_dir(line->arena, drawing, all->study->path);
	sensitivity_sort(all);
	struct figure *figure = draw(all);
	bool drawn = drawing_write(line->arena, drawing, figure, dir, line->err);
	if (sensing->given->json) {
		print_json(all, stdout);
		return 0;
	}
	print_text(all, stdout);
	if (drawn)
		printf("figure: %s/%s%s\n", dir, figure->name, drawing_ending(line->arena, drawing));
	return 0;
}

static int run(struct command_line *line)
{
	static struct sensing sensing;
	sensing = (struct sensing){.line = line, .given = line->options};
	drawing_formats(sensing.given->drawing.formats, line->err);
	if (err_any(line->err) || !prepare(&sensing))
		return 0;
	sensing.threads = exec_threads(sensing.given->jobs);
	sensing.stop = interrupt_flag();
	struct sensitivity *all = &sensing.all;
	bool good = sensitivity_run_base(all, line->err);
	int tried = 0;
	if (good && sensing.given->morris)
		good = sensitivity_run_morris(all, (int)sensing.given->morris, line->err);
	for (; good && !sensing.given->morris && tried < all->factors; tried++)
		good = sensitivity_run_factor(all, &all->factor[tried], line->err);
	if (good)
		return finish(&sensing);
	if (all->end != EXEC_INTERRUPTED)
		return 0; /* messages in err */
	if (tried < 2) {
		message_note("interrupted before anything could be told; nothing was written");
		return ERR_INTERRUPTED;
	}
	for (int i = tried - 1; i < all->factors; i++)
		all->factor[i].left_out = "interrupted";
	finish(&sensing);
	return ERR_INTERRUPTED;
}

const struct command command_sensitivity = {
	.name = "sensitivity",
	.operands = "CASE|FILE METRIC",
	.operands_least = 2,
	.operands_most = 2,
	.about = "which parameters matter to a metric, as a table and a tornado figure",
	.detail = "    casebook sensitivity station 'p99(response)'\n"
		  "    casebook sensitivity discord 'p99(read)' --by 10% --param nodes=8..16\n"
		  "    casebook sensitivity station 'mean(wait)' --morris 20\n"
		  "    casebook sensitivity station 'p99(wait)' --by declared\n"
		  "Each parameter is made lower and higher, distributions by their mean; switches are turned and "
		  "choices\n"
		  "gone through; all else stays. A model file declares ranges as ranges: {service: 6 ms..9 ms}.\n"
		  "METRIC is a name (read: its p99) or an expression as in claims, in the last window of the trace.\n",
	.options = options,
	.options_size = sizeof(struct sensitivity_options),
	.run = run,
};
