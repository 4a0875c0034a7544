/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the case of rides against brute force and queueing theory, and the case itself where there is a closed
 * form: drivers as a loss system, the distance to the nearest of many drivers, polls, trips lost with a data centre.
 */
#include "engine/dmath.h"
#include "exec/campaign.h"
#include "figure/chart.h"
#include "fit.h"
#include "flow.h"
#include "io/yaml.h"
#include "model/assignment.h"
#include "model/fleet.h"
#include "model/heat.h"
#include "model/surge.h"
#include "model/worker.h"
#include "run/replay.h"
#include "stats/interval.h"
#include "tap.h"

#include <time.h>

static struct arena arena;
static struct err err;

/* ---- the map ---- */

enum { RADIUS = 12, CELLS = 3 * RADIUS * (RADIUS + 1) + 1 };

static const struct hex around[6] = {{1, 0}, {0, 1}, {-1, 1}, {-1, 0}, {0, -1}, {1, -1}};

/* Steps from one cell to all others, by walking. */
static void walk(const struct hexgrid *grid, int from, int *steps)
{
	static int line[CELLS];
	int first = 0, last = 0;
	for (int i = 0; i < grid->cells; i++)
		steps[i] = -1;
	steps[from] = 0;
	line[last++] = from;
	while (first < last) {
		struct hex hex = hexgrid_hex(line[first]);
		for (int i = 0; i < 6; i++) {
			struct hex next = {hex.q + around[i].q, hex.r + around[i].r};
			if (!hexgrid_holds(grid, next) || steps[hexgrid_cell(next)] >= 0)
				continue;
			steps[hexgrid_cell(next)] = steps[line[first]] + 1;
			line[last++] = hexgrid_cell(next);
		}
		first++;
	}
}

static void check_map(void)
{
	static int steps[CELLS], disk[CELLS];
	struct hexgrid grid;
	hexgrid_init(&grid, RADIUS, 737000);
	is_int(grid.cells, CELLS, "cells within %d rings", RADIUS);
	is_int(hexgrid_cells(20), 1261, "cells within 20 rings");
	near_to(grid.spacing * grid.spacing * sqrt(3) / 2, 737000, 1e-6, "a hexagon has its area");
	int back = 0, distance = 0, wrong = 0, sizes = 0, order = 0, middles = 0, inside = 0, points = 0;
	struct rng rng = rng_seed(1);
	for (int cell = 0; cell < CELLS; cell++) {
		back += hexgrid_cell(hexgrid_hex(cell)) == cell;
		middles += hexgrid_at(&grid, hexgrid_middle(&grid, cell)) == cell;
		for (int i = 0; i < 20; i++, points++) {
			double u = rng_unit(&rng), v = rng_unit(&rng);
			inside += hexgrid_at(&grid, hexgrid_point(&grid, cell, u, v)) == cell;
		}
	}
	is_int(back, CELLS, "every cell is found again by its coordinates");
	is_int(middles, CELLS, "the middle of every cell lies in it");
	is_int(inside, points, "points of a cell lie in it");
	for (int from = 0; from < CELLS; from += 7) {
		walk(&grid, from, steps);
		struct hex a = hexgrid_hex(from);
		for (int to = 0; to < CELLS; to++) {
			struct hex b = hexgrid_hex(to);
			int q = abs(a.q - b.q), r = abs(a.r - b.r);
			distance += hex_distance(a, b) != steps[to];
			wrong += (q > r ? q : r) != steps[to]; /* as if the third axis did not count */
		}
		for (int rings = 0; rings <= 4; rings++) {
			int want = 0, found = hexgrid_disk(&grid, from, rings, disk);
			for (int to = 0; to < CELLS; to++)
				want += steps[to] <= rings;
			sizes += found != want;
			for (int i = 1; i < found; i++)
				order += steps[disk[i]] < steps[disk[i - 1]] || steps[disk[i]] > rings;
		}
	}
	is_int(distance, 0, "distances are those of a walk from cell to cell");
	ok(wrong > 0, "canary: a distance that forgets the third axis is caught");
	is_int(sizes, 0, "disks have the cells they should");
	is_int(order, 0, "near ones first, none too far");
	int outside = 0;
	for (int i = 0; i < 1000; i++) {
		double x = (rng_unit(&rng) - 0.5) * 1e6, y = (rng_unit(&rng) - 0.5) * 1e6;
		int cell = hexgrid_at(&grid, (struct hex_point){x, y});
		outside += cell < 0 || cell >= CELLS;
	}
	is_int(outside, 0, "a point outside of the city has a cell of the city");
}

static void check_heat(void)
{
	static double into[CELLS];
	struct hexgrid grid;
	struct heat heat;
	hexgrid_init(&grid, RADIUS, 1);
	struct rng rng = rng_seed(2);
	int wrong = 0, other = 0, left = 0;
	for (int rings = 0; rings <= 25; rings += rings < 5 ? 1 : 5) {
		heat_init(&heat, &arena, &grid, rings);
		for (int cell = 0; cell < CELLS; cell++)
			heat_add(&heat, cell, (double)rng_below(&rng, 10));
		heat_smooth(&heat, into);
		for (int cell = 0; cell < CELLS; cell++) {
			double sum = 0, less = 0;
			for (int to = 0; to < CELLS; to++) {
				int steps = hex_distance(hexgrid_hex(cell), hexgrid_hex(to));
				sum += steps <= rings ? heat.count[to] : 0;
				less += steps < rings ? heat.count[to] : 0;
			}
			wrong += into[cell] != sum;
			other += into[cell] != less;
		}
		heat_clear(&heat);
		heat_smooth(&heat, into);
		for (int cell = 0; cell < CELLS; cell++)
			left += into[cell] != 0;
		heat_add(&heat, CELLS - 1, 3);
		heat_smooth(&heat, into);
		left += into[CELLS - 1] != 3;
	}
	is_int(wrong, 0, "smoothing gives the sums over disks");
	ok(other > 0, "canary: disks of one ring less are told apart");
	is_int(left, 0, "nothing is left of what was cleared");
}

