/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rate limiters: two published traces to the letter, two days of a public trace to the integer, and properties that are
 * checked for every kind of the list. The table of keys that their states live in, against a plain array.
 */
#include "engine/rng.h"
#include "model/ratelimit.h"
#include "nasa.h"
#include "tap.h"

#define SECOND INT64_C(1000000000)

static struct arena arena;

static const struct ratelimit_kind *kind_of(const char *name)
{
	for (int i = 0; ratelimit_kinds[i]; i++)
		if (strcmp(ratelimit_kinds[i]->name, name) == 0)
			return ratelimit_kinds[i];
	bail("no kind %s", name);
}

static void *state_of(const struct ratelimit_kind *kind)
{
	return arena_get(&arena, kind->size);
}

/* ---- two published traces ---- */

/* throttled/throttled, rate_test.go (BSD-3, 9e814f2): one a second, five at once. Tenths of a second; -10: never. */
static void check_published_gcra(void)
{
	static const struct {
		int at, cost;
		bool limited;
		int left, reset, retry;
	} row[] = {
		{0, 6, true, 5, 0, -10}, {0, 1, false, 4, 10, -10}, {0, 1, false, 3, 20, -10},
		{0, 1, false, 2, 30, -10}, {0, 1, false, 1, 40, -10}, {0, 1, false, 0, 50, -10},
		{0, 1, true, 0, 50, 10}, {30, 1, false, 2, 30, -10}, {31, 1, false, 1, 39, -10},
		{40, 1, false, 1, 40, -10}, {80, 1, false, 4, 10, -10},
		{95, 1, false, 4, 10, -10}, {95, 0, false, 4, 10, -10}, {95, 2, false, 2, 30, -10},
		{95, 5, true, 2, 30, 30}, {150, 6, true, 5, 0, -10},
	};
	const struct ratelimit_rule rule = {1, SECOND, 5};
	const struct ratelimit_kind *gcra = kind_of("gcra");
	void *state = state_of(gcra);
	bool same = true;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int64_t now = row[i].at * SECOND / 10;
		bool admitted = ratelimit_take_of(gcra, &rule, state, now, row[i].cost, &arena);
		int64_t retry = admitted ? -1 : gcra->wait(&rule, state, now, row[i].cost);
		bool like = admitted != row[i].limited && gcra->left(&rule, state, now) == row[i].left &&
			    gcra->wait(&rule, state, now, rule.burst) == row[i].reset * SECOND / 10 &&
			    retry == (row[i].retry < 0 ? -1 : row[i].retry * SECOND / 10);
		if (!like)
			diag("row %zu differs", i);
		same = same && like;
	}
	ok(same, "gcra: the sixteen rows of a published trace");
}

struct step {
	int at, before, cost;
	bool admitted;
};

/* Tenths of a second; ten a second, three at once. Which rows differ, as bits. */
static unsigned differing(const struct ratelimit_kind *kind, int64_t burst, const struct step *step, int steps)
{
	const struct ratelimit_rule rule = {10, SECOND, burst};
	void *state = state_of(kind);
	unsigned bits = 0;
	for (int i = 0; i < steps; i++) {
		int64_t now = step[i].at * SECOND / 10;
		kind->advance(&rule, state, now);
		bool before = kind->left(&rule, state, now) == step[i].before;
		bool admitted = ratelimit_take_of(kind, &rule, state, now, step[i].cost, &arena);
		bits |= (unsigned)(!before || admitted != step[i].admitted) << i;
	}
	return bits;
}

