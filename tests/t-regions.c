/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts that services in several regions are made of: each against what can be worked out by hand, or against a
 * simple program that does the same without events.
 */
#include "model/autoscaler.h"
#include "model/evacuation.h"
#include "model/farcache.h"
#include "model/ratecap.h"
#include "model/regional.h"
#include "model/resolver.h"
#include "books.h"
#include "tap.h"

static const int64_t ms = 1000000, second = 1000000000;

/* Lets everything happen that is scheduled. */
static void run(struct sim *sim)
{
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	sim_close(sim);
}

static struct sim *world(void)
{
	return sim_new(7, 0);
}

/* ---- links ---- */

enum { MESSAGES = 400 };

struct post {
	struct link link;
	int64_t sent[MESSAGES], arrived[MESSAGES];
	int times[MESSAGES];
};

static void delivered(struct sim *sim, void *subject, uint64_t number)
{
	struct post *post = subject;
	post->arrived[number] = sim->now;
	post->times[number]++;
}

static void post_one(struct sim *sim, void *subject, uint64_t number)
{
	struct post *post = subject;
	post->sent[number] = sim->now;
	link_send(&post->link, delivered, post, number);
}

static void begin_cut(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	link_cut(&((struct post *)subject)->link);
}

static void end_cut(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	link_mend(&((struct post *)subject)->link);
}

/* How many messages arrived when the naive program says: leave one after the other, travel for the same time. */
static int on_time(const struct post *post, int64_t interval, int64_t one_way)
{
	int64_t free_at = 0;
	int right = 0;
	for (int i = 0; i < MESSAGES; i++) {
		free_at = (free_at > post->sent[i] ? free_at : post->sent[i]) + interval;
		right += post->arrived[i] == free_at + one_way;
	}
	return right;
}

static void check_links(void)
{
	struct sim *sim = world();
	static struct post post;
	struct rng rng = rng_seed(3);
	struct rng_stream stream = sim_stream(sim, "test");
	int64_t at = 0;
	link_init(&post.link, sim, 40 * ms, NULL, 1000, stream, 0);
	for (int i = 0; i < MESSAGES; i++)
		sim_at(sim, at += (int64_t)(rng_exp(&rng) * 0.9e6), post_one, &post, (uint64_t)i);
	run(sim);
	is_int(on_time(&post, ms, 40 * ms), MESSAGES,
	       "a link of 1000/s sends one after the other, and each takes one way");
	ok(on_time(&post, ms, 41 * ms) < MESSAGES, "canary: another way is told apart");
	is_int(post.link.flying, 0, "nothing is under way at the end");
	sim_free(sim);

	sim = world();
	post = (struct post){0};
	link_init(&post.link, sim, 40 * ms, NULL, 0, stream, 0);
	for (int i = 0; i < 100; i++)
		sim_at(sim, i * ms, post_one, &post, (uint64_t)i);
	sim_at(sim, 60 * ms + 1, begin_cut, &post, 0);
	sim_at(sim, 200 * ms, end_cut, &post, 0);
	run(sim);
	int before = 0, after = 0, once = 0;
	for (int i = 0; i < 100; i++) {
		before += post.arrived[i] == i * ms + 40 * ms;
		after += post.arrived[i] == 240 * ms;
		once += post.times[i] == 1;
	}
	is_int(before, 21, "what had arrived before the cut had arrived");
	is_int(after, 79, "what was under way, or sent meanwhile, is sent again when the link is whole");
	is_int(once, 100, "everything arrives once");
	is_int(post.link.kept, 0, "and nothing is kept");
	sim_free(sim);

	struct dist jitter = {.kind = DIST_EXP, .scale = 5e6};
	sim = world();
	post = (struct post){0};
	link_init(&post.link, sim, 40 * ms, &jitter, 0, stream, 0);
	for (int i = 0; i < MESSAGES; i++)
		sim_at(sim, i * 100 * ms, post_one, &post, (uint64_t)i);
	run(sim);
	double sum = 0;
	int early = 0;
	for (int i = 0; i < MESSAGES; i++) {
		sum += (double)(post.arrived[i] - post.sent[i]);
		early += post.arrived[i] - post.sent[i] < 40 * ms;
	}
	near_to(sum / MESSAGES / 1e6, 45, 0.8, "one way and the mean of the jitter");
	is_int(early, 0, "nothing is faster than one way");
	sim_free(sim);
}

