/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A recipe (trace/recipe.h) whose rows are like those of a trace: for who may not publish a log, but what it is like.
 *
 *   time       the mean rate; from two days on the course of a day, from a week on that of a week; random factors of
 * the rate on scales from 1 s (or what the clock tells) to a day, so that the counts per stretch of each scale vary as
 * much as the trace's: a product of independent gamma factors (`modulation`), solved from the finest scale to the
 * coarsest, after the course of day and week has been divided out keys       how many and how skewed (`zipf`): such
 * that drawn rows have as many different keys, and the same exponent by the same estimator (io/zipf.h). Up to 60 keys:
 * each with its share words      each with its share numbers    of exponential, gamma, Weibull and lognormal
 * distributions the nearest, by the distance of Kolmogorov and Smirnov; where none is within TRACE_FIT_NEAR, a mixture
 * of uniform ones between quantiles
 *
 * Columns are told as if they were independent of one another and of time. The recipe says in comments what it was made
 * from, and how near it is.
 */
#ifndef IO_TRACEFIT_H
#define IO_TRACEFIT_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define TRACE_FIT_NEAR 0.03

enum trace_fit_kind { TRACE_FIT_KEY, TRACE_FIT_WORD, TRACE_FIT_COUNT, TRACE_FIT_TIME, TRACE_FIT_BYTES };

enum { TRACE_FIT_KEYS = 60 }; /* so many are told one by one */

struct trace_fit_column {
	const char *name;
	enum trace_fit_kind kind;
	const char *const *words; /* of TRACE_FIT_WORD: what value i is called; ends with NULL */
};

struct trace_fit;

/* For rows with these columns, which must outlive it. */
struct trace_fit *trace_fit_open(const struct trace_fit_column *columns, int count);
void trace_fit_close(struct trace_fit *fit);

/* A row: its instant, ns since 1970-01-01 (or whatever the clock counts from); rows in order. Values are 0 or more; -1
 * is a missing one. */
void trace_fit_row(struct trace_fit *fit, int64_t instant, const int64_t *values);

/* Writes the recipe; `from` says what the rows are of. False and a message when there are too few rows. */
bool trace_fit_write(struct trace_fit *fit, const char *from, FILE *file, struct err *err);

#endif
