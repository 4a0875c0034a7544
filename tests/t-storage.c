/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How nodes keep rows, and what a read walks: shares of what is fetched from disk against what they must be, kind by
 * kind; buckets against a program that lays out every message.
 */
#include "books.h"
#include "model/buckets.h"
#include "model/storage.h"
#include "tap.h"

enum { TRIES = 40000 };

/* ---- kinds of storage ---- */

static const struct dist access_time = {.kind = DIST_CONST, .scale = 1e6};
static const struct dist log_time = {.kind = DIST_CONST, .scale = 5e6};

static struct storage_config config_of(const struct storage_kind *kind)
{
	return (struct storage_config){.kind = kind, .memory = 1e9, .row_bytes = 200, .access = &access_time,
				       .rows = 48, .index_pages = 2, .tables = 2.5, .write_amplification = 10,
				       .partition_heap = 0.1};
}

static void node_of(struct node *node, struct sim *sim)
{
	const struct node_config config = {.cores = 1, .concurrency = 1, .disk_depth = 1};
	node_init(node, sim, 0, &config);
	const struct collector_config heap = {.on = true, .heap = 1e12, .headroom = 1e11, .rate = 1e9};
	collector_init(&node->collector, &heap, 0, 0);
	compaction_init(&node->compaction, &node->disk, 0, 1e9, 1e6, 1e6);
}

/* Mean number of accesses of an operation, which take 1 ms each. */
static double reads(struct storage *storage, struct node *node, double hit)
{
	struct rng rng = rng_seed(3);
	double sum = 0;
	for (int i = 0; i < TRIES; i++)
		sum += (double)storage_read(storage, node, hit, 0, &rng);
	return sum / TRIES / 1e6;
}

static double writes(struct storage *storage, struct node *node, double partition)
{
	struct rng rng = rng_seed(4);
	double sum = 0;
	for (int i = 0; i < TRIES; i++)
		sum += (double)storage_write(storage, node, partition, 0, &rng);
	return sum / TRIES / 1e6;
}

static void check_kinds(void)
{
	for (int i = 0; storage_kinds[i] || storage_names[i]; i++) { /* what every kind owes */
		struct sim *sim = sim_new(1, 0);
		struct storage_config config = config_of(storage_kinds[i]);
		struct storage storage;
		struct node node;
		node_of(&node, sim);
		storage_init(&storage, &config);
		const char *name = storage_names[i];
		is_text(storage_kinds[i]->name, name, "%s is listed by its name", name);
		near_to(reads(&storage, &node, 0) + writes(&storage, &node, 0), 0, 0, "what is in memory is not read");
		storage_grow(&storage, 4e9);
		double cold = reads(&storage, &node, 0), warm = reads(&storage, &node, 0.9);
		near_to(cold / warm, 7.5, 0.5, "of 4 GB in 1 GB, 3 of 4 parts are fetched, or fewer");
		near_to(reads(&storage, &node, 1), 0, 0, "or nothing");
		double plain = writes(&storage, &node, 0);
		config.log = &log_time;
		near_to(writes(&storage, &node, 0) - plain, 5, 1e-9, "a write may wait for its log");
		sim_free(sim);
	}
}

static void check_pages(void)
{
	struct sim *sim = sim_new(1, 0);
	struct meters books;
	struct storage_config config = config_of(&storage_pages);
	struct storage storage;
	struct node node;
	node_of(&node, sim);
	books_open(&books, &sim->arena);
	storage_init(&storage, &config);
	storage.faults = book_time(&books, 0);
	storage_grow(&storage, 2e9);
	near_to(reads(&storage, &node, 0), 25, 0.1,
		"pages: each of 48 rows and 2 index pages is fetched every other time");
	near_to(writes(&storage, &node, 0), 1, 0.02, "a write touches the index");
	near_to(node.compaction.debt, 0, 0, "and leaves nothing to be merged");
	meters_end(&books, 1);
	is_int((long long)timed(&books, 0)->count, 2 * TRIES, "the faults of all are booked");
	near_to(hist_mean(timed(&books, 0)), 13, 0.1, "as many as there were");
	sim_free(sim);
}

