/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An expression of claims that is measured on one outcome after another: "p99(read)", "max(queue) / mean(queue)".
 */
#ifndef EXEC_MEASURE_H
#define EXEC_MEASURE_H

#include "stats/outcome.h"
#include "stats/paired.h"

struct measure {
	const char *text;
	struct expression *expression;
	enum quantity_kind kind; /* of its value */
	bool windowed;           /* terms that name no window are of this one */
	int64_t window;
};

/*
 * Understands `text`; the bare name of a metric stands for its p99, or its mean where it has no percentiles. Windows
 * are those of `setup`; no other variant may be named. `option` is told as the place of mistakes. False and messages in
 * err.
 */
bool measure_parse(struct measure *measure, const struct setup *setup, const char *text, const char *option,
		   struct err *err);

/* The last window of a setup whose trace has several: what tables show. False when it has one. */
bool measure_last_window(const struct setup *setup, int64_t *window);

/* Asks an outcome for what is needed, before its first replication. */
void measure_want(const struct measure *measure, struct outcome *outcome);

/*
 * One number for each replication, into `value`: those of pooled_each. And the value of all replications together. The
 * numbers of a least or greatest value are all the same.
 */
void measure_each(const struct measure *measure, const struct outcome *outcome, double *value);
double measure_all(const struct measure *measure, const struct outcome *outcome);

/* The value of one replication alone. */
double measure_one(const struct measure *measure, const struct outcome *outcome, int rep);

/* Whether anything in it hangs on requests that had not ended, see struct estimate. */
bool measure_at_least(const struct measure *measure, const struct outcome *outcome);

/*
 * Notes in a comparison what measure_at_least says of either side: which may be larger, or that both may be anything
 * where the measure is more than one term.
 */
void measure_note_unfinished(const struct measure *measure, bool a, bool b, struct paired *paired);

#endif
