/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TAP for test programs: one line a check, flushed at once, so that a crash loses nothing. Include it in one file of a
 * program only; it also is the program's host (check_failed and check_out_of_memory of base/check.h).
 *
 *   int main(void)
 *   {
 *           ok(1 + 1 == 2, "one and one");
 *           is_int(6 * 7, 42, "six times seven");
 *           return done_testing();
 *   }
 *
 * Every check returns whether it held. Descriptions must not contain '#'.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include "base/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAP_PRINTF(text, first) __attribute__((unused, format(printf, text, first)))

static int tap_planned, tap_count, tap_failures;

/* Says before the first check how many there will be. Without it, done_testing says how many there were. */
__attribute__((unused)) static void plan(int count)
{
	tap_planned = count;
	printf("1..%d\n", count);
	fflush(stdout);
}

/* Every line of the text as a TAP comment. */
static void tap_comment(const char *text)
{
	for (;;) {
		size_t length = strcspn(text, "\n");
		printf("# %.*s\n", (int)length, text);
		if (!text[length] || !text[length + 1])
			break;
		text += length + 1;
	}
	fflush(stdout);
}

static bool tap_result(bool held, const char *format, va_list args)
{
	tap_count++;
	tap_failures += !held;
	printf("%s %d - ", held ? "ok" : "not ok", tap_count);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	return held;
}

/* A remark, shown in the log. */
TAP_PRINTF(1, 2) static void diag(const char *format, ...)
{
	char text[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	tap_comment(text);
}

/* Ends the program: nothing after this makes sense. */
TAP_PRINTF(1, 2) _Noreturn static void bail(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	printf("Bail out! ");
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	fflush(stdout);
	_Exit(99);
}

/* Checks in the program call it through the macro `ok`, which adds the place of a failure. */
TAP_PRINTF(4, 5) static bool tap_ok(const char *file, int line, bool held, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	tap_result(held, format, args);
	va_end(args);
	if (!held)
		diag("failed at %s:%d", file, line);
	return held;
}

TAP_PRINTF(5, 6)
static bool tap_is_int(const char *file, int line, long long got, long long want, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	tap_result(got == want, format, args);
	va_end(args);
	if (got != want)
		diag("failed at %s:%d\n     got: %lld\nexpected: %lld", file, line, got, want);
	return got == want;
}

/* Either may be NULL, which equals NULL only. */
TAP_PRINTF(5, 6)
static bool tap_is_text(const char *file, int line, const char *got, const char *want, const char *format, ...)
{
	bool same = got && want ? strcmp(got, want) == 0 : got == want;
	va_list args;
	va_start(args, format);
	tap_result(same, format, args);
	va_end(args);
	if (!same)
		diag("failed at %s:%d\n     got: %s%s%s\nexpected: %s%s%s", file, line, got ? "\"" : "",
		     got ? got : "NULL", got ? "\"" : "", want ? "\"" : "", want ? want : "NULL",
		     want ? "\"" : "");
	return same;
}

/* |got - want| <= tolerance; a NaN is near to nothing. */
TAP_PRINTF(6, 7)
static bool tap_near_to(const char *file, int line, double got, double want, double tolerance,
			const char *format, ...)
{
	bool near = fabs(got - want) <= tolerance || (isinf(want) && got == want);
	va_list args;
	va_start(args, format);
	tap_result(near, format, args);
	va_end(args);
	if (!near)
		diag("failed at %s:%d\n     got: %.17g\nexpected: %.17g\n  within: %g", file, line, got, want,
		     tolerance);
	return near;
}

#define ok(...)      tap_ok(__FILE__, __LINE__, __VA_ARGS__)
#define is_int(...)  tap_is_int(__FILE__, __LINE__, __VA_ARGS__)
#define is_text(...) tap_is_text(__FILE__, __LINE__, __VA_ARGS__)
#define near_to(...) tap_near_to(__FILE__, __LINE__, __VA_ARGS__)

/* Counts `count` checks as left out, and says why. */
__attribute__((unused)) static void skip(int count, const char *why)
{
	while (count-- > 0)
		printf("ok %d # SKIP %s\n", ++tap_count, why);
	fflush(stdout);
}

/* The value for main to return: 0, or 1 when a check failed, or none was made, or not as many as planned. */
__attribute__((unused)) static int done_testing(void)
{
	if (!tap_planned)
		printf("1..%d\n", tap_count);
	else if (tap_planned != tap_count)
		printf("# planned %d checks, made %d\n", tap_planned, tap_count);
	if (tap_failures)
		printf("# %d of %d checks failed\n", tap_failures, tap_count);
	fflush(stdout);
	return tap_failures || !tap_count || (tap_planned && tap_planned != tap_count);
}

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	bail("%s:%d: CHECK(%s) failed", file, line, what);
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	bail("out of memory, asked for %zu bytes", bytes);
}

#endif
