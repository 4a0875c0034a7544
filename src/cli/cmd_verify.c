/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every claim of a study, judged as it is and with its mechanism switched off. All setups of all claims of all cases
 * make one campaign.
 */
#include "base/words.h"
#include "cli/command.h"
#include "cli/grid.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "exec/campaign.h"
#include "io/paths.h"
#include "io/readers.h"
#include "io/results.h"
#include "stats/judgement.h"

#include <string.h>

struct verify_options {
	struct study_options study;
	struct option_texts claim;
	int64_t jobs;
	bool fails, markdown, json;
};

static const struct option options[] = {
	STUDY_OPTIONS(struct verify_options, study),
	OPTION_TEXTS(struct verify_options, claim, "claim", 0, "CLAIM", "only this claim; may be repeated"),
	OPTION_JOBS(struct verify_options, jobs),
	STUDY_EXPLORE(struct verify_options, study,
		      "judge what readers of the page can turn, on the small setup of `explore:`"),
	OPTION_FLAG(struct verify_options, fails, "fails", 0,
		    "judge every claim at the values too at which it is said to fail (`fails:`)"),
	OPTION_MARKDOWN(struct verify_options, markdown),
	OPTION_JSON(struct verify_options, json),
	OPTION_END};

struct verifying {
	struct command_line *line;
	const struct verify_options *given;
	struct campaign campaign;
	struct judgement **judgement;
	int count, room;
	const char **ids; /* of all claims that were seen; ends with NULL */
	int id_count;
};

static bool chosen(const struct verifying *verifying, const struct claim *claim)
{
	const struct option_texts *texts = &verifying->given->claim;
	for (int i = 0; i < texts->count; i++)
		if (strcmp(texts->text[i], claim->id) == 0)
			return true;
	return texts->count == 0;
}

struct asking {
	const struct option_texts *variants;
	bool good;
};

static void ask_variant(void *context, struct term *term)
{
	struct asking *asking = context;
	bool found = !term->variant;
	for (int i = 0; i < asking->variants->count && !found; i++)
		found = strcmp(asking->variants->text[i], term->variant) == 0;
	asking->good = asking->good && found;
}

/* Whether it names no variant that --variant leaves out. */
static bool of_variants(const struct verifying *verifying, const struct claim *claim)
{
	struct asking asking = {&verifying->given->study.variant, true};
	if (asking.variants->count == 0)
		return true;
	for (int i = 0; i < claim->expects; i++) {
		const struct expectation *expect = &claim->expect[i];
		struct expression *part[] = {expect->left, expect->low, expect->high};
		for (int p = 0; p < 3; p++)
			if (part[p])
				expression_terms(part[p], ask_variant, &asking);
	}
	return asking.good;
}

static void add_claim(struct verifying *verifying, struct study *study, const struct claim *claim)
{
	const struct trial_host trials = campaign_trials(&verifying->campaign);
	struct judgement *judgement = judgement_new(study, claim, NULL, true, &trials, verifying->line->err);
	if (!judgement || (verifying->given->fails && !judgement_doubt(judgement, &trials, verifying->line->err)))
		return;
	if (verifying->count == verifying->room) {
		int room = verifying->room ? 2 * verifying->room : 64;
		struct judgement **grown = ARENA_ARRAY(verifying->line->arena, (size_t)room, struct judgement *);
		if (verifying->count)
			memcpy(grown, verifying->judgement, (size_t)verifying->count * sizeof(*grown));
		verifying->judgement = grown;
		verifying->room = room;
	}
	verifying->judgement[verifying->count++] = judgement;
}

static void add_study(struct verifying *verifying, const char *name)
{
	struct err *err = verifying->line->err;
	struct study *study = load_study(verifying->line->arena, name, &verifying->given->study, err);
	if (!study)
		return;
	verifying->campaign.values = readers_of(verifying->line->arena, study->path)->values;
	const char **ids =
		ARENA_ARRAY(verifying->line->arena, (size_t)(verifying->id_count + study->claims) + 1, const char *);
	if (verifying->id_count)
		memcpy(ids, verifying->ids, (size_t)verifying->id_count * sizeof(*ids));
	verifying->ids = ids;
	int before = verifying->count, left = 0;
	if (study->claims == 0)
		message_note("%s has no claims", name);
	for (int c = 0; c < study->claims; c++) {
		ids[verifying->id_count++] = study->claim[c].id;
		if (!chosen(verifying, &study->claim[c]))
			continue;
		if (of_variants(verifying, &study->claim[c]))
			add_claim(verifying, study, &study->claim[c]);
		else
			left++;
	}
	if (left > 0)
		message_note("%s: %d claim%s of variants that were not chosen %s left out", study->of->name, left,
			     left == 1 ? "" : "s", left == 1 ? "is" : "are");
	if (left > 0 && verifying->count == before)
		err_add(err, ERR_USAGE, NULL, "%s: no claim is of the variants that were chosen alone",
			study->of->name);
}

/* Every --claim must be one of these, the ids of all claims there are (ends with NULL). */
static void check_ids(const struct verifying *verifying)
{
	const struct option_texts *texts = &verifying->given->claim;
	for (int i = 0; i < texts->count; i++)
		if (words_find(WORDS(verifying->ids), texts->text[i]) < 0)
			words_unknown(verifying->line->err, ERR_USAGE, NULL, "claim", texts->text[i], "",
				      WORDS(verifying->ids));
}

/* ---- output ---- */

static json_t *number(double value)
{
	return value - value == 0 ? json_real(value) : json_null();
}

