/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Warm-ups, paired comparisons, numbers of replications and screening designs against what is worked out by hand, and
 * what common random numbers are worth on two cases.
 */
#include "engine/rng.h"
#include "exec/campaign.h"
#include "exec/knob.h"
#include "exec/measure.h"
#include "exec/screen.h"
#include "flow.h"
#include "io/yaml.h"
#include "run/digest.h"
#include "stats/paired.h"
#include "stats/unfinished.h"
#include "stats/quantile.h"
#include "stats/sample.h"
#include "tap.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

static struct arena arena;
static struct err err;
static const volatile sig_atomic_t never = 0;

static const char *in_top(const char *path)
{
	const char *top = getenv("top_srcdir");
	return arena_format(&arena, "%s/%s", top ? top : ".", path);
}

static struct tree *read_named(void *host, struct arena *into, const char *from, const struct place *place,
			       const char *path, struct err *errors)
{
	(void)host;
	(void)from;
	(void)place;
	return yaml_read(into, in_top(path), errors);
}

static const struct study_files files = {read_named, NULL, NULL, NULL};

static struct study *load(const char *model, const char *over)
{
	err_init(&err);
	struct tree *tree = yaml_read(&arena, in_top(model), &err);
	struct study *study = tree ? study_load(&arena, in_top(model), tree, flow(&arena, over), &files, &err) : NULL;
	if (!study)
		bail("%s: %s", model, err.message[0].text);
	return study;
}

static struct setup *setup_of(const struct study *study, const char *variant, const char *without)
{
	struct setup *setup = setup_resolve(study, variant, without ? flow(&arena, without) : NULL, &err);
	if (!setup)
		bail("%s: %s", variant, err.message[0].text);
	return setup;
}

/* ---- warm-up ---- */

/* As the definition says: for each cut, the variance of the batch means left, over their number. */
static int by_definition(const double *value, int count, int spared)
{
	int batches = count / 5, best = 0;
	double least = INFINITY;
	for (int d = 0; d + spared <= batches; d++) {
		double mean = 0, sum = 0;
		for (int i = d * 5; i < batches * 5; i++)
			mean += value[i] / (5.0 * (batches - d));
		for (int b = d; b < batches; b++) {
			double batch = 0;
			for (int i = 0; i < 5; i++)
				batch += value[b * 5 + i] / 5;
			sum += (batch - mean) * (batch - mean);
		}
		if (sum / pow(batches - d, 2) < least) {
			least = sum / pow(batches - d, 2);
			best = d;
		}
	}
	return best * 5;
}

static void check_warmup(void)
{
	double value[400];
	bool steady;
	struct rng rng = rng_seed(7);
	for (int i = 0; i < 400; i++)
		value[i] = 0.1;
	is_int(warmup_mser5(value, 400, &steady), 0, "a constant series has no warm-up");
	ok(steady, "and is steady");
	for (int i = 0; i < 400; i++)
		value[i] = (i < 60 ? 10 : 0) + rng_normal(&rng);
	is_int(warmup_mser5(value, 400, &steady), 60, "a step is cut where it is");
	ok(steady, "what follows is steady");
	for (int i = 0; i < 400; i++)
		value[i] = i + rng_normal(&rng);
	ok(warmup_mser5(value, 400, &steady) > 200 && !steady, "a trend never settles");
	for (int i = 0; i < 400; i++)
		value[i] = (i < 300 ? 10 : 0) + rng_normal(&rng);
	ok(warmup_mser5(value, 400, &steady) >= 300, "a late step is cut");
	ok(!steady, "which is more than half: no steady state");
	is_int(warmup_mser5(value, 49, &steady), 0, "49 values are too few");
	int alike = 0, alike_all = 0, shifted = 0;
	double high[400];
	for (int trial = 0; trial < 200; trial++) {
		int count = 50 + 7 * (trial % 50), transient = trial % 40;
		for (int i = 0; i < count; i++) {
			value[i] = (i < transient ? 3.0 * (transient - i) / transient : 0) + rng_normal(&rng);
			high[i] = value[i] + 1e9;
		}
		int cut = warmup_mser5(value, count, &steady);
		alike += cut == by_definition(value, count, 5);
		alike_all += cut == by_definition(value, count, 1);
		shifted += cut == warmup_mser5(high, count, &steady);
	}
	is_int(alike, 200, "200 series are cut where the definition says");
	ok(alike_all < 200, "canary: without sparing the last batches they are not (%d)", alike_all);
	is_int(shifted, 200, "where zero is does not matter");
}

