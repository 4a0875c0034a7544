/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Table-driven reduction after P. T. P. Tang (ACM TOMS 15, 1989 and 16, 1990), arranged so that it needs no FMA.
 *
 * exp: x = (n + k/128) ln 2 + r with |r| < ln 2 / 256; exp x = 2^n 2^(k/128) e^r. The table holds 2^(k/128) as a double
 * (head) and what is missing (tail); e^r is its Taylor polynomial.
 *
 * log: x = 2^n m with m between 0.705 and 1.41. The row of the interval of m holds `inverse`, close to 1/m and only
 * 12 bits long, and -log(inverse) as high (a multiple of 2^-42) + low. r = m * inverse - 1 is then exact in two pieces,
 * and log x = n ln 2 - log(inverse) + log1p r. The row around m = 1 has inverse = 1, so nothing cancels there.
 *
 * pow: the same logarithm carried to about 68 bits in two doubles, times y, into exp.
 */
#include "engine/dmath.h"
#include "engine/dmath-table.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t bits_of(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static inline double of_bits(uint64_t bits)
{
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

static inline double not_a_number(void)
{
	return of_bits(UINT64_C(0x7ff8000000000000));
}

/* A sum of two doubles and its exact rounding error (Knuth, TAOCP 2, 4.2.2). */
struct pair {
	double high, low;
};

static inline struct pair sum(double a, double b)
{
	double high = a + b, part = high - a;
	return (struct pair){high, (a - (high - part)) + (b - part)};
}

/* The same when |a| >= |b| or a = 0. */
static inline struct pair sum_ordered(double a, double b)
{
	double high = a + b;
	return (struct pair){high, b - (high - a)};
}

/* A product and its exact rounding error (Dekker, 1971); both factors below 2^995. */
static inline struct pair product(double a, double b)
{
	const double splitter = 0x1p27 + 1;
	double a_high = a * splitter, b_high = b * splitter;
	a_high -= a_high - a;
	b_high -= b_high - b;
	double a_low = a - a_high, b_low = b - b_high, high = a * b;
	return (struct pair){high, ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

static inline double power_of_two(int64_t exponent)
{
	return of_bits((uint64_t)(exponent + 1023) << 52);
}

/* x = (n + row / 128) ln 2 + r; |x| < 1000. */
struct exponent {
	int64_t n, row;
	double r;
};

static inline struct exponent split(double x)
{
	const double shift = 0x1.8p52; /* adding it rounds to an integer, which the lowest 52 bits hold, and 2^51 */
	double shifted = x * DMATH_STEPS_PER_ONE + shift, steps = shifted - shift;
	uint64_t count = bits_of(shifted) & UINT64_C(0x000fffffffffffff);
	return (struct exponent){
		.n = (int64_t)(count / DMATH_STEPS) - (INT64_C(1) << 51) / DMATH_STEPS,
		.row = count % DMATH_STEPS,
		.r = (x - steps * DMATH_STEP_HIGH) - steps * DMATH_STEP_LOW,
	};
}

/* 2^(row / 128) e^r */
static inline double exp_part(int64_t row, double r)
{
	double r2 = r * r;
	double less_one = r + r2 * ((0.5 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120)));
	double head = dmath_exp_table[row].head;
	return head + (head * less_one + dmath_exp_table[row].tail);
}

/* exp(x + tail); |x| < 1000, |tail| tiny beside 1. */
static double exp_of(double x, double tail)
{
	struct exponent of = split(x);
	double result = exp_part(of.row, of.r + tail);
	if (of.n >= -1021 && of.n <= 1023)
		return result * power_of_two(of.n);
	/* The first step is exact, so a subnormal result is rounded once. */
	return result * power_of_two(of.n / 2) * power_of_two(of.n - of.n / 2);
}

double dm_exp(double x)
{
	if (__builtin_expect(fabs(x) < 700, 1)) {
		struct exponent of = split(x);
		return exp_part(of.row, of.r) * power_of_two(of.n);
	}
	if (x > -746 && x < 710)
		return exp_of(x, 0);
	if (x != x)
		return not_a_number();
	return x > 0 ? INFINITY : 0;
}

/* The reduction of the logarithm: x = 2^exponent m, high + low = m * inverse - 1 exactly. */
struct reduced {
	double exponent, inverse;
	double high, low;
	double log_high, log_low;        /* exponent * ln 2 - log(inverse); the first is exact */
};

static inline struct reduced reduce(double x)
{
	uint64_t bits = bits_of(x);
	int64_t lift = 0;
	if (bits < UINT64_C(0x0010000000000000)) { /* subnormal */
		lift = 52;
		bits = bits_of(x * 0x1p52);
	}
	uint64_t above = bits - DMATH_LOG_OFFSET;
	const struct dmath_log_row *row = &dmath_log_table[above >> 45 & (DMATH_STEPS - 1)];
	uint64_t fraction = above & UINT64_C(0x000fffffffffffff);
	int64_t exponent = (int64_t)(above - fraction) / (INT64_C(1) << 52);
	uint64_t mantissa = fraction + DMATH_LOG_OFFSET;
	double m = of_bits(mantissa), m_high = of_bits(mantissa & ~UINT64_C(0x1fffff));
	double n = (double)(exponent - lift);
	return (struct reduced){
		.exponent = n,
		.inverse = row->inverse,
		.high = m_high * row->inverse - 1,
		.low = (m - m_high) * row->inverse,
		.log_high = n * DMATH_LN2_HIGH + row->high,
		.log_low = n * DMATH_LN2_LOW + row->low,
	};
}

/* (log1p(r) - r) / r^2 for |r| < 0.005, to 2^-58 / r. */
static inline double log_rest(double r)
{
	double r2 = r * r;
	return (-0.5 + r * (1.0 / 3)) + r2 * ((-0.25 + r * 0.2) + r2 * (-1.0 / 6 + r * (1.0 / 7)));
}

static inline double log_of(struct reduced a)
{
	double r = a.high + a.low, r_low = (a.high - r) + a.low;
	struct pair head = sum_ordered(a.log_high, r);
	return head.high + ((head.low + (r_low + a.log_low)) + r * r * log_rest(r));
}

double dm_log(double x)
{
	if (x > 0 && x < INFINITY)
		return log_of(reduce(x));
	if (x == 0)
		return -INFINITY;
	return x > 0 ? INFINITY : not_a_number();
}

double dm_log1p(double x)
{
	if (x > -0x1p-9 && x < 0x1p-8)
		return x + x * x * log_rest(x); /* keeps -0 */
	if (x > -1 && x < INFINITY) {
		struct pair u = sum(1, x);
		struct reduced a = reduce(u.high);
		/* u.low is 0 where u.high is too small to invert, and lost where it is too large. */
		if (u.low != 0 && u.high < 0x1p60)
			a.low += u.low * a.inverse * power_of_two(-(int64_t)a.exponent);
		return log_of(a);
	}
	if (x == -1)
		return -INFINITY;
	return x > 0 ? INFINITY : not_a_number();
}

static inline struct pair log_pair(double x)
{
	struct reduced a = reduce(x);
	struct pair r = sum(a.high, a.low), square = product(r.high, r.high);
	double r2 = square.high;
	double cubic = r.high * r2 * ((1.0 / 3 - r.high * 0.25) + r2 * ((0.2 - r.high * (1.0 / 6)) +
			r2 * (1.0 / 7 - r.high * 0.125)));
	struct pair linear = sum_ordered(a.log_high, r.high);
	struct pair head = sum(linear.high, -0.5 * square.high);
	double rest = linear.low + (r.low + a.log_low) + head.low - (0.5 * square.low + r.high * r.low) + cubic;
	return sum_ordered(head.high, rest);
}

/* y integer: even or odd. Above 2^53 all doubles are even. */
static inline bool is_odd(double y)
{
	return fabs(y) < 0x1p53 && floor(y) == y && ((int64_t)y & 1);
}

/* x > 0, finite, not 1; y finite, not 0. */
static inline double pow_of(double x, double y)
{
	double size = fabs(y);
	if (size < 0x1p-65) /* |y log x| < 2^-55 */
		return 1;
	if (size > 0x1p65) /* |y log x| > 2^11 */
		return (x > 1) == (y > 0) ? INFINITY : 0;
	struct pair log = log_pair(x), scaled = product(y, log.high);
	if (!(scaled.high > -746))
		return 0;
	if (!(scaled.high < 710))
		return INFINITY;
	return exp_of(scaled.high, scaled.low + y * log.low);
}

double dm_pow(double x, double y)
{
	if (y == 0 || x == 1)
		return 1;
	if (x != x || y != y)
		return not_a_number();
	double size = fabs(x);
	bool negative = (bits_of(x) >> 63) && is_odd(y);
	if (size == 0 || size == INFINITY) {
		double result = (size == 0) == (y < 0) ? INFINITY : 0;
		return negative ? -result : result;
	}
	if (size == 1 && (fabs(y) == INFINITY))
		return 1;
	if (fabs(y) == INFINITY)
		return (size > 1) == (y > 0) ? INFINITY : 0;
	if (x < 0 && floor(y) != y)
		return not_a_number();
	double result = size == 1 ? 1 : pow_of(size, y);
	return negative ? -result : result;
}
