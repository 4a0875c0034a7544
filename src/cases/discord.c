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
#include "base/holder.h"
#include "cases/case.h"
#include "model/buckets.h"
#include "model/cluster.h"
#include "model/flight.h"
#include "model/flood.h"
#include "model/migrator.h"
#include "model/request.h"
#include "model/storage.h"

#include <math.h>

/*
 * Multiples of these are spread evenly between whole numbers, in two sequences that have nothing to do with each other:
 * as many nodes stop in a second of one replication as in one of another, which leaves less to chance.
 */
static const double golden = 0.6180339887498949, root = 0.4142135623730951;

/* Tables that a read may have to look into at the start: what it takes grows with them. */
enum { TABLES_MAX = 100000 };

struct params {
	/* the fleet */
	int storage;
	int64_t nodes, replication, read_quorum, write_quorum, points;
	struct dist network;
	int64_t timeout, detect, speculative;
	double speculative_percentile, hint_rate;
	/* a node */
	int64_t cores, concurrency, memory, disk_depth;
	struct dist read_cpu, write_cpu, disk_read, disk_write;
	bool sharded, commit_wait;
	/* the heap */
	bool gc;
	int64_t heap, gc_eden, gc_headroom, gc_live, gc_floor, gc_rate, garbage_read, garbage_write;
	double gc_survivors, partition_heap;
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
	/* repair */
	int64_t repair_nodes, repair_workers;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, storage, storage_names, "tables",
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
		"a read that takes longer asks a further replica; 0 s: see speculative_percentile"),
	PARAM_RATIO(struct params, speculative_percentile, "0 %", "0 %", "99.99 %",
		    "the same when it takes longer than this part of the reads of the last ten seconds; 0: never"),
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
	PARAM_BYTES(struct params, gc_eden, "640 MiB", "0 B", "1 TiB",
		"garbage made between two young collections; 0 B: there is one generation"),
	PARAM_RATIO(struct params, gc_survivors, "3 %", "0", "1",
		    "part of the eden that is alive then, and moved to the old generation"),
	PARAM_BYTES(struct params, gc_headroom, "2 GiB", "1 MiB", "1 TiB",
		"bytes moved to the old generation between two of its collections"),
	PARAM_BYTES(struct params, gc_live, "200 MB", "0 B", "1 TiB", "live bytes that a collection of it traces"),
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
	PARAM_BYTES(struct params, table_debt, "256 MB", "1 MB", "1000 TB",
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
	PARAM_COUNT(struct params, repair_nodes, "0", "0", "10k",
		"nodes under repair: all their rows are read, each at the cost of a row that a client reads"),
	PARAM_COUNT(struct params, repair_workers, "32", "1", "10k", "readers of a node under repair"),
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
	METRIC(ANSWERED, answered, COUNT, NULL, "reads that got their page, but for the hot channel's") \
	METRIC(ACKNOWLEDGED, acknowledged, COUNT, NULL, "writes acknowledged") \
	METRIC(LOST, lost, COUNT, NULL, "acknowledged writes of which no copy outlived the killed nodes") \
	METRIC(MOVED, moved, COUNT, NULL, "messages read by the migrator") \
	METRIC(RANGE, range, TIME, NULL, "the migrator's reading of one token range")
METRIC_TABLE(metrics, METRICS);

enum { KILL, PAUSE_NODE, SLOW, SLOW_DISK, DRAIN, HOT, PURGE };
static const struct fault_kind faults[] = {
	[KILL] = {.name = "kill", .target = "node",
		  .help = "the node dies with its data; it is back, empty-handed, at the end"},
	[PAUSE_NODE] = {.name = "pause", .target = "node", .help = "the node stands still"},
	[SLOW] = {.name = "slow", .target = "node", .factor = true,
		  .help = "the node's cores are slower by the factor"},
	[SLOW_DISK] = {.name = "slow-disk", .target = "disk", .factor = true,
		       .help = "the node's disk is slower by the factor"},
	[DRAIN] = {.name = "drain", .target = "node",
		   .help = "the node is taken out and only merges; writes for it are kept and replayed"},
	[HOT] = {.name = "hot", .target = "channel", .rate = true,
		 .help = "one channel of a public server gets this many reads more"},
	[PURGE] = {.name = "purged", .target = "channel", .rate = true,
		   .help = "readers open a channel whose messages were deleted, at this rate"},
	{.name = NULL}
};

static const uint64_t injected_ids = UINT64_C(1) << 40; /* ids of requests that no row stands for begin here */
enum { STEP_BITS = 14 }; /* a query's id is its request's, and the step of its walk */

struct discord;

/* Who reads a channel's newest page, or writes into it. */
struct client {
	struct request request;          /* first: a request is its client's */
	struct flight_follower follower;
	struct discord *discord;
	uint64_t channel;
	int64_t sent, asked;             /* asked: when the database was, for this step */
	int64_t fetch;                   /* when the first step was asked */
	int class, step, steps;          /* of the walk through the buckets */
	bool write, purged, neighbour, elsewhere;
	int instance;
	double partition;                /* bytes of the newest */
};

struct discord {
	const struct params *p;
	struct sim *sim;
	struct meters *meters;
	struct requests requests;
	struct buckets buckets;
	struct cluster_config config;
	struct cluster cluster;
	struct storage_config storage_config;
	struct storage storage;
	struct ring services;            /* which instance a channel's reads go to */
	struct flight *flight;           /* one an instance */
	struct rng_stream work, channels, routes, injections;
	struct floods hots, purges;      /* by channel; the mark of a hot one is the partition that was its newest */
	int64_t stored, sent;            /* of the latest row */
	uint64_t injected;               /* id of the next request that a fault adds */
	struct scans scans;
	struct scan_cost tombstones;
	struct collector_config heap;
	struct migrator_config moving, validation;
	struct migrator migrator, repair;
};

/* ---- a request arrives ---- */

static struct client *client_new(struct discord *discord, uint64_t id, int64_t window, uint64_t channel, int class,
				 bool write)
{
	struct client *client = request_open(&discord->requests, id, window, write ? "write" : "read");
	client->discord = discord;
	client->channel = channel;
	client->class = class;
	client->sent = discord->sent;
	client->write = write;
	return client;
}

static uint64_t partition_of(const struct client *client)
{
	return buckets_key(&client->discord->buckets, client->channel, client->sent, client->step);
}

/* Looks at the channel: how large its newest partition is, and how many must be read to fill a page. */
static void plan_walk(struct client *client)
{
	const struct discord *discord = client->discord;
	const struct params *p = discord->p;
	struct rng rng = rng_of(discord->channels, client->channel);
	const struct dist *const rates[] = {
		[VOICE] = &p->voice_rate, [PRIVATE] = &p->private_rate, [PUBLIC] = &p->public_rate
	};
	struct buckets_walk walk =
		buckets_walk(&discord->buckets, dist_draw(rates[client->class], &rng), client->sent, client->purged);
	client->steps = walk.steps;
	client->partition = walk.newest * (double)p->message_bytes;
}

static void ask(struct client *client)
{
	cluster_ask(&client->discord->cluster, client->request.id << STEP_BITS | (uint64_t)client->step,
		    partition_of(client), client->write, 0, client, client->request.journey);
}

/* Whether the read shares a node with a hot channel. */
static void mark_neighbour(struct client *client)
{
	struct discord *discord = client->discord;
	const struct ring *ring = &discord->cluster.ring;
	if (!discord->hots.flowing || client->purged)
		return;
	const uint16_t *mine = ring_owners(ring, partition_of(client));
	for (const struct flood *flood = discord->hots.first; flood; flood = flood->next) {
		const uint16_t *hot = ring_owners(ring, flood->mark);
		for (int i = 0; flood->rate > 0 && i < ring->replicas * ring->replicas; i++)
			client->neighbour |= hot[i / ring->replicas] == mine[i % ring->replicas];
	}
	client->elsewhere = !client->neighbour;
}

static void read_arrives(struct client *client);

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct discord *discord = self;
	const struct params *p = discord->p;
	(void)sim;
	if (row->value[STORED] != discord->stored) {
		discord->stored = row->value[STORED];
		storage_grow(&discord->storage, (double)discord->stored * (double)p->message_bytes *
							(double)p->replication / (double)p->nodes);
	}
	discord->sent = row->value[SENT];
	struct client *client = client_new(discord, row->id, row->window, (uint64_t)row->value[CHANNEL],
					   (int)row->value[CLASS], row->value[OP] == WRITE_OP);
	if (!client->write) {
		mark_neighbour(client);
		read_arrives(client);
		return;
	}
	plan_walk(client);
	meter_record(discord->meters, PARTITION, client->request.arrival, (int64_t)client->partition);
	ask(client);
}

