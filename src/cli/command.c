/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "base/words.h"
#include "cli/page.h"

#include <string.h>

#define COMMAND(name) &command_##name,
const struct command *const commands[] = {
#include "cli/commands.def"
	NULL
};
#undef COMMAND

const struct exit_status exit_statuses[] = {
	{ERR_NONE, "done, and what was expected held"},
	{ERR_EXPECTATION, "a claim does not hold (`verify`), or a limit is passed (`compare --fail-if`, `--within`)"},
	{ERR_USAGE, "the command line is wrong"},
	{ERR_MODEL, "the model file is wrong"},
	{ERR_TRACE, "the trace is wrong"},
	{ERR_INCONCLUSIVE, "not settled by this many replications"},
	{ERR_OUTPUT, "output could not be written, or no memory was left"},
	{ERR_BUG, "a mistake of casebook's own"},
	{ERR_INTERRUPTED, "interrupted; what was finished is kept"},
	{0, NULL}};

const struct command *command_find(const struct command *const *table, const char *name, struct err *err)
{
	int index = words_find(WORDS_OF_POINTERS(table), name);
	if (index >= 0)
		return table[index];
	words_unknown(err, ERR_USAGE, NULL, "command", name, "", WORDS_OF_POINTERS(table));
	return NULL;
}

void command_print_help(const struct command *command, const struct command *above, FILE *into)
{
	const char *blank = above ? " " : "", *name = above ? above->name : "";
	fprintf(into, "usage: casebook %s%s%s%s%s%s\n\n", name, blank, command->name,
		command->commands ? " COMMAND" : "", command->operands && *command->operands ? " " : "",
		command->operands ? command->operands : "");
	options_help_text(0, command->about, into);
	if (command->commands) {
		fputs("\ncommands:\n", into);
		for (const struct command *const *each = command->commands; *each; each++)
			options_help_line((*each)->name, (*each)->about, into);
		fprintf(into, "\n`casebook %s COMMAND --help` tells more.\n", command->name);
		return;
	}
	fputs("\noptions:\n", into);
	options_help(command->options, into);
	if (command->detail) {
		struct page page = {.into = into, .form = PAGE_TEXT};
		fputc('\n', into);
		page_detail(&page, command->detail);
	}
}

void command_print_overview(FILE *into)
{
	fputs("casebook replays traces of timed requests through models of real architectures.\n\n"
	      "usage: casebook COMMAND ...\n\ncommands:\n",
	      into);
	for (const struct command *const *each = commands; *each; each++)
		options_help_line((*each)->name, (*each)->about, into);
	fputs("\n`casebook COMMAND --help` tells more about one. A good first one: casebook list\n"
	      "`casebook help model` tells every key of a model file, `casebook help cases` every parameter.\n"
	      "\nexit status:\n",
	      into);
	for (const struct exit_status *each = exit_statuses; each->means; each++) {
		char number[8];
		snprintf(number, sizeof number, "%d", each->status);
		options_help_line(number, each->means, into);
	}
}