/* ---- pairing ---- */

enum { SIDE = 7 };

struct best {
	int pairs;
	int64_t cost;
};

/* The best of all pairings of the rows from `row` on, given the columns that are taken. */
static struct best brute_force(const int64_t *cost, int rows, int columns, int row, unsigned taken)
{
	if (row == rows)
		return (struct best){0, 0};
	struct best best = brute_force(cost, rows, columns, row + 1, taken);
	for (int c = 0; c < columns; c++) {
		int64_t here = cost[row * columns + c];
		if ((taken & 1u << c) || here == ASSIGNMENT_FORBIDDEN)
			continue;
		struct best with = brute_force(cost, rows, columns, row + 1, taken | 1u << c);
		with.pairs++;
		with.cost += here;
		if (with.pairs > best.pairs || (with.pairs == best.pairs && with.cost < best.cost))
			best = with;
	}
	return best;
}

/* Nearest first, row by row. */
static struct best greedy(const int64_t *cost, int rows, int columns)
{
	struct best sum = {0, 0};
	unsigned taken = 0;
	for (int r = 0; r < rows; r++) {
		int least = -1;
		for (int c = 0; c < columns; c++)
			if (!(taken & 1u << c) && cost[r * columns + c] != ASSIGNMENT_FORBIDDEN &&
			    (least < 0 || cost[r * columns + c] < cost[r * columns + least]))
				least = c;
		if (least < 0)
			continue;
		taken |= 1u << least;
		sum.pairs++;
		sum.cost += cost[r * columns + least];
	}
	return sum;
}

static void check_pairing(void)
{
	struct assignment assignment;
	assignment_init(&assignment, &arena);
	struct rng rng = rng_seed(3);
	int wrong = 0, invalid = 0, worse = 0, differs = 0, instances = 0, incomplete = 0;
	for (int rows = 0; rows <= SIDE; rows++) {
		for (int columns = 0; columns <= SIDE; columns++) {
			int draws = rows == SIDE && columns == SIDE ? 3 : 30;
			for (int i = 0; i < draws; i++, instances++) {
				int64_t cost[SIDE * SIDE + 1];
				int pair[SIDE + 1], again[SIDE + 1], pairs = 0;
				uint64_t range = i % 3 == 0 ? 4 : 1000; /* few values: many ties */
				double forbidden = i % 2 ? 0.4 : 0;
				for (int k = 0; k < rows * columns; k++)
					cost[k] = rng_unit(&rng) < forbidden ? ASSIGNMENT_FORBIDDEN
									     : (int64_t)rng_below(&rng, range);
				int found = assignment_solve(&assignment, cost, rows, columns, pair);
				assignment_solve(&assignment, cost, rows, columns, again);
				struct best best = brute_force(cost, rows, columns, 0, 0);
				struct best easy = greedy(cost, rows, columns);
				unsigned used = 0;
				for (int r = 0; r < rows; r++) {
					differs += pair[r] != again[r];
					if (pair[r] < 0)
						continue;
					pairs++;
					invalid += pair[r] >= columns || (used & 1u << pair[r]) ||
						   cost[r * columns + pair[r]] == ASSIGNMENT_FORBIDDEN;
					used |= 1u << pair[r];
				}
				invalid += pairs != found;
				wrong += found != best.pairs || assignment_cost(cost, rows, columns, pair) != best.cost;
				worse += easy.pairs == best.pairs && easy.cost > best.cost;
				incomplete += easy.pairs < best.pairs;
			}
		}
	}
	is_int(wrong, 0, "of %d instances up to 7 x 7 all are paired as by brute force", instances);
	is_int(invalid, 0, "no row or column has two partners, no forbidden pair is made");
	is_int(differs, 0, "the same instance again gives the same pairs");
	ok(worse > 100, "canary: nearest first costs more in %d of them", worse);
	ok(incomplete > 10, "canary: and leaves somebody alone who could be paired in %d", incomplete);
	int64_t large[4] = {ASSIGNMENT_COST_MAX, 1, 1, ASSIGNMENT_COST_MAX};
	int pair[2];
	is_int(assignment_solve(&assignment, large, 2, 2, pair), 2, "costs as large as they may be");
	is_int(assignment_cost(large, 2, 2, pair), 2, "are avoided");
}