/* golang.org/x/time/rate, rate_test.go (BSD-3, 2b4e439). */
static void check_published_bucket(void)
{
	static const struct step once[] = {
		{0, 3, 2, true}, {0, 1, 2, false}, {0, 1, 1, true}, {0, 0, 1, false}, {1, 1, 4, false}, {2, 2, 1, true},
		{3, 2, 1, true}, {4, 2, 1, true}, {4, 1, 1, true}, {4, 0, 1, false}, {4, 0, 1, false}, {9, 3, 3, true},
		{9, 0, 0, true},
	};
	static const struct step back[] = {
		{1, 3, 1, true}, {0, 2, 1, true}, {0, 1, 1, true}, {0, 0, 1, false}, {0, 0, 1, false}, {1, 1, 1, true},
		{1, 0, 1, false}, {1, 0, 1, false}, {2, 1, 1, true}, {2, 0, 1, false}, {2, 0, 1, false},
	};
	enum { ONCE = sizeof once / sizeof *once, BACK = sizeof back / sizeof *back };
	const struct ratelimit_kind *bucket = kind_of("token-bucket"), *gcra = kind_of("gcra");
	is_int(differing(bucket, 3, once, ONCE), 0, "token bucket: the thirteen rows of a published trace");
	is_int(differing(bucket, 3, back, BACK), 0, "token bucket: a published trace whose clock jumps back");
	is_int(differing(gcra, 3, once, ONCE), 0, "gcra decides alike on the first");
	/* At t0 the stream is two units ahead, so one more is admitted; the bucket had kept two. */
	is_int(differing(gcra, 3, back, BACK), 1 << 1 | 1 << 2, "gcra does not on the one that jumps back");
	ok(differing(bucket, 4, once, ONCE) != 0, "canary: a bucket of another size is told apart");
}

/* ---- what holds for every kind ---- */

/* How much may be had at once by somebody new. */
static int64_t at_once(const struct ratelimit_kind *kind, const struct ratelimit_rule *rule)
{
	bool bucket = strcmp(kind->name, "token-bucket") == 0 || strcmp(kind->name, "gcra") == 0;
	return bucket ? rule->burst : rule->limit;
}

/* left and wait say what take then does, at random instants of random use. */
static void check_answers(const struct ratelimit_kind *kind)
{
	struct rng rng = rng_seed(7);
	bool left_true = true, wait_true = true, wait_least = true, never = true;
	for (int round = 0; round < 200; round++) {
		struct ratelimit_rule rule = {1 + (int64_t)rng_below(&rng, 9), 1 + (int64_t)rng_below(&rng, 60),
					      1 + (int64_t)rng_below(&rng, 12)};
		int64_t now = (int64_t)rng_below(&rng, 1000), most = at_once(kind, &rule);
		struct {
			_Alignas(16) char bytes[64];
		} state = {{0}}, copy;
		CHECK(kind->size <= sizeof state);
		for (int step = 0; step < 60; step++) {
			now += (int64_t)rng_below(&rng, 2) * (int64_t)rng_below(&rng, (uint64_t)rule.window + 9);
			kind->advance(&rule, &state, now);
			int64_t left = kind->left(&rule, &state, now);
			int64_t cost = 1 + (int64_t)rng_below(&rng, (uint64_t)most);
			copy = state; /* a log in it shares its times, which are not overwritten before they are over */
			left_true = left_true && left >= 0 && left <= most &&
				    kind->wait(&rule, &state, now, left) == 0 &&
				    kind->wait(&rule, &state, now, left + 1) != 0;
			int64_t wait = kind->wait(&rule, &state, now, cost);
			copy = state;
			kind->advance(&rule, &copy, now + wait);
			wait_true = wait_true && wait >= 0 && kind->left(&rule, &copy, now + wait) >= cost;
			if (wait > 0) {
				copy = state;
				kind->advance(&rule, &copy, now + wait - 1);
				wait_least = wait_least && kind->left(&rule, &copy, now + wait - 1) < cost;
			}
			never = never && kind->wait(&rule, &state, now, most + 1) == -1;
			bool fits = left >= cost;
			left_true = left_true && ratelimit_take_of(kind, &rule, &state, now, cost, &arena) == fits;
		}
	}
	ok(left_true, "%s: what is left is what is admitted", kind->name);
	ok(wait_true, "%s: after the wait it is admitted", kind->name);
	ok(wait_least, "%s: a nanosecond earlier it is not", kind->name);
	ok(never, "%s: what is larger than the limit is never admitted", kind->name);
}

