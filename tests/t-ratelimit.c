/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rate limits at gateways against closed forms; observers that catch what is planted; faults; two days of a web server
 * to the integer.
 */
#include "measured.h"

static struct outcome *run(const char *variant, const char *over)
{
	return measured("ratelimit", variant, over, NULL);
}

static double count(const struct outcome *outcome, const char *metric)
{
	return measured_value(outcome, "count", metric, 0);
}

static double share(const struct outcome *outcome, const char *metric)
{
	return count(outcome, metric) / count(outcome, "requests");
}

/* The part that is lost of m Poisson arrivals when m are let in: exp(-m) m^m / m!. */
static double lost(double m)
{
	return exp(-m + m * log(m) - lgamma(m + 1));
}

static void check_split(void)
{
	static const struct {
		const char *variant;
		int gateways;
	} row[] = {{"split-4", 4}, {"split-10", 10}, {"split-50", 50}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct outcome *outcome = run(row[i].variant, NULL);
		double m = 100. / row[i].gateways;
		near_to(share(outcome, "refused"), lost(m), 0.005, "a limit of 100 in %d parts refuses e^-m m^m / m!",
			row[i].gateways);
		double denied = share(outcome, "denied");
		ok(denied > lost(m) - lost(100) - 0.005 && denied < lost(m) + 0.005, "of which %.1f %% falsely",
		   100 * denied);
	}
	near_to(share(run("split-10", "{gateways: 1, state: alone}"), "denied"), 0, 0,
		"one gateway refuses nothing that the whole limit would admit");
}

#define SHORT "trace: {windows: [{rate: 10 k/s, for: 1 s}]}"

static void check_race(void)
{
	static const struct {
		const char *over;
		double delay; /* ms */
	} row[] = {{"{one_way: 1 ms, " SHORT "}", 2}, {"{one_way: 5 ms, " SHORT "}", 10}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		double mean = measured_value(run("read-then-count", row[i].over), "mean", "in_window", 0);
		near_to(mean, 100 + 10 * row[i].delay, 4, "read, and counted %g ms later: limit + rate * delay",
			row[i].delay);
	}
	struct outcome *atomic = run("count-at-once", "{" SHORT "}");
	is_int((long long)measured_value(atomic, "max", "in_window", 0), 100, "one script: the limit, in any window");
	is_int((long long)measured_value(atomic, "min", "in_window", 0), 100, "in every window");
}

#define LESS "trace: {windows: [{rate: 1000/s, for: 30 s}]}"

static void check_sync(void)
{
	/* A gateway knows its own tenth at once, and the rest a period late on average. */
	double overshoot = measured_value(run("sync-100ms", "{" LESS "}"), "mean", "in_window", 0) - 200;
	near_to(overshoot, 0.9 * 1000 * 0.1, 4, "ten gateways in step with nobody: 9/10 of what comes in a period");
	overshoot = measured_value(run("sync-100ms", "{gateways: 4, " LESS "}"), "mean", "in_window", 0) - 200;
	near_to(overshoot, 0.75 * 1000 * 0.1, 4, "four: 3/4 of it");
	overshoot = measured_value(run("sync-100ms", "{gateways: 1, " LESS "}"), "mean", "in_window", 0) - 200;
	near_to(overshoot, 0, 0, "one: none");
}

/* The observers say nothing where nothing is wrong, and find what is. */
static void check_observers(void)
{
	struct outcome *log = run("sliding-log", NULL), *fixed = run("edge-fixed", NULL);
	is_int((long long)(count(log, "too_many") + count(log, "too_few")), 0, "an exact log agrees with the observer");
	is_int((long long)measured_value(log, "max", "trailing", 0), 100, "and lets the limit through in any minute");
	ok(count(fixed, "too_many") >= 100 && measured_value(fixed, "max", "watched", 0) == 200,
	   "canary: the burst around the end of a fixed window is found");
	struct outcome *two = run("sliding-log", "{gateways: 2, state: alone}");
	ok(count(two, "too_many") > 50 && measured_value(two, "max", "trailing", 0) == 200,
	   "canary: two gateways that know nothing of each other are found");
	is_int((long long)count(run("gcra", "{beside: token-bucket}"), "different"), 0, "gcra as the bucket beside it");
	ok(count(run("gcra", "{beside: token-bucket, burst: 50}"), "refused") > count(run("gcra", NULL), "refused"),
	   "a smaller burst refuses more");
	for (int i = 0; i < 2; i++) {
		struct outcome *any = run(i ? "fail-alone" : "clocks-differ", NULL);
		is_int((long long)(count(any, "admitted") + count(any, "refused") - count(any, "requests")), 0,
		       "every request is decided");
	}
}

