/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packed traces: what is written is read again text by text; rows through any map are those of the CSV, and so are the
 * messages; whatever bit of a file has changed, wherever it was cut, it is refused, and no wrong row comes before that.
 */
#include "io/cbt.h"
#include "engine/rng.h"
#include "io/cbt_write.h"
#include "io/records.h"
#include "io/tracefile.h"
#include "io/traceoutput.h"
#include "io/yaml.h"
#include "tap.h"

#include <dirent.h>
#include <unistd.h>

enum { COLUMNS = 6, FLIPS = 2000, CUTS = 800, TEXT = 64 };

static char directory[] = "/tmp/casebook-cbt-XXXXXX";

static const char *in_directory(const char *name)
{
	static char paths[8][256];
	static int turn;
	turn = (turn + 1) % 8;
	snprintf(paths[turn], sizeof paths[turn], "%s/%s", directory, name);
	return paths[turn];
}

/* ---- texts and values ---- */

static void numbers(void)
{
	static const char *const good[] = {"0", "7", "-7", "10", "9223372036854775807", "-9223372036854775807", "0.5",
					   "-0.5", "0.50", "40.7599", "-73.9729", "100.000", "0.000000000000000001",
					   "123456789012345678.9"};
	static const char *const strange[] = {"", "-", "-0", "-0.0", "00", "007", "+1", ".5", "5.", "1e3", " 1", "1 ",
					      "0x10", "9223372036854775808", "-9223372036854775808", "1.2.3", "--1",
					      "0.0000000000000000001", "\\N", "nan", "-.5"};
	int held = 0, refused = 0;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int64_t value;
		int places;
		char buffer[CBT_TEXT_PRINT];
		size_t length = strlen(good[i]);
		held += cbt_number_parse(good[i], length, &value, &places) &&
			cbt_number_print(value, places, buffer) == length && strcmp(buffer, good[i]) == 0;
	}
	for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
		int64_t value;
		int places;
		refused += !cbt_number_parse(strange[i], strlen(strange[i]), &value, &places);
	}
	is_int(held, sizeof good / sizeof *good, "numbers come back as they were written");
	is_int(refused, sizeof strange / sizeof *strange, "what would not is left a text");
}

static void dates(void)
{
	static const char *const good[] = {"1970-01-01",
					   "2261-12-31",
					   "2016-02-29",
					   "2014-04-07 18:30",
					   "2014-04-07T18:30",
					   "2014-04-07 18:30:05",
					   "2014-04-07T18:30:05Z",
					   "2014-04-07T00:00Z",
					   "2014-04-07 18:30:05.2",
					   "2014-04-07 18:30:05.250",
					   "1999-12-31T23:59:59.999999999Z"};
	static const char *const strange[] = {"", "2014-04-07 ", "2014-4-7", "2014-04-31", "1969-12-31", "2262-01-01",
					      "2014-04-07 24:00", "2014-04-07 18:60", "2014-04-07 18:30:60",
					      "2014-04-07 18:30:05.", "2014-04-07 18:30:05.1234567890", "2014-04-07Z",
					      "2014-04-07t18:30", "2014-04-07 18:30:05ZZ", "2014-04-07 18", "20140407"};
	int held = 0, refused = 0;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int64_t value;
		struct cbt_dates format;
		char buffer[CBT_TEXT_PRINT];
		size_t length = strlen(good[i]);
		held += cbt_date_parse(good[i], length, &format, &value) && cbt_dates_valid(format) && value >= 0 &&
			value < cbt_dates_end(format) && cbt_date_print(value, format, buffer) == length &&
			strcmp(buffer, good[i]) == 0;
	}
	for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
		int64_t value;
		struct cbt_dates format;
		refused += !cbt_date_parse(strange[i], strlen(strange[i]), &format, &value);
	}
	is_int(held, sizeof good / sizeof *good, "dates come back as they were written");
	is_int(refused, sizeof strange / sizeof *strange, "what would not is left a text");
}

/* ---- files made of random texts ---- */

enum style { TIME, INTEGER, DECIMAL, DATE, WORD, MIXED, STYLES };

