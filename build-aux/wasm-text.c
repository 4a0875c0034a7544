/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers to text and back, in a browser: what libcore asks of the C library's printf and strtod and no more, for those
 * weigh 8 KB in a page. Every digit is that of the C library (tests/t-wasmtext.c). A double is an integer times a power
 * of two, so all its decimal digits are those of an integer: of m * 2^e, or of m * 5^-e with -e places after the point.
 * A text is read as the double between whose two neighbours' middles it lies, found from one that is nearly right.
 */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 800, LIMBS = MOST / 9 + 1, LIMB = 1000000000, NUMBER = 512 };

/* 0.DIGITS * 10^point, digits 0 to 9 without a 0 at either end; none: the number 0. */
struct digits {
	int count, point;
	char digit[MOST];
};

static void strip(struct digits *number)
{
	while (number->count > 0 && number->digit[number->count - 1] == 0)
		number->count--;
	if (number->count == 0)
		number->point = 1;
}

static void multiply(uint32_t *limb, int *limbs, uint32_t by)
{
	uint64_t carry = 0;
	for (int i = 0; i < *limbs; i++) {
		carry += (uint64_t)limb[i] * by;
		limb[i] = (uint32_t)(carry % LIMB);
		carry /= LIMB;
	}
	if (carry)
		limb[(*limbs)++] = (uint32_t)carry;
}

/* whole * 2^power */
static void exact(uint64_t whole, int power, struct digits *into)
{
	uint32_t limb[LIMBS];
	int limbs = 0, places = 0;
	for (; power < 0 && whole && whole % 2 == 0; power++)
		whole /= 2;
	for (; whole; whole /= LIMB)
		limb[limbs++] = (uint32_t)(whole % LIMB);
	for (; power > 0; power--)
		multiply(limb, &limbs, power >= 29 ? (power -= 28, 1u << 29) : 2);
	for (; power < 0; power++, places++)
		multiply(limb, &limbs, power <= -12 ? (power += 11, places += 11, 244140625) : 5);
	into->count = 0;
	for (int i = limbs - 1; i >= 0; i--)
		for (uint32_t unit = LIMB / 10; unit; unit /= 10) {
			char digit = (char)(limb[i] / unit % 10);
			if (digit || into->count)
				into->digit[into->count++] = digit;
		}
	into->point = into->count - places;
	strip(into);
}

