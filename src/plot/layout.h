/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where everything of a figure goes on its page: texts that do not cover each other, around the axes. Pixels
 * count from the top left corner of a page of 720 x 405.
 */
#ifndef PLOT_LAYOUT_H
#define PLOT_LAYOUT_H

#include "figure/axis.h"

enum { PAGE_WIDTH = 720, PAGE_HEIGHT = 405, PAGE_MARGIN = 16 };
enum { SIZE_TITLE = 16, SIZE_TEXT = 12, SIZE_VALUE = 11, SIZE_SMALL = 10 };

enum layout_align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT };

/* y is the middle of the line. color is "#rrggbb". */
struct layout_text {
	const char *text, *color;
	double x, y;
	int size;
	bool bold;
	enum layout_align align;
	struct layout_text *next;
};

/* A thin line from a mark or the end of a line to its label, or a sample of a key when thick. */
struct layout_line {
	double x0, y0, x1, y1;
	const char *color;
	int width;
	struct layout_line *next;
};

struct layout {
	struct axis x, y;
	double left, right, top, bottom; /* of the plot */
	double *band_top, *mark_top;     /* how far up they reach, in the figure's order */
	struct layout_text *text, *last_text;
	struct layout_line *line, *last_line;
	struct arena *arena;
};

/* How a series looks. */
struct layout_look {
	const char *color, *text_color;
	double width, point_size;
	int dash, point; /* gnuplot's dashtype as set by page.gp, and pointtype; point 0 = none */
};

/* Colours of everything but the series, as drawn on white. */
extern const char layout_ink[], layout_muted[], layout_grid[], layout_shade[];

struct layout *layout_new(struct arena *arena, const struct figure *figure);

/* Of a heat map: the series in the order of rows from below, and how a cell looks. */
const char *layout_heat(const struct figure *figure, double value, const char **text_color);

struct layout_look layout_look(const struct figure *figure, const struct figure_series *series);

#endif
