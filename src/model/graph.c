/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In the order of a call's life. A visit of a service lives until it has answered and all that it called has ended; a
 * call that nobody waits for any more knows that by its round, which is not its visit's present one.
 */
#include "model/graph.h"
#include "base/fnv.h"
#include "base/holder.h"
#include "model/slowed.h"

/* What a request carries to every service; as long as a call of a client, an attempt on its way or a visit needs it. */
struct graph_errand {
	int64_t holders;
	struct graph_load load;
};

struct graph_attempt {
	struct call_attempt call;     /* first: an attempt of a call is its attempt */
	struct graph_link *link;
	struct graph_visit *visit;    /* of the callee; NULL: not there yet, or not any more */
	struct graph_errand *errand;  /* NULL: its visit has it */
	uint64_t key;
	int64_t way[2];               /* what its messages take, there and back, ns, when the link is not slowed */
	int depth;
	bool placed, dropped;         /* has a place of the pool; a copy of it has begun */
	struct journey *span;
};

struct graph_visit {
	struct tier_visit of;
	struct graph *graph;
	struct graph_node *node;
	struct graph_attempt *attempt; /* NULL: it was answered */
	struct graph_call *first;      /* calls under way */
	struct graph_errand *errand;
	uint64_t key;
	int64_t begun;                 /* ns; -1: it waits for a thread */
	uint32_t round;
	int32_t turn, sent, needed, answers, failures; /* of the present step */
	struct journey *span;
	int depth, step;
	bool hit, sending, over;
};

static sim_event_fn reach, worked, heard;

static int64_t now_of(const struct graph_link *link)
{
	return link->graph->sim->now;
}

static void release(struct graph *graph, struct graph_errand *errand)
{
	if (errand && --errand->holders == 0)
		freelist_give(&graph->errands, errand);
}

/* ---- a call is made ---- */

static void link_call(struct graph_link *link, struct graph_call *call, uint64_t key, struct journey *journey)
{
	struct graph *graph = link->graph;
	call->link = link;
	call->key = key;
	call->began = graph->sim->now;
	call->over = false;
	if (link->config->call.attempts > 1)
		call->rng = rng_of(graph->backoff, key);
	call_begin(&link->caller, &call->call, &call->rng, journey);
}

void graph_ask(struct graph_link *client, struct graph_call *call, uint64_t id, const struct graph_load *load,
	       struct journey *journey)
{
	struct graph *graph = client->graph;
	call->from = NULL;
	call->errand = FREELIST_TAKE(&graph->errands, &graph->sim->arena, struct graph_errand);
	call->errand->load = *load;
	call->errand->holders = 1;
	call->later = false;
	link_call(client, call, id, journey);
}

/* The distance is drawn after the network, for each way. */
static __attribute__((noinline)) void draw_far_ways(struct graph_attempt *attempt)
{
	const struct graph_link *link = attempt->link;
	struct rng rng = rng_of(link->graph->network, attempt->key);
	for (int i = 0; i < 2; i++) {
		attempt->way[i] = link->network ? dist_draw_time(link->network, &rng) : 0;
		attempt->way[i] += dist_draw_time(link->config->distance, &rng);
	}
}

static inline void draw_ways(struct graph_attempt *attempt)
{
	const struct graph_link *link = attempt->link;
	if (link->config->distance)
		draw_far_ways(attempt);
	else if (link->network)
		dist_draw_two_times_of(link->network, link->graph->network, attempt->key, attempt->way);
	else
		attempt->way[0] = attempt->way[1] = 0;
}

/* A message of it that takes so long, as the link is now. */
static inline int64_t over_link(const struct graph_attempt *attempt, int64_t takes)
{
	double slowness = attempt->link->edge->slowness;
	return slowness == 1 ? takes : slowed(takes, slowness);
}

static void give_place(struct sim *sim, void *pool, uint64_t unused)
{
	(void)sim;
	(void)unused;
	pool_return(pool);
}

/* The place of an attempt is given back in `in` ns; an event of its own, since others may be waiting in vain. */
static inline void leave_pool(struct graph_attempt *attempt, int64_t in)
{
	if (!attempt->placed)
		return;
	sim_after(attempt->link->graph->sim, in, give_place, attempt->link->pool, 0);
	attempt->placed = false;
}

/* Nothing comes of it. */
static void lose(struct graph_attempt *attempt)
{
	leave_pool(attempt, 0);
	journey_span_end(attempt->span, now_of(attempt->link));
	release(attempt->link->graph, attempt->errand);
	call_lost(&attempt->call);
}

