/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A city cut into hexagons: a middle cell and `radius` rings around it, in axial coordinates (q, r). Cells have
 * numbers: 0 is the middle, then ring by ring, so that the cells of a smaller city keep their numbers in a larger one.
 *
 * Points are metres east and north of the middle. Hexagons stand on a corner: neighbours in a row lie due east.
 */
#ifndef MODEL_HEXGRID_H
#define MODEL_HEXGRID_H

#include <stdbool.h>
#include <stdint.h>

enum { HEXGRID_RADIUS = 200 };

struct hex {
	int q, r;
};

struct hex_point {
	double x, y;
};

struct hexgrid {
	int radius, cells;
	double spacing; /* metres between the middles of neighbours */
};

/* 0 <= radius <= HEXGRID_RADIUS; `area` of a cell in square metres. */
void hexgrid_init(struct hexgrid *grid, int radius, double area);

/* Cells within `radius` rings: 1, 7, 19, 37, ... */
int hexgrid_cells(int radius);

/* Steps from cell to cell. */
int hex_distance(struct hex a, struct hex b);

/* Cell number <-> coordinates. */
struct hex hexgrid_hex(int cell);
int hexgrid_cell(struct hex hex);
bool hexgrid_holds(const struct hexgrid *grid, struct hex hex);

/* Numbers of the cells of the grid at most `rings` steps from `cell`, near ones first. Returns how many; `into` has
 * room for hexgrid_cells(rings). */
int hexgrid_disk(const struct hexgrid *grid, int cell, int rings, int *into);

/* The middle of a cell, and the cell that holds a point: for a point outside of the city a cell of its outermost ring.
 */
struct hex_point hexgrid_middle(const struct hexgrid *grid, int cell);
int hexgrid_at(const struct hexgrid *grid, struct hex_point point);

/* A point of the cell for two numbers in [0, 1): uniform if they are. */
struct hex_point hexgrid_point(const struct hexgrid *grid, int cell, double u, double v);

double hex_metres(struct hex_point a, struct hex_point b);

#endif
