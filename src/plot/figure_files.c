/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A script is plots/page.gp, settings made from the layout, and the plots/ file of
 * its kind, so that it stands by itself. gnuplot draws into hidden files, which are renamed, or copied with the SVG's
 * title and colours, when it has ended well.
 */
#include "plot/figure_files.h"
#include "figure/text.h"
#include "io/files.h"
#include "io/output.h"
#include "plot/gnuplot.h"
#include "plot/layout.h"
#include "plot/png.h"
#include "plot/script.h"
#include "plot/svg.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool output_error(struct err *err, const char *path, const char *what)
{
	return err_add(err, ERR_OUTPUT, &(struct place){path, 0, 0}, "%s: %s", what, strerror(errno));
}

static struct output *begin(struct arena *arena, const char *dir, const char *name, const char *ending, struct err *err)
{
	return output_replace(arena_format(arena, "%s/%s%s", dir, name, ending), err);
}

static bool name_is_good(const char *name, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	if (*name && strlen(name) <= 100 && !strchr("-.", *name) && !name[strspn(name, letters)])
		return true;
	return err_add(err, ERR_OUTPUT, NULL,
		       "figure \"%.100s\": a name has up to 100 letters, digits, '-', '_' and '.', and begins with a "
		       "letter or digit",
		       name);
}

static void write_number(FILE *file, double value)
{
	if (isfinite(value))
		fprintf(file, "%.12g", value);
	else
		fputs("NaN", file);
}

static void write_data(FILE *file, struct arena *arena, const struct figure *figure, const struct layout *layout)
{
	fprintf(file, "# %s\t%s\tlow\thigh\tseries\n", layout->x.column, layout->y.column);
	for (const struct figure_series *series = figure->series; series; series = series->next) {
		if (series != figure->series)
			fputs("\n\n", file);
		for (int i = 0; i < series->points; i++) {
			const struct figure_point *point = &series->point[i];
			if (figure->x.values == FIGURE_DATE && isfinite(point->x))
				fputs(axis_date(arena, point->x), file);
			else
				write_number(file, figure->x.values == FIGURE_PERCENTILE
							   ? point->x * 100
							   : axis_value(&layout->x, point->x));
			const double value[] = {point->y, point->low, point->high};
			bool on_x = figure_lies(figure); /* the interval */
			for (int j = 0; j < 3; j++) {
				fputc('\t', file);
				write_number(file, axis_value(on_x && j > 0 ? &layout->x : &layout->y, value[j]));
			}
			fprintf(file, "\t%s\n", series->label);
		}
		if (series->points == 0) /* so that the block is there */
			fprintf(file, "NaN\tNaN\tNaN\tNaN\t%s\n", series->label);
	}
}

/* What stands before the settings of a script, and behind them. */
static const char *script_begin(struct arena *arena, const char *name, const char *head)
{
	return arena_format(arena,
			    "# Draws %s.svg and %s.png from %s.tsv:  gnuplot %s.gp\n"
			    "# `casebook plot` does the same, and gives the SVG its description and dark colours.\n"
			    "name = '%s'\ndata = name.'.tsv'\n\n%s\n",
			    name, name, name, name, name, head);
}

static const char *script_end(struct arena *arena, const char *tail)
{
	return arena_format(
		arena, "\n%s\nif (alone) { set terminal @page_png; set output name.'.png'; replot }\nunset output\n",
		tail);
}

bool figure_is_ours(const char *name, const char *dir, const char *templates, struct err *err)
{
	struct arena arena;
	size_t length, ignored;
	arena_init(&arena);
	if (!name_is_good(name, err))
		return false;
	const char *script = files_read(&arena, arena_format(&arena, "%s/%s.gp", dir, name), &length, err);
	const char *head = files_read(&arena, arena_format(&arena, "%s/page.gp", templates), &ignored, err);
	bool ours = false;
	const char *begins = script && head ? script_begin(&arena, name, head) : NULL;
	for (int k = 0; begins && figure_kinds[k] && !ours; k++) {
		const char *tail =
			files_read(&arena, arena_format(&arena, "%s/%s.gp", templates, figure_kinds[k]), &ignored, err);
		const char *ends = tail ? script_end(&arena, tail) : "";
		size_t before = strlen(begins), after = strlen(ends);
		ours = tail && length >= before + after && memcmp(script, begins, before) == 0 &&
		       memcmp(script + length - after, ends, after) == 0 &&
		       script_is_settings(script + before, length - before - after);
	}
	arena_free(&arena);
	return ours;
}

