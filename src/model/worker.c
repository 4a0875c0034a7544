/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/worker.h"
#include "base/check.h"

#include <math.h>

/* After so many relaxation times nothing is left of how a queue began (e^-60). */
static const double relaxations = 60;
/* So many jobs at once: their sum is as good as its mean. */
static const double many = 2e6;

void worker_init(struct worker *worker, struct rng rng)
{
	*worker = (struct worker){.rng = rng, .alive = true};
}

double worker_load(const struct worker_background *background)
{
	double load = 0;
	for (int k = 0; k < WORKER_KINDS; k++)
		load += background->rate[k] * (double)background->cost[k];
	return load;
}

static void catch_up(struct worker *worker, int64_t now, const struct worker_background *background)
{
	double load = worker_load(background), rate = 0, from = (double)worker->seen;
	int64_t longest = 0;
	for (int k = 0; k < WORKER_KINDS; k++) {
		rate += background->rate[k];
		longest = background->cost[k] > longest ? background->cost[k] : longest;
	}
	worker->seen = now;
	if (rate <= 0)
		return;
	if (load < 0.98) {
		double calm = 1 - sqrt(load), felt = relaxations * (double)longest / (calm * calm);
		if ((double)now - felt > from && (double)now - felt > (double)worker->ready)
			from = (double)now - felt;
	}
	if (rate * ((double)now - from) > many) {
		double left = (double)worker->ready - from;
		left = (left > 0 ? left : 0) + (load - 1) * ((double)now - from);
		worker->ready = now + (left > 0 ? (int64_t)left : 0);
		return;
	}
	double first = background->rate[0] / rate, gap = 1 / rate, ready = (double)worker->ready, end = (double)now;
	const double cost[] = {(double)background->cost[0], (double)background->cost[1]};
	struct rng rng = worker->rng;
	for (double at = from + rng_exp(&rng) * gap; at < end; at += rng_exp(&rng) * gap) {
		int kind = first < 1 && rng_unit(&rng) >= first;
		ready = (ready > at ? ready : at) + cost[kind];
	}
	worker->rng = rng;
	worker->ready = (int64_t)ready;
}

int64_t worker_visit(struct worker *worker, int64_t now, int64_t cost, const struct worker_background *background)
{
	CHECK(now >= worker->seen && cost >= 0);
	catch_up(worker, now, background);
	worker->ready = (worker->ready > now ? worker->ready : now) + cost;
	return worker->ready;
}

void worker_restart(struct worker *worker, int64_t now)
{
	worker->seen = worker->ready = now;
}