/* A text of a kind, sometimes another one. */
static size_t make_text(struct rng *rng, enum style style, uint64_t oddness, int64_t row, char *text)
{
	static const char *const words[] = {"read",
					    "write",
					    "GET",
					    "a,b",
					    "\"q\"",
					    "x\ny",
					    "",
					    "\\N",
					    "007",
					    "-0",
					    "1e3",
					    "2014-04-07",
					    "9223372036854775808",
					    "0.10",
					    "caf\xc3\xa9"};
	int64_t far = (int64_t)(rng_next(rng) >> (1 + rng_below(rng, 63)));
	if (style == MIXED)
		style = (enum style)rng_below(rng, MIXED);
	else if (style != TIME && rng_below(rng, oddness) == 0)
		style = WORD;
	switch (style) {
	case TIME:
		return (size_t)sprintf(text, "%lld", (long long)(1000000 + row * 3 + (int64_t)rng_below(rng, 3)));
	case INTEGER:
		return (size_t)sprintf(text, "%lld", (long long)(rng_below(rng, oddness) ? far >> 40 : -far));
	case DECIMAL:
		return (size_t)sprintf(text, "%s%llu.%0*llu", rng_below(rng, oddness) ? "" : "-",
				       (unsigned long long)rng_below(rng, 200), (int)rng_below(rng, 4) + 1,
				       (unsigned long long)rng_below(rng, 10));
	case DATE:
		return (size_t)sprintf(text, "2014-04-%02d %02d:%02d:%02d", 1 + (int)rng_below(rng, 30),
				       (int)rng_below(rng, 24), (int)rng_below(rng, 60), (int)rng_below(rng, 60));
	default:
		return (size_t)sprintf(text, "%s", words[rng_below(rng, sizeof words / sizeof *words)]);
	}
}

struct made {
	int rows, columns;
	char (*text)[TEXT]; /* row by row */
	char *bytes;        /* the file */
	size_t length;
};

static const char *const names[COLUMNS] = {"t_us", "n", "x", "at", "verb", "any"};

/* One text in `oddness` of a column is of another kind, about. */
static void make(struct made *made, int rows, uint64_t oddness, uint64_t seed)
{
	struct rng rng = rng_seed(seed);
	struct csv_field fields[COLUMNS];
	*made = (struct made){.rows = rows, .columns = COLUMNS};
	made->text = malloc((size_t)rows * COLUMNS * sizeof *made->text);
	FILE *file = open_memstream(&made->bytes, &made->length);
	struct cbt_writer *writer = cbt_writer_open(file, names, COLUMNS, 0, 1000);
	for (int row = 0; row < rows; row++) {
		for (int i = 0; i < COLUMNS; i++) {
			char *text = made->text[row * COLUMNS + i];
			size_t length = make_text(&rng, (enum style)i, oddness, row, text);
			if (i == 1 && row < 3 && seed % 2) /* a column may begin with missing ones */
				length = (size_t)sprintf(text, "%s", "");
			fields[i] = (struct csv_field){.text = text, .length = length, .number = -1};
		}
		cbt_writer_put(writer, fields, row);
	}
	cbt_writer_end(writer);
	cbt_writer_close(writer);
	if (fclose(file) != 0)
		bail("no memory");
}

static void unmake(struct made *made)
{
	free(made->text);
	free(made->bytes);
}

/* Reads a file to its end. How many of its records are those that were made; *status: how it ended; -1: a wrong one. */
static int read_all(const struct made *made, const char *bytes, size_t length, enum csv_status *status, struct err *err)
{
	const struct csv_field *fields;
	struct records records;
	int rows = 0;
	err_init(err);
	struct stream *stream = stream_of_memory("x.cbt", bytes, length, ERR_TRACE, err);
	*status = CSV_BROKEN;
	if (!stream || !records_open(&records, stream, &(struct format){0}, err))
		return 0;
	bool good = !records.cbt || cbt_columns(records.cbt) == COLUMNS;
	for (int i = 0; records.cbt && good && i < COLUMNS; i++)
		good = strcmp(cbt_names(records.cbt)[i], names[i]) == 0;
	while (good && (*status = records_next(&records, &fields, err)) == CSV_ROW) {
		good = records.cbt && rows < made->rows;
		for (int i = 0; good && i < COLUMNS; i++) {
			const char *text = made->text[rows * COLUMNS + i];
			bool missing = *text == '\0' || strcmp(text, "\\N") == 0;
			good = strcmp(fields[i].text, text) == 0 && fields[i].length == strlen(text) &&
			       fields[i].missing == missing;
		}
		good = good && cbt_line(records.cbt) == rows + 2;
		rows++;
	}
	records_close(&records);
	return good ? rows : -1;
}

