/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calendar dates of UTC, as ISO 8601 writes them, from 1970-01-01 to 2261-12-31.
 */
#ifndef TRACE_DATE_H
#define TRACE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_DAY INT64_C(86400000000000) /* ns */

enum { DATE_TEXT = 24 };

/* "2015-11-01" to days since 1970-01-01. False when the text is not a date. */
bool date_parse(const char *text, int64_t *days);

/* A date, or a date and a time of day ("2014-04-07T00:00", seconds and "Z" may follow), to ns since 1970-01-01. */
bool date_parse_instant(const char *text, int64_t *ns);

/*
 * A smooth day: a wave of two parabolas, 1 at the time of day `peak`, -1 half a day later, mean 0. Times are ns,
 * 0 <= peak <= a day; any `calendar` >= 0.
 */
double date_wave(int64_t calendar, int64_t peak);

/* The date of a day; `buffer` has DATE_TEXT bytes and is returned. */
char *date_print(int64_t days, char *buffer);

#endif
