/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A part is read whole and checked before anything in it is believed, and its length is not believed either: memory
 * grows as bytes arrive. Of a block only the columns that somebody asks for are unpacked, and of those only the slice
 * of rows that is looked at is turned into integers of 64 bits, so that they stay in the nearest cache.
 *
 * The checks find what has changed by accident. What was made on purpose is met by looking at every length, index and
 * value before it is used.
 */
#include "io/cbt.h"
#include "base/check.h"
#include "io/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { GROWS = 1 << 16, AHEAD = 8 };

struct column {
	enum cbt_kind kind;
	int places; /* NUMBER */
	struct cbt_dates dates;
	bool written;
	size_t stored, stored_length, length; /* its bytes in the part, packed and unpacked */
	bool unpacked;
	unsigned char *byte;
	size_t room;
	/* of integers */
	bool steps;
	int width;
	uint64_t base, last; /* last: the value before the next one, of steps */
	const unsigned char *plane, *places_of;
	int done; /* how many have been read */
	/* of texts */
	struct csv_field *text;
	const unsigned char *rows;
	int texts, text_room;
	int row_first, row_count; /* those in the slice */
	int *row;                 /* CBT_SLICE of them */
	/* of the slice */
	int slice; /* its first row; -1: another one, or none */
	int64_t least, greatest;
	int64_t *value; /* CBT_SLICE of them */
	char print[CBT_TEXT_PRINT];
};

struct cbt_reader {
	struct stream *stream;
	ZSTD_DCtx *unpacker;
	char **names;
	int columns, time;
	int64_t unit, first, last;
	struct column *column;
	struct csv_field *field;
	unsigned char *part; /* with its kind and length */
	size_t part_room, length;
	uint64_t seal;
	int64_t block, rows_before; /* the number of the block, from 1; rows before it */
	int rows;                   /* of the block */
	int at, count, given;       /* the slice; how many of it have been given */
	int row;                    /* of the slice, given last */
	bool ended, failed;
};

/* What is wrong, in the block that is read. */
static bool broken(const struct cbt_reader *reader, const char *what, struct err *err)
{
	struct place place = {stream_name(reader->stream), 0, 0};
	if (reader->block == 0)
		return err_add(err, ERR_TRACE, &place, "packed trace, header: %s", what);
	return err_add(err, ERR_TRACE, &place, "packed trace, block %lld: %s", (long long)reader->block, what);
}

static bool broken_column(const struct cbt_reader *reader, const struct column *column, const char *what,
			  struct err *err)
{
	struct place place = {stream_name(reader->stream), 0, 0};
	return err_add(err, ERR_TRACE, &place, "packed trace, block %lld, column \"%.60s\": %s",
		       (long long)reader->block, reader->names[column - reader->column], what);
}

/* ---- parts ---- */

bool cbt_is(struct stream *stream)
{
	char start[CBT_MAGIC_LENGTH];
	return stream_peek(stream, start, sizeof start) == sizeof start && memcmp(start, CBT_MAGIC, sizeof start) == 0;
}

/* Appends `length` bytes of the stream to the part. */
static bool read_bytes(struct cbt_reader *reader, size_t length, struct err *err)
{
	size_t end = reader->length + length;
	while (reader->length < end) {
		size_t left = end - reader->length,
		       want = left < GROWS + reader->length ? left : GROWS + reader->length;
		if (reader->length + want > reader->part_room) {
			reader->part_room = reader->length + want;
			reader->part = memory_sized(reader->part, reader->part_room, 1);
		}
		long got = stream_read(reader->stream, reader->part + reader->length, want, err);
		if (got < 0)
			return false;
		if (got == 0)
			return broken(reader, "the file ends here; it was cut", err);
		reader->length += (size_t)got;
	}
	return true;
}

