/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A finished run in one piece of memory: what it measured, ready to be sent to another machine and to be stored. The
 * same run gives the same bytes everywhere.
 */
#ifndef IO_RECORD_H
#define IO_RECORD_H

#include "stats/outcome.h"

#include <stddef.h>

struct record {
	unsigned char *byte;
	size_t length, room;
};

/* Which run of a sweep it is. */
struct record_run {
	int64_t number; /* among all runs, from 0 */
	int64_t point, replication;
	const char *variant;
	uint64_t digest, rows, events, skipped;
	int64_t end, unfinished;
};

/* One measurement. A value that could not be told is NaN. */
struct record_value {
	const char *window, *metric, *statistic; /* window: "" for the whole, else as results_window says */
	double value;
};

/* One distribution; the bins are packed as record_hist reads them. */
struct record_hist {
	const char *window, *metric;
	int bits;
	uint64_t count;
	int64_t least, greatest;
	const unsigned char *bins;
	size_t length;
};

/* What the distribution of the ages of requests that had not ended is called, beside those of metrics. */
#define RECORD_UNFINISHED "unfinished"

/*
 * Fills a record (of which the memory is used again) with what `replay` measured: the terms that `wanted` was asked
 * for, and the histogram of every time and amount that has one, and of the ages of what had not ended.
 */
void record_make(struct record *record, const struct outcome *wanted, const struct replay *replay, int64_t number,
		 int64_t point, int64_t replication, uint64_t skipped);
void record_free(struct record *record);

/* Reads a record: the run, then all its values, then all its histograms. Texts lie inside of the record. */
struct record_reader {
	const unsigned char *at, *end;
	uint64_t left;
};
void record_read(struct record_reader *reader, const unsigned char *byte, size_t length, struct record_run *run);
bool record_next_value(struct record_reader *reader, struct record_value *value);
bool record_next_hist(struct record_reader *reader, struct record_hist *hist);

/*
 * Adds packed bins to a histogram of the same number of bits; squares are not packed, and stay as they are. False when
 * the bins are not what was packed.
 *
 * Packed are numbers of 7 bits a byte, the least significant first, the highest bit set in all bytes but the last of a
 * number: the upper and the lower 64 bits of the sum of all values, then for each bin that holds something, from low to
 * high, how much its index is above that of the bin before (0 at first), and how many values it holds. Bin i below
 * 2^bits holds the value i; above, with i = k * 2^bits + j, those from (2^bits + j) * 2^(k-1) to before the next bin.
 */
bool record_unpack(const struct record_hist *packed, struct hist *into);

#endif
