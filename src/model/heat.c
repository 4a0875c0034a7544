/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A disk of `rings` steps is 2 rings + 1 rows of consecutive cells, so with prefix sums along each row it costs two
 * look-ups a row, not one for each of its 3 rings (rings + 1) + 1 cells. The sheet of prefix sums has margins of
 * `rings` cells, so that all disks of a line have the same shape and are summed side by side, row after row.
 */
#include "model/heat.h"

#include <string.h>

void heat_init(struct heat *heat, struct arena *arena, const struct hexgrid *grid, int rings)
{
	int side = 2 * grid->radius + 1;
	*heat = (struct heat){.grid = grid, .empty = true, .rings = rings, .width = side + 2 * rings + 1};
	heat->sheet = ARENA_ARRAY(arena, (size_t)(heat->width * side), double);
	heat->line = ARENA_ARRAY(arena, (size_t)side, double);
	heat->count = ARENA_ARRAY(arena, (size_t)grid->cells, double);
	heat->place = ARENA_ARRAY(arena, (size_t)grid->cells, int);
	heat->cell = ARENA_ARRAY(arena, (size_t)(side * side), int);
	for (int cell = 0; cell < grid->cells; cell++) {
		struct hex hex = hexgrid_hex(cell);
		heat->place[cell] = (hex.r + grid->radius) * heat->width + hex.q + grid->radius + rings;
		heat->cell[(hex.r + grid->radius) * side + hex.q + grid->radius] = cell;
	}
}

void heat_clear(struct heat *heat)
{
	memset(heat->count, 0, sizeof(double) * (size_t)heat->grid->cells);
	heat->empty = true;
}

/* Prefix sums along each line, constant beyond the last cell: what lies in [from, to) is sheet[to] - sheet[from]. */
static void sum_up(struct heat *heat)
{
	int side = 2 * heat->grid->radius + 1;
	memset(heat->sheet, 0, sizeof(double) * (size_t)(heat->width * side));
	for (int cell = 0; cell < heat->grid->cells; cell++)
		heat->sheet[heat->place[cell] + 1] = heat->count[cell];
	for (int line = 0; line < side; line++) {
		double *sheet = heat->sheet + line * heat->width;
		for (int at = heat->rings + 1; at < heat->width; at++)
			sheet[at] += sheet[at - 1];
	}
}

void heat_smooth(struct heat *heat, double *into)
{
	int radius = heat->grid->radius, side = 2 * radius + 1, rings = heat->rings;
	double *restrict sum = heat->line;
	if (heat->empty) {
		memset(into, 0, sizeof(double) * (size_t)heat->grid->cells);
		return;
	}
	sum_up(heat);
	for (int line = 0; line < side; line++) {
		/* Lines get shorter away from the middle. */
		int first = line < radius ? radius - line : 0, last = side - 1 - (line > radius ? line - radius : 0);
		memset(sum, 0, sizeof(double) * (size_t)side);
		for (int dr = -rings; dr <= rings; dr++) {
			if (line + dr < 0 || line + dr >= side)
				continue;
			const double *sheet = heat->sheet + (line + dr) * heat->width;
			const double *from = sheet + (dr < 0 ? -dr : 0);
			const double *to = sheet + 2 * rings + 1 - (dr > 0 ? dr : 0);
			for (int q = first; q <= last; q++)
				sum[q] += to[q] - from[q];
		}
		for (int q = first; q <= last; q++)
			into[heat->cell[line * side + q]] = sum[q];
	}
}
