/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The series always has at most METER_BINS bins: when the replay outgrows them, neighbours are merged and the width
 * doubles. Memory is therefore flat in the length of the trace, without knowing the length beforehand.
 */
#include "engine/meter.h"
#include "engine/rng.h"

#include <string.h>

const char *const metric_kinds[] = {[METRIC_TIME] = "time", [METRIC_AMOUNT] = "amount", [METRIC_COUNT] = "count",
				    [METRIC_WORK] = "work", [METRIC_LEVEL] = "level",	 NULL};

void meters_init(struct meters *meters, struct arena *arena, const struct metric *metric, int64_t warmup,
		 int64_t bin_width)
{
	CHECK(warmup >= 0 && bin_width > 0);
	*meters = (struct meters){.metric = metric, .arena = arena, .warmup = warmup, .bin_width = bin_width,
				  .bin_start = INT64_MIN};
	hist_init(&meters->unfinished, arena, HIST_BITS);
	while (metric[meters->metrics].name)
		meters->metrics++;
	meters->meter = ARENA_ARRAY(arena, (size_t)meters->metrics, struct meter);
	for (int i = 0; i < meters->metrics; i++) {
		meters->meter[i].kind = metric[i].kind;
		meters->meter[i].bits = metric[i].aside ? HIST_COARSE_BITS : HIST_BITS;
		if (metric_is_distribution(&metric[i]))
			hist_init(&meters->meter[i].whole, arena, meters->meter[i].bits);
	}
}

static bool is_aside(const struct meters *meters, const struct meter *meter)
{
	return meters->metric[meter - meters->meter].aside;
}

static bool has_begun(const struct meter *meter)
{
	return meter->latest || meter->bin_total;
}

/* Something is booked for the first time. */
static void meter_begin(struct meters *meters, struct meter *meter)
{
	if (meter->kind != METRIC_TIME && meter->kind != METRIC_AMOUNT) {
		meter->bin_total = ARENA_ARRAY(meters->arena, METER_BINS, hist_sum);
		return;
	}
	if (!is_aside(meters, meter))
		meter->bin = ARENA_ARRAY(meters->arena, METER_BINS, struct hist *);
	meter->latest = meter->latest_next = ARENA_ARRAY(meters->arena, METER_LATEST, int64_t);
	meter->latest_end = meter->latest + METER_LATEST;
}

static struct meter *meter_of(const struct meters *meters, int metric, enum metric_kind kind)
{
	CHECK((unsigned)metric < (unsigned)meters->metrics && meters->meter[metric].kind == kind);
	return &meters->meter[metric];
}

static struct meter_part *part_of(struct meters *meters, struct meter *meter, int window)
{
	if (__builtin_expect(window >= meter->window_room, 0)) {
		int room = window < 2 ? window + 1 : 2 * window;
		struct meter_part *grown = ARENA_ARRAY(meters->arena, (size_t)room, struct meter_part);
		if (meter->window_room > 0)
			memcpy(grown, meter->window, (size_t)meter->window_room * sizeof(*grown));
		meter->window = grown;
		meter->window_room = room;
	}
	return &meter->window[window];
}

/* Room for so many windows. */
static void make_room(struct meters *meters, int windows)
{
	if (windows <= meters->window_room)
		return;
	int room = windows < 4 ? 4 : 2 * windows;
	struct meter_window *grown = ARENA_ARRAY(meters->arena, (size_t)room, struct meter_window);
	if (meters->windows)
		memcpy(grown, meters->window, (size_t)meters->windows * sizeof(*grown));
	meters->window = grown;
	meters->window_room = room;
}

static struct hist *hist_at(struct meters *meters, struct hist **hist, int bits)
{
	if (__builtin_expect(!*hist, 0)) {
		*hist = ARENA_NEW(meters->arena, struct hist);
		hist_init(*hist, meters->arena, bits);
	}
	return *hist;
}

static struct hist *bin_hist(struct meters *meters, struct meter *meter, int bin)
{
	return hist_at(meters, &meter->bin[bin], HIST_COARSE_BITS);
}

static struct hist *window_hist(struct meters *meters, struct meter *meter, int window)
{
	return hist_at(meters, &part_of(meters, meter, window)->hist, meter->bits);
}

