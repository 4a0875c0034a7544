/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/reference.h"
#include "run/explore.h"
#include "run/setup.h"
#include "trace/recipe.h"

#include <string.h>

const char reference_base[] = "case: station\n"
			      "format: 2\n"
			      "trace: {windows: {rate: 100 /s, for: 60 s}}\n"
			      "model: {service: exp(8 ms)}\n";

/* A row of base/keys.def: the head of a section has a name of NULL and help of NULL. */
struct line {
	const char *id, *name, *type, *fallback, *help;
};

static const struct line lines[] = {
#define SECTION(id, where, about)       {#id, NULL, where, about, NULL},
#define KEY(name, type, fallback, help) {NULL, name, type, fallback, help},
#define END
#include "base/keys.def"
#undef SECTION
#undef KEY
#undef END
};
enum { LINES = sizeof lines / sizeof *lines };

static const struct {
	const char *id, *text;
} examples[] = {
#define EXAMPLE(id, text) {#id, text},
#include "cli/examples.def"
#undef EXAMPLE
	{NULL, NULL}};

static const char *example_of(const char *id)
{
	for (int i = 0; examples[i].id; i++)
		if (strcmp(examples[i].id, id) == 0)
			return examples[i].text;
	return NULL;
}

static const struct param *numbers_of(const char *id)
{
	return strcmp(id, "run") == 0      ? setup_run_table
	       : strcmp(id, "budget") == 0 ? explore_budget_table
					   : recipe_numbers(id);
}

static struct reference_key key_of_row(const struct param *row, struct arena *arena)
{
	char type[PARAM_TEXT], range[PARAM_TEXT];
	if (strcmp(row->name, "date") == 0) /* a recipe reads its days from it */
		return (struct reference_key){row->name, "date", "", row->help, row};
	param_type_text(row, type, sizeof type);
	param_range_text(row, range, sizeof range);
	return (struct reference_key){row->name, arena_format(arena, "%s%s%s", type, *range ? ", " : "", range),
				      param_fallback_text(row), row->help, row};
}

static bool has(const struct reference_section *section, const char *name)
{
	for (int i = 0; i < section->keys; i++)
		if (strcmp(section->key[i].name, name) == 0)
			return true;
	return false;
}

const struct reference_section *reference_sections(struct arena *arena, int *count)
{
	struct reference_section *sections = ARENA_ARRAY(arena, LINES, struct reference_section);
	*count = 0;
	for (int i = 0; i < LINES;) {
		struct reference_section *section = &sections[(*count)++];
		const struct param *row = numbers_of(lines[i].id);
		int rows = 0, last = i + 1;
		while (row && row[rows].name)
			rows++;
		while (last < LINES && !lines[last].id)
			last++;
		struct reference_key *key = ARENA_ARRAY(arena, (size_t)(last - i + rows), struct reference_key);
		*section = (struct reference_section){.id = lines[i].id,
						      .where = lines[i].type,
						      .about = lines[i].fallback,
						      .example = example_of(lines[i].id),
						      .key = key};
		for (i++; i < last; i++)
			key[section->keys++] = (struct reference_key){lines[i].name, lines[i].type, lines[i].fallback,
								      lines[i].help, NULL};
		for (; row && row->name; row++)
			if (!has(section, row->name))
				key[section->keys++] = key_of_row(row, arena);
	}
	return sections;
}

const struct reference_section *reference_find(const struct reference_section *sections, int count, const char *id)
{
	for (int i = 0; i < count; i++)
		if (strcmp(sections[i].id, id) == 0)
			return &sections[i];
	return NULL;
}

const char *reference_type(const struct reference_section *sections, int count, const char *type, struct arena *arena)
{
	static const struct {
		const char *before, *after, *text;
	} forms[] = {{"[@", "]", "a list of maps"},
		     {"{@", "}", "names, a map each"},
		     {"@[", "]", "a map, or a list of them"},
		     {"@", "", "a map"},
		     {NULL, NULL, NULL}};
	if (strcmp(type, "texts") == 0)
		return "a text, or a list of them";
	if (strcmp(type, "comparisons") == 0)
		return "a comparison, or a list of them";
	for (int i = 0; forms[i].before; i++) {
		size_t begins = strlen(forms[i].before), ends = strlen(forms[i].after);
		if (strncmp(type, forms[i].before, begins) != 0)
			continue;
		const char *id = arena_text_of(arena, type + begins, strlen(type) - begins - ends);
		const struct reference_section *section = reference_find(sections, count, id);
		return arena_format(arena, "%s, see `%s`", forms[i].text,
				    section ? section->where : "casebook-trace(5)");
	}
	return type;
}
