/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The station against what queueing theory says, and two public traces replayed to the last digit.
 *
 * Theory: ten seeds, and a 99 % interval of their mean that must hold the closed form, be narrow, and not hold what the
 * form says of another load (the canary). Traces: ../shared/traces, or CASEBOOK_TRACES; left out when absent.
 */
#include "flow.h"
#include "io/tracefile.h"
#include "io/yaml.h"
#include "run/replay.h"
#include "stats/interval.h"
#include "tap.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEDS = 10 };
static const double confidence = 0.99;

static struct arena arena;
static struct err err;

static void give_up(const char *what)
{
	bail("%s: %s:%d: %s", what, err.message[0].file, err.message[0].line, err.message[0].text);
}

static struct study *study_of(const char *path, struct tree *tree, struct tree *over)
{
	static const struct study_files files = {NULL, NULL, NULL, NULL};
	struct study *study = study_load(&arena, path, tree, over, &files, &err);
	if (!study)
		give_up(path);
	return study;
}

/* ---- closed forms ---- */

/* The chance that all of c servers are busy, offered `load` Erlang; without waiting places (B) and with (C). */
static double erlang_b(int c, double load)
{
	double b = 1;
	for (int k = 1; k <= c; k++)
		b = load * b / (k + load * b);
	return b;
}

static double erlang_c(int c, double load)
{
	double b = erlang_b(c, load);
	return b / (1 - load / c * (1 - b));
}

/* Mean wait, in the unit of the mean service time. */
static double wait_of_mmc(int c, double load)
{
	return erlang_c(c, load) / (c - load);
}

/* The same of M/G/1 (Pollaczek and Khinchine). */
static double wait_of_mg1(double load, double cv2)
{
	return load / (1 - load) * (1 + cv2) / 2;
}

/* ---- a station that is measured ---- */

struct measured {
	double wait[SEEDS], p99_response[SEEDS], delayed[SEEDS], blocked[SEEDS], queue[SEEDS], busy[SEEDS], rate[SEEDS];
	double sd_response[SEEDS], sd_busy[SEEDS];
};

static double per_ns(const struct replay *replay, hist_sum area)
{
	return (double)area / (double)replay->meters.counted;
}

static void measure(struct measured *all, int rate, int seconds, const char *model)
{
	char text[512];
	snprintf(text, sizeof text,
		 "{case: station, trace: {windows: {rate: %d /s, for: %d s}}, model: {%s}, "
		 "run: {warmup: 20 s, series: 60 s, drain: 1000 s}}",
		 rate, seconds, model);
	struct study *study = study_of("test", flow(&arena, text), NULL);
	struct setup *setup = setup_resolve(study, "station", NULL, &err);
	for (int seed = 0; seed < SEEDS; seed++) {
		setup->run.seed = 100 + seed;
		struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
		const struct meter *meter = replay->meters.meter;
		const struct metric *table = setup->metrics;
		const struct hist *wait = &meter[metric_find(table, "wait")].whole;
		double arrived = (double)meter[metric_find(table, "arrived")].all.total;
		CHECK(replay->unfinished == 0);
		all->wait[seed] = hist_mean(wait) * 1e-9;
		all->delayed[seed] = (double)hist_above(wait, 0) / (double)wait->count;
		all->p99_response[seed] =
			(double)hist_percentile(&meter[metric_find(table, "response")].whole, 0.99) * 1e-9;
		all->blocked[seed] = (double)meter[metric_find(table, "blocked")].all.total / arrived;
		all->queue[seed] = per_ns(replay, meter[metric_find(table, "queue")].all.total);
		all->busy[seed] = per_ns(replay, meter[metric_find(table, "busy")].all.total);
		struct term sd = {.statistic = "sd", .metric = "response", .p = -1};
		all->sd_response[seed] = replay_term(setup, &replay->meters, &sd);
		sd.metric = "busy";
		all->sd_busy[seed] = replay_term(setup, &replay->meters, &sd);
		all->rate[seed] = arrived / ((double)replay->meters.counted * 1e-9);
		replay_free(replay);
	}
}

/* The interval holds `theory` and, the canary, not `wrong`; it reaches no further than `reach` of the theory. */
static void agrees(const double *values, double theory, double wrong, double reach, const char *what)
{
	struct interval i = interval_of(values, SEEDS, confidence);
	diag("%-44s theory %-10.6g measured %-10.6g in %.6g..%.6g (%+.2f %%)", what, theory, i.mean, i.low, i.high,
	     100 * (i.mean / theory - 1));
	ok(i.low <= theory && theory <= i.high, "%s: the interval holds what theory says", what);
	ok((i.high - i.low) / 2 <= reach * theory, "%s: it is narrow", what);
	ok(!(i.low <= wrong && wrong <= i.high), "%s, canary: another load is told apart", what);
}

