/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts that architectures are made of: each against what can be worked out by hand, or against a simple program
 * that does the same without events.
 */
#include "model/cluster.h"
#include "model/flight.h"
#include "model/migrator.h"
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

/* ---- pool ---- */

enum { JOBS = 3000, PAUSES = 60 };

struct job {
	int64_t arrival, service, end; /* end -1: turned away */
	int64_t began;
};

struct pause {
	int64_t at, length;
};

struct shop {
	struct pool pool;
	struct job *job;
	struct pause *pause;
	int order[JOBS], left;
};

static void job_leaves(struct sim *sim, void *subject, uint64_t number)
{
	struct shop *shop = subject;
	shop->job[number].began = pool_began(&shop->pool);
	shop->job[number].end = sim->now;
	shop->order[shop->left++] = (int)number;
}

static void job_arrives(struct sim *sim, void *subject, const struct row *row)
{
	struct shop *shop = subject;
	(void)sim;
	if (!pool_enter(&shop->pool, shop->job[row->id].service, job_leaves, shop, row->id, NULL))
		shop->job[row->id].end = -1;
}

static void pause_begins(struct sim *sim, void *subject, uint64_t number)
{
	struct shop *shop = subject;
	(void)sim;
	pool_pause(&shop->pool, shop->pause[number].length);
}

struct job_rows {
	struct row_source source;
	const struct job *job;
	size_t at;
};

static size_t job_fill(struct row_source *source, struct row *rows, size_t capacity)
{
	struct job_rows *from = (struct job_rows *)source;
	size_t filled = 0;
	for (; filled < capacity && from->at < JOBS; filled++, from->at++)
		rows[filled] = (struct row){.time = from->job[from->at].arrival, .id = from->at};
	return filled;
}

/* Joins pauses that begin during others: the one that lasts longest decides. Returns how many are left. */
static int merge_pauses(const struct pause *pause, int count, struct pause *merged)
{
	int n = 0;
	for (int i = 0; i < count; i++) {
		struct pause *last = n ? &merged[n - 1] : NULL;
		int64_t end = pause[i].at + pause[i].length;
		if (last && pause[i].at < last->at + last->length)
			last->length = end > last->at + last->length ? end - last->at : last->length;
		else
			merged[n++] = pause[i];
	}
	return n;
}

/* When `service` ns that are not paused have passed since `from`. */
static int64_t pass(int64_t from, int64_t service, const struct pause *pause, int count)
{
	for (int i = 0; i < count; i++) {
		if (pause[i].at + pause[i].length <= from)
			continue;
		if (pause[i].at > from) {
			if (pause[i].at >= from + service)
				break;
			service -= pause[i].at - from;
		}
		from = pause[i].at + pause[i].length;
	}
	return from + service;
}

/* When all jobs are begun and end, without events. */
static void pool_by_hand(const struct job *job, int64_t *begin, int64_t *end, int servers, int places,
			 const struct pause *pause, int pauses)
{
	int64_t free_at[16] = {0};
	for (int i = 0; i < JOBS; i++) {
		int first = 0, waiting = 0;
		for (int s = 1; s < servers; s++)
			first = free_at[s] < free_at[first] ? s : first;
		for (int k = 0; k < i; k++)
			waiting += begin[k] > job[i].arrival;
		if (free_at[first] > job[i].arrival && places >= 0 && waiting >= places) {
			end[i] = begin[i] = -1;
			continue;
		}
		begin[i] = free_at[first] > job[i].arrival ? free_at[first] : job[i].arrival;
		end[i] = free_at[first] = pass(begin[i], job[i].service, pause, pauses);
	}
}

/* Returns how many jobs end at another time than they should; *refused: how many are turned away. */
static int pool_differs(int servers, int places, bool paused, int64_t more, int *refused)
{
	struct sim *sim = sim_new(1, 0);
	struct shop *shop = ARENA_NEW(&sim->arena, struct shop);
	struct rng rng = rng_seed((uint64_t)(servers * 100 + places * 10 + paused));
	shop->job = ARENA_ARRAY(&sim->arena, JOBS, struct job);
	shop->pause = ARENA_ARRAY(&sim->arena, PAUSES, struct pause);
	/* Whole microseconds make many ties. No two pauses, and no pause and job, fall on the same ns. */
	int64_t now = 0;
	for (int i = 0; i < JOBS; i++) {
		now += 1000 * (int64_t)rng_below(&rng, 20);
		shop->job[i].arrival = now;
		shop->job[i].service = 1000 * (int64_t)(1 + rng_below(&rng, (uint64_t)servers * 18));
	}
	int64_t at = 0, apart = now / PAUSES;
	struct pause merged[PAUSES];
	for (int i = 0; i < PAUSES; i++) {
		at += 1000 * (1 + (int64_t)rng_below(&rng, (uint64_t)apart * 2 / 1000));
		shop->pause[i] = (struct pause){at + i + 1, 1000 * (1 + (int64_t)rng_below(&rng, 200))};
	}
	int count = paused ? merge_pauses(shop->pause, PAUSES, merged) : 0;
	int64_t *want = ARENA_ARRAY(&sim->arena, JOBS, int64_t), *begin = ARENA_ARRAY(&sim->arena, JOBS, int64_t);
	pool_by_hand(shop->job, begin, want, servers, places, merged, count);
	pool_init(&shop->pool, sim, "shop", -1, servers, places);
	for (int i = 0; paused && i < PAUSES; i++)
		sim_at(sim, shop->pause[i].at, pause_begins, shop, (uint64_t)i);
	struct job_rows rows = {.source = {job_fill}, .job = shop->job};
	sim_open(sim);
	sim_replay(sim, &rows.source, job_arrives, shop, INT64_MAX, NULL);
	int different = 0;
	*refused = 0;
	for (int i = 0; i < JOBS; i++) {
		different += shop->job[i].end != want[i] + more ||
			     (want[i] >= 0 && shop->job[i].began != pass(begin[i], 0, merged, count));
		*refused += want[i] < 0;
	}
	if (!more)
		ok(shop->pool.busy == 0 && shop->pool.waiting == 0 && shop->left == JOBS - *refused,
		   "pool: nobody is left behind");
	sim_free(sim);
	return different;
}

static void check_pool_random(void)
{
	static const int servers[] = {1, 2, 7}, places[] = {-1, 0, 5};
	for (int s = 0; s < 3; s++)
		for (int p = 0; p < 3; p++)
			for (int paused = 0; paused < 2; paused++) {
				int refused;
				is_int(pool_differs(servers[s], places[p], paused, 0, &refused), 0,
				       "pool: %d servers, %d places%s: all jobs end as by hand", servers[s], places[p],
				       paused ? ", pauses" : "");
				ok((refused > 0) == (places[p] >= 0), "pool: some are turned away, or none");
			}
	int refused;
	ok(pool_differs(2, -1, true, 1, &refused) > 0, "canary: a nanosecond is told apart");
}

struct notes {
	int64_t time[16];
	uint64_t number[16];
	int count;
};

static void note(struct sim *sim, void *subject, uint64_t number)
{
	struct notes *notes = subject;
	notes->time[notes->count] = sim->now;
	notes->number[notes->count++] = number;
}

static void return_one(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	pool_return(subject);
}