#define ASKED "{limiter: token-bucket, gateways: 2, state: shared, fails: closed, "
#define FLOOD "faults: [{at: 10 s, for: 170 s, kind: flood, target: client 5000, rate: 20/s}"
#define AT(kind) "faults: [{at: 1 min, for: 1 min, kind: " kind "}]}"

static void check_faults(void)
{
	struct outcome *calm = run("fail-open", ASKED "faults: []}");
	is_int((long long)count(calm, "unanswered"), 0, "a store that is reached answers");
	near_to(measured_value(calm, "p50", "decision", 0), 510e-6, 1e-6, "after the way there, 10 us, and back");
	struct outcome *cut = run("fail-open", ASKED AT("cut"));
	is_int((long long)measured_value(cut, "count", "admitted", 2), 0, "cut: nothing is admitted");
	near_to(measured_value(cut, "min", "decision", 2), 50e-3, 0, "after the timeout");
	struct outcome *deaf = run("fail-open", ASKED AT("cut-back"));
	is_int((long long)measured_value(deaf, "count", "admitted", 2), 0, "cut on the way back: the same");
	struct outcome *slow = run("fail-open", ASKED "faults: [{at: 1 min, for: 1 min, kind: slow-store, "
						"factor: 5000}]}");
	ok(measured_value(slow, "count", "unanswered", 2) > 1000, "a store that is too slow does not answer in time");
	struct outcome *again = run("fail-open", ASKED FLOOD ", {at: 1 min, for: 1 ms, kind: restart-store}]}");
	struct outcome *flood = run("fail-open", ASKED FLOOD "]}");
	near_to(count(flood, "refused") - count(again, "refused"), 100 * 4, 12,
		"a store that begins empty gives the flood a full bucket once more, in each of four replications");
}

static void refuses(const char *over, const char *words)
{
	measured_refuses("ratelimit", over, words);
}

static void check_mistakes(void)
{
	refuses("{run: {variants: [split-10]}, model: {gateways: 3}}", "multiples of the number of gateways");
	refuses("{run: {variants: [sync-100ms]}, model: {limiter: gcra}}", "needs limiter: fixed-window");
	refuses("{run: {variants: [sync-100ms]}, model: {sync: 2 s}}", "sync is longer than the window");
	refuses("{model: {window: 30 d, limit: 10 M}}", "too large");
	refuses("{run: {variants: [twins]}, faults: [{at: 1 s, for: 1 s, kind: set-back, target: gateway 1}]}",
		"gateway");
}

static void check_days(void)
{
	enum { ROWS = 8 };
	static const struct {
		const char *variant;
		int64_t july, august;
	} row[ROWS] = {
		{"bucket-10s", 1123, 1830}, {"gcra-10s", 1123, 1830}, {"bucket-5s", 58, 285}, {"bucket-1s", 0, 28},
		{"bucket-all", 455, 50}, {"windows-60s", 21, 141}, {"windows-10s", 103, 437},
		{"counter-60s", 29, 175}, /* the last is ours: what this limiter refuses */
	};
	const char *july = measured_trace("web_nasa_1995-07-01.csv");
	const char *august = measured_trace("web_nasa_1995-08-01.csv");
	if (!july || !august) {
		skip(2 * ROWS, "the public traces are not there (CASEBOOK_TRACES)");
		return;
	}
	for (int i = 0; i < ROWS; i++) {
		is_int((long long)count(measured("ratelimit-nasa", row[i].variant, NULL, july), "refused"), row[i].july,
		       "July: %s", row[i].variant);
		is_int((long long)count(measured("ratelimit-nasa", row[i].variant, NULL, august), "refused"),
		       row[i].august, "August: %s", row[i].variant);
	}
}

int main(void)
{
	arena_init(&measured_arena);
	check_split();
	check_race();
	check_sync();
	check_observers();
	check_faults();
	check_mistakes();
	check_days();
	measured_free();
	return done_testing();
}