/* ---- caps ---- */

/* A cap against a bucket of tokens that is filled evenly, in integers: 1000/s, a burst of 5. */
static void check_cap(void)
{
	struct ratecap cap;
	struct rng rng = rng_seed(11);
	ratecap_init(&cap, 1000, 5);
	int64_t now = 0, level = 5 * ms, filled = 0;
	int differ = 0, admitted = 0, canary = 0;
	for (int i = 0; i < 20000; i++) {
		now += (int64_t)(rng_exp(&rng) * 0.6e6);
		level += now - filled;
		filled = now;
		if (level > 5 * ms)
			level = 5 * ms;
		bool naive = level >= ms, got = ratecap_admits(&cap, now);
		level -= naive ? ms : 0;
		differ += naive != got;
		canary += !naive;
		admitted += got;
	}
	is_int(differ, 0, "a cap admits what a bucket of tokens does");
	ok(canary > 5000, "canary: and refuses %d", canary);
	near_to((double)admitted / ((double)now / 1e9), 1000, 10, "at its rate");
}

/* ---- caches ---- */

enum { KEYS = 60, CAPACITY = 20 };

static void check_cache(void)
{
	struct arena arena;
	struct cache cache, smaller;
	arena_init(&arena);
	cache_init(&cache, &arena, CAPACITY, 500);
	cache_init(&smaller, &arena, CAPACITY - 1, 500);
	struct {
		bool in;
		int64_t expires, used;
	} naive[KEYS] = {{0}};
	struct rng rng = rng_seed(2);
	int differ = 0, hits = 0, canary = 0;
	for (int64_t now = 0; now < 50000; now++) {
		uint64_t key = rng_below(&rng, rng_below(&rng, KEYS) + 1);
		uint64_t what = rng_below(&rng, 10);
		if (what == 0) {
			cache_drop(&cache, key);
			cache_drop(&smaller, key);
			naive[key].in = false;
			continue;
		}
		bool expected = naive[key].in && now < naive[key].expires, got = cache_get(&cache, key, now);
		differ += expected != got;
		hits += got;
		canary += expected != cache_get(&smaller, key, now);
		if (expected)
			naive[key].used = now;
		else
			naive[key].in = false;
		if (got)
			continue;
		int count = 0, oldest = -1;
		for (int k = 0; k < KEYS; k++) {
			if (!naive[k].in)
				continue;
			count++;
			if (oldest < 0 || naive[k].used < naive[oldest].used)
				oldest = k;
		}
		if (count == CAPACITY)
			naive[oldest].in = false;
		naive[key].in = true;
		naive[key].expires = now + 500;
		naive[key].used = now;
		cache_put(&cache, key, now);
		cache_put(&smaller, key, now);
	}
	is_int(differ, 0, "a cache holds what a list sorted by use does");
	ok(hits > 10000, "of %d hits", hits);
	ok(canary > 100, "canary: one place less is told apart, %d times", canary);
	arena_free(&arena);
}

/* ---- relays ---- */

struct relayed {
	struct sim *sim;
	int64_t left[MESSAGES];
	int count;
};

static void relayed_one(void *owner, uint64_t key, int64_t sent)
{
	struct relayed *relayed = owner;
	(void)sent;
	relayed->left[key] = relayed->sim->now;
	relayed->count++;
}

static void relay_one(struct sim *sim, void *subject, uint64_t key)
{
	(void)sim;
	relay_send(subject, key);
}

static int relayed_on_time(const struct relay *relay, const struct relayed *relayed, int64_t batch, int64_t work,
			   int64_t gap)
{
	int right = 0;
	for (int p = 0; p < relay->partitions; p++) {
		int64_t free_at = 0;
		for (int i = 0; i < MESSAGES;) {
			if (relay_partition_of(relay, (uint64_t)i) != p) {
				i++;
				continue;
			}
			int64_t closes = i * gap + batch, count = 0;
			int first = i;
			for (; i < MESSAGES && i * gap <= closes; i++)
				count += relay_partition_of(relay, (uint64_t)i) == p;
			free_at = (free_at > closes ? free_at : closes) + count * work;
			for (int k = first; k < i; k++)
				right += relay_partition_of(relay, (uint64_t)k) == p && relayed->left[k] == free_at;
		}
	}
	return right;
}

