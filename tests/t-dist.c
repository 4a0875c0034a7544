/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Distributions: draws against GSL's distribution functions, whose parameters are worked out here by hand; moments and
 * quantiles against the same; texts there and back; texts that must be refused.
 */
#include "base/check.h"
#include "engine/dist.h"
#include "fit.h"
#include "tap.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DRAWS = 100000, SEEDS = 3 };

static double draws[DRAWS];
static struct arena arena;

/* A file of one, two and ten; "weighted" gives them weights; in ascending and other orders. */
static bool read_values(void *host, const char *path, enum quantity_kind unit, struct arena *where, double **values,
			double **weights, size_t *count, struct err *err)
{
	static const double three[] = {10, 1, 2}, weight[] = {1, 6, 3};
	(void)unit;
	if (strcmp(path, "missing.csv") == 0)
		return err_add(err, ERR_MODEL, host, "missing.csv: there is no such file");
	if (strcmp(path, "broken") == 0)
		return false;
	*count = strcmp(path, "empty.csv") == 0 ? 0 : 3;
	*values = ARENA_ARRAY(where, 3, double);
	memcpy(*values, three, sizeof three);
	if (strcmp(path, "weighted.hgrm") == 0 || strcmp(path, "weightless.hgrm") == 0) {
		*weights = ARENA_ARRAY(where, 3, double);
		if (strcmp(path, "weighted.hgrm") == 0)
			memcpy(*weights, weight, sizeof weight);
	}
	if (strcmp(path, "nan.csv") == 0)
		(*values)[1] = NAN;
	if (strcmp(path, "negative.csv") == 0)
		(*values)[1] = -1;
	return true;
}

static const struct dist_reader reader = {read_values, NULL};

static struct dist parse(enum quantity_kind unit, const char *text)
{
	struct dist dist = {.kind = DIST_KINDS};
	struct err err;
	err_init(&err);
	if (!dist_parse(&dist, unit, text, &arena, &reader, NULL, &err))
		diag("%s", err.message[0].text);
	CHECK(!err_any(&err));
	return dist;
}

/* ---- continuous ---- */

/* Oracles; `with` holds the parameters as GSL wants them. */
static double uniform(double x, const double *with)
{
	return gsl_cdf_flat_P(x, with[0], with[1]);
}

static double exponential(double x, const double *with)
{
	return gsl_cdf_exponential_P(x, with[0]);
}

static double gamma_law(double x, const double *with)
{
	return gsl_cdf_gamma_P(x, with[0], with[1]);
}

static double lognormal(double x, const double *with)
{
	return gsl_cdf_lognormal_P(x, with[0], with[1]);
}

static double truncated(double x, const double *with)
{
	double cut = gsl_cdf_gaussian_P(-with[0], with[1]);
	return (gsl_cdf_gaussian_P(x - with[0], with[1]) - cut) / (1 - cut);
}

static double weibull(double x, const double *with)
{
	return gsl_cdf_weibull_P(x, with[0], with[1]);
}

static double pareto(double x, const double *with)
{
	return x < with[0] ? 0 : gsl_cdf_pareto_P(x, with[1], with[0]);
}

static double mixture(double x, const double *with)
{
	return with[0] * gsl_cdf_exponential_P(x, with[1]) + (1 - with[0]) * gsl_cdf_exponential_P(x, with[2]);
}

