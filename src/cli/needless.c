/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/needless.h"
#include "base/words.h"
#include "cases/case.h"
#include "cli/message.h"
#include "param/param_walk.h"
#include "run/names.h"
#include "trace/recipe.h"

#include <string.h>

enum { ROWS_LOOKED_AT = 20000, NAMES = 480 };

/* Whether the model says something there, rather than leaving it as it is by default. */
static bool is_said(const struct tree *model, const char *path, struct arena *arena)
{
	for (size_t length; model && *path; path += length + (path[length] == '.')) {
		length = strcspn(path, ".");
		model = tree_get(model, arena_text_of(arena, path, length));
	}
	return model != NULL;
}

/* Whether what a field hangs on lets it have an effect. */
static bool has_effect(const struct setup *setup, const struct case_need *need, const char *path, struct arena *arena)
{
	const char *dot = strrchr(path, '.');
	const char *beside = dot ? arena_format(arena, "%.*s.%s", (int)(dot - path), path, need->with) : need->with;
	struct param_walk with;
	char text[PARAM_TEXT];
	if (!param_walk_find(&with, setup->of->params, setup->params, beside))
		return true;
	if (need->is)
		return strcmp(param_print(with.row, with.in, text, sizeof text), need->is) == 0;
	return param_number(with.row, with.in) > need->above;
}

/* Whether it has an effect in some variant that has it: others may well switch off what it is for. */
static bool effective(const struct study *study, const struct case_need *need, const char *path, struct arena *arena)
{
	for (int v = 0; v < study->variants; v++) {
		const struct setup *setup = study->setup[v];
		struct param_walk found;
		if (setup && param_walk_find(&found, setup->of->params, setup->params, path) &&
		    has_effect(setup, need, path, arena))
			return true;
	}
	return false;
}

/* What a field is for: "balance: choices", "attempts above 1", "another cache". */
static const char *wanted(const struct setup *setup, const struct case_need *need, const char *path,
			  struct arena *arena)
{
	struct param_walk with;
	const char *dot = strrchr(path, '.');
	const char *beside = dot ? arena_format(arena, "%.*s.%s", (int)(dot - path), path, need->with) : need->with;
	bool words = param_walk_find(&with, setup->of->params, setup->params, beside) && param_words(with.row);
	if (need->is)
		return arena_format(arena, "%s: %s", need->with, need->is);
	if (need->above > 0)
		return words ? arena_format(arena, "another %s", need->with)
			     : arena_format(arena, "%s above %g", need->with, need->above);
	return arena_format(arena, "%s, which is off", need->with);
}

static void tell_fields(const struct study *study, const struct setup *setup, struct arena *arena)
{
	struct param_walk walk;
	for (param_walk_begin(&walk, setup->of->params, setup->params); param_walk_next(&walk);)
		for (const struct case_need *need = setup->of->needless; need->field; need++) {
			int names = param_walk_covers(need->field, walk.path);
			if (names > 0 && names == param_walk_names(walk.path) &&
			    is_said(setup->model, walk.path, arena) && !effective(study, need, walk.path, arena))
				message_note("%s has no effect: it is for %s", walk.path,
					     wanted(setup, need, walk.path, arena));
		}
}

/* Which words of the column that holds classes come among the first rows, or have clients of their own. */
static void see_classes(const struct setup *setup, int column, bool *comes, struct row *rows, struct arena *arena)
{
	struct row_source *source = recipe_rows(arena, setup->trace.recipe, (uint64_t)setup->run.seed, 0, 1);
	size_t count = source->fill(source, rows, ROWS_LOOKED_AT);
	for (size_t r = 0; r < count; r++)
		comes[rows[r].value[column]] = true;
	for (int i = 0; setup->columns[column].choices[i]; i++) {
		struct param_walk clients;
		const char *path = arena_format(arena, "classes.%s.clients", setup->columns[column].choices[i]);
		if (param_walk_find(&clients, setup->of->params, setup->params, path) &&
		    param_number(clients.row, clients.in) > 0)
			comes[i] = true;
	}
}

static bool same_words(const char *const *a, const char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

/* Classes of the first variant of which no request comes, in it or in those with the same classes. */
static void tell_classes(const struct study *study, const struct setup *first, int column, struct arena *arena)
{
	const char *const *class = first->columns[column].choices;
	char list[NAMES];
	int classes = 0, missing = 0;
	while (class[classes])
		classes++;
	bool *comes = ARENA_ARRAY(arena, (size_t)classes, bool);
	struct row *rows = ARENA_ARRAY(arena, ROWS_LOOKED_AT, struct row);
	for (int v = 0; v < study->variants; v++) {
		const struct setup *setup = study->setup[v];
		if (setup && setup->trace.recipe && same_words(setup->columns[column].choices, class))
			see_classes(setup, column, comes, rows, arena);
	}
	const char **name = ARENA_ARRAY(arena, (size_t)classes + 1, const char *);
	for (int i = 0; i < classes; i++)
		if (!comes[i])
			name[missing++] = class[i];
	if (missing > 0)
		message_note(
			"of the first %d requests none is of %s; the trace says which are: columns: {%s: {mix: ...}}",
			ROWS_LOOKED_AT, words_text(WORDS(name), list, sizeof list), first->columns[column].name);
}

void needless_tell(const struct study *study, struct arena *arena)
{
	const struct setup *first = study->setup[names_variant(study, study->shown[0])];
	if (!first)
		return;
	if (study->of->needless)
		tell_fields(study, first, arena);
	int column = study->of->parts && first->trace.recipe ? column_find(first->columns, "class") : -1;
	if (column >= 0 && first->columns[column].choices)
		tell_classes(study, first, column, arena);
}
