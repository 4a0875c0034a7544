/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single fields: read, printed, told as numbers. Maps and tables of them are read in param_load.c. */
#include "param/param.h"
#include "base/check.h"
#include "base/fnv.h"
#include "base/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const switches[] = {"off", "on", NULL};

const struct param *param_find(const struct param *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static void *field(const struct param *row, void *target)
{
	return (char *)target + row->offset;
}

static const void *held(const struct param *row, const void *target)
{
	return (const char *)target + row->offset;
}

/* Whether the C field is an int64_t. */
static bool is_integer(const struct param *row)
{
	return row->type == PARAM_TYPE_COUNT || row->type == PARAM_TYPE_TIME || row->type == PARAM_TYPE_BYTES;
}

/* ---- reading ---- */

static double bound(const struct param *row, const char *text)
{
	struct quantity value;
	char why[QUANTITY_WHY];
	bool read = quantity_parse(row->unit, text, &value, why);
	CHECK(read);
	return value.real;
}

static bool in_range(const struct param *row, double value)
{
	return value >= bound(row, row->least) && value <= bound(row, row->greatest);
}

static bool set_choice(const struct param *row, int *target, const char *text, const struct place *place,
		       struct err *err)
{
	int index = words_find(WORDS(row->choices), text);
	if (index >= 0) {
		*target = index;
		return true;
	}
	char type[PARAM_TEXT], guess[WORDS_HINT];
	return err_add(err, ERR_MODEL, place, "%s: \"%.60s\" is not %s%s", row->name, text,
		       param_type_text(row, type, sizeof type), words_guess(WORDS(row->choices), text, guess));
}

/* Puts the parameter's name before the message of who read its value. */
static void prefix(const struct param *row, int before, struct err *err)
{
	if (err->count == before || before >= ERR_MAX)
		return;
	struct err_message *message = &err->message[before];
	char rest[ERR_TEXT];
	memcpy(rest, message->text, sizeof rest);
	snprintf(message->text, sizeof message->text, "%.200s: %.250s", row->name, rest);
}

static bool set_bool(const struct param *row, bool *target, const char *text, const struct place *place,
		     struct err *err)
{
	static const char *const yes[] = {"on", "true", "yes"}, *const no[] = {"off", "false", "no"};
	for (int i = 0; i < 3; i++)
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*target = strcmp(text, yes[i]) == 0;
			return true;
		}
	return err_add(err, ERR_MODEL, place, "%s: \"%.60s\" is neither on nor off", row->name, text);
}

/* ---- numbers in tables ---- */

/* A name as it stands in cell(...), up to a character of `ends`; NULL when there is none. */
static const char *scan_name(const char **at, const char *ends, struct arena *arena)
{
	const char *start = *at + strspn(*at, " "), *end;
	bool quoted = *start == '"';
	start += quoted;
	end = start + strcspn(start, quoted ? "\"" : ends);
	*at = end + (quoted && *end == '"');
	if (quoted && *end != '"')
		return NULL;
	while (!quoted && end > start && end[-1] == ' ')
		end--;
	*at += strspn(*at, " ");
	return end > start ? arena_text_of(arena, start, (size_t)(end - start)) : NULL;
}

static bool parse_cell(struct param_cell *cell, const char *text, struct arena *arena)
{
	const char *at = strchr(text, '(') + 1;
	*cell = (struct param_cell){.file = scan_name(&at, ",)", arena)};
	while (cell->file && !cell->column && *at++ == ',') {
		const char *name = scan_name(&at, "=,)", arena);
		if (!name)
			return false;
		if (*at != '=') {
			cell->column = name;
			break;
		}
		at++;
		if (cell->keys == PARAM_KEYS)
			return false;
		cell->key[cell->keys] = name;
		cell->value[cell->keys] = scan_name(&at, ",)", arena);
		if (!cell->value[cell->keys++])
			return false;
	}
	return cell->column && cell->keys > 0 && *at == ')' && at[1 + strspn(at + 1, " ")] == '\0';
}

