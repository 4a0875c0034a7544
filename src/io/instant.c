/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/instant.h"
#include "io/decimal.h"
#include "trace/date.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	int64_t ns;
} time_units[] = {
	{"ns", 1},         {"100ns", INSTANT_TICK}, {"us", 1000},         {"ms", 1000000},
	{"s", 1000000000}, {"min", 60000000000},    {"h", 3600000000000}, {"d", DATE_DAY},
	{NULL, 0},
};

int64_t instant_unit(const char *unit)
{
	if (strcmp(unit, "100 ns") == 0)
		return INSTANT_TICK;
	for (int i = 0; time_units[i].name; i++)
		if (strcmp(time_units[i].name, unit) == 0)
			return time_units[i].ns;
	return 0;
}

const char *instant_unit_name(int64_t ns)
{
	for (int i = 0; time_units[i].name; i++)
		if (time_units[i].ns == ns)
			return time_units[i].name;
	return ns == 0 ? "date" : NULL;
}

const char *instant_unit_named(const char *name)
{
	static const char *const stems[] = {"time", "t", "t_unix", "timestamp", "ts", NULL};
	for (int i = 0; stems[i]; i++) {
		size_t length = strlen(stems[i]);
		if (strncmp(name, stems[i], length) == 0 && name[length] == '_' && instant_unit(name + length + 1))
			return name + length + 1;
	}
	return NULL;
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

const char *instant_unit_of_time(const char *name)
{
	static const char *const units[] = {"ns", "us", "ms", "s", NULL};
	const char *named = instant_unit_named(name);
	size_t length = strlen(name);
	if (named)
		return named;
	bool closed = length > 0 && strchr(")]", name[length - 1]);
	length -= closed;
	for (int i = 0; units[i]; i++) {
		size_t unit = strlen(units[i]);
		if (length < unit + 1)
			continue;
		const char *at = name + length - unit;
		bool apart = strncmp(at, units[i], unit) == 0 && strchr(closed ? "([" : "_", at[-1]);
		bool capital =
			!closed && unit > 1 && at[0] == units[i][0] - 'a' + 'A' && at[1] == 's' && is_lower(at[-1]);
		if (apart || capital)
			return units[i];
	}
	return NULL;
}

/* ---- dates ---- */

/* A number of one to `most` digits at the start of *text, which moves on; -1 when there is none. */
static int number(const char **text, int least, int most)
{
	int value = 0, digits = 0;
	for (; digits < most && **text >= '0' && **text <= '9'; digits++)
		value = value * 10 + (*(*text)++ - '0');
	return digits < least ? -1 : value;
}

static bool take(const char **text, char c)
{
	bool is = **text == c;
	*text += is;
	return is;
}

static int month_named(const char *text)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	for (int i = 0; i < 12; i++)
		if (strncasecmp(text, names + 3 * i, 3) == 0)
			return i + 1;
	return -1;
}

/* 2014-04-07, 4/7/2014, 07/Apr/2014. */
static bool scan_day(const char **text, int64_t *ns)
{
	int year, month, day;
	int first = number(text, 1, 4);
	if (take(text, '-')) {
		year = first;
		month = number(text, 2, 2);
		day = take(text, '-') ? number(text, 2, 2) : -1;
	} else if (take(text, '/') && **text >= '0' && **text <= '9') {
		month = first;
		day = number(text, 1, 2);
		year = take(text, '/') ? number(text, 4, 4) : -1;
	} else {
		day = first;
		month = month_named(*text);
		*text += month > 0 ? 3 : 0;
		year = take(text, '/') ? number(text, 4, 4) : -1;
	}
	char iso[DATE_TEXT];
	int64_t days;
	if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	iso[0] = (char)('0' + year / 1000);
	iso[1] = (char)('0' + year / 100 % 10);
	iso[2] = (char)('0' + year / 10 % 10);
	iso[3] = (char)('0' + year % 10);
	iso[4] = iso[7] = '-';
	iso[5] = (char)('0' + month / 10);
	iso[6] = (char)('0' + month % 10);
	iso[8] = (char)('0' + day / 10);
	iso[9] = (char)('0' + day % 10);
	iso[10] = '\0';
	if (!date_parse(iso, &days))
		return false;
	*ns = days * DATE_DAY;
	return true;
}