static void check_relay(void)
{
	struct sim *sim = world();
	static struct relayed relayed;
	struct relay relay;
	struct dist work = dist_const(3e6);
	relayed.sim = sim;
	relay_init(&relay, sim, 4, 50 * ms, &work, sim_stream(sim, "test"));
	relay.owner = &relayed;
	relay.hand_over = relayed_one;
	for (int i = 0; i < MESSAGES; i++)
		sim_at(sim, i * ms, relay_one, &relay, (uint64_t)i);
	run(sim);
	is_int(relayed.count, MESSAGES, "every message is handed over, once");
	is_int(relayed_on_time(&relay, &relayed, 50 * ms, 3 * ms, ms), MESSAGES,
	       "when its batch has closed, and those before it are done");
	ok(relayed_on_time(&relay, &relayed, 50 * ms, 4 * ms, ms) < MESSAGES, "canary: other work is told apart");
	sim_free(sim);
}

/* ---- autoscalers ---- */

static void check_autoscaler(void)
{
	struct autoscaler scaler;
	autoscaler_init(&scaler, 10, 1, 100, 0.5, 5 * second, 0.1);
	is_int(autoscaler_step(&scaler, 0, 5), 10, "at its target it stays");
	is_int(autoscaler_step(&scaler, second, 10), 10, "more use, and servers are ordered");
	is_int(scaler.ordered, 10, "as many as bring it back to its target");
	is_int(autoscaler_step(&scaler, 2 * second, 10), 10, "not twice");
	is_int(scaler.ordered, 10, "because they are on their way");
	is_int(autoscaler_step(&scaler, 5 * second, 10), 10, "they are not there early");
	is_int(autoscaler_step(&scaler, 6 * second, 10), 20, "they are there after the delay");
	is_int(autoscaler_step(&scaler, 7 * second, 1), 18, "less use, and a tenth is given back");
	int64_t servers = 18;
	for (int i = 8; i < 60; i++)
		servers = autoscaler_step(&scaler, i * second, 1);
	is_int(servers, 2, "until the target is reached");
	is_int(autoscaler_order(&scaler, 60 * second, 1000, 0), 98, "no more than the most is ordered");
	is_int(autoscaler_take(&scaler, 60 * second), 100, "and what needs no time is there");
	scaler.least = 50;
	for (int i = 61; i < 200; i++)
		servers = autoscaler_step(&scaler, i * second, 0);
	is_int(servers, 50, "no fewer than the least are left");
}

/* ---- names ---- */

static double believers(const struct resolver *resolver, int64_t now)
{
	int count = 0;
	for (uint64_t client = 0; client < 20000; client++)
		count += resolver_answer(resolver, client, now) == 0;
	return count / 20000.0;
}

static void check_resolver(void)
{
	struct resolver resolver;
	const int64_t minute = 60 * second;
	resolver_init(&resolver, 5 * minute, 0.05, 30 * minute, 0);
	resolver_change(&resolver, 100 * minute, 1);
	near_to(believers(&resolver, 100 * minute - 1), 1, 0, "before the change all believe in the old answer");
	near_to(believers(&resolver, 102 * minute), 0.95 * 0.6 + 0.05 * 28 / 30, 0.01,
		"two fifths of the lifetime later, three fifths of them, and the violators");
	near_to(believers(&resolver, 105 * minute + 1), 0.05 * 25 / 30, 0.005, "after it, violators only");
	near_to(believers(&resolver, 130 * minute + 1), 0, 0, "after theirs, nobody");
	resolver_change(&resolver, 200 * minute, 0);
	near_to(believers(&resolver, 240 * minute), 1, 0, "and all again when it is changed back");
	int steady = 0;
	for (uint64_t client = 0; client < 100; client++) {
		int changes = 0, last = 0;
		for (int64_t t = 99 * minute; t < 150 * minute; t += second) {
			int answer = resolver_answer(&resolver, client, t);
			changes += answer != last;
			last = answer;
		}
		steady += changes == 1;
	}
	is_int(steady, 100, "each client changes its belief once");
	resolver_init(&resolver, 0, 0, 0, 3);
	resolver_change(&resolver, minute, 4);
	is_int(resolver_answer(&resolver, 1, minute - 1), 3, "without a lifetime the answer holds until it changes");
	is_int(resolver_answer(&resolver, 1, minute), 4, "to the nanosecond");
}

