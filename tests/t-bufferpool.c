/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Buffer pools against plain arrays, pagers and disks against what their pages cost, tables against enumeration, and a
 * planner against crossovers that were computed by others.
 */
#include "model/heaptable.h"
#include "model/pager.h"
#include "model/planner.h"
#include "tap.h"

enum { FRAMES = 20, PAGES = 60, USES = 5000 };

/* ---- the pool ---- */

static int find(const uint64_t *page, int count, uint64_t wanted)
{
	for (int i = 0; i < count; i++)
		if (page[i] == wanted)
			return i;
	return -1;
}

/* Misses of the textbook's algorithm, on an array. */
static int misses_of_lru(const uint64_t *use)
{
	uint64_t page[FRAMES];
	int count = 0, misses = 0;
	for (int i = 0; i < USES; i++) {
		int at = find(page, count, use[i]);
		misses += at < 0;
		if (at < 0)
			at = count < FRAMES ? count++ : FRAMES - 1;
		memmove(page + 1, page, (size_t)at * sizeof(*page));
		page[0] = use[i];
	}
	return misses;
}

static int misses_of_clock(const uint64_t *use)
{
	uint64_t page[FRAMES];
	bool used[FRAMES] = {false};
	int count = 0, misses = 0, hand = 0;
	for (int i = 0; i < USES; i++) {
		int at = find(page, count, use[i]);
		if (at >= 0) {
			used[at] = true;
			continue;
		}
		misses++;
		if (count < FRAMES) {
			at = count++;
		} else {
			while (used[hand]) {
				used[hand] = false;
				hand = (hand + 1) % FRAMES;
			}
			at = hand;
			hand = (hand + 1) % FRAMES;
		}
		page[at] = use[i];
		used[at] = false;
	}
	return misses;
}

static void check_pool(struct arena *arena)
{
	static uint64_t use[USES];
	struct rng rng = rng_seed(5);
	for (int i = 0; i < USES; i++) {
		uint64_t page = rng_below(&rng, rng_below(&rng, PAGES) + 1);
		use[i] = disk_address(page % 3, page);
	}
	for (int kind = 0; bufferpool_kinds[kind]; kind++) {
		struct bufferpool pool;
		int misses = 0, wrong = 0;
		int64_t written = 0, changed = 0, cursor = 0;
		bool dirty[PAGES] = {false};
		bufferpool_init(&pool, arena, bufferpool_kinds[kind], FRAMES);
		for (int i = 0; i < USES; i++) {
			uint64_t evicted, number = use[i] & 0xff;
			bool had = bufferpool_has(&pool, use[i]), change = rng_below(&rng, 4) == 0;
			bool hit = bufferpool_use(&pool, use[i], change, &evicted);
			misses += !hit;
			wrong += had != hit || !bufferpool_has(&pool, use[i]);
			if (evicted != BUFFERPOOL_NONE) {
				wrong += !dirty[evicted & 0xff] || bufferpool_has(&pool, evicted);
				dirty[evicted & 0xff] = false;
				written++;
			}
			changed += change && !dirty[number];
			dirty[number] |= change;
		}
		is_int(misses, kind == 0 ? misses_of_lru(use) : misses_of_clock(use), "%s: misses as on an array",
		       bufferpool_names[kind]);
		while (bufferpool_clean(&pool, &cursor) != BUFFERPOOL_NONE)
			written++;
		ok(wrong == 0 && written == changed && pool.dirty == 0,
		   "%s: each page that was changed is written once", bufferpool_names[kind]);
		bufferpool_empty(&pool);
		ok(pool.count == 0 && !bufferpool_has(&pool, use[USES - 1]), "%s: and forgotten",
		   bufferpool_names[kind]);
	}
	ok(misses_of_lru(use) != misses_of_clock(use), "canary: the kinds differ");
}

/* ---- the disk ---- */

static int64_t done_at;

static void done(struct sim *sim, void *subject, uint64_t detail)
{
	(void)subject;
	(void)detail;
	done_at = sim->now;
}

static void run(struct sim *sim)
{
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	sim_close(sim);
}

static void check_disk(void)
{
	struct sim *sim = sim_new(1, 0);
	struct disk disk;
	disk_init(&disk, sim, "disk", 1, 10, 40);
	is_int(disk_service(&disk, 0, 1), 40, "the first access is at random");
	disk_access(&disk, disk_address(1, 100), 2, done, NULL, 0, NULL);
	is_int(disk_service(&disk, disk_address(1, 102), 3), 30, "what comes next is read in sequence");
	is_int(disk_service(&disk, disk_address(1, 104), 1), 30, "a little further on it is read through");
	is_int(disk_service(&disk, disk_address(1, 106), 1), 40, "and further on not");
	is_int(disk_service(&disk, disk_address(1, 101), 1), 40, "what lies before is elsewhere");
	is_int(disk_service(&disk, disk_address(2, 102), 1), 40, "and so is another file");
	disk_access(&disk, disk_address(1, 102), 1, done, NULL, 0, NULL);
	run(sim);
	is_int(done_at, 60, "two accesses are served one after the other: 50, then 10");
	sim_free(sim);
}

