/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/sweep.h"
#include "io/results.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DIFFERENCES_MAX = 8, VALUE_TEXT = 60 };

struct loading {
	struct sweep *sweep;
	struct arena *arena;
	struct err *err;
};

static bool open_files(struct loading *load)
{
	struct sweep *sweep = load->sweep;
	sweep->file = ARENA_ARRAY(load->arena, (size_t)sweep->variants, struct trace_file *);
	for (int v = 0; v < sweep->variants && !sweep->points.of_trace; v++) {
		const struct setup *setup = sweep->base[v];
		if (setup->trace.file && strcmp(setup->trace.file, "-") == 0)
			return err_add(load->err, ERR_USAGE, NULL,
				       "a sweep reads its trace again and again; standard input can be read once");
		if (setup->trace.recipe)
			continue;
		/* As they are in a campaign: variants that lay nothing of their own over the trace share its tree. */
		for (int k = 0; k < v && !sweep->file[v]; k++)
			if (sweep->base[k]->trace.tree == setup->trace.tree)
				sweep->file[v] = sweep->file[k];
		if (!sweep->file[v] &&
		    !(sweep->file[v] = trace_file_open(setup->trace.tree, sweep->study->path, setup->columns,
						       sweep->study->files->values, load->err)))
			return false;
	}
	return true;
}

static struct world *make_world(const struct sweep *sweep, int64_t point, struct err *err)
{
	return world_new(&sweep->points, sweep->variant, sweep->points.of_trace ? NULL : sweep->file, point, err);
}

/* Adds what is not known yet, with the point it was first met at. */
static void tell_point(struct loading *load, struct err *known, const struct err *own, int64_t point)
{
	for (int i = 0; i < own->count && i < ERR_MAX; i++) {
		const struct err_message *new = &own->message[i];
		struct place place = {new->file, new->line, new->column};
		bool told = false;
		for (int k = 0; k < known->count && k < ERR_MAX && !told; k++)
			told = strcmp(known->message[k].text, new->text) == 0 &&
			       strcmp(known->message[k].file, new->file) == 0 && known->message[k].line == new->line;
		if (told)
			continue;
		err_add(known, own->kind, &place, "%s", new->text);
		err_add(load->err, own->kind == ERR_MODEL ? points_err_kind(&place) : own->kind, &place,
			"point %" PRId64 " (%.200s): %s", point, points_text(&load->sweep->points, point, load->arena),
			new->text);
	}
}

static bool try_points(struct loading *load)
{
	struct sweep *sweep = load->sweep;
	static struct err known, own;
	err_init(&known);
	sweep->digest = ARENA_ARRAY(load->arena, (size_t)sweep->points.count, uint64_t);
	for (int64_t p = 0; p < sweep->points.count && known.count < ERR_MAX; p++) {
		err_init(&own);
		struct world *world = make_world(sweep, p, &own);
		if (!world) {
			tell_point(load, &known, &own, p);
			continue;
		}
		for (int v = 0; v < sweep->variants; v++)
			sweep->weight += world_weight(world, v) * sweep->reps[v];
		sweep->digest[p] = world_digest(world);
		world_free(world);
	}
	return known.count == 0;
}

struct sweep *sweep_load(const struct study *study, const struct points_texts *texts, struct err *err)
{
	struct arena *arena = study->arena;
	struct sweep *sweep = ARENA_NEW(arena, struct sweep);
	struct loading load = {sweep, arena, err};
	sweep->study = study;
	sweep->arena = arena;
	while (study->shown[sweep->variants])
		sweep->variants++;
	sweep->variant = study->shown;
	sweep->reps = ARENA_ARRAY(arena, (size_t)sweep->variants, int);
	sweep->base = ARENA_ARRAY(arena, (size_t)sweep->variants, struct setup *);
	for (int v = 0; v < sweep->variants; v++) {
		sweep->base[v] = setup_resolve(study, sweep->variant[v], NULL, err);
		if (!sweep->base[v])
			return NULL;
		if (sweep->base[v]->run.warmup == SETUP_WARMUP_AUTO) {
			err_add(err, ERR_MODEL, NULL, "%s: a sweep needs a warm-up that is written, e.g. warmup: 5 s",
				sweep->variant[v]);
			return NULL;
		}
		sweep->reps[v] = (int)sweep->base[v]->run.reps;
		sweep->runs_a_point += sweep->reps[v];
	}
	if (!points_load(&sweep->points, study, texts, err) || !open_files(&load) || !try_points(&load)) {
		sweep_close(sweep);
		return NULL;
	}
	sweep->runs = sweep->points.count * sweep->runs_a_point;
	return sweep;
}