/* Not a check: what a batch costs as it grows. Riders and four times as many drivers in a square. */
static void tell_cost_of_pairing(void)
{
	struct assignment assignment;
	assignment_init(&assignment, &arena);
	for (int riders = 10; riders <= 320; riders *= 2) {
		int drivers = 4 * riders, repeats = riders <= 80 ? 20 : 3;
		int64_t *cost = ARENA_ARRAY(&arena, (size_t)(riders * drivers), int64_t);
		int *pair = ARENA_ARRAY(&arena, (size_t)riders, int);
		struct rng rng = rng_seed((uint64_t)riders);
		double x[320], y[320];
		for (int r = 0; r < riders; r++) {
			x[r] = 1e4 * rng_unit(&rng);
			y[r] = 1e4 * rng_unit(&rng);
		}
		for (int d = 0; d < drivers; d++) {
			struct hex_point at = {1e4 * rng_unit(&rng), 1e4 * rng_unit(&rng)};
			for (int r = 0; r < riders; r++)
				cost[r * drivers + d] = (int64_t)hex_metres(at, (struct hex_point){x[r], y[r]});
		}
		clock_t begin = clock();
		for (int i = 0; i < repeats; i++)
			assignment_solve(&assignment, cost, riders, drivers, pair);
		double each = (double)(clock() - begin) / CLOCKS_PER_SEC / repeats;
		diag("pairing %3d riders with %4d drivers: %8.3f ms, %lld m each", riders, drivers, each * 1e3,
		     (long long)(assignment_cost(cost, riders, drivers, pair) / riders));
	}
}

/* ---- cars ---- */

enum { CARS = 40, PARTIES = 60 };

/* What is known of a car changes with its reports; those from the north may be lost. */
struct town {
	struct sim *sim;
	struct fleet fleet;
	struct fleet_car car[CARS];
	struct fleet_party party[PARTIES];
	double lost_north_of;
	struct rng rng;
	int pairs;
	int64_t metres;
};

static bool report_lost(void *owner, struct hex_point where, int64_t reported)
{
	const struct town *town = owner;
	return where.y > town->lost_north_of && reported % 2 == 0;
}

static struct hex_point somewhere(struct town *town)
{
	double x = 3e3 * rng_unit(&town->rng);
	return (struct hex_point){x, 3e3 * rng_unit(&town->rng)};
}

/* By the definitions alone: nothing is kept from one question to the next. */
static int64_t plain_metres(const struct town *town, const struct fleet_party *party, const struct fleet_car *car)
{
	int64_t reported = fleet_reported(&town->fleet, car);
	struct hex_point where = fleet_where(car, reported);
	int64_t metres = (int64_t)hex_metres(party->at, where);
	bool far = town->fleet.radius > 0 && metres > town->fleet.radius;
	return far || report_lost((void *)town, where, reported) ? ASSIGNMENT_FORBIDDEN : metres;
}

static const struct fleet_car *plain_nearest(const struct town *town, const struct fleet_party *party)
{
	const struct fleet_car *nearest = NULL;
	int64_t least = ASSIGNMENT_FORBIDDEN;
	for (int i = 0; i < town->fleet.free_cars; i++) {
		int64_t metres = plain_metres(town, party, town->fleet.free[i]);
		nearest = metres < least ? town->fleet.free[i] : nearest;
		least = metres < least ? metres : least;
	}
	return nearest;
}

static const struct fleet_party *plain_nearest_party(const struct town *town, const struct fleet_car *car)
{
	const struct fleet_party *nearest = NULL;
	int64_t least = ASSIGNMENT_FORBIDDEN;
	for (int i = 0; i < town->fleet.parties; i++) {
		int64_t metres = plain_metres(town, town->fleet.waiting[i], car);
		nearest = metres < least ? town->fleet.waiting[i] : nearest;
		least = metres < least ? metres : least;
	}
	return nearest;
}

static void pair_found(void *owner, struct fleet_party *party, struct fleet_car *car)
{
	struct town *town = owner;
	town->pairs++;
	town->metres += plain_metres(town, party, car);
	fleet_leave(&town->fleet, party);
	fleet_take(&town->fleet, car);
}

/* Time goes on; some cars set out, are taken, or come back; somebody comes, somebody goes. */
static void live_on(struct town *town)
{
	struct fleet *fleet = &town->fleet;
	town->sim->now += (int64_t)(2e9 * rng_exp(&town->rng));
	if (rng_below(&town->rng, 20) == 0)
		fleet->report = (int64_t)(1 + rng_below(&town->rng, 30)) * 500000000;
	town->lost_north_of = rng_below(&town->rng, 4) ? 1e9 : 2e3;
	fleet->radius = rng_below(&town->rng, 3) ? 0 : 800;
	for (int i = 0; i < CARS; i++) {
		uint64_t what = rng_below(&town->rng, 12);
		if (what == 0)
			fleet_drive(fleet, &town->car[i], somewhere(town), -1);
		else if (what == 1 && town->car[i].slot >= 0)
			fleet_take(fleet, &town->car[i]);
		else if (what < 4 && town->car[i].slot < 0)
			fleet_free(fleet, &town->car[i]);
	}
	for (int i = 0; i < PARTIES; i++) {
		uint64_t what = rng_below(&town->rng, 30);
		if (what == 0 && town->party[i].slot < 0) {
			town->party[i].at = somewhere(town);
			fleet_wait(fleet, &town->party[i]);
		} else if (what == 1 && town->party[i].slot >= 0) {
			fleet_leave(fleet, &town->party[i]);
		}
	}
}

