/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two events a batch: it closes, and it is done; when, is known as soon as it closes.
 */
#include "model/relay.h"
#include "model/slowed.h"

struct relay_batch {
	struct relay_partition *partition;
	struct relay_message *first, *last;
	int64_t count;
};

void relay_init(struct relay *relay, struct sim *sim, int partitions, int64_t batch, const struct dist *work,
		struct rng_stream stream)
{
	CHECK(partitions > 0 && batch >= 0);
	*relay = (struct relay){.sim = sim, .partitions = partitions, .batch = batch, .work = work};
	relay->partition = ARENA_ARRAY(&sim->arena, (size_t)partitions, struct relay_partition);
	for (int i = 0; i < partitions; i++)
		relay->partition[i] = (struct relay_partition){.relay = relay, .slowness = 1,
							       .rng = rng_of(stream, (uint64_t)i)};
}

int relay_partition_of(const struct relay *relay, uint64_t key)
{
	return (int)(rng_mix(key + UINT64_C(0x9e3779b97f4a7c15)) % (uint64_t)relay->partitions);
}

static void done(struct sim *sim, void *subject, uint64_t unused)
{
	struct relay_batch *batch = subject;
	struct relay *relay = batch->partition->relay;
	struct relay_message *next = batch->first;
	(void)sim;
	(void)unused;
	freelist_give(&relay->batches, batch);
	while (next) {
		struct relay_message *message = next;
		next = next->next;
		uint64_t key = message->key;
		int64_t sent = message->sent;
		freelist_give(&relay->messages, message);
		relay->hand_over(relay->owner, key, sent);
	}
}

static void close_batch(struct sim *sim, void *subject, uint64_t unused)
{
	struct relay_batch *batch = subject;
	struct relay_partition *partition = batch->partition;
	(void)unused;
	partition->open = NULL;
	int64_t from = partition->free_at > sim->now ? partition->free_at : sim->now, work = 0;
	for (int64_t i = 0; i < batch->count; i++)
		work += dist_draw_time(partition->relay->work, &partition->rng);
	partition->free_at = from + slowed(work, partition->slowness);
	sim_at(sim, partition->free_at, done, batch, 0);
}

void relay_send(struct relay *relay, uint64_t key)
{
	struct sim *sim = relay->sim;
	struct relay_partition *partition = &relay->partition[relay_partition_of(relay, key)];
	struct relay_message *message = FREELIST_TAKE(&relay->messages, &sim->arena, struct relay_message);
	*message = (struct relay_message){.key = key, .sent = sim->now};
	struct relay_batch *batch = partition->open;
	if (!batch) {
		batch = FREELIST_TAKE(&relay->batches, &sim->arena, struct relay_batch);
		*batch = (struct relay_batch){.partition = partition};
		partition->open = batch;
		sim_after(sim, relay->batch, close_batch, batch, 0);
	}
	if (batch->first)
		batch->last->next = message;
	else
		batch->first = message;
	batch->last = message;
	batch->count++;
}
