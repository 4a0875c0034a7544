/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/places.h"
#include "model/geoindex.h"

void places_init(struct places *places, struct arena *arena, const struct hexgrid *grid, double skew, int64_t shift)
{
	*places = (struct places){.grid = grid, .law = ARENA_ARRAY(arena, (size_t)grid->cells, double)};
	geoindex_shares(places->law, grid->cells, skew, shift);
	for (int i = 1; i < grid->cells; i++)
		places->law[i] += places->law[i - 1];
}

int places_cell(const struct places *places, struct rng *rng)
{
	double u = rng_unit(rng);
	int low = 0, high = places->grid->cells - 1;
	while (low < high) {
		int middle = (low + high) / 2;
		if (places->law[middle] > u)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct hex_point places_point(const struct places *places, int cell, struct rng *rng)
{
	double u = rng_unit(rng), v = rng_unit(rng);
	return hexgrid_point(places->grid, cell, u, v);
}

double places_mean(const struct places *places, const double *of_cell)
{
	double mean = 0;
	for (int i = 0; i < places->grid->cells; i++)
		mean += (places->law[i] - (i > 0 ? places->law[i - 1] : 0)) * of_cell[i];
	return mean;
}
