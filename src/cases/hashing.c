/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A cluster of caches before a store, and the hash that says which of them has a key (Karger et al., STOC 1997, and
 * what came after it: model/placement.h).
 *
 * A row of the trace is a request for a key. Placement names the key's node; the node's thread looks it up; what it
 * does not have is read from the store, which is a queue of its own, and put into the node's cache. Requests for a key
 * that is being fetched may wait for that (coalescing). When a node comes or leaves, keys change hands, and what the
 * new owner does not have falls on the store. A node that fails is not known to be dead for a while: who is sent there
 * waits for a timeout and goes to the store himself.
 *
 * Beside the requests, a survey asks for the owners of as many points, evenly spread over all hashes, and counts what
 * each node owns, and, when a node has come or left, how many points have moved.
 */
#include "cases/case.h"
#include "model/cache.h"
#include "model/flight.h"
#include "model/flood.h"
#include "model/placement.h"
#include "model/pool.h"
#include "model/request.h"
#include "model/ring.h"

enum { RACKS = 3, COPIES_IN_RACKS = 3 };
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden section */

struct params {
	int placement;
	int64_t nodes, spares, points;
	bool weak_hash;
	int64_t probes, slots;
	double slack;
	int64_t large;
	double weight;
	int64_t copies;
	int cache;
	int64_t capacity, lifetime;
	bool coalesce;
	struct dist node_work;
	int64_t node_threads, store_servers;
	struct dist store_work;
	int64_t detect, timeout, survey;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, placement, placement_names, "ring", "which node has a key"),
	PARAM_COUNT(struct params, nodes, "10", "1", "1000", "cache nodes at the start"),
	PARAM_COUNT(struct params, spares, "1", "0", "100", "nodes that may join"),
	PARAM_COUNT(struct params, points, "100", "1", "10k", "ring and bounded: points of a node"),
	PARAM_BOOL(struct params, weak_hash, "off", "ring and bounded: points lie where FNV-1a puts their labels"),
	PARAM_COUNT(struct params, probes, "21", "1", "1000", "multi-probe: hashes of a key"),
	PARAM_COUNT(struct params, slots, "65537", "2", "10M", "maglev: slots of the table, a prime"),
	PARAM_REAL(struct params, slack, "1.25", "1.001", "1000", "bounded: most load of a node, over the mean"),
	PARAM_COUNT(struct params, large, "0", "0", "1000", "ring and rendezvous: the first nodes, which are larger"),
	PARAM_REAL(struct params, weight, "2", "0.01", "100", "how much larger they are"),
	PARAM_COUNT(struct params, copies, "1", "1", "100", "places of a key: each request goes to any of them"),
	PARAM_CHOICE(struct params, cache, cache_names, "lru", "what goes when a node's cache is full"),
	PARAM_COUNT(struct params, capacity, "1000", "1", "100M", "entries of a node's cache"),
	PARAM_TIME(struct params, lifetime, "0 s", "0 s", "365 d", "of an entry; 0: for ever"),
	PARAM_BOOL(struct params, coalesce, "off", "what is being fetched is not fetched again"),
	PARAM_DIST(struct params, node_work, TIME, "50 us", "0 ns", "1 s", "a node's thread for one request"),
	PARAM_COUNT(struct params, node_threads, "1", "1", "1000", "threads of a node"),
	PARAM_COUNT(struct params, store_servers, "10", "1", "10k", "reads of the store at a time"),
	PARAM_DIST(struct params, store_work, TIME, "exp(10 ms)", "0 ns", "60 s", "one read of the store"),
	PARAM_TIME(struct params, detect, "5 s", "0 s", "1 h", "until it is known that a node has failed"),
	PARAM_TIME(struct params, timeout, "100 ms", "0 s", "60 s", "how long a request waits for a failed node"),
	PARAM_COUNT(struct params, survey, "0", "0", "10M", "points of the survey"),
	PARAM_END};

