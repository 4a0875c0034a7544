/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What made a thing, kept inside of it, so that `casebook repro` can make it again: one line of JSON in ASCII, without
 * ">".
 *
 *   casebook, commit   the program
 *   arguments          of the command, without where its results go and how much it tells
 *   setup              a digest over what the model and the command line asked for
 *   trace              how trace files were read, and a digest of what is in them; "" with recipes
 *   digest             of the results
 */
#ifndef CLI_MANIFEST_H
#define CLI_MANIFEST_H

#include "cli/command.h"
#include "io/results.h"

#include <jansson.h>

/* Of results; `digest` is theirs. */
const char *manifest_of(const struct command_line *line, const struct results *results, const char *digest);

/* Of what holds no results of a run but is made of other bytes. */
const char *manifest_plain(const struct command_line *line, uint64_t setup, const char *digest);

/* The manifest in the bytes of a figure (SVG, PNG), a page or a post; NULL and a message when there is none. */
json_t *manifest_read(struct arena *arena, const char *path, const char *bytes, size_t length, struct err *err);

/* The manifest as a comment in HTML or Markdown, on a line of its own. */
const char *manifest_comment(struct arena *arena, const char *manifest);

/* The words of a list of arguments without those that say where results go; ends with NULL. NULL: it is no such list.
 */
char **manifest_arguments(struct arena *arena, const json_t *arguments);

/* The same of what was typed. */
char **manifest_kept(const struct command_line *line);

/* The first of their fields in which two manifests differ, in the order above; NULL: none. */
const char *manifest_differs(const json_t *was, const json_t *is);

#endif
