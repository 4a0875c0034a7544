/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Meters: levels by hand, windows and warm-up, the series against sums over single nanoseconds, merging. */
#include "engine/meter.h"
#include "engine/rng.h"
#include "tap.h"

#include <sys/wait.h>
#include <unistd.h>

#define METRICS(METRIC) \
	METRIC(LATENCY, latency, TIME, NULL, "how long it took") \
	METRIC(SIZE, size, AMOUNT, "bytes", "how much it was") \
	METRIC(ERRORS, errors, COUNT, NULL, "how often it failed") \
	METRIC(CORES, cores, WORK, NULL, "time of cores") \
	METRIC(QUEUE, queue, LEVEL, "customers", "how many wait") \
	METRIC(SHARE, share, LEVEL, "of all", "a ratio", .scale = 0.001)
METRIC_TABLE(metrics, METRICS);

static struct arena arena;

static double average(const struct meters *meters, int metric)
{
	return (double)meter_total(meters, metric, -1) / (double)meters->counted;
}

static void test_level(void)
{
	struct meters meters;
	meters_init(&meters, &arena, metrics, 0, 10);
	meters_window(&meters, 0, 0);
	meter_level(&meters, QUEUE, 0, 2);
	meter_level(&meters, QUEUE, 10, 5);
	meter_level(&meters, QUEUE, 25, 9);
	meter_level(&meters, QUEUE, 25, 5); /* for no time at all */
	meter_level(&meters, QUEUE, 30, 0);
	meter_level(&meters, QUEUE, 40, 3);
	meters_end(&meters, 105);
	is_int((long long)meter_total(&meters, QUEUE, -1), 2 * 10 + 5 * 20 + 3 * 65,
	       "the area below a level is as worked out by hand");
	near_to(average(&meters, QUEUE), 3, 1e-15, "its time average is 315 / 105");
	is_int(meter_greatest(&meters, QUEUE, -1), 9, "the greatest is 9, even for an instant");
	static const int area[] = {20, 50, 50, 0, 30, 30, 30, 30, 30, 30, 15, 0};
	int wrong = 0;
	for (int b = 0; b < 12; b++)
		wrong += meter_bin_total(&meters, QUEUE, b) != (hist_sum)area[b];
	ok(wrong == 0 && meters.bins == 11, "and so is its area in each bin of the series");
	is_int(meters.counted, 105, "105 ns were measured");
}

static void test_unfinished(void)
{
	struct meters meters, other, sum;
	struct meters *each[] = {&meters, &other};
	for (int i = 0; i < 2; i++) {
		meters_init(each[i], &arena, metrics, 10, 50);
		meters_window(each[i], 0, 1);
		meters_window(each[i], 100, 2);
		meters_window(each[i], 200, 1);
		meters_unfinished(each[i], 250, 50); /* of the latest first, as a replay tells them */
		meters_unfinished(each[i], 150, 150);
		meters_unfinished(each[i], 105, 195); /* in the warm-up */
		meters_unfinished(each[i], 20, 280);
		meters_end(each[i], 300);
	}
	is_int(meters.windows, 2, "a window that comes again is one");
	const struct hist *first = meter_unfinished(&meters, 0), *second = meter_unfinished(&meters, 1);
	ok(first->count == 2 && first->least == 50 && first->greatest == 280, "what had not ended is in its window");
	ok(second->count == 1 && second->least == 150, "but for what came in the warm-up");
	is_int((long long)meter_unfinished(&meters, -1)->count, 3, "and in the whole");
	meters_init(&sum, &arena, metrics, 10, 50);
	meters_merge(&sum, &meters);
	meters_merge(&sum, &other);
	ok(meter_unfinished(&sum, 0)->count == 4 && meter_unfinished(&sum, -1)->count == 6 && first->count == 2,
	   "merged, it is that of both");
	struct meters none;
	meters_init(&none, &arena, metrics, 0, 50);
	meters_window(&none, 0, 1);
	meters_end(&none, 10);
	ok(meter_unfinished(&none, 0)->count == 0 && meter_unfinished(&none, -1)->count == 0, "canary: or nothing");
}

