/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/record.h"
#include "io/memory.h"
#include "io/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

static unsigned char *grow(struct record *record, size_t bytes)
{
	if (record->room - record->length < bytes) {
		size_t room = (record->length + bytes) * 2;
		record->byte = memory_sized(record->byte, room, 1);
		record->room = room;
	}
	unsigned char *at = record->byte + record->length;
	record->length += bytes;
	return at;
}

static void put_number(struct record *record, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*grow(record, 1) = (unsigned char)(number | 0x80);
	*grow(record, 1) = (unsigned char)number;
}

static void put_text(struct record *record, const char *text)
{
	size_t length = strlen(text) + 1;
	memcpy(grow(record, length), text, length);
}

static void put_bits(struct record *record, uint64_t bits)
{
	unsigned char *at = grow(record, 8);
	for (int i = 0; i < 8; i++)
		at[i] = (unsigned char)(bits >> 8 * i);
}

static void put_real(struct record *record, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	put_bits(record, isnan(value) ? UINT64_MAX : bits);
}

static uint64_t index_of(int bits, uint64_t low)
{
	int octave = hist_octave_of(bits, low);
	return ((uint64_t)octave << bits) + (octave ? (low >> (octave - 1)) - (UINT64_C(1) << bits) : low);
}

static void put_hist(struct record *record, const char *window, const char *metric, const struct hist *hist)
{
	put_text(record, window);
	put_text(record, metric);
	put_number(record, (uint64_t)hist->bits);
	put_number(record, hist->count);
	put_number(record, (uint64_t)hist->least);
	put_number(record, (uint64_t)hist->greatest);
	size_t place = record->length; /* of the length of what follows */
	put_bits(record, 0);
	put_number(record, (uint64_t)(hist->sum >> 64));
	put_number(record, (uint64_t)hist->sum);
	uint32_t cursor = 0;
	int64_t low, high;
	uint64_t count, before = 0;
	while (hist_next(hist, &cursor, &low, &high, &count)) {
		uint64_t index = index_of(hist->bits, (uint64_t)low);
		put_number(record, index - before);
		put_number(record, count);
		before = index;
	}
	uint64_t length = record->length - place - 8;
	for (int i = 0; i < 8; i++)
		record->byte[place + (size_t)i] = (unsigned char)(length >> 8 * i);
}

/* Windows are told where there are several, as in summary.json. */
static void put_hists(struct record *record, const struct setup *setup, const struct meters *meters)
{
	size_t place = record->length;
	uint64_t hists = 0;
	char name[RESULTS_WINDOW];
	put_bits(record, 0);
	for (int m = 0; m <= meters->metrics; m++) {
		bool unfinished = m == meters->metrics;
		const struct metric *metric = &meters->metric[m];
		if (!unfinished && (!metric_is_distribution(metric) || metric->aside))
			continue;
		for (int w = -1; w < (meters->windows > 1 ? meters->windows : 0); w++) {
			const struct hist *hist = unfinished ? meter_unfinished(meters, w) : meter_hist(meters, m, w);
			if (hist->count == 0)
				continue;
			put_hist(record, w < 0 ? "" : results_window(setup, meters->window[w].label, name),
				 unfinished ? RECORD_UNFINISHED : metric->name, hist);
			hists++;
		}
	}
	for (int i = 0; i < 8; i++)
		record->byte[place + (size_t)i] = (unsigned char)(hists >> 8 * i);
}

void record_make(struct record *record, const struct outcome *wanted, const struct replay *replay, int64_t number,
		 int64_t point, int64_t replication, uint64_t skipped)
{
	const struct setup *setup = wanted->setup;
	char name[RESULTS_WINDOW];
	record->length = 0;
	put_number(record, (uint64_t)number);
	put_number(record, (uint64_t)point);
	put_number(record, (uint64_t)replication);
	put_text(record, setup->name);
	put_bits(record, replay->digest);
	put_number(record, replay->rows);
	put_number(record, replay->events);
	put_number(record, skipped);
	put_number(record, (uint64_t)replay->end);
	put_number(record, (uint64_t)replay->unfinished);
	put_bits(record, (uint64_t)wanted->terms);
	for (int i = 0; i < wanted->terms; i++) {
		const struct term *term = &wanted->term[i];
		put_text(record, term->windowed ? results_window(setup, term->window, name) : "");
		put_text(record, term->metric);
		put_text(record, term->statistic);
		put_real(record, replay_term(setup, &replay->meters, term));
	}
	put_hists(record, setup, &replay->meters);
}

