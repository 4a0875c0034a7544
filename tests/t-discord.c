/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Discord's stores: a part of the fleet stands for the whole, a quorum loses nothing, coalescing follows its formula,
 * equal seeds mean equal results and equal luck, and a public chat trace falls into the partitions it should.
 */
#include "case.h"
#include "exec/campaign.h"

#include <unistd.h>

static struct arena arena;
static struct err err;

static const char *in_top(const char *path)
{
	const char *top = getenv("top_srcdir");
	return arena_format(&arena, "%s/%s", top ? top : ".", path);
}

static void give_up(const char *what)
{
	case_give_up(what, &err);
}

static struct setup *setup_of(const struct study *study, const char *variant, const char *other)
{
	return case_setup(&arena, study, variant, other);
}

/* Terms that several checks ask for. */
static const struct {
	const char *statistic, *metric;
} asked[] = {{"p99", "read"}, {"p99", "write"}, {"p50", "read"}, {"p50", "write"}, {"mean", "read"}};
enum { TERMS = sizeof asked / sizeof *asked };

static struct outcome *add(struct campaign *campaign, const struct setup *setup)
{
	struct outcome *outcome = campaign_add(campaign, setup, &err);
	if (!outcome)
		give_up(setup->name);
	for (int t = 0; t < TERMS; t++) {
		struct term term = outcome_term(asked[t].statistic, asked[t].metric);
		CHECK(outcome_want(outcome, &term) == t);
	}
	return outcome;
}

static void run(struct campaign *campaign, int threads)
{
	static const volatile sig_atomic_t never = 0;
	if (campaign_run(campaign, threads, NULL, NULL, &never, &err) != EXEC_DONE)
		give_up("run");
}

static double count(const struct outcome *outcome, const char *metric)
{
	struct term term = outcome_term("count", metric);
	return replay_term(outcome->setup, &outcome->pooled, &term);
}

static double mean(const struct outcome *outcome, const char *metric)
{
	struct term term = outcome_term("mean", metric);
	return replay_term(outcome->setup, &outcome->pooled, &term);
}

/* ---- a part of the fleet ---- */

/* Their 99 % intervals, each of the mean of its replications, meet. */
static bool meet(const struct outcome *a, const struct outcome *b, int term)
{
	struct interval x = interval_of(a->value[term], a->reps, 0.99), y = interval_of(b->value[term], b->reps, 0.99);
	diag("%s(%s)[%s]: 1/%lld of the fleet %.4g ms (%.4g..%.4g), 1/%lld %.4g ms (%.4g..%.4g)", asked[term].statistic,
	     asked[term].metric, a->setup->name, (long long)a->setup->slice, x.mean * 1e3, x.low * 1e3, x.high * 1e3,
	     (long long)b->setup->slice, y.mean * 1e3, y.low * 1e3, y.high * 1e3);
	return x.low <= y.high && y.low <= x.high;
}

static void check_slices(void)
{
	static const char *const variant[] = {"cassandra-2022", "scylladb"};
	static const char *const window[] = {"8 s", "3 s"};
	struct study *study = case_study(&arena, "discord", "{run: {reps: 5}}");
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	struct outcome *part[2][2], *loaded;
	for (int v = 0; v < 2; v++)
		for (int half = 0; half < 2; half++)
			part[v][half] = add(&campaign, setup_of(study, variant[v], arena_format(&arena,
				"{slice: %d, trace: {windows: [{date: 2022-05-01, at: 14 h, for: %s}]}}",
				half ? 3 : 6, window[v])));
	/* The canary: a part of the fleet with the load of more than itself. */
	loaded = add(&campaign, setup_of(study, "scylladb",
		"{slice: 6, disk_depth: 2, disk_read: exp(2 ms), "
		"trace: {windows: [{date: 2022-05-01, at: 14 h, for: 2 s}]}}"));
	run(&campaign, 2);
	for (int v = 0; v < 2; v++) {
		struct outcome *a = part[v][0], *b = part[v][1];
		for (int t = 0; t < 2; t++)
			ok(meet(a, b, t), "%s: %s of %ss of a part and of one twice as large agree at 99 %%",
			   variant[v], asked[t].statistic, asked[t].metric);
		for (int t = 2; t < TERMS; t++)
			near_to(outcome_estimate(a, t).value / outcome_estimate(b, t).value, 1, t == 4 ? 0.1 : 0.02,
				"%s: %s of %ss of both parts", variant[v], asked[t].statistic, asked[t].metric);
		near_to(count(a, "acknowledged") / count(b, "acknowledged"), 1, 0.02,
			"%s: counts are those of the whole fleet", variant[v]);
	}
	ok(!meet(part[1][0], loaded, 0), "canary: a slower disk is told apart");
	campaign_free(&campaign);
}

