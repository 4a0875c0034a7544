/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operations are sorted by key, value and place in the record, so that a cluster is a run of the array, its write
 * first. Its zone is found in one pass; zones of a key are sorted by where they begin and swept once. Forward zones
 * that do not overlap are in order, so that the latest is the one to compare with: a forward zone that begins before
 * its end overlaps it, a backward zone that begins after it began and ends before its end lies within it.
 *
 * One operation comes before another if it returns before the other is called: equal instants are in no order.
 */
#include "model/history.h"
#include "base/check.h"

#include <stdlib.h>

struct item {
	const struct history_operation *operation;
	uint64_t place;
};

struct zone {
	int64_t low, high;  /* low < high forward; high <= low: backward, from high to low */
	const struct history_operation *first, *last; /* that returned first; that was called last */
	uint64_t place;
};

void history_init(struct history *history, struct arena *arena)
{
	*history = (struct history){.arena = arena};
}

void history_add(struct history *history, const struct history_operation *operation)
{
	CHECK(operation->called <= operation->returned && !(operation->write && operation->value == 0));
	if (!history->last || history->last->count == HISTORY_BLOCK) {
		struct history_block *block = ARENA_NEW(history->arena, struct history_block);
		if (history->last)
			history->last->next = block;
		else
			history->first = block;
		history->last = block;
	}
	history->last->operation[history->last->count++] = *operation;
	history->count++;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_cluster(const void *a, const void *b)
{
	const struct item *one = a, *other = b;
	int order = compare(one->operation->key, other->operation->key);
	if (order == 0)
		order = compare(one->operation->value, other->operation->value);
	if (order == 0)
		order = compare(other->operation->write, one->operation->write);
	return order ? order : compare(one->place, other->place);
}

static int64_t begin_of(const struct zone *zone)
{
	return zone->low < zone->high ? zone->low : zone->high;
}

static int by_begin(const void *a, const void *b)
{
	const struct zone *one = a, *other = b;
	int64_t first = begin_of(one), second = begin_of(other);
	int order = (first > second) - (first < second);
	return order ? order : compare(one->place, other->place);
}

static void blame(struct history_verdict *verdict, const char *why, const struct history_operation *one,
		  const struct history_operation *other)
{
	if (!verdict->why)
		*verdict = (struct history_verdict){why, *one, *other, verdict->keys, verdict->wrong};
}

/* The cluster item[0 .. count): its zone; false when it cannot be explained at all. */
static bool cluster(const struct item *item, uint64_t count, struct zone *zone, struct history_verdict *verdict)
{
	const struct history_operation *write = item[0].operation;
	bool initial = write->value == 0;
	if (!initial && !write->write) {
		blame(verdict, "a value was read that nobody wrote", write, write);
		return false;
	}
	*zone = (struct zone){INT64_MAX, INT64_MIN, write, write, item[0].place};
	if (initial)
		zone->low = INT64_MIN; /* written before everything */
	for (uint64_t i = 0; i < count; i++) {
		const struct history_operation *operation = item[i].operation;
		if (i > 0 && operation->write) {
			blame(verdict, "a value was written twice", write, operation);
			return false;
		}
		if (operation->returned < zone->low) {
			zone->low = operation->returned;
			zone->first = operation;
		}
		if (operation->called > zone->high) {
			zone->high = operation->called;
			zone->last = operation;
		}
		if (!initial && operation->returned < write->called) {
			blame(verdict, "a value was read before it was written", write, operation);
			return false;
		}
	}
	return true;
}

/* Sweeps the zones of one key. */
static bool explained(struct zone *zone, uint64_t count, struct history_verdict *verdict)
{
	const struct zone *forward = NULL;
	qsort(zone, count, sizeof *zone, by_begin);
	for (uint64_t i = 0; i < count; i++) {
		bool is_forward = zone[i].low < zone[i].high;
		bool clear_before = !is_forward && forward && zone[i].high <= forward->low;
		if (forward && zone[i].low < forward->high && !clear_before) {
			blame(verdict, is_forward ? "two values were each there before and after the other"
						  : "a value was there while another one was before and after it",
			      forward->last, zone[i].first);
			return false;
		}
		if (is_forward)
			forward = &zone[i];
	}
	return true;
}

struct history_verdict history_judge(const struct history *history)
{
	struct history_verdict verdict = {0};
	struct item *item = ARENA_ARRAY(history->arena, history->count, struct item);
	struct zone *zone = ARENA_ARRAY(history->arena, history->count, struct zone);
	uint64_t count = 0;
	for (const struct history_block *block = history->first; block; block = block->next)
		for (int i = 0; i < block->count; i++) {
			item[count] = (struct item){&block->operation[i], count};
			count++;
		}
	qsort(item, count, sizeof *item, by_cluster);
	for (uint64_t i = 0; i < count;) {
		uint64_t key = item[i].operation->key, zones = 0;
		bool fine = true;
		while (i < count && item[i].operation->key == key) {
			uint64_t first = i, value = item[i].operation->value;
			while (i < count && item[i].operation->key == key && item[i].operation->value == value)
				i++;
			/* A write that nobody has seen and that has not returned need not have happened. */
			if (i - first == 1 && item[first].operation->returned == HISTORY_PENDING)
				continue;
			if (cluster(item + first, i - first, &zone[zones], &verdict))
				zones++;
			else
				fine = false;
		}
		fine = explained(zone, zones, &verdict) && fine;
		verdict.keys++;
		verdict.wrong += !fine;
	}
	return verdict;
}

static bool is(const struct history_operation *one, const struct history_operation *other)
{
	return one->write == other->write && one->value == other->value && one->called == other->called &&
	       one->returned == other->returned && one->who == other->who;
}

int history_witness(const struct history *history, const struct history_verdict *verdict, int most,
		    struct history_operation *shown)
{
	const struct history_operation *one = &verdict->one, *other = &verdict->other;
	int64_t from = one->called < other->called ? one->called : other->called;
	int64_t to = one->returned > other->returned ? one->returned : other->returned;
	int count = 0;
	CHECK(verdict->why && most >= 2);
	for (const struct history_block *block = history->first; block; block = block->next)
		for (int i = 0; i < block->count; i++) {
			const struct history_operation *operation = &block->operation[i];
			bool same = operation->key == other->key && operation->value == other->value;
			if (same && operation->write && operation->called < from)
				from = operation->called;
		}
	shown[count++] = *one;
	if (!is(one, other))
		shown[count++] = *other;
	for (const struct history_block *block = history->first; block; block = block->next)
		for (int i = 0; i < block->count && count < most; i++) {
			const struct history_operation *operation = &block->operation[i];
			bool of_these = operation->key == one->key &&
					(operation->value == one->value || operation->value == other->value);
			if (of_these && operation->called <= to && operation->returned >= from && !is(operation, one) &&
			    !is(operation, other))
				shown[count++] = *operation;
		}
	for (int i = 1; i < count; i++)
		for (int k = i; k > 0 && shown[k - 1].called > shown[k].called; k--) {
			struct history_operation later = shown[k - 1];
			shown[k - 1] = shown[k];
			shown[k] = later;
		}
	return count;
}
