/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sweep_figure.h"
#include "cli/grid.h"
#include "base/words.h"
#include "cli/report.h"
#include "io/results.h"
#include "plot/figure_files.h"
#include "run/names.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { FIGURES_MAX = 64, LINES_MAX = 6, TABLE_ROWS = 24, HEAT_MAX = 40, HANG = 44 };

struct cell {
	double value, low, high;
	int replications;
	bool narrow, at_least;
};

struct sweep_figures {
	const struct sweep *sweep;
	struct arena *arena;
	const char *metric, *statistic, *window; /* window: the last one, as in a run's table */
	const struct metric *row;
	enum quantity_kind kind;
	struct cell *cell; /* [point * variants + variant] */
};

/* "p99(read)" apart. */
static bool split(struct arena *arena, const char *show, const char **statistic, const char **metric)
{
	const char *open = strchr(show, '('), *close = strrchr(show, ')');
	if (!open || !close || close < open || close[1])
		return false;
	*statistic = arena_text_of(arena, show, (size_t)(open - show));
	*metric = arena_text_of(arena, open + 1, (size_t)(close - open - 1));
	return true;
}

static const struct metric *first_time(const struct metric *metric)
{
	for (const struct metric *row = metric; row->name; row++)
		if (row->kind == METRIC_TIME)
			return row;
	return metric;
}

/* Which of the terms that are stored is meant; -1 and a message: none. */
static int find_term(struct sweep_figures *figures, const struct outcome *asked, struct err *err)
{
	const char *list = "";
	int last = -1, metric = metric_find(asked->setup->metrics, figures->metric);
	for (int i = 0; i < asked->terms; i++) {
		const struct term *term = &asked->term[i];
		if (strcmp(term->metric, figures->metric) != 0)
			continue;
		if (strcmp(term->statistic, figures->statistic) == 0)
			last = i;
		if (!term->windowed)
			list = arena_format(figures->arena, "%s%s%s", list, *list ? ", " : "", term->statistic);
	}
	if (last < 0 && metric < 0) {
		char hint[WORDS_HINT];
		const struct metric *metrics = asked->setup->metrics;
		err_add(err, ERR_USAGE, NULL, "--show: unknown metric \"%.60s\"%s", figures->metric,
			words_hint(WORDS(metrics), figures->metric, hint));
	} else if (last < 0) {
		err_add(err, ERR_USAGE, NULL, "--show: %.60s of %.60s is not kept; kept are %.200s", figures->statistic,
			figures->metric, list);
	}
	return last;
}

struct sweep_figures *sweep_figures_new(struct arena *arena, const struct sweep *sweep, const char *show,
					struct err *err)
{
	struct sweep_figures *figures = ARENA_NEW(arena, struct sweep_figures);
	const struct setup *setup = sweep->base[0];
	figures->sweep = sweep;
	figures->arena = arena;
	figures->metric = first_time(setup->metrics)->name;
	figures->statistic = "p99";
	if (show && !split(arena, show, &figures->statistic, &figures->metric)) {
		err_add(err, ERR_USAGE, NULL, "--show %.60s: write STATISTIC(METRIC), e.g. p99(%s)", show,
			figures->metric);
		return NULL;
	}
	struct outcome *asked = outcome_new(setup, 1, 0);
	results_want(asked);
	int term = find_term(figures, asked, err);
	if (term >= 0) {
		char name[RESULTS_WINDOW];
		figures->window = asked->term[term].windowed
					  ? arena_text(arena, results_window(setup, asked->term[term].window, name))
					  : "";
		figures->row = &setup->metrics[metric_find(setup->metrics, figures->metric)];
		struct term of = outcome_term(figures->statistic, figures->metric);
		figures->kind = names_term_kind(setup->study, &of);
	}
	outcome_free(asked);
	if (term < 0)
		return NULL;
	size_t cells = (size_t)sweep->points.count * (size_t)sweep->variants;
	figures->cell = ARENA_ARRAY(arena, cells, struct cell);
	for (size_t i = 0; i < cells; i++)
		figures->cell[i] = (struct cell){NAN, NAN, NAN, 0, false, false};
	return figures;
}

void sweep_figures_add(void *self, const struct tables_estimate *estimate)
{
	struct sweep_figures *figures = self;
	if (strcmp(estimate->metric, figures->metric) != 0 || strcmp(estimate->statistic, figures->statistic) != 0 ||
	    strcmp(estimate->window, figures->window) != 0)
		return;
	figures->cell[estimate->point * figures->sweep->variants + estimate->variant] =
		(struct cell){estimate->value, estimate->low, estimate->high, estimate->replications,
			      estimate->narrow, estimate->at_least};
}

