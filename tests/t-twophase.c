/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The case of several databases against closed forms: the slowest of n, a row that all want, what a crash leaves in
 * doubt by Little's law, sagas; that nothing is half unless somebody decides alone; what is refused, and memory.
 */
#include "flow.h"
#include "run/replay.h"
#include "stats/interval.h"
#include "tap.h"

enum { REPS = 8 };

static struct arena arena;
static struct err err;

static struct setup *setup_of(const char *windows, const char *columns, const char *model)
{
	static const struct study_files files = {NULL, NULL, NULL, NULL};
	char text[2048];
	snprintf(text, sizeof text,
		 "{case: twophase, trace: {windows: %s, columns: {%s}}, model: {%s}, "
		 "run: {warmup: 0 s, series: 1 h, drain: 1 h}}",
		 windows, columns, model);
	err_init(&err);
	struct study *study = study_load(&arena, "test", flow(&arena, text), NULL, &files, &err);
	return study && !err_any(&err) ? setup_resolve(study, "twophase", NULL, &err) : NULL;
}

static double value_of(const struct replay *replay, const char *name)
{
	int metric = metric_find(replay->meters.metric, name);
	enum metric_kind kind = replay->meters.metric[metric].kind;
	if (kind == METRIC_TIME || kind == METRIC_AMOUNT)
		return hist_mean(&replay->meters.meter[metric].whole) * (kind == METRIC_TIME ? 1e-6 : 1);
	return (double)replay->meters.meter[metric].all.total;
}

/* A metric (the mean of a distribution, times in ms), over another one where there is one: 99.9 % interval. */
static struct interval seen(const char *windows, const char *model, const char *metric, const char *of)
{
	double value[REPS];
	struct setup *setup = setup_of(windows, "op: change, row: {zipf: {keys: 100 k, exponent: 0}}", model);
	if (!setup)
		bail("%s: %s", model, err.message[0].text);
	for (int rep = 0; rep < REPS; rep++) {
		struct replay *replay = replay_run(setup, NULL, rep, 0, NULL);
		value[rep] = value_of(replay, metric) / (of ? value_of(replay, of) : 1);
		replay_free(replay);
	}
	return interval_of(value, REPS, 0.999);
}

static bool covers(struct interval interval, double value)
{
	return interval.low <= value && value <= interval.high;
}

static void expect(struct interval interval, double want, double not, const char *what)
{
	ok(covers(interval, want), "%s: %.4g, %.4g..%.4g is seen", what, want, interval.low, interval.high);
	ok(!covers(interval, not), "canary: and not %.4g", not);
}

static void test_latency(void)
{
	static const char model[] = "nodes: %d, participants: %d, rows: %d, keys: 100 k, one_way: exp(1 ms), "
				    "way_back: 0 s, timeout: 10 s";
	for (int n = 1; n <= 30; n += n < 5 ? 2 : 25) {
		char text[200];
		double harmonic = 0;
		for (int i = 1; i <= n; i++)
			harmonic += 1. / i;
		snprintf(text, sizeof text, model, n, n, n);
		expect(seen("{rate: 50 /s, for: 30 s}", text, "complete", NULL), 2 * harmonic, 2.2 * harmonic,
		       "two phases of the slowest, ms");
	}
}

static void test_doubt(void)
{
	static const char model[] = "coordinators: 2, one_way: 4 ms, way_back: 6 ms, timeout: 15 ms, crashes: on, "
				    "crash_every: 700 ms, crash_for: 100 ms, keys: 100 k, protocol: %s";
	static const char *const blocking[] = {"2pc", "presumed-abort", "presumed-commit"};
	char text[400];
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof text, model, blocking[i]);
		expect(seen("{rate: 800 /s, for: 30 s}", text, "left", NULL), 8, 10, "in doubt: rate times round trip");
		expect(seen("{rate: 800 /s, for: 10 s}", text, "half", NULL), 0, 1, "half");
	}
	snprintf(text, sizeof text, model, "2pc, in_doubt: abort, crash_point: some-told");
	struct interval half = seen("{rate: 800 /s, for: 10 s}", text, "half", NULL);
	ok(half.low > 0, "canary: deciding alone leaves some half, %.1f..%.1f", half.low, half.high);
	expect(seen("{rate: 2000 /s, for: 10 s}",
		    "nodes: 1, participants: 1, rows: 1, keys: 100 k, refuses: 30 %", "aborted",
		    "arrived"),
	       .3, .33, "who refuses");
}

static void test_sagas(void)
{
	static const char model[] = "protocol: saga, nodes: 4, participants: 4, rows: 4, keys: 100 k, "
				    "step_fails: 10 %, work: 1 ms, force: 1 ms, one_way: 1 ms, way_back: 1 ms";
	double undone = 0, none = 1;
	for (int k = 0; k < 4; k++, none *= .9)
		undone += k * none * .1;
	expect(seen("{rate: 500 /s, for: 30 s}", model, "committed", "arrived"), none, .9 * none, "sagas complete");
	expect(seen("{rate: 500 /s, for: 30 s}", model, "compensations", NULL), undone, 1.1 * undone, "steps undone");
	struct interval held = seen("{rate: 10 /s, for: 30 s}", model, "held", NULL);
	ok(held.low > 1.99 && held.high < 2.01, "a row is locked for its step: %.4g..%.4g ms", held.low, held.high);
}

static void test_memory(void)
{
	size_t bytes[2];
	for (int i = 0; i < 2; i++) {
		struct setup *setup = setup_of(i ? "{rate: 500 /s, for: 100 s}" : "{rate: 500 /s, for: 10 s}",
					       "op: change, row: {zipf: {keys: 1 k, exponent: 0}}",
					       "crashes: on, coordinators: 3, protocol: paxos, clients: 5, loss: 1 %");
		struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
		bytes[i] = replay->sim->arena.bytes;
		replay_free(replay);
	}
	ok((double)bytes[1] < 1.25 * (double)bytes[0], "ten times the transactions take %.2f times the memory",
	   (double)bytes[1] / (double)bytes[0]);
}

static void refuses(const char *model, const char *why)
{
	bool refused = !setup_of("{rate: 1 /s, for: 10 s}", "op: change, row: 1", model) && err_any(&err);
	ok(refused && strstr(err.message[0].text, why), "%s: %s", model, refused ? err.message[0].text : "is taken");
}

int main(void)
{
	arena_init(&arena);
	test_latency();
	test_doubt();
	test_sagas();
	test_memory();
	refuses("participants: 3, rows: 3", "3 of 2 nodes cannot take part");
	refuses("rows: 1", "each of 2 participants needs one");
	refuses("keys: 2, rows: 3", "a node has 1 rows");
	refuses("protocol: paxos, coordinators: 2", "must be odd");
	refuses("protocol: paxos, coordinators: 3, coordinator: first", "one of the acceptors leads");
	refuses("step_fails: 1 %", "only a saga has steps");
	refuses("protocol: saga, refuses: 1 %", "a saga has no votes");
	arena_free(&arena);
	return done_testing();
}
