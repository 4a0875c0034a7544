/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A map is read field by field, a table row by row, each row beginning as a copy of the defaults. References are looked
 * up when all rows are known, from the row they stand in outwards.
 */
#include "param/param_walk.h"
#include "base/check.h"
#include "base/fnv.h"
#include "base/reader.h"
#include "base/words.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 256, TEMPLATES = 32 };

struct loading {
	const struct param_reader *reader;
	struct err *err;
	char path[PARAM_PATH];  /* of the row that is being read, with a dot at its end; "" outside of tables */
	/* The defaults of the rows of each table met so far, read once. */
	const struct param *rows[TEMPLATES];
	const void *defaults[TEMPLATES];
	int templates;
};

/* A struct that is looked into for a table, and what it lies in. */
struct scope {
	const struct param *table;
	const void *in;
	const struct scope *around;
};

void param_defaults(const struct param *table, void *target, const struct param_reader *reader)
{
	struct err err;
	err_init(&err);
	for (; table->name; table++) {
		if (param_is_table(table))
			*(struct param_rows *)(void *)((char *)target + table->offset) = (struct param_rows){0};
		else if (table->fallback)
			CHECK(param_set(table, target, table->fallback, reader, NULL, &err));
	}
}

bool param_unknown(const struct param *table, const struct tree *entry, const char *what, struct err *err)
{
	char where[PARAM_PATH + 8];
	snprintf(where, sizeof where, " in %s", what);
	return words_unknown(err, ERR_MODEL, &entry->key_place, "key", entry->key, where, WORDS(table));
}

/* ---- names ---- */

int param_row(const struct param_rows *rows, const char *name)
{
	for (int i = 0; i < rows->count; i++)
		if (strcmp(rows->name[i], name) == 0)
			return i;
	return -1;
}

const struct param *param_only(const struct param *table)
{
	return table->name && !table[1].name && !param_is_table(table) ? table : NULL;
}

static bool is_own_name(const struct param *row)
{
	return row->type == PARAM_TYPE_REF && row->fallback && strcmp(row->fallback, PARAM_OWN_NAME) == 0;
}

bool param_names_refer(const struct param *table)
{
	for (const struct param *row = table->rows; row->name; row++)
		if (is_own_name(row))
			return true;
	return false;
}

static bool is_removal(const struct tree *entry)
{
	return entry->kind == TREE_SCALAR && !entry->quoted && strcmp(entry->text, "off") == 0;
}

/* Whether a key was written on the command line, or by a program in its place. */
static bool is_typed(const struct tree *entry)
{
	const struct place *place = &entry->key_place;
	return place->line == 0 || (place->file && strncmp(place->file, "--", 2) == 0);
}

/* Whether a file has named this row, in a layer below or here. */
static bool is_inherited(const struct tree *entry)
{
	for (entry = entry->under; entry; entry = entry->under)
		if (!is_removal(entry) && !is_typed(entry))
			return true;
	return false;
}

static bool check_row_name(struct loading *load, const char *what, const struct tree *entry)
{
	static const char *const reserved[] = {"off", "on", PARAM_NONE, NULL};
	const char *name = entry->key;
	size_t length = strlen(name);
	bool letters = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
	if (length > 0 && length <= PARAM_NAME && letters && name[0] != '-' && words_find(WORDS(reserved), name) < 0)
		return true;
	return err_add(load->err, ERR_MODEL, &entry->key_place,
		       "\"%.80s\" cannot be a name in %.200s: letters, digits, _ and -, at most %d of them, and not "
		       "%s, %s or %s", name, what, PARAM_NAME, reserved[0], reserved[1], reserved[2]);
}

/* ---- maps and tables ---- */

static bool load_map(struct loading *load, const struct param *table, void *target, const struct tree *map,
		     const char *what);

static const void *defaults_of(struct loading *load, const struct param *table)
{
	for (int i = 0; i < load->templates; i++)
		if (load->rows[i] == table->rows)
			return load->defaults[i];
	CHECK(load->templates < TEMPLATES);
	void *made = arena_get(load->reader->arena, table->row_size);
	param_defaults(table->rows, made, load->reader);
	load->rows[load->templates] = table->rows;
	load->defaults[load->templates++] = made;
	return made;
}

