/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Days are counted from 1 March of a leap cycle's year 0, so that the leap day is the last of its year: within a year
 * the months then start at (153 m + 2) / 5.
 */
#include "trace/date.h"

#include <stdio.h>
#include <string.h>

enum { DAYS_TO_1970 = 719468, DAYS_IN_CYCLE = 146097 }; /* from 0000-03-01; 400 years */

static int64_t days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int m = (month + 9) % 12;
	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - DAYS_TO_1970;
}

static void civil(int64_t days, int *year, int *month, int *day)
{
	int64_t d = days + DAYS_TO_1970, cycle = d / DAYS_IN_CYCLE;
	d %= DAYS_IN_CYCLE;
	int64_t y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
	int rest = (int)(d - (365 * y + y / 4 - y / 100));
	int m = (5 * rest + 2) / 153;
	*day = rest - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = (int)(y + cycle * 400) + (*month <= 2);
}

/* `digits` digits at the start of *text, which moves on; -1 when there are others. */
static int number(const char **text, int digits)
{
	int value = 0;
	for (int i = 0; i < digits; i++) {
		char c = (*text)[i];
		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (c - '0');
	}
	*text += digits;
	return value;
}

static bool date_scan(const char **text, int64_t *days)
{
	int year = number(text, 4);
	if (year < 0 || *(*text)++ != '-')
		return false;
	int month = number(text, 2);
	if (month < 0 || *(*text)++ != '-')
		return false;
	int day = number(text, 2), back[3];
	if (day < 1 || month < 1 || month > 12 || year < 1970 || year > 2261)
		return false;
	*days = days_of(year, month, day);
	civil(*days, &back[0], &back[1], &back[2]);
	return back[1] == month && back[2] == day; /* 30 February is another day */
}

bool date_parse(const char *text, int64_t *days)
{
	return date_scan(&text, days) && *text == '\0';
}

bool date_parse_instant(const char *text, int64_t *ns)
{
	int64_t days;
	int hour = 0, minute = 0, second = 0;
	if (!date_scan(&text, &days))
		return false;
	if (*text == 'T' || *text == ' ') {
		text++;
		hour = number(&text, 2);
		if (hour < 0 || *text++ != ':')
			return false;
		minute = number(&text, 2);
		if (minute >= 0 && *text == ':') {
			text++;
			second = number(&text, 2);
		}
		if (*text == 'Z')
			text++;
	}
	if (*text || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*ns = days * DATE_DAY + ((hour * INT64_C(60) + minute) * 60 + second) * INT64_C(1000000000);
	return true;
}

char *date_print(int64_t days, char *buffer)
{
	int year, month, day;
	civil(days, &year, &month, &day);
	snprintf(buffer, DATE_TEXT, "%04d-%02d-%02d", year, month, day);
	return buffer;
}

double date_wave(int64_t calendar, int64_t peak)
{
	int64_t since_peak = (calendar % DATE_DAY - peak + DATE_DAY) % DATE_DAY;
	double x =
		(double)since_peak / (double)DATE_DAY + 0.25; /* quarter of a day before the peak: upwards through 0 */
	x -= x >= 1;
	return x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x);
}
