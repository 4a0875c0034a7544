/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which parameters matter. One at a time: each parameter a little lower and a little higher, all else as it is, on the
 * same random numbers as the model itself, so that differences are paired. With --morris: from points all over the
 * ranges, one parameter at a time, which also tells whether what one does hangs on the others.
 */
#include "cli/command.h"
#include "base/reader.h"
#include "cli/host.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/version.h"
#include "exec/campaign.h"
#include "exec/knob.h"
#include "exec/measure.h"
#include "exec/screen.h"
#include "io/output.h"
#include "io/paths.h"
#include "plot/figure.h"
#include "stats/paired.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FACTORS_MAX = SCREEN_DIMENSIONS, DRAWN = 12, MORRIS_MAX = 1000 };
static const double confidence = 0.95;

struct sensitivity_options {
	struct study_options study;
	struct option_texts param;
	const char *by, *variant, *out, *formats;
	int64_t jobs, morris;
	bool json, no_figures;
};

static const struct option options[] = {
	OPTION_TEXT(struct sensitivity_options, variant, "variant", 0, "NAME",
		    "of this variant; the first unless said"),
	OPTION_TEXT(struct sensitivity_options, by, "by", 0, "PART",
		    "how much lower and higher each parameter is made; 20% unless said; `declared`: over the ranges of "
		    "the model file"),
	OPTION_TEXTS(struct sensitivity_options, param, "param", 0, "NAME[=LOW..HIGH]",
		     "only this parameter, in this range; may be repeated; all unless said"),
	OPTION_COUNT(struct sensitivity_options, morris, "morris", 0, "N", 0, 2, MORRIS_MAX,
		     "Morris screening from N points of the ranges, instead of one at a time"),
	STUDY_OPTIONS_OF_ALL(struct sensitivity_options, study),
	OPTION_COUNT(struct sensitivity_options, jobs, "jobs", 'j', "N", 0, 1, 1024,
		     "threads; all processors unless said"),
	OPTION_TEXT(struct sensitivity_options, out, "out", 'o', "DIR",
		    "where the figure goes; casebook-NAME of the model unless said"),
	OPTION_TEXT(struct sensitivity_options, formats, "formats", 'f', "LIST",
		    "of the figure: svg,png,pdf; svg,png unless said"),
	OPTION_FLAG(struct sensitivity_options, no_figures, "no-figures", 0, "draw nothing"),
	OPTION_FLAG(struct sensitivity_options, json, "json", 0, "print JSON"),
	OPTION_END};

/* Another value of a parameter: an end of its range, or one of its choices. */
struct end {
	bool any;
	double x; /* of a number */
	const char *text;
	struct tree *over;
	const char *why;      /* it cannot be run; NULL */
	struct paired paired; /* with the model as it is */
};

/* Of a number the ends are these two; of a switch the other position; of a choice all others. */
enum { LOW, HIGH };

struct factor {
	const char *name;
	bool is_number;
	struct knob knob;
	struct end *end;
	int ends;
	double *effect; /* Morris: of each point */
	struct screened screened;
	const char *left_out; /* why; NULL */
};

struct sensing {
	struct command_line *line;
	const struct sensitivity_options *given;
	struct study *study;
	const struct setup *setup;
	struct measure measure;
	struct factor factor[FACTORS_MAX];
	int factors;
	double part;
	bool declared;         /* ranges are those of the model file */
	double *base;          /* of each replication */
	struct interval value; /* of the model as it is */
	int reps;
	int threads;
	const volatile sig_atomic_t *stop;
	enum exec_end end;
};

/* ---- the parameters ---- */

static struct factor *add_factor(struct sensing *sensing, const char *name, int ends)
{
	struct factor *factor = &sensing->factor[sensing->factors++];
	*factor = (struct factor){.name = name, .ends = ends};
	factor->end = ARENA_ARRAY(sensing->line->arena, (size_t)ends + 1, struct end);
	return factor;
}

static void set_end(const struct sensing *sensing, const struct knob *knob, struct end *end, double x)
{
	struct arena *arena = sensing->line->arena;
	end->x = knob_round(knob, x);
	end->text = knob_tell(knob, end->x, arena);
	end->over = knob_tree(knob, end->x, arena);
	end->any = end->x != knob->value;
}

