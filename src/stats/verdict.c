/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/verdict.h"
#include "base/arena.h"

#include <math.h>

static const double confidence = 0.95;

const char *const verdict_names[] = {"yes", "no", "inconclusive", NULL};

struct at_rep {
	double (*value)(void *context, const struct term *term, int rep);
	void *context;
	int rep;
};

static double value_at(void *context, const struct term *term)
{
	const struct at_rep *at = context;
	return at->value(at->context, term, at->rep);
}

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
	return interval_of(scratch, reps, confidence);
}

/*
 * Two one-sided tests at 5 % each (Schuirmann, 1987): equivalent when the distance is clearly more than -margin and
 * clearly less than margin; not when the whole interval lies beyond one of them.
 */
static enum verdict within(const struct expectation *expectation, const double *left, const double *right,
			   double *scratch, int reps)
{
	enum verdict verdict = VERDICT_YES;
	for (int sign = -1; sign <= 1; sign += 2) {
		for (int r = 0; r < reps; r++)
			scratch[r] = left[r] - right[r] - sign * expectation_margin(expectation, right[r]);
		struct interval strict = interval_of(scratch, reps, confidence);
		struct interval one_sided = interval_of(scratch, reps, 2 * confidence - 1);
		if (against_zero(strict, true, -sign) == VERDICT_NO)
			return VERDICT_NO;
		if (against_zero(one_sided, true, -sign) != VERDICT_YES)
			verdict = VERDICT_INCONCLUSIVE;
	}
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
		return within(expectation, left, low, scratch, reps);
	}
	return VERDICT_INCONCLUSIVE;
}

struct verdict_of_one verdict_of(const struct expectation *expectation, int reps, bool exact,
				 double (*value)(void *context, const struct term *term, int rep), void *context)
{
	struct verdict_of_one one = {.verdict = VERDICT_NO, .low = NAN, .high = NAN};
	struct arena arena;
	arena_init(&arena);
	double *left = ARENA_ARRAY(&arena, (size_t)reps * 4 + 1, double);
	double *low = left + reps, *high = low + reps, *scratch = high + reps;
	bool band = expectation->operator == CLAIM_IN;
	int known = 0;
	for (int r = 0; r < reps; r++) {
		struct at_rep at = {value, context, r};
		left[r] = expression_value(expectation->left, value_at, &at);
		low[r] = expression_value(expectation->low, value_at, &at);
		high[r] = band ? expression_value(expectation->high, value_at, &at) : 0;
		known += !isnan(left[r]) && !isnan(low[r]) && !isnan(high[r]);
	}
	one.left = interval_of(left, reps, confidence);
	one.low = interval_of(low, reps, confidence).mean;
	if (band)
		one.high = interval_of(high, reps, confidence).mean;
	if (reps == 0 || (known > 0 && known < reps) || (known == 1 && reps == 1 && !exact))
		one.verdict = VERDICT_INCONCLUSIVE;
	else if (known > 0)
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