static bool write_files(struct arena *arena, const struct figure *figure, const char *dir, const char *templates,
			struct err *err)
{
	size_t length;
	const char *head = files_read(arena, arena_format(arena, "%s/page.gp", templates), &length, err);
	const char *tail =
		head ? files_read(arena, arena_format(arena, "%s/%s.gp", templates, figure_kinds[figure->kind]),
				  &length, err)
		     : NULL;
	if (!tail)
		return false;
	const struct layout *layout = layout_new(arena, figure);
	struct output *output = begin(arena, dir, figure->name, ".tsv", err);
	if (!output)
		return false;
	write_data(output_file(output), arena, figure, layout);
	if (!output_commit(output, err) || !(output = begin(arena, dir, figure->name, ".alt.txt", err)))
		return false;
	fprintf(output_file(output), "%s\n\n%s\n", text_clean(arena, figure->title), figure_description(arena, figure));
	if (!output_commit(output, err) || !(output = begin(arena, dir, figure->name, ".gp", err)))
		return false;
	fputs(script_begin(arena, figure->name, head), output_file(output));
	script_settings(output_file(output), figure, layout);
	fputs(script_end(arena, tail), output_file(output));
	return output_commit(output, err);
}

/* ---- drawing ---- */

static const struct {
	enum figure_format format;
	const char *word, *ending;
} formats_known[] = {
	{FIGURE_SVG, "svg", ".svg"},
	{FIGURE_PNG, "png", ".png"},
	{FIGURE_PDF, "pdf", ".pdf"},
	{FIGURE_CARD, "card", "-card.png"},
};

enum { FORMATS = sizeof formats_known / sizeof formats_known[0] };

struct drawing {
	const char *name, *format, *ending, *manifest;
	char *drawn; /* path of what gnuplot made */
};

static bool finish_svg(struct arena *arena, const struct drawing *drawing, const char *dir, struct err *err)
{
	size_t length, alt_length;
	const char *svg = files_read(arena, drawing->drawn, &length, err);
	char *alt = svg ? files_read(arena, arena_format(arena, "%s/%s.alt.txt", dir, drawing->name), &alt_length, err)
			: NULL;
	struct output *output = alt ? begin(arena, dir, drawing->name, ".svg", err) : NULL;
	if (!output)
		return false;
	char *description = alt + strcspn(alt, "\n");
	if (*description)
		*description++ = '\0';
	description += strspn(description, "\n");
	for (size_t end = strlen(description); end > 0 && description[end - 1] == '\n'; end--)
		description[end - 1] = '\0';
	if (svg_finish(output_file(output), svg, length, text_clean(arena, alt), text_clean_lines(arena, description),
		       drawing->manifest))
		return output_commit(output, err);
	output_abort(output);
	return err_add(err, ERR_OUTPUT, &(struct place){drawing->drawn, 0, 0},
		       "gnuplot drew something that is not an SVG");
}

static bool finish_png(struct arena *arena, const struct drawing *drawing, const char *dir, struct err *err)
{
	size_t length;
	const char *png = files_read(arena, drawing->drawn, &length, err);
	struct output *output = png ? begin(arena, dir, drawing->name, drawing->ending, err) : NULL;
	if (!output)
		return false;
	if (png_finish(output_file(output), png, length, drawing->manifest))
		return output_commit(output, err);
	output_abort(output);
	return err_add(err, ERR_OUTPUT, &(struct place){drawing->drawn, 0, 0},
		       "gnuplot drew something that is not a PNG");
}

static bool finish(struct arena *arena, const struct drawing *drawing, const struct gnuplot_job *job, const char *dir,
		   struct err *err)
{
	char *whole = arena_format(arena, "%s/%s%s", dir, drawing->name, drawing->ending);
	struct stat status;
	bool good = false;
	if (job->interrupted)
		good = false;
	else if (!job->done)
		err_add(err, ERR_OUTPUT, &(struct place){whole, 0, 0}, "cannot be drawn: %s", job->why);
	else if (stat(drawing->drawn, &status) != 0 || status.st_size == 0)
		err_add(err, ERR_OUTPUT, &(struct place){whole, 0, 0}, "gnuplot drew nothing");
	else if (strcmp(drawing->format, "svg") == 0)
		good = finish_svg(arena, drawing, dir, err);
	else if (strcmp(drawing->format, "svg") != 0 && strcmp(drawing->format, "pdf") != 0 && drawing->manifest)
		good = finish_png(arena, drawing, dir, err);
	else if (rename(drawing->drawn, whole) == 0)
		return true;
	else
		output_error(err, whole, "cannot be written");
	unlink(drawing->drawn);
	return good;
}

