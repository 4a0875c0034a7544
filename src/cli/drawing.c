/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/drawing.h"
#include "io/output.h"
#include "io/paths.h"

#include <stdlib.h>
#include <string.h>

unsigned drawing_formats(const char *list, struct err *err)
{
	unsigned formats = list ? figure_formats(list) : FIGURE_SVG | FIGURE_PNG;
	if (!formats)
		err_add(err, ERR_USAGE, NULL, "--formats %.60s: expected a list of svg, png, pdf, card", list);
	return formats;
}

const char *drawing_ending(struct arena *arena, const struct drawing_options *options)
{
	const char *list = options->formats ? options->formats : "svg";
	list += strspn(list, " ,");
	return arena_format(arena, ".%.*s", (int)strcspn(list, " ,"), list);
}

const char *drawing_dir(struct arena *arena, const struct drawing_options *options, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	size_t length = dot && dot > name ? (size_t)(dot - name) : strlen(name);
	if (options->out)
		return options->out;
	if (length == 0 || strcmp(name, "-") == 0)
		return "casebook-run";
	/* A file of one's own that is called as a shipped model is: its directory tells them apart. */
	const char *shipped = paths_model(arena, arena_text_of(arena, name, length));
	char *own = realpath(path, NULL), *theirs = shipped ? realpath(shipped, NULL) : NULL;
	const char *above = NULL;
	if (own && theirs && strcmp(own, theirs) != 0) {
		char *end = strrchr(own, '/');
		*end = '\0';
		above = strrchr(own, '/');
		above = above ? arena_text(arena, above + 1) : NULL;
	}
	free(own);
	free(theirs);
	if (above && *above)
		return arena_format(arena, "casebook-%s-%.*s", above, (int)length, name);
	return arena_format(arena, "casebook-%.*s", (int)length, name);
}

bool drawing_write(struct arena *arena, const struct drawing_options *options, struct figure *figure, const char *dir,
		   struct err *err)
{
	const char *templates = paths_data_file(arena, "plots");
	unsigned formats = drawing_formats(options->formats, err);
	if (!figure || options->no_figures || !templates || !formats)
		return false;
	return output_dir(dir, err) && figure_write_all(&figure, 1, dir, formats, templates, err);
}
