/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The texts of a block are kept. When it is full, each column is laid down by itself: as numbers or dates when seven of
 * eight texts are such, with the others as exceptions; otherwise as the different texts in order of their first row,
 * and which of them each row has. Integers are told by their distance from the least of them, or, where that takes
 * fewer bytes, by their steps from row to row.
 */
#include "io/cbt_write.h"
#include "base/check.h"
#include "io/cbt_format.h"
#include "io/cbt_text.h"
#include "io/memory.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { ROWS = 32768, FIELDS = 1 << 20, TEXTS = 1 << 23, LEVEL = 3 }; /* a block ends when it has any of these */

struct bytes {
	unsigned char *at;
	size_t length, room;
};

struct column {
	struct bytes text; /* of the rows, each with a NUL */
	uint32_t *length;  /* ROWS of them */
};

struct cbt_writer {
	FILE *file;
	ZSTD_CCtx *packer;
	int columns, rows;
	int64_t rows_before, blocks, least, greatest;
	uint64_t seal;
	size_t texts; /* bytes of all columns */
	struct column *column;
	struct bytes part, raw;
	/* for one column at a time */
	int64_t *value;
	uint8_t *places;
	bool *strange; /* rows whose text is not of the column's kind */
	uint32_t *slot;
	size_t slots;
};

/* Room for `length` more bytes. */
static unsigned char *grow(struct bytes *bytes, size_t length)
{
	if (length > bytes->room - bytes->length) {
		bytes->room = 2 * (bytes->length + length);
		bytes->at = memory_sized(bytes->at, bytes->room, 1);
	}
	bytes->length += length;
	return bytes->at + bytes->length - length;
}

static void append(struct bytes *bytes, const void *from, size_t length)
{
	if (length)
		memcpy(grow(bytes, length), from, length);
}

static void append_number(struct bytes *bytes, uint64_t value, int length)
{
	cbt_set(grow(bytes, (size_t)length), value, length);
}

/* ---- parts ---- */

static void part_begin(struct cbt_writer *writer, uint32_t kind)
{
	writer->part.length = 0;
	append_number(&writer->part, kind, 4);
	append_number(&writer->part, 0, 4);
}

static void part_end(struct cbt_writer *writer)
{
	struct bytes *part = &writer->part;
	CHECK(part->length - CBT_PART <= CBT_PART_MAX);
	cbt_set(part->at + 4, part->length - CBT_PART, 4);
	writer->seal = cbt_seal(part->at, part->length, writer->seal);
	append_number(part, writer->seal, CBT_SEAL);
	fwrite(part->at, 1, part->length, writer->file);
}

/* ---- integers ---- */

/* The bytes that hold 0 .. range. */
static int width_of(uint64_t range)
{
	int width = 0;
	for (; range > 0; range >>= 8)
		width++;
	return width;
}

static void put_integers(struct cbt_writer *writer)
{
	const int64_t *value = writer->value;
	size_t rows = (size_t)writer->rows;
	int64_t least = value[0], greatest = value[0], step_least = 0, step_greatest = 0, step;
	bool steps = rows > 1;
	for (size_t i = 1; i < rows; i++) {
		least = value[i] < least ? value[i] : least;
		greatest = value[i] > greatest ? value[i] : greatest;
		if (__builtin_sub_overflow(value[i], value[i - 1], &step)) {
			steps = false;
			step = 0;
		}
		step_least = i == 1 || step < step_least ? step : step_least;
		step_greatest = i == 1 || step > step_greatest ? step : step_greatest;
	}
	int width = width_of((uint64_t)greatest - (uint64_t)least);
	int step_width = width_of((uint64_t)step_greatest - (uint64_t)step_least);
	steps = steps && step_width < width;
	uint64_t base = steps ? (uint64_t)step_least : (uint64_t)least, last = (uint64_t)value[0] - base;
	width = steps ? step_width : width;
	append_number(&writer->raw, steps ? CBT_STEPS : CBT_PLAIN, 1);
	append_number(&writer->raw, (uint64_t)width, 7);
	append_number(&writer->raw, base, 8);
	append_number(&writer->raw, steps ? last : 0, 8);
	unsigned char *plane = grow(&writer->raw, rows * (size_t)width);
	for (size_t i = 0; i < rows; i++) {
		uint64_t rest = steps ? (uint64_t)value[i] - last - base : (uint64_t)value[i] - base;
		last = (uint64_t)value[i];
		for (int p = 0; p < width; p++)
			plane[(size_t)p * rows + i] = (unsigned char)(rest >> 8 * p);
	}
}

/* ---- columns ---- */

struct layout {
	enum cbt_kind kind;
	int places, flags;
};

