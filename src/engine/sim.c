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
	size_t filled = source ? source->fill(source, block, ROW_BLOCK) : 0, at = 0;
	uint64_t rows = 0;
	int64_t last = sim->now, report = REPORT_EVERY;
	for (;;) {
		int64_t event_time;
		bool event = queue_peek(&sim->queue, &event_time);
		if (event && (at == filled || event_time <= block[at].time)) {
			if (at == filled && (sim->open == 0 || event_time - last > drain))
				break;
			struct queue_event next = queue_take(&sim->queue);
			sim->now = event_time;
			sim->events++;
			next.fn(sim, next.subject, next.detail);
		} else if (at < filled) {
			const struct row *row = &block[at];
			CHECK(row->time >= sim->now);
			sim->now = last = row->time;
			arrive(sim, world, row);
			rows++;
			if (++at == filled) {
				filled = source->fill(source, block, ROW_BLOCK);
				at = 0;
			}
		} else {
			break;
		}
		if (--report == 0) {
			report = REPORT_EVERY;
			if (progress && !progress->report(progress->host, sim->now, rows, sim->events))
				break;
		}
	}
	return rows;
}
