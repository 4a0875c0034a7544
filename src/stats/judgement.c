/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/judgement.h"
#include "base/tree.h"
#include "run/names.h"
#include "stats/shown.h"

#include <math.h>
#include <string.h>

enum { INDENT = 12, WORD = 13 };

struct judgement *judgement_new(const struct study *study, const struct claim *claim, const struct tree *laid,
				bool ablate, const struct trial_host *host, struct err *err)
{
	struct judgement *judgement = ARENA_NEW(study->arena, struct judgement);
	judgement->study = study;
	judgement->claim = claim;
	judgement->trial = trial_new(study, claim, laid, NULL, host, err);
	if (ablate && claim->without)
		judgement->ablated = trial_new(study, claim, claim->without, NULL, host, err);
	return judgement->trial && (judgement->ablated || !ablate || !claim->without) ? judgement : NULL;
}

bool judgement_doubt(struct judgement *judgement, const struct trial_host *host, struct err *err)
{
	const struct claim *claim = judgement->claim;
	judgement->doubt = true;
	if (claim->fails)
		judgement->doubted = trial_new(judgement->study, claim, claim->fails, NULL, host, err);
	return !claim->fails || judgement->doubted;
}

void judgement_judge(struct judgement *judgement)
{
	int expects = judgement->claim->expects;
	judgement->one = trial_judge(judgement->study, judgement->trial);
	judgement->holds = verdict_all(judgement->one, expects);
	judgement->standing = 0;
	if (judgement->doubted)
		judgement->doubted_holds =
			verdict_all(trial_judge(judgement->study, judgement->doubted), expects);
	if (!judgement->ablated)
		return;
	judgement->without = trial_judge(judgement->study, judgement->ablated);
	judgement->ablated_holds = verdict_all(judgement->without, expects);
	for (int i = 0; i < expects; i++)
		judgement->standing += judgement->without[i].verdict == VERDICT_YES;
}

bool judgement_earned(const struct judgement *judgement)
{
	return judgement->holds == VERDICT_YES && (!judgement->ablated || judgement->ablated_holds == VERDICT_NO);
}

/* ---- the table ---- */

static bool has_term(const struct expression *expression)
{
	bool any = false;
	expression_terms(expression, trial_note_term, &any);
	return any;
}

/* What was measured of the left side, times `scale`: "81.2 ms (78 ms .. 84 ms)"; `unit` ends it. */
static const char *left_measured(const struct verdict_of_one *one, enum quantity_kind kind, double scale,
				 const char *unit, struct arena *arena)
{
	char value[SHOWN_VALUE], low[SHOWN_VALUE], high[SHOWN_VALUE];
	const struct interval *left = &one->left;
	const char *text = arena_format(arena, "%s%s%s", one->at_least ? "at least " : "",
					shown_value(scale * left->mean, kind, value), unit);
	if (isfinite(left->low) && left->low < left->high)
		text = arena_format(arena, "%s (%s .. %s%s%s)", text, shown_value(scale * left->low, kind, low),
				    shown_value(scale * left->high, kind, high), unit,
				    one->narrow ? ", or wider" : "");
	return text;
}

const char *judgement_measured(const struct study *study, const struct claim *claim, const struct verdict_of_one *one,
			       int expectation, struct arena *arena)
{
	char low[SHOWN_VALUE], high[SHOWN_VALUE];
	const struct expectation *of = &claim->expect[expectation];
	enum quantity_kind kind = expression_kind(of->left, names_term_kind, study);
	const char *text = left_measured(&one[expectation], kind, 1, "", arena);
	if (has_term(of->low))
		text = arena_format(arena, "%s; %s comes to %s", text,
				    of->operator== CLAIM_IN ? "the band's lower end" : "the right side",
				    shown_value(one[expectation].low, kind, low));
	if (of->high && has_term(of->high))
		text = arena_format(arena, "%s, its upper end to %s", text,
				    shown_value(one[expectation].high, kind, high));
	if (one[expectation].verdict == VERDICT_INCONCLUSIVE && one[expectation].why)
		text = arena_format(arena, "%s; %s", text, one[expectation].why);
	return arena_text(arena, text);
}

