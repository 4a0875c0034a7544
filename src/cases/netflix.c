/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Netflix in several regions at once, and what happens when one of them is lost. (Netflix, "Active-Active for
 * Multi-Regional Resiliency", 2013; "Project Nimble: Region Evacuation Reimagined", 2018; "Caching for a Global
 * Netflix", 2016; "Enhancing Netflix Reliability with Service-Level Prioritized Load Shedding", 2024.)
 *
 * A row of the trace is a member's request: start a stream, browse, or prefetch what may be started next. The name of
 * the service resolves to the member's region, or to another one once the answer has been changed and the old one has
 * expired. The region's gateway serves the request, or passes it on to another region, or refuses it above an absolute
 * cap. A service admits it (a concurrency limiter, which may know priorities), works on it (a pool of servers that an
 * autoscaler grows with delay), and looks for the member's state in the region's cache, then in its store. A start is
 * also written: acknowledged by a quorum of the region's store, and sent to the stores and caches of the others
 * meanwhile. A client waits for so long, and then tries again.
 *
 * A region that is lost is evacuated: somebody decides, the others are made larger, the lost region's gateway passes on
 * more and more of its requests, and the name is changed.
 */
#include "base/holder.h"
#include "cases/case.h"
#include "model/call.h"
#include "model/evacuation.h"
#include "model/farcache.h"
#include "model/prescale.h"
#include "model/ratecap.h"
#include "model/regional.h"
#include "model/request.h"
#include "model/resolver.h"
#include "model/site.h"
#include "model/terminals.h"

#include <math.h>

enum { REGIONS = 4, SERVICES = 2 };
enum { PLAYBACK, CATALOG };
enum { PRIMARY, ACTIVE };
static const char *const service_names[] = {"playback", "catalogue"};
static const char *const placements[] = {"primary", "active", NULL};

struct params {
	/* regions */
	int64_t regions;
	int placement;
	int64_t rtt_virginia_oregon, rtt_virginia_ireland, rtt_virginia_ohio;
	int64_t rtt_oregon_ireland, rtt_oregon_ohio, rtt_ireland_ohio;
	struct dist jitter, last_mile, network;
	/* clients */
	int64_t timeout, retries, backoff, backoff_most;
	bool budget;
	double budget_share;
	int64_t dns_ttl, dns_violator_ttl;
	double dns_violators;
	/* gateway and services */
	double cap_rate;
	int64_t playback_servers, catalog_servers, queue;
	struct dist playback_work, catalog_work;
	double tv_work, standby;
	int limiter;
	double limit, lower_share;
	bool autoscale;
	double target, scale_most;
	int64_t scale_period, scale_delay;
	/* evacuation */
	bool failover, proxy, shift_first, dns_with_shift;
	int64_t decide, provision, startup, flip, shift;
	int prescale;
	double warm_spares;
	/* cache */
	int cache;
	int64_t cache_entries, cache_ttl;
	struct dist cache_read, relay_work;
	int64_t partitions, batch;
	/* store */
	int64_t nodes, points, replication, read_quorum, write_quorum, cores, store_timeout, store_detect;
	struct dist store_read, store_write;
	double link_rate;
	int64_t probe_step, writers;
};

static const struct param params[] = {
	PARAM_COUNT(struct params, regions, "3", "1", "4", "regions: Virginia, Oregon, Ireland, Ohio, in this order"),
	PARAM_CHOICE(struct params, placement, placements, "active",
		     "whether members belong to the region nearest to them, or all of them to the first"),
	PARAM_TIME(struct params, rtt_virginia_oregon, "87 ms", "0 s", "1 s", "round trip between two regions"),
	PARAM_TIME(struct params, rtt_virginia_ireland, "81 ms", "0 s", "1 s", "round trip between two regions"),
	PARAM_TIME(struct params, rtt_virginia_ohio, "12 ms", "0 s", "1 s", "round trip between two regions"),
	PARAM_TIME(struct params, rtt_oregon_ireland, "137 ms", "0 s", "1 s", "round trip between two regions"),
	PARAM_TIME(struct params, rtt_oregon_ohio, "55 ms", "0 s", "1 s", "round trip between two regions"),
	PARAM_TIME(struct params, rtt_ireland_ohio, "85 ms", "0 s", "1 s", "round trip between two regions"),
	PARAM_DIST(struct params, jitter, TIME, "exp(1 ms)", "0 s", "10 s",
		   "what a message between regions takes beyond half a round trip"),
	PARAM_DIST(struct params, last_mile, TIME, "lognormal(median=10 ms, p99=60 ms)", "0 s", "10 s",
		   "one way between a member and the nearest region"),
	PARAM_DIST(struct params, network, TIME, "lognormal(median=0.4 ms, p99=3 ms)", "0 s", "10 s",
		   "one way between two machines of a region, in different zones"),
	PARAM_TIME(struct params, timeout, "1 s", "1 ms", "10 min", "how long a client waits for an answer"),
	PARAM_COUNT(struct params, retries, "2", "0", "15", "how often a client tries again"),
	PARAM_TIME(struct params, backoff, "100 ms", "0 s", "10 min",
		   "a client waits at random up to this long before it tries again, and twice as long each time"),
	PARAM_TIME(struct params, backoff_most, "5 s", "0 s", "10 min", "the longest that such a wait gets"),
	PARAM_BOOL(struct params, budget, "on", "the retries of a region's members are kept to budget_share"),
	PARAM_RATIO(struct params, budget_share, "10 %", "0", "10", "retries for each request, in the long run"),
	PARAM_TIME(struct params, dns_ttl, "5 min", "0 s", "1 d", "how long the answer of the name service is kept"),
	PARAM_RATIO(struct params, dns_violators, "5 %", "0", "1", "members whose resolver keeps it longer"),
	PARAM_TIME(struct params, dns_violator_ttl, "30 min", "0 s", "30 d", "how long these keep it"),
	PARAM_RATE(struct params, cap_rate, "0/s", "0/s", "1 G/s",
		   "requests that a region's gateway lets in; above, it answers with an error; 0: no cap"),
	PARAM_COUNT(struct params, playback_servers, "7", "1", "10 M",
		    "servers of the playback service in a region: starts and prefetches"),
	PARAM_COUNT(struct params, catalog_servers, "8", "1", "10 M",
		    "servers of the catalogue service in a region: browsing"),
	PARAM_COUNT(struct params, queue, "100 k", "0", "1 G",
		    "requests that may wait for a server of a service; others are turned away"),
	PARAM_DIST(struct params, playback_work, TIME, "lognormal(median=150 ms, p99=450 ms)", "0 s", "1 min",
		   "time of a server for a start or a prefetch"),
	PARAM_DIST(struct params, catalog_work, TIME, "lognormal(median=90 ms, p99=280 ms)", "0 s", "1 min",
		   "time of a server for browsing on a phone or in a browser"),
	PARAM_REAL(struct params, tv_work, "1", "0.01", "100", "work of browsing on a television, times that"),
	PARAM_RATIO(struct params, standby, "100 %", "1 %", "1",
		    "with placement primary: how large the other region is kept"),
	PARAM_CHOICE(struct params, limiter, limiter_names, "off",
		     "how many requests a service has in progress at most: " LIMITER_KINDS),
	PARAM_REAL(struct params, limit, "2", "0.1", "1000",
		   "the limit, times the servers (adaptive: at the start; at most ten times that)"),
	PARAM_RATIO(struct params, lower_share, "100 %", "0", "1",
		    "prefetches are admitted while the service is below this share of its limit"),
	PARAM_BOOL(struct params, autoscale, "off", "services grow and shrink with what they do"),
	PARAM_RATIO(struct params, target, "60 %", "1 %", "1", "use of its servers that a service is sized for"),
	PARAM_REAL(struct params, scale_most, "4", "1", "100", "the largest size of a service, times its servers"),
	PARAM_TIME(struct params, scale_period, "1 min", "1 s", "1 d",
		   "how often a service's use is looked at"),
	PARAM_TIME(struct params, scale_delay, "10 min", "0 s", "1 d",
		   "until a server that the autoscaler has ordered is at work"),
	PARAM_BOOL(struct params, failover, "on", "a lost region is evacuated"),
	PARAM_BOOL(struct params, proxy, "on",
		   "its gateway passes requests on to the others; off: only the name is changed"),
	PARAM_BOOL(struct params, shift_first, "off", "traffic moves without waiting for the others to have grown"),
	PARAM_BOOL(struct params, dns_with_shift, "off",
		   "the name is changed when traffic begins to move; off: when it has moved"),
	PARAM_TIME(struct params, decide, "5 min", "0 s", "1 d", "until it is decided to evacuate"),
	PARAM_TIME(struct params, provision, "4 min", "0 s", "1 d", "until new servers are handed over"),
	PARAM_TIME(struct params, startup, "25 min", "0 s", "1 d", "until they have started and warmed up"),
	PARAM_TIME(struct params, flip, "15 s", "0 s", "1 d", "until warm spares are at work"),
	PARAM_TIME(struct params, shift, "10 min", "0 s", "1 d", "in which the gateway passes on from none to all"),
	PARAM_CHOICE(struct params, prescale, prescale_names, "demand",
		     "how much the others grow before traffic moves: not at all, all services in proportion to stream "
		     "starts, or each by its own demand"),
	PARAM_RATIO(struct params, warm_spares, "0 %", "0", "10",
		    "started servers kept aside for an evacuation, as a share of a service's servers"),
	PARAM_CHOICE(struct params, cache, farcache_names, "replicate",
		     "a cache in each region; what is written in one is dropped from, or put into, the others"),
	PARAM_COUNT(struct params, cache_entries, "100 k", "1", "100 M", "members that a region's cache holds"),
	PARAM_TIME(struct params, cache_ttl, "1 h", "0 s", "365 d", "until an entry expires; 0 s: never"),
	PARAM_DIST(struct params, cache_read, TIME, "lognormal(median=0.5 ms, p99=2 ms)", "0 s", "10 s",
		   "one read of the cache"),
	PARAM_COUNT(struct params, partitions, "10", "1", "100 k",
		    "partitions of the log through which caches are replicated, from one region to another"),
	PARAM_TIME(struct params, batch, "100 ms", "0 s", "1 min",
		   "from the first message of a batch until it is sent"),
	PARAM_DIST(struct params, relay_work, TIME, "exp(0.5 ms)", "0 s", "10 s",
		   "what the relay of a partition spends on a message: it fetches the value and sends it"),
	PARAM_COUNT(struct params, nodes, "3", "1", "10 k", "nodes of a region's store"),
	PARAM_COUNT(struct params, points, "0", "0", "1 k",
		    "points of a node on the hash ring; 0: one each, evenly, neighbours in different zones"),
	PARAM_COUNT(struct params, replication, "3", "1", "7", "copies in each region"),
	PARAM_COUNT(struct params, read_quorum, "2", "1", "7", "replicas of its region that a read waits for"),
	PARAM_COUNT(struct params, write_quorum, "2", "1", "7",
		    "acknowledgements of its region that a write waits for"),
	PARAM_COUNT(struct params, cores, "4", "1", "256", "cores of a node of the store"),
	PARAM_TIME(struct params, store_timeout, "500 ms", "1 ms", "10 min",
		   "after this a query of the store is tried once more; then it has failed"),
	PARAM_TIME(struct params, store_detect, "2 s", "0 s", "10 min",
		   "until the other nodes of the store know that one is dead"),
	PARAM_DIST(struct params, store_read, TIME, "lognormal(median=1.5 ms, p99=6 ms)", "0 s", "10 s",
		   "time of a core for a read on one replica"),
	PARAM_DIST(struct params, store_write, TIME, "exp(0.357 ms)", "0 s", "10 s",
		   "time of a core for a write on one replica"),
	PARAM_RATE(struct params, link_rate, "0/s", "0/s", "1 G/s",
		   "writes that go from one region's store to another's; 0: without limit"),
	PARAM_TIME(struct params, probe_step, "0 s", "0 s", "1 h",
		   "what is written is read in the next region this much later, times the number of the window; "
		   "0 s: not"),
	PARAM_COUNT(struct params, writers, "0", "0", "10 k",
		    "a closed loop: writers for each node of the first region's store, each with one record after the "
		    "other"),
	PARAM_END
};

enum { START, BROWSE, PREFETCH };
enum { TV };
static const char *const operations[] = {"start", "browse", "prefetch", NULL};
static const char *const homes[] = {"virginia", "oregon", "ireland", "ohio", NULL};
static const char *const devices[] = {"tv", "mobile", "web", NULL};

enum { OP, HOME, MEMBER, DEVICE };
static const struct column columns[] = {
	[OP] = {"op", COLUMN_CHOICE, operations, NULL, "start a stream, browse, or prefetch what may be started next"},
	[HOME] = {"home", COLUMN_CHOICE, homes, NULL, "the region that is nearest to the member"},
	[MEMBER] = {"member", COLUMN_KEY, NULL, NULL, "who asks"},
	[DEVICE] = {"device", COLUMN_CHOICE, devices, "tv", "what the member watches on"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

/* SPS and the three behind it: by region. */
#define METRICS(METRIC) \
	METRIC(START_TIME, start, TIME, NULL, "a stream start, until it is answered or the client gives up") \
	METRIC(BROWSE_TIME, browse, TIME, NULL, "browsing, until it is answered or the client gives up") \
	METRIC(PREFETCH_TIME, prefetch, TIME, NULL, "a prefetch, until it is answered or the client gives up") \
	METRIC(OFFERED, requests, COUNT, NULL, "requests of members") \
	METRIC(OK, ok, COUNT, NULL, "requests that were answered in time") \
	METRIC(FAILED, failed, COUNT, NULL, "requests that failed, retries included") \
	METRIC(STARTS, starts, COUNT, NULL, "stream starts that succeeded, in all regions") \
	METRIC(SPS, virginia, COUNT, NULL, "stream starts that succeeded in Virginia") \
	METRIC(OREGON, oregon, COUNT, NULL, "stream starts that succeeded in Oregon") \
	METRIC(IRELAND, ireland, COUNT, NULL, "stream starts that succeeded in Ireland") \
	METRIC(OHIO, ohio, COUNT, NULL, "stream starts that succeeded in Ohio") \
	METRIC(MISSED, missed, COUNT, NULL, "stream starts that failed") \
	METRIC(USER, user, COUNT, NULL, "requests that a member waits for: starts and browsing") \
	METRIC(USER_OK, user_ok, COUNT, NULL, "those that were answered in time") \
	METRIC(LOWER, prefetches, COUNT, NULL, "requests that nobody waits for") \
	METRIC(LOWER_OK, prefetches_ok, COUNT, NULL, "those that were answered in time") \
	METRIC(SHED, shed, COUNT, NULL, "attempts that a service did not admit") \
	METRIC(CAPPED, capped, COUNT, NULL, "attempts that a gateway refused above its cap") \
	METRIC(REFUSED, refused, COUNT, NULL, "attempts that met a region or service that is lost") \
	METRIC(TIMED_OUT, timed_out, COUNT, NULL, "attempts that a client stopped waiting for") \
	METRIC(RETRIED, retried, COUNT, NULL, "attempts after the first") \
	METRIC(PROXIED, proxied, COUNT, NULL, "attempts that a gateway passed on to another region") \
	METRIC(MISDIRECTED, misdirected, COUNT, NULL, "attempts that came to a region that is being evacuated") \
	METRIC(WORK, work, WORK, NULL, "time of servers used in regions that are up") \
	METRIC(PLAYBACK_WORK, playback_work, WORK, NULL, "that of the playback service") \
	METRIC(CATALOG_WORK, catalog_work, WORK, NULL, "that of the catalogue service") \
	METRIC(WASTED, wasted, WORK, NULL, "time of servers used for clients that had gone") \
	METRIC(SERVERS, servers, LEVEL, "servers", "servers in regions that are up") \
	METRIC(PLAYBACK_SERVERS, playback_up, LEVEL, "servers", "those of the playback service") \
	METRIC(CATALOG_SERVERS, catalog_up, LEVEL, "servers", "those of the catalogue service") \
	METRIC(WAITING, waiting, LEVEL, "requests", "attempts that wait for a server, in all regions") \
	METRIC(HITS, hits, COUNT, NULL, "reads that found the member in the region's cache") \
	METRIC(MISSES, misses, COUNT, NULL, "reads that did not") \
	METRIC(STORE_READS, store_reads, COUNT, NULL, "reads of the stores") \
	METRIC(ACKNOWLEDGED, acknowledged, COUNT, NULL, "writes acknowledged by a quorum of their region") \
	METRIC(LOST, lost, COUNT, NULL, \
	       "acknowledged writes that were left only in a lost region at the end, or nowhere") \
	METRIC(TAIL, tail, COUNT, NULL, "acknowledged writes that were in no other region when theirs was lost") \
	METRIC(LAG, lag, TIME, NULL, "from a write's acknowledgement until another region's store has it") \
	METRIC(AFTER, after, TIME, NULL, "how much later a written record was read in the next region") \
	METRIC(PROBED, probed, COUNT, NULL, "records read in the next region after they were written") \
	METRIC(STALE, stale, COUNT, NULL, "those that were not there yet") \
	METRIC(REPLICATED, replicated, COUNT, NULL, "entries put into another region's cache") \
	METRIC(REPLICATION, replication, TIME, NULL, "from a cache entry's put until another region has it") \
	METRIC(EVACUATED, evacuated, TIME, NULL, \
	       "from a region's loss until 99 % of its members' requests are served elsewhere") \
	METRIC(DRAINED, drained, TIME, NULL, \
	       "from a region's loss until 90 % of its members' requests go elsewhere by themselves") \
	METRIC(WROTE, wrote, COUNT, NULL, "records that the writers have had acknowledged")
METRIC_TABLE(metrics, METRICS);

enum { LOSE_REGION, BLACKOUT, CUT, LOSE_ZONE, LOSE_SERVICE, SLOW_SERVICE, SLOW_RELAY };
static const struct fault_kind faults[] = {
	[LOSE_REGION] = {.name = "lose", .target = "region", .help = "the region's services fail; its gateway is up"},
	[BLACKOUT] = {.name = "blackout", .target = "region",
		      .help = "nothing in the region answers, and nothing leaves it"},
	[CUT] = {.name = "cut", .target = "link", .help = "two regions do not hear of each other"},
	[LOSE_ZONE] = {.name = "lose-zone", .target = "zone",
		       .help = "a third of a region's servers and store nodes die"},
	[LOSE_SERVICE] = {.name = "fail", .target = "service", .help = "a service of a region fails"},
	[SLOW_SERVICE] = {.name = "slow", .target = "service", .factor = true,
			  .help = "a service of a region takes longer by the factor"},
	[SLOW_RELAY] = {.name = "slow-relay", .target = "partition", .factor = true,
			.help = "one partition of every cache relay is slower by the factor"},
	{.name = NULL}
};

struct netflix;

/* A member who asks for something. */
struct member {
	struct request request; /* first: a request is its member's */
	struct call call;
	uint64_t who;
	int home, region, op;   /* region: where the member belongs */
	bool tv;
};

/* One attempt of the member's client, which goes on when that has given it up. */
struct attempt {
	struct call_attempt call; /* first: an attempt of a call is its attempt */
	struct netflix *netflix;
	uint64_t id, who;
	int64_t back;             /* what an answer takes, ns */
	int64_t work, window;
	struct service_visit visit;
	int from, region, op;     /* where the member belongs, where it is served */
	struct rng rng;
	struct terminal *writer;  /* whose record is written; NULL: it is a member's */
};

/* One of those who write one record after the other. */
struct writer {
	struct terminal terminal; /* first: a terminal is its writer */
	struct attempt attempt;
};

struct region {
	struct site site;
	bool lost;                /* its services fail */
	bool dark;                /* nothing answers, and nothing leaves it */
	struct ratecap cap;       /* of the gateway */
	struct caller clients;
	struct resolver name;
};

struct netflix {
	const struct params *p;
	struct sim *sim;
	struct meters *meters;
	int regions;
	int64_t slice;            /* levels are those of the whole fleet */
	int64_t one_way[REGIONS][REGIONS];
	struct region region[REGIONS];
	struct regional_config store_config;
	struct regional store;
	struct farcache_config cache_config;
	struct farcache cache;
	struct requests requests;
	struct call_config calls;
	struct service_config services[SERVICES];
	struct site_config sites;
	struct prescale_config growth;
	struct prescale prescale;
	struct terminals writers;
	struct rng_stream work;
	struct evacuation_config plan;
	struct evacuation evacuation;
};

/* ---- where a request goes ---- */

static int service_of(int op)
{
	return op == BROWSE ? CATALOG : PLAYBACK;
}

/* The region that takes over a member of a region that is lost. */
static int elsewhere(const struct netflix *netflix, int from, uint64_t who)
{
	int candidate[REGIONS], count = 0;
	for (int r = 0; r < netflix->regions; r++)
		if (r != from && !netflix->region[r].site.down)
			candidate[count++] = r;
	return count ? candidate[rng_mix(who + 1) % (uint64_t)count] : from;
}

/* ---- a member asks ---- */

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct netflix *netflix = self;
	int home = (int)row->value[HOME], op = (int)row->value[OP];
	struct member *member = request_open(&netflix->requests, row->id, row->window, operations[op]);
	member->who = (uint64_t)row->value[MEMBER];
	member->home = home;
	member->region = netflix->p->placement == ACTIVE ? home % netflix->regions : 0;
	member->op = op;
	member->tv = row->value[DEVICE] == TV;
	meter_count(netflix->meters, OFFERED, sim->now, 1);
	meter_count(netflix->meters, op == PREFETCH ? LOWER : USER, sim->now, 1);
	call_begin(&netflix->region[member->region].clients, &member->call, &member->request.rng,
		   member->request.journey);
}

static sim_event_fn gateway_reached, service_reached, worked;

/* An attempt sets out to the region that its client takes the name for. */
static void send(void *owner, struct call_attempt *of)
{
	struct netflix *netflix = owner;
	const struct params *p = netflix->p;
	const struct member *member = HOLDER(of->call, struct member, call);
	struct region *region = &netflix->region[member->region];
	struct attempt *attempt = (struct attempt *)of;
	uint64_t id = member->request.id << 4 | (uint64_t)of->number;
	*attempt = (struct attempt){.call = *of, .netflix = netflix, .id = id, .who = member->who,
				    .from = member->region, .op = member->op, .window = member->request.window,
				    .rng = rng_of(netflix->work, id)};
	double work = dist_draw(member->op == BROWSE ? &p->catalog_work : &p->playback_work, &attempt->rng);
	attempt->work = (int64_t)(member->op == BROWSE && member->tv ? work * p->tv_work : work);
	if (of->number == 0)
		site_asked(&region->site, service_of(member->op), attempt->work, member->op == START);
	bool away = resolver_answer(&region->name, member->who, netflix->sim->now) != 0;
	int gateway = away ? elsewhere(netflix, member->region, member->who) : member->region;
	attempt->back = netflix->one_way[member->home][gateway] + dist_draw_time(&p->last_mile, &attempt->rng);
	sim_after(netflix->sim, attempt->back, gateway_reached, attempt, (uint64_t)gateway);
}

/* An error goes back to the client, unless nothing leaves the region. */
static void refuse(struct attempt *attempt, int metric)
{
	struct netflix *netflix = attempt->netflix;
	meter_count(netflix->meters, metric, netflix->sim->now, 1);
	if (netflix->region[attempt->region].dark)
		call_lost(&attempt->call);
	else
		call_refuse(&attempt->call, attempt->back);
}

/* The answer is ready in `delay` ns. */
static void answer(struct attempt *attempt, int64_t delay)
{
	if (attempt->netflix->region[attempt->region].dark)
		call_lost(&attempt->call);
	else
		call_answer(&attempt->call, delay + attempt->back);
}

static void gateway_reached(struct sim *sim, void *subject, uint64_t gateway)
{
	struct attempt *attempt = subject;
	struct netflix *netflix = attempt->netflix;
	struct region *region = &netflix->region[gateway];
	struct evacuation *evacuation = &netflix->evacuation;
	bool here = (int)gateway == evacuation->lost;
	bool passed_on = here && !region->dark && evacuation_passes_on(evacuation, attempt->who);
	attempt->region = passed_on ? elsewhere(netflix, (int)gateway, attempt->who) : (int)gateway;
	if (attempt->from == evacuation->lost)
		evacuation_saw(evacuation, !here, passed_on);
	if (here)
		meter_count(netflix->meters, MISDIRECTED, sim->now, 1);
	if (region->dark || regional_is_cut(&netflix->store, (int)gateway, attempt->region)) {
		call_lost(&attempt->call);
		return;
	}
	if (attempt->region == (int)gateway) {
		service_reached(sim, attempt, 0);
		return;
	}
	meter_count(netflix->meters, PROXIED, sim->now, 1);
	int64_t hop = netflix->one_way[gateway][attempt->region] + dist_draw_time(&netflix->p->jitter, &attempt->rng);
	journey_note_time(&attempt->call.journey, sim->now, "gateway", (int64_t)gateway, "passes it on, in", hop);
	attempt->back += hop;
	sim_after(sim, hop, service_reached, attempt, 0);
}

static void book_waiting(struct netflix *netflix)
{
	int64_t waiting = 0;
	for (int r = 0; r < netflix->regions; r++)
		for (int s = 0; s < SERVICES; s++)
			waiting += netflix->region[r].site.of[s].service.pool.waiting * netflix->slice;
	meter_level(netflix->meters, WAITING, netflix->sim->now, waiting);
}

static void service_reached(struct sim *sim, void *subject, uint64_t unused)
{
	struct attempt *attempt = subject;
	struct netflix *netflix = attempt->netflix;
	struct region *region = &netflix->region[attempt->region];
	struct service *service = &region->site.of[service_of(attempt->op)].service;
	(void)unused;
	if (service->down)
		refuse(attempt, REFUSED);
	else if (netflix->p->cap_rate > 0 && !ratecap_admits(&region->cap, sim->now))
		refuse(attempt, CAPPED);
	else if (!service_enter(service, &attempt->visit, attempt->op == PREFETCH, attempt->work, worked, attempt,
				&attempt->call.journey))
		refuse(attempt, SHED);
	book_waiting(netflix);
}

static void read_end(struct attempt *attempt, int64_t delay);

static void worked(struct sim *sim, void *subject, uint64_t unused)
{
	struct attempt *attempt = subject;
	struct netflix *netflix = attempt->netflix;
	struct region *region = &netflix->region[attempt->region];
	int number = service_of(attempt->op);
	(void)unused;
	book_waiting(netflix);
	if (!region->site.down) {
		meter_work(netflix->meters, WORK, sim->now, attempt->work);
		meter_work(netflix->meters, PLAYBACK_WORK + number, sim->now, attempt->work);
	}
	if (call_in_vain(&attempt->call))
		meter_work(netflix->meters, WASTED, sim->now, attempt->work);
	if (region->site.of[number].service.down) {
		refuse(attempt, REFUSED);
		return;
	}
	bool hit = farcache_get(&netflix->cache, attempt->region, attempt->who);
	meter_count(netflix->meters, hit ? HITS : MISSES, sim->now, 1);
	if (hit) {
		read_end(attempt, dist_draw_time(&netflix->p->cache_read, &attempt->rng));
		return;
	}
	meter_count(netflix->meters, STORE_READS, sim->now, 1);
	regional_read(&netflix->store, attempt->region, attempt->id, attempt->who, attempt, attempt->call.journey);
}

/* The member's state has been read. A start is also written down. */
static void read_end(struct attempt *attempt, int64_t delay)
{
	struct netflix *netflix = attempt->netflix;
	if (attempt->op == START)
		regional_write(&netflix->store, attempt->region, attempt->id, attempt->who,
			       netflix->p->probe_step * attempt->window, attempt, attempt->call.journey);
	else
		answer(attempt, delay);
}

/* The member's client has its answer, or gives up. */
static void call_ended(void *owner, struct call *call, enum call_end how, int64_t in,
		       const struct call_attempt *answered)
{
	struct netflix *netflix = owner;
	struct meters *meters = netflix->meters;
	struct member *member = HOLDER(call, struct member, call);
	int64_t arrival = member->request.arrival, ends = netflix->sim->now + in;
	bool ok = how == CALL_ANSWERED;
	meter_record(meters, START_TIME + member->op, arrival, ends - arrival);
	meter_count(meters, ok ? OK : FAILED, arrival, 1);
	if (ok)
		meter_count(meters, member->op == PREFETCH ? LOWER_OK : USER_OK, arrival, 1);
	if (member->op == START)
		meter_count(meters, ok ? STARTS : MISSED, arrival, 1);
	if (member->op == START && ok)
		meter_count(meters, SPS + ((const struct attempt *)answered)->region, arrival, 1);
	request_answer(&member->request, ends, ok);
}

/* ---- the data ---- */

static void write_record(void *owner, struct terminal *terminal)
{
	struct netflix *netflix = owner;
	struct writer *writer = (struct writer *)terminal;
	writer->attempt.writer = terminal;
	regional_write(&netflix->store, 0, terminal->id, rng_mix(terminal->id), 0, &writer->attempt, NULL);
}

static void store_ended(void *owner, int region, void *subject, bool write, int64_t hop, bool failed)
{
	struct netflix *netflix = owner;
	struct attempt *attempt = subject;
	if (attempt->writer) {
		terminal_answered(attempt->writer, hop, !failed);
		return;
	}
	if (failed) {
		refuse(attempt, REFUSED);
		return;
	}
	farcache_put(&netflix->cache, region, attempt->who, write);
	if (write)
		answer(attempt, hop);
	else
		read_end(attempt, hop);
}

/* ---- sizes, and the evacuation ---- */

static void book_servers(void *owner)
{
	struct netflix *netflix = owner;
	int64_t now = netflix->sim->now, up[SERVICES] = {0};
	for (int r = 0; r < netflix->regions; r++)
		for (int s = 0; s < SERVICES; s++)
			up[s] += site_servers(&netflix->region[r].site, s) * netflix->slice;
	meter_level(netflix->meters, SERVERS, now, up[PLAYBACK] + up[CATALOG]);
	meter_level(netflix->meters, PLAYBACK_SERVERS, now, up[PLAYBACK]);
	meter_level(netflix->meters, CATALOG_SERVERS, now, up[CATALOG]);
}

static void grow(void *owner, int lost)
{
	struct netflix *netflix = owner;
	prescale_order(&netflix->prescale, &netflix->region[lost].site);
}

static bool grown(void *owner)
{
	return prescale_done(&((struct netflix *)owner)->prescale);
}

static void rename_region(void *owner, int lost, bool away)
{
	struct netflix *netflix = owner;
	resolver_change(&netflix->region[lost].name, netflix->sim->now, away);
}

static void build_plan(struct netflix *netflix)
{
	const struct params *p = netflix->p;
	netflix->plan = (struct evacuation_config){.decide = p->decide, .shift = p->shift, .passes_on = p->proxy,
						 .shift_first = p->shift_first, .rename_first = p->dns_with_shift};
	evacuation_init(&netflix->evacuation, netflix->sim, &netflix->plan);
	netflix->evacuation.owner = netflix;
	netflix->evacuation.grow = grow;
	netflix->evacuation.grown = grown;
	netflix->evacuation.rename = rename_region;
	netflix->evacuation.served = (struct booking){netflix->meters, EVACUATED};
	netflix->evacuation.drained = (struct booking){netflix->meters, DRAINED};
	netflix->growth = (struct prescale_config){.kind = prescale_kinds[p->prescale], .target = p->target,
						   .spares = p->warm_spares, .warm = p->flip,
						   .cold = p->provision + p->startup};
	prescale_init(&netflix->prescale, netflix->sim, &netflix->growth);
	netflix->prescale.sites = netflix->regions;
	for (int r = 0; r < netflix->regions; r++)
		netflix->prescale.site[r] = &netflix->region[r].site;
}

/* ---- faults ---- */

static void cut(struct netflix *netflix, int a, int b, bool begins)
{
	regional_cut(&netflix->store, a, b, begins);
	farcache_cut(&netflix->cache, a, b, begins);
}

/* One region is evacuated at a time; when it is back, the next one that is lost. */
static void evacuate(struct netflix *netflix, int number)
{
	struct evacuation *evacuation = &netflix->evacuation;
	if (netflix->region[number].site.down) {
		evacuation_begin(evacuation, number);
	} else if (evacuation->lost == number) {
		evacuation_end(evacuation, number);
		prescale_end(&netflix->prescale);
		for (int r = 0; r < netflix->regions; r++)
			if (netflix->region[r].site.down)
				evacuation_begin(evacuation, r);
	}
}

static void region_lost(struct netflix *netflix, int number, bool dark, bool begins)
{
	struct region *region = &netflix->region[number];
	*(dark ? &region->dark : &region->lost) = begins;
	bool down = region->lost || region->dark, changes = down != region->site.down;
	if (changes)
		site_lose(&region->site, down);
	for (int r = 0; dark && r < netflix->regions; r++)
		if (r != number) {
			cut(netflix, number, r, begins);
			cut(netflix, r, number, begins);
		}
	netflix->store.site[number].dark = region->dark;
	if (begins && dark)
		meter_count(netflix->meters, TAIL, netflix->sim->now, (uint64_t)netflix->store.site[number].exposed);
	if (changes && netflix->p->failover)
		evacuate(netflix, number);
}

static void zone_lost(struct netflix *netflix, int region, int zone, bool begins)
{
	struct cluster *store = &netflix->store.site[region].cluster;
	for (int n = zone; n < store->config->nodes; n += SITE_ZONES)
		(begins ? cluster_kill : cluster_revive)(store, n);
	site_lose_zone(&netflix->region[region].site, begins);
}

static void fault(struct sim *sim, void *self, int kind, int64_t number, const struct fault_state *state)
{
	struct netflix *netflix = self;
	int target = (int)number;
	bool begins = state->active;
	struct service *service = &netflix->region[target / SERVICES % REGIONS].site.of[target % SERVICES].service;
	(void)sim;
	switch (kind) {
	case LOSE_REGION:
	case BLACKOUT:
		region_lost(netflix, target, kind == BLACKOUT, begins);
		break;
	case CUT:
		cut(netflix, target / REGIONS, target % REGIONS, begins);
		cut(netflix, target % REGIONS, target / REGIONS, begins);
		break;
	case LOSE_ZONE:
		zone_lost(netflix, target / SITE_ZONES, target % SITE_ZONES, begins);
		break;
	case LOSE_SERVICE:
		service->down += begins ? 1 : -1;
		break;
	case SLOW_SERVICE:
		service_slow(service, state->factor);
		break;
	case SLOW_RELAY:
		farcache_slow(&netflix->cache, target, state->factor);
		break;
	}
}

static const char *idle(const void *values, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = values;
	(void)target;
	(void)arena;
	if (kind == SLOW_RELAY && p->regions == 1)
		return "there is no other region that relays would write to (regions)";
	return kind == SLOW_RELAY && !farcache_kinds[p->cache]->relays ? "caches have no relays (cache)" : NULL;
}

/* ---- the world ---- */

static int64_t part_of(int64_t whole, int64_t slice, int64_t least)
{
	int64_t part = (whole + slice / 2) / slice;
	return part > least ? part : least;
}

/* None where a part of the fleet would be rounded: it would not have the same load. */
static double share(const void *values, int64_t slice)
{
	const struct params *p = values;
	const int64_t sizes[] = {p->playback_servers, p->catalog_servers, p->nodes,
				 farcache_kinds[p->cache]->relays && p->regions > 1 ? p->partitions : slice};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (sizes[i] % slice != 0)
			return 0;
	return p->nodes / slice < p->replication && slice > 1 ? 0 : 1.0 / (double)slice;
}

/* A link is called by both regions, in either order; the number of that from A to B is 4 A + B. */
static struct fault_targets targets(const void *values, int64_t slice, int kind, struct arena *arena)
{
	static const char *const regions[] = {"Virginia", "Oregon", "Ireland", "Ohio"};
	static const char *const zones[SITE_ZONES] = {"A", "B", "C"}, *const services[] = {"playback", "catalogue"};
	const struct params *p = values;
	if (kind == SLOW_RELAY)
		return (struct fault_targets){.count = part_of(p->partitions, slice, 1)};
	if (kind == LOSE_REGION || kind == BLACKOUT)
		return (struct fault_targets){.count = p->regions, .name = regions};
	int parts = kind == CUT ? REGIONS : kind == LOSE_ZONE ? SITE_ZONES : SERVICES;
	const char **name = ARENA_ARRAY(arena, (size_t)(REGIONS * parts), const char *);
	for (int r = 0; r < p->regions; r++)
		for (int i = 0; i < parts; i++)
			if (kind != CUT)
				name[r * parts + i] = arena_format(arena, "%s %s", regions[r],
								   kind == LOSE_ZONE ? zones[i] : services[i]);
			else if (i != r && i < p->regions)
				name[r * parts + i] = arena_format(arena, "%s - %s", regions[r], regions[i]);
	return (struct fault_targets){.count = p->regions * parts, .name = name};
}

static bool check(const void *values, struct err *err)
{
	const struct params *p = values;
	if ((p->link_rate > 0 && p->link_rate < 1) || (p->cap_rate > 0 && p->cap_rate < 1))
		return err_add(err, ERR_MODEL, NULL, "%s is less than one a second; 0/s means without limit",
			       p->link_rate > 0 && p->link_rate < 1 ? "link_rate" : "cap_rate");
	if (p->replication > p->nodes)
		return err_add(err, ERR_MODEL, NULL, "replication %lld is more than a region's store has nodes (%lld)",
			       (long long)p->replication, (long long)p->nodes);
	if (p->read_quorum > p->replication || p->write_quorum > p->replication)
		return err_add(err, ERR_MODEL, NULL, "a quorum of %lld is more than the %lld replicas",
			       (long long)(p->read_quorum > p->write_quorum ? p->read_quorum : p->write_quorum),
			       (long long)p->replication);
	return true;
}

static void build_data(struct netflix *netflix, const struct case_world *world)
{
	const struct params *p = netflix->p;
	netflix->store_config = (struct regional_config){
		.regions = netflix->regions, .jitter = &p->jitter, .rate = p->link_rate * world->share,
		.read = &p->store_read, .write = &p->store_write,
		.cluster = {.nodes = (int)part_of(p->nodes, world->slice, p->replication), .points = (int)p->points,
			    .replication = (int)p->replication, .read_quorum = (int)p->read_quorum,
			    .write_quorum = (int)p->write_quorum, .network = &p->network,
			    .node = {.cores = p->cores, .concurrency = INT32_MAX, .disk_depth = 1},
			    .timeout = p->store_timeout, .detect = p->store_detect, .hint_rate = 1}
	};
	netflix->cache_config = (struct farcache_config){
		.kind = farcache_kinds[p->cache], .regions = netflix->regions, .jitter = &p->jitter,
		.entries = part_of(p->cache_entries, world->slice, 1), .lifetime = p->cache_ttl,
		.partitions = (int)part_of(p->partitions, world->slice, 1), .batch = p->batch, .work = &p->relay_work
	};
	for (int r = 0; r < REGIONS; r++)
		for (int q = 0; q < REGIONS; q++)
			netflix->store_config.one_way[r][q] = netflix->cache_config.one_way[r][q] =
				netflix->one_way[r][q];
	regional_init(&netflix->store, world->sim, &netflix->store_config);
	netflix->store.owner = netflix;
	netflix->store.ended = store_ended;
	netflix->store.acknowledged = (struct booking){world->meters, ACKNOWLEDGED};
	netflix->store.lag = (struct booking){world->meters, LAG};
	netflix->store.probed = (struct booking){world->meters, PROBED};
	netflix->store.stale = (struct booking){world->meters, STALE};
	netflix->store.after = (struct booking){world->meters, AFTER};
	farcache_init(&netflix->cache, world->sim, &netflix->cache_config);
	netflix->cache.replicated = (struct booking){world->meters, REPLICATED};
	netflix->cache.replication = (struct booking){world->meters, REPLICATION};
	terminals_init(&netflix->writers, world->sim, NULL, "writers");
	netflix->writers.owner = netflix;
	netflix->writers.send = write_record;
	netflix->writers.answered = (struct booking){world->meters, WROTE};
	terminals_begin(&netflix->writers, p->writers * netflix->store_config.cluster.nodes, sizeof(struct writer));
}

static void build_region(struct netflix *netflix, int number, const struct case_world *world)
{
	const struct params *p = netflix->p;
	struct region *region = &netflix->region[number];
	bool spare = p->placement == PRIMARY && number > 0;
	int64_t size[] = {part_of(p->playback_servers, world->slice, 1), part_of(p->catalog_servers, world->slice, 1)};
	site_init(&region->site, world->sim, &netflix->sites, number);
	region->site.owner = netflix;
	region->site.resized = book_servers;
	for (int s = 0; s < SERVICES; s++) {
		int64_t servers = spare ? (int64_t)ceil((double)size[s] * p->standby) : size[s];
		service_init(&region->site.of[s].service, world->sim, &netflix->services[s], number, servers,
			     (int64_t)((double)size[s] * p->scale_most));
	}
	caller_init(&region->clients, world->sim, &netflix->calls, "client", sizeof(struct attempt));
	region->clients.owner = netflix;
	region->clients.send = send;
	region->clients.ended = call_ended;
	region->clients.timed_out = (struct booking){world->meters, TIMED_OUT};
	region->clients.retried = (struct booking){world->meters, RETRIED};
	double cap = p->cap_rate * world->share;
	if (cap > 0)
		ratecap_init(&region->cap, cap, cap > 1 ? cap : 1);
	resolver_init(&region->name, p->dns_ttl, p->dns_violators, p->dns_violator_ttl, 0);
}

static void *build(const struct case_world *world)
{
	struct netflix *netflix = ARENA_NEW(&world->sim->arena, struct netflix);
	const struct params *p = world->params;
	const int64_t rtt[REGIONS][REGIONS] = {
		{0, p->rtt_virginia_oregon, p->rtt_virginia_ireland, p->rtt_virginia_ohio},
		{p->rtt_virginia_oregon, 0, p->rtt_oregon_ireland, p->rtt_oregon_ohio},
		{p->rtt_virginia_ireland, p->rtt_oregon_ireland, 0, p->rtt_ireland_ohio},
		{p->rtt_virginia_ohio, p->rtt_oregon_ohio, p->rtt_ireland_ohio, 0}
	};
	*netflix = (struct netflix){.p = p, .sim = world->sim, .meters = world->meters,
				  .slice = world->slice, .regions = (int)p->regions};
	requests_init(&netflix->requests, world->sim, world->journeys, "requests", sizeof(struct member));
	for (int s = 0; s < SERVICES; s++)
		netflix->services[s] = (struct service_config){
			.name = service_names[s], .queue = p->queue, .limiter = limiter_kinds[p->limiter],
			.limit = p->limit, .share = {1, p->lower_share}, .target = p->target,
			.scale_delay = p->scale_delay
		};
	netflix->sites = (struct site_config){.services = SERVICES, .period = p->scale_period, .scales = p->autoscale};
	netflix->calls = (struct call_config){
		.timeout = p->timeout, .attempts = p->retries + 1,
		.backoff = {backoff_find("full"), p->backoff, p->backoff_most},
		.budget = p->budget ? p->budget_share : -1, .budget_most = 10, .budget_saved = 10, .fallback = -1
	};
	netflix->work = sim_stream(world->sim, "work");
	for (int r = 0; r < REGIONS; r++)
		for (int q = 0; q < REGIONS; q++)
			netflix->one_way[r][q] = rtt[r][q] / 2;
	for (int r = 0; r < netflix->regions; r++)
		build_region(netflix, r, world);
	build_data(netflix, world);
	build_plan(netflix);
	book_servers(netflix);
	return netflix;
}

static void finish(struct sim *sim, void *self)
{
	struct netflix *netflix = self;
	uint64_t lost = regional_lost(&netflix->store);
	if (lost > 0)
		meter_count(netflix->meters, LOST, sim->now, lost);
}

const struct case_study case_netflix = {
	.name = "netflix",
	.about = "streaming from several regions at once, and the evacuation of one of them",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.faults = faults,
	.served = (const struct case_served[]){{"start", "rate(starts)"},
					       {"browse", "rate(user_ok) - rate(starts)"},
					       {"prefetch", "rate(prefetches_ok)"},
					       {NULL, NULL}},
	.failures = "failed",
	.utilisation = "rate(work) / mean(servers)",
	.used = "servers, of all regions",
	.check = check,
	.share = share,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
	.targets = targets,
	.finish = finish};