static void add_number(struct sensing *sensing, const char *name)
{
	struct factor *factor = add_factor(sensing, name, 2);
	struct err err;
	err_init(&err);
	factor->is_number = true;
	if (!knob_find(&factor->knob, sensing->setup, name, NULL, "--param", &err)) {
		factor->left_out = arena_text(sensing->line->arena, err.message[0].text);
		return;
	}
	double value = factor->knob.value, step = sensing->part * fabs(value);
	if (value == 0) {
		factor->left_out = "it is 0: say --param NAME=LOW..HIGH";
		return;
	}
	if (factor->knob.whole && step < 1)
		step = 1;
	set_end(sensing, &factor->knob, &factor->end[LOW], value - step);
	set_end(sensing, &factor->knob, &factor->end[HIGH], value + step);
	if (!factor->end[LOW].any && !factor->end[HIGH].any)
		factor->left_out = "its range allows nothing else";
}

static void set_choice(const struct sensing *sensing, struct factor *factor, int which, const char *text)
{
	struct arena *arena = sensing->line->arena;
	struct place place = {arena_format(arena, "%s = %s", factor->name, text), 0, 0};
	factor->end[which] = (struct end){.any = true, .text = text};
	factor->end[which].over = tree_path(arena, factor->name, tree_scalar(arena, text, place), place);
}

static void add_choices(struct sensing *sensing, const struct param *row)
{
	const char *at = (const char *)sensing->setup->params + row->offset;
	if (row->type == PARAM_TYPE_BOOL) {
		set_choice(sensing, add_factor(sensing, row->name, 1), 0,
			   *(const bool *)(const void *)at ? "off" : "on");
		return;
	}
	int now = *(const int *)(const void *)at, count = 0, added = 0;
	while (row->choices[count])
		count++;
	struct factor *factor = add_factor(sensing, row->name, count - 1);
	bool bare = sensing->setup->trace.recipe && !tree_get(sensing->setup->trace.tree, "columns");
	for (int c = 0; c < count; c++) {
		if (c == now)
			continue;
		set_choice(sensing, factor, added, row->choices[c]);
		if (bare && strcmp(row->choices[c], "trace") == 0)
			factor->end[added].why = "the recipe makes no columns that it could come from";
		added++;
	}
}

/* From "LOW" to "HIGH", of a number. `option` is told in messages. */
static bool add_range(struct sensing *sensing, const char *name, const char *range, const char *option)
{
	struct arena *arena = sensing->line->arena;
	struct err *err = sensing->line->err;
	struct knob knob;
	const char *dots = strstr(range, "..");
	const char *from = dots ? arena_text_of(arena, range, (size_t)(dots - range)) : NULL;
	double low, high;
	if (!knob_find(&knob, sensing->setup, name, from, option, err))
		return false;
	if (!dots)
		return err_add(err, ERR_USAGE, NULL, "%s %s=%.60s: write NAME=LOW..HIGH, e.g. %s=1..10", option, name,
			       range, name);
	if (!knob_read(&knob, from, option, &low, err) || !knob_read(&knob, dots + 2, option, &high, err))
		return false;
	if (!(low < high))
		return err_add(err, ERR_USAGE, NULL, "%s %s=%.60s: the range is empty", option, name, range);
	struct factor *factor = add_factor(sensing, name, 2);
	factor->is_number = true;
	factor->knob = knob;
	set_end(sensing, &knob, &factor->end[LOW], low);
	set_end(sensing, &knob, &factor->end[HIGH], high);
	return true;
}

/* What the model file declares of a parameter; NULL. */
static const char *declared_of(const struct sensing *sensing, const char *name)
{
	const struct tree *entry = tree_get(tree_get(sensing->study->tree, "ranges"), name);
	return entry ? entry->text : NULL;
}

