/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws:
 *   gamma    Marsaglia & Tsang, ACM TOMS 26 (2000); shape below 1 by a power of a uniform, ibid. section 6
 *   zipf     rejection-inversion, Hoermann & Derflinger, ACM TOMACS 6 (1996): no memory, any n
 *   pareto   min e^(E/alpha), weibull scale E^(1/shape), E exponential
 *
 * Distribution functions rest on the incomplete gamma function: its series below, its continued fraction above
 * (Abramowitz & Stegun 6.5.29 and 6.5.31); normal probabilities are gamma probabilities with shape 1/2. Sums of powers
 * of the ranks are by Euler-Maclaurin. Quantiles without a closed form bisect the distribution function over the
 * doubles themselves, whose bits are in the order of their values.
 */
#include "engine/dist.h"
#include "base/check.h"
#include "base/fnv.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- special functions ---- */

/* log Gamma(x), x > 0: Stirling's series (Abramowitz & Stegun 6.1.41) after lifting x above 12. */
static double log_gamma(double x)
{
	double lift = 1;
	for (; x < 12; x += 1)
		lift *= x;
	double z = 1 / (x * x);
	double series = (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188))))) / x;
	return (x - 0.5) * dm_log(x) - x + 0.5 * dm_log(2 * pi) + series - dm_log(lift);
}

double dist_gamma_function(double x)
{
	return dm_exp(log_gamma(x));
}

/* The probability that a gamma variate of this shape and scale 1 is at most x (lower) or more (upper). */
struct tails {
	double lower, upper;
};

static struct tails gamma_tails(double shape, double x)
{
	if (!(x > 0))
		return (struct tails){0, 1};
	if (x == INFINITY)
		return (struct tails){1, 0};
	double front = dm_exp(shape * dm_log(x) - x - log_gamma(shape));
	if (x < shape + 1) {
		double term = 1 / shape, total = term;
		for (double n = shape + 1; term > total * 0x1p-54; n += 1) {
			term *= x / n;
			total += term;
		}
		return (struct tails){front * total, 1 - front * total};
	}
	/* Lentz's evaluation; no denominator vanishes for x > shape. */
	double b = x + 1 - shape, c = 1e300, d = 1 / b, fraction = d, change = 0;
	for (int n = 1; n < 100000 && fabs(change - 1) > 0x1p-53; n++) {
		double a = n * (shape - n);
		b += 2;
		d = 1 / (b + a * d);
		c = b + a / c;
		change = c * d;
		fraction *= change;
	}
	return (struct tails){1 - front * fraction, front * fraction};
}

static double normal_cdf(double z)
{
	double beyond = 0.5 * gamma_tails(0.5, 0.5 * z * z).upper;
	return z < 0 ? beyond : 1 - beyond;
}

/* e^t - 1 over t. */
static double exp_less_one_ratio(double t)
{
	if (fabs(t) > 0.5)
		return (dm_exp(t) - 1) / t;
	double sum = 1;
	for (int n = 16; n > 1; n--)
		sum = 1 + sum * t / n;
	return sum;
}

/* ---- bisection over doubles >= 0 ---- */

static double of_bits(uint64_t bits)
{
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

/* The least double x >= 0 with above(x); infinity when there is none. */
static double least(bool (*above)(const void *what, double x, double p), const void *what, double p)
{
	uint64_t low = 0, high = UINT64_C(0x7ff0000000000000);
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		if (above(what, of_bits(middle), p))
			high = middle;
		else
			low = middle + 1;
	}
	return of_bits(low);
}

static bool normal_tail_below(const void *what, double z, double p)
{
	(void)what;
	return 0.5 * gamma_tails(0.5, 0.5 * z * z).upper <= p;
}

double dist_normal_quantile(double p)
{
	if (p < 0.5)
		return -least(normal_tail_below, NULL, p);
	return least(normal_tail_below, NULL, 1 - p);
}

/* ---- zipf ---- */

/* The integral of t^-s from 1 to x, and its inverse. */
static double zipf_area(double s, double x)
{
	double log = dm_log(x);
	return log * exp_less_one_ratio((1 - s) * log);
}

