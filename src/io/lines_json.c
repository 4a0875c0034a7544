/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jansson tells which members the objects at the start of a file have; they become a tree of keys. Through the lines
 * then goes a scanner that builds nothing: it knows the grammar, follows the tree, and notes where the value of each
 * column lies, so that numbers stay as they were written. Members mostly come in the same order, and a key is looked
 * for behind the one before it. Texts with backslashes are decoded by jansson; a line that the scanner does not take
 * goes through jansson too, which says what is wrong with it.
 */
#include "io/lines_inside.h"
#include "io/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 100, NAME = 512 };

struct member {
	char *key;
	size_t length;
	int column; /* -1: none */
	struct member *child, *next;
};

struct json_lines {
	struct member root;
	json_t *decoded;       /* texts of the record in hand that had backslashes */
	char *end[CSV_FIELDS]; /* of each column that the record in hand has */
};

/* ---- columns ---- */

static struct member *find_member(const struct member *of, const struct member *from, const char *key, size_t length)
{
	for (struct member *at = from ? from->next : NULL; at; at = at->next)
		if (at->length == length && memcmp(at->key, key, length) == 0)
			return at;
	for (struct member *at = of->child; at; at = at->next)
		if (at->length == length && memcmp(at->key, key, length) == 0)
			return at;
	return NULL;
}

static struct member *add_member(struct member *of, const char *key)
{
	struct member **last = &of->child, *member = memory_sized(NULL, 1, sizeof *member);
	while (*last)
		last = &(*last)->next;
	*member = (struct member){.length = strlen(key), .column = -1};
	member->key = strcpy(memory_sized(NULL, member->length + 1, 1), key);
	return *last = member;
}

/* Adds the members of an object that no object before had. */
static void add_members(struct lines_reader *reader, json_t *object, struct member *of, const char *name, int depth)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		char full[NAME];
		int length = snprintf(full, sizeof full, "%s%s%s", name, *name ? "." : "", key);
		struct member *member = find_member(of, NULL, key, strlen(key));
		if (length >= NAME || depth == DEPTH || reader->columns == CSV_FIELDS)
			continue;
		if (!member)
			member = add_member(of, key);
		if (json_is_object(value))
			add_members(reader, value, member, full, depth + 1);
		else if (member->column < 0 && lines_add_column(reader, full, (size_t)length))
			member->column = reader->columns - 1;
	}
}

static bool json_begin(struct lines_reader *reader, struct err *err)
{
	struct json_lines *own = reader->own = memory_sized(NULL, 1, sizeof *own);
	const char *line = reader->next;
	*own = (struct json_lines){.root = {.column = -1}, .decoded = json_array()};
	for (int lines = 0; line < reader->end && lines < LINES_SAMPLE; lines++) {
		const char *end = memchr(line, '\n', (size_t)(reader->end - line));
		if (!end && !reader->ended && lines > 0)
			break;
		end = end ? end : reader->end;
		json_t *object = json_loadb(line, (size_t)(end - line), 0, NULL);
		if (json_is_object(object))
			add_members(reader, object, &own->root, "", 0);
		json_decref(object);
		line = end + (end < reader->end);
	}
	struct place place = {stream_name(reader->stream), 1, 0};
	return reader->columns > 0 ||
	       err_add(err, ERR_TRACE, &place, "has no JSON objects, one a line, with members that could be columns");
}

/* ---- records: functions return what follows, NULL where the grammar is not kept ---- */

static inline char *blanks(char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\r')
		at++;
	return at;
}

/* Behind the opening quote: the closing one. */
static inline char *text_end(char *at, bool *escaped)
{
	for (;; at++) {
		if (*at == '"')
			return at;
		if ((unsigned char)*at < ' ')
			return NULL;
		if (*at == '\\') {
			*escaped = true;
			if (!*++at)
				return NULL;
		}
	}
}

static char *digits(char *at)
{
	char *start = at;
	while (*at >= '0' && *at <= '9')
		at++;
	return at > start ? at : NULL;
}

static char *number(char *at)
{
	at += *at == '-';
	at = *at == '0' ? at + 1 : digits(at);
	if (at && *at == '.')
		at = digits(at + 1);
	if (at && (*at == 'e' || *at == 'E')) {
		at++;
		at += *at == '-' || *at == '+';
		at = digits(at);
	}
	return at;
}

/* A text with backslashes, `at` behind its quote. */
static bool decode(struct json_lines *own, struct csv_field *field, const char *at, const char *end)
{
	json_t *text = json_loadb(at - 1, (size_t)(end - at) + 2, JSON_DECODE_ANY, NULL);
	if (!text)
		return false;
	json_array_append_new(own->decoded, text);
	*field = (struct csv_field){.text = json_string_value(text), .length = json_string_length(text), .number = -1};
	return true;
}

