/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hash mod n, of a list of those who are in. With n + 1 of them one key in n + 1 stays where it was.
 */
#include "model/placement.h"

static void build(struct placement *placement)
{
	(void)placement;
}

static int owner(const struct placement *placement, uint64_t hash, int64_t *looks)
{
	++*looks;
	return placement->member[hash % (uint64_t)placement->members];
}

const struct placement_kind placement_modulo = {
	.name = "modulo",
	.about = "hash mod n",
	.build = build,
	.owner = owner,
};
