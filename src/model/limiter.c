/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The adaptive limit changes once in a hundred requests, a fifth of the way to where the gradient points. Means are
 * compared, because the shortest single time says little where the work itself differs from request to request.
 */
#include "model/limiter.h"
#include "base/check.h"

#include <math.h>

enum { SAMPLES = 100 };
static const double smoothing = 0.2, steepest = 0.5;

void limiter_init(struct limiter *limiter, enum limiter_kind kind, double limit, double most, double lower_share)
{
	CHECK(limit >= 1 && most >= limit && lower_share >= 0 && lower_share <= 1);
	*limiter = (struct limiter){.kind = kind, .limit = limit, .most = most, .lower_share = lower_share};
}

bool limiter_enter(struct limiter *limiter, bool lower)
{
	double limit = lower ? limiter->limit * limiter->lower_share : limiter->limit;
	if (limiter->kind != LIMITER_NONE && (double)limiter->flying + 1 > limit)
		return false;
	limiter->flying++;
	return true;
}

static void adapt(struct limiter *limiter)
{
	double mean = limiter->sum / (double)limiter->samples;
	if (limiter->best == 0 || mean < limiter->best)
		limiter->best = mean;
	double gradient = mean > 0 ? limiter->best / mean : 1;
	if (gradient < steepest)
		gradient = steepest;
	double aim = limiter->limit * gradient + sqrt(limiter->limit);
	limiter->limit += smoothing * (aim - limiter->limit);
	if (limiter->limit > limiter->most)
		limiter->limit = limiter->most;
	if (limiter->limit < 1)
		limiter->limit = 1;
	limiter->samples = 0;
	limiter->sum = 0;
}

void limiter_leave(struct limiter *limiter, int64_t took)
{
	CHECK(limiter->flying > 0);
	limiter->flying--;
	if (limiter->kind != LIMITER_ADAPTIVE || took < 0)
		return;
	limiter->samples++;
	limiter->sum += (double)took;
	if (limiter->samples >= SAMPLES)
		adapt(limiter);
}

void rate_cap_init(struct rate_cap *cap, double rate, double burst)
{
	CHECK(rate >= 1e-6 && burst >= 1);
	double interval = 1e9 / rate;
	*cap = (struct rate_cap){.interval = (int64_t)(interval + 0.5),
				.ahead = (int64_t)((burst - 1) * interval + 0.5)};
}

bool rate_cap_admits(struct rate_cap *cap, int64_t now)
{
	int64_t due = cap->next > now ? cap->next : now;
	if (due - now > cap->ahead)
		return false;
	cap->next = due + cap->interval;
	return true;
}
