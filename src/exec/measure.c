/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/measure.h"
#include "run/names.h"

#include <math.h>
#include <string.h>

struct finding {
	const struct measure *measure;
	const struct outcome *outcome;
	bool at_least;
};

static struct term full_term(const struct measure *measure, const struct term *term)
{
	struct term full = *term;
	if (!full.windowed && measure->windowed) {
		full.windowed = true;
		full.window = measure->window;
	}
	return full;
}

static void refuse_variant(void *context, struct term *term)
{
	if (term->variant)
		*(const char **)context = term->variant;
}

bool measure_parse(struct measure *measure, const struct setup *setup, const char *text, const char *option,
		   struct err *err)
{
	const struct study *study = setup->study;
	struct arena *arena = study->arena;
	const char *named = NULL;
	*measure = (struct measure){.text = text};
	if (!strchr(text, '(')) {
		const struct metric *row = names_metric(study, text);
		measure->text = arena_format(arena, "%s(%s)",
					     !row || metric_is_distribution(row) ? "p99"
					     : row->kind == METRIC_LEVEL         ? "mean"
										 : "rate",
					     text);
	}
	struct place place = {arena_format(arena, "%s %s", option, text), 0, 0};
	measure->expression = expression_parse(arena, measure->text, &place, err);
	if (!measure->expression)
		return false;
	expression_terms(measure->expression, refuse_variant, &named);
	if (named)
		return err_add(err, ERR_USAGE, &place, "[%.60s]: a variant cannot be named here", named);
	void *of = (void *)(uintptr_t)study;
	measure->kind = expression_kind(measure->expression, names_term_kind, of);
	return names_check_expression(study, measure->expression, setup->name, err) &&
	       expression_check_units(measure->expression, names_term_kind, of, err);
}

bool measure_last_window(const struct setup *setup, int64_t *window)
{
	int count = setup->trace.windows;
	*window = count > 1 ? setup->trace.window[count - 1].window : 0;
	return count > 1;
}

struct wanting {
	const struct measure *measure;
	struct outcome *outcome;
};

static void want_term(void *context, struct term *term)
{
	struct wanting *wanting = context;
	struct term full = full_term(wanting->measure, term);
	outcome_want(wanting->outcome, &full);
}

void measure_want(const struct measure *measure, struct outcome *outcome)
{
	struct wanting wanting = {measure, outcome};
	expression_terms(measure->expression, want_term, &wanting);
}

/* The index of a term in its outcome, or -1. */
static int index_of(const struct finding *finding, const struct term *term)
{
	struct term full = full_term(finding->measure, term);
	return outcome_find(finding->outcome, &full);
}

static double value_of_term(void *context, const struct term *term, enum pooled_part part, int rep)
{
	const struct finding *finding = context;
	int index = index_of(finding, term);
	return index < 0 ? NAN : outcome_value(finding->outcome, index, part, rep);
}

void measure_each(const struct measure *measure, const struct outcome *outcome, double *value)
{
	struct finding finding = {measure, outcome, false};
	const struct pooled_values values = {value_of_term, &finding, outcome->reps};
	if (pooled_extreme(measure->expression))
		for (int r = 0; r < outcome->reps; r++)
			value[r] = pooled_value(measure->expression, &values, POOLED_ALL, 0);
	else
		pooled_each(measure->expression, &values, value);
}

double measure_all(const struct measure *measure, const struct outcome *outcome)
{
	struct finding finding = {measure, outcome, false};
	const struct pooled_values values = {value_of_term, &finding, outcome->reps};
	return pooled_value(measure->expression, &values, POOLED_ALL, 0);
}

double measure_one(const struct measure *measure, const struct outcome *outcome, int rep)
{
	struct finding finding = {measure, outcome, false};
	const struct pooled_values values = {value_of_term, &finding, outcome->reps};
	return pooled_value(measure->expression, &values, POOLED_ONE, rep);
}

static void look_at(void *context, struct term *term)
{
	struct finding *finding = context;
	int index = index_of(finding, term);
	finding->at_least |= index >= 0 && outcome_estimate(finding->outcome, index).at_least;
}

bool measure_at_least(const struct measure *measure, const struct outcome *outcome)
{
	struct finding finding = {measure, outcome, false};
	expression_terms(measure->expression, look_at, &finding);
	return finding.at_least;
}

void measure_note_unfinished(const struct measure *measure, bool a, bool b, struct paired *paired)
{
	bool one = expression_term(measure->expression) != NULL;
	paired->a_at_least = one ? a : a || b;
	paired->b_at_least = one ? b : a || b;
}
