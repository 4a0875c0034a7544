/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened to requests, step by step: a lane for each part that they pass (or for each request), a row for each
 * step in the order of time, which is not to scale; when it was stands before a row, what it was behind it.
 */
#ifndef FIGURE_DIAGRAM_H
#define FIGURE_DIAGRAM_H

#include "figure/figure.h"
#include "model/journey.h"

enum { DIAGRAM_ROWS = 16, DIAGRAM_LANES = 8, DIAGRAM_JOURNEYS = 4 };

/*
 * Draws journeys of one world into a figure of kind FIGURE_DIAGRAM: a series for each, in the order of their beginning.
 * Of more than DIAGRAM_ROWS steps the first are drawn, of more than DIAGRAM_LANES parts those of the first steps, and
 * the subtitle says how many. `by_request`: lanes are requests; rows tell where they begin and end, too.
 */
void diagram_draw(struct figure *figure, const struct journey *const *journey, int journeys, bool by_request);

#endif
