/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page needs of a model file. */
#ifndef RUN_EXPLORE_ALONE_H
#define RUN_EXPLORE_ALONE_H

#include "run/study.h"

/*
 * The study's model file, merged with its parents, with what is explored and nothing else: without sweeps, ranges and
 * notes, other claims and figures, variants that none of all that names or extends, and what is said of
 * parameters that only these have. It explores the same. The study must have been loaded with a section `explore`.
 */
const struct tree *explore_alone(const struct study *study);

#endif
