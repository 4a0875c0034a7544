/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/hist.h"
#include "engine/rng.h"

#include <math.h>

void hist_init(struct hist *hist, struct arena *arena, int bits)
{
	CHECK(bits >= 3 && bits <= 16);
	*hist = (struct hist){.bits = bits, .arena = arena};
}

uint64_t *hist_octave(struct hist *hist, int octave)
{
	return hist->octave[octave] = ARENA_ARRAY(hist->arena, (size_t)1 << hist->bits, uint64_t);
}

static inline size_t width_of(int64_t value)
{
	return (63u ^ (unsigned) __builtin_clzll((uint64_t)value | 1)) + 1;
}

/* `width` is that of the value. */
static inline void place(struct hist *hist, size_t bits, size_t width, int64_t value, uint64_t times)
{
	size_t octave = width > bits ? width - bits : 0;
	uint64_t *bins = hist->octave[octave];
	if (__builtin_expect(!bins, 0))
		bins = hist_octave(hist, (int)octave);
	uint64_t mask = (1ull << bits) - 1;
	bins[(uint64_t)value >> (octave ? octave - 1 : 0) & mask] += times;
}

static inline void account(struct hist *hist, uint64_t count, int64_t least, int64_t greatest, hist_sum sum,
		    const struct wide *squares)
{
	hist->least = hist->count == 0 || least < hist->least ? least : hist->least;
	hist->greatest = hist->count == 0 || greatest > hist->greatest ? greatest : hist->greatest;
	hist->count += count;
	hist->sum += sum;
	wide_add(&hist->squares, squares);
}

void hist_add(struct hist *hist, int64_t value, uint64_t times)
{
	CHECK(value >= 0);
	place(hist, (size_t)hist->bits, width_of(value), value, times);
	struct wide squares = {{0}};
	wide_add_product(&squares, (hist_sum)(uint64_t)value * (uint64_t)value, times);
	account(hist, times, value, value, (hist_sum)(uint64_t)value * times, &squares);
}

/* When the sum of squares may not fit into 128 bits. */
static __attribute__((noinline)) struct wide squares_of(const int64_t *value, size_t count)
{
	struct wide squares = {{0}};
	for (size_t i = 0; i < count; i++)
		wide_add_product(&squares, (uint64_t)value[i], (uint64_t)value[i]);
	return squares;
}

void hist_add_both(struct hist *fine, struct hist *coarse, const int64_t *value, size_t count)
{
	CHECK(fine->bits == HIST_BITS && coarse->bits == HIST_COARSE_BITS);
	if (count == 0)
		return;
	int64_t least = value[0], greatest = value[0];
	hist_sum sum = 0, squares = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t one = value[i];
		size_t width = width_of(one);
		place(fine, HIST_BITS, width, one, 1);
		place(coarse, HIST_COARSE_BITS, width, one, 1);
	}
	for (size_t i = 0; i < count; i++) {
		int64_t one = value[i];
		least = one < least ? one : least;
		greatest = one > greatest ? one : greatest;
		sum += (uint64_t)one;
		squares += (hist_sum)(uint64_t)one * (uint64_t)one;
	}
	CHECK(least >= 0);
	struct wide all = wide_of(squares);
	if (__builtin_expect(greatest >> 56 || count >> 16, 0))
		all = squares_of(value, count);
	account(fine, count, least, greatest, sum, &all);
	account(coarse, count, least, greatest, sum, &all);
}

/* The first bin from `i` on in which something lies; `bins` when there is none. Most are empty. */
static inline uint32_t used_from(const uint64_t *bin, uint32_t i, uint32_t bins)
{
	while (i & 3 && i < bins && !bin[i])
		i++;
	if (i & 3)
		return i;
	while (i + 4 <= bins && !(bin[i] | bin[i + 1] | bin[i + 2] | bin[i + 3]))
		i += 4;
	while (i < bins && !bin[i])
		i++;
	return i;
}

void hist_merge(struct hist *hist, const struct hist *from)
{
	uint32_t bins = 1u << hist->bits;
	CHECK(hist->bits == from->bits);
	if (from->count == 0)
		return;
	for (int octave = 0; octave < HIST_OCTAVES; octave++) {
		const uint64_t *more = from->octave[octave];
		if (!more)
			continue;
		uint64_t *into = hist->octave[octave] ? hist->octave[octave] : hist_octave(hist, octave);
		for (uint32_t i = used_from(more, 0, bins); i < bins; i = used_from(more, i + 1, bins))
			into[i] += more[i];
	}
	account(hist, from->count, from->least, from->greatest, from->sum, &from->squares);
}

