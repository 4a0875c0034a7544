/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generators against published outputs, streams against each other, draws against GSL's distribution functions. */
#include "engine/rng.h"
#include "fit.h"
#include "tap.h"

#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <string.h>

enum { DRAWS = 400000, SEEDS = 3 };

static double draws[DRAWS];

/* The outputs of the authors' reference programs for these states. */
static void test_published(void)
{
	static const uint64_t plus_plus[] = {41943041, 58720359, 3588806011781223, 3591011842654386,
					     UINT64_C(9228616714210784205), UINT64_C(9973669472204895162)};
	static const uint64_t splitmix[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
					    UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)};
	struct rng rng = {{1, 2, 3, 4}};
	int wrong = 0;
	for (size_t i = 0; i < sizeof plus_plus / sizeof *plus_plus; i++)
		wrong += rng_next(&rng) != plus_plus[i];
	ok(wrong == 0, "xoshiro256++ from {1, 2, 3, 4} gives the published numbers");
	ok(memcmp(rng_seed(1234567).s, splitmix, sizeof splitmix) == 0, "seeding is splitmix64 from 1234567");
}

static int by_key(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static bool distinct(uint64_t *keys, size_t count)
{
	qsort(keys, count, sizeof *keys, by_key);
	for (size_t i = 1; i < count; i++)
		if (keys[i] == keys[i - 1])
			return false;
	return true;
}

static void test_streams(void)
{
	static const char *const names[] = {"", "a", "b", "aa", "ab", "ba", "abc", "arrivals", "arrivals2", "service"};
	static uint64_t keys[10 * 40 * 40];
	size_t count = 0;
	for (size_t n = 0; n < 10; n++)
		for (uint64_t seed = 0; seed < 40; seed++)
			for (uint64_t replication = 0; replication < 40; replication++)
				keys[count++] = rng_stream(seed, replication, names[n]).key;
	ok(distinct(keys, count), "%zu streams of seed, replication and name all differ", count);
	keys[7] = keys[900];
	ok(!distinct(keys, count), "canary: two equal keys are noticed");
	ok(rng_stream(3, 1, "x").key == rng_stream(3, 1, "x").key, "the same triple is the same stream");
	struct rng_stream stream = rng_stream(1, 0, "x");
	struct rng first = rng_of(stream, 5), again = rng_of(stream, 5), other = rng_of(stream, 6);
	uint64_t number = rng_next(&first);
	ok(number == rng_next(&again) && number != rng_next(&other), "draws of a request depend on its number only");
}

/* The first number of neighbouring requests, names and seeds must look independent: bit by bit, and as pairs. */
static double first_numbers(int what, int pair)
{
	double ones[128] = {0}, half[128], worst = 0;
	static double seen[64 * 64], expected[64 * 64];
	memset(seen, 0, sizeof seen);
	uint64_t before = 0;
	for (int i = 0; i < DRAWS; i++) {
		char name[16];
		snprintf(name, sizeof name, "s%d", i);
		struct rng rng = what == 0 ? rng_of(rng_stream(1, 0, "x"), (uint64_t)i)
			       : what == 1 ? rng_start(rng_stream((uint64_t)i, 0, "x"))
			       : what == 2 ? rng_start(rng_stream(1, (uint64_t)i, "x"))
					   : rng_start(rng_stream(1, 0, name));
		uint64_t number = rng_next(&rng);
		for (int bit = 0; bit < 64; bit++)
			ones[2 * bit + (number >> bit & 1)]++;
		seen[(before >> 58) * 64 + (number >> 58)]++;
		before = number;
	}
	if (pair) {
		for (int i = 0; i < 64 * 64; i++)
			expected[i] = 1.0 / (64 * 64);
		return fit_chi_square(seen, expected, 64 * 64, DRAWS);
	}
	half[0] = half[1] = 0.5;
	for (int bit = 0; bit < 64; bit++)
		worst = fmax(worst, fit_chi_square(ones + 2 * bit, half, 2, DRAWS));
	return worst;
}

/* The short ways to the first draw of a request, of which many go the long one. */
static void test_first(void)
{
	struct rng_stream stream = rng_stream(1, 0, "first");
	int same = 0, others = 0;
	for (uint64_t id = 0; id < DRAWS; id++) {
		struct rng exp = rng_of(stream, id), normal = rng_of(stream, id), next = rng_of(stream, id + 1);
		double first = rng_normal_of(stream, id);
		same += rng_exp_of(stream, id) == rng_exp(&exp) && first == rng_normal(&normal);
		others += first == rng_normal(&next);
	}
	is_int(same, DRAWS, "the first draws of requests are those of their generators");
	ok(others < DRAWS / 100, "canary: of a neighbour's they are not (%d are)", others);
}

static void test_neighbours(void)
{
	static const char *const what[] = {"requests", "seeds", "replications", "names"};
	for (int i = 0; i < 4; i++) {
		double bits = first_numbers(i, 0), pairs = first_numbers(i, 1);
		ok(bits < 1 && pairs < 1, "first numbers of neighbouring %s: bits %.2f, pairs %.2f of the limit",
		   what[i], bits, pairs);
	}
}

static void test_ends(void)
{
	struct rng zero = {{0, 5, 7, 0}}, ones = {{0, 5, 7, UINT64_MAX}}, copy = zero;
	ok(rng_unit(&copy) == 0, "the least rng_unit is 0");
	copy = ones;
	ok(rng_unit(&copy) == 1 - 0x1p-53, "the greatest rng_unit is 1 - 2^-53");
	copy = zero;
	ok(rng_unit_open(&copy) == 0x1p-53, "the least rng_unit_open is 2^-53");
	copy = ones;
	ok(rng_unit_open(&copy) == 1 - 0x1p-53, "the greatest rng_unit_open is 1 - 2^-53");
	copy = ones;
	ok(rng_below(&copy, 10) == 9, "the greatest rng_below(10) is 9");
	copy = ones;
	ok(rng_below(&copy, 1) == 0, "rng_below(1) is 0");
}

static void test_below(void)
{
	static const uint64_t bounds[] = {2, 10, 1000, UINT64_C(3) << 62};
	for (int seed = 1; seed <= SEEDS; seed++) {
		struct rng rng = rng_start(rng_stream((uint64_t)seed, 0, "below"));
		for (size_t b = 0; b < 4; b++) {
			static double seen[1000], expected[1000];
			uint64_t n = bounds[b], bins = n < 1000 ? n : 1000;
			memset(seen, 0, sizeof seen);
			bool inside = true;
			for (int i = 0; i < DRAWS; i++) {
				uint64_t x = rng_below(&rng, n);
				inside = inside && x < n;
				seen[(size_t)((double)x / (double)n * (double)bins)]++;
			}
			for (uint64_t i = 0; i < bins; i++)
				expected[i] = 1 / (double)bins;
			double chi = fit_chi_square(seen, expected, bins, DRAWS);
			ok(inside && chi < 1, "rng_below(%.4g), seed %d: chi-square %.2f of the limit", (double)n, seed,
			   chi);
		}
	}
}

/* Multiplying 64 bits by 3 * 2^62 without more hits every third number twice. */
static void test_bias(void)
{
	struct rng rng = rng_start(rng_stream(1, 0, "bias"));
	const double third[] = {1.0 / 3, 1.0 / 3, 1.0 / 3};
	double seen[3] = {0}, biased[3] = {0};
	for (int i = 0; i < DRAWS; i++) {
		seen[rng_below(&rng, UINT64_C(3) << 62) % 3]++;
		biased[(uint64_t)((rng_wide)rng_next(&rng) * (UINT64_C(3) << 62) >> 64) % 3]++;
	}
	ok(fit_chi_square(seen, third, 3, DRAWS) < 1, "rng_below has no favourites among neighbours");
	ok(fit_chi_square(biased, third, 3, DRAWS) > 1, "canary: the bias of a plain product is caught");
}

static double unit_cdf(double x, const double *with)
{
	(void)with;
	return x;
}

static double exp_cdf(double x, const double *mean)
{
	return gsl_cdf_exponential_P(x, *mean);
}

static double normal_cdf(double x, const double *sd)
{
	return gsl_cdf_gaussian_P(x, *sd);
}

/* Tails: what lies beyond `from`, as a distribution of its own. */
static double exp_tail_cdf(double x, const double *from)
{
	return 1 - gsl_cdf_exponential_Q(x, 1) / gsl_cdf_exponential_Q(*from, 1);
}

static double normal_tail_cdf(double x, const double *from)
{
	return 1 - gsl_cdf_ugaussian_Q(x) / gsl_cdf_ugaussian_Q(*from);
}

static void test_continuous(void)
{
	static const struct {
		const char *name;
		double (*draw)(struct rng *rng);
		double (*cdf)(double x, const double *with);
	} kinds[] = {
		{"unit", rng_unit, unit_cdf}, {"unit_open", rng_unit_open, unit_cdf},
		{"exp", rng_exp, exp_cdf}, {"normal", rng_normal, normal_cdf},
	};
	const double one = 1;
	for (int seed = 1; seed <= SEEDS; seed++)
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			struct rng rng = rng_start(rng_stream((uint64_t)seed, 0, kinds[k].name));
			static double seen[2000], expected[2000];
			memset(seen, 0, sizeof seen);
			for (int i = 0; i < DRAWS; i++) {
				draws[i] = kinds[k].draw(&rng);
				double p = kinds[k].cdf(draws[i], &one);
				seen[(size_t)fmin(1999, p * 2000)]++;
				expected[i % 2000] = 1.0 / 2000;
			}
			double distance = fit_distance(draws, DRAWS, kinds[k].cdf, &one);
			double chi = fit_chi_square(seen, expected, 2000, DRAWS);
			ok(distance < fit_distance_limit(DRAWS) && chi < 1,
			   "rng_%s, seed %d: KS distance %.5f (limit %.5f), chi-square %.2f of the limit",
			   kinds[k].name, seed, distance, fit_distance_limit(DRAWS), chi);
		}
}