/* ---- a read, through a data service or not ---- */

static sim_event_fn service_reached, bucket_read;
static void read_begins(struct client *client);

static bool coalesced(const struct client *client)
{
	return client->discord->p->data_services && !client->purged;
}

static void read_arrives(struct client *client)
{
	struct discord *discord = client->discord;
	struct rng *rng = &client->request.rng;
	if (!coalesced(client)) {
		read_begins(client);
		return;
	}
	int64_t hop = dist_draw_time(&discord->p->network, rng);
	client->instance = discord->p->routing ? *ring_owners(&discord->services, client->channel) :
						 (int)rng_below(rng, (uint64_t)discord->p->instances);
	sim_after(discord->sim, hop, service_reached, client, 0);
}

/* It leads, or follows one that is under way. */
static void service_reached(struct sim *sim, void *subject, uint64_t unused)
{
	struct client *client = subject;
	(void)unused;
	if (flight_join(&client->discord->flight[client->instance], client->channel, &client->follower))
		read_begins(client);
	else
		journey_note(&client->request.journey, sim->now, "data service", client->instance,
			     "follows a read under way", -1);
}

static void read_bucket(struct client *client)
{
	client->asked = client->discord->sim->now;
	meter_count(client->discord->meters, QUERIES, client->request.arrival, 1);
	ask(client);
}