enum { KEY };
static const struct column columns[] = {
	{"key", COLUMN_KEY, NULL, NULL, "what is asked for"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(RESPONSE, response, TIME, NULL, "time from arrival to the answer") \
	METRIC(REQUESTS, requests, COUNT, NULL, "requests that arrived") \
	METRIC(HITS, hits, COUNT, NULL, "answered from a cache") \
	METRIC(MISSES, misses, COUNT, NULL, "not found in the node's cache") \
	METRIC(FOLLOWED, followed, COUNT, NULL, "misses that waited for a fetch under way") \
	METRIC(READS, reads, COUNT, NULL, "reads that reached the store, when they did") \
	METRIC(BYPASSED, bypassed, COUNT, NULL, "requests sent to a node that had failed") \
	METRIC(SURVEYED, surveyed, COUNT, NULL, "points of the survey, for each change of nodes") \
	METRIC(MOVED, moved, COUNT, NULL, "of these, those that changed hands") \
	METRIC(LOOKS, looks, COUNT, NULL, "nodes that the first survey asked for an owner") \
	METRIC(OWNED, owned, AMOUNT, "points", "what each node owns of the first survey") \
	METRIC(FULLEST, fullest, AMOUNT, NULL, "the most of the first survey that a node owns, over the mean", \
	       .scale = 1e-6) \
	METRIC(SERVED, served, AMOUNT, "requests", "of the trace's last window, by each node") \
	METRIC(BUSIEST, busiest, AMOUNT, NULL, "the most of these that one node got, over the mean", .scale = 1e-6) \
	METRIC(MEMBERS, members, LEVEL, "nodes", "nodes that placement knows of") \
	METRIC(NEIGHBOURS, neighbours, AMOUNT, "nodes", "that a node shares keys with (three copies, three racks)") \
	METRIC(WAITING, waiting, LEVEL, "reads", "reads that wait for the store") \
	METRIC(BUSY, busy, LEVEL, "reads", "reads that the store works on")
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "join", .target = "node", .help = "a spare node comes, and leaves at the end"},
	{.name = "leave", .target = "node", .help = "a node leaves in good order, and comes back as it was"},
	{.name = "fail", .target = "node", .help = "a node dies, and comes back with an empty cache"},
	{.name = "hot", .target = "key", .rate = true, .help = "a key is asked for evenly, on top of the trace"},
	{.name = "slow-store", .factor = true, .help = "the store takes longer by the factor"},
	{.name = NULL}
};
enum { FAULT_JOIN, FAULT_LEAVE, FAULT_FAIL, FAULT_HOT, FAULT_SLOW_STORE };

struct node {
	bool alive;
	bool joined, left, missed; /* it is there; has left in good order; is known to be dead */
	uint64_t lives;      /* so far: what was begun in an earlier one is void */
	int64_t window, served; /* of the trace; requests in it */
	struct cache cache;
	struct pool pool;
};

struct asked {
	struct request request; /* first */
	struct cluster *of;
	uint64_t key;
	int node;
	uint64_t life;          /* of the node */
	struct flight_follower follower;
};

struct cluster {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct placement_config config;
	struct placement placement, surveyed; /* the latter without loads of requests */
	int64_t nodes;                        /* spares included */
	struct node *node;
	struct flight flight;
	struct pool store;
	struct requests requests;
	struct floods floods;
	uint64_t flood_id;
	uint16_t *owner;                      /* of each point of the survey; NULL: not surveyed yet */
	bool begun;
	int64_t window, last;                 /* of the trace's last row, and when it came */
};

/* ---- a request ---- */

static void book_store(struct cluster *cluster)
{
	meter_level(cluster->meters, WAITING, cluster->sim->now, cluster->store.waiting);
	meter_level(cluster->meters, BUSY, cluster->sim->now, cluster->store.busy);
}

static void finish_request(struct asked *asked)
{
	struct cluster *cluster = asked->of;
	int64_t now = cluster->sim->now;
	meter_record(cluster->meters, RESPONSE, asked->request.arrival, now - asked->request.arrival);
	placement_give(&cluster->placement, asked->node);
	request_answer(&asked->request, now, true);
}

