/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a trace looks like: how its rows come in time, which values are frequent, how large numbers are.
 *
 * A column is numeric when all its values are numbers and nobody calls it a key. The others are counted: the most
 * frequent values, and the exponent s that makes the counts most likely if the k-th most frequent of the values that
 * occur has probability proportional to k^-s (maximum likelihood over observed ranks; few rows per value make it too
 * small).
 */
#ifndef IO_TRACEINFO_H
#define IO_TRACEINFO_H

#include "base/arena.h"
#include "io/timed.h"

enum { TRACE_INFO_WIDTHS = 5, TRACE_INFO_TOP = 5, TRACE_INFO_DISTINCT = 2000000 };

/* Rows counted in bins from the first row on; the last bin, when not whole, is left out. */
struct trace_info_width {
	int64_t width;     /* ns */
	int64_t bins;      /* fewer than 2: nothing else is known */
	int64_t peak;      /* rows of the fullest */
	double mean;
	double dispersion; /* variance / mean; 1 for a Poisson process */
};

struct trace_info_value {
	const char *text;
	int64_t count;
};

struct trace_info_column {
	const char *name;
	bool numeric, whole; /* whole: and none has a fraction */
	int64_t missing, values;
	/* counted: */
	int64_t distinct;  /* TRACE_INFO_DISTINCT: that many or more, and nothing else is known */
	int64_t once;      /* values that occur once */
	int tops;
	struct trace_info_value top[TRACE_INFO_TOP];
	double top_percent; /* share of the rows that the most frequent 1 % of the values have */
	double zipf;        /* NaN with one value */
	/* numeric: */
	double mean, least, p50, p90, p99, greatest;
};

struct trace_info {
	const char *file, *time, *unit;
	int64_t rows, skipped;
	int64_t first, last; /* ns, as the file says */
	int64_t ties;        /* rows at the instant of the row before */
	int64_t tick;        /* ns: the coarsest of a day, an hour ... 1 ns that all times are multiples of */
	bool unsorted;       /* rows are not in order of time, or need not be */
	bool guessed;        /* nobody said what the unit of time is, nor does the file */
	const char *date_order;     /* as of timed_date_order */
	const char *writer, *model; /* as of struct trace_guess */
	const char *map;            /* what a model file says of it: lines of YAML */
	double rate;         /* per second: rows after the first / span; 0 when all rows are at one instant */
	double gap_cv;       /* coefficient of variation of the time between rows; NaN when there is none */
	struct trace_info_width width[TRACE_INFO_WIDTHS]; /* 1 s, 10 s, 1 min, 1 h, 1 d */
	struct trace_info_column *column;
	int columns;
	/* with a partition: */
	const char *partition; /* NULL: not asked for */
	int64_t partition_width, partitions, partition_largest, partition_median;
};

struct trace_info_options {
	struct timed_options timed; /* any_order: rows need not be in order; rows that are not, are sorted anyway */
	const char *const *keys;    /* columns to count although they are numbers; ends with NULL; may be NULL */
	const char *partition;      /* "room,10d": rows by value and stretch of time, counted from time 0; or NULL */
};

/* NULL and messages on mistakes. */
struct trace_info *trace_info_read(struct arena *arena, const char *path, const struct trace_info_options *options,
				   struct err *err);

#endif
