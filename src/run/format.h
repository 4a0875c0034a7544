/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The format that a model file is written in: `format: 2`. A file that does not say so may be older; what has changed
 * since is looked for in it, and each line that must change is told with what to write instead.
 */
#ifndef RUN_FORMAT_H
#define RUN_FORMAT_H

#include "base/err.h"
#include "base/tree.h"

enum { FORMAT_NOW = 2 };

/*
 * Checks one file, as it was read. False and messages in err when it must be changed, or is of a format that is not
 * known here.
 */
bool format_check(const struct tree *file, struct err *err);

#endif
