/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables that a page makes of itself are those of engine/ziggurat.h, to the last bit. */
#include "../build-aux/wasm-ziggurat.c"
#include "tap.h"

/* How many layers differ; tables have no bytes between their fields. */
static int differing(const struct ziggurat_layer *a, const struct ziggurat_layer *b)
{
	int count = 0;
	for (int i = 0; i <= ZIGGURAT_LAYERS; i++)
		count += memcmp(&a[i], &b[i], sizeof *a) != 0;
	return count;
}

int main(void)
{
	struct ziggurat_layer exponential[ZIGGURAT_LAYERS + 1], normal[ZIGGURAT_LAYERS + 1];
	ziggurat_make(exponential, normal);
	is_int(differing(exponential, ziggurat_exp), 0, "layers of the exponential density that differ");
	is_int(differing(normal, ziggurat_normal), 0, "layers of the normal density that differ");
	exponential[100].width *= 1 + 0x1p-52;
	is_int(differing(exponential, ziggurat_exp), 1, "canary: one bit is noticed");
	return done_testing();
}
