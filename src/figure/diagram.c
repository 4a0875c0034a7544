/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figure/diagram.h"
#include "figure/text.h"
#include "stats/shown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A row of the diagram, before it is known which rows are drawn. */
struct moment {
	int64_t time;
	int journey, order; /* whose; among those of one time and journey */
	const char *lane, *what;
};

struct collecting {
	struct arena *arena;
	struct moment *moment;
	int count, room;
	bool by_request;
};

static void add(struct collecting *into, int64_t time, int journey, const char *lane, const char *what)
{
	if (into->count == into->room) {
		int room = into->room ? 2 * into->room : 64;
		struct moment *grown = ARENA_ARRAY(into->arena, (size_t)room, struct moment);
		if (into->count)
			memcpy(grown, into->moment, (size_t)into->count * sizeof *grown);
		into->moment = grown;
		into->room = room;
	}
	into->moment[into->count] = (struct moment){time, journey, into->count, lane, what};
	into->count++;
}

static const char *name_of(struct arena *arena, const struct journey *journey)
{
	return arena_format(arena, "%s %llu", journey->kind, (unsigned long long)journey->id);
}

static const char *part_of(struct arena *arena, const struct journey_step *step)
{
	return step->number < 0 ? step->part : arena_format(arena, "%s %lld", step->part, (long long)step->number);
}

static void collect(struct collecting *into, const struct journey *journey, int number, const char *name)
{
	for (int s = 0; s < journey->steps; s++) {
		const struct journey_step *step = &journey->step[s];
		const char *part = part_of(into->arena, step);
		add(into, step->time, number, into->by_request ? name : part,
		    arena_format(into->arena, "%s %s", part, shown_step(step, into->arena)));
	}
	for (const struct journey *span = journey->child; span; span = span->next)
		collect(into, span, number, name);
}

static int by_time(const void *a, const void *b)
{
	const struct moment *one = a, *other = b;
	if (one->time != other->time)
		return one->time < other->time ? -1 : 1;
	if (one->journey != other->journey)
		return one->journey < other->journey ? -1 : 1;
	return one->order < other->order ? -1 : 1;
}

/* The number of a lane, which is made when there is room for it; -1: there is not. */
static int lane_of(struct figure *figure, const char *name)
{
	for (int i = 0; i < figure->x.categories; i++)
		if (strcmp(figure->x.category[i], name) == 0)
			return i;
	if (figure->x.categories == DIAGRAM_LANES)
		return -1;
	figure->x.category[figure->x.categories] = name;
	return figure->x.categories++;
}

void diagram_draw(struct figure *figure, const struct journey *const *journey, int journeys, bool by_request)
{
	struct arena *arena = figure->arena;
	struct collecting all = {.arena = arena, .by_request = by_request};
	struct figure_series *series[DIAGRAM_JOURNEYS];
	char when[SHOWN_VALUE];
	journeys = journeys < DIAGRAM_JOURNEYS ? journeys : DIAGRAM_JOURNEYS;
	for (int j = 0; j < journeys; j++) {
		const char *name = name_of(arena, journey[j]);
		series[j] = figure_add_series(figure, "", FIGURE_NORMAL, FIGURE_LINE);
		if (by_request)
			add(&all, journey[j]->begin, j, name, "begins");
		collect(&all, journey[j], j, name);
		if (by_request && journey[j]->end >= 0)
			add(&all, journey[j]->end, j, name, "has ended");
	}
	if (all.count > 1)
		qsort(all.moment, (size_t)all.count, sizeof *all.moment, by_time);
	figure->x = (struct figure_axis){.label = "", .unit = "", .values = FIGURE_CATEGORY, .min = NAN, .max = NAN,
					 .category = ARENA_ARRAY(arena, DIAGRAM_LANES + 1, const char *)};
	figure->y = figure->x;
	figure->y.category = ARENA_ARRAY(arena, DIAGRAM_ROWS + 1, const char *);
	figure->beside = ARENA_ARRAY(arena, DIAGRAM_ROWS + 1, const char *);
	int rows = 0, lane[DIAGRAM_ROWS];
	while (rows < all.count && rows < DIAGRAM_ROWS &&
	       (lane[rows] = lane_of(figure, all.moment[rows].lane)) >= 0)
		rows++;
	figure->y.categories = rows;
	for (int r = 0; r < rows; r++) { /* the first on top */
		const struct moment *moment = &all.moment[r];
		double since = (double)(moment->time - journey[0]->begin) * 1e-9;
		figure->y.category[rows - 1 - r] = text_with_micro(arena, shown_value(since, QUANTITY_TIME, when));
		figure->beside[rows - 1 - r] = moment->what;
		figure_point(series[moment->journey], lane[r], rows - 1 - r);
	}
	if (rows < all.count)
		figure->subtitle = arena_format(arena, "%s%sthe first %d of %d steps", figure->subtitle,
						*figure->subtitle ? "; " : "", rows, all.count);
}
