/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists without order, from which anybody leaves by changing places with the last one.
 *
 * Where a free car is believed to be changes when it reports, every few seconds, and is asked for each rider: so it is
 * kept, side by side with the list of free cars. Of two cars the nearer one is told by the squares of their distances;
 * the root is drawn only of the few that may be nearer than the best so far.
 *
 * A pairing of n parties needs no more of the free cars than the n nearest of each: whoever has a farther one could
 * change to one of those that nobody else has. That keeps the matrix small while cars are many and those who wait few.
 */
#include "model/fleet.h"

#include <math.h>

enum { FIRST_ROOM = 64 };

void fleet_init(struct fleet *fleet, struct sim *sim, int cars)
{
	struct arena *arena = &sim->arena;
	*fleet = (struct fleet){.sim = sim, .speed = 1, .detour = 1, .report = 1, .spot_report = 1, .room = FIRST_ROOM};
	fleet->free = ARENA_ARRAY(arena, (size_t)cars, struct fleet_car *);
	fleet->spot = ARENA_ARRAY(arena, (size_t)cars, struct fleet_spot);
	fleet->column = ARENA_ARRAY(arena, (size_t)cars, struct fleet_car *);
	fleet->column_at = ARENA_ARRAY(arena, (size_t)cars, struct hex_point);
	fleet->sorted = ARENA_ARRAY(arena, (size_t)cars, int64_t);
	fleet->wanted = ARENA_ARRAY(arena, (size_t)cars, bool);
	fleet->waiting = ARENA_ARRAY(arena, FIRST_ROOM, struct fleet_party *);
	fleet->pair = ARENA_ARRAY(arena, FIRST_ROOM, int);
	assignment_init(&fleet->assignment, arena);
}

struct hex_point fleet_where(const struct fleet_car *car, int64_t when)
{
	if (when >= car->end || car->end == car->begin)
		return car->to;
	if (when <= car->begin)
		return car->from;
	double part = (double)(when - car->begin) / (double)(car->end - car->begin);
	return (struct hex_point){car->from.x + part * (car->to.x - car->from.x),
				  car->from.y + part * (car->to.y - car->from.y)};
}

int64_t fleet_drive(struct fleet *fleet, struct fleet_car *car, struct hex_point to, int64_t lasts)
{
	int64_t now = fleet->sim->now;
	car->from = fleet_where(car, now);
	car->to = to;
	if (lasts < 0)
		lasts = (int64_t)(hex_metres(car->from, to) * fleet->detour / fleet->speed * 1e9);
	car->begin = now;
	car->end = now + lasts;
	if (car->slot >= 0)
		fleet->spot[car->slot].until = INT64_MIN;
	return lasts;
}

int64_t fleet_reported(const struct fleet *fleet, const struct fleet_car *car)
{
	int64_t since = fleet->sim->now + car->phase;
	return since - since % fleet->report - car->phase;
}

struct hex_point fleet_believed(const struct fleet *fleet, const struct fleet_car *car)
{
	if (car->end <= fleet->sim->now - fleet->report) /* it has reported from there since */
		return car->to;
	return fleet_where(car, fleet_reported(fleet, car));
}

/* Brings up to now where the free cars are believed to be. */
static void look_around(struct fleet *fleet)
{
	int64_t now = fleet->sim->now;
	bool anew = fleet->spot_report != fleet->report;
	fleet->spot_report = fleet->report;
	for (int i = 0; i < fleet->free_cars; i++) {
		if (now < fleet->spot[i].until && !anew)
			continue;
		const struct fleet_car *car = fleet->free[i];
		int64_t reported = fleet_reported(fleet, car);
		fleet->spot[i] = (struct fleet_spot){fleet_where(car, reported),
						     car->end <= reported ? INT64_MAX : reported + fleet->report};
	}
}

/* Whether the report that a car is believed to have made is unknown, wherever it counts. */
static bool is_hidden(const struct fleet *fleet, const struct fleet_car *car, struct hex_point believed)
{
	return fleet->hidden && fleet->hidden(fleet->owner, believed, fleet_reported(fleet, car));
}

