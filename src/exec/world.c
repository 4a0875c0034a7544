/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/world.h"
#include "exec/exec.h"
#include "io/results.h"

#include <stdio.h>
#include <string.h>

struct world {
	const struct points *points;
	const char *const *variant;
	int variants;
	struct arena arena;
	int64_t point;
	uint64_t digest;
	struct setup **setup;             /* of each variant */
	struct outcome *wanted;           /* what is asked of it; their meters are not used */
	struct trace_file *const *shared; /* of each variant; NULL: it has files of its own */
	struct trace_file **file;         /* its own; NULL where there is none */
};

static bool make_setups(struct world *world, struct err *err)
{
	const struct study *study = world->points->study;
	const struct tree *layer = points_layer(world->points, world->point, &world->arena);
	bool good = true;
	for (int v = 0; v < world->variants; v++) {
		world->setup[v] = setup_resolve_in(&world->arena, study, world->variant[v], layer, err);
		if (!world->setup[v]) {
			good = false;
			continue;
		}
		world->digest = rng_mix(world->digest ^ world->setup[v]->digest);
	}
	return good;
}

static bool open_files(struct world *world, struct err *err)
{
	const struct study *study = world->points->study;
	for (int v = 0; !world->shared && v < world->variants; v++) {
		const struct setup *setup = world->setup[v];
		if (setup->trace.recipe)
			continue;
		if (strcmp(setup->trace.file, "-") == 0)
			return err_add(err, ERR_USAGE, NULL,
				       "a sweep reads its trace again and again; standard input can be read once");
		world->file[v] =
			trace_file_open(setup->trace.tree, study->path, setup->columns, study->files->values, err);
		if (!world->file[v])
			return false;
		world->digest = rng_mix(world->digest ^ world_file_digest(trace_file_name(world->file[v])));
	}
	return true;
}

static struct trace_file *file_of(const struct world *world, int variant)
{
	return world->shared ? world->shared[variant] : world->file[variant];
}

static bool tell_windows(struct world *world, struct err *err)
{
	for (int v = 0; v < world->variants; v++) {
		struct trace_file *file = file_of(world, v);
		if (file && !trace_file_tell(file, world->setup[v], &world->arena, err))
			return false;
	}
	return true;
}

struct world *world_new(const struct points *points, const char *const *variant, struct trace_file *const *shared,
			int64_t point, struct err *err)
{
	struct arena arena;
	arena_init(&arena);
	struct world *world = ARENA_NEW(&arena, struct world);
	*world = (struct world){.points = points, .variant = variant, .shared = shared, .point = point, .arena = arena};
	while (variant[world->variants])
		world->variants++;
	world->setup = ARENA_ARRAY(&world->arena, (size_t)world->variants, struct setup *);
	world->wanted = ARENA_ARRAY(&world->arena, (size_t)world->variants, struct outcome);
	world->file = ARENA_ARRAY(&world->arena, (size_t)world->variants, struct trace_file *);
	for (int v = 0; v < world->variants; v++)
		arena_init(&world->wanted[v].arena);
	if (!make_setups(world, err) || !open_files(world, err) || !tell_windows(world, err)) {
		world_free(world);
		return NULL;
	}
	return world;
}

void world_free(struct world *world)
{
	if (!world)
		return;
	for (int v = 0; v < world->variants; v++)
		if (world->file[v])
			trace_file_close(world->file[v]);
	for (int v = 0; v < world->variants; v++)
		arena_free(&world->wanted[v].arena);
	struct arena arena = world->arena; /* it lies inside */
	arena_free(&arena);
}

int64_t world_point(const struct world *world)
{
	return world->point;
}

uint64_t world_digest(const struct world *world)
{
	return world->digest;
}

double world_weight(const struct world *world, int variant)
{
	const struct setup *setup = world->setup[variant];
	double rows = 1;
	const struct trace_window *window = setup->trace.window;
	for (int w = 0; setup->trace.recipe && w < setup->trace.windows; w++)
		rows += window[w].rate * setup->share * (double)window[w].lasts * 1e-9;
	return rows;
}

bool world_replay(const struct world *world, int variant, int64_t replication, int64_t run,
		  const struct sim_progress *progress, struct record *record, struct err *err)
{
	const struct setup *setup = world->setup[variant];
	struct trace_file *file = file_of(world, variant);
	struct trace_rows *rows = NULL;
	uint64_t skipped = 0;
	if (file &&
	    !(rows = trace_rows_open(file, (uint64_t)setup->run.seed, (uint64_t)replication, setup->share, err)))
		return false;
	struct replay *replay = replay_run(setup, rows ? trace_rows_source(rows) : NULL, replication, 0, progress);
	bool good = !replay->stopped;
	if (rows) {
		skipped = (uint64_t)trace_rows_counts(rows).records.skipped;
		good = !trace_rows_failed(rows, err) && exec_measured(setup, replay, err) && good;
		trace_rows_close(rows);
	}
	record_make(record, &world->wanted[variant], replay, run, world->point, replication, skipped);
	replay_free(replay);
	return good;
}

void world_ready(struct world *world)
{
	for (int v = 0; v < world->variants; v++) {
		world->wanted[v].setup = world->setup[v];
		world->wanted[v].room = 1;
		results_want(&world->wanted[v]);
	}
}

const struct setup *world_setup(const struct world *world, int variant)
{
	return world->setup[variant];
}

uint64_t world_file_digest(const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned char buffer[1 << 16];
	uint64_t digest = UINT64_C(0xcbf29ce484222325);
	size_t length;
	while (file && (length = fread(buffer, 1, sizeof buffer, file)) > 0)
		for (size_t i = 0; i < length; i++)
			digest = (digest ^ buffer[i]) * UINT64_C(0x100000001b3);
	if (file)
		fclose(file);
	return digest;
}