static void read_store(struct asked *asked, sim_event_fn *done)
{
	struct cluster *cluster = asked->of;
	int64_t work = dist_draw_time(&cluster->params->store_work, &asked->request.rng);
	meter_count(cluster->meters, READS, cluster->sim->now, 1);
	pool_enter(&cluster->store, work, done, asked, 0, &asked->request.journey);
	book_store(cluster);
}

static uint64_t flight_key(const struct asked *asked)
{
	return rng_mix(asked->key ^ rng_mix((uint64_t)asked->node + 1));
}

static struct asked *asked_of(struct flight_follower *follower)
{
	return (struct asked *)(void *)((char *)follower - offsetof(struct asked, follower));
}

static void fetched(struct sim *sim, void *self, uint64_t detail)
{
	struct asked *asked = self;
	struct cluster *cluster = asked->of;
	struct node *node = &cluster->node[asked->node];
	(void)detail;
	book_store(cluster);
	if (node->lives == asked->life)
		cache_put(&node->cache, asked->key, sim->now);
	struct flight_follower *next = NULL;
	if (cluster->params->coalesce)
		next = flight_land(&cluster->flight, flight_key(asked));
	finish_request(asked);
	while (next) {
		struct asked *other = asked_of(next);
		next = next->next;
		finish_request(other);
	}
}

static void bypassed(struct sim *sim, void *self, uint64_t detail)
{
	struct asked *asked = self;
	(void)sim;
	(void)detail;
	book_store(asked->of);
	finish_request(asked);
}

static void give_up_node(struct sim *sim, void *self, uint64_t detail)
{
	(void)sim;
	(void)detail;
	read_store(self, bypassed);
}

/* Nobody answers. */
static void call_the_dead(struct asked *asked)
{
	struct cluster *cluster = asked->of;
	meter_count(cluster->meters, BYPASSED, asked->request.arrival, 1);
	journey_note(&asked->request.journey, cluster->sim->now, "node", asked->node, "is dead, no answer", -1);
	sim_after(cluster->sim, cluster->params->timeout, give_up_node, asked, 0);
}

static void looked(struct sim *sim, void *self, uint64_t detail)
{
	struct asked *asked = self;
	struct cluster *cluster = asked->of;
	struct node *node = &cluster->node[asked->node];
	(void)detail;
	if (!node->alive || node->lives != asked->life) {
		call_the_dead(asked);
		return;
	}
	bool hit = cache_get(&node->cache, asked->key, sim->now);
	meter_count(cluster->meters, hit ? HITS : MISSES, asked->request.arrival, 1);
	journey_note(&asked->request.journey, sim->now, "node", asked->node, hit ? "has it" : "has it not", -1);
	if (hit) {
		finish_request(asked);
	} else if (cluster->params->coalesce && !flight_join(&cluster->flight, flight_key(asked), &asked->follower)) {
		meter_count(cluster->meters, FOLLOWED, asked->request.arrival, 1);
		journey_note(&asked->request.journey, sim->now, "node", asked->node, "is fetching it already", -1);
	} else {
		read_store(asked, fetched);
	}
}

static void come(struct cluster *cluster, uint64_t id, uint64_t key)
{
	const struct params *p = cluster->params;
	struct asked *asked = request_open(&cluster->requests, id, cluster->window, "request");
	uint64_t place = key;
	if (p->copies > 1)
		place = rng_mix(key + GOLDEN * rng_below(&asked->request.rng, (uint64_t)p->copies));
	asked->of = cluster;
	asked->key = key;
	asked->node = placement_take(&cluster->placement, place);
	struct node *node = &cluster->node[asked->node];
	asked->life = node->lives;
	if (node->window != cluster->window) {
		node->window = cluster->window;
		node->served = 0;
	}
	node->served++;
	meter_count(cluster->meters, REQUESTS, cluster->sim->now, 1);
	if (node->alive)
		pool_enter(&node->pool, dist_draw_time(&p->node_work, &asked->request.rng), looked, asked, 0,
			   &asked->request.journey);
	else
		call_the_dead(asked);
}

