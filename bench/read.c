/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a trace, ns a row of `time_us,key,op,service_us`: records by libcsv and in one pass; rows; and a whole replay
 * of the case station, from rows in memory and from the file. The replay from the file is timed by the clock on the
 * wall, because it uses two threads; so is the one from memory that it is held against. Rows in memory are only what
 * the case looks at, 16 bytes each, so that there is room for many.
 *
 *   read [ROWS]     10 M unless said
 */
#include "bench.h"

#include "cases/case.h"
#include "io/csv.h"
#include "io/tracefile.h"
#include "io/yaml.h"
#include "run/study.h"

#include <sched.h>
#include <unistd.h>

static uint64_t rows_wanted = 10000000;
static char path[] = "/tmp/bench-read-XXXXXX";

/* What libCacheSim's CSV reader needs for a row, which one cannot install: ns, from the table of its measurement. */
enum { LIBCACHESIM = 255 };

static void make_file(void)
{
	int descriptor = mkstemp(path);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	struct rng rng = rng_seed(1);
	CHECK(file);
	fputs("time_us,key,op,service_us\n", file);
	uint64_t time = 1000000000;
	for (uint64_t i = 0; i < rows_wanted; i++) {
		time += rng_below(&rng, 20);
		fprintf(file, "%llu,%llu,%s,%llu\n", (unsigned long long)time,
			(unsigned long long)rng_below(&rng, 1000000), rng_below(&rng, 2) ? "read" : "write",
			(unsigned long long)rng_below(&rng, 18));
	}
	CHECK(fclose(file) == 0);
}

static uint64_t records(bool by_libcsv)
{
	static struct err err;
	const struct csv_field *fields;
	uint64_t count = 0;
	err_init(&err);
	struct stream_file *file = stream_file_open(path, ERR_TRACE, &err);
	struct csv_reader *reader = csv_open(stream_open(file, &err), &err);
	CHECK(reader);
	if (by_libcsv)
		csv_by_libcsv(reader);
	for (; csv_next(reader, &fields, &err) == CSV_ROW; count++)
		bench_sink += fields[1].length;
	csv_close(reader);
	stream_file_close(file);
	CHECK(count == rows_wanted);
	return count;
}

static uint64_t records_by_libcsv(void *with)
{
	(void)with;
	return records(true);
}

static uint64_t records_in_one_pass(void *with)
{
	(void)with;
	return records(false);
}

/* ---- rows and replays ---- */

static const struct case_study *station;

struct held_row {
	int64_t time, service;
};

struct input {
	struct row_source source; /* of rows in memory */
	struct trace_file *file;
	struct held_row *row;
	uint64_t count, given;
	const void *params;
	uint64_t digest;
};

static void hold_rows(struct input *input)
{
	struct row block[ROW_BLOCK];
	struct err *err = calloc(1, sizeof *err);
	struct trace_rows *rows = trace_rows_open(input->file, 1, 0, 1, err);
	CHECK(rows);
	uint64_t count = 0;
	for (size_t got; (got = trace_rows_source(rows)->fill(trace_rows_source(rows), block, ROW_BLOCK)) > 0;) {
		for (size_t i = 0; i < got; i++, count++)
			input->row[count] = (struct held_row){block[i].time, block[i].value[0]};
	}
	CHECK(!trace_rows_failed(rows, err) && count == input->count);
	trace_rows_close(rows);
	free(err);
}

static size_t from_memory(struct row_source *of, struct row *rows, size_t capacity)
{
	struct input *input = (struct input *)of;
	size_t count = 0;
	for (; count < capacity && input->given < input->count; count++) {
		const struct held_row *row = &input->row[input->given];
		rows[count] = (struct row){.time = row->time, .id = input->given++, .value = {row->service}};
	}
	return count;
}

static uint64_t replay(struct input *input, struct row_source *source)
{
	struct sim *sim = sim_new(1, 0);
	struct meters *meters = ARENA_NEW(&sim->arena, struct meters);
	struct case_world world = {.sim = sim, .meters = meters, .params = input->params, .share = 1};
	meters_init(meters, &sim->arena, station->metrics, 0, 1000000000);
	meters_window(meters, 0, 0);
	void *self = station->build(&world);
	uint64_t count = sim_replay(sim, source, station->arrive, self, INT64_MAX / 2, NULL);
	meters_end(meters, sim->now);
	input->digest = meters_digest(meters, 0);
	sim_free(sim);
	CHECK(count == input->count);
	return count;
}

