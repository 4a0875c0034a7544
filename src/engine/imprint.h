/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one replication added to merged meters, kept small, so that it can be taken out again: what all replications but
 * one measured is what an interval is made of. The series is left as it is, and so are least and greatest values.
 */
#ifndef ENGINE_IMPRINT_H
#define ENGINE_IMPRINT_H

#include "engine/meter.h"

struct imprint;

/* Of one replication, whose measured time has ended. Allocated in `arena`; two or three bytes for each bin in use. */
struct imprint *imprint_of(const struct meters *meters, struct arena *arena);

/* Takes a replication out of the meters it was merged into, or puts it back: then they are what they were. */
void imprint_take(struct meters *merged, const struct imprint *imprint);
void imprint_put(struct meters *merged, const struct imprint *imprint);

/*
 * How many values of a distribution the replication holds in a window (-1: in all) above `value`, by bins: exact to the
 * bin that holds it.
 */
uint64_t imprint_above(const struct imprint *imprint, int metric, int window, int64_t value);

#endif
