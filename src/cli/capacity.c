/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thread that takes a while for each request can do so many a second, whatever happens in the queue before it: with
 * the rate at which requests come, that is how much of it is in use, at least (the utilisation law). The mix of
 * requests is taken from the first rows of the trace.
 */
#include "cli/capacity.h"
#include "cli/message.h"
#include "stats/shown.h"

enum { ROWS_LOOKED_AT = 400 };

void capacity_warn(const struct setup *setup, struct arena *arena)
{
	const struct case_study *of = setup->of;
	if (!of->needs || !setup->trace.recipe)
		return;
	struct row *rows = ARENA_ARRAY(arena, ROWS_LOOKED_AT, struct row);
	struct row_source *source = recipe_rows(arena, setup->trace.recipe, (uint64_t)setup->run.seed, 0, 1);
	size_t count = source->fill(source, rows, ROWS_LOOKED_AT);
	struct case_parts parts = of->parts(setup->params, arena);
	double *seconds = ARENA_ARRAY(arena, (size_t)parts.count, double), rate = 0, used = 0;
	if (!of->needs(setup->params, rows, count, arena, seconds))
		return;
	for (int i = 0; i < setup->trace.stretches; i++)
		if (setup->trace.stretch[i].rate > rate)
			rate = setup->trace.stretch[i].rate;
	int first = -1;
	for (int i = 0; i < parts.count; i++)
		if (rate * seconds[i] / parts.part[i].most > used) {
			used = rate * seconds[i] / parts.part[i].most;
			first = i;
		}
	char offered[SHOWN_VALUE], most[SHOWN_VALUE];
	if (used > 1)
		message_warning(
			"%s: at %s %s saturates first: it is offered %.0f %% of what its threads can do, even if "
			"nothing waits; they can do %s",
			setup->name, shown_value(rate, QUANTITY_RATE, offered), parts.part[first].name, 100 * used,
			shown_value(rate / used, QUANTITY_RATE, most));
}
