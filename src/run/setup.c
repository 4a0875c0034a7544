/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A variant is a stack of layers, the lowest first: the study, the variants it extends, itself, the command line, an
 * ablation. Each section is merged through the stack, and understood then.
 */
#include "run/setup.h"
#include "base/check.h"
#include "base/reader.h"
#include "base/words.h"
#include "param/param_walk.h"
#include "run/digest.h"
#include "run/faults.h"
#include "run/setup_trace.h"
#include "run/study.h"
#include "trace/date.h"

#include <stdio.h>
#include <string.h>

const struct param setup_run_table[] = {
	PARAM_COUNT(struct setup_run, reps, "5", "1", "10000", "replications"),
	PARAM_COUNT(struct setup_run, seed, "1", "0", "9000000 T", "of everything random"),
	PARAM_TIME(struct setup_run, warmup, "0 s", "0 s", "36500 d", "not counted, at the start of each window"),
	PARAM_TIME(struct setup_run, series, "1 s", "1 us", "36500 d", "width of a bin of the time series"),
	PARAM_TIME(struct setup_run, drain, "60 s", "0 s", "36500 d", "how long requests may go on after the last row"),
	PARAM_TEXTS(struct setup_run, keep, "[]", "metrics whose results are written although there are many"),
	PARAM_END};

struct slice_keys {
	int64_t slice;
};
static const struct param slice_row =
	PARAM_COUNT(struct slice_keys, slice, "1", "1", "1 M", "a 1/slice part of the fleet is simulated");

/* What lies on one another for a variant, lowest first. */
struct layers {
	const struct tree *layer[STUDY_VARIANTS_MAX + 4];
	int count;
	const struct tree *added_faults;
};

static const struct tree *variant_tree(const struct study *study, const char *name)
{
	return tree_get(tree_get(study->tree, "variants"), name);
}

/* A variant and those it extends; false when they extend one another in a circle or one does not exist. */
static bool stack_variant(const struct study *study, const char *name, struct layers *layers, struct err *err)
{
	const struct tree *chain[STUDY_VARIANTS_MAX];
	int count = 0;
	const struct tree *variant = variant_tree(study, name);
	while (variant) {
		for (int i = 0; i < count; i++)
			if (chain[i] == variant)
				return err_add(err, ERR_MODEL, &tree_get(chain[count - 1], "extends")->place,
					       "variant \"%.60s\" extends itself%s%.60s%s", variant->key,
					       count > 1 ? " by way of \"" : "", count > 1 ? chain[count - 1]->key : "",
					       count > 1 ? "\"" : "");
		CHECK(count < STUDY_VARIANTS_MAX);
		chain[count++] = variant;
		const struct tree *extends = tree_get(variant, "extends");
		if (!extends || variant->kind != TREE_MAP)
			break;
		if (!reader_must_be(err, extends, TREE_SCALAR, "extends"))
			return false;
		variant = variant_tree(study, extends->text);
		if (!variant)
			return words_unknown(err, ERR_MODEL, &extends->place, "variant", extends->text, "",
					     WORDS(study->variant));
	}
	while (count > 0)
		layers->layer[layers->count++] = chain[--count];
	return true;
}

static const char *const laid_sections[] = {"trace", "faults", "slice", "run", NULL};

/* What an ablation names and the model has not. */
static bool unknown_laid(const struct setup *setup, const char *path, const struct tree *entry, struct err *err)
{
	struct arena *arena = setup->study->arena;
	const char *near = strchr(path, '.') ? param_walk_near(setup->of->params, setup->params, path, arena) : NULL;
	if (near)
		return err_add(err, ERR_MODEL, &entry->key_place,
			       "unknown key \"%.200s\"; did you mean \"%s\"?", path, near);
	struct words sections = WORDS(laid_sections);
	return words_unknown(err, ERR_MODEL, &entry->key_place, "key", path, "",
			     WORDS_AND(setup->of->params, &sections));
}

/* An ablation of a variant, as it is made. */
struct laying {
	const struct study *study;
	const struct setup *setup; /* what it is laid over; NULL: it does not load, and nothing is checked */
	struct tree *model;
	struct err *err;
	bool good;
};

/*
 * Lays what an entry says over the model: itself, or of a map in a table what it says of each field. What another
 * variant has, but this one has not, cannot be the cause of anything here.
 */
