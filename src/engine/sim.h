/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world: a clock, a queue of events, an arena, and the seed of all its randomness. Nothing outside it changes, so any
 * number of worlds run side by side.
 *
 * The clock counts int64 nanoseconds from the start of the trace. Events of the same instant fire in the order in which
 * they were scheduled. A row of the trace that falls on the same instant as events comes after them: a departure frees
 * its server before the arrival is looked at.
 */
#ifndef ENGINE_SIM_H
#define ENGINE_SIM_H

#include "base/arena.h"
#include "engine/queue.h"
#include "engine/rng.h"
#include "engine/row.h"

/* What has begun and not ended: who asks embeds one. */
struct sim_begun {
	struct sim_begun *before, *after; /* in the order of their beginning */
	int64_t since;                    /* ns */
};

struct sim {
	int64_t now;        /* ns */
	int64_t open;       /* requests that have arrived and not yet ended; kept by sim_open and sim_close */
	struct sim_begun *latest; /* of what has begun and not ended, the last; kept by sim_enter and sim_leave */
	uint64_t events;    /* fired so far, rows not counted */
	uint64_t seed, replication;
	uint64_t streams; /* named streams asked for: 0 as long as nothing random can have happened */
	struct queue queue;
	struct arena arena; /* for everything that lives as long as the world */
};

typedef void sim_arrive_fn(struct sim *sim, void *world, const struct row *row);

/* The world is allocated in its own arena; sim_free ends both. */
struct sim *sim_new(uint64_t seed, uint64_t replication);
void sim_free(struct sim *sim);

/* Schedules fn(sim, subject, detail) at an instant not before now. */
static inline queue_handle sim_at(struct sim *sim, int64_t time, sim_event_fn *fn, void *subject, uint64_t detail)
{
	CHECK(time >= sim->now);
	return queue_add(&sim->queue, time, fn, subject, detail);
}

/* The same after `delay` >= 0 ns. */
static inline queue_handle sim_after(struct sim *sim, int64_t delay, sim_event_fn *fn, void *subject, uint64_t detail)
{
	return sim_at(sim, sim->now + delay, fn, subject, detail);
}

/* True when the event was still to come. */
static inline bool sim_cancel(struct sim *sim, queue_handle handle)
{
	return queue_cancel(&sim->queue, handle);
}

/* The named stream of random draws of this world's seed and replication. */
static inline struct rng_stream sim_stream(struct sim *sim, const char *name)
{
	sim->streams++;
	return rng_stream(sim->seed, sim->replication, name);
}

static inline void sim_open(struct sim *sim)
{
	sim->open++;
}

static inline void sim_close(struct sim *sim)
{
	sim->open--;
}

/* The same, and it is known since when it is open. */
static inline void sim_enter(struct sim *sim, struct sim_begun *begun)
{
	struct sim_begun *before = sim->latest;
	*begun = (struct sim_begun){.before = before, .since = sim->now};
	if (before)
		before->after = begun;
	sim->latest = begun;
	sim_open(sim);
}

static inline void sim_leave(struct sim *sim, struct sim_begun *begun)
{
	struct sim_begun *before = begun->before, *after = begun->after;
	*(after ? &after->before : &sim->latest) = before;
	if (before)
		before->after = after;
	sim_close(sim);
}

/*
 * Replays: merges the rows of `source` (may be NULL) with the events, until the rows have ended and no request is open,
 * or nothing is left to happen, or `drain` ns have passed since the last row. Returns the number of rows. `progress`,
 * when not NULL, is called about every 2^16 rows or events with the time reached; returning false stops the replay.
 */
struct sim_progress {
	bool (*report)(void *host, int64_t now, uint64_t rows, uint64_t events);
	void *host;
};

uint64_t sim_replay(struct sim *sim, struct row_source *source, sim_arrive_fn *arrive, void *world, int64_t drain,
		    const struct sim_progress *progress);

/*
 * The same in steps, for who has something else to do between them: what comes out does not depend on where it was
 * stopped. The player is the caller's.
 */
struct sim_player {
	struct row_source *source;
	sim_arrive_fn *arrive;
	void *world;
	int64_t drain;
	struct row *block;           /* ROW_BLOCK of them */
	const struct row *row, *end; /* those in it that have not arrived */
	int64_t last;                /* when the last one arrived, ns */
	uint64_t rows;               /* that have arrived */
};

void sim_begin(struct sim *sim, struct sim_player *player, struct row_source *source, sim_arrive_fn *arrive,
	       void *world, int64_t drain);

/* Goes on for so many rows and events, or to the end; false when it is over. */
bool sim_step(struct sim *sim, struct sim_player *player, uint32_t budget);

#endif
