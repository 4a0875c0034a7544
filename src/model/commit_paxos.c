/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Votes among acceptors (Gray & Lamport 2006). Each participant's vote is an instance of Paxos whose ballot 0 is its
 * own; a coordinator that wants to know collects what a majority has accepted under a ballot of its own, which bars
 * lower ones, and proposes the outcome that may have been chosen: commit when each participant's yes is with one of
 * them, abort otherwise. An acceptor tells the leader of all votes in one message, when it has them on disk.
 */
#include "model/commit_inside.h"

static int count(uint32_t bits)
{
	int n = 0;
	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

static bool is_majority(const struct commit_transaction *transaction, uint32_t acceptors)
{
	return count(acceptors) > transaction->commit->config->coordinators / 2;
}

/* What comes to a leader that still leads, about its present ballot. */
static bool is_heard(const struct commit_transaction *transaction, const struct commit_message *message)
{
	return transaction->leads && transaction->leader == message->to && transaction->ballot == message->ballot &&
	       transaction->outcome == ATOMICITY_OPEN;
}

static void ask_acceptors(struct commit_transaction *transaction, enum commit_message_kind kind, int value)
{
	transaction->answers = 0;
	for (int i = 0; i < transaction->commit->config->coordinators; i++)
		commit_send(transaction, kind, transaction->leader, i, NULL, value);
}

/* ---- ballot 0 ---- */

static void bundled(struct sim *sim, void *subject, uint64_t detail)
{
	int number;
	struct commit_transaction *transaction = commit_recorded(subject, detail, &number);
	(void)sim;
	if (!transaction)
		return;
	transaction->acceptor[number].forced = true;
	if (transaction->ballot == 0)
		commit_send(transaction, COMMIT_BUNDLE, number, transaction->leader, NULL, COMMIT_YES);
}

void commit_on_accept(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit_acceptor *acceptor = &transaction->acceptor[message->to];
	uint32_t bit = UINT32_C(1) << message->to;
	if (acceptor->promised > 0 || message->branch->accepted & bit)
		return;
	if (message->value == COMMIT_NO) {
		commit_send(transaction, COMMIT_BUNDLE, message->to, transaction->leader, NULL, COMMIT_NO);
		return;
	}
	message->branch->accepted |= bit;
	if (message->to == transaction->leader)
		booking_record(transaction->commit->round, transaction->began,
			       transaction->commit->sim->now - message->branch->asked_at);
	if (++acceptor->votes == transaction->branches)
		commit_record(transaction, message->to, bundled, message->to);
}

void commit_on_bundle(struct commit_transaction *transaction, const struct commit_message *message)
{
	if (!is_heard(transaction, message))
		return;
	bool first = transaction->answers == 0;
	transaction->answers |= UINT32_C(1) << message->from;
	if (message->value == COMMIT_NO)
		commit_decide(transaction, ATOMICITY_ABORTED);
	else if (first && commit_reached(transaction, COMMIT_SOME_VOTES))
		return;
	else if (is_majority(transaction, transaction->answers) && !commit_reached(transaction, COMMIT_VOTED))
		commit_decide(transaction, ATOMICITY_COMMITTED);
}

/* ---- another leader, or the same one again ---- */

static void again(struct sim *sim, void *subject, uint64_t unused)
{
	struct commit_transaction *transaction = subject;
	(void)sim;
	(void)unused;
	transaction->timer = 0;
	commit_paxos_lead(transaction, transaction->leader);
}

void commit_paxos_lead(struct commit_transaction *transaction, int site)
{
	struct commit *commit = transaction->commit;
	sim_cancel(commit->sim, transaction->timer);
	transaction->timer = sim_after(commit->sim, commit->config->timeout, again, transaction, 0);
	transaction->leader = site;
	transaction->leads = true;
	transaction->outcome = transaction->proposed = ATOMICITY_OPEN;
	transaction->ballot++;
	ask_acceptors(transaction, COMMIT_CLAIM, 0);
}

static void promised(struct sim *sim, void *subject, uint64_t detail)
{
	int number;
	struct commit_transaction *transaction = commit_recorded(subject, detail, &number);
	(void)sim;
	if (!transaction)
		return;
	transaction->acceptor[number].forced = true;
	if (transaction->acceptor[number].promised == transaction->ballot)
		commit_send(transaction, COMMIT_PROMISE, number, transaction->leader, NULL, 0);
}

void commit_on_claim(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit_acceptor *acceptor = &transaction->acceptor[message->to];
	if (message->ballot <= acceptor->promised)
		return;
	acceptor->promised = message->ballot;
	commit_record(transaction, message->to, promised, message->to);
}

/* What may have been chosen, by what those that have answered have accepted. */
static enum atomicity_outcome may_be_chosen(const struct commit_transaction *transaction)
{
	enum atomicity_outcome outcome = ATOMICITY_OPEN;
	uint32_t ballot = 0;
	bool all = true;
	for (int i = 0; i < transaction->commit->config->coordinators; i++) {
		const struct commit_acceptor *acceptor = &transaction->acceptor[i];
		if (transaction->answers & UINT32_C(1) << i && acceptor->ballot > ballot) {
			ballot = acceptor->ballot;
			outcome = acceptor->outcome;
		}
	}
	for (int i = 0; i < transaction->branches; i++)
		all = all && transaction->branch[i].accepted & transaction->answers;
	return outcome != ATOMICITY_OPEN ? outcome : all ? ATOMICITY_COMMITTED : ATOMICITY_ABORTED;
}

void commit_on_promise(struct commit_transaction *transaction, const struct commit_message *message)
{
	if (!is_heard(transaction, message) || transaction->proposed != ATOMICITY_OPEN)
		return;
	transaction->answers |= UINT32_C(1) << message->from;
	if (!is_majority(transaction, transaction->answers))
		return;
	transaction->proposed = may_be_chosen(transaction);
	ask_acceptors(transaction, COMMIT_PROPOSE, (int)transaction->proposed);
}

static void accepted(struct sim *sim, void *subject, uint64_t detail)
{
	int number;
	struct commit_transaction *transaction = commit_recorded(subject, detail, &number);
	(void)sim;
	if (transaction && transaction->acceptor[number].ballot == transaction->ballot)
		commit_send(transaction, COMMIT_ACCEPTED, number, transaction->leader, NULL, 0);
}

void commit_on_propose(struct commit_transaction *transaction, const struct commit_message *message)
{
	struct commit_acceptor *acceptor = &transaction->acceptor[message->to];
	if (message->ballot < acceptor->promised)
		return;
	acceptor->promised = acceptor->ballot = message->ballot;
	acceptor->outcome = (enum atomicity_outcome)message->value;
	commit_record(transaction, message->to, accepted, message->to);
}

void commit_on_accepted(struct commit_transaction *transaction, const struct commit_message *message)
{
	if (!is_heard(transaction, message) || transaction->proposed == ATOMICITY_OPEN)
		return;
	transaction->answers |= UINT32_C(1) << message->from;
	if (is_majority(transaction, transaction->answers) && !transaction->deciding)
		commit_decide(transaction, transaction->proposed);
}

/* ---- crashes ---- */

void commit_paxos_crashed(struct commit_transaction *transaction, int site)
{
	struct commit_acceptor *acceptor = &transaction->acceptor[site];
	if (acceptor->forced)
		return;
	acceptor->votes = 0;
	for (int i = 0; i < transaction->branches; i++)
		transaction->branch[i].accepted &= ~(UINT32_C(1) << site);
}
