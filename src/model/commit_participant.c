/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Participants. The one rule that all hangs on: who has voted yes may not decide alone. Who has not may abort, and is
 * then as good as a vote against.
 */
#include "model/commit_inside.h"

static int number_of(const struct commit_branch *branch)
{
	return (int)(branch - branch->transaction->branch);
}

/* ---- waiting ---- */

static void act(struct commit_branch *branch);

static void waited(struct sim *sim, void *subject, uint64_t unused)
{
	struct commit_branch *branch = subject;
	struct commit_transaction *transaction = branch->transaction;
	uint64_t serial = transaction->serial;
	(void)sim;
	(void)unused;
	branch->timer = 0;
	act(branch);
	if (transaction->serial == serial)
		commit_end_if_over(transaction);
}

static void stop_waiting(struct commit_branch *branch)
{
	sim_cancel(branch->transaction->commit->sim, branch->timer);
	branch->timer = 0;
}

void commit_branch_wait(struct commit_branch *branch, int64_t length)
{
	stop_waiting(branch);
	branch->timer = sim_after(branch->transaction->commit->sim, length, waited, branch, 0);
}

static void wait_again(struct commit_branch *branch)
{
	commit_branch_wait(branch, branch->transaction->commit->config->timeout);
}

/* ---- the end ---- */

static void finish(struct commit_branch *branch, enum atomicity_outcome outcome)
{
	struct commit_transaction *transaction = branch->transaction;
	struct commit *commit = transaction->commit;
	int64_t now = commit->sim->now;
	stop_waiting(branch);
	if (branch->in_doubt) {
		branch->in_doubt = false;
		booking_level(commit->in_doubt, now, --commit->doubtful);
		booking_record(commit->doubt, transaction->began, now - branch->since);
		if (branch->stuck)
			booking_record(commit->stuck, transaction->began, now - branch->since);
	}
	branch->state = COMMIT_FINISHED;
	branch->outcome = outcome;
	if (outcome != ATOMICITY_OPEN)
		atomicity_finish(&commit->atomicity, &transaction->thing, outcome, now);
	transaction->open--;
	commit->finished(commit->owner, transaction, branch);
}

static void acknowledge(struct commit_branch *branch, enum atomicity_outcome outcome)
{
	struct commit_transaction *transaction = branch->transaction;
	if (commit_rule_of(transaction->commit, outcome)->acknowledged)
		commit_send(transaction, COMMIT_ACKNOWLEDGE, branch->site, transaction->leader, branch, 0);
}

static void finished(struct sim *sim, void *subject, uint64_t detail)
{
	int number;
	struct commit_transaction *transaction = commit_recorded(subject, detail, &number);
	(void)sim;
	if (!transaction || transaction->branch[number].state != COMMIT_FINISHING)
		return;
	struct commit_branch *branch = &transaction->branch[number];
	finish(branch, branch->outcome);
	acknowledge(branch, branch->outcome);
	commit_end_if_over(transaction);
}

/* It knows. */
static void learn(struct commit_branch *branch, enum atomicity_outcome outcome)
{
	bool voted = branch->state != COMMIT_ACTIVE;
	stop_waiting(branch);
	if (voted && commit_rule_of(branch->transaction->commit, outcome)->participant_forces) {
		branch->state = COMMIT_FINISHING;
		branch->outcome = outcome;
		commit_record(branch->transaction, branch->site, finished, number_of(branch));
		return;
	}
	finish(branch, outcome);
	acknowledge(branch, outcome);
}

void commit_on_decision(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit_branch *branch = message->branch;
	enum atomicity_outcome outcome = (enum atomicity_outcome)message->value;
	(void)transaction;
	if (branch->state == COMMIT_FINISHED)
		acknowledge(branch, outcome);
	else if (branch->state != COMMIT_FINISHING)
		learn(branch, outcome);
}

/* ---- voting ---- */

static void vote(struct commit_branch *branch, enum commit_vote value)
{
	struct commit_transaction *transaction = branch->transaction;
	const struct commit_config *config = transaction->commit->config;
	if (!config->kind->accepts) {
		commit_send(transaction, COMMIT_VOTE, branch->site, transaction->leader, branch, (int)value);
		return;
	}
	for (int i = 0; i < config->coordinators; i++)
		commit_send(transaction, COMMIT_ACCEPT, branch->site, i, branch, (int)value);
}

static void prepared(struct sim *sim, void *subject, uint64_t detail)
{
	int number;
	struct commit_transaction *transaction = commit_recorded(subject, detail, &number);
	if (!transaction || transaction->branch[number].state != COMMIT_VOTING)
		return;
	struct commit_branch *branch = &transaction->branch[number];
	struct commit *commit = transaction->commit;
	branch->state = COMMIT_PREPARED;
	branch->in_doubt = true;
	branch->since = sim->now;
	booking_level(commit->in_doubt, sim->now, ++commit->doubtful);
	wait_again(branch);
	if (commit->voted)
		commit->voted(commit->owner, transaction, branch);
	vote(branch, COMMIT_YES);
}