static void round_trips(void)
{
	static const int sizes[] = {0, 1, 7, 8, 1023, 1024, 1025, 32767, 32768, 32769, 100000};
	int same = 0, count = sizeof sizes / sizeof *sizes;
	static struct err err;
	enum csv_status status;
	for (int i = 0; i < count; i++) {
		struct made made;
		make(&made, sizes[i], i % 2 ? 50 : 5000, (uint64_t)i);
		int rows = read_all(&made, made.bytes, made.length, &status, &err);
		same += rows == sizes[i] && status == CSV_END && !err_any(&err);
		if (i == count - 1) {
			made.text[99999 * COLUMNS + 2][0] ^= 1;
			is_int(read_all(&made, made.bytes, made.length, &status, &err), -1,
			       "canary: a text that is another one is noticed");
		}
		unmake(&made);
	}
	is_int(same, count, "what was written is read again, text by text");
}

static void long_texts(void)
{
	enum { LENGTH = 900000, ROWS = 40 };
	char *bytes = NULL, *text = malloc(LENGTH + 1);
	size_t length = 0;
	static struct err err;
	const char *const one[] = {"t"};
	const struct csv_field *fields;
	FILE *file = open_memstream(&bytes, &length);
	struct cbt_writer *writer = cbt_writer_open(file, one, 1, 0, 1);
	for (int i = 0; i < ROWS; i++) {
		memset(text, 'a' + i % 26, LENGTH);
		text[LENGTH] = '\0';
		cbt_writer_put(writer, &(struct csv_field){.text = text, .length = LENGTH}, i);
	}
	cbt_writer_end(writer);
	cbt_writer_close(writer);
	fclose(file);
	err_init(&err);
	struct cbt_reader *reader = cbt_open(stream_of_memory("x", bytes, length, ERR_TRACE, &err), &err);
	int rows = 0;
	while (reader && cbt_next(reader, &fields, &err) == CSV_ROW)
		rows += fields[0].length == LENGTH && fields[0].text[LENGTH - 1] == 'a' + rows % 26;
	is_int(rows, ROWS, "texts of 900 kB");
	cbt_close(reader);
	free(bytes);
	free(text);
}

/* ---- damage ---- */

static bool names_the_file(const struct err *err)
{
	return err->kind == ERR_TRACE && strcmp(err->message[0].file, "x.cbt") == 0;
}

/* Refused, with a message, after nothing but right rows. */
static bool refused(const struct made *made, const char *bytes, size_t length, struct err *err)
{
	enum csv_status status;
	int rows = read_all(made, bytes, length, &status, err);
	if (length < CBT_MAGIC_LENGTH) /* nobody knows that it was to be one: a CSV, without rows */
		return rows == 0;
	return rows >= 0 && status == CSV_BROKEN && err_any(err) && names_the_file(err);
}

static void damage(void)
{
	struct made made;
	struct rng rng = rng_seed(5);
	static struct err err;
	int found = 0, told = 0, cuts = 0;
	make(&made, 40000, 50, 3);
	char *bytes = malloc(made.length + 100);
	memcpy(bytes, made.bytes, made.length);
	for (int i = 0; i < FLIPS; i++) {
		/* the first ones all over the header */
		size_t at = i < 120 * 8 ? (size_t)i / 8 : rng_below(&rng, made.length);
		char bit = (char)(1 << (i < 120 * 8 ? (uint64_t)i % 8 : rng_below(&rng, 8)));
		bytes[at] ^= bit;
		bool good = refused(&made, bytes, made.length, &err);
		found += good;
		told += at < CBT_MAGIC_LENGTH || (good && strstr(err.message[0].text, "packed trace"));
		if (!good)
			diag("bit %d of byte %zu: %s", bit, at, err.message[0].text);
		bytes[at] ^= bit;
	}
	is_int(found, FLIPS, "every bit that has changed is found");
	is_int(told, FLIPS, "and the message says where");
	for (int i = 0; i < CUTS; i++) {
		size_t length = i < 300   ? (size_t)i
				: i < 600 ? made.length - (size_t)(i - 299)
					  : rng_below(&rng, made.length);
		bool good = refused(&made, made.bytes, length, &err);
		cuts += good;
		if (!good)
			diag("cut at %zu: %s", length, err.message[0].text);
	}
	is_int(cuts, CUTS, "wherever it is cut, it is found");
	memcpy(bytes + made.length, "\n", 1);
	ok(refused(&made, bytes, made.length + 1, &err) && strstr(err.message[0].text, "follows its end"),
	   "a byte behind the end");
	memcpy(bytes + made.length, bytes, 100);
	ok(refused(&made, bytes, made.length + 100, &err), "a second file behind the first");
	bytes[CBT_MAGIC_LENGTH] = 2;
	ok(refused(&made, bytes, made.length, &err) && strstr(err.message[0].text, "version 2"), "another version");
	ok(!refused(&made, made.bytes, made.length, &err), "canary: the file itself is not refused");
	free(bytes);
	unmake(&made);
}

