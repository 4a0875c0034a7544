/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers and dates whose text can be made again from their value, byte for byte; all others stay texts.
 *
 *   number  -?(0|[1-9][0-9]*)([.][0-9]{1,18})? below 2^63 without its point, and not -0, -0.0 ...
 *   date    2014-04-07, 2014-04-07 18:30, ...:05, ...:05.25 (1 to 9 digits), with T or a blank, with or without Z
 */
#ifndef IO_CBT_TEXT_H
#define IO_CBT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CBT_TEXT_PRINT = 40 };

/* *value / 10^*places. */
bool cbt_number_parse(const char *text, size_t length, int64_t *value, int *places);

/* Returns the length; `buffer` has CBT_TEXT_PRINT bytes and gets a NUL. `value` is not INT64_MIN. */
size_t cbt_number_print(int64_t value, int places, char *buffer);

/* How dates are written. */
struct cbt_dates {
	int flags;    /* CBT_TIME, ... of cbt_format.h */
	int fraction; /* digits of a second */
};

bool cbt_dates_valid(struct cbt_dates dates);

/* What 1 is worth, ns. */
int64_t cbt_dates_resolution(struct cbt_dates dates);

/* The value that no date reaches. */
int64_t cbt_dates_end(struct cbt_dates dates);

/* The format of the date, and how often its resolution has passed since 1970-01-01. */
bool cbt_date_parse(const char *text, size_t length, struct cbt_dates *dates, int64_t *value);

/* As cbt_number_print; 0 <= value < cbt_dates_end. */
size_t cbt_date_print(int64_t value, struct cbt_dates dates, char *buffer);

#endif