/* A queue that starts far from its steady state: far too many customers come in the first ten seconds. */
static const char filling[] = "{case: station, trace: {windows: {rate: 100 /s, for: 600 s},"
			      " bursts: [{at: 1 s, rise: 1 s, plateau: 8 s, decay: 1 s, factor: 6}]},"
			      " model: {service: 'exp(8 ms)'}, run: {reps: 6, seed: 1, warmup: %s, series: 2 s}}";

static struct outcome *run_one(struct campaign *campaign, const struct setup *setup, int threads)
{
	campaign_init(campaign, 0, NULL);
	struct outcome *outcome = campaign_add(campaign, setup, &err);
	struct term mean = outcome_term("mean", "wait");
	outcome_want(outcome, &mean);
	if (campaign_run(campaign, threads, NULL, NULL, &never, &err) != EXEC_DONE)
		bail("%s", err.message[0].text);
	return outcome;
}

static const struct setup *text_setup(const char *text)
{
	err_init(&err);
	struct tree *tree = yaml_parse(&arena, "test", text, strlen(text), &err);
	struct study *study = tree ? study_load(&arena, "test", tree, NULL, &files, &err) : NULL;
	return study ? setup_resolve(study, study->variant[0], NULL, &err) : NULL;
}

static void check_automatic(void)
{
	struct campaign found, none, written, other;
	const struct setup *setup = text_setup(arena_format(&arena, filling, "auto"));
	struct outcome *outcome = run_one(&found, setup, 1);
	int64_t cut = outcome->setup->run.warmup;
	double mean = outcome_estimate(outcome, 0).value;
	ok(outcome->warmup.automatic && outcome->warmup.steady, "a warm-up was found");
	/* Some 4500 too many, of which 25 a second leave. */
	ok(cut >= 150000000000 && cut <= 280000000000, "it is as long as the queue is (%.0f s)", (double)cut * 1e-9);
	is_int(setup->run.warmup, SETUP_WARMUP_AUTO, "the setup itself is as it was");
	double all = outcome_estimate(run_one(&none, text_setup(arena_format(&arena, filling, "0 s")), 1), 0).value;
	near_to(mean, 0.032, 0.004, "then customers wait as in an endless queue");
	ok(all > 0.05, "canary: without a warm-up they wait longer (%.1f ms)", all * 1e3);
	const char *text = arena_format(&arena, "%lld ns", (long long)cut);
	struct outcome *same = run_one(&written, text_setup(arena_format(&arena, filling, text)), 1);
	ok(outcome_digest(same) == outcome_digest(outcome) && same->setup->digest == outcome->setup->digest,
	   "the same warm-up, written, gives the same");
	ok(outcome_digest(run_one(&other, setup, 3)) == outcome_digest(outcome), "on three threads too");
	campaign_free(&found);
	campaign_free(&none);
	campaign_free(&written);
	campaign_free(&other);

	setup = text_setup(
		"{case: station, trace: {windows: {rate: 100 /s, for: 200 s}}, model: {service: 'exp(15 ms)'},"
		" run: {reps: 3, warmup: auto, series: 1 s}}");
	outcome = run_one(&found, setup, 1);
	ok(!outcome->warmup.steady && outcome->setup->run.warmup == 0,
	   "an overload has no steady state, and is not cut");
	campaign_free(&found);
	ok(!text_setup("{case: station, trace: {windows: [{rate: 100 /s, for: 90 s}, {rate: 10 /s, for: 90 s}]},"
		       " run: {warmup: auto}}") &&
		   strstr(err.message[0].text, "one window"),
	   "several windows are a mistake");
	ok(!text_setup(
		   "{case: station, trace: {windows: {rate: 100 /s, for: 90 s}}, run: {warmup: auto, series: 2 s}}") &&
		   strstr(err.message[0].text, "50 bins"),
	   "so are too few bins");
	ok(!text_setup("{case: station, trace: {windows: {rate: 100 /s, for: 90 s}}, run: {warmup: automatic}}"),
	   "and another word");
}

