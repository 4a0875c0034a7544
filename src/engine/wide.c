/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/wide.h"
#include "base/check.h"

#include <math.h>

static struct wide times(const struct wide *number, uint64_t by)
{
	struct wide product;
	wide_half carry = 0;
	for (int i = 0; i < 4; i++, carry >>= 64) {
		carry += (wide_half)number->word[i] * by;
		product.word[i] = (uint64_t)carry;
	}
	CHECK(carry == 0);
	return product;
}

static struct wide square_of(wide_half number)
{
	struct wide half = wide_of(number), square = times(&half, (uint64_t)number);
	half = times(&half, (uint64_t)(number >> 64));
	struct wide shifted = {{0, half.word[0], half.word[1], half.word[2]}};
	wide_add(&square, &shifted);
	return square;
}

/* By words, the most significant first: each step rounds alike everywhere. */
static double to_double(const struct wide *number)
{
	double value = 0;
	for (int i = 3; i >= 0; i--)
		value = value * 0x1p64 + (double)number->word[i];
	return value;
}

double wide_deviation(const struct wide *squares, wide_half sum, uint64_t weight)
{
	if (weight == 0)
		return 0;
	/* weight * squares - sum^2, never below 0 (Cauchy and Schwarz): by adding the complement and one. */
	struct wide all = times(squares, weight), square = square_of(sum), one = wide_of(1);
	for (int i = 0; i < 4; i++)
		square.word[i] = ~square.word[i];
	wide_add(&all, &square);
	wide_add(&all, &one);
	return sqrt(to_double(&all)) / (double)weight;
}
