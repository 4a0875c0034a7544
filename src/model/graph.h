/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Services that call one another. A request comes in by a call of a client; each service that is called works on it,
 * then goes through its steps (model/steps.h), in which it calls others (model/call.h), and answers.
 *
 * What the numbers hang on:
 * - A thread of an instance is held from the beginning of its work until the service answers, its own calls included;
 *   with `async` only while it works.
 * - A pool belongs to an instance of the caller: a call that names one takes a place of it from when it is sent until
 *   its answer is back. An attempt that was given up holds its place until its callee is done, or, when nothing comes
 *   back, until its timeout; where calls are cancelled, until it is given up.
 * - Every attempt, retries and hedges as well, is sent, goes over the network, waits and is worked on like any other.
 * - Whoever has given up does not take the work away: it goes on, and calls on, to its end. With `cancel` the callee
 *   hears of it at once: what it has not begun it does not work on, what it is at it ends, and it goes through no more
 *   steps; its own calls are given up in turn.
 * - A service whose step fails answers with an error, when too few of the step's calls are left; what it has called
 *   besides goes on (with `cancel`: is given up). Of a step of which some answers do, the rest goes on in the same way.
 * - A call with a fallback never fails. What is sent `later` holds up nobody and fails nobody.
 * - With `tied` the copies of a call know of one another: when one is begun the other one is not worked on any more.
 * - A hit of a service's cache takes the cache's work, and no steps. What was answered is put in.
 * - A client, and each instance for each of its calls, has a budget and a breaker of its own.
 * - A message takes a time of its own each way. A link that is cut takes messages away: callers wait for their timeout.
 */
#ifndef MODEL_GRAPH_H
#define MODEL_GRAPH_H

#include "engine/dist.h"
#include "model/call.h"
#include "model/steps.h"
#include "model/tier.h"

enum { GRAPH_TIMES = 5 };

/* How one calls another. */
struct graph_call_config {
	double chance;
	int when;                    /* only for requests of this class; -1: for all */
	int to;                      /* the number of a service */
	int pool;                    /* of the caller; -1: none */
	bool near, tied;             /* near: the network's time is left out */
	const struct dist *distance; /* ns one way, on top of the network's; NULL: none */
	/* TIME from the call to its end; COUNT, as in struct caller, and of calls that end so. */
	struct booking response, failed, fell_back, timed_out, retried, hedged, broken;
	const char *name;            /* for journeys */
	struct call_config call;
};

struct graph_service_config {
	const struct dist *work;
	int measured;                /* which of the request's times is the work instead; -1: none */
	int steps, calls, pools;
	double hits;                 /* without a cache: share of the requests that hit one all the same */
	double errors; /* share of requests that are answered with an error, when they have been worked on */
	const struct step *step;
	const struct graph_call_config *call;
	const struct dist *hit_work;
	/*
	 * TIME from arrival to answer, and until a thread is there; WORK of threads, and that of it which was in vain;
	 * COUNT of what was refused, answered with an error, and hits and misses; LEVEL of what waits for a thread, of
	 * threads that are taken, and of instances.
	 */
	struct booking response, wait, worked, wasted, refused, failed, hit, missed, queue, busy, size;
	const int64_t *pool;         /* places */
	const char *const *pool_name; /* for journeys */
	int64_t pool_queue;          /* attempts that may wait for a place of each pool; -1: any number */
	struct tier_config tier;
};

struct graph_config {
	int services;
	const struct graph_service_config *service;
	const struct dist *network;  /* ns one way; NULL: no time */
	int depth;                   /* of services in one another at which no more are called; 0: without limit */
	bool cancel;
};

/* What a request carries to every service. */
struct graph_load {
	uint64_t key;
	int64_t items;
	int class, priority;
	int64_t time[GRAPH_TIMES]; /* measured work */
};

struct graph;
struct graph_link;
struct graph_node;
struct graph_visit;
struct graph_errand;

/* A call in progress. A client embeds one, and keeps it until ended() is called with it. */
struct graph_call {
	struct graph_visit *from;       /* NULL: a client's */
	struct graph_call *next, *previous;
	struct graph_link *link;
	int64_t began;
	queue_handle heard;
	uint32_t round;
	bool later, over;               /* over: how it ended is known, and will be heard of */
	enum call_end how;
	struct call call;
	struct graph_errand *errand;
	uint64_t key;
	struct rng rng;
};

/* One way from a caller to a callee; all instances share it. */
struct graph_edge {
	int cuts;
	double slowness;
};

/* One caller: a class of clients, or an instance, and whom it calls. */
struct graph_link {
	struct graph *graph;
	const struct graph_call_config *config;
	struct graph_node *to;
	struct graph_edge *edge;
	struct pool *pool;
	uint64_t name;            /* a hash of the call's: it keys the draws below it */
	const struct dist *network;
	struct caller caller;
};

struct graph_node {
	const struct graph_service_config *config;
	bool caches;              /* a request may hit */
	struct graph_link *link;  /* of each instance, for each call */
	struct graph_edge *edge;  /* of each call */
	struct pool *pool;        /* of each instance */
	struct tier tier;
};

struct graph {
	struct sim *sim;
	const struct graph_config *config;
	struct graph_node *node;
	struct rng_stream work, network, chance, backoff;
	struct freelist visits, calls, errands;
	bool gives_up;            /* somebody may have given up: until then no work is in vain */
	/* Given by the owner: the call of a client has ended, at `when` for the client. */
	void *owner;
	void (*ended)(void *owner, struct graph_call *call, bool answered, int64_t when);
};

/* config outlives it. What the owner gives is set by it afterwards. */
void graph_init(struct graph *graph, struct sim *sim, const struct graph_config *config);

/* Clients who call in one way. config and edge outlive it. */
void graph_client_init(struct graph_link *client, struct graph *graph, const struct graph_call_config *config,
		       struct graph_edge *edge);

/* A client calls now. `id` keys all draws for its request. */
void graph_ask(struct graph_link *client, struct graph_call *call, uint64_t id, const struct graph_load *load,
	       struct journey *journey);

/*
 * What a request of a class with so many items, that is sent to a service, needs at least, on average: adds to
 * seconds[i] for how long it takes threads of service i, and to visits[i] how often it comes there. Without waiting and
 * without retries; what a cache by key may answer counts as answered. Returns the seconds until it is answered.
 * `budget` counts down with each visit; when it is spent the rest is left out, and what was added means nothing.
 */
double graph_needs(const struct graph_config *config, int service, int class, double items, double *seconds,
		   double *visits, int64_t *budget);

/* What tier.service.begins of every service must be. */
extern sim_event_fn graph_visit_begins;

/* An instance crashes: its callers are refused. See tier_crash. */
void graph_crash(struct graph *graph, int service, int64_t instance, bool begins);

#endif