static void test_windows(void)
{
	struct meters meters;
	meters_init(&meters, &arena, metrics, 100, 50);
	meters_window(&meters, 0, 19000);
	meters_row(&meters, 20);
	meter_level(&meters, QUEUE, 50, 4);  /* in the warm-up, and after it */
	meter_level(&meters, QUEUE, 60, 99); /* in the warm-up only */
	meter_level(&meters, QUEUE, 70, 4);
	meter_record(&meters, LATENCY, 20, 7);
	meter_record(&meters, LATENCY, 100, 11);
	meter_count(&meters, ERRORS, 99, 5);
	meter_count(&meters, ERRORS, 100, 2);
	meters_row(&meters, 150);
	meters_row(&meters, 160);
	meters_window(&meters, 1000, 19500);
	meter_record(&meters, LATENCY, 900, 300);  /* began in the window before */
	meter_record(&meters, LATENCY, 1050, 500); /* began in the warm-up of this one */
	meter_record(&meters, LATENCY, 1100, 13);
	meter_record(&meters, SIZE, 1200, 4096);
	meter_count(&meters, ERRORS, 990, 1);
	meter_count(&meters, ERRORS, 1499, 10);
	meters_row(&meters, 1050);
	meters_row(&meters, 1100);
	meters_end(&meters, 1500);
	const struct hist *latency[] = {meter_hist(&meters, LATENCY, 0), meter_hist(&meters, LATENCY, 1)};
	is_int(meters.windows, 2, "there are two windows");
	ok(meters.window[0].label == 19000 && meters.window[1].start == 1000 && meters.window[1].label == 19500,
	   "they have their start and label");
	ok(meters.window[0].counted == 900 && meters.window[1].counted == 400 && meters.counted == 1300,
	   "each is measured from the end of its warm-up");
	ok(meters.window[0].rows == 2 && meters.window[1].rows == 1, "rows within the warm-up are not counted");
	ok(meters.meter[LATENCY].whole.count == 3 && meters.meter[LATENCY].whole.sum == 11 + 300 + 13,
	   "what began in the warm-up is left out of the whole");
	ok(latency[0]->count == 2 && latency[0]->greatest == 300 && latency[1]->count == 1 &&
	   latency[1]->greatest == 13, "a request is booked in the window of its arrival");
	ok(meter_hist(&meters, SIZE, -1)->sum == 4096 && meter_hist(&meters, SIZE, 1)->count == 1,
	   "amounts are booked as times are");
	ok(meter_total(&meters, ERRORS, -1) == 13 && meter_total(&meters, ERRORS, 0) == 3 &&
		   meter_total(&meters, ERRORS, 1) == 10,
	   "and so are counts");
	ok(meter_total(&meters, QUEUE, -1) == 4 * 1300 && meter_total(&meters, QUEUE, 0) == 4 * 900 &&
		   meter_total(&meters, QUEUE, 1) == 4 * 400,
	   "a level counts from the end of the warm-up on");
	is_int(meter_greatest(&meters, QUEUE, -1), 4, "the greatest level outside of the warm-up is 4, set within it");
	uint64_t records = 0, counts = 0;
	hist_sum area = 0;
	for (int b = 0; b < meters.bins; b++) {
		records += meter_bin_hist(&meters, LATENCY, b)->count;
		counts += (uint64_t)meter_bin_total(&meters, ERRORS, b);
		area += meter_bin_total(&meters, QUEUE, b);
	}
	ok(records == 5 && counts == 18 && area == 4 * 1440 + 99 * 10, "the series holds the warm-up too");

	struct meters empty;
	meters_init(&empty, &arena, metrics, 100, 50);
	meters_end(&empty, 80);
	ok(empty.windows == 1 && empty.counted == 0, "a replay that ends within the warm-up has measured nothing");
}

