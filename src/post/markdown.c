/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "post/markdown.h"
#include "io/files.h"
#include "io/output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs cmark-gfm on one file into another; the number of an error, or -1 when it has failed. */
static int convert(const char *from, const char *to)
{
	extern char **environ;
	char *const arguments[] = {"cmark-gfm", "--unsafe", "--extension", "table", (char *)from, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, to, O_WRONLY | O_CREAT | O_EXCL, 0600);
	int error = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error != 0)
		return error;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* "What it costs" -> "what-it-costs". */
static void put_id(struct text *into, const char *heading, size_t length)
{
	bool gap = false, tag = false;
	size_t begin = into->length;
	for (size_t i = 0; i < length; i++) {
		unsigned char at = (unsigned char)heading[i];
		tag = at == '<' || (tag && at != '>');
		if (!tag && isalnum(at)) {
			text_add(into, gap && into->length > begin ? "-%c" : "%c", tolower(at));
			gap = false;
		} else {
			gap = true;
		}
	}
}

static void put_with_ids(const char *html, struct text *into, struct text *contents)
{
	static const char open[] = "<h2>", close[] = "</h2>";
	for (const char *at = html, *heading;;) {
		const char *end = NULL;
		heading = strstr(at, open);
		if (!heading || !(end = strstr(heading, close))) {
			text_add(into, "%s", at);
			return;
		}
		const char *words = heading + strlen(open);
		size_t length = (size_t)(end - words);
		text_bytes(into, at, (size_t)(heading - at));
		text_add(into, "<h2 id=\"");
		put_id(into, words, length);
		text_add(into, "\">");
		if (contents) {
			text_add(contents, "<li><a href=\"#");
			put_id(contents, words, length);
			text_add(contents, "\">");
			text_bytes(contents, words, length);
			text_add(contents, "</a>\n");
		}
		at = words;
	}
}

bool markdown_html(const char *markdown, struct text *into, struct text *contents, struct err *err)
{
	struct arena *arena = into->arena;
	const char *scratch = files_scratch(arena, err);
	if (!scratch)
		return false;
	const char *from = arena_format(arena, "%s/post.md", scratch),
		   *to = arena_format(arena, "%s/post.html", scratch);
	size_t length;
	const char *html = NULL;
	if (output_write(from, markdown, strlen(markdown), err)) {
		int error = convert(from, to);
		if (error == ENOENT)
			err_add(err, ERR_OUTPUT, NULL,
				"posts are rendered by cmark-gfm, which is not installed (Debian "
				"package cmark-gfm; `./bootstrap site` installs it)");
		else if (error != 0)
			err_add(err, ERR_OUTPUT, NULL, "cmark-gfm failed%s%s", error > 0 ? ": " : "",
				error > 0 ? strerror(error) : "");
		else
			html = files_read(arena, to, &length, err);
	}
	files_remove(scratch);
	if (html)
		put_with_ids(html, into, contents);
	return html != NULL;
}
