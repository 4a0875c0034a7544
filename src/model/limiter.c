/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/limiter.h"
#include "base/check.h"

#define LIMITER(name) &limiter_##name,
const struct limiter_kind *const limiter_kinds[] = {
#include "model/limiter.def"
	NULL};
#undef LIMITER

#define LIMITER(name) #name,
const char *const limiter_names[] = {
#include "model/limiter.def"
	NULL};
#undef LIMITER

void limiter_init(struct limiter *limiter, struct arena *arena, const struct limiter_kind *kind, double limit,
		  double most)
{
	CHECK(limit >= 1 && most >= limit);
	*limiter = (struct limiter){.kind = kind, .limit = limit, .most = most};
	if (kind->size > 0)
		limiter->state = arena_get(arena, kind->size);
}

bool limiter_has_room(const struct limiter *limiter, double share)
{
	return (double)limiter->flying + 1 <= limiter->limit * share;
}

bool limiter_enter(struct limiter *limiter, double share)
{
	CHECK(share >= 0 && share <= 1);
	if (limiter->kind->admits && !limiter->kind->admits(limiter, share))
		return false;
	limiter->flying++;
	return true;
}

void limiter_leave(struct limiter *limiter, int64_t took)
{
	CHECK(limiter->flying > 0);
	limiter->flying--;
	if (limiter->kind->ended && took >= 0)
		limiter->kind->ended(limiter, took);
}

void limiter_resize(struct limiter *limiter, double limit)
{
	CHECK(limit >= 1);
	if (limiter->kind->resized)
		limiter->kind->resized(limiter, limit);
}
