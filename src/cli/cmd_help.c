/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

static int run(struct command_line *line)
{
	if (line->operands == 0) {
		command_print_overview(stdout);
		return 0;
	}
	const struct command *command = command_find(commands, line->operand[0], line->err);
	const struct command *above = NULL;
	if (command && line->operands > 1) {
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
	.operands = "[COMMAND]",
	.operands_most = 2,
	.about = "how to use casebook, or one of its commands",
	.run = run,
};
