/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/side.h"
#include "base/check.h"
#include "run/setup_trace.h"
#include "web/state.h"

#include <string.h>

static struct outcome *outcome_named(const struct side *side, const char *variant)
{
	for (int i = 0; i < side->outcomes; i++)
		if (strcmp(side->outcome[i]->setup->name, variant) == 0)
			return side->outcome[i];
	return NULL;
}

/* A trial meets the outcomes of two sides: its own, and where it is ablated those of the other. */
struct hosting {
	const struct side *as_is, *ablated;
};

static struct outcome *add(void *host, const struct setup *setup, struct err *err)
{
	const struct hosting *hosting = host;
	const struct side *both[] = {hosting->as_is, hosting->ablated};
	(void)err;
	for (int i = 0; i < 2; i++) {
		struct outcome *outcome = both[i] ? outcome_named(both[i], setup->name) : NULL;
		if (outcome && outcome->setup->digest == setup->digest)
			return outcome;
	}
	return NULL;
}

/* Trials ask for their terms; one that names a variant that is not there is none. */
static void want_claims(const struct side *side)
{
	struct hosting hosting = {side, NULL};
	const struct trial_host host = {add, &hosting};
	struct err ignored;
	err_init(&ignored);
	for (int c = 0; c < side->study->claims; c++)
		trial_new(side->study, &side->study->claim[c], NULL, NULL, &host, &ignored);
}

static void want_metrics(struct outcome *outcome)
{
	const struct metric *metric = outcome->setup->metrics;
	for (int m = 0; m < SIDE_METRICS && metric[m].name; m++)
		for (const char *const *statistic = outcome_statistics(&metric[m]); *statistic; statistic++) {
			struct term term = outcome_term(*statistic, metric[m].name);
			outcome_want(outcome, &term);
		}
	if (outcome->setup->of->failures) {
		struct term failures = outcome_term("count", outcome->setup->of->failures);
		outcome_want(outcome, &failures);
	}
}

struct chart_outcomes side_outcomes(const struct side *side)
{
	return (struct chart_outcomes){side->study, side->outcome, side->outcomes};
}

static void want_all(struct side *side)
{
	const struct chart_outcomes outcomes = side_outcomes(side);
	const char *missing;
	struct err ignored;
	err_init(&ignored);
	for (int i = 0; i < side->outcomes; i++)
		want_metrics(side->outcome[i]);
	chart_want_words(&outcomes, side->explore->words, &ignored);
	for (int f = 0; f < side->study->figures; f++)
		chart_want(&outcomes, &side->study->figure[f], &missing, &ignored);
	want_claims(side);
}

struct side *side_new(const struct explore *explore, const struct tree *laid, const char *const *variants,
		      struct err *err)
{
	struct arena arena;
	arena_init(&arena);
	struct side *side = ARENA_NEW(&arena, struct side);
	*side = (struct side){.arena = arena, .explore = explore};
	side->study = state_study(explore, laid, variants, &side->arena, err);
	if (!side->study) {
		side_free(side);
		return NULL;
	}
	size_t room = (size_t)explore->variants;
	side->outcome = ARENA_ARRAY(&side->arena, room + 1, struct outcome *);
	side->pending = ARENA_ARRAY(&side->arena, room, struct replay *);
	side->journey = ARENA_ARRAY(&side->arena, room, struct journey *);
	for (int v = 0; v < side->study->variants; v++) {
		const struct setup *setup = side->study->setup[v];
		if (setup)
			side->outcome[side->outcomes++] = outcome_new(setup, (int)setup->run.reps, 0);
	}
	want_all(side);
	return side;
}

void side_free(struct side *side)
{
	if (!side)
		return;
	side_unjudge(side);
	for (int i = 0; i < side->outcomes; i++) {
		replay_free(side->pending[i]);
		outcome_free(side->outcome[i]);
	}
	replay_free(side->running);
	replay_free(side->looking);
	struct arena arena = side->arena; /* it lies inside */
	arena_free(&arena);
}

void side_unjudge(struct side *side)
{
	for (int i = 0; i < side->judgements; i++)
		side_free(side->ablated[i]);
	side->judgement = NULL;
	side->judgements = 0;
}

bool side_same(const struct side *a, const struct side *b)
{
	if (a->outcomes != b->outcomes)
		return false;
	for (int i = 0; i < a->outcomes; i++)
		if (a->outcome[i]->setup->digest != b->outcome[i]->setup->digest ||
		    strcmp(a->outcome[i]->setup->name, b->outcome[i]->setup->name) != 0)
			return false;
	return true;
}

