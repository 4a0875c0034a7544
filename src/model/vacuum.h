/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The worker that takes dead versions out of a row store, as PostgreSQL's autovacuum does: it looks each `nap` whether
 * more than base + scale * rows are dead, and if so goes through the table, which takes a time. What nobody saw any
 * more when it began is gone when it has ended.
 */
#ifndef MODEL_VACUUM_H
#define MODEL_VACUUM_H

#include "engine/sim.h"
#include "model/rowstore.h"

struct vacuum_config {
	int64_t base;    /* versions */
	double scale;    /* of the rows */
	int64_t nap, takes; /* ns; nap > 0 */
	bool each;       /* looks at each version, not at the oldest snapshot only: rowstore_vacuum_each */
};

struct vacuum {
	struct sim *sim;
	const struct vacuum_config *config;
	struct rowstore *store;
	bool stopped;    /* begins no more; set by the owner */
	uint64_t until;  /* of the present one */
	/* Given by the owner: COUNT of vacuums and of versions taken away, when a vacuum has ended. */
	struct booking vacuums, removed;
};

/* It looks for the first time in a nap from now. What it is given outlives it. */
void vacuum_begin(struct vacuum *vacuum, struct sim *sim, const struct vacuum_config *config, struct rowstore *store);

#endif