/* A message of it is lost on its way: it keeps its place until its timeout. */
static void lose_message(struct graph_attempt *attempt)
{
	int64_t now = now_of(attempt->link), deadline = attempt->call.deadline;
	journey_note(&attempt->span, now, attempt->link->config->name, -1, "is cut off", -1);
	if (deadline < INT64_MAX)
		leave_pool(attempt, deadline > now ? deadline - now : 0);
	attempt->placed = false;
	lose(attempt);
}

static void answer(struct graph_attempt *attempt, bool good)
{
	if (attempt->link->edge->cuts > 0) {
		lose_message(attempt);
		return;
	}
	int64_t in = over_link(attempt, attempt->way[1]);
	leave_pool(attempt, in);
	if (attempt->span)
		journey_span_end(attempt->span, now_of(attempt->link));
	release(attempt->link->graph, attempt->errand);
	(good ? call_answer : call_refuse)(&attempt->call, in);
}

static void depart(struct graph_attempt *attempt)
{
	struct graph_link *link = attempt->link;
	if (link->edge->cuts > 0) {
		lose_message(attempt);
		return;
	}
	int64_t takes = over_link(attempt, attempt->way[0]);
	if (takes > 0)
		sim_after(link->graph->sim, takes, reach, attempt, 0);
	else
		reach(link->graph->sim, attempt, 0);
}

static void placed(struct sim *sim, void *subject, uint64_t unused)
{
	struct graph_attempt *attempt = subject;
	(void)sim;
	(void)unused;
	attempt->placed = true;
	if (call_in_vain(&attempt->call))
		lose(attempt);
	else
		depart(attempt);
}

static void send(void *owner, struct call_attempt *of)
{
	struct graph_link *link = owner;
	struct graph_call *call = HOLDER(of->call, struct graph_call, call);
	struct graph_attempt *attempt = (struct graph_attempt *)of;
	uint64_t key = of->number == 0 ? call->key : rng_mix(call->key + (uint64_t)of->number);
	attempt->link = link;
	attempt->visit = NULL;
	attempt->errand = call->errand;
	attempt->errand->holders++;
	attempt->key = key;
	attempt->depth = call->from ? call->from->depth + 1 : 1;
	attempt->placed = attempt->dropped = false;
	attempt->span = of->journey ? journey_span(of->journey, now_of(link), link->config->name) : NULL;
	for (int i = 0; link->config->tied && i < of->call->copies; i++) {
		const struct graph_visit *copy = ((struct graph_attempt *)of->call->flying[i])->visit;
		attempt->dropped = attempt->dropped || (copy && copy->begun >= 0);
	}
	draw_ways(attempt);
	if (!link->pool)
		depart(attempt);
	else if (!pool_take(link->pool, placed, attempt, 0, &attempt->span)) {
		journey_span_end(attempt->span, now_of(link));
		release(link->graph, attempt->errand);
		call_refuse(of, 0);
	}
}

/* ---- it comes to a service ---- */

static bool chance_of(struct graph *graph, uint64_t key, double chance)
{
	if (chance <= 0 || chance >= 1)
		return chance >= 1;
	struct rng rng = rng_of(graph->chance, key);
	return rng_unit(&rng) < chance;
}

static bool hits(struct graph_node *node, struct instance *instance, const struct graph_attempt *attempt)
{
	const struct graph_service_config *config = node->config;
	struct sim *sim = node->tier.sim;
	bool hit = config->tier.cache ? cache_get(&instance->cache, attempt->errand->load.key, sim->now) :
					chance_of(attempt->link->graph, rng_mix(attempt->key + 1), config->hits);
	booking_count(hit ? config->hit : config->missed, sim->now, 1);
	return hit;
}

static int64_t work_of(struct graph *graph, const struct graph_visit *visit)
{
	const struct graph_service_config *config = visit->node->config;
	if (!visit->hit && config->measured >= 0)
		return visit->errand->load.time[config->measured];
	return dist_draw_time_of(visit->hit ? config->hit_work : config->work, graph->work, visit->key);
}

