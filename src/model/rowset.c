/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/rowset.h"

void rowset_init(struct rowset *rows, struct sim *sim, int64_t keys, int64_t nodes, bool gives_back)
{
	*rows = (struct rowset){.sim = sim, .rows = (uint64_t)(keys / nodes * nodes), .nodes = (uint64_t)nodes,
				.gives_back = gives_back};
	locktable_init(&rows->table, sim, locktable_victims[0]);
	rows->row = ARENA_ARRAY(&sim->arena, (size_t)rows->rows, struct rowset_row);
}

/* Whether another one of the part's rows, which are every `parts`-th, is that row. */
static bool is_taken(const struct rowset_owner *owner, uint64_t key, int part, int before, int parts)
{
	for (int i = part; i < before; i += parts)
		if (owner->lock[i].key == key)
			return true;
	return false;
}

void rowset_begin(struct rowset *rows, struct rowset_owner *owner, uint64_t first, int parts, int locks,
		  struct rng *rng, struct journey *const *journey)
{
	owner->rows = rows;
	owner->locks = locks;
	locktable_begin(&owner->owner, rows->owners++, journey);
	for (int i = 0; i < locks; i++) {
		int part = i % parts;
		uint64_t node = (first + (uint64_t)part) % rows->nodes, key = first;
		if (i > 0)
			key = rng_below(rng, rows->rows / rows->nodes) * rows->nodes + node;
		while (is_taken(owner, key, part, i, parts))
			key = (key + rows->nodes) % rows->rows;
		owner->lock[i] = (struct rowset_lock){.key = key, .part = part};
	}
}

static void granted(struct sim *sim, void *subject, uint64_t unused)
{
	struct rowset_owner *owner = subject;
	struct rowset *rows = owner->rows;
	struct rowset_lock *lock = &owner->lock[owner->at];
	lock->held = true;
	lock->since = sim->now;
	if (!lock->shared) {
		rows->row[lock->key].holder = owner;
		booking_level(rows->locked_now, sim->now, ++rows->locked);
	}
	owner->granted(sim, owner->subject, unused);
}

static void refused(struct sim *sim, void *subject, uint64_t unused)
{
	struct rowset_owner *owner = subject;
	owner->refused(sim, owner->subject, unused);
}

/* Waits for the present row first, and holds nothing meanwhile. */
static void give_back(struct rowset_owner *owner)
{
	struct rowset_lock wanted = owner->lock[owner->at];
	owner->lock[owner->at] = owner->lock[0];
	owner->lock[0] = wanted;
	owner->at = 0;
	for (int i = 1; i < owner->locks; i++)
		rowset_release(owner, i);
}

bool rowset_take(struct rowset_owner *owner, int i, sim_event_fn *when_granted, sim_event_fn *when_refused,
		 void *subject)
{
	struct rowset *rows = owner->rows;
	struct rowset_lock *lock = &owner->lock[i];
	CHECK(!lock->held);
	owner->at = i;
	owner->granted = when_granted;
	owner->refused = when_refused;
	owner->subject = subject;
	/* When it is granted at once, the owner may be no more when this returns. */
	uint64_t order = owner->owner.order;
	locktable_acquire(&rows->table, &owner->owner, lock->key,
			  lock->shared ? LOCKTABLE_SHARED : LOCKTABLE_EXCLUSIVE, granted, refused, owner, 0);
	if (owner->owner.order != order || !owner->owner.lock)
		return false;
	if (rows->gives_back)
		give_back(owner);
	return true;
}

void rowset_release(struct rowset_owner *owner, int i)
{
	struct rowset *rows = owner->rows;
	struct rowset_lock *lock = &owner->lock[i];
	if (!lock->held)
		return;
	lock->held = false;
	if (!lock->shared) {
		booking_record(rows->held, owner->since, rows->sim->now - lock->since);
		booking_level(rows->locked_now, rows->sim->now, --rows->locked);
		rows->row[lock->key].holder = NULL;
	}
	locktable_release(&rows->table, &owner->owner, lock->key);
}

void rowset_release_part(struct rowset_owner *owner, int part)
{
	for (int i = 0; i < owner->locks; i++)
		if (owner->lock[i].part == part)
			rowset_release(owner, i);
}

void rowset_change(struct rowset *rows, uint64_t key, int by)
{
	rows->row[key].unfinished += by;
	rows->unfinished += by;
	booking_level(rows->unfinished_now, rows->sim->now, rows->unfinished);
}

void rowset_end(struct rowset_owner *owner)
{
	for (int i = 0; i < owner->locks; i++)
		rowset_release(owner, i);
	locktable_end(&owner->rows->table, &owner->owner);
}
