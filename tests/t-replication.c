/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replication against closed forms (a replica's queue, what a failover loses by Little's law, a client that looks after
 * a while), its watcher of answered writes against a plain array, and what must be exactly nothing.
 */
#include "flow.h"
#include "model/answers.h"
#include "run/replay.h"
#include "stats/interval.h"
#include "tap.h"

enum { REPS = 6 };

static struct arena arena;
static struct err err;

static void test_answers(void)
{
	enum { LENGTH = 5000 };
	static bool plain[LENGTH + 1];
	struct answers answers;
	struct rng rng = rng_seed(1);
	int64_t safe = 0, length = 0;
	int wrong = 0, found = 0;
	answers_init(&answers, &arena);
	while (length < LENGTH) {
		if (rng_below(&rng, 3) == 0 && safe < length)
			safe += (int64_t)rng_below(&rng, (uint64_t)(length - safe)) / 100;
		plain[++length] = false;
		wrong += answers_append(&answers, safe) != length;
		int64_t position = 1 + (int64_t)rng_below(&rng, (uint64_t)length);
		plain[position] = true;
		answers_give(&answers, position);
		int64_t kept = safe + (int64_t)rng_below(&rng, (uint64_t)(length - safe) + 1), want = 0;
		for (int64_t i = kept + 1; i <= length; i++)
			want += plain[i];
		wrong += answers_beyond(&answers, kept) != want;
		found += want > 0;
	}
	is_int(wrong, 0, "answered writes beyond a position, beside a plain array");
	ok(found > 1000, "canary: there were some, %d times", found);
	answers_clear(&answers);
	is_int(answers_append(&answers, 0), 1, "a new log begins at 1");
	is_int(answers_beyond(&answers, 0), 0, "and nothing of it has been answered");
}

static struct setup *setup_of(const char *windows, const char *model, const char *more)
{
	static const struct study_files files = {NULL, NULL, NULL, NULL};
	char text[2048];
	snprintf(text, sizeof text,
		 "{case: replication, trace: {windows: %s, columns: {key: {zipf: {keys: 1000, exponent: 0}}}}, "
		 "model: {%s}, run: {warmup: 5 s, series: 1 h, drain: 1 h}%s}",
		 windows, model, more);
	err_init(&err);
	struct study *study = study_load(&arena, "test", flow(&arena, text), NULL, &files, &err);
	return study && !err_any(&err) ? setup_resolve(study, "replication", NULL, &err) : NULL;
}

static const struct meter *meter_of(const struct replay *replay, const char *name)
{
	return &replay->meters.meter[metric_find(replay->meters.metric, name)];
}

static double total(const struct replay *replay, const char *name)
{
	const struct meter *meter = meter_of(replay, name);
	return meter->whole.count ? (double)meter->whole.count : (double)meter->all.total;
}

/* A metric over another in each replication, or its mean; the 99.9 % interval. */
static struct interval measured(const char *windows, const char *model, const char *metric, const char *of)
{
	double value[REPS];
	struct setup *setup = setup_of(windows, model, "");
	if (!setup)
		bail("%s: %s", model, err.message[0].text);
	for (int rep = 0; rep < REPS; rep++) {
		struct replay *replay = replay_run(setup, NULL, rep, 0, NULL);
		CHECK(replay->unfinished == 0);
		value[rep] = of ? total(replay, metric) / total(replay, of)
				: hist_mean(&meter_of(replay, metric)->whole);
		replay_free(replay);
	}
	return interval_of(value, REPS, 0.999);
}

static void is_about(struct interval seen, double want, double wrong, const char *what)
{
	ok(seen.low <= want && want <= seen.high, "%s: %.4g in %.4g..%.4g", what, want, seen.low, seen.high);
	ok(wrong < seen.low || wrong > seen.high, "canary: and not %.4g", wrong);
}

#define DYING "replicas: 1, looks: 0, failures: on, failure_every: uniform(500 ms, 1 s)"

