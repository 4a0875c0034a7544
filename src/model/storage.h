/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the nodes of a store keep rows, and what of it an operation must fetch from disk. What is in memory follows from
 * how much there is to keep: memory / data of a node.
 *
 *   pages    rows lie in pages in order of arrival and are found by an index (MongoDB): each row of a read, and each
 *            page of the index, may be a page fault
 *   tables   rows lie in sorted tables that are merged (Cassandra, ScyllaDB): a read looks into each table that may
 *            hold a part of its partition; a write adds to what must be merged
 *
 * To add a kind: one file that defines `const struct storage_kind storage_NAME`, one line in storage.def, one in
 * Makefile.am.
 */
#ifndef MODEL_STORAGE_H
#define MODEL_STORAGE_H

#include "engine/dist.h"
#include "model/node.h"

struct storage;

struct storage_kind {
	const char *name; /* as a model file writes it */
	/* Disk accesses of an operation on a node; what it reads is in memory with probability `hit`. */
	int (*read)(struct storage *storage, struct node *node, double hit, int64_t when, struct rng *rng);
	int (*write)(struct storage *storage, struct node *node, double partition, int64_t when, struct rng *rng);
};

#define STORAGE(name) extern const struct storage_kind storage_##name;
#include "model/storage.def"
#undef STORAGE

/* All kinds, and their names, in the order of storage.def; both end with NULL. */
extern const struct storage_kind *const storage_kinds[];
extern const char *const storage_names[];

struct storage_config {
	const struct storage_kind *kind;
	double memory;                /* bytes of a node that keep data */
	double row_bytes;             /* on disk, indexes included */
	const struct dist *access;    /* one random read of the disk, ns */
	const struct dist *log;       /* a write waits until its log is on disk, ns; NULL: it does not */
	int64_t rows, index_pages;    /* pages: rows of a read; index pages that an operation touches */
	double tables;                /* tables: that hold a part of a partition while compaction keeps up */
	double write_amplification;   /* tables: bytes merged, in the end, for a byte written */
	double partition_heap;        /* tables: part of a partition that is on the heap while it is merged */
};

struct storage {
	const struct storage_config *config;
	double hit;                   /* a part of what is not asked for much is in memory */
	struct booking faults;        /* AMOUNT, pages: page faults of an operation; given by the owner */
	struct booking tables;        /* AMOUNT, tables: those that a read fetches from disk; given by the owner */
};

/* config outlives it. All is in memory at first. */
void storage_init(struct storage *storage, const struct storage_config *config);

/* A node holds so many bytes from now on. */
void storage_grow(struct storage *storage, double bytes);

/*
 * ns of the disk for a read on this node, of which at least `hit` is in memory; for a write into a partition of so many
 * bytes. `when` is the instant that it is booked for.
 */
int64_t storage_read(struct storage *storage, struct node *node, double hit, int64_t when, struct rng *rng);
int64_t storage_write(struct storage *storage, struct node *node, double partition, int64_t when, struct rng *rng);

/* A row is written on this node once more, by a hint: what it adds to be merged. */
void storage_add(const struct storage *storage, struct node *node);

/* How many of `tries` miss: a whole number of them, and one more with the probability that is left. For kinds. */
int storage_misses(double tries, double miss, struct rng *rng);

#endif
