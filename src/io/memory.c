/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/memory.h"
#include "base/check.h"

#include <stdint.h>
#include <stdlib.h>

void *memory_sized(void *memory, size_t count, size_t size)
{
	memory = count <= SIZE_MAX / size ? realloc(memory, count ? count * size : 1) : NULL;
	if (!memory)
		check_out_of_memory(count * size);
	return memory;
}

void *memory_zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		check_out_of_memory(count * size);
	return memory;
}
