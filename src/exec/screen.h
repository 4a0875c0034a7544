/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Morris screening with radial designs: from each of several points that fill the space evenly, one coordinate at a
 * time is changed. How far the result goes, for the distance that the coordinate went, is an elementary effect: its
 * mean size tells whether a coordinate matters, its spread whether that depends on where the others are.
 */
#ifndef EXEC_SCREEN_H
#define EXEC_SCREEN_H

#include "stats/interval.h"

enum { SCREEN_DIMENSIONS = 512 };

/*
 * A design of `points` points in [0, 1)^dimensions: `from` gets their coordinates, point by point, `to` those that
 * replace them one at a time. Sobol's quasi-random sequence where it has dimensions enough, for up to 20; a Latin
 * hypercube beyond. The same arguments give the same design.
 */
void screen_design(int dimensions, int points, double *from, double *to);

struct screened {
	double mean;          /* of the effects, signs kept */
	struct interval size; /* of their absolute values */
	double spread;        /* standard deviation of the effects; NaN with fewer than 2 */
};

/* Effects that are NaN (points that cannot be run) are passed over. */
struct screened screen_effects(const double *effect, int count, double confidence);

#endif