static void read_begins(struct client *client)
{
	client->fetch = client->discord->sim->now;
	plan_walk(client);
	if (!client->purged)
		meter_record(client->discord->meters, BUCKETS, client->request.arrival, client->steps);
	read_bucket(client);
}

/* ---- a replica's part of a query ---- */

/* Equal for both visits to a query's part, before and after a scan. */
static struct rng work_of(const struct discord *discord, const struct cluster_query *query, uint64_t part)
{
	return rng_of(discord->work, rng_mix(query->id) + part);
}

/* Its client may have had its answer. */
static const struct client *client_of(const struct cluster_query *query)
{
	return query->done ? NULL : query->subject;
}

static void work_on(struct discord *discord, struct cluster_query *query, struct node *node, uint64_t part)
{
	const struct params *p = discord->p;
	const struct client *client = client_of(query);
	struct rng rng = work_of(discord, query, part);
	int64_t when = client ? client->request.arrival : discord->sim->now, disk;
	int64_t cpu = dist_draw_time(query->write ? &p->write_cpu : &p->read_cpu, &rng);
	if (query->write)
		disk = storage_write(&discord->storage, node, client ? client->partition : 0, when, &rng);
	else
		disk = storage_read(&discord->storage, node, client && client->class == PUBLIC ? p->recent_hit : 0,
				    when, &rng);
	meter_work(discord->meters, CPU, when, cpu);
	node_serve(node, query->key, cpu, disk, (double)(query->write ? p->garbage_write : p->garbage_read),
		   cluster_served, query, part, &query->journey);
}

static void scanned(struct sim *sim, void *subject, uint64_t part)
{
	struct cluster_query *query = subject;
	struct node *node = cluster_node(query, part);
	journey_note(&query->journey, sim->now, "node", node->number, "has scanned its tombstones", -1);
	work_on(query->cluster->owner, query, node, part);
}

/* The emptied partition is the newest; with skip_empty it is known to hold nothing and passed over. */
static bool meets_tombstones(const struct discord *discord, const struct cluster_query *query)
{
	const struct params *p = discord->p;
	const struct client *client = client_of(query);
	return client && client->purged && client->step == 0 && !p->skip_empty && p->deleted_age <= p->tombstone_life;
}

static void serve(void *self, struct cluster_query *query, struct node *node, uint64_t part)
{
	struct discord *discord = self;
	if (query->write || !meets_tombstones(discord, query)) {
		work_on(discord, query, node, part);
		return;
	}
	int64_t cells = discord->p->deleted * discord->p->cells_per_message;
	journey_note(&query->journey, discord->sim->now, "node", node->number, "scans tombstones:", cells);
	scan_begin(&discord->scans, node, query->key, cells, &discord->tombstones, scanned, query, part);
}

/* ---- the answer ---- */

