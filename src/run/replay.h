/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One replication of one setup: builds a world, replays the rows through it, returns what was measured.
 */
#ifndef RUN_REPLAY_H
#define RUN_REPLAY_H

#include "engine/meter.h"
#include "run/study.h"

struct player;

struct replay {
	struct meters meters;
	struct journeys *journeys; /* NULL unless wanted */
	uint64_t rows, events;
	int64_t end;               /* ns of simulated time */
	int64_t unfinished;        /* requests still open when the drain had passed */
	bool stopped;              /* by progress */
	bool drew;                 /* random numbers; false: every replication is the same */
	uint64_t digest;
	struct sim *sim;           /* owns all of it */
	struct player *player;     /* part of the inside */
};

/*
 * Replays `setup` with the rows of `source` (NULL: the setup's recipe). `slowest` journeys are kept.
 * The result is allocated inside its world: replay_free ends it.
 */
struct replay *replay_run(const struct setup *setup, struct row_source *source, int64_t replication, int slowest,
			  const struct sim_progress *progress);

/*
 * The same in steps: begin, step until that is false, end. Who stops earlier ends it too, or frees it as it is. What is
 * measured does not depend on the steps.
 */
struct replay *replay_begin(const struct setup *setup, struct row_source *source, int64_t replication, int slowest);

/* Goes on for so many rows and events, or to the end; false when it is over. Counts rows and events. */
bool replay_step(struct replay *replay, uint32_t budget);
void replay_end(struct replay *replay);

/* Pictures that are wanted of a world: at these instants, into the arena. */
struct replay_looks {
	const struct case_view *view;
	const int64_t *at;
	int count;
	struct case_picture *picture; /* one for each instant */
	struct arena *arena;
};

/*
 * Replays a replication of the setup's recipe for the sake of pictures. One that the replay does not reach has no
 * areas. False when the setup has no recipe.
 */
bool replay_look(const struct setup *setup, int64_t replication, const struct replay_looks *looks);

/* Replays a replication of the setup's recipe for the sake of what its case tells at the end. As replay_look. */
bool replay_tell(const struct setup *setup, int64_t replication, struct arena *arena, struct case_story *story);

void replay_free(struct replay *replay);

/*
 * The value of a term for one replication (or several merged ones) of its variant: seconds for times, per second for
 * rates, counts and rates scaled to the whole fleet by 1 / share. `counted` inside meters is the time measured. NaN
 * where there is no such measurement (an unknown window, an empty histogram, a percentile with fewer than 10 samples
 * beyond it).
 */
double replay_term(const struct setup *setup, const struct meters *meters, const struct term *term);

/*
 * The same, but a percentile lies between the edges of its bin according to its rank, and is told with any number of
 * samples beyond: how a value moves when a replication is left out is finer than a bin.
 */
double replay_term_between(const struct setup *setup, const struct meters *meters, const struct term *term);

#endif
