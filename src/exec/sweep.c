/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Points are never held: a point is its index in the product of the axes, of which the last turns fastest. What is
 * swept becomes a tree that is laid over each variant, the way an ablation is.
 */
#include "exec/sweep.h"
#include "base/reader.h"
#include "base/words.h"
#include "engine/dmath.h"
#include "exec/where.h"
#include "io/results.h"
#include "param/param_walk.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 1000000, RANGE_PARTS = 4, DIFFERENCES_MAX = 8, VALUE_TEXT = 60 };

struct loading {
	struct sweep *sweep;
	struct arena *arena;
	struct err *err;
};

/* A mistake on the command line is one of usage. */
static enum err_kind kind_of(const struct place *place)
{
	return place->file && strncmp(place->file, "--", 2) == 0 ? ERR_USAGE : ERR_MODEL;
}

#define COMPLAIN(load, place, ...) err_add((load)->err, kind_of(place), place, __VA_ARGS__)

/* ---- keys and values ---- */

static const char *path_of(const char *key)
{
	return strncmp(key, "model.", 6) == 0 ? key + 6 : key;
}

/* What declares the parameter that a key means, in any variant; NULL. */
static const struct param *row_of(const struct sweep *sweep, const char *key)
{
	const struct study *study = sweep->study;
	const struct param *row = NULL;
	for (int i = 0; !row && i < study->variants; i++)
		row = param_walk_declared(study->of->params, study->setup[i]->params, path_of(key));
	return row;
}

static bool is_of_trace(const char *key)
{
	return strncmp(key, "trace.", 6) == 0;
}

static bool check_key(struct loading *load, const char *key, const struct place *place)
{
	struct sweep *sweep = load->sweep;
	for (int i = 0; i < sweep->keys; i++)
		if (strcmp(sweep->key[i], key) == 0)
			return COMPLAIN(load, place, "\"%.60s\" is swept twice", key);
	if (sweep->keys == SWEEP_KEYS_MAX)
		return COMPLAIN(load, place, "more than %d keys are swept", SWEEP_KEYS_MAX);
	size_t length = strlen(key);
	bool path = is_of_trace(key) && length > 6 && key[length - 1] != '.' && !strstr(key, "..");
	if (path || strcmp(key, "slice") == 0 || row_of(sweep, key)) {
		sweep->key[sweep->keys++] = key;
		return true;
	}
	static const char *const others[] = {"slice", "trace.KEY", NULL};
	struct words words = WORDS(others);
	const struct setup *first = sweep->study->setup[0];
	const char *near =
		strchr(key, '.') ? param_walk_near(first->of->params, first->params, path_of(key), load->arena) : NULL;
	if (near)
		return COMPLAIN(load, place, "unknown key \"%.200s\"; did you mean \"%s\"?", key, near);
	return words_unknown(load->err, kind_of(place), place, "key", key, "",
			     WORDS_AND(sweep->study->of->params, &words));
}

struct texts {
	const char **text;
	int count, room;
};

static void add_text(struct loading *load, struct texts *texts, const char *text)
{
	if (texts->count == texts->room) {
		int room = texts->room ? 2 * texts->room : 16;
		const char **grown = ARENA_ARRAY(load->arena, (size_t)room, const char *);
		if (texts->count)
			memcpy(grown, texts->text, (size_t)texts->count * sizeof *grown);
		texts->text = grown;
		texts->room = room;
	}
	texts->text[texts->count++] = text;
}

/* The length of the part up to a separator that is in no parentheses and no quotes. */
static size_t part_length(const char *text, char separator)
{
	int depth = 0;
	bool quoted = false;
	size_t length = 0;
	for (; text[length]; length++) {
		char c = text[length];
		if (c == '"')
			quoted = !quoted;
		else if (!quoted && strchr("([{", c))
			depth++;
		else if (!quoted && strchr(")]}", c))
			depth--;
		else if (!quoted && depth <= 0 && c == separator)
			break;
	}
	return length;
}

