/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The claims of a study that is read as one text from standard input, judged on one thread: the table that `verify`
 * prints. Nothing but libcore and stdio is used, so that the same program runs as WebAssembly; see wasm-check.sh.
 */
#include "base/check.h"
#include "run/bundle.h"
#include "stats/judgement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libcore asks its host for these two. */
_Noreturn void check_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	exit(70);
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	fprintf(stderr, "out of memory (%zu)\n", bytes);
	exit(70);
}

enum { OUTCOMES = 500 };

static struct outcome *outcome[OUTCOMES];
static int outcomes;

static struct outcome *add(void *host, const struct setup *setup, struct err *err)
{
	(void)host;
	for (int i = 0; i < outcomes; i++)
		if (outcome[i]->setup->digest == setup->digest && strcmp(outcome[i]->setup->name, setup->name) == 0)
			return outcome[i];
	if (!setup->trace.recipe || outcomes == OUTCOMES) {
		err_add(err, ERR_MODEL, NULL, "%s cannot be run here", setup->name);
		return NULL;
	}
	return outcome[outcomes++] = outcome_new(setup, (int)setup->run.reps, 0);
}

static int told(const struct err *err)
{
	for (int i = 0; i < err->count && i < ERR_MAX; i++)
		fprintf(stderr, "%s:%d:%d: %s\n", err->message[i].file, err->message[i].line, err->message[i].column,
			err->message[i].text);
	return err->kind;
}

int main(void)
{
	static char bytes[1 << 22];
	size_t length = fread(bytes, 1, sizeof bytes, stdin);
	const char *path;
	struct tree *tree;
	struct arena arena;
	struct err err;
	arena_init(&arena);
	err_init(&err);
	struct bundle *bundle = bundle_read(&arena, bytes, length, &path, &tree, &err);
	struct study *study = bundle ? study_load(&arena, path, tree, NULL, bundle_files(bundle), &err) : NULL;
	if (!study)
		return told(&err);
	struct judgement **judgement = ARENA_ARRAY(&arena, (size_t)study->claims + 1, struct judgement *);
	const struct trial_host host = {add, NULL};
	for (int c = 0; c < study->claims; c++)
		if (!(judgement[c] = judgement_new(study, &study->claim[c], NULL, true, &host, &err)))
			return told(&err);
	for (int i = 0; i < outcomes; i++)
		for (int64_t rep = 0; rep < outcome[i]->setup->run.reps; rep++) {
			struct replay *replay = replay_run(outcome[i]->setup, NULL, rep, 0, NULL);
			outcome_add(outcome[i], replay, rep, NULL);
			replay_free(replay);
		}
	for (int c = 0; c < study->claims; c++)
		judgement_judge(judgement[c]);
	struct text table;
	text_begin(&table, &arena);
	judgement_table(judgement, study->claims, &table);
	fputs(table.bytes, stdout);
	return 0;
}