bool param_is_cell(const char *text)
{
	return strncmp(text, "cell", 4) == 0 && text[4 + strspn(text + 4, " ")] == '(';
}

/* What the cell holds, and where; NULL with a message when it cannot be had. */
static const char *cell_text(const struct param *row, const char *text, const struct param_reader *reader,
			     const struct place *place, struct place *at, struct err *err)
{
	struct param_cell cell;
	const char *cell_holds;
	int before = err->count;
	if (!parse_cell(&cell, text, reader->arena)) {
		err_add(err, ERR_MODEL, place,
			"%s: \"%.80s\" is not a cell; write cell(FILE.csv, COLUMN=VALUE, ..., COLUMN), at most %d of "
			"COLUMN=VALUE; a name with a comma, \"=\" or \")\" goes in double quotes",
			row->name, text, PARAM_KEYS);
		return NULL;
	}
	if (!reader->cells) {
		err_add(err, ERR_MODEL, place, "%s: files cannot be read here", row->name);
		return NULL;
	}
	if (reader->cells->read(reader->cells->host, &cell, row->unit, reader->arena, place, &cell_holds, at, err))
		return cell_holds;
	prefix(row, before, err);
	return NULL;
}

/* ---- texts ---- */

/* The text that begins at *at, up to a comma or the end of the list; NULL when its quotes are not closed. */
static const char *scan_text(const char **at, struct arena *arena)
{
	const char *start = *at + strspn(*at, " ");
	if (*start != '"') {
		size_t length = strcspn(start, ",]");
		*at = start + length;
		while (length > 0 && start[length - 1] == ' ')
			length--;
		return arena_text_of(arena, start, length);
	}
	char *text = arena_text(arena, ++start), *end = text;
	for (; *start && *start != '"'; start++) {
		start += *start == '\\' && start[1];
		*end++ = *start;
	}
	bool closed = *start == '"';
	*end = '\0';
	*at = start + closed;
	*at += strspn(*at, " ");
	return closed ? text : NULL;
}

/* Adds a character where there is room; *length counts those without room too. */
static void put(char c, char *buffer, size_t size, size_t *length)
{
	if (*length + 1 < size)
		buffer[*length] = c;
	++*length;
}

/* What set_texts reads back. Returns how long it is; what has no room is cut. */
static size_t print_texts(const struct param_texts *texts, char *buffer, size_t size)
{
	size_t length = 0;
	put('[', buffer, size, &length);
	for (int i = 0; i < texts->count; i++) {
		const char *text = texts->text[i];
		bool bare = *text && !strpbrk(text, ",[]{}\"\\") && text[0] != ' ' && text[strlen(text) - 1] != ' ';
		for (const char *c = i ? ", " : ""; *c; c++)
			put(*c, buffer, size, &length);
		if (!bare)
			put('"', buffer, size, &length);
		for (; *text; text++) {
			if (!bare && (*text == '"' || *text == '\\'))
				put('\\', buffer, size, &length);
			put(*text, buffer, size, &length);
		}
		if (!bare)
			put('"', buffer, size, &length);
	}
	put(']', buffer, size, &length);
	if (size)
		buffer[length < size ? length : size - 1] = '\0';
	return length;
}

/* The list is as long as can be printed. */
static bool keep_texts(const struct param *row, struct param_texts *target, const struct param_texts *texts,
		       const struct place *place, struct err *err)
{
	char printed[PARAM_TEXT];
	if (print_texts(texts, printed, sizeof printed) >= sizeof printed)
		return err_add(err, ERR_MODEL, place, "%s: is longer than %d characters", row->name, PARAM_TEXT - 1);
	*target = *texts;
	return true;
}

