/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recipe (io/tracefit.h) of a trace of which no model tells what its columns are: they are guessed. */
#ifndef IO_FITFILE_H
#define IO_FITFILE_H

#include "io/tracefit.h"
#include "io/traceinfo.h"

/*
 * Columns of numbers are times or bytes where their names tell so (took_ms, bytes, size), else counts; those that are
 * below 0 or have fractions without a unit are left out, with a comment. Up to ten different texts are words, more are
 * keys. False and messages on mistakes.
 */
bool fit_file(struct arena *arena, const char *path, const struct trace_info_options *options, FILE *file,
	      struct err *err);

#endif
