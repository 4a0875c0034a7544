/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shares of a token are integers, so that ten payments of a tenth are one token.
 */
#include "model/retry.h"
#include "base/check.h"

static const int64_t token = 1000000;

void retry_budget_init(struct retry_budget *budget, double share, int64_t most, int64_t saved)
{
	CHECK(share >= 0 && share < 1e6 && most >= 1 && saved >= 0 && saved <= most);
	*budget = (struct retry_budget){.share = (int64_t)(share * (double)token + 0.5), .saved = saved * token,
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