/* ---- quantiles ---- */

static void check_quantiles(void)
{
	static const int64_t degrees[] = {1,  2,   3,   4,    5,    7,     10,      19,       30,
					  99, 300, 301, 1000, 1001, 10000, 1000000, 1000000000};
	double worst_normal = 0, worst_student = 0, worst_canary = 0;
	int looked_at = 0;
	for (int k = -290; k <= -1; k++) {
		double p = pow(10, k), z = gsl_cdf_ugaussian_Pinv(p);
		worst_normal = fmax(worst_normal, fabs(quantile_normal(p) / z - 1));
		if (k > -16)
			worst_normal = fmax(worst_normal,
					    fabs(quantile_normal(1 - p) / gsl_cdf_ugaussian_Pinv(1 - p) - 1));
	}
	for (int k = 1; k < 1000; k++)
		worst_normal = fmax(worst_normal, k == 500 ? fabs(quantile_normal(0.5))
							   : fabs(quantile_normal(k / 1000.0) /
									  gsl_cdf_ugaussian_Pinv(k / 1000.0) - 1));
	for (size_t d = 0; d < sizeof degrees / sizeof *degrees; d++)
		for (int k = 1; k < 160; k++) {
			double q = k < 100 ? k / 200.0 : pow(10, -(k - 98) / 4.0);
			double t = quantile_student(1 - q, degrees[d]), below = quantile_student(q, degrees[d]);
			double nu = (double)degrees[d];
			/* GSL's quantiles are looser than its tails: a quantile is right when its tail is. */
			worst_student = fmax(worst_student, fabs(gsl_cdf_tdist_P(below, nu) / q - 1));
			worst_student = fmax(worst_student, fabs(gsl_cdf_tdist_Q(t, nu) / (1 - (1 - q)) - 1));
			worst_canary = fmax(worst_canary, fabs(gsl_cdf_tdist_Q(t * (1 + 1e-8), nu) / q - 1));
			looked_at++;
		}
	diag("quantiles against GSL: normal %.2g, Student's %.2g (%d)", worst_normal, worst_student, looked_at);
	ok(worst_normal < 2e-13, "quantiles of the normal distribution are GSL's");
	ok(worst_student < 1e-12, "the tail beyond a quantile of Student's t is what was asked for");
	ok(worst_canary > 1e-10, "canary: a hundred millionth more is noticed");
	near_to(quantile_student(0.975, 4), 2.7764451051977987, 1e-14, "t(0.975, 4), from a table");
	near_to(quantile_student(0.975, 1), 12.706204736174698, 1e-13, "t(0.975, 1)");
	near_to(quantile_student(0.995, 29), 2.7563859036706052, 1e-14, "t(0.995, 29)");
	ok(isinf(quantile_normal(1)) && quantile_normal(0) == -INFINITY && isnan(quantile_normal(1.5)) &&
		   quantile_student(0.5, 3) == 0 && isnan(quantile_student(-1, 3)),
	   "ends of the range");
	double five[] = {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4, 1e9 + 5.5}, same[] = {0.1, 0.1, 0.1};
	near_to(sample_mean(five, 5), gsl_stats_mean(five, 1, 5), 1e-9, "a mean");
	near_to(sample_variance(five, 5), gsl_stats_variance(five, 1, 5), 1e-12, "a variance of large numbers");
	near_to(sample_sd(five, 5), gsl_stats_sd(five, 1, 5), 1e-12, "a standard deviation");
	ok(sample_mean(same, 3) == 0.1 && sample_variance(same, 3) == 0 && isnan(sample_mean(same, 0)) &&
		   isnan(sample_variance(same, 1)),
	   "of equals it is exact; of none there is none");
}

/* ---- numbers of replications ---- */

