/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_SITE_H
#define CLI_SITE_H

#include "cli/command.h"

/*
 * Makes a site of the operands, or of all models that come with casebook and have a post: static files that ask for
 * nothing. What has not changed since it was made is left as it is. `url` (NULL: not known) is where it will be.
 * Returns an exit code, or 0 with messages.
 */
int site_make(struct command_line *line, const char *dir, const char *url, int64_t jobs);

#endif
