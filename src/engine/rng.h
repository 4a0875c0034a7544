/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random numbers. Every decision has a named stream, so that adding one never shifts another. A stream is the key of
 * (seed, replication, name); from it come one sequential generator (rng_start), and for each request a generator of its
 * own (rng_of): two variants that replay the same trace meet the same luck, however many numbers each of them draws.
 *
 * xoshiro256++ of Blackman & Vigna (ACM TOMS 47, 2021), seeded through the mixing function of splitmix64 (Steele, Lea &
 * Flood, OOPSLA 2014); exponential and normal numbers by the ziggurat of Marsaglia & Tsang (J. Stat. Softw. 5, 2000);
 * Poisson numbers by the transformed rejection of Hörmann (Insurance: Mathematics and Economics 12, 1993).
 */
#ifndef ENGINE_RNG_H
#define ENGINE_RNG_H

#include "engine/ziggurat.h"

#include <stdint.h>

struct rng {
	uint64_t s[4];
};

struct rng_stream {
	uint64_t key;
};

/* The stream called `name`; any two different triples give unrelated streams. */
struct rng_stream rng_stream(uint64_t seed, uint64_t replication, const char *name);

/* A bijection of 64 bits in which each input bit changes half of the output. */
static inline uint64_t rng_mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline uint64_t rng_word(uint64_t key, uint64_t number)
{
	return rng_mix(key + number * UINT64_C(0x9e3779b97f4a7c15));
}

/* A generator from a key. The four words differ, hence are never all zero. */
static inline struct rng rng_seed(uint64_t key)
{
	return (struct rng){{rng_word(key, 1), rng_word(key, 2), rng_word(key, 3), rng_word(key, 4)}};
}

/* The sequential generator of a stream. */
static inline struct rng rng_start(struct rng_stream stream)
{
	return rng_seed(stream.key);
}

static inline uint64_t rng_key_of(struct rng_stream stream, uint64_t id)
{
	return rng_mix(stream.key ^ rng_mix(id + UINT64_C(0x632be59bd9b4e019)));
}

/* The generator of the draws that belong to request `id`; cheap enough to be made anew for each request. */
static inline struct rng rng_of(struct rng_stream stream, uint64_t id)
{
	return rng_seed(rng_key_of(stream, id));
}

static inline uint64_t rng_rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

/* 64 random bits. */
static inline uint64_t rng_next(struct rng *rng)
{
	uint64_t *s = rng->s, result = rng_rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rng_rotate(s[3], 45);
	return result;
}

/* Uniform on 0, 2^-53, ... 1 - 2^-53. */
static inline double rng_unit(struct rng *rng)
{
	return (double)(int64_t)(rng_next(rng) >> 11) * 0x1p-53;
}

/* Uniform on the odd multiples of 2^-53 between 0 and 1: neither end is ever drawn. */
static inline double rng_unit_open(struct rng *rng)
{
	return (double)(int64_t)(rng_next(rng) >> 11 | 1) * 0x1p-53;
}

__extension__ typedef unsigned __int128 rng_wide;

/* Uniform on 0 ... n - 1, n > 0, without bias (Lemire, ACM TOMACS 29, 2019). */
static inline uint64_t rng_below(struct rng *rng, uint64_t n)
{
	rng_wide product = (rng_wide)rng_next(rng) * n;
	if ((uint64_t)product < n) {
		uint64_t biased = -n % n;
		while ((uint64_t)product < biased)
			product = (rng_wide)rng_next(rng) * n;
	}
	return (uint64_t)(product >> 64);
}

/*
 * The rare remainder of the two functions below: `bits` was drawn and fell outside the inner part of its layer. They
 * get a copy: so the address of the caller's generator is not taken, and it stays in registers.
 */
double rng_exp_outside(struct rng *rng, uint64_t bits);
double rng_normal_outside(struct rng *rng, uint64_t bits);