/* "NAME" or "NAME=LOW..HIGH" */
static bool add_given(struct sensing *sensing, const char *text)
{
	struct err *err = sensing->line->err;
	size_t length = strcspn(text, "=");
	const char *name = arena_text_of(sensing->line->arena, text, length);
	const char *range = text[length] ? text + length + 1 : NULL;
	const struct param *row = param_find(sensing->study->of->params, name);
	struct knob knob;
	if (sensing->factors == FACTORS_MAX)
		return err_add(err, ERR_USAGE, NULL, "more than %d parameters", FACTORS_MAX);
	if (row && (row->type == PARAM_TYPE_BOOL || row->type == PARAM_TYPE_CHOICE)) {
		if (range)
			return err_add(err, ERR_USAGE, NULL, "--param %.60s: %s is not a number, and has no range; "
				       "write --param %s", text, name, name);
		add_choices(sensing, row);
		return true;
	}
	if (range)
		return add_range(sensing, name, range, "--param");
	if (!knob_find(&knob, sensing->setup, name, NULL, "--param", err))
		return false;
	if (sensing->declared) {
		const char *declared = declared_of(sensing, name);
		return declared ? add_range(sensing, name, declared, "ranges:")
				: err_add(err, ERR_USAGE, NULL, "--param %.60s: the model file declares no range of it",
					  text);
	}
	add_number(sensing, name);
	struct factor *factor = &sensing->factor[sensing->factors - 1];
	return !factor->left_out || err_add(err, ERR_USAGE, NULL, "--param %.60s: %s", text, factor->left_out);
}

static void add_all(struct sensing *sensing)
{
	for (const struct param *row = sensing->study->of->params; row->name && sensing->factors < FACTORS_MAX; row++) {
		bool number = row->type != PARAM_TYPE_BOOL && row->type != PARAM_TYPE_CHOICE;
		if (number)
			add_number(sensing, row->name);
		else if (!sensing->given->morris)
			add_choices(sensing, row);
	}
}

static bool add_declared(struct sensing *sensing)
{
	const struct tree *ranges = tree_get(sensing->study->tree, "ranges");
	if (!ranges)
		return err_add(sensing->line->err, ERR_USAGE, NULL,
			       "--by declared: the model file declares none; write e.g. ranges: {%s: LOW..HIGH}",
			       sensing->study->of->params[0].name);
	for (const struct tree *entry = ranges->child; entry; entry = entry->next)
		if (!reader_is_note(entry) && sensing->factors < FACTORS_MAX &&
		    !add_range(sensing, entry->key, entry->text, "ranges:")) {
			sensing->line->err->kind = ERR_MODEL;
			return false;
		}
	return true;
}

/* ---- running ---- */

/* The setup with `over` laid over it; NULL when that cannot be, and why. */
static struct setup *setup_with(struct sensing *sensing, const struct tree *over, const char **why)
{
	struct err err;
	err_init(&err);
	struct setup *setup = setup_resolve(sensing->study, sensing->setup->name, over, &err);
	if (!setup)
		*why = arena_text(sensing->line->arena, err.message[0].text);
	return setup;
}

static bool run_campaign(struct sensing *sensing, struct campaign *campaign)
{
	progress_begin();
	sensing->end =
		campaign_run(campaign, sensing->threads, progress_paint, NULL, sensing->stop, sensing->line->err);
	progress_end();
	return sensing->end == EXEC_DONE;
}

static struct outcome *add_setup(struct sensing *sensing, struct campaign *campaign, const struct setup *setup)
{
	struct outcome *outcome = campaign_add(campaign, setup, sensing->line->err);
	if (outcome)
		measure_want(&sensing->measure, outcome);
	return outcome;
}

static const struct dist_reader *values_of(const struct sensing *sensing)
{
	return host_files(sensing->line->arena, sensing->study->path)->values;
}

static bool run_base(struct sensing *sensing)
{
	struct campaign campaign;
	campaign_init(&campaign, 0, values_of(sensing));
	struct outcome *outcome = add_setup(sensing, &campaign, sensing->setup);
	bool good = outcome && run_campaign(sensing, &campaign);
	if (good) {
		sensing->reps = outcome->reps;
		sensing->base = ARENA_ARRAY(sensing->line->arena, (size_t)outcome->reps + 1, double);
		measure_each(&sensing->measure, outcome, sensing->base);
		sensing->value = interval_of(sensing->base, outcome->reps, confidence);
	}
	campaign_free(&campaign);
	return good;
}