static void test_gap(void)
{
	struct meters meters;
	meters_init(&meters, &arena, metrics, 100, 50);
	meters_window(&meters, 0, 1);
	meters_window_lasts(&meters, 500);
	meter_level(&meters, QUEUE, 200, 3);
	meter_record(&meters, LATENCY, 499, 1000); /* ends in the gap, but began before it */
	meter_level(&meters, QUEUE, 600, 7);       /* in the gap only */
	meter_level(&meters, QUEUE, 700, 2);
	meters_window(&meters, 800, 2);
	meters_window_lasts(&meters, 500);
	meters_end(&meters, 2000);
	ok(meters.window[0].counted == 400 && meters.window[1].counted == 400 && meters.counted == 800,
	   "the gap after a window is not measured");
	ok(meter_total(&meters, QUEUE, 0) == 3 * 300 && meter_total(&meters, QUEUE, 1) == 2 * 400 &&
		   meter_total(&meters, QUEUE, -1) == 1700,
	   "nor do levels count in it");
	is_int(meter_greatest(&meters, QUEUE, -1), 3, "nor for the greatest");
	ok(meter_greatest(&meters, QUEUE, 0) == 3 && meter_greatest(&meters, QUEUE, 1) == 2,
	   "each window has a greatest of its own; what it begins with counts");
	is_int((long long)meter_hist(&meters, LATENCY, 0)->count, 1, "what began before the gap counts");
}

/* A replay of LENGTH ns, recorded in meters and by single nanoseconds. */
enum { LENGTH = 30000 };

struct naive {
	uint64_t records[LENGTH], errors[LENGTH], level[LENGTH];
	hist_sum sum[LENGTH];
};

/* `late`: an error so long after the end, or -1. */
static void replay(struct meters *meters, struct naive *naive, uint64_t seed, int64_t length, int64_t width,
		   int64_t late)
{
	struct rng rng = rng_start(rng_stream(seed, 0, "meters"));
	int64_t level = 0;
	if (naive)
		memset(naive, 0, sizeof *naive);
	meters_init(meters, &arena, metrics, 0, width);
	meters_window(meters, 0, 0);
	for (int64_t now = 0; now < length; now++) {
		if (rng_below(&rng, 10) == 0) {
			int64_t when = now - (int64_t)rng_below(&rng, (uint64_t)(now < 500 ? now : 500) + 1);
			int64_t value = (int64_t)rng_below(&rng, 1000);
			meter_record(meters, LATENCY, when, value);
			meter_record(meters, SIZE, now, value);
			meters_row(meters, now);
			if (naive) {
				naive->records[when]++;
				naive->sum[when] += (uint64_t)value;
			}
		}
		if (rng_below(&rng, 7) == 0) {
			meter_count(meters, ERRORS, now, 1 + (uint64_t)now % 3);
			if (naive)
				naive->errors[now] += 1 + (uint64_t)now % 3;
		}
		if (rng_below(&rng, 50) == 0) {
			level = (int64_t)rng_below(&rng, 5);
			meter_level(meters, QUEUE, now, level);
		}
		if (now == length / 2)
			meters_window(meters, now, 1);
		if (naive)
			naive->level[now] = (uint64_t)level;
	}
	if (late >= 0)
		meter_count(meters, ERRORS, length + late, 3);
	meters_end(meters, length);
}

/* How many bins of the series differ from the sums over their nanoseconds, moved by `shift`. */
static int wrong_bins(const struct meters *meters, const struct naive *naive, int shift)
{
	int wrong = 0;
	for (int b = 0; b < METER_BINS; b++) {
		uint64_t records = 0, errors = 0, area = 0;
		hist_sum sum = 0;
		for (int64_t i = 0; i < meters->bin_width; i++) {
			int64_t at = b * meters->bin_width + i + shift;
			if (at >= LENGTH)
				break;
			records += naive->records[at];
			sum += naive->sum[at];
			errors += naive->errors[at];
			area += naive->level[at];
		}
		const struct hist *bin = meter_bin_hist(meters, LATENCY, b);
		wrong += bin->count != records || bin->sum != sum || meter_bin_total(meters, ERRORS, b) != errors ||
			 meter_bin_total(meters, QUEUE, b) != area;
	}
	return wrong;
}

