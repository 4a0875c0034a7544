/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints a table of digests, a line each: over the raw draws of streams, dmath, distributions and their texts, the rows
 * of recipes, and the results of small worlds. The same bytes must come out of every compiler, optimisation and
 * machine, WebAssembly included: see digest.sh and wasm-check.sh. Nothing but libcore and stdio is used.
 *
 *   digest [SEED]     1 is what digest.expected was made with
 *   digest events     only replays the first world of each case, once, and prints how many rows and events that were
 *
 * Every case has a row in `worlds`; after adding one, `tests/digest.sh --update`.
 */
#include "base/check.h"
#include "engine/dist.h"
#include "engine/hist.h"
#include "flow.h"
#include "run/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	printf("%s:%d: CHECK(%s) failed\n", file, line, what);
	exit(70);
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	printf("out of memory, asked for %lu bytes\n", (unsigned long)bytes);
	exit(70);
}

static uint64_t add(uint64_t digest, uint64_t bits)
{
	return rng_mix(digest ^ rng_mix(bits + 1));
}

static uint64_t add_real(uint64_t digest, double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return add(digest, bits);
}

static uint64_t add_text(uint64_t digest, const char *text)
{
	for (; *text; text++)
		digest = add(digest, (unsigned char)*text);
	return digest;
}

static void line(const char *kind, const char *name, uint64_t digest)
{
	printf("%016" PRIx64 "  %s %s\n", digest, kind, name);
}

/* ---- streams ---- */

static uint64_t draw_next(struct rng *rng, uint64_t digest)
{
	return add(digest, rng_next(rng));
}

static uint64_t draw_unit(struct rng *rng, uint64_t digest)
{
	return add_real(digest, rng_unit(rng));
}

static uint64_t draw_unit_open(struct rng *rng, uint64_t digest)
{
	return add_real(digest, rng_unit_open(rng));
}

static uint64_t draw_below(struct rng *rng, uint64_t digest)
{
	return add(digest, rng_below(rng, rng_next(rng) >> 1));
}

static uint64_t draw_exp(struct rng *rng, uint64_t digest)
{
	return add_real(digest, rng_exp(rng));
}

static uint64_t draw_normal(struct rng *rng, uint64_t digest)
{
	return add_real(digest, rng_normal(rng));
}

static void streams(uint64_t seed)
{
	static const struct {
		const char *name;
		uint64_t (*draw)(struct rng *rng, uint64_t digest);
	} kinds[] = {
		{"next", draw_next}, {"unit", draw_unit}, {"unit_open", draw_unit_open},
		{"below", draw_below}, {"exp", draw_exp}, {"normal", draw_normal},
	};
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		uint64_t digest = 0;
		for (uint64_t replication = 0; replication < 3; replication++) {
			struct rng_stream stream = rng_stream(seed, replication, kinds[k].name);
			struct rng rng = rng_start(stream);
			for (int i = 0; i < 20000; i++)
				digest = kinds[k].draw(&rng, digest);
			for (uint64_t id = 0; id < 1000; id++) {
				rng = rng_of(stream, id);
				digest = kinds[k].draw(&rng, digest);
			}
		}
		line("stream", kinds[k].name, digest);
	}
}

/* ---- dmath ---- */

static double pow_near_one(double x)
{
	return dm_pow(1 + x * 0x1p-20, 1e5);
}

static double pow_third(double x)
{
	return dm_pow(x, 1.0 / 3);
}

static double root(double x)
{
	return dm_pow(x < 0 ? -x : x, 0.5);
}

/* The arguments are fixed, whatever the seed. */
static void functions(void)
{
	static const struct {
		const char *name;
		double (*f)(double x);
	} kinds[] = {
		{"exp", dm_exp},
		{"log", dm_log},
		{"log1p", dm_log1p},
		{"pow-near-1", pow_near_one},
		{"pow-third", pow_third},
		{"pow-half", root},
		{"gamma", dist_gamma_function},
	};
	static const double special[] = {0,      -0.0,    1,     -1, 0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp1023,
					 709.78, -745.13, 1e-300};
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		struct rng rng = rng_start(rng_stream(1, 0, "arguments"));
		uint64_t digest = 0;
		for (int i = 0; i < 20000; i++) {
			/* All exponents, then those that matter most. */
			uint64_t bits = rng_next(&rng);
			double any, unit = rng_unit_open(&rng);
			memcpy(&any, &bits, sizeof any);
			if (kinds[k].f == dist_gamma_function)
				any = 170 * unit;
			digest = add_real(digest, kinds[k].f(any));
			digest = add_real(digest, kinds[k].f(unit));
			digest = add_real(digest, kinds[k].f(100 * unit));
		}
		for (size_t i = 0; i < sizeof special / sizeof *special; i++)
			if (kinds[k].f != dist_gamma_function)
				digest = add_real(digest, kinds[k].f(special[i]));
		line("dmath", kinds[k].name, digest);
	}
}

/* ---- distributions ---- */

