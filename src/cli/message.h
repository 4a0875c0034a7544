/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said on standard error: mistakes with their line and a caret, warnings, notes. Coloured on a terminal unless
 * NO_COLOR is set, or as --color says.
 */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "base/err.h"

#include <stdbool.h>

/* -q: no notes. -v: details too. */
void message_verbosity(bool quiet, bool verbose);
bool message_is_quiet(void);
bool message_is_verbose(void);

/* What --color says: auto, always, never; NULL is auto. False and a message when it is another word. */
enum message_color { MESSAGE_COLOR_AUTO, MESSAGE_COLOR_ALWAYS, MESSAGE_COLOR_NEVER };
bool message_color(const char *when, struct err *err);

/* Whether standard error is a terminal, and whether it takes colours. */
bool message_to_terminal(void);
bool message_in_color(void);

/* Prints every message of err, `file:line:column: error: text` with the source line, and how many more there were. */
void message_errors(const struct err *err);

/* One line each: "error: ...", "warning: ...", "...". */
void message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
