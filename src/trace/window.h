/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A window of a trace: a stretch of its time that results are told for, a date of a growth curve or a step of a load.
 * Between two windows there may be a gap, which counts for nothing, as does what comes after the last one.
 */
#ifndef TRACE_WINDOW_H
#define TRACE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum { TRACE_WINDOWS = 4096 }; /* a trace has at most so many */

struct trace_window {
	int64_t window;   /* as in row.window: days since 1970-01-01, or a step's number */
	bool by_date;     /* which of the two */
	int64_t start;    /* ns of trace time */
	int64_t lasts;    /* ns, without the gap that follows */
	int64_t calendar; /* ns since 1970-01-01 at its start; 0 for a step without a date */
	double rate;      /* rows per second of the whole fleet, mean over the window, without bursts */
	double stored;    /* units stored at its start; 0 without `stored` or without a date */
};

#endif
