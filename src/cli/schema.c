/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/schema.h"
#include "base/words.h"
#include "cases/case.h"
#include "cli/reference.h"

#include <jansson.h>
#include <string.h>

/* A scalar: YAML makes numbers and truths of some texts. */
static json_t *scalar(void)
{
	return json_pack("{s:[s, s, s, s]}", "type", "string", "number", "boolean", "null");
}

/* What YAML makes of 1, on and off. */
static json_t *not_text(void)
{
	return json_pack("{s:[s, s]}", "type", "number", "boolean");
}

static json_t *list_of(json_t *one)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", one);
}

static json_t *any_of(json_t *one, json_t *other)
{
	return json_pack("{s:[o, o]}", "anyOf", one, other);
}

static json_t *reference(const char *id, struct arena *arena)
{
	return json_pack("{s:s}", "$ref", arena_format(arena, "#/definitions/%s", id));
}

/* An object of these properties and notes, and nothing else. */
static json_t *object(json_t *properties, json_t *required)
{
	json_t *made = json_pack("{s:s, s:o, s:{s:{}}, s:b}", "type", "object", "properties", properties,
				 "patternProperties", "^x-", "additionalProperties", false);
	if (json_array_size(required) > 0)
		json_object_set(made, "required", required);
	json_decref(required);
	return made;
}

static json_t *names_of(json_t *one)
{
	return json_pack("{s:[s, s], s:o}", "type", "object", "null", "additionalProperties", one);
}

/* "one of a, b" as the list of its words. */
static json_t *words_of(const char *type)
{
	json_t *list = json_array();
	for (const char *at = type + strlen("one of "); *at;) {
		size_t length = strcspn(at, ",");
		json_array_append_new(list, json_stringn(at, length));
		at += length;
		at += strspn(at, ", ");
	}
	return list;
}

/* A map of a section, or what stands for one: a text, `off`, a list of numbers. */
static json_t *map_of(const char *id, struct arena *arena)
{
	return any_of(reference(id, arena), any_of(scalar(), list_of(scalar())));
}

/* What base/keys.def calls a type. */
static json_t *value_of(const char *type, struct arena *arena)
{
	size_t length = strlen(type);
	const char *inner = arena_text_of(arena, type + 2 * (length > 3), length > 3 ? length - 3 : 0);
	if (strncmp(type, "[@", 2) == 0)
		return list_of(any_of(reference(inner, arena), scalar()));
	if (strncmp(type, "{@", 2) == 0)
		return names_of(any_of(reference(inner, arena), scalar()));
	if (strncmp(type, "@[", 2) == 0)
		return any_of(reference(inner, arena), list_of(reference(inner, arena)));
	if (type[0] == '@')
		return map_of(type + 1, arena);
	if (strcmp(type, "texts") == 0 || strcmp(type, "comparisons") == 0)
		return any_of(scalar(), list_of(scalar()));
	if (strcmp(type, "map") == 0)
		return json_pack("{s:[s, s]}", "type", "object", "null");
	if (strcmp(type, "list") == 0)
		return json_pack("{s:s}", "type", "array");
	if (strcmp(type, "any") == 0)
		return json_object();
	return strncmp(type, "one of ", 7) == 0 ? any_of(json_pack("{s:o}", "enum", words_of(type)), not_text())
						: scalar();
}

static json_t *table(const struct param *rows, struct arena *arena);

static json_t *param_value(const struct param *row, struct arena *arena)
{
	if (param_is_table(row)) {
		json_t *one = any_of(table(row->rows, arena), scalar());
		return json_pack("{s:[s, s], s:o}", "type", "object", "null", "additionalProperties", one);
	}
	if (row->type == PARAM_TYPE_TEXTS)
		return any_of(scalar(), list_of(json_object()));
	if (row->type == PARAM_TYPE_CHOICE) {
		json_t *list = json_array();
		for (const char *const *word = row->choices; *word; word++)
			json_array_append_new(list, json_string(*word));
		return any_of(json_pack("{s:o}", "enum", list), not_text());
	}
	return scalar();
}

static void describe(json_t *value, const char *help, const char *fallback)
{
	json_object_set_new(value, "description", json_string(help));
	if (fallback && *fallback)
		json_object_set_new(value, "default", json_string(fallback));
}

