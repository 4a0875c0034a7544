/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quantities as people write them: "5 ms", "12k/s", "64 GiB", "85 %". Units are required where a quantity has a
 * dimension and are case-sensitive; the space before a unit is free.
 *
 *   TIME   ns us ms s min h d                    int64 ns
 *   BYTES  B kB MB GB TB KiB MiB GiB TiB         int64 bytes
 *   RATE   /s /min /h /d, with k M G before      double, per second
 *   COUNT  none, or k M G T (10^3 ...)           int64
 *   RATIO  none ("0.85"), or %                   double
 *   REAL   none                                  double
 *
 * Integers are computed exactly from the decimal digits (0.3 ms is 300000 ns). Times and bytes that do not come out
 * even are rounded half away from zero; a count that does not ("1.5", but not "1.5 k") is a mistake.
 */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum quantity_kind {
	QUANTITY_COUNT,
	QUANTITY_REAL,
	QUANTITY_RATIO,
	QUANTITY_TIME,
	QUANTITY_BYTES,
	QUANTITY_RATE
};

enum { QUANTITY_TEXT = 64, QUANTITY_WHY = 160 };

/* The value of either form; `integer` is set for COUNT, TIME and BYTES, `real` always. */
struct quantity {
	int64_t integer;
	double real;
};

/*
 * Reads the whole of `text` (leading and trailing blanks aside). On a mistake returns false and says in `why`
 * (QUANTITY_WHY bytes) what was needed, e.g. "needs a time unit, e.g. 80 ms".
 */
bool quantity_parse(enum quantity_kind kind, const char *text, struct quantity *value, char *why);

/*
 * As above, but reads from the start of `text` and stops after the quantity; *end is set to the first character that
 * does not belong to it. For quantities inside expressions.
 */
bool quantity_scan(enum quantity_kind kind, const char *text, const char **end, struct quantity *value, char *why);

/*
 * Which kind the quantity at the start of `text` has by its unit: TIME, BYTES, RATE, RATIO for '%', COUNT for k M G T,
 * REAL for a bare number; false when there is no number or no such unit.
 */
bool quantity_kind_of(const char *text, enum quantity_kind *kind);

/* Writes the quantity in the unit that is shortest to read ("5 ms", "1.2 k/s"); `buffer` has QUANTITY_TEXT bytes. */
char *quantity_print(enum quantity_kind kind, struct quantity value, char *buffer);

/* Shorthands for the most frequent ones; same buffers. */
char *quantity_print_time(int64_t ns, char *buffer);

/* "count", "time", ...: the name of a kind, and the units it takes, for help texts. */
const char *quantity_name(enum quantity_kind kind);
const char *quantity_units(enum quantity_kind kind);

#endif
