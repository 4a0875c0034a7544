/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table, its indexes, a pool and a disk: plans against what their pages cost, changes against counted accesses, keys
 * that are put and found, faults, mistakes. (What the parts do by themselves is in t-btree and t-bufferpool.)
 */
#include "measured.h"

static struct outcome *run(const char *variant, const char *over)
{
	return measured("indexes", variant, over, NULL);
}

static double count(const struct outcome *outcome, const char *metric, int64_t window)
{
	return measured_value(outcome, "count", metric, window);
}

static double mean(const struct outcome *outcome, const char *metric)
{
	return measured_value(outcome, "mean", metric, 0);
}

#define ONE(selected) "trace: {windows: [{rate: 0.1/s, for: 20 s, columns: {selected: " #selected "}}]}, run: {reps: 2}"

/* All rows: nothing is at random but where the scan begins, and what comes back to the leaves. */
static void check_plans(void)
{
	struct outcome *scan = run("sequential", "{" ONE(1000000) "}");
	/* 10^4 pages of 10 us, the first of 40; 10^6 rows of 125 ns; a look-up of 100 ns for each page */
	near_to(mean(scan, "response"), 10000 * 10e-6 + 30e-6 + 1e6 * 125e-9 + 10000 * 100e-9, 1e-9,
		"a scan takes what its pages and rows take");
	near_to(mean(scan, "estimate"), .225, 1e-9, "and the planner expects that, but for look-ups");
	struct outcome *ordered = run("index-ordered", "{" ONE(1000000) "}");
	is_int((long long)mean(ordered, "heap_pages"), 10000, "in order, the index visits each page once");
	near_to(mean(ordered, "index_pages"), 2725 + 2, 1, "and each leaf");
	/* the last of 367 entries is on its 2724.8th leaf; a leaf takes the disk away from the heap, and back */
	near_to(mean(ordered, "response"), 2725 * 40e-6 * 2 + (10000 - 2725) * 10e-6 + 1e6 * 175e-9 + 12727 * 100e-9,
		4e-3, "with the disk going to and fro between them");
	struct outcome *bitmap = run("bitmap", "{" ONE(1000000) "}");
	near_to(mean(bitmap, "response"), (10000 + 2725) * 10e-6 + 1e6 * 202e-9 + 12727 * 100e-9, 1e-3,
		"a bitmap reads leaves in sequence, and then pages");
	struct outcome *one = run("index", "{" ONE(1) "}");
	/* the leaf may begin anew */
	near_to(mean(one, "response"), 4 * 40e-6 + 4 * 100e-9 + 3 * 25e-9 + 175e-9, 1e-9,
		"one row: three levels, and its page");
	for (int i = 0; i < 2; i++) {
		struct outcome *reads = run("bitmap", i ? "{" ONE(20000) "}" : "{" ONE(10000) "}");
		double share = i ? 1 - exp(-2.) : 1 - exp(-1.);
		near_to(mean(reads, "heap_pages") / 10000, share, .01, "pages touched by %d %% of the rows: %.3f",
			i + 1, share);
	}
	struct outcome *warm = run("memory-scan", "{plan: index, " ONE(1000) "}");
	is_int((long long)(count(warm, "hits", 0) + count(warm, "reads", 0) -
			   (mean(warm, "heap_pages") + mean(warm, "index_pages")) * count(warm, "queries", 0)), 0,
	       "every page that a query visits is found in memory or read");
}

static double accesses(const struct outcome *outcome)
{
	return (count(outcome, "reads", 2) + count(outcome, "writes", 2)) / count(outcome, "changed", 2);
}

static void check_changes(void)
{
	near_to(accesses(run("random-1", "{run: {reps: 2}}")), 4, .25,
		"an insert into two trees: two leaves read, two written");
	struct outcome *updates = run("small-updates", "{run: {reps: 2}}");
	near_to(accesses(updates), 2, .04, "an update: a leaf read, a leaf written");
	struct outcome *doubled = run("small-updates-doublewrite", "{run: {reps: 2}}");
	near_to(count(doubled, "writes", 2) / count(updates, "writes", 2), 2, 0, "twice written");
	struct outcome *heap =
		run("random-0", "{layout: heap, indexes: 0, fill: 100 %, plan: sequential, run: {reps: 2}}");
	near_to(accesses(heap), 1. / 40, .003, "a heap is appended to: one write for each page of 40 rows");
	struct outcome *indexed = run("random-0", "{layout: heap, indexes: 2, plan: index, run: {reps: 2}}");
	near_to(accesses(indexed), 4.025, .25, "and two indexes: two leaves each");
	struct outcome *changed =
		run("random-0", "{layout: heap, indexes: 2, plan: index, changed: 1, run: {reps: 2}, trace: {columns: "
				"{op: update, key: {zipf: {keys: 10 M, exponent: 0}}}}}");
	/* found by a leaf, its page read and written, the old and the new entry: two leaves read and written */
	near_to(accesses(changed), 1 + 2 + 4, .4,
		"an update that changes an index: the row, its old entry, its new one");
}