/* "[a, "b, c"]", or one text alone. */
static bool set_texts(const struct param *row, struct param_texts *target, const char *text, struct arena *arena,
		      const struct place *place, struct err *err)
{
	size_t most = 1;
	for (const char *c = text; *c; c++)
		most += *c == ',';
	const char **list = ARENA_ARRAY(arena, most, const char *), *at = text + strspn(text, " ");
	struct place *places = ARENA_ARRAY(arena, most, struct place);
	struct param_texts texts = {0, list, places};
	bool good = true, bracket = *at == '[';
	at += bracket;
	at += strspn(at, " ");
	if (!bracket && *at) {
		list[texts.count++] = arena_text(arena, at);
	} else if (bracket && *at != ']') {
		at--;
		do {
			at++;
			list[texts.count] = scan_text(&at, arena);
			good = list[texts.count++] != NULL;
		} while (good && *at == ',');
	}
	if (!good || (bracket && (*at != ']' || at[1 + strspn(at + 1, " ")])))
		return err_add(err, ERR_MODEL, place,
			       "%s: \"%.80s\" is not a list; write [TEXT, TEXT], with a text that "
			       "has a comma or a bracket in double quotes",
			       row->name, text);
	for (int i = 0; place && i < texts.count; i++)
		places[i] = *place;
	return keep_texts(row, target, &texts, place, err);
}

/* ---- all types ---- */

static bool set_dist(const struct param *row, struct dist *target, const char *text, const struct param_reader *reader,
		     const struct place *place, struct err *err)
{
	struct dist dist;
	char range[PARAM_TEXT];
	int before = err->count;
	if (!dist_parse(&dist, row->unit, text, reader->arena, reader->files, place, err)) {
		prefix(row, before, err);
		return false;
	}
	if (!in_range(row, dist_mean(&dist)))
		return err_add(err, ERR_MODEL, place, "%s: the mean of %.80s is out of range; allowed: %s", row->name,
			       text, param_range_text(row, range, sizeof range));
	*target = dist;
	return true;
}

static bool set_number(const struct param *row, void *target, const char *text, const struct param_reader *reader,
		       const struct place *place, struct err *err)
{
	struct quantity value;
	struct place at = {NULL, 0, 0};
	char why[QUANTITY_WHY], range[PARAM_TEXT];
	if (param_is_cell(text)) {
		text = cell_text(row, text, reader, place, &at, err);
		place = &at;
		if (!text)
			return false;
	}
	if (!quantity_parse(row->unit, text, &value, why))
		return err_add(err, ERR_MODEL, place, "%s: \"%.60s\" %s", row->name, text, why);
	if (!in_range(row, value.real))
		return err_add(err, ERR_MODEL, place, "%s: %.60s is out of range; allowed: %s", row->name, text,
			       param_range_text(row, range, sizeof range));
	if (is_integer(row))
		*(int64_t *)target = value.integer;
	else
		*(double *)target = value.real;
	return true;
}

static bool set_ref(const struct param *row, struct param_ref *target, const char *text, struct arena *arena,
		    const struct place *place, struct err *err)
{
	bool none = strcmp(text, PARAM_NONE) == 0;
	if (none && (!row->fallback || strcmp(row->fallback, PARAM_NONE) != 0))
		return err_add(err, ERR_MODEL, place, "%s: must be one of the %s", row->name, row->of);
	*target = (struct param_ref){.row = -1, .name = none ? NULL : arena_text(arena, text)};
	if (place)
		target->place = *place;
	return true;
}

bool param_set(const struct param *row, void *target, const char *text, const struct param_reader *reader,
	       const struct place *place, struct err *err)
{
	void *into = field(row, target);
	switch (row->type) {
	case PARAM_TYPE_CHOICE:
		return set_choice(row, into, text, place, err);
	case PARAM_TYPE_BOOL:
		return set_bool(row, into, text, place, err);
	case PARAM_TYPE_DIST:
		return set_dist(row, into, text, reader, place, err);
	case PARAM_TYPE_TEXTS:
		return set_texts(row, into, text, reader->arena, place, err);
	case PARAM_TYPE_REF:
		return set_ref(row, into, text, reader->arena, place, err);
	case PARAM_TYPE_TABLE:
		return err_add(err, ERR_MODEL, place, "%s must be a map from names to their fields, not \"%.60s\"",
			       row->name, text);
	default:
		return set_number(row, into, text, reader, place, err);
	}
}

