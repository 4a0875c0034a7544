/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows of a clock that ticks coarsely: those of one tick are given times within it, in the order they have. At random:
 * as if they had come independently of one another, at any time of the tick; the draws of a replication are its own.
 * Evenly: at equal distances, the first and the last half as far from the ends of the tick.
 */
#ifndef IO_SPREAD_H
#define IO_SPREAD_H

#include "engine/rng.h"
#include "engine/row.h"

#include <stdbool.h>

struct spread;

/* Rows of `source`, with ticks of `tick` ns from time 0 on. */
struct spread *spread_open(struct row_source *source, int64_t tick, bool evenly, struct rng_stream stream);
void spread_close(struct spread *spread); /* NULL is allowed */

/* As a source fills (engine/row.h). */
size_t spread_fill(struct spread *spread, struct row *rows, size_t capacity);

#endif
