/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Atomic commitment: machines that each hold a part of a transaction make it permanent everywhere, or nowhere, though
 * messages are lost and machines die and come back with what is on their disks.
 *
 * A participant that has voted yes is in doubt: it has given away its right to abort, and may not commit either, until
 * it learns the outcome. Who has not voted may abort alone. Protocols are const types:
 *
 *   2pc              two phases, presumed nothing: both outcomes are forced to disk everywhere and acknowledged
 *   presumed-abort   what nobody knows of was aborted: aborts are neither forced nor acknowledged
 *   presumed-commit  the list of participants is forced first; then what nobody knows of was committed
 *   3pc              a phase between vote and decision, after which all know that all voted yes; who hears nothing asks
 *                    the others, and commits when one of those it reaches has got that far, aborts otherwise
 *   paxos            votes go to acceptors, of which a majority must live; any of them can lead to the outcome
 *
 * J. Gray, Notes on data base operating systems, 1978; C. Mohan, B. Lindsay, R. Obermarck, Transaction management in
 * the R* distributed database management system, ACM TODS 11(4), 1986; D. Skeen, Nonblocking commit protocols, SIGMOD
 * 1981; J. Gray, L. Lamport, Consensus on transaction commit, ACM TODS 31(1), 2006.
 *
 * A coordinator that has lost its leadership (paxos) knows at once. A record that need not be forced is not lost.
 */
#ifndef MODEL_COMMIT_H
#define MODEL_COMMIT_H

#include "model/atomicity.h"
#include "model/log.h"
#include "model/machine.h"
#include "model/network.h"

enum { COMMIT_COORDINATORS = 7, COMMIT_PARTICIPANTS = 200 };

struct commit;

/* What an outcome costs. */
struct commit_rule {
	bool coordinator_forces, participant_forces, acknowledged;
};

struct commit_kind {
	const char *name;
	bool lists;      /* the coordinator forces the list of participants before it asks them */
	bool precommits; /* has a third phase */
	bool accepts;    /* votes go to acceptors */
	struct commit_rule commit, abort;
	enum atomicity_outcome presumed; /* of what the coordinator knows nothing of; ATOMICITY_OPEN: it does not say */
};

extern const struct commit_kind commit_presumed_nothing, commit_presumed_abort, commit_presumed_commit,
	commit_three_phase, commit_paxos;

/* What a participant does that has voted yes and hears nothing: "wait", "ask", "abort", "commit"; ends with NULL. */
extern const char *const commit_doubt_names[];
enum commit_doubt {
	COMMIT_WAIT,     /* asks its coordinator again and again */
	COMMIT_ASK,      /* asks the other participants too (cooperative termination) */
	COMMIT_GIVE_UP,  /* aborts on its own, against the rules ("heuristic") */
	COMMIT_GO_AHEAD  /* commits on its own, against the rules */
};

/*
 * Moments at which a coordinator can be made to crash: now; before it asks; with the first vote, with the last vote and
 * before its decision is on disk; with the decision on disk and nobody told; with one told. Names end with NULL.
 */
extern const char *const commit_point_names[];
enum commit_point {
	COMMIT_NOW,
	COMMIT_BEFORE_PREPARE,
	COMMIT_SOME_VOTES,
	COMMIT_VOTED,
	COMMIT_DECIDED,
	COMMIT_SOME_TOLD
};

struct commit_config {
	const struct commit_kind *kind;
	int coordinators, nodes;      /* sites 0 .. coordinators - 1; then the machines that hold data */
	enum commit_doubt doubt;
	bool read_only;               /* who has only read says so, and is not asked again */
	int64_t timeout;              /* ns: how long who waits waits, before it does something about it */
	const struct dist *there, *back, *force; /* one way to participants and back; a force, ns */
	double loss;                  /* of messages */
	bool grouped;                 /* forces: see model/log.h */
};

/* A coordinator, or a machine that holds data. */
struct commit_site {
	struct machine machine;
	struct log log;
	enum commit_point armed;      /* it crashes there; COMMIT_NOW: nowhere */
	int causes;                   /* crashes that it has not come back from */
};

enum commit_state {
	COMMIT_ACTIVE,                /* may abort */
	COMMIT_VOTING,                /* its vote is being forced to disk */
	COMMIT_PREPARED,              /* it has voted yes */
	COMMIT_PRECOMMITTING,
	COMMIT_PRECOMMITTED,
	COMMIT_FINISHING,             /* the outcome is being forced to disk */
	COMMIT_FINISHED
};

/* A participant's part of a transaction. The owner sets the first lines, and zeroes the rest. */
struct commit_branch {
	int site;
	bool reads;                   /* it has changed nothing */
	bool refuses;                 /* it will vote no */
	uint64_t crashes;             /* of its machine, when its work began: it is lost when there were more since */