/* What cannot be run is left out; all of the factor when none of its ends can. */
static bool run_factor(struct sensing *sensing, struct factor *factor)
{
	struct arena *arena = sensing->line->arena;
	struct outcome **outcome = ARENA_ARRAY(arena, (size_t)factor->ends + 1, struct outcome *);
	double *value = ARENA_ARRAY(arena, (size_t)sensing->reps + 1, double);
	struct campaign campaign;
	const char *why = NULL;
	bool good = true, any = false;
	campaign_init(&campaign, 0, values_of(sensing));
	for (int i = 0; i < factor->ends && good && !factor->left_out; i++) {
		struct end *end = &factor->end[i];
		const struct setup *setup = end->any && !end->why ? setup_with(sensing, end->over, &end->why) : NULL;
		outcome[i] = setup ? add_setup(sensing, &campaign, setup) : NULL;
		good = !setup || outcome[i];
		end->any = outcome[i] != NULL;
		any = any || end->any;
		why = end->why ? end->why : why;
	}
	if (good && !any && !factor->left_out)
		factor->left_out = why;
	if (good && any)
		good = run_campaign(sensing, &campaign);
	for (int i = 0; i < factor->ends && good && !factor->left_out; i++)
		if (outcome[i]) {
			measure_each(&sensing->measure, outcome[i], value);
			factor->end[i].paired = paired_of(sensing->base, value, sensing->reps, confidence);
		}
	campaign_free(&campaign);
	return good;
}

/* ---- Morris ---- */

/* A parameter's value at `share` of its range. */
static double at_share(const struct factor *factor, double share)
{
	return knob_round(&factor->knob, factor->end[LOW].x + share * (factor->end[HIGH].x - factor->end[LOW].x));
}

static struct tree *lay_all(struct sensing *sensing, const double *share, int changed, double to)
{
	struct arena *arena = sensing->line->arena;
	struct tree *over = NULL;
	for (int i = 0; i < sensing->factors; i++)
		if (!sensing->factor[i].left_out)
			over = tree_merge(arena, over,
					  knob_tree(&sensing->factor[i].knob,
						    at_share(&sensing->factor[i], i == changed ? to : share[i]),
						    arena));
	return over;
}

static double mean_of(const struct sensing *sensing, const struct outcome *outcome, double *scratch)
{
	measure_each(&sensing->measure, outcome, scratch);
	return interval_of(scratch, outcome->reps, confidence).mean;
}

static bool run_point(struct sensing *sensing, int point, const double *from, const double *to)
{
	struct arena *arena = sensing->line->arena;
	int count = sensing->factors;
	struct outcome **outcome = ARENA_ARRAY(arena, (size_t)count + 1, struct outcome *);
	double *scratch = ARENA_ARRAY(arena, (size_t)sensing->setup->run.reps + 1, double);
	const char *why;
	struct campaign campaign;
	for (int i = 0; i < count; i++)
		sensing->factor[i].effect[point] = NAN;
	const struct setup *setup = setup_with(sensing, lay_all(sensing, from, -1, 0), &why);
	if (!setup)
		return true; /* a corner that does not exist */
	campaign_init(&campaign, 0, values_of(sensing));
	bool good = (outcome[count] = add_setup(sensing, &campaign, setup)) != NULL;
	for (int i = 0; i < count && good; i++) {
		const struct factor *factor = &sensing->factor[i];
		if (factor->left_out || at_share(factor, from[i]) == at_share(factor, to[i]))
			continue;
		setup = setup_with(sensing, lay_all(sensing, from, i, to[i]), &why);
		if (setup)
			good = (outcome[i] = add_setup(sensing, &campaign, setup)) != NULL;
	}
	good = good && run_campaign(sensing, &campaign);
	for (int i = 0; i < count && good; i++) {
		struct factor *factor = &sensing->factor[i];
		if (!outcome[i])
			continue;
		/* What was really run, after rounding. */
		double went = (at_share(factor, to[i]) - at_share(factor, from[i])) /
			      (factor->end[HIGH].x - factor->end[LOW].x);
		factor->effect[point] =
			(mean_of(sensing, outcome[i], scratch) - mean_of(sensing, outcome[count], scratch)) / went;
	}
	campaign_free(&campaign);
	return good;
}

