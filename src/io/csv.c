/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libcsv does not say where in its input a field was. It is therefore given one physical line at a time, and the bytes
 * of the record in progress are kept: the column of a field is found by counting through them, only when there is a
 * complaint.
 *
 * Most files have no quotes, and of those a record is a line. Such a line, when all of it is in the chunk and it has as
 * many fields as the header, is cut at its commas where it stands (read_plain). Whatever is not as simple as that, a
 * quote, a NUL, a lone carriage return, a blank line, too few fields, the last bytes of a chunk, is left to libcsv from
 * the start of the record, so that there is one place that knows what is allowed and what to say.
 *
 * How long fields and numbers are differs from line to line, and a processor that guesses it wrong loses more time than
 * it takes to look at eight bytes. So a plain line is looked at eight bytes at a time, in a word of 64 bits, in which
 * the end of a field is found, and eight digits become a number, without a branch that depends on the length.
 */
#include "io/csv.h"
#include "base/check.h"
#include "io/memory.h"

#include <csv.h>
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 16, WORD = 8 };

struct buffer {
	char *bytes;
	size_t length, room;
};

struct csv_reader {
	struct stream *stream;
	struct csv_form form;
	struct csv_parser parser;
	char *chunk, *next, *chunk_end; /* next: what has not been read of the chunk */
	bool ended;           /* the stream */
	const char *plain;    /* the line of the record just read if it was cut in the chunk, NUL for comma; or NULL */
	bool quoted_only;     /* everything goes through libcsv */
	int64_t line;         /* the one read last; lines count from 1 */
	int64_t record_line;  /* the first one of the record */
	struct buffer record; /* its bytes */
	size_t line_start;    /* of the line read last, in `record` */
	struct buffer text;   /* of its fields, each with a NUL */
	struct csv_field *field;
	size_t *offset; /* of a field in `text` */
	unsigned char *want; /* enum csv_want, a column each */
	int fields;     /* of the record in progress; may exceed what is kept */
	int kept;       /* how many fields there is room for */
	int ends;       /* of records that libcsv has seen in these bytes */
	char **names;
	int columns;
	bool first_waits; /* the first record has been read, and was no header */
};

static void append(struct buffer *buffer, const char *bytes, size_t length)
{
	if (length > buffer->room - buffer->length) {
		buffer->room = (buffer->length + length) * 2 + 256;
		buffer->bytes = memory_sized(buffer->bytes, buffer->room, 1);
	}
	if (length)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
}

/* ---- what libcsv calls ---- */

static void field_ends(void *bytes, size_t length, void *data)
{
	struct csv_reader *reader = data;
	if (reader->fields < reader->kept) {
		struct csv_field *field = &reader->field[reader->fields];
		reader->offset[reader->fields] = reader->text.length;
		field->length = bytes ? length : 0;
		append(&reader->text, bytes, field->length);
		append(&reader->text, "", 1);
	}
	reader->fields++;
}

static void record_ends(int end, void *data)
{
	struct csv_reader *reader = data;
	(void)end;
	reader->ends++;
}

/* ---- places ---- */

/* As in messages, which count no further. */
int csv_line(const struct csv_reader *reader)
{
	return reader->record_line < INT_MAX ? (int)reader->record_line : INT_MAX;
}

/* The bytes of a record before field `index`: quotes hide commas. */
static size_t field_start(const struct csv_reader *reader, int index)
{
	bool quoted = false;
	size_t at = 0;
	for (; index > 0 && at < reader->record.length; at++) {
		char c = reader->record.bytes[at];
		if (c == '"')
			quoted = !quoted;
		else if (c == reader->form.delimiter && !quoted)
			index--;
	}
	return at;
}

/* The place of a byte of the record. */
static struct place place_of(const struct csv_reader *reader, size_t at)
{
	struct place place = {stream_name(reader->stream), csv_line(reader), 1};
	for (size_t i = 0; i < at && i < reader->record.length; i++) {
		place.column++;
		if (reader->record.bytes[i] == '\n') {
			place.line += place.line < INT_MAX;
			place.column = 1;
		}
	}
	return place;
}

struct place csv_place(const struct csv_reader *reader, int field)
{
	if (reader->plain) {
		const char *at = reader->plain;
		for (; field > 0; field--)
			at += strlen(at) + 1;
		return (struct place){stream_name(reader->stream), csv_line(reader), (int)(at - reader->plain) + 1};
	}
	return place_of(reader, field < 0 ? 0 : field_start(reader, field));
}