/* What is left does not become more when the clock goes back, from any state that use leads to. */
static void check_clock_back(const struct ratelimit_kind *kind)
{
	struct rng rng = rng_seed(21);
	const struct ratelimit_rule rule = {7, 100, 9};
	void *state = state_of(kind);
	int64_t now = 10000;
	bool more = false;
	for (int step = 0; step < 5000; step++) {
		now += (int64_t)rng_below(&rng, 30);
		ratelimit_take_of(kind, &rule, state, now, (int64_t)rng_below(&rng, 3), &arena);
		int64_t left = kind->left(&rule, state, now), back = now - (int64_t)rng_below(&rng, 300);
		if (rng_below(&rng, 10) == 0) {
			kind->advance(&rule, state, back);
			more = more || kind->left(&rule, state, back) > left;
			now = back;
		}
	}
	ok(!more, "%s: a clock that goes back gives nobody anything", kind->name);
}

/* The most that a greedy client gets within any one window, and in the first. */
static int64_t most_in_a_window(const struct ratelimit_kind *kind, const struct ratelimit_rule *rule, int64_t quiet,
				int64_t *first)
{
	enum { TICKS = 3000 };
	static int64_t got[TICKS];
	void *state = state_of(kind);
	ratelimit_take_of(kind, rule, state, 0, 0, &arena);
	int64_t sum = 0, most = 0;
	*first = 0;
	for (int64_t now = 0; now < TICKS; now++) {
		got[now] = 0;
		if (now >= quiet)
			while (ratelimit_take_of(kind, rule, state, now, 1, &arena))
				got[now]++;
		sum += got[now] - (now >= rule->window ? got[now - rule->window] : 0);
		most = sum > most ? sum : most;
		if (now == quiet + rule->window - 1)
			*first = sum;
	}
	return most;
}

/* Windows of 600 ticks, 100 a window. Who comes at tick 599 for the first time gets what the method allows. */
static void check_bounds(void)
{
	const struct ratelimit_rule rule = {100, 600, 100};
	static const struct {
		const char *kind;
		int64_t late; /* who begins a tick before a window ends */
		int64_t even; /* who begins with one */
	} row[] = {
		{"fixed-window", 200, 100}, {"sliding-log", 100, 100}, {"sliding-a", 200, 100}, {"sliding-b", 199, 100},
		{"token-bucket", 199, 199}, {"gcra", 199, 199},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int64_t first;
		const struct ratelimit_kind *kind = kind_of(row[i].kind);
		most_in_a_window(kind, &rule, 599, &first);
		is_int(first, row[i].late, "%s: the first window of a client who begins late in one", kind->name);
		most_in_a_window(kind, &rule, 600, &first);
		is_int(first, row[i].even, "%s: of one who begins with it", kind->name);
	}
}

