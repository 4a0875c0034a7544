/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run says at its end, as tables on standard output.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "io/results.h"
#include "stats/verdict.h"

#include <stdio.h>

/* A claim judged: on the study as it is, and with its ablation. */
struct judged {
	const struct claim *claim;
	struct verdict_of_one *one;  /* of each expectation */
	enum verdict holds;
	bool ablated;                /* there is an ablation, and it was run */
	enum verdict ablated_holds;
};

/* Seconds, sizes and numbers as people read them, three digits; "-" for what is not known. `buffer`: REPORT_VALUE. */
enum { REPORT_VALUE = 64 };
const char *report_value(double value, enum quantity_kind kind, char *buffer);

/* Asks an outcome for what report_table shows. */
void report_want(const struct study *study, struct outcome *outcome, struct err *err);

/*
 * Latency of the first two times of the case in the last window, what is served, utilisation; what failed in the whole
 * run; warnings on standard error.
 */
void report_table(const struct results *results, FILE *into);

/* Calls `each` with the terms of that table but for the greatest values, which settle on nothing. */
void report_each(const struct study *study, const struct outcome *outcome,
		 void (*each)(void *context, const struct outcome *outcome, int term), void *context);

/* Warm-ups that were found; a warning where there is no steady state. */
void report_warmup(struct outcome *const *outcome, int count, FILE *into);

/* A term as a claim would write it, "p99(read)[scylladb @ 2022-05-01]". Allocated in `arena`. */
const char *report_term(const struct outcome *outcome, int term, struct arena *arena);

/* The journeys of the slowest requests, as text. */
void report_slowest(const struct outcome *outcome, FILE *into);

/* The claims that could be judged from what has run, in one line. */
void report_claims(const struct judged *judged, int count, FILE *into);

/* Measured values of a claim, e.g. "81.2 ms (78 .. 84)". Allocated in `arena`. */
const char *report_measured(const struct study *study, const struct claim *claim, const struct verdict_of_one *one,
			    int i, struct arena *arena);

#endif
