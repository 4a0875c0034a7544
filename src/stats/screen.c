/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/screen.h"
#include "base/check.h"

#include <gsl/gsl_qrng.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SOBOL_DIMENSIONS = 40, APART = 4 };

/* The first points of such sequences lie on a diagonal; `to` is taken from a later one, so that it differs from `from`. */
void screen_point(int dimensions, int number, double *from, double *to)
{
	CHECK(dimensions > 0 && dimensions <= SCREEN_DIMENSIONS && number >= 0);
	double *both = calloc((size_t)dimensions * 2, sizeof(*both));
	gsl_qrng *sequence = gsl_qrng_alloc(2 * dimensions <= SOBOL_DIMENSIONS ? gsl_qrng_sobol : gsl_qrng_reversehalton,
					    (unsigned)dimensions * 2);
	if (!both || !sequence)
		check_out_of_memory((size_t)dimensions * 2 * sizeof(*both));
	for (int i = 0; i <= number + APART; i++) {
		gsl_qrng_get(sequence, both);
		if (i == number)
			memcpy(from, both, (size_t)dimensions * sizeof(*from));
	}
	memcpy(to, both + dimensions, (size_t)dimensions * sizeof(*to));
	gsl_qrng_free(sequence);
	free(both);
}

struct screened screen_effects(const double *effect, int count, double confidence)
{
	struct screened screened = {.spread = NAN};
	double *known = calloc((size_t)count + 1, sizeof(*known)), sum = 0;
	int kept = 0;
	if (!known)
		check_out_of_memory((size_t)count * sizeof(*known));
	for (int i = 0; i < count; i++)
		if (!isnan(effect[i])) {
			known[kept++] = effect[i];
			sum += effect[i];
		}
	screened.mean = kept ? sum / kept : NAN;
	if (kept > 1)
		screened.spread = gsl_stats_sd(known, 1, (size_t)kept);
	for (int i = 0; i < kept; i++)
		known[i] = fabs(known[i]);
	screened.size = interval_of(known, kept, confidence);
	free(known);
	return screened;
}
