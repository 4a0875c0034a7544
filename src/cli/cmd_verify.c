/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every claim of a study, judged as it is and with its mechanism switched off. All setups of all claims of all cases
 * make one campaign.
 */
#include "cli/command.h"
#include "cli/host.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "exec/trial.h"
#include "io/paths.h"

#include <string.h>

struct verify_options {
	struct study_options study;
	struct option_texts claim;
	int64_t jobs;
	bool json;
};

static const struct option options[] = {
	STUDY_OPTIONS(struct verify_options, study),
	OPTION_TEXTS(struct verify_options, claim, "claim", 0, "ID", "only this claim; may be repeated"),
	OPTION_COUNT(struct verify_options, jobs, "jobs", 'j', "N", 0, 1, 1024, "threads; all processors unless said"),
	OPTION_FLAG(struct verify_options, json, "json", 0, "print JSON"),
	OPTION_END
};

/* A claim, its trials, and what came of them. */
struct case_claim {
	struct study *study;
	struct trial *trial, *ablated;
	struct judged judged;
	struct verdict_of_one *ablated_one;
	struct case_claim *next;
};

struct verifying {
	struct command_line *line;
	const struct verify_options *given;
	struct campaign campaign;
	struct case_claim *first, **last;
};

static bool chosen(const struct verifying *verifying, const struct claim *claim)
{
	const struct option_texts *texts = &verifying->given->claim;
	for (int i = 0; i < texts->count; i++)
		if (strcmp(texts->text[i], claim->id) == 0)
			return true;
	return texts->count == 0;
}

static void add_study(struct verifying *verifying, const char *name)
{
	struct err *err = verifying->line->err;
	struct study *study = host_study(verifying->line->arena, name, &verifying->given->study, err);
	if (!study)
		return;
	verifying->campaign.values = host_files(verifying->line->arena, study->path)->values;
	for (int c = 0; c < study->claims; c++) {
		if (!chosen(verifying, &study->claim[c]))
			continue;
		struct case_claim *entry = ARENA_NEW(verifying->line->arena, struct case_claim);
		entry->study = study;
		entry->judged.claim = &study->claim[c];
		entry->trial = trial_new(study, &verifying->campaign, &study->claim[c], false, err);
		if (study->claim[c].without)
			entry->ablated = trial_new(study, &verifying->campaign, &study->claim[c], true, err);
		*verifying->last = entry;
		verifying->last = &entry->next;
	}
}

static void check_ids(const struct verifying *verifying)
{
	const struct option_texts *texts = &verifying->given->claim;
	for (int i = 0; i < texts->count; i++) {
		bool known = false;
		for (const struct case_claim *entry = verifying->first; entry; entry = entry->next)
			known |= strcmp(entry->judged.claim->id, texts->text[i]) == 0;
		if (!known)
			err_add(verifying->line->err, ERR_USAGE, NULL, "no claim is called \"%.60s\"", texts->text[i]);
	}
}

static void judge(struct case_claim *entry)
{
	struct judged *judged = &entry->judged;
	judged->one = trial_judge(entry->study, entry->trial);
	judged->holds = verdict_all(judged->one, judged->claim->expects);
	judged->ablated = entry->ablated != NULL;
	if (entry->ablated) {
		entry->ablated_one = trial_judge(entry->study, entry->ablated);
		judged->ablated_holds = verdict_all(entry->ablated_one, judged->claim->expects);
	}
}

/* ---- output ---- */

static json_t *number(double value)
{
	return value - value == 0 ? json_real(value) : json_null();
}

static json_t *measured(const struct case_claim *entry, const struct verdict_of_one *one)
{
	const struct claim *claim = entry->judged.claim;
	json_t *all = json_array();
	for (int i = 0; i < claim->expects; i++)
		json_array_append_new(
			all, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "expect", claim->expect[i].text, "holds",
				       verdict_names[one[i].verdict], "text",
				       report_measured(entry->study, claim, one, i, entry->study->arena), "value",
				       number(one[i].left.mean), "low", number(one[i].left.low), "high",
				       number(one[i].left.high), "right", number(one[i].low)));
	return all;
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *as_json(const struct case_claim *entry)
{
	const struct judged *judged = &entry->judged;
	const struct claim *claim = judged->claim;
	json_t *expect = json_array();
	for (int i = 0; i < claim->expects; i++)
		json_array_append_new(expect, json_string(claim->expect[i].text));
	json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o}", "case", entry->study->of->name, "claim",
				   claim->id, "says", text_or_null(claim->says), "expect", expect, "measured",
				   measured(entry, judged->one), "holds", verdict_names[judged->holds], "without",
				   results_tree(claim->without), "ablated_holds",
				   judged->ablated ? json_string(verdict_names[judged->ablated_holds]) : json_null());
	if (judged->ablated)
		json_object_set_new(object, "ablated_measured", measured(entry, entry->ablated_one));
	json_object_set_new(object, "mechanism", text_or_null(claim->mechanism));
	json_object_set_new(object, "evidence", text_or_null(claim->evidence));
	json_object_set_new(object, "source", text_or_null(claim->source));
	return object;
}

