/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls and what they are made of: backoffs against their table, a breaker against a list of outcomes, budgets, and
 * whole calls against what can be worked out by hand: when each attempt sets out, how many there are, how many fail.
 */
#include "base/holder.h"
#include "model/call.h"
#include "tap.h"

static const int64_t ms = 1000000, second = 1000000000;

/* ---- backoffs ---- */

static void check_backoffs(void)
{
	static const struct {
		const char *name;
		double least, mean, most; /* of sleep, for retries after the first */
	} laws[] = {{"none", 0, 0, 0}, {"exponential", 1, 1, 1}, {"equal", 0.5, 0.75, 1}, {"full", 0, 0.5, 1}};
	struct rng rng = rng_seed(5);
	for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
		struct backoff backoff = {backoff_find(laws[k].name), 100 * ms, second};
		bool within = true, mean = true;
		for (int retry = 1; retry <= 70; retry++) {
			double sleep = retry < 5 ? 100e6 * (1 << (retry - 1)) : 1e9, sum = 0;
			for (int i = 0; i < 5000; i++) {
				double wait = (double)backoff_wait(&backoff, retry, 0, &rng);
				within = within && wait >= laws[k].least * sleep && wait <= laws[k].most * sleep;
				sum += wait;
			}
			mean = mean && fabs(sum / 5000 - laws[k].mean * sleep) < 0.02 * sleep;
		}
		ok(within && mean, "%s: a wait lies between %g and %g of the sleep, in the mean at %g", laws[k].name,
		   laws[k].least, laws[k].most, laws[k].mean);
	}
	/* Decorrelated: the second wait is uniform up to three times the first, and that one up to three bases. */
	struct backoff backoff = {backoff_find("decorrelated"), 100 * ms, second};
	double first = 0, next = 0;
	int64_t greatest = 0;
	bool within = true;
	for (int i = 0; i < 100000; i++) {
		int64_t last = backoff_wait(&backoff, 1, 0, &rng), wait = backoff_wait(&backoff, 2, last, &rng);
		within = within && last >= 100 * ms && last < 300 * ms && wait >= 100 * ms && wait < 3 * last;
		first += (double)last / 1e5;
		next += (double)wait / 1e5;
		for (int retry = 3; retry < 12; retry++)
			wait = backoff_wait(&backoff, retry, wait, &rng);
		greatest = wait > greatest ? wait : greatest;
	}
	ok(within, "decorrelated: a wait lies between the base and three times the one before");
	near_to(first / 1e6, 200, 1, "the first in the mean at twice the base");
	near_to(next / 1e6, 350, 2, "the second at (base + 3 * 2 base) / 2");
	is_int(greatest, second, "and none is longer than the most");
	for (int i = 0; backoff_kinds[i] || backoff_names[i]; i++)
		ok(backoff_kinds[i] && backoff_names[i] && backoff_find(backoff_names[i]) == backoff_kinds[i],
		   "%s is found by its name", backoff_names[i] ? backoff_names[i] : "(none)");
	ok(!backoff_find("linear"), "canary: what is not there is not found");
}

/* ---- budgets ---- */

static void check_budgets(void)
{
	struct retry_budget budget;
	retry_budget_init(&budget, 0.1, 3, 3);
	int taken = 0;
	for (int i = 0; i < 10; i++)
		taken += retry_budget_take(&budget);
	is_int(taken, 3, "a full budget has what can be saved");
	for (int i = 0; i < 9; i++)
		retry_budget_pay(&budget);
	ok(!retry_budget_take(&budget), "nine tenths of a token are none");
	retry_budget_pay(&budget);
	ok(retry_budget_take(&budget), "ten tenths are one, exactly");
	taken = 0;
	for (int i = 0; i < 100000; i++) {
		retry_budget_pay(&budget);
		taken += retry_budget_take(&budget);
	}
	is_int(taken, 10000, "in the long run, retries are a tenth of the calls");
	for (int i = 0; i < 1000; i++)
		retry_budget_pay(&budget);
	for (taken = 0; retry_budget_take(&budget);)
		taken++;
	is_int(taken, 3, "no more than the most is saved up");
	retry_budget_init(&budget, 0.1, 3, 0);
	ok(!retry_budget_take(&budget), "a budget may begin with nothing");
}

/* ---- breakers ---- */

enum { STEPS = 20000, OF = 7 };