/* mean, cv: by hand or by computer algebra */
static const struct {
	const char *text;
	double (*cdf)(double x, const double *with);
	double with[3], mean, cv;
} continuous[] = {
	{"uniform(2, 5)", uniform, {2, 5}, 3.5, 0.24743582965269675},
	{"exp(3)", exponential, {3}, 3, 1},
	{"erlang(stages=4, mean=2)", gamma_law, {4, 0.5}, 2, 0.5},
	{"gamma(mean=2, cv=0.5)", gamma_law, {4, 0.5}, 2, 0.5},
	{"gamma(mean=3, cv=2)", gamma_law, {0.25, 12}, 3, 2},
	{"gamma(shape=1, scale=2)", gamma_law, {1, 2}, 2, 1},
	{"gamma(shape=100, scale=2)", gamma_law, {100, 2}, 200, 0.1},
	{"lognormal(median=2, sigma=0.5)",
	 lognormal,
	 {0.69314718055994531, 0.5},
	 2.2662969061336524,
	 0.53294035002778827},
	{"lognormal(median=1, p99=10)", lognormal, {0, 0.98978537074701570}, 1.6320510555203514, 1.2898025615671156},
	{"lognormal(mean=1, cv=1)", lognormal, {-0.34657359027997264, 0.83255461115769776}, 1, 1},
	{"lognormal(mean=1, cv=4)", lognormal, {-1.4166066720281080, 1.6832151805566085}, 1, 4},
	{"lognormal(mean=2, p99=12)", lognormal, {0.21864016022143226, 0.97417351671918597}, 2, 1.2582374621518701},
	{"normal(mean=10, sd=1)", truncated, {10, 1}, 10, 0.1},
	{"normal(mean=1, sd=1)", truncated, {1, 1}, 1.2875999709391784, 0.61628437809563365},
	{"normal(mean=0, sd=2)", truncated, {0, 2}, 1.5957691216057307, 0.75551063976286702},
	{"normal(mean=2, cv=0.5)", truncated, {2, 1}, 2.0552478626789900, 0.45810327249144077},
	{"weibull(scale=2, shape=0.5)", weibull, {2, 0.5}, 4, 2.2360679774997897},
	{"weibull(mean=4, cv=2.2360679774997897)", weibull, {2, 0.5}, 4, 2.2360679774997897},
	{"weibull(mean=1, cv=1)", weibull, {1, 1}, 1, 1},
	{"weibull(scale=3, shape=2)", weibull, {3, 2}, 2.6586807763582740, 0.52272320087706332},
	{"weibull(median=0.69314718055994531, p99=4.6051701859880914)", weibull, {1, 1}, 1, 1},
	{"pareto(min=1, alpha=3)", pareto, {1, 3}, 1.5, 0.57735026918962576},
	{"pareto(min=2, alpha=0.9)", pareto, {2, 0.9}, INFINITY, INFINITY},
	{"pareto(min=2, alpha=1.5)", pareto, {2, 1.5}, 6, INFINITY},
	{"mix(0.9 exp(1), 0.1 exp(20))", mixture, {0.9, 1, 20}, 2.9, 2.9540677128865324},
	{"mix(1 exp(1), 2 mix(1 exp(1), 2 exp(20)))",
	 mixture,
	 {0.55555555555555556, 1, 20},
	 9.4444444444444444,
	 1.7316512111147029},
};

static bool near(double a, double b)
{
	return a == b || fabs(a - b) <= 1e-11 * fabs(b);
}

static void test_draws(void)
{
	for (size_t i = 0; i < sizeof continuous / sizeof *continuous; i++) {
		struct dist dist = parse(QUANTITY_REAL, continuous[i].text);
		const double *with = continuous[i].with;
		for (int seed = 1; seed <= SEEDS; seed++) {
			struct rng rng = rng_start(rng_stream((uint64_t)seed, 0, continuous[i].text));
			bool negative = false;
			for (int k = 0; k < DRAWS; k++) {
				draws[k] = dist_draw(&dist, &rng);
				negative = negative || !(draws[k] >= 0);
			}
			double distance = fit_distance(draws, DRAWS, continuous[i].cdf, with);
			ok(!negative && distance < fit_distance_limit(DRAWS),
			   "%s, seed %d: KS distance %.5f (limit %.5f)", continuous[i].text, seed, distance,
			   fit_distance_limit(DRAWS));
		}
	}
}