static void check_pool_by_hand(void)
{
	struct sim *sim = sim_new(1, 0);
	struct notes notes = {.count = 0};
	struct pool pool;
	pool_init(&pool, sim, "pool", -1, 2, -1);
	for (uint64_t i = 0; i < 5; i++)
		pool_enter(&pool, 10, note, &notes, i, NULL);
	is_int(pool.waiting, 3, "two of five are served, three wait");
	run(sim);
	bool in_order = notes.count == 5;
	for (int i = 0; in_order && i < 5; i++)
		in_order = notes.number[i] == (uint64_t)i && notes.time[i] == 10 * (i / 2 + 1);
	ok(in_order, "jobs of one instant leave in the order of entering");

	notes.count = 0;
	int64_t start = sim->now;
	pool.slowness = 2.5;
	pool_enter(&pool, 100, note, &notes, 0, NULL);
	pool.slowness = 1;
	pool_enter(&pool, 100, note, &notes, 1, NULL);
	run(sim);
	is_int(notes.time[0] - start, 100, "a job that starts at full speed");
	is_int(notes.time[1] - start, 250, "and one that started slowed down");
	is_int((long long)pool.served_ns, 50 + 350, "service given");

	/* A server that is held. */
	notes.count = 0;
	start = sim->now;
	pool_init(&pool, sim, "pool", -1, 1, 2);
	ok(pool_take(&pool, note, &notes, 0, NULL) && notes.count == 1, "a free server is granted at once");
	ok(pool_enter(&pool, 10, note, &notes, 1, NULL), "a job waits behind it");
	ok(pool_take(&pool, note, &notes, 2, NULL) && notes.count == 1, "a second waits for a server");
	ok(!pool_take(&pool, note, &notes, 3, NULL), "there are no more places");
	sim_after(sim, 50, return_one, &pool, 0);
	sim_after(sim, 80, return_one, &pool, 0);
	run(sim);
	/* The server is passed on before its last job is told that it has ended. */
	ok(notes.count == 3 && notes.number[1] == 2 && notes.time[1] - start == 60 && notes.number[2] == 1 &&
		   notes.time[2] - start == 60,
	   "both kinds are served in the order of coming");
	is_int(pool.busy, 0, "and all is returned");
	sim_free(sim);
}

/* ---- ring ---- */

enum { KEYS = 50000 };

static void check_ring(void)
{
	struct arena arena;
	arena_init(&arena);
	struct ring twelve, thirteen, again;
	ring_init(&twelve, &arena, 12, 256, 3);
	ring_init(&again, &arena, 12, 256, 3);
	ring_init(&thirteen, &arena, 13, 256, 3);
	int owned[12] = {0}, same = 0, moved = 0, astray = 0, modulo_moved = 0;
	bool different = true, equal = true, kept = true;
	for (uint64_t key = 0; key < KEYS; key++) {
		const uint16_t *owners = ring_owners(&twelve, key), *now = ring_owners(&thirteen, key);
		different = different && owners[0] != owners[1] && owners[1] != owners[2] && owners[0] != owners[2];
		equal = equal && memcmp(owners, ring_owners(&again, key), 3 * sizeof *owners) == 0;
		CHECK(owners[0] < 12 && owners[1] < 12 && owners[2] < 12);
		owned[owners[0]]++;
		same += owners[0] == now[0];
		moved += owners[0] != now[0];
		astray += owners[0] != now[0] && now[0] != 12;
		modulo_moved += key % 12 != key % 13;
		for (int r = 0; r < 3; r++) /* those that stay are in the same order, the new one between them */
			kept = kept && (now[r] == 12 || now[r] == owners[r] || (r > 0 && now[r] == owners[r - 1]));
	}
	ok(different, "the replicas of a key are different nodes");
	ok(equal, "equal rings have equal owners");
	int least = KEYS, most = 0;
	for (int i = 0; i < 12; i++) {
		least = owned[i] < least ? owned[i] : least;
		most = owned[i] > most ? owned[i] : most;
	}
	diag("ring: a node owns %.3f to %.3f of its fair share", least * 12.0 / KEYS, most * 12.0 / KEYS);
	ok(least * 12 > 0.75 * KEYS && most * 12 < 1.25 * KEYS, "with 256 points a node owns about its share");
	is_int(astray, 0, "a new node takes keys, and no others move");
	ok(kept, "nor do replicas");
	diag("ring: %.4f of the keys move to a thirteenth node (1/13 = %.4f)", (double)moved / KEYS, 1.0 / 13);
	near_to((double)moved / KEYS, 1.0 / 13, 0.25 / 13, "it takes its share");
	ok(!(fabs((double)modulo_moved / KEYS - 1.0 / 13) < 0.25 / 13), "canary: with key modulo nodes most keys move");
	is_int(same + moved, KEYS, "all keys were looked at");
	struct ring few;
	ring_init(&few, &arena, 3, 4, 3);
	int sum = 0;
	for (uint64_t key = 0; key < 100; key++)
		for (int r = 0; r < 3; r++)
			sum += ring_owners(&few, key)[r];
	is_int(sum, 300, "as many replicas as nodes: every node has every key");
	ring_init(&few, &arena, 1, 1, 1);
	is_int(*ring_owners(&few, UINT64_MAX), 0, "one node, one point");
	arena_free(&arena);
}

/* ---- flight ---- */

struct waiter {
	struct flight_follower follower; /* first */
	uint64_t number;
};

enum { FLIGHT_KEYS = 3000, FLIGHT_STEPS = 200000 };

static void check_flight(void)
{
	struct arena arena;
	arena_init(&arena);
	struct flight flight;
	flight_init(&flight, &arena);
	size_t first_capacity = flight.capacity;
	/* The simple map: for every key whether it flies, and the numbers of its followers in order. */
	static bool flying[FLIGHT_KEYS];
	static uint64_t list[FLIGHT_KEYS][64];
	static int length[FLIGHT_KEYS];
	static struct waiter waiter[FLIGHT_STEPS];
	struct rng rng = rng_seed(7);
	int wrong_lead = 0, wrong_list = 0, landed = 0, followed = 0, count = 0, most = 0;
	bool canary = false;
	for (int step = 0; step < FLIGHT_STEPS; step++) {
		/* At first more joins than landings, then fewer: it fills, and empties. */
		uint64_t k = rng_below(&rng, FLIGHT_KEYS), key = k * UINT64_C(0x100000001);
		bool join = rng_unit(&rng) < (step < FLIGHT_STEPS / 2 ? 0.7 : 0.3);
		if (join && length[k] < 64) {
			waiter[step].number = (uint64_t)step;
			bool leads = flight_join(&flight, key, &waiter[step].follower);
			wrong_lead += leads == flying[k];
			if (flying[k])
				list[k][length[k]++] = (uint64_t)step;
			count += !flying[k];
			followed += flying[k];
			flying[k] = true;
		} else if (!join && flying[k]) {
			int at = 0;
			for (struct flight_follower *f = flight_land(&flight, key); f; f = f->next, at++) {
				uint64_t number = ((struct waiter *)f)->number;
				wrong_list += at >= length[k] || list[k][at] != number;
				canary = canary || number != list[k][length[k] - 1];
			}
			wrong_list += at != length[k];
			flying[k] = false;
			length[k] = 0;
			landed++;
			count--;
		}
		most = count > most ? count : most;
		CHECK(flight.count == (size_t)count);
	}
	is_int(wrong_lead, 0, "flight: who leads and who follows, as in a simple map");
	is_int(wrong_list, 0, "flight: followers are handed over in the order of joining");
	ok(canary, "canary: the reverse order is told apart");
	ok(landed > 1000 && followed > 1000 && (size_t)most > first_capacity && flight.capacity > first_capacity,
	   "flight: it has grown and shrunk (%d landings, %d followers, at most %d at a time)", landed, followed, most);
	arena_free(&arena);
}

/* ---- collector ---- */