/* Makes the checks right again, so that what they would find must be found otherwise. */
static void seal(unsigned char *bytes, size_t length)
{
	uint64_t before = 0;
	for (size_t at = CBT_START; length - at >= CBT_PART + CBT_SEAL;) {
		size_t part = CBT_PART + cbt_get4(bytes + at + 4);
		if (part > length - at - CBT_SEAL)
			return;
		before = cbt_seal(bytes + at, part, before);
		cbt_set(bytes + at + part, before, CBT_SEAL);
		at += part + CBT_SEAL;
	}
}

/* Changes that somebody has sealed: rows may be others, but whatever comes is well formed, or there is a message. */
static void sealed(void)
{
	struct made made;
	struct rng rng = rng_seed(6);
	static struct err err;
	int fine = 0, broken = 0;
	make(&made, 2000, 50, 4);
	unsigned char *bytes = malloc(made.length);
	for (int i = 0; i < FLIPS; i++) {
		const struct csv_field *fields;
		enum csv_status status = CSV_BROKEN;
		size_t at = i % 2 ? rng_below(&rng, made.length) : CBT_START + rng_below(&rng, 260);
		memcpy(bytes, made.bytes, made.length);
		bytes[at] = (unsigned char)(rng_below(&rng, 2) ? rng_below(&rng, 256) : 255 * rng_below(&rng, 2));
		seal(bytes, made.length);
		err_init(&err);
		struct cbt_reader *reader =
			cbt_open(stream_of_memory("x", bytes, made.length, ERR_TRACE, &err), &err);
		bool good = true;
		while (reader && (status = cbt_next(reader, &fields, &err)) == CSV_ROW)
			for (int k = 0; k < cbt_columns(reader); k++)
				good = good && strlen(fields[k].text) == fields[k].length;
		fine += good && (status == CSV_END) == !err_any(&err);
		broken += status != CSV_END;
		cbt_close(reader);
	}
	is_int(fine, FLIPS, "sealed changes: fields are well formed, or there is a message");
	ok(broken > FLIPS / 4, "canary: %d of them were refused", broken);
	free(bytes);
	unmake(&made);
}

static void sizes(void)
{
	struct made made;
	static struct err err;
	enum csv_status status;
	make(&made, 2000, 50, 4);
	unsigned char *bytes = malloc(made.length);
	size_t rows = CBT_START + CBT_PART + cbt_get4((unsigned char *)made.bytes + CBT_START + 4) + CBT_SEAL;
	static const struct {
		const char *name;
		size_t from_rows, length;
		uint64_t value;
	} absurd[] = {
		{"a block of 4 GB", 4, 4, UINT32_MAX},
		{"a block just above the limit", 4, 4, CBT_PART_MAX + 1},
		{"4 billion rows", CBT_PART + 8, 4, UINT32_MAX},
		{"no rows", CBT_PART + 8, 4, 0},
		{"rows that are not the next ones", CBT_PART, 8, 1},
		{"a column of 4 GB", CBT_PART + 12 + 4, 4, UINT32_MAX},
		{"a column that is packed into more than there is", CBT_PART + 12 + 8, 4, UINT32_MAX},
		{"a column that is larger than its bytes", CBT_PART + 12 + 4, 4, 60000000},
		{"a kind that there is not", CBT_PART + 12, 1, 4},
		{"twenty places", CBT_PART + 12 + 1, 1, 20},
	};
	for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++) {
		memcpy(bytes, made.bytes, made.length);
		cbt_set(bytes + rows + absurd[i].from_rows, absurd[i].value, (int)absurd[i].length);
		seal(bytes, made.length);
		read_all(&made, (char *)bytes, made.length, &status, &err);
		ok(status == CSV_BROKEN && err_any(&err) && !strstr(err.message[0].text, "checksum"), "refused: %s",
		   absurd[i].name);
	}
	memcpy(bytes, made.bytes, made.length);
	cbt_set(bytes + CBT_START + CBT_PART, 100000, 4);
	seal(bytes, made.length);
	read_all(&made, (char *)bytes, made.length, &status, &err);
	ok(status == CSV_BROKEN && strstr(err.message[0].text, "columns"), "refused: 100000 columns");
	free(bytes);
	unmake(&made);
}

