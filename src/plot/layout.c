/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page from top to bottom: title, subtitle, the name of the y axis, rows of names for bands and marks, the plot,
 * ticks, the name of the x axis, footer. The names of lines stand at their ends: in a column at the right where the
 * line reaches the edge (moved apart until none overlap), else inside the plot, at the place that covers least of the
 * lines and of other names among a fixed set of places around the line's points.
 */
#include "plot/layout.h"
#include "engine/dmath.h"
#include "base/check.h"
#include "figure/text.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
	COLUMN_GAP = 12, /* between the plot and the names at its right */
	COLUMN_WIDTH = 150,
	INSIDE_WIDTH = 170,
	LINE_HEIGHT = 15,
	LABEL_LINES = 3,
	BAND_HEAD = 2, /* between the upper end of a band and its name */
	SPARSE = 24 /* a series with no more points shows each of them */
};

static const double reaches_edge = 0.93; /* of the width: a line's name goes to the right column */

const char layout_ink[] = "#1f2328", layout_muted[] = "#59636e", layout_grid[] = "#d9dee3", layout_shade[] = "#6e7781";

static const char *const palette[] = {"#578dff", "#c91f16", "#228833", "#cc79a7", "#656364"};
/* Of maps, from cold to hot; the first is the page's grid. */
static const char *const heat[] = {layout_grid, "#fdcc8a", "#fc8d59", "#e34a33", "#990000"};
enum { HEATS = sizeof heat / sizeof heat[0] };
static const char *const palette_text[] = {"#2a62d0", "#bd1c13", "#1d742c", "#a3447a", "#5d5b5c"};

/* Takes away labels that would touch the one before. */
static void thin_ticks(struct axis *axis)
{
	double end = -INFINITY;
	for (int i = 0; i < axis->ticks; i++) {
		double middle = axis_tick(axis, i), half = text_width(axis->tick_label[i], SIZE_TEXT, false) / 2;
		if (middle - half < end + 6)
			axis->tick_label[i] = "";
		else
			end = middle + half;
	}
}

/* ---- texts ---- */

static void add_text(struct layout *layout, const char *text, double x, double y, int size, bool bold,
		     enum layout_align align, const char *color)
{
	struct layout_text *made = ARENA_NEW(layout->arena, struct layout_text);
	*made = (struct layout_text){text, color, x, y, size, bold, align, NULL};
	if (layout->last_text)
		layout->last_text->next = made;
	else
		layout->text = made;
	layout->last_text = made;
}

static void add_line(struct layout *layout, double x0, double y0, double x1, double y1, const char *color, int width)
{
	struct layout_line *made = ARENA_NEW(layout->arena, struct layout_line);
	*made = (struct layout_line){x0, y0, x1, y1, color, width, NULL};
	if (layout->last_line)
		layout->last_line->next = made;
	else
		layout->line = made;
	layout->last_line = made;
}

struct box {
	double left, top, right, bottom;
};

/* The name of something: broken into lines, with the place it belongs to, and later the place it gets. */
struct name {
	char *line[LABEL_LINES];
	int lines;
	double width, height;
	double anchor;                      /* of names in the right column: given y, then pixel */
	const struct figure_series *series; /* of those, when a line is named */
	double end, top;
	const char *color;
};

static struct name name_new(struct layout *layout, const char *text, double width, const char *color)
{
	struct name name = {.color = color};
	char *clean = text_clean(layout->arena, text);
	name.lines = text_wrap(layout->arena, clean, SIZE_TEXT, false, width, LABEL_LINES, name.line, NULL);
	for (int i = 0; i < name.lines; i++)
		name.width = fmax(name.width, text_width(name.line[i], SIZE_TEXT, false));
	name.height = name.lines * LINE_HEIGHT;
	return name;
}

static void name_write(struct layout *layout, const struct name *name, double left, double top)
{
	for (int i = 0; i < name->lines; i++)
		add_text(layout, name->line[i], left, top + (i + 0.5) * LINE_HEIGHT, SIZE_TEXT, false, ALIGN_LEFT,
			 name->color);
}

/* On one line when it nearly fits; else on two of about the same length, smaller when it must be. */
static int title_lines(struct arena *arena, const char *title, char **line, int *size)
{
	const double width = PAGE_WIDTH - 2 * PAGE_MARGIN;
	bool cut = true;
	int lines = 0;
	for (*size = SIZE_TITLE; *size >= SIZE_TITLE - 1; --*size) {
		lines = text_wrap(arena, title, *size, true, width, 1, line, &cut);
		if (!cut)
			return lines;
	}
	for (*size = SIZE_TITLE; *size >= SIZE_TITLE - 3; --*size) {
		lines = text_wrap(arena, title, *size, true, width, 2, line, &cut);
		for (double narrow = width - 10; !cut && narrow > width / 2; narrow -= 10) {
			char *other[2];
			text_wrap(arena, title, *size, true, narrow, 2, other, &cut);
			if (!cut)
				memcpy(line, other, sizeof other);
			else
				return lines;
		}
		if (!cut)
			return lines;
	}
	++*size; /* the last that was tried */
	return lines;
}

