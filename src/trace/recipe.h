/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A recipe: how the rows of a trace are made. Years of growth are replayed as windows, one after the other with a
 * quiet gap between; each has its date, the rate of that date, and the state grown so far. Every key is optional but
 * `windows`.
 *
 *   growth:             units (messages, trips) a day, as published; exponential between the points and beyond them
 *     - {date: 2016-07-01, rate: 40 M/d, source: DB17}
 *   stored: {date: 2015-11-01, count: 100 M}     units there were at a date; growth, integrated, gives those of any
 *                                                other
 *   per_message: 2      requests for each unit of growth: the offered rate is their product
 *   daily: {peak: 1.8, hour: 20 h}               a smooth day with mean 1, or 24 multipliers, one an hour from 0 h on
 *   weekly: [1, 1, 1, 1, 1.1, 1.2, 1.1]          7 multipliers, one a day from Monday on; both are scaled to mean 1
 *   windows:            a list of these, or one of these
 *     - {date: 2015-11-01, at: 20 h, for: 60 s}  named by its date; rate = growth * per_message * daily * weekly,
 *                                                followed as the calendar passes (so {date: 2017-01-01, for: 7 d} is
 *                                                a week with nights)
 *     - {dates: [2015-11-01, 2016-07-01], at: 20 h, for: 60 s}              the same, one for each date
 *     - {rate: 20k/s, for: 10 s}                 a step: named by its number 1, 2, ...; `date:` and `at:` give its
 *                                                calendar
 *     - {from: 1k/s, to: 100k/s, steps: 12, scale: log, for: 5 s}           twelve steps
 *                                                any of them with `columns: {channel: 17}`, which makes those of its
 *                                                rows instead of the recipe's
 *   gap: 2 s
 *   clustering: {cv: 1.3}        coefficient of variation of the time between arrivals: 1 is a Poisson process,
 *                                others a renewal process with gamma gaps; the mean rate stays
 *   modulation:         the rate goes up and down at random: it is multiplied by factors that are drawn anew for each
 *                       stretch of the calendar, from a gamma distribution of mean 1; those of several scales multiply
 *     - {every: 1 min, cv: 1.2}
 *     - {every: 1 h, cv: 0.8}
 *   bursts:             more rows, in every window or in one: rise and decay are straight
 *     - {at: 30 s, rise: 2 s, plateau: 10 s, decay: 5 s, factor: 4, window: 2022-05-01, columns: {channel: 17}}
 *                       factor 4: four times the rate at the top, three of them extra; `columns` makes those of the
 *                       extra rows
 *   columns:            how each of the case's columns is made: see trace/maker.h
 *
 * Days are those of UTC. Everything random comes from named streams; a row's columns are keyed by its id, so that
 * changing how one column is made leaves the others as they were.
 */
#ifndef TRACE_RECIPE_H
#define TRACE_RECIPE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/tree.h"
#include "param/param.h"
#include "trace/column.h"
#include "trace/window.h"

struct recipe;

/*
 * Understands a recipe for a case's columns. NULL and messages in err (kind ERR_MODEL) on mistakes; it reports all
 * it finds.
 */
struct recipe *recipe_load(struct arena *arena, const struct tree *tree, const struct column *columns,
			   const struct param_reader *reader, struct err *err);

/*
 * The rows, in order of time, endlessly many in flat memory. `share` multiplies the rates (a part of a fleet gets a
 * part of its load). Same arguments, same rows. The recipe must outlive the source, which lives in `arena`.
 */
struct row_source *recipe_rows(struct arena *arena, const struct recipe *recipe, uint64_t seed, uint64_t replication,
			       double share);

/* Whether the recipe says how column `index` of the case is made; else it is what column.missing says. */
bool recipe_makes(const struct recipe *recipe, int index);

/* The windows in order of time. */
const struct trace_window *recipe_windows(const struct recipe *recipe, int *count);

/* Where burst `index` (0, 1, ... window by window) begins and ends, ns of trace time. False: there are no more. */
bool recipe_burst(const struct recipe *recipe, int index, int64_t *from, int64_t *to);

/* Where the last window ends, ns of trace time. */
int64_t recipe_lasts(const struct recipe *recipe);

/*
 * Growth in units per second, and units stored, at an instant (ns since 1970-01-01). 0 without `growth` or
 * `stored`.
 */
double recipe_growth(const struct recipe *recipe, int64_t calendar);
double recipe_stored(const struct recipe *recipe, int64_t calendar);

/* The numbers that a section of base/keys.def has beside its keys ("window", "zipf"); NULL: none. */
const struct param *recipe_numbers(const char *section);

#endif
