/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A format line becomes pieces: a text that must be there, and the column of what follows it. A field ends where the
 * text of the next piece begins; a quote behind a backslash ends none.
 */
#include "io/lines_inside.h"
#include "io/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES = 100, TEXT = 64, NAME = 80 };

struct piece {
	char before[TEXT];
	size_t length;
	char name[NAME]; /* "" of the last one: the line ends */
	int column;
};

struct pattern {
	struct piece piece[PIECES];
	int pieces;
	int request, method; /* columns; method: the first of the three parts; -1: none */
};

/* ---- format lines ---- */

/* What directives of Apache are called. */
static const struct {
	char letter;
	const char *name;
} apache_names[] = {
	{'h', "remote_addr"},
	{'a', "remote_addr"},
	{'l', "ident"},
	{'u', "remote_user"},
	{'t', "time_local"},
	{'r', "request"},
	{'s', "status"},
	{'b', "body_bytes_sent"},
	{'B', "body_bytes_sent"},
	{'O', "bytes_sent"},
	{'I', "request_length"},
	{'D', "duration_us"},
	{'T', "request_time"},
	{'m', "request_method"},
	{'U', "uri"},
	{'H', "server_protocol"},
	{'v', "server_name"},
	{'p', "server_port"},
	{'\0', NULL},
};

/* What `%{about}letter` is called. */
static void name_about(char name[NAME], const char *about, int length, char letter)
{
	const char *in = letter == 'i' ? "http_" : letter == 'o' ? "sent_http_" : letter == 'C' ? "cookie_" : "";
	if (letter == 't' || letter == 'T') { /* a time in a unit, which the name tells */
		const char *unit = strncmp(about, "usec", 4) == 0 || strncmp(about, "us", 2) == 0   ? "us"
				   : strncmp(about, "msec", 4) == 0 || strncmp(about, "ms", 2) == 0 ? "ms"
												    : "s";
		snprintf(name, NAME, "%s_%s", letter == 't' ? "t" : "duration", unit);
		return;
	}
	snprintf(name, NAME, "%s%.*s", in, length, about);
	for (char *at = name; *in && *at; at++)
		*at = *at == '-' ? '_' : (char)tolower((unsigned char)*at);
}

/* Reads a directive behind a %; what follows it, or NULL. */
static const char *apache_directive(const char *at, char name[NAME])
{
	const char *about = NULL;
	int length = 0;
	at += strspn(at, "<>!,0123456789");
	if (*at == '{') {
		about = at + 1;
		length = (int)strcspn(about, "}");
		at = about + length;
		if (*at++ != '}')
			return NULL;
	}
	if (*at == '^')
		at += strnlen(at, 2);
	if (!*at)
		return NULL;
	if (about) {
		name_about(name, about, length, *at);
		return at + 1;
	}
	snprintf(name, NAME, "%c", *at);
	for (int i = 0; apache_names[i].name; i++)
		if (apache_names[i].letter == *at)
			snprintf(name, NAME, "%s", apache_names[i].name);
	return at + 1;
}

/* Reads a variable behind a $; what follows it, or NULL. */
static const char *nginx_variable(const char *at, char name[NAME])
{
	bool braces = *at == '{';
	at += braces;
	size_t length = 0;
	while (isalnum((unsigned char)at[length]) || at[length] == '_')
		length++;
	if (length == 0 || length >= NAME || (braces && at[length] != '}'))
		return NULL;
	memcpy(name, at, length);
	name[length] = '\0';
	return at + length + braces;
}

static bool add_text(struct piece *piece, char c)
{
	if (piece->length == TEXT - 1)
		return false;
	piece->before[piece->length++] = c;
	return true;
}

/* NULL, or what is wrong. */
static const char *compile(struct pattern *pattern, const char *text)
{
	bool apache = !strchr(text, '$');
	struct piece *piece = pattern->piece;
	if (strcmp(text, "common") == 0)
		text = "%h %l %u %t \"%r\" %>s %b";
	else if (strcmp(text, "combined") == 0)
		text = "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"";
	*pattern = (struct pattern){.request = -1, .method = -1};
	for (const char *at = text; *at;) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == (apache ? '%' : '$') && at[1] != '%') {
			bool time = apache && at[1] == 't';
			if (time && !add_text(piece, '['))
				return "has a text that is too long";
			at = apache ? apache_directive(at + 1, piece->name) : nginx_variable(at + 1, piece->name);
			if (!at)
				return "has a directive that is none";
			if (pattern->pieces > 0 && piece->length == 0)
				return "has two fields with nothing between them";
			if (++pattern->pieces == PIECES)
				return "has too many fields";
			piece++;
			if (time)
				add_text(piece, ']');
			continue;
		} else if (apache && *at == '%') {
			at++;
		}
		if (!add_text(piece, *at++))
			return "has a text that is too long";
	}
	return pattern->pieces ? NULL : "names no field: $variables of nginx, or %directives of Apache";
}

/* ---- records ---- */

/* Where the text of a piece is, from `at` on: the end of the field before it. NULL: nowhere. */
static char *find_end(const struct piece *piece, char *at, char *end)
{
	if (piece->length == 0)
		return end;
	for (char *from = at;; from++) {
		from = memchr(from, piece->before[0], (size_t)(end - from));
		if (!from || (size_t)(end - from) < piece->length)
			return NULL;
		size_t backslashes = 0;
		while (*from == '"' && from - backslashes > at && from[-1 - (long)backslashes] == '\\')
			backslashes++;
		if (backslashes % 2 == 0 && memcmp(from, piece->before, piece->length) == 0)
			return from;
	}
}

