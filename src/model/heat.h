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
	int rings;     /* of a disk */
	int width;     /* of a line of the sheet: cells by r and q, and margins */
	double *sheet; /* prefix sums along q, one line for each r */
	double *line;  /* the sums over the disks of one line */
	double *count; /* by number of cell */
	bool empty;    /* all counts are 0 */
	int *place;    /* of a cell on the sheet */
	int *cell;     /* by r and q, without margins */
};

/* The grid outlives it; 0 <= rings. */
void heat_init(struct heat *heat, struct arena *arena, const struct hexgrid *grid, int rings);

static inline void heat_add(struct heat *heat, int cell, double amount)
{
	heat->count[cell] += amount;
	heat->empty = false;
}

void heat_clear(struct heat *heat);

/* into[cell] becomes the sum of the counts at most `rings` steps away. */
void heat_smooth(struct heat *heat, double *into);

#endif
