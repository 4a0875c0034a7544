/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/decimal.h"

#include <stddef.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

const char *decimal_scan(const char *text, struct decimal *decimal, const char **why)
{
	const char *at = text;
	bool negative = false, point = false, any = false;
	int64_t digits = 0;
	int places = 0;
	if (*at == '-' || *at == '+')
		negative = *at++ == '-';
	for (; is_digit(*at) && digits < INT64_C(100000000000000000); at++) { /* too few to overflow */
		digits = digits * 10 + (*at - '0');
		any = true;
	}
	for (; is_digit(*at) || (*at == '.' && !point); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		any = true;
		if (*at == '0' && point) { /* zeros at the end of a fraction take no place */
			const char *zeros = at;
			while (*zeros == '0')
				zeros++;
			if (!is_digit(*zeros)) {
				at = zeros - 1;
				continue;
			}
		}
		if (__builtin_mul_overflow(digits, 10, &digits) || __builtin_add_overflow(digits, *at - '0', &digits)) {
			*why = "has too many digits; at most 18 are read";
			return NULL;
		}
		places += point;
	}
	if (!any) {
		*why = "is not a number";
		return NULL;
	}
	if (*at == 'e' || *at == 'E') {
		bool down = at[1] == '-';
		const char *power = at + 1 + (at[1] == '-' || at[1] == '+');
		int exponent = 0;
		if (is_digit(*power)) {
			for (; is_digit(*power); power++)
				if (exponent < 1000)
					exponent = exponent * 10 + (*power - '0');
			places += down ? exponent : -exponent;
			at = power;
		}
	}
	*decimal = (struct decimal){negative ? -digits : digits, digits ? places : 0};
	return at;
}

bool decimal_parse(const char *text, struct decimal *decimal, const char **why)
{
	const char *end = decimal_scan(text, decimal, why);
	if (end && *end) {
		*why = "is not a number";
		return false;
	}
	return end != NULL;
}

bool decimal_multiply(decimal_wide *value, decimal_wide factor)
{
	return !__builtin_mul_overflow(*value, factor, value);
}

bool decimal_shift_up(decimal_wide *value, int power)
{
	for (; power > 0 && *value; power--)
		if (!decimal_multiply(value, 10))
			return false;
	return true;
}

bool decimal_shift_down(decimal_wide value, int places, int64_t *result)
{
	/* the divisor stays below 10^38 */
	const decimal_wide most = (decimal_wide)1000000000000000000 * 1000000000000000000;
	decimal_wide divisor = 1, size = value < 0 ? -value : value;
	if ((places < 0 && !decimal_shift_up(&size, -places)) || size > most)
		return false;
	for (; places > 0 && divisor <= size; places--)
		divisor *= 10;
	/* places left: less than a tenth of one */
	size = places > 0 ? 0 : size / divisor + (size % divisor >= divisor - size % divisor);
	if (size > INT64_MAX)
		return false;
	*result = value < 0 ? -(int64_t)size : (int64_t)size;
	return true;
}

bool decimal_times(struct decimal decimal, int64_t unit, int64_t *value)
{
	for (; decimal.places > 0 && unit % 10 == 0 && unit > 0; decimal.places--)
		unit /= 10;
	if (decimal.places == 0 && !__builtin_mul_overflow(decimal.digits, unit, value) && *value != INT64_MIN)
		return true;
	return decimal_shift_down((decimal_wide)decimal.digits * unit, decimal.places, value);
}

bool decimal_is_whole(struct decimal decimal)
{
	int64_t divisor = 1;
	if (decimal.places > 18)
		return decimal.digits == 0;
	for (int i = 0; i < decimal.places; i++)
		divisor *= 10;
	return decimal.digits % divisor == 0;
}
