/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a sweep shows of one statistic: a table, and figures of lines with the bands of their intervals. Over one axis a
 * line for each variant; over two for each variant a heat map, and a line for each value of the other axis; over more,
 * a line for each variant with the others held at their first value.
 */
#ifndef CLI_SWEEP_FIGURE_H
#define CLI_SWEEP_FIGURE_H

#include "exec/tables.h"

#include <stdio.h>

struct sweep_figures;

/* `show` is "p99(read)", or NULL for p99 of the case's first time. NULL and a message when it is not measured. */
struct sweep_figures *sweep_figures_new(struct arena *arena, const struct sweep *sweep, const char *show,
					struct err *err);

/* For tables_write; `figures` are struct sweep_figures. */
void sweep_figures_add(void *figures, const struct tables_estimate *estimate);

/* The first points, as a table, or one in Markdown. */
void sweep_figures_print(const struct sweep_figures *figures, bool markdown, FILE *into);

/* Draws into `dir`; the names of the files, or NULL and perhaps messages when nothing can be drawn. */
const char *sweep_figures_draw(const struct sweep_figures *figures, const char *dir, unsigned formats,
			       const char *templates, const char *footer, struct err *err);

#endif
