/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In the order of a call's life. An attempt belongs to the callee while it is worked on, then to the event that brings
 * its answer; lost, to its call, until that gives it up. An attempt that was given up is freed by whoever has it last.
 *
 * The way back is an event only where something may happen to the call meanwhile. With neither hedges nor a breaker
 * nothing can but the timeout, which is known: then ended() is told how long the way takes.
 */
#include "model/call.h"

void caller_init(struct caller *caller, struct sim *sim, const struct call_config *config, const char *name,
		 size_t bytes)
{
	CHECK(config->attempts >= 1 && config->timeout >= 0 && config->hedge >= 0 && config->backoff.kind);
	CHECK(bytes >= sizeof(struct call_attempt));
	*caller = (struct caller){.sim = sim, .config = config, .name = name, .bytes = bytes,
				  .plain = config->hedge == 0 && config->breaker == 0};
	if (config->budget >= 0)
		retry_budget_init(&caller->budget, config->budget, config->budget_most, config->budget_saved);
	breaker_init(&caller->breaker, config->breaker, config->breaker_of, config->breaker_for);
}

static void note(const struct call *call, const char *what)
{
	journey_note(&call->journey, call->caller->sim->now, call->caller->name, -1, what, -1);
}

static bool budget_allows(struct caller *caller)
{
	return caller->config->budget < 0 || retry_budget_take(&caller->budget);
}

static void end_without(struct call *call)
{
	struct caller *caller = call->caller;
	int64_t fallback = caller->config->fallback;
	caller->ended(caller->owner, call, fallback >= 0 ? CALL_FELL_BACK : CALL_FAILED, fallback > 0 ? fallback : 0,
		      NULL);
}

/* ---- an attempt sets out ---- */

static inline void send(struct call *call)
{
	struct caller *caller = call->caller;
	struct sim *sim = caller->sim;
	struct call_attempt *attempt = freelist_get(&caller->attempts, &sim->arena, caller->bytes);
	attempt->caller = caller;
	attempt->call = call;
	attempt->sent = sim->now;
	attempt->deadline = call->deadline;
	attempt->number = call->sent++;
	attempt->state = CALL_WORKED_ON;
	attempt->journey = call->journey;
	call->flying[call->copies++] = attempt;
	caller->send(caller->owner, attempt);
}

static void send_hedge(struct sim *sim, void *subject, uint64_t unused)
{
	struct call *call = subject;
	struct caller *caller = call->caller;
	(void)unused;
	if (!breaker_admits(&caller->breaker, sim->now) || !budget_allows(caller))
		return;
	booking_count(caller->hedged, sim->now, 1);
	note(call, "sends a second copy");
	send(call);
}

static void waited_too_long(struct sim *sim, void *subject, uint64_t unused);

static inline __attribute__((always_inline)) void try_once(struct sim *sim, struct call *call)
{
	struct caller *caller = call->caller;
	const struct call_config *config = caller->config;
	if (!caller->plain && !breaker_admits(&caller->breaker, sim->now)) {
		booking_count(caller->broken, sim->now, 1);
		note(call, "does not even ask");
		end_without(call);
		return;
	}
	call->attempts++;
	call->deadline = config->timeout > 0 ? sim->now + config->timeout : INT64_MAX;
	if (config->timeout > 0)
		call->timer = sim_at(sim, call->deadline, waited_too_long, call, 0);
	if (config->hedge > 0)
		call->hedge = sim_after(sim, config->hedge, send_hedge, call, 0);
	send(call);
}

static void attempt_begin(struct sim *sim, void *subject, uint64_t unused)
{
	(void)unused;
	try_once(sim, subject);
}

void call_begin(struct caller *caller, struct call *call, struct rng *rng, struct journey *journey)
{
	call->caller = caller;
	call->rng = rng;
	call->journey = journey;
	call->copies = call->attempts = call->sent = 0;
	call->waited = 0;
	call->timer = call->hedge = 0;
	if (caller->config->budget >= 0)
		retry_budget_pay(&caller->budget);
	try_once(caller->sim, call);
}

/* ---- what comes of it ---- */

static void attempt_free(struct call_attempt *attempt)
{
	freelist_give(&attempt->caller->attempts, attempt);
}

