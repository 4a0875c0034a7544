/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "post/measured.h"
#include "base/words.h"
#include "figure/text.h"
#include "param/param_walk.h"
#include "run/claims.h"
#include "run/figures.h"
#include "run/names.h"
#include "run/sources.h"

#include <string.h>

static struct outcome *find(const struct measured *measured, const char *variant)
{
	for (int i = 0; i < measured->outcomes; i++)
		if (strcmp(measured->outcome[i]->setup->name, variant) == 0)
			return measured->outcome[i];
	return NULL;
}

static void add_variant(struct measured *measured, const char *variant, struct err *err)
{
	if (find(measured, variant) || measured->outcomes == MEASURED_MAX)
		return;
	const struct setup *setup = setup_resolve(measured->study, variant, NULL, err);
	struct outcome *outcome = setup ? campaign_add(&measured->campaign, setup, err) : NULL;
	if (outcome)
		measured->outcome[measured->outcomes++] = outcome;
}

/* ---- what the post names ---- */

struct adding {
	struct measured *measured;
	struct err *err;
};

static void add_term(void *context, struct term *term)
{
	struct adding *adding = context;
	const struct study *study = adding->measured->study;
	add_variant(adding->measured, term->variant ? term->variant : study->variant[0], adding->err);
}

/* Names are looked up, and their variants will be run. */
static void add_words(struct measured *measured, const struct tree *words, struct err *err)
{
	struct adding adding = {measured, err};
	int mistakes = err->count;
	names_check_text(measured->study, words, true, err);
	for (const char *at = words->text, *open, *close;
	     err->count == mistakes && (open = strchr(at, '{')) && (close = strchr(open, '}')); at = close + 1)
		expression_terms(expression_parse(measured->arena,
						  arena_text_of(measured->arena, open + 1, (size_t)(close - open - 1)),
						  &words->place, err),
				 add_term, &adding);
}

static void add_figure(struct measured *measured, const char *name, const struct place *place, struct err *err)
{
	const struct study *study = measured->study;
	for (int f = 0; f < measured->figures; f++)
		if (strcmp(measured->figure[f]->name, name) == 0)
			return;
	const char **known = ARENA_ARRAY(measured->arena, (size_t)study->figures + 1, const char *);
	for (int f = 0; f < study->figures; f++) {
		known[f] = study->figure[f].name;
		if (strcmp(known[f], name) == 0 && measured->figures < MEASURED_MAX) {
			measured->figure[measured->figures++] = &study->figure[f];
			return;
		}
	}
	words_unknown(err, ERR_MODEL, place, "figure", name, "", WORDS(known));
}

static void add_check(struct measured *measured, const struct post_check *check, int index, struct err *err)
{
	struct claim *claim = ARENA_NEW(measured->arena, struct claim);
	const struct trial_host trials = campaign_trials(&measured->campaign);
	claim->id = check->text->text;
	claim->expect = ARENA_NEW(measured->arena, struct expectation);
	claim->expects = 1;
	if (claims_expectation(measured->study, check->text, claim->expect, err))
		measured->check[index] = trial_new(measured->study, claim, NULL, NULL, &trials, err);
}

static void add_named(struct measured *measured, struct err *err)
{
	const struct post *post = measured->post;
	if (post->card)
		add_figure(measured, post->card->text, &post->card->place, err);
	for (const struct post_piece *piece = post->piece; piece; piece = piece->next) {
		if (piece->words)
			add_words(measured, piece->words, err);
		if (piece->kind == POST_FIGURE)
			add_figure(measured, piece->text, &piece->place, err);
	}
	add_words(measured, post->title, err);
	add_words(measured, post->summary, err);
	for (const struct post_source *source = post->source; source; source = source->next)
		sources_check(measured->study, source->key, &source->place, err);
}

static struct chart_outcomes outcomes_of(const struct measured *measured, int count)
{
	return (struct chart_outcomes){measured->study, measured->outcome, count};
}

