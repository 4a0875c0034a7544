/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A claim is read whole, its expectations with their names and units, and its ablation is tried on every variant. */
#include "run/claims.h"
#include "base/keys.h"
#include "base/reader.h"
#include "base/words.h"
#include "param/param_walk.h"
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

/* What is laid over the variants that a claim's expectations name, each of which must bear it. */
struct laying {
	const struct study *study;
	struct err *err;
	const struct tree *over;
	const struct setup *setup; /* one that has been made so */
	bool *tried;
	bool failed, changed; /* a setup cannot be made; one is another one with it */
	bool unknown;         /* one cannot be made even without it */
};

/* Whether what is laid takes away what a fault of the command line hits; who only shows or runs does not mind. */
static bool fails_by_fault(const struct study *study, const char *variant, const struct tree *over)
{
	struct study *plain = ARENA_NEW(study->arena, struct study);
	struct err ignored;
	if (!tree_get(study->over, "faults"))
		return false;
	*plain = *study;
	plain->over = tree_without(study->arena, study->over, "faults");
	err_init(&ignored);
	return setup_make(plain, variant, over, &ignored) != NULL;
}

static void lay_over(void *context, struct term *term)
{
	struct laying *laying = context;
	const struct study *study = laying->study;
	int index = names_variant(study, term->variant);
	struct err own;
	if (index < 0 || laying->tried[index])
		return;
	laying->tried[index] = true;
	if (!study->setup[index]) { /* what is wrong with it has been told */
		laying->unknown = true;
		return;
	}
	err_init(&own);
	const struct setup *setup = setup_make(study, study->variant[index], laying->over, &own);
	if (!setup && fails_by_fault(study, study->variant[index], laying->over)) {
		laying->changed = true;
		return;
	}
	laying->failed |= !setup;
	laying->changed |= setup && setup->digest != study->setup[index]->digest;
	laying->setup = setup ? setup : laying->setup;
	err_absorb(laying->err, &own);
}

/* Tries `over`, the value of `key`, on every variant of the claim. NULL: a mistake, or nothing could be tried. */
static const struct setup *lay(const struct study *study, const struct claim *claim, const char *key,
			       const struct tree *over, struct err *err)
{
	if (tree_get(over, "run"))
		err_add(err, ERR_MODEL, &tree_get(over, "run")->key_place,
			"%s changes the model, its trace, faults or slice, not how it is run", key);
	struct laying laying = {.study = study, .err = err, .over = over,
				.tried = ARENA_ARRAY(study->arena, (size_t)study->variants, bool)};
	for (int i = 0; i < claim->expects; i++) {
		expression_terms(claim->expect[i].left, lay_over, &laying);
		expression_terms(claim->expect[i].low, lay_over, &laying);
		expression_terms(claim->expect[i].high, lay_over, &laying);
	}
	bool any = false;
	for (int i = 0; i < study->variants; i++)
		any |= laying.tried[i];
	if (any && !laying.failed && !laying.changed && !laying.unknown)
		err_add(err, ERR_MODEL, &over->place,
			"%s changes nothing: all variants that the claim names are the same with it", key);
	return laying.failed ? NULL : laying.setup;
}

static void load_without(const struct study *study, struct claim *claim, const struct tree *entry, struct err *err)
{
	const struct tree *without = tree_get(entry, "without");
	claim->without = without;
	claim->no_ablation = reader_text(entry, "no_ablation", err);
	if (without && tree_get(entry, "no_ablation"))
		err_add(err, ERR_MODEL, &without->key_place, "a claim has either without or no_ablation");
	if (!without && !tree_get(entry, "no_ablation"))
		err_add(err, ERR_MODEL, &entry->place,
			"a claim needs without: {PARAMETER: VALUE} that makes it fail, or no_ablation: why there is "
			"none");
	if (without)
		lay(study, claim, "without", without, err);
}

/* The value of a parameter for which the file declares where it may well lie must lie there, and not on an edge. */
static void check_likely(const struct study *study, const struct setup *setup, const struct tree *entry,
			 const char *path, struct err *err)
{
	struct param_walk found;
	if (entry->kind == TREE_MAP) {
		for (const struct tree *each = entry->child; each; each = each->next)
			check_likely(study, setup, each,
				     path ? arena_format(study->arena, "%s.%s", path, each->key) : each->key, err);
		return;
	}
	const char *range = path ? study_range(study, path) : NULL, *dots = range ? strstr(range, "..") : NULL;
	if (!dots || !param_walk_find(&found, setup->of->params, setup->params, path) ||
	    !param_is_number(found.row))
		return;
	struct quantity low, high;
	char why[QUANTITY_WHY];
	double value = param_number(found.row, found.in);
	if (!quantity_parse(found.row->unit, arena_text_of(study->arena, range, (size_t)(dots - range)), &low, why) ||
	    !quantity_parse(found.row->unit, dots + 2, &high, why))
		return; /* said where the range is read */
	if (value <= low.real || value >= high.real)
		err_add(err, ERR_MODEL, &entry->place,
			"fails: %s = %.60s does not lie inside of %s, where `ranges` says that it may well lie", path,
			entry->text ? entry->text : "", range);
}

static void load_fails(const struct study *study, struct claim *claim, const struct tree *entry, struct err *err)
{
	claim->fails = tree_get(entry, "fails");
	if (!claim->fails || !reader_must_be(err, claim->fails, TREE_MAP, "fails"))
		return;
	const struct setup *setup = lay(study, claim, "fails", claim->fails, err);
	if (setup)
		check_likely(study, setup, claim->fails, NULL, err);
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
	static const char *const needed[] = {"id", "says", "kind", "expect", "evidence", NULL};
	claim->place = entry->place;
	reader_keys(entry, "a claim", keys_claim, err);
	if (entry->kind != TREE_MAP)
		return;
	for (int i = 0; needed[i]; i++)
		if (!tree_get(entry, needed[i]))
			err_add(err, ERR_MODEL, &entry->place, "a claim needs %s%s", needed[i],
				strcmp(needed[i], "kind") == 0 ? ": predicted, calibrated, or derived" : "");
	load_kind(claim, entry, err);
	claim->id = reader_text(entry, "id", err);
	claim->says = reader_text(entry, "says", err);
	claim->caveat = reader_text(entry, "caveat", err);
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
	load_fails(study, claim, entry, err);
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

