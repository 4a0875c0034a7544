/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points are never held: a point is its index in the product of the axes, of which the last turns fastest. */
#include "exec/points.h"
#include "base/reader.h"
#include "base/words.h"
#include "engine/dmath.h"
#include "exec/where.h"
#include "param/param_walk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 1000000, RANGE_PARTS = 4 };

struct loading {
	struct points *points;
	struct arena *arena;
	struct err *err;
};

enum err_kind points_err_kind(const struct place *place)
{
	return place->file && strncmp(place->file, "--", 2) == 0 ? ERR_USAGE : ERR_MODEL;
}

#define COMPLAIN(load, place, ...) err_add((load)->err, points_err_kind(place), place, __VA_ARGS__)

/* ---- keys and values ---- */

static const char *path_of(const char *key)
{
	return strncmp(key, "model.", 6) == 0 ? key + 6 : key;
}

/* What declares the parameter that a key means, in any variant; NULL. */
static const struct param *row_of(const struct points *points, const char *key)
{
	const struct study *study = points->study;
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
	struct points *points = load->points;
	for (int i = 0; i < points->keys; i++)
		if (strcmp(points->key[i], key) == 0)
			return COMPLAIN(load, place, "\"%.60s\" is swept twice", key);
	if (points->keys == POINTS_KEYS_MAX)
		return COMPLAIN(load, place, "more than %d keys are swept", POINTS_KEYS_MAX);
	size_t length = strlen(key);
	bool path = is_of_trace(key) && length > 6 && key[length - 1] != '.' && !strstr(key, "..");
	if (path || strcmp(key, "slice") == 0 || row_of(points, key)) {
		points->key[points->keys++] = key;
		return true;
	}
	static const char *const others[] = {"slice", "trace.KEY", NULL};
	struct words words = WORDS(others);
	const struct setup *first = points->study->setup[0];
	const char *near =
		strchr(key, '.') ? param_walk_near(first->of->params, first->params, path_of(key), load->arena) : NULL;
	if (near)
		return COMPLAIN(load, place, "unknown key \"%.200s\"; did you mean \"%s\"?", key, near);
	return words_unknown(load->err, points_err_kind(place), place, "key", key, "",
			     WORDS_AND(points->study->of->params, &words));
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
	const struct param *row = row_of(load->points, key);
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

static struct points_axis *new_axis(struct loading *load, int keys)
{
	struct points_axis *axis = &load->points->axis[load->points->axes++];
	axis->key = ARENA_ARRAY(load->arena, (size_t)keys + 1, const char *);
	axis->value = ARENA_ARRAY(load->arena, (size_t)keys + 1, const char **);
	axis->place = ARENA_ARRAY(load->arena, (size_t)keys + 1, struct place);
	return axis;
}

static bool add_key(struct loading *load, struct points_axis *axis, const char *key, const struct texts *values,
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

static bool add_option(struct loading *load, const char *option, const char *text, struct points_axis *axis)
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

static bool load_texts(struct loading *load, const struct points_texts *texts)
{
	bool good = true;
	for (int i = 0; i < texts->grids; i++)
		good = add_option(load, "--grid", texts->grid[i], NULL) && good;
	struct points_axis *zip = texts->zips ? new_axis(load, texts->zips) : NULL;
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
	struct points_axis *axis = zip ? new_axis(load, tree_count(map)) : NULL;
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

static bool load_axes(struct loading *load, const struct points_texts *texts)
{
	struct points *points = load->points;
	const struct tree *section = tree_get(points->study->tree, "sweep"), *where = tree_get(section, "where");
	points->key = ARENA_ARRAY(load->arena, POINTS_KEYS_MAX + 1, const char *);
	points->axis = ARENA_ARRAY(load->arena, 2 * POINTS_KEYS_MAX + 2, struct points_axis);
	points->where = texts->where ? texts->where : where ? where->text : NULL;
	if (texts->grids > POINTS_KEYS_MAX || texts->zips > POINTS_KEYS_MAX)
		return err_add(load->err, ERR_USAGE, NULL, "more than %d keys are swept", POINTS_KEYS_MAX);
	bool good = true;
	if (texts->grids + texts->zips > 0)
		good = load_texts(load, texts);
	else if (section &&
		 tree_count(tree_get(section, "grid") ? tree_get(section, "grid") : section) <= POINTS_KEYS_MAX)
		good = load_section(load, section);
	if (good && points->keys == 0)
		return err_add(load->err, section ? ERR_MODEL : ERR_USAGE, section ? &section->place : NULL,
			       "nothing is swept: --grid KEY=A,B,C, or a section `sweep:` in the model file");
	for (int i = 0; i < points->keys; i++)
		points->of_trace = points->of_trace || is_of_trace(points->key[i]);
	return good;
}

/* ---- points ---- */

static void values_at(const struct points *points, int64_t index, const char **value)
{
	int key = points->keys;
	for (int a = points->axes - 1; a >= 0; a--) {
		const struct points_axis *axis = &points->axis[a];
		int64_t which = index % axis->values;
		index /= axis->values;
		key -= axis->keys;
		for (int k = 0; k < axis->keys; k++)
			value[key + k] = axis->value[k][which];
	}
}

void points_values(const struct points *points, int64_t point, const char **value)
{
	values_at(points, points->index[point], value);
}

const char *points_text(const struct points *points, int64_t point, struct arena *arena)
{
	const char *value[POINTS_KEYS_MAX], *text = "";
	points_values(points, point, value);
	for (int i = 0; i < points->keys; i++)
		text = arena_format(arena, "%s%s%s=%s", text, i ? ", " : "", points->key[i], value[i]);
	return text;
}

static bool choose_points(struct loading *load)
{
	struct points *points = load->points;
	int64_t all = 1;
	for (int a = 0; a < points->axes; a++) {
		if (points->axis[a].values > POINTS_MAX / all)
			return err_add(load->err, ERR_USAGE, NULL, "more than %d points", POINTS_MAX);
		all *= points->axis[a].values;
	}
	points->index = ARENA_ARRAY(load->arena, (size_t)all + 1, int64_t);
	const struct tree *section = tree_get(points->study->tree, "sweep"), *entry = tree_get(section, "where");
	const char *value[POINTS_KEYS_MAX + 1];
	struct place place = entry && points->where == entry->text ? entry->place : (struct place){"--where", 0, 0};
	for (int64_t i = 0; i < all; i++) {
		bool good = true, wanted = true;
		if (points->where) {
			struct arena scratch;
			struct where_names names = {points->key, value};
			values_at(points, i, value);
			arena_init(&scratch);
			wanted = where_holds(points->where, &names, &scratch, &good, points_err_kind(&place), &place,
					     load->err);
			arena_free(&scratch);
		}
		if (!good)
			return false;
		if (wanted)
			points->index[points->count++] = i;
	}
	return points->count > 0 || COMPLAIN(load, &place, "where leaves no point: %.200s", points->where);
}

struct tree *points_layer(const struct points *points, int64_t point, struct arena *arena)
{
	const char *value[POINTS_KEYS_MAX];
	struct tree *layer = NULL;
	int key = 0;
	points_values(points, point, value);
	for (int a = 0; a < points->axes; a++)
		for (int k = 0; k < points->axis[a].keys; k++, key++) {
			const char *name = points->key[key];
			struct place place = points->axis[a].place[k];
			struct tree *scalar = tree_scalar(arena, value[key], place);
			layer = tree_merge(arena, layer, tree_path(arena, path_of(name), scalar, place));
		}
	return layer;
}

bool points_load(struct points *points, const struct study *study, const struct points_texts *texts, struct err *err)
{
	struct loading load = {points, study->arena, err};
	*points = (struct points){.study = study, .arena = study->arena};
	return load_axes(&load, texts) && choose_points(&load);
}