/* ---- pools that grow, rings that are even ---- */

static void count_one(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	++*(int *)subject;
}

static void check_resize(void)
{
	struct sim *sim = world();
	struct pool pool;
	int done = 0;
	pool_init(&pool, sim, "pool", -1, 2, -1);
	for (int i = 0; i < 10; i++)
		pool_enter(&pool, second, count_one, &done, 0, NULL);
	is_int(pool.waiting, 8, "two are served, eight wait");
	pool_resize(&pool, 5);
	is_int(pool.waiting, 5, "three more servers take three of them at once");
	pool_resize(&pool, 1);
	is_int(pool.busy, 5, "fewer servers let those in service end");
	run(sim);
	is_int(done, 10, "all are served");
	is_int(sim->now / second, 6, "five at once, then one after the other");
	sim_free(sim);

	struct arena arena;
	struct ring ring;
	arena_init(&arena);
	ring_init(&ring, &arena, 12, 0, 3);
	int owned[12] = {0}, zones = 0;
	for (uint64_t key = 0; key < 120000; key++) {
		const uint16_t *owner = ring_owners(&ring, key);
		owned[owner[0]]++;
		zones += owner[0] % 3 != owner[1] % 3 && owner[1] % 3 != owner[2] % 3 && owner[0] % 3 != owner[2] % 3;
	}
	int least = owned[0], most = owned[0];
	for (int i = 1; i < 12; i++) {
		least = owned[i] < least ? owned[i] : least;
		most = owned[i] > most ? owned[i] : most;
	}
	ok(least > 9500 && most < 10500, "an even ring gives each node its twelfth: %d to %d of 120000", least, most);
	is_int(zones, 120000, "and each key to three zones");
	ring_init(&ring, &arena, 12, 1, 3);
	for (int i = 0; i < 12; i++)
		owned[i] = 0;
	for (uint64_t key = 0; key < 120000; key++)
		owned[*ring_owners(&ring, key)]++;
	most = 0;
	for (int i = 0; i < 12; i++)
		most = owned[i] > most ? owned[i] : most;
	ok(most > 15000, "canary: points at random do not: %d", most);
	arena_free(&arena);
}

/* ---- a store in several regions ---- */

struct shop {
	struct regional store;
	struct meters books;
	int ended, failed;
};

enum { ACKNOWLEDGED, PROBED, STALE };
enum { LAG };

static void shop_ended(void *owner, int region, void *subject, bool write, int64_t hop, bool failed)
{
	struct shop *shop = owner;
	(void)region;
	(void)subject;
	(void)write;
	(void)hop;
	shop->ended++;
	shop->failed += failed;
}

static void shop_write(struct sim *sim, void *subject, uint64_t number)
{
	struct shop *shop = subject;
	(void)sim;
	regional_write(&shop->store, 0, number, number, number % 2 ? 30 * ms : 60 * ms, NULL, NULL);
}

static void shop_dark(struct sim *sim, void *subject, uint64_t dark)
{
	struct shop *shop = subject;
	(void)sim;
	shop->store.site[0].dark = dark;
	for (int r = 1; r < 3; r++)
		regional_cut(&shop->store, 0, r, dark);
}

/*
 * 100 writes, one each 10 ms, at 40 and 50 ms from two others; the region goes dark at `dark`, and is back at `back`.
 */