/* ---- a node dies ---- */

static void check_kill(void)
{
	struct study *study = case_study(&arena, "discord", "{run: {reps: 2, warmup: 0 s}}");
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
#define KILL "trace: {windows: [{date: 2017-01-15, at: 14 h, for: 8 s}]}, " \
	     "faults: [{at: 2 s, for: 4 s, kind: kill, target: node 3}]"
	struct outcome *quorum = add(&campaign, setup_of(study, "cassandra-kill", "{" KILL "}"));
	struct outcome *single = add(&campaign, setup_of(study, "cassandra-kill",
		"{replication: 1, read_quorum: 1, write_quorum: 1, " KILL "}"));
	run(&campaign, 2);
	is_int((long long)count(quorum, "lost"), 0, "a replica that dies loses no acknowledged write");
	ok(count(quorum, "acknowledged") > 10000, "of %.0f", count(quorum, "acknowledged"));
	ok(count(quorum, "hinted") > 0, "hints are kept: %.0f", count(quorum, "hinted"));
	ok(count(quorum, "retried") > 0, "and some are tried twice: %.0f", count(quorum, "retried"));
	is_int((long long)count(quorum, "failed"), 0, "nobody fails");
	ok(count(single, "lost") > 100, "canary: one copy only, and %.0f of %.0f are lost", count(single, "lost"),
	   count(single, "acknowledged"));
	ok(count(single, "failed") > 0, "and some requests fail");
	for (int r = 0; r < quorum->reps; r++)
		is_int(quorum->rep[r].unfinished, 0, "every request ends");
	campaign_free(&campaign);
}

/* ---- coalescing ---- */

static void check_coalescing(void)
{
	struct study *study = case_study(&arena, "discord", "{run: {reps: 2}}");
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	/* The formula is that of readers who come at random (cv 1). */
	static const char *const rate[] = {"1 k/s", "5 k/s", "20 k/s"};
	struct outcome *outcome[3];
	for (int i = 0; i < 3; i++)
		outcome[i] = add(&campaign, setup_of(study, "coalescing-on", arena_format(&arena,
			"{trace: {clustering: {cv: 1}, windows: [{date: 2017-01-15, at: 14 h, rate: %s, for: 8 s}]}}",
			rate[i])));
	struct outcome *unrouted = add(&campaign, setup_of(study, "coalescing-unrouted",
		"{trace: {windows: [{date: 2017-01-15, at: 14 h, rate: 20 k/s, for: 1 s}]}}"));
	run(&campaign, 2);
	for (int i = 0; i < 4; i++) {
		const struct outcome *of = i < 3 ? outcome[i] : unrouted;
		double seconds = (double)of->pooled.counted * 1e-9;
		double r = count(of, "queries") / seconds + count(of, "coalesced") / seconds;
		double formula = r / (1 + r * mean(of, "fetch")), got = count(of, "queries") / seconds;
		diag("%s: r %.1f/s, L %.4g ms: %.2f queries/s, r / (1 + r L) = %.2f (%+.2f %%)", of->setup->name, r,
		     mean(of, "fetch") * 1e3, got, formula, 100 * (got / formula - 1));
		if (i < 3)
			near_to(got / formula, 1, 0.02, "%s readers: queries as r / (1 + r L)", rate[i]);
		else
			ok(!(fabs(got / formula - 1) <= 0.02), "canary: without routing they are not");
	}
	campaign_free(&campaign);
}

/* ---- equal seeds ---- */