static bool read_values(void *host, const char *path, enum quantity_kind unit, struct arena *arena, double **values,
			double **weights, size_t *count, struct err *err)
{
	(void)host;
	(void)unit;
	(void)err;
	*count = 1000;
	*values = ARENA_ARRAY(arena, *count, double);
	*weights = strcmp(path, "weighted") == 0 ? ARENA_ARRAY(arena, *count, double) : NULL;
	for (size_t i = 0; i < *count; i++) {
		(*values)[i] = (double)(i * 7919 % 1000) * 1.25;
		if (*weights)
			(*weights)[i] = (double)(i % 17);
	}
	return true;
}

static const struct dist_reader reader = {read_values, NULL};

static void distributions(uint64_t seed)
{
	static const char *const texts[] = {
		"5",
		"uniform(2, 5)",
		"exp(3)",
		"erlang(stages=4, mean=2)",
		"gamma(mean=2, cv=0.5)",
		"gamma(mean=3, cv=2)",
		"lognormal(median=2, sigma=0.5)",
		"lognormal(median=1, p99=10)",
		"lognormal(mean=1, cv=4)",
		"lognormal(mean=2, p99=12)",
		"normal(mean=1, sd=1)",
		"normal(mean=2, cv=0.1)",
		"weibull(scale=2, shape=0.5)",
		"weibull(mean=4, cv=0.7)",
		"weibull(median=1, p99=4)",
		"pareto(min=1, alpha=1.5)",
		"zipf(1000, 1.1)",
		"zipf(1 G, 0.9)",
		"zipf(100, 1)",
		"zipf(20, 0)",
		"mix(0.9 exp(1), 0.1 mix(1 exp(20), 2 7))",
		"empirical(values)",
		"hist(weighted, scale=0.3)",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct arena arena;
		struct dist dist;
		struct err err;
		char text[400];
		err_init(&err);
		arena_init(&arena);
		enum quantity_kind unit = strncmp(texts[i], "zipf", 4) == 0 ? QUANTITY_COUNT : QUANTITY_REAL;
		bool read = dist_parse(&dist, unit, texts[i], &arena, &reader, NULL, &err);
		CHECK(read);
		struct rng rng = rng_start(rng_stream(seed, 0, texts[i]));
		uint64_t digest = 0;
		for (int k = 0; k < 5000; k++)
			digest = add_real(digest, dist_draw(&dist, &rng));
		for (int k = 0; k < 100; k++)
			digest = add(digest, (uint64_t)dist_draw_time(&dist, &rng));
		for (int k = 0; k < 20; k++) {
			double x = dist_quantile(&dist, k / 20.0);
			digest = add_real(add_real(digest, x), dist_cdf(&dist, x));
		}
		digest = add_real(add_real(digest, dist_mean(&dist)), dist_cv(&dist));
		digest = add_text(digest, dist_print(&dist, unit, text, sizeof text));
		digest = add_text(digest, dist_describe(&dist, unit, text, sizeof text));
		dist_scale(&dist, 1.7, &arena);
		digest = add_text(digest, dist_print(&dist, unit, text, sizeof text));
		line("dist", texts[i], digest);
		arena_free(&arena);
	}
}

/* One draw after the other: the operands of an expression have no order. */
static int64_t any_size(struct rng *rng)
{
	uint64_t bits = rng_next(rng);
	return (int64_t)(bits >> (1 + rng_below(rng, 63)));
}

static void quantities(void)
{
	static const char *const names[] = {"count", "real", "ratio", "time", "bytes", "rate"};
	struct rng rng = rng_start(rng_stream(1, 0, "quantities"));
	for (int kind = QUANTITY_COUNT; kind <= QUANTITY_RATE; kind++) {
		uint64_t digest = 0;
		for (int i = 0; i < 300; i++) {
			char text[QUANTITY_TEXT], why[QUANTITY_WHY];
			int64_t integer = any_size(&rng);
			double real = rng_unit(&rng) * (double)integer;
			bool whole = kind == QUANTITY_COUNT || kind == QUANTITY_TIME || kind == QUANTITY_BYTES;
			struct quantity value = {whole ? integer : 0, whole ? (double)integer : real}, back;
			digest = add_text(digest, quantity_print(kind, value, text));
			CHECK(quantity_parse(kind, text, &back, why));
			digest = add_real(add(digest, (uint64_t)back.integer), back.real);
		}
		line("quantity", names[kind], digest);
	}
}

static void histogram(uint64_t seed)
{
	struct arena arena;
	struct hist hist;
	struct rng rng = rng_start(rng_stream(seed, 0, "histogram"));
	arena_init(&arena);
	hist_init(&hist, &arena, HIST_BITS);
	for (int i = 0; i < 50000; i++)
		hist_add(&hist, any_size(&rng), 1 + (uint64_t)i % 3);
	uint64_t digest = hist_digest(&hist, 0);
	for (int i = 0; i <= 1000; i++)
		digest = add(digest, (uint64_t)hist_percentile(&hist, i / 1000.0));
	line("hist", "percentiles", add_real(digest, hist_mean(&hist)));
	arena_free(&arena);
}

/* ---- worlds ---- */

