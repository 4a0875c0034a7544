/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pauses cost nothing while they last: a finish event that fires compares how much pause has begun since the job
 * started with how much the job has been charged, and goes back into the queue for the difference. So a pause is O(1),
 * however many jobs are in service, and a job meets one extra event for each stretch of pauses it lived through.
 */
#include "model/pool.h"
#include "base/prefetch.h"
#include "model/slowed.h"

void pool_init(struct pool *pool, struct sim *sim, const char *name, int64_t number, int64_t servers, int64_t places)
{
	CHECK(servers > 0);
	*pool = (struct pool){.sim = sim, .name = name, .number = number, .servers = servers, .places = places,
			      .slowness = 1};
}

void pool_by_class(struct pool *pool)
{
	CHECK(!pool->first);
	pool->by_class = ARENA_ARRAY(&pool->sim->arena, POOL_CLASSES, struct pool_class);
}

static sim_event_fn finish, finish_embedded, finish_and_keep;

/* In place of a time of service: a server is held, by a visit of the pool's or by one that is embedded. */
enum { HOLDS = -1, HOLDS_EMBEDDED = -2 };

/* Begins a visit whose server has been counted as busy, and whose service is known; `ends` is its last event. */
static inline __attribute__((always_inline)) void serve(struct pool *pool, struct pool_visit *visit,
							sim_event_fn *ends)
{
	struct sim *sim = pool->sim;
	if (__builtin_expect(pool->slowness != 1, 0))
		visit->service = slowed(visit->service, pool->slowness);
	pool->served_ns += (uint64_t)visit->service;
	visit->charged = pool->paused_total;
	int64_t from = sim->now;
	if (__builtin_expect(pool_paused(pool), 0)) {
		from = pool->paused_until;
		visit->next = pool->held_back;
		pool->held_back = visit;
		journey_note_time(visit->journey, sim->now, pool->name, pool->number, "paused for", from - sim->now);
	}
	sim_at(sim, from + visit->service, ends, visit, 0);
}

static inline void call_done(const struct pool_visit *visit)
{
	visit->done(visit->pool->sim, visit->subject, visit->detail);
}

/* Calls what waits for the end of a visit, or for its server; the visit is free for others before that. */
static inline void visit_done(struct pool *pool, struct pool_visit *visit)
{
	sim_event_fn *done = visit->done;
	void *subject = visit->subject;
	uint64_t detail = visit->detail;
	freelist_give(&pool->visits, visit);
	done(pool->sim, subject, detail);
}

/* The first one that waits gets a server, if one is free. */
static void start_waiting(struct pool *pool)
{
	struct pool_visit *visit = pool->first;
	if (pool->busy >= pool->servers)
		return;
	pool->first = visit->next;
	prefetch_ahead(visit->next);
	pool->waiting--;
	pool->busy++;
	if (__builtin_expect(pool->by_class != NULL, 0) && --pool->by_class[visit->class].waiting == 0)
		pool->by_class[visit->class].last = NULL;
	if (visit->service >= 0)
		serve(pool, visit, finish);
	else if (visit->service == HOLDS)
		visit_done(pool, visit);
	else
		call_done(visit);
}

/* A pause that began after the visit did holds it up for as long. */
static __attribute__((noinline)) void finish_later(struct pool *pool, struct pool_visit *visit, sim_event_fn *ends)
{
	struct sim *sim = pool->sim;
	int64_t owed = pool->paused_total - visit->charged;
	visit->charged = pool->paused_total;
	visit->held += owed;
	journey_note_time(visit->journey, sim->now, pool->name, pool->number, "paused for", owed);
	sim_after(sim, owed, ends, visit, 0);
}

/* False: it is not yet over. */
static inline bool is_over(struct pool_visit *visit, sim_event_fn *ends)
{
	struct pool *pool = visit->pool;
	if (__builtin_expect(pool->paused_total != visit->charged, 0)) {
		finish_later(pool, visit, ends);
		return false;
	}
	journey_note_time(visit->journey, pool->sim->now, pool->name, pool->number, "served in", visit->service);
	return true;
}

static inline void leave_server(struct pool *pool)
{
	pool->busy--;
	if (pool->first)
		start_waiting(pool);
}

static void finish(struct sim *sim, void *subject, uint64_t unused)
{
	struct pool_visit *visit = subject;
	struct pool *pool = visit->pool;
	(void)sim;
	(void)unused;
	if (!is_over(visit, finish))
		return;
	leave_server(pool);
	visit_done(pool, visit);
}

static void finish_embedded(struct sim *sim, void *subject, uint64_t unused)
{
	struct pool_visit *visit = subject;
	(void)sim;
	(void)unused;
	if (!is_over(visit, finish_embedded))
		return;
	leave_server(visit->pool);
	call_done(visit);
}

static void finish_and_keep(struct sim *sim, void *subject, uint64_t unused)
{
	struct pool_visit *visit = subject;
	(void)sim;
	(void)unused;
	if (is_over(visit, finish_and_keep))
		call_done(visit);
}

