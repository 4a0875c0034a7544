/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table of rows in pages, as many on each, without holding any: which page has the row that comes n-th by some key.
 *
 * How well the order on disk follows that key is a correlation c (Pearson's, of rank and place). Rows lie in the order
 * of the key but for being shuffled within stretches, which are equal but for the last: it is 1 less the sum of the
 * cubes of their shares of the table, and their size is chosen so. 1: in order; 0: at random in all of the table.
 */
#ifndef MODEL_HEAPTABLE_H
#define MODEL_HEAPTABLE_H

#include <stdint.h>

struct heaptable {
	int64_t rows, per_page, pages;
	int64_t stretch; /* rows that are shuffled together */
	uint64_t seed;
};

/* rows, per_page >= 1; 0 <= correlation <= 1. */
struct heaptable heaptable_of(int64_t rows, int64_t per_page, double correlation, uint64_t seed);

/* The place, 0 <= place < rows, of the row with `rank` others before it: a permutation. */
int64_t heaptable_place(const struct heaptable *table, int64_t rank);

#endif
