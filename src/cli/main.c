/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the command, reads its options, runs it, tells what went wrong. Also the host of libcore: what happens when a
 * CHECK fails or memory ends.
 */
#include "base/check.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/version.h"
#include "io/output.h"
#include "plot/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr,
		"%s:%d: CHECK(%s) failed. This is a mistake in casebook %s, not yours: please report it, with the "
		"command "
		"line.\n",
		file, line, what, version_number());
	output_abort_all();
	_Exit(ERR_BUG);
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	fprintf(stderr,
		"error: out of memory: %zu bytes more were needed. A larger slice, fewer --jobs or a shorter trace "
		"need "
		"less.\n",
		bytes);
	output_abort_all();
	_Exit(ERR_OUTPUT); /* a resource that is missing, as a disk that is full */
}

/* Leaves nothing half written behind, and ends the way the signal would have. */
static void interrupted(int number)
{
	gnuplot_end_all();
	output_abort_all();
	signal(number, SIG_DFL);
	raise(number);
}

static void set_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = interrupted};
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct sigaction before;
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	/* Who closes our output has seen enough; a run still writes its files. */
	signal(SIGPIPE, SIG_IGN);
	/* A file that may grow no larger is a write that fails. */
	signal(SIGXFSZ, SIG_IGN);
}

/* The line as one could type it again. */
static const char *line_text(struct arena *arena, int count, char *const *arguments)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+";
	const char *text = "casebook";
	for (int i = 1; i < count; i++) {
		const char *word = arguments[i];
		if (*word && strspn(word, plain) == strlen(word)) {
			text = arena_format(arena, "%s %s", text, word);
			continue;
		}
		text = arena_format(arena, "%s '", text);
		for (const char *quote; (quote = strchr(word, '\'')); word = quote + 1)
			text = arena_format(arena, "%s%.*s'\\''", text, (int)(quote - word), word);
		text = arena_format(arena, "%s%s'", text, word);
	}
	return text;
}

static bool count_operands(const struct command *command, const struct command *above, int operands, struct err *err)
{
	if (operands < command->operands_least || (command->operands_most >= 0 && operands > command->operands_most))
		return err_add(err, ERR_USAGE, NULL, "%s operands; usage: casebook %s%s%s %s",
			       operands < command->operands_least ? "missing" : "too many", above ? above->name : "",
			       above ? " " : "", command->name, command->operands ? command->operands : "");
	return true;
}

static int run_command(struct command_line *line, int count, char *const *arguments)
{
	struct option_texts operands;
	struct options_common common;
	struct err *err = line->err;
	const struct command *above = NULL;
	bool flag = arguments[0][0] == '-' && arguments[0][1];
	if (strcmp(arguments[0], "--version") == 0) {
		line->command = &command_version;
	} else if (strcmp(arguments[0], "--help") == 0 || strcmp(arguments[0], "-h") == 0) {
		command_print_overview(stdout);
		return 0;
	} else if (strcmp(arguments[0], "--complete") == 0) {
		completion_print((const char *const *)arguments + 1, count - 1, line->arena, stdout);
		return 0;
	} else if (flag) {
		err_add(err, ERR_USAGE, NULL, "the command must come first: casebook COMMAND %.60s ...", arguments[0]);
		return ERR_USAGE;
	} else {
		line->command = command_find(commands, arguments[0], err);
	}
	int taken = 1;
	while (line->command && line->command->commands) {
		above = line->command;
		if (taken == count) {
			command_print_help(above, NULL, stderr);
			return ERR_USAGE;
		}
		if (strcmp(arguments[taken], "--help") == 0 || strcmp(arguments[taken], "-h") == 0) {
			command_print_help(above, NULL, stdout);
			return 0;
		}
		line->command = command_find(above->commands, arguments[taken++], err);
	}
	if (!line->command)
		return ERR_USAGE;
	const struct command *command = line->command;
	void *options = arena_get(line->arena, command->options_size + 1);
	bool good = options_read(command->options, options, count - taken, arguments + taken, line->arena, &operands,
				 &common, err);
	if (common.help) {
		err_init(err);
		command_print_help(command, above, stdout);
		return 0;
	}
	message_verbosity(common.quiet, common.verbose);
	good = message_color(common.color, err) && good;
	line->options = options;
	line->operand = operands.text;
	line->operands = operands.count;
	if (!good || !count_operands(command, above, operands.count, err))
		return ERR_USAGE;
	return command->run(line);
}

/*
 * Descriptors that were closed are opened, so that no file of ours gets their numbers: in a way that what is meant for
 * them fails.
 */
static void open_standard(void)
{
	for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++)
		if (fcntl(number, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY) != number)
			_Exit(ERR_OUTPUT);
}

/* Everything printed must have arrived, unless the reader of a pipe went away. */
static int end_output(int status)
{
	int error = fflush(stdout) == 0 ? 0 : errno;
	if (error == 0 && !ferror(stdout))
		return status;
	struct pollfd pipe = {.fd = STDOUT_FILENO};
	if (error == EPIPE || (poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR)))
		return status;
	message_error("cannot write to standard output: %s", error ? strerror(error) : "a part was lost");
	return ERR_OUTPUT;
}

int main(int count, char **arguments)
{
	static struct err err;
	struct arena arena;
	open_standard();
	arena_init(&arena);
	err_init(&err);
	set_signals();
	gsl_set_error_handler_off();
	struct command_line line = {.program = "casebook", .arena = &arena, .err = &err};
	line.text = line_text(&arena, count, arguments);
	line.arguments = arguments + (count > 0);
	int status = ERR_USAGE;
	if (count < 2)
		command_print_overview(stderr);
	else
		status = run_command(&line, count - 1, arguments + 1);
	if (status == 0 && err_any(&err))
		status = (int)err.kind;
	if (status == 0 && interrupt_heard()) {
		message_note("interrupted while figures were drawn; `casebook plot DIR` draws the others");
		status = ERR_INTERRUPTED;
	}
	status = end_output(status);
	message_errors(&err);
	output_abort_all();
	arena_free(&arena);
	return status;
}
