/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of a run, beside its figures:
 *
 *   run.json       how to get it again: version, command line, resolved parameters, trace, seed, digests
 *   summary.json   for every variant and metric, in all and per window: count, mean, p50, p90, p99, p999, max with the
 * bounds of their 95 % intervals; times in seconds; null where there is nothing to tell samples.csv    the same of each
 * replication: variant, rep, window, metric, statistic, t, value, unit percentiles-VARIANT-METRIC.hgrm   all
 * percentiles of a time, in HdrHistogram's four columns, in ms
 */
#ifndef IO_RESULTS_H
#define IO_RESULTS_H

#include "stats/outcome.h"

#include <jansson.h>

struct results {
	const struct study *study;
	struct outcome *const *outcome; /* in the order they are told in */
	const char *const *trace;       /* beside each outcome: how its trace file was read; NULL with a recipe */
	const char *const *contents;    /* beside each outcome: a digest of that file, or NULL */
	int outcomes;
	const char *command;            /* the command line */
	char *const *arguments;         /* the same in words, but for where results go; ends with NULL */
	const char *version, *commit;
	bool interrupted;
	const char *const *figures;     /* names of those that are drawn beside; ends with NULL; may be NULL */
};

/*
 * How many metrics a setup has, and how many of these are told in files. Where tables of a model bring hundreds, files
 * tell those of the case itself, those that `run: {keep: [...]}` names, and what claims and figures ask for.
 */
int results_metrics(const struct setup *setup, int *kept);

/* Asks an outcome for all that summary.json tells, before its first replication. */
void results_want(struct outcome *outcome);

/* summary.json and run.json as values; the caller releases them. */
json_t *results_summary(const struct results *results);
json_t *results_run(const struct results *results);

/* A setup, resolved, as a value: parameters, trace, faults, and what a run is. */
json_t *results_setup(const struct setup *setup);

/* Writes all files into `dir`, which exists. False and ERR_OUTPUT messages. */
bool results_write(const struct results *results, const char *dir, struct err *err);

/*
 * A text as JSON, such as what a file is called: a ? stands for each byte that is no UTF-8. The caller releases it.
 */
json_t *results_text(const char *text);

/* A part of a model file as JSON: its scalars are texts. The caller releases it. */
json_t *results_tree(const struct tree *tree);

/* What a window is called: "2022-05-01", or the number of a step. `buffer` has RESULTS_WINDOW bytes. */
enum { RESULTS_WINDOW = 32 };
const char *results_window(const struct setup *setup, int64_t window, char *buffer);

/* "s", "ns of core time", "bytes", "1": the unit in which a statistic of a metric is told. */
const char *results_unit(const struct metric *metric, const char *statistic);

/* A digest as it is shown: 16 hexadecimal digits; `buffer` has RESULTS_DIGEST bytes. */
enum { RESULTS_DIGEST = 17 };
const char *results_digest(uint64_t digest, char *buffer);

#endif
