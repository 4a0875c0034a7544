/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock table against one that keeps arrays and scans them each time, over random schedules of few transactions and
 * few keys: the same is told in the same order, the same deadlocks are found, the same is held after every step. What
 * must hold whatever the order is asked of the table alone.
 */
#include "model/locktable.h"
#include "tap.h"

enum { OWNERS = 6, KEYS = 3, STEPS = 120, SCHEDULES = 1000, LOG = 4 * STEPS };

/* What was told: 2 * owner, and 1 for a refusal. */
struct told {
	int event[LOG], count;
};

/* ---- the reference ---- */

struct naive {
	int owners, keys;
	uint64_t order[OWNERS];
	enum locktable_mode holds[OWNERS][KEYS];
	uint64_t held_since[OWNERS][KEYS]; /* number of the grant */
	int waits[OWNERS];                 /* key, or -1 */
	enum locktable_mode mode[OWNERS];
	int queue[KEYS][OWNERS], queued[KEYS];
	uint64_t grants, deadlocks;
	struct told pending, told;
	const char *victim;
	bool barges, holders_only;         /* planted */
};

static bool clash(enum locktable_mode one, enum locktable_mode other)
{
	return one && other && (one == LOCKTABLE_EXCLUSIVE || other == LOCKTABLE_EXCLUSIVE);
}

static int place_in_queue(const struct naive *naive, int key, int owner)
{
	for (int i = 0; i < naive->queued[key]; i++)
		if (naive->queue[key][i] == owner)
			return i;
	return -1;
}

static bool edge(const struct naive *naive, int from, int to, bool holders_only)
{
	int key = naive->waits[from];
	if (key < 0 || from == to)
		return false;
	if (clash(naive->holds[to][key], naive->mode[from]))
		return true;
	int place = place_in_queue(naive, key, to);
	return !holders_only && place >= 0 && place < place_in_queue(naive, key, from) &&
	       clash(naive->mode[to], naive->mode[from]);
}

static bool holders_clash(const struct naive *naive, int owner, int key, enum locktable_mode mode)
{
	for (int other = 0; other < naive->owners; other++)
		if (other != owner && clash(naive->holds[other][key], mode))
			return true;
	return false;
}

static void naive_hold(struct naive *naive, int owner, int key, enum locktable_mode mode)
{
	if (!naive->holds[owner][key])
		naive->held_since[owner][key] = ++naive->grants;
	naive->holds[owner][key] = mode;
}

static void tell_naively(struct told *told, int event)
{
	told->event[told->count++ % LOG] = event;
}

static void naive_leave_queue(struct naive *naive, int owner)
{
	int key = naive->waits[owner], place = place_in_queue(naive, key, owner);
	for (int i = place; i + 1 < naive->queued[key]; i++)
		naive->queue[key][i] = naive->queue[key][i + 1];
	naive->queued[key]--;
	naive->waits[owner] = -1;
}

static void naive_grant(struct naive *naive, int key)
{
	while (naive->queued[key] > 0) {
		int owner = naive->queue[key][0];
		if (holders_clash(naive, owner, key, naive->mode[owner]))
			return;
		naive_leave_queue(naive, owner);
		naive_hold(naive, owner, key, naive->mode[owner]);
		tell_naively(&naive->pending, 2 * owner);
	}
}

/* All that `owner` waits for: the holders by their grants, then the queue from the front. */
static int neighbours(const struct naive *naive, int owner, int *list)
{
	int count = 0, key = naive->waits[owner];
	if (key < 0)
		return 0;
	for (uint64_t grant = 1; grant <= naive->grants; grant++)
		for (int other = 0; other < naive->owners; other++)
			if (naive->holds[other][key] && naive->held_since[other][key] == grant &&
			    edge(naive, owner, other, naive->holders_only))
				list[count++] = other;
	for (int i = 0; i < naive->queued[key]; i++)
		if (edge(naive, owner, naive->queue[key][i], naive->holders_only))
			list[count++] = naive->queue[key][i];
	return count;
}

