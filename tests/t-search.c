/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The search for where something stops being true, on things whose truth is known: it holds up to an edge (or from it
 * on), and is settled only outside of a band around it.
 */
#include "exec/search.h"
#include "tap.h"

#include <math.h>

struct thing {
	double edge, band; /* settled outside of edge - band .. edge + band */
	bool below;        /* it holds below the edge */
	double step;       /* numbers are multiples of it; 0: all */
	double refused_above, refused_below;
	double second;          /* another edge, from which on it is as before the first; 0: none */
	int tries, interrupted; /* at the try with this number; 0: never */
};

static double round_number(void *self, double x)
{
	const struct thing *thing = self;
	return thing->step > 0 ? thing->step * floor(x / thing->step + 0.5) : x;
}

static bool try_number(void *self, struct search_point *point, struct err *err)
{
	struct thing *thing = self;
	if (++thing->tries == thing->interrupted)
		return false;
	if (point->x > thing->refused_above || point->x < thing->refused_below)
		return err_add(err, ERR_MODEL, NULL, "%g is refused", point->x);
	double over = point->x - thing->edge;
	point->holds = (over <= 0) == thing->below;
	if (thing->second > 0 && point->x > thing->second)
		point->holds = thing->below;
	point->verdict = fabs(over) <= thing->band ? VERDICT_INCONCLUSIVE : point->holds ? VERDICT_YES : VERDICT_NO;
	return true;
}

static struct search search;
static struct search_result result;
static struct err err;

static void make(struct thing *thing, double within)
{
	err_init(&err);
	search = (struct search){
		.within = within, .whole = thing->step >= 1, .round = round_number, .try = try_number, .host = thing};
}

/* Whether every number was tried once, in order. */
static bool in_order(void)
{
	for (int i = 1; i < search.points; i++)
		if (!(search.point[i - 1].x < search.point[i].x))
			return false;
	return true;
}

static void check_between(void)
{
	static const double edges[] = {1.001, 3.3, 12, 77.7, 99.9};
	int bracketed = 0, ends = 0, few = 0, once = 0, sides = 0, all = 0, wide = 0;
	for (size_t e = 0; e < sizeof edges / sizeof *edges; e++)
		for (int below = 0; below < 2; below++, all++) {
			double edge = edges[e], band = 0.1 * edge, step = 0.01 * edge;
			struct thing thing = {
				.edge = edge, .band = band, .below = below, .refused_above = 100, .refused_below = 1};
			make(&thing, 0.001);
			if (!search_between(&search, 1, 100, &result, &err) || !result.found)
				continue;
			bracketed += result.below <= edge && edge < result.above &&
				     result.above - result.below <= 0.001 * edge * 1.01 &&
				     fabs(result.at - edge) <= step;
			wide += result.below <= edge * 1.01 && edge * 1.01 < result.above;
			double low = edge - band >= 1 ? edge - band : -INFINITY;
			double high = edge + band <= 100 ? edge + band : INFINITY;
			ends += (isinf(low) ? result.low == low : fabs(result.low - low) <= step) &&
				(isinf(high) ? result.high == high : fabs(result.high - high) <= step);
			sides += result.holds_below == below;
			few += search.points < 50;
			once += in_order() && search.points == thing.tries;
		}
	is_int(bracketed, all, "the bracket holds the edge and is narrow");
	is_int(wide, 0, "canary: and no other number");
	is_int(ends, all, "the interval ends where it is settled, or nowhere in the range");
	is_int(sides, all, "the side on which it holds");
	is_int(few, all, "in fewer than 50 tries");
	is_int(once, all, "none of them twice");
}

static void check_whole(void)
{
	struct thing thing = {.edge = 7.5, .band = 2, .below = true, .step = 1, .refused_above = 1000};
	make(&thing, 0.01);
	ok(search_between(&search, 1, 30, &result, &err) && result.found, "whole numbers");
	ok(result.at == 7 && result.below == 7 && result.above == 8, "the last at which it holds");
	ok(result.low == 5 && result.high == 10, "the nearest that are settled");
	thing.below = false;
	make(&thing, 0.01);
	ok(search_between(&search, 1, 30, &result, &err) && result.at == 8, "the first at which it holds");
}

static void check_twice(void)
{
	struct thing thing = {.edge = 20, .band = 1, .below = true, .second = 60, .refused_above = 100};
	make(&thing, 0.001);
	ok(search_between(&search, 1, 100, &result, &err) && result.found && fabs(result.at - 20) < 0.1,
	   "equal ends with another stretch between");
	thing.edge = 200;
	thing.second = 0;
	make(&thing, 0.001);
	ok(search_between(&search, 1, 100, &result, &err) && !result.found && search.points == 9,
	   "no change among nine numbers");
}

static void check_outward(void)
{
	static const struct {
		double start, edge;
	} at[] = {{10, 55}, {10, 3}, {10, 10.01}, {10, 9.99}};
	int found = 0;
	for (int i = 0; i < 4; i++) {
		struct thing thing = {.edge = at[i].edge, .band = 0.05, .below = true, .refused_above = 1e9};
		make(&thing, 0.001);
		found += search_outward(&search, at[i].start, &result, &err) && result.found &&
			 fabs(result.at - at[i].edge) < 0.002 * at[i].edge;
	}
	is_int(found, 4, "outward, upwards and downwards");
	struct thing thing = {.edge = 55, .below = true, .refused_above = 40, .refused_below = 4};
	make(&thing, 0.001);
	ok(search_outward(&search, 10, &result, &err) && !result.found && !err_any(&err),
	   "what is refused ends the range, and is no mistake");
	make(&thing, 0.001);
	ok(!search_between(&search, 10, 100, &result, &err) && err_any(&err), "but it is one where an end was given");
	thing.interrupted = thing.tries + 3;
	make(&thing, 0.001);
	ok(!search_outward(&search, 10, &result, &err) && !err_any(&err) && search.points == 2,
	   "an interruption ends the search without a message");
}

int main(void)
{
	check_between();
	check_whole();
	check_twice();
	check_outward();
	return done_testing();
}