static void test_closed_forms(void)
{
	const char *busy = "{rate: 600 /s, for: 65 s}";
	is_about(measured(busy, "replicas: 1, looks: 0", "lag", NULL), 2e6 + 2.5e6, 2e6 + 3e6,
		 "lag: the way and an M/M/1 queue at 60 %");
	is_about(measured(busy, "replicas: 1, looks: 0, apply: const(1 ms)", "lag", NULL), 2e6 + 1.75e6, 2e6 + 2.5e6,
		 "with equal work an M/D/1 queue");
	/* A look at a replica T after the commit misses the write with chance e^(-(mu - lambda)(T - d)). */
	is_about(measured(busy, "replicas: 1, looks: 1, routing: lag-cap, cap: 1 d, think: const(5 ms)", "own_missed",
			  "own"),
		 exp(-.4 * 3), exp(-.4 * 5), "looks that miss one's own write 5 ms after it");
	const char *dying = "{rate: 600 /s, for: 305 s}";
	is_about(measured(dying, DYING ", apply_first: off", "loss", NULL),
		 1.2 + 1.5, 1.2, "answered writes lost: on their way, and in the queue");
	is_about(measured(dying, DYING, "loss", NULL), 1.2, 2.7,
		 "with the log applied first: on their way");
	/* Fastest of three exponential disks. */
	is_about(measured("{rate: 5 /s, for: 2000 s}", "looks: 0, mode: semi-sync, fsync: exp(3 ms)", "write", NULL),
		 3e6 * (1 + 1 / 3.) + 4e6 + 3e6 * .015, 3e6 * 2 + 4e6,
		 "semi-synchronous: disk, round trip, fastest disk");
}

static void test_nothing(void)
{
	const char *busy = "{rate: 800 /s, for: 25 s}";
	const struct {
		const char *model, *metric;
	} never[] = {{"routing: primary", "stale"},
		     {"routing: wait", "own_missed"},
		     {"routing: sticky", "own_missed"},
		     {"mode: all, answer_at: applied", "stale"},
		     {"mode: all, answer_at: applied", "back"},
		     {"failures: on, mode: semi-sync", "lost"},
		     {"failures: on, mode: quorum", "lost"},
		     {"replicas: 1, failures: on, mode: semi-sync, answer_at: applied, apply_first: off", "lost"}};
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		struct replay *replay = replay_run(setup_of(busy, never[i].model, ""), NULL, 0, 0, NULL);
		is_int((long long)total(replay, never[i].metric), 0, "%s: nothing is %s", never[i].model,
		       never[i].metric);
		replay_free(replay);
	}
	struct replay *replay = replay_run(setup_of(busy, "failures: on, apply_first: off", ""), NULL, 0, 0, NULL);
	ok(total(replay, "stale") > 100 && total(replay, "own_missed") > 100 && total(replay, "back") > 5 &&
		   total(replay, "lost") > 10,
	   "canary: asynchronous, read anywhere, all of these are planted and seen");
	replay_free(replay);
}

static void test_streams(void)
{
	struct setup *setup = setup_of("{rate: 100 /s, for: 40 s}", "replicas: 1, looks: 0",
				       ", faults: [{at: 10 s, for: 10 s, kind: cut, target: replica 0}]");
	struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
	double way = total(replay, "writes") - total(replay, "lag"); /* those on their way at the very end */
	ok(way >= 0 && way < 5, "what a stuck stream misses follows");
	double longest = (double)hist_percentile(&meter_of(replay, "lag")->whole, 1);
	ok(longest > 9.9e9 && longest < 10.3e9, "after as long as it was stuck: %.2f s", longest * 1e-9);
	replay_free(replay);
	ok(!setup_of("{rate: 1 /s, for: 1 s}", "failures: on, routing: wait", "") &&
		   strstr(err.message[0].text, "a position in the log of a primary that has died"),
	   "a position of a log that is gone is no use: %s", err.message[0].text);
}

int main(void)
{
	arena_init(&arena);
	test_answers();
	test_closed_forms();
	test_nothing();
	test_streams();
	arena_free(&arena);
	return done_testing();
}