static void check_needed(void)
{
	static const double five[] = {1, 2, 3, 4, 5}, same[] = {2, 2, 2};
	struct interval interval = interval_of(five, 5, 0.95);
	near_to(interval_precision(&interval), 2.776445 * sqrt(0.5) / 3, 1e-5, "half an interval over its mean");
	/* t(0.975, 12) sqrt(2.5 / 13) = 0.956, t(0.975, 11) sqrt(2.5 / 12) = 1.005 */
	is_int(interval_needed(&interval, 1, 0.95), 13, "thirteen are needed for half a width of 1");
	is_int(interval_needed(&interval, 1.01, 0.95), 12, "canary: twelve for a little more");
	ok(interval_needed(&interval, 0, 0.95) == INT64_MAX, "none will do for 0");
	interval = interval_of(same, 3, 0.95);
	ok(interval_precision(&interval) == 0 && interval_needed(&interval, 1, 0.95) == 2,
	   "without spread it is settled");
	interval = interval_of(five, 1, 0.95);
	ok(isinf(interval_precision(&interval)), "one value settles nothing");
}

/* Going up in steps gives what going there at once gives. */
static void check_steps(void)
{
	static const char text[] = "{case: station, trace: {windows: {rate: 100 /s, for: 20 s}}, run: {reps: 9}}";
	struct campaign steps, once;
	const struct setup *setup = text_setup(text);
	struct outcome *outcome = run_one(&once, setup, 2);
	campaign_init(&steps, 0, NULL);
	struct outcome *other = campaign_add(&steps, setup, &err);
	static const int to[] = {2, 3, 3, 7, 9, 20};
	static const int reached[] = {2, 3, 3, 7, 9, 9};
	int right = 0;
	for (int i = 0; i < 6; i++) {
		right += campaign_run_to(&steps, to[i], 2, NULL, NULL, &never, &err) == EXEC_DONE &&
			 other->reps == reached[i];
		if (i == 0)
			ok(outcome_digest(other) != outcome_digest(outcome), "canary: two replications are not nine");
	}
	is_int(right, 6, "replications are added up to the number that is wanted, and no more");
	ok(outcome_digest(other) == outcome_digest(outcome), "and are the same as those run at once");
	campaign_free(&steps);
	campaign_free(&once);
	struct setup fewer = *setup;
	fewer.run.reps = 4;
	fewer.digest = digest_setup(&fewer);
	campaign_init(&steps, 0, NULL);
	other = campaign_add(&steps, setup, &err);
	campaign_run_to(&steps, 4, 1, NULL, NULL, &never, &err);
	ok(other->setup->digest == setup->digest && setup->digest != fewer.digest,
	   "canary: the number is in the digest");
	outcome_settle(other);
	ok(other->setup->digest == fewer.digest, "a settled outcome is that of so many replications");
	campaign_free(&steps);
}

/* ---- pairs ---- */

static void check_paired(void)
{
	double a[] = {1, 2, 3, 4, 5}, b[5];
	for (int i = 0; i < 5; i++)
		b[i] = a[i] + 1;
	struct paired paired = paired_of(a, b, 5, 0.95);
	ok(paired.difference.low == 1 && paired.difference.high == 1 && isinf(paired.gain), "one more, always");
	near_to(paired.relative.mean, 1 / 3.0, 1e-12, "is a third more");
	/* Residuals -(a - 3) / 9: standard error sqrt(2.5 / 5) / 9. */
	near_to(paired.relative.high - paired.relative.mean, 2.776445 * sqrt(0.5) / 9, 1e-6, "give or take");
	is_text(paired_names[paired_judge(&paired)], "higher", "and clearly higher");
	for (int i = 0; i < 5; i++)
		b[i] = 0.82 * a[i];
	paired = paired_of(a, b, 5, 0.95);
	near_to(paired.relative.low, -0.18, 1e-12, "18 %% less, always");
	near_to(paired.relative.high, -0.18, 1e-12, "without a spread");
	near_to(paired.difference.low, -0.54 - 0.18 * 2.776445 * sqrt(0.5), 1e-5, "the difference spreads");
	is_text(paired_names[paired_judge(&paired)], "lower", "is clearly lower");
	near_to(paired.gain, (1 + 0.82 * 0.82) / (0.18 * 0.18), 1e-9, "what pairing gained");
	paired = paired_of(a, a, 5, 0.95);
	is_text(paired_names[paired_judge(&paired)], "equal", "equal is equal");
	static const double backwards[] = {5, 4, 3, 2, 1.5};
	paired = paired_of(a, backwards, 5, 0.95);
	is_text(paired_names[paired_judge(&paired)], "unclear", "a small difference that spreads is not clear");
	ok(paired_more(&paired, 0.95) > 1000 && paired_more(&paired, 0.95) < INT64_MAX,
	   "many more would be needed (%lld)", (long long)paired_more(&paired, 0.95));
	near_to(paired.gain, 0.5, 0.02, "and pairing can lose");
	paired = paired_of(a, b, 1, 0.95);
	is_text(paired_names[paired_judge(&paired)], "unknown", "one pair cannot tell");
	b[2] = NAN;
	paired = paired_of(a, b, 5, 0.95);
	is_text(paired_names[paired_judge(&paired)], "unknown", "nor can what was not measured once");
	static const double none[5];
	paired = paired_of(none, a, 5, 0.95);
	ok(isnan(paired.relative.mean), "nothing is a multiple of 0");
	is_text(paired_names[paired_judge(&paired)], "higher", "but may be higher");
}

