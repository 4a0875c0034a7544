/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each line is parsed by jansson; a column is a path of keys, and its field what the path leads to. Texts of strings
 * are those of the tree, which stays until the next line; others are written into a buffer.
 */
#include "io/lines_inside.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER = 32, DEPTH = 16 };

struct path {
	char *key[DEPTH];
	int keys;
};

struct json_lines {
	json_t *object; /* of the record in hand */
	struct path path[CSV_FIELDS];
	char (*number)[NUMBER];
	char *list[CSV_FIELDS]; /* texts of lists */
};

static json_t *parse(struct lines_reader *reader, const char *line, size_t length, struct err *err)
{
	json_error_t error;
	json_t *object = json_loadb(line, length, 0, &error);
	if (object && json_is_object(object))
		return object;
	struct place place = lines_at(reader, line);
	if (!object)
		place.column = error.column > 0 ? error.column : 1;
	err_add(err, ERR_TRACE, &place, "is not a JSON object in one line%s%.100s", object ? "" : ": ",
		object ? "" : error.text);
	json_decref(object);
	return NULL;
}

/* ---- columns ---- */

static int find_column(const struct lines_reader *reader, const char *name)
{
	for (int i = 0; i < reader->columns; i++)
		if (strcmp(reader->names[i], name) == 0)
			return i;
	return -1;
}

/* Adds the members of an object that no object before had. */
static void add_members(struct lines_reader *reader, json_t *object, const struct path *above, const char *name)
{
	struct json_lines *own = reader->own;
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		char full[512];
		struct path path = *above;
		if (path.keys == DEPTH ||
		    (size_t)snprintf(full, sizeof full, "%s%s%s", name, *name ? "." : "", key) >= sizeof full)
			continue;
		path.key[path.keys++] = (char *)key;
		if (json_is_object(value)) {
			add_members(reader, value, &path, full);
			continue;
		}
		if (find_column(reader, full) >= 0 || !lines_add_column(reader, full, strlen(full)))
			continue;
		struct path *into = &own->path[reader->columns - 1];
		into->keys = path.keys;
		for (int i = 0; i < path.keys; i++)
			into->key[i] = strcpy(lines_memory(NULL, strlen(path.key[i]) + 1, 1), path.key[i]);
	}
}

static bool json_begin(struct lines_reader *reader, struct err *err)
{
	struct json_lines *own = reader->own = lines_memory(NULL, 1, sizeof *own);
	const char *line = reader->next;
	*own = (struct json_lines){.number = lines_memory(NULL, CSV_FIELDS, sizeof *own->number)};
	reader->start = line;
	for (int lines = 0; line < reader->end && lines < LINES_SAMPLE; lines++) {
		const char *end = memchr(line, '\n', (size_t)(reader->end - line));
		if (!end && !reader->ended && lines > 0)
			break;
		end = end ? end : reader->end;
		json_t *object = json_loadb(line, (size_t)(end - line), 0, NULL);
		if (json_is_object(object))
			add_members(reader, object, &(struct path){.keys = 0}, "");
		json_decref(object);
		line = end + (end < reader->end);
	}
	struct place place = {stream_name(reader->stream), 1, 0};
	return reader->columns > 0 ||
	       err_add(err, ERR_TRACE, &place, "has no JSON objects, one a line, with members that could be columns");
}

/* ---- records ---- */

static int write_real(char *text, double real)
{
	int length = 0;
	for (int digits = 15; digits <= 17; digits++) {
		length = snprintf(text, NUMBER, "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	return length;
}

static struct csv_field field_of(struct json_lines *own, int column, json_t *value)
{
	char *number = own->number[column];
	struct csv_field field = {.text = "", .number = -1};
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		field.text = json_string_value(value);
		field.length = json_string_length(value);
		break;
	case JSON_INTEGER:
		field.text = number;
		field.length = (size_t)snprintf(number, NUMBER, "%lld", (long long)json_integer_value(value));
		field.number = json_integer_value(value) >= 0 ? json_integer_value(value) : -1;
		break;
	case JSON_REAL:
		field.text = number;
		field.length = (size_t)write_real(number, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		field.text = json_is_true(value) ? "true" : "false";
		field.length = strlen(field.text);
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
		free(own->list[column]);
		own->list[column] = json_dumps(value, JSON_COMPACT);
		field.text = own->list[column] ? own->list[column] : "";
		field.length = strlen(field.text);
		break;
	case JSON_NULL:
		break;
	}
	field.missing = csv_is_missing(field.text, field.length);
	return field;
}

static bool json_split(struct lines_reader *reader, char *line, size_t length, struct err *err)
{
	struct json_lines *own = reader->own;
	json_decref(own->object);
	own->object = parse(reader, line, length, err);
	for (int i = 0; own->object && i < reader->columns; i++) {
		const struct path *path = &own->path[i];
		json_t *value = own->object;
		if (reader->want[i] == CSV_NOTHING)
			continue;
		for (int k = 0; value && k < path->keys; k++)
			value = json_object_get(value, path->key[k]);
		reader->field[i] = field_of(own, i, value);
	}
	return own->object != NULL;
}

static void json_end(struct lines_reader *reader)
{
	struct json_lines *own = reader->own;
	for (int i = 0; own && i < reader->columns; i++) {
		for (int k = 0; k < own->path[i].keys; k++)
			free(own->path[i].key[k]);
		free(own->list[i]);
	}
	if (own) {
		json_decref(own->object);
		free(own->number);
	}
	free(own);
}

const struct lines_way lines_json = {json_begin, json_split, json_end};
