/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long a caller waits before it tries again. With sleep = base * 2^(retry - 1), at most `most`, retry = 1, 2, ...:
 *
 *   none          0
 *   exponential   sleep
 *   equal         sleep / 2 + U(0, sleep / 2)
 *   full          U(0, sleep)
 *   decorrelated  U(base, 3 * the wait before this one), at most `most`; the first from U(base, 3 * base)
 *
 * (The names are those of M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015. His simulator
 * counts retries from 1 where this counts from 0: its sleeps are twice these for the same base.)
 */
#ifndef MODEL_BACKOFF_H
#define MODEL_BACKOFF_H

#include "engine/rng.h"

struct backoff;

/* A way to wait; to add one, write its function and its line in BACKOFFS of backoff.c. */
struct backoff_kind {
	const char *name;
	/* `sleep` as above; `last` is the wait before this one, base when there was none. */
	int64_t (*wait)(const struct backoff *backoff, int64_t sleep, int64_t last, struct rng *rng);
};

struct backoff {
	const struct backoff_kind *kind;
	int64_t base, most; /* ns */
};

/* All of them, and their names, in the order of the table above; both end with NULL. */
extern const struct backoff_kind *const backoff_kinds[];
extern const char *const backoff_names[];

/* The kind of that name; NULL: there is none. */
const struct backoff_kind *backoff_find(const char *name);

/* ns before retry number 1, 2, ...; `last` is what this returned for the one before, anything for the first. */
int64_t backoff_wait(const struct backoff *backoff, int retry, int64_t last, struct rng *rng);

#endif
