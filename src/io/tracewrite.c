/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/tracewrite.h"
#include "io/csv.h"

enum { DIGITS = 20 };

/* The decimal digits of a value >= 0 at the end of a buffer of DIGITS bytes; printf would take most of the time. */
static void put_number(FILE *file, int64_t value)
{
	char buffer[DIGITS], *at = buffer + DIGITS;
	do
		*--at = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	fwrite(at, 1, (size_t)(buffer + DIGITS - at), file);
}

void trace_write_header(FILE *file, const struct column *columns)
{
	fputs("time_ns,window", file);
	for (int i = 0; columns[i].name; i++) {
		putc(',', file);
		csv_put(file, columns[i].name);
	}
	putc('\n', file);
}

void trace_write_rows(FILE *file, const struct column *columns, const struct row *rows, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		put_number(file, rows[k].time);
		putc(',', file);
		put_number(file, rows[k].window);
		for (int i = 0; columns[i].name; i++) {
			putc(',', file);
			if (columns[i].type == COLUMN_CHOICE)
				csv_put(file, columns[i].choices[rows[k].value[i]]);
			else
				put_number(file, rows[k].value[i]);
		}
		putc('\n', file);
	}
}