static void reach(struct sim *sim, void *subject, uint64_t unused)
{
	struct graph_attempt *attempt = subject;
	struct graph *graph = attempt->link->graph;
	struct graph_node *node = attempt->link->to;
	(void)unused;
	if (attempt->dropped || (graph->config->cancel && call_in_vain(&attempt->call))) {
		lose(attempt);
		return;
	}
	struct instance *instance = tier_pick(&node->tier, attempt->key, attempt->errand->load.key);
	if (!instance) {
		booking_count(node->config->refused, sim->now, 1);
		answer(attempt, false);
		return;
	}
	struct graph_visit *visit = FREELIST_TAKE(&graph->visits, &sim->arena, struct graph_visit);
	visit->graph = graph;
	visit->node = node;
	visit->attempt = attempt;
	visit->first = NULL;
	visit->errand = attempt->errand;
	visit->key = attempt->key;
	visit->round = 0;
	visit->turn = 0;
	visit->depth = attempt->depth;
	visit->step = 0;
	visit->begun = -1;
	visit->sending = visit->over = false;
	visit->span = attempt->span;
	visit->hit = node->caches && hits(node, instance, attempt);
	attempt->errand = NULL;
	attempt->visit = visit;
	int64_t work = work_of(graph, visit);
	if (tier_enter(instance, &visit->of, visit->errand->load.priority, work, worked, visit, &visit->span))
		return;
	journey_note(&visit->span, sim->now, node->config->tier.service.name, instance->number, "refuses", -1);
	booking_count(node->config->refused, sim->now, 1);
	attempt->errand = visit->errand;
	freelist_give(&graph->visits, visit);
	attempt->visit = NULL;
	answer(attempt, false);
}

void graph_visit_begins(struct sim *sim, void *subject, uint64_t unused)
{
	struct graph_visit *visit = subject;
	struct graph_attempt *attempt = visit->attempt;
	(void)unused;
	visit->begun = sim->now;
	booking_record(visit->node->config->wait, visit->of.visit.entered, sim->now - visit->of.visit.entered);
	if (!attempt || !attempt->link->config->tied || call_in_vain(&attempt->call))
		return;
	for (int i = 0; i < attempt->call.call->copies; i++) {
		struct graph_attempt *copy = (struct graph_attempt *)attempt->call.call->flying[i];
		if (copy == attempt || (copy->visit && copy->visit->begun >= 0))
			continue;
		copy->dropped = true;
		if (copy->visit)
			service_drop(&copy->visit->of.visit);
	}
}

/* ---- it is over ---- */

static void visit_free(struct graph_visit *visit)
{
	if (!visit->over || visit->first)
		return;
	release(visit->graph, visit->errand);
	freelist_give(&visit->graph->visits, visit);
}

static void call_free(struct graph_call *call)
{
	struct graph_visit *visit = call->from;
	if (call->previous)
		call->previous->next = call->next;
	else
		visit->first = call->next;
	if (call->next)
		call->next->previous = call->previous;
	freelist_give(&visit->graph->calls, call);
}

/* Nobody waits any more for what it has called, but for what was sent later. */
static void abandon_calls(struct graph_visit *visit)
{
	visit->graph->gives_up = visit->graph->gives_up || visit->first;
	for (struct graph_call *call = visit->first, *next; call; call = next) {
		next = call->next;
		if (call->later)
			continue;
		if (call->over)
			sim_cancel(visit->graph->sim, call->heard);
		else
			call_abandon(&call->call);
		call_free(call);
	}
}

/* Calls of it are still under way. */
static void leave_behind(struct graph_visit *visit)
{
	visit->graph->gives_up = true;
	for (struct graph_call *call = visit->first; call; call = call->next)
		call->call.journey = NULL; /* its caller's span ends here */
}

enum outcome { GOOD, BAD, NOTHING };

/* It leaves the service, and answers; or nothing comes of it. */
static void leave(struct graph_visit *visit, enum outcome how)
{
	struct graph *graph = visit->graph;
	const struct graph_service_config *config = visit->node->config;
	struct graph_attempt *attempt = visit->attempt;
	int64_t now = graph->sim->now;
	visit->over = true;
	if (graph->config->cancel)
		abandon_calls(visit);
	if (visit->first)
		leave_behind(visit);
	if (how == GOOD && config->tier.cache && !visit->hit)
		cache_put(&visit->of.instance->cache, visit->errand->load.key, now);
	tier_leave(&visit->of);
	if (attempt) {
		attempt->visit = NULL;
		if (how != NOTHING)
			booking_record(config->response, visit->of.visit.entered, now - visit->of.visit.entered);
		if (how == BAD)
			booking_count(config->failed, now, 1);
		if (how == NOTHING)
			lose(attempt);
		else
			answer(attempt, how == GOOD);
	}
	visit_free(visit);
}

