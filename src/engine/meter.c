/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The series always has at most METER_BINS bins: when the replay outgrows them, neighbours are merged and the width
 * doubles. Memory is therefore flat in the length of the trace, without knowing the length beforehand.
 */
#include "engine/meter.h"
#include "engine/rng.h"

#include <string.h>

static bool has_hist(const struct metric *metric)
{
	return metric->kind == METRIC_TIME || metric->kind == METRIC_AMOUNT;
}

void meters_init(struct meters *meters, struct arena *arena, const struct metric *metric, int64_t warmup,
		 int64_t bin_width)
{
	CHECK(warmup >= 0 && bin_width > 0);
	*meters = (struct meters){.metric = metric, .arena = arena, .warmup = warmup, .bin_width = bin_width,
				  .bin_start = INT64_MIN};
	while (metric[meters->metrics].name)
		meters->metrics++;
	meters->meter = ARENA_ARRAY(arena, (size_t)meters->metrics, struct meter);
	meters->window = ARENA_ARRAY(arena, METER_WINDOWS, struct meter_window);
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		if (has_hist(&metric[i])) {
			meter->latest = ARENA_ARRAY(arena, METER_LATEST, int64_t);
			hist_init(&meter->whole, arena, HIST_BITS);
			meter->window = ARENA_ARRAY(arena, METER_WINDOWS, struct hist);
			meter->bin = ARENA_ARRAY(arena, METER_BINS, struct hist);
		} else if (metric[i].kind == METRIC_COUNT) {
			meter->window_total = ARENA_ARRAY(arena, METER_WINDOWS, uint64_t);
			meter->bin_total = ARENA_ARRAY(arena, METER_BINS, uint64_t);
		} else {
			meter->window_area = ARENA_ARRAY(arena, METER_WINDOWS, hist_sum);
			meter->bin_area = ARENA_ARRAY(arena, METER_BINS, hist_sum);
		}
	}
}

static struct hist *hist_of(struct meters *meters, struct hist *hist, int bits)
{
	if (__builtin_expect(!hist->arena, 0))
		hist_init(hist, meters->arena, bits);
	return hist;
}

static void merge_hist(struct meters *meters, struct hist *into, const struct hist *from)
{
	if (from->arena)
		hist_merge(hist_of(meters, into, from->bits), from);
}

void meter_book_latest(struct meters *meters, struct meter *meter)
{
	struct hist *bin = hist_of(meters, &meter->bin[meters->stretch_bin], HIST_COARSE_BITS);
	struct hist *window = hist_of(meters, &meter->window[meters->windows - 1], HIST_BITS);
	hist_add_both(window, bin, meter->latest, (size_t)meter->latest_count);
	meter->latest_count = 0;
}

/* What was booked in the stretch goes to its bin and its window; there is none after that. */
static void stretch_end(struct meters *meters)
{
	if (meters->stretch_length == 0)
		return;
	meters->stretch_length = 0;
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		if (meter->latest_count > 0) {
			meter_book_latest(meters, meter);
		} else if (meter->latest_area > 0) {
			meter->level.area += meter->latest_area;
			meter->window_area[meters->windows - 1] += meter->latest_area;
			meter->bin_area[meters->stretch_bin] += meter->latest_area;
			meter->latest_area = 0;
		}
	}
}

static void fold_bins(struct meters *meters)
{
	stretch_end(meters);
	int half = (meters->bins + 1) / 2;
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		for (int b = 0; b < METER_BINS; b += 2) {
			if (meter->bin) {
				struct hist *into = &meter->bin[b / 2], spare = *into;
				/* Bins change places rather than being copied: the emptied one is reused further on. */
				*into = meter->bin[b];
				if (b > 0)
					meter->bin[b] = spare;
				merge_hist(meters, into, &meter->bin[b + 1]);
			} else if (meter->bin_total) {
				meter->bin_total[b / 2] = meter->bin_total[b] + meter->bin_total[b + 1];
			} else {
				meter->bin_area[b / 2] = meter->bin_area[b] + meter->bin_area[b + 1];
			}
		}
		for (int b = half; b < METER_BINS; b++) {
			if (meter->bin && meter->bin[b].arena)
				hist_clear(&meter->bin[b]);
			else if (meter->bin_total)
				meter->bin_total[b] = 0;
			else if (meter->bin_area)
				meter->bin_area[b] = 0;
		}
	}
	meters->bins = half;
	meters->bin_start = INT64_MIN;
	meters->bin_width *= 2;
}

static int bin_find(struct meters *meters, int64_t when)
{
	while (when / meters->bin_width >= METER_BINS)
		fold_bins(meters);
	int bin = (int)(when / meters->bin_width);
	if (bin >= meters->bins)
		meters->bins = bin + 1;
	meters->bin = bin;
	meters->bin_start = bin * meters->bin_width;
	return bin;
}

static inline int bin_of(struct meters *meters, int64_t when)
{
	if ((uint64_t)when - (uint64_t)meters->bin_start < (uint64_t)meters->bin_width)
		return meters->bin;
	return bin_find(meters, when);
}

