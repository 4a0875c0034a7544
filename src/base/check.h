/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our own mistakes. A failed CHECK is a bug in casebook, never the user's fault; it is always compiled in.
 * The two functions below are the only ones that libcore asks its host for: the command line prints and leaves with
 * exit code 70, a test fails, a browser throws.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <stddef.h>

#define CHECK(condition) \
	(__builtin_expect(!!(condition), 1) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

/* Provided by the host. `what` is the source text of the condition. */
_Noreturn void check_failed(const char *file, int line, const char *what);

/* Provided by the host. `bytes` is what could not be had. */
_Noreturn void check_out_of_memory(size_t bytes);

#endif