void sweep_close(struct sweep *sweep)
{
	if (!sweep)
		return;
	for (int v = 0; sweep->file && v < sweep->variants; v++) {
		struct trace_file *file = sweep->file[v];
		for (int k = v; k < sweep->variants; k++)
			if (sweep->file[k] == file)
				sweep->file[k] = NULL;
		if (file)
			trace_file_close(file);
	}
}

/* ---- what decides about results ---- */

static json_t *axes_json(const struct sweep *sweep)
{
	json_t *axes = json_array();
	for (int a = 0; a < sweep->points.axes; a++) {
		json_t *axis = json_object();
		for (int k = 0; k < sweep->points.axis[a].keys; k++) {
			json_t *values = json_array();
			for (int i = 0; i < sweep->points.axis[a].values; i++)
				json_array_append_new(values, json_string(sweep->points.axis[a].value[k][i]));
			json_object_set_new(axis, sweep->points.axis[a].key[k], values);
		}
		json_array_append_new(axes, axis);
	}
	return axes;
}

json_t *sweep_definition(const struct sweep *sweep, const char *version)
{
	char text[RESULTS_DIGEST];
	json_t *variants = json_object();
	uint64_t digest = 0;
	for (int v = 0; v < sweep->variants; v++) {
		json_t *variant = results_setup(sweep->base[v]);
		if (sweep->file[v])
			json_object_set_new(
				variant, "trace_contents",
				json_string(results_digest(world_file_digest(trace_file_name(sweep->file[v])), text)));
		json_object_set_new(variants, sweep->variant[v], variant);
	}
	for (int64_t p = 0; p < sweep->points.count; p++)
		digest = rng_mix(digest ^ sweep->digest[p]);
	return json_pack("{s:s, s:s, s:o, s:s, s:I, s:o, s:s}", "case", sweep->study->of->name, "casebook", version,
			 "sweep", axes_json(sweep), "where", sweep->points.where ? sweep->points.where : "", "points",
			 (json_int_t)sweep->points.count, "variants", variants, "digest", results_digest(digest, text));
}

struct comparing {
	struct arena *arena;
	struct err *err;
	const struct place *place;
	int differences;
};

static const char *short_text(struct arena *arena, const json_t *value)
{
	if (!value)
		return "missing";
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
	const char *copy = arena_format(arena, strlen(text) > VALUE_TEXT ? "%.*s..." : "%.*s", VALUE_TEXT, text);
	free(text);
	return copy;
}

/* A digest is only told when nothing else is: it is of all the rest, and of files that values are read from. */
static void compare(struct comparing *comparing, const char *path, const json_t *was, const json_t *is)
{
	const char *key;
	const json_t *value;
	size_t length = strlen(path);
	if (was && is && json_equal(was, is))
		return;
	if (was && is && json_is_object(was) && json_is_object(is)) {
		json_object_foreach((json_t *)(uintptr_t)was, key, value) if (strcmp(key, "digest") != 0)
			compare(comparing, *path ? arena_format(comparing->arena, "%s.%s", path, key) : key, value,
				json_object_get(is, key));
		json_object_foreach((json_t *)(uintptr_t)is, key, value) if (!json_object_get(was, key)) compare(
			comparing, *path ? arena_format(comparing->arena, "%s.%s", path, key) : key, NULL, value);
		if (comparing->differences == 0 && json_object_get(is, "digest"))
			compare(comparing, arena_format(comparing->arena, "%s%sfiles", path, *path ? "." : ""),
				json_object_get(was, "digest"), json_object_get(is, "digest"));
		return;
	}
	if (comparing->differences++ >= DIFFERENCES_MAX)
		return;
	bool files = length >= 5 && strcmp(path + length - 5, "files") == 0;
	bool contents = length >= 14 && strcmp(path + length - 14, "trace_contents") == 0;
	if (files || contents)
		err_add(comparing->err, ERR_OUTPUT, comparing->place, "cannot be resumed: %s changed (%.150s)",
			files ? "a file that the model reads" : "the trace's file", path);
	else
		err_add(comparing->err, ERR_OUTPUT, comparing->place, "cannot be resumed: %.150s was %s, is %s", path,
			short_text(comparing->arena, was), short_text(comparing->arena, is));
}

/* ---- the database ---- */

static const char *settings_json(const struct sweep *sweep, int64_t point, struct arena *arena)
{
	const char *value[POINTS_KEYS_MAX];
	json_t *settings = json_object();
	points_values(&sweep->points, point, value);
	for (int k = 0; k < sweep->points.keys; k++)
		json_object_set_new(settings, sweep->points.key[k], json_string(value[k]));
	char *text = json_dumps(settings, JSON_COMPACT);
	const char *copy = arena_text(arena, text);
	free(text);
	json_decref(settings);
	return copy;
}

