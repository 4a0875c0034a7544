/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A claim put on trial: the setups that its expectations name, as they are or with the claim's ablation laid over each,
 * and the verdict once they have run.
 */
#ifndef STATS_TRIAL_H
#define STATS_TRIAL_H

#include "stats/outcome.h"
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

/* Who runs setups: `add` gives the outcome that will collect a setup's replications, or NULL and messages in err. */
struct trial_host {
	struct outcome *(*add)(void *host, const struct setup *setup, struct err *err);
	void *host;
};

/*
 * Asks the host for what the claim needs: with `over` (NULL: nothing), in the form of an ablation, laid over its
 * variants, or over `only` this one, unless NULL. Allocated in the study's arena. NULL and messages when a setup cannot
 * be made.
 */
struct trial *trial_new(const struct study *study, const struct claim *claim, const struct tree *over,
			const char *only, const struct trial_host *host, struct err *err);

/* Calls `each` with the outcome and the index of every term of the claim. */
void trial_each(const struct study *study, const struct trial *trial,
		void (*each)(void *context, const struct outcome *outcome, int term), void *context);

/* Verdicts on the claim's expectations, in an array of the study's arena. */
struct verdict_of_one *trial_judge(const struct study *study, const struct trial *trial);

/* For expression_terms: sets a bool to true. */
void trial_note_term(void *any, struct term *term);

/* Whether all variants of a claim are among `count` outcomes. */
bool trial_covered(const struct study *study, const struct claim *claim, struct outcome *const *outcome, int count);

#endif
