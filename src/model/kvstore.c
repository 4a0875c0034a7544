/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An ask travels, waits for a server, is served, runs its script at the end of its service, and travels back. Its visit
 * lives until both the message and the caller's patience have ended.
 *
 * All records live equally long, so they end in the order in which their lifetimes began: a ring of what is due tells
 * which have ended, and one that has been renewed since is passed over.
 */
#include "model/kvstore.h"
#include "base/check.h"
#include "base/freelist.h"

#include <string.h>

enum { FIRST_ROOM = 64 };

/* Before the caller's bytes. */
struct record {
	int64_t ends; /* ns; INT64_MAX: never */
	int64_t unused;
};

struct kvstore_due {
	uint64_t key;
	int64_t ends;
};

struct visit {
	struct kvstore *store;
	struct kvstore_ask ask;
	struct journey *journey; /* NULL from when the caller waits no more */
	int64_t service, back; /* ns, drawn when it was asked */
	queue_handle timer;
	bool flying, waiting;  /* the message is under way or in the store; the caller waits */
};

void kvstore_init(struct kvstore *store, struct sim *sim, const char *name, const struct kvstore_config *config)
{
	CHECK(config->servers >= 1 && config->timeout >= 0 && config->lifetime >= 0);
	*store = (struct kvstore){.sim = sim, .config = config, .stream = sim_stream(sim, name)};
	pool_init(&store->server, sim, "store", -1, config->servers, -1);
	keymap_init(&store->record, &sim->arena, sizeof(struct record) + config->record);
}

static void book_records(struct kvstore *store)
{
	booking_level(store->records, store->sim->now, (int64_t)store->record.count);
}

/* ---- what ends ---- */

static struct kvstore_due *due_at(const struct kvstore *store, int64_t number)
{
	return &store->due[(store->due_first + number) & (store->due_room - 1)];
}

static void remember_end(struct kvstore *store, uint64_t key, int64_t ends)
{
	if (store->due_count == store->due_room) {
		int64_t room = store->due_room ? 2 * store->due_room : FIRST_ROOM;
		struct kvstore_due *due = ARENA_ARRAY(&store->sim->arena, (size_t)room, struct kvstore_due);
		for (int64_t i = 0; i < store->due_count; i++)
			due[i] = *due_at(store, i);
		store->due = due;
		store->due_room = room;
		store->due_first = 0;
	}
	*due_at(store, store->due_count++) = (struct kvstore_due){key, ends};
}

static void drop_ended(struct kvstore *store)
{
	int64_t now = store->sim->now;
	for (; store->due_count > 0 && due_at(store, 0)->ends <= now; store->due_count--) {
		const struct kvstore_due *due = due_at(store, 0);
		const struct record *record = keymap_find(&store->record, due->key);
		if (record && record->ends == due->ends)
			keymap_drop(&store->record, due->key);
		store->due_first = (store->due_first + 1) & (store->due_room - 1);
	}
}

/* ---- an ask ---- */

static void release(struct visit *visit)
{
	if (!visit->flying && !visit->waiting)
		freelist_give(&visit->store->visits, visit);
}

static void lose(struct visit *visit)
{
	visit->flying = false;
	release(visit);
}

static void answer(struct visit *visit, bool reached)
{
	struct kvstore_ask ask = visit->ask;
	struct sim *sim = visit->store->sim;
	ask.reached = reached;
	visit->waiting = false;
	release(visit);
	ask.answered(sim, ask.subject, &ask);
}

static void give_up(struct sim *sim, void *subject, uint64_t detail)
{
	struct visit *visit = subject;
	(void)detail;
	journey_note(&visit->journey, sim->now, "store", -1, "does not answer in time", -1);
	visit->journey = NULL;
	answer(visit, false);
}

static void come_back(struct sim *sim, void *subject, uint64_t detail)
{
	struct visit *visit = subject;
	(void)detail;
	if (visit->store->cut_back || !visit->waiting) {
		lose(visit);
		return;
	}
	visit->flying = false;
	if (visit->timer)
		sim_cancel(sim, visit->timer);
	answer(visit, true);
}

static void run_script(struct kvstore *store, struct kvstore_ask *ask)
{
	drop_ended(store);
	int64_t now = store->sim->now, lifetime = store->config->lifetime;
	bool fresh;
	struct record *record = keymap_put(&store->record, ask->key, &fresh);
	ask->found = !fresh;
	enum kvstore_effect effect = ask->script(ask, record + 1, ask->found, now);
	if (effect == KVSTORE_DROP) {
		keymap_drop(&store->record, ask->key);
	} else if (fresh || effect == KVSTORE_RENEW) {
		record->ends = lifetime > 0 ? now + lifetime : INT64_MAX;
		if (lifetime > 0)
			remember_end(store, ask->key, record->ends);
	}
	book_records(store);
}

static void served(struct sim *sim, void *subject, uint64_t detail)
{
	struct visit *visit = subject;
	struct kvstore *store = visit->store;
	(void)detail;
	run_script(store, &visit->ask);
	if (store->cut_back)
		lose(visit);
	else
		sim_after(sim, visit->back, come_back, visit, 0);
}

static void arrive(struct sim *sim, void *subject, uint64_t detail)
{
	struct visit *visit = subject;
	(void)sim;
	(void)detail;
	if (visit->store->cut_to)
		lose(visit);
	else
		pool_enter(&visit->store->server, visit->service, served, visit, 0, &visit->journey);
}

void kvstore_ask(struct kvstore *store, uint64_t id, const struct kvstore_ask *ask)
{
	const struct kvstore_config *config = store->config;
	struct visit *visit = FREELIST_TAKE(&store->visits, &store->sim->arena, struct visit);
	struct rng rng = rng_of(store->stream, id);
	int64_t there = dist_draw_time(config->one_way, &rng);
	*visit = (struct visit){.store = store, .ask = *ask, .journey = ask->journey, .flying = true, .waiting = true};
	visit->service = dist_draw_time(config->service, &rng);
	visit->back = dist_draw_time(config->one_way, &rng);
	if (config->timeout > 0)
		visit->timer = sim_after(store->sim, config->timeout, give_up, visit, 0);
	if (store->cut_to)
		lose(visit);
	else
		sim_after(store->sim, there, arrive, visit, 0);
}

const void *kvstore_peek(const struct kvstore *store, uint64_t key)
{
	const struct record *record = keymap_find(&store->record, key);
	return record && record->ends > store->sim->now ? record + 1 : NULL;
}

void kvstore_clear(struct kvstore *store)
{
	keymap_init(&store->record, &store->sim->arena, sizeof(struct record) + store->config->record);
	store->due_count = 0;
	book_records(store);
}