/* Head and foot of the page; returns where the head ends. */
static double head(struct layout *layout, const struct figure *figure)
{
	struct arena *arena = layout->arena;
	double width = PAGE_WIDTH - 2 * PAGE_MARGIN, y = 13;
	char *line[2];
	int size, lines;
	char *title = text_clean(arena, figure->title), *subtitle = text_clean(arena, figure->subtitle);
	lines = title_lines(arena, title, line, &size);
	for (int i = 0; i < lines; i++, y += size + 5)
		add_text(layout, line[i], PAGE_MARGIN, y + (size + 5) / 2.0, size, true, ALIGN_LEFT, layout_ink);
	lines = text_wrap(arena, subtitle, SIZE_TEXT, false, width, 2, line, NULL);
	for (int i = 0; i < lines; i++, y += LINE_HEIGHT + 1)
		add_text(layout, line[i], PAGE_MARGIN, y + (LINE_HEIGHT + 1) / 2.0, SIZE_TEXT, false, ALIGN_LEFT,
			 layout_muted);
	y += 9;
	lines = text_wrap(arena, layout->y.title, SIZE_TEXT, false, width, 1, line, NULL);
	if (lines > 0)
		add_text(layout, line[0], PAGE_MARGIN, y + LINE_HEIGHT / 2.0, SIZE_TEXT, false, ALIGN_LEFT,
			 layout_muted);
	return y + LINE_HEIGHT + 9;
}

static double foot(struct layout *layout, const struct figure *figure)
{
	char *line[2];
	char *footer = text_clean(layout->arena, figure->footer);
	int lines = text_wrap(layout->arena, footer, SIZE_SMALL, false, PAGE_WIDTH - 2 * PAGE_MARGIN, 2, line, NULL);
	double y = PAGE_HEIGHT - 9 - lines * 13;
	for (int i = 0; i < lines; i++)
		add_text(layout, line[i], PAGE_MARGIN, y + (i + 0.5) * 13, SIZE_SMALL, false, ALIGN_LEFT, layout_muted);
	return y - 8;
}

/* ---- names above the plot: bands, marks on x, the key of bars ---- */

/* A band or a mark on the x axis, in pixels. Row 0 is next to the plot. */
struct event {
	double x0, x1, width, left;
	int row;
	const char *text;
	double *top;
};

enum { EVENTS = 64, EVENT_GAP = 7, ROWS = 4 };

static struct event event_of(struct layout *layout, const char *label, double x0, double x1, double *top)
{
	struct event event = {.x0 = x0, .x1 = x1, .text = "", .top = top};
	char *line;
	if (text_wrap(layout->arena, text_clean(layout->arena, label), SIZE_TEXT, false, layout->right - layout->left,
		      1, &line, NULL))
		event.text = line;
	event.width = text_width(event.text, SIZE_TEXT, false);
	return event;
}

static int events_of(struct layout *layout, const struct figure *figure, struct event *event, int *tops)
{
	int events = 0, bands = 0, marks = 0;
	for (const struct figure_band *band = figure->band; band; band = band->next)
		bands++;
	for (const struct figure_mark *mark = figure->mark; mark; mark = mark->next)
		marks++;
	*tops = bands + marks;
	double *top = layout->band_top = ARENA_ARRAY(layout->arena, (size_t)*tops + 1, double);
	layout->mark_top = top + bands;
	for (const struct figure_band *band = figure->band; band; band = band->next, top++) {
		double x0 = axis_within(&layout->x, band->x0), x1 = axis_within(&layout->x, band->x1);
		if (x1 > x0 && events < EVENTS)
			event[events++] = event_of(layout, band->label, x0, x1, top);
	}
	for (const struct figure_mark *mark = figure->mark; mark; mark = mark->next, top++) {
		double x = axis_at(&layout->x, mark->value);
		if (!mark->on_y && x >= layout->left && x <= layout->right && events < EVENTS)
			event[events++] = event_of(layout, mark->label, x, x, top);
	}
	for (int i = 1; i < events; i++) /* insertion: stable */
		for (int j = i; j > 0 && event[j].x0 + event[j].x1 < event[j - 1].x0 + event[j - 1].x1; j--) {
			struct event swap = event[j];
			event[j] = event[j - 1];
			event[j - 1] = swap;
		}
	return events;
}

