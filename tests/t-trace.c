/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reader of traces, from bytes to rows: what is right gives exact rows, what is wrong gives one message at its
 * place. Real traces are those of CASEBOOK_TRACES, or ../shared/traces beside the source tree.
 */
#include "tap.h"

#include "io/csv.h"
#include "io/output.h"
#include "io/stream.h"
#include "io/tracefile.h"
#include "io/traceoutput.h"
#include "io/yaml.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const operations[] = {"read", "write", NULL};
enum { OP, ROOM, SERVICE, SENT, BYTES, COUNT };
static const struct column columns[] = {[OP] = {"op", COLUMN_CHOICE, operations, "read", "what is done"},
					[ROOM] = {"room", COLUMN_KEY, NULL, "7", "where"},
					[SERVICE] = {"service", COLUMN_TIME, NULL, "5 ns", "how long"},
					[SENT] = {"sent", COLUMN_TIME, NULL, "0 s", "when"},
					[BYTES] = {"bytes", COLUMN_BYTES, NULL, "1 B", "how large"},
					[COUNT] = {"count", COLUMN_COUNT, NULL, "0", "how many"},
					{NULL, COLUMN_COUNT, NULL, NULL, NULL}};
static const struct column needy[] = {{"channel", COLUMN_KEY, NULL, NULL, "the channel"},
				      {NULL, COLUMN_COUNT, NULL, NULL, NULL}};

static char directory[] = "/tmp/casebook-trace-XXXXXX";

static const char *in_directory(const char *name)
{
	static char paths[8][256];
	static int turn;
	turn = (turn + 1) % 8;
	snprintf(paths[turn], sizeof paths[turn], "%s/%s", directory, name);
	return paths[turn];
}

static const char *put_bytes(const char *name, const void *bytes, size_t length)
{
	const char *path = in_directory(name);
	FILE *file = fopen(path, "w");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
		bail("cannot write %s", path);
	return path;
}

static const char *put(const char *name, const char *text)
{
	return put_bytes(name, text, strlen(text));
}

static void show(const struct err *err)
{
	for (int i = 0; i < err->count && i < ERR_MAX; i++)
		diag("%s:%d:%d: %s", err->message[i].file, err->message[i].line, err->message[i].column,
		     err->message[i].text);
}

/* A trace opened through the text of its section. */
struct opened {
	struct arena arena;
	struct err err;
	struct trace_file *file;
	struct trace_rows *rows;
	struct row *row;
	size_t count;
	bool failed;
};

static void open_with(struct opened *t, const struct column *table, const char *path, const char *section)
{
	char text[2048];
	*t = (struct opened){.failed = false};
	arena_init(&t->arena);
	err_init(&t->err);
	snprintf(text, sizeof text, "file: '%s'\n%s", path, section);
	struct tree *tree = yaml_parse(&t->arena, "model.yaml", text, strlen(text), &t->err);
	t->file = tree ? trace_file_open(tree, "model.yaml", table, NULL, &t->err) : NULL;
}

static void read_rows(struct opened *t, uint64_t seed, double share)
{
	size_t room = 0, got;
	t->count = 0;
	free(t->row);
	t->row = NULL;
	t->rows = t->file ? trace_rows_open(t->file, seed, 0, share, &t->err) : NULL;
	if (!t->rows)
		return;
	struct row_source *source = trace_rows_source(t->rows);
	do {
		if (room < t->count + 100) {
			room = room * 2 + 1000;
			t->row = realloc(t->row, room * sizeof *t->row);
		}
		got = source->fill(source, t->row + t->count, 100);
		t->count += got;
	} while (got > 0);
	t->failed = trace_rows_failed(t->rows, &t->err);
}

static void close_trace(struct opened *t)
{
	trace_rows_close(t->rows);
	trace_file_close(t->file);
	arena_free(&t->arena);
	free(t->row);
}

static void read_trace(struct opened *t, const char *path, const char *section)
{
	open_with(t, columns, path, section);
	read_rows(t, 1, 1);
}

/* ---- CSV ---- */

static void csv_corners(void)
{
	static const struct {
		const char *name, *text, *fields; /* of all rows: each followed by '|', a missing one is '-' */
	} good[] = {
		{"plain", "a,b\n1,2\n3,4\n", "1|2|3|4|"},
		{"no newline at the end", "a,b\n1,2\n3,4", "1|2|3|4|"},
		{"CR LF", "a,b\r\n1,2\r\n3,4\r\n", "1|2|3|4|"},
		{"CR CR LF", "a,b\n1,2\r\r\n3,4\n", "1|2|3|4|"},
		{"quotes", "a,b\n\"1\",\"2,\"\"x\"\"\"\n", "1|2,\"x\"|"},
		{"a line end in a field", "a,b\n1,\"2\r\n3\"\n", "1|2\r\n3|"},
		{"missing values", "a,b\n,\\N\n\"\",4\n", "-|-|-|4|"},
		{"blanks around fields", "a , b\n 1 ,\t2 \n", "1|2|"},
		{"empty lines", "a,b\n\n1,2\n\n\n", "1|2|"},
		{"byte order mark",
		 "\xef\xbb\xbf"
		 "a,b\n1,2\n",
		 "1|2|"},
		{"header only", "a,b\n", ""},
		{"one column", "a\n1\n2\n", "1|2|"},
		{"quoted header", "\"a\",\"b,c\"\n1,2\n", "1|2|"},
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct err err;
		char all[256] = "";
		const struct csv_field *fields;
		err_init(&err);
		struct csv_reader *csv =
			csv_open(stream_of_memory("x", good[i].text, strlen(good[i].text), ERR_TRACE, &err), &err);
		while (csv && csv_next(csv, &fields, &err) == CSV_ROW)
			for (int k = 0; k < csv_columns(csv); k++) {
				strcat(all, fields[k].missing ? "-" : fields[k].text);
				strcat(all, "|");
			}
		is_text(err_any(&err) ? err.message[0].text : all, good[i].fields, "csv: %s", good[i].name);
		csv_close(csv);
	}
}

static void csv_writes(void)
{
	static const char *const texts[] = {"plain", "a,b", "say \"x\"", "two\nlines", " blank", "", NULL};
	char *bytes;
	size_t length;
	FILE *file = open_memstream(&bytes, &length);
	for (int i = 0; texts[i]; i++) {
		csv_put(file, texts[i]);
		fputs(",\n", file);
	}
	fclose(file);
	is_text(bytes, "plain,\n\"a,b\",\n\"say \"\"x\"\"\",\n\"two\nlines\",\n\" blank\",\n,\n",
		"csv: fields are quoted where needed");
	free(bytes);
}

/* ---- bad traces ---- */

struct bad {
	const char *name, *text, *section;
	enum err_kind kind;
	int line, column; /* of the message; -1: not looked at */
	const char *says;
};