static void test_functions(void)
{
	static const double p[] = {1e-4, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.99999};
	for (size_t i = 0; i < sizeof continuous / sizeof *continuous; i++) {
		struct dist dist = parse(QUANTITY_REAL, continuous[i].text);
		double apart = 0, round_trip = 0, mean = dist_mean(&dist), cv = dist_cv(&dist);
		for (size_t k = 0; k < sizeof p / sizeof *p; k++) {
			double x = dist_quantile(&dist, p[k]);
			apart = fmax(apart, fabs(continuous[i].cdf(x, continuous[i].with) - p[k]));
			round_trip = fmax(round_trip, fabs(dist_cdf(&dist, x) - p[k]));
		}
		ok(apart < 1e-13 && round_trip < 1e-13,
		   "%s: quantiles agree with GSL (%.1e) and with its own cdf (%.1e)", continuous[i].text, apart,
		   round_trip);
		ok(near(mean, continuous[i].mean) && near(cv, continuous[i].cv), "%s: mean %.15g, cv %.15g",
		   continuous[i].text, mean, cv);
	}
}

/* ---- discrete ---- */

/* Each value x with its probability. */
static void test_discrete_of(const char *text, struct dist dist, const double *values, const double *probability,
			     size_t count)
{
	for (int seed = 1; seed <= SEEDS; seed++) {
		struct rng rng = rng_start(rng_stream((uint64_t)seed, 0, text));
		double *seen = ARENA_ARRAY(&arena, count, double);
		bool known = true;
		for (int k = 0; k < DRAWS; k++) {
			double x = dist_draw(&dist, &rng);
			size_t at = 0, end = count;
			while (at + 1 < end) {
				size_t middle = (at + end) / 2;
				if (values[middle] <= x)
					at = middle;
				else
					end = middle;
			}
			known = known && values[at] == x;
			seen[at]++;
		}
		double chi = fit_chi_square(seen, probability, count, DRAWS);
		ok(known && chi < 1, "%s, seed %d: chi-square %.2f of the limit", text, seed, chi);
	}
	double mean = 0, square = 0, sum = 0, worst = 0;
	bool quantiles = true;
	for (size_t i = 0; i < count; i++) {
		mean += probability[i] * values[i];
		square += probability[i] * values[i] * values[i];
		double below = sum;
		sum += probability[i];
		worst = fmax(worst, fabs(dist_cdf(&dist, values[i]) - sum));
		worst = fmax(worst, fabs(dist_cdf(&dist, values[i] * (1 - 1e-9)) - below));
		if (i % (count / 50 + 1) == 0 && probability[i] > 1e-9)
			quantiles = quantiles && near(dist_quantile(&dist, 0.5 * (below + sum)), values[i]);
	}
	double cv = sqrt(fmax(0, square / mean / mean - 1));
	ok(worst < 1e-12 && quantiles, "%s: cdf (%.1e) and quantiles", text, worst);
	ok(near(dist_mean(&dist), mean) && fabs(dist_cv(&dist) - cv) < 1e-9, "%s: mean %.12g, cv %.12g", text,
	   dist_mean(&dist), dist_cv(&dist));
}

static void test_discrete(const char *text, const double *values, const double *probability, size_t count)
{
	test_discrete_of(text, parse(QUANTITY_REAL, text), values, probability, count);
}

/* What recipes make of {zipf: {keys: N, exponent: S, shift: Q}}. */
static void test_shifted_zipf(const char *text, size_t n, double s, size_t shift)
{
	double *values = ARENA_ARRAY(&arena, n, double), *probability = ARENA_ARRAY(&arena, n, double);
	long double sum = 0;
	for (size_t k = n; k > 0; k--)
		sum += powl(k + shift, -s);
	for (size_t k = 0; k < n; k++) {
		values[k] = (double)(k + 1);
		probability[k] = (double)(powl(k + 1 + shift, -s) / sum);
	}
	struct dist dist = {.kind = DIST_ZIPF, .location = (double)shift, .scale = 1, .shape = s, .count = n};
	dist_ready(&dist);
	test_discrete_of(text, dist, values, probability, n);
}