/* What a picture that is there says of what made it; NULL: there is none, or it says nothing. */
static const char *manifest_before(struct arena *arena, const char *path)
{
	struct err ignored;
	size_t length;
	err_init(&ignored);
	const char *bytes = access(path, R_OK) == 0 ? files_read(arena, path, &length, &ignored) : NULL;
	const char *png = bytes ? png_text(arena, bytes, length) : NULL;
	return png || !bytes ? png : svg_manifest(arena, bytes, length);
}

/* `manifest` is beside `names`; NULL: each picture keeps what it has. */
static bool draw_all(const char *const *names, const char *const *manifest, int count, const char *dir,
		     unsigned formats, struct err *err)
{
	struct arena arena;
	arena_init(&arena);
	struct gnuplot_job *job = ARENA_ARRAY(&arena, (size_t)count * FORMATS + 1, struct gnuplot_job);
	struct drawing *drawing = ARENA_ARRAY(&arena, (size_t)count * FORMATS + 1, struct drawing);
	int jobs = 0;
	bool good = true;
	for (int i = 0; i < count; i++) {
		if (!name_is_good(names[i], err)) {
			good = false;
			continue;
		}
		const char *script = arena_format(&arena, "%s/%s.gp", dir, names[i]);
		if (access(script, R_OK) != 0) {
			good = output_error(err, script, "cannot be read");
			continue;
		}
		const char *data = arena_format(&arena, "%s/%s.tsv", dir, names[i]);
		struct stat is;
		if (stat(data, &is) != 0) {
			good = output_error(err, data, "cannot be read");
			continue;
		}
		if (is.st_size == 0) {
			good = err_add(err, ERR_OUTPUT, NULL, "%s: is empty: there is nothing to draw", data);
			continue;
		}
		for (int f = 0; f < FORMATS; f++) {
			if (!(formats & formats_known[f].format))
				continue;
			const char *word = formats_known[f].word;
			char *drawn = arena_format(&arena, ".%s.%s.drawn", names[i], word);
			const char *before = arena_format(&arena, "%s/%s%s", dir, names[i], formats_known[f].ending);
			/* Whatever has these names is not to be written through. */
			unlink(arena_format(&arena, "%s/%s", dir, drawn));
			unlink(arena_format(&arena, "%s/.%s.%s.log", dir, names[i], word));
			drawing[jobs] = (struct drawing){names[i], word, formats_known[f].ending,
							 manifest ? manifest[i] : manifest_before(&arena, before),
							 arena_format(&arena, "%s/%s", dir, drawn)};
			job[jobs++] = (struct gnuplot_job){
				.before = arena_format(&arena, "format = '%s'; output = '%s'", word, drawn),
				.script = arena_format(&arena, "%s.gp", names[i]),
				.log = arena_format(&arena, ".%s.%s.log", names[i], word)};
		}
	}
	gnuplot_run(job, jobs, dir);
	bool missing = false;
	for (int i = 0; i < jobs; i++) {
		missing = missing || job[i].missing;
		if (job[i].missing || !finish(&arena, &drawing[i], &job[i], dir, err))
			good = false;
	}
	if (missing)
		err_add(err, ERR_OUTPUT, NULL,
			"figures are not drawn: gnuplot is not installed (Debian package gnuplot-nox); "
			"their data and scripts are in %s, and `casebook plot` draws them later",
			dir);
	arena_free(&arena);
	return good;
}

bool figure_draw_all(const char *const *names, int count, const char *dir, unsigned formats, struct err *err)
{
	return draw_all(names, NULL, count, dir, formats, err);
}

bool figure_write_all(struct figure *const *figures, int count, const char *dir, unsigned formats,
		      const char *templates, struct err *err)
{
	struct arena arena;
	arena_init(&arena);
	const char **name = ARENA_ARRAY(&arena, (size_t)count + 1, const char *);
	const char **manifest = ARENA_ARRAY(&arena, (size_t)count + 1, const char *);
	int names = 0;
	bool good = true;
	for (int i = 0; i < count; i++) {
		manifest[names] = figures[i]->manifest;
		if (name_is_good(figures[i]->name, err) && write_files(&arena, figures[i], dir, templates, err))
			name[names++] = figures[i]->name;
		else
			good = false;
	}
	if (formats != 0 && names > 0 && !draw_all(name, manifest, names, dir, formats, err))
		good = false;
	arena_free(&arena);
	return good;
}

unsigned figure_formats(const char *list)
{
	unsigned formats = 0;
	while (*list) {
		size_t length = strcspn(list, ","), i = 0;
		while (i < FORMATS && (strlen(formats_known[i].word) != length ||
				       strncmp(list, formats_known[i].word, length) != 0))
			i++;
		if (i == FORMATS)
			return 0;
		formats |= formats_known[i].format;
		list += length + (list[length] == ',');
	}
	return formats;
}
