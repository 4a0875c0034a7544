/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times as files write them: numbers in a unit, or dates.
 */
#ifndef IO_INSTANT_H
#define IO_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

/* "ns", "ms", ... to ns; 0 when it is not a unit of time. */
int64_t instant_unit(const char *unit);

/* The unit of time that a column name tells ("t_us", "time_ns", "t_unix_s"), as text; NULL when it tells none. */
const char *instant_unit_named(const char *name);

/* An ISO date, or date and time with a fraction, to ns since 1970-01-01. */
bool instant_parse_date(const char *text, int64_t *ns);

/*
 * A time as a file writes it, in `unit` ns, or with 0 as a date; false, and what is wrong in *why (a constant text),
 * when it is none or negative.
 */
bool instant_parse(const char *text, int64_t unit, int64_t *ns, const char **why);

#endif
