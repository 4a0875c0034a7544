/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * No value lies outside of its own interval: of every statistic that a run tells, of all variants of all model files
 * that ship, over short windows. In the suite few variants of each are run with few replications; `t-intervals all`
 * runs all of them, with as many as their files say.
 */
#include "case.h"
#include "io/results.h"
#include "stats/outcome.h"

#include <string.h>

enum { ROWS = 1000, REPS = 4, VARIANTS = 3 };

static struct arena arena;

struct counted {
	long told, bounded, outside;
};

static bool is_outside(const struct estimate *estimate)
{
	return estimate->low > estimate->value || estimate->high < estimate->value || estimate->low > estimate->high ||
	       isnan(estimate->low) != isnan(estimate->high);
}

static void count(const struct outcome *outcome, struct counted *counted)
{
	for (int i = 0; i < outcome->terms; i++) {
		struct estimate estimate = outcome_estimate(outcome, i);
		const struct term *term = &outcome->term[i];
		bool extreme = strcmp(term->statistic, "max") == 0 || strcmp(term->statistic, "min") == 0;
		counted->told += !isnan(estimate.value);
		counted->bounded += !isnan(estimate.low);
		if (!is_outside(&estimate) && !(extreme && !isnan(estimate.low) && !outcome_exact(outcome)))
			continue;
		counted->outside++;
		diag("%s of %s: %s(%s) is %.9g, and its interval %.9g .. %.9g", outcome->setup->name,
		     outcome->setup->of->name, term->statistic, term->metric, estimate.value, estimate.low,
		     estimate.high);
	}
}

static void run(const struct setup *setup, int reps, struct counted *counted)
{
	struct outcome *outcome = outcome_new(setup, reps, 0);
	results_want(outcome);
	for (int r = 0; r < reps; r++) {
		struct replay *replay = replay_run(outcome->setup, NULL, r, 0, NULL);
		outcome_add(outcome, replay, r, NULL);
		replay_free(replay);
	}
	count(outcome, counted);
	outcome_free(outcome);
}

static void check_model(const char *name, bool all)
{
	struct study *study = case_study(&arena, name, "{run: {warmup: 0 s}}");
	struct counted counted = {0, 0, 0};
	int step = all || study->variants <= VARIANTS ? 1 : study->variants / VARIANTS, runs = 0;
	for (int v = 0; v < study->variants; v += step) {
		struct err err;
		err_init(&err);
		struct setup *setup = setup_resolve(study, study->variant[v], NULL, &err);
		if (!setup || !setup->trace.recipe)
			continue;
		const struct tree *shorter = case_short(&arena, setup, ROWS);
		if (shorter && !(setup = setup_resolve(study, study->variant[v], shorter, &err)))
			case_give_up(study->variant[v], &err);
		int reps = all && setup->run.reps > 1 ? (int)setup->run.reps : REPS;
		run(setup, reps, &counted);
		runs++;
	}
	if (runs > 0)
		is_int(counted.outside, 0,
		       "%s: of %ld values of %d variants, %ld with an interval, none lies outside of it", name,
		       counted.told, runs, counted.bounded);
}

int main(int argc, char **argv)
{
	arena_init(&arena);
	for (const char **name = paths_models(&arena); *name; name++)
		if (argc < 3 || strcmp(argv[2], *name) == 0)
			check_model(*name, argc > 1 && strcmp(argv[1], "all") == 0);
	struct estimate good = {2, 1, 3, false, false}, none = {2, NAN, NAN, false, false};
	struct estimate above = {4, 1, 3, false, false}, below = {0.5, 1, 3, false, false};
	ok(!is_outside(&good) && !is_outside(&none) && is_outside(&above) && is_outside(&below),
	   "canary: a value outside of its interval is noticed");
	arena_free(&arena);
	return done_testing();
}