/* Whether the name of event `at` may stand in row 0 from `left` on: over no other band, and after the names before. */
static bool event_fits(const struct layout *layout, const struct event *event, int events, int at, double left)
{
	double right = left + event[at].width;
	if (left < layout->left || right > PAGE_WIDTH - PAGE_MARGIN)
		return false;
	for (int i = 0; i < events; i++) {
		bool over = left < event[i].x1 + 2 && right > event[i].x0 - 2;
		bool meets = i < at && event[i].row == 0 && *event[i].text &&
			     left < event[i].left + event[i].width + EVENT_GAP;
		if (i != at && (over || meets))
			return false;
	}
	return true;
}

/*
 * A name stands over the middle of its band, or leans to one end of it. Where it would be over another band all the
 * same, it becomes a flag: it starts at its band, which reaches up to it, in a row above those of all bands that it
 * passes. Names for which there are not enough rows are left out. Returns the number of rows.
 */
static int place_events(const struct layout *layout, struct event *event, int events)
{
	int rows = 0;
	for (int i = 0; i < events; i++) {
		struct event *this = &event[i];
		const double place[] = {(this->x0 + this->x1 - this->width) / 2, this->x1 - this->width, this->x0};
		this->row = -1;
		for (int j = 0; j < 3 && this->row < 0; j++)
			if (event_fits(layout, event, events, i, place[j])) {
				this->left = place[j];
				this->row = 0;
			}
		if (this->row < 0 && i > 0 && strcmp(this->text, event[i - 1].text) == 0) {
			this->text = ""; /* one name for both */
			this->row = 0;
		}
	}
	for (int i = events - 1; i >= 0; i--) {
		struct event *this = &event[i];
		if (this->row < 0) {
			this->row = 0;
			this->left = fmax(fmin(this->x0, PAGE_WIDTH - PAGE_MARGIN - this->width), PAGE_MARGIN);
			for (int j = 0; j < events; j++) {
				bool passes = j != i && event[j].x1 > this->left &&
					      event[j].x0 < this->left + this->width + EVENT_GAP;
				bool meets = j != i && *event[j].text && event[j].row >= 0 &&
					     event[j].left < this->left + this->width + EVENT_GAP &&
					     event[j].left + event[j].width + EVENT_GAP > this->left;
				if ((passes || meets) && event[j].row >= this->row)
					this->row = event[j].row + 1;
			}
			if (this->row >= ROWS) {
				this->text = "";
				this->row = 0;
			}
		}
		rows = this->row + 1 > rows ? this->row + 1 : rows;
	}
	return rows;
}

/* The key of a bar chart, from its top left corner; returns its height. */
static double key(struct layout *layout, const struct figure *figure, double top)
{
	double x = layout->left, y = top;
	bool any = false;
	for (const struct figure_series *series = figure->series; series; series = series->next) {
		struct layout_look look = layout_look(figure, series);
		char *line = NULL;
		if (text_wrap(layout->arena, text_clean(layout->arena, series->label), SIZE_TEXT, false, 300, 1, &line,
			      NULL) == 0)
			continue;
		double width = 16 + text_width(line, SIZE_TEXT, false);
		if (x > layout->left && x + width > PAGE_WIDTH - PAGE_MARGIN) {
			if (y >= top + (ROWS - 1) * LINE_HEIGHT)
				break; /* no room to name more */
			x = layout->left;
			y += LINE_HEIGHT;
		}
		add_line(layout, x, y + LINE_HEIGHT / 2.0, x + 10, y + LINE_HEIGHT / 2.0, look.color, 10);
		add_text(layout, line, x + 16, y + LINE_HEIGHT / 2.0, SIZE_TEXT, false, ALIGN_LEFT, look.text_color);
		x += width + 20;
		any = true;
	}
	return any ? y + LINE_HEIGHT + 6 - top : 0;
}

/* The names of bars' groups, at the foot of the plot, which ends where one line has room above `bottom`; returns the
 * height of further lines. */
static double category_names(struct layout *layout, const struct figure *figure, double bottom)
{
	enum { LINES = 3 };
	int most = 1;
	if (figure->x.values != FIGURE_CATEGORY || figure->x.categories < 1)
		return 0;
	double slot = (layout->right - layout->left) / (figure->x.categories + 0.2);
	for (int pass = 0; pass < 2; pass++) /* first to count lines */
		for (int i = 0; i < figure->x.categories; i++) {
			char *line[LINES];
			int lines = text_wrap(layout->arena, text_clean(layout->arena, figure->x.category[i]),
					      SIZE_TEXT, false, slot - 6, LINES, line, NULL);
			most = lines > most ? lines : most;
			for (int j = 0; j < lines && pass == 1; j++)
				add_text(layout, line[j], axis_at(&layout->x, i),
					 bottom - 8 - (most - 1 - j) * LINE_HEIGHT, SIZE_TEXT, false, ALIGN_CENTER,
					 layout_muted);
		}
	return (most - 1) * LINE_HEIGHT;
}

