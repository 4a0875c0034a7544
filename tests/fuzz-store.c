/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libFuzzer target for the database of a sweep: a good one is changed, field by field or byte by byte, and is read as
 * --resume reads it. Not a part of `make check`:
 *
 *   tests/fuzz.sh DIRECTORY 600 store
 *
 * Nothing may be read out of bounds; what passes the check must be unpacked or refused.
 */
#include "fuzz.h"
#include "io/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIELD = 12 };

static unsigned char *good;
static size_t good_length;
static char directory[] = "/dev/shm/fuzz-store-XXXXXX", path[64];

static void clean(void)
{
	char name[80];
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		unlink(name);
	}
	rmdir(directory);
}

static void read_good(void)
{
	const char *name = getenv("STORE");
	FILE *file = name ? fopen(name, "rb") : NULL;
	if (!file || !mkdtemp(directory)) {
		fprintf(stderr, "STORE=results.sqlite\n");
		exit(2);
	}
	fseek(file, 0, SEEK_END);
	good_length = (size_t)ftell(file);
	rewind(file);
	good = malloc(good_length);
	CHECK(fread(good, 1, good_length, file) == good_length);
	fclose(file);
	snprintf(path, sizeof path, "%s/results.sqlite", directory);
	atexit(clean);
}

/* One field gets another value: which table, column, row, and which value. */
static void change_field(sqlite3 *database, const uint8_t *bytes)
{
	static const char *const tables[] = {"run", "metric", "histogram", "point", "study"};
	static const char *const columns[][10] = {
		{"run", "point", "variant", "replication", "digest", "rows", "events", "skipped", "end_ns", "checksum"},
		{"run", "number", "window", "metric", "statistic", "value", "value", "number", "number", "run"},
		{"run", "number", "window", "metric", "bits", "count", "least", "greatest", "bins", "bins"},
		{"point", "settings", "digest", "point", "settings", "digest", "point", "settings", "digest", "point"},
		{"case_name", "version", "command", "definition", "case_name", "definition", "definition", "definition",
		 "definition", "definition"}};
	static const char *const values[] = {"-1", "0", "-50", "2147483647", "9223372036854775807", "NULL", "''",
					     "'x'", "x''", "x'ff'", "x'ffffffffffffffffffff'", "1e308", "64",
					     "zeroblob(100000)",
					     "randomblob(20)", "-9223372036854775808"};
	int table = bytes[0] % 5;
	char text[200];
	snprintf(text, sizeof text, "UPDATE OR REPLACE %s SET %s = %s WHERE rowid %% 7 = %d OR 1 = %d", tables[table],
		 columns[table][bytes[1] % 10], values[bytes[2] % 16], bytes[3] % 7, bytes[4] % 2);
	sqlite3_exec(database, text, NULL, NULL, NULL);
	snprintf(text, sizeof text, "UPDATE OR REPLACE %s SET %s = %s WHERE run = %d AND number = %d", tables[table],
		 columns[table][bytes[1] % 10], values[bytes[2] % 16], bytes[5] % 4, bytes[6]);
	sqlite3_exec(database, text, NULL, NULL, NULL);
}

static bool is_known(void *context, const struct record_run *run)
{
	(void)context;
	return run->number >= 0 && run->number < 100;
}

static void look_at_value(void *context, const struct store_row *row)
{
	double *sum = context;
	*sum += row->value.value + (double)strlen(row->value.window) + (double)strlen(row->value.metric);
}

static void look_at_hist(void *context, const struct store_row *row)
{
	struct arena arena;
	struct hist hist;
	(void)context;
	arena_init(&arena);
	hist_init(&hist, &arena, HIST_BITS);
	record_unpack(&row->hist, &hist);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (!good)
		read_good();
	if (length < 1)
		return 0;
	FILE *file = fopen(path, "wb");
	unsigned char *changed = malloc(good_length);
	memcpy(changed, good, good_length);
	for (size_t at = 1; bytes[0] % 2 && at + 4 <= length; at += 4)
		changed[(bytes[at] << 16 | bytes[at + 1] << 8 | bytes[at + 2]) % good_length] ^= bytes[at + 3];
	fwrite(changed, 1, good_length, file);
	fclose(file);
	free(changed);
	sqlite3 *database;
	if (bytes[0] % 2 == 0 && sqlite3_open(path, &database) == SQLITE_OK) {
		for (size_t at = 1; at + FIELD <= length; at += FIELD)
			change_field(database, bytes + at);
		sqlite3_close(database);
	}
	struct err err;
	struct arena arena;
	double sum = 0;
	err_init(&err);
	arena_init(&arena);
	struct store *store = store_open(path, false, &err);
	if (store) {
		store_definition(store, &arena);
		store_check(store, is_known, NULL, &err);
		/* Whatever the check has said: another program may change it meanwhile. */
		store_values(store, 0, 100, look_at_value, &sum, &err);
		store_hists(store, 0, 100, look_at_hist, NULL, &err);
	}
	store_close(store);
	arena_free(&arena);
	return 0;
}
