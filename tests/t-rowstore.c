/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The row store against lists that keep everything: random writers, aborts and snapshots, with a vacuum of either kind
 * now and then; every snapshot goes on seeing what it saw, and exactly what nobody sees is taken away. And the worker
 * that vacuums.
 */
#include "model/vacuum.h"
#include "tap.h"

enum { ROWS = 5, WRITERS = 4, SNAPSHOTS = 5, VERSIONS = 4096, STEPS = 3000, WORLDS = 60 };

/* Everything that was ever written. */
struct naive_version {
	int row, state; /* 0 pending, 1 committed, 2 aborted */
	uint64_t writer, committed, replaced;
	int64_t value;
	bool gone;
};

struct world {
	struct arena arena;
	struct rowstore store;
	struct rowstore_writes writes[WRITERS];
	struct rowstore_snapshot snapshot[SNAPSHOTS];
	struct naive_version version[VERSIONS];
	int versions;
	uint64_t commits, ids;
	struct rng rng;
	int wrong, removed;
};

static struct naive_version *pending(struct world *world, int row)
{
	for (int i = world->versions - 1; i >= 0; i--)
		if (world->version[i].row == row && world->version[i].state == 0)
			return &world->version[i];
	return NULL;
}

static struct naive_version *visible(struct world *world, int row, uint64_t sees)
{
	for (int i = world->versions - 1; i >= 0; i--) {
		struct naive_version *version = &world->version[i];
		if (version->row == row && version->state == 1 && version->committed <= sees)
			return version;
	}
	bail("a row without a version");
}

static void write_one(struct world *world, int w)
{
	struct rowstore_writes *writes = &world->writes[w];
	int row = (int)rng_below(&world->rng, ROWS);
	struct naive_version *top = pending(world, row);
	int64_t value = (int64_t)rng_below(&world->rng, 1000);
	if (writes->writer == 0)
		*writes = (struct rowstore_writes){.writer = ++world->ids};
	if (top && top->writer != writes->writer)
		return;
	rowstore_write(&world->store, writes, (uint64_t)row, value, 0);
	if (top)
		top->value = value;
	else
		world->version[world->versions++] =
			(struct naive_version){.row = row, .writer = writes->writer, .value = value};
}

static void end_one(struct world *world, int w, bool commits)
{
	struct rowstore_writes *writes = &world->writes[w];
	uint64_t writer = writes->writer, number = 0;
	if (writer == 0)
		return;
	for (int i = 0; i < world->versions; i++)
		if (world->version[i].state == 0 && world->version[i].writer == writer && commits && number == 0)
			number = ++world->commits;
	for (int i = 0; i < world->versions; i++) {
		struct naive_version *version = &world->version[i];
		if (version->state != 0 || version->writer != writer)
			continue;
		if (commits) {
			visible(world, version->row, world->commits)->replaced = number;
			version->committed = number;
		}
	}
	for (int i = 0; i < world->versions; i++)
		if (world->version[i].state == 0 && world->version[i].writer == writer)
			world->version[i].state = commits ? 1 : 2;
	if (commits)
		world->wrong += rowstore_commit(&world->store, writes, 0) != number;
	else
		rowstore_abort(&world->store, writes, 0);
	writes->writer = 0;
}

static bool is_seen(const struct world *world, const struct naive_version *version)
{
	for (int s = 0; s < SNAPSHOTS; s++)
		if (world->snapshot[s].taken && world->snapshot[s].sees >= version->committed &&
		    world->snapshot[s].sees < version->replaced)
			return true;
	return false;
}

static void vacuum_one(struct world *world, bool each)
{
	uint64_t horizon = world->commits;
	int want = 0;
	for (int s = 0; s < SNAPSHOTS; s++)
		if (world->snapshot[s].taken && world->snapshot[s].sees < horizon)
			horizon = world->snapshot[s].sees;
	for (int i = 0; i < world->versions; i++) {
		struct naive_version *version = &world->version[i];
		bool dead = version->state == 2 || (version->replaced > 0 && !each && version->replaced <= horizon) ||
			    (version->replaced > 0 && each && !is_seen(world, version));
		want += dead && !version->gone;
		version->gone |= dead;
	}
	world->wrong += rowstore_horizon(&world->store) != horizon;
	int64_t got = each ? rowstore_vacuum_each(&world->store, world->commits, 0)
			   : rowstore_vacuum(&world->store, horizon, 0);
	world->wrong += got != want;
	world->removed += want;
}

static void look(struct world *world)
{
	int there = ROWS, dead = 0;
	for (int row = 0; row < ROWS; row++) {
		struct naive_version *top = pending(world, row);
		for (int s = 0; s < SNAPSHOTS; s++) {
			if (!world->snapshot[s].taken)
				continue;
			struct rowstore_found found =
				rowstore_read(&world->store, (uint64_t)row, world->snapshot[s].sees, 0);
			const struct naive_version *want = visible(world, row, world->snapshot[s].sees);
			world->wrong += found.value != want->value || found.writer != want->writer ||
					found.committed != want->committed;
		}
		struct rowstore_found newest = rowstore_top(&world->store, (uint64_t)row);
		world->wrong += newest.value != (top ? top : visible(world, row, world->commits))->value;
		if (top)
			world->wrong +=
				rowstore_read(&world->store, (uint64_t)row, 0, top->writer).value != top->value;
	}
	for (int i = 0; i < world->versions; i++) {
		there += !world->version[i].gone && world->version[i].writer != 0;
		there -= world->version[i].gone && world->version[i].writer == 0;
		dead += !world->version[i].gone && (world->version[i].state == 2 || world->version[i].replaced > 0);
	}
	world->wrong += world->store.versions != there || world->store.dead != dead;
}