static void client_ends(struct client *client, int64_t hop, bool failed)
{
	struct meters *meters = client->discord->meters;
	int64_t arrival = client->request.arrival, took = client->discord->sim->now + hop - arrival;
	bool added = client->request.id >= injected_ids;
	if (failed)
		meter_count(meters, FAILED, arrival, 1);
	else if (!client->write && !client->purged && !added)
		meter_count(meters, ANSWERED, arrival, 1);
	/* With the time they took: leaving out those that failed would make an overload look fast. */
	meter_record(meters, client->write ? WRITE : client->purged ? PURGED : added ? HOT_READ : READ, arrival, took);
	if (client->neighbour || client->elsewhere)
		meter_record(meters, client->neighbour ? NEIGHBOUR : ELSEWHERE, arrival, took);
	request_answer(&client->request, arrival + took, !failed);
}

static void query_ended(void *self, struct cluster_query *query, int64_t hop, bool failed)
{
	struct discord *discord = self;
	struct client *client = query->subject;
	if (!client->write) {
		sim_after(discord->sim, hop, bucket_read, client, failed);
		return;
	}
	if (!failed)
		meter_count(discord->meters, ACKNOWLEDGED, client->request.arrival, 1);
	client_ends(client, hop, failed);
}

/* A read has its page or has failed, and so have those who followed it. */
static void read_ends(struct client *client, bool failed)
{
	struct discord *discord = client->discord;
	const struct dist *network = &discord->p->network;
	if (!coalesced(client)) {
		client_ends(client, 0, failed);
		return;
	}
	meter_record(discord->meters, FETCH, client->request.arrival, discord->sim->now - client->fetch);
	struct flight_follower *next = flight_land(&discord->flight[client->instance], client->channel);
	struct rng rng = rng_of(discord->routes, client->request.id ^ injected_ids << 1);
	client_ends(client, dist_draw_time(network, &rng), failed);
	while (next) {
		struct client *follower = HOLDER(next, struct client, follower);
		next = next->next;
		meter_count(discord->meters, COALESCED, follower->request.arrival, 1);
		client_ends(follower, dist_draw_time(network, &rng), failed);
	}
}

/* The answer to one bucket's query is there. */
static void bucket_read(struct sim *sim, void *subject, uint64_t failed)
{
	struct client *client = subject;
	if (!client->purged && !failed)
		meter_record(client->discord->meters, QUERY, client->request.arrival, sim->now - client->asked);
	client->step++;
	if (!failed && client->step < client->steps)
		read_bucket(client);
	else
		read_ends(client, failed);
}

/* ---- what nodes do besides ---- */

static void hint_replayed(void *self, struct node *node)
{
	struct discord *discord = self;
	storage_add(&discord->storage, node);
}

static void book_debt(void *self, double bytes)
{
	struct discord *discord = self;
	const struct node *node = discord->cluster.node;
	(void)bytes;
	double debt = 0;
	for (int i = 0; i < discord->config.nodes; i++)
		debt += node[i].compaction.debt;
	meter_level(discord->meters, DEBT, discord->sim->now, (int64_t)(debt / discord->config.nodes));
	meter_level(discord->meters, DEBT_OF_0, discord->sim->now, (int64_t)node[0].compaction.debt);
}

/* ---- faults ---- */

static void come(struct discord *discord, uint64_t id, uint64_t channel, bool purged)
{
	struct client *client = client_new(discord, id, 0, channel, PUBLIC, false);
	client->purged = purged;
	read_arrives(client);
}

static void come_to_hot(void *owner, uint64_t id, uint64_t channel)
{
	come(owner, id, channel, false);
}

static void come_to_purged(void *owner, uint64_t id, uint64_t channel)
{
	come(owner, id, channel, true);
}

static void set_hot(struct discord *discord, uint64_t channel, double rate)
{
	struct flood *flood = flood_of(&discord->hots, channel);
	if (flood->rate <= 0)
		flood->mark = buckets_key(&discord->buckets, channel, discord->sent, 0);
	flood_set(flood, rate);
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct discord *discord = self;
	struct node *node = kind == HOT || kind == PURGE ? NULL : &discord->cluster.node[target];
	switch (kind) {
	case KILL:
		(state->active ? cluster_kill : cluster_revive)(&discord->cluster, (int)target);
		break;
	case PAUSE_NODE:
		node_pause(node, state->until - sim->now);
		break;
	case SLOW:
		node_slow(node, state->factor);
		break;
	case SLOW_DISK:
		node->disk.slowness = state->factor;
		break;
	case DRAIN:
		cluster_drain(&discord->cluster, (int)target, state->active);
		break;
	case HOT:
		set_hot(discord, (uint64_t)target, state->rate);
		break;
	case PURGE:
		flood_set(flood_of(&discord->purges, (uint64_t)target), state->rate);
		break;
	}
}

