/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replications, run on threads, and what is made of them: intervals, estimates, verdicts. Results must not hang on the
 * number of threads; a verdict must be "no" or "inconclusive" when it should.
 */
#include "engine/rng.h"
#include "exec/campaign.h"
#include "io/yaml.h"
#include "tap.h"

#include <unistd.h>

static struct arena arena;
static struct err err;
static const struct study_files files = {NULL, NULL, NULL, NULL};
static const volatile sig_atomic_t never = 0;

static struct study *load(const char *text)
{
	err_init(&err);
	struct tree *tree = yaml_parse(&arena, "test", text, strlen(text), &err);
	struct study *study = tree ? study_load(&arena, "test", tree, NULL, &files, &err) : NULL;
	if (!study)
		bail("%s: %s", text, err.message[0].text);
	return study;
}

static struct setup *setup_of(const struct study *study, const char *variant)
{
	struct setup *setup = setup_resolve(study, variant, NULL, &err);
	if (!setup)
		bail("%s: %s", variant, err.message[0].text);
	return setup;
}

/* ---- intervals ---- */

static void check_intervals(void)
{
	static const double five[] = {1, 2, 3, 4, 5};
	struct interval i = interval_of(five, 5, 0.95);
	/* t(0.975, 4) = 2.776445, t(0.995, 4) = 4.604095; the standard error is sqrt(2.5 / 5). */
	near_to(i.mean, 3, 1e-12, "mean of an interval");
	near_to(i.low, 3 - 2.776445 * sqrt(0.5), 1e-5, "its lower end");
	near_to(i.high, 3 + 2.776445 * sqrt(0.5), 1e-5, "its upper end");
	near_to(interval_of(five, 5, 0.99).high, 3 + 4.604095 * sqrt(0.5), 1e-5, "at 99 %%");
	i = interval_of(five, 1, 0.95);
	ok(i.mean == 1 && isnan(i.low) && isnan(i.high), "one value has no interval");
	ok(isnan(interval_of(five, 0, 0.95).mean), "none has no mean");
	static const double unknown[] = {1, NAN, 3};
	ok(isnan(interval_of(unknown, 3, 0.95).mean), "what was not measured once, is not known");
	struct rng rng = rng_seed(1);
	int held = 0, held_wrong = 0;
	for (int trial = 0; trial < 4000; trial++) {
		double value[5];
		for (int k = 0; k < 5; k++)
			value[k] = 10 + 2 * rng_normal(&rng);
		i = interval_of(value, 5, 0.95);
		held += i.low <= 10 && 10 <= i.high;
		held_wrong += i.low <= 12 && 12 <= i.high;
	}
	diag("intervals of five normal values hold their mean in %.2f %% of the cases", held / 40.0);
	near_to(held / 4000.0, 0.95, 0.015, "an interval holds the mean as often as it says");
	ok(held_wrong < 0.8 * 4000, "canary: and not another (%d of 4000)", held_wrong);
}

/* ---- verdicts ---- */

/* Values of the terms a, b, c: a row of replications each, of which the mean is told. */
struct rows {
	const double (*row)[4];
	int reps;
};

static double value_of(void *context, const struct term *term, enum pooled_part part, int rep)
{
	const struct rows *rows = context;
	const double *row = rows->row[term->metric[0] == 'a' ? 0 : term->metric[0] == 'b' ? 1 : 2];
	double sum = 0;
	int counted = 0;
	if (part == POOLED_ONE)
		return row[rep];
	if (strcmp(term->statistic, "max") == 0)
		return row[3];
	for (int r = 0; r < rows->reps; r++)
		if (part == POOLED_ALL || r != rep) {
			sum += row[r];
			counted++;
		}
	return sum / counted;
}

static enum verdict judge(const char *text, const double (*rows)[4], int reps)
{
	struct expectation expectation;
	struct place place = {"test", 1, 1};
	err_init(&err);
	if (!expectation_parse(&arena, text, &place, &expectation, &err))
		bail("%s: %s", text, err.message[0].text);
	struct rows context = {rows, reps};
	const struct pooled_values values = {value_of, &context, reps};
	return verdict_of(&expectation, &values, true).verdict;
}

