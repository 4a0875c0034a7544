/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tail of Student's t is half an incomplete beta function, summed as a continued fraction (NIST Digital Library of
 * Mathematical Functions, 8.17.22); its quantile is found by Newton's method inside a bracket. With many degrees of
 * freedom it is a series around the normal quantile (Abramowitz and Stegun, 26.7.5).
 */
#include "stats/quantile.h"
#include "base/check.h"
#include "engine/dmath.h"

#include <math.h>
#include <stdbool.h>

static const double half_log_pi = 0.57236494292470008707;

static double polynomial(const double *coefficient, int degree, double x)
{
	double value = coefficient[degree];
	while (degree > 0)
		value = value * x + coefficient[--degree];
	return value;
}

/* AS 241: a ratio of two polynomials of degree 7 for the middle, two more for the tails. */
double quantile_normal(double p)
{
	static const double middle[2][8] = {
		{3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
		 4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3},
		{1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
		 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3}};
	static const double near[2][8] = {
		{1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
		 3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
		 2.27238449892691845833e-2, 7.74545014278341407640e-4},
		{1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
		 1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
		 1.05075007164441684324e-9}};
	static const double far[2][8] = {
		{6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
		 2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
		 2.71155556874348757815e-5, 2.01033439929228813265e-7},
		{1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
		 7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
		 2.04426310338993978564e-15}};
	if (!(p >= 0 && p <= 1))
		return NAN;
	if (p == 0 || p == 1)
		return p == 0 ? -INFINITY : INFINITY;
	double from_middle = p - 0.5;
	if (fabs(from_middle) <= 0.425) {
		double r = 0.180625 - from_middle * from_middle;
		return from_middle * polynomial(middle[0], 7, r) / polynomial(middle[1], 7, r);
	}
	double r = sqrt(-dm_log(from_middle < 0 ? p : 1 - p));
	const double(*tail)[8] = r <= 5 ? near : far;
	r -= r <= 5 ? 1.6 : 5;
	double value = polynomial(tail[0], 7, r) / polynomial(tail[1], 7, r);
	return from_middle < 0 ? -value : value;
}

/* log(Gamma((n + 1) / 2) / Gamma(n / 2)): by its recurrence, or by the series for large n. */
static double log_gamma_ratio(int64_t n)
{
	if (n > 300) {
		double x = 1.0 / (double)n;
		return 0.5 * dm_log((double)n / 2) +
		       dm_log1p(x * (-1.0 / 4 +
				     x * (1.0 / 32 + x * (5.0 / 128 - x * (21.0 / 2048 + x * 399.0 / 8192)))));
	}
	double ratio = n % 2 ? 1 : 0.5; /* of n = 1 without 1 / sqrt(pi), of n = 2 without sqrt(pi) */
	for (int64_t k = n % 2 ? 1 : 2; k < n; k += 2)
		ratio *= (double)(k + 1) / (double)k;
	return dm_log(ratio) + (n % 2 ? -half_log_pi : half_log_pi);
}

/* The continued fraction of the incomplete beta function, by the modified method of Lentz. */
static double beta_fraction(double x, double a, double b)
{
	static const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1);
	d = 1 / (fabs(d) < tiny ? tiny : d);
	double value = d;
	for (int m = 1; m < 100000; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		for (int part = 0; part < 2; part++) {
			double term = part ? odd : even;
			d = 1 + term * d;
			d = 1 / (fabs(d) < tiny ? tiny : d);
			c = 1 + term / c;
			c = fabs(c) < tiny ? tiny : c;
			value *= d * c;
		}
		if (fabs(d * c - 1) < 1e-16)
			break;
	}
	return value;
}

/* log((1 + t^2 / n)^(-(n + 1) / 2) / sqrt(n pi) * Gamma((n + 1) / 2) / Gamma(n / 2)): of the density. */
static double log_density(double t, int64_t degrees)
{
	double n = (double)degrees;
	/* The square of a large t would be infinite. */
	double spread = t < 1e100 ? dm_log1p(t * t / n) : 2 * dm_log(t) - dm_log(n);
	return log_gamma_ratio(degrees) - 0.5 * dm_log(n) - half_log_pi - (n + 1) / 2 * spread;
}

/* The tail above t >= 0. */
static double tail(double t, int64_t degrees)
{
	double n = (double)degrees, square = t * t;
	double x = n / (n + square), y = square / (n + square);
	/* x^a y^b / B(a, b) with a = n / 2 and b = 1 / 2 */
	double front = t * dm_exp(log_density(t, degrees));
	if (t == 0)
		return 0.5;
	if (x < (n / 2 + 1) / (n / 2 + 2.5))
		return front * beta_fraction(x, n / 2, 0.5) / n;
	return 0.5 - front * beta_fraction(y, 0.5, n / 2);
}

/* The series in 1 / n around the normal quantile z. */
static double expand(double z, double n)
{
	double s = z * z;
	return z + z * ((s + 1) / 4 +
			(((5 * s + 16) * s + 3) / 96 +
			 ((((3 * s + 19) * s + 17) * s - 15) / 384 +
			  ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) / 92160 / n) / n) / n) / n;
}

/* The t whose tail is q <= 1/2. A step of Newton's method that would leave the bracket halves it instead. */
static double from_tail(double q, int64_t degrees)
{
	double low = 0, high = 1;
	while (tail(high, degrees) > q && high < 1e300) {
		low = high;
		high *= 8;
	}
	double t = low > 0 ? sqrt(low) * sqrt(high) : high / 2;
	for (int i = 0; i < 200; i++) {
		double have = tail(t, degrees);
		if (have > q)
			low = t;
		else
			high = t;
		/* In logarithms tails are nearly straight. */
		double density = dm_exp(log_density(t, degrees)), next = t;
		if (q > 0.1)
			next = t + (have - q) / density;
		else
			next = t + (dm_log(have) - dm_log(q)) * have / density;
		if (!(next > low && next < high))
			next = low > 0 ? sqrt(low) * sqrt(high) : high / 2;
		if (fabs(next - t) <= 4e-16 * t)
			return next;
		t = next;
	}
	return t;
}

double quantile_student(double p, int64_t degrees)
{
	CHECK(degrees >= 1);
	if (!(p > 0 && p < 1) || p == 0.5)
		return p == 0.5 ? 0 : quantile_normal(p);
	double z = quantile_normal(p), n = (double)degrees;
	/* The series' next term is some z^10 / 10^3 n^5. */
	if (n > 1000 && z * z < n / 100)
		return expand(z, n);
	return p < 0.5 ? -from_tail(p, degrees) : from_tail(1 - p, degrees);
}
