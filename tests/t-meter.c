/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Meters: levels by hand, windows and warm-up, the series against sums over single nanoseconds, merging. */
#include "engine/meter.h"
#include "engine/rng.h"
#include "tap.h"

enum { LATENCY, SIZE, ERRORS, QUEUE };
static const struct metric metrics[] = {
	[LATENCY] = {"latency", METRIC_TIME, NULL, "how long it took"},
	[SIZE] = {"size", METRIC_AMOUNT, "bytes", "how much it was"},
	[ERRORS] = {"errors", METRIC_COUNT, NULL, "how often it failed"},
	[QUEUE] = {"queue", METRIC_LEVEL, "customers", "how many wait"},
	{NULL, METRIC_COUNT, NULL, NULL}
};

static struct arena arena;

static double average(const struct meters *meters, int metric)
{
	return (double)meters->meter[metric].level.area / (double)meters->counted;
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
	const struct meter *queue = &meters.meter[QUEUE];
	is_int((long long)queue->level.area, 2 * 10 + 5 * 20 + 3 * 65,
	       "the area below a level is as worked out by hand");
	near_to(average(&meters, QUEUE), 3, 1e-15, "its time average is 315 / 105");
	is_int(queue->level.greatest, 9, "the greatest is 9, even for an instant");
	static const int area[] = {20, 50, 50, 0, 30, 30, 30, 30, 30, 30, 15, 0};
	int wrong = 0;
	for (int b = 0; b < 12; b++)
		wrong += queue->bin_area[b] != (hist_sum)area[b];
	ok(wrong == 0 && meters.bins == 11, "and so is its area in each bin of the series");
	is_int(meters.counted, 105, "105 ns were measured");
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
	const struct meter *latency = &meters.meter[LATENCY], *errors = &meters.meter[ERRORS],
			   *queue = &meters.meter[QUEUE];
	is_int(meters.windows, 2, "there are two windows");
	ok(meters.window[0].label == 19000 && meters.window[1].start == 1000 && meters.window[1].label == 19500,
	   "they have their start and label");
	ok(meters.window[0].counted == 900 && meters.window[1].counted == 400 && meters.counted == 1300,
	   "each is measured from the end of its warm-up");
	ok(meters.window[0].rows == 2 && meters.window[1].rows == 1, "rows within the warm-up are not counted");
	ok(latency->whole.count == 3 && latency->whole.sum == 11 + 300 + 13,
	   "what began in the warm-up is left out of the whole");
	ok(latency->window[0].count == 2 && latency->window[0].greatest == 300 && latency->window[1].count == 1 &&
	   latency->window[1].greatest == 13, "a request is booked in the window of its arrival");
	ok(meters.meter[SIZE].whole.sum == 4096 && meters.meter[SIZE].window[1].count == 1,
	   "amounts are booked as times are");
	ok(errors->total == 13 && errors->window_total[0] == 3 && errors->window_total[1] == 10, "and so are counts");
	ok(queue->level.area == 4 * 1300 && queue->window_area[0] == 4 * 900 && queue->window_area[1] == 4 * 400,
	   "a level counts from the end of the warm-up on");
	is_int(queue->level.greatest, 4, "the greatest level outside of the warm-up is 4, set within it");
	uint64_t records = 0, counts = 0;
	hist_sum area = 0;
	for (int b = 0; b < meters.bins; b++) {
		records += latency->bin[b].count;
		counts += errors->bin_total[b];
		area += queue->bin_area[b];
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
	const struct meter *queue = &meters.meter[QUEUE];
	ok(meters.window[0].counted == 400 && meters.window[1].counted == 400 && meters.counted == 800,
	   "the gap after a window is not measured");
	ok(queue->window_area[0] == 3 * 300 && queue->window_area[1] == 2 * 400 && queue->level.area == 1700,
	   "nor do levels count in it");
	is_int(queue->level.greatest, 3, "nor for the greatest");
	is_int((long long)meters.meter[LATENCY].window[0].count, 1, "what began before the gap counts");
}

/* A replay of LENGTH ns, recorded in meters and by single nanoseconds. */
enum { LENGTH = 30000 };

struct naive {
	uint64_t records[LENGTH], errors[LENGTH], level[LENGTH];
	hist_sum sum[LENGTH];
};

static void replay(struct meters *meters, struct naive *naive, uint64_t seed, int64_t length, int64_t width)
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
		const struct hist *bin = &meters->meter[LATENCY].bin[b];
		wrong += bin->count != records || bin->sum != sum || meters->meter[ERRORS].bin_total[b] != errors ||
			 meters->meter[QUEUE].bin_area[b] != area;
	}
	return wrong;
}