static uint64_t digest_of(const char *variant, int seed, int threads)
{
	struct study *study = case_study(&arena, "discord", arena_format(&arena, "{run: {reps: 3, seed: %d}}", seed));
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	struct outcome *outcome = add(&campaign, setup_of(study, variant,
		"{trace: {windows: [{date: 2017-01-15, at: 14 h, for: 3 s}]}}"));
	run(&campaign, threads);
	uint64_t digest = outcome_digest(outcome);
	campaign_free(&campaign);
	return digest;
}

/* How many of the first rows of two setups differ. */
static int rows_differ(const struct setup *a, const struct setup *b, int64_t replication)
{
	enum { ROWS = 4 * ROW_BLOCK };
	static struct row row[2][ROWS];
	const struct setup *setup[] = {a, b};
	size_t filled[2];
	for (int i = 0; i < 2; i++) {
		struct arena rows;
		arena_init(&rows);
		struct row_source *source = recipe_rows(&rows, setup[i]->trace.recipe, (uint64_t)setup[i]->run.seed,
							i ? (uint64_t)replication : 0, setup[i]->share);
		filled[i] = 0;
		for (size_t got; filled[i] < ROWS && (got = source->fill(source, row[i] + filled[i], ROW_BLOCK)) > 0;)
			filled[i] += got;
		arena_free(&rows);
	}
	CHECK(filled[0] >= ROW_BLOCK && filled[0] == filled[1]);
	int different = 0;
	for (size_t i = 0; i < filled[0]; i++)
		different += memcmp(&row[0][i], &row[1][i], sizeof(struct row)) != 0;
	return different;
}

static void check_seeds(void)
{
	static const char *const variant[] = {"cassandra-2017", "cassandra-burst"};
	for (int v = 0; v < 2; v++) {
		uint64_t digest = digest_of(variant[v], 1, 1);
		ok(digest == digest_of(variant[v], 1, 1), "%s: the same again", variant[v]);
		ok(digest == digest_of(variant[v], 1, 2), "%s: and on two threads", variant[v]);
		ok(digest != digest_of(variant[v], 2, 1), "%s, canary: another seed, other results", variant[v]);
	}
	struct study *study = case_study(&arena, "discord", "{}");
	is_int(rows_differ(setup_of(study, "cassandra-burst", NULL), setup_of(study, "scylladb-burst", NULL), 0), 0,
	       "two stores are asked the same");
	is_int(rows_differ(setup_of(study, "coalescing-on", NULL), setup_of(study, "coalescing-off", NULL), 0), 0,
	       "with and without data services");
	ok(rows_differ(setup_of(study, "cassandra-burst", NULL), setup_of(study, "scylladb-burst", NULL), 1) > 1000,
	   "canary: another replication is asked something else");

	/* Equal luck: what a write costs on a replica does not hang on what else a store does. */
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
#define WRITES "trace: {windows: [{date: 2017-01-15, at: 14 h, for: 2 s}], columns: {op: write}}"
	struct outcome *with = add(&campaign, setup_of(study, "cassandra-2017", "{" WRITES "}"));
	struct outcome *without = add(&campaign, setup_of(study, "cassandra-2017",
		"{gc: off, compaction: off, " WRITES "}"));
	struct outcome *fewer = add(&campaign, setup_of(study, "cassandra-2017", "{replication: 2, " WRITES "}"));
	run(&campaign, 2);
	ok(count(with, "cpu") > 0 && count(with, "cpu") == count(without, "cpu"),
	   "core time of all writes is the same to the nanosecond, with and without collections");
	ok(count(with, "cpu") != count(fewer, "cpu"), "canary: a copy less is told apart");
	campaign_free(&campaign);
}

/* ---- a public chat trace ---- */

struct partition {
	int64_t channel, bucket, rows;
};

