/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures as files that stand by themselves.
 *
 *   NAME.tsv      the data: one block a series, divided by two blank lines; columns x, y, low, high, series
 *   NAME.gp       a gnuplot script that a person can edit; `gnuplot NAME.gp` beside the data draws the figure again
 *   NAME.alt.txt  the title, a blank line, and a description with numbers for people who do not see the figure
 *   NAME.svg .png .pdf   drawn by gnuplot; the SVG has light and dark colours, its own title and description
 *   NAME-card.png        1200 x 630, as links to a page are shown elsewhere
 *
 * Texts reach gnuplot only as quoted strings (a single quote is drawn as an apostrophe). Names for which the page has
 * no room are left out of the drawing, and stand in the description.
 */
#ifndef PLOT_FIGURE_FILES_H
#define PLOT_FIGURE_FILES_H

#include "base/err.h"
#include "figure/figure.h"

enum figure_format { FIGURE_SVG = 1, FIGURE_PNG = 2, FIGURE_PDF = 4, FIGURE_CARD = 8 };

/*
 * Whether DIR/NAME.gp is a script as figure_write_all writes them with these templates, with whatever texts and
 * numbers: it draws, and does nothing else. Anything else is somebody's program.
 */
bool figure_is_ours(const char *name, const char *dir, const char *templates, struct err *err);

/* "svg,png" -> FIGURE_SVG | FIGURE_PNG; 0 when the list is empty or a word in it is none of svg, png, pdf, card. */
unsigned figure_formats(const char *list);

/*
 * Writes the data, script and description of each figure into the directory `dir`, which exists, then draws all of them
 * in the given formats (any of enum figure_format, or 0 for none), as many at a time as there are processors.
 * `templates` is the directory of the plots/ *.gp. Each file is written under another name and renamed when it is
 * whole. On a mistake adds ERR_OUTPUT and returns false; what could be written is there, and nothing is half there.
 */
bool figure_write_all(struct figure *const *figures, int count, const char *dir, unsigned formats,
		      const char *templates, struct err *err);

/* Draws figures again, by name, from the NAME.gp, NAME.tsv and NAME.alt.txt that are in `dir`, perhaps edited. */
bool figure_draw_all(const char *const *names, int count, const char *dir, unsigned formats, struct err *err);

#endif
