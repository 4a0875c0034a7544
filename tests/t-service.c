/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Services: limiters by enumeration, waiting against Erlang's formula, what is dropped, slowed and paused to the
 * nanosecond; and, called as clients call, what a retry storm is and what ends one.
 */
#include "base/holder.h"
#include "model/call.h"
#include "model/service.h"
#include "tap.h"

static const int64_t ms = 1000000, second = 1000000000;

/* ---- limiters ---- */

static struct limiter limiter_of(struct arena *arena, const struct limiter_kind *kind, double limit, double most)
{
	struct limiter limiter;
	limiter_init(&limiter, arena, kind, limit, most);
	return limiter;
}

static int admitted(struct limiter *limiter, int tries, double share)
{
	int count = 0;
	for (int i = 0; i < tries; i++)
		count += limiter_enter(limiter, share);
	return count;
}

static void check_limiters(void)
{
	struct arena arena;
	arena_init(&arena);
	for (int i = 0; limiter_kinds[i] || limiter_names[i]; i++) { /* what every kind owes */
		struct limiter limiter = limiter_of(&arena, limiter_kinds[i], 10, 1000);
		is_text(limiter_kinds[i]->name, limiter_names[i], "%s is listed by its name", limiter_names[i]);
		ok(limiter_enter(&limiter, 1) && limiter.flying == 1, "with nothing in progress it admits");
		for (int k = 0; k < 1000; k++) {
			limiter_leave(&limiter, 10 * ms);
			CHECK(limiter_enter(&limiter, 1));
		}
		ok(limiter.limit >= 1 && limiter.limit <= 1000, "its limit stays within its bounds: %g", limiter.limit);
	}
	struct limiter limiter = limiter_of(&arena, &limiter_fixed, 10, 10);
	is_int(admitted(&limiter, 20, 0.5), 5, "a lower class is admitted up to its share");
	is_int(admitted(&limiter, 20, 1), 5, "the highest one up to the limit");
	limiter_leave(&limiter, ms);
	ok(!limiter_enter(&limiter, 0.5), "the lower one waits until all in progress are below its share");
	ok(limiter_enter(&limiter, 1), "the highest one does not");
	limiter_resize(&limiter, 14);
	is_int(admitted(&limiter, 20, 1), 4, "a fixed limit grows with what is limited");
	limiter = limiter_of(&arena, &limiter_off, 1, 1);
	is_int(admitted(&limiter, 1000, 0), 1000, "without a limiter all are admitted");

	/*
	 * c servers of 10 ms that are always offered enough: what is admitted takes 10 ms, or limit / c times that. The
	 * limit settles where limit * (1 - gradient) = sqrt(limit): for c = 100 at (c + sqrt(c + ...)), the root of
	 * limit = c + sqrt(limit).
	 */
	const double c = 100;
	limiter = limiter_of(&arena, &limiter_adaptive, 10, 10000);
	for (int i = 0; i < 200000; i++) {
		double took = limiter.limit > c ? 10 * limiter.limit / c : 10;
		CHECK(limiter_enter(&limiter, 1));
		limiter_leave(&limiter, (int64_t)(took * 1e6));
	}
	double root = (1 + sqrt(1 + 4 * c)) / 2;
	near_to(limiter.limit, root * root, 0.5, "an adaptive limit settles a little above the servers");
	double settled = limiter.limit;
	for (int i = 0; i < 2000; i++) {
		CHECK(limiter_enter(&limiter, 1));
		limiter_leave(&limiter, 100 * ms);
	}
	ok(limiter.limit < settled / 2, "and falls when everything takes ten times as long: %.1f to %.1f", settled,
	   limiter.limit);
	arena_free(&arena);
}

/* ---- a service ---- */

enum { VISITS = 200000 };

struct shop {
	struct sim *sim;
	struct service service;
	struct rng gaps, works;
	int64_t gap, work; /* means, ns */
	int left, shed, done;
	int64_t sum;       /* of the times that visits took */
};

struct visitor {
	struct shop *shop;
	struct service_visit visit;
	int class;      /* of one that comes later on */
	int64_t left;   /* ns; when it was done */
};

static void served(struct sim *sim, void *subject, uint64_t unused)
{
	struct visitor *visitor = subject;
	(void)unused;
	visitor->shop->done++;
	visitor->left = sim->now;
	visitor->shop->sum += sim->now - visitor->visit.entered;
}

static struct visitor *visitor_enters(struct shop *shop, int class, int64_t work)
{
	struct visitor *visitor = ARENA_NEW(&shop->sim->arena, struct visitor);
	visitor->shop = shop;
	shop->shed += !service_enter(&shop->service, &visitor->visit, class, work, served, visitor, NULL);
	return visitor;
}