static int locks_of(const struct naive *naive, int owner)
{
	int count = 0;
	for (int key = 0; key < naive->keys; key++)
		count += naive->holds[owner][key] != LOCKTABLE_NONE;
	return count;
}

static bool naive_rather(const struct naive *naive, int other, int chosen)
{
	bool younger = naive->order[other] > naive->order[chosen];
	int more = locks_of(naive, other) - locks_of(naive, chosen);
	switch (naive->victim[0]) {
	case 'y':
		return younger;
	case 'o':
		return naive->order[other] < naive->order[chosen];
	case 'f':
		return more < 0 || (more == 0 && younger);
	default:
		return false;
	}
}

/* -1: no circle goes through it. */
static int naive_victim(const struct naive *naive, int from)
{
	int parent[OWNERS], reached[OWNERS], count = 0;
	for (int i = 0; i < OWNERS; i++)
		parent[i] = -1;
	reached[count++] = from;
	for (int i = 0; i < count; i++) {
		int list[2 * OWNERS], near = neighbours(naive, reached[i], list);
		for (int j = 0; j < near; j++) {
			if (list[j] == from) {
				int victim = from;
				for (int at = reached[i]; at != from; at = parent[at])
					if (naive_rather(naive, at, victim))
						victim = at;
				return victim;
			}
			if (parent[list[j]] >= 0)
				continue;
			parent[list[j]] = reached[i];
			reached[count++] = list[j];
		}
	}
	return -1;
}

static void naive_acquire(struct naive *naive, int owner, int key, enum locktable_mode mode)
{
	enum locktable_mode held = naive->holds[owner][key];
	bool passes = naive->barges || held != LOCKTABLE_NONE || naive->queued[key] == 0;
	if (held >= mode || (passes && !holders_clash(naive, owner, key, mode))) {
		naive_hold(naive, owner, key, held > mode ? held : mode);
		tell_naively(&naive->told, 2 * owner);
		return;
	}
	int place = held ? 0 : naive->queued[key];
	while (held && place < naive->queued[key] && naive->holds[naive->queue[key][place]][key])
		place++;
	for (int i = naive->queued[key]++; i > place; i--)
		naive->queue[key][i] = naive->queue[key][i - 1];
	naive->queue[key][place] = owner;
	naive->waits[owner] = key;
	naive->mode[owner] = mode;
	for (int victim; naive->waits[owner] >= 0 && (victim = naive_victim(naive, owner)) >= 0;) {
		int left = naive->waits[victim];
		naive->deadlocks++;
		naive_leave_queue(naive, victim);
		tell_naively(&naive->pending, 2 * victim + 1);
		naive_grant(naive, left);
	}
}

static void naive_end(struct naive *naive, int owner)
{
	int key = naive->waits[owner], kept = 0;
	if (key >= 0) {
		naive_leave_queue(naive, owner);
		naive_grant(naive, key);
	}
	for (int i = 0; i < naive->pending.count; i++)
		if (naive->pending.event[i] / 2 != owner)
			naive->pending.event[kept++] = naive->pending.event[i];
	naive->pending.count = kept;
	for (uint64_t grant = 1, last = naive->grants; grant <= last; grant++)
		for (key = 0; key < naive->keys; key++)
			if (naive->holds[owner][key] && naive->held_since[owner][key] == grant) {
				naive->holds[owner][key] = LOCKTABLE_NONE;
				naive_grant(naive, key);
			}
}

/* ---- what must hold ---- */

struct seen {
	enum locktable_mode holds[OWNERS][KEYS];
	bool waits[OWNERS], edge[OWNERS][OWNERS];
};

