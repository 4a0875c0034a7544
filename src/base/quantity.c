/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A number is kept as decimal digits and a power of ten until its unit is known, so that integer quantities are exact:
 * digits * factor / 10^places in 128 bits. The double is what strtod makes of the digits, times the factor.
 */
#include "base/quantity.h"
#include "base/check.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

struct unit {
	const char *name;
	int64_t factor;   /* to ns, bytes or 1; a rate's period in ns */
	int64_t multiple; /* k M G of a rate */
};

static const struct unit time_units[] = {
	{"d", 86400000000000, 1}, {"h", 3600000000000, 1}, {"min", 60000000000, 1}, {"s", 1000000000, 1},
	{"ms", 1000000, 1},       {"us", 1000, 1},         {"ns", 1, 1},            {NULL, 0, 0},
};
static const struct unit byte_units[] = {
	{"TiB", 1LL << 40, 1},  {"GiB", 1LL << 30, 1}, {"MiB", 1 << 20, 1}, {"KiB", 1024, 1}, {"TB", 1000000000000, 1},
	{"GB", 1000000000, 1},  {"MB", 1000000, 1},    {"kB", 1000, 1},     {"B", 1, 1},      {NULL, 0, 0},
};
static const struct unit count_units[] = {
	{"T", 1000000000000, 1}, {"G", 1000000000, 1}, {"M", 1000000, 1}, {"k", 1000, 1}, {"", 1, 1}, {NULL, 0, 0},
};
static const struct unit rate_units[] = {
	{"/s", 1000000000, 1},         {"k/s", 1000000000, 1000},         {"M/s", 1000000000, 1000000},
	{"G/s", 1000000000, 1000000000}, {"/min", 60000000000, 1},        {"k/min", 60000000000, 1000},
	{"M/min", 60000000000, 1000000}, {"G/min", 60000000000, 1000000000}, {"/h", 3600000000000, 1},
	{"k/h", 3600000000000, 1000},  {"M/h", 3600000000000, 1000000}, {"G/h", 3600000000000, 1000000000},
	{"/d", 86400000000000, 1},     {"k/d", 86400000000000, 1000},   {"M/d", 86400000000000, 1000000},
	{"G/d", 86400000000000, 1000000000}, {NULL, 0, 0},
};
static const struct unit ratio_units[] = {{"", 1, 1}, {"%", 100, 1}, {NULL, 0, 0}};
static const struct unit real_units[] = {{"", 1, 1}, {NULL, 0, 0}};

static const struct kind {
	const struct unit *units;
	const char *name, *listed, *example;
	bool integer;
} kinds[] = {
	[QUANTITY_COUNT] = {count_units, "count", "none, or k M G T", "12, 40 M", true},
	[QUANTITY_REAL] = {real_units, "number", "none", "1.5", false},
	[QUANTITY_RATIO] = {ratio_units, "ratio", "none, or %", "0.85, 85 %", false},
	[QUANTITY_TIME] = {time_units, "time", "ns us ms s min h d", "80 ms", true},
	[QUANTITY_BYTES] = {byte_units, "size", "B kB MB GB TB KiB MiB GiB TiB", "64 GiB", true},
	[QUANTITY_RATE] = {rate_units, "rate", "/s /min /h /d, with k M G before", "12k/s", false},
};

const char *quantity_name(enum quantity_kind kind)
{
	return kinds[kind].name;
}

const char *quantity_units(enum quantity_kind kind)
{
	return kinds[kind].listed;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_unit_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%' || c == '/';
}

struct number {
	bool negative, exact; /* exact: no digit but 0 had to be dropped from `digits` */
	uint64_t digits;
	int power;            /* of ten */
	double real;
};