static const struct world {
	const char *name, *of, *model, *recipe;
	struct fault fault[3]; /* those that last */
} worlds[] = {
	{"hashing-ring",
	 "hashing",
	 "{placement: ring, nodes: 6, spares: 2, points: 20, large: 2, capacity: 50, lifetime: 3 s, cache: sieve, "
	 "coalesce: on, store_servers: 3, store_work: exp(4 ms), survey: 2000, detect: 500 ms}",
	 "{windows: [{rate: 400/s, for: 5 s}, {rate: 600/s, for: 5 s}], "
	 "columns: {key: {zipf: {keys: 500, exponent: 1}}}}",
	 {{.kind = 2, .at = 2000000000, .lasts = 3000000000, .target = 3},
	  {.kind = 0, .at = 4000000000, .lasts = 3000000000, .target = 7}}},
	{"hashing-bounded",
	 "hashing",
	 "{placement: bounded, nodes: 7, points: 3, weak_hash: on, capacity: 40, cache: s3-fifo, copies: 2, "
	 "survey: 1000, store_work: exp(4 ms)}",
	 "{windows: {rate: 500/s, for: 8 s}, columns: {key: {zipf: {keys: 500, exponent: 0.8}}}}",
	 {{.kind = 3, .at = 1000000000, .lasts = 2000000000, .target = 5, .rate = 3000},
	  {.kind = 4, .at = 5000000000, .lasts = 1000000000, .factor = 5}}},
	{"hashing-rendezvous",
	 "hashing",
	 "{placement: rendezvous, nodes: 5, large: 1, weight: 1.7, cache: clock, capacity: 30, survey: 3000}",
	 "{windows: {rate: 500/s, for: 5 s}, columns: {key: {zipf: {keys: 500, exponent: 0.8}}}}",
	 {{.kind = 1, .at = 1000000000, .lasts = 2000000000, .target = 1}}},
	{"hashing-maglev",
	 "hashing",
	 "{placement: maglev, slots: 251, nodes: 5, cache: fifo, capacity: 30, survey: 3000}",
	 "{windows: {rate: 500/s, for: 5 s}, columns: {key: {zipf: {keys: 500, exponent: 0.8}}}}",
	 {{.kind = 1, .at = 1000000000, .lasts = 2000000000, .target = 1}}},
	{"idempotency-keys",
	 "idempotency",
	 "{keys: insert, claim_for: 500 ms, timeout: 400 ms, attempts: 4, copies: 10 %, copy_after: exp(300 ms), "
	 "declines: 5 %, crash: 2 %, request_loss: 5 %, reply_loss: 5 %, lifetime: 2 s, fails: open, servers: 8}",
	 "{windows: {rate: 200/s, for: 20 s}, columns: {account: {zipf: {keys: 50, exponent: 1}}, price: 3}}",
	 {{.kind = 0, .at = 4000000000, .lasts = 500000000},
	  {.kind = 6, .at = 8000000000, .lasts = 2000000000}}},
	{"idempotency-one-step",
	 "idempotency",
	 "{keys: transaction, scope: content, saves_failures: on, declines: 5 %, crash: 2 %, timeout: 500 ms, "
	 "backoff: decorrelated}",
	 "{windows: {rate: 200/s, for: 20 s}, columns: {account: {zipf: {keys: 50, exponent: 1}}, price: 3}}",
	 {{.kind = 3, .at = 4000000000, .lasts = 3000000000, .factor = 5},
	  {.kind = 8, .at = 10000000000, .lasts = 1000000000}}},
	{"idempotency-contest",
	 "idempotency",
	 "{optimistic: on, clients: 40, attempts: 1000, timeout: 0 s, request_loss: 0 %, reply_loss: 0 %, "
	 "one_way: exp(10 ms), backoff: equal}",
	 "{windows: {rate: 1/s, for: 10 s}, columns: {account: 0, price: 1}}",
	 {{0}}},
	{"indexes-plans",
	 "indexes",
	 "{rows: 20 k, correlation: 70 %, frames: 100, rows_per_page: 10, entries: 30, fanout: 10, replacement: clock}",
	 "{windows: {rate: 5/s, for: 20 s}, columns: {op: range, key: {zipf: {keys: 1 k, exponent: 0}}, "
	 "selected: zipf(20000, 0.7)}}",
	 {{.kind = 2, .at = 5000000000, .lasts = 5000000000, .factor = 100},
	  {.kind = 1, .at = 9000000000}}},
	{"indexes-heap",
	 "indexes",
	 "{trees: real, rows: 5 k, indexes: 3, changed: 2, entries: 9, fanout: 5, frames: 200, checkpoint: 700 ms}",
	 "{windows: {rate: 400/s, for: 5 s}, columns: {op: {mix: {point: 40 %, range: 10 %, insert: 30 %, "
	 "update: 10 %, delete: 10 %}}, key: {zipf: {keys: 5 k, exponent: 0.8}}, selected: 20}}",
	 {{.kind = 0, .at = 1000000000, .lasts = 1000000000, .factor = 4}}},
	{"indexes-clustered",
	 "indexes",
	 "{layout: clustered, trees: real, rows: 1 k, rows_per_page: 7, fanout: 5, split: half, fill: 69 %, "
	 "frames: 50, doublewrite: on, further_order: ascending}",
	 "{windows: {rate: 400/s, for: 5 s}, columns: {op: {mix: {point: 40 %, range: 10 %, insert: 40 %, update: 5 %, "
	 "delete: 5 %}}, key: {zipf: {keys: 1 k, exponent: 0.8}}, selected: 30}}",
	 {{.kind = 3, .at = 2000000000}}},
	{"locks-redlock",
	 "locks",
	 "{design: redlock, servers: 5, locks: 20, clients: 9, lease: 5 s, hold: exp(3 s), renew: 2 s, guard: clock, "
	 "pause_every: exp(10 s), crashes: on, client_drift: -3 %, loss: 1 %}",
	 "{windows: {rate: 20/s, for: 60 s}, columns: {lock: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 3, .at = 20000000000, .lasts = 3000000000, .target = 3},
	  {.kind = 5, .at = 40000000000, .lasts = 1000000000, .target = 1, .factor = 3}}},
	{"locks-consensus",
	 "locks",
	 "{design: consensus, servers: 3, locks: 20, clients: 9, lease: 5 s, hold: exp(3 s), fencing: on, "
	 "announce: on, pause_every: exp(10 s), failures: on, failure_every: exp(20 s), failure_for: 2 s}",
	 "{windows: {rate: 20/s, for: 60 s}, columns: {lock: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 0, .at = 20000000000, .lasts = 3000000000, .target = 3},
	  {.kind = 6, .at = 40000000000, .lasts = 1000000000, .factor = 10}}},
	{"locks-replica",
	 "locks",
	 "{design: replica, servers: 2, locks: 20, clients: 9, lease: 5 s, hold: exp(3 s), release: any, lag: 200 ms, "
	 "pause_every: exp(10 s), failures: on, failure_every: exp(20 s), failure_for: 2 s}",
	 "{windows: {rate: 20/s, for: 60 s}, columns: {lock: {zipf: {keys: 50, exponent: 1}}}}",
	 {{0}}},
	{"lsm-files",
	 "lsm",
	 "{policy: files, level1: 2, flushes: 2, memtable: 20, ratio: 3, cached: 30, filters: optimal, bits: 4, "
	 "moves: on, threads: 2, slow: 4, pace: 300 us, stop: 7, log: grouped, force: exp(1 ms), reads: 40 %, "
	 "random: 300 us}",
	 "{windows: [{rate: 600/s, for: 5 s}, {rate: 900/s, for: 4 s, columns: {op: mixed}}], columns: {op: {mix: {"
	 "put: 60 %, delete: 10 %, get: 25 %, scan: 5 %}}, key: {zipf: {keys: 900, exponent: 0.7}}, length: 20}}",
	 {{.kind = 2, .at = 3000000000}, {.kind = 0, .at = 6000000000, .lasts = 1000000000, .factor = 8}}},
	{"lsm-tiered",
	 "lsm",
	 "{policy: tiered, memtable: 20, ratio: 3, cached: 30, stop: 6, log: each, force: const(500 us)}",
	 "{windows: {rate: 800/s, for: 8 s}, columns: {op: {mix: {put: 60 %, delete: 10 %, get: 25 %, scan: 5 %}}, "
	 "key: {zipf: {keys: 900, exponent: 0.7}}, length: 20}}",
	 {{.kind = 1, .at = 3000000000, .lasts = 1000000000}, {.kind = 2, .at = 6000000000}}},
	{"lsm-btree",
	 "lsm",
	 "{engine: btree, rows: 50, entries_per_page: 7, fanout: 5, frames: 20, reads: 30 %, read_kind: scan}",
	 "{windows: {rate: 800/s, for: 6 s}, columns: {op: {mix: {put: 40 %, delete: 10 %, get: 25 %, mixed: 25 %}}, "
	 "key: {zipf: {keys: 900, exponent: 0.7}}, length: 20}}",
	 {{.kind = 0, .at = 3000000000, .lasts = 1000000000, .factor = 3}}},
	{"mvcc-snapshot",
	 "mvcc",
	 "{rows: 200, operations: uniform(1, 9), writes: 60 %, hot: 20 %, hot_rows: 9, retries: 5, "
	 "backoff: exp(5 ms), restart: new, isolation: serializable, length: exp(60 ms), cpu: 2 ms, processors: 2, "
	 "vacuum_nap: 1 s, vacuum_takes: 200 ms, vacuum_each: on, connections: 30}",
	 "{windows: {rate: 60/s, for: 20 s}, columns: {kind: {mix: {mixed: 95 %, pair: 4 %, idle: 1 %}}}}",
	 {{.kind = 0, .at = 5000000000, .lasts = 5000000000},
	  {.kind = 1, .at = 12000000000, .lasts = 2000000000}}},
	{"mvcc-locks",
	 "mvcc",
	 "{rows: 300, operations: 5, writes: 50 %, readers: 10 %, isolation: row-locks, upgrade: on, nodes: 2, "
	 "copy_order: own, retries: 3, io: 3 ms, disks: 4, length: 20 ms, think: exp(100 ms), victim: fewest-locks}",
	 "{windows: {rate: 2/s, for: 20 s}, columns: {clients: 25, stay: 3 s}}",
	 {{.kind = 4, .at = 9000000000, .lasts = 2000000000, .factor = 5},
	  {.kind = 5, .at = 14000000000, .lasts = 1000000000}}},
	{"mvcc-optimistic",
	 "mvcc",
	 "{rows: 300, operations: 5, isolation: optimistic, retries: 9, length: 50 ms, idle_timeout: 500 ms, "
	 "vacuum_nap: 1 s}",
	 "{windows: {rate: 60/s, for: 20 s}, columns: {kind: {mix: {mixed: 98 %, idle: 1 %, scan: 1 %}}}}",
	 {{.kind = 2, .at = 5000000000, .lasts = 5000000000}}},
	{"microservices-shop",
	 "microservices",
	 "{network: exp(300 us), classes: {browse: {enter: web, priority: 2, timeout: 300 ms, attempts: 3, budget: 20 "
	 "%}, "
	 "buy: {enter: web, clients: 5, think: exp(500 ms)}}, services: {web: {instances: 3, threads: 9, balance: "
	 "choices, "
	 "limiter: adaptive, steps: [auth, 2 of cat and 2 ads, stock, later mail], calls: {auth: {timeout: 20 ms, "
	 "attempts: 4, backoff: decorrelated}, cat: {hedge: 4 ms, tied: on, fallback: 1 ms}, stock: {when: buy, "
	 "breaker: 30 %, "
	 "breaker_of: 9, breaker_for: 1 s, chance: 80 %, distance: exp(1 ms)}}}, auth: {instances: 2, balance: least, "
	 "errors: 5 %, "
	 "work: exp(3 ms), queue: 3}, cat: {instances: 3, balance: hash, cache: sieve, cache_entries: 20, scale: 50 %, "
	 "scale_period: 1 s, scale_delay: 2 s, work: exp(6 ms)}, ads: {async: on, steps: [mail 3 times]}, "
	 "stock: {pools: {p: 2}, threads: 5, steps: [each mail], calls: {mail: {pool: p}}}, mail: {threads: 3}}}",
	 "{windows: {rate: 100/s, for: 10 s}, columns: {class: {mix: {browse: 70 %, buy: 30 %}}, items: 3, "
	 "key: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 1, .at = 2000000000, .lasts = 3000000000, .target = 4},
	  {.kind = 4, .at = 6000000000, .lasts = 1000000000, .target = 2}}},
	{"microservices-cancel",
	 "microservices",
	 "{abandon: cancel, depth: 4, classes: {all: {enter: a, timeout: 50 ms, attempts: 2, backoff: none}}, "
	 "services: {"
	 "a: {instances: 2, balance: round-robin, async: on, steps: [first of b and 2 c]}, b: {work: exp(20 ms), "
	 "steps: [a], "
	 "calls: {a: {timeout: 30 ms}}}, c: {cache: ratio, cache_hits: 60 %, work: exp(9 ms)}}}",
	 "{windows: {rate: 60/s, for: 10 s}}",
	 {{.kind = 0, .at = 2000000000, .lasts = 2000000000, .target = 2},
	  {.kind = 2, .at = 6000000000, .lasts = 2000000000, .target = 1, .factor = 3}}},
	{"ratelimit-buckets",
	 "ratelimit",
	 "{limiter: token-bucket, limit: 20, window: 1 s, burst: 15, gateways: 3, skew: 100 ms, beside: sliding-log}",
	 "{windows: {rate: 400/s, for: 10 s}, columns: {client: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 0, .at = 2000000000, .lasts = 3000000000, .target = 3, .rate = 100},
	  {.kind = 5, .at = 4000000000, .lasts = 1000000000, .target = 1}}},
	{"ratelimit-shared",
	 "ratelimit",
	 "{limiter: sliding-b, limit: 20, window: 1 s, gateways: 3, state: shared, atomic: off, expire: 3 s, "
	 "one_way: exp(1 ms), fails: alone}",
	 "{windows: {rate: 400/s, for: 10 s}, columns: {client: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 1, .at = 2000000000, .lasts = 1000000000},
	  {.kind = 3, .at = 5000000000, .lasts = 1000000000, .factor = 500}}},
	{"ratelimit-synced",
	 "ratelimit",
	 "{limiter: fixed-window, limit: 20, window: 1 s, gateways: 5, state: synced, sync: 130 ms}",
	 "{windows: {rate: 400/s, for: 10 s}, columns: {client: {zipf: {keys: 50, exponent: 1}}}}",
	 {{0}}},
	{"cap-quorums",
	 "cap",
	 "{read_quorum: 1, write_quorum: 2, keys: 50, datacentres: 3, between: 20 ms, repair: after, loss: 1 %, "
	 "write_way: mix(38 pareto(min=1.05 ms, alpha=1.51), 62 exp(5 ms)), judged: 2000}",
	 "{windows: {rate: 300/s, for: 10 s}, columns: {op: {mix: {write: 30 %, read: 50 %, pair: 20 %}}, "
	 "key: {zipf: {keys: 50, exponent: 1}}, after: exp(5 ms)}}",
	 {{.kind = 1, .at = 2000000000, .lasts = 2000000000, .target = 1, .factor = 50},
	  {.kind = 4, .at = 6000000000, .lasts = 1000000000, .target = 2}}},
	{"cap-sloppy",
	 "cap",
	 "{nodes: 5, read_quorum: 2, write_quorum: 2, keys: 50, sloppy: on, suspect: 300 ms, hand_over: 100 ms, "
	 "timeout: 50 ms, skew: 5 ms}",
	 "{windows: {rate: 300/s, for: 10 s}, columns: {op: {mix: {write: 40 %, read: 60 %}}, "
	 "key: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 0, .at = 2000000000, .lasts = 4000000000, .target = 2},
	  {.kind = 5, .at = 7000000000, .lasts = 1000000000, .target = 1}}},
	{"cap-register",
	 "cap",
	 "{nodes: 5, replicas: 5, read_quorum: 3, write_quorum: 3, keys: 20, repair: before, number: quorum, "
	 "skew: 1 s, judged: 5000}",
	 "{windows: {rate: 300/s, for: 10 s}, columns: {op: {mix: {write: 40 %, read: 60 %}}, "
	 "key: {zipf: {keys: 20, exponent: 0}}}}",
	 {{.kind = 2, .at = 2000000000, .lasts = 3000000000, .target = 0},
	  {.kind = 3, .at = 4000000000, .lasts = 3000000000, .target = 4}}},
	{"cap-primary",
	 "cap",
	 "{design: primary, nodes: 4, keys: 50, read_from: own, reader: same, anti_entropy: 200 ms}",
	 "{windows: {rate: 300/s, for: 10 s}, columns: {op: {mix: {write: 30 %, read: 50 %, pair: 20 %}}, "
	 "key: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 0, .at = 2000000000, .lasts = 3000000000, .target = 1},
	  {.kind = 0, .at = 4000000000, .lasts = 3000000000, .target = 2}}},
	{"replication-async",
	 "replication",
	 "{replicas: 3, keys: 50, workers: 3, in_order: on, fsync: exp(300 us), failures: on, failure_every: exp(2 s), "
	 "apply_first: off, promote: least, routing: lag-cap, cap: 5 ms}",
	 "{windows: {rate: 500/s, for: 10 s}, columns: {op: {mix: {write: 70 %, read: 30 %}}, "
	 "key: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 1, .at = 2000000000, .lasts = 3000000000, .target = 1},
	  {.kind = 2, .at = 4000000000, .lasts = 1000000000, .target = 2}}},
	{"replication-sync",
	 "replication",
	 "{replicas: 4, keys: 50, mode: quorum, answer_at: applied, grouped: off, fsync: exp(300 us), routing: wait, "
	 "timeout: 20 ms}",
	 "{windows: {rate: 500/s, for: 10 s}, columns: {op: {mix: {write: 70 %, read: 30 %}}, "
	 "key: {zipf: {keys: 50, exponent: 1}}}}",
	 {{.kind = 1, .at = 2000000000, .lasts = 3000000000, .target = 1},
	  {.kind = 0, .at = 8000000000, .lasts = 1000000000}}},
	{"station-mm4",
	 "station",
	 "{servers: 4, service: exp(8 ms)}",
	 "{windows: {rate: 400/s, for: 20 s}}",
	 {{0}}},
	{"station-loss",
	 "station",
	 "{servers: 10, limited: on, places: 0, service: lognormal(mean=8 ms, cv=2)}",
	 "{windows: {rate: 1k/s, for: 5 s}, clustering: {cv: 2}}",
	 {{0}}},
	{"station-faults",
	 "station",
	 "{servers: 2, service: gamma(mean=3 ms, cv=0.5)}",
	 "{windows: [{rate: 300/s, for: 5 s}, {rate: 500/s, for: 5 s}], gap: 1 s, "
	 "bursts: [{at: 1 s, rise: 500 ms, plateau: 1 s, decay: 500 ms, factor: 2}]}",
	 {{.kind = 0, .at = 1000000000, .lasts = 300000000},
	  {.kind = 1, .at = 7000000000, .lasts = 1000000000, .factor = 2}}},
	{"station-trace",
	 "station",
	 "{servers: 3, service_from: trace}",
	 "{growth: [{date: 2016-01-01, rate: 40 M/d}, {date: 2017-01-01, rate: 100 M/d}], "
	 "daily: {peak: 1.8, hour: 20 h}, weekly: [1, 1, 1, 1, 1.1, 1.2, 1.1], "
	 "windows: {dates: [2016-03-01, 2016-09-03], at: 21 h, for: 3 s}, "
	 "columns: {service: weibull(mean=1.5 ms, cv=1.2)}}",
	 {{0}}},
	{"discord-mongodb",
	 "discord",
	 "{storage: pages, nodes: 3, read_quorum: 1, gc: off, compaction: off}",
	 "{windows: {rate: 300/s, for: 3 s, date: 2015-11-01}, columns: {op: {mix: {read: 50 %, write: 50 %}}, "
	 "channel: {zipf: {keys: 1 k, exponent: 1}}, sent: calendar, stored: 100 M}}",
	 {{0}}},
	{"discord-cassandra",
	 "discord",
	 "{nodes: 12}",
	 "{windows: {rate: 2k/s, for: 3 s, date: 2017-01-01, at: 59 s}, "
	 "columns: {op: {mix: {read: 50 %, write: 50 %}}, "
	 "channel: {zipf: {keys: 10 k, exponent: 1.1, hot: 1 %, churn: 5 %, every: 1 min}}, "
	 "bytes: lognormal(median=54 B, p99=575 B), sent: calendar}}",
	 {{.kind = 0, .at = 1000000000, .lasts = 1000000000, .target = 3}}},
	{"discord-scylladb",
	 "discord",
	 "{nodes: 6, gc: off, sharded: on, data_services: on}",
	 "{windows: {rate: 3k/s, for: 2 s, date: 2022-05-01}, columns: {op: {mix: {read: 70 %, write: 30 %}}, "
	 "class: public, channel: {zipf: {keys: 1 k, exponent: 0.9}}, sent: calendar}}",
	 {{0}}},
	{"netflix-evacuation",
	 "netflix",
	 "{decide: 1 s, shift: 3 s, flip: 1 s, warm_spares: 100 %, dns_with_shift: on, dns_ttl: 4 s, autoscale: on, "
	 "scale_period: 1 s, limiter: adaptive, cap_rate: 100/s}",
	 "{windows: {rate: 200/s, for: 12 s, date: 2018-05-09, at: 2 h}, "
	 "columns: {op: {mix: {start: 20 %, browse: 65 %, prefetch: 15 %}}, "
	 "home: {phases: {virginia: {share: 50 %, peak: 1.6, hour: 2 h}, oregon: {share: 25 %, "
	 "peak: 1.6, hour: 5 h}, ireland: {share: 25 %, peak: 1.2, hour: 20 h}}}, "
	 "member: {zipf: {keys: 1 k, exponent: 0.7}}}}",
	 {{.kind = 0, .at = 2000000000, .lasts = 7000000000}}},
	{"netflix-blackout",
	 "netflix",
	 "{regions: 2, cache: invalidate, cache_entries: 100, cache_ttl: 1 s, link_rate: 120/s, jitter: exp(3 ms), "
	 "probe_step: 20 ms, failover: off}",
	 "{windows: [{rate: 300/s, for: 3 s}, {rate: 200/s, for: 3 s}], "
	 "columns: {op: {mix: {start: 80 %, browse: 20 %}}, "
	 "home: {mix: {virginia: 50 %, oregon: 50 %}}, member: {zipf: {keys: 500, exponent: 0.7}}}}",
	 {{.kind = 1, .at = 2000000000, .lasts = 2000000000, .target = 1},
	  {.kind = 3, .at = 3000000000, .lasts = 1000000000, .target = 1}}},
	{"twophase-2pc",
	 "twophase",
	 "{coordinators: 2, nodes: 4, participants: 3, rows: 5, keys: 300, reads: 20 %, refuses: 5 %, in_doubt: ask, "
	 "timeout: 20 ms, one_way: exp(1 ms), way_back: exp(1 ms), loss: 1 %, force: exp(300 us), work: exp(1 ms), "
	 "clients: 20, begin: exp(1 s), hot: 10 %, crashes: on, crash_for: exp(200 ms), crash_point: some-told}",
	 "{windows: {rate: 200/s, for: 10 s}, columns: {op: {mix: {change: 70 %, read: 30 %}}, "
	 "row: {zipf: {keys: 300, exponent: 1}}}}",
	 {{.kind = 1, .at = 2000000000, .lasts = 1000000000, .target = 1},
	  {.kind = 2, .at = 5000000000, .lasts = 1000000000, .target = 2}}},
	{"twophase-3pc",
	 "twophase",
	 "{protocol: 3pc, coordinator: first, nodes: 3, participants: 2, rows: 3, keys: 300, waiting: give-back, "
	 "timeout: 20 ms, one_way: exp(1 ms), way_back: exp(1 ms), force: exp(300 us), grouped: on, visits: on}",
	 "{windows: {rate: 200/s, for: 10 s}, columns: {op: change, row: {zipf: {keys: 300, exponent: 1}}}}",
	 {{.kind = 1, .at = 2000000000, .lasts = 1000000000, .target = 1},
	  {.kind = 3, .at = 5000000000, .lasts = 1000000000, .factor = 10}}},
	{"twophase-paxos",
	 "twophase",
	 "{protocol: paxos, coordinators: 3, nodes: 3, participants: 2, rows: 3, keys: 3 k, timeout: 20 ms, "
	 "one_way: exp(1 ms), way_back: exp(1 ms), force: exp(300 us), loss: 1 %}",
	 "{windows: {rate: 200/s, for: 10 s}, columns: {op: change, row: {zipf: {keys: 3 k, exponent: 1}}}}",
	 {{.kind = 0, .at = 2000000000, .lasts = 1000000000},
	  {.kind = 0, .at = 5000000000, .lasts = 1000000000, .target = 1}}},
	{"twophase-saga",
	 "twophase",
	 "{protocol: saga, nodes: 3, participants: 3, rows: 4, keys: 300, timeout: 20 ms, one_way: exp(1 ms), "
	 "way_back: exp(1 ms), force: exp(300 us), work: exp(2 ms), step_fails: 5 %, loss: 1 %, clients: 3}",
	 "{windows: {rate: 200/s, for: 10 s}, columns: {op: {mix: {change: 50 %, read: 50 %}}, "
	 "row: {zipf: {keys: 300, exponent: 1}}}}",
	 {{.kind = 0, .at = 2000000000, .lasts = 1000000000},
	  {.kind = 1, .at = 5000000000, .lasts = 1000000000, .target = 1}}},
	{"uber-market",
	 "uber",
	 "{drivers: 100, batch: 10 s, surge: on, reserve: 20, gateway: poll, surge_balance: 0.1}",
	 "{windows: {rate: 0.1/s, for: 2 h}, columns: {place: {zipf: {keys: 1261, exponent: 3.1, shift: 40}}}}",
	 {{.kind = 3, .at = 2000000000000, .lasts = 600000000000, .factor = 10},
	  {.kind = 1, .at = 4000000000000, .lasts = 30000000000},
	  {.kind = 4, .at = 5000000000000, .lasts = 600000000000}}},
	{"uber-index",
	 "uber",
	 "{market: off, cities: 10, workers: 8, pings_per_ride: 100, store_spread: 2, store_routed: 50 %}",
	 "{windows: {rate: 60/s, for: 20 s}, columns: {op: {mix: {ride: 50 %, look: 30 %, query: 20 %}}, "
	 "place: {zipf: {keys: 1261, exponent: 1.14}}, city: {zipf: {keys: 10, exponent: 1}}}}",
	 {{.kind = 0, .at = 8000000000, .lasts = 7000000000, .target = 1}}},
};