/* Values on top of bars, in the unit of the axis; none when some would not fit. */
static void bar_values(struct layout *layout, const struct figure *figure)
{
	int count = 0, at = 0;
	double widest = 0;
	for (const struct figure_series *series = figure->series; series; series = series->next, count++)
		for (int i = 0; i < series->points; i++)
			widest = fmax(widest, text_width(axis_number(layout->arena, &layout->y, series->point[i].y),
							 SIZE_VALUE, false));
	double bar = count > 0 ? axis_at(&layout->x, 0.8 / count) - axis_at(&layout->x, 0) : 0;
	if (widest > bar)
		return;
	for (const struct figure_series *series = figure->series; series; series = series->next, at++)
		for (int i = 0; i < series->points; i++) {
			const struct figure_point *point = &series->point[i];
			double x = axis_at(&layout->x, point->x) + (at - (count - 1) / 2.0) * bar;
			double y = axis_at(&layout->y, isfinite(point->high) ? point->high : point->y);
			if (isfinite(point->y) && isfinite(y))
				add_text(layout, axis_number(layout->arena, &layout->y, point->y), x, y - 8, SIZE_VALUE,
					 false, ALIGN_CENTER, layout_ink);
		}
}

/* ---- names at the ends of lines ---- */

static int last_point(const struct figure_series *series)
{
	int at = series->points - 1;
	while (at >= 0 && !isfinite(series->point[at].y))
		at--;
	return at;
}

/* Where a line ends on the page, which may be where it leaves the plot through the top. */
static bool line_end(const struct layout *layout, const struct figure_series *series, double *x, double *y)
{
	int last = last_point(series);
	if (last < 0)
		return false;
	const struct figure_point *point = &series->point[last];
	*x = axis_at(&layout->x, point->x);
	*y = axis_within(&layout->y, point->y);
	double over = axis_at(&layout->y, point->y);
	if (last > 0 && over < layout->top && series->style == FIGURE_LINE) {
		double x0 = axis_at(&layout->x, point[-1].x);
		double y0 = axis_at(&layout->y, point[-1].y);
		if (y0 > layout->top)
			*x = x0 + (*x - x0) * (y0 - layout->top) / (y0 - over);
	}
	return true;
}

static bool at_edge(const struct layout *layout, const struct figure_series *series)
{
	int last = last_point(series);
	return last >= 0 && axis_share(&layout->x, series->point[last].x) >= reaches_edge;
}

enum { NAMES = 32 };

/* Names of lines, marks and ranges that reach the right edge. Anchors are set when the plot's height is known. */
static int column_names(struct layout *layout, const struct figure *figure, struct name *name)
{
	int names = 0;
	for (const struct figure_series *series = figure->series; series && names < NAMES; series = series->next)
		if (at_edge(layout, series) && *series->label) {
			name[names] =
				name_new(layout, series->label, COLUMN_WIDTH, layout_look(figure, series).text_color);
			name[names].series = series;
			name[names++].anchor = series->point[last_point(series)].y;
		}
	for (const struct figure_mark *mark = figure->mark; mark && names < NAMES; mark = mark->next)
		if (mark->on_y) {
			name[names] = name_new(layout, mark->label, COLUMN_WIDTH, layout_muted);
			name[names++].anchor = mark->value;
		}
	for (const struct figure_range *range = figure->range; range && names < NAMES; range = range->next)
		if (isnan(range->x1)) {
			name[names] = name_new(layout, range->label, COLUMN_WIDTH, layout_muted);
			name[names++].anchor =
				layout->y.log ? sqrt(range->y0) * sqrt(range->y1) : (range->y0 + range->y1) / 2;
		}
	return names;
}

/* Moves names apart: neighbours that overlap give way by half each, again and again. The last are left out when all are
 * too many. */
static void column_write(struct layout *layout, struct name *name, int names)
{
	double room = layout->bottom - layout->top + LINE_HEIGHT;
	for (int i = 0; i < names; i++) {
		room -= name[i].height + 2;
		if (room < 0)
			names = i;
	}
	for (int i = 0; i < names; i++) {
		name[i].end = layout->right;
		name[i].anchor = axis_within(&layout->y, name[i].anchor);
		if (name[i].series)
			line_end(layout, name[i].series, &name[i].end, &name[i].anchor);
		name[i].top = name[i].anchor - name[i].height / 2;
		for (int j = i; j > 0 && name[j].anchor < name[j - 1].anchor; j--) {
			struct name swap = name[j];
			name[j] = name[j - 1];
			name[j - 1] = swap;
		}
	}
	double first = layout->top - LINE_HEIGHT / 2.0, last = layout->bottom + LINE_HEIGHT / 2.0;
	for (int round = 0; round < 300; round++)
		for (int i = 0; i < names; i++) {
			double over = i + 1 < names ? name[i].top + name[i].height + 2 - name[i + 1].top : 0;
			if (over > 0) {
				name[i].top -= over / 2;
				name[i + 1].top += over / 2;
			}
			name[i].top = fmax(fmin(name[i].top, last - name[i].height), first);
		}
	for (int i = 0; i < names; i++) {
		double middle = name[i].top + name[i].height / 2;
		name_write(layout, &name[i], layout->right + COLUMN_GAP, name[i].top);
		if (fabs(middle - name[i].anchor) > 4 || name[i].end < layout->right - 16)
			add_line(layout, fmin(name[i].end + 5, layout->right + 2), name[i].anchor,
				 layout->right + COLUMN_GAP - 3, middle, layout_muted, 1);
	}
}

