/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows never enter the queue. The loop holds the head of the row source in one hand and the head of the queue in the
 * other and lets the earlier one happen; among equals the event.
 */
#include "engine/sim.h"

enum { REPORT_EVERY = 1 << 16 };

struct sim *sim_new(uint64_t seed, uint64_t replication)
{
	struct arena arena;
	arena_init(&arena);
	struct sim *sim = ARENA_NEW(&arena, struct sim);
	sim->arena = arena;
	sim->seed = seed;
	sim->replication = replication;
	queue_init(&sim->queue, &sim->arena);
	return sim;
}

void sim_free(struct sim *sim)
{
	if (!sim)
		return;
	struct arena arena = sim->arena; /* the world lies inside it */
	arena_free(&arena);
}

uint64_t sim_replay(struct sim *sim, struct row_source *source, sim_arrive_fn *arrive, void *world, int64_t drain,
		    const struct sim_progress *progress)
{
	struct row *block = ARENA_ARRAY(&sim->arena, ROW_BLOCK, struct row);
	const struct row *row = block, *end = source ? block + source->fill(source, block, ROW_BLOCK) : block;
	uint64_t rows = 0;
	int64_t last = sim->now, report = REPORT_EVERY;
	for (;;) {
		int64_t event_time = queue_peek(&sim->queue);
		if (row < end && row->time < event_time) {
			CHECK(row->time >= sim->now);
			sim->now = last = row->time;
			arrive(sim, world, row);
			rows++;
			if (++row == end) {
				row = block;
				end = block + source->fill(source, block, ROW_BLOCK);
			}
		} else {
			bool over = row == end && (sim->open == 0 || event_time - last > drain);
			if (event_time == QUEUE_NEVER || over)
				break;
			struct queue_event next = queue_take(&sim->queue);
			sim->now = event_time;
			sim->events++;
			next.fn(sim, next.subject, next.detail);
		}
		if (--report == 0) {
			report = REPORT_EVERY;
			if (progress && !progress->report(progress->host, sim->now, rows, sim->events))
				break;
		}
	}
	return rows;
}
