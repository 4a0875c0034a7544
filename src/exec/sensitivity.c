/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/sensitivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double confidence = 0.95;

/* ---- the parameters ---- */

static struct sensitivity_factor *add_factor(struct sensitivity *sensitivity, const char *name, int ends)
{
	struct sensitivity_factor *factor = &sensitivity->factor[sensitivity->factors++];
	*factor = (struct sensitivity_factor){.name = name, .ends = ends};
	factor->end = ARENA_ARRAY(sensitivity->study->arena, (size_t)ends + 1, struct sensitivity_end);
	return factor;
}

static void set_end(const struct sensitivity *sensitivity, const struct knob *knob, struct sensitivity_end *end,
		    double x)
{
	struct arena *arena = sensitivity->study->arena;
	end->x = knob_round(knob, x);
	end->text = knob_tell(knob, end->x, arena);
	end->over = knob_tree(knob, end->x, arena);
	end->any = end->x != knob->value;
}

struct sensitivity_factor *sensitivity_add_number(struct sensitivity *sensitivity, const char *name, double part)
{
	struct sensitivity_factor *factor = add_factor(sensitivity, name, 2);
	struct err err;
	err_init(&err);
	factor->is_number = true;
	if (!knob_find(&factor->knob, sensitivity->setup, name, NULL, "--param", &err)) {
		factor->left_out = arena_text(sensitivity->study->arena, err.message[0].text);
		return factor;
	}
	double value = factor->knob.value, step = part * fabs(value);
	if (value == 0) {
		factor->left_out = "it is 0; give it a range with --param NAME=LOW..HIGH";
		return factor;
	}
	if (factor->knob.whole && step < 1)
		step = 1;
	set_end(sensitivity, &factor->knob, &factor->end[SENSITIVITY_LOW], value - step);
	set_end(sensitivity, &factor->knob, &factor->end[SENSITIVITY_HIGH], value + step);
	if (!factor->end[SENSITIVITY_LOW].any && !factor->end[SENSITIVITY_HIGH].any)
		factor->left_out = "its range allows nothing else";
	return factor;
}

static void set_choice(const struct sensitivity *sensitivity, struct sensitivity_factor *factor, int which,
		       const char *text)
{
	struct arena *arena = sensitivity->study->arena;
	struct place place = {arena_format(arena, "%s = %s", factor->name, text), 0, 0};
	factor->end[which] = (struct sensitivity_end){.any = true, .text = text};
	factor->end[which].over = tree_path(arena, factor->name, tree_scalar(arena, text, place), place);
}

void sensitivity_add_choices(struct sensitivity *sensitivity, const struct param_walk *field)
{
	const char *const *words = param_words(field->row), *name = arena_text(sensitivity->study->arena, field->path);
	int now = (int)param_number(field->row, field->in), count = 0, added = 0;
	while (words[count])
		count++;
	struct sensitivity_factor *factor = add_factor(sensitivity, name, count - 1);
	bool bare = sensitivity->setup->trace.recipe && !tree_get(sensitivity->setup->trace.tree, "columns");
	for (int c = 0; c < count; c++) {
		if (c == now)
			continue;
		set_choice(sensitivity, factor, added, words[c]);
		if (bare && strcmp(words[c], "trace") == 0)
			factor->end[added].why = "the recipe makes no columns that it could come from";
		added++;
	}
}

bool sensitivity_add_range(struct sensitivity *sensitivity, const char *name, const char *range, const char *option,
			   struct err *err)
{
	struct arena *arena = sensitivity->study->arena;
	struct knob knob;
	const char *dots = strstr(range, "..");
	const char *from = dots ? arena_text_of(arena, range, (size_t)(dots - range)) : NULL;
	double low, high;
	if (!knob_find(&knob, sensitivity->setup, name, from, option, err))
		return false;
	if (!dots)
		return err_add(err, ERR_USAGE, NULL, "%s %s=%.60s: write NAME=LOW..HIGH, e.g. %s=1..10", option, name,
			       range, name);
	if (!knob_read(&knob, from, option, &low, err) || !knob_read(&knob, dots + 2, option, &high, err))
		return false;
	if (!(low < high))
		return err_add(err, ERR_USAGE, NULL, "%s %s=%.60s: the range is empty", option, name, range);
	struct sensitivity_factor *factor = add_factor(sensitivity, name, 2);
	factor->is_number = true;
	factor->knob = knob;
	set_end(sensitivity, &knob, &factor->end[SENSITIVITY_LOW], low);
	set_end(sensitivity, &knob, &factor->end[SENSITIVITY_HIGH], high);
	return true;
}

/* ---- running ---- */

/* The setup with `over` laid over it; NULL when that cannot be, and why. */
static struct setup *setup_with(struct sensitivity *sensitivity, const struct tree *over, const char **why)
{
	struct err err;
	err_init(&err);
	struct setup *setup = setup_resolve(sensitivity->study, sensitivity->setup->name, over, &err);
	if (!setup)
		*why = arena_text(sensitivity->study->arena, err.message[0].text);
	return setup;
}