/* Exponential with mean 1. The layer is in bits 0-7, the place within it in bits 11-63. */
static inline double rng_exp(struct rng *rng)
{
	uint64_t bits = rng_next(rng);
	const struct ziggurat_layer *layer = &ziggurat_exp[bits & 255];
	if (__builtin_expect(bits >> 11 < layer->inside, 1))
		return (double)(int64_t)(bits >> 11) * layer->width;
	struct rng rest = *rng;
	double x = rng_exp_outside(&rest, bits);
	*rng = rest;
	return x;
}

/* Poisson with this mean, a whole number. */
double rng_poisson(struct rng *rng, double mean);

/* Words 1 and 4 of rng_seed(key) make the first 64 bits. Nearly always these are enough: the others are not made. */
static inline uint64_t rng_first(uint64_t key)
{
	uint64_t first = rng_word(key, 1);
	return rng_rotate(first + rng_word(key, 4), 23) + first;
}

/* What rng_exp draws first from rng_of(stream, id). */
static inline double rng_exp_of(struct rng_stream stream, uint64_t id)
{
	uint64_t key = rng_key_of(stream, id), bits = rng_first(key);
	const struct ziggurat_layer *layer = &ziggurat_exp[bits & 255];
	if (__builtin_expect(bits >> 11 < layer->inside, 1))
		return (double)(int64_t)(bits >> 11) * layer->width;
	struct rng rng = rng_seed(key);
	rng_next(&rng);
	return rng_exp_outside(&rng, bits);
}

/* The 64 bits that follow those of rng_first: words 1, 2 and 4 make them. */
static inline uint64_t rng_second(uint64_t key)
{
	uint64_t first = rng_word(key, 1), last = rng_word(key, 4) ^ rng_word(key, 2), next = first ^ last;
	return rng_rotate(next + rng_rotate(last, 45), 23) + next;
}

/* What rng_exp draws from rng_of(stream, id) first, and then. */
static inline void rng_two_exp_of(struct rng_stream stream, uint64_t id, double two[2])
{
	uint64_t key = rng_key_of(stream, id), first = rng_first(key), second = rng_second(key);
	const struct ziggurat_layer *a = &ziggurat_exp[first & 255], *b = &ziggurat_exp[second & 255];
	if (__builtin_expect(first >> 11 < a->inside && second >> 11 < b->inside, 1)) {
		two[0] = (double)(int64_t)(first >> 11) * a->width;
		two[1] = (double)(int64_t)(second >> 11) * b->width;
		return;
	}
	struct rng rng = rng_seed(key);
	two[0] = rng_exp(&rng);
	two[1] = rng_exp(&rng);
}

/* The place of `bits` in a layer of the normal density, with the sign that is in bit 8. */
static inline double rng_normal_inside(const struct ziggurat_layer *layer, uint64_t bits)
{
	int64_t place = (int64_t)(bits >> 11), sign = -(int64_t)(bits >> 8 & 1);
	return (double)((place ^ sign) - sign) * layer->width;
}

/* Normal with mean 0 and standard deviation 1. As the exponential, but with a sign. */
static inline double rng_normal(struct rng *rng)
{
	uint64_t bits = rng_next(rng);
	const struct ziggurat_layer *layer = &ziggurat_normal[bits & 255];
	if (__builtin_expect(bits >> 11 < layer->inside, 1))
		return rng_normal_inside(layer, bits);
	struct rng rest = *rng;
	double x = rng_normal_outside(&rest, bits);
	*rng = rest;
	return x;
}

/* What rng_normal draws first from rng_of(stream, id). */
static inline double rng_normal_of(struct rng_stream stream, uint64_t id)
{
	uint64_t key = rng_key_of(stream, id), bits = rng_first(key);
	const struct ziggurat_layer *layer = &ziggurat_normal[bits & 255];
	if (__builtin_expect(bits >> 11 < layer->inside, 1))
		return rng_normal_inside(layer, bits);
	struct rng rng = rng_seed(key);
	rng_next(&rng);
	return rng_normal_outside(&rng, bits);
}

#endif
