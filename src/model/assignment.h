/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who gets whom: pairs rows with columns so that as many pairs as possible are made, and of all such pairings one whose
 * costs have the least sum. Every row and every column is in one pair at most; a pair may be forbidden.
 *
 * Time grows as (short side)^2 * long side at worst. Equal inputs give equal pairings.
 */
#ifndef MODEL_ASSIGNMENT_H
#define MODEL_ASSIGNMENT_H

#include "base/arena.h"

#include <stdint.h>

#define ASSIGNMENT_FORBIDDEN INT64_MAX

/* Costs are 0 ... ASSIGNMENT_COST_MAX, or ASSIGNMENT_FORBIDDEN; their unit is the caller's. */
#define ASSIGNMENT_COST_MAX (INT64_C(1) << 40)

struct assignment {
	int64_t *row_price, *column_price, *distance;
	int *column_of, *row_of, *before;
	char *done;
	int room_rows, room_columns;
	struct arena *arena;
};

void assignment_init(struct assignment *assignment, struct arena *arena);

/*
 * cost[row * columns + column]. Fills pair[row] with the row's column or -1; returns how many pairs there are. The
 * scratch space grows in the arena with the largest instance.
 */
int assignment_solve(struct assignment *assignment, const int64_t *cost, int rows, int columns, int *pair);

/* The sum of costs of the last pairing, from the same arguments. */
int64_t assignment_cost(const int64_t *cost, int rows, int columns, const int *pair);

#endif
