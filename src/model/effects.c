/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A count for each thing that is watched, in a table that shrinks when they end. */
#include "model/effects.h"
#include "base/check.h"

void effects_init(struct effects *effects, struct arena *arena)
{
	*effects = (struct effects){.strays = 0};
	keymap_init(&effects->things, arena, sizeof(struct effects_thing));
}

void effects_begin(struct effects *effects, uint64_t thing, int64_t since)
{
	bool fresh;
	struct effects_thing *entry = keymap_put(&effects->things, thing, &fresh);
	CHECK(fresh);
	entry->since = since;
}

const struct effects_thing *effects_happen(struct effects *effects, uint64_t thing)
{
	struct effects_thing *entry = keymap_find(&effects->things, thing);
	if (entry)
		entry->times++;
	else
		effects->strays++;
	return entry;
}

int64_t effects_end(struct effects *effects, uint64_t thing)
{
	const struct effects_thing *entry = keymap_find(&effects->things, thing);
	CHECK(entry);
	int64_t times = entry->times;
	keymap_drop(&effects->things, thing);
	return times;
}