/* Allocates a MB at a time; the number of the first that sets off a pause, and its length. */
static int until_pause(struct collector *collector, int64_t *length)
{
	for (int i = 1; i < 100000; i++)
		if ((*length = collector_allocate(collector, 1e6)) > 0)
			return i;
	return 0;
}

static void check_collector(void)
{
	struct collector_config config = {
		.on = true, .heap = 1e9, .headroom = 100e6, .live = 200e6, .rate = 1e9, .floor = 5 * ms
	};
	struct collector c;
	int64_t pause;
	collector_init(&c, &config, 0, 0);
	is_int(until_pause(&c, &pause), 100, "a collection when the headroom is used up");
	is_int(pause, 205 * ms, "floor and live / rate");
	is_int(until_pause(&c, &pause), 100, "and then again");
	is_int((long long)c.pauses, 2, "collections are counted");
	collector_hold(&c, 300e6);
	is_int(until_pause(&c, &pause), 100, "what is held does not make it more frequent while there is room");
	is_int(pause, 505 * ms, "but longer");
	collector_hold(&c, 440e6);
	is_int(until_pause(&c, &pause), 60, "a heap that gets full is collected more often");
	is_int(pause, 945 * ms, "and for longer");
	collector_hold(&c, 1000e6);
	is_int(until_pause(&c, &pause), 5, "a heap that is full, all the time");
	collector_hold(&c, -1740e6);
	is_int(until_pause(&c, &pause), 100, "what is let go is free again");
	is_int(pause, 205 * ms, "and no longer traced");
	collector_keep(&c, 100e6);
	collector_keep(&c, 300e6);
	collector_keep(&c, 200e6);
	is_int(until_pause(&c, &pause), 100, "of what is kept until the next collection");
	is_int(pause, 505 * ms, "the largest is traced");
	is_int(until_pause(&c, &pause), 100, "once");
	is_int(pause, 205 * ms, "and never again");
	collector_init(&c, &config, 0.75, 0);
	is_int(until_pause(&c, &pause), 25, "the phase shifts the first");
	is_int(until_pause(&c, &pause), 100, "and no others");
	config.on = false;
	collector_init(&c, &config, 0, 0);
	is_int(until_pause(&c, &pause), 0, "canary: none without a collector");
}

/*
 * Against the closed form: of n bytes allocated, every eden-th sets off a young pause, every (headroom / survivors)th
 * of those an old one at once; the world stands still for n / eden of the first and n / eden / that of the second.
 */
static void check_generations(void)
{
	const struct collector_config config = {
		.on = true, .heap = 1e9, .eden = 50e6, .survivors = 0.2, .headroom = 80e6, .live = 200e6, .rate = 1e9,
		.floor = 5 * ms
	};
	struct collector c;
	int64_t pause, stopped = 0, young = 0, old = 0;
	collector_init(&c, &config, 0, 0);
	for (int i = 1; i <= 4000; i++) {
		pause = collector_allocate(&c, 1e6);
		stopped += pause;
		young += pause == 15 * ms;
		old += pause == (15 + 205) * ms;
		if (i == 50)
			is_int(pause, 15 * ms, "a young collection traces its survivors");
		if (i == 400)
			is_int(pause, 220 * ms, "the eighth fills the old generation, whose own pause follows");
	}
	ok(young == 70 && old == 10 && c.pauses == 90,
	   "of 80 young collections every eighth is followed by an old one");
	is_int(stopped, 80 * 15 * ms + 10 * 205 * ms, "the world stands still for as long as both take");
	collector_hold(&c, 710e6);
	is_int(until_pause(&c, &pause), 50, "what is held does not make young collections more frequent");
	is_int(pause, 15 * ms, "nor longer");
	is_int(until_pause(&c, &pause), 50, "of the old generation 40 MB are left:");
	is_int(until_pause(&c, &pause), 50, "it is collected");
	is_int(pause, 15 * ms, "after the fourth");
	is_int(until_pause(&c, &pause), 50, "young one,");
	is_int(pause, (15 + 5 + 200 + 710) * ms, "and what is held is traced");
	collector_init(&c, &config, 0.5, 0.4);
	is_int(until_pause(&c, &pause), 30, "the phase of the young generation shifts its first collection");
	for (int i = 2; i <= 4; i++) {
		is_int(pause, 15 * ms, "no old one");
		until_pause(&c, &pause);
	}
	is_int(pause, 220 * ms, "and the other phase the first of the old generation");
}

/* ---- compaction ---- */

static void check_compaction(void)
{
	struct sim *sim = sim_new(1, 0);
	struct pool disk;
	struct compaction c;
	struct notes notes = {.count = 0};
	pool_init(&disk, sim, "disk", 0, 1, -1);
	compaction_init(&c, &disk, 10e6, 100e6, 5e6, 1e6);
	compaction_add(&c, 0.9e6);
	ok(!c.working, "less than a chunk waits");
	compaction_add(&c, 9.1e6);
	near_to(compaction_tables(&c), 2, 1e-12, "debt means more tables");
	/* Somebody else's job comes during the first chunk (0 to 10 ms), and waits for its end. */
	pool_enter(&disk, 1 * ms, note, &notes, 0, NULL);
	run(sim);
	is_int(notes.time[0], 11 * ms, "others wait for a chunk at most");
	is_int(sim->now, second, "ten chunks at their rate: one begins every 100 ms");
	near_to(c.debt, 0, 1e-6, "nothing is owed");
	is_int((long long)disk.served_ns, 10 * 10 * ms + 1 * ms, "the disk has worked for it");

	int64_t start = sim->now;
	c.hurried = true;
	compaction_add(&c, 10e6);
	run(sim);
	is_int(sim->now - start, 100 * ms, "in a hurry, as fast as the disk can");
	ok(sim->now - start != second, "canary: the rate is told apart");

	/* A disk that is busy half of the time for others takes the rest; the rate of 100 MB/s is not reached. */
	start = sim->now;
	compaction_init(&c, &disk, 100e6, 100e6, 5e6, 1e6);
	for (uint64_t i = 0; i < 10; i++)
		pool_enter(&disk, 10 * ms, note, &notes, i, NULL);
	compaction_add(&c, 3e6);
	run(sim);
	is_int(sim->now - start, 130 * ms, "compaction waits in the same queue as all others");
	compaction_init(&c, &disk, 0, 100e6, 5e6, 1e6);
	compaction_add(&c, 10e6);
	run(sim);
	near_to(c.debt, 10e6, 0, "at rate 0 debt stays");
	sim_free(sim);
}

/* ---- ledger ---- */

enum { LEDGER_NODES = 40, LEDGER_WRITES = 20000 };

static void check_ledger(void)
{
	struct arena arena;
	arena_init(&arena);
	struct ledger ledger;
	ledger_init(&ledger, &arena);
	size_t first_capacity = ledger.capacity;
	static uint64_t holders[LEDGER_WRITES]; /* a bit for each node */
	struct rng rng = rng_seed(3);
	int writes = 0;
	bool same = true, canary = false;
	long long lost = 0;
	for (int step = 0; step < 40; step++) {
		for (int i = 0; i < LEDGER_WRITES / 40; i++, writes++) {
			uint16_t holder[3];
			int count = (int)rng_below(&rng, 4);
			for (int h = 0; h < count; h++) {
				do
					holder[h] = (uint16_t)rng_below(&rng, LEDGER_NODES);
				while (holders[writes] >> holder[h] & 1);
				holders[writes] |= UINT64_C(1) << holder[h];
			}
			ledger_add(&ledger, holder, count);
		}
		uint16_t dead = (uint16_t)rng_below(&rng, LEDGER_NODES);
		if (step % 4 == 3)
			ledger_forget(&ledger, dead);
		lost = 0;
		for (int i = 0; i < writes; i++) {
			if (step % 4 == 3)
				holders[i] &= ~(UINT64_C(1) << dead);
			lost += holders[i] == 0;
		}
		same = same && (long long)ledger_lost(&ledger) == lost;
		canary = canary || (long long)ledger_lost(&ledger) == lost + 1;
	}
	ok(same, "ledger: losses as counted one by one (%lld of %d writes, in the end)", lost, writes);
	ok(!canary, "canary: one more is told apart");
	is_int((long long)ledger_writes(&ledger), writes, "ledger: no write is forgotten");
	ok(ledger.capacity > first_capacity, "ledger: it has grown");
	arena_free(&arena);
}