/* ---- rows through a map ---- */

static const char *const operations[] = {"read", "write", NULL};
static const struct column columns[] = {{"op", COLUMN_CHOICE, operations, "read", "what is done"},
					{"key", COLUMN_KEY, NULL, "7", "with what"},
					{"bytes", COLUMN_BYTES, NULL, "1 B", "how large"},
					{"service", COLUMN_TIME, NULL, "5 ns", "how long"},
					{"count", COLUMN_COUNT, NULL, "0", "how many"},
					{NULL, COLUMN_COUNT, NULL, NULL, NULL}};

struct told {
	struct row *row;
	size_t count;
	int64_t skipped;
	struct err err;
};

static void read_rows(struct told *told, const char *path, const char *section, double share)
{
	struct arena arena;
	char text[1024];
	size_t room = 0, got;
	*told = (struct told){.count = 0};
	arena_init(&arena);
	err_init(&told->err);
	int length = snprintf(text, sizeof text, "file: '%s'\n%s", path, section);
	struct tree *tree = yaml_parse(&arena, "model.yaml", text, (size_t)length, &told->err);
	struct trace_file *file = tree ? trace_file_open(tree, NULL, columns, NULL, &told->err) : NULL;
	struct trace_rows *rows = file ? trace_rows_open(file, 1, 0, share, &told->err) : NULL;
	do {
		if (room < told->count + 700) {
			room = room * 2 + 5000;
			told->row = realloc(told->row, room * sizeof *told->row);
		}
		got = rows ? trace_rows_source(rows)->fill(trace_rows_source(rows), told->row + told->count, 700) : 0;
		told->count += got;
	} while (got > 0);
	if (rows) {
		trace_rows_failed(rows, &told->err);
		told->skipped = trace_rows_counts(rows).records.skipped;
	}
	trace_rows_close(rows);
	trace_file_close(file);
	arena_free(&arena);
}

/* The same rows, and the same messages in the same lines, but for the file and the column of the line. */
static bool same(const struct told *a, const struct told *b, const char *name)
{
	if (a->count != b->count || a->skipped != b->skipped) {
		diag("%s: %zu rows and %lld skipped, %zu and %lld", name, a->count, (long long)a->skipped, b->count,
		     (long long)b->skipped);
		return false;
	}
	for (size_t i = 0; i < a->count; i++) {
		const struct row *x = &a->row[i], *y = &b->row[i];
		if (x->time == y->time && x->id == y->id && x->window == y->window &&
		    memcmp(x->value, y->value, sizeof x->value) == 0)
			continue;
		diag("%s: row %zu is another one", name, i);
		return false;
	}
	if (a->err.count != b->err.count || a->err.kind != b->err.kind)
		return false;
	for (int i = 0; i < a->err.count && i < ERR_MAX; i++) {
		const struct err_message *x = &a->err.message[i], *y = &b->err.message[i];
		if (strcmp(x->text, y->text) == 0 && x->line == y->line)
			continue;
		diag("%s: %d: %s", name, x->line, x->text);
		diag("but packed: %d: %s", y->line, y->text);
		return false;
	}
	return true;
}

static void put_csv(const char *path, const struct made *made)
{
	FILE *file = fopen(path, "w");
	for (int i = 0; i < COLUMNS; i++)
		fprintf(file, "%s%s", i ? "," : "", names[i]);
	putc('\n', file);
	for (int k = 0; k < made->rows * COLUMNS; k++) {
		csv_put(file, made->text[k]);
		putc((k + 1) % COLUMNS ? ',' : '\n', file);
	}
	if (fclose(file) != 0)
		bail("cannot write");
}

static void put_bytes(const char *path, const void *bytes, size_t length)
{
	FILE *file = fopen(path, "w");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
		bail("cannot write");
}

