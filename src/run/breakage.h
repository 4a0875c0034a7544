/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults that overlap, composed: what holds of one target, or of a kind without targets, is a function of the instant
 * and the list of faults, and a case is told whenever it becomes another. Two faults of a kind that touch are one that
 * lasts as long as both; factors multiply, rates add.
 *
 * What a fault adds to the load ends with the trace. What it breaks stays broken for as long as it says, also while
 * what is open at the end of the trace is served.
 */
#ifndef RUN_BREAKAGE_H
#define RUN_BREAKAGE_H

#include "cases/case.h"

struct breakage_fault;

struct breakage {
	struct sim *sim;
	const struct case_study *of;
	void *world;
	int64_t trace_ends; /* ns; INT64_MAX when that is not known */
	struct breakage_fault *fault;
	int faults;
};

/*
 * Schedules what the faults do to a world of the case, in the order of the list. The faults outlive the replay;
 * `trace_ends` is when the last window of the trace has passed, INT64_MAX when that is not known beforehand.
 */
void breakage_init(struct breakage *breakage, struct sim *sim, const struct case_study *of, void *world,
		   const struct fault *fault, int faults, int64_t trace_ends);

/* The trace has ended now; of effect once, and only where that was not known beforehand. */
void breakage_trace_ended(struct breakage *breakage);

/* How much longer a thing takes at most, and how much shorter, through faults together. */
#define BREAKAGE_FACTOR_MAX 1e15

#endif