static bool run_morris(struct sensing *sensing)
{
	struct arena *arena = sensing->line->arena;
	int points = (int)sensing->given->morris;
	size_t count = (size_t)sensing->factors, all = count * (size_t)points;
	double *from = ARENA_ARRAY(arena, all, double), *to = ARENA_ARRAY(arena, all, double);
	screen_design(sensing->factors, points, from, to);
	for (int i = 0; i < sensing->factors; i++)
		sensing->factor[i].effect = ARENA_ARRAY(arena, (size_t)points, double);
	for (int point = 0; point < points; point++)
		if (!run_point(sensing, point, from + count * (size_t)point, to + count * (size_t)point))
			return false;
	for (int i = 0; i < sensing->factors; i++) {
		struct factor *factor = &sensing->factor[i];
		factor->screened = screen_effects(factor->effect, points, confidence);
		if (!factor->left_out && factor->screened.size.count == 0)
			factor->left_out = "no point of the design could be run";
	}
	return true;
}

/* ---- order ---- */

static double change_of(const struct end *end)
{
	return end->any && !isnan(end->paired.difference.mean) ? fabs(end->paired.difference.mean) : 0;
}

/* The end that goes farthest; NULL when none was run. */
static const struct end *farthest(const struct factor *factor)
{
	const struct end *far = NULL;
	for (int i = 0; i < factor->ends; i++)
		if (factor->end[i].any && (!far || change_of(&factor->end[i]) > change_of(far)))
			far = &factor->end[i];
	return far;
}

static double size_of(const struct factor *factor)
{
	if (factor->left_out)
		return -1;
	if (factor->effect)
		return factor->screened.size.mean;
	const struct end *far = farthest(factor);
	return far ? change_of(far) : 0;
}

static bool clear(const struct end *end)
{
	enum paired_verdict verdict = end->any ? paired_judge(&end->paired) : PAIRED_EQUAL;
	return verdict == PAIRED_LOWER || verdict == PAIRED_HIGHER;
}

static bool matters(const struct factor *factor)
{
	bool any = factor->effect != NULL;
	for (int i = 0; i < factor->ends && !any; i++)
		any = clear(&factor->end[i]);
	return !factor->left_out && size_of(factor) > 0 && any;
}

static int by_size(const void *a, const void *b)
{
	const struct factor *one = a, *other = b;
	double first = size_of(one), second = size_of(other);
	if (matters(one) != matters(other))
		return matters(one) ? -1 : 1;
	if (first != second)
		return first < second ? 1 : -1;
	return strcmp(one->name, other->name);
}

/* ---- output ---- */

static const char *say(const struct sensing *sensing, double value)
{
	return shown_value(value, sensing->measure.kind, arena_get(sensing->line->arena, SHOWN_VALUE));
}

static const char *end_text(const struct sensing *sensing, const struct end *end)
{
	struct arena *arena = sensing->line->arena;
	if (!end->any)
		return "";
	const struct paired *paired = &end->paired;
	const char *change = isnan(paired->relative.mean) ? say(sensing, paired->difference.mean)
			     : paired->relative.mean > 2  ? arena_format(arena, "x %.3g", 1 + paired->relative.mean)
							 : arena_format(arena, "%+.3g %%", 100 * paired->relative.mean);
	return arena_format(arena, "%s: %s (%s%s)", end->text, say(sensing, paired->b.mean), change,
			    clear(end) || paired_judge(paired) == PAIRED_EQUAL ? "" : ", not clear");
}

static const char *sentence(const struct sensing *sensing)
{
	struct arena *arena = sensing->line->arena;
	const struct factor *factor = &sensing->factor[0];
	const char *of = sensing->measure.text;
	if (sensing->factors == 0 || !matters(factor))
		return arena_format(arena, "no parameter makes a clear difference to %s", of);
	if (factor->effect)
		return arena_format(arena, "%s matters most to %s: over its range it moves it by %s on average",
				    factor->name, of, say(sensing, factor->screened.size.mean));
	const struct end *low = &factor->end[LOW], *high = &factor->end[HIGH], *far = farthest(factor);
	if (factor->is_number && low->any && high->any)
		return arena_format(arena, "%s matters most to %s: %s at %s, %s at %s", factor->name, of,
				    say(sensing, low->paired.b.mean), low->text, say(sensing, high->paired.b.mean),
				    high->text);
	return arena_format(arena, "%s matters most to %s: %s at %s, %s as it is", factor->name, of,
			    say(sensing, far->paired.b.mean), far->text, say(sensing, sensing->value.mean));
}

