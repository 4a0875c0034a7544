/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One connection. Who writes holds a lock (flock) on the directory, which the system gives back however the program
 * ends; SQLite's own locks would keep readers away as well.
 */
#include "io/store.h"
#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <xxhash.h>

enum { APPLICATION = 0x63736277, SCHEMA = 2, PATIENCE_MS = 20000, DIGEST = 17 };

enum statement {
	ADD_POINT, ADD_RUN, ADD_METRIC, ADD_HIST, LIST_RUNS, LIST_VALUES, LIST_HISTS, CHECK_RUNS, CHECK_VALUES,
	CHECK_HISTS, STATEMENTS
};

static const char *const text_of[STATEMENTS] = {
	[ADD_POINT] = "INSERT INTO point VALUES (?, ?, ?)",
	[ADD_RUN] = "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[ADD_METRIC] = "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?)",
	[ADD_HIST] = "INSERT INTO histogram VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[LIST_RUNS] = "SELECT run FROM run ORDER BY run",
	[LIST_VALUES] = "SELECT run, replication, number, window, metric, statistic, value FROM run JOIN metric "
			"USING (run) WHERE run >= ? AND run < ? ORDER BY run, number",
	[LIST_HISTS] = "SELECT run, replication, number, window, metric, bits, count, least, greatest, bins FROM run "
		       "JOIN histogram USING (run) WHERE run >= ? AND run < ? ORDER BY run, number",
	[CHECK_RUNS] = "SELECT run, point, variant, replication, digest, rows, events, skipped, end_ns, unfinished, "
		       "checksum FROM run ORDER BY run",
	[CHECK_VALUES] = "SELECT number, window, metric, statistic, value FROM metric WHERE run = ? ORDER BY number",
	[CHECK_HISTS] = "SELECT number, window, metric, bits, count, least, greatest, bins FROM histogram "
			"WHERE run = ? ORDER BY number",
};

static const char schema[] =
	"CREATE TABLE study (case_name TEXT NOT NULL, version TEXT NOT NULL, command TEXT NOT NULL, "
	"definition TEXT NOT NULL) STRICT;"
	"CREATE TABLE point (point INTEGER PRIMARY KEY, settings TEXT NOT NULL, digest TEXT NOT NULL) STRICT;"
	"CREATE TABLE run (run INTEGER PRIMARY KEY, point INTEGER NOT NULL REFERENCES point, variant TEXT NOT NULL, "
	"replication INTEGER NOT NULL, digest TEXT NOT NULL, rows INTEGER NOT NULL, events INTEGER NOT NULL, "
	"skipped INTEGER NOT NULL, end_ns INTEGER NOT NULL, unfinished INTEGER NOT NULL, checksum INTEGER NOT NULL) "
	"STRICT;"
	"CREATE TABLE metric (run INTEGER NOT NULL REFERENCES run, number INTEGER NOT NULL, window TEXT NOT NULL, "
	"metric TEXT NOT NULL, statistic TEXT NOT NULL, value REAL, PRIMARY KEY (run, number)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE histogram (run INTEGER NOT NULL REFERENCES run, number INTEGER NOT NULL, window TEXT NOT NULL, "
	"metric TEXT NOT NULL, bits INTEGER NOT NULL, count INTEGER NOT NULL, least INTEGER NOT NULL, "
	"greatest INTEGER NOT NULL, bins BLOB NOT NULL, PRIMARY KEY (run, number)) STRICT, WITHOUT ROWID;";

struct store {
	sqlite3 *database;
	sqlite3_stmt *statement[STATEMENTS];
	char *path;
	int lock; /* descriptor of the directory */
};

static bool complain(const struct store *store, struct err *err)
{
	struct place place = {store->path, 0, 0};
	int code = sqlite3_extended_errcode(store->database), error = sqlite3_system_errno(store->database);
	switch (code & 0xff) {
	case SQLITE_FULL:
		return err_add(
			err, ERR_OUTPUT, &place,
			"the disk is full; what was finished is kept, and --resume continues when there is room");
	case SQLITE_NOTADB:
		return err_add(err, ERR_OUTPUT, &place, "is not a database");
	case SQLITE_BUSY:
		return err_add(err, ERR_OUTPUT, &place, "is locked by another program");
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		if (error)
			return err_add(err, ERR_OUTPUT, &place, "%s: %s", sqlite3_errstr(code), strerror(error));
		break;
	default:
		break;
	}
	return err_add(err, ERR_OUTPUT, &place, "%s", sqlite3_errmsg(store->database));
}

