/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/treetext.h"
#include "base/check.h"

#include <string.h>

/* ---- writing ---- */

void treetext_put_number(struct treetext_writer *writer, int64_t number)
{
	text_add(writer->into, "%lld ", (long long)number);
}

void treetext_put_text(struct treetext_writer *writer, const char *text)
{
	size_t length = strlen(text);
	treetext_put_number(writer, (int64_t)length);
	text_bytes(writer->into, text, length);
	writer->last.column += (int64_t)length;
}

const char *treetext_file(const struct treetext_writer *writer, const char *file)
{
	const char *name = file ? file : "";
	for (const char *const *below = writer->below; below && *below; below++) {
		size_t length = strlen(*below);
		if (length > 0 && strncmp(name, *below, length) == 0 && name[length] == '/')
			return name + length + 1;
	}
	return name;
}

static void put_place(struct treetext_writer *writer, const struct place *place)
{
	const char *file = treetext_file(writer, place->file);
	int number = 0;
	while (number < writer->files && strcmp(writer->file[number], file) != 0)
		number++;
	bool new = number == writer->files &&number < TREETEXT_FILES;
	int64_t lines = place->line - writer->last.line;
	treetext_put_number(writer, lines);
	treetext_put_number(writer, place->column - (lines == 0 ? writer->last.column : 0));
	treetext_put_number(writer, number < TREETEXT_FILES ? number : TREETEXT_FILES - 1);
	if (new) {
		writer->file[writer->files++] = file;
		treetext_put_text(writer, file);
	}
	writer->last = (struct treetext_end){place->line, place->column};
}

static void put_tree(struct treetext_writer *writer, const struct tree *tree, int depth)
{
	CHECK(depth < TREETEXT_DEPTH);
	bool map = tree->kind == TREE_MAP;
	text_bytes(writer->into, map ? "m" : tree->kind == TREE_LIST ? "l" : tree->quoted ? "q" : "s", 1);
	put_place(writer, &tree->place);
	if (tree->kind == TREE_SCALAR) {
		treetext_put_text(writer, tree->text);
		return;
	}
	treetext_put_number(writer, tree_count(tree));
	for (const struct tree *child = tree->child; child; child = child->next) {
		if (map) {
			put_place(writer, &child->key_place);
			treetext_put_text(writer, child->key);
		}
		put_tree(writer, child, depth + 1);
	}
}

void treetext_put(struct treetext_writer *writer, const struct tree *tree)
{
	put_tree(writer, tree, 0);
}

/* ---- reading ---- */

int64_t treetext_number(struct treetext_reader *reader)
{
	int64_t number = 0;
	bool negative = reader->good && reader->at < reader->end && *reader->at == '-';
	const char *at = reader->at + negative, *first = at;
	if (!reader->good)
		return 0;
	for (; at < reader->end && *at >= '0' && *at <= '9' && at - first < 19; at++)
		number = number > (INT64_MAX - 9) / 10 ? INT64_MAX / 10 * 10 : number * 10 + (*at - '0');
	if (at == first || at == reader->end || *at != ' ') {
		reader->good = false;
		return 0;
	}
	reader->at = at + 1;
	return negative ? -number : number;
}

const char *treetext_text(struct treetext_reader *reader)
{
	int64_t length = treetext_number(reader);
	if (!reader->good || length < 0 || length > reader->end - reader->at ||
	    memchr(reader->at, '\0', (size_t)length)) {
		reader->good = false;
		return "";
	}
	const char *text = arena_text_of(reader->arena, reader->at, (size_t)length);
	reader->at += length;
	reader->last.column += length;
	return text;
}

static struct place get_place(struct treetext_reader *reader)
{
	struct place place = {"", 0, 0};
	int64_t lines = treetext_number(reader), column = treetext_number(reader), number = treetext_number(reader);
	if (lines < -INT32_MAX || lines > INT32_MAX || column < -INT32_MAX || column > INT32_MAX) {
		reader->good = false;
		return place;
	}
	int64_t line = reader->last.line + lines;
	column += lines == 0 ? reader->last.column : 0;
	if (line < 0 || line > INT32_MAX || column < 0 || column > INT32_MAX || number < 0 || number > reader->files ||
	    number >= TREETEXT_FILES) {
		reader->good = false;
		return place;
	}
	if (number == reader->files) {
		reader->file[number] = treetext_text(reader);
		reader->files += reader->good;
	}
	if (!reader->good)
		return place;
	reader->last = (struct treetext_end){line, column};
	return (struct place){reader->file[number], (int)line, (int)column};
}

static struct tree *get_tree(struct treetext_reader *reader)
{
	char kind = reader->good && reader->at < reader->end ? *reader->at++ : '\0';
	if (!strchr("sqlm", kind) || kind == '\0' || reader->depth >= TREETEXT_DEPTH) {
		reader->good = false;
		return NULL;
	}
	struct place place = get_place(reader);
	if (kind == 's' || kind == 'q') {
		struct tree *scalar = tree_scalar(reader->arena, treetext_text(reader), place);
		scalar->quoted = kind == 'q';
		return scalar;
	}
	struct tree *tree = kind == 'm' ? tree_map(reader->arena, place) : tree_list(reader->arena, place);
	int64_t count = treetext_number(reader);
	reader->depth++;
	for (int64_t i = 0; reader->good && i < count; i++) {
		struct place key_place = {"", 0, 0};
		const char *key = NULL;
		if (kind == 'm') {
			key_place = get_place(reader);
			key = treetext_text(reader);
		}
		struct tree *child = get_tree(reader);
		if (child && reader->good)
			tree_append(tree, key, key_place, child);
	}
	reader->depth--;
	return tree;
}

struct tree *treetext_tree(struct treetext_reader *reader)
{
	struct tree *tree = get_tree(reader);
	return reader->good ? tree : NULL;
}
