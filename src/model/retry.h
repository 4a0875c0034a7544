/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A budget that keeps the retries of many calls to a share of them: every call pays a share of a token in, every retry
 * takes one out.
 */
#ifndef MODEL_RETRY_H
#define MODEL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct retry_budget {
	int64_t share;       /* of a token that a call pays in, in millionths */
	int64_t saved, most; /* millionths */
};

/* `share` >= 0 retries for each call in the long run; at most `most` >= 1 saved up, `saved` of them from the start. */
void retry_budget_init(struct retry_budget *budget, double share, int64_t most, int64_t saved);
void retry_budget_pay(struct retry_budget *budget);

/* False: there is not a whole token left. */
bool retry_budget_take(struct retry_budget *budget);

#endif
