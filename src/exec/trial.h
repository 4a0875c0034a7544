/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A claim put on trial: the setups that its expectations name, as they are or with the claim's ablation laid over each,
 * and the verdict once they have run.
 */
#ifndef EXEC_TRIAL_H
#define EXEC_TRIAL_H

#include "exec/campaign.h"
#include "stats/verdict.h"

struct trial_side {
	const char *variant;
	struct outcome *outcome;
	struct trial_side *next;
};

struct trial {
	const struct claim *claim;
	struct trial_side *side;
};

/*
 * Adds what the claim needs to the campaign; `ablated`: with its ablation. Allocated in the study's arena. NULL and
 * messages when a setup cannot be made.
 */
struct trial *trial_new(const struct study *study, struct campaign *campaign, const struct claim *claim, bool ablated,
			struct err *err);

/* The same with `over` laid over its variants, in the form of an ablation; over `only` this one, unless NULL. */
struct trial *trial_over(const struct study *study, struct campaign *campaign, const struct claim *claim,
			 const struct tree *over, const char *only, struct err *err);

/* Calls `each` with the outcome and the index of every term of the claim. */
void trial_each(const struct study *study, const struct trial *trial,
		void (*each)(void *context, const struct outcome *outcome, int term), void *context);

/* Verdicts on the claim's expectations, in an array of the study's arena. */
struct verdict_of_one *trial_judge(const struct study *study, const struct trial *trial);

/* Whether all variants of a claim are among `count` outcomes. */
bool trial_covered(const struct study *study, const struct claim *claim, struct outcome *const *outcome, int count);

#endif
