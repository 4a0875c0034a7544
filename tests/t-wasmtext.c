/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page prints and reads, build-aux/wasm-text.c, beside the C library: the same bytes, the same bits. */
#include "tap.h"
#include "engine/rng.h"

#define vsnprintf page_vsnprintf
#define snprintf page_snprintf
#define strtod page_strtod
#define strtoll page_strtoll
#define strtol page_strtol
#define atoi page_atoi
#define strstr page_strstr
__attribute__((format(printf, 3, 4))) int snprintf(char *into, size_t room, const char *format, ...);
__attribute__((format(printf, 3, 0))) int vsnprintf(char *into, size_t room, const char *format, va_list list);
double strtod(const char *text, char **end);
long long strtoll(const char *text, char **end, int base);
long strtol(const char *text, char **end, int base);
int atoi(const char *text);
char *strstr(const char *text, const char *part);
#include "../build-aux/wasm-text.c"
#undef vsnprintf
#undef snprintf
#undef strtod
#undef strtoll
#undef strtol
#undef atoi
#undef strstr

enum { ROUNDS = 20000, LONG = 1500 };

static struct rng rng;
static char theirs[LONG], ours[LONG];

/* Both print the same, and say the same of its length. */
#define SAME(room, ...) \
	(snprintf(theirs, room, __VA_ARGS__) == page_snprintf(ours, room, __VA_ARGS__) && strcmp(theirs, ours) == 0)

static double of_bits(uint64_t bits)
{
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static bool reads(const char *text)
{
	char *end, *own_end;
	double value = strtod(text, &end), own = page_strtod(text, &own_end);
	return memcmp(&value, &own, sizeof value) == 0 && end == own_end;
}

/* A double of any size, or one of those that people write, or next to one. */
static double any(void)
{
	uint64_t bits = rng_next(&rng) >> 1;
	if (bits % 4 == 1)
		bits = bits & UINT64_C(0x000fffffffffffff); /* the smallest */
	if (bits % 4 == 2)
		return (double)rng_below(&rng, 100000) / (double)rng_below(&rng, 1000) + 0x1p-40 * (double)(bits % 3);
	if (bits % 4 == 3)
		return (double)rng_below(&rng, 2000) / 8; /* halves of digits */
	return of_bits(bits);
}

static void test_reals(void)
{
	static const double special[] = {0,       -0.0,      0.5,      1.5,      2.5,      0.05,
					 0.25,    9.995,     99999.5,  1e22,     1e23,     1e15,
					 1e16,    123456,    1e5,      1e-4,     9.9999e-5, 999999.5,
					 4.9e-324, INFINITY, -INFINITY, 1.7976931348623157e308,
					 2.2250738585072014e-308};
	int differ = 0, misread = 0;
	for (int i = 0; i < ROUNDS; i++) {
		double value = i < (int)(sizeof special / sizeof *special) ? special[i] : any();
		if (isnan(value))
			continue;
		int digits = (int)rng_below(&rng, 18), before = differ + misread;
		differ += !(SAME(LONG, "%.17g", value) && (isinf(value) || reads(ours)));
		differ += !(SAME(LONG, "%.*g", digits, value) && SAME(LONG, "%g", -value));
		misread += isfinite(value) && !reads(ours);
		differ += !SAME(LONG, "%12.3g|%-12.6g|%.0f|%.*f|%08.2f", value, value, value, digits, value, -value);
		if (differ + misread > before)
			diag("%.17g: %s | %s", value, theirs, ours);
	}
	is_int(differ, 0, "doubles that are printed in another way");
	is_int(misread, 0, "texts of few digits that are read in another way");
}

static void test_reading(void)
{
	static const char *const texts[] = {"",      "-",     ".",       "5 ms",  "-.5",           "1e",   "1e+",
					    "1e5x",  "00012", "0.000e5", "1e400", "-1e-400",       "1.e2", "7..",
					    "2e308", "1e99999999999",
					    "9007199254740993", "9007199254740993.0000000000000000000000000000000001",
					    "2.4703282292062327208e-324", "2.4703282292062328e-324",
					    "1.7976931348623158079e308", "1.797693134862315808e308",
					    "0.000000000000000000000000000000000000000000012345678901234567890"};
	int misread = 0;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strtod(texts[i], NULL) != page_strtod(texts[i], NULL)) {
			diag("\"%s\": %a, not %a", texts[i], page_strtod(texts[i], NULL), strtod(texts[i], NULL));
			misread++;
		}
	for (int i = 0; i < ROUNDS / 10; i++) {
		/* The middle between two doubles, all of its digits; and a little beside it. */
		int power;
		struct digits middle;
		uint64_t whole = whole_of(bits_of(fabs(any())) % bits_of(INFINITY), &power);
		exact(2 * whole + 1, power - 1, &middle);
		char *at = ours;
		*at++ = '.';
		at = put_digits(at, &middle, 0, middle.count);
		page_snprintf(at, 30, "%se%d", i % 3 == 0 ? "000001" : i % 3 == 1 ? "0" : "", middle.point);
		misread += !reads(ours);
	}
	is_int(misread, 0, "texts that are read in another way");
	double value = strtod("9007199254740993", NULL);
	ok(value != page_strtod("9007199254740993.1", NULL), "canary: one bit is noticed");
}

static void test_others(void)
{
	int differ = 0;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t bits = rng_next(&rng) >> rng_below(&rng, 64);
		size_t room = 1 + rng_below(&rng, 90);
		int width = (int)rng_below(&rng, 30) - 10, precision = (int)rng_below(&rng, 8);
		const char *text = "between \xc3\xbc and z";
		differ += !SAME(LONG, "%lld %llu %016llx %x %zu", (long long)bits, (unsigned long long)bits,
				(unsigned long long)bits, (unsigned)bits, (size_t)bits);
		int small = (int)(bits & 127);
		differ += !SAME(LONG, "%d%% %u %02d %04d %ld %c", (int)bits, (unsigned)bits, small, -small, (long)bits,
				'a' + small % 26);
		differ += !SAME(room, "%*s|%-*s|%.*s|%.4s|%5d|%-5d|", width, text, 12, text, precision, text,
				text, (int)(bits % 999), (int)(bits % 999));
		snprintf(theirs, sizeof theirs, "%lld", (long long)bits);
		differ += page_strtoll(theirs, NULL, 10) != (long long)bits || page_atoi("-17 x") != -17;
	}
	is_int(differ, 0, "words and integers that are printed in another way");
	ok(page_strstr("a..b", "..") && !page_strstr("a.b", "..") && page_strstr("", "") && !page_strstr("", "a"),
	   "a part of a text is found");
}

int main(void)
{
	rng = rng_of(rng_stream(1, 1, "texts"), 1);
	test_reals();
	test_reading();
	test_others();
	return done_testing();
}
