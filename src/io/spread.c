/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of one tick are held until the first of the next is seen. */
#include "io/spread.h"
#include "io/memory.h"

#include <stdlib.h>
#include <string.h>

struct spread {
	struct row_source *source;
	int64_t tick;
	bool evenly, ended;
	struct rng_stream stream;
	struct row block[ROW_BLOCK]; /* of the source, given from `at` on */
	size_t at, count;
	struct row *held; /* of a tick, with their times; given from `given` on */
	int64_t *offset;
	size_t given, holds, room;
};

struct spread *spread_open(struct row_source *source, int64_t tick, bool evenly, struct rng_stream stream)
{
	struct spread *spread = memory_zeroed(1, sizeof *spread);
	*spread = (struct spread){.source = source, .tick = tick, .evenly = evenly, .stream = stream};
	return spread;
}

void spread_close(struct spread *spread)
{
	if (!spread)
		return;
	free(spread->held);
	free(spread->offset);
	free(spread);
}

/* The next row of the source, which stays; NULL at its end. */
static const struct row *next_row(struct spread *spread)
{
	if (spread->at == spread->count && !spread->ended) {
		spread->count = spread->source->fill(spread->source, spread->block, ROW_BLOCK);
		spread->at = 0;
		spread->ended = spread->count == 0;
	}
	return spread->at < spread->count ? &spread->block[spread->at] : NULL;
}

static void hold(struct spread *spread, const struct row *row)
{
	if (spread->holds == spread->room) {
		spread->room = spread->room ? 2 * spread->room : 64;
		spread->held = memory_sized(spread->held, spread->room, sizeof *spread->held);
		spread->offset = memory_sized(spread->offset, spread->room, sizeof *spread->offset);
	}
	spread->held[spread->holds++] = *row;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void place_rows(struct spread *spread, int64_t start)
{
	int64_t count = (int64_t)spread->holds;
	__extension__ typedef __int128 wide;
	for (int64_t i = 0; i < count; i++) {
		struct rng rng = rng_of(spread->stream, spread->held[i].id);
		spread->offset[i] = spread->evenly ? (int64_t)((wide)spread->tick * (2 * i + 1) / (2 * count))
						   : (int64_t)rng_below(&rng, (uint64_t)spread->tick);
	}
	if (!spread->evenly)
		qsort(spread->offset, spread->holds, sizeof *spread->offset, compare);
	for (int64_t i = 0; i < count; i++)
		spread->held[i].time = start + spread->offset[i];
}

/* Holds the rows of the next tick. False at the end. */
static bool next_tick(struct spread *spread)
{
	const struct row *row = next_row(spread);
	spread->given = spread->holds = 0;
	if (!row)
		return false;
	int64_t start = row->time - row->time % spread->tick;
	for (; row && row->time - start < spread->tick; row = next_row(spread)) {
		hold(spread, row);
		spread->at++;
	}
	place_rows(spread, start);
	return true;
}

size_t spread_fill(struct spread *spread, struct row *rows, size_t capacity)
{
	size_t count = 0;
	while (count < capacity && (spread->given < spread->holds || next_tick(spread))) {
		size_t left = spread->holds - spread->given, some = left < capacity - count ? left : capacity - count;
		memcpy(rows + count, spread->held + spread->given, some * sizeof *rows);
		spread->given += some;
		count += some;
	}
	return count;
}
