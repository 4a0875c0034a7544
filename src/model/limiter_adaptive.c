/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A limit that follows what is seen: it shrinks in proportion to (mean time at its best / mean time now) and grows by
 * its square root, as the gradient family of limits does. It changes once in a hundred requests, a fifth of the way to
 * where the gradient points. Means are compared, because the shortest single time says little where the work itself
 * differs from request to request.
 */
#include "model/limiter.h"

#include <math.h>

enum { SAMPLES = 100 };
static const double smoothing = 0.2, steepest = 0.5;

struct seen {
	double best;     /* lowest mean, ns; 0: none yet */
	int64_t samples; /* since the limit was last adapted, and the sum of their times */
	double sum;
};

static void adapt(struct limiter *limiter, struct seen *seen)
{
	double mean = seen->sum / (double)seen->samples;
	if (seen->best == 0 || mean < seen->best)
		seen->best = mean;
	double gradient = mean > 0 ? seen->best / mean : 1;
	if (gradient < steepest)
		gradient = steepest;
	double aim = limiter->limit * gradient + sqrt(limiter->limit);
	limiter->limit += smoothing * (aim - limiter->limit);
	if (limiter->limit > limiter->most)
		limiter->limit = limiter->most;
	if (limiter->limit < 1)
		limiter->limit = 1;
	seen->samples = 0;
	seen->sum = 0;
}

static void ended(struct limiter *limiter, int64_t took)
{
	struct seen *seen = limiter->state;
	seen->samples++;
	seen->sum += (double)took;
	if (seen->samples >= SAMPLES)
		adapt(limiter, seen);
}

const struct limiter_kind limiter_adaptive = {
	.name = "adaptive", .size = sizeof(struct seen), .admits = limiter_has_room, .ended = ended
};