static json_t *table(const struct param *rows, struct arena *arena)
{
	json_t *properties = json_object();
	for (const struct param *row = rows; row->name; row++) {
		char type[PARAM_TEXT], range[PARAM_TEXT];
		json_t *value = param_value(row, arena);
		param_type_text(row, type, sizeof type);
		param_range_text(row, range, sizeof range);
		describe(value, arena_format(arena, "%s (%s%s%s)", row->help, type, *range ? ", " : "", range),
			 param_fallback_text(row));
		json_object_set_new(properties, row->name, value);
	}
	return object(properties, json_array());
}

static void add_keys(json_t *properties, json_t *required, const struct reference_section *section, struct arena *arena)
{
	for (int k = 0; k < section->keys; k++) {
		const struct reference_key *key = &section->key[k];
		if (json_object_get(properties, key->name)) { /* in a recipe and in a map it is not the same */
			json_object_set_new(properties, key->name, json_object());
			continue;
		}
		json_t *value = key->row ? param_value(key->row, arena) : value_of(key->type, arena);
		describe(value, key->help, key->fallback);
		json_object_set_new(properties, key->name, value);
		if (!key->fallback)
			json_array_append_new(required, json_string(key->name));
	}
}

/* Sections in whose maps names of a case or of a file may stand. */
static const char *const open_sections[] = {"columns", "maker", "model", NULL};

/* Sections all of which make one kind of map. */
static const char *const joined[][2] = {{"drawn", "figure"},    {"named", "trace"}, {"recipe", "trace"},
					{"tracefile", "trace"}, {"by", "maker"},    {NULL, NULL}};

static const char *definition_of(const char *id)
{
	for (int i = 0; joined[i][0]; i++)
		if (strcmp(joined[i][0], id) == 0)
			return joined[i][1];
	return id;
}

static json_t *definitions_of(const struct reference_section *all, int count, struct arena *arena)
{
	json_t *definitions = json_object();
	for (int i = 0; i < count; i++) {
		const char *name = definition_of(all[i].id);
		json_t *properties = json_object(), *required = json_array();
		json_t *before = json_object_get(definitions, name);
		if (before)
			json_object_update(properties, json_object_get(before, "properties"));
		add_keys(properties, required, &all[i], arena);
		/* What a variant or a second layer changes need not be whole; a claim or a fault is. */
		if (strcmp(name, "claim") != 0 && strcmp(name, "fault") != 0)
			json_array_clear(required);
		json_t *made = object(properties, required);
		if (words_find(WORDS(open_sections), name) >= 0)
			json_object_set_new(made, "additionalProperties", json_true());
		json_object_set_new(made, "description", json_string(all[i].about));
		json_object_set_new(definitions, name, made);
	}
	return definitions;
}

/* Where `case` is that: its parameters, in `model` and in that of each variant. */
static json_t *of_case(const struct case_study *of, struct arena *arena)
{
	const char *id = arena_format(arena, "model-%s", of->name);
	return json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:o, s:{s:{s:{s:o}}}}}}", "if", "properties", "case", "const",
			 of->name, "then", "properties", "model", reference(id, arena), "variants",
			 "additionalProperties", "properties", "model", reference(id, arena));
}

void schema_print(FILE *into, struct arena *arena)
{
	int count;
	const struct reference_section *all = reference_sections(arena, &count);
	json_t *definitions = definitions_of(all, count, arena), *cases = json_array(), *names = json_array();
	json_t *study = json_incref(json_object_get(definitions, "study"));
	json_object_del(definitions, "study");
	for (const struct case_study *const *each = case_studies; *each; each++) {
		json_array_append_new(cases, of_case(*each, arena));
		json_array_append_new(names, json_string((*each)->name));
		json_object_set_new(definitions, arena_format(arena, "model-%s", (*each)->name),
				    table((*each)->params, arena));
	}
	json_object_set_new(json_object_get(json_object_get(study, "properties"), "case"), "enum", names);
	json_object_set_new(study, "allOf", cases);
	json_object_set_new(study, "definitions", definitions);
	json_object_set_new(study, "$schema", json_string("http://json-schema.org/draft-07/schema#"));
	json_object_set_new(study, "title", json_string("casebook model file"));
	json_object_set_new(study, "$comment", json_string("Made by make docs."));
	json_dumpf(study, into, JSON_INDENT(1));
	fputc('\n', into);
	json_decref(study);
}
