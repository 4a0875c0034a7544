/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/verdict.h"
#include "base/arena.h"

#include <math.h>

static const double confidence = 0.95;

const char *const verdict_names[] = {"yes", "no", "inconclusive", NULL};

/*
 * Where an interval lies against a comparison of its values with 0. One replication has no interval: its point decides.
 * Without any spread (a count that is always 0) the interval is a point too.
 */
static enum verdict against_zero(struct interval interval, bool may_equal, double sign)
{
	double low = interval.count < 2 ? interval.mean : interval.low;
	double high = interval.count < 2 ? interval.mean : interval.high;
	double least = sign > 0 ? low : -high, greatest = sign > 0 ? high : -low;
	if (may_equal ? least >= 0 : least > 0)
		return VERDICT_YES;
	if (may_equal ? greatest < 0 : greatest <= 0)
		return VERDICT_NO;
	return VERDICT_INCONCLUSIVE;
}

static enum verdict both(enum verdict a, enum verdict b)
{
	if (a == VERDICT_NO || b == VERDICT_NO)
		return VERDICT_NO;
	return a == VERDICT_YES && b == VERDICT_YES ? VERDICT_YES : VERDICT_INCONCLUSIVE;
}

static struct interval difference(const double *left, const double *right, double *scratch, int reps)
{
	for (int r = 0; r < reps; r++)
		scratch[r] = left[r] - right[r];
	return interval_skewed(scratch, reps, confidence);
}

enum verdict verdict_within(const double *left, const double *right, int count, double margin, bool relative)
{
	enum verdict verdict = VERDICT_YES;
	struct arena arena;
	arena_init(&arena);
	double *beyond = ARENA_ARRAY(&arena, (size_t)count + 1, double);
	for (int sign = -1; sign <= 1 && verdict != VERDICT_NO; sign += 2) {
		for (int r = 0; r < count; r++)
			beyond[r] = left[r] - right[r] - sign * (relative ? margin * fabs(right[r]) : margin);
		struct interval strict = interval_skewed(beyond, count, confidence);
		struct interval one_sided = interval_skewed(beyond, count, 2 * confidence - 1);
		if (against_zero(strict, true, -sign) == VERDICT_NO)
			verdict = VERDICT_NO;
		else if (against_zero(one_sided, true, -sign) != VERDICT_YES)
			verdict = VERDICT_INCONCLUSIVE;
	}
	arena_free(&arena);
	return verdict;
}

static enum verdict judge(const struct expectation *expectation, const double *left, const double *low,
			  const double *high, double *scratch, int reps)
{
	struct interval over_low = difference(left, low, scratch, reps);
	switch (expectation->operator) {
	case CLAIM_LESS:
		return against_zero(over_low, false, -1);
	case CLAIM_LESS_EQUAL:
		return against_zero(over_low, true, -1);
	case CLAIM_GREATER:
		return against_zero(over_low, false, 1);
	case CLAIM_GREATER_EQUAL:
		return against_zero(over_low, true, 1);
	case CLAIM_IN:
		return both(against_zero(over_low, true, 1),
			    against_zero(difference(left, high, scratch, reps), true, -1));
	case CLAIM_WITHIN:
		return verdict_within(left, low, reps, expectation->margin, expectation->relative);
	}
	return VERDICT_INCONCLUSIVE;
}

/* Of what has no interval: in every replication, in none, or in some. */
static enum verdict extremes(const struct expectation *expectation, const struct pooled_values *values)
{
	int holding = 0;
	for (int r = 0; r < values->reps; r++) {
		double left = pooled_value(expectation->left, values, POOLED_ONE, r);
		double low = pooled_value(expectation->low, values, POOLED_ONE, r);
		double high =
			expectation->operator== CLAIM_IN ? pooled_value(expectation->high, values, POOLED_ONE, r) : 0;
		if (isnan(left) || isnan(low) || isnan(high))
			return VERDICT_INCONCLUSIVE;
		holding += expectation_holds(expectation, left, low, high);
	}
	return holding == values->reps ? VERDICT_YES : holding == 0 ? VERDICT_NO : VERDICT_INCONCLUSIVE;
}

static bool any_nan(const double *values, int count)
{
	for (int i = 0; i < count; i++)
		if (isnan(values[i]))
			return true;
	return false;
}

struct verdict_of_one verdict_of(const struct expectation *expectation, const struct pooled_values *values, bool exact)
{
	struct verdict_of_one one = {.verdict = VERDICT_INCONCLUSIVE, .low = NAN, .high = NAN};
	int reps = values->reps;
	bool band = expectation->operator== CLAIM_IN;
	struct arena arena;
	one.left = pooled_interval(expectation->left, values);
	if (reps == 0) {
		one.why = "nothing has run";
		return one;
	}
	one.low = pooled_value(expectation->low, values, POOLED_ALL, 0);
	if (band)
		one.high = pooled_value(expectation->high, values, POOLED_ALL, 0);
	if (isnan(one.left.mean) || isnan(one.low) || (band && isnan(one.high))) {
		one.why = "something in it was not measured";
		return one;
	}
	if (reps == 1 && !exact) {
		one.why = "one replication settles nothing";
		return one;
	}
	if (pooled_extreme(expectation->left) || pooled_extreme(expectation->low) ||
	    (band && pooled_extreme(expectation->high))) {
		one.verdict = extremes(expectation, values);
		if (one.verdict == VERDICT_INCONCLUSIVE)
			one.why = "it holds in some replications only";
		return one;
	}
	arena_init(&arena);
	double *left = ARENA_ARRAY(&arena, (size_t)reps * 4, double);
	double *low = left + reps, *high = low + reps, *scratch = high + reps;
	pooled_each(expectation->left, values, left);
	pooled_each(expectation->low, values, low);
	if (band)
		pooled_each(expectation->high, values, high);
	if (any_nan(left, 3 * reps))
		one.why = "something in it was not measured in every replication";
	else
		one.verdict = judge(expectation, left, low, high, scratch, reps);
	arena_free(&arena);
	return one;
}

enum verdict verdict_all(const struct verdict_of_one *one, int count)
{
	enum verdict verdict = VERDICT_YES;
	for (int i = 0; i < count; i++)
		verdict = both(verdict, one[i].verdict);
	return verdict;
}
