/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Morris screening with radial designs: from each of several points that fill the space evenly, one coordinate at a
 * time is changed. How far the result goes, for the distance that the coordinate went, is an elementary effect: its
 * mean size tells whether a coordinate matters, its spread whether that depends on where the others are.
 */
#ifndef STATS_SCREEN_H
#define STATS_SCREEN_H

#include "stats/interval.h"

enum { SCREEN_DIMENSIONS = 512 };

/*
 * The point number `number` (from 0) of a design in [0, 1)^dimensions, into `from`, and the coordinates that replace
 * its own one at a time, into `to`. Quasi-random: Sobol's sequence where it has enough dimensions, else Halton's.
 */
void screen_point(int dimensions, int number, double *from, double *to);

struct screened {
	double mean;            /* of the effects, signs kept */
	struct interval size;   /* of their absolute values */
	double spread;          /* standard deviation of the effects; NaN with fewer than 2 */
};

/* Effects that are NaN (points that cannot be run) are passed over. */
struct screened screen_effects(const double *effect, int count, double confidence);

#endif