/* Once all variants are there: terms are asked for. */
static void want(struct measured *measured, struct err *err)
{
	const struct chart_outcomes all = outcomes_of(measured, measured->outcomes);
	const struct chart_outcomes run = outcomes_of(measured, measured->run);
	const char *missing;
	chart_want_words(&all, measured->post->title, err);
	chart_want_words(&all, measured->post->summary, err);
	for (const struct post_piece *piece = measured->post->piece; piece; piece = piece->next)
		if (piece->words)
			chart_want_words(&all, piece->words, err);
	for (int f = 0; f < measured->figures; f++)
		chart_want(&run, measured->figure[f], &missing, err);
}

struct measured *measured_new(struct arena *arena, const struct post *post, struct study *study, struct err *err)
{
	struct measured *measured = ARENA_NEW(arena, struct measured);
	int mistakes = err->count, index = 0;
	*measured = (struct measured){.arena = arena, .post = post, .study = study};
	campaign_init(&measured->campaign, 0, study->files->values);
	for (const char **variant = figures_variants(study); *variant; variant++)
		add_variant(measured, *variant, err);
	measured->run = measured->outcomes;
	add_named(measured, err);
	if (post->checks > MEASURED_MAX)
		err_add(err, ERR_MODEL, &(struct place){post->path, 0, 0}, "%d checks are more than %d", post->checks,
			MEASURED_MAX);
	if (err->count == mistakes)
		want(measured, err);
	for (const struct post_check *check = post->check; check && index < MEASURED_MAX; check = check->next)
		add_check(measured, check, index++, err);
	const struct trial_host trials = campaign_trials(&measured->campaign);
	for (int c = 0; err->count == mistakes && c < study->claims && c < MEASURED_MAX; c++)
		measured->claim[measured->claims++] = judgement_new(study, &study->claim[c], NULL, false, &trials, err);
	if (err->count == mistakes)
		return measured;
	measured_free(measured);
	return NULL;
}

void measured_free(struct measured *measured)
{
	campaign_free(&measured->campaign);
}

/* ---- what came of it ---- */

bool measured_judge(struct measured *measured, struct err *err)
{
	int mistakes = err->count, index = 0;
	for (int c = 0; c < measured->claims; c++)
		judgement_judge(measured->claim[c]);
	for (const struct post_check *check = measured->post->check; check; check = check->next, index++) {
		const struct trial *trial = measured->check[index];
		const struct verdict_of_one *one = trial_judge(measured->study, trial);
		if (one->verdict != VERDICT_YES)
			err_add(err, ERR_EXPECTATION, &check->text->place, "%s: %.200s; measured: %.120s",
				one->verdict == VERDICT_NO ? "does not hold" : "is not settled", check->text->text,
				judgement_measured(measured->study, trial->claim, one, 0, measured->arena));
	}
	return err->count == mistakes;
}

const char *measured_words(const struct measured *measured, const struct tree *words, struct err *err)
{
	const struct chart_outcomes all = outcomes_of(measured, measured->outcomes);
	const char *text = chart_words(measured->arena, &all, words, err);
	if (text && strchr(text, '?') && !strchr(words->text, '?'))
		err_add(err, ERR_EXPECTATION, &words->place, "was not measured: %.200s", words->text);
	return text ? text : "";
}

struct figure *measured_figure(const struct measured *measured, int index, const char *footer, struct err *err)
{
	const struct chart_outcomes run = outcomes_of(measured, measured->run);
	return chart_figure(measured->arena, &run, measured->figure[index], footer, err);
}

bool measured_body(const struct measured *measured, measured_figure_fn *put, void *context, struct text *into,
		   struct err *err)
{
	int mistakes = err->count;
	for (const struct post_piece *piece = measured->post->piece; piece; piece = piece->next) {
		const char *words = piece->words ? measured_words(measured, piece->words, err) : piece->text;
		if (piece->kind == POST_FIGURE)
			put(context, piece->text, words, into);
		else
			text_add(into, "%s", words);
	}
	return err->count == mistakes;
}

/* A text in a cell of a table. */
static void put_cell(struct text *into, const char *text)
{
	for (; *text; text++)
		text_add(into, strchr("|<*_\\`", *text) ? "\\%c" : "%c", *text);
}