static int by_partition(const void *a, const void *b)
{
	const struct partition *x = a, *y = b;
	return x->channel != y->channel ? (x->channel > y->channel) - (x->channel < y->channel) :
					  (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

static int by_rows(const void *a, const void *b)
{
	const struct partition *x = a, *y = b;
	return (x->rows > y->rows) - (x->rows < y->rows);
}

/* Joins equal ones, and sorts by size; how many are left. */
static int join(struct partition *partition, int rows)
{
	int n = 0;
	qsort(partition, (size_t)rows, sizeof *partition, by_partition);
	for (int i = 0; i < rows; i++) {
		if (n && by_partition(&partition[n - 1], &partition[i]) == 0)
			partition[n - 1].rows++;
		else
			partition[n++] = partition[i];
	}
	qsort(partition, (size_t)n, sizeof *partition, by_rows);
	return n;
}

static void check_chat(void)
{
	enum { ROWS = 68323, COPIES = 10 };
	const int64_t day = INT64_C(86400000000000);
	const char *directory = getenv("CASEBOOK_TRACES");
	const char *path = directory ? arena_format(&arena, "%s/chat_gitter_3rooms.csv", directory) :
				       in_top("../shared/traces/chat_gitter_3rooms.csv");
	if (access(path, R_OK) != 0) {
		skip(10, "the trace of chat rooms is not here");
		return;
	}
	struct study *study = case_study(&arena, "discord-chat", "{run: {reps: 1}}");
	struct place place = {"--trace", 0, 0};
	struct tree *other = tree_path(&arena, "trace.file", tree_scalar(&arena, path, place), place);
	struct setup *setup = setup_resolve(study, "chat-cassandra", other, &err);
	if (!setup)
		give_up("chat-cassandra");
	struct trace_file *file = trace_file_open(setup->trace.tree, study->path, setup->columns, NULL, &err);
	struct trace_rows *rows = file ? trace_rows_open(file, 1, 0, 1, &err) : NULL;
	if (!rows)
		give_up(path);
	int channel = column_find(setup->columns, "channel"), sent = column_find(setup->columns, "sent");
	int op = column_find(setup->columns, "op");
	static struct partition ten[ROWS], eleven[ROWS];
	static struct row block[ROW_BLOCK];
	int copied = 0;
	int64_t all = 0, writes = 0;
	struct row_source *source = trace_rows_source(rows);
	for (size_t got; (got = source->fill(source, block, ROW_BLOCK)) > 0;)
		for (size_t i = 0; i < got; i++) {
			const int64_t *value = block[i].value;
			all++;
			writes += value[op];
			if (block[i].id >= ROWS)
				continue;
			CHECK(copied < ROWS);
			ten[copied] = (struct partition){value[channel], value[sent] / (10 * day), 1};
			eleven[copied++] = (struct partition){value[channel], value[sent] / (11 * day), 1};
		}
	ok(!trace_rows_failed(rows, &err), "the trace is read to its end");
	is_int(all, (long long)ROWS * COPIES, "all rows, ten times");
	near_to((double)writes / (double)all, 0.5, 0.005, "half of them are writes");
	struct trace_counts counts = trace_rows_counts(rows);
	double rate = (double)all / ((double)(counts.last - counts.first) * 1e-9);
	struct setup *then = setup_of(case_study(&arena, "discord", "{}"), "cassandra-2017",
				      "{trace: {windows: [{date: 2017-01-15, at: 14 h, for: 2 s}]}}");
	int windows;
	double case_rate = recipe_windows(then->trace.recipe, &windows)->rate;
	diag("chat: %.1f requests a second; the case's in January 2017: %.1f", rate, case_rate);
	near_to(rate / case_rate, 1, 0.06, "the rate is that of the case in January 2017");
	trace_rows_close(rows);
	trace_file_close(file);

	int partitions = join(ten, copied);
	is_int(partitions, 440, "partitions of a room and ten days");
	is_int(ten[partitions - 1].rows, 1315, "the largest");
	is_int(ten[partitions / 2].rows, 104, "the median");
	ok(join(eleven, copied) != 440, "canary: eleven days are told apart");

	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	struct outcome *outcome = add(&campaign, setup_resolve(study, "chat-scylladb", other, &err));
	run(&campaign, 1);
	is_int((long long)outcome->rep[0].rows, (long long)ROWS * COPIES, "all of it is replayed");
	ok(count(outcome, "failed") == 0 && outcome->rep[0].unfinished == 0, "and answered");
	campaign_free(&campaign);
}

int main(void)
{
	arena_init(&arena);
	err_init(&err);
	check_kill();
	check_coalescing();
	check_seeds();
	check_slices();
	check_chat();
	arena_free(&arena);
	return done_testing();
}
