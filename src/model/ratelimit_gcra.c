/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generic cell rate algorithm (ITU-T I.371). Units that come evenly, one each window / limit ns, would be due one
 * after the other; the next one's due time is all that is kept. A request may be ahead of it by `burst` units. Times
 * are multiplied by the limit, which makes the interval a whole number: the window.
 *
 * A bucket of `burst` tokens decides alike as long as the clock does not go back. Then the due time stays where it is,
 * and nothing is admitted until the clock has caught up.
 */
#include "model/ratelimit.h"

struct gcra {
	ratelimit_wide due; /* limit * ns */
	bool begun;
};

static ratelimit_wide due_at(const struct ratelimit_rule *rule, const struct gcra *gcra, int64_t now)
{
	ratelimit_wide here = (ratelimit_wide)now * rule->limit;
	return gcra->begun && gcra->due > here ? gcra->due : here;
}

/* How far ahead of the stream a request may be, less how far it is. */
static ratelimit_wide spare(const struct ratelimit_rule *rule, const struct gcra *gcra, int64_t now)
{
	return (ratelimit_wide)rule->burst * rule->window -
	       (due_at(rule, gcra, now) - (ratelimit_wide)now * rule->limit);
}

static void advance(const struct ratelimit_rule *rule, void *state, int64_t now)
{
	(void)rule;
	(void)state;
	(void)now;
}

static int64_t left(const struct ratelimit_rule *rule, const void *state, int64_t now)
{
	int64_t units = ratelimit_floor(spare(rule, state, now), rule->window);
	return units > 0 ? units : 0;
}

static void charge(const struct ratelimit_rule *rule, void *state, int64_t now, int64_t cost, struct arena *arena)
{
	struct gcra *gcra = state;
	(void)arena;
	*gcra = (struct gcra){due_at(rule, gcra, now) + (ratelimit_wide)cost * rule->window, true};
}

static int64_t wait(const struct ratelimit_rule *rule, const void *state, int64_t now, int64_t cost)
{
	if (cost > rule->burst)
		return -1;
	ratelimit_wide missing = (ratelimit_wide)cost * rule->window - spare(rule, state, now);
	return missing > 0 ? ratelimit_ceiling(missing, rule->limit) : 0;
}

static size_t bytes(const void *state)
{
	(void)state;
	return sizeof(int64_t); /* what is kept is one instant; here it is wider, to be exact for every fraction */
}

const struct ratelimit_kind ratelimit_gcra = {
	.name = "gcra",
	.about = "the instant at which an even stream would have sent all that was admitted",
	.size = sizeof(struct gcra),
	.advance = advance,
	.left = left,
	.charge = charge,
	.wait = wait,
	.bytes = bytes,
};
