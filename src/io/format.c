/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/format.h"
#include "io/cbt.h"
#include "io/decimal.h"
#include "io/instant.h"
#include "io/lines.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { START = 1 << 16, LINES = 20, CELLS = 200, CELL = 200 };

/* ---- what was said ---- */

bool format_read(struct format *format, const char *text, const char **why)
{
	static const struct {
		const char *word;
		enum format_kind kind;
	} words[] = {{"csv", FORMAT_CSV},       {"json", FORMAT_JSON},  {"jsonl", FORMAT_JSON},
		     {"blanks", FORMAT_BLANKS}, {"common", FORMAT_LOG}, {"combined", FORMAT_LOG}};
	*why = "is not csv, json, blanks, common, combined, or the format line of a web server's log";
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].word, text) == 0)
			format->kind = words[i].kind;
	if (format->kind == FORMAT_GUESS && strpbrk(text, "$%"))
		format->kind = FORMAT_LOG;
	format->pattern = format->kind == FORMAT_LOG ? text : NULL;
	return format->kind != FORMAT_GUESS;
}

bool format_delimiter(struct format *format, const char *text, const char **why)
{
	bool tab = strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0;
	*why = "is not one character that may stand between fields, or tab";
	format->delimiter = tab ? '\t' : text[0];
	return tab || (text[0] && !text[1] && !strchr("\"\r\n \\", text[0]) && (text[0] & 0x80) == 0);
}

const char *format_text(const struct format *format, char buffer[FORMAT_TEXT])
{
	char delimiter[32] = "", comment[32] = "";
	const char *header = format->names ? "" : format->header == FORMAT_HEADER_NONE ? ", header: none" : "";
	if (format->kind == FORMAT_JSON)
		return strcpy(buffer, "format: json");
	if (format->kind == FORMAT_LOG) {
		snprintf(buffer, FORMAT_TEXT, "format: '%.1000s'", format->pattern);
		return buffer;
	}
	if (format->comment)
		snprintf(comment, sizeof comment, ", comment: '%c'", format->comment);
	if (format->kind == FORMAT_BLANKS) {
		snprintf(buffer, FORMAT_TEXT, "format: blanks%s", comment);
		return buffer;
	}
	if (format->delimiter == '\t')
		strcpy(delimiter, ", delimiter: tab");
	else if (format->delimiter && format->delimiter != ',')
		snprintf(delimiter, sizeof delimiter, ", delimiter: '%c'", format->delimiter);
	snprintf(buffer, FORMAT_TEXT, "%s%s%s", delimiter, header, comment);
	if (*buffer)
		memmove(buffer, buffer + 2, strlen(buffer + 2) + 1);
	return buffer;
}

/* ---- files that are something else ---- */

/* A file that begins with `sign`, after blanks where `blanks`, and has `also` in its beginning. */
static const struct {
	const char *sign, *also, *is;
	bool blanks;
} others[] = {
	{"PAR1", NULL, "a Parquet file; duckdb -csv -c \"SELECT * FROM 'FILE'\" > x.csv makes a CSV of it", false},
	{"ARROW1", NULL, "an Arrow (Feather) file; pandas.read_feather('FILE').to_csv('x.csv') makes a CSV of it",
	 false},
	{"ORC", NULL, "an ORC file; pandas.read_orc('FILE').to_csv('x.csv') makes a CSV of it", false},
	{"Obj\x01", NULL, "an Avro file; avro cat --format csv FILE > x.csv makes a CSV of it", false},
	{"SQLite format 3", NULL,
	 "an SQLite database; sqlite3 -csv -header FILE 'SELECT ... FROM ...' > x.csv makes a CSV of it", false},
	{"PK\x03\x04", NULL, "a zip archive (or a spreadsheet); unzip it, or save the sheet as CSV", false},
	{"\xd4\xc3\xb2\xa1", NULL,
	 "a capture of packets; tshark -r FILE -T fields -E header=y -e frame.time_epoch > x.tsv "
	 "makes a table of it",
	 false},
	{"#[", "istogram",
	 "a log of HdrHistogram: histograms of intervals, not requests; a histogram's percentiles (.hgrm) can "
	 "be a distribution, hist(FILE.hgrm)",
	 false},
	{"\"StartTimestamp\"", "Interval_Compressed_Histogram",
	 "a log of HdrHistogram: histograms of intervals, not "
	 "requests; a histogram's percentiles (.hgrm) can be a distribution, hist(FILE.hgrm)",
	 false},
	{"Value", "TotalCount",
	 "a table of percentiles (.hgrm), not of requests; it can be a distribution, hist(FILE.hgrm)", true},
	{"Running ", "test @",
	 "a report of wrk or wrk2: percentiles, not requests; those of wrk2 --latency can be a "
	 "distribution, hist(FILE.hgrm)",
	 false},
	{"<?xml", "testResults",
	 "results of JMeter as XML; jmeter -Jjmeter.save.saveservice.output_format=csv writes a CSV", true},
	{"<testResults", NULL,
	 "results of JMeter as XML; jmeter -Jjmeter.save.saveservice.output_format=csv writes a CSV", true},
	{"<", NULL, "XML or HTML, which is not read; a table of requests as CSV is", true},
	{"[", "{", "one JSON list, and not an object a line; jq -c '.[]' FILE > x.jsonl makes JSON lines of it", true},
};