static bool execute(struct store *store, const char *text, struct err *err)
{
	return sqlite3_exec(store->database, text, NULL, NULL, NULL) == SQLITE_OK || complain(store, err);
}

/* A number that a statement gives; -1 when it gives none. */
static int64_t ask(struct store *store, const char *text)
{
	sqlite3_stmt *statement;
	int64_t value = -1;
	if (sqlite3_prepare_v2(store->database, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static bool lock(struct store *store, struct err *err)
{
	struct place place = {store->path, 0, 0};
	char *directory = strdup(store->path);
	if (!directory)
		check_out_of_memory(strlen(store->path));
	char *slash = strrchr(directory, '/');
	if (slash)
		slash[slash == directory] = '\0';
	store->lock = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(directory);
	if (store->lock < 0)
		return err_add(err, ERR_OUTPUT, &place, "cannot be opened: %s", strerror(errno));
	/* A file system that has no such locks cannot help; only "taken" is an answer. */
	if (flock(store->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return err_add(err, ERR_OUTPUT, &place, "another sweep is writing it");
	return true;
}

/* SQLite tries again in other ways, and then tells why the last of them failed. */
static bool can_be_written(const struct store *store, bool make, struct err *err)
{
	struct place place = {store->path, 0, 0};
	int file = open(store->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (make ? O_CREAT : 0), 0666);
	if (file < 0)
		return err_add(err, ERR_OUTPUT, &place, "cannot be written: %s", strerror(errno));
	close(file);
	return true;
}

/* Empty, or a sweep's. */
static bool check_kind(struct store *store, struct err *err)
{
	struct place place = {store->path, 0, 0};
	int64_t tables = ask(store, "SELECT count(*) FROM sqlite_schema");
	if (tables < 0)
		return complain(store, err);
	int64_t kind = ask(store, "PRAGMA application_id"), version = ask(store, "PRAGMA user_version");
	if (tables > 0 && kind != APPLICATION)
		return err_add(err, ERR_OUTPUT, &place, "is a database of something else");
	if (tables > 0 && version != SCHEMA)
		return err_add(err, ERR_OUTPUT, &place, "has tables of version %" PRId64 "; this casebook writes %d",
			       version, SCHEMA);
	return true;
}

struct store *store_open(const char *path, bool make, struct err *err)
{
	struct store *store = calloc(1, sizeof *store);
	if (!store || !(store->path = strdup(path)))
		check_out_of_memory(sizeof *store);
	store->lock = -1;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | (make ? SQLITE_OPEN_CREATE : 0);
	bool good = lock(store, err) && can_be_written(store, make, err) &&
		    (sqlite3_open_v2(path, &store->database, flags, NULL) == SQLITE_OK || complain(store, err));
	if (good) {
		sqlite3_extended_result_codes(store->database, 1);
		sqlite3_busy_timeout(store->database, PATIENCE_MS);
	}
	/*
	 * "normal" leaves the flush of each transaction to the system: none is lost when the program is killed, and
	 * when the machine goes down the last ones may be, without harm to the others.
	 */
	good = good && check_kind(store, err) &&
	       execute(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON", err);
	if (good)
		return store;
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statement[i]);
	sqlite3_close(store->database);
	if (store->lock >= 0)
		close(store->lock);
	free(store->path);
	free(store);
}

const char *store_path(const struct store *store)
{
	return store->path;
}

static sqlite3_stmt *prepared(struct store *store, enum statement number, struct err *err)
{
	if (!store->statement[number] &&
	    sqlite3_prepare_v3(store->database, text_of[number], -1, SQLITE_PREPARE_PERSISTENT,
			       &store->statement[number], NULL) != SQLITE_OK)
		complain(store, err);
	return store->statement[number];
}

/* Runs a statement that gives no rows. */
static bool perform(struct store *store, sqlite3_stmt *statement, struct err *err)
{
	bool good = sqlite3_step(statement) == SQLITE_DONE || complain(store, err);
	sqlite3_reset(statement);
	return good;
}

const char *store_definition(struct store *store, struct arena *arena)
{
	sqlite3_stmt *statement;
	const char *definition = NULL;
	if (sqlite3_prepare_v2(store->database, "SELECT definition FROM study", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		definition = arena_text(arena, (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return definition;
}

bool store_begin(struct store *store, const char *case_name, const char *version, const char *command,
		 const char *definition, struct err *err)
{
	char pragmas[100];
	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION, SCHEMA);
	if (!execute(store, "BEGIN IMMEDIATE", err) || !execute(store, schema, err) || !execute(store, pragmas, err))
		return false;
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(store->database, "INSERT INTO study VALUES (?, ?, ?, ?)", -1, &statement, NULL) !=
	    SQLITE_OK)
		return complain(store, err);
	const char *const values[] = {case_name, version, command, definition};
	for (int i = 0; i < 4; i++)
		sqlite3_bind_text(statement, i + 1, values[i], -1, SQLITE_STATIC);
	bool good = perform(store, statement, err);
	sqlite3_finalize(statement);
	return good;
}

bool store_point(struct store *store, int64_t point, const char *settings, const char *digest, struct err *err)
{
	sqlite3_stmt *statement = prepared(store, ADD_POINT, err);
	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, point);
	sqlite3_bind_text(statement, 2, settings, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, digest, -1, SQLITE_STATIC);
	return perform(store, statement, err);
}

bool store_begun(struct store *store, struct err *err)
{
	return execute(store, "COMMIT", err);
}

/* ---- the checksum of a run: over all that is told of it, field by field, in the order of the tables ---- */

static void sum_number(XXH64_state_t *sum, int64_t number)
{
	unsigned char byte[8];
	for (int i = 0; i < 8; i++)
		byte[i] = (unsigned char)((uint64_t)number >> 8 * i);
	XXH64_update(sum, byte, sizeof byte);
}

static void sum_bytes(XXH64_state_t *sum, const void *bytes, size_t length)
{
	sum_number(sum, (int64_t)length);
	XXH64_update(sum, length ? bytes : "", length);
}

static void sum_text(XXH64_state_t *sum, const char *text)
{
	sum_bytes(sum, text, strlen(text));
}

static void sum_run(XXH64_state_t *sum, const struct record_run *run, const char *digest)
{
	sum_number(sum, run->number);
	sum_number(sum, run->point);
	sum_text(sum, run->variant);
	sum_number(sum, run->replication);
	sum_text(sum, digest);
	sum_number(sum, (int64_t)run->rows);
	sum_number(sum, (int64_t)run->events);
	sum_number(sum, (int64_t)run->skipped);
	sum_number(sum, run->end);
	sum_number(sum, run->unfinished);
}

static void sum_value(XXH64_state_t *sum, int number, const struct record_value *value)
{
	uint64_t bits;
	memcpy(&bits, &value->value, sizeof bits);
	sum_number(sum, number);
	sum_text(sum, value->window);
	sum_text(sum, value->metric);
	sum_text(sum, value->statistic);
	sum_number(sum, isnan(value->value) ? -1 : (int64_t)bits);
}

static void sum_hist(XXH64_state_t *sum, int number, const struct record_hist *hist)
{
	sum_number(sum, number);
	sum_text(sum, hist->window);
	sum_text(sum, hist->metric);
	sum_number(sum, hist->bits);
	sum_number(sum, (int64_t)hist->count);
	sum_number(sum, hist->least);
	sum_number(sum, hist->greatest);
	sum_bytes(sum, hist->bins, hist->length);
}

static XXH64_state_t *sum_begin(void)
{
	XXH64_state_t *sum = XXH64_createState();
	if (!sum)
		check_out_of_memory(sizeof(XXH64_hash_t));
	XXH64_reset(sum, 0);
	return sum;
}

static int64_t sum_record(const unsigned char *record, size_t length)
{
	struct record_reader reader;
	struct record_run run;
	struct record_value value;
	struct record_hist hist;
	char digest[DIGEST];
	XXH64_state_t *sum = sum_begin();
	record_read(&reader, record, length, &run);
	snprintf(digest, sizeof digest, "%016" PRIx64, run.digest);
	sum_run(sum, &run, digest);
	for (int i = 0; record_next_value(&reader, &value); i++)
		sum_value(sum, i, &value);
	for (int i = 0; record_next_hist(&reader, &hist); i++)
		sum_hist(sum, i, &hist);
	int64_t of = (int64_t)XXH64_digest(sum);
	XXH64_freeState(sum);
	return of;
}

static bool add_run(struct store *store, const struct record_run *run, int64_t checksum, struct err *err)
{
	sqlite3_stmt *statement = prepared(store, ADD_RUN, err);
	char digest[DIGEST];
	if (!statement)
		return false;
	snprintf(digest, sizeof digest, "%016" PRIx64, run->digest);
	sqlite3_bind_int64(statement, 1, run->number);
	sqlite3_bind_int64(statement, 2, run->point);
	sqlite3_bind_text(statement, 3, run->variant, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, run->replication);
	sqlite3_bind_text(statement, 5, digest, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 6, (int64_t)run->rows);
	sqlite3_bind_int64(statement, 7, (int64_t)run->events);
	sqlite3_bind_int64(statement, 8, (int64_t)run->skipped);
	sqlite3_bind_int64(statement, 9, run->end);
	sqlite3_bind_int64(statement, 10, run->unfinished);
	sqlite3_bind_int64(statement, 11, checksum);
	return perform(store, statement, err);
}

static bool add_value(struct store *store, int64_t run, int number, const struct record_value *value, struct err *err)
{
	sqlite3_stmt *statement = prepared(store, ADD_METRIC, err);
	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, run);
	sqlite3_bind_int(statement, 2, number);
	sqlite3_bind_text(statement, 3, value->window, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, value->metric, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 5, value->statistic, -1, SQLITE_STATIC);
	sqlite3_bind_double(statement, 6, value->value); /* NaN becomes NULL */
	return perform(store, statement, err);
}

static bool add_hist(struct store *store, int64_t run, int number, const struct record_hist *hist, struct err *err)
{
	sqlite3_stmt *statement = prepared(store, ADD_HIST, err);
	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, run);
	sqlite3_bind_int(statement, 2, number);
	sqlite3_bind_text(statement, 3, hist->window, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, hist->metric, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 5, hist->bits);
	sqlite3_bind_int64(statement, 6, (int64_t)hist->count);
	sqlite3_bind_int64(statement, 7, hist->least);
	sqlite3_bind_int64(statement, 8, hist->greatest);
	sqlite3_bind_blob64(statement, 9, hist->bins, hist->length, SQLITE_STATIC);
	return perform(store, statement, err);
}

static bool add_all(struct store *store, const unsigned char *record, size_t length, struct err *err)
{
	struct record_reader reader;
	struct record_run run;
	struct record_value value;
	struct record_hist hist;
	record_read(&reader, record, length, &run);
	if (!add_run(store, &run, sum_record(record, length), err))
		return false;
	if (sqlite3_changes(store->database) == 0)
		return true;
	for (int i = 0; record_next_value(&reader, &value); i++)
		if (!add_value(store, run.number, i, &value, err))
			return false;
	for (int i = 0; record_next_hist(&reader, &hist); i++)
		if (!add_hist(store, run.number, i, &hist, err))
			return false;
	return true;
}

bool store_add(struct store *store, const unsigned char *record, size_t length, struct err *err)
{
	if (!execute(store, "BEGIN IMMEDIATE", err))
		return false;
	if (add_all(store, record, length, err) && execute(store, "COMMIT", err))
		return true;
	if (!sqlite3_get_autocommit(store->database)) /* some errors have rolled back already */
		sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static const char *column_text(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	return text ? text : "";
}

static void read_value(sqlite3_stmt *statement, struct store_row *row)
{
	row->value = (struct record_value){column_text(statement, 3), column_text(statement, 4),
					   column_text(statement, 5), NAN};
	if (sqlite3_column_type(statement, 6) != SQLITE_NULL)
		row->value.value = sqlite3_column_double(statement, 6);
}

static void read_hist(sqlite3_stmt *statement, struct store_row *row)
{
	row->hist.window = column_text(statement, 3);
	row->hist.metric = column_text(statement, 4);
	row->hist.bits = sqlite3_column_int(statement, 5);
	row->hist.count = (uint64_t)sqlite3_column_int64(statement, 6);
	row->hist.least = sqlite3_column_int64(statement, 7);
	row->hist.greatest = sqlite3_column_int64(statement, 8);
	row->hist.bins = sqlite3_column_blob(statement, 9);
	row->hist.length = (size_t)sqlite3_column_bytes(statement, 9);
}

static bool list(struct store *store, enum statement number, int64_t from, int64_t to,
		 void (*read)(sqlite3_stmt *statement, struct store_row *row),
		 void (*each)(void *context, const struct store_row *row), void *context, struct err *err)
{
	sqlite3_stmt *statement = prepared(store, number, err);
	int step;
	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, from);
	sqlite3_bind_int64(statement, 2, to);
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_row row = {.run = sqlite3_column_int64(statement, 0)};
		row.replication = sqlite3_column_int64(statement, 1);
		row.number = sqlite3_column_int(statement, 2);
		read(statement, &row);
		each(context, &row);
	}
	bool good = step == SQLITE_DONE || complain(store, err);
	sqlite3_reset(statement);
	return good;
}

bool store_values(struct store *store, int64_t from, int64_t to,
		  void (*each)(void *context, const struct store_row *row), void *context, struct err *err)
{
	return list(store, LIST_VALUES, from, to, read_value, each, context, err);
}

bool store_hists(struct store *store, int64_t from, int64_t to,
		 void (*each)(void *context, const struct store_row *row), void *context, struct err *err)
{
	return list(store, LIST_HISTS, from, to, read_hist, each, context, err);
}

bool store_runs(struct store *store, void (*each)(void *context, int64_t number), void *context, struct err *err)
{
	sqlite3_stmt *statement = prepared(store, LIST_RUNS, err);
	int step;
	if (!statement)
		return false;
	while ((step = sqlite3_step(statement)) == SQLITE_ROW)
		each(context, sqlite3_column_int64(statement, 0));
	bool good = step == SQLITE_DONE || complain(store, err);
	sqlite3_reset(statement);
	return good;
}

/* ---- what a database says is checked before it is used ---- */

static bool is_damaged(const struct store *store, int64_t run, const char *what, struct err *err)
{
	struct place place = {store->path, 0, 0};
	return err_add(err, ERR_OUTPUT, &place, "is damaged: run %" PRId64 " %s", run, what);
}

/* Of the values and histograms of a run. Their numbers are 0, 1, 2 ... */
static bool sum_parts(struct store *store, int64_t run, enum statement number, XXH64_state_t *sum, struct err *err)
{
	sqlite3_stmt *statement = prepared(store, number, err);
	int step, next = 0;
	bool good = statement != NULL;
	if (!good)
		return false;
	sqlite3_bind_int64(statement, 1, run);
	while (good && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (sqlite3_column_int64(statement, 0) != next) {
			good = is_damaged(store, run, "lacks a value, or has one too many", err);
			break;
		}
		if (number == CHECK_VALUES) {
			struct record_value value = {column_text(statement, 1), column_text(statement, 2),
						     column_text(statement, 3), NAN};
			if (sqlite3_column_type(statement, 4) != SQLITE_NULL)
				value.value = sqlite3_column_double(statement, 4);
			sum_value(sum, next++, &value);
		} else {
			struct record_hist hist = {column_text(statement, 1), column_text(statement, 2),
						   sqlite3_column_int(statement, 3),
						   (uint64_t)sqlite3_column_int64(statement, 4),
						   sqlite3_column_int64(statement, 5),
						   sqlite3_column_int64(statement, 6),
						   sqlite3_column_blob(statement, 7),
						   (size_t)sqlite3_column_bytes(statement, 7)};
			sum_hist(sum, next++, &hist);
		}
	}
	good = good && (step == SQLITE_DONE || complain(store, err));
	sqlite3_reset(statement);
	return good;
}

bool store_check(struct store *store, bool (*is_known)(void *context, const struct record_run *run), void *context,
		 struct err *err)
{
	struct place place = {store->path, 0, 0};
	sqlite3_stmt *statement = prepared(store, CHECK_RUNS, err);
	int step = SQLITE_DONE;
	bool good = statement != NULL;
	while (good && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct record_run run = {.number = sqlite3_column_int64(statement, 0),
					 .point = sqlite3_column_int64(statement, 1),
					 .variant = column_text(statement, 2),
					 .replication = sqlite3_column_int64(statement, 3),
					 .rows = (uint64_t)sqlite3_column_int64(statement, 5),
					 .events = (uint64_t)sqlite3_column_int64(statement, 6),
					 .skipped = (uint64_t)sqlite3_column_int64(statement, 7),
					 .end = sqlite3_column_int64(statement, 8),
					 .unfinished = sqlite3_column_int64(statement, 9)};
		if (!is_known(context, &run)) {
			good = is_damaged(store, run.number, "is none of this sweep", err);
			break;
		}
		XXH64_state_t *sum = sum_begin();
		sum_run(sum, &run, column_text(statement, 4));
		good = sum_parts(store, run.number, CHECK_VALUES, sum, err) &&
		       sum_parts(store, run.number, CHECK_HISTS, sum, err);
		if (good && (int64_t)XXH64_digest(sum) != sqlite3_column_int64(statement, 10))
			good = is_damaged(store, run.number, "does not agree with its checksum", err);
		XXH64_freeState(sum);
	}
	if (statement) {
		good = good && (step == SQLITE_DONE || complain(store, err));
		sqlite3_reset(statement);
	}
	static const char strays_of[] =
		"SELECT (SELECT count(*) FROM metric WHERE run NOT IN (SELECT run FROM run)) + "
		"(SELECT count(*) FROM histogram WHERE run NOT IN (SELECT run FROM run))";
	int64_t strays = good ? ask(store, strays_of) : 0;
	return good && (strays == 0 || err_add(err, ERR_OUTPUT, &place, "is damaged: it has values of no run"));
}