void hist_take(struct hist *hist, const struct hist *from)
{
	uint32_t cursor = 0;
	int64_t low, high;
	uint64_t count;
	CHECK(hist->bits == from->bits && hist->count >= from->count);
	while (hist_next(from, &cursor, &low, &high, &count))
		hist->octave[(cursor - 1) >> hist->bits][(cursor - 1) & ((1u << hist->bits) - 1)] -= count;
	hist->count -= from->count;
	hist->sum -= from->sum;
}

void hist_clear(struct hist *hist)
{
	for (int octave = 0; octave < HIST_OCTAVES; octave++)
		if (hist->octave[octave])
			for (size_t i = 0; i < (size_t)1 << hist->bits; i++)
				hist->octave[octave][i] = 0;
	hist->count = 0;
	hist->sum = 0;
	hist->squares = (struct wide){{0}};
	hist->least = hist->greatest = 0;
}

/* The least and greatest integer of a bin of an octave. */
static inline void edges(int bits, uint32_t octave, uint32_t bin, int64_t *low, int64_t *high)
{
	uint32_t shift = octave ? octave - 1 : 0;
	uint64_t value = octave ? bin | 1u << bits : bin;
	*low = (int64_t)(value << shift);
	*high = (int64_t)((value << shift) + (1ull << shift) - 1);
}

bool hist_next(const struct hist *hist, uint32_t *cursor, int64_t *low, int64_t *high, uint64_t *count)
{
	uint32_t bins = 1u << hist->bits, i = *cursor & (bins - 1);
	for (uint32_t octave = *cursor >> hist->bits; octave < HIST_OCTAVES; octave++, i = 0) {
		const uint64_t *bin = hist->octave[octave];
		i = bin ? used_from(bin, i, bins) : bins;
		if (i == bins)
			continue;
		edges(hist->bits, octave, i, low, high);
		*count = bin[i];
		*cursor = (octave << hist->bits | i) + 1;
		return true;
	}
	return false;
}

static int64_t clamp(const struct hist *hist, int64_t value)
{
	return value < hist->least ? hist->least : value > hist->greatest ? hist->greatest : value;
}

/* 0.07 * 100 is a little more than 7 in binary: p is a decimal, and is taken as one. */
uint64_t hist_rank(uint64_t count, double p)
{
	static const uint64_t whole = UINT64_C(1000000000000000);
	CHECK(p >= 0 && p <= 1);
	hist_sum product = (hist_sum)(uint64_t)(p * 1e15 + 0.5) * count;
	uint64_t rank = (uint64_t)((product + whole - 1) / whole);
	return rank < 1 ? 1 : rank > count ? count : rank;
}

/* The bin in which a rank lies; *below is how many values lie in bins before it. Bins are counted eight at a time. */
static void find_rank(const struct hist *hist, uint64_t rank, int64_t *low, int64_t *high, uint64_t *below,
		      uint64_t *count)
{
	uint64_t passed = 0;
	for (uint32_t octave = 0; octave < HIST_OCTAVES; octave++) {
		const uint64_t *bin = hist->octave[octave];
		for (uint32_t i = 0; bin && i < 1u << hist->bits; i += 8) {
			uint64_t eight = 0;
			for (uint32_t k = i; k < i + 8; k++)
				eight += bin[k];
			if (passed + eight < rank) {
				passed += eight;
				continue;
			}
			for (; passed + bin[i] < rank; i++)
				passed += bin[i];
			edges(hist->bits, octave, i, low, high);
			*below = passed;
			*count = bin[i];
			return;
		}
	}
	CHECK(!"a rank that is in no bin");
}

int64_t hist_at_rank(const struct hist *hist, uint64_t rank)
{
	int64_t low, high;
	uint64_t below, count;
	CHECK(rank >= 1 && rank <= hist->count);
	if (rank == hist->count)
		return hist->greatest;
	if (rank == 1)
		return hist->least;
	find_rank(hist, rank, &low, &high, &below, &count);
	return clamp(hist, high);
}

int64_t hist_percentile(const struct hist *hist, double p)
{
	return hist->count == 0 ? 0 : hist_at_rank(hist, hist_rank(hist->count, p));
}

double hist_percentile_between(const struct hist *hist, double p)
{
	int64_t low, high;
	uint64_t below, count;
	if (hist->count == 0)
		return 0;
	uint64_t rank = hist_rank(hist->count, p);
	find_rank(hist, rank, &low, &high, &below, &count);
	/* Values of a bin are taken to be spread evenly over it. */
	double part = ((double)hist->count * p - (double)below) / (double)count;
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	low = clamp(hist, low);
	high = clamp(hist, high);
	return (double)low + part * (double)(high - low);
}

double hist_mean(const struct hist *hist)
{
	return hist->count ? (double)hist->sum / (double)hist->count : 0;
}

double hist_deviation(const struct hist *hist)
{
	return wide_deviation(&hist->squares, hist->sum, hist->count);
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
