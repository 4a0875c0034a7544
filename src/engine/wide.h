/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sums of squares, exactly: natural numbers of 256 bits. The square of a value below 2^63, as often as 64 bits count,
 * has 190; and what is left when the square of the sum is taken from it is not lost in rounding.
 */
#ifndef ENGINE_WIDE_H
#define ENGINE_WIDE_H

#include <stdint.h>

__extension__ typedef unsigned __int128 wide_half;

struct wide {
	uint64_t word[4]; /* the least significant first */
};

static inline void wide_add(struct wide *sum, const struct wide *other)
{
	wide_half carry = (wide_half)sum->word[0] + other->word[0];
	sum->word[0] = (uint64_t)carry;
	carry = (carry >> 64) + sum->word[1] + other->word[1];
	sum->word[1] = (uint64_t)carry;
	carry = (carry >> 64) + sum->word[2] + other->word[2];
	sum->word[2] = (uint64_t)carry;
	sum->word[3] += other->word[3] + (uint64_t)(carry >> 64);
}

static inline struct wide wide_of(wide_half number)
{
	return (struct wide){{(uint64_t)number, (uint64_t)(number >> 64), 0, 0}};
}

/* Adds a * b. */
static inline void wide_add_product(struct wide *sum, wide_half a, uint64_t b)
{
	wide_half low = (wide_half)(uint64_t)a * b, high = (a >> 64) * b + (low >> 64);
	struct wide product = {{(uint64_t)low, (uint64_t)high, (uint64_t)(high >> 64), 0}};
	wide_add(sum, &product);
}

/*
 * The standard deviation of what has this sum and these squares, of `weight` in all: how many values there were, or for
 * how many ns they held. 0 when that is 0. (The root of the mean square distance from the mean: of all there was, not
 * an estimate from a sample.)
 */
double wide_deviation(const struct wide *squares, wide_half sum, uint64_t weight);

#endif
