/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened in each cell of a city within a window of time, and around it: counts, summed over a disk of cells
 * (k-ring smoothing).
 */
#ifndef MODEL_HEAT_H
#define MODEL_HEAT_H

#include "base/arena.h"
#include "model/hexgrid.h"

struct heat {
	const struct hexgrid *grid;
	int width;     /* of a line of the sheet: cells by r and q */
	double *sheet; /* prefix sums along q, one line for each r */
	double *count; /* by number of cell */
	int *place;    /* of a cell on the sheet */
};

void heat_init(struct heat *heat, struct arena *arena, const struct hexgrid *grid);

static inline void heat_add(struct heat *heat, int cell, double amount)
{
	heat->count[cell] += amount;
}

void heat_clear(struct heat *heat);

/* into[cell] becomes the sum of the counts at most `rings` steps away. */
void heat_smooth(struct heat *heat, int rings, double *into);

#endif
