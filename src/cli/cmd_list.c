/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cases/case.h"
#include "cli/command.h"
#include "io/paths.h"
#include "io/yaml.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct list_options {
	bool json;
};

static const struct option options[] = {OPTION_JSON(struct list_options, json), OPTION_END};

struct model {
	const char *name, *of, *about, *path;
	int variants, claims;
};

static const char *text_or(const struct tree *tree, const char *key, const char *otherwise)
{
	const struct tree *entry = tree_get(tree, key);
	return entry && entry->kind == TREE_SCALAR ? entry->text : otherwise;
}

static struct model read_model(struct command_line *line, const char *name)
{
	struct model model = {.name = name, .of = "", .about = ""};
	model.path = paths_data_file(line->arena, arena_format(line->arena, "models/%s.yaml", name));
	const struct tree *tree = yaml_read(line->arena, model.path, line->err);
	const struct case_study *of;
	model.of = text_or(tree, "case", name);
	of = case_find(model.of);
	model.about = text_or(tree, "about", of ? of->about : "");
	const struct tree *variants = tree_get(tree, "variants"), *claims = tree_get(tree, "claims");
	model.variants = variants ? tree_count(variants) : 1;
	model.claims = claims ? tree_count(claims) : 0;
	return model;
}

static void add_json(json_t *list, const struct model *model)
{
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i}", "name", model->name, "case", model->of,
					      "about", model->about, "file", model->path, "variants", model->variants,
					      "claims", model->claims));
}

static int run(struct command_line *line)
{
	const struct list_options *given = line->options;
	const char **names = paths_models(line->arena);
	json_t *list = json_array();
	/* Models called like a case come first, in the order of the cases; then those that replay a case otherwise. */
	for (int i = 0; case_studies[i]; i++)
		for (int k = 0; names[k]; k++)
			if (strcmp(names[k], case_studies[i]->name) == 0) {
				struct model model = read_model(line, names[k]);
				add_json(list, &model);
				if (!given->json)
					options_help_line(model.name, model.about, stdout);
			}
	for (int k = 0; names[k]; k++)
		if (!case_find(names[k])) {
			struct model model = read_model(line, names[k]);
			add_json(list, &model);
			if (!given->json)
				options_help_line(model.name, model.about, stdout);
		}
	if (given->json) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (json_array_size(list) > 0) {
		fputs("\n`casebook show NAME` explains one, `casebook run NAME` runs it.\n", stdout);
	}
	if (json_array_size(list) == 0)
		err_add(line->err, ERR_OUTPUT, NULL,
			"casebook's models are neither beside the program nor where it was installed");
	json_decref(list);
	return 0;
}

const struct command command_list = {
	.name = "list",
	.operands = "",
	.about = "the cases that come with casebook",
	.options = options,
	.options_size = sizeof(struct list_options),
	.run = run,
};
