/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * No text of the user's is code: each becomes a string in single quotes, in which gnuplot knows no escapes, no commands
 * in backquotes and no macros; a single quote in a text becomes an apostrophe (’), so that none can end a string, and
 * texts are clean (figure/text.h), so no line ends inside one.
 */
#include "plot/script.h"
#include "figure/text.h"

#include <string.h>

#include <math.h>

static void quoted(FILE *file, const char *text, bool tick)
{
	fputc('\'', file);
	for (; *text; text++)
		if (*text == '\'')
			fputs("’", file);
		else if (*text == '%' && tick) /* gnuplot takes the labels of ticks for formats of numbers */
			fputs("%%", file);
		else
			fputc(*text, file);
	fputc('\'', file);
}

static void axis_settings(FILE *file, const char *letter, const struct axis *axis)
{
	double slack = axis->log ? 1e-9 : 0; /* for ticks at the ends, which logarithms may put outside */
	if (axis->log)
		fprintf(file, "set logscale %s\n", letter);
	fprintf(file, "set %srange [%.15g:%.15g]\n", letter, axis->min * (1 - slack), axis->max * (1 + slack));
	fprintf(file, "set %stics (", letter);
	for (int i = 0; i < axis->ticks; i++) {
		fputs(i ? ", " : "", file);
		quoted(file, axis->tick_label[i], true);
		fprintf(file, " %.12g", axis->tick[i]);
	}
	fputs(")\n", file);
}

/* Within the axis, so that what lies outside is not drawn over the margins. */
static double inside(const struct axis *axis, double given)
{
	return fmin(fmax(axis_value(axis, given), axis->min), axis->max);
}

static void shades(FILE *file, const struct figure *figure, const struct layout *layout)
{
	int at = 0;
	for (const struct figure_band *band = figure->band; band; band = band->next, at++) {
		double x0 = inside(&layout->x, band->x0), x1 = inside(&layout->x, band->x1);
		if (x1 > x0)
			fprintf(file,
				"set object rectangle from first %.10g, screen py(%.1f) to first %.10g, graph 0 "
				"behind fillcolor rgb shade fillstyle transparent solid 0.15 noborder\n",
				x0, layout->band_top[at], x1);
	}
	for (const struct figure_range *range = figure->range; range; range = range->next) {
		double y0 = inside(&layout->y, range->y0), y1 = inside(&layout->y, range->y1);
		double x0 = isnan(range->x0) ? layout->x.min : inside(&layout->x, range->x0);
		double x1 = isnan(range->x1) ? layout->x.max : inside(&layout->x, range->x1);
		if (x1 > x0 && y1 > y0)
			fprintf(file,
				"set object rectangle from first %.10g, first %.10g to first %.10g, first %.10g "
				"behind fillcolor rgb shade fillstyle transparent solid 0.15 noborder\n",
				x0, y0, x1, y1);
	}
	at = 0;
	for (const struct figure_mark *mark = figure->mark; mark; mark = mark->next, at++) {
		const struct axis *axis = mark->on_y ? &layout->y : &layout->x;
		double value = axis_value(axis, mark->value);
		if (!(value >= axis->min && value <= axis->max))
			continue;
		if (mark->on_y)
			fprintf(file, "set arrow from graph 0, first %.10g to graph 1, first %.10g", value, value);
		else
			fprintf(file, "set arrow from first %.10g, graph 0 to first %.10g, screen py(%.1f)", value,
				value, layout->mark_top[at]);
		fputs(" nohead linewidth 1.2 dashtype 7 linecolor rgb muted\n", file);
	}
}

static void texts(FILE *file, const struct layout *layout)
{
	static const char *const align[] = {"left", "center", "right"};
	for (const struct layout_text *text = layout->text; text; text = text->next) {
		fputs("set label ", file);
		quoted(file, text->text, false);
		fprintf(file, " at screen px(%.1f), screen py(%.1f) %s font '%s,%d' textcolor rgb '%s'\n", text->x,
			text->y, align[text->align], text->bold ? "DejaVu Sans Bold" : "", text->size, text->color);
	}
	for (const struct layout_line *line = layout->line; line; line = line->next)
		fprintf(file,
			"set arrow from screen px(%.1f), screen py(%.1f) to screen px(%.1f), screen py(%.1f) "
			"nohead linewidth %d linecolor rgb '%s'\n",
			line->x0, line->y0, line->x1, line->y1, line->width, line->color);
}

static void cells(FILE *file, const struct figure *figure)
{
	int row = 0;
	for (const struct figure_series *series = figure->series; series; series = series->next, row++)
		for (int i = 0; i < series->points; i++) {
			const struct figure_point *point = &series->point[i];
			const char *text_color;
			if (isfinite(point->y))
				fprintf(file,
					"set object rectangle from first %.10g, first %d.5 - 1 to first %.10g, "
					"first %d.5 behind fillcolor rgb '%s' fillstyle solid 1 noborder\n",
					point->x - 0.5, row, point->x + 0.5, row,
					layout_heat(figure, point->y, &text_color));
		}
}

static bool has_interval(const struct figure_series *series)
{
	for (int i = 0; i < series->points; i++)
		if (isfinite(series->point[i].low) && isfinite(series->point[i].high))
			return true;
	return false;
}