/* The next part; *kind and what it holds, from part + CBT_PART to part + length. */
static bool read_part(struct cbt_reader *reader, uint32_t *kind, struct err *err)
{
	reader->length = 0;
	if (!read_bytes(reader, CBT_PART, err))
		return false;
	*kind = cbt_get4(reader->part);
	uint32_t length = cbt_get4(reader->part + 4);
	if (*kind != CBT_HEAD && *kind != CBT_ROWS && *kind != CBT_TAIL)
		return broken(reader, "neither rows nor the end come next; the file is damaged", err);
	if (length > CBT_PART_MAX)
		return broken(reader, "claims to be larger than a block can be; the file is damaged", err);
	if (!read_bytes(reader, (size_t)length + CBT_SEAL, err))
		return false;
	reader->length -= CBT_SEAL;
	uint64_t seal = cbt_seal(reader->part, reader->length, reader->seal);
	if (seal != cbt_get(reader->part + reader->length, CBT_SEAL))
		return broken(reader, "its checksum does not match; the file is damaged", err);
	reader->seal = seal;
	return true;
}

/* ---- the header ---- */

static bool read_names(struct cbt_reader *reader, const unsigned char *at, const unsigned char *end, struct err *err)
{
	for (int i = 0; i < reader->columns; i++) {
		const unsigned char *stop = memchr(at, 0, (size_t)(end - at));
		if (!stop || stop == at)
			return broken(reader, "a name is missing", err);
		size_t length = (size_t)(stop - at) + 1;
		reader->names[i] = memcpy(memory_sized(NULL, length, 1), at, length);
		at = stop + 1;
	}
	return at == end || broken(reader, "more names than columns", err);
}

static bool read_head(struct cbt_reader *reader, struct err *err)
{
	uint32_t kind;
	if (!read_bytes(reader, CBT_START, err))
		return false;
	uint32_t version = cbt_get4(reader->part + CBT_MAGIC_LENGTH);
	if (version != CBT_VERSION) {
		struct place place = {stream_name(reader->stream), 0, 0};
		return err_add(err, ERR_TRACE, &place, "packed trace of version %lu; this casebook reads version %d",
			       (unsigned long)version, CBT_VERSION);
	}
	if (!read_part(reader, &kind, err))
		return false;
	const unsigned char *at = reader->part + CBT_PART, *end = reader->part + reader->length;
	if (kind != CBT_HEAD || end - at < 16)
		return broken(reader, "there is none", err);
	uint32_t columns = cbt_get4(at), time = cbt_get4(at + 4);
	reader->unit = (int64_t)cbt_get(at + 8, 8);
	if (columns == 0 || columns > CBT_COLUMNS_MAX || time >= columns || reader->unit < 0)
		return broken(reader, "an impossible number of columns, or time column", err);
	reader->columns = (int)columns;
	reader->time = (int)time;
	reader->names = memory_sized(NULL, columns + 1, sizeof *reader->names);
	memset(reader->names, 0, (columns + 1) * sizeof *reader->names);
	return read_names(reader, at + 16, end, err);
}

struct cbt_reader *cbt_open(struct stream *stream, struct err *err)
{
	struct cbt_reader *reader = memory_sized(NULL, 1, sizeof *reader);
	memset(reader, 0, sizeof *reader);
	reader->stream = stream;
	if (!read_head(reader, err)) {
		cbt_close(reader);
		return NULL;
	}
	reader->unpacker = ZSTD_createDCtx();
	if (!reader->unpacker)
		check_out_of_memory(GROWS);
	reader->column = memory_sized(NULL, (size_t)reader->columns, sizeof *reader->column);
	memset(reader->column, 0, (size_t)reader->columns * sizeof *reader->column);
	reader->field = memory_sized(NULL, (size_t)reader->columns, sizeof *reader->field);
	return reader;
}

void cbt_close(struct cbt_reader *reader)
{
	if (!reader)
		return;
	for (int i = 0; reader->column && i < reader->columns; i++) {
		free(reader->column[i].byte);
		free(reader->column[i].text);
		free(reader->column[i].value);
		free(reader->column[i].row);
	}
	for (int i = 0; reader->names && i < reader->columns; i++)
		free(reader->names[i]);
	free(reader->names);
	free(reader->column);
	free(reader->field);
	free(reader->part);
	ZSTD_freeDCtx(reader->unpacker);
	stream_close(reader->stream);
	free(reader);
}

int cbt_columns(const struct cbt_reader *reader)
{
	return reader->columns;
}

const char *const *cbt_names(const struct cbt_reader *reader)
{
	return (const char *const *)reader->names;
}

