/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A disk as a queue: pages have addresses, and what comes next to the page before is cheaper than what lies elsewhere.
 *
 * An access that begins where the one before it ended takes `sequential` for each page. One that begins elsewhere takes
 * `random` for its first page, or, a little further on, what it takes to read through to it if that is less. Accesses
 * are served in the order in which they are asked for, so many at a time. Reads and writes cost the same.
 *
 * An address is a file's number << DISK_FILE_BITS, plus the page's number in it: each file lies in one stretch.
 */
#ifndef MODEL_DISK_H
#define MODEL_DISK_H

#include "engine/meter.h"
#include "model/pool.h"

enum { DISK_FILE_BITS = 40 };

static inline uint64_t disk_address(uint64_t file, uint64_t page)
{
	return file << DISK_FILE_BITS | page;
}

struct disk {
	struct pool queue;
	int64_t sequential, random; /* ns a page; random >= sequential >= 0 */
	uint64_t head;              /* the page after the last one asked for */
	struct booking work;        /* WORK: the time that accesses take; given by the owner */
};

/* `ways`: accesses at a time. The name is for journeys. */
void disk_init(struct disk *disk, struct sim *sim, const char *name, int64_t ways, int64_t sequential, int64_t random);

/* ns that the next access would take, if it were of `pages` >= 1 pages from `address` on. */
int64_t disk_service(const struct disk *disk, uint64_t address, int64_t pages);

/*
 * Reads or writes; done(sim, subject, detail) when it has been. NULL: nobody waits for it. `journey` as for pool_enter.
 */
void disk_access(struct disk *disk, uint64_t address, int64_t pages, sim_event_fn *done, void *subject,
		 uint64_t detail, struct journey *const *journey);

#endif