static void give_up(struct call_attempt *attempt)
{
	struct caller *caller = attempt->caller;
	attempt->call = NULL;
	attempt->journey = NULL;
	if (attempt->state == CALL_LOST)
		attempt_free(attempt);
	else if (attempt->state == CALL_WORKED_ON && caller->config->cancel && caller->given_up)
		caller->given_up(caller->owner, attempt);
}

/* The call waits for this attempt no longer. */
static void take_out(struct call *call, const struct call_attempt *attempt)
{
	if (call->flying[0] == attempt)
		call->flying[0] = call->flying[1];
	call->copies--;
}

static void stop_waiting(struct call *call)
{
	if (call->timer)
		sim_cancel(call->caller->sim, call->timer);
	if (call->hedge)
		sim_cancel(call->caller->sim, call->hedge);
	while (call->copies > 0)
		give_up(call->flying[--call->copies]);
}

void call_abandon(struct call *call)
{
	stop_waiting(call);
}

static void try_again(struct call *call)
{
	struct caller *caller = call->caller;
	struct sim *sim = caller->sim;
	if (call->attempts >= caller->config->attempts || !budget_allows(caller)) {
		end_without(call);
		return;
	}
	booking_count(caller->retried, sim->now, 1);
	call->waited = backoff_wait(&caller->config->backoff, call->attempts, call->waited, call->rng);
	journey_note_time(&call->journey, sim->now, caller->name, -1, "tries again in", call->waited);
	call->timer = sim_after(sim, call->waited, attempt_begin, call, 0);
}

static void waited_too_long(struct sim *sim, void *subject, uint64_t unused)
{
	struct call *call = subject;
	struct caller *caller = call->caller;
	(void)unused;
	booking_count(caller->timed_out, sim->now, 1);
	note(call, "has waited too long");
	for (int i = 0; i < call->copies; i++)
		breaker_saw(&caller->breaker, sim->now, call->flying[i]->sent, true);
	stop_waiting(call);
	try_again(call);
}

static inline __attribute__((always_inline)) void answered(struct call_attempt *attempt, int64_t in)
{
	struct call *call = attempt->call;
	struct caller *caller = attempt->caller;
	if (caller->plain) {
		call->copies = 0;
		if (call->timer)
			sim_cancel(caller->sim, call->timer);
	} else {
		take_out(call, attempt);
		stop_waiting(call);
	}
	caller->ended(caller->owner, call, CALL_ANSWERED, in, attempt);
	attempt_free(attempt);
}

static void answer_heard(struct sim *sim, void *subject, uint64_t unused)
{
	struct call_attempt *attempt = subject;
	(void)unused;
	breaker_saw(&attempt->caller->breaker, sim->now, attempt->sent, false);
	if (attempt->call)
		answered(attempt, 0);
	else
		attempt_free(attempt);
}

/* With a copy still under way, its caller goes on waiting. */
static void error_heard(struct sim *sim, void *subject, uint64_t unused)
{
	struct call_attempt *attempt = subject;
	struct call *call = attempt->call;
	(void)unused;
	breaker_saw(&attempt->caller->breaker, sim->now, attempt->sent, true);
	if (call)
		take_out(call, attempt);
	attempt_free(attempt);
	if (call && call->copies == 0) {
		stop_waiting(call);
		try_again(call);
	}
}

static void come_back(struct call_attempt *attempt, int64_t in, sim_event_fn *heard)
{
	attempt->state = CALL_RETURNING;
	sim_after(attempt->caller->sim, in, heard, attempt, 0);
}

/* Whether somebody will still be there to hear it; if not, the attempt is dealt with. */
static bool somebody_waits(struct call_attempt *attempt, int64_t in)
{
	CHECK(attempt->state == CALL_WORKED_ON && in >= 0);
	if (attempt->call && in < attempt->deadline - attempt->caller->sim->now)
		return true;
	call_lost(attempt);
	return false;
}

void call_answer(struct call_attempt *attempt, int64_t in)
{
	if (!somebody_waits(attempt, in))
		return;
	if (attempt->caller->plain)
		answered(attempt, in);
	else
		come_back(attempt, in, answer_heard);
}

void call_refuse(struct call_attempt *attempt, int64_t in)
{
	if (somebody_waits(attempt, in))
		come_back(attempt, in, error_heard);
}

void call_lost(struct call_attempt *attempt)
{
	attempt->state = CALL_LOST;
	if (!attempt->call)
		attempt_free(attempt);
}
