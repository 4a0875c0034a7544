/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ziggurat covers the density f with 256 layers of equal area. Layer i > 0 is a rectangle from 0 to x[i] and from
 * f(x[i]) (`height`) to f(x[i+1]); layer 0 is the rectangle below f(x[1]) and the whole tail beyond x[1]. A place drawn
 * in layer i is at `place * width`, place below 2^53; it lies under f for certain when place < `inside`, that is left
 * of x[i+1]. What remains is handled here: the wedge between the rectangle and the curve, and the tail.
 */
#include "engine/rng.h"
#include "engine/dmath.h"

#include <math.h>

/* 64-bit FNV-1a of the name, so that no name is the beginning of another's key. */
static uint64_t name_key(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	do
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	while (*name++);
	return hash;
}

struct rng_stream rng_stream(uint64_t seed, uint64_t replication, const char *name)
{
	const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t key = rng_mix(seed + step);
	key = rng_mix((key ^ replication) + step);
	key = rng_mix((key ^ name_key(name)) + step);
	return (struct rng_stream){key};
}

/* A uniform height within the layer; the comparison with f decides. */
static double height_in(const struct ziggurat_layer *layer, struct rng *rng)
{
	return layer[0].height + rng_unit(rng) * (layer[1].height - layer[0].height);
}

double rng_exp_outside(struct rng *rng, uint64_t bits)
{
	for (;; bits = rng_next(rng)) {
		const struct ziggurat_layer *layer = &ziggurat_exp[bits & 255];
		double x = (double)(int64_t)(bits >> 11) * layer->width;
		if (bits >> 11 < layer->inside)
			return x;
		if (layer == ziggurat_exp)
			return ZIGGURAT_EXP_EDGE - dm_log(rng_unit_open(rng)); /* no memory */
		if (height_in(layer, rng) < dm_exp(-x))
			return x;
	}
}

double rng_normal_outside(struct rng *rng, uint64_t bits)
{
	for (;; bits = rng_next(rng)) {
		const struct ziggurat_layer *layer = &ziggurat_normal[bits & 255];
		double sign = bits & 256 ? -1 : 1, x = (double)(int64_t)(bits >> 11) * layer->width;
		if (bits >> 11 < layer->inside)
			return sign * x;
		if (layer == ziggurat_normal) {
			/* Marsaglia (Technometrics 6, 1964) */
			double past, height;
			do {
				past = -dm_log(rng_unit_open(rng)) / ZIGGURAT_NORMAL_EDGE;
				height = -dm_log(rng_unit_open(rng));
			} while (2 * height < past * past);
			return sign * (ZIGGURAT_NORMAL_EDGE + past);
		}
		if (height_in(layer, rng) < dm_exp(-0.5 * x * x))
			return sign * x;
	}
}

/* The logarithm of the chance of k times the square root of 2 pi k (of 1 for k below 10), by Stirling's series. */
static double log_chance(double mean, double k)
{
	static const double log_factorial[10] = {0,
						 0,
						 0.6931471805599453,
						 1.791759469228055,
						 3.1780538303479458,
						 4.787491742782046,
						 6.579251212010101,
						 8.525161361065415,
						 10.60460290274525,
						 12.801827480081469};
	if (k < 10)
		return k * dm_log(mean) - mean - log_factorial[(int)k];
	double off = (mean - k) / k, square = k * k;
	return k * (dm_log1p(off) - off) - (1.0 / 12 - (1.0 / 360 - 1 / (1260 * square)) / square) / k;
}

/* PTRS of the paper, whose constants these are: a quotient of uniforms, which mostly needs no more than its box. */
double rng_poisson(struct rng *rng, double mean)
{
	double count = 0;
	if (mean < 10) {
		for (double at = rng_exp(rng); at < mean; at += rng_exp(rng))
			count++;
		return count;
	}
	const double two_pi = 6.283185307179586;
	double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b, box = 0.9277 - 3.6224 / (b - 2);
	for (;;) {
		double u = rng_unit_open(rng) - 0.5, v = rng_unit_open(rng), edge = 0.5 - fabs(u);
		count = floor((2 * a / edge + b) * u + mean + 0.43);
		if (edge >= 0.07 && v <= box)
			return count;
		if (count < 0 || (edge < 0.013 && v > edge))
			continue;
		double height = v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (edge * edge) + b);
		if (count >= 10)
			height *= sqrt(two_pi * count);
		if (dm_log(height) <= log_chance(mean, count))
			return count;
	}
}