static uint64_t bits_of(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

/* The integer and the power of two of a finite double that is not negative, as its bits tell. */
static uint64_t whole_of(uint64_t bits, int *power)
{
	int exponent = (int)(bits >> 52);
	*power = (exponent ? exponent : 1) - 1075;
	const uint64_t one = UINT64_C(1) << 52;
	return (bits & (one - 1)) | (exponent ? one : 0);
}

/* To so many digits; halves to even. */
static void round_to(struct digits *number, int count)
{
	if (count >= number->count)
		return;
	const char *digit = number->digit;
	bool up = count >= 0 && (digit[count] > 5 || (digit[count] == 5 && (count + 1 < number->count ||
									   (count > 0 && digit[count - 1] % 2))));
	number->count = count > 0 ? count : 0;
	while (up && number->count > 0 && digit[number->count - 1] == 9)
		number->count--;
	if (up && number->count > 0) {
		number->digit[number->count - 1]++;
	} else if (up) {
		number->digit[number->count++] = 1;
		number->point++;
	}
	strip(number);
}

/* ---- printing ---- */

static char *put_digits(char *at, const struct digits *number, int from, int to)
{
	for (; from < to; from++)
		*at++ = (char)('0' + (from >= 0 && from < number->count ? number->digit[from] : 0));
	return at;
}

static char *put_fixed(char *at, const struct digits *number, int places)
{
	at = put_digits(at, number, number->point > 0 ? 0 : -1, number->point > 0 ? number->point : 0);
	if (places > 0)
		*at++ = '.';
	return put_digits(at, number, number->point, number->point + places);
}

static char *put_exponent(char *at, const struct digits *number)
{
	int exponent = number->point - 1, size = abs(exponent);
	at = put_digits(at, number, 0, 1);
	if (number->count > 1)
		*at++ = '.';
	at = put_digits(at, number, 1, number->count);
	*at++ = 'e';
	*at++ = exponent < 0 ? '-' : '+';
	if (size >= 100)
		*at++ = (char)('0' + size / 100);
	*at++ = (char)('0' + size / 10 % 10);
	*at++ = (char)('0' + size % 10);
	return at;
}

/* As %f and %g do, without a sign. */
static char *put_real(char *at, char letter, int precision, double value)
{
	if (!isfinite(value)) {
		memcpy(at, isnan(value) ? "nan" : "inf", 3);
		return at + 3;
	}
	struct digits number;
	int power;
	uint64_t whole = whole_of(bits_of(value), &power);
	exact(whole, power, &number);
	if (precision < 0)
		precision = 6;
	if (letter == 'f') {
		round_to(&number, number.point + precision);
		return put_fixed(at, &number, precision);
	}
	if (precision == 0)
		precision = 1;
	round_to(&number, precision);
	if (number.point < -3 || number.point > precision)
		return put_exponent(at, &number);
	return put_fixed(at, &number, number.count > number.point ? number.count - number.point : 0);
}

static char *put_whole(char *at, unsigned long long value, unsigned base)
{
	char reversed[24];
	int count = 0;
	do
		reversed[count++] = "0123456789abcdef"[value % base];
	while (value /= base);
	while (count > 0)
		*at++ = reversed[--count];
	return at;
}

/* Where a text goes; what has no room is only counted. */
struct sink {
	char *into;
	size_t room, length;
};

static void put(struct sink *sink, const char *text, size_t bytes)
{
	for (; bytes > 0; bytes--, text++, sink->length++)
		if (sink->length < sink->room)
			sink->into[sink->length] = *text;
}

static void pad(struct sink *sink, const char *with, int count)
{
	for (; count > 0; count--)
		put(sink, with, 1);
}

static int number_at(const char **format)
{
	int value = 0;
	for (; **format >= '0' && **format <= '9'; ++*format)
		value = value * 10 + (**format - '0');
	return value;
}

int vsnprintf(char *into, size_t room, const char *format, va_list list)
{
	struct sink sink = {into, room, 0};
	while (*format) {
		size_t plain = strcspn(format, "%");
		put(&sink, format, plain);
		format += plain;
		if (!*format)
			break;
		format++;
		bool left = false, zeros = false;
		for (; *format == '-' || *format == '0'; format++)
			*(*format == '-' ? &left : &zeros) = true;
		int width = *format == '*' ? (format++, va_arg(list, int)) : number_at(&format), precision = -1;
		if (width < 0) {
			left = true;
			width = -width;
		}
		if (*format == '.') {
			format++;
			precision = *format == '*' ? (format++, va_arg(list, int)) : number_at(&format);
		}
		int longs = 0;
		for (; *format == 'l' || *format == 'z'; format++)
			longs += *format == 'l' || sizeof(size_t) > sizeof(int) ? 1 : 0;
		char number[NUMBER], *end = number;
		const char *text = number, *sign = "";
		switch (*format++) {
		case 'd': {
			long long value = longs > 1 ? va_arg(list, long long) : longs ? va_arg(list, long) : va_arg(list, int);
			sign = value < 0 ? "-" : "";
			end = put_whole(number, value < 0 ? -(unsigned long long)value : (unsigned long long)value, 10);
			break;
		}
		case 'u':
		case 'x':
			end = put_whole(number,
					longs > 1 ? va_arg(list, unsigned long long) :
					longs     ? va_arg(list, unsigned long) :
						    va_arg(list, unsigned),
					format[-1] == 'x' ? 16 : 10);
			break;
		case 'f':
		case 'g': {
			double value = va_arg(list, double);
			sign = signbit(value) ? "-" : "";
			zeros = zeros && isfinite(value);
			if (precision > 100)
				__builtin_trap();
			end = put_real(number, format[-1], precision, fabs(value));
			break;
		}
		case 'c':
			*end++ = (char)va_arg(list, int);
			break;
		case 's':
			text = va_arg(list, const char *);
			end = (char *)(uintptr_t)text + (precision < 0 ? strlen(text) : strnlen(text, (size_t)precision));
			break;
		case '%':
			*end++ = '%';
			break;
		default: /* nobody asks for others */
			__builtin_trap();
		}
		int missing = width - (int)(end - text) - (int)strlen(sign);
		pad(&sink, " ", left || zeros ? 0 : missing);
		put(&sink, sign, strlen(sign));
		pad(&sink, "0", zeros && !left ? missing : 0);
		put(&sink, text, (size_t)(end - text));
		pad(&sink, " ", left ? missing : 0);
	}
	if (room > 0)
		into[sink.length < room ? sink.length : room - 1] = '\0';
	return (int)sink.length;
}

int snprintf(char *into, size_t room, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int length = vsnprintf(into, room, format, list);
	va_end(list);
	return length;
}

/* ---- reading ---- */

static int compare(const struct digits *a, const struct digits *b)
{
	if (!a->count || !b->count)
		return (a->count > 0) - (b->count > 0);
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	int order = memcmp(a->digit, b->digit, (size_t)(a->count < b->count ? a->count : b->count));
	return order ? order : a->count - b->count;
}

/* Of a number and the middle between the double of these bits and the next. */
static int compare_middle(const struct digits *number, uint64_t bits)
{
	struct digits middle;
	int power;
	uint64_t whole = whole_of(bits, &power);
	exact(2 * whole + 1, power - 1, &middle);
	return compare(number, &middle);
}

static double nearest(const struct digits *number)
{
	const uint64_t infinite = bits_of(INFINITY);
	double value = 0, ten = number->point < 0 ? 0.1 : 10;
	if (number->point > 310)
		return INFINITY;
	if (number->point < -330)
		return 0;
	for (int i = 17; i >= 0; i--)
		value = value / 10 + (i < number->count ? number->digit[i] : 0);
	value /= 10;
	for (int i = abs(number->point); i > 0; i--)
		value = ten < 1 ? value / 10 : value * ten;
	uint64_t bits = bits_of(value);
	for (;;) {
		int odd = (int)(bits & 1);
		if (bits < infinite && compare_middle(number, bits) > -odd)
			bits++;
		else if (bits > 0 && compare_middle(number, bits - 1) < odd)
			bits--;
		else
			break;
	}
	memcpy(&value, &bits, sizeof value);
	return value;
}

/* A decimal: nobody asks for others. */
double strtod(const char *text, char **end)
{
	struct digits number = {0, 0, {0}};
	const char *at = text + (*text == '-' || *text == '+');
	bool point = false, more = false;
	uint64_t whole = 0;
	for (; (*at >= '0' && *at <= '9') || (*at == '.' && !point); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		number.point += !point && (number.count > 0 || *at != '0');
		number.point -= point && number.count == 0 && *at == '0';
		if (number.count == 0 && *at == '0')
			continue;
		if (number.count < MOST - 1)
			number.digit[number.count++] = (char)(*at - '0');
		else
			more = more || *at != '0';
	}
	if ((*at == 'e' || *at == 'E')) {
		const char *from = at + 1 + (at[1] == '-' || at[1] == '+');
		int exponent = 0;
		for (at = *from >= '0' && *from <= '9' ? from : at; *at >= '0' && *at <= '9'; at++)
			exponent = exponent < 10000 ? exponent * 10 + (*at - '0') : exponent;
		number.point += from[-1] == '-' ? -exponent : exponent;
	}
	if (more)
		number.digit[number.count++] = 1;
	int shift = number.point;
	strip(&number);
	if (number.count > 0)
		number.point = shift;
	double value, ten = 1;
	int power = number.point - number.count;
	if (number.count <= 15 && power >= -22 && power <= 22) { /* both are exact, and so it is rounded once */
		for (int i = 0; i < number.count; i++)
			whole = whole * 10 + (uint64_t)number.digit[i];
		for (int i = abs(power); i > 0; i--)
			ten *= 10;
		value = power < 0 ? (double)whole / ten : (double)whole * ten;
	} else {
		value = nearest(&number);
	}
	if (end)
		*end = (char *)(uintptr_t)at;
	return *text == '-' ? -value : value;
}

long long strtoll(const char *text, char **end, int base)
{
	bool negative = *text == '-';
	long long value = 0;
	for (text += negative; *text >= '0' && *text <= '9'; text++)
		value = value * base + (*text - '0');
	if (end)
		*end = (char *)(uintptr_t)text;
	return negative ? -value : value;
}

long strtol(const char *text, char **end, int base)
{
	return (long)strtoll(text, end, base);
}

int atoi(const char *text)
{
	return (int)strtoll(text, NULL, 10);
}

char *strstr(const char *text, const char *part)
{
	size_t length = strlen(part);
	for (; strncmp(text, part, length) != 0; text++)
		if (!*text)
			return NULL;
	return (char *)(uintptr_t)text;
}
