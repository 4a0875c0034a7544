/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A migrator reads a whole store, one token range after the other, with a few workers on each node, in the same queues
 * as the clients. What has been deleted in a range must be passed before what is left is found.
 */
#ifndef MODEL_MIGRATOR_H
#define MODEL_MIGRATOR_H

#include "engine/dist.h"
#include "model/scan.h"

enum { MIGRATOR_BATCH = 100 }; /* rows read in one operation of a node */

struct migrator_config {
	int64_t range_rows;
	int64_t row_cpu;                /* ns of a core for a row */
	int64_t row_bytes;              /* garbage of a row */
	const struct dist *disk_read;   /* one for each batch, ns */
	double dense;                   /* share of the ranges that are full of tombstones */
	int64_t dense_cells;            /* tombstones in one of these */
	struct scan_cost cell;
};

struct migrator {
	struct sim *sim;
	const struct migrator_config *config;
	struct rng_stream stream;
	uint64_t next_range;
	struct scans scans;
	struct booking moved, range; /* given by the owner: COUNT of the rows read; TIME that a range took */
};

/* The configuration outlives the migrator. What the owner gives is set by it afterwards. */
void migrator_init(struct migrator *migrator, struct sim *sim, const struct migrator_config *config);

/* A worker begins to read the ranges of this node, now, and goes on to the end of the replay. */
void migrator_add_worker(struct migrator *migrator, struct node *node);

#endif