int cbt_column(const struct cbt_reader *reader, const char *name)
{
	for (int i = 0; i < reader->columns && reader->names[i]; i++)
		if (strcmp(reader->names[i], name) == 0)
			return i;
	return -1;
}

int cbt_time(const struct cbt_reader *reader, int64_t *unit)
{
	*unit = reader->unit;
	return reader->time;
}

/* ---- blocks ---- */

static bool column_head(struct cbt_reader *reader, struct column *column, const unsigned char *at, struct err *err)
{
	int flags = at[2];
	column->kind = (enum cbt_kind)at[0];
	column->places = at[1];
	column->dates = (struct cbt_dates){flags, at[1]};
	column->written = column->kind == CBT_NUMBER && flags == CBT_WRITTEN;
	column->length = cbt_get4(at + 4);
	column->stored_length = cbt_get4(at + 8);
	column->unpacked = false;
	column->slice = -1;
	bool known = column->kind == CBT_NUMBER ? column->places <= CBT_PLACES_MAX && flags <= CBT_WRITTEN
		     : column->kind == CBT_DATE ? cbt_dates_valid(column->dates)
						: column->kind == CBT_TEXT && column->places == 0 && flags == 0;
	if (!known || at[3] != 0)
		return broken_column(reader, column, "is stored in an unknown way", err);
	return true;
}

static bool begin_block(struct cbt_reader *reader, struct err *err)
{
	const unsigned char *at = reader->part + CBT_PART;
	size_t length = reader->length - CBT_PART, heads = (size_t)reader->columns * CBT_COLUMN;
	if (length < 12 + heads)
		return broken(reader, "is too short", err);
	uint64_t before = cbt_get(at, 8);
	uint32_t rows = cbt_get4(at + 8);
	if (before != (uint64_t)reader->rows_before || rows == 0 || rows > CBT_ROWS_MAX)
		return broken(reader, "an impossible number of rows", err);
	size_t stored = CBT_PART + 12 + heads, unpacked = 0;
	for (int i = 0; i < reader->columns; i++) {
		struct column *column = &reader->column[i];
		if (!column_head(reader, column, at + 12 + (size_t)i * CBT_COLUMN, err))
			return false;
		unpacked += column->length;
		if (unpacked > CBT_BLOCK_MAX)
			return broken_column(reader, column, "claims to be larger than a block can be", err);
		if (column->stored_length > reader->length - stored)
			return broken_column(reader, column, "does not fit into the block", err);
		column->stored = stored;
		stored += column->stored_length;
	}
	reader->rows = (int)rows;
	reader->at = reader->count = reader->given = 0;
	return stored == reader->length || broken(reader, "bytes after the last column", err);
}

static bool read_tail(struct cbt_reader *reader, struct err *err)
{
	const unsigned char *at = reader->part + CBT_PART;
	struct place place = {stream_name(reader->stream), 0, 0};
	unsigned char more;
	if (reader->length != CBT_PART + 32)
		return err_add(err, ERR_TRACE, &place, "packed trace: its end is not as it should be");
	if (cbt_get(at, 8) != (uint64_t)reader->rows_before || cbt_get(at + 8, 8) != (uint64_t)(reader->block - 1))
		return err_add(err, ERR_TRACE, &place, "packed trace: %llu rows should be there, but %lld are",
			       (unsigned long long)cbt_get(at, 8), (long long)reader->rows_before);
	reader->first = (int64_t)cbt_get(at + 16, 8);
	reader->last = (int64_t)cbt_get(at + 24, 8);
	long got = stream_read(reader->stream, &more, 1, err);
	if (got > 0)
		return err_add(err, ERR_TRACE, &place, "packed trace: something follows its end");
	return got == 0;
}

/* Goes on to the next slice. As cbt_slice. */
static int next_slice(struct cbt_reader *reader, struct err *err)
{
	uint32_t kind;
	if (reader->ended)
		return 0;
	reader->at += reader->count;
	reader->given = reader->count = 0;
	if (reader->at == reader->rows) {
		reader->rows_before += reader->rows;
		reader->rows = 0;
		reader->block++;
		reader->ended = true; /* unless all goes well */
		if (!read_part(reader, &kind, err))
			return -1;
		if (kind == CBT_TAIL)
			return read_tail(reader, err) ? 0 : -1;
		if (kind != CBT_ROWS)
			return broken(reader, "a second header", err) ? 0 : -1;
		if (!begin_block(reader, err))
			return -1;
		reader->ended = false;
	}
	int left = reader->rows - reader->at;
	reader->count = left < CBT_SLICE ? left : CBT_SLICE;
	return reader->count;
}