/* ---- journeys ---- */

enum { TRIPS = 5000, KEPT = 25 };

struct trip {
	int64_t took;
	uint64_t id;
};

static int by_slowness(const void *a, const void *b)
{
	const struct trip *x = a, *y = b;
	return x->took != y->took ? (x->took < y->took) - (x->took > y->took) : (x->id > y->id) - (x->id < y->id);
}

static void check_journeys(void)
{
	struct arena arena;
	arena_init(&arena);
	struct journeys journeys;
	journeys_init(&journeys, &arena, KEPT);
	static struct trip trip[TRIPS];
	struct journey *open[64];
	struct rng rng = rng_seed(11);
	/* They begin in order and end in another; many take equally long. */
	for (int base = 0; base < TRIPS; base += 50) {
		for (int i = 0; i < 50; i++) {
			open[i] = journey_begin(&journeys, (uint64_t)(base + i), base * 10, "trip");
			trip[base + i] = (struct trip){1 + (int64_t)rng_below(&rng, 400), (uint64_t)(base + i)};
			for (uint64_t k = rng_below(&rng, 60); k > 0; k--)
				journey_note(&open[i], base * 10, "part", 1, "waits", 2);
		}
		for (int i = 49; i >= 0; i--)
			journey_end(&journeys, open[i], base * 10 + trip[base + i].took);
	}
	size_t bytes = arena.bytes;
	qsort(trip, TRIPS, sizeof *trip, by_slowness);
	journeys_sort(&journeys);
	bool same = journeys.kept == KEPT, canary = false;
	for (int i = 0; same && i < KEPT; i++) {
		const struct journey *j = journeys.slowest[i];
		same = j->id == trip[i].id && j->end - j->begin == trip[i].took && j->steps <= JOURNEY_STEPS &&
		       (j->dropped == 0 || j->steps == JOURNEY_STEPS);
		canary = canary || j->id != trip[i + 1].id;
	}
	ok(same, "the slowest are kept, the slowest first, ties by number");
	ok(canary, "canary: the next slower ones are told apart");
	size_t each = sizeof(struct journey) + (JOURNEY_STEPS + 8) * sizeof(struct journey_step);
	ok(bytes < (KEPT + 64) * each + 4096, "the others are used again");
	ok(!journey_begin(NULL, 1, 0, "trip"), "off, there is none");
	journey_note(NULL, 0, "part", 1, "waits", 2);
	struct journey *none = NULL;
	journey_note(&none, 0, "part", 1, "waits", 2);
	arena_free(&arena);
}

/* How many spans there are in it, each begun and ended within what it is in. */
static int nested(const struct journey *journey, bool *good)
{
	int count = 0;
	int64_t before = journey->begin;
	for (const struct journey *span = journey->child; span; span = span->next) {
		*good = *good && span->id == journey->id && span->begin >= before && span->end >= span->begin &&
			span->end <= journey->end;
		before = span->begin;
		count += 1 + nested(span, good);
	}
	return count;
}

static void check_spans(void)
{
	struct arena arena, other;
	arena_init(&arena);
	arena_init(&other);
	struct journeys journeys;
	journeys_init(&journeys, &arena, 3);
	/* A request of 7 spans, three deep; the slowest of many are the last. */
	size_t bytes = 0;
	for (int i = 0; i < 1000; i++) {
		int64_t at = i * 1000;
		struct journey *whole = journey_begin(&journeys, (uint64_t)i, at, "trip");
		struct journey *left = journey_span(whole, at + 1, "left");
		struct journey *right = journey_span(whole, at + 1, "right");
		for (int k = 0; k < 5; k++) {
			struct journey *inner = journey_span(k < 3 ? left : right, at + 2 + k, "inner");
			journey_note(&inner, at + 2 + k, "part", k, "waits", -1);
			journey_span_end(inner, at + 4 + k);
		}
		journey_span_end(right, at + 20);
		journey_span_end(left, at + 21);
		journey_end(&journeys, whole, at + 100 + i);
		if (i == 500)
			bytes = arena.bytes;
	}
	ok(arena.bytes == bytes, "spans of what is not kept are used again");
	journeys_sort(&journeys);
	bool good = true, canary = true;
	is_int(nested(journeys.slowest[0], &good), 7, "spans are kept with their request");
	ok(good, "each within what it is part of");
	struct journey *child = journeys.slowest[0]->child;
	is_text(child->next->kind, "right", "in the order of their beginning");
	is_int(child->child->next->step[0].number, 1, "with their steps");
	child->child->begin = child->begin - 1;
	nested(journeys.slowest[0], &canary);
	ok(!canary, "canary: a span that begins before what it is in");
	struct journey copy = *journeys.slowest[1];
	journey_own(&copy, &other);
	arena_free(&arena);
	good = true;
	is_int(nested(&copy, &good), 7, "a copy has its own spans");
	is_text(copy.child->child->step[0].part, "part", "and steps");

	/* What goes on after its request has ended is not used again before it ends too. */
	arena_init(&arena);
	journeys_init(&journeys, &arena, 1);
	struct journey *slow = journey_begin(&journeys, 1, 0, "trip"), *quick = journey_begin(&journeys, 2, 0, "trip");
	struct journey *left = journey_span(quick, 1, "later");
	journey_end(&journeys, slow, 100);
	journey_end(&journeys, quick, 10);
	for (int i = 0; i < 5; i++)
		ok(journey_begin(&journeys, 3, 20, "trip") != left, "it is still its own");
	journey_note(&left, 30, "part", 1, "waits", -1);
	struct journey *within = journey_span(left, 31, "within");
	journey_span_end(left, 40);
	journey_span_end(within, 50);
	struct journey *one = journey_begin(&journeys, 4, 60, "trip"), *two = journey_begin(&journeys, 5, 60, "trip"),
		       *three = journey_begin(&journeys, 6, 60, "trip");
	ok((one == left || two == left || three == left) && (one == quick || two == quick || three == quick),
	   "and used again then");

	/* There is an end to spans. */
	for (int i = 0; i < JOURNEY_SPANS + 5; i++)
		left = journey_span(one, 70, "many");
	ok(!left && one->spans == JOURNEY_SPANS && one->missing == 5, "of too many the last are counted");
	journey_span_end(left, 80);
	ok(!journey_span(NULL, 1, "none"), "no journey has no spans");
	arena_free(&arena);
	arena_free(&other);
}

/* ---- node ---- */