static void next_visitor(struct sim *sim, void *subject, uint64_t unused)
{
	struct shop *shop = subject;
	(void)unused;
	visitor_enters(shop, 0, (int64_t)(rng_exp(&shop->works) * (double)shop->work));
	if (--shop->left > 0)
		sim_after(sim, (int64_t)(rng_exp(&shop->gaps) * (double)shop->gap), next_visitor, shop, 0);
}

static void run(struct sim *sim)
{
	sim_open(sim); /* until nothing is left to happen */
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
}

static const struct service_config plain = {
	.name = "shop", .queue = -1, .limiter = &limiter_off, .limit = 1, .share = {1, 0.5}, .target = 0.6,
	.scale_delay = 60000000000
};

static struct shop shop_open(const struct service_config *config, int64_t servers)
{
	struct shop shop = {.sim = sim_new(5, 0), .gaps = rng_seed(1), .works = rng_seed(2)};
	service_init(&shop.service, shop.sim, config, -1, servers, 100);
	return shop;
}

/* ---- who is next ---- */

enum { COMING = 6 };
static const int64_t apart = 1000000, takes = 2500000; /* ns: between arrivals, and the work of each */

static void comes(struct sim *sim, void *subject, uint64_t unused)
{
	struct visitor *visitor = subject;
	struct shop *shop = visitor->shop;
	(void)sim;
	(void)unused;
	CHECK(service_enter(&shop->service, &visitor->visit, visitor->class, takes, served, visitor, NULL));
}

/* When each is done: of those that are there when the server is free, the first of the least class is taken. */
static void expect_order(const int *class, bool by_class, int64_t *left)
{
	bool taken[COMING] = {false};
	int64_t now = 0;
	for (int round = 0; round < COMING; round++) {
		int next = -1;
		for (int i = 0; i < COMING && (i * apart <= now || next < 0); i++)
			if (!taken[i] && (next < 0 || (by_class && class[i] < class[next])))
				next = i;
		now = (now > next * apart ? now : next * apart) + takes;
		left[next] = now;
		taken[next] = true;
	}
}

/* All orders in which requests of three classes can come, one after the other while a server is busy. */
static void check_order(void)
{
	int wrong = 0, unlike = 0, all = 1;
	for (int i = 0; i < COMING; i++)
		all *= 3;
	for (int code = 0; code < 2 * all; code++) {
		struct service_config config = plain;
		config.by_class = code % 2;
		struct shop shop = shop_open(&config, 1);
		struct visitor visitor[COMING];
		int class[COMING];
		int64_t left[COMING], other[COMING];
		for (int i = 0, rest = code / 2; i < COMING; i++, rest /= 3) {
			class[i] = rest % 3;
			visitor[i] = (struct visitor){.shop = &shop, .class = class[i]};
			sim_after(shop.sim, i * apart, comes, &visitor[i], 0);
		}
		run(shop.sim);
		expect_order(class, config.by_class, left);
		expect_order(class, !config.by_class, other);
		for (int i = 0; i < COMING; i++) {
			wrong += visitor[i].left != left[i];
			unlike += left[i] != other[i];
		}
		sim_free(shop.sim);
	}
	is_int(wrong, 0, "who waits is served in order of arrival, or of class and arrival, and nobody is interrupted");
	ok(unlike > all, "canary: these are not the same");
}

/* Erlang's C: the share of the customers of M/M/c that wait, at an offered load of a. */
static double erlang_c(int c, double a)
{
	double term = 1, sum = 0;
	for (int k = 0; k < c; k++) {
		sum += term;
		term *= a / (k + 1);
	}
	double all_busy = term * c / (c - a);
	return all_busy / (sum + all_busy);
}

static void check_waiting(void)
{
	struct shop shop = shop_open(&plain, 3);
	shop.gap = 10 * ms;
	shop.work = 24 * ms;
	shop.left = VISITS;
	sim_at(shop.sim, 0, next_visitor, &shop, 0);
	run(shop.sim);
	double wait = erlang_c(3, 2.4) * 24 / (3 - 2.4);
	near_to((double)shop.sum / VISITS / 1e6, wait + 24, 2,
		"three servers used to 80 %% make customers wait %.1f ms", wait);
	near_to(service_look(&shop.service, shop.sim->now, false), 2.4, 0.03, "and 2.4 of them are at work");
	is_int(shop.done, VISITS, "all are done");
	sim_free(shop.sim);
}

