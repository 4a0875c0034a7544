/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libfyaml parses; its events are made into a tree here, so that each key and value keeps its place. What YAML allows
 * and a model file has no use for is refused while the events pass, as is what often goes wrong: tabs as indentation,
 * bytes that are no text, a key given twice, a distribution whose comma ended it early in a flow map.
 */
#include "io/yaml.h"
#include "base/check.h"
#include "base/printable.h"
#include "io/memory.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ENTRIES_MAX = 4096, TEXT_MAX = 64 << 10 };

/* A map or list that is being read; key is set while its value is awaited. */
struct level {
	struct tree *tree;
	bool flow;
	int entries;
	const char *key;
	struct place key_place;
};

struct reading {
	struct arena *arena;
	const char *name;
	struct err *err;
	struct tree *root;
	struct level level[YAML_DEPTH_MAX];
	int depth, documents;
	struct place last; /* of what was read last, for what has no place itself */
	const char *text;
	size_t length;
};

/* Position in bytes to line and column; columns count characters. */
static struct place place_of(const char *name, const char *text, size_t at)
{
	struct place place = {name, 1, 1};
	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if ((text[i] & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

static bool check_bytes(const char *name, const char *text, size_t length, struct err *err)
{
	bool indentation = true, first = true;
	for (size_t i = 0; i < length;) {
		unsigned char c = (unsigned char)text[i];
		struct place place;
		uint32_t code = 0;
		size_t bytes = printable_character(text + i, length - i, &code);
		if (c != '\t' && c != '\n' && c != '\r' && (bytes == 0 || !printable_is(code))) {
			place = place_of(name, text, i);
			return err_add(err, ERR_MODEL, &place,
				       c == 0        ? "a NUL byte: this is not a text file"
				       : bytes == 0  ? "byte 0x%02x is not UTF-8; save the file as UTF-8"
				       : code < 0x80 ? "control character 0x%02x"
						     : "control character U+%04X",
				       bytes == 0 ? c : code);
		}
		if (c == '%' && first) {
			place = place_of(name, text, i);
			return err_add(err, ERR_MODEL, &place,
				       "a line that begins with %% (a directive of YAML) has no use here");
		}
		first = c == '\n';
		if (c == '\t' && indentation) {
			place = place_of(name, text, i);
			return err_add(err, ERR_MODEL, &place, "a tab in the indentation; YAML needs spaces");
		}
		indentation = c == '\n' || (indentation && c == ' ');
		i += bytes;
	}
	return true;
}

static struct place mark_place(const struct reading *reading, const struct fy_mark *mark)
{
	if (!mark)
		return reading->last;
	return (struct place){reading->name, mark->line + 1, mark->column + 1};
}

/* How many more '(' than ')'. */
static int open_parentheses(const char *text)
{
	int open = 0;
	for (; *text; text++)
		open += (*text == '(') - (*text == ')');
	return open;
}

/* Puts a finished or begun value where it belongs. */
static bool place_value(struct reading *reading, struct tree *value)
{
	if (reading->depth == 0) {
		reading->root = value;
		return true;
	}
	struct level *level = &reading->level[reading->depth - 1];
	if (++level->entries > ENTRIES_MAX)
		return err_add(reading->err, ERR_MODEL, &value->place, "more than %d entries", ENTRIES_MAX);
	tree_append(level->tree, level->tree->kind == TREE_MAP ? level->key : NULL, level->key_place, value);
	level->key = NULL;
	return true;
}

static bool awaits_key(const struct reading *reading)
{
	if (reading->depth == 0)
		return false;
	const struct level *level = &reading->level[reading->depth - 1];
	return level->tree->kind == TREE_MAP && !level->key;
}

static bool take_key(struct reading *reading, const char *text, const struct place *place)
{
	struct level *level = &reading->level[reading->depth - 1];
	level->key = text;
	level->key_place = *place;
	if (*text == '\0')
		return err_add(reading->err, ERR_MODEL, place, "an empty key");
	if (strcmp(text, "<<") == 0)
		return err_add(reading->err, ERR_MODEL, place, "merge keys (<<) are not supported; use extends");
	const struct tree *before = tree_get(level->tree, text);
	if (before)
		return err_add(reading->err, ERR_MODEL, place, "key \"%.60s\" is defined twice, first on line %d", text,
			       before->key_place.line);
	return true;
}

/* Whether a text in single quotes has two quotes in a row, each written twice: libfyaml 0.7.12 reads that wrongly. */
static bool doubles_quotes(const struct reading *reading, struct fy_event *event)
{
	const struct fy_mark *start = fy_event_start_mark(event), *end = fy_event_end_mark(event);
	if (!start || !end || fy_token_scalar_style(event->scalar.value) != FYSS_SINGLE_QUOTED ||
	    end->input_pos > reading->length || end->input_pos < start->input_pos)
		return false;
	return memmem(reading->text + start->input_pos, end->input_pos - start->input_pos, "''''", 4) != NULL;
}

static bool take_scalar(struct reading *reading, struct fy_event *event, struct place place)
{
	struct fy_token *token = event->scalar.value;
	size_t length = 0;
	if (token && doubles_quotes(reading, event))
		return err_add(reading->err, ERR_MODEL, &place,
			       "two single quotes in a row; put the text into double quotes");
	const char *found = token ? fy_token_get_text(token, &length) : "";
	if (!found)
		return err_add(reading->err, ERR_MODEL, &place, "cannot be read");
	if (length > TEXT_MAX || memchr(found, '\0', length))
		return err_add(reading->err, ERR_MODEL, &place,
			       length > TEXT_MAX ? "a text of more than %d bytes" : "a text with a NUL byte", TEXT_MAX);
	char *text = arena_text_of(reading->arena, found, length);
	const char *not_text = printable_not(text);
	if (not_text) { /* by an escape in double quotes; the characters themselves are refused before */
		uint32_t code = 0;
		printable_character(not_text, strlen(not_text), &code);
		return err_add(reading->err, ERR_MODEL, &place,
			       code < 0x80 ? "a text with the control character 0x%02x"
					   : "a text with the control character U+%04X",
			       code);
	}
	bool plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
	if (awaits_key(reading))
		return take_key(reading, text, &place);
	struct tree *scalar = tree_scalar(reading->arena, text, place);
	scalar->quoted = !plain;
	bool good = place_value(reading, scalar);
	if (plain && reading->depth > 0 && reading->level[reading->depth - 1].flow && open_parentheses(text) > 0)
		return err_add(reading->err, ERR_MODEL, &place,
			       "\"%.60s\" ends at a comma; quote it, e.g. \"lognormal(median=1 ms, p99=5 ms)\"", text);
	return good;
}

static bool take_begin(struct reading *reading, struct fy_event *event, struct place place)
{
	bool map = event->type == FYET_MAPPING_START;
	if (awaits_key(reading))
		return err_add(reading->err, ERR_MODEL, &place, "a key must be a word, not %s",
			       map ? "a map" : "a list");
	if (reading->depth == YAML_DEPTH_MAX)
		return err_add(reading->err, ERR_MODEL, &place,
			       "maps and lists are nested too deeply: at most %d levels", YAML_DEPTH_MAX);
	struct tree *tree = map ? tree_map(reading->arena, place) : tree_list(reading->arena, place);
	if (!place_value(reading, tree))
		return false;
	reading->level[reading->depth++] = (struct level){
		.tree = tree,
		.flow = fy_event_get_node_style(event) == FYNS_FLOW,
	};
	return true;
}

static bool refuse_marks(struct reading *reading, struct fy_event *event, const struct place *place)
{
	if (event->type == FYET_ALIAS)
		return err_add(reading->err, ERR_MODEL, place,
			       "aliases (*) are not supported; quote a text that begins with *");
	if (event->type != FYET_SCALAR && event->type != FYET_MAPPING_START && event->type != FYET_SEQUENCE_START)
		return true;
	if (fy_event_get_anchor_token(event))
		return err_add(reading->err, ERR_MODEL, place,
			       "anchors (&) are not supported; quote a text that begins with &");
	if (fy_event_get_tag_token(event))
		return err_add(reading->err, ERR_MODEL, place,
			       "tags (!) are not supported; quote a text that begins with !");
	return true;
}

/* False: what follows cannot be understood any more, or is not wanted. */
static bool take(struct reading *reading, struct fy_event *event)
{
	struct place place = mark_place(reading, fy_event_start_mark(event));
	if (!refuse_marks(reading, event, &place))
		return false;
	switch (event->type) {
	case FYET_DOCUMENT_START:
		if (++reading->documents > 1)
			return err_add(reading->err, ERR_MODEL, &place, "a second document (---); one file holds one");
		return true;
	case FYET_SCALAR:
		reading->last = place;
		take_scalar(reading, event, place);
		return true;
	case FYET_MAPPING_START:
	case FYET_SEQUENCE_START:
		reading->last = place;
		return take_begin(reading, event, place);
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		reading->depth--;
		return true;
	default:
		return true;
	}
}

/* The parser's own complaint, and a hint where a frequent cause is known. */
static void add_complaint(struct reading *reading, struct fy_diag *diag, const char *text, size_t length)
{
	void *iterator = NULL;
	const struct fy_diag_error *found = fy_diag_errors_iterate(diag, &iterator);
	if (!found) {
		err_add(reading->err, ERR_MODEL, &reading->last, "this is not YAML");
		return;
	}
	struct place place = {reading->name, found->line > 0 ? found->line : 1, found->column > 0 ? found->column : 1};
	const char *line = text, *end = text + length;
	for (int i = 1; i < place.line && line; i++) {
		line = memchr(line, '\n', (size_t)(end - line));
		line = line ? line + 1 : NULL;
	}
	const char *stop = line ? memchr(line, '\n', (size_t)(end - line)) : NULL;
	size_t width = line ? (size_t)((stop ? stop : end) - line) : 0;
	bool brackets = line && memchr(line, '[', width) && memchr(line, '(', width);
	err_add(reading->err, ERR_MODEL, &place, "YAML: %.200s%s", found->msg ? found->msg : "syntax error",
		brackets ? " (quote a text that has [ or , inside [...] or {...})" : "");
}

static bool read_events(struct reading *reading, const char *text, size_t length)
{
	struct fy_diag_cfg diag_cfg;
	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	diag_cfg.colorize = false;
	struct fy_diag *diag = fy_diag_create(&diag_cfg);
	if (!diag)
		check_out_of_memory(0);
	fy_diag_set_collect_errors(diag, true);
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = diag};
	struct fy_parser *parser = fy_parser_create(&cfg);
	if (!parser || fy_parser_set_string(parser, text, length) != 0)
		check_out_of_memory(0);
	bool ended = false, going = true;
	int before = reading->err->count;
	while (going && !ended) {
		struct fy_event *event = fy_parser_parse(parser);
		if (!event)
			break;
		ended = event->type == FYET_STREAM_END;
		going = take(reading, event);
		fy_parser_event_free(parser, event);
	}
	if (going && !ended)
		add_complaint(reading, diag, text, length);
	fy_parser_destroy(parser);
	fy_diag_destroy(diag);
	return reading->err->count == before;
}

struct tree *yaml_parse(struct arena *arena, const char *name, const char *text, size_t length, struct err *err)
{
	name = arena_text(arena, name);
	struct place place = {name, 0, 0};
	if (length > YAML_SIZE_MAX) {
		err_add(err, ERR_MODEL, &place, "is larger than %d MiB: this is not a model file", YAML_SIZE_MAX >> 20);
		return NULL;
	}
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		length -= 3;
	}
	if (!check_bytes(name, text, length, err))
		return NULL;
	struct reading *reading = ARENA_NEW(arena, struct reading);
	reading->arena = arena;
	reading->name = name;
	reading->err = err;
	reading->last = (struct place){name, 1, 1};
	reading->text = text;
	reading->length = length;
	/* libfyaml takes an empty text for a NULL one. */
	if (length > 0 && !read_events(reading, text, length))
		return NULL;
	struct tree *root = reading->root;
	if (!root || (root->kind == TREE_SCALAR && *root->text == '\0' && !root->quoted)) {
		err_add(err, ERR_MODEL, &place, "is empty");
		return NULL;
	}
	return root;
}

struct tree *yaml_read(struct arena *arena, const char *path, struct err *err)
{
	bool standard = strcmp(path, "-") == 0;
	struct place place = {standard ? "standard input" : path, 0, 0};
	FILE *file = standard ? stdin : fopen(path, "rb");
	struct stat status;
	if (!file || fstat(fileno(file), &status) != 0) {
		err_add(err, ERR_MODEL, &place, "cannot be read: %s", strerror(errno));
		if (file && !standard)
			fclose(file);
		return NULL;
	}
	char *text = NULL;
	size_t length = 0;
	bool good = true;
	if (S_ISDIR(status.st_mode)) {
		good = err_add(err, ERR_MODEL, &place, "is a directory; a model file is needed");
	} else {
		text = memory_sized(NULL, YAML_SIZE_MAX + 1, 1);
		length = fread(text, 1, YAML_SIZE_MAX + 1, file);
		if (ferror(file))
			good = err_add(err, ERR_MODEL, &place, "cannot be read: %s", strerror(errno));
	}
	if (!standard)
		fclose(file);
	struct tree *tree = good ? yaml_parse(arena, place.file, text, length, err) : NULL;
	free(text);
	return tree;
}
