/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of kinds, and a table of states. Everything that differs between kinds is in a file of each.
 */
#include "model/ratelimit.h"
#include "base/check.h"

#define RATELIMIT(name, word) &ratelimit_##name,
const struct ratelimit_kind *const ratelimit_kinds[] = {
#include "model/ratelimit.def"
	NULL};
#undef RATELIMIT

#define RATELIMIT(name, word) word,
const char *const ratelimit_names[] = {
#include "model/ratelimit.def"
	NULL};
#undef RATELIMIT

bool ratelimit_rule_fits(const struct ratelimit_rule *rule)
{
	const ratelimit_wide most = (ratelimit_wide)1 << 62;
	return rule->limit >= 1 && rule->window >= 1 && rule->burst >= 1 &&
	       (ratelimit_wide)rule->limit * rule->window < most && (ratelimit_wide)rule->burst * rule->window < most;
}

bool ratelimit_take_of(const struct ratelimit_kind *kind, const struct ratelimit_rule *rule, void *state, int64_t now,
		       int64_t cost, struct arena *arena)
{
	CHECK(cost >= 0);
	kind->advance(rule, state, now);
	if (kind->left(rule, state, now) < cost)
		return false;
	kind->charge(rule, state, now, cost, arena);
	return true;
}

void ratelimit_init(struct ratelimit *limiter, struct arena *arena, const struct ratelimit_kind *kind,
		    const struct ratelimit_rule *rule)
{
	CHECK(ratelimit_rule_fits(rule));
	*limiter = (struct ratelimit){.kind = kind, .rule = rule};
	keymap_init(&limiter->state, arena, kind->size);
}

bool ratelimit_take(struct ratelimit *limiter, uint64_t key, int64_t now, int64_t cost)
{
	return ratelimit_take_of(limiter->kind, limiter->rule, keymap_put(&limiter->state, key, NULL), now, cost,
				 limiter->state.arena);
}

int64_t ratelimit_left(struct ratelimit *limiter, uint64_t key, int64_t now)
{
	void *state = keymap_put(&limiter->state, key, NULL);
	limiter->kind->advance(limiter->rule, state, now);
	return limiter->kind->left(limiter->rule, state, now);
}

size_t ratelimit_bytes(const struct ratelimit *limiter, uint64_t key)
{
	const void *state = keymap_find(&limiter->state, key);
	return state ? limiter->kind->bytes(state) : 0;
}

void ratelimit_charge(struct ratelimit *limiter, uint64_t key, int64_t now, int64_t cost)
{
	void *state = keymap_put(&limiter->state, key, NULL);
	limiter->kind->advance(limiter->rule, state, now);
	limiter->kind->charge(limiter->rule, state, now, cost, limiter->state.arena);
}
