/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/outcome.h"
#include "run/digest.h"
#include "stats/unfinished.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double confidence = 0.95;

struct outcome_left {
	int reps, terms, room; /* for which `but_one` was filled; replications there may be */
	double **but_one;      /* [term][rep] */
};

struct outcome *outcome_new(const struct setup *setup, int room, int slowest)
{
	struct arena arena;
	arena_init(&arena);
	struct outcome *outcome = ARENA_NEW(&arena, struct outcome);
	struct setup *own = ARENA_NEW(&arena, struct setup);
	int64_t warmup = setup->run.warmup;
	*own = *setup;
	*outcome = (struct outcome){.setup = own, .room = room, .arena = arena};
	outcome->warmup = (struct warmup){.automatic = warmup == SETUP_WARMUP_AUTO, .steady = true, .cut = warmup};
	outcome->rep = ARENA_ARRAY(&outcome->arena, (size_t)room, struct outcome_rep);
	outcome->imprint = ARENA_ARRAY(&outcome->arena, (size_t)room, struct imprint *);
	outcome->left = ARENA_NEW(&outcome->arena, struct outcome_left);
	outcome->left->room = room;
	outcome->slowest = slowest;
	outcome_want_journeys(outcome, slowest);
	meters_init(&outcome->pooled, &outcome->arena, setup->metrics,
		    warmup == SETUP_WARMUP_AUTO ? 0 : warmup, setup->run.series);
	return outcome;
}

void outcome_want_journeys(struct outcome *outcome, int slowest)
{
	CHECK(outcome->reps == 0);
	if (slowest <= outcome->kept)
		return;
	outcome->kept = slowest;
	outcome->journey = ARENA_ARRAY(&outcome->arena, (size_t)slowest * 2, struct journey);
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
	int known = outcome_find(outcome, term);
	if (known >= 0)
		return known;
	CHECK(outcome->reps == 0);
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
	outcome->journeys = count < outcome->kept ? count : outcome->kept;
	for (int i = 0; i < outcome->journeys; i++)
		if (outcome->journey[i].of)
			journey_own(&outcome->journey[i], &outcome->arena);
}

void outcome_add(struct outcome *outcome, const struct replay *replay, int64_t replication,
		 const struct row_records *records)
{
	CHECK(outcome->reps < outcome->room);
	int rep = outcome->reps++;
	outcome->rep[rep] = (struct outcome_rep){.replication = replication,
						 .digest = replay->digest,
						 .rows = replay->rows,
						 .events = replay->events,
						 .end = replay->end,
						 .unfinished = replay->unfinished,
						 .drew = replay->drew,
						 .records = records ? *records : (struct row_records){0}};
	meters_merge(&outcome->pooled, &replay->meters);
	outcome->imprint[rep] = imprint_of(&replay->meters, &outcome->arena);
	for (int i = 0; i < outcome->terms; i++)
		outcome->value[i][rep] = replay_term(outcome->setup, &replay->meters, &outcome->term[i]);
	if (outcome->kept > 0 && replay->journeys)
		keep_slowest(outcome, replay->journeys);
}

/* ---- estimates ---- */

static bool is(const struct term *term, const char *statistic)
{
	return strcmp(term->statistic, statistic) == 0;
}

static bool is_extreme(const struct term *term)
{
	return is(term, "min") || is(term, "max");
}

/* What is told of one replication: how often something happens in all of them hangs on their number. */
static double of_one(const struct term *term, double value, int reps)
{
	return is(term, "count") || is(term, "sum") ? value / reps : value;
}

/* Leaves each replication out once, for all terms. */
static void leave_out(const struct outcome *outcome)
{
	struct outcome_left *left = outcome->left;
	struct arena *arena = outcome->pooled.arena;
	if (left->reps == outcome->reps && left->terms == outcome->terms)
		return;
	if (left->terms < outcome->terms) {
		left->but_one = ARENA_ARRAY(arena, (size_t)outcome->terms, double *);
		for (int i = 0; i < outcome->terms; i++)
			left->but_one[i] = ARENA_ARRAY(arena, (size_t)left->room, double);
	}
	left->reps = outcome->reps;
	left->terms = outcome->terms;
	/* The copy shares all that it points to, which is put back. */
	struct meters meters = outcome->pooled;
	for (int r = 0; r < outcome->reps; r++) {
		imprint_take(&meters, outcome->imprint[r]);
		for (int i = 0; i < outcome->terms; i++)
			left->but_one[i][r] = of_one(&outcome->term[i],
						     replay_term_between(outcome->setup, &meters, &outcome->term[i]),
						     outcome->reps - 1);
		imprint_put(&meters, outcome->imprint[r]);
	}
}

/* The least or greatest of all replications but one. */
static double extreme_but_one(const struct outcome *outcome, int term, int rep)
{
	bool least = is(&outcome->term[term], "min");
	double found = NAN;
	for (int r = 0; r < outcome->reps; r++) {
		double value = outcome->value[term][r];
		if (r != rep && (isnan(found) || (least ? value < found : value > found)))
			found = value;
	}
	return found;
}

/*
 * Where a curve leaves its floor jumps from one window to another, and hardly moves or much when one replication is
 * left out: its spread is that of the replications, around the value of all.
 */
static double knee_but_one(const struct outcome *outcome, int term, int rep)
{
	double all = replay_term(outcome->setup, &outcome->pooled, &outcome->term[term]), sum = 0;
	int reps = outcome->reps;
	for (int r = 0; r < reps; r++)
		sum += outcome->value[term][r];
	return all + (sum - outcome->value[term][rep]) / (reps - 1) - sum / reps;
}