/* How long an operation of 1 ms takes on a node whose first shard has 100 operations of 10 ms before it. */
static int64_t beside_a_hot_shard(bool sharded, int64_t concurrency, bool same_shard)
{
	struct sim *sim = sim_new(1, 0);
	struct node node;
	struct notes notes = {.count = 0};
	struct notes *ignored = ARENA_NEW(&sim->arena, struct notes);
	const struct node_config config = {.cores = 4, .sharded = sharded, .concurrency = concurrency, .disk_depth = 8};
	node_init(&node, sim, 0, &config);
	uint64_t hot = 0, other = 1;
	while ((rng_mix(other) % 4 == rng_mix(hot) % 4) != same_shard)
		other++;
	for (int i = 0; i < 100; i++) {
		node_serve(&node, hot, 10 * ms, 0, 0, note, ignored, 0, NULL);
		ignored->count = 0;
	}
	node_serve(&node, other, 1 * ms, 0, 0, note, &notes, 0, NULL);
	while (notes.count == 0 && sim->now < 10 * second) {
		int64_t time = queue_peek(&sim->queue);
		CHECK(time != QUEUE_NEVER);
		struct queue_event next = queue_take(&sim->queue);
		sim->now = time;
		next.fn(sim, next.subject, next.detail);
		ignored->count = 0;
	}
	int64_t took = notes.time[0];
	sim_free(sim);
	return took;
}

static void check_node(void)
{
	is_int(beside_a_hot_shard(true, 64, false), 1 * ms, "another shard does not notice a hot one");
	is_int(beside_a_hot_shard(true, 64, true), 1001 * ms, "the hot shard waits for itself");
	is_int(beside_a_hot_shard(false, 64, false), 251 * ms, "with one queue everybody waits: 100 * 10 ms / 4");
	is_int(beside_a_hot_shard(false, 1000, false), 251 * ms, "also when all may be in progress");

	struct sim *sim = sim_new(1, 0);
	struct node node;
	struct notes notes = {.count = 0};
	struct meters books;
	const struct node_config config = {.cores = 2, .concurrency = 3, .disk_depth = 1};
	node_init(&node, sim, 5, &config);
	node_serve(&node, 1, 2 * ms, 3 * ms, 0, note, &notes, 0, NULL);
	node_serve(&node, 1, 2 * ms, 3 * ms, 0, note, &notes, 1, NULL);
	node_serve(&node, 1, 2 * ms, 0, 0, note, &notes, 2, NULL);
	node_serve(&node, 1, 1 * ms, 0, 0, note, &notes, 3, NULL);
	run(sim);
	/* 0 and 1 have a core until 2 ms; the disk until 5 and 8. 2 has a core from 2 to 4. 3 has no place before 4. */
	ok(notes.count == 4 && notes.number[0] == 2 && notes.time[0] == 4 * ms && notes.number[1] == 0 &&
		   notes.time[1] == 5 * ms && notes.number[2] == 3 && notes.time[2] == 5 * ms && notes.number[3] == 1 &&
		   notes.time[3] == 8 * ms,
	   "a place, a core, the disk; and the place is kept until the end");
	is_int((long long)node_cpu_ns(&node), 7 * ms, "core time");

	int64_t start = sim->now;
	notes.count = 0;
	node_serve(&node, 1, 2 * ms, 0, 0, note, &notes, 0, NULL);
	node_pause(&node, 100 * ms);
	is_int(node_ready(&node) - start, 100 * ms, "a node that stands still says until when");
	run(sim);
	is_int(notes.time[0] - start, 102 * ms, "an operation in service ends later by the pause");

	/* The disk's answer comes during a pause that begins after the core's part. */
	notes.count = 0;
	start = sim->now;
	books_open(&books, &sim->arena);
	node.collected = book_time(&books, 0);
	const struct collector_config heap = {
		.on = true, .heap = 1e9, .headroom = 10e6, .live = 45e6, .rate = 1e9, .floor = 5 * ms
	};
	collector_init(&node.collector, &heap, 0, 0);
	node_serve(&node, 1, 2 * ms, 3 * ms, 10e6, note, &notes, 0, NULL);
	node_serve(&node, 1, 4 * ms, 0, 0, note, &notes, 1, NULL);
	run(sim);
	meters_end(&books, sim->now);
	is_int(timed(&books, 0)->greatest, 50 * ms, "a collection is booked");
	node.collected = (struct booking){0};
	ok(notes.time[0] - start == 52 * ms && notes.time[1] - start == 54 * ms,
	   "nobody looks at the disk's answer before it is over, and others in service are charged");

	notes.count = 0;
	start = sim->now;
	node.collector = (struct collector){.young = 0};
	node_slow(&node, 10);
	node_serve(&node, 1, 2 * ms, 3 * ms, 0, note, &notes, 0, NULL);
	run(sim);
	is_int(notes.time[0] - start, 23 * ms, "slow cores, and a disk that is not");
	sim_free(sim);
}

/* ---- scans and the migrator ---- */

static void idle_node(struct node *node, struct sim *sim, int64_t cores)
{
	const struct node_config config = {.cores = cores, .concurrency = 8, .disk_depth = 1};
	node_init(node, sim, 0, &config);
	const struct collector_config heap = {.on = true, .heap = 1e12, .headroom = 1e11, .rate = 1e9};
	collector_init(&node->collector, &heap, 0, 0);
}

static void check_scan(void)
{
	struct sim *sim = sim_new(1, 0);
	struct node node;
	struct notes notes = {.count = 0}, other = {.count = 0};
	struct scans scans = {.sim = sim};
	struct scan_cost cost = {.cell_cpu = 100, .cell_bytes = 50, .kept = true};
	idle_node(&node, sim, 1);
	scan_begin(&scans, &node, 1, 2 * SCAN_SLICE + SCAN_SLICE / 2, &cost, note, &notes, 7);
	near_to(node.collector.held, SCAN_SLICE * 50.0, 0, "what is being scanned is kept");
	node_serve(&node, 1, 1 * ms, 0, 0, note, &other, 0, NULL);
	run(sim);
	ok(notes.count == 1 && notes.number[0] == 7 && notes.time[0] == 26 * ms,
	   "a scan takes its time, and that of those it lets pass");
	is_int(other.time[0], 11 * ms, "others wait for a slice at most");
	near_to(node.collector.held, 0, 0, "in the end it lets go");
	near_to(node.collector.used, 2.5 * SCAN_SLICE * 50, 1e-6, "and leaves garbage");
	cost.kept = false;
	scan_begin(&scans, &node, 1, SCAN_SLICE, &cost, note, &notes, 8);
	near_to(node.collector.held, 0, 0, "or keeps nothing");
	run(sim);
	int64_t now = sim->now;
	scan_begin(&scans, &node, 1, 0, &cost, note, &notes, 9);
	ok(notes.count == 3 && notes.time[1] == 36 * ms && notes.number[2] == 9 && sim->now == now,
	   "a scan of nothing has ended at once");
	sim_free(sim);
}

struct moves {
	int64_t rows, ranges, least, length;
};

static struct moves migrate(double dense, int workers)
{
	struct sim *sim = sim_new(1, 0);
	struct node node;
	struct meters books;
	const struct dist disk = dist_const(1e6);
	const struct migrator_config config = {
		.range_rows = 250, .row_cpu = 10000, .row_bytes = 100, .disk_read = &disk, .dense = dense,
		.dense_cells = 3 * SCAN_SLICE, .cell = {.cell_cpu = 100}
	};
	struct migrator migrator;
	idle_node(&node, sim, 4);
	migrator_init(&migrator, sim, &config);
	books_open(&books, &sim->arena);
	migrator.moved = book_count(&books, 0);
	migrator.range = book_time(&books, 0);
	for (int i = 0; i < workers; i++)
		migrator_add_worker(&migrator, &node);
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, 1100 * ms, NULL);
	meters_end(&books, sim->now);
	const struct hist *ranges = timed(&books, 0);
	struct moves moves = {counted(&books, 0), (int64_t)ranges->count, ranges->least, ranges->greatest};
	sim_free(sim);
	return moves;
}

