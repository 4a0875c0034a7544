/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hashes are a + i b of two (Kirsch and Mitzenmacher, ESA 2006). Sharing out: with rates p_i = c n_i the bits come to
 * - sum of n_i ln p_i / ln^2 2, which falls as c grows: c is found by halving.
 */
#include "model/bloom.h"
#include "base/check.h"
#include "engine/dmath.h"
#include "engine/rng.h"

static const double ln_2 = 0.6931471805599453;
enum { HALVINGS = 200 };

int bloom_hashes(double bits_per_key)
{
	int hashes = (int)(bits_per_key * ln_2 + 0.5);
	return hashes < 1 ? 1 : hashes;
}

double bloom_rate(double bits_per_key)
{
	if (bits_per_key <= 0)
		return 1;
	int hashes = bloom_hashes(bits_per_key);
	double set = 1 - dm_exp(-hashes / bits_per_key), rate = 1;
	for (int i = 0; i < hashes; i++)
		rate *= set;
	return rate;
}

void bloom_init(struct bloom *bloom, struct arena *arena, int64_t keys, double bits_per_key)
{
	CHECK(keys >= 1 && bits_per_key > 0);
	bloom->bits = (uint64_t)((double)keys * bits_per_key) + 1;
	bloom->hashes = bloom_hashes(bits_per_key);
	bloom->word = ARENA_ARRAY(arena, (size_t)(bloom->bits / 64 + 1), uint64_t);
}

static uint64_t place(const struct bloom *bloom, uint64_t key, int i)
{
	uint64_t one = rng_mix(key), other = rng_mix(key ^ UINT64_C(0x9e3779b97f4a7c15)) | 1;
	return (one + (uint64_t)i * other) % bloom->bits;
}

void bloom_add(struct bloom *bloom, uint64_t key)
{
	for (int i = 0; i < bloom->hashes; i++) {
		uint64_t bit = place(bloom, key, i);
		bloom->word[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

bool bloom_has(const struct bloom *bloom, uint64_t key)
{
	for (int i = 0; i < bloom->hashes; i++) {
		uint64_t bit = place(bloom, key, i);
		if (!(bloom->word[bit / 64] >> bit % 64 & 1))
			return false;
	}
	return true;
}

/* Bits of a set with a rate of exp(log_rate). */
static double bits_of(double log_rate)
{
	return log_rate >= 0 ? 0 : -log_rate / (ln_2 * ln_2);
}

void bloom_share(int sets, const int64_t *keys, double bits_per_key, double *bits)
{
	double wanted = 0, low = -100, high = 1; /* ln c */
	for (int i = 0; i < sets; i++)
		wanted += (double)keys[i] * bits_per_key;
	for (int halving = 0; halving < HALVINGS; halving++) {
		double middle = (low + high) / 2, needed = 0;
		for (int i = 0; i < sets; i++)
			needed += keys[i] > 0 ? (double)keys[i] * bits_of(middle + dm_log((double)keys[i])) : 0;
		if (needed > wanted)
			low = middle;
		else
			high = middle;
	}
	for (int i = 0; i < sets; i++)
		bits[i] = keys[i] > 0 ? bits_of(high + dm_log((double)keys[i])) : 0;
}