static void book_latest(struct meters *meters, struct meter *meter)
{
	struct hist *window = window_hist(meters, meter, meters->windows - 1);
	if (meter->bin)
		hist_add_both(window, bin_hist(meters, meter, meters->stretch_bin), meter->latest,
			      (size_t)(meter->latest_next - meter->latest));
	for (const int64_t *value = meter->latest; !meter->bin && value < meter->latest_next; value++)
		hist_add(window, *value, 1);
	meter->latest_next = meter->latest;
}

static void book_latest_total(struct meters *meters, struct meter *meter)
{
	if (!meter->bin_total)
		meter_begin(meters, meter);
	meter->bin_total[meters->stretch_bin] += meter->latest_total;
	if (meter->kind == METRIC_LEVEL) {
		struct wide squares = wide_of(meter->latest_squares);
		meter->level.area += meter->latest_total;
		wide_add(&meter->level.squares, &squares);
	} else {
		part_of(meters, meter, meters->windows - 1)->total += meter->latest_total;
	}
	meter->latest_total = meter->latest_squares = 0;
}

/* What was booked in the stretch goes to its bin and its window; there is none after that. */
static void stretch_end(struct meters *meters)
{
	if (meters->stretch_length == 0)
		return;
	meters->stretch_length = 0;
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		if (meter->latest_next != meter->latest) {
			book_latest(meters, meter);
		} else if (meter->latest_total > 0) {
			book_latest_total(meters, meter);
		}
	}
}

/* Bins change places rather than being copied: one that is emptied is used again further on. */
static void fold_hists(struct hist **bin, int half)
{
	for (int b = 0; b < METER_BINS; b += 2) {
		struct hist *spare = bin[b / 2], *first = bin[b], *second = bin[b + 1];
		if (first && second)
			hist_merge(first, second);
		bin[b / 2] = first ? first : second;
		if (b > 0)
			bin[b] = spare;
		if (!first)
			bin[b + 1] = NULL;
	}
	for (int b = half; b < METER_BINS; b++)
		if (bin[b])
			hist_clear(bin[b]);
}

static void fold_totals(hist_sum *bin, int half)
{
	for (int b = 0; b < METER_BINS; b += 2)
		bin[b / 2] = bin[b] + bin[b + 1];
	for (int b = half; b < METER_BINS; b++)
		bin[b] = 0;
}

static void fold_bins(struct meters *meters)
{
	stretch_end(meters);
	int half = (meters->bins + 1) / 2;
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		if (meter->bin)
			fold_hists(meter->bin, half);
		else if (meter->bin_total)
			fold_totals(meter->bin_total, half);
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
			uint64_t length = (uint64_t)(counted_to - counted_from);
			level->area += height * length;
			wide_add_product(&level->squares, height * height, length);
			if (level->level > level->greatest)
				level->greatest = level->level;
		}
		bin_of(meters, until); /* fold first, so that the width is settled */
		while (from < until) {
			int bin = bin_of(meters, from);
			int64_t edge = (bin + 1) * meters->bin_width;
			int64_t to = until < edge ? until : edge;
			meter->bin_total[bin] += height * (uint64_t)(to - from);
			from = to;
		}
	}
	level->since = until;
}

/* Levels up to now go to the window that ends. */
static void book_levels(struct meters *meters, int64_t now)
{
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		if (meter->kind != METRIC_LEVEL || (!meter->bin_total && meter->level.greatest == 0))
			continue;
		if (!meter->bin_total)
			meter_begin(meters, meter);
		book_level(meters, meter, now);
		struct meter_part *part = part_of(meters, meter, meters->windows - 1);
		part->total = meter->level.area;
		part->squares = meter->level.squares;
		part->greatest = meter->level.greatest;
		meter->level = (struct meter_level){.level = meter->level.level, .since = now};
	}
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
	stretch_end(meters);
	make_room(meters, meters->windows + 1);
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

void meters_row_slowly(struct meters *meters, int64_t now)
{
	int window = window_of(meters, now);
	if (window >= 0)
		meters->window[window].rows++;
}

/* The window `when` lies in, of any number of windows. */
static int window_search(const struct meters *meters, int64_t when)
{
	int low = 0;
	for (int high = meters->windows; high - low > 1;) {
		int middle = low + (high - low) / 2;
		*(meters->window[middle].start > when ? &high : &low) = middle;
	}
	return low;
}

