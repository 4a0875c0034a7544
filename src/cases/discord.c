/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Discord's message store, 2015-2022: one MongoDB replica set, then Cassandra, then ScyllaDB behind data services.
 * (Vishnevskiy, "How Discord Stores Billions of Messages", 2017; Ingram, "How Discord Stores Trillions of Messages",
 * 2023.)
 *
 * A row of the trace is a client's request: write one message into a channel, or read the channel's newest page.
 * Messages lie in partitions, one for a channel and a bucket of days. A read walks the buckets, newest first, until the
 * page is full; every bucket is one query. Reads may pass a data service first, which sends concurrent reads of one
 * channel to the database once.
 *
 * A query goes to a coordinator, one of the partition's replicas. A write is sent to all replicas and waits for a
 * quorum of them; a read asks a quorum, no more. On a replica an operation needs a place among those in progress, a
 * core, and a disk access for every table whose part of the partition is not in memory. What is in memory follows from
 * how much there is to keep: memory / data per node. The MongoDB store is one primary whose messages lie in the order
 * of arrival, so that each message of a cold page is a page fault of its own.
 *
 * Nothing in here knows a date or a latency that was published.
 */
#include "cases/case.h"
#include "model/cluster.h"
#include "model/flight.h"
#include "model/migrator.h"

#include <math.h>

enum { PAGES, TABLES_OF_KEYS };
static const char *const storages[] = {"pages", "tables", NULL};