static void check_mm1(void)
{
	struct measured m;
	const double mu = 125, lambda = 100, other = 105;
	measure(&m, 100, 2500, "service: exp(8 ms)");
	agrees(m.wait, wait_of_mmc(1, lambda / mu) / mu, wait_of_mmc(1, other / mu) / mu, 0.04, "M/M/1 0.8, mean wait");
	agrees(m.p99_response, log(100) / (mu - lambda), log(100) / (mu - other), 0.05, "M/M/1 0.8, p99 of response");
	agrees(m.delayed, lambda / mu, other / mu, 0.01, "M/M/1 0.8, who waits");
	agrees(m.busy, lambda / mu, other / mu, 0.01, "M/M/1 0.8, busy");
	/* A response is exponential; the server is busy or not. */
	agrees(m.sd_response, 1 / (mu - lambda), 1 / (mu - other), 0.05, "M/M/1 0.8, sd of response");
	agrees(m.sd_busy, 0.4, sqrt(0.84 * 0.16), 0.01, "M/M/1 0.8, sd of busy");
	double little[SEEDS];
	for (int i = 0; i < SEEDS; i++)
		little[i] = m.queue[i] / (m.rate[i] * m.wait[i]);
	agrees(little, 1, 1.05, 0.01, "Little's law, queue / (rate * wait)");
}

static void check_mmc(void)
{
	struct measured m;
	measure(&m, 100, 2000, "servers: 2, service: exp(16 ms)");
	agrees(m.wait, wait_of_mmc(2, 1.6) * 0.016, wait_of_mmc(2, 1.68) * 0.016, 0.05, "M/M/2 0.8, mean wait");
	agrees(m.delayed, erlang_c(2, 1.6), erlang_c(2, 1.68), 0.02, "M/M/2 0.8, who waits (Erlang C)");
	measure(&m, 100, 2000, "servers: 10, service: exp(80 ms)");
	agrees(m.wait, wait_of_mmc(10, 8) * 0.08, wait_of_mmc(10, 8.4) * 0.08, 0.08, "M/M/10 0.8, mean wait");
	agrees(m.delayed, erlang_c(10, 8), erlang_c(10, 8.4), 0.04, "M/M/10 0.8, who waits (Erlang C)");
}

static void check_mg1(void)
{
	static const struct {
		const char *service;
		double cv2, wrong_cv2, reach;
	} row[] = {
		{"const(7 ms)", 0, 0.2, 0.03},
		{"exp(7 ms)", 1, 1.2, 0.05},
		{"gamma(mean=7 ms, cv=2)", 4, 5, 0.08},
		{"lognormal(mean=7 ms, cv=2)", 4, 5, 0.12},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct measured m;
		char text[100];
		snprintf(text, sizeof text, "service: %s", row[i].service);
		measure(&m, 100, 2000, text);
		snprintf(text, sizeof text, "M/G/1 0.7, %s", row[i].service);
		agrees(m.wait, wait_of_mg1(0.7, row[i].cv2) * 0.007, wait_of_mg1(0.7, row[i].wrong_cv2) * 0.007,
		       row[i].reach, text);
	}
}

/* The share of those who are lost depends on the mean service time only, whatever its distribution. */
static void check_loss(void)
{
	static const char *const service[] = {"exp(80 ms)", "const(80 ms)", "lognormal(mean=80 ms, cv=2)",
					      "gamma(mean=80 ms, cv=2)"};
	for (size_t i = 0; i < sizeof service / sizeof *service; i++) {
		struct measured m;
		char text[100];
		snprintf(text, sizeof text, "servers: 10, limited: on, places: 0, service: %s", service[i]);
		measure(&m, 100, 1000, text);
		snprintf(text, sizeof text, "M/G/10/10 8, %s, lost", service[i]);
		double lost = erlang_b(10, 8), other = erlang_b(10, 8.4);
		agrees(m.blocked, lost, other, 0.04, text);
		snprintf(text, sizeof text, "M/G/10/10 8, %s, busy", service[i]);
		agrees(m.busy, 8 * (1 - lost), 8.4 * (1 - other), 0.01, text);
		is_int((long long)(m.wait[0] * 1e9), 0, "nobody waits where there are no places");
	}
}

/* ---- public traces ---- */

