/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes packed traces, which io/cbt.h reads.
 */
#ifndef IO_CBT_WRITE_H
#define IO_CBT_WRITE_H

#include "io/csv.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct cbt_writer;

/* Whether the name of a file ends in .cbt. */
bool cbt_named(const char *path);

/*
 * Begins a file: names as a CSV's header has them, `columns` of them; which is the time, and its unit in ns (0: dates).
 * Mistakes of writing show in ferror.
 */
struct cbt_writer *cbt_writer_open(FILE *file, const char *const *names, int columns, int time, int64_t unit);

/* The next record, and its time in ns. */
void cbt_writer_put(struct cbt_writer *writer, const struct csv_field *fields, int64_t time);

/* Writes what is left, and the end: without it the file is a cut one. */
void cbt_writer_end(struct cbt_writer *writer);

/* Frees it; what was not ended stays cut. NULL is allowed. */
void cbt_writer_close(struct cbt_writer *writer);

#endif
