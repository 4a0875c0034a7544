/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A circuit breaker: when too many of the last calls have failed, nobody is asked for a while. (M. Nygard, "Release
 * It!", 2007.)
 *
 *   closed     all are admitted; of the last `of` outcomes a share of `share` or more has failed: open
 *   open       none is admitted; after `lasts` ns: half open
 *   half open  one is admitted, and its outcome decides: closed, with a clean slate, or open. One of which nothing is
 *              heard for `lasts` ns is followed by another.
 */
#ifndef MODEL_BREAKER_H
#define MODEL_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum { BREAKER_MEMORY = 64 };
enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
	double share;
	int of;
	int64_t lasts;            /* ns */
	enum breaker_state state;
	int64_t since;            /* ns: when the state began */
	uint64_t failures;        /* a bit for each of the last outcomes, the newest lowest */
	int seen;                 /* of them, up to `of` */
	uint64_t opened;          /* how often */
};

/* 0 < share <= 1; 1 <= of <= BREAKER_MEMORY outcomes; share 0: a breaker that never opens. */
void breaker_init(struct breaker *breaker, double share, int64_t of, int64_t lasts);

/* False: fail at once, do not ask. Times never go back. */
bool breaker_admits(struct breaker *breaker, int64_t now);

/* What was asked at `asked` has succeeded or failed. What was asked before the present state began changes nothing. */
void breaker_saw(struct breaker *breaker, int64_t now, int64_t asked, bool failed);

#endif
