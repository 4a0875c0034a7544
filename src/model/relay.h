/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A replication pipeline: messages about keys go through a partitioned log to a relay, which works through each
 * partition in order, in batches. The first message of a batch opens it; the batch closes a fixed time later, waits
 * until the partition's relay has done with those before it, and is then worked on: so much time for each message. What
 * a batch holds is handed over when its last message is done.
 */
#ifndef MODEL_RELAY_H
#define MODEL_RELAY_H

#include "base/freelist.h"
#include "engine/dist.h"
#include "engine/sim.h"

struct relay_message {
	struct relay_message *next;
	uint64_t key;
	int64_t sent; /* ns */
};

struct relay_batch;

struct relay_partition {
	struct relay *relay;
	struct relay_batch *open;
	int64_t free_at;  /* when its relay has done with all closed batches */
	double slowness;  /* 1: full speed */
	struct rng rng;
};

struct relay {
	struct sim *sim;
	int partitions;
	struct relay_partition *partition;
	int64_t batch;           /* ns from the first message of a batch until it closes */
	const struct dist *work; /* for a message, ns */
	struct freelist messages, batches; /* handed over */
	/* A message leaves the relay. Given by the owner. */
	void (*hand_over)(void *owner, uint64_t key, int64_t sent);
	void *owner;
};

void relay_init(struct relay *relay, struct sim *sim, int partitions, int64_t batch, const struct dist *work,
		struct rng_stream stream);

void relay_send(struct relay *relay, uint64_t key);

/* Which partition a key's messages go through. */
int relay_partition_of(const struct relay *relay, uint64_t key);

#endif
