/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A figure: what is to be shown, described in memory. The command line writes it as files (plot/figure_files.h), a page
 * draws it itself.
 *
 * Describe a figure by figure_new and the functions that add to it. All texts are the user's, and are copied. Lines
 * keep the order in which they were added, and so do their colours.
 */
#ifndef FIGURE_FIGURE_H
#define FIGURE_FIGURE_H

#include "base/arena.h"
#include <stdbool.h>

/*
 * The kinds that a model file can ask for, and those that only commands draw.
 *
 *   PERCENTILES  latency over percentiles; x is FIGURE_PERCENTILE
 *   TIMELINE     something over simulated time; x is FIGURE_DURATION
 *   LOAD         latency over offered load
 *   YEARS        something over dates; x is FIGURE_DATE
 *   LINES        anything over anything
 *   BARS         bars in groups; x is FIGURE_CATEGORY
 *   MAP          maps side by side; x is FIGURE_CATEGORY: a map for each, a unit wide. A series is a class of values,
 *                its points are corners of areas, with a y of NaN after each area.
 *   HISTORY      a bar from low to high, both of x, in the row y; x is FIGURE_DURATION, y FIGURE_CATEGORY from below
 *   HEAT         a row of cells for each series, coloured by y; x is FIGURE_CATEGORY
 *   DIAGRAM      steps of requests: x is FIGURE_CATEGORY, lanes; y too, rows from below; `beside` tells of each row
 *   TORNADO      bars from the first mark on x (or 0), one row a category of y; low and high are of x
 */
enum figure_kind {
#define FIGURE(NAME, ...) FIGURE_##NAME,
#include "run/figures.def"
#undef FIGURE
	FIGURE_TORNADO
};

enum figure_values {
	FIGURE_NUMBER,     /* as they are; the axis' unit is named after its label */
	FIGURE_DURATION,   /* ns; shown in the unit that suits their size */
	FIGURE_PERCENTILE, /* share of all values that are no greater, 0 <= p < 1; drawn as 1 / (1 - p), logarithmic */
	FIGURE_DATE,       /* days since 1970-01-01 */
	FIGURE_CATEGORY    /* 0, 1, ...: which name */
};

/* min and max are NaN where the data decide. A linear latency axis then starts at 0. */
struct figure_axis {
	const char *label, *unit;
	enum figure_values values;
	bool log;
	double min, max;
	const char **category;
	int categories;
};

enum figure_role {
	FIGURE_NORMAL,    /* the next colour of the palette */
	FIGURE_BASELINE,  /* grey: what the others are compared with */
	FIGURE_PUBLISHED, /* measured by somebody else: its own marker, dark */
	FIGURE_FORMULA    /* computed, not simulated: dashed */
};

enum figure_style { FIGURE_LINE, FIGURE_STEPS, FIGURE_POINTS };

/* low and high are the ends of an interval, or NaN: a band around a line or steps, an error bar on a point or bar. */
struct figure_point {
	double x, y, low, high;
};

struct figure_series {
	const char *label; /* written at the end of the line; "" = none */
	enum figure_role role;
	enum figure_style style; /* of all kinds but FIGURE_BARS */
	int color;               /* 0..3 of the palette, 4 = grey, -1 = by role */
	struct figure_point *point;
	int points, room;
	struct figure_series *next;
	struct arena *arena;
};

/* A stretch of the x axis in which something happened; shaded, named above. */
struct figure_band {
	double x0, x1;
	const char *label;
	struct figure_band *next;
};

/* A value on an axis: a saturation point, the size of the memory. */
struct figure_mark {
	bool on_y;
	double value;
	const char *label;
	struct figure_mark *next;
};

/* A published range of y; x0 and x1 are NaN where it holds all along the x axis. */
struct figure_range {
	double y0, y1, x0, x1;
	const char *label;
	struct figure_range *next;
};

struct figure {
	const char *name; /* of the files; letters, digits, '-', '_' and '.', not first '-' or '.' */
	enum figure_kind kind;
	const char *title;       /* states the finding */
	const char *subtitle;    /* "" = none */
	const char *description; /* with numbers; NULL = one is made from the data */
	const char *footer;      /* case, variant, seed, replications, version, digest */
	const char *manifest;    /* what made it, as ASCII, to be kept inside of pictures; NULL: nothing */
	struct figure_axis x, y;
	const char **beside;     /* of a DIAGRAM: a text for each category of y */
	struct figure_series *series, *last_series;
	struct figure_band *band, *last_band;
	struct figure_mark *mark, *last_mark;
	struct figure_range *range, *last_range;
	struct arena *arena;
};

/*
 * A figure without data; its x axis has the values of its kind, its y axis is a duration from 0. The caller sets what
 * differs. `name` and texts are copied or must outlive the figure when set by hand.
 */
struct figure *figure_new(struct arena *arena, enum figure_kind kind, const char *name, const char *title);

/* Whether its bars lie: y is a row, low and high are of x. */
bool figure_lies(const struct figure *figure);

struct figure_series *figure_add_series(struct figure *figure, const char *label, enum figure_role role,
					enum figure_style style);

/* A point, and one with an interval. A y that is NaN breaks the line. Points come in order of x. */
void figure_point(struct figure_series *series, double x, double y);
void figure_interval(struct figure_series *series, double x, double y, double low, double high);

void figure_add_band(struct figure *figure, double x0, double x1, const char *label);
void figure_mark_x(struct figure *figure, double value, const char *label);
void figure_mark_y(struct figure *figure, double value, const char *label);
void figure_add_range(struct figure *figure, double y0, double y1, double x0, double x1, const char *label);

/* "percentiles" -> FIGURE_PERCENTILES; false when there is no such kind. figure_kinds ends with NULL. */
bool figure_kind_of(const char *word, enum figure_kind *kind);
extern const char *const figure_kinds[];

/* The figure's own description, or one made from the data: lines, the first of which says what it is. */
const char *figure_description(struct arena *arena, const struct figure *figure);

#endif
