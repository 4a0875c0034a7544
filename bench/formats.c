/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading records of other forms than CSV, ns a byte: the log of a web server, against 100 MB/s; JSON lines, against 50
 * MB/s, and against parsing the same lines with jansson. And what `trace info` needs to describe eight columns of
 * numbers, against reading their records.
 *
 *   formats [ROWS]     200,000 unless said
 */
#include "bench.h"

#include "engine/rng.h"
#include "io/records.h"
#include "io/traceinfo.h"

#include <jansson.h>
#include <unistd.h>

enum { LINE = 400, COLUMNS = 8 };

struct text {
	struct format format;
	char *bytes;
	size_t length;
};

static uint64_t rows_wanted = 200000;
static char path[] = "/tmp/bench-formats-XXXXXX";

static void write_row(struct text *text, uint64_t row, struct rng *rng)
{
	char *at = text->bytes + text->length;
	unsigned long long item = rng_below(rng, 5000), bytes = rng_below(rng, 50000), took = rng_below(rng, 1000);
	unsigned long long second = row / 50 % 60, client = rng_below(rng, 250);
	int length;
	if (text->format.kind == FORMAT_JSON)
		length = snprintf(
			at, LINE,
			"{\"time\": %llu, \"client\": \"192.0.2.%llu\", \"method\": \"GET\", \"url\": \"/item/%llu\", "
			"\"status\": 200, \"bytes\": %llu, \"took\": 0.%03llu, \"at\": {\"host\": \"a\", \"zone\": "
			"\"b\"}}\n",
			(unsigned long long)(1767600000000 + 20 * row), client, item, bytes, took);
	else
		length = snprintf(
			at, LINE,
			"192.0.2.%llu - - [05/Jan/2026:08:00:%02llu +0000] \"GET /item/%llu HTTP/1.1\" 200 %llu "
			"\"https://example.test/start\" \"Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0\"\n",
			client, second, item, bytes);
	text->length += (size_t)length;
}

static struct text make_text(struct format format)
{
	struct text text = {.format = format, .bytes = malloc(rows_wanted * LINE)};
	struct rng rng = rng_seed(1);
	CHECK(text.bytes);
	for (uint64_t row = 0; row < rows_wanted; row++)
		write_row(&text, row, &rng);
	return text;
}

static uint64_t read_text(void *with)
{
	const struct text *text = with;
	static struct err err;
	struct records records;
	const struct csv_field *fields;
	uint64_t rows = 0;
	err_init(&err);
	CHECK(records_open(&records, stream_of_memory("x", text->bytes, text->length, ERR_TRACE, &err), &text->format,
			   &err));
	for (; records_next(&records, &fields, &err) == CSV_ROW; rows++)
		bench_sink += fields[1].length;
	records_close(&records);
	CHECK(rows == rows_wanted);
	return text->length;
}

static uint64_t parse_json(void *with)
{
	const struct text *text = with;
	const char *at = text->bytes, *end = at + text->length;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		json_t *object = json_loadb(at, (size_t)(newline - at), 0, NULL);
		bench_sink += json_object_size(object);
		json_decref(object);
		at = newline + 1;
	}
	return text->length;
}

/* ns a byte, against those of a rate. */
static void tell_speed(const char *name, struct text *text, double bound)
{
	double ns[BENCH_ROUNDS];
	bench_once(read_text, text);
	for (int i = 0; i < BENCH_ROUNDS; i++)
		ns[i] = bench_once(read_text, text);
	double median = bench_median(ns, BENCH_ROUNDS);
	bench_tell(name, median, bound, median / bound, 1);
}

static void make_numbers(void)
{
	int descriptor = mkstemp(path);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	struct rng rng = rng_seed(1);
	CHECK(file);
	fputs("t_s,a,b,c,d,e,f,g,h\n", file);
	for (uint64_t row = 0; row < rows_wanted; row++) {
		fprintf(file, "%llu", (unsigned long long)row / 10);
		for (int i = 0; i < COLUMNS; i++)
			fprintf(file, ",%.6f", rng_unit(&rng));
		fputc('\n', file);
	}
	CHECK(fclose(file) == 0);
}

static uint64_t describe(void *with)
{
	struct arena arena;
	static struct err err;
	(void)with;
	arena_init(&arena);
	err_init(&err);
	struct trace_info *info = trace_info_read(&arena, path, &(struct trace_info_options){.keys = NULL}, &err);
	CHECK(info && info->rows == (int64_t)rows_wanted);
	arena_free(&arena);
	return rows_wanted;
}

static uint64_t read_numbers(void *with)
{
	static struct err err;
	const struct csv_field *fields;
	uint64_t rows = 0;
	(void)with;
	err_init(&err);
	struct stream_file *file = stream_file_open(path, ERR_TRACE, &err);
	struct csv_reader *reader = csv_open(stream_open(file, &err), &err);
	for (; csv_next(reader, &fields, &err) == CSV_ROW; rows++)
		bench_sink += fields[1].length;
	csv_close(reader);
	stream_file_close(file);
	return rows;
}

int main(int count, char **word)
{
	if (count > 1)
		rows_wanted = strtoull(word[1], NULL, 10);
	struct text log = make_text((struct format){.kind = FORMAT_LOG, .pattern = "combined"});
	struct text json = make_text((struct format){.kind = FORMAT_JSON});
	tell_speed("a web server's log to records, a byte: against 100 MB/s", &log, 10);
	tell_speed("JSON lines to records, a byte: against 50 MB/s", &json, 20);
	bench_compare("JSON lines to records, a byte: against jansson, which only parses", read_text, &json, parse_json,
		      &json, 1.0 / 3);
	free(log.bytes);
	free(json.bytes);
	make_numbers();
	bench_compare("trace info, eight columns of numbers, a row: against reading them", describe, NULL, read_numbers,
		      NULL, 0);
	unlink(path);
	return 0;
}
