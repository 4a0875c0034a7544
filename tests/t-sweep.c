/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions on points, the points of a sweep, records of runs, and the database that holds them. */
#include "sweep.h"

#include "exec/sweep.h"
#include "exec/where.h"
#include "io/results.h"
#include "io/yaml.h"

#include <math.h>

static struct arena arena;
static struct err err;

/* ---- conditions ---- */

static const char *const key[] = {"nodes", "rtt", "policy", "trace.time_scale", "part", NULL};
static const char *const value[] = {"48", "2 ms", "lifo", "10", "85 %"};

static const struct condition {
	const char *text;
	bool holds;
} conditions[] = {
	{"nodes > 47", true},
	{"nodes > 48", false},
	{"nodes >= 48 and rtt < 5 ms", true},
	{"nodes < 48 or rtt <= 2 ms", true},
	{"nodes < 48 or rtt < 2 ms and nodes > 0", false},
	{"not nodes == 48", false},
	{"not (nodes > 48 or policy == fifo)", true},
	{"policy == lifo and policy != fifo", true},
	{"policy == \"lifo\"", true},
	{"2 * (nodes + 2) / 10 == 10", true},
	{"rtt * nodes <= 96 ms", true},
	{"rtt / 1 ms == 2", true},
	{"trace.time_scale = 10", true},
	{"part < 0.9", true},
	{"part >= 85 %", true},
	{"nodes-1 < 48", true},
	{"-nodes < 0", true},
	{"nodes == 0.048 k", true},
};

static const struct mistake {
	const char *text, *says;
} mistakes[] = {
	{"nods > 48", "did you mean \"nodes\""},
	{"capacity > 48", "unknown key \"capacity\"; known: nodes, rtt"},
	{"rtt < 5", "one side has a unit"},
	{"nodes < 5 ms", "one side has a unit"},
	{"rtt + 1 > 2 ms", "different units are added"},
	{"rtt * rtt > 1 s", "are multiplied"},
	{"nodes / 2 ms > 1", "are divided"},
	{"policy > 1", "not a number: lifo"},
	{"(nodes > 48", ") is missing"},
	{"nodes >", "ends too early"},
	{"", "ends too early"},
	{"nodes > 48 nodes", "cannot be understood at nodes"},
	{"nodes > 4 and", "ends too early"},
	{"policy == \"lifo", "\" is missing"},
};

static void test_conditions(void)
{
	struct where_names names = {key, value};
	struct place place = {"--where", 0, 0};
	bool good;
	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		err_init(&err);
		bool holds = where_holds(conditions[i].text, &names, &arena, &good, ERR_USAGE, &place, &err);
		ok(good && holds == conditions[i].holds, "%s", conditions[i].text);
	}
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		err_init(&err);
		where_holds(mistakes[i].text, &names, &arena, &good, ERR_USAGE, &place, &err);
		ok(!good && err.count == 1 && strstr(err.message[0].text, mistakes[i].says), "\"%s\": %s",
		   mistakes[i].text, err.message[0].text);
	}
	static char deep[100000];
	memset(deep, '(', sizeof deep - 1);
	err_init(&err);
	where_holds(deep, &names, &arena, &good, ERR_USAGE, &place, &err);
	ok(!good && strstr(err.message[0].text, "too deep"), "a condition that is too deep");
	for (size_t i = 0; i + 4 < sizeof deep; i += 4)
		memcpy(deep + i, "not ", 4);
	err_init(&err);
	where_holds(deep, &names, &arena, &good, ERR_USAGE, &place, &err);
	ok(!good && strstr(err.message[0].text, "too deep"), "as many nots");
}

/* ---- points ---- */

static const char model[] = "case: station\n"
			    "trace: {windows: {rate: 100 /s, for: 20 s}}\n"
			    "model: {servers: 1, service: exp(8 ms)}\n"
			    "variants: {one: {}, two: {model: {servers: 2}, run: {reps: 3}}}\n"
			    "run: {reps: 2}\n";

static struct study *load(const char *more)
{
	static const struct study_files none;
	const char *text = arena_format(&arena, "%s%s", model, more);
	err_init(&err);
	struct tree *tree = yaml_parse(&arena, "test.yaml", text, strlen(text), &err);
	struct study *study = tree ? study_load(&arena, "test.yaml", tree, NULL, &none, &err) : NULL;
	if (!study)
		bail("the study is refused: %s", err.message[0].text);
	return study;
}

