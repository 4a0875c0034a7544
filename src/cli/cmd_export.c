/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study as a page, as a post with its figures, or many of them as a site. */
#include "base/words.h"
#include "cli/command.h"
#include "cli/message.h"
#include "cli/webpage.h"
#include "cli/postfiles.h"
#include "cli/posting.h"
#include "cli/site.h"
#include "io/output.h"
#include "io/packed.h"

#include <string.h>

struct export_options {
	const char *as, *target, *out, *url;
	int64_t jobs;
};
static const struct option options[] = {
	OPTION_TEXT(struct export_options, as, "as", 0, "KIND",
		    "page: one HTML file that readers explore; post: its text, computed, with figures; site: posts and "
		    "pages with an index; study: the text that a page holds; default: page"),
	OPTION_TEXT(struct export_options, target, "for", 0, "TARGET",
		    "of a post: plain, hugo, jekyll; default: plain"),
	OPTION_TEXT(struct export_options, url, "url", 0, "ADDRESS",
		    "of a site: where it will be, for its map and what links to it show"),
	OPTION_TEXT(struct export_options, out, "out", 'o', "FILE",
		    "default: NAME.html or NAME.study (- is stdout); the directory NAME-post, or site"),
	OPTION_JOBS(struct export_options, jobs),
	OPTION_END};

enum kind { KIND_PAGE, KIND_POST, KIND_SITE, KIND_STUDY };
static const char *const kinds[] = {"page", "post", "site", "study", NULL};

static void write_study(struct webpage *page, const char *to)
{
	if (webpage_bundle(page))
		output_write(to, page->bundle.bytes, page->bundle.length, page->line->err);
}

static void write_page(struct webpage *page, const char *to)
{
	struct text html;
	text_begin(&html, page->line->arena);
	if (webpage_html(page, &html) && output_write(to, html.bytes, html.length, page->line->err))
		message_note("wrote %s: %.0f KB, %.0f KB gzipped", to, (double)html.length / 1e3,
			     (double)packed_length(html.bytes, html.length) / 1e3);
}

static void export_file(struct command_line *line, const struct export_options *given, enum kind kind)
{
	struct webpage page = {.line = line, .argument = line->operand[0]};
	if (!webpage_open(&page))
		return;
	const char *to = given->out;
	if (!to)
		to = arena_format(line->arena, "%s.%s", page.name, kind == KIND_PAGE ? "html" : "study");
	if (kind == KIND_PAGE)
		write_page(&page, to);
	else
		write_study(&page, to);
}

static void export_post(struct command_line *line, const struct export_options *given, int target)
{
	char *const arguments[] = {"export", (char *)line->operand[0],      "--as", "post",
				   "--for",  (char *)postfiles_for[target], NULL};
	struct posting posting = {.line = line, .jobs = given->jobs, .arguments = arguments};
	const char *post;
	if (posting_open(&posting, line->operand[0]) && posting_measure(&posting)) {
		const char *dir = given->out ? given->out : arena_format(line->arena, "%s-post", posting.name);
		if (postfiles_write(&posting, target, dir, &post))
			printf("%s\n", post);
	}
	posting_close(&posting);
}

static bool count_operands(const struct command_line *line, enum kind kind)
{
	if (kind == KIND_SITE || line->operands == 1)
		return true;
	return err_add(line->err, ERR_USAGE, NULL, "%s operands; --as %s takes one case or file",
		       line->operands < 1 ? "missing" : "too many", kinds[kind]);
}

static int run(struct command_line *line)
{
	const struct export_options *given = line->options;
	const char *as = given->as ? given->as : kinds[0];
	const char *whom = given->target ? given->target : postfiles_for[0];
	int kind = words_find(WORDS(kinds), as), target = words_find(WORDS(postfiles_for), whom);
	if (kind < 0)
		words_unknown(line->err, ERR_USAGE, NULL, "kind", as, " of export", WORDS(kinds));
	else if (given->target && kind != KIND_POST)
		err_add(line->err, ERR_USAGE, NULL, "--for is of --as post");
	else if (given->url && kind != KIND_SITE)
		err_add(line->err, ERR_USAGE, NULL, "--url is of --as site");
	else if (target < 0)
		words_unknown(line->err, ERR_USAGE, NULL, "target", whom, " of a post", WORDS(postfiles_for));
	if (err_any(line->err) || !count_operands(line, (enum kind)kind))
		return 0;
	if (kind == KIND_SITE)
		return site_make(line, given->out ? given->out : "site", given->url, given->jobs);
	if (kind == KIND_POST)
		export_post(line, given, target);
	else
		export_file(line, given, (enum kind)kind);
	return 0;
}

const struct command command_export = {
	.name = "export",
	.operands = "CASE|FILE...",
	.operands_least = 0,
	.operands_most = -1,
	.about = "write a study as a page that its readers explore, as a post, or several as a site",
	.detail =
		"A page holds the simulator, the study and what its section `explore:` says, and asks for nothing\n"
		"(docs/explore.md). A post is Markdown beside a model, NAME.md, whose numbers and comparisons are\n"
		"computed; a site holds those that are named, by default all of casebook's own (docs/site.md).\n",
	.options = options,
	.options_size = sizeof(struct export_options),
	.run = run,
};
