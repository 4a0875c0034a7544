/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Axial coordinates: q counts to the east, r to the north-east; the third of the cube coordinates is s = -q - r. A ring
 * of radius k has six sides of k cells and begins in the east.
 */
#include "model/hexgrid.h"
#include "base/check.h"

#include <math.h>

/* Where each side of the first ring begins, and the way along it. */
static const struct hex corner[6] = {{1, 0}, {0, 1}, {-1, 1}, {-1, 0}, {0, -1}, {1, -1}};
static const struct hex step[6] = {{-1, 1}, {-1, 0}, {0, -1}, {1, -1}, {1, 0}, {0, 1}};
static const double root3 = 1.7320508075688772;

int hexgrid_cells(int radius)
{
	return 3 * radius * (radius + 1) + 1;
}

void hexgrid_init(struct hexgrid *grid, int radius, double area)
{
	CHECK(radius >= 0 && radius <= HEXGRID_RADIUS && area > 0);
	*grid = (struct hexgrid){radius, hexgrid_cells(radius), sqrt(area * 2 / root3)};
}

static int largest(int a, int b, int c)
{
	int ab = a > b ? a : b;
	return ab > c ? ab : c;
}

static int positive(int a)
{
	return a < 0 ? -a : a;
}

int hex_distance(struct hex a, struct hex b)
{
	int q = a.q - b.q, r = a.r - b.r;
	return largest(positive(q), positive(r), positive(q + r));
}

struct hex hexgrid_hex(int cell)
{
	CHECK(cell >= 0);
	if (cell == 0)
		return (struct hex){0, 0};
	int ring = (int)((sqrt(12.0 * cell - 3) + 3) / 6);
	while (hexgrid_cells(ring) <= cell)
		ring++;
	while (hexgrid_cells(ring - 1) > cell)
		ring--;
	int at = cell - hexgrid_cells(ring - 1), side = at / ring, steps = at % ring;
	return (struct hex){corner[side].q * ring + step[side].q * steps, corner[side].r * ring + step[side].r * steps};
}

int hexgrid_cell(struct hex hex)
{
	int q = hex.q, r = hex.r, ring = hex_distance(hex, (struct hex){0, 0}), first = hexgrid_cells(ring - 1);
	if (ring == 0)
		return 0;
	if (q + r == ring && r < ring)
		return first + r;
	if (r == ring && q > -ring)
		return first + ring - q;
	if (q == -ring && r > 0)
		return first + 2 * ring + ring - r;
	if (q + r == -ring && r > -ring)
		return first + 3 * ring - r;
	if (r == -ring && q < ring)
		return first + 4 * ring + q;
	return first + 5 * ring + ring + r;
}

bool hexgrid_holds(const struct hexgrid *grid, struct hex hex)
{
	return hex_distance(hex, (struct hex){0, 0}) <= grid->radius;
}

int hexgrid_disk(const struct hexgrid *grid, int cell, int rings, int *into)
{
	struct hex middle = hexgrid_hex(cell);
	int count = 0;
	into[count++] = cell;
	for (int ring = 1; ring <= rings; ring++) {
		struct hex hex = {middle.q + ring, middle.r};
		for (int side = 0; side < 6; side++) {
			for (int i = 0; i < ring; i++) {
				if (hexgrid_holds(grid, hex))
					into[count++] = hexgrid_cell(hex);
				hex.q += step[side].q;
				hex.r += step[side].r;
			}
		}
	}
	return count;
}

struct hex_point hexgrid_middle(const struct hexgrid *grid, int cell)
{
	struct hex hex = hexgrid_hex(cell);
	return (struct hex_point){grid->spacing * (hex.q + hex.r * 0.5), grid->spacing * hex.r * (root3 / 2)};
}

/* The hexagon around fractional coordinates: round all three cube coordinates; the one moved most follows from the
 * others. */
static struct hex nearest(double q, double r)
{
	double s = -q - r, a = floor(q + 0.5), b = floor(r + 0.5), c = floor(s + 0.5);
	if (fabs(a - q) > fabs(b - r) && fabs(a - q) > fabs(c - s))
		a = -b - c;
	else if (fabs(b - r) > fabs(c - s))
		b = -a - c;
	return (struct hex){(int)a, (int)b};
}

int hexgrid_at(const struct hexgrid *grid, struct hex_point point)
{
	double r = point.y / (grid->spacing * (root3 / 2)), q = point.x / grid->spacing - r / 2;
	double reach = fabs(q) > fabs(r) ? fabs(q) : fabs(r);
	reach = fabs(q + r) > reach ? fabs(q + r) : reach;
	struct hex hex = {0, 0};
	if (reach < grid->radius + 1)
		hex = nearest(q, r);
	if (reach >= grid->radius + 1 || !hexgrid_holds(grid, hex)) /* outside: on the line to the middle */
		hex = nearest(q * grid->radius / reach, r * grid->radius / reach);
	while (!hexgrid_holds(grid, hex)) { /* by rounding, at most one step too far */
		hex.q -= hex.q > 0 ? 1 : hex.q < 0 ? -1 : 0;
		hex.r -= hexgrid_holds(grid, hex) ? 0 : hex.r > 0 ? 1 : hex.r < 0 ? -1 : 0;
	}
	return hexgrid_cell(hex);
}

struct hex_point hexgrid_point(const struct hexgrid *grid, int cell, double u, double v)
{
	/* A hexagon is three rhombs that meet in its middle. */
	static const struct hex_point end[3] = {{0, 1}, {-0.8660254037844386, -0.5}, {0.8660254037844386, -0.5}};
	int rhomb = u < 1.0 / 3 ? 0 : u < 2.0 / 3 ? 1 : 2;
	struct hex_point a = end[rhomb], b = end[(rhomb + 1) % 3], middle = hexgrid_middle(grid, cell);
	double along = 3 * u - rhomb, edge = grid->spacing / root3;
	return (struct hex_point){middle.x + edge * (along * a.x + v * b.x), middle.y + edge * (along * a.y + v * b.y)};
}

double hex_metres(struct hex_point a, struct hex_point b)
{
	double x = a.x - b.x, y = a.y - b.y;
	return sqrt(x * x + y * y);
}
