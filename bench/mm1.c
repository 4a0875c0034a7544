/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * M/M/1 at load 0.9, ns a customer. The bound is what one would write by hand for this model and no other: a 4-ary heap
 * of (time, function) in which the next arrival and the next departure stand, a ring of arrival times, a histogram of
 * response times with one bin an increment. Against it, the parts that cases are made of: rows from a source, a pool,
 * a meter; and the case `station` itself, which measures six things where the bound measures one.
 *
 * First come, first served needs no queue of events: a customer begins when it comes, or when the server is free, and
 * is gone a service time later. Two programs do that: one with the histogram of the bound, one that measures what the
 * case does. The first must come to the sum of the bound, the second to the digest of the case.
 */
#include "bench.h"

#include "cases/case.h"
#include "model/pool.h"

enum { CUSTOMERS = 1000000, SERVICE = 900, GAP = 1000 }; /* ns, means */

/* ---- the bound ---- */

enum { HEAP = 64, RING = 1 << 16, BINS = 64 << 7 };

struct hand;
struct hand_event {
	int64_t time;
	void (*fn)(struct hand *hand);
};

struct hand {
	struct hand_event heap[HEAP];
	int count;
	int64_t now, ring[RING];
	uint64_t first, last, served;
	struct rng gaps, services;
	uint64_t bins[BINS], sum;
};

static void hand_push(struct hand *hand, int64_t time, void (*fn)(struct hand *hand))
{
	int i = hand->count++;
	for (int up; i > 0 && hand->heap[up = (i - 1) / 4].time > time; i = up)
		hand->heap[i] = hand->heap[up];
	hand->heap[i] = (struct hand_event){time, fn};
}

static struct hand_event hand_pop(struct hand *hand)
{
	struct hand_event top = hand->heap[0], last = hand->heap[--hand->count];
	int i = 0;
	for (int child; (child = 4 * i + 1) < hand->count; i = child) {
		int end = child + 4 < hand->count ? child + 4 : hand->count;
		for (int c = child + 1; c < end; c++)
			if (hand->heap[c].time < hand->heap[child].time)
				child = c;
		if (hand->heap[child].time >= last.time)
			break;
		hand->heap[i] = hand->heap[child];
	}
	hand->heap[i] = last;
	return top;
}

static int64_t exponential(struct rng *rng, double mean)
{
	return (int64_t)(rng_exp(rng) * mean + 0.5);
}

static void hand_records(struct hand *hand, int64_t response)
{
	int width = 64 - __builtin_clzll((uint64_t)response | 127), shift = width - 7;
	hand->bins[shift << 7 | (response >> shift & 127)]++;
	hand->sum += (uint64_t)response;
	hand->served++;
}

static void hand_leaves(struct hand *hand)
{
	hand_records(hand, hand->now - hand->ring[hand->first++ % RING]);
	if (hand->first != hand->last)
		hand_push(hand, hand->now + exponential(&hand->services, SERVICE), hand_leaves);
}

static void hand_arrives(struct hand *hand)
{
	hand->ring[hand->last++ % RING] = hand->now;
	if (hand->last - hand->first == 1)
		hand_push(hand, hand->now + exponential(&hand->services, SERVICE), hand_leaves);
	hand_push(hand, hand->now + exponential(&hand->gaps, GAP), hand_arrives);
}

static uint64_t by_hand(void *with)
{
	static struct hand hand;
	(void)with;
	memset(&hand, 0, sizeof hand);
	hand.gaps = rng_seed(1);
	hand.services = rng_seed(2);
	hand_push(&hand, exponential(&hand.gaps, GAP), hand_arrives);
	while (hand.served < CUSTOMERS) {
		struct hand_event event = hand_pop(&hand);
		hand.now = event.time;
		event.fn(&hand);
	}
	bench_sink += hand.sum;
	return CUSTOMERS;
}

