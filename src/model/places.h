/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where in a city people are: cells of its grid, the k-th of which has a share ~ (k + shift)^-skew of them, and within
 * a cell any point.
 */
#ifndef MODEL_PLACES_H
#define MODEL_PLACES_H

#include "base/arena.h"
#include "engine/rng.h"
#include "model/hexgrid.h"

struct places {
	const struct hexgrid *grid;
	double *law; /* cumulative shares of the cells */
};

/* The grid outlives it; skew, shift >= 0. */
void places_init(struct places *places, struct arena *arena, const struct hexgrid *grid, double skew, int64_t shift);

/* A cell by its share: one draw. A point of a cell: two. */
int places_cell(const struct places *places, struct rng *rng);
struct hex_point places_point(const struct places *places, int cell, struct rng *rng);

/* The mean of what each cell has, weighted by shares. */
double places_mean(const struct places *places, const double *of_cell);

#endif
