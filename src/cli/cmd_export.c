/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page is a template with words in double braces, which become the engine, the study as one text, and what a reader
 * sees before anything has run: that has been run here, by the functions that the page itself calls.
 */
#include "base/text.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/version.h"
#include "io/output.h"
#include "io/packed.h"
#include "io/paths.h"
#include "io/readers.h"
#include "io/yaml.h"
#include "plot/figure_files.h"
#include "run/bundle.h"
#include "run/explore_alone.h"
#include "run/explore.h"
#include "web/web.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct export_options {
	const char *as, *out;
};
static const struct option options[] = {
	OPTION_TEXT(struct export_options, as, "as", 0, "FORM",
		    "page: one HTML file that readers explore; study: the text that a page holds; default: page"),
	OPTION_TEXT(struct export_options, out, "out", 'o', "FILE", "default: NAME.html or NAME.study; - is stdout"),
	OPTION_END};

enum { EVENTS = 1 << 16 };

struct exporting {
	struct command_line *line;
	struct study *study;
	const char *name; /* of the model, as a title */
	struct text bundle;
	json_t *results;
	const char *figure; /* an svg element, or "" */
};

/* ---- texts ---- */

/* A text that can stand in an element, or in an attribute with quotes. */
static void put_escaped(struct text *into, const char *text)
{
	static const char special[] = "&<>\"'";
	static const char *const entity[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	for (size_t plain; *text; text += plain + 1) {
		plain = strcspn(text, special);
		text_bytes(into, text, plain);
		if (!text[plain])
			return;
		text_add(into, "%s", entity[strchr(special, text[plain]) - special]);
	}
}

/* NULL, with a message, when it cannot be read. */
static char *read_whole(struct command_line *line, const char *path, size_t *length)
{
	FILE *file = path ? fopen(path, "rb") : NULL;
	struct text text;
	char block[1 << 14];
	size_t got;
	text_begin(&text, line->arena);
	while (file && (got = fread(block, 1, sizeof block, file)) > 0)
		text_bytes(&text, block, got);
	bool good = file && !ferror(file);
	if (!good)
		err_add(line->err, ERR_OUTPUT, &(struct place){path ? path : "pages", 0, 0}, "cannot be read: %s",
			strerror(errno));
	if (file)
		fclose(file);
	*length = text.length;
	return good ? text.bytes : NULL;
}

/* A part of casebook's own pages. */
static char *read_part(struct command_line *line, const char *name, size_t *length)
{
	const char *path = paths_data_file(line->arena, arena_format(line->arena, "pages/%s", name));
	if (path && access(path, F_OK) == 0)
		return read_whole(line, path, length);
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

static bool bundle(struct exporting *exporting)
{
	struct command_line *line = exporting->line;
	struct arena *arena = line->arena;
	const char *argument = line->operand[0];
	/* Says what is wrong with the name. */
	if (!load_study(arena, argument, NULL, line->err))
		return false;
	const char *path = paths_model(arena, argument), *data = paths_data(arena);
	struct tree *tree = yaml_read(arena, path, line->err);
	const struct study *whole =
		tree ? study_load(arena, path, tree, NULL, readers_of(arena, path), line->err) : NULL;
	if (!whole)
		return false;
	if (!whole->explore)
		return err_add(line->err, ERR_MODEL, &(struct place){path, 0, 0},
			       "it has no explore: section, which tells what readers of a page may change");
	const char *slash = strrchr(argument, '/'), *called = slash ? slash + 1 : argument;
	const struct tree *alone = explore_alone(whole);
	struct bundle *recording = bundle_record(arena, readers_of(arena, path));
	exporting->study = study_load(arena, path, alone, NULL, bundle_files(recording), line->err);
	if (!exporting->study)
		return false;
	size_t length = strlen(called);
	bool ends = length > 5 && strcmp(called + length - 5, ".yaml") == 0;
	exporting->name = arena_text_of(arena, called, ends ? length - 5 : length);
	const char *const below[] = {directory_of(arena, path), data ? data : "", NULL};
	text_begin(&exporting->bundle, arena);
	bundle_write(recording, called, alone, below, &exporting->bundle);
	return true;
}

/* ---- what a reader sees at first ---- */

/* The svg element of a figure, as gnuplot draws it in a directory of its own; "" and a message when it does not. */
static const char *draw(struct command_line *line, struct figure *figure)
{
	struct arena *arena = line->arena;
	static const char *const endings[] = {"svg", "gp", "tsv", "alt.txt"};
	const char *home = getenv("TMPDIR"), *templates = paths_data_file(arena, "plots"), *svg = "";
	char *directory = arena_format(arena, "%s/casebook-XXXXXX", home && *home ? home : "/tmp");
	size_t length;
	if (!mkdtemp(directory)) {
		err_add(line->err, ERR_OUTPUT, &(struct place){directory, 0, 0}, "cannot be made: %s",
			strerror(errno));
		return svg;
	}
	if (figure_write_all(&figure, 1, directory, FIGURE_SVG, templates, line->err)) {
		const char *path = arena_format(arena, "%s/%s.svg", directory, figure->name);
		const char *drawn = read_whole(line, path, &length);
		const char *begin = drawn ? strstr(drawn, "<svg") : NULL;
		svg = begin ? begin : svg;
	}
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		unlink(arena_format(arena, "%s/%s.%s", directory, figure->name, endings[i]));
	rmdir(directory);
	return svg;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

/* Runs the small setup as the page would; what has been found out, and the first figure. */
static bool run_once(struct exporting *exporting)
{
	struct command_line *line = exporting->line;
	struct arena *arena = line->arena;
	struct web *web = web_new();
	memcpy(web_input(web, exporting->bundle.length), exporting->bundle.bytes, exporting->bundle.length);
	if (!web_load(web, exporting->bundle.length)) {
		err_add(line->err, ERR_MODEL, NULL, "%.200s", web_text(web));
		web_free(web);
		return false;
	}
	web_start(web, WEB_SETTLE);
	while (web_step(web, EVENTS) != WEB_DONE) {
	}
	web_results(web);
	exporting->results = json_loadb(web_text(web), web_length(web), 0, NULL);
	CHECK(exporting->results);
	if (json_is_true(json_object_get(exporting->results, "budget")))
		message_note("budget: settle has room for %lld of the %lld replications of setup",
			     (long long)json_integer_value(json_object_get(exporting->results, "of")),
			     (long long)exporting->study->explore->setup[0]->run.reps);
	const struct chart_outcomes outcomes = web_outcomes(web);
	exporting->figure = "";
	if (outcomes.study->figures > 0) {
		const char *footer = arena_format(arena, "casebook %s · %s", version_number(),
						  string_of(exporting->results, "digest"));
		struct figure *figure =
			chart_figure(arena, &outcomes, &outcomes.study->figure[0], footer, line->err);
		exporting->figure = figure ? draw(line, figure) : "";
	}
	web_free(web);
	return !err_any(line->err);
}

/* ---- the template ---- */

static void put_claims(const struct exporting *exporting, struct text *into)
{
	const json_t *claims = json_object_get(exporting->results, "claims");
	for (size_t c = 0; c < json_array_size(claims); c++) {
		const json_t *claim = json_array_get(claims, c), *expect = json_object_get(claim, "expect");
		text_add(into, "<tr><th scope=\"row\">");
		put_escaped(into, string_of(claim, "id"));
		text_add(into, "<td>");
		put_escaped(into, string_of(claim, "says"));
		text_add(into, "<td class=\"%s\">%s<td>", string_of(claim, "holds"), string_of(claim, "holds"));
		for (size_t i = 0; i < json_array_size(expect); i++) {
			text_add(into, i ? "; " : "");
			put_escaped(into, string_of(json_array_get(expect, i), "measured"));
		}
		text_add(into, "</tr>\n");
	}
}

static void put_scope(const struct exporting *exporting, struct text *into)
{
	for (const char **left = exporting->study->leaves_out; left && *left; left++) {
		text_add(into, "<li>");
		put_escaped(into, *left);
		text_add(into, "</li>\n");
	}
}

static bool put_part(const struct exporting *exporting, const char *name, struct text *into)
{
	size_t length;
	const char *part = read_part(exporting->line, name, &length);
	if (part)
		text_bytes(into, part, length);
	return part != NULL;
}

static bool put_engine(const struct exporting *exporting, struct text *into)
{
	struct command_line *line = exporting->line;
	size_t length;
	const char *module = read_part(line, arena_format(line->arena, "%s.wasm", exporting->study->of->name), &length);
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
static const char *const words[] = {"style",   "script", "worker",  "wasm", "study",        "figure",
				    "sentence", "claims", "case",    "title", "about",       "version",
				    "seed",    "replications", "digest", "command", "scope", NULL};

static const char *number_of(const struct exporting *exporting, const char *key)
{
	return arena_format(exporting->line->arena, "%lld",
			    (long long)json_integer_value(json_object_get(exporting->results, key)));
}

static bool put_word(const struct exporting *exporting, enum word word, struct text *into)
{
	const struct study *study = exporting->study;
	switch (word) {
	case WORD_STYLE:
		return put_part(exporting, "page.css", into);
	case WORD_SCRIPT:
		return put_part(exporting, "page.js", into);
	case WORD_WORKER:
		return put_part(exporting, "worker.js", into);
	case WORD_WASM:
		return put_engine(exporting, into);
	case WORD_STUDY:
		packed_base64(exporting->bundle.bytes, exporting->bundle.length, into);
		return true;
	case WORD_FIGURE:
		text_add(into, "%s", exporting->figure);
		return true;
	case WORD_CLAIMS:
		put_claims(exporting, into);
		return true;
	case WORD_SCOPE:
		put_scope(exporting, into);
		return true;
	case WORD_SENTENCE:
	case WORD_DIGEST:
	case WORD_COMMAND:
		put_escaped(into, string_of(exporting->results, words[word]));
		return true;
	case WORD_SEED:
	case WORD_REPLICATIONS:
		put_escaped(into, number_of(exporting, words[word]));
		return true;
	case WORD_CASE:
		put_escaped(into, study->of->name);
		return true;
	case WORD_TITLE:
		put_escaped(into, exporting->name);
		return true;
	case WORD_ABOUT:
		put_escaped(into, study->about);
		return true;
	case WORD_VERSION:
		put_escaped(into, version_number());
		return true;
	}
	return false;
}

static bool fill_template(const struct exporting *exporting, const char *template, struct text *into)
{
	struct command_line *line = exporting->line;
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
		if (!put_word(exporting, (enum word)word, into))
			return false;
		at = close + 2;
	}
	for (int i = 0; i < WORDS_NEEDED; i++)
		if (!found[i])
			return err_add(line->err, ERR_OUTPUT, &place, "{{%s}} is missing", words[i]);
	return true;
}

static bool write_page(const struct exporting *exporting, const char *to)
{
	struct command_line *line = exporting->line;
	size_t length;
	struct text page;
	const char *template = read_part(line, "page.html", &length);
	text_begin(&page, line->arena);
	if (!template || !fill_template(exporting, template, &page) ||
	    !output_write(to, page.bytes, page.length, line->err))
		return false;
	message_note("wrote %s: %.0f KB, %.0f KB gzipped", to, (double)page.length / 1e3,
		     (double)packed_length(page.bytes, page.length) / 1e3);
	return true;
}

static int run(struct command_line *line)
{
	static const char *const kinds[] = {"page", "study", NULL};
	const struct export_options *given = line->options;
	struct exporting exporting = {.line = line};
	const char *as = given->as ? given->as : kinds[0];
	if (words_find(WORDS(kinds), as) < 0) {
		words_unknown(line->err, ERR_USAGE, NULL, "kind", as, " of export", WORDS(kinds));
		return 0;
	}
	bool page = strcmp(as, "page") == 0;
	if (!bundle(&exporting))
		return 0;
	const char *to = given->out ? given->out
				    : arena_format(line->arena, "%s.%s", exporting.name, page ? "html" : "study");
	if (!page)
		output_write(to, exporting.bundle.bytes, exporting.bundle.length, line->err);
	else if (run_once(&exporting))
		write_page(&exporting, to);
	json_decref(exporting.results);
	return 0;
}

const struct command command_export = {
	.name = "export",
	.operands = "CASE|FILE",
	.operands_least = 1,
	.operands_most = 1,
	.about = "write a study as one HTML page that its readers explore",
	.detail = "A page holds the simulator, the study and what its section `explore:` says, and asks for nothing.\n"
		  "docs/explore.md tells how a model of one's own gets one.\n",
	.options = options,
	.options_size = sizeof(struct export_options),
	.run = run,
};