static struct sweep *points_of(const char *section)
{
	struct points_texts texts = {0};
	return sweep_load(load(section), &texts, &err);
}

static const char *list(const struct sweep *sweep)
{
	const char *text = "";
	for (int64_t p = 0; p < sweep->points.count; p++)
		text = arena_format(&arena, "%s%s%s", text, p ? "; " : "", points_text(&sweep->points, p, &arena));
	return text;
}

static const struct {
	const char *section, *points;
} sweeps[] = {
	{"sweep: {grid: {servers: [1, 2]}}", "servers=1; servers=2"},
	{"sweep: {grid: {servers: [1, 2], service: [5 ms, exp(6 ms)]}}",
	 "servers=1, service=5 ms; servers=1, service=exp(6 ms); servers=2, service=5 ms; servers=2, service=exp(6 "
	 "ms)"},
	{"sweep: {zip: {servers: [1, 2], service: [5 ms, 10 ms]}}",
	 "servers=1, service=5 ms; servers=2, service=10 ms"},
	{"sweep: {grid: {places: [7, 8]}, zip: [{servers: [1, 2], service: 5 ms:10 ms:2}]}",
	 "places=7, servers=1, service=5 ms; places=7, servers=2, service=10 ms; places=8, servers=1, service=5 ms; "
	 "places=8, servers=2, service=10 ms"},
	{"sweep: {grid: {servers: \"1:5:3\"}}", "servers=1; servers=3; servers=5"},
	{"sweep: {grid: {servers: \"1:100:3:log\"}}", "servers=1; servers=10; servers=100"},
	{"sweep: {grid: {servers: \"1:4:7\"}}", "servers=1; servers=2; servers=3; servers=4"},
	{"sweep: {grid: {service: 1 ms:100 ms:4:log}}",
	 "service=1 ms; service=4.64159 ms; service=21.5443 ms; service=100 ms"},
	{"sweep: {grid: {trace.windows.rate: \"50 /s, 60 /s:80 /s:2\"}}",
	 "trace.windows.rate=50 /s; trace.windows.rate=60 /s; trace.windows.rate=80 /s"},
	{"sweep: {grid: {servers: [1, 2, 3], places: [1, 2]}, where: servers > 1 and places < servers}",
	 "servers=2, places=1; servers=3, places=1; servers=3, places=2"},
	{"sweep: {grid: {servers: [2, 2, 1]}}", "servers=2; servers=1"},
	{"sweep: {grid: {model.servers: [3]}}", "model.servers=3"},
};

static const struct mistake refused[] = {
	{"sweep: {}", "nothing is swept"},
	{"sweep: {grid: {}}", "grid is empty"},
	{"sweep: {grid: {servers: []}}", "servers has no values"},
	{"sweep: {grid: {server: [1]}}", "did you mean \"servers\""},
	{"sweep: {grid: {servers: [1, 0]}}", "point 1 (servers=0): "},
	{"sweep: {grid: {places: [1, 2], servers: [1, -3]}}", "point 1 (places=1, servers=-3): "},
	{"sweep: {grid: {servers: [1]}, zip: {servers: [1]}}", "swept twice"},
	{"sweep: {zip: {servers: [1, 2], places: [1]}}", "in lockstep with it"},
	{"sweep: {grid: {servers: [1, 2]}, where: servers > 5}", "where leaves no point"},
	{"sweep: {grid: {servers: [1, 2]}, where: server > 1}", "did you mean \"servers\""},
	{"sweep: {grid: {servers: \"5:1:3\"}}", "5 is not below 1"},
	{"sweep: {grid: {servers: \"1:5:1\"}}", "not a number of values"},
	{"sweep: {grid: {servers: \"0:5:3:log\"}}", "not above 0"},
	{"sweep: {grid: {servers: \"1:5:3:lin\"}}", "can only be log"},
	{"sweep: {grid: {service: \"1:5:3\"}}", "time unit"},
	{"sweep: {grid: {limited: \"off:on:2\"}}", "has no range"},
	{"sweep: {grid: {servers: \"1:2:3:4:5\"}}", "neither a value nor"},
	{"sweep: {grid: {trace.windows.rat: [5 /s]}}", "point 0 (trace.windows.rat=5 /s): "},
};

