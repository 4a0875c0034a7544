/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The records of any trace (io/records.h) that has a column of times, for commands that know no case: describe, check,
 * re-encode.
 */
#ifndef IO_TIMED_H
#define IO_TIMED_H

#include "base/arena.h"
#include "io/csv.h"
#include "io/format.h"

#include <stdbool.h>
#include <stdint.h>

struct timed_options {
	const char *time;  /* "t_unix_s:s", "when:date": the column and its unit; NULL: as its name tells, or the packed
			      trace */
	bool any_order;    /* rows need not be in order of time */
	int64_t skip_bad;  /* malformed records that may be passed over */
	struct format format; /* what is known of how it is written */
	bool guess_unit;      /* without `time`: a unit that is only guessed will do */
};

struct timed;

/* NULL and messages on mistakes of the options (ERR_USAGE) or of the file (ERR_TRACE). */
struct timed *timed_open(const char *path, const struct timed_options *options, struct err *err);
void timed_close(struct timed *timed);

/*
 * The next record and its time in ns. CSV_ROW, CSV_END, or CSV_BROKEN with messages; never CSV_BAD. A file without rows
 * is a mistake.
 */
enum csv_status timed_next(struct timed *timed, const struct csv_field **fields, int64_t *time, struct err *err);

int64_t timed_rows(const struct timed *timed);
int64_t timed_skipped(const struct timed *timed);

/* The header, and which of its columns is the time. */
const char *const *timed_names(const struct timed *timed);
int timed_columns(const struct timed *timed);
int timed_source(const struct timed *timed);
const char *timed_unit(const struct timed *timed); /* "s", "date" */
bool timed_unit_guessed(const struct timed *timed); /* neither the options nor the file tell it */
/* How dates of the rows so far were read where their form leaves a doubt, for a line about them; else "". */
const char *timed_date_order(const struct timed *timed);
int64_t timed_unit_ns(const struct timed *timed);  /* 0: dates */
const char *timed_name(const struct timed *timed); /* of the file, for messages */
const struct format *timed_format(const struct timed *timed); /* settled */
struct stream_file *timed_file(const struct timed *timed);

/* Whether timed_next has failed because time goes backwards. */
bool timed_went_back(const struct timed *timed);

/* What of a column is wanted; all of the others too. */
void timed_want(struct timed *timed, int column, enum csv_want want);

#endif
