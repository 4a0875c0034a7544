/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages on a disk, as many as fit in memory: a buffer pool before a disk. What is not in memory is read; the page that
 * makes room for it is written first if it has been changed, and whoever wants the other waits for both.
 *
 * A page that is being read counts as in memory: whoever asks for it meanwhile does not wait.
 */
#ifndef MODEL_PAGER_H
#define MODEL_PAGER_H

#include "model/bufferpool.h"
#include "model/disk.h"

struct pager {
	struct sim *sim;
	struct disk *disk;
	struct bufferpool pool;
	bool doublewrite;            /* each page is written twice: first into a place of its own, lest it be torn */
	struct freelist waits;
	uint64_t *sorted;            /* for a checkpoint, room for all frames; NULL: there was none */
	struct booking hits, reads, writes; /* COUNT, of pages; given by the owner */
};

void pager_init(struct pager *pager, struct sim *sim, struct disk *disk, const struct bufferpool_kind *kind,
		int64_t frames, bool doublewrite);

/*
 * The page is used, and changed if `dirty`. True: it is in memory, and nothing will fire. False: done(sim, subject,
 * detail) when it is.
 */
bool pager_get(struct pager *pager, uint64_t page, bool dirty, sim_event_fn *done, void *subject, uint64_t detail,
	       struct journey *const *journey);

/* A page that did not exist before, changed: nothing is read. Nobody waits for the page that makes room. */
void pager_make(struct pager *pager, uint64_t page);

/*
 * Reads `pages` pages from `page` on, those that are not in memory, with one access. With `keep` they stay in memory;
 * without, a scan leaves the pool as it is. True: all are in memory.
 */
bool pager_scan(struct pager *pager, uint64_t page, int64_t pages, bool keep, sim_event_fn *done, void *subject,
		uint64_t detail, struct journey *const *journey);

/* A checkpoint: all changed pages are written, by file and number. */
void pager_checkpoint(struct pager *pager);

/* One access of a walk: a page, or a scan of several, which stay in memory if `keep`. */
struct pager_access {
	uint64_t page;
	int64_t pages;
	bool dirty, keep;
};

/*
 * A chain of accesses, with processor time between them: a descent, a range, a change of some trees. Whoever walks
 * embeds one. What is in memory costs `lookup` ns a page. Processor time that lies between two accesses of the disk
 * passes in one piece.
 */
struct pager_walk {
	struct pager *pager;
	int64_t lookup;
	struct journey *const *journey;
	/* The next access into *access, after ns that are added to *cpu; false: there is none, but for that time. */
	bool (*next)(struct pager_walk *walk, struct pager_access *access, int64_t *cpu);
	/* That was all, and the time for it has passed. */
	void (*ended)(struct pager_walk *walk);
	/* Parts of the inside. */
	int64_t cpu;
	struct pager_access access;
};

/* Sets out now; ended() comes later. */
void pager_walk_begin(struct pager_walk *walk);

#endif