static void check_verdicts(void)
{
	/* b is always a little more than a, although both vary widely; c is not always known. */
	static const double rows[3][4] = {{10, 20, 30, 40}, {11, 21.2, 31, 41.1}, {1, NAN, 1, 1}};
	static const struct {
		const char *text;
		enum verdict verdict;
	} row[] = {
		{"count(a) < 100", VERDICT_YES},
		{"count(a) > 100", VERDICT_NO},
		{"count(a) < 30", VERDICT_INCONCLUSIVE},
		{"count(a) in 1..100", VERDICT_YES},
		{"count(a) in 100..200", VERDICT_NO},
		{"count(a) in 20..100", VERDICT_INCONCLUSIVE},
		/* Replications of two variants are compared in pairs. */
		{"count(a) < count(b)", VERDICT_YES},
		{"count(a) >= count(b)", VERDICT_NO},
		{"count(b) - count(a) in 0.8..1.6", VERDICT_YES},
		{"count(b) < 1.02 * count(a)", VERDICT_NO},
		{"count(a) <= count(a)", VERDICT_YES},
		{"count(a) < count(a)", VERDICT_NO},
		/* Equivalent in pairs: 0.9 to 1.4 apart. */
		{"count(a) = count(b) within 2", VERDICT_YES},
		{"count(b) = count(a) within 20 %", VERDICT_YES},
		{"count(a) = count(b) within 0.5", VERDICT_NO},
		{"count(a) = count(b) within 1.1", VERDICT_INCONCLUSIVE},
		{"count(a) = 26 within 1 %", VERDICT_INCONCLUSIVE},
		{"count(a) = 100 within 10 %", VERDICT_NO},
		{"count(c) > 0", VERDICT_INCONCLUSIVE},
		/* A greatest value has no interval: in all replications, in none, in some. */
		{"max(a) < 50", VERDICT_YES},
		{"max(a) > 50", VERDICT_NO},
		{"max(a) < 25", VERDICT_INCONCLUSIVE},
		{"max(a) < max(b)", VERDICT_YES},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		is_text(verdict_names[judge(row[i].text, rows, 4)], verdict_names[row[i].verdict], "%s", row[i].text);
	static const double none[3][4] = {{NAN, NAN, NAN, NAN}, {0}, {0}};
	is_text(verdict_names[judge("count(a) > 0", none, 4)], "inconclusive", "what was never measured is not judged");
	is_text(verdict_names[judge("count(a) < 30", rows, 1)], "yes", "one replication: its point decides");
	static const double zeros[3][4] = {{0}, {0}, {0}};
	is_text(verdict_names[judge("count(a) < 1", zeros, 4)], "yes", "no spread at all");
	struct verdict_of_one all[3] = {{.verdict = VERDICT_YES}, {.verdict = VERDICT_INCONCLUSIVE},
					{.verdict = VERDICT_NO}};
	ok(verdict_all(all, 1) == VERDICT_YES && verdict_all(all, 2) == VERDICT_INCONCLUSIVE &&
		   verdict_all(all, 3) == VERDICT_NO,
	   "the verdict on all is that of the worst");
}

/* ---- replications on threads ---- */

#define STATION "case: station, trace: {windows: {rate: 1000 /s, for: 4 s}}, model: {service: exp(0.8 ms)}"

struct order {
	int64_t replication[64];
	int count, stop_at;
	volatile sig_atomic_t stop;
};

static void finished(void *host, const struct exec_job *job, const struct replay *replay,
		     const struct row_records *records)
{
	struct order *order = host;
	(void)replay;
	(void)records;
	order->replication[order->count++] = job->replication;
	if (order->count == order->stop_at)
		__atomic_store_n(&order->stop, 1, __ATOMIC_RELAXED);
}

static void check_order(void)
{
	/* Jobs of very different length: the first is by far the longest. */
	struct study *study = load("{case: station, run: {drain: 1 s, warmup: 0 s}, variants: {"
				   "long: {trace: {windows: {rate: 1000 /s, for: 300 s}}}, "
				   "longest: {trace: {windows: {rate: 1000 /s, for: 20000 s}}}, "
				   "short: {trace: {windows: {rate: 1000 /s, for: 1 s}}}}, "
				   "model: {service: exp(0.5 ms)}}");
	struct exec_job job[20];
	for (int i = 0; i < 20; i++)
		job[i] = (struct exec_job){.setup = setup_of(study, i % 7 ? "short" : "long"), .replication = i};
	struct order order = {.stop_at = -1};
	struct exec_host host = {.finished = finished, .host = &order};
	is_int(exec_run(job, 20, 4, &host, &order.stop, &err), EXEC_DONE, "twenty jobs on four threads");
	bool in_order = order.count == 20;
	for (int i = 0; in_order && i < 20; i++)
		in_order = order.replication[i] == i;
	ok(in_order, "are handed over in the order of the list");
	for (int i = 0; i < 20; i++)
		job[i].setup = setup_of(study, i < 5 ? "short" : "long");
	order = (struct order){.stop_at = 3};
	is_int(exec_run(job, 20, 4, &host, &order.stop, &err), EXEC_INTERRUPTED, "interrupted after three");
	in_order = order.count >= 3 && order.count < 20;
	for (int i = 0; in_order && i < order.count; i++)
		in_order = order.replication[i] == i;
	ok(in_order, "what was handed over is the beginning of the list (%d)", order.count);
	order = (struct order){.stop_at = 3};
	exec_run(job, 5, 1, &host, &order.stop, &err);
	is_int(order.count, 3, "no job is begun after that");
	job[0].setup = setup_of(study, "long"); /* long enough for the other to have begun */
	job[1].setup = setup_of(study, "longest");
	order = (struct order){.stop_at = 1};
	is_int(exec_run(job, 2, 2, &host, &order.stop, &err), EXEC_INTERRUPTED, "a job under way");
	is_int(order.count, 1, "is given up");
	is_int(exec_run(job, 0, 4, &host, &never, &err), EXEC_DONE, "no jobs");
}

static uint64_t digest_on(int threads, int seed, struct estimate *estimate, int64_t *slowest)
{
	struct study *study = load(arena_format(&arena, "{" STATION ", run: {reps: 7, seed: %d, warmup: 0 s}}", seed));
	struct campaign campaign;
	struct term term = outcome_term("p99", "response");
	campaign_init(&campaign, 5, NULL);
	struct outcome *outcome = campaign_add(&campaign, setup_of(study, "station"), &err);
	CHECK(outcome == campaign_add(&campaign, setup_of(study, "station"), &err));
	int number = outcome_want(outcome, &term);
	is_int(outcome_want(outcome, &term), number, "the same term is the same");
	is_int(campaign_run(&campaign, threads, NULL, NULL, &never, &err), EXEC_DONE, "run on %d threads", threads);
	is_int(outcome->reps, 7, "equal setups are run once");
	*estimate = outcome_estimate(outcome, number);
	is_int(outcome->journeys, 5, "the slowest of all replications are kept");
	bool sorted = true;
	for (int i = 1; i < outcome->journeys; i++)
		sorted = sorted && outcome->journey[i].end - outcome->journey[i].begin <=
					   outcome->journey[i - 1].end - outcome->journey[i - 1].begin;
	ok(sorted, "the slowest first");
	*slowest = outcome->journey[0].end - outcome->journey[0].begin;
	const struct hist *all = &outcome->pooled.meter[metric_find(outcome->setup->metrics, "response")].whole;
	is_int(*slowest, all->greatest, "which is the greatest that was measured");
	uint64_t digest = outcome_digest(outcome);
	campaign_free(&campaign);
	return digest;
}

static bool same_estimate(const struct estimate *a, const struct estimate *b)
{
	return memcmp(&a->value, &b->value, sizeof a->value) == 0 && memcmp(&a->low, &b->low, sizeof a->low) == 0 &&
	       memcmp(&a->high, &b->high, sizeof a->high) == 0 && a->narrow == b->narrow && a->at_least == b->at_least;
}

static void check_threads(void)
{
	struct estimate one, two, other;
	int64_t slowest[3];
	uint64_t digest = digest_on(1, 1, &one, &slowest[0]);
	for (int threads = 2; threads <= 4; threads++) {
		ok(digest_on(threads, 1, &two, &slowest[1]) == digest, "%d threads: the same digest", threads);
		ok(same_estimate(&one, &two) && slowest[0] == slowest[1], "and the same numbers");
	}
	ok(digest_on(2, 2, &other, &slowest[2]) != digest && other.value != one.value && !same_estimate(&one, &other),
	   "canary: another seed");
	ok(one.low < one.value && one.value < one.high, "an estimate lies in its interval");
}

/* What is told of several replications is of the size of one. */
static void check_estimates(void)
{
	static const char *const statistic[] = {"count", "sum", "rate", "mean", "p50"};
	struct study *study = load("{" STATION ", run: {reps: 6, warmup: 0 s}}");
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	struct outcome *outcome = campaign_add(&campaign, setup_of(study, "station"), &err);
	for (int i = 0; i < 5; i++) {
		struct term term = outcome_term(statistic[i], "response");
		CHECK(outcome_want(outcome, &term) == i);
	}
	struct term rare = outcome_term("p99.9", "response"), offered = outcome_term("offered", "");
	outcome_want(outcome, &rare);
	int rate = outcome_want(outcome, &offered);
	campaign_run(&campaign, 2, NULL, NULL, &never, &err);
	for (int i = 0; i < 5; i++) {
		struct estimate e = outcome_estimate(outcome, i);
		ok(e.low <= e.value && e.value <= e.high, "%s of all lies in the interval of single ones: %g in %g..%g",
		   statistic[i], e.value, e.low, e.high);
	}
	struct estimate e = outcome_estimate(outcome, 5);
	ok(isnan(outcome->value[5][0]), "a percentile with fewer than ten samples beyond it is not told");
	ok(!isnan(e.value) && e.low < e.value, "canary: of all replications together there are enough");
	near_to(outcome_estimate(outcome, rate).value, 1000, 20, "the load that was offered");
	campaign_free(&campaign);
}

/* ---- faults, windows, traces ---- */

static double term_of(const struct replay *replay, const struct setup *setup, const char *statistic, const char *metric,
		      int64_t window)
{
	struct term term = outcome_term(statistic, metric);
	term.windowed = window >= 0;
	term.window = window;
	return replay_term(setup, &replay->meters, &term);
}

static void check_faults(void)
{
	struct study *study = load(
		"{case: station, trace: {windows: {rate: 100 /s, for: 20 s}}, model: {service: const(1 ms)}, "
		"run: {warmup: 0 s}, variants: {calm: {}, "
		"paused: {faults: [{at: 10 s, for: 2 s, kind: pause}]}, "
		"slow: {faults: [{at: 5 s, for: 10 s, kind: slow, factor: 8}]}}}");
	struct setup *setup[] = {setup_of(study, "calm"), setup_of(study, "paused"), setup_of(study, "slow")};
	double wait[3], response[3];
	for (int i = 0; i < 3; i++) {
		struct replay *replay = replay_run(setup[i], NULL, 0, 0, NULL);
		wait[i] = term_of(replay, setup[i], "max", "wait", -1);
		response[i] = term_of(replay, setup[i], "p50", "response", -1);
		replay_free(replay);
	}
	ok(wait[1] > 1.9 && wait[1] < 2.01, "who comes when the pause begins waits for its end (%.3f s)", wait[1]);
	ok(wait[0] < 0.02, "canary: without a pause nobody does (%.4f s)", wait[0]);
	ok(response[0] < 1.1e-3 && response[2] > 1.5e-3, "a slow station is slow (%.4f s)", response[2]);
}

static const char *put(const char *directory, const char *name, const char *text)
{
	const char *path = arena_format(&arena, "%s/%s", directory, name);
	FILE *file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		bail("%s cannot be written", path);
	return path;
}

static void check_files(void)
{
	char directory[] = "/tmp/casebook-exec-XXXXXX";
	if (!mkdtemp(directory))
		bail("no temporary directory");
	const char *good = put(directory, "good.csv", "time_ns,window,service\n0,3,1000\n100,3,1000\n5000,8,200\n");
	const char *bad = put(directory, "bad.csv", "time_ns,service\n0,1000\n100,x\n5000,200\n");
	const char *plain = put(directory, "plain.csv", "time_ns,service\n0,1000\n100,70\n5000,200\n");
	for (int threads = 1; threads <= 2; threads++) {
		struct study *study = load(arena_format(&arena,
			"{case: station, model: {service_from: trace}, run: {warmup: 0 s, reps: 2}, variants: {"
			"good: {trace: {file: %s}}, bad: {trace: {file: %s}}, "
			"copies: {trace: {file: %s, superpose: 3}}}}",
			good, bad, plain));
		struct campaign campaign;
		campaign_init(&campaign, 0, NULL);
		struct outcome *outcome = campaign_add(&campaign, setup_of(study, "good"), &err);
		CHECK(outcome);
		is_int(campaign_run(&campaign, threads, NULL, NULL, &never, &err), EXEC_DONE, "a trace from a file");
		is_int(outcome->pooled.windows, 2, "windows as its rows say");
		is_int(outcome->pooled.window[0].label, 3, "the first, by its name");
		is_int(outcome->pooled.window[1].label, 8, "and the second");
		is_int((long long)outcome->pooled.meter[0].whole.sum, 2 * 900, "the second customer waits, in both");
		is_int((long long)meter_hist(&outcome->pooled, 0, 1)->sum, 0, "the third does not");
		ok(outcome->rep[0].digest == outcome->rep[1].digest, "in which nothing is random");
		campaign_free(&campaign);
		campaign_init(&campaign, 0, NULL);
		outcome = campaign_add(&campaign, setup_of(study, "copies"), &err);
		CHECK(outcome && campaign_run(&campaign, threads, NULL, NULL, &never, &err) == EXEC_DONE);
		ok(outcome->rep[0].rows == 9 && outcome->rep[0].digest != outcome->rep[1].digest,
		   "copies of it are shifted anew in each replication");
		campaign_free(&campaign);
		campaign_init(&campaign, 0, NULL);
		CHECK(campaign_add(&campaign, setup_of(study, "good"), &err));
		CHECK(campaign_add(&campaign, setup_of(study, "bad"), &err));
		err_init(&err);
		is_int(campaign_run(&campaign, threads, NULL, NULL, &never, &err), EXEC_FAILED, "a bad row is told");
		ok(err.kind == ERR_TRACE && err.message[0].line == 3, "with its line");
		campaign_free(&campaign);
	}
	unlink(good);
	unlink(bad);
	unlink(plain);
	rmdir(directory);
}

/* ---- claims on trial ---- */

static void check_trials(void)
{
#define CLAIM(id, expect, without) \
	"{id: " id ", says: x, kind: derived, mechanism: y, evidence: derived, " \
	"expect: '" expect "', without: {servers: " without "}}"
	struct study *study = load(
		"{" STATION ", run: {reps: 4, warmup: 0 s}, variants: {one: {}, two: {model: {servers: 2}}}, claims: ["
		CLAIM("right", "mean(wait)[two] < mean(wait)[one] / 5", "1") ", "
		CLAIM("wrong", "mean(wait)[two] > mean(wait)[one]", "1") ", "
		CLAIM("open", "mean(wait)[one] < 3.1 ms", "9") "]}");
	struct campaign campaign;
	struct trial *trial[3][2];
	campaign_init(&campaign, 0, NULL);
	const struct trial_host trials = campaign_trials(&campaign);
	for (int c = 0; c < 3; c++)
		for (int ablated = 0; ablated < 2; ablated++)
			trial[c][ablated] = trial_new(study, &study->claim[c], ablated ? study->claim[c].without : NULL,
						      NULL, &trials, &err);
	CHECK(!err_any(&err));
	/* One and two; two with one server, which one has anyway; one with nine. */
	is_int(campaign.entries, 4, "each setup is run once, whoever asks for it");
	campaign_run(&campaign, 2, NULL, NULL, &never, &err);
	is_text(verdict_names[trial_judge(study, trial[0][0])->verdict], "yes", "a claim that holds");
	is_text(verdict_names[trial_judge(study, trial[0][1])->verdict], "no", "and not without its mechanism");
	is_text(verdict_names[trial_judge(study, trial[1][0])->verdict], "no", "a claim that does not hold");
	diag("mean wait of M/M/1 at 0.8: %.3f ms", trial_judge(study, trial[2][0])->left.mean * 1e3);
	is_text(verdict_names[trial_judge(study, trial[2][0])->verdict], "inconclusive",
		"a claim that four replications do not settle");
	struct outcome *only[] = {campaign.entry[0].outcome};
	ok(!trial_covered(study, &study->claim[0], only, 1), "a claim on two variants needs both");
	ok(trial_covered(study, &study->claim[2], (struct outcome *[]){trial[2][0]->side->outcome}, 1),
	   "one on a single variant does not");
	campaign_free(&campaign);
}

int main(void)
{
	arena_init(&arena);
	err_init(&err);
	check_intervals();
	check_verdicts();
	check_order();
	check_threads();
	check_estimates();
	check_faults();
	check_files();
	check_trials();
	arena_free(&arena);
	return done_testing();
}
