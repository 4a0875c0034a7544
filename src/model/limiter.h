/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two ways to say no before the work begins.
 *
 * A concurrency limiter admits as many requests at a time as its limit. Requests of the lower class are admitted only
 * while all in progress are fewer than a share of it, so that they are shed first. The limit is fixed, or follows what
 * is seen: it shrinks in proportion to (mean time at its best / mean time now) and grows by its square root, as the
 * gradient family of limits does.
 *
 * A rate cap admits a request if it comes no earlier than an evenly spaced stream, run ahead by a burst, would have it
 * (the generic cell rate algorithm: a token bucket in integers).
 */
#ifndef MODEL_LIMITER_H
#define MODEL_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

enum limiter_kind { LIMITER_NONE, LIMITER_FIXED, LIMITER_ADAPTIVE };

struct limiter {
	enum limiter_kind kind;
	double limit, most, lower_share;
	int64_t flying;            /* in progress */
	double best;               /* lowest mean seen, ns; 0: none yet */
	int64_t samples;           /* since the limit was last adapted, and the sum of their times */
	double sum;
};

/* lower_share 1: both classes are alike. An adaptive limit begins at `limit` and stays within 1 and `most`. */
void limiter_init(struct limiter *limiter, enum limiter_kind kind, double limit, double most, double lower_share);

/* True: admitted, and limiter_leave must be called. */
bool limiter_enter(struct limiter *limiter, bool lower);

/* The request has ended, `took` ns after it was admitted; -1: it was not worked on, which says nothing about time. */
void limiter_leave(struct limiter *limiter, int64_t took);

struct rate_cap {
	int64_t interval, ahead; /* ns between two requests; how far ahead of its stream a request may be */
	int64_t next;            /* when the stream's next request is due */
};

/* `rate` >= 10^-6 per second; `burst` >= 1 requests that may come at once. */
void rate_cap_init(struct rate_cap *cap, double rate, double burst);
bool rate_cap_admits(struct rate_cap *cap, int64_t now);

#endif
