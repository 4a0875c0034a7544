/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks, claims and records are scripts in the store, each of which nobody comes between; what is between two of them
 * is where others come in, and servers crash. In the order of an attempt's life.
 */
#include "model/once.h"

const char *const once_kinds[] = {"none", "check-then-act", "record-first", "insert", "transaction", NULL};
const char *const once_points[] = {"before-charge", "before-record", "before-reply", NULL};

/* What a key stands for. */
enum outcome { NOTHING, BEGUN, DONE, FAILED };

struct keyed {
	int64_t outcome, since;
};

const size_t once_record = sizeof(struct keyed);

void once_init(struct once *once, struct sim *sim, const struct once_config *config, struct kvstore *store)
{
	CHECK(config->claim_for == 0 || config->kind == ONCE_INSERT);
	*once = (struct once){.sim = sim, .config = config, .store = store};
	once->self = once;
}

static void note(const struct once_attempt *attempt, const char *part, const char *what)
{
	journey_note(attempt->journey, attempt->once->sim->now, part, -1, what, -1);
}

/* ---- scripts; `value` is what was known before ---- */

static enum kvstore_effect look(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	const struct keyed *keyed = record;
	(void)now;
	ask->value = keyed->outcome;
	return found ? KVSTORE_KEEP : KVSTORE_DROP;
}

/* `argument`: what the key stands for from now on; `more`: after how long what has only begun is taken over, ns. */
static enum kvstore_effect claim(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	struct keyed *keyed = record;
	bool stale = keyed->outcome == BEGUN && ask->more > 0 && now - keyed->since >= ask->more;
	ask->value = found && !stale ? keyed->outcome : NOTHING;
	if (ask->value == NOTHING)
		*keyed = (struct keyed){ask->argument, now};
	return KVSTORE_KEEP;
}

static enum kvstore_effect put(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	(void)found;
	*(struct keyed *)record = (struct keyed){ask->argument, now};
	return ask->argument == NOTHING ? KVSTORE_DROP : KVSTORE_KEEP;
}

/* The act with the record: `argument` is what it comes to, `more` whose it is. */
static enum kvstore_effect act_once(struct kvstore_ask *ask, void *record, bool found, int64_t now)
{
	const struct once *once = *(struct once *const *)ask->context;
	ask->value = found ? ((struct keyed *)record)->outcome : NOTHING;
	if (found)
		return KVSTORE_KEEP;
	if (ask->argument == DONE)
		once->effect(once->owner, (uint64_t)ask->more);
	return put(ask, record, found, now);
}

static void ask_store(struct once_attempt *attempt, kvstore_script_fn *script, int64_t argument, int64_t more,
		      kvstore_answered_fn *answered)
{
	struct once *once = attempt->once;
	const struct kvstore_ask ask = {.key = attempt->key, .script = script, .context = &once->self,
					.argument = argument, .more = more, .answered = answered, .subject = attempt};
	kvstore_ask(once->store, once->asks++, &ask);
}

/* ---- the end of an attempt ---- */

static bool dies(struct once_attempt *attempt, enum once_point point)
{
	return attempt->once->dies(attempt->once->owner, attempt, point);
}

static void reply(struct once_attempt *attempt, bool succeeded)
{
	if (!dies(attempt, ONCE_BEFORE_REPLY))
		attempt->once->done(attempt->once->owner, attempt, succeeded);
}

static void answer_known(struct once_attempt *attempt, int64_t outcome)
{
	struct once *once = attempt->once;
	booking_count(outcome == BEGUN ? once->busy : once->replayed, attempt->since, 1);
	note(attempt, "store", outcome == BEGUN ? "knows that it has begun" : "knows the result");
	reply(attempt, outcome == DONE);
}

/* ---- the act, and its record ---- */

static int64_t outcome_of(const struct once_attempt *attempt)
{
	return !attempt->failed ? DONE : attempt->once->config->saves_failures ? FAILED : NOTHING;
}

static void recorded(struct sim *sim, void *subject, const struct kvstore_ask *ask)
{
	struct once_attempt *attempt = subject;
	(void)sim;
	if (!ask->reached)
		attempt->once->unanswered(attempt->once->owner, attempt);
	reply(attempt, !attempt->failed);
}

static void acted(struct sim *sim, void *subject, uint64_t detail)
{
	struct once_attempt *attempt = subject;
	struct once *once = attempt->once;
	enum once_kind kind = once->config->kind;
	(void)sim;
	(void)detail;
	note(attempt, "processor", attempt->failed ? "fails" : "moves the money");
	if (!attempt->failed)
		once->effect(once->owner, attempt->id);
	if (dies(attempt, ONCE_BEFORE_RECORD))
		return;
	int64_t outcome = outcome_of(attempt);
	if (kind == ONCE_NONE || (kind == ONCE_RECORD_FIRST && outcome == DONE) ||
	    (kind == ONCE_CHECK_THEN_ACT && outcome == NOTHING))
		reply(attempt, !attempt->failed);
	else
		ask_store(attempt, put, outcome, 0, recorded);
}

static void act(struct once_attempt *attempt, sim_event_fn *then)
{
	struct once *once = attempt->once;
	if (dies(attempt, ONCE_BEFORE_ACT))
		return;
	int64_t length = once->act(once->owner, attempt, &attempt->failed);
	sim_after(once->sim, length, then, attempt, 0);
}

static void without_store(struct once_attempt *attempt)
{
	struct once *once = attempt->once;
	note(attempt, "store", "does not answer");
	once->unanswered(once->owner, attempt);
	if (once->config->open)
		act(attempt, acted);
	else
		once->done(once->owner, attempt, false);
}

static void key_known(struct sim *sim, void *subject, const struct kvstore_ask *ask)
{
	struct once_attempt *attempt = subject;
	(void)sim;
	if (!ask->reached)
		without_store(attempt);
	else if (ask->value == NOTHING)
		act(attempt, acted);
	else
		answer_known(attempt, ask->value);
}

static void committed(struct sim *sim, void *subject, const struct kvstore_ask *ask)
{
	struct once_attempt *attempt = subject;
	(void)sim;
	if (!ask->reached)
		without_store(attempt);
	else if (ask->value == NOTHING)
		reply(attempt, !attempt->failed);
	else
		answer_known(attempt, ask->value);
}

/* A crash before the record takes the act with it: it is not committed. */
static void commit(struct sim *sim, void *subject, uint64_t detail)
{
	struct once_attempt *attempt = subject;
	(void)sim;
	(void)detail;
	if (!dies(attempt, ONCE_BEFORE_RECORD))
		ask_store(attempt, act_once, outcome_of(attempt), (int64_t)attempt->id, committed);
}

void once_begin(struct once *once, struct once_attempt *attempt)
{
	const struct once_config *config = once->config;
	attempt->once = once;
	attempt->failed = false;
	if (config->kind == ONCE_NONE)
		act(attempt, acted);
	else if (config->kind == ONCE_CHECK_THEN_ACT)
		ask_store(attempt, look, 0, 0, key_known);
	else if (config->kind == ONCE_TRANSACTION)
		act(attempt, commit);
	else
		ask_store(attempt, claim, config->kind == ONCE_INSERT ? BEGUN : DONE, config->claim_for, key_known);
}
