/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes an SVG by gnuplot fit for a page: title and description, colours for light and dark, the reader's own font.
 */
#ifndef PLOT_SVG_H
#define PLOT_SVG_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Copies the `length` bytes of `svg` to `file` with what is said above. `title` and `description` are clean texts
 * (figure/text.h), of which the description may have several lines; `manifest` (NULL: none) becomes the element
 * metadata. Returns false, having written nothing, when it is not an SVG document.
 */
bool svg_finish(FILE *file, const char *svg, size_t length, const char *title, const char *description,
		const char *manifest);

/* The manifest in an SVG; NULL when there is none. */
char *svg_manifest(struct arena *arena, const char *svg, size_t length);

#endif