static const struct bad bads[] = {
	{"empty file", "", "", ERR_TRACE, 0, 0, "is empty"},
	{"only line ends", "\n\n\n", "", ERR_TRACE, 0, 0, "is empty"},
	{"header only", "t_s,room\n", "", ERR_TRACE, 0, 0, "a header but no rows"},
	{"header only, no newline", "t_s,room", "", ERR_TRACE, 0, 0, "a header but no rows"},
	{"too few fields", "t_s,room\n1,a\n2\n", "", ERR_TRACE, 3, 1, "1 field, but the header has 2"},
	{"too many fields", "t_s,room\n1,a\n2,b,c\n", "", ERR_TRACE, 3, 5, "3 fields, but the header has 2"},
	{"two columns of one name", "t_s,room,room\n1,a,b\n", "", ERR_TRACE, 1, 0, "two columns called \"room\""},
	{"two columns that a map names", "t_s,client,client\n1,a,b\n", "columns: {room: client}", ERR_TRACE, 2, -1,
	 "two columns called \"client\"; say which by its number"},
	{"a column without a name", "t_s,,room\n1,a,b\n", "columns: {count: {from: ''}}", ERR_TRACE, 2, -1,
	 "no column \"\"; did you mean \"2\"? (its columns: t_s, 2, room)"},
	{"quote inside a field", "t_s,room\n1,a\"b\n", "", ERR_TRACE, 2, 4, "a quote inside an unquoted field"},
	{"text after a quote", "t_s,room\n1,\"a\"b\n", "", ERR_TRACE, 2, 6, "after the closing quote"},
	{"quote not closed", "t_s,room\n1,a\n2,\"b\n3,c\n", "", ERR_TRACE, 3, 3, "is not closed"},
	{"lone carriage returns", "t_s,room\r1,a\r2,b\r", "", ERR_TRACE, 1, 9, "carriage return without a line feed"},
	{"not a number", "t_s,room\n1,a\nx2,b\n", "", ERR_TRACE, 3, 1, "t_s: \"x2\" is not a number"},
	{"a number and more", "t_s,room\n1s,a\n", "", ERR_TRACE, 2, 1, "\"1s\" is not a number"},
	{"hexadecimal", "t_s,room\n0x10,a\n", "", ERR_TRACE, 2, 1, "is not a number"},
	{"NaN", "t_s,room\n1,a\nnan,b\n", "", ERR_TRACE, 3, 1, "\"nan\" is not a number"},
	{"infinity", "t_s,room\ninf,b\n", "", ERR_TRACE, 2, 1, "\"inf\" is not a number"},
	{"negative time", "t_s,room\n-1,a\n", "", ERR_TRACE, 2, 1, "\"-1\" is a negative time"},
	{"time overflows", "t_s,room\n1,a\n9999999999999,b\n", "", ERR_TRACE, 3, 1, "is too large a time"},
	{"trace too long", "t_s,room\n1,a\n9000000000,b\n", "", ERR_TRACE, 3, -1, "longer than 146 years"},
	{"too many digits", "t_s,room\n1.0000000000000000001,b\n", "", ERR_TRACE, 2, 1, "too many digits"},
	{"time missing", "t_s,room\n1,a\n,b\n", "", ERR_TRACE, 3, 1, "every row needs a time"},
	{"time goes back", "t_s,room\n1,a\n3,b\n2.5,c\n", "", ERR_TRACE, 4, 1,
	 "time goes backwards: 2.5, after 3 in line 3; sort the file, or accept it with --sort"},
	{"before the origin", "t_s,room\n5,a\n", "columns: {time: {from: t_s, unit: s, origin: 6}}", ERR_TRACE, 2, 1,
	 "before the origin"},
	{"unknown word", "t_s,op\n1,read\n2,delete\n", "", ERR_TRACE, 3, 3, "\"delete\" is not one of read, write"},
	{"negative bytes", "t_s,bytes\n1,-5\n", "", ERR_TRACE, 2, 3, "bytes: \"-5\" is negative"},
	{"bytes overflow", "t_s,bytes\n1,9e18\n", "", ERR_TRACE, 2, 3, "is too large"},
	{"half a byte", "t_s,bytes\n1,0.5\n", "", ERR_TRACE, 2, 3, "is not whole; say the unit"},
	{"a service of 0.25 without a unit", "t_s,service\n1,0.25\n", "", ERR_TRACE, 2, 3, "is not whole"},
	{"a sum over a missing value", "t_s,n\n1,\n", "columns: {service: 1 ms * n}", ERR_TRACE, 2, 3,
	 "a number is computed from it"},
	{"a sum that overflows", "t_s,n\n1,999999999999999999\n", "columns: {service: 1 h * n}", ERR_TRACE, 2, 3,
	 "too large"},
	{"a negative sum", "t_s,n\n1,3\n", "columns: {service: 5 ms - 2 ms * n}", ERR_TRACE, 2, 3, "negative"},
	{"no time", "when,room\n1,a\n", "", ERR_TRACE, 1, 0, "no column is known to be the time"},
	{"bad window", "time_ns,window\n1,soon\n", "", ERR_TRACE, 2, 3, "neither a whole number nor a date"},
	{"bad date", "when,room\n2014-02-30,a\n", "columns: {time: {from: when, unit: date}}", ERR_TRACE, 2, 1,
	 "is not a date and time"},
	{"a column that is not there", "t_s,room\n1,a\n", "columns: {time: {from: t_us, unit: us}}", ERR_TRACE, 2, -1,
	 "has no column \"t_us\"; did you mean \"t_s\"? (its columns: t_s, room)"},
	{"a slip in a source column", "t_s,client\n1,a\n", "columns: {room: cliemt}", ERR_TRACE, 2, -1,
	 "did you mean \"client\"?"},
	{"no unit of time", "when,room\n1,a\n", "columns: {time: {from: when}}", ERR_MODEL, 2, -1, "time needs a unit"},
	{"wrong unit of time", "when,room\n1,a\n", "columns: {time: {from: when, unit: sec}}", ERR_MODEL, 2, -1,
	 "time needs a unit"},
	{"resolution without a unit", "t_s,room\n1,a\n", "columns: {time: {from: t_s, unit: s, resolution: 1}}",
	 ERR_MODEL, 2, -1, "needs a time unit"},
	{"resolution 0", "t_s,room\n1,a\n", "columns: {time: {from: t_s, unit: s, resolution: 0 s}}", ERR_MODEL, 2, -1,
	 "must be above 0"},
	{"spread without a resolution", "t_s,room\n1,a\n", "columns: {time: {from: t_s, unit: s, spread: evenly}}",
	 ERR_MODEL, 2, -1, "needs a resolution"},
	{"spread in windows", "time_ns,window\n1,1\n", "columns: {time: {from: time_ns, unit: ns, resolution: 1 s}}",
	 ERR_MODEL, -1, -1, "cannot be spread over a resolution"},
	{"a condition on what is not there", "t_s,room\n1,a\n", "where: rom = a", ERR_TRACE, 2, -1,
	 "no column \"rom\"; did you mean \"room\"?"},
	{"a condition without a comparison", "t_s,room\n1,a\n", "where: room", ERR_MODEL, 2, -1, "needs a comparison"},
	{"a condition that does not close", "t_s,room\n1,a\n", "where: not (room = a", ERR_MODEL, 2, -1, "needs a )"},
	{"a list that does not close", "t_s,room\n1,a\n", "where: room in (a, b", ERR_MODEL, 2, -1, "needs , or )"},
	{"a condition that goes on", "t_s,room\n1,a\n", "where: room = a b", ERR_MODEL, 2, -1, "needs `and` or `or`"},
	{"an order of words", "t_s,room\n1,a\n", "where: room < b", ERR_MODEL, 2, -1, "need a number or a date"},
	{"an order of what is no number", "t_s,room\n1,a\n", "where: room < 5", ERR_TRACE, 2, 3,
	 "\"a\" is not a number"},
	{"a condition that no row meets", "t_s,room\n1,a\n", "where: room = b", ERR_TRACE, 0, 0,
	 "no rows that are wanted"},
	{"a stretch that ends before it begins", "t_s,room\n1,a\n", "from: 5\nto: 4", ERR_MODEL, 3, -1,
	 "later than from"},
	{"a stretch from nowhere", "t_s,room\n1,a\n", "from: noon", ERR_MODEL, 2, -1, "a time after the first row"},
	{"a difference below 0", "t_s,a,b\n1,3,2\n", "columns: {service: {from: b, unit: s, minus: a}}", ERR_TRACE, 2,
	 3, "more than what it is subtracted from"},
	{"a second file that is not there", "t_s,a\n1,3\n", "columns: {service: {from: a, unit: s, lookup: nope.csv}}",
	 ERR_MODEL, 2, -1, "no such file: nope.csv"},
	{"a format that is none", "t_s,a\n1,3\n", "format: parquet", ERR_MODEL, 2, -1, "is not csv, json"},
	{"a delimiter that is none", "t_s,a\n1,3\n", "delimiter: ab", ERR_MODEL, 2, -1, "is not one character"},
	{"a header of a log", "t_s,a\n1,3\n", "format: common\nheader: none", ERR_MODEL, 3, -1, "csv and blanks only"},
	{"a log of another format", "a b\nc d\n", "format: '$t_s|$room'", ERR_TRACE, 1, 1, "no \"|\" behind t_s"},
	{"no JSON", "{\"t_s\": 1}\n{\"t_s\": }\n", "", ERR_TRACE, 2, -1, "is not a JSON object in one line"},
	{"a list as JSON", "[{\"t_s\": 1}]\n", "", ERR_TRACE, 0, 0, "jq -c '.[]' FILE"},
	{"Parquet", "PAR1\1\2", "", ERR_TRACE, 0, 0, "is a Parquet file; duckdb"},
	{"results of JMeter as XML", "<?xml version=\"1.0\"?>\n<testResults>\n", "", ERR_TRACE, 0, 0, "writes a CSV"},
	{"percentiles", "       Value     Percentile TotalCount 1/(1-Percentile)\n\n 1 0.5 1 2\n", "", ERR_TRACE, 0, 0,
	 "hist(FILE.hgrm)"},
	{"a log of HdrHistogram", "#[Histogram log format version 1.3]\n", "", ERR_TRACE, 0, 0,
	 "is a log of HdrHistogram"},
	{"a report of wrk2", "Running 30s test @ http://x/\n", "", ERR_TRACE, 0, 0, "is a report of wrk or wrk2"},
	{"a key of recipes", "t_s,room\n1,a\n", "gap: 0 s", ERR_MODEL, 2, 1, "unknown key \"gap\""},
	{"unknown key", "t_s,room\n1,a\n", "tine_scale: 4", ERR_MODEL, 2, 1, "did you mean \"time_scale\"?"},
	{"unknown column of the case", "t_s,room\n1,a\n", "columns: {rooms: room}", ERR_MODEL, 2, -1,
	 "did you mean \"room\"?"},
	{"time_scale 0", "t_s,room\n1,a\n", "time_scale: 0", ERR_MODEL, 2, -1, "out of range"},
	{"superpose 0", "t_s,room\n1,a\n", "superpose: 0", ERR_MODEL, 2, -1, "allowed: 1 .. 10000"},
	{"product of two columns", "t_s,a,b\n1,2,3\n", "columns: {service: 1 ms * a * b}", ERR_MODEL, 2, -1,
	 "not linear"},
	{"a coefficient without a unit", "t_s,a\n1,2\n", "columns: {service: 2 * a}", ERR_MODEL, 2, -1, "needs a unit"},
	{"a wrong unit in a sum", "t_s,a\n1,2\n", "columns: {service: 2 B * a}", ERR_MODEL, 2, -1,
	 "not a unit of a time"},
	{"stored without a recipe", "t_s,a\n1,2\n", "columns: {count: stored}", ERR_MODEL, 2, -1,
	 "known in a recipe only"},
	{"a map that is none", "t_s,a\n1,2\n", "columns: [a]", ERR_MODEL, 2, -1, "must be a map"},
};

