/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files, and directories of our own for a while. */
#ifndef IO_FILES_H
#define IO_FILES_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>

/* A regular file's bytes, with a NUL behind them. NULL and a message when it cannot be read. */
char *files_read(struct arena *arena, const char *path, size_t *length, struct err *err);

/* A new directory below TMPDIR, or /tmp. NULL and a message when there can be none. */
char *files_scratch(struct arena *arena, struct err *err);

/* Removes a directory and all that is in it, following no links. */
void files_remove(const char *path);

#endif