/* ---- lines ---- */

/* As libcsv asks for it. */
static void *reallocate(void *memory, size_t bytes)
{
	return memory_sized(memory, bytes, 1);
}

static void start_parser(struct csv_reader *reader)
{
	if (csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) != 0)
		check_out_of_memory(sizeof reader->parser);
	csv_set_realloc_func(&reader->parser, reallocate);
	csv_set_delim(&reader->parser, (unsigned char)reader->form.delimiter);
}

static void restart_parser(struct csv_reader *reader)
{
	csv_free(&reader->parser);
	start_parser(reader);
}

static void record_begin(struct csv_reader *reader)
{
	reader->record.length = reader->text.length = 0;
	reader->fields = 0;
	reader->ends = 0;
	reader->plain = NULL;
	reader->record_line = reader->line + 1;
}

/* More bytes in the chunk; 1, 0 at the end, -1 broken. */
static int refill(struct csv_reader *reader, struct err *err)
{
	if (reader->ended)
		return 0;
	long got = stream_read(reader->stream, reader->chunk, CHUNK, err);
	reader->next = reader->chunk;
	reader->chunk_end = reader->chunk + (got > 0 ? got : 0);
	memset(reader->chunk_end, '\0', WORD); /* stops read_plain */
	reader->ended = got <= 0;
	return got > 0 ? 1 : (int)got;
}

enum line_status { LINE, LINE_END, LINE_LONG, LINE_BROKEN };

/* Appends the next physical line, with its line end, to the record. A line that is too long is read to its end, and
 * dropped. */
static enum line_status read_line(struct csv_reader *reader, struct err *err)
{
	bool any = false, too_long = false;
	reader->line_start = reader->record.length;
	for (;;) {
		if (reader->next == reader->chunk_end) {
			int more = refill(reader, err);
			if (more < 0)
				return LINE_BROKEN;
			if (more == 0) {
				reader->line += any;
				return too_long ? LINE_LONG : any ? LINE : LINE_END;
			}
		}
		char *start = reader->next;
		size_t left = (size_t)(reader->chunk_end - start);
		char *end = memchr(start, '\n', left);
		size_t length = end ? (size_t)(end - start) + 1 : left;
		reader->next += length;
		any = true;
		too_long = too_long || reader->record.length + length > CSV_RECORD;
		if (!too_long)
			append(&reader->record, start, length);
		if (end) {
			reader->line++;
			return too_long ? LINE_LONG : LINE;
		}
	}
}

static enum csv_status bad(struct csv_reader *reader)
{
	restart_parser(reader);
	return CSV_BAD;
}

/* What is wrong where libcsv stopped. */
static enum csv_status bad_quotes(struct csv_reader *reader, size_t at, struct err *err)
{
	struct place place = place_of(reader, at);
	if (!reader->parser.quoted)
		err_add(err, ERR_TRACE, &place,
			"a quote inside an unquoted field; write the field as \"...\" with its quotes doubled");
	else
		err_add(err, ERR_TRACE, &place,
			"characters after the closing quote of a field; quotes inside are doubled");
	return bad(reader);
}

static enum csv_status bad_return(struct csv_reader *reader, struct err *err)
{
	const char *bytes = reader->record.bytes;
	bool quoted = false;
	size_t at = 0;
	for (; at + 1 < reader->record.length; at++) {
		quoted ^= bytes[at] == '"';
		if (bytes[at] == '\r' && !quoted && bytes[at + 1] != '\n' && bytes[at + 1] != '\r')
			break;
	}
	struct place place = place_of(reader, at);
	err_add(err, ERR_TRACE, &place, "a carriage return without a line feed; lines end with LF or CR LF");
	return bad(reader);
}

static enum csv_status not_closed(struct csv_reader *reader, struct err *err)
{
	struct place place = csv_place(reader, reader->fields);
	err_add(err, ERR_TRACE, &place, "a quoted field that begins here is not closed");
	reader->ended = true;
	reader->next = reader->chunk_end;
	return CSV_BROKEN;
}

