/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A disk of `rings` steps is 2 rings + 1 rows of consecutive cells, so with prefix sums along each row it costs two
 * look-ups a row, not one for each of its 3 rings (rings + 1) + 1 cells.
 */
#include "model/heat.h"

#include <string.h>

void heat_init(struct heat *heat, struct arena *arena, const struct hexgrid *grid)
{
	int side = 2 * grid->radius + 1;
	*heat = (struct heat){.grid = grid, .width = side + 1};
	heat->sheet = ARENA_ARRAY(arena, (size_t)(heat->width * side), double);
	heat->count = ARENA_ARRAY(arena, (size_t)grid->cells, double);
	heat->place = ARENA_ARRAY(arena, (size_t)grid->cells, int);
	for (int cell = 0; cell < grid->cells; cell++) {
		struct hex hex = hexgrid_hex(cell);
		heat->place[cell] = (hex.r + grid->radius) * heat->width + hex.q + grid->radius;
	}
}

void heat_clear(struct heat *heat)
{
	memset(heat->count, 0, sizeof(double) * (size_t)heat->grid->cells);
}

void heat_smooth(struct heat *heat, int rings, double *into)
{
	int radius = heat->grid->radius, side = 2 * radius + 1;
	memset(heat->sheet, 0, sizeof(double) * (size_t)(heat->width * side));
	for (int cell = 0; cell < heat->grid->cells; cell++)
		heat->sheet[heat->place[cell] + 1] = heat->count[cell];
	for (int line = 0; line < side; line++)
		for (int at = 1; at < heat->width; at++)
			heat->sheet[line * heat->width + at] += heat->sheet[line * heat->width + at - 1];
	for (int cell = 0; cell < heat->grid->cells; cell++) {
		struct hex hex = hexgrid_hex(cell);
		double sum = 0;
		for (int dr = -rings; dr <= rings; dr++) {
			int r = hex.r + dr + radius;
			if (r < 0 || r >= side)
				continue;
			int from = hex.q + radius + (dr < 0 ? -rings - dr : -rings);
			int to = hex.q + radius + (dr < 0 ? rings : rings - dr) + 1;
			from = from < 0 ? 0 : from > side ? side : from;
			to = to < 0 ? 0 : to > side ? side : to;
			if (to > from)
				sum += heat->sheet[r * heat->width + to] - heat->sheet[r * heat->width + from];
		}
		into[cell] = sum;
	}
}
