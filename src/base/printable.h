/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts of others that reach a terminal or a file: valid UTF-8, and nothing in it that a terminal would obey or that
 * changes the order of what is read (escapes, control characters of both kinds, marks of direction).
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the UTF-8 character at `text`, at most `length` bytes, and its code; 0 when there is none. */
size_t printable_character(const char *text, size_t length, uint32_t *code);

/* Whether a character may be shown: no control character, no mark of direction. */
bool printable_is(uint32_t code);

/* The first place in a text that is not fit to be shown, but for tabs and line ends; NULL when all of it is. */
const char *printable_not(const char *text);

/*
 * Copies a text, as much of it as fits into `size` bytes with the NUL, whole characters only; a ? stands for each byte
 * or character that is not fit to be shown. Returns `to`.
 */
char *printable_copy(char *to, size_t size, const char *from);

#endif