static void check_migrator(void)
{
	/* 250 rows of 10 us, and three batches with a disk read of 1 ms each. */
	struct moves moves = migrate(0, 1);
	is_int(moves.length, 5500000, "a range takes its rows' core time and a disk read for each batch");
	is_int(moves.least, moves.length, "so does every other");
	is_int(moves.ranges, 200, "they follow one another");
	is_int(moves.rows, 200 * 250, "all rows are moved");
	moves = migrate(1, 1);
	is_int(moves.length, 35500000, "a range full of tombstones takes their scan longer");
	is_int(moves.ranges, 30, "canary: and fewer are done");
	moves = migrate(0.25, 1);
	ok(moves.least == 5500000 && moves.length == 35500000 && moves.ranges > 50 && moves.ranges < 150,
	   "some are full, some not (%d in all)", (int)moves.ranges);
	moves = migrate(0, 2);
	ok(moves.ranges > 300 && moves.ranges < 400, "two workers share the disk (%d ranges)", (int)moves.ranges);
}

/* ---- cluster ---- */

enum { NODES = 6, QUERIES_MAX = 4000 };
enum { ONE_WAY = 100000 };

struct asked {
	int64_t sent, ended, hop; /* ended -1: not yet */
	bool failed;
	int coordinator;
	uint32_t replicas;
	const uint16_t *owners;
};

struct scene {
	struct sim *sim;
	struct dist network;
	struct cluster_config config;
	struct cluster cluster;
	int64_t takes[NODES]; /* an operation on each node, ns */
	struct asked query[QUERIES_MAX];
	struct meters books;
	bool closed;
	int replayed[NODES], served;
	int64_t last_replay;
	int number;           /* for events */
	bool kill_coordinator; /* as soon as it has been asked */
};

static void kill_it(struct sim *sim, void *subject, uint64_t node)
{
	(void)sim;
	cluster_kill(subject, (int)node);
}

static void scene_serve(void *owner, struct cluster_query *query, struct node *node, uint64_t part)
{
	struct scene *scene = owner;
	scene->served++;
	if (scene->kill_coordinator && query->owners[query->coordinator] == node->number) {
		scene->kill_coordinator = false;
		sim_after(scene->sim, 1, kill_it, &scene->cluster, (uint64_t)node->number);
	}
	sim_after(scene->sim, scene->takes[node->number], cluster_served, query, part);
}

static void scene_ended(void *owner, struct cluster_query *query, int64_t hop, bool failed)
{
	struct scene *scene = owner;
	struct asked *asked = query->subject;
	CHECK(asked->ended < 0);
	asked->ended = scene->sim->now;
	asked->hop = hop;
	asked->failed = failed;
	asked->coordinator = query->coordinator;
	asked->replicas = query->asked;
	asked->owners = query->owners;
}

static void scene_replay(void *owner, struct node *node)
{
	struct scene *scene = owner;
	scene->replayed[node->number]++;
	scene->last_replay = scene->sim->now;
}

enum { RETRIED, SPECULATED, HINTED, FAILED };

/* How often, in all: from then on nothing is booked any more. */
static int happened(struct scene *scene, int what)
{
	if (!scene->closed)
		meters_end(&scene->books, scene->sim->now);
	scene->closed = true;
	return (int)counted(&scene->books, what);
}

static struct scene *scene_new(int replication, int read_quorum, int write_quorum)
{
	struct sim *sim = sim_new(5, 0);
	struct scene *scene = ARENA_NEW(&sim->arena, struct scene);
	scene->sim = sim;
	scene->network = dist_const(ONE_WAY);
	scene->config = (struct cluster_config){
		.nodes = NODES, .points = 64, .replication = replication, .read_quorum = read_quorum,
		.write_quorum = write_quorum, .node = {.cores = 1, .concurrency = 8, .disk_depth = 1},
		.network = &scene->network, .timeout = second, .detect = 500 * ms, .hint_rate = 1000};
	cluster_init(&scene->cluster, sim, &scene->config);
	scene->cluster.owner = scene;
	scene->cluster.serve = scene_serve;
	scene->cluster.ended = scene_ended;
	scene->cluster.replay = scene_replay;
	books_open(&scene->books, &sim->arena);
	scene->cluster.retried = book_count(&scene->books, RETRIED);
	scene->cluster.speculated = book_count(&scene->books, SPECULATED);
	scene->cluster.hinted = book_count(&scene->books, HINTED);
	scene->cluster.failed = book_count(&scene->books, FAILED);
	for (int i = 0; i < NODES; i++)
		scene->takes[i] = (1 + i) * ms;
	return scene;
}

static void scene_ask(struct scene *scene, int number, uint64_t key, bool write)
{
	scene->query[number] = (struct asked){.sent = scene->sim->now, .ended = -1};
	cluster_ask(&scene->cluster, (uint64_t)number, key, write, 0, &scene->query[number], NULL);
}

/* When replica r of a query that was coordinated at `coordinate` has answered. */
static int64_t answered(const struct scene *scene, const struct asked *asked, int r)
{
	return asked->sent + ONE_WAY + scene->takes[asked->owners[r]] + (r == asked->coordinator ? 0 : 2 * ONE_WAY);
}

/* The rank-th answer of those asked for: 1 the first. */
static int64_t answer_of_rank(const struct scene *scene, const struct asked *asked, uint32_t replicas, int rank)
{
	int64_t time[RING_REPLICAS];
	int count = 0;
	for (int r = 0; r < scene->config.replication; r++) {
		if (!(replicas >> r & 1))
			continue;
		int64_t t = answered(scene, asked, r);
		int at = count++;
		for (; at > 0 && time[at - 1] > t; at--)
			time[at] = time[at - 1];
		time[at] = t;
	}
	CHECK(rank <= count);
	return time[rank - 1];
}

static void check_quorums(void)
{
	struct scene *scene = scene_new(3, 2, 2);
	for (int i = 0; i < 600; i++)
		scene_ask(scene, i, (uint64_t)(i * 7), i % 2);
	run(scene->sim);
	int writes = 0, reads = 0, canary = 0, two = 0;
	for (int i = 0; i < 600; i++) {
		const struct asked *q = &scene->query[i];
		CHECK(!q->failed && q->hop == ONE_WAY);
		if (i % 2) {
			writes += q->ended != answer_of_rank(scene, q, 7, 2);
			canary += q->ended != answer_of_rank(scene, q, 7, 3);
		} else {
			reads += q->ended != answer_of_rank(scene, q, q->replicas, 2);
			two += __builtin_popcount(q->replicas) == 2 && q->replicas >> q->coordinator & 1;
		}
	}
	is_int(writes, 0, "a write ends with the second of three acknowledgements");
	ok(canary > 0, "canary: the third is told apart");
	is_int(reads, 0, "a read ends with the slower of the two it asked");
	is_int(two, 300, "it asks two, the coordinator among them");
	is_int(scene->served, 300 * 3 + 300 * 2, "writes are sent to all replicas, reads to a quorum");
	is_int((long long)ledger_writes(&scene->cluster.ledger), 300, "every acknowledged write is in the ledger");
	is_int((long long)cluster_lost(&scene->cluster), 0, "none is lost");
	sim_free(scene->sim);

	scene = scene_new(3, 1, 3);
	for (int i = 0; i < 100; i++)
		scene_ask(scene, i, (uint64_t)i, i % 2);
	run(scene->sim);
	int wrong = 0;
	for (int i = 0; i < 100; i++)
		wrong += scene->query[i].ended != (i % 2 ? answer_of_rank(scene, &scene->query[i], 7, 3) :
						   answered(scene, &scene->query[i], scene->query[i].coordinator));
	is_int(wrong, 0, "write to all, read from one");
	sim_free(scene->sim);
}