static void test_tails(void)
{
	struct rng rng = rng_start(rng_stream(1, 0, "tails"));
	const double exp_from = ZIGGURAT_EXP_EDGE, normal_from = 3.3;
	const int many = 20000000;
	size_t exp_count = 0, normal_count = 0;
	static double normal_draws[DRAWS];
	for (int i = 0; i < many; i++) {
		double x = rng_exp(&rng), z = fabs(rng_normal(&rng));
		if (x > exp_from && exp_count < DRAWS)
			draws[exp_count++] = x;
		if (z > normal_from && normal_count < DRAWS)
			normal_draws[normal_count++] = z;
	}
	double p = gsl_cdf_exponential_Q(exp_from, 1), sd = sqrt(many * p * (1 - p));
	ok(fabs((double)exp_count - many * p) < 4.5 * sd, "exp: %zu of %d beyond the last edge, %.0f +- %.0f expected",
	   exp_count, many, many * p, sd);
	p = 2 * gsl_cdf_ugaussian_Q(normal_from);
	sd = sqrt(many * p * (1 - p));
	ok(fabs((double)normal_count - many * p) < 4.5 * sd, "normal: %zu of %d beyond %.1f, %.0f +- %.0f expected",
	   normal_count, many, normal_from, many * p, sd);
	double distance = fit_distance(draws, exp_count, exp_tail_cdf, &exp_from);
	ok(distance < fit_distance_limit(exp_count), "exp: the tail has the right shape (KS %.4f)", distance);
	distance = fit_distance(normal_draws, normal_count, normal_tail_cdf, &normal_from);
	ok(distance < fit_distance_limit(normal_count), "normal: the tail has the right shape (KS %.4f)", distance);
}

