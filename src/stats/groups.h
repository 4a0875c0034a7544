/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether replications end in two ways, as those of metastable systems do: then a mean is that of two worlds, and is
 * neither. The test is that of Engelman and Hartigan (Percentage Points of a Test for Clusters, J. Am. Stat. Assoc. 64,
 * 1969): the best cut of the sorted values in two, by the squares between the groups over those within, which normal
 * values pass in 2 of 1,000 cases. Values are compared by their logarithms, and groups that are less than a factor of
 * two apart are one.
 */
#ifndef STATS_GROUPS_H
#define STATS_GROUPS_H

#include <stdbool.h>

enum { GROUPS_LEAST = 6 }; /* with fewer values there is one group */

struct groups {
	bool two;
	int low, high;              /* how many values are in each */
	double low_mean, high_mean; /* geometric */
};

/* Values that are not above 0, or NaN, make it one group. */
struct groups groups_find(const double *values, int count);

#endif