/* Gives libcsv the line read last. CSV_ROW: goes on. */
static enum csv_status parse_line(struct csv_reader *reader, struct err *err)
{
	const char *line = reader->record.bytes + reader->line_start;
	size_t length = reader->record.length - reader->line_start;
	const char *nul = memchr(line, '\0', length);
	if (nul) {
		struct place place = place_of(reader, (size_t)(nul - reader->record.bytes));
		err_add(err, ERR_TRACE, &place, "a NUL byte; is this a text file in UTF-8?");
		return bad(reader);
	}
	size_t parsed = csv_parse(&reader->parser, line, length, field_ends, record_ends, reader);
	if (parsed != length)
		return bad_quotes(reader, reader->line_start + (parsed < length ? parsed : length - 1), err);
	if (reader->ends > 1 ||
	    (reader->ends == 1 && reader->parser.pstate != 0)) /* libcsv takes any CR for a line end */
		return bad_return(reader, err);
	return CSV_ROW;
}

/* Reads one record: CSV_ROW when there is one. */
static enum csv_status read_record(struct csv_reader *reader, struct err *err)
{
	record_begin(reader);
	for (;;) {
		struct place place = {stream_name(reader->stream), csv_line(reader), 0};
		switch (read_line(reader, err)) {
		case LINE_BROKEN:
			return CSV_BROKEN;
		case LINE_LONG:
			if (reader->line_start > 0)
				return not_closed(reader, err);
			err_add(err, ERR_TRACE, &place, "a line longer than %d bytes", CSV_RECORD);
			return bad(reader);
		case LINE_END:
			if (reader->record.length == 0)
				return CSV_END;
			if (csv_fini(&reader->parser, field_ends, record_ends, reader) != 0)
				return not_closed(reader, err);
			if (reader->ends == 0)
				return CSV_END;
			return CSV_ROW;
		case LINE:
			break;
		}
		if (reader->line_start == 0 && reader->form.comment && *reader->record.bytes == reader->form.comment) {
			record_begin(reader);
			continue;
		}
		enum csv_status status = parse_line(reader, err);
		if (status != CSV_ROW || reader->ends > 0)
			return status;
		if (reader->fields == 0 && reader->parser.pstate == 0) /* nothing but blanks: libcsv passes it over */
			record_begin(reader);
	}
}

/* ---- lines without quotes ---- */

static const uint64_t each_byte = UINT64_C(0x0101010101010101);

/* Eight bytes, the first in the lowest place. */
static inline uint64_t word_at(const char *at)
{
	uint64_t word;
	memcpy(&word, at, WORD);
	return le64toh(word);
}

/*
 * The first byte below '-', or a delimiter that is not, from `at` on. Those that end a field are among them, and those
 * of numbers and names not.
 */
static inline char *first_low(char *at, char delimiter)
{
	for (;; at += WORD) {
		uint64_t word = word_at(at);
		/* a byte that is too low borrows, as does perhaps the one above it, but none below the first */
		uint64_t low = (word - each_byte * '-') & ~word & each_byte * 0x80;
		if (delimiter >= '-') {
			uint64_t other = word ^ each_byte * (unsigned char)delimiter;
			low |= (other - each_byte) & ~other & each_byte * 0x80;
		}
		if (low)
			return at + ((unsigned)__builtin_ctzll(low) >> 3);
	}
}

/* From a byte that is low: the first one that ends a field or is none of a plain line. */
static char *plain_end(char *at, char delimiter)
{
	static const bool ends[256] = {['\0'] = true, ['\n'] = true, ['\r'] = true, ['"'] = true};
	for (; !ends[(unsigned char)*at] && *at != delimiter; at = first_low(at + 1, delimiter))
		;
	return at;
}

/* The number of one to eight digits, or -1 when there is something else. */
static inline int64_t number_of_eight(const char *text, size_t length)
{
	uint64_t word = (word_at(text) ^ each_byte * '0') << (64 - 8 * length); /* leading zeros */
	if (((word + each_byte * 6) | word) & each_byte * 0xf0)
		return -1;
	word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff); /* the first of two digits is the lower byte */
	word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
	return (int64_t)((word * 10000 + (word >> 32)) & UINT64_C(0xffffffff));
}

/* The same of any number of digits; -1 also when it is 2^63 or more. */
static inline int64_t number_of(const char *text, size_t length)
{
	if (length == 0)
		return -1;
	size_t at = (length - 1) % 8 + 1;
	int64_t number = number_of_eight(text, at);
	for (; at < length && number >= 0; at += 8) {
		int64_t more = number_of_eight(text + at, 8);
		if (more < 0 || __builtin_mul_overflow(number, 100000000, &number) ||
		    __builtin_add_overflow(number, more, &number))
			return -1;
	}
	return number;
}