/* The log and the counters against what they mean, unit by unit. */
static void check_meaning(void)
{
	enum { STEPS = 4000 };
	static int64_t at[STEPS];
	const struct ratelimit_kind *log = kind_of("sliding-log"), *a = kind_of("sliding-a"), *b = kind_of("sliding-b");
	struct rng rng = rng_seed(11);
	const struct ratelimit_rule rule = {17, 100, 1};
	void *state = state_of(log);
	int64_t now = 0, admitted = 0;
	bool same = true;
	for (int i = 0; i < STEPS; i++) {
		now += (int64_t)rng_below(&rng, 9);
		int64_t in_window = 0;
		for (int64_t k = admitted - 1; k >= 0 && at[k] > now - rule.window; k--)
			in_window++;
		bool got = ratelimit_take_of(log, &rule, state, now, 1, &arena);
		same = same && got == (in_window < rule.limit);
		if (got)
			at[admitted++] = now;
	}
	ok(same, "sliding log: admits when fewer than the limit were admitted in the window before, by counting");

	/* Cloudflare's example: 50 a minute, 42 in the minute before, 18 in the first quarter of this one: 49.5. */
	const struct ratelimit_rule minute = {50, 60 * SECOND, 1};
	void *state_a = state_of(a), *state_b = state_of(b);
	a->advance(&minute, state_a, SECOND);
	b->advance(&minute, state_b, SECOND);
	a->charge(&minute, state_a, SECOND, 42, &arena);
	b->charge(&minute, state_b, SECOND, 42, &arena);
	a->advance(&minute, state_a, 75 * SECOND);
	b->advance(&minute, state_b, 75 * SECOND);
	a->charge(&minute, state_a, 75 * SECOND, 18, &arena);
	b->charge(&minute, state_b, 75 * SECOND, 18, &arena);
	is_int(a->left(&minute, state_a, 75 * SECOND), 1, "an estimate of 49.5 of 50: rule a admits one more");
	is_int(b->left(&minute, state_b, 75 * SECOND), 0, "rule b does not");
	a->advance(&minute, state_a, 200 * SECOND);
	is_int(a->left(&minute, state_a, 200 * SECOND), 50, "a count of two windows ago is forgotten");
}

/* ---- one and the same, while clocks do not go back ---- */

static int64_t apart(int64_t extra_burst, int64_t back)
{
	const struct ratelimit_kind *bucket = kind_of("token-bucket"), *gcra = kind_of("gcra");
	struct rng rng = rng_seed(5);
	int64_t differ = 0;
	for (int round = 0; round < 400; round++) {
		struct ratelimit_rule rule = {1 + (int64_t)rng_below(&rng, 1000), 1 + (int64_t)rng_below(&rng, 100000),
					      1 + (int64_t)rng_below(&rng, 50)};
		struct ratelimit_rule other = rule;
		other.burst += extra_burst;
		int64_t now = (int64_t)rng_below(&rng, 1000000), apart = rule.window / rule.limit;
		void *one = state_of(bucket), *two = state_of(gcra);
		for (int i = 0; i < 500; i++) {
			now += (int64_t)rng_below(&rng, (uint64_t)(2 * apart + 2));
			if (back && rng_below(&rng, 20) == 0)
				now -= now < back ? now : back;
			int64_t cost = (int64_t)rng_below(&rng, 3);
			differ += ratelimit_take_of(bucket, &rule, one, now, cost, &arena) !=
				  ratelimit_take_of(gcra, &other, two, now, cost, &arena);
		}
	}
	return differ;
}

static void check_equal_kinds(void)
{
	is_int(apart(0, 0), 0, "gcra and token bucket decide alike on 200,000 requests of 400 rules");
	ok(apart(1, 0) > 1000, "canary: a burst of one more is told apart");
	ok(apart(0, 1000) > 100, "they part where the clock goes back");
}

/* ---- two days of a web server ---- */

static int64_t refused(const struct nasa_request *request, int count, const char *kind, struct ratelimit_rule rule,
		       bool per_client)
{
	struct ratelimit limiter;
	ratelimit_init(&limiter, &arena, kind_of(kind), &rule);
	int64_t sum = 0;
	for (int i = 0; i < count; i++)
		sum += !ratelimit_take(&limiter, per_client ? request[i].client : 0, request[i].at * SECOND, 1);
	return sum;
}

/* The same bucket in doubles, which lose a tenth here and there. */
static int64_t refused_in_doubles(const struct nasa_request *request, int count)
{
	struct bucket {
		double tokens;
		int64_t last;
	};
	struct keymap map;
	keymap_init(&map, &arena, sizeof(struct bucket));
	int64_t sum = 0;
	for (int i = 0; i < count; i++) {
		bool fresh;
		struct bucket *bucket = keymap_put(&map, request[i].client, &fresh);
		if (fresh)
			*bucket = (struct bucket){3, request[i].at};
		bucket->tokens = fmin(3, bucket->tokens + .1 * (double)(request[i].at - bucket->last));
		bucket->last = request[i].at;
		if (bucket->tokens >= 1)
			bucket->tokens -= 1;
		else
			sum++;
	}
	return sum;
}

