/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The histogram against the sorted values themselves. */
#include "engine/dist.h"
#include "engine/hist.h"
#include "tap.h"

enum { VALUES = 100000, SEEDS = 3 };

static struct arena arena;
static int64_t values[VALUES];

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* The value with rank ceil(p n), p = hundred_thousandths / 100000, worked out in integers; `values` sorted. */
static int64_t exact(size_t count, uint64_t hundred_thousandths)
{
	uint64_t rank = (hundred_thousandths * count + 99999) / 100000;
	return values[rank ? rank - 1 : 0];
}

static const uint64_t levels[] = {0, 1, 100, 1000, 5000, 7000, 25000, 29000, 50000, 75000, 90000, 95000, 99000, 99900,
				  99990, 99999, 100000};

/* The worst relative error over all levels. */
static double worst_error(const struct hist *hist, size_t count)
{
	double worst = 0;
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		double want = (double)exact(count, levels[i]);
		double got = (double)hist_percentile(hist, (double)levels[i] / 100000);
		/* Never below what was recorded. */
		double error = want == got ? 0 : got < want ? INFINITY : (got - want) / want;
		worst = fmax(worst, error);
	}
	return worst;
}

/* Four shapes of values: small integers, times, heavy tails up to 2^61, and one value only. */
static int64_t value_of(int shape, struct rng *rng)
{
	struct dist pareto = {.kind = DIST_PARETO, .scale = 1000, .shape = 0.3};
	switch (shape) {
	case 0:
		return (int64_t)rng_below(rng, 3000);
	case 1:
		return (int64_t)(5e6 * dm_exp(rng_normal(rng)));
	case 2:
		return dist_draw_time(&pareto, rng);
	default:
		return 123456789;
	}
}

static void test_against_values(void)
{
	static const char *const shapes[] = {"small integers", "lognormal times", "a very heavy tail", "one value"};
	for (int seed = 1; seed <= SEEDS; seed++)
		for (int shape = 0; shape < 4; shape++) {
			struct rng rng = rng_start(rng_stream((uint64_t)seed, 0, shapes[shape]));
			struct hist hist;
			hist_sum sum = 0;
			hist_init(&hist, &arena, HIST_BITS);
			for (int i = 0; i < VALUES; i++) {
				values[i] = value_of(shape, &rng);
				hist_add(&hist, values[i], 1);
				sum += (hist_sum)(uint64_t)values[i];
			}
			qsort(values, VALUES, sizeof *values, ascending);
			double worst = worst_error(&hist, VALUES);
			ok(worst <= 0x1p-10, "%s, seed %d: percentiles within %.4f %%", shapes[shape], seed,
			   100 * worst);
			ok(hist.count == VALUES && hist.least == values[0] && hist.greatest == values[VALUES - 1] &&
				   hist.sum == sum,
			   "%s, seed %d: count, sum, least and greatest are exact", shapes[shape], seed);
			uint64_t above = hist_above(&hist, values[VALUES / 2]), want = 0;
			double slack = 0.001 * (double)values[VALUES / 2];
			uint64_t most = 0;
			for (int i = 0; i < VALUES; i++) {
				want += (double)values[i] > (double)values[VALUES / 2] + slack;
				most += values[i] > values[VALUES / 2];
			}
			ok(above >= want && above <= most, "%s, seed %d: %llu lie above the median", shapes[shape],
			   seed, (unsigned long long)above);
		}
}

static void test_definition(void)
{
	struct hist hist;
	hist_init(&hist, &arena, HIST_BITS);
	is_int(hist_percentile(&hist, 0.5), 0, "the percentile of nothing is 0");
	ok(hist_mean(&hist) == 0, "and so is the mean");
	for (int i = 1; i <= 100; i++)
		hist_add(&hist, i, 1);
	int wrong = 0;
	for (int i = 1; i <= 100; i++)
		wrong += hist_percentile(&hist, i / 100.0) != i;
	ok(wrong == 0, "of 1 ... 100, the percentile p is p for every whole p (%d wrong)", wrong);
	is_int(hist_percentile(&hist, 0), 1, "p0 is the least");
	is_int(hist_percentile(&hist, 0.500001), 51, "just above the middle it is the next value");
	is_int(hist_percentile(&hist, 1), 100, "p100 is the greatest");
	is_int((int64_t)hist_rank(100, 0.07), 7, "the rank of p7 of 100 is 7, as in integers");
	is_int((int64_t)hist_rank(UINT64_C(1000000000000001), 0.999), INT64_C(999000000000001), "and of many");
	near_to(hist_percentile_between(&hist, 0.505), 50.5, 1, "between the edges of its bin");
	ok(hist_mean(&hist) == 50.5, "the mean is 50.5");
	is_int((long long)hist_above(&hist, 90), 10, "10 values lie above 90");
	hist_clear(&hist);
	ok(hist.count == 0 && hist.sum == 0 && hist_percentile(&hist, 0.9) == 0, "cleared, it is empty");
	hist_add(&hist, 7, 3);
	hist_add(&hist, 9, 1);
	ok(hist_percentile(&hist, 0.75) == 7 && hist_percentile(&hist, 0.76) == 9 && hist.count == 4,
	   "a value may be recorded several times at once");
}