/* The ends of a number have their columns; those of a switch or a choice go into the second, one a line. */
static void print_ends(const struct sensing *sensing, const struct factor *factor, FILE *into)
{
	const char *name = factor->name;
	if (factor->is_number) {
		fprintf(into, "%-22s %-36s %-36s\n", name, end_text(sensing, &factor->end[LOW]),
			end_text(sensing, &factor->end[HIGH]));
		return;
	}
	for (int i = 0; i < factor->ends; i++) {
		if (!factor->end[i].any)
			continue;
		fprintf(into, "%-22s %-36s %-36s\n", name, "", end_text(sensing, &factor->end[i]));
		name = "";
	}
}

static void print_text(const struct sensing *sensing, FILE *into)
{
	struct arena *arena = sensing->line->arena;
	const char *rest = "", *left_out = "";
	if (sensing->given->morris)
		fprintf(into, "%-22s %-24s %12s %12s %12s  from %lld points\n", "parameter", "range", "mean effect",
			"mean size", "spread", (long long)sensing->given->morris);
	else
		fprintf(into, "%s of %s: %s\n\n", sensing->measure.text, sensing->setup->name,
			shown_value(sensing->value.mean, sensing->measure.kind, arena_get(arena, SHOWN_VALUE)));
	for (int i = 0; i < sensing->factors; i++) {
		const struct factor *factor = &sensing->factor[i];
		if (factor->left_out)
			left_out = arena_format(arena, "%s  %-22s %s\n", left_out, factor->name, factor->left_out);
		for (int e = 0; e < factor->ends && !factor->left_out; e++)
			if (factor->end[e].why)
				left_out = arena_format(arena, "%s  %-22s %s: %s\n", left_out, factor->name,
							factor->end[e].text, factor->end[e].why);
		if (factor->left_out)
			continue;
		if (!matters(factor))
			rest = arena_format(arena, "%s%s%s", rest, *rest ? ", " : "", factor->name);
		else if (factor->effect)
			fprintf(into, "%-22s %-24s %12s %12s %12s\n", factor->name,
				arena_format(arena, "%s .. %s", factor->end[LOW].text, factor->end[HIGH].text),
				say(sensing, factor->screened.mean), say(sensing, factor->screened.size.mean),
				say(sensing, factor->screened.spread));
		else
			print_ends(sensing, factor, into);
	}
	fprintf(into, "\n%s.\n", sentence(sensing));
	if (*rest) {
		fputs("No clear difference: ", into);
		fprintf(into, "%s.\n", rest);
	}
	if (*left_out)
		fprintf(into, "Left out:\n%s", left_out);
	fprintf(into, "seed %lld, %d replications, common random numbers\n", (long long)sensing->setup->run.seed,
		sensing->reps);
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

static json_t *end_json(const struct end *end)
{
	if (!end->any)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:s}", "set", end->text, "metric", interval_json(&end->paired.b),
			 "difference", interval_json(&end->paired.difference), "verdict",
			 paired_names[paired_judge(&end->paired)]);
}

static void print_json(const struct sensing *sensing, FILE *into)
{
	json_t *all = json_array();
	for (int i = 0; i < sensing->factors; i++) {
		const struct factor *factor = &sensing->factor[i];
		json_t *one = json_pack("{s:s}", "parameter", factor->name);
		if (factor->left_out) {
			json_object_set_new(one, "left_out", json_string(factor->left_out));
		} else if (factor->effect) {
			json_object_set_new(one, "low", json_string(factor->end[LOW].text));
			json_object_set_new(one, "high", json_string(factor->end[HIGH].text));
			json_object_set_new(one, "mean_effect", number(factor->screened.mean));
			json_object_set_new(one, "mean_size", interval_json(&factor->screened.size));
			json_object_set_new(one, "spread", number(factor->screened.spread));
		} else if (factor->is_number) {
			json_object_set_new(one, "lower", end_json(&factor->end[LOW]));
			json_object_set_new(one, "higher", end_json(&factor->end[HIGH]));
		} else {
			json_t *choices = json_array();
			for (int e = 0; e < factor->ends; e++)
				json_array_append_new(choices, end_json(&factor->end[e]));
			json_object_set_new(one, "choices", choices);
		}
		json_array_append_new(all, one);
	}
	json_t *value = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:i, s:o, s:s, s:o}", "schema", 1, "case",
				  sensing->study->of->name, "variant", sensing->setup->name, "metric",
				  sensing->measure.text, "method", sensing->given->morris ? "morris" : "one at a time",
				  "seed", (json_int_t)sensing->setup->run.seed, "replications", sensing->reps, "value",
				  interval_json(&sensing->value), "text", sentence(sensing), "parameters", all);
	json_dumpf(value, into, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', into);
	json_decref(value);
}