const char *judgement_named(const struct study *study, const struct claim *claim, const struct verdict_of_one *one,
			    int expectation, struct arena *arena)
{
	char low[SHOWN_VALUE], high[SHOWN_VALUE];
	const struct expectation *of = &claim->expect[expectation];
	enum quantity_kind kind = expression_kind(of->left, names_term_kind, study);
	bool percent = kind == QUANTITY_REAL && !has_term(of->low) && strchr(of->low_text, '%');
	const char *text = arena_format(
		arena, "`%s`: %s", of->left_text,
		left_measured(&one[expectation], kind, percent ? 100 : 1, percent ? " %" : "", arena));
	if (has_term(of->low))
		text = arena_format(arena, "%s, against `%s`: %s", text, of->low_text,
				    shown_value(one[expectation].low, kind, low));
	if (of->high_text && has_term(of->high))
		text = arena_format(arena, "%s, `%s`: %s", text, of->high_text,
				    shown_value(one[expectation].high, kind, high));
	if (one[expectation].verdict == VERDICT_INCONCLUSIVE && one[expectation].why)
		text = arena_format(arena, "%s; %s", text, one[expectation].why);
	return text;
}

static const char *falls_or_not(enum verdict verdict)
{
	return verdict == VERDICT_NO    ? "it no longer holds"
	       : verdict == VERDICT_YES ? "it still holds"
					: "the replications do not settle it";
}

static void put_expectation(const struct judgement *judgement, int i, struct text *into)
{
	const struct claim *claim = judgement->claim;
	struct arena *arena = into->arena;
	text_add(into, "%*s %-*s %s: measured %s\n", INDENT, "", WORD,
		 claim->expects > 1 ? verdict_names[judgement->one[i].verdict] : "", claim->expect[i].text,
		 judgement_measured(judgement->study, claim, judgement->one, i, arena));
	if (judgement->without)
		text_add(into, "%*s %-*s   without the mechanism %s: %s\n", INDENT, "", WORD, "",
			 judgement_measured(judgement->study, claim, judgement->without, i, arena),
			 falls_or_not(judgement->without[i].verdict));
}

static void put_claim(const struct judgement *judgement, struct text *into)
{
	const struct claim *claim = judgement->claim;
	const char *mechanism = claim->mechanism ? claim->mechanism : "its mechanism";
	struct arena *arena = into->arena;
	text_add(into, "\n%-*s %-*s %s\n", INDENT, claim->id, WORD, verdict_names[judgement->holds],
		 claim->says ? claim->says : "");
	for (int i = 0; i < claim->expects; i++)
		put_expectation(judgement, i, into);
	if (judgement->ablated) {
		bool falls = judgement->ablated_holds == VERDICT_NO;
		text_add(into, "%*s %-*s without %s: %s", INDENT, "", WORD, falls ? "" : "LOOK", mechanism,
			 falls_or_not(judgement->ablated_holds));
		if (falls && judgement->standing > 0)
			text_add(into, ", though %d of its %d expectations still do%s", judgement->standing,
				 claim->expects, judgement->standing == 1 ? "es" : "");
		text_add(into, "\n");
	} else {
		text_add(into, "%*s %-*s no ablation: %s\n", INDENT, "", WORD, "",
			 claim->no_ablation ? claim->no_ablation : "");
	}
	if (judgement->doubted)
		text_add(into, "%*s %-*s with %s: %s\n", INDENT, "", WORD,
			 judgement->doubted_holds == VERDICT_NO ? "" : "LOOK", tree_text(arena, claim->fails),
			 falls_or_not(judgement->doubted_holds));
	if (claim->caveat)
		text_add(into, "%*s %-*s but: %s\n", INDENT, "", WORD, "", claim->caveat);
	text_add(into, "%*s %-*s %s; %s%s%s\n", INDENT, "", WORD, "", claim_kinds[claim->kind],
		 claim->evidence ? claim->evidence : "", claim->source ? ", " : "",
		 claim->source ? claim->source : "");
}

struct judgement_count judgement_count(struct judgement *const *judgement, int count, int kind)
{
	struct judgement_count counted = {0};
	for (int i = 0; i < count; i++) {
		const struct judgement *one = judgement[i];
		if (kind >= 0 && (int)one->claim->kind != kind)
			continue;
		counted.claims++;
		counted.earned += judgement_earned(one);
		counted.failing += one->holds == VERDICT_NO;
		counted.unexplained += one->holds == VERDICT_YES && !judgement_earned(one);
		counted.unsettled += one->holds == VERDICT_INCONCLUSIVE;
		counted.standing += one->standing;
		counted.doubted += one->doubted != NULL;
		counted.untold += one->doubt && !one->claim->fails && one->claim->kind == CLAIM_PREDICTED;
		counted.unshaken += one->doubted && one->doubted_holds != VERDICT_NO;
		counted.undecided += one->doubted && one->doubted_holds == VERDICT_INCONCLUSIVE;
	}
	return counted;
}

