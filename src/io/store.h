/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The database of a sweep, results.sqlite. All tables are STRICT; times are seconds unless a column says ns.
 *
 *   study      one row: what is swept, and with what; see store_begin
 *   point      settings: JSON of the swept keys, texts as in a model file; digest: of its setups
 *   run        a row for each that is finished: point, variant, replication, digest, rows, events, end_ns, unfinished,
 *              skipped, checksum (over the run and all its values and histograms)
 *   metric     run, number (in order), window ('' for the whole trace), metric, statistic, value (NULL: not told)
 *   histogram  run, number, window, metric, bits, count, least, greatest (in ns, or as they are), bins (packed as
 *              io/record.h tells)
 *
 * A finished run is one transaction: it is there as a whole or not at all, whatever ends the program. Ids are the same
 * in whatever order runs finish. The journal is a write-ahead log, so that others can read while a sweep goes on. One
 * thread at a time may use a store.
 */
#ifndef IO_STORE_H
#define IO_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "io/record.h"

struct store;

/*
 * Opens a database, or makes an empty one with `make`. NULL and a message (ERR_OUTPUT) when that cannot be done, when
 * it is no database of a sweep, or when another sweep is writing it.
 */
struct store *store_open(const char *path, bool make, struct err *err);
void store_close(struct store *store);
const char *store_path(const struct store *store);

/* The definition of the study in it, allocated in `arena`; NULL when it is empty. */
const char *store_definition(struct store *store, struct arena *arena);

/*
 * Begins a study in an empty database: its row (definition is JSON), and that `points` come next. They are there when
 * store_begun says so, all or none. False and a message when it cannot be written, here and below.
 */
bool store_begin(struct store *store, const char *case_name, const char *version, const char *command,
		 const char *definition, struct err *err);
bool store_point(struct store *store, int64_t point, const char *settings, const char *digest, struct err *err);
bool store_begun(struct store *store, struct err *err);

/* Adds a finished run; one that is there already stays. */
bool store_add(struct store *store, const unsigned char *record, size_t length, struct err *err);

/* Calls `each` for the number of each finished run, in order. */
bool store_runs(struct store *store, void (*each)(void *context, int64_t number), void *context, struct err *err);

/*
 * Whether what is in the database was written there: every run agrees with its checksum, and `is_known` knows it, by
 * its number, point, variant and replication. Else false, and a message.
 */
bool store_check(struct store *store, bool (*is_known)(void *context, const struct record_run *run), void *context,
		 struct err *err);

/* A value or a histogram of a run; `number` is its place among those of the run. */
struct store_row {
	int64_t run, replication;
	int number;
	struct record_value value; /* in store_values */
	struct record_hist hist;   /* in store_hists */
};

/* Calls `each` for all values, or histograms, of the finished runs from `from` to before `to`, in order. */
bool store_values(struct store *store, int64_t from, int64_t to,
		  void (*each)(void *context, const struct store_row *row), void *context, struct err *err);
bool store_hists(struct store *store, int64_t from, int64_t to,
		 void (*each)(void *context, const struct store_row *row), void *context, struct err *err);

#endif
