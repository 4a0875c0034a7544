/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libFuzzer target for the texts of faults, as --fault takes them: a text to an entry, the entry to a fault of each
 * case. Not a part of `make check`:
 *
 *   clang -g -O1 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -Isrc tests/fuzz-fault.c src/io/yaml.c \
 *         $(find src/{base,engine,param,model,trace,cases,run} -name '*.c') -lfyaml -lm -o fuzz-fault
 *   mkdir corpus; echo '120 s for 30 s kill node 3' >corpus/a; echo 'at 10 s for 5 s slow disk 7 by 10' >corpus/b
 *   echo '10 s for 5 s hot channel 1 at 5k/s' >corpus/c; ./fuzz-fault -max_total_time=600 -max_len=200 corpus
 */
#include "base/check.h"
#include "io/yaml.h"
#include "run/faults.h"
#include "run/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK(%s) failed\n", file, line, what);
	abort();
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	fprintf(stderr, "out of memory: %zu bytes\n", bytes);
	abort();
}

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
