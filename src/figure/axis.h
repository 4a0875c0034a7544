/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Axes: from given values to units, from units to pixels, and ticks that people would choose.
 */
#ifndef FIGURE_AXIS_H
#define FIGURE_AXIS_H

#include "figure/figure.h"

/* In the units it is drawn in: a given value / divisor for durations, 1 / (1 - p) for percentiles. */
struct axis {
	enum figure_values values;
	bool log;
	const char *title;  /* with unit, and the word that it is logarithmic */
	const char *column; /* the same for the data file */
	double divisor;     /* of durations: ns a unit */
	double min, max;    /* as drawn */
	double from, to;    /* pixels of min and max: set by the layout */
	double *tick;
	const char **tick_label;
	int ticks;
};

/* The x or y axis that suits all data of the figure. */
struct axis axis_of(struct arena *arena, const struct figure *figure, bool of_y);

/* A given value in the units of the axis; NaN where there is none. */
double axis_value(const struct axis *axis, double given);

/* A given value in pixels, wherever; and within the axis. */
double axis_at(const struct axis *axis, double given);
double axis_within(const struct axis *axis, double given);

/* How far along the axis a given value is: 0 at its start, 1 at its end; needs no pixels. */
double axis_share(const struct axis *axis, double given);

/* Ticks in pixels. */
double axis_tick(const struct axis *axis, int tick);

/* A given value as people read it, with its unit. */
const char *axis_say(struct arena *arena, const struct figure_axis *axis, double given);

/*
 * A duration, ns, with the unit of a linear axis of durations, where it is at least one of it and within the axis: a
 * text beside the axis is then read on it. NULL otherwise.
 */
const char *axis_say_on(struct arena *arena, const struct axis *axis, double ns);

/* A given value in the unit of the axis, which is left out: "75.6", "154k". */
const char *axis_number(struct arena *arena, const struct axis *axis, double given);

/* Days since 1970-01-01 as "2022-05-01"; those before it are it. */
const char *axis_date(struct arena *arena, double days);

#endif