static void check_paired_often(void)
{
	enum { TRIALS = 3000, PAIRS = 8, MANY = 20000 };
	static double a[MANY], b[MANY];
	struct rng rng = rng_seed(3);
	int held = 0, held_wrong = 0, false_alarms = 0;
	for (int trial = 0; trial < TRIALS; trial++) {
		for (int i = 0; i < PAIRS; i++) {
			double common = 3 * rng_normal(&rng);
			a[i] = 100 + common + rng_normal(&rng);
			b[i] = 80 + common + rng_normal(&rng);
		}
		struct paired paired = paired_of(a, b, PAIRS, 0.95);
		held += paired.relative.low <= -0.2 && -0.2 <= paired.relative.high;
		held_wrong += paired.relative.low <= -0.22 && -0.22 <= paired.relative.high;
		for (int i = 0; i < PAIRS; i++)
			b[i] += 20;
		paired = paired_of(a, b, PAIRS, 0.95);
		enum paired_verdict verdict = paired_judge(&paired);
		false_alarms += verdict == PAIRED_LOWER || verdict == PAIRED_HIGHER;
	}
	near_to(held / (double)TRIALS, 0.95, 0.015, "the interval of a ratio holds it as often as it says");
	ok(held_wrong < 0.4 * TRIALS, "canary: and not another (%d of %d)", held_wrong, (int)TRIALS);
	ok(false_alarms < 0.065 * TRIALS, "equals are told apart in no more than 5 %% (%d of %d)", false_alarms,
	   (int)TRIALS);
	for (int i = 0; i < MANY; i++) {
		double common = 3 * rng_normal(&rng);
		a[i] = common + rng_normal(&rng);
		b[i] = common + rng_normal(&rng);
	}
	near_to(paired_of(a, b, MANY, 0.95).gain, 10, 0.5, "gain of pairs with nine parts of ten in common");
}

/* ---- what common random numbers are worth ---- */

enum { REPS = 20 };

static void values_of(const struct setup *setup, int64_t seed, const char *metric, double *value)
{
	struct setup own = *setup;
	struct campaign campaign;
	struct measure measure;
	own.run.reps = REPS;
	own.run.seed = seed;
	own.digest = digest_setup(&own);
	if (!measure_parse(&measure, &own, metric, "test", &err))
		bail("%s", err.message[0].text);
	measure.windowed = measure_last_window(&own, &measure.window);
	campaign_init(&campaign, 0, NULL);
	struct outcome *outcome = campaign_add(&campaign, &own, &err);
	measure_want(&measure, outcome);
	if (campaign_run(&campaign, 2, NULL, NULL, &never, &err) != EXEC_DONE)
		bail("%s", err.message[0].text);
	measure_each(&measure, outcome, value);
	campaign_free(&campaign);
}

static double variance_of_difference(const double *a, const double *b)
{
	double mean = 0, squares = 0;
	for (int i = 0; i < REPS; i++)
		mean += (b[i] - a[i]) / REPS;
	for (int i = 0; i < REPS; i++)
		squares += pow(b[i] - a[i] - mean, 2) / (REPS - 1);
	return squares;
}