/* A row that is not there: nothing to remove, or a slip of the command line. */
static bool unknown_row(struct loading *load, const char *what, const struct tree *map, const struct tree *entry)
{
	const char *names[NAMES_MAX];
	char where[PARAM_PATH + 8];
	int count = 0;
	for (const struct tree *other = map->child; other && count < NAMES_MAX - 1; other = other->next)
		if (other != entry && !is_removal(other) && (!is_typed(other) || is_inherited(other)))
			names[count++] = other->key;
	names[count] = NULL;
	snprintf(where, sizeof where, " in %s", what);
	return words_unknown(load->err, ERR_MODEL, &entry->key_place, "name", entry->key, where, WORDS(names));
}

/* What a reference is told by when nothing else is said: the name of the row it stands in. */
static void take_own_names(const struct param *table, void *target, const struct tree *entry)
{
	for (const struct param *row = table; row->name; row++)
		if (is_own_name(row))
			*(struct param_ref *)(void *)((char *)target + row->offset) =
				(struct param_ref){-1, entry->key, entry->key_place};
}

/* Whether all is there that has no default. */
static bool check_given(struct loading *load, const struct param *table, const struct tree *map, const char *what,
			const struct place *place)
{
	bool good = true;
	char type[PARAM_TEXT];
	for (const struct param *row = table; row->name; row++)
		if (!row->fallback && !param_is_table(row) && !tree_get(map, row->name))
			good = err_add(load->err, ERR_MODEL, place, "%.200s needs %s, %s", what, row->name,
				       param_type_text(row, type, sizeof type));
	return good;
}

static bool load_row(struct loading *load, const struct param *table, void *target, const struct tree *entry)
{
	const struct param *only = param_only(table->rows);
	size_t length = strlen(load->path);
	int written = snprintf(load->path + length, sizeof load->path - length, "%s.%s", table->name, entry->key);
	CHECK(length + (size_t)written + 1 < sizeof load->path);
	char what[PARAM_PATH];
	memcpy(what, load->path, sizeof what);
	memcpy(target, defaults_of(load, table), table->row_size);
	take_own_names(table->rows, target, entry);
	bool good, empty = entry->kind == TREE_SCALAR && !*entry->text && !entry->quoted;
	if (only && entry->kind != TREE_MAP && !empty) {
		struct param named = *only;
		named.name = what;
		good = param_set_tree(&named, target, entry, load->reader, load->err);
	} else if (empty && entry->under && entry->under->kind == TREE_MAP) {
		good = err_add(load->err, ERR_MODEL, &entry->key_place,
			       "%s is inherited, and has no value here; `off` removes it", what);
	} else {
		snprintf(load->path + strlen(load->path), sizeof load->path - strlen(load->path), ".");
		good = load_map(load, table->rows, target, empty ? NULL : entry, what);
		good = check_given(load, table->rows, entry, what, &entry->key_place) && good;
	}
	load->path[length] = '\0';
	return good;
}

static bool load_table(struct loading *load, const struct param *table, void *target, const struct tree *map)
{
	struct arena *arena = load->reader->arena;
	struct param_rows *rows = (struct param_rows *)(void *)((char *)target + table->offset);
	char what[PARAM_PATH];
	snprintf(what, sizeof what, "%.400s%s", load->path, table->name);
	*rows = (struct param_rows){0};
	if (map->kind == TREE_SCALAR && (!*map->text || is_removal(map)))
		return true;
	if (map->kind != TREE_MAP)
		return err_add(load->err, ERR_MODEL, &map->place,
			       "%s must be a map from names to their fields, not %s", what, tree_kind_name(map));
	int most = tree_count(map);
	if (most > PARAM_ROWS)
		return err_add(load->err, ERR_MODEL, &map->place, "%s has %d names; at most %d are allowed", what, most,
			       PARAM_ROWS);
	const char **names = ARENA_ARRAY(arena, (size_t)most + 1, const char *);
	struct place *places = ARENA_ARRAY(arena, (size_t)most + 1, struct place);
	rows->row = arena_array(arena, (size_t)most, table->row_size);
	rows->name = names;
	rows->place = places;
	bool good = true, open = param_names_refer(table);
	for (const struct tree *entry = map->child; entry; entry = entry->next) {
		if (reader_is_note(entry))
			continue;
		if (is_removal(entry)) {
			good = (is_inherited(entry) || unknown_row(load, what, map, entry)) && good;
			continue;
		}
		if (is_typed(entry) && !open && !is_inherited(entry))
			good = unknown_row(load, what, map, entry);
		good = check_row_name(load, what, entry) && good;
		if (strlen(entry->key) > PARAM_NAME)
			continue;
		void *row = (char *)rows->row + (size_t)rows->count * table->row_size;
		names[rows->count] = entry->key;
		places[rows->count++] = entry->key_place;
		good = load_row(load, table, row, entry) && good;
	}
	return good;
}