static bool begin(const struct sweep *sweep, struct store *store, const char *version, const char *command,
		  const json_t *definition, struct err *err)
{
	char *text = json_dumps(definition, JSON_COMPACT | JSON_REAL_PRECISION(12)), digest[RESULTS_DIGEST];
	bool good = store_begin(store, sweep->study->of->name, version, command, text, err);
	for (int64_t p = 0; good && p < sweep->points.count; p++) {
		struct arena scratch;
		arena_init(&scratch);
		good = store_point(store, p, settings_json(sweep, p, &scratch),
				   results_digest(sweep->digest[p], digest), err);
		arena_free(&scratch);
	}
	free(text);
	return good && store_begun(store, err);
}

size_t sweep_done_bytes(const struct sweep *sweep)
{
	return (size_t)sweep->runs / 8 + 1;
}

struct marking {
	unsigned char *done;
	int64_t runs, finished;
};

static void mark(void *context, int64_t run)
{
	struct marking *marking = context;
	if (run < 0 || run >= marking->runs)
		return;
	marking->done[run / 8] |= (unsigned char)(1 << run % 8);
	marking->finished++;
}

/* Whether a run of a database is one of this sweep. */
static bool is_known(void *context, const struct record_run *run)
{
	const struct sweep *sweep = context;
	if (run->number < 0 || run->number >= sweep->runs)
		return false;
	struct sweep_place place = sweep_place(sweep, run->number);
	return run->point == place.point && run->replication == place.replication &&
	       strcmp(run->variant, sweep->variant[place.variant]) == 0;
}

bool sweep_prepare(const struct sweep *sweep, struct store *store, bool resume, const char *version,
		   const char *command, unsigned char *done, int64_t *finished, struct err *err)
{
	struct place place = {store_path(store), 0, 0};
	const char *known = store_definition(store, sweep->arena);
	json_t *definition = sweep_definition(sweep, version);
	struct marking marking = {done, sweep->runs, 0};
	bool good = true;
	*finished = 0;
	if (!known) {
		good = begin(sweep, store, version, command, definition, err);
	} else {
		json_t *was = json_loads(known, 0, NULL);
		/* As it would be read back, so that numbers have been through the same. */
		char *text = json_dumps(definition, JSON_COMPACT | JSON_REAL_PRECISION(12));
		json_t *is = json_loads(text, 0, NULL);
		struct comparing comparing = {sweep->arena, err, &place, 0};
		const char *case_was = json_string_value(json_object_get(was, "case"));
		if (!case_was || strcmp(case_was, sweep->study->of->name) != 0)
			good = err_add(err, ERR_OUTPUT, &place, "holds a sweep of %s, not of %s",
				       case_was ? case_was : "something else", sweep->study->of->name);
		else if (!resume)
			good = err_add(err, ERR_OUTPUT, &place,
				       "already exists; --resume continues it, -o DIR makes another");
		else
			compare(&comparing, "", was, is);
		good = good && comparing.differences == 0 &&
		       store_check(store, is_known, (void *)(uintptr_t)sweep, err) &&
		       store_runs(store, mark, &marking, err);
		free(text);
		json_decref(was);
		json_decref(is);
	}
	json_decref(definition);
	*finished = marking.finished;
	return good;
}

/* ---- runs ---- */

struct sweep_place sweep_place(const struct sweep *sweep, int64_t run)
{
	struct sweep_place place = {.point = run / sweep->runs_a_point};
	place.replication = run % sweep->runs_a_point;
	while (place.replication >= sweep->reps[place.variant])
		place.replication -= sweep->reps[place.variant++];
	return place;
}

int64_t sweep_run_number(const struct sweep *sweep, int64_t point, int variant)
{
	int64_t run = point * sweep->runs_a_point;
	for (int v = 0; v < variant; v++)
		run += sweep->reps[v];
	return run;
}

struct world *sweep_world(const struct sweep *sweep, int64_t point, struct err *err)
{
	struct world *world = make_world(sweep, point, err);
	if (!world)
		return NULL;
	if (world_digest(world) == sweep->digest[point]) {
		world_ready(world);
		return world;
	}
	world_free(world);
	err_add(err, ERR_MODEL, NULL, "a file that the model reads was changed while the sweep went on");
	return NULL;
}

bool sweep_replay(const struct sweep *sweep, const struct world *world, int64_t run,
		  const struct sim_progress *progress, struct record *record, struct err *err)
{
	struct sweep_place place = sweep_place(sweep, run);
	return world_replay(world, place.variant, place.replication, run, progress, record, err);
}
