/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A long scan on a database node: a partition or a token range full of tombstones. It takes a core for a slice of cells
 * at a time, so that others have their turn in between. What it has scanned is garbage, or stays on the heap until the
 * scan ends.
 */
#ifndef MODEL_SCAN_H
#define MODEL_SCAN_H

#include "base/freelist.h"
#include "model/node.h"

enum { SCAN_SLICE = 100000 }; /* cells */

struct scan_cost {
	int64_t cell_cpu;   /* ns of a core for a cell */
	int64_t cell_bytes; /* of heap */
	bool kept;          /* alive until the scan ends; otherwise garbage at once */
};

/* Scans in progress. */
struct scans {
	struct sim *sim;
	struct freelist ended;
};

/* Scans `cells` on a node; then done(sim, subject, detail) fires. `key` picks the shard. */
void scan_begin(struct scans *scans, struct node *node, uint64_t key, int64_t cells, const struct scan_cost *cost,
		sim_event_fn *done, void *subject, uint64_t detail);

#endif
