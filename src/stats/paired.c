/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/paired.h"
#include "base/arena.h"
#include "stats/sample.h"

#include <math.h>

const char *const paired_names[] = {"unknown", "equal", "lower", "higher", "unclear", "unfinished", 0};

struct paired paired_of(const double *a, const double *b, int count, double confidence)
{
	struct paired paired = {.a = interval_skewed(a, count, confidence),
				.b = interval_skewed(b, count, confidence),
				.relative = {NAN, NAN, NAN, count},
				.gain = NAN};
	struct arena arena;
	arena_init(&arena);
	double *scratch = ARENA_ARRAY(&arena, (size_t)count + 1, double);
	for (int i = 0; i < count; i++)
		scratch[i] = b[i] - a[i];
	paired.difference = interval_skewed(scratch, count, confidence);
	if (count > 1) {
		double spread = sample_variance(scratch, count);
		double apart = sample_variance(a, count) + sample_variance(b, count);
		paired.gain = spread > 0 ? apart / spread : apart > 0 ? INFINITY : NAN;
	}
	if (count > 0 && paired.a.mean != 0) {
		double ratio = paired.b.mean / paired.a.mean;
		for (int i = 0; i < count; i++)
			scratch[i] = ratio - 1 + (b[i] - ratio * a[i]) / paired.a.mean;
		paired.relative = interval_skewed(scratch, count, confidence);
		paired.relative.mean = ratio - 1; /* exactly; the rest averages to 0 but for rounding */
	}
	arena_free(&arena);
	return paired;
}

static struct interval point(double value)
{
	return (struct interval){value, value, value, 1};
}

struct paired paired_exact(double a, double b)
{
	return (struct paired){.a = point(a), .b = point(b), .difference = point(b - a),
			       .relative = point(a != 0 ? b / a - 1 : NAN), .gain = NAN};
}

/* Where an interval lies: -1, 1, or 0 when it holds 0. */
static int side_of(const struct interval *interval)
{
	return interval->high < 0 ? -1 : interval->low > 0 ? 1 : 0;
}

enum paired_verdict paired_judge(const struct paired *paired)
{
	const struct interval *difference = &paired->difference;
	if (isnan(difference->low))
		return PAIRED_UNKNOWN;
	bool open = paired->a_at_least || paired->b_at_least;
	if (difference->mean == 0 && difference->low == 0 && difference->high == 0)
		return open ? PAIRED_UNFINISHED : PAIRED_EQUAL;
	int side = side_of(difference);
	if (!isnan(paired->relative.low) && side_of(&paired->relative) * (paired->a.mean < 0 ? -1 : 1) != side)
		side = 0;
	/* What is lower stays lower only if it is not b that may be larger. */
	if (open && (side == 0 || (side < 0 ? paired->b_at_least : paired->a_at_least)))
		return PAIRED_UNFINISHED;
	return side < 0 ? PAIRED_LOWER : side > 0 ? PAIRED_HIGHER : PAIRED_UNCLEAR;
}

int64_t paired_more(const struct paired *paired, double confidence)
{
	int64_t needed = interval_needed(&paired->difference, fabs(paired->difference.mean), confidence);
	if (needed == INT64_MAX)
		return needed;
	int64_t more = needed - paired->difference.count;
	return more < 1 ? 1 : more;
}
