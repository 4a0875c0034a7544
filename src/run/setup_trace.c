/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trace is a recipe that is named, a recipe that is written out, or a file. Which of them it is decides what a trace
 * laid over it means.
 */
#include "run/setup_trace.h"
#include "base/reader.h"
#include "run/study.h"
#include "trace/date.h"

#include <stdio.h>
#include <string.h>

enum trace_kind { TRACE_OPEN, TRACE_FILE, TRACE_RECIPE };

static enum trace_kind trace_kind(const struct tree *trace)
{
	if (tree_get(trace, "file"))
		return TRACE_FILE;
	return tree_get(trace, "recipe") || tree_get(trace, "windows") ? TRACE_RECIPE : TRACE_OPEN;
}

/* Some keys of a window, without the time that it lasts, are meant for each of those that are listed. */
static const struct tree *for_each_window(struct arena *arena, const struct tree *base, const struct tree *over)
{
	const struct tree *list = tree_get(base, "windows"), *keys = tree_get(over, "windows");
	if (!list || list->kind != TREE_LIST || !keys || keys->kind != TREE_MAP || tree_get(keys, "for"))
		return over;
	struct tree *each = tree_list(arena, keys->place), *laid = tree_without(arena, over, "windows");
	for (const struct tree *window = list->child; window; window = window->next)
		tree_append(each, NULL, window->place, tree_merge(arena, window, keys));
	tree_append(laid, "windows", keys->key_place, each);
	return laid;
}

/* A recipe that is named replaces one that is written out, and keys may lie over another named one. */
const struct tree *setup_trace_merge(struct arena *arena, const struct tree *base, const struct tree *over)
{
	if (base && over && trace_kind(base) != TRACE_OPEN && trace_kind(over) != TRACE_OPEN &&
	    (trace_kind(base) != trace_kind(over) || (tree_get(over, "recipe") && !tree_get(base, "recipe"))))
		return over;
	return tree_merge(arena, base, for_each_window(arena, base, over));
}

struct tree *setup_trace_lay(struct arena *arena, const struct tree *base, const struct tree *over)
{
	struct tree *laid = tree_merge(arena, base, over), *trace = tree_get(laid, "trace");
	const struct tree *of_base = tree_get(base, "trace"), *of_over = tree_get(over, "trace");
	if (trace && of_base && of_over) {
		const struct tree *right = setup_trace_merge(arena, of_base, of_over);
		trace->kind = right->kind;
		trace->place = right->place;
		trace->text = right->text;
		trace->child = right->child;
		trace->last_child = right->last_child;
	}
	return laid;
}

bool setup_trace_load(struct setup *setup, const struct tree *trace, const struct param_reader *reader, struct err *err)
{
	const struct study *study = setup->study;
	if (!trace)
		return err_add(err, ERR_MODEL, &study->base->place,
			       "a trace is missing: trace: {recipe: FILE.yaml}, or {file: FILE.csv}, or a recipe "
			       "written here");
	if (!reader_must_be(err, trace, TREE_MAP, "trace"))
		return false;
	setup->trace.tree = trace;
	setup->trace.recipe_path = trace->place.file;
	const struct tree *file = tree_get(trace, "file"), *recipe = tree_get(trace, "recipe");
	if (file && recipe)
		return err_add(err, ERR_MODEL, &recipe->key_place, "trace: either a recipe or a file, not both");
	if (file) {
		setup->trace.recipe_path = NULL;
		setup->trace.file = reader_text(trace, "file", err);
		setup->trace.file_place = file->place;
		return setup->trace.file != NULL;
	}
	if (recipe) {
		if (!reader_must_be(err, recipe, TREE_SCALAR, "recipe"))
			return false;
		if (!study->files)
			return err_add(err, ERR_MODEL, &recipe->place, "no other files can be read here");
		const struct tree *from = study->files->read(study->files->host, study->arena, recipe->place.file,
							     &recipe->place, recipe->text, err);
		if (!from)
			return false;
		setup->trace.recipe_path = from->place.file;
		const struct tree *keys = tree_without(study->arena, trace, "recipe");
		setup->trace.tree = tree_merge(study->arena, from, for_each_window(study->arena, from, keys));
	}
	setup->trace.recipe = recipe_load(study->arena, setup->trace.tree, setup->columns, reader, err);
	if (!setup->trace.recipe)
		return false;
	setup->trace.window = setup->trace.stretch = recipe_windows(setup->trace.recipe, &setup->trace.windows);
	setup->trace.stretches = setup->trace.windows;
	bool good = true;
	for (int i = 0; setup->columns[i].name; i++) {
		const char *name = setup->columns[i].name;
		const struct column_use *use = column_use_find(setup->of->uses, name);
		if (use && column_is_read(use, setup->of->params, setup->params) &&
		    !recipe_makes(setup->trace.recipe, i))
			good = err_add(err, ERR_MODEL, &trace->place,
				       "%s: %s, but the recipe does not make the column %s; say how: "
				       "columns: {%s: ...}",
				       use->with, use->is, name, name);
	}
	return good;
}