static const char *what(const struct sweep_figures *figures)
{
	const char *window = figures->window;
	bool date = strchr(window, '-') != NULL;
	return arena_format(figures->arena, "%s of %s%s%s", figures->statistic, figures->metric,
			    !*window ? "" : date ? " at " : " in window ", window);
}

void sweep_figures_print(const struct sweep_figures *figures, bool markdown, FILE *into)
{
	const struct sweep *sweep = figures->sweep;
	struct arena *arena = figures->arena;
	char value[SHOWN_VALUE], low[SHOWN_VALUE], high[SHOWN_VALUE];
	if (markdown)
		fprintf(into, "| point | variant | %s | 95 %% interval |\n|---|---|---:|---:|\n", what(figures));
	else
		fprintf(into, "%s, with the 95 %% interval\n", what(figures));
	for (int64_t p = 0; p < sweep->points.count && p < TABLE_ROWS; p++)
		for (int v = 0; v < sweep->variants; v++) {
			const struct cell *cell = &figures->cell[p * sweep->variants + v];
			const char *point = points_text(&sweep->points, p, arena),
				   *name = sweep->variants > 1 ? sweep->variant[v] : "";
			const char *least = cell->at_least ? "at least " : "",
				   *wider = cell->narrow ? ", or wider" : "";
			shown_value(cell->value, figures->kind, value);
			const char *from = shown_value(cell->low, figures->kind, low);
			const char *to = shown_value(cell->high, figures->kind, high);
			const char *text = isfinite(cell->value) ? value : "-";
			if (markdown)
				fprintf(into, "| %s | %s | %s%s | %s .. %s%s |\n", point, name, least, text, from, to,
					wider);
			else
				grid_lines(arena_format(arena, "  %-40s %-16s %s%s (%s .. %s%s)", point, name, least,
							text, from, to, wider),
					   HANG, into);
		}
	if (sweep->points.count > TABLE_ROWS)
		fprintf(into, "%s... and %" PRId64 " more points in points.csv\n", markdown ? "\n" : "  ",
			sweep->points.count - TABLE_ROWS);
	if (markdown)
		fputc('\n', into);
}

/* ---- figures ---- */

/* How the values of an axis' first key lie on a drawn axis. */
struct scale {
	bool number, log;
	enum quantity_kind kind;
	double *x; /* of each value, when numbers */
	int count;
	const char *label;
	const char **text;
};

static struct scale scale_of(const struct sweep_figures *figures, int number)
{
	const struct points_axis *axis = &figures->sweep->points.axis[number];
	struct scale scale = {.number = true, .count = axis->values, .text = axis->value[0]};
	char why[QUANTITY_WHY];
	double least = INFINITY, greatest = -INFINITY;
	scale.x = ARENA_ARRAY(figures->arena, (size_t)axis->values, double);
	for (int i = 0; i < axis->values && scale.number; i++) {
		enum quantity_kind kind;
		struct quantity quantity;
		scale.number = quantity_kind_of(axis->value[0][i], &kind) &&
			       quantity_parse(kind, axis->value[0][i], &quantity, why);
		if (!scale.number)
			break;
		kind = kind == QUANTITY_COUNT ? QUANTITY_REAL : kind;
		scale.number = i == 0 || kind == scale.kind || quantity.real == 0;
		scale.kind = i == 0 ? kind : scale.kind;
		scale.x[i] = quantity.real;
		least = fmin(least, quantity.real);
		greatest = fmax(greatest, quantity.real);
	}
	scale.log = scale.number && least > 0 && greatest / least >= 30;
	scale.label = axis->key[0];
	for (int k = 1; k < axis->keys; k++)
		scale.label = arena_format(figures->arena, "%s, %s", scale.label, axis->key[k]);
	return scale;
}

static void set_x(struct figure *figure, const struct scale *scale)
{
	figure->x.label = scale->label;
	figure->x.log = scale->log;
	if (!scale->number) {
		figure->x.values = FIGURE_CATEGORY;
		figure->x.category = scale->text;
		figure->x.categories = scale->count;
	} else if (scale->kind == QUANTITY_TIME) {
		figure->x.values = FIGURE_DURATION;
	} else {
		figure->x.values = FIGURE_NUMBER;
		figure->x.unit = scale->kind == QUANTITY_BYTES  ? "bytes"
				 : scale->kind == QUANTITY_RATE ? "per second"
								: "";
	}
}

