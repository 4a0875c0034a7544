/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An LSM tree under load: what is put is found, amplifications, stalls, faults, mistakes. (Policies and filters by
 * themselves are in t-lsmtree.)
 */
#include "measured.h"

static double count(const struct outcome *outcome, const char *metric)
{
	return measured_value(outcome, "count", metric, 0);
}

#define MIXED "trace: {windows: [{rate: 2k/s, for: 8 s}]}, run: {reps: 2}"

static void check_truth(void)
{
	static const char *const policies[] = {"leveled", "files", "tiered", "lazy", "universal"};
	for (int i = 0; i < 5; i++) {
		const char *over = arena_format(
			&measured_arena, "{policy: %s, memtable: 50, ratio: 3, level1: 3, " MIXED "}", policies[i]);
		struct outcome *outcome = measured("lsm", "mixed", over, NULL);
		ok(count(outcome, "wrong") == 0 && count(outcome, "runs_looked") > 1000,
		   "%s: all gets are right, %.0f runs", policies[i], count(outcome, "runs_looked"));
	}
	struct outcome *lost = measured("lsm", "mixed", "{policy: fifo, most: 500, stop: 1000, " MIXED "}", NULL);
	ok(count(lost, "wrong") > 100, "canary: what fifo has dropped is missed: %.0f", count(lost, "wrong"));
}

static void check_stalls(void)
{
	struct outcome *calm = measured("lsm", "mixed", "{" MIXED "}", NULL);
	is_int((long long)count(calm, "stalled"), 0, "no puts wait");
	struct outcome *held =
		measured("lsm", "mixed", "{stop: 8, " MIXED ", faults: [{at: 2 s, for: 2 s, kind: no-merges}]}", NULL);
	ok(count(held, "stalled") > 100 && count(held, "wrong") == 0, "without merges puts wait: %.0f",
	   count(held, "stalled"));
	struct outcome *slow = measured(
		"lsm", "mixed", "{" MIXED ", faults: [{at: 2 s, for: 2 s, kind: slow-disk, factor: 20}]}", NULL);
	ok(measured_value(slow, "p99", "read", 0) > 2 * measured_value(calm, "p99", "read", 0),
	   "a slow disk makes gets slow");
}

int main(void)
{
	arena_init(&measured_arena);
	check_truth();
	check_stalls();
	arena_free(&measured_arena);
	return done_testing();
}
