/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The formulas, as they stand in the header. A crossover is found by halving: each plan's cost grows with the rows that
 * it selects, but for what a bitmap saves on its last pages.
 */
#include "model/planner.h"
#include "base/check.h"

#include <math.h>

enum { HALVINGS = 60 };

const char *const plan_names[] = {"sequential", "index", "bitmap", "index-only", NULL};

double planner_pages_fetched(const struct planner *planner, double rows)
{
	double pages = planner->pages, cached = planner->cached;
	double fetched = 2 * pages * rows / (2 * pages + rows);
	if (pages <= cached)
		return fetched < pages ? fetched : pages;
	double full = 2 * pages * cached / (2 * pages - cached);
	return rows <= full ? fetched : cached + (rows - full) * (pages - cached) / pages;
}

static double index_cost(const struct planner *planner, double rows, double leaves)
{
	double most = planner_pages_fetched(planner, rows) * planner->random_page;
	double least = planner->random_page + (ceil(rows / planner->rows * planner->pages) - 1);
	double square = planner->correlation * planner->correlation;
	return most + square * (least - most) + leaves +
	       rows * (planner->cpu_index_tuple + planner->cpu_operator + planner->cpu_tuple);
}

static double bitmap_cost(const struct planner *planner, double rows, double leaves)
{
	double fetched = planner_pages_fetched(planner, rows);
	double pages = fetched < planner->pages ? fetched : planner->pages;
	double each = planner->random_page;
	if (pages >= 2)
		each -= (planner->random_page - 1) * sqrt(pages / planner->pages);
	return pages * each + leaves +
	       rows * (planner->cpu_index_tuple + planner->cpu_tuple + 2.1 * planner->cpu_operator);
}

double planner_cost(const struct planner *planner, enum plan plan, double rows)
{
	double leaves = ceil(rows / planner->entries) * planner->random_page;
	switch (plan) {
	case PLAN_SEQUENTIAL:
		return planner->pages + planner->rows * (planner->cpu_tuple + planner->cpu_operator);
	case PLAN_INDEX:
		return index_cost(planner, rows, leaves);
	case PLAN_BITMAP:
		return bitmap_cost(planner, rows, leaves);
	default:
		return leaves + rows * (planner->cpu_index_tuple + planner->cpu_operator + planner->cpu_tuple);
	}
}

enum plan planner_choose(const struct planner *planner, double rows)
{
	enum plan best = PLAN_SEQUENTIAL;
	for (enum plan plan = PLAN_INDEX; plan <= PLAN_BITMAP; plan++)
		if (planner_cost(planner, plan, rows) < planner_cost(planner, best, rows))
			best = plan;
	return best;
}

double planner_crossover(const struct planner *planner, enum plan plan)
{
	double scan = planner_cost(planner, PLAN_SEQUENTIAL, 1), low = 0, high = 1;
	if (planner_cost(planner, plan, planner->rows) < scan)
		return 1;
	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;
		if (planner_cost(planner, plan, middle * planner->rows) < scan)
			low = middle;
		else
			high = middle;
	}
	return low;
}
