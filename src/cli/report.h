/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run says at its end, as tables on standard output.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "io/results.h"
#include "stats/judgement.h"
#include "stats/shown.h"

#include <stdio.h>

/* Asks an outcome for what report_table shows. */
void report_want(const struct study *study, struct outcome *outcome, struct err *err);

/*
 * What study->table names, in the last window: latency, what is served, utilisation; what failed in the whole run;
 * warnings on standard error. On a terminal that is too narrow, or in Markdown, in another form.
 */
void report_table(const struct results *results, bool markdown, FILE *into);

/* Calls `each` with the terms of that table but for the greatest values, which settle on nothing. */
void report_each(const struct study *study, const struct outcome *outcome,
		 void (*each)(void *context, const struct outcome *outcome, int term), void *context);

/* "3 of 10 rows left out (where, from, to)"; of rows that were read. Allocated in `arena`. */
const char *report_left_out(const struct row_records *records, struct arena *arena);

/* Warm-ups that were found; a warning where there is no steady state. */
void report_warmup(struct outcome *const *outcome, int count, FILE *into);

/* A term as a claim would write it, "p99(read)[scylladb @ 2022-05-01]". Allocated in `arena`. */
const char *report_term(const struct outcome *outcome, int term, struct arena *arena);

/* The journeys of the slowest requests, as text. */
void report_slowest(const struct outcome *outcome, FILE *into);

/* The claims that could be judged from what has run, in one line. */
void report_claims(struct judgement *const *judgement, int count, struct arena *arena, FILE *into);

/*
 * Where the time goes: of each part that a model has named, below who calls it, how often a request comes there, how
 * long it takes, waits, works, and waits for others, and how many of its threads are taken. Of several variants with
 * the same parts a table tells how long each takes and how many threads are taken, side by side. Nothing for other
 * cases.
 */
void report_parts(struct outcome *const *outcome, int count, struct arena *arena, FILE *into);

#endif
