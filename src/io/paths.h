/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the files are that come with casebook: models/, traces/ and plots/ lie in one data directory. It is the first
 * of these that holds them: the directory of the program (where it was built; outside of the source tree they are
 * links), the one above it (a test's), ../share/casebook from there (an installation that was moved), the place of
 * installation. The environment plays no part in it.
 */
#ifndef IO_PATHS_H
#define IO_PATHS_H

#include "base/arena.h"

#include <stdbool.h>

/* The data directory, without a slash at its end; NULL when there is none. */
const char *paths_data(struct arena *arena);

/* "plots" -> the path of that file or directory in the data directory, whether it exists or not; NULL without one. */
const char *paths_data_file(struct arena *arena, const char *name);

/* Whether an argument is meant as a file: "-", it has a slash, or ends in .yaml or .yml. Others are names of cases. */
bool paths_is_file(const char *argument);

/*
 * The model file for an argument: itself, or models/ARGUMENT.yaml of the data directory. NULL when that does not exist.
 */
const char *paths_model(struct arena *arena, const char *argument);

/*
 * The file that is called `path` in the file `from`: absolute, or beside `from`, or in the data directory (the first
 * that exists). What the command line names (`from` is NULL, "-" or begins with "--") is relative to the working
 * directory. NULL when it does not exist.
 */
const char *paths_named_in(struct arena *arena, const char *from, const char *path);

/* The names of what ships as models/NAME.yaml, sorted; ends with NULL. */
const char **paths_models(struct arena *arena);

#endif
