/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/node.h"
#include "engine/rng.h"

struct node_job {
	struct node *node;
	int queue;
	int64_t cpu, disk;
	double garbage;
	sim_event_fn *done;
	void *subject;
	uint64_t detail;
	struct journey *const *journey;
};

void node_init(struct node *node, struct sim *sim, int number, const struct node_config *config)
{
	*node = (struct node){.sim = sim, .number = number, .alive = true};
	node->queues = config->sharded ? (int)config->cores : 1;
	node->stage = ARENA_ARRAY(&sim->arena, (size_t)node->queues, struct pool);
	node->cpu = ARENA_ARRAY(&sim->arena, (size_t)node->queues, struct pool);
	int64_t places = config->concurrency / node->queues;
	for (int i = 0; i < node->queues; i++) {
		pool_init(&node->stage[i], sim, "node", number, places > 0 ? places : 1, -1);
		pool_init(&node->cpu[i], sim, "node core", number, config->sharded ? 1 : config->cores, -1);
	}
	pool_init(&node->disk, sim, "disk", number, config->disk_depth, -1);
}

static void end(struct sim *sim, struct node_job *job)
{
	struct node_job ended = *job;
	freelist_give(&ended.node->jobs, job);
	pool_return(&ended.node->stage[ended.queue]);
	ended.done(sim, ended.subject, ended.detail);
}

static void disk_done(struct sim *sim, void *subject, uint64_t unused)
{
	struct node_job *job = subject;
	(void)unused;
	/* The disk does not stop for a collection, but nobody looks at its answer before it is over. */
	int64_t ready = node_ready(job->node);
	if (ready > sim->now) {
		journey_note_time(job->journey, sim->now, "node", job->node->number, "paused for", ready - sim->now);
		sim_at(sim, ready, disk_done, job, 0);
		return;
	}
	end(sim, job);
}

static void cpu_done(struct sim *sim, void *subject, uint64_t unused)
{
	struct node_job *job = subject;
	struct node *node = job->node;
	(void)unused;
	int64_t pause = collector_allocate(&node->collector, job->garbage);
	if (pause > 0) {
		node_pause(node, pause);
		booking_record(node->collected, sim->now, pause);
	}
	if (job->disk > 0)
		pool_enter(&node->disk, job->disk, disk_done, job, 0, job->journey);
	else
		end(sim, job);
}

static void granted(struct sim *sim, void *subject, uint64_t unused)
{
	struct node_job *job = subject;
	(void)sim;
	(void)unused;
	pool_enter(&job->node->cpu[job->queue], job->cpu, cpu_done, job, 0, job->journey);
}

void node_serve(struct node *node, uint64_t key, int64_t cpu, int64_t disk, double garbage, sim_event_fn *done,
		void *subject, uint64_t detail, struct journey *const *journey)
{
	struct node_job *job = FREELIST_TAKE(&node->jobs, &node->sim->arena, struct node_job);
	int queue = node->queues == 1 ? 0 : (int)(rng_mix(key) % (uint64_t)node->queues);
	*job = (struct node_job){.node = node, .queue = queue, .cpu = cpu, .disk = disk, .garbage = garbage,
				 .done = done, .subject = subject, .detail = detail, .journey = journey};
	pool_take(&node->stage[queue], granted, job, 0, journey);
}

void node_pause(struct node *node, int64_t length)
{
	for (int i = 0; i < node->queues; i++)
		pool_pause(&node->cpu[i], length);
}

int64_t node_ready(const struct node *node)
{
	int64_t until = node->cpu[0].paused_until;
	return until > node->sim->now ? until : node->sim->now;
}

void node_slow(struct node *node, double slowness)
{
	for (int i = 0; i < node->queues; i++)
		node->cpu[i].slowness = slowness;
}

uint64_t node_cpu_ns(const struct node *node)
{
	uint64_t total = 0;
	for (int i = 0; i < node->queues; i++)
		total += node->cpu[i].served_ns;
	return total;
}