/* ---- the world ---- */

static int64_t simulated(const struct params *p, int64_t slice)
{
	int64_t nodes = (p->nodes + slice / 2) / slice;
	return nodes > p->replication ? nodes : p->replication;
}

/* As large a part of those that are simulated. */
static int64_t repaired_nodes(const struct params *p, int64_t simulated_nodes)
{
	return (p->repair_nodes * simulated_nodes + p->nodes / 2) / p->nodes;
}

static double share(const void *values, int64_t slice)
{
	const struct params *p = values;
	return (double)simulated(p, slice) / (double)p->nodes;
}

static struct fault_targets targets(const void *values, int64_t slice, int kind, struct arena *arena)
{
	bool channel = kind == HOT || kind == PURGE;
	(void)arena;
	return (struct fault_targets){.count = channel ? INT64_MAX : simulated(values, slice)};
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
	if (p->gc_eden + p->gc_headroom + p->gc_live > p->heap)
		return err_add(err, ERR_MODEL, NULL, "gc_eden, gc_headroom and gc_live do not fit into the heap");
	if ((double)p->backlog > TABLES_MAX * (double)p->table_debt)
		return err_add(err, ERR_MODEL, NULL, "backlog / table_debt makes %.3g tables to read from; at most %d",
			       (double)p->backlog / (double)p->table_debt, TABLES_MAX);
	if (p->sharded && p->concurrency < p->cores)
		return err_add(err, ERR_MODEL, NULL, "concurrency %lld leaves some of %lld shards without a place",
			       (long long)p->concurrency, (long long)p->cores);
	return true;
}

static double part_of_one(double x)
{
	return x - floor(x);
}

/* `phase` and `young_phase`: of the first node's collections. Those of the others are spread evenly. */
static void build_node(struct discord *discord, struct node *node, double phase, double young_phase)
{
	const struct params *p = discord->p;
	node->collected = (struct booking){discord->meters, PAUSE};
	collector_init(&node->collector, &discord->heap, part_of_one(phase + golden * node->number),
		       part_of_one(young_phase + root * node->number));
	compaction_init(&node->compaction, &node->disk, p->compaction ? (double)p->compaction_rate : 0,
			(double)p->compaction_bandwidth, (double)p->table_debt, (double)p->compaction_chunk);
	node->compaction.merged = book_debt;
	node->compaction.owner = discord;
	compaction_add(&node->compaction, (double)p->backlog);
	for (int64_t i = 0; i < p->migrate_workers; i++)
		migrator_add_worker(&discord->migrator, node);
	bool repaired = node->number < repaired_nodes(p, discord->config.nodes);
	for (int64_t i = 0; repaired && i < p->repair_workers; i++)
		migrator_add_worker(&discord->repair, node);
}