static struct setup setup_of(const struct world *world, struct arena *arena, uint64_t seed)
{
	const struct param_reader values = {arena, NULL, NULL};
	struct err err;
	err_init(&err);
	const struct case_study *of = case_find(world->of);
	CHECK(of);
	struct setup setup = {.of = of, .name = world->name, .slice = 1, .share = 1, .metrics = of->metrics,
			      .columns = of->columns};
	setup.run = (struct setup_run){.reps = 2, .seed = (int64_t)seed, .warmup = 100000000, .series = 10000000,
				       .drain = 10000000000};
	setup.params = arena_get(arena, of->params_size);
	param_defaults(of->params, setup.params, &values);
	param_load(of->params, setup.params, flow(arena, world->model), "model", &values, &err);
	if (of->imply)
		of->imply(setup.params, &values);
	if (of->check)
		of->check(setup.params, &err);
	setup.columns = column_resolve(of->columns, of->params, setup.params, arena, &err);
	param_metrics(of->params, setup.params, of->metrics, NULL, arena, &setup.metrics, &err);
	setup.trace.recipe = recipe_load(arena, flow(arena, world->recipe), setup.columns, &values, &err);
	setup.faults = ARENA_ARRAY(arena, sizeof world->fault / sizeof *world->fault, struct fault);
	for (size_t f = 0; f < sizeof world->fault / sizeof *world->fault && world->fault[f].lasts > 0; f++)
		setup.faults[setup.fault_count++] = world->fault[f];
	for (int i = 0; i < err.count && i < ERR_MAX; i++)
		printf("%s: %s\n", world->name, err.message[i].text);
	CHECK(!err_any(&err));
	return setup;
}