/* What names inside the plot should not cover. */
struct obstacles {
	struct box *segment; /* from (left, top) to (right, bottom), in this case without order */
	int segments;
	struct box box[NAMES], range[NAMES];
	int boxes, ranges;
};

static bool segment_meets(const struct box *segment, const struct box *box)
{
	double enter = 0, leave = 1;
	double dx = segment->right - segment->left, dy = segment->bottom - segment->top;
	const double move[] = {-dx, dx, -dy, dy};
	const double room[] = {segment->left - box->left, box->right - segment->left, segment->top - box->top,
			       box->bottom - segment->top};
	for (int side = 0; side < 4; side++) {
		if (move[side] == 0) {
			if (room[side] < 0)
				return false;
		} else if (move[side] < 0) {
			enter = fmax(enter, room[side] / move[side]);
		} else {
			leave = fmin(leave, room[side] / move[side]);
		}
	}
	return enter <= leave;
}

static bool boxes_meet(const struct box *a, const struct box *b)
{
	return b->left < a->right + 4 && b->right > a->left - 4 && b->top < a->bottom && b->bottom > a->top;
}

enum { COST_LINE = 8, COST_LINES = 100, COST_RANGE = 6, COST_NEVER = 1000 };

static double cost(const struct layout *layout, const struct obstacles *obstacles, const struct box *box)
{
	double sum = 0;
	for (int i = 0; i < obstacles->segments && sum < COST_LINES; i++)
		sum += segment_meets(&obstacles->segment[i], box) ? COST_LINE : 0;
	for (int i = 0; i < obstacles->ranges; i++)
		sum += boxes_meet(&obstacles->range[i], box) ? COST_RANGE : 0;
	for (int i = 0; i < obstacles->boxes; i++)
		sum += boxes_meet(&obstacles->box[i], box) ? COST_NEVER : 0;
	bool outside = box->left < layout->left + 2 || box->right > layout->right || box->top < layout->top - 4 ||
		       box->bottom > layout->bottom - 2;
	return sum + (outside ? COST_NEVER : 0);
}

static void collect_obstacles(struct layout *layout, const struct figure *figure, struct obstacles *obstacles)
{
	int room = 0;
	for (const struct figure_series *series = figure->series; series; series = series->next)
		room += 2 * series->points;
	for (const struct figure_mark *mark = figure->mark; mark; mark = mark->next)
		room++;
	obstacles->segment = ARENA_ARRAY(layout->arena, (size_t)room, struct box);
	for (const struct figure_series *series = figure->series; series; series = series->next) {
		double last_x = NAN, last_y = NAN;
		for (int i = 0; i < series->points; i++) {
			const struct figure_point *point = &series->point[i];
			double x = axis_at(&layout->x, point->x);
			double y = axis_at(&layout->y, point->y);
			if (series->style == FIGURE_POINTS || !isfinite(last_x) || !isfinite(last_y))
				last_x = x, last_y = y;
			if (isfinite(x) && isfinite(y))
				obstacles->segment[obstacles->segments++] = (struct box){last_x, last_y, x, y};
			if (series->style == FIGURE_POINTS && isfinite(x) && isfinite(point->low) &&
			    isfinite(point->high))
				obstacles->segment[obstacles->segments++] =
					(struct box){x, axis_within(&layout->y, point->low), x,
						     axis_within(&layout->y, point->high)};
			last_x = x, last_y = y;
		}
	}
	for (const struct figure_range *range = figure->range; range && obstacles->ranges < NAMES; range = range->next)
		obstacles->range[obstacles->ranges++] =
			(struct box){isnan(range->x0) ? layout->left : axis_within(&layout->x, range->x0),
				     axis_within(&layout->y, range->y1),
				     isnan(range->x1) ? layout->right : axis_within(&layout->x, range->x1),
				     axis_within(&layout->y, range->y0)};
	for (const struct figure_mark *mark = figure->mark; mark; mark = mark->next) {
		double x = axis_at(&layout->x, mark->value);
		double y = axis_within(&layout->y, mark->value);
		obstacles->segment[obstacles->segments++] = mark->on_y
								    ? (struct box){layout->left, y, layout->right, y}
								    : (struct box){x, layout->top, x, layout->bottom};
	}
}

