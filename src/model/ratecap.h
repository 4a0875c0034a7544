/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cap of a gateway: one stream of requests, all alike. A request is let in if it comes no earlier than an evenly
 * spaced stream, run ahead by a burst, would have it, to the nanosecond. (Limits with rules and a state for each key
 * are model/ratelimit.h.)
 */
#ifndef MODEL_RATECAP_H
#define MODEL_RATECAP_H

#include <stdbool.h>
#include <stdint.h>

struct ratecap {
	int64_t interval, ahead; /* ns between two requests; how far ahead of its stream a request may be */
	int64_t next;            /* when the stream's next request is due */
};

/* `rate` >= 10^-6 per second; `burst` >= 1 requests that may come at once. */
void ratecap_init(struct ratecap *cap, double rate, double burst);
bool ratecap_admits(struct ratecap *cap, int64_t now);

#endif
