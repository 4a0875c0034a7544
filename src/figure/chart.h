/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The figures that a model file asks for, made from outcomes. An entry of `figures:` (run/figures.def tells which kind
 * takes which keys)
 *
 *   kind         percentiles  a time's percentiles, of the last window or of `window`
 *                timeline     a statistic over simulated time, with faults as bands; from and to cut it
 *                years        a statistic over the dates of the windows
 *                load         a statistic over the load offered in each window, with knees marked
 *                lines        an expression over another, both in each window
 *                map          the case's map at `moments` of the first replication of the first variant, in classes
 *                history      what the case tells of the first replication of the first variant: who did what, and when
 *                bars         a statistic of the last window, a group for each variant
 *                heat         cells of `rows` (from the top) by `columns`, coloured by their values
 *                diagram      what happened to the slowest requests of the first variant, step by step; with from and
 *                             to, of those that began then, if they are among the 200 slowest
 *   name         of the files; the kind otherwise
 *   title, subtitle, description   texts; {EXPRESSION} in them becomes its value: {p99(read)[scylladb]}. Words that
 *                hang on what is measured: {if: EXPECTATION, then: TEXT, else: TEXT}; of a list of expectations all
 *                must hold, and what was not measured does not
 *   metric, metrics    name, or names; or expressions (all but percentiles and timeline)
 *   statistic    of a metric given by name; default: p99. A timeline shows percentiles, mean or max of what has a
 *                distribution, the rate of a COUNT, the mean of a LEVEL
 *   variants     those drawn, all that ran otherwise
 *   window       a date, or the number of a step
 *   labels       what the metrics, or expressions, are called in the figure; in their order; with across: windows, the
 *                lines
 *   bursts       timeline: what the bursts of the trace are called, which are then marked as faults are
 *   shade        timeline: a COUNT or LEVEL that stands on each line as a band, e.g. what was lost; y begins at 0
 *   count        diagram: so many of the slowest requests (default: 1); several need a variant of one replication
 *   lanes        diagram: parts (those that a request passes, the default) or requests
 *   rows, columns, cells   heat: names of rows and columns; a list of expressions for each row, "" where there is none
 *   joined       lines, load: all variants make one line, called this; or a map of lines, each a list of variants
 *   y            instead of metric where that may be an expression
 *   x            lines: an expression without variant and window
 *   across       lines: a point for each variant instead of a line; `windows`: a line for each window of the trace,
 *                `whole`: one line, x and y being of the whole run
 *   moments      map: a list of simulated times
 *   x_label, y_label
 *   log          x, y or xy: logarithmic axes
 *   from, to     timeline: the part that is drawn
 *   published    points: [{date or x, y or low and high, label, source}]
 */
#ifndef FIGURE_CHART_H
#define FIGURE_CHART_H

#include "figure/figure.h"
#include "stats/outcome.h"

struct chart_outcomes {
	const struct study *study;
	struct outcome *const *outcome;
	int outcomes;
};

/*
 * Asks the outcomes for what a figure needs. False when variants that it shows are not among them: then it cannot be
 * drawn, and *missing is the first of these.
 */
bool chart_want(const struct chart_outcomes *outcomes, const struct study_figure *wanted, const char **missing,
		struct err *err);

/* The figure, once all has run. `footer` ends with what applies to all figures of the run. */
struct figure *chart_figure(struct arena *arena, const struct chart_outcomes *outcomes,
			    const struct study_figure *wanted, const char *footer, struct err *err);

/*
 * Other texts of a model with values in them, in the form of titles: what they need is asked for, then they are made.
 * False, or NULL, when they are of variants that are not among the outcomes.
 */
bool chart_want_words(const struct chart_outcomes *outcomes, const struct tree *words, struct err *err);
const char *chart_words(struct arena *arena, const struct chart_outcomes *outcomes, const struct tree *words,
			struct err *err);

/* Tells the expressions in the braces of a text, one after the other. */
typedef void chart_hole_fn(void *context, const char *text, const struct expression *expression);
void chart_holes(struct arena *arena, const struct chart_outcomes *outcomes, const struct tree *words,
		 chart_hole_fn *each, void *context, struct err *err);

/* A value as such texts have it: "81.2 ms"; "?" for what is not known. */
const char *chart_say(struct arena *arena, double value, enum quantity_kind kind);

/* What expressions are evaluated with; lives in `arena`, and not longer than `outcomes`. */
struct pooled_values chart_values(struct arena *arena, const struct chart_outcomes *outcomes);

#endif
