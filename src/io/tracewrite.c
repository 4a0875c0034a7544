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

int trace_write_names(const struct trace_write *write, const char *names[TRACE_WRITE_COLUMNS])
{
	int count = 0;
	names[count++] = "time_ns";
	names[count++] = "window";
	if (write->stretches) {
		names[count++] = "window_start_ns";
		names[count++] = "window_lasts_ns";
	}
	for (int i = 0; write->columns[i].name; i++)
		names[count++] = write->columns[i].name;
	return count;
}

static const struct trace_window *stretch_of(struct trace_write *write, int64_t label)
{
	for (int i = write->any ? write->at + 1 : 0; i < write->stretches; i++)
		if (write->stretch[i].window == label) {
			write->at = i;
			return &write->stretch[i];
		}
	return NULL;
}

const struct trace_window *trace_write_window(struct trace_write *write, const struct row *row)
{
	if (write->any && row->window == write->label)
		return NULL;
	const struct trace_window *stretch = stretch_of(write, row->window);
	write->any = true;
	write->label = row->window;
	if (stretch && stretch->by_date)
		date_print(row->window, write->text);
	else
		snprintf(write->text, sizeof write->text, "%lld", (long long)row->window);
	return stretch;
}

void trace_write_header(FILE *file, const struct trace_write *write)
{
	const char *names[TRACE_WRITE_COLUMNS];
	int count = trace_write_names(write, names);
	for (int i = 0; i < count; i++) {
		if (i)
			putc(',', file);
		csv_put(file, names[i]);
	}
	putc('\n', file);
}

void trace_write_rows(FILE *file, struct trace_write *write, const struct row *rows, size_t count)
{
	const struct column *columns = write->columns;
	for (size_t k = 0; k < count; k++) {
		const struct trace_window *begins = trace_write_window(write, &rows[k]);
		put_number(file, rows[k].time);
		putc(',', file);
		fputs(write->text, file);
		if (begins) {
			putc(',', file);
			put_number(file, begins->start);
			putc(',', file);
			put_number(file, begins->lasts);
		} else if (write->stretches) {
			fputs(",,", file);
		}
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
