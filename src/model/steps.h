/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps: what a service does when its own work is done, as a model file writes it. A step is one call, or several that
 * are sent at once.
 *
 *   auth                       one call
 *   catalogue and reviews      two at once, and both answers are needed (a comma does as well)
 *   2 of catalogue, ads, news  three at once; the first two answers do
 *   first of near, far         one does
 *   100 leaf                   the same call a hundred times, at once
 *   leaf 100 times             one after the other
 *   each stock                 once for each item of the request, at once
 *   later mail                 nobody waits for it, and nobody minds if it fails
 */
#ifndef MODEL_STEPS_H
#define MODEL_STEPS_H

#include "base/arena.h"
#include "base/words.h"

#include <stdint.h>

struct step_part {
	int call;       /* its number, as the reader of the names says */
	int64_t copies;
	bool each;      /* so many for each item */
};

struct step {
	bool later;
	int64_t needed; /* answers that do; 0: all */
	int64_t turns;  /* how often, one after the other */
	int parts;
	struct step_part *part;
};

enum { STEP_PARTS = 100, STEP_COPIES = 100000 };

/* Who knows the names: find() gives the number of a call, -1 where there is none; `words` are those it knows. */
struct step_names {
	int (*find)(void *of, const char *name);
	void *of;
	struct words words;
};

/* Reads a step. On a mistake adds an ERR_MODEL message at the place and returns false. */
bool step_read(const char *text, const struct place *place, const struct step_names *names, struct arena *arena,
	       struct step *step, struct err *err);

#endif