static double zipf_area_inverse(double s, double area)
{
	double t = (1 - s) * area;
	if (t < -1) /* beyond the end by rounding */
		t = -1;
	return dm_exp(fabs(t) < 1e-300 ? area : dm_log1p(t) / t * area);
}

static double zipf_weight(double s, double x)
{
	return dm_exp(-s * dm_log(x));
}

/* (q + 1)^-s + ... + (q + n)^-s, for any s. */
static double zipf_sum(double s, double q, double n)
{
	enum { DIRECT = 40 };
	double sum = 0, a = q + DIRECT, z = q + n;
	for (double k = q + 1; k < a; k++) {
		sum += zipf_weight(s, k);
		if (k >= z)
			return sum;
	}
	double first = zipf_weight(s, a), last = zipf_weight(s, z);
	sum += zipf_area(s, z) - zipf_area(s, a) + 0.5 * (first + last);
	sum += s / 12 * (first / a - last / z);
	return sum - s * (s + 1) * (s + 2) / 720 * (first / (a * a * a) - last / (z * z * z));
}

/* Ranks from q + 1 to q + n, of which the first is 1 to whoever asks. */
static double zipf_draw(const struct dist *dist, struct rng *rng)
{
	double s = dist->shape, q = dist->location, n = q + (double)dist->count;
	for (;;) {
		double area = dist->helper[1] + rng_unit(rng) * (dist->helper[0] - dist->helper[1]);
		double x = zipf_area_inverse(s, area), rank = floor(x + 0.5);
		rank = rank < q + 1 ? q + 1 : rank > n ? n : rank;
		if (rank - x <= dist->helper[2] || area >= zipf_area(s, rank + 0.5) - zipf_weight(s, rank))
			return rank - q;
	}
}

/* ---- the distributions ---- */

uint64_t dist_digest(const struct dist *dist, uint64_t digest)
{
	digest = fnv_integer(digest, (uint64_t)dist->kind);
	digest = fnv_real(digest, dist->location);
	digest = fnv_real(digest, dist->scale);
	digest = fnv_real(digest, dist->shape);
	digest = fnv_integer(digest, dist->count);
	digest = fnv_reals(digest, dist->values, dist->count);
	digest = fnv_reals(digest, dist->cumulative, dist->cumulative ? dist->count : 0);
	for (size_t i = 0; dist->parts && i < dist->count; i++)
		digest = dist_digest(&dist->parts[i], digest);
	return digest;
}

struct dist dist_const(double value)
{
	return (struct dist){.kind = DIST_CONST, .given = {value}, .scale = value};
}

void dist_ready(struct dist *dist)
{
	double s = dist->shape, q = dist->location;
	if (dist->kind == DIST_GAMMA) {
		dist->helper[0] = (s < 1 ? s + 1 : s) - 1.0 / 3;
		dist->helper[1] = 1 / sqrt(9 * dist->helper[0]);
	} else if (dist->kind == DIST_ZIPF) {
		dist->helper[0] = zipf_area(s, q + 1.5) - zipf_weight(s, q + 1);
		dist->helper[1] = zipf_area(s, q + (double)dist->count + 0.5);
		dist->helper[2] = q + 2 - zipf_area_inverse(s, zipf_area(s, q + 2.5) - zipf_weight(s, q + 2));
	}
}

static double gamma_draw(const struct dist *dist, struct rng *rng)
{
	double d = dist->helper[0], c = dist->helper[1], z, v;
	for (;;) {
		do {
			z = rng_normal(rng);
			v = 1 + c * z;
		} while (v <= 0);
		v = v * v * v;
		double u = rng_unit_open(rng), z2 = z * z;
		if (u < 1 - 0.0331 * z2 * z2 || dm_log(u) < 0.5 * z2 + d * (1 - v + dm_log(v)))
			break;
	}
	return dist->shape < 1 ? d * v * dm_exp(-rng_exp(rng) / dist->shape) : d * v;
}

