/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page is a template with words in double braces, which become the engine, the study as one text, and what a reader
 * sees before anything has run: that has been run here, by the functions that the page itself calls.
 */
#include "cli/webpage.h"
#include "base/fnv.h"
#include "base/words.h"
#include "cli/load.h"
#include "cli/manifest.h"
#include "cli/message.h"
#include "cli/version.h"
#include "io/files.h"
#include "io/packed.h"
#include "io/paths.h"
#include "io/readers.h"
#include "io/yaml.h"
#include "plot/figure_files.h"
#include "run/bundle.h"
#include "run/explore.h"
#include "run/explore_alone.h"
#include "web/web.h"

#include <string.h>
#include <unistd.h>

enum { EVENTS = 1 << 16 };

/* A part of casebook's own pages. */
static char *read_part(struct command_line *line, const char *name, size_t *length)
{
	const char *path = paths_data_file(line->arena, arena_format(line->arena, "pages/%s", name));
	if (path && access(path, F_OK) == 0)
		return files_read(line->arena, path, length, line->err);
	err_add(line->err, ERR_OUTPUT, path ? &(struct place){path, 0, 0} : NULL,
		"is missing: what pages are made of is built by `./bootstrap pages`, or `make pages` (it needs clang, "
		"lld, wasi-libc and npm)");
	return NULL;
}

/* ---- the study ---- */

static const char *directory_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? arena_text_of(arena, path, (size_t)(slash - path)) : "";
}

bool webpage_open(struct webpage *page)
{
	struct command_line *line = page->line;
	struct arena *arena = line->arena;
	const char *argument = page->argument;
	/* Says what is wrong with the name. */
	if (!load_study(arena, argument, NULL, line->err))
		return false;
	const char *path = paths_model(arena, argument);
	struct tree *tree = yaml_read(arena, path, line->err);
	struct bundle *recording = bundle_record(arena, readers_of(arena, path));
	page->whole = tree ? study_load(arena, path, tree, NULL, bundle_files(recording), line->err) : NULL;
	if (!page->whole)
		return false;
	const char *slash = strrchr(argument, '/');
	page->called = slash ? slash + 1 : argument;
	size_t length = strlen(page->called);
	bool ends = length > 5 && strcmp(page->called + length - 5, ".yaml") == 0;
	page->name = arena_text_of(arena, page->called, ends ? length - 5 : length);
	text_begin(&page->read, arena);
	bundle_write(recording, page->called, tree, NULL, &page->read);
	return true;
}

bool webpage_bundle(struct webpage *page)
{
	struct command_line *line = page->line;
	struct arena *arena = line->arena;
	const char *path = page->whole->path, *data = paths_data(arena);
	if (!page->whole->explore)
		return err_add(line->err, ERR_MODEL, &(struct place){path, 0, 0},
			       "it has no explore: section, which tells what readers of a page may change");
	const struct tree *alone = explore_alone(page->whole);
	struct bundle *recording = bundle_record(arena, readers_of(arena, path));
	page->study = study_load(arena, path, alone, NULL, bundle_files(recording), line->err);
	if (!page->study)
		return false;
	const char *const below[] = {directory_of(arena, path), data ? data : "", NULL};
	text_begin(&page->bundle, arena);
	/* As its readers would name it; what lies elsewhere on this machine is nobody's concern. */
	const char *called = *page->argument == '/' ? page->called : page->argument;
	called += strncmp(called, "./", 2) == 0 ? 2 : 0;
	bundle_write(recording, called, alone, below, &page->bundle);
	return true;
}

/* ---- what a reader sees at first ---- */

