/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/flight.h"
#include "base/check.h"
#include "engine/rng.h"

enum { FIRST_CAPACITY = 256 };

void flight_init(struct flight *flight, struct arena *arena)
{
	*flight = (struct flight){.capacity = FIRST_CAPACITY, .arena = arena};
	flight->entry = ARENA_ARRAY(arena, flight->capacity, struct flight_entry);
}

static size_t home(const struct flight *flight, uint64_t key)
{
	return rng_mix(key) & (flight->capacity - 1);
}

/* The entry of the key, or the free one where it would go. */
static struct flight_entry *find(struct flight *flight, uint64_t key)
{
	size_t i = home(flight, key);
	while (flight->entry[i].used && flight->entry[i].key != key)
		i = (i + 1) & (flight->capacity - 1);
	return &flight->entry[i];
}

static void grow(struct flight *flight)
{
	struct flight_entry *old = flight->entry;
	size_t capacity = flight->capacity;
	flight->capacity *= 2;
	flight->entry = ARENA_ARRAY(flight->arena, flight->capacity, struct flight_entry);
	for (size_t i = 0; i < capacity; i++)
		if (old[i].used)
			*find(flight, old[i].key) = old[i];
}

bool flight_join(struct flight *flight, uint64_t key, struct flight_follower *follower)
{
	struct flight_entry *entry = find(flight, key);
	if (!entry->used) {
		if (2 * (flight->count + 1) > flight->capacity) {
			grow(flight);
			entry = find(flight, key);
		}
		*entry = (struct flight_entry){.key = key, .used = true};
		flight->count++;
		return true;
	}
	follower->next = NULL;
	if (entry->first)
		entry->last->next = follower;
	else
		entry->first = follower;
	entry->last = follower;
	return false;
}

struct flight_follower *flight_land(struct flight *flight, uint64_t key)
{
	struct flight_entry *entry = find(flight, key);
	CHECK(entry->used);
	struct flight_follower *followers = entry->first;
	flight->count--;
	/* Close the gap, so that no probe chain is cut: move back every entry that may stand nearer to its home. */
	size_t mask = flight->capacity - 1, hole = (size_t)(entry - flight->entry), i = hole;
	for (;;) {
		i = (i + 1) & mask;
		if (!flight->entry[i].used)
			break;
		if (((i - home(flight, flight->entry[i].key)) & mask) >= ((i - hole) & mask)) {
			flight->entry[hole] = flight->entry[i];
			hole = i;
		}
	}
	flight->entry[hole].used = false;
	return followers;
}
