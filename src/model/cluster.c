/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A query is alive while messages of it are under way (`flying`), also after its client has had the answer: the third
 * acknowledgement of a write still counts as a copy. Messages to a dead node, and from one, are lost where they would
 * have been received. The hops between client and coordinator queue nowhere, so the way back is not an event: ended()
 * is told how long it takes.
 */
#include "model/cluster.h"

static void coordinate(struct sim *sim, void *subject, uint64_t attempt);
static void late(struct sim *sim, void *subject, uint64_t attempt);

static const int attempts = 2;

/* Of the percentile that speculation goes by. */
static const int64_t look_up = 1000000000, forget = 10000000000;

void cluster_init(struct cluster *cluster, struct sim *sim, const struct cluster_config *config)
{
	*cluster = (struct cluster){.sim = sim, .config = config, .stream = sim_stream(sim, "cluster")};
	cluster->node = ARENA_ARRAY(&sim->arena, (size_t)config->nodes, struct node);
	cluster->deaths = ARENA_ARRAY(&sim->arena, (size_t)config->nodes, uint32_t);
	for (int i = 0; i < config->nodes; i++)
		node_init(&cluster->node[i], sim, i, &config->node);
	ring_build(&cluster->ring, &sim->arena, &(struct ring_config){
		.nodes = config->nodes, .points = config->points, .replicas = config->replication,
		.seed = config->seed});
	ledger_init(&cluster->ledger, &sim->arena);
	hist_init(&cluster->waits, &sim->arena, HIST_COARSE_BITS);
	cluster->patience = config->timeout / 2;
}

static int64_t hop(struct cluster_query *query)
{
	return dist_draw_time(query->cluster->config->network, &query->rng);
}

static struct node *owner_at(const struct cluster_query *query, int replica)
{
	return &query->cluster->node[query->owners[replica]];
}

static uint32_t deaths_of(const struct cluster_query *query, int replica)
{
	return query->cluster->deaths[query->owners[replica]];
}

static void release(struct cluster_query *query)
{
	struct cluster *cluster = query->cluster;
	if (!query->done || query->flying > 0)
		return;
	if (query->write && !query->failed) { /* a failed write was promised to nobody */
		uint16_t holder[RING_REPLICAS];
		int count = 0;
		for (int r = 0; r < cluster->config->replication; r++)
			if (query->applied >> r & 1 && query->life[r] == deaths_of(query, r))
				holder[count++] = query->owners[r];
		ledger_add(&cluster->ledger, holder, count);
	}
	freelist_give(&cluster->queries, query);
}

static void message_lost(struct cluster_query *query)
{
	query->flying--;
	release(query);
}

/* A coordinator has waited so long for a read. */
static void learn(struct cluster *cluster, int64_t wait)
{
	int64_t now = cluster->sim->now;
	hist_add(&cluster->waits, wait, 1);
	if (now - cluster->looked_up < look_up)
		return;
	cluster->looked_up = now;
	cluster->patience = hist_percentile(&cluster->waits, cluster->config->speculative_percentile);
	if (now - cluster->forgot < forget)
		return;
	cluster->forgot = now;
	hist_clear(&cluster->waits);
}

static void end(struct cluster_query *query, bool failed)
{
	struct cluster *cluster = query->cluster;
	query->done = true;
	if (!query->write && !failed && cluster->config->speculative_percentile > 0)
		learn(cluster, cluster->sim->now - query->begun);
	sim_cancel(cluster->sim, query->timer);
	query->failed = failed;
	if (failed)
		booking_count(cluster->failed, cluster->sim->now, 1);
	cluster->ended(cluster->owner, query, hop(query), failed);
	query->journey = NULL;
	release(query);
}

/* A part of a query is one replica's share of one attempt: a late answer to the first attempt is none to the second. */
static uint64_t part_of(const struct cluster_query *query, int replica)
{
	return (uint64_t)query->attempt << 8 | (uint64_t)replica;
}

static int replica_of(uint64_t part)
{
	return (int)(part & 0xff);
}

struct node *cluster_node(const struct cluster_query *query, uint64_t part)
{
	return owner_at(query, replica_of(part));
}

static bool of_this_attempt(const struct cluster_query *query, uint64_t part)
{
	return part >> 8 == (uint64_t)query->attempt;
}

static void answer(struct sim *sim, void *subject, uint64_t part)
{
	struct cluster_query *query = subject;
	struct node *coordinator = owner_at(query, query->coordinator);
	if (!coordinator->alive || !of_this_attempt(query, part)) {
		message_lost(query);
		return;
	}
	int64_t ready = node_ready(coordinator);
	if (ready > sim->now) {
		journey_note_time(&query->journey, sim->now, "coordinator", coordinator->number, "paused for",
				  ready - sim->now);
		sim_at(sim, ready, answer, query, part);
		return;
	}
	query->flying--;
	if (!query->done && ++query->answers == query->needed)
		end(query, false);
	else
		release(query);
}

