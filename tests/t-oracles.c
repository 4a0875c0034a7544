/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What watches: leases and exclusion, versions, histories. Each beside something simpler that does the same, and each
 * with something planted that it must catch.
 */
#include "engine/rng.h"
#include "model/exclusion.h"
#include "model/history.h"
#include "model/lease.h"
#include "model/versions.h"
#include "tap.h"

static struct arena arena;
static struct rng rng;

static int64_t below(int64_t n)
{
	return (int64_t)rng_below(&rng, (uint64_t)n);
}

/* ---- lease ---- */

static void test_lease(void)
{
	struct lease lease = {0};
	ok(lease_acquire(&lease, 100, 1, 50, 10) && lease.token == 1, "a free lock is granted");
	ok(!lease_acquire(&lease, 149, 2, 50, 10), "and to nobody else while it is held");
	ok(lease_holder(&lease, 149) == 1 && lease_holder(&lease, 150) == 0, "its time ends on the dot");
	ok(!lease_renew(&lease, 150, 1, 50), "what is over cannot be renewed");
	ok(!lease_acquire(&lease, 159, 2, 50, 10), "after a lapse there is a delay");
	is_int(lease_remains(&lease, 153, 10), 7, "whose rest can be asked for");
	ok(lease_acquire(&lease, 160, 2, 50, 10) && lease.token == 2, "then it goes to the next, with a greater token");
	ok(lease_renew(&lease, 180, 2, 50) && lease_holder(&lease, 229) == 2, "renewed, it lasts from then on");
	ok(!lease_release(&lease, 190, 1, false) && lease_holder(&lease, 190) == 2, "nobody gives back another's lock");
	ok(lease_acquire(&lease, 190, 2, 50, 10) && lease.token == 3, "its holder may have it anew");
	ok(lease_release(&lease, 191, 1, true) && lease_holder(&lease, 191) == 0, "unless nobody checks whose it is");
	ok(lease_acquire(&lease, 191, 3, 50, 10), "what was given back is free without delay");

	struct fence fence = {0};
	ok(fence_admits(&fence, 1) && fence_admits(&fence, 1), "a store obeys the newest holder it has heard of");
	ok(fence_admits(&fence, 3) && !fence_admits(&fence, 2), "and no older one");
}

/* ---- exclusion ---- */

enum { HOLDS = 6, END = 40 };

static void test_exclusion(void)
{
	int wrong = 0, crossed = 0;
	for (int round = 0; round < 3000; round++) {
		struct exclusion exclusion;
		struct exclusion_hold hold[HOLDS] = {{0}};
		int64_t from[HOLDS], to[HOLDS], thing[HOLDS], shared = 0, returned = 0, violations = 0;
		exclusion_init(&exclusion, &arena, 2);
		for (int i = 0; i < HOLDS; i++) {
			from[i] = below(END / 2);
			to[i] = from[i] + 1 + below(END / 2 - 1);
			thing[i] = below(2);
		}
		for (int64_t now = 0; now < END; now++) {
			int there[2] = {0};
			for (int i = 0; i < HOLDS; i++)
				if (to[i] == now)
					returned += exclusion_end(&exclusion, &hold[i], now);
			for (int i = 0; i < HOLDS; i++) {
				there[thing[i]] += from[i] < now && now < to[i];
			}
			for (int i = 0; i < HOLDS; i++)
				if (from[i] == now) {
					bool others = there[thing[i]]++ > 0;
					wrong += exclusion_begin(&exclusion, thing[i], &hold[i], now) != others;
					violations += others;
				}
			shared += (there[0] > 1) + (there[1] > 1);
			for (int i = 0; i < HOLDS; i++) {
				bool overtaken = false;
				for (int k = 0; k < HOLDS; k++)
					overtaken |= thing[k] == thing[i] && from[k] <= now &&
						     (from[k] > from[i] || (from[k] == from[i] && k > i));
				if (from[i] <= now && now < to[i])
					wrong += exclusion_is_overtaken(&hold[i]) != overtaken;
			}
		}
		wrong += exclusion.shared != shared || returned != shared;
		wrong += exclusion.violations != (uint64_t)violations;
		crossed += violations > 0;
	}
	is_int(wrong, 0, "holders of two locks, counted ns by ns");
	ok(crossed > 1000, "canary: two holders at the same time were planted in %d rounds, and caught", crossed);

	struct exclusion exclusion;
	struct exclusion_hold first = {0}, second = {0};
	exclusion_init(&exclusion, &arena, 1);
	exclusion_begin(&exclusion, 0, &first, 10);
	exclusion_begin(&exclusion, 0, &second, 30);
	is_int(exclusion_end(&exclusion, &first, 37), 7, "canary: 7 ns of two holders are seen as 7 ns");
	ok(first.crossed && second.crossed, "both are told apart from those who were alone");
	is_int(exclusion_end(&exclusion, &first, 38), 0, "who has left cannot leave again");
}

