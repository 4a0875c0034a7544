/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lock is there while somebody holds its key: who holds it in the order of the grants, and the queue. Grants change
 * the table at once and are told later, so that no walk through it meets a table that a callback has changed.
 *
 * The wait-for graph is not kept; its edges are read off the locks. All new circles go through the transaction that
 * begins to wait, so a search in breadth from it finds one, and a shortest, if there is any. Whoever waits in a queue
 * gets, by way of others in it, to holders of its lock and nowhere else. One that waits to be exclusive, and is no
 * upgrade, reaches all of them at once: after it nobody else in that queue need be looked at, and a long queue is
 * walked once rather than once a member. (The search's own start is no exception: it is the queue's last, whom nobody
 * there waits for, or an upgrade and so a holder.)
 */
#include "model/locktable.h"

struct locktable_hold {
	struct locktable_owner *owner;
	struct locktable_lock *lock;
	struct locktable_hold *next_of_owner;
	struct locktable_hold *before, *after; /* of the lock */
	enum locktable_mode mode;
};

struct locktable_lock {
	uint64_t key;
	int64_t holders;
	struct locktable_hold *first_hold, *last_hold;
	struct locktable_owner *first, *last; /* of those that wait */
	uint64_t searched;                    /* the last search that need not look at it again */
};

/* ---- victims ---- */

static bool youngest(const struct locktable_owner *other, const struct locktable_owner *chosen)
{
	return other->order > chosen->order;
}

static bool oldest(const struct locktable_owner *other, const struct locktable_owner *chosen)
{
	return other->order < chosen->order;
}

static bool fewest_locks(const struct locktable_owner *other, const struct locktable_owner *chosen)
{
	return other->locks != chosen->locks ? other->locks < chosen->locks : youngest(other, chosen);
}

static bool requester(const struct locktable_owner *other, const struct locktable_owner *chosen)
{
	(void)other;
	(void)chosen;
	return false;
}

#define VICTIMS(_) _(youngest, "youngest") _(oldest, "oldest") _(fewest_locks, "fewest-locks") _(requester, "requester")

#define VICTIM(victim, name) static const struct locktable_victim victim_##victim = {name, victim};
VICTIMS(VICTIM)

#define LISTED(victim, name) &victim_##victim,
const struct locktable_victim *const locktable_victims[] = {VICTIMS(LISTED) NULL};

#define NAME(victim, name) name,
const char *const locktable_victim_names[] = {VICTIMS(NAME) NULL};

/* ---- the table ---- */

void locktable_init(struct locktable *table, struct sim *sim, const struct locktable_victim *victim)
{
	*table = (struct locktable){.sim = sim, .victim = victim};
	keymap_init(&table->locks, &sim->arena, sizeof(struct locktable_lock *));
}

void locktable_begin(struct locktable_owner *owner, uint64_t order, struct journey *const *journey)
{
	*owner = (struct locktable_owner){.order = order, .journey = journey};
}

static bool compatible(enum locktable_mode one, enum locktable_mode other)
{
	return one == LOCKTABLE_SHARED && other == LOCKTABLE_SHARED;
}

static struct locktable_lock *find_lock(const struct locktable *table, uint64_t key)
{
	struct locktable_lock *const *lock = keymap_find(&table->locks, key);
	return lock ? *lock : NULL;
}

static struct locktable_lock *take_lock(struct locktable *table, uint64_t key)
{
	bool fresh;
	struct locktable_lock **lock = keymap_put(&table->locks, key, &fresh);
	if (fresh) {
		*lock = FREELIST_TAKE(&table->free_locks, &table->sim->arena, struct locktable_lock);
		**lock = (struct locktable_lock){.key = key};
	}
	return *lock;
}

/* By the shorter of the two lists it is in. */
static struct locktable_hold *find_hold(const struct locktable_lock *lock, const struct locktable_owner *owner)
{
	struct locktable_hold *hold;
	if (lock->holders < owner->locks)
		for (hold = lock->first_hold; hold && hold->owner != owner;)
			hold = hold->after;
	else
		for (hold = owner->first; hold && hold->lock != lock;)
			hold = hold->next_of_owner;
	return hold;
}

enum locktable_mode locktable_holds(const struct locktable *table, const struct locktable_owner *owner, uint64_t key)
{
	const struct locktable_lock *lock = find_lock(table, key);
	const struct locktable_hold *hold = lock ? find_hold(lock, owner) : NULL;
	return hold ? hold->mode : LOCKTABLE_NONE;
}