static uint64_t by_recursion(void *with)
{
	static struct hand hand;
	int64_t free = 0;
	(void)with;
	memset(&hand, 0, sizeof hand);
	hand.gaps = rng_seed(1);
	hand.services = rng_seed(2);
	while (hand.served < CUSTOMERS) {
		hand.now += exponential(&hand.gaps, GAP);
		free = (free > hand.now ? free : hand.now) + exponential(&hand.services, SERVICE);
		hand_records(&hand, free - hand.now);
	}
	bench_sink += hand.sum;
	return CUSTOMERS;
}

/* ---- the parts ---- */

struct arrivals {
	struct row_source source;
	struct rng gaps;
	int64_t time;
	uint64_t given;
};

static size_t fill(struct row_source *of, struct row *rows, size_t capacity)
{
	struct arrivals *arrivals = (struct arrivals *)of;
	size_t count = 0;
	for (; count < capacity && arrivals->given < CUSTOMERS; count++) {
		arrivals->time += exponential(&arrivals->gaps, GAP);
		rows[count].time = arrivals->time;
		rows[count].id = arrivals->given++;
		rows[count].window = 0;
	}
	return count;
}

struct parts {
	struct meters meters;
	struct pool pool;
	struct rng services;
};

#define METRICS(METRIC) METRIC(RESPONSE, response, TIME, NULL, "time from arrival to departure")
METRIC_TABLE(metrics, METRICS);

static void parts_leaves(struct sim *sim, void *self, uint64_t arrival)
{
	struct parts *parts = self;
	meter_record(&parts->meters, RESPONSE, (int64_t)arrival, sim->now - (int64_t)arrival);
	sim_close(sim);
}

static void parts_arrives(struct sim *sim, void *self, const struct row *row)
{
	struct parts *parts = self;
	(void)row;
	sim_open(sim);
	pool_enter(&parts->pool, exponential(&parts->services, SERVICE), parts_leaves, parts, (uint64_t)sim->now, NULL);
}

static uint64_t by_parts(void *with)
{
	struct sim *sim = sim_new(1, 0);
	struct parts *parts = ARENA_NEW(&sim->arena, struct parts);
	struct arrivals arrivals = {{fill}, rng_seed(1), 0, 0};
	(void)with;
	parts->services = rng_seed(2);
	meters_init(&parts->meters, &sim->arena, metrics, 0, 1000000);
	meters_window(&parts->meters, 0, 0);
	pool_init(&parts->pool, sim, "server", -1, 1, -1);
	sim_replay(sim, &arrivals.source, parts_arrives, parts, INT64_MAX / 2, NULL);
	meters_end(&parts->meters, sim->now);
	CHECK(parts->meters.meter[RESPONSE].whole.count == CUSTOMERS);
	bench_sink += (uint64_t)parts->meters.meter[RESPONSE].whole.sum;
	sim_free(sim);
	return CUSTOMERS;
}

/* ---- the case ---- */

static const struct case_study *the_case;

static uint64_t by_case(void *with)
{
	struct sim *sim = sim_new(1, 0);
	struct meters *meters = ARENA_NEW(&sim->arena, struct meters);
	struct arrivals arrivals = {{fill}, rng_seed(1), 0, 0};
	struct case_world world = {.sim = sim, .meters = meters, .params = with, .share = 1};
	meters_init(meters, &sim->arena, the_case->metrics, 0, 1000000);
	meters_window(meters, 0, 0);
	void *station = the_case->build(&world);
	sim_replay(sim, &arrivals.source, the_case->arrive, station, INT64_MAX / 2, NULL);
	meters_end(meters, sim->now);
	bench_sink += meters_digest(meters, 0);
	sim_free(sim);
	return CUSTOMERS;
}

/* ---- the recursion, and all that the case measures ---- */

struct measured {
	struct meters meters;
	int wait, response, arrived, queue, busy; /* metrics of the case */
	struct {
		int64_t arrival, begin, end;
	} customer[RING];
	uint64_t first, last;
};

static void measure_levels(struct measured *measured, int64_t now)
{
	int64_t inside = (int64_t)(measured->last - measured->first);
	meter_level(&measured->meters, measured->queue, now, inside > 0 ? inside - 1 : 0);
	meter_level(&measured->meters, measured->busy, now, inside > 0);
}

