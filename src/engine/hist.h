/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mergeable histogram of non-negative integers (ns, bytes, rows).
 *
 * Log-linear: values below 2^(bits+1) have a bin each; above, every octave is cut into 2^bits bins. A percentile is
 * reported as the greatest value of its bin, as HdrHistogram does it: at most 2^-bits too large, 0.1 % with the usual
 * 10 bits, never too small, and never beyond the greatest value that was recorded.
 * Count, sum, squares, least and greatest are exact; the greatest and least bound every percentile.
 * Octaves get their bins when they are first met.
 */
#ifndef ENGINE_HIST_H
#define ENGINE_HIST_H

#include "base/arena.h"
#include "base/check.h"
#include "engine/wide.h"

#include <stdbool.h>
#include <stdint.h>

enum { HIST_BITS = 10, HIST_COARSE_BITS = 7, HIST_OCTAVES = 64 };

typedef wide_half hist_sum;

struct hist {
	int bits;
	uint64_t count;
	int64_t least, greatest; /* meaningful when count > 0 */
	hist_sum sum;
	struct wide squares; /* their sum */
	uint64_t *octave[HIST_OCTAVES];
	struct arena *arena;
};

void hist_init(struct hist *hist, struct arena *arena, int bits);

/* Bins of an octave that is met for the first time. */
uint64_t *hist_octave(struct hist *hist, int octave);

/*
 * Octave 0 holds the values below 2^bits, octave k > 0 those from 2^(bits+k-1) on; within it, the value shifted down to
 * `bits` bits is the bin.
 */
static inline int hist_octave_of(int bits, uint64_t value)
{
	int width = 64 - __builtin_clzll(value | 1);
	return width > bits ? width - bits : 0;
}

/* Records `times` occurrences of a value >= 0. */
void hist_add(struct hist *hist, int64_t value, uint64_t times);

/*
 * Records `count` values >= 0, each once, in a histogram of HIST_BITS and one of HIST_COARSE_BITS: faster than one
 * value at a time and one histogram at a time.
 */
void hist_add_both(struct hist *fine, struct hist *coarse, const int64_t *value, size_t count);

/* Adds all of `from`, which has the same number of bits. */
void hist_merge(struct hist *hist, const struct hist *from);

/*
 * Takes out again what was merged. The least and greatest value stay, and so do the squares: what is taken out may come
 * from a file, which keeps none.
 */
void hist_take(struct hist *hist, const struct hist *from);

/* Empties it; the bins stay for reuse. */
void hist_clear(struct hist *hist);

/*
 * The smallest recorded value with rank >= ceil(p * count), as the greatest value of its bin, bounded by the least and
 * greatest that were recorded; p in [0, 1], a decimal of up to 15 digits. 0 when empty.
 */
int64_t hist_percentile(const struct hist *hist, double p);

/* The rank of a percentile, ceil(p * count) and at least 1: in integers, of the decimal that p is nearest to. */
uint64_t hist_rank(uint64_t count, double p);

/* The value of a rank, 1 .. count, as hist_percentile tells it. */
int64_t hist_at_rank(const struct hist *hist, uint64_t rank);

/* A percentile that lies between the edges of its bin according to its rank. 0 when empty. */
double hist_percentile_between(const struct hist *hist, double p);

/* Mean of the recorded values; 0 when empty. */
double hist_mean(const struct hist *hist);

/* Standard deviation of the recorded values (of all of them, not an estimate from a sample); 0 when empty. */
double hist_deviation(const struct hist *hist);

/* How many recorded values are > `value` (by bins: exact to the bin that holds it). */
uint64_t hist_above(const struct hist *hist, int64_t value);

/*
 * Walks the bins that are not empty, from low to high: returns false at the end. Start with *cursor = 0.
 * *low and *high are the least and greatest integer of the bin.
 */
bool hist_next(const struct hist *hist, uint32_t *cursor, int64_t *low, int64_t *high, uint64_t *count);

/* A digest of all that was recorded, for comparing results. `seed` chains digests. */
uint64_t hist_digest(const struct hist *hist, uint64_t seed);

#endif
