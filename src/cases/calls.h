/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How one calls another, as a model file says it: what struct call_config of model/call.h holds, as fields of a struct
 * of parameters, as rows of its table, and as the value that a caller is made with. `distance`, `near` and `tied` are
 * for those who look at the network and at copies.
 *
 *   struct call { CALL_FIELDS; };
 *   static const struct param call[] = {CALL_ROWS(struct call), PARAM_END};
 *   struct call_config config = CALL_CONFIG(&row, whether the callee is told of what was given up);
 */
#ifndef CASES_CALLS_H
#define CASES_CALLS_H

#include "model/call.h"
#include "param/param.h"

#define CALL_FIELDS \
	int64_t timeout, attempts, wait, wait_most, budget_most, budget_saved; \
	int64_t hedge, breaker_of, breaker_for, fallback; \
	int backoff; \
	double budget, breaker; \
	bool tied, near; \
	struct dist distance
#define CALL_ROWS(type) \
	PARAM_TIME(type, timeout, "0 s", "0 s", "1 h", "until an attempt is given up; 0 s: never"), \
	PARAM_COUNT(type, attempts, "1", "1", "100", "attempts at most, the first included"), \
	PARAM_CHOICE(type, backoff, backoff_names, "full", "how the wait before another attempt grows and is drawn"), \
	PARAM_TIME(type, wait, "10 ms", "0 s", "1 h", "the wait before the second attempt"), \
	PARAM_TIME(type, wait_most, "1 s", "0 s", "1 h", "the longest wait before another attempt"), \
	PARAM_RATIO(type, budget, "0 %", "0", "100", \
		    "retries and hedges for each call, in the long run; 0 %: any number"), \
	PARAM_COUNT(type, budget_most, "10", "1", "1 M", "retries and hedges that can be saved up"), \
	PARAM_COUNT(type, budget_saved, "0", "0", "1 M", "of these, how many there are at the start"), \
	PARAM_TIME(type, hedge, "0 s", "0 s", "1 h", \
		   "until an attempt that is not answered gets a second copy; 0 s: never"), \
	PARAM_BOOL(type, tied, "off", \
		   "of two copies, the one that is begun first keeps the other from being worked on"), \
	PARAM_RATIO(type, breaker, "0 %", "0", "1", \
		    "share of failures at which nobody is asked for a while; 0 %: there is no breaker"), \
	PARAM_COUNT(type, breaker_of, "20", "1", "64", "outcomes that the breaker looks at"), \
	PARAM_TIME(type, breaker_for, "5 s", "1 us", "1 h", "how long the breaker stays open"), \
	PARAM_TIME(type, fallback, "0 s", "0 s", "1 h", \
		   "what is there instead of an answer, when a call has failed, takes so long; 0 s: nothing is"), \
	PARAM_DIST(type, distance, TIME, "const(0 ns)", "0 s", "1 h", "one way, on top of what the network takes"), \
	PARAM_BOOL(type, near, "off", "a message takes nothing but its distance: the network is left out")

#define CALL_CONFIG(row, tells) \
	(struct call_config){.timeout = (row)->timeout, .attempts = (row)->attempts, \
			     .backoff = {backoff_kinds[(row)->backoff], (row)->wait, (row)->wait_most}, \
			     .hedge = (row)->hedge, .budget = (row)->budget > 0 ? (row)->budget : -1, \
			     .budget_most = (row)->budget_most, .budget_saved = (row)->budget_saved, \
			     .breaker = (row)->breaker, .breaker_of = (row)->breaker_of, \
			     .breaker_for = (row)->breaker_for, \
			     .fallback = (row)->fallback > 0 ? (row)->fallback : -1, \
			     .cancel = (tells)}

#endif
