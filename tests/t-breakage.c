/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults that overlap: over random schedules, what a case is told is at every instant what a naive reference works out
 * from the list, nothing is told twice, and faults that touch are one. Kinds that are moments happen one by one; what
 * adds to the load ends with the trace; factors do not leave what can be reckoned with.
 */
#include "run/breakage.h"
#include "tap.h"

#include "engine/rng.h"

enum { FAULTS_MAX = 12, TARGETS = 2, INSTANTS = 80, SCHEDULES = 3000 };

enum { KILL, SLOW, HOT, JUMP, KINDS };
static const struct fault_kind kinds[] = {
	[KILL] = {.name = "kill", .target = "node"},
	[SLOW] = {.name = "slow", .target = "node", .factor = true},
	[HOT] = {.name = "hot", .target = "node", .rate = true},
	[JUMP] = {.name = "jump", .target = "node", .factor = true, .moment = true},
	{.name = NULL}
};

/* What a case has been told, and what came of it at every instant: the sum of what holds. */
struct ward {
	struct fault_state state[KINDS][TARGETS];
	int told[KINDS], idle; /* calls; those that told what was known */
	int jumps;             /* the sum of their factors */
};

static void told(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct ward *ward = self;
	struct fault_state *now = &ward->state[kind][target];
	(void)sim;
	ward->told[kind]++;
	if (kind == JUMP) {
		ward->jumps += (int)state->factor;
		return;
	}
	ward->idle += !state->active == !now->active && fabs(state->factor - now->factor) < 1e-9 &&
		      fabs(state->rate - now->rate) < 1e-9;
	*now = *state;
}

static const struct case_study wards = {.name = "ward", .faults = kinds, .fault = told};

struct schedule {
	struct fault fault[FAULTS_MAX];
	int faults;
	int64_t trace_ends;
	bool known; /* beforehand */
};

static int64_t ends_of(const struct schedule *schedule, const struct fault *fault)
{
	int64_t ends = fault->at + fault->lasts;
	return fault->kind == HOT && ends > schedule->trace_ends ? schedule->trace_ends : ends;
}

static bool is_on(const struct schedule *schedule, const struct fault *fault, int64_t now)
{
	return fault->at <= now && now < ends_of(schedule, fault);
}

/* From the list, by going through the instants. */
static struct fault_state expected(const struct schedule *schedule, int kind, int64_t target, int64_t now)
{
	struct fault_state state = {.factor = 1};
	bool any = true;
	for (int i = 0; i < schedule->faults; i++) {
		const struct fault *fault = &schedule->fault[i];
		if (fault->kind != kind || fault->target != target || !is_on(schedule, fault, now))
			continue;
		state.active++;
		state.factor *= fault->factor;
		state.rate += fault->rate;
	}
	for (state.until = now; any; state.until += any) {
		any = false;
		for (int i = 0; i < schedule->faults; i++)
			any = any || (schedule->fault[i].kind == kind && schedule->fault[i].target == target &&
				      is_on(schedule, &schedule->fault[i], state.until));
	}
	return state;
}

struct watch {
	const struct schedule *schedule;
	struct ward *ward;
	struct breakage *breakage;
	int wrong;
	bool planted; /* the canary: whoever ends, ends all */
};

static bool equal(const struct fault_state *is, const struct fault_state *should)
{
	return !is->active == !should->active && (!should->active || is->until == should->until) &&
	       fabs(is->factor - should->factor) < 1e-9 && fabs(is->rate - should->rate) < 1e-9;
}

static void look(struct sim *sim, void *subject, uint64_t unused)
{
	struct watch *watch = subject;
	(void)unused;
	if (!watch->schedule->known && sim->now == watch->schedule->trace_ends)
		breakage_trace_ended(watch->breakage);
	for (int kind = 0; kind < JUMP; kind++)
		for (int target = 0; target < TARGETS; target++) {
			struct fault_state should = expected(watch->schedule, kind, target, sim->now);
			for (int i = 0; watch->planted && i < watch->schedule->faults; i++) {
				const struct fault *fault = &watch->schedule->fault[i];
				if (fault->kind == kind && fault->target == target &&
				    fault->at + fault->lasts == sim->now)
					should = (struct fault_state){.factor = 1};
			}
			struct fault_state is = watch->ward->state[kind][target];
			/* Without a trace that is known to end, it may end sooner than was said. */
			if (kind == HOT && !watch->schedule->known)
				is.until = should.until;
			watch->wrong += !equal(&is, &should);
		}
}