static bool message_is(const struct err *err, const struct bad *bad, const char *path)
{
	if (err->count == 0)
		return false;
	const struct err_message *m = &err->message[0];
	const char *file = bad->kind == ERR_TRACE && bad->line >= 0 && bad->column >= 0 ? path : m->file;
	return err->kind == bad->kind && strstr(m->text, bad->says) && (bad->line < 0 || m->line == bad->line) &&
	       (bad->column < 0 || m->column == bad->column) && strcmp(m->file, file) == 0;
}

static void check_bad(const struct bad *bad, const char *path, const struct column *table)
{
	struct opened t;
	open_with(&t, table, path, bad->section);
	read_rows(&t, 1, 1);
	if (!ok(message_is(&t.err, bad, path), "bad: %s", bad->name))
		show(&t.err);
	close_trace(&t);
}

static void bad_traces(void)
{
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++)
		check_bad(&bads[i], put("bad.csv", bads[i].text), columns);

	static const char nul[] = "t_s,room\n1,a\n2,\0b\n";
	struct bad bad = {"NUL byte", NULL, "", ERR_TRACE, 3, 3, "a NUL byte"};
	check_bad(&bad, put_bytes("nul.csv", nul, sizeof nul - 1), columns);

	size_t size = 10 << 20;
	char *large = malloc(size + 32);
	int head = sprintf(large, "t_s,room\n1,a\n2,");
	memset(large + head, 'x', size);
	strcpy(large + head + size, "\n3,b\n");
	bad = (struct bad){"a line of 10 MB", NULL, "", ERR_TRACE, 3, 0, "a line longer than 1048576 bytes"};
	check_bad(&bad, put("large.csv", large), columns);
	large[head] = '"';
	bad = (struct bad){"10 MB in quotes", NULL, "", ERR_TRACE, 3, 0, "a line longer than"};
	check_bad(&bad, put("large.csv", large), columns);
	free(large);

	bad = (struct bad){"directory", NULL, "", ERR_TRACE, 0, 0, "is a directory"};
	check_bad(&bad, directory, columns);
	bad = (struct bad){"missing file", NULL, "", ERR_TRACE, 1, -1, "No such file"};
	check_bad(&bad, in_directory("none.csv"), columns);
	bad = (struct bad){"a needed column", NULL, "", ERR_TRACE, 1, 0, "is it \"chanel\"; say where it comes from"};
	bad.says = "no column \"channel\" (the channel); is it \"chanel\"; say where";
	check_bad(&bad, put("bad.csv", "t_s,chanel\n1,2\n"), needy);
	bad = (struct bad){"a text for a key that is no column",
			   NULL,
			   "columns: {channel: main}",
			   ERR_TRACE,
			   2,
			   -1,
			   "has no column \"main\""};
	check_bad(&bad, put("bad.csv", "t_s,room\n1,2\n"), needy);

	/* canary: a good trace is none of these */
	struct opened t;
	read_trace(&t, put("good.csv", "t_s,room\n1,a\n2,b\n"), "");
	bool any = false;
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++)
		any = any || message_is(&t.err, &bads[i], "");
	ok(!any && t.count == 2, "bad: a good trace is not");
	close_trace(&t);
}