static void shop_run(struct shop *shop, int64_t dark, int64_t back)
{
	static struct dist hop, work;
	static struct regional_config config;
	hop = dist_const(0.5e6);
	work = dist_const(1e6);
	config = (struct regional_config){
		.regions = 3, .read = &work, .write = &work,
		.cluster = {.nodes = 3, .points = 0, .replication = 3, .read_quorum = 2, .write_quorum = 2,
			    .node = {.cores = 4, .concurrency = 1000, .disk_depth = 1}, .network = &hop,
			    .timeout = second, .detect = second, .hint_rate = 1},
		.one_way = {{0, 40 * ms, 50 * ms}, {40 * ms, 0, 60 * ms}, {50 * ms, 60 * ms, 0}}
	};
	struct sim *sim = world();
	*shop = (struct shop){0};
	regional_init(&shop->store, sim, &config);
	shop->store.owner = shop;
	shop->store.ended = shop_ended;
	books_open(&shop->books, &sim->arena);
	shop->store.acknowledged = book_count(&shop->books, ACKNOWLEDGED);
	shop->store.probed = book_count(&shop->books, PROBED);
	shop->store.stale = book_count(&shop->books, STALE);
	shop->store.lag = book_time(&shop->books, LAG);
	for (int i = 0; i < 100; i++)
		sim_at(sim, i * 10 * ms, shop_write, shop, (uint64_t)i);
	if (dark > 0)
		sim_at(sim, dark, shop_dark, shop, 1);
	if (back > 0)
		sim_at(sim, back, shop_dark, shop, 0);
	run(sim);
	meters_end(&shop->books, sim->now);
}

static void check_regional(void)
{
	static struct shop shop;
	shop_run(&shop, 0, 0);
	is_int(counted(&shop.books, ACKNOWLEDGED), 100, "all writes are acknowledged in their region");
	is_int((long long)timed(&shop.books, LAG)->count, 200, "and reach both others");
	/* Both begin together and take as long within a region: what is left between them is the way. */
	is_int((long long)timed(&shop.books, LAG)->sum, 100 * (40 + 50) * ms, "one way after they were acknowledged");
	is_int(counted(&shop.books, STALE), 50, "read before that in the next region, all are stale");
	is_int(counted(&shop.books, PROBED), 100, "after it, none");
	is_int((long long)regional_lost(&shop.store), 0, "nothing is lost");
	is_int(shop.store.site[0].exposed, 0, "nothing is left in one region only");
	sim_free(shop.store.sim);

	/* At 505 ms: acknowledged by then are those sent until 500 ms; elsewhere are those sent until 460 ms. */
	shop_run(&shop, 505 * ms, 0);
	int known = (int)counted(&shop.books, ACKNOWLEDGED), lost = (int)regional_lost(&shop.store);
	ok(known >= 50 && known <= 51, "a dark region acknowledges nothing more: %d", known);
	ok(lost >= 3 && lost <= 5, "what it had not sent is lost, a way's worth of writes: %d", lost);
	is_int(shop.ended, 100, "every query ends");
	sim_free(shop.store.sim);

	shop_run(&shop, 505 * ms, 2 * second);
	is_int((long long)regional_lost(&shop.store), 0, "if it comes back, nothing is lost");
	sim_free(shop.store.sim);
}

/* ---- caches in several regions ---- */

static void farcache_setup(struct farcache *farcache, struct sim *sim, struct farcache_config *config,
			   const char *name, const struct dist *work)
{
	const struct farcache_kind *kind = NULL;
	for (int i = 0; farcache_names[i]; i++)
		kind = strcmp(farcache_names[i], name) == 0 ? farcache_kinds[i] : kind;
	CHECK(kind && strcmp(kind->name, name) == 0);
	*config = (struct farcache_config){
		.kind = kind, .regions = 2, .entries = 100, .lifetime = 0, .partitions = 1, .batch = 10 * ms,
		.work = work, .one_way = {{0, 40 * ms}, {40 * ms, 0}}
	};
	farcache_init(farcache, sim, config);
}

static void check_farcache(void)
{
	static struct farcache farcache;
	static struct farcache_config config;
	struct dist work = dist_const(1e6);
	struct sim *sim = world();
	farcache_setup(&farcache, sim, &config, "invalidate", &work);
	farcache_put(&farcache, 0, 1, false);
	farcache_put(&farcache, 1, 1, false);
	run(sim);
	ok(farcache_get(&farcache, 0, 1) && farcache_get(&farcache, 1, 1), "what is only read stays in both caches");
	farcache_put(&farcache, 0, 1, true);
	ok(farcache_get(&farcache, 1, 1), "news takes its time");
	run(sim);
	ok(farcache_get(&farcache, 0, 1) && !farcache_get(&farcache, 1, 1),
	   "what is written in one is dropped from the other");
	sim_free(sim);

	sim = world();
	farcache_setup(&farcache, sim, &config, "replicate", &work);
	farcache_put(&farcache, 0, 1, false);
	run(sim);
	ok(farcache_get(&farcache, 1, 1), "what is put into one is put into the other");
	is_int(sim->now, 51 * ms, "a batch, its work, and one way later");
	ok(!farcache_get(&farcache, 1, 2), "canary: what was not put is not there");
	sim_free(sim);

	sim = world();
	farcache_setup(&farcache, sim, &config, "off", &work);
	farcache_put(&farcache, 0, 1, true);
	ok(!farcache_get(&farcache, 0, 1), "without a cache nothing is found");
	sim_free(sim);
}

