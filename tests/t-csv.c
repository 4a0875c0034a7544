/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines without quotes are read in one pass, everything else by libcsv. Here the two ways read the same bytes, and must
 * agree in every record, field, place and message: the files of the tree, the real traces, and random bytes out of
 * those that mean something in CSV.
 */
#include "io/csv.h"
#include "engine/rng.h"
#include "tap.h"

#include <dirent.h>
#include <errno.h>

enum { RANDOM = 20000, LONG = 40, LINE = 120, MOST = 400, LONG_MOST = 300000 };

static char why[300];

static bool differ(const char *what, long record)
{
	snprintf(why, sizeof why, "%s of record %ld", what, record);
	return false;
}

static bool same_messages(const struct err *a, const struct err *b)
{
	if (a->count != b->count || (a->count && a->kind != b->kind))
		return false;
	for (int i = 0; i < a->count && i < ERR_MAX; i++)
		if (a->message[i].line != b->message[i].line || a->message[i].column != b->message[i].column ||
		    strcmp(a->message[i].text, b->message[i].text) != 0)
			return false;
	return true;
}

/* The columns of the one that reads in one pass take turns in what is wanted of them. */
static int turn;
static long numbers;

static enum csv_want want_of(int column)
{
	return (enum csv_want)((column + turn) % 3);
}

static bool right_number(const struct csv_field *field)
{
	if (field->number < 0)
		return field->number == -1;
	numbers++;
	errno = 0;
	return strspn(field->text, "0123456789") == field->length &&
	       field->number == strtoll(field->text, NULL, 10) && errno == 0;
}

static bool same_fields(struct csv_reader *a, struct csv_reader *b, const struct csv_field *x,
			const struct csv_field *y, long record)
{
	if (csv_line(a) != csv_line(b))
		return differ("line", record);
	for (int i = -1; i < csv_columns(a); i++) {
		struct place p = csv_place(a, i), q = csv_place(b, i);
		if (p.line != q.line || p.column != q.column)
			return differ("place", record);
		if (i < 0 || want_of(i) == CSV_NOTHING)
			continue;
		if (!right_number(&x[i]) || y[i].number != -1 || (want_of(i) == CSV_TEXT && x[i].number != -1))
			return differ("number", record);
		if (x[i].length != y[i].length || x[i].missing != y[i].missing ||
		    memcmp(x[i].text, y[i].text, x[i].length + 1) != 0)
			return differ("field", record);
	}
	return true;
}

/* Reads `mine` in one pass where that can be, `theirs` by libcsv; *records counts those that both have. */
static bool agree(struct stream *mine, struct stream *theirs, long *records)
{
	static struct err a, b;
	bool same = true;
	err_init(&a);
	err_init(&b);
	struct csv_reader *plain = csv_open(mine, &a), *quoted = csv_open(theirs, &b);
	if (quoted)
		csv_by_libcsv(quoted);
	turn++;
	for (int i = 0; plain && i < csv_columns(plain); i++)
		csv_want(plain, i, want_of(i));
	if (!plain != !quoted)
		same = differ("header", 0);
	for (bool more = plain && quoted; more && same;) {
		const struct csv_field *x = NULL, *y = NULL;
		enum csv_status one = csv_next(plain, &x, &a), other = csv_next(quoted, &y, &b);
		if (one != other)
			same = differ("status", *records);
		else if (one == CSV_ROW)
			same = same_fields(plain, quoted, x, y, *records);
		if (!same_messages(&a, &b))
			same = differ("message", *records);
		err_init(&a);
		err_init(&b);
		*records += one == CSV_ROW;
		more = one == CSV_ROW || one == CSV_BAD;
	}
	csv_close(plain);
	csv_close(quoted);
	return same && same_messages(&a, &b);
}

static bool agree_on(const char *bytes, size_t length, const char *other, long *records)
{
	static struct err err;
	err_init(&err);
	return agree(stream_of_memory("x", bytes, length, ERR_TRACE, &err),
		     stream_of_memory("x", other, length, ERR_TRACE, &err), records);
}

