/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ends and ticks. A linear axis of durations, and of bars, starts at 0; others where they would lose more than half of
 * their length to nothing do not. Ticks are 1, 2 or 5 times a power of ten, but those of clocks, dates and percentiles
 * are theirs.
 */
#include "figure/axis.h"
#include "engine/dmath.h"
#include "figure/text.h"
#include "trace/date.h"

#include <math.h>
#include <stdlib.h>

/* What is not known gives way to what is. */
static double lesser(double a, double b)
{
	return isnan(b) || a < b ? a : b;
}

static double greater(double a, double b)
{
	return isnan(b) || a > b ? a : b;
}

/* ---- values as words ---- */

static const struct unit {
	const char *name;
	double ns;
	double from; /* linear axes that end at so many of it are in it */
} units[] = {
	{"ns", 1, 0},      {"µs", 1e3, 2},  {"ms", 1e6, 2},    {"s", 1e9, 2},
	{"min", 6e10, 10}, {"h", 3.6e12, 6}, {"d", 8.64e13, 4},
};

enum { UNITS = sizeof units / sizeof units[0], UNIT_SECOND = 3, ROW_NAME_SIZE = 12, ROW_NAME_WIDTH = 230 };

static const struct unit *unit_for(double ns, int last)
{
	int at = last;
	while (at > 0 && fabs(ns) < units[at].ns * units[at].from)
		at--;
	return &units[at];
}

/* "0.5", "5,000", "12k"; all numbers of a linear axis have the prefix that suits the greatest. */
static const char *number(struct arena *arena, double value, double greatest, int digits)
{
	static const char *const prefix[] = {"", "k", "M", "G", "T"};
	int at = 0;
	if (greatest >= 1e16)
		return arena_format(arena, "%.3g", value);
	if (greatest >= 1e4)
		for (; at < 4 && greatest >= 1e3; at++) {
			greatest /= 1e3;
			value /= 1e3;
		}
	if (fabs(value) >= 999.5 && fabs(value) < 1e15)
		return arena_format(arena, "%s%s", text_grouped(arena, value), prefix[at]);
	return arena_format(arena, "%.*g%s", digits, value == 0 ? 0 : value, value == 0 ? "" : prefix[at]); /* no -0 */
}

static const char *duration(struct arena *arena, double ns)
{
	if (ns == 0)
		return "0 s";
	int at = UNITS - 1;
	while (at > 0 && fabs(ns) < units[at].ns * (at > UNIT_SECOND ? units[at].from : 1))
		at--;
	double value = ns / units[at].ns;
	return arena_format(arena, fabs(value) < 999.5 ? "%.3g %s" : "%.0f %s", value, units[at].name);
}

enum { DAYS_MAX = 106000 }; /* into the year 2260; plot times are not before 1970 */

static int64_t whole_days(double days)
{
	return (int64_t)floor(lesser(greater(days, 0), DAYS_MAX));
}

const char *axis_date(struct arena *arena, double days)
{
	char text[DATE_TEXT];
	return arena_text(arena, date_print(whole_days(days), text));
}

const char *axis_say(struct arena *arena, const struct figure_axis *axis, double given)
{
	switch (axis->values) {
	case FIGURE_DURATION:
		return duration(arena, given);
	case FIGURE_PERCENTILE:
		return arena_format(arena, "p%.6g", given * 100);
	case FIGURE_DATE:
		return axis_date(arena, given);
	case FIGURE_CATEGORY:
		if (given >= 0 && given < axis->categories)
			return text_clean(arena, axis->category[(int)given]);
		break;
	case FIGURE_NUMBER:
		break;
	}
	const char *plain = number(arena, given, fabs(given), 4);
	return axis->unit && *axis->unit ? arena_format(arena, "%s %s", plain, text_clean(arena, axis->unit)) : plain;
}

const char *axis_say_on(struct arena *arena, const struct axis *axis, double ns)
{
	const struct unit *unit = units;
	double value = ns / axis->divisor;
	while (unit < units + UNITS - 1 && unit->ns < axis->divisor)
		unit++;
	if (axis->values != FIGURE_DURATION || axis->log || !(value >= 1 && value <= axis->max))
		return NULL;
	return arena_format(arena, value < 999.5 ? "%.3g %s" : "%.0f %s", value, unit->name);
}

const char *axis_number(struct arena *arena, const struct axis *axis, double given)
{
	double value = axis_value(axis, given);
	return number(arena, value, fabs(value), 3);
}

/* ---- axes ---- */

