/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "param/param.h"
#include "base/check.h"
#include "base/reader.h"
#include "base/words.h"

#include <stdio.h>
#include <string.h>

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
	snprintf(message->text, sizeof message->text, "%s: %.*s", row->name, (int)(ERR_TEXT - 3 - strlen(row->name)),
		 rest);
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
	const char *held;
	int before = err->count;
	if (!parse_cell(&cell, text, reader->arena)) {
		err_add(err, ERR_MODEL, place,
			"%s: \"%.80s\" is no cell; write cell(FILE.csv, COLUMN=VALUE, ..., COLUMN), at most %d of "
			"COLUMN=VALUE; a name with a comma, \"=\" or \")\" goes in double quotes",
			row->name, text, PARAM_KEYS);
		return NULL;
	}
	if (!reader->cells) {
		err_add(err, ERR_MODEL, place, "%s: no file can be read here", row->name);
		return NULL;
	}
	if (reader->cells->read(reader->cells->host, &cell, row->unit, reader->arena, place, &held, at, err))
		return held;
	prefix(row, before, err);
	return NULL;
}

bool param_set(const struct param *row, void *target, const char *text, const struct param_reader *reader,
	       const struct place *place, struct err *err)
{
	void *into = field(row, target);
	char range[PARAM_TEXT];
	if (row->type == PARAM_TYPE_CHOICE)
		return set_choice(row, into, text, place, err);
	if (row->type == PARAM_TYPE_BOOL)
		return set_bool(row, into, text, place, err);
	if (row->type == PARAM_TYPE_DIST) {
		struct dist dist;
		int before = err->count;
		if (!dist_parse(&dist, row->unit, text, reader->arena, reader->files, place, err)) {
			prefix(row, before, err);
			return false;
		}
		if (!in_range(row, dist_mean(&dist)))
			return err_add(err, ERR_MODEL, place, "%s: the mean of %.80s is out of range; allowed: %s",
				       row->name, text, param_range_text(row, range, sizeof range));
		*(struct dist *)into = dist;
		return true;
	}
	struct quantity value;
	struct place at = {NULL, 0, 0};
	char why[QUANTITY_WHY];
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
	if (row->type == PARAM_TYPE_COUNT || row->type == PARAM_TYPE_TIME || row->type == PARAM_TYPE_BYTES)
		*(int64_t *)into = value.integer;
	else
		*(double *)into = value.real;
	return true;
}

void param_defaults(const struct param *table, void *target, const struct param_reader *reader)
{
	struct err err;
	err_init(&err);
	for (; table->name; table++) {
		bool read = param_set(table, target, table->fallback, reader, NULL, &err);
		CHECK(read);
	}
}

bool param_unknown(const struct param *table, const struct tree *entry, const char *what, struct err *err)
{
	char where[80];
	snprintf(where, sizeof where, " in %.60s", what);
	return words_unknown(err, ERR_MODEL, &entry->key_place, "key", entry->key, where, WORDS(table));
}

bool param_load(const struct param *table, void *target, const struct tree *map, const char *what,
		const struct param_reader *reader, struct err *err)
{
	if (!map)
		return true;
	if (map->kind != TREE_MAP)
		return err_add(err, ERR_MODEL, &map->place, "%s must be a map of parameters, not %s", what,
			       tree_kind_name(map));
	bool good = true;
	for (const struct tree *entry = map->child; entry; entry = entry->next) {
		if (reader_is_note(entry))
			continue;
		const struct param *row = param_find(table, entry->key);
		if (!row)
			good = param_unknown(table, entry, what, err);
		else if (entry->kind != TREE_SCALAR)
			good = err_add(err, ERR_MODEL, &entry->place,
				       "%s needs one value, not %s%s", entry->key, tree_kind_name(entry),
				       row->type == PARAM_TYPE_DIST ? " (quote a distribution that has commas)" : "");
		else
			good = param_set(row, target, entry->text, reader, &entry->place, err) && good;
	}
	return good;
}

char *param_print(const struct param *row, const void *target, char *buffer, size_t size)
{
	const char *from = (const char *)target + row->offset;
	char text[QUANTITY_TEXT];
	struct quantity value = {0, 0};
	switch (row->type) {
	case PARAM_TYPE_COUNT:
	case PARAM_TYPE_TIME:
	case PARAM_TYPE_BYTES:
		value.integer = *(const int64_t *)(const void *)from;
		value.real = (double)value.integer;
		break;
	case PARAM_TYPE_REAL:
	case PARAM_TYPE_RATIO:
	case PARAM_TYPE_RATE:
		value.real = *(const double *)(const void *)from;
		break;
	case PARAM_TYPE_BOOL:
		snprintf(buffer, size, "%s", *(const bool *)from ? "on" : "off");
		return buffer;
	case PARAM_TYPE_CHOICE:
		snprintf(buffer, size, "%s", row->choices[*(const int *)(const void *)from]);
		return buffer;
	case PARAM_TYPE_DIST:
		return dist_print((const struct dist *)(const void *)from, row->unit, buffer, size);
	}
	snprintf(buffer, size, "%s", quantity_print(row->unit, value, text));
	return buffer;
}

char *param_type_text(const struct param *row, char *buffer, size_t size)
{
	if (row->type == PARAM_TYPE_CHOICE) {
		snprintf(buffer, size, "one of");
		for (int i = 0; row->choices[i]; i++) {
			size_t length = strlen(buffer);
			snprintf(buffer + length, size - length, "%s %s", i ? "," : "", row->choices[i]);
		}
	} else if (row->type == PARAM_TYPE_BOOL) {
		snprintf(buffer, size, "on or off");
	} else {
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
