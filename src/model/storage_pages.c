/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows in pages in order of arrival: each one of a page that is read is a page fault of its own. */
#include "model/storage.h"

static int fault(struct storage *storage, double pages, double hit, int64_t when, struct rng *rng)
{
	int faults = storage_misses(pages, 1 - hit, rng);
	booking_record(storage->faults, when, faults);
	return faults;
}

static int read(struct storage *storage, struct node *node, double hit, int64_t when, struct rng *rng)
{
	(void)node;
	return fault(storage, (double)(storage->config->rows + storage->config->index_pages), hit, when, rng);
}

static int write(struct storage *storage, struct node *node, double partition, int64_t when, struct rng *rng)
{
	(void)node;
	(void)partition;
	return fault(storage, (double)storage->config->index_pages, storage->hit, when, rng);
}

const struct storage_kind storage_pages = {.name = "pages", .read = read, .write = write};