/* A plain decimal, with an optional exponent. Neither hexadecimal nor "inf" nor "nan" is a number here. */
static bool number_scan(const char *text, const char **end, struct number *number)
{
	const char *at = text;
	*number = (struct number){.exact = true};
	if (*at == '-' || *at == '+')
		number->negative = *at++ == '-';
	int digits = 0, power = 0;
	bool point = false;
	for (; text_is_digit(*at) || (*at == '.' && !point); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		digits++;
		if (number->digits < UINT64_MAX / 10 - 1) {
			number->digits = number->digits * 10 + (uint64_t)(*at - '0');
			power -= point;
		} else {
			number->exact = number->exact && *at == '0';
			power += !point;
		}
	}
	if (digits == 0)
		return false;
	if ((*at == 'e' || *at == 'E') &&
	    (text_is_digit(at[1]) || ((at[1] == '-' || at[1] == '+') && text_is_digit(at[2])))) {
		bool down = at[1] == '-';
		at += 1 + (at[1] == '-' || at[1] == '+');
		int exponent = 0;
		for (; text_is_digit(*at); at++)
			if (exponent < 10000)
				exponent = exponent * 10 + (*at - '0');
		power += down ? -exponent : exponent;
	}
	number->power = power;
	number->real = strtod(text, NULL);
	*end = at;
	return true;
}

/* digits * 10^power * factor, rounded half away from zero unless it is `even`; false when it does not fit. */
static bool scale_exactly(const struct number *number, int64_t factor, int64_t *result, bool *even)
{
	wide value = (wide)number->digits * factor;
	*even = number->exact;
	int power = number->power;
	for (; power > 0 && value; power--) {
		value *= 10;
		if (value > INT64_MAX)
			return false;
	}
	if (power < 0) {
		wide divisor = 1;
		for (; power < 0 && divisor <= value; power++)
			divisor *= 10;
		*even = *even && value % divisor == 0;
		value = power < 0 ? 0 : (value + divisor / 2) / divisor;
	}
	if (value > INT64_MAX)
		return false;
	*result = number->negative ? -(int64_t)value : (int64_t)value;
	return true;
}

static const struct unit *unit_find(const struct unit *units, const char *name, size_t length)
{
	for (; units->name; units++)
		if (strlen(units->name) == length && memcmp(units->name, name, length) == 0)
			return units;
	return NULL;
}

bool quantity_scan(enum quantity_kind kind, const char *text, const char **end, struct quantity *value, char *why)
{
	const struct kind *k = &kinds[kind];
	struct number number;
	const char *at = text;
	while (is_blank(*at))
		at++;
	if (!number_scan(at, &at, &number)) {
		snprintf(why, QUANTITY_WHY, "needs a %s, e.g. %s", k->name, k->example);
		return false;
	}
	const char *after_number = at;
	while (is_blank(*at))
		at++;
	size_t length = 0;
	while (is_unit_char(at[length]))
		length++;
	const struct unit *unit = unit_find(k->units, at, length);
	if (!unit && (unit = unit_find(k->units, "", 0)) && kind == QUANTITY_REAL) {
		at = after_number; /* what follows a bare number is not ours */
		length = 0;
	} else if (!unit || unit_find(k->units, at, length) == NULL) {
		if (length == 0)
			snprintf(why, QUANTITY_WHY, "needs a %s unit, e.g. %s (units: %s)", k->name, k->example,
				 k->listed);
		else
			snprintf(why, QUANTITY_WHY,
				 "does not fit: \"%.*s\" is not a unit of a %s (units: %s; case matters)",
				 (int)(length > 12 ? 12 : length), at, k->name, k->listed);
		return false;
	}
	at = length == 0 ? after_number : at + length;
	*end = at;

	if (kind == QUANTITY_RATE)
		value->real = number.real * ((double)unit->multiple * (1e9 / (double)unit->factor));
	else if (kind == QUANTITY_RATIO)
		value->real = number.real / (double)unit->factor;
	else
		value->real = number.real * (double)unit->factor;
	value->integer = 0;
	if (!(fabs(value->real) <= 1.7976931348623157e308)) {
		snprintf(why, QUANTITY_WHY, "is too large");
		return false;
	}
	if (k->integer) {
		bool even;
		if (!scale_exactly(&number, unit->factor, &value->integer, &even)) {
			snprintf(why, QUANTITY_WHY, "is too large for a %s", k->name);
			return false;
		}
		if (kind == QUANTITY_COUNT && !even) {
			snprintf(why, QUANTITY_WHY, "must be a whole number");
			return false;
		}
		value->real = (double)value->integer;
	}
	return true;
}