static bool is_other(const char *start, size_t length, const struct place *place, struct err *err)
{
	const char *first = start + strspn(start, " \t\r\n");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		size_t sign = strlen(others[i].sign);
		const char *from = others[i].blanks ? first : start;
		if (strncmp(from, others[i].sign, sign) == 0 &&
		    (!others[i].also || memmem(start, length, others[i].also, strlen(others[i].also)))) {
			err_add(err, ERR_TRACE, place, "is %s", others[i].is);
			return true;
		}
	}
	if (memchr(start, '\0', length) && memmem(start, length, "BytesOut", 8)) {
		err_add(err, ERR_TRACE, place,
			"is results of vegeta as it encodes them; vegeta encode --to csv FILE > x.csv makes a CSV of "
			"it");
		return true;
	}
	return false;
}

/* ---- guesses ---- */

struct start {
	char bytes[START + 1];
	size_t length;
	char *line[LINES]; /* the first lines that are whole and not empty, without comments */
	int lines;
	bool commented; /* there were lines that begin with the ; of comments */
};

static bool read_start(struct start *start, struct stream *stream, struct err *err)
{
	long got = 1;
	for (start->length = 0; got > 0 && start->length<START; start->length += got> 0 ? (size_t)got : 0)
		got = stream_read(stream, start->bytes + start->length, START - start->length, err);
	start->bytes[start->length] = '\0';
	return got >= 0;
}

/* Cuts the lines; the last one counts when the file ends there. */
static void cut_lines(struct start *start)
{
	char *at = start->bytes, *end = start->bytes + start->length;
	if (start->length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	while (at < end && start->lines < LINES) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline && start->length == START)
			break;
		char *next = newline ? newline + 1 : end;
		if (newline)
			*newline = '\0';
		if (newline && newline > at && newline[-1] == '\r')
			newline[-1] = '\0';
		if (*at == ';')
			start->commented = true;
		else if (at[strspn(at, " \t")])
			start->line[start->lines++] = at;
		at = next;
	}
}

/* Cuts a line into cells, naively: quotes hide delimiters. Returns how many. `cell` are cut where they are too long. */
static int cut_cells(const char *line, char delimiter, char cell[CELLS][CELL])
{
	int count = 0;
	size_t length = 0;
	bool quoted = false;
	for (const char *at = line;; at++) {
		bool ends = *at == '\0' || (*at == delimiter && !quoted);
		if (count < CELLS && (ends || (*at != '"' && length < CELL - 1)) && !(length == 0 && *at == ' '))
			cell[count][length++] = ends ? '\0' : *at;
		quoted ^= *at == '"';
		if (!ends)
			continue;
		count += count < CELLS;
		length = 0;
		if (*at == '\0')
			return count;
	}
}

static bool is_value(const char *text)
{
	struct decimal decimal;
	const char *why;
	int64_t ns;
	return decimal_parse(text, &decimal, &why) || instant_parse_date(text, &ns);
}

static int count_of(const char *line, char delimiter)
{
	int count = 0;
	bool quoted = false;
	for (; *line; line++) {
		quoted ^= *line == '"';
		count += *line == delimiter && !quoted;
	}
	return count;
}

/* The first delimiter that is in the first line, and as often in the others that there are. */
static char guess_delimiter(const struct start *start)
{
	static const char often[] = {',', ';', '\t', '|'};
	for (int same = 1; same >= 0; same--)
		for (size_t i = 0; i < sizeof often; i++) {
			int count = start->lines ? count_of(start->line[0], often[i]) : 0;
			bool all = count > 0;
			for (int k = 1; k < start->lines && same; k++)
				all = all && count_of(start->line[k], often[i]) == count;
			if (all)
				return often[i];
		}
	return ',';
}