static const char *const maps[] = {
	"",
	"columns: {key: n, bytes: 40 B, count: 3}",
	"columns: {key: x, service: {from: t_us, unit: us}, window: n}\nskip_bad: 100000000",
	"columns: {key: at, bytes: {from: n, unit: kB, missing: 1 B}}\nskip_bad: 100000000",
	"columns: {key: any, service: {from: at, unit: date, missing: 3 s}, count: {from: n, missing: 3}}\nskip_bad: "
	"100000000",
	"columns: {op: {from: verb, words: {GET: read, '007': write, '': read, x: write}, missing: write}, key: verb}\n"
	"skip_bad: 100000000",
	"columns: {op: {from: n, words: {'1': read, '0': write}}, time: {from: t_us, unit: ms, origin: "
	"5000}}\nskip_bad: 100000000",
	"columns: {time: {from: at, unit: date}, key: n}\nsort: true\nskip_bad: 100000000",
	"columns: {time: {from: x, unit: s, origin: 0}, key: n}\nsort: true\nskip_bad: 100000000",
	"columns: {time: {from: any, unit: min}, window: at}\nsort: true\nskip_bad: 100000000",
	"columns: {service: 1 ms + 0.3 us * x + 2 ns * n, count: '3 * t_us'}\nskip_bad: 100000000",
	"columns: {service: 7 ms + 1 us * t_us - 0.25 ns * t_us, bytes: 4 kB + 10 B * x}\nskip_bad: 100000000",
	"columns: {service: {from: x, unit: ms}, bytes: {from: x, unit: B}}\nskip_bad: 100000000",
	"columns: {service: x, window: at}\nskip_bad: 100000000",
	"time_scale: 0.37",
	"columns: {key: {zipf: {keys: 100}}, bytes: exp(5 B), op: {mix: {read: 50 %, write: 50 %}}, service: {by: op, "
	"read: 5 ms, write: exp(7 ms)}}",
	"columns: {key: verb}\nsuperpose: 3",
	"columns: {key: n, count: n}",
	"columns: {bytes: {from: x, unit: B}}",
	"columns: {time: {from: n, unit: us}}\nskip_bad: 1000",
	"columns: {time: {from: t_us, unit: us, origin: 1100000}}",
	"columns: {time: {from: t_us, unit: us, origin: 900000}}",
	"columns: {key: verb, bytes: {from: n, unit: kB}, count: t_us}",
};

static void rows_of_maps(void)
{
	int count = sizeof maps / sizeof *maps, held = 0, with_rows = 0, with_messages = 0;
	static const int sizes[] = {1, 900, 5000, 40000};
	static const uint64_t oddness[] = {50, 300, 1000000, 20000};
	const char *csv = in_directory("x.csv"), *cbt = in_directory("x.packed");
	for (int k = 0; k < 4; k++) {
		struct made made;
		make(&made, sizes[k], oddness[k], 20 + (uint64_t)k);
		/* Places of records in lines need a line a record: no line ends in fields. */
		for (int i = 0; i < made.rows * COLUMNS; i++)
			if (strcmp(made.text[i], "x\ny") == 0)
				strcpy(made.text[i], "x-y");
		put_csv(csv, &made);
		static struct err err;
		static struct trace_output *output;
		err_init(&err);
		output = trace_output_open(in_directory("x.cbt"), &err);
		trace_output_header(output, names, COLUMNS, 0, 1000);
		for (int row = 0; row < made.rows; row++) {
			struct csv_field fields[COLUMNS];
			for (int i = 0; i < COLUMNS; i++)
				fields[i] = (struct csv_field){.text = made.text[row * COLUMNS + i],
							       .length = strlen(made.text[row * COLUMNS + i])};
			trace_output_record(output, fields, row);
		}
		if (!trace_output_commit(output, &err) || rename(in_directory("x.cbt"), cbt) != 0)
			bail("cannot write");
		for (int m = 0; m < count; m++) {
			static struct told a, b;
			double share = m % 5 == 1 ? 0.7 : 1;
			read_rows(&a, csv, maps[m], share);
			read_rows(&b, cbt, maps[m], share);
			held += same(&a, &b, maps[m]);
			with_rows += a.count > 0;
			with_messages += a.err.count > 0;
			if (m == 0 && k == 3) {
				b.row[30000].value[1]++;
				ok(!same(&a, &b, "canary"), "canary: a value that is another one is noticed");
			}
			free(a.row);
			free(b.row);
		}
		unmake(&made);
	}
	is_int(held, 4 * count, "rows and messages are those of the CSV, through %d maps", count);
	ok(with_rows > 2 * count && with_messages > 10, "%d had rows, %d messages", with_rows, with_messages);
}