struct choice {
	double cost;
	struct box box;
};

/* Tries places around a point; `already` is what it costs to be at this point at all. */
static void try_around(const struct layout *layout, const struct obstacles *obstacles, const struct name *name,
		       double x, double y, double already, struct choice *best)
{
	static const struct {
		double across, down; /* of the name's size: where its top left corner is from the point */
		double right, below; /* pixels */
		double cost;
	} place[] = {
		{0, -0.5, 8, 0, 0}, {-1, -1, 0, -5, 1}, {-0.5, -1, 0, -6, 1},  {0, -1, 2, -4, 1},   {-1, 0, 0, 5, 1},
		{-0.5, 0, 0, 6, 1}, {0, 0, 2, 4, 1},    {-1, -0.5, -8, 0, 2},  {-1, -1, 0, -16, 4}, {0, -1, 4, -16, 4},
		{-1, 0, 0, 16, 4},  {0, 0, 4, 16, 4},   {-0.5, -1, 0, -16, 4}, {-0.5, 0, 0, 16, 4},
	};
	for (size_t i = 0; i < sizeof place / sizeof place[0]; i++) {
		double left = x + place[i].across * name->width + place[i].right;
		double top = y + place[i].down * name->height + place[i].below;
		struct box box = {left, top, left + name->width, top + name->height};
		double sum = already + place[i].cost + cost(layout, obstacles, &box);
		if (sum < best->cost)
			*best = (struct choice){sum, box};
	}
}

static void inside_write(struct layout *layout, struct obstacles *obstacles, const struct name *name,
			 struct choice best)
{
	if (best.cost >= COST_NEVER)
		return;
	name_write(layout, name, best.box.left, best.box.top);
	if (obstacles->boxes < NAMES)
		obstacles->box[obstacles->boxes++] = best.box;
}

static void inside_names(struct layout *layout, const struct figure *figure)
{
	enum { TRIES = 8 };
	struct obstacles obstacles = {0};
	collect_obstacles(layout, figure, &obstacles);
	for (const struct figure_series *series = figure->series; series; series = series->next) {
		int last = last_point(series);
		if (last < 0 || at_edge(layout, series) || !*series->label)
			continue;
		struct name name =
			name_new(layout, series->label, INSIDE_WIDTH, layout_look(figure, series).text_color);
		struct choice best = {.cost = INFINITY};
		for (int i = 0; i <= TRIES; i++) {
			const struct figure_point *point = &series->point[last - (int)((int64_t)last * i / TRIES)];
			double x = axis_at(&layout->x, point->x);
			if (isfinite(point->y) && isfinite(x))
				try_around(layout, &obstacles, &name, x, axis_within(&layout->y, point->y),
					   i == 0 ? 0 : 2 + i, &best);
		}
		inside_write(layout, &obstacles, &name, best);
	}
	for (const struct figure_range *range = figure->range; range; range = range->next) {
		if (isnan(range->x1))
			continue;
		struct name name = name_new(layout, range->label, INSIDE_WIDTH, layout_muted);
		struct choice best = {.cost = INFINITY};
		double x0 = axis_at(&layout->x, range->x0);
		double x1 = axis_at(&layout->x, range->x1);
		double y0 = axis_within(&layout->y, range->y0), y1 = axis_within(&layout->y, range->y1);
		try_around(layout, &obstacles, &name, x1, (y0 + y1) / 2, 0, &best);
		try_around(layout, &obstacles, &name, (x0 + x1) / 2, y1, 1, &best);
		try_around(layout, &obstacles, &name, (x0 + x1) / 2, y0, 1, &best);
		try_around(layout, &obstacles, &name, x0, (y0 + y1) / 2, 1, &best);
		inside_write(layout, &obstacles, &name, best);
	}
}

/* ---- the whole ---- */

struct layout_look layout_look(const struct figure *figure, const struct figure_series *series)
{
	static const int marker[] = {7, 5, 9, 11, 13};
	enum { COLORS = 4, GREY = 4, DASHES = 5, DASH_FORMULA = 6, DIAMOND = 13, DENSE = 200 };
	int normal = 0, index = 0;
	for (const struct figure_series *before = figure->series; before != series; before = before->next) {
		normal += before->role == FIGURE_NORMAL && before->color < 0;
		index += before->role == FIGURE_NORMAL || before->role == FIGURE_BASELINE;
	}
	int color = series->color >= 0 && series->color <= GREY ? series->color
		    : series->role == FIGURE_NORMAL             ? normal % COLORS
								: GREY;
	bool sparse = series->points <= SPARSE;
	struct layout_look look = {palette[color], palette_text[color], series->points > DENSE ? 1.5 : 2, 0.6, 1, 0};
	if (figure->kind == FIGURE_MAP) {
		look.color = series->role == FIGURE_PUBLISHED ? layout_ink : heat[index < HEATS ? index : HEATS - 1];
		look.text_color = layout_muted;
	} else if (series->role == FIGURE_PUBLISHED) {
		look.color = look.text_color = layout_ink;
		look.point = series->style == FIGURE_POINTS || sparse ? DIAMOND : 0;
		look.point_size = 0.8;
	} else if (series->role == FIGURE_FORMULA) {
		look.dash = DASH_FORMULA;
		look.width = 1.5;
	} else if (series->style == FIGURE_POINTS || (sparse && series->style == FIGURE_LINE)) {
		look.point = marker[index % 5];
	} else {
		look.dash = 1 + index % DASHES;
	}
	return look;
}

