/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_HOLDER_H
#define BASE_HOLDER_H

#include <stddef.h>

/* The struct `type` whose member `field` is what `pointer` points to. */
#define HOLDER(pointer, type, field) ((type *)(void *)((char *)(pointer) - offsetof(type, field)))

#endif
