/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/outcome.h"
#include "run/digest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double confidence = 0.95;

struct outcome *outcome_new(const struct setup *setup, int room, int slowest)
{
	struct arena arena;
	arena_init(&arena);
	struct outcome *outcome = ARENA_NEW(&arena, struct outcome);
	struct setup *own = ARENA_NEW(&arena, struct setup);
	int64_t warmup = setup->run.warmup;
	*own = *setup;
	*outcome = (struct outcome){.setup = own, .room = room, .slowest = slowest, .arena = arena};
	outcome->warmup = (struct warmup){.automatic = warmup == SETUP_WARMUP_AUTO, .steady = true, .cut = warmup};
	outcome->rep = ARENA_ARRAY(&outcome->arena, (size_t)room, struct outcome_rep);
	if (slowest > 0)
		outcome->journey = ARENA_ARRAY(&outcome->arena, (size_t)slowest * 2, struct journey);
	meters_init(&outcome->pooled, &outcome->arena, setup->metrics,
		    warmup == SETUP_WARMUP_AUTO ? 0 : warmup, setup->run.series);
	return outcome;
}

/* The setup is constant for everybody else. */
static void change_run(struct outcome *outcome, int64_t reps, int64_t warmup)
{
	struct setup *changed = ARENA_NEW(&outcome->arena, struct setup);
	*changed = *outcome->setup;
	changed->run.reps = reps;
	changed->run.warmup = warmup;
	changed->digest = digest_setup(changed);
	outcome->setup = changed;
	outcome->pooled.warmup = warmup;
}

void outcome_cut(struct outcome *outcome, const struct warmup *warmup)
{
	CHECK(outcome->reps == 0);
	outcome->warmup = *warmup;
	change_run(outcome, outcome->setup->run.reps, warmup->cut);
}

void outcome_settle(struct outcome *outcome)
{
	change_run(outcome, outcome->reps, outcome->setup->run.warmup);
}

struct interval outcome_interval(const struct outcome *outcome, int term)
{
	return interval_of(outcome->value[term], outcome->reps, confidence);
}

void outcome_free(struct outcome *outcome)
{
	if (!outcome)
		return;
	struct arena arena = outcome->arena; /* it lies inside */
	arena_free(&arena);
}

bool outcome_same_term(const struct term *a, const struct term *b)
{
	return a->windowed == b->windowed && (!a->windowed || a->window == b->window) &&
	       strcmp(a->statistic, b->statistic) == 0 && strcmp(a->metric, b->metric) == 0;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return rng_mix(hash);
}

/* Where a term stands, or is to stand. There are more slots than terms. */
static int *slot_of(const struct outcome *outcome, const struct term *term)
{
	uint64_t hash = rng_mix(term->windowed ? (uint64_t)term->window + 1 : 0);
	hash = hash_text(hash_text(hash, term->statistic), term->metric);
	size_t at = hash & (uint64_t)(outcome->slots - 1);
	while (outcome->slot[at] && !outcome_same_term(&outcome->term[outcome->slot[at] - 1], term))
		at = (at + 1) & (size_t)(outcome->slots - 1);
	return &outcome->slot[at];
}

int outcome_find(const struct outcome *outcome, const struct term *term)
{
	return outcome->slots ? *slot_of(outcome, term) - 1 : -1;
}

int outcome_want(struct outcome *outcome, const struct term *term)
{
	CHECK(outcome->reps == 0);
	int known = outcome_find(outcome, term);
	if (known >= 0)
		return known;
	if (outcome->terms == outcome->term_room) {
		int room = outcome->term_room ? 2 * outcome->term_room : 64;
		struct term *grown = ARENA_ARRAY(&outcome->arena, (size_t)room, struct term);
		double **values = ARENA_ARRAY(&outcome->arena, (size_t)room, double *);
		if (outcome->terms) {
			memcpy(grown, outcome->term, (size_t)outcome->terms * sizeof(*grown));
			memcpy(values, outcome->value, (size_t)outcome->terms * sizeof(*values));
		}
		outcome->term = grown;
		outcome->value = values;
		outcome->term_room = room;
	}
	outcome->term[outcome->terms] = *term;
	outcome->value[outcome->terms] = ARENA_ARRAY(&outcome->arena, (size_t)outcome->room, double);
	outcome->terms++;
	if (2 * outcome->terms > outcome->slots) {
		outcome->slots = outcome->slots ? 2 * outcome->slots : 128;
		outcome->slot = ARENA_ARRAY(&outcome->arena, (size_t)outcome->slots, int);
		for (int i = 0; i < outcome->terms; i++)
			*slot_of(outcome, &outcome->term[i]) = i + 1;
	} else {
		*slot_of(outcome, term) = outcome->terms;
	}
	return outcome->terms - 1;
}

static int by_length(const void *a, const void *b)
{
	const struct journey *one = a, *other = b;
	int64_t first = one->end - one->begin, second = other->end - other->begin;
	if (first != second)
		return first < second ? 1 : -1;
	return one->id < other->id ? -1 : one->id > other->id;
}

static void keep_slowest(struct outcome *outcome, const struct journeys *journeys)
{
	int count = outcome->journeys;
	for (int i = 0; i < journeys->kept; i++)
		outcome->journey[count++] = *journeys->slowest[i];
	qsort(outcome->journey, (size_t)count, sizeof(*outcome->journey), by_length);
	outcome->journeys = count < outcome->slowest ? count : outcome->slowest;
	for (int i = 0; i < outcome->journeys; i++)
		if (outcome->journey[i].of)
			journey_own(&outcome->journey[i], &outcome->arena);
}

void outcome_add(struct outcome *outcome, const struct replay *replay, int64_t replication, uint64_t skipped)
{
	CHECK(outcome->reps < outcome->room);
	int rep = outcome->reps++;
	outcome->rep[rep] = (struct outcome_rep){.replication = replication, .digest = replay->digest,
						 .rows = replay->rows, .events = replay->events, .end = replay->end,
						 .unfinished = replay->unfinished, .skipped = skipped};
	meters_merge(&outcome->pooled, &replay->meters);
	for (int i = 0; i < outcome->terms; i++)
		outcome->value[i][rep] = replay_term(outcome->setup, &replay->meters, &outcome->term[i]);
	if (outcome->slowest > 0 && replay->journeys)
		keep_slowest(outcome, replay->journeys);
}

struct estimate outcome_estimate(const struct outcome *outcome, int term)
{
	struct interval interval = interval_of(outcome->value[term], outcome->reps, confidence);
	const char *statistic = outcome->term[term].statistic;
	double value = outcome->reps ? replay_term(outcome->setup, &outcome->pooled, &outcome->term[term]) : NAN;
	if (strcmp(statistic, "count") == 0 || strcmp(statistic, "sum") == 0)
		value /= outcome->reps; /* of one replication, as the interval is */
	/* Nothing that is measured is negative; a wide interval is cut there. */
	return (struct estimate){value, interval.low < 0 ? 0 : interval.low, interval.high};
}

uint64_t outcome_digest(const struct outcome *outcome)
{
	uint64_t digest = rng_mix((uint64_t)outcome->reps);
	for (int i = 0; i < outcome->reps; i++)
		digest = rng_mix(digest ^ outcome->rep[i].digest);
	return digest;
}

struct term outcome_term(const char *statistic, const char *metric)
{
	struct term term = {.statistic = statistic, .metric = metric, .p = -1};
	claim_percentile(statistic, &term.p);
	return term;
}
