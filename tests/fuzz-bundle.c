/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libFuzzer target for the text of a study (run/bundle.h). The bytes get the right check first, so that it does not
 * stop what they would find; what is read is loaded as a study, and each of its variants is resolved. Built and run by
 * tests/fuzz.sh, with the texts of model files as its corpus.
 */
#include "fuzz.h"
#include "base/fnv.h"
#include "run/bundle.h"
#include "run/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_LENGTH = 18 };

static void load(struct arena *arena, const struct bundle *bundle, const char *path, const struct tree *tree,
		 struct err *err)
{
	struct study *study = study_load(arena, path, tree, NULL, bundle_files(bundle), err);
	if ((study == NULL) != err_any(err))
		abort();
	for (int i = 0; study && i < study->variants; i++)
		if (!setup_resolve(study, study->variant[i], NULL, err))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena arena;
	struct err *err = malloc(sizeof *err);
	if (!err)
		abort();
	arena_init(&arena);
	err_init(err);
	char *sealed = arena_text_of(&arena, (const char *)bytes, length);
	if (length > CHECK_LENGTH) {
		char check[CHECK_LENGTH + 1];
		uint64_t digest = FNV_BASIS;
		for (size_t i = 0; i < length - CHECK_LENGTH; i++)
			digest = fnv_byte(digest, bytes[i]);
		snprintf(check, sizeof check, "\n%016llx\n", (unsigned long long)digest);
		memcpy(sealed + length - CHECK_LENGTH, check, CHECK_LENGTH);
	}
	const char *path;
	struct tree *tree;
	struct bundle *bundle = bundle_read(&arena, sealed, length, &path, &tree, err);
	/* A study or a message, never both or neither. */
	if ((bundle == NULL) != err_any(err))
		abort();
	if (bundle)
		load(&arena, bundle, path, tree, err);
	arena_free(&arena);
	free(err);
	return 0;
}