/* The window `when` lies in, or -1 when it falls into the warm-up. Nearly always the last one. */
static int window_of(const struct meters *meters, int64_t when)
{
	int window = meters->windows - 1;
	while (window > 0 && meters->window[window].start > when)
		window--;
	return when >= meters->window[window].start + meters->warmup ? window : -1;
}

/* The stretch moves on to that of `when`, if that is later and measured. */
static void stretch_move(struct meters *meters, int64_t when)
{
	if (when < meters->stretch + meters->stretch_length && meters->stretch_length > 0)
		return;
	stretch_end(meters);
	const struct meter_window *window = &meters->window[meters->windows - 1];
	int64_t from = window->start + meters->warmup, bin = bin_of(meters, when);
	int64_t lasts = window->lasts - meters->warmup;
	if (when < from || when - from >= lasts)
		return;
	int64_t to = meters->bin_start + meters->bin_width;
	to = to - from > lasts ? from + lasts : to;
	meters->stretch = from > meters->bin_start ? from : meters->bin_start;
	meters->stretch_length = to - meters->stretch;
	meters->stretch_bin = (int)bin;
}

/* Where the measured part of a window ends, at `now` at the latest. */
static int64_t counted_until(const struct meter_window *window, int64_t now)
{
	return now - window->start > window->lasts ? window->start + window->lasts : now;
}

/* Books a level's area from level.since to `until`, cut at the bins and at the measured part of the current window. */
static void book_level(struct meters *meters, struct meter *meter, int64_t until)
{
	struct meter_level *level = &meter->level;
	int window = meters->windows - 1;
	int64_t from = level->since, counted_from = meters->window[window].start + meters->warmup;
	if (level->level && until > from) {
		hist_sum height = (hist_sum)(uint64_t)level->level;
		if (from > counted_from)
			counted_from = from;
		int64_t counted_to = counted_until(&meters->window[window], until);
		if (counted_to > counted_from) {
			hist_sum area = height * (uint64_t)(counted_to - counted_from);
			level->area += area;
			if (level->level > level->greatest)
				level->greatest = level->level;
			meter->window_area[window] += area;
		}
		bin_of(meters, until); /* fold first, so that the width is settled */
		while (from < until) {
			int bin = bin_of(meters, from);
			int64_t edge = (bin + 1) * meters->bin_width;
			int64_t to = until < edge ? until : edge;
			meter->bin_area[bin] += height * (uint64_t)(to - from);
			from = to;
		}
	}
	level->since = until;
}

static void book_levels(struct meters *meters, int64_t now)
{
	for (int i = 0; i < meters->metrics; i++)
		if (meters->metric[i].kind == METRIC_LEVEL)
			book_level(meters, &meters->meter[i], now);
}

static void close_window(struct meters *meters, int64_t now)
{
	struct meter_window *window = &meters->window[meters->windows - 1];
	int64_t from = window->start + meters->warmup, to = counted_until(window, now);
	window->counted = to > from ? to - from : 0;
	meters->counted += window->counted;
}

void meters_window(struct meters *meters, int64_t now, int64_t label)
{
	CHECK(meters->windows < METER_WINDOWS);
	stretch_end(meters);
	if (meters->windows > 0) {
		book_levels(meters, now);
		close_window(meters, now);
	}
	meters->window[meters->windows++] = (struct meter_window){.start = now, .label = label,
								      .lasts = INT64_MAX};
}

void meters_window_lasts(struct meters *meters, int64_t lasts)
{
	CHECK(meters->windows > 0 && lasts >= 0);
	stretch_end(meters);
	meters->window[meters->windows - 1].lasts = lasts;
}

void meters_row(struct meters *meters, int64_t now)
{
	int window = window_of(meters, now);
	if (window >= 0)
		meters->window[window].rows++;
}

void meters_end(struct meters *meters, int64_t now)
{
	if (meters->windows == 0)
		meters_window(meters, now, 0);
	stretch_end(meters);
	book_levels(meters, now);
	close_window(meters, now);
	meters->end = now;
	for (int i = 0; i < meters->metrics; i++)
		for (int w = 0; meters->meter[i].window && w < meters->windows; w++)
			merge_hist(meters, &meters->meter[i].whole, &meters->meter[i].window[w]);
}

void meter_record_elsewhere(struct meters *meters, struct meter *meter, int64_t when, int64_t value)
{
	stretch_move(meters, when);
	hist_add(hist_of(meters, &meter->bin[bin_of(meters, when)], HIST_COARSE_BITS), value, 1);
	int window = window_of(meters, when);
	if (window >= 0)
		hist_add(hist_of(meters, &meter->window[window], HIST_BITS), value, 1);
}

void meter_count(struct meters *meters, int metric, int64_t when, uint64_t times)
{
	struct meter *meter = &meters->meter[metric];
	meter->bin_total[bin_of(meters, when)] += times;
	int window = window_of(meters, when);
	if (window < 0)
		return;
	meter->total += times;
	meter->window_total[window] += times;
}