static void revive_it(struct sim *sim, void *subject, uint64_t node)
{
	(void)sim;
	cluster_revive(subject, (int)node);
}

static void write_one(struct sim *sim, void *subject, uint64_t key)
{
	struct scene *scene = subject;
	(void)sim;
	scene_ask(scene, scene->number++, key, true);
}

static bool owns(const struct scene *scene, uint64_t key, int node)
{
	const uint16_t *owners = ring_owners(&scene->cluster.ring, key);
	for (int r = 0; r < scene->config.replication; r++)
		if (owners[r] == node)
			return true;
	return false;
}

static void check_dead_coordinator(void)
{
	struct scene *scene = scene_new(3, 2, 2);
	cluster_kill(&scene->cluster, 2);
	int number = 0, owned = 0;
	for (uint64_t key = 0; number < 300; key++)
		if (owns(scene, key, 2)) {
			scene_ask(scene, number, key, number % 2);
			number++;
			owned++;
		}
	run(scene->sim);
	int late = 0, late_writes = 0, failed = 0, in_time = 0;
	for (int i = 0; i < number; i++) {
		const struct asked *q = &scene->query[i];
		failed += q->failed;
		late += q->ended - q->sent >= second && q->ended - q->sent < second + 10 * ms;
		in_time += q->ended - q->sent < 10 * ms;
		late_writes += i % 2 && q->ended - q->sent >= second;
	}
	is_int(failed, 0, "a dead node, not yet known: nobody fails");
	is_int(late + in_time, owned, "an operation takes its time, or one timeout more");
	is_int(happened(scene, RETRIED), late, "who meets it, is tried once more elsewhere");
	/* Those that it coordinates, a third; and of the reads that others coordinate, half ask it. */
	ok(late > 110 && late < 190, "some do (%d of %d)", late, owned);
	is_int((long long)cluster_lost(&scene->cluster), 0, "and nothing is lost");
	is_int(happened(scene, HINTED), late_writes, "a hint of each write that is tried again");
	ok(late_writes > 20, "canary: there are such (%d)", late_writes);
	sim_free(scene->sim);

	/* Two of three are dead and nobody knows: one retry, then failure. */
	scene = scene_new(3, 2, 2);
	uint64_t key = 0;
	const uint16_t *owners = ring_owners(&scene->cluster.ring, key);
	cluster_kill(&scene->cluster, owners[0]);
	cluster_kill(&scene->cluster, owners[1]);
	scene->config.detect = 0;
	scene_ask(scene, 0, key, true);
	scene_ask(scene, 1, key, false);
	run(scene->sim);
	ok(scene->query[0].failed && scene->query[1].failed, "without a quorum a query fails");
	is_int(scene->query[0].ended, second, "after one timeout, when the dead are known by then");
	int64_t start = scene->sim->now;
	scene_ask(scene, 2, key, true);
	scene_ask(scene, 3, key, false);
	ok(scene->query[2].failed && scene->query[2].ended == start && scene->query[3].failed,
	   "and at once when too few are known to be up");
	is_int(happened(scene, FAILED), 4, "failures are told");
	is_int((long long)ledger_writes(&scene->cluster.ledger), 0, "a failed write was promised to nobody");
	sim_free(scene->sim);

	scene = scene_new(3, 2, 2);
	scene->config.detect = 100 * second;
	owners = ring_owners(&scene->cluster.ring, key);
	for (int r = 0; r < 3; r++)
		cluster_kill(&scene->cluster, owners[r]);
	scene_ask(scene, 0, key, true);
	run(scene->sim);
	ok(scene->query[0].failed && scene->query[0].ended == 2 * second && happened(scene, RETRIED) == 1,
	   "with all dead and nobody aware: two timeouts, one retry");
	sim_free(scene->sim);
}

/* Who is tried again, is so with another coordinator, and what comes late from the first attempt is no answer. */
static void check_retries(void)
{
	struct scene *scene = scene_new(3, 2, 2);
	scene->config.detect = 100 * second;
	cluster_kill(&scene->cluster, 2);
	int number = 0, failed = 0;
	for (uint64_t key = 0; number < 200; key++)
		if (owns(scene, key, 2))
			scene_ask(scene, number++, key, true);
	run(scene->sim);
	for (int i = 0; i < number; i++)
		failed += scene->query[i].failed;
	is_int(failed, 0, "a write that met a dead coordinator does not meet it again");
	ok(happened(scene, RETRIED) > 40, "canary: some met it (%d)", happened(scene, RETRIED));
	sim_free(scene->sim);

	scene = scene_new(3, 2, 2);
	scene->config.detect = 100 * second;
	scene->kill_coordinator = true;
	scene_ask(scene, 0, 5, true);
	run(scene->sim);
	ok(!scene->query[0].failed && scene->query[0].ended > second && happened(scene, RETRIED) == 1,
	   "answers to a coordinator that has died meanwhile are lost; the second attempt is answered");
	sim_free(scene->sim);

	/* A node that is back has nothing to do with what it was asked before it died. */
	scene = scene_new(1, 1, 1);
	uint16_t owner = *ring_owners(&scene->cluster.ring, 5);
	scene->takes[owner] = 500 * ms;
	sim_at(scene->sim, 100 * ms, kill_it, &scene->cluster, owner);
	sim_at(scene->sim, 200 * ms, revive_it, &scene->cluster, owner);
	scene_ask(scene, 0, 5, true);
	run(scene->sim);
	ok(!scene->query[0].failed && scene->query[0].ended == second + ONE_WAY + 500 * ms,
	   "what a node was asked before it died, is not answered when it is back");
	is_int((long long)cluster_lost(&scene->cluster), 0, "and what was asked again, it holds");
	sim_free(scene->sim);

	scene = scene_new(3, 2, 2);
	for (int i = 0; i < NODES; i++)
		scene->takes[i] = 1500 * ms;
	for (int i = 0; i < 20; i++)
		scene_ask(scene, i, (uint64_t)i, i % 2);
	run(scene->sim);
	failed = 0;
	for (int i = 0; i < 20; i++)
		failed += scene->query[i].failed && scene->query[i].ended == 2 * second;
	is_int(failed, 20, "late answers to the first attempt are none to the second");
	sim_free(scene->sim);
}

static void check_hints(void)
{
	struct scene *scene = scene_new(3, 2, 2);
	cluster_kill(&scene->cluster, 2);
	sim_at(scene->sim, 5 * second, revive_it, &scene->cluster, 2);
	int hints = 0, before = 0;
	for (int i = 0; i < 400; i++) {
		uint64_t key = (uint64_t)(i * 13);
		sim_at(scene->sim, second + i * ms, write_one, scene, key);
		hints += owns(scene, key, 2);
		/* After it is back, nothing is kept any more. */
		sim_at(scene->sim, 7 * second + i * ms, write_one, scene, key);
	}
	sim_at(scene->sim, 4 * second, write_one, scene, 0);
	hints += owns(scene, 0, 2);
	run(scene->sim);
	before = scene->served;
	is_int(happened(scene, HINTED), hints, "a hint for each copy that a node known to be dead lacks");
	is_int(scene->replayed[2], hints, "all are replayed when it is back");
	is_int(scene->last_replay, 5 * second + (hints - 1) * ms, "at their rate");
	is_int(before, 801 * 3 - hints, "all other copies were written");
	ok(hints > 100 && hints < 301, "canary: some keys are its own, some are not (%d of 401)", hints);
	for (int i = 0; i < NODES; i++)
		before -= scene->replayed[i];
	is_int(before, 801 * 3 - 2 * hints, "no other node is replayed to");
	sim_free(scene->sim);

	/* A node that is drained misses writes too, and is replayed to. */
	scene = scene_new(3, 2, 2);
	struct node *node = &scene->cluster.node[1];
	cluster_drain(&scene->cluster, 1, true);
	ok(node->compaction.hurried && node->known_down && node->alive, "a drained node merges in a hurry");
	scene->number = 0;
	for (uint64_t key = 0; key < 100; key++)
		write_one(scene->sim, scene, key);
	run(scene->sim);
	cluster_drain(&scene->cluster, 1, false);
	run(scene->sim);
	ok(scene->replayed[1] > 0 && scene->replayed[1] == happened(scene, HINTED) && !node->known_down,
	   "and has its %d hints replayed", scene->replayed[1]);
	int failed = 0;
	for (int i = 0; i < 100; i++)
		failed += scene->query[i].failed;
	is_int(failed, 0, "nobody failed");
	sim_free(scene->sim);
}