#define GROWN                                                                                                          \
	"trace: {gap: 0 s, windows: [{rate: 2k/s, for: 5 s, columns: {op: insert}}, {rate: 2k/s, for: 2 s, columns: "  \
	"{op: point}}], columns: {key: {zipf: {keys: 1 M, exponent: 0}}}}, run: {reps: 2}"

static void check_trees(void)
{
	struct outcome *grown = run("uuid-grows", "{" GROWN "}");
	is_int((long long)count(grown, "absent", 0), 0, "every key that there was is found in a tree that has grown");
	struct outcome *deleted = run(
		"uuid-grows", "{trace: {windows: [{rate: 2k/s, for: 5 s, columns: {op: delete}}, {rate: 2k/s, "
			      "for: 2 s, columns: {op: point}}], columns: {key: {zipf: {keys: 1 M, exponent: 0}}}}}");
	ok(count(deleted, "absent", 2) > .9 * count(deleted, "queries", 2),
	   "canary: keys that were deleted are missed");
	struct outcome *half = run("halves-grow", "{" GROWN "}");
	ok(measured_value(half, "max", "levels", 1) >= measured_value(grown, "max", "levels", 1),
	   "halved pages make a higher tree");
	near_to(mean(run("formula-ordered", NULL), "cross_index"), .586, .012, "crossover in order");
}

#define CALM                                                                                                           \
	"trace: {windows: [{rate: 300/s, for: 2 s}, {rate: 300/s, for: 2 s}, {rate: 300/s, for: 2 s}]}, run: {reps: "  \
	"2}"

static void check_faults(void)
{
	struct outcome *calm = run("mixed", "{faults: [], " CALM "}");
	struct outcome *slow = run("mixed", "{faults: [{at: 2 s, for: 2 s, kind: slow-disk, factor: 3}], " CALM "}");
	ok(mean(slow, "response") > 1.2 * mean(calm, "response"), "a slow disk makes queries slow");
	is_int((long long)(count(slow, "reads", 0) - count(calm, "reads", 0)) / 1000, 0,
	       "and reads as many pages, nearly");
	struct outcome *restart = run("mixed", "{faults: [{at: 2 s, kind: restart}], " CALM "}");
	ok(count(restart, "reads", 2) > 1.1 * count(calm, "reads", 2), "a lost pool is read again");
	struct outcome *written = run("mixed", "{faults: [{at: 2 s, kind: checkpoint}], " CALM "}");
	ok(count(written, "writes", 0) > count(calm, "writes", 0), "a checkpoint writes");
	struct outcome *stale =
		run("planner", "{faults: [{at: 0 s, for: 1000 s, kind: stale, factor: 1000}], " ONE(1000000) "}");
	is_int((long long)count(stale, "by_scan", 0), 0,
	       "with old statistics the planner does not see that all rows are wanted");
}

static void refuses(const char *model, const char *words)
{
	const char *over = arena_format(&measured_arena, "{run: {variants: [planner]}, model: %s}", model);
	struct study *study = measured_study("indexes", flow(&measured_arena, over));
	bool said = false;
	for (int i = 0; i < measured_err.count && i < ERR_MAX; i++)
		said = said || strstr(measured_err.message[i].text, words);
	ok(!study && said, "refused: %s", words);
}

static void check_mistakes(void)
{
	refuses("{random: 1 us}", "random is less than sequential");
	refuses("{trees: real, rows: 100 M}", "rows need trees: counted");
	refuses("{indexes: 0, plan: bitmap}", "needs an index");
	refuses("{layout: clustered, plan: bitmap}", "bitmap is of a heap");
	refuses("{layout: clustered, correlation: 50 %}", "a clustered table is in order");
	refuses("{changed: 3}", "changed is 3");
}

int main(void)
{
	arena_init(&measured_arena);
	check_plans();
	check_changes();
	check_trees();
	check_faults();
	check_mistakes();
	measured_free();
	return done_testing();
}
