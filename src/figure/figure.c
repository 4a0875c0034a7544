/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figure/figure.h"
#include "base/words.h"
#include "figure/axis.h"
#include "figure/text.h"

#include <math.h>
#include <string.h>

const char *const figure_kinds[] = {
#define FIGURE(NAME, word, ...) #word,
#include "run/figures.def"
#undef FIGURE
	"tornado", NULL
};

/* What each kind is called in a description, and its x axis. */
static const struct {
	const char *what, *x_label;
	enum figure_values x_values;
} kinds[] = {
	[FIGURE_PERCENTILES] = {"Percentiles", "percentile", FIGURE_PERCENTILE},
	[FIGURE_TIMELINE] = {"Timeline", "simulated time", FIGURE_DURATION},
	[FIGURE_LOAD] = {"Load curve", "offered load", FIGURE_NUMBER},
	[FIGURE_YEARS] = {"Values over dates", "", FIGURE_DATE},
	[FIGURE_LINES] = {"Lines", "", FIGURE_NUMBER},
	[FIGURE_BARS] = {"Bars", "", FIGURE_CATEGORY},
	[FIGURE_MAP] = {"Map", "", FIGURE_CATEGORY},
	[FIGURE_HISTORY] = {"History", "", FIGURE_DURATION},
	[FIGURE_DIAGRAM] = {"Diagram of steps", "", FIGURE_CATEGORY},
	[FIGURE_HEAT] = {"Heat map", "", FIGURE_CATEGORY},
	[FIGURE_TORNADO] = {"Tornado", "", FIGURE_DURATION},
};

bool figure_kind_of(const char *word, enum figure_kind *kind)
{
	int index = words_find(WORDS(figure_kinds), word);
	if (index >= 0)
		*kind = (enum figure_kind)index;
	return index >= 0;
}

bool figure_lies(const struct figure *figure)
{
	return figure->kind == FIGURE_TORNADO || figure->kind == FIGURE_HISTORY;
}

struct figure *figure_new(struct arena *arena, enum figure_kind kind, const char *name, const char *title)
{
	struct figure *figure = ARENA_NEW(arena, struct figure);
	*figure = (struct figure){.arena = arena,
				  .kind = kind,
				  .name = arena_text(arena, name),
				  .title = arena_text(arena, title ? title : ""),
				  .subtitle = "",
				  .footer = "",
				  .x = {kinds[kind].x_label, "", kinds[kind].x_values, false, NAN, NAN, NULL, 0},
				  .y = {"latency", "", FIGURE_DURATION, false, NAN, NAN, NULL, 0}};
	if (figure_lies(figure) || kind == FIGURE_DIAGRAM)
		figure->y = (struct figure_axis){"", "", FIGURE_CATEGORY, false, NAN, NAN, NULL, 0};
	return figure;
}

struct figure_series *figure_add_series(struct figure *figure, const char *label, enum figure_role role,
					enum figure_style style)
{
	struct figure_series *series = ARENA_NEW(figure->arena, struct figure_series);
	series->arena = figure->arena;
	series->label = text_clean(figure->arena, label);
	series->role = role;
	series->style = style;
	series->color = -1;
	if (figure->last_series)
		figure->last_series->next = series;
	else
		figure->series = series;
	figure->last_series = series;
	return series;
}

void figure_interval(struct figure_series *series, double x, double y, double low, double high)
{
	if (series->points == series->room) {
		int room = series->room ? 2 * series->room : 16;
		struct figure_point *point = ARENA_ARRAY(series->arena, (size_t)room, struct figure_point);
		if (series->points > 0)
			memcpy(point, series->point, (size_t)series->points * sizeof *point);
		series->point = point;
		series->room = room;
	}
	series->point[series->points++] = (struct figure_point){x, y, low, high};
}

void figure_point(struct figure_series *series, double x, double y)
{
	figure_interval(series, x, y, NAN, NAN);
}

void figure_add_band(struct figure *figure, double x0, double x1, const char *label)
{
	struct figure_band *band = ARENA_NEW(figure->arena, struct figure_band);
	*band = (struct figure_band){x0, x1, text_clean(figure->arena, label), NULL};
	if (figure->last_band)
		figure->last_band->next = band;
	else
		figure->band = band;
	figure->last_band = band;
}

static void add_mark(struct figure *figure, bool on_y, double value, const char *label)
{
	struct figure_mark *mark = ARENA_NEW(figure->arena, struct figure_mark);
	*mark = (struct figure_mark){on_y, value, text_clean(figure->arena, label), NULL};
	if (figure->last_mark)
		figure->last_mark->next = mark;
	else
		figure->mark = mark;
	figure->last_mark = mark;
}