/* ---- evacuations ---- */

struct site {
	struct evacuation evacuation;
	struct meters books;
	int64_t grown_at, decided, renamed, back, served, drained;
};

static void site_grow(void *owner, int lost)
{
	struct site *site = owner;
	site->decided = site->evacuation.sim->now;
	CHECK(lost == 2);
}

static bool site_grown(void *owner)
{
	struct site *site = owner;
	return site->evacuation.sim->now >= site->grown_at;
}

static void site_rename(void *owner, int lost, bool away)
{
	struct site *site = owner;
	(void)lost;
	*(away ? &site->renamed : &site->back) = site->evacuation.sim->now;
}

/* Every second a hundred clients ask; once the name is changed, all at once, they go elsewhere by themselves. */
static void site_asked(struct sim *sim, void *subject, uint64_t left)
{
	struct site *site = subject;
	for (uint64_t client = 0; client < 100; client++) {
		bool direct = site->renamed >= 0;
		evacuation_saw(&site->evacuation, direct, !direct && evacuation_passes_on(&site->evacuation, client));
	}
	if (left > 0)
		sim_after(sim, second, site_asked, site, left - 1);
}

static void site_back(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	evacuation_end(&((struct site *)subject)->evacuation, 2);
}

static void site_run(struct site *site, const struct evacuation_config *config, int64_t back)
{
	struct sim *sim = world();
	*site = (struct site){.grown_at = 100 * second, .decided = -1, .renamed = -1, .back = -1};
	evacuation_init(&site->evacuation, sim, config);
	site->evacuation.owner = site;
	site->evacuation.grow = site_grow;
	site->evacuation.grown = site_grown;
	site->evacuation.rename = site_rename;
	books_open(&site->books, &sim->arena);
	site->evacuation.served = book_time(&site->books, 0);
	site->evacuation.drained = book_time(&site->books, 1);
	evacuation_begin(&site->evacuation, 2);
	evacuation_begin(&site->evacuation, 1); /* while another is under way: nothing */
	sim_after(sim, second / 2, site_asked, site, 400);
	sim_after(sim, back, site_back, site, 0);
	run(sim);
	meters_end(&site->books, sim->now);
	site->served = timed(&site->books, 0)->greatest;
	site->drained = timed(&site->books, 1)->greatest;
	sim_free(sim);
}

static void check_evacuation(void)
{
	static struct site site;
	struct evacuation_config config = {.decide = 30 * second, .shift = 60 * second, .passes_on = true};
	site_run(&site, &config, 400 * second);
	is_int(site.decided / second, 30, "it is decided");
	is_int(site.renamed / second, 160, "traffic moves when the others have grown, and then the name is changed");
	is_int(site.served / second, 170, "served elsewhere ten seconds later, when it is looked at");
	is_int(site.drained / second, 170, "and by themselves");
	is_int(site.back / second, 400, "the name is changed back when the site is");
	config.rename_first = true;
	site_run(&site, &config, 400 * second);
	is_int(site.renamed / second, 100, "the name may be changed first");
	config.shift_first = true;
	site_run(&site, &config, 400 * second);
	is_int(site.renamed / second, 30, "and traffic may move before the others have grown");
	config = (struct evacuation_config){.decide = 30 * second, .shift = 60 * second};
	site_run(&site, &config, 400 * second);
	is_int(site.renamed / second, 100, "without passing on there is only the name");
	site_run(&site, &config, 20 * second);
	is_int(site.decided, -1, "a site that is back before it is decided is not evacuated");
	is_int(site.renamed, -1, "nor its name changed");
}

int main(void)
{
	check_links();
	check_cap();
	check_cache();
	check_relay();
	check_autoscaler();
	check_resolver();
	check_resize();
	check_regional();
	check_farcache();
	check_evacuation();
	return done_testing();
}