static void check_fleet(void)
{
	static struct town town;
	static int64_t cost[CARS * PARTIES];
	static int pair[PARTIES];
	struct assignment assignment;
	int cars = 0, parties = 0, pairings = 0, costs = 0, asked = 0, where_it_is = 0, early = 0;
	town = (struct town){.sim = sim_new(1, 0), .rng = rng_seed(7)};
	town.sim->now = INT64_C(1000000000000);
	assignment_init(&assignment, &arena);
	fleet_init(&town.fleet, town.sim, CARS);
	town.fleet.speed = 10;
	town.fleet.hidden = report_lost;
	town.fleet.owner = &town;
	for (int i = 0; i < CARS; i++) {
		struct hex_point at = somewhere(&town);
		int64_t phase = INT64_C(1000000000000) + (int64_t)rng_below(&town.rng, 4000000000);
		town.car[i] = (struct fleet_car){.from = at, .to = at, .phase = phase, .slot = -1};
	}
	for (int i = 0; i < PARTIES; i++)
		town.party[i].slot = -1;
	for (int round = 0; round < 4000; round++) {
		live_on(&town);
		struct fleet_party here = {.at = somewhere(&town), .slot = -1};
		const struct fleet_car *nearest = plain_nearest(&town, &here);
		cars += fleet_nearest_car(&town.fleet, &here) != nearest;
		asked += nearest != NULL;
		if (town.fleet.free_cars > 0) {
			const struct fleet_car *car = town.fleet.free[round % town.fleet.free_cars];
			parties += fleet_nearest_party(&town.fleet, car) != plain_nearest_party(&town, car);
			struct hex_point is = fleet_where(car, town.sim->now), said = fleet_believed(&town.fleet, car);
			where_it_is += hex_metres(is, said) > 1;
		}
		if (round % 10)
			continue;
		int rows = town.fleet.parties, columns = town.fleet.free_cars;
		for (int r = 0; r < rows; r++)
			for (int c = 0; c < columns; c++)
				cost[r * columns + c] = plain_metres(&town, town.fleet.waiting[r], town.fleet.free[c]);
		int found = assignment_solve(&assignment, cost, rows, columns, pair);
		early += rows > 0 && rows < columns;
		town.pairs = 0;
		town.metres = 0;
		fleet_pair(&town.fleet, pair_found);
		pairings += town.pairs != found;
		costs += town.metres != assignment_cost(cost, rows, columns, pair);
	}
	is_int(cars, 0, "the nearest car is that of a search without memory, in %d of 4000 cases there is one", asked);
	is_int(parties, 0, "so is the nearest party");
	is_int(pairings, 0, "as many are paired as among all cars, also when cars were left out (%d times)", early);
	is_int(costs, 0, "at the same sum of distances");
	ok(where_it_is > 100, "canary: cars are elsewhere than believed, %d times", where_it_is);
	ok(asked > 3000 && early > 100, "canary: there was something to find");
	sim_free(town.sim);
}

/* ---- a worker with background ---- */

/* What visits wait for, when jobs of 1 us and of 250 ns come at random and keep the thread busy for a share `load` of
 * the time, of which the short ones have the share `second`. */
static void waits(double load, double second, int64_t between, double *mean)
{
	const struct worker_background background = {{load * (1 - second) * 1e-3, load * second * 4e-3}, {1000, 250}};
	for (int seed = 0; seed < 10; seed++) {
		struct worker worker;
		worker_init(&worker, rng_seed((uint64_t)seed + 10));
		struct rng rng = rng_seed((uint64_t)seed);
		int64_t now = 0, sum = 0, visits = 20000;
		for (int64_t i = 0; i < visits; i++) {
			now += (int64_t)((double)between * rng_exp(&rng)) + 1;
			sum += worker_visit(&worker, now, 0, &background) - now;
		}
		mean[seed] = (double)sum / (double)visits;
	}
}

/* By Pollaczek and Khinchine. */
static double mean_wait(double load, double second)
{
	return load / (1 - load) / 2 * ((1 - second) * 1000 + second * 250);
}

static void check_waits(void)
{
	static const struct {
		double load, other, second;
		int64_t between;
	} row[] = {{0.5, 0.55, 0, 50000},	 {0.8, 0.82, 0, 100000},   {0.5, 0.55, 0, INT64_C(100000000)},
		   {0.5, 0.55, 0.5, 50000},	 {0.8, 0.82, 0.7, 100000}, {0.1, 0.11, 0.5, INT64_C(100000000)},
		   {0.96, 0.965, 0.5, 10000000}, {0.9, 0.91, 0.3, 2000000}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		double mean[10], load = row[i].load, second = row[i].second;
		waits(load, second, row[i].between, mean);
		struct interval of = interval_of(mean, 10, 0.99);
		double theory = mean_wait(load, second), wrong = mean_wait(row[i].other, second);
		ok(of.low <= theory && theory <= of.high,
		   "M/G/1 at %g, %g of it short jobs, visits every %lld us: %g ns in %g .. %g", load, second,
		   (long long)row[i].between / 1000, theory, of.low, of.high);
		ok(!(of.low <= wrong && wrong <= of.high), "canary: a load of %g is told apart", row[i].other);
	}
}

enum { FOUND = 40000 };

/* What is in line `after` ms after it was `line` ms long: by the worker, or by all jobs one after the other. */
static void lines_found(bool one_by_one, uint64_t seed, double load, int line, int after, double *found)
{
	const double rate[] = {load * 0.6e-6, load * 1.6e-6}, cost[] = {1e6, 0.25e6}, end = after * 1e6;
	const struct worker_background background = {{rate[0], rate[1]}, {1000000, 250000}};
	struct rng rng = rng_seed(seed);
	for (int i = 0; i < FOUND; i++) {
		struct worker worker;
		worker_init(&worker, rng_seed(rng_next(&rng)));
		double ready = line * 1e6;
		if (!one_by_one) {
			worker_visit(&worker, 0, (int64_t)ready, &background);
			found[i] = (double)worker_visit(&worker, (int64_t)end, 0, &background) - end;
			continue;
		}
		for (double at = 0;;) {
			at += rng_exp(&rng) / (rate[0] + rate[1]);
			if (at >= end)
				break;
			ready = (ready > at ? ready : at) + cost[rng_unit(&rng) * (rate[0] + rate[1]) >= rate[0]];
		}
		found[i] = ready > end ? floor(ready) - end : 0;
	}
	qsort(found, FOUND, sizeof *found, fit_ascending);
}