/* Draws that begin in the tail, which chance would reach too seldom. */
static void test_deep_tail(void)
{
	struct rng rng = rng_start(rng_stream(1, 0, "deep tail"));
	const double normal_from = ZIGGURAT_NORMAL_EDGE, exp_from = ZIGGURAT_EXP_EDGE;
	const uint64_t lowest_layer = ~UINT64_C(0x1ff);
	int inside = 0;
	for (int i = 0; i < DRAWS; i++) {
		draws[i] = rng_normal_outside(&rng, lowest_layer);
		inside += draws[i] < normal_from;
	}
	double distance = fit_distance(draws, DRAWS, normal_tail_cdf, &normal_from);
	ok(inside == 0 && distance < fit_distance_limit(DRAWS), "normal: %d draws beyond the last edge (KS %.5f)",
	   DRAWS, distance);
	inside = 0;
	for (int i = 0; i < DRAWS; i++) {
		draws[i] = rng_exp_outside(&rng, lowest_layer);
		inside += draws[i] < exp_from;
	}
	distance = fit_distance(draws, DRAWS, exp_tail_cdf, &exp_from);
	ok(inside == 0 && distance < fit_distance_limit(DRAWS), "exp: %d draws beyond the last edge (KS %.5f)", DRAWS,
	   distance);
}

