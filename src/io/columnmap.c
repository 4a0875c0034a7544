/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The section is read in two steps: its options before the file is looked at, its columns when the header is known.
 */
#include "io/columnmap.h"
#include "base/keys.h"
#include "base/printable.h"
#include "base/quantity.h"
#include "base/reader.h"
#include "base/words.h"
#include "io/instant.h"
#include "io/paths.h"
#include "io/records.h"

#include <stdio.h>
#include <string.h>

enum { LIST = 300, UNUSED_SHOWN = 6 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

const char *columnmap_shown(const char *text, char *buffer)
{
	printable_copy(buffer, COLUMNMAP_SHOWN - 3, text);
	if (strlen(text) >= COLUMNMAP_SHOWN - 3)
		strcat(buffer, "...");
	return buffer;
}

struct loading {
	struct columnmap *map;
	const struct tree *trace;
	struct param_reader reader;
	struct err *err;
};

static int source_find(const struct columnmap *map, const char *name)
{
	for (int i = 0; map->names[i]; i++)
		if (strcmp(map->names[i], name) == 0)
			return i;
	return -1;
}

static const char *list_names(struct arena *arena, const char *const *names)
{
	char text[LIST];
	size_t length = 0;
	text[0] = '\0';
	for (int i = 0; names[i]; i++) {
		char name[COLUMNMAP_SHOWN];
		columnmap_shown(names[i], name);
		if (length + strlen(name) + 8 > sizeof text) {
			strcpy(text + length, ", ...");
			break;
		}
		length += (size_t)sprintf(text + length, "%s%s", i ? ", " : "", name);
	}
	return arena_text(arena, text);
}

/* A source column that a map names. */
static int source_named(struct loading *load, const struct tree *tree, const char *name)
{
	const struct columnmap *map = load->map;
	int source = records_find(map->names, name);
	if (source < 0)
		records_unfound(map->names, name, map->file, ERR_TRACE, &tree->place, load->err);
	return source < 0 ? -1 : source;
}

static enum quantity_kind kind_of(const struct column *column)
{
	return column->type == COLUMN_TIME    ? QUANTITY_TIME
	       : column->type == COLUMN_BYTES ? QUANTITY_BYTES
					      : QUANTITY_COUNT;
}

/* ---- time ---- */

static bool parse_time(const struct columnmap *map, const char *text, int64_t *ns, const char **why)
{
	return instant_parse(text, map->time_dates ? 0 : map->time_unit, ns, why);
}

static bool load_origin(struct loading *load, const struct tree *origin)
{
	struct columnmap *map = load->map;
	const char *why;
	if (!reader_must_be(load->err, origin, TREE_SCALAR, "origin"))
		return false;
	map->origin_kind = strcmp(origin->text, "first") == 0 ? COLUMNMAP_ORIGIN_FIRST : COLUMNMAP_ORIGIN_AT;
	if (map->origin_kind == COLUMNMAP_ORIGIN_AT && strcmp(origin->text, "0") != 0 &&
	    !parse_time(map, origin->text, &map->origin, &why))
		return err_add(load->err, ERR_MODEL, &origin->place,
			       "origin: \"%.40s\" %s; allowed: first, 0, or a time as in the file", origin->text, why);
	return true;
}

/* "1 ms * row": rows that have no time come evenly. False: that is not what it says. */
static bool load_even_time(struct loading *load, const char *text)
{
	struct columnmap *map = load->map;
	struct quantity every;
	char why[QUANTITY_WHY];
	const char *at;
	if (!quantity_scan(QUANTITY_TIME, text, &at, &every, why) || every.integer <= 0)
		return false;
	at += strspn(at, " ");
	if (*at++ != '*')
		return false;
	at += strspn(at, " ");
	if (strcmp(at, "row") != 0)
		return false;
	size_t length = strlen(map->describe);
	map->time_every = every.integer;
	map->time_source = 0;
	map->time_unit = 1;
	snprintf(map->describe + length, COLUMNMAP_TEXT - length, ", time %.60s", text);
	return true;
}

/* "minus: started" in the unit of the column it is subtracted from; or {from: NAME, unit: s}. */
static bool load_minus(struct loading *load, const struct tree *minus, int64_t unit, bool dates,
		       struct columnmap_minus *into)
{
	*into = (struct columnmap_minus){-1, unit, dates};
	if (!minus)
		return true;
	const struct tree *from = minus->kind == TREE_MAP ? tree_get(minus, "from") : minus;
	if (minus->kind == TREE_MAP && !reader_keys(minus, "minus", keys_minus, load->err))
		return false;
	if (!from || from->kind != TREE_SCALAR)
		return err_add(load->err, ERR_MODEL, &minus->place,
			       "minus needs a column, e.g. minus: started, or minus: {from: took, unit: s}");
	const struct tree *of = tree_get(minus, "unit");
	if (of && !reader_must_be(load->err, of, TREE_SCALAR, "unit"))
		return false;
	if (of) {
		into->dates = strcmp(of->text, "date") == 0;
		into->unit = instant_unit(of->text);
		if (!into->dates && !into->unit)
			return err_add(load->err, ERR_MODEL, &of->place, "minus needs a unit of time: " INSTANT_UNITS);
	}
	load->map->one_by_one = true;
	into->source = source_named(load, from, from->text);
	return into->source >= 0;
}

/* Over what rows with the same stamp are spread. */
static bool load_resolution(struct loading *load, const struct tree *resolution, const struct tree *spread)
{
	struct quantity value;
	char why[QUANTITY_WHY];
	if (spread && (!reader_must_be(load->err, spread, TREE_SCALAR, "spread") ||
		       (strcmp(spread->text, "evenly") != 0 && strcmp(spread->text, "random") != 0)))
		return err_add(load->err, ERR_MODEL, &spread->place, "spread must be random or evenly");
	if (spread && !resolution)
		return err_add(load->err, ERR_MODEL, &spread->place, "spread needs a resolution, e.g. resolution: 1 s");
	load->map->evenly = spread && strcmp(spread->text, "evenly") == 0;
	if (!resolution)
		return true;
	if (!reader_must_be(load->err, resolution, TREE_SCALAR, "resolution"))
		return false;
	if (!quantity_parse(QUANTITY_TIME, resolution->text, &value, why))
		return err_add(load->err, ERR_MODEL, &resolution->place, "resolution: \"%.40s\" %s", resolution->text,
			       why);
	if (value.integer <= 0)
		return err_add(load->err, ERR_MODEL, &resolution->place, "resolution must be above 0");
	load->map->resolution = value.integer;
	return true;
}

static bool load_time(struct loading *load, const struct tree *time)
{
	struct columnmap *map = load->map;
	bool as_map = time->kind == TREE_MAP;
	const struct tree *from = as_map ? tree_get(time, "from") : time;
	if (as_map && !reader_keys(time, "time", keys_time, load->err))
		return false;
	if (!from || from->kind != TREE_SCALAR)
		return err_add(load->err, ERR_MODEL, from ? &from->place : &time->place,
			       "time needs the column it is from, e.g. {from: t_unix_s, unit: s}");
	const struct tree *unit = tree_get(time, "unit"), *origin = tree_get(time, "origin");
	if (!load_resolution(load, tree_get(time, "resolution"), tree_get(time, "spread")))
		return false;
	if (!as_map && source_find(map, from->text) < 0 && load_even_time(load, from->text))
		return true;
	map->time_source = source_named(load, from, from->text);
	if (map->time_source < 0 || (unit && !reader_must_be(load->err, unit, TREE_SCALAR, "unit")))
		return false;
	const char *name = unit ? unit->text : instant_unit_of_time(from->text);
	map->time_dates = unit && strcmp(unit->text, "date") == 0;
	map->time_unit = name ? instant_unit(name) : 0;
	if (!map->time_dates && !map->time_unit)
		return err_add(load->err, ERR_MODEL, unit ? &unit->place : &time->place,
			       "time needs a unit: " INSTANT_UNITS "; e.g. {from: %.60s, unit: s}", from->text);
	if (!load_minus(load, tree_get(time, "minus"), map->time_unit, map->time_dates, &map->time_minus))
		return false;
	if (origin && !load_origin(load, origin))
		return false;
	size_t length = strlen(map->describe);
	snprintf(map->describe + length, COLUMNMAP_TEXT - length, ", time from %.60s%s%s", from->text,
		 map->time_dates ? " as dates" : " in ", map->time_dates ? "" : name);
	length = strlen(map->describe);
	if (map->time_minus.source >= 0)
		snprintf(map->describe + length, COLUMNMAP_TEXT - length, " minus %.60s",
			 map->names[map->time_minus.source]);
	length = strlen(map->describe);
	if (map->resolution)
		snprintf(map->describe + length, COLUMNMAP_TEXT - length, ", spread %s over %.40s",
			 map->evenly ? "evenly" : "at random", tree_get(time, "resolution")->text);
	return true;
}

static bool find_time(struct loading *load)
{
	struct columnmap *map = load->map;
	struct place place = {map->file, 1, 0};
	for (int i = 0; map->names[i]; i++) {
		const char *unit = instant_unit_named(map->names[i]);
		if (!unit)
			continue;
		map->time_source = i;
		map->time_unit = instant_unit(unit);
		if (strcmp(map->names[i], "time_ns") == 0)
			map->origin_kind = COLUMNMAP_ORIGIN_AT; /* ours: the time of the trace */
		size_t length = strlen(map->describe);
		snprintf(map->describe + length, COLUMNMAP_TEXT - length, ", time from %.60s in %s", map->names[i],
			 unit);
		return true;
	}
	return err_add(load->err, ERR_TRACE, &place,
		       "no column is known to be the time; say which, e.g. columns: {time: {from: NAME, unit: s}} "
		       "(`casebook trace info FILE` guesses one); its columns: %s",
		       map->listed);
}

/* ---- the case's columns ---- */

static bool load_missing(struct loading *load, struct columnmap_entry *into, const struct column *column,
			 const struct tree *missing)
{
	char why[512];
	const char *text = missing ? missing->text : column->missing;
	if (missing && !reader_must_be(load->err, missing, TREE_SCALAR, "missing"))
		return false;
	into->said_missing = missing != NULL;
	if (!text)
		return true;
	if (maker_constant(column, text, &into->missing, why, sizeof why)) {
		into->may_miss = true;
		return true;
	}
	return !missing ||
	       err_add(load->err, ERR_MODEL, &missing->place, "%s: missing: \"%.40s\" %s", column->name, text, why);
}

static bool load_words(struct loading *load, struct columnmap_entry *into, const struct column *column,
		       const struct tree *words)
{
	char why[512];
	bool good = true;
	if (column->type != COLUMN_CHOICE || words->kind != TREE_MAP)
		return err_add(load->err, ERR_MODEL, &words->place,
			       "%s: words is a map from words of the file to those of a column "
			       "that holds words, e.g. {GET: read}",
			       column->name);
	struct columnmap_word *list = ARENA_ARRAY(load->reader.arena, (size_t)tree_count(words), struct columnmap_word);
	for (const struct tree *entry = words->child; entry; entry = entry->next) {
		struct columnmap_word *word = &list[into->word_count];
		*word = (struct columnmap_word){entry->key, strlen(entry->key), 0};
		if (entry->kind != TREE_SCALAR || !maker_constant(column, entry->text, &word->to, why, sizeof why))
			good = err_add(load->err, ERR_MODEL, &entry->place, "%s: %.40s: \"%.40s\" %s", column->name,
				       entry->key, entry->kind == TREE_SCALAR ? entry->text : tree_kind_name(entry),
				       entry->kind == TREE_SCALAR ? why : "is not a word");
		else
			into->word_count++;
	}
	into->words = list;
	return good;
}

/* Appends the words of the column itself. */
static void add_own_words(struct arena *arena, struct columnmap_entry *into, const struct column *column)
{
	int own = 0;
	while (column->choices[own])
		own++;
	struct columnmap_word *all = ARENA_ARRAY(arena, (size_t)(into->word_count + own), struct columnmap_word);
	if (into->word_count)
		memcpy(all, into->words, (size_t)into->word_count * sizeof *all);
	for (int i = 0; i < own; i++)
		all[into->word_count++] = (struct columnmap_word){column->choices[i], strlen(column->choices[i]), i};
	into->words = all;
}

static bool load_unit(struct loading *load, struct columnmap_entry *into, const struct column *column,
		      const struct tree *unit)
{
	char text[COLUMNMAP_SHOWN], why[QUANTITY_WHY];
	struct quantity one;
	bool number = column->type != COLUMN_KEY && column->type != COLUMN_CHOICE;
	into->unit = 1;
	into->whole = !unit;
	if (!unit)
		return true;
	if (!reader_must_be(load->err, unit, TREE_SCALAR, "unit"))
		return false;
	if (!number)
		return err_add(load->err, ERR_MODEL, &unit->place, "%s: this column holds no numbers and has no unit",
			       column->name);
	if (column->type == COLUMN_TIME && strcmp(unit->text, "date") == 0) {
		into->dates = true;
		return true;
	}
	snprintf(text, sizeof text, "%s%.40s", is_digit(*unit->text) ? "" : "1 ",
		 unit->text); /* "100 ns" is one, too */
	if (!quantity_parse(kind_of(column), text, &one, why))
		return err_add(load->err, ERR_MODEL, &unit->place, "%s: unit: %s", column->name, why);
	into->unit = one.integer;
	return true;
}

/* "lookup: FILE.csv", or {file: FILE.csv, key: COLUMN, value: COLUMN, by: prefix}. */
static bool load_lookup(struct loading *load, struct columnmap_entry *into, const struct column *column,
			const struct tree *lookup)
{
	struct arena *arena = load->reader.arena;
	if (!lookup)
		return true;
	bool as_map = lookup->kind == TREE_MAP;
	if (as_map && !reader_keys(lookup, "lookup", keys_lookup, load->err))
		return false;
	const struct tree *name = as_map ? tree_get(lookup, "file") : lookup;
	if (!name || name->kind != TREE_SCALAR)
		return err_add(
			load->err, ERR_MODEL, &lookup->place,
			"%s: lookup needs a file, e.g. lookup: {file: classes.csv, key: url, value: class, by: prefix}",
			column->name);
	int before = load->err->count;
	const char *key = reader_text(lookup, "key", load->err), *value = reader_text(lookup, "value", load->err),
		   *by = reader_text(lookup, "by", load->err);
	if (load->err->count > before)
		return false;
	if (by && strcmp(by, "prefix") != 0 && strcmp(by, "value") != 0)
		return err_add(load->err, ERR_MODEL, &tree_get(lookup, "by")->place,
			       "%s: by must be `value` (the whole value is the key) or `prefix` (its beginning)",
			       column->name);
	const char *path =
		paths_named_in(arena, name->place.file ? name->place.file : load->map->model_path, name->text);
	if (!path)
		return err_add(load->err, ERR_MODEL, &name->place, "%s: no such file: %.200s", column->name,
			       name->text);
	into->lookup_name = name->text;
	into->lookup = lookup_open(arena, path, key, value, by && strcmp(by, "prefix") == 0, load->err);
	return into->lookup != NULL;
}

static bool load_from(struct loading *load, struct columnmap_entry *into, const struct column *column,
		      const struct tree *tree)
{
	const struct tree *from = tree_get(tree, "from"), *words = tree_get(tree, "words"),
			  *minus = tree_get(tree, "minus");
	into->kind = COLUMNMAP_COLUMN;
	if (!reader_keys(tree, column->name, keys_column, load->err) ||
	    !reader_must_be(load->err, from, TREE_SCALAR, "from"))
		return false;
	into->source = source_named(load, from, from->text);
	bool good = load_unit(load, into, column, tree_get(tree, "unit"));
	good = load_missing(load, into, column, tree_get(tree, "missing")) && good;
	if (words)
		good = load_words(load, into, column, words) && good;
	if (minus && (column->type == COLUMN_KEY || column->type == COLUMN_CHOICE))
		good = err_add(load->err, ERR_MODEL, &minus->place, "%s: this column holds no numbers to subtract from",
			       column->name);
	good = load_minus(load, minus, into->unit, into->dates, &into->minus) && good;
	good = load_lookup(load, into, column, tree_get(tree, "lookup")) && good;
	return good && into->source >= 0;
}

static bool use_column(struct loading *load, struct columnmap_entry *into, const struct column *column, int source)
{
	into->kind = COLUMNMAP_COLUMN;
	into->source = source;
	into->minus.source = -1;
	into->unit = 1;
	into->whole = true;
	return load_missing(load, into, column, NULL);
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || (c & 0x80);
}

struct sum {
	struct loading *load;
	const struct tree *tree;
	const struct column *column;
	const char *at;
};

static void sum_blanks(struct sum *sum)
{
	while (is_blank(*sum->at))
		sum->at++;
}

/* A quantity: multiplies the term by it. */
static bool sum_quantity(struct sum *sum, struct columnmap_term *term, bool *dimension)
{
	struct err *err = sum->load->err;
	const struct place *place = &sum->tree->place;
	struct decimal decimal;
	const char *reason, *end = decimal_scan(sum->at, &decimal, &reason), *start = sum->at;
	char unit[COLUMNMAP_SHOWN], text[COLUMNMAP_SHOWN + 8], why[QUANTITY_WHY];
	struct quantity one = {1, 1};
	size_t length = 0;
	if (!end)
		return err_add(err, ERR_MODEL, place, "%s: \"%.20s\" %s", sum->column->name, start, reason);
	sum->at = end;
	sum_blanks(sum);
	while (name_char(sum->at[length]) || sum->at[length] == '/' || sum->at[length] == '%')
		length++;
	if (length >= sizeof unit)
		return err_add(err, ERR_MODEL, place, "%s: \"%.20s\" is not a unit", sum->column->name, sum->at);
	memcpy(unit, sum->at, length);
	unit[length] = '\0';
	sum->at += length;
	snprintf(text, sizeof text, "1 %s", unit);
	if (length && !quantity_parse(kind_of(sum->column), text, &one, why))
		return err_add(err, ERR_MODEL, place, "%s: \"%.40s\": %s", sum->column->name, start, why);
	if (length || sum->column->type == COLUMN_COUNT) {
		if (*dimension && length)
			return err_add(err, ERR_MODEL, place, "%s: a product has only one quantity with a unit",
				       sum->column->name);
		*dimension = true;
	}
	term->places += decimal.places;
	if (!decimal_multiply(&term->coefficient, decimal.digits) || !decimal_multiply(&term->coefficient, one.integer))
		return err_add(err, ERR_MODEL, place, "%s: \"%.40s\" is too large", sum->column->name, start);
	return true;
}

/* Of the longest name of a column that the text goes on with, blanks and hyphens included; else of what looks like one.
 */
static size_t name_length(const struct sum *sum)
{
	const char *const *names = sum->load->map->names;
	size_t longest = 0;
	for (int i = 0; names[i]; i++) {
		size_t length = strlen(names[i]);
		if (length > longest && strncmp(sum->at, names[i], length) == 0 && !name_char(sum->at[length]))
			longest = length;
	}
	if (longest == 0)
		while (name_char(sum->at[longest]))
			longest++;
	return longest;
}

static bool sum_factor(struct sum *sum, struct columnmap_term *term, bool *dimension)
{
	sum_blanks(sum);
	if (is_digit(*sum->at) || *sum->at == '.')
		return sum_quantity(sum, term, dimension);
	char quote = *sum->at;
	bool quoted = (quote == '"' || quote == '\'') && strchr(sum->at + 1, quote);
	sum->at += quoted;
	size_t length = quoted ? strcspn(sum->at, quote == '"' ? "\"" : "'") : name_length(sum);
	if (length == 0)
		return err_add(
			sum->load->err, ERR_MODEL, &sum->tree->place,
			"%s: needs a quantity or a column of the file before \"%.20s\"; e.g. 100 ms + 20 us * tokens",
			sum->column->name, sum->at);
	char *name = arena_text_of(sum->load->reader.arena, sum->at, length);
	sum->at += length + quoted;
	if (term->source >= 0)
		return err_add(sum->load->err, ERR_MODEL, &sum->tree->place,
			       "%s: a product of two columns is not linear", sum->column->name);
	term->source = source_named(sum->load, sum->tree, name);
	return term->source >= 0;
}

static bool sum_term(struct sum *sum, struct columnmap_term *term, int sign)
{
	const char *start = sum->at;
	bool dimension = sum->column->type == COLUMN_COUNT;
	*term = (struct columnmap_term){sign, 0, -1};
	for (;;) {
		if (!sum_factor(sum, term, &dimension))
			return false;
		sum_blanks(sum);
		if (*sum->at != '*')
			break;
		sum->at++;
	}
	if (!dimension)
		return err_add(sum->load->err, ERR_MODEL, &sum->tree->place, "%s: \"%.*s\" needs a unit (%s)%s",
			       sum->column->name, (int)(sum->at - start), start, quantity_units(kind_of(sum->column)),
			       term->source >= 0 && sum->column->type == COLUMN_TIME
				       ? "; a difference of two times is {from: ENDED, unit: date, minus: STARTED}"
				       : "");
	for (; term->places > 0 && term->coefficient % 10 == 0; term->places--)
		term->coefficient /= 10;
	if (term->places < 0) {
		if (!decimal_shift_up(&term->coefficient, -term->places))
			return err_add(sum->load->err, ERR_MODEL, &sum->tree->place, "%s: a coefficient is too large",
				       sum->column->name);
		term->places = 0;
	}
	return true;
}

static bool load_sum(struct loading *load, struct columnmap_entry *into, const struct column *column,
		      const struct tree *tree)
{
	struct sum sum = {load, tree, column, tree->text};
	int sign = 1;
	into->kind = COLUMNMAP_SUM;
	for (;;) {
		if (into->terms == COLUMNMAP_TERMS)
			return err_add(load->err, ERR_MODEL, &tree->place, "%s: a sum of more than %d terms",
				       column->name, COLUMNMAP_TERMS);
		if (!sum_term(&sum, &into->term[into->terms++], sign))
			return false;
		if (*sum.at == '\0')
			return true;
		if (*sum.at != '+' && *sum.at != '-')
			return err_add(load->err, ERR_MODEL, &tree->place, "%s: needs + - or * before \"%.20s\"",
				       column->name, sum.at);
		sign = *sum.at++ == '-' ? -1 : 1;
	}
}

static bool load_maker(struct loading *load, struct columnmap_entry *into, int index, const struct tree *tree)
{
	into->kind = COLUMNMAP_MADE;
	into->maker = maker_load(load->map->columns, index, tree, &load->reader, load->err);
	if (into->maker && maker_needs_stored(into->maker))
		return err_add(load->err, ERR_MODEL, &tree->place,
			       "%s: what is stored is known in a recipe only; give a column of the file, or a number",
			       load->map->columns[index].name);
	return into->maker != NULL;
}

static bool load_text(struct loading *load, struct columnmap_entry *into, int index, const struct tree *tree)
{
	const struct columnmap *map = load->map;
	const struct column *column = &map->columns[index];
	const char *text = tree->text;
	char why[512];
	int64_t value;
	int source = source_find(map, text);
	if (source >= 0) {
		source = source_named(load, tree, text);
		return source >= 0 && use_column(load, into, column, source);
	}
	if (strchr(text, '('))
		return load_maker(load, into, index, tree);
	if (column->type == COLUMN_CHOICE) {
		if (maker_constant(column, text, &value, why, sizeof why))
			return load_maker(load, into, index, tree);
		return err_add(load->err, ERR_TRACE, &tree->place, "%s: \"%.40s\" %s, nor a column of the file: %s",
			       column->name, text, why, map->listed);
	}
	if (column->type != COLUMN_KEY && (strpbrk(text, "*+") || strstr(text, " - ")))
		return load_sum(load, into, column, tree);
	bool word = *text && !is_digit(*text) && *text != '-' && *text != '.';
	if (word && strcmp(text, "calendar") != 0 && strcmp(text, "stored") != 0) {
		source_named(load, tree, text);
		return false;
	}
	return load_maker(load, into, index, tree);
}

static bool load_column(struct loading *load, struct columnmap_entry *into, int index, const struct tree *tree)
{
	if (tree->kind == TREE_SCALAR)
		return load_text(load, into, index, tree);
	const struct tree *constant = tree_get(tree, "constant");
	if (tree_get(tree, "from"))
		return load_from(load, into, &load->map->columns[index], tree);
	if (constant && !constant->next && tree->child == constant &&
	    reader_must_be(load->err, constant, TREE_SCALAR, "constant"))
		return load_maker(load, into, index, constant);
	return load_maker(load, into, index, tree);
}

static bool load_unmapped(struct loading *load, struct columnmap_entry *into, int index)
{
	const struct columnmap *map = load->map;
	const struct column *column = &map->columns[index];
	const char *const one[] = {column->name, NULL};
	struct place place = {map->file, 1, 0};
	int source = source_find(map, column->name);
	if (source >= 0 && records_find(map->names, column->name) < 0)
		return records_unfound(map->names, column->name, map->file, ERR_TRACE, &place, load->err);
	if (source >= 0)
		return use_column(load, into, column, source);
	if (column->missing) {
		into->by_default = true;
		into->kind = COLUMNMAP_MADE;
		into->maker = maker_missing(map->columns, index, &load->reader);
		return true;
	}
	const char *near = NULL;
	for (int i = 0; map->names[i] && !near; i++)
		if (words_near(WORDS(one), map->names[i]))
			near = map->names[i];
	return err_add(load->err, ERR_TRACE, &place,
		       "no column \"%s\" (%s)%s%.60s%s; say where it comes from, e.g. columns: {%s: NAME}; the file's "
		       "columns: %s",
		       column->name, column->help, near ? "; is it \"" : "", near ? near : "", near ? "\"" : "",
		       column->name, map->listed);
}

static bool load_window(struct loading *load, const struct tree *window)
{
	struct columnmap *map = load->map;
	static const char *const keys[] = {"from", NULL};
	map->window_source = map->start_source = map->lasts_source = -1;
	if (window) {
		if (window->kind == TREE_MAP && !reader_keys(window, "window", keys, load->err))
			return false;
		const struct tree *from = window->kind == TREE_MAP ? tree_get(window, "from") : window;
		if (!from || from->kind != TREE_SCALAR)
			return err_add(load->err, ERR_MODEL, &window->place,
				       "window must be the name of a column of the file");
		map->window_source = source_named(load, from, from->text);
		if (map->window_source < 0)
			return false;
	}
	if (!window && column_find(map->columns, "window") < 0 && !map->time_every &&
	    strcmp(map->names[map->time_source], "time_ns") == 0)
		map->window_source = source_find(map, "window");
	if (map->window_source >= 0 && map->resolution)
		return err_add(
			load->err, ERR_MODEL, &load->trace->place,
			"a trace with windows cannot be spread over a resolution: rows would leave their windows");
	if (map->window_source >= 0 && !window) {
		map->start_source = source_find(map, "window_start_ns");
		map->lasts_source = source_find(map, "window_lasts_ns");
	}
	return true;
}

/* ---- which rows ---- */

/* "from: 10 min" after the first row; or a time as the file has them, or a date. */
static bool load_end(struct loading *load, const char *key, struct columnmap_end *end)
{
	struct columnmap *map = load->map;
	const struct tree *entry = tree_get(load->trace, key);
	struct quantity after;
	char why[QUANTITY_WHY];
	const char *reason = "";
	if (!entry)
		return true;
	if (!reader_must_be(load->err, entry, TREE_SCALAR, key))
		return false;
	end->said = map->one_by_one = true;
	end->after_first = quantity_parse(QUANTITY_TIME, entry->text, &after, why) && strcmp(entry->text, "0") != 0;
	size_t length = strlen(map->describe);
	snprintf(map->describe + length, COLUMNMAP_TEXT - length, ", %s %.40s", key, entry->text);
	if (end->after_first)
		end->ns = after.integer;
	return end->after_first || instant_parse_date(entry->text, &end->ns) ||
	       parse_time(map, entry->text, &end->ns, &reason) ||
	       err_add(load->err, ERR_MODEL, &entry->place,
		       "%s: \"%.40s\" %s; allowed: a time as in the file, a date, or a time after the first row, e.g. "
		       "10 min",
		       key, entry->text, reason);
}

/* Which rows are replayed. */
static bool load_rows(struct loading *load)
{
	struct columnmap *map = load->map;
	const struct tree *where = tree_get(load->trace, "where");
	bool good = load_end(load, "from", &map->from);
	good = load_end(load, "to", &map->to) && good;
	if (good && map->from.said && map->to.said && map->from.after_first == map->to.after_first &&
	    map->to.ns <= map->from.ns)
		good = err_add(load->err, ERR_MODEL, &tree_get(load->trace, "to")->place, "to must be later than from");
	if (!where)
		return good;
	if (!reader_must_be(load->err, where, TREE_SCALAR, "where"))
		return false;
	map->one_by_one = true;
	map->where = condition_read(load->reader.arena, where->text, map->names, map->file, &where->place, load->err);
	size_t length = strlen(map->describe);
	snprintf(map->describe + length, COLUMNMAP_TEXT - length, ", where %.100s", where->text);
	return good && map->where;
}

/*
 * What `trace convert --map` has made of a file is asked to go through the same map again: it has the columns of the
 * case, and not that of the time that the map is made for. Then the map has done its work.
 */
static bool is_mapped(const struct columnmap *map, const struct tree *columns)
{
	const struct tree *time = tree_get(columns, "time");
	const struct tree *from = time && time->kind == TREE_MAP ? tree_get(time, "from") : time;
	bool made = from && from->kind == TREE_SCALAR && source_find(map, from->text) < 0 &&
		    source_find(map, "time_ns") >= 0;
	for (int i = 0; made && i < map->column_count; i++)
		made = source_find(map, map->columns[i].name) >= 0;
	return made;
}

static bool on_command_line(const struct tree *tree)
{
	return tree && tree->place.file && strncmp(tree->place.file, "--", 2) == 0;
}

/* As does what the model file says of the time and of copies. */
static void leave_map(struct loading *load)
{
	struct columnmap *map = load->map;
	size_t length = strlen(map->describe);
	if (!on_command_line(tree_get(load->trace, "time_scale")))
		map->scale = (struct decimal){1, 0};
	if (!on_command_line(tree_get(load->trace, "superpose")))
		map->copies = 1;
	snprintf(map->describe + length, COLUMNMAP_TEXT - length, ", which the map has made");
}

static void mark(void *of, int source)
{
	((bool *)of)[source] = true;
}

/* Columns of the file that nothing is read from. */
static void tell_unused(struct columnmap *map)
{
	char name[COLUMNMAP_SHOWN];
	bool looked_at[CSV_FIELDS] = {false};
	int unused = 0;
	if (map->where)
		condition_sources(map->where, mark, looked_at);
	for (int s = 0; map->names[s]; s++) {
		bool used = (s == map->time_source && !map->time_every) || s == map->window_source ||
			    s == map->start_source || s == map->lasts_source || s == map->time_minus.source ||
			    looked_at[s];
		for (int i = 0; i < map->column_count; i++) {
			const struct columnmap_entry *entry = &map->entry[i];
			used = used ||
			       (entry->kind == COLUMNMAP_COLUMN && (entry->source == s || entry->minus.source == s));
			for (int t = 0; entry->kind == COLUMNMAP_SUM && t < entry->terms; t++)
				used = used || entry->term[t].source == s;
		}
		size_t length = strlen(map->describe);
		if (used || unused > UNUSED_SHOWN)
			continue;
		if (unused++ == UNUSED_SHOWN)
			snprintf(map->describe + length, COLUMNMAP_TEXT - length, " and others");
		else
			snprintf(map->describe + length, COLUMNMAP_TEXT - length, "%s%s",
				 unused == 1 ? ", not used: " : " ", columnmap_shown(map->names[s], name));
	}
}

static bool load_columns(struct loading *load, const struct tree *columns)
{
	struct columnmap *map = load->map;
	if (is_mapped(map, columns)) {
		leave_map(load);
		columns = NULL;
	}
	const char *names[ROW_VALUES + 3] = {keys_columns[0], keys_columns[1]};
	const struct tree *time = tree_get(columns, "time");
	bool good = true;
	if (columns && columns->kind != TREE_MAP)
		return err_add(load->err, ERR_MODEL, &columns->place, "columns must be a map, not %s",
			       tree_kind_name(columns));
	for (int i = 0; i < map->column_count; i++)
		names[i + 2] = map->columns[i].name;
	if (columns)
		good = reader_keys(columns, "columns", names, load->err);
	map->time_minus.source = -1;
	if (!(time ? load_time(load, time) : find_time(load)) || !load_window(load, tree_get(columns, "window")))
		good = false;
	else
		good = load_rows(load) && good;
	for (int i = 0; i < map->column_count; i++) {
		const struct tree *entry = tree_get(columns, map->columns[i].name);
		good = (entry ? load_column(load, &map->entry[i], i, entry) : load_unmapped(load, &map->entry[i], i)) &&
		       good;
	}
	for (int i = 0; good && i < map->column_count; i++) {
		struct columnmap_entry *into = &map->entry[i];
		const struct maker *maker = into->maker;
		enum column_type type = map->columns[i].type;
		into->number = into->kind == COLUMNMAP_COLUMN && type != COLUMN_KEY && type != COLUMN_CHOICE &&
			       !into->dates && !into->lookup && into->minus.source < 0;
		if (into->kind == COLUMNMAP_COLUMN && type == COLUMN_CHOICE)
			add_own_words(load->reader.arena, into, &map->columns[i]);
		int by = maker ? maker_by(maker) : -1;
		map->draws |= maker != NULL;
		map->random |= maker && maker_random(maker);
		map->by_word |= by >= 0;
		if (by >= 0 && map->entry[by].maker && maker_by(map->entry[by].maker) >= 0)
			good = err_add(load->err, ERR_MODEL, &load->trace->place,
				       "columns: %s is chosen by %s, which must not be chosen by another",
				       map->columns[i].name, map->columns[by].name);
	}
	if (good)
		tell_unused(map);
	return good;
}

/* ---- the rest of the section ---- */

static bool load_count(struct loading *load, const char *key, int64_t least, int64_t greatest, int64_t *into)
{
	const struct tree *entry = tree_get(load->trace, key);
	struct quantity value;
	char why[QUANTITY_WHY];
	if (!entry)
		return true;
	if (!reader_must_be(load->err, entry, TREE_SCALAR, key))
		return false;
	if (!quantity_parse(QUANTITY_COUNT, entry->text, &value, why))
		return err_add(load->err, ERR_MODEL, &entry->place, "%s: \"%.40s\" %s", key, entry->text, why);
	if (value.integer < least || value.integer > greatest)
		return err_add(load->err, ERR_MODEL, &entry->place, "%s: %.40s is out of range; allowed: %lld .. %lld",
			       key, entry->text, (long long)least, (long long)greatest);
	*into = value.integer;
	return true;
}

/* ---- how it is written ---- */

static bool load_header(struct loading *load, const struct tree *header)
{
	struct format *format = &load->map->format;
	const char *text = header->kind == TREE_SCALAR ? header->text : "";
	if (header->kind == TREE_LIST) {
		format->header = FORMAT_HEADER_NONE;
		format->names = reader_texts(load->reader.arena, header, "header", load->err);
		return format->names != NULL;
	}
	format->header = strcmp(text, "none") == 0 ? FORMAT_HEADER_NONE : FORMAT_HEADER_FIRST;
	return format->header == FORMAT_HEADER_NONE || strcmp(text, "first") == 0 ||
	       err_add(load->err, ERR_MODEL, &header->place,
		       "header must be `first` (the first row names the columns), `none`, or a list of names");
}

static bool load_format(struct loading *load)
{
	struct format *format = &load->map->format;
	const struct tree *kind = tree_get(load->trace, "format"), *delimiter = tree_get(load->trace, "delimiter"),
			  *header = tree_get(load->trace, "header"), *comment = tree_get(load->trace, "comment");
	const char *why;
	bool good = true;
	if (kind && reader_must_be(load->err, kind, TREE_SCALAR, "format") && !format_read(format, kind->text, &why))
		good = err_add(load->err, ERR_MODEL, &kind->place, "format: \"%.60s\" %s", kind->text, why);
	if (delimiter && reader_must_be(load->err, delimiter, TREE_SCALAR, "delimiter") &&
	    !format_delimiter(format, delimiter->text, &why))
		good = err_add(load->err, ERR_MODEL, &delimiter->place, "delimiter: \"%.60s\" %s", delimiter->text,
			       why);
	if (comment && reader_must_be(load->err, comment, TREE_SCALAR, "comment")) {
		format->comment = comment->text[0];
		if (!comment->text[0] || comment->text[1])
			good = err_add(load->err, ERR_MODEL, &comment->place, "comment must be one character");
	}
	bool table = format->kind == FORMAT_GUESS || format->kind == FORMAT_CSV;
	if (delimiter && !table)
		good = err_add(load->err, ERR_MODEL, &delimiter->place, "delimiter is of CSV only");
	if (header && !table && format->kind != FORMAT_BLANKS)
		return err_add(load->err, ERR_MODEL, &header->place, "header is of csv and blanks only");
	return (!header || load_header(load, header)) && good;
}

static bool load_options(struct loading *load)
{
	struct columnmap *map = load->map;
	const struct tree *scale = tree_get(load->trace, "time_scale"), *sort = tree_get(load->trace, "sort");
	bool good = reader_keys(load->trace, "trace", keys_tracefile, load->err);
	good = load_format(load) && good;
	map->scale = (struct decimal){1, 0};
	map->copies = 1;
	if (scale) {
		const char *why = "is not a number";
		struct decimal *f = &map->scale;
		if (!reader_must_be(load->err, scale, TREE_SCALAR, "time_scale"))
			good = false;
		else if (!decimal_parse(scale->text, f, &why))
			good = err_add(load->err, ERR_MODEL, &scale->place, "time_scale: \"%.40s\" %s", scale->text,
				       why);
		else if (f->digits <= 0 || f->digits > 1000000000 || f->places < -9 || f->places > 9)
			good = err_add(load->err, ERR_MODEL, &scale->place,
				       "time_scale: %.40s is out of range; allowed: 0.000000001 .. 1000000000, with at "
				       "most 9 digits",
				       scale->text);
		for (; good && f->places < 0; f->places++)
			f->digits *= 10;
	}
	if (sort) {
		const char *text = sort->kind == TREE_SCALAR ? sort->text : "";
		map->sort = strcmp(text, "true") == 0 || strcmp(text, "on") == 0 || strcmp(text, "yes") == 0;
		if (!map->sort && strcmp(text, "false") != 0 && strcmp(text, "off") != 0 && strcmp(text, "no") != 0)
			good = err_add(load->err, ERR_MODEL, &sort->place, "sort: must be true or false");
	}
	good = load_count(load, "superpose", 1, COLUMNMAP_COPIES, &map->copies) && good;
	return load_count(load, "skip_bad", 0, COLUMNMAP_SKIP, &map->skip) && good;
}

bool columnmap_options(struct columnmap *map, const struct tree *trace, const struct param_reader *reader,
		       struct err *err)
{
	struct loading load = {map, trace, *reader, err};
	return load_options(&load);
}

bool columnmap_columns(struct columnmap *map, const struct tree *trace, const struct param_reader *reader,
		       struct err *err)
{
	struct loading load = {map, trace, *reader, err};
	map->listed = list_names(reader->arena, map->names);
	return load_columns(&load, tree_get(trace, "columns"));
}
