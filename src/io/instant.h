/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times as files write them: numbers in a unit, or dates.
 */
#ifndef IO_INSTANT_H
#define IO_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

enum { INSTANT_TICK = 100 }; /* ns: what Windows and .NET count in */

#define INSTANT_UNITS "ns 100ns us ms s min h d, or date"

/* "ns", "ms", ... to ns; 0 when it is not a unit of time. */
int64_t instant_unit(const char *unit);

/* And back; "date" of 0, NULL when it is none. */
const char *instant_unit_name(int64_t ns);

/* The unit of time that a column name tells ("t_us", "time_ns", "t_unix_s"), as text; NULL when it tells none. */
const char *instant_unit_named(const char *name);

/*
 * The same of a column that is known to be a time, whatever it is called: also ns, us, ms, s at the end of its name
 * ("arrived_us", "startMs", "at (ns)").
 */
const char *instant_unit_of_time(const char *name);

/*
 * A date, or date and time with a fraction and an offset, to ns since 1970-01-01; UTC where no offset is said:
 * 2014-04-07T18:30:05.25+02:00 (ISO 8601; a blank for the T), 4/7/2014 6:30 PM (month, day, year), and
 * 07/Apr/2014:18:30:05 +0200 of web servers, also in brackets. A leap second is the one that follows.
 */
bool instant_parse_date(const char *text, int64_t *ns);

/* The day of what is written as month/day/year, be it a date or not; 0 when it is written otherwise. */
int instant_slashed_day(const char *text);

/*
 * A time as a file writes it, in `unit` ns, or with 0 as a date; false, and what is wrong in *why (a constant text),
 * when it is none or negative. Ticks of 100 ns may count from 1970, from 1601 as those of Windows, or from the year 1
 * as those of .NET, which their size tells.
 */
bool instant_parse(const char *text, int64_t unit, int64_t *ns, const char **why);

#endif
