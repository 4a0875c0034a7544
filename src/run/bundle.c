/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers are kept in the order in which they were given, and found by what was asked: for a file by who names it and
 * how, for values by file and unit, for a cell by all that names it.
 */
#include "run/bundle.h"
#include "base/fnv.h"
#include "base/treetext.h"

#include <string.h>

struct file_answer {
	const char *from, *path;
	const struct tree *tree;
	struct file_answer *next;
};

struct values_answer {
	const char *path;
	enum quantity_kind unit;
	double *value, *weight; /* weight: NULL where all are alike */
	size_t count;
	struct values_answer *next;
};

struct cell_answer {
	const char *asked, *text;
	struct place at;
	struct cell_answer *next;
};

struct bundle {
	struct arena *arena;
	const struct study_files *of; /* NULL: answers come from a text */
	struct study_files files;
	struct dist_reader values;
	struct param_cells cells;
	struct file_answer *file, **file_end;
	struct values_answer *value, **value_end;
	struct cell_answer *cell, **cell_end;
};

static const char magic[] = "casebook study 2\n";

/* ---- asking ---- */

static void add_file(struct bundle *bundle, const char *from, const char *path, const struct tree *tree)
{
	struct file_answer *answer = ARENA_NEW(bundle->arena, struct file_answer);
	*answer = (struct file_answer){arena_text(bundle->arena, from), arena_text(bundle->arena, path), tree, NULL};
	*bundle->file_end = answer;
	bundle->file_end = &answer->next;
}

static struct tree *read_file(void *host, struct arena *arena, const char *from, const struct place *place,
			      const char *path, struct err *err)
{
	struct bundle *bundle = host;
	const char *named_by = from ? from : "";
	for (const struct file_answer *answer = bundle->file; answer; answer = answer->next)
		if (strcmp(answer->from, named_by) == 0 && strcmp(answer->path, path) == 0)
			return tree_merge(arena, answer->tree, NULL);
	if (!bundle->of) {
		err_add(err, ERR_MODEL, place, "%.200s is not in this text of a study", path);
		return NULL;
	}
	struct tree *tree = bundle->of->read(bundle->of->host, arena, from, place, path, err);
	if (tree)
		add_file(bundle, named_by, path, tree);
	return tree;
}

static struct values_answer *add_values(struct bundle *bundle, const char *path, enum quantity_kind unit, size_t count,
					bool weighted)
{
	struct values_answer *answer = ARENA_NEW(bundle->arena, struct values_answer);
	*answer = (struct values_answer){.path = arena_text(bundle->arena, path), .unit = unit, .count = count};
	answer->value = ARENA_ARRAY(bundle->arena, count + 1, double);
	answer->weight = weighted ? ARENA_ARRAY(bundle->arena, count + 1, double) : NULL;
	*bundle->value_end = answer;
	bundle->value_end = &answer->next;
	return answer;
}

static void copy(double *into, const double *from, size_t count)
{
	if (count)
		memcpy(into, from, count * sizeof *into);
}

/* The caller may sort what it is given: it gets a copy. */
static bool read_values(void *host, const char *path, enum quantity_kind unit, struct arena *arena, double **values,
			double **weights, size_t *count, struct err *err)
{
	struct bundle *bundle = host;
	struct values_answer *answer = bundle->value;
	while (answer && (answer->unit != unit || strcmp(answer->path, path) != 0))
		answer = answer->next;
	if (!answer && !bundle->of)
		return err_add(err, ERR_MODEL, NULL, "%.200s is not in this text of a study", path);
	if (!answer) {
		const struct dist_reader *of = bundle->of->values;
		if (!of->read(of->host, path, unit, arena, values, weights, count, err))
			return false;
		answer = add_values(bundle, path, unit, *count, *weights != NULL);
		copy(answer->value, *values, *count);
		if (*weights)
			copy(answer->weight, *weights, *count);
		return true;
	}
	*count = answer->count;
	*values = ARENA_ARRAY(arena, answer->count + 1, double);
	copy(*values, answer->value, answer->count);
	*weights = answer->weight ? ARENA_ARRAY(arena, answer->count + 1, double) : NULL;
	if (answer->weight)
		copy(*weights, answer->weight, answer->count);
	return true;
}

/* All that names a cell, and where it is named, in one text. */
static const char *cell_text(struct arena *arena, const struct param_cell *cell, enum quantity_kind unit,
			     const struct place *place)
{
	struct text text;
	text_begin(&text, arena);
	text_add(&text, "%d\n%s\n%s\n%s", (int)unit, place->file ? place->file : "", cell->file, cell->column);
	for (int i = 0; i < cell->keys; i++)
		text_add(&text, "\n%s=%s", cell->key[i], cell->value[i]);
	return text.bytes;
}