int cbt_slice(struct cbt_reader *reader, struct err *err)
{
	return reader->given < reader->count ? reader->count - reader->given : next_slice(reader, err);
}

bool cbt_fresh(const struct cbt_reader *reader)
{
	return reader->given == 0;
}

void cbt_take(struct cbt_reader *reader)
{
	reader->given = reader->count;
}

/* ---- columns ---- */

static bool unpack_texts(struct cbt_reader *reader, struct column *column, const unsigned char *at, struct err *err)
{
	const unsigned char *end = column->byte + column->length;
	if (column->texts > column->text_room) {
		column->text_room = column->texts;
		column->text = memory_sized(column->text, (size_t)column->texts, sizeof *column->text);
	}
	for (int i = 0; i < column->texts; i++) {
		const unsigned char *stop = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
		if (!stop)
			return broken_column(reader, column, "a text is missing", err);
		size_t length = (size_t)(stop - at);
		bool missing = length == 0 || (length == 2 && memcmp(at, "\\N", 2) == 0);
		column->text[i] = (struct csv_field){
			.text = (const char *)at, .length = length, .number = -1, .missing = missing};
		at = stop + 1;
	}
	return at == end || broken_column(reader, column, "bytes after its last text", err);
}

/* Where the exceptions are, in order. */
static bool check_rows(struct cbt_reader *reader, const struct column *column, struct err *err)
{
	int64_t before = -1;
	for (int i = 0; i < column->texts; i++) {
		int64_t row = cbt_get4(column->rows + 4 * (size_t)i);
		if (row <= before || row >= reader->rows)
			return broken_column(reader, column, "a text belongs to an impossible row", err);
		before = row;
	}
	return true;
}

static bool unpack(struct cbt_reader *reader, struct column *column, struct err *err)
{
	const unsigned char *stored = reader->part + column->stored;
	size_t rows = (size_t)reader->rows, at = 4;
	if (ZSTD_getFrameContentSize(stored, column->stored_length) != column->length)
		return broken_column(reader, column, "is not packed as it should be", err);
	if (column->length + AHEAD > column->room) {
		column->room = column->length + AHEAD;
		column->byte = memory_sized(column->byte, column->room, 1);
	}
	size_t got = ZSTD_decompressDCtx(reader->unpacker, column->byte, column->length, stored, column->stored_length);
	if (ZSTD_isError(got) || got != column->length)
		return broken_column(reader, column, "cannot be decompressed", err);
	const unsigned char *byte = column->byte;
	if (column->length < at + CBT_INTEGERS)
		return broken_column(reader, column, "is too short", err);
	uint32_t texts = cbt_get4(byte);
	column->steps = byte[at] == CBT_STEPS;
	column->width = byte[at + 1];
	column->base = cbt_get(byte + at + 8, 8);
	column->last = cbt_get(byte + at + 16, 8);
	if (byte[at] > CBT_STEPS || column->width > 8 || cbt_get(byte + at + 2, 6) != 0 || texts > rows)
		return broken_column(reader, column, "is stored in an unknown way", err);
	at += CBT_INTEGERS;
	size_t needed = rows * (size_t)column->width + (column->written ? rows : 0) +
			(column->kind == CBT_TEXT ? 0 : 4 * (size_t)texts);
	if (column->length - at < needed)
		return broken_column(reader, column, "is too short", err);
	column->plane = byte + at;
	at += rows * (size_t)column->width;
	column->places_of = column->written ? byte + at : NULL;
	at += column->written ? rows : 0;
	column->rows = byte + at;
	column->texts = (int)texts;
	column->done = 0;
	column->row_first = column->row_count = 0;
	if (column->kind != CBT_TEXT) {
		if (!check_rows(reader, column, err))
			return false;
		at += 4 * (size_t)texts;
	}
	if (!column->value) {
		column->value = memory_sized(NULL, CBT_SLICE, sizeof *column->value);
		column->row = memory_sized(NULL, CBT_SLICE, sizeof *column->row);
	}
	column->unpacked = unpack_texts(reader, column, byte + at, err);
	return column->unpacked;
}