static void check_gain(const char *what, const struct setup *one, const struct setup *other, const char *metric)
{
	double a[REPS], b[REPS], apart[REPS], third[REPS];
	values_of(one, 1, metric, a);
	values_of(other, 1, metric, b);
	values_of(other, 1000, metric, apart);
	values_of(other, 2000, metric, third);
	double common = variance_of_difference(a, b), independent = variance_of_difference(a, apart);
	diag("%s: common random numbers make the variance of the difference of %s %.1f times smaller", what, metric,
	     independent / common);
	ok(common > 0 && independent / common >= 5, "%s, %s: at least 5 times smaller", what, metric);
	double canary = variance_of_difference(a, third) / independent;
	ok(canary > 0.2 && canary < 5, "%s, %s: canary: other independent numbers change nothing (%.1f)", what, metric,
	   canary);
}

static void check_gains(void)
{
	struct study *station = load("models/station.yaml", "{trace: {windows: {rate: 100 /s, for: 150 s}}}");
	check_gain("station", setup_of(station, "one-server", NULL), setup_of(station, "half-speed", NULL),
		   "mean(response)");
	check_gain("station", setup_of(station, "one-server", NULL), setup_of(station, "half-speed", NULL),
		   "p99(response)");
	struct study *discord = load("models/discord.yaml", "{}");
	const struct setup *now =
		setup_of(discord, "cassandra-2017", "{trace: {windows: [{date: 2017-01-15, at: 14 h, for: 8 s}]}}");
	const struct setup *slower = setup_of(discord, "cassandra-2017",
					      "{trace: {windows: [{date: 2017-01-15, at: 14 h, for: 8 s}]},"
					      " disk_read: lognormal(median=1.6 ms, p99=6.4 ms)}");
	check_gain("discord", now, slower, "mean(read)");
	check_gain("discord", now, slower, "p99(read)");
}

/* ---- designs ---- */

static void check_screen(void)
{
	enum { POINTS = 64, MOST = 30 };
	static const int dimensions[] = {1, 5, 20, 21, MOST};
	static double from[POINTS * MOST], to[POINTS * MOST];
	for (int d = 0; d < 5; d++) {
		double sum = 0;
		int inside = 0, alike = 0, count = dimensions[d];
		screen_design(count, POINTS, from, to);
		for (int i = 0; i < count * POINTS; i++) {
			inside += from[i] >= 0 && from[i] < 1 && to[i] >= 0 && to[i] < 1;
			alike += from[i] == to[i];
			sum += from[i] / (POINTS * count);
		}
		ok(inside == POINTS * count && alike * 10 <= POINTS * count && fabs(sum - 0.5) < 0.01,
		   "%d dimensions are filled evenly (mean %.3f, %d alike)", count, sum, alike);
	}
	double linear[POINTS], product[POINTS];
	screen_design(2, POINTS, from, to);
	for (int p = 0; p < POINTS; p++) {
		const double *a = from + 2 * p, *b = to + 2 * p;
		double went = b[0] - a[0];
		linear[p] = went == 0 ? NAN : (-3 * b[0] + a[1] - (-3 * a[0] + a[1])) / went;
		product[p] = went == 0 ? NAN : (b[0] * a[1] - a[0] * a[1]) / went;
	}
	struct screened screened = screen_effects(linear, POINTS, 0.95);
	near_to(screened.mean, -3, 1e-12, "the effect of a linear term is its factor");
	near_to(screened.size.mean, 3, 1e-12, "its size has no sign");
	near_to(screened.spread, 0, 1e-12, "and it is the same everywhere");
	screened = screen_effects(product, POINTS, 0.95);
	near_to(screened.mean, 0.5, 0.02, "that of a product is the mean of the other factor");
	near_to(screened.spread, sqrt(1 / 12.0), 0.02, "and spreads with it");
	static const double unknown[] = {1, NAN, 3};
	near_to(screen_effects(unknown, 3, 0.95).mean, 2, 1e-12, "points that could not be run are passed over");
	ok(isnan(screen_effects(unknown + 1, 1, 0.95).size.mean), "without any there is nothing");
}

/* ---- knobs ---- */