static void skipping(void)
{
	static const char text[] = "t_s,op\n1,read\nx,read\n2,fly\n3,read,4\n4,\"a\"b\n5,write\n";
	struct opened t;
	read_trace(&t, put("skip.csv", text), "skip_bad: 4");
	is_int(t.count, 2, "skip_bad: the good rows");
	is_int(trace_rows_counts(t.rows).records.skipped, 4, "skip_bad: the others are counted");
	ok(!err_any(&t.err), "skip_bad: without a mistake");
	close_trace(&t);
	read_trace(&t, put("skip.csv", text), "skip_bad: 3");
	ok(t.failed && t.err.kind == ERR_TRACE && t.err.message[0].line == 6,
	   "skip_bad: one more than allowed is a mistake");
	ok(t.err.count == 2 && strstr(t.err.message[1].text, "more than 3 malformed rows"), "skip_bad: which says so");
	close_trace(&t);
	read_trace(&t, put("skip.csv", "t_s,op\nx,read\n"), "skip_bad: 3");
	ok(t.err.count == 1 && strstr(t.err.message[0].text, "no rows that are well formed"),
	   "skip_bad: nothing is left");
	close_trace(&t);
	read_trace(&t, put("skip.csv", "t_s,op\n2,read\n1,read\n"), "skip_bad: 3");
	ok(t.failed, "skip_bad: rows out of order are not skipped");
	close_trace(&t);
}

/* ---- good traces ---- */

static void times_of(const char *name, const char *text, const char *section, const char *want)
{
	struct opened t;
	char all[512] = "";
	read_trace(&t, put("times.csv", text), section);
	for (size_t i = 0; i < t.count; i++)
		sprintf(all + strlen(all), "%s%lld", i ? " " : "", (long long)t.row[i].time);
	if (!is_text(all, want, "times: %s", name))
		show(&t.err);
	close_trace(&t);
}

static void time_maps(void)
{
	times_of("seconds from the first row", "t_unix_s\n1451606400\n1451606401\n1451606401\n", "",
		 "0 1000000000 1000000000");
	times_of("microseconds", "t_us\n5\n7\n", "", "0 2000");
	times_of("decimals are exact", "t_unix_s\n1451606400.100000001\n1451606400.3\n", "", "0 199999999");
	times_of("rounded half away from zero", "t_ns\n0\n0.4\n0.5\n1.5\n", "", "0 0 1 2");
	times_of("exponents", "t_s\n1e3\n1.0005e3\n", "", "0 500000000");
	times_of("many zeros", "t_s\n1.000000000000000000000000\n1.50000000000000000000000\n", "", "0 500000000");
	times_of("origin 0", "t_ms\n5\n7\n", "columns: {time: {from: t_ms, unit: ms, origin: 0}}", "5000000 7000000");
	times_of("an origin in units", "x\n5\n7\n", "columns: {time: {from: x, unit: min, origin: 4.5}}",
		 "30000000000 150000000000");
	times_of("our own traces start at 0", "time_ns\n5\n7\n", "", "5 7");
	times_of("dates", "d\n2014-04-07 18:30:05\n2014-04-07T18:30:05.25Z\n2014-04-08\n",
		 "columns: {time: {from: d, unit: date}}", "0 250000000 19795000000000");
	times_of("an origin as a date", "d\n2014-04-07 00:00:01\n",
		 "columns: {time: {from: d, unit: date, origin: 2014-04-07}}", "1000000000");
	times_of("time_scale", "t_ns\n0\n10\n15\n20\n100\n", "time_scale: 10", "0 1 2 2 10");
	times_of("time_scale below 1", "t_ns\n3\n4\n", "time_scale: 0.3", "0 3");
	times_of("time_scale of many rows does not drift", "t_ns\n0\n1\n2\n3\n3000000000000000001\n", "time_scale: 3",
		 "0 0 1 1 1000000000000000000");
	times_of("rows without a time", "key\na\nb\na\n", "columns: {time: 1 ms * row}", "0 1000000 2000000");
	times_of("their number, without those that are passed over", "key,n\na,1\nb\nc,3\n",
		 "columns: {time: 2 s*row}\nskip_bad: 1", "0 2000000000");
	times_of("in copies", "key\na\nb\n", "columns: {time: 1 us * row}\ntime_scale: 10", "0 100");
	times_of("and a column that is called so", "1 ms * row,t_s\n3,5\n4,6\n",
		 "columns: {time: {from: \"1 ms * row\", unit: s}}", "0 1000000000");
	times_of("sort", "t_s\n3\n1\n2\n", "sort: true", "0 1000000000 2000000000");
}

