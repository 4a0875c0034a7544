/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A directory that the results of a run go to. It is held while the run goes on, so that two do not mix; what a killed
 * run has left under temporary names is removed; what the run before has written, and this one has not, goes when the
 * new results are there. Results of another model are not replaced unless that is asked for.
 */
#ifndef IO_RESULTDIR_H
#define IO_RESULTDIR_H

#include "base/err.h"

#include <stdbool.h>

struct resultdir;

/*
 * Makes the directory when it is not there, and holds it. `model` is the path of the model file whose results it is
 * for. NULL and messages (ERR_OUTPUT) when it cannot be made, another run holds it, or it has results of another model
 * and `replace` is false.
 */
struct resultdir *resultdir_open(const char *path, const char *model, bool replace, struct err *err);

/*
 * Removes what a killed program has left under temporary names in a directory that nobody else writes into: the caller
 * holds it.
 */
void resultdir_clean(const char *path);

/*
 * The new results are there (io/results.h), but for pictures: removes pictures and percentiles of the run before, and
 * scripts, data and descriptions of its figures that are none of `figures` (ends with NULL).
 */
void resultdir_replaced(struct resultdir *dir, const char *const *figures);

/* Lets it go; one that is new and empty is removed. NULL is allowed. */
void resultdir_close(struct resultdir *dir);

#endif