static bool load_map(struct loading *load, const struct param *table, void *target, const struct tree *map,
		     const char *what)
{
	if (!map)
		return true;
	if (map->kind != TREE_MAP)
		return err_add(load->err, ERR_MODEL, &map->place, "%s must be a map of %s, not %s", what,
			       *load->path ? "its fields" : "parameters", tree_kind_name(map));
	bool good = true;
	for (const struct tree *entry = map->child; entry; entry = entry->next) {
		if (reader_is_note(entry))
			continue;
		const struct param *row = param_find(table, entry->key);
		char path[PARAM_PATH];
		if (!row) {
			good = param_unknown(table, entry, what, load->err);
		} else if (param_is_table(row)) {
			good = load_table(load, row, target, entry) && good;
		} else {
			struct param named = *row;
			snprintf(path, sizeof path, "%.400s%s", load->path, row->name);
			named.name = path;
			good = param_set_tree(&named, target, entry, load->reader, load->err) && good;
		}
	}
	return good;
}

/* ---- references ---- */

static const struct param_rows *rows_named(const struct scope *scope, const char *name)
{
	for (; scope; scope = scope->around) {
		const struct param *row = param_find(scope->table, name);
		if (row && param_is_table(row))
			return (const struct param_rows *)(const void *)((const char *)scope->in + row->offset);
	}
	CHECK(scope);
	return NULL;
}

static bool unknown_ref(struct loading *load, const struct param *row, const struct param_ref *ref,
			const struct param_rows *rows)
{
	static const char *const none[] = {NULL};
	char hint[WORDS_HINT];
	return err_add(load->err, ERR_MODEL, &ref->place, "%.200s%s: \"%.60s\" is not one of the %s%s", load->path,
		       row->name, ref->name, row->of,
		       words_hint(rows->count ? WORDS(rows->name) : WORDS(none), ref->name, hint));
}

static bool resolve(struct loading *load, const struct scope *scope, void *target)
{
	bool good = true;
	for (const struct param *row = scope->table; row->name; row++) {
		void *at = (char *)target + row->offset;
		if (param_is_table(row)) {
			const struct param_rows *rows = at;
			size_t length = strlen(load->path);
			for (int i = 0; i < rows->count; i++) {
				char *in = (char *)rows->row + (size_t)i * row->row_size;
				struct scope inner = {row->rows, in, scope};
				snprintf(load->path + length, sizeof load->path - length, "%s.%s.", row->name,
					 rows->name[i]);
				good = resolve(load, &inner, in) && good;
			}
			load->path[length] = '\0';
		} else if (row->type == PARAM_TYPE_REF) {
			struct param_ref *ref = at;
			const struct param_rows *rows = rows_named(scope, row->of);
			if (!ref->name)
				continue;
			ref->row = param_row(rows, ref->name);
			if (ref->row < 0)
				good = unknown_ref(load, row, ref, rows);
		}
	}
	return good;
}

void param_rows_imply(const struct param *table, struct param_rows *rows, int count, const char *const *name,
		      const struct place *place, const struct param_reader *reader)
{
	size_t all = (size_t)rows->count + (size_t)count, size = table->row_size;
	char *row = arena_array(reader->arena, all, size);
	const char **names = ARENA_ARRAY(reader->arena, all + 1, const char *);
	struct place *places = ARENA_ARRAY(reader->arena, all, struct place);
	for (int i = 0; i < rows->count; i++) {
		memcpy(row + (size_t)i * size, (const char *)rows->row + (size_t)i * size, size);
		names[i] = rows->name[i];
		places[i] = rows->place[i];
	}
	for (int i = 0; i < count; i++) {
		char *at = row + (size_t)(rows->count + i) * size;
		if (i == 0)
			param_defaults(table->rows, at, reader);
		else
			memcpy(at, row + (size_t)rows->count * size, size);
		names[rows->count + i] = name[i];
		places[rows->count + i] = place[i];
	}
	*rows = (struct param_rows){.count = (int)all, .row = row, .name = names, .place = places,
				    .implied = rows->implied + count};
}