/* ---- claims ---- */

struct naming_variants {
	const struct study *study;
	const char **name;
	int names;
};

static void note_variant(void *context, struct term *term)
{
	struct naming_variants *naming = context;
	const char *variant = term->variant ? term->variant : naming->study->variant[0];
	for (int i = 0; i < naming->names; i++)
		if (strcmp(naming->name[i], variant) == 0)
			return;
	naming->name[naming->names++] = variant;
}

/* The variants of a claim's terms; ends with NULL. */
static const char **variants_of(struct side *side, const struct claim *claim)
{
	struct naming_variants naming = {side->study, NULL, 0};
	naming.name = ARENA_ARRAY(&side->arena, (size_t)side->study->variants + 1, const char *);
	for (int i = 0; i < claim->expects; i++) {
		expression_terms(claim->expect[i].left, note_variant, &naming);
		expression_terms(claim->expect[i].low, note_variant, &naming);
		expression_terms(claim->expect[i].high, note_variant, &naming);
	}
	return naming.name;
}

void side_judge(struct side *side, const struct tree *laid)
{
	struct study *study = side->study;
	size_t room = (size_t)study->claims + 1;
	CHECK(!side->judgement);
	side->judgement = ARENA_ARRAY(&side->arena, room, struct judgement *);
	side->ablated = ARENA_ARRAY(&side->arena, room, struct side *);
	for (int c = 0; c < study->claims; c++) {
		const struct claim *claim = &study->claim[c];
		const char **variant = variants_of(side, claim);
		bool covered = true;
		struct err ignored;
		err_init(&ignored);
		for (const char **name = variant; *name; name++)
			covered = covered && outcome_named(side, *name);
		if (!covered)
			continue;
		struct side *ablated = NULL;
		if (claim->without)
			ablated = side_new(side->explore, setup_trace_lay(&side->arena, laid, claim->without), variant,
					   &ignored);
		struct hosting hosting = {side, ablated};
		const struct trial_host host = {add, &hosting};
		struct judgement *judgement = judgement_new(study, claim, NULL, ablated != NULL, &host, &ignored);
		if (!judgement) {
			side_free(ablated);
			continue;
		}
		side->ablated[side->judgements] = ablated;
		side->judgement[side->judgements++] = judgement;
	}
}

/* ---- running ---- */

/* Steps a replay; true when it has ended. */
static bool step(struct replay *replay, uint32_t *budget)
{
	uint64_t before = replay->rows + replay->events;
	bool more = replay_step(replay, *budget);
	uint64_t took = replay->rows + replay->events - before;
	*budget -= took < *budget ? (uint32_t)took : *budget;
	if (!more)
		replay_end(replay);
	return !more;
}

static int next_of(const struct side *side)
{
	int v = 0;
	while (v < side->outcomes && side->pending[v])
		v++;
	return v;
}

bool side_step(struct side *side, int reps, uint32_t *budget)
{
	while (side->reps<reps && * budget> 0) {
		if (!side->running) {
			side->at = next_of(side);
			side->running = replay_begin(side->outcome[side->at]->setup, NULL, side->reps, 0);
		}
		if (!step(side->running, budget))
			return false;
		side->pending[side->at] = side->running;
		side->running = NULL;
		if (next_of(side) < side->outcomes)
			continue;
		for (int i = 0; i < side->outcomes; i++) {
			outcome_add(side->outcome[i], side->pending[i], side->reps, NULL);
			replay_free(side->pending[i]);
			side->pending[i] = NULL;
		}
		side->reps++;
		return true;
	}
	return false;
}

bool side_look(struct side *side, uint32_t *budget)
{
	for (; side->seen < side->outcomes; side->seen++) {
		if (!side->looking)
			side->looking = replay_begin(side->outcome[side->seen]->setup, NULL, 0, 1);
		if (*budget == 0 || !step(side->looking, budget))
			return false;
		const struct journeys *journeys = side->looking->journeys;
		if (journeys->kept > 0) {
			struct journey *own = ARENA_NEW(&side->arena, struct journey);
			*own = *journeys->slowest[0];
			journey_own(own, &side->arena);
			side->journey[side->seen] = own;
		}
		replay_free(side->looking);
		side->looking = NULL;
	}
	return true;
}

double side_rows(const struct side *side)
{
	double rows = 0;
	for (int i = 0; i < side->outcomes; i++)
		for (int r = 0; r < side->reps; r++)
			rows += (double)side->outcome[i]->rep[r].rows;
	return side->reps ? rows / side->reps : 0;
}
