/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Retries: how long a client waits before it tries again, and a budget that keeps the retries of many clients to a
 * share of their requests. Every first attempt pays a share of a token into the budget, every retry takes one out.
 */
#ifndef MODEL_RETRY_H
#define MODEL_RETRY_H

#include "engine/rng.h"

#include <stdbool.h>

struct retry_budget {
	int64_t share;       /* of a token that a first attempt pays in, in millionths */
	int64_t saved, most; /* millionths */
};

/* `share` >= 0 retries for each request in the long run, `most` >= 1 saved up; it begins full. */
void retry_budget_init(struct retry_budget *budget, double share, int64_t most);
void retry_budget_pay(struct retry_budget *budget);

/* False: there is not a whole token left. */
bool retry_budget_take(struct retry_budget *budget);

/*
 * The wait before retry number 1, 2, ...: uniform from 0 to base doubled with each retry, at most `most`, ns (what is
 * called full jitter).
 */
int64_t retry_wait(int64_t base, int64_t most, int retry, struct rng *rng);

#endif
