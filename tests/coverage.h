/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often a 95 % interval holds the truth: replications of a queue M/M/1 whose truth is known. The queue is replayed
 * by Lindley's recursion, which gives the same responses as the event loop, one after the other, and books them into
 * the meters that a replay has; outcomes and estimates are those of the program. A replication begins in the steady
 * state, so that no warm-up hides what the intervals do.
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include "engine/dmath.h"
#include "io/yaml.h"
#include "stats/groups.h"
#include "stats/outcome.h"
#include "tap.h"

enum { COVERAGE_STATISTICS = 5, COVERAGE_NUMBERS = 3 };

static const char *const coverage_statistics[COVERAGE_STATISTICS] = {"mean", "p50", "p90", "p99", "p999"};
static const double coverage_p[COVERAGE_STATISTICS] = {0, 0.5, 0.9, 0.99, 0.999};

struct coverage {
	int seeds, customers;
	int replications[COVERAGE_NUMBERS]; /* the first so many of each seed */
	/* How many intervals hold the truth, of all and of those that are not marked; and of half their width. */
	int holds[COVERAGE_STATISTICS][COVERAGE_NUMBERS];
	int plain[COVERAGE_STATISTICS][COVERAGE_NUMBERS], plain_holds[COVERAGE_STATISTICS][COVERAGE_NUMBERS];
	int half_holds[COVERAGE_STATISTICS][COVERAGE_NUMBERS];
	int outside[COVERAGE_STATISTICS][COVERAGE_NUMBERS]; /* of their own interval */
	int two_groups[COVERAGE_NUMBERS];
};

static const struct setup *coverage_setup(struct arena *arena)
{
	static const char text[] = "{case: station, trace: {windows: {rate: 1 /s, for: 1 s}}, run: {reps: 30}}";
	static const struct study_files files;
	struct err err;
	err_init(&err);
	struct tree *tree = yaml_parse(arena, "coverage", text, sizeof text - 1, &err);
	struct study *study = tree ? study_load(arena, "coverage", tree, NULL, &files, &err) : NULL;
	if (!study)
		bail("%s", err.message[0].text);
	return study->setup[0];
}

/* Services of 1 ms on average, arrivals at `rho` a ms. */
static void coverage_replicate(struct replay *replay, struct arena *arena, const struct setup *setup, double rho,
			       uint64_t seed, uint64_t replication, int customers)
{
	struct rng rng = rng_start(rng_stream(seed, replication, "coverage"));
	int response = metric_find(setup->metrics, "response");
	double now = 0, wait = rng_unit(&rng) < 1 - rho ? 0 : rng_exp(&rng) / (1 - rho);
	*replay = (struct replay){.drew = true, .rows = (uint64_t)customers};
	meters_init(&replay->meters, arena, setup->metrics, 0, INT64_C(1000000000));
	meters_window(&replay->meters, 0, 0);
	for (int i = 0; i < customers; i++) {
		double stays = wait + rng_exp(&rng), gap = rng_exp(&rng) / rho;
		meter_record(&replay->meters, response, (int64_t)(now * 1e6), (int64_t)(stays * 1e6 + 0.5));
		now += gap;
		wait = stays > gap ? stays - gap : 0;
	}
	meters_end(&replay->meters, (int64_t)(now * 1e6) + 1);
}

static void coverage_look(struct coverage *coverage, const struct outcome *outcome, double rho, int number)
{
	for (int s = 0; s < COVERAGE_STATISTICS; s++) {
		struct estimate of = outcome_estimate(outcome, s);
		double truth = (s == 0 ? 1 : -dm_log(1 - coverage_p[s])) / (1 - rho) * 1e-3;
		bool holds = of.low <= truth && truth <= of.high;
		double low = (of.low + of.value) / 2, high = (of.high + of.value) / 2;
		coverage->holds[s][number] += holds;
		coverage->plain[s][number] += !of.narrow;
		coverage->plain_holds[s][number] += !of.narrow && holds;
		coverage->half_holds[s][number] += low <= truth && truth <= high;
		coverage->outside[s][number] += !(of.low <= of.value && of.value <= of.high);
	}
	coverage->two_groups[number] += groups_find(outcome->value[0], outcome->reps).two;
}

/* Fills `coverage`, of which seeds, customers and replications are given. */
static void coverage_measure(struct coverage *coverage, const struct setup *setup, double rho)
{
	int most = coverage->replications[COVERAGE_NUMBERS - 1];
	for (int seed = 1; seed <= coverage->seeds; seed++) {
		struct outcome *outcome[COVERAGE_NUMBERS];
		for (int n = 0; n < COVERAGE_NUMBERS; n++) {
			outcome[n] = outcome_new(setup, most, 0);
			for (int s = 0; s < COVERAGE_STATISTICS; s++) {
				struct term term = outcome_term(coverage_statistics[s], "response");
				outcome_want(outcome[n], &term);
			}
		}
		for (int r = 0; r < most; r++) {
			struct arena arena;
			struct replay replay;
			arena_init(&arena);
			coverage_replicate(&replay, &arena, setup, rho, (uint64_t)seed, (uint64_t)r,
					   coverage->customers);
			for (int n = 0; n < COVERAGE_NUMBERS; n++)
				if (r < coverage->replications[n])
					outcome_add(outcome[n], &replay, r, NULL);
			arena_free(&arena);
		}
		for (int n = 0; n < COVERAGE_NUMBERS; n++) {
			coverage_look(coverage, outcome[n], rho, n);
			outcome_free(outcome[n]);
		}
	}
}

#endif
