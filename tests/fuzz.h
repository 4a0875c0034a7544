/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every libFuzzer target needs. Include it in one file of a program only. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/check.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK(%s) failed\n", file, line, what);
	abort();
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	fprintf(stderr, "out of memory: %zu bytes\n", bytes);
	abort();
}

#endif