/* Returns at how many instants something else was known than there should be. */
static int try(const struct schedule *schedule, struct ward *ward, bool planted)
{
	struct sim *sim = sim_new(1, 0);
	struct breakage breakage;
	*ward = (struct ward){0};
	for (int kind = 0; kind < KINDS; kind++)
		for (int target = 0; target < TARGETS; target++)
			ward->state[kind][target].factor = 1;
	breakage_init(&breakage, sim, &wards, ward, schedule->fault, schedule->faults,
		      schedule->known ? schedule->trace_ends : INT64_MAX);
	struct watch watch = {schedule, ward, &breakage, 0, planted};
	for (int64_t now = 0; now < INSTANTS; now++)
		sim_at(sim, now, look, &watch, 0);
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, INT64_C(1000), NULL);
	sim_free(sim);
	return watch.wrong;
}

static struct schedule random_schedule(struct rng *rng)
{
	static const double factors[] = {0.5, 1, 2, 4};
	struct schedule schedule = {.faults = 1 + (int)rng_below(rng, FAULTS_MAX)};
	schedule.trace_ends = 20 + (int64_t)rng_below(rng, 40);
	schedule.known = rng_below(rng, 2);
	for (int i = 0; i < schedule.faults; i++)
		schedule.fault[i] = (struct fault){.kind = (int)rng_below(rng, KINDS),
						   .at = (int64_t)rng_below(rng, 50),
						   .lasts = 1 + (int64_t)rng_below(rng, 20),
						   .target = (int64_t)rng_below(rng, TARGETS),
						   .factor = factors[rng_below(rng, 4)],
						   .rate = 1 + (double)rng_below(rng, 3)};
	for (int i = 0; i < schedule.faults; i++) {
		const struct fault_kind *kind = &kinds[schedule.fault[i].kind];
		schedule.fault[i].factor = kind->factor ? schedule.fault[i].factor : 1;
		schedule.fault[i].rate = kind->rate ? schedule.fault[i].rate : 0;
	}
	return schedule;
}

static void check_schedules(void)
{
	struct rng rng = rng_start(rng_stream(7, 0, "schedules"));
	int wrong = 0, idle = 0, planted = 0, jumps = 0;
	for (int s = 0; s < SCHEDULES; s++) {
		struct schedule schedule = random_schedule(&rng);
		struct ward ward;
		wrong += try(&schedule, &ward, false);
		idle += ward.idle;
		for (int i = 0; i < schedule.faults; i++)
			jumps += schedule.fault[i].kind == JUMP;
		jumps -= ward.told[JUMP];
		planted += try(&schedule, &ward, true);
	}
	is_int(wrong, 0, "%d random schedules: at every instant what the list says holds", SCHEDULES);
	is_int(idle, 0, "nothing is told that is known");
	is_int(jumps, 0, "moments happen one by one");
	ok(planted > SCHEDULES / 2, "canary: that the end of one fault ends another is noticed (%d times)", planted);
}

/* Those who touch, or lie within each other, are one. */
static void check_touching(void)
{
	struct schedule schedule = {.faults = 3, .trace_ends = 60, .known = true, .fault = {
		{.kind = KILL, .at = 10, .lasts = 10, .factor = 1}, {.kind = KILL, .at = 20, .lasts = 10, .factor = 1},
		{.kind = KILL, .at = 12, .lasts = 2, .factor = 1}}};
	struct ward ward;
	is_int(try(&schedule, &ward, false), 0, "faults that touch");
	is_int(ward.told[KILL], 2, "begin once and end once");
	schedule.fault[1].at = 21;
	try(&schedule, &ward, false);
	is_int(ward.told[KILL], 4, "canary: those that do not, do so twice");
}

/* A thousand faults of a century each, a million times slower each. */
static void check_extremes(void)
{
	enum { MANY = 1000 };
	static struct fault fault[MANY];
	struct sim *sim = sim_new(1, 0);
	struct ward ward = {0};
	struct breakage breakage;
	for (int i = 0; i < MANY; i++)
		fault[i] = (struct fault){.kind = SLOW, .at = i, .lasts = INT64_C(36500) * 86400 * 1000000000,
					  .factor = 1000000};
	breakage_init(&breakage, sim, &wards, &ward, fault, MANY, INT64_MAX);
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, 2 * MANY, NULL);
	const struct fault_state *state = &ward.state[SLOW][0];
	is_int(state->until, MANY - 1 + fault[0].lasts, "the longest of many decides");
	ok(state->factor <= BREAKAGE_FACTOR_MAX && state->factor >= BREAKAGE_FACTOR_MAX,
	   "and the factor has a limit: %g", state->factor);
	sim_free(sim);
}

int main(void)
{
	check_schedules();
	check_touching();
	check_extremes();
	return done_testing();
}
