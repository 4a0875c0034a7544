/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cars that stand or drive along straight lines, parties that wait for one, and who gets whom: the nearest free car at
 * once, or everybody who waits paired with the free cars at the least sum of distances. Cars are believed to be where
 * they were at their last report.
 */
#ifndef MODEL_FLEET_H
#define MODEL_FLEET_H

#include "engine/sim.h"
#include "model/assignment.h"
#include "model/hexgrid.h"

/* Whoever drives embeds one. */
struct fleet_car {
	struct hex_point from, to;
	int64_t begin, end; /* ns: of the way from `from` to `to` */
	int64_t phase; /* ns: reports are made when now + phase is a multiple of the interval; large and positive */
	int slot;      /* among the free ones; -1: not free */
};

/* Whoever waits embeds one. */
struct fleet_party {
	struct hex_point at;
	int slot; /* among those waiting; -1: not there */
};

/* Where a free car is believed to be, until it reports from elsewhere. */
struct fleet_spot {
	struct hex_point at;
	int64_t until; /* ns: before then this holds */
};

struct fleet {
	struct sim *sim;
	double speed, detour; /* metres per second; way over straight distance */
	int64_t report;       /* ns between two reports of a car */
	int64_t radius;       /* metres beyond which nobody is matched; 0: no limit */
	struct fleet_car **free;
	struct fleet_party **waiting;
	int free_cars, parties;

	/* Given by the owner: whether a report from `where` made at `reported` is unknown; may be NULL. */
	bool (*hidden)(void *owner, struct hex_point where, int64_t reported);
	void *owner;

	/* its own */
	struct fleet_spot *spot; /* of the free ones */
	int64_t spot_report;     /* the interval of reports that the spots are based on */
	int room; /* parties that `waiting` and `pair` have room for */
	struct assignment assignment;
	struct fleet_car **column;
	struct hex_point *column_at;
	int64_t *cost, *sorted;
	bool *wanted; /* of the free ones: may be among those paired */
	int *pair, cost_room;
};

/* Speed and what follows it are set by the caller before or afterwards. At most `cars` are free at a time. */
void fleet_init(struct fleet *fleet, struct sim *sim, int cars);

/* Where a car is at an instant not before its way began; before, where that began. */
struct hex_point fleet_where(const struct fleet_car *car, int64_t when);

/* Sets out now; the way takes `lasts` ns, or, < 0, what distance and speed say. Returns how long that is. */
int64_t fleet_drive(struct fleet *fleet, struct fleet_car *car, struct hex_point to, int64_t lasts);

/* When a car last reported, and where it was then. */
int64_t fleet_reported(const struct fleet *fleet, const struct fleet_car *car);
struct hex_point fleet_believed(const struct fleet *fleet, const struct fleet_car *car);

/* A car is free, or no longer; a party waits, or no longer. */
void fleet_free(struct fleet *fleet, struct fleet_car *car);
void fleet_take(struct fleet *fleet, struct fleet_car *car);
void fleet_wait(struct fleet *fleet, struct fleet_party *party);
void fleet_leave(struct fleet *fleet, struct fleet_party *party);

/* The free car believed to be nearest, the waiting party that is; NULL when there is none that may be matched. */
struct fleet_car *fleet_nearest_car(struct fleet *fleet, const struct fleet_party *party);
struct fleet_party *fleet_nearest_party(const struct fleet *fleet, const struct fleet_car *car);

/* Pairs those who wait with free cars and calls matched(owner, party, car), which takes both off the lists. */
void fleet_pair(struct fleet *fleet, void (*matched)(void *owner, struct fleet_party *party, struct fleet_car *car));

#endif
