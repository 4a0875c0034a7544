/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading ahead: a thread asks a row source for its rows and keeps a few blocks of them, so that reading a trace and
 * replaying it go on at the same time. The rows and their order are the source's.
 */
#ifndef IO_AHEAD_H
#define IO_AHEAD_H

#include "engine/row.h"

struct ahead;

/*
 * From now on `source` belongs to a thread. With each block it keeps what *note is after the source has filled it. NULL
 * when there is only one processor, or no thread to be had: then the source can be asked as before.
 */
struct ahead *ahead_start(struct row_source *source, const struct row_records *note);

/* As row_source's fill; *note is that of the block the rows are from. After a 0 the thread has ended. */
size_t ahead_fill(struct ahead *ahead, struct row *rows, size_t capacity, struct row_records *note);

/* Ends the thread, wherever it is; then the source can be closed. */
void ahead_stop(struct ahead *ahead);

#endif