int64_t csv_number(const char *text, size_t length)
{
	return number_of(text, length);
}

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_empty(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at == end;
}

/* Gives the delimiters back to a line of which `count` fields have been cut; for libcsv to begin it anew. */
static bool undo(char *line, int count, char delimiter)
{
	for (; count > 0; line++)
		if (*line == '\0') {
			*line = delimiter;
			count--;
		}
	return false;
}

/* The end of the field that begins at *at, where it may have blanks; NULL when it has some at its end. */
static char *blanks_and_end(char **at, char *low, char delimiter)
{
	char *end = plain_end(low, delimiter);
	while (is_blank(**at) && **at != delimiter)
		++*at;
	return *at < end && is_blank(end[-1]) ? NULL : end;
}

/* A field of a plain line into its place, if it is wanted. What follows it is returned, or NULL: libcsv knows. */
static inline char *cut(struct csv_field *field, enum csv_want want, char *at, char delimiter)
{
	char *end = first_low(at, delimiter);
	if (*end != delimiter && *end != '\n' && !(end = blanks_and_end(&at, end, delimiter)))
		return NULL;
	if (want == CSV_NOTHING)
		return end;
	field->text = at;
	field->length = (size_t)(end - at);
	field->number = want == CSV_NUMBER ? number_of(at, field->length) : -1;
	field->missing = field->number < 0 && csv_is_missing(at, field->length);
	return end;
}

/*
 * A record from the line that the chunk goes on with. False: not a plain one, and nothing has been touched. Compiled
 * for each delimiter that is a constant.
 */
static inline __attribute__((always_inline)) bool read_plain(struct csv_reader *reader, const char delimiter)
{
	char *line = reader->next, *at = line, *end;
	struct csv_field *field = reader->field;
	const unsigned char *want = reader->want;
	const int last = reader->columns - 1;
	for (int i = 0;; i++, at = end + 1) {
		end = cut(&field[i], want[i], at, delimiter);
		if (!end)
			return undo(line, i, delimiter);
		if (i == last)
			break;
		if (*end != delimiter)
			return undo(line, i, delimiter);
		*end = '\0';
	}
	char *newline = end;
	if (*end != '\n' && (*end != '\r' || *++newline != '\n'))
		return undo(line, last, delimiter);
	if (last == 0 && is_empty(at, end))
		return undo(line, last, delimiter);
	*end = '\0';
	reader->plain = line;
	reader->record_line = ++reader->line;
	reader->next = newline + 1;
	return true;
}

static bool read_in_one_pass(struct csv_reader *reader)
{
	if (reader->form.comment && *reader->next == reader->form.comment)
		return false;
	return reader->form.delimiter == ',' ? read_plain(reader, ',') : read_plain(reader, reader->form.delimiter);
}

static void finish_fields(struct csv_reader *reader)
{
	int count = reader->fields < reader->kept ? reader->fields : reader->kept;
	for (int i = 0; i < count; i++) {
		struct csv_field *field = &reader->field[i];
		field->text = reader->text.bytes + reader->offset[i];
		field->number = -1;
		field->missing = csv_is_missing(field->text, field->length);
	}
}

enum csv_status csv_next(struct csv_reader *reader, const struct csv_field **fields, struct err *err)
{
	if (!reader->first_waits && reader->next < reader->chunk_end && !reader->quoted_only &&
	    read_in_one_pass(reader)) {
		*fields = reader->field;
		return CSV_ROW;
	}
	enum csv_status status = reader->first_waits ? CSV_ROW : read_record(reader, err);
	reader->first_waits = false;
	if (status != CSV_ROW)
		return status;
	if (reader->fields != reader->columns) {
		struct place place = csv_place(reader, reader->fields < reader->columns ? -1 : reader->columns);
		err_add(err, ERR_TRACE, &place, "%d field%s, but the %s has %d", reader->fields,
			reader->fields == 1 ? "" : "s", reader->form.no_header ? "first row" : "header",
			reader->columns);
		return CSV_BAD;
	}
	finish_fields(reader);
	*fields = reader->field;
	return CSV_ROW;
}

/* ---- the header ---- */

static void skip_mark(struct csv_reader *reader, struct err *err)
{
	if (refill(reader, err) > 0 && reader->chunk_end - reader->chunk >= 3 &&
	    memcmp(reader->chunk, "\xef\xbb\xbf", 3) == 0)
		reader->next += 3;
}