/* ---- heat maps ---- */

/* Light to dark; what is written in a cell is dark or light. None of these is another colour on a dark page. */
static const char *const blue[] = {"#e3edfe", "#c3d9fd", "#9dc0fb", "#74a3f2",
				   "#4d85e0", "#2f68c4", "#1b4d9f", "#0c3474"};
enum { BLUES = sizeof blue / sizeof blue[0] };

const char *layout_heat(const struct figure *figure, double value, const char **text_color)
{
	double least = INFINITY, above_zero = INFINITY, greatest = -INFINITY;
	for (const struct figure_series *series = figure->series; series; series = series->next)
		for (int i = 0; i < series->points; i++) {
			double y = series->point[i].y;
			least = fmin(least, y);
			above_zero = y > 0 ? fmin(above_zero, y) : above_zero;
			greatest = fmax(greatest, y);
		}
	double part = 0;
	if (least >= 0 && greatest > 20 * above_zero) /* equal steps of color are equal factors */
		part = value > 0 ? dm_log(value / above_zero) / dm_log(greatest / above_zero) : 0;
	else if (greatest > least)
		part = (value - least) / (greatest - least);
	int which = (int)fmin(floor(fmax(part, 0) * BLUES), BLUES - 1);
	*text_color = which < BLUES / 2 ? "#101820" : "#ffffff";
	return blue[which];
}

/* The y axis becomes one of rows; values keep their unit. */
static void heat_rows(struct layout *layout, const struct figure *figure)
{
	struct axis *axis = &layout->y;
	int rows = 0;
	for (const struct figure_series *series = figure->series; series; series = series->next)
		rows++;
	axis->tick = ARENA_ARRAY(layout->arena, (size_t)rows + 1, double);
	axis->tick_label = ARENA_ARRAY(layout->arena, (size_t)rows + 1, const char *);
	axis->ticks = 0;
	for (const struct figure_series *series = figure->series; series; series = series->next) {
		char *line = NULL;
		text_wrap(layout->arena, series->label, SIZE_TEXT, false, COLUMN_WIDTH, 1, &line, NULL);
		axis->tick[axis->ticks] = axis->ticks;
		axis->tick_label[axis->ticks++] = line ? line : "";
	}
	axis->log = false;
	axis->min = -0.5;
	axis->max = (rows ? rows : 1) - 0.5;
}

/* The value of each cell, where all have room. */
static void heat_values(struct layout *layout, const struct figure *figure)
{
	double widest = 0, width = axis_at(&layout->x, 1) - axis_at(&layout->x, 0);
	double height = axis_at(&layout->y, 0) - axis_at(&layout->y, layout->y.divisor);
	for (int pass = 0; pass < 2; pass++) {
		double row = 0;
		for (const struct figure_series *series = figure->series; series; series = series->next, row++)
			for (int i = 0; i < series->points; i++) {
				const struct figure_point *point = &series->point[i];
				const char *color, *text = axis_number(layout->arena, &layout->y, point->y);
				if (!isfinite(point->y))
					continue;
				widest = fmax(widest, text_width(text, SIZE_VALUE, false));
				layout_heat(figure, point->y, &color);
				if (pass == 1 && widest < width - 4 && height > LINE_HEIGHT)
					add_text(layout, text, axis_at(&layout->x, point->x),
						 axis_at(&layout->y, row * layout->y.divisor), SIZE_VALUE, false,
						 ALIGN_CENTER, color);
			}
	}
}

/* ---- diagrams of steps ---- */

/* How wide the texts beside the rows may be: lanes need room for their names. */
static double beside_width(const struct layout *layout, const struct figure *figure)
{
	enum { LANE = 62 };
	double widest = 0, room = PAGE_WIDTH - 2 * PAGE_MARGIN - layout->left - LANE * fmax(figure->x.categories, 2);
	for (int row = 0; row < figure->y.categories; row++)
		widest = fmax(widest, text_width(figure->beside[row], SIZE_TEXT, false));
	return fmin(widest + 2, room);
}

