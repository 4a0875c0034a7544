/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A study as one text: its model file and all that was read from other files to understand it (parents, recipes,
 * empirical values, cells of tables), so that it can be loaded where there are no files. Who has files loads the study
 * once through a recording of their readers, and writes what was recorded; who has none reads the text, and answers
 * the study's questions from it. Both load the same study, with the same places in its messages.
 */
#ifndef RUN_BUNDLE_H
#define RUN_BUNDLE_H

#include "base/text.h"
#include "run/study.h"

struct bundle;

/* ---- with files ---- */

/* A recording of `files`, which must outlive it. Allocated in `arena`. */
struct bundle *bundle_record(struct arena *arena, const struct study_files *files);

/* The readers to load the study with: those of `files`, recorded. */
const struct study_files *bundle_files(const struct bundle *bundle);

/*
 * Writes the model file `tree`, called `path`, and what has been recorded. Files below the directories `below` (ends
 * with NULL; may be NULL) are called without them: who reads the text need not know where they were.
 */
void bundle_write(const struct bundle *bundle, const char *path, const struct tree *tree, const char *const *below,
		  struct text *into);

/* ---- without ---- */

/*
 * Reads a text that bundle_write wrote. Its last line is a check over all bytes. NULL and a message of kind ERR_MODEL
 * when it is damaged; nothing in it is trusted. *path and *tree are the model file, bundle_files its readers.
 */
struct bundle *bundle_read(struct arena *arena, const char *bytes, size_t length, const char **path, struct tree **tree,
			   struct err *err);

#endif