bool param_load(const struct param *table, void *target, const struct tree *map, const char *what,
		const struct param_reader *reader, struct err *err)
{
	struct loading load = {.reader = reader, .err = err};
	struct scope scope = {table, target, NULL};
	bool good = load_map(&load, table, target, map, what);
	good = check_given(&load, table, map, what, map ? &map->place : NULL) && good;
	return resolve(&load, &scope, target) && good;
}

/* ---- metrics ---- */

struct measuring {
	struct arena *arena;
	struct metric *metric; /* NULL: they are counted only */
	int count, implied;    /* of these, how many of implied rows */
	const char **taken;    /* names by their digest */
	const struct param_texts *keep;
	bool aside, implied_aside; /* what is not kept is put aside; of implied rows */
	size_t room;
	struct err *err;
	bool good;
};

static bool keeps(const struct param_texts *keep, const char *name)
{
	bool kept = false;
	for (int i = 0; keep && i < keep->count && !kept; i++)
		kept = param_walk_covers(keep->text[i], name) == param_walk_names(name);
	return kept;
}

/* Takes a name; false when it was taken before. */
static bool take_name(struct measuring *measuring, const char *name)
{
	size_t at = fnv_text(FNV_BASIS, name) % measuring->room;
	for (; measuring->taken[at]; at = (at + 1) % measuring->room)
		if (strcmp(measuring->taken[at], name) == 0)
			return false;
	measuring->taken[at] = name;
	return true;
}

static void measure_row(struct measuring *measuring, const struct param *table, struct param_rows *rows, int index,
			const char *before)
{
	bool implied = index >= rows->count - rows->implied;
	rows->metric[index] = measuring->count;
	for (const struct metric *metric = table->metrics; metric->name; metric++, measuring->count++) {
		measuring->implied += implied;
		if (!measuring->metric)
			continue;
		struct metric *made = &measuring->metric[measuring->count];
		*made = *metric;
		made->name = arena_format(measuring->arena, "%s%s.%s", before, rows->name[index], metric->name);
		made->aside = (measuring->aside || (implied && measuring->implied_aside)) &&
			      !keeps(measuring->keep, made->name);
		if (!take_name(measuring, made->name))
			measuring->good = err_add(measuring->err, ERR_MODEL, &rows->place[index],
						  "two metrics would be called %.200s; rename what %s shares "
						  "its name with", made->name, table->name);
	}
}

static void measure(struct measuring *measuring, const struct param *table, void *target, const char *before)
{
	for (const struct param *row = table; row->name; row++) {
		if (!param_is_table(row))
			continue;
		struct param_rows *rows = (struct param_rows *)(void *)((char *)target + row->offset);
		if (row->metrics && !rows->metric)
			rows->metric = ARENA_ARRAY(measuring->arena, (size_t)rows->count + 1, int);
		for (int i = 0; i < rows->count; i++) {
			const char *inner = arena_format(measuring->arena, "%s%s.", before, rows->name[i]);
			if (row->metrics)
				measure_row(measuring, row, rows, i, before);
			measure(measuring, row->rows, (char *)rows->row + (size_t)i * row->row_size, inner);
		}
	}
}

bool param_metrics(const struct param *table, void *target, const struct metric *own, const struct param_texts *keep,
		   struct arena *arena, const struct metric **metrics, struct err *err)
{
	struct measuring measuring = {.arena = arena, .err = err, .good = true, .keep = keep};
	while (own[measuring.count].name)
		measuring.count++;
	int first = measuring.count;
	*metrics = own;
	measure(&measuring, table, target, "");
	if (measuring.count == first)
		return true;
	measuring.metric = ARENA_ARRAY(arena, (size_t)measuring.count + 1, struct metric);
	measuring.aside = measuring.count - measuring.implied > PARAM_METRICS;
	measuring.implied_aside = measuring.count > PARAM_METRICS;
	measuring.room = 2 * (size_t)measuring.count;
	measuring.taken = ARENA_ARRAY(arena, measuring.room, const char *);
	measuring.count = first;
	memcpy(measuring.metric, own, (size_t)first * sizeof *own);
	measuring.metric[measuring.count] = own[first];
	measure(&measuring, table, target, "");
	*metrics = measuring.metric;
	return measuring.good;
}
