/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults are sorted by kind, target and beginning, so that those that hit the same thing lie side by side, and those of
 * them that touch can be joined. An event stands for each beginning and each end; it works out the whole state of its
 * target anew, which is right whatever else happens at the same instant, and says nothing when it is as it was.
 */
#include "run/breakage.h"

#include <stdlib.h>

struct breakage_fault {
	const struct fault *fault;
	struct breakage *breakage;
	int number;                /* in the list */
	int first, last;           /* of those that hit the same */
	int64_t ends;              /* ns */
	int64_t since, until;      /* of those that touch, joined */
	struct fault_state told;   /* of the first of those that hit the same: what the case knows */
};

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_target(const void *left, const void *right)
{
	const struct breakage_fault *a = left, *b = right;
	int kind = order(a->fault->kind, b->fault->kind), target = order(a->fault->target, b->fault->target);
	int at = order(a->fault->at, b->fault->at);
	return kind ? kind : target ? target : at ? at : order(a->number, b->number);
}

static bool same_target(const struct fault *a, const struct fault *b)
{
	return a->kind == b->kind && a->target == b->target;
}

static bool adds_load(const struct breakage *breakage, const struct fault *fault)
{
	return breakage->of->faults[fault->kind].rate;
}

static struct fault_state state_of(const struct breakage *breakage, const struct breakage_fault *first)
{
	struct fault_state state = {.factor = 1, .since = breakage->sim->now, .until = breakage->sim->now};
	int64_t now = breakage->sim->now;
	for (int i = first->first; i <= first->last; i++) {
		const struct breakage_fault *one = &breakage->fault[i];
		if (now < one->fault->at || now >= one->ends ||
		    (now >= breakage->trace_ends && adds_load(breakage, one->fault)))
			continue;
		state.active++;
		state.factor *= one->fault->factor;
		state.rate += one->fault->rate;
		state.since = one->since;
		state.until = one->until;
	}
	if (state.factor > BREAKAGE_FACTOR_MAX)
		state.factor = BREAKAGE_FACTOR_MAX;
	if (state.factor < 1 / BREAKAGE_FACTOR_MAX)
		state.factor = 1 / BREAKAGE_FACTOR_MAX;
	return state;
}

static void tell(struct breakage *breakage, struct breakage_fault *first)
{
	const struct fault *fault = first->fault;
	struct fault_state state = state_of(breakage, first), told = first->told;
	first->told = state;
	if ((state.active > 0) != (told.active > 0) || state.factor > told.factor || state.factor < told.factor ||
	    state.rate > told.rate || state.rate < told.rate)
		breakage->of->fault(breakage->sim, breakage->world, fault->kind, fault->target, &state);
}

static void change(struct sim *sim, void *subject, uint64_t unused)
{
	const struct breakage_fault *one = subject;
	(void)sim;
	(void)unused;
	tell(one->breakage, &one->breakage->fault[one->first]);
}

static void happen(struct sim *sim, void *subject, uint64_t unused)
{
	const struct breakage_fault *one = subject;
	const struct fault *fault = one->fault;
	struct fault_state state = {1, fault->factor, fault->rate, sim->now, sim->now};
	(void)unused;
	one->breakage->of->fault(sim, one->breakage->world, fault->kind, fault->target, &state);
}

/* Of each: which others hit the same, and from when until when it is one with those that touch it. */
static void join(struct breakage *breakage)
{
	int first = 0, joined = 0;
	for (int i = 0; i < breakage->faults; i++) {
		struct breakage_fault *one = &breakage->fault[i];
		if (i > 0 && !same_target(one->fault, breakage->fault[i - 1].fault))
			first = joined = i;
		else if (i > 0 && one->fault->at > breakage->fault[i - 1].until)
			joined = i;
		one->first = first;
		one->told.factor = 1;
		one->since = breakage->fault[joined].fault->at;
		one->until = i > joined && breakage->fault[i - 1].until > one->ends ? breakage->fault[i - 1].until
										     : one->ends;
	}
	for (int i = breakage->faults - 1; i >= 0; i--) {
		struct breakage_fault *one = &breakage->fault[i], *next = i + 1 < breakage->faults ? one + 1 : NULL;
		bool same = next && next->first == one->first;
		one->last = same ? next->last : i;
		if (same && next->since == one->since && next->until > one->until)
			one->until = next->until;
	}
}

void breakage_init(struct breakage *breakage, struct sim *sim, const struct case_study *of, void *world,
		   const struct fault *fault, int faults, int64_t trace_ends)
{
	*breakage = (struct breakage){.sim = sim, .of = of, .world = world, .trace_ends = trace_ends,
				      .faults = faults};
	breakage->fault = ARENA_ARRAY(&sim->arena, (size_t)faults + 1, struct breakage_fault);
	for (int i = 0; i < faults; i++)
		breakage->fault[i] = (struct breakage_fault){.fault = &fault[i], .breakage = breakage, .number = i,
							     .ends = fault[i].at + fault[i].lasts};
	for (int i = 0; i < faults; i++)
		if (adds_load(breakage, &fault[i]) && breakage->fault[i].ends > trace_ends)
			breakage->fault[i].ends = trace_ends;
	qsort(breakage->fault, (size_t)faults, sizeof *breakage->fault, by_target);
	join(breakage);
	int *place = ARENA_ARRAY(&sim->arena, (size_t)faults + 1, int);
	for (int i = 0; i < faults; i++)
		place[breakage->fault[i].number] = i;
	for (int i = 0; i < faults; i++) {
		struct breakage_fault *one = &breakage->fault[place[i]];
		if (of->faults[fault[i].kind].moment) {
			sim_at(sim, fault[i].at, happen, one, 0);
			continue;
		}
		if (one->ends <= fault[i].at)
			continue;
		sim_at(sim, fault[i].at, change, one, 0);
		sim_at(sim, one->ends, change, one, 0);
	}
}

void breakage_trace_ended(struct breakage *breakage)
{
	if (breakage->trace_ends < INT64_MAX)
		return;
	breakage->trace_ends = breakage->sim->now;
	for (int i = 0; i < breakage->faults; i++)
		if (breakage->fault[i].first == i && adds_load(breakage, breakage->fault[i].fault))
			tell(breakage, &breakage->fault[i]);
}