static void print_table(const struct verifying *verifying, FILE *into)
{
	const struct study *study = NULL;
	for (const struct case_claim *entry = verifying->first; entry; entry = entry->next) {
		const struct judged *judged = &entry->judged;
		const struct claim *claim = judged->claim;
		if (entry->study != study)
			fprintf(into, "%s%s\n", study ? "\n" : "", entry->study->of->name);
		study = entry->study;
		fprintf(into, "\n%-12s %-13s %s\n", claim->id, verdict_names[judged->holds],
			claim->says ? claim->says : "");
		for (int i = 0; i < claim->expects; i++) {
			const char *text = report_measured(entry->study, claim, judged->one, i, entry->study->arena);
			fprintf(into, "%12s %-13s %s: measured %s\n", "", claim->expects > 1 ?
				verdict_names[judged->one[i].verdict] : "", claim->expect[i].text, text);
		}
		if (judged->ablated)
			fprintf(into, "%12s %-13s without %s: %s\n", "",
				judged->ablated_holds == VERDICT_NO ? "" : "LOOK",
				claim->mechanism ? claim->mechanism : "its mechanism",
				judged->ablated_holds == VERDICT_NO    ? "it no longer holds"
				: judged->ablated_holds == VERDICT_YES ? "it still holds"
								       : "the replications do not settle it");
		else
			fprintf(into, "%12s %-13s no ablation: %s\n", "", "",
				claim->no_ablation ? claim->no_ablation : "");
		fprintf(into, "%12s %-13s %s%s%s\n", "", "", claim->evidence ? claim->evidence : "",
			claim->source ? ", " : "", claim->source ? claim->source : "");
	}
}

/* 1 when something does not hold, or holds without what is said to cause it; 5 when something is not settled. */
static int status_of(const struct verifying *verifying, FILE *into)
{
	int claims = 0, holding = 0, failing = 0, unsettled = 0, unexplained = 0;
	for (const struct case_claim *entry = verifying->first; entry; entry = entry->next) {
		const struct judged *judged = &entry->judged;
		bool vanishes = !judged->ablated || judged->ablated_holds == VERDICT_NO;
		claims++;
		holding += judged->holds == VERDICT_YES && vanishes;
		failing += judged->holds == VERDICT_NO;
		unexplained += judged->holds == VERDICT_YES && !vanishes;
		unsettled += judged->holds == VERDICT_INCONCLUSIVE;
	}
	if (into) {
		fprintf(into, "\n%d claim%s: %d hold%s and vanish%s without the mechanism", claims,
			claims == 1 ? "" : "s", holding, holding == 1 ? "s" : "", holding == 1 ? "es" : "");
		if (unexplained)
			fprintf(into, ", %d hold without it too", unexplained);
		if (failing)
			fprintf(into, ", %d do not hold", failing);
		if (unsettled)
			fprintf(into, ", %d are not settled", unsettled);
		fputc('\n', into);
	}
	return failing || unexplained ? ERR_EXPECTATION : unsettled ? ERR_INCONCLUSIVE : 0;
}

static int finish(struct verifying *verifying)
{
	for (struct case_claim *entry = verifying->first; entry; entry = entry->next)
		judge(entry);
	if (verifying->given->json) {
		json_t *all = json_array();
		for (const struct case_claim *entry = verifying->first; entry; entry = entry->next)
			json_array_append_new(all, as_json(entry));
		json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
		putchar('\n');
		json_decref(all);
	} else {
		print_table(verifying, stdout);
	}
	return status_of(verifying, verifying->given->json ? NULL : stdout);
}

static int run(struct command_line *line)
{
	struct verifying verifying = {.line = line, .given = line->options};
	verifying.last = &verifying.first;
	campaign_init(&verifying.campaign, 0, NULL);
	for (int i = 0; i < line->operands; i++)
		add_study(&verifying, line->operand[i]);
	const char **all = line->operands == 0 ? paths_models(line->arena) : NULL;
	for (; all && *all; all++)
		if (case_find(*all))
			add_study(&verifying, *all);
	check_ids(&verifying);
	int status = 0;
	if (!err_any(line->err)) {
		int threads = verifying.given->jobs ? (int)verifying.given->jobs : exec_processors();
		const volatile sig_atomic_t *stop = interrupt_flag();
		progress_begin();
		enum exec_end end = campaign_run(&verifying.campaign, threads, progress_paint, NULL, stop, line->err);
		progress_end();
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
	.detail = "Exit code: 0 all claims hold, and stop holding without their mechanism; 1 some do not; 5 some are "
		  "not\n"
		  "settled by this many replications (--reps).\n",
	.options = options,
	.options_size = sizeof(struct verify_options),
	.run = run,
};