/* ---- versions ---- */

static void test_versions(void)
{
	enum { COMMITS = 12 };
	int wrong = 0, stale = 0;
	for (int round = 0; round < 3000; round++) {
		struct versions versions;
		int64_t at[COMMITS + 1] = {0};
		versions_init(&versions, &arena, 3);
		for (int64_t i = 0, left = COMMITS, now = 0; left > 0; i++) {
			uint64_t version;
			do
				version = 1 + (uint64_t)below(COMMITS);
			while (at[version]);
			now += below(3) + (i == 0);
			at[version] = now;
			versions_committed(&versions, 1, version, now);
			left--;
		}
		uint64_t read = (uint64_t)below(COMMITS + 1);
		int64_t began = below(30), missed = 0, time = 0;
		uint64_t newest = 0;
		for (uint64_t i = 1; i <= COMMITS; i++) {
			if (at[i] > began)
				continue;
			newest = i;
			if (i > read) {
				missed++;
				time = began - at[i] > time ? began - at[i] : time;
			}
		}
		struct versions_missed got = versions_read(&versions, 1, read, began);
		wrong += got.versions != missed || got.time != time || versions_newest(&versions, 1, began) != newest;
		stale += missed > 0;
		wrong += versions_read(&versions, 2, 0, began).versions != 0;
	}
	is_int(wrong, 0, "what a read missed, in versions and in time, by looking at all of them");
	ok(stale > 500, "canary: stale reads were planted %d times, and told", stale);

	struct versions versions;
	versions_init(&versions, &arena, 1);
	for (int64_t i = 1; i <= 100; i++)
		versions_committed(&versions, 0, (uint64_t)i, i);
	is_int(versions_read(&versions, 0, 3, 200).versions, VERSIONS_KEPT,
	       "who is far behind missed at least what is kept");
	is_int((long long)versions_newest(&versions, 0, 99), 99, "the newest of an earlier instant");
}

/* ---- histories ---- */

enum { FEW = 6 };

/* By trying all orders: the definition. Pending writes may be left out. */
static bool explains(const struct history_operation *operation, int count, unsigned done, uint64_t value)
{
	if (done == (1u << count) - 1)
		return true;
	for (int i = 0; i < count; i++) {
		bool first = !(done & 1u << i);
		for (int k = 0; k < count && first; k++)
			first = done & 1u << k || k == i || operation[k].returned >= operation[i].called;
		if (!first || (!operation[i].write && operation[i].value != value))
			continue;
		if (explains(operation, count, done | 1u << i, operation[i].write ? operation[i].value : value))
			return true;
	}
	return false;
}

static bool linearizable(const struct history_operation *operation, int count)
{
	unsigned pending = 0;
	for (int i = 0; i < count; i++)
		pending |= (unsigned)(operation[i].returned == HISTORY_PENDING) << i;
	for (unsigned without = pending;; without = (without - 1) & pending) {
		struct history_operation some[FEW];
		int kept = 0;
		for (int i = 0; i < count; i++)
			if (!(without & 1u << i))
				some[kept++] = operation[i];
		if (explains(some, kept, 0, 0))
			return true;
		if (!without)
			return false;
	}
}