static void test_series(void)
{
	static struct naive naive;
	static const int64_t widths[] = {1, 3, 50, 100, 100000};
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct meters meters;
		replay(&meters, &naive, 1, LENGTH, widths[i], -1);
		int wrong = wrong_bins(&meters, &naive, 0);
		ok(wrong == 0 && meters.bins * meters.bin_width >= LENGTH && meters.bins <= METER_BINS,
		   "bins of %lld ns, folded to %lld ns, hold what lies in them", (long long)widths[i],
		   (long long)meters.bin_width);
		if (i == 0)
			ok(wrong_bins(&meters, &naive, 1) > 0, "canary: a shift of 1 ns is noticed");
	}
	/* One jump over many foldings at once. */
	struct meters meters;
	meters_init(&meters, &arena, metrics, 0, 1);
	meters_window(&meters, 0, 0);
	for (int i = 0; i < 5; i++)
		meter_record(&meters, LATENCY, i, 100 + i);
	meter_record(&meters, LATENCY, INT64_C(1) << 50, 1);
	const struct hist *first = meter_bin_hist(&meters, LATENCY, 0);
	ok(first->count == 5 && first->sum == 510 && first->least == 100 && first->greatest == 104 &&
		   meter_bin_hist(&meters, LATENCY, (int)((INT64_C(1) << 50) / meters.bin_width))->count == 1,
	   "a jump of 13 days is folded at once");
}

static void test_merge(void)
{
	struct meters one, two, longer, into, other;
	replay(&one, NULL, 1, 9000, 10, -1);
	replay(&two, NULL, 2, 9000, 10, -1);
	/* The same load may outgrow the bins in one replication and not in the next. */
	replay(&longer, NULL, 3, 9000, 10, 16000);
	ok(one.bin_width == 20 && longer.bin_width == 80, "replications have bins of different width");

	meters_init(&into, &arena, metrics, 0, 10);
	meters_merge(&into, &one);
	ok(meters_digest(&into, 1) == meters_digest(&one, 1), "merged into nothing, a replication is the same");
	meters_merge(&into, &two);
	meters_merge(&into, &longer);
	meters_init(&other, &arena, metrics, 0, 10);
	meters_merge(&other, &longer);
	meters_merge(&other, &two);
	meters_merge(&other, &one);
	ok(meters_digest(&into, 1) == meters_digest(&other, 1), "the order of merging does not matter");
	const struct meters *all[] = {&one, &two, &longer};
	uint64_t records = 0, errors = 0, late_errors = 0, rows = 0, size_sum = 0;
	int64_t counted = 0, greatest = 0;
	hist_sum area = 0, late_area = 0;
	for (int i = 0; i < 3; i++) {
		records += meter_hist(all[i], LATENCY, -1)->count;
		size_sum += (uint64_t)meter_hist(all[i], SIZE, 1)->sum;
		errors += (uint64_t)meter_total(all[i], ERRORS, -1);
		late_errors += (uint64_t)meter_total(all[i], ERRORS, 1);
		area += meter_total(all[i], QUEUE, -1);
		late_area += meter_total(all[i], QUEUE, 1);
		rows += all[i]->window[0].rows + all[i]->window[1].rows;
		counted += all[i]->counted;
		if (meter_greatest(all[i], QUEUE, -1) > greatest)
			greatest = meter_greatest(all[i], QUEUE, -1);
	}
	ok(meter_hist(&into, LATENCY, -1)->count == records && meter_hist(&into, SIZE, 1)->sum == size_sum,
	   "distributions add up");
	ok(meter_total(&into, ERRORS, -1) == errors && meter_total(&into, ERRORS, 1) == late_errors, "counts add up");
	ok(meter_total(&into, QUEUE, -1) == area && meter_total(&into, QUEUE, 1) == late_area &&
		   into.counted == counted && meter_greatest(&into, QUEUE, -1) == greatest,
	   "levels and the measured time add up");
	ok(into.window[0].rows + into.window[1].rows == rows && into.windows == 2, "rows of each window add up");
	uint64_t bin_records = 0, bin_errors = 0;
	hist_sum bin_area = 0;
	for (int b = 0; b < into.bins; b++) {
		bin_records += meter_bin_hist(&into, LATENCY, b)->count;
		bin_errors += (uint64_t)meter_bin_total(&into, ERRORS, b);
		bin_area += meter_bin_total(&into, QUEUE, b);
	}
	ok(bin_records == records && bin_errors == errors && bin_area == area, "the series add up");

	uint64_t before = meters_digest(&into, 1);
	meter_record(&into, LATENCY, 8000, 5);
	ok(meters_digest(&into, 1) != before, "canary: one record more changes the digest");
	ok(meters_digest(&one, 1) != meters_digest(&two, 1) && meters_digest(&one, 1) != meters_digest(&one, 2),
	   "canary: other draws and other seeds have other digests");
}