static void world(const struct world *world, uint64_t seed)
{
	struct arena arena;
	arena_init(&arena);
	struct setup setup = setup_of(world, &arena, seed);

	enum { ROWS = 5000 };
	struct row *rows = ARENA_ARRAY(&arena, ROWS, struct row);
	struct row_source *source = recipe_rows(&arena, setup.trace.recipe, seed, 0, 1);
	size_t count = source->fill(source, rows, ROWS);
	uint64_t digest = 0;
	for (size_t i = 0; i < count; i++) {
		digest = add(add(digest, (uint64_t)rows[i].time), (uint64_t)rows[i].window);
		for (int v = 0; v < ROW_VALUES; v++)
			digest = add(digest, (uint64_t)rows[i].value[v]);
	}
	line("rows", world->name, digest);

	digest = 0;
	for (int64_t replication = 0; replication < setup.run.reps; replication++) {
		struct replay *replay = replay_run(&setup, NULL, replication, 0, NULL);
		digest = add(add(add(digest, replay->digest), replay->events), (uint64_t)replay->end);
		replay_free(replay);
	}
	line("world", world->name, digest);
	arena_free(&arena);
}

/* A case without a world: a line that no expected table has. */
static void missing(const struct case_study *of)
{
	bool found = false;
	for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
		found = found || strcmp(worlds[i].of, of->name) == 0;
	if (!found)
		printf("the case %s has no row in the table of worlds\n", of->name);
}

static void events(const struct case_study *of)
{
	struct arena arena;
	size_t i = 0;
	while (strcmp(worlds[i].of, of->name) != 0)
		i++;
	arena_init(&arena);
	struct setup setup = setup_of(&worlds[i], &arena, 1);
	struct replay *replay = replay_run(&setup, NULL, 0, 0, NULL);
	printf("%s %" PRIu64 "\n", worlds[i].name, replay->rows + replay->events);
	replay_free(replay);
	arena_free(&arena);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "events") == 0) {
		for (int i = 0; case_studies[i]; i++)
			events(case_studies[i]);
		return 0;
	}
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	streams(seed);
	functions();
	distributions(seed);
	quantities();
	histogram(seed);
	for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
		world(&worlds[i], seed);
	for (int i = 0; case_studies[i]; i++)
		missing(case_studies[i]);
	return 0;
}