/* Whether nobody who holds the lock, but `owner` itself, is in the way. One exclusive holder is the only one. */
static bool holders_allow(const struct locktable_lock *lock, const struct locktable_owner *owner)
{
	if (owner->upgrades)
		return lock->holders == 1;
	return !lock->first_hold || compatible(lock->first_hold->mode, owner->mode);
}

static void hold_lock(struct locktable *table, struct locktable_lock *lock, struct locktable_owner *owner)
{
	if (owner->upgrades) {
		owner->upgrades->mode = owner->mode;
		return;
	}
	struct locktable_hold *hold = FREELIST_TAKE(&table->free_holds, &table->sim->arena, struct locktable_hold);
	*hold = (struct locktable_hold){.owner = owner, .lock = lock, .before = lock->last_hold, .mode = owner->mode};
	if (lock->last_hold)
		lock->last_hold->after = hold;
	else
		lock->first_hold = hold;
	lock->last_hold = hold;
	lock->holders++;
	if (owner->last)
		owner->last->next_of_owner = hold;
	else
		owner->first = hold;
	owner->last = hold;
	owner->locks++;
}

/* ---- the queue of a lock ---- */

static void enqueue(struct locktable *table, struct locktable_lock *lock, struct locktable_owner *owner)
{
	struct locktable_owner *behind = NULL;
	if (owner->upgrades)
		for (behind = lock->first; behind && behind->upgrades;)
			behind = behind->behind;
	owner->behind = behind;
	owner->ahead = behind ? behind->ahead : lock->last;
	*(owner->ahead ? &owner->ahead->behind : &lock->first) = owner;
	*(behind ? &behind->ahead : &lock->last) = owner;
	owner->lock = lock;
	owner->since = table->sim->now;
	booking_level(table->waiting_now, table->sim->now, ++table->waiting);
}

static void dequeue(struct locktable *table, struct locktable_owner *owner)
{
	struct locktable_lock *lock = owner->lock;
	*(owner->ahead ? &owner->ahead->behind : &lock->first) = owner->behind;
	*(owner->behind ? &owner->behind->ahead : &lock->last) = owner->ahead;
	owner->lock = NULL;
	booking_level(table->waiting_now, table->sim->now, --table->waiting);
	booking_record(table->waited, owner->since, table->sim->now - owner->since);
}

static void tell(struct sim *sim, void *subject, uint64_t granted)
{
	struct locktable_owner *owner = subject;
	owner->to_be_told = false;
	(granted ? owner->granted : owner->refused)(sim, owner->subject, owner->detail);
}

static void tell_later(struct locktable *table, struct locktable_owner *owner, bool granted)
{
	journey_note_time(owner->journey, table->sim->now, "lock", -1, granted ? "granted after" : "refused after",
		     table->sim->now - owner->since);
	owner->to_be_told = true;
	owner->told = sim_after(table->sim, 0, tell, owner, granted);
}

/* Grants what can be granted after somebody has left the lock, which may be gone afterwards. */
static void grant_waiting(struct locktable *table, struct locktable_lock *lock)
{
	for (struct locktable_owner *owner; (owner = lock->first) && holders_allow(lock, owner);) {
		dequeue(table, owner);
		hold_lock(table, lock, owner);
		tell_later(table, owner, true);
	}
	if (lock->holders == 0) {
		keymap_drop(&table->locks, lock->key);
		freelist_give(&table->free_locks, lock);
	}
}

static void stop_waiting(struct locktable *table, struct locktable_owner *owner)
{
	struct locktable_lock *lock = owner->lock;
	dequeue(table, owner);
	grant_waiting(table, lock);
}

/* ---- deadlocks ---- */

bool locktable_waits_for(const struct locktable_owner *owner, const struct locktable_owner *other)
{
	const struct locktable_lock *lock = owner->lock;
	if (!lock || owner == other)
		return false;
	const struct locktable_hold *hold = find_hold(lock, other);
	if (hold && !compatible(hold->mode, owner->mode))
		return true;
	if (other->lock != lock || compatible(other->mode, owner->mode))
		return false;
	const struct locktable_owner *ahead = owner->ahead;
	while (ahead && ahead != other)
		ahead = ahead->ahead;
	return ahead;
}

struct search {
	uint64_t number;
	struct locktable_owner *from, *last; /* the one that begins to wait; who was reached last */
};

/* True: that closes a circle. */
static bool reach(struct search *search, struct locktable_owner *by, struct locktable_owner *owner)
{
	if (owner == search->from)
		return by != owner;
	if (owner->searched == search->number)
		return false;
	owner->searched = search->number;
	owner->reached_from = by;
	owner->next_reached = NULL;
	search->last->next_reached = owner;
	search->last = owner;
	return false;
}