static void *build(const struct case_world *world)
{
	struct discord *discord = ARENA_NEW(&world->sim->arena, struct discord);
	const struct params *p = world->params;
	*discord = (struct discord){.p = p, .sim = world->sim, .meters = world->meters, .stored = -1};
	requests_init(&discord->requests, world->sim, world->journeys, p->data_services ? "routes" : NULL,
		      sizeof(struct client));
	discord->work = sim_stream(world->sim, "work");
	discord->channels = sim_stream(world->sim, "channels");
	discord->routes = sim_stream(world->sim, "routes");
	discord->injections = sim_stream(world->sim, "injections");
	discord->injected = injected_ids;
	discord->hots = (struct floods){.sim = world->sim, .random = &discord->injections, .id = &discord->injected,
					.owner = discord, .come = come_to_hot};
	discord->purges = discord->hots;
	discord->purges.come = come_to_purged;
	discord->config = (struct cluster_config){
		.nodes = (int)simulated(p, world->slice), .points = (int)p->points, .replication = (int)p->replication,
		.read_quorum = (int)p->read_quorum, .write_quorum = (int)p->write_quorum,
		.node = {.cores = p->cores, .sharded = p->sharded, .concurrency = p->concurrency,
			 .disk_depth = p->disk_depth},
		.network = &p->network, .timeout = p->timeout, .detect = p->detect, .speculative = p->speculative,
		.speculative_percentile = p->speculative_percentile, .hint_rate = p->hint_rate,
		.seed = sim_stream(world->sim, "ring").key
	};
	cluster_init(&discord->cluster, world->sim, &discord->config);
	discord->cluster.owner = discord;
	discord->cluster.serve = serve;
	discord->cluster.ended = query_ended;
	discord->cluster.replay = hint_replayed;
	discord->cluster.retried = (struct booking){world->meters, RETRIED};
	discord->cluster.speculated = (struct booking){world->meters, SPECULATED};
	discord->cluster.hinted = (struct booking){world->meters, HINTED};
	discord->buckets = (struct buckets){.length = p->bucket, .launch = p->launch, .page = p->page,
					    .walk_limit = p->walk_limit, .skip_empty = p->skip_empty};
	discord->storage_config = (struct storage_config){
		.kind = storage_kinds[p->storage], .memory = (double)p->memory, .row_bytes = (double)p->message_bytes,
		.access = &p->disk_read, .log = p->commit_wait ? &p->disk_write : NULL, .rows = p->page,
		.index_pages = p->index_pages, .tables = p->tables, .write_amplification = p->write_amplification,
		.partition_heap = p->partition_heap
	};
	storage_init(&discord->storage, &discord->storage_config);
	discord->storage.faults = (struct booking){world->meters, FAULTS};
	discord->storage.tables = (struct booking){world->meters, TABLES};
	discord->scans.sim = world->sim;
	discord->tombstones = (struct scan_cost){p->cell_cpu, p->cell_bytes, true};
	discord->moving = (struct migrator_config){
		.range_rows = p->migrate_range, .row_cpu = p->migrate_row, .row_bytes = p->message_bytes,
		.disk_read = &p->disk_read, .dense = p->migrate_dense, .dense_cells = p->migrate_cells,
		.cell = {p->cell_cpu, p->cell_bytes, false}
	};
	migrator_init(&discord->migrator, world->sim, &discord->moving);
	discord->migrator.moved = (struct booking){world->meters, MOVED};
	discord->migrator.range = (struct booking){world->meters, RANGE};
	discord->validation = (struct migrator_config){
		.range_rows = p->migrate_range, .row_cpu = (int64_t)(dist_mean(&p->read_cpu) / (double)p->page),
		.row_bytes = p->garbage_read / p->page, .disk_read = &p->disk_read
	};
	migrator_init(&discord->repair, world->sim, &discord->validation);
	discord->heap = (struct collector_config){
		.on = p->gc, .heap = (double)p->heap, .eden = (double)p->gc_eden, .survivors = p->gc_survivors,
		.headroom = (double)p->gc_headroom, .live = (double)p->gc_live, .rate = (double)p->gc_rate,
		.floor = p->gc_floor
	};
	struct rng rng = rng_start(sim_stream(world->sim, "heaps"));
	double phase = rng_unit(&rng), young_phase = rng_unit(&rng);
	for (int i = 0; i < discord->config.nodes; i++)
		build_node(discord, &discord->cluster.node[i], phase, young_phase);
	if (p->data_services) {
		discord->flight = ARENA_ARRAY(&world->sim->arena, (size_t)p->instances, struct flight);
		for (int64_t i = 0; i < p->instances; i++)
			flight_init(&discord->flight[i], &world->sim->arena);
		ring_init(&discord->services, &world->sim->arena, (int)p->instances, (int)p->points, 1);
	}
	return discord;
}

static void finish(struct sim *sim, void *self)
{
	struct discord *discord = self;
	uint64_t lost = cluster_lost(&discord->cluster);
	if (lost > 0)
		meter_count(discord->meters, LOST, sim->now, lost);
}

const struct case_study case_discord = {
	.name = "discord",
	.about = "a message store through seven years: MongoDB, then Cassandra, then ScyllaDB behind data services",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.faults = faults,
	.served = (const struct case_served[]){{"read", "rate(answered)"},
					       {"write", "rate(acknowledged)"},
					       {NULL, NULL}},
	.failures = "failed",
	.utilisation = "rate(cpu) / (param(nodes) * param(cores))",
	.used = "cores",
	.check = check,
	.share = share,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.targets = targets,
	.finish = finish
};
