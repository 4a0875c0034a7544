/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two counters instead of a log: what was admitted in the window before is taken to lie evenly in it, so that
 *
 *   estimate = before * (window - elapsed) / window + current
 *
 * (J. Desgats, Cloudflare, 2017.) Where a request costs one, rule a admits while the estimate is below the limit, and
 * rule b while it is at most the limit less one; they differ where the estimate is no whole number. The estimate is
 * kept as a fraction over the window.
 */
#include "model/ratelimit.h"

struct counter {
	int64_t window;          /* which one */
	int64_t current, before; /* units admitted in it, and in the one just before it */
};

static void advance(const struct ratelimit_rule *rule, void *state, int64_t now)
{
	struct counter *counter = state;
	int64_t window = ratelimit_floor(now, rule->window);
	if (window > counter->window)
		*counter = (struct counter){window, 0, window == counter->window + 1 ? counter->current : 0};
}

/* The limit less the estimate, times the window. */
static ratelimit_wide spare(const struct ratelimit_rule *rule, const struct counter *counter, int64_t now)
{
	int64_t start = counter->window * rule->window, elapsed = now > start ? now - start : 0;
	return (ratelimit_wide)(rule->limit - counter->current) * rule->window -
	       (ratelimit_wide)counter->before * (rule->window - elapsed);
}

static int64_t left_a(const struct ratelimit_rule *rule, const void *state, int64_t now)
{
	int64_t units = ratelimit_ceiling(spare(rule, state, now), rule->window);
	return units > 0 ? units : 0;
}

static int64_t left_b(const struct ratelimit_rule *rule, const void *state, int64_t now)
{
	int64_t units = ratelimit_floor(spare(rule, state, now), rule->window);
	return units > 0 ? units : 0;
}

static void charge(const struct ratelimit_rule *rule, void *state, int64_t now, int64_t cost, struct arena *arena)
{
	struct counter *counter = state;
	(void)rule;
	(void)now;
	(void)arena;
	counter->current += cost;
}

/*
 * The first instant of a window at which `cost` are left, from its start, when `current` were admitted in it and
 * `before` in the one before; its length when there is none. It must be before * (window - elapsed) <= room, where room
 * is (limit - current - cost) * window, and for rule a one unit less than a whole request more.
 */
static int64_t elapsed_when(const struct ratelimit_rule *rule, int64_t before, int64_t current, int64_t cost, bool a)
{
	ratelimit_wide room = (ratelimit_wide)(rule->limit - current - cost) * rule->window;
	room += a ? rule->window - 1 : 0;
	if (room < 0)
		return rule->window;
	if (before == 0)
		return 0;
	ratelimit_wide in_sight = room / before; /* of the window before, at most */
	return in_sight >= rule->window ? 0 : rule->window - (int64_t)in_sight;
}

static int64_t wait(const struct ratelimit_rule *rule, const struct counter *counter, int64_t now, int64_t cost, bool a)
{
	if (cost > rule->limit)
		return -1;
	int64_t start = counter->window * rule->window;
	int64_t at = elapsed_when(rule, counter->before, counter->current, cost, a);
	if (at < rule->window)
		return start + at > now ? start + at - now : 0;
	at = elapsed_when(rule, counter->current, 0, cost, a);
	return start + rule->window + at - now;
}

static int64_t wait_a(const struct ratelimit_rule *rule, const void *state, int64_t now, int64_t cost)
{
	return wait(rule, state, now, cost, true);
}

static int64_t wait_b(const struct ratelimit_rule *rule, const void *state, int64_t now, int64_t cost)
{
	return wait(rule, state, now, cost, false);
}

static size_t bytes(const void *state)
{
	(void)state;
	return sizeof(struct counter);
}

const struct ratelimit_kind ratelimit_sliding_a = {
	.name = "sliding-a",
	.about = "two counts; admits while the estimate is below the limit",
	.size = sizeof(struct counter),
	.advance = advance,
	.left = left_a,
	.charge = charge,
	.wait = wait_a,
	.bytes = bytes,
};

const struct ratelimit_kind ratelimit_sliding_b = {
	.name = "sliding-b",
	.about = "two counts; admits while the estimate with the request is not above the limit",
	.size = sizeof(struct counter),
	.advance = advance,
	.left = left_b,
	.charge = charge,
	.wait = wait_b,
	.bytes = bytes,
};
