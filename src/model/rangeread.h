/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A range of rows read by a plan, as the pages that it visits, one after the other, and the processor time that it
 * takes between them:
 *
 *   sequential   all pages of the table, so many at once; each row is looked at
 *   index        leaf by leaf, and for each entry the page where its row lies, unless that is the page just visited
 *   bitmap       all leaves; then the pages that have a row of the range, each once, in order
 *   index-only   all leaves; they hold what is asked for
 *
 * The table is a heap (model/heaptable.h), or NULL: then rows are in the leaves themselves, and any plan reads these.
 */
#ifndef MODEL_RANGEREAD_H
#define MODEL_RANGEREAD_H

#include "base/freelist.h"
#include "model/heaptable.h"
#include "model/pager.h"
#include "model/planner.h"
#include "model/treeindex.h"

/* What all ranges of a table share. */
struct rangeread_table {
	const struct heaptable *heap;             /* in file 0; NULL: clustered */
	int64_t tuple, index_tuple, operator;     /* ns of a processor, for each */
	int64_t read_ahead;                       /* pages that a scan asks for at once */
	bool keep;                                /* what a scan reads stays in memory */
	struct arena *arena;
	struct freelist bitmaps;
};

struct rangeread;
typedef bool rangeread_fn(struct rangeread *range, struct pager_access *access, int64_t *cpu);

struct rangeread {
	struct rangeread_table *table;
	rangeread_fn *next;
	enum plan plan;
	int64_t rank, selected, done; /* rows: where the range begins, how many, how many of them so far */
	int64_t page;                 /* of the heap, the last one; -1: none */
	struct treeindex_cursor cursor;
	uint16_t *on_page;            /* bitmap: rows of the range on each page */
};

/*
 * A range of `selected` rows from the row that has `rank` others before it; all of them exist. `index` may be NULL for
 * a sequential scan of a heap.
 */
void rangeread_begin(struct rangeread *range, struct rangeread_table *table, struct treeindex *index, enum plan plan,
		     int64_t rank, int64_t selected);

/* The next access. Processor time that comes before it is added to *cpu. False: that was all, but for that time. */
static inline bool rangeread_next(struct rangeread *range, struct pager_access *access, int64_t *cpu)
{
	return range->next(range, access, cpu);
}

#endif
