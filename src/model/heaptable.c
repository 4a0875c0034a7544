/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each stretch is shuffled by a permutation that is computed: four rounds of a Feistel network (Luby and Rackoff, SIAM
 * J. Comput. 17, 1988) on the least even number of bits that holds it, taken again while it leads out of the stretch.
 */
#include "model/heaptable.h"
#include "base/check.h"
#include "engine/rng.h"

#include <math.h>

enum { ROUNDS = 4, HALVINGS = 50 };

/* 1 less the correlation, with stretches of that share of the table. */
static double disorder(double share)
{
	double whole = floor(1 / share), rest = 1 - whole * share;
	return whole * share * share * share + rest * rest * rest;
}

/* It grows with the share. */
static double share_of(double correlation)
{
	double low = 0, high = 1;
	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;
		if (disorder(middle) < 1 - correlation)
			low = middle;
		else
			high = middle;
	}
	return high;
}

struct heaptable heaptable_of(int64_t rows, int64_t per_page, double correlation, uint64_t seed)
{
	CHECK(rows >= 1 && per_page >= 1 && correlation >= 0 && correlation <= 1);
	struct heaptable table = {.rows = rows, .per_page = per_page, .pages = (rows - 1) / per_page + 1, .seed = seed};
	table.stretch = (int64_t)(share_of(correlation) * (double)rows + 0.5);
	if (table.stretch < 1)
		table.stretch = 1;
	return table;
}

static uint64_t shuffle(uint64_t x, int half, uint64_t key)
{
	uint64_t mask = (UINT64_C(1) << half) - 1, left = x >> half, right = x & mask;
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t next = (left ^ rng_mix(right + key + round * UINT64_C(0x9e3779b97f4a7c15))) & mask;
		left = right;
		right = next;
	}
	return left << half | right;
}

int64_t heaptable_place(const struct heaptable *table, int64_t rank)
{
	if (table->stretch == 1)
		return rank;
	int64_t first = rank - rank % table->stretch;
	int64_t size = table->rows - first < table->stretch ? table->rows - first : table->stretch;
	int half = 1;
	while ((INT64_C(1) << 2 * half) < size)
		half++;
	uint64_t key = rng_mix(table->seed ^ rng_mix((uint64_t)first)), x = (uint64_t)(rank - first);
	do
		x = shuffle(x, half, key);
	while (x >= (uint64_t)size);
	return first + (int64_t)x;
}