/* NULL, or what is wrong. */
static const char *wrong(const struct seen *seen)
{
	bool path[OWNERS][OWNERS];
	for (int one = 0; one < OWNERS; one++)
		for (int other = 0; other < one; other++)
			for (int key = 0; key < KEYS; key++)
				if (clash(seen->holds[one][key], seen->holds[other][key]))
					return "two hold what only one can";
	memcpy(path, seen->edge, sizeof path);
	for (int via = 0; via < OWNERS; via++)
		for (int from = 0; from < OWNERS; from++)
			for (int to = 0; to < OWNERS; to++)
				path[from][to] |= path[from][via] && path[via][to];
	for (int owner = 0; owner < OWNERS; owner++) {
		bool any = false;
		for (int other = 0; other < OWNERS; other++)
			any |= seen->edge[owner][other];
		if (path[owner][owner])
			return "a circle remains";
		if (any != seen->waits[owner])
			return "one waits for nobody";
	}
	return NULL;
}

/* ---- a schedule ---- */

#define METRICS(METRIC) \
	METRIC(WAITED, waited, TIME, NULL, "wait for a lock") \
	METRIC(DEADLOCKS, deadlocks, COUNT, NULL, "circles")
METRIC_TABLE(metrics, METRICS);

struct run {
	struct sim *sim;
	struct locktable table;
	struct meters meters;
	struct locktable_owner owner[OWNERS];
	struct naive naive;
	struct told told;
	bool asks[OWNERS]; /* and has not been told */
};

static void granted(struct sim *sim, void *subject, uint64_t detail)
{
	struct run *run = subject;
	(void)sim;
	run->asks[detail] = false;
	tell_naively(&run->told, 2 * (int)detail);
}

static void refused(struct sim *sim, void *subject, uint64_t detail)
{
	struct run *run = subject;
	(void)sim;
	run->asks[detail] = false;
	tell_naively(&run->told, 2 * (int)detail + 1);
}

static void start(struct run *run, uint64_t seed, const struct locktable_victim *victim, int owners, int keys)
{
	struct sim *sim = sim_new(seed, 0);
	*run = (struct run){.sim = sim, .naive = {.owners = owners, .keys = keys, .victim = victim->name}};
	sim_open(sim);
	meters_init(&run->meters, &sim->arena, metrics, 0, 1000000000);
	meters_window(&run->meters, 0, 0);
	locktable_init(&run->table, sim, victim);
	run->table.waited = (struct booking){&run->meters, WAITED};
	run->table.deadlocks = (struct booking){&run->meters, DEADLOCKS};
	for (int i = 0; i < OWNERS; i++) {
		locktable_begin(&run->owner[i], (uint64_t)i, NULL);
		run->naive.order[i] = (uint64_t)i;
		run->naive.waits[i] = -1;
	}
}

static uint64_t deadlocks(struct run *run)
{
	meters_end(&run->meters, run->sim->now + 1);
	return (uint64_t)meter_total(&run->meters, DEADLOCKS, -1);
}

static void drain(struct run *run)
{
	struct naive *naive = &run->naive;
	sim_replay(run->sim, NULL, NULL, NULL, INT64_MAX, NULL);
	for (int i = 0; i < naive->pending.count; i++)
		tell_naively(&naive->told, naive->pending.event[i]);
	naive->pending.count = 0;
}

static void acquire(struct run *run, int owner, int key, enum locktable_mode mode)
{
	run->asks[owner] = true;
	locktable_acquire(&run->table, &run->owner[owner], (uint64_t)key, mode, granted, refused, run, (uint64_t)owner);
	naive_acquire(&run->naive, owner, key, mode);
}

static void end(struct run *run, int owner, uint64_t order)
{
	locktable_end(&run->table, &run->owner[owner]);
	locktable_begin(&run->owner[owner], order, NULL);
	naive_end(&run->naive, owner);
	run->naive.order[owner] = order;
	run->asks[owner] = false;
}

