/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An LSM tree and a B-tree under load: gets are right, also after crashes; what is written, by policy, to closed forms;
 * the log as a queue; stalls, faults, mistakes. (Policies by themselves are in t-lsmtree, the store in t-lsmstore.)
 */
#include "measured.h"

static double count(const struct outcome *outcome, const char *metric)
{
	return measured_value(outcome, "count", metric, 0);
}

#define MIXED "trace: {windows: [{rate: 2k/s, for: 8 s}]}, run: {reps: 2}"

static void check_truth(void)
{
	static const char *const setups[] = {"policy: leveled, filters: optimal, bits: 4",
					     "policy: files, moves: on",
					     "policy: tiered",
					     "policy: lazy",
					     "policy: universal",
					     "policy: files, threads: 3, flushes: 2",
					     "engine: btree, rows: 100, frames: 20"};
	for (size_t i = 0; i < sizeof setups / sizeof *setups; i++) {
		const char *over = arena_format(
			&measured_arena, "{%s, memtable: 50, ratio: 3, level1: 3, faults: [], " MIXED "}", setups[i]);
		struct outcome *outcome = measured("lsm", "mixed", over, NULL);
		ok(count(outcome, "wrong") == 0 && count(outcome, "gets") > 3000, "%s: all gets are right", setups[i]);
		is_int((long long)count(outcome, "taken"), (long long)count(outcome, "puts"), "and all puts are taken");
	}
	struct outcome *lost = measured(
		"lsm", "mixed", "{policy: fifo, most: 500, stop: 1000, memtable: 50, faults: [], " MIXED "}", NULL);
	ok(count(lost, "wrong") > 100, "canary: what fifo has dropped is missed: %.0f", count(lost, "wrong"));
}

#define CRASHES "faults: [{at: 2 s, kind: crash}, {at: 4500 ms, kind: crash}, {at: 7 s, kind: crash}], " MIXED

static void check_crashes(void)
{
	static const char *const logs[] = {"grouped, force: exp(2 ms)", "each, force: exp(100 us)"};
	for (int i = 0; i < 2; i++) {
		struct outcome *safe =
			measured("lsm", "mixed",
				 arena_format(&measured_arena, "{log: %s, memtable: 50, " CRASHES "}", logs[i]), NULL);
		ok(count(safe, "lost") + count(safe, "wrong") == 0, "log: %s: three crashes lose nothing", logs[i]);
		ok(count(safe, "failed") > 0, "but requests without an answer, %.0f", count(safe, "failed"));
	}
	struct outcome *lost = measured("lsm", "mixed", "{log: never, memtable: 50, " CRASHES "}", NULL);
	ok(count(lost, "lost") > 0 && count(lost, "wrong") > 0, "canary: without a forced log keys are lost, %.0f",
	   count(lost, "lost"));
}

static double amplification(const char *variant, const char *over)
{
	struct outcome *outcome = measured("lsm", variant, over, NULL);
	return count(outcome, "merged") / count(outcome, "flushed");
}

/* 8 memtables of ratio 2, 27 of ratio 3: L (T + 1) / 2 and L, with nothing that comes twice. */
static void check_amplification(void)
{
	near_to(amplification("leveled",
			      "{ratio: 2, level1: 2, order: ascending, trace: {windows: {rate: 2k/s, for: 450 ms}}}"),
		4.5, 0, "whole levels, ratio 2, three levels");
	near_to(amplification("leveled",
			      "{ratio: 3, level1: 3, order: ascending, trace: {windows: {rate: 2k/s, for: 1400 ms}}}"),
		6, 0, "ratio 3");
	near_to(amplification("tiered", "{ratio: 3, order: ascending, trace: {windows: {rate: 2k/s, for: 1400 ms}}}"),
		3, 0, "tiered, ratio 3");
	near_to(amplification("in-order", NULL), 0, 0, "files in order: nothing");
	ok(amplification("in-order", "{moves: off}") > 2, "canary: something, when files are not moved");
}

