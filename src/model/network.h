/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages between sites: each takes a time of its own, so that one may overtake another, may be lost, may arrive
 * twice; links can be cut, one way or both, and slow. A site is a machine, or machines that nothing comes between. What
 * the sender does about a message that does not arrive is its own affair. (A reliable stream is model/link.h.)
 *
 * How long a message takes is a law of its kind (write, acknowledgement, ...), and what its link adds. Whether it is
 * lost is decided when it is sent: what is on its way when a link is cut still arrives.
 */
#ifndef MODEL_NETWORK_H
#define MODEL_NETWORK_H

#include "engine/dist.h"
#include "engine/meter.h"
#include "engine/sim.h"

/* What all messages of a kind have in common. A table of them ends with a NULL name. */
struct network_kind {
	const char *name;         /* of its random stream too: "write" */
	const struct dist *delay; /* one way, ns */
	double loss, twice;       /* chance to be lost, or to arrive a second time with a delay of its own */
};

/* Of one kind, so far. sent counts calls; those neither lost nor cut arrive. */
struct network_count {
	uint64_t sent, lost, cut, twice;
};

struct network_link {
	int64_t extra;   /* ns on top of the kind's delay */
	double slowness; /* 1: as usual; 10: both take ten times longer */
	uint32_t cuts;   /* now; a message gets through when there is none */
};

struct network {
	struct sim *sim;
	int sites, kinds;
	const struct network_kind *kind;
	struct network_link *link;     /* sites x sites, [from * sites + to] */
	struct network_count *count;   /* per kind */
	struct rng_stream *stream;     /* per kind */
	struct booking sent;           /* a COUNT of all that is sent; set by the owner, or not */
};

/* `kind` outlives the network. */
void network_init(struct network *network, struct sim *sim, int sites, const struct network_kind *kind);

/*
 * Sends a message: arrived(sim, subject, detail) fires at the other end, never, once or twice. `key` is unlike that of
 * every other message of its kind: the draws hang on it. Returns how many copies are on their way.
 */
int network_send(struct network *network, int kind, int from, int to, uint64_t key, sim_event_fn *arrived,
		 void *subject, uint64_t detail);

/*
 * The same for a sender who schedules what comes of it himself, because only the fastest of several messages counts:
 * how long the message takes, ns, or -1 when it does not arrive. It does not arrive twice.
 */
int64_t network_takes(struct network *network, int kind, int from, int to, uint64_t key);

/* The link from one site to another. `from` may be `to`: what is sent within a site. */
static inline struct network_link *network_link(struct network *network, int from, int to)
{
	return &network->link[from * network->sites + to];
}

/* Messages from one site to another do not get through until the cut is mended. Cuts of a link add up. */
void network_cut(struct network *network, int from, int to);
void network_mend(struct network *network, int from, int to);

/* Cuts a site off from all others, both ways; and mends that. */
void network_isolate(struct network *network, int site);
void network_rejoin(struct network *network, int site);

/* From now on all messages take `slowness` times as long. */
void network_slow(struct network *network, double slowness);

/*
 * A partition: side[site] says to which part a site belongs; what is sent from one part to another does not get
 * through. A site with side -1 reaches all, and is reached. network_join of the same sides ends it; partitions may
 * overlap.
 */
void network_part(struct network *network, const int *side);
void network_join(struct network *network, const int *side);

#endif