static void check_shedding(void)
{
	struct service_config config = plain;
	config.limiter = &limiter_fixed;
	config.limit = 5;
	config.queue = 6;
	struct shop shop = shop_open(&config, 2);
	for (int i = 0; i < 20; i++)
		visitor_enters(&shop, 1, ms);
	is_int(shop.shed, 15, "the lower class may fill half of a limit of five for each of two servers");
	for (int i = 0; i < 20; i++)
		visitor_enters(&shop, 0, ms);
	is_int(shop.shed, 15 + 17, "the other one what the queue holds, which is less than the limit");
	is_int(shop.service.limiter.flying, 8, "who found no place in the queue is not in progress");
	run(shop.sim);
	is_int(shop.done, 8, "who was admitted is served");
	is_int(shop.service.limiter.flying, 0, "and nobody is left");
	sim_free(shop.sim);
}

static void check_drops(void)
{
	struct shop shop = shop_open(&plain, 1);
	struct visitor *visitor[10];
	for (int i = 0; i < 10; i++)
		visitor[i] = visitor_enters(&shop, 0, 10 * ms);
	for (int i = 0; i < 10; i += 2)
		service_drop(&visitor[i]->visit);
	run(shop.sim);
	is_int(shop.done, 10, "who was dropped is done as well");
	is_int(shop.sim->now, 60 * ms, "without work, but for the one whose work had begun");
	sim_free(shop.sim);
}

/* ---- servers that are held ---- */

/* Worked on for 10 ms, waits for others for 50 ms, is worked on for 5 ms more. */
static void asked_others(struct sim *sim, void *subject, uint64_t unused);

static void has_asked(struct sim *sim, void *subject, uint64_t unused)
{
	(void)unused;
	sim_after(sim, 50 * ms, asked_others, subject, 0);
}

static void released(struct sim *sim, void *subject, uint64_t unused)
{
	struct visitor *visitor = subject;
	service_release(&visitor->visit);
	served(sim, visitor, unused);
}

static void asked_others(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	service_work(&((struct visitor *)subject)->visit, 5 * ms, released);
}

static void check_held(void)
{
	struct service_config config = plain;
	config.held = true;
	struct shop shop = shop_open(&config, 2);
	for (int i = 0; i < 6; i++) {
		struct visitor *visitor = ARENA_NEW(&shop.sim->arena, struct visitor);
		visitor->shop = &shop;
		service_enter(&shop.service, &visitor->visit, 0, 10 * ms, has_asked, visitor, NULL);
	}
	is_int(shop.service.limiter.flying, 6, "six are in progress");
	run(shop.sim);
	is_int(shop.done, 6, "and are done");
	is_int(shop.sim->now, 3 * 65 * ms, "two at a time, because a thread is held while others are asked");
	is_int((long long)shop.service.pool.served_ns, 6 * 15 * ms, "though it works for less than a quarter of it");
	is_int(shop.service.pool.busy + shop.service.limiter.flying, 0, "in the end all threads are free");
	sim_free(shop.sim);
}

static void pause_it(struct sim *sim, void *subject, uint64_t length)
{
	(void)sim;
	service_pause(&((struct shop *)subject)->service, (int64_t)length);
}

static void check_trouble(void)
{
	struct shop shop = shop_open(&plain, 1);
	service_slow(&shop.service, 3);
	visitor_enters(&shop, 0, 10 * ms);
	service_slow(&shop.service, 1);
	visitor_enters(&shop, 0, 10 * ms);
	sim_at(shop.sim, 35 * ms, pause_it, &shop, (uint64_t)(7 * ms));
	run(shop.sim);
	is_int(shop.sim->now, 47 * ms, "one three times slower, one as usual, and a pause of 7 ms");
	sim_free(shop.sim);
}

static void look(struct sim *sim, void *subject, uint64_t periods)
{
	struct shop *shop = subject;
	service_look(&shop->service, 60 * second, true);
	service_resize(&shop->service, shop->service.scaler.servers);
	if (periods > 0)
		sim_after(sim, 60 * second, look, shop, periods - 1);
}

static void check_scaling(void)
{
	struct shop shop = shop_open(&plain, 4);
	shop.gap = second / 20;
	shop.work = 300 * ms;
	shop.left = 40 * 60 * 20;
	sim_at(shop.sim, 0, next_visitor, &shop, 0);
	sim_at(shop.sim, 60 * second, look, &shop, 30);
	run(shop.sim);
	near_to((double)shop.service.pool.servers, 20 * 0.3 / 0.6, 1, "six busy servers at a target of 60 %% are ten");
	sim_free(shop.sim);
}

/* ---- retry storms ---- */

/*
 * One server, used to 70 %, that is twice as slow for ten seconds; clients wait for so long, and try again. Arrivals do
 * not depend on answers.
 */
