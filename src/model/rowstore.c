/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The versions of a row are a list, newest first. A row has none until it is written for the first time; then what was
 * there at first becomes one. Those that are replaced stand in a queue besides, which is in the order of the commits
 * that replaced them: so a vacuum up to a horizon takes the front of it, and one that looks at each version meets the
 * snapshots in their order too.
 */
#include "model/rowstore.h"

#define ABORTED UINT64_MAX

struct rowstore_version {
	struct rowstore_version *older, *newer;
	struct rowstore_version *next;          /* of its writer while it is pending; then of those that are dead */
	uint64_t row, writer, committed, replaced; /* replaced: by which commit */
	int64_t value;
};

void rowstore_init(struct rowstore *store, struct arena *arena, int64_t rows, int64_t initial)
{
	*store = (struct rowstore){.arena = arena, .rows = rows, .initial = initial, .versions = rows, .most = rows};
	store->newest = ARENA_ARRAY(arena, (size_t)rows, struct rowstore_version *);
}

/* ---- snapshots ---- */

void rowstore_drop(struct rowstore *store, struct rowstore_snapshot *snapshot)
{
	if (!snapshot->taken)
		return;
	*(snapshot->older ? &snapshot->older->newer : &store->oldest) = snapshot->newer;
	*(snapshot->newer ? &snapshot->newer->older : &store->latest) = snapshot->older;
	snapshot->taken = false;
}

void rowstore_take(struct rowstore *store, struct rowstore_snapshot *snapshot)
{
	rowstore_drop(store, snapshot);
	*snapshot = (struct rowstore_snapshot){.older = store->latest, .sees = store->commits, .taken = true};
	*(store->latest ? &store->latest->newer : &store->oldest) = snapshot;
	store->latest = snapshot;
}

uint64_t rowstore_horizon(const struct rowstore *store)
{
	return store->oldest ? store->oldest->sees : store->commits;
}

/* ---- reading and writing ---- */

struct rowstore_found rowstore_read(const struct rowstore *store, uint64_t row, uint64_t sees, uint64_t reader)
{
	CHECK(row < (uint64_t)store->rows);
	int64_t passed = 0;
	for (const struct rowstore_version *version = store->newest[row]; version; version = version->older, passed++)
		if (version->committed <= sees ||
		    (version->committed == ROWSTORE_PENDING && version->writer == reader))
			return (struct rowstore_found){version->writer, version->committed, version->value, passed};
	CHECK(!store->newest[row]); /* what somebody sees is never vacuumed */
	return (struct rowstore_found){.value = store->initial};
}

struct rowstore_found rowstore_top(const struct rowstore *store, uint64_t row)
{
	return rowstore_read(store, row, ROWSTORE_PENDING, 0);
}

static struct rowstore_version *put(struct rowstore *store, uint64_t row)
{
	struct rowstore_version *version = FREELIST_TAKE(&store->gone, store->arena, struct rowstore_version);
	*version = (struct rowstore_version){.row = row, .older = store->newest[row], .value = store->initial};
	if (version->older)
		version->older->newer = version;
	store->newest[row] = version;
	return version;
}

static void book(struct rowstore *store, int64_t now)
{
	if (store->versions > store->most)
		store->most = store->versions;
	booking_level(store->versions_booking, now, store->versions);
	booking_level(store->dead_booking, now, store->dead);
}

void rowstore_write(struct rowstore *store, struct rowstore_writes *writes, uint64_t row, int64_t value, int64_t now)
{
	CHECK(row < (uint64_t)store->rows && writes->writer);
	struct rowstore_version *top = store->newest[row] ? store->newest[row] : put(store, row);
	if (top->committed == ROWSTORE_PENDING) {
		CHECK(top->writer == writes->writer);
		top->value = value;
		return;
	}
	struct rowstore_version *version = put(store, row);
	version->writer = writes->writer;
	version->committed = ROWSTORE_PENDING;
	version->value = value;
	*(writes->first ? &writes->last->next : &writes->first) = version;
	writes->last = version;
	writes->rows++;
	store->versions++;
	book(store, now);
}

static void begin_anew(struct rowstore_writes *writes)
{
	writes->rows = 0;
	writes->first = writes->last = NULL;
}

/* The committed version below `version`, which is to be replaced by it. Those of writers that aborted lie between. */
static struct rowstore_version *committed_below(const struct rowstore_version *version)
{
	struct rowstore_version *below = version->older;
	while (below->committed == ABORTED)
		below = below->older;
	return below;
}

uint64_t rowstore_commit(struct rowstore *store, struct rowstore_writes *writes, int64_t now)
{
	if (!writes->first)
		return 0;
	uint64_t number = ++store->commits;
	for (struct rowstore_version *version = writes->first, *next; version; version = next) {
		struct rowstore_version *replaced = committed_below(version);
		next = version->next;
		version->committed = number;
		version->next = NULL;
		replaced->replaced = number;
		*(store->last_replaced ? &store->last_replaced->next : &store->first_replaced) = replaced;
		store->last_replaced = replaced;
	}
	store->dead += writes->rows;
	begin_anew(writes);
	book(store, now);
	return number;
}

void rowstore_abort(struct rowstore *store, struct rowstore_writes *writes, int64_t now)
{
	if (!writes->first)
		return;
	for (struct rowstore_version *version = writes->first; version; version = version->next)
		version->committed = ABORTED;
	writes->last->next = store->aborted;
	store->aborted = writes->first;
	store->dead += writes->rows;
	begin_anew(writes);
	book(store, now);
}

/* ---- vacuum ---- */

static void take_away(struct rowstore *store, struct rowstore_version *version)
{
	*(version->newer ? &version->newer->older : &store->newest[version->row]) = version->older;
	if (version->older)
		version->older->newer = version->newer;
	freelist_give(&store->gone, version);
	store->versions--;
	store->dead--;
}

static void take_away_aborted(struct rowstore *store)
{
	for (struct rowstore_version *version = store->aborted, *next; version; version = next) {
		next = version->next;
		take_away(store, version);
	}
	store->aborted = NULL;
}

int64_t rowstore_vacuum(struct rowstore *store, uint64_t horizon, int64_t now)
{
	int64_t before = store->versions;
	struct rowstore_version *version = store->first_replaced;
	CHECK(horizon <= rowstore_horizon(store));
	take_away_aborted(store);
	for (struct rowstore_version *next; version && version->replaced <= horizon; version = next) {
		next = version->next;
		take_away(store, version);
	}
	store->first_replaced = version;
	if (!version)
		store->last_replaced = NULL;
	book(store, now);
	return before - store->versions;
}

int64_t rowstore_vacuum_each(struct rowstore *store, uint64_t until, int64_t now)
{
	int64_t before = store->versions;
	struct rowstore_version *version = store->first_replaced, *last = NULL;
	const struct rowstore_snapshot *snapshot = NULL; /* the newest one from before the version was replaced */
	take_away_aborted(store);
	store->first_replaced = NULL;
	for (struct rowstore_version *next; version && version->replaced <= until; version = next) {
		const struct rowstore_snapshot *later = snapshot ? snapshot->newer : store->oldest;
		next = version->next;
		for (; later && later->sees < version->replaced; later = later->newer)
			snapshot = later;
		if (!snapshot || snapshot->sees < version->committed) {
			take_away(store, version);
		} else {
			*(last ? &last->next : &store->first_replaced) = version;
			last = version;
		}
	}
	*(last ? &last->next : &store->first_replaced) = version;
	if (!version)
		store->last_replaced = last;
	book(store, now);
	return before - store->versions;
}