static const char *trimmed(struct arena *arena, const char *text, size_t length)
{
	while (length > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	return arena_text_of(arena, text, length);
}

static void split(struct loading *load, const char *text, char separator, struct texts *into)
{
	for (;;) {
		size_t length = part_length(text, separator);
		add_text(load, into, trimmed(load->arena, text, length));
		if (!text[length])
			return;
		text += length + 1;
	}
}

static double rounded(double value)
{
	char text[40];
	snprintf(text, sizeof text, "%.6g", value);
	return strtod(text, NULL);
}

/* LOW:HIGH:N or LOW:HIGH:N:log. */
static bool add_range(struct loading *load, const char *key, const struct texts *part, const struct place *place,
		      struct texts *into)
{
	const struct param *row = row_of(load->sweep, key);
	struct quantity low, high;
	char why[QUANTITY_WHY], text[QUANTITY_TEXT];
	enum quantity_kind kind = row ? row->unit : strcmp(key, "slice") == 0 ? QUANTITY_COUNT : QUANTITY_REAL;
	if (row && !param_is_number(row))
		return COMPLAIN(load, place, "%s is not a number, and has no range", key);
	if (!row && strcmp(key, "slice") != 0 && !quantity_kind_of(part->text[0], &kind))
		return COMPLAIN(load, place, "\"%.60s\" is not a number", part->text[0]);
	const char *const end[2] = {part->text[0], part->text[1]};
	for (int i = 0; i < 2; i++)
		if (!quantity_parse(kind, end[i], i ? &high : &low, why))
			return COMPLAIN(load, place, "\"%.60s\" %s", end[i], why);
	struct quantity count;
	if (!quantity_parse(QUANTITY_COUNT, part->text[2], &count, why) || count.integer < 2 ||
	    count.integer > VALUES_MAX)
		return COMPLAIN(load, place, "\"%.60s\" is not a number of values from 2 to %d; write LOW:HIGH:N",
				part->text[2], VALUES_MAX);
	bool log = part->count == RANGE_PARTS;
	if (log && strcmp(part->text[3], "log") != 0)
		return COMPLAIN(load, place, "\"%.60s\" after LOW:HIGH:N can only be log", part->text[3]);
	if (!(low.real < high.real))
		return COMPLAIN(load, place, "%.60s is not below %.60s", end[0], end[1]);
	if (log && !(low.real > 0))
		return COMPLAIN(load, place, "%.60s is not above 0, which a logarithmic range needs", end[0]);
	bool whole = kind == QUANTITY_COUNT || kind == QUANTITY_TIME || kind == QUANTITY_BYTES;
	double step = log ? dm_log(high.real / low.real) : high.real - low.real, before = NAN;
	for (int64_t i = 0; i < count.integer; i++) {
		double part_of = (double)i / (double)(count.integer - 1);
		struct quantity value = i == 0 ? low : high;
		if (i > 0 && i < count.integer - 1) {
			value.real = rounded(log ? low.real * dm_exp(step * part_of) : low.real + step * part_of);
			if (whole)
				value.real = floor(value.real + 0.5);
			value.integer = whole ? (int64_t)value.real : 0;
		}
		if (value.real == before)
			continue; /* whole numbers lie closer than the steps */
		before = value.real;
		const char *shown = i == 0 ? end[0] : i == count.integer - 1 ? end[1] : NULL;
		add_text(load, into, shown ? shown : arena_text(load->arena, quantity_print(kind, value, text)));
	}
	return true;
}

/* A value, several with commas, or a range. */
static bool add_values(struct loading *load, const char *key, const char *text, const struct place *place,
		       struct texts *into)
{
	struct texts list = {0};
	split(load, text, ',', &list);
	for (int i = 0; i < list.count; i++) {
		struct texts part = {0};
		split(load, list.text[i], ':', &part);
		if (!*list.text[i])
			return COMPLAIN(load, place, list.count == 1 ? "%s has no values" : "a value of %s is empty",
					key);
		if (part.count == 1)
			add_text(load, into, list.text[i]);
		else if (part.count != 3 && part.count != RANGE_PARTS)
			return COMPLAIN(load, place, "\"%.60s\" is neither a value nor LOW:HIGH:N or LOW:HIGH:N:log",
					list.text[i]);
		else if (!add_range(load, key, &part, place, into))
			return false;
	}
	if (into->count > VALUES_MAX)
		return COMPLAIN(load, place, "%s has more than %d values", key, VALUES_MAX);
	return true;
}

static bool add_tree_values(struct loading *load, const char *key, const struct tree *tree, struct texts *into)
{
	if (tree->kind == TREE_MAP)
		return COMPLAIN(load, &tree->place, "%s must be a list of values, or LOW:HIGH:N", key);
	if (tree->kind == TREE_SCALAR)
		return add_values(load, key, tree->text, &tree->place, into);
	if (!tree->child)
		return COMPLAIN(load, &tree->place, "%s has no values", key);
	for (const struct tree *entry = tree->child; entry; entry = entry->next) {
		if (entry->kind != TREE_SCALAR)
			return COMPLAIN(load, &entry->place, "a value of %s must be one value", key);
		add_text(load, into, entry->text);
	}
	return true;
}

/* ---- axes ---- */

static struct sweep_axis *new_axis(struct loading *load, int keys)
{
	struct sweep_axis *axis = &load->sweep->axis[load->sweep->axes++];
	axis->key = ARENA_ARRAY(load->arena, (size_t)keys + 1, const char *);
	axis->value = ARENA_ARRAY(load->arena, (size_t)keys + 1, const char **);
	axis->place = ARENA_ARRAY(load->arena, (size_t)keys + 1, struct place);
	return axis;
}

static bool add_key(struct loading *load, struct sweep_axis *axis, const char *key, const struct texts *values,
		    const struct place *place)
{
	if (axis->keys > 0 && values->count != axis->values)
		return COMPLAIN(load, place, "%s has %d values, and %s, in lockstep with it, has %d", key,
				values->count, axis->key[0], axis->values);
	axis->key[axis->keys] = key;
	axis->value[axis->keys] = values->text;
	axis->place[axis->keys++] = *place;
	axis->values = values->count;
	return true;
}

/* The same value again would be the same point again. */
static void drop_repeated(struct texts *values)
{
	int kept = 0;
	for (int i = 0; i < values->count; i++) {
		bool known = false;
		for (int k = 0; k < kept && !known && values->count <= 10000; k++)
			known = strcmp(values->text[k], values->text[i]) == 0;
		if (!known)
			values->text[kept++] = values->text[i];
	}
	values->count = kept;
}

static bool add_option(struct loading *load, const char *option, const char *text, struct sweep_axis *axis)
{
	struct place place = {arena_format(load->arena, "%s %s", option, text), 0, 0};
	size_t length = strcspn(text, "=");
	const char *key = trimmed(load->arena, text, length);
	struct texts values = {0};
	if (!text[length] || !*key)
		return COMPLAIN(load, &place, "write KEY=A,B,C or KEY=LOW:HIGH:N");
	if (!check_key(load, key, &place) || !add_values(load, key, text + length + 1, &place, &values))
		return false;
	if (!axis) {
		axis = new_axis(load, 1);
		drop_repeated(&values);
	}
	return add_key(load, axis, key, &values, &place);
}

static bool load_texts(struct loading *load, const struct sweep_texts *texts)
{
	bool good = true;
	for (int i = 0; i < texts->grids; i++)
		good = add_option(load, "--grid", texts->grid[i], NULL) && good;
	struct sweep_axis *zip = texts->zips ? new_axis(load, texts->zips) : NULL;
	for (int i = 0; i < texts->zips; i++)
		good = add_option(load, "--zip", texts->zip[i], zip) && good;
	return good;
}

static bool load_map(struct loading *load, const struct tree *map, const char *what, bool zip)
{
	if (map->kind != TREE_MAP || !map->child)
		return COMPLAIN(load, &map->place, map->kind == TREE_MAP ? "%s is empty" : "%s must be a map of keys",
				what);
	bool good = true;
	struct sweep_axis *axis = zip ? new_axis(load, tree_count(map)) : NULL;
	for (const struct tree *entry = map->child; entry; entry = entry->next) {
		struct texts values = {0};
		if (reader_is_note(entry))
			continue;
		if (!check_key(load, entry->key, &entry->key_place) ||
		    !add_tree_values(load, entry->key, entry, &values)) {
			good = false;
			continue;
		}
		if (!zip)
			drop_repeated(&values);
		good = add_key(load, zip ? axis : new_axis(load, 1), entry->key, &values, &entry->place) && good;
	}
	return good;
}

static bool load_section(struct loading *load, const struct tree *section)
{
	const struct tree *grid = tree_get(section, "grid"), *zip = tree_get(section, "zip");
	bool good = !grid || load_map(load, grid, "grid", false);
	if (zip && zip->kind == TREE_LIST)
		for (const struct tree *entry = zip->child; entry; entry = entry->next)
			good = load_map(load, entry, "zip", true) && good;
	else if (zip)
		good = load_map(load, zip, "zip", true) && good;
	return good;
}

static bool load_axes(struct loading *load, const struct sweep_texts *texts)
{
	struct sweep *sweep = load->sweep;
	const struct tree *section = tree_get(sweep->study->tree, "sweep"), *where = tree_get(section, "where");
	sweep->key = ARENA_ARRAY(load->arena, SWEEP_KEYS_MAX + 1, const char *);
	sweep->axis = ARENA_ARRAY(load->arena, 2 * SWEEP_KEYS_MAX + 2, struct sweep_axis);
	sweep->where = texts->where ? texts->where : where ? where->text : NULL;
	if (texts->grids > SWEEP_KEYS_MAX || texts->zips > SWEEP_KEYS_MAX)
		return err_add(load->err, ERR_USAGE, NULL, "more than %d keys are swept", SWEEP_KEYS_MAX);
	bool good = true;
	if (texts->grids + texts->zips > 0)
		good = load_texts(load, texts);
	else if (section &&
		 tree_count(tree_get(section, "grid") ? tree_get(section, "grid") : section) <= SWEEP_KEYS_MAX)
		good = load_section(load, section);
	if (good && sweep->keys == 0)
		return err_add(load->err, section ? ERR_MODEL : ERR_USAGE, section ? &section->place : NULL,
			       "nothing is swept: --grid KEY=A,B,C, or a section `sweep:` in the model file");
	for (int i = 0; i < sweep->keys; i++)
		sweep->own_files = sweep->own_files || is_of_trace(sweep->key[i]);
	return good;
}

/* ---- points ---- */

static void values_at(const struct sweep *sweep, int64_t index, const char **value)
{
	int key = sweep->keys;
	for (int a = sweep->axes - 1; a >= 0; a--) {
		const struct sweep_axis *axis = &sweep->axis[a];
		int64_t which = index % axis->values;
		index /= axis->values;
		key -= axis->keys;
		for (int k = 0; k < axis->keys; k++)
			value[key + k] = axis->value[k][which];
	}
}

void sweep_values(const struct sweep *sweep, int64_t point, const char **value)
{
	values_at(sweep, sweep->index[point], value);
}

const char *sweep_point_text(const struct sweep *sweep, int64_t point, struct arena *arena)
{
	const char *value[SWEEP_KEYS_MAX], *text = "";
	sweep_values(sweep, point, value);
	for (int i = 0; i < sweep->keys; i++)
		text = arena_format(arena, "%s%s%s=%s", text, i ? ", " : "", sweep->key[i], value[i]);
	return text;
}

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

static bool choose_points(struct loading *load)
{
	struct sweep *sweep = load->sweep;
	int64_t all = 1;
	for (int a = 0; a < sweep->axes; a++) {
		if (sweep->axis[a].values > SWEEP_POINTS_MAX / all)
			return err_add(load->err, ERR_USAGE, NULL, "more than %d points", SWEEP_POINTS_MAX);
		all *= sweep->axis[a].values;
	}
	sweep->index = ARENA_ARRAY(load->arena, (size_t)all + 1, int64_t);
	const struct tree *section = tree_get(sweep->study->tree, "sweep"), *entry = tree_get(section, "where");
	const char *value[SWEEP_KEYS_MAX + 1];
	struct place place = entry && sweep->where == entry->text ? entry->place : (struct place){"--where", 0, 0};
	for (int64_t i = 0; i < all; i++) {
		bool good = true, wanted = true;
		if (sweep->where) {
			struct arena scratch;
			struct where_names names = {sweep->key, value};
			values_at(sweep, i, value);
			arena_init(&scratch);
			wanted = where_holds(sweep->where, &names, &scratch, &good, kind_of(&place), &place, load->err);
			arena_free(&scratch);
		}
		if (!good)
			return false;
		if (wanted)
			sweep->index[sweep->points++] = i;
	}
	return sweep->points > 0 || COMPLAIN(load, &place, "no point is left by where: %.200s", sweep->where);
}

uint64_t sweep_file_digest(const char *path)
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

static bool open_files(struct loading *load)
{
	struct sweep *sweep = load->sweep;
	sweep->file = ARENA_ARRAY(load->arena, (size_t)sweep->variants, struct trace_file *);
	for (int v = 0; v < sweep->variants && !sweep->own_files; v++) {
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
		err_add(load->err, own->kind == ERR_MODEL ? kind_of(&place) : own->kind, &place,
			"point %" PRId64 " (%.200s): %s", point, sweep_point_text(load->sweep, point, load->arena),
			new->text);
	}
}

static bool try_points(struct loading *load)
{
	struct sweep *sweep = load->sweep;
	static struct err known, own;
	err_init(&known);
	sweep->digest = ARENA_ARRAY(load->arena, (size_t)sweep->points, uint64_t);
	for (int64_t p = 0; p < sweep->points && known.count < ERR_MAX; p++) {
		err_init(&own);
		struct sweep_world *world = sweep_world_new(sweep, p, &own);
		if (!world) {
			tell_point(load, &known, &own, p);
			continue;
		}
		for (int v = 0; v < sweep->variants; v++)
			sweep->weight += sweep_world_weight(world, v) * sweep->reps[v];
		sweep->digest[p] = sweep_world_digest(world);
		sweep_world_free(world);
	}
	return known.count == 0;
}

struct sweep *sweep_load(const struct study *study, const struct sweep_texts *texts, struct err *err)
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
	if (!load_axes(&load, texts) || !choose_points(&load) || !open_files(&load) || !try_points(&load)) {
		sweep_close(sweep);
		return NULL;
	}
	sweep->runs = sweep->points * sweep->runs_a_point;
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
	for (int a = 0; a < sweep->axes; a++) {
		json_t *axis = json_object();
		for (int k = 0; k < sweep->axis[a].keys; k++) {
			json_t *values = json_array();
			for (int i = 0; i < sweep->axis[a].values; i++)
				json_array_append_new(values, json_string(sweep->axis[a].value[k][i]));
			json_object_set_new(axis, sweep->axis[a].key[k], values);
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
				json_string(results_digest(sweep_file_digest(trace_file_name(sweep->file[v])), text)));
		json_object_set_new(variants, sweep->variant[v], variant);
	}
	for (int64_t p = 0; p < sweep->points; p++)
		digest = rng_mix(digest ^ sweep->digest[p]);
	return json_pack("{s:s, s:s, s:o, s:s, s:I, s:o, s:s}", "case", sweep->study->of->name, "casebook", version,
			 "sweep", axes_json(sweep), "where", sweep->where ? sweep->where : "", "points",
			 (json_int_t)sweep->points, "variants", variants, "digest", results_digest(digest, text));
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
	const char *value[SWEEP_KEYS_MAX];
	json_t *settings = json_object();
	sweep_values(sweep, point, value);
	for (int k = 0; k < sweep->keys; k++)
		json_object_set_new(settings, sweep->key[k], json_string(value[k]));
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
	for (int64_t p = 0; good && p < sweep->points; p++) {
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
				       "is there already; --resume continues it, -o DIR makes another");
		else
			compare(&comparing, "", was, is);
		good = good && comparing.differences == 0 && store_runs(store, mark, &marking, err);
		free(text);
		json_decref(was);
		json_decref(is);
	}
	json_decref(definition);
	*finished = marking.finished;
	return good;
}
