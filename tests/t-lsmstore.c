/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An LSM tree on a disk, as a store runs it: what is there against a map while memtables fill, tables are written and
 * merged, and after crashes at any moment, of which a map of what is durable says what must be left; order and pace of
 * puts; that what a job and a get cost is what the disk was asked for.
 */
#include "engine/meter.h"
#include "model/bloom.h"
#include "model/lsmstore.h"
#include "tap.h"

enum { KEYS = 200 };

struct client {
	struct sim *sim;
	struct lsmstore store;
	struct disk disk;
	struct rng rng;
	unsigned latest[KEYS];
	bool there[KEYS];
	int64_t number[KEYS]; /* of the put that made it so */
	int64_t last, answers, out_of_order;
	int64_t at[10000]; /* when the put of that number was taken */
	struct lsmstore_put *put;
};

static struct client *it;

static void takes(struct lsmstore_put *put)
{
	it->out_of_order += put->number != it->last + 1;
	it->last = put->number;
	it->at[put->number] = it->sim->now;
	it->latest[put->key] = put->value;
	it->there[put->key] = !put->deleted;
	it->number[put->key] = put->number;
}

static void answered(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)subject;
	(void)unused;
	it->answers++;
}

static struct lsmstore_config config_of(int policy)
{
	return (struct lsmstore_config){.tree = {.policy = lsm_policies[policy],
						 .memtable = 20,
						 .level1 = 3,
						 .file = 20,
						 .ratio = 3,
						 .flushes = 1,
						 .most_runs = 5,
						 .most = INT64_MAX},
					.entries_per_page = 5,
					.cached = 10,
					.threads = 2,
					.chunk = 4,
					.waiting = 2,
					.slow = INT64_MAX,
					.stop = 8,
					.bits = 10,
					.lookup = 100};
}

static void begin(struct client *client, const struct lsmstore_config *config)
{
	struct sim *sim = sim_new(5, 0);
	*client = (struct client){.sim = sim, .rng = rng_seed(7)};
	it = client;
	disk_init(&client->disk, sim, "disk", 1, 10000, 50000);
	lsmstore_init(&client->store, sim, &client->disk, config, takes);
	client->put = ARENA_ARRAY(&sim->arena, 10000, struct lsmstore_put);
}

static void put_one(struct sim *sim, void *self, uint64_t number)
{
	struct client *client = self;
	struct lsmstore_put *put = &client->put[number];
	(void)sim;
	*put = (struct lsmstore_put){.key = rng_below(&client->rng, KEYS),
				     .value = (unsigned)number % LSM_VALUES,
				     .deleted = rng_below(&client->rng, 5) == 0};
	lsmstore_put(&client->store, put);
}

static void replay(struct client *client)
{
	sim_open(client->sim);
	sim_replay(client->sim, NULL, NULL, NULL, INT64_MAX, NULL);
	sim_close(client->sim);
}

/* Keys that are not what was taken last. */
static int differ(const struct client *client)
{
	int count = 0;
	for (uint64_t key = 0; key < KEYS; key++) {
		struct lsmstore_answer answer = lsmstore_look(&client->store, key);
		count += answer.there != client->there[key] || (answer.there && answer.value != client->latest[key]);
	}
	return count;
}

/* A look at all keys at some instant, into `wrong`. */
static int wrong;
static void look(struct sim *sim, void *self, uint64_t unused)
{
	(void)sim;
	(void)unused;
	wrong += differ(self);
}

static void check_all_is_there(int policy)
{
	static struct client client;
	struct lsmstore_config config = config_of(policy);
	begin(&client, &config);
	wrong = 0;
	for (uint64_t i = 1; i < 4000; i++) {
		sim_at(client.sim, (int64_t)i * 30000, put_one, &client, i);
		if (i % 10 == 0)
			sim_at(client.sim, (int64_t)i * 30000 + 1, look, &client, 0);
		if (i % 3 == 0)
			lsmstore_get(&client.store, i % KEYS, answered, NULL, NULL);
	}
	replay(&client);
	is_int(wrong + differ(&client) + client.out_of_order, 0, "%s: what is put is there, in order",
	       lsm_names[policy]);
	is_int(client.answers, 1333, "%s: all gets end", lsm_names[policy]);
	is_int(client.last, 3999, "%s: so do all puts", lsm_names[policy]);
	ok(lsm_sound(&client.store.lsm), "%s: the tree is sound", lsm_names[policy]);
	sim_free(client.sim);
}

/* ---- crashes ---- */

static int64_t durable_share; /* of 8 */

static void crash(struct sim *sim, void *self, uint64_t unused)
{
	struct client *client = self;
	int64_t memory = client->last - client->store.written;
	int64_t durable = client->store.written + memory * durable_share / 8;
	(void)sim;
	(void)unused;
	/* What must be left: puts up to there, the latest of each key. */
	for (uint64_t key = 0; key < KEYS; key++) {
		client->there[key] = false;
		client->latest[key] = 0;
	}
	for (int64_t i = 1, number = 0; i < 10000 && number < durable; i++) {
		const struct lsmstore_put *put = &client->put[i];
		if (put->number != number + 1)
			continue;
		number++;
		client->latest[put->key] = put->value;
		client->there[put->key] = !put->deleted;
	}
	int64_t pages = lsmstore_crash(&client->store, durable);
	wrong += differ(client) + (pages != (durable - client->store.written + 4) / 5);
	client->last = client->store.taken;
	wrong += client->last != durable;
	wrong += client->store.waiting != 0;
}