static json_t *measured(const struct judgement *judgement, const struct verdict_of_one *one, int i)
{
	const char *text =
		judgement_measured(judgement->study, judgement->claim, one, i, judgement->study->arena);
	json_t *all = json_pack("{s:s, s:s, s:o, s:o}", "holds", verdict_names[one[i].verdict], "text", text, "value",
				number(one[i].left.mean), "low", number(one[i].left.low));
	json_object_set_new(all, "high", number(one[i].left.high));
	json_object_set_new(all, "right", number(one[i].low));
	return all;
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *as_json(const struct judgement *judgement)
{
	const struct claim *claim = judgement->claim;
	json_t *expect = json_array();
	for (int i = 0; i < claim->expects; i++) {
		json_t *one = measured(judgement, judgement->one, i);
		json_object_set_new(one, "expect", json_string(claim->expect[i].text));
		json_object_set_new(one, "without_mechanism", judgement->without
								      ? measured(judgement, judgement->without, i)
								      : json_null());
		json_array_append_new(expect, one);
	}
	json_t *object = json_pack("{s:s, s:s, s:o, s:s, s:o, s:s, s:b, s:o, s:o, s:i}", "case",
				   judgement->study->of->name, "claim", claim->id, "says", text_or_null(claim->says),
				   "kind", claim_kinds[claim->kind], "expect", expect, "holds",
				   verdict_names[judgement->holds], "earned", judgement_earned(judgement), "without",
				   results_tree(claim->without), "ablated_holds",
				   judgement->ablated ? json_string(verdict_names[judgement->ablated_holds])
						      : json_null(),
				   "standing", judgement->standing);
	json_object_set_new(object, "fails", results_tree(claim->fails));
	json_object_set_new(object, "holds_at_fails", judgement->doubted
							      ? json_string(verdict_names[judgement->doubted_holds])
							      : json_null());
	json_object_set_new(object, "caveat", text_or_null(claim->caveat));
	json_object_set_new(object, "mechanism", text_or_null(claim->mechanism));
	json_object_set_new(object, "evidence", text_or_null(claim->evidence));
	json_object_set_new(object, "source", text_or_null(claim->source));
	return object;
}

static json_t *count_json(const struct verifying *verifying, int kind)
{
	struct judgement_count count = judgement_count(verifying->judgement, verifying->count, kind);
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "claims", count.claims, "earned", count.earned,
			 "do_not_hold", count.failing, "hold_without_mechanism", count.unexplained, "not_settled",
			 count.unsettled, "expectations_standing", count.standing);
}

static void print_json(const struct verifying *verifying, FILE *into)
{
	json_t *all = json_object(), *claims = json_array();
	for (int kind = 0; claim_kinds[kind]; kind++)
		json_object_set_new(all, claim_kinds[kind], count_json(verifying, kind));
	for (int i = 0; i < verifying->count; i++)
		json_array_append_new(claims, as_json(verifying->judgement[i]));
	json_object_set_new(all, "claims", claims);
	json_dumpf(all, into, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', into);
	json_decref(all);
}

/*
 * 1 when something does not hold, or holds without what is said to cause it, or where it is said to fail; 5 when
 * something is not settled.
 */
static int finish(struct verifying *verifying)
{
	for (int i = 0; i < verifying->count; i++)
		judgement_judge(verifying->judgement[i]);
	if (verifying->given->json) {
		print_json(verifying, stdout);
	} else if (verifying->count > 0) {
		struct text table;
		text_begin(&table, verifying->line->arena);
		if (verifying->given->markdown)
			judgement_markdown(verifying->judgement, verifying->count, &table);
		else
			judgement_table(verifying->judgement, verifying->count, &table);
		grid_lines(table.bytes, JUDGEMENT_HANG, stdout);
	}
	struct judgement_count all = judgement_count(verifying->judgement, verifying->count, -1);
	if (all.failing || all.unexplained || all.unshaken > all.undecided)
		return ERR_EXPECTATION;
	return all.unsettled || all.undecided ? ERR_INCONCLUSIVE : 0;
}

static int run(struct command_line *line)
{
	struct verifying verifying = {.line = line, .given = line->options};
	campaign_init(&verifying.campaign, 0, NULL);
	for (int i = 0; i < line->operands; i++)
		add_study(&verifying, line->operand[i]);
	const char **all = line->operands == 0 ? paths_models(line->arena) : NULL;
	for (; all && *all; all++)
		if (case_find(*all))
			add_study(&verifying, *all);
	if (!err_any(line->err))
		check_ids(&verifying);
	int status = 0;
	if (!err_any(line->err)) {
		int threads = exec_threads(verifying.given->jobs);
		const volatile sig_atomic_t *stop = interrupt_flag();
		enum exec_end end = progress_campaign(&verifying.campaign, threads, stop, line->err);
		if (end == EXEC_INTERRUPTED)
			message_warning("interrupted: claims are judged on the replications that were finished");
		if (end != EXEC_FAILED)
			status = finish(&verifying);
		if (end == EXEC_INTERRUPTED)
			status = ERR_INTERRUPTED;
	}
	campaign_free(&verifying.campaign);
	return status;
}

const struct command command_verify = {
	.name = "verify",
	.operands = "[CASE|FILE]...",
	.operands_least = 0,
	.operands_most = -1,
	.about = "judge every claim, and again without the mechanism that is said to cause it",
	.detail = "Exit code: 0 all claims hold, and stop holding without their mechanism; 1 some do not, or, with "
		  "--fails,\n"
		  "hold where they are said to fail; 5 some are not settled by this many replications (--reps).\n",
	.options = options,
	.options_size = sizeof(struct verify_options),
	.run = run,
};
