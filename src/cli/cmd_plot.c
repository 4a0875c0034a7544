/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures are drawn again from the scripts and data that a run left, perhaps edited.
 */
#include "base/tree.h"
#include "base/words.h"
#include "cli/command.h"
#include "io/paths.h"
#include "cli/drawing.h"
#include "plot/figure_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIGURES_MAX = 256 };

struct plot_options {
	struct option_texts figure;
	const char *formats;
	bool edited;
};

static const struct option options[] = {
	OPTION_TEXTS(struct plot_options, figure, "fig", 0, "FIGURE", "only this figure; may be repeated"),
	OPTION_TEXT(struct plot_options, formats, "formats", 'f', "LIST",
		    "formats: svg, png, pdf, card; default: svg,png"),
	OPTION_FLAG(struct plot_options, edited, "edited", 0,
		    "run scripts that are not as a run writes them; they are programs, and may do anything"),
	OPTION_END
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of all NAME.gp in a directory, sorted; ends with NULL. NULL and a message when it cannot be read. */
static const char **figures_in(struct arena *arena, const char *path, int *count, struct err *err)
{
	DIR *dir = opendir(path);
	*count = 0;
	if (!dir) {
		err_add(err, ERR_USAGE, NULL, "%.200s: %s", path, strerror(errno));
		return NULL;
	}
	const char **name = ARENA_ARRAY(arena, FIGURES_MAX + 1, const char *);
	for (struct dirent *entry; (entry = readdir(dir)) && *count < FIGURES_MAX;) {
		size_t length = strlen(entry->d_name);
		if (length > 3 && strcmp(entry->d_name + length - 3, ".gp") == 0)
			name[(*count)++] = arena_text_of(arena, entry->d_name, length - 3);
	}
	closedir(dir);
	qsort(name, (size_t)*count, sizeof(*name), by_name);
	if (*count == 0)
		err_add(err, ERR_USAGE, NULL, "%.200s holds no figure; a run writes NAME.gp and NAME.tsv there", path);
	return name;
}

static int run(struct command_line *line)
{
	const struct plot_options *given = line->options;
	unsigned formats = drawing_formats(given->formats, line->err);
	int count;
	const char **known = figures_in(line->arena, line->operand[0], &count, line->err);
	for (int i = 0; known && count > 0 && i < given->figure.count; i++)
		if (!bsearch(&given->figure.text[i], known, (size_t)count, sizeof(*known), by_name)) {
			char hint[WORDS_HINT];
			err_add(line->err, ERR_USAGE, NULL, "no figure \"%.60s\" in %.120s%s", given->figure.text[i],
				line->operand[0], words_hint(WORDS(known), given->figure.text[i], hint));
		}
	if (err_any(line->err))
		return 0;
	if (given->figure.count > 0) {
		known = given->figure.text;
		count = given->figure.count;
	}
	const char *templates = paths_data_file(line->arena, "plots");
	for (int i = 0; i < count && !given->edited; i++)
		if (!templates || !figure_is_ours(known[i], line->operand[0], templates, line->err))
			err_add(line->err, ERR_USAGE, NULL,
				"%.120s/%.100s.gp is not as a run writes it; a script is a program: read it, then "
				"--edited runs it",
				line->operand[0], known[i]);
	if (err_any(line->err))
		return 0;
	if (figure_draw_all(known, count, line->operand[0], formats, line->err))
		for (int i = 0; i < count; i++)
			printf("%s/%s\n", line->operand[0], known[i]);
	return 0;
}

const struct command command_plot = {
	.name = "plot",
	.operands = "DIR",
	.operands_least = 1,
	.operands_most = 1,
	.about = "draw figures again from the data and scripts of a run, perhaps edited",
	.options = options,
	.options_size = sizeof(struct plot_options),
	.run = run,
};
