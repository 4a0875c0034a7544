/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a trace that nobody has described looks like: which column is the time, in which unit, which tool wrote it. Told
 * from its first records.
 */
#ifndef IO_TRACEGUESS_H
#define IO_TRACEGUESS_H

#include "base/err.h"
#include "io/format.h"

#include <stdbool.h>

enum { TRACE_GUESS_NAME = 128, TRACE_GUESS_UNIT = 8 };

struct trace_guess {
	char time[TRACE_GUESS_NAME]; /* a column; "": none looks like a time */
	char unit[TRACE_GUESS_UNIT];
	bool certain;  /* the unit: dates, seconds since 1970 and the like, a known tool's, one that the name tells */
	bool in_order; /* of the records that were looked at */
	const char *writer; /* "k6"; NULL: not known */
	const char *model;  /* the model that maps such files; NULL: none does */
};

/* `format` is settled. False and messages when the file cannot be read. */
bool trace_guess(struct stream_file *file, const struct format *format, struct trace_guess *guess, struct err *err);

#endif
