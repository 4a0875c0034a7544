/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/findings.h"
#include "run/names.h"
#include "stats/groups.h"
#include "stats/paired.h"
#include "stats/shown.h"
#include "web/figuretext.h"

#include <math.h>
#include <string.h>

static const double confidence = 0.95;
static const char *shown(struct arena *arena, double value, enum quantity_kind kind)
{
	char text[SHOWN_VALUE];
	return arena_text(arena, shown_value(value, kind, text));
}

static void put_digest(struct jsontext *json, uint64_t digest)
{
	jsontext_put_string(json, "digest",
			    arena_format(json->into->arena, "%016llx", (unsigned long long)digest));
}

/* ---- variants ---- */

static void put_term(struct jsontext *json, const struct side *side, const struct outcome *outcome,
		     const struct term *term)
{
	struct arena *arena = json->into->arena;
	int index = outcome_find(outcome, term);
	struct estimate estimate = outcome_estimate(outcome, index);
	enum quantity_kind kind = names_term_kind(side->study, term);
	const char *text = shown(arena, estimate.value, kind);
	if (estimate.at_least)
		text = arena_format(arena, "at least %s", text);
	if (isfinite(estimate.low) && estimate.low < estimate.high)
		text = arena_format(arena, "%s (%s .. %s%s)", text, shown(arena, estimate.low, kind),
				    shown(arena, estimate.high, kind), estimate.narrow ? ", or wider" : "");
	jsontext_open(json, '{');
	jsontext_put_string(json, "statistic", term->statistic);
	jsontext_put_number(json, "value", estimate.value);
	jsontext_put_number(json, "low", estimate.low);
	jsontext_put_number(json, "high", estimate.high);
	jsontext_put_string(json, "text", text);
	jsontext_put_bool(json, "narrow", estimate.narrow);
	jsontext_put_bool(json, "at_least", estimate.at_least);
	jsontext_close(json, '}');
}