static bool has_header(const struct start *start, char delimiter)
{
	static _Thread_local char first[CELLS][CELL], second[CELLS][CELL];
	int cells = start->lines ? cut_cells(start->line[0], delimiter, first) : 0;
	int seconds = start->lines > 1 ? cut_cells(start->line[1], delimiter, second) : 0;
	bool both = false, all = cells > 0, counts = true;
	int64_t last = -1;
	for (int i = 0; i < cells; i++) {
		bool value = is_value(first[i]), below = i < seconds && is_value(second[i]);
		if (!value && below && *first[i])
			return true;
		both = both || (value && below);
		all = all && (value || !*first[i]);
		if (value) { /* columns that are called 1, 2, 3 */
			int64_t number = strtoll(first[i], NULL, 10);
			counts = counts && (last < 0 ? number <= 1 : number == last + 1);
			last = number;
		}
	}
	return !(start->lines > 1 ? both : all) || (counts && cells > 2 && last > 2);
}

/* Fields with blanks between them, of which the first is a number, as many in each line. */
static bool are_blanks(const struct start *start)
{
	int fields = 0;
	for (int i = 0; i < start->lines; i++) {
		int count = 0;
		char copy[CELL];
		for (const char *at = start->line[i]; *(at += strspn(at, " \t")); count++) {
			size_t length = strcspn(at, " \t\r");
			if (length >= CELL)
				return false;
			memcpy(copy, at, length);
			copy[length] = '\0';
			struct decimal decimal;
			const char *why;
			if (length && count == 0 && !decimal_parse(copy, &decimal, &why))
				return false;
			at += length + (at[length] == '\r');
		}
		if (count < 2 || (fields && count != fields))
			return false;
		fields = count;
	}
	return fields > 0;
}

static const char *guess_log(const struct start *start)
{
	static const char *const known[] = {
		"combined", "common",
		"$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
		"\"$http_user_agent\" $request_time",
		"%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"", NULL};
	for (int i = 0; known[i] && start->lines; i++)
		if (lines_fits(known[i], start->line[0]))
			return known[i];
	return NULL;
}

/* Whether the first line is an object; one that goes on in the next is told. */
static bool is_json(struct start *start, const struct place *place, struct err *err)
{
	const char *line = start->lines ? start->line[0] : "";
	line += strspn(line, " \t");
	if (*line != '{')
		return false;
	json_t *object = json_loads(line, 0, NULL);
	bool whole = object != NULL;
	json_decref(object);
	if (!whole && start->lines > 1 && strchr("{\"", line[strspn(line, " \t{")]))
		err_add(err, ERR_TRACE, place,
			"is JSON, but not an object a line; jq -c . FILE > x.jsonl makes JSON lines of one that holds "
			"rows");
	return true;
}

static bool guess(struct format *format, struct start *start, const struct place *place, struct err *err)
{
	int before = err->count;
	bool said = format->kind != FORMAT_GUESS;
	if (!said && is_other(start->bytes, start->length, place, err))
		return false;
	cut_lines(start);
	if (!said && !format->delimiter && format->header == FORMAT_HEADER_GUESS) {
		if (is_json(start, place, err))
			format->kind = FORMAT_JSON;
		else if ((format->pattern = guess_log(start)))
			format->kind = FORMAT_LOG;
		else if (are_blanks(start))
			format->kind = FORMAT_BLANKS;
	}
	if (format->kind == FORMAT_GUESS)
		format->kind = FORMAT_CSV;
	if (format->kind == FORMAT_BLANKS && start->commented && !format->comment)
		format->comment = ';';
	if (format->kind == FORMAT_CSV && !format->delimiter)
		format->delimiter = guess_delimiter(start);
	if (format->kind == FORMAT_CSV && format->header == FORMAT_HEADER_GUESS)
		format->header = has_header(start, format->delimiter) ? FORMAT_HEADER_FIRST : FORMAT_HEADER_NONE;
	return err->count == before;
}

bool format_settle(struct format *format, struct stream_file *file, struct err *err)
{
	struct place place = {stream_file_name(file), 0, 0};
	struct stream *stream = stream_open(file, err);
	struct start *start = stream ? calloc(1, sizeof *start) : NULL;
	bool good = false;
	if (stream && cbt_is(stream)) {
		format->kind = FORMAT_PACKED;
		good = true;
	} else if (start && read_start(start, stream, err)) {
		good = guess(format, start, &place, err);
	}
	free(start);
	if (stream)
		stream_close(stream);
	return good;
}