/* ---- its steps ---- */

static void send_one(struct graph_visit *visit, const struct step *step, int number, int64_t copy)
{
	struct graph *graph = visit->graph;
	const struct graph_call_config *config = &visit->node->config->call[number];
	uint64_t turn = (uint64_t)((int64_t)visit->turn << 32 | copy);
	if (config->when >= 0 && config->when != visit->errand->load.class)
		return;
	struct graph_link *link = &visit->node->link[visit->of.instance->number * visit->node->config->calls + number];
	uint64_t key = rng_mix(visit->key ^ rng_mix(link->name + turn));
	if (config->chance < 1 && !chance_of(graph, key, config->chance))
		return;
	struct graph_call *call = FREELIST_TAKE(&graph->calls, &graph->sim->arena, struct graph_call);
	call->from = visit;
	call->errand = visit->errand;
	call->round = visit->round;
	call->later = step->later;
	call->previous = NULL;
	call->next = visit->first;
	if (call->next)
		call->next->previous = call;
	visit->first = call;
	visit->sent++;
	link_call(link, call, key, visit->span);
}

static void send_step(struct graph_visit *visit, const struct step *step)
{
	if (visit->first)
		visit->graph->gives_up = true;
	visit->round++;
	visit->sent = visit->answers = visit->failures = 0;
	visit->sending = true;
	for (int i = 0; i < step->parts; i++) {
		int64_t copies = step->part[i].each ? visit->errand->load.items : step->part[i].copies;
		for (int64_t copy = 0; copy < copies; copy++)
			send_one(visit, step, step->part[i].call, copy);
	}
	visit->sending = false;
	visit->needed = step->later ? 0 : visit->sent;
	if (step->needed > 0 && step->needed < visit->sent)
		visit->needed = (int32_t)step->needed;
}

/* The next step, or the end. */
static void next_step(struct graph_visit *visit)
{
	const struct graph_service_config *config = visit->node->config;
	while (visit->step < config->steps) {
		const struct step *step = &config->step[visit->step];
		if (visit->round > 0 && visit->graph->config->cancel)
			abandon_calls(visit);
		if (visit->turn == step->turns) {
			visit->step++;
			visit->turn = 0;
			continue;
		}
		send_step(visit, step);
		visit->turn++;
		if (visit->sent - visit->failures < visit->needed) {
			leave(visit, BAD);
			return;
		}
		if (visit->answers < visit->needed)
			return;
	}
	leave(visit, GOOD);
}

static inline void go_on(struct graph_visit *visit)
{
	int most = visit->graph->config->depth;
	bool deep = most > 0 && visit->depth >= most;
	if (visit->hit || deep || visit->node->config->steps == 0)
		leave(visit, GOOD);
	else
		next_step(visit);
}

/* Whether its caller, or a caller of that, has given up. */
static bool in_vain(const struct graph_visit *visit)
{
	while (visit && visit->graph->gives_up) {
		const struct graph_attempt *attempt = visit->attempt;
		if (!attempt || call_in_vain(&attempt->call))
			return true;
		const struct graph_call *call = HOLDER(attempt->call.call, struct graph_call, call);
		if (call->later)
			return false;
		visit = call->from;
		if (visit && (visit->over || call->round != visit->round))
			return true;
	}
	return false;
}

static void worked(struct sim *sim, void *subject, uint64_t unused)
{
	struct graph_visit *visit = subject;
	const struct graph_service_config *config = visit->node->config;
	bool vain = in_vain(visit);
	(void)unused;
	tier_worked(&visit->of);
	booking_work(config->worked, visit->of.visit.entered, sim->now - visit->begun);
	if (vain)
		booking_work(config->wasted, visit->of.visit.entered, sim->now - visit->begun);
	if (visit->of.visit.dropped || (vain && visit->graph->config->cancel))
		leave(visit, NOTHING);
	else if (config->errors > 0 && chance_of(visit->graph, rng_mix(visit->key + 2), config->errors))
		leave(visit, BAD);
	else
		go_on(visit);
}

