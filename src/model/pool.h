/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pool of equal servers with one queue: the cores of a node, the threads of a stage, the parallelism of a disk.
 *
 * First come, first served; or by class, without taking a server from a job that has it: whoever waits and is of the
 * highest class is next, of one class who came first. A job's finish is known when it starts, so a visit costs one
 * event. A pool can be paused (a stop-the-world collection, a frozen machine): nothing starts, and whatever is in
 * service ends later by the length of the pause. Pauses that overlap do not add up: the one that lasts longest decides.
 * It can be slowed by a factor for jobs that start from then on.
 *
 * A job that must hold its server for a time that is not known beforehand (a thread that waits for a disk) takes it
 * with pool_take and returns it with pool_return; both kinds share the queue.
 */
#ifndef MODEL_POOL_H
#define MODEL_POOL_H

#include "base/freelist.h"
#include "engine/sim.h"
#include "model/journey.h"

enum { POOL_CLASSES = 4 }; /* 0 is the highest */

/* Who waits in a pool, or is served by it. Who does both may embed one: see pool_take_as. */
struct pool_visit {
	struct pool_visit *next;
	struct pool *pool;
	sim_event_fn *done;
	void *subject;
	uint64_t detail;
	struct journey *const *journey;
	int64_t service; /* ns; below 0: holds the server until it is returned */
	int64_t charged; /* of pool->paused_total */
	int64_t held;    /* ns of pauses since the service began */
	int class;
};

/* Those of a class who wait. */
struct pool_class {
	struct pool_visit *last;
	int64_t waiting;
};

struct pool {
	struct sim *sim;
	const char *name;          /* for journeys; a constant */
	int64_t number;            /* which of its kind, or -1 */
	int64_t servers, busy;
	int64_t places;            /* waiting places; -1: without limit */
	int64_t waiting;
	struct pool_visit *first, *last; /* of those waiting, in the order of their turns */
	struct pool_class *by_class;     /* of each; NULL: first come, first served */
	struct pool_visit *held_back;    /* that begin when the present pause ends */
	struct freelist visits; /* ended ones */
	int64_t paused_until;      /* ns; in the past when running */
	int64_t paused_total;      /* ns of all pauses begun so far, in full */
	double slowness;           /* 1: full speed; 10: ten times slower */
	uint64_t served_ns;        /* service given to jobs that have started, pauses not counted */
};

void pool_init(struct pool *pool, struct sim *sim, const char *name, int64_t number, int64_t servers, int64_t places);

/* From now on, before any job has waited, the pool serves by class. A job that tells none is of class 0. */
void pool_by_class(struct pool *pool);

/*
 * A job that needs `service` ns enters now; done(sim, subject, detail) fires when it leaves. False: no server and no
 * waiting place was free, and nothing will fire. `journey`: where the job's owner keeps it, which
 * outlives the visit; may be NULL.
 */
bool pool_enter(struct pool *pool, int64_t service, sim_event_fn *done, void *subject, uint64_t detail,
		struct journey *const *journey);

/*
 * Takes a server as soon as one is free and then calls granted(sim, subject, detail): at once, before returning, or
 * later. False: refused, as above. The server is held until pool_return.
 */
bool pool_take(struct pool *pool, sim_event_fn *granted, void *subject, uint64_t detail,
	       struct journey *const *journey);
void pool_return(struct pool *pool);

/* Whether a server is free, and then it is taken: for who need not be called when it is. */
static inline bool pool_take_free(struct pool *pool)
{
	bool free = pool->busy < pool->servers;
	pool->busy += free;
	return free;
}

/*
 * The same for a job of a class that embeds its visit. It sets done, subject, detail and journey before, as they are
 * for pool_take, and keeps the visit until done() fires.
 */
bool pool_take_as(struct pool *pool, struct pool_visit *visit, int class);

/*
 * Who has taken a server works on it for `service` ns, then done() fires. With `keep` the server is kept until
 * pool_return, otherwise it is returned before that.
 */
void pool_work_as(struct pool *pool, struct pool_visit *visit, int64_t service, bool keep);

/* When the service began of a visit whose done() is called: asked by it, before it does anything else with the pool. */
int64_t pool_began(const struct pool *pool);

/* Stops the pool for `length` ns from now on; until a longer pause under way ends, when there is one. */
void pool_pause(struct pool *pool, int64_t length);

/*
 * From now on there are so many servers, at least one. Jobs in service on servers that are taken away are served to
 * their end.
 */
void pool_resize(struct pool *pool, int64_t servers);

static inline bool pool_paused(const struct pool *pool)
{
	return pool->sim->now < pool->paused_until;
}

#endif
