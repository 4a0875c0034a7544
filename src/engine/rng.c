/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ziggurat covers the density f with 256 layers of equal area. Layer i > 0 is a rectangle from 0 to x[i] and from
 * f(x[i]) (`height`) to f(x[i+1]); layer 0 is the rectangle below f(x[1]) and the whole tail beyond x[1]. A place drawn
 * in layer i is at `place * width`, place below 2^53; it lies under f for certain when place < `inside`, that is left
 * of x[i+1]. What remains is handled here: the wedge between the rectangle and the curve, and the tail.
 */
#include "engine/rng.h"
#include "engine/dmath.h"

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