/* "service: 6.4 ms .. 9.6 ms" */
static const char *category(const struct sensing *sensing, const struct factor *factor)
{
	struct arena *arena = sensing->line->arena;
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
static struct figure *draw(const struct sensing *sensing)
{
	struct arena *arena = sensing->line->arena;
	bool morris = sensing->given->morris > 0;
	double unit = sensing->measure.kind == QUANTITY_TIME ? 1e9 : 1;
	int rows = 0;
	while (rows < sensing->factors && rows < DRAWN && matters(&sensing->factor[rows]))
		rows++;
	if (rows == 0)
		return NULL;
	struct figure *figure = figure_new(arena, FIGURE_TORNADO, morris ? "morris" : "tornado", sentence(sensing));
	figure->subtitle =
		morris ? arena_format(arena,
				      "Mean size of the effect of going through each parameter's range, from %lld "
				      "points",
				      (long long)sensing->given->morris)
		       : "One parameter at a time; all else as in the model. Whiskers: 95 % intervals";
	figure->footer = arena_format(arena, "%s, %s · seed %lld · %d replications · casebook %s",
				      sensing->study->of->name, sensing->setup->name,
				      (long long)sensing->setup->run.seed, sensing->reps, version_number());
	figure->x.label = sensing->measure.text;
	figure->x.values = sensing->measure.kind == QUANTITY_TIME ? FIGURE_DURATION : FIGURE_NUMBER;
	figure->x.unit = sensing->measure.kind == QUANTITY_RATE    ? "/s"
			 : sensing->measure.kind == QUANTITY_BYTES ? "B"
								   : "";
	figure->y.category = ARENA_ARRAY(arena, (size_t)rows, const char *);
	figure->y.categories = rows;
	struct figure_series *lower =
		figure_add_series(figure, morris ? "mean size of the effect" : "lower", FIGURE_NORMAL, FIGURE_LINE);
	struct figure_series *higher =
		morris ? NULL : figure_add_series(figure, "higher, or switched", FIGURE_NORMAL, FIGURE_LINE);
	const char *description = sentence(sensing);
	for (int i = rows - 1; i >= 0; i--) {
		const struct factor *factor = &sensing->factor[i];
		double y = rows - 1 - i;
		figure->y.category[rows - 1 - i] = category(sensing, factor);
		if (morris)
			figure_interval(lower, factor->screened.size.mean * unit, y,
					fmax(factor->screened.size.low, 0) * unit, factor->screened.size.high * unit);
		for (int e = 0; e < factor->ends && !morris; e++) {
			const struct end *end = &factor->end[e];
			/* Of the difference: what both share does not count. */
			if (end->any && !isnan(end->paired.b.mean))
				figure_interval(factor->is_number && e == LOW ? lower : higher,
						end->paired.b.mean * unit, y,
						fmax(sensing->value.mean + end->paired.difference.low, 0) * unit,
						(sensing->value.mean + end->paired.difference.high) * unit);
		}
	}
	for (int i = 0; i < rows; i++) {
		const struct factor *factor = &sensing->factor[i];
		description = arena_format(arena, "%s\n%s: ", description, factor->name);
		if (morris)
			description =
				arena_format(arena, "%s%s.", description, say(sensing, factor->screened.size.mean));
		for (int e = 0; e < factor->ends && !morris; e++)
			description = arena_format(arena, "%s%s%s", description, end_text(sensing, &factor->end[e]),
						   e + 1 < factor->ends && factor->end[e].any ? "; " : "");
	}
	figure->description = description;
	if (!morris)
		figure_mark_x(figure, sensing->value.mean * unit,
			      arena_format(arena, "as it is: %s", say(sensing, sensing->value.mean)));
	return figure;
}

static bool prepare(struct sensing *sensing)
{
	const struct sensitivity_options *given = sensing->given;
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
	if (!(sensing->study = host_study(sensing->line->arena, sensing->line->operand[0], &given->study, err)))
		return false;
	sensing->setup =
		setup_resolve(sensing->study, given->variant ? given->variant : sensing->study->shown[0], NULL, err);
	if (!sensing->setup || !measure_parse(&sensing->measure, sensing->setup, sensing->line->operand[1], "", err)) {
		err->kind = ERR_USAGE;
		return false;
	}
	sensing->measure.windowed = measure_last_window(sensing->setup, &sensing->measure.window);
	for (int i = 0; i < given->param.count; i++)
		if (!add_given(sensing, given->param.text[i]))
			return false;
	if (given->param.count == 0 && sensing->declared && !add_declared(sensing))
		return false;
	if (given->param.count == 0 && !sensing->declared)
		add_all(sensing);
	for (int i = 0; given->morris && i < sensing->factors; i++)
		if (!sensing->factor[i].is_number)
			return err_add(err, ERR_USAGE, NULL, "--morris: %s is not a number", sensing->factor[i].name);
	/* Dimensions of the design are those that vary. */
	int kept = 0;
	for (int i = 0; given->morris && i < sensing->factors; i++)
		if (!sensing->factor[i].left_out)
			sensing->factor[kept++] = sensing->factor[i];
	if (given->morris)
		sensing->factors = kept;
	return sensing->factors > 0 || err_add(err, ERR_USAGE, NULL, "there is no parameter that could be varied");
}

static int finish(struct sensing *sensing, unsigned formats)
{
	struct command_line *line = sensing->line;
	const char *dir = sensing->given->out ? sensing->given->out : host_results(line->arena, sensing->study->path);
	const char *templates = paths_data_file(line->arena, "plots");
	qsort(sensing->factor, (size_t)sensing->factors, sizeof(*sensing->factor), by_size);
	struct figure *figure = !sensing->given->no_figures && templates ? draw(sensing) : NULL;
	if (figure &&
	    (!output_dir(dir, line->err) || !figure_write_all(&figure, 1, dir, formats, templates, line->err)))
		figure = NULL;
	if (sensing->given->json) {
		print_json(sensing, stdout);
		return 0;
	}
	print_text(sensing, stdout);
	if (figure)
		printf("figure: %s/%s.svg\n", dir, figure->name);
	return 0;
}

static int run(struct command_line *line)
{
	static struct sensing sensing;
	sensing = (struct sensing){.line = line, .given = line->options, .end = EXEC_DONE};
	unsigned formats = sensing.given->formats ? figure_formats(sensing.given->formats) : FIGURE_SVG | FIGURE_PNG;
	if (!formats)
		err_add(line->err, ERR_USAGE, NULL, "--formats %.60s: a list of svg, png, pdf", sensing.given->formats);
	if (err_any(line->err) || !prepare(&sensing))
		return 0;
	sensing.threads = sensing.given->jobs ? (int)sensing.given->jobs : exec_processors();
	sensing.stop = interrupt_flag();
	bool good = run_base(&sensing);
	int tried = 0;
	if (good && sensing.given->morris)
		good = run_morris(&sensing);
	for (; good && !sensing.given->morris && tried < sensing.factors; tried++)
		good = run_factor(&sensing, &sensing.factor[tried]);
	if (good)
		return finish(&sensing, formats);
	if (sensing.end != EXEC_INTERRUPTED)
		return 0; /* messages in err */
	if (tried < 2) {
		message_note("interrupted before anything could be told; nothing was written");
		return ERR_INTERRUPTED;
	}
	for (int i = tried - 1; i < sensing.factors; i++)
		sensing.factor[i].left_out = "interrupted";
	finish(&sensing, formats);
	return ERR_INTERRUPTED;
}

const struct command command_sensitivity = {
	.name = "sensitivity",
	.operands = "CASE|FILE METRIC",
	.operands_least = 2,
	.operands_most = 2,
	.about = "which parameters matter to a metric, as a table and a tornado figure",
	.detail = "    casebook sensitivity station 'p99(response)'\n"
		  "    casebook sensitivity discord 'p99(read)' --variant cassandra-2017 --by 10% --param gc_live "
		  "--param "
		  "nodes=8..16\n"
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
