/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A leaderless cluster: nodes on a hash ring, every key on `replication` of them, reads and writes by quorum.
 *
 * A query goes to a coordinator, which is one of the key's replicas. A write is sent to all replicas and ends with the
 * `write_quorum`th acknowledgement; a read asks `read_quorum` replicas, the coordinator among them, and waits for all
 * of those. A coordinator that stands still forwards and answers nothing. A query that takes too long is tried once
 * more, with another coordinator. Before that a coordinator may ask a further replica for a read (speculative retry),
 * after a fixed time, or when it takes longer than a percentile of what coordinators have waited for reads: of those
 * that ended in the last ten seconds, anywhere in the cluster, looked up once a second.
 *
 * A node that dies stops answering at once; that it is dead is known to the others after `detect`. Then it is asked no
 * more, and writes for it are kept as hints and replayed when it is back.
 */
#ifndef MODEL_CLUSTER_H
#define MODEL_CLUSTER_H

#include "base/freelist.h"
#include "engine/dist.h"
#include "engine/hist.h"
#include "model/ledger.h"
#include "model/node.h"
#include "model/ring.h"

struct cluster_config {
	int nodes, points, replication, read_quorum, write_quorum;
	struct node_config node;
	const struct dist *network; /* one way, ns */
	int64_t timeout, detect;    /* ns */
	int64_t speculative;        /* ns until a read asks a further replica; 0: see speculative_percentile */
	double speculative_percentile; /* in (0, 1); 0: never */
	uint64_t seed;              /* of the nodes' places on the ring */
	double hint_rate;           /* hints replayed per second when a node is back */
};

/* What a client asks the cluster. The caller keeps it until ended() is called with it. */
struct cluster_query {
	uint64_t id;             /* keys its random draws: equal ids meet equal luck */
	uint64_t key;            /* of the partition */
	bool write;
	void *subject;           /* the caller's */
	struct journey *journey;

	/* the cluster's own */
	struct cluster *cluster;
	const uint16_t *owners;
	struct rng rng;
	queue_handle timer;
	int64_t begun, deadline; /* of this attempt: when the coordinator had it; when it has taken too long */
	int coordinator, needed, answers, flying, attempt;
	uint32_t asked, applied; /* a bit for each index into owners */
	uint32_t life[RING_REPLICAS]; /* deaths of the owner when it was asked */
	bool done, failed, speculative;
};

struct cluster {
	struct sim *sim;
	const struct cluster_config *config;
	struct node *node;
	struct ring ring;
	struct ledger ledger;
	uint32_t *deaths;        /* how often each node was killed */
	struct rng_stream stream;
	struct freelist queries; /* ended ones */
	struct hist waits;       /* of coordinators for reads, for the percentile */
	int64_t patience;        /* ns: the percentile; half the timeout before any is known */
	int64_t looked_up, forgot; /* when patience was last taken from them, and when they were last emptied */

	/* Given by the owner. */
	void *owner;
	/* Does the work of one replica; ends later by cluster_served(sim, query, part). */
	void (*serve)(void *owner, struct cluster_query *query, struct node *node, uint64_t part);
	/* The query has ended; its client hears of it `hop` ns from now. */
	void (*ended)(void *owner, struct cluster_query *query, int64_t hop, bool failed);
	/* A hint is replayed on a node that is back; may be NULL. */
	void (*replay)(void *owner, struct node *node);
	/* COUNT: queries tried once more; reads that asked a further replica; hints; queries that have failed. */
	struct booking retried, speculated, hinted, failed;
};

/* config and what it points to outlive the cluster. The owner's fields are set by the caller afterwards. */
void cluster_init(struct cluster *cluster, struct sim *sim, const struct cluster_config *config);

/* A query whose client sends it `delay` ns from now. */
void cluster_ask(struct cluster *cluster, uint64_t id, uint64_t key, bool write, int64_t delay, void *subject,
		 struct journey *journey);

/* A sim_event_fn: a replica has done its part of the query. */
void cluster_served(struct sim *sim, void *query, uint64_t part);

/* The node that does this part of a query. */
struct node *cluster_node(const struct cluster_query *query, uint64_t part);

/* Node `number` dies with its data, or is back. */
void cluster_kill(struct cluster *cluster, int number);
void cluster_revive(struct cluster *cluster, int number);

/* Node `number` is taken out of service in good order, or put back: it merges at full speed meanwhile. */
void cluster_drain(struct cluster *cluster, int number, bool out);

/* Writes that were acknowledged and have no copy left. */
uint64_t cluster_lost(const struct cluster *cluster);

#endif
