/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a trace, ns a row of `time_us,key,op,service_us`: records by libcsv and in one pass; rows; and a whole replay
 * of the case station, from rows in memory and from the file, a CSV, the same packed (.cbt), and the same compressed.
 * The replay from a file is timed by the clock on the wall, because it uses several threads; so is what it is held
 * against: the one from memory, or where that takes longer the decompressor alone. The least that two cores can take
 * for what is compressed follows from the processor time of its three stages, each alone on one core: the longest of
 * decompressing, parsing and replaying, or half of the sum.
 * Rows in memory are only what the case looks at, 16 bytes each, so that there is room for many.
 *
 *   read [ROWS]     10 M unless said
 */
#include "bench.h"

#include "cases/case.h"
#include "io/csv.h"
#include "io/tracefile.h"
#include "io/traceoutput.h"
#include "io/yaml.h"
#include "run/study.h"

#include <sched.h>
#include <unistd.h>

static uint64_t rows_wanted = 10000000;
static char path[] = "/tmp/bench-read-XXXXXX", packed_path[sizeof path + 4], zstd_path[sizeof path + 4],
	gzip_path[sizeof path + 4];

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

/* The same rows as a .cbt. */
static void make_packed(void)
{
	static struct err err;
	const struct csv_field *fields;
	err_init(&err);
	snprintf(packed_path, sizeof packed_path, "%s.cbt", path);
	struct stream_file *file = stream_file_open(path, ERR_TRACE, &err);
	struct csv_reader *reader = csv_open(stream_open(file, &err), &err);
	struct trace_output *output = trace_output_open(packed_path, &err);
	CHECK(reader && output);
	trace_output_header(output, csv_names(reader), csv_columns(reader), 0, 1000);
	while (csv_next(reader, &fields, &err) == CSV_ROW)
		trace_output_record(output, fields, strtoll(fields[0].text, NULL, 10) * 1000);
	CHECK(trace_output_commit(output, &err));
	csv_close(reader);
	stream_file_close(file);
}

static void make_compressed(char *into, const char *suffix)
{
	static struct err err;
	static char bytes[1 << 16];
	err_init(&err);
	snprintf(into, sizeof zstd_path, "%s%s", path, suffix);
	FILE *plain = fopen(path, "r");
	struct stream_output *output = stream_output_open(into, &err);
	CHECK(plain && output);
	for (size_t got; (got = fread(bytes, 1, sizeof bytes, plain)) > 0;)
		CHECK(fwrite(bytes, 1, got, stream_output_file(output)) == got);
	fclose(plain);
	CHECK(stream_output_commit(output, &err));
}

static uint64_t decompress(void *of)
{
	static struct err err;
	static char bytes[1 << 16];
	err_init(&err);
	struct stream_file *file = stream_file_open(of, ERR_TRACE, &err);
	struct stream *stream = stream_open(file, &err);
	long got;
	while ((got = stream_read(stream, bytes, sizeof bytes, &err)) > 0)
		bench_sink += (uint64_t)got;
	CHECK(got == 0);
	stream_close(stream);
	stream_file_close(file);
	return rows_wanted;
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
	struct held_row *row; /* NULL: reading them is what is measured */
	uint64_t count, given;
	const void *params;
	uint64_t digest;
};