bool quantity_parse(enum quantity_kind kind, const char *text, struct quantity *value, char *why)
{
	const char *end;
	if (!quantity_scan(kind, text, &end, value, why))
		return false;
	while (is_blank(*end))
		end++;
	if (*end) {
		snprintf(why, QUANTITY_WHY, "has \"%.20s\" after the %s", end, kinds[kind].name);
		return false;
	}
	return true;
}

bool quantity_kind_of(const char *text, enum quantity_kind *kind)
{
	static const enum quantity_kind order[] = {QUANTITY_TIME, QUANTITY_BYTES, QUANTITY_RATE, QUANTITY_RATIO,
						   QUANTITY_COUNT};
	struct number number;
	while (is_blank(*text))
		text++;
	if (!number_scan(text, &text, &number))
		return false;
	while (is_blank(*text))
		text++;
	size_t length = 0;
	while (is_unit_char(text[length]))
		length++;
	*kind = QUANTITY_REAL;
	if (length == 0)
		return true;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		*kind = order[i];
		if (unit_find(kinds[*kind].units, text, length))
			return true;
	}
	return false;
}

/* The shortest decimal that reads back as the same double; plain digits up to 10^15. */
static void print_real(double value, char *buffer)
{
	int whole = 1;
	for (double limit = 10; whole < 16 && fabs(value) >= limit; limit *= 10)
		whole++;
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(buffer, QUANTITY_TEXT - 8, "%.*g", digits > whole || whole == 16 ? digits : whole, value);
		if (strtod(buffer, NULL) == value)
			return;
	}
}

char *quantity_print(enum quantity_kind kind, struct quantity value, char *buffer)
{
	const struct kind *k = &kinds[kind];
	if (kind == QUANTITY_REAL || kind == QUANTITY_RATIO || value.real == 0) {
		print_real(value.real, buffer);
		if (value.real == 0 && (kind == QUANTITY_TIME || kind == QUANTITY_BYTES || kind == QUANTITY_RATE))
			strcat(buffer, kind == QUANTITY_TIME ? " s" : kind == QUANTITY_BYTES ? " B" : " /s");
		return buffer;
	}
	size_t best = SIZE_MAX;
	for (const struct unit *unit = k->units; unit->name; unit++) {
		double factor = kind == QUANTITY_RATE ? (double)unit->multiple * (1e9 / (double)unit->factor)
						      : (double)unit->factor;
		char candidate[QUANTITY_TEXT], why[QUANTITY_WHY];
		struct quantity back;
		/* Beyond 2^53 only the smallest unit tells an integer exactly. */
		if (k->integer && unit->factor == 1)
			snprintf(candidate, sizeof candidate, "%lld", (long long)value.integer);
		else
			print_real(value.real / factor, candidate);
		size_t length = strlen(candidate);
		snprintf(candidate + length, sizeof candidate - length, "%s%s", *unit->name ? " " : "", unit->name);
		if (!quantity_parse(kind, candidate, &back, why) ||
		    (k->integer ? back.integer != value.integer : back.real != value.real))
			continue;
		/* Few characters, but not at the price of a number below one or of four digits and more. */
		double size = fabs(value.real / factor);
		size_t cost = strlen(candidate) + (size >= 1 && size < 1000 ? 0 : 2);
		if (cost < best) {
			best = cost;
			strcpy(buffer, candidate);
		}
	}
	CHECK(best != SIZE_MAX);
	return buffer;
}

char *quantity_print_time(int64_t ns, char *buffer)
{
	return quantity_print(QUANTITY_TIME, (struct quantity){ns, (double)ns}, buffer);
}