static void test_against_lists(void)
{
	struct world *world = calloc(1, sizeof *world);
	int wrong = 0, removed[2] = {0, 0};
	if (!world)
		bail("no memory");
	for (int w = 0; w < WORLDS; w++) {
		*world = (struct world){.rng = rng_seed((uint64_t)w)};
		arena_init(&world->arena);
		rowstore_init(&world->store, &world->arena, ROWS, 7);
		for (int row = 0; row < ROWS; row++)
			world->version[world->versions++] = (struct naive_version){.row = row, .state = 1, .value = 7};
		for (int step = 0; step < STEPS && world->versions < VERSIONS - 1; step++) {
			int who = (int)rng_below(&world->rng, WRITERS), what = (int)rng_below(&world->rng, 100);
			if (what < 50)
				write_one(world, who);
			else if (what < 70)
				end_one(world, who, what < 63);
			else if (what < 85)
				rowstore_take(&world->store, &world->snapshot[what % SNAPSHOTS]);
			else if (what < 97)
				rowstore_drop(&world->store, &world->snapshot[what % SNAPSHOTS]);
			else
				vacuum_one(world, w % 2);
			look(world);
		}
		wrong += world->wrong;
		removed[w % 2] += world->removed;
		arena_free(&world->arena);
	}
	free(world);
	is_int(wrong, 0, "what is seen, and what is taken away, as lists of everything say");
	ok(removed[0] > 1000 && removed[1] > 1000, "canary: %d versions went by the horizon, %d one by one", removed[0],
	   removed[1]);
}

/* Ten rows, each written once a second while a snapshot is held; then it is dropped. */
static void hold(bool each, int64_t *held, int64_t *after)
{
	struct arena arena;
	struct rowstore store;
	struct rowstore_snapshot snapshot = {.taken = false};
	struct rowstore_writes writes = {.writer = 1};
	arena_init(&arena);
	rowstore_init(&store, &arena, 10, 0);
	rowstore_take(&store, &snapshot);
	for (int second = 0; second < 30; second++, writes.writer++) {
		for (uint64_t row = 0; row < 10; row++)
			rowstore_write(&store, &writes, row, second, 0);
		rowstore_commit(&store, &writes, 0);
		each ? rowstore_vacuum_each(&store, store.commits, 0)
		     : rowstore_vacuum(&store, rowstore_horizon(&store), 0);
	}
	*held = store.versions;
	is_int(rowstore_read(&store, 3, snapshot.sees, 0).passed, each ? 1 : 30, "newer versions are passed by");
	rowstore_drop(&store, &snapshot);
	rowstore_vacuum(&store, rowstore_horizon(&store), 0);
	*after = store.versions;
	arena_free(&arena);
}

static void test_held(void)
{
	int64_t held, after;
	hold(false, &held, &after);
	is_int(held, 310, "a snapshot that is held keeps all that was replaced since");
	is_int(after, 10, "once it is dropped, one vacuum takes all of it");
	hold(true, &held, &after);
	is_int(held, 20, "one by one, only the versions that it sees are kept");
}

/* ---- the worker ---- */

struct shop {
	struct sim *sim;
	struct rowstore store;
	struct vacuum vacuum;
	uint64_t id;
	int64_t most, looks;
};

static void update(struct sim *sim, void *subject, uint64_t row)
{
	struct shop *shop = subject;
	struct rowstore_writes writes = {.writer = ++shop->id};
	rowstore_write(&shop->store, &writes, row % 100, 0, sim->now);
	rowstore_commit(&shop->store, &writes, sim->now);
	shop->most = shop->store.dead > shop->most ? shop->store.dead : shop->most;
	sim_after(sim, 10, update, shop, row + 1);
}

static void test_worker(void)
{
	struct vacuum_config config = {.base = 50, .scale = 0.2, .nap = 1, .takes = 0};
	int64_t most[2];
	for (int i = 0; i < 2; i++) {
		struct shop shop = {.sim = sim_new(1, 0)};
		config.takes = i ? 200 : 0;
		rowstore_init(&shop.store, &shop.sim->arena, 100, 0);
		vacuum_begin(&shop.vacuum, shop.sim, &config, &shop.store);
		sim_after(shop.sim, 0, update, &shop, 0);
		sim_open(shop.sim);
		sim_replay(shop.sim, NULL, NULL, NULL, 100000, NULL);
		most[i] = shop.most;
		int64_t dead = shop.store.dead;
		shop.vacuum.stopped = true;
		sim_replay(shop.sim, NULL, NULL, NULL, 100000, NULL);
		ok(shop.store.dead > dead + 5000, "canary: stopped, it lets them pile up");
		sim_free(shop.sim);
	}
	is_int(most[0], 71, "at most base + scale * rows are dead, and the one that makes it look");
	is_int(most[1], 90, "and those that are made while it works");
}

int main(void)
{
	test_against_lists();
	test_held();
	test_worker();
	return done_testing();
}
