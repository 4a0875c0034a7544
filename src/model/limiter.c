/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/limiter.h"

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
	CHECK(share >= 0 && share <= 1);
	return (double)limiter->flying + 1 <= limiter->limit * share;
}

void limiter_resize(struct limiter *limiter, double limit)
{
	CHECK(limit >= 1);
	if (limiter->kind->resized)
		limiter->kind->resized(limiter, limit);
}