static uint64_t replay_memory(void *with)
{
	struct input *input = with;
	input->given = 0;
	return replay(input, &input->source);
}

static uint64_t replay_file(void *with)
{
	struct input *input = with;
	struct err *err = calloc(1, sizeof *err);
	struct trace_rows *rows = trace_rows_open(input->file, 1, 0, 1, err);
	CHECK(rows);
	uint64_t count = replay(input, trace_rows_source(rows));
	CHECK(!trace_rows_failed(rows, err));
	trace_rows_close(rows);
	free(err);
	return count;
}

static double on_the_wall(bench_fn *fn, void *with)
{
	int64_t start = bench_clock(CLOCK_MONOTONIC);
	uint64_t rows = fn(with);
	return (double)(bench_clock(CLOCK_MONOTONIC) - start) / (double)rows;
}

static void replays(struct input *input)
{
	double memory[BENCH_ROUNDS], file[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
	cpu_set_t all, one;
	CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
	int processors = CPU_COUNT(&all), first = 0;
	while (!CPU_ISSET(first, &all))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	for (int pass = 0; pass < 2; pass++) {
		char name[100];
		if (pass == 0 && processors < 2)
			continue;
		if (pass == 1)
			sched_setaffinity(0, sizeof one, &one);
		for (int i = -1; i < BENCH_ROUNDS; i++) {
			/* on one processor the time of the thread is all of it, and others do not disturb it */
			double of_memory = pass ? bench_once(replay_memory, input) : on_the_wall(replay_memory, input);
			uint64_t digest = input->digest;
			double of_file = pass ? bench_once(replay_file, input) : on_the_wall(replay_file, input);
			CHECK(digest == input->digest);
			if (i < 0)
				continue;
			memory[i] = of_memory;
			file[i] = of_file;
			ratio[i] = of_file / of_memory;
		}
		double ns = bench_median(file, BENCH_ROUNDS), bound = bench_median(memory, BENCH_ROUNDS);
		double against_memory = bench_median(ratio, BENCH_ROUNDS);
		if (pass == 0) { /* what others do adds to the time on the wall; the least of it is the program's own */
			ns = file[0]; /* the median has sorted them */
			bound = memory[0];
			against_memory = ns / bound;
		}
		snprintf(name, sizeof name, "replay of %.3g M rows of CSV, %s: against rows in memory",
			 (double)rows_wanted * 1e-6, pass ? "one core" : "two cores");
		bench_tell(name, ns, bound, against_memory, pass ? 1.5 : 1.25);
		snprintf(name, sizeof name, "replay of CSV, %s: against libCacheSim, which only reads",
			 pass ? "one core" : "two cores");
		bench_tell(name, ns, LIBCACHESIM, ns / LIBCACHESIM, 1.0 / 3);
	}
	sched_setaffinity(0, sizeof all, &all);
}

int main(int count, char **word)
{
	struct arena arena;
	static struct err err;
	struct param_reader reader = {.arena = &arena};
	char text[400];
	struct input input = {.source = {from_memory}};
	if (count > 1)
		rows_wanted = strtoull(word[1], NULL, 10);
	arena_init(&arena);
	err_init(&err);
	make_file();
	bench_compare("CSV to records: one pass against libcsv", records_in_one_pass, NULL, records_by_libcsv, NULL,
		      0.5);
	station = case_find("station");
	int length = snprintf(text, sizeof text, "file: %s\ncolumns: {service: {from: service_us, unit: us}}\n", path);
	struct tree *tree = yaml_parse(&arena, "bench", text, (size_t)length, &err);
	input.file = trace_file_open(tree, NULL, station->columns, NULL, &err);
	CHECK(input.file);
	void *params = arena_get(&arena, station->params_size);
	param_defaults(station->params, params, &reader);
	static const struct place place = {"bench", 0, 0};
	CHECK(param_set(param_find(station->params, "service_from"), params, "trace", &reader, &place, &err));
	input.params = params;
	input.count = rows_wanted;
	input.row = malloc(rows_wanted * sizeof *input.row);
	CHECK(input.row);
	hold_rows(&input);
	replays(&input);
	trace_file_close(input.file);
	unlink(path);
	free(input.row);
	arena_free(&arena);
	return 0;
}