static struct hist *unfinished_hist(struct meters *meters, int window)
{
	return hist_at(meters, &meters->window[window].unfinished, HIST_BITS);
}

void meters_unfinished(struct meters *meters, int64_t when, int64_t age)
{
	CHECK(meters->windows > 0 && age >= 0);
	int window = window_search(meters, when);
	if (when >= meters->window[window].start + meters->warmup) {
		hist_add(unfinished_hist(meters, window), age, 1);
		hist_add(&meters->unfinished, age, 1);
	}
}

static void add_part(struct meter_part *into, const struct meter_part *from)
{
	into->total += from->total;
	wide_add(&into->squares, &from->squares);
	into->greatest = from->greatest > into->greatest ? from->greatest : into->greatest;
}

/* Window `from` is taken into `into`, which has its label. */
static void join_window(struct meters *meters, int into, int from)
{
	meters->window[into].counted += meters->window[from].counted;
	meters->window[into].rows += meters->window[from].rows;
	if (meters->window[from].unfinished)
		hist_merge(unfinished_hist(meters, into), meters->window[from].unfinished);
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		if (from >= meter->window_room)
			continue;
		add_part(&meter->window[into], &meter->window[from]);
		if (meter->window[from].hist)
			hist_merge(window_hist(meters, meter, into), meter->window[from].hist);
		meter->window[from] = (struct meter_part){0};
	}
}

static void move_window(struct meters *meters, int to, int from)
{
	if (to == from)
		return;
	meters->window[to] = meters->window[from];
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		if (from >= meter->window_room)
			continue;
		meter->window[to] = meter->window[from];
		meter->window[from] = (struct meter_part){0};
	}
}

static void join_windows(struct meters *meters)
{
	int kept = 0;
	for (int w = 0; w < meters->windows; w++) {
		int same = 0;
		while (same < kept && meters->window[same].label != meters->window[w].label)
			same++;
		if (same < kept)
			join_window(meters, same, w);
		else
			move_window(meters, kept++, w);
	}
	meters->windows = kept;
}

void meters_end(struct meters *meters, int64_t now)
{
	if (meters->windows == 0)
		meters_window(meters, now, 0);
	stretch_end(meters);
	book_levels(meters, now);
	close_window(meters, now);
	meters->end = now;
	join_windows(meters);
	for (int i = 0; i < meters->metrics; i++) {
		struct meter *meter = &meters->meter[i];
		for (int w = 0; w < meters->windows && w < meter->window_room; w++)
			if (meter->window[w].hist)
				hist_merge(&meter->whole, meter->window[w].hist);
			else
				add_part(&meter->all, &meter->window[w]);
	}
}

void meter_record_slowly(struct meters *meters, struct meter *meter, int64_t when, int64_t value)
{
	if (!meter->latest) {
		CHECK(meter->kind == METRIC_TIME || meter->kind == METRIC_AMOUNT);
		meter_begin(meters, meter);
	}
	if (meters_in_stretch(meters, when)) {
		if (meter->latest_next == meter->latest_end)
			book_latest(meters, meter);
		*meter->latest_next++ = value;
		return;
	}
	stretch_move(meters, when);
	int bin = bin_of(meters, when);
	if (meter->bin)
		hist_add(bin_hist(meters, meter, bin), value, 1);
	int window = window_of(meters, when);
	if (window >= 0)
		hist_add(window_hist(meters, meter, window), value, 1);
}

static __attribute__((noinline)) void book_elsewhere(struct meters *meters, struct meter *meter, int64_t when,
						     uint64_t much)
{
	if (!meter->bin_total)
		meter_begin(meters, meter);
	stretch_move(meters, when);
	meter->bin_total[bin_of(meters, when)] += much;
	int window = window_of(meters, when);
	if (window >= 0)
		part_of(meters, meter, window)->total += much;
}

static inline void book_total(struct meters *meters, struct meter *meter, int64_t when, uint64_t much)
{
	if (meters_in_stretch(meters, when))
		meter->latest_total += much;
	else
		book_elsewhere(meters, meter, when, much);
}

