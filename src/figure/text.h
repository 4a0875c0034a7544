/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts on a page: made safe, measured, broken into lines.
 */
#ifndef FIGURE_TEXT_H
#define FIGURE_TEXT_H

#include "base/arena.h"

#include <stdbool.h>

/* A copy that is one line of valid UTF-8: control characters become blanks, malformed bytes '?'. NULL gives "". */
char *text_clean(struct arena *arena, const char *text);

/* The same, but lines stay lines. */
char *text_clean_lines(struct arena *arena, const char *text);

/* A whole number, |value| < 1e15, its digits in groups of three: "12,300". */
char *text_grouped(struct arena *arena, double value);

/* "5 us" as it is set in figures and posts: "5 µs". Where it is typed, and on terminals, it is ASCII. */
char *text_with_micro(struct arena *arena, const char *text);

/*
 * The width in pixels at a font size in pixels, as DejaVu Sans would have it: that is the widest of the usual
 * sans-serif fonts, so what fits by this measure fits in a browser too.
 */
double text_width(const char *text, double size, bool bold);

/*
 * Breaks a clean text at blanks and after hyphens into lines no wider than `width`; at most `lines`, the last cut with
 * an ellipsis when the rest does not fit. Returns how many were made (0 for an empty text); line[] gets copies. *cut
 * (may be NULL) tells whether something was left out.
 */
int text_wrap(struct arena *arena, const char *text, double size, bool bold, double width, int lines, char **line,
	      bool *cut);

#endif