double axis_value(const struct axis *axis, double given)
{
	if (axis->values == FIGURE_DURATION)
		return given / axis->divisor;
	if (axis->values == FIGURE_PERCENTILE)
		return given >= 0 && given < 1 ? 1 / (1 - given) : NAN;
	return given;
}

static double fraction(const struct axis *axis, double value)
{
	if (!axis->log)
		return (value - axis->min) / (axis->max - axis->min);
	if (!(value > 0))
		return NAN;
	return dm_log(value / axis->min) / dm_log(axis->max / axis->min);
}

static double pixel(const struct axis *axis, double value)
{
	return axis->from + fraction(axis, value) * (axis->to - axis->from);
}

double axis_share(const struct axis *axis, double given)
{
	return fraction(axis, axis_value(axis, given));
}

double axis_at(const struct axis *axis, double given)
{
	return pixel(axis, axis_value(axis, given));
}

double axis_within(const struct axis *axis, double given)
{
	double at = axis_at(axis, given);
	if (isnan(at))
		return axis->from; /* nothing on a logarithmic axis */
	return lesser(greater(at, lesser(axis->from, axis->to)), greater(axis->from, axis->to));
}

double axis_tick(const struct axis *axis, int tick)
{
	return pixel(axis, axis->tick[tick]);
}

static double power_of_ten_below(double value)
{
	double power = 1;
	while (power * 10 <= value)
		power *= 10;
	for (double divisor = 10; power > value && divisor < 1e22; divisor *= 10)
		power = 1 / divisor;
	return power;
}

/* The greatest (or, if up, the smallest) of 1, 2, 5 times a power of ten that is not above (below) value > 0. */
static double nice(double value, bool up)
{
	static const double step[] = {1, 2, 5, 10};
	double power = power_of_ten_below(value);
	for (int i = 0; up && i < 4; i++)
		if (step[i] * power >= value * (1 - 1e-9))
			return step[i] * power;
	for (int i = 3; i > 0; i--)
		if (step[i] * power <= value * (1 + 1e-9))
			return step[i] * power;
	return power;
}

/* Minutes and hours are divided as clocks do. */
static double nice_step(const struct axis *axis, double at_least)
{
	static const double minutes[] = {1, 2, 5, 10, 15, 30, 60, 120, 0}, hours[] = {1, 2, 3, 6, 12, 24, 48, 0};
	if (axis->values == FIGURE_DURATION && (axis->divisor == 6e10 || axis->divisor == 3.6e12))
		for (const double *step = axis->divisor == 6e10 ? minutes : hours; *step > 0; step++)
			if (*step >= at_least)
				return *step;
	return nice(at_least, true);
}

static void add_tick(struct arena *arena, struct axis *axis, double value, const char *label)
{
	enum { ROOM = 64 };
	if (!axis->tick) {
		axis->tick = ARENA_ARRAY(arena, ROOM, double);
		axis->tick_label = ARENA_ARRAY(arena, ROOM, const char *);
	}
	double slack = axis->log ? value * 1e-9 : (axis->max - axis->min) * 1e-9;
	if (axis->ticks == ROOM || value < axis->min - slack || value > axis->max + slack)
		return;
	axis->tick[axis->ticks] = value + 0.0; /* no -0 */
	axis->tick_label[axis->ticks++] = label;
}

static const char *tick_text(struct arena *arena, const struct axis *axis, double value)
{
	if (axis->values == FIGURE_DURATION && axis->log && value * axis->divisor >= 1e9)
		return arena_format(arena, "%s s",
				    number(arena, value * axis->divisor / 1e9, value * axis->divisor / 1e9, 4));
	if (axis->values == FIGURE_DURATION && axis->log)
		return duration(arena, value * axis->divisor);
	/* Where a logarithmic axis needs a prefix, each number that can have one has it: 500, 1k, 10k. */
	double least = axis->max >= 1e4 && value >= 1e3 ? 1e4 : 0;
	return number(arena, value, axis->log ? greater(value, least) : greater(fabs(axis->min), fabs(axis->max)), 4);
}

static void linear_ticks(struct arena *arena, struct axis *axis, int about)
{
	double step = nice_step(axis, (axis->max - axis->min) / about);
	for (double k = ceil(axis->min / step - 1e-9); k * step <= axis->max * (1 + 1e-9) && axis->ticks < 60; k++)
		add_tick(arena, axis, k * step, tick_text(arena, axis, k * step));
}

static void log_ticks(struct arena *arena, struct axis *axis)
{
	double first = power_of_ten_below(axis->min), decades = dm_log(axis->max / axis->min) / dm_log(10);
	double ratio = decades > 8 ? 100 : 10;
	for (double power = first; power <= axis->max * (1 + 1e-9); power *= ratio)
		for (int times = 1; times <= 5; times = times == 2 ? 5 : times + 1)
			if (times == 1 || decades < 2.9)
				add_tick(arena, axis, times * power, tick_text(arena, axis, times * power));
}

