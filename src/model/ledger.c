/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/ledger.h"
#include "base/check.h"
#include "engine/rng.h"

#include <string.h>

enum { FIRST_CAPACITY = 1024 };

void ledger_init(struct ledger *ledger, struct arena *arena)
{
	*ledger = (struct ledger){.capacity = FIRST_CAPACITY, .arena = arena};
	ledger->entry = ARENA_ARRAY(arena, ledger->capacity, struct ledger_entry);
}

static struct ledger_entry *find(struct ledger *ledger, const struct ledger_entry *wanted)
{
	uint64_t hash = (uint64_t)wanted->count;
	for (int i = 0; i < wanted->count; i++)
		hash = rng_mix(hash ^ wanted->holder[i]);
	size_t i = hash & (ledger->capacity - 1);
	for (;;) {
		struct ledger_entry *entry = &ledger->entry[i];
		if (entry->writes == 0 || (entry->count == wanted->count &&
					   memcmp(entry->holder, wanted->holder, sizeof wanted->holder) == 0))
			return entry;
		i = (i + 1) & (ledger->capacity - 1);
	}
}

static void grow(struct ledger *ledger)
{
	struct ledger_entry *old = ledger->entry;
	size_t capacity = ledger->capacity;
	ledger->capacity *= 2;
	ledger->entry = ARENA_ARRAY(ledger->arena, ledger->capacity, struct ledger_entry);
	for (size_t i = 0; i < capacity; i++)
		if (old[i].writes)
			*find(ledger, &old[i]) = old[i];
}

/* Adds writes to the entry of a set of holders, which are in order. */
static void add(struct ledger *ledger, const struct ledger_entry *set, uint64_t writes)
{
	struct ledger_entry *entry = find(ledger, set);
	if (entry->writes == 0) {
		if (2 * (ledger->used + 1) > ledger->capacity) {
			grow(ledger);
			entry = find(ledger, set);
		}
		*entry = *set;
		entry->writes = 0;
		ledger->used++;
	}
	entry->writes += writes;
}

void ledger_add(struct ledger *ledger, const uint16_t *holder, int count)
{
	CHECK(count >= 0 && count <= LEDGER_HOLDERS);
	struct ledger_entry set = {.count = count};
	for (int i = 0; i < count; i++) {
		int at = i;
		for (; at > 0 && set.holder[at - 1] > holder[i]; at--)
			set.holder[at] = set.holder[at - 1];
		set.holder[at] = holder[i];
	}
	add(ledger, &set, 1);
}

void ledger_forget(struct ledger *ledger, uint16_t node)
{
	struct ledger_entry *old = ledger->entry;
	size_t capacity = ledger->capacity;
	ledger->entry = ARENA_ARRAY(ledger->arena, capacity, struct ledger_entry);
	ledger->used = 0;
	for (size_t i = 0; i < capacity; i++) {
		if (!old[i].writes)
			continue;
		struct ledger_entry left = {.count = 0};
		for (int h = 0; h < old[i].count; h++)
			if (old[i].holder[h] != node)
				left.holder[left.count++] = old[i].holder[h];
		add(ledger, &left, old[i].writes);
	}
}

uint64_t ledger_lost(const struct ledger *ledger)
{
	uint64_t writes = 0;
	for (size_t i = 0; i < ledger->capacity; i++)
		writes += ledger->entry[i].count == 0 ? ledger->entry[i].writes : 0;
	return writes;
}

uint64_t ledger_writes(const struct ledger *ledger)
{
	uint64_t writes = 0;
	for (size_t i = 0; i < ledger->capacity; i++)
		writes += ledger->entry[i].writes;
	return writes;
}
