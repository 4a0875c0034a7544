/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/posting.h"
#include "base/fnv.h"
#include "cli/interrupt.h"
#include "cli/manifest.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/version.h"
#include "figure/text.h"
#include "io/files.h"
#include "io/output.h"
#include "io/paths.h"
#include "plot/figure_files.h"

#include <string.h>
#include <unistd.h>

/* The path of the post of an argument, whether it is there or not. */
static const char *path_of(struct command_line *line, const char *argument)
{
	struct arena *arena = line->arena;
	const char *model = paths_is_file(argument) ? argument : NULL;
	if (!model)
		return paths_data_file(arena, arena_format(arena, "posts/%s.md", argument));
	size_t length = strlen(model);
	bool ends = length > 5 && strcmp(model + length - 5, ".yaml") == 0;
	return arena_format(arena, "%.*s.md", (int)(ends ? length - 5 : length), model);
}

bool posting_exists(struct command_line *line, const char *argument)
{
	const char *path = path_of(line, argument);
	return path && access(path, R_OK) == 0;
}

bool posting_open(struct posting *posting, const char *argument)
{
	struct command_line *line = posting->line;
	size_t length;
	posting->page = (struct webpage){.line = line, .argument = argument};
	if (!webpage_open(&posting->page))
		return false;
	posting->name = posting->page.name;
	posting->path = path_of(line, argument);
	if (!posting->path || access(posting->path, R_OK) != 0)
		return err_add(line->err, ERR_USAGE, NULL,
			       "%.100s has no post: write %.200s; docs/site.md tells what one is made of", argument,
			       posting->path ? posting->path : "one");
	posting->bytes = files_read(line->arena, posting->path, &length, line->err);
	posting->post =
		posting->bytes ? post_read(line->arena, posting->path, posting->bytes, length, line->err) : NULL;
	const struct study *study = posting->page.whole;
	posting->explored = study->explore && webpage_possible(line, study->of->name);
	if (posting->post && study->explore && !posting->explored)
		message_note("%s: without its page, whose engine has not been built (`./bootstrap pages`)",
			     posting->name);
	return posting->post != NULL;
}

static uint64_t add_file(struct arena *arena, uint64_t key, const char *path)
{
	struct err ignored;
	size_t length = 0;
	err_init(&ignored);
	const char *bytes = path && access(path, R_OK) == 0 ? files_read(arena, path, &length, &ignored) : NULL;
	key = fnv_integer(key, length);
	for (size_t i = 0; bytes && i < length; i++)
		key = fnv_byte(key, (unsigned char)bytes[i]);
	return key;
}

uint64_t posting_key(const struct posting *posting)
{
	static const char *const parts[] = {"page.html", "page.css", "page.js", "worker.js", NULL};
	struct arena own, *arena = &own;
	arena_init(arena);
	uint64_t key = fnv_text(fnv_text(FNV_BASIS, posting->bytes), posting->page.read.bytes);
	key = add_file(arena, key, "/proc/self/exe");
	key = fnv_integer(key, posting->explored);
	for (int i = 0; posting->explored && parts[i]; i++)
		key = add_file(arena, key, paths_data_file(arena, arena_format(arena, "pages/%s", parts[i])));
	if (posting->explored)
		key = add_file(
			arena, key,
			paths_data_file(arena, arena_format(arena, "pages/%s.wasm", posting->page.whole->of->name)));
	arena_free(arena);
	return key;
}

/* ---- results ---- */

static const char *manifest_for(const struct posting *posting)
{
	struct measured *measured = posting->measured;
	const char *trace[MEASURED_MAX], *contents[MEASURED_MAX];
	struct results results = {.study = posting->page.whole,
				  .outcome = measured->outcome,
				  .trace = trace,
				  .contents = contents,
				  .outcomes = measured->run};
	struct command_line line = *posting->line;
	for (int i = 0; i < measured->run; i++) {
		const struct trace_file *file = campaign_file(&measured->campaign, measured->outcome[i]);
		trace[i] = file ? trace_file_describe(file) : NULL;
		contents[i] = campaign_contents(&measured->campaign, measured->outcome[i], line.arena);
	}
	line.arguments = posting->arguments;
	return manifest_of(&line, &results, posting->digest);
}

