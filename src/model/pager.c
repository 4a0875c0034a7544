/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One access for a page that finds room, two for one that has to wait for another to be written.
 */
#include "model/pager.h"

#include <stdlib.h>

/* A read that waits for a write. */
struct wait {
	struct pager *pager;
	uint64_t page;
	sim_event_fn *done;
	void *subject;
	uint64_t detail;
	struct journey *const *journey;
};

enum { DOUBLEWRITE_FILE = BUFFERPOOL_FILES };

void pager_init(struct pager *pager, struct sim *sim, struct disk *disk, const struct bufferpool_kind *kind,
		int64_t frames, bool doublewrite)
{
	*pager = (struct pager){.sim = sim, .disk = disk, .doublewrite = doublewrite};
	bufferpool_init(&pager->pool, &sim->arena, kind, frames);
}

static void write_page(struct pager *pager, uint64_t page, sim_event_fn *done, void *subject,
		       struct journey *const *journey)
{
	booking_count(pager->writes, pager->sim->now, pager->doublewrite ? 2 : 1);
	if (pager->doublewrite)
		disk_access(pager->disk, disk_address(DOUBLEWRITE_FILE, 0), 1, NULL, NULL, 0, NULL);
	disk_access(pager->disk, page, 1, done, subject, 0, journey);
}

static void written(struct sim *sim, void *self, uint64_t detail)
{
	struct wait *wait = self;
	(void)sim;
	(void)detail;
	disk_access(wait->pager->disk, wait->page, 1, wait->done, wait->subject, wait->detail, wait->journey);
	freelist_give(&wait->pager->waits, wait);
}

bool pager_get(struct pager *pager, uint64_t page, bool dirty, sim_event_fn *done, void *subject, uint64_t detail,
	       struct journey *const *journey)
{
	uint64_t evicted;
	if (bufferpool_use(&pager->pool, page, dirty, &evicted)) {
		booking_count(pager->hits, pager->sim->now, 1);
		return true;
	}
	booking_count(pager->reads, pager->sim->now, 1);
	if (evicted == BUFFERPOOL_NONE) {
		disk_access(pager->disk, page, 1, done, subject, detail, journey);
		return false;
	}
	struct wait *wait = freelist_get(&pager->waits, &pager->sim->arena, sizeof(*wait));
	*wait = (struct wait){pager, page, done, subject, detail, journey};
	write_page(pager, evicted, written, wait, journey);
	return false;
}

void pager_make(struct pager *pager, uint64_t page)
{
	uint64_t evicted;
	bufferpool_use(&pager->pool, page, true, &evicted);
	if (evicted != BUFFERPOOL_NONE)
		write_page(pager, evicted, NULL, NULL, NULL);
}

bool pager_scan(struct pager *pager, uint64_t page, int64_t pages, bool keep, sim_event_fn *done, void *subject,
		uint64_t detail, struct journey *const *journey)
{
	int64_t missing = 0, first = -1, last = -1;
	for (int64_t i = 0; i < pages; i++) {
		if (bufferpool_has(&pager->pool, page + (uint64_t)i))
			continue;
		first = first < 0 ? i : first;
		last = i;
		missing++;
	}
	booking_count(pager->hits, pager->sim->now, (uint64_t)(pages - missing));
	booking_count(pager->reads, pager->sim->now, (uint64_t)missing);
	for (int64_t i = 0; keep && i < pages; i++) {
		uint64_t evicted;
		bufferpool_use(&pager->pool, page + (uint64_t)i, false, &evicted);
		if (evicted != BUFFERPOOL_NONE)
			write_page(pager, evicted, NULL, NULL, NULL);
	}
	if (missing == 0)
		return true;
	disk_access(pager->disk, page + (uint64_t)first, last - first + 1, done, subject, detail, journey);
	return false;
}

static int by_address(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;
	return *one < *other ? -1 : *one > *other; /* no page is in two frames */
}

void pager_checkpoint(struct pager *pager)
{
	int64_t cursor = 0, count = 0, dirty = pager->pool.dirty;
	if (dirty == 0)
		return;
	if (!pager->sorted)
		pager->sorted = ARENA_ARRAY(&pager->sim->arena, (size_t)pager->pool.frames, uint64_t);
	uint64_t *page = pager->sorted;
	while (count < dirty)
		page[count++] = bufferpool_clean(&pager->pool, &cursor);
	qsort(page, (size_t)count, sizeof(*page), by_address);
	for (int64_t i = 0; i < count; i++)
		write_page(pager, page[i], NULL, NULL, NULL);
}

/* ---- walks ---- */

static sim_event_fn go_on;

static bool get(struct pager_walk *walk)
{
	const struct pager_access *access = &walk->access;
	if (access->pages > 1)
		return pager_scan(walk->pager, access->page, access->pages, access->keep, go_on, walk, 0,
				  walk->journey);
	return pager_get(walk->pager, access->page, access->dirty, go_on, walk, 0, walk->journey);
}

static void get_then(struct sim *sim, void *self, uint64_t unused)
{
	if (get(self))
		go_on(sim, self, unused);
}

static void end(struct sim *sim, void *self, uint64_t unused)
{
	struct pager_walk *walk = self;
	(void)sim;
	(void)unused;
	walk->ended(walk);
}

static void go_on(struct sim *sim, void *self, uint64_t unused)
{
	struct pager_walk *walk = self;
	while (walk->next(walk, &walk->access, &walk->cpu)) {
		int64_t cpu = walk->cpu + walk->lookup * walk->access.pages;
		bool there = walk->access.pages == 1 && bufferpool_has(&walk->pager->pool, walk->access.page);
		walk->cpu = there ? cpu : 0;
		if (!there && cpu > 0) {
			sim_after(sim, cpu, get_then, walk, unused);
			return;
		}
		if (!get(walk))
			return;
	}
	sim_after(sim, walk->cpu, end, walk, unused);
}

void pager_walk_begin(struct pager_walk *walk)
{
	walk->cpu = 0;
	go_on(walk->pager->sim, walk, 0);
}