/* An M/D/1 queue at half its capacity; and forces for all that wait, which take half a force, and one. */
static void check_log(void)
{
	struct outcome *each = measured("lsm", "forces-each",
					"{trace: {windows: {rate: 250/s, for: 400 s}}, force: const(2 ms)}", NULL);
	near_to(measured_value(each, "mean", "write", 0), .003, .00006,
		"a force for each put: D (1 + rho / (2 - 2 rho))");
	is_int((long long)count(each, "forces"), (long long)count(each, "puts"), "as many forces as puts");
	struct outcome *grouped = measured("lsm", "forces-grouped",
					   "{trace: {windows: {rate: 20k/s, for: 3 s}}, force: const(2 ms)}", NULL);
	near_to(measured_value(grouped, "mean", "write", 0), .003, .00002,
		"for all that wait, far above one's capacity");
}

static void check_stalls(void)
{
	struct outcome *calm = measured("lsm", "mixed", "{faults: [], " MIXED "}", NULL);
	is_int((long long)count(calm, "stalled"), 0, "no puts wait");
	struct outcome *held =
		measured("lsm", "mixed", "{stop: 8, " MIXED ", faults: [{at: 2 s, for: 2 s, kind: no-merges}]}", NULL);
	ok(count(held, "stalled") > 100 && count(held, "wrong") == 0, "without merges puts wait: %.0f",
	   count(held, "stalled"));
	struct outcome *slow = measured(
		"lsm", "mixed", "{" MIXED ", faults: [{at: 2 s, for: 2 s, kind: slow-disk, factor: 20}]}", NULL);
	ok(measured_value(slow, "p99", "read", 0) > 2 * measured_value(calm, "p99", "read", 0),
	   "a slow disk makes gets slow");
	struct outcome *paced =
		measured("lsm", "mixed",
			 "{" MIXED ", slow: 4, pace: 1 ms, faults: [{at: 2 s, for: 2 s, kind: no-merges}]}", NULL);
	ok(count(paced, "slowed") > 100 && count(paced, "stalled") == 0, "puts are slowed before they wait: %.0f",
	   count(paced, "slowed"));
}

static void check_scans(void)
{
	static const char *const engines[] = {"scans-files", "scans-btree"};
	for (int i = 0; i < 2; i++) {
		struct outcome *outcome = measured("lsm", engines[i],
						   "{trace: {windows: [{rate: 4k/s, for: 10 s}, {rate: 1k/s, for: 1 s, "
						   "columns: {op: scan, key: {zipf: {keys: "
						   "20 k, exponent: 0}}}}]}, run: {reps: 2}}",
						   NULL);
		is_int((long long)measured_value(outcome, "count", "rows_read", 2),
		       50 * (long long)measured_value(outcome, "count", "scans", 2), "%s: each scan finds its 50 keys",
		       engines[i]);
	}
}

static void check_mistakes(void)
{
	measured_refuses("lsm", "{run: {variants: [leveled]}, model: {random: 100 ns}}",
			 "random is less than sequential");
	measured_refuses("lsm", "{run: {variants: [tiered]}, variants: {tiered: {model: {stop: 9}}}}",
			 "puts would wait for good");
	measured_refuses("lsm", "{run: {variants: [leveled]}, variants: {leveled: {model: {moves: on}}}}",
			 "moves are of policy files");
	measured_refuses("lsm", "{run: {variants: [universal]}, variants: {universal: {model: {filters: optimal}}}}",
			 "policy universal has one");
	measured_refuses("lsm", "{run: {variants: [leveled]}, variants: {leveled: {model: {pace: 1 ms, slow: 40}}}}",
			 "never be slowed");
}

int main(void)
{
	arena_init(&measured_arena);
	check_truth();
	check_crashes();
	check_amplification();
	check_log();
	check_stalls();
	check_scans();
	check_mistakes();
	measured_free();
	return done_testing();
}
