/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The case of transactions: histories of each kind of isolation, judged, with those that are known to be wrong as
 * canaries; aborts and lost updates against closed forms; memory; models that make no sense. As `t-mvcc soak` it
 * judges a million commits of each kind.
 */
#include "flow.h"
#include "model/isolation.h"
#include "run/replay.h"
#include "stats/interval.h"
#include "tap.h"

static struct arena arena;
static struct err err;

static struct setup *setup_of(const char *trace, const char *model)
{
	static const struct study_files files = {NULL, NULL, NULL, NULL};
	char text[2048];
	snprintf(text, sizeof text,
		 "{case: mvcc, trace: %s, model: {%s}, run: {warmup: 10 s, series: 1 h, drain: 1 d}}", trace, model);
	err_init(&err);
	struct study *study = study_load(&arena, "test", flow(&arena, text), NULL, &files, &err);
	return study && !err_any(&err) ? setup_resolve(study, "mvcc", NULL, &err) : NULL;
}

static struct replay *run(const char *trace, const char *model, int rep)
{
	struct setup *setup = setup_of(trace, model);
	if (!setup)
		bail("%s: %s", model, err.message[0].text);
	return replay_run(setup, NULL, rep, 0, NULL);
}

static long long count_of(const struct replay *replay, const char *name)
{
	return (long long)replay->meters.meter[metric_find(replay->meters.metric, name)].all.total;
}

/* ---- histories ---- */

static const char *mix(enum isolation_kind kind)
{
	return arena_format(&arena,
			    "isolation: %s, rows: 500, hot: 20 %%, hot_rows: 50, operations: 4, writes: 50 %%, "
			    "retries: 1 M, length: %s", isolation_names[kind],
			    kind == ISOLATION_TABLE_LOCKS ? "5 ms" : "100 ms");
}

static void test_histories(double seconds)
{
	/* What each kind lets through, a letter an anomaly: yes, no, or so rarely that nothing is said of it. */
	static const char *const lets[ISOLATIONS] = {"yy-y", "nyyy", "nnny", "nnnn", "nnnn", "nnnn", "nnnn"};
	static const char *const anomalies[] = {"dirty", "lost", "read_skew", "write_skew"};
	const char *trace = arena_format(&arena, "{windows: {rate: 100 /s, for: %.0f s}}", seconds);
	for (int kind = 0; kind < ISOLATIONS; kind++) {
		struct replay *replay = run(trace, mix((enum isolation_kind)kind), 0);
		long long committed = count_of(replay, "committed");
		for (int a = 0; a < 4; a++) {
			long long count = count_of(replay, anomalies[a]);
			bool may = lets[kind][a] == 'y';
			ok(may ? count > 0 : count == 0 || lets[kind][a] == '-', "%s%s: %lld of %lld commits are %s",
			   may ? "canary: " : "", isolation_names[kind], count, committed, anomalies[a]);
		}
		is_int(committed, count_of(replay, "arrived"), "%s: all commit in the end", isolation_names[kind]);
		replay_free(replay);
	}
}

static void test_pairs(void)
{
	static const bool breaks[ISOLATIONS] = {true, true, true, false, false, false, false};
	for (int kind = 0; kind < ISOLATIONS; kind++) {
		/* Far apart, so that table locks keep up too. */
		struct replay *replay =
			run("{windows: {rate: 2 /s, for: 110 s}, columns: {kind: pair, clients: 2}}",
			    arena_format(&arena, "isolation: %s, retries: 9, rows: 2 k, length: 30 ms",
					 isolation_names[kind]),
			    0);
		long long pairs = count_of(replay, "pairs");
		ok(pairs > 100, "%s: %lld pairs of doctors", isolation_names[kind], pairs);
		is_int(count_of(replay, "broken"), breaks[kind] ? pairs : 0, "%s go off call together",
		       breaks[kind] ? "canary: all" : "none");
		replay_free(replay);
	}
}

/* ---- closed forms ---- */

enum { REPS = 8 };

static struct interval share(const char *model, const char *metric, const char *of)
{
	double value[REPS];
	for (int rep = 0; rep < REPS; rep++) {
		struct replay *replay = run("{windows: {rate: 100 /s, for: 110 s}}", model, rep);
		value[rep] = (double)count_of(replay, metric) / (double)count_of(replay, of);
		replay_free(replay);
	}
	return interval_of(value, REPS, 0.999);
}

static bool covers(struct interval interval, double value, double margin)
{
	return interval.low - margin <= value && value <= interval.high + margin;
}

