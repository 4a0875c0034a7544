/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A cluster of caches: what moves, what each node gets, what the store has to read, faults, mistakes; and two days of a
 * web server through one cache, to the last hit. (What placements and caches do by themselves is in t-placement and
 * t-cache.)
 */
#include "measured.h"

static struct outcome *run(const char *variant, const char *over)
{
	return measured("hashing", variant, over, NULL);
}

static double count(const struct outcome *outcome, const char *metric)
{
	return measured_value(outcome, "count", metric, 0);
}

static double count_at(const struct outcome *outcome, const char *metric, int64_t window)
{
	return measured_value(outcome, "count", metric, window);
}

static double moved(const struct outcome *outcome)
{
	return count(outcome, "moved") / count(outcome, "surveyed");
}

static void check_moves(void)
{
	near_to(moved(run("modulo-ten", "{survey: 100 k}")), 10. / 11, .002, "hash mod n: ten of eleven move");
	near_to(moved(run("jump-ten", "{survey: 100 k}")), 1. / 11, .002, "jump: one of eleven");
	near_to(moved(run("ring-ten", "{survey: 20 k}")), 1. / 11, .006, "ring: one of eleven on average");
	struct outcome *grown = run("ring-moves", "{survey: 20 k}");
	is_int((long long)measured_value(grown, "max", "members", 9), 10, "nodes that join are members");
	near_to(measured_value(run("near-16", NULL), "mean", "neighbours", 0), 32.09, .5,
		"neighbours of a node: Np (1 - (1 - 1/Np)^(2 v (R - 1)))");
}

#define CALM "trace: {windows: [{date: 2020-03-02, at: 14 h, rate: 1500/s, for: 4 s}, {date: 2020-03-02, at: 14 h, " \
	     "rate: 1500/s, for: 4 s}, {date: 2020-03-02, at: 14 h, rate: 1500/s, for: 4 s}]}, "
#define FAULT(kind, target) "faults: [{at: 4 s, for: 4 s, kind: " kind ", target: " target "}]}"

static void check_requests(void)
{
	struct outcome *calm = run("ring-grows", "{" CALM "faults: []}");
	is_int((long long)(count(calm, "hits") + count(calm, "misses") - count(calm, "requests")), 0,
	       "every request hits or misses");
	is_int((long long)(count(calm, "reads") - count(calm, "misses")), 0, "every miss is a read of the store");
	near_to(measured_value(calm, "min", "response", 0), 50e-6, 0, "a hit takes what the node takes");
	struct outcome *together = run("ring-grows", "{coalesce: on, " CALM "faults: []}");
	ok(count(together, "followed") > 100, "misses of a key that is being fetched wait for it: %.0f",
	   count(together, "followed"));
	is_int((long long)(count(together, "reads") + count(together, "followed") - count(together, "misses")), 0,
	       "and are no reads");
	struct outcome *ten = run("ring-grows", "{capacity: 200, " CALM "faults: []}");
	struct outcome *one = run("ring-grows", "{nodes: 1, spares: 0, capacity: 2000, " CALM "faults: []}");
	ok(count(one, "misses") < count(ten, "misses"), "one cache of ten times the size misses less: %.0f, not %.0f",
	   count(one, "misses"), count(ten, "misses"));
	struct outcome *endless = run("ring-grows", "{capacity: 100 k, " CALM "faults: []}");
	struct outcome *again = run("modulo-grows", "{capacity: 100 k, " CALM "faults: []}");
	near_to(count(endless, "misses"), count(again, "misses"), 0.02 * count(again, "misses"),
		"where nothing goes, each key is missed once, wherever it is");
}

