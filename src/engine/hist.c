/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/hist.h"
#include "engine/rng.h"

#include <math.h>

void hist_init(struct hist *hist, struct arena *arena, int bits)
{
	CHECK(bits >= 1 && bits <= 16);
	*hist = (struct hist){.bits = bits, .arena = arena};
}

uint64_t *hist_octave(struct hist *hist, int octave)
{
	return hist->octave[octave] = ARENA_ARRAY(hist->arena, (size_t)1 << hist->bits, uint64_t);
}

void hist_merge(struct hist *hist, const struct hist *from)
{
	CHECK(hist->bits == from->bits);
	if (from->count == 0)
		return;
	for (int octave = 0; octave < HIST_OCTAVES; octave++) {
		if (!from->octave[octave])
			continue;
		uint64_t *bins = hist->octave[octave] ? hist->octave[octave] : hist_octave(hist, octave);
		for (size_t i = 0; i < (size_t)1 << hist->bits; i++)
			bins[i] += from->octave[octave][i];
	}
	if (hist->count == 0 || from->least < hist->least)
		hist->least = from->least;
	if (hist->count == 0 || from->greatest > hist->greatest)
		hist->greatest = from->greatest;
	hist->count += from->count;
	hist->sum += from->sum;
}

void hist_clear(struct hist *hist)
{
	for (int octave = 0; octave < HIST_OCTAVES; octave++)
		if (hist->octave[octave])
			for (size_t i = 0; i < (size_t)1 << hist->bits; i++)
				hist->octave[octave][i] = 0;
	hist->count = 0;
	hist->sum = 0;
	hist->least = hist->greatest = 0;
}

bool hist_next(const struct hist *hist, uint32_t *cursor, int64_t *low, int64_t *high, uint64_t *count)
{
	uint32_t bins = 1u << hist->bits;
	for (uint32_t i = *cursor; i < HIST_OCTAVES * bins; i++) {
		int octave = (int)(i >> hist->bits);
		if (!hist->octave[octave]) {
			i |= bins - 1;
			continue;
		}
		*count = hist->octave[octave][i & (bins - 1)];
		if (*count == 0)
			continue;
		int shift = octave ? octave - 1 : 0;
		uint64_t value = octave ? (uint64_t)(i & (bins - 1)) | bins : i;
		*low = (int64_t)(value << shift);
		*high = (int64_t)((value << shift) + (1ull << shift) - 1);
		*cursor = i + 1;
		return true;
	}
	return false;
}

static int64_t clamp(const struct hist *hist, int64_t value)
{
	return value < hist->least ? hist->least : value > hist->greatest ? hist->greatest : value;
}

int64_t hist_percentile(const struct hist *hist, double p)
{
	if (hist->count == 0)
		return 0;
	CHECK(p >= 0 && p <= 1);
	/* 0.07 * 100 is a little more than 7 in binary: two units in the last place are not a rank. */
	double exact = ceil(p * (double)hist->count * (1 - 0x1p-51));
	uint64_t rank = exact < 1 ? 1 : (uint64_t)exact;
	if (rank >= hist->count)
		return hist->greatest;
	if (rank == 1)
		return hist->least;
	uint32_t cursor = 0;
	int64_t low, high;
	uint64_t count, seen = 0;
	while (hist_next(hist, &cursor, &low, &high, &count)) {
		seen += count;
		if (seen >= rank)
			return clamp(hist, low + (high - low) / 2);
	}
	return hist->greatest;
}

double hist_mean(const struct hist *hist)
{
	return hist->count ? (double)hist->sum / (double)hist->count : 0;
}

uint64_t hist_above(const struct hist *hist, int64_t value)
{
	uint32_t cursor = 0;
	int64_t low, high;
	uint64_t count, above = 0;
	while (hist_next(hist, &cursor, &low, &high, &count))
		above += low > value ? count : 0;
	return above;
}

uint64_t hist_digest(const struct hist *hist, uint64_t seed)
{
	uint32_t cursor = 0;
	int64_t low, high;
	uint64_t count, digest = rng_mix(seed ^ hist->count);
	while (hist_next(hist, &cursor, &low, &high, &count))
		digest = rng_mix(digest ^ rng_mix((uint64_t)low) ^ count);
	return rng_mix(digest ^ (uint64_t)hist->sum ^ (uint64_t)(hist->sum >> 64));
}