static void column_maps(void)
{
	struct opened t;
	read_trace(&t,
		   put("map.csv", "t_us,context_tokens,generated_tokens,method,room,size\n"
				  "0,374,44,GET,42,1.5\n10,396,109,PUT,lobby,2.5\n20,1.5,0.0001,HEAD,\\N,\n"),
		   "columns:\n"
		   "  service: 100 ms + 20 us * context_tokens + 12 ms * generated_tokens\n"
		   "  op: {from: method, words: {GET: read, PUT: write, HEAD: read}}\n"
		   "  bytes: {from: size, unit: kB, missing: 9 B}\n"
		   "  sent: calendar\n"
		   "  count: 3\n");
	if (!is_int(t.count, 3, "map: rows")) {
		show(&t.err);
	} else {
		is_int(t.row[0].value[SERVICE], 100000000 + 374 * 20000 + 44 * 12000000, "map: a linear sum");
		is_int(t.row[1].value[SERVICE], 100000000 + 396 * 20000 + 109 * 12000000, "map: of each row");
		is_int(t.row[2].value[SERVICE], 100000000 + 30000 + 1200, "map: of decimals");
		is_int(t.row[1].value[OP], 1, "map: words of the file");
		is_int(t.row[2].value[OP], 0, "map: several for one");
		is_int(t.row[0].value[ROOM], 42, "map: a decimal key is itself");
		ok(t.row[1].value[ROOM] > 1000000, "map: a text is hashed");
		is_int(t.row[2].value[ROOM], 7, "map: a missing key is what the column says");
		is_int(t.row[0].value[BYTES], 1500, "map: a unit");
		is_int(t.row[2].value[BYTES], 9, "map: a missing value is what the map says");
		is_int(t.row[1].value[SENT], 10000, "map: the calendar is the file's time");
		is_int(t.row[1].value[COUNT], 3, "map: a constant");
		is_int((long long)t.row[2].id, 2, "map: ids count rows");
	}
	is_text(strstr(trace_file_describe(t.file), ", time"), ", time from t_us in us", "map: describes itself");
	close_trace(&t);

	read_trace(&t, put("sum.csv", "t_s,a,b\n0,7,3\n1,0.1,0.2\n2,1e-9,5\n"),
		   "columns: {service: '1 us*a - 0.5us * b + 0.3 ns * a', count: '2 * a + b + 10', bytes: 4 kB * b}");
	is_int(t.count == 2 ? t.row[0].value[SERVICE] : -1, 5502,
	       "sum: differences, fractions of a unit, rounded once");
	is_int(t.count == 2 ? t.row[1].value[SERVICE] : -1, 0, "sum: 100 - 100 + 0.03");
	is_int(t.count == 2 ? t.row[0].value[COUNT] : -1, 27, "sum: counts");
	is_int(t.count == 2 ? t.row[1].value[BYTES] : -1, 800, "sum: bytes");
	ok(t.failed && strstr(t.err.message[0].text, "negative") && t.count == 2, "sum: the third row is negative");
	close_trace(&t);

	read_trace(&t, put("made.csv", "t_s,read\n0,x\n1,y\n2,z\n"),
		   "columns: {op: {constant: read}, room: {by: op, read: {zipf: {keys: 10}}, write: 3}, bytes: "
		   "'uniform(5 B, 9 B)'}");
	ok(t.count == 3 && t.row[0].value[OP] == 0, "made: a constant that is the name of a column");
	bool in_range = true;
	for (size_t i = 0; i < t.count; i++)
		in_range = in_range && t.row[i].value[BYTES] >= 5 && t.row[i].value[BYTES] <= 9 &&
			   t.row[i].value[ROOM] % 2 == 0 && t.row[i].value[ROOM] < 20;
	ok(in_range, "made: distributions and keys by a word");
	close_trace(&t);

	read_trace(&t, put("own.csv", "time_ns,window,op,room,sent\n5,17000,write,3,99\n"), "");
	ok(t.count == 1 && t.row[0].window == 17000 && t.row[0].value[OP] == 1 && t.row[0].value[ROOM] == 3 &&
		   t.row[0].value[SENT] == 99 && t.row[0].time == 5 && t.row[0].value[SERVICE] == 5,
	   "a generated trace needs no map");
	close_trace(&t);
	read_trace(&t, put("own.csv", "t_s,w\n5,2017-01-01\n"), "columns: {window: w}");
	is_int(t.count == 1 ? t.row[0].window : -1, 17167, "a window may be a date");
	close_trace(&t);
}

static void sorting(void)
{
	struct opened t;
	char text[4096] = "t_s,count\n";
	for (int i = 0; i < 100; i++)
		sprintf(text + strlen(text), "%d,%d\n", (i * 37) % 10, i);
	read_trace(&t, put("sort.csv", text), "sort: true");
	bool good = t.count == 100;
	for (size_t i = 1; good && i < t.count; i++)
		good = t.row[i - 1].time < t.row[i].time ||
		       (t.row[i - 1].time == t.row[i].time && t.row[i - 1].value[COUNT] < t.row[i].value[COUNT]);
	ok(good, "sort: by time, ties in the order of the file");
	ok(strstr(trace_file_describe(t.file), ", sorted") != NULL, "sort: is told");
	close_trace(&t);
}

static void superposing(void)
{
	enum { ROWS = 500, COPIES = 4 };
	static char text[64 * ROWS];
	struct opened plain, t;
	int length = sprintf(text, "t_us,room,sent\n");
	for (int i = 0, at = 100; i < ROWS; i++, at += (i * i) % 1000)
		length += sprintf(text + length, "%d,%d,%d\n", at, i % 7, i);
	const char *path = put("super.csv", text);
	read_trace(&plain, path, "");
	read_trace(&t, path, "superpose: 4");
	is_int(t.count, ROWS * COPIES, "superpose: four times the rows");
	int64_t of_copy[COPIES] = {0}, span = plain.row[ROWS - 1].time;
	bool ordered = true, same = true, sent = true, keys = true;
	for (size_t i = 0; i < t.count; i++) {
		const struct row *row = &t.row[i];
		uint64_t copy = row->id / ROWS, of = row->id % ROWS;
		of_copy[copy < COPIES ? copy : 0]++;
		ordered = ordered && (i == 0 || t.row[i - 1].time < row->time ||
				      (t.row[i - 1].time == row->time &&
				       (copy > t.row[i - 1].id / ROWS ||
					(copy == t.row[i - 1].id / ROWS && of > t.row[i - 1].id % ROWS))));
		if (copy == 0)
			same = same && row->time == plain.row[of].time && row->value[ROOM] == plain.row[of].value[ROOM];
		else
			keys = keys && row->value[ROOM] > 7;
		sent = sent && row->value[SENT] == (int64_t)of;
	}
	ok(ordered, "superpose: in order, ties by copy and file");
	ok(same, "superpose: copy 0 is the file");
	ok(keys, "superpose: other copies have other keys");
	ok(sent, "superpose: the calendar stays");
	for (int i = 0; i < COPIES; i++)
		is_int(of_copy[i], ROWS, "superpose: copy %d is whole", i);
	/* every copy is a rotation: the time from a row to the next is that of the file, modulo the span and a mean gap
	 */
	int64_t gap = (span + (ROWS - 1) / 2) / (ROWS - 1), period = span + gap, at[ROWS];
	bool rotation = true;
	for (uint64_t copy = 1; copy < COPIES; copy++) {
		for (size_t i = 0; i < t.count; i++)
			if (t.row[i].id / ROWS == copy)
				at[t.row[i].id % ROWS] = t.row[i].time;
		for (int i = 1; i < ROWS; i++)
			rotation = rotation &&
				   (at[i] - at[i - 1] + period) % period == plain.row[i].time - plain.row[i - 1].time;
	}
	ok(rotation, "superpose: every copy is the file, turned within its span");
	struct opened other;
	open_with(&other, columns, path, "superpose: 4");
	read_rows(&other, 1, 1);
	ok(other.count == t.count && memcmp(other.row, t.row, t.count * sizeof *t.row) == 0,
	   "superpose: same seed, same rows");
	trace_rows_close(other.rows);
	read_rows(&other, 2, 1);
	ok(other.count == t.count && memcmp(other.row, t.row, t.count * sizeof *t.row) != 0,
	   "superpose: another seed, other rows");
	close_trace(&other);
	close_trace(&plain);
	close_trace(&t);

	read_trace(&t, put("one.csv", "t_s\n5\n"), "superpose: 3");
	is_int(t.count, 3, "superpose: a trace of one row");
	close_trace(&t);
	read_trace(&t, put("one.csv", "t_s\n5\n5\n5\n"), "superpose: 3\ntime_scale: 2");
	ok(t.count == 9 && strstr(trace_file_describe(t.file), ", time_scale 2, superpose 3"),
	   "superpose: a trace of one instant");
	bool by_copy = t.count == 9;
	for (size_t i = 0; by_copy && i < 9; i++)
		by_copy = t.row[i].id == i;
	ok(by_copy, "superpose: at one instant, copy after copy");
	close_trace(&t);

	/* a row each ns: every copy, however it is shifted, has a row each ns of the span */
	read_trace(&t, put("each.csv", "t_ns\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"), "superpose: 50");
	bool each = t.count == 500;
	for (size_t i = 0; each && i < 500; i++)
		each = t.row[i].time == (int64_t)i / 50 && (i % 50 == 0 || t.row[i - 1].id / 10 < t.row[i].id / 10);
	ok(each, "superpose: copies wrap around exactly");
	close_trace(&t);
}