static void check_pager(void)
{
	struct sim *sim = sim_new(1, 0);
	struct disk disk;
	struct pager pager;
	disk_init(&disk, sim, "disk", 1, 10, 40);
	pager_init(&pager, sim, &disk, bufferpool_kinds[0], 2, false);
	ok(!pager_get(&pager, 1, true, done, NULL, 0, NULL), "a page that is not there is read");
	run(sim);
	is_int(done_at, 40, "which takes a random access");
	ok(pager_get(&pager, 1, false, done, NULL, 0, NULL), "then it is there");
	pager_get(&pager, 20, false, done, NULL, 0, NULL);
	run(sim);
	is_int(done_at, 80, "there was room for another");
	pager_get(&pager, 40, false, done, NULL, 0, NULL);
	run(sim);
	is_int(done_at, 160, "the third waits until the changed one is written");
	pager_make(&pager, 90);
	pager_checkpoint(&pager);
	run(sim);
	is_int(sim->now, 200, "a checkpoint writes what was made");
	pager_scan(&pager, 200, 8, false, done, NULL, 0, NULL);
	run(sim);
	is_int(done_at, 200 + 40 + 7 * 10, "eight pages are scanned in one access");
	ok(!bufferpool_has(&pager.pool, 203), "and do not stay");
	sim_free(sim);
}

/* ---- the table ---- */

static void check_table(double correlation)
{
	enum { ROWS = 10007 };
	static bool taken[ROWS];
	struct heaptable table = heaptable_of(ROWS, 10, correlation, 99);
	double product = 0, square = 0, mean = (ROWS - 1) / 2.;
	int wrong = 0;
	memset(taken, 0, sizeof taken);
	for (int64_t rank = 0; rank < ROWS; rank++) {
		int64_t place = heaptable_place(&table, rank);
		wrong += place < 0 || place >= ROWS || taken[place];
		taken[place] = true;
		product += ((double)rank - mean) * ((double)place - mean);
		square += ((double)rank - mean) * ((double)rank - mean);
	}
	is_int(wrong, 0, "every row has a place of its own");
	near_to(product / square, correlation, .03, "and rank and place correlate by %.2f", correlation);
}

/* Pages that a share s of the rows touches: T (1 - (1 - s)^r). */
static void check_pages_touched(void)
{
	static const struct {
		int64_t per_page;
		double share;
	} of[] = {{100, .634}, {10, .096}};
	for (int i = 0; i < 2; i++) {
		enum { ROWS = 100000, SEEDS = 40 };
		static bool touched[ROWS];
		double share = 0;
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			struct heaptable table = heaptable_of(ROWS, of[i].per_page, 0, seed);
			int64_t count = 0;
			memset(touched, 0, sizeof touched);
			for (int64_t rank = 30000; rank < 30000 + ROWS / 100; rank++) {
				int64_t page = heaptable_place(&table, rank) / table.per_page;
				count += !touched[page];
				touched[page] = true;
			}
			share += (double)count / (double)table.pages / SEEDS;
		}
		near_to(share, of[i].share, .005, "1 %% of the rows touch %.1f %% of the pages with %lld rows each",
			100 * of[i].share, (long long)of[i].per_page);
		diag("%.4f", share);
	}
}

/* ---- the planner ---- */

static struct planner planner_of(double per_page, double correlation)
{
	return (struct planner){.rows = 1e7, .pages = 1e7 / per_page, .entries = 367, .cached = 1e9,
				.correlation = correlation, .random_page = 4, .cpu_tuple = .01,
				.cpu_index_tuple = .005, .cpu_operator = .0025};
}

static void check_planner(void)
{
	struct planner planner = planner_of(100, 0);
	near_to(planner_cost(&planner, PLAN_SEQUENTIAL, 1), 225000, 0, "a scan of 10^7 rows costs P + .0125 N");
	near_to(planner_crossover(&planner, PLAN_INDEX), .0077, .00015, "an index is cheaper below .77 %%");
	near_to(planner_crossover(&planner, PLAN_BITMAP), .401, .008, "a bitmap below 40.1 %%");
	near_to(planner_pages_fetched(&planner, 1e5), 66667, 1, "Mackert and Lohman, as many rows as pages: 2/3");
	near_to(planner_pages_fetched(&planner, 2e5), 1e5, 1, "twice as many rows as pages: all");
	planner = planner_of(10, 0);
	near_to(planner_crossover(&planner, PLAN_INDEX), .0324, .00065, "ten rows a page: below 3.24 %%");
	planner = planner_of(100, 1);
	near_to(planner_crossover(&planner, PLAN_INDEX), .586, .012, "in order: below 58.6 %%");
	planner = planner_of(100, 0);
	is_int(planner_choose(&planner, 1), PLAN_INDEX, "one row: the index");
	is_int(planner_choose(&planner, 1e6), PLAN_BITMAP, "a tenth: a bitmap");
	is_int(planner_choose(&planner, 9e6), PLAN_SEQUENTIAL, "nearly all: a scan");
	planner.cached = 1e4;
	double full = 2 * 1e5 * 1e4 / (2 * 1e5 - 1e4);
	near_to(planner_pages_fetched(&planner, 1e5), 1e4 + (1e5 - full) * .9, 1,
		"a tenth is cached: pages are read again");
	near_to(planner_pages_fetched(&planner, full), 1e4, 1, "which begins where the cache is full");
}

int main(void)
{
	struct arena arena;
	arena_init(&arena);
	check_pool(&arena);
	check_disk();
	check_pager();
	check_table(0);
	check_table(.5);
	check_table(.9);
	check_table(1);
	check_pages_touched();
	check_planner();
	arena_free(&arena);
	return done_testing();
}