static void come_in_flood(void *self, uint64_t id, uint64_t key)
{
	come(self, id, key);
}

/* ---- the survey ---- */

/* The greatest of some counts over their mean. */
struct most {
	int64_t greatest, sum, count;
};

static void add_most(struct most *most, int64_t value)
{
	most->greatest = value > most->greatest ? value : most->greatest;
	most->sum += value;
	most->count++;
}

static void book_most(struct cluster *cluster, int metric, const struct most *most)
{
	double mean = (double)most->sum / (double)most->count;
	if (mean > 0)
		meter_record(cluster->meters, metric, cluster->last,
			     (int64_t)((double)most->greatest / mean / metrics[metric].scale + 0.5));
}

/* Points that follow one another by the golden section of all hashes lie more evenly than any at random. */
static void survey(struct cluster *cluster)
{
	int64_t points = cluster->params->survey, moved = 0;
	struct placement *placement = &cluster->surveyed;
	bool first = !cluster->owner;
	if (first)
		cluster->owner = ARENA_ARRAY(&cluster->sim->arena, (size_t)points, uint16_t);
	for (int64_t i = 0; i < points; i++) {
		int node = placement_take_at(placement, (uint64_t)i * GOLDEN);
		moved += cluster->owner[i] != node;
		cluster->owner[i] = (uint16_t)node;
	}
	if (first) {
		struct most most = {0, 0, 0};
		for (int i = 0; i < placement->members; i++) {
			add_most(&most, placement->load[placement->member[i]]);
			meter_record(cluster->meters, OWNED, cluster->sim->now, placement->load[placement->member[i]]);
		}
		book_most(cluster, FULLEST, &most);
		meter_count(cluster->meters, LOOKS, cluster->sim->now, (uint64_t)placement->looks);
	} else {
		meter_count(cluster->meters, SURVEYED, cluster->sim->now, (uint64_t)points);
		meter_count(cluster->meters, MOVED, cluster->sim->now, (uint64_t)moved);
	}
	for (int64_t i = 0; i < points; i++)
		placement_give(placement, cluster->owner[i]);
}

static void count_neighbours(struct cluster *cluster)
{
	const struct params *p = cluster->params;
	int nodes = (int)p->nodes;
	struct ring ring;
	ring_build(&ring, &cluster->sim->arena, &(struct ring_config){
		.nodes = nodes, .points = (int)p->points, .replicas = COPIES_IN_RACKS, .racks = RACKS,
		.seed = cluster->config.seed, .weak_hash = p->weak_hash});
	bool *shares = ARENA_ARRAY(&cluster->sim->arena, (size_t)nodes * (size_t)nodes, bool);
	for (int at = 0; at < ring.count; at++) {
		const uint16_t *owners = &ring.owners[at * COPIES_IN_RACKS];
		for (int pair = 0; pair < COPIES_IN_RACKS * COPIES_IN_RACKS; pair++)
			shares[owners[pair / COPIES_IN_RACKS] * nodes + owners[pair % COPIES_IN_RACKS]] = true;
	}
	for (int node = 0; node < nodes; node++) {
		int64_t neighbours = -1; /* it shares its keys with itself */
		for (int other = 0; other < nodes; other++)
			neighbours += shares[node * nodes + other];
		meter_record(cluster->meters, NEIGHBOURS, cluster->sim->now, neighbours);
	}
}

static bool on_a_ring(const struct params *p)
{
	return placement_kinds[p->placement] == &placement_ring || placement_kinds[p->placement] == &placement_bounded;
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct cluster *cluster = self;
	const struct params *p = cluster->params;
	cluster->last = sim->now;
	if (!cluster->begun)
		meter_level(cluster->meters, MEMBERS, sim->now, cluster->placement.members);
	cluster->begun = true;
	if (p->survey > 0 && !cluster->owner) {
		survey(cluster);
		if (on_a_ring(p) && p->nodes % RACKS == 0)
			count_neighbours(cluster);
	}
	cluster->window = row->window;
	come(cluster, row->id, (uint64_t)row->value[KEY]);
}

