/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cbt_text.h"
#include "io/cbt_format.h"
#include "trace/date.h"

#include <string.h>

enum { DATE = 10 /* bytes */ };
static const int64_t second = 1000000000;

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- numbers ---- */

bool cbt_number_parse(const char *text, size_t length, int64_t *value, int *places)
{
	const char *at = text, *end = text + length;
	bool negative = at < end && *at == '-';
	int64_t digits = 0;
	int behind = 0;
	at += negative;
	if (at == end || !is_digit(*at) || (*at == '0' && end - at > 1 && at[1] != '.'))
		return false;
	for (; at < end && is_digit(*at); at++)
		if (__builtin_mul_overflow(digits, 10, &digits) || __builtin_add_overflow(digits, *at - '0', &digits))
			return false;
	if (at < end && *at++ != '.')
		return false;
	if (at == end && at[-1] == '.')
		return false;
	for (; at < end; at++, behind++)
		if (!is_digit(*at) || behind == CBT_PLACES_MAX || __builtin_mul_overflow(digits, 10, &digits) ||
		    __builtin_add_overflow(digits, *at - '0', &digits))
			return false;
	if (negative && digits == 0)
		return false;
	*value = negative ? -digits : digits;
	*places = behind;
	return true;
}

size_t cbt_number_print(int64_t value, int places, char *buffer)
{
	char reversed[CBT_TEXT_PRINT];
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	size_t length = 0, count = 0;
	for (int i = 0; i <= places || left > 0; i++, left /= 10) {
		if (i == places && places > 0)
			reversed[count++] = '.';
		reversed[count++] = (char)('0' + left % 10);
	}
	if (value < 0)
		buffer[length++] = '-';
	while (count > 0)
		buffer[length++] = reversed[--count];
	buffer[length] = '\0';
	return length;
}

/* ---- dates ---- */

bool cbt_dates_valid(struct cbt_dates dates)
{
	int flags = dates.flags;
	if (flags < 0 || flags > (CBT_TIME | CBT_T | CBT_SECONDS | CBT_Z) || dates.fraction < 0 ||
	    dates.fraction > CBT_FRACTION_MAX)
		return false;
	if (!(flags & CBT_TIME))
		return flags == 0 && dates.fraction == 0;
	return (flags & CBT_SECONDS) || dates.fraction == 0;
}

int64_t cbt_dates_resolution(struct cbt_dates dates)
{
	if (!(dates.flags & CBT_TIME))
		return DATE_DAY;
	if (!(dates.flags & CBT_SECONDS))
		return 60 * second;
	int64_t resolution = second;
	for (int i = 0; i < dates.fraction; i++)
		resolution /= 10;
	return resolution;
}

int64_t cbt_dates_end(struct cbt_dates dates)
{
	int64_t last = 0;
	date_parse("2261-12-31", &last);
	return (last + 1) * (DATE_DAY / cbt_dates_resolution(dates));
}

/* Two digits below `most` behind a sign; -1 when there are none. */
static int part(const char *text, size_t length, size_t at, char sign, int most)
{
	if (at + 3 > length || text[at] != sign || !is_digit(text[at + 1]) || !is_digit(text[at + 2]))
		return -1;
	int value = (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
	return value < most ? value : -1;
}

bool cbt_date_parse(const char *text, size_t length, struct cbt_dates *dates, int64_t *value)
{
	char day_text[DATE + 1];
	int64_t days;
	*dates = (struct cbt_dates){0, 0};
	if (length < DATE || text[4] != '-')
		return false;
	memcpy(day_text, text, DATE);
	day_text[DATE] = '\0';
	if (!date_parse(day_text, &days))
		return false;
	*value = days;
	if (length == DATE)
		return true;
	dates->flags = CBT_TIME | (text[DATE] == 'T' ? CBT_T : 0);
	int hour = part(text, length, DATE, text[DATE] == 'T' ? 'T' : ' ', 24);
	int minute = part(text, length, DATE + 3, ':', 60);
	if (hour < 0 || minute < 0)
		return false;
	*value = (days * 24 + hour) * 60 + minute;
	size_t at = DATE + 6;
	if (at < length && text[at] == ':') {
		int seconds = part(text, length, at, ':', 60);
		if (seconds < 0)
			return false;
		dates->flags |= CBT_SECONDS;
		*value = *value * 60 + seconds;
		at += 3;
		if (at + 1 < length && text[at] == '.' && is_digit(text[at + 1]))
			for (at++; at < length && is_digit(text[at]); at++) {
				if (++dates->fraction > CBT_FRACTION_MAX)
					return false;
				*value = *value * 10 + (text[at] - '0');
			}
	}
	if (at < length && text[at] == 'Z') {
		dates->flags |= CBT_Z;
		at++;
	}
	return at == length;
}

/* `digits` digits, with a sign before them. */
static char *put(char *at, char sign, int64_t value, int digits)
{
	*at++ = sign;
	for (int i = digits; i-- > 0; value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + digits;
}

size_t cbt_date_print(int64_t value, struct cbt_dates dates, char *buffer)
{
	int64_t per_day = DATE_DAY / cbt_dates_resolution(dates), rest = value % per_day, fraction = 0, seconds = 0;
	char *at = buffer + strlen(date_print(value / per_day, buffer));
	if (dates.flags & CBT_SECONDS) {
		int64_t per_second = second / cbt_dates_resolution(dates);
		fraction = rest % per_second;
		seconds = rest / per_second % 60;
		rest = rest / per_second / 60;
	}
	if (dates.flags & CBT_TIME) {
		at = put(at, dates.flags & CBT_T ? 'T' : ' ', rest / 60, 2);
		at = put(at, ':', rest % 60, 2);
	}
	if (dates.flags & CBT_SECONDS)
		at = put(at, ':', seconds, 2);
	if (dates.fraction)
		at = put(at, '.', fraction, dates.fraction);
	if (dates.flags & CBT_Z)
		*at++ = 'Z';
	*at = '\0';
	return (size_t)(at - buffer);
}