static void put_summary(struct judgement *const *judgement, int count, struct text *into)
{
	struct judgement_count all = judgement_count(judgement, count, -1);
	struct judgement_count of[3];
	for (int kind = 0; kind < 3; kind++)
		of[kind] = judgement_count(judgement, count, kind);
	int calibrated = of[CLAIM_CALIBRATED].claims, derived = of[CLAIM_DERIVED].claims;
	int predicted = of[CLAIM_PREDICTED].claims;
	if (predicted)
		text_add(into, "\n%d of %d predicted claim%s hold%s", of[CLAIM_PREDICTED].earned, predicted,
			 predicted == 1 ? "" : "s", predicted == 1 ? "s" : "");
	else
		text_add(into, "\nno claim is predicted");
	if (calibrated)
		text_add(into, "; %d row%s calibrated", calibrated, calibrated == 1 ? "" : "s");
	if (derived)
		text_add(into, "%s %d derived", calibrated ? "," : ";", derived);
	if (all.failing)
		text_add(into, "; %d in all %s not hold", all.failing, all.failing == 1 ? "does" : "do");
	if (all.unexplained)
		text_add(into, "; %d hold%s without the mechanism too", all.unexplained,
			 all.unexplained == 1 ? "s" : "");
	if (all.unsettled)
		text_add(into, "; %d %s not settled", all.unsettled, all.unsettled == 1 ? "is" : "are");
	if (all.standing)
		text_add(into, "; %d expectation%s stand%s without the mechanism", all.standing,
			 all.standing == 1 ? "" : "s", all.standing == 1 ? "s" : "");
	if (all.doubted)
		text_add(into, "; %d of %d fail%s at the values that they name", all.doubted - all.unshaken,
			 all.doubted, all.doubted - all.unshaken == 1 ? "s" : "");
	if (all.untold)
		text_add(into, "; %d predicted claim%s no value at which %s", all.untold,
			 all.untold == 1 ? " names" : "s name", all.untold == 1 ? "it fails" : "they fail");
	text_add(into, "\n");
}

void judgement_table(struct judgement *const *judgement, int count, struct text *into)
{
	const struct study *study = NULL;
	for (int i = 0; i < count; i++) {
		if (judgement[i]->study != study)
			text_add(into, "%s%s\n", study ? "\n" : "", judgement[i]->study->of->name);
		study = judgement[i]->study;
		put_claim(judgement[i], into);
	}
	put_summary(judgement, count, into);
}

/* What stands in a cell: "|" would end it. */
static void put_cell(const char *text, struct text *into)
{
	for (; *text; text++)
		text_add(into, *text == '|' ? "\\%c" : "%c", *text);
}

static void put_markdown(const struct judgement *judgement, struct text *into)
{
	const struct claim *claim = judgement->claim;
	text_add(into, "| %s | %s, %s | ", claim->id, verdict_names[judgement->holds], claim_kinds[claim->kind]);
	put_cell(claim->says ? claim->says : "", into);
	text_add(into, " | ");
	for (int i = 0; i < claim->expects; i++) {
		text_add(into, "%s`", i ? "<br>" : "");
		put_cell(claim->expect[i].text, into);
		text_add(into, "`: %s", judgement_measured(judgement->study, claim, judgement->one, i, into->arena));
	}
	text_add(into, " | ");
	put_cell(judgement->ablated		  ? falls_or_not(judgement->ablated_holds)
		 : claim->no_ablation ? claim->no_ablation
				      : "",
		 into);
	text_add(into, " |\n");
}

void judgement_markdown(struct judgement *const *judgement, int count, struct text *into)
{
	const struct study *study = NULL;
	for (int i = 0; i < count; i++) {
		if (judgement[i]->study != study)
			text_add(into,
				 "%s| %s | holds | what it says | measured | without the mechanism "
				 "|\n|---|---|---|---|---|\n",
				 study ? "\n" : "", judgement[i]->study->of->name);
		study = judgement[i]->study;
		put_markdown(judgement[i], into);
	}
	put_summary(judgement, count, into);
}