static void test_zipf(const char *text, size_t n, double s, double step)
{
	double *values = ARENA_ARRAY(&arena, n, double), *probability = ARENA_ARRAY(&arena, n, double);
	long double sum = 0;
	for (size_t k = n; k > 0; k--)
		sum += powl(k, -s);
	for (size_t k = 0; k < n; k++) {
		values[k] = step * (double)(k + 1);
		probability[k] = (double)(powl(k + 1, -s) / sum);
	}
	test_discrete(text, values, probability, n);
}

/* Too many ranks to count each: ranks in decades, their probabilities summed one by one. */
static void test_large_zipf(void)
{
	const double n = 1e9, s = 0.9;
	double edges[] = {0, 1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}, probability[10], seen[10] = {0};
	long double sum = 0, upper = 0;
	int decade = 9;
	struct dist dist = parse(QUANTITY_REAL, "zipf(1000000000, 0.9)");
	for (int k = 0; k < 10; k++)
		probability[k] = dist_cdf(&dist, edges[k + 1]) - dist_cdf(&dist, edges[k]);
	/* Ranks beyond 10^5 by the midpoint rule, each decade in blocks so short that it is good to 10^-9. */
	for (double from = n / 10; from >= 1e5; from /= 10) {
		double block = from / 10000;
		for (double middle = from + block / 2; middle < from * 10; middle += block)
			sum += block * powl(middle + 0.5L, -s);
		if (from == 1e7)
			upper = sum;
	}
	for (double k = 1e5; k >= 1; k--)
		sum += powl(k, -s);
	ok(fabs((double)(upper / sum) - probability[8] - probability[9]) < 1e-8,
	   "zipf of 10^9 ranks: the share of ranks beyond 10^7 is %.9f", probability[8] + probability[9]);
	for (int seed = 1; seed <= SEEDS; seed++) {
		struct rng rng = rng_start(rng_stream((uint64_t)seed, 0, "large zipf"));
		memset(seen, 0, sizeof seen);
		for (int i = 0; i < DRAWS; i++) {
			double x = dist_draw(&dist, &rng);
			for (decade = 0; x > edges[decade + 1]; decade++)
				;
			seen[decade]++;
		}
		double chi = fit_chi_square(seen, probability, 10, DRAWS);
		ok(chi < 1, "zipf of 10^9 ranks, seed %d: chi-square %.2f of the limit", seed, chi);
	}
}

static void test_discretes(void)
{
	static const double five[] = {5}, one[] = {1}, file[] = {1, 2, 10}, twice[] = {2, 4, 20};
	static const double third[] = {1.0 / 3, 1.0 / 3, 1.0 / 3}, weighted[] = {0.6, 0.3, 0.1};
	static const double two[] = {1, 7}, quarter[] = {0.25, 0.75};
	test_discrete("const(5)", five, one, 1);
	test_discrete("5", five, one, 1);
	test_discrete("empirical(values.csv)", file, third, 3);
	test_discrete("empirical(values.csv, scale=2)", twice, third, 3);
	test_discrete("hist(weighted.hgrm)", file, weighted, 3);
	test_discrete("mix(1 1, 3 const(7))", two, quarter, 2);
	test_zipf("zipf(1000, 1.1)", 1000, 1.1, 1);
	test_zipf("zipf(10, 0)", 10, 0, 1);
	test_zipf("zipf(100, 1)", 100, 1, 1);
	test_zipf("zipf(100, 0.5, step=4)", 100, 0.5, 4);
	test_zipf("zipf(1, 2)", 1, 2, 1);
	test_zipf("zipf(n=100000, s=3)", 100000, 3, 1);
	test_zipf("zipf(50, 1.0000001)", 50, 1.0000001, 1);
	test_shifted_zipf("1261 ranks, 3.1, shift 40", 1261, 3.1, 40);
	test_shifted_zipf("5 ranks, 0.7, shift 1", 5, 0.7, 1);
	test_large_zipf();
}