static void test_small_histories(void)
{
	int wrong = 0, good = 0, bad = 0;
	for (int round = 0; round < 60000; round++) {
		struct history_operation operation[FEW];
		struct history history;
		int count = 2 + (int)below(FEW - 1);
		uint64_t values = 0;
		history_init(&history, &arena);
		for (int i = 0; i < count; i++) {
			bool write = below(2);
			int64_t called = below(8);
			operation[i] = (struct history_operation){
				.write = write, .key = 7, .called = called, .returned = called + below(5),
				.value = write ? ++values : (uint64_t)below(4)};
			if (write && below(6) == 0)
				operation[i].returned = HISTORY_PENDING;
			history_add(&history, &operation[i]);
		}
		bool want = linearizable(operation, count), got = !history_judge(&history).why;
		wrong += got != want;
		good += want;
		bad += !want;
	}
	is_int(wrong, 0, "histories of up to %d operations, beside all orders that there are", FEW);
	ok(good > 5000 && bad > 5000, "of both sorts: %d can be explained, %d cannot", good, bad);
}

/* Operations on a register that takes effect at a random instant of each. */
static void record(struct history *history, uint64_t keys, int count, int64_t lag, int planted)
{
	uint64_t *value = ARENA_ARRAY(&arena, keys, uint64_t), *before = ARENA_ARRAY(&arena, keys, uint64_t), next = 0;
	for (int i = 0; i < count; i++) {
		uint64_t key = (uint64_t)below((int64_t)keys);
		int64_t at = (int64_t)i * 10;
		bool write = below(3) == 0;
		struct history_operation operation = {.write = write, .key = key, .called = at - below(lag),
						      .returned = at + below(lag), .who = (uint64_t)i};
		if (i == planted)
			operation.write = write = false;
		if (write)
			value[key] = ++next;
		operation.value = i == planted ? before[key] : value[key];
		if (i == planted / 2)
			memcpy(before, value, keys * sizeof *value);
		history_add(history, &operation);
	}
}

static void test_large_histories(void)
{
	struct history history;
	history_init(&history, &arena);
	record(&history, 20, 100000, 400, -1);
	struct history_verdict verdict = history_judge(&history);
	ok(!verdict.why && verdict.keys == 20, "100,000 operations on registers that are registers");

	history_init(&history, &arena);
	record(&history, 20, 100000, 400, 77777);
	verdict = history_judge(&history);
	ok(verdict.why && verdict.wrong == 1, "canary: one read of an old value among them is found");
	ok(verdict.one.who == 77777 || verdict.other.who == 77777, "and named: %s", verdict.why ? verdict.why : "");
}

static void test_witness(void)
{
	/* Value 2 is on its way; one reader sees it, the next one does not. */
	static const struct history_operation operation[] = {
		{true, 1, 1, 0, 10, 0}, {false, 1, 1, 12, 14, 1}, {true, 1, 2, 20, 60, 2}, {false, 1, 2, 30, 34, 3},
		{false, 1, 1, 40, 44, 4}, {false, 1, 2, 70, 74, 5}, {true, 2, 9, 30, 40, 6}, {true, 1, 3, 80, 90, 7}};
	struct history_operation shown[8];
	struct history history;
	history_init(&history, &arena);
	for (size_t i = 0; i < sizeof operation / sizeof *operation; i++)
		history_add(&history, &operation[i]);
	struct history_verdict verdict = history_judge(&history);
	ok(verdict.why && verdict.one.who == 4 && verdict.other.who == 3, "canary: new, then old: %s",
	   verdict.why ? verdict.why : "nothing is wrong");
	int count = history_witness(&history, &verdict, 8, shown);
	ok(count == 3 && shown[0].who == 2 && shown[1].who == 3 && shown[2].who == 4,
	   "what shows it: the write, and both readers, in the order of their calls");
	ok(history_witness(&history, &verdict, 2, shown) == 2 && shown[0].who == 3, "or the two alone");
}

int main(void)
{
	arena_init(&arena);
	rng = rng_start(rng_stream(1, 0, "oracles"));
	test_lease();
	test_exclusion();
	test_versions();
	test_small_histories();
	test_large_histories();
	test_witness();
	arena_free(&arena);
	return done_testing();
}