/* The largest distance between both distributions, of sorted numbers, over that at FIT_LEVEL. */
static double apart(const double *a, const double *b)
{
	double worst = 0;
	for (int i = 0, j = 0; i < FOUND && j < FOUND;) {
		double x = a[i] < b[j] ? a[i] : b[j];
		while (i < FOUND && a[i] <= x)
			i++;
		while (j < FOUND && b[j] <= x)
			j++;
		worst = fmax(worst, fabs((double)(i - j)) / FOUND);
	}
	return worst / (fit_distance_limit(FOUND) * sqrt(2));
}

/* Of each way in which a worker catches up, and where one gives way to another. */
static void check_lines(void)
{
	static const struct {
		double load;
		int line, after;
	} row[] = {{0.3, 0, 30},  {0.5, 0, 78},	 {0.5, 3, 100},  {0.7, 0, 280}, {0.7, 40, 100},  {0.6, 200, 900},
		   {0.9, 50, 60}, {0.9, 0, 500}, {0.95, 30, 40}, {1, 10, 200},	{1.5, 100, 1000}, {3, 0, 50}};
	static double found[FOUND], other[FOUND];
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (uint64_t seed = 1; seed <= 3; seed++) {
			lines_found(false, seed, row[i].load, row[i].line, row[i].after, found);
			lines_found(true, seed + 10, row[i].load, row[i].line, row[i].after, other);
			double distance = apart(found, other);
			ok(distance < 1,
			   "at a load of %g, %d ms after %d ms were in line, seed %d: as one by one (KS %.2f)",
			   row[i].load, row[i].after, row[i].line, (int)seed, distance);
		}
	lines_found(false, 1, 0.7, 0, 280, found);
	lines_found(true, 11, 0.73, 0, 280, other);
	ok(apart(found, other) > 1, "canary: another load is told apart when little is left of how a line began");
	lines_found(false, 1, 0.9, 50, 60, found);
	lines_found(true, 11, 0.9, 54, 60, other);
	ok(apart(found, other) > 1, "canary: another line is told apart where it is felt");
}

/* M/D/1 with jobs of length 1, by Erlang (1909): P(W <= x) is the sum over k <= x of (r (k - x))^k / k! exp(r (x - k)),
 * times 1 - r. */
static double erlang(double load, double x)
{
	double sum = 0;
	for (int k = 0; k <= x; k++) {
		double term = exp(load * (x - k));
		for (int i = 1; i <= k; i++)
			term *= load * (k - x) / i;
		sum += term;
	}
	return (1 - load) * sum;
}

static double against_erlang(double load, double told)
{
	enum { BINS = 40 };
	double seen[BINS + 1] = {0}, expected[BINS + 1], below = 0;
	const struct worker_background background = {{load * 1e-6, 0}, {1000000, 1}};
	struct worker worker;
	worker_init(&worker, rng_seed(5));
	for (int64_t i = 1; i <= 200000; i++) { /* far enough apart to be as good as independent */
		int64_t now = i * INT64_C(1000000000000), found = worker_visit(&worker, now, 0, &background) - now;
		int bin = (int)((found + 249999) / 250000);
		seen[bin < BINS ? bin : BINS]++;
	}
	for (int bin = 0; bin <= BINS; bin++) { /* the first is of those who find nothing */
		double up_to = bin < BINS ? erlang(told, bin * 0.25) : 1;
		expected[bin] = up_to - below;
		below = up_to;
	}
	return fit_chi_square(seen, expected, BINS + 1, 200000);
}

static void check_worker(void)
{
	check_waits();
	check_lines();
	for (int i = 1; i <= 9; i += 2) {
		double load = i / 10.0, chi = against_erlang(load, load);
		ok(chi < 1, "M/D/1 at %g, long after: Erlang's distribution (chi-square %.2f of the limit)", load, chi);
	}
	ok(against_erlang(0.5, 0.51) > 1, "canary: that of another load is told apart");
	struct worker worker;
	const struct worker_background too_much = {{2e-3, 0}, {1000, 1}};
	worker_init(&worker, rng_seed(1));
	int64_t ready = worker_visit(&worker, 1000000000, 0, &too_much) - 1000000000;
	near_to((double)ready, 1e9, 1e7, "twice as much as the thread can do puts it a second behind in a second");
}

/* ---- surge ---- */