/* Writes all along while one node after the other dies and comes back; acknowledged writes that are lost. */
static long long lost_writes(int replication, int quorum, const int *dead, int deaths, long long *acknowledged)
{
	struct scene *scene = scene_new(replication, quorum, quorum);
	for (int i = 0; i < QUERIES_MAX; i++)
		sim_at(scene->sim, i * ms, write_one, scene, rng_mix((uint64_t)i));
	for (int d = 0; d < deaths; d++) {
		sim_at(scene->sim, (1000 + 1000 * d) * ms + 1, kill_it, &scene->cluster, (uint64_t)dead[d]);
		sim_at(scene->sim, (1700 + 1000 * d) * ms + 1, revive_it, &scene->cluster, (uint64_t)dead[d]);
	}
	run(scene->sim);
	*acknowledged = 0;
	for (int i = 0; i < QUERIES_MAX; i++) {
		CHECK(scene->query[i].ended >= 0);
		*acknowledged += !scene->query[i].failed;
	}
	is_int((long long)ledger_writes(&scene->cluster.ledger), *acknowledged, "all in the ledger");
	long long lost = (long long)cluster_lost(&scene->cluster);
	/* Of one copy each, exactly those are lost that were acknowledged by then. */
	if (replication == 1 && deaths == 1) {
		long long gone = 0;
		for (int i = 0; i < QUERIES_MAX; i++)
			gone += !scene->query[i].failed && scene->query[i].owners[0] == dead[0] &&
				scene->query[i].ended <= 1000 * ms;
		is_int(lost, gone, "one copy: what was acknowledged before its node died is lost, and nothing after");
	}
	sim_free(scene->sim);
	return lost;
}

static void check_losses(void)
{
	static const int one[] = {2}, two[] = {2, 4};
	long long acknowledged;
	is_int(lost_writes(3, 2, one, 1, &acknowledged), 0, "written to a quorum of three, one dead: nothing is lost");
	is_int(acknowledged, QUERIES_MAX, "and everything is acknowledged");
	long long lost = lost_writes(1, 1, one, 1, &acknowledged);
	ok(lost > 100 && acknowledged < QUERIES_MAX, "canary: one copy, and %lld of %lld are lost", lost, acknowledged);
	lost = lost_writes(3, 2, two, 2, &acknowledged);
	diag("three copies, two nodes die one after the other, no repair: %lld of %lld are lost", lost, acknowledged);
	ok(lost == 0, "a third copy outlives two deaths");
	/* A copy is gone that its node had when it died, also of a write that was still on its way to others. */
	struct scene *scene = scene_new(2, 1, 1);
	const uint16_t *owners = ring_owners(&scene->cluster.ring, 1);
	scene->takes[owners[1]] = 900 * ms;
	sim_at(scene->sim, 1 * ms, write_one, scene, 1);
	sim_at(scene->sim, 100 * ms, kill_it, &scene->cluster, owners[0]);
	sim_at(scene->sim, 110 * ms, revive_it, &scene->cluster, owners[0]);
	run(scene->sim);
	is_int((long long)cluster_lost(&scene->cluster), 0, "one of two copies is left");
	cluster_kill(&scene->cluster, owners[1]);
	is_int((long long)cluster_lost(&scene->cluster), 1, "and then none");
	sim_free(scene->sim);
	long long lost_of_two = lost_writes(2, 1, two, 2, &acknowledged);
	ok(lost_of_two > 0, "canary: of two copies, some writes lose both (%lld)", lost_of_two);
}

static void check_speculation(void)
{
	struct scene *scene = scene_new(3, 2, 2);
	scene->config.speculative = 20 * ms;
	scene->takes[3] = 300 * ms;
	for (int i = 0; i < 200; i++)
		scene_ask(scene, i, (uint64_t)i * 5, false);
	run(scene->sim);
	int slow = 0, wrong = 0;
	for (int i = 0; i < 200; i++) {
		const struct asked *q = &scene->query[i];
		int64_t took = q->ended - q->sent;
		bool further = q->replicas == 7;
		wrong += took > 20 * ms && !further && took < 300 * ms;
		/* A further replica answers 20 ms later than it would have. */
		slow += further;
		wrong += further && took > 20 * ms + 7 * ms + 2 * ONE_WAY && q->owners[q->coordinator] != 3;
	}
	ok(slow > 10, "a read that takes long asks a further replica (%d of 200)", slow);
	is_int(happened(scene, SPECULATED), slow, "it is told");
	is_int(wrong, 0, "and does not wait for the slow one");
	sim_free(scene->sim);
}

static void read_one(struct sim *sim, void *subject, uint64_t key)
{
	struct scene *scene = subject;
	(void)sim;
	scene_ask(scene, scene->number++, key, false);
}

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Each millisecond a read; a third of them ask node 5, which is slow. */
static void check_percentile(void)
{
	enum { READS = 1500 };
	static int64_t wait[READS];
	struct scene *scene = scene_new(3, 2, 2);
	scene->config.speculative_percentile = 0.5;
	scene->takes[5] = 300 * ms;
	is_int(scene->cluster.patience, second / 2, "nothing is known at first");
	for (int i = 0; i < READS; i++)
		sim_at(scene->sim, i * ms, read_one, scene, (uint64_t)i * 5);
	run(scene->sim);
	int waits = 0, further = 0, early = 0, wrong = 0;
	for (int i = 0; i < READS; i++) {
		const struct asked *q = &scene->query[i];
		bool asked_further = q->replicas == 7, coordinates = q->owners[q->coordinator] == 5;
		if (q->ended <= second)
			wait[waits++] = q->ended - q->sent - ONE_WAY;
		further += asked_further;
		early += asked_further && q->sent < second / 2;
		wrong += q->sent > second && !coordinates && q->ended - q->sent > 100 * ms;
	}
	qsort(wait, (size_t)waits, sizeof *wait, by_length);
	near_to((double)scene->cluster.patience / (double)wait[(waits - 1) / 2], 1, 0.01,
		"after a second, the median of what coordinators have waited");
	ok(further > 50 && happened(scene, SPECULATED) == further,
	   "reads that take longer ask a further replica, %d of them", further);
	is_int(early, 0, "and none before");
	is_int(wrong, 0, "and none waits for the slow one but those that it coordinates");
	sim_free(scene->sim);
}

int main(void)
{
	check_pool_by_hand();
	check_pool_random();
	check_ring();
	check_flight();
	check_collector();
	check_generations();
	check_compaction();
	check_ledger();
	check_journeys();
	check_spans();
	check_node();
	check_scan();
	check_migrator();
	check_quorums();
	check_dead_coordinator();
	check_retries();
	check_hints();
	check_losses();
	check_speculation();
	check_percentile();
	return done_testing();
}