static void check_tables(void)
{
	struct sim *sim = sim_new(1, 0);
	struct meters books;
	struct storage_config config = config_of(&storage_tables);
	struct storage storage;
	struct node node;
	node_of(&node, sim);
	books_open(&books, &sim->arena);
	storage_init(&storage, &config);
	storage.tables = book_time(&books, 0);
	storage_grow(&storage, 2e9);
	near_to(reads(&storage, &node, 0), 1.25, 0.02, "tables: half of two and a half are fetched");
	near_to(writes(&storage, &node, 5e6), 0, 0, "a write needs no read");
	near_to(node.compaction.debt, TRIES * 2000.0, 1e-3, "it leaves ten times its bytes to be merged");
	near_to(node.collector.held, 5e5, 1e-9, "and the largest partition's part on the heap");
	near_to(reads(&storage, &node, 0), (2.5 + 80) / 2, 0.1, "a MB to be merged is one more table to read");
	meters_end(&books, 1);
	is_int((long long)timed(&books, 0)->count, 2 * TRIES, "the tables of each read are booked, of writes none");
	sim_free(sim);
}

/* ---- buckets ---- */

static const int64_t day = INT64_C(86400000000000);

/* Buckets that a reader walks who counts messages one by one, each at its time: one every `gap`. */
static int plain_walk(const struct buckets *buckets, int64_t gap, int64_t at)
{
	int64_t found = 0, bucket = at / buckets->length;
	for (int steps = 1;; steps++, bucket--) {
		int64_t begins = bucket * buckets->length, ends = begins + buckets->length;
		int64_t until = ends < at ? ends : at;
		found += until / gap - begins / gap;
		if (found >= buckets->page || steps == buckets->walk_limit)
			return steps;
	}
}

static void check_buckets(void)
{
	struct buckets buckets = {.length = 10 * day, .page = 50, .walk_limit = 30, .skip_empty = false};
	int differ = 0, canary = 0, one = 0, most = 0;
	for (int k = 1; k <= 40; k++)
		for (int d = 0; d < 20; d++) {
			/* Times that divide the bucket, and an instant that many of them divide. */
			int64_t gap = 10 * day / k, at = 16568 * day + d * day / 2;
			double rate = 365. * 86400e9 / (double)gap;
			int want = plain_walk(&buckets, gap, at);
			int got = buckets_walk(&buckets, rate, at, false).steps;
			differ += abs(want - got) > 1; /* a message on the border of a page */
			canary += abs(want - buckets_walk(&buckets, rate / 2, at, false).steps) > 1;
			one += got == 1;
			most += got == 30;
		}
	is_int(differ, 0, "as many buckets are read as hold a page");
	ok(canary > 100, "canary: half as many messages are told apart, %d times", canary);
	ok(one < 400 && most < 400, "%d are found in one, %d not in all", one, most);
	struct buckets_walk walk = buckets_walk(&buckets, 365e5, 16568 * day + 3 * day, false);
	ok(walk.steps == 1 && fabs(walk.newest - 1e5 * (double)((16568 + 3) % 10)) < 1,
	   "the newest bucket holds what has come since it began");
	is_int(buckets_walk(&buckets, 365e5, 16568 * day, true).steps, 30, "an emptied channel is walked to the end");
	buckets.skip_empty = true;
	is_int(buckets_walk(&buckets, 365e5, 16568 * day, true).steps, 1, "unless empty buckets are skipped");
	buckets.length = 0;
	buckets.launch = 16568 * day;
	walk = buckets_walk(&buckets, 365, 16668 * day, false);
	ok(walk.steps == 1 && fabs(walk.newest - 100) < 1e-9, "without buckets all lie in one partition");
	ok(buckets_key(&buckets, 5, 1, 0) == buckets_key(&buckets, 5, 900 * day, 0), "always the same");
	buckets.length = 10 * day;
	ok(buckets_key(&buckets, 5, 905 * day, 0) == buckets_key(&buckets, 5, 909 * day, 0) &&
	   buckets_key(&buckets, 5, 905 * day, 1) == buckets_key(&buckets, 5, 899 * day, 0) &&
	   buckets_key(&buckets, 5, 905 * day, 0) != buckets_key(&buckets, 6, 905 * day, 0),
	   "with buckets one for each channel and ten days");
}

int main(void)
{
	check_kinds();
	check_pages();
	check_tables();
	check_buckets();
	return done_testing();
}