/* The table of breaker.h, as a list of all outcomes. */
struct plain_breaker {
	bool failed[STEPS];
	int count, from; /* outcomes, and the first that still matters */
	int64_t open_until, trial;
	bool open;
};

static bool plain_admits(struct plain_breaker *plain, int64_t now, int64_t lasts)
{
	if (!plain->open)
		return true;
	if (now < plain->open_until)
		return false;
	plain->trial = now;
	plain->open_until = now + lasts; /* for the next one, should nothing be heard of this one */
	return true;
}

static void plain_saw(struct plain_breaker *plain, int64_t now, int64_t asked, int64_t lasts, bool failed)
{
	if (plain->open) {
		if (asked != plain->trial)
			return;
		plain->open = failed;
		plain->open_until = now + lasts;
		plain->from = plain->count;
		plain->trial = -1;
		return;
	}
	plain->failed[plain->count++] = failed;
	int failures = 0, first = plain->count - OF;
	if (first < plain->from)
		return;
	for (int i = first; i < plain->count; i++)
		failures += plain->failed[i];
	if (failures >= 4) {
		plain->open = true;
		plain->open_until = now + lasts;
		plain->trial = -1;
	}
}

static void check_breakers(void)
{
	static struct plain_breaker plain;
	struct breaker breaker, other;
	struct rng rng = rng_seed(9);
	int differ = 0, refused = 0, canary = 0;
	breaker_init(&breaker, 0.5, OF, 20);
	breaker_init(&other, 0.7, OF, 20);
	plain.trial = -1;
	for (int i = 0; i < STEPS; i++) { /* one a step; its outcome comes a little later, or never */
		int64_t now = 10 * (int64_t)i;
		bool want = plain_admits(&plain, now, 20), got = breaker_admits(&breaker, now);
		bool loose = breaker_admits(&other, now);
		differ += want != got;
		refused += !got;
		canary += want != loose;
		bool failed = rng_unit(&rng) < 0.45, heard = rng_unit(&rng) < 0.9;
		if (want && heard)
			plain_saw(&plain, now + 3, now, 20, failed);
		if (got && heard)
			breaker_saw(&breaker, now + 3, now, failed);
		if (loose && heard)
			breaker_saw(&other, now + 3, now, failed);
	}
	is_int(differ, 0, "a breaker decides as a list of all outcomes does");
	ok(refused > 1000 && breaker.opened > 100, "it opened %llu times and refused %d",
	   (unsigned long long)breaker.opened, refused);
	ok(canary > 100, "canary: another share is told apart, %d times", canary);
	breaker_init(&breaker, 0.5, 2, 100);
	breaker_saw(&breaker, 1, 0, true);
	breaker_saw(&breaker, 2, 0, true);
	ok(!breaker_admits(&breaker, 101) && breaker_admits(&breaker, 102), "it stays open for as long as it should");
	breaker_saw(&breaker, 103, 0, false);
	ok(!breaker_admits(&breaker, 104), "what was asked before it opened does not close it");
	breaker_saw(&breaker, 105, 102, false);
	ok(breaker_admits(&breaker, 105), "what was asked to try it does");
}

/* ---- calls ---- */

/* A world of callers that all call one callee. */
struct town {
	struct sim *sim;
	struct call_config config;
	struct caller caller;
	struct rng luck;
	double fails;                     /* share of the attempts that are refused */
	int64_t (*takes)(struct town *);  /* ns until an attempt has its answer; -1: never */
	int sent, answered, fell_back, failed, told;
	int64_t when[64];                 /* that the first attempts set out */
	int64_t sum, slow;                /* of the times that calls took; calls of a second and more */
	struct town *below;               /* calls this one for each attempt, which fails when that does */
};

struct customer {
	int64_t begun;
	struct rng rng;
	struct call call;
	struct call_attempt *for_attempt; /* of the layer above */
};

static struct customer *customer_new(struct town *town)
{
	struct customer *customer = ARENA_NEW(&town->sim->arena, struct customer);
	customer->begun = town->sim->now;
	customer->rng = rng_seed(rng_next(&town->luck));
	return customer;
}

static void done(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	call_answer(subject, 0);
}

static void town_send(void *owner, struct call_attempt *attempt)
{
	struct town *town = owner;
	if (town->sent < 64)
		town->when[town->sent] = town->sim->now;
	town->sent++;
	if (town->below) {
		struct customer *below = customer_new(town->below);
		below->for_attempt = attempt;
		call_begin(&town->below->caller, &below->call, &below->rng, NULL);
		return;
	}
	int64_t takes = town->takes ? town->takes(town) : 5 * ms;
	if (takes < 0)
		call_lost(attempt);
	else if (rng_unit(&town->luck) < town->fails)
		call_refuse(attempt, takes);
	else
		sim_after(town->sim, takes, done, attempt, 0);
}

