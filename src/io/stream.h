/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes of a file that may be compressed (io/codec.h). Reading goes by content: gzip, bzip2, xz, zstd, lz4 or none of
 * them. Writing goes by name: .gz, .zst, .xz, otherwise plain. A file that changes after it was opened is a mistake.
 *
 * "-" is the standard input. It, and other files that can be read only once (a pipe), are first copied to a
 * temporary file without a name, so that every reader can begin at the start: a struct stream_file is opened once
 * and read often, also by several threads.
 */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- reading; messages are of kind `kind`, which the caller chooses (ERR_TRACE, ERR_MODEL) ---- */

enum { STREAM_PEEK = 16 };

struct stream_file;
struct stream;

/* NULL and a message when it is missing, unreadable, a directory, a device, a pipe that nobody writes into. */
struct stream_file *stream_file_open(const char *path, enum err_kind kind, struct err *err);

/* The path, or "standard input": for messages. Lives as long as the file. */
const char *stream_file_name(const struct stream_file *file);

void stream_file_close(struct stream_file *file);

/* A reader of its own at the start of the file. NULL and a message when it is broken there. */
struct stream *stream_open(struct stream_file *file, struct err *err);

/* A reader of bytes in memory, which must outlive it. */
struct stream *stream_of_memory(const char *name, const void *bytes, size_t length, enum err_kind kind,
				struct err *err);

/*
 * Up to `capacity` bytes, after decompression. Returns how many; 0 is the end; -1 with a message (a truncated
 * .gz).
 */
long stream_read(struct stream *stream, void *buffer, size_t capacity, struct err *err);

/*
 * The first bytes, up to STREAM_PEEK of them, of a stream that has not been read from; they are read again by
 * stream_read. Returns how many; mistakes are told by stream_read.
 */
size_t stream_peek(struct stream *stream, void *buffer, size_t capacity);

const char *stream_name(const struct stream *stream);

void stream_close(struct stream *stream);

/* ---- writing; as io/output.h, with a filter chosen by the end of the name ---- */

struct stream_output;

struct stream_output *stream_output_open(const char *path, struct err *err);
FILE *stream_output_file(struct stream_output *output);
bool stream_output_commit(struct stream_output *output, struct err *err);
void stream_output_abort(struct stream_output *output);

#endif