static void test_bins(void)
{
	struct hist hist;
	hist_init(&hist, &arena, HIST_BITS);
	static const int64_t all[] = {
		0, 1, 1023, 1024, 2047, 2048, 2049, 1 << 20, INT64_MAX / 2, INT64_MAX / 2 + 1, INT64_MAX};
	enum { ALL = sizeof all / sizeof *all };
	for (int i = 0; i < ALL; i++)
		hist_add(&hist, all[i], 1);
	uint32_t cursor = 0;
	int64_t low, high, last = -1;
	uint64_t count, seen = 0;
	int wrong = 0;
	while (hist_next(&hist, &cursor, &low, &high, &count)) {
		uint64_t inside = 0;
		for (int i = 0; i < ALL; i++)
			inside += all[i] >= low && all[i] <= high;
		wrong += inside != count || low <= last || high < low || (low < 2048 && high != low) ||
			 (double)(high - low) > (double)low / 1024;
		last = high;
		seen += count;
	}
	ok(wrong == 0 && seen == ALL, "bins are in order, do not overlap, and hold what lies in them, up to INT64_MAX");
}

static void test_merge(void)
{
	struct hist whole, part[3];
	struct rng rng = rng_start(rng_stream(1, 0, "merge"));
	hist_init(&whole, &arena, HIST_BITS);
	for (int i = 0; i < 3; i++)
		hist_init(&part[i], &arena, HIST_BITS);
	for (int i = 0; i < VALUES; i++) {
		int64_t value = value_of(i % 3, &rng);
		hist_add(&whole, value, 1 + (uint64_t)i % 2);
		hist_add(&part[rng_below(&rng, 2)], value, 1 + (uint64_t)i % 2);
	}
	hist_merge(&part[0], &part[2]); /* nothing */
	hist_merge(&part[0], &part[1]);
	hist_merge(&part[2], &part[0]); /* into an empty one */
	ok(part[2].count == whole.count && part[2].sum == whole.sum && part[2].least == whole.least &&
	   part[2].greatest == whole.greatest, "merged parts have the whole's count, sum, least and greatest");
	int wrong = 0;
	for (int i = 0; i <= 1000; i++)
		wrong += hist_percentile(&part[2], i / 1000.0) != hist_percentile(&whole, i / 1000.0);
	ok(wrong == 0, "and the same percentiles");
	ok(hist_digest(&part[2], 5) == hist_digest(&whole, 5), "and the same digest");
	struct hist high, empty;
	hist_init(&high, &arena, HIST_BITS);
	hist_init(&empty, &arena, HIST_BITS);
	hist_add(&high, 1000, 1);
	hist_merge(&empty, &high);
	ok(empty.least == 1000 && empty.greatest == 1000, "an empty one has no least value to keep");
	hist_add(&part[2], 77, 1);
	ok(hist_digest(&part[2], 5) != hist_digest(&whole, 5), "canary: one value more changes the digest");
	ok(hist_digest(&whole, 6) != hist_digest(&whole, 5), "canary: the seed changes the digest");
}

static void test_canary(void)
{
	struct rng rng = rng_start(rng_stream(1, 0, "canary"));
	struct hist coarse, shifted;
	hist_init(&coarse, &arena, 5);
	hist_init(&shifted, &arena, HIST_BITS);
	for (int i = 0; i < VALUES; i++) {
		values[i] = value_of(1, &rng);
		hist_add(&coarse, values[i], 1);
		hist_add(&shifted, values[i] + values[i] / 400, 1);
	}
	qsort(values, VALUES, sizeof *values, ascending);
	ok(worst_error(&coarse, VALUES) > 0.001, "canary: bins of 3 %% are too coarse");
	ok(worst_error(&shifted, VALUES) > 0.001, "canary: values wrong by 0.25 %% are noticed");
}

int main(void)
{
	arena_init(&arena);
	test_against_values();
	test_definition();
	test_bins();
	test_merge();
	test_canary();
	arena_free(&arena);
	return done_testing();
}
