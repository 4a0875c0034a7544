/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measuring for the programs in this directory. What is measured and the bound it is held against take turns, round
 * after round, so that a busy machine disturbs both; what counts is the ratio. The time of a thing is the median of
 * its rounds, a ratio the median of the ratios within a round.
 *
 * A result is one line: name, ns, ns of the bound, ratio, target, "yes" or "no" or "-", separated by tabs. A target of
 * 0 is none: the line is told for comparison. bench/table prints the lines of all programs as a table or as JSON.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "base/check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BENCH_ROUNDS = 7, BENCH_MOST = 64 };

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, what);
	exit(70);
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	fprintf(stderr, "no memory for %zu bytes\n", bytes);
	exit(70);
}

/* Does its work once, on `with`; returns how many operations that were. What it computes goes into bench_sink. */
typedef uint64_t bench_fn(void *with);

static volatile uint64_t bench_sink;

static inline int64_t bench_clock(clockid_t which)
{
	struct timespec now;
	clock_gettime(which, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline int bench_order(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static inline double bench_median(double *value, int count)
{
	qsort(value, (size_t)count, sizeof *value, bench_order);
	return value[count / 2];
}

/* ns an operation, by the processor time of this thread: what others do on the machine is left out. */
static inline double bench_once(bench_fn *fn, void *with)
{
	int64_t start = bench_clock(CLOCK_THREAD_CPUTIME_ID);
	uint64_t operations = fn(with);
	return (double)(bench_clock(CLOCK_THREAD_CPUTIME_ID) - start) / (double)operations;
}

static inline void bench_tell(const char *name, double ns, double bound, double ratio, double target)
{
	printf("%s\t%.2f\t%.2f\t%.3f\t%g\t%s\n", name, ns, bound, ratio, target,
	       target <= 0 ? "-" : ratio <= target ? "yes" : "no");
	fflush(stdout);
}

/* Compares and tells; returns the ratio. */
static inline double bench_compare(const char *name, bench_fn *fn, void *with, bench_fn *bound, void *bound_with,
				   double target)
{
	double ns[BENCH_ROUNDS], of_bound[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
	bench_once(fn, with);
	bench_once(bound, bound_with);
	for (int i = 0; i < BENCH_ROUNDS; i++) {
		of_bound[i] = bench_once(bound, bound_with);
		ns[i] = bench_once(fn, with);
		ratio[i] = ns[i] / of_bound[i];
	}
	double median = bench_median(ratio, BENCH_ROUNDS);
	bench_tell(name, bench_median(ns, BENCH_ROUNDS), bench_median(of_bound, BENCH_ROUNDS), median, target);
	return median;
}

#endif
