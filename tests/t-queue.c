/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event queue against a naive list that is searched from end to end. */
#include "engine/queue.h"
#include "engine/rng.h"
#include "tap.h"

enum { STEPS = 60000, LIVE = 400, SEEDS = 4 };

static void event(struct sim *sim, void *subject, uint64_t detail)
{
	(void)sim;
	(void)subject;
	(void)detail;
}

static void other_event(struct sim *sim, void *subject, uint64_t detail)
{
	(void)sim;
	(void)subject;
	(void)detail;
}

/* In the order of scheduling, so that the first of the least times is the next to happen. */
struct naive {
	struct entry {
		int64_t time;
		uint64_t detail;
		queue_handle handle;
	} entry[LIVE * 8];
	size_t count;
};

static size_t naive_next(const struct naive *naive)
{
	size_t next = 0;
	for (size_t i = 1; i < naive->count; i++)
		if (naive->entry[i].time < naive->entry[next].time)
			next = i;
	return next;
}

/* The canary: among equal times, the last scheduled. */
static size_t naive_next_wrong(const struct naive *naive)
{
	size_t next = 0;
	for (size_t i = 1; i < naive->count; i++)
		if (naive->entry[i].time <= naive->entry[next].time)
			next = i;
	return next;
}

static struct entry naive_remove(struct naive *naive, size_t at)
{
	struct entry entry = naive->entry[at];
	naive->count--;
	memmove(&naive->entry[at], &naive->entry[at + 1], (naive->count - at) * sizeof entry);
	return entry;
}

struct outcome {
	int wrong_order, wrong_count, wrong_cancel;
	size_t greatest, taken, cancelled;
};

/*
 * Random additions, cancellations and takings in proportions that change, so that the queue grows and shrinks. Times
 * are from a small range: most have company.
 */
static struct outcome compare(uint64_t seed, size_t (*next)(const struct naive *naive))
{
	static struct naive naive;
	struct outcome outcome = {0};
	struct arena arena;
	struct queue queue;
	struct rng rng = rng_start(rng_stream(seed, 0, "queue"));
	queue_handle stale = 0;
	int64_t now = 0;
	uint64_t detail = 0;
	naive.count = 0;
	arena_init(&arena);
	queue_init(&queue, &arena);
	for (int step = 0; step < STEPS; step++) {
		uint64_t phase = (uint64_t)step / 2000 % 4, add = phase == 0 ? 60 : phase == 3 ? 20 : 45;
		uint64_t cancel = phase == 2 ? 45 : 20, choice = rng_below(&rng, 100);
		if (naive.count < LIVE * 8 && choice < add) {
			int64_t time = now + (int64_t)rng_below(&rng, phase == 1 ? 1000000 : 20);
			queue_handle handle =
				queue_add(&queue, time, detail % 3 ? event : other_event, &detail, detail);
			naive.entry[naive.count++] = (struct entry){time, detail++, handle};
		} else if (choice < add + cancel) {
			if (naive.count > 0 && rng_below(&rng, 10) > 0) {
				size_t at = (size_t)rng_below(&rng, naive.count);
				stale = naive_remove(&naive, at).handle;
				outcome.wrong_cancel += !queue_cancel(&queue, stale);
				outcome.cancelled++;
			}
			/* What has been cancelled or has happened cannot be cancelled again. */
			outcome.wrong_cancel += queue_cancel(&queue, stale);
		} else {
			int64_t time = queue_peek(&queue);
			bool any = time != QUEUE_NEVER;
			outcome.wrong_order += any != (naive.count > 0);
			if (any && naive.count > 0) {
				struct entry entry = naive_remove(&naive, next(&naive));
				struct queue_event taken = queue_take(&queue);
				outcome.wrong_order += time != entry.time || taken.detail != entry.detail ||
						       taken.fn != (entry.detail % 3 ? event : other_event) ||
						       taken.subject != &detail;
				outcome.taken++;
				now = time;
				stale = entry.handle;
			}
		}
		outcome.wrong_count += queue_count(&queue) != naive.count;
		if (naive.count > outcome.greatest)
			outcome.greatest = naive.count;
		if (outcome.wrong_order)
			break;
	}
	for (int64_t time; !outcome.wrong_order && (time = queue_peek(&queue)) != QUEUE_NEVER;) {
		struct entry entry = naive_remove(&naive, next(&naive));
		outcome.wrong_order += time != entry.time || queue_take(&queue).detail != entry.detail;
	}
	outcome.wrong_count += !outcome.wrong_order && naive.count != 0;
	arena_free(&arena);
	return outcome;
}

static void test_random(void)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct outcome outcome = compare(seed, naive_next);
		ok(outcome.wrong_order == 0,
		   "seed %d: %zu events come in the order of a sorted list, ties as scheduled", (int)seed,
		   outcome.taken);
		ok(outcome.wrong_cancel == 0, "seed %d: %zu cancelled events stay away, stale handles are harmless",
		   (int)seed, outcome.cancelled);
		ok(outcome.wrong_count == 0 && outcome.greatest > 100,
		   "seed %d: the count is right all along (up to %zu)", (int)seed, outcome.greatest);
	}
	ok(compare(1, naive_next_wrong).wrong_order > 0, "canary: ties in the opposite order are noticed");
}

