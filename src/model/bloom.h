/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bloom filters (B. Bloom, CACM 13(7), 1970): a set that says "not there" or "perhaps". Real ones, of bits; what share
 * of absent keys they let through; and how bits are best shared out among sets of different size.
 */
#ifndef MODEL_BLOOM_H
#define MODEL_BLOOM_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct bloom {
	uint64_t *word;
	uint64_t bits;
	int hashes;
};

/* Room for `keys` >= 1 keys, with so many bits each, > 0; as many hashes as are best for that. */
void bloom_init(struct bloom *bloom, struct arena *arena, int64_t keys, double bits_per_key);

void bloom_add(struct bloom *bloom, uint64_t key);

/* False: it was not added. */
bool bloom_has(const struct bloom *bloom, uint64_t key);

/* The number of hashes nearest to bits ln 2, at least 1; and (1 - e^(-k / bits))^k. Without bits all pass: 1. */
int bloom_hashes(double bits_per_key);
double bloom_rate(double bits_per_key);

/*
 * Shares `bits_per_key` times the sum of `keys` bits out among `sets` sets so that the sum of their rates is least
 * (Dayan et al., Monkey, SIGMOD 2017): a rate goes with the size, and a set whose rate would be 1 gets none. Writes
 * bits per key of each.
 */
void bloom_share(int sets, const int64_t *keys, double bits_per_key, double *bits);

#endif