static double square_of(struct hex_point a, struct hex_point b)
{
	double x = a.x - b.x, y = a.y - b.y;
	return x * x + y * y;
}

/* Whole metres beyond which nobody is matched. */
static int64_t reach_of(const struct fleet *fleet)
{
	return fleet->radius > 0 ? fleet->radius : ASSIGNMENT_FORBIDDEN - 1;
}

/* Whether a square is that of less than `bound` whole metres; these are then in *metres. */
static inline bool within(double square, int64_t bound, int64_t *metres)
{
	if (square >= (double)bound * (double)bound) /* then its root, rounded, is no less than the bound */
		return false;
	*metres = (int64_t)sqrt(square);
	return *metres < bound;
}

void fleet_free(struct fleet *fleet, struct fleet_car *car)
{
	car->slot = fleet->free_cars;
	fleet->spot[fleet->free_cars].until = INT64_MIN;
	fleet->free[fleet->free_cars++] = car;
}

void fleet_take(struct fleet *fleet, struct fleet_car *car)
{
	struct fleet_car *last = fleet->free[--fleet->free_cars];
	fleet->free[car->slot] = last;
	fleet->spot[car->slot] = fleet->spot[last->slot];
	last->slot = car->slot;
	car->slot = -1;
}

void fleet_wait(struct fleet *fleet, struct fleet_party *party)
{
	if (fleet->parties == fleet->room) {
		struct fleet_party **old = fleet->waiting;
		fleet->room *= 2;
		fleet->waiting = ARENA_ARRAY(&fleet->sim->arena, (size_t)fleet->room, struct fleet_party *);
		for (int i = 0; i < fleet->parties; i++)
			fleet->waiting[i] = old[i];
		fleet->pair = ARENA_ARRAY(&fleet->sim->arena, (size_t)fleet->room, int);
	}
	party->slot = fleet->parties;
	fleet->waiting[fleet->parties++] = party;
}

void fleet_leave(struct fleet *fleet, struct fleet_party *party)
{
	struct fleet_party *last = fleet->waiting[--fleet->parties];
	fleet->waiting[party->slot] = last;
	last->slot = party->slot;
	party->slot = -1;
}

struct fleet_car *fleet_nearest_car(struct fleet *fleet, const struct fleet_party *party)
{
	struct fleet_car *nearest = NULL;
	int64_t bound = reach_of(fleet) + 1, metres;
	look_around(fleet);
	for (int i = 0; i < fleet->free_cars; i++) {
		struct hex_point believed = fleet->spot[i].at;
		if (within(square_of(party->at, believed), bound, &metres) &&
		    !is_hidden(fleet, fleet->free[i], believed)) {
			bound = metres;
			nearest = fleet->free[i];
		}
	}
	return nearest;
}

struct fleet_party *fleet_nearest_party(const struct fleet *fleet, const struct fleet_car *car)
{
	struct fleet_party *nearest = NULL;
	int64_t bound = reach_of(fleet) + 1, metres;
	struct hex_point believed = fleet_believed(fleet, car);
	if (fleet->parties == 0 || is_hidden(fleet, car, believed))
		return NULL;
	for (int i = 0; i < fleet->parties; i++) {
		if (within(square_of(fleet->waiting[i]->at, believed), bound, &metres)) {
			bound = metres;
			nearest = fleet->waiting[i];
		}
	}
	return nearest;
}

/*
 * The one that has `rank` smaller ones before it; puts the values in another order. Parts around a pivot, always
 * writing, so that no branch hangs on a comparison.
 */