/* A caller hears what has come of a call. */
static void heard(struct sim *sim, void *subject, uint64_t unused)
{
	struct graph_call *call = subject;
	struct graph_visit *visit = call->from;
	bool good = call->how != CALL_FAILED, mine = !visit->over && !call->later && call->round == visit->round;
	(void)sim;
	(void)unused;
	call_free(call);
	if (!mine) {
		visit_free(visit);
		return;
	}
	visit->answers += good;
	visit->failures += !good;
	if (visit->sending)
		return;
	if (visit->sent - visit->failures < visit->needed)
		leave(visit, BAD);
	else if (visit->answers == visit->needed && good)
		go_on(visit);
}

static void call_ended(void *owner, struct call *of, enum call_end how, int64_t in, const struct call_attempt *attempt)
{
	struct graph_link *link = owner;
	const struct graph_call_config *config = link->config;
	struct graph_call *call = HOLDER(of, struct graph_call, call);
	struct sim *sim = link->graph->sim;
	(void)attempt;
	booking_record(config->response, call->began, sim->now + in - call->began);
	if (how != CALL_ANSWERED)
		booking_count(how == CALL_FAILED ? config->failed : config->fell_back, call->began, 1);
	if (!call->from) {
		release(link->graph, call->errand);
		link->graph->ended(link->graph->owner, call, how != CALL_FAILED, sim->now + in);
		return;
	}
	call->over = true;
	call->how = how;
	if (in > 0)
		call->heard = sim_after(sim, in, heard, call, 0);
	else
		heard(sim, call, 0);
}

/* With cancel: nobody waits any more for an attempt. */
static void given_up(void *owner, struct call_attempt *of)
{
	struct graph_attempt *attempt = (struct graph_attempt *)of;
	struct graph_visit *visit = attempt->visit;
	(void)owner;
	leave_pool(attempt, 0);
	if (!visit)
		return;
	service_drop(&visit->of.visit);
	if (visit->round > 0 && !visit->sending)
		leave(visit, NOTHING);
}

static void leave_crashed(struct sim *sim, void *subject, uint64_t unused)
{
	struct graph_visit *visit = subject;
	(void)sim;
	(void)unused;
	abandon_calls(visit);
	leave(visit, NOTHING);
}

/* What it was in has crashed: its caller is refused. A thread that works is free when it is done. */
static void crashed(void *owner, struct tier_visit *of)
{
	struct graph *graph = owner;
	struct graph_visit *visit = HOLDER(of, struct graph_visit, of);
	struct graph_attempt *attempt = visit->attempt;
	graph->gives_up = true;
	visit->attempt = NULL;
	visit->span = NULL;
	if (attempt) {
		attempt->visit = NULL;
		answer(attempt, false);
	}
	if (visit->round > 0) {
		visit->round++;
		sim_after(graph->sim, 0, leave_crashed, visit, 0);
	}
}

void graph_crash(struct graph *graph, int service, int64_t instance, bool begins)
{
	tier_crash(&graph->node[service].tier, instance, begins);
}

/* ---- what it needs, on average ---- */

struct needing {
	const struct graph_config *config;
	int class;
	double items;
	double *seconds, *visits;
	int64_t *budget;
};

enum { NEEDED_MOST = 64 };

static double needs_of(const struct needing *needing, int service, double times, int depth);

static double mean_seconds(const struct dist *dist)
{
	return dist ? dist_mean(dist) * 1e-9 : 0;
}

/* The answers that come first are as slow as the slowest of them: at least, since means are compared. */
static double step_needs(const struct needing *needing, const struct graph_service_config *of, const struct step *step,
			 double times, int depth)
{
	double slowest[NEEDED_MOST];
	double sent = 0;
	int answers = 0;
	for (int k = 0; k < step->parts; k++) {
		const struct graph_call_config *call = &of->call[step->part[k].call];
		double copies = step->part[k].each ? needing->items : (double)step->part[k].copies;
		if (call->when >= 0 && call->when != needing->class)
			continue;
		double takes =
			needs_of(needing, call->to, times * copies * call->chance * (double)step->turns, depth + 1) +
			2 * (mean_seconds(call->near ? NULL : needing->config->network) + mean_seconds(call->distance));
		double patience = (double)call->call.timeout * 1e-9;
		if (patience > 0 && takes > patience)
			takes = patience;
		sent += copies;
		for (int i = 0; i < copies && answers < NEEDED_MOST && call->chance >= 1; i++)
			slowest[answers++] = takes;
	}
	int needed = step->needed > 0 && (double)step->needed < sent ? (int)step->needed : answers;
	if (step->later || answers < needed || needed == 0)
		return 0;
	for (int i = 0; i < answers; i++)
		for (int k = i; k > 0 && slowest[k] < slowest[k - 1]; k--) {
			double other = slowest[k];
			slowest[k] = slowest[k - 1];
			slowest[k - 1] = other;
		}
	return slowest[needed - 1] * (double)step->turns;
}

