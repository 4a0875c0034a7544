/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libFuzzer target for model files: bytes to a tree, a tree to a study, a study to setups. Not part of `make check`:
 *
 *   tests/fuzz.sh DIRECTORY 600 model
 *
 * Files that a model names are the model itself or a small recipe, so that they too are understood.
 */
#include "fuzz.h"
#include "io/yaml.h"
#include "run/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses memory over texts with many quotes in a row. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

struct input {
	const char *text;
	size_t length;
};

static struct tree *read_file(void *host, struct arena *arena, const char *from, const struct place *place,
			      const char *path, struct err *err)
{
	static const char recipe[] = "windows: [{rate: 100 /s, for: 10 s}]\n"
				     "columns: {op: {mix: {read: 50 %, write: 50 %}}, channel: 17, sent: calendar}\n";
	const struct input *input = host;
	(void)from;
	if (strstr(path, "missing")) {
		err_add(err, ERR_MODEL, place, "there is no file %.120s", path);
		return NULL;
	}
	if (strstr(path, "traces/") || strstr(path, "recipe"))
		return yaml_parse(arena, path, recipe, sizeof recipe - 1, err);
	return yaml_parse(arena, path, input->text, input->length, err);
}

static bool read_values(void *host, const char *path, enum quantity_kind unit, struct arena *arena, double **values,
			double **weights, size_t *count, struct err *err)
{
	(void)host;
	(void)path;
	(void)unit;
	(void)err;
	*values = ARENA_ARRAY(arena, 3, double);
	*weights = NULL;
	*count = 3;
	for (int i = 0; i < 3; i++)
		(*values)[i] = 1e6 * (i + 1);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena arena;
	struct err *err = malloc(sizeof *err);
	struct input input = {(const char *)bytes, length};
	struct dist_reader values = {read_values, NULL};
	struct study_files files = {read_file, &values, &input, NULL};
	if (!err)
		abort();
	err_init(err);
	arena_init(&arena);
	struct tree *tree = yaml_parse(&arena, "model.yaml", input.text, input.length, err);
	/* A tree or a message, never both or neither. */
	if ((tree == NULL) != err_any(err))
		abort();
	struct study *study = tree ? study_load(&arena, "model.yaml", tree, NULL, &files, err) : NULL;
	if ((study == NULL) != err_any(err))
		abort();
	for (int i = 0; study && i < study->variants; i++) {
		const struct setup *setup = setup_resolve(study, study->variant[i], NULL, err);
		if (!setup || err_any(err))
			abort();
	}
	for (int i = 0; study && i < study->claims; i++)
		if (study->claim[i].without)
			setup_resolve(study, study->variant[0], study->claim[i].without, err);
	arena_free(&arena);
	free(err);
	return 0;
}
