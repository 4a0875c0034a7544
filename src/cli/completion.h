/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completion of a command line in a shell. The scripts for bash, zsh and fish know nothing: they ask `casebook
 * --complete WORD... LAST`, which prints what the last word may become, a line each, a tab, and what it is. The line
 * ":files" or
 * ":directories" asks the shell for names of these.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/command.h"

/* Prints what the last word of a line (without "casebook") may become. */
void completion_print(const char *const *word, int count, struct arena *arena, FILE *into);

/* The script of "bash", "zsh" or "fish". */
void completion_script(const char *shell, FILE *into);

/* Whether what stands for a value in --help ("FILE", "KEY=VALUE") is known here; for a test. */
bool completion_knows(const char *value);

#endif