void meter_count(struct meters *meters, int metric, int64_t when, uint64_t times)
{
	book_total(meters, meter_of(meters, metric, METRIC_COUNT), when, times);
}

void meter_work(struct meters *meters, int metric, int64_t when, int64_t spent)
{
	CHECK(spent >= 0);
	book_total(meters, meter_of(meters, metric, METRIC_WORK), when, (uint64_t)spent);
}

static __attribute__((noinline)) void level_changes_elsewhere(struct meters *meters, struct meter *meter, int64_t now,
							      int64_t level)
{
	CHECK(level >= 0);
	if (level != meter->level.level) {
		if (!meter->bin_total)
			meter_begin(meters, meter);
		book_level(meters, meter, now);
		meter->level.level = level;
		stretch_move(meters, now);
	}
	const struct meter_window *window = &meters->window[meters->windows - 1];
	int64_t within = now - window->start;
	if (level > meter->level.greatest && within >= meters->warmup && within < window->lasts)
		meter->level.greatest = level;
}

/* A stretch has fewer than 2^63 ns: 128 bits are enough for the squares of 32, but not of more. */
static __attribute__((noinline)) void book_high(struct meter *meter, uint64_t height, uint64_t length)
{
	meter->latest_total += (hist_sum)height * length;
	wide_add_product(&meter->level.squares, (hist_sum)height * height, length);
}

/*
 * All of a level that changes within a stretch belongs to it: the time up to now, and how high it gets. What is rare is
 * called last, so that nothing has to be saved before.
 */
void meter_level_changes(struct meters *meters, int metric, int64_t now, int64_t level)
{
	struct meter *meter = meter_of(meters, metric, METRIC_LEVEL);
	struct meter_level *of = &meter->level;
	uint64_t height = (uint64_t)of->level, length = (uint64_t)(now - of->since);
	if (level < 0 || level == of->level || !meters_in_stretch(meters, now) ||
	    (of->since < meters->stretch && of->level > 0)) {
		level_changes_elsewhere(meters, meter, now, level);
		return;
	}
	int64_t greatest = of->level > of->greatest && now > of->since ? of->level : of->greatest;
	of->greatest = level > greatest ? level : greatest;
	of->since = now;
	of->level = level;
	if (__builtin_expect(height >> 32 != 0, 0)) {
		book_high(meter, height, length);
		return;
	}
	meter->latest_total += (hist_sum)height * length;
	meter->latest_squares += (hist_sum)(height * height) * length;
}

/* ---- what was measured ---- */

static const struct hist no_hist = {.bits = HIST_BITS};
static const struct meter_part no_part;

static const struct meter_part *part_at(const struct meters *meters, int metric, int window)
{
	CHECK((unsigned)metric < (unsigned)meters->metrics && window >= -1);
	const struct meter *meter = &meters->meter[metric];
	return window < 0 ? &meter->all : window < meter->window_room ? &meter->window[window] : &no_part;
}

const struct hist *meter_hist(const struct meters *meters, int metric, int window)
{
	const struct hist *hist = part_at(meters, metric, window)->hist;
	return window < 0 ? &meters->meter[metric].whole : hist ? hist : &no_hist;
}

const struct hist *meter_unfinished(const struct meters *meters, int window)
{
	const struct hist *hist = window < 0 ? &meters->unfinished : meters->window[window].unfinished;
	return hist ? hist : &no_hist;
}

const struct hist *meter_bin_hist(const struct meters *meters, int metric, int bin)
{
	CHECK((unsigned)metric < (unsigned)meters->metrics && (unsigned)bin < METER_BINS);
	const struct meter *meter = &meters->meter[metric];
	return meter->bin && meter->bin[bin] ? meter->bin[bin] : &no_hist;
}

hist_sum meter_total(const struct meters *meters, int metric, int window)
{
	return part_at(meters, metric, window)->total;
}

hist_sum meter_bin_total(const struct meters *meters, int metric, int bin)
{
	CHECK((unsigned)metric < (unsigned)meters->metrics && (unsigned)bin < METER_BINS);
	const struct meter *meter = &meters->meter[metric];
	return meter->bin_total ? meter->bin_total[bin] : 0;
}

