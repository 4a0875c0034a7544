/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rate limiters: who may have how much in a time. A rule says how many units (requests, if each costs one) there are a
 * window; so a rate is a fraction of two integers, and everything is computed in integers: no sum of tenths misses an
 * equality. A kind keeps a state for each key:
 *
 *   fixed-window    a count for each window of the clock
 *   sliding-log     when each unit of the last window was admitted: exact
 *   sliding-a       two counts, the one before weighted by how much of it is still in sight: admits while the estimate
 *                   is below the limit
 *   sliding-b       the same: admits while the estimate with the request is not above the limit
 *   token-bucket    tokens, at most `burst`, which flow in at the rate of the rule
 *   gcra            the instant at which an evenly spaced stream would have sent all that was admitted; a request may
 *                   be `burst` units ahead of it
 *
 * (Limits of what is in progress at a time are model/limiter.h.) Clocks are the caller's: ns since an instant that he
 * chooses, windows begin at its multiples. A clock that goes back gives nobody anything: it is still in the newest
 * window that it has shown, a log keeps what it has, a bucket gets no tokens. (But a bucket gets tokens again for time
 * that passes a second time.)
 *
 * To add a kind: one file that defines `const struct ratelimit_kind ratelimit_NAME`, one line in ratelimit.def, one in
 * Makefile.am. tests/t-ratelimit-kinds.c loops over the list.
 */
#ifndef MODEL_RATELIMIT_H
#define MODEL_RATELIMIT_H

#include "model/keymap.h"

/* `limit` units a `window` ns; a bucket holds `burst` units. All >= 1; limit * window and burst * window < 2^62. */
struct ratelimit_rule {
	int64_t limit, window, burst;
};

__extension__ typedef __int128 ratelimit_wide;

struct ratelimit_kind {
	const char *name;  /* as a model file writes it */
	const char *about; /* one line */
	size_t size;       /* of the state of a key; zeros mean that it was never asked for */

	/* The clock shows `now`: what is over is forgotten. Comes before any of the others. */
	void (*advance)(const struct ratelimit_rule *rule, void *state, int64_t now);

	/* Units that would be admitted now; >= 0. */
	int64_t (*left)(const struct ratelimit_rule *rule, const void *state, int64_t now);

	/* Takes `cost` units, whether there are that many left or not. */
	void (*charge)(const struct ratelimit_rule *rule, void *state, int64_t now, int64_t cost, struct arena *arena);

	/* Nanoseconds until `cost` units are left, if nobody else takes any; 0: they are; -1: never. */
	int64_t (*wait)(const struct ratelimit_rule *rule, const void *state, int64_t now, int64_t cost);

	/* Bytes that the state of a key takes, with what it points to. */
	size_t (*bytes)(const void *state);
};

#define RATELIMIT(name, word) extern const struct ratelimit_kind ratelimit_##name;
#include "model/ratelimit.def"
#undef RATELIMIT

/* All kinds, and their names, in the order of ratelimit.def; both end with NULL. */
extern const struct ratelimit_kind *const ratelimit_kinds[];
extern const char *const ratelimit_names[];

/* Whether the numbers of a rule are within what is said above. */
bool ratelimit_rule_fits(const struct ratelimit_rule *rule);

/* Takes `cost` >= 0 units if they are left: whether it did. `state` has kind->size bytes. */
bool ratelimit_take_of(const struct ratelimit_kind *kind, const struct ratelimit_rule *rule, void *state, int64_t now,
		       int64_t cost, struct arena *arena);

/* A limiter with a state for each key. */
struct ratelimit {
	const struct ratelimit_kind *kind;
	const struct ratelimit_rule *rule;
	struct keymap state;
};

/* rule outlives it. */
void ratelimit_init(struct ratelimit *limiter, struct arena *arena, const struct ratelimit_kind *kind,
		    const struct ratelimit_rule *rule);

bool ratelimit_take(struct ratelimit *limiter, uint64_t key, int64_t now, int64_t cost);

/* Units of the key that would be admitted now. */
int64_t ratelimit_left(struct ratelimit *limiter, uint64_t key, int64_t now);

/* Bytes that the state of the key takes; 0: it has none. */
size_t ratelimit_bytes(const struct ratelimit *limiter, uint64_t key);

/* Takes them in any case: what others have admitted. */
void ratelimit_charge(struct ratelimit *limiter, uint64_t key, int64_t now, int64_t cost);

/* Division of integers, `by` > 0, rounded down and up, also below 0. */
static inline int64_t ratelimit_floor(ratelimit_wide value, int64_t by)
{
	int64_t number = (int64_t)value;
	if (number == value) /* nearly always; a division of 128 bits takes many times as long */
		return number / by - (number % by < 0);
	ratelimit_wide part = value / by;
	return (int64_t)(part - (part * by > value));
}

static inline int64_t ratelimit_ceiling(ratelimit_wide value, int64_t by)
{
	return -ratelimit_floor(-value, by);
}

#endif