static void percentile_ticks(struct arena *arena, struct axis *axis)
{
	static const struct {
		double at;
		const char *label;
	} tick[] = {{1, "0"},      {2, "50"},      {10, "90"},      {1e2, "99"},
		    {1e3, "99.9"}, {1e4, "99.99"}, {1e5, "99.999"}, {1e6, "99.9999"}};
	for (size_t i = 0; i < sizeof tick / sizeof tick[0]; i++)
		add_tick(arena, axis, tick[i].at, tick[i].label);
}

static void date_ticks(struct arena *arena, struct axis *axis)
{
	static const char *const month_name[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
						 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	double span = axis->max - axis->min, years = span / 365.2425;
	if (span < 90) {
		double step = nice(greater(span / 6, 1), true);
		for (double at = ceil(axis->min); at <= axis->max; at += step)
			add_tick(arena, axis, at, axis_date(arena, at));
		return;
	}
	int step = years > 3 ? (int)nice(greater(years / 12, 1), true) * 12 : years > 1.5 ? 6 : years > 0.8 ? 3 : 1;
	char text[DATE_TEXT];
	int year = (int)strtol(date_print(whole_days(axis->min), text), NULL, 10), month = 0;
	if (step > 12)
		year -= year % (step / 12);
	for (int64_t at = 0; axis->ticks < 60 && (double)at <= axis->max; month += step) {
		year += month / 12;
		month %= 12;
		if (!date_parse(arena_format(arena, "%04d-%02d-01", year, month + 1), &at))
			break;
		add_tick(arena, axis, (double)at,
			 step >= 12 ? arena_format(arena, "%d", year)
				    : arena_format(arena, "%s %d", month_name[month], year));
	}
}

/* Of a category of the y axis; those of x get their names from the layout. */
static const char *row_name(struct arena *arena, const char *name)
{
	char *line;
	int lines = text_wrap(arena, text_clean(arena, name), ROW_NAME_SIZE, false, ROW_NAME_WIDTH, 1, &line, NULL);
	return lines > 0 ? line : "";
}

static void make_ticks(struct arena *arena, struct axis *axis, const struct figure_axis *given, bool of_y)
{
	if (axis->values == FIGURE_CATEGORY)
		for (int i = 0; i < given->categories; i++)
			add_tick(arena, axis, i, of_y ? row_name(arena, given->category[i]) : "");
	else if (axis->values == FIGURE_PERCENTILE)
		percentile_ticks(arena, axis);
	else if (axis->values == FIGURE_DATE)
		date_ticks(arena, axis);
	else if (axis->log)
		log_ticks(arena, axis);
	else
		linear_ticks(arena, axis, of_y ? 6 : 8);
}

struct extent {
	double min, max, min_positive;
};

static void extend(struct extent *extent, double value)
{
	if (!isfinite(value))
		return;
	extent->min = lesser(extent->min, value);
	extent->max = greater(extent->max, value);
	if (value > 0)
		extent->min_positive = lesser(extent->min_positive, value);
}

static double as_ratio(const struct figure_axis *axis, double given)
{
	return axis->values == FIGURE_PERCENTILE ? given < 1 ? 1 / (1 - given) : NAN : given;
}

static struct extent extent_of(const struct figure *figure, bool of_y)
{
	const struct figure_axis *axis = of_y ? &figure->y : &figure->x;
	struct extent extent = {INFINITY, -INFINITY, INFINITY}, interval = extent;
	for (const struct figure_series *series = figure->series; series; series = series->next)
		for (int i = 0; i < series->points; i++) {
			const struct figure_point *point = &series->point[i];
			extend(&extent, of_y ? point->y : as_ratio(axis, point->x));
			if (of_y != figure_lies(figure)) {
				extend(&interval, point->low);
				extend(&interval, point->high);
			}
		}
	/* Where no value is below 0, an interval that reaches below is one of something that cannot be. */
	extend(&extent, extent.min >= 0 ? greater(interval.min, 0) : interval.min);
	extend(&extent, interval.max);
	extent.min_positive = lesser(extent.min_positive, interval.min_positive);
	for (const struct figure_range *range = figure->range; range; range = range->next) {
		extend(&extent, of_y ? range->y0 : as_ratio(axis, range->x0));
		extend(&extent, of_y ? range->y1 : as_ratio(axis, range->x1));
	}
	for (const struct figure_mark *mark = figure->mark; mark; mark = mark->next)
		if (mark->on_y == of_y)
			extend(&extent, as_ratio(axis, mark->value));
	if (!isnan(axis->min))
		extent.min = extent.min_positive = as_ratio(axis, axis->min);
	if (!isnan(axis->max))
		extent.max = as_ratio(axis, axis->max);
	if (!(extent.max >= extent.min))
		extent = (struct extent){0, 1, 1};
	return extent;
}

struct axis axis_of(struct arena *arena, const struct figure *figure, bool of_y)
{
	struct axis made = {.divisor = 1}, *axis = &made;
	const struct figure_axis *given = of_y ? &figure->y : &figure->x;
	struct extent extent = extent_of(figure, of_y);
	const char *label = text_clean(arena, given->label);
	const char *unit = text_clean(arena, given->unit);
	axis->values = given->values;
	bool scaled = given->values == FIGURE_NUMBER || given->values == FIGURE_DURATION;
	axis->log = given->values == FIGURE_PERCENTILE || (given->log && scaled && extent.max > 0);
	if (given->values == FIGURE_DURATION) {
		double typical =
			axis->log ? sqrt(extent.min_positive) * sqrt(extent.max) : greater(extent.max, -extent.min);
		const struct unit *chosen = unit_for(typical, axis->log ? UNIT_SECOND : UNITS - 1);
		axis->divisor = chosen->ns;
		unit = chosen->name;
	}
	axis->min = (axis->log ? extent.min_positive : extent.min) / axis->divisor;
	axis->max = extent.max / axis->divisor;

	bool fixed_min = !isnan(given->min), fixed_max = !isnan(given->max);
	double span = axis->max - axis->min;
	if (axis->values == FIGURE_CATEGORY) {
		axis->min = -0.6;
		axis->max = given->categories - 0.4;
	} else if (axis->values == FIGURE_PERCENTILE) {
		axis->min = fixed_min ? axis->min : 1;
	} else if (axis->values == FIGURE_DATE) {
		axis->min -= fixed_min ? 0 : greater(span * 0.02, 1);
		axis->max += fixed_max ? 0 : greater(span * 0.02, 1);
	} else if (axis->log) {
		bool narrow = axis->max < axis->min * 10; /* so that there are two ticks at least */
		double pad = axis->max > axis->min ? dm_exp(0.02 * dm_log(axis->max / axis->min)) : 1;
		if (!of_y) {
			axis->min /= fixed_min ? 1 : pad;
			axis->max *= fixed_max ? 1 : pad;
		}
		axis->min = !of_y || fixed_min ? axis->min : narrow ? nice(axis->min, false) : axis->min / 1.15;
		axis->max = !of_y || fixed_max ? axis->max : narrow ? nice(axis->max, true) : axis->max * 1.15;
	} else {
		bool bars = of_y && figure->kind == FIGURE_BARS;
		bool from_zero =
			of_y ? bars || given->values == FIGURE_DURATION || axis->min < axis->max / 2 || span == 0
			     : axis->min < axis->max / 20 || figure->kind == FIGURE_LOAD;
		if (!fixed_min && from_zero && axis->min > 0)
			axis->min = 0;
		if (bars) /* values stand above them */
			axis->max = greater(axis->max + (axis->max - axis->min) * (fixed_max ? 0 : 0.08), 0);
		if (of_y && axis->max > axis->min) {
			double step = nice_step(axis, (axis->max - axis->min) / 6);
			axis->min = fixed_min ? axis->min : floor(axis->min / step + 1e-9) * step;
			/* What sticks out by less than a pixel, as the interval of 99.99 %, needs no tick more; neither
			 * does the room above bars, or it would say 120 %. */
			axis->max = fixed_max || bars ? axis->max : ceil(axis->max / step - 1e-2) * step;
		}
	}
	if (!(axis->max > axis->min))
		axis->max = axis->min > 0 ? axis->min * (axis->log ? 10 : 2) : axis->min + 1;

	bool show_unit = *unit && !(axis->log && given->values == FIGURE_DURATION) && scaled;
	bool say_log = axis->log && scaled;
	axis->title = arena_format(arena, "%s%s%s%s%s%s", label, show_unit || say_log ? " (" : "",
				   show_unit ? unit : "", show_unit && say_log ? ", " : "", say_log ? "log scale" : "",
				   show_unit || say_log ? ")" : "");
	if (!*label)
		label = of_y ? "y" : "x";
	axis->column = *unit && scaled ? arena_format(arena, "%s (%s)", label, unit) : label;
	if (given->values == FIGURE_PERCENTILE)
		axis->column = "percentile";
	make_ticks(arena, axis, given, of_y);
	return made;
}