static void check_surge(void)
{
	struct sim *sim = sim_new(1, 0);
	struct hexgrid grid;
	hexgrid_init(&grid, 5, 1e6);
	const int64_t minute = INT64_C(60000000000);
	const struct surge_config config = {.window = minute,
					    .clock = minute,
					    .dedup = true,
					    .rings = 1,
					    .balance = 1,
					    .gain = 0.5,
					    .cap = 3,
					    .update_cost = 1000,
					    .parallelism = 2};
	struct surge surge;
	surge_init(&surge, sim, &config, &grid);
	heat_add(&surge.demand, 0, 12); /* 12 requests, 4 drivers: 1 + 0.5 * (3 - 1) */
	heat_add(&surge.supply, 3, 4);
	heat_add(&surge.demand, 61, 500);
	sim->now = minute;
	is_int(surge_window(&surge, 0, 6000, 100), minute, "deduplication holds a window up by a window");
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	is_int(sim->now, 2 * minute, "the price is published at the tick after that");
	near_to(surge.price[0], 2, 1e-12, "price as worked out by hand");
	near_to(surge.price[61], 3, 1e-12, "no price above the cap");
	near_to(surge.price[30], 1, 1e-12, "no price below 1");
	is_int(surge.from, 0, "what it comes from");
	surge_window(&surge, minute, 0, 0);
	surge_stall(&surge, 10 * minute);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	is_int(sim->now, 12 * minute, "a pipeline that stands still publishes when it goes on");
	near_to(surge.price[0], 1, 1e-12, "without requests the price is 1 again");
	heat_add(&surge.demand, 0, 12);
	heat_add(&surge.supply, 3, 4);
	sim->now = 13 * minute;
	surge_window(&surge, 12 * minute, 6000, 100);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	near_to(surge.price[0], 2, 1e-12, "the price rises again");
	surge_outage(&surge, true);
	near_to(surge.price[0], 1, 1e-12, "when prices are out it is 1 at once");
	is_int(surge.from, -1, "and comes from no window");
	heat_add(&surge.demand, 0, 12);
	heat_add(&surge.supply, 3, 4);
	surge_window(&surge, 13 * minute, 6000, 100);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	near_to(surge.price[0], 1, 1e-12, "whatever is computed meanwhile");
	surge_outage(&surge, false);
	heat_add(&surge.demand, 0, 12);
	heat_add(&surge.supply, 3, 4);
	surge_window(&surge, 14 * minute, 6000, 100);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	near_to(surge.price[0], 2, 1e-12, "afterwards prices are published again");
	sim_free(sim);
}

/* ---- the case ---- */

static const char *place = "0"; /* of riders */

static struct setup *setup_of(const char *windows, const char *model, const char *faults)
{
	static const struct study_files files = {NULL, NULL, NULL, NULL};
	char text[2048];
	snprintf(text, sizeof text,
		 "{case: uber, trace: {windows: %s, columns: {place: %s}}, model: {%s}, faults: [%s], "
		 "run: {warmup: 1000 s, series: 60 s, drain: 10 h}}",
		 windows, place, model, faults);
	struct study *study = study_load(&arena, "test", flow(&arena, text), NULL, &files, &err);
	struct setup *setup = study ? setup_resolve(study, "uber", NULL, &err) : NULL;
	if (!setup)
		bail("%s: %s", text, err.message[0].text);
	return setup;
}

static struct replay *play(const struct setup *setup, int64_t replication)
{
	struct replay *replay = replay_run(setup, NULL, replication, 0, NULL);
	CHECK(replay->unfinished == 0);
	return replay;
}

static const struct meter *meter_of(const struct replay *replay, const char *name)
{
	int row = metric_find(replay->meters.metric, name);
	CHECK(row >= 0);
	return &replay->meters.meter[row];
}

static double count_of(const struct replay *replay, const char *name)
{
	return (double)meter_of(replay, name)->all.total;
}

static double erlang_b(int c, double load)
{
	double b = 1;
	for (int k = 1; k <= c; k++)
		b = load * b / (k + load * b);
	return b;
}

/* Riders without patience in a tiny city: drivers are the servers of a loss system. */
static void check_loss(void)
{
	struct setup *setup = setup_of("{rate: 0.025 /s, for: 400 h}",
				       "city_radius: 1, drivers: 20, patience: const(0 s), trip: exp(600 s), "
				       "speed: 100, relocate: 0 s, detour: 1",
				       "");
	double lost[10], theory = 0, wrong = 0;
	for (int rep = 0; rep < 10; rep++) {
		struct replay *replay = play(setup, rep);
		lost[rep] = count_of(replay, "abandoned") / count_of(replay, "requested");
		double service = 600 + hist_mean(&meter_of(replay, "pickup")->whole) * 1e-9;
		theory += erlang_b(20, 0.025 * service) / 10;
		wrong += erlang_b(20, 0.0275 * service) / 10;
		replay_free(replay);
	}
	struct interval of = interval_of(lost, 10, 0.99);
	ok(of.low <= theory && theory <= of.high, "lost riders as by Erlang B: %.4f in %.4f .. %.4f", theory, of.low,
	   of.high);
	ok(!(of.low <= wrong && wrong <= of.high), "canary: a tenth more load, %.4f, is told apart", wrong);
}

enum { NEAREST = 25 };

/*
 * Mean way to a rider, s, when riders and drivers are spread evenly over the city. Not for long: who stands alone is
 * called away first, so that after many rides drivers are clustered.
 */
static void nearest(int drivers, double *pickup)
{
	char model[200];
	snprintf(model, sizeof model,
		 "drivers: %d, cell_skew: 0, relocate: 0 s, detour: 1, speed: 10, trip: const(1 s)", drivers);
	struct setup *setup = setup_of("{rate: 0.04 /s, for: 5400 s}", model, "");
	for (int rep = 0; rep < NEAREST; rep++) {
		struct replay *replay = play(setup, rep);
		pickup[rep] = hist_mean(&meter_of(replay, "pickup")->whole) * 1e-9;
		CHECK(count_of(replay, "abandoned") == 0);
		replay_free(replay);
	}
}

/* Of drivers spread evenly the nearest is 1 / (2 sqrt(density)) away on average, a little more at the edge of the city.
 */