static void test_booking(void)
{
	struct meters meters;
	meters_init(&meters, &arena, metrics, 0, 10);
	meters_window(&meters, 0, 0);
	booking_record((struct booking){&meters, LATENCY}, 1, 7);
	booking_count((struct booking){&meters, ERRORS}, 2, 3);
	booking_work((struct booking){&meters, CORES}, 2, 40);
	booking_level((struct booking){&meters, QUEUE}, 3, 4);
	struct booking nowhere = {0};
	booking_record(nowhere, 1, 7);
	booking_count(nowhere, 2, 3);
	booking_work(nowhere, 2, 40);
	booking_level(nowhere, 3, 4);
	meters_end(&meters, 13);
	ok(meter_hist(&meters, LATENCY, -1)->count == 1 && meter_total(&meters, ERRORS, -1) == 3 &&
		   meter_total(&meters, CORES, -1) == 40 && meter_total(&meters, QUEUE, -1) == 40,
	   "what is booked is in the metric that was handed over; without meters, nowhere");
}

/* The standard deviation of a replay by single nanoseconds, or records. */
static double deviation(const uint64_t *weight, const hist_sum *sum, int from, int to)
{
	double all = 0, mean = 0, squares = 0;
	for (int i = from; i < to; i++) {
		all += (double)weight[i];
		mean += (double)sum[i];
	}
	mean /= all;
	for (int i = from; i < to; i++)
		if (weight[i])
			squares += (double)weight[i] * pow((double)sum[i] / (double)weight[i] - mean, 2);
	return sqrt(squares / all);
}

static void test_deviation(void)
{
	static struct naive naive;
	static hist_sum level[LENGTH];
	static uint64_t each[LENGTH];
	struct meters one, two, both;
	replay(&one, &naive, 5, LENGTH, 10, -1);
	for (int i = 0; i < LENGTH; i++) {
		level[i] = naive.level[i];
		each[i] = 1;
	}
	/* The window ends after the level of its last nanosecond has been set. */
	double whole = deviation(each, level, 0, LENGTH), late = deviation(each, level, LENGTH / 2, LENGTH);
	near_to(meter_level_deviation(&one, QUEUE, -1), whole, 1e-9, "the deviation of a level, ns by ns");
	near_to(meter_level_deviation(&one, QUEUE, 1), late, 1e-9, "in the second window");
	ok(fabs(whole - late) > 1e-6, "canary: which is another one");
	replay(&two, NULL, 6, LENGTH, 10, -1);
	meters_init(&both, &arena, metrics, 0, 10);
	meters_merge(&both, &one);
	meters_merge(&both, &two);
	double a = average(&one, QUEUE), b = average(&two, QUEUE), x = meter_level_deviation(&one, QUEUE, -1),
	       y = meter_level_deviation(&two, QUEUE, -1);
	near_to(meter_level_deviation(&both, QUEUE, -1), sqrt((x * x + y * y) / 2 + (a - b) * (a - b) / 4), 1e-9,
		"merged, by the law of total variance");
	/* Squares of these need 160 bits; they differ by what a double cannot tell from nothing. */
	struct meters large;
	const int64_t high = INT64_C(1) << 62;
	meters_init(&large, &arena, metrics, 0, 1 << 20);
	meters_window(&large, 0, 0);
	for (int i = 0; i < 1000; i++) {
		meter_level(&large, QUEUE, i * 1000000, high + i % 2 * 6);
		meter_record(&large, LATENCY, i * 1000000, high + i % 2 * 6);
	}
	meters_end(&large, 1000000000);
	near_to(meter_level_deviation(&large, QUEUE, -1), 3, 1e-12, "2^62 and 2^62 + 6 deviate by 3");
	near_to(hist_deviation(meter_hist(&large, LATENCY, -1)), 3, 1e-12, "recorded too");
	near_to(hist_deviation(meter_hist(&large, SIZE, -1)), 0, 0, "nothing does not deviate");
	near_to(metric_scale(&metrics[SHARE]) + metric_scale(&metrics[CORES]) + metric_scale(&metrics[ERRORS]),
		1.001000001, 1e-15, "a scale is the row's, of times a billionth, else 1");
}