static void test_points(void)
{
	for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps; i++) {
		struct sweep *sweep = points_of(sweeps[i].section);
		is_text(sweep ? list(sweep) : err.message[0].text, sweeps[i].points, "%s", sweeps[i].section);
		sweep_close(sweep);
	}
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct sweep *sweep = points_of(refused[i].text);
		ok(!sweep && strstr(err.message[0].text, refused[i].says), "%s: %s", refused[i].text,
		   err.message[0].text);
		is_int(err.kind, strcmp(refused[i].text, "sweep: {}") ? ERR_MODEL : err.kind, "a mistake of the model");
	}
	const char *grid[] = {"servers=3,4"},
		   *zip[] = {"places=1,2", "service=exp(1 ms), mix(9 exp(1 ms), 1 exp(50 ms))"};
	struct points_texts texts = {grid, zip, 1, 2, "places > 1"};
	struct sweep *sweep = sweep_load(load("sweep: {grid: {slice: [1]}}"), &texts, &err);
	is_text(sweep ? list(sweep) : err.message[0].text,
		"servers=3, places=2, service=mix(9 exp(1 ms), 1 exp(50 ms)); servers=4, places=2, "
		"service=mix(9 exp(1 ms), 1 exp(50 ms))",
		"the command line replaces the file's");
	is_int(sweep->runs, 2 * (2 + 3), "runs of variants with replications of their own");
	struct sweep_place place = sweep_place(sweep, 8);
	ok(place.point == 1 && place.variant == 1 && place.replication == 1 && sweep_run_number(sweep, 1, 1) == 7,
	   "runs are numbered by point, variant, replication");
	grid[0] = "servers=0";
	err_init(&err);
	ok(!sweep_load(load(""), &texts, &err) && err.kind == ERR_USAGE,
	   "on the command line a mistake is one of usage");
}

/* ---- records ---- */

static void same_hist(const struct hist *got, const struct hist *want, const char *what)
{
	uint32_t a = 0, b = 0;
	int64_t low_a, high_a, low_b, high_b;
	uint64_t count_a, count_b;
	bool same = got->count == want->count && got->sum == want->sum && got->least == want->least &&
		    got->greatest == want->greatest;
	while (same && hist_next(want, &b, &low_b, &high_b, &count_b))
		same = hist_next(got, &a, &low_a, &high_a, &count_a) && low_a == low_b && count_a == count_b;
	ok(same && !hist_next(got, &a, &low_a, &high_a, &count_a), "%s", what);
}

