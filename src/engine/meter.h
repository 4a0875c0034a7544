/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a replay measures. A case declares its metrics in a list; a replay owns a struct meters with one meter per row.
 *
 *   TIME    a distribution of durations, ns
 *   AMOUNT  a distribution of integers (bytes, rows, tables touched)
 *   COUNT   how often something happened
 *   WORK    time that was spent by something (cores, servers), ns: its rate is seconds per second
 *   LEVEL   something that holds until it changes (a queue's length, busy servers): averaged over time
 *
 * Every meter is kept three times: whole, per window of the trace (a date of the growth curve, a step of the load), and
 * as a series of equal bins along the replay. Something that belongs to a request is booked at the request's arrival,
 * so that a window shows what happened to the requests that arrived in it. What arrives within `warmup` of the start of
 * a window goes only into the series. A meter takes memory for its windows and bins when something is first booked.
 *
 * The list is a macro over another one, so that a metric's constant, its name and its row stand in one place:
 *
 *   #define METRICS(METRIC) \
 *           METRIC(WAIT, wait, TIME, NULL, "time from arrival to the start of service") \
 *           METRIC(BUSY, busy, LEVEL, "servers", "servers at work") \
 *           METRIC(PRICE, price, LEVEL, NULL, "multiplier of fares", .scale = 0.01)
 *   METRIC_TABLE(metrics, METRICS);
 *
 * makes the constants WAIT, BUSY, PRICE and the table `metrics`, which ends with a NULL name. A constant or a name that
 * stands there twice does not compile, nor does one that is used and has no row.
 */
#ifndef ENGINE_METER_H
#define ENGINE_METER_H

#include "engine/hist.h"

enum metric_kind { METRIC_TIME, METRIC_AMOUNT, METRIC_COUNT, METRIC_WORK, METRIC_LEVEL };

/* "time", "amount", "count", "work", "level"; ends with NULL. */
extern const char *const metric_kinds[];

struct metric {
	const char *name;
	enum metric_kind kind;
	const char *unit; /* of an AMOUNT or LEVEL, for people: "bytes", "messages"; NULL where there is none */
	const char *help;
	double scale;     /* what one unit of the integer means; 0: 1. TIME and WORK are in ns. See metric_scale */
	bool aside;       /* one among so many that its distributions are kept coarsely, and without a series */
};

#define METRIC_TABLE(table, LIST) \
	enum { LIST(METRIC_CONSTANT) table##_count }; \
	struct table##_names { \
		LIST(METRIC_NAME) \
	}; \
	static const struct metric table[] = {LIST(METRIC_ROW)[table##_count] = {.name = NULL}}
#define METRIC_CONSTANT(constant, word, ...) constant,
#define METRIC_NAME(constant, word, ...)     char word##_is_named_once;
#define METRIC_ROW(constant, word, sort, of, ...) \
	[constant] = {.name = #word, .kind = METRIC_##sort, .unit = of, .help = __VA_ARGS__},

/* What one unit of its integer is in what people read, seconds for TIME and WORK: 1e-9 for these, else its scale. */
static inline double metric_scale(const struct metric *metric)
{
	bool time = metric->kind == METRIC_TIME || metric->kind == METRIC_WORK;
	return time ? 1e-9 : metric->scale > 0 ? metric->scale : 1;
}

/* Whether it is a distribution: TIME or AMOUNT. */
static inline bool metric_is_distribution(const struct metric *metric)
{
	return metric->kind == METRIC_TIME || metric->kind == METRIC_AMOUNT;
}

enum { METER_BINS = 512, METER_LATEST = 64 };

/*
 * What was booked in one window, or in all: `total` is how much of a COUNT or WORK, and of a LEVEL the integral over
 * time, level * ns; `squares` is that of its square.
 */
struct meter_part {
	struct hist *hist; /* TIME, AMOUNT: of a window; NULL: nothing yet */
	hist_sum total;
	struct wide squares;
	int64_t greatest;  /* LEVEL */
};

/* A level's history, and what has been booked of it in the present window. */
struct meter_level {
	int64_t level, since, greatest;
	hist_sum area;
	struct wide squares;
};

struct meter {
	/* What the present stretch has seen and its bin and its window have not been told yet. */
	int64_t *latest_next, *latest_end, *latest; /* TIME, AMOUNT: room for METER_LATEST; NULL: nothing was booked */
	hist_sum latest_total, latest_squares; /* the others; squares of a LEVEL */
	enum metric_kind kind;
	int bits;                   /* of histograms of windows; TIME, AMOUNT */
	struct meter_level level;
	struct meter_part *window;  /* per window; as many as have been asked for */
	int window_room;
	struct hist **bin;          /* per bin of the series, HIST_COARSE_BITS; NULL: nothing, or aside; TIME, AMOUNT */
	hist_sum *bin_total;        /* the others */
	/* All windows together, made by meters_end. */
	struct hist whole;          /* TIME, AMOUNT */
	struct meter_part all;      /* the others */
};

/* A part of the trace, as the rows tell it: see struct row_source's windows in trace/recipe.h. */
struct meter_window {
	int64_t start;  /* ns of replay time */
	int64_t label;  /* what the rows said: days since 1970-01-01, or a step's number */
	int64_t lasts;  /* ns; what comes later, up to the next window, is a gap that is not measured; or INT64_MAX */
	int64_t counted; /* ns of it that lie after the warm-up; known when the window has ended */
	uint64_t rows;  /* of the trace, after the warm-up */
	struct hist *unfinished; /* how old requests were that arrived in it and had not ended; NULL: there are none */
};

struct meters {
	const struct metric *metric;
	int metrics;
	struct meter *meter;
	struct meter_window *window;
	int windows, window_room; /* 0 until the first meters_window */
	int64_t warmup;      /* ns at the start of each window */
	int64_t bin_width;   /* ns; doubles when the replay outgrows METER_BINS */
	int bins;            /* used */
	int bin;             /* the one looked up last, and where it starts: most of the next fall into it too */
	int64_t bin_start;
	/* The present stretch: within one bin and the measured time of the last window. Length 0: there is none. */
	int64_t stretch, stretch_length; /* ns */
	int stretch_bin;
	struct hist unfinished; /* of all windows */
	int64_t counted;     /* ns measured in all, warm-up excluded; set by meters_end */
	int64_t end;         /* of the measured time, set by meters_end */
	struct arena *arena;
};

/* `metric` ends with a NULL name, and outlives the meters. */
void meters_init(struct meters *meters, struct arena *arena, const struct metric *metric, int64_t warmup,
		 int64_t bin_width);

/* A window begins now; the one before it ends. The first call comes before anything is recorded. */
void meters_window(struct meters *meters, int64_t now, int64_t label);

/* The window that has just begun is followed by a gap: only `lasts` ns of it count for rates and averages over time. */
void meters_window_lasts(struct meters *meters, int64_t lasts);

/* Part of the inside: a row that lies in no stretch. */
void meters_row_slowly(struct meters *meters, int64_t now);

/* A request that arrived at `when` has not ended, and is `age` ns old. Before meters_end. */
void meters_unfinished(struct meters *meters, int64_t when, int64_t age);

/*
 * The measured time ends now. Call once. Levels are booked up to here. Windows of one label become one: the first of
 * them, with what all of them have measured.
 */
void meters_end(struct meters *meters, int64_t now);

/* Part of the inside: a value that lies in no stretch, or begins one, or for which there is no room any more. */
void meter_record_slowly(struct meters *meters, struct meter *meter, int64_t when, int64_t value);

static inline bool meters_in_stretch(const struct meters *meters, int64_t when)
{
	return (uint64_t)when - (uint64_t)meters->stretch < (uint64_t)meters->stretch_length;
}

/* A row of the trace arrived now. */
static inline void meters_row(struct meters *meters, int64_t now)
{
	if (meters_in_stretch(meters, now))
		meters->window[meters->windows - 1].rows++;
	else
		meters_row_slowly(meters, now);
}

/* Books a TIME or AMOUNT `value` >= 0 of something that began at `when`. That it is not below 0 is checked later on. */
static inline void meter_record(struct meters *meters, int metric, int64_t when, int64_t value)
{
	CHECK((unsigned)metric < (unsigned)meters->metrics);
	struct meter *meter = &meters->meter[metric];
	if (__builtin_expect(!meters_in_stretch(meters, when) || meter->latest_next == meter->latest_end, 0))
		meter_record_slowly(meters, meter, when, value);
	else
		*meter->latest_next++ = value;
}

/* Books `times` events of a COUNT. */
void meter_count(struct meters *meters, int metric, int64_t when, uint64_t times);

/* Books WORK: `spent` ns >= 0 by something that began at `when`. */
void meter_work(struct meters *meters, int metric, int64_t when, int64_t spent);

/* Part of the inside: a level that is another one, or higher than any in its window. */
void meter_level_changes(struct meters *meters, int metric, int64_t now, int64_t level);

/* A LEVEL is `level` >= 0 from now on. */
static inline void meter_level(struct meters *meters, int metric, int64_t now, int64_t level)
{
	CHECK((unsigned)metric < (unsigned)meters->metrics);
	const struct meter_level *of = &meters->meter[metric].level;
	if (level != of->level || level > of->greatest)
		meter_level_changes(meters, metric, now, level);
}

/* ---- what was measured, after meters_end or merged; `window` counts from 0, -1 is the whole ---- */

/* A TIME's or AMOUNT's distribution; an empty one where nothing was booked. */
const struct hist *meter_hist(const struct meters *meters, int metric, int window);
/* How old requests were that had not ended. */
const struct hist *meter_unfinished(const struct meters *meters, int window);

const struct hist *meter_bin_hist(const struct meters *meters, int metric, int bin);

/* How much of a COUNT (how often) or WORK (ns), or a LEVEL's integral over time (level * ns). */
hist_sum meter_total(const struct meters *meters, int metric, int window);
hist_sum meter_bin_total(const struct meters *meters, int metric, int bin);

/* The greatest LEVEL, even for an instant; 0 when it was never above. */
int64_t meter_greatest(const struct meters *meters, int metric, int window);

/* How far a LEVEL is from its mean over time: the root of the mean square. 0 when no time was measured. */
double meter_level_deviation(const struct meters *meters, int metric, int window);

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
		meter_level_changes(booking.meters, booking.metric, now, level);
}

static inline void booking_work(struct booking booking, int64_t when, int64_t spent)
{
	if (booking.meters)
		meter_work(booking.meters, booking.metric, when, spent);
}

/* The row of the table with that name, or -1. */
int metric_find(const struct metric *metric, const char *name);

/* Adds the replication `from` to `meters`, which has the same table and as many windows or none yet. */
void meters_merge(struct meters *meters, const struct meters *from);

/*
 * A digest of all that was measured, but for squares, how high a level was in each single window, and what had not
 * ended.
 */
uint64_t meters_digest(const struct meters *meters, uint64_t seed);

#endif
