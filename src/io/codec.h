/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compressed bytes: gzip, bzip2, xz, zstd, lz4. Reading is strict: all members (frames, streams) are read one after the
 * other and each is held against its own checks to its last byte; an end that is missing, and anything behind the last
 * member that is no member, are mistakes. What is written has a checksum over its content; the same bytes are
 * compressed to the same bytes.
 */
#ifndef IO_CODEC_H
#define IO_CODEC_H

#include <stdbool.h>
#include <stddef.h>

struct codec; /* a way to compress */

enum { CODEC_SIGN = 8 }; /* bytes that codec_of wants to see */

/* What a file that begins with these bytes is compressed by; NULL: it is plain, as far as one can see. */
const struct codec *codec_of(const unsigned char *start, size_t length);

/* What a file of this name is to be compressed by: .gz .zst .xz; NULL: nothing. */
const struct codec *codec_named(const char *path);

/* ---- reading ---- */

struct codec_reader;

/* Up to `capacity` compressed bytes; 0 is the end, -1 a failure that its owner knows of. */
typedef long codec_fill(void *of, void *buffer, size_t capacity);

struct codec_reader *codec_reader_open(const struct codec *codec, codec_fill *fill, void *of);

/*
 * Up to `capacity` bytes. 0 is the end, -1 a failure: *why tells what is wrong with the bytes, or is NULL when `fill`
 * has failed.
 */
long codec_reader_read(struct codec_reader *reader, void *buffer, size_t capacity, const char **why);

void codec_reader_close(struct codec_reader *reader);

/* ---- writing ---- */

struct codec_writer;

/* Takes compressed bytes; false when it failed. */
typedef bool codec_put(void *of, const void *bytes, size_t length);

struct codec_writer *codec_writer_open(const struct codec *codec, codec_put *put, void *of);

/* False when `put` has failed. */
bool codec_writer_write(struct codec_writer *writer, const void *bytes, size_t length);

/* Writes what is left. */
bool codec_writer_end(struct codec_writer *writer);

void codec_writer_close(struct codec_writer *writer);

#endif