static void lay(struct laying *laying, const char *path, const struct tree *entry)
{
	const struct study *study = laying->study;
	const struct setup *setup = laying->setup;
	const struct param *row =
		setup ? param_walk_declared(setup->of->params, setup->params, path) : NULL;
	bool elsewhere = false;
	for (int i = 0; setup && !row && i < study->variants; i++)
		elsewhere = elsewhere || (study->setup[i] && param_walk_declared(setup->of->params,
										 study->setup[i]->params, path));
	if (setup && !row) {
		laying->good = (elsewhere || unknown_laid(setup, path, entry, laying->err)) && laying->good;
		return;
	}
	if (row && param_is_table(row) && entry->kind == TREE_MAP) {
		for (const struct tree *child = entry->child; child; child = child->next)
			if (!reader_is_note(child))
				lay(laying, arena_format(study->arena, "%s.%s", path, child->key), child);
		return;
	}
	struct tree *copy = tree_merge(study->arena, entry, NULL);
	laying->model = tree_merge(study->arena, laying->model, tree_path(study->arena, path, copy, entry->key_place));
}

/* An ablation in the form of a variant; `setup` is what it is laid over. Keys of the model may be dotted. */
static const struct tree *ablation(const struct study *study, const struct setup *setup, const struct tree *without,
				   struct err *err)
{
	struct arena *arena = study->arena;
	struct tree *layer = tree_map(arena, without->place);
	struct laying laying = {study, setup, tree_map(arena, without->place), err, true};
	if (!reader_must_be(err, without, TREE_MAP, "without"))
		return NULL;
	for (const struct tree *entry = without->child; entry; entry = entry->next) {
		if (reader_is_note(entry))
			continue;
		if (words_find(WORDS(laid_sections), entry->key) >= 0)
			tree_append(layer, entry->key, entry->key_place, tree_merge(arena, entry, NULL));
		else
			lay(&laying, entry->key, entry);
	}
	tree_append(layer, "model", without->place, laying.model);
	return laying.good ? layer : NULL;
}

/* `laid` may be NULL. */
static bool stack_ablation(const struct study *study, const char *name, const struct tree *laid, struct layers *layers,
			   struct err *err)
{
	if (!laid)
		return true;
	const struct setup *under = study->setup[words_find(WORDS(study->variant), name)];
	const struct tree *layer = ablation(study, under, laid, err);
	if (layer)
		layers->layer[layers->count++] = layer;
	return layer != NULL;
}

static const struct tree *section(const struct layers *layers, const char *key, struct arena *arena)
{
	const struct tree *merged = NULL;
	for (int i = 0; i < layers->count; i++) {
		const struct tree *part = tree_get(layers->layer[i], key);
		if (part)
			merged = strcmp(key, "trace") == 0    ? setup_trace_merge(arena, merged, part)
				 : strcmp(key, "faults") == 0 ? part
							      : tree_merge(arena, merged, part);
	}
	return merged;
}

static bool load_model(struct setup *setup, const struct layers *layers, const struct param_reader *reader,
		       struct err *err)
{
	struct arena *arena = setup->study->arena;
	setup->model = section(layers, "model", arena);
	setup->params = arena_get(arena, setup->of->params_size);
	param_defaults(setup->of->params, setup->params, reader);
	int before = err->count;
	param_load(setup->of->params, setup->params, setup->model, "model", reader, err);
	if (err->count == before && setup->of->imply)
		setup->of->imply(setup->params, reader);
	setup->columns = column_resolve(setup->of->columns, setup->of->params, setup->params, arena, err);
	if (err->count == before && setup->of->check)
		setup->of->check(setup->params, err);
	for (int i = before; i < err->count && i < ERR_MAX; i++) {
		struct err_message *message = &err->message[i];
		const struct tree *at = setup->model ? setup->model : setup->study->base;
		if (!message->file[0]) {
			snprintf(message->file, sizeof message->file, "%s", at->place.file ? at->place.file : "");
			message->line = at->place.line;
			message->column = at->place.column;
		}
	}
	return err->count == before;
}

static bool load_slice(struct setup *setup, const struct layers *layers, const struct param_reader *reader,
		       struct err *err)
{
	const struct tree *slice = section(layers, "slice", setup->study->arena);
	struct slice_keys keys = {1};
	if (slice && (!reader_must_be(err, slice, TREE_SCALAR, "slice") ||
		      !param_set(&slice_row, &keys, slice->text, reader, &slice->place, err)))
		return false;
	setup->slice = keys.slice;
	setup->share = 1;
	if (keys.slice == 1 && !setup->of->share)
		return true;
	if (!setup->of->share)
		return err_add(err, ERR_MODEL, &slice->place, "slice: %s can only be simulated whole (slice: 1)",
			       setup->of->name);
	setup->share = setup->of->share(setup->params, setup->slice);
	if (!(setup->share > 0 && setup->share <= 1))
		return err_add(err, ERR_MODEL, slice ? &slice->place : NULL,
			       "slice: this fleet cannot be divided by %lld", (long long)setup->slice);
	return true;
}

