/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store in several regions: a cluster in each, quorums within a region, and replication to the others that nobody
 * waits for. A write is asked of its own region's cluster and sent to the others at the same time; there it is written
 * by quorum when it arrives.
 *
 * A region that has gone dark acknowledges nothing. What it had acknowledged before, and no other region had got by
 * then, is `exposed`: gone, if the region does not come back.
 */
#ifndef MODEL_REGIONAL_H
#define MODEL_REGIONAL_H

#include "base/freelist.h"
#include "model/cluster.h"
#include "model/link.h"

enum { REGIONAL_REGIONS = 4 };

struct regional_config {
	int regions;
	struct cluster_config cluster; /* of each region */
	int64_t one_way[REGIONAL_REGIONS][REGIONAL_REGIONS]; /* ns */
	const struct dist *jitter;     /* NULL: none */
	double rate;                   /* writes per second from one region to another; 0: without limit */
	const struct dist *read, *write; /* time of a core for one, on one replica, ns */
};

struct regional_write;
struct regional;

struct regional_site {
	struct regional *of;
	int number;
	bool dark;
	int64_t exposed;
	struct cluster cluster;
	struct link link[REGIONAL_REGIONS]; /* to the others */
};

struct regional {
	struct sim *sim;
	const struct regional_config *config;
	struct rng_stream work;
	struct regional_site site[REGIONAL_REGIONS];
	struct freelist writes; /* ended ones */

	/* Given by the owner. */
	void *owner;
	/* A read or write has ended; whoever asked hears of it `hop` ns from now. */
	void (*ended)(void *owner, int region, void *subject, bool write, int64_t hop, bool failed);
	struct booking acknowledged;  /* COUNT: writes */
	struct booking lag;           /* TIME: from a write's acknowledgement until another region has it */
	struct booking probed, stale; /* COUNT: written records read in the next region; those that were not there */
	struct booking after;         /* TIME: how long after its acknowledgement */
};

/* config and what it points to outlive the store. The owner's fields are set by the caller afterwards. */
void regional_init(struct regional *regional, struct sim *sim, const struct regional_config *config);

/*
 * id keys the random draws of a query and is below 2^61. `probe` > 0: the next region is asked for the record so many
 * ns after the acknowledgement.
 */
void regional_read(struct regional *regional, int region, uint64_t id, uint64_t key, void *subject,
		   struct journey *journey);
void regional_write(struct regional *regional, int region, uint64_t id, uint64_t key, int64_t probe, void *subject,
		    struct journey *journey);

/* The way from one region to another, in this direction. */
void regional_cut(struct regional *regional, int from, int to, bool cut);

static inline bool regional_is_cut(const struct regional *regional, int from, int to)
{
	return regional->site[from].link[to].cut;
}

/* Writes that were acknowledged and have no copy left: on killed nodes, or in regions that are dark. */
uint64_t regional_lost(const struct regional *regional);

#endif