/* The svg element of a figure, as gnuplot draws it in a directory of its own; "" and a message when it does not. */
static const char *draw(struct command_line *line, struct figure *figure)
{
	struct arena *arena = line->arena;
	const char *templates = paths_data_file(arena, "plots"), *svg = "";
	const char *directory = files_scratch(arena, line->err);
	size_t length;
	if (directory && figure_write_all(&figure, 1, directory, FIGURE_SVG, templates, line->err)) {
		const char *path = arena_format(arena, "%s/%s.svg", directory, figure->name);
		const char *drawn = files_read(arena, path, &length, line->err);
		const char *begin = drawn ? strstr(drawn, "<svg") : NULL;
		svg = begin ? begin : svg;
	}
	if (directory)
		files_remove(directory);
	return svg;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

/* Runs the small setup as the page would; what has been found out, and the first figure. */
static bool run_once(struct webpage *page)
{
	struct command_line *line = page->line;
	struct arena *arena = line->arena;
	struct web *web = web_new();
	memcpy(web_input(web, page->bundle.length), page->bundle.bytes, page->bundle.length);
	if (!web_load(web, page->bundle.length)) {
		err_add(line->err, ERR_MODEL, NULL, "%.200s", web_text(web));
		web_free(web);
		return false;
	}
	web_start(web, WEB_SETTLE);
	while (web_step(web, EVENTS) != WEB_DONE) {
	}
	web_results(web);
	page->results = json_loadb(web_text(web), web_length(web), 0, NULL);
	CHECK(page->results);
	if (json_is_true(json_object_get(page->results, "budget")))
		message_note("budget: settle has room for %lld of the %lld replications of setup",
			     (long long)json_integer_value(json_object_get(page->results, "of")),
			     (long long)page->study->explore->setup[0]->run.reps);
	const struct chart_outcomes outcomes = web_outcomes(web);
	page->figure = "";
	if (outcomes.study->figures > 0) {
		const char *footer =
			arena_format(arena, "casebook %s · %s", version_number(), string_of(page->results, "digest"));
		struct figure *figure = chart_figure(arena, &outcomes, &outcomes.study->figure[0], footer, line->err);
		page->figure = figure ? draw(line, figure) : "";
	}
	web_free(web);
	return !err_any(line->err);
}

/* ---- the template ---- */

static void put_claims(const struct webpage *page, struct text *into)
{
	const json_t *claims = json_object_get(page->results, "claims");
	for (size_t c = 0; c < json_array_size(claims); c++) {
		const json_t *claim = json_array_get(claims, c), *expect = json_object_get(claim, "expect");
		text_add(into, "<tr><th scope=\"row\">");
		text_escaped(into, string_of(claim, "id"));
		text_add(into, "<td>");
		text_escaped(into, string_of(claim, "says"));
		text_add(into, "<td class=\"%s\">%s<td>", string_of(claim, "holds"), string_of(claim, "holds"));
		for (size_t i = 0; i < json_array_size(expect); i++) {
			text_add(into, i ? "; " : "");
			text_escaped(into, string_of(json_array_get(expect, i), "measured"));
		}
		text_add(into, "</tr>\n");
	}
}

static void put_scope(const struct webpage *page, struct text *into)
{
	const char **left = page->study->leaves_out;
	if (!left || !*left)
		text_add(into, "<li>Its file does not say.</li>\n");
	for (; left && *left; left++) {
		text_add(into, "<li>");
		text_escaped(into, *left);
		text_add(into, "</li>\n");
	}
}

static bool put_part(const struct webpage *page, const char *name, struct text *into)
{
	size_t length;
	const char *part = read_part(page->line, name, &length);
	if (part)
		text_bytes(into, part, length);
	return part != NULL;
}

static bool put_engine(const struct webpage *page, struct text *into)
{
	struct command_line *line = page->line;
	size_t length;
	const char *module = read_part(line, arena_format(line->arena, "%s.wasm", page->study->of->name), &length);
	if (module)
		packed_base64(module, length, into);
	return module != NULL;
}

enum word {
	WORD_STYLE,
	WORD_SCRIPT,
	WORD_WORKER,
	WORD_WASM,
	WORD_STUDY,
	WORD_FIGURE,
	WORDS_NEEDED, /* those before this must be there */
	WORD_SENTENCE = WORDS_NEEDED,
	WORD_CLAIMS,
	WORD_CASE,
	WORD_TITLE,
	WORD_ABOUT,
	WORD_VERSION,
	WORD_SEED,
	WORD_REPLICATIONS,
	WORD_DIGEST,
	WORD_COMMAND,
	WORD_SCOPE
};
static const char *const words[] = {"style",    "script",       "worker", "wasm",    "study", "figure",
				    "sentence", "claims",       "case",   "title",   "about", "version",
				    "seed",     "replications", "digest", "command", "scope", NULL};

static const char *number_of(const struct webpage *page, const char *key)
{
	return arena_format(page->line->arena, "%lld",
			    (long long)json_integer_value(json_object_get(page->results, key)));
}

static bool put_word(const struct webpage *page, enum word word, struct text *into)
{
	const struct study *study = page->study;
	switch (word) {
	case WORD_STYLE:
		return put_part(page, "page.css", into);
	case WORD_SCRIPT:
		return put_part(page, "page.js", into);
	case WORD_WORKER:
		return put_part(page, "worker.js", into);
	case WORD_WASM:
		return put_engine(page, into);
	case WORD_STUDY:
		packed_base64(page->bundle.bytes, page->bundle.length, into);
		return true;
	case WORD_FIGURE:
		text_add(into, "%s", page->figure);
		return true;
	case WORD_CLAIMS:
		put_claims(page, into);
		return true;
	case WORD_SCOPE:
		put_scope(page, into);
		return true;
	case WORD_SENTENCE:
	case WORD_DIGEST:
	case WORD_COMMAND:
		text_escaped(into, string_of(page->results, words[word]));
		return true;
	case WORD_SEED:
	case WORD_REPLICATIONS:
		text_escaped(into, number_of(page, words[word]));
		return true;
	case WORD_CASE:
		text_escaped(into, study->of->name);
		return true;
	case WORD_TITLE:
		text_escaped(into, page->name);
		return true;
	case WORD_ABOUT:
		text_escaped(into, study->about);
		return true;
	case WORD_VERSION:
		text_escaped(into, version_number());
		return true;
	}
	return false;
}

static bool fill_template(const struct webpage *page, const char *template, struct text *into)
{
	struct command_line *line = page->line;
	struct place place = {"pages/page.html", 0, 0};
	bool found[sizeof words / sizeof *words] = {false};
	for (const char *at = template;;) {
		const char *open = strstr(at, "{{"), *close = open ? strstr(open, "}}") : NULL;
		if (!close) {
			text_bytes(into, at, strlen(at));
			break;
		}
		text_bytes(into, at, (size_t)(open - at));
		const char *name = arena_text_of(line->arena, open + 2, (size_t)(close - open - 2));
		int word = words_find(WORDS(words), name);
		if (word < 0)
			return words_unknown(line->err, ERR_OUTPUT, &place, "word", name, "", WORDS(words));
		found[word] = true;
		if (!put_word(page, (enum word)word, into))
			return false;
		at = close + 2;
	}
	for (int i = 0; i < WORDS_NEEDED; i++)
		if (!found[i])
			return err_add(line->err, ERR_OUTPUT, &place, "{{%s}} is missing", words[i]);
	return true;
}

/* The same bytes come from the same command, whatever they were made for. */
static const char *manifest_of_page(const struct webpage *page)
{
	char *const arguments[] = {"export", (char *)page->argument, NULL};
	struct command_line line = *page->line;
	line.arguments = arguments;
	return manifest_plain(&line, fnv_text(FNV_BASIS, page->bundle.bytes), string_of(page->results, "digest"));
}

bool webpage_html(struct webpage *page, struct text *into)
{
	size_t length;
	const char *template = NULL;
	bool good = webpage_bundle(page) && run_once(page) &&
		    (template = read_part(page->line, "page.html", &length)) && fill_template(page, template, into);
	if (good)
		text_add(into, "%s", manifest_comment(page->line->arena, manifest_of_page(page)));
	json_decref(page->results);
	return good;
}

bool webpage_possible(struct command_line *line, const char *name)
{
	const char *module = paths_data_file(line->arena, arena_format(line->arena, "pages/%s.wasm", name));
	return module && access(module, F_OK) == 0;
}
