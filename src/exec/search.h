/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where something that is true of some numbers stops being true. It is known only from trying: a try tells whether it
 * holds by the means of what was measured, and whether that is settled. The point between is bisected; its interval is
 * made of the numbers at which it is not settled, so that its ends are found by bisection too: between the point and
 * the nearest number at which it clearly holds, and clearly does not.
 *
 * No number is tried twice. Where several points exist, one of them is found.
 */
#ifndef EXEC_SEARCH_H
#define EXEC_SEARCH_H

#include "base/err.h"
#include "stats/verdict.h"

enum { SEARCH_POINTS_MAX = 128 };

/* A number that was tried. */
struct search_point {
	double x;
	bool holds;           /* by the means */
	enum verdict verdict; /* by the intervals */
	void *detail;         /* for who tried it */
};

struct search {
	double within; /* how narrow a bracket becomes, as a part of its ends */
	bool whole;    /* numbers are whole */

	/* The nearest number that can be tried. */
	double (*round)(void *host, double x);

	/*
	 * Tries point->x, which is rounded, and fills the rest of the point. False with a message when it cannot be
	 * tried, without one when it was interrupted.
	 */
	bool (*try)(void *host, struct search_point *point, struct err *err);
	void *host;

	struct search_point point[SEARCH_POINTS_MAX]; /* in order of x; none at first */
	int points;
};

/* What was found: it holds on one side of `at`. */
struct search_result {
	bool found, holds_below;
	double at, below, above; /* the bracket of the means around `at` */
	double low, high;        /* the interval; infinite where it has no end among what was tried */
};

/*
 * Between two ends: these differ, or some of seven numbers between them do. False and a message when a number that is
 * needed cannot be tried, false without one when a try was interrupted; what has been tried is in search->point.
 */
bool search_between(struct search *search, double from, double to, struct search_result *result, struct err *err);

/*
 * Outward from `start`, which is above 0, by steps of half as much again: first up, then down, 16 steps each way. A
 * number that cannot be tried ends its direction. Returns as search_between.
 */
bool search_outward(struct search *search, double start, struct search_result *result, struct err *err);

/* The point that was tried at x, after rounding; NULL when there is none. */
const struct search_point *search_at(const struct search *search, double x);

#endif
