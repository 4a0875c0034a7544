/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Meters for parts that book, in tests without a case: rows of COUNT and of TIME, by number.
 */
#ifndef TESTS_BOOKS_H
#define TESTS_BOOKS_H

#include "engine/meter.h"

enum { BOOK_ROWS = 6 }; /* of each kind */

#define BOOK_COUNT {.name = "count", .kind = METRIC_COUNT, .help = "a count"}
#define BOOK_TIME  {.name = "time", .kind = METRIC_TIME, .help = "a time"}

static const struct metric book_table[] = {
	BOOK_COUNT, BOOK_COUNT, BOOK_COUNT, BOOK_COUNT, BOOK_COUNT, BOOK_COUNT,
	BOOK_TIME, BOOK_TIME, BOOK_TIME, BOOK_TIME, BOOK_TIME, BOOK_TIME,
	{.name = NULL}
};

/* One window, from 0 on. */
__attribute__((unused)) static void books_open(struct meters *books, struct arena *arena)
{
	meters_init(books, arena, book_table, 0, 1000000000);
	meters_window(books, 0, 0);
}

__attribute__((unused)) static struct booking book_count(struct meters *books, int row)
{
	return (struct booking){books, row};
}

__attribute__((unused)) static struct booking book_time(struct meters *books, int row)
{
	return (struct booking){books, BOOK_ROWS + row};
}

__attribute__((unused)) static long long counted(const struct meters *books, int row)
{
	return (long long)meter_total(books, row, -1);
}

/* All values of a row of TIME, once meters_end has been called. */
__attribute__((unused)) static const struct hist *timed(const struct meters *books, int row)
{
	return meter_hist(books, BOOK_ROWS + row, -1);
}

#endif