static bool load_run(struct setup *setup, const struct layers *layers, const struct param_reader *reader,
		     struct err *err)
{
	struct arena *arena = setup->study->arena;
	const struct tree *run = section(layers, "run", arena);
	param_defaults(setup_run_table, &setup->run, reader);
	if (!run)
		return true;
	const struct tree *warmup = tree_get(run, "warmup");
	bool find = warmup && warmup->kind == TREE_SCALAR && strcmp(warmup->text, "auto") == 0;
	if (run->kind == TREE_MAP)
		run = tree_without(arena, run, "variants");
	if (find)
		run = tree_without(arena, run, "warmup");
	if (!param_load(setup_run_table, &setup->run, run, "run", reader, err))
		return false;
	if (find)
		setup->run.warmup = SETUP_WARMUP_AUTO;
	return setup_trace_check_warmup(setup, warmup ? &warmup->place : &run->place, err);
}

/* What lies over everything, for one variant: nothing where it names the variants that are meant, and not this one. */
static const struct tree *over_of(const struct study *study, const char *name)
{
	const struct tree *chosen = tree_get(tree_get(study->over, "run"), "variants");
	if (!chosen || chosen->kind != TREE_LIST)
		return study->over;
	for (const struct tree *entry = chosen->child; entry; entry = entry->next)
		if (entry->kind == TREE_SCALAR && strcmp(entry->text, name) == 0)
			return study->over;
	return NULL;
}

struct setup *setup_make(const struct study *study, const char *name, const struct tree *without, struct err *err)
{
	const struct tree *over = over_of(study, name);
	struct setup *setup = ARENA_NEW(study->arena, struct setup);
	struct param_reader reader = {study->arena, study->files ? study->files->values : NULL,
				      study->files ? study->files->cells : NULL};
	struct layers layers = {.count = 0};
	const struct tree *variant = variant_tree(study, name);
	setup->study = study;
	setup->of = study->of;
	setup->name = name;
	const struct tree *about = tree_get(variant, "about");
	setup->about = about && about->kind == TREE_SCALAR ? about->text : "";
	const struct tree *label = tree_get(variant, "label");
	setup->label = label && label->kind == TREE_SCALAR && *label->text ? label->text : name;
	layers.layer[layers.count++] = study->base;
	if (!stack_variant(study, name, &layers, err))
		return NULL;
	if (!stack_ablation(study, name, study->laid, &layers, err))
		return NULL;
	if (over)
		layers.layer[layers.count++] = tree_without(study->arena, over, "faults");
	if (!stack_ablation(study, name, without, &layers, err))
		return NULL;
	const struct tree *added = tree_get(over, "faults");
	if (without && tree_get(without, "faults"))
		added = NULL;
	bool good = load_model(setup, &layers, &reader, err);
	bool sliced = good && load_slice(setup, &layers, &reader, err);
	good = setup_trace_load(setup, section(&layers, "trace", study->arena), &reader, err) && good;
	good = load_run(setup, &layers, &reader, err) && good;
	good = param_metrics(setup->of->params, setup->params, setup->of->metrics, &setup->run.keep, study->arena,
			     &setup->metrics, err) && good;
	if (sliced)
		good = faults_load(setup, section(&layers, "faults", study->arena), added, &reader, err) && good;
	if (!good || !sliced)
		return NULL;
	setup->digest = digest_setup(setup);
	return setup;
}

struct setup *setup_resolve(const struct study *study, const char *variant, const struct tree *without, struct err *err)
{
	int index = words_find(WORDS(study->variant), variant);
	if (index < 0) {
		words_unknown(err, ERR_MODEL, NULL, "variant", variant, "", WORDS(study->variant));
		return NULL;
	}
	if (without)
		return setup_make(study, study->variant[index], without, err);
	if (!study->setup[index]) {
		err_add(err, ERR_MODEL, NULL, "variant \"%.60s\" is not among those that are explored", variant);
		return NULL;
	}
	struct setup *copy = ARENA_NEW(study->arena, struct setup);
	*copy = *study->setup[index];
	return copy;
}

struct setup *setup_resolve_in(struct arena *arena, const struct study *study, const char *variant,
			       const struct tree *laid, struct err *err)
{
	int index = words_find(WORDS(study->variant), variant);
	if (index < 0) {
		words_unknown(err, ERR_MODEL, NULL, "variant", variant, "", WORDS(study->variant));
		return NULL;
	}
	struct study *own = ARENA_NEW(arena, struct study);
	*own = *study;
	own->arena = arena;
	return setup_make(own, study->variant[index], laid, err);
}
