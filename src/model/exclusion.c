/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/exclusion.h"
#include "base/check.h"

void exclusion_init(struct exclusion *exclusion, struct arena *arena, int64_t things)
{
	*exclusion = (struct exclusion){.things = things};
	exclusion->thing = ARENA_ARRAY(arena, (size_t)things, struct exclusion_thing);
}

bool exclusion_begin(struct exclusion *exclusion, int64_t number, struct exclusion_hold *hold, int64_t now)
{
	CHECK(number >= 0 && number < exclusion->things && !hold->thing);
	struct exclusion_thing *thing = &exclusion->thing[number];
	bool crossed = thing->newest != NULL;
	*hold = (struct exclusion_hold){.thing = thing, .next = thing->newest, .number = ++exclusion->begun,
					.since = now, .crossed = crossed};
	if (crossed) {
		exclusion->violations++;
		thing->newest->previous = hold;
		for (struct exclusion_hold *other = thing->newest; other; other = other->next)
			other->crossed = true;
	}
	thing->newest = hold;
	thing->latest = hold->number;
	if (++thing->holders == 2)
		thing->shared_since = now;
	return crossed;
}

int64_t exclusion_end(struct exclusion *exclusion, struct exclusion_hold *hold, int64_t now)
{
	struct exclusion_thing *thing = hold->thing;
	if (!thing)
		return 0;
	if (hold->previous)
		hold->previous->next = hold->next;
	else
		thing->newest = hold->next;
	if (hold->next)
		hold->next->previous = hold->previous;
	hold->thing = NULL;
	if (--thing->holders != 1)
		return 0;
	int64_t shared = now - thing->shared_since;
	exclusion->shared += shared;
	if (shared > exclusion->longest)
		exclusion->longest = shared;
	return shared;
}

bool exclusion_is_overtaken(const struct exclusion_hold *hold)
{
	return hold->thing && hold->thing->latest != hold->number;
}