struct storm {
	struct sim *sim;
	struct service service;
	struct call_config config;
	struct caller caller;
	struct rng gaps;
	struct rng_stream works;
	uint64_t calls;
	int answered, late; /* of the calls made in the last minute: those answered, and the others */
};

struct client {
	int64_t begun;
	struct rng rng;
	struct call call;
};

struct job {
	struct call_attempt attempt;
	struct service_visit visit;
};

static const int64_t storm_lasts = INT64_C(300000000000), last_minute = INT64_C(240000000000);

static void job_done(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	call_answer(&((struct job *)subject)->attempt, 0);
}

static void job_sent(void *owner, struct call_attempt *attempt)
{
	struct storm *storm = owner;
	struct client *client = HOLDER(attempt->call, struct client, call);
	struct job *job = (struct job *)attempt;
	if (!service_enter(&storm->service, &job->visit, 0, (int64_t)(rng_exp(&client->rng) * 10e6), job_done, job,
			   NULL))
		call_refuse(attempt, 0);
}

static void job_given_up(void *owner, struct call_attempt *attempt)
{
	(void)owner;
	service_drop(&((struct job *)attempt)->visit);
}

static void client_ended(void *owner, struct call *call, enum call_end how, int64_t in,
			 const struct call_attempt *attempt)
{
	struct storm *storm = owner;
	(void)in;
	(void)attempt;
	if (HOLDER(call, struct client, call)->begun < last_minute)
		return;
	storm->answered += how == CALL_ANSWERED;
	storm->late += how != CALL_ANSWERED;
}

static void next_client(struct sim *sim, void *subject, uint64_t unused)
{
	struct storm *storm = subject;
	struct client *client = ARENA_NEW(&sim->arena, struct client);
	(void)unused;
	*client = (struct client){.begun = sim->now, .rng = rng_of(storm->works, storm->calls++)};
	call_begin(&storm->caller, &client->call, &client->rng, NULL);
	int64_t next = sim->now + (int64_t)(rng_exp(&storm->gaps) * 1e9 / 70);
	if (next < storm_lasts)
		sim_at(sim, next, next_client, storm, 0);
}

static void storm_slow(struct sim *sim, void *subject, uint64_t factor)
{
	(void)sim;
	service_slow(&((struct storm *)subject)->service, (double)factor);
}

/* Share of the calls of the fifth minute that are answered; the trouble was in the first. */
static double storm_ends(struct call_config config, uint64_t slower)
{
	struct storm storm = {.sim = sim_new(11, 0), .config = config, .gaps = rng_seed(4)};
	struct sim *sim = storm.sim;
	storm.works = sim_stream(sim, "works");
	service_init(&storm.service, sim, &plain, -1, 1, 1);
	caller_init(&storm.caller, sim, &storm.config, "client", sizeof(struct job));
	storm.caller.owner = &storm;
	storm.caller.send = job_sent;
	storm.caller.given_up = job_given_up;
	storm.caller.ended = client_ended;
	sim_at(sim, 0, next_client, &storm, 0);
	sim_at(sim, 20 * second, storm_slow, &storm, slower);
	sim_at(sim, 30 * second, storm_slow, &storm, 1);
	run(sim);
	sim_free(sim);
	return (double)storm.answered / (storm.answered + storm.late);
}

static void check_storms(void)
{
	struct call_config usual = {.timeout = second, .attempts = 2,
				    .backoff = {backoff_find("full"), 100 * ms, second}, .budget = -1,
				    .budget_most = 10, .budget_saved = 10, .fallback = -1};
	struct call_config other = usual;
	ok(storm_ends(usual, 1) > 0.99, "canary: without trouble there is no storm");
	double share = storm_ends(usual, 2);
	ok(share < 0.3, "one retry keeps an overload alive for minutes: %.2f are answered", share);
	other.attempts = 1;
	ok(storm_ends(other, 2) > 0.99, "without retries it ends");
	other = usual;
	other.budget = 0.3;
	ok(storm_ends(other, 2) > 0.99, "with a budget of 30 %% of the calls it ends: 0.7 * 1.3 < 1");
	other.budget = 0.45;
	ok(storm_ends(other, 2) < 0.5, "with one of 45 %% it does not: 0.7 * 1.45 > 1");
	other = usual;
	other.cancel = true;
	ok(storm_ends(other, 2) > 0.99, "it ends when work is dropped that nobody waits for");
	other = usual;
	other.timeout = 5 * second;
	ok(storm_ends(other, 2) > 0.99, "and when clients wait longer than the trouble makes the queue");
}

int main(void)
{
	check_limiters();
	check_order();
	check_waiting();
	check_shedding();
	check_drops();
	check_held();
	check_trouble();
	check_scaling();
	check_storms();
	return done_testing();
}