static double needs_of(const struct needing *needing, int service, double times, int depth)
{
	const struct graph_service_config *of = &needing->config->service[service];
	bool deep = needing->config->depth > 0 && depth >= needing->config->depth;
	double missed = of->tier.cache ? 0 : 1 - of->hits;
	double work = missed * mean_seconds(of->work) + (1 - missed) * mean_seconds(of->hit_work), calls = 0;
	if (of->measured >= 0)
		work = 0;
	if (--*needing->budget < 0)
		return 0;
	for (int s = 0; s < of->steps && !deep && missed > 0; s++)
		calls += step_needs(needing, of, &of->step[s], times * missed * (1 - of->errors), depth);
	needing->visits[service] += times;
	needing->seconds[service] += times * (of->tier.service.held ? work + missed * (1 - of->errors) * calls : work);
	return work + missed * (1 - of->errors) * calls;
}

double graph_needs(const struct graph_config *config, int service, int class, double items, double *seconds,
		   double *visits, int64_t *budget)
{
	const struct needing needing = {config, class, items, seconds, visits, budget};
	return needs_of(&needing, service, 1, 1);
}

/* ---- the graph is built ---- */

void graph_client_init(struct graph_link *link, struct graph *graph, const struct graph_call_config *config,
		       struct graph_edge *edge)
{
	*link = (struct graph_link){.graph = graph, .config = config, .edge = edge, .to = &graph->node[config->to],
				    .name = fnv_text(FNV_BASIS, config->name),
				    .network = config->near ? NULL : graph->config->network};
	edge->slowness = 1;
	graph->gives_up = graph->gives_up || config->call.timeout > 0 || config->call.hedge > 0;
	caller_init(&link->caller, graph->sim, &config->call, config->name, sizeof(struct graph_attempt));
	link->caller.owner = link;
	link->caller.send = send;
	link->caller.given_up = given_up;
	link->caller.ended = call_ended;
	link->caller.timed_out = config->timed_out;
	link->caller.retried = config->retried;
	link->caller.hedged = config->hedged;
	link->caller.broken = config->broken;
}

static void node_init(struct graph *graph, struct graph_node *node, const struct graph_service_config *config)
{
	struct arena *arena = &graph->sim->arena;
	size_t calls = (size_t)config->calls, pools = (size_t)config->pools, most = (size_t)config->tier.most;
	node->config = config;
	node->caches = config->tier.cache || config->hits > 0;
	tier_init(&node->tier, graph->sim, &config->tier);
	node->tier.owner = graph;
	node->tier.crashed = crashed;
	node->tier.queue = config->queue;
	node->tier.threads = config->busy;
	node->tier.size = config->size;
	booking_level(config->size, graph->sim->now, config->tier.instances);
	node->edge = ARENA_ARRAY(arena, calls, struct graph_edge);
	node->link = ARENA_ARRAY(arena, calls * most, struct graph_link);
	node->pool = ARENA_ARRAY(arena, pools * most, struct pool);
	for (size_t i = 0; i < pools * most; i++)
		pool_init(&node->pool[i], graph->sim, config->pool_name[i % pools], -1, config->pool[i % pools],
			  config->pool_queue);
	for (size_t i = 0; i < calls * most; i++) {
		const struct graph_call_config *call = &config->call[i % calls];
		graph_client_init(&node->link[i], graph, call, &node->edge[i % calls]);
		if (call->pool >= 0)
			node->link[i].pool = &node->pool[i / calls * pools + (size_t)call->pool];
	}
}

void graph_init(struct graph *graph, struct sim *sim, const struct graph_config *config)
{
	*graph = (struct graph){.sim = sim, .config = config, .work = sim_stream(sim, "service"),
				.network = sim_stream(sim, "network"), .chance = sim_stream(sim, "chance"),
				.backoff = sim_stream(sim, "backoff")};
	graph->node = ARENA_ARRAY(&sim->arena, (size_t)config->services, struct graph_node);
	for (int i = 0; i < config->services; i++) {
		CHECK(config->service[i].tier.service.begins == graph_visit_begins);
		node_init(graph, &graph->node[i], &config->service[i]);
	}
}