/* Strange rows take the value of the row before, or of the next one that is not. */
static void fill_strange(struct cbt_writer *writer)
{
	int rows = writer->rows, first = 0;
	while (first < rows && writer->strange[first])
		first++;
	for (int i = 0; i < rows; i++)
		if (writer->strange[i])
			writer->value[i] = i > first ? writer->value[i - 1] : writer->value[first];
}

/* Numbers get as many places as the one that has most. False: too few are numbers. */
static bool as_numbers(struct cbt_writer *writer, const struct column *column, struct layout *layout)
{
	const char *text = (const char *)column->text.at;
	int rows = writer->rows, strange = 0, most = 0, least = CBT_PLACES_MAX;
	for (int i = 0; i < rows; text += column->length[i++] + 1) {
		int places = 0;
		writer->strange[i] = !cbt_number_parse(text, column->length[i], &writer->value[i], &places);
		writer->places[i] = (uint8_t)places;
		strange += writer->strange[i];
		if (strange > rows / 8)
			return false;
		most = !writer->strange[i] && places > most ? places : most;
	}
	for (int i = 0; i < rows; i++) {
		for (int p = writer->places[i]; p < most && !writer->strange[i]; p++)
			if (__builtin_mul_overflow(writer->value[i], 10, &writer->value[i])) {
				writer->strange[i] = true;
				strange++;
			}
		if (writer->strange[i])
			writer->places[i] = (uint8_t)most;
		least = writer->places[i] < least ? writer->places[i] : least;
	}
	*layout = (struct layout){CBT_NUMBER, most, least < most ? CBT_WRITTEN : 0};
	return strange <= rows / 8;
}

/* Dates as the first text that is one. */
static bool as_dates(struct cbt_writer *writer, const struct column *column, struct layout *layout)
{
	const char *text = (const char *)column->text.at;
	struct cbt_dates dates = {0, 0}, other;
	int rows = writer->rows, strange = 0;
	bool any = false;
	for (int i = 0; i < rows; text += column->length[i++] + 1) {
		bool good = cbt_date_parse(text, column->length[i], &other, &writer->value[i]);
		if (good && !any)
			dates = other;
		any = any || good;
		writer->strange[i] = !good || other.flags != dates.flags || other.fraction != dates.fraction;
		strange += writer->strange[i];
		if (strange > rows / 8)
			return false;
	}
	*layout = (struct layout){CBT_DATE, dates.fraction, dates.flags};
	return true;
}

/* Which of the different texts each row has; they are appended to `texts`. Returns how many there are. */
static uint32_t as_texts(struct cbt_writer *writer, const struct column *column, struct bytes *texts)
{
	const char *text = (const char *)column->text.at;
	uint32_t entries = 0;
	size_t *entry = memory_sized(NULL, (size_t)writer->rows, sizeof *entry); /* where each begins */
	memset(writer->slot, 0, writer->slots * sizeof *writer->slot);
	for (int i = 0; i < writer->rows; text += column->length[i++] + 1) {
		size_t length = column->length[i], at = cbt_hash(text, length, 0) & (writer->slots - 1);
		while (writer->slot[at] && strcmp((const char *)texts->at + entry[writer->slot[at] - 1], text) != 0)
			at = (at + 1) & (writer->slots - 1);
		if (!writer->slot[at]) {
			entry[entries] = texts->length;
			writer->slot[at] = ++entries;
			append(texts, text, length + 1);
		}
		writer->value[i] = writer->slot[at] - 1;
	}
	free(entry);
	return entries;
}

static void put_column(struct cbt_writer *writer, int index, size_t head)
{
	struct column *column = &writer->column[index];
	struct layout layout = {CBT_TEXT, 0, 0};
	struct bytes texts = {NULL, 0, 0}, at = {NULL, 0, 0};
	uint32_t count = 0;
	writer->raw.length = 0;
	if (as_numbers(writer, column, &layout) || as_dates(writer, column, &layout)) {
		const char *text = (const char *)column->text.at;
		for (int i = 0; i < writer->rows; text += column->length[i++] + 1)
			if (writer->strange[i]) {
				append_number(&at, (uint64_t)i, 4);
				append(&texts, text, column->length[i] + 1);
				count++;
			}
		fill_strange(writer);
	} else {
		layout = (struct layout){CBT_TEXT, 0, 0};
		count = as_texts(writer, column, &texts);
	}
	append_number(&writer->raw, count, 4);
	put_integers(writer);
	if (layout.kind == CBT_NUMBER && layout.flags & CBT_WRITTEN)
		append(&writer->raw, writer->places, (size_t)writer->rows);
	append(&writer->raw, at.at, at.length);
	append(&writer->raw, texts.at, texts.length);
	free(at.at);
	free(texts.at);
	size_t room = ZSTD_compressBound(writer->raw.length);
	unsigned char *into = grow(&writer->part, room);
	size_t stored = ZSTD_compressCCtx(writer->packer, into, room, writer->raw.at, writer->raw.length, LEVEL);
	CHECK(!ZSTD_isError(stored));
	writer->part.length -= room - stored;
	unsigned char *told = writer->part.at + head;
	cbt_set(told, layout.kind, 1);
	cbt_set(told + 1, (uint64_t)layout.places, 1);
	cbt_set(told + 2, (uint64_t)layout.flags, 2);
	cbt_set(told + 4, writer->raw.length, 4);
	cbt_set(told + 8, stored, 4);
	column->text.length = 0;
}

