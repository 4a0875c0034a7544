/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How skewed popularity is. */
#ifndef IO_ZIPF_H
#define IO_ZIPF_H

#include <stddef.h>
#include <stdint.h>

/*
 * The exponent s that makes these counts, the greatest first, most likely when the k-th of `count` values has
 * probability proportional to k^-s: maximum likelihood over observed ranks. Few rows a value make it too small. NaN
 * with fewer than two.
 */
double zipf_exponent(const int64_t *counts, size_t count);

#endif
