/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The slowest are kept in a binary heap with the least slow on top: a request that has ended either replaces the top or
 * is recycled. Among equals the earlier id counts as slower, so that the choice does not depend on the order of ending.
 */
#include "model/journey.h"
#include "base/check.h"

void journeys_init(struct journeys *journeys, struct arena *arena, int wanted)
{
	CHECK(wanted > 0);
	*journeys = (struct journeys){.wanted = wanted, .arena = arena};
	journeys->slowest = ARENA_ARRAY(arena, (size_t)wanted, struct journey *);
}

struct journey *journey_begin(struct journeys *journeys, uint64_t id, int64_t now, const char *kind)
{
	if (!journeys)
		return NULL;
	struct journey *journey = FREELIST_TAKE(&journeys->ended, journeys->arena, struct journey);
	journey->id = id;
	journey->begin = now;
	journey->kind = kind;
	journey->steps = journey->dropped = 0;
	return journey;
}

/* Makes room for a step: drops the one that followed the one before it soonest. */
static void squeeze(struct journey *journey)
{
	int soonest = 1;
	for (int i = 2; i < journey->steps; i++)
		if (journey->step[i].time - journey->step[i - 1].time <
		    journey->step[soonest].time - journey->step[soonest - 1].time)
			soonest = i;
	for (int i = soonest; i + 1 < journey->steps; i++)
		journey->step[i] = journey->step[i + 1];
	journey->steps--;
	journey->dropped++;
}

void journey_step(struct journey *journey, int64_t now, const char *part, int64_t number, const char *what,
		  int64_t value)
{
	if (journey->steps == JOURNEY_STEPS)
		squeeze(journey);
	journey->step[journey->steps++] = (struct journey_step){now, part, what, number, value};
}

static bool slower(const struct journey *a, const struct journey *b)
{
	int64_t x = a->end - a->begin, y = b->end - b->begin;
	return x != y ? x > y : a->id < b->id;
}

static void settle(struct journey **heap, int count, int i)
{
	struct journey *moving = heap[i];
	for (int child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count && slower(heap[child], heap[child + 1]))
			child++;
		if (!slower(moving, heap[child]))
			break;
		heap[i] = heap[child];
	}
	heap[i] = moving;
}

void journey_end(struct journeys *journeys, struct journey *journey, int64_t now)
{
	if (!journey)
		return;
	journey->end = now;
	struct journey *recycled = journey;
	if (journeys->kept < journeys->wanted) {
		journeys->slowest[journeys->kept++] = journey;
		for (int i = journeys->kept / 2; i-- > 0;)
			settle(journeys->slowest, journeys->kept, i);
		return;
	}
	if (slower(journey, journeys->slowest[0])) {
		recycled = journeys->slowest[0];
		journeys->slowest[0] = journey;
		settle(journeys->slowest, journeys->kept, 0);
	}
	freelist_give(&journeys->ended, recycled);
}

void journeys_sort(struct journeys *journeys)
{
	for (int end = journeys->kept - 1; end > 0; end--) {
		struct journey *least = journeys->slowest[0];
		journeys->slowest[0] = journeys->slowest[end];
		journeys->slowest[end] = least;
		settle(journeys->slowest, end, 0);
	}
}