static const char *trace_path(const char *name)
{
	const char *directory = getenv("CASEBOOK_TRACES"), *top = getenv("top_srcdir");
	const char *path = directory ? arena_format(&arena, "%s/%s", directory, name) :
				       arena_format(&arena, "%s/../shared/traces/%s", top ? top : ".", name);
	return access(path, R_OK) == 0 ? path : NULL;
}

static struct study *shipped(const char *model, const char *trace)
{
	const char *top = getenv("top_srcdir");
	const char *path = arena_format(&arena, "%s/models/%s.yaml", top ? top : ".", model);
	struct tree *tree = yaml_read(&arena, path, &err);
	if (!tree)
		give_up(path);
	struct place place = {"--trace", 0, 0};
	return study_of(path, tree, tree_path(&arena, "trace.file", tree_scalar(&arena, trace, place), place));
}

static struct trace_file *open_trace(const struct setup *setup)
{
	struct trace_file *file =
		trace_file_open(setup->trace.tree, setup->study->path, setup->columns, NULL, &err);
	if (!file)
		give_up("trace");
	return file;
}

static struct trace_rows *open_rows(struct trace_file *file)
{
	struct trace_rows *rows = trace_rows_open(file, 1, 0, 1, &err);
	if (!rows)
		give_up("trace");
	return rows;
}

