/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mistake is shown with the line it was made in. The line is read again from the file: messages are few, and who
 * found the mistake may not have the text any more. What users wrote reaches the terminal without control characters.
 */
#include "cli/message.h"
#include "base/printable.h"
#include "base/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_SHOWN = 96, LINE_READ = 4096, FILE_READ = 16 << 20, CLEAN = 4096 };

static bool is_quiet, is_verbose;
static enum message_color when_colored = MESSAGE_COLOR_AUTO;

void message_verbosity(bool quiet, bool verbose)
{
	is_quiet = quiet;
	is_verbose = verbose;
}

bool message_is_quiet(void)
{
	return is_quiet;
}

bool message_is_verbose(void)
{
	return is_verbose;
}

bool message_to_terminal(void)
{
	return isatty(STDERR_FILENO) == 1;
}

bool message_color(const char *when, struct err *err)
{
	static const char *const words[] = {"auto", "always", "never", NULL};
	int index = when ? words_find(WORDS(words), when) : MESSAGE_COLOR_AUTO;
	if (index < 0)
		return words_unknown(err, ERR_USAGE, NULL, "word", when, " of --color", WORDS(words));
	when_colored = (enum message_color)index;
	return true;
}

bool message_in_color(void)
{
	if (when_colored != MESSAGE_COLOR_AUTO)
		return when_colored == MESSAGE_COLOR_ALWAYS;
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
	return message_to_terminal() && !(no_color && *no_color) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static void put_clean(const char *text)
{
	char clean[CLEAN];
	fputs(printable_copy(clean, sizeof clean, text), stderr);
}

static void put_label(const char *label, const char *color)
{
	if (message_in_color())
		fprintf(stderr, "\033[1;%sm%s:\033[0m ", color, label);
	else
		fprintf(stderr, "%s: ", label);
}

/* The line of a text file; false when it cannot be shown. */
static bool read_line(const char *path, int number, char *line)
{
	struct stat status;
	FILE *file = stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= FILE_READ
			     ? fopen(path, "r")
			     : NULL;
	bool found = false;
	int at = 1, c = 0;
	if (!file)
		return false;
	while (at < number && (c = getc(file)) != EOF)
		at += c == '\n';
	if (at == number && fgets(line, LINE_READ, file)) {
		line[strcspn(line, "\r\n")] = '\0';
		found = true;
		found = !printable_not(line);
	}
	fclose(file);
	return found;
}

/* Bytes to characters, or characters to bytes: columns of model files count characters, those of traces bytes. */
static size_t bytes_of(const char *line, int column, bool in_bytes)
{
	size_t at = 0;
	for (int i = 1; i < column && line[at]; i++)
		do
			at++;
		while (!in_bytes && (line[at] & 0xc0) == 0x80);
	return at;
}

static void put_source(const struct err_message *message, bool in_bytes)
{
	char line[LINE_READ];
	if (message->line <= 0 || !read_line(message->file, message->line, line))
		return;
	size_t caret = bytes_of(line, message->column, in_bytes), from = 0;
	if (caret > LINE_SHOWN * 3 / 4)
		for (from = caret - LINE_SHOWN / 2; (line[from] & 0xc0) == 0x80;)
			from++;
	size_t to = strlen(line);
	if (to - from > LINE_SHOWN)
		for (to = from + LINE_SHOWN; (line[to] & 0xc0) == 0x80;)
			to--;
	fprintf(stderr, "%5d | %s%.*s%s\n", message->line, from ? "..." : "", (int)(to - from), line + from,
		line[to] ? "..." : "");
	if (message->column <= 0)
		return;
	fprintf(stderr, "      | %s", from ? "   " : "");
	for (size_t i = from; i < caret; i++)
		if ((line[i] & 0xc0) != 0x80)
			fputc(line[i] == '\t' ? '\t' : ' ', stderr);
	fputs(message_in_color() ? "\033[1;32m^\033[0m\n" : "^\n", stderr);
}

void message_errors(const struct err *err)
{
	for (int i = 0; i < err->count && i < ERR_MAX; i++) {
		const struct err_message *message = &err->message[i];
		if (message->file[0]) {
			put_clean(message->file);
			if (message->line > 0)
				fprintf(stderr, ":%d", message->line);
			if (message->line > 0 && message->column > 0)
				fprintf(stderr, ":%d", message->column);
			fputs(": ", stderr);
		}
		put_label("error", "31");
		put_clean(message->text);
		fputc('\n', stderr);
		put_source(message, err->kind == ERR_TRACE);
	}
	if (err->count > ERR_MAX)
		fprintf(stderr, "and %d more\n", err->count - ERR_MAX);
}

static void put_formatted(const char *format, va_list arguments)
{
	char text[2048];
	vsnprintf(text, sizeof text, format, arguments);
	put_clean(text);
	fputc('\n', stderr);
}

void message_error(const char *format, ...)
{
	va_list arguments;
	put_label("error", "31");
	va_start(arguments, format);
	put_formatted(format, arguments);
	va_end(arguments);
}

void message_warning(const char *format, ...)
{
	va_list arguments;
	put_label("warning", "35");
	va_start(arguments, format);
	put_formatted(format, arguments);
	va_end(arguments);
}

void message_note(const char *format, ...)
{
	va_list arguments;
	if (is_quiet)
		return;
	va_start(arguments, format);
	put_formatted(format, arguments);
	va_end(arguments);
}