static void town_ended(void *owner, struct call *call, enum call_end how, int64_t in,
		       const struct call_attempt *attempt)
{
	struct town *town = owner;
	struct customer *customer = HOLDER(call, struct customer, call);
	int64_t took = town->sim->now + in - customer->begun;
	town->answered += how == CALL_ANSWERED;
	town->fell_back += how == CALL_FELL_BACK;
	town->failed += how == CALL_FAILED;
	CHECK((how == CALL_ANSWERED) == (attempt != NULL));
	town->sum += took;
	town->slow += took >= second;
	if (customer->for_attempt && how == CALL_FAILED)
		call_refuse(customer->for_attempt, in);
	else if (customer->for_attempt)
		call_answer(customer->for_attempt, in);
}

static void town_given_up(void *owner, struct call_attempt *attempt)
{
	(void)attempt;
	((struct town *)owner)->told++;
}

static void customer_calls(struct sim *sim, void *subject, uint64_t unused)
{
	struct town *town = subject;
	(void)sim;
	(void)unused;
	struct customer *customer = customer_new(town);
	call_begin(&town->caller, &customer->call, &customer->rng, NULL);
}

/* What no test below changes unless it says so. */
static struct call_config usual(void)
{
	return (struct call_config){.timeout = 100 * ms, .attempts = 4,
				    .backoff = {backoff_find("exponential"), 10 * ms, second}, .budget = -1,
				    .budget_most = 1000000, .fallback = -1};
}

static void settle(struct town *town, struct sim *sim)
{
	town->sim = sim;
	town->luck = rng_start(sim_stream(sim, "luck"));
	caller_init(&town->caller, sim, &town->config, "client", sizeof(struct call_attempt));
	town->caller.owner = town;
	town->caller.send = town_send;
	town->caller.given_up = town_given_up;
	town->caller.ended = town_ended;
}

/* `calls` calls, one every `gap` ns, to their end. */
static void run(struct town *town, int calls, int64_t gap)
{
	struct sim *sim = town->sim;
	for (int i = 0; i < calls; i++)
		sim_at(sim, i * gap, customer_calls, town, 0);
	sim_open(sim); /* until nothing is left to happen */
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
}

static int64_t never(struct town *town)
{
	(void)town;
	return -1;
}

static void check_timeouts(void)
{
	struct town town = {.config = usual(), .takes = never};
	settle(&town, sim_new(3, 0));
	run(&town, 1, 0);
	is_int(town.sent, 4, "a call that is never answered makes all its attempts");
	is_int(town.when[1] / ms, 110, "the second sets out after the timeout and a backoff of 10 ms");
	is_int(town.when[2] / ms, 230, "the third after another timeout and 20 ms");
	is_int(town.when[3] / ms, 370, "the fourth after another and 40 ms");
	ok(town.failed == 1 && town.sum == 470 * ms, "and the call fails at %lld ms", (long long)(town.sum / ms));
	sim_free(town.sim);

	town = (struct town){.config = usual(), .takes = never};
	town.config.fallback = 7 * ms;
	settle(&town, sim_new(3, 0));
	run(&town, 1, 0);
	ok(town.fell_back == 1 && town.failed == 0 && town.sum == 477 * ms,
	   "with something to fall back on it takes that much longer, and does not fail");
	sim_free(town.sim);
}

static int64_t too_late(struct town *town)
{
	(void)town;
	return 250 * ms;
}

static void check_late_answers(void)
{
	struct town town = {.config = usual(), .takes = too_late};
	settle(&town, sim_new(3, 0));
	run(&town, 2000, ms);
	is_int(town.sent, 8000, "answers that come too late help nobody: each call makes all its attempts");
	is_int(town.failed, 2000, "and fails");
	is_int(town.told, 0, "the callee is told nothing");
	int kept = 0;
	for (void *item = town.caller.attempts.first; item; memcpy(&item, item, sizeof item))
		kept++;
	ok(kept > 500 && kept < 1500, "its %d attempts were used again and again", kept);
	sim_free(town.sim);

	town = (struct town){.config = usual(), .takes = too_late};
	town.config.cancel = true;
	settle(&town, sim_new(3, 0));
	run(&town, 2000, ms);
	is_int(town.told, 8000, "with cancel it is told of each");
	sim_free(town.sim);
}