static void beside_write(struct layout *layout, const struct figure *figure, double width)
{
	for (int row = 0; row < figure->y.categories; row++) {
		char *line = NULL;
		const char *text = text_clean(layout->arena, figure->beside[row]);
		if (text_wrap(layout->arena, text, SIZE_TEXT, false, width, 1, &line, NULL) > 0)
			add_text(layout, line, layout->right + COLUMN_GAP, axis_at(&layout->y, row), SIZE_TEXT, false,
				 ALIGN_LEFT, layout_ink);
	}
}

struct layout *layout_new(struct arena *arena, const struct figure *figure)
{
	struct layout *layout = ARENA_NEW(arena, struct layout);
	layout->arena = arena;
	layout->x = axis_of(arena, figure, false);
	layout->y = axis_of(arena, figure, true);

	if (figure->kind == FIGURE_MAP)
		layout->y.ticks = 0;
	if (figure->kind == FIGURE_HEAT)
		heat_rows(layout, figure);

	double tick_width = 0, column_width = 0;
	for (int i = 0; i < layout->y.ticks; i++)
		tick_width = fmax(tick_width, text_width(layout->y.tick_label[i], SIZE_TEXT, false));
	struct name name[NAMES];
	bool bars = figure->kind == FIGURE_BARS, cells = figure->kind == FIGURE_HEAT;
	bool keyed = bars || figure->kind == FIGURE_MAP || figure_lies(figure);
	int names = keyed || cells || figure->kind == FIGURE_DIAGRAM ? 0 : column_names(layout, figure, name);
	for (int i = 0; i < names; i++)
		column_width = fmax(column_width, name[i].width);
	layout->left = floor(PAGE_MARGIN + tick_width + 9);
	bool steps = figure->kind == FIGURE_DIAGRAM;
	if (steps)
		column_width = beside_width(layout, figure);
	layout->right = floor(PAGE_WIDTH - PAGE_MARGIN - (names || steps ? column_width + COLUMN_GAP : 8));
	layout->x.from = layout->left;
	layout->x.to = layout->right;
	thin_ticks(&layout->x);

	double top = head(layout, figure), bottom = foot(layout, figure);
	if (keyed)
		top += key(layout, figure, top);
	struct event event[EVENTS];
	int tops, events = events_of(layout, figure, event, &tops), rows = place_events(layout, event, events);
	layout->top = top + rows * LINE_HEIGHT + (rows ? 4 : 0);
	for (int i = 0; i < tops; i++)
		layout->band_top[i] = layout->top; /* also of those without a name */
	for (int i = 0; i < events; i++) {
		double bottom_of_row = top + (rows - event[i].row) * LINE_HEIGHT;
		*event[i].top = bottom_of_row - LINE_HEIGHT - BAND_HEAD;
		if (*event[i].text)
			add_text(layout, event[i].text, event[i].left, bottom_of_row - LINE_HEIGHT / 2.0, SIZE_TEXT,
				 false, ALIGN_LEFT, layout_muted);
		if (event[i].x0 == event[i].x1) /* a line ends below its name */
			*event[i].top = fmin(bottom_of_row + 1, layout->top);
	}

	char *x_title = NULL;
	if (text_wrap(arena, layout->x.title, SIZE_TEXT, false, PAGE_WIDTH - 2 * PAGE_MARGIN, 1, &x_title, NULL) > 0) {
		double half = text_width(x_title, SIZE_TEXT, false) / 2, middle = (layout->left + layout->right) / 2;
		middle = fmin(fmax(middle, PAGE_MARGIN + half), PAGE_WIDTH - PAGE_MARGIN - half);
		add_text(layout, x_title, middle, bottom - LINE_HEIGHT / 2.0, SIZE_TEXT, false, ALIGN_CENTER,
			 layout_muted);
		bottom -= LINE_HEIGHT + 3;
	}
	layout->bottom = bottom - 20 - category_names(layout, figure, bottom);
	layout->y.from = layout->bottom;
	layout->y.to = layout->top;
	CHECK(layout->bottom > layout->top);
	bool any = false;
	for (const struct figure_series *series = figure->series; series; series = series->next)
		any = any || last_point(series) >= 0;
	if (!any)
		add_text(layout, "no data", (layout->left + layout->right) / 2, (layout->top + layout->bottom) / 2,
			 SIZE_TITLE, false, ALIGN_CENTER, layout_muted);
	if (figure->kind == FIGURE_MAP) { /* as wide as high: the categories decide how wide */
		double half = (layout->bottom - layout->top) / (layout->right - layout->left) *
			      (layout->x.max - layout->x.min) / 2;
		layout->y.min = -half;
		layout->y.max = half;
		layout->y.ticks = 0;
	} else if (bars) {
		bar_values(layout, figure);
	} else if (cells) {
		heat_values(layout, figure);
	} else if (steps) {
		beside_write(layout, figure, column_width);
	} else if (!keyed) {
		column_write(layout, name, names);
		inside_names(layout, figure);
	}
	return layout;
}
