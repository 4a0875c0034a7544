/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an access costs is known when it is asked for: the queue is first come, first served, so the access before it in
 * the queue is the one before it on the disk.
 */
#include "model/disk.h"

void disk_init(struct disk *disk, struct sim *sim, const char *name, int64_t ways, int64_t sequential, int64_t random)
{
	CHECK(sequential >= 0 && random >= sequential);
	*disk = (struct disk){.sequential = sequential, .random = random, .head = UINT64_MAX};
	pool_init(&disk->queue, sim, name, -1, ways, -1);
}

int64_t disk_service(const struct disk *disk, uint64_t address, int64_t pages)
{
	int64_t there = disk->random + (pages - 1) * disk->sequential;
	uint64_t gap = address - disk->head; /* huge when it lies before */
	if (disk->head > address || gap > (uint64_t)INT32_MAX)
		return there;
	int64_t through = ((int64_t)gap + pages) * disk->sequential;
	return through < there ? through : there;
}

static void nobody_waits(struct sim *sim, void *subject, uint64_t detail)
{
	(void)sim;
	(void)subject;
	(void)detail;
}

void disk_access(struct disk *disk, uint64_t address, int64_t pages, sim_event_fn *done, void *subject,
		 uint64_t detail, struct journey *const *journey)
{
	int64_t takes = disk_service(disk, address, pages);
	disk->head = address + (uint64_t)pages;
	booking_work(disk->work, disk->queue.sim->now, takes);
	pool_enter(&disk->queue, takes, done ? done : nobody_waits, subject, detail, journey);
}