static void sharing(void)
{
	enum { ROWS = 20000 };
	char *text = malloc(32 * ROWS);
	struct opened t, half;
	int length = sprintf(text, "t_us,count\n");
	for (int i = 0; i < ROWS; i++)
		length += sprintf(text + length, "%d,%d\n", i, i);
	const char *path = put("share.csv", text);
	free(text);
	open_with(&t, columns, path, "");
	read_rows(&t, 1, 0.25);
	near_to((double)t.count, ROWS * 0.25, 2 * sqrt(ROWS * 0.25 * 0.75), "share: a quarter of the rows");
	bool same = true;
	for (size_t i = 0; i < t.count; i++)
		same = same && (int64_t)t.row[i].id == t.row[i].value[COUNT];
	ok(same, "share: rows keep their ids");
	open_with(&half, columns, path, "");
	read_rows(&half, 1, 0.5);
	size_t k = 0;
	for (size_t i = 0; i < t.count && k < half.count; i++)
		while (k < half.count && half.row[k].id != t.row[i].id)
			k++;
	ok(k < half.count, "share: a smaller share is part of a larger one");
	close_trace(&half);
	close_trace(&t);
}

/* Several readers of one file at once, as replications on threads are. */
struct reading {
	struct trace_file *file;
	int64_t rows;
	uint64_t sum;
};

static void *read_on_thread(void *of)
{
	struct reading *reading = of;
	struct err err;
	struct row block[64];
	err_init(&err);
	struct trace_rows *rows = trace_rows_open(reading->file, 1, 0, 1, &err);
	for (size_t got = 1; rows && got > 0;) {
		got = trace_rows_source(rows)->fill(trace_rows_source(rows), block, 64);
		for (size_t i = 0; i < got; i++)
			reading->sum = rng_mix(reading->sum + (uint64_t)block[i].time) + (uint64_t)block[i].value[ROOM];
		reading->rows += (int64_t)got;
	}
	trace_rows_close(rows);
	return NULL;
}

static void threads(void)
{
	static const char *const sections[] = {"", "superpose: 3", NULL};
	char *text = malloc(32 * 20000);
	int length = sprintf(text, "t_us,room\n");
	for (int i = 0; i < 20000; i++)
		length += sprintf(text + length, "%d,%d\n", i, i % 100);
	const char *path = put("threads.csv", text);
	free(text);
	for (int k = 0; sections[k]; k++) {
		struct opened t;
		struct reading reading[4];
		pthread_t thread[4];
		open_with(&t, columns, path, sections[k]);
		for (int i = 0; i < 4; i++) {
			reading[i] = (struct reading){t.file, 0, 0};
			if (pthread_create(&thread[i], NULL, read_on_thread, &reading[i]) != 0)
				bail("no threads");
		}
		bool same = true;
		for (int i = 0; i < 4; i++) {
			pthread_join(thread[i], NULL);
			same = same && reading[i].rows == (k ? 60000 : 20000) && reading[i].sum == reading[0].sum;
		}
		ok(same, "threads: four readers of one file get the same rows%s", k ? ", superposed" : "");
		close_trace(&t);
	}
}

/* ---- files ---- */

static void compressed(void)
{
	static const char *const names[] = {"x.csv", "x.csv.gz", "x.csv.zst", "x.csv.xz", NULL};
	struct err err;
	struct opened t;
	for (int i = 0; names[i]; i++) {
		const char *path = in_directory(names[i]);
		err_init(&err);
		struct stream_output *output = stream_output_open(path, &err);
		fprintf(stream_output_file(output), "t_us,count\n");
		for (int k = 0; k < 30000; k++)
			fprintf(stream_output_file(output), "%d,%d\n", k, k * 7);
		ok(stream_output_commit(output, &err), "%s is written", names[i]);
		struct stat is;
		ok(stat(path, &is) == 0 && (i == 0 || is.st_size < 250000), "%s has %lld bytes", names[i],
		   (long long)is.st_size);
		read_trace(&t, path, "");
		ok(t.count == 30000 && t.row[29999].value[COUNT] == 29999 * 7, "%s is read back", names[i]);
		close_trace(&t);
		if (i == 0)
			continue;
		if (i == 1) {
			unsigned char head[8] = {0};
			FILE *file = fopen(path, "r");
			ok(file && fread(head, 1, 8, file) == 8 && !(head[4] | head[5] | head[6] | head[7]),
			   "%s holds no time: same rows, same bytes", names[i]);
			if (file)
				fclose(file);
		}
		ok(truncate(path, is.st_size - 100) == 0, "%s is cut", names[i]);
		read_trace(&t, path, "");
		if (!ok(t.err.kind == ERR_TRACE && strstr(t.err.message[0].text, "cannot be decompressed"),
			"%s: cut is a mistake", names[i]))
			show(&t.err);
		close_trace(&t);
		read_trace(&t, path, "skip_bad: 1000");
		ok(t.err.kind == ERR_TRACE, "%s: cut is not skipped", names[i]);
		close_trace(&t);
	}
	put("pretend.csv.gz", "t_us,count\n1,2\n");
	read_trace(&t, in_directory("pretend.csv.gz"), "");
	is_int(t.count, 1, "what is plain is read as plain, whatever its name");
	close_trace(&t);
	put("garbage.gz", "\x1f\x8b\x08garbage");
	read_trace(&t, in_directory("garbage.gz"), "");
	ok(t.err.kind == ERR_TRACE, "a gzip header with nothing behind it is a mistake");
	close_trace(&t);
}

