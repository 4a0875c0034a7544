/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Integers are turned into values by loops over a column; whether one of them could be refused or not fit is seen at
 * the least and the greatest of the column. Texts are looked up once in a block, not once in a record.
 */
#include "io/batch.h"
#include "base/check.h"
#include "io/memory.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 18 };

struct known { /* what the function has said of the texts of a column in this block */
	int64_t block;
	int64_t *value;
	bool *asked, *good;
	int room;
};

struct batch {
	struct cbt_reader *reader;
	const struct batch_rule *rule;
	int rules;
	batch_fn *value;
	void *of;
	struct csv_field *field;
	struct known known[BATCH_RULES];
	int64_t made[BATCH_RULES][CBT_SLICE];
};

enum outcome { MADE, REFUSED, BROKEN };

struct batch *batch_open(struct cbt_reader *reader, const struct batch_rule *rule, int rules, batch_fn *value, void *of)
{
	struct batch *batch = memory_sized(NULL, 1, sizeof *batch);
	CHECK(rules <= BATCH_RULES);
	memset(batch, 0, sizeof *batch);
	*batch = (struct batch){.reader = reader, .rule = rule, .rules = rules, .value = value, .of = of};
	size_t columns = (size_t)cbt_columns(reader);
	batch->field = memset(memory_sized(NULL, columns, sizeof *batch->field), 0, columns * sizeof *batch->field);
	return batch;
}

void batch_close(struct batch *batch)
{
	if (!batch)
		return;
	for (int i = 0; i < batch->rules; i++) {
		free(batch->known[i].value);
		free(batch->known[i].asked);
		free(batch->known[i].good);
	}
	free(batch->field);
	free(batch);
}

/* ---- by the function ---- */

static bool ask(struct batch *batch, int rule, const struct csv_field *field, int64_t *value)
{
	batch->field[batch->rule[rule].source] = *field;
	return batch->value(batch->of, rule, batch->field, value);
}

/* Texts of a block, each asked once. */
static enum outcome of_texts(struct batch *batch, int rule, const struct cbt_view *view)
{
	struct known *known = &batch->known[rule];
	int64_t *made = batch->made[rule];
	if (known->block != view->block) {
		if (view->texts > known->room) {
			size_t room = (size_t)view->texts;
			known->value = memory_sized(known->value, room, sizeof *known->value);
			known->asked = memory_sized(known->asked, room, sizeof *known->asked);
			known->good = memory_sized(known->good, room, sizeof *known->good);
			known->room = view->texts;
		}
		memset(known->asked, 0, (size_t)view->texts * sizeof *known->asked);
		known->block = view->block;
	}
	for (int i = 0; i < view->count; i++) {
		int64_t text = view->value[i];
		if (!known->asked[text]) {
			known->good[text] = ask(batch, rule, &view->text[text], &known->value[text]);
			known->asked[text] = true;
		}
		if (!known->good[text])
			return REFUSED;
		made[i] = known->value[text];
	}
	return MADE;
}

/* Record by record; one whose text is that of the record before has its value. */
static enum outcome of_records(struct batch *batch, int rule, const struct cbt_view *view, struct err *err)
{
	int64_t *made = batch->made[rule];
	char buffer[CBT_TEXT_PRINT];
	struct csv_field field;
	bool repeats = false;
	for (int i = 0, next = 0; i < view->count; i++) {
		bool other = view->texts > next && view->row[next] == i;
		next += other;
		if (repeats && !other && view->value[i] == view->value[i - 1]) {
			made[i] = made[i - 1];
			continue;
		}
		if (!cbt_field(batch->reader, batch->rule[rule].source, i, &field, buffer, err))
			return BROKEN;
		if (!ask(batch, rule, &field, &made[i]))
			return REFUSED;
		repeats = !other;
	}
	return MADE;
}

/* The records whose text is no number or date, after the others have been made. */
static enum outcome exceptions(struct batch *batch, int rule, const struct cbt_view *view)
{
	for (int i = 0; i < view->texts; i++)
		if (!ask(batch, rule, &view->text[i], &batch->made[rule][view->row[i]]))
			return REFUSED;
	return MADE;
}

/* ---- by loops ---- */

/* 10^power, or 0 when that does not fit. */
static int64_t power_of_ten(int power)
{
	int64_t value = 1;
	if (power < 0 || power > PLACES)
		return 0;
	for (int i = 0; i < power; i++)
		value *= 10;
	return value;
}

/* made / divisor, rounded half up (nothing is negative). False when one is above `most`, or is not whole and has to. */
static bool divide(int64_t *made, int count, int64_t divisor, bool whole, int64_t most)
{
	int64_t rests = 0, greatest = 0;
	for (int i = 0; i < count; i++) {
		int64_t rest = made[i] % divisor, value = made[i] / divisor + (rest >= divisor - rest);
		rests |= rest;
		greatest = value > greatest ? value : greatest;
		made[i] = value;
	}
	return greatest <= most && (!whole || rests == 0);
}

/* False: not by a loop. */
static bool numbers(const struct batch_rule *rule, const struct cbt_view *view, int64_t *made)
{
	int64_t unit = rule->unit, divisor = power_of_ten(view->places);
	while (divisor > 1 && unit % 10 == 0) {
		unit /= 10;
		divisor /= 10;
	}
	if (view->least < 0 || view->greatest > INT64_MAX / unit)
		return false;
	for (int i = 0; i < view->count; i++)
		made[i] = view->value[i] * unit;
	return divisor > 1 ? divide(made, view->count, divisor, rule->whole, rule->most)
			   : view->greatest * unit <= rule->most;
}