void figure_mark_x(struct figure *figure, double value, const char *label)
{
	add_mark(figure, false, value, label);
}

void figure_mark_y(struct figure *figure, double value, const char *label)
{
	add_mark(figure, true, value, label);
}

void figure_add_range(struct figure *figure, double y0, double y1, double x0, double x1, const char *label)
{
	struct figure_range *range = ARENA_NEW(figure->arena, struct figure_range);
	*range = (struct figure_range){y0, y1, x0, x1, text_clean(figure->arena, label), NULL};
	if (figure->last_range)
		figure->last_range->next = range;
	else
		figure->range = range;
	figure->last_range = range;
}

/* ---- in words ---- */

/* Few enough points to be read out; of percentiles, those that people ask for. */
static bool told(const struct figure *figure, const struct figure_series *series, int at)
{
	static const double percentile[] = {0.5, 0.9, 0.99, 0.999, 0.9999};
	if (figure->kind != FIGURE_PERCENTILES)
		return series->points <= 8;
	for (size_t i = 0; i < sizeof percentile / sizeof percentile[0]; i++)
		if (fabs(series->point[at].x - percentile[i]) < 1e-9)
			return true;
	return false;
}

static const char *describe_series(struct arena *arena, const struct figure *figure, const struct figure_series *series)
{
	const struct figure_point *first = NULL, *last = NULL, *least = NULL, *most = NULL;
	const char *label = *series->label ? series->label : "A series", *text = "";
	for (int i = 0; i < series->points; i++) {
		const struct figure_point *point = &series->point[i];
		if (!isfinite(point->y))
			continue;
		first = first ? first : point;
		least = !least || point->y < least->y ? point : least;
		most = !most || point->y > most->y ? point : most;
		last = point;
		if (told(figure, series, i))
			text = arena_format(arena, "%s%s%s at %s", text, *text ? ", " : "",
					    axis_say(arena, &figure->y, point->y),
					    axis_say(arena, &figure->x, point->x));
	}
	if (!first)
		text = "no data";
	if (*text)
		return arena_format(arena, "%s: %s.", label, text);
	const struct figure_point *const point[] = {first, last, least, most};
	static const char *const before[] = {"", ", ", "; least ", "; most "};
	for (int i = 0; i < 4; i++)
		if (i < 2 || (point[i] != first && point[i] != last))
			text = arena_format(arena, "%s%s%s at %s", text, before[i],
					    axis_say(arena, &figure->y, point[i]->y),
					    axis_say(arena, &figure->x, point[i]->x));
	return arena_format(arena, "%s: %s.", label, text);
}

/* Rows from the top: when, and what happened. */
static const char *describe_rows(struct arena *arena, const struct figure *figure)
{
	const char *text = arena_format(arena, "%s.", kinds[figure->kind].what);
	for (int row = figure->y.categories - 1; row >= 0; row--)
		text = arena_format(arena, "%s\nAfter %s: %s.", text, text_clean(arena, figure->y.category[row]),
				    text_clean(arena, figure->beside[row]));
	return text;
}

const char *figure_description(struct arena *arena, const struct figure *figure)
{
	if (figure->description)
		return text_clean_lines(arena, figure->description);
	if (figure->kind == FIGURE_DIAGRAM)
		return describe_rows(arena, figure);
	const char *x = axis_of(arena, figure, false).title, *y = axis_of(arena, figure, true).title;
	y = *y ? y : "y";
	const char *text = arena_format(arena, "%s: %s%s%s.", kinds[figure->kind].what, y, *x ? " by " : "", x);
	for (const struct figure_series *series = figure->series; series; series = series->next)
		text = arena_format(arena, "%s\n%s", text, describe_series(arena, figure, series));
	for (const struct figure_band *band = figure->band; band; band = band->next)
		text = arena_format(arena, "%s\nFrom %s to %s: %s.", text, axis_say(arena, &figure->x, band->x0),
				    axis_say(arena, &figure->x, band->x1), band->label);
	for (const struct figure_mark *mark = figure->mark; mark; mark = mark->next)
		text = arena_format(arena, "%s\nAt %s: %s.", text,
				    axis_say(arena, mark->on_y ? &figure->y : &figure->x, mark->value), mark->label);
	for (const struct figure_range *range = figure->range; range; range = range->next)
		text = arena_format(arena, "%s\n%s: %s to %s.", text, *range->label ? range->label : "A range",
				    axis_say(arena, &figure->y, range->y0), axis_say(arena, &figure->y, range->y1));
	return text;
}