/* Nobody reads them before all is done, and they are most of what a result costs. */
static void put_metrics(struct jsontext *json, const struct side *side, const struct outcome *outcome, bool settled)
{
	const struct metric *metric = outcome->setup->metrics;
	jsontext_put_open(json, "metrics", '[');
	for (int m = 0; settled && m < SIDE_METRICS && metric[m].name; m++) {
		jsontext_open(json, '{');
		jsontext_put_string(json, "metric", metric[m].name);
		jsontext_put_string(json, "kind", metric_kinds[metric[m].kind]);
		jsontext_put_string(json, "unit", metric[m].unit);
		jsontext_put_open(json, "terms", '[');
		for (const char *const *statistic = outcome_statistics(&metric[m]); *statistic; statistic++) {
			struct term term = outcome_term(*statistic, metric[m].name);
			put_term(json, side, outcome, &term);
		}
		jsontext_close(json, ']');
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
}

/* Replications that end in two ways, by the mean of the first time of the case. */
static void put_ways(struct jsontext *json, const struct outcome *outcome)
{
	struct arena *arena = json->into->arena;
	const struct metric *metric = outcome->setup->metrics;
	while (metric->name && metric->kind != METRIC_TIME)
		metric++;
	struct term mean = outcome_term("mean", metric->name ? metric->name : "");
	int index = metric->name ? outcome_find(outcome, &mean) : -1;
	struct groups groups = {.two = false};
	if (index >= 0)
		groups = groups_find(outcome->value[index], outcome->reps);
	jsontext_key(json, "ways");
	if (!groups.two) {
		jsontext_string(json, NULL);
		return;
	}
	const char *low = shown(arena, groups.low_mean, QUANTITY_TIME);
	const char *high = shown(arena, groups.high_mean, QUANTITY_TIME);
	jsontext_open(json, '{');
	jsontext_put_string(json, "metric", metric->name);
	jsontext_put_string(json, "statistic", "mean");
	jsontext_put_integer(json, "low", groups.low);
	jsontext_put_integer(json, "high", groups.high);
	jsontext_put_string(json, "low_text", low);
	jsontext_put_string(json, "high_text", high);
	jsontext_put_string(json, "text",
			    arena_format(arena,
					 "ends in two ways: in %d of %d replications %s takes some %s, in %d some %s",
					 groups.high, outcome->reps, metric->name, high, groups.low, low));
	jsontext_close(json, '}');
}

static void put_variant(struct jsontext *json, const struct side *side, const struct outcome *outcome, bool settled)
{
	int64_t rows = 0, unfinished = 0;
	for (int r = 0; r < outcome->reps; r++) {
		rows += (int64_t)outcome->rep[r].rows;
		unfinished += outcome->rep[r].unfinished;
	}
	double failed = NAN;
	if (outcome->setup->of->failures && outcome->reps > 0) {
		struct term failures = outcome_term("count", outcome->setup->of->failures);
		failed = outcome_estimate(outcome, outcome_find(outcome, &failures)).value;
	}
	jsontext_open(json, '{');
	jsontext_put_string(json, "name", outcome->setup->name);
	jsontext_put_string(json, "label", outcome->setup->label);
	jsontext_put_integer(json, "replications", outcome->reps);
	put_digest(json, outcome_digest(outcome));
	jsontext_put_integer(json, "requests", rows);
	jsontext_put_integer(json, "unfinished", unfinished);
	jsontext_put_number(json, "failed", failed);
	put_metrics(json, side, outcome, settled);
	put_ways(json, outcome);
	jsontext_close(json, '}');
}

/* ---- compared with the default ---- */

struct comparing {
	struct jsontext *json;
	const struct findings *findings;
	struct pooled_values now, standard;
};

static void note_measured(void *any, struct term *term)
{
	if (strcmp(term->statistic, "param") != 0 && strcmp(term->statistic, "offered") != 0)
		*(bool *)any = true;
}

static const char *difference_text(const struct paired *paired, enum paired_verdict verdict, const char *term,
				   const char *value, const char *standard, struct arena *arena)
{
	if (verdict == PAIRED_EQUAL)
		return arena_format(arena, "%s is %s, the same as by default", term, value);
	if (verdict == PAIRED_UNKNOWN)
		return arena_format(arena, "%s is %s, by default %s", term, value, standard);
	if (verdict == PAIRED_UNCLEAR)
		return arena_format(arena, "%s is %s, by default %s: no clear difference", term, value, standard);
	/* There is no factor from nothing, and to nothing none that says more. */
	if (!isfinite(paired->relative.mean) || paired->relative.mean <= -1)
		return arena_format(arena, "%s is %s, by default %s: %s", term, value, standard, paired_names[verdict]);
	return arena_format(arena, "%s is %s, %.3g x the default (%.3g .. %.3g)", term, value,
			    1 + paired->relative.mean, 1 + paired->relative.low, 1 + paired->relative.high);
}

static void put_difference(void *context, const char *text, const struct expression *expression)
{
	struct comparing *comparing = context;
	struct jsontext *json = comparing->json;
	struct arena *arena = json->into->arena;
	const struct study *study = comparing->findings->side->study;
	int reps = comparing->now.reps;
	bool measured = false;
	expression_terms(expression, note_measured, &measured);
	if (!measured)
		return;
	double *now = ARENA_ARRAY(arena, (size_t)reps + 1, double);
	double *standard = ARENA_ARRAY(arena, (size_t)reps + 1, double);
	pooled_each(expression, &comparing->now, now);
	pooled_each(expression, &comparing->standard, standard);
	struct paired paired = paired_of(standard, now, reps, confidence);
	enum paired_verdict verdict = paired_judge(&paired);
	enum quantity_kind kind = expression_kind(expression, names_term_kind, study);
	const char *value = chart_say(arena, pooled_value(expression, &comparing->now, POOLED_ALL, 0), kind);
	const char *usual = chart_say(arena, pooled_value(expression, &comparing->standard, POOLED_ALL, 0), kind);
	jsontext_open(json, '{');
	jsontext_put_string(json, "term", text);
	jsontext_put_string(json, "value", value);
	jsontext_put_string(json, "default", usual);
	jsontext_put_number(json, "ratio", 1 + paired.relative.mean);
	jsontext_put_number(json, "low", 1 + paired.relative.low);
	jsontext_put_number(json, "high", 1 + paired.relative.high);
	jsontext_put_string(json, "verdict", paired_names[verdict]);
	jsontext_put_string(json, "text", difference_text(&paired, verdict, text, value, usual, arena));
	jsontext_close(json, '}');
}

static void put_differences(struct jsontext *json, const struct findings *findings)
{
	struct arena *arena = json->into->arena;
	struct err ignored;
	err_init(&ignored);
	jsontext_put_open(json, "differences", '[');
	if (findings->standard && findings->standard->reps == findings->side->reps) {
		const struct chart_outcomes now = side_outcomes(findings->side);
		const struct chart_outcomes standard = side_outcomes(findings->standard);
		struct comparing comparing = {json, findings, chart_values(arena, &now),
					      chart_values(arena, &standard)};
		chart_holes(arena, &now, findings->state->explore->words, put_difference, &comparing, &ignored);
	}
	jsontext_close(json, ']');
}

/* ---- figures ---- */

static void put_figures(struct jsontext *json, const char *key, const struct side *side)
{
	struct arena *arena = json->into->arena;
	jsontext_put_open(json, key, '[');
	for (int f = 0; side && f < side->study->figures; f++) {
		const struct chart_outcomes outcomes = side_outcomes(side);
		struct err own;
		err_init(&own);
		figuretext_put(json, chart_figure(arena, &outcomes, &side->study->figure[f], "", &own));
	}
	jsontext_close(json, ']');
}

/* ---- claims ---- */

static void put_claim(struct jsontext *json, const struct side *side, struct judgement *judgement, bool ablated)
{
	const struct claim *claim = judgement->claim;
	struct arena *arena = json->into->arena;
	ablated = ablated && judgement->ablated;
	jsontext_open(json, '{');
	jsontext_put_string(json, "id", claim->id);
	jsontext_put_string(json, "says", claim->says);
	jsontext_put_string(json, "kind", claim_kinds[claim->kind]);
	jsontext_put_string(json, "holds", verdict_names[judgement->holds]);
	jsontext_key(json, "earned");
	if (ablated || !judgement->ablated)
		jsontext_bool(json, judgement_earned(judgement));
	else
		jsontext_string(json, NULL);
	jsontext_put_string(json, "without_holds", ablated ? verdict_names[judgement->ablated_holds] : NULL);
	jsontext_put_open(json, "expect", '[');
	for (int i = 0; i < claim->expects; i++) {
		jsontext_open(json, '{');
		jsontext_put_string(json, "text", claim->expect[i].text);
		jsontext_put_string(json, "holds", verdict_names[judgement->one[i].verdict]);
		jsontext_put_string(json, "measured",
				    judgement_measured(side->study, claim, judgement->one, i, arena));
		jsontext_put_string(json, "without", ablated ? judgement_measured(side->study, claim,
										  judgement->without, i, arena)
							     : NULL);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
	jsontext_close(json, '}');
}

static void put_claims(struct jsontext *json, const struct findings *findings)
{
	struct side *side = findings->side;
	struct text table;
	text_begin(&table, json->into->arena);
	jsontext_put_open(json, "claims", '[');
	for (int i = 0; i < side->judgements; i++) {
		judgement_judge(side->judgement[i]);
		put_claim(json, side, side->judgement[i],
			  side->ablated[i] && side->ablated[i]->reps >= side->reps);
	}
	jsontext_close(json, ']');
	if (findings->whole)
		judgement_table(side->judgement, side->judgements, &table);
	jsontext_put_string(json, "claims_table", table.bytes);
}

/* ---- journeys ---- */

static void put_time(struct jsontext *json, struct arena *arena, const char *key, const char *key_text, int64_t ns)
{
	jsontext_put_integer(json, key, ns);
	jsontext_put_string(json, key_text, shown(arena, (double)ns * 1e-9, QUANTITY_TIME));
}

static void put_span(struct jsontext *json, const struct journey *whole, const struct journey *journey)
{
	struct arena *arena = json->into->arena;
	int64_t end = journey->end < 0 ? whole->end : journey->end;
	jsontext_put_string(json, "kind", journey->kind);
	jsontext_put_integer(json, "begin", whole == journey ? journey->begin : journey->begin - whole->begin);
	put_time(json, arena, "took", "took_text", end - journey->begin);
	jsontext_put_open(json, "steps", '[');
	for (int s = 0; s < journey->steps; s++) {
		const struct journey_step *step = &journey->step[s];
		jsontext_open(json, '{');
		put_time(json, arena, "at", "at_text", step->time - whole->begin);
		jsontext_put_string(json, "part", step->number < 0 ? step->part
								   : arena_format(arena, "%s %lld", step->part,
										  (long long)step->number));
		jsontext_put_string(json, "what", shown_step(step, arena));
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
	jsontext_put_integer(json, "dropped", journey->dropped);
	jsontext_put_open(json, "spans", '[');
	for (const struct journey *span = journey->child; span; span = span->next) {
		jsontext_open(json, '{');
		put_span(json, whole, span);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
}

static void put_journeys(struct jsontext *json, const struct side *side)
{
	jsontext_put_open(json, "journeys", '[');
	for (int i = 0; i < side->outcomes; i++) {
		const struct journey *journey = side->journey[i];
		if (!journey)
			continue;
		jsontext_open(json, '{');
		jsontext_put_string(json, "variant", side->outcome[i]->setup->name);
		jsontext_put_string(json, "label", side->outcome[i]->setup->label);
		jsontext_put_integer(json, "replication", 0);
		jsontext_put_integer(json, "request", (int64_t)journey->id);
		put_span(json, journey, journey);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
}

/* ---- all ---- */

static const char *sentence_of(const struct side *side, const struct tree *words, struct arena *arena)
{
	const struct chart_outcomes outcomes = side_outcomes(side);
	struct err ignored;
	err_init(&ignored);
	return chart_words(arena, &outcomes, words, &ignored);
}

void findings_put(struct jsontext *json, const struct findings *findings)
{
	const struct state *state = findings->state;
	struct side *side = findings->side;
	struct arena *arena = json->into->arena;
	const struct setup *first = side->outcome[0]->setup;
	bool exact = side->reps > 0, settled = findings->done && strcmp(findings->job, "settle") == 0;
	for (int i = 0; i < side->outcomes; i++)
		exact = exact && outcome_exact(side->outcome[i]);
	jsontext_open(json, '{');
	jsontext_put_string(json, "state", state->text);
	jsontext_put_bool(json, "done", findings->done);
	jsontext_put_string(json, "job", findings->job);
	jsontext_put_integer(json, "replications", side->reps);
	jsontext_put_integer(json, "of", findings->of);
	jsontext_put_bool(json, "budget", findings->of < first->run.reps);
	jsontext_put_bool(json, "exact", exact);
	jsontext_put_integer(json, "seed", first->run.seed);
	put_digest(json, outcome_digest_all(side->outcome, side->outcomes));
	jsontext_put_string(json, "command",
			    state_command(state, "run", side->reps == first->run.reps ? 0 : side->reps, arena));
	const struct side *standard = findings->standard;
	jsontext_put_string(json, "sentence", sentence_of(side, state->explore->words, arena));
	jsontext_put_string(json, "sentence_default",
			    standard ? sentence_of(standard, state->explore->words, arena) : NULL);
	jsontext_put_open(json, "variants", '[');
	for (int i = 0; side->reps > 0 && i < side->outcomes; i++)
		put_variant(json, side, side->outcome[i], settled);
	jsontext_close(json, ']');
	put_differences(json, findings);
	put_figures(json, "figures", side->reps > 0 ? side : NULL);
	put_figures(json, "ghosts", side->reps > 0 ? standard : NULL);
	put_claims(json, findings);
	put_journeys(json, side);
	jsontext_close(json, '}');
}
