/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A service: equal servers with one queue, which may be served by class, a concurrency limiter in front of them that
 * may know classes as well, and an autoscaler that grows and shrinks them with what they do. It can be down, stand
 * still, or be slow.
 *
 * A request is admitted or shed; admitted it waits for a server, is worked on, and is done. Where servers are threads,
 * a request may hold its own while it asks others, and be worked on again.
 *
 * Work of which nobody wants to hear any more can be dropped: when its turn comes, its server turns to the next one at
 * once. What has begun goes on to its end.
 */
#ifndef MODEL_SERVICE_H
#define MODEL_SERVICE_H

#include "model/autoscaler.h"
#include "model/limiter.h"
#include "model/pool.h"

enum { SERVICE_CLASSES = POOL_CLASSES };

struct service_config {
	const char *name;                /* for journeys; a constant */
	int64_t queue;                   /* requests that may wait for a server; -1: any number */
	bool by_class;                   /* who waits and is of the highest class is next, and not who came first */
	const struct limiter_kind *limiter;
	double limit;                    /* requests in progress for each server; adaptive: at the start */
	double share[SERVICE_CLASSES];   /* of the limit that a class may fill; class 0 is the highest */
	double target;                   /* use of its servers that the autoscaler aims at */
	int64_t scale_delay;             /* ns until what it has ordered is there */
	bool held;                       /* a request keeps its server until service_release */
	sim_event_fn *begins;            /* a visit's turn has come: begins(sim, subject, 0); may be NULL */
};

struct service {
	struct sim *sim;
	const struct service_config *config;
	int down;                 /* reasons for which it is (its site, itself); what is in it goes on */
	struct limiter limiter;
	struct pool pool;
	uint64_t served;          /* ns, when its use was last looked at */
	struct autoscaler scaler;
};

/* Whoever enters a service embeds one, until it is done. */
struct service_visit {
	struct pool_visit turn;
	struct service *service;
	int64_t work, entered;    /* ns */
	bool dropped;
	sim_event_fn *done;
	void *subject;
};

/*
 * `servers` >= 1 at the start, `most` of them at most. `number` is for journeys, -1: none. An adaptive limiter stays
 * below ten times the limit that it begins with.
 */
void service_init(struct service *service, struct sim *sim, const struct service_config *config, int64_t number,
		  int64_t servers, int64_t most);

/* Parts of the inside: a visit that has been admitted waits for a server, or is shed after all; and has one. */
bool service_wait(struct service_visit *visit, int class);
void service_begin(struct service_visit *visit);

/*
 * A request of a class that needs `work` ns of a server enters now; done(sim, subject, 0) fires when it has been
 * worked on. False: it is shed, and nothing will fire. A service that is down is not entered. `journey` as for pools.
 */
static inline bool service_enter(struct service *service, struct service_visit *visit, int class, int64_t work,
				 sim_event_fn *done, void *subject, struct journey *const *journey)
{
	CHECK(!service->down && (unsigned)class < SERVICE_CLASSES && work >= 0);
	if (!limiter_enter(&service->limiter, service->config->share[class]))
		return false;
	visit->turn.subject = visit;
	visit->turn.detail = 0;
	visit->turn.journey = journey;
	visit->service = service;
	visit->work = work;
	visit->entered = service->sim->now;
	visit->dropped = false;
	visit->done = done;
	visit->subject = subject;
	if (!pool_take_free(&service->pool))
		return service_wait(visit, class);
	service_begin(visit);
	return true;
}

/*
 * Where servers are held: more work of a visit that is done, on the server that it has kept; and its end, when the
 * server turns to the next one.
 */
void service_work(struct service_visit *visit, int64_t work, sim_event_fn *done);
void service_release(struct service_visit *visit);

/* Nobody wants to hear of this visit any more: not begun, it takes no work. done() fires all the same. */
static inline void service_drop(struct service_visit *visit)
{
	visit->dropped = true;
}

/*
 * `period` ns have passed since this was last called. With `scales` the autoscaler looks at how many servers were at
 * work, and orders or gives back; without, it takes in what others have ordered. Returns how many were.
 */
double service_look(struct service *service, int64_t period, bool scales);

/* So many servers are there from now on, at least one: not all that the autoscaler counts need be. */
void service_resize(struct service *service, int64_t servers);

/* What begins from now on takes longer by the factor; 1: full speed. Nothing goes on for `length` ns. */
void service_slow(struct service *service, double factor);
void service_pause(struct service *service, int64_t length);

#endif