/* P = 1 - exp(-x (1 - P)): those that abort make nobody else abort. */
static double aborts(double x)
{
	double p = 0;
	for (int i = 0; i < 200; i++)
		p = 1 - exp(-x * (1 - p));
	return p;
}

static void test_aborts(void)
{
	static const struct {
		const char *model;
		double x;
	} tries[] = {{"rows: 1000, operations: 5, length: 100 ms", .25},
		     {"rows: 2000, operations: 4, length: 200 ms", .16},
		     {"rows: 500, operations: 2, length: 50 ms", .04}};
	near_to(aborts(.25), .184, .0005, "the closed form gives 18.4 %%");
	for (int i = 0; i < 3; i++) {
		struct interval seen = share(tries[i].model, "gave_up", "arrived");
		double want = aborts(tries[i].x);
		/* Waits, deadlocks and rows that are drawn without replacement: four parts in a hundred. */
		ok(covers(seen, want, .04 * want), "%s: %.2f %% abort, %.2f..%.2f %% are seen", tries[i].model,
		   100 * want, 100 * seen.low, 100 * seen.high);
		ok(!covers(seen, 1 - exp(-1.3 * tries[i].x), .04 * want), "canary: and not %.2f %%",
		   100 - 100 * exp(-1.3 * tries[i].x));
	}
	struct interval optimistic = share("rows: 1000, operations: 5, isolation: optimistic", "gave_up", "arrived");
	ok(covers(optimistic, aborts(.25), .007),
	   "optimistic, with nothing but writes: the same, %.2f..%.2f %%", 100 * optimistic.low, 100 * optimistic.high);
	struct interval none = share("isolation: table-locks, length: 3 ms", "aborted", "arrived");
	ok(none.low == 0 && none.high == 0, "a lock of the table makes nobody abort");
}

static void test_copies(void)
{
	struct replay *one = run("{windows: {rate: 20 /s, for: 110 s}}",
				 "isolation: row-locks, rows: 200, operations: 4, length: 40 ms, nodes: 3", 0);
	struct replay *own = run("{windows: {rate: 20 /s, for: 110 s}}",
				 "isolation: row-locks, rows: 200, operations: 4, length: 40 ms, nodes: 3, "
				 "copy_order: own", 0);
	const struct hist *response = &one->meters.meter[metric_find(one->meters.metric, "response")].whole;
	ok(response->least >= 119000000, "three copies, one after the other, take three times as long");
	ok(count_of(own, "deadlocks") > 5 + 4 * count_of(one, "deadlocks"),
	   "own copies first: %lld deadlocks, not %lld", count_of(own, "deadlocks"), count_of(one, "deadlocks"));
	is_int(count_of(one, "lost") + count_of(own, "lost") + count_of(own, "write_skew"), 0, "and nothing is wrong");
	replay_free(one);
	replay_free(own);
}

static void test_memory(void)
{
	for (int kind = 0; kind < ISOLATIONS; kind++) {
		size_t bytes[2];
		for (int i = 0; i < 2; i++) {
			const char *model = arena_format(&arena, "%s, vacuum_nap: 1 s", mix((enum isolation_kind)kind));
			struct replay *replay = run(i ? "{windows: {rate: 100 /s, for: 500 s}}"
						      : "{windows: {rate: 100 /s, for: 50 s}}", model, 0);
			bytes[i] = replay->sim->arena.bytes;
			replay_free(replay);
		}
		ok((double)bytes[1] < 1.25 * (double)bytes[0],
		   "%s: ten times the transactions take %.2f times the memory", isolation_names[kind],
		   (double)bytes[1] / (double)bytes[0]);
	}
}

static void refuses(const char *model, const char *why)
{
	bool refused = !setup_of("{windows: {rate: 1 /s, for: 10 s}}", model) && err_any(&err);
	ok(refused && strstr(err.message[0].text, why), "%s: %s", model, refused ? err.message[0].text : "is taken");
}

int main(int argc, char **argv)
{
	bool soak = argc > 1 && strcmp(argv[1], "soak") == 0;
	arena_init(&arena);
	test_histories(soak ? 10200 : 210);
	if (!soak) {
		test_pairs();
		test_aborts();
		test_copies();
		test_memory();
		refuses("nodes: 2", "are written under row-locks, not snapshot");
		refuses("isolation: row-locks, copy_order: own", "an order of several nodes");
		refuses("upgrade: on", "takes no shared locks of rows");
		refuses("isolation: row-locks, nodes: 20, rows: 1 M", "more than ten million");
		refuses("hot: 5 %, hot_rows: 2 k", "the table has 1000 rows");
		refuses("vacuum: off, vacuum_each: on", "vacuum is off");
	}
	arena_free(&arena);
	return done_testing();
}
