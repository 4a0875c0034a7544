/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text inside of a PNG, as a chunk tEXt with the keyword "casebook": pictures stay what they are. */
#ifndef PLOT_PNG_H
#define PLOT_PNG_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdio.h>

/* Copies a PNG with the text (ASCII) in it, behind its header. False, having written nothing, when it is no PNG. */
bool png_finish(FILE *file, const char *png, size_t length, const char *text);

/* The text that a PNG holds; NULL when it is no PNG, is broken, or holds none. */
char *png_text(struct arena *arena, const char *png, size_t length);

#endif