/* Reaches all that `owner` waits for: who holds the lock, then who is ahead, from the front. */
static bool follow(struct search *search, struct locktable_owner *owner)
{
	struct locktable_lock *lock = owner->lock;
	if (!lock || lock->searched == search->number)
		return false;
	for (struct locktable_hold *hold = lock->first_hold; hold; hold = hold->after)
		if (!compatible(hold->mode, owner->mode) && hold->owner != owner && reach(search, owner, hold->owner))
			return true;
	for (struct locktable_owner *ahead = lock->first; ahead != owner; ahead = ahead->behind)
		if (!compatible(ahead->mode, owner->mode) && reach(search, owner, ahead))
			return true;
	if (!owner->upgrades && owner->mode == LOCKTABLE_EXCLUSIVE)
		lock->searched = search->number;
	return false;
}

/* The last of a circle that begins with `from`, which the others' reached_from lead back to; NULL: there is none. */
static struct locktable_owner *find_circle(struct locktable *table, struct locktable_owner *from)
{
	struct search search = {++table->searches, from, from};
	from->searched = search.number;
	from->reached_from = from->next_reached = NULL;
	for (struct locktable_owner *owner = from; owner; owner = owner->next_reached)
		if (follow(&search, owner))
			return owner;
	return NULL;
}

/* Who holds nothing stands last in the queue: nobody waits for it, and it closes no circle. */
static void break_circles(struct locktable *table, struct locktable_owner *from)
{
	if (from->locks == 0)
		return;
	for (struct locktable_owner *last; from->lock && (last = find_circle(table, from));) {
		struct locktable_owner *victim = from;
		for (struct locktable_owner *owner = last; owner != from; owner = owner->reached_from)
			if (table->victim->rather(owner, victim))
				victim = owner;
		booking_count(table->deadlocks, table->sim->now, 1);
		tell_later(table, victim, false);
		stop_waiting(table, victim);
	}
}

/* ---- requests ---- */

void locktable_acquire(struct locktable *table, struct locktable_owner *owner, uint64_t key, enum locktable_mode mode,
		       sim_event_fn *granted, sim_event_fn *refused, void *subject, uint64_t detail)
{
	CHECK(mode != LOCKTABLE_NONE && !owner->lock && !owner->to_be_told);
	struct locktable_lock *lock = take_lock(table, key);
	struct locktable_hold *hold = find_hold(lock, owner);
	if (hold && hold->mode >= mode) {
		granted(table->sim, subject, detail);
		return;
	}
	owner->mode = mode;
	owner->upgrades = hold;
	if ((hold || !lock->first) && holders_allow(lock, owner)) {
		hold_lock(table, lock, owner);
		granted(table->sim, subject, detail);
		return;
	}
	owner->granted = granted;
	owner->refused = refused;
	owner->subject = subject;
	owner->detail = detail;
	journey_note(owner->journey, table->sim->now, "lock", -1, "waits for holders", lock->holders);
	enqueue(table, lock, owner);
	break_circles(table, owner);
}

/* Its owner has taken it off its list. */
static void release(struct locktable *table, struct locktable_hold *hold)
{
	struct locktable_lock *lock = hold->lock;
	*(hold->before ? &hold->before->after : &lock->first_hold) = hold->after;
	*(hold->after ? &hold->after->before : &lock->last_hold) = hold->before;
	lock->holders--;
	freelist_give(&table->free_holds, hold);
	grant_waiting(table, lock);
}

void locktable_release(struct locktable *table, struct locktable_owner *owner, uint64_t key)
{
	struct locktable_hold *hold = owner->first, *before = NULL;
	while (hold && hold->lock->key != key) {
		before = hold;
		hold = hold->next_of_owner;
	}
	CHECK(hold && !(owner->lock && owner->upgrades == hold));
	*(before ? &before->next_of_owner : &owner->first) = hold->next_of_owner;
	if (owner->last == hold)
		owner->last = before;
	owner->locks--;
	release(table, hold);
}

void locktable_end(struct locktable *table, struct locktable_owner *owner)
{
	if (owner->lock)
		stop_waiting(table, owner);
	if (owner->to_be_told)
		CHECK(sim_cancel(table->sim, owner->told));
	owner->to_be_told = false;
	for (struct locktable_hold *hold = owner->first, *next; hold; hold = next) {
		next = hold->next_of_owner;
		release(table, hold);
	}
	owner->first = owner->last = NULL;
	owner->locks = 0;
}
