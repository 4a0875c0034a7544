/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A claim is read whole, its expectations with their names and units, and its ablation is tried on every variant. */
#include "run/claims.h"
#include "base/reader.h"
#include "base/words.h"
#include "run/names.h"
#include "run/sources.h"

#include <string.h>

enum { CLAIMS_MAX = 1000 };

static void is_measured(void *context, struct term *term)
{
	(void)term;
	*(bool *)context = true;
}

/* A band between two numbers, of which the second is the lesser, holds nothing. */
static bool check_band(const struct expectation *expectation, struct err *err)
{
	bool measured = false;
	if (expectation->operator != CLAIM_IN)
		return true;
	expression_terms(expectation->low, is_measured, &measured);
	expression_terms(expectation->high, is_measured, &measured);
	if (!measured &&
	    expression_value(expectation->low, NULL, NULL) > expression_value(expectation->high, NULL, NULL))
		return err_add(err, ERR_MODEL, &expectation->place, "the band ends below where it begins: %.100s",
			       expectation->text);
	return true;
}

bool claims_expectation(const struct study *study, const struct tree *text, struct expectation *into, struct err *err)
{
	struct naming naming = {study, err, true, true};
	if (!reader_must_be(err, text, TREE_SCALAR, "an expectation") ||
	    !expectation_parse(study->arena, text->text, &text->place, into, err))
		return false;
	expression_terms(into->left, names_check_term, &naming);
	expression_terms(into->low, names_check_term, &naming);
	expression_terms(into->high, names_check_term, &naming);
	bool good = naming.good && expectation_check_units(into, names_term_kind, study, err);
	return check_band(into, err) && good;
}

static void load_expectation(const struct study *study, struct claim *claim, const struct tree *entry, struct err *err)
{
	if (claims_expectation(study, entry, &claim->expect[claim->expects], err))
		claim->expects++;
}

/* The variants that a claim's expectations name must be able to do without the mechanism. */
struct ablating {
	const struct study *study;
	struct err *err;
	const struct tree *without;
	bool *tried;
	bool failed, changed; /* a setup cannot be made; one is another one with it */
};

/* Whether an ablation takes away what a fault of the command line hits; who only shows or runs does not mind. */
static bool fails_by_fault(const struct study *study, const char *variant, const struct tree *without)
{
	struct study *plain = ARENA_NEW(study->arena, struct study);
	struct err ignored;
	if (!tree_get(study->over, "faults"))
		return false;
	*plain = *study;
	plain->over = tree_without(study->arena, study->over, "faults");
	err_init(&ignored);
	return setup_make(plain, variant, without, &ignored) != NULL;
}

static void check_ablation(void *context, struct term *term)
{
	struct ablating *ablating = context;
	const struct study *study = ablating->study;
	int index = names_variant(study, term->variant);
	struct err own;
	if (index < 0 || ablating->tried[index] || !study->setup[index])
		return;
	ablating->tried[index] = true;
	err_init(&own);
	const struct setup *setup = setup_make(study, study->variant[index], ablating->without, &own);
	if (!setup && fails_by_fault(study, study->variant[index], ablating->without)) {
		ablating->changed = true;
		return;
	}
	ablating->failed |= !setup;
	ablating->changed |= setup && setup->digest != study->setup[index]->digest;
	err_absorb(ablating->err, &own);
}

static void load_without(const struct study *study, struct claim *claim, const struct tree *entry, struct err *err)
{
	const struct tree *without = tree_get(entry, "without");
	if (without && tree_get(without, "run"))
		err_add(err, ERR_MODEL, &tree_get(without, "run")->key_place,
			"an ablation changes the model, its trace, faults or slice, not how it is run");
	claim->without = without;
	claim->no_ablation = reader_text(entry, "no_ablation", err);
	if (without && tree_get(entry, "no_ablation"))
		err_add(err, ERR_MODEL, &without->key_place, "a claim has either without or no_ablation");
	if (!without && !tree_get(entry, "no_ablation"))
		err_add(err, ERR_MODEL, &entry->place,
			"a claim needs without: {PARAMETER: VALUE} that makes it fail, or no_ablation: why there is "
			"none");
	if (!without)
		return;
	struct ablating ablating = {.study = study, .err = err, .without = without,
				    .tried = ARENA_ARRAY(study->arena, (size_t)study->variants, bool)};
	for (int i = 0; i < claim->expects; i++) {
		expression_terms(claim->expect[i].left, check_ablation, &ablating);
		expression_terms(claim->expect[i].low, check_ablation, &ablating);
		expression_terms(claim->expect[i].high, check_ablation, &ablating);
	}
	bool any = false;
	for (int i = 0; i < study->variants; i++)
		any |= ablating.tried[i];
	if (any && !ablating.failed && !ablating.changed)
		err_add(err, ERR_MODEL, &without->place,
			"without changes nothing: all variants that the claim names are the same with it");
}

