/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known before a run: which part of an architecture has more to do than it can, by mean values. */
#ifndef CLI_CAPACITY_H
#define CLI_CAPACITY_H

#include "run/setup.h"

/*
 * Warns of the part of a setup that saturates first when it is offered more than it can do. The load is that of the
 * busiest stretch of a recipe; of a trace in a file nothing is said.
 */
void capacity_warn(const struct setup *setup, struct arena *arena);

#endif