static void check_failures(void)
{
	enum { CALLS = 200000 };
	for (int quarter = 2; quarter <= 3; quarter++) {
		double f = quarter / 4.0, f4 = f * f * f * f;
		struct town town = {.config = usual(), .fails = f};
		settle(&town, sim_new(3, 0));
		run(&town, CALLS, ms);
		near_to((double)town.answered / CALLS, 1 - f4, 0.003,
			"attempts that fail by %g: 1 - f^4 of the calls succeed", f);
		near_to((double)town.sent / CALLS, (1 - f4) / (1 - f), 0.01, "with (1 - f^4) / (1 - f) attempts each");
		sim_free(town.sim);
	}
}

/* Three layers that try four times each, above one that always fails. */
static void check_amplification(void)
{
	enum { CALLS = 5000 };
	for (int budget = 0; budget < 2; budget++) {
		struct town layer[3];
		struct sim *sim = sim_new(3, 0);
		for (int i = 0; i < 3; i++) {
			layer[i] = (struct town){.config = usual(), .fails = 1, .below = i < 2 ? &layer[i + 1] : NULL};
			layer[i].config.timeout = 0;
			layer[i].config.budget = budget ? 0.1 : -1;
			settle(&layer[i], sim);
		}
		run(&layer[0], CALLS, second);
		is_int(layer[0].failed, CALLS, "calls above a layer that fails all fail");
		if (budget)
			near_to((double)layer[2].sent / CALLS, 1.331, 0.001,
				"with budgets of a tenth each, the load at the bottom is 1.1^3 times");
		else
			is_int(layer[2].sent, 64 * CALLS, "three layers of four attempts: 64 times the load");
		sim_free(sim);
	}
}

/* 10 ms; one in a hundred takes a second. */
static int64_t sometimes_slow(struct town *town)
{
	return rng_unit(&town->luck) < 0.01 ? second : 10 * ms;
}

static void check_hedges(void)
{
	enum { CALLS = 400000 };
	struct town town = {.config = usual(), .takes = sometimes_slow};
	town.config.timeout = 0;
	settle(&town, sim_new(3, 0));
	run(&town, CALLS, ms);
	near_to((double)town.slow / CALLS, 0.01, 0.001, "canary: without a hedge one in a hundred is slow");
	sim_free(town.sim);

	town = (struct town){.config = usual(), .takes = sometimes_slow};
	town.config.timeout = 0;
	town.config.hedge = 20 * ms;
	settle(&town, sim_new(3, 0));
	run(&town, CALLS, ms);
	near_to((double)town.slow / CALLS, 0.0001, 0.00005, "with a hedge, one in ten thousand");
	near_to((double)town.sent / CALLS, 1.01, 0.001, "for one more attempt in a hundred");
	/* 0.99 * 10 + 0.0099 * (20 + 10) + 0.0001 * 1000 */
	near_to((double)town.sum / CALLS / 1e6, 10.297, 0.03, "a hedge costs its delay and the second copy");
	is_int(town.answered, CALLS, "each call is answered once");
	sim_free(town.sim);

	town = (struct town){.config = usual(), .fails = 1, .takes = sometimes_slow};
	town.config.timeout = 0;
	town.config.attempts = 1;
	town.config.hedge = 5 * ms;
	settle(&town, sim_new(3, 0));
	run(&town, 1000, ms);
	ok(town.failed == 1000 && town.sent == 2000, "a call fails when both copies have");
	sim_free(town.sim);
}

static void check_breaker_of_callers(void)
{
	struct town town = {.config = usual(), .fails = 1};
	town.config.attempts = 1;
	town.config.breaker = 0.5;
	town.config.breaker_of = 10;
	town.config.breaker_for = second;
	settle(&town, sim_new(3, 0));
	run(&town, 10001, ms);
	/* Ten at 0 .. 9 ms, the tenth is heard at 14 ms; five more set out meanwhile; then one every 1005 ms. */
	is_int(town.sent, 15 + 9, "a breaker lets ten through, and then one a second");
	is_int(town.failed, 10001, "and the others fail at once");
	sim_free(town.sim);
}

int main(void)
{
	check_backoffs();
	check_budgets();
	check_breakers();
	check_timeouts();
	check_late_answers();
	check_failures();
	check_amplification();
	check_hedges();
	check_breaker_of_callers();
	return done_testing();
}
