/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of the host, outside of arenas: what is asked for is there, or the program ends (check_out_of_memory). It is
 * given back by free. A product that no size_t holds counts as too much; nothing is one byte.
 */
#ifndef IO_MEMORY_H
#define IO_MEMORY_H

#include <stddef.h>

/* `memory`, or new memory for NULL, with room for `count` of that size; what is new in it is undefined. */
void *memory_sized(void *memory, size_t count, size_t size);

/* New memory for `count` of that size, all zero. */
void *memory_zeroed(size_t count, size_t size);

#endif