static void test_records(void)
{
	struct sweep *sweep = points_of("sweep: {grid: {servers: [1, 2]}}");
	struct world *world = sweep_world(sweep, 1, &err);
	struct record record = {0}, again = {0};
	struct record_reader reader;
	struct record_run run;
	struct record_value of;
	struct record_hist packed;
	ok(sweep_replay(sweep, world, 6, NULL, &record, &err) && sweep_replay(sweep, world, 6, NULL, &again, &err),
	   "a run is replayed");
	ok(record.length == again.length && memcmp(record.byte, again.byte, record.length) == 0,
	   "the same run gives the same bytes");
	struct replay *replay = replay_run(setup_resolve(sweep->study, "one", NULL, &err), NULL, 1, 0, NULL);
	struct world *first = sweep_world(sweep, 0, &err);
	sweep_replay(sweep, first, 1, NULL, &record, &err); /* servers=1 is what "one" has */
	record_read(&reader, record.byte, record.length, &run);
	ok(run.number == 1 && run.point == 0 && run.replication == 1 && strcmp(run.variant, "one") == 0,
	   "it says which run it is");
	ok(run.digest == replay->digest && run.rows == replay->rows && run.events == replay->events &&
		   run.end == replay->end,
	   "it is what a run of the variant gives");
	struct outcome *outcome = outcome_new(sweep->base[0], 1, 0);
	results_want(outcome);
	outcome_add(outcome, replay, 1, NULL);
	bool values = true;
	int count = 0;
	for (; record_next_value(&reader, &of); count++)
		values = values && count < outcome->terms && strcmp(of.metric, outcome->term[count].metric) == 0 &&
			 (of.value == outcome->value[count][0] || (isnan(of.value) && isnan(outcome->value[count][0])));
	ok(values && count == outcome->terms && count > 5, "its %d values are those of a run", count);
	while (record_next_hist(&reader, &packed)) {
		struct hist hist;
		hist_init(&hist, &arena, HIST_BITS);
		ok(record_unpack(&packed, &hist), "%s is unpacked", packed.metric);
		same_hist(&hist, &replay->meters.meter[metric_find(sweep->study->of->metrics, packed.metric)].whole,
			  "it is the histogram that was packed");
		packed.count++;
		ok(!record_unpack(&packed, &hist), "canary: another count is refused");
	}
	struct hist extreme, back;
	struct replay odd = *replay;
	static const int64_t extremes[] = {0, 1, 1023, 1024, 1025, 2047, 2048, 4096, INT64_C(1) << 40, INT64_MAX};
	hist_init(&extreme, &arena, HIST_BITS);
	hist_init(&back, &arena, HIST_BITS);
	for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++)
		hist_add(&extreme, extremes[i], UINT64_C(1) << i * 3);
	odd.meters.meter[0].whole = extreme;
	struct outcome none = {.setup = sweep->base[0]};
	record_make(&record, &none, &odd, 0, 0, 0, 0);
	record_read(&reader, record.byte, record.length, &run);
	ok(!record_next_value(&reader, &of) && record_next_hist(&reader, &packed) && record_unpack(&packed, &back),
	   "values from 0 to the greatest");
	same_hist(&back, &extreme, "come back as they were");
	world_free(world);
	world_free(first);
	outcome_free(outcome);
	replay_free(replay);
	record_free(&record);
	record_free(&again);
	sweep_close(sweep);
}

/* ---- the database ---- */

static void count_run(void *context, int64_t run)
{
	*(int64_t *)context += run;
}

static void test_store(void)
{
	make_scratch();
	struct sweep *sweep = points_of("sweep: {grid: {servers: [1, 2]}}");
	struct world *world = sweep_world(sweep, 0, &err);
	const char *path = arena_format(&arena, "%s/results.sqlite", scratch);
	unsigned char done[8] = {0};
	struct record record = {0};
	int64_t finished, sum = 0;
	ok(!store_open(path, false, &err) && err.kind == ERR_OUTPUT, "none is made unless asked: %s",
	   err.message[0].text);
	err_init(&err);
	struct store *store = store_open(path, true, &err);
	ok(store && !store_definition(store, &arena), "an empty one");
	ok(sweep_prepare(sweep, store, true, "1", "test", done, &finished, &err) && finished == 0, "a sweep begins");
	ok(!store_open(path, true, &err) && strstr(err.message[0].text, "another sweep"), "a second one is refused");
	err_init(&err);
	for (int64_t r = 3; r >= 1; r -= 2)
		ok(sweep_replay(sweep, world, r, NULL, &record, &err) &&
			   store_add(store, record.byte, record.length, &err),
		   "a run is stored: %s", err_any(&err) ? err.message[0].text : "");
	ok(store_add(store, record.byte, record.length, &err), "once more is no mistake");
	ok(store_runs(store, count_run, &sum, &err) && sum == 4, "and changes nothing");
	store_close(store);
	is_int(ask(path, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%STRICT%'"), 0,
	       "all tables are strict");
	is_int(ask(path, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 5, "five tables");
	store = store_open(path, true, &err);
	ok(sweep_prepare(sweep, store, true, "1", "test", done, &finished, &err) && finished == 2 && done[0] == 0x0a,
	   "what is finished is found again");
	ok(!sweep_prepare(sweep, store, true, "2", "test", done, &finished, &err) &&
		   strstr(err.message[0].text, "casebook was \"1\", is \"2\""),
	   "another program: %s", err.message[0].text);
	err_init(&err);
	ok(!sweep_prepare(sweep, store, false, "1", "test", done, &finished, &err) &&
		   strstr(err.message[0].text, "--resume"),
	   "it is not written over: %s", err.message[0].text);
	store_close(store);
	world_free(world);
	record_free(&record);
	sweep_close(sweep);
}

int main(void)
{
	arena_init(&arena);
	test_conditions();
	test_points();
	test_records();
	test_store();
	arena_free(&arena);
	done_testing();
	return 0;
}