double outcome_value(const struct outcome *outcome, int term, enum pooled_part part, int rep)
{
	const struct term *of = &outcome->term[term];
	if (outcome->reps == 0)
		return NAN;
	if (part == POOLED_ONE)
		return outcome->value[term][rep];
	if (part == POOLED_ALL)
		return of_one(of, replay_term(outcome->setup, &outcome->pooled, of), outcome->reps);
	if (is_extreme(of))
		return extreme_but_one(outcome, term, rep);
	if (is(of, "knee"))
		return knee_but_one(outcome, term, rep);
	leave_out(outcome);
	return outcome->left->but_one[term][rep];
}

bool outcome_exact(const struct outcome *outcome)
{
	for (int r = 0; r < outcome->reps; r++)
		if (outcome->rep[r].drew)
			return false;
	return outcome->reps > 0;
}

/* The index of a term's window in the pooled meters; -1: all. */
static int window_of(const struct outcome *outcome, const struct term *term)
{
	const struct meters *pooled = &outcome->pooled;
	int window = -1;
	for (int w = 0; term->windowed && w < pooled->windows; w++)
		if (pooled->window[w].label == term->window)
			window = w;
	return window;
}

/* How many independent excursions beyond a percentile there were. */
static double excursions(const struct outcome *outcome, const struct term *term)
{
	const struct meters *pooled = &outcome->pooled;
	int metric = metric_find(pooled->metric, term->metric), window = window_of(outcome, term);
	int64_t value = hist_percentile(meter_hist(pooled, metric, window), term->p);
	struct pooled_excursions excursions = {.reps = outcome->reps};
	for (int r = 0; r < outcome->reps; r++)
		pooled_excursions_add(&excursions, imprint_above(outcome->imprint[r], metric, window, value));
	return pooled_excursions_count(&excursions);
}

/* Whether it hangs on requests that had not ended; then the value is what it is at least. */
static bool hangs_on_unfinished(const struct outcome *outcome, const struct term *term, struct estimate *estimate)
{
	const struct meters *pooled = &outcome->pooled;
	int metric = metric_find(pooled->metric, term->metric);
	if (pooled->unfinished.count == 0 || metric < 0 || pooled->metric[metric].kind != METRIC_TIME)
		return false;
	int window = window_of(outcome, term);
	if (window < 0 && term->windowed)
		return false;
	bool matter = unfinished_matter(meter_hist(pooled, metric, window), meter_unfinished(pooled, window), term,
					isnan(estimate->high) ? estimate->value : estimate->high, &estimate->value);
	if (estimate->low > estimate->value)
		estimate->low = estimate->value;
	return matter;
}

static void add_interval(const struct outcome *outcome, int term, struct estimate *estimate)
{
	int reps = outcome->reps;
	struct arena arena;
	arena_init(&arena);
	double *each = ARENA_ARRAY(&arena, (size_t)reps, double);
	for (int r = 0; r < reps; r++)
		each[r] = outcome_value(outcome, term, POOLED_BUT_ONE, r);
	pooled_move(estimate->value, each, reps);
	struct interval interval = interval_skewed(each, reps, confidence);
	arena_free(&arena);
	/* Nothing that is measured is negative; a wide interval is cut there. The mean of the pieces is rounded. */
	estimate->low = interval.low < 0 ? 0 : interval.low > estimate->value ? estimate->value : interval.low;
	estimate->high = interval.high < estimate->value ? estimate->value : interval.high;
	estimate->narrow = outcome->term[term].p >= 0 && excursions(outcome, &outcome->term[term]) < POOLED_EXCURSIONS;
}

struct estimate outcome_estimate(const struct outcome *outcome, int term)
{
	const struct term *of = &outcome->term[term];
	struct estimate estimate = {NAN, NAN, NAN, false, false};
	int reps = outcome->reps;
	if (reps == 0)
		return estimate;
	estimate.value = outcome_value(outcome, term, POOLED_ALL, 0);
	if (outcome_exact(outcome))
		estimate.low = estimate.high = estimate.value;
	else if (!is_extreme(of) && reps > 1 && !isnan(estimate.value))
		add_interval(outcome, term, &estimate);
	estimate.at_least = hangs_on_unfinished(outcome, of, &estimate);
	return estimate;
}

uint64_t outcome_digest(const struct outcome *outcome)
{
	uint64_t digest = rng_mix((uint64_t)outcome->reps);
	for (int i = 0; i < outcome->reps; i++)
		digest = rng_mix(digest ^ outcome->rep[i].digest);
	return digest;
}

uint64_t outcome_digest_all(struct outcome *const *outcome, int count)
{
	uint64_t all = 0;
	for (int i = 0; i < count; i++)
		all = rng_mix(all ^ outcome_digest(outcome[i]));
	return all;
}

struct term outcome_term(const char *statistic, const char *metric)
{
	struct term term = {.statistic = statistic, .metric = metric, .p = -1};
	claim_percentile(statistic, &term.p);
	return term;
}

static const char *const of_samples[] = {"count", "mean", "p50", "p90", "p99", "p999", "max", NULL};
static const char *const of_counts[] = {"count", "rate", NULL};
static const char *const of_work[] = {"sum", "rate", NULL};
static const char *const of_levels[] = {"mean", "max", NULL};

const char *const *outcome_statistics(const struct metric *metric)
{
	return metric_is_distribution(metric)  ? of_samples
	       : metric->kind == METRIC_COUNT  ? of_counts
	       : metric->kind == METRIC_WORK   ? of_work
					       : of_levels;
}
