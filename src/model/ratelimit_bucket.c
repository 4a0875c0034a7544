/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bucket of tokens, full at first. A token is `window` parts, of which `limit` flow in each nanosecond; so no part is
 * ever lost, whatever the rate. After a clock that went back, time counts from where it went to, and adds nothing on
 * the way (as golang.org/x/time/rate does).
 */
#include "model/ratelimit.h"

struct bucket {
	int64_t parts, last; /* below 0: more was taken than there was; when it was last looked at */
	bool begun;
};

static int64_t most(const struct ratelimit_rule *rule)
{
	return rule->burst * rule->window;
}

static void advance(const struct ratelimit_rule *rule, void *state, int64_t now)
{
	struct bucket *bucket = state;
	if (!bucket->begun)
		*bucket = (struct bucket){most(rule), now, true};
	ratelimit_wide parts = bucket->parts;
	if (now > bucket->last)
		parts += (ratelimit_wide)(now - bucket->last) * rule->limit;
	bucket->parts = parts < most(rule) ? (int64_t)parts : most(rule);
	bucket->last = now;
}

static int64_t left(const struct ratelimit_rule *rule, const void *state, int64_t now)
{
	const struct bucket *bucket = state;
	(void)now;
	return bucket->parts > 0 ? bucket->parts / rule->window : 0;
}

static void charge(const struct ratelimit_rule *rule, void *state, int64_t now, int64_t cost, struct arena *arena)
{
	struct bucket *bucket = state;
	(void)now;
	(void)arena;
	bucket->parts -= cost * rule->window;
}

static int64_t wait(const struct ratelimit_rule *rule, const void *state, int64_t now, int64_t cost)
{
	const struct bucket *bucket = state;
	(void)now;
	if (cost > rule->burst)
		return -1;
	ratelimit_wide missing = (ratelimit_wide)cost * rule->window - bucket->parts;
	return missing > 0 ? ratelimit_ceiling(missing, rule->limit) : 0;
}

static size_t bytes(const void *state)
{
	const struct bucket *bucket = state;
	return sizeof bucket->parts + sizeof bucket->last;
}

const struct ratelimit_kind ratelimit_token_bucket = {
	.name = "token-bucket",
	.about = "tokens, at most `burst`, that flow in at the rate of the rule",
	.size = sizeof(struct bucket),
	.advance = advance,
	.left = left,
	.charge = charge,
	.wait = wait,
	.bytes = bytes,
};