static void test_canary(void)
{
	struct dist dist = parse(QUANTITY_REAL, "gamma(mean=2, cv=0.5)");
	struct rng rng = rng_start(rng_stream(1, 0, "canary"));
	const double wrong[] = {4.1, 2 / 4.1};
	for (int k = 0; k < DRAWS; k++)
		draws[k] = dist_draw(&dist, &rng);
	double distance = fit_distance(draws, DRAWS, gamma_law, wrong);
	ok(distance < 2 * fit_distance_limit(DRAWS), "a gamma shape wrong by 2.5 %% is about at the limit (KS %.5f)",
	   distance);
	const double more_wrong[] = {4.4, 2 / 4.4};
	distance = fit_distance(draws, DRAWS, gamma_law, more_wrong);
	ok(distance > fit_distance_limit(DRAWS), "canary: a gamma shape wrong by 10 %% is caught (KS %.5f)", distance);

	double seen[20] = {0}, probability[20], sum = 0;
	dist = parse(QUANTITY_REAL, "zipf(20, 1)");
	for (int k = 0; k < DRAWS; k++)
		seen[(int)dist_draw(&dist, &rng) - 1]++;
	for (int k = 0; k < 20; k++)
		sum += probability[k] = pow(k + 1, -1.04);
	for (int k = 0; k < 20; k++)
		probability[k] /= sum;
	ok(fit_chi_square(seen, probability, 20, DRAWS) > 1, "canary: a Zipf exponent wrong by 4 %% is caught");
}

/* ---- times, scaling ---- */

static void test_times(void)
{
	struct rng rng = rng_start(rng_stream(1, 0, "times"));
	struct dist dist = dist_const(2.5);
	ok(dist_draw_time(&dist, &rng) == 3, "times are rounded");
	dist = dist_const(1e300);
	ok(dist_draw_time(&dist, &rng) == INT64_MAX / 4, "times are cut at INT64_MAX / 4");
	dist = parse(QUANTITY_TIME, "pareto(min=1 d, alpha=0.05)");
	bool inside = true;
	for (int i = 0; i < 100000; i++) {
		int64_t time = dist_draw_time(&dist, &rng);
		inside = inside && time >= 86400000000000 && time <= INT64_MAX / 4;
	}
	ok(inside, "times of a Pareto distribution without a mean stay in range");
	dist = parse(QUANTITY_TIME, "exp(0.3 ms)");
	ok(dist_mean(&dist) == 300000, "times are in ns");
}

static void test_scale(void)
{
	static const char *const texts[] = {
		"const(6)",
		"uniform(2, 4)",
		"exp(3)",
		"erlang(stages=3, mean=2)",
		"gamma(mean=2, cv=0.5)",
		"lognormal(median=2, p99=9)",
		"normal(mean=2, sd=1)",
		"weibull(median=2, p99=9)",
		"pareto(min=2, alpha=3)",
		"zipf(100, 0.9)",
		"mix(0.9 exp(1), 0.1 mix(1 exp(20), 1 7))",
		"empirical(values.csv)",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char text[200];
		struct dist dist = parse(QUANTITY_REAL, texts[i]), scaled = dist, back;
		struct rng rng = rng_start(rng_stream(1, 0, "scale")), same = rng, same_back = rng;
		dist_scale(&scaled, 4, &arena);
		back = parse(QUANTITY_REAL, dist_print(&scaled, QUANTITY_REAL, text, sizeof text));
		int wrong = 0;
		for (int k = 0; k < 1000; k++) {
			double x = dist_draw(&dist, &rng);
			wrong += 4 * x != dist_draw(&scaled, &same);
			wrong += 4 * x != dist_draw(&back, &same_back);
		}
		ok(wrong == 0 && near(dist_mean(&scaled), 4 * dist_mean(&dist)), "%s times 4 is %s", texts[i], text);
	}
}

/* ---- text ---- */

