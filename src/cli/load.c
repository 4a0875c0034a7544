/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/load.h"
#include "base/keys.h"
#include "base/words.h"
#include "cli/message.h"
#include "io/paths.h"
#include "io/readers.h"
#include "io/tracefile.h"
#include "io/yaml.h"
#include "run/explore.h"
#include "run/setup_trace.h"

#include <stdio.h>
#include <string.h>

static struct tree *lay(struct arena *arena, struct tree *over, const char *path, struct tree *value,
			struct place place)
{
	return setup_trace_lay(arena, over, tree_path(arena, path, value, place));
}

static struct tree *lay_set(struct arena *arena, struct tree *over, const char *text, struct err *err)
{
	struct place place = {arena_format(arena, "--set %s", text), 0, 0};
	const char *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : 0;
	const char *key = arena_text_of(arena, text, length);
	if (length == 0 || key[0] == '.' || key[length - 1] == '.' || strstr(key, "..") || strchr(key, ' ')) {
		err_add(err, ERR_USAGE, NULL, "--set %.80s: write KEY=VALUE, e.g. --set nodes=48", text);
		return over;
	}
	int dots = 0;
	for (const char *c = key; *c; c++)
		dots += *c == '.';
	if (dots >= YAML_DEPTH_MAX / 2) {
		err_add(err, ERR_USAGE, NULL, "--set %.80s: the key is nested too deeply", text);
		return over;
	}
	const char *value = equals + 1;
	struct tree *tree = *value == '[' || *value == '{' ? yaml_parse(arena, place.file, value, strlen(value), err)
							   : tree_scalar(arena, value, place);
	if (!tree)
		return over;
	const char *first = arena_text_of(arena, key, strcspn(key, "."));
	bool section = strcmp(key, "slice") == 0 || (dots && words_find(WORDS(keys_study), first) >= 0);
	const char *path = section ? key : arena_format(arena, "model.%s", key);
	return lay(arena, over, path, tree, place);
}

static struct tree *lay_list(struct arena *arena, struct tree *over, const char *path, const char *option,
			     const struct option_texts *texts)
{
	if (texts->count == 0)
		return over;
	struct tree *list = tree_list(arena, (struct place){option, 0, 0});
	for (int i = 0; i < texts->count; i++) {
		struct place place = {arena_format(arena, "%s %s", option, texts->text[i]), 0, 0};
		tree_append(list, NULL, place, tree_scalar(arena, texts->text[i], place));
	}
	return lay(arena, over, path, list, list->place);
}

static struct tree *lay_number(struct arena *arena, struct tree *over, const char *path, const char *option,
			       int64_t number)
{
	if (number < 0)
		return over;
	const char *text = arena_format(arena, "%lld", (long long)number);
	struct place place = {arena_format(arena, "%s %s", option, text), 0, 0};
	return lay(arena, over, path, tree_scalar(arena, text, place), place);
}

static struct tree *lay_options(struct arena *arena, const struct study_options *options, struct err *err)
{
	struct tree *over = NULL;
	for (int i = 0; i < options->set.count; i++)
		over = lay_set(arena, over, options->set.text[i], err);
	if (options->trace) {
		const char *text = options->trace;
		size_t length = strlen(text);
		bool recipe = (length > 5 && strcmp(text + length - 5, ".yaml") == 0) ||
			      (length > 4 && strcmp(text + length - 4, ".yml") == 0);
		struct place place = {arena_format(arena, "--trace %s", text), 0, 0};
		over = lay(arena, over, recipe ? "trace.recipe" : "trace.file", tree_scalar(arena, text, place), place);
	}
	over = lay_list(arena, over, "run.variants", "--variant", &options->variant);
	over = lay_list(arena, over, "faults", "--fault", &options->fault);
	over = lay_number(arena, over, "run.seed", "--seed", options->seed);
	over = lay_number(arena, over, "run.reps", "--reps", options->reps);
	return lay_number(arena, over, "slice", "--slice", options->slice);
}

static void unknown_model(struct arena *arena, const char *argument, struct err *err)
{
	const char **names = paths_models(arena);
	if (!paths_data(arena))
		err_add(err, ERR_USAGE, NULL,
			"casebook's models are neither beside the program nor where it was installed");
	else if (words_near(WORDS(names), argument))
		words_unknown(err, ERR_USAGE, NULL, "case", argument, "", WORDS(names));
	else
		words_unknown(err, ERR_USAGE, NULL, "case", argument,
			      " (a file has a / in its name, or ends in .yaml)", WORDS(names));
}

static struct study *study_of(struct arena *arena, const char *path, const struct tree *over, struct err *err)
{
	struct tree *tree = yaml_read(arena, path, err);
	return tree ? study_load(arena, path, tree, over, readers_of(arena, path), err) : NULL;
}

static struct study *explored(struct arena *arena, const char *path, const struct tree *over, struct err *err)
{
	const struct study *study = study_of(arena, path, NULL, err);
	if (study && !study->explore)
		err_add(err, ERR_MODEL, &(struct place){path, 0, 0},
			"it has no explore: section, which tells what readers of a page may change");
	return study && study->explore ? explore_study(study->explore, over, err) : NULL;
}

/* Whether the study replays this file without a mistake in the map of its columns. */
static bool reads_its_file(const struct study *study)
{
	struct err ignored;
	err_init(&ignored);
	const struct setup *setup = setup_resolve(study, study->shown[0], NULL, &ignored);
	if (!setup || !setup->trace.file)
		return false;
	struct trace_file *file = trace_file_open(setup->trace.tree, study->path, setup->columns,
						  study->files->values, &ignored);
	if (!file)
		return false;
	trace_file_close(file);
	return true;
}

/*
 * Maps of public traces ship as models that are called CASE-...: when a case is asked to replay a file that its own
 * model does not understand, and one of these does, that one is used. The standard input is not tried, it can be read
 * only once.
 */
static struct study *shipped_map(struct arena *arena, const char *name, const struct tree *over)
{
	size_t length = strlen(name);
	for (const char **model = paths_models(arena); *model; model++) {
		if (strncmp(*model, name, length) != 0 || (*model)[length] != '-')
			continue;
		struct err ignored;
		err_init(&ignored);
		struct study *study = study_of(arena, paths_model(arena, *model), over, &ignored);
		if (study && reads_its_file(study)) {
			message_note("the trace is read through models/%s.yaml", *model);
			return study;
		}
	}
	return NULL;
}

struct study *load_study(struct arena *arena, const char *argument, const struct study_options *options,
			 struct err *err)
{
	int before = err->count;
	const char *path = paths_model(arena, argument);
	if (!path) {
		unknown_model(arena, argument, err);
		return NULL;
	}
	struct tree *over = options ? lay_options(arena, options, err) : NULL;
	if (err->count > before)
		return NULL;
	bool small = options && options->explore;
	struct study *study = small ? explored(arena, path, over, err) : study_of(arena, path, over, err);
	/* A mistake on the command line is one of usage, although the model's tables found it. */
	if (!study && before == 0 && strncmp(err->message[0].file, "--", 2) == 0)
		err->kind = ERR_USAGE;
	if (!study || small || !options || !options->trace || strcmp(options->trace, "-") == 0 ||
	    paths_is_file(argument) || reads_its_file(study))
		return study;
	struct study *mapped = shipped_map(arena, argument, over);
	return mapped ? mapped : study;
}