/* What a parameter is, for who does not know its name; NULL of a key of something else. */
static const char *help_of(const struct measured *measured, const char *path)
{
	const struct param *declared = NULL;
	for (int i = 0; i < measured->outcomes && !declared; i++)
		declared = param_walk_declared(measured->study->of->params, measured->outcome[i]->setup->params, path);
	return declared ? declared->help : NULL;
}

/* Each value of a map by its path: "`apply` (applying one write on a replica): 0.5 ms". */
static void put_values(const struct measured *measured, const struct tree *tree, const char *path, struct text *cell)
{
	if (tree->kind != TREE_SCALAR) {
		for (const struct tree *entry = tree->child; entry; entry = entry->next)
			put_values(measured, entry,
				   !entry->key ? path
				   : *path     ? arena_format(cell->arena, "%s.%s", path, entry->key)
					       : entry->key,
				   cell);
		return;
	}
	const char *help = help_of(measured, path);
	text_add(cell, "%s`%s`", cell->length > 0 ? "; " : "", path);
	if (help) {
		text_add(cell, " (");
		put_cell(cell, help);
		text_add(cell, ")");
	}
	text_add(cell, ": ");
	put_cell(cell, text_with_micro(cell->arena, tree->text));
}

static const char *const kinds_mean[] = {
	[CLAIM_PREDICTED] = "*predicted* (it comes out of the mechanism, and was not put in)",
	[CLAIM_CALIBRATED] = "*calibrated* (the model was fitted to it)",
	[CLAIM_DERIVED] = "*derived* (arithmetic alone would tell it)"};

/* What the table is for, and its words. Whether all claims hold. */
static bool put_reading(const struct measured *measured, struct text *into)
{
	int hold = 0, kind[3] = {0}, told = 0;
	bool narrow = false, fails = false;
	for (int c = 0; c < measured->claims; c++) {
		const struct judgement *judgement = measured->claim[c];
		hold += judgement->holds == VERDICT_YES;
		kind[judgement->claim->kind]++;
		fails = fails || judgement->claim->fails;
		for (int i = 0; i < judgement->claim->expects; i++)
			narrow = narrow || judgement->one[i].narrow;
	}
	text_add(into, "This is what the model says of itself, so that it can be wrong: `casebook verify` judges each "
		       "claim, and again without the mechanism that is said to cause it. Claims are ");
	for (int k = 0; k < 3; k++)
		if (kind[k] > 0)
			text_add(into, "%s%s", told++ ? ", " : "", kinds_mean[k]);
	text_add(into, ". In brackets stand 95 %% intervals over replications%s. ",
		 narrow ? "; \"or wider\" where too little was seen for one" : "");
	if (hold == measured->claims)
		text_add(into, "%s.", hold == 1 ? "The claim holds" : "All of them hold");
	else
		text_add(into, "%d of %d hold.", hold, measured->claims);
	if (fails)
		text_add(into, " The last column names values, inside of what is likely, with which one does not.");
	text_add(into, "\n\n");
	return hold == measured->claims;
}

void measured_claims(const struct measured *measured, struct text *into)
{
	bool all = put_reading(measured, into);
	text_add(into, "| claim | kind | measured |%s does not hold with |\n|---|---|---|%s---|\n",
		 all ? "" : " holds |", all ? "" : "---|");
	for (int c = 0; c < measured->claims; c++) {
		const struct judgement *judgement = measured->claim[c];
		const struct claim *claim = judgement->claim;
		struct text cell;
		text_begin(&cell, measured->arena);
		if (claim->fails)
			put_values(measured, claim->fails, "", &cell);
		text_add(into, "| ");
		put_cell(into, claim->says ? claim->says : claim->id);
		text_add(into, " | %s |", claim_kinds[claim->kind]);
		for (int i = 0; i < claim->expects; i++) {
			const char *named =
				judgement_named(measured->study, claim, judgement->one, i, measured->arena);
			text_add(into, "%s %s", i ? ";" : "", text_with_micro(measured->arena, named));
		}
		if (!all)
			text_add(into, " | %s", verdict_names[judgement->holds]);
		text_add(into, " | %s |\n", cell.bytes);
	}
}