/* Bytes of a whole file; the caller frees them. */
static unsigned char *slurp(const char *path, size_t *length)
{
	struct stat is;
	FILE *file = fopen(path, "r");
	if (!file || stat(path, &is) != 0)
		bail("%s", path);
	unsigned char *bytes = malloc((size_t)is.st_size + 1);
	*length = fread(bytes, 1, (size_t)is.st_size, file);
	fclose(file);
	return bytes;
}

static uint64_t read_sum; /* of the rows that is_read has read */

static bool is_read(const void *bytes, size_t length)
{
	struct opened t;
	read_trace(&t, put_bytes("flipped", bytes, length), "");
	read_sum = 0;
	for (size_t i = 0; t.file && i < t.count; i++)
		read_sum = rng_mix(read_sum ^ (uint64_t)t.row[i].time) + (uint64_t)t.row[i].value[COUNT];
	bool good = t.file && t.count > 0 && !err_any(&t.err);
	if (!good && t.err.kind != ERR_TRACE)
		diag("kind %d: %s", t.err.kind, t.err.message[0].text);
	close_trace(&t);
	return good;
}

/* Two members each, as `cat` joins them: "t_s,c 0,1 1,2" and "2,3 3,4". */
static const unsigned char two_gzip[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x2b, 0x89, 0x2f, 0xd6, 0x49, 0xe6, 0x32, 0xd0,
	0x31, 0xe4, 0x32, 0xd4, 0x31, 0xe2, 0x02, 0x00, 0x37, 0x8d, 0x0d, 0x00, 0x0e, 0x00, 0x00, 0x00, 0x1f, 0x8b,
	0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x33, 0xd2, 0x31, 0xe6, 0x32, 0xd6, 0x31, 0xe1, 0x02, 0x00,
	0x01, 0x47, 0xbf, 0xea, 0x08, 0x00, 0x00, 0x00};
static const unsigned char two_bzip2[] = {
	0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x7e, 0xbf, 0x1f, 0x1c, 0x00, 0x00, 0x06, 0xdb,
	0x80, 0x00, 0x10, 0x00, 0x04, 0x70, 0x00, 0x00, 0x00, 0x88, 0x00, 0x0c, 0x00, 0x20, 0x00, 0x31, 0x06, 0x4c,
	0x41, 0x0d, 0x18, 0x9a, 0x32, 0x96, 0x72, 0x60, 0x41, 0x37, 0xc5, 0xdc, 0x91, 0x4e, 0x14, 0x24, 0x1f, 0xaf,
	0xc7, 0xc7, 0x00, 0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x64, 0x7d, 0x65, 0x2a, 0x00,
	0x00, 0x02, 0x58, 0x00, 0x00, 0x10, 0x00, 0x04, 0x1c, 0x00, 0x20, 0x00, 0x22, 0x1e, 0x8d, 0x06, 0x68, 0x15,
	0x2a, 0x18, 0x5d, 0xc9, 0x14, 0xe1, 0x42, 0x41, 0x91, 0xf5, 0x94, 0xa8};

/* Two members, of which the second begins at `second` and its content, with its checks, at `content`. */
static void members(const char *name, const unsigned char *both, size_t length, size_t second, size_t content)
{
	struct opened t;
	unsigned char *bytes = malloc(length);
	int passed = 0;
	read_trace(&t, put_bytes("joined", both, length), "");
	is_int(t.count, 4, "%s: members that follow one another are one file", name);
	close_trace(&t);
	for (size_t cut = second + 1; cut < length; cut++)
		passed += is_read(both, cut);
	is_int(passed, 0, "%s: a second member that is cut", name);
	passed = 0;
	ok(is_read(both, length), "%s: both are read", name);
	uint64_t sum = read_sum;
	for (size_t bit = 8 * content; bit < 8 * length; bit++) {
		memcpy(bytes, both, length);
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
		if (is_read(bytes, length)) /* bzip2 may have a table of codes that nothing is written in */
			passed += *name != 'b' || read_sum != sum;
	}
	is_int(passed, 0, "%s: a second member that is damaged", name);
	free(bytes);
}

/* What is compressed is checked to its last byte: own files for every bit, those of others for what they hold. */
static void damaged(void)
{
	static const char *const names[] = {"y.csv.gz", "y.csv.zst", "y.csv.xz", "y.cbt", NULL};
	struct err err;
	for (int i = 0; names[i]; i++) {
		const char *path = in_directory(names[i]);
		size_t length;
		err_init(&err);
		struct trace_output *output = trace_output_open(path, &err);
		static const char *const columns_of[] = {"t_us", "count"};
		trace_output_header(output, columns_of, 2, 0, 1000);
		for (int k = 0; k < 20; k++) {
			char text[2][16];
			struct csv_field field[2];
			for (int c = 0; c < 2; c++) {
				snprintf(text[c], sizeof text[c], "%d", c ? k * 7919 : k);
				field[c] = (struct csv_field){.text = text[c], .length = strlen(text[c]), .number = -1};
			}
			trace_output_record(output, field, k * 1000);
		}
		ok(trace_output_commit(output, &err), "%s is written", names[i]);
		unsigned char *bytes = slurp(path, &length);
		ok(is_read(bytes, length), "%s is read", names[i]);
		int passed = 0;
		for (size_t bit = 0; bit < 8 * length; bit++) {
			bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
			passed += is_read(bytes, length);
			bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
		}
		/* zstd's format has bits that nobody reads: unused, reserved, or at the end of a table. */
		ok(passed <= (i == 1 ? 8 : 0), "%s: none of its %zu bits may change (%d may)", names[i], 8 * length,
		   passed);
		passed = 0;
		for (size_t cut = 1; cut < length; cut++)
			passed += is_read(bytes, cut);
		is_int(passed, 0, "%s: no byte of its end may be missing", names[i]);
		unsigned char *twice = malloc(2 * length + 8);
		memcpy(twice, bytes, length);
		memcpy(twice + length, "garbage", 8);
		ok(!is_read(twice, length + 8), "%s: nothing may stand behind its end", names[i]);
		memset(twice + length, 0, 8);
		ok(!is_read(twice, length + 1), "%s: not even a zero", names[i]);
		free(twice);
		free(bytes);
	}
	members("gzip", two_gzip, sizeof two_gzip, 34, 44);
	members("bzip2", two_bzip2, sizeof two_bzip2, 57, 61);
}

