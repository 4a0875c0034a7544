/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as people read them. */
#ifndef STATS_SHOWN_H
#define STATS_SHOWN_H

#include "base/arena.h"
#include "base/quantity.h"
#include "model/journey.h"

enum { SHOWN_VALUE = 64 };

/*
 * A value in the unit of its kind (seconds, bytes, per second, or none) with three digits and the unit that suits its
 * size: "81.2 ms", "1.04 M/s"; "-" for what is not known. `buffer` has SHOWN_VALUE bytes and is what is returned, but
 * for "-".
 */
const char *shown_value(double value, enum quantity_kind kind, char *buffer);

/* What happened in a step of a journey, and how long or how many: "served after 3 ms", "waits behind 4". */
const char *shown_step(const struct journey_step *step, struct arena *arena);

#endif