/* All rows of a trace. */
static struct row *read_all(struct trace_file *file, int *count)
{
	struct trace_rows *from = open_rows(file);
	struct row_source *source = trace_rows_source(from);
	int room = ROW_BLOCK;
	struct row *rows = malloc((size_t)room * sizeof *rows);
	*count = 0;
	for (size_t got; rows && (got = source->fill(source, rows + *count, ROW_BLOCK)) > 0;) {
		*count += (int)got;
		if (*count + ROW_BLOCK > room)
			rows = realloc(rows, (size_t)(room = 2 * room + ROW_BLOCK) * sizeof *rows);
	}
	if (!rows)
		bail("no memory");
	trace_rows_close(from);
	return rows;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Waits by looking, for each row, for the server that is free first: no events. */
static void waits_by_hand(const struct row *rows, int count, int servers, int64_t *wait)
{
	int64_t free_at[64] = {0};
	CHECK(servers <= 64);
	for (int i = 0; i < count; i++) {
		int first = 0;
		for (int s = 1; s < servers; s++)
			first = free_at[s] < free_at[first] ? s : first;
		int64_t begin = free_at[first] > rows[i].time ? free_at[first] : rows[i].time;
		wait[i] = begin - rows[i].time;
		free_at[first] = begin + rows[i].value[0];
	}
}

static void check_azure(void)
{
	static const struct {
		const char *variant;
		int servers;
		double mean;              /* us */
		int64_t p99, greatest;    /* us; p99: element floor(.99 n) of the sorted waits */
	} want[] = {
		{"machines-18", 18, 472867.711, 5157321, 8655114},
		{"machines-20", 20, 143116.232, 2303730, 4243798},
		{"machines-24", 24, 13188.976, 450862, 1307439},
	};
	const char *path = trace_path("requests_azure_llm_conv.csv");
	if (!path) {
		skip(24, "the trace of a language model's requests is not here");
		return;
	}
	struct study *study = shipped("station-azure", path);
	for (size_t v = 0; v < sizeof want / sizeof *want; v++) {
		struct setup *setup = setup_resolve(study, want[v].variant, NULL, &err);
		struct trace_file *file = open_trace(setup);
		int count;
		struct row *rows = read_all(file, &count);
		int64_t *wait = malloc((size_t)count * sizeof *wait), sum = 0;
		if (!wait)
			bail("no memory");
		waits_by_hand(rows, count, want[v].servers, wait);
		int64_t last = rows[count - 1].time, drained = 0; /* what is served later is not measured */
		for (int i = 0; i < count; i++) {
			int64_t left = rows[i].time + wait[i] + rows[i].value[0];
			sum += wait[i];
			drained += left > last ? left - last : 0;
		}
		qsort(wait, (size_t)count, sizeof *wait, ascending);
		int64_t p99 = wait[(int)(0.99 * count)];

		struct trace_rows *from = open_rows(file);
		struct replay *replay = replay_run(setup, trace_rows_source(from), 0, 0, NULL);
		const struct metric *table = setup->metrics;
		const struct meter *meter = replay->meters.meter;
		const struct hist *hist = &meter[metric_find(table, "wait")].whole;
		const struct hist *response = &meter[metric_find(table, "response")].whole;
		is_int((long long)hist->count, 19366, "%s: every request is served", want[v].variant);
		near_to(hist_mean(hist) * 1e-3, want[v].mean, 0.0005, "%s: mean wait to the last digit",
			want[v].variant);
		is_int(hist->greatest, want[v].greatest * 1000, "%s: the longest wait", want[v].variant);
		ok(hist->sum == (hist_sum)sum, "%s: all waits together, as without events", want[v].variant);
		is_int(p99, want[v].p99 * 1000, "%s: p99 of the waits", want[v].variant);
		near_to((double)hist_percentile(hist, 0.99), (double)p99, (double)p99 * 0x1p-10,
			"%s: p99 of the histogram", want[v].variant);
		ok(meter[metric_find(table, "queue")].all.total == hist->sum,
		   "%s: Little's law holds to the nanosecond", want[v].variant);
		ok(meter[metric_find(table, "queue")].all.total + meter[metric_find(table, "busy")].all.total ==
			   response->sum - (hist_sum)drained,
		   "%s: and for those in service, up to the last row", want[v].variant);
		diag("%s: mean wait %.3f us, p99 %lld us, max %lld us", want[v].variant, hist_mean(hist) * 1e-3,
		     (long long)p99 / 1000, (long long)hist->greatest / 1000);
		replay_free(replay);
		trace_rows_close(from);
		trace_file_close(file);
		free(wait);
		free(rows);
	}
}

static void check_uber(void)
{
	static const struct {
		const char *variant;
		int64_t blocked;
	} want[] = {{"cars-300", 34688}, {"cars-400", 19598}, {"cars-500", 9806}, {"cars-600", 4366}};
	const char *path = trace_path("uber_pickups_2014-04-07_week.csv");
	if (!path) {
		skip(9, "the trace of a week of rides is not here");
		return;
	}
	struct study *study = shipped("station-uber", path);
	struct trace_file *file = NULL;
	for (size_t v = 0; v < sizeof want / sizeof *want + 1; v++) {
		/* The last is the canary: a car that is free a second later misses those who ask when it should be. */
		bool canary = v == sizeof want / sizeof *want;
		struct setup *setup = setup_resolve(study, canary ? "cars-600" : want[v].variant,
						  canary ? flow(&arena, "{service: const(1501 s)}") : NULL, &err);
		if (!setup)
			give_up("variant");
		if (!file)
			file = open_trace(setup);
		struct trace_rows *from = open_rows(file);
		struct replay *replay = replay_run(setup, trace_rows_source(from), 0, 0, NULL);
		const struct metric *table = setup->metrics;
		int64_t blocked = (int64_t)replay->meters.meter[metric_find(table, "blocked")].all.total;
		if (canary) {
			ok(blocked != 4366, "canary: a second more is told apart");
		} else {
			is_int((long long)replay->rows, 123324, "%s: all rides were asked for", want[v].variant);
			is_int(blocked, want[v].blocked, "%s: lost", want[v].variant);
			diag("%s: lost %lld", want[v].variant, (long long)blocked);
		}
		replay_free(replay);
		trace_rows_close(from);
	}
	trace_file_close(file);
}

/* ---- memory ---- */

enum { FEW = 10000, MANY = 200000, SLACK = 2000 /* kB */ };

struct memory {
	size_t world; /* bytes of the replay's arena */
	long peak;    /* of the process, kB */
};

/* What a process needs that replays a file of so many rows, which come and are served like clockwork. */
static struct memory memory_of(int rows, const char *option)
{
	char path[] = "/tmp/casebook-t-station-XXXXXX";
	int descriptor = mkstemp(path), result[2], status;
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	struct memory memory = {0};
	struct rusage usage;
	if (!file || pipe(result) != 0)
		bail("no temporary file");
	fprintf(file, "time_us,key,service_us\n");
	for (int i = 0; i < rows; i++)
		fprintf(file, "%d,%d,%d\n", 10 * i, i, 5 + i % 7);
	fclose(file);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		const char *text = arena_format(
			&arena,
			"{case: station, trace: {file: %s, columns: {service: {from: service_us, unit: us}}%s}, "
			"model: {service_from: trace}, run: {warmup: 0 s, series: 1 h}}",
			path, option);
		struct setup *setup = setup_resolve(study_of("test", flow(&arena, text), NULL), "station", NULL, &err);
		struct trace_rows *from = open_rows(open_trace(setup));
		struct replay *replay = replay_run(setup, trace_rows_source(from), 0, 0, NULL);
		CHECK(replay->rows == (uint64_t)rows);
		_exit(write(result[1], &replay->sim->arena.bytes, sizeof memory.world) != sizeof memory.world);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0 ||
	    read(result[0], &memory.world, sizeof memory.world) != sizeof memory.world)
		bail("the replay in a process of its own has failed");
	close(result[0]);
	close(result[1]);
	unlink(path);
	memory.peak = usage.ru_maxrss;
	return memory;
}

