/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random draws, ns each, against GSL's with its usual generator (mt19937). At most half of its time. */
#include "bench.h"

#include "engine/dist.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

enum { DRAWS = 1000000 };

static uint64_t ours(void *with)
{
	struct rng rng = rng_seed(1);
	double sum = 0;
	for (int i = 0; i < DRAWS; i++)
		sum += dist_draw(with, &rng);
	bench_sink += (uint64_t)sum;
	return DRAWS;
}

static uint64_t our_normal(void *with)
{
	struct rng rng = rng_seed(1);
	double sum = 0;
	(void)with;
	for (int i = 0; i < DRAWS; i++)
		sum += rng_normal(&rng);
	bench_sink += (uint64_t)(sum + 1e6);
	return DRAWS;
}

static uint64_t exponential(void *with)
{
	double sum = 0;
	for (int i = 0; i < DRAWS; i++)
		sum += gsl_ran_exponential(with, 1000);
	bench_sink += (uint64_t)sum;
	return DRAWS;
}

static uint64_t normal(void *with)
{
	double sum = 0;
	for (int i = 0; i < DRAWS; i++)
		sum += gsl_ran_gaussian_ziggurat(with, 1);
	bench_sink += (uint64_t)(sum + 1e6);
	return DRAWS;
}

static uint64_t lognormal(void *with)
{
	double sum = 0;
	for (int i = 0; i < DRAWS; i++)
		sum += gsl_ran_lognormal(with, 6, 0.5);
	bench_sink += (uint64_t)sum;
	return DRAWS;
}

int main(void)
{
	gsl_rng *gsl = gsl_rng_alloc(gsl_rng_mt19937);
	struct dist exp = {.kind = DIST_EXP, .scale = 1000};
	struct dist log = {.kind = DIST_LOGNORMAL, .scale = 403.4, .shape = 0.5};
	bench_compare("draw, exponential: against gsl_ran_exponential", ours, &exp, exponential, gsl, 0.5);
	bench_compare("draw, normal: against gsl_ran_gaussian_ziggurat", our_normal, NULL, normal, gsl, 0.5);
	bench_compare("draw, lognormal: against gsl_ran_lognormal", ours, &log, lognormal, gsl, 0.12);
	gsl_rng_free(gsl);
	return 0;
}