static void copy(const struct cbt_view *view, int64_t unit, int64_t *made)
{
	for (int i = 0; i < view->count; i++)
		made[i] = view->value[i] * unit;
}

static enum outcome make(struct batch *batch, int index, struct err *err, const int64_t **value)
{
	const struct batch_rule *rule = &batch->rule[index];
	struct cbt_view view;
	if (!cbt_view(batch->reader, rule->source, &view, err))
		return BROKEN;
	int64_t *made = batch->made[index];
	*value = made;
	if (view.kind == CBT_TEXT)
		return of_texts(batch, index, &view);
	bool same = view.kind == CBT_NUMBER && view.places == 0 && view.least >= 0 && view.texts == 0 &&
		    (rule->how == BATCH_KEY ||
		     (rule->how == BATCH_NUMBER && rule->unit == 1 && view.greatest <= rule->most));
	if (same) {
		*value = view.value;
		return MADE;
	}
	if (rule->how == BATCH_NUMBER && view.kind == CBT_NUMBER && numbers(rule, &view, made))
		return exceptions(batch, index, &view);
	if (rule->how == BATCH_DATE && view.kind == CBT_DATE) {
		copy(&view, view.resolution, made);
		return exceptions(batch, index, &view);
	}
	if (rule->how == BATCH_KEY && view.kind == CBT_NUMBER && view.places == 0 && view.least >= 0) {
		copy(&view, 1, made);
		return exceptions(batch, index, &view);
	}
	return of_records(batch, index, &view, err);
}

/* ---- sums ---- */

static enum outcome sum_of_records(struct batch *batch, int index, int count, struct err *err)
{
	const struct batch_rule *rule = &batch->rule[index];
	char buffer[BATCH_TERMS][CBT_TEXT_PRINT];
	for (int i = 0; i < count; i++) {
		for (int t = 0; t < rule->terms; t++) {
			int source = rule->term[t].source;
			if (source >= 0 &&
			    !cbt_field(batch->reader, source, i, &batch->field[source], buffer[t], err))
				return BROKEN;
		}
		if (!batch->value(batch->of, index, batch->field, &batch->made[index][i]))
			return REFUSED;
	}
	return MADE;
}

static enum outcome sum(struct batch *batch, int index, int count, struct err *err)
{
	const struct batch_rule *rule = &batch->rule[index];
	const int64_t *value[BATCH_TERMS];
	int64_t factor[BATCH_TERMS], *made = batch->made[index];
	int places[BATCH_TERMS], most = 0;
	batch_wide bound = 0;
	bool by_loop = true;
	for (int t = 0; t < rule->terms; t++) {
		struct cbt_view view = {.least = 1, .greatest = 1, .kind = CBT_NUMBER};
		if (rule->term[t].source >= 0 && !cbt_view(batch->reader, rule->term[t].source, &view, err))
			return BROKEN;
		batch_wide size = view.greatest > -view.least ? view.greatest : -(batch_wide)view.least, part;
		by_loop = by_loop && view.kind == CBT_NUMBER && view.texts == 0 &&
			  !__builtin_mul_overflow(size > 0 ? size : 1, rule->term[t].coefficient, &part);
		part = by_loop ? part : 0;
		part = part < 0 ? -part : part;
		bound = part > bound ? part : bound;
		value[t] = view.value;
		factor[t] = (int64_t)rule->term[t].coefficient;
		places[t] = rule->term[t].places + view.places;
		most = places[t] > most ? places[t] : most;
	}
	int64_t divisor = power_of_ten(most);
	by_loop = by_loop && divisor > 0 && bound <= INT64_MAX / (2 * BATCH_TERMS) / divisor;
	if (!by_loop)
		return sum_of_records(batch, index, count, err);
	for (int i = 0; i < count; i++)
		made[i] = 0;
	for (int t = 0; t < rule->terms; t++) {
		int64_t times = factor[t] * power_of_ten(most - places[t]);
		for (int i = 0; i < count; i++)
			made[i] += times * (value[t] ? value[t][i] : 1);
	}
	int64_t least = 0, greatest = 0;
	for (int i = 0; i < count; i++) {
		least = made[i] < least ? made[i] : least;
		greatest = made[i] > greatest ? made[i] : greatest;
	}
	if (least < 0)
		return REFUSED;
	bool fits = divisor > 1 ? divide(made, count, divisor, false, rule->most) : greatest <= rule->most;
	return fits ? MADE : REFUSED;
}

int batch_next(struct batch *batch, const int64_t *value[BATCH_RULES], struct err *err)
{
	int count = cbt_slice(batch->reader, err);
	if (count <= 0 || !cbt_fresh(batch->reader))
		return count < 0 ? -1 : 0;
	for (int i = 0; i < batch->rules; i++) {
		enum outcome outcome = MADE;
		value[i] = NULL;
		if (batch->rule[i].how == BATCH_SUM) {
			outcome = sum(batch, i, count, err);
			value[i] = batch->made[i];
		} else if (batch->rule[i].how != BATCH_NONE) {
			outcome = make(batch, i, err, &value[i]);
		}
		if (outcome != MADE)
			return outcome == BROKEN ? -1 : 0;
	}
	return count;
}