bool param_set_tree(const struct param *row, void *target, const struct tree *value, const struct param_reader *reader,
		    struct err *err)
{
	if (value->kind == TREE_SCALAR)
		return param_set(row, target, value->text, reader, &value->place, err);
	bool list_too = row->type == PARAM_TYPE_TEXTS;
	if (!list_too || value->kind != TREE_LIST)
		return err_add(err, ERR_MODEL, &value->place, "%s needs one value%s, not %s%s", row->name,
			       list_too ? " or a list" : "", tree_kind_name(value),
			       row->type == PARAM_TYPE_DIST ? " (quote a distribution that has commas)" : "");
	int count = tree_count(value), i = 0;
	const char **list = ARENA_ARRAY(reader->arena, (size_t)count + 1, const char *);
	struct place *places = ARENA_ARRAY(reader->arena, (size_t)count + 1, struct place);
	for (const struct tree *entry = value->child; entry; entry = entry->next, i++) {
		if (entry->kind != TREE_SCALAR)
			return err_add(err, ERR_MODEL, &entry->place, "%s must be a list of texts, and this is %s",
				       row->name, tree_kind_name(entry));
		list[i] = entry->text;
		places[i] = entry->place;
	}
	struct param_texts texts = {count, list, places};
	return keep_texts(row, field(row, target), &texts, &value->place, err);
}

/* ---- telling ---- */

/* The names of the rows that were written. */
static void print_rows(const struct param_rows *rows, char *buffer, size_t size)
{
	int written = rows->count - rows->implied;
	size_t length = 0;
	snprintf(buffer, size, "%s", PARAM_NONE);
	for (int i = 0; i < written && length + 1 < size; i++)
		length += (size_t)snprintf(buffer + length, size - length, "%s%s", i ? ", " : "", rows->name[i]);
}

char *param_print(const struct param *row, const void *target, char *buffer, size_t size)
{
	const void *from = held(row, target);
	char text[QUANTITY_TEXT];
	struct quantity value = {0, 0};
	const struct param_ref *ref = from;
	switch (row->type) {
	case PARAM_TYPE_BOOL:
		snprintf(buffer, size, "%s", switches[*(const bool *)from]);
		return buffer;
	case PARAM_TYPE_CHOICE:
		snprintf(buffer, size, "%s", row->choices[*(const int *)from]);
		return buffer;
	case PARAM_TYPE_DIST:
		return dist_print(from, row->unit, buffer, size);
	case PARAM_TYPE_TEXTS:
		print_texts(from, buffer, size);
		return buffer;
	case PARAM_TYPE_REF:
		snprintf(buffer, size, "%s", ref->name ? ref->name : PARAM_NONE);
		return buffer;
	case PARAM_TYPE_TABLE:
		print_rows(from, buffer, size);
		return buffer;
	default:
		value.integer = is_integer(row) ? *(const int64_t *)from : 0;
		value.real = is_integer(row) ? (double)value.integer : *(const double *)from;
		snprintf(buffer, size, "%s", quantity_print(row->unit, value, text));
		return buffer;
	}
}

char *param_type_text(const struct param *row, char *buffer, size_t size)
{
	switch (row->type) {
	case PARAM_TYPE_CHOICE:
		snprintf(buffer, size, "one of ");
		words_text(WORDS(row->choices), buffer + strlen(buffer), size - strlen(buffer));
		break;
	case PARAM_TYPE_BOOL:
		snprintf(buffer, size, "on or off");
		break;
	case PARAM_TYPE_TEXTS:
		snprintf(buffer, size, "list of texts");
		break;
	case PARAM_TYPE_REF:
		snprintf(buffer, size, "one of the %s", row->of);
		break;
	case PARAM_TYPE_TABLE:
		snprintf(buffer, size, "table of names");
		break;
	default:
		snprintf(buffer, size, "%s%s", row->type == PARAM_TYPE_DIST ? "distribution of " : "",
			 quantity_name(row->unit));
	}
	return buffer;
}