bool setup_trace_opened(struct setup *setup, const struct trace_window *stretch, int stretches, struct arena *arena,
			struct err *err)
{
	struct trace_window *window = ARENA_ARRAY(arena, (size_t)stretches + 1, struct trace_window);
	struct trace_window *copy = ARENA_ARRAY(arena, (size_t)stretches + 1, struct trace_window);
	int windows = 0;
	if (stretches)
		memcpy(copy, stretch, (size_t)stretches * sizeof *copy);
	for (int i = 0; i < stretches; i++) {
		int same = 0;
		while (same < windows && window[same].window != stretch[i].window)
			same++;
		if (same == windows) {
			window[windows++] = stretch[i];
			continue;
		}
		struct trace_window *joined = &window[same];
		double rows = joined->rate * (double)joined->lasts + stretch[i].rate * (double)stretch[i].lasts;
		joined->lasts += stretch[i].lasts;
		joined->rate = joined->lasts > 0 ? rows / (double)joined->lasts : 0;
	}
	setup->trace.stretch = copy;
	setup->trace.stretches = stretches;
	setup->trace.window = window;
	setup->trace.windows = windows;
	return setup_trace_check_warmup(setup, &setup->trace.file_place, err);
}

/* One window, and enough bins to see where it settles. */
static bool check_automatic(const struct setup *setup, const struct place *place, struct err *err)
{
	char series[QUANTITY_TEXT], lasts[QUANTITY_TEXT];
	const struct setup_trace *trace = &setup->trace;
	if (trace->windows > 1)
		return err_add(err, ERR_MODEL, place,
			       "warmup: auto is for a trace of one window, this one has %d; say how much of each is "
			       "not counted, e.g. warmup: 5 s",
			       trace->windows);
	if (trace->windows == 1 && trace->window[0].lasts / setup->run.series < SETUP_WARMUP_BINS)
		return err_add(err, ERR_MODEL, place,
			       "warmup: auto needs a series of %d bins or more; the trace lasts %s and a bin %s: make "
			       "series shorter",
			       SETUP_WARMUP_BINS, quantity_print_time(trace->window[0].lasts, lasts),
			       quantity_print_time(setup->run.series, series));
	return true;
}

bool setup_trace_check_warmup(const struct setup *setup, const struct place *place, struct err *err)
{
	const struct setup_trace *trace = &setup->trace;
	if (setup->run.warmup == SETUP_WARMUP_AUTO)
		return check_automatic(setup, place, err);
	for (int i = 0; i < trace->stretches; i++)
		if (setup->run.warmup > 0 && trace->stretch[i].lasts <= setup->run.warmup) {
			char text[DATE_TEXT], lasts[QUANTITY_TEXT];
			return err_add(err, ERR_MODEL, place,
				       "warmup leaves nothing of the trace's window %s, which lasts %s",
				       setup_trace_window(&trace->stretch[i], text),
				       quantity_print_time(trace->stretch[i].lasts, lasts));
		}
	return true;
}

bool setup_trace_has_window(const struct setup *setup, int64_t window, const struct place *place, struct err *err)
{
	const struct setup_trace *trace = &setup->trace;
	char list[ERR_TEXT / 2], text[DATE_TEXT];
	size_t length = 0;
	for (int i = 0; i < trace->windows; i++)
		if (trace->window[i].window == window)
			return true;
	if (trace->windows == 0)
		return err_add(err, ERR_MODEL, place,
			       "the trace of \"%.60s\" has no windows; columns: {window: NAME} says which column of "
			       "the file holds them",
			       setup->name);
	for (int i = 0; i < trace->windows && length < sizeof list - DATE_TEXT - 8; i++)
		length += (size_t)snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "",
					   setup_trace_window(&trace->window[i], text));
	return err_add(err, ERR_MODEL, place, "the trace of \"%.60s\" has no such window; it has %s%s", setup->name,
		       list, length < sizeof list - DATE_TEXT - 8 ? "" : ", ...");
}

const char *setup_trace_window(const struct trace_window *window, char *buffer)
{
	if (window->by_date)
		return date_print(window->window, buffer);
	snprintf(buffer, DATE_TEXT, "%lld", (long long)window->window);
	return buffer;
}
