/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LSM trees against a map of all keys, against write amplifications that are known, and one policy to the unit against
 * a simulator of another project; Bloom filters against theory.
 */
#include "engine/dmath.h"
#include "engine/rng.h"
#include "model/bloom.h"
#include "model/lsm.h"
#include "tap.h"

static struct arena arena;
static const double no_filter[LSM_LEVELS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static struct lsm_config config_of(const char *name, int64_t memtable, int ratio)
{
	int policy = 0;
	while (strcmp(lsm_names[policy], name) != 0)
		policy++;
	return (struct lsm_config){.policy = lsm_policies[policy],
				   .memtable = memtable,
				   .level1 = ratio,
				   .file = memtable,
				   .ratio = ratio,
				   .flushes = 1,
				   .most_runs = 8,
				   .most = 1000000000};
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;
	return *one < *other ? -1 : *one > *other;
}

/* Flushes `count` memtables of keys at random, so many that none comes twice. */
static void fill(struct lsm *lsm, struct rng *rng, int64_t count)
{
	int64_t size = lsm->config.memtable;
	uint64_t *entry = ARENA_ARRAY(&arena, (size_t)size, uint64_t);
	for (int64_t flush = 0; flush < count; flush++) {
		for (int64_t i = 0; i < size; i++)
			entry[i] = lsm_entry(rng_next(rng) >> 8, 0, false);
		qsort(entry, (size_t)size, sizeof(*entry), by_value);
		lsm_flush(lsm, entry, size);
		lsm_settle(lsm);
	}
}

/* What has been written by merges, over what has been flushed. */
static double amplification(struct lsm_config config, int64_t flushes)
{
	struct lsm lsm;
	struct rng rng = rng_seed(3);
	lsm_init(&lsm, &arena, &config);
	fill(&lsm, &rng, flushes);
	ok(lsm_sound(&lsm) && lsm.live == lsm.flushed, "%s, ratio %d: %lld flushes, all is there", config.policy->name,
	   config.ratio, (long long)flushes);
	return (double)lsm.written / (double)lsm.flushed;
}

static void check_amplification(void)
{
	/* The convention: a flush is merged into level 1, or becomes a run, which is not counted; a full level goes
	 * down. */
	struct lsm_config leveled = config_of("leveled", 16, 10);
	leveled.last = 3;
	near_to(amplification(leveled, 1000), 16.5, 0, "leveled, T = 10, L = 3: L (T + 1) / 2");
	leveled = config_of("leveled", 16, 4);
	leveled.last = 4;
	near_to(amplification(leveled, 256), 10, 0, "leveled, T = 4, L = 4");
	near_to(amplification(config_of("tiered", 16, 10), 1000), 3, 0, "tiered, T = 10, L = 3: L");
	near_to(amplification(config_of("tiered", 16, 4), 256), 4, 0, "tiered, T = 4, L = 4");
	struct lsm_config files = config_of("files", 512, 10);
	files.level1 = 4;
	near_to(amplification(files, 444), 17.4, .87, "files of a memtable, in turn, T = 10, 444 flushes");
	files.flushes = 4;
	near_to(amplification(files, 444), 10.3, .6, "four flushes at a time");
}

static void check_four_levels(void)
{
	struct lsm_config files = config_of("files", 200, 10);
	files.level1 = 4;
	near_to(amplification(files, 4444), 24.1, 1.21, "files, 4,444 flushes");
}

/* 200 flushes of one entry: 742 entries written, flushes included, at most 280 held, 7 runs at the end. */
static void check_golden(void)
{
	static const int64_t runs[] = {1, 1, 4, 5, 21, 28, 140};
	struct lsm_config config = config_of("universal", 1, 2);
	struct lsm lsm;
	struct rng rng = rng_seed(4);
	lsm_init(&lsm, &arena, &config);
	fill(&lsm, &rng, 200);
	is_int(lsm.flushed + lsm.written, 742, "universal, eight runs: what is written");
	is_int(lsm.peak, 280, "the most that is held");
	is_int(lsm_runs(&lsm), 7, "runs at the end");
	int differ = 0;
	for (int i = 0; i < 7 && i < lsm.level[0].count; i++)
		differ += lsm.level[0].table[i]->count != runs[i];
	is_int(differ, 0, "of the sizes that are known");
}

/* Overwrites and deletions against an array of what each key is. */
static void check_against_map(const char *name)
{
	enum { KEYS = 3000, MEMTABLE = 50, FLUSHES = 400 };
	static int state[KEYS]; /* 0: never, 1: there, 2: deleted */
	struct lsm_config config = config_of(name, MEMTABLE, 4);
	struct lsm lsm;
	struct rng rng = rng_seed(8);
	int wrong = 0, unsound = 0;
	memset(state, 0, sizeof state);
	lsm_init(&lsm, &arena, &config);
	for (int flush = 0; flush < FLUSHES; flush++) {
		uint64_t entry[MEMTABLE], key = rng_below(&rng, KEYS / MEMTABLE);
		for (int i = 0; i < MEMTABLE; i++) {
			bool deleted = rng_below(&rng, 4) == 0;
			entry[i] = lsm_entry(key, (unsigned)flush, deleted);
			state[key] = deleted ? 2 : 1;
			key += 1 + rng_below(&rng, KEYS / MEMTABLE - 1);
		}
		lsm_flush(&lsm, entry, MEMTABLE);
		lsm_settle(&lsm);
		unsound += !lsm_sound(&lsm);
	}
	for (uint64_t key = 0; key < KEYS; key++) {
		struct lsm_read read = lsm_find(&lsm, key, no_filter);
		wrong += (read.found && !lsm_deleted(read.entry)) != (state[key] == 1);
		wrong += read.probes != read.runs || read.runs > lsm_runs(&lsm);
	}
	is_int(wrong + unsound, 0, "%s: every key is what it was made last", name);
	if (!lsm.config.policy->one_run)
		return;
	int64_t there = 0;
	for (int key = 0; key < KEYS; key++)
		there += state[key] == 1;
	ok(lsm.live < 4 * there, "%s: old entries and deletions go: %lld entries of %lld keys", name,
	   (long long)lsm.live, (long long)there);
}

/* Every scan of some keys, against the map: what it finds, and that no run is read for longer than it must be. */
static void check_scans(const char *name)
{
	enum { KEYS = 1000, MEMTABLE = 40 };
	static bool there[KEYS];
	struct lsm_config config = config_of(name, MEMTABLE, 3);
	struct lsm lsm;
	struct rng rng = rng_seed(12);
	int wrong = 0;
	config.moves = strcmp(name, "files") == 0;
	memset(there, 0, sizeof there);
	lsm_init(&lsm, &arena, &config);
	for (int flush = 0; flush < 60; flush++) {
		uint64_t entry[MEMTABLE];
		for (int i = 0; i < MEMTABLE; i++) {
			uint64_t key = (uint64_t)i * (KEYS / MEMTABLE) + rng_below(&rng, KEYS / MEMTABLE);
			bool deleted = rng_below(&rng, 3) == 0;
			entry[i] = lsm_entry(key, 0, deleted);
			there[key] = !deleted;
		}
		lsm_flush(&lsm, entry, MEMTABLE);
		lsm_settle(&lsm);
	}
	for (uint64_t from = 0; from < KEYS; from += 7) {
		int64_t all = 0, wanted = 1 + (int64_t)rng_below(&rng, 60);
		for (uint64_t key = from; key < KEYS; key++)
			all += there[key];
		struct lsm_read read = lsm_scan(&lsm, from, wanted);
		wrong += read.rows != (all < wanted ? all : wanted);
		wrong += read.probes < read.runs || read.runs > lsm_runs(&lsm);
	}
	is_int(wrong, 0, "%s: scans find the next keys that are there", name);
}

/* A table that overlaps nothing goes down as it is, when it may; jobs that are given up leave all as it was. */
static void check_moves(void)
{
	for (int moves = 0; moves < 2; moves++) {
		struct lsm_config config = config_of("files", 10, 3);
		struct lsm lsm;
		config.moves = moves;
		lsm_init(&lsm, &arena, &config);
		for (uint64_t flush = 0; flush < 30; flush++) {
			uint64_t entry[10];
			for (uint64_t i = 0; i < 10; i++)
				entry[i] = lsm_entry(10 * flush + i, 0, false);
			lsm_flush(&lsm, entry, 10);
			lsm_settle(&lsm);
		}
		ok(lsm_sound(&lsm) && lsm.live == 300 && (lsm.written == 0) == moves,
		   "keys in order, %s moves: %lld entries written by merges", moves ? "with" : "without",
		   (long long)lsm.written);
	}
	struct lsm_config config = config_of("leveled", 10, 3);
	struct lsm lsm;
	struct lsm_job job, again;
	struct rng rng = rng_seed(2);
	uint64_t entry[10];
	lsm_init(&lsm, &arena, &config);
	for (uint64_t i = 0; i < 10; i++)
		entry[i] = lsm_entry(100 * i + rng_below(&rng, 100), 0, false);
	lsm_flush(&lsm, entry, 10);
	ok(lsm_pick(&lsm, &job) && !lsm_pick(&lsm, &again), "one job is due, and its inputs are busy");
	lsm_abandon(&job);
	ok(lsm_pick(&lsm, &again) && again.inputs == job.inputs, "given up, it is due again");
}

static void check_fifo(void)
{
	struct lsm_config config = config_of("fifo", 10, 2);
	struct lsm lsm;
	struct rng rng = rng_seed(6);
	config.most = 100;
	lsm_init(&lsm, &arena, &config);
	fill(&lsm, &rng, 50);
	is_int(lsm.live, 100, "fifo keeps so many");
	is_int(lsm.written, 0, "and writes nothing twice");
}

/* Misses of a leveled and of a tiered tree just before it is merged: runs. */
static void check_reads(void)
{
	struct lsm_config config = config_of("tiered", 16, 5);
	struct lsm lsm;
	struct rng rng = rng_seed(11);
	double rate[LSM_LEVELS], probes = 0;
	lsm_init(&lsm, &arena, &config);
	fill(&lsm, &rng, 124); /* 4 + 4 * 5 + 4 * 25 */
	is_int(lsm_runs(&lsm), 12, "tiered, T = 5, full: T - 1 runs in each of three levels");
	for (int i = 0; i < LSM_LEVELS; i++)
		rate[i] = bloom_rate(10);
	enum { MISSES = 100000 };
	int64_t runs = 0;
	for (int i = 0; i < MISSES; i++) {
		struct lsm_read read = lsm_find(&lsm, rng_next(&rng) >> 8, rate);
		probes += read.probes;
		runs += read.runs;
	}
	near_to(probes / (double)runs, bloom_rate(10), .0004, "a filter lets through what it should");
}

static void check_bloom(void)
{
	near_to(bloom_rate(10), .00819, .00001, "10 bits a key, 7 hashes: .819 %%");
	enum { KEYS = 100000 };
	struct bloom bloom;
	int missed = 0, passed = 0;
	bloom_init(&bloom, &arena, KEYS, 10);
	for (uint64_t key = 0; key < KEYS; key++)
		bloom_add(&bloom, key);
	for (uint64_t key = 0; key < KEYS; key++) {
		missed += !bloom_has(&bloom, key);
		passed += bloom_has(&bloom, key + KEYS);
	}
	is_int(missed, 0, "what was added is there");
	near_to(passed / (double)KEYS, bloom_rate(10), .0009, "of what was not, as many pass as the formula says");
	static const int64_t keys[] = {10, 100, 1000, 10000};
	double bits[4], used = 0, all = 0, shared = 0;
	bloom_share(4, keys, 10, bits);
	for (int i = 0; i < 4; i++) {
		used += (double)keys[i] * bits[i];
		all += (double)keys[i] * 10;
		shared += dm_exp(-bits[i] * .6931471805599453 * .6931471805599453);
	}
	near_to(used / all, 1, 1e-6, "shared out: all bits are used");
	near_to(bits[0] - bits[1], dm_log(10) / (.6931471805599453 * .6931471805599453), 1e-6,
		"a set of a tenth has a rate of a tenth");
	ok(shared < 4 * dm_exp(-10 * .6931471805599453 * .6931471805599453),
	   "the sum of rates is less than of equal shares");
}

static void check_canary(void)
{
	struct lsm_config config = config_of("leveled", 4, 3);
	struct lsm lsm;
	struct rng rng = rng_seed(1);
	lsm_init(&lsm, &arena, &config);
	fill(&lsm, &rng, 5);
	uint64_t *entry = lsm.level[lsm_last(&lsm)].table[0]->entry, swap = entry[0];
	entry[0] = entry[1];
	entry[1] = swap;
	ok(!lsm_sound(&lsm), "canary: a table that is out of order is not sound");
}

int main(void)
{
	arena_init(&arena);
	check_golden();
	check_amplification();
	check_four_levels();
	for (int policy = 0; lsm_names[policy]; policy++) {
		check_against_map(lsm_names[policy]);
		check_scans(lsm_names[policy]);
	}
	check_moves();
	check_fifo();
	check_reads();
	check_bloom();
	check_canary();
	arena_free(&arena);
	return done_testing();
}
