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

/* A recipe that is named replaces one that is written out, and keys may lie over another named one. */
const struct tree *setup_trace_merge(struct arena *arena, const struct tree *base, const struct tree *over)
{
	if (tree_get(over, "recipe") && !tree_get(base, "recipe"))
		return over;
	if (base && over && trace_kind(base) != trace_kind(over) && trace_kind(over) != TRACE_OPEN)
		return over;
	return tree_merge(arena, base, over);
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
		setup->trace.tree = tree_merge(study->arena, from, tree_without(study->arena, trace, "recipe"));
	}
	setup->trace.recipe = recipe_load(study->arena, setup->trace.tree, setup->columns, reader, err);
	return setup->trace.recipe != NULL;
}

const char *setup_trace_window(const struct recipe_window *window, char *buffer)
{
	if (window->by_date)
		return date_print(window->window, buffer);
	snprintf(buffer, DATE_TEXT, "%lld", (long long)window->window);
	return buffer;
}