int64_t meter_greatest(const struct meters *meters, int metric, int window)
{
	return part_at(meters, metric, window)->greatest;
}

double meter_level_deviation(const struct meters *meters, int metric, int window)
{
	const struct meter_part *part = part_at(meters, metric, window);
	int64_t counted = window < 0 ? meters->counted : meters->window[window].counted;
	return wide_deviation(&part->squares, part->total, (uint64_t)counted);
}

int metric_find(const struct metric *metric, const char *name)
{
	for (int i = 0; metric[i].name; i++)
		if (strcmp(metric[i].name, name) == 0)
			return i;
	return -1;
}

static void merge_meter(struct meters *meters, int metric, const struct meters *from, int64_t joined)
{
	struct meter *into = &meters->meter[metric];
	const struct meter *other = &from->meter[metric];
	bool distribution = metric_is_distribution(&meters->metric[metric]);
	if (!other->window && !has_begun(other))
		return;
	if (!has_begun(into))
		meter_begin(meters, into);
	if (distribution)
		hist_merge(&into->whole, &other->whole);
	else
		add_part(&into->all, &other->all);
	for (int w = 0; w < from->windows && w < other->window_room; w++)
		if (!distribution)
			add_part(part_of(meters, into, w), &other->window[w]);
		else if (other->window[w].hist)
			hist_merge(window_hist(meters, into, w), other->window[w].hist);
	for (int b = 0; b < from->bins; b++)
		if (!distribution)
			into->bin_total[b / joined] += other->bin_total[b];
		else if (other->bin && other->bin[b] && other->bin[b]->count > 0)
			hist_merge(bin_hist(meters, into, (int)(b / joined)), other->bin[b]);
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
	make_room(meters, from->windows);
	for (int w = 0; w < from->windows; w++) {
		struct meter_window *window = &meters->window[w];
		uint64_t rows = meters->windows ? window->rows : 0;
		int64_t counted = meters->windows ? window->counted : 0;
		struct hist *unfinished = meters->windows ? window->unfinished : NULL;
		*window = from->window[w];
		window->rows += rows;
		window->counted += counted;
		window->unfinished = unfinished;
		if (from->window[w].unfinished)
			hist_merge(unfinished_hist(meters, w), from->window[w].unfinished);
	}
	hist_merge(&meters->unfinished, &from->unfinished);
	meters->windows = from->windows;
	meters->bins = bins > meters->bins ? bins : meters->bins;
	meters->counted += from->counted;
	meters->end = from->end > meters->end ? from->end : meters->end;
	for (int i = 0; i < meters->metrics; i++)
		merge_meter(meters, i, from, joined);
}

static uint64_t digest_area(hist_sum area, uint64_t digest)
{
	return rng_mix(rng_mix(digest ^ (uint64_t)area) ^ (uint64_t)(area >> 64));
}

static uint64_t digest_hist(const struct hist *hist, uint64_t digest)
{
	return hist->count ? hist_digest(hist, digest) : rng_mix(digest);
}

/* Of one window or bin. */
static uint64_t digest_one(enum metric_kind kind, const struct hist *hist, hist_sum total, uint64_t digest)
{
	if (kind == METRIC_LEVEL)
		return digest_area(total, digest);
	bool counted = kind == METRIC_COUNT || kind == METRIC_WORK;
	return counted ? rng_mix(digest ^ (uint64_t)total ^ (uint64_t)(total >> 64)) : digest_hist(hist, digest);
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
		enum metric_kind kind = meters->metric[i].kind;
		hist_sum total = meter_total(meters, i, -1), none = 0;
		digest = digest_hist(meter_hist(meters, i, -1), digest);
		digest = digest_one(METRIC_COUNT, NULL, kind == METRIC_LEVEL ? none : total, digest);
		digest = digest_area(kind == METRIC_LEVEL ? total : none, digest);
		digest = rng_mix(digest ^ (uint64_t)meter_greatest(meters, i, -1));
		for (int w = 0; w < meters->windows; w++)
			digest = digest_one(kind, meter_hist(meters, i, w), meter_total(meters, i, w), digest);
		for (int b = 0; b < meters->bins; b++)
			digest = digest_one(kind, meter_bin_hist(meters, i, b), meter_bin_total(meters, i, b), digest);
	}
	return digest;
}
