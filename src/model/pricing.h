/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prices that follow demand (model/surge.h), and who follows prices: riders, some of whom do not ask at what they see,
 * and the reserve of drivers, who are called when prices are high. Once a window the market's free drivers are counted
 * where they are believed to be.
 *
 *   share of riders who ask at a multiplier m      m^-demand_elasticity
 *   share of the reserve that is online            supply_elasticity * (mean multiplier - 1), at most all
 */
#ifndef MODEL_PRICING_H
#define MODEL_PRICING_H

#include "model/market.h"
#include "model/reports.h"
#include "model/surge.h"

struct pricing_config {
	bool on;                   /* off: all riders ask, and prices stay at 1 */
	struct surge_config surge;
	double demand_elasticity, supply_elasticity;
	int64_t report, look;      /* ns between two reports of a driver; between two looks of a rider's app */
	int watched;               /* the cell whose price is booked */
};

struct pricing {
	struct sim *sim;
	const struct pricing_config *config;
	const struct hexgrid *grid;
	struct surge surge;
	struct market *market;
	struct reports *reports;
	double rides;              /* asked for in this window */
	double price, trend;       /* of the watched cell: now; its last step */

	/* Given by the owner. */
	struct booking age;        /* TIME: how long ago the window began that a rider's price comes from */
	struct booking lag;        /* TIME: from a window's end until its prices are computed */
	struct booking level;      /* LEVEL: the watched cell's price, % */
	struct booking demand;     /* LEVEL: requests in ten minutes around it */
	struct booking step;       /* AMOUNT: changes of its price, % */
	struct booking reversals;  /* COUNT: turns of it */
};

/* What is pointed to outlives it. The market and the reports may be initialised afterwards. */
void pricing_init(struct pricing *pricing, struct sim *sim, const struct pricing_config *config,
		  const struct hexgrid *grid, struct market *market, struct reports *reports);

/* Windows begin. What the owner gives is there. */
void pricing_open(struct pricing *pricing);

/* A rider in a cell thinks of a ride: whether the price is accepted by one whose place among riders is `mood`, 0..1. */
bool pricing_accepted(struct pricing *pricing, int cell, double mood);

#endif