static void pipes(void)
{
	const char *path = in_directory("pipe");
	struct opened t;
	if (mkfifo(path, 0600) != 0)
		bail("mkfifo: %s", strerror(errno));
	pid_t child = fork();
	if (child == 0) {
		FILE *file = fopen(path, "w");
		fputs("t_s\n1\n2\n", file);
		fclose(file);
		_exit(0);
	}
	open_with(&t, columns, path, "");
	read_rows(&t, 1, 1);
	is_int(t.count, 2, "a pipe is read");
	trace_rows_close(t.rows);
	read_rows(&t, 1, 1);
	is_int(t.count, 2, "and read again");
	close_trace(&t);
}

static void outputs(void)
{
	struct err err;
	const char *path = put("kept.txt", "old");
	char text[16] = "";
	err_init(&err);
	ok(chmod(path, 0604) == 0, "a file with a mode of its own");
	struct output *output = output_open(path, &err);
	fputs("new", output_file(output));
	output_abort(output);
	FILE *file = fopen(path, "r");
	ok(file && fgets(text, sizeof text, file) && strcmp(text, "old") == 0, "an aborted output leaves the old file");
	if (file)
		fclose(file);
	output = output_open(path, &err);
	fputs("new", output_file(output));
	ok(output_commit(output, &err), "an output is committed");
	file = fopen(path, "r");
	ok(file && fgets(text, sizeof text, file) && strcmp(text, "new") == 0, "and replaces the old file");
	if (file)
		fclose(file);
	struct stat mode;
	ok(stat(path, &mode) == 0 && (mode.st_mode & 0777) == 0604, "which keeps its mode");
	ok(output_write("/dev/full", "x", 1, &err) == false && err.kind == ERR_OUTPUT &&
		   strstr(err.message[0].text, strerror(ENOSPC)),
	   "a full disk is told");
	err_init(&err);
	ok(!output_open(in_directory("none/x"), &err) && err.kind == ERR_OUTPUT, "a directory that is not there");
	err_init(&err);
	ok(!output_open(directory, &err) && strstr(err.message[0].text, "irectory"), "a directory is no file");
	err_init(&err);
	ok(output_dir(in_directory("a/b/c"), &err) && access(in_directory("a/b/c"), F_OK) == 0, "directories are made");
	ok(output_dir(in_directory("a/b/c"), &err), "and may be there");
	ok(!output_dir(in_directory("kept.txt/d"), &err) && err.kind == ERR_OUTPUT, "but not below a file");
	output = output_open(in_directory("left.txt"), &err);
	output_abort_all();
	output_abort(output);
	char command[512];
	snprintf(command, sizeof command, "ls -A %s | grep -c casebook", directory);
	FILE *list = popen(command, "r");
	ok(list && fgets(text, sizeof text, list) && atoi(text) == 0, "no temporary file is left");
	if (list)
		pclose(list);
	put("link-target", "old");
	if (symlink("link-target", in_directory("link")) == 0) {
		struct stat is;
		ok(output_write(in_directory("link"), "new", 3, &err) && lstat(in_directory("link"), &is) == 0 &&
			   S_ISLNK(is.st_mode),
		   "a symbolic link stays one");
	}
}

/* ---- real traces ---- */

static const char *real(const char *name)
{
	static char path[1024];
	const char *given = getenv("CASEBOOK_TRACES"), *top = getenv("top_srcdir");
	if (given)
		snprintf(path, sizeof path, "%s/%s", given, name);
	else
		snprintf(path, sizeof path, "%s/../shared/traces/%s", top ? top : ".", name);
	return access(path, R_OK) == 0 ? path : NULL;
}

static int compare_pairs(const void *a, const void *b)
{
	return memcmp(a, b, 2 * sizeof(int64_t));
}

static int compare_counts(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static void real_traces(void)
{
	struct opened t;
	const char *path = real("chat_gitter_3rooms.csv");
	if (!path) {
		skip(6, "the real traces are not here");
	} else {
		read_trace(
			&t, path,
			"columns: {sent: {from: t_unix_s, unit: s}, time: {from: t_unix_s, unit: s}}");
		is_int(t.count, 68323, "chat: rows");
		int64_t(*pair)[2] = calloc(t.count + 1, sizeof *pair), *size = calloc(t.count + 1, sizeof *size);
		for (size_t i = 0; i < t.count; i++) {
			pair[i][0] = t.row[i].value[ROOM];
			pair[i][1] = t.row[i].value[SENT] / 1000000000 / 864000;
		}
		qsort(pair, t.count, sizeof *pair, compare_pairs);
		size_t partitions = 0;
		for (size_t i = 0; i < t.count; i++) {
			if (i > 0 && compare_pairs(pair[i], pair[i - 1]) != 0)
				partitions++;
			size[partitions]++;
		}
		partitions += t.count > 0;
		qsort(size, partitions, sizeof *size, compare_counts);
		is_int(partitions, 440, "chat: partitions of ten days");
		is_int(size[partitions - 1], 1315, "chat: the largest has 1,315 rows");
		is_int(size[partitions / 2], 104, "chat: the median is 104");
		ok(strstr(trace_file_describe(t.file), "time from t_unix_s in s") != NULL, "chat: its time is told");
		free(pair);
		free(size);
		close_trace(&t);
		read_trace(&t, path, "superpose: 3\ntime_scale: 1000");
		is_int(t.count, 3 * 68323, "chat: superposed");
		close_trace(&t);
	}
	path = real("requests_azure_llm_conv.csv");
	if (!path) {
		skip(2, "the real traces are not here");
	} else {
		int64_t sum = 0;
		read_trace(&t, path, "columns: {service: 100 ms + 20 us * context_tokens + 12 ms * generated_tokens}");
		is_int(t.count, 19366, "azure: rows");
		for (size_t i = 0; i < t.count; i++)
			sum += t.row[i].value[SERVICE] % 1000;
		is_int(sum, 0, "azure: services are whole microseconds");
		close_trace(&t);
	}
	path = real("uber_pickups_2014-04_month.csv.gz");
	if (!path) {
		skip(1, "the real traces are not here");
	} else {
		read_trace(&t, path, "");
		is_int(t.count, 564516, "uber: a month of pickups, compressed");
		close_trace(&t);
	}
}

int main(void)
{
	if (!mkdtemp(directory))
		bail("mkdtemp: %s", strerror(errno));
	csv_corners();
	csv_writes();
	bad_traces();
	skipping();
	time_maps();
	column_maps();
	sorting();
	superposing();
	sharing();
	threads();
	compressed();
	damaged();
	pipes();
	outputs();
	real_traces();
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", directory);
	if (system(command) != 0)
		diag("%s is left", directory);
	return done_testing();
}
