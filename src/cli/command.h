/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a command is. Each lives in cmd_NAME.c, which defines `const struct command command_NAME`. To add one: that
 * file, a line in commands.def, and a line in Makefile.am.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/arena.h"
#include "base/err.h"
#include "cli/options.h"

struct command_line;

struct command {
	const char *name;
	const char *operands;              /* for --help: "CASE|FILE", "[CASE...]", "" */
	int operands_least, operands_most; /* how many; most -1: any number */
	const char *about;                 /* one line */
	const char *detail;                /* more for --help, lines of text; may be NULL */
	const struct option *options;      /* ends with OPTION_END; NULL: none but --help */
	size_t options_size;               /* of the struct they fill */

	/*
	 * Does it. Returns the exit code. Mistakes of the user are added to line->err: they are printed afterwards, and
	 * the kind of the first is the exit code when this returns 0.
	 */
	int (*run)(struct command_line *line);

	/* Instead of all that follows `about`: the command's own commands (`trace gen`); ends with NULL. */
	const struct command *const *commands;
};

struct command_line {
	const struct command *command;
	const void *options;  /* the struct that the options filled */
	const char **operand; /* ends with NULL */
	int operands;
	const char *text;    /* the whole line as typed, quoted for a shell */
	char *const *arguments; /* from the command's name on; ends with NULL */
	const char *program; /* "casebook" */
	struct arena *arena; /* lives until the program ends */
	struct err *err;
};

/* All commands, in the order of commands.def; ends with NULL. */
extern const struct command *const commands[];

#define COMMAND(name) extern const struct command command_##name;
#include "cli/commands.def"
#undef COMMAND

/* What the status of the program means; ends with NULL. */
struct exit_status {
	int status;
	const char *means;
};
extern const struct exit_status exit_statuses[];

/* The help of one command, and of the program. `above` is the command it belongs to, or NULL. */
void command_print_help(const struct command *command, const struct command *above, FILE *into);
void command_print_overview(FILE *into);

/* Finds a command by name; on a slip adds ERR_USAGE with a suggestion and returns NULL. */
const struct command *command_find(const struct command *const *table, const char *name, struct err *err);

#endif