static char *value(struct lines_reader *reader, const struct member *member, char *at, int depth);

/* Behind the opening brace. `of`: NULL where no column is inside. */
static char *object(struct lines_reader *reader, const struct member *of, char *at, int depth)
{
	const struct member *last = NULL;
	at = blanks(at);
	if (*at == '}')
		return at + 1;
	for (;; at = blanks(at + 1)) {
		bool escaped = false;
		if (*at != '"')
			return NULL;
		char *key = at + 1, *end = text_end(key, &escaped);
		if (!end)
			return NULL;
		struct csv_field name = {.text = key, .length = (size_t)(end - key)};
		if (escaped && !decode(reader->own, &name, key, end))
			return NULL;
		const struct member *member = of ? find_member(of, last, name.text, name.length) : NULL;
		last = member ? member : last;
		at = blanks(end + 1);
		if (*at != ':' || !(at = value(reader, member, blanks(at + 1), depth)))
			return NULL;
		at = blanks(at);
		if (*at == '}')
			return at + 1;
		if (*at != ',')
			return NULL;
	}
}

/* Behind the opening bracket. */
static char *list(struct lines_reader *reader, char *at, int depth)
{
	at = blanks(at);
	if (*at == ']')
		return at + 1;
	for (;; at++) {
		at = value(reader, NULL, blanks(at), depth);
		if (!at)
			return NULL;
		at = blanks(at);
		if (*at == ']')
			return at + 1;
		if (*at != ',')
			return NULL;
	}
}

static char *word(char *at, const char *word)
{
	size_t length = strlen(word);
	return strncmp(at, word, length) == 0 ? at + length : NULL;
}

static char *value(struct lines_reader *reader, const struct member *member, char *at, int depth)
{
	struct json_lines *own = reader->own;
	char *start = at, *end = NULL;
	bool escaped = false, text = *at == '"', null = *at == 'n';
	if (depth == DEPTH)
		return NULL;
	if (text)
		end = text_end(++start, &escaped);
	else if (*at == '{')
		end = object(reader, member, at + 1, depth + 1);
	else if (*at == '[')
		end = list(reader, at + 1, depth + 1);
	else if (*at == '-' || (*at >= '0' && *at <= '9'))
		end = number(at);
	else
		end = word(at, *at == 't' ? "true" : null ? "null" : "false");
	if (!end || (escaped && !member && !decode(own, &(struct csv_field){0}, start, end)))
		return NULL;
	if (!member || member->column < 0 || reader->want[member->column] == CSV_NOTHING)
		return end + text;
	struct csv_field *field = &reader->field[member->column];
	*field = (struct csv_field){.text = start, .length = null ? 0 : (size_t)(end - start), .number = -1};
	own->end[member->column] = escaped ? NULL : null ? start : end;
	if (escaped && !decode(own, field, start, end))
		return NULL;
	if (!text && reader->want[member->column] == CSV_NUMBER)
		field->number = csv_number(start, field->length);
	return end + text;
}

static bool is_not(struct lines_reader *reader, const char *line, size_t length, struct err *err)
{
	json_error_t error;
	struct place place = lines_at(reader, line);
	json_t *parsed = json_loadb(line, length, 0, &error);
	if (!parsed && error.column > 0)
		place.column = error.column;
	err_add(err, ERR_TRACE, &place, "is not a JSON object in one line%s%.100s", parsed ? "" : ": ",
		parsed ? "" : error.text);
	json_decref(parsed);
	return false;
}

static bool json_split(struct lines_reader *reader, char *line, size_t length, struct err *err)
{
	struct json_lines *own = reader->own;
	char *at = blanks(line);
	if (json_array_size(own->decoded))
		json_array_clear(own->decoded);
	for (int i = 0; i < reader->columns; i++) {
		reader->field[i] = (struct csv_field){.text = "", .number = -1};
		own->end[i] = NULL;
	}
	at = *at == '{' ? object(reader, &own->root, at + 1, 0) : NULL;
	if (!at || *blanks(at))
		return is_not(reader, line, length, err);
	for (int i = 0; i < reader->columns; i++) {
		struct csv_field *field = &reader->field[i];
		if (own->end[i])
			*own->end[i] = '\0';
		field->missing = csv_is_missing(field->text, field->length);
	}
	return true;
}

static void free_members(struct member *of)
{
	for (struct member *at = of->child, *next; at; at = next) {
		next = at->next;
		free_members(at);
		free(at->key);
		free(at);
	}
}

static void json_end(struct lines_reader *reader)
{
	struct json_lines *own = reader->own;
	if (!own)
		return;
	free_members(&own->root);
	json_decref(own->decoded);
	free(own);
}

const struct lines_way lines_json = {json_begin, json_split, json_end};