static void check_memory(void)
{
	struct memory few = memory_of(FEW, ""), many = memory_of(MANY, ""), held = memory_of(MANY, ", sort: true");
	diag("peak memory: %d rows %ld kB, %d rows %ld kB, sorted %ld kB", FEW, few.peak, MANY, many.peak, held.peak);
	ok(few.world > 0 && few.world == many.world, "twenty times the rows need the same memory of the replay");
	ok(many.peak < few.peak + SLACK, "and of the process that reads them");
	ok(held.peak > few.peak + SLACK, "canary: rows that are held are noticed");
}

/* ---- faults ---- */

/* The mean and greatest wait and response of ten servers that hardly ever are all busy, in ns. */
static void with_faults(const char *faults, double *mean_wait, int64_t *longest, double *response)
{
	const char *text = arena_format(&arena, "{case: station, trace: {windows: {rate: 1/s, for: 600 s}}, "
					"model: {servers: 10, service: exp(8 ms)}, run: {drain: 1000 s}, faults: [%s]}",
					faults);
	struct study *study = study_of("test", flow(&arena, text), NULL);
	struct setup *setup = setup_resolve(study, "station", NULL, &err);
	struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
	const struct hist *wait = &replay->meters.meter[metric_find(setup->metrics, "wait")].whole;
	*mean_wait = hist_mean(wait);
	*longest = wait->greatest;
	*response = hist_mean(&replay->meters.meter[metric_find(setup->metrics, "response")].whole);
	replay_free(replay);
}

/* Who finds a free server does not wait, however slow it is: what is longer is the service. */
static void check_faults(void)
{
	double wait, calm, slow;
	int64_t longest;
	with_faults("", &wait, &longest, &calm);
	is_int(longest, 0, "with ten servers nobody waits");
	with_faults("{at: 0 s, for: 600 s, kind: slow, factor: 10}", &wait, &longest, &slow);
	is_int(longest, 0, "nor when they are ten times slower");
	near_to(slow / calm, 10, 0.01, "but it takes ten times as long");
	with_faults("{at: 0 s, for: 600 s, kind: slow, factor: 0.25}", &wait, &longest, &slow);
	is_int(longest, 0, "nor when they are faster");
	near_to(slow / calm, 0.25, 0.01, "and then it takes less");
	with_faults("{at: 0 s, for: 600 s, kind: slow, factor: 5}, {at: 1 s, for: 10 ms, kind: slow, factor: 3}, "
		    "{at: 0 s, for: 600 s, kind: slow, factor: 2}", &wait, &longest, &slow);
	near_to(slow / calm, 10, 0.02, "two factors multiply, and outlive a third");
	with_faults("{at: 0 s, for: 600 s, kind: slow, factor: 1000000}, {at: 0 s, for: 600 s, kind: slow, "
		    "factor: 1000000}, {at: 0 s, for: 600 s, kind: slow, factor: 1000000}", &wait, &longest, &slow);
	ok(longest >= 0, "a service that takes longer than all the time there is does no harm");
	with_faults("{at: 100 s, for: 36500 d, kind: pause}, {at: 101 s, for: 36500 d, kind: pause}, "
		    "{at: 102 s, for: 36500 d, kind: pause}", &wait, &longest, &slow);
	ok(longest >= 0, "nor do pauses of centuries");
	with_faults("{at: 100 s, for: 10 s, kind: pause}, {at: 105 s, for: 10 s, kind: pause}", &wait, &longest, &slow);
	ok(longest > INT64_C(10000000000) && longest < INT64_C(15000000000),
	   "pauses overlap, they do not add up: %lld ns are the longest wait of 15 s", (long long)longest);
}

int main(void)
{
	arena_init(&arena);
	err_init(&err);
	near_to(erlang_b(10, 8), 0.121661, 1e-6, "Erlang B, as tabulated");
	near_to(erlang_c(10, 8), 0.409180, 1e-6, "Erlang C, as tabulated");
	check_memory(); /* while this process is small */
	check_mm1();
	check_mmc();
	check_mg1();
	check_loss();
	check_faults();
	check_azure();
	check_uber();
	arena_free(&arena);
	return done_testing();
}
