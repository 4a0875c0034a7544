/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dmath against libm's long double, and the special values of C11 Annex F. */
#include "engine/dmath.h"
#include "engine/rng.h"
#include "tap.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ARGUMENTS = 1000000 };

/* The distance of `got` from `truth` in units in the last place of a double of that size. */
static double ulps(double got, long double truth)
{
	if (isnan(truth))
		return isnan(got) ? 0 : INFINITY;
	if (isinf(truth) || fabsl(truth) >= 0x1p1024L + 0x1p972L)
		return isinf(got) && (got > 0) == (truth > 0) ? 0 : INFINITY;
	if (isnan(got))
		return INFINITY;
	long double value = isinf(got) ? copysignl(0x1p1024L, got) : got;
	int exponent;
	frexpl(truth, &exponent);
	return (double)(fabsl(value - truth) / ldexpl(1, exponent - 53 > -1074 ? exponent - 53 : -1074));
}

static double from_bits(uint64_t bits)
{
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

static uint64_t to_bits(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

/* Evenly spread in the exponent from 2^low to 2^high. */
static double spread(struct rng *rng, double low, double high)
{
	double fraction = rng_unit(rng);
	return ldexp(1 + fraction, (int)floor(low + (high - low) * rng_unit(rng)));
}

static double any_sign(struct rng *rng, double x)
{
	return rng_next(rng) & 1 ? x : -x;
}

struct worst {
	double ulps, x, y;
};

static void note(struct worst *worst, double got, long double truth, double x, double y)
{
	double error = ulps(got, truth);
	if (!(error <= worst->ulps))
		*worst = (struct worst){error, x, y};
}

static void report(const char *name, struct worst worst)
{
	ok(worst.ulps <= 2, "%s: %d arguments, worst %.3f ulp at (%a, %a)", name, ARGUMENTS, worst.ulps, worst.x,
	   worst.y);
}

static void test_accuracy(void)
{
	struct rng rng = rng_start(rng_stream(1, 0, "t-dmath"));
	struct worst of_exp = {0}, of_log = {0}, of_log1p = {0}, of_pow = {0};
	for (int i = 0; i < ARGUMENTS; i++) {
		double any = from_bits(rng_next(&rng)), x;
		switch (i % 4) {
		case 0: x = any; break;
		case 1: x = any_sign(&rng, spread(&rng, -60, 9)); break;
		case 2: x = -745.2 + rng_unit(&rng) * (745.2 + 709.8); break;
		default: x = any_sign(&rng, rng_unit(&rng)); break;
		}
		note(&of_exp, dm_exp(x), expl(x), x, 0);
		switch (i % 4) {
		case 0: x = any; break;
		case 1: x = spread(&rng, -1074, 1024); break;
		case 2: x = 0.5 + 1.5 * rng_unit(&rng); break;
		default: x = 1 + any_sign(&rng, spread(&rng, -53, -2)); break;
		}
		note(&of_log, dm_log(x), logl(x), x, 0);
		switch (i % 4) {
		case 0: x = any; break;
		case 1: x = any_sign(&rng, spread(&rng, -1074, 1)); break;
		case 2: x = -1 + 3 * rng_unit(&rng); break;
		default: x = spread(&rng, -60, 1024); break;
		}
		note(&of_log1p, dm_log1p(x), log1pl(x), x, 0);
		double y;
		switch (i % 4) {
		case 0:
			x = any;
			y = from_bits(rng_next(&rng));
			break;
		case 1:
			x = spread(&rng, -1074, 1024);
			y = any_sign(&rng, spread(&rng, -20, 12));
			break;
		case 2:
			x = 1 + any_sign(&rng, spread(&rng, -53, -2));
			y = 700 / log1p(x - 1) * (2 * rng_unit(&rng) - 1);
			break;
		default:
			x = spread(&rng, -30, 30);
			y = any_sign(&rng, spread(&rng, -6, 5));
			break;
		}
		note(&of_pow, dm_pow(x, y), powl(x, y), x, y);
	}
	report("exp", of_exp);
	report("log", of_log);
	report("log1p", of_log1p);
	report("pow", of_pow);
}

/* The measure itself must see an error of 3 ulp, and one of 1 ulp must pass. */
static void test_canary(void)
{
	struct worst three = {0}, one = {0};
	for (int i = 1; i < 1000; i++) {
		double x = i * 0.01, right = dm_exp(x);
		note(&three, from_bits(to_bits(right) + 3), expl(x), x, 0);
		note(&one, from_bits(to_bits(right) + 1), expl(x), x, 0);
	}
	ok(three.ulps > 2 && one.ulps <= 2, "canary: an error of 3 ulp is caught (measured %.2f), 1 ulp is not (%.2f)",
	   three.ulps, one.ulps);
	ok(ulps(0x1p-1074 * 4, 0x1p-1074L) == 3 && isinf(ulps(1, INFINITY)) && isinf(ulps(NAN, 1)),
	   "canary: errors of subnormal, infinite and undefined results are seen");
}

static bool same(double a, double b)
{
	return to_bits(a) == to_bits(b);
}

#define SAME(got, wanted) ok(same(got, wanted), "%s is %a", #got, wanted)

static void test_special(void)
{
	const double nan = from_bits(UINT64_C(0x7ff8000000000000)), other_nan = from_bits(UINT64_C(0xfff8000000000123));
	const double tiny = 0x1p-1074;
	SAME(dm_exp(0), 1.0);
	SAME(dm_exp(-0.0), 1.0);
	SAME(dm_exp(INFINITY), INFINITY);
	SAME(dm_exp(-INFINITY), 0.0);
	SAME(dm_exp(other_nan), nan);
	SAME(dm_exp(709.782712893385), INFINITY);
	ok(dm_exp(709.782712893383) < INFINITY, "exp just below overflow is finite");
	SAME(dm_exp(-745.13321910194111), tiny);
	SAME(dm_exp(-745.14), 0.0);
	SAME(dm_exp(1e308), INFINITY);
	SAME(dm_log(1), 0.0);
	SAME(dm_log(0), -INFINITY);
	SAME(dm_log(-0.0), -INFINITY);
	SAME(dm_log(-1), nan);
	SAME(dm_log(-INFINITY), nan);
	SAME(dm_log(INFINITY), INFINITY);
	SAME(dm_log(other_nan), nan);
	SAME(dm_log(tiny), (double)logl(0x1p-1074L));
	SAME(dm_log(DBL_MAX), (double)logl(DBL_MAX));
	SAME(dm_log1p(0), 0.0);
	SAME(dm_log1p(-0.0), -0.0);
	SAME(dm_log1p(tiny), tiny);
	SAME(dm_log1p(-1), -INFINITY);
	SAME(dm_log1p(-1.5), nan);
	SAME(dm_log1p(INFINITY), INFINITY);
	SAME(dm_log1p(other_nan), nan);
	SAME(dm_pow(other_nan, 0), 1.0);
	SAME(dm_pow(1, other_nan), 1.0);
	SAME(dm_pow(other_nan, 1), nan);
	SAME(dm_pow(2, other_nan), nan);
	SAME(dm_pow(-8, 1.0 / 3), nan);
	SAME(dm_pow(-1, INFINITY), 1.0);
	SAME(dm_pow(-1, 3), -1.0);
	SAME(dm_pow(-1, 1e300), 1.0);
	SAME(dm_pow(-1, 0x1p53 - 1), -1.0);
	SAME(dm_pow(0.5, INFINITY), 0.0);
	SAME(dm_pow(0.5, -INFINITY), INFINITY);
	SAME(dm_pow(-2, INFINITY), INFINITY);
	SAME(dm_pow(-2, -INFINITY), 0.0);
	SAME(dm_pow(0, -1), INFINITY);
	SAME(dm_pow(-0.0, -1), -INFINITY);
	SAME(dm_pow(-0.0, -2), INFINITY);
	SAME(dm_pow(-0.0, 3), -0.0);
	SAME(dm_pow(-0.0, 0.5), 0.0);
	SAME(dm_pow(-INFINITY, 3), -INFINITY);
	SAME(dm_pow(-INFINITY, -3), -0.0);
	SAME(dm_pow(-INFINITY, 0.5), INFINITY);
	SAME(dm_pow(INFINITY, -0.5), 0.0);
	SAME(dm_pow(-3, 3), -27.0);
	SAME(dm_pow(1e300, 2), INFINITY);
	SAME(dm_pow(-1e300, 3), -INFINITY);
	SAME(dm_pow(1e-300, 2), 0.0);
	SAME(dm_pow(2, 1e300), INFINITY);
	SAME(dm_pow(2, 1e-300), 1.0);
}

static void test_exact(void)
{
	int wrong = 0;
	for (int n = -1074; n < 1024; n++)
		wrong += !same(dm_pow(2, n), ldexp(1, n));
	ok(wrong == 0, "pow(2, n) is exact for every n from -1074 to 1023 (%d wrong)", wrong);
	wrong = 0;
	for (int base = 1; base <= 1000; base++) {
		double exact = 1;
		for (int n = 0; exact <= 0x1p53; exact *= base, n++) {
			wrong += !same(dm_pow(base, n), exact);
			if (base == 1 && n > 5)
				break;
		}
		wrong += !same(dm_pow((double)base * base, 0.5), base);
	}
	ok(wrong == 0, "pow of small integers and square roots of squares are exact (%d wrong)", wrong);
	struct rng rng = rng_start(rng_stream(1, 0, "identity"));
	wrong = 0;
	for (int i = 0; i < 100000; i++) {
		double x = spread(&rng, -1074, 1023);
		wrong += !same(dm_pow(x, 1), x);
	}
	ok(wrong == 0, "pow(x, 1) is x for 100000 x (%d wrong)", wrong);
}

/* Some machines have none; valgrind has no more than 53 bits for it. */
static bool has_long_double(void)
{
	volatile long double one = 1, little = 0x1p-60L, both = one + little;
	return both != one;
}

int main(void)
{
	if (has_long_double()) {
		test_accuracy();
		test_canary();
	} else {
		skip(6, "there is no long double to compare with");
	}
	test_special();
	test_exact();
	return done_testing();
}