static bool run_campaign(struct sensitivity *sensitivity, struct campaign *campaign, struct err *err)
{
	sensitivity->end = sensitivity->run(sensitivity->host, campaign, err);
	return sensitivity->end == EXEC_DONE;
}

static struct outcome *add_setup(struct sensitivity *sensitivity, struct campaign *campaign, const struct setup *setup,
				 struct err *err)
{
	struct outcome *outcome = campaign_add(campaign, setup, err);
	if (outcome)
		measure_want(&sensitivity->measure, outcome);
	return outcome;
}

bool sensitivity_run_base(struct sensitivity *sensitivity, struct err *err)
{
	struct campaign campaign;
	campaign_init(&campaign, 0, sensitivity->values);
	struct outcome *outcome = add_setup(sensitivity, &campaign, sensitivity->setup, err);
	bool good = outcome && run_campaign(sensitivity, &campaign, err);
	if (good) {
		sensitivity->reps = outcome->reps;
		sensitivity->base = ARENA_ARRAY(sensitivity->study->arena, (size_t)outcome->reps + 1, double);
		measure_each(&sensitivity->measure, outcome, sensitivity->base);
		sensitivity->value = interval_of(sensitivity->base, outcome->reps, confidence);
		sensitivity->exact = outcome_exact(outcome);
		sensitivity->at_least = measure_at_least(&sensitivity->measure, outcome);
	}
	campaign_free(&campaign);
	return good;
}

bool sensitivity_run_factor(struct sensitivity *sensitivity, struct sensitivity_factor *factor, struct err *err)
{
	struct arena *arena = sensitivity->study->arena;
	struct outcome **outcome = ARENA_ARRAY(arena, (size_t)factor->ends + 1, struct outcome *);
	double *value = ARENA_ARRAY(arena, (size_t)sensitivity->reps + 1, double);
	struct campaign campaign;
	const char *why = NULL;
	bool good = true, any = false;
	campaign_init(&campaign, 0, sensitivity->values);
	for (int i = 0; i < factor->ends && good && !factor->left_out; i++) {
		struct sensitivity_end *end = &factor->end[i];
		const struct setup *setup =
			end->any && !end->why ? setup_with(sensitivity, end->over, &end->why) : NULL;
		outcome[i] = setup ? add_setup(sensitivity, &campaign, setup, err) : NULL;
		good = !setup || outcome[i];
		end->any = outcome[i] != NULL;
		any = any || end->any;
		why = end->why ? end->why : why;
	}
	if (good && !any && !factor->left_out)
		factor->left_out = why;
	if (good && any)
		good = run_campaign(sensitivity, &campaign, err);
	for (int i = 0; i < factor->ends && good && !factor->left_out; i++)
		if (outcome[i]) {
			/* A least or greatest value has no interval. */
			bool extreme = pooled_extreme(sensitivity->measure.expression);
			measure_each(&sensitivity->measure, outcome[i], value);
			bool exact = sensitivity->exact && outcome_exact(outcome[i]);
			int reps = extreme ? 1 : sensitivity->reps;
			factor->end[i].paired = exact ? paired_exact(sensitivity->base[0],
								     measure_all(&sensitivity->measure, outcome[i]))
						      : paired_of(sensitivity->base, value, reps, confidence);
			measure_note_unfinished(&sensitivity->measure, sensitivity->at_least,
						measure_at_least(&sensitivity->measure, outcome[i]),
						&factor->end[i].paired);
		}
	campaign_free(&campaign);
	return good;
}

/* ---- Morris ---- */

/* A parameter's value at `share` of its range. */
static double at_share(const struct sensitivity_factor *factor, double share)
{
	return knob_round(&factor->knob, factor->end[SENSITIVITY_LOW].x + share * (factor->end[SENSITIVITY_HIGH].x -
										   factor->end[SENSITIVITY_LOW].x));
}

static struct tree *lay_all(struct sensitivity *sensitivity, const double *share, int changed, double to)
{
	struct arena *arena = sensitivity->study->arena;
	struct tree *over = NULL;
	for (int i = 0; i < sensitivity->factors; i++)
		if (!sensitivity->factor[i].left_out)
			over = tree_merge(arena, over,
					  knob_tree(&sensitivity->factor[i].knob,
						    at_share(&sensitivity->factor[i], i == changed ? to : share[i]),
						    arena));
	return over;
}

static double mean_of(const struct sensitivity *sensitivity, const struct outcome *outcome, double *scratch)
{
	measure_each(&sensitivity->measure, outcome, scratch);
	return interval_of(scratch, outcome->reps, confidence).mean;
}

