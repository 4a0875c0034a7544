/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/manifest.h"
#include "base/fnv.h"
#include "base/text.h"
#include "cli/version.h"
#include "plot/png.h"
#include "plot/svg.h"

#include <stdlib.h>
#include <string.h>

static const char comment_begins[] = "<!-- casebook ", comment_ends[] = " -->";

/* Options that say where results go and how much is told; those with a value have it in the next argument. */
static const struct {
	const char *name;
	bool value;
} aside[] = {{"--out", true}, {"-o", true},         {"--jobs", true}, {"-j", true},        {"--quiet", false},
	     {"-q", false},   {"--verbose", false}, {"-v", false},    {"--replace", false}};

/* How many arguments from `at` on are of that sort: 0, 1 or 2. */
static int skipped(char *const *at)
{
	for (size_t i = 0; i < sizeof aside / sizeof *aside; i++) {
		size_t length = strlen(aside[i].name);
		bool joined = length == 2 ? at[0][2] != '\0' : at[0][length < strlen(at[0]) ? length : 0] == '=';
		if (strncmp(at[0], aside[i].name, length) != 0)
			continue;
		if (at[0][length] == '\0')
			return aside[i].value && at[1] ? 2 : 1;
		if (aside[i].value && joined)
			return 1;
	}
	return 0;
}

char **manifest_arguments(struct arena *arena, const json_t *arguments)
{
	size_t count = json_array_size(arguments), kept = 0;
	char **all = ARENA_ARRAY(arena, count + 1, char *), **left = ARENA_ARRAY(arena, count + 1, char *);
	for (size_t i = 0; i < count; i++) {
		const char *word = json_string_value(json_array_get(arguments, i));
		if (!word)
			return NULL;
		all[i] = arena_text(arena, word);
	}
	for (size_t i = 0; i < count;) {
		int skip = skipped(all + i);
		if (skip == 0)
			left[kept++] = all[i];
		i += (size_t)(skip ? skip : 1);
	}
	return count ? left : NULL;
}

char **manifest_kept(const struct command_line *line)
{
	json_t *typed = json_array();
	for (char *const *at = line->arguments; *at; at++)
		json_array_append_new(typed, results_text(*at));
	char **kept = manifest_arguments(line->arena, typed);
	json_decref(typed);
	return kept;
}

static json_t *arguments_of(const struct command_line *line)
{
	json_t *list = json_array();
	for (char **at = manifest_kept(line); at && *at; at++)
		json_array_append_new(list, json_string(*at));
	return list;
}

/* One line, in which ">" is written as JSON can. */
static const char *as_line(struct arena *arena, json_t *manifest)
{
	char *dumped = json_dumps(manifest, JSON_COMPACT | JSON_ENSURE_ASCII);
	struct text text;
	text_begin(&text, arena);
	for (const char *at = dumped; *at; at++)
		text_add(&text, *at == '>' ? "\\u003e" : "%c", *at);
	free(dumped);
	json_decref(manifest);
	return text.bytes;
}

static json_t *manifest_new(const struct command_line *line, uint64_t setup, const char *trace, const char *digest)
{
	char text[RESULTS_DIGEST];
	return json_pack("{s:s, s:s, s:o, s:s, s:o, s:s}", "casebook", version_number(), "commit", version_commit(),
			 "arguments", arguments_of(line), "setup", results_digest(setup, text), "trace",
			 results_text(trace), "digest", digest);
}

const char *manifest_of(const struct command_line *line, const struct results *results, const char *digest)
{
	uint64_t setup = FNV_BASIS;
	const char *trace = "";
	uint64_t contents = FNV_BASIS;
	char text[RESULTS_DIGEST];
	for (int i = 0; i < results->outcomes; i++) {
		setup = fnv_integer(setup, results->outcome[i]->setup->digest);
		if (results->trace && results->trace[i])
			trace = results->trace[i];
		if (results->contents && results->contents[i])
			contents = fnv_text(contents, results->contents[i]);
	}
	if (contents != FNV_BASIS)
		trace = arena_format(line->arena, "%s, contents %s", trace, results_digest(contents, text));
	return as_line(line->arena, manifest_new(line, setup, trace, digest));
}

const char *manifest_plain(const struct command_line *line, uint64_t setup, const char *digest)
{
	return as_line(line->arena, manifest_new(line, setup, "", digest));
}

const char *manifest_comment(struct arena *arena, const char *manifest)
{
	return arena_format(arena, "%s%s%s\n", comment_begins, manifest, comment_ends);
}

/* What stands between two texts, the first time; NULL when it does not. */
static char *between(struct arena *arena, const char *bytes, size_t length, const char *begins, const char *ends)
{
	const char *at = memmem(bytes, length, begins, strlen(begins));
	at = at ? at + strlen(begins) : NULL;
	const char *end = at ? memmem(at, length - (size_t)(at - bytes), ends, strlen(ends)) : NULL;
	return end ? arena_text_of(arena, at, (size_t)(end - at)) : NULL;
}

json_t *manifest_read(struct arena *arena, const char *path, const char *bytes, size_t length, struct err *err)
{
	char *text = png_text(arena, bytes, length);
	if (!text)
		text = svg_manifest(arena, bytes, length);
	if (!text)
		text = between(arena, bytes, length, comment_begins, comment_ends);
	json_t *manifest = text ? json_loads(text, 0, NULL) : NULL;
	if (!manifest)
		err_add(err, ERR_OUTPUT, &(struct place){path, 0, 0},
			"does not say what made it: `run` and `export` write that into figures, pages and posts; a "
			"figure "
			"that was drawn again has lost it");
	return manifest;
}

const char *manifest_differs(const json_t *was, const json_t *is)
{
	static const char *const field[] = {"casebook", "commit", "setup", "trace", "digest", NULL};
	for (int f = 0; field[f]; f++)
		if (!json_equal(json_object_get(was, field[f]), json_object_get(is, field[f])))
			return field[f];
	return NULL;
}
