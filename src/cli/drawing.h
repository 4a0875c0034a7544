/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where results go and how figures are drawn: options that several commands share, and what they ask for. */
#ifndef CLI_DRAWING_H
#define CLI_DRAWING_H

#include "cli/options.h"
#include "plot/figure_files.h"

struct drawing_options {
	const char *out, *formats;
	bool no_figures;
};

/* `out` tells where what goes, and `of` which figures: "of figures", "of the figure". */
#define DRAWING_OPTIONS(type, field, out_help, of) \
	OPTION_TEXT(type, field.out, "out", 'o', "DIR", out_help), \
	OPTION_TEXT(type, field.formats, "formats", 'f', "LIST", \
		    "formats " of ": svg, png, pdf, card; default: svg,png"), \
	OPTION_FLAG(type, field.no_figures, "no-figures", 0, "draw nothing")

/*
 * Where results of the model file `path` go: --out, or casebook-NAME, for NAME.yaml; casebook-DIRECTORY-NAME, when a
 * shipped model has that name.
 */
const char *drawing_dir(struct arena *arena, const struct drawing_options *options, const char *path);

/* The formats of a list (NULL: svg and png) as figure_write_all takes them. 0 and a message when it is not one. */
unsigned drawing_formats(const char *list, struct err *err);

/* The ending of the first of them, ".svg": what a figure is announced as. */
const char *drawing_ending(struct arena *arena, const struct drawing_options *options);

/*
 * Writes and draws one figure (NULL: none) in `dir`, which is made. False when it was not: with a message, or without
 * one where figures are not wanted or casebook's plots/ are not found.
 */
bool drawing_write(struct arena *arena, const struct drawing_options *options, struct figure *figure, const char *dir,
		   struct err *err);

#endif
