/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A limit that nothing but the size of what is limited changes. */
#include "model/limiter.h"

static void resized(struct limiter *limiter, double limit)
{
	limiter->limit = limit;
}

const struct limiter_kind limiter_fixed = {.name = "fixed", .admits = limiter_has_room, .resized = resized};