static void test_round_trip(void)
{
	static const struct {
		enum quantity_kind unit;
		const char *text, *canonical;
	} texts[] = {
		{QUANTITY_TIME, "5 ms", "const(5 ms)"},
		{QUANTITY_TIME, " const( 0.3ms ) ", "const(300 us)"},
		{QUANTITY_TIME, "uniform(1 ms, max=2 ms)", "uniform(1 ms, 2 ms)"},
		{QUANTITY_TIME, "exp(mean=1.5 s)", "exp(1.5 s)"},
		{QUANTITY_TIME, "erlang(mean=5 ms,stages=3)", "erlang(stages=3, mean=5 ms)"},
		{QUANTITY_TIME, "gamma(mean=3 ms, cv=0.7)", "gamma(mean=3 ms, cv=0.7)"},
		{QUANTITY_TIME, "lognormal(p99=30 ms, median=2 ms)", "lognormal(median=2 ms, p99=30 ms)"},
		{QUANTITY_TIME, "lognormal(mean=2 ms, p99=12 ms)", "lognormal(mean=2 ms, p99=12 ms)"},
		{QUANTITY_TIME, "lognormal(mean=2 ms, cv=0)", "lognormal(mean=2 ms, cv=0)"},
		{QUANTITY_TIME, "normal(mean=2 ms, sd=100 us)", "normal(mean=2 ms, sd=100 us)"},
		{QUANTITY_TIME, "weibull(median=2 ms, p99=31 ms)", "weibull(median=2 ms, p99=31 ms)"},
		{QUANTITY_BYTES, "pareto(min=4 KiB, alpha=1.2)", "pareto(min=4 KiB, alpha=1.2)"},
		{QUANTITY_COUNT, "zipf(1 M, 0.99)", "zipf(1 M, 0.99)"},
		{QUANTITY_BYTES, "zipf(1000, 1.1, step=4 KiB)", "zipf(1 k, 1.1, step=4 KiB)"},
		{QUANTITY_RATE, "uniform(10/s, 12k/s)", "uniform(10 /s, 12 k/s)"},
		{QUANTITY_TIME, "mix(0.9 exp(1 ms), 0.1 mix(1 2 s, 2 exp(20 ms)))",
		 "mix(0.9 exp(1 ms), 0.1 mix(1 const(2 s), 2 exp(20 ms)))"},
		{QUANTITY_TIME, "empirical( values.csv )", "empirical(values.csv)"},
		{QUANTITY_TIME, "hist(weighted.hgrm, scale=0.1)", "empirical(weighted.hgrm, scale=0.1)"},
		{QUANTITY_TIME, "empirical(\"a, b).csv\")", "empirical(\"a, b).csv\")"},
		{QUANTITY_TIME, "empirical(\"a \")", "empirical(\"a \")"},
		{QUANTITY_REAL, "lognormal(median=0.1, sigma=0.30000000000000004)",
		 "lognormal(median=0.1, sigma=0.30000000000000004)"},
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char text[200], again[200], cut[8];
		struct dist dist = parse(texts[i].unit, texts[i].text), back;
		dist_print(&dist, texts[i].unit, text, sizeof text);
		back = parse(texts[i].unit, text);
		dist_print(&back, texts[i].unit, again, sizeof again);
		struct rng rng = rng_start(rng_stream(1, 0, "text")), same = rng;
		int wrong = 0;
		for (int k = 0; k < 1000; k++)
			wrong += dist_draw(&dist, &rng) != dist_draw(&back, &same);
		ok(strcmp(text, texts[i].canonical) == 0 && strcmp(again, text) == 0 && wrong == 0, "%s reads as %s",
		   texts[i].text, text);
		dist_print(&dist, texts[i].unit, cut, sizeof cut);
		if (strncmp(cut, text, 7) != 0 || cut[7] != '\0')
			ok(false, "%s is cut where the buffer ends", text);
	}
	char text[200];
	struct dist dist = parse(QUANTITY_TIME, "lognormal(median=0.3 ms, p99=2 ms)");
	dist_describe(&dist, QUANTITY_TIME, text, sizeof text);
	ok(strcmp(text, "mean 418 us, median 300 us, p99 2 ms, cv 0.972") == 0, "describe: %s", text);
	dist = parse(QUANTITY_TIME, "pareto(min=1 ms, alpha=1)");
	dist_describe(&dist, QUANTITY_TIME, text, sizeof text);
	ok(strcmp(text, "mean infinite, median 2 ms, p99 100 ms, cv infinite") == 0, "describe: %s", text);
	dist = parse(QUANTITY_TIME, "normal(mean=1 ms, sd=1 ms)");
	dist_describe(&dist, QUANTITY_TIME, text, sizeof text);
	ok(strncmp(text, "mean 1.29 ms,", 13) == 0, "describe tells the mean after cutting off: %s", text);
}