static void check_knobs(void)
{
	struct study *station = load("models/station.yaml", "{}"), *discord = load("models/discord.yaml", "{}");
	const struct setup *setup = setup_of(station, "one-server", NULL);
	struct knob knob;
	double value;
	ok(knob_find(&knob, setup, "service", NULL, "--by", &err) && knob.value == 8e6,
	   "a distribution is known by its mean");
	is_text(tree_get(knob_tree(&knob, 1e7, &arena), "service")->text, "exp(10 ms)", "and keeps its form");
	ok(knob_read(&knob, "7.5 ms", "--to", &value, &err) && value == 7.5e6, "its mean is read");
	ok(!knob_read(&knob, "31 d", "--to", &value, &err) && strstr(err.message[0].text, "1 ns .. 30 d"),
	   "but not beyond its range");
	err_init(&err);
	ok(!knob_read(&knob, "7", "--to", &value, &err), "nor without a unit");
	err_init(&err);
	ok(knob_find(&knob, setup, "servers", NULL, "--by", &err) && knob_round(&knob, 1.6) == 2 &&
		   knob_round(&knob, 0.2) == 1,
	   "servers are whole, and at least one");
	ok(!knob_find(&knob, setup, "limited", NULL, "--by", &err), "a switch is no number");
	err_init(&err);
	ok(!knob_find(&knob, setup, "sevice", NULL, "--by", &err) && strstr(err.message[0].text, "\"service\""),
	   "the nearest name is suggested");
	err_init(&err);
	ok(!knob_find(&knob, setup, "trace.windows.rate", NULL, "--by", &err), "a key of the trace has no range");
	err_init(&err);
	ok(knob_find(&knob, setup, "trace.windows.rate", "50 /s", "--by", &err) && knob.unit == QUANTITY_RATE,
	   "but a unit when an example is given");
	const struct setup *slower = setup_resolve(station, "one-server", knob_tree(&knob, 50, &arena), &err);
	int count;
	ok(slower && recipe_windows(slower->trace.recipe, &count)->rate == 50 && count == 1,
	   "and is laid over the trace");
	setup = setup_of(discord, "cassandra-2017", NULL);
	int numbers = 0, back = 0;
	for (const struct param *row = setup->of->params; row->name; row++) {
		err_init(&err);
		if (!knob_find(&knob, setup, row->name, NULL, "--by", &err) || knob.value == 0)
			continue;
		numbers++;
		double x = knob_round(&knob, knob.value * 1.2);
		struct setup *set = setup_resolve(discord, setup->name, knob_tree(&knob, x, &arena), &err);
		struct knob again;
		if (set && knob_find(&again, set, row->name, NULL, "--by", &err))
			back += fabs(again.value / x - 1) < 1e-5; /* parts of a distribution are rounded */
		else
			back += err_any(&err); /* refused, and said why */
	}
	ok(numbers > 20, "discord has %d numbers", numbers);
	is_int(back, numbers, "each is set to what it was asked to be");
}

/* ---- requests that had not ended ---- */

/* 1,000 that took 1 ms each, but for twenty that took 10 ms; and `count` of `age` ms that have not ended. */
static bool matters(const char *statistic, uint64_t count, int64_t age, double high, double *value)
{
	struct hist ended, ages;
	struct term term = outcome_term(statistic, "wait");
	hist_init(&ended, &arena, HIST_BITS);
	hist_init(&ages, &arena, HIST_BITS);
	hist_add(&ended, 1000000, 980);
	hist_add(&ended, 10000000, 20);
	if (count)
		hist_add(&ages, age * 1000000, count);
	*value = term.p >= 0 ? (double)hist_percentile(&ended, term.p) * 1e-9 : hist_mean(&ended) * 1e-9;
	return unfinished_matter(&ended, &ages, &term, high, value);
}