static void check_faults(void)
{
	struct outcome *calm = run("ring-grows", "{" CALM "faults: []}");
	struct outcome *left = run("ring-grows", "{" CALM FAULT("leave", "node 3"));
	ok(count_at(left, "misses", 2) > 1.05 * count_at(calm, "misses", 2), "a node that leaves takes its hits along");
	is_int((long long)count(left, "bypassed"), 0, "and nobody asks it");
	struct outcome *failed = run("ring-grows", "{detect: 1 s, " CALM FAULT("fail", "node 3"));
	near_to(count_at(failed, "bypassed", 2) / count_at(failed, "requests", 2), 0.1 / 4, 0.012,
		"a node that fails is asked by its tenth until it is noticed");
	ok(measured_value(failed, "p99", "response", 2) > 0.1, "and they wait for the timeout");
	is_int((long long)count_at(failed, "bypassed", 3), 0, "then it is back");
	ok(count_at(failed, "misses", 3) > count_at(left, "misses", 3), "and empty, as one that left is not");
	struct outcome *fast = run("ring-grows", "{store_servers: 1000, " CALM "faults: []}");
	struct outcome *slow = run("ring-grows", "{store_servers: 1000, " CALM "faults: [{at: 4 s, for: 4 s, "
						 "kind: slow-store, factor: 10}]}");
	near_to(measured_value(slow, "p99", "response", 2) / measured_value(fast, "p99", "response", 2), 10, 1,
		"a store that is ten times slower");
	struct outcome *hot = run("ring-grows", "{" CALM "faults: [{at: 4 s, for: 4 s, kind: hot, target: key 123456, "
					       "rate: 500/s}]}");
	is_int((long long)(count(hot, "requests") - count(calm, "requests")), 2000 * hot->reps,
	       "a hot key is asked for evenly");
	ok(measured_value(hot, "mean", "busiest", 0) == measured_value(calm, "mean", "busiest", 0),
	   "busiest is of the last window");
}

static void refuses(const char *model, const char *words)
{
	measured_refuses("hashing", arena_format(&measured_arena, "{run: {variants: [ring-grows]}, %s}", model), words);
}

static void check_mistakes(void)
{
	refuses("model: {slots: 100}", "slots must be a prime");
	refuses("model: {placement: jump, large: 3}", "does not know nodes of different size");
	refuses("model: {large: 11}", "more than there are nodes");
	refuses("model: {placement: maglev, weak_hash: on}", "weak_hash is about the points of a ring");
	refuses("faults: [{at: 1 s, for: 1 s, kind: join, target: node 3}]", "node");
	refuses("faults: [{at: 1 s, for: 1 s, kind: fail, target: node 10}]", "node");
}

static void check_days(void)
{
	enum { ROWS = 9 };
	static const struct {
		const char *variant;
		int64_t july, august;
	} row[ROWS] = {
		{"lru-50", 5021, 4716}, {"lru-100", 6451, 5945}, {"lru-200", 7457, 7084}, {"one-minute", 3370, 2199},
		{"ten-minutes", 6549, 5339},
		/* those below are what tests/t-cache.c finds with plain arrays */
		{"fifo-100", 5743, 5358}, {"clock-100", 6576, 6081}, {"sieve-100", 6987, 6728},
		{"s3-fifo-100", 7014, 6804},
	};
	const char *july = measured_trace("web_nasa_1995-07-01.csv");
	const char *august = measured_trace("web_nasa_1995-08-01.csv");
	if (!july || !august) {
		skip(2 * ROWS + 1, "the public traces are not there (CASEBOOK_TRACES)");
		return;
	}
	struct outcome *even = measured("hashing-nasa", "lru-100", "{trace: {columns: {time: 1 ms * row}}}", july);
	is_int((long long)count(even, "hits"), 6451, "keys are enough: rows that come evenly hit as often");
	for (int i = 0; i < ROWS; i++) {
		is_int((long long)count(measured("hashing-nasa", row[i].variant, NULL, july), "hits"), row[i].july,
		       "July: %s", row[i].variant);
		is_int((long long)count(measured("hashing-nasa", row[i].variant, NULL, august), "hits"), row[i].august,
		       "August: %s", row[i].variant);
	}
}

int main(void)
{
	arena_init(&measured_arena);
	check_moves();
	check_requests();
	check_faults();
	check_mistakes();
	check_days();
	measured_free();
	return done_testing();
}