static int64_t ranked(int64_t *value, int count, int rank)
{
	int low = 0, high = count;
	for (;;) {
		int64_t pivot = value[low + (high - low) / 2];
		int less = low;
		for (int i = low; i < high; i++) {
			int64_t here = value[i];
			value[i] = value[less];
			value[less] = here;
			less += here < pivot;
		}
		if (rank < less) {
			high = less;
			continue;
		}
		int same = less;
		for (int i = less; i < high; i++) {
			int64_t here = value[i];
			value[i] = value[same];
			value[same] = here;
			same += here == pivot;
		}
		if (rank < same)
			return pivot;
		low = same;
	}
}

/* Wants those cars that are among the `parties` nearest of a party; of equally near ones, the first. */
static void want_nearest(struct fleet *fleet, const int64_t *metres)
{
	int64_t last = ASSIGNMENT_FORBIDDEN - 1;
	int found = 0, of_last = fleet->parties;
	for (int c = 0; c < fleet->free_cars; c++) {
		fleet->sorted[found] = metres[c];
		found += metres[c] != ASSIGNMENT_FORBIDDEN;
	}
	if (found > fleet->parties) {
		last = ranked(fleet->sorted, found, fleet->parties - 1);
		for (int c = 0; c < fleet->free_cars; c++)
			of_last -= metres[c] < last;
	}
	for (int c = 0; c < fleet->free_cars; c++) {
		bool is_last = metres[c] == last;
		fleet->wanted[c] |= metres[c] < last || (is_last && of_last > 0);
		of_last -= is_last;
	}
}

/* Metres between each party and each free car, a line for each party. */
static void measure(struct fleet *fleet)
{
	static const struct hex_point nowhere = {INFINITY, INFINITY}; /* out of everybody's reach */
	int64_t bound = reach_of(fleet) + 1;
	look_around(fleet);
	for (int c = 0; c < fleet->free_cars; c++) {
		struct hex_point believed = fleet->spot[c].at;
		fleet->column_at[c] = is_hidden(fleet, fleet->free[c], believed) ? nowhere : believed;
	}
	for (int r = 0; r < fleet->parties; r++) {
		int64_t *metres = fleet->cost + r * fleet->free_cars;
		for (int c = 0; c < fleet->free_cars; c++)
			if (!within(square_of(fleet->waiting[r]->at, fleet->column_at[c]), bound, &metres[c]))
				metres[c] = ASSIGNMENT_FORBIDDEN;
	}
}

/* Keeps the cars that matter, in their order; returns how many they are. */
static int choose_columns(struct fleet *fleet)
{
	bool all = fleet->parties >= fleet->free_cars;
	int width = 0;
	for (int c = 0; c < fleet->free_cars; c++)
		fleet->wanted[c] = all;
	for (int r = 0; r < fleet->parties && !all; r++)
		want_nearest(fleet, fleet->cost + r * fleet->free_cars);
	int64_t *into = fleet->cost;
	for (int r = 0; r < fleet->parties; r++) {
		const int64_t *metres = fleet->cost + r * fleet->free_cars;
		for (int c = 0; c < fleet->free_cars; c++) {
			*into = metres[c];
			into += fleet->wanted[c];
		}
	}
	for (int c = 0; c < fleet->free_cars; c++)
		if (fleet->wanted[c])
			fleet->column[width++] = fleet->free[c];
	return width;
}

void fleet_pair(struct fleet *fleet, void (*matched)(void *owner, struct fleet_party *party, struct fleet_car *car))
{
	int rows = fleet->parties, room = rows * fleet->free_cars;
	if (rows == 0 || fleet->free_cars == 0)
		return;
	if (room > fleet->cost_room) {
		fleet->cost_room = 2 * room;
		fleet->cost = ARENA_ARRAY(&fleet->sim->arena, (size_t)fleet->cost_room, int64_t);
	}
	measure(fleet);
	int width = choose_columns(fleet);
	assignment_solve(&fleet->assignment, fleet->cost, rows, width, fleet->pair);
	for (int r = rows - 1; r >= 0; r--) /* who leaves changes places with the last one: begin there */
		if (fleet->pair[r] >= 0)
			matched(fleet->owner, fleet->waiting[r], fleet->column[fleet->pair[r]]);
}
