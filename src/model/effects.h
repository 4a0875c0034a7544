/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An observer of what should happen once: a charge, a shipment, a message that is handed on. It sees, in true time and
 * without loss, how often each thing has happened; nobody who is watched can ask it.
 *
 * A thing is watched from effects_begin until effects_end, and takes memory only for that long. What happens to a thing
 * that is not watched is counted too, as a stray.
 */
#ifndef MODEL_EFFECTS_H
#define MODEL_EFFECTS_H

#include "model/keymap.h"

struct effects_thing {
	int64_t since; /* ns; as effects_begin was told */
	int64_t times; /* that it has happened so far */
};

struct effects {
	struct keymap things;
	uint64_t strays;
};

void effects_init(struct effects *effects, struct arena *arena);

/* `thing`, which is not watched, is from now on. `since` is the caller's. */
void effects_begin(struct effects *effects, uint64_t thing, int64_t since);

/*
 * It happens, once more. Returns what is known of it now, valid until the next call that is not this one; NULL: it is
 * not watched.
 */
const struct effects_thing *effects_happen(struct effects *effects, uint64_t thing);

/* A thing that is watched is no longer. Returns how often it has happened. */
int64_t effects_end(struct effects *effects, uint64_t thing);

#endif
