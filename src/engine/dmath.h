/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logarithm, exponential and power with the same bits everywhere: only additions, multiplications and integer
 * operations of IEEE 754 doubles, in a fixed order. At most 2 units in the last place from the true value (below 0.8 as
 * measured by tests/t-dmath.c), subnormal results included. Special values are those of C11 Annex F; every NaN returned
 * is the same positive one. errno and the floating-point flags are not set in any defined way.
 */
#ifndef ENGINE_DMATH_H
#define ENGINE_DMATH_H

double dm_exp(double x);
double dm_log(double x);

/* log(1 + x), accurate also where 1 + x would round to 1. */
double dm_log1p(double x);

double dm_pow(double x, double y);

#endif
