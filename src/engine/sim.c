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

void sim_begin(struct sim *sim, struct sim_player *player, struct row_source *source, sim_arrive_fn *arrive,
	       void *world, int64_t drain)
{
	struct row *block = ARENA_ARRAY(&sim->arena, ROW_BLOCK, struct row);
	*player = (struct sim_player){.source = source, .arrive = arrive, .world = world, .drain = drain,
				      .block = block, .row = block, .last = sim->now};
	player->end = source ? block + source->fill(source, block, ROW_BLOCK) : block;
}

bool sim_step(struct sim *sim, struct sim_player *player, uint32_t budget)
{
	const struct row *row = player->row, *end = player->end;
	sim_arrive_fn *arrive = player->arrive;
	void *world = player->world;
	int64_t last = player->last, drain = player->drain;
	uint64_t rows = 0;
	bool over = false;
	for (; budget > 0; budget--) {
		int64_t event_time = queue_peek(&sim->queue);
		if (row < end && row->time < event_time) {
			CHECK(row->time >= sim->now);
			sim->now = last = row->time;
			arrive(sim, world, row);
			rows++;
			if (++row == end) {
				row = player->block;
				end = row + player->source->fill(player->source, player->block, ROW_BLOCK);
			}
		} else {
			over = event_time == QUEUE_NEVER ||
			       (row == end && (sim->open == 0 || event_time - last > drain));
			if (over)
				break;
			struct queue_event next = queue_take(&sim->queue);
			sim->now = event_time;
			sim->events++;
			next.fn(sim, next.subject, next.detail);
		}
	}
	player->row = row;
	player->end = end;
	player->last = last;
	player->rows += rows;
	return !over;
}

uint64_t sim_replay(struct sim *sim, struct row_source *source, sim_arrive_fn *arrive, void *world, int64_t drain,
		    const struct sim_progress *progress)
{
	struct sim_player player;
	sim_begin(sim, &player, source, arrive, world, drain);
	while (sim_step(sim, &player, REPORT_EVERY))
		if (progress && !progress->report(progress->host, sim->now, player.rows, sim->events))
			break;
	return player.rows;
}