/* Each must be refused with one message that says what it found and what is allowed. */
static const struct {
	const char *text, *found, *allowed;
} bad[] = {
	{"", "needs a time", "exp(MEAN)"},
	{"5", "needs a time unit", "80 ms"},
	{"5 MB", "\"MB\" is not a unit of a time", "ns us ms"},
	{"-5 ms", "the value", "at least 0"},
	{"5 ms 3", "\"3\" after the end", "one value"},
	{"nan", "no distribution \"nan\"", "const uniform"},
	{"inf", "no distribution \"inf\"", "const uniform"},
	{"1e400 s", "too large", "too large"},
	{"lognromal(median=1 ms, p99=2 ms)", "did you mean \"lognormal\"?", "const uniform exp"},
	{"Exp(5 ms)", "did you mean \"exp\"?", "const uniform exp"},
	{"exp", "\"(\" must follow", "exp(mean)"},
	{"exp 5 ms", "\"(\" must follow", "exp(mean)"},
	{"exp()", "too few", "exp(mean)"},
	{"exp(5 ms", "closing \")\"", "exp(mean)"},
	{"exp(5 ms))", "\")\" after the end", "one distribution"},
	{"exp(5)", "mean needs a time unit", "80 ms"},
	{"exp(0 ms)", "mean", "above 0"},
	{"exp(-1 ms)", "mean", "above 0"},
	{"exp(5 ms, 6 ms)", "too many", "exp(mean)"},
	{"exp(5 ms,)", "missing after \",\"", "exp(mean)"},
	{"exp(nan)", "needs a time", "80 ms"},
	{"exp(inf ms)", "needs a time", "80 ms"},
	{"exp(mean=1 ms, mean=2 ms)", "given twice", "exp(mean)"},
	{"exp(maen=1 ms)", "did you mean \"mean\"?", "exp(mean)"},
	{"uniform(2 ms, 1 ms)", "max must be", "at least min"},
	{"uniform(1 ms)", "too few", "uniform(min, max)"},
	{"lognormal(1 ms, 2 ms)", "need their names", "(median=, p99=)"},
	{"lognormal(median=1 ms, p95=2 ms)", "no argument \"p95\"", "(median=, p99=)"},
	{"lognormal(median=1 ms)", "too few", "(median=, p99=)"},
	{"lognormal(mean=1 ms, sigma=2)", "conflicting", "(median=, sigma=)"},
	{"lognormal(mean=1 ms, cv=1, p99=2 ms)", "conflicting", "(mean=, cv=)"},
	{"lognormal(median=2 ms, p99=2 ms)", "p99", "above the median"},
	{"lognormal(mean=1 ms, p99=20 ms)", "p99", "at most 14.9 times the mean"},
	{"lognormal(mean=1 ms, cv=-1)", "cv", "from 0 to 1000"},
	{"lognormal(mean=1 ms, cv=1 ms)", "without \"ms\"", "bare number"},
	{"lognormal(mean=1 ms, cv=nan)", "cv needs a number", "e.g. 1.5"},
	{"gamma(mean=1 ms, cv=0)", "cv", "from 0.001 to 10"},
	{"gamma(mean=1 ms, shape=2)", "conflicting", "(mean=, cv=)"},
	{"normal(mean=-1 ms, sd=1 ms)", "mean", "at least 0"},
	{"normal(mean=1 ms, sd=-1 ms)", "sd", "at least 0"},
	{"weibull(scale=1 ms, shape=0)", "shape", "from 0.05 to 1000"},
	{"weibull(median=1 ms, p99=0.5 ms)", "p99", "above the median"},
	{"pareto(min=0 ms, alpha=2)", "min", "above 0"},
	{"pareto(min=1 ms, alpha=0)", "alpha", "from 0.05"},
	{"erlang(stages=0, mean=1 ms)", "stages", "whole number from 1 to 1000"},
	{"erlang(stages=1.5, mean=1 ms)", "stages", "a whole number"},
	{"zipf(10, 1)", "needs step=", "zipf(n, s, [step=])"},
	{"zipf(0, 1, step=1 ms)", "n must be", "whole number from 1 to 1e+09"},
	{"zipf(2G, 1, step=1 ms)", "n must be", "whole number from 1 to 1e+09"},
	{"zipf(10, -1, step=1 ms)", "s must be", "from 0 to 20"},
	{"mix()", "starts with its weight", "mix(0.9 exp(1 ms)"},
	{"mix(exp(1 ms))", "starts with its weight", "mix(0.9 exp(1 ms)"},
	{"mix(0 exp(1 ms), 1 exp(2 ms))", "weights", "above 0"},
	{"mix(-1 exp(1 ms), 2 exp(2 ms))", "weights", "above 0"},
	{"mix(0.9, 0.1 exp(1 ms))", "must follow each weight", "mix(0.9 exp(1 ms)"},
	{"mix(0.9 exp(1 ms), 0.1 exp(2 ms)", "closing \")\" of mix", "mix(0.9 exp(1 ms)"},
	{"mix(1 mix(1 mix(1 mix(1 mix(1 1 ms)))))", "nested too deeply", "at most 4 levels"},
	{"mix(1 exq(1 ms))", "did you mean \"exp\"?", "const uniform exp"},
	{"empirical()", "name of a file is missing", "empirical(FILE)"},
	{"empirical(values.csv", "closing \")\"", "empirical(FILE)"},
	{"empirical(\"values.csv)", "closing quote", "empirical(FILE)"},
	{"empirical(val\"ues.csv)", "quote within the name", "empirical(FILE)"},
	{"empirical(values.csv, 2)", "only scale=", "empirical(FILE, scale=2)"},
	{"empirical(values.csv, scale=0)", "scale", "above 0"},
	{"empirical(missing.csv)", "missing.csv", "no such file"},
	{"empirical(broken)", "\"broken\"", "cannot be read"},
	{"empirical(empty.csv)", "has no values", "at least one"},
	{"empirical(nan.csv)", "value 2", "at least 0 and finite"},
	{"empirical(negative.csv)", "value 2 of \"negative.csv\" is -1", "at least 0 and finite"},
	{"hist(weightless.hgrm)", "add up to 0", "more than 0"},
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct place place = {"m.yaml", 7, 3};
		struct dist dist;
		struct err err;
		err_init(&err);
		bool accepted = dist_parse(&dist, QUANTITY_TIME, bad[i].text, &arena, &reader, &place, &err);
		bool right = !accepted && err.count == 1 && err.kind == ERR_MODEL &&
			     strstr(err.message[0].text, bad[i].found) && strstr(err.message[0].text, bad[i].allowed);
		if (err.count == 1 && strcmp(bad[i].text, "empirical(missing.csv)") != 0)
			right = right && err.message[0].line == 7 && err.message[0].column == 3;
		ok(right, "refused: %s", err.count ? err.message[0].text : bad[i].text);
	}
	struct dist dist;
	struct err err;
	err_init(&err);
	ok(!dist_parse(&dist, QUANTITY_TIME, "empirical(a.csv)", &arena, NULL, NULL, &err) &&
		   strstr(err.message[0].text, "there are no files here"),
	   "refused without a reader: %s", err.message[0].text);
}

int main(void)
{
	arena_init(&arena);
	test_draws();
	test_functions();
	test_discretes();
	test_canary();
	test_times();
	test_scale();
	test_round_trip();
	test_bad();
	arena_free(&arena);
	return done_testing();
}
