/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libFuzzer target for the texts of faults, as --fault takes them: a text to an entry, the entry to a fault of each
 * case. Not a part of `make check`:
 *
 *   tests/fuzz.sh DIRECTORY 600 fault
 */
#include "fuzz.h"
#include "io/yaml.h"
#include "run/faults.h"
#include "run/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The smallest model of a case, with one fault laid over it. */
static void load(const struct case_study *of, const char *fault)
{
	struct arena arena;
	struct err err;
	arena_init(&arena);
	err_init(&err);
	const char *text = arena_format(&arena, "{case: %s, trace: {file: x.csv}}", of->name);
	struct tree *tree = yaml_parse(&arena, "model", text, strlen(text), &err);
	struct place place = {"--fault", 0, 0};
	struct tree *over = tree_map(&arena, place), *faults = tree_list(&arena, place);
	tree_append(faults, NULL, place, tree_scalar(&arena, arena_text(&arena, fault), place));
	tree_append(over, "faults", place, faults);
	study_load(&arena, "model", tree, over, NULL, &err);
	for (int i = 0; i < err.count && i < ERR_MAX; i++)
		CHECK(*err.message[i].text);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char text[256];
	length = length < sizeof text - 1 ? length : sizeof text - 1;
	memcpy(text, bytes, length);
	text[length] = '\0';
	for (int i = 0; case_studies[i]; i++)
		load(case_studies[i], text);
	return 0;
}