/* Damage is found on this way, too, and before a wrong row. */
static void damage_to_rows(void)
{
	enum { TRIES = 200 };
	struct made made;
	static struct told right, wrong;
	struct rng rng = rng_seed(9);
	int found = 0;
	const char *path = in_directory("x.packed"), *map = "columns: {key: n}";
	make(&made, 40000, 50, 3);
	put_bytes(path, made.bytes, made.length);
	read_rows(&right, path, map, 1);
	for (int i = 0; i < TRIES; i++) {
		size_t at = rng_below(&rng, made.length);
		char bit = (char)(1 << rng_below(&rng, 8));
		made.bytes[at] ^= bit;
		put_bytes(path, made.bytes, made.length);
		made.bytes[at] ^= bit;
		read_rows(&wrong, path, map, 1);
		bool prefix = wrong.count == 0 || (wrong.count <= right.count &&
						   memcmp(wrong.row, right.row, wrong.count * sizeof *right.row) == 0);
		found += prefix && err_any(&wrong.err);
		free(wrong.row);
	}
	is_int(found, TRIES, "rows: every bit that has changed is found, and no wrong row comes before");
	is_int((int64_t)right.count, 40000, "canary: all rows without a change");
	free(right.row);
	unmake(&made);
}

/* ---- real traces ---- */

static bool same_records(const char *path, long *count)
{
	static struct err err;
	const struct csv_field *fields, *packed;
	char *bytes = NULL;
	size_t length = 0;
	err_init(&err);
	struct stream_file *file = stream_file_open(path, ERR_TRACE, &err);
	struct csv_reader *csv = csv_open(stream_open(file, &err), &err);
	FILE *memory = open_memstream(&bytes, &length);
	struct cbt_writer *writer = cbt_writer_open(memory, csv_names(csv), csv_columns(csv), 0, 1);
	while (csv_next(csv, &fields, &err) == CSV_ROW)
		cbt_writer_put(writer, fields, 0);
	cbt_writer_end(writer);
	cbt_writer_close(writer);
	fclose(memory);
	csv_close(csv);
	csv = csv_open(stream_open(file, &err), &err);
	struct cbt_reader *cbt = cbt_open(stream_of_memory("x", bytes, length, ERR_TRACE, &err), &err);
	bool good = csv && cbt;
	while (good) {
		enum csv_status one = csv_next(csv, &fields, &err), other = cbt_next(cbt, &packed, &err);
		good = one == other && !err_any(&err);
		if (one != CSV_ROW)
			break;
		for (int i = 0; good && i < csv_columns(csv); i++)
			good = strcmp(fields[i].text, packed[i].text) == 0 && fields[i].missing == packed[i].missing;
		++*count;
	}
	csv_close(csv);
	cbt_close(cbt);
	stream_file_close(file);
	free(bytes);
	return good;
}

static void files_of(const char *from)
{
	DIR *listing = opendir(from);
	int files = 0, failed = 0;
	long records = 0;
	if (!listing) {
		skip(1, "no such directory of traces");
		return;
	}
	for (struct dirent *entry; (entry = readdir(listing));) {
		char path[4096];
		if (!strstr(entry->d_name, ".csv"))
			continue;
		snprintf(path, sizeof path, "%s/%s", from, entry->d_name);
		files++;
		if (!same_records(path, &records)) {
			diag("%s differs", path);
			failed++;
		}
	}
	closedir(listing);
	ok(files > 0 && !failed, "%d files, %ld records", files, records);
}

int main(void)
{
	char path[4096];
	const char *top = getenv("top_srcdir"), *traces = getenv("CASEBOOK_TRACES");
	if (!mkdtemp(directory))
		bail("no directory");
	numbers();
	dates();
	round_trips();
	long_texts();
	damage();
	sealed();
	sizes();
	rows_of_maps();
	damage_to_rows();
	snprintf(path, sizeof path, "%s/traces", top ? top : ".");
	files_of(path);
	snprintf(path, sizeof path, "%s/../shared/traces", top ? top : ".");
	files_of(traces ? traces : path);
	unlink(in_directory("x.csv"));
	unlink(in_directory("x.packed"));
	rmdir(directory);
	return done_testing();
}
