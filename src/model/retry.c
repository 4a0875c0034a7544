/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shares of a token are integers, so that ten payments of a tenth are one token.
 */
#include "model/retry.h"
#include "base/check.h"

static const int64_t token = 1000000;

void retry_budget_init(struct retry_budget *budget, double share, int64_t most)
{
	CHECK(share >= 0 && share < 1e6 && most >= 1);
	*budget = (struct retry_budget){.share = (int64_t)(share * (double)token + 0.5), .saved = most * token,
					.most = most * token};
}

void retry_budget_pay(struct retry_budget *budget)
{
	budget->saved += budget->share;
	if (budget->saved > budget->most)
		budget->saved = budget->most;
}

bool retry_budget_take(struct retry_budget *budget)
{
	if (budget->saved < token)
		return false;
	budget->saved -= token;
	return true;
}

int64_t retry_wait(int64_t base, int64_t most, int retry, struct rng *rng)
{
	int64_t wait = base;
	while (--retry > 0 && wait < most)
		wait *= 2;
	if (wait > most)
		wait = most;
	return (int64_t)(rng_unit(rng) * (double)wait);
}
