/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a variant of a shipped model measures, with something laid over it: for tests that compare cases with closed
 * forms and with traces of which the answers are known. Include it in one file of a program only.
 *
 *   struct outcome *outcome = measured("ratelimit", "split-10", "{gateways: 4}", NULL);
 *   near_to(measured_value(outcome, "count", "refused", 0), ...);
 */
#ifndef TESTS_MEASURED_H
#define TESTS_MEASURED_H

#include "exec/campaign.h"
#include "flow.h"
#include "io/yaml.h"
#include "tap.h"

#include <unistd.h>

static struct arena measured_arena;
static struct err measured_err;

_Noreturn static void measured_give_up(const char *what)
{
	const struct err_message *message = &measured_err.message[0];
	bail("%s: %s:%d: %s", what, message->file, message->line, message->text);
}

static const char *measured_path(const char *path)
{
	const char *top = getenv("top_srcdir");
	return arena_format(&measured_arena, "%s/%s", top ? top : ".", path);
}

static struct tree *measured_read(void *host, struct arena *into, const char *from, const struct place *place,
				  const char *path, struct err *errors)
{
	(void)host;
	(void)from;
	(void)place;
	return yaml_read(into, measured_path(path), errors);
}

/* A public trace, or NULL where it is not. */
__attribute__((unused)) static const char *measured_trace(const char *name)
{
	const char *directory = getenv("CASEBOOK_TRACES");
	const char *path = directory ? arena_format(&measured_arena, "%s/%s", directory, name) :
				       measured_path(arena_format(&measured_arena, "../shared/traces/%s", name));
	return access(path, R_OK) == 0 ? path : NULL;
}

/* The study models/NAME.yaml; NULL and messages in measured_err on a mistake of what lies over it. */
static struct study *measured_study(const char *name, struct tree *over)
{
	static const struct study_files files = {measured_read, NULL, NULL, NULL};
	const char *path = measured_path(arena_format(&measured_arena, "models/%s.yaml", name));
	err_init(&measured_err);
	struct tree *tree = yaml_read(&measured_arena, path, &measured_err);
	return tree ? study_load(&measured_arena, path, tree, over, &files, &measured_err) : NULL;
}

/* What has run, until measured_free. */
static struct measured_run {
	struct campaign campaign;
	struct measured_run *before;
} *measured_runs;

static void measured_free(void)
{
	for (; measured_runs; measured_runs = measured_runs->before)
		campaign_free(&measured_runs->campaign);
	arena_free(&measured_arena);
}

/* Runs a variant, with `over` (parameters, or trace, faults, slice; NULL) laid over it, and a trace file or NULL. */
static struct outcome *measured(const char *name, const char *variant, const char *over, const char *trace)
{
	static const volatile sig_atomic_t never = 0;
	const struct place place = {"test", 1, 1};
	struct tree *file = trace ? tree_path(&measured_arena, "trace.file",
					      tree_scalar(&measured_arena, trace, place), place) : NULL;
	struct study *study = measured_study(name, file);
	struct setup *setup = study ? setup_resolve(study, variant, over ? flow(&measured_arena, over) : NULL,
						    &measured_err) : NULL;
	struct measured_run *run = ARENA_NEW(&measured_arena, struct measured_run);
	campaign_init(&run->campaign, 0, NULL);
	run->before = measured_runs;
	measured_runs = run;
	struct outcome *outcome = setup ? campaign_add(&run->campaign, setup, &measured_err) : NULL;
	if (!outcome || campaign_run(&run->campaign, 2, NULL, NULL, &never, &measured_err) != EXEC_DONE)
		measured_give_up(variant);
	return outcome;
}

/* The model with this over it is refused, in these words. */
__attribute__((unused)) static void measured_refuses(const char *name, const char *over, const char *words)
{
	bool said = false;
	struct study *study = measured_study(name, flow(&measured_arena, over));
	for (int i = 0; i < measured_err.count && i < ERR_MAX; i++)
		said = said || strstr(measured_err.message[i].text, words);
	ok(!study && said, "refused: %s", words);
}

/* A statistic of a metric, in all or in window `window` > 0. */
static double measured_value(const struct outcome *outcome, const char *statistic, const char *metric, int64_t window)
{
	struct term term = outcome_term(statistic, metric);
	term.windowed = window > 0;
	term.window = window;
	return replay_term(outcome->setup, &outcome->pooled, &term);
}

#endif
