/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two readers of the same bytes, one in one pass where that can be, one by libcsv throughout: they must agree in every
 * record, field, place and message.
 */
#ifndef TESTS_TWOWAYS_H
#define TESTS_TWOWAYS_H

#include "io/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char difference[300];

static bool differ(const char *what, long record)
{
	snprintf(difference, sizeof difference, "%s of record %ld", what, record);
	return false;
}

static bool same_messages(const struct err *a, const struct err *b)
{
	if (a->count != b->count || (a->count && a->kind != b->kind))
		return false;
	for (int i = 0; i < a->count && i < ERR_MAX; i++)
		if (a->message[i].line != b->message[i].line || a->message[i].column != b->message[i].column ||
		    strcmp(a->message[i].text, b->message[i].text) != 0)
			return false;
	return true;
}

/* The columns of the one that reads in one pass take turns in what is wanted of them. */
static int wanted_turn;
static long numbers_seen;

static enum csv_want want_of(int column)
{
	return (enum csv_want)((column + wanted_turn) % 3);
}

static bool right_number(const struct csv_field *field)
{
	if (field->number < 0)
		return field->number == -1;
	numbers_seen++;
	errno = 0;
	return strspn(field->text, "0123456789") == field->length &&
	       field->number == strtoll(field->text, NULL, 10) && errno == 0;
}

static bool same_fields(struct csv_reader *a, struct csv_reader *b, const struct csv_field *x,
			const struct csv_field *y, long record)
{
	if (csv_line(a) != csv_line(b))
		return differ("line", record);
	for (int i = -1; i < csv_columns(a); i++) {
		struct place p = csv_place(a, i), q = csv_place(b, i);
		if (p.line != q.line || p.column != q.column)
			return differ("place", record);
		if (i < 0 || want_of(i) == CSV_NOTHING)
			continue;
		if (!right_number(&x[i]) || y[i].number != -1 || (want_of(i) == CSV_TEXT && x[i].number != -1))
			return differ("number", record);
		if (x[i].length != y[i].length || x[i].missing != y[i].missing ||
		    memcmp(x[i].text, y[i].text, x[i].length + 1) != 0)
			return differ("field", record);
	}
	return true;
}

/* Reads `mine` in one pass where that can be, `theirs` by libcsv; *records counts those that both have. */
static bool agree(struct stream *mine, struct stream *theirs, long *records)
{
	static struct err a, b;
	bool same = true;
	err_init(&a);
	err_init(&b);
	struct csv_reader *plain = csv_open(mine, &a), *quoted = csv_open(theirs, &b);
	if (quoted)
		csv_by_libcsv(quoted);
	wanted_turn++;
	for (int i = 0; plain && i < csv_columns(plain); i++)
		csv_want(plain, i, want_of(i));
	if (!plain != !quoted)
		same = differ("header", 0);
	for (bool more = plain && quoted; more && same;) {
		const struct csv_field *x = NULL, *y = NULL;
		enum csv_status one = csv_next(plain, &x, &a), other = csv_next(quoted, &y, &b);
		if (one != other)
			same = differ("status", *records);
		else if (one == CSV_ROW)
			same = same_fields(plain, quoted, x, y, *records);
		if (!same_messages(&a, &b))
			same = differ("message", *records);
		err_init(&a);
		err_init(&b);
		*records += one == CSV_ROW;
		more = one == CSV_ROW || one == CSV_BAD;
	}
	csv_close(plain);
	csv_close(quoted);
	return same && same_messages(&a, &b);
}

#endif