static void finish(struct sim *sim, void *self)
{
	struct cluster *cluster = self;
	struct most most = {0, 0, 0};
	(void)sim;
	for (int i = 0; i < cluster->placement.members; i++) {
		const struct node *node = &cluster->node[cluster->placement.member[i]];
		int64_t served = node->window == cluster->window ? node->served : 0;
		add_most(&most, served);
		meter_record(cluster->meters, SERVED, cluster->last, served);
	}
	book_most(cluster, BUSIEST, &most);
}

/* ---- nodes come and go ---- */

static bool belongs(const struct cluster *cluster, int number)
{
	const struct node *node = &cluster->node[number];
	return node->joined && !node->left && !node->missed;
}

static void set_member(struct cluster *cluster, int node, bool in)
{
	if (cluster->placement.in[node] == in)
		return;
	(in ? placement_join : placement_leave)(&cluster->placement, node);
	(in ? placement_join : placement_leave)(&cluster->surveyed, node);
	meter_level(cluster->meters, MEMBERS, cluster->sim->now, cluster->placement.members);
	if (cluster->owner)
		survey(cluster);
}

/* Placement is told who is in. The last one stays, whatever has become of it: somebody must be asked. */
static void set_members(struct cluster *cluster)
{
	for (int i = 0; i < cluster->nodes; i++)
		if (belongs(cluster, i))
			set_member(cluster, i, true);
	for (int i = 0; i < cluster->nodes; i++)
		if (!belongs(cluster, i) && cluster->placement.members > 1)
			set_member(cluster, i, false);
}

enum { NUMBER_BITS = 32 };

/* `death`: which node, and in which of its lives. */
static void notice(struct sim *sim, void *self, uint64_t death)
{
	struct cluster *cluster = self;
	struct node *node = &cluster->node[death & ((UINT64_C(1) << NUMBER_BITS) - 1)];
	(void)sim;
	if (node->alive || node->lives != death >> NUMBER_BITS)
		return;
	node->missed = true;
	set_members(cluster);
}

static void empty(struct cluster *cluster, struct node *node)
{
	const struct params *p = cluster->params;
	cache_init_of(&node->cache, &cluster->sim->arena, cache_kinds[p->cache], p->capacity, p->lifetime);
	node->lives++;
}

static void fail(struct cluster *cluster, int64_t number, bool dead)
{
	struct node *node = &cluster->node[number];
	node->alive = !dead;
	node->missed = false;
	empty(cluster, node);
	if (dead)
		sim_after(cluster->sim, cluster->params->detect, notice, cluster,
			  node->lives << NUMBER_BITS | (uint64_t)number);
	set_members(cluster);
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct cluster *cluster = self;
	(void)sim;
	switch (kind) {
	case FAULT_JOIN:
		cluster->node[target].joined = state->active;
		set_members(cluster);
		break;
	case FAULT_LEAVE:
		cluster->node[target].left = state->active;
		set_members(cluster);
		break;
	case FAULT_FAIL:
		fail(cluster, target, state->active);
		break;
	case FAULT_HOT:
		flood_set(flood_of(&cluster->floods, (uint64_t)target), state->rate);
		break;
	case FAULT_SLOW_STORE:
		cluster->store.slowness = state->factor;
	}
}

static const char *idle(const void *of, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = of;
	(void)target;
	(void)arena;
	bool instant = dist_mean(&p->store_work) == 0;
	return kind == FAULT_SLOW_STORE && instant ? "the store takes no time (store_work)" : NULL;
}

