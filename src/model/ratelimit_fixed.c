/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A counter that begins at 0 with each window of the clock: what INCR and EXPIRE of a key-value store do. Twice the
 * limit may pass within an instant around the end of a window.
 */
#include "model/ratelimit.h"

struct fixed {
	int64_t window, count; /* which one; units admitted in it */
};

static void advance(const struct ratelimit_rule *rule, void *state, int64_t now)
{
	struct fixed *fixed = state;
	int64_t window = ratelimit_floor(now, rule->window);
	if (window > fixed->window)
		*fixed = (struct fixed){window, 0};
}

static int64_t left(const struct ratelimit_rule *rule, const void *state, int64_t now)
{
	const struct fixed *fixed = state;
	(void)now;
	return fixed->count < rule->limit ? rule->limit - fixed->count : 0;
}

static void charge(const struct ratelimit_rule *rule, void *state, int64_t now, int64_t cost, struct arena *arena)
{
	struct fixed *fixed = state;
	(void)rule;
	(void)now;
	(void)arena;
	fixed->count += cost;
}

static int64_t wait(const struct ratelimit_rule *rule, const void *state, int64_t now, int64_t cost)
{
	const struct fixed *fixed = state;
	if (left(rule, state, now) >= cost)
		return 0;
	return cost <= rule->limit ? (fixed->window + 1) * rule->window - now : -1;
}

static size_t bytes(const void *state)
{
	(void)state;
	return sizeof(struct fixed);
}

const struct ratelimit_kind ratelimit_fixed_window = {
	.name = "fixed-window",
	.about = "a count that begins anew with each window of the clock",
	.size = sizeof(struct fixed),
	.advance = advance,
	.left = left,
	.charge = charge,
	.wait = wait,
	.bytes = bytes,
};