static bool read_cell(void *host, const struct param_cell *cell, enum quantity_kind unit, struct arena *arena,
		      const struct place *place, const char **text, struct place *at, struct err *err)
{
	struct bundle *bundle = host;
	const char *asked = cell_text(arena, cell, unit, place);
	struct cell_answer *answer = bundle->cell;
	while (answer && strcmp(answer->asked, asked) != 0)
		answer = answer->next;
	if (!answer && !bundle->of)
		return err_add(err, ERR_MODEL, place, "a cell of %.200s is not in this text of a study", cell->file);
	if (!answer) {
		const struct param_cells *of = bundle->of->cells;
		if (!of->read(of->host, cell, unit, arena, place, text, at, err))
			return false;
		answer = ARENA_NEW(bundle->arena, struct cell_answer);
		*answer = (struct cell_answer){arena_text(bundle->arena, asked), arena_text(bundle->arena, *text), *at,
					       NULL};
		answer->at.file = arena_text(bundle->arena, at->file ? at->file : "");
		*bundle->cell_end = answer;
		bundle->cell_end = &answer->next;
		return true;
	}
	*text = answer->text;
	*at = answer->at;
	return true;
}

static struct bundle *new (struct arena *arena, const struct study_files *of)
{
	struct bundle *bundle = ARENA_NEW(arena, struct bundle);
	*bundle = (struct bundle){.arena = arena, .of = of};
	bundle->file_end = &bundle->file;
	bundle->value_end = &bundle->value;
	bundle->cell_end = &bundle->cell;
	bundle->values = (struct dist_reader){read_values, bundle};
	bundle->cells = (struct param_cells){read_cell, bundle};
	bundle->files = (struct study_files){.read = read_file, .host = bundle};
	bundle->files.values = !of || of->values ? &bundle->values : NULL;
	bundle->files.cells = !of || of->cells ? &bundle->cells : NULL;
	return bundle;
}

struct bundle *bundle_record(struct arena *arena, const struct study_files *files)
{
	return new (arena, files);
}

const struct study_files *bundle_files(const struct bundle *bundle)
{
	return &bundle->files;
}

/* ---- writing ---- */

static uint64_t check_of(const char *bytes, size_t length)
{
	uint64_t digest = FNV_BASIS;
	for (size_t i = 0; i < length; i++)
		digest = fnv_byte(digest, (unsigned char)bytes[i]);
	return digest;
}

/* Its bits, so that not one is lost. */
static void put_real(struct treetext_writer *writer, double real)
{
	int64_t bits;
	real += 0.0; /* there is one zero */
	memcpy(&bits, &real, sizeof bits);
	treetext_put_number(writer, bits);
}

/* cell_text with the file that it stands in called as in the text. */
static const char *called_in(const struct treetext_writer *writer, const char *asked)
{
	struct arena *arena = writer->into->arena;
	const char *file = strchr(asked, '\n') + 1;
	size_t length = strcspn(file, "\n");
	return arena_format(arena, "%.*s%s%s", (int)(file - asked), asked,
			    treetext_file(writer, arena_text_of(arena, file, length)), file + length);
}

void bundle_write(const struct bundle *bundle, const char *path, const struct tree *tree, const char *const *below,
		  struct text *into)
{
	struct treetext_writer writer = {.into = into, .below = below};
	size_t from = into->length;
	int64_t files = 0, values = 0, cells = 0;
	text_bytes(into, magic, sizeof magic - 1);
	treetext_put_text(&writer, path);
	treetext_put(&writer, tree);
	for (const struct file_answer *answer = bundle->file; answer; answer = answer->next)
		files++;
	treetext_put_number(&writer, files);
	for (const struct file_answer *answer = bundle->file; answer; answer = answer->next) {
		treetext_put_text(&writer, treetext_file(&writer, answer->from));
		treetext_put_text(&writer, answer->path);
		treetext_put(&writer, answer->tree);
	}
	for (const struct values_answer *answer = bundle->value; answer; answer = answer->next)
		values++;
	treetext_put_number(&writer, values);
	for (const struct values_answer *answer = bundle->value; answer; answer = answer->next) {
		treetext_put_text(&writer, answer->path);
		treetext_put_number(&writer, answer->unit);
		treetext_put_number(&writer, answer->weight != NULL);
		treetext_put_number(&writer, (int64_t)answer->count);
		for (size_t i = 0; i < answer->count; i++) {
			put_real(&writer, answer->value[i]);
			if (answer->weight)
				put_real(&writer, answer->weight[i]);
		}
	}
	for (const struct cell_answer *answer = bundle->cell; answer; answer = answer->next)
		cells++;
	treetext_put_number(&writer, cells);
	for (const struct cell_answer *answer = bundle->cell; answer; answer = answer->next) {
		treetext_put_text(&writer, called_in(&writer, answer->asked));
		treetext_put_text(&writer, answer->text);
		treetext_put_text(&writer, treetext_file(&writer, answer->at.file));
		treetext_put_number(&writer, answer->at.line);
		treetext_put_number(&writer, answer->at.column);
	}
	text_add(into, "\n%016llx\n", (unsigned long long)check_of(into->bytes + from, into->length - from));
}