static bool enter(struct pool *pool, int64_t service, sim_event_fn *done, void *subject, uint64_t detail,
		  struct journey *const *journey);

static __attribute__((noinline)) bool enter_with_new(struct pool *pool, int64_t service, sim_event_fn *done,
						     void *subject, uint64_t detail, struct journey *const *journey)
{
	freelist_give(&pool->visits, ARENA_NEW(&pool->sim->arena, struct pool_visit));
	return enter(pool, service, done, subject, detail, journey);
}

/* Behind the last of its class, or of the next higher one of which somebody waits. */
static __attribute__((noinline)) void wait_by_class(struct pool *pool, struct pool_visit *visit)
{
	struct pool_visit *before = NULL;
	int64_t ahead = 0;
	for (int class = 0; class <= visit->class; class++) {
		const struct pool_class *of = &pool->by_class[class];
		before = of->last ? of->last : before;
		ahead += of->waiting;
	}
	journey_note(visit->journey, pool->sim->now, pool->name, pool->number, "waits behind", ahead);
	visit->next = before ? before->next : pool->first;
	if (before)
		before->next = visit;
	else
		pool->first = visit;
	if (!visit->next)
		pool->last = visit;
	pool->by_class[visit->class].last = visit;
	pool->by_class[visit->class].waiting++;
	pool->waiting++;
}

static inline __attribute__((always_inline)) void wait(struct pool *pool, struct pool_visit *visit)
{
	if (__builtin_expect(pool->by_class != NULL, 0)) {
		wait_by_class(pool, visit);
		return;
	}
	journey_note(visit->journey, pool->sim->now, pool->name, pool->number, "waits behind", pool->waiting);
	if (pool->first)
		pool->last->next = visit;
	else
		pool->first = visit;
	pool->last = visit;
	pool->waiting++;
}

static inline bool enter(struct pool *pool, int64_t service, sim_event_fn *done, void *subject,
			 uint64_t detail, struct journey *const *journey)
{
	bool busy = pool->busy >= pool->servers;
	if (busy && pool->places >= 0 && pool->waiting >= pool->places)
		return false;
	if (__builtin_expect(!pool->visits.first, 0))
		return enter_with_new(pool, service, done, subject, detail, journey);
	struct pool_visit *visit = FREELIST_TAKE(&pool->visits, &pool->sim->arena, struct pool_visit);
	*visit = (struct pool_visit){.pool = pool, .done = done, .subject = subject, .detail = detail,
				     .service = service, .journey = journey};
	if (busy) {
		wait(pool, visit);
		return true;
	}
	pool->busy++;
	if (service >= 0)
		serve(pool, visit, finish);
	else
		visit_done(pool, visit);
	return true;
}

bool pool_enter(struct pool *pool, int64_t service, sim_event_fn *done, void *subject, uint64_t detail,
		struct journey *const *journey)
{
	CHECK(service >= 0);
	return enter(pool, service, done, subject, detail, journey);
}

bool pool_take(struct pool *pool, sim_event_fn *granted, void *subject, uint64_t detail, struct journey *const *journey)
{
	return enter(pool, HOLDS, granted, subject, detail, journey);
}

bool pool_take_as(struct pool *pool, struct pool_visit *visit, int class)
{
	CHECK((unsigned)class < POOL_CLASSES);
	visit->pool = pool;
	if (pool_take_free(pool)) {
		call_done(visit);
		return true;
	}
	if (pool->places >= 0 && pool->waiting >= pool->places)
		return false;
	visit->next = NULL;
	visit->service = HOLDS_EMBEDDED;
	visit->class = class;
	wait(pool, visit);
	return true;
}

void pool_return(struct pool *pool)
{
	CHECK(pool->busy > 0);
	leave_server(pool);
}

void pool_work_as(struct pool *pool, struct pool_visit *visit, int64_t service, bool keep)
{
	CHECK(service >= 0 && pool->busy > 0);
	visit->pool = pool;
	visit->service = service;
	visit->held = 0;
	serve(pool, visit, keep ? finish_and_keep : finish_embedded);
}

void pool_pause(struct pool *pool, int64_t length)
{
	CHECK(length >= 0);
	int64_t from = pool_paused(pool) ? pool->paused_until : pool->sim->now, until = pool->sim->now + length;
	if (until <= from)
		return;
	/* A pause that is lengthened delays the beginning of these, not their work. */
	for (struct pool_visit *visit = pool_paused(pool) ? pool->held_back : NULL; visit; visit = visit->next)
		visit->held -= until - from;
	if (!pool_paused(pool))
		pool->held_back = NULL;
	pool->paused_until = until;
	pool->paused_total += until - from;
}

int64_t pool_began(const struct pool *pool)
{
	const struct pool_visit *visit = pool->visits.first;
	return pool->sim->now - visit->service - visit->held;
}

void pool_resize(struct pool *pool, int64_t servers)
{
	CHECK(servers > 0);
	pool->servers = servers;
	while (pool->first && pool->busy < pool->servers)
		start_waiting(pool);
}
