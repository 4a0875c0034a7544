/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a replay measures. A case declares its metrics in a table; a replay owns a struct meters with one meter per row.
 *
 *   TIME    a distribution of durations, ns
 *   AMOUNT  a distribution of integers (bytes, rows, tables touched)
 *   COUNT   how often something happened
 *   LEVEL   something that holds until it changes (a queue's length, busy servers): averaged over time
 *
 * Every meter is kept three times: whole, per window of the trace (a date of the growth curve, a step of the load), and
 * as a series of equal bins along the replay. Something that belongs to a request is booked at the request's arrival,
 * so that a window shows what happened to the requests that arrived in it. What arrives within `warmup` of the start of
 * a window goes only into the series.
 */
#ifndef ENGINE_METER_H
#define ENGINE_METER_H

#include "engine/hist.h"

enum metric_kind { METRIC_TIME, METRIC_AMOUNT, METRIC_COUNT, METRIC_LEVEL };

struct metric {
	const char *name;
	enum metric_kind kind;
	const char *unit; /* of an AMOUNT or LEVEL, for people: "bytes", "messages"; NULL for TIME and COUNT */
	const char *help;
};

enum { METER_BINS = 512, METER_WINDOWS = 512, METER_LATEST = 64 };

/* A level's history, folded: area is the integral over time since it was counted, in level * ns. */
struct meter_level {
	int64_t level, since, greatest;
	hist_sum area;
};

struct meter {
	struct hist whole;          /* TIME, AMOUNT: all windows together, made by meters_end */
	struct hist *window;        /* per window; TIME, AMOUNT */
	struct hist *bin;           /* per bin of the series, HIST_COARSE_BITS; TIME, AMOUNT */
	uint64_t total, *window_total, *bin_total; /* COUNT */
	struct meter_level level;   /* LEVEL: whole */
	hist_sum *window_area, *bin_area;
	/* What the present stretch has seen and its bin and its window have not been told yet. */
	int64_t *latest;            /* METER_LATEST values; TIME, AMOUNT */
	int latest_count;
	hist_sum latest_area;       /* LEVEL */
};

/* A part of the trace, as the rows tell it: see struct row_source's windows in trace/recipe.h. */
struct meter_window {
	int64_t start;  /* ns of replay time */
	int64_t label;  /* what the rows said: days since 1970-01-01, or a step's number */
	int64_t lasts;  /* ns; what comes later, up to the next window, is a gap that is not measured; or INT64_MAX */
	int64_t counted; /* ns of it that lie after the warm-up; known when the window has ended */
	uint64_t rows;  /* of the trace, after the warm-up */
};

struct meters {
	const struct metric *metric;
	int metrics;
	struct meter *meter;
	struct meter_window *window;
	int windows;         /* 0 until the first meters_window */
	int64_t warmup;      /* ns at the start of each window */
	int64_t bin_width;   /* ns; doubles when the replay outgrows METER_BINS */
	int bins;            /* used */
	int bin;             /* the one looked up last, and where it starts: most of the next fall into it too */
	int64_t bin_start;
	/* The present stretch: within one bin and the measured time of the last window. Length 0: there is none. */
	int64_t stretch, stretch_length; /* ns */
	int stretch_bin;
	int64_t counted;     /* ns measured in all, warm-up excluded; set by meters_end */
	int64_t end;         /* of the measured time, set by meters_end */
	struct arena *arena;
};

/* `metric` ends with a NULL name. */
void meters_init(struct meters *meters, struct arena *arena, const struct metric *metric, int64_t warmup,
		 int64_t bin_width);

/* A window begins now; the one before it ends. The first call comes before anything is recorded. */
void meters_window(struct meters *meters, int64_t now, int64_t label);

/* The window that has just begun is followed by a gap: only `lasts` ns of it count for rates and averages over time. */
void meters_window_lasts(struct meters *meters, int64_t lasts);

/* A row of the trace arrived now. */
void meters_row(struct meters *meters, int64_t now);

/* The measured time ends now. Call once. Levels are booked up to here. */
void meters_end(struct meters *meters, int64_t now);

/* Parts of the inside: a value that lies in no stretch, or begins one; the latest values go to their bin and window. */
void meter_record_elsewhere(struct meters *meters, struct meter *meter, int64_t when, int64_t value);
void meter_book_latest(struct meters *meters, struct meter *meter);

static inline bool meters_in_stretch(const struct meters *meters, int64_t when)
{
	return (uint64_t)when - (uint64_t)meters->stretch < (uint64_t)meters->stretch_length;
}

/* Books a TIME or AMOUNT `value` >= 0 of something that began at `when`. */
static inline void meter_record(struct meters *meters, int metric, int64_t when, int64_t value)
{
	struct meter *meter = &meters->meter[metric];
	CHECK(value >= 0);
	if (__builtin_expect(!meters_in_stretch(meters, when), 0)) {
		meter_record_elsewhere(meters, meter, when, value);
		return;
	}
	meter->latest[meter->latest_count++] = value;
	if (meter->latest_count == METER_LATEST)
		meter_book_latest(meters, meter);
}

/* Books `times` events of a COUNT. */
void meter_count(struct meters *meters, int metric, int64_t when, uint64_t times);

/* A LEVEL is `level` from now on. */
void meter_level(struct meters *meters, int metric, int64_t now, int64_t level);

/*
 * Where a part books what it measures: it is handed the metric, and need not know the table. Without meters nothing is
 * booked. As the functions above; booking_work is time that was spent, ns, by something that began at `when`.
 */
struct booking {
	struct meters *meters; /* NULL: nowhere */
	int metric;
};

static inline void booking_record(struct booking booking, int64_t when, int64_t value)
{
	if (booking.meters)
		meter_record(booking.meters, booking.metric, when, value);
}

static inline void booking_count(struct booking booking, int64_t when, uint64_t times)
{
	if (booking.meters)
		meter_count(booking.meters, booking.metric, when, times);
}

static inline void booking_level(struct booking booking, int64_t now, int64_t level)
{
	if (booking.meters)
		meter_level(booking.meters, booking.metric, now, level);
}

static inline void booking_work(struct booking booking, int64_t when, int64_t spent)
{
	CHECK(spent >= 0);
	booking_count(booking, when, (uint64_t)spent);
}

/* The row of the table with that name, or -1. */
int metric_find(const struct metric *metric, const char *name);

/* Adds the replication `from` to `meters`, which has the same table and as many windows or none yet. */
void meters_merge(struct meters *meters, const struct meters *from);

/* A digest of all that was measured. */
uint64_t meters_digest(const struct meters *meters, uint64_t seed);

#endif