/* All that has ended up to `now` is measured at its time, in between what arrives. */
static void measure_ended(struct measured *measured, int64_t now)
{
	while (measured->first != measured->last && measured->customer[measured->first % RING].end <= now) {
		int64_t arrival = measured->customer[measured->first % RING].arrival,
			begin = measured->customer[measured->first % RING].begin,
			end = measured->customer[measured->first++ % RING].end;
		meter_record(&measured->meters, measured->wait, arrival, begin - arrival);
		meter_record(&measured->meters, measured->response, arrival, end - arrival);
		measure_levels(measured, end);
	}
}

static uint64_t by_measured(void *with)
{
	static struct row rows[ROW_BLOCK];
	struct sim *sim = sim_new(1, 0);
	struct measured *measured = ARENA_NEW(&sim->arena, struct measured);
	struct arrivals arrivals = {{fill}, rng_seed(1), 0, 0};
	const struct dist *service = with;
	struct rng_stream services = sim_stream(sim, "service");
	int64_t free = 0;
	meters_init(&measured->meters, &sim->arena, the_case->metrics, 0, 1000000);
	meters_window(&measured->meters, 0, 0);
	measured->wait = metric_find(the_case->metrics, "wait");
	measured->response = metric_find(the_case->metrics, "response");
	measured->arrived = metric_find(the_case->metrics, "arrived");
	measured->queue = metric_find(the_case->metrics, "queue");
	measured->busy = metric_find(the_case->metrics, "busy");
	for (size_t count; (count = fill(&arrivals.source, rows, ROW_BLOCK)) > 0;) {
		for (size_t i = 0; i < count; i++) {
			int64_t now = rows[i].time, begin = free > now ? free : now;
			measure_ended(measured, now);
			free = begin + dist_draw_time_of(service, services, rows[i].id);
			CHECK(measured->last - measured->first < RING);
			measured->customer[measured->last % RING].arrival = now;
			measured->customer[measured->last % RING].begin = begin;
			measured->customer[measured->last++ % RING].end = free;
			meter_count(&measured->meters, measured->arrived, now, 1);
			measure_levels(measured, now);
		}
	}
	measure_ended(measured, INT64_MAX);
	meters_end(&measured->meters, free);
	bench_sink += meters_digest(&measured->meters, 0);
	sim_free(sim);
	return CUSTOMERS;
}

static uint64_t result(bench_fn *fn, void *with)
{
	uint64_t before = bench_sink;
	fn(with);
	return bench_sink - before;
}

/* The waiting time in the steady state is that of the books, or the programs do something else. */
static void agree(void *params, void *service)
{
	double hand = (double)result(by_hand, NULL), parts = (double)result(by_parts, NULL);
	CHECK(hand > 0.999 * parts && parts > 0.999 * hand);
	CHECK(result(by_recursion, NULL) == result(by_hand, NULL));
	CHECK(result(by_measured, service) == result(by_case, params));
}

int main(void)
{
	struct arena arena;
	struct err err;
	struct param_reader reader = {.arena = &arena};
	arena_init(&arena);
	err_init(&err);
	the_case = case_find("station");
	void *params = arena_get(&arena, the_case->params_size);
	param_defaults(the_case->params, params, &reader);
	struct dist *service = (struct dist *)((char *)params + param_find(the_case->params, "service")->offset);
	*service = (struct dist){.kind = DIST_EXP, .scale = SERVICE};
	agree(params, service);
	bench_compare("M/M/1, a customer: parts (pool, meter, rows)", by_parts, NULL, by_hand, NULL, 1.25);
	bench_compare("M/M/1, a customer: the case station (six metrics)", by_case, params, by_hand, NULL, 2);
	bench_compare("M/M/1, a customer: by recursion", by_recursion, NULL, by_hand, NULL, 0);
	bench_compare("M/M/1, a customer: by recursion, all that station measures", by_measured, service, by_hand, NULL,
		      0);
	arena_free(&arena);
	return 0;
}
