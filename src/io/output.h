/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that we write. A file appears under its name only when it is whole: it is written beside it under a
 * temporary name, which output_commit renames. Whatever goes wrong, a file that was there before stays as it was.
 *
 *   struct output *output = output_open(path, err);
 *   if (!output)
 *           return false;
 *   fprintf(output_file(output), ...);            errors of writing are kept until output_commit
 *   return output_commit(output, err);
 *
 * "-" is the standard output. What exists and is no regular file (a device, a pipe) is written to in place. A
 * symbolic link stays, and its target is replaced. Messages are of kind ERR_OUTPUT; their place is the path, without
 * a line.
 */
#ifndef IO_OUTPUT_H
#define IO_OUTPUT_H

#include "base/err.h"

#include <stdio.h>

struct output;

/* Begins a file. NULL and a message when it cannot be. */
struct output *output_open(const char *path, struct err *err);

/*
 * The same for a name in a directory of results: a symbolic link of that name is replaced rather than followed, and
 * what is neither a file nor a link is left alone, with a message.
 */
struct output *output_replace(const char *path, struct err *err);

/*
 * Where to write. Belongs to the output: not to be closed. A failed write shows in ferror and is told by
 * output_commit.
 */
FILE *output_file(struct output *output);

/* The path it was opened with. */
const char *output_path(const struct output *output);

/* Finishes the file under its name and frees the output. False, a message and no file when any write has failed. */
bool output_commit(struct output *output, struct err *err);

/*
 * Closes the file without giving it its name, so that several can appear together or not at all: settle each, then
 * commit each. False and a message when any write has failed; then abort it.
 */
bool output_settle(struct output *output, struct err *err);

/* Drops what was written and frees the output. NULL is allowed. */
void output_abort(struct output *output);

/*
 * Removes the temporary files of all outputs that were begun and not finished. For the end of the program, also from
 * a signal's handler: it only calls unlink.
 */
void output_abort_all(void);

/* Makes sure that there is a directory of this path, and those above it. */
bool output_dir(const char *path, struct err *err);

/* A whole file at once. */
bool output_write(const char *path, const void *bytes, size_t length, struct err *err);

#endif
