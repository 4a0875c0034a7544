/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model file names and libcore cannot open: other model files, recipes, and files that values are read from. */
#ifndef IO_READERS_H
#define IO_READERS_H

#include "run/study.h"

/*
 * Readers of YAML files that another file names (paths_named_in says where they are looked for), of the values of
 * empirical(FILE.csv) (one number a line, or the first column of a CSV; a second column holds weights) and
 * hist(FILE.hgrm), and of cell(FILE.csv, ...). `path` is the model file that values are looked for beside. They live in
 * `arena`.
 */
const struct study_files *readers_of(struct arena *arena, const char *path);

#endif
