/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a query planner thinks that plans cost: the formulas of PostgreSQL (src/backend/optimizer/path/costsize.c:
 * cost_seqscan, cost_index, index_pages_fetched, cost_bitmap_heap_scan), in units of one page read in sequence. Left
 * out is what does not grow with the selection: the descent of the index, and the cost of starting.
 *
 *   sequential   P + N (t + o)
 *   index        pages of the table, at a price that goes with the square of the correlation from all at random (as
 *                many as Mackert and Lohman expect, ACM TODS 14(3), 1989) to one at random and the others in sequence;
 *                leaves at random; (i + o + t) a row
 *   bitmap       as many pages, each at r - (r - 1) sqrt(pages / P); leaves at random; (i + o + 0.1 o + t + o) a row
 *   index-only   leaves at random; (i + o + t) a row
 *
 * with P pages, N rows, and t, i, o for a tuple, an index tuple and an operator.
 */
#ifndef MODEL_PLANNER_H
#define MODEL_PLANNER_H

#include <stdint.h>

enum plan { PLAN_SEQUENTIAL, PLAN_INDEX, PLAN_BITMAP, PLAN_INDEX_ONLY, PLANS };
extern const char *const plan_names[]; /* ends with NULL */

struct planner {
	double pages, rows, entries; /* of the table; entries of an index leaf */
	double cached;               /* pages that the planner believes can stay in memory */
	double correlation;
	double random_page, cpu_tuple, cpu_index_tuple, cpu_operator; /* in pages read in sequence */
};

/* Pages of the table that `rows` rows at random need to be fetched, with so many that can be kept. */
double planner_pages_fetched(const struct planner *planner, double rows);

/* The cost of selecting `rows` of the rows, > 0. */
double planner_cost(const struct planner *planner, enum plan plan, double rows);

/* The cheapest of all plans but index-only; of equal ones the first. */
enum plan planner_choose(const struct planner *planner, double rows);

/* The share of the rows up to which a plan is cheaper than a sequential scan; 1 where it always is. */
double planner_crossover(const struct planner *planner, enum plan plan);

#endif