char *param_range_text(const struct param *row, char *buffer, size_t size)
{
	if (row->least)
		snprintf(buffer, size, "%s .. %s", row->least, row->greatest);
	else if (size)
		buffer[0] = '\0';
	return buffer;
}

const char *param_fallback_text(const struct param *row)
{
	if (!row->fallback)
		return row->type == PARAM_TYPE_TABLE ? PARAM_NONE : NULL;
	return strcmp(row->fallback, PARAM_OWN_NAME) == 0 ? "the one of the same name" : row->fallback;
}

bool param_is_number(const struct param *row)
{
	return param_is_whole(row) || row->type == PARAM_TYPE_TIME || row->type == PARAM_TYPE_BYTES ||
	       row->type == PARAM_TYPE_REAL || row->type == PARAM_TYPE_RATIO || row->type == PARAM_TYPE_RATE ||
	       row->type == PARAM_TYPE_DIST;
}

bool param_is_whole(const struct param *row)
{
	return row->type == PARAM_TYPE_COUNT;
}

bool param_is_table(const struct param *row)
{
	return row->type == PARAM_TYPE_TABLE;
}

double param_number(const struct param *row, const void *target)
{
	const void *from = held(row, target);
	switch (row->type) {
	case PARAM_TYPE_BOOL:
		return *(const bool *)from;
	case PARAM_TYPE_CHOICE:
		return *(const int *)from;
	case PARAM_TYPE_DIST:
		return dist_mean(from);
	case PARAM_TYPE_TEXTS:
		return ((const struct param_texts *)from)->count;
	case PARAM_TYPE_REF:
		return ((const struct param_ref *)from)->row;
	case PARAM_TYPE_TABLE:
		return ((const struct param_rows *)from)->count - ((const struct param_rows *)from)->implied;
	default:
		return is_integer(row) ? (double)*(const int64_t *)from : *(const double *)from;
	}
}

const struct dist *param_dist(const struct param *row, const void *target)
{
	return row->type == PARAM_TYPE_DIST ? held(row, target) : NULL;
}

const char *const *param_words(const struct param *row)
{
	return row->type == PARAM_TYPE_BOOL ? switches : row->choices;
}

static uint64_t digest_rows(uint64_t digest, const struct param *row, const struct param_rows *rows)
{
	int written = rows->count - rows->implied;
	digest = fnv_integer(digest, (uint64_t)written);
	for (int i = 0; i < written; i++)
		digest = param_digest(fnv_text(digest, rows->name[i]), row->rows,
				      (const char *)rows->row + (size_t)i * row->row_size);
	return digest;
}

uint64_t param_digest(uint64_t digest, const struct param *table, const void *target)
{
	for (const struct param *row = table; row->name; row++) {
		const void *from = held(row, target);
		const struct param_texts *texts = from;
		digest = fnv_text(digest, row->name);
		switch (row->type) {
		case PARAM_TYPE_BOOL:
			digest = fnv_integer(digest, *(const bool *)from);
			break;
		case PARAM_TYPE_CHOICE:
			digest = fnv_text(digest, row->choices[*(const int *)from]);
			break;
		case PARAM_TYPE_DIST:
			digest = dist_digest(from, digest);
			break;
		case PARAM_TYPE_TEXTS:
			digest = fnv_integer(digest, (uint64_t)texts->count);
			for (int i = 0; i < texts->count; i++)
				digest = fnv_text(digest, texts->text[i]);
			break;
		case PARAM_TYPE_REF:
			digest = fnv_text(digest, ((const struct param_ref *)from)->name);
			break;
		case PARAM_TYPE_TABLE:
			digest = digest_rows(digest, row, from);
			break;
		default:
			digest = is_integer(row) ? fnv_integer(digest, (uint64_t)*(const int64_t *)from)
						 : fnv_real(digest, *(const double *)from);
		}
	}
	return digest;
}