/* Only those that are not in yet can join; the last one does not leave. */
static struct fault_targets targets(const void *of, int64_t slice, int kind, struct arena *arena)
{
	const struct params *p = of;
	(void)slice;
	if (kind == FAULT_HOT)
		return (struct fault_targets){.count = INT64_MAX};
	if (kind != FAULT_JOIN)
		return (struct fault_targets){.count = p->nodes > 1 ? p->nodes : 0};
	const char **name = ARENA_ARRAY(arena, (size_t)(p->nodes + p->spares), const char *);
	for (int64_t node = p->nodes; node < p->nodes + p->spares; node++)
		name[node] = arena_format(arena, "node %lld", (long long)node);
	return (struct fault_targets){.count = p->nodes + p->spares, .name = name};
}

/* ---- the world ---- */

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct cluster *cluster = ARENA_NEW(&sim->arena, struct cluster);
	const struct params *p = world->params;
	const struct placement_kind *kind = placement_kinds[p->placement];
	struct rng rng = rng_start(sim_stream(sim, "placement"));
	*cluster = (struct cluster){.params = p, .sim = sim, .meters = world->meters, .nodes = p->nodes + p->spares};
	double *weight = ARENA_ARRAY(&sim->arena, (size_t)cluster->nodes, double);
	for (int64_t node = 0; node < cluster->nodes; node++)
		weight[node] = node < p->large ? p->weight : 1;
	cluster->config = (struct placement_config){
		.nodes = (int)cluster->nodes, .points = (int)p->points, .weak_hash = p->weak_hash,
		.probes = (int)p->probes, .slots = (int)p->slots, .slack = p->slack,
		.weight = p->large > 0 ? weight : NULL, .seed = rng_next(&rng)};
	placement_init(&cluster->placement, &sim->arena, kind, &cluster->config, (int)p->nodes);
	placement_init(&cluster->surveyed, &sim->arena, kind, &cluster->config, (int)p->nodes);
	cluster->node = ARENA_ARRAY(&sim->arena, (size_t)cluster->nodes, struct node);
	for (int64_t number = 0; number < cluster->nodes; number++) {
		struct node *node = &cluster->node[number];
		*node = (struct node){.alive = true, .joined = number < p->nodes, .window = -1};
		empty(cluster, node);
		pool_init(&node->pool, sim, "node", number, p->node_threads, -1);
	}
	flight_init(&cluster->flight, &sim->arena);
	pool_init(&cluster->store, sim, "store", -1, p->store_servers, -1);
	requests_init(&cluster->requests, sim, world->journeys, "request", sizeof(struct asked));
	cluster->floods = (struct floods){.sim = sim, .id = &cluster->flood_id, .owner = cluster,
					    .come = come_in_flood};
	cluster->flood_id = FLOOD_IDS;
	return cluster;
}

static bool check(const void *of, struct err *err)
{
	const struct params *p = of;
	const struct placement_kind *kind = placement_kinds[p->placement];
	if (!placement_prime(p->slots) || p->slots < p->nodes + p->spares)
		return err_add(err, ERR_MODEL, NULL, "slots must be a prime, and at least as many as there are "
						     "nodes; %lld is not", (long long)p->slots);
	if (p->large > 0 && !kind->weighted)
		return err_add(err, ERR_MODEL, NULL, "placement: %s does not know nodes of different size (large)",
			       kind->name);
	if (p->large > p->nodes)
		return err_add(err, ERR_MODEL, NULL, "large is more than there are nodes");
	if (p->weak_hash && !on_a_ring(p))
		return err_add(err, ERR_MODEL, NULL, "weak_hash is about the points of a ring; placement is %s",
			       kind->name);
	return true;
}

static const char *const table[] = {"response", "count(misses) / count(requests)",
					    "count(moved) / count(surveyed)", NULL};

const struct case_study case_hashing = {
	.name = "hashing",
	.about = "consistent hashing of a cache cluster: what moves, who has most, and what falls on the store",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.table = table,
	.faults = faults,
	.utilisation = "mean(busy) / param(store_servers)",
	.used = "servers of the store",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
	.targets = targets,
	.finish = finish,
};
