/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three ways from the last visit to this one, the first that applies:
 *
 * - After a long time a line does not depend on how it began: it is drawn from the stationary distribution of M/G/1.
 *   That is the sum of a geometric number of residual services, with the load as the ratio (Pollaczek and Khinchine;
 *   Benes, 1957); a residual is uniform between 0 and the service of a kind, which is chosen by its share of the load.
 * - While the thread is busy for certain, all jobs that come in are served: only their number is drawn.
 * - Otherwise jobs are drawn one by one.
 *
 * The last two are exact. How long is long: two lines that are fed the same jobs, one of them stationary, are the same
 * once both have been empty. Let jobs take at most L, the load be r, and the line be x long. By Chernoff's bound, with
 * the exponent -log(r) / L, for which the stationary line W has E exp(-log(r) W / L) < 2, the chance that one of both
 * has not been empty within t is at most (r^(-x / L) + 2) exp(-(r - 1 - log(r)) t / L). It is kept below 3 exp(-15),
 * which is less than 1e-6: the chance of anything is no further than that from what it is when all jobs are drawn.
 */
#include "model/worker.h"
#include "base/check.h"
#include "engine/dmath.h"

static const double forgotten = 15; /* -log of a third of that chance */
static const double few = 10;       /* jobs that are drawn one by one as fast as in any other way */

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

/* What a visit finds in line long after all others. */
static double stationary(struct rng *rng, const struct worker_background *background, double load)
{
	double left = 0, first = background->rate[0] * (double)background->cost[0];
	for (;;) {
		double u = rng_unit(rng);
		if (u >= load)
			return left;
		left += rng_unit(rng) * (double)background->cost[u >= first];
	}
}

static void catch_up(struct worker *worker, int64_t now, const struct worker_background *background)
{
	const double cost[] = {(double)background->cost[0], (double)background->cost[1]};
	const double rate = background->rate[0] + background->rate[1], end = (double)now;
	double at = (double)worker->seen, ready = (double)worker->ready;
	worker->seen = now;
	if (rate <= 0)
		return;
	double load = 1, fade = 0, weight = 0, felt = -1; /* felt: since when a line may be felt at the end */
	if (rate * (end - at) > few && (load = worker_load(background)) < 1 && load > 0) {
		double longest = cost[0] > cost[1] ? cost[0] : cost[1], log = -dm_log(load);
		fade = (log - (1 - load)) / (forgotten * longest);
		weight = log / (forgotten * longest);
		felt = end - 1 / fade;
	}
	double first = background->rate[0] / rate, gap = 1 / rate, bulk = few * gap;
	struct rng rng = worker->rng;
	while (at < end) {
		double line = ready > at ? ready - at : 0;
		if ((end - at) * fade >= 1 + line * weight) {
			ready = end + stationary(&rng, background, load);
			break;
		}
		if (line > bulk) {
			double to = ready < end ? ready : end;
			for (int k = 0; k < WORKER_KINDS; k++)
				ready += cost[k] * rng_poisson(&rng, background->rate[k] * (to - at));
			at = to;
			continue;
		}
		struct rng own = rng; /* nobody has its address: it stays in registers */
		while ((at += rng_exp(&own) * gap) < end) {
			int kind = first < 1 && rng_unit(&own) >= first;
			double begin = ready > at ? ready : at;
			ready = begin + cost[kind];
			if (ready - at > bulk || (at < felt && begin == at))
				break;
		}
		rng = own;
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