static bool run_point(struct sensitivity *sensitivity, int point, const double *from, const double *to, struct err *err)
{
	struct arena *arena = sensitivity->study->arena;
	int count = sensitivity->factors;
	struct outcome **outcome = ARENA_ARRAY(arena, (size_t)count + 1, struct outcome *);
	double *scratch = ARENA_ARRAY(arena, (size_t)sensitivity->setup->run.reps + 1, double);
	const char *why;
	struct campaign campaign;
	for (int i = 0; i < count; i++)
		sensitivity->factor[i].effect[point] = NAN;
	const struct setup *setup = setup_with(sensitivity, lay_all(sensitivity, from, -1, 0), &why);
	if (!setup)
		return true; /* a corner that does not exist */
	campaign_init(&campaign, 0, sensitivity->values);
	bool good = (outcome[count] = add_setup(sensitivity, &campaign, setup, err)) != NULL;
	for (int i = 0; i < count && good; i++) {
		const struct sensitivity_factor *factor = &sensitivity->factor[i];
		if (factor->left_out || at_share(factor, from[i]) == at_share(factor, to[i]))
			continue;
		setup = setup_with(sensitivity, lay_all(sensitivity, from, i, to[i]), &why);
		if (setup)
			good = (outcome[i] = add_setup(sensitivity, &campaign, setup, err)) != NULL;
	}
	good = good && run_campaign(sensitivity, &campaign, err);
	for (int i = 0; i < count && good; i++) {
		struct sensitivity_factor *factor = &sensitivity->factor[i];
		if (!outcome[i])
			continue;
		/* What was really run, after rounding. */
		double went = (at_share(factor, to[i]) - at_share(factor, from[i])) /
			      (factor->end[SENSITIVITY_HIGH].x - factor->end[SENSITIVITY_LOW].x);
		factor->effect[point] =
			(mean_of(sensitivity, outcome[i], scratch) - mean_of(sensitivity, outcome[count], scratch)) /
			went;
	}
	campaign_free(&campaign);
	return good;
}

bool sensitivity_run_morris(struct sensitivity *sensitivity, int points, struct err *err)
{
	struct arena *arena = sensitivity->study->arena;
	size_t count = (size_t)sensitivity->factors, all = count * (size_t)points;
	double *from = ARENA_ARRAY(arena, all, double), *to = ARENA_ARRAY(arena, all, double);
	sensitivity->points = points;
	screen_design(sensitivity->factors, points, from, to);
	for (int i = 0; i < sensitivity->factors; i++)
		sensitivity->factor[i].effect = ARENA_ARRAY(arena, (size_t)points, double);
	for (int point = 0; point < points; point++)
		if (!run_point(sensitivity, point, from + count * (size_t)point, to + count * (size_t)point, err))
			return false;
	for (int i = 0; i < sensitivity->factors; i++) {
		struct sensitivity_factor *factor = &sensitivity->factor[i];
		factor->screened = screen_effects(factor->effect, points, confidence);
		if (!factor->left_out && factor->screened.size.count == 0)
			factor->left_out = "no point of the design could be run";
	}
	return true;
}

/* ---- order ---- */

static double change_of(const struct sensitivity_end *end)
{
	return end->any && !isnan(end->paired.difference.mean) ? fabs(end->paired.difference.mean) : 0;
}

const struct sensitivity_end *sensitivity_farthest(const struct sensitivity_factor *factor)
{
	const struct sensitivity_end *far = NULL;
	for (int i = 0; i < factor->ends; i++)
		if (factor->end[i].any && (!far || change_of(&factor->end[i]) > change_of(far)))
			far = &factor->end[i];
	return far;
}

static double size_of(const struct sensitivity_factor *factor)
{
	if (factor->left_out)
		return -1;
	if (factor->effect)
		return factor->screened.size.mean;
	const struct sensitivity_end *far = sensitivity_farthest(factor);
	return far ? change_of(far) : 0;
}

bool sensitivity_is_clear(const struct sensitivity_end *end)
{
	enum paired_verdict verdict = end->any ? paired_judge(&end->paired) : PAIRED_EQUAL;
	return verdict == PAIRED_LOWER || verdict == PAIRED_HIGHER;
}

bool sensitivity_matters(const struct sensitivity_factor *factor)
{
	bool any = factor->effect != NULL;
	for (int i = 0; i < factor->ends && !any; i++)
		any = sensitivity_is_clear(&factor->end[i]);
	return !factor->left_out && size_of(factor) > 0 && any;
}

static int by_size(const void *a, const void *b)
{
	const struct sensitivity_factor *one = a, *other = b;
	double first = size_of(one), second = size_of(other);
	if (sensitivity_matters(one) != sensitivity_matters(other))
		return sensitivity_matters(one) ? -1 : 1;
	if (first != second)
		return first < second ? 1 : -1;
	return strcmp(one->name, other->name);
}

void sensitivity_sort(struct sensitivity *sensitivity)
{
	qsort(sensitivity->factor, (size_t)sensitivity->factors, sizeof(*sensitivity->factor), by_size);
}
