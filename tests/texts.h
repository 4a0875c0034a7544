/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Studies from the text of a model file, and what they measure: for tests of models that are not shipped. Include it
 * in one file of a program only.
 */
#ifndef TESTS_TEXTS_H
#define TESTS_TEXTS_H

#include "io/yaml.h"
#include "run/replay.h"
#include "run/study.h"
#include "tap.h"

static struct arena arena;
static struct err err;

/* NULL and messages in err on a mistake. `over` is laid over it; may be NULL. */
static struct study *load(const char *text, const char *over)
{
	err_init(&err);
	struct tree *tree = yaml_parse(&arena, "m.yaml", text, strlen(text), &err);
	struct tree *above = over ? yaml_parse(&arena, "--set", over, strlen(over), &err) : NULL;
	return tree && (above || !over) ? study_load(&arena, "m.yaml", tree, above, NULL, &err) : NULL;
}

/* Its first variant; ends the test on a mistake. */
static const struct setup *setup_of(const char *text, const char *over)
{
	struct study *study = load(text, over);
	if (!study)
		bail("%s:%d:%d: %s", err.message[0].file, err.message[0].line, err.message[0].column,
		     err.message[0].text);
	return study->setup[0];
}

static double term_of(const struct replay *replay, const struct setup *setup, const char *statistic,
		      const char *metric)
{
	struct term term = {.statistic = statistic, .metric = metric, .p = -1};
	claim_percentile(statistic, &term.p);
	return replay_term(setup, &replay->meters, &term);
}

/* The mean of a statistic over replications with seeds 1 ... `seeds`, and the standard error of that. */
__attribute__((unused)) static double over_seeds(const struct setup *setup, int seeds, const char *statistic,
						 const char *metric, double *error)
{
	struct setup own = *setup;
	double sum = 0, squares = 0;
	for (int i = 1; i <= seeds; i++) {
		own.run.seed = (uint64_t)i;
		struct replay *replay = replay_run(&own, NULL, 0, 0, NULL);
		double value = term_of(replay, &own, statistic, metric);
		sum += value;
		squares += value * value;
		replay_free(replay);
	}
	double mean = sum / seeds, variance = squares / seeds - mean * mean;
	*error = sqrt(variance > 0 ? variance / (seeds - 1) : 0);
	return mean;
}

#endif