/* All of a level that changes within a stretch belongs to it: the time up to now, and how high it gets. */
static inline bool level_in_stretch(struct meters *meters, struct meter *meter, int64_t now, int64_t level)
{
	struct meter_level *of = &meter->level;
	if (!meters_in_stretch(meters, now) || (of->since < meters->stretch && of->level > 0))
		return false;
	if (now > of->since && of->level > of->greatest)
		of->greatest = of->level;
	if (level > of->greatest)
		of->greatest = level;
	meter->latest_area += (hist_sum)(uint64_t)of->level * (uint64_t)(now - of->since);
	of->since = now;
	of->level = level;
	return true;
}

void meter_level(struct meters *meters, int metric, int64_t now, int64_t level)
{
	CHECK(level >= 0);
	struct meter *meter = &meters->meter[metric];
	if (level != meter->level.level) {
		if (level_in_stretch(meters, meter, now, level))
			return;
		book_level(meters, meter, now);
		meter->level.level = level;
		stretch_move(meters, now);
	}
	const struct meter_window *window = &meters->window[meters->windows - 1];
	int64_t within = now - window->start;
	if (level > meter->level.greatest && within >= meters->warmup && within < window->lasts)
		meter->level.greatest = level;
}

int metric_find(const struct metric *metric, const char *name)
{
	for (int i = 0; metric[i].name; i++)
		if (strcmp(metric[i].name, name) == 0)
			return i;
	return -1;
}

void meters_merge(struct meters *meters, const struct meters *from)
{
	CHECK(meters->metric == from->metric);
	while (meters->bin_width < from->bin_width)
		fold_bins(meters);
	CHECK(meters->bin_width % from->bin_width == 0);
	/* `from` may have narrower bins: so many of them make one of ours. */
	int64_t joined = meters->bin_width / from->bin_width;
	int bins = (int)((from->bins + joined - 1) / joined);
	CHECK(meters->windows == 0 || meters->windows == from->windows);
	for (int w = 0; w < from->windows; w++) {
		struct meter_window *window = &meters->window[w];
		uint64_t rows = meters->windows ? window->rows : 0;
		int64_t counted = meters->windows ? window->counted : 0;
		*window = from->window[w];
		window->rows += rows;
		window->counted += counted;
	}
	meters->windows = from->windows;
	meters->bins = bins > meters->bins ? bins : meters->bins;
	meters->counted += from->counted;
	meters->end = from->end > meters->end ? from->end : meters->end;
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *into = &meters->meter[i];
		const struct meter *other = &from->meter[i];
		if (has_hist(&meters->metric[i]))
			hist_merge(&into->whole, &other->whole);
		for (int w = 0; w < from->windows; w++) {
			if (into->window)
				merge_hist(meters, &into->window[w], &other->window[w]);
			else if (into->window_total)
				into->window_total[w] += other->window_total[w];
			else
				into->window_area[w] += other->window_area[w];
		}
		for (int b = 0; b < from->bins; b++) {
			int64_t at = b / joined;
			if (into->bin)
				merge_hist(meters, &into->bin[at], &other->bin[b]);
			else if (into->bin_total)
				into->bin_total[at] += other->bin_total[b];
			else
				into->bin_area[at] += other->bin_area[b];
		}
		into->total += other->total;
		into->level.area += other->level.area;
		if (other->level.greatest > into->level.greatest)
			into->level.greatest = other->level.greatest;
	}
}

static uint64_t digest_area(hist_sum area, uint64_t digest)
{
	return rng_mix(rng_mix(digest ^ (uint64_t)area) ^ (uint64_t)(area >> 64));
}

static uint64_t digest_hist(const struct hist *hist, uint64_t digest)
{
	return hist->count ? hist_digest(hist, digest) : rng_mix(digest);
}

uint64_t meters_digest(const struct meters *meters, uint64_t seed)
{
	uint64_t digest = rng_mix(seed ^ (uint64_t)meters->counted);
	digest = rng_mix(digest ^ (uint64_t)meters->bin_width);
	for (int w = 0; w < meters->windows; w++) {
		const struct meter_window *window = &meters->window[w];
		digest = rng_mix(digest ^ (uint64_t)window->start);
		digest = rng_mix(digest ^ (uint64_t)window->label);
		digest = rng_mix(digest ^ (uint64_t)window->counted);
		digest = rng_mix(digest ^ window->rows);
	}
	for (int i = 0; i < meters->metrics; i++) {
		const struct meter *meter = &meters->meter[i];
		digest = digest_hist(&meter->whole, digest);
		digest = rng_mix(digest ^ meter->total);
		digest = digest_area(meter->level.area, digest);
		digest = rng_mix(digest ^ (uint64_t)meter->level.greatest);
		for (int w = 0; w < meters->windows; w++)
			digest = meter->window       ? digest_hist(&meter->window[w], digest)
			       : meter->window_total ? rng_mix(digest ^ meter->window_total[w])
						     : digest_area(meter->window_area[w], digest);
		for (int b = 0; b < meters->bins; b++)
			digest = meter->bin       ? digest_hist(&meter->bin[b], digest)
			       : meter->bin_total ? rng_mix(digest ^ meter->bin_total[b])
						  : digest_area(meter->bin_area[b], digest);
	}
	return digest;
}