struct params {
	/* the fleet */
	int storage;
	int64_t nodes, replication, read_quorum, write_quorum, points;
	struct dist network;
	int64_t timeout, detect, speculative;
	double hint_rate;
	/* a node */
	int64_t cores, concurrency, memory, disk_depth;
	struct dist read_cpu, write_cpu, disk_read, disk_write;
	bool sharded, commit_wait;
	/* the heap */
	bool gc;
	int64_t heap, gc_headroom, gc_live, gc_floor, gc_rate, garbage_read, garbage_write;
	double partition_heap;
	/* tables and compaction */
	double tables;
	bool compaction;
	int64_t compaction_rate, compaction_bandwidth, compaction_chunk, table_debt, backlog;
	double write_amplification;
	/* data */
	int64_t message_bytes, launch, bucket, page, walk_limit, index_pages;
	struct dist voice_rate, private_rate, public_rate;
	double recent_hit;
	bool skip_empty;
	/* tombstones */
	int64_t deleted, deleted_age, tombstone_life, cells_per_message, cell_cpu, cell_bytes;
	/* data services */
	bool data_services, routing;
	int64_t instances;
	/* the migrator */
	int64_t migrate_workers, migrate_range, migrate_row, migrate_cells;
	double migrate_dense;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, storage, storages, "tables",
		     "how a node keeps messages: in pages in order of arrival, found by an index (MongoDB), or in "
		     "sorted tables that are merged (Cassandra, ScyllaDB)"),
	PARAM_COUNT(struct params, nodes, "12", "1", "10k", "database nodes of the fleet"),
	PARAM_COUNT(struct params, replication, "3", "1", "7", "copies of a message"),
	PARAM_COUNT(struct params, read_quorum, "2", "1", "7", "replicas a read asks and waits for"),
	PARAM_COUNT(struct params, write_quorum, "2", "1", "7",
		"acknowledgements a write waits for; it is sent to all replicas"),
	PARAM_COUNT(struct params, points, "32", "1", "1k", "points of a node on the hash ring"),
	PARAM_DIST(struct params, network, TIME, "lognormal(median=0.2 ms, p99=0.6 ms)", "0 s", "10 s",
		"one way between two machines"),
	PARAM_TIME(struct params, timeout, "2 s", "1 ms", "10 min",
		"after this a query is tried once more, elsewhere; then it has failed"),
	PARAM_TIME(struct params, detect, "2 s", "0 s", "10 min", "until the others know that a node is dead"),
	PARAM_TIME(struct params, speculative, "0 s", "0 s", "10 min",
		"a read that takes longer asks a further replica; 0 s: never"),
	PARAM_RATE(struct params, hint_rate, "2 k/s", "1/s", "1 M/s", "hints replayed on a node that is back"),
	PARAM_COUNT(struct params, cores, "8", "1", "256", "cores of a node"),
	PARAM_COUNT(struct params, concurrency, "64", "1", "1 M",
		"operations in progress on a node; others wait in line"),
	PARAM_BYTES(struct params, memory, "24 GiB", "0 B", "100 TB",
		"memory of a node that keeps data (page cache, or the store's own)"),
	PARAM_COUNT(struct params, disk_depth, "32", "1", "64k", "disk operations of a node in parallel"),
	PARAM_DIST(struct params, read_cpu, TIME, "lognormal(median=0.3 ms, p99=1.2 ms)", "0 s", "10 s",
		"core time of a read on one replica"),
	PARAM_DIST(struct params, write_cpu, TIME, "lognormal(median=0.1 ms, p99=0.4 ms)", "0 s", "10 s",
		"core time of a write on one replica"),
	PARAM_DIST(struct params, disk_read, TIME, "lognormal(median=1.4 ms, p99=5.6 ms)", "0 s", "10 s",
		"one random disk read"),
	PARAM_DIST(struct params, disk_write, TIME, "lognormal(median=1.4 ms, p99=5.6 ms)", "0 s", "10 s",
		"one write of the commit log"),
	PARAM_BOOL(struct params, sharded, "off",
		"every core owns a shard of the keys; off: all cores serve one queue"),
	PARAM_BOOL(struct params, commit_wait, "off", "a write is acknowledged only when its commit log is on disk"),
	PARAM_BOOL(struct params, gc, "on", "the node's heap is collected with the world stopped"),
	PARAM_BYTES(struct params, heap, "8 GiB", "16 MiB", "1 TiB", "size of the heap"),
	PARAM_BYTES(struct params, gc_headroom, "2 GiB", "1 MiB", "1 TiB", "garbage made between two collections"),
	PARAM_BYTES(struct params, gc_live, "200 MB", "0 B", "1 TiB", "live bytes that a collection traces"),
	PARAM_TIME(struct params, gc_floor, "5 ms", "0 s", "10 min",
		"length of a collection that finds nothing alive"),
	PARAM_BYTES(struct params, gc_rate, "1 GB", "1 MB", "1 TB", "live bytes traced per second"),
	PARAM_BYTES(struct params, garbage_read, "100 kB", "0 B", "1 GB", "garbage of a read on one replica"),
	PARAM_BYTES(struct params, garbage_write, "10 kB", "0 B", "1 GB", "garbage of a write on one replica"),
	PARAM_RATIO(struct params, partition_heap, "10 %", "0", "1",
		"part of a partition that compaction keeps on the heap while it merges it"),
	PARAM_REAL(struct params, tables, "2", "0", "100",
		"tables that hold a part of a partition while compaction keeps up"),
	PARAM_BOOL(struct params, compaction, "on", "tables are merged"),
	PARAM_BYTES(struct params, compaction_rate, "16 MB", "0 B", "100 GB", "merged per second and node, at most"),
	PARAM_BYTES(struct params, compaction_bandwidth, "100 MB", "1 kB", "100 GB",
		"per second of a disk slot that merges"),
	PARAM_BYTES(struct params, compaction_chunk, "1 MB", "1 kB", "10 GB", "merged in one disk operation"),
	PARAM_BYTES(struct params, table_debt, "256 MB", "1 kB", "1000 TB",
		"unmerged bytes that mean one more table to read"),
	PARAM_BYTES(struct params, backlog, "0 B", "0 B", "100 TB", "unmerged bytes of a node at the start"),
	PARAM_REAL(struct params, write_amplification, "10", "0", "1000",
		"bytes merged, in the end, for a byte written"),
	PARAM_BYTES(struct params, message_bytes, "250 B", "1 B", "1 MB", "a message on disk, indexes included"),
	PARAM_TIME(struct params, launch, "16568 d", "0 s", "36500 d",
		   "when the first message was written, since 1970-01-01: 2015-05-13"),
	PARAM_TIME(struct params, bucket, "10 d", "0 s", "3650 d",
		"messages of a channel that share a partition; 0 s: all of them"),
	PARAM_COUNT(struct params, page, "50", "1", "10k", "messages that a read wants"),
	PARAM_COUNT(struct params, walk_limit, "30", "1", "10k", "buckets that a read walks at most"),
	PARAM_COUNT(struct params, index_pages, "2", "0", "100", "pages: index pages that an operation touches"),
	PARAM_DIST(struct params, voice_rate, COUNT, "lognormal(median=300, p99=1k)", "1", "1 G",
		"messages a year in a channel of a voice-heavy server"),
	PARAM_DIST(struct params, private_rate, COUNT, "lognormal(median=300k, p99=1 M)", "1", "1 G",
		"messages a year in a channel of a private text server"),
	PARAM_DIST(struct params, public_rate, COUNT, "lognormal(median=1.5 M, p99=5 M)", "1", "1 G",
		"messages a year in a channel of a large public server"),
	PARAM_RATIO(struct params, recent_hit, "0.98", "0", "1",
		"public servers: reads of the last hour that find a table's part in memory"),
	PARAM_BOOL(struct params, skip_empty, "on", "buckets known to be empty are not read"),
	PARAM_COUNT(struct params, deleted, "4 M", "0", "1 G",
		"messages deleted from the channel that the fault `purged` opens"),
	PARAM_TIME(struct params, deleted_age, "5 d", "0 s", "3650 d", "how long ago they were deleted"),
	PARAM_TIME(struct params, tombstone_life, "10 d", "0 s", "3650 d", "until a tombstone may be merged away"),
	PARAM_COUNT(struct params, cells_per_message, "16", "1", "1k",
		"cells, dead or alive, that a deleted message leaves to be scanned"),
	PARAM_TIME(struct params, cell_cpu, "100 ns", "0 s", "1 s", "core time to scan one cell"),
	PARAM_BYTES(struct params, cell_bytes, "100 B", "0 B", "1 MB",
		"heap that a scanned cell keeps alive until the scan ends"),
	PARAM_BOOL(struct params, data_services, "off",
		"reads pass a data service, which coalesces those of one channel"),
	PARAM_BOOL(struct params, routing, "on",
		"a channel's reads all go to one instance, by consistent hashing; off: to any"),
	PARAM_COUNT(struct params, instances, "100", "1", "64k", "instances of the data service"),
	PARAM_COUNT(struct params, migrate_workers, "0", "0", "10k",
		"readers of token ranges per node; 0: no migration"),
	PARAM_COUNT(struct params, migrate_range, "10k", "1", "1 G", "messages in a token range"),
	PARAM_TIME(struct params, migrate_row, "50 us", "1 ns", "1 s", "core time to read one message of a range"),
	PARAM_COUNT(struct params, migrate_cells, "10 M", "0", "1 G", "tombstones in a dense range"),
	PARAM_RATIO(struct params, migrate_dense, "0", "0", "1",
		"share of the ranges that are dense with tombstones"),
	PARAM_END
};