/* A fraction of a second; digits beyond ns are dropped. */
static bool scan_fraction(const char **text, int64_t *ns)
{
	int64_t unit = 1000000000;
	const char *start = *text;
	for (; **text >= '0' && **text <= '9'; ++*text)
		if (unit > 1) {
			unit /= 10;
			*ns += (**text - '0') * unit;
		}
	return *text > start;
}

/* 18:30, 18:30:05, 18:30:05.25, 6:30:05 PM; *leap: the second 60, which is the one that follows 59. */
static bool scan_clock(const char **text, int64_t *ns, bool *leap)
{
	int hour = number(text, 1, 2), minute = take(text, ':') ? number(text, 2, 2) : -1, second = 0;
	int64_t part = 0;
	if (minute >= 0 && take(text, ':')) {
		second = number(text, 2, 2);
		if (second >= 0 && (**text == '.' || **text == ',') && ++*text && !scan_fraction(text, &part))
			return false;
	}
	bool half = (*text)[0] == ' ' &&
		    ((*text)[1] == 'A' || (*text)[1] == 'P' || (*text)[1] == 'a' || (*text)[1] == 'p') &&
		    ((*text)[2] == 'M' || (*text)[2] == 'm');
	if (half) {
		if (hour < 1 || hour > 12)
			return false;
		hour = hour % 12 + ((*text)[1] == 'P' || (*text)[1] == 'p' ? 12 : 0);
		*text += 3;
	}
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	*leap = second == 60;
	*ns += ((hour * INT64_C(60) + minute) * 60 + second) * INT64_C(1000000000) + part;
	return true;
}

/* Z, UTC, +02:00, +0200, +02. */
static bool scan_offset(const char **text, int64_t *ns)
{
	bool blank = take(text, ' ');
	if (take(text, 'Z') || (blank && strncmp(*text, "UTC", 3) == 0 && (*text += 3)))
		return true;
	if (**text != '+' && **text != '-')
		return !blank;
	int sign = *(*text)++ == '-' ? -1 : 1, hours = number(text, 2, 2), minutes = 0;
	if (take(text, ':') || (**text >= '0' && **text <= '9'))
		minutes = number(text, 2, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*ns -= sign * (hours * INT64_C(60) + minutes) * INT64_C(60000000000);
	return *ns >= 0;
}

bool instant_parse_date(const char *text, int64_t *ns)
{
	bool brackets = take(&text, '['), leap = false;
	if (!scan_day(&text, ns))
		return false;
	if ((take(&text, 'T') || take(&text, ' ') || take(&text, ':')) &&
	    !(scan_clock(&text, ns, &leap) && scan_offset(&text, ns)))
		return false;
	if (leap && *ns % DATE_DAY >= 1000000000) /* they end a day of UTC */
		return false;
	return (!brackets || take(&text, ']')) && *text == '\0';
}

int instant_slashed_day(const char *text)
{
	take(&text, '[');
	if (number(&text, 1, 2) < 0 || !take(&text, '/'))
		return 0;
	int day = number(&text, 1, 2);
	return day > 0 && take(&text, '/') && number(&text, 4, 4) >= 0 ? day : 0;
}

/* ---- any ---- */

/* Ticks since 1601 (Windows) and since the year 1 (.NET), which do not fit into ns; the others do, or are none. */
static bool ticks_of_epoch(struct decimal decimal, int64_t *ns)
{
	static const int64_t epochs[] = {INT64_C(116444736000000000), INT64_C(621355968000000000)};
	for (int i = 0; i < 2 && decimal.places == 0; i++)
		if (decimal.digits >= epochs[i] &&
		    !__builtin_mul_overflow(decimal.digits - epochs[i], INSTANT_TICK, ns))
			return true;
	return false;
}

bool instant_parse(const char *text, int64_t unit, int64_t *ns, const char **why)
{
	struct decimal decimal;
	if (unit == 0) {
		*why = "is not a date and time, e.g. 2014-04-07 18:30:05 or 4/7/2014 (month/day/year)";
		return instant_parse_date(text, ns);
	}
	if (!decimal_parse(text, &decimal, why))
		return false;
	*why = decimal.digits < 0 ? "is a negative time" : "is too large a time";
	return decimal.digits >= 0 &&
	       (decimal_times(decimal, unit, ns) || (unit == INSTANT_TICK && ticks_of_epoch(decimal, ns)));
}