static void check_crash(int policy, int64_t share, int64_t at)
{
	static struct client client;
	struct lsmstore_config config = config_of(policy);
	begin(&client, &config);
	durable_share = share;
	wrong = 0;
	for (uint64_t i = 1; i < 1200; i++)
		sim_at(client.sim, (int64_t)i * 30000, put_one, &client, i);
	sim_at(client.sim, at, crash, &client, 0);
	replay(&client);
	is_int(wrong + differ(&client) + client.out_of_order + !lsm_sound(&client.store.lsm), 0,
	       "%s: a crash at %lld us leaves what is durable, %lld of 8 of what was in memory; then it goes on",
	       lsm_names[policy], (long long)at / 1000, (long long)share);
	sim_free(client.sim);
}

static void check_crash_canary(void)
{
	static struct client client;
	struct lsmstore_config config = config_of(0);
	begin(&client, &config);
	for (uint64_t i = 1; i < 100; i++)
		put_one(client.sim, &client, i);
	lsmstore_crash(&client.store, client.last - 10);
	ok(differ(&client) > 0, "canary: ten puts that were not durable are missed");
	sim_free(client.sim);
}

/* ---- order and pace ---- */

static void check_pace(void)
{
	static struct client client;
	struct lsmstore_config config = config_of(0);
	config.slow = 3;
	config.stop = 1000;
	config.pace = 500000;
	begin(&client, &config);
	lsmstore_hold(&client.store, true);
	for (uint64_t i = 1; i < 200; i++)
		sim_at(client.sim, (int64_t)i * 100000, put_one, &client, i);
	replay(&client);
	int64_t first = 0, gaps = 0;
	for (int64_t i = 2; i < 200; i++) {
		if (client.at[i] - client.at[i - 1] == 500000 && first == 0)
			first = i;
		gaps += first > 0 && client.at[i] - client.at[i - 1] != 500000;
	}
	is_int(client.last, 199, "slowed puts are all taken");
	ok(first > 60 && first < 90, "from the third table of 20 on, with put %lld", (long long)first);
	is_int(gaps, 0, "half a millisecond apart");
	lsmstore_hold(&client.store, false);
	sim_free(client.sim);
}

static void check_stop(void)
{
	static struct client client;
	struct lsmstore_config config = config_of(0);
	config.stop = 3;
	begin(&client, &config);
	lsmstore_hold(&client.store, true);
	for (uint64_t i = 1; i < 200; i++)
		sim_at(client.sim, (int64_t)i * 100000, put_one, &client, i);
	replay(&client);
	ok(client.last >= 60 && client.last <= 61, "three tables without merges, and puts wait: %lld were taken",
	   (long long)client.last);
	is_int(client.store.waiting, 199 - client.last, "all others");
	lsmstore_hold(&client.store, false);
	replay(&client);
	is_int(client.last, 199, "until merges go on");
	sim_free(client.sim);
}

/* What jobs and gets take of the disk: a page in sequence 10 us, the first of a chunk 50. */
static void check_costs(void)
{
	static struct client client;
	static const struct metric metrics[] = {
		{.name = "disk", .kind = METRIC_WORK}, {.name = "misses", .kind = METRIC_COUNT}, {.name = NULL}};
	struct meters meters;
	struct lsmstore_config config = config_of(2); /* tiered */
	begin(&client, &config);
	meters_init(&meters, &client.sim->arena, metrics, 0, 1000000000);
	meters_window(&meters, 0, 1);
	client.disk.work = (struct booking){&meters, 0};
	client.store.misses = (struct booking){&meters, 1};
	for (uint64_t i = 1; i <= 20; i++) {
		client.put[i] = (struct lsmstore_put){.key = i, .value = 1};
		lsmstore_put(&client.store, &client.put[i]);
	}
	replay(&client);
	lsmstore_get(&client.store, 7, answered, NULL, NULL);
	replay(&client);
	lsmstore_get(&client.store, 8, answered, NULL, NULL); /* on the same page */
	lsmstore_get(&client.store, 100, answered, NULL, NULL);
	replay(&client);
	lsmstore_scan(&client.store, 2, 12, answered, NULL, NULL); /* 2 .. 13: pages 0, 1, which is there, and 2 */
	replay(&client);
	meters_end(&meters, client.sim->now + 1);
	is_int((long long)meter_total(&meters, 0, -1), 80000 + 50000 + 60000,
	       "a flush of four pages 80 us, a get 50, a scan of three, one of them in the cache, 60");
	is_int((long long)meter_total(&meters, 1, -1), 3, "three pages were read");
	is_int(client.answers, 4, "and four answers given");
	sim_free(client.sim);
}

/* Tiered, ratio 4, three runs of each of two sizes: shared out, small runs get more bits, and fewer looks are in vain.
 */
static void check_bits(void)
{
	static struct client client;
	struct lsmstore_config config = config_of(2);
	config.bits = 5;
	config.optimal = true;
	begin(&client, &config);
	for (uint64_t i = 1; i < 160; i++)
		sim_at(client.sim, (int64_t)i * 30000000, put_one, &client, i);
	replay(&client);
	const struct lsm *lsm = &client.store.lsm;
	int runs = lsm->level[0].count, large = lsm->level[1].count;
	ok(runs > 0 && large > 0, "%d runs of a memtable, %d of three", runs, large);
	double sum = runs * client.store.rate[0] + large * client.store.rate[1];
	ok(sum < (runs + large) * bloom_rate(5), "bits that are shared out let less through: %.3f, not %.3f", sum,
	   (runs + large) * bloom_rate(5));
	sim_free(client.sim);
}

int main(void)
{
	for (int policy = 0; policy < 5; policy++) {
		check_all_is_there(policy);
		for (int64_t share = 0; share <= 8; share += 4)
			for (int64_t at = 3000000; at < 30000000; at += 7770001)
				check_crash(policy, share, at);
	}
	check_crash_canary();
	check_pace();
	check_stop();
	check_costs();
	check_bits();
	return done_testing();
}