/* Bytes that mean something, most of them in lines of `columns` fields. */
static size_t make(struct rng *rng, char *bytes, size_t most)
{
	static const char odd[] = "\"\"\r\n\n \t,\\N.-e\0x/:+!\x7f\x80\xac\xad\xb0\xff";
	size_t length = 0;
	int columns = 1 + (int)rng_below(rng, 4);
	uint64_t oddness = rng_below(rng, 3) ? 200 + rng_below(rng, 3000) : 5 + rng_below(rng, 30);
	length += (size_t)sprintf(bytes, "%s", &"a,b,c,d"[2 * (4 - columns)]);
	bytes[length++] = '\n';
	while (length < most - LINE) {
		for (int i = 0; i < columns; i++) {
			int digits = (int)rng_below(rng, rng_below(rng, 4) ? 8 : 22);
			if (i)
				bytes[length++] = ',';
			for (; digits > 0; digits--)
				bytes[length++] = rng_below(rng, oddness) ? (char)('0' + rng_below(rng, 10))
									  : odd[rng_below(rng, sizeof odd - 1)];
			if (rng_below(rng, oddness) == 0)
				length += (size_t)sprintf(bytes + length, "%s",
							  rng_below(rng, 2) ? "\"p,\"\"q\n\"" : ",");
		}
		if (rng_below(rng, oddness) == 0)
			bytes[length++] = '\r';
		bytes[length++] = '\n';
	}
	return length - rng_below(rng, 12);
}

static void random_bytes(void)
{
	static char bytes[LONG_MOST], other[LONG_MOST];
	struct rng rng = rng_seed(1);
	long records = 0, long_records = 0;
	int failed = 0;
	for (int i = 0; i < RANDOM && !failed; i++) {
		size_t length = make(&rng, bytes, LINE + 40 + rng_below(&rng, MOST));
		failed += !agree_on(bytes, length, bytes, &records);
	}
	ok(!failed && records > RANDOM, "random bytes, %d files, %ld records", RANDOM, records);
	if (failed)
		diag("differs: %s", why);
	for (int i = 0; i < LONG && !failed; i++) {
		size_t length = make(&rng, bytes, LONG_MOST);
		failed += !agree_on(bytes, length, bytes, &long_records);
	}
	ok(!failed && long_records > LONG, "longer than what is read at once, %d files, %ld records", LONG,
	   long_records);
	if (failed)
		diag("differs: %s", why);
	ok(numbers > records, "%ld numbers are what their texts say", numbers);
	const char good[] = "a,b\n1,2\n3,4\n";
	int caught = 0, changes = 0;
	for (size_t i = 4; i < sizeof good - 2; i++, changes++) {
		memcpy(other, good, sizeof good);
		other[i] = good[i] == '\n' ? ' ' : '7';
		bool same = true;
		for (int way = 0; way < 3; way++) /* each column is looked at in two of the three */
			same = agree_on(good, sizeof good - 1, other, &records) && same;
		caught += !same;
	}
	is_int(caught, changes, "canary: a changed byte is a difference, wherever it is");
}

static void files_of(const char *directory)
{
	DIR *listing = opendir(directory);
	if (!listing) {
		skip(1, "no such directory of traces");
		return;
	}
	int files = 0, failed = 0;
	long records = 0;
	for (struct dirent *entry; (entry = readdir(listing));) {
		char path[4096];
		static struct err err;
		if (!strstr(entry->d_name, ".csv"))
			continue;
		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		err_init(&err);
		struct stream_file *file = stream_file_open(path, ERR_TRACE, &err);
		if (file && !agree(stream_open(file, &err), stream_open(file, &err), &records)) {
			diag("%s differs: %s", path, why);
			failed++;
		}
		stream_file_close(file);
		files += file != NULL;
	}
	closedir(listing);
	ok(files > 0 && !failed, "%d files, %ld records", files, records);
}

int main(void)
{
	char path[4096];
	const char *top = getenv("top_srcdir"), *traces = getenv("CASEBOOK_TRACES");
	snprintf(path, sizeof path, "%s/traces", top ? top : ".");
	random_bytes();
	files_of(path);
	snprintf(path, sizeof path, "%s/../shared/traces", top ? top : ".");
	files_of(traces ? traces : path);
	return done_testing();
}