/* Copies the names of columns: those that are given, of the header, or numbers. */
static void keep_names(struct csv_reader *reader)
{
	const char *const *given = reader->form.names;
	reader->names = memory_sized(NULL, (size_t)reader->columns + 1, sizeof *reader->names);
	for (int i = 0; i < reader->columns; i++) {
		char number[16];
		bool in_header = !reader->form.no_header && !reader->field[i].missing;
		const char *name = number;
		snprintf(number, sizeof number, "%d", i + 1);
		if (given && *given)
			name = *given++;
		else if (in_header)
			name = reader->field[i].text;
		reader->names[i] = strcpy(memory_sized(NULL, strlen(name) + 1, 1), name);
	}
	reader->names[reader->columns] = NULL;
}

/* Reads the first record, which tells how many columns there are. */
static bool read_header(struct csv_reader *reader, struct err *err)
{
	struct place place = {stream_name(reader->stream), 0, 0};
	int before = err->count;
	skip_mark(reader, err);
	if (err->count > before)
		return false;
	enum csv_status status = read_record(reader, err);
	if (status == CSV_END)
		return err_add(err, ERR_TRACE, &place, "is empty; %srows were expected",
			       reader->form.no_header ? "" : "a header and ");
	if (status != CSV_ROW)
		return false;
	if (reader->fields > CSV_FIELDS) {
		place.line = csv_line(reader);
		return err_add(err, ERR_TRACE, &place, "%d columns; at most %d can be read", reader->fields,
			       CSV_FIELDS);
	}
	finish_fields(reader);
	reader->columns = reader->fields;
	reader->want = memory_sized(NULL, (size_t)reader->columns, 1);
	memset(reader->want, CSV_TEXT, (size_t)reader->columns);
	reader->first_waits = reader->form.no_header;
	keep_names(reader);
	return true;
}

struct csv_reader *csv_open_as(struct stream *stream, const struct csv_form *form, struct err *err)
{
	struct csv_reader *reader = memory_sized(NULL, 1, sizeof *reader);
	memset(reader, 0, sizeof *reader);
	reader->stream = stream;
	reader->form = *form;
	reader->form.delimiter = form->delimiter ? form->delimiter : ',';
	reader->chunk = reader->next = reader->chunk_end = memory_sized(NULL, CHUNK + WORD, 1);
	reader->kept = CSV_FIELDS;
	reader->field = memory_sized(NULL, CSV_FIELDS, sizeof *reader->field);
	reader->offset = memory_sized(NULL, CSV_FIELDS, sizeof *reader->offset);
	start_parser(reader);
	if (!read_header(reader, err)) {
		csv_close(reader);
		return NULL;
	}
	return reader;
}

struct csv_reader *csv_open(struct stream *stream, struct err *err)
{
	return csv_open_as(stream, &(struct csv_form){0}, err);
}

void csv_close(struct csv_reader *reader)
{
	if (!reader)
		return;
	for (int i = 0; reader->names && i < reader->columns; i++)
		free(reader->names[i]);
	free(reader->names);
	free(reader->want);
	free(reader->field);
	free(reader->offset);
	free(reader->record.bytes);
	free(reader->text.bytes);
	free(reader->chunk);
	csv_free(&reader->parser);
	stream_close(reader->stream);
	free(reader);
}

void csv_by_libcsv(struct csv_reader *reader)
{
	reader->quoted_only = true;
}

void csv_want(struct csv_reader *reader, int column, enum csv_want want)
{
	CHECK(column >= 0 && column < reader->columns);
	reader->want[column] = (unsigned char)want;
}

int csv_columns(const struct csv_reader *reader)
{
	return reader->columns;
}

const char *const *csv_names(const struct csv_reader *reader)
{
	return (const char *const *)reader->names;
}

int csv_column(const struct csv_reader *reader, const char *name)
{
	for (int i = 0; i < reader->columns && reader->names[i]; i++)
		if (strcmp(reader->names[i], name) == 0)
			return i;
	return -1;
}

/* ---- writing ---- */

void csv_put(FILE *file, const char *text)
{
	size_t length = strlen(text);
	bool blank_ends = length > 0 &&
			  (text[0] == ' ' || text[0] == '\t' || text[length - 1] == ' ' || text[length - 1] == '\t');
	if (blank_ends || strpbrk(text, ",\"\r\n"))
		csv_fwrite(file, text, length);
	else
		fwrite(text, 1, length, file);
}
