/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A histogram becomes its bins in use: the gap since the last one and the count, seven bits a byte. Sums are added and
 * subtracted modulo a power of two, so that taking out is exactly the reverse of merging.
 */
#include "engine/imprint.h"

#include <string.h>

struct imprint_part {
	uint64_t count;
	hist_sum total; /* the sum of a distribution, the total of the others */
	struct wide squares;
	const uint8_t *bins, *end;
};

struct imprint_window {
	uint64_t rows;
	int64_t counted;
};

struct imprint {
	int metrics, windows;
	int64_t counted;
	const struct metric *metric;
	struct imprint_window *window;
	struct imprint_part *part; /* [metric][window] */
};

/* ---- making one ---- */

enum { VARINT = 10 };

static uint8_t *put(uint8_t *at, uint64_t number)
{
	for (; number >= 128; number >>= 7)
		*at++ = (uint8_t)(number | 128);
	*at++ = (uint8_t)number;
	return at;
}

static const uint8_t *get(const uint8_t *at, uint64_t *number)
{
	*number = 0;
	for (int shift = 0;; shift += 7) {
		*number |= (uint64_t)(*at & 127) << shift;
		if (!(*at++ & 128))
			return at;
	}
}

static void pack(struct imprint_part *part, const struct hist *hist, struct arena *arena)
{
	uint8_t chunk[1024], *at = chunk;
	size_t length = 0, room = 0;
	uint8_t *bytes = NULL;
	uint32_t cursor = 0, last = 0;
	int64_t low, high;
	uint64_t count;
	bool more = true;
	part->count = hist->count;
	part->total = hist->sum;
	part->squares = hist->squares;
	while (more) {
		more = hist_next(hist, &cursor, &low, &high, &count);
		if (more) {
			at = put(put(at, cursor - last), count);
			last = cursor;
		}
		size_t full = (size_t)(at - chunk);
		if ((more && full + 2 * VARINT <= sizeof chunk) || full == 0)
			continue;
		if (length + full > room) {
			room = 2 * (length + full);
			uint8_t *grown = arena_get(arena, room);
			if (length)
				memcpy(grown, bytes, length);
			bytes = grown;
		}
		memcpy(bytes + length, chunk, full);
		length += full;
		at = chunk;
	}
	part->bins = bytes;
	part->end = bytes ? bytes + length : NULL;
}

struct imprint *imprint_of(const struct meters *meters, struct arena *arena)
{
	struct imprint *imprint = ARENA_NEW(arena, struct imprint);
	size_t parts = (size_t)meters->metrics * (size_t)meters->windows;
	*imprint = (struct imprint){.metrics = meters->metrics,
				    .windows = meters->windows,
				    .counted = meters->counted,
				    .metric = meters->metric};
	imprint->window = ARENA_ARRAY(arena, (size_t)meters->windows + 1, struct imprint_window);
	imprint->part = ARENA_ARRAY(arena, parts + 1, struct imprint_part);
	for (int w = 0; w < meters->windows; w++)
		imprint->window[w] = (struct imprint_window){meters->window[w].rows, meters->window[w].counted};
	for (int m = 0; m < meters->metrics; m++)
		for (int w = 0; w < meters->windows; w++) {
			struct imprint_part *part = &imprint->part[(size_t)m * (size_t)meters->windows + (size_t)w];
			if (metric_is_distribution(&meters->metric[m]))
				pack(part, meter_hist(meters, m, w), arena);
			else if (w < meters->meter[m].window_room) {
				part->total = meters->meter[m].window[w].total;
				part->squares = meters->meter[m].window[w].squares;
			}
		}
	return imprint;
}

/* ---- taking it out ---- */

/* -x modulo 2^256. */
static struct wide negative(const struct wide *number)
{
	struct wide opposite = {{~number->word[0], ~number->word[1], ~number->word[2], ~number->word[3]}};
	struct wide one = {{1, 0, 0, 0}};
	wide_add(&opposite, &one);
	return opposite;
}

/* `sign`: 1, or 2^64 - 1 for -1. */
static void apply_hist(struct hist *hist, const struct imprint_part *part, uint64_t sign)
{
	uint32_t cursor = 0;
	struct wide squares = sign == 1 ? part->squares : negative(&part->squares);
	for (const uint8_t *at = part->bins; at != part->end;) {
		uint64_t gap, count;
		at = get(get(at, &gap), &count);
		cursor += (uint32_t)gap;
		uint32_t bin = cursor - 1;
		hist->octave[bin >> hist->bits][bin & ((1u << hist->bits) - 1)] += sign * count;
	}
	hist->count += sign * part->count;
	hist->sum += sign == 1 ? part->total : -part->total;
	wide_add(&hist->squares, &squares);
}

static void apply_part(struct meter_part *into, const struct imprint_part *part, uint64_t sign)
{
	struct wide squares = sign == 1 ? part->squares : negative(&part->squares);
	into->total += sign == 1 ? part->total : -part->total;
	wide_add(&into->squares, &squares);
}

static void apply(struct meters *merged, const struct imprint *imprint, uint64_t sign)
{
	CHECK(merged->metric == imprint->metric && merged->windows == imprint->windows);
	merged->counted += (int64_t)sign * imprint->counted;
	for (int w = 0; w < imprint->windows; w++) {
		merged->window[w].rows += sign * imprint->window[w].rows;
		merged->window[w].counted += (int64_t)sign * imprint->window[w].counted;
	}
	for (int m = 0; m < imprint->metrics; m++) {
		struct meter *meter = &merged->meter[m];
		bool distribution = metric_is_distribution(&imprint->metric[m]);
		for (int w = 0; w < imprint->windows; w++) {
			const struct imprint_part *part =
				&imprint->part[(size_t)m * (size_t)imprint->windows + (size_t)w];
			if (distribution && part->count > 0) {
				apply_hist(meter->window[w].hist, part, sign);
				apply_hist(&meter->whole, part, sign);
			} else if (!distribution && w < meter->window_room) {
				apply_part(&meter->window[w], part, sign);
				apply_part(&meter->all, part, sign);
			}
		}
	}
}

void imprint_take(struct meters *merged, const struct imprint *imprint)
{
	apply(merged, imprint, UINT64_MAX);
}

void imprint_put(struct meters *merged, const struct imprint *imprint)
{
	apply(merged, imprint, 1);
}

uint64_t imprint_above(const struct imprint *imprint, int metric, int window, int64_t value)
{
	uint64_t above = 0;
	CHECK((unsigned)metric < (unsigned)imprint->metrics && window < imprint->windows);
	int octave = hist_octave_of(HIST_BITS, (uint64_t)value);
	uint32_t of = ((uint32_t)octave << HIST_BITS) +
		      (uint32_t)((uint64_t)value >> (octave ? octave - 1 : 0) & ((1u << HIST_BITS) - 1));
	for (int w = 0; w < imprint->windows; w++) {
		const struct imprint_part *part = &imprint->part[(size_t)metric * (size_t)imprint->windows + (size_t)w];
		uint32_t cursor = 0;
		for (const uint8_t *at = window < 0 || w == window ? part->bins : part->end; at != part->end;) {
			uint64_t gap, count;
			at = get(get(at, &gap), &count);
			cursor += (uint32_t)gap;
			above += cursor - 1 > of ? count : 0;
		}
	}
	return above;
}