/* Chi-square, over its limit, of Poisson numbers of one mean against the chances for another. */
static double poisson(int seed, double drawn, double told)
{
	enum { BINS = 4000 };
	static double seen[BINS], expected[BINS];
	struct rng rng = rng_start(rng_stream((uint64_t)seed, 0, "poisson"));
	memset(seen, 0, sizeof seen);
	for (int i = 0; i < DRAWS; i++) {
		double count = rng_poisson(&rng, drawn);
		if (!(count >= 0 && count < BINS && count == floor(count)))
			return INFINITY;
		seen[(int)count]++;
	}
	for (int i = 0; i < BINS; i++)
		expected[i] = gsl_ran_poisson_pdf((unsigned)i, told);
	return fit_chi_square(seen, expected, BINS, DRAWS);
}

static void test_poisson(void)
{
	static const double mean[] = {0.01, 0.7, 9.99, 10, 11.3, 30, 175, 3000};
	for (int seed = 1; seed <= SEEDS; seed++)
		for (size_t m = 0; m < sizeof mean / sizeof *mean; m++) {
			double chi = poisson(seed, mean[m], mean[m]);
			ok(chi < 1, "Poisson numbers of mean %g, seed %d: chi-square %.2f of the limit", mean[m], seed,
			   chi);
		}
	ok(poisson(1, 9.9, 10) > 1 && poisson(1, 174.5, 175) > 1, "canary: a wrong mean is caught");
	struct rng rng = rng_start(rng_stream(1, 0, "poisson"));
	double most = 1e13, off = 0, times = 1000;
	for (int i = 0; i < (int)times; i++)
		off += (rng_poisson(&rng, most) - most) / sqrt(most * times);
	ok(fabs(off) < 4.5, "and of a very large mean: off by %.2f standard deviations", off);
	ok(rng_poisson(&rng, 0) == 0, "of mean 0 there are none");
}

static void test_canary(void)
{
	struct rng rng = rng_start(rng_stream(1, 0, "canary"));
	const double wrong = 1.03;
	for (int i = 0; i < DRAWS; i++)
		draws[i] = rng_normal(&rng);
	double distance = fit_distance(draws, DRAWS, normal_cdf, &wrong);
	ok(distance > fit_distance_limit(DRAWS), "canary: a standard deviation wrong by 3 %% is caught (KS %.5f)",
	   distance);
	double seen[10] = {0}, expected[10];
	for (int i = 0; i < DRAWS; i++)
		seen[rng_below(&rng, 10)]++;
	for (int i = 0; i < 10; i++)
		expected[i] = i < 2 ? 0.1 + (i ? 0.003 : -0.003) : 0.1;
	ok(fit_chi_square(seen, expected, 10, DRAWS) > 1, "canary: a bias of 3 %% of one value is caught");
}

int main(void)
{
	test_published();
	test_streams();
	test_first();
	test_neighbours();
	test_ends();
	test_below();
	test_bias();
	test_continuous();
	test_tails();
	test_deep_tail();
	test_poisson();
	test_canary();
	return done_testing();
}
