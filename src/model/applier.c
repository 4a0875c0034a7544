/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries of one key form a list in the order of the log, of which only the first may be at a worker. Keys with entries
 * are found in a table with linear probing; one that has none left is taken out, and those behind it move up. A single
 * worker needs none of it: its queue is the log.
 */
#include "model/applier.h"

struct applier_entry {
	struct applier *applier;
	struct applier_entry *after; /* the next of the same key */
	int64_t position;
	uint64_t key;
	int64_t service;
	bool done;
	sim_event_fn *applied;
	void *subject;
	uint64_t detail;
};

struct applier_wait {
	struct applier_wait *next; /* of the last one: the first */
	sim_event_fn *fn;
	void *subject;
	uint64_t detail;
};

struct applier_key {
	struct applier_entry *first, *last; /* NULL: the place is free */
};

enum { ROOM_FIRST = 64 };

void applier_init(struct applier *applier, struct sim *sim, int64_t workers, bool in_order, int64_t position)
{
	*applier = (struct applier){.sim = sim, .in_order = in_order, .received = position, .applied = position,
				    .room = ROOM_FIRST, .key_room = ROOM_FIRST};
	pool_init(&applier->workers, sim, "applier", -1, workers, -1);
	applier->entry = ARENA_ARRAY(&sim->arena, ROOM_FIRST, struct applier_entry *);
	applier->wait = ARENA_ARRAY(&sim->arena, ROOM_FIRST, struct applier_wait *);
	applier->key = ARENA_ARRAY(&sim->arena, ROOM_FIRST, struct applier_key);
}

/* ---- positions ---- */

static void make_room(struct applier *applier, int64_t position)
{
	int64_t before = applier->room;
	if (position - applier->applied <= before)
		return;
	while (position - applier->applied > applier->room)
		applier->room *= 2;
	struct applier_entry **entry = ARENA_ARRAY(&applier->sim->arena, (size_t)applier->room, struct applier_entry *);
	struct applier_wait **wait = ARENA_ARRAY(&applier->sim->arena, (size_t)applier->room, struct applier_wait *);
	for (int64_t at = applier->applied + 1; at <= applier->applied + before; at++) {
		entry[at & (applier->room - 1)] = applier->entry[at & (before - 1)];
		wait[at & (applier->room - 1)] = applier->wait[at & (before - 1)];
	}
	applier->entry = entry;
	applier->wait = wait;
}

/* ---- keys ---- */

static size_t home(const struct applier *applier, uint64_t key)
{
	return (size_t)rng_mix(key) & (applier->key_room - 1);
}

/* Where the key is, or the free place where it belongs. */
static struct applier_key *find_key(struct applier *applier, uint64_t key)
{
	size_t at = home(applier, key);
	while (applier->key[at].first && applier->key[at].first->key != key)
		at = (at + 1) & (applier->key_room - 1);
	return &applier->key[at];
}

static void make_key_room(struct applier *applier)
{
	if (2 * applier->keys < applier->key_room)
		return;
	struct applier_key *before = applier->key;
	size_t room = applier->key_room;
	applier->key_room *= 2;
	applier->key = ARENA_ARRAY(&applier->sim->arena, applier->key_room, struct applier_key);
	for (size_t i = 0; i < room; i++)
		if (before[i].first)
			*find_key(applier, before[i].first->key) = before[i];
}

static void free_key(struct applier *applier, struct applier_key *key)
{
	size_t mask = applier->key_room - 1, hole = (size_t)(key - applier->key);
	applier->key[hole] = (struct applier_key){NULL, NULL};
	applier->keys--;
	for (size_t at = (hole + 1) & mask; applier->key[at].first; at = (at + 1) & mask) {
		size_t from = home(applier, applier->key[at].first->key);
		if (((at - from) & mask) < ((at - hole) & mask))
			continue; /* it would come before its home */
		applier->key[hole] = applier->key[at];
		applier->key[at] = (struct applier_key){NULL, NULL};
		hole = at;
	}
}

/* ---- the life of an entry ---- */

static void done(struct sim *sim, void *subject, uint64_t unused);

/* `entry` can be seen: the next of its key may begin, and who asked for it is told. */
static void show(struct applier *applier, struct applier_entry *entry)
{
	struct applier_entry shown = *entry;
	if (applier->workers.servers > 1) {
		struct applier_key *key = find_key(applier, entry->key);
		if (shown.after) {
			key->first = shown.after;
			pool_enter(&applier->workers, shown.after->service, done, shown.after, 0, NULL);
		} else {
			free_key(applier, key);
		}
	}
	applier->entry[shown.position & (applier->room - 1)] = NULL;
	freelist_give(&applier->entries, entry);
	if (shown.applied)
		shown.applied(applier->sim, shown.subject, shown.detail);
}

static void advance(struct applier *applier)
{
	while (applier->applied < applier->received) {
		int64_t place = (applier->applied + 1) & (applier->room - 1);
		struct applier_entry *entry = applier->entry[place];
		if (entry && !(applier->in_order && entry->done))
			return;
		applier->applied++;
		struct applier_wait *last = applier->wait[place], *wait = last ? last->next : NULL;
		applier->wait[place] = NULL;
		if (entry)
			show(applier, entry);
		for (bool more = wait; more;) {
			struct applier_wait now = *wait;
			more = wait != last;
			freelist_give(&applier->waits, wait);
			wait = now.next;
			now.fn(applier->sim, now.subject, now.detail);
		}
	}
}

static void done(struct sim *sim, void *subject, uint64_t unused)
{
	struct applier_entry *entry = subject;
	struct applier *applier = entry->applier;
	(void)sim;
	(void)unused;
	entry->done = true;
	if (!applier->in_order)
		show(applier, entry);
	advance(applier);
}

int64_t applier_receive(struct applier *applier, uint64_t key, int64_t service, sim_event_fn *applied, void *subject,
			uint64_t detail)
{
	struct applier_entry *entry =
		FREELIST_TAKE(&applier->entries, &applier->sim->arena, struct applier_entry);
	*entry = (struct applier_entry){.applier = applier, .position = ++applier->received, .key = key,
					.service = service, .applied = applied, .subject = subject, .detail = detail};
	make_room(applier, entry->position);
	applier->entry[entry->position & (applier->room - 1)] = entry;
	if (applier->workers.servers > 1) {
		make_key_room(applier);
		struct applier_key *same = find_key(applier, key);
		if (same->first) {
			same->last = same->last->after = entry;
			return entry->position;
		}
		applier->keys++;
		*same = (struct applier_key){entry, entry};
	}
	pool_enter(&applier->workers, service, done, entry, 0, NULL);
	return entry->position;
}

void applier_wait(struct applier *applier, int64_t position, sim_event_fn *fn, void *subject, uint64_t detail)
{
	if (position <= applier->applied) {
		fn(applier->sim, subject, detail);
		return;
	}
	make_room(applier, position);
	struct applier_wait *wait = FREELIST_TAKE(&applier->waits, &applier->sim->arena, struct applier_wait);
	struct applier_wait **last = &applier->wait[position & (applier->room - 1)];
	*wait = (struct applier_wait){*last ? (*last)->next : wait, fn, subject, detail};
	if (*last)
		(*last)->next = wait;
	*last = wait;
}

void applier_pause(struct applier *applier, int64_t length)
{
	pool_pause(&applier->workers, length);
}
