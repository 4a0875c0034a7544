/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An autoscaler that aims at a utilisation. Once a period it is told how many servers' worth of work was done; it
 * orders servers, which are there after a delay, or gives some back. Others may order too (a plan that scales before
 * the load comes), and set how many there must be at least.
 */
#ifndef MODEL_AUTOSCALER_H
#define MODEL_AUTOSCALER_H

#include <stdbool.h>
#include <stdint.h>

enum { AUTOSCALER_ORDERS = 64 };

struct autoscaler {
	int64_t servers, ordered; /* there, and on their way */
	int64_t least, most;
	double target;            /* utilisation */
	int64_t delay;            /* ns from order to service */
	double shrink;            /* share of the servers that is given back at a time, at most; at least one */
	int orders;
	struct autoscaler_order {
		int64_t ready, count;
	} order[AUTOSCALER_ORDERS];
};

void autoscaler_init(struct autoscaler *scaler, int64_t servers, int64_t least, int64_t most, double target,
		     int64_t delay, double shrink);

/* The end of a period in which `busy` servers were at work on average. Returns servers in service from now on. */
int64_t autoscaler_step(struct autoscaler *scaler, int64_t now, double busy);

/* `count` more, there after `delay` ns, but not beyond `most`. Returns how many were ordered. */
int64_t autoscaler_order(struct autoscaler *scaler, int64_t now, int64_t count, int64_t delay);

/* Takes in what has been ordered and is there by now. Returns servers in service. */
int64_t autoscaler_take(struct autoscaler *scaler, int64_t now);

#endif
