/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A database node: cores, a bounded number of operations in progress, a disk of bounded parallelism, a heap that may
 * stop the world, and compaction. Either all cores serve one queue, or every core owns a shard of the keys, with its
 * own queue.
 *
 * An operation takes a place among those in progress, then a core, then, when it has to, the disk, and keeps its place
 * until it is done. Which node is up is known to the node (alive) and to the others (known_down), not at the same time.
 */
#ifndef MODEL_NODE_H
#define MODEL_NODE_H

#include "base/freelist.h"
#include "engine/meter.h"
#include "model/collector.h"
#include "model/compaction.h"
#include "model/pool.h"

struct node_config {
	int64_t cores;
	bool sharded;         /* a shard per core, instead of one queue for all */
	int64_t concurrency;  /* operations in progress on the node; shared out among the shards */
	int64_t disk_depth;   /* disk operations in parallel */
};

struct node {
	struct sim *sim;
	int number;
	bool alive, missed, drained; /* missed: known to be dead */
	bool known_down;             /* missed or drained: not to be asked */
	int queues;           /* 1, or one a core */
	struct pool *stage, *cpu;
	struct pool disk;
	struct collector collector;
	struct compaction compaction;
	uint64_t hints;       /* writes kept elsewhere for this node while it is known to be down */
	struct freelist jobs; /* done ones */
	struct booking collected; /* TIME: collections, by their length; given by the owner */
};

/* The collector and the compaction are initialised by the caller afterwards. */
void node_init(struct node *node, struct sim *sim, int number, const struct node_config *config);

/*
 * One operation: `cpu` ns of a core, `disk` ns of a disk slot (0: none), `garbage` bytes of heap. `key` picks the
 * shard. done(sim, subject, detail) fires when it has ended, also on a node that has died meanwhile: look at alive.
 */
void node_serve(struct node *node, uint64_t key, int64_t cpu, int64_t disk, double garbage, sim_event_fn *done,
		void *subject, uint64_t detail, struct journey *const *journey);

/* Stops the whole node for `length` ns. */
void node_pause(struct node *node, int64_t length);

/* When the node stands still: until when; otherwise now. */
int64_t node_ready(const struct node *node);

/* All its cores work `slowness` times slower from now on; 1 is full speed. */
void node_slow(struct node *node, double slowness);

/* Nanoseconds of core time given to operations so far. */
uint64_t node_cpu_ns(const struct node *node);

#endif
