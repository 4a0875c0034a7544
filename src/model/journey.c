/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The slowest are kept in a binary heap with the least slow on top: a request that has ended either replaces the top or
 * is recycled. Among equals the earlier id counts as slower, so that the choice does not depend on the order of ending.
 */
#include "model/journey.h"
#include "base/check.h"

/* Most spans have few steps. */
enum { FEW = 6 };

void journeys_init(struct journeys *journeys, struct arena *arena, int wanted)
{
	CHECK(wanted > 0);
	*journeys = (struct journeys){.wanted = wanted, .arena = arena};
	journeys->slowest = ARENA_ARRAY(arena, (size_t)wanted, struct journey *);
}

/* What was recycled keeps its room for steps. */
static struct journey *make(struct journeys *journeys, uint64_t id, int64_t now, const char *kind)
{
	struct journey *journey = FREELIST_TAKE(&journeys->ended, journeys->arena, struct journey);
	*journey = (struct journey){.id = id, .begin = now, .end = -1, .kind = kind, .of = journeys,
				    .step = journey->step, .room = journey->room};
	return journey;
}

struct journey *journey_begin(struct journeys *journeys, uint64_t id, int64_t now, const char *kind)
{
	if (!journeys)
		return NULL;
	struct journey *journey = make(journeys, id, now, kind);
	journey->whole = journey;
	journey->open = 1;
	return journey;
}

struct journey *journey_span(struct journey *within, int64_t now, const char *kind)
{
	if (!within)
		return NULL;
	struct journey *whole = within->whole;
	CHECK(within->end < 0);
	if (whole->spans == JOURNEY_SPANS) {
		whole->missing++;
		return NULL;
	}
	struct journey *span = make(whole->of, whole->id, now, kind);
	span->whole = whole;
	whole->spans++;
	whole->open++;
	if (within->child)
		within->last_child->next = span;
	else
		within->child = span;
	within->last_child = span;
	return span;
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

void journey_step(struct journey *journey, const struct journey_step *added)
{
	if (journey->steps == JOURNEY_STEPS) {
		squeeze(journey);
	} else if (journey->steps == journey->room) {
		int room = journey->room ? JOURNEY_STEPS : FEW;
		struct journey_step *step = ARENA_ARRAY(journey->of->arena, (size_t)room, struct journey_step);
		for (int i = 0; i < journey->steps; i++)
			step[i] = journey->step[i];
		journey->step = step;
		journey->room = room;
	}
	journey->step[journey->steps++] = *added;
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

static void recycle(struct journey *journey)
{
	for (struct journey *child = journey->child, *next; child; child = next) {
		next = child->next;
		recycle(child);
	}
	freelist_give(&journey->of->ended, journey);
}

void journey_span_end(struct journey *span, int64_t now)
{
	if (!span)
		return;
	struct journey *whole = span->whole;
	span->end = now;
	if (--whole->open == 0 && whole->discarded)
		recycle(whole);
}

void journey_end(struct journeys *journeys, struct journey *journey, int64_t now)
{
	if (!journey)
		return;
	journey->end = now;
	journey->open--;
	struct journey *discarded = journey;
	if (journeys->kept < journeys->wanted) {
		journeys->slowest[journeys->kept++] = journey;
		for (int i = journeys->kept / 2; i-- > 0;)
			settle(journeys->slowest, journeys->kept, i);
		return;
	}
	if (slower(journey, journeys->slowest[0])) {
		discarded = journeys->slowest[0];
		journeys->slowest[0] = journey;
		settle(journeys->slowest, journeys->kept, 0);
	}
	discarded->discarded = true;
	if (discarded->open == 0)
		recycle(discarded);
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

void journey_own(struct journey *copy, struct arena *arena)
{
	struct journey_step *step = ARENA_ARRAY(arena, (size_t)copy->steps + 1, struct journey_step);
	for (int i = 0; i < copy->steps; i++)
		step[i] = copy->step[i];
	copy->step = step;
	copy->of = NULL;
	for (struct journey **at = &copy->child; *at; at = &(*at)->next) {
		struct journey *child = ARENA_NEW(arena, struct journey);
		*child = **at;
		*at = child;
		journey_own(child, arena);
	}
}