static void load_kind(struct claim *claim, const struct tree *entry, struct err *err)
{
	const char *kind = reader_text(entry, "kind", err);
	int index = kind ? words_find(WORDS(claim_kinds), kind) : 0;
	if (index < 0)
		words_unknown(err, ERR_MODEL, &tree_get(entry, "kind")->place, "kind of claim", kind, "",
			      WORDS(claim_kinds));
	else
		claim->kind = (enum claim_kind)index;
}

void claims_load_one(const struct study *study, struct claim *claim, const struct tree *entry, struct err *err)
{
	static const char *const keys[] = {"id",          "says",      "kind",     "expect", "without",
					   "no_ablation", "mechanism", "evidence", "source", NULL};
	static const char *const needed[] = {"id", "says", "kind", "expect", "evidence", NULL};
	claim->place = entry->place;
	reader_keys(entry, "a claim", keys, err);
	if (entry->kind != TREE_MAP)
		return;
	for (int i = 0; needed[i]; i++)
		if (!tree_get(entry, needed[i]))
			err_add(err, ERR_MODEL, &entry->place, "a claim needs %s%s", needed[i],
				strcmp(needed[i], "kind") == 0 ? ": predicted, calibrated, or derived" : "");
	load_kind(claim, entry, err);
	claim->id = reader_text(entry, "id", err);
	claim->says = reader_text(entry, "says", err);
	claim->mechanism = reader_text(entry, "mechanism", err);
	claim->evidence = reader_text(entry, "evidence", err);
	claim->source = reader_text(entry, "source", err);
	if (claim->evidence)
		sources_check_evidence(study, tree_get(entry, "evidence"), err);
	if (claim->source)
		sources_check(study, claim->source, &tree_get(entry, "source")->place, err);
	for (const struct claim *other = study->claim; claim->id && other < claim; other++)
		if (other->id && strcmp(other->id, claim->id) == 0)
			err_add(err, ERR_MODEL, &tree_get(entry, "id")->place, "claim \"%.60s\" is defined twice",
				claim->id);
	const struct tree *expect = tree_get(entry, "expect");
	if (expect && expect->kind == TREE_MAP)
		reader_must_be(err, expect, TREE_LIST, "expect");
	if (expect && expect->kind != TREE_MAP) {
		bool list = expect->kind == TREE_LIST;
		claim->expect =
			ARENA_ARRAY(study->arena, (size_t)(list ? tree_count(expect) : 1) + 1, struct expectation);
		for (const struct tree *each = list ? expect->child : expect; each; each = list ? each->next : NULL)
			load_expectation(study, claim, each, err);
		if (list && !expect->child)
			err_add(err, ERR_MODEL, &expect->place, "expect is empty");
	}
	load_without(study, claim, entry, err);
}

void claims_load(struct study *study, struct err *err)
{
	const struct tree *claims = tree_get(study->tree, "claims");
	if (!claims || !reader_must_be(err, claims, TREE_LIST, "claims"))
		return;
	int count = tree_count(claims);
	if (count > CLAIMS_MAX) {
		err_add(err, ERR_MODEL, &claims->place, "more than %d claims", CLAIMS_MAX);
		return;
	}
	study->claim = ARENA_ARRAY(study->arena, (size_t)count + 1, struct claim);
	for (const struct tree *entry = claims->child; entry; entry = entry->next)
		claims_load_one(study, &study->claim[study->claims++], entry, err);
}

