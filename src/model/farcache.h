/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A cache in each of several regions. What is written in one region is news to the others: it is dropped from their
 * caches when the news arrives (invalidate), or whatever is put into one cache is put into all of them, through a relay
 * from each region to each other one (replicate).
 */
#ifndef MODEL_FARCACHE_H
#define MODEL_FARCACHE_H

#include "base/freelist.h"
#include "engine/meter.h"
#include "model/cache.h"
#include "model/link.h"
#include "model/relay.h"

enum { FARCACHE_REGIONS = 4 };

struct farcache_way;

/* What the caches of other regions are told; to add a kind, see FARCACHES of farcache.c. */
struct farcache_kind {
	const char *name; /* as a model file writes it */
	bool relays;      /* a relay stands at the beginning of each way */
	/* A key was put at the beginning of this way; `written`: what the other end has is old. NULL: no caches. */
	void (*tell)(struct farcache_way *way, uint64_t key, bool written);
};

/* All kinds, and their names; both end with NULL. */
extern const struct farcache_kind *const farcache_kinds[];
extern const char *const farcache_names[];

struct farcache_config {
	const struct farcache_kind *kind;
	int regions;
	int64_t entries, lifetime;   /* of a region's cache; ns */
	int64_t one_way[FARCACHE_REGIONS][FARCACHE_REGIONS]; /* ns */
	const struct dist *jitter;   /* NULL: none */
	int partitions;              /* of each relay */
	int64_t batch;               /* ns */
	const struct dist *work;     /* of a relay for a message, ns */
};

struct farcache;

/* From one region to another. */
struct farcache_way {
	struct farcache *of;
	int to;
	struct link link;
	struct relay relay;
};

struct farcache {
	struct sim *sim;
	const struct farcache_config *config;
	struct cache cache[FARCACHE_REGIONS];
	struct farcache_way way[FARCACHE_REGIONS][FARCACHE_REGIONS];
	struct freelist puts; /* arrived ones */

	/* Given by the owner: COUNT of entries put into another region's cache; TIME since they were put into one. */
	struct booking replicated, replication;
};

/* config and what it points to outlive the caches. What the owner gives is set by it afterwards. */
void farcache_init(struct farcache *farcache, struct sim *sim, const struct farcache_config *config);

/* Whether a region's cache has the key. */
bool farcache_get(struct farcache *farcache, int region, uint64_t key);

/* Puts the key into a region's cache; `written`: what the others have is out of date. */
void farcache_put(struct farcache *farcache, int region, uint64_t key, bool written);

/* The way from one region to another, in this direction. */
void farcache_cut(struct farcache *farcache, int from, int to, bool cut);

/* One partition of every relay is slower by the factor from now on; 1: full speed. */
void farcache_slow(struct farcache *farcache, int partition, double slowness);

#endif