static void look(const struct run *run, struct seen *seen)
{
	*seen = (struct seen){0};
	for (int i = 0; i < OWNERS; i++) {
		seen->waits[i] = run->owner[i].lock;
		for (int key = 0; key < KEYS; key++)
			seen->holds[i][key] = locktable_holds(&run->table, &run->owner[i], (uint64_t)key);
		for (int other = 0; other < OWNERS; other++)
			seen->edge[i][other] = locktable_waits_for(&run->owner[i], &run->owner[other]);
	}
}

/* Whether both say the same of who holds what, who waits for whom, and what was told. */
static bool same(const struct run *run, const struct seen *seen)
{
	const struct naive *naive = &run->naive;
	if (memcmp(&run->told, &naive->told, sizeof run->told) != 0 ||
	    memcmp(seen->holds, naive->holds, sizeof seen->holds) != 0)
		return false;
	for (int i = 0; i < OWNERS; i++)
		for (int other = 0; other < OWNERS; other++)
			if (seen->edge[i][other] != edge(naive, i, other, false))
				return false;
	return true;
}

struct outcome {
	int differ, wrong; /* schedules */
	uint64_t deadlocks;
	const char *what;
};

static void schedule(uint64_t seed, const struct locktable_victim *victim, bool barges, bool holders_only,
		     struct outcome *outcome)
{
	struct run *run = malloc(sizeof *run);
	struct rng rng = rng_seed(seed);
	struct seen seen;
	bool differs = false;
	const char *what = NULL;
	int owners = 2 + (int)rng_below(&rng, OWNERS - 1), keys = 1 + (int)rng_below(&rng, KEYS);
	uint64_t order = OWNERS;
	start(run, seed, victim, owners, keys);
	run->naive.barges = barges;
	run->naive.holders_only = holders_only;
	for (int step = 0; step < STEPS && !differs && !what; step++) {
		int owner = (int)rng_below(&rng, (uint64_t)owners);
		uint64_t luck = rng_below(&rng, 100);
		if (luck < (run->asks[owner] ? 3u : 15u))
			end(run, owner, rng_below(&rng, 2) ? order++ : run->naive.order[owner]);
		else if (!run->asks[owner])
			acquire(run, owner, (int)rng_below(&rng, (uint64_t)keys),
				rng_below(&rng, 5) < 3 ? LOCKTABLE_SHARED : LOCKTABLE_EXCLUSIVE);
		if (rng_below(&rng, 4) > 0)
			drain(run);
		look(run, &seen);
		differs = !same(run, &seen);
		what = wrong(&seen);
	}
	for (int i = 0; i < owners && !differs; i++)
		end(run, i, order++);
	uint64_t found = deadlocks(run);
	differs |= !differs && (run->table.locks.count > 0 || run->table.waiting > 0);
	outcome->differ += differs || found != run->naive.deadlocks;
	outcome->wrong += what != NULL;
	outcome->what = what ? what : outcome->what;
	outcome->deadlocks += found;
	sim_free(run->sim);
	free(run);
}

static struct outcome schedules(const struct locktable_victim *victim, bool barges, bool holders_only)
{
	struct outcome outcome = {0};
	for (uint64_t seed = 0; seed < SCHEDULES; seed++)
		schedule(seed, victim, barges, holders_only, &outcome);
	return outcome;
}

