/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines without quotes are read in one pass, everything else by libcsv. Here the two ways read the same bytes, and must
 * agree in every record, field, place and message: the files of the tree, the real traces, and random bytes out of
 * those that mean something in CSV.
 */
#include "engine/rng.h"
#include "tap.h"
#include "twoways.h"

#include <dirent.h>

enum { RANDOM = 20000, LONG = 40, LINE = 120, MOST = 400, LONG_MOST = 300000 };

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
		diag("differs: %s", difference);
	for (int i = 0; i < LONG && !failed; i++) {
		size_t length = make(&rng, bytes, LONG_MOST);
		failed += !agree_on(bytes, length, bytes, &long_records);
	}
	ok(!failed && long_records > LONG, "longer than what is read at once, %d files, %ld records", LONG,
	   long_records);
	if (failed)
		diag("differs: %s", difference);
	ok(numbers_seen > records, "%ld numbers are what their texts say", numbers_seen);
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
			diag("%s differs: %s", path, difference);
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