void record_free(struct record *record)
{
	free(record->byte);
	*record = (struct record){0};
}

/* ---- reading ---- */

static bool get_number(const unsigned char **at, const unsigned char *end, uint64_t *number)
{
	*number = 0;
	for (int shift = 0; shift < 64 && *at < end; shift += 7) {
		unsigned char byte = *(*at)++;
		*number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

/* Records are ours: one that ends too early is our mistake. */
static uint64_t number(struct record_reader *reader)
{
	uint64_t value;
	bool good = get_number(&reader->at, reader->end, &value);
	CHECK(good);
	return value;
}

static uint64_t bits(struct record_reader *reader)
{
	CHECK(reader->end - reader->at >= 8);
	uint64_t value = 0;
	for (int i = 0; i < 8; i++)
		value |= (uint64_t)*reader->at++ << 8 * i;
	return value;
}

static const char *text(struct record_reader *reader)
{
	const unsigned char *begin = reader->at;
	const unsigned char *stop = memchr(begin, 0, (size_t)(reader->end - begin));
	CHECK(stop);
	reader->at = stop + 1;
	return (const char *)begin;
}

void record_read(struct record_reader *reader, const unsigned char *byte, size_t length, struct record_run *run)
{
	*reader = (struct record_reader){byte, byte + length, 0};
	run->number = (int64_t)number(reader);
	run->point = (int64_t)number(reader);
	run->replication = (int64_t)number(reader);
	run->variant = text(reader);
	run->digest = bits(reader);
	run->rows = number(reader);
	run->events = number(reader);
	run->skipped = number(reader);
	run->end = (int64_t)number(reader);
	run->unfinished = (int64_t)number(reader);
	reader->left = bits(reader);
}

bool record_next_value(struct record_reader *reader, struct record_value *value)
{
	if (reader->left == 0) {
		reader->left = bits(reader);
		return false;
	}
	reader->left--;
	value->window = text(reader);
	value->metric = text(reader);
	value->statistic = text(reader);
	uint64_t is = bits(reader);
	memcpy(&value->value, &is, sizeof is);
	return true;
}

bool record_next_hist(struct record_reader *reader, struct record_hist *hist)
{
	if (reader->left == 0) {
		CHECK(reader->at == reader->end);
		return false;
	}
	reader->left--;
	hist->window = text(reader);
	hist->metric = text(reader);
	hist->bits = (int)number(reader);
	hist->count = number(reader);
	hist->least = (int64_t)number(reader);
	hist->greatest = (int64_t)number(reader);
	hist->length = bits(reader);
	CHECK((size_t)(reader->end - reader->at) >= hist->length);
	hist->bins = reader->at;
	reader->at += hist->length;
	return true;
}

bool record_unpack(const struct record_hist *packed, struct hist *into)
{
	const unsigned char *at = packed->bins, *end = at + packed->length;
	uint64_t upper, lower, step, count, all = 0, index = 0;
	if (packed->bits != into->bits || packed->least < 0 || packed->greatest < packed->least ||
	    !get_number(&at, end, &upper) || !get_number(&at, end, &lower))
		return false;
	struct hist before = *into;
	uint64_t last = ((uint64_t)(64 - into->bits) << into->bits) - 1; /* of the bins below 2^63 */
	while (at < end) {
		if (!get_number(&at, end, &step) || !get_number(&at, end, &count) || step > last - index)
			return false;
		index += step;
		all += count;
		uint64_t octave = index >> into->bits, bin = index & ((UINT64_C(1) << into->bits) - 1);
		uint64_t low = octave ? ((UINT64_C(1) << into->bits) + bin) << (octave - 1) : bin;
		hist_add(into, (int64_t)low, count);
	}
	if (all != packed->count)
		return false;
	/* Exact, where the bins know only about. */
	bool first = before.count == 0;
	into->sum = before.sum + ((hist_sum)upper << 64) + lower;
	into->squares = before.squares; /* which nobody packs */
	into->least = first || packed->least < before.least ? packed->least : before.least;
	into->greatest = first || packed->greatest > before.greatest ? packed->greatest : before.greatest;
	return true;
}