static void put_block(struct cbt_writer *writer)
{
	if (writer->rows == 0)
		return;
	part_begin(writer, CBT_ROWS);
	append_number(&writer->part, (uint64_t)writer->rows_before, 8);
	append_number(&writer->part, (uint64_t)writer->rows, 4);
	size_t heads = writer->part.length;
	grow(&writer->part, (size_t)writer->columns * CBT_COLUMN);
	for (int i = 0; i < writer->columns; i++)
		put_column(writer, i, heads + (size_t)i * CBT_COLUMN);
	part_end(writer);
	writer->rows_before += writer->rows;
	writer->blocks++;
	writer->rows = 0;
	writer->texts = 0;
}

/* ---- the whole ---- */

bool cbt_named(const char *path)
{
	size_t length = strlen(path);
	return length > 4 && strcmp(path + length - 4, ".cbt") == 0;
}

struct cbt_writer *cbt_writer_open(FILE *file, const char *const *names, int columns, int time, int64_t unit)
{
	struct cbt_writer *writer = memory_sized(NULL, 1, sizeof *writer);
	CHECK(columns > 0 && columns <= CBT_COLUMNS_MAX && time >= 0 && time < columns && unit >= 0);
	memset(writer, 0, sizeof *writer);
	writer->file = file;
	writer->columns = columns;
	writer->packer = ZSTD_createCCtx();
	if (!writer->packer)
		check_out_of_memory(TEXTS);
	writer->column = memory_sized(NULL, (size_t)columns, sizeof *writer->column);
	memset(writer->column, 0, (size_t)columns * sizeof *writer->column);
	for (int i = 0; i < columns; i++)
		writer->column[i].length = memory_sized(NULL, ROWS, sizeof *writer->column[i].length);
	writer->value = memory_sized(NULL, ROWS, sizeof *writer->value);
	writer->places = memory_sized(NULL, ROWS, sizeof *writer->places);
	writer->strange = memory_sized(NULL, ROWS, sizeof *writer->strange);
	writer->slots = 2 * ROWS;
	writer->slot = memory_sized(NULL, writer->slots, sizeof *writer->slot);
	fwrite(CBT_MAGIC, 1, CBT_MAGIC_LENGTH, file);
	unsigned char version[4];
	cbt_set(version, CBT_VERSION, 4);
	fwrite(version, 1, sizeof version, file);
	part_begin(writer, CBT_HEAD);
	append_number(&writer->part, (uint64_t)columns, 4);
	append_number(&writer->part, (uint64_t)time, 4);
	append_number(&writer->part, (uint64_t)unit, 8);
	for (int i = 0; i < columns; i++)
		append(&writer->part, names[i], strlen(names[i]) + 1);
	part_end(writer);
	return writer;
}

void cbt_writer_put(struct cbt_writer *writer, const struct csv_field *fields, int64_t time)
{
	bool first = writer->rows == 0 && writer->rows_before == 0;
	writer->least = first || time < writer->least ? time : writer->least;
	writer->greatest = first || time > writer->greatest ? time : writer->greatest;
	for (int i = 0; i < writer->columns; i++) {
		struct column *column = &writer->column[i];
		column->length[writer->rows] = (uint32_t)fields[i].length;
		append(&column->text, fields[i].text, fields[i].length + 1);
		writer->texts += fields[i].length + 1;
	}
	writer->rows++;
	if (writer->rows == ROWS || writer->texts >= TEXTS || writer->rows * writer->columns >= FIELDS)
		put_block(writer);
}

void cbt_writer_end(struct cbt_writer *writer)
{
	put_block(writer);
	part_begin(writer, CBT_TAIL);
	append_number(&writer->part, (uint64_t)writer->rows_before, 8);
	append_number(&writer->part, (uint64_t)writer->blocks, 8);
	append_number(&writer->part, (uint64_t)writer->least, 8);
	append_number(&writer->part, (uint64_t)writer->greatest, 8);
	part_end(writer);
}

void cbt_writer_close(struct cbt_writer *writer)
{
	if (!writer)
		return;
	for (int i = 0; i < writer->columns; i++) {
		free(writer->column[i].text.at);
		free(writer->column[i].length);
	}
	free(writer->column);
	free(writer->part.at);
	free(writer->raw.at);
	free(writer->value);
	free(writer->places);
	free(writer->strange);
	free(writer->slot);
	ZSTD_freeCCtx(writer->packer);
	free(writer);
}
