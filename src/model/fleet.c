/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists without order, from which anybody leaves by changing places with the last one.
 *
 * A pairing of n parties needs no more of the free cars than the n nearest of each: whoever has a farther one could
 * change to one of those that nobody else has. That keeps the matrix small while cars are many and those who wait few.
 */
#include "model/fleet.h"

enum { FIRST_ROOM = 64 };

void fleet_init(struct fleet *fleet, struct sim *sim, int cars)
{
	struct arena *arena = &sim->arena;
	*fleet = (struct fleet){.sim = sim, .speed = 1, .detour = 1, .report = 1, .room = FIRST_ROOM};
	fleet->free = ARENA_ARRAY(arena, (size_t)cars, struct fleet_car *);
	fleet->column = ARENA_ARRAY(arena, (size_t)cars, struct fleet_car *);
	fleet->column_of = ARENA_ARRAY(arena, (size_t)cars, int);
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
	return lasts;
}

int64_t fleet_reported(const struct fleet *fleet, const struct fleet_car *car)
{
	int64_t since = fleet->sim->now + car->phase;
	return since - since % fleet->report - car->phase;
}

struct hex_point fleet_believed(const struct fleet *fleet, const struct fleet_car *car)
{
	return fleet_where(car, fleet_reported(fleet, car));
}

/* Metres between a party and where a car is believed to be. */
static int64_t distance_of(const struct fleet *fleet, const struct fleet_party *party, const struct fleet_car *car)
{
	int64_t reported = fleet_reported(fleet, car);
	struct hex_point where = fleet_where(car, reported);
	int64_t metres = (int64_t)hex_metres(party->at, where);
	if (fleet->radius > 0 && metres > fleet->radius)
		return ASSIGNMENT_FORBIDDEN;
	if (fleet->hidden && fleet->hidden(fleet->owner, where, reported))
		return ASSIGNMENT_FORBIDDEN;
	return metres;
}

void fleet_free(struct fleet *fleet, struct fleet_car *car)
{
	car->slot = fleet->free_cars;
	fleet->free[fleet->free_cars++] = car;
}

void fleet_take(struct fleet *fleet, struct fleet_car *car)
{
	struct fleet_car *last = fleet->free[--fleet->free_cars];
	fleet->free[car->slot] = last;
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

struct fleet_car *fleet_nearest_car(const struct fleet *fleet, const struct fleet_party *party)
{
	struct fleet_car *nearest = NULL;
	int64_t least = ASSIGNMENT_FORBIDDEN;
	for (int i = 0; i < fleet->free_cars; i++) {
		int64_t metres = distance_of(fleet, party, fleet->free[i]);
		if (metres < least) {
			least = metres;
			nearest = fleet->free[i];
		}
	}
	return nearest;
}

struct fleet_party *fleet_nearest_party(const struct fleet *fleet, const struct fleet_car *car)
{
	struct fleet_party *nearest = NULL;
	int64_t least = ASSIGNMENT_FORBIDDEN;
	for (int i = 0; i < fleet->parties; i++) {
		int64_t metres = distance_of(fleet, fleet->waiting[i], car);
		if (metres < least) {
			least = metres;
			nearest = fleet->waiting[i];
		}
	}
	return nearest;
}

/* Marks the cars that are among the `parties` nearest of a party; `nearest` and `which` are scratch space. */
static void mark_nearest(struct fleet *fleet, const struct fleet_party *party, int64_t *nearest, int *which)
{
	int kept = 0;
	for (int c = 0; c < fleet->free_cars; c++) {
		int64_t metres = distance_of(fleet, party, fleet->free[c]);
		if (metres == ASSIGNMENT_FORBIDDEN || (kept == fleet->parties && metres >= nearest[kept - 1]))
			continue;
		int at = kept < fleet->parties ? kept++ : kept - 1;
		for (; at > 0 && nearest[at - 1] > metres; at--) {
			nearest[at] = nearest[at - 1];
			which[at] = which[at - 1];
		}
		nearest[at] = metres;
		which[at] = c;
	}
	for (int i = 0; i < kept; i++)
		fleet->column_of[which[i]] = 0;
}

/* Chooses the cars that matter; returns how many they are. */
static int choose_columns(struct fleet *fleet)
{
	bool all = fleet->parties >= fleet->free_cars;
	int width = 0;
	for (int c = 0; c < fleet->free_cars; c++)
		fleet->column_of[c] = all ? 0 : -1;
	int64_t *scratch = fleet->cost + fleet->cost_room - fleet->parties; /* the end of the matrix, not used yet */
	for (int i = 0; i < fleet->parties && !all; i++)
		mark_nearest(fleet, fleet->waiting[i], scratch, fleet->pair);
	for (int c = 0; c < fleet->free_cars; c++)
		if (fleet->column_of[c] == 0)
			fleet->column[width++] = fleet->free[c];
	return width;
}

void fleet_pair(struct fleet *fleet, void (*matched)(void *owner, struct fleet_party *party, struct fleet_car *car))
{
	int rows = fleet->parties, room = rows * (fleet->free_cars + 1);
	if (rows == 0 || fleet->free_cars == 0)
		return;
	if (room > fleet->cost_room) {
		fleet->cost_room = 2 * room;
		fleet->cost = ARENA_ARRAY(&fleet->sim->arena, (size_t)fleet->cost_room, int64_t);
	}
	int width = choose_columns(fleet);
	for (int r = 0; r < rows; r++)
		for (int c = 0; c < width; c++)
			fleet->cost[r * width + c] = distance_of(fleet, fleet->waiting[r], fleet->column[c]);
	assignment_solve(&fleet->assignment, fleet->cost, rows, width, fleet->pair);
	for (int r = rows - 1; r >= 0; r--) /* who leaves changes places with the last one: begin there */
		if (fleet->pair[r] >= 0)
			matched(fleet->owner, fleet->waiting[r], fleet->column[fleet->pair[r]]);
}
