/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes in a text: packed by LZMA (.lzma files), then base64. The same bytes give the same text. */
#ifndef IO_PACKED_H
#define IO_PACKED_H

#include "base/text.h"

/* Adds them as one line, without its end. */
void packed_base64(const void *bytes, size_t length, struct text *into);

/* How many bytes they are, gzipped. */
size_t packed_length(const void *bytes, size_t length);

#endif