static void test_ties(void)
{
	struct arena arena;
	struct queue queue;
	arena_init(&arena);
	queue_init(&queue, &arena);
	for (uint64_t i = 0; i < 1000; i++)
		queue_add(&queue, (int64_t)(i % 2), event, NULL, i);
	int wrong = 0;
	for (uint64_t i = 0; i < 1000; i++) {
		wrong += queue_peek(&queue) != (int64_t)(i / 500);
		wrong += queue_take(&queue).detail != i % 500 * 2 + i / 500;
	}
	ok(wrong == 0 && queue_peek(&queue) == QUEUE_NEVER,
	   "1000 events of two instants come in the order of scheduling");
	queue_add(&queue, QUEUE_NEVER - 1, event, NULL, 1);
	queue_add(&queue, 0, event, NULL, 2);
	ok(queue_peek(&queue) == 0 && queue_take(&queue).detail == 2 && queue_peek(&queue) == QUEUE_NEVER - 1,
	   "times reach from 0 to the one before never");
	ok(!queue_cancel(&queue, 0), "the handle 0 names no event");
	arena_free(&arena);
}

/* Every request sets a timeout far away, and cancels it soon. */
static void test_heavy_cancel(void)
{
	struct arena arena;
	struct queue queue;
	queue_handle timeout[100] = {0};
	size_t longest = 0;
	int wrong = 0;
	arena_init(&arena);
	queue_init(&queue, &arena);
	for (int i = 0; i < 1000000; i++) {
		if (i >= 100)
			wrong += !queue_cancel(&queue, timeout[i % 100]);
		timeout[i % 100] = queue_add(&queue, i + 1000000000, event, NULL, 0);
		longest = queue.end - QUEUE_ROOT > longest ? queue.end - QUEUE_ROOT : longest;
	}
	ok(wrong == 0 && queue_count(&queue) == 100, "a million timeouts cancelled, 100 left");
	ok(longest <= 2 * 100 + 100, "the heap stays within twice the live events and a few (%zu)", longest);
	ok(queue.slots <= 400 && arena.bytes < 64 * 1024, "and so do its records (%u; %zu bytes)",
	   (unsigned)queue.slots, arena.bytes);
	arena_free(&arena);
}

/*
 * So many events that most of them stand in lists. What is taken must rise in (time, handle), for new events get
 * greater handles and come no earlier than now; and each must be taken once, or cancelled.
 */
static void test_many(void)
{
	enum { MANY = 60000, ALL = 1000000 };
	enum { PENDING = 1, TAKEN, CANCELLED };
	struct arena arena;
	struct queue queue;
	struct rng rng = rng_seed(7);
	static queue_handle handle[ALL];
	static char state[ALL];
	size_t added = 0, live = 0, greatest = 0, taken = 0, cancelled = 0, wrong = 0, ties = 0, in_lists = 0;
	int64_t now = 0;
	queue_handle last = 0;
	arena_init(&arena);
	queue_init(&queue, &arena);
	for (bool grow = true; live > 0 || added < ALL;) {
		grow = added < ALL && (live == 0 || (grow ? live < MANY : live < 10));
		uint64_t choice = rng_below(&rng, 100);
		if (added < ALL && choice < (grow ? 70 : 20)) {
			int scale = (int)rng_below(&rng, 5);
			int64_t later = (int64_t)rng_below(&rng, scale == 4 ? 3 : INT64_C(1) << (10 * scale + 4));
			handle[added] = queue_add(&queue, now + later, event, NULL, added);
			state[added++] = PENDING;
			live++;
		} else if (choice > 90 && added > 0) {
			size_t at = added - 1 - (size_t)rng_below(&rng, added < 2 * MANY ? added : 2 * MANY);
			bool done = queue_cancel(&queue, handle[at]);
			wrong += done != (state[at] == PENDING);
			if (done) {
				state[at] = CANCELLED;
				cancelled++;
				live--;
			}
		} else if (queue_peek(&queue) != QUEUE_NEVER) {
			int64_t time = queue_peek(&queue);
			struct queue_event next = queue_take(&queue);
			wrong += time < now || (time == now && taken && next.handle <= last) ||
				 state[next.detail] != PENDING || handle[next.detail] != next.handle;
			ties += time == now;
			state[next.detail] = TAKEN;
			now = time;
			last = next.handle;
			taken++;
			live--;
		} else {
			wrong += live > 0;
		}
		wrong += queue_count(&queue) != live;
		greatest = live > greatest ? live : greatest;
		in_lists = queue.far_count > in_lists ? queue.far_count : in_lists;
	}
	ok(wrong == 0 && taken + cancelled == ALL, "%zu events, up to %zu at once, all of them in order", added,
	   greatest);
	ok(greatest >= MANY && in_lists > MANY / 2 && ties > 1000 && cancelled > 1000,
	   "canary: there were ties (%zu), cancelled ones (%zu), many far from the present (%zu)", ties, cancelled,
	   in_lists);
	arena_free(&arena);
}

int main(void)
{
	test_many();
	test_random();
	test_ties();
	test_heavy_cancel();
	return done_testing();
}
