/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of model/commit.h share, and nobody else: messages, records, and the steps that lead from one to the
 * next. All are of a transaction that is not over, at machines that are up.
 */
#ifndef MODEL_COMMIT_INSIDE_H
#define MODEL_COMMIT_INSIDE_H

#include "model/commit.h"

/* COMMIT_MESSAGE(NAME, word, whether it takes the way back from participants) */
#define COMMIT_MESSAGES(COMMIT_MESSAGE) \
	COMMIT_MESSAGE(PREPARE, prepare, false) \
	COMMIT_MESSAGE(VOTE, vote, true) \
	COMMIT_MESSAGE(PRECOMMIT, precommit, false) \
	COMMIT_MESSAGE(READY, ready, true) \
	COMMIT_MESSAGE(DECISION, decision, false) \
	COMMIT_MESSAGE(ACKNOWLEDGE, acknowledge, true) \
	COMMIT_MESSAGE(INQUIRE, inquire, true) \
	COMMIT_MESSAGE(QUESTION, question, false) \
	COMMIT_MESSAGE(STATE, state, true) \
	COMMIT_MESSAGE(ACCEPT, accept, true) \
	COMMIT_MESSAGE(BUNDLE, bundle, false) \
	COMMIT_MESSAGE(CLAIM, claim, false) \
	COMMIT_MESSAGE(PROMISE, promise, false) \
	COMMIT_MESSAGE(PROPOSE, propose, false) \
	COMMIT_MESSAGE(ACCEPTED, accepted, false)

enum commit_message_kind {
#define COMMIT_MESSAGE(NAME, ...) COMMIT_##NAME,
	COMMIT_MESSAGES(COMMIT_MESSAGE)
#undef COMMIT_MESSAGE
	COMMIT_MESSAGE_KINDS
};

enum commit_vote { COMMIT_NO, COMMIT_YES, COMMIT_READ };

struct commit_message {
	struct commit_transaction *transaction;
	struct commit_branch *branch; /* whom it is about; NULL: all of it */
	struct commit *commit;
	uint64_t serial;
	enum commit_message_kind kind;
	int from, to;
	int value;                    /* a vote, an outcome, a state, or who is asked */
	uint32_t ballot;
};

/* Sends it; within a site it costs no message. */
void commit_send(struct commit_transaction *transaction, enum commit_message_kind kind, int from, int to,
		 struct commit_branch *branch, int value);

/* Handlers, one a kind of message. */
#define COMMIT_MESSAGE(NAME, word, ...) \
	void commit_on_##word(struct commit_transaction *transaction, const struct commit_message *message);
COMMIT_MESSAGES(COMMIT_MESSAGE)
#undef COMMIT_MESSAGE

/* Forces a record at a site; then durable(sim, transaction, serial << 8 | number), if the transaction is not over. */
void commit_record(struct commit_transaction *transaction, int site, sim_event_fn *durable, int number);

/* The transaction that is meant, or NULL: it is over. `number` as it was given to commit_record; may be NULL. */
struct commit_transaction *commit_recorded(void *subject, uint64_t detail, int *number);

/* The coordinator makes up its mind. It has not before. */
void commit_decide(struct commit_transaction *transaction, enum atomicity_outcome outcome);

/* Whether the coordinator is to crash at this point of this transaction, and has. */
bool commit_reached(struct commit_transaction *transaction, enum commit_point point);

/* Ends what is over. */
void commit_end_if_over(struct commit_transaction *transaction);

/* A participant waits for `length` ns, and then does something about it; its machine has crashed. */
void commit_branch_wait(struct commit_branch *branch, int64_t length);
void commit_branch_crashed(struct commit_branch *branch);

/* What an outcome costs, in the protocol that is used. */
static inline const struct commit_rule *commit_rule_of(const struct commit *commit, enum atomicity_outcome outcome)
{
	const struct commit_kind *kind = commit->config->kind;
	return outcome == ATOMICITY_COMMITTED ? &kind->commit : &kind->abort;
}

/* paxos: a coordinator wants to lead; the machine of one has crashed. */
void commit_paxos_lead(struct commit_transaction *transaction, int site);
void commit_paxos_crashed(struct commit_transaction *transaction, int site);

#endif
