/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prices that follow demand, cell by cell. Requests and free drivers are counted in windows of a minute, smoothed over
 * the cells around, and made a multiplier:
 *
 *   price = 1 + gain * (requests per minute / free drivers - balance), at least 1, at most cap
 *
 * A window's events go through an operator with a limited number of parallel tasks: each event updates every cell of
 * its disk. Deduplication first gathers a window's events, so that each driver and rider counts once, and so holds
 * everything up by a window. A finished window becomes the price at the next tick of the publishing clock.
 */
#ifndef MODEL_SURGE_H
#define MODEL_SURGE_H

#include "base/freelist.h"
#include "engine/sim.h"
#include "model/heat.h"

struct surge_config {
	int64_t window, clock; /* ns; clock: prices are published at its multiples */
	bool dedup;
	int rings; /* of the smoothing */
	double balance, gain, cap;
	int64_t update_cost; /* ns of a task for one update of one cell */
	int parallelism;
};

struct surge {
	struct sim *sim;
	const struct surge_config *config;
	const struct hexgrid *grid;
	struct heat demand, supply;
	double *smooth_demand, *smooth_supply; /* of the last window */
	double *price;                         /* that riders see, by cell */
	double *next;                          /* finished, to be published */
	int64_t next_from, from;               /* start of the window behind `next`, behind `price`; -1: none */
	int64_t through;                       /* when the operator is through with what it has been given */
	int64_t stalled_until;
	bool out;                              /* prices are 1, whatever is computed */
	struct freelist windows; /* published ones */
	bool due;                       /* a tick has been scheduled */
	void (*published)(void *owner); /* prices have changed; may be NULL */
	void *owner;
};

/* config and grid outlive it. */
void surge_init(struct surge *surge, struct sim *sim, const struct surge_config *config, const struct hexgrid *grid);

/*
 * A window that began at `from` has ended now; demand and supply have been counted (heat_add), and are cleared.
 * `events` is how many came in, `distinct` how many drivers and riders were behind them. Returns for how long the
 * operator works on from the end of the window: its lag, ns.
 */
int64_t surge_window(struct surge *surge, int64_t from, double events, double distinct);

/* The pipeline stands still for `length` ns. */
void surge_stall(struct surge *surge, int64_t length);

/* Prices are 1 from now on; or what has been computed is published again, from the next tick on. */
void surge_outage(struct surge *surge, bool out);

#endif
