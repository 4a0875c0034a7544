/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table has a row for each x of any series; where these are too many, the rows between equal steps are left out,
 * and the last one stays.
 */
#include "web/figuretext.h"
#include "figure/axis.h"
#include "figure/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_ROWS = 60 };

static const char *const values_names[] = {
	[FIGURE_NUMBER] = "number", [FIGURE_DURATION] = "duration", [FIGURE_PERCENTILE] = "percentile",
	[FIGURE_DATE] = "date",	    [FIGURE_CATEGORY] = "category",
};
static const char *const roles[] = {
	[FIGURE_NORMAL] = "normal",
	[FIGURE_BASELINE] = "baseline",
	[FIGURE_PUBLISHED] = "published",
	[FIGURE_FORMULA] = "formula",
};
static const char *const styles[] = {[FIGURE_LINE] = "line", [FIGURE_STEPS] = "steps", [FIGURE_POINTS] = "points"};

static void put_axis(struct jsontext *json, const char *key, const struct axis *axis, const struct figure_axis *given)
{
	jsontext_put_open(json, key, '{');
	jsontext_put_string(json, "title", axis->title);
	jsontext_put_string(json, "values", values_names[axis->values]);
	jsontext_put_bool(json, "log", axis->log);
	jsontext_put_number(json, "min", axis->min);
	jsontext_put_number(json, "max", axis->max);
	jsontext_put_open(json, "ticks", '[');
	for (int i = 0; i < axis->ticks; i++) {
		jsontext_open(json, '{');
		jsontext_put_number(json, "at", axis->tick[i]);
		jsontext_put_string(json, "label", axis->tick_label[i]);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
	jsontext_put_open(json, "categories", '[');
	for (int i = 0; i < given->categories; i++)
		jsontext_string(json, given->category[i]);
	jsontext_close(json, ']');
	jsontext_close(json, '}');
}

static void put_series(struct jsontext *json, const struct figure_series *series, const struct axis *x,
		       const struct axis *y)
{
	jsontext_open(json, '{');
	jsontext_put_string(json, "label", series->label);
	jsontext_put_string(json, "role", roles[series->role]);
	jsontext_put_string(json, "style", styles[series->style]);
	jsontext_put_open(json, "points", '[');
	for (int i = 0; i < series->points; i++) {
		const struct figure_point *point = &series->point[i];
		jsontext_open(json, '[');
		jsontext_number(json, axis_value(x, point->x));
		jsontext_number(json, axis_value(y, point->y));
		jsontext_number(json, axis_value(y, point->low));
		jsontext_number(json, axis_value(y, point->high));
		jsontext_close(json, ']');
	}
	jsontext_close(json, ']');
	jsontext_close(json, '}');
}

/* ---- the table ---- */

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

/* The x of all series, each once, from low to high. */
static double *all_x(const struct figure *figure, struct arena *arena, int *count)
{
	size_t room = 1;
	for (const struct figure_series *series = figure->series; series; series = series->next)
		room += (size_t)series->points;
	double *x = ARENA_ARRAY(arena, room, double);
	int found = 0, kept = 0;
	for (const struct figure_series *series = figure->series; series; series = series->next)
		for (int i = 0; i < series->points; i++)
			if (isfinite(series->point[i].x))
				x[found++] = series->point[i].x;
	qsort(x, (size_t)found, sizeof *x, by_value);
	for (int i = 0; i < found; i++)
		if (kept == 0 || x[i] > x[kept - 1])
			x[kept++] = x[i];
	*count = kept;
	return x;
}

static const char *cell(const struct figure *figure, const struct figure_series *series, double x, struct arena *arena)
{
	const struct figure_point *point = NULL;
	for (int i = 0; i < series->points && !point; i++)
		if (series->point[i].x >= x && series->point[i].x <= x)
			point = &series->point[i];
	if (!point || !isfinite(point->y))
		return "";
	const char *value = axis_say(arena, &figure->y, point->y);
	if (!isfinite(point->low) || !isfinite(point->high) || !(point->low < point->high))
		return value;
	return arena_format(arena, "%s (%s .. %s)", value, axis_say(arena, &figure->y, point->low),
			    axis_say(arena, &figure->y, point->high));
}

/* What is told of a percentile has two digits of how many lie beyond it: p13, p99.87. */
static const char *x_cell(const struct figure *figure, double x, struct arena *arena)
{
	int decimals = 0;
	if (figure->x.values != FIGURE_PERCENTILE)
		return axis_say(arena, &figure->x, x);
	for (double beyond = (1 - x) * 100; beyond > 0 && beyond < 9.5 && decimals < 9; beyond *= 10)
		decimals++;
	char *text = arena_format(arena, "p%.*f", decimals, x * 100);
	for (size_t end = strlen(text) - 1; decimals > 0 && (text[end] == '0' || text[end] == '.'); end--) {
		bool point = text[end] == '.';
		text[end] = '\0';
		if (point)
			break;
	}
	return text;
}

static void put_table(struct jsontext *json, const struct figure *figure, const struct axis *x)
{
	struct arena *arena = json->into->arena;
	int count;
	double *at = all_x(figure, arena, &count);
	int step = (count + TABLE_ROWS - 1) / TABLE_ROWS;
	jsontext_put_open(json, "table", '{');
	jsontext_put_open(json, "columns", '[');
	jsontext_string(json, x->title);
	for (const struct figure_series *series = figure->series; series; series = series->next)
		jsontext_string(json, series->label);
	jsontext_close(json, ']');
	jsontext_put_open(json, "rows", '[');
	for (int i = 0; i < count; i++) {
		if (step > 1 && i % step != 0 && i != count - 1)
			continue;
		jsontext_open(json, '[');
		jsontext_string(json, x_cell(figure, at[i], arena));
		for (const struct figure_series *series = figure->series; series; series = series->next)
			jsontext_string(json, cell(figure, series, at[i], arena));
		jsontext_close(json, ']');
	}
	jsontext_close(json, ']');
	jsontext_close(json, '}');
}

static void put_marks(struct jsontext *json, const struct figure *figure, const struct axis *x, const struct axis *y)
{
	jsontext_put_open(json, "bands", '[');
	for (const struct figure_band *band = figure->band; band; band = band->next) {
		jsontext_open(json, '{');
		jsontext_put_number(json, "from", axis_value(x, band->x0));
		jsontext_put_number(json, "to", axis_value(x, band->x1));
		jsontext_put_string(json, "label", band->label);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
	jsontext_put_open(json, "marks", '[');
	for (const struct figure_mark *mark = figure->mark; mark; mark = mark->next) {
		jsontext_open(json, '{');
		jsontext_put_string(json, "on", mark->on_y ? "y" : "x");
		jsontext_put_number(json, "at", axis_value(mark->on_y ? y : x, mark->value));
		jsontext_put_string(json, "label", mark->label);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
	jsontext_put_open(json, "ranges", '[');
	for (const struct figure_range *range = figure->range; range; range = range->next) {
		jsontext_open(json, '{');
		jsontext_put_number(json, "low", axis_value(y, range->y0));
		jsontext_put_number(json, "high", axis_value(y, range->y1));
		jsontext_put_number(json, "from", axis_value(x, range->x0));
		jsontext_put_number(json, "to", axis_value(x, range->x1));
		jsontext_put_string(json, "label", range->label);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
}

void figuretext_put(struct jsontext *json, const struct figure *figure)
{
	struct arena *arena = json->into->arena;
	struct axis x = axis_of(arena, figure, false), y = axis_of(arena, figure, true);
	jsontext_open(json, '{');
	jsontext_put_string(json, "name", figure->name);
	jsontext_put_string(json, "kind", figure_kinds[figure->kind]);
	jsontext_put_string(json, "title", figure->title);
	jsontext_put_string(json, "subtitle", figure->subtitle);
	jsontext_put_string(json, "description", figure_description(arena, figure));
	put_axis(json, "x", &x, &figure->x);
	put_axis(json, "y", &y, &figure->y);
	jsontext_put_open(json, "series", '[');
	for (const struct figure_series *series = figure->series; series; series = series->next)
		put_series(json, series, &x, &y);
	jsontext_close(json, ']');
	put_marks(json, figure, &x, &y);
	put_table(json, figure, &x);
	jsontext_close(json, '}');
}