static void test_series(void)
{
	static struct naive naive;
	static const int64_t widths[] = {1, 3, 50, 100, 100000};
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct meters meters;
		replay(&meters, &naive, 1, LENGTH, widths[i]);
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
	const struct hist *first = &meters.meter[LATENCY].bin[0];
	ok(first->count == 5 && first->sum == 510 && first->least == 100 && first->greatest == 104 &&
		   meters.meter[LATENCY].bin[(INT64_C(1) << 50) / meters.bin_width].count == 1,
	   "a jump of 13 days is folded at once");
}

static void test_merge(void)
{
	struct meters one, two, longer, into, other;
	replay(&one, NULL, 1, 9000, 10);
	replay(&two, NULL, 2, 9000, 10);
	replay(&longer, NULL, 3, 9000, 10);
	/* The same load may outgrow the bins in one replication and not in the next. */
	meter_count(&longer, ERRORS, 25000, 3);
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
		records += all[i]->meter[LATENCY].whole.count;
		size_sum += (uint64_t)all[i]->meter[SIZE].window[1].sum;
		errors += all[i]->meter[ERRORS].total;
		late_errors += all[i]->meter[ERRORS].window_total[1];
		area += all[i]->meter[QUEUE].level.area;
		late_area += all[i]->meter[QUEUE].window_area[1];
		rows += all[i]->window[0].rows + all[i]->window[1].rows;
		counted += all[i]->counted;
		if (all[i]->meter[QUEUE].level.greatest > greatest)
			greatest = all[i]->meter[QUEUE].level.greatest;
	}
	ok(into.meter[LATENCY].whole.count == records && into.meter[SIZE].window[1].sum == size_sum,
	   "distributions add up");
	ok(into.meter[ERRORS].total == errors && into.meter[ERRORS].window_total[1] == late_errors, "counts add up");
	ok(into.meter[QUEUE].level.area == area && into.meter[QUEUE].window_area[1] == late_area &&
		   into.counted == counted && into.meter[QUEUE].level.greatest == greatest,
	   "levels and the measured time add up");
	ok(into.window[0].rows + into.window[1].rows == rows && into.windows == 2, "rows of each window add up");
	uint64_t bin_records = 0, bin_errors = 0;
	hist_sum bin_area = 0;
	for (int b = 0; b < into.bins; b++) {
		bin_records += into.meter[LATENCY].bin[b].count;
		bin_errors += into.meter[ERRORS].bin_total[b];
		bin_area += into.meter[QUEUE].bin_area[b];
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
	booking_work((struct booking){&meters, ERRORS}, 2, 40);
	booking_level((struct booking){&meters, QUEUE}, 3, 4);
	struct booking nowhere = {0};
	booking_record(nowhere, 1, 7);
	booking_count(nowhere, 2, 3);
	booking_work(nowhere, 2, 40);
	booking_level(nowhere, 3, 4);
	meters_end(&meters, 13);
	ok(meters.meter[LATENCY].whole.count == 1 && meters.meter[ERRORS].total == 43 &&
		   meters.meter[QUEUE].level.area == 40,
	   "what is booked is in the metric that was handed over; without meters, nowhere");
}

int main(void)
{
	arena_init(&arena);
	test_level();
	test_windows();
	test_gap();
	test_series();
	test_merge();
	test_booking();
	is_int(metric_find(metrics, "errors"), ERRORS, "a metric is found by its name");
	is_int(metric_find(metrics, "error"), -1, "and only by its whole name");
	arena_free(&arena);
	return done_testing();
}