enum { READ_OP, WRITE_OP };
enum { VOICE, PRIVATE, PUBLIC };
static const char *const operations[] = {"read", "write", NULL};
static const char *const classes[] = {"voice", "private", "public", NULL};

enum { OP, CHANNEL, CLASS, BYTES, SENT, STORED };
static const struct column columns[] = {
	[OP] = {"op", COLUMN_CHOICE, operations, NULL, "read the newest page of a channel, or write a message"},
	[CHANNEL] = {"channel", COLUMN_KEY, NULL, NULL, "the channel"},
	[CLASS] = {"class", COLUMN_CHOICE, classes, "private", "kind of server the channel belongs to"},
	[BYTES] = {"bytes", COLUMN_BYTES, NULL, "54 B", "length of the message's text"},
	[SENT] = {"sent", COLUMN_TIME, NULL, NULL, "calendar instant, since 1970-01-01; decides the bucket"},
	[STORED] = {"stored", COLUMN_COUNT, NULL, "0", "messages that the whole store holds by then"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(READ, read, TIME, NULL, "a client's read, until its page is full or it gives up") \
	METRIC(WRITE, write, TIME, NULL, "a client's write, until it is acknowledged or it gives up") \
	METRIC(HOT_READ, hot, TIME, NULL, "reads of the hot channel, which are not among the others") \
	METRIC(NEIGHBOUR, neighbour, TIME, NULL, "reads of other channels that share a node with the hot channel") \
	METRIC(ELSEWHERE, elsewhere, TIME, NULL, "reads of channels that share no node with the hot channel") \
	METRIC(PURGED, purged, TIME, NULL, "opening the channel whose messages were deleted") \
	METRIC(QUERY, query, TIME, NULL, "one read query, as the sender sees it") \
	METRIC(FETCH, fetch, TIME, NULL, "what a data service waits for the database, for one page") \
	METRIC(PAUSE, pause, TIME, NULL, "collections that stopped a node") \
	METRIC(QUERIES, queries, COUNT, NULL, "read queries sent to the database") \
	METRIC(COALESCED, coalesced, COUNT, NULL, "reads that were handed another read's answer") \
	METRIC(BUCKETS, buckets, AMOUNT, "buckets", "buckets that a read walks") \
	METRIC(TABLES, tables, AMOUNT, "tables", "tables that a query reads from disk on a replica") \
	METRIC(FAULTS, faults, AMOUNT, "pages", "page faults of an operation, with storage: pages") \
	METRIC(PARTITION, partition, AMOUNT, "bytes", "size of the partition that a message was written to") \
	METRIC(CPU, cpu, WORK, NULL, "core time used by operations") \
	METRIC(DEBT, debt, LEVEL, "bytes", "bytes waiting to be merged, mean of the nodes") \
	METRIC(DEBT_OF_0, debt0, LEVEL, "bytes", "bytes waiting to be merged on node 0") \
	METRIC(HINTED, hinted, COUNT, NULL, "copies of writes kept for a node that was down") \
	METRIC(RETRIED, retried, COUNT, NULL, "queries that timed out and were tried again") \
	METRIC(SPECULATED, speculated, COUNT, NULL, "reads that asked a further replica") \
	METRIC(FAILED, failed, COUNT, NULL, "requests that failed") \
	METRIC(ACKNOWLEDGED, acknowledged, COUNT, NULL, "writes acknowledged") \
	METRIC(LOST, lost, COUNT, NULL, "acknowledged writes of which no copy outlived the killed nodes") \
	METRIC(MOVED, moved, COUNT, NULL, "messages read by the migrator") \
	METRIC(RANGE, range, TIME, NULL, "the migrator's reading of one token range")
METRIC_TABLE(metrics, METRICS);

enum { KILL, PAUSE_NODE, SLOW, SLOW_DISK, DRAIN, HOT, PURGE };
static const struct fault_kind faults[] = {
	[KILL] = {"kill", "node", false, false, "the node dies with its data; it is back, empty-handed, at the end"},
	[PAUSE_NODE] = {"pause", "node", false, false, "the node stands still"},
	[SLOW] = {"slow", "node", true, false, "the node's cores are slower by the factor"},
	[SLOW_DISK] = {"slow-disk", "disk", true, false, "the node's disk is slower by the factor"},
	[DRAIN] = {"drain", "node", false, false,
		"the node is taken out and only merges; writes for it are kept and replayed"},
	[HOT] = {"hot", "channel", false, true, "one channel of a public server gets this many reads more"},
	[PURGE] = {"purged", "channel", false, true,
		"readers open a channel whose messages were deleted, at this rate"},
	{NULL, NULL, false, false, NULL}
};

static const int64_t year = 365 * INT64_C(86400000000000);
static const uint64_t injected_ids = UINT64_C(1) << 40;      /* ids of requests that no row stands for begin here */
enum { STEP_BITS = 14 }; /* a query's id is its request's, and the step of its walk */

struct store;

/* A client's request. */
struct request {
	struct flight_follower follower; /* first: a follower is its request */
	struct store *store;
	struct request *next_free;
	uint64_t id, channel;
	int64_t arrival, sent, asked;    /* asked: when the database was, for this step; sent to the service before */
	int64_t fetch;                   /* when the first step was asked */
	int class, step, steps;          /* of the walk through the buckets */
	bool write, purged, neighbour, elsewhere;
	int instance;
	double partition;                /* bytes of the newest */
	struct journey *journey;
};

/* Requests that a fault adds: the first at once, the others at random. */
struct injector {
	struct store *store;
	const struct fault *fault;
	int64_t ends;
	struct rng rng;
};

struct store {
	const struct params *p;
	struct sim *sim;
	struct meters *meters;
	struct journeys *journeys;
	struct cluster_config config;
	struct cluster cluster;
	struct ring services;            /* which instance a channel's reads go to */
	struct flight *flight;           /* one an instance */
	double *largest;                 /* a node: bytes of the largest partition written since its last collection */
	struct rng_stream work, channels, routes, injections;
	double cold_hit;                 /* a table's part of a cold partition, or a page, is in memory */
	int64_t stored, sent;            /* of the latest row */
	uint64_t injected;
	uint64_t hot;                    /* partition of the hot channel, while there is one */
	bool is_hot;
	struct request *free_request;
	struct scans scans;
	struct scan_cost tombstones;
	struct migrator_config moving;
	struct migrator migrator;
};

/* ---- what there is to read, and what of it is in memory ---- */

static double channel_rate(const struct store *store, const struct request *request)
{
	const struct params *p = store->p;
	struct rng rng = rng_of(store->channels, request->channel);
	const struct dist *rate = request->class == VOICE ? &p->voice_rate :
				  request->class == PRIVATE ? &p->private_rate : &p->public_rate;
	return dist_draw(rate, &rng);
}

/* Looks at the channel: how large its newest partition is, and how many must be read to fill a page. */
static void walk_plan(const struct store *store, struct request *request)
{
	const struct params *p = store->p;
	double rate = channel_rate(store, request);
	double full, newest;
	request->steps = 1;
	if (p->bucket == 0) {
		double age = (double)(request->sent - p->launch) / (double)year;
		newest = rate * (age > 0 ? age : 0);
	} else {
		full = rate * ((double)p->bucket / (double)year);
		newest = full * ((double)(request->sent % p->bucket) / (double)p->bucket);
		if (p->skip_empty && full < 1)
			full = 1; /* what is read then holds at least one */
		double more = ceil(((double)p->page - newest) / full);
		if (request->purged)
			more = p->skip_empty ? 0 : (double)p->walk_limit;
		if (more > 0)
			request->steps = more < (double)p->walk_limit - 1 ? 1 + (int)more : (int)p->walk_limit;
	}
	request->partition = newest * (double)p->message_bytes;
}

static uint64_t partition_key(const struct store *store, const struct request *request)
{
	int64_t bucket = store->p->bucket ? request->sent / store->p->bucket - request->step : 0;
	return rng_mix(request->channel) + (uint64_t)bucket;
}

static void store_grows(struct store *store, int64_t stored)
{
	const struct params *p = store->p;
	store->stored = stored;
	double bytes = (double)stored * (double)p->message_bytes * (double)p->replication / (double)p->nodes;
	store->cold_hit = bytes > (double)p->memory ? (double)p->memory / bytes : 1;
}

/* How many of `tries` miss: a whole number of them, and one more with the probability that is left. */
static int misses(struct rng *rng, double tries, double miss)
{
	int whole = (int)tries, count = 0;
	whole += rng_unit(rng) < tries - (double)whole;
	for (int i = 0; i < whole; i++)
		count += rng_unit(rng) < miss;
	return count;
}

static int64_t accesses(const struct dist *access, int count, struct rng *rng)
{
	int64_t total = 0;
	while (count-- > 0)
		total += dist_draw_time(access, rng);
	return total;
}

/* ---- a client's request ---- */

static struct request *request_new(struct store *store, uint64_t id, uint64_t channel, int class, int64_t sent,
				   bool write)
{
	struct request *request = store->free_request;
	if (request)
		store->free_request = request->next_free;
	else
		request = ARENA_NEW(&store->sim->arena, struct request);
	*request = (struct request){.store = store, .id = id, .channel = channel, .class = class, .sent = sent,
				    .arrival = store->sim->now, .write = write};
	request->journey = journey_begin(store->journeys, id, store->sim->now, write ? "write" : "read");
	sim_open(store->sim);
	return request;
}

static void request_end(struct request *request, int64_t hop, bool failed)
{
	struct store *store = request->store;
	int64_t ends = store->sim->now + hop, arrival = request->arrival;
	int metric = request->write ? WRITE : request->purged ? PURGED : request->id >= injected_ids ? HOT_READ : READ;
	if (failed)
		meter_count(store->meters, FAILED, arrival, 1);
	/* With the time they took: leaving out those that failed would make an overload look fast. */
	meter_record(store->meters, metric, arrival, ends - arrival);
	if (request->neighbour || request->elsewhere)
		meter_record(store->meters, request->neighbour ? NEIGHBOUR : ELSEWHERE, arrival, ends - arrival);
	journey_note(&request->journey, ends, "client", -1, failed ? "gives up" : "has its answer", -1);
	journey_end(store->journeys, request->journey, ends);
	request->next_free = store->free_request;
	store->free_request = request;
	sim_close(store->sim);
}

static bool coalesced(const struct request *request)
{
	return request->store->p->data_services && !request->purged;
}

/* A read has its page or has failed, and so have those who followed it. */
static void read_end(struct request *request, bool failed)
{
	struct store *store = request->store;
	if (!coalesced(request)) {
		request_end(request, 0, failed);
		return;
	}
	meter_record(store->meters, FETCH, request->arrival, store->sim->now - request->fetch);
	struct flight_follower *next = flight_land(&store->flight[request->instance], request->channel);
	struct rng rng = rng_of(store->routes, request->id ^ injected_ids << 1);
	request_end(request, dist_draw_time(&store->p->network, &rng), failed);
	while (next) {
		struct request *follower = (struct request *)next;
		next = next->next;
		meter_count(store->meters, COALESCED, follower->arrival, 1);
		request_end(follower, dist_draw_time(&store->p->network, &rng), failed);
	}
}

static void read_bucket(struct request *request)
{
	struct store *store = request->store;
	request->asked = store->sim->now;
	meter_count(store->meters, QUERIES, request->arrival, 1);
	cluster_ask(&store->cluster, request->id << STEP_BITS | (uint64_t)request->step, partition_key(store, request),
		    false, 0, request, request->journey);
}

/* The answer to one bucket's query is there. */
static void bucket_read(struct sim *sim, void *subject, uint64_t failed)
{
	struct request *request = subject;
	struct store *store = request->store;
	if (!request->purged && !failed)
		meter_record(store->meters, QUERY, request->arrival, sim->now - request->asked);
	request->step++;
	if (!failed && request->step < request->steps)
		read_bucket(request);
	else
		read_end(request, failed);
}

static void read_begin(struct request *request)
{
	request->fetch = request->store->sim->now;
	walk_plan(request->store, request);
	if (!request->purged)
		meter_record(request->store->meters, BUCKETS, request->arrival, request->steps);
	read_bucket(request);
}

/* A read has reached its data service: it leads, or follows one that is under way. */
static void service_reached(struct sim *sim, void *subject, uint64_t unused)
{
	struct request *request = subject;
	(void)unused;
	if (flight_join(&request->store->flight[request->instance], request->channel, &request->follower))
		read_begin(request);
	else
		journey_note(&request->journey, sim->now, "data service", request->instance,
			     "follows a read under way", -1);
}

static void mark_neighbour(struct request *request)
{
	struct store *store = request->store;
	if (!store->is_hot || request->purged)
		return;
	const uint16_t *hot = ring_owners(&store->cluster.ring, store->hot);
	const uint16_t *mine = ring_owners(&store->cluster.ring, partition_key(store, request));
	for (int i = 0; i < store->cluster.ring.replicas; i++)
		for (int j = 0; j < store->cluster.ring.replicas; j++)
			request->neighbour |= hot[i] == mine[j];
	request->elsewhere = !request->neighbour;
}

static void read_arrive(struct request *request)
{
	struct store *store = request->store;
	if (!coalesced(request)) {
		read_begin(request);
		return;
	}
	struct rng rng = rng_of(store->routes, request->id);
	int64_t hop = dist_draw_time(&store->p->network, &rng);
	request->instance = store->p->routing ? *ring_owners(&store->services, request->channel) :
						(int)rng_below(&rng, (uint64_t)store->p->instances);
	sim_after(store->sim, hop, service_reached, request, 0);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct store *store = self;
	(void)sim;
	if (row->value[STORED] != store->stored)
		store_grows(store, row->value[STORED]);
	store->sent = row->value[SENT];
	bool write = row->value[OP] == WRITE_OP;
	struct request *request = request_new(store, row->id, (uint64_t)row->value[CHANNEL], (int)row->value[CLASS],
					      row->value[SENT], write);
	if (!write) {
		mark_neighbour(request);
		read_arrive(request);
		return;
	}
	walk_plan(store, request);
	meter_record(store->meters, PARTITION, request->arrival, (int64_t)request->partition);
	cluster_ask(&store->cluster, request->id << STEP_BITS, partition_key(store, request), true, 0, request,
		    request->journey);
}

/* ---- a replica's part ---- */

static void keep_largest(struct store *store, struct node *node, double partition)
{
	double kept = partition * store->p->partition_heap;
	if (kept > store->largest[node->number]) {
		collector_hold(&node->collector, kept - store->largest[node->number]);
		store->largest[node->number] = kept;
	}
}

static void write_on(struct store *store, struct cluster_query *query, struct node *node, uint64_t part,
		     struct rng *rng)
{
	const struct params *p = store->p;
	const struct request *request = query->done ? NULL : query->subject;
	int64_t cpu = dist_draw_time(&p->write_cpu, rng), disk = 0;
	int64_t when = request ? request->arrival : store->sim->now;
	if (p->storage == PAGES) {
		int reads = misses(rng, (double)p->index_pages, 1 - store->cold_hit);
		meter_record(store->meters, FAULTS, when, reads);
		disk = accesses(&p->disk_read, reads, rng);
	} else {
		if (request)
			keep_largest(store, node, request->partition);
		compaction_add(&node->compaction, (double)p->message_bytes * p->write_amplification);
	}
	if (p->commit_wait)
		disk += dist_draw_time(&p->disk_write, rng);
	meter_work(store->meters, CPU, when, cpu);
	node_serve(node, query->key, cpu, disk, (double)p->garbage_write, cluster_served, query, part, &query->journey);
}

/* Equal for both visits to a query's part, before and after a scan. */
static struct rng work_of(const struct store *store, const struct cluster_query *query, uint64_t part)
{
	return rng_of(store->work, rng_mix(query->id) + part);
}

static void read_on(struct store *store, struct cluster_query *query, struct node *node, uint64_t part, struct rng *rng)
{
	const struct params *p = store->p;
	const struct request *request = query->done ? NULL : query->subject;
	int64_t cpu = dist_draw_time(&p->read_cpu, rng);
	int64_t when = request ? request->arrival : store->sim->now;
	double hit = store->cold_hit;
	if (request && request->class == PUBLIC && p->recent_hit > hit)
		hit = p->recent_hit;
	int reads;
	if (p->storage == PAGES) {
		reads = misses(rng, (double)(p->page + p->index_pages), 1 - hit);
		meter_record(store->meters, FAULTS, when, reads);
	} else {
		reads = misses(rng, p->tables + compaction_tables(&node->compaction), 1 - hit);
		meter_record(store->meters, TABLES, when, reads);
	}
	int64_t disk = accesses(&p->disk_read, reads, rng);
	meter_work(store->meters, CPU, when, cpu);
	node_serve(node, query->key, cpu, disk, (double)p->garbage_read, cluster_served, query, part, &query->journey);
}

static void scanned(struct sim *sim, void *subject, uint64_t part)
{
	struct cluster_query *query = subject;
	struct store *store = query->cluster->owner;
	struct node *node = cluster_node(query, part);
	struct rng rng = work_of(store, query, part);
	journey_note(&query->journey, sim->now, "node", node->number, "has scanned its tombstones", -1);
	read_on(store, query, node, part, &rng);
}

/* The emptied partition is the newest; with skip_empty it is known to hold nothing and passed over. */
static bool meets_tombstones(const struct store *store, const struct cluster_query *query)
{
	const struct params *p = store->p;
	const struct request *request = query->done ? NULL : query->subject;
	return request && request->purged && request->step == 0 && !p->skip_empty &&
	       p->deleted_age <= p->tombstone_life;
}

static void serve(void *self, struct cluster_query *query, struct node *node, uint64_t part)
{
	struct store *store = self;
	struct rng rng = work_of(store, query, part);
	if (query->write) {
		write_on(store, query, node, part, &rng);
	} else if (meets_tombstones(store, query)) {
		int64_t cells = store->p->deleted * store->p->cells_per_message;
		journey_note(&query->journey, store->sim->now, "node", node->number, "scans tombstones:", cells);
		scan_begin(&store->scans, node, query->key, cells, &store->tombstones, scanned, query, part);
	} else {
		read_on(store, query, node, part, &rng);
	}
}

static void query_ended(void *self, struct cluster_query *query, int64_t hop, bool failed)
{
	struct store *store = self;
	struct request *request = query->subject;
	if (!request->write) {
		sim_after(store->sim, hop, bucket_read, request, failed);
		return;
	}
	if (!failed)
		meter_count(store->meters, ACKNOWLEDGED, request->arrival, 1);
	request_end(request, hop, failed);
}

static void hint_replayed(void *self, struct node *node)
{
	struct store *store = self;
	compaction_add(&node->compaction, (double)store->p->message_bytes * store->p->write_amplification);
}

static void happened(void *self, enum cluster_event event, const struct cluster_query *query)
{
	static const int metric_of[] = {
		[CLUSTER_RETRIED] = RETRIED, [CLUSTER_SPECULATED] = SPECULATED, [CLUSTER_HINTED] = HINTED
	};
	struct store *store = self;
	(void)query;
	if (event != CLUSTER_FAILED) /* the request's failure is booked, not its query's */
		meter_count(store->meters, metric_of[event], store->sim->now, 1);
}

static void collected(void *self, struct node *node, int64_t length)
{
	struct store *store = self;
	meter_record(store->meters, PAUSE, store->sim->now, length);
	collector_hold(&node->collector, -store->largest[node->number]);
	store->largest[node->number] = 0;
}

static void book_debt(void *self, double bytes)
{
	struct store *store = self;
	(void)bytes;
	double debt = 0;
	for (int i = 0; i < store->config.nodes; i++)
		debt += store->cluster.node[i].compaction.debt;
	meter_level(store->meters, DEBT, store->sim->now, (int64_t)(debt / store->config.nodes));
	meter_level(store->meters, DEBT_OF_0, store->sim->now, (int64_t)store->cluster.node[0].compaction.debt);
}

static void moved(void *self, int64_t rows)
{
	struct store *store = self;
	meter_count(store->meters, MOVED, store->sim->now, (uint64_t)rows);
}

static void range_done(void *self, int64_t length)
{
	struct store *store = self;
	meter_record(store->meters, RANGE, store->sim->now, length);
}

/* ---- faults ---- */

static void inject(struct sim *sim, void *subject, uint64_t unused)
{
	struct injector *injector = subject;
	struct store *store = injector->store;
	const struct fault *fault = injector->fault;
	(void)unused;
	if (sim->now >= injector->ends)
		return;
	uint64_t id = injected_ids + store->injected++, channel = (uint64_t)fault->target;
	struct request *request = request_new(store, id, channel, PUBLIC, store->sent, false);
	request->purged = fault->kind == PURGE;
	read_arrive(request);
	sim_after(sim, (int64_t)(rng_exp(&injector->rng) * 1e9 / fault->rate + 0.5), inject, injector, 0);
}

static void inject_begin(struct store *store, const struct fault *fault)
{
	struct injector *injector = ARENA_NEW(&store->sim->arena, struct injector);
	*injector = (struct injector){.store = store, .fault = fault, .ends = store->sim->now + fault->lasts,
				      .rng = rng_of(store->injections, (uint64_t)fault->target)};
	inject(store->sim, injector, 0);
}

static void fault(struct sim *sim, void *self, const struct fault *fault, bool begins)
{
	struct store *store = self;
	int number = (int)fault->target;
	struct node *node = fault->kind == HOT || fault->kind == PURGE ? NULL : &store->cluster.node[number];
	(void)sim;
	switch (fault->kind) {
	case KILL:
		(begins ? cluster_kill : cluster_revive)(&store->cluster, number);
		break;
	case PAUSE_NODE:
		if (begins)
			node_pause(node, fault->lasts);
		break;
	case SLOW:
		node_slow(node, begins ? fault->factor : 1);
		break;
	case SLOW_DISK:
		node->disk.slowness = begins ? fault->factor : 1;
		break;
	case DRAIN:
		cluster_drain(&store->cluster, number, begins);
		break;
	case HOT: {
		struct request probe = {.store = store, .channel = (uint64_t)fault->target, .sent = store->sent};
		store->hot = partition_key(store, &probe);
		store->is_hot = begins;
		if (begins)
			inject_begin(store, fault);
		break;
	}
	case PURGE:
		if (begins)
			inject_begin(store, fault);
		break;
	}
}

/* ---- the world ---- */

static int64_t simulated(const struct params *p, int64_t slice)
{
	int64_t nodes = (p->nodes + slice / 2) / slice;
	return nodes > p->replication ? nodes : p->replication;
}

static double share(const void *values, int64_t slice)
{
	const struct params *p = values;
	return (double)simulated(p, slice) / (double)p->nodes;
}

static bool target_exists(const void *values, int64_t slice, const struct fault *fault)
{
	if (fault->kind == HOT || fault->kind == PURGE)
		return fault->target >= 0;
	return fault->target >= 0 && fault->target < simulated(values, slice);
}

static bool check(const void *values, struct err *err)
{
	const struct params *p = values;
	if (p->replication > p->nodes)
		return err_add(err, ERR_MODEL, NULL, "replication %lld is more than there are nodes (%lld)",
			       (long long)p->replication, (long long)p->nodes);
	if (p->read_quorum > p->replication || p->write_quorum > p->replication)
		return err_add(err, ERR_MODEL, NULL, "a quorum of %lld is more than the %lld replicas",
			       (long long)(p->read_quorum > p->write_quorum ? p->read_quorum : p->write_quorum),
			       (long long)p->replication);
	if (p->gc_headroom + p->gc_live > p->heap)
		return err_add(err, ERR_MODEL, NULL, "gc_headroom and gc_live do not fit into the heap");
	if (p->sharded && p->concurrency < p->cores)
		return err_add(err, ERR_MODEL, NULL, "concurrency %lld leaves some of %lld shards without a place",
			       (long long)p->concurrency, (long long)p->cores);
	return true;
}

static void build_node(struct store *store, struct node *node, struct rng *rng)
{
	const struct params *p = store->p;
	node->owner = store;
	node->paused = collected;
	collector_init(&node->collector, p->gc, (double)p->heap, (double)p->gc_headroom, (double)p->gc_live,
		       (double)p->gc_rate, p->gc_floor, rng_unit(rng));
	compaction_init(&node->compaction, &node->disk, p->compaction ? (double)p->compaction_rate : 0,
			(double)p->compaction_bandwidth, (double)p->table_debt, (double)p->compaction_chunk);
	node->compaction.merged = book_debt;
	node->compaction.owner = store;
	compaction_add(&node->compaction, (double)p->backlog);
	for (int64_t i = 0; i < p->migrate_workers; i++)
		migrator_add_worker(&store->migrator, node);
}

static void *build(const struct case_world *world)
{
	struct store *store = ARENA_NEW(&world->sim->arena, struct store);
	const struct params *p = world->params;
	*store = (struct store){.p = p, .sim = world->sim, .meters = world->meters, .journeys = world->journeys,
				.cold_hit = 1, .stored = -1};
	store->work = sim_stream(world->sim, "work");
	store->channels = rng_stream(world->sim->seed, 0, "channels");
	store->routes = sim_stream(world->sim, "routes");
	store->injections = sim_stream(world->sim, "injections");
	store->config = (struct cluster_config){
		.nodes = (int)simulated(p, world->slice), .points = (int)p->points, .replication = (int)p->replication,
		.read_quorum = (int)p->read_quorum, .write_quorum = (int)p->write_quorum,
		.node = {.cores = p->cores, .sharded = p->sharded, .concurrency = p->concurrency,
			 .disk_depth = p->disk_depth},
		.network = &p->network, .timeout = p->timeout, .detect = p->detect, .speculative = p->speculative,
		.hint_rate = p->hint_rate
	};
	cluster_init(&store->cluster, world->sim, &store->config);
	store->cluster.owner = store;
	store->cluster.serve = serve;
	store->cluster.ended = query_ended;
	store->cluster.replay = hint_replayed;
	store->cluster.happened = happened;
	store->scans.sim = world->sim;
	store->tombstones = (struct scan_cost){p->cell_cpu, p->cell_bytes, true};
	store->moving = (struct migrator_config){
		.range_rows = p->migrate_range, .row_cpu = p->migrate_row, .row_bytes = p->message_bytes,
		.disk_read = &p->disk_read, .dense = p->migrate_dense, .dense_cells = p->migrate_cells,
		.cell = {p->cell_cpu, p->cell_bytes, false}
	};
	migrator_init(&store->migrator, world->sim, &store->moving);
	store->migrator.owner = store;
	store->migrator.moved = moved;
	store->migrator.range_done = range_done;
	store->largest = ARENA_ARRAY(&world->sim->arena, (size_t)store->config.nodes, double);
	struct rng rng = rng_start(sim_stream(world->sim, "heaps"));
	for (int i = 0; i < store->config.nodes; i++)
		build_node(store, &store->cluster.node[i], &rng);
	if (p->data_services) {
		store->flight = ARENA_ARRAY(&world->sim->arena, (size_t)p->instances, struct flight);
		for (int64_t i = 0; i < p->instances; i++)
			flight_init(&store->flight[i], &world->sim->arena);
		ring_init(&store->services, &world->sim->arena, (int)p->instances, (int)p->points, 1);
	}
	return store;
}

static void finish(struct sim *sim, void *self)
{
	struct store *store = self;
	uint64_t lost = cluster_lost(&store->cluster);
	if (lost > 0)
		meter_count(store->meters, LOST, sim->now, lost);
}

const struct case_study case_discord = {
	.name = "discord",
	.about = "a message store through seven years: MongoDB, then Cassandra, then ScyllaDB behind data services",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.faults = faults,
	.failures = "failed",
	.utilisation = "rate(cpu) / (param(nodes) * param(cores))",
	.check = check,
	.share = share,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.target_exists = target_exists,
	.finish = finish
};
