/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/screen.h"
#include "base/check.h"
#include "engine/rng.h"
#include "io/memory.h"
#include "stats/sample.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SOBOL_DIMENSIONS = 40, APART = 4 };

/* The first points of the sequence lie on a diagonal: `to` is taken from a later one, so that it differs from `from`.
 */
static void sobol(int dimensions, int points, double *from, double *to)
{
	size_t count = (size_t)dimensions;
	double *both = memory_zeroed(2 * count, sizeof *both);
	gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dimensions * 2);
	if (!sequence)
		check_out_of_memory(2 * count * sizeof(*both));
	for (int i = 0; i < points + APART; i++) {
		gsl_qrng_get(sequence, both);
		if (i < points)
			memcpy(from + (size_t)i * count, both, count * sizeof(*from));
		if (i >= APART)
			memcpy(to + (size_t)(i - APART) * count, both + count, count * sizeof(*to));
	}
	gsl_qrng_free(sequence);
	free(both);
}

/* One coordinate of all points: each of as many equal parts of the range once, in random order. */
static void stratify(struct rng *rng, int stride, int points, double *value)
{
	for (int i = 0; i < points; i++)
		value[(size_t)i * (size_t)stride] = (i + rng_unit(rng)) / points;
	for (int i = points - 1; i > 0; i--) {
		int other = (int)(rng_unit(rng) * (i + 1));
		double kept = value[(size_t)i * (size_t)stride];
		value[(size_t)i * (size_t)stride] = value[(size_t)other * (size_t)stride];
		value[(size_t)other * (size_t)stride] = kept;
	}
}

void screen_design(int dimensions, int points, double *from, double *to)
{
	CHECK(dimensions > 0 && dimensions <= SCREEN_DIMENSIONS && points > 0);
	if (2 * dimensions <= SOBOL_DIMENSIONS) {
		sobol(dimensions, points, from, to);
		return;
	}
	struct rng rng = rng_seed(1);
	for (int d = 0; d < dimensions; d++) {
		stratify(&rng, dimensions, points, from + d);
		stratify(&rng, dimensions, points, to + d);
	}
}

struct screened screen_effects(const double *effect, int count, double confidence)
{
	struct screened screened = {.spread = NAN};
	double *known = memory_zeroed((size_t)count, sizeof *known), sum = 0;
	int kept = 0;
	for (int i = 0; i < count; i++)
		if (!isnan(effect[i])) {
			known[kept++] = effect[i];
			sum += effect[i];
		}
	screened.mean = kept ? sum / kept : NAN;
	if (kept > 1)
		screened.spread = sample_sd(known, kept);
	for (int i = 0; i < kept; i++)
		known[i] = fabs(known[i]);
	screened.size = interval_of(known, kept, confidence);
	free(known);
	return screened;
}
