/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compaction of an LSM store on one node, as a debt. Writes add bytes that must be merged later; merging reads and
 * writes the disk in chunks, at most at a configured rate, and in the same queue as everybody else. While there is debt
 * a read finds more tables that may hold its partition. So a node that has fallen behind reads more, which leaves the
 * disk less time to catch up.
 */
#ifndef MODEL_COMPACTION_H
#define MODEL_COMPACTION_H

#include "model/pool.h"

struct compaction {
	struct pool *disk;
	double debt;          /* bytes to be merged */
	double rate;          /* bytes per second at most; 0: does not compact */
	double bandwidth;     /* bytes per second of the disk for one chunk */
	double table_bytes;   /* debt that means one more table to read */
	double chunk;         /* bytes merged at a time */
	bool hurried;         /* the rate is not limited (a drained node) */
	bool working;
	void (*merged)(void *owner, double bytes); /* called after each chunk; may be NULL */
	void *owner;
};

void compaction_init(struct compaction *compaction, struct pool *disk, double rate, double bandwidth,
		     double table_bytes, double chunk);

/* Adds debt and sets to work. */
void compaction_add(struct compaction *compaction, double bytes);

/* Tables beyond those of a node that keeps up. */
static inline double compaction_tables(const struct compaction *compaction)
{
	return compaction->debt / compaction->table_bytes;
}

#endif