	struct commit_transaction *transaction;
	enum commit_state state;
	enum atomicity_outcome outcome; /* as it knows it; ATOMICITY_OPEN of one that has only read */
	bool in_doubt;                /* it has voted yes, and does not know */
	bool precommitted;            /* that is on its disk */
	bool asked, saw_precommitted; /* the others, in its present round of questions; one of them is that far */
	int turns;                    /* paxos: coordinators that it has asked */
	int64_t since;                /* ns: when it voted yes */
	bool stuck;                   /* it was in doubt when its coordinator came back */
	queue_handle timer;

	/* Its coordinator's memory. */
	bool voted, ready, out;       /* out: is not to be told */
	int64_t asked_at;             /* ns */

	uint32_t accepted;            /* paxos: a bit for each acceptor that has its yes */
};

/* paxos: what an acceptor knows of a transaction. */
struct commit_acceptor {
	uint32_t promised, ballot;    /* ballot: of the outcome it has accepted; 0: none */
	enum atomicity_outcome outcome;
	int votes;
	bool forced;
};

/* The owner embeds one, with its branches, zeroed, sets the first part, and keeps it until ended(). */
struct commit_transaction {
	uint64_t id;                  /* below 2^40; unlike all others */
	int branches;
	struct commit_branch *branch;

	uint64_t serial;              /* 0: over */
	struct commit *commit;
	struct commit_transaction *next, *previous;
	int64_t began;
	uint32_t sent;
	int open;                     /* branches that have not finished */
	struct atomicity_thing thing;
	bool answered;                /* its client has heard of it, or of the coordinator's crash */
	int leader;                   /* a site */

	/* The leader's memory. */
	bool leads, deciding;
	int votes, ready, waits_for;  /* waits_for: who is to say that it is ready, or has heard */
	queue_handle timer;
	/* And what is on its disk. */
	bool listed;
	enum atomicity_outcome outcome;

	/* paxos */
	uint32_t ballot, answers;     /* answers: a bit for each acceptor, to the present question */
	enum atomicity_outcome proposed;
	struct commit_acceptor acceptor[COMMIT_COORDINATORS];
};

struct commit {
	struct sim *sim;
	const struct commit_config *config;
	struct network_kind *kinds;
	struct network network;
	struct commit_site *site;
	struct commit_transaction *first;
	struct atomicity atomicity;
	struct freelist messages;
	struct {
		int site;
		enum commit_point point;
		const struct dist *every, *lasts;
		struct rng rng;
	} fails;
	uint64_t serials;
	int64_t doubtful;             /* branches in doubt */

	/* Given by the owner. */
	void *owner;
	/* The client hears the outcome; ATOMICITY_OPEN: its coordinator has crashed. Once. */
	void (*answered)(void *owner, struct commit_transaction *transaction, enum atomicity_outcome outcome);
	/* A participant has voted yes. May be NULL. */
	void (*voted)(void *owner, struct commit_transaction *transaction, struct commit_branch *branch);
	/* A participant has finished with it: locks can go. Once for each branch. */
	void (*finished)(void *owner, struct commit_transaction *transaction, struct commit_branch *branch);
	/* All have, and nobody remembers it. */
	void (*ended)(void *owner, struct commit_transaction *transaction);

	/*
	 * Booked at the beginning of the transaction: COUNTs of messages and of records that are forced, TIMEs from
	 * the question to the vote, in doubt, and the same for those in doubt when their coordinator came back. At the
	 * crash: AMOUNT of transactions that were in doubt when it came back. When it happens: a COUNT of branches
	 * that finish on their own, a LEVEL of branches in doubt.
	 */
	struct booking messages_sent, records, round, doubt, stuck, left, alone, in_doubt;
};

/* config outlives it. What the owner gives is set by it afterwards. Site i has machine number i. */
void commit_init(struct commit *commit, struct sim *sim, const struct commit_config *config);

/*
 * A client hands a transaction to the coordinator at site `leader`, which is up and is any site; all branches have done
 * their work.
 */
void commit_begin(struct commit *commit, struct commit_transaction *transaction, int leader);

/*
 * For what comes before: how long a message takes from a coordinator to a participant, or back, ns; -1: it does not
 * arrive. `key` is unlike all others of the same way.
 */
int64_t commit_way(struct commit *commit, int from, int to, uint64_t key);

/* Whether a machine is up. */
static inline bool commit_is_up(const struct commit *commit, int site)
{
	return commit->site[site].machine.up;
}

/*
 * The machine crashes, at once or at the next such moment of a transaction that it coordinates; and comes back, when it
 * has done so as often.
 */
void commit_crash(struct commit *commit, int site, enum commit_point point);
void commit_restart(struct commit *commit, int site);

/* From now on it does so again and again: `every` after it is back (now it is), for so long. Call once. */
void commit_fails(struct commit *commit, int site, enum commit_point point, const struct dist *every,
		  const struct dist *lasts, struct rng_stream stream);

#endif
