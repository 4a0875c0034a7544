/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What came of a claim: judged as it is, and again without the mechanism that is said to cause it; and the table of
 * such judgements, which the command line prints and a browser shows.
 */
#ifndef STATS_JUDGEMENT_H
#define STATS_JUDGEMENT_H

#include "base/text.h"
#include "stats/trial.h"

struct judgement {
	const struct study *study;
	const struct claim *claim;
	struct trial *trial, *ablated;       /* `ablated`: NULL where there is no ablation, or it is not run */
	struct trial *doubted;               /* with the values at which it is said to fail; NULL: not run */
	bool doubt;                          /* whether that was asked for */
	struct verdict_of_one *one, *without; /* of each expectation, as it is and with the ablation */
	enum verdict holds, ablated_holds, doubted_holds;
	int standing;                        /* expectations that hold without the mechanism too */
};

/*
 * A claim on trial, with its ablation or without it: what it needs is added to `host`. `laid` (may be NULL) lies over
 * its variants where they are as they are. NULL and messages when a setup cannot be made.
 */
struct judgement *judgement_new(const struct study *study, const struct claim *claim, const struct tree *laid,
				bool ablate, const struct trial_host *host, struct err *err);

/*
 * Puts it on trial once more, with the values at which the claim is said to fail, where it tells any. False and
 * messages when a setup cannot be made.
 */
bool judgement_doubt(struct judgement *judgement, const struct trial_host *host, struct err *err);

/* Judges, once the setups have run. */
void judgement_judge(struct judgement *judgement);

/* Whether it holds, and some expectation of it falls without the mechanism, or has no ablation to fall to. */
bool judgement_earned(const struct judgement *judgement);

/* Adds the table of `count` judgements, in this order, and the line that counts them. */
void judgement_table(struct judgement *const *judgement, int count, struct text *into);

/* The column at which what is told of a claim begins there. */
enum { JUDGEMENT_HANG = 27 };

/* The same as a table in Markdown. */
void judgement_markdown(struct judgement *const *judgement, int count, struct text *into);

/* What was measured for an expectation: "81.2 ms (78 .. 84)", and what the right side came to where it is measured. */
const char *judgement_measured(const struct study *study, const struct claim *claim, const struct verdict_of_one *one,
			       int expectation, struct arena *arena);

/* The same in Markdown, each side called by its expression; what is compared with percents is told in percent. */
const char *judgement_named(const struct study *study, const struct claim *claim, const struct verdict_of_one *one,
			    int expectation, struct arena *arena);

/* How many claims of a kind there are, and how many of these are earned; all claims for kind -1. */
struct judgement_count {
	int claims, earned, failing, unexplained, unsettled, standing;
	int doubted, unshaken; /* whose values at which they fail were tried, and that do not fail at them */
	int undecided;         /* of the latter: they are not settled there */
	int untold;            /* predicted ones that name no such values, where these were asked for */
};
struct judgement_count judgement_count(struct judgement *const *judgement, int count, int kind);

#endif
