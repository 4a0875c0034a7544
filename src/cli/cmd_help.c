/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/words.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/manual.h"
#include "cli/schema.h"
#include "io/output.h"

#include <stdio.h>
#include <string.h>

struct help_options {
	const char *as, *out;
};

static const struct option options[] = {
	OPTION_TEXT(
		struct help_options, as, "as", 0, "FORM",
		"man (all pages, into the directory of -o, or one), markdown (the reference of model files), schema "
		"(of model files, JSON, for editors), or bash, zsh, fish (completions)"),
	OPTION_TEXT(struct help_options, out, "out", 'o', "FILE", "where to; default: standard output (-)"),
	OPTION_END};

static const char *const forms[] = {"man", "markdown", "schema", "bash", "zsh", "fish", NULL};
enum { AS_MAN, AS_MARKDOWN, AS_SCHEMA };

static bool write_page(struct command_line *line, const struct manual_page *of, enum page_form form, const char *path)
{
	struct output *output = output_open(path, line->err);
	if (!output)
		return false;
	struct page page = {.into = output_file(output), .form = form, .indent = 4};
	manual_print(of, &page, line->arena);
	return output_commit(output, line->err);
}

static void write_all(struct command_line *line, const char *directory)
{
	if (!output_dir(directory, line->err))
		return;
	for (const struct manual_page *of = manual_pages(line->arena); of->name; of++)
		if (!write_page(line, of, PAGE_MAN,
				arena_format(line->arena, "%s/%s.%d", directory, of->name, of->section)))
			return;
}

static const struct manual_page *page_of(struct command_line *line, const char *topic)
{
	const struct manual_page *pages = manual_pages(line->arena), *of = pages;
	const char *topics[64];
	int count = 0;
	for (; of->name && strcmp(of->topic, topic) != 0; of++)
		topics[count++] = of->topic;
	topics[count] = NULL;
	if (of->name)
		return of;
	words_unknown(line->err, ERR_USAGE, NULL, "command", topic, "", WORDS(topics));
	return NULL;
}

static int run_as(struct command_line *line, const char *as, const char *out)
{
	int form = words_find(WORDS(forms), as);
	if (form < 0) {
		words_unknown(line->err, ERR_USAGE, NULL, "form", as, "", WORDS(forms));
		return 0;
	}
	if (line->operands > (form <= AS_MARKDOWN ? 1 : 0)) {
		err_add(line->err, ERR_USAGE, NULL, "too many operands");
		return 0;
	}
	if (form <= AS_MARKDOWN && line->operands > 0) {
		const struct manual_page *of = page_of(line, line->operand[0]);
		if (of)
			write_page(line, of, form == AS_MAN ? PAGE_MAN : PAGE_MARKDOWN, out);
		return 0;
	}
	if (form == AS_MAN && strcmp(out, "-") == 0)
		err_add(line->err, ERR_USAGE, NULL, "--as man needs a page, or -o DIR for all of them");
	else if (form == AS_MAN)
		write_all(line, out);
	if (form == AS_MAN)
		return 0;
	struct output *output = output_open(out, line->err);
	if (!output)
		return 0;
	if (form == AS_MARKDOWN)
		manual_models(output_file(output), line->arena);
	else if (form == AS_SCHEMA)
		schema_print(output_file(output), line->arena);
	else
		completion_script(as, output_file(output));
	output_commit(output, line->err);
	return 0;
}

static int run(struct command_line *line)
{
	const struct help_options *given = line->options;
	if (given->as)
		return run_as(line, given->as, given->out ? given->out : "-");
	if (given->out)
		err_add(line->err, ERR_USAGE, NULL, "-o needs --as");
	if (line->operands == 0 && !given->out)
		command_print_overview(stdout);
	if (line->operands == 0)
		return 0;
	const struct manual_page *of = page_of(line, line->operand[0]);
	if (!of)
		return 0;
	if (!of->command) {
		manual_print(of, &(struct page){.into = stdout, .form = PAGE_TEXT, .indent = 4}, line->arena);
		return 0;
	}
	const struct command *command = of->command, *above = NULL;
	if (line->operands > 1) {
		above = command;
		if (!command->commands)
			err_add(line->err, ERR_USAGE, NULL, "%s has no commands of its own", command->name);
		command = command->commands ? command_find(command->commands, line->operand[1], line->err) : NULL;
	}
	if (command)
		command_print_help(command, above, stdout);
	return 0;
}

const struct command command_help = {
	.name = "help",
	.operands = "[COMMAND|PAGE [COMMAND]]",
	.operands_most = 2,
	.about = "how to use casebook, or one of its commands; what files may say",
	.detail = "PAGE is model (what a model file may say), trace-file (traces, recipes, maps of columns) or cases\n"
		  "(parameters of each case):\n"
		  "    casebook help run\n"
		  "    casebook help model\n"
		  "    casebook help --as man -o man\n"
		  "    casebook help --as bash -o casebook.bash\n",
	.options = options,
	.options_size = sizeof(struct help_options),
	.run = run,
};