/* A reader behind a writer that waits: no holder is in its way, and yet it is part of the circle. */
static void test_circle_through_the_queue(void)
{
	struct run *run = malloc(sizeof *run);
	start(run, 1, locktable_victims[3], 3, 2);
	acquire(run, 0, 0, LOCKTABLE_SHARED);
	acquire(run, 2, 1, LOCKTABLE_EXCLUSIVE);
	acquire(run, 1, 0, LOCKTABLE_EXCLUSIVE);
	acquire(run, 2, 0, LOCKTABLE_SHARED);
	ok(locktable_waits_for(&run->owner[2], &run->owner[1]) && !locktable_waits_for(&run->owner[2], &run->owner[0]),
	   "a reader waits for the writer ahead of it, and not for the reader that holds the lock");
	struct naive holders_only = run->naive;
	acquire(run, 0, 1, LOCKTABLE_SHARED);
	holders_only.holders_only = true;
	naive_acquire(&holders_only, 0, 1, LOCKTABLE_SHARED);
	drain(run);
	ok(run->told.event[run->told.count - 1] == 1, "the circle through it is found, and the requester refused");
	is_int((long long)deadlocks(run), 1, "it is booked");
	is_int((long long)holders_only.deadlocks, 0, "canary: a graph of holders only misses it");
	sim_free(run->sim);
	free(run);
}

/* A long queue of writers, the last of which is in a circle with the holder: most of it need not be looked at. */
static void test_many(void)
{
	enum { MANY = 500 };
	struct run *run = malloc(sizeof *run);
	struct locktable_owner *owner = calloc(MANY, sizeof *owner);
	start(run, 1, locktable_victims[0], 1, 1);
	for (uint64_t i = 0; i < MANY; i++) {
		locktable_begin(&owner[i], i, NULL);
		locktable_acquire(&run->table, &owner[i], i + 1, LOCKTABLE_EXCLUSIVE, granted, refused, run, 0);
	}
	for (uint64_t i = 0; i < MANY; i++)
		locktable_acquire(&run->table, &owner[i], 0, LOCKTABLE_EXCLUSIVE, granted, refused, run, 0);
	is_int(run->table.waiting, MANY - 1, "%d writers wait in one queue", MANY - 1);
	locktable_acquire(&run->table, &owner[0], MANY, LOCKTABLE_SHARED, granted, refused, run, 0);
	ok(!owner[MANY - 1].lock && owner[0].lock, "the first waits for the last: the younger gives way");
	for (int i = 0; i < MANY; i++)
		locktable_end(&run->table, &owner[i]);
	is_int((long long)run->table.locks.count, 0, "and at the end nothing is held");
	free(owner);
	sim_free(run->sim);
	free(run);
}

static void test_canaries_of_what_must_hold(void)
{
	struct seen seen = {.holds = {{LOCKTABLE_EXCLUSIVE}, {LOCKTABLE_SHARED}}};
	is_text(wrong(&seen), "two hold what only one can", "canary: exclusive and shared");
	seen = (struct seen){.waits = {true}};
	is_text(wrong(&seen), "one waits for nobody", "canary: the head of a queue is left waiting");
	seen = (struct seen){.waits = {true, true}, .edge = {{false, true}, {true}}};
	is_text(wrong(&seen), "a circle remains", "canary: a circle of two");
	seen = (struct seen){.holds = {{LOCKTABLE_SHARED}, {LOCKTABLE_SHARED}}};
	is_text(wrong(&seen), NULL, "two readers are fine");
}

int main(void)
{
	for (int i = 0; locktable_victims[i]; i++) {
		struct outcome outcome = schedules(locktable_victims[i], false, false);
		is_text(locktable_victims[i]->name, locktable_victim_names[i], "the names are in the same order");
		is_int(outcome.differ, 0, "%s: all schedules as the reference", locktable_victim_names[i]);
		is_int(outcome.wrong, 0, "%s: what must hold does: %s", locktable_victim_names[i],
		       outcome.what ? outcome.what : "yes");
		ok(outcome.deadlocks > SCHEDULES, "%s: there are many deadlocks: %llu", locktable_victim_names[i],
		   (unsigned long long)outcome.deadlocks);
	}
	ok(schedules(locktable_victims[0], true, false).differ > 0, "canary: a reader that passes a writer is noticed");
	ok(schedules(locktable_victims[0], false, true).differ > 0, "canary: so is a graph of holders only");
	test_circle_through_the_queue();
	test_many();
	test_canaries_of_what_must_hold();
	return done_testing();
}
