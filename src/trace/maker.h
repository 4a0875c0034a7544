/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the values of one column are made, when they are not read from a file:
 *
 *   sent: calendar                                the instant of the row, ns since 1970-01-01 (a TIME)
 *   stored: stored                                units stored by then (a COUNT)
 *   op: {mix: {read: 50 %, write: 50 %}}          words of a CHOICE, each with its share
 *   home: {phases: {east: {share: 60 %, peak: 1.8, hour: 1 h}, west: {share: 40 %, peak: 1.8, hour: 4 h}}}
 *                                                 words whose shares differ by the hour: each is as frequent as its
 *                                                 share times a smooth day (UTC, mean 1) that is `peak` at `hour`
 *   channel: {zipf: {keys: 100 k, exponent: 1.1}} a KEY: 0, 1, 2, ... in the order of their popularity
 *   channel: {zipf: {keys: 100 k, exponent: 1.1, hot: 1 %, churn: 5 %, every: 1 h}}
 *                                                 each hour 5 % of the 1 % most popular make room for keys never
 *                                                 seen before
 *   place: {zipf: {keys: 1261, exponent: 3.1, shift: 40}}
 *                                                 shares ~ (k + 40)^-3.1: the first ones are nearly alike
 *   bytes: lognormal(median=54 B, p99=575 B)      any distribution, in the unit of the column (of a KEY: counts)
 *   op: read        channel: 17       bytes: 5 B  a constant
 *   channel: {by: class, voice: {zipf: {...}}, private: 17, public: {zipf: {...}}}
 *                                                 one of these for each word of another column; keys of a zipf under
 *                                                 different words are different keys
 *
 * Draws are keyed by the row's id in a stream called after the column.
 */
#ifndef TRACE_MAKER_H
#define TRACE_MAKER_H

#include "base/err.h"
#include "base/tree.h"
#include "engine/rng.h"
#include "param/param.h"
#include "trace/column.h"

struct maker;

/* The numbers of `phases` ("phase") and of `zipf`; NULL of all else. */
const struct param *maker_numbers(const char *section);

/* What a maker may look at beside the row's id and its other values. */
struct maker_moment {
	int64_t calendar; /* ns since 1970-01-01 */
	double stored;
};

/*
 * Reads how one column is made; `columns` is the table it stands in and `index` its row there. NULL and
 * messages (of kind ERR_MODEL) in err on mistakes.
 */
struct maker *maker_load(const struct column *columns, int index, const struct tree *tree,
			 const struct param_reader *reader, struct err *err);

/* The same from the text of column.missing, which must be right. */
struct maker *maker_missing(const struct column *columns, int index, const struct param_reader *reader);

/*
 * The column whose word it goes by, or -1. Such columns are made after the others, which must not go by a word
 * themselves.
 */
int maker_by(const struct maker *maker);

/* Whether it looks at the moment's calendar, at what is stored. */
bool maker_needs_calendar(const struct maker *maker);
bool maker_needs_stored(const struct maker *maker);

/* Whether its value is the same in all rows: *value. */
bool maker_fixed(const struct maker *maker, int64_t *value);

/* Whether its values are drawn. */
bool maker_random(const struct maker *maker);

/* The value for a row whose id, and values the maker goes by, are set. `stream` is maker_stream's for the column. */
int64_t maker_value(const struct maker *maker, struct rng_stream stream, const struct row *row,
		    const struct maker_moment *moment);

/* The stream of draws for a column. */
struct rng_stream maker_stream(const struct column *column, uint64_t seed, uint64_t replication);

/* A constant of a column as text: a word, a key, a quantity. False, and what was needed in `why`, on a mistake. */
bool maker_constant(const struct column *column, const char *text, int64_t *value, char *why, size_t size);

/*
 * The key that a text stands for: a decimal integer (without leading zeros, below 2^63) itself, so that a
 * hash, written, is itself when it is read again; other texts their 63-bit hash.
 */
int64_t maker_key(const char *text, size_t length);

#endif
