/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decimals as files write them. Numbers never pass through a double: a decimal is digits and a power of ten, and is
 * rounded once, when it is wanted in a unit.
 */
#ifndef IO_DECIMAL_H
#define IO_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 decimal_wide;

/* A decimal as it was written: digits / 10^places. 18 digits and more, up to 2^63; an exponent may follow. */
struct decimal {
	int64_t digits;
	int places; /* may be negative */
};

/* Reads a number at the start of a text; returns what follows, or NULL and in *why (a constant text) what is wrong. */
const char *decimal_scan(const char *text, struct decimal *decimal, const char **why);

/* The whole text is a number; false, and what is wrong in *why (a constant text), when it is not. */
bool decimal_parse(const char *text, struct decimal *decimal, const char **why);

/* digits / 10^places * unit, rounded half away from zero. False when it does not fit. */
bool decimal_times(struct decimal decimal, int64_t unit, int64_t *value);

/* Whether it comes out even. */
bool decimal_is_whole(struct decimal decimal);

/* ---- sums in 128 bits ---- */

/* False when the product does not fit. */
bool decimal_multiply(decimal_wide *value, decimal_wide factor);

/* Multiplies by 10^power; false when it does not fit. */
bool decimal_shift_up(decimal_wide *value, int power);

/* value / 10^places, rounded half away from zero; false when it does not fit. */
bool decimal_shift_down(decimal_wide value, int places, int64_t *result);

#endif