void cluster_served(struct sim *sim, void *subject, uint64_t part)
{
	struct cluster_query *query = subject;
	int replica = replica_of(part);
	if (!owner_at(query, replica)->alive || query->life[replica] != deaths_of(query, replica)) {
		message_lost(query);
		return;
	}
	if (query->write)
		query->applied |= 1u << replica;
	if (replica == query->coordinator || !of_this_attempt(query, part))
		answer(sim, query, part);
	else
		sim_after(sim, hop(query), answer, query, part);
}

static void reach(struct sim *sim, void *subject, uint64_t part)
{
	struct cluster_query *query = subject;
	int replica = replica_of(part);
	struct node *node = owner_at(query, replica);
	if (!node->alive) {
		journey_note(&query->journey, sim->now, "node", node->number, "is dead", -1);
		message_lost(query);
		return;
	}
	query->life[replica] = deaths_of(query, replica);
	query->cluster->serve(query->cluster->owner, query, node, part);
}

static void ask(struct cluster_query *query, int replica)
{
	query->asked |= 1u << replica;
	query->flying++;
	if (replica == query->coordinator)
		reach(query->cluster->sim, query, part_of(query, replica));
	else
		sim_after(query->cluster->sim, hop(query), reach, query, part_of(query, replica));
}

/* A replica that has not been asked yet and is not known to be down, drawn at random; -1 when there is none. */
static int another(struct cluster_query *query)
{
	int candidate[RING_REPLICAS], count = 0;
	for (int r = 0; r < query->cluster->config->replication; r++)
		if (!(query->asked >> r & 1) && !owner_at(query, r)->known_down)
			candidate[count++] = r;
	return count ? candidate[rng_below(&query->rng, (uint64_t)count)] : -1;
}

static int live_owners(const struct cluster_query *query)
{
	int live = 0;
	for (int r = 0; r < query->cluster->config->replication; r++)
		live += !owner_at(query, r)->known_down;
	return live;
}

/* Sets the timer of a read for the moment when it asks a further replica. */
static void be_patient(struct cluster_query *query)
{
	struct cluster *cluster = query->cluster;
	const struct cluster_config *config = cluster->config;
	int64_t when = cluster->sim->now + (config->speculative ? config->speculative : cluster->patience);
	if ((config->speculative == 0 && config->speculative_percentile <= 0) || when >= query->deadline)
		return;
	sim_cancel(cluster->sim, query->timer);
	query->speculative = true;
	query->timer = sim_at(cluster->sim, when, late, query, (uint64_t)query->attempt);
}

/* The coordinator has the query. */
static void coordinate(struct sim *sim, void *subject, uint64_t attempt)
{
	struct cluster_query *query = subject;
	struct cluster *cluster = query->cluster;
	struct node *coordinator = owner_at(query, query->coordinator);
	if (!coordinator->alive)
		journey_note(&query->journey, sim->now, "coordinator", coordinator->number, "is dead", -1);
	if (!coordinator->alive || query->done || attempt != (uint64_t)query->attempt) {
		message_lost(query);
		return;
	}
	int64_t ready = node_ready(coordinator);
	if (ready > sim->now) {
		journey_note_time(&query->journey, sim->now, "coordinator", coordinator->number, "paused for",
				  ready - sim->now);
		sim_at(sim, ready, coordinate, query, attempt);
		return;
	}
	query->flying++; /* the coordinator's own hold, until all are asked */
	if (query->write) {
		for (int r = 0; r < cluster->config->replication; r++) {
			struct node *node = owner_at(query, r);
			if (node->known_down) {
				node->hints++;
				booking_count(cluster->hinted, sim->now, 1);
			} else {
				ask(query, r);
			}
		}
	} else {
		ask(query, query->coordinator);
		for (int asked = 1, r; asked < query->needed && (r = another(query)) >= 0; asked++)
			ask(query, r);
		query->begun = sim->now;
		be_patient(query);
	}
	query->flying -= 2; /* the hold, and the message that brought the query */
	release(query);
}

