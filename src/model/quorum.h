/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers with a copy on several nodes, read and written by quorums. A client's node, or the primary, coordinates an
 * operation: a write is sent to the replicas of its key and ends with the `write`th acknowledgement, a read asks them
 * and ends with the `read`th response, of which it returns the newest. Messages are of four kinds, each with a law of
 * its own (write, acknowledgement, read, response: the WARS model of P. Bailis et al., Probabilistically Bounded
 * Staleness for Practical Partial Quorums, PVLDB 5, 2012), over the links of a network that can be cut and slow.
 *
 *   some          as many replicas as are needed are asked, at random; else all are, and the fastest count
 *   repair        a read that meets old values sends the newest to who had them, after it has answered, or before: then
 *                 it answers when as many have it as a write needs (H. Attiya, A. Bar-Noy, D. Dolev, Sharing memory
 *                 robustly in message-passing systems, J. ACM 42, 1995)
 *   asks_first    a write takes its number from what a read quorum has, not from a clock: with quorums that meet, and
 *                 repair before the answer, the register is linearizable (N. Lynch, A. Shvartsman, FTCS 1997)
 *   sloppy        who has not answered in time is not asked for a while; the next nodes stand in, and keep a hint
 *                 until they have handed the value over; their copy stays (G. DeCandia et al., Dynamo, SOSP 2007)
 *   primary       node 0 coordinates everything; reads may be of the own node's copy instead
 *   anti_entropy  nodes compare their copies, two at a time
 *
 * Of two values of a key the one with the greater stamp stays: last write wins. A stamp is the coordinator's clock and
 * its number, so that no two are equal. Beside its stamp a value carries what it has seen: of each coordinator, the
 * number of its latest write that this one replaces. The store looks at stamps only; whoever watches hears of a value
 * that goes although the one that stays has not seen it.
 *
 * A write that gets too few answers is refused and not undone: it may stand on some nodes, and be read, or win, later.
 * What reaches a primary after its client has given up is not begun.
 */
#ifndef MODEL_QUORUM_H
#define MODEL_QUORUM_H

#include "base/freelist.h"
#include "model/journey.h"
#include "model/machine.h"
#include "model/network.h"

enum { QUORUM_NODES = 9 };

/* The kinds of messages that the network must have first, in this order; others may follow. */
enum quorum_message {
	QUORUM_WRITE,
	QUORUM_ACK,
	QUORUM_READ,
	QUORUM_RESPONSE,
	QUORUM_FORWARD, /* from the client's node to the primary, and back */
	QUORUM_REPLY,
	QUORUM_REPAIR,  /* a value that nobody has asked for: repair, anti-entropy, hints */
	QUORUM_TAKEN,   /* a hint has been taken */
	QUORUM_COMPARE, /* copies are compared when it arrives, as both are then */
	QUORUM_MESSAGES
};

enum quorum_repair { QUORUM_LEAVES, QUORUM_REPAIRS_AFTER, QUORUM_REPAIRS_BEFORE };

struct quorum_config {
	int nodes, replicas;          /* of each key; <= nodes <= QUORUM_NODES */
	int read, write;              /* answers that are needed; <= replicas */
	int64_t keys;
	bool some_read, some_write;   /* of which reads and writes ask some */
	bool asks_first, sloppy;
	bool primary, own_reads;      /* own_reads: with a primary, reads are of the own node's copy */
	enum quorum_repair repair;
	int64_t timeout;              /* ns until a client gives up */
	int64_t suspect;              /* ns that who has not answered is not asked, when sloppy */
	int64_t hand_over;            /* ns between attempts to hand over hints */
	int64_t anti_entropy;         /* ns between comparisons of each node; 0: never */
};

struct quorum_value {
	uint64_t stamp;               /* 0: nothing was written */
	uint32_t seen[QUORUM_NODES];  /* by coordinator */
};

struct quorum_hint {
	struct quorum_hint *next;
	int64_t key;
	int home;
	uint64_t stamp;
};

struct quorum_node {
	struct quorum *of;
	struct machine machine;
	struct quorum_value *value;   /* by key */
	uint64_t last;                /* the stamp it gave last */
	uint32_t writes;              /* that it has coordinated */
	int64_t suspects[QUORUM_NODES]; /* until when; ns */
	struct quorum_hint *hint;
	bool hands_over;              /* a timer runs */
	struct rng rng;
};

/* An operation. Outside of the part it is valid until ended() returns. */
struct quorum_op {
	struct quorum *of;
	uint64_t id;
	int64_t key, called;          /* called: ns */
	bool write;
	int origin;                   /* the client's node */
	void *subject;                /* the caller's */
	struct quorum_value value;    /* of a write: what it writes, if it came so far; of a read: what it returns */

	/* the part's own */
	struct journey *journey;
	int at, asked, phase, needed, count, flying;
	uint32_t answered;            /* a bit for each index into who, in this phase */
	bool decided, ended;
	queue_handle timer;
	int who[QUORUM_NODES], home[QUORUM_NODES]; /* home: whom it stands in for, or -1 */
	struct quorum_value reply[QUORUM_NODES];
};

struct quorum {
	struct sim *sim;
	const struct quorum_config *config;
	struct network *network;
	struct quorum_node node[QUORUM_NODES];
	struct rng_stream choices;
	struct freelist ops, notes, hints;
	uint64_t sent;                /* repairs and comparisons so far; keys their draws */

	/* Given by the owner. */
	void *owner;
	/* The client has an answer, or gives up. */
	void (*ended)(void *owner, struct quorum_op *op, bool answered);
	/* A value goes from a node though what stays has not seen it: each node where it happens tells. May be NULL. */
	void (*conflict)(void *owner, int64_t key, const struct quorum_value *stays, const struct quorum_value *goes);
	/* COUNT: values sent to who had older ones; hints kept, and handed over. */
	struct booking repaired, hinted, handed;
};

/*
 * config and network outlive it. Sites 0, 1, ... of the network are its nodes; its messages must not arrive twice.
 * offset[i]: how far the clock of node i is ahead, ns; NULL: 0. What the owner gives is set by it afterwards.
 */
void quorum_init(struct quorum *quorum, struct sim *sim, const struct quorum_config *config, struct network *network,
		 const int64_t *offset);

/*
 * A client of node `origin` reads or writes a key; when the node is down, it gives up in time. `id` < 2^56 keys the
 * draws: equal ids meet equal luck. `journey` may be NULL, and is kept until ended() is called.
 */
struct quorum_op *quorum_begin(struct quorum *quorum, uint64_t id, int64_t key, bool write, int origin,
			       void *subject, struct journey *journey);

/* Whether the node has a copy of the key by right. */
static inline bool quorum_is_home(const struct quorum_config *config, int64_t key, int node)
{
	return (node + config->nodes - (int)(key % config->nodes)) % config->nodes < config->replicas;
}

#endif