static void set_y(struct figure *figure, const struct sweep_figures *figures)
{
	const char *unit = results_unit(figures->row, figures->statistic);
	bool time = figures->kind == QUANTITY_TIME;
	figure->y.label = what(figures);
	figure->y.values = time ? FIGURE_DURATION : FIGURE_NUMBER;
	figure->y.unit = time || strcmp(unit, "1") == 0 ? "" : unit;
}

/* Which value of each axis a point has. */
static void turns_of(const struct sweep *sweep, int64_t point, int *turn)
{
	int64_t index = sweep->points.index[point];
	for (int a = sweep->points.axes - 1; a >= 0; a--) {
		turn[a] = (int)(index % sweep->points.axis[a].values);
		index /= sweep->points.axis[a].values;
	}
}

/* The longest axis of numbers, else the first one. */
static int axis_along(const struct sweep_figures *figures)
{
	int along = -1;
	for (int a = 0; a < figures->sweep->points.axes; a++) {
		if (!scale_of(figures, a).number)
			continue;
		if (along < 0 || figures->sweep->points.axis[a].values > figures->sweep->points.axis[along].values)
			along = a;
	}
	return along < 0 ? 0 : along;
}

struct drawing {
	const struct sweep_figures *figures;
	struct figure *figure[FIGURES_MAX];
	int count;
	const char *footer;
};

static struct figure *new_figure(struct drawing *drawing, enum figure_kind kind, const char *name, const char *title,
				 int variant)
{
	const struct sweep_figures *figures = drawing->figures;
	const struct sweep *sweep = figures->sweep;
	if (drawing->count == FIGURES_MAX)
		return NULL;
	struct figure *figure = figure_new(figures->arena, kind, name, title);
	drawing->figure[drawing->count++] = figure;
	int reps = sweep->reps[variant < 0 ? 0 : variant];
	figure->footer = arena_format(figures->arena, "%s%s%s · seed %lld · %d replication%s a point · %s",
				      sweep->study->of->name, variant < 0 ? "" : " · ",
				      variant < 0 ? "" : sweep->variant[variant], (long long)sweep->base[0]->run.seed,
				      reps, reps == 1 ? "" : "s", drawing->footer);
	set_y(figure, figures);
	return figure;
}

/* Points along one axis; of the others, `turn` says which value (-1: any). */
static void add_line(const struct sweep_figures *figures, struct figure *figure, const struct scale *scale, int along,
		     const int *turn, int variant, const char *label)
{
	const struct sweep *sweep = figures->sweep;
	int *order = ARENA_ARRAY(figures->arena, (size_t)scale->count, int), found = 0;
	int64_t *point = ARENA_ARRAY(figures->arena, (size_t)scale->count, int64_t);
	for (int64_t p = 0; p < sweep->points.count; p++) {
		int mine[2 * POINTS_KEYS_MAX + 2];
		turns_of(sweep, p, mine);
		bool wanted = true;
		for (int a = 0; a < sweep->points.axes; a++)
			wanted = wanted && (a == along || turn[a] == mine[a]);
		if (!wanted || found == scale->count)
			continue;
		/* In order of x. */
		int at = found++;
		while (scale->number && at > 0 && scale->x[order[at - 1]] > scale->x[mine[along]]) {
			order[at] = order[at - 1];
			point[at] = point[at - 1];
			at--;
		}
		order[at] = mine[along];
		point[at] = p;
	}
	if (found == 0)
		return;
	struct figure_series *series = figure_add_series(figure, label, FIGURE_NORMAL, FIGURE_LINE);
	double unit = figures->kind == QUANTITY_TIME ? 1e9 : 1;
	for (int i = 0; i < found; i++) {
		const struct cell *cell = &figures->cell[point[i] * sweep->variants + variant];
		figure_interval(series, scale->number ? scale->x[order[i]] : order[i], cell->value * unit,
				cell->low * unit, cell->high * unit);
	}
}

/* "servers=2" of the axes but one, at the given turns. */
static const char *others_text(const struct sweep_figures *figures, int along, const int *turn)
{
	const char *text = "";
	for (int a = 0; a < figures->sweep->points.axes; a++)
		if (a != along)
			text = arena_format(figures->arena, "%s%s%s=%s", text, *text ? ", " : "",
					    figures->sweep->points.axis[a].key[0],
					    figures->sweep->points.axis[a].value[0][turn[a]]);
	return text;
}