static void set_field(struct lines_reader *reader, int column, char *at, size_t length)
{
	struct csv_field *field = &reader->field[column];
	at[length] = '\0';
	*field = (struct csv_field){.text = at, .length = length, .number = -1};
	if (reader->want[column] == CSV_NUMBER)
		field->number = csv_number(at, length);
	field->missing = csv_is_missing(at, length) || (length == 1 && *at == '-');
}

/* "GET /index.html HTTP/1.1" in its parts, which have no place of their own in the line: they are copied. */
static void split_request(struct lines_reader *reader, const struct pattern *pattern, char *copy)
{
	const struct csv_field *request = &reader->field[pattern->request];
	char *at = memcpy(copy, request->text, request->length + 1);
	for (int i = 0; i < 3; i++) {
		size_t length = strcspn(at, " ");
		bool more = at[length] == ' ';
		set_field(reader, pattern->method + i, at, request->missing ? 0 : length);
		at += length + more;
	}
}

struct log_lines {
	struct pattern pattern;
	char *copy;
	size_t room;
};

static void split_parts(struct lines_reader *reader, struct log_lines *own)
{
	const struct pattern *pattern = &own->pattern;
	const unsigned char *want = &reader->want[pattern->method];
	size_t needed = reader->field[pattern->request].length + 16;
	if (want[0] == CSV_NOTHING && want[1] == CSV_NOTHING && want[2] == CSV_NOTHING)
		return;
	if (needed > own->room) {
		own->room = 2 * needed;
		own->copy = memory_sized(own->copy, own->room, 1);
	}
	split_request(reader, pattern, own->copy);
}

/* The number of the piece that a line does not have, and where it should be in *at; or -1, it fits. */
static int match(const struct pattern *pattern, char **at, char *end, char *starts[PIECES])
{
	for (int i = 0; i <= pattern->pieces; i++) {
		const struct piece *piece = &pattern->piece[i];
		char *found = i == 0 ? *at : find_end(piece, *at, end);
		if (!found || (size_t)(end - found) < piece->length ||
		    memcmp(found, piece->before, piece->length) != 0 ||
		    (i == pattern->pieces && found + piece->length != end))
			return i;
		starts[i] = found;
		*at = found + piece->length;
	}
	return -1;
}

static bool log_split(struct lines_reader *reader, char *line, size_t length, struct err *err)
{
	struct log_lines *own = reader->own;
	const struct pattern *pattern = &own->pattern;
	char *starts[PIECES], *at = line;
	int wrong = match(pattern, &at, line + length, starts);
	if (wrong >= 0) {
		struct place place = lines_at(reader, at);
		const struct piece *piece = &pattern->piece[wrong];
		return err_add(err, ERR_TRACE, &place, "is not as the format line says: no %s%.60s%s%s%.80s",
			       piece->length ? "\"" : "end of the line", piece->before, piece->length ? "\"" : "",
			       wrong ? " behind " : "", wrong ? pattern->piece[wrong - 1].name : "");
	}
	for (int i = 0; i < pattern->pieces; i++) {
		char *start = starts[i] + pattern->piece[i].length;
		if (reader->want[pattern->piece[i].column] != CSV_NOTHING ||
		    pattern->piece[i].column == pattern->request)
			set_field(reader, pattern->piece[i].column, start, (size_t)(starts[i + 1] - start));
	}
	if (pattern->method >= 0)
		split_parts(reader, own);
	return true;
}

static bool log_begin(struct lines_reader *reader, struct err *err)
{
	static const char *const parts[] = {"request_method", "request_uri", "server_protocol"};
	struct log_lines *own = reader->own = memory_sized(NULL, 1, sizeof *own);
	struct pattern *pattern = &own->pattern;
	own->copy = NULL;
	own->room = 0;
	const char *why = compile(pattern, reader->form.pattern);
	if (why)
		return err_add(err, ERR_USAGE, NULL, "the format line \"%.100s\" %s", reader->form.pattern, why);
	bool part = false;
	for (int i = 0; i < pattern->pieces; i++) {
		const char *name = pattern->piece[i].name;
		pattern->piece[i].column = i;
		lines_add_column(reader, name, strlen(name));
		pattern->request = strcmp(name, "request") == 0 ? i : pattern->request;
		for (int k = 0; k < 3; k++)
			part = part || strcmp(name, parts[k]) == 0;
	}
	if (pattern->request >= 0 && !part) {
		pattern->method = reader->columns;
		for (int k = 0; k < 3; k++)
			lines_add_column(reader, parts[k], strlen(parts[k]));
	}
	return true;
}

static void log_end(struct lines_reader *reader)
{
	struct log_lines *own = reader->own;
	if (own)
		free(own->copy);
	free(own);
}

bool lines_fits(const char *text, const char *line)
{
	struct pattern *pattern = memory_sized(NULL, 1, sizeof *pattern);
	char *copy = strcpy(memory_sized(NULL, strlen(line) + 1, 1), line), *at = copy, *starts[PIECES];
	bool fits = !compile(pattern, text) && match(pattern, &at, copy + strlen(copy), starts) < 0;
	for (int i = 0; fits && i < pattern->pieces; i++) {
		const struct piece *piece = &pattern->piece[i];
		const char *start = starts[i] + piece->length;
		bool closed = piece->length && strchr("\"[", start[-1]);
		fits = closed || !memchr(start, ' ', (size_t)(starts[i + 1] - start));
	}
	free(copy);
	free(pattern);
	return fits;
}

const struct lines_way lines_log = {log_begin, log_split, log_end};