static uint64_t read_rows(void *with)
{
	struct input *input = with;
	struct row block[ROW_BLOCK];
	struct err *err = calloc(1, sizeof *err);
	struct trace_rows *rows = trace_rows_open(input->file, 1, 0, 1, err);
	CHECK(rows);
	uint64_t count = 0;
	for (size_t got; (got = trace_rows_source(rows)->fill(trace_rows_source(rows), block, ROW_BLOCK)) > 0;) {
		for (size_t i = 0; i < got && input->row; i++)
			input->row[count + i] = (struct held_row){block[i].time, block[i].value[0]};
		count += got;
	}
	CHECK(!trace_rows_failed(rows, err) && count == input->count);
	trace_rows_close(rows);
	free(err);
	return count;
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

/* What is measured of a kind of file: against rows in memory, on two cores and on one. */
struct kind {
	const char *name;
	double two_cores, one_core; /* targets */
	bool against_libcachesim;
	char *compressed; /* on two cores: against the slower of its decompressor and rows in memory */
	struct trace_file *plain; /* of what is compressed */
};

/* Nothing is done ahead, by a thread whose time would not be counted. */
static void only_one_processor(cpu_set_t *before)
{
	cpu_set_t one;
	CHECK(sched_getaffinity(0, sizeof *before, before) == 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof one, &one);
}

static double decompressor_on_the_wall(char *compressed)
{
	cpu_set_t all;
	only_one_processor(&all);
	double ns = on_the_wall(decompress, compressed);
	sched_setaffinity(0, sizeof all, &all);
	return ns;
}

/* Tells how far from the least of its stages a replay is that took `ns` on two cores. */
static void tell_stages(struct input *input, const struct kind *kind, double ns)
{
	double stage[3][BENCH_ROUNDS], middle[3], longest = 0, sum = 0;
	struct input plain = *input;
	cpu_set_t all;
	char name[100];
	plain.file = kind->plain;
	only_one_processor(&all);
	for (int i = 0; i < BENCH_ROUNDS; i++) {
		stage[0][i] = bench_once(decompress, kind->compressed);
		stage[1][i] = bench_once(read_rows, &plain);
		stage[2][i] = bench_once(replay_memory, input);
	}
	sched_setaffinity(0, sizeof all, &all);
	for (int i = 0; i < 3; i++) {
		middle[i] = bench_median(stage[i], BENCH_ROUNDS);
		longest = middle[i] > longest ? middle[i] : longest;
		sum += middle[i];
	}
	double least = longest > sum / 2 ? longest : sum / 2;
	snprintf(name, sizeof name, "replay of %s, two cores: against the least of stages of %.0f, %.0f, %.0f",
		 kind->name, middle[0], middle[1], middle[2]);
	bench_tell(name, ns, least, ns / least, 0);
}

static void replays(struct input *input, const struct kind *kind)
{
	double memory[BENCH_ROUNDS], file[BENCH_ROUNDS], ratio[BENCH_ROUNDS], alone[BENCH_ROUNDS];
	cpu_set_t all;
	CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
	int processors = CPU_COUNT(&all), passes = kind->compressed ? 1 : 2;
	for (int pass = 0; pass < passes; pass++) {
		char name[100];
		if (pass == 0 && processors < 2)
			continue;
		if (pass == 1)
			only_one_processor(&all);
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
			alone[i] = kind->compressed ? decompressor_on_the_wall(kind->compressed) : 0;
			ratio[i] = of_file / of_memory;
		}
		double ns = bench_median(file, BENCH_ROUNDS), bound = bench_median(memory, BENCH_ROUNDS);
		double against_memory = bench_median(ratio, BENCH_ROUNDS);
		bool by_decompressor = false;
		if (pass == 0) { /* what others do adds to the time on the wall; the least of it is the program's own */
			bench_median(alone, BENCH_ROUNDS);
			ns = file[0]; /* the median has sorted them */
			by_decompressor = alone[0] > memory[0];
			bound = by_decompressor ? alone[0] : memory[0];
			against_memory = ns / bound;
		}
		const char *cores = pass ? "one core" : "two cores";
		snprintf(name, sizeof name, "replay of %.3g M rows of %s, %s: against %s", (double)rows_wanted * 1e-6,
			 kind->name, cores, by_decompressor ? "its decompressor alone" : "rows in memory");
		bench_tell(name, ns, bound, against_memory, pass ? kind->one_core : kind->two_cores);
		snprintf(name, sizeof name, "replay of %s, %s: against libCacheSim, which only reads", kind->name,
			 cores);
		if (kind->compressed)
			tell_stages(input, kind, ns);
		if (kind->against_libcachesim)
			bench_tell(name, ns, LIBCACHESIM, ns / LIBCACHESIM, 1.0 / 3);
	}
	sched_setaffinity(0, sizeof all, &all);
}

/* Through the map of this benchmark. */
static struct trace_file *open_trace(struct arena *arena, const char *name)
{
	char text[400];
	static struct err err;
	err_init(&err);
	int length = snprintf(text, sizeof text, "file: %s\ncolumns: {service: {from: service_us, unit: us}}\n", name);
	struct tree *tree = yaml_parse(arena, "bench", text, (size_t)length, &err);
	struct trace_file *file = trace_file_open(tree, NULL, station->columns, NULL, &err);
	CHECK(file);
	return file;
}

int main(int count, char **word)
{
	struct arena arena;
	static struct err err;
	struct param_reader reader = {.arena = &arena};
	struct input input = {.source = {from_memory}};
	if (count > 1)
		rows_wanted = strtoull(word[1], NULL, 10);
	arena_init(&arena);
	err_init(&err);
	make_file();
	make_packed();
	make_compressed(zstd_path, ".zst");
	make_compressed(gzip_path, ".gz");
	bench_compare("CSV to records: one pass against libcsv", records_in_one_pass, NULL, records_by_libcsv, NULL,
		      0.5);
	station = case_find("station");
	input.file = open_trace(&arena, path);
	void *params = arena_get(&arena, station->params_size);
	param_defaults(station->params, params, &reader);
	static const struct place place = {"bench", 0, 0};
	CHECK(param_set(param_find(station->params, "service_from"), params, "trace", &reader, &place, &err));
	input.params = params;
	input.count = rows_wanted;
	input.row = malloc(rows_wanted * sizeof *input.row);
	CHECK(input.row);
	read_rows(&input);
	struct trace_file *text = input.file, *packed = open_trace(&arena, packed_path);
	const struct kind csv = {"CSV", 1.25, 1.5, true, NULL, NULL}, cbt = {".cbt", 1.05, 0, false, NULL, NULL},
			  zstd = {"CSV by zstd", 1.1, 0, false, zstd_path, text},
			  gzip = {"CSV by gzip", 1.1, 0, false, gzip_path, text};
	replays(&input, &csv);
	input.file = packed;
	replays(&input, &cbt);
	input.file = open_trace(&arena, zstd_path);
	replays(&input, &zstd);
	trace_file_close(input.file);
	input.file = open_trace(&arena, gzip_path);
	replays(&input, &gzip);
	trace_file_close(input.file);
	input.file = packed;
	free(input.row);
	input.row = NULL;
	struct input other = input;
	other.file = text;
	cpu_set_t all;
	only_one_processor(&all);
	bench_compare("rows of .cbt, one core: against those of CSV", read_rows, &input, read_rows, &other, 0);
	trace_file_close(text);
	trace_file_close(packed);
	unlink(path);
	unlink(packed_path);
	unlink(zstd_path);
	unlink(gzip_path);
	arena_free(&arena);
	return 0;
}
