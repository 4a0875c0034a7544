/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An observer of locks: sees, in true time, who acts as the holder of what, and counts when two do. It watches only;
 * nobody who is watched can ask it.
 *
 * Of those who act as holder of a thing, the last one to begin is the rightful one: an older one has lost the lock
 * without knowing.
 */
#ifndef MODEL_EXCLUSION_H
#define MODEL_EXCLUSION_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct exclusion_thing;

/* One who acts as a holder. It is embedded where it is known, and zeroed or ended before it begins. */
struct exclusion_hold {
	struct exclusion_thing *thing;  /* NULL: does not act as holder */
	struct exclusion_hold *next, *previous; /* with others; newest first */
	uint64_t number;                /* of its begin, over all things */
	int64_t since;
	bool crossed;                   /* somebody else held the same thing at the same time */
};

struct exclusion_thing {
	struct exclusion_hold *newest;
	uint64_t latest;                /* number of the latest begin */
	int holders;
	int64_t shared_since;           /* with two holders or more */
};

struct exclusion {
	struct exclusion_thing *thing;
	int64_t things;
	uint64_t begun;                 /* holds so far */
	uint64_t violations;            /* holds that began while another one went on */
	int64_t shared;                 /* ns in which a thing had two holders or more; stretches that have ended */
	int64_t longest;                /* of these stretches, ns */
};

void exclusion_init(struct exclusion *exclusion, struct arena *arena, int64_t things);

/* Somebody acts as the holder of `thing` from now on. True: somebody else does, too. */
bool exclusion_begin(struct exclusion *exclusion, int64_t thing, struct exclusion_hold *hold, int64_t now);

/*
 * It does so no longer, by its own will or because it is no more. No effect when it did not. Returns how long, in ns,
 * the thing had had two holders or more when this left one; 0 otherwise.
 */
int64_t exclusion_end(struct exclusion *exclusion, struct exclusion_hold *hold, int64_t now);

/* Whether somebody else has begun to act as the holder of the same thing since `hold` began. */
bool exclusion_is_overtaken(const struct exclusion_hold *hold);

#endif
