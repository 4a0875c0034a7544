/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A saga: steps that are transactions of their own, each with another one that undoes it. When a step fails, those
 * before it are undone, the last one first; undoing does not fail for good, and is tried until it succeeds.
 * H. Garcia-Molina, K. Salem, Sagas, SIGMOD 1987.
 */
#ifndef MODEL_SAGA_H
#define MODEL_SAGA_H

#include <stdbool.h>

struct saga {
	int steps, done, undone; /* done: and not undone */
	bool back;               /* a step has failed */
};

enum saga_next { SAGA_GOES_ON, SAGA_COMPLETED, SAGA_UNDONE };

/* So many steps, at least one, of which none is done. */
static inline struct saga saga_of(int steps)
{
	return (struct saga){.steps = steps};
}

/* Which step is to be done now, or to be undone when it goes back. */
static inline int saga_at(const struct saga *saga)
{
	return saga->back ? saga->done - 1 : saga->done;
}

/* What was to be done has been done, or has failed. */
static inline enum saga_next saga_tried(struct saga *saga, bool succeeded)
{
	if (!saga->back) {
		saga->done += succeeded;
		saga->back = !succeeded;
	} else if (succeeded) {
		saga->done--;
		saga->undone++;
	}
	if (saga->back)
		return saga->done == 0 ? SAGA_UNDONE : SAGA_GOES_ON;
	return saga->done == saga->steps ? SAGA_COMPLETED : SAGA_GOES_ON;
}

#endif