/* `count` integers from `done` on, without what is added to them. */
static void read_planes(const struct column *column, size_t rows, int count, uint64_t *into)
{
	const unsigned char *at = column->plane + column->done;
	switch (column->width) {
	case 0:
		for (int i = 0; i < count; i++)
			into[i] = 0;
		break;
	case 1:
		for (int i = 0; i < count; i++)
			into[i] = at[i];
		break;
	case 2: {
		const unsigned char *second = at + rows;
		for (int i = 0; i < count; i++)
			into[i] = at[i] | (uint64_t)second[i] << 8;
		break;
	}
	default: {
		const unsigned char *second = at + rows, *third = second + rows;
		for (int i = 0; i < count; i++)
			into[i] = at[i] | (uint64_t)second[i] << 8 | (uint64_t)third[i] << 16;
		for (int p = 3; p < column->width; p++)
			for (int i = 0; i < count; i++)
				into[i] |= (uint64_t)at[(size_t)p * rows + (size_t)i] << 8 * p;
	}
	}
}

static void read_integers(struct column *column, size_t rows, int count)
{
	uint64_t *value = (uint64_t *)column->value; /* sums wrap around */
	read_planes(column, rows, count, value);
	if (column->steps) {
		uint64_t last = column->last;
		for (int i = 0; i < count; i++)
			value[i] = last += value[i] + column->base;
		column->last = last;
	} else {
		for (int i = 0; i < count; i++)
			value[i] += column->base;
	}
	column->done += count;
}

/* Whether values between column->least and column->greatest are what the kind of the column allows. */
static bool are_allowed(const struct column *column)
{
	switch (column->kind) {
	case CBT_NUMBER:
		return column->least > INT64_MIN;
	case CBT_DATE:
		return column->least >= 0 && column->greatest < cbt_dates_end(column->dates);
	default:
		return column->least >= 0 && column->greatest < column->texts;
	}
}

/* Bounds of the values of the slice without looking at each of them: by how they are laid down. */
static bool bounds(struct cbt_reader *reader, struct column *column)
{
	const int64_t far = INT64_C(1) << 60;
	int64_t base = (int64_t)column->base, first = column->value[0];
	if (column->steps) { /* that never go down, and cannot wrap around */
		column->least = first;
		column->greatest = column->value[reader->count - 1];
		return column->width <= 4 && base >= 0 && base < far / CBT_SLICE / 2 && first > -far && first < far;
	}
	column->least = base;
	column->greatest = base < far ? base + ((INT64_C(1) << 8 * (column->width & 3)) - 1) : INT64_MAX;
	return column->width <= 2 && base > -far && base < far;
}

/* Whether values are what the kind of the column allows. */
static bool check_values(struct cbt_reader *reader, struct column *column, struct err *err)
{
	if (bounds(reader, column) && are_allowed(column))
		return true;
	int64_t least = INT64_MAX, greatest = INT64_MIN;
	for (int i = 0; i < reader->count; i++) {
		least = column->value[i] < least ? column->value[i] : least;
		greatest = column->value[i] > greatest ? column->value[i] : greatest;
	}
	column->least = least;
	column->greatest = greatest;
	return are_allowed(column) || broken_column(reader, column, "an impossible value", err);
}

/* The exceptions that are in the slice. */
static void find_rows(const struct cbt_reader *reader, struct column *column)
{
	int end = reader->at + reader->count;
	column->row_first += column->row_count;
	column->row_count = 0;
	while (column->row_first < column->texts &&
	       (int)cbt_get4(column->rows + 4 * (size_t)column->row_first) < reader->at)
		column->row_first++;
	for (int i = column->row_first; i < column->texts; i++) {
		int row = (int)cbt_get4(column->rows + 4 * (size_t)i);
		if (row >= end)
			break;
		column->row[column->row_count++] = row - reader->at;
	}
}