/* The first index with p < cumulative[index]. */
static size_t pick(const double *cumulative, size_t count, double p)
{
	size_t low = 0, high = count - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (p < cumulative[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

double dist_draw_other(const struct dist *dist, struct rng *rng)
{
	double sum = 0, x;
	size_t index;
	switch (dist->kind) {
	case DIST_CONST:
		return dist->scale;
	case DIST_UNIFORM:
		return dist->location + dist->scale * rng_unit(rng);
	case DIST_NORMAL:
		do
			x = dist->location + dist->scale * rng_normal(rng);
		while (x < 0);
		return x;
	case DIST_ERLANG:
		for (size_t i = 0; i < dist->count; i++)
			sum += rng_exp(rng);
		return dist->scale * sum;
	case DIST_GAMMA:
		return dist->scale * gamma_draw(dist, rng);
	case DIST_WEIBULL:
		return dist->scale * dm_exp(dm_log(rng_exp(rng)) / dist->shape);
	case DIST_PARETO:
		return dist->scale * dm_exp(rng_exp(rng) / dist->shape);
	case DIST_ZIPF:
		return dist->scale * zipf_draw(dist, rng);
	case DIST_MIX:
		index = pick(dist->cumulative, dist->count, rng_unit(rng));
		return dist_draw(&dist->parts[index], rng);
	case DIST_EMPIRICAL:
		index = dist->cumulative ? pick(dist->cumulative, dist->count, rng_unit(rng))
					 : (size_t)rng_below(rng, dist->count);
		return dist->scale * dist->values[index];
	default:
		check_failed(__FILE__, __LINE__, "the other kinds are drawn inline");
	}
}

/* The probability of part or value `index`. */
static double weight_of(const struct dist *dist, size_t index)
{
	if (!dist->cumulative)
		return 1 / (double)dist->count;
	return index ? dist->cumulative[index] - dist->cumulative[index - 1] : dist->cumulative[0];
}

/* Mean and mean square of the variate over `scale`; of a mixture, of the variate itself. */
struct moments {
	double mean, square;
};

static struct moments moments(const struct dist *dist)
{
	double s = dist->shape, count = (double)dist->count, scale = dist->scale, ratio;
	struct moments m = {0, 0};
	switch (dist->kind) {
	case DIST_CONST:
		return (struct moments){scale, scale * scale};
	case DIST_UNIFORM:
		m.mean = dist->location + 0.5 * scale;
		return (struct moments){m.mean, m.mean * m.mean + scale * scale / 12};
	case DIST_EXP:
		return (struct moments){scale, 2 * scale * scale};
	case DIST_ERLANG:
		return (struct moments){count * scale, count * (count + 1) * scale * scale};
	case DIST_GAMMA:
		return (struct moments){s * scale, s * (s + 1) * scale * scale};
	case DIST_LOGNORMAL:
		return (struct moments){scale * dm_exp(0.5 * s * s), scale * scale * dm_exp(2 * s * s)};
	case DIST_NORMAL:
		/* Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, section 13.10.1 */
		if (scale == 0)
			return (struct moments){dist->location, dist->location * dist->location};
		ratio = dist->location / scale;
		m.mean = dist->location + scale * dm_exp(-0.5 * ratio * ratio) / sqrt(2 * pi) / normal_cdf(ratio);
		return (struct moments){m.mean, scale * scale + dist->location * m.mean};
	case DIST_WEIBULL:
		return (struct moments){scale * dist_gamma_function(1 + 1 / s),
					scale * scale * dist_gamma_function(1 + 2 / s)};
	case DIST_PARETO:
		return (struct moments){s > 1 ? scale * s / (s - 1) : INFINITY,
					s > 2 ? scale * scale * s / (s - 2) : INFINITY};
	case DIST_ZIPF:
		ratio = zipf_sum(s, dist->location, count);
		m.mean = zipf_sum(s - 1, dist->location, count) / ratio; /* of the rank and the shift */
		m.square = zipf_sum(s - 2, dist->location, count) / ratio;
		m.square += dist->location * (dist->location - 2 * m.mean);
		return (struct moments){scale * (m.mean - dist->location), scale * scale * m.square};
	case DIST_MIX:
		for (size_t i = 0; i < dist->count; i++) {
			struct moments part = moments(&dist->parts[i]);
			m.mean += weight_of(dist, i) * part.mean;
			m.square += weight_of(dist, i) * part.square;
		}
		return m;
	case DIST_EMPIRICAL:
		for (size_t i = 0; i < dist->count; i++) {
			double x = scale * dist->values[i];
			m.mean += weight_of(dist, i) * x;
			m.square += weight_of(dist, i) * x * x;
		}
		return m;
	case DIST_KINDS:
		break;
	}
	check_failed(__FILE__, __LINE__, "a kind of distribution");
}

double dist_mean(const struct dist *dist)
{
	return moments(dist).mean;
}

double dist_cv(const struct dist *dist)
{
	struct moments m = moments(dist);
	if (m.mean == 0)
		return 0;
	if (m.square == INFINITY)
		return INFINITY;
	double excess = m.square / m.mean / m.mean - 1;
	return excess > 0 ? sqrt(excess) : 0;
}

static double empirical_cdf(const struct dist *dist, double x)
{
	size_t below = 0, above = dist->count;
	while (below < above) {
		size_t middle = below + (above - below) / 2;
		if (dist->scale * dist->values[middle] <= x)
			below = middle + 1;
		else
			above = middle;
	}
	if (below == 0)
		return 0;
	return dist->cumulative ? dist->cumulative[below - 1] : (double)below / (double)dist->count;
}

double dist_cdf(const struct dist *dist, double x)
{
	double s = dist->shape, scale = dist->scale, sum = 0;
	if (x != x || x < 0)
		return 0;
	if (dist->kind != DIST_MIX && scale == 0)
		return x >= dist->location;
	switch (dist->kind) {
	case DIST_CONST:
		return x >= scale;
	case DIST_UNIFORM:
		return x <= dist->location ? 0 : x >= dist->location + scale ? 1 : (x - dist->location) / scale;
	case DIST_EXP:
		return 1 - dm_exp(-x / scale);
	case DIST_ERLANG:
		return gamma_tails((double)dist->count, x / scale).lower;
	case DIST_GAMMA:
		return gamma_tails(s, x / scale).lower;
	case DIST_LOGNORMAL:
		return s == 0 ? x >= scale : x == 0 ? 0 : normal_cdf(dm_log(x / scale) / s);
	case DIST_NORMAL:
		return 1 - normal_cdf((dist->location - x) / scale) / normal_cdf(dist->location / scale);
	case DIST_WEIBULL:
		return 1 - dm_exp(-dm_pow(x / scale, s));
	case DIST_PARETO:
		return x <= scale ? 0 : 1 - dm_pow(scale / x, s);
	case DIST_ZIPF:
		if (x >= scale * (double)dist->count)
			return 1;
		if (x < scale)
			return 0;
		return zipf_sum(s, dist->location, floor(x / scale)) /
		       zipf_sum(s, dist->location, (double)dist->count);
	case DIST_MIX:
		for (size_t i = 0; i < dist->count; i++)
			sum += weight_of(dist, i) * dist_cdf(&dist->parts[i], x);
		return sum;
	case DIST_EMPIRICAL:
		return empirical_cdf(dist, x);
	case DIST_KINDS:
		break;
	}
	check_failed(__FILE__, __LINE__, "a kind of distribution");
}

static bool cdf_reaches(const void *dist, double x, double p)
{
	return dist_cdf(dist, x) >= p;
}

double dist_quantile(const struct dist *dist, double p)
{
	switch (dist->kind) {
	case DIST_CONST:
		return dist->scale;
	case DIST_UNIFORM:
		return dist->location + p * dist->scale;
	case DIST_EXP:
		return dist->scale == 0 ? 0 : -dist->scale * dm_log1p(-p);
	case DIST_WEIBULL:
		return dist->scale == 0 ? 0 : dist->scale * dm_pow(-dm_log1p(-p), 1 / dist->shape);
	case DIST_PARETO:
		return dist->scale == 0 ? 0 : dist->scale * dm_pow(1 - p, -1 / dist->shape);
	case DIST_LOGNORMAL:
		if (p > 0 && p < 1 && dist->shape > 0)
			return dist->scale * dm_exp(dist->shape * dist_normal_quantile(p));
		break;
	default:
		break;
	}
	return least(cdf_reaches, dist, p);
}
