/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reference of model files, as data: sections and their keys from base/keys.def and the tables of parameters that
 * belong to them, and an example of each section in which every key of it stands. Manuals, docs/models.md, the schema
 * for editors and completions are made of it.
 */
#ifndef CLI_REFERENCE_H
#define CLI_REFERENCE_H

#include "param/param.h"

struct reference_key {
	const char *name;
	const char *type;     /* as base/keys.def has it; of a number its kind and range */
	const char *fallback; /* NULL: it must be given; "": there is none */
	const char *help;
	const struct param *row; /* NULL: it stands in base/keys.def */
};

struct reference_section {
	const char *id;
	const char *where; /* "figures: -" */
	const char *about;
	const char *example; /* lines of YAML; NULL where that of another section has its keys */
	int keys;
	const struct reference_key *key;
};

/* All sections, in the order of base/keys.def, in the arena; *count of them. */
const struct reference_section *reference_sections(struct arena *arena, int *count);

/* The section of that id, or NULL. */
const struct reference_section *reference_find(const struct reference_section *sections, int count, const char *id);

/* What examples lie over: a model file. An example that begins with `case:` is a file of its own. */
extern const char reference_base[];

/* The type for people: "@scope" is "a map (scope:)". */
const char *reference_type(const struct reference_section *sections, int count, const char *type, struct arena *arena);

#endif