/* Makes the integers of the slice. */
static bool load(struct cbt_reader *reader, struct column *column, struct err *err)
{
	if (column->slice == reader->at)
		return true;
	if (reader->failed)
		return broken(reader, "could not be read", err);
	reader->failed = true; /* unless all goes well */
	if (!column->unpacked && !unpack(reader, column, err))
		return false;
	CHECK(column->done <= reader->at);
	while (column->done < reader->at) { /* nobody has asked for these */
		int left = reader->at - column->done;
		read_integers(column, (size_t)reader->rows, left < CBT_SLICE ? left : CBT_SLICE);
	}
	read_integers(column, (size_t)reader->rows, reader->count);
	if (!check_values(reader, column, err))
		return false;
	if (column->kind != CBT_TEXT)
		find_rows(reader, column);
	column->slice = reader->at;
	reader->failed = false;
	return true;
}

bool cbt_view(struct cbt_reader *reader, int index, struct cbt_view *view, struct err *err)
{
	struct column *column = &reader->column[index];
	if (!load(reader, column, err))
		return false;
	bool texts = column->kind == CBT_TEXT;
	*view = (struct cbt_view){
		.block = reader->block,
		.count = reader->count,
		.kind = column->kind,
		.value = column->value,
		.least = column->least,
		.greatest = column->greatest,
		.places = column->kind == CBT_NUMBER ? column->places : 0,
		.resolution = column->kind == CBT_DATE ? cbt_dates_resolution(column->dates) : 0,
		.text = texts || column->texts == 0 ? column->text : column->text + column->row_first,
		.texts = texts ? column->texts : column->row_count,
		.row = column->row,
	};
	return true;
}

/* ---- texts ---- */

/* The exception of a row, or NULL. */
static const struct csv_field *exception(const struct column *column, int row)
{
	int low = 0, high = column->row_count;
	while (low < high) {
		int middle = low + (high - low) / 2;
		if (column->row[middle] < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low < column->row_count && column->row[low] == row ? &column->text[column->row_first + low] : NULL;
}

static bool print_number(struct cbt_reader *reader, const struct column *column, int row, struct csv_field *field,
			 char *buffer, struct err *err)
{
	int64_t value = column->value[row];
	int places = column->places;
	if (column->places_of) {
		int written = column->places_of[reader->at + row];
		for (; places > written && value % 10 == 0; places--)
			value /= 10;
		if (places != written)
			return broken_column(reader, column, "a number with more digits than it was written with", err);
	}
	field->length = cbt_number_print(value, places, buffer);
	return true;
}

bool cbt_field(struct cbt_reader *reader, int index, int row, struct csv_field *field, char *buffer, struct err *err)
{
	struct column *column = &reader->column[index];
	if (!load(reader, column, err))
		return false;
	const struct csv_field *text = column->kind == CBT_TEXT ? &column->text[column->value[row]]
								 : exception(column, row);
	if (text) {
		*field = *text;
		return true;
	}
	*field = (struct csv_field){.text = buffer, .number = -1};
	if (column->kind == CBT_NUMBER)
		return print_number(reader, column, row, field, buffer, err);
	field->length = cbt_date_print(column->value[row], column->dates, buffer);
	return true;
}

enum csv_status cbt_next(struct cbt_reader *reader, const struct csv_field **fields, struct err *err)
{
	int count = cbt_slice(reader, err);
	if (count <= 0)
		return count == 0 ? CSV_END : CSV_BROKEN;
	reader->row = reader->given++;
	for (int i = 0; i < reader->columns; i++)
		if (!cbt_field(reader, i, reader->row, &reader->field[i], reader->column[i].print, err)) {
			reader->ended = true;
			reader->at = reader->rows = reader->count = reader->given = 0;
			return CSV_BROKEN;
		}
	*fields = reader->field;
	return CSV_ROW;
}

int cbt_slice_line(const struct cbt_reader *reader, int row)
{
	int64_t line = reader->rows_before + reader->at + row + 2;
	return line < INT_MAX ? (int)line : INT_MAX;
}

int cbt_line(const struct cbt_reader *reader)
{
	return cbt_slice_line(reader, reader->row);
}

struct place cbt_place(const struct cbt_reader *reader)
{
	return (struct place){stream_name(reader->stream), cbt_line(reader), 0};
}