static void check_days(void)
{
	enum { CHECKS = 16 };
	static struct nasa_request july[NASA_ROOM], august[NASA_ROOM];
	int j = nasa_read(NASA_JULY, july), a = nasa_read(NASA_AUGUST, august);
	if (!j || !a) {
		skip(CHECKS, "the public traces are not there (CASEBOOK_TRACES)");
		return;
	}
	static const struct {
		const char *what, *kind;
		struct ratelimit_rule rule;
		bool per_client;
		int64_t july, august;
	} row[] = {
		{"bucket, one in 10 s, burst 3", "token-bucket", {1, 10 * SECOND, 3}, true, 1123, 1830},
		{"bucket, one in 5 s, burst 5", "token-bucket", {1, 5 * SECOND, 5}, true, 58, 285},
		{"bucket, one a second, burst 5", "token-bucket", {1, SECOND, 5}, true, 0, 28},
		{"one bucket for all, one a second, burst 10", "token-bucket", {1, SECOND, 10}, false, 455, 50},
		{"gcra, one in 10 s, burst 3", "gcra", {1, 10 * SECOND, 3}, true, 1123, 1830},
		{"fixed windows of 60 s, 10 each", "fixed-window", {10, 60 * SECOND, 1}, true, 21, 141},
		{"fixed windows of 10 s, 4 each", "fixed-window", {4, 10 * SECOND, 1}, true, 103, 437},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int64_t in_july = refused(july, j, row[i].kind, row[i].rule, row[i].per_client);
		is_int(in_july, row[i].july, "July: %s", row[i].what);
		int64_t in_august = refused(august, a, row[i].kind, row[i].rule, row[i].per_client);
		is_int(in_august, row[i].august, "August: %s", row[i].what);
	}
	is_int(refused_in_doubles(july, j), 1132, "canary: in doubles July differs, as published");
	is_int(refused_in_doubles(august, a), 1844, "canary: and August");
}

/* ---- the table ---- */

static void check_keymap(void)
{
	enum { KEYS = 300, STEPS = 60000 };
	static int64_t plain[KEYS];
	static bool there[KEYS];
	struct keymap map;
	keymap_init(&map, &arena, sizeof(int64_t));
	struct rng rng = rng_seed(3);
	uint64_t count = 0;
	bool same = true;
	for (int i = 0; i < STEPS; i++) {
		uint64_t key = rng_below(&rng, KEYS);
		if (rng_below(&rng, 5) < 2) {
			same = same && keymap_drop(&map, key) == there[key];
			count -= there[key];
			there[key] = false;
		} else {
			bool fresh;
			int64_t *record = keymap_put(&map, key, &fresh);
			same = same && fresh == !there[key] && *record == (fresh ? 0 : plain[key]);
			count += fresh;
			there[key] = true;
			*record = plain[key] = i;
		}
		key = rng_below(&rng, KEYS);
		const int64_t *found = keymap_find(&map, key);
		same = same && !found == !there[key] && (!found || *found == plain[key]) && map.count == count;
	}
	ok(same, "a table of keys does what an array does");
	uint64_t cursor = 0, key, walked = 0;
	for (const int64_t *record; (record = keymap_next(&map, &cursor, &key)); walked++)
		same = same && there[key] && *record == plain[key];
	ok(same && walked == count, "and is walked whole");
}

int main(void)
{
	arena_init(&arena);
	check_keymap();
	check_published_gcra();
	check_published_bucket();
	for (int i = 0; ratelimit_kinds[i]; i++) {
		is_text(ratelimit_kinds[i]->name, ratelimit_names[i], "%s is called so", ratelimit_names[i]);
		check_answers(ratelimit_kinds[i]);
		check_clock_back(ratelimit_kinds[i]);
	}
	check_bounds();
	check_meaning();
	check_equal_kinds();
	check_days();
	arena_free(&arena);
	return done_testing();
}