static void check_nearest(void)
{
	double pickup[NEAREST], area = 1261 * 0.737e6, even = 1 / (2 * sqrt(4000 / area)) / 10;
	place = "uniform(0, 1260)";
	nearest(4000, pickup);
	struct interval of = interval_of(pickup, NEAREST, 0.99);
	ok(even * 0.97 <= of.low && of.high <= even * 1.05, "way of the nearest: %.2f s, measured %.2f .. %.2f", even,
	   of.low, of.high);
	nearest(3200, pickup);
	of = interval_of(pickup, NEAREST, 0.99);
	ok(of.low > even * 1.05, "canary: a fifth fewer drivers are told apart: %.2f .. %.2f", of.low, of.high);
	place = "0";
}

static void check_gateway(void)
{
	struct setup *setup = setup_of("{rate: 0.1 /s, for: 20 h}", "gateway: poll, poll: 8 s", "");
	struct replay *replay = play(setup, 0);
	const struct hist *offer = &meter_of(replay, "offer")->whole;
	near_to(hist_mean(offer) * 1e-9, 4, 0.1, "an offer waits half a poll");
	ok(offer->greatest <= INT64_C(8010000000), "and no longer than one");
	near_to((double)hist_percentile(offer, 0.25) * 1e-9, 2, 0.2, "evenly spread");
	replay_free(replay);
}

static const char *busy_city = "drivers: 1600, replica_lag: 60 s, digest: off";

/* The only worker of the index dies and is back: what it knew comes back with the reports of the next four seconds. */
static void check_relearning(void)
{
	const char *hours = "{rate: 0.4 /s, for: 2 h}", *model = "drivers: 800, workers: 1, detect: 1 s";
	struct replay *well = play(setup_of(hours, model, ""), 0);
	struct replay *killed = play(setup_of(hours, model,
					      "{at: 3600 s, for: 2 s, kind: kill, target: worker 0},"
					      "{at: 4000 s, for: 2 s, kind: kill, target: worker 0},"
					      "{at: 4400 s, for: 2 s, kind: kill, target: worker 0},"
					      "{at: 4800 s, for: 2 s, kind: kill, target: worker 0}"),
				     0);
	int64_t longest = meter_of(well, "matched")->whole.greatest;
	ok(longest < INT64_C(1000000000), "with drivers known and free a match takes %g s at most",
	   (double)longest * 1e-9);
	longest = meter_of(killed, "matched")->whole.greatest;
	ok(longest > INT64_C(1000000000) && longest <= INT64_C(10200000000),
	   "who asks a worker that is dead or has forgotten waits for reports: %g s", (double)longest * 1e-9);
	is_int((long long)meter_of(killed, "pickup")->whole.count, (long long)meter_of(well, "pickup")->whole.count,
	       "and is picked up");
	replay_free(well);
	replay_free(killed);
}

static void check_faults(void)
{
	const char *hours = "{rate: 1 /s, for: 2 h}";
	struct replay *without = play(setup_of(hours, busy_city, ""), 0);
	is_int((long long)count_of(without, "lost"), 0, "nothing is lost where nothing breaks");
	struct setup *setup = setup_of(hours, busy_city, "{at: 1 h, for: 30 s, kind: lose}");
	double lost[10];
	for (int rep = 0; rep < 10; rep++) {
		struct replay *replay = play(setup, rep);
		lost[rep] = count_of(replay, "lost");
		replay_free(replay);
	}
	struct interval of = interval_of(lost, 10, 0.99);
	ok(of.low <= 60 && 60 <= of.high, "trips lost: those of the last lag, 60 in %.1f .. %.1f", of.low, of.high);
	ok(of.high < 80, "canary: not those of another lag");
	struct replay *digest = play(
		setup_of(hours, "drivers: 1600, digest: on, reconnects: 10 k/s", "{at: 1 h, for: 30 s, kind: lose}"),
		0);
	is_int((long long)count_of(digest, "lost"), 0, "with digests on phones none");
	const struct hist *recovered = &meter_of(digest, "recovered")->whole;
	ok(recovered->count > 500, "trips are known again: %lld", (long long)recovered->count);
	ok(recovered->greatest <= INT64_C(4200000000), "within one report: %g s", (double)recovered->greatest * 1e-9);
	ok(without->digest != digest->digest, "canary: digests of results differ");
	setup = setup_of(hours, "drivers: 1600, digest: on, gateway: poll, poll: 8 s",
			 "{at: 1 h, for: 30 s, kind: lose}");
	for (int rep = 0; rep < 10; rep++) {
		struct replay *replay = play(setup, rep);
		lost[rep] = count_of(replay, "lost");
		replay_free(replay);
	}
	of = interval_of(lost, 10, 0.99);
	ok(of.low <= 4 && 4 <= of.high, "with phones that poll those that they have not heard of: 4 in %.1f .. %.1f",
	   of.low, of.high);
	ok(of.low > 0.5 && of.high < 8, "canary: neither none nor those of a whole poll");
	replay_free(without);
	replay_free(digest);

	const char *index = "market: off, cities: 1, workers: 4, pings_per_ride: 100, detect: 5 s";
	struct replay *well = play(setup_of("{rate: 20 /s, for: 1200 s}", index, ""), 0);
	ok(meter_of(well, "dispatch")->whole.greatest < INT64_C(1000000000), "an index that is well answers at once");
	int touched = 0;
	for (int worker = 0; worker < 4; worker++) {
		char text[100];
		snprintf(text, sizeof text, "{at: 1100 s, for: 30 s, kind: kill, target: worker %d}", worker);
		struct replay *killed = play(setup_of("{rate: 20 /s, for: 1200 s}", index, text), 0);
		const struct hist *dispatch = &meter_of(killed, "dispatch")->whole;
		touched += dispatch->greatest > INT64_C(1000000000);
		ok(dispatch->greatest <= INT64_C(5100000000),
		   "worker %d dead: rides wait until it is noticed, if they need it, %g s", worker,
		   (double)dispatch->greatest * 1e-9);
		replay_free(killed);
	}
	ok(touched > 0, "canary: %d of four workers are asked for rides at this place", touched);
	replay_free(well);
	struct replay *longer = play(setup_of("{rate: 20 /s, for: 3000 s}", index, ""), 0);
	near_to(count_of(longer, "pings") / (100 * count_of(longer, "requested")), 1, 0.005,
		"position reports follow the rides");
	replay_free(longer);
}

