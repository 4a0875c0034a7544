/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Hungarian method with shortest augmenting paths (Jonker and Volgenant 1987; the form with prices on rows and
 * columns). Rows are added one at a time; each addition runs Dijkstra's search over reduced costs, which are never
 * negative, from the new row to the nearest free column, and turns the pairs along the path around.
 *
 * A forbidden pair costs more than any pairing of allowed ones, so that one is used only when there is no way without;
 * those are taken out at the end. With rows <= columns every row finds a column; otherwise the roles are swapped.
 */
#include "model/assignment.h"
#include "base/check.h"

#include <string.h>

struct view {
	const int64_t *cost;
	int rows, columns, width; /* width: of a line of `cost` */
	int swapped;
	int64_t penalty;
};

void assignment_init(struct assignment *assignment, struct arena *arena)
{
	*assignment = (struct assignment){.arena = arena};
}

static void make_room(struct assignment *a, int rows, int columns)
{
	if (rows <= a->room_rows && columns <= a->room_columns)
		return;
	a->room_rows = rows > 2 * a->room_rows ? rows : 2 * a->room_rows;
	a->room_columns = columns > 2 * a->room_columns ? columns : 2 * a->room_columns;
	size_t r = (size_t)a->room_rows + 1, c = (size_t)a->room_columns + 1;
	a->row_price = ARENA_ARRAY(a->arena, r, int64_t);
	a->column_of = ARENA_ARRAY(a->arena, r, int);
	a->column_price = ARENA_ARRAY(a->arena, c, int64_t);
	a->distance = ARENA_ARRAY(a->arena, c, int64_t);
	a->row_of = ARENA_ARRAY(a->arena, c, int);
	a->before = ARENA_ARRAY(a->arena, c, int);
	a->done = ARENA_ARRAY(a->arena, c, char);
}

static inline int64_t cost_of(const struct view *view, int row, int column)
{
	int64_t cost = view->swapped ? view->cost[column * view->width + row] : view->cost[row * view->width + column];
	return cost == ASSIGNMENT_FORBIDDEN ? view->penalty : cost;
}

/* Gives `row` a column. Rows and columns count from 1 in here; column 0 stands for the row that has none yet. */
static void add_row(struct assignment *a, const struct view *view, int row)
{
	for (int c = 0; c <= view->columns; c++) {
		a->distance[c] = INT64_MAX;
		a->done[c] = 0;
	}
	a->row_of[0] = row;
	int at = 0;
	do {
		int from = a->row_of[at], next = 0;
		int64_t least = INT64_MAX;
		a->done[at] = 1;
		for (int c = 1; c <= view->columns; c++) {
			if (a->done[c])
				continue;
			int64_t reduced = cost_of(view, from - 1, c - 1) - a->row_price[from] - a->column_price[c];
			if (reduced < a->distance[c]) {
				a->distance[c] = reduced;
				a->before[c] = at;
			}
			if (a->distance[c] < least) {
				least = a->distance[c];
				next = c;
			}
		}
		for (int c = 0; c <= view->columns; c++) {
			if (a->done[c]) {
				a->row_price[a->row_of[c]] += least;
				a->column_price[c] -= least;
			} else {
				a->distance[c] -= least;
			}
		}
		at = next;
	} while (a->row_of[at]);
	while (at) {
		int before = a->before[at];
		a->row_of[at] = a->row_of[before];
		at = before;
	}
}

int assignment_solve(struct assignment *a, const int64_t *cost, int rows, int columns, int *pair)
{
	for (int i = 0; i < rows; i++)
		pair[i] = -1;
	if (rows == 0 || columns == 0)
		return 0;
	struct view view = {
		.cost = cost, .rows = rows, .columns = columns, .width = columns, .swapped = rows > columns};
	if (view.swapped) {
		view.rows = columns;
		view.columns = rows;
	}
	int64_t greatest = 0;
	for (int64_t i = 0; i < (int64_t)rows * columns; i++) {
		if (cost[i] == ASSIGNMENT_FORBIDDEN)
			continue;
		CHECK(cost[i] >= 0 && cost[i] <= ASSIGNMENT_COST_MAX);
		greatest = cost[i] > greatest ? cost[i] : greatest;
	}
	view.penalty = (greatest + 1) * view.rows;
	CHECK(view.penalty / view.rows < INT64_MAX / 8 / view.rows / view.rows); /* sums along a path fit */
	make_room(a, view.rows, view.columns);
	memset(a->row_price, 0, sizeof(int64_t) * ((size_t)view.rows + 1));
	memset(a->column_price, 0, sizeof(int64_t) * ((size_t)view.columns + 1));
	memset(a->row_of, 0, sizeof(int) * ((size_t)view.columns + 1));
	for (int row = 1; row <= view.rows; row++)
		add_row(a, &view, row);
	int pairs = 0;
	for (int c = 1; c <= view.columns; c++) {
		if (!a->row_of[c])
			continue;
		int row = view.swapped ? c - 1 : a->row_of[c] - 1, column = view.swapped ? a->row_of[c] - 1 : c - 1;
		if (cost[row * columns + column] == ASSIGNMENT_FORBIDDEN)
			continue;
		pair[row] = column;
		pairs++;
	}
	return pairs;
}

int64_t assignment_cost(const int64_t *cost, int rows, int columns, const int *pair)
{
	int64_t sum = 0;
	for (int row = 0; row < rows; row++)
		if (pair[row] >= 0)
			sum += cost[row * columns + pair[row]];
	return sum;
}