enum part { PART_SHADED, PART_LINES, PART_STEPS, PART_POINTS, PART_WHISKERS, PARTS };

static bool has_part(const struct figure *figure, const struct figure_series *series, enum part part)
{
	if (figure->kind == FIGURE_HEAT)
		return false;
	bool bars = figure->kind == FIGURE_BARS || figure->kind == FIGURE_MAP || figure_lies(figure);
	bool points = series->style == FIGURE_POINTS;
	switch (part) {
	case PART_SHADED:
		return !bars && !points && has_interval(series);
	case PART_LINES:
		return !bars && series->style == FIGURE_LINE;
	case PART_STEPS:
		return !bars && series->style == FIGURE_STEPS;
	case PART_POINTS:
		return !bars && layout_look(figure, series).point > 0;
	case PART_WHISKERS:
		return (bars || points) && has_interval(series);
	case PARTS:
		break;
	}
	return false;
}

static void series_settings(FILE *file, const struct figure *figure)
{
	static const char *const name[PARTS] = {"shaded", "lines", "steps", "points", "whiskers"};
	int count = 0;
	for (const struct figure_series *series = figure->series; series; series = series->next) {
		struct layout_look look = layout_look(figure, series);
		fprintf(file,
			"set style line %d linecolor rgb '%s' linewidth %g dashtype %d pointtype %d pointsize %g\n",
			++count, look.color, look.width, look.dash, look.point, look.point_size);
	}
	fprintf(file, "series = %d\n", count);
	for (enum part part = 0; part < PARTS; part++) {
		int index = 0;
		const char *space = "";
		fprintf(file, "%s = '", name[part]);
		for (const struct figure_series *series = figure->series; series; series = series->next) {
			index++;
			if (has_part(figure, series, part)) {
				fprintf(file, "%s%d", space, index);
				space = " ";
			}
		}
		fputs("'\n", file);
	}
}

void script_settings(FILE *file, const struct figure *figure, const struct layout *layout)
{
	static const char *const column[] = {
		[FIGURE_NUMBER] = "column(i)",
		[FIGURE_DURATION] = "column(i)",
		[FIGURE_PERCENTILE] = "1 / (1 - column(i) / 100)",
		[FIGURE_DATE] = "timecolumn(i, '%Y-%m-%d') / 86400",
		[FIGURE_CATEGORY] = "column(i)",
	};
	fputs("# The plot and its axes.\n", file);
	fprintf(file, "set lmargin at screen px(%g)\nset rmargin at screen px(%g)\n", layout->left, layout->right);
	fprintf(file, "set tmargin at screen py(%g)\nset bmargin at screen py(%g)\n", layout->top, layout->bottom);
	axis_settings(file, "x", &layout->x);
	axis_settings(file, "y", &layout->y);
	fputs("\n# Texts, and lines that lead to them.\n", file);
	texts(file, layout);
	fputs("\n# Bands, published ranges, marks.\n", file);
	shades(file, figure, layout);
	if (figure->kind == FIGURE_HEAT)
		cells(file, figure);
	fputs("\n# Series, in the order of the data.\n", file);
	series_settings(file, figure);
	fprintf(file, "x(i) = %s\n", column[layout->x.values]);
	fprintf(file, "y(i) = %s\n", column[layout->y.values]);
	if (figure->kind == FIGURE_TORNADO)
		fprintf(file, "base = %.12g\n", figure->mark ? axis_value(&layout->x, figure->mark->value) : 0);
}

/* ---- scripts of others ---- */

/* Words that settings consist of, outside of quotes. */
static const char *const words[] = {
	"arrow", "at", "base", "behind", "bmargin", "center", "column", "dashtype", "e", "fillcolor", "fillstyle",
	"first", "font", "from", "graph", "i", "label", "left", "line", "linecolor", "lines", "linewidth", "lmargin",
	"logscale", "muted", "noborder", "nohead", "object", "points", "pointsize", "pointtype", "px", "py",
	"rectangle", "rgb", "right", "rmargin", "screen", "series", "set", "shade", "shaded", "solid",
	"steps", "style", "textcolor",
	"timecolumn", "tmargin", "to", "transparent", "whiskers", "x", "xrange", "xtics", "y", "yrange", "ytics", NULL};

static bool is_word(const char *text, size_t length)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
			return true;
	return false;
}

bool script_is_settings(const char *text, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const char *at = text, *end = text + length;
	while (at < end) {
		if (*at == '\'') { /* ends in its line; \ has no meaning in it */
			const char *close = memchr(at + 1, '\'', (size_t)(end - at - 1));
			if (!close || memchr(at, '\n', (size_t)(close - at)))
				return false;
			at = close + 1;
		} else if (*at == '#' && (at == text || at[-1] == '\n')) {
			const char *line = memchr(at, '\n', (size_t)(end - at));
			if (!line || line[-1] == '\\')
				return false;
			at = line;
		} else if (strchr(letters, *at) && *at) {
			size_t word = 0;
			while (at + word < end && at[word] && strchr(letters, at[word]))
				word++;
			if (!is_word(at, word))
				return false;
			at += word;
		} else if (*at && strchr("0123456789 .,:()[]+-*/=\n", *at)) {
			at++;
		} else {
			return false;
		}
	}
	return true;
}