void commit_on_prepare(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit_branch *branch = message->branch;
	if (branch->state == COMMIT_ACTIVE && branch->refuses)
		finish(branch, ATOMICITY_ABORTED);
	if (branch->state == COMMIT_FINISHED && branch->outcome == ATOMICITY_ABORTED) {
		vote(branch, COMMIT_NO);
	} else if (branch->state == COMMIT_ACTIVE && branch->reads && transaction->commit->config->read_only) {
		finish(branch, ATOMICITY_OPEN);
		vote(branch, COMMIT_READ);
	} else if (branch->state == COMMIT_ACTIVE) {
		branch->state = COMMIT_VOTING;
		commit_record(transaction, branch->site, prepared, number_of(branch));
	}
}

/* ---- the third phase ---- */

static void precommitted(struct sim *sim, void *subject, uint64_t detail)
{
	int number;
	struct commit_transaction *transaction = commit_recorded(subject, detail, &number);
	(void)sim;
	if (!transaction || transaction->branch[number].state != COMMIT_PRECOMMITTING)
		return;
	struct commit_branch *branch = &transaction->branch[number];
	branch->state = COMMIT_PRECOMMITTED;
	branch->precommitted = true;
	branch->asked = false;
	wait_again(branch);
	commit_send(transaction, COMMIT_READY, branch->site, transaction->leader, branch, 0);
}

void commit_on_precommit(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit_branch *branch = message->branch;
	if (branch->state != COMMIT_PREPARED)
		return;
	branch->state = COMMIT_PRECOMMITTING;
	commit_record(transaction, branch->site, precommitted, number_of(branch));
}

/* ---- in doubt ---- */

/* Asks all who may know. */
static void ask(struct commit_branch *branch)
{
	struct commit_transaction *transaction = branch->transaction;
	const struct commit_config *config = transaction->commit->config;
	bool others = config->doubt == COMMIT_ASK || config->kind->precommits;
	int whom = config->kind->accepts ? (transaction->leader + 1 + branch->turns++) % config->coordinators
					 : transaction->leader;
	commit_send(transaction, COMMIT_INQUIRE, branch->site, whom, branch, 0);
	for (int i = 0; others && i < transaction->branches; i++)
		if (&transaction->branch[i] != branch)
			commit_send(transaction, COMMIT_QUESTION, branch->site, transaction->branch[i].site, branch,
				    i);
	branch->asked = others;
	branch->saw_precommitted = branch->precommitted;
	wait_again(branch);
}

static void decide_alone(struct commit_branch *branch, enum atomicity_outcome outcome)
{
	struct commit *commit = branch->transaction->commit;
	booking_count(commit->alone, commit->sim->now, 1);
	learn(branch, outcome);
}

static void act(struct commit_branch *branch)
{
	const struct commit_config *config = branch->transaction->commit->config;
	bool in_doubt = branch->state == COMMIT_PREPARED || branch->state == COMMIT_PRECOMMITTED;
	if (branch->state == COMMIT_ACTIVE)
		finish(branch, ATOMICITY_ABORTED);
	else if (!in_doubt)
		wait_again(branch);
	else if (config->kind->precommits && branch->asked)
		decide_alone(branch, branch->saw_precommitted ? ATOMICITY_COMMITTED : ATOMICITY_ABORTED);
	else if (config->doubt == COMMIT_GIVE_UP || config->doubt == COMMIT_GO_AHEAD)
		decide_alone(branch, config->doubt == COMMIT_GIVE_UP ? ATOMICITY_ABORTED : ATOMICITY_COMMITTED);
	else
		ask(branch);
}

/* What an answer says is an outcome, or one of these. */
enum { PREPARED = ATOMICITY_ABORTED + 1, PRECOMMITTED };

void commit_on_question(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit_branch *branch = &transaction->branch[message->value];
	if (branch->state == COMMIT_ACTIVE)
		finish(branch, ATOMICITY_ABORTED);
	int state = branch->state == COMMIT_FINISHED ? (int)branch->outcome
		    : branch->precommitted	     ? PRECOMMITTED
						     : PREPARED;
	if (state != ATOMICITY_OPEN)
		commit_send(transaction, COMMIT_STATE, branch->site, message->branch->site, message->branch, state);
}

void commit_on_state(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit_branch *branch = message->branch;
	(void)transaction;
	if (branch->state != COMMIT_PREPARED && branch->state != COMMIT_PRECOMMITTED)
		return;
	if (message->value == PRECOMMITTED)
		branch->saw_precommitted = true;
	else if (message->value != PREPARED)
		learn(branch, (enum atomicity_outcome)message->value);
}

/* ---- crashes ---- */

void commit_branch_crashed(struct commit_branch *branch)
{
	stop_waiting(branch);
	branch->asked = false;
	if (branch->state != COMMIT_FINISHED && !branch->in_doubt)
		finish(branch, ATOMICITY_ABORTED);
	else if (branch->state != COMMIT_FINISHED)
		branch->state = branch->precommitted ? COMMIT_PRECOMMITTED : COMMIT_PREPARED;
}