static void check_unfinished(void)
{
	double value, ms = 1e-3;
	ok(!matters("p99", 0, 0, 10 * ms, &value) && value == 10 * ms, "all requests have ended");
	ok(!matters("p50", 400, 9000, 1.01 * ms, &value), "400 of 1,400 that may be anything do not move the median");
	ok(matters("p50", 1000, 9000, 1.01 * ms, &value) && value < 1.01 * ms,
	   "1,000 of 2,000 do: it is at least what it was");
	ok(!matters("p99", 5, 9000, 10 * ms, &value),
	   "canary: p99 stays where it is as long as others of its kind remain");
	ok(matters("p99", 11, 9000, 10 * ms, &value) && value == 10 * ms, "11 of 1,011 leave p99 open");
	ok(!matters("p50", 990, 9000, 10 * ms, &value), "an interval that reaches as far is as wide as that");
	/* 1,500 that are 0.5 ms old may end at once: then the median is 0.5 ms. */
	ok(matters("p50", 1500, 0, 1 * ms, &value) && value < 1 * ms,
	   "requests that are young may have been fast: at least %g ms", value * 1e3);
	near_to(value, 0, 1e-9, "as if they had just ended");
	ok(!matters("mean", 1, 2, 2 * ms, &value), "one of a thousand that is young does not move a mean");
	ok(matters("mean", 1, 90000, 2 * ms, &value), "one that is 90 s old does");
	near_to(value, 1.18 * ms, 1e-9, "the mean is at least that of those that have ended");
	ok(matters("mean", 10, 0, 2 * ms, &value), "nor is it known when ten are open");
	near_to(value, 1.18 * 1000 / 1010 * ms, 1e-9, "and young ones make it less");
	ok(matters("max", 1, 1, 10 * ms, &value), "the greatest is always open");
	ok(!matters("count", 1000, 1, 10 * ms, &value) && !matters("min", 1000, 1, 10 * ms, &value),
	   "what does not hang on times is not");
}

/* Nothing random: one replication of each, and yet it is known. */
static void check_exact_pairs(void)
{
	struct paired lower = paired_exact(4, 3), same = paired_exact(4, 4), none = paired_exact(0, 3);
	ok(paired_judge(&lower) == PAIRED_LOWER && lower.relative.low == -0.25 && lower.relative.high == -0.25,
	   "what was not drawn at random differs exactly");
	ok(paired_judge(&same) == PAIRED_EQUAL && paired_judge(&none) == PAIRED_HIGHER && isnan(none.relative.mean),
	   "or is equal, or higher than nothing");
	static const double a[] = {4}, b[] = {3};
	struct paired drawn = paired_of(a, b, 1, 0.95);
	ok(paired_judge(&drawn) == PAIRED_UNKNOWN, "canary: what was is not known from one replication");
}

/* Which side may be larger decides what still stands. */
static void check_open_pairs(void)
{
	static const double low[] = {1, 2, 3, 4, 5}, high[] = {11, 12.5, 13, 14, 15};
	static const struct {
		bool up, a, b;
		enum paired_verdict verdict;
	} row[] = {
		{true, false, false, PAIRED_HIGHER},    {true, false, true, PAIRED_HIGHER},
		{true, true, false, PAIRED_UNFINISHED}, {true, true, true, PAIRED_UNFINISHED},
		{false, false, false, PAIRED_LOWER},    {false, true, false, PAIRED_LOWER},
		{false, false, true, PAIRED_UNFINISHED},
	};
	int right = 0, rows = sizeof row / sizeof *row;
	for (int i = 0; i < rows; i++) {
		struct paired paired = row[i].up ? paired_of(low, high, 5, 0.95) : paired_of(high, low, 5, 0.95);
		paired.a_at_least = row[i].a;
		paired.b_at_least = row[i].b;
		right += paired_judge(&paired) == row[i].verdict;
	}
	is_int(right, rows, "a difference stands unless the side that may be larger could turn it");
	struct paired same = paired_of(low, low, 5, 0.95);
	same.b_at_least = true;
	ok(paired_judge(&same) == PAIRED_UNFINISHED, "and what is equal so far need not stay so");
}

int main(void)
{
	arena_init(&arena);
	err_init(&err);
	check_warmup();
	check_automatic();
	check_needed();
	check_steps();
	check_paired();
	check_unfinished();
	check_open_pairs();
	check_exact_pairs();
	check_quantiles();
	check_paired_often();
	check_gains();
	check_screen();
	check_knobs();
	arena_free(&arena);
	return done_testing();
}
