/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each stage of a plan is a function that gives one access, and puts the next stage in its place when it has no more.
 */
#include "model/rangeread.h"

#include <string.h>

static struct pager_access one_page(uint64_t page)
{
	return (struct pager_access){page, 1, false, true};
}

static bool is_full(const struct rangeread *range)
{
	return range->done == range->selected;
}

/* On to the next leaf with entries; false: the range is read, or the index has no more. */
static bool next_leaf(struct rangeread *range, struct pager_access *access)
{
	uint64_t page;
	if (is_full(range) || !treeindex_on(&range->cursor, &page))
		return false;
	*access = one_page(page);
	return true;
}

static int64_t page_of(const struct rangeread *range, int64_t number)
{
	const struct heaptable *heap = range->table->heap;
	return heaptable_place(heap, range->rank + number) / heap->per_page;
}

/* Entries one by one, each row where it lies. */
static bool rows_in_turn(struct rangeread *range, struct pager_access *access, int64_t *cpu)
{
	const struct rangeread_table *table = range->table;
	while (!is_full(range)) {
		if (range->cursor.left == 0)
			return next_leaf(range, access);
		range->cursor.left--;
		*cpu += table->index_tuple + table->operator + table->tuple;
		int64_t page = page_of(range, range->done++);
		if (page == range->page)
			continue;
		range->page = page;
		*access = one_page(disk_address(0, (uint64_t)page));
		return true;
	}
	return false;
}

/* A leaf at a time, at `each` ns an entry. */
static bool leaves_in_turn(struct rangeread *range, int64_t each, struct pager_access *access, int64_t *cpu)
{
	int64_t wanted = range->selected - range->done;
	int64_t taken = range->cursor.left < wanted ? range->cursor.left : wanted;
	*cpu += taken * each;
	range->done += taken;
	return next_leaf(range, access);
}

static bool entries_only(struct rangeread *range, struct pager_access *access, int64_t *cpu)
{
	const struct rangeread_table *table = range->table;
	return leaves_in_turn(range, table->index_tuple + table->operator + table->tuple, access, cpu);
}

static bool rows_in_leaves(struct rangeread *range, struct pager_access *access, int64_t *cpu)
{
	return leaves_in_turn(range, range->table->tuple + range->table->operator, access, cpu);
}

/* What is visited is taken out of the bitmap, so that the next range finds it empty. */
static bool pages_of_bitmap(struct rangeread *range, struct pager_access *access, int64_t *cpu)
{
	struct rangeread_table *table = range->table;
	while (++range->page < table->heap->pages) {
		uint16_t *rows = &range->on_page[range->page];
		if (*rows == 0)
			continue;
		*cpu += *rows * (table->tuple + table->operator);
		*rows = 0;
		*access = one_page(disk_address(0, (uint64_t)range->page));
		return true;
	}
	freelist_give(&table->bitmaps, range->on_page);
	range->on_page = NULL;
	return false;
}

static bool collect(struct rangeread *range, struct pager_access *access, int64_t *cpu)
{
	const struct rangeread_table *table = range->table;
	int64_t before = range->done;
	bool more = leaves_in_turn(range, table->index_tuple + table->operator + table->operator / 10, access, cpu);
	for (int64_t i = before; i < range->done; i++)
		range->on_page[page_of(range, i)]++;
	if (more)
		return true;
	range->next = pages_of_bitmap;
	return pages_of_bitmap(range, access, cpu);
}

static bool scan(struct rangeread *range, struct pager_access *access, int64_t *cpu)
{
	const struct rangeread_table *table = range->table;
	int64_t page = range->page + 1, left = table->heap->pages - page;
	if (left <= 0)
		return false;
	int64_t pages = left < table->read_ahead ? left : table->read_ahead;
	*access = (struct pager_access){disk_address(0, (uint64_t)page), pages, false, table->keep};
	range->page = page + pages - 1;
	*cpu += pages * table->heap->per_page * (table->tuple + table->operator);
	return true;
}

static bool descend(struct rangeread *range, struct pager_access *access, int64_t *cpu)
{
	uint64_t page;
	bool leaf;
	if (treeindex_down(&range->cursor, &page, &leaf)) {
		*cpu += range->table->operator;
		*access = one_page(page);
		return true;
	}
	range->next = !range->table->heap ? (range->plan == PLAN_SEQUENTIAL ? rows_in_leaves : entries_only)
		      : range->plan == PLAN_INDEX ? rows_in_turn
		      : range->plan == PLAN_BITMAP ? collect
						   : entries_only;
	return range->next(range, access, cpu);
}

void rangeread_begin(struct rangeread *range, struct rangeread_table *table, struct treeindex *index, enum plan plan,
		     int64_t rank, int64_t selected)
{
	*range = (struct rangeread){.table = table, .plan = plan, .rank = rank, .selected = selected, .page = -1};
	if (plan == PLAN_SEQUENTIAL && table->heap) {
		range->next = scan;
		return;
	}
	if (plan == PLAN_BITMAP && table->heap) {
		size_t bytes = (size_t)table->heap->pages * sizeof(uint16_t);
		bytes = bytes < sizeof(void *) ? sizeof(void *) : bytes;
		range->on_page = freelist_get(&table->bitmaps, table->arena, bytes);
		memset(range->on_page, 0, sizeof(void *));
	}
	range->next = descend;
	treeindex_enter(&range->cursor, index, TREEINDEX_FIND, (uint64_t)rank * TREEINDEX_STRIDE);
}
