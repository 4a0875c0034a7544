/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted tables that are merged: what has not been merged yet is more tables to look into. */
#include "model/storage.h"

static int read(struct storage *storage, struct node *node, double hit, int64_t when, struct rng *rng)
{
	double tables = storage->config->tables + compaction_tables(&node->compaction);
	int missed = storage_misses(tables, 1 - hit, rng);
	booking_record(storage->tables, when, missed);
	return missed;
}

static int write(struct storage *storage, struct node *node, double partition, int64_t when, struct rng *rng)
{
	(void)when;
	(void)rng;
	collector_keep(&node->collector, partition * storage->config->partition_heap);
	storage_add(storage, node);
	return 0;
}

const struct storage_kind storage_tables = {.name = "tables", .read = read, .write = write};
