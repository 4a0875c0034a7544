/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A second file that tells what values of a trace mean: a CSV with a header, one column of keys and one of what they
 * stand for. A key is a whole value, or the beginning of it: then the longest that fits counts.
 */
#ifndef IO_LOOKUP_H
#define IO_LOOKUP_H

#include "base/arena.h"
#include "base/err.h"
#include "io/csv.h"

struct lookup;

/*
 * `key` and `value` are columns; NULL: the first, the second. NULL and messages on mistakes, of which a key that comes
 * twice is one.
 */
const struct lookup *lookup_open(struct arena *arena, const char *path, const char *key, const char *value,
				 bool by_prefix, struct err *err);

/* What a text stands for; NULL: nothing. */
const struct csv_field *lookup_find(const struct lookup *lookup, const char *text, size_t length);

#endif