/* Sends the query to a coordinator; false when too few replicas are known to be up. */
static bool send(struct cluster_query *query, int64_t delay)
{
	struct cluster *cluster = query->cluster;
	const struct cluster_config *config = cluster->config;
	query->needed = query->write ? config->write_quorum : config->read_quorum;
	query->answers = 0;
	query->asked = 0;
	if (query->attempt > 0)
		query->asked = 1u << query->coordinator; /* not that one again, if there is another */
	int coordinator = another(query);
	query->asked = 0;
	if (coordinator < 0)
		coordinator = query->coordinator;
	query->coordinator = coordinator;
	int64_t now = cluster->sim->now;
	query->speculative = false;
	query->deadline = now + delay + config->timeout;
	query->timer = sim_at(cluster->sim, query->deadline, late, query, (uint64_t)query->attempt);
	if (live_owners(query) < query->needed)
		return false;
	query->flying++;
	sim_at(cluster->sim, now + delay + hop(query), coordinate, query, (uint64_t)query->attempt);
	return true;
}

/* The coordinator has been patient: it asks one replica more, once it runs. */
static void speculate(struct cluster_query *query)
{
	struct sim *sim = query->cluster->sim;
	const struct node *coordinator = owner_at(query, query->coordinator);
	int64_t ready = node_ready(coordinator);
	query->speculative = coordinator->alive && ready > sim->now && ready < query->deadline;
	query->timer = sim_at(sim, query->speculative ? ready : query->deadline, late, query, (uint64_t)query->attempt);
	int replica = coordinator->alive && ready == sim->now ? another(query) : -1;
	if (replica < 0)
		return;
	booking_count(query->cluster->speculated, sim->now, 1);
	ask(query, replica);
}

static void late(struct sim *sim, void *subject, uint64_t attempt)
{
	struct cluster_query *query = subject;
	struct cluster *cluster = query->cluster;
	if (query->done || attempt != (uint64_t)query->attempt)
		return;
	if (query->speculative) {
		speculate(query);
		return;
	}
	journey_note(&query->journey, sim->now, "client", -1, "has waited too long", -1);
	if (query->attempt + 1 < attempts) {
		query->attempt++;
		booking_count(cluster->retried, sim->now, 1);
		if (send(query, 0))
			return;
	}
	end(query, true);
}

void cluster_ask(struct cluster *cluster, uint64_t id, uint64_t key, bool write, int64_t delay, void *subject,
		 struct journey *journey)
{
	struct cluster_query *query = FREELIST_TAKE(&cluster->queries, &cluster->sim->arena, struct cluster_query);
	*query = (struct cluster_query){.id = id, .key = key, .write = write, .subject = subject, .journey = journey,
					.cluster = cluster};
	query->owners = ring_owners(&cluster->ring, key);
	query->rng = rng_of(cluster->stream, id);
	if (!send(query, delay))
		end(query, true);
}

static void note(struct node *node)
{
	node->known_down = node->missed || node->drained;
}

enum { NUMBER_BITS = 32 };

/* `death`: which node, and which of its deaths. */
static void known(struct sim *sim, void *subject, uint64_t death)
{
	struct cluster *cluster = subject;
	uint64_t number = death & ((UINT64_C(1) << NUMBER_BITS) - 1);
	struct node *node = &cluster->node[number];
	(void)sim;
	if (node->alive || cluster->deaths[number] != death >> NUMBER_BITS)
		return;
	node->missed = true;
	note(node);
}

static void replay_hint(struct sim *sim, void *subject, uint64_t number)
{
	struct cluster *cluster = subject;
	struct node *node = &cluster->node[number];
	if (node->hints == 0 || !node->alive || node->known_down)
		return;
	node->hints--;
	if (cluster->replay)
		cluster->replay(cluster->owner, node);
	sim_after(sim, (int64_t)(1e9 / cluster->config->hint_rate), replay_hint, cluster, number);
}

void cluster_kill(struct cluster *cluster, int number)
{
	cluster->node[number].alive = false;
	cluster->deaths[number]++;
	ledger_forget(&cluster->ledger, (uint16_t)number);
	sim_after(cluster->sim, cluster->config->detect, known, cluster,
		  (uint64_t)cluster->deaths[number] << NUMBER_BITS | (uint64_t)number);
}

void cluster_revive(struct cluster *cluster, int number)
{
	struct node *node = &cluster->node[number];
	node->alive = true;
	node->missed = false;
	note(node);
	sim_after(cluster->sim, 0, replay_hint, cluster, (uint64_t)number);
}

void cluster_drain(struct cluster *cluster, int number, bool out)
{
	struct node *node = &cluster->node[number];
	node->drained = out;
	note(node);
	node->compaction.hurried = out;
	if (!out)
		sim_after(cluster->sim, 0, replay_hint, cluster, (uint64_t)number);
}

uint64_t cluster_lost(const struct cluster *cluster)
{
	return ledger_lost(&cluster->ledger);
}
