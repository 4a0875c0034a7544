/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One side of what a page compares: all chosen variants with the same thing laid over them, run replication by
 * replication. Replications of all variants are added together, so that all outcomes always have as many.
 */
#ifndef WEB_SIDE_H
#define WEB_SIDE_H

#include "figure/chart.h"
#include "run/explore.h"
#include "stats/judgement.h"

enum { SIDE_METRICS = 24 }; /* of the case's own, whose terms are told */

struct side {
	struct arena arena; /* the side lies inside */
	const struct explore *explore;
	struct study *study;       /* with the setups of this side */
	struct outcome **outcome;  /* in the order of what is explored */
	int outcomes;
	int reps;                  /* of each */
	struct replay **pending;   /* of the next replication, those that have ended */
	struct replay *running;    /* of the variant `at`; NULL: none */
	int at;
	struct journey **journey;  /* the slowest of the first replication of each; NULL: not looked for yet */
	struct replay *looking;    /* for the one of the variant `seen` */
	int seen;
	struct judgement **judgement; /* of each claim that can be judged; NULL before side_judge */
	struct side **ablated;     /* beside `judgement`; NULL in it where there is no ablation */
	int judgements;
};

/*
 * NULL and messages in err when it cannot be. All terms that a page may tell are asked for. `laid` must
 * outlive the side.
 */
struct side *side_new(const struct explore *explore, const struct tree *laid, const char *const *variants,
		      struct err *err);
void side_free(struct side *side);

/* Whether two give the same results for the same variants. */
bool side_same(const struct side *a, const struct side *b);

/* The outcomes, for charts. */
struct chart_outcomes side_outcomes(const struct side *side);

/* Puts the claims on trial, each with a side of its own for its ablation. */
void side_judge(struct side *side, const struct tree *laid);

/* Frees what that needs. */
void side_unjudge(struct side *side);

/*
 * Goes on for at most *budget rows and events, towards `reps` replications, and takes what it needed from *budget. True
 * when a replication of all variants has come in.
 */
bool side_step(struct side *side, int reps, uint32_t *budget);

/* The same, towards the journey of each variant; true when all are there. */
bool side_look(struct side *side, uint32_t *budget);

/* Rows of the trace in one replication of all variants, on average; 0 before the first. */
double side_rows(const struct side *side);

#endif