/* ---- reading ---- */

static double get_real(struct treetext_reader *reader)
{
	int64_t bits = treetext_number(reader);
	double real;
	memcpy(&real, &bits, sizeof real);
	reader->good = reader->good && real - real == 0;
	return real;
}

static void get_files(struct bundle *bundle, struct treetext_reader *reader)
{
	int64_t count = treetext_number(reader);
	for (int64_t i = 0; reader->good && i < count; i++) {
		const char *from = treetext_text(reader), *path = treetext_text(reader);
		const struct tree *tree = treetext_tree(reader);
		if (tree)
			add_file(bundle, from, path, tree);
	}
}

static void get_values(struct bundle *bundle, struct treetext_reader *reader)
{
	int64_t answers = treetext_number(reader);
	for (int64_t i = 0; reader->good && i < answers; i++) {
		const char *path = treetext_text(reader);
		int64_t unit = treetext_number(reader), weighted = treetext_number(reader);
		int64_t count = treetext_number(reader);
		/* A number takes two bytes at least. */
		if (count < 0 || count > (reader->end - reader->at) / 2 || unit < 0 || unit > QUANTITY_RATE ||
		    (weighted != 0 && weighted != 1))
			reader->good = false;
		if (!reader->good)
			return;
		struct values_answer *answer =
			add_values(bundle, path, (enum quantity_kind)unit, (size_t)count, weighted != 0);
		for (int64_t k = 0; reader->good && k < count; k++) {
			answer->value[k] = get_real(reader);
			if (answer->weight)
				answer->weight[k] = get_real(reader);
		}
	}
}

static void get_cells(struct bundle *bundle, struct treetext_reader *reader)
{
	int64_t count = treetext_number(reader);
	for (int64_t i = 0; reader->good && i < count; i++) {
		struct cell_answer *answer = ARENA_NEW(bundle->arena, struct cell_answer);
		answer->asked = treetext_text(reader);
		answer->text = treetext_text(reader);
		answer->at.file = treetext_text(reader);
		answer->at.line = (int)(treetext_number(reader) & INT32_MAX);
		answer->at.column = (int)(treetext_number(reader) & INT32_MAX);
		*bundle->cell_end = answer;
		bundle->cell_end = &answer->next;
	}
}

enum { CHECK_LENGTH = 18 };

struct bundle *bundle_read(struct arena *arena, const char *bytes, size_t length, const char **path, struct tree **tree,
			   struct err *err)
{
	char check[CHECK_LENGTH + 1];
	struct place place = {"the text of a study", 0, 0};
	size_t head = sizeof magic - 1, inside = length < CHECK_LENGTH ? 0 : length - CHECK_LENGTH;
	*path = NULL;
	*tree = NULL;
	if (inside < head || memcmp(bytes, magic, head) != 0) {
		err_add(err, ERR_MODEL, &place, "it does not begin with \"casebook study 2\"");
		return NULL;
	}
	struct text expected;
	text_begin(&expected, arena);
	text_add(&expected, "\n%016llx\n", (unsigned long long)check_of(bytes, inside));
	memcpy(check, bytes + inside, CHECK_LENGTH);
	check[CHECK_LENGTH] = '\0';
	struct bundle *bundle = new (arena, NULL);
	struct treetext_reader reader = {.arena = arena, .at = bytes + head, .end = bytes + inside, .good = true};
	bool right = strcmp(check, expected.bytes) == 0;
	if (right) {
		*path = treetext_text(&reader);
		*tree = treetext_tree(&reader);
		get_files(bundle, &reader);
		get_values(bundle, &reader);
		get_cells(bundle, &reader);
	}
	if (right && reader.good && reader.at == reader.end)
		return bundle;
	err_add(err, ERR_MODEL, &place, "it is damaged at byte %lld", (long long)(reader.at - bytes));
	return NULL;
}