bool posting_measure(struct posting *posting)
{
	struct command_line *line = posting->line;
	struct arena *arena = line->arena;
	char digest[RESULTS_DIGEST];
	struct measured *measured = measured_new(arena, posting->post, posting->page.whole, line->err);
	posting->measured = measured;
	if (!measured)
		return false;
	enum exec_end end =
		progress_campaign(&measured->campaign, exec_threads(posting->jobs), interrupt_flag(), line->err);
	if (end != EXEC_DONE || !measured_judge(measured, line->err))
		return false;
	posting->digest =
		arena_text(arena, results_digest(outcome_digest_all(measured->outcome, measured->run), digest));
	posting->manifest = manifest_for(posting);
	posting->title = measured_words(measured, posting->post->title, line->err);
	posting->summary = measured_words(measured, posting->post->summary, line->err);
	return !err_any(line->err);
}

void posting_close(struct posting *posting)
{
	if (posting->measured)
		measured_free(posting->measured);
	posting->measured = NULL;
}

/* ---- parts ---- */

static struct figure *figure_at(const struct posting *posting, int index)
{
	struct arena *arena = posting->line->arena;
	const char *footer = arena_format(arena, "casebook %s · %s", version_number(), posting->digest);
	struct figure *figure = measured_figure(posting->measured, index, footer, posting->line->err);
	if (figure)
		figure->manifest = posting->manifest;
	return figure;
}

bool posting_figures(const struct posting *posting, const char *dir)
{
	static const char *const working[] = {"gp", "tsv", "alt.txt", NULL};
	struct command_line *line = posting->line;
	const char *templates = paths_data_file(line->arena, "plots");
	struct figure *figure[MEASURED_MAX];
	int count = 0;
	for (int f = 0; f < posting->measured->figures; f++)
		if ((figure[count] = figure_at(posting, f)))
			count++;
	if (err_any(line->err) || !output_dir(dir, line->err))
		return false;
	bool good = figure_write_all(figure, count, dir, FIGURE_SVG, templates, line->err) &&
		    (count == 0 || figure_write_all(figure, 1, dir, FIGURE_CARD, templates, line->err));
	for (int f = 0; f < count; f++)
		for (int w = 0; working[w]; w++)
			unlink(arena_format(line->arena, "%s/%s.%s", dir, figure[f]->name, working[w]));
	return good;
}

const char *posting_alt(const struct posting *posting, const char *figure)
{
	for (int f = 0; f < posting->measured->figures; f++)
		if (strcmp(posting->measured->figure[f]->name, figure) == 0) {
			const struct figure *made = figure_at(posting, f);
			return made ? text_clean(posting->line->arena, made->title) : "";
		}
	return "";
}

static void put_limits(const struct study *study, struct text *into)
{
	if (!study->leaves_out || !study->leaves_out[0])
		return;
	text_add(into, "\n## What the model leaves out\n\n");
	for (const char **left = study->leaves_out; *left; left++)
		text_add(into, "- %s\n", *left);
}

static void put_commands(const struct posting *posting, struct text *into)
{
	const char *argument = posting->page.argument;
	const struct outcome *first = posting->measured->outcome[0];
	int values = posting->post->values, checks = posting->post->checks;
	text_add(into,
		 "\n## How to reproduce it\n\n```sh\n"
		 "casebook run %s       # the figures\n"
		 "casebook verify %s    # every claim, and again without its mechanism\n"
		 "casebook show %s      # every parameter, and where its value is from\n",
		 argument, argument, argument);
	if (!paths_is_file(argument))
		text_add(into, "casebook init %s my   # a copy to change\n", argument);
	text_add(into,
		 "```\n\nMade by casebook %s with seed %lld; the digest of the results is `%s`. %d value%s in the text "
		 "%s computed when it was made, and %d comparison%s in it %s checked.\n",
		 version_number(), (long long)first->setup->run.seed, posting->digest, values, values == 1 ? "" : "s",
		 values == 1 ? "was" : "were", checks, checks == 1 ? "" : "s", checks == 1 ? "was" : "were");
}

bool posting_markdown(const struct posting *posting, measured_figure_fn *put, void *context, const char *before_end,
		      struct text *into)
{
	if (!measured_body(posting->measured, put, context, into, posting->line->err))
		return false;
	text_add(into, "\n%s", before_end);
	if (posting->measured->claims > 0) {
		text_add(into, "\n## What is claimed, and what was measured\n\n");
		measured_claims(posting->measured, into);
	}
	put_limits(posting->page.whole, into);
	put_commands(posting, into);
	return true;
}

bool posting_page(struct posting *posting, const char *path)
{
	struct text page;
	text_begin(&page, posting->line->arena);
	return webpage_html(&posting->page, &page) && output_write(path, page.bytes, page.length, posting->line->err);
}