static void lines_of_variants(struct drawing *drawing, int along, const struct scale *scale)
{
	const struct sweep_figures *figures = drawing->figures;
	const struct sweep *sweep = figures->sweep;
	int turn[2 * POINTS_KEYS_MAX + 2];
	turns_of(sweep, 0, turn);
	struct figure *figure =
		new_figure(drawing, scale->number ? FIGURE_LINES : FIGURE_BARS, "sweep",
			   arena_format(figures->arena, "%s against %s", what(figures), scale->label), -1);
	set_x(figure, scale);
	if (sweep->points.axes > 1)
		figure->subtitle = others_text(figures, along, turn);
	for (int v = 0; v < sweep->variants && v < LINES_MAX; v++)
		add_line(figures, figure, scale, along, turn, v, sweep->variants > 1 ? sweep->variant[v] : "");
}

/* A line for each value of the other axis. */
static void lines_of_values(struct drawing *drawing, int along, const struct scale *scale, int variant)
{
	const struct sweep_figures *figures = drawing->figures;
	const struct sweep *sweep = figures->sweep;
	int other = 1 - along, turn[2] = {0, 0}, values = sweep->points.axis[other].values;
	struct figure *figure = new_figure(
		drawing, scale->number ? FIGURE_LINES : FIGURE_BARS,
		sweep->variants > 1 ? arena_format(figures->arena, "sweep-%s", sweep->variant[variant]) : "sweep",
		arena_format(figures->arena, "%s against %s, by %s", what(figures), scale->label,
			     sweep->points.axis[other].key[0]),
		variant);
	if (!figure)
		return;
	set_x(figure, scale);
	/* When there are too many, those that are spread over all. */
	int lines = values < LINES_MAX ? values : LINES_MAX;
	for (int i = 0; i < lines; i++) {
		turn[other] = lines == 1 ? 0 : (int)((int64_t)i * (values - 1) / (lines - 1));
		add_line(figures, figure, scale, along, turn, variant, others_text(figures, along, turn));
	}
}

/* Rows are the values of the axis that has fewer, from below in their order. */
static void heat_of_values(struct drawing *drawing, int along, int variant)
{
	const struct sweep_figures *figures = drawing->figures;
	const struct sweep *sweep = figures->sweep;
	int other = 1 - along, turn[2] = {0, 0};
	const struct points_axis *columns = &sweep->points.axis[along], *rows = &sweep->points.axis[other];
	if (columns->values > HEAT_MAX || rows->values > HEAT_MAX)
		return;
	struct figure *figure = new_figure(
		drawing, FIGURE_HEAT,
		sweep->variants > 1 ? arena_format(figures->arena, "heat-%s", sweep->variant[variant]) : "heat",
		arena_format(figures->arena, "%s by %s and %s", what(figures), columns->key[0], rows->key[0]), variant);
	if (!figure)
		return;
	struct scale scale = {.count = columns->values, .text = columns->value[0], .label = columns->key[0]};
	set_x(figure, &scale);
	for (int i = 0; i < rows->values; i++) {
		turn[other] = i;
		add_line(figures, figure, &scale, along, turn, variant, others_text(figures, along, turn));
	}
}

const char *sweep_figures_draw(const struct sweep_figures *figures, const char *dir, unsigned formats,
			       const char *templates, const char *footer, struct err *err)
{
	const struct sweep *sweep = figures->sweep;
	struct drawing drawing = {.figures = figures, .footer = footer};
	int along = axis_along(figures);
	struct scale scale = scale_of(figures, along);
	if (sweep->points.axes == 2 && sweep->points.axis[0].values > 1 && sweep->points.axis[1].values > 1)
		for (int v = 0; v < sweep->variants; v++) {
			lines_of_values(&drawing, along, &scale, v);
			heat_of_values(&drawing, along, v);
		}
	else
		lines_of_variants(&drawing, along, &scale);
	const char *names = "";
	for (int i = 0; i < drawing.count; i++)
		names = arena_format(figures->arena, "%s%s%s/%s.svg", names, i ? ", " : "", dir,
				     drawing.figure[i]->name);
	if (drawing.count == 0 || !figure_write_all(drawing.figure, drawing.count, dir, formats, templates, err))
		return NULL;
	return names;
}
