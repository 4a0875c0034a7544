/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/trial.h"

#include <math.h>
#include <string.h>

struct adding {
	const struct study *study;
	const struct trial_host *host;
	struct trial *trial;
	const struct tree *over; /* laid over variants */
	const char *only;        /* over this one; NULL: over all */
	struct err *err;
};

static const char *variant_of(const struct study *study, const struct term *term)
{
	return term->variant ? term->variant : study->variant[0];
}

static struct trial_side *side_of(const struct trial *trial, const char *variant)
{
	struct trial_side *side = trial->side;
	while (side && strcmp(side->variant, variant) != 0)
		side = side->next;
	return side;
}

static void add_term(void *context, struct term *term)
{
	struct adding *adding = context;
	const char *variant = variant_of(adding->study, term);
	struct trial_side *side = side_of(adding->trial, variant);
	if (!side) {
		bool over = !adding->only || strcmp(adding->only, variant) == 0;
		const struct setup *setup =
			setup_resolve(adding->study, variant, over ? adding->over : NULL, adding->err);
		struct outcome *outcome = setup ? adding->host->add(adding->host->host, setup, adding->err) : NULL;
		if (!outcome)
			return;
		side = ARENA_NEW(adding->study->arena, struct trial_side);
		*side = (struct trial_side){variant, outcome, adding->trial->side};
		adding->trial->side = side;
	}
	outcome_want(side->outcome, term);
}

static void each_term(const struct claim *claim, void (*each)(void *context, struct term *term), void *context)
{
	for (int i = 0; i < claim->expects; i++) {
		const struct expectation *expectation = &claim->expect[i];
		expression_terms(expectation->left, each, context);
		expression_terms(expectation->low, each, context);
		if (expectation->high)
			expression_terms(expectation->high, each, context);
	}
}

struct trial *trial_new(const struct study *study, const struct claim *claim, const struct tree *over,
			const char *only, const struct trial_host *host, struct err *err)
{
	struct trial *trial = ARENA_NEW(study->arena, struct trial);
	struct adding adding = {study, host, trial, over, only, err};
	int mistakes = err->count;
	trial->claim = claim;
	each_term(claim, add_term, &adding);
	return err->count == mistakes ? trial : NULL;
}

void trial_note_term(void *any, struct term *term)
{
	(void)term;
	*(bool *)any = true;
}

struct judging {
	const struct study *study;
	const struct trial *trial;
};

struct looking {
	struct judging of;
	struct verdict_of_one *one;
};

/* The outcome that a term is measured in, and its index there; -1 when it is not. */
static const struct outcome *measured(const struct study *study, const struct trial *trial, const struct term *term,
				      int *index)
{
	const struct outcome *outcome = side_of(trial, variant_of(study, term))->outcome;
	*index = -1;
	for (int i = 0; i < outcome->terms && *index < 0; i++)
		if (outcome_same_term(&outcome->term[i], term))
			*index = i;
	return outcome;
}

static double value_of(void *context, const struct term *term, enum pooled_part part, int rep)
{
	const struct judging *judging = context;
	int index;
	const struct outcome *outcome = measured(judging->study, judging->trial, term, &index);
	return index < 0 ? NAN : outcome_value(outcome, index, part, rep);
}

/* What the terms' own estimates say of them. */
static void look_at(void *context, struct term *term)
{
	struct looking *looking = context;
	int index;
	const struct outcome *outcome = measured(looking->of.study, looking->of.trial, term, &index);
	if (index < 0)
		return;
	struct estimate estimate = outcome_estimate(outcome, index);
	looking->one->narrow |= estimate.narrow;
	looking->one->at_least |= estimate.at_least;
}

/* A value that may be larger decides where it is larger than a number already. */
static bool decided(const struct expectation *expectation, const struct verdict_of_one *one)
{
	bool any = false;
	enum verdict verdict = one->verdict;
	enum claim_operator operator= expectation->operator;
	expression_terms(expectation->low, trial_note_term, &any);
	expression_terms(expectation->high, trial_note_term, &any);
	if (!expression_term(expectation->left) || any)
		return false;
	if (operator== CLAIM_IN)
		return verdict == VERDICT_NO && one->left.mean > one->high && !pooled_extreme(expectation->left);
	return verdict == VERDICT_YES ? operator== CLAIM_GREATER || operator== CLAIM_GREATER_EQUAL : operator==
												     CLAIM_LESS ||
												     operator==
												     CLAIM_LESS_EQUAL;
}

struct visiting {
	struct judging of;
	void (*each)(void *context, const struct outcome *outcome, int term);
	void *context;
};

static void visit(void *context, struct term *term)
{
	struct visiting *visiting = context;
	int index;
	const struct outcome *outcome = measured(visiting->of.study, visiting->of.trial, term, &index);
	if (index >= 0)
		visiting->each(visiting->context, outcome, index);
}

void trial_each(const struct study *study, const struct trial *trial,
		void (*each)(void *context, const struct outcome *outcome, int term), void *context)
{
	struct visiting visiting = {{study, trial}, each, context};
	each_term(trial->claim, visit, &visiting);
}

struct verdict_of_one *trial_judge(const struct study *study, const struct trial *trial)
{
	const struct claim *claim = trial->claim;
	struct verdict_of_one *one = ARENA_ARRAY(study->arena, (size_t)claim->expects + 1, struct verdict_of_one);
	struct judging judging = {study, trial};
	int reps = trial->side ? trial->side->outcome->reps : 1;
	for (const struct trial_side *side = trial->side; side; side = side->next)
		reps = side->outcome->reps < reps ? side->outcome->reps : reps;
	bool exact = true;
	for (const struct trial_side *side = trial->side; side; side = side->next)
		exact = exact && outcome_exact(side->outcome);
	const struct pooled_values values = {value_of, &judging, reps};
	for (int i = 0; i < claim->expects; i++) {
		const struct expectation *expectation = &claim->expect[i];
		struct looking looking = {judging, &one[i]};
		one[i] = verdict_of(expectation, &values, exact);
		expression_terms(expectation->left, look_at, &looking);
		expression_terms(expectation->low, look_at, &looking);
		expression_terms(expectation->high, look_at, &looking);
		if (one[i].at_least && one[i].verdict != VERDICT_INCONCLUSIVE &&
		    !decided(expectation, &one[i])) {
			one[i].verdict = VERDICT_INCONCLUSIVE;
			one[i].why = "it depends on requests that had not ended";
		}
	}
	return one;
}

struct covering {
	const struct study *study;
	struct outcome *const *outcome;
	int count;
	bool all;
};

static void cover(void *context, struct term *term)
{
	struct covering *covering = context;
	const char *variant = variant_of(covering->study, term);
	for (int i = 0; i < covering->count; i++)
		if (strcmp(covering->outcome[i]->setup->name, variant) == 0)
			return;
	covering->all = false;
}

bool trial_covered(const struct study *study, const struct claim *claim, struct outcome *const *outcome, int count)
{
	struct covering covering = {study, outcome, count, true};
	each_term(claim, cover, &covering);
	return covering.all;
}