static void check_same(void)
{
	const char *hours = "{rate: 0.3 /s, for: 1 h}", *model = "batch: 10 s, surge: on, reserve: 20, drivers: 300";
	struct setup *setup = setup_of(hours, model, "{at: 2000 s, for: 5 min, kind: late, factor: 10}");
	struct replay *a = play(setup, 3), *b = play(setup, 3), *c = play(setup, 4);
	ok(a->digest == b->digest && a->events == b->events, "the same again, to the last bit");
	ok(a->digest != c->digest, "canary: another replication is another");
	double ended = count_of(a, "declined") + count_of(a, "abandoned") + (double)meter_of(a, "wait")->whole.count;
	near_to(ended, count_of(a, "requested"), 0, "everybody is picked up, or has declined, or has gone");
	struct replay *batch = play(setup_of(hours, "batch: 30 s, drivers: 300", ""), 0);
	ok(meter_of(batch, "matched")->whole.greatest > 0 &&
		   hist_percentile(&meter_of(batch, "matched")->whole, 0.5) > INT64_C(10000000000),
	   "in batches of 30 s riders wait about 15 s to be matched");
	replay_free(a);
	replay_free(b);
	replay_free(c);
	replay_free(batch);
}

/* ---- figures ---- */

static void check_figures(void)
{
	static const struct study_files files = {NULL, NULL, NULL, NULL};
	static const volatile sig_atomic_t never = 0;
	const char *text =
		"{case: uber, format: 2, trace: {windows: {rate: 0.2 /s, for: 2 h}, columns: {place: 0}, "
		"bursts: {at: 1 h, plateau: 20 min, factor: 3, columns: {place: 30}}}, "
		"model: {city_radius: 8, cell_skew: 3.1, cell_shift: 5, drivers: 250, watch: 30, surge: on}, "
		"run: {warmup: 0 s, series: 5 min, drain: 1 h, reps: 1}, figures: ["
		"{kind: timeline, name: wait, metric: wait, statistic: max, bursts: event, from: 10 min, to: 70 min, "
		"y_label: wait, "
		"title: \"{max(wait)} of {param(drivers)} and {1000 * param(drivers)}, {param(batch)}\"}, "
		"{kind: map, name: map, moments: [70 min], title: map}]}";
	struct tree *tree = yaml_parse(&arena, "test", text, strlen(text), &err);
	struct study *study = tree ? study_load(&arena, "test", tree, NULL, &files, &err) : NULL;
	struct setup *setup = study ? setup_resolve(study, "uber", NULL, &err) : NULL;
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	struct outcome *outcome = setup ? campaign_add(&campaign, setup, &err) : NULL;
	const struct chart_outcomes outcomes = {study, &outcome, 1};
	const char *missing;
	if (!outcome || !chart_want(&outcomes, &study->figure[0], &missing, &err) ||
	    campaign_run(&campaign, 1, NULL, NULL, &never, &err) != EXEC_DONE)
		bail("%s", err.message[0].text);
	const struct figure *figure = chart_figure(&arena, &outcomes, &study->figure[0], "", &err);
	const struct figure_band *band = figure->band;
	ok(band && !band->next && strcmp(band->label, "event") == 0, "a timeline marks the trace's burst");
	ok(band && band->x0 == 3600e9 && band->x1 == 4200e9, "as far as it is drawn");
	const struct hist *wait = &outcome->pooled.meter[metric_find(outcome->pooled.metric, "wait")].whole;
	ok(wait->greatest > INT64_C(600000000000), "somebody waits for long: %g s", (double)wait->greatest * 1e-9);
	is_text(figure->title,
		arena_format(&arena, "%.3g min of 250 and 250,000, 0 s", (double)wait->greatest / 60e9),
		"a title tells times in the unit of the axis, and groups digits");
	figure = chart_figure(&arena, &outcomes, &study->figure[1], "", &err);
	const struct figure_series *mark = figure->last_series;
	ok(mark->role == FIGURE_PUBLISHED && mark->points == 7, "a map marks the watched cell, a corner at a time");
	int shown = 0;
	for (const struct figure_series *series = figure->series; series != mark; series = series->next)
		shown += series->points / 7;
	ok(shown >= 37 && shown < 217, "and shows the inner cells: %d of 217", shown);
	campaign_free(&campaign);
}

int main(void)
{
	arena_init(&arena);
	err_init(&err);
	check_map();
	check_heat();
	check_pairing();
	check_fleet();
	tell_cost_of_pairing();
	check_worker();
	check_surge();
	check_loss();
	check_nearest();
	check_gateway();
	check_relearning();
	check_faults();
	check_same();
	check_figures();
	arena_free(&arena);
	return done_testing();
}