/* Whether booking ends in a failed CHECK. In a process of its own, which says nothing. */
static bool refused(enum metric_kind kind, int metric)
{
	struct meters meters;
	meters_init(&meters, &arena, metrics, 0, 10);
	meters_window(&meters, 0, 0);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(1);
		if (kind == METRIC_COUNT)
			meter_count(&meters, metric, 1, 1);
		else if (kind == METRIC_WORK)
			meter_work(&meters, metric, 1, 1);
		else if (kind == METRIC_LEVEL)
			meter_level(&meters, metric, 1, 1);
		else
			meter_record(&meters, metric, 1, 1);
		_exit(0);
	}
	int status;
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 99;
}

static void test_bounds(void)
{
	static const enum metric_kind kinds[] = {METRIC_TIME, METRIC_AMOUNT, METRIC_COUNT, METRIC_WORK, METRIC_LEVEL};
	int wrong = 0;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		wrong += !refused(kinds[k], -1) + !refused(kinds[k], metrics_count) + !refused(kinds[k], 1 << 30);
		for (int m = 0; m < metrics_count; m++) {
			bool distributions = metric_is_distribution(&metrics[m]) && kinds[k] <= METRIC_AMOUNT;
			wrong += refused(kinds[k], m) == (distributions || metrics[m].kind == kinds[k]);
		}
	}
	is_int(wrong, 0, "what is booked into no metric, or one of another kind, is refused; nothing else is");
}

/* A graph of services with two distributions each begins small. */
static void test_memory(void)
{
	enum { SERVICES = 1000, ROWS = 6 * SERVICES };
	static struct metric rows[ROWS + 1];
	struct arena own;
	struct meters meters;
	arena_init(&own);
	for (int i = 0; i < ROWS; i++)
		rows[i] = metrics[i % 6];
	meters_init(&meters, &own, rows, 0, 1000000);
	meters_window(&meters, 0, 0);
	ok(own.bytes < 10000000, "%d metrics take %zu bytes before anything happens", ROWS, own.bytes);
	size_t before = own.bytes;
	for (int i = 0; i < ROWS; i++)
		if (rows[i].kind == METRIC_TIME)
			meter_record(&meters, i, 5, 1000000);
	meters_end(&meters, 10000000);
	ok(own.bytes > before && own.bytes < 60000000, "and %zu when each of %d times was booked", own.bytes, SERVICES);
	arena_free(&own);
}

int main(void)
{
	arena_init(&arena);
	test_level();
	test_windows();
	test_unfinished();
	test_gap();
	test_series();
	test_merge();
	test_booking();
	test_deviation();
	test_memory();
	test_bounds();
	is_int(metric_find(metrics, "errors"), ERRORS, "a metric is found by its name");
	is_int(metric_find(metrics, "error"), -1, "and only by its whole name");
	arena_free(&arena);
	return done_testing();
}
